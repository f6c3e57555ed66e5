#include "columns.h"
#include "bytes.h"
#include "captures.h"
#include "put.h"
#include "shapes.h"
#include "containers_stream.h"
#include "times_put.h"
#include "variants.h"

#include <errno.h>
#include <stdlib.h>

/* Rows below which tokens and rest of a column share a stream: one more entry in the directory would cost more than it
 * saves. */
#define SPLIT_ROWS 1024

/* Between columns that are written at the same time. */
#define PART_SLACK 64

/* Arguments from this one on are looked for in the rows that have them only. */
#define RARE_FROM 3

/* What the last row of a call had. */
struct expected {
	uint64_t arg[RARE_FROM];
	uint8_t declared[RARE_FROM];
	uint8_t shift[RARE_FROM + 1];      /* of the next row: 0 for the first, and then … */
	uint8_t then_shift[RARE_FROM + 1]; /* … (one more, so that they can be copied at once) */
};

/* The first values of a call, and the bits in which others differ from them. */
struct differences {
	uint64_t first[RARE_FROM], bits[RARE_FROM];
};

/* Shifts are worth their bytes where they bring a value into its token, or into fewer bytes. */
#define SHIFT_MIN 3

struct sst_encoder {
	uint8_t *memory; /* all streams, one behind the other */
	size_t cap;
	uint8_t *free; /* not used yet */
	uint64_t last[SST_CALLS_MAX];
	uint8_t declared[SST_CALLS_MAX];
	struct expected expected[SST_CALLS_MAX];
	struct differences differences[SST_CALLS_MAX];
	uint16_t first[SST_CALLS_MAX]; /* row of each call */
	uint8_t shift[SST_CALLS_MAX];
	bool dull[SST_ARGS]; /* 0: results; else these arguments: no shifts are looked for */
	uint16_t predicted[CONTEXTS];
	uint16_t rare[SST_ROWS_MAX]; /* rows with more than so many arguments */
	size_t n_rare;
	struct sst_clock_finder clock;
	struct sst_times_place times;
	struct sst_shaper *shaper; /* once there are captures */
	struct sst_variants *variants;
};

struct sst_encoder *sst_encoder_new(void)
{
	struct sst_encoder *encoder = calloc(1, sizeof(*encoder));

	if (!encoder)
		return NULL;
	encoder->variants = sst_variants_new();
	if (encoder->variants)
		return encoder;
	free(encoder);
	return NULL;
}

void sst_encoder_free(struct sst_encoder *encoder)
{
	if (!encoder)
		return;
	free(encoder->memory);
	sst_shaper_free(encoder->shaper);
	sst_variants_free(encoder->variants);
	free(encoder);
}

static int start(struct sst_encoder *e, size_t size)
{
	if (size > e->cap) {
		free(e->memory);
		e->memory = malloc(size);
		e->cap = e->memory ? size : 0;
	}
	e->free = e->memory;
	return e->memory ? 0 : -ENOMEM;
}

/* Rest follows directly behind room for the tokens. */
static struct sst_put column_begin(struct sst_encoder *e, size_t rows)
{
	return (struct sst_put){.tokens = e->free, .rest = e->free + rows};
}

/* Where all tokens are zero there is nothing to write: that is what a missing stream means. */
static bool is_zero(const uint8_t *p, size_t n)
{
	return n == 0 || (p[0] == 0 && memcmp(p, p + 1, n - 1) == 0);
}

/* rest_id 0: the column has no stream for the rest of its own. */
static void column_end(struct sst_encoder *e, const struct sst_put *c, struct sst_bytes *streams, unsigned id,
		       unsigned rest_id)
{
	bool split = rest_id && c->n >= SPLIT_ROWS && c->rest_len > 0;

	if (c->rest_len == 0 && (c->encoding != SST_TICKS || c->n == 0) && is_zero(c->tokens, c->n))
		return;
	streams[id] = (struct sst_bytes){.data = c->tokens - c->head,
					 .len = c->head + c->n,
					 .encoding = (split ? SST_SPLIT : SST_WHOLE) | c->encoding};
	if (split) {
		streams[rest_id] = (struct sst_bytes){.data = c->rest, .len = c->rest_len};
		e->free = c->rest + c->rest_len;
		return;
	}
	memmove(c->tokens + c->n, c->rest, c->rest_len);
	streams[id].len += c->rest_len;
	e->free = c->tokens + c->n + c->rest_len;
}

