#include "columns.h"
#include "bytes.h"
#include "captures.h"
#include "containers_stream.h"
#include "column.h"
#include "pick.h"
#include "reader.h"
#include "shapes.h"
#include "times.h"
#include "tokens.h"

#include <errno.h>
#include <stdlib.h>

struct sst_decoder {
	struct sst_token_tables tables;
	struct sst_arg_counts with_call[SST_CALLS_MAX]; /* of one row of the call */
	struct sst_arg_counts args;                     /* of all rows */
	uint64_t last[SST_CALLS_MAX];
	uint8_t declared[SST_CALLS_MAX];
	uint8_t shift[SST_CALLS_MAX]; /* of the next value of a call */
	uint16_t predicted[CONTEXTS];
	struct sst_times_room times;
	struct sst_picker picker;
	struct sst_unshaper *unshaper; /* once there have been shapes */
};

struct sst_decoder *sst_decoder_new(void)
{
	struct sst_decoder *decoder = calloc(1, sizeof(*decoder));

	if (!decoder)
		return NULL;
	sst_token_tables_fill(&decoder->tables);
	return decoder;
}

void sst_decoder_free(struct sst_decoder *decoder)
{
	if (decoder)
		sst_unshaper_free(decoder->unshaper);
	free(decoder);
}

#define SHAPE_STREAMS                                                                                                  \
	(SST_STREAM_BIT(SST_STREAM_SHAPES) | SST_STREAM_BIT(SST_STREAM_STRINGS) | SST_STREAM_BIT(SST_STREAM_NAMES) |   \
	 SST_STREAM_BIT(SST_STREAM_MEMORY) | SST_STREAM_BIT(SST_STREAM_WORDS) |                                        \
	 SST_STREAM_BIT(SST_STREAM_WORDS_REST) | SST_STREAM_BIT(SST_STREAM_BYTES))

