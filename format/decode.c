#include "columns.h"
#include "bytes.h"
#include "captures.h"
#include "reader.h"
#include "step.h"
#include "tokens.h"

#include <errno.h>
#include <stdlib.h>

/* What a token of a time or a value stands for. */
struct token_table {
	uint64_t base[256];
	uint64_t mask[256]; /* of the rest that is added */
	uint8_t len[256];   /* of the rest: bits of a time, bytes of a value */
};

struct sst_decoder {
	struct token_table times, values;
	uint64_t last[SST_CALLS_MAX];
	uint32_t count[SST_CALLS_MAX]; /* rows of each call */
	uint8_t declared[SST_CALLS_MAX];
	bool picks;                    /* only some rows' arguments and results are wanted: */
	uint16_t picked[SST_ROWS_MAX]; /* those, in order; all rows of some calls */
	size_t n_picked;
	uint16_t predicted[CONTEXTS];
};

/* A column to be read: n tokens and the rest behind them. */
struct column {
	const uint8_t *tokens, *rest;
	size_t n, rest_len;
	uint32_t step; /* of times; 0: none */
};

static uint64_t low_bits(unsigned n)
{
	return n == 0 ? 0 : UINT64_MAX >> (64 - n);
}

static void fill_tables(struct sst_decoder *d)
{
	for (unsigned t = 0; t <= TIME_TOKEN_MAX; t++) {
		unsigned n = t < 8 ? 0 : t / 4 - 1;

		d->times.base[t] = t < 8 ? t : (uint64_t)(4 + t % 4) << n;
		d->times.len[t] = (uint8_t)n;
		d->times.mask[t] = low_bits(n);
	}
	d->times.len[TIME_NO_STEP] = 16;
	d->times.mask[TIME_NO_STEP] = low_bits(16);
	for (unsigned t = 0; t < 256; t++) {
		unsigned n = t > VALUE_BYTES ? t - VALUE_BYTES : 0;

		d->values.base[t] = t > VALUE_BYTES || t < 2 ? 0 : t - 1;
		d->values.len[t] = (uint8_t)n;
		d->values.mask[t] = low_bits(8 * n);
	}
}

struct sst_decoder *sst_decoder_new(void)
{
	struct sst_decoder *decoder = calloc(1, sizeof(*decoder));

	if (decoder)
		fill_tables(decoder);
	return decoder;
}

void sst_decoder_free(struct sst_decoder *decoder)
{
	free(decoder);
}

uint64_t sst_columns_streams(unsigned columns)
{
	uint64_t streams = SST_STREAM_BIT(SST_STREAM_GROUPS) | SST_STREAM_BIT(SST_STREAM_CALLS);

	if (columns & (SST_COL_RET | SST_COL_ARGS))
		columns |= SST_COL_CALL;
	if (columns & (SST_COL_TIME | SST_COL_RET | SST_COL_ARGS | SST_COL_STATE))
		streams |= SST_STREAM_BIT(SST_STREAM_STATE);
	if (columns & SST_COL_TIME)
		streams |= SST_STREAM_BIT(SST_STREAM_PAUSE) | SST_STREAM_BIT(SST_STREAM_DURATION) |
			   SST_STREAM_BIT(SST_STREAM_PAUSE_REST) | SST_STREAM_BIT(SST_STREAM_DURATION_REST);
	if (columns & SST_COL_CALL)
		streams |= SST_STREAM_BIT(SST_STREAM_CALL);
	if (columns & SST_COL_SEQ)
		streams |= SST_STREAM_BIT(SST_STREAM_SEQ);
	if (columns & SST_COL_CPU)
		streams |= SST_STREAM_BIT(SST_STREAM_CPU);
	if (columns & (SST_COL_RET | SST_COL_ARGS))
		streams |= SST_STREAM_BIT(SST_STREAM_RET) | SST_STREAM_BIT(SST_STREAM_RET_REST) |
			   SST_STREAM_BIT(SST_STREAM_ARG0 + 2) | SST_STREAM_BIT(SST_STREAM_ARG0_REST + 2);
	for (unsigned k = 0; columns & SST_COL_ARGS && k < SST_ARGS; k++)
		streams |= SST_STREAM_BIT(SST_STREAM_ARG0 + k) | SST_STREAM_BIT(SST_STREAM_ARG0_REST + k);
	if (columns & SST_COL_TEXT)
		streams |= SST_STREAM_BIT(SST_STREAM_CAPTURES) | SST_STREAM_BIT(SST_STREAM_TEXT) |
			   SST_STREAM_BIT(SST_STREAM_OPENS);
	if (columns & (SST_COL_EXTRA | SST_COL_TEXT))
		streams |= SST_STREAM_BIT(SST_STREAM_GAPS) | SST_STREAM_BIT(SST_STREAM_EVENTS) |
			   SST_STREAM_BIT(SST_STREAM_CLOCKS);
	return streams;
}