/* A stream of varints has been written up to end. */
static void list_end(struct sst_encoder *e, uint8_t *end, struct sst_bytes *stream)
{
	*stream = (struct sst_bytes){.data = e->free, .len = (size_t)(end - e->free)};
	e->free = end;
}

static uint64_t zigzag32(uint32_t v, uint32_t expected)
{
	return sst_zigzag((uint64_t)v - expected);
}

static uint8_t *put_pid(uint8_t *p, uint32_t pid, uint32_t tid, uint32_t before)
{
	if (pid == tid)
		return sst_put_varint(p, PID_IS_TID);
	if (pid == before)
		return sst_put_varint(p, PID_AS_BEFORE);
	return sst_put_varint(p, PID_OTHER + zigzag32(pid, tid));
}

static void encode_groups(struct sst_encoder *e, const struct sst_rows *rows, struct sst_bytes *stream)
{
	uint32_t tid = 0, pid = 0;
	const struct sst_group *before = NULL;
	uint8_t *p = sst_put_varint(e->free, rows->n_groups);

	for (size_t i = 0; i < rows->n_groups; i++) {
		const struct sst_group *g = &rows->groups[i];
		bool same_comm =
			before && before->comm_len == g->comm_len && memcmp(before->comm, g->comm, g->comm_len) == 0;

		p = sst_put_varint(p, g->n);
		p = sst_put_varint(p, zigzag32(g->tid, tid));
		p = put_pid(p, g->pid, g->tid, pid);
		p = sst_put_varint(p, g->n ? rows->seq[g->first] : 0);
		p = sst_put_varint(p, same_comm ? 0 : g->comm_len + 1u);
		if (!same_comm) {
			memcpy(p, g->comm, g->comm_len);
			p += g->comm_len;
		}
		tid = g->tid;
		pid = g->pid;
		before = g;
	}
	list_end(e, p, stream);
}

static void encode_calls(struct sst_encoder *e, const struct sst_rows *rows, struct sst_bytes *stream)
{
	uint8_t *p = sst_put_varint(e->free, rows->n_calls);

	for (size_t i = 0; i < rows->n_calls; i++) {
		*p++ = rows->calls[i].abi;
		*p++ = rows->calls[i].nargs;
		p = sst_put_varint(p, rows->calls[i].nr);
	}
	list_end(e, p, stream);
}

static void encode_gaps(struct sst_encoder *e, const struct sst_rows *rows, struct sst_bytes *stream)
{
	struct sst_gap before = {0};
	uint8_t *p = sst_put_varint(e->free, rows->n_gaps);

	for (size_t i = 0; i < rows->n_gaps; i++) {
		const struct sst_gap *gap = &rows->gaps[i];

		*p++ = gap->cause;
		p = sst_put_varint(p, sst_zigzag(gap->time - before.time));
		p = sst_put_varint(p, sst_zigzag(gap->until - gap->time));
		p = sst_put_varint(p, gap->seq);
		p = sst_put_varint(p, gap->count);
		p = sst_put_varint(p, zigzag32(gap->tid, before.tid));
		p = put_pid(p, gap->pid, gap->tid, before.pid);
		before = *gap;
	}
	list_end(e, p, stream);
}

static void encode_events(struct sst_encoder *e, const struct sst_rows *rows, struct sst_bytes *stream)
{
	struct sst_event before = {0};
	uint8_t *p = sst_put_varint(e->free, rows->n_events);

	for (size_t i = 0; i < rows->n_events; i++) {
		const struct sst_event *event = &rows->events[i];

		*p++ = event->kind;
		p = sst_put_varint(p, sst_zigzag(event->time - before.time));
		p = sst_put_varint(p, zigzag32(event->tid, before.tid));
		p = put_pid(p, event->pid, event->tid, before.pid);
		p = sst_put_varint(p, event->a);
		p = sst_put_varint(p, event->b);
		before = *event;
	}
	list_end(e, p, stream);
}

