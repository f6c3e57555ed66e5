/*
 * switch.c - from one ABI to another and back: a 64-bit program executes one of 32 bits, which executes it again. Each
 * execve is a row of the ABI that it was called by, whatever it returns to. Exit status 77 where the kernel has no
 *32-bit programs, or there is none beside this one.
 *
 *	switch FILE [wait]		then: i386-static (or arm-static) FILE then PROGRAM, switch FILE back
 */
#include "oracle.h"

#include <limits.h>
#include <sys/wait.h>

#if defined(__x86_64__)
#define OTHER "i386-static"
#else
#define OTHER "arm-static"
#endif

static char self[PATH_MAX], other[PATH_MAX];

static void find_programs(void)
{
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - sizeof(OTHER));

	if (n < 0) {
		perror("/proc/self/exe");
		exit(1);
	}
	snprintf(other, sizeof(other), "%.*s/" OTHER, (int)(strrchr(self, '/') - self), self);
}

static bool can_execute(void)
{
	char *argv[] = {other, NULL};
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		execv(other, argv);
		_exit(1);
	}
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 2; /* its usage */
}

static void some_calls(struct log *log, int n)
{
	log_open(log);
	for (int i = 0; i < n; i++)
		made(log, 2, SYS_getpriority, 0x70000000 + (uint64_t)n, (uint64_t)i, 0, 0, 0, 0);
	log_close(log);
}

static void execute(struct log *log)
{
	static char then[] = "then";
	char *argv[] = {other, (char *)(uintptr_t)oracle_file, then, self, NULL}, *env[] = {NULL};
	struct oracle_row *row = will(log, "ok", 3, SYS_execve, (uint64_t)other, (uint64_t)argv, (uint64_t)env);

	row->how = "has";
	row->ret = 0;
	oracle_end();
	call(SYS_execve, (uint64_t)other, (uint64_t)argv, (uint64_t)env, 0, 0, 0);
	perror(other);
	exit(1);
}

int main(int argc, char **argv)
{
	struct log *log;

	oracle_begin(argc, argv);
	log = oracle_log();
	find_programs();
	if (argc > 2 && !strcmp(argv[2], "back")) {
		some_calls(log, 17);
		oracle_end();
		return 0;
	}
	if (!can_execute()) {
		puts("no 32-bit programs on this kernel, or no " OTHER);
		return 77;
	}
	some_calls(log, 13);
	execute(log);
	return 1;
}
