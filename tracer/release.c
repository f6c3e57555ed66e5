#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "release.h"

#define AFTERWARDS 20000000 /* ns: programs that were under way when the gate was closed have ended by then */

/* The processes that were let go on in the last rounds. */
struct rounds {
	uint32_t list[2][RELEASE_MOST];
	size_t n[2];
	int now;
};

/* As /proc tells it; where it does not, it may be. */
static bool is_stopped(uint32_t tgid)
{
	char path[32], text[512] = "";
	const char *end;
	ssize_t n = -1;
	int fd;

	snprintf(path, sizeof(path), "/proc/%u/stat", tgid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, text, sizeof(text) - 1);
		close(fd);
	}
	end = n > 0 ? strrchr(text, ')') : NULL; /* of comm, which may hold any character */
	return !end || end[1] == '\0' || end[2] == 'T';
}

/*
 * The programs note a process before they stop it, so that one may be told to go on too early: then it stands there in
 * the next round, which there is because it is counted as stopped after the signal. One that runs is left alone: it may
 * be about to be stopped anew.
 */
static void let_go(struct session *session, struct rounds *rounds, size_t n)
{
	size_t before;

	for (size_t i = 0; i < n; i++) {
		if (!rounds->list[rounds->now][i])
			continue;
		session_let_go(session, rounds->list[rounds->now][i]);
		kill((pid_t)rounds->list[rounds->now][i], SIGCONT);
	}
	rounds->n[rounds->now] = n;
	rounds->now = !rounds->now;
	before = rounds->n[rounds->now];
	for (size_t i = 0; i < before; i++)
		if (rounds->list[rounds->now][i] && !session_is_held(session, rounds->list[rounds->now][i]) &&
		    is_stopped(rounds->list[rounds->now][i]))
			kill((pid_t)rounds->list[rounds->now][i], SIGCONT);
}

/* Whoever is stopped. */
static void let_all_go(struct session *session, struct rounds *rounds)
{
	size_t n;

	do {
		n = session_held(session, rounds->list[rounds->now], RELEASE_MOST);
		let_go(session, rounds, n);
	} while (n == RELEASE_MOST);
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
	ssize_t n;

	if (!rounds)
		_exit(1);
	prctl(PR_SET_NAME, "sysstream-let-go");
	setpgid(0, 0); /* Ctrl-C is for the recorder */
	keep_kill();
	while ((n = read(fd, rounds->list[rounds->now], sizeof(rounds->list[0]))) > 0)
		let_go(session, rounds, (size_t)n / sizeof(uint32_t));
	session_stop(session);
	let_all_go(session, rounds);
	nanosleep(&afterwards, NULL);
	let_all_go(session, rounds);
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

/* No process has number 0: a round in which only those of the last one are told again. */
int release_these(const struct release *release, const uint32_t *tgids, size_t n)
{
	static const uint32_t nobody[1];
	ssize_t size = (ssize_t)((n ? n : 1) * sizeof(*tgids));

	return !release->pid || write(release->fd, n ? tgids : nobody, (size_t)size) == size ? 0 : -EPIPE;
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
