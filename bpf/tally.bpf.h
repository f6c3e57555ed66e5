/*
 * tally.bpf.h - the programs of sysstream --tally: count calls, in a table of each thread's own (tally.h).
 *
 * Part of sysstream.bpf.c, whose targets, slots and chunks they use. sys_enter notes which call has begun and when;
 * sys_exit adds to an entry of the table in the thread's chunk. Only the thread writes there.
 */
#ifndef SYSSTREAM_TALLY_BPF_H
#define SYSSTREAM_TALLY_BPF_H

#include "select.bpf.h"
#include "tally.h"
#include "target.bpf.h"

u64 processes_began SHARED; /* among those recorded */
u64 processes_ended SHARED;

/* What is known of a call. */
enum tally_kind {
	TALLY_RETURNED,   /* result and duration */
	TALLY_UNTIMED,    /* the result: nobody saw it begin */
	TALLY_NO_RETURN,  /* nothing: it does not return */
	TALLY_UNFINISHED, /* nothing: the thread ended inside */
};

/* --- the table ------------------------------------------------------------------------------------------- */

static __always_inline struct tally_table *tally_table(u32 c)
{
	struct ring_chunk *chunk = c ? chunk_at(c - 1) : NULL;

	return chunk ? (struct tally_table *)chunk->data : NULL;
}

/* Calls that often come together are not in one place: write and openat, say, are 256 apart. */
static __always_inline u32 tally_hash(u32 class, u32 nr)
{
	return nr + (nr >> 7) * 37u + class * 85u;
}

/* number: 1 + index; 0: none */
static __always_inline struct tally_entry *tally_entry_at(struct tally_table *table, u32 number)
{
	u64 i = (u64)number - 1;

	if (i >= TALLY_LINES)
		return NULL;
	/* asm, so that the compiler leaves the order as it is: the verifier has to see the limit first */
	asm volatile("" : "+r"(i));
	return &table->entries[i];
}

static __always_inline bool tally_is_of(const struct tally_entry *entry, u32 class, u32 nr)
{
	return entry->nr == nr && entry->class == class;
}

/* Of a table that has one: nearly always in its first place. */
static __always_inline struct tally_entry *tally_find(struct tally_table *table, u8 class, u32 nr)
{
	struct tally_entry *entry = tally_entry_at(table, table->index[tally_hash(class, nr) % TALLY_INDEX]);

	return entry && tally_is_of(entry, class, nr) ? entry : NULL;
}

static __always_inline bool tally_has_room(const struct tally_table *table, u32 entries, u32 groups)
{
	return 2 * (table->n_entries + entries) + table->n_groups + groups <= 2 * TALLY_LINES;
}

static __always_inline bool tally_moves(u32 class, u32 nr)
{
	return nr < RING_NARGS && class < RING_CLASSES && every.call_info[class][nr].moves;
}

static __always_inline struct tally_table *tally_table_of(struct ring_slot *slot)
{
	return slot ? tally_table(READ(slot->chunk)) : NULL;
}

/*
 * Find it in the table of a slot, wherever it is, or make it: 1 + index; 0 when the table is full. Global functions,
 * here and below, as in thread.bpf.h: the verifier looks at each once.
 */
__noinline u32 tally_number(u32 index, u32 class, u32 nr)
{
	struct tally_table *table = tally_table_of(slot_at(index));
	struct tally_entry *entry;

	if (!table)
		return 0;
	for (u32 i = 0; i < TALLY_PROBES; i++) {
		u32 place = (tally_hash(class, nr) + i) % TALLY_INDEX;
		u32 number = table->index[place];

		if (number) {
			entry = tally_entry_at(table, number);
			if (entry && tally_is_of(entry, class, nr))
				return number;
			continue;
		}
		entry = tally_has_room(table, 1, 0) ? tally_entry_at(table, table->n_entries + 1) : NULL;
		if (!entry)
			return 0;
		entry->nr = nr;
		entry->class = class;
		entry->moves = tally_moves(class, nr);
		table->index[place] = ++table->n_entries;
		return table->n_entries;
	}
	return 0;
}

/* The same entry; NULL: there is none. */
static __always_inline struct tally_entry *tally_get(struct ring_slot *slot, u8 class, u32 nr)
{
	u32 number = tally_number(slot->index, class, nr);
	struct tally_table *table = tally_table_of(slot);

	return table ? tally_entry_at(table, number) : NULL;
}

/* Where the calls of this cell are counted; NULL: nowhere yet. */
static __always_inline u16 *tally_count(struct tally_table *table, const struct tally_entry *entry, u32 cell)
{
	u64 i = 2 * TALLY_LINES - (u64)entry->group[cell / TALLY_GROUP % TALLY_GROUPS];

	if (i >= 2 * TALLY_LINES)
		return NULL;
	asm volatile("" : "+r"(i));
	return &table->cells[i][cell % TALLY_GROUP];
}

