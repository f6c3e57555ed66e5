/* life.bpf.h - the programs that follow the life of threads: fork, exec, another name, the end. */
#ifndef SYSSTREAM_LIFE_BPF_H
#define SYSSTREAM_LIFE_BPF_H

#include "select.bpf.h"
#include "target.bpf.h"
#include "text.bpf.h"

const volatile bool only_processes; /* set before load: no calls, neither sys_enter nor sys_exit is there */

/* Where a thread notes its life: without its calls it has a slot only for that. */
static __always_inline struct ring_slot *living_slot(u32 tid, u32 tgid)
{
	struct ring_slot *slot;

	if (!only_processes)
		return find_slot(tid);
	slot = thread_slot(tid);
	if (!slot)
		ADD(&facts_lost, 1);
	return slot;
}

/* Runs in the parent, before the child can run (kernel_clone() in the kernel). */
static __always_inline int on_fork(u32 child_tid, u32 child_tgid, struct task_struct *child)
{
	struct task_struct *task = current_task();
	u32 tgid = task_tgid(task), off = 0;
	u8 by = recorded_by(tgid);

	if (child_tgid != tgid && !record_all) {
		u8 marks = inherited_marks(by);

		if (marks)
			set_recorded(child_tgid, marks);
		judge_child(child, child_tgid);
	}
	if (!(by & RING_BY_ANY) || (only_processes && child_tgid == tgid))
		return 0;
	struct ring_slot *slot = living_slot(task_tid(task), tgid);

	if (!slot)
		return 0;
	WRITE(slot->busy, 1);
	/* The call in progress has a number already: its record comes after this one. */
	struct ring_chunk *chunk = room(slot, slot->seq + !slot->entry, bpf_ktime_get_ns(), &off);

	if (chunk) {
		struct ring_fork *record = (struct ring_fork *)(chunk->data + off);

		__builtin_memset(record, 0, sizeof(*record));
		record->kind = RING_FORK;
		record->tid = child_tid;
		record->tgid = child_tgid;
		record->time = bpf_ktime_get_ns();
		current_comm(record->comm);
		publish(&chunk->used, off + sizeof(*record));
	} else {
		ADD(&facts_lost, 1);
	}
	WRITE(slot->busy, 0);
	return 0;
}

SEC("?tp_btf/sched_process_fork")
int BPF_PROG(sched_process_fork, struct task_struct *parent, struct task_struct *child)
{
	return on_fork(child->pid, child->tgid, child);
}

/* Instead of classic sched_process_fork, which does not tell whose thread the child is. */
SEC("?tp/task/task_newtask")
int classic_task_newtask(struct trace_event_raw_task_newtask *context)
{
	return on_fork(context->pid, newtask_tgid(context), NULL);
}

/*
 * A thread of this process gets a new name, perhaps by another of its threads (comm_write() in the kernel): only leave
 * word; the thread itself makes the record.
 */
static __always_inline int on_rename(u32 tid, u32 tgid, const char *comm)
{
	if (n_names && tid == tgid)
		judge_name(tgid, comm);
	if (!(recorded_by(tgid) & RING_BY_ANY))
		return 0;
	struct ring_slot *slot = find_slot(tid);

	if (slot)
		slot->attention |= RING_ATTEND_NAME;
	return 0;
}

SEC("?tp_btf/task_rename")
int BPF_PROG(task_rename, struct task_struct *task, const char *comm)
{
	char name[RING_COMM] = "";

	if (n_names)
		bpf_probe_read_kernel(name, sizeof(name), comm);
	return on_rename(task->pid, task->tgid, name);
}

SEC("?tp/task/task_rename")
int classic_task_rename(struct trace_event_raw_task_rename *context)
{
	char name[RING_COMM];

	bpf_core_read(name, sizeof(name), &context->newcomm);
	return on_rename(context->pid, bpf_get_current_pid_tgid() >> 32, name);
}

static __always_inline void copy_call(struct ring_slot *to, const struct ring_slot *from)
{
	to->chunk = from->chunk;
	to->attention = from->attention | RING_ATTEND_MOVED;
	to->class_nargs = from->class_nargs;
	to->captures = from->captures;
	to->excluded = from->excluded;
	to->passed = from->passed;
	to->nr = from->nr;
	to->seq = from->seq;
	to->ordinal = from->ordinal;
	to->returned = from->returned;
	for (int i = 0; i < 6; i++)
		to->arg[i] = from->arg[i];
	WRITE(to->entry, from->entry);
}

/* The thread that called execve has become the leader and got its tid (de_thread() in the kernel). */
static __noinline void move_slot(u32 old_tid, u32 tid, u32 tgid)
{
	struct ring_slot *old = find_slot(old_tid), *slot;

	if (!old)
		return;
	slot = take_slot(tid, tgid);
	find_place(slot);
	if (!slot || !READ(old->chunk)) {
		/* No place, or no chunk to put the call's record into: the old slot keeps the account. */
		count_lost(old, old->entry);
		old->entry = 0;
		old->dead_tid = old_tid;
		ADD(&dead_slots, 1);
		WRITE(old->tid, RING_SLOT_DEAD);
		if (slot)
			slot->attention = RING_ATTEND_SKIP;
		return;
	}
	copy_call(slot, old);
	WRITE(old->chunk, 0);
	release_slot(old);
}

