/*
 * values_put.h - the columns of results and arguments, written. docs/format.md, "Values" and "Shifted values".
 *
 *	sst_put_results(place, &room, rows, streams)
 *	sst_put_arguments(place, &room, rows, streams)
 */
#ifndef SST_VALUES_PUT_H
#define SST_VALUES_PUT_H

#include "columns.h"
#include "put.h"

/* Arguments from this one on are looked for in the rows that have them only. */
#define SST_RARE_FROM 3

/* What the last row of a call had. */
struct sst_expected {
	uint64_t arg[SST_RARE_FROM];
	uint8_t declared[SST_RARE_FROM];
	uint8_t shift[SST_RARE_FROM + 1];      /* of the next row: 0 for the first, and then … */
	uint8_t then_shift[SST_RARE_FROM + 1]; /* … (one more, so that they can be copied at once) */
};

/* The first values of a call, and the bits in which others differ from them. */
struct sst_differences {
	uint64_t first[SST_RARE_FROM], bits[SST_RARE_FROM];
};

/* Memory for it, and what is known from the frames before. All zero at first. */
struct sst_values_place {
	uint64_t last[SST_CALLS_MAX];
	uint8_t declared[SST_CALLS_MAX];
	struct sst_expected expected[SST_CALLS_MAX];
	struct sst_differences differences[SST_CALLS_MAX];
	uint16_t first[SST_CALLS_MAX]; /* row of each call */
	uint8_t shift[SST_CALLS_MAX];
	bool dull_results, dull[SST_ARGS]; /* no shifts are looked for */
	uint16_t rare[SST_ROWS_MAX];       /* rows with more than so many arguments */
	size_t n_rare;
};

/* sst_put_results(), sst_put_arguments() - of all rows, which are valid, into streams; room for them is there. */
void sst_put_results(struct sst_values_place *place, struct sst_room *room, const struct sst_rows *rows,
		     struct sst_bytes *streams);
void sst_put_arguments(struct sst_values_place *place, struct sst_room *room, const struct sst_rows *rows,
		       struct sst_bytes *streams);

#endif
