/* empty.bpf.c - programs that do nothing on the two hooks: what attaching costs whoever it is, the floor of all figures
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

SEC("tp_btf/sys_enter")
int sys_enter(void *context)
{
	(void)context;
	return 0;
}

SEC("tp_btf/sys_exit")
int sys_exit(void *context)
{
	(void)context;
	return 0;
}
