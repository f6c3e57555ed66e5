/*
 * sysstream.bpf.c - one record for each system call of the recorded processes.
 *
 * sys_enter keeps what is only known then (number, arguments, time) in the thread's slot; sys_exit makes one record of
 * it in the thread's chunk. Four more programs follow the life of threads. Nothing here is shared between threads but
 * the queue of free chunks, so that it does not matter whether the kernel runs the programs preemptibly.
 */
#include "kernel.bpf.h"
#include "ring.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* Set before load. */
const volatile u32 slot_mask;                         /* number of slots − 1 */
const volatile u32 chunk_queue_mask;                  /* length of free_chunks − 1 */
const volatile bool record_all;                       /* recorded[] stays as it is when a process ends */
const volatile bool follow;                           /* children of recorded processes are recorded */
const volatile u8 nargs_of[RING_CLASSES][RING_NARGS]; /* declared arguments by call number */

/* Shared with the recorder. */
u8 recorded[RING_PID_LIMIT]; /* by tgid; the recorder opens and closes the recording with it */
u8 chunk_state[RING_CHUNKS_MAX];
u32 free_chunks[RING_CHUNKS_MAX]; /* queue: the recorder puts at free_tail, threads take at free_head */
u32 free_head;
u32 free_tail;
s64 processes;         /* recorded processes alive */
u64 lost[RING_CAUSES]; /* calls lost by cause, all threads; a slot or a gap record says whose */
u64 facts_lost;        /* fork, exec and exit records that found no room */
u64 dead_slots;        /* slots ever left as RING_SLOT_DEAD */

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct ring_slot);
} slots SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct ring_chunk);
} chunks SEC(".maps");

/* Plain additions, no result: the only atomic operation that every kernel since 5.8 has. */
#define ADD(p, n)   ((void)__sync_fetch_and_add((p), (n)))
#define READ(x)     (*(volatile typeof(x) *)&(x))
#define WRITE(x, v) (*(volatile typeof(x) *)&(x) = (v))

/*
 * Make a record visible: everything written before is seen by whoever sees n. x86 keeps the order of stores; arm64
 * needs an exchange, which is a full barrier there (Linux 5.12 and later).
 */
static __always_inline void publish(u32 *used, u32 n)
{
#if defined(__TARGET_ARCH_x86)
	asm volatile("" ::: "memory");
	WRITE(*used, n);
#else
	__sync_lock_test_and_set(used, n);
#endif
}

static __always_inline bool is_recorded(u32 tgid)
{
	/* The mask is for the verifier; asm, so that the compiler does not reason it away (a tgid is always below the
	 * limit). */
	asm volatile("%0 &= %1" : "+r"(tgid) : "i"(RING_PID_LIMIT - 1));
	return recorded[tgid];
}

static __always_inline void set_recorded(u32 tgid, u8 value)
{
	asm volatile("%0 &= %1" : "+r"(tgid) : "i"(RING_PID_LIMIT - 1));
	recorded[tgid] = value;
}

static __always_inline struct task_struct *current_task(void)
{
	return (struct task_struct *)bpf_get_current_task_btf();
}

/* --- architecture ---------------------------------------------------------------------------------------- */

static __always_inline u8 call_class(struct task_struct *task, long id)
{
#if defined(__TARGET_ARCH_x86)
	if (task->thread_info.status & TS_COMPAT)
		return RING_COMPAT;
	return (u32)id != 0xffffffffu && ((u32)id & X32_SYSCALL_BIT) ? RING_X32 : RING_NATIVE;
#else
	return task->thread_info.flags >> TIF_32BIT & 1 ? RING_COMPAT : RING_NATIVE;
#endif
}

static __always_inline u32 call_nr(u8 class, long id)
{
#if defined(__TARGET_ARCH_x86)
	return class == RING_X32 ? (u32)id & ~X32_SYSCALL_BIT : (u32)id;
#else
	return (u32)id;
#endif
}

