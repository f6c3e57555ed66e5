/*
 * i386.c - 32-bit and x32 calls out of a 64-bit program: a number means nothing without its ABI. 20 is getpid for i386
 * and writev for x86_64. Exit status 77 where the kernel has no 32-bit calls.
 */
#include "oracle.h"

#if defined(__x86_64__)
#include <signal.h>
#include <sys/wait.h>

/* All six registers; the red zone is out of the way of the push. */
static int64_t call32(uint32_t nr, const uint32_t a[6])
{
	register const uint32_t *r8 __asm__("r8") = a;
	int32_t ret;

	__asm__ volatile("sub $128, %%rsp\n\t"
			 "push %%rbp\n\t"
			 "mov 20(%%r8), %%ebp\n\t"
			 "int $0x80\n\t"
			 "pop %%rbp\n\t"
			 "add $128, %%rsp"
			 : "=a"(ret)
			 : "a"(nr), "b"(a[0]), "c"(a[1]), "d"(a[2]), "S"(a[3]), "D"(a[4]), "r"(r8)
			 : "memory", "cc");
	return ret;
}

#define X32 0x40000000u

static void made32(struct log *log, int nargs, uint32_t nr, const uint32_t a[6])
{
	int64_t ret = call32(nr, a);
	struct oracle_row *row = log_row(log, "ok", nargs, nr);

	for (int i = 0; i < 6; i++)
		row->arg[i] = a[i];
	row->ret = ret;
	row->abi = "i386";
}

/* Most kernels have no x32 and answer ENOSYS; the number means the same. */
static void made_x32(struct log *log, const char *name, int nargs, uint32_t nr, uint64_t a0, uint64_t a1)
{
	struct oracle_row *row;

	made(log, nargs, nr | X32, a0, a1, 0x11, 0x12, 0x13, 0x14);
	row = &log->rows[log->n - 1];
	row->abi = "x32";
	row->nr = nr;
	row->name = name;
}

static bool supported(void)
{
	static const uint32_t none[6];
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(call32(20, none) == getpid() ? 0 : 1);
	waitpid(pid, &status, 0);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int main(int argc, char **argv)
{
	struct log *log;

	oracle_begin(argc, argv);
	log = oracle_log();
	if (!supported()) {
		puts("no 32-bit calls on this kernel");
		return 77;
	}
	log_open(log);
	for (uint32_t i = 0; i < 13; i++) {
		made32(log, 0, 20, (uint32_t[6]){1, 2, 3, 4, 5, 6});                             /* getpid */
		made32(log, 1, 6, (uint32_t[6]){0xf0000000 + i, 2, 3, 4, 5, 6});                 /* close */
		made32(log, 6, 192, (uint32_t[6]){0x1001, 0, 0x11 + i, 0x12, 0xf0000001, 0x13}); /* mmap2 */
		made(log, 1, SYS_close, 0xf0000000f0000000 + i, 0, 0, 0, 0, 0);
		made_x32(log, "getppid", 0, 110, 1, 2);
		made_x32(log, "close", 1, 3, 0xf0000000e0000000 + i, 2);
		made_x32(log, "readv", 3, 515, 0x70000000 + i, 0x10); /* its own numbers begin at 512 */
		made_x32(log, "ioctl", 3, 514, 0x70000000 + i, 0x10);
	}
	log_close(log);
	oracle_end();
	return 0;
}
#else
int main(void)
{
	puts("not x86");
	return 77;
}
#endif