/* The same, with a new group if need be; NULL when the table is full. */
static __always_inline u16 *tally_make_count(struct tally_table *table, struct tally_entry *entry, u32 cell)
{
	u16 *count;

	if (!table || !entry)
		return NULL;
	count = tally_count(table, entry, cell);
	if (count || !tally_has_room(table, 0, 1))
		return count;
	entry->group[cell / TALLY_GROUP % TALLY_GROUPS] = ++table->n_groups;
	return tally_count(table, entry, cell);
}

/* 2^n if v has no less than 2^n bits, which are all below the highest one; else 0. */
#define TALLY_HALF(v, n) ((((1ull << (1u << (n))) - 1 - (v)) >> 63) << (n))

/*
 * Which cell a duration counts in: the highest bit and the two below it tell. Without a branch: durations are never
 * the same, so that the processor would guess wrong.
 */
static __always_inline u32 tally_cell(u64 ns)
{
	u64 v = ns >> TALLY_LEAST_POWER, half;
	u32 power;

	if (!v)
		return 0;
	if (v >> 32)
		return TALLY_CELLS - 1;
	half = TALLY_HALF(v, 4);
	v >>= half;
	power = half;
	half = TALLY_HALF(v, 3);
	v >>= half;
	power += half;
	half = TALLY_HALF(v, 2);
	v >>= half;
	power += half;
	half = TALLY_HALF(v, 1);
	v >>= half;
	power += half;
	power += v >> 1;
	return (4 * power + (u32)(ns >> (power + TALLY_LEAST_POWER - 2)) % 4) % TALLY_CELLS;
}

/* --- chunks ---------------------------------------------------------------------------------------------- */

/* Calls that there was no table for come with the next one. Which durations they had is not known. */
static __always_inline int tally_bring(struct ring_slot *slot)
{
	struct tally_entry *entry;
	u32 calls;

	entry = tally_get(slot, TALLY_ANY_CLASS, 0);
	if (!entry)
		return 0;
	calls = slot->lost > 0xffffffff ? 0xffffffff : (u32)slot->lost;
	entry->calls = calls;
	entry->errors = (u32)slot->arg[TALLY_ARG_ERRORS];
	entry->unfinished = (u32)slot->arg[TALLY_ARG_UNFINISHED];
	entry->timed = (u32)slot->arg[TALLY_ARG_TIMED];
	entry->total = slot->arg[TALLY_ARG_TOTAL];
	entry->max = slot->arg[TALLY_ARG_MAX];
	entry->bytes = slot->arg[TALLY_ARG_BYTES];
	slot->lost = 0;
	__builtin_memset(slot->arg, 0, sizeof(slot->arg));
	return 0;
}

/* Another chunk for the thread of a slot, in place of the one it has. 0, or -1: there is none. */
__noinline int tally_open(u32 index)
{
	struct ring_slot *slot = slot_at(index);

	if (!slot)
		return -1;
	close_chunk(slot);
	long c = take_chunk();

	if (c < 0)
		return -1;
	struct ring_chunk *chunk = chunk_at((u32)c);

	if (!chunk)
		return -1;
	chunk->slot = slot->index;
	chunk->gen = slot->gen;
	chunk->tid = slot->tid;
	chunk->tgid = slot->tgid;
	chunk->container = slot->container;
	chunk->pidns = slot->pidns;
	chunk->ns_tid = slot->ns_tid;
	chunk->ns_tgid = slot->ns_tgid;
	current_comm(chunk->comm);
	slot->attention &= ~RING_ATTEND_NAME;
	set_chunk_state((u32)c, RING_ACTIVE);
	WRITE(slot->chunk, (u32)c + 1);
	if (slot->lost)
		tally_bring(slot);
	return 0;
}

/* --- counting; the slot's class and nr say which call ------------------------------------------------------ */

static __always_inline s64 tally_result(u8 class, long ret)
{
	return class == RING_COMPAT ? (s32)ret : ret;
}

static __always_inline void tally_add_result(struct tally_entry *entry, u8 class, long ret)
{
	s64 result = tally_result(class, ret);

	if (result < 0 && result >= -4095)
		entry->errors++;
	else if (result > 0 && entry->moves)
		entry->bytes += result;
}