/* What a list (groups, calls, gaps …) said after it has been read. */
static int list_end(const struct sst_cursor *c, int err)
{
	if (err)
		return err == -E2BIG ? SST_E_LIMIT : err;
	return c->bad || sst_left(c) > 0 ? SST_E_COLUMN : 0;
}

static uint32_t take32(struct sst_cursor *c, uint32_t expected)
{
	uint64_t v = expected + sst_unzigzag(sst_take_varint(c));

	if (v > UINT32_MAX)
		c->bad = true;
	return (uint32_t)v;
}

static uint32_t take_pid(struct sst_cursor *c, uint32_t tid, uint32_t before)
{
	uint64_t code = sst_take_varint(c), pid;

	if (code == PID_IS_TID)
		return tid;
	if (code == PID_AS_BEFORE)
		return before;
	pid = tid + sst_unzigzag(code - PID_OTHER);
	if (pid > UINT32_MAX)
		c->bad = true;
	return (uint32_t)pid;
}

/* The first sequence numbers are left in rows->seq, where the column finds them. */
static int decode_groups(const struct sst_bytes *stream, size_t n, struct sst_rows *rows)
{
	struct sst_cursor c = sst_cursor(stream->data, stream->len);
	uint64_t groups = stream->data ? sst_take_varint(&c) : 0;
	struct sst_group g = {0};
	int err = 0;

	rows->n = 0;
	for (uint64_t i = 0; i < groups && !c.bad && !err; i++) {
		uint64_t n_rows = sst_take_max(&c, n - rows->n), seq, comm;
		const uint8_t *text;

		g.tid = take32(&c, g.tid);
		g.pid = take_pid(&c, g.tid, g.pid);
		seq = sst_take_varint(&c);
		comm = sst_take_max(&c, SST_COMM_MAX + 1);
		if (comm > 0) {
			text = sst_take(&c, (size_t)comm - 1);
			if (!text)
				break;
			g.comm_len = (uint8_t)(comm - 1);
			memcpy(g.comm, text, g.comm_len);
			c.bad = memchr(text, 0, g.comm_len) != NULL;
		}
		err = sst_rows_group(rows, g.pid, g.tid, g.comm, g.comm_len);
		if (err || c.bad)
			break;
		rows->groups[rows->n_groups - 1].n = (uint32_t)n_rows;
		if (n_rows > 0)
			rows->seq[rows->n] = seq;
		rows->n += (size_t)n_rows;
	}
	err = list_end(&c, err);
	return !err && rows->n != n ? SST_E_COLUMN : err;
}