uint64_t sst_columns_streams(unsigned columns)
{
	uint64_t streams = SST_STREAM_BIT(SST_STREAM_GROUPS) | SST_STREAM_BIT(SST_STREAM_CALLS);

	if (columns & (SST_COL_TIME | SST_COL_RET | SST_COL_ARGS | SST_COL_TEXT))
		columns |= SST_COL_CALL; /* in the order of which others stand, or are expected */
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
			   SST_STREAM_BIT(SST_STREAM_OPENS) | SHAPE_STREAMS;
	if (columns & SST_COL_WHERE)
		streams |= SST_STREAM_BIT(SST_STREAM_CONTAINERS);
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

/* calls: which rows are to be picked, or NULL. */
static inline __attribute__((always_inline)) int walk_calls(struct sst_decoder *d, struct sst_column c,
							    struct sst_rows *rows, const bool *calls)
{
	const size_t n_calls = rows->n_calls;
	struct sst_arg_counts args = {0};

	memset(d->predicted, 0, sizeof(d->predicted));
	for (size_t g = 0; g < rows->n_groups; g++) {
		const uint8_t *token = c.tokens + rows->groups[g].first, *end = token + rows->groups[g].n;
		uint16_t *to = rows->call + rows->groups[g].first;
		unsigned call = 0, before = 0;

		for (; token < end; token++) {
			uint16_t *predicted = &d->predicted[CONTEXT(before, call)];

			before = call;
			call = *predicted;
			if (*token) {
				call = sst_take_small(&c, *token);
				if (call >= n_calls)
					return SST_E_COLUMN;
				*predicted = (uint16_t)call;
			}
			*to++ = (uint16_t)call;
			if (calls && __builtin_expect(calls[call], 0))
				sst_pick_add(&d->picker, (size_t)(token - c.tokens), args);
			args.low += d->with_call[call].low;
			args.high += d->with_call[call].high;
		}
	}
	d->args = args;
	return 0;
}

static int decode_call(struct sst_decoder *d, const struct sst_bytes *stream, struct sst_rows *rows, const bool *calls)
{
	struct sst_column c;
	int err;

	if (rows->n_calls == 0)
		return SST_E_COLUMN;
	for (size_t i = 0; i < rows->n_calls; i++)
		d->with_call[i] = sst_arg_counts_of(rows->calls[i].nargs);
	if (!stream->data) {
		memset(rows->call, 0, rows->n * sizeof(*rows->call));
		d->args = d->with_call[0];
		d->args.low *= rows->n;
		d->args.high *= rows->n;
		for (size_t i = 0; calls && calls[0] && i < rows->n; i++)
			sst_pick_add(&d->picker, i, (struct sst_arg_counts){0}); /* too many anyway */
		return 0;
	}
	err = sst_column_small(stream, rows->n, &c);
	if (err)
		return err;
	return calls ? walk_calls(d, c, rows, calls) : walk_calls(d, c, rows, NULL);
}

static int decode_cpu(const struct sst_bytes *stream, struct sst_rows *rows)
{
	unsigned cpu = 0;
	struct sst_column c;
	int err;

	if (!stream->data) {
		memset(rows->cpu, 0, rows->n * sizeof(*rows->cpu));
		return 0;
	}
	err = sst_column_small(stream, rows->n, &c);
	if (err)
		return err;
	for (size_t i = 0; i < rows->n; i++) {
		if (c.tokens[i])
			cpu = sst_take_small(&c, c.tokens[i]);
		rows->cpu[i] = (uint16_t)cpu;
	}
	return 0;
}

static int decode_state(const struct sst_bytes *stream, struct sst_rows *rows)
{
	struct sst_column c;
	int err;

	if (!stream->data) {
		memset(rows->state, SST_OK, rows->n);
		return 0;
	}
	err = sst_column_bytes(stream, rows->n, &c);
	if (err)
		return err;
	for (size_t i = 0; i < rows->n; i++)
		if (c.tokens[i] >= SST_STATE_COUNT)
			return SST_E_COLUMN;
	memcpy(rows->state, c.tokens, rows->n);
	return 0;
}

static int decode_times(struct sst_decoder *d, const struct sst_bytes *streams, uint64_t time_min,
			struct sst_rows *rows)
{
	struct sst_times times;
	int err = sst_times_open(&times, streams, rows, &d->times);

	if (!err)
		sst_times_decode(&times, &d->tables, time_min, rows);
	return err;
}

static int decode_argument(struct sst_decoder *d, const struct sst_bytes *streams, unsigned k, struct sst_rows *rows)
{
	const struct sst_bytes *stream = &streams[SST_STREAM_ARG0 + k];
	uint64_t *arg = rows->arg[k];
	struct sst_column c;
	int err;

	if (!stream->data) {
		memset(arg, 0, rows->n * sizeof(*arg));
		return 0;
	}
	for (size_t i = 0; i < rows->n_calls; i++) {
		d->last[i] = 0;
		d->declared[i] = rows->calls[i].nargs > k;
	}
	err = sst_column_by_call(stream, &streams[SST_STREAM_ARG0_REST + k], sst_arg_count(&d->args, k), false,
				 rows->n_calls, &c);
	if (err)
		return err;
	memset(d->shift, 0, rows->n_calls);
	for (size_t i = 0; i < rows->n; i++) {
		unsigned call = rows->call[i], declared = d->declared[call];
		uint8_t token = (uint8_t)(*c.tokens & (0 - declared));

		arg[i] = d->last[call] += sst_take_value(&d->tables, &c, token) << d->shift[call];
		d->shift[call] = c.shifts[call];
		c.tokens += declared;
	}
	return 0;
}

/* Needs arg2. */
static int decode_ret(struct sst_decoder *d, const struct sst_bytes *streams, struct sst_rows *rows)
{
	const struct sst_bytes *stream = &streams[SST_STREAM_RET];
	struct sst_column c;
	size_t n = 0;
	int err;

	if (!stream->data) {
		memset(rows->ret, 0, rows->n * sizeof(*rows->ret));
		return 0;
	}
	for (size_t i = 0; i < rows->n; i++)
		n += sst_state_has_ret(rows->state[i]);
	err = sst_column_by_call(stream, &streams[SST_STREAM_RET_REST], n, true, rows->n_calls, &c);
	if (err)
		return err;
	memset(d->last, 0, rows->n_calls * sizeof(d->last[0]));
	memset(d->shift, 0, rows->n_calls);
	for (size_t i = 0; i < rows->n; i++) {
		unsigned call = rows->call[i];
		uint64_t *last = &d->last[call];
		uint8_t t;

		if (!sst_state_has_ret(rows->state[i])) {
			rows->ret[i] = 0;
			continue;
		}
		t = *c.tokens++;
		*last = t == VALUE_OTHER ? rows->arg[2][i]
					 : *last + (sst_take_value(&d->tables, &c, t) << d->shift[call]);
		d->shift[call] = c.shifts[call];
		rows->ret[i] = *last;
	}
	return 0;
}

/* The first of each group is there already. */
static int decode_seq(struct sst_decoder *d, const struct sst_bytes *stream, struct sst_rows *rows)
{
	struct sst_column c = {0};
	size_t n = 0;
	int err = 0;

	for (size_t g = 0; g < rows->n_groups; g++)
		n += rows->groups[g].n > 0 ? rows->groups[g].n - 1 : 0;
	if (stream->data)
		err = sst_column_values(stream, NULL, n, false, &c);
	if (err)
		return err;
	for (size_t g = 0; g < rows->n_groups; g++) {
		size_t i = rows->groups[g].first, end = i + rows->groups[g].n;

		for (i++; i < end; i++)
			rows->seq[i] =
				rows->seq[i - 1] + 1 + (stream->data ? sst_take_value(&d->tables, &c, *c.tokens++) : 0);
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
	if (!err && columns & SST_COL_WHERE && rows->n_groups > 0)
		err = sst_decode_containers(&streams[SST_STREAM_CONTAINERS], &rows->containers, &rows->groups->where,
					    sizeof(*rows->groups), rows->n_groups);
	return err;
}

/* All rows. Each column after those it is predicted from. */
static int decode_all(struct sst_decoder *d, const struct sst_bytes *streams, uint64_t time_min, struct sst_rows *rows,
		      uint64_t wanted)
{
	int err = 0;

	if (wanted & SST_STREAM_BIT(SST_STREAM_PAUSE))
		err = decode_times(d, streams, time_min, rows);
	for (unsigned k = 0; !err && k < SST_ARGS; k++)
		if (wanted & SST_STREAM_BIT(SST_STREAM_ARG0 + k))
			err = decode_argument(d, streams, k, rows);
	if (!err && wanted & SST_STREAM_BIT(SST_STREAM_RET))
		err = decode_ret(d, streams, rows);
	if (!err && wanted & SST_STREAM_BIT(SST_STREAM_SEQ))
		err = decode_seq(d, &streams[SST_STREAM_SEQ], rows);
	return err;
}

/* The picked rows. */
static int decode_picked(struct sst_decoder *d, const struct sst_bytes *streams, uint64_t time_min,
			 struct sst_rows *rows, uint64_t wanted)
{
	int err = 0;

	if (wanted & SST_STREAM_BIT(SST_STREAM_PAUSE))
		err = sst_pick_times(&d->picker, &d->tables, streams, &d->times, time_min, rows);
	for (unsigned k = 0; !err && k < SST_ARGS; k++)
		if (wanted & SST_STREAM_BIT(SST_STREAM_ARG0 + k))
			err = sst_pick_argument(&d->picker, &d->tables, streams, k, sst_arg_count(&d->args, k), rows);
	if (!err && wanted & SST_STREAM_BIT(SST_STREAM_RET))
		err = sst_pick_ret(&d->picker, &d->tables, streams, rows);
	if (!err && wanted & SST_STREAM_BIT(SST_STREAM_SEQ) && !streams[SST_STREAM_SEQ].data)
		sst_pick_seq(&d->picker, rows);
	else if (!err && wanted & SST_STREAM_BIT(SST_STREAM_SEQ))
		err = decode_seq(d, &streams[SST_STREAM_SEQ], rows);
	return err;
}

static bool has_sieved(const struct sst_rows *rows, const struct sst_pick *pick)
{
	for (size_t i = 0; pick->sieved && i < rows->n_calls; i++)
		if (pick->sieved[i])
			return true;
	return false;
}

/* Pick the rows of these calls, where the calls of all rows are known. */
static void pick_calls(struct sst_decoder *d, const struct sst_rows *rows, const bool *calls)
{
	struct sst_arg_counts args = {0};

	sst_pick_begin(&d->picker, rows->n);
	for (size_t i = 0; i < rows->n; i++) {
		unsigned call = rows->call[i];

		if (__builtin_expect(calls[call], 0))
			sst_pick_add(&d->picker, i, args);
		args.low += d->with_call[call].low;
		args.high += d->with_call[call].high;
	}
}

/* Which of the sieved calls have a row that passes by its argument 1, or did not return as usual? Their calls[] is set.
 */
static int sieve_calls(struct sst_decoder *d, const struct sst_bytes *streams, const struct sst_rows *rows,
		       const struct sst_pick *pick, bool *calls)
{
	static const uint8_t none[SST_STREAM_SLACK];
	const struct sst_bytes *stream = &streams[SST_STREAM_ARG0 + 1];
	struct sst_column c = {.tokens = none, .rest = none};
	bool passes[SST_CALLS_MAX];
	int err = 0;

	if (stream->data)
		err = sst_column_by_call(stream, &streams[SST_STREAM_ARG0_REST + 1], sst_arg_count(&d->args, 1), false,
					 rows->n_calls, &c);
	if (err)
		return err;
	for (size_t i = 0; i < rows->n_calls; i++) {
		d->last[i] = 0;
		d->declared[i] = stream->data && rows->calls[i].nargs > 1;
		d->shift[i] = 0;
		passes[i] = pick->sieved[i] && pick->sieve(0);
	}
	for (size_t i = 0; i < rows->n; i++) {
		unsigned call = rows->call[i];
		uint8_t token = d->declared[call] ? *c.tokens++ : 0;

		if (token) {
			d->last[call] += sst_take_value(&d->tables, &c, token) << d->shift[call];
			passes[call] = pick->sieved[call] && pick->sieve(d->last[call]);
		}
		d->shift[call] = stream->data ? c.shifts[call] : 0;
		if (__builtin_expect(passes[call] | (rows->state[i] != SST_OK), 0))
			calls[call] = pick->calls[call];
	}
	return 0;
}

static int pick_sieved(struct sst_decoder *d, const struct sst_bytes *streams, const struct sst_rows *rows,
		       const struct sst_pick *pick)
{
	bool calls[SST_CALLS_MAX];
	int err;

	for (size_t i = 0; i < rows->n_calls; i++)
		calls[i] = pick->calls[i] && !pick->sieved[i];
	err = sieve_calls(d, streams, rows, pick, calls);
	if (!err)
		pick_calls(d, rows, calls);
	return err;
}

static int decode_columns(struct sst_decoder *d, const struct sst_bytes *streams, uint64_t time_min,
			  struct sst_rows *rows, uint64_t wanted, struct sst_pick *pick)
{
	bool picks = pick && wanted & SST_STREAM_BIT(SST_STREAM_CALL);
	bool sieves = picks && has_sieved(rows, pick) && wanted & SST_STREAM_BIT(SST_STREAM_ARG0 + 1);
	int err = 0;

	if (wanted & SST_STREAM_BIT(SST_STREAM_CALL)) {
		sst_pick_begin(&d->picker, rows->n);
		err = decode_call(d, &streams[SST_STREAM_CALL], rows, picks && !sieves ? pick->calls : NULL);
	}
	if (!err && wanted & SST_STREAM_BIT(SST_STREAM_STATE))
		err = decode_state(&streams[SST_STREAM_STATE], rows);
	if (!err && sieves)
		err = pick_sieved(d, streams, rows, pick);
	picks = !err && picks && sst_pick_finish(&d->picker);
	if (!err)
		err = (picks ? decode_picked : decode_all)(d, streams, time_min, rows, wanted);
	if (!err && wanted & SST_STREAM_BIT(SST_STREAM_CPU))
		err = decode_cpu(&streams[SST_STREAM_CPU], rows);
	if (pick) {
		pick->all = !picks;
		pick->rows = d->picker.rows;
		pick->n = picks ? d->picker.n : 0;
	}
	return err;
}

int sst_decode_rows(struct sst_decoder *decoder, const struct sst_bytes streams[SST_STREAM_COUNT], size_t n,
		    uint64_t time_min, struct sst_rows *rows, unsigned columns, struct sst_pick *pick)
{
	int err;

	sst_rows_clear(rows);
	if (pick)
		pick->all = true;
	if (n > SST_ROWS_MAX)
		return SST_E_LIMIT;
	err = sst_rows_reserve(rows, n);
	if (!err)
		err = decode_lists(streams, n, rows, columns);
	if (!err && n > 0)
		err = decode_columns(decoder, streams, time_min, rows, sst_columns_streams(columns), pick);
	if (!err && columns & SST_COL_TEXT)
		err = sst_decode_shapes(&decoder->unshaper, &decoder->tables, streams, rows, pick);
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
