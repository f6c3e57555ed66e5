/*
 * column.h - a column of a frame as it stands in its streams: a token for each row, and the rest that they call for.
 *
 *	sst_column_times(&tables, &stream, &rest, n, &column)	checks that tokens and rest are as long as they must be
 *	while (…)
 *		v = sst_take_time(&tables, &column, *column.tokens++)
 *
 * Once a column is open, its tokens may be taken one after the other without looking for the end of the rest.
 */
#ifndef SST_COLUMN_H
#define SST_COLUMN_H

#include "bytes.h"
#include "columns.h"
#include "step.h"
#include "ticks.h"
#include "tokens.h"

/* What a token of a time or a value stands for. */
struct sst_token_table {
	uint64_t base[256];
	uint64_t mask[256]; /* of the rest that is added */
	uint8_t len[256];   /* of the rest: bits of a time, bytes of a value */
};

struct sst_token_tables {
	struct sst_token_table times, ticks, values;
};

struct sst_column {
	const uint8_t *tokens, *rest;
	size_t n;
	size_t rest_len, bit;  /* rest of a time: bits taken so far */
	uint32_t step;         /* of times; 0: none */
	bool ticks;            /* times are told in them */
	const uint8_t *shifts; /* of values, for each call: see sst_column_by_call() */
};

void sst_token_tables_fill(struct sst_token_tables *tables);

/*
 * Each opens the column of n tokens that stream holds, with its rest in *rest if it is split. stream->data is not NULL.
 * Return 0, SST_E_COLUMN or SST_E_NEWER.
 *
 * sst_column_bytes(): tokens without a rest. sst_column_small(): every escape has two bytes in the rest.
 * sst_column_ticks(): clock is filled in, or NULL where the column has none of its own.
 * sst_column_values(): rest is NULL where a column cannot be split; other: may a value be that of another column?
 * sst_column_by_call(): likewise, of values that are expected by call, of which there are n_calls: what a token says is
 * to be shifted left by column.shifts[call], but for the first of each call.
 */
int sst_column_bytes(const struct sst_bytes *stream, size_t n, struct sst_column *column);
int sst_column_small(const struct sst_bytes *stream, size_t n, struct sst_column *column);
int sst_column_times(const struct sst_bytes *stream, const struct sst_bytes *rest, size_t n, struct sst_column *column);
int sst_column_ticks(const struct sst_bytes *stream, const struct sst_bytes *rest, size_t n, struct sst_ticks *clock,
		     struct sst_column *column);
int sst_column_values(const struct sst_bytes *stream, const struct sst_bytes *rest, size_t n, bool other,
		      struct sst_column *column);
int sst_column_by_call(const struct sst_bytes *stream, const struct sst_bytes *rest, size_t n, bool other,
		       size_t n_calls, struct sst_column *column);

/* sst_count_bytes() - how many of the n bytes are the given one. */
size_t sst_count_bytes(const uint8_t *bytes, size_t n, uint8_t byte);

/* sst_skip_times(), sst_skip_values() - step over the next n tokens and their rest. */
void sst_skip_times(struct sst_column *column, size_t n);
void sst_skip_values(struct sst_column *column, size_t n);

/* sst_sum_times() - take the next n, and add them up. */
uint64_t sst_sum_times(const struct sst_token_tables *tables, struct sst_column *column, size_t n);

/* sst_take_small() - what a token other than 0 says. */
static inline unsigned sst_take_small(struct sst_column *c, uint8_t token)
{
	unsigned v = token - 1u;

	if (token == SMALL_ESCAPE) {
		v = sst_get16(c->rest);
		c->rest += 2;
	}
	return v;
}

/* Reads eight bytes at the place, which may be beyond the rest but not beyond the slack. */
static inline uint64_t sst_take_bits(struct sst_column *c, unsigned len, uint64_t mask)
{
	const uint8_t *p = c->rest + (c->bit >> 3);
	unsigned shift = c->bit & 7;
	uint64_t v = sst_get64(p) >> shift;

	if (__builtin_expect(len > 56, 0) && shift > 0)
		v |= (uint64_t)p[8] << (64 - shift);
	c->bit += len;
	return v & mask;
}

/* sst_take_ticks() - what token t of a column of ticks says; *more: as many ns later. */
static inline uint64_t sst_take_ticks(const struct sst_token_tables *tables, struct sst_column *c, uint8_t t,
				      int64_t *more)
{
	const struct sst_token_table *ticks = &tables->ticks;
	uint64_t v = ticks->base[t] + sst_take_bits(c, ticks->len[t], ticks->mask[t]);

	*more = 0;
	if (__builtin_expect(t < TICKS_NEAR, 1))
		return v;
	if (t == TICKS_NEAR) {
		*more = (int64_t)(v >> 12 ^ 8) - 8;
		return v & 4095;
	}
	*more = (int64_t)v >> 56;
	return (uint64_t)((int64_t)(v << 8) >> 8);
}

/* sst_take_time() - what token t says, with the next of the rest: ns, or in a column of ticks these. */
static inline uint64_t sst_take_time(const struct sst_token_tables *tables, struct sst_column *c, uint8_t t)
{
	const struct sst_token_table *times = &tables->times;
	uint64_t v;
	int64_t more;

	if (c->ticks)
		return sst_take_ticks(tables, c, t, &more);
	v = times->base[t] + sst_take_bits(c, times->len[t], times->mask[t]);

	if (c->step == 0 || v >= SST_STEP_LIMIT || __builtin_expect(t == TIME_NO_STEP, 0))
		return v;
	return sst_step_time(v, c->step);
}

/* sst_take_value() - likewise, the difference to what is expected. */
static inline uint64_t sst_take_value(const struct sst_token_tables *tables, struct sst_column *c, uint8_t t)
{
	const struct sst_token_table *values = &tables->values;
	uint64_t d = values->base[t] + (sst_get64(c->rest) & values->mask[t]);

	c->rest += values->len[t];
	return sst_unzigzag(d);
}

#endif
