#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "drain.h"

/* A thread that has been quiet for so long may lose its partly filled chunk; sooner when hardly any is left, or none.
 */
#define IDLE_NS        1000000000ull
#define IDLE_SHORT_NS  20000000ull
#define IDLE_NONE_NS   1000000ull
#define SWEEP_NS       1000000000ull /* between two looks for chunks that nobody has; at least, for each chunk: */
#define SWEEP_CHUNK_NS 1000ull

/* Room that a batch keeps. Only one with much of what full ring buffers held has had more. */
#define BATCH_KEEP ((size_t)8 << 20)

enum steal { STEAL_NONE, STEAL_TAKEN };

/* What the drain knows of a chunk in use. */
struct chunk_view {
	struct drain_thread *thread; /* NULL: not in use, as far as is known */
	uint32_t read;               /* bytes of data copied */
	unsigned char steal;         /* enum steal: taken away from its thread, not yet quiet */
};

struct drain {
	struct session *session;
	struct chunk_view *views;
	struct drain_thread **by_slot; /* newest first */
	struct drain_thread **live;
	size_t n_live, cap_live;
	size_t in_use;      /* chunks */
	uint64_t dead_seen; /* dead slots that have been accounted for */
	uint64_t looks;     /* drain_collect() has been called so often */
	uint64_t *died;     /* by slot: the look after which it was seen to be dead; 0: it is not */
	uint64_t now;       /* of the last drain_collect() */
	uint64_t swept;     /* the queue has been looked through */
	bool *queued;       /* chunks in the queue, then */
};

struct drain *drain_new(struct session *session)
{
	struct drain *drain = calloc(1, sizeof(*drain));

	if (!drain)
		return NULL;
	drain->session = session;
	drain->views = calloc(session->n_chunks, sizeof(*drain->views));
	drain->by_slot = calloc(session->n_slots, sizeof(struct drain_thread *));
	drain->queued = calloc(session->n_chunks, sizeof(*drain->queued));
	drain->died = calloc(session->n_slots, sizeof(*drain->died));
	if (drain->views && drain->by_slot && drain->queued && drain->died)
		return drain;
	drain_free(drain);
	return NULL;
}

void drain_free(struct drain *drain)
{
	if (!drain)
		return;
	for (size_t i = 0; i < drain->n_live; i++)
		free(drain->live[i]);
	free(drain->live);
	free(drain->views);
	free(drain->queued);
	free(drain->died);
	free(drain->by_slot);
	free(drain);
}

void batch_clear(struct batch *batch)
{
	if (batch->cap > BATCH_KEEP) {
		free(batch->data);
		batch->data = NULL;
		batch->cap = 0;
	}
	batch->len = batch->n_pieces = batch->n_pending = batch->n_over = batch->n_dead = batch->n_clocks = 0;
	batch->lost_threads = batch->lost_skipped = batch->lost_texts = batch->passed = 0;
}

int batch_clock(struct batch *batch, uint64_t mono, uint64_t offset)
{
	if (ARRAY_GROW(batch->clocks, batch->cap_clocks, batch->n_clocks + 1))
		return -ENOMEM;
	batch->clocks[batch->n_clocks++] = (struct drain_clock){.mono = mono, .offset = offset};
	return 0;
}

void batch_free(struct batch *batch)
{
	free(batch->data);
	free(batch->pieces);
	free(batch->pending);
	free(batch->over);
	free(batch->dead);
	free(batch->clocks);
	memset(batch, 0, sizeof(*batch));
}

/* --- threads --------------------------------------------------------------------------------------------- */

static struct drain_thread *find_thread(const struct drain *drain, uint32_t slot, uint32_t gen)
{
	struct drain_thread *thread = drain->by_slot[slot];

	while (thread && thread->gen != gen)
		thread = thread->next_in_slot;
	return thread;
}

static struct drain_thread *new_thread(struct drain *drain, const struct ring_chunk *chunk)
{
	struct drain_thread *thread;

