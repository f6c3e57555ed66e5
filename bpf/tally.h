/*
 * tally.h - what a chunk holds when calls are counted instead of recorded (sysstream --tally): shared by the BPF
 * programs and the recorder, private to one build.
 *
 * Instead of records a chunk has a table: sums for each call number that its thread has made since it took the chunk.
 * The recorder takes the chunk away at the end of an interval, and the thread takes an empty one at its next call: so
 * each call is counted in one chunk, and nobody waits.
 */
#ifndef SYSSTREAM_TALLY_H
#define SYSSTREAM_TALLY_H

#include "ring.h"

#define TALLY_INDEX   256 /* places by call number; the entry is at most TALLY_PROBES places on */
#define TALLY_PROBES  4
#define TALLY_ENTRIES 25
#define TALLY_CELLS   128
#define TALLY_FULL    0xffff /* a cell: no more can be counted here */

/* Durations: each power of two from TALLY_LEAST on has four cells. What is shorter or longer counts in the first or the
 * last. */
#define TALLY_LEAST_POWER 6

/* No memory for a table: calls of which only the thread is known. */
#define TALLY_ANY_CLASS 255

struct tally_entry {
	unsigned int nr;
	unsigned char class, pad[3];
	unsigned int calls, errors, unfinished;
	unsigned int timed;                   /* of TALLY_ANY_CLASS, which has no cells; of others their sum tells */
	unsigned long long total, max, bytes; /* ns; of results of calls that move bytes */
	unsigned short cells[TALLY_CELLS];
};

/* The data of a chunk: all zero when a thread takes it. */
struct tally_table {
	unsigned char index[TALLY_INDEX]; /* 1 + entry; 0: none */
	unsigned int n, pad;
	struct tally_entry entries[TALLY_ENTRIES];
};

_Static_assert(sizeof(struct tally_table) <= RING_CHUNK_DATA, "a table is the data of a chunk");

/*
 * In struct ring_slot, when there is no chunk: `lost` counts calls, and arg[] is the sums of them. The thread moves
 * them into its next chunk.
 */
enum {
	TALLY_ARG_ERRORS,
	TALLY_ARG_UNFINISHED,
	TALLY_ARG_TIMED,
	TALLY_ARG_TOTAL,
	TALLY_ARG_MAX,
	TALLY_ARG_BYTES,
};

#endif
