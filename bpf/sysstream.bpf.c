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
#include "select.bpf.h"
#include "target.bpf.h"
#include "text.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

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

/* The call that the slot is in will not return. */
static __noinline void write_last_call(struct ring_slot *slot, u64 entry)
{
	if (!is_open_wanted(0)) {
		slot->passed++;
		return;
	}
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

/*
 * A call begins in a process that is recorded. selects: this is select_enter. What is rarely done stands in functions
 * of their own, here and below: clang's BPF back end leaves blocks in the order of the source, and the processor would
 * fetch the lines between those that are needed.
 */
static __always_inline int begin_call(struct pt_regs *regs, u8 by, u32 tid, u8 class, u32 nr, bool selects)
{
	/* Early: the clock waits for everything before it (rdtsc does), while what comes after may overlap with the
	 * call. */
	u64 now = selects ? 0 : bpf_ktime_get_ns();
	struct ring_slot *slot = thread_slot(tid);

	if (!slot) {
		ADD(&lost[RING_CAUSE_THREADS], 1);
		return 0;
	}
	if (slot->attention || slot->entry)
		before_call(slot);
	if (by & RING_MOVED)
		move_place(slot);
	if (selects) {
		slot->excluded = is_excluded(class, nr);
		if (slot->excluded) {
			pass_call(slot);
			return 0;
		}
		now = bpf_ktime_get_ns();
	}
	struct ring_info info = info_of(class, nr);

	slot->class_nargs = RING_CLASS_NARGS(class, info.flags & RING_NARGS_MASK);
	slot->captures = 0;
	slot->excluded = 0;
	slot->nr = nr;
	call_args(slot->arg, regs, class);
	slot->seq++;
	WRITE(slot->busy, 1);
	struct ring_chunk *chunk = chunk_of(slot);

	/* Without text the verifier need not look at how. */
	if (every.text_limit && info.plan && !(chunk && capture_string(slot, chunk, info)))
		capture_entry(slot, now, stack_pointer(regs, class));
	else if (chunk)
		touch_ahead(chunk);
	WRITE(slot->busy, 0);
	if (never_returns(class, nr))
		write_last_call(slot, now);
	else
		WRITE(slot->entry, now);
	return 0;
}

static __always_inline int begin_any(struct pt_regs *regs, u8 by, long id, bool selects)
{
	struct task_struct *task = current_task();
	u8 class = call_class(task, id);

	return begin_call(regs, by, task_tid(task), class, call_nr(class, id), selects);
}

/* Of another ABI than the machine's. */
static __noinline int begin_foreign(struct pt_regs *regs, u8 by, long id)
{
	return begin_any(regs, by, id, false);
}

static __always_inline int on_enter(struct pt_regs *regs, long id, bool selects)
{
	struct task_struct *task = current_task();
	u8 by = recorded_by(task_tgid(task));

	if (!(by & RING_BY_ANY))
		return 0;
	if (selects) /* already in a function of its own, and programs may call each other eight deep at most */
		return begin_any(regs, by, id, true);
	if (is_foreign(task, id))
		return begin_foreign(regs, by, id);
	return begin_call(regs, by, task_tid(task), RING_NATIVE, id, false);
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
	struct ring_info info = info_of(class, nr);
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
	slot->class_nargs = RING_CLASS_NARGS(class, info.flags & RING_NARGS_MASK);
	slot->nr = nr;
	call_args(slot->arg, regs, class);
	slot->seq++;
	if (every.text_limit && info.plan)
		capture_all(slot, info.plan, bpf_ktime_get_ns(), (s64)ret);
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
	bool last = exit_nr(regs) == -1 && is_sigreturn(slot_class(slot), slot->nr);
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
	if (every.text_limit && slot->captures)
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
	if (every.n_users)
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

#include "life.bpf.h"  /* how threads begin, change and end */
#include "tally.bpf.h" /* the programs that count instead */
