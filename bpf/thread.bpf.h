/*
 * thread.bpf.h - a recorded thread: its slot, its chunks, the records in them.
 *
 *	slot = find_slot(tid) or take_slot(tid, tgid)
 *	chunk = room(slot, seq, now, &off)	where the next record goes
 *	...write it at chunk->data + off...
 *	publish(&chunk->used, off + size)
 *
 * A slot and its chunk belong to one thread, which is the only writer, so that it does not matter whether the kernel
 * runs the programs preemptibly. Shared is only the queue of free chunks.
 */
#ifndef SYSSTREAM_THREAD_BPF_H
#define SYSSTREAM_THREAD_BPF_H

#include "kernel.bpf.h"

/* Set before load, in a map for itself. */
const volatile struct ring_every every SEC(".rodata.every");

const volatile u32 chunk_queue_mask; /* length of free_chunks − 1 */
const volatile u32 chunk_low;        /* lossless: so few free ones left hold the process back */

/* Shared with the recorder; not in .bss, see target.bpf.h. */
#define SHARED SEC(".data")
u8 chunk_state[RING_CHUNKS_MAX] SHARED;
u16 free_chunks[RING_CHUNKS_MAX] SHARED; /* queue: the recorder puts at free_tail, threads take at free_head */
u32 free_head SHARED;
u32 free_tail SHARED;
u64 lost[RING_CAUSES] SHARED; /* calls lost by cause, all threads; a slot or a gap record says whose */
u64 facts_lost SHARED;        /* fork, exec and exit records that found no room */
u64 passed_untold SHARED;     /* calls not wanted of threads that have ended and found no room to tell of them */
u64 dead_slots SHARED;        /* slots ever left as RING_SLOT_DEAD */
u32 held[RING_HELD] SHARED;   /* lossless: tgids of processes that have been stopped */
u64 holds SHARED;             /* how often one has been stopped */

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
	__uint(key_size, sizeof(u32));
	__uint(value_size,
	       sizeof(struct ring_chunk)); /* of a tally TALLY_CHUNK_SIZE: without BTF, which would contradict */
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

/* --- slots ----------------------------------------------------------------------------------------------- */

/* What is known of a call number. In one piece: the four fields are looked at one after the other. */
static __always_inline struct ring_info info_of(u32 class, u32 nr)
{
	union {
		u32 all;
		struct ring_info info;
	} is = {.info = {.flags = 6}};

	if (!__builtin_constant_p(class))
		asm volatile("" : "+r"(class)); /* what has been compared is what is used: the verifier has to see it */
	if (nr < RING_NARGS && class < RING_CLASSES)
		is.all = *(const volatile u32 *)&every.call_info[class][nr];
	return is.info;
}

static __always_inline u8 slot_class(const struct ring_slot *slot)
{
	return slot->class_nargs >> 4;
}

static __always_inline struct ring_slot *slot_at(u32 i)
{
	i &= every.slot_mask;
	return bpf_map_lookup_elem(&slots, &i);
}

/*
 * Global functions (not static), here and below, are looked at by the verifier once, whoever calls them, and know
 * nothing of their arguments: of loops and of what is called from many places that is most of the time to load. They
 * cannot be given a slot, but its index.
 */
__noinline int find_slot_beyond(u32 tid)
{
	for (u32 i = 1; i < RING_SLOT_WINDOW; i++) {
		struct ring_slot *slot = slot_at(tid + i);

		if (slot && slot->tid == tid)
			return (tid + i) & every.slot_mask;
	}
	return -1;
}

/* A function of its own, here and below: what is rarely done is not between what is done with every call. */
static __noinline struct ring_slot *slot_beyond(u32 tid)
{
	int i = find_slot_beyond(tid);

	return i < 0 ? NULL : slot_at(i);
}

