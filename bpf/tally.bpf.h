/*
 * tally.bpf.h - the programs of sysstream --tally: count calls, in a table of each thread's own (tally.h).
 *
 * Part of sysstream.bpf.c, whose targets, slots and chunks they use. sys_enter notes which call has begun and when;
 * sys_exit adds to an entry of the table in the thread's chunk. Only the thread writes there.
 */
#ifndef SYSSTREAM_TALLY_BPF_H
#define SYSSTREAM_TALLY_BPF_H

#include "select.bpf.h"
#include "tally_table.bpf.h"
#include "target.bpf.h"

u64 processes_began SHARED; /* among those recorded */
u64 processes_ended SHARED;

/* --- system calls ---------------------------------------------------------------------------------------- */

static __noinline int tally_rename(struct ring_slot *slot)
{
	u32 c = slot ? READ(slot->chunk) : 0;
	struct ring_chunk *chunk = c ? chunk_at(c - 1) : NULL;

	if (chunk)
		current_comm(chunk->comm);
	return 0;
}

/* Something is to be done first: the exit of the call before was skipped by the kernel, or there is a new name. */
static __noinline int tally_before(struct ring_slot *slot)
{
	if (!slot)
		return 0;
	WRITE(slot->busy, 1);
	if (slot->entry)
		ADD(&lost[RING_CAUSE_SKIPPED], 1);
	slot->entry = 0;
	if (slot->attention & RING_ATTEND_NAME)
		tally_rename(slot);
	slot->attention = 0;
	WRITE(slot->busy, 0);
	return 0;
}

static __noinline struct ring_slot *tally_begin(u32 tid, u32 tgid)
{
	struct ring_slot *slot = take_slot(tid, tgid);

	find_place(slot);
	return slot;
}

static __always_inline struct ring_slot *tally_slot(u32 tid, u32 tgid)
{
	struct ring_slot *slot = find_slot(tid);

	return slot ? slot : tally_begin(tid, tgid);
}

static __always_inline int tally_enter(struct pt_regs *regs, long id)
{
	struct task_struct *task = current_task();
	u32 tgid = task_tgid(task);
	u8 by = recorded_by(tgid);

	(void)regs;
	if (!(by & RING_BY_ANY))
		return 0;
	u64 now = every.tally_selects ? 0 : bpf_ktime_get_ns(); /* early: see on_enter() */
	struct ring_slot *slot = tally_slot(task_tid(task), tgid);

	if (!slot) {
		ADD(&lost[RING_CAUSE_THREADS], 1);
		return 0;
	}
	if (slot->attention || slot->entry)
		tally_before(slot);
	if (by & RING_MOVED)
		move_place(slot);
	u8 class = call_class(task, id);
	u32 nr = call_nr(class, id);

	if (every.tally_selects) {
		slot->excluded = is_excluded(class, nr);
		if (slot->excluded)
			return 0;
		now = bpf_ktime_get_ns();
	}
	slot->class_nargs = RING_CLASS_NARGS(class, 0);
	slot->nr = nr;
	if (!never_returns(class, nr))
		WRITE(slot->entry, now);
	else if (!every.tally_selects || is_open_wanted(0))
		tally_other(slot, 0, TALLY_NO_RETURN);
	return 0;
}

/* As return_without_entry(). */
static __noinline int tally_without_entry(struct ring_slot *slot, struct pt_regs *regs, long ret)
{
	struct task_struct *task = current_task();
	s64 id = exit_nr(regs);
	u8 class = call_class(task, id);
	u32 nr = call_nr(class, id);
	bool first = !slot;

	if (!slot)
		slot = tally_begin(task_tid(task), task_tgid(task));
	if (!slot) {
		ADD(&lost[RING_CAUSE_THREADS], 1);
		return 0;
	}
	if (id == -1 || (first && ret == 0 && is_fork(class, nr)))
		return 0;
	if (every.tally_selects && (is_excluded(class, nr) || !is_result_wanted(0, ret)))
		return 0;
	slot->class_nargs = RING_CLASS_NARGS(class, 0);
	slot->nr = nr;
	tally_other(slot, ret, first && is_torn_off(task, ret) ? TALLY_UNFINISHED : TALLY_UNTIMED);
	return 0;
}

static __always_inline void tally_end_call(struct ring_slot *slot, struct task_struct *task, struct pt_regs *regs,
					   u64 now, long ret)
{
	u64 duration = now - slot->entry;
	bool last = exit_nr(regs) == -1 && is_sigreturn(slot_class(slot), slot->nr), torn = is_torn_off(task, ret);

	if (every.tally_selects && !(last || torn ? is_open_wanted(duration) : is_result_wanted(duration, ret))) {
		WRITE(slot->entry, 0);
		return;
	}
	if (last || torn) {
		tally_other(slot, 0, last ? TALLY_NO_RETURN : TALLY_UNFINISHED);
		WRITE(slot->entry, 0);
		return;
	}
	WRITE(slot->busy, 1);
	tally_returned(slot, duration, ret);
	asm volatile("" ::: "memory");
	WRITE(slot->entry, 0);
	WRITE(slot->busy, 0);
}

static __always_inline int tally_exit(struct pt_regs *regs, long ret)
{
	struct task_struct *task = current_task();
	u32 tgid = task_tgid(task);
	u8 by = recorded_by(tgid);

	if (!by) {
		if (every.n_users)
			watch_user(regs);
		return 0;
	}
	u64 now = bpf_ktime_get_ns();
	struct ring_slot *slot = find_slot(task_tid(task));

	if (every.tally_selects && slot && slot->excluded)
		slot->excluded = 0;
	else if (slot && slot->entry)
		tally_end_call(slot, task, regs, now, ret);
	else if (by & RING_BY_ANY)
		tally_without_entry(slot, regs, ret);
	if (every.n_users)
		watch_user(regs);
	return 0;
}

