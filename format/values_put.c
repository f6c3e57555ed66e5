/* values_put.c - see values_put.h */
#include "values_put.h"

/* Shifts are worth their bytes where they bring a value into its token, or into fewer bytes. */
#define SHIFT_MIN 3

/* A head with a shift for each call, if that is worth it: with values that all end in the same bits as the first, their
 * differences end in zeros. */
static void shifts_head(struct sst_values_place *place, const struct sst_rows *rows, unsigned k, struct sst_put *c)
{
	bool useful = false;

	for (size_t i = 0; i < rows->n_calls; i++) {
		uint64_t bits = place->differences[i].bits[k];
		unsigned shift = bits ? (unsigned)__builtin_ctzll(bits) : 0;

		c->tokens[i] = (uint8_t)shift;
		useful |= shift >= SHIFT_MIN && bits > VALUE_SMALL_MAX;
	}
	if (!useful)
		return;
	c->encoding = SST_SHIFTED;
	c->head = rows->n_calls;
	c->tokens += c->head;
	c->rest += c->head;
}

/* Are there so many calls that a byte for each costs more than it saves? */
static bool may_shift(const struct sst_rows *rows, size_t n)
{
	return n >= SST_SPLIT_ROWS && rows->n_calls < n / 16;
}

static void find_first_shifts(struct sst_values_place *place, const struct sst_rows *rows,
			      struct sst_put c[SST_RARE_FROM])
{
	const uint64_t *arg0 = rows->arg[0], *arg1 = rows->arg[1], *arg2 = rows->arg[2];

	if (!may_shift(rows, rows->n))
		return;
	memset(place->first, 0, rows->n_calls * sizeof(place->first[0]));
	for (size_t i = rows->n; i-- > 0;)
		place->first[rows->call[i]] = (uint16_t)i;
	for (size_t i = 0; i < rows->n_calls; i++) {
		size_t row = place->first[i];

		place->differences[i] = (struct sst_differences){.first = {arg0[row], arg1[row], arg2[row]}};
	}
	for (size_t i = 0; i < rows->n; i++) {
		struct sst_differences *d = &place->differences[rows->call[i]];

		d->bits[0] |= arg0[i] ^ d->first[0];
		d->bits[1] |= arg1[i] ^ d->first[1];
		d->bits[2] |= arg2[i] ^ d->first[2];
	}
	for (unsigned k = 0; k < SST_RARE_FROM; k++)
		shifts_head(place, rows, k, &c[k]);
}

/* Another argument, or results. */
struct values {
	const uint64_t *of_row;
	const uint16_t *rows; /* that may have one, in their order; NULL: all */
	size_t n;             /* rows */
	bool results;         /* a row has one if its state says so */
};

static void find_shifts(struct sst_values_place *place, const struct sst_rows *rows, const struct values *values,
			struct sst_put *c)
{
	if (!may_shift(rows, values->n))
		return;
	memset(place->differences, 0, rows->n_calls * sizeof(place->differences[0]));
	memset(place->shift, 0, rows->n_calls); /* 1: there is a first value */
	for (size_t i = 0; i < values->n; i++) {
		size_t row = values->rows ? values->rows[i] : i, call = rows->call[row];
		struct sst_differences *d = &place->differences[call];

		if (values->results && !sst_state_has_ret(rows->state[row]))
			continue;
		d->first[0] = place->shift[call] ? d->first[0] : values->of_row[row];
		place->shift[call] = 1;
		d->bits[0] |= values->of_row[row] ^ d->first[0];
	}
	shifts_head(place, rows, 0, c);
}

/* Is so little in the rest that shifts need not be looked for in the next frame? */
static bool is_dull(const struct sst_put *c)
{
	return c->head == 0 && c->rest_len < c->n / 32;
}

static uint8_t shift_of(const struct sst_put *c, size_t call)
{
	return c->head ? (c->tokens - c->head)[call] : 0;
}

static inline uint64_t shifted(uint64_t difference, unsigned shift)
{
	return (uint64_t)((int64_t)difference >> shift);
}

/* The arguments that most calls have, all at once: what is expected of one waits for the row before, but not for what
 * is expected of the others. */
static void put_first(struct sst_values_place *place, struct sst_room *room, const struct sst_rows *rows,
		      struct sst_bytes *streams)
{
	struct sst_put c[SST_RARE_FROM];
	const uint64_t *arg0 = rows->arg[0], *arg1 = rows->arg[1], *arg2 = rows->arg[2];
	struct sst_put c0, c1, c2;

