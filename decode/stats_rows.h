/*
 * stats_rows.h - what the parts of --stats share: stats.c (sessions, intervals and what is printed of them) and
 * stats_rows.c (what the rows of one of our threads add up to).
 *
 *	shard = stats_shard(stats);	a view for rows; stats.c has the rest of its functions
 *	stats_hand_over(shard);		its sums go to those of all threads
 */
#ifndef SYSDECODE_STATS_ROWS_H
#define SYSDECODE_STATS_ROWS_H

#include <pthread.h>

#include "report.h"
#include "stats.h"
#include "stats_open.h"

#define SHARD_MEMORY ((size_t)384 << 10)
#define AT_THE_END   UINT64_MAX /* the interval of calls that have not returned, until it is known */
#define CACHE        1024

struct stats {
	struct stats_config config;
	unsigned by; /* BY_*: what calls are told apart by here; what is printed may be coarser */
	const struct view *first;
	struct session session;
	bool inside;   /* a session */
	uint64_t next; /* the first interval that is not printed yet. Changes only while views are at rest */
	int64_t known; /* ns since times count */

	pthread_mutex_t lock; /* of what follows */
	struct tallies sums;
	size_t others;
	struct open_calls open;
	struct shard *shards;
	bool failed;
	uint64_t folded;   /* tallies that had no key */
	uint64_t pathless; /* calls that were counted in the kernel, which tells no paths */
};

/* The tally that a thread and a call of the frame have had last. */
struct cached {
	const struct sst_group *who;
	const struct call *call;
	uint64_t interval;
	uint32_t nr; /* late rows share the place of their calls */
	uint8_t abi;
	struct tally *tally;
};

/* The sums of one thread of ours. */
struct shard {
	struct view view;
	struct stats *stats;
	struct shard *next;
	struct tallies sums;
	uint64_t low, high, interval; /* ns since times count: the interval that was looked up last */
	int64_t known;
	uint64_t serial; /* of the frame */
	struct cached cache[CACHE];
	/* of a group: the tallies of its calls, by their index in the frame, and which there are */
	struct tally *of_call[SST_CALLS_MAX];
	uint16_t noted[SST_CALLS_MAX], n_noted;
	uint64_t of_interval; /* all of them */
};

/*
 * stats_shard() - a shard of stats with its view's columns and functions for calls, frames, rows and what is lost; the
 * view's other functions are NULL, and it is in no list. NULL without memory; to be freed with free() once it has been
 * handed over.
 */
struct shard *stats_shard(struct stats *stats);

/* stats_hand_over() - add the sums of a shard to stats->sums and empty it. Takes the lock. */
void stats_hand_over(struct shard *shard);

/* stats_add() - add a tally to stats->sums, or to the one of others where there is no memory for new keys. With the
 * lock held. */
void stats_add(struct stats *stats, const struct tally *from);

#endif
