/*
 * drain.h - from the threads' chunks to batches: the only reader of the ring buffers.
 *
 *	struct drain *drain = drain_new(&session);
 *	drain_collect(drain, batch, now);		every few milliseconds: copy what is new
 *	drain_snapshot(drain, cut, batch);	at a cut: who is inside which call
 *
 * A batch is a run of pieces, each some whole records of one thread, in the thread's order. It is the hand-over to the
 * writer (framer.h); the threads it names stay valid until the batch that lists them as over has been processed.
 */
#ifndef TRACER_DRAIN_H
#define TRACER_DRAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../format/rows.h"
#include "session.h"

/* A record that only exists in batches: a chunk begins here. */
#define DRAIN_CHUNK 15

struct drain_chunk_record {
	unsigned char kind, same_comm, pad[6]; /* same_comm: comm says nothing, as in struct ring_chunk */
	unsigned long long first_seq;
	char comm[RING_COMM];
	unsigned long long container; /* and these: as there */
	unsigned int pidns, ns_tid, ns_tgid, pad2;
};

/* drain_record_size() - bytes of a record of a batch, which the next one stands behind. It must be a whole one. */
static inline size_t drain_record_size(const unsigned char *record)
{
	switch (record[0] & 15) {
	case RING_CALL:
		return RING_CALL_SIZE(record[1] & 15u);
	case RING_NAME:
		return sizeof(struct ring_name);
	case RING_GAP:
		return sizeof(struct ring_gap);
	case RING_FORK:
		return sizeof(struct ring_fork);
	case RING_EXEC:
		return sizeof(struct ring_exec);
	case RING_EXIT:
		return sizeof(struct ring_exit);
	case RING_PASSED:
		return sizeof(struct ring_passed);
	case RING_TEXT:
		return RING_TEXT_SIZE(((const struct ring_text *)(const void *)record)->len);
	default:
		return sizeof(struct drain_chunk_record);
	}
}

/* One thread, for as long as its slot is its own. */
struct drain_thread {
	/* drain's: */
	uint32_t slot, gen;
	uint32_t next_ordinal; /* of the chunk to be read next */
	uint32_t live_index;   /* in drain->live */
	uint32_t open_chunks;  /* chunks that it has and that are not freed yet */
	uint64_t idle_since;   /* mono ns; when its chunk last grew */
	uint64_t ended;        /* the look after which its slot was seen to be given back; 0: not yet */
	struct drain_thread *next_in_slot;
	/* fixed: */
	uint32_t tid, pid;
	/* the framer's: */
	struct framer_thread *framer;
};

struct drain_piece {
	struct drain_thread *thread;
	uint32_t offset, len; /* in the batch's data */
};

/* A call that was going on at the cut. */
struct drain_pending {
	struct drain_thread *thread;
	uint64_t entry, seq, arg[6];
	uint64_t passed; /* calls not wanted before it that no record tells of yet */
	uint32_t nr;
	unsigned char class;
};

/* Calls that only a dead thread's slot knows of. */
struct drain_dead {
	struct drain_thread *thread; /* NULL: it never had a chunk */
	uint32_t tid, pid;
	uint64_t count, first, last_seq;
	uint64_t passed; /* calls not wanted among those before last_seq */
};

/* From this reading of CLOCK_MONOTONIC on, boot time is offset ns ahead of it (it changes when the machine is
 * suspended). */
struct drain_clock {
	uint64_t mono, offset;
};

struct batch {
	unsigned char *data;
	size_t len, cap;
	struct drain_piece *pieces;
	size_t n_pieces, cap_pieces;
	struct drain_pending *pending;
	size_t n_pending, cap_pending;
	struct drain_thread **over; /* threads that have ended: nothing of them comes after this batch */
	size_t n_over, cap_over;
	struct drain_dead *dead;
	size_t n_dead, cap_dead;
	struct drain_clock *clocks; /* how boot time stood to the records' clock, when that changed */
	size_t n_clocks, cap_clocks;
	uint64_t cut;          /* mono ns: all calls that began up to here are in this batch or before it */
	uint64_t lost_threads; /* calls lost for want of a slot since the last batch: nobody knows whose */
	uint64_t passed;       /* calls not wanted since the last batch, after all records of threads that have ended */
	uint64_t lost_skipped; /* runs of the programs that the kernel skipped and no record tells of */
	uint64_t lost_texts;   /* captures that found no room in the ring buffers */
	struct sst_clock clock; /* at the cut */
};

struct drain;

struct drain *drain_new(struct session *session);
void drain_free(struct drain *drain);

/*
 * drain_collect() - now: mono ns. Append everything new to batch, free the chunks that have been read to their end.
 * Returns the bytes appended, or -ENOMEM (what was not appended stays in the ring buffers).
 */
long drain_collect(struct drain *drain, struct batch *batch, uint64_t now);

/* drain_snapshot() - append to batch->pending the calls that began at or before cut and have not returned. 0 or
 * -ENOMEM. */
int drain_snapshot(struct drain *drain, uint64_t cut, struct batch *batch);

/* drain_retire() - move threads that are over to batch->over; take idle threads' chunks back when room runs low. */
int drain_retire(struct drain *drain, struct batch *batch);

/* drain_has_begun() - has this thread made a record, or is it in a call that the programs have seen begin? */
bool drain_has_begun(const struct drain *drain, uint32_t tid);

/*
 * drain_is_low(), drain_has_dead() - is it time to call drain_retire() without waiting for a cut? Because chunks run
 * low; because slots of threads that have ended wait to be accounted for, and the numbers of these threads are used
 * again.
 */
bool drain_is_low(const struct drain *drain);
bool drain_has_dead(const struct drain *drain);

/* drain_threads() - recorded threads alive, as far as they have made a record. */
size_t drain_threads(const struct drain *drain);

/*
 * drain_rest_at_end() - after the gate is closed: append to batch->dead what live threads' slots still hold as lost,
 * add to batch->passed what they hold as not wanted. open_rows: a call under way will have a row, which tells of those
 * before it; else it is not wanted itself.
 */
int drain_rest_at_end(struct drain *drain, struct batch *batch, bool open_rows);

/* batch_clock() - note an offset. 0 or -ENOMEM. */
int batch_clock(struct batch *batch, uint64_t mono, uint64_t offset);

void batch_clear(struct batch *batch);
void batch_free(struct batch *batch);

#endif