	for (unsigned k = 0; k < SST_RARE_FROM; k++)
		c[k] = sst_part_begin(room, k, rows);
	find_first_shifts(place, rows, c);
	for (size_t i = 0; i < rows->n_calls; i++) {
		struct sst_expected *expected = &place->expected[i];

		*expected = (struct sst_expected){0};
		for (unsigned k = 0; k < SST_RARE_FROM; k++)
			expected->declared[k] = rows->calls[i].nargs > k;
		for (unsigned k = 0; k < SST_RARE_FROM; k++)
			expected->then_shift[k] = shift_of(&c[k], i);
	}
	c0 = c[0];
	c1 = c[1];
	c2 = c[2];
	for (size_t i = 0; i < rows->n; i++) {
		struct sst_expected *expected = &place->expected[rows->call[i]];

		sst_put_value(&c0, shifted(arg0[i] - expected->arg[0], expected->shift[0]), expected->declared[0]);
		sst_put_value(&c1, shifted(arg1[i] - expected->arg[1], expected->shift[1]), expected->declared[1]);
		sst_put_value(&c2, shifted(arg2[i] - expected->arg[2], expected->shift[2]), expected->declared[2]);
		expected->arg[0] = arg0[i];
		expected->arg[1] = arg1[i];
		expected->arg[2] = arg2[i];
		memcpy(expected->shift, expected->then_shift, sizeof(expected->shift));
	}
	sst_column_end(room, c0, streams, SST_STREAM_ARG0, SST_STREAM_ARG0_REST);
	sst_column_end(room, c1, streams, SST_STREAM_ARG0 + 1, SST_STREAM_ARG0_REST + 1);
	sst_column_end(room, c2, streams, SST_STREAM_ARG0 + 2, SST_STREAM_ARG0_REST + 2);
}

/* Another one, of the few rows that have it. */
static void put_rare(struct sst_values_place *place, struct sst_room *room, const struct sst_rows *rows, unsigned k,
		     struct sst_bytes *streams)
{
	struct sst_put c = sst_column_begin(room, place->n_rare + 1);
	const uint64_t *arg = rows->arg[k];
	struct values values = {.of_row = arg, .rows = place->rare, .n = place->n_rare};

	if (!place->dull[k])
		find_shifts(place, rows, &values, &c);
	memset(place->last, 0, rows->n_calls * sizeof(place->last[0]));
	memset(place->shift, 0, rows->n_calls);
	for (size_t i = 0; i < place->n_rare; i++) {
		unsigned row = place->rare[i], call = rows->call[row];

		sst_put_value(&c, shifted(arg[row] - place->last[call], place->shift[call]), 1);
		place->last[call] = arg[row];
		place->shift[call] = shift_of(&c, call);
	}
	place->dull[k] = is_dull(&c);
	sst_column_end(room, c, streams, SST_STREAM_ARG0 + k, SST_STREAM_ARG0_REST + k);
}

/* Of the rows in the list, or of all, those with argument k are a new list. */
static void choose_rare(struct sst_values_place *place, const struct sst_rows *rows, unsigned k, bool all)
{
	size_t n = 0, from = all ? rows->n : place->n_rare;

	for (size_t i = 0; i < rows->n_calls; i++)
		place->declared[i] = rows->calls[i].nargs > k;
	for (size_t i = 0; i < from; i++) {
		uint16_t row = all ? (uint16_t)i : place->rare[i];

		place->rare[n] = row;
		n += place->declared[rows->call[row]];
	}
	place->n_rare = n;
}

/* Most calls have three arguments at most. */
void sst_put_arguments(struct sst_values_place *place, struct sst_room *room, const struct sst_rows *rows,
		       struct sst_bytes *streams)
{
	unsigned nargs = 0;

	for (size_t i = 0; i < rows->n_calls; i++)
		nargs = rows->calls[i].nargs > nargs ? rows->calls[i].nargs : nargs;
	put_first(place, room, rows, streams);
	for (unsigned k = SST_RARE_FROM; k < nargs; k++) {
		choose_rare(place, rows, k, k == SST_RARE_FROM);
		put_rare(place, room, rows, k, streams);
	}
}

void sst_put_results(struct sst_values_place *place, struct sst_room *room, const struct sst_rows *rows,
		     struct sst_bytes *streams)
{
	struct sst_put c = sst_column_begin(room, rows->n);
	struct values values = {.of_row = rows->ret, .n = rows->n, .results = true};

	if (!place->dull_results)
		find_shifts(place, rows, &values, &c);
	memset(place->last, 0, rows->n_calls * sizeof(place->last[0]));
	memset(place->shift, 0, rows->n_calls);
	for (size_t i = 0; i < rows->n; i++) {
		unsigned call = rows->call[i];
		uint64_t ret = rows->ret[i];

		if (!sst_state_has_ret(rows->state[i]))
			continue;
		if (ret == rows->arg[2][i])
			c.tokens[c.n++] = VALUE_OTHER;
		else
			sst_put_value(&c, shifted(ret - place->last[call], place->shift[call]), 1);
		place->last[call] = ret;
		place->shift[call] = shift_of(&c, call);
	}
	place->dull_results = is_dull(&c);
	sst_column_end(room, c, streams, SST_STREAM_RET, SST_STREAM_RET_REST);
}
