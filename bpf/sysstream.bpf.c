/*
 * sysstream.bpf.c - one record for each system call of the recorded processes.
 *
 * sys_enter keeps what is only known then (number, arguments, time) in the thread's slot; sys_exit makes one record of
 * it in the thread's chunk. Four more programs follow the life of threads.
 *
 * Each of the six is here twice, and the recorder loads one set (tracer/session.c): on the BTF tracepoints, which is
 * cheapest; and on the classic ones, whose programs run with preemption off on every kernel. Where the kernel can
 * preempt a program (BTF tracepoints, Linux 7.0 and later), it skips the same program for every other task on that
 * processor meanwhile. sys_enter and sys_exit of each set are there once more, as select_enter and select_exit, for
 * recordings of some calls only: what is left out costs least so, and who records everything does not pay for it.
 */
#include "target.bpf.h"
#include "text.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

const volatile bool only_processes; /* set before load: no calls, neither sys_enter nor sys_exit is there */

/* --- system calls ---------------------------------------------------------------------------------------- */

/* The first event of a thread: a slot, and a chunk, so that the recorder learns of the thread. */
static __noinline struct ring_slot *begin_thread(u32 tid, u32 tgid)
{
	struct ring_slot *slot = take_slot(tid, tgid);

	if (!slot)
		return NULL;
	find_place(slot);
	open_chunk(slot, 1, 0);
	return slot;
}

static __always_inline struct ring_slot *thread_slot(u32 tid, u32 tgid)
{
	struct ring_slot *slot = find_slot(tid);

	if (slot)
		return slot;
	return begin_thread(tid, tgid);
}

/* Does the number of the call keep it out? Its result may do so later. */
static __always_inline bool is_excluded(u8 class, u32 nr)
{
	if (nr < RING_NARGS && class < RING_CLASSES)
		return call_info[class][nr].flags & RING_EXCLUDED;
	return excludes_unknown;
}

/*
 * Is it left out, and counted when it returns? Then its entry is nobody's business. As short as can be; x32 calls are
 * never among them.
 */
static __always_inline bool is_passing(struct task_struct *task, long id)
{
	u32 nr = (u32)id;

	return nr < RING_NARGS && call_info[is_compat(task)][nr].flags & RING_PASSING;
}

/* Is there something behind its arguments to be read? Without text the verifier need not look at how. */
static __always_inline bool is_captured(u8 class, u32 nr)
{
	return text_limit && nr < RING_NARGS && class < RING_CLASSES && call_info[class][nr].plan;
}

static __always_inline bool is_result_wanted(u64 duration, long ret)
{
	return duration >= slower && (!only_failed || (ret < 0 && ret >= -4095));
}

/* The same of a call that has no result, after so many ns. */
static __always_inline bool is_open_wanted(u64 duration)
{
	return duration >= slower && !only_failed;
}

static __always_inline u32 task_tid(struct task_struct *task)
{
	return direct_task ? (u32)task->pid : (u32)bpf_get_current_pid_tgid();
}

static __always_inline u32 task_tgid(struct task_struct *task)
{
	return direct_task ? (u32)task->tgid : (u32)(bpf_get_current_pid_tgid() >> 32);
}

static __noinline void before_call(struct ring_slot *slot)
{
	WRITE(slot->busy, 1);
	if (slot->entry)
		write_skipped(slot);
	if (slot->attention & RING_ATTEND_NAME)
		write_name(slot);
	slot->attention = 0;
	WRITE(slot->busy, 0);
}

static __noinline void write_last_call(struct ring_slot *slot, u64 entry)
{
	WRITE(slot->busy, 1);
	write_call(slot, RING_NO_RETURN, entry, 0, 0);
	WRITE(slot->busy, 0);
}

/* A call that is counted and not recorded: not even the clock is read. */
static __always_inline void pass_call(struct ring_slot *slot)
{
	slot->seq++;
	slot->passed++;
}

/* selects: this is select_enter. */
static __always_inline int on_enter(struct pt_regs *regs, long id, bool selects)
{
	struct task_struct *task = current_task();
	u32 tgid = task_tgid(task);
	u8 by = recorded_by(tgid);

	if (!(by & RING_BY_ANY))
		return 0;
	/* Early: the clock waits for everything before it (rdtsc does), while what comes after may overlap with the
	 * call. */
	u64 now = selects ? 0 : bpf_ktime_get_ns();
	struct ring_slot *slot = thread_slot(task_tid(task), tgid);

	if (!slot) {
		ADD(&lost[RING_CAUSE_THREADS], 1);
		return 0;
	}
	if (slot->attention || slot->entry)
		before_call(slot);
	if (by & RING_MOVED)
		move_place(slot);
	u8 class = call_class(task, id);
	u32 nr = call_nr(class, id);

	if (selects) {
		slot->excluded = is_excluded(class, nr);
		if (slot->excluded) {
			pass_call(slot);
			return 0;
		}
		now = bpf_ktime_get_ns();
	}
	slot->class = class;
	slot->captures = 0;
	slot->nr = nr;
	call_args(slot->arg, regs, class);
	slot->seq++;
	WRITE(slot->busy, 1);
	if (is_captured(class, nr))
		capture_entry(slot, now);
	touch_ahead(slot);
	WRITE(slot->busy, 0);
	if (!never_returns(class, nr))
		WRITE(slot->entry, now);
	else if (is_open_wanted(0))
		write_last_call(slot, now);
	else
		slot->passed++;
	return 0;
}

