/*
 * seccomp.c - calls that a filter refuses, among others that it lets through.
 */
#include "oracle.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>

#define REFUSED_MARK 0x7abcu /* as the first argument of getpriority */

static int install_filter(void)
{
	static struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getsid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getpriority, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, REFUSED_MARK, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EXDEV),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	static const struct sock_fprog program = {.len = sizeof(code) / sizeof(code[0]), .filter = code};

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

static void refused(struct log *log, int nargs, uint64_t nr, uint64_t a0, uint64_t a1)
{
	made(log, nargs, nr, a0, a1, 0, 0, 0, 0);
	strcpy(log->rows[log->n - 1].state, "refused");
}

int main(int argc, char **argv)
{
	struct log *log;

	oracle_begin(argc, argv);
	log = oracle_log();
	if (install_filter()) {
		puts("no seccomp filters here");
		return 77;
	}
	log_open(log);
	for (uint64_t i = 0; i < 37; i++) {
		refused(log, 1, SYS_getsid, 0x60000000 + i, 0);
		made(log, 1, SYS_getpgid, 0x50000000 + i, 0, 0, 0, 0, 0);
		refused(log, 2, SYS_getpriority, REFUSED_MARK, i);
		made(log, 2, SYS_getpriority, REFUSED_MARK + 1, i, 0, 0, 0, 0);
	}
	log_close(log);
	oracle_end();
	return 0;
}
