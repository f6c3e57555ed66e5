/*
 * sweep.c - every call the tables know with many values: nothing but what this program lives on is carried out
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/prctl.h>

#include "arguments.h"
#include "format/syscalls.h"

static void forbid(void)
{
	static const unsigned allowed[] = {SYS_write,  SYS_exit_group, SYS_getpgid,          SYS_mmap,   SYS_munmap,
					   SYS_mremap, SYS_brk,        SYS_process_vm_readv, SYS_getpid, SYS_close};
	struct sock_filter filter[2 * sizeof(allowed) / sizeof(allowed[0]) + 2];
	unsigned n = 0;
	struct sock_fprog program = {.filter = filter};

	filter[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++) {
		filter[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, allowed[i], 0, 1);
		filter[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	}
	filter[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS);
	program.len = (unsigned short)n;
	check(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0,
	      "seccomp");
}

static bool is_swept(unsigned nr)
{
	const char *name = sst_syscall_name(ABI, nr);
	static const char *const not_these[] = {
		"write", "exit_group", "exit",  "getpgid",          "mmap",         "munmap",          "mremap",
		"brk",   "getpid",     "close", "process_vm_readv", "rt_sigreturn", "restart_syscall", "seccomp"};

	for (size_t i = 0; i < sizeof(not_these) / sizeof(not_these[0]); i++)
		if (strcmp(name, not_these[i]) == 0)
			return false;
	return true;
}

/* With the pointers null, the descriptors 3. */
static void sweep_arg(unsigned nr, const struct sst_signature *signature, unsigned i)
{
	uint64_t args[6] = {0};

	for (unsigned k = 0; k < signature->nargs; k++)
		args[k] = signature->arg[k].kind == SST_KIND_FD ? 3 : 0;
	for (unsigned v = 0; v < 50; v++) {
		args[i] = v;
		make(nr, args);
	}
	for (unsigned bit = 0; bit < 32; bit++) {
		args[i] = 1u << bit;
		make(nr, args);
		args[i] = 0xffffffffu >> bit;
		make(nr, args);
	}
	args[i] = ~UINT64_C(0);
	make(nr, args);
	args[i] = (uint64_t)-100;
	make(nr, args);
	args[i] = (uint64_t)-2;
	make(nr, args);
}

void sweep(void)
{
	forbid();
	for (uint32_t nr = 0; sst_syscall_next(ABI, &nr); nr++) {
		const struct sst_signature *signature = sst_signature(ABI, nr);

		if (!signature || !is_swept(nr) || nr >= 451)
			continue;
		for (unsigned i = 0; i < signature->nargs; i++)
			if (!signature->arg[i].direction)
				sweep_arg(nr, signature, i);
	}
}
