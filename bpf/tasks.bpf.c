/*
 * tasks.bpf.c - every thread in sight, as the kernel sees it: what /proc shows only of the own PID namespace, or not at
 * all. A task iterator (Linux 5.8); tracer/tasks.c reads what it writes.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

#include "tasks.h"
#include "types.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct seq_file;

struct bpf_iter_meta {
	struct seq_file *seq;
} KERNEL_TYPE;

struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
} KERNEL_TYPE;

#define PF_KTHREAD 0x00200000u
#define LEVELS     33 /* MAX_PID_NS_LEVEL and the initial one */

/* The PID namespace, by its inode number, whose numbers are asked for. */
const volatile u32 namespace;

/* The number that pid has there; 0: none. */
static __noinline u32 number_in_namespace(struct pid *pid)
{
	u32 level = BPF_CORE_READ(pid, level);

	for (u32 i = 0; i < LEVELS && i <= level; i++) {
		struct upid *upid =
			(void *)pid + bpf_core_field_offset(struct pid, numbers) + i * bpf_core_type_size(struct upid);

		if (BPF_CORE_READ(upid, ns, ns.inum) == namespace)
			return (u32)BPF_CORE_READ(upid, nr);
	}
	return 0;
}

SEC("iter/task")
int list_tasks(struct bpf_iter__task *context)
{
	struct seq_file *seq = context->meta->seq;
	struct task_struct *task = context->task;
	struct tasks_entry entry = {0};

	if (!task)
		return 0;
	entry.tid = task->pid;
	entry.tgid = task->tgid;
	entry.ns_tid = number_in_namespace(BPF_CORE_READ(task, thread_pid));
	entry.ns_tgid = number_in_namespace(BPF_CORE_READ(task, group_leader, thread_pid));
	entry.parent = BPF_CORE_READ(task, real_parent, tgid);
	entry.user = BPF_CORE_READ(task, cred, euid.val);
	entry.kernel_thread = !!(task->flags & PF_KTHREAD);
	bpf_probe_read_kernel(entry.comm, sizeof(entry.comm), task->comm);
	bpf_seq_write(seq, &entry, sizeof(entry));
	return 0;
}
