/*
 * probe.bpf.c - can the kernel preempt a program on a BTF tracepoint? The program holds its thread up for a moment,
 * while another thread with a higher priority is woken on the same processor; see tracer/probe.c.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define STEPS 400
#define CHUNK 32768

volatile __u32 prober;    /* tid of the thread that is held up */
volatile __u64 hold_ns;   /* for so long at most */
volatile __u32 woken;     /* the other thread has run */
volatile __u32 preempted; /* it has run while the program was running */
volatile __u64 began, ended;
char from[CHUNK], to[CHUNK];

SEC("tp_btf/sys_enter")
int hold_up(void *context)
{
	(void)context;
	if (!prober || (__u32)bpf_get_current_pid_tgid() != prober)
		return 0;
	began = bpf_ktime_get_ns();
	ended = 0;
	if (woken) /* its thread came too late: this says nothing */
		return 0;
	/* Copies take some microseconds each: few steps for the verifier, much time. */
	for (int i = 0; i < STEPS && bpf_ktime_get_ns() - began < hold_ns; i++) {
		bpf_probe_read_kernel(to, sizeof(to), from);
		if (woken) {
			preempted = 1;
			break;
		}
	}
	ended = bpf_ktime_get_ns();
	return 0;
}