	if (ARRAY_GROW(drain->live, drain->cap_live, drain->n_live + 1))
		return NULL;
	thread = calloc(1, sizeof(*thread));
	if (!thread)
		return NULL;
	thread->slot = chunk->slot;
	thread->gen = chunk->gen;
	thread->tid = chunk->tid;
	thread->pid = chunk->tgid;
	thread->idle_since = drain->now;
	thread->next_in_slot = drain->by_slot[thread->slot];
	drain->by_slot[thread->slot] = thread;
	thread->live_index = (uint32_t)drain->n_live;
	drain->live[drain->n_live++] = thread;
	return thread;
}

static void unlink_thread(struct drain *drain, struct drain_thread *thread)
{
	struct drain_thread **p = &drain->by_slot[thread->slot];
	struct drain_thread *moved = drain->live[--drain->n_live];

	while (*p != thread)
		p = &(*p)->next_in_slot;
	*p = thread->next_in_slot;
	drain->live[thread->live_index] = moved;
	moved->live_index = thread->live_index;
}

/* --- chunks ---------------------------------------------------------------------------------------------- */

static uint32_t load_u32(const uint32_t *p)
{
	return __atomic_load_n(p, __ATOMIC_ACQUIRE);
}

/* Whose chunk is this? NULL without memory for a new thread. */
static struct drain_thread *chunk_thread(struct drain *drain, uint32_t c)
{
	struct chunk_view *view = &drain->views[c];
	const struct ring_chunk *chunk = session_chunk(drain->session, c);
	struct drain_thread *thread;

	if (view->thread)
		return view->thread;
	if (chunk->slot >= drain->session->n_slots)
		return NULL;
	thread = find_thread(drain, chunk->slot, chunk->gen);
	if (!thread)
		thread = new_thread(drain, chunk);
	if (!thread)
		return NULL;
	view->thread = thread;
	view->read = 0;
	view->steal = STEAL_NONE;
	thread->open_chunks++;
	drain->in_use++;
	return thread;
}

static void free_chunk(struct drain *drain, uint32_t c)
{
	struct session *session = drain->session;
	struct chunk_view *view = &drain->views[c];
	struct ring_slot *slot = &session->slots[view->thread->slot];

	if (slot->gen == view->thread->gen)
		__atomic_store_n(&slot->returned, slot->returned + 1, __ATOMIC_RELAXED);
	view->thread->open_chunks--;
	view->thread->next_ordinal++;
	view->thread = NULL;
	drain->in_use--;
	__atomic_store_n(&session->chunk_state[c], RING_FREE, __ATOMIC_RELEASE);
	__atomic_fetch_sub(&session_chunk(session, c)->claims, 1, __ATOMIC_SEQ_CST);
	session_give_chunk(session, c);
}

/* Now and then; sooner where many chunks seem to be nobody's, of which some have just been taken. */
static bool is_sweep_due(const struct drain *drain)
{
	const struct session *session = drain->session;
	size_t known = drain->in_use + session_queue_length(session);
	uint64_t since = drain->now - drain->swept;

	return since >= SWEEP_NS ||
	       (known + session->n_chunks / 16 < session->n_chunks && since >= session->n_chunks * SWEEP_CHUNK_NS);
}

static int append_piece(struct batch *batch, struct drain_thread *thread, const void *data, size_t len)
{
	struct drain_piece *last = batch->n_pieces ? &batch->pieces[batch->n_pieces - 1] : NULL;

	if (ARRAY_GROW(batch->data, batch->cap, batch->len + len))
		return -ENOMEM;
	if (!last || last->thread != thread) {
		if (ARRAY_GROW(batch->pieces, batch->cap_pieces, batch->n_pieces + 1))
			return -ENOMEM;
		last = &batch->pieces[batch->n_pieces++];
		*last = (struct drain_piece){.thread = thread, .offset = (uint32_t)batch->len};
	}
	memcpy(batch->data + batch->len, data, len);
	batch->len += len;
	last->len += (uint32_t)len;
	return 0;
}

