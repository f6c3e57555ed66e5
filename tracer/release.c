#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "release.h"

#define AFTERWARDS 20000000 /* ns: programs that were under way when the gate was closed have ended by then */

/*
 * The processes of this round and of the one before: the programs note a process before they stop it, so that one may
 * be told to go on too early. It is counted as stopped after that, which makes for another round.
 */
struct rounds {
	uint32_t list[2][RING_HELD];
	size_t n[2];
	int now;
};

static void note(uint32_t tgid, void *context)
{
	struct rounds *rounds = context;

	if (rounds->n[rounds->now] < RING_HELD)
		rounds->list[rounds->now][rounds->n[rounds->now]++] = tgid;
}

static void let_go(struct session *session, struct rounds *rounds)
{
	rounds->now = !rounds->now;
	rounds->n[rounds->now] = 0;
	session_release(session, note, rounds);
	for (int i = 0; i < 2; i++)
		for (size_t k = 0; k < rounds->n[i]; k++)
			kill((pid_t)rounds->list[i][k], SIGCONT);
}

/* The one privilege that is of use here. */
static void keep_kill(void)
{
	bool may_kill = capng_have_capability(CAPNG_EFFECTIVE, CAP_KILL);

	capng_clear(CAPNG_SELECT_ALL);
	if (may_kill)
		capng_update(CAPNG_ADD, (capng_type_t)(CAPNG_EFFECTIVE | CAPNG_PERMITTED), CAP_KILL);
	capng_apply(CAPNG_SELECT_ALL);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

static void child(struct session *session, int fd)
{
	struct timespec afterwards = {.tv_nsec = AFTERWARDS};
	struct rounds *rounds = calloc(1, sizeof(*rounds));
	char byte;

	if (!rounds)
		_exit(1);
	prctl(PR_SET_NAME, "sysstream-let-go");
	setpgid(0, 0); /* Ctrl-C is for the recorder */
	keep_kill();
	while (read(fd, &byte, 1) > 0)
		let_go(session, rounds);
	session_stop(session);
	let_go(session, rounds);
	nanosleep(&afterwards, NULL);
	let_go(session, rounds);
	_exit(0);
}

int release_start(struct release *release, struct session *session, struct message *error)
{
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return message_set(error, -errno, "cannot make a pipe: %s", strerror(errno));
	pid = fork();
	if (pid < 0) {
		int err = -errno;

		close(ends[0]);
		close(ends[1]);
		return message_set(error, err, "cannot fork: %s", strerror(-err));
	}
	if (pid == 0) {
		close(ends[1]);
		child(session, ends[0]);
	}
	close(ends[0]);
	*release = (struct release){.pid = pid, .fd = ends[1]};
	return 0;
}

int release_all(const struct release *release)
{
	return !release->pid || write(release->fd, "", 1) == 1 ? 0 : -EPIPE;
}

void release_stop(struct release *release)
{
	if (!release->pid)
		return;
	close(release->fd);
	while (waitpid(release->pid, NULL, 0) < 0 && errno == EINTR)
		;
	*release = (struct release){0};
}
