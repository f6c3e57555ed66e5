/*
 * pick.h - the rows of some calls out of the columns of a frame; what is between them is only measured and added up.
 *
 * The column of calls is decoded as always. For each row that is wanted it notes how many arguments there are before
 * it, so that its tokens are found in the columns of arguments. Of the rows that are not wanted nothing else is known
 * afterwards, but when each group begins. What in these columns contradicts the format is refused as when all rows are
 * decoded.
 */
#ifndef SST_PICK_H
#define SST_PICK_H

#include "column.h"
#include "rows.h"
#include "times.h"

#define SST_PICK_SHARE 8 /* with more than one row in so many it is better to decode all of them */
#define SST_PICK_MAX   (SST_ROWS_MAX / SST_PICK_SHARE)

/* How many rows have an argument 0, 1, 2; 3, 4, 5: in 21 bits each. */
struct sst_arg_counts {
	uint64_t low, high;
};

struct sst_picker {
	size_t n, max; /* rows picked; more than max: too many, then nothing is picked */
	struct {
		uint32_t row;
		struct sst_arg_counts before;
	} picked[SST_PICK_MAX + 2]; /* in order */
	uint16_t rows[SST_PICK_MAX];
	uint64_t last[SST_CALLS_MAX];
	uint8_t shift[SST_CALLS_MAX]; /* of the next value of a call */
};

static inline struct sst_arg_counts sst_arg_counts_of(unsigned nargs)
{
	struct sst_arg_counts counts = {0};

	for (unsigned k = 0; k < nargs; k++)
		*(k < 3 ? &counts.low : &counts.high) += UINT64_C(1) << k % 3 * 21;
	return counts;
}

static inline size_t sst_arg_count(const struct sst_arg_counts *counts, unsigned k)
{
	return (k < 3 ? counts->low : counts->high) >> k % 3 * 21 & 0x1fffff;
}

/* sst_pick_begin() - for a frame of n rows; then sst_pick_add() for each row that is wanted, in order. */
static inline void sst_pick_begin(struct sst_picker *picker, size_t n)
{
	picker->n = 0;
	picker->max = n / SST_PICK_SHARE;
}

static inline void sst_pick_add(struct sst_picker *picker, size_t row, struct sst_arg_counts before)
{
	picker->picked[picker->n].row = (uint32_t)row;
	picker->picked[picker->n].before = before;
	picker->n += picker->n <= picker->max;
}

/* sst_pick_finish() - fill in rows->rows. Returns false if the rows are too many. */
bool sst_pick_finish(struct sst_picker *picker);

/*
 * Each fills in a column, or two, of the rows that have been picked. Needs the calls and states of all rows.
 * sst_pick_argument(): n rows have an argument k. sst_pick_ret(): needs arg2. Return 0, SST_E_COLUMN or SST_E_NEWER.
 */
int sst_pick_times(const struct sst_picker *picker, const struct sst_token_tables *tables,
		   const struct sst_bytes *streams, struct sst_times_room *room, uint64_t time_min,
		   struct sst_rows *rows);
int sst_pick_argument(struct sst_picker *picker, const struct sst_token_tables *tables, const struct sst_bytes *streams,
		      unsigned k, size_t n, struct sst_rows *rows);
int sst_pick_ret(struct sst_picker *picker, const struct sst_token_tables *tables, const struct sst_bytes *streams,
		 struct sst_rows *rows);

/* sst_pick_seq() - where there is no stream for it: the numbers of a group follow each other. */
void sst_pick_seq(const struct sst_picker *picker, struct sst_rows *rows);

#endif