static int decode_calls(const struct sst_bytes *stream, struct sst_rows *rows)
{
	struct sst_cursor c = sst_cursor(stream->data, stream->len);
	uint64_t n = stream->data ? sst_take_varint(&c) : 0;

	if (n > SST_CALLS_MAX)
		return SST_E_LIMIT;
	for (uint64_t i = 0; i < n && !c.bad; i++) {
		uint8_t abi = sst_take8(&c), nargs = sst_take8(&c);
		uint32_t nr = (uint32_t)sst_take_max(&c, UINT32_MAX);
		int err = sst_rows_call_append(rows, abi, nr, nargs);

		if (err < 0)
			return err;
		if (nargs > SST_ARGS)
			c.bad = true;
	}
	return list_end(&c, 0);
}

static int decode_gaps(const struct sst_bytes *stream, struct sst_rows *rows)
{
	struct sst_cursor c = sst_cursor(stream->data, stream->len);
	uint64_t n = stream->data ? sst_take_varint(&c) : 0;
	struct sst_gap gap = {0};
	int err = 0;

	for (uint64_t i = 0; i < n && !c.bad && !err; i++) {
		gap.cause = sst_take8(&c);
		gap.time += sst_unzigzag(sst_take_varint(&c));
		gap.until = gap.time + sst_unzigzag(sst_take_varint(&c));
		gap.seq = sst_take_varint(&c);
		gap.count = sst_take_varint(&c);
		gap.tid = take32(&c, gap.tid);
		gap.pid = take_pid(&c, gap.tid, gap.pid);
		err = c.bad ? 0 : sst_rows_gap(rows, &gap);
	}
	return list_end(&c, err);
}

static int decode_events(const struct sst_bytes *stream, struct sst_rows *rows)
{
	struct sst_cursor c = sst_cursor(stream->data, stream->len);
	uint64_t n = stream->data ? sst_take_varint(&c) : 0;
	struct sst_event event = {0};
	int err = 0;

	for (uint64_t i = 0; i < n && !c.bad && !err; i++) {
		event.kind = sst_take8(&c);
		event.time += sst_unzigzag(sst_take_varint(&c));
		event.tid = take32(&c, event.tid);
		event.pid = take_pid(&c, event.tid, event.pid);
		event.a = sst_take_varint(&c);
		event.b = sst_take_varint(&c);
		err = c.bad ? 0 : sst_rows_event(rows, &event);
	}
	return list_end(&c, err);
}

static int decode_clocks(const struct sst_bytes *stream, struct sst_rows *rows)
{
	struct sst_cursor c = sst_cursor(stream->data, stream->len);
	uint64_t n = stream->data ? sst_take_varint(&c) : 0;
	struct sst_clock clock = {0};
	int err = 0;

	for (uint64_t i = 0; i < n && !c.bad && !err; i++) {
		clock.boot += sst_unzigzag(sst_take_varint(&c));
		clock.mono = clock.boot + sst_unzigzag(sst_take_varint(&c));
		clock.real = (int64_t)((uint64_t)clock.real + sst_unzigzag(sst_take_varint(&c)));
		err = c.bad ? 0 : sst_rows_clock(rows, &clock);
	}
	return list_end(&c, err);
}

/* Find the n tokens and the rest of a column that is laid out in one of these ways. stream->data is not NULL. */
static int open_column(const struct sst_bytes *stream, const struct sst_bytes *rest, size_t n, unsigned ways,
		       struct column *column)
{
	size_t head = stream->encoding & SST_STEPS ? STEP_LEN : 0;

	if (stream->encoding & ~ways)
		return SST_E_NEWER;
	if (stream->len < head + n)
		return SST_E_COLUMN;
	*column = (struct column){.tokens = stream->data + head,
				  .n = n,
				  .rest = stream->data + head + n,
				  .rest_len = stream->len - head - n,
				  .step = head ? sst_get32(stream->data) : 0};
	if (stream->encoding & SST_SPLIT) {
		if (rest->encoding != SST_WHOLE)
			return SST_E_NEWER;
		if (column->rest_len > 0 || !rest->data)
			return SST_E_COLUMN;
		column->rest = rest->data;
		column->rest_len = rest->len;
	}
	return 0;
}

