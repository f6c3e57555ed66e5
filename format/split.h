/*
 * split.h - rows that are too many bytes for one frame, as two sets of rows.
 */
#ifndef SST_SPLIT_H
#define SST_SPLIT_H

#include "rows.h"

/*
 * sst_rows_split() - the first half of the rows in the order of the table, with half of the gaps, events and opens, to
 * first; the others and the clocks to second. Both have all calls. until: every row up to this time (inclusive) is in
 * first. Returns 0, -ENOMEM, or -E2BIG where there is nothing to divide.
 */
int sst_rows_split(const struct sst_rows *rows, struct sst_rows *first, struct sst_rows *second, uint64_t *until);

#endif
