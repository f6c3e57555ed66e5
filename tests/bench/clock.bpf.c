/* clock.bpf.c - programs that read the clock and do nothing else: what any recording with times costs at least */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

unsigned long long entry, duration;

SEC("tp_btf/sys_enter")
int sys_enter(void *context)
{
	(void)context;
	entry = bpf_ktime_get_ns();
	return 0;
}

SEC("tp_btf/sys_exit")
int sys_exit(void *context)
{
	(void)context;
	duration = bpf_ktime_get_ns() - entry;
	return 0;
}