SEC("?tp_btf/sys_enter")
int BPF_PROG(tally_sys_enter, struct pt_regs *regs, long id)
{
	return tally_enter(regs, id);
}

SEC("?tp_btf/sys_exit")
int BPF_PROG(tally_sys_exit, struct pt_regs *regs, long ret)
{
	return tally_exit(regs, ret);
}

SEC("?tp/raw_syscalls/sys_enter")
int classic_tally_sys_enter(void *context)
{
	struct pt_regs *regs = current_regs();

	(void)context;
	return tally_enter(regs, exit_nr(regs));
}

SEC("?tp/raw_syscalls/sys_exit")
int classic_tally_sys_exit(void *context)
{
	struct pt_regs *regs = current_regs();

	(void)context;
	return tally_exit(regs, exit_result(regs));
}

/* --- life of threads ------------------------------------------------------------------------------------- */

static __always_inline int tally_fork(u32 child_tid, u32 child_tgid, struct task_struct *child)
{
	u32 tgid = task_tgid(current_task());
	u8 marks = 0;

	(void)child_tid;
	if (child_tgid == tgid)
		return 0;
	if (!record_all) {
		marks = inherited_marks(recorded_by(tgid));
		if (marks)
			set_recorded(child_tgid, marks);
		judge_child(child, child_tgid);
	}
	if (record_all ? recorded_by(child_tgid) : marks)
		ADD(&processes_began, 1);
	return 0;
}

SEC("?tp_btf/sched_process_fork")
int BPF_PROG(tally_sched_process_fork, struct task_struct *parent, struct task_struct *child)
{
	(void)parent;
	return tally_fork(child->pid, child->tgid, child);
}

SEC("?tp/task/task_newtask")
int classic_tally_task_newtask(struct trace_event_raw_task_newtask *context)
{
	return tally_fork(context->pid, newtask_tgid(context), NULL);
}

/* The slot is not needed any more, but for calls that there was no table for. */
static __noinline int tally_leave(struct ring_slot *slot, u32 tid)
{
	if (!slot)
		return 0;
	close_chunk(slot);
	slot->entry = 0;
	if (!slot->lost) {
		release_slot(slot);
		return 0;
	}
	slot->dead_tid = tid;
	ADD(&dead_slots, 1);
	WRITE(slot->tid, RING_SLOT_DEAD);
	return 0;
}

/* The thread that called execve has become the leader and got its tid: the call goes on there. */
static __noinline int tally_move(u32 old_tid, u32 tid, u32 tgid)
{
	struct ring_slot *old = find_slot(old_tid), *slot;

	if (!old)
		return 0;
	slot = tally_begin(tid, tgid);
	if (slot) {
		slot->class_nargs = old->class_nargs;
		slot->nr = old->nr;
		slot->excluded = old->excluded;
		WRITE(slot->entry, old->entry);
	}
	WRITE(old->busy, 1);
	tally_leave(old, old_tid);
	ADD(&processes_ended, -1); /* the leader before has ended, but not the process */
	return 0;
}

static __always_inline int tally_exec(u32 old_tid)
{
	struct task_struct *task = current_task();
	u32 tid = task_tid(task), tgid = task_tgid(task);
	struct ring_slot *slot;

	if (every.n_users)
		judge_user(tgid);
	if (chooses_containers)
		judge_container((u64)task, tgid);
	if (!(recorded_by(tgid) & RING_BY_ANY))
		return 0;
	if (old_tid != tid)
		tally_move(old_tid, tid, tgid);
	slot = find_slot(tid);
	if (!slot)
		return 0;
	WRITE(slot->busy, 1);
	tally_rename(slot);
	WRITE(slot->busy, 0);
	return 0;
}

SEC("?tp_btf/sched_process_exec")
int BPF_PROG(tally_sched_process_exec, struct task_struct *task, int old_tid)
{
	(void)task;
	return tally_exec(old_tid);
}

SEC("?tp/sched/sched_process_exec")
int classic_tally_sched_process_exec(struct trace_event_raw_sched_process_exec *context)
{
	return tally_exec(context->old_pid);
}

static __noinline int tally_end_thread(struct ring_slot *slot, u32 tid)
{
	if (!slot)
		return 0;
	if (slot->entry && (!every.tally_selects || is_open_wanted(bpf_ktime_get_ns() - slot->entry)))
		tally_other(slot, 0, TALLY_UNFINISHED);
	WRITE(slot->busy, 1);
	tally_leave(slot, tid);
	return 0;
}

/* As on_thread_exit(). */
static __always_inline int tally_thread_exit(void)
{
	struct task_struct *task = current_task();
	u32 tid = task_tid(task), tgid = task_tgid(task);
	struct ring_slot *slot = find_slot(tid);
	u8 by = recorded_by(tgid);

	if (slot)
		tally_end_thread(slot, tid);
	if (by && tid == tgid)
		ADD(&processes_ended, 1);
	if (by && !record_all && CHAIN(task, signal, live.counter) == 0)
		set_recorded(tgid, 0);
	return 0;
}

SEC("?tp_btf/sched_process_exit")
int BPF_PROG(tally_sched_process_exit, struct task_struct *task)
{
	(void)task;
	return tally_thread_exit();
}

SEC("?tp/sched/sched_process_exit")
int classic_tally_sched_process_exit(void *context)
{
	(void)context;
	return tally_thread_exit();
}

#endif