/* How much rest the tokens ask for; with it checked, the loops below need not look out for the end. */
static size_t rest_of(const struct column *c, const uint8_t len[256])
{
	size_t sum = 0;

	for (size_t i = 0; i < c->n; i++)
		sum += len[c->tokens[i]];
	return sum;
}

typedef uint8_t bytes16 __attribute__((vector_size(16)));

/* The same for values, many at a time: a token has as many bytes of rest as it is above VALUE_BYTES. */
static size_t rest_of_values(const uint8_t *tokens, size_t n)
{
	size_t sum = 0;

	while (n >= 16) {
		size_t blocks = n / 16 < 31 ? n / 16 : 31; /* of at most 8 bytes a token: a sum of 31 fits */
		bytes16 v, sums = {0};

		for (size_t i = 0; i < blocks; i++, tokens += 16) {
			memcpy(&v, tokens, 16);
			sums += (v - VALUE_BYTES) & (bytes16)(v > VALUE_BYTES);
		}
		for (size_t i = 0; i < 16; i++)
			sum += sums[i];
		n -= 16 * blocks;
	}
	while (n-- > 0) {
		unsigned t = *tokens++;

		sum += t > VALUE_BYTES ? t - VALUE_BYTES : 0;
	}
	return sum;
}

static uint8_t token_max(const struct column *c)
{
	uint8_t max = 0;

	for (size_t i = 0; i < c->n; i++)
		max = c->tokens[i] > max ? c->tokens[i] : max;
	return max;
}

/* A column of small numbers: every escape has two bytes in the rest. */
static int open_small(const struct sst_bytes *stream, size_t n, struct column *column)
{
	size_t escapes = 0;
	int err = open_column(stream, NULL, n, SST_WHOLE, column);

	if (err)
		return err;
	for (size_t i = 0; i < n; i++)
		escapes += column->tokens[i] == SMALL_ESCAPE;
	return column->rest_len == 2 * escapes ? 0 : SST_E_COLUMN;
}

static inline unsigned take_small(struct column *c, uint8_t token)
{
	unsigned v = token - 1u;

	if (token == SMALL_ESCAPE) {
		v = sst_get16(c->rest);
		c->rest += 2;
	}
	return v;
}

static int decode_call(struct sst_decoder *d, const struct sst_bytes *stream, struct sst_rows *rows)
{
	struct column c;
	int err;

	if (rows->n_calls == 0)
		return SST_E_COLUMN;
	memset(d->count, 0, rows->n_calls * sizeof(d->count[0]));
	if (!stream->data) {
		memset(rows->call, 0, rows->n * sizeof(*rows->call));
		d->count[0] = (uint32_t)rows->n;
		return 0;
	}
	err = open_small(stream, rows->n, &c);
	if (err)
		return err;
	memset(d->predicted, 0, sizeof(d->predicted));
	for (size_t g = 0; g < rows->n_groups; g++) {
		size_t i = rows->groups[g].first, end = i + rows->groups[g].n;
		unsigned last = 0, before_last = 0;

		for (; i < end; i++) {
			uint16_t *predicted = &d->predicted[CONTEXT(before_last, last)];
			uint8_t token = c.tokens[i];
			unsigned call = *predicted;

			if (token) {
				call = take_small(&c, token);
				if (call >= rows->n_calls)
					return SST_E_COLUMN;
				*predicted = (uint16_t)call;
			}
			rows->call[i] = (uint16_t)call;
			d->count[call]++;
			before_last = last;
			last = call;
		}
	}
	return 0;
}

static int decode_cpu(const struct sst_bytes *stream, struct sst_rows *rows)
{
	unsigned cpu = 0;
	struct column c;
	int err;

	if (!stream->data) {
		memset(rows->cpu, 0, rows->n * sizeof(*rows->cpu));
		return 0;
	}
	err = open_small(stream, rows->n, &c);
	if (err)
		return err;
	for (size_t i = 0; i < rows->n; i++) {
		if (c.tokens[i])
			cpu = take_small(&c, c.tokens[i]);
		rows->cpu[i] = (uint16_t)cpu;
	}
	return 0;
}