static __always_inline void call_args(struct ring_slot *slot, struct pt_regs *regs, u8 class)
{
#if defined(__TARGET_ARCH_x86)
	if (class == RING_COMPAT) {
		slot->arg[0] = (u32)regs->bx;
		slot->arg[1] = (u32)regs->cx;
		slot->arg[2] = (u32)regs->dx;
		slot->arg[3] = (u32)regs->si;
		slot->arg[4] = (u32)regs->di;
		slot->arg[5] = (u32)regs->bp;
		return;
	}
	slot->arg[0] = regs->di;
	slot->arg[1] = regs->si;
	slot->arg[2] = regs->dx;
	slot->arg[3] = regs->r10;
	slot->arg[4] = regs->r8;
	slot->arg[5] = regs->r9;
#else
	u64 mask = class == RING_COMPAT ? 0xffffffffu : ~0ull;

	slot->arg[0] = regs->orig_x0 & mask; /* x0 is the result by the time of sys_exit */
	slot->arg[1] = regs->regs[1] & mask;
	slot->arg[2] = regs->regs[2] & mask;
	slot->arg[3] = regs->regs[3] & mask;
	slot->arg[4] = regs->regs[4] & mask;
	slot->arg[5] = regs->regs[5] & mask;
#endif
}

/* The number of the call that is returning; −1 where it is not one (a finished rt_sigreturn). */
static __always_inline s64 exit_nr(struct pt_regs *regs)
{
#if defined(__TARGET_ARCH_x86)
	return (s64)regs->orig_ax;
#else
	return regs->syscallno;
#endif
}

static __always_inline bool never_returns(u8 class, u32 nr)
{
#if defined(__TARGET_ARCH_x86)
	return class == RING_COMPAT ? nr == 1 || nr == 252 : nr == 60 || nr == 231;
#else
	return class == RING_COMPAT ? nr == 1 || nr == 248 : nr == 93 || nr == 94;
#endif
}

/* rt_sigreturn and sigreturn put back the registers of before the signal, the "result" among them. */
static __always_inline bool is_sigreturn(u8 class, u32 nr)
{
#if defined(__TARGET_ARCH_x86)
	return class == RING_COMPAT ? nr == 119 || nr == 173 : class == RING_X32 ? nr == 513 : nr == 15;
#else
	return class == RING_COMPAT ? nr == 119 || nr == 173 : nr == 139;
#endif
}

/* A child's first return to user space comes out of the parent's call, without an entry of its own. */
static __always_inline bool is_fork(u8 class, u32 nr)
{
#if defined(__TARGET_ARCH_x86)
	return class == RING_COMPAT ? nr == 2 || nr == 120 || nr == 190 || nr == 435
				    : nr == 56 || nr == 57 || nr == 58 || nr == 435;
#else
	return class == RING_COMPAT ? nr == 2 || nr == 120 || nr == 190 || nr == 435 : nr == 220 || nr == 435;
#endif
}

/* --- slots ----------------------------------------------------------------------------------------------- */

static __always_inline struct ring_slot *slot_at(u32 i)
{
	i &= slot_mask;
	return bpf_map_lookup_elem(&slots, &i);
}

static __noinline struct ring_slot *find_slot_beyond(u32 tid)
{
	for (u32 i = 1; i < RING_SLOT_WINDOW; i++) {
		struct ring_slot *slot = slot_at(tid + i);

		if (slot && slot->tid == tid)
			return slot;
	}
	return NULL;
}

/* The tid is the hash: tids are dense, so the first place is nearly always the right one. */
static __always_inline struct ring_slot *find_slot(u32 tid)
{
	struct ring_slot *slot = slot_at(tid);

	if (slot && slot->tid == tid)
		return slot;
	return find_slot_beyond(tid);
}

/* Take a free slot for tid. Whoever reads back 1 after adding 1 owns it; two at once both try the next. */
static __noinline struct ring_slot *take_slot(u32 tid, u32 tgid)
{
	for (u32 i = 0; i < RING_SLOT_WINDOW; i++) {
		struct ring_slot *slot = slot_at(tid + i);

		if (!slot || READ(slot->tid))
			continue;
		ADD(&slot->claims, 1);
		if (READ(slot->claims) != 1) {
			ADD(&slot->claims, -1);
			continue;
		}
		slot->chunk = 0;
		slot->busy = 0;
		slot->attention = 0;
		slot->entry = 0;
		slot->seq = 0;
		slot->gen++;
		slot->index = (tid + i) & slot_mask;
		slot->tgid = tgid;
		slot->ordinal = 0;
		slot->lost = 0;
		WRITE(slot->tid, tid);
		return slot;
	}
	return NULL;
}