static void encode_clocks(struct sst_encoder *e, const struct sst_rows *rows, struct sst_bytes *stream)
{
	struct sst_clock before = {0};
	uint8_t *p = sst_put_varint(e->free, rows->n_clocks);

	for (size_t i = 0; i < rows->n_clocks; i++) {
		const struct sst_clock *clock = &rows->clocks[i];

		p = sst_put_varint(p, sst_zigzag(clock->boot - before.boot));
		p = sst_put_varint(p, sst_zigzag(clock->mono - clock->boot));
		p = sst_put_varint(p, sst_zigzag((uint64_t)clock->real - (uint64_t)before.real));
		before = *clock;
	}
	list_end(e, p, stream);
}

/* A small number and its escape. */
static inline void put_small(struct sst_put *c, unsigned token, uint16_t full)
{
	if (token < SMALL_ESCAPE) {
		c->tokens[c->n++] = (uint8_t)token;
		return;
	}
	c->tokens[c->n++] = SMALL_ESCAPE;
	sst_put16(c->rest + c->rest_len, full);
	c->rest_len += 2;
}

static void encode_call(struct sst_encoder *e, const struct sst_rows *rows, struct sst_bytes *streams)
{
	struct sst_put c = column_begin(e, rows->n);

	memset(e->predicted, 0, sizeof(e->predicted));
	for (size_t g = 0; g < rows->n_groups; g++) {
		const uint16_t *call = rows->call + rows->groups[g].first, *end = call + rows->groups[g].n;
		unsigned last = 0, before_last = 0;

		for (; call < end; call++) {
			uint16_t *predicted = &e->predicted[CONTEXT(before_last, last)];

			put_small(&c, *predicted == *call ? 0 : *call + 1u, *call);
			*predicted = *call;
			before_last = last;
			last = *call;
		}
	}
	column_end(e, &c, streams, SST_STREAM_CALL, 0);
}

/* How many from the i-th on are the same as v, which are looked at four at a time. */
static size_t run_of(const uint16_t *list, size_t i, size_t n, uint16_t v)
{
	const uint64_t same = v * UINT64_C(0x0001000100010001);
	size_t from = i;
	uint64_t four;

	for (; n - i >= 4; i += 4) {
		memcpy(&four, list + i, sizeof(four));
		if (four != same)
			break;
	}
	while (i < n && list[i] == v)
		i++;
	return i - from;
}

static void encode_cpu(struct sst_encoder *e, const struct sst_rows *rows, struct sst_bytes *streams)
{
	struct sst_put c = column_begin(e, rows->n);
	uint16_t before = 0;

	for (size_t i = 0; i < rows->n; i++) {
		size_t same = run_of(rows->cpu, i, rows->n, before);

		memset(c.tokens + c.n, 0, same);
		c.n += same;
		i += same;
		if (i == rows->n)
			break;
		before = rows->cpu[i];
		put_small(&c, before + 1u, before);
	}
	column_end(e, &c, streams, SST_STREAM_CPU, 0);
}

/* One of several columns that are written at the same time: each has its part of the memory, for a head, and a token
 * and eight bytes a row. */
static struct sst_put part_begin(const struct sst_encoder *e, unsigned part, const struct sst_rows *rows)
{
	uint8_t *begin = e->free + part * ((1 + 8) * rows->n + rows->n_calls + PART_SLACK);

	return (struct sst_put){.tokens = begin, .rest = begin + rows->n};
}

static void set_cuts(struct sst_bytes *stream, const struct sst_put *c, const struct sst_cuts *cuts)
{
	stream->first = c->head;
	stream->cuts = cuts->at;
	stream->n_cuts = cuts->n;
}

