/*
 * times_put.h - the two columns of times, written at once. docs/format.md, "Times", "Steps" and "Ticks".
 *
 *	sst_clock_choose(&clock, rows, time_min)	how this frame's times are told best
 *	sst_put_times(&clock, rows, time_min, …)	both columns
 */
#ifndef SST_TIMES_PUT_H
#define SST_TIMES_PUT_H

#include "columns.h"
#include "put.h"
#include "step.h"
#include "ticks.h"

/* The clock of the machine that is recorded, as far as it is known from the frames before. All zero at first. */
struct sst_clock_finder {
	bool has_ticks; /* in this frame: ticks; else steps, if step.step is not 0 */
	struct sst_ticks ticks;
	struct sst_step step, known_step;
	uint64_t known_tick; /* 2^-40 ns; 0: none */
	unsigned no_search;  /* so many more frames without a search */
};

/* sst_clock_choose() - does the clock count in ticks or steps, in this frame? */
void sst_clock_choose(struct sst_clock_finder *clock, const struct sst_rows *rows, uint64_t time_min);

/* Where tokens that are like each other begin: a compressor may begin a block there. */
struct sst_cuts {
	uint32_t at[TICK_CONTEXTS]; /* in the tokens */
	size_t n;
};

/* Memory for it. */
struct sst_times_place {
	uint32_t next[2][TICK_CONTEXTS]; /* where the next token of the context goes */
	struct sst_cuts cuts[2];
};

/*
 * sst_put_times() - pauses and durations have room for the head, a token and eight bytes of rest a row, and 16 bytes
 * more; column.encoding and head are set. place: which holds afterwards the cuts of both columns, if there are any.
 */
void sst_put_times(const struct sst_clock_finder *clock, const struct sst_rows *rows, uint64_t time_min,
		   struct sst_put *pauses, struct sst_put *durations, struct sst_times_place *place);

#endif