static int decode_state(const struct sst_bytes *stream, struct sst_rows *rows)
{
	struct column c;
	int err;

	if (!stream->data) {
		memset(rows->state, SST_OK, rows->n);
		return 0;
	}
	err = open_column(stream, NULL, rows->n, SST_WHOLE, &c);
	if (err)
		return err;
	if (c.rest_len > 0 || token_max(&c) >= SST_STATE_COUNT)
		return SST_E_COLUMN;
	memcpy(rows->state, c.tokens, rows->n);
	return 0;
}

/* Reads eight bytes at the place, which may be beyond the rest but not beyond the slack. */
static inline uint64_t take_bits(const uint8_t *rest, size_t *at, unsigned len, uint64_t mask)
{
	const uint8_t *p = rest + (*at >> 3);
	unsigned shift = *at & 7;
	uint64_t v = sst_get64(p) >> shift;

	if (__builtin_expect(len > 56, 0) && shift > 0)
		v |= (uint64_t)p[8] << (64 - shift);
	*at += len;
	return v & mask;
}

static int open_times(struct sst_decoder *d, const struct sst_bytes *stream, const struct sst_bytes *rest, size_t n,
		      struct column *column)
{
	int err = open_column(stream, rest, n, SST_SPLIT | SST_STEPS, column);

	if (err)
		return err;
	if (stream->encoding & SST_STEPS && column->step == 0)
		return SST_E_COLUMN;
	if (token_max(column) > (stream->encoding & SST_STEPS ? TIME_NO_STEP : TIME_TOKEN_MAX) ||
	    (rest_of(column, d->times.len) + 7) / 8 != column->rest_len)
		return SST_E_COLUMN;
	return 0;
}

static inline uint64_t take_time(const struct token_table *times, const struct column *c, size_t *at, uint8_t t)
{
	uint64_t v = times->base[t] + take_bits(c->rest, at, times->len[t], times->mask[t]);

	if (c->step == 0 || v >= SST_STEP_LIMIT || __builtin_expect(t == TIME_NO_STEP, 0))
		return v;
	return sst_step_time(v, c->step);
}

static int decode_duration(struct sst_decoder *d, const struct sst_bytes *streams, struct sst_rows *rows)
{
	const struct sst_bytes *stream = &streams[SST_STREAM_DURATION];
	size_t n = 0, at = 0;
	struct column c;
	int err;

	if (!stream->data) {
		memset(rows->duration, 0, rows->n * sizeof(*rows->duration));
		return 0;
	}
	for (size_t i = 0; i < rows->n; i++)
		n += sst_state_has_duration(rows->state[i]);
	err = open_times(d, stream, &streams[SST_STREAM_DURATION_REST], n, &c);
	if (err)
		return err;
	for (size_t i = 0; i < rows->n; i++) {
		unsigned has = sst_state_has_duration(rows->state[i]);
		uint8_t t = (uint8_t)(*c.tokens & (0 - has));

		rows->duration[i] = take_time(&d->times, &c, &at, t);
		c.tokens += has;
	}
	return 0;
}

/* Needs the durations. */
static int decode_pause(struct sst_decoder *d, const struct sst_bytes *streams, uint64_t time_min,
			struct sst_rows *rows)
{
	static const uint8_t none[SST_STREAM_SLACK];
	const struct sst_bytes *stream = &streams[SST_STREAM_PAUSE];
	struct column c = {.rest = none};
	size_t at = 0;
	int err = 0;

