#include <pthread.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "signals.h"

#define PATIENCE 300000000u /* ns before a signal during the end leaves at once: it may be the first one's echo */

static sigset_t waited; /* the signals that signals_wait() waits for */

void signals_block(void)
{
	struct sigaction hangup;

	sigemptyset(&waited);
	sigaddset(&waited, SIGINT);
	sigaddset(&waited, SIGTERM);
	sigaddset(&waited, SIGCHLD);
	/* nohup(1) wants it to outlive its terminal. A shell's & ignores SIGINT, but who sends it then means it. */
	if (sigaction(SIGHUP, NULL, &hangup) != 0 || hangup.sa_handler != SIG_IGN)
		sigaddset(&waited, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &waited, NULL);
}

void signals_block_stop(void)
{
	sigaddset(&waited, SIGTSTP);
	pthread_sigmask(SIG_BLOCK, &waited, NULL);
}

int signals_wait(uint64_t ns)
{
	struct timespec t = {.tv_sec = (time_t)(ns / 1000000000u), .tv_nsec = (long)(ns % 1000000000u)};
	int sig = sigtimedwait(&waited, NULL, &t);

	return sig > 0 ? sig : 0;
}

const char *signals_reason(int sig)
{
	switch (sig) {
	case SIGINT:
		return "signal INT";
	case SIGTERM:
		return "signal TERM";
	case SIGHUP:
		return "signal HUP";
	default:
		return NULL;
	}
}

static uint64_t end_began; /* mono ns; for the handler */

/* Waiting for a pipe that nobody reads or a disk that does not answer: who asks again wants out. */
static void leave_at_once(int sig)
{
	static const char line[] =
		"sysstream: ended at once; the recording has no end, what was written before is good\n";

	(void)sig;
	if (mono_now() - end_began < PATIENCE)
		return;
	if (write(STDERR_FILENO, line, sizeof(line) - 1) < 0)
		_exit(1);
	_exit(1);
}

void signals_leave_at_once(void)
{
	struct sigaction action = {.sa_handler = leave_at_once, .sa_flags = SA_RESTART};
	sigset_t set;

	end_began = mono_now();
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}