static __always_inline void release_slot(struct ring_slot *slot)
{
	slot->entry = 0;
	WRITE(slot->tid, 0);
	ADD(&slot->claims, -1);
}

/* --- chunks ---------------------------------------------------------------------------------------------- */

static __always_inline struct ring_chunk *chunk_at(u32 i)
{
	return bpf_map_lookup_elem(&chunks, &i);
}

static __always_inline void set_chunk_state(u32 i, u8 state)
{
	asm volatile("" ::: "memory");
	WRITE(chunk_state[i & (RING_CHUNKS_MAX - 1)], state);
}

/* No more records into the chunk: the recorder may free it once read. */
static __always_inline void close_chunk(struct ring_slot *slot)
{
	u32 c = READ(slot->chunk);

	if (!c)
		return;
	WRITE(slot->chunk, 0);
	set_chunk_state(c - 1, RING_FULL);
}

static __always_inline void copy_comm(char *to, const char *from)
{
	__builtin_memcpy(to, from, RING_COMM);
}

static __always_inline void write_gap(struct ring_chunk *chunk, struct ring_slot *slot, u64 now)
{
	struct ring_gap *gap = (struct ring_gap *)chunk->data;

	__builtin_memset(gap, 0, sizeof(*gap));
	gap->kind = RING_GAP;
	gap->cause = RING_CAUSE_FULL;
	gap->count = slot->lost;
	gap->first = slot->lost_first;
	gap->last = now;
	chunk->used = sizeof(*gap);
	slot->lost = 0;
}

/* The next free chunk, owned by the caller; -1: none. Two takers may see the same head: the claim word decides. */
static __noinline long take_chunk(void)
{
	for (int i = 0; i < 32; i++) {
		u32 head = READ(free_head);

		if (head == READ(free_tail))
			return -1;
		u32 c = READ(free_chunks[head & chunk_queue_mask & (RING_CHUNKS_MAX - 1)]);

		WRITE(free_head, head + 1);
		struct ring_chunk *chunk = chunk_at(c);

		if (!chunk)
			return -1;
		ADD(&chunk->claims, 1);
		if (READ(chunk->claims) == 1)
			return c;
		ADD(&chunk->claims, -1);
	}
	return -1;
}

/*
 * Close the thread's chunk and open another; a gap record comes first where calls were lost. now: entry of the call
 * that is to be recorded, whose number is seq; without one, what the next will have. Returns 0, or -1 without a free
 * chunk.
 */
static __noinline int open_chunk(struct ring_slot *slot, u64 seq, u64 now)
{
	close_chunk(slot);
	long c = take_chunk();

	if (c < 0)
		return -1;
	struct ring_chunk *chunk = chunk_at((u32)c);

	if (!chunk)
		return -1;
	struct task_struct *task = current_task();

	chunk->used = 0;
	chunk->slot = slot->index;
	chunk->gen = slot->gen;
	chunk->ordinal = slot->ordinal++;
	chunk->tid = slot->tid;
	chunk->tgid = slot->tgid;
	chunk->first_seq = seq - slot->lost;
	copy_comm(chunk->comm, task->comm);
	slot->attention &= ~RING_ATTEND_NAME;
	if (slot->lost)
		write_gap(chunk, slot, now);
	set_chunk_state((u32)c, RING_ACTIVE);
	WRITE(slot->chunk, (u32)c + 1);
	return 0;
}

/* Where the thread's next record goes: *off bytes into the data of the chunk returned, with room for any one record. */
static __always_inline struct ring_chunk *room(struct ring_slot *slot, u64 seq, u64 now, u32 *off)
{
	u32 c = READ(slot->chunk);

	if (c) {
		struct ring_chunk *chunk = chunk_at(c - 1);

		if (chunk) {
			*off = chunk->used;
			if (*off <= RING_CHUNK_DATA - RING_RECORD_MAX)
				return chunk;
		}
	}
	if (open_chunk(slot, seq, now))
		return NULL;
	c = READ(slot->chunk);
	struct ring_chunk *chunk = chunk_at(c - 1);

	if (!chunk)
		return NULL;
	*off = chunk->used;
	return *off <= RING_CHUNK_DATA - RING_RECORD_MAX ? chunk : NULL;
}

/* --- records --------------------------------------------------------------------------------------------- */

static __always_inline void count_lost(struct ring_slot *slot, u64 entry)
{
	if (!slot->lost++)
		slot->lost_first = entry;
	ADD(&lost[RING_CAUSE_FULL], 1);
}