static int append_chunk_begin(struct batch *batch, struct drain_thread *thread, const struct ring_chunk *chunk)
{
	struct drain_chunk_record record = {.kind = DRAIN_CHUNK,
					    .same_comm = chunk->same_comm != 0,
					    .first_seq = chunk->first_seq,
					    .container = chunk->container,
					    .pidns = chunk->pidns,
					    .ns_tid = chunk->ns_tid,
					    .ns_tgid = chunk->ns_tgid};

	memcpy(record.comm, chunk->comm, sizeof(record.comm));
	return append_piece(batch, thread, &record, sizeof(record));
}

/* Copy what is new in chunk c. Returns the bytes copied or -ENOMEM. */
static long copy_chunk(struct chunk_view *view, const struct ring_chunk *chunk, uint32_t used, struct batch *batch)
{
	uint32_t len = used - view->read;
	int err;

	if (used > RING_CHUNK_DATA || used < view->read)
		return -EIO;
	if (!len)
		return 0;
	/* Room first: the piece must not be split by a failure between its two parts. */
	if (ARRAY_GROW(batch->data, batch->cap, batch->len + sizeof(struct drain_chunk_record) + len))
		return -ENOMEM;
	if (!view->read && (err = append_chunk_begin(batch, view->thread, chunk)))
		return err;
	err = append_piece(batch, view->thread, chunk->data + view->read, len);
	if (err)
		return err;
	view->read = used;
	return len;
}

/* A chunk taken away from an idle thread is quiet once no program is in the middle of a write. */
static bool is_quiet(const struct drain *drain, const struct chunk_view *view)
{
	const struct ring_slot *slot = &drain->session->slots[view->thread->slot];

	return slot->gen != view->thread->gen || !__atomic_load_n(&slot->busy, __ATOMIC_ACQUIRE);
}

/*
 * One look at chunk c. Returns the bytes copied, -EAGAIN if an earlier chunk of the same thread must come first, or
 * -ENOMEM. The state is read before used: a chunk that was full then is final.
 */
static long visit_chunk(struct drain *drain, uint32_t c, unsigned state, struct batch *batch)
{
	struct ring_chunk *chunk = session_chunk(drain->session, c);
	struct chunk_view *view = &drain->views[c];
	struct drain_thread *thread = chunk_thread(drain, c);
	bool final;
	long copied;

	if (!thread)
		return -ENOMEM;
	if (chunk->ordinal != thread->next_ordinal)
		return -EAGAIN;
	final = state == RING_FULL || (view->steal && is_quiet(drain, view));
	copied = copy_chunk(view, chunk, load_u32(&chunk->used), batch);
	if (copied > 0)
		thread->idle_since = drain->now;
	if (copied >= 0 && final)
		free_chunk(drain, c);
	return copied;
}

/* One pass over all chunks in use. *again: some had to wait for an earlier one that has been freed since. */
static long collect_once(struct drain *drain, struct batch *batch, bool *again)
{
	const struct session *session = drain->session;
	long sum = 0;
	bool waits = false, freed = false;

	for (uint32_t c = 0; c < session->n_chunks; c++) {
		unsigned state = __atomic_load_n(&session->chunk_state[c], __ATOMIC_ACQUIRE);
		size_t before = drain->in_use;
		long copied;

		if (state == RING_FREE)
			continue;
		copied = visit_chunk(drain, c, state, batch);
		if (copied == -EAGAIN)
			waits = true;
		else if (copied < 0)
			return copied;
		else
			sum += copied;
		freed |= drain->in_use < before;
	}
	*again = waits && freed;
	return sum;
}

long drain_collect(struct drain *drain, struct batch *batch, uint64_t now)
{
	bool again = true;
	long sum = 0;

	drain->now = now;
	drain->looks++;
	session_note_ring(drain->session);
	while (again) {
		long n = collect_once(drain, batch, &again);

		if (n < 0)
			return n;
		sum += n;
	}
	return sum;
}

