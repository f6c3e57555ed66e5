/*
 * stats.h - the view --stats: what calls have cost, in sums by process, call and so on, for the whole or by interval.
 *
 *	struct stats *stats = stats_new(&config);
 *	view = stats_view(stats);	one for each thread that has rows
 *	...
 *	stats_finish(stats);		when all has been read: prints what is left
 *	stats_free(stats);
 *
 * Each thread adds up its own rows, and hands them over when a view goes, has enough or an interval is over. A call
 * counts once, in the interval in which it returned; one that has not returned when the recording ends counts in the
 * last. So the sums from a file and from a pipe are the same.
 *
 * Memory is bounded: keys for which there is none left are counted together, as "other".
 */
#ifndef SYSDECODE_STATS_H
#define SYSDECODE_STATS_H

#include "tally.h"
#include "view.h"

enum stats_style { STATS_TEXT, STATS_TSV, STATS_CSV, STATS_JSONL, STATS_LINE, STATS_SUMMARY };
enum stats_sort { SORT_TOTAL, SORT_CALLS, SORT_ERRORS, SORT_AVG, SORT_P50, SORT_P99, SORT_MAX, SORT_BYTES, SORT_COUNT };

/* What calls are told apart by. */
#define BY_PROCESS   1u
#define BY_THREAD    2u
#define BY_COMM      4u
#define BY_SYSCALL   8u
#define BY_CONTAINER 16u
#define BY_PATH      32u
#define BY_ALL       (BY_PROCESS | BY_THREAD | BY_COMM | BY_SYSCALL | BY_CONTAINER) /* what a live table can show */

struct stats_config {
	uint64_t interval; /* ns; 0: one for the whole */
	unsigned by;       /* BY_* */
	enum stats_sort sort;
	uint64_t top; /* tallies of their own in each interval; 0: all */
	enum stats_style style;
	bool header;
	bool ignores_open; /* the filter asks what is only known of calls that have returned */
	struct out *out;
	struct live *live; /* NULL: nobody watches */
	bool unprinted;    /* what is watched is not printed as well */
};

struct live;
struct stats;

/* stats_key() - the key of a call, told apart by BY_* but its path; its interval is 0. */
void stats_key(struct tally_key *key, unsigned by, const struct row *row);

/* stats_call() - see struct view. Then stats_moves_bytes(): is the call's result a number of bytes that were moved? */
void stats_call(const struct view *view, struct call *call);
static inline bool stats_moves_bytes(const struct call *call)
{
	return *call->text;
}

/* What stats takes at most, told apart by BY_*, with the views of so many threads; watched: with a live table. */
size_t stats_memory(unsigned threads, unsigned by, bool watched);

/* stats_new() - the config is copied. NULL without memory. */
struct stats *stats_new(const struct stats_config *config);
struct view *stats_view(struct stats *stats);
/* stats_finish() - false if memory was out somewhere: the sums are not complete. Says on standard error what is not. */
bool stats_finish(struct stats *stats);
void stats_free(struct stats *stats);

#endif