/* Without a chunk: into the slot. */
__noinline int tally_keep(u32 index, u64 duration, s64 ret, u32 kind)
{
	struct ring_slot *slot = slot_at(index);

	if (!slot)
		return 0;
	u8 class = slot->class;
	s64 result = tally_result(class, ret);

	if (!slot->lost++)
		__builtin_memset(slot->arg, 0, sizeof(slot->arg));
	slot->arg[TALLY_ARG_UNFINISHED] += kind == TALLY_UNFINISHED;
	if (kind == TALLY_RETURNED) {
		slot->arg[TALLY_ARG_TIMED]++;
		slot->arg[TALLY_ARG_TOTAL] += duration;
		if (duration > slot->arg[TALLY_ARG_MAX])
			slot->arg[TALLY_ARG_MAX] = duration;
	}
	if (kind > TALLY_UNTIMED)
		return 0;
	if (result < 0 && result >= -4095)
		slot->arg[TALLY_ARG_ERRORS]++;
	else if (result > 0 && tally_moves(class, slot->nr))
		slot->arg[TALLY_ARG_BYTES] += result;
	return 0;
}

/* An entry for the call, if need be in another chunk; NULL without a free one. */
static __always_inline struct tally_entry *tally_room(struct ring_slot *slot)
{
	struct tally_entry *entry = tally_get(slot, slot->class, slot->nr);

	if (entry && entry->calls != 0xffffffff)
		return entry;
	return tally_open(slot->index) ? NULL : tally_get(slot, slot->class, slot->nr);
}

static __always_inline void tally_add_time(struct tally_entry *entry, u16 *count, u64 duration)
{
	entry->calls++;
	entry->total += duration;
	if (duration > entry->max)
		entry->max = duration;
	++*count;
}

/* Add to the thread's table, what is missing in it is made. 0; -1: it is full. */
__noinline int tally_try(u32 index, u64 duration, s64 ret)
{
	struct ring_slot *slot = slot_at(index);
	struct tally_entry *entry = slot ? tally_get(slot, slot->class, slot->nr) : NULL;
	u16 *count = entry ? tally_make_count(tally_table_of(slot), entry, tally_cell(duration)) : NULL;

	if (!count || *count == TALLY_FULL || entry->calls == 0xffffffff)
		return -1;
	tally_add_time(entry, count, duration);
	tally_add_result(entry, slot->class, ret);
	return 0;
}

/* The first call of its kind, or of such a duration, in this table. */
static __noinline int tally_first(u32 index, u64 duration, s64 ret)
{
	if (!tally_try(index, duration, ret))
		return 0;
	if (tally_open(index) || tally_try(index, duration, ret))
		tally_keep(index, duration, ret, TALLY_RETURNED);
	return 0;
}

static __always_inline void tally_returned(struct ring_slot *slot, u64 duration, long ret)
{
	u8 class = slot->class;
	struct tally_table *table = tally_table(READ(slot->chunk));
	struct tally_entry *entry = table ? tally_find(table, class, slot->nr) : NULL;
	u16 *count = entry ? tally_count(table, entry, tally_cell(duration)) : NULL;

	if (!count || *count == TALLY_FULL) {
		tally_first(slot->index, duration, ret);
		return;
	}
	tally_add_time(entry, count, duration);
	tally_add_result(entry, class, ret);
}

/* A call without a duration. */
__noinline int tally_add_untimed(u32 index, s64 ret, u32 kind)
{
	struct ring_slot *slot = slot_at(index);
	struct tally_entry *entry;

	if (!slot)
		return 0;
	WRITE(slot->busy, 1);
	entry = tally_room(slot);
	if (entry) {
		entry->calls++;
		entry->unfinished += kind == TALLY_UNFINISHED;
		if (kind <= TALLY_UNTIMED)
			tally_add_result(entry, slot->class, ret);
	} else {
		tally_keep(index, 0, ret, kind);
	}
	WRITE(slot->busy, 0);
	return 0;
}

static __always_inline void tally_other(struct ring_slot *slot, long ret, u32 kind)
{
	tally_add_untimed(slot->index, ret, kind);
}

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
	slot->class = class;
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
	slot->class = class;
	slot->nr = nr;
	tally_other(slot, ret, first && is_torn_off(task, ret) ? TALLY_UNFINISHED : TALLY_UNTIMED);
	return 0;
}

static __always_inline void tally_end_call(struct ring_slot *slot, struct task_struct *task, struct pt_regs *regs,
					   u64 now, long ret)
{
	u64 duration = now - slot->entry;
	bool last = exit_nr(regs) == -1 && is_sigreturn(slot->class, slot->nr), torn = is_torn_off(task, ret);

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
	u32 tid = context->pid;
	u32 tgid = context->clone_flags & CLONE_THREAD ? (u32)(bpf_get_current_pid_tgid() >> 32) : tid;

	return tally_fork(tid, tgid, NULL);
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
		slot->class = old->class;
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
