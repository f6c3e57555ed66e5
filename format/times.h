/*
 * times.h - the two columns of times, pauses and durations, which are read together.
 *
 *	sst_times_open(&times, streams, rows, place)	checks them
 *	sst_times_decode(&times, tables, time_min, rows)	all rows
 */
#ifndef SST_TIMES_H
#define SST_TIMES_H

#include "column.h"

/* Memory for columns of ticks, whose tokens are put in the order of rows. */
struct sst_times_room {
	uint32_t next[2][TICK_CONTEXTS];
	uint8_t pauses[SST_ROWS_MAX], durations[SST_ROWS_MAX + 1];
};

struct sst_times {
	bool has_pause, has_duration; /* the streams; otherwise all are 0 */
	bool all;                     /* rows have a duration */
	struct sst_column pause, duration;
	bool in_ticks; /* both */
	struct sst_tick_times clock;
};

/*
 * sst_times_open() - needs the states of all rows and, if either stream is in ticks, their calls. times is valid as
 * long as streams and room. Returns 0, SST_E_COLUMN or SST_E_NEWER.
 */
int sst_times_open(struct sst_times *times, const struct sst_bytes *streams, const struct sst_rows *rows,
		   struct sst_times_room *room);

/* sst_times_decode() - the times and durations of all rows. */
void sst_times_decode(const struct sst_times *times, const struct sst_token_tables *tables, uint64_t time_min,
		      struct sst_rows *rows);

#endif