	if (stream->data)
		err = open_times(d, stream, &streams[SST_STREAM_PAUSE_REST], rows->n, &c);
	if (err)
		return err;
	for (size_t g = 0; g < rows->n_groups; g++) {
		size_t i = rows->groups[g].first, end = i + rows->groups[g].n;
		uint64_t before = time_min;

		for (; i < end; i++) {
			rows->time[i] = before + take_time(&d->times, &c, &at, stream->data ? c.tokens[i] : 0);
			before = rows->time[i] + rows->duration[i];
		}
	}
	return 0;
}

/* other: may a value be that of another column? */
static int open_values(const struct sst_bytes *stream, const struct sst_bytes *rest, size_t n, bool other,
		       struct column *column)
{
	int err = open_column(stream, rest, n, rest ? SST_SPLIT : SST_WHOLE, column);

	if (err)
		return err;
	if (!other && memchr(column->tokens, VALUE_OTHER, n))
		return SST_E_COLUMN;
	return rest_of_values(column->tokens, n) == column->rest_len ? 0 : SST_E_COLUMN;
}

static inline uint64_t take_value(const struct token_table *values, struct column *c, uint8_t t)
{
	uint64_t d = values->base[t] + (sst_get64(c->rest) & values->mask[t]);

	c->rest += values->len[t];
	return sst_unzigzag(d);
}

/* Step over so many tokens and their rest. */
static void skip_values(struct column *c, size_t n)
{
	c->rest += rest_of_values(c->tokens, n);
	c->tokens += n;
}

/* An argument of the picked rows; what is between them is only measured. all: every row has the argument. */
static void pick_argument(struct sst_decoder *d, struct column *c, bool all, const struct sst_rows *rows, uint64_t *arg)
{
	size_t i = 0;

	for (size_t p = 0; p < d->n_picked; p++) {
		size_t row = d->picked[p], between = row - i;
		unsigned call = rows->call[row], declared = d->declared[call];

		if (!all)
			for (between = 0; i < row; i++)
				between += d->declared[rows->call[i]];
		skip_values(c, between);
		arg[row] = d->last[call] += take_value(&d->values, c, (uint8_t)(*c->tokens & (0 - declared)));
		c->tokens += declared;
		i = row + 1;
	}
}

static void clear_values(const struct sst_decoder *d, size_t n, uint64_t *values)
{
	if (!d->picks)
		memset(values, 0, n * sizeof(*values));
	for (size_t p = 0; d->picks && p < d->n_picked; p++)
		values[d->picked[p]] = 0;
}

static int decode_argument(struct sst_decoder *d, const struct sst_bytes *streams, unsigned k, struct sst_rows *rows)
{
	const struct sst_bytes *stream = &streams[SST_STREAM_ARG0 + k];
	uint64_t *arg = rows->arg[k];
	struct column c;
	size_t n = 0;
	int err;

	if (!stream->data) {
		clear_values(d, rows->n, arg);
		return 0;
	}
	for (size_t i = 0; i < rows->n_calls; i++) {
		d->last[i] = 0;
		d->declared[i] = rows->calls[i].nargs > k;
		n += d->declared[i] ? d->count[i] : 0;
	}
	err = open_values(stream, &streams[SST_STREAM_ARG0_REST + k], n, false, &c);
	if (err)
		return err;
	if (d->picks) {
		pick_argument(d, &c, n == rows->n, rows, arg);
		return 0;
	}
	for (size_t i = 0; i < rows->n; i++) {
		unsigned call = rows->call[i], declared = d->declared[call];

		arg[i] = d->last[call] += take_value(&d->values, &c, (uint8_t)(*c.tokens & (0 - declared)));
		c.tokens += declared;
	}
	return 0;
}

