/*
 * stats_print.h - tallies to text: a table for people, tsv, csv, jsonl, lines of NAME=VALUE, the summary of strace -c.
 */
#ifndef SYSDECODE_STATS_PRINT_H
#define SYSDECODE_STATS_PRINT_H

#include "stats.h"

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

/* stats_owner() - the key of the process or thread that a tally is of. */
struct tally_key stats_owner(const struct tally *tally);

/* stats_average() - ns; 0 if no duration is known. */
uint64_t stats_average(const struct tally *tally);

#endif