/* --- snapshots ------------------------------------------------------------------------------------------- */

/* The call that a thread is in. The entry time changes with every call, so equal before and after means a consistent
 * copy. */
static bool read_call(const struct ring_slot *slot, const struct drain_thread *thread, struct drain_pending *call)
{
	for (int i = 0; i < 100; i++) {
		uint64_t entry = __atomic_load_n(&slot->entry, __ATOMIC_ACQUIRE);

		if (!entry || slot->gen != thread->gen || load_u32(&slot->tid) != thread->tid)
			return false;
		call->entry = entry;
		call->seq = slot->seq;
		call->passed = slot->passed;
		call->nr = slot->nr;
		call->class = slot->class_nargs >> 4;
		memcpy(call->arg, slot->arg, sizeof(call->arg));
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		if (__atomic_load_n(&slot->entry, __ATOMIC_ACQUIRE) == entry && call->seq == slot->seq)
			return true;
	}
	return false;
}

int drain_snapshot(struct drain *drain, uint64_t cut, struct batch *batch)
{
	for (size_t i = 0; i < drain->n_live; i++) {
		struct drain_thread *thread = drain->live[i];
		struct drain_pending call = {.thread = thread};

		if (!read_call(&drain->session->slots[thread->slot], thread, &call) || call.entry > cut)
			continue;
		if (ARRAY_GROW(batch->pending, batch->cap_pending, batch->n_pending + 1))
			return -ENOMEM;
		batch->pending[batch->n_pending++] = call;
	}
	return 0;
}

/* --- the end of threads ---------------------------------------------------------------------------------- */

/*
 * Its slot is given back, and all chunks that it had by then have been read. Without one it may have taken another, and
 * ended, since the last look: so there has to be one more look after the end was seen.
 */
static bool is_over(const struct drain *drain, struct drain_thread *thread)
{
	const struct ring_slot *slot = &drain->session->slots[thread->slot];
	uint32_t tid = load_u32(&slot->tid);

	/* A dead slot still has something to tell of it. */
	if (slot->gen == thread->gen && (tid == thread->tid || tid == RING_SLOT_DEAD))
		return false;
	if (!thread->ended)
		thread->ended = drain->looks;
	return drain->looks != thread->ended && !thread->open_chunks;
}

/* Has the dead slot i been seen before the last look? Then all that its thread has written has been read. */
static bool died_before(struct drain *drain, size_t i)
{
	if (!drain->died[i])
		drain->died[i] = drain->looks;
	return drain->died[i] != drain->looks;
}

/* Slots of dead threads that could not write their last records: account for them, then free the slot. */
static int collect_dead(struct drain *drain, struct batch *batch)
{
	for (size_t i = 0; i < drain->session->n_slots; i++) {
		struct ring_slot *slot = &drain->session->slots[i];

		if (load_u32(&slot->tid) != RING_SLOT_DEAD || !died_before(drain, i))
			continue;
		if (ARRAY_GROW(batch->dead, batch->cap_dead, batch->n_dead + 1))
			return -ENOMEM;
		batch->dead[batch->n_dead++] = (struct drain_dead){.thread = find_thread(drain, (uint32_t)i, slot->gen),
								   .tid = slot->dead_tid,
								   .pid = slot->tgid,
								   .count = slot->lost,
								   .first = slot->lost_first,
								   .last_seq = slot->seq,
								   .passed = slot->passed};
		drain->dead_seen++;
		drain->died[i] = 0;
		slot->lost = 0;
		__atomic_store_n(&slot->tid, 0, __ATOMIC_RELEASE);
		__atomic_fetch_sub(&slot->claims, 1, __ATOMIC_SEQ_CST);
	}
	return 0;
}

