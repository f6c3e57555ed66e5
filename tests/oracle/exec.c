/*
 * exec.c - exec by the leader, then exec by another thread, which lives on under the leader's tid. The calls before and
 * after, the exec itself, and the call that the other threads were in must all be there, and the name of the moment with
 * each.
 *
 *	exec FILE [wait]		then runs itself as: exec FILE second, exec FILE third
 */
#include "oracle.h"

#include <pthread.h>

static struct log *leader_log;
static char **args;

static void some_calls(struct log *log, int n)
{
	log_open(log);
	for (int i = 0; i < n; i++)
		made(log, 2, SYS_getpriority, 0x70000000 + (uint64_t)n, (uint64_t)i, 0, 0, 0, 0);
	log_close(log);
}

/* A row that is to be found once among the rows of tid (0: of any tid of this process). */
static void has(struct log *log, const char *state, int nargs, uint64_t nr, uint64_t a0, uint64_t a1, uint64_t a2,
		int64_t ret)
{
	struct oracle_row *row = will(log, state, nargs, nr, a0, a1, a2);

	row->how = "has";
	row->ret = ret;
}

static void execute(struct log *log, const char *what)
{
	char *argv[] = {args[0], args[1], (char *)(uintptr_t)what, NULL};
	char *env[] = {NULL};

	/* Whatever tid the thread goes on under, the call began under this one. */
	has(log, "ok", 3, SYS_execve, (uint64_t) "/proc/self/exe", (uint64_t)argv, (uint64_t)env, 0);
	oracle_end();
	call(SYS_execve, (uint64_t) "/proc/self/exe", (uint64_t)argv, (uint64_t)env, 0, 0, 0);
	perror("execve");
	_exit(1);
}

static void *second_thread(void *arg)
{
	struct log *log = oracle_log();

	(void)arg;
	prctl(PR_SET_NAME, "executor");
	some_calls(log, 23);
	usleep(50000); /* the leader is in its read by now */
	has(leader_log, "unfinished", 3, SYS_read, 0x7, 0, 0x707, NONE);
	leader_log->rows[leader_log->n - 1].any_args = true;
	execute(log, "third");
	return NULL;
}

static void second(void)
{
	pthread_t thread;
	int ends[2];
	static char buffer[0x707];

	leader_log = oracle_log();
	some_calls(leader_log, 13);
	if (pipe(ends) || pthread_create(&thread, NULL, second_thread, NULL))
		exit(1);
	call(SYS_read, (uint64_t)ends[0], (uint64_t)buffer, sizeof(buffer), 0, 0, 0);
	exit(1);
}

int main(int argc, char **argv)
{
	const char *what = argc > 2 ? argv[2] : "";

	args = argv;
	oracle_begin(argc, argv);
	if (!strcmp(what, "second")) {
		second();
	} else if (!strcmp(what, "third")) {
		some_calls(oracle_log(), 29);
		oracle_end();
	} else {
		struct log *log = oracle_log();

		some_calls(log, 11);
		execute(log, "second");
	}
	return 0;
}
