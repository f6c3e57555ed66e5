/*
 * name.bpf.c - programs that read the clock, as clock.bpf.c, and the name of the file that an openat is about, and do
 * nothing else: what any recording with times and names costs at least
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

#include "../../bpf/types.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#if defined(__TARGET_ARCH_x86)
#define OPENAT     257
#define NAME(regs) ((regs)->si)
#else
#define OPENAT     56
#define NAME(regs) ((regs)->regs[1])
#endif

u64 entry, duration;
char name[256];

SEC("tp_btf/sys_enter")
int BPF_PROG(sys_enter, struct pt_regs *regs, long id)
{
	entry = bpf_ktime_get_ns();
	if (id == OPENAT)
		bpf_probe_read_user_str(name, sizeof(name), (void *)NAME(regs));
	return 0;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(sys_exit, struct pt_regs *regs, long ret)
{
	(void)regs;
	(void)ret;
	duration = bpf_ktime_get_ns() - entry;
	return 0;
}