/* As pick_argument(). */
static void pick_ret(struct sst_decoder *d, struct column *c, bool all, struct sst_rows *rows)
{
	size_t i = 0;

	for (size_t p = 0; p < d->n_picked; p++) {
		size_t row = d->picked[p], between = row - i;
		uint64_t *last = &d->last[rows->call[row]];
		uint8_t t;

		if (!all)
			for (between = 0; i < row; i++)
				between += sst_state_has_ret(rows->state[i]);
		skip_values(c, between);
		i = row + 1;
		rows->ret[row] = 0;
		if (!sst_state_has_ret(rows->state[row]))
			continue;
		t = *c->tokens++;
		*last = t == VALUE_OTHER ? rows->arg[2][row] : *last + take_value(&d->values, c, t);
		rows->ret[row] = *last;
	}
}

/* Needs arg2. */
static int decode_ret(struct sst_decoder *d, const struct sst_bytes *streams, struct sst_rows *rows)
{
	const struct sst_bytes *stream = &streams[SST_STREAM_RET];
	struct column c;
	size_t n = 0;
	int err;

	if (!stream->data) {
		clear_values(d, rows->n, rows->ret);
		return 0;
	}
	for (size_t i = 0; i < rows->n; i++)
		n += sst_state_has_ret(rows->state[i]);
	err = open_values(stream, &streams[SST_STREAM_RET_REST], n, true, &c);
	if (err)
		return err;
	memset(d->last, 0, rows->n_calls * sizeof(d->last[0]));
	if (d->picks) {
		pick_ret(d, &c, n == rows->n, rows);
		return 0;
	}
	for (size_t i = 0; i < rows->n; i++) {
		uint64_t *last = &d->last[rows->call[i]];
		uint8_t t;

		if (!sst_state_has_ret(rows->state[i])) {
			rows->ret[i] = 0;
			continue;
		}
		t = *c.tokens++;
		*last = t == VALUE_OTHER ? rows->arg[2][i] : *last + take_value(&d->values, &c, t);
		rows->ret[i] = *last;
	}
	return 0;
}

/* The first of each group is there already. */
static int decode_seq(struct sst_decoder *d, const struct sst_bytes *stream, struct sst_rows *rows)
{
	struct column c = {0};
	size_t n = 0;
	int err = 0;

	for (size_t g = 0; g < rows->n_groups; g++)
		n += rows->groups[g].n > 0 ? rows->groups[g].n - 1 : 0;
	if (stream->data)
		err = open_values(stream, NULL, n, false, &c);
	if (err)
		return err;
	for (size_t g = 0; g < rows->n_groups; g++) {
		size_t i = rows->groups[g].first, end = i + rows->groups[g].n;

		for (i++; i < end; i++)
			rows->seq[i] =
				rows->seq[i - 1] + 1 + (stream->data ? take_value(&d->values, &c, *c.tokens++) : 0);
	}
	return 0;
}

static int decode_lists(const struct sst_bytes *streams, size_t n, struct sst_rows *rows, unsigned columns)
{
	static const unsigned lists[] = {SST_STREAM_GROUPS, SST_STREAM_CALLS,    SST_STREAM_GAPS, SST_STREAM_EVENTS,
					 SST_STREAM_CLOCKS, SST_STREAM_CAPTURES, SST_STREAM_TEXT, SST_STREAM_OPENS};
	int err;

	if (columns & SST_COL_TEXT)
		columns |= SST_COL_EXTRA;

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		if (streams[lists[i]].encoding != SST_WHOLE)
			return SST_E_NEWER;
	err = decode_groups(&streams[SST_STREAM_GROUPS], n, rows);
	if (!err)
		err = decode_calls(&streams[SST_STREAM_CALLS], rows);
	if (!err && columns & SST_COL_EXTRA)
		err = decode_gaps(&streams[SST_STREAM_GAPS], rows);
	if (!err && columns & SST_COL_EXTRA)
		err = decode_events(&streams[SST_STREAM_EVENTS], rows);
	if (!err && columns & SST_COL_EXTRA)
		err = decode_clocks(&streams[SST_STREAM_CLOCKS], rows);
	if (!err && columns & SST_COL_TEXT)
		err = sst_decode_captures(streams, rows);
	return err;
}