/* Take the partly filled chunk of a thread that has been quiet: swap the slot's chunk for none. See docs/design.md. */
static void take_idle_chunk(struct drain *drain, struct drain_thread *thread)
{
	struct ring_slot *slot = &drain->session->slots[thread->slot];
	uint32_t c = load_u32(&slot->chunk);

	if (!c || slot->gen != thread->gen || drain->views[c - 1].thread != thread || drain->views[c - 1].steal)
		return;
	if (__atomic_compare_exchange_n(&slot->chunk, &c, 0, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		drain->views[c - 1].steal = STEAL_TAKEN;
}

/* The used part of the ring buffers, 0..1. */
static double used_part(const struct drain *drain)
{
	return (double)drain->in_use / (double)drain->session->n_chunks;
}

static uint64_t idle_time(const struct drain *drain)
{
	if (drain->in_use == drain->session->n_chunks)
		return IDLE_NONE_NS;
	return used_part(drain) > 0.75 ? IDLE_SHORT_NS : IDLE_NS;
}

int drain_retire(struct drain *drain, struct batch *batch)
{
	uint64_t idle = idle_time(drain);
	bool low = drain_is_low(drain);
	struct session_loss loss;
	size_t i = 0;
	int err;

	if (is_sweep_due(drain)) {
		session_sweep_chunks(drain->session, drain->queued);
		drain->swept = drain->now;
	}
	/* They are counted before or after their slots can be seen: look until all have been. */
	session_loss(drain->session, &loss);
	if (loss.dead_slots != drain->dead_seen && (err = collect_dead(drain, batch)))
		return err;
	while (i < drain->n_live) {
		struct drain_thread *thread = drain->live[i];

		if (is_over(drain, thread)) {
			if (ARRAY_GROW(batch->over, batch->cap_over, batch->n_over + 1))
				return -ENOMEM;
			batch->over[batch->n_over++] = thread;
			unlink_thread(drain, thread);
			continue;
		}
		if (low && drain->now - thread->idle_since > idle)
			take_idle_chunk(drain, thread);
		i++;
	}
	return 0;
}

int drain_rest_at_end(struct drain *drain, struct batch *batch, bool open_rows)
{
	for (size_t i = 0; i < drain->session->n_slots; i++) {
		const struct ring_slot *slot = &drain->session->slots[i];

		if (slot->tid == RING_SLOT_DEAD)
			died_before(drain, i); /* for the drain_retire() that comes with the last cut */
		if (!slot->tid || slot->tid == RING_SLOT_DEAD)
			continue;
		if (slot->entry && !open_rows)
			batch->passed++;
		if (!slot->lost) {
			batch->passed += slot->entry && open_rows ? 0 : slot->passed;
			continue;
		}
		if (ARRAY_GROW(batch->dead, batch->cap_dead, batch->n_dead + 1))
			return -ENOMEM;
		batch->dead[batch->n_dead++] = (struct drain_dead){.thread = find_thread(drain, (uint32_t)i, slot->gen),
								   .tid = slot->tid,
								   .pid = slot->tgid,
								   .count = slot->lost,
								   .first = slot->lost_first,
								   .last_seq = slot->seq - !!slot->entry,
								   .passed = slot->passed};
	}
	return 0;
}

bool drain_has_begun(const struct drain *drain, uint32_t tid)
{
	const struct session *session = drain->session;

	for (uint32_t i = 0; i < RING_SLOT_WINDOW; i++) {
		const struct ring_slot *slot = &session->slots[(tid + i) & (session->n_slots - 1)];

		if (load_u32(&slot->tid) == tid)
			return true;
	}
	return false;
}

bool drain_is_low(const struct drain *drain)
{
	return used_part(drain) > 0.25;
}

bool drain_has_dead(const struct drain *drain)
{
	struct session_loss loss;

	session_loss(drain->session, &loss);
	return loss.dead_slots != drain->dead_seen;
}

size_t drain_threads(const struct drain *drain)
{
	return drain->n_live;
}