/*
 * The record of the call that the slot is in, whose number is slot->seq. Everything of it is written, and six arguments
 * always: the next record begins after the declared ones.
 */
static __always_inline void write_call(struct ring_slot *slot, u8 state, u64 entry, u64 duration, u64 ret)
{
	u32 off = 0;
	struct ring_chunk *chunk = room(slot, slot->seq, entry, &off);

	if (!chunk) {
		count_lost(slot, entry);
		return;
	}
	u8 class = slot->class;
	u32 nr = slot->nr;
	u8 nargs = nr < RING_NARGS && class < RING_CLASSES ? nargs_of[class][nr] : 6;
	struct ring_call *call = (struct ring_call *)(chunk->data + off);

	call->kind_state = RING_CALL | state << 4;
	call->class_nargs = class << 4 | nargs;
	call->cpu = bpf_get_smp_processor_id();
	call->nr = nr;
	call->entry = entry;
	call->duration = duration;
	call->ret = ret;
	call->arg[0] = slot->arg[0];
	call->arg[1] = slot->arg[1];
	call->arg[2] = slot->arg[2];
	call->arg[3] = slot->arg[3];
	call->arg[4] = slot->arg[4];
	call->arg[5] = slot->arg[5];
	publish(&chunk->used, off + RING_CALL_SIZE((u32)nargs));
}

/* A program run for this thread was skipped by the kernel: a call began, and its exit was never seen. */
static __noinline void write_skipped(struct ring_slot *slot)
{
	u32 off = 0;
	u64 entry = slot->entry;
	struct ring_chunk *chunk;

	slot->entry = 0;
	chunk = room(slot, slot->seq, entry, &off);
	if (!chunk) {
		count_lost(slot, entry);
		return;
	}
	struct ring_gap *gap = (struct ring_gap *)(chunk->data + off);

	__builtin_memset(gap, 0, sizeof(*gap));
	gap->kind = RING_GAP;
	gap->cause = RING_CAUSE_SKIPPED;
	gap->count = 1;
	gap->first = gap->last = entry;
	ADD(&lost[RING_CAUSE_SKIPPED], 1);
	publish(&chunk->used, off + sizeof(*gap));
}

/* The thread has another name since its last record. A chunk opened on the way says so in its header. */
static __noinline void write_name(struct ring_slot *slot)
{
	u32 off = 0;
	struct ring_chunk *chunk = room(slot, slot->seq + 1, 0, &off);

	if (!chunk || !(slot->attention & RING_ATTEND_NAME))
		return;
	struct ring_name *name = (struct ring_name *)(chunk->data + off);

	__builtin_memset(name, 0, 8);
	name->kind = RING_NAME;
	copy_comm(name->comm, current_task()->comm);
	slot->attention &= ~RING_ATTEND_NAME;
	publish(&chunk->used, off + sizeof(*name));
}

static __noinline int write_exit(struct ring_slot *slot, u32 code, u32 superseded)
{
	u32 off = 0;
	u64 now = bpf_ktime_get_ns();
	struct ring_chunk *chunk = room(slot, slot->seq + 1, now, &off);

	if (!chunk)
		return -1;
	struct ring_exit *record = (struct ring_exit *)(chunk->data + off);

	__builtin_memset(record, 0, sizeof(*record));
	record->kind = RING_EXIT;
	record->code = code;
	record->time = now;
	record->superseded = superseded;
	publish(&chunk->used, off + sizeof(*record));
	close_chunk(slot);
	return 0;
}

/* --- system calls ---------------------------------------------------------------------------------------- */

/* The first event of a thread: a slot, and a chunk, so that the recorder learns of the thread. */
static __noinline struct ring_slot *begin_thread(struct task_struct *task)
{
	struct ring_slot *slot = take_slot(task->pid, task->tgid);

	if (!slot)
		return NULL;
	open_chunk(slot, 1, 0);
	return slot;
}

