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

#define TALLY_CHUNK_SIZE 2048 /* not RING_CHUNK_SIZE: 10,000 threads have one each in 32 MiB */

#define TALLY_INDEX  128 /* places by call number; the entry is at most TALLY_PROBES places on */
#define TALLY_PROBES 4
#define TALLY_LINES                                                                                                    \
	28 /* room for so many entries; in their place, from the other end, for two groups of cells each               \
	    */
#define TALLY_CELLS  128
#define TALLY_GROUP  16 /* cells that stand together: those of four powers of two */
#define TALLY_GROUPS (TALLY_CELLS / TALLY_GROUP)
#define TALLY_FULL   0xffff /* a cell: no more can be counted here */

/* Durations: each power of two from TALLY_LEAST on has four cells. What is shorter or longer counts in the first or the
 * last. */
#define TALLY_LEAST_POWER 6

/* No memory for a table: calls of which only the thread is known. */
#define TALLY_ANY_CLASS 255

/* One call number: a line of the processor's cache. */
struct tally_entry {
	unsigned int nr;
	unsigned char class, moves, pad[2]; /* moves: its result is a number of bytes */
	unsigned int calls, errors, unfinished;
	unsigned int timed;                   /* of TALLY_ANY_CLASS, which has no cells; of others their sum tells */
	unsigned long long total, max, bytes; /* ns; of results of calls that move bytes */
	unsigned char group[TALLY_GROUPS];    /* number of a group of cells; 0: no call has taken so long */
	unsigned char pad2[8];
};

/* The data of a chunk: all zero when a thread takes it. Most calls take much the same time always: few groups. */
struct tally_table {
	unsigned char index[TALLY_INDEX]; /* 1 + entry; 0: none */
	unsigned int n_entries, n_groups;
	unsigned char pad[56 - (RING_CHUNK_HEADER - 64)];
	union {
		struct tally_entry entries[TALLY_LINES];
		unsigned short cells[2 * TALLY_LINES][TALLY_GROUP]; /* group 1 is the last of them, 2 the one before */
	};
};

_Static_assert(sizeof(struct tally_entry) == 64, "an entry is a line");
_Static_assert(RING_CHUNK_HEADER + sizeof(struct tally_table) == TALLY_CHUNK_SIZE, "a table is the data of a chunk");

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