/* The tid is the hash: tids are dense, so the first place is nearly always the right one. */
static __always_inline struct ring_slot *find_slot(u32 tid)
{
	struct ring_slot *slot = slot_at(tid);

	return slot && slot->tid == tid ? slot : slot_beyond(tid);
}

/* Take a free slot for tid: its index, or -1. Whoever reads back 1 after adding 1 owns it; two at once both try the
 * next. */
__noinline int claim_slot(u32 tid, u32 tgid)
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
		slot->index = (tid + i) & every.slot_mask;
		slot->tgid = tgid;
		slot->ordinal = 0;
		slot->returned = 0;
		slot->excluded = 0;
		slot->passed = 0;
		slot->lost = 0;
		slot->container = 0;
		slot->pidns = slot->ns_tid = slot->ns_tgid = 0;
		WRITE(slot->tid, tid);
		return (tid + i) & every.slot_mask;
	}
	return -1;
}

static __always_inline struct ring_slot *take_slot(u32 tid, u32 tgid)
{
	int i = claim_slot(tid, tgid);

	return i < 0 ? NULL : slot_at(i);
}

/* Who finds it free finds all of it as it was left: nothing of what is written here may come later. */
static __always_inline void release_slot(struct ring_slot *slot)
{
	slot->entry = 0;
	WRITE(slot->busy, 0); /* its chunk may have been taken away before: nobody writes there any more */
	publish(&slot->tid, 0);
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

/* The chunk that the thread has, or NULL. */
static __always_inline struct ring_chunk *chunk_of(const struct ring_slot *slot)
{
	u32 c = READ(slot->chunk);

	return c ? chunk_at(c - 1) : NULL;
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

/*
 * In the queue. A little more or less than there are: two takers at once may move the head on twice, even beyond the
 * tail, or leave numbers behind that have been taken.
 */
static __always_inline u32 chunks_free(void)
{
	s32 n = (s32)(READ(free_tail) - READ(free_head));

	return n > 0 ? n : 0;
}

/*
 * The next free chunk, owned by the caller; -1: none. Two takers may see the same head: the claim word decides, and it
 * alone. So numbers from the queue may be old (arm64 may read the queue before its tail), or there twice, and no harm
 * is done when the head is moved on once too often: the recorder puts back what has been jumped over. It must never be
 * moved back, though, as a plain store would by one that was interrupted before it: all who come then would try
 * number after number that has long been taken, and give up.
 */
__noinline int take_chunk(void)
{
	for (int i = 0; i < 32; i++) {
		u32 head = READ(free_head);

		if (!chunks_free())
			return -1;
		u32 c = READ(free_chunks[head & chunk_queue_mask & (RING_CHUNKS_MAX - 1)]);
		struct ring_chunk *chunk = chunk_at(c);

		if (!chunk)
			return -1;
		ADD(&chunk->claims, 1);
		bool is_mine = READ(chunk->claims) == 1;

		if (READ(free_head) == head)
			ADD(&free_head, 1);
		if (is_mine)
			return c;
		ADD(&chunk->claims, -1);
	}
	return -1;
}

/*
 * A thread may hold RING_SHARE times as many chunks as are free, no more: a noisy one must not take the others' voice.
 * So one alone gets four fifths of all, and the rest stays for those who need little.
 */
static __always_inline bool has_its_share(struct ring_slot *slot)
{
	return !chunk_low && (s32)(slot->ordinal - READ(slot->returned)) > (s32)(RING_SHARE * chunks_free());
}

/*
 * Lossless: stop the process until the recorder has caught up, when this thread returns to user space. To the thread,
 * not to the process: while one that another thread has sent is pending, a signal to the process is ignored, and this
 * thread would run on until that one gets a processor. So each thread takes one more chunk at most. A child of the
 * recorder lets the process go on.
 */
static __noinline int hold_back(u32 tgid)
{
	int err;

	WRITE(held[tgid & (RING_HELD - 1)], tgid);
	err = bpf_send_signal_thread(SIGSTOP);
	ADD(&holds, 1); /* last: who sees this and lets the process go on comes after the signal */
	return err;
}

/*
 * Close the thread's chunk and open another; a gap record comes first where calls were lost. now: entry of the call
 * that is to be recorded, whose number is seq; without one, what the next will have. Returns 0, or -1 without a free
 * chunk.
 */
static __always_inline int begin_chunk(struct ring_slot *slot, u64 seq, u64 now)
{
	close_chunk(slot);
	if (chunk_low && chunks_free() < chunk_low)
		hold_back(slot->tgid);
	long c = has_its_share(slot) ? -1 : take_chunk();

	if (c < 0)
		return -1;
	struct ring_chunk *chunk = chunk_at((u32)c);

	if (!chunk)
		return -1;
	chunk->used = 0;
	/* A call belongs to the name under which it began; the next one makes the record of the new name. */
	chunk->same_comm = slot->entry && slot->ordinal && slot->attention & RING_ATTEND_NAME;
	chunk->slot = slot->index;
	chunk->gen = slot->gen;
	chunk->ordinal = slot->ordinal++;
	chunk->tid = slot->tid;
	chunk->tgid = slot->tgid;
	chunk->first_seq = seq - slot->lost - slot->passed;
	chunk->container = slot->container;
	chunk->pidns = slot->pidns;
	chunk->ns_tid = slot->ns_tid;
	chunk->ns_tgid = slot->ns_tgid;
	if (!chunk->same_comm) {
		current_comm(chunk->comm);
		slot->attention &= ~RING_ATTEND_NAME;
	}
	if (slot->lost)
		write_gap(chunk, slot, now);
	publish(&chunk->used, chunk->used); /* all of the header, before the state says that it is there */
	set_chunk_state((u32)c, RING_ACTIVE);
	WRITE(slot->chunk, (u32)c + 1);
	return 0;
}

__noinline int open_chunk_of(u32 index, u64 seq, u64 now)
{
	struct ring_slot *slot = slot_at(index);

	return slot ? begin_chunk(slot, seq, now) : -1;
}

static __always_inline int open_chunk(struct ring_slot *slot, u64 seq, u64 now)
{
	return open_chunk_of(slot->index, seq, now);
}

/* Where the thread's next record goes: *off bytes into the data of the chunk returned, with room for any one record. */
static __always_inline struct ring_chunk *room(struct ring_slot *slot, u64 seq, u64 now, u32 *off)
{
	struct ring_chunk *chunk = chunk_of(slot);

	if (chunk) {
		*off = chunk->used;
		if (*off <= RING_CHUNK_DATA - RING_RECORD_MAX)
			return chunk;
	}
	if (open_chunk(slot, seq, now))
		return NULL;
	chunk = chunk_of(slot);
	if (!chunk)
		return NULL;
	*off = chunk->used;
	return *off <= RING_CHUNK_DATA - RING_RECORD_MAX ? chunk : NULL;
}

/*
 * The slot is busy. Have the processor fetch the lines that the next records will be written to: until it has them it
 * cannot return to user space where that drains the stores (a write to CR3), and while the call is made it has time.
 */
static __always_inline void touch_ahead(struct ring_chunk *chunk)
{
	u32 off = chunk->used;

	if (off > RING_CHUNK_DATA - 256)
		return;
	WRITE(*(u64 *)(chunk->data + off + 128), 0);
	WRITE(*(u64 *)(chunk->data + off + 192), 0);
}

/* --- records --------------------------------------------------------------------------------------------- */

static __always_inline void count_lost(struct ring_slot *slot, u64 entry)
{
	if (!slot->lost++)
		slot->lost_first = entry;
	ADD(&lost[RING_CAUSE_FULL], 1);
}

/*
 * Calls that were made and not wanted came between the record before and the one to come, which has number seq. Returns
 * 0, or -1 without room: then what was to come has none either, even if the recorder frees a chunk meanwhile, or it
 * would come with the number of the first of these, and a slot that is given back would take them along.
 */
static __noinline int write_passed(struct ring_slot *slot, u64 seq)
{
	u32 off = 0;
	struct ring_chunk *chunk = room(slot, seq, 0, &off);

	if (!chunk)
		return -1;
	struct ring_passed *passed = (struct ring_passed *)(chunk->data + off);

	__builtin_memset(passed, 0, sizeof(*passed));
	passed->kind = RING_PASSED;
	passed->count = slot->passed;
	slot->passed = 0;
	publish(&chunk->used, off + sizeof(*passed));
	return 0;
}

/* A chunk with room for the record of the call that the slot is in; NULL: there is none, and the call is lost. */
static __noinline struct ring_chunk *call_room(struct ring_slot *slot, u64 entry)
{
	u32 off = 0;
	struct ring_chunk *chunk = NULL;

	if (!slot->passed || !write_passed(slot, slot->seq))
		chunk = room(slot, slot->seq, entry, &off);
	if (!chunk)
		count_lost(slot, entry);
	return chunk;
}

/*
 * The record of the call that the slot is in, whose number is slot->seq. Everything of it is written, and six arguments
 * always: the next record begins after the declared ones.
 */
static __always_inline void write_call(struct ring_slot *slot, u8 state, u64 entry, u64 duration, u64 ret)
{
	/* Before all that would have to be kept from what the call of a helper may change. */
	u32 cpu = bpf_get_smp_processor_id();
	struct ring_chunk *chunk = slot->passed ? NULL : chunk_of(slot);

	if (!chunk || chunk->used > RING_CHUNK_DATA - RING_RECORD_MAX)
		chunk = call_room(slot, entry);
	if (!chunk)
		return;
	u32 off = chunk->used, class_nargs = slot->class_nargs;

	/* Never: call_room() has looked. The verifier has not seen it, which is of another function. */
	if (off > RING_CHUNK_DATA - RING_RECORD_MAX)
		return;
	struct ring_call *call = (struct ring_call *)(chunk->data + off);

	call->kind_state = RING_CALL | state << 4;
	call->class_nargs = class_nargs;
	call->cpu = cpu;
	call->nr = slot->nr;
	call->entry = entry;
	call->duration = duration;
	call->ret = ret;
	call->arg[0] = slot->arg[0];
	call->arg[1] = slot->arg[1];
	call->arg[2] = slot->arg[2];
	call->arg[3] = slot->arg[3];
	call->arg[4] = slot->arg[4];
	call->arg[5] = slot->arg[5];
	publish(&chunk->used, off + RING_CALL_SIZE(class_nargs & RING_NARGS_MASK));
}

/* A program run for this thread was skipped by the kernel: a call began, and its exit was never seen. */
static __noinline void write_skipped(struct ring_slot *slot)
{
	u32 off = 0;
	u64 entry = slot->entry;
	struct ring_chunk *chunk = NULL;

	slot->entry = 0;
	if (!slot->passed || !write_passed(slot, slot->seq))
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
	current_comm(name->comm);
	slot->attention &= ~RING_ATTEND_NAME;
	publish(&chunk->used, off + sizeof(*name));
}

static __noinline int write_exit(struct ring_slot *slot, u32 code, u32 superseded)
{
	u32 off = 0;
	u64 now = bpf_ktime_get_ns();
	struct ring_chunk *chunk = NULL;

	if (!slot->passed || !write_passed(slot, slot->seq + 1))
		chunk = room(slot, slot->seq + 1, now, &off);
	if (!chunk)
		return -1;
	struct ring_exit *record = (struct ring_exit *)(chunk->data + off);

	__builtin_memset(record, 0, sizeof(*record));
	record->kind = RING_EXIT;
	record->code = code;
	record->time = now;
	record->superseded = superseded;
	current_comm(record->comm);
	publish(&chunk->used, off + sizeof(*record));
	close_chunk(slot);
	return 0;
}

#endif
