/*
 * sums.h - what calls have cost, by process and call: from the tables that threads count into (bpf/tally.h) to the
 * tallies of a file.
 *
 *	struct sums *sums = sums_new();
 *	sums_add_table(sums, &who, table);	as often as wanted
 *	sums_write(sums, tally, write, context);	as many frames as it takes
 *	sums_clear(sums);
 *	sums_free(sums);
 *
 * Memory is bounded: beyond SUMS_MAX calls are counted together, of process 0 and any number. Who has an eye on
 * sums_is_full() writes before it comes to that.
 */
#ifndef TRACER_SUMS_H
#define TRACER_SUMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../bpf/tally.h"
#include "../format/tally.h"
#include "containers.h"

#define SUMS_FULL 65536           /* lines: it would be time to write them; some 12 MiB */
#define SUMS_MAX  (4 * SUMS_FULL) /* there are no more */

/* Whose calls they are. */
struct sums_who {
	uint32_t pid, tid;
	const char *comm;   /* RING_COMM bytes at most; NULL: not known */
	uint64_t container; /* as in struct ring_chunk */
	uint32_t pidns, ns_pid;
};

struct sums;

/* sums_new() - NULL without memory. sums_name_containers() - by these; otherwise nobody is in one. */
struct sums *sums_new(void);
void sums_name_containers(struct sums *sums, struct containers *containers);
void sums_free(struct sums *sums);
void sums_clear(struct sums *sums);

/* sums_add_table() - all that a thread has counted. 0 or -ENOMEM. */
int sums_add_table(struct sums *sums, const struct sums_who *who, const struct tally_table *table);

/* sums_add_calls() - the same of a line without cells; calls of abi SST_TALLY_ANY count as if all took the mean. */
int sums_add_calls(struct sums *sums, const struct sums_who *who, const struct sst_tally_line *line);

/* sums_lines(), sums_calls() - how many lines, and calls in them. sums_is_full() - are there many? */
size_t sums_lines(const struct sums *sums);
uint64_t sums_calls(const struct sums *sums);
bool sums_is_full(const struct sums *sums);

/*
 * sums_write() - fill tally, whose numbers the caller has set, by process and call, and write it, again and again until
 * all has been written; all but the last have SST_TALLY_MORE, and the last one has began and ended. 0, -ENOMEM, or what
 * write() has returned.
 */
int sums_write(struct sums *sums, struct sst_tally *tally, int (*write)(void *context, const struct sst_tally *tally),
	       void *context);

#endif
