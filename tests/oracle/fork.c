/*
 * fork.c - children by fork, vfork, clone and clone3; each makes a prime number of calls and ends with its own status.
 */
#include "oracle.h"

#include <linux/sched.h>
#include <signal.h>
#include <sys/wait.h>

static struct log *parent;

static _Noreturn void child(int n)
{
	struct log *log = oracle_log();

	log_open(log);
	for (int i = 0; i < n; i++)
		made(log, 2, SYS_getpriority, 0x70000000 + (uint64_t)n, (uint64_t)i, 0, 0, 0, 0);
	will(log, "no-return", 1, SYS_exit_group, (uint64_t)n, 0, 0);
	call(SYS_exit_group, (uint64_t)n, 0, 0, 0, 0, 0);
	abort();
}

/* The parent's row, and its wait for the child. */
static void born(int64_t pid, int nargs, uint64_t nr, const uint64_t arg[5])
{
	struct oracle_row *row = log_row(parent, "ok", nargs, nr);

	memcpy(row->arg, arg, 5 * sizeof(arg[0]));
	row->ret = pid;
	made(parent, 4, SYS_wait4, (uint64_t)pid, 0, 0, 0, 0, 0);
}

int main(int argc, char **argv)
{
	static const uint64_t none[5];
	const uint64_t clone_args[5] = {SIGCHLD};
	struct clone_args args3 = {.exit_signal = SIGCHLD};
	const uint64_t clone3_args[5] = {(uint64_t)&args3, sizeof(args3)};
	int64_t pid;

	oracle_begin(argc, argv);
	parent = oracle_log();
	log_open(parent);

#ifdef SYS_fork
	pid = call0(SYS_fork);
	if (pid == 0)
		child(11);
	born(pid, 0, SYS_fork, none);

	pid = vfork();
	if (pid == 0)
		child(13);
	born(pid, 0, SYS_vfork, none);
#endif
	pid = call(SYS_clone, SIGCHLD, 0, 0, 0, 0, 0);
	if (pid == 0)
		child(17);
	born(pid, 5, SYS_clone, clone_args);

	pid = call(SYS_clone3, (uint64_t)&args3, sizeof(args3), 0, 0, 0, 0);
	if (pid == 0)
		child(19);
	born(pid, 2, SYS_clone3, clone3_args);

	log_close(parent);
	oracle_end();
	return 0;
}