static __noinline int write_exec(struct ring_slot *slot, u32 old_tid)
{
	u32 off = 0;
	struct ring_chunk *chunk = room(slot, slot->seq + !slot->entry, bpf_ktime_get_ns(), &off);

	/* A chunk that is nearly full is closed now, so that the records of a move find room in the new one. */
	if (chunk && off > RING_CHUNK_DATA - 4 * RING_RECORD_MAX) {
		open_chunk(slot, slot->seq + !slot->entry, 0);
		chunk = room(slot, slot->seq + !slot->entry, bpf_ktime_get_ns(), &off);
	}
	if (!chunk)
		return -1;
	struct ring_exec *record = (struct ring_exec *)(chunk->data + off);

	__builtin_memset(record, 0, sizeof(*record));
	record->kind = RING_EXEC;
	record->old_tid = old_tid;
	record->time = bpf_ktime_get_ns();
	current_comm(record->comm);
	publish(&chunk->used, off + sizeof(*record));
	return 0;
}

/* A thread that is none any more, and whose end is nobody's business, may have a slot. */
static __noinline int leave_slot(u32 tid)
{
	struct ring_slot *slot = find_slot(tid);

	if (!slot)
		return 0;
	WRITE(slot->busy, 1);
	if (write_exit(slot, 0, 1))
		close_chunk(slot);
	release_slot(slot);
	return 0;
}

static __always_inline int on_exec(u32 old_tid, const void *file)
{
	struct task_struct *task = current_task();
	u32 tid = task_tid(task), tgid = task_tgid(task);

	if (every.n_users)
		judge_user(tgid);
	if (chooses_containers)
		judge_container((u64)task, tgid);
	if (!(recorded_by(tgid) & RING_BY_ANY))
		return 0;
	if (only_processes && old_tid != tid)
		leave_slot(old_tid);
	struct ring_slot *slot = living_slot(only_processes ? tid : old_tid, tgid);

	if (!slot)
		return 0;
	WRITE(slot->busy, 1);
	capture_exec(slot, bpf_ktime_get_ns(), file);
	if (write_exec(slot, old_tid))
		ADD(&facts_lost, 1);
	if (!only_processes && old_tid != tid)
		move_slot(old_tid, tid, tgid);
	WRITE(slot->busy, 0);
	return 0;
}

SEC("?tp_btf/sched_process_exec")
int BPF_PROG(sched_process_exec, struct task_struct *task, int old_tid, struct linux_binprm *bprm)
{
	return on_exec(old_tid, bprm->filename);
}

SEC("?tp/sched/sched_process_exec")
int classic_sched_process_exec(struct trace_event_raw_sched_process_exec *context)
{
	return on_exec(context->old_pid, (void *)context + (context->__data_loc_filename & 0xffff));
}

/* The thread ends: a call it is in never returns. Then its slot is free again, unless it holds loss that nothing else
 * tells. */
static __noinline void end_thread(struct ring_slot *slot, u32 tid, u32 code)
{
	WRITE(slot->busy, 1);
	if (slot->entry && !is_open_wanted(bpf_ktime_get_ns() - slot->entry))
		slot->passed++;
	else if (slot->entry)
		write_call(slot, RING_UNFINISHED, slot->entry, 0, 0);
	slot->entry = 0;
	if (write_exit(slot, code, 0) == 0) {
		release_slot(slot);
		return;
	}
	ADD(&facts_lost, 1);
	if (!slot->lost) {
		ADD(&passed_untold, slot->passed);
		close_chunk(slot);
		release_slot(slot);
		return;
	}
	slot->dead_tid = tid;
	ADD(&dead_slots, 1);
	WRITE(slot->busy, 0);
	WRITE(slot->tid, RING_SLOT_DEAD);
}

/*
 * Also for threads of processes that are no longer recorded: the last thread of a process clears the mark while another
 * may still be on its way here (do_exit() in the kernel counts live down before this).
 */
static __always_inline int on_thread_exit(void)
{
	struct task_struct *task = current_task();
	u32 tid = task_tid(task), tgid = task_tgid(task);
	bool is_last = CHAIN(task, signal, live.counter) == 0;
	struct ring_slot *slot =
		only_processes && is_last && recorded_by(tgid) & RING_BY_ANY ? living_slot(tid, tgid) : find_slot(tid);

	if (slot && only_processes && !is_last)
		leave_slot(tid);
	else if (slot)
		end_thread(slot, tid, FIELD(task, exit_code));
	if (recorded_by(tgid) && !record_all && is_last)
		set_recorded(tgid, 0);
	return 0;
}

SEC("?tp_btf/sched_process_exit")
int BPF_PROG(sched_process_exit, struct task_struct *task)
{
	(void)task;
	return on_thread_exit();
}

SEC("?tp/sched/sched_process_exit")
int classic_sched_process_exit(void *context)
{
	(void)context;
	return on_thread_exit();
}

#endif