/*
 * −ERESTARTSYS (−512) to −ERESTART_RESTARTBLOCK (−516) of a thread that is being killed: the call was torn off and
 * nobody will ever see its result. Any fatal signal but those that dump core puts SIGKILL into each thread's own set
 * (complete_signal()).
 */
static __always_inline bool is_torn_off(struct task_struct *task, long ret)
{
	return ret >= -516 && ret <= -512 && (FIELD(task, pending.signal.sig[0]) >> (SIGKILL - 1) & 1);
}

/*
 * A return without an entry: a new thread's first steps; a call that began before the recording; or one that seccomp,
 * ptrace or user dispatch kept from entering (they come before the tracepoint: syscall_trace_enter() in the kernel).
 */
static __noinline void return_without_entry(struct ring_slot *slot, struct task_struct *task, struct pt_regs *regs,
					    u64 ret)
{
	s64 id = exit_nr(regs);
	u8 class = call_class(task, id);
	u32 nr = call_nr(class, id);
	bool first = !slot;

	if (!slot)
		slot = begin_thread(task_tid(task), task_tgid(task));
	if (!slot) { /* its entry found none either, and was counted, unless it is one of those that leave no trace */
		if (is_passing(task, id) && !(ret == 0 && is_fork(class, nr)))
			ADD(&passed_untold, 1);
		return;
	}
	if (slot->attention & RING_ATTEND_SKIP) {
		slot->attention &= ~RING_ATTEND_SKIP;
		return;
	}
	if (id == -1 || (first && ret == 0 && is_fork(class, nr)))
		return;
	if (is_excluded(class, nr) || !is_result_wanted(0, (long)ret)) {
		pass_call(slot);
		return;
	}
	WRITE(slot->busy, 1);
	slot->class = class;
	slot->nr = nr;
	call_args(slot->arg, regs, class);
	slot->seq++;
	if (is_captured(class, nr))
		capture_all(slot, bpf_ktime_get_ns(), (s64)ret);
	if (!first)
		write_call(slot, RING_REFUSED, bpf_ktime_get_ns(), 0, ret);
	else if (is_torn_off(task, (long)ret))
		write_call(slot, RING_MIDWAY_OPEN, bpf_ktime_get_ns(), 0, 0);
	else
		write_call(slot, RING_MIDWAY, bpf_ktime_get_ns(), 0, ret);
	WRITE(slot->busy, 0);
}

/* execve by a thread that was not the leader has returned: what follows belongs to the leader's tid. */
static __noinline void finish_move(struct ring_slot *slot)
{
	write_exit(slot, 0, 1);
	slot->attention &= ~RING_ATTEND_MOVED;
	slot->seq = 0;
	slot->ordinal = 0;
	open_chunk(slot, 1, 0);
}

/* May the result not be one? Then end_without_result() tells. */
static __always_inline bool is_doubtful(struct pt_regs *regs, long ret)
{
	return (ret >= -516 && ret <= -512) || exit_nr(regs) == -1;
}

/* The record of the call that the slot is in, if it has no result: rt_sigreturn, or torn off. Returns 1, or 0. */
static __noinline int end_without_result(struct ring_slot *slot, struct task_struct *task, struct pt_regs *regs,
					 u64 now, long ret)
{
	bool last = exit_nr(regs) == -1 && is_sigreturn(slot->class, slot->nr);
	u64 entry = slot->entry;

	if (!last && !is_torn_off(task, ret))
		return 0;
	if (is_open_wanted(now - entry))
		write_call(slot, last ? RING_NO_RETURN : RING_UNFINISHED, entry, 0, 0);
	else
		slot->passed++;
	return 1;
}

static __always_inline void write_returned(struct ring_slot *slot, u64 entry, u64 duration, long ret)
{
	if (text_limit && slot->captures)
		capture_exit(slot, entry, ret);
	write_call(slot, RING_OK, entry, duration, (u64)ret);
}

/* A process that has called setuid or the like may be one that is wanted now, or no longer. */
static __noinline int watch_user(struct pt_regs *regs)
{
	struct task_struct *task = current_task();
	s64 id = exit_nr(regs);
	u8 class = call_class(task, id);

	if (changes_user(class, call_nr(class, id)))
		judge_user(task_tgid(task));
	return 0;
}

/* The call that the slot is in has returned. */
static __always_inline void end_call(struct ring_slot *slot, struct task_struct *task, struct pt_regs *regs, u64 now,
				     long ret, bool selects)
{
	u64 entry = slot->entry;

	WRITE(slot->busy, 1);
	if (is_doubtful(regs, ret) && end_without_result(slot, task, regs, now, ret))
		;
	else if (selects && !is_result_wanted(now - entry, ret))
		slot->passed++;
	else
		write_returned(slot, entry, now - entry, ret);
	asm volatile("" ::: "memory");
	WRITE(slot->entry, 0);
	if (slot->attention & RING_ATTEND_MOVED)
		finish_move(slot);
	WRITE(slot->busy, 0);
}

