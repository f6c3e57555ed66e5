/*
 * stats_table.h - the tallies of one interval: coarser ones of fine ones, in order, and what is printed of them.
 *
 *	tallies_fold(&coarse, list, n, BY_PROCESS);	as if they had been told apart by less from the beginning
 *	stats_sort(list, n, SORT_TOTAL);
 *	stats_print_interval(&config, list, n);
 *	tallies_clear(&coarse);
 */
#ifndef SYSDECODE_STATS_TABLE_H
#define SYSDECODE_STATS_TABLE_H

#include "stats.h"

/* stats_coarser() - what is left of a key when only BY_* is asked for. */
struct tally_key stats_coarser(const struct tally_key *key, unsigned by);

/* tallies_fold() - add them to what is in to; the list is not changed. False without memory: some are missing then. */
bool tallies_fold(struct tallies *to, const struct tally *const *list, size_t n, unsigned by);

/* tallies_list() - all of a table into list, which has room for tallies->n. Returns how many there are. */
size_t tallies_list(const struct tallies *tallies, const struct tally **list);

/* stats_sort() - by interval, what is not calls first, then the largest first; equal ones by key. */
void stats_sort(const struct tally **list, size_t n, enum stats_sort sort);

/* stats_compare_keys() - an order that does not depend on what was read first; not of intervals and kinds. */
int stats_compare_keys(const struct tally_key *a, const struct tally_key *b);

/* stats_sort_value() - what tallies are compared by. */
uint64_t stats_sort_value(const struct tally *tally, enum stats_sort sort);

/* stats_print_interval() - n sorted tallies of one interval, n > 0. False without memory: some is missing then. */
bool stats_print_interval(const struct stats_config *config, const struct tally **list, size_t n);

/*
 * stats_names() - by stats_owner(), the name that all tallies of a process or thread go by. False without memory: the
 * names of some are their own.
 */
bool stats_names(struct tallies *names, const struct tally *const *list, size_t n);

#endif