static __always_inline struct ring_slot *thread_slot(struct task_struct *task)
{
	struct ring_slot *slot = find_slot(task->pid);

	if (slot)
		return slot;
	return begin_thread(task);
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

static __always_inline int on_enter(struct pt_regs *regs, long id)
{
	struct task_struct *task = current_task();

	if (!is_recorded(task->tgid))
		return 0;
	/* Early: the clock waits for everything before it (rdtsc does), while what comes after may overlap with the
	 * call. */
	u64 now = bpf_ktime_get_ns();
	struct ring_slot *slot = thread_slot(task);

	if (!slot) {
		ADD(&lost[RING_CAUSE_THREADS], 1);
		return 0;
	}
	if (slot->attention || slot->entry)
		before_call(slot);
	u8 class = call_class(task, id);
	u32 nr = call_nr(class, id);

	slot->class = class;
	slot->nr = nr;
	call_args(slot, regs, class);
	slot->seq++;
	if (never_returns(class, nr))
		write_last_call(slot, now);
	else
		WRITE(slot->entry, now);
	return 0;
}

/*
 * −ERESTARTSYS (−512) to −ERESTART_RESTARTBLOCK (−516) of a thread that is being killed: the call was torn off and
 * nobody will ever see its result. Any fatal signal but those that dump core puts SIGKILL into each thread's own set
 * (complete_signal()).
 */
static __always_inline bool is_torn_off(struct task_struct *task, long ret)
{
	return ret >= -516 && ret <= -512 && (task->pending.signal.sig[0] >> (SIGKILL - 1) & 1);
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
		slot = begin_thread(task);
	if (!slot) {
		ADD(&lost[RING_CAUSE_THREADS], 1);
		return;
	}
	if (slot->attention & RING_ATTEND_SKIP) {
		slot->attention &= ~RING_ATTEND_SKIP;
		return;
	}
	if (id == -1 || (first && ret == 0 && is_fork(class, nr)))
		return;
	WRITE(slot->busy, 1);
	slot->class = class;
	slot->nr = nr;
	call_args(slot, regs, class);
	slot->seq++;
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

static __noinline void write_torn_call(struct ring_slot *slot, u64 entry)
{
	WRITE(slot->busy, 1);
	write_call(slot, RING_UNFINISHED, entry, 0, 0);
	WRITE(slot->busy, 0);
}

static __always_inline int on_exit(struct pt_regs *regs, long ret)
{
	struct task_struct *task = current_task();

	if (!is_recorded(task->tgid))
		return 0;
	u64 now = bpf_ktime_get_ns();
	struct ring_slot *slot = find_slot(task->pid);

	if (!slot || !slot->entry) {
		return_without_entry(slot, task, regs, (u64)ret);
		return 0;
	}
	u64 entry = slot->entry;

	WRITE(slot->busy, 1);
	if (exit_nr(regs) == -1 && is_sigreturn(slot->class, slot->nr))
		write_last_call(slot, entry);
	else if (is_torn_off(task, ret))
		write_torn_call(slot, entry);
	else
		write_call(slot, RING_OK, entry, now - entry, (u64)ret);
	asm volatile("" ::: "memory");
	WRITE(slot->entry, 0);
	if (slot->attention & RING_ATTEND_MOVED)
		finish_move(slot);
	WRITE(slot->busy, 0);
	return 0;
}

SEC("tp_btf/sys_enter")
int BPF_PROG(sys_enter, struct pt_regs *regs, long id)
{
	return on_enter(regs, id);
}

SEC("tp_btf/sys_exit")
int BPF_PROG(sys_exit, struct pt_regs *regs, long ret)
{
	return on_exit(regs, ret);
}

/* --- life of threads ------------------------------------------------------------------------------------- */

/* Runs in the parent, before the child can run (kernel_clone() in the kernel). */
SEC("tp_btf/sched_process_fork")
int BPF_PROG(sched_process_fork, struct task_struct *parent, struct task_struct *child)
{
	u32 tgid = parent->tgid, child_tgid = child->tgid;

	if (!is_recorded(tgid))
		return 0;
	if (child_tgid != tgid && follow && !record_all) {
		set_recorded(child_tgid, RING_RECORDED);
		ADD(&processes, 1);
	}
	struct ring_slot *slot = find_slot(parent->pid);
	u32 off = 0;

	if (!slot)
		return 0;
	WRITE(slot->busy, 1);
	/* The call in progress has a number already: its record comes after this one. */
	struct ring_chunk *chunk = room(slot, slot->seq + !slot->entry, bpf_ktime_get_ns(), &off);

	if (chunk) {
		struct ring_fork *record = (struct ring_fork *)(chunk->data + off);

		__builtin_memset(record, 0, sizeof(*record));
		record->kind = RING_FORK;
		record->tid = child->pid;
		record->tgid = child_tgid;
		record->time = bpf_ktime_get_ns();
		publish(&chunk->used, off + sizeof(*record));
	} else {
		ADD(&facts_lost, 1);
	}
	WRITE(slot->busy, 0);
	return 0;
}

/* May run in another thread (a write to /proc/PID/comm): only leave word; the thread itself makes the record. */
SEC("tp_btf/task_rename")
int BPF_PROG(task_rename, struct task_struct *task, const char *comm)
{
	if (!is_recorded(task->tgid))
		return 0;
	struct ring_slot *slot = find_slot(task->pid);

	if (slot)
		slot->attention |= RING_ATTEND_NAME;
	return 0;
}

static __always_inline void copy_call(struct ring_slot *to, const struct ring_slot *from)
{
	to->chunk = from->chunk;
	to->attention = from->attention | RING_ATTEND_MOVED;
	to->class = from->class;
	to->nr = from->nr;
	to->seq = from->seq;
	to->ordinal = from->ordinal;
	for (int i = 0; i < 6; i++)
		to->arg[i] = from->arg[i];
	WRITE(to->entry, from->entry);
}

/* The thread that called execve has become the leader and got its tid (de_thread() in the kernel). */
static __noinline void move_slot(u32 old_tid, struct task_struct *task)
{
	struct ring_slot *old = find_slot(old_tid), *slot;

	if (!old)
		return;
	slot = take_slot(task->pid, task->tgid);
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

SEC("tp_btf/sched_process_exec")
int BPF_PROG(sched_process_exec, struct task_struct *task, int old_tid)
{
	if (!is_recorded(task->tgid))
		return 0;
	struct ring_slot *slot = find_slot(old_tid);
	u32 off = 0;

	if (!slot)
		return 0;
	WRITE(slot->busy, 1);
	struct ring_chunk *chunk = room(slot, slot->seq + !slot->entry, bpf_ktime_get_ns(), &off);

	/* A chunk that is nearly full is closed now, so that the records of a move find room in the new one. */
	if (chunk && off > RING_CHUNK_DATA - 4 * RING_RECORD_MAX) {
		open_chunk(slot, slot->seq + !slot->entry, 0);
		chunk = room(slot, slot->seq + !slot->entry, bpf_ktime_get_ns(), &off);
	}
	if (chunk) {
		struct ring_exec *record = (struct ring_exec *)(chunk->data + off);

		__builtin_memset(record, 0, sizeof(*record));
		record->kind = RING_EXEC;
		record->old_tid = old_tid;
		record->time = bpf_ktime_get_ns();
		publish(&chunk->used, off + sizeof(*record));
	} else {
		ADD(&facts_lost, 1);
	}
	if (old_tid != task->pid)
		move_slot(old_tid, task);
	WRITE(slot->busy, 0);
	return 0;
}

/* The thread ends: a call it is in never returns. Then its slot is free again, unless it holds loss that nothing else
 * tells. */
static __noinline void end_thread(struct ring_slot *slot, struct task_struct *task)
{
	WRITE(slot->busy, 1);
	if (slot->entry)
		write_call(slot, RING_UNFINISHED, slot->entry, 0, 0);
	slot->entry = 0;
	if (write_exit(slot, task->exit_code, 0) == 0) {
		release_slot(slot);
		return;
	}
	ADD(&facts_lost, 1);
	if (!slot->lost) {
		close_chunk(slot);
		release_slot(slot);
		return;
	}
	slot->dead_tid = task->pid;
	ADD(&dead_slots, 1);
	WRITE(slot->busy, 0);
	WRITE(slot->tid, RING_SLOT_DEAD);
}

/*
 * Also for threads of processes that are no longer recorded: the last thread of a process clears the mark while another
 * may still be on its way here (do_exit() in the kernel counts live down before this).
 */
SEC("tp_btf/sched_process_exit")
int BPF_PROG(sched_process_exit, struct task_struct *task)
{
	struct ring_slot *slot = find_slot(task->pid);
	u32 tgid = task->tgid;

	if (slot)
		end_thread(slot, task);
	if (is_recorded(tgid) && !record_all && task->signal->live.counter == 0) {
		set_recorded(tgid, 0);
		ADD(&processes, -1);
	}
	return 0;
}