/* A call of a recorded process has returned. */
static __always_inline void end_any(struct task_struct *task, struct pt_regs *regs, u8 by, long ret, bool selects)
{
	u64 now = selects ? 0 : bpf_ktime_get_ns();
	struct ring_slot *slot = find_slot(task_tid(task));

	/* If so, this is not the call that the slot is in: the kernel skipped the exit of that one. */
	if (selects && slot && slot->entry && is_passing(task, exit_nr(regs)))
		before_call(slot);
	if (selects && slot && slot->excluded && !is_passing(task, exit_nr(regs))) {
		slot->excluded = 0;
		return;
	}
	if (selects)
		now = bpf_ktime_get_ns();
	if (slot && slot->entry)
		end_call(slot, task, regs, now, ret, selects);
	else if (by & RING_BY_ANY)
		return_without_entry(slot, task, regs, (u64)ret);
}

/* selects: this is select_exit. */
static __always_inline int on_exit(struct pt_regs *regs, long ret, bool selects)
{
	struct task_struct *task = current_task();
	u8 by = recorded_by(task_tgid(task));

	if (by)
		end_any(task, regs, by, ret, selects);
	if (n_users)
		watch_user(regs);
	return 0;
}

/*
 * Calls that are left out. Their entry leaves no trace, so that it does not matter whether it was seen; their return is
 * counted, here if nothing else is to be done: the thread has a slot in its first place, and is in no other call.
 */
static __always_inline bool has_passed(struct pt_regs *regs)
{
	struct task_struct *task = current_task();

	if (!(recorded_by(task_tgid(task)) & RING_BY_ANY) || !is_passing(task, exit_nr(regs)))
		return false;
	u32 tid = task_tid(task);
	struct ring_slot *slot = slot_at(tid);

	if (!slot || slot->tid != tid || slot->entry)
		return false;
	pass_call(slot);
	return true;
}

/* Functions of their own: what comes before them needs few registers to save and little stack. */
static __noinline int enter_selected(struct pt_regs *regs, long id)
{
	return on_enter(regs, id, true);
}

static __noinline int exit_selected(struct pt_regs *regs, long ret)
{
	return on_exit(regs, ret, true);
}

SEC("?tp_btf/sys_enter")
int BPF_PROG(sys_enter, struct pt_regs *regs, long id)
{
	return on_enter(regs, id, false);
}

SEC("?tp_btf/sys_exit")
int BPF_PROG(sys_exit, struct pt_regs *regs, long ret)
{
	return on_exit(regs, ret, false);
}

SEC("?tp_btf/sys_enter")
int BPF_PROG(select_enter, struct pt_regs *regs, long id)
{
	return is_passing(current_task(), id) ? 0 : enter_selected(regs, id);
}

SEC("?tp_btf/sys_exit")
int BPF_PROG(select_exit, struct pt_regs *regs, long ret)
{
	return has_passed(regs) ? 0 : exit_selected(regs, ret);
}

static __always_inline struct pt_regs *current_regs(void)
{
	return (struct pt_regs *)bpf_task_pt_regs(bpf_get_current_task_btf());
}

SEC("?tp/raw_syscalls/sys_enter")
int classic_sys_enter(void *context)
{
	struct pt_regs *regs = current_regs();

	(void)context;
	return on_enter(regs, exit_nr(regs), false);
}

SEC("?tp/raw_syscalls/sys_exit")
int classic_sys_exit(void *context)
{
	struct pt_regs *regs = current_regs();

	(void)context;
	return on_exit(regs, exit_result(regs), false);
}

SEC("?tp/raw_syscalls/sys_enter")
int classic_select_enter(void *context)
{
	struct pt_regs *regs = current_regs();

	(void)context;
	return is_passing(current_task(), exit_nr(regs)) ? 0 : enter_selected(regs, exit_nr(regs));
}

SEC("?tp/raw_syscalls/sys_exit")
int classic_select_exit(void *context)
{
	struct pt_regs *regs = current_regs();

	(void)context;
	return has_passed(regs) ? 0 : exit_selected(regs, exit_result(regs));
}

/* Where a thread notes its life: without its calls it has a slot only for that. */
static __always_inline struct ring_slot *living_slot(u32 tid, u32 tgid)
{
	struct ring_slot *slot;

	if (!only_processes)
		return find_slot(tid);
	slot = thread_slot(tid, tgid);
	if (!slot)
		ADD(&facts_lost, 1);
	return slot;
}

/* --- life of threads ------------------------------------------------------------------------------------- */

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
	u32 tid = context->pid;
	u32 tgid = context->clone_flags & CLONE_THREAD ? (u32)(bpf_get_current_pid_tgid() >> 32) : tid;

	return on_fork(tid, tgid, NULL);
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
	to->class = from->class;
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

	if (n_users)
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

#include "tally.bpf.h" /* the programs that count instead */