static void encode_times(struct sst_encoder *e, const struct sst_rows *rows, uint64_t time_min,
			 struct sst_bytes *streams)
{
	struct sst_put pauses = part_begin(e, 0, rows), durations = part_begin(e, 1, rows);

	sst_clock_choose(&e->clock, rows, time_min);
	sst_put_times(&e->clock, rows, time_min, &pauses, &durations, &e->times);
	column_end(e, &pauses, streams, SST_STREAM_PAUSE, SST_STREAM_PAUSE_REST);
	column_end(e, &durations, streams, SST_STREAM_DURATION, SST_STREAM_DURATION_REST);
	set_cuts(&streams[SST_STREAM_PAUSE], &pauses, &e->times.cuts[0]);
	set_cuts(&streams[SST_STREAM_DURATION], &durations, &e->times.cuts[1]);
}

/* A head with a shift for each call, if that is worth it: with values that all end in the same bits as the first, their
 * differences end in zeros. */
static void shifts_head(struct sst_encoder *e, const struct sst_rows *rows, unsigned k, struct sst_put *c)
{
	bool useful = false;

	for (size_t i = 0; i < rows->n_calls; i++) {
		uint64_t bits = e->differences[i].bits[k];
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
	return n >= SPLIT_ROWS && rows->n_calls < n / 16;
}

static void find_first_shifts(struct sst_encoder *e, const struct sst_rows *rows, struct sst_put c[RARE_FROM])
{
	const uint64_t *arg0 = rows->arg[0], *arg1 = rows->arg[1], *arg2 = rows->arg[2];

	if (!may_shift(rows, rows->n))
		return;
	memset(e->first, 0, rows->n_calls * sizeof(e->first[0]));
	for (size_t i = rows->n; i-- > 0;)
		e->first[rows->call[i]] = (uint16_t)i;
	for (size_t i = 0; i < rows->n_calls; i++) {
		size_t row = e->first[i];

		e->differences[i] = (struct differences){.first = {arg0[row], arg1[row], arg2[row]}};
	}
	for (size_t i = 0; i < rows->n; i++) {
		struct differences *d = &e->differences[rows->call[i]];

		d->bits[0] |= arg0[i] ^ d->first[0];
		d->bits[1] |= arg1[i] ^ d->first[1];
		d->bits[2] |= arg2[i] ^ d->first[2];
	}
	for (unsigned k = 0; k < RARE_FROM; k++)
		shifts_head(e, rows, k, &c[k]);
}

/* Of another argument, or of results: of n rows in a list, or of all if that is NULL, those that have one. */
static void find_shifts(struct sst_encoder *e, const struct sst_rows *rows, const uint64_t *values,
			const uint16_t *list, size_t n, bool results, const bool *dull, struct sst_put *c)
{
	if (!may_shift(rows, n) || *dull)
		return;
	memset(e->differences, 0, rows->n_calls * sizeof(e->differences[0]));
	memset(e->shift, 0, rows->n_calls); /* 1: there is a first value */
	for (size_t i = 0; i < n; i++) {
		size_t row = list ? list[i] : i;
		struct differences *d = &e->differences[rows->call[row]];

		if (results && !sst_state_has_ret(rows->state[row]))
			continue;
		d->first[0] = e->shift[rows->call[row]] ? d->first[0] : values[row];
		e->shift[rows->call[row]] = 1;
		d->bits[0] |= values[row] ^ d->first[0];
	}
	shifts_head(e, rows, 0, c);
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
static void encode_first_arguments(struct sst_encoder *e, const struct sst_rows *rows, struct sst_bytes *streams)
{
	struct sst_put c[RARE_FROM];
	const uint64_t *arg0 = rows->arg[0], *arg1 = rows->arg[1], *arg2 = rows->arg[2];
	struct sst_put c0, c1, c2;

	for (unsigned k = 0; k < RARE_FROM; k++)
		c[k] = part_begin(e, k, rows);
	find_first_shifts(e, rows, c);
	for (size_t i = 0; i < rows->n_calls; i++) {
		struct expected *expected = &e->expected[i];

		*expected = (struct expected){0};
		for (unsigned k = 0; k < RARE_FROM; k++)
			expected->declared[k] = rows->calls[i].nargs > k;
		for (unsigned k = 0; k < RARE_FROM; k++)
			expected->then_shift[k] = shift_of(&c[k], i);
	}
	c0 = c[0];
	c1 = c[1];
	c2 = c[2];
	for (size_t i = 0; i < rows->n; i++) {
		struct expected *expected = &e->expected[rows->call[i]];

		sst_put_value(&c0, shifted(arg0[i] - expected->arg[0], expected->shift[0]), expected->declared[0]);
		sst_put_value(&c1, shifted(arg1[i] - expected->arg[1], expected->shift[1]), expected->declared[1]);
		sst_put_value(&c2, shifted(arg2[i] - expected->arg[2], expected->shift[2]), expected->declared[2]);
		expected->arg[0] = arg0[i];
		expected->arg[1] = arg1[i];
		expected->arg[2] = arg2[i];
		memcpy(expected->shift, expected->then_shift, sizeof(expected->shift));
	}
	column_end(e, &c0, streams, SST_STREAM_ARG0, SST_STREAM_ARG0_REST);
	column_end(e, &c1, streams, SST_STREAM_ARG0 + 1, SST_STREAM_ARG0_REST + 1);
	column_end(e, &c2, streams, SST_STREAM_ARG0 + 2, SST_STREAM_ARG0_REST + 2);
}

/* Another one, of the few rows that have it. */
static void encode_rare_argument(struct sst_encoder *e, const struct sst_rows *rows, unsigned k,
				 struct sst_bytes *streams)
{
	struct sst_put c = column_begin(e, e->n_rare + 1);
	const uint64_t *arg = rows->arg[k];

	find_shifts(e, rows, arg, e->rare, e->n_rare, false, &e->dull[k], &c);
	memset(e->last, 0, rows->n_calls * sizeof(e->last[0]));
	memset(e->shift, 0, rows->n_calls);
	for (size_t i = 0; i < e->n_rare; i++) {
		unsigned row = e->rare[i], call = rows->call[row];

		sst_put_value(&c, shifted(arg[row] - e->last[call], e->shift[call]), 1);
		e->last[call] = arg[row];
		e->shift[call] = shift_of(&c, call);
	}
	e->dull[k] = is_dull(&c);
	column_end(e, &c, streams, SST_STREAM_ARG0 + k, SST_STREAM_ARG0_REST + k);
}

/* Of the rows in the list, or of all, those with argument k are a new list. */
static void choose_rare(struct sst_encoder *e, const struct sst_rows *rows, unsigned k, bool all)
{
	size_t n = 0, from = all ? rows->n : e->n_rare;

	for (size_t i = 0; i < rows->n_calls; i++)
		e->declared[i] = rows->calls[i].nargs > k;
	for (size_t i = 0; i < from; i++) {
		uint16_t row = all ? (uint16_t)i : e->rare[i];

		e->rare[n] = row;
		n += e->declared[rows->call[row]];
	}
	e->n_rare = n;
}

/* Most calls have three arguments at most. */
static void encode_arguments(struct sst_encoder *e, const struct sst_rows *rows, struct sst_bytes *streams)
{
	unsigned nargs = 0;

	for (size_t i = 0; i < rows->n_calls; i++)
		nargs = rows->calls[i].nargs > nargs ? rows->calls[i].nargs : nargs;
	encode_first_arguments(e, rows, streams);
	for (unsigned k = RARE_FROM; k < nargs; k++) {
		choose_rare(e, rows, k, k == RARE_FROM);
		encode_rare_argument(e, rows, k, streams);
	}
}

static void encode_ret(struct sst_encoder *e, const struct sst_rows *rows, struct sst_bytes *streams)
{
	struct sst_put c = column_begin(e, rows->n);

	find_shifts(e, rows, rows->ret, NULL, rows->n, true, &e->dull[0], &c);
	memset(e->last, 0, rows->n_calls * sizeof(e->last[0]));
	memset(e->shift, 0, rows->n_calls);
	for (size_t i = 0; i < rows->n; i++) {
		unsigned call = rows->call[i];
		uint64_t ret = rows->ret[i];

		if (!sst_state_has_ret(rows->state[i]))
			continue;
		if (ret == rows->arg[2][i])
			c.tokens[c.n++] = VALUE_OTHER;
		else
			sst_put_value(&c, shifted(ret - e->last[call], e->shift[call]), 1);
		e->last[call] = ret;
		e->shift[call] = shift_of(&c, call);
	}
	e->dull[0] = is_dull(&c);
	column_end(e, &c, streams, SST_STREAM_RET, SST_STREAM_RET_REST);
}

static void encode_state(struct sst_encoder *e, const struct sst_rows *rows, struct sst_bytes *streams)
{
	struct sst_put c = column_begin(e, rows->n);

	memcpy(c.tokens, rows->state, rows->n);
	c.n = rows->n;
	column_end(e, &c, streams, SST_STREAM_STATE, 0);
}

/* Does each sequence number of a group count on? */
static bool seq_counts_on(const struct sst_rows *rows)
{
	uint64_t more = 0;

	for (size_t g = 0; g < rows->n_groups; g++) {
		const uint64_t *seq = rows->seq + rows->groups[g].first;

		for (size_t i = 1; i < rows->groups[g].n; i++)
			more |= seq[i] - seq[i - 1] - 1;
	}
	return more == 0;
}

/* The first sequence number of a group stands in the groups; the others are expected to count on. */
static void encode_seq(struct sst_encoder *e, const struct sst_rows *rows, struct sst_bytes *streams)
{
	struct sst_put c = column_begin(e, rows->n);

	if (seq_counts_on(rows))
		return;
	for (size_t g = 0; g < rows->n_groups; g++) {
		size_t i = rows->groups[g].first, end = i + rows->groups[g].n;

		for (i++; i < end; i++)
			sst_put_value(&c, rows->seq[i] - rows->seq[i - 1] - 1, 1);
	}
	column_end(e, &c, streams, SST_STREAM_SEQ, 0);
}

static bool groups_add_up(const struct sst_rows *rows)
{
	size_t n = 0;

	for (size_t i = 0; i < rows->n_groups; i++) {
		if (rows->groups[i].first != n || rows->groups[i].comm_len > SST_COMM_MAX)
			return false;
		n += rows->groups[i].n;
		if (n > rows->n)
			return false;
	}
	return n == rows->n;
}

/* Is there anything to say that a decoder does not assume? */
static bool has_containers(const struct sst_rows *rows)
{
	bool any = false;

	for (size_t i = 0; i < rows->n_groups && !any; i++)
		any = rows->groups[i].where.container || rows->groups[i].where.ns_pid || rows->groups[i].where.ns_tid;
	return any;
}

static void encode_containers(struct sst_encoder *e, const struct sst_rows *rows, struct sst_bytes *stream)
{
	list_end(e,
		 sst_encode_containers(&rows->containers, &rows->groups->where, sizeof(*rows->groups), rows->n_groups,
				       e->free),
		 stream);
}

static bool are_valid(const struct sst_rows *rows)
{
	unsigned call = 0, state = 0;

	if (rows->n > SST_ROWS_MAX || rows->n_groups > SST_GROUPS_MAX || rows->n_calls > SST_CALLS_MAX ||
	    rows->n_gaps > SST_GAPS_MAX || rows->n_events > SST_EVENTS_MAX || rows->n_clocks > SST_CLOCKS_MAX)
		return false;
	for (size_t i = 0; i < rows->n; i++) {
		call = rows->call[i] > call ? rows->call[i] : call;
		state = rows->state[i] > state ? rows->state[i] : state;
	}
	if (rows->n > 0 && (call >= rows->n_calls || state >= SST_STATE_COUNT))
		return false;
	for (size_t i = 0; i < rows->n_calls; i++)
		if (rows->calls[i].nargs > SST_ARGS)
			return false;
	return groups_add_up(rows) && sst_captures_are_valid(rows);
}

/* Bytes that the streams can take at most: every token with all the bytes that may follow it. */
static size_t space_for(const struct sst_rows *rows)
{
	size_t row = 3 + 3 + 1 + 2 * 9 + (SST_ARGS + 2) * 9;
	size_t pad = SST_STREAM_COUNT * 2 * PART_SLACK;

	return pad + rows->n * row + rows->n_groups * (SST_COMM_MAX + 32) + rows->n_calls * (8 + 2 + SST_ARGS) +
	       rows->n_gaps * 64 + rows->n_events * 64 + rows->n_clocks * 32 + sst_captures_space(rows) +
	       (rows->n_captures > 0 ? sst_shapes_space(rows) : 0) +
	       sst_containers_space(&rows->containers, rows->n_groups);
}

/* What arguments point to: as shapes can tell it, and the rest as lists. */
static int encode_captures(struct sst_encoder *e, const struct sst_rows *rows, struct sst_bytes *streams)
{
	long done = 0;

	if (rows->n_captures > 0) {
		if (!e->shaper)
			e->shaper = sst_shaper_new();
		if (!e->shaper)
			return -ENOMEM;
		done = sst_encode_shapes(e->shaper, rows, e->free, &e->free, streams);
	}
	if (done >= 0)
		e->free = sst_encode_captures(rows, (size_t)done, e->free, streams);
	return done < 0 ? (int)done : 0;
}

int sst_encode_rows(struct sst_encoder *encoder, const struct sst_rows *given, uint64_t time_min,
		    struct sst_bytes streams[SST_STREAM_COUNT])
{
	struct sst_rows split;
	const struct sst_rows *rows = &split;

	memset(streams, 0, SST_STREAM_COUNT * sizeof(*streams));
	if (!are_valid(given))
		return -EINVAL;
	sst_variants_split(encoder->variants, given, &split);
	if (start(encoder, space_for(rows)))
		return -ENOMEM;
	if (rows->n_groups > 0)
		encode_groups(encoder, rows, &streams[SST_STREAM_GROUPS]);
	if (rows->n_gaps > 0)
		encode_gaps(encoder, rows, &streams[SST_STREAM_GAPS]);
	if (rows->n_events > 0)
		encode_events(encoder, rows, &streams[SST_STREAM_EVENTS]);
	if (rows->n_clocks > 0)
		encode_clocks(encoder, rows, &streams[SST_STREAM_CLOCKS]);
	if (rows->n_calls > 0)
		encode_calls(encoder, rows, &streams[SST_STREAM_CALLS]);
	if (has_containers(rows))
		encode_containers(encoder, rows, &streams[SST_STREAM_CONTAINERS]);
	if (encode_captures(encoder, rows, streams))
		return -ENOMEM;
	if (rows->n == 0)
		return 0;
	encode_call(encoder, rows, streams);
	encode_times(encoder, rows, time_min, streams);
	encode_ret(encoder, rows, streams);
	encode_arguments(encoder, rows, streams);
	encode_state(encoder, rows, streams);
	encode_cpu(encoder, rows, streams);
	encode_seq(encoder, rows, streams);
	return 0;
}

int sst_encode_facts(struct sst_encoder *encoder, const struct sst_meta *meta, struct sst_bytes *stream)
{
	size_t len = 0;
	uint8_t *p;

	for (size_t i = 0; i < meta->n; i++)
		len += strlen(meta->entries[i].key) + strlen(meta->entries[i].value) + 2;
	if (meta->n > SST_FACTS_MAX || len > SST_FACTS_LEN)
		return -EINVAL;
	if (start(encoder, len + 1))
		return -ENOMEM;
	p = encoder->free;
	for (size_t i = 0; i < meta->n; i++) {
		p = (uint8_t *)stpcpy((char *)p, meta->entries[i].key) + 1;
		p = (uint8_t *)stpcpy((char *)p, meta->entries[i].value) + 1;
	}
	list_end(encoder, p, stream);
	return 0;
}