/* Note the rows of these calls, unless they are so many that it is better to decode all. */
static void pick_rows(struct sst_decoder *d, const struct sst_rows *rows, const bool *calls)
{
	size_t n = 0;

	for (size_t i = 0; i < rows->n_calls; i++)
		n += calls[i] ? d->count[i] : 0;
	d->picks = n <= rows->n / 8;
	d->n_picked = 0;
	for (size_t i = 0; d->picks && d->n_picked < n; i++)
		if (calls[rows->call[i]])
			d->picked[d->n_picked++] = (uint16_t)i;
}

/* Each column after those it is predicted from. */
static int decode_columns(struct sst_decoder *d, const struct sst_bytes *streams, uint64_t time_min,
			  struct sst_rows *rows, uint64_t wanted, const bool *calls)
{
	int err = 0;

	d->picks = false;
	if (wanted & SST_STREAM_BIT(SST_STREAM_CALL))
		err = decode_call(d, &streams[SST_STREAM_CALL], rows);
	if (!err && calls && wanted & SST_STREAM_BIT(SST_STREAM_CALL))
		pick_rows(d, rows, calls);
	if (!err && wanted & SST_STREAM_BIT(SST_STREAM_STATE))
		err = decode_state(&streams[SST_STREAM_STATE], rows);
	if (!err && wanted & SST_STREAM_BIT(SST_STREAM_DURATION))
		err = decode_duration(d, streams, rows);
	if (!err && wanted & SST_STREAM_BIT(SST_STREAM_PAUSE))
		err = decode_pause(d, streams, time_min, rows);
	for (unsigned k = 0; !err && k < SST_ARGS; k++)
		if (wanted & SST_STREAM_BIT(SST_STREAM_ARG0 + k))
			err = decode_argument(d, streams, k, rows);
	if (!err && wanted & SST_STREAM_BIT(SST_STREAM_RET))
		err = decode_ret(d, streams, rows);
	if (!err && wanted & SST_STREAM_BIT(SST_STREAM_SEQ))
		err = decode_seq(d, &streams[SST_STREAM_SEQ], rows);
	if (!err && wanted & SST_STREAM_BIT(SST_STREAM_CPU))
		err = decode_cpu(&streams[SST_STREAM_CPU], rows);
	return err;
}

int sst_decode_rows(struct sst_decoder *decoder, const struct sst_bytes streams[SST_STREAM_COUNT], size_t n,
		    uint64_t time_min, struct sst_rows *rows, unsigned columns, const bool *calls)
{
	int err;

	sst_rows_clear(rows);
	if (n > SST_ROWS_MAX)
		return SST_E_LIMIT;
	err = sst_rows_reserve(rows, n);
	if (!err)
		err = decode_lists(streams, n, rows, columns);
	if (!err && n > 0)
		err = decode_columns(decoder, streams, time_min, rows, sst_columns_streams(columns), calls);
	if (err)
		sst_rows_clear(rows);
	return err;
}

int sst_decode_facts(const struct sst_bytes *stream, struct sst_meta *meta)
{
	const char *p = (const char *)stream->data, *end;
	int err = 0;

	sst_meta_clear(meta);
	if (stream->encoding != SST_WHOLE)
		return SST_E_NEWER;
	if (stream->len == 0)
		return 0;
	if (stream->len > SST_FACTS_LEN)
		return SST_E_LIMIT;
	end = p + stream->len;
	if (end[-1] != '\0')
		return SST_E_COLUMN;
	while (p < end && !err) {
		const char *key = p, *value = p + strlen(p) + 1;

		if (value >= end)
			err = SST_E_COLUMN;
		else if (meta->n == SST_FACTS_MAX)
			err = SST_E_LIMIT;
		else
			err = sst_meta_set(meta, key, value);
		p = err ? end : value + strlen(value) + 1;
	}
	if (err)
		sst_meta_clear(meta);
	return err == -EINVAL ? SST_E_COLUMN : err;
}
