/*
 * stats_print.h - tallies to text: a table for people, tsv, csv, jsonl, lines of NAME=VALUE, the summary of strace -c.
 */
#ifndef SYSDECODE_STATS_PRINT_H
#define SYSDECODE_STATS_PRINT_H

#include "cell.h"
#include "path.h"
#include "stats.h"

/* Columns of one format or another. */
enum field {
	FIELD_FROM,
	FIELD_UNTIL,
	FIELD_ROW,
	FIELD_PID,
	FIELD_TID,
	FIELD_CONTAINER,
	FIELD_COMM,
	FIELD_ABI,
	FIELD_SYSCALL,
	FIELD_CALLS,
	FIELD_ERRORS,
	FIELD_UNFINISHED,
	FIELD_TOTAL,
	FIELD_AVG,
	FIELD_P50,
	FIELD_P99,
	FIELD_MAX,
	FIELD_BYTES,
	FIELD_PATH, /* last, as it has any width */
	FIELD_COUNT
};

#define STATS_CELL (CELL_JSON_MAX(PATH_ROOM) + 2 * NUMBER_ROOM) /* bytes of a cell at most */

/* What is printed of one interval. */
struct stats_table {
	const struct stats_config *config;
	uint64_t interval;           /* its number */
	const struct tally **groups; /* in order */
	size_t n;
	const struct tally *other, *lost; /* or NULL */
	const struct tallies *names;      /* of processes or threads, by stats_owner(); NULL: each tally has its own */
};

/* stats_print_header() - the names of the columns, where they come once. */
void stats_print_header(const struct stats_config *config);
void stats_print(const struct stats_table *table);

/* stats_has_field() - is it in the table that is asked for? */
bool stats_has_field(const struct stats_config *config, enum field field);

/* Of the table for people: a column's title, NULL if it is not there; whether it is aligned left; a cell of it, which
 * has no NUL. Returns its end. */
const char *stats_field_title(enum field field);
bool stats_field_is_text(enum field field);
char *stats_put_field(char *p, const struct stats_table *table, const struct tally *tally, enum field field);

/* stats_owner() - the key of the process or thread that a tally is of. */
struct tally_key stats_owner(const struct tally *tally);

/* stats_average() - ns; 0 if no duration is known. */
uint64_t stats_average(const struct tally *tally);

/* stats_percentile() - ns that percent of the durations do not exceed, as far as the histogram tells; max at most. */
uint64_t stats_percentile(const struct tally *tally, unsigned percent);

#endif
