/*
 * tally.h - sums over calls that have a key in common: a hash table of them.
 *
 *	tally = tallies_get(&tallies, &key);
 *	tally->calls++;
 *	tally_time(&tallies, tally, ns);
 *	tallies_clear(&tallies);
 */
#ifndef SYSDECODE_TALLY_H
#define SYSDECODE_TALLY_H

#include <stdbool.h>

#include "format/rows.h"
#include "histogram.h"

enum tally_kind {
	TALLY_CALLS,
	TALLY_OTHER, /* calls of keys that have no tally of their own */
	TALLY_LOST,  /* calls that could not be recorded */
};

/* What is not asked for is zero. */
struct tally_key {
	uint64_t interval; /* the number of it */
	uint32_t pid, tid, nr;
	uint16_t container; /* see containers.h */
	uint32_t path;      /* see pathnames.h */
	uint8_t abi, kind, comm_len;
	char comm[SST_COMM_MAX];
};

/* The name of a thread that stands for all of a tally: of the first thread of a process if it has come, at its latest.
 */
struct tally_name {
	uint64_t time;
	uint32_t rank; /* the lower the better */
	uint8_t comm_len;
	char comm[SST_COMM_MAX];
};

struct tally {
	struct tally_key key;
	uint64_t calls, errors, unfinished;
	uint64_t timed, total, max; /* calls whose duration is known; ns */
	uint64_t bytes;
	struct tally_name name;
	bool blurred; /* there was no memory for durations: no percentiles */
	struct histogram durations;
};

struct tallies {
	struct tally **slots; /* [cap], a power of two */
	size_t n, cap;
	size_t memory; /* bytes */
	size_t limit;  /* bytes beyond which histograms do not grow: the tally has no percentiles then; 0: none */
};

/* tally_hash(), tally_same_key() - for other tables with such keys. */
uint64_t tally_hash(const struct tally_key *key);
bool tally_same_key(const struct tally_key *a, const struct tally_key *b);

/* tallies_find() - the one with this key, or NULL. tallies_get() makes it if need be; NULL without memory. */
struct tally *tallies_find(const struct tallies *tallies, const struct tally_key *key);
struct tally *tallies_get(struct tallies *tallies, const struct tally_key *key);
void tallies_clear(struct tallies *tallies);

/* tally_blur() - give up the percentiles. */
void tally_blur(struct tallies *tallies, struct tally *tally);

/* tally_time() - a call has taken so long. */
static inline void tally_time(struct tallies *tallies, struct tally *tally, uint64_t ns)
{
	size_t before = tally->durations.n_blocks;

	if (!tally->blurred && !histogram_add(&tally->durations, ns))
		tally_blur(tallies, tally);
	if (tally->durations.n_blocks > before) {
		tallies->memory += sizeof(*tally->durations.blocks);
		if (tallies->limit && tallies->memory > tallies->limit)
			tally_blur(tallies, tally);
	}
	tally->timed++;
	tally->total = tally->total + ns < ns ? UINT64_MAX : tally->total + ns;
	tally->max = ns > tally->max ? ns : tally->max;
}

/* tally_bucket() - of calls that are in the sums, n have taken a time between low and high. */
void tally_bucket(struct tallies *tallies, struct tally *tally, uint64_t low, uint64_t high, uint64_t n);

/* tally_name() - a thread with this rank was called so at that time. */
void tally_name(struct tally *tally, uint32_t rank, uint64_t time, const char *comm, size_t comm_len);

/* tally_add() - add the sums of another, which need not have the same key. */
void tally_add(struct tallies *tallies, struct tally *to, const struct tally *from);

#endif
