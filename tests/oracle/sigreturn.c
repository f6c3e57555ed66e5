/*
 * sigreturn.c - signals: a handler's calls, rt_sigreturn, and the results that only the kernel and tracers see: -512
 * and its kin, which mean that the call is made again or ends with EINTR.
 */
#include "oracle.h"

#include <signal.h>
#include <sys/time.h>
#include <time.h>

static struct log *main_log;
static int ends[2];
static bool feed; /* the handler writes what the interrupted read waits for */

/* The handler's own calls; the row of the call it interrupts comes before them, so its place is kept free. */
static void handler(int signal)
{
	struct log *log = main_log;

	(void)signal;
	log_row(log, "", 0, 0);
	made(log, 1, SYS_close, 0x70000099, 0, 0, 0, 0, 0);
	if (feed)
		made(log, 3, SYS_write, (uint64_t)ends[1], (uint64_t) "x", 1, 0, 0, 0);
	will(log, "no-return", 0, SYS_rt_sigreturn, 0, 0, 0);
}

/* Make a call that the signal handler interrupts; it returns ret as tracers see it. */
static int64_t interrupted(int64_t as_seen, int nargs, uint64_t nr, uint64_t a0, uint64_t a1, uint64_t a2)
{
	unsigned place = main_log->n;
	int64_t ret = call(nr, a0, a1, a2, 0, 0, 0);
	unsigned after = main_log->n;
	struct oracle_row *row;

	main_log->n = place;
	row = will(main_log, "ok", nargs, nr, a0, a1, a2);
	row->ret = as_seen;
	main_log->n = after;
	return ret;
}

static void alarm_in(long us)
{
	struct itimerval timer = {.it_value = {.tv_usec = us}};

	made(main_log, 3, SYS_setitimer, ITIMER_REAL, (uint64_t)&timer, 0, 0, 0, 0);
}

static void on_alarm(int flags)
{
	struct sigaction action = {.sa_handler = handler, .sa_flags = flags};

	sigaction(SIGALRM, &action, NULL);
	sigaction(SIGUSR1, &action, NULL);
}

static void with_log(struct log *log, int flags)
{
	on_alarm(flags);
	log_open(log);
}

int main(int argc, char **argv)
{
	struct timespec nap = {.tv_sec = 20};
	static char buffer[0x123];
	int64_t ret;

	oracle_begin(argc, argv);
	main_log = oracle_log();
	if (pipe(ends))
		return 1;

	/* A signal sent to itself: the call has returned before the handler runs. */
	with_log(main_log, 0);
	for (int i = 0; i < 5; i++)
		interrupted(0, 2, SYS_kill, (uint64_t)main_log->pid, SIGUSR1, 0);
	log_close(main_log);

	/* nanosleep: -516, ERESTART_RESTARTBLOCK, and EINTR for the program, since there is a handler. */
	with_log(main_log, SA_RESTART);
	alarm_in(50000);
	if (interrupted(-516, 2, SYS_nanosleep, (uint64_t)&nap, 0, 0) != -EINTR)
		return 1;
	log_close(main_log);

#ifdef SYS_pause
	/* pause: -514, ERESTARTNOHAND. */
	with_log(main_log, SA_RESTART);
	alarm_in(50000);
	if (interrupted(-514, 0, SYS_pause, 0, 0, 0) != -EINTR)
		return 1;
	log_close(main_log);
#endif
	/* read without SA_RESTART: -512, ERESTARTSYS, EINTR for the program. */
	with_log(main_log, 0);
	alarm_in(50000);
	if (interrupted(-512, 3, SYS_read, (uint64_t)ends[0], (uint64_t)buffer, sizeof(buffer)) != -EINTR)
		return 1;
	log_close(main_log);

	/* read with SA_RESTART: the kernel makes it again; that is a call and a row of its own. */
	with_log(main_log, SA_RESTART);
	feed = true;
	alarm_in(50000);
	ret = interrupted(-512, 3, SYS_read, (uint64_t)ends[0], (uint64_t)buffer, sizeof(buffer));
	will(main_log, "ok", 3, SYS_read, (uint64_t)ends[0], (uint64_t)buffer, sizeof(buffer))->ret = ret;
	log_close(main_log);
	oracle_end();
	return ret == 1 ? 0 : 1;
}
