/* Rows to streams and back: nothing may be lost, and no stream may hurt. */
#include "codec.h"
#include "format/captures.h"
#include "format/ticks.h"
#include "format/tokens.h"

#include <errno.h>

static void realistic_rows_come_back(void **state)
{
	struct codec *c = *state;
	struct gen g = gen_new(1);

	for (unsigned threads = 1; threads <= 17; threads += 4) {
		gen_realistic(&g, c->in, 200 * threads * threads, threads);
		codec_round_trip(c);
	}
}

static void a_full_frame_comes_back(void **state)
{
	struct codec *c = *state;
	struct gen g = gen_new(2);

	gen_realistic(&g, c->in, SST_ROWS_MAX, 8);
	assert_int_equal(c->in->n, SST_ROWS_MAX);
	codec_round_trip(c);
}

static void extreme_rows_come_back(void **state)
{
	struct codec *c = *state;

	for (uint64_t seed = 0; seed < 400; seed++) {
		struct gen g = gen_new(seed);

		gen_extreme(&g, c->in, seed % 10 ? 300 : 9000);
		codec_round_trip(c);
	}
}

/* All that a decoder may leave out is there and wrong. */
static void spoil(struct sst_rows *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		rows->time[i] = rows->duration[i] = rows->seq[i] = rows->ret[i] = 0x5a5a;
		for (unsigned k = 0; k < SST_ARGS; k++)
			rows->arg[k][i] = 0x5a5a;
	}
}

static void check_row(const struct sst_rows *out, const struct sst_rows *in, size_t i)
{
	assert_int_equal(out->time[i], in->time[i]);
	assert_int_equal(out->duration[i], in->duration[i]);
	assert_int_equal(out->seq[i], in->seq[i]);
	assert_int_equal(out->ret[i], in->ret[i]);
	assert_int_equal(out->cpu[i], in->cpu[i]);
	for (unsigned k = 0; k < SST_ARGS; k++)
		assert_int_equal(out->arg[k][i], in->arg[k][i]);
}

static bool is_odd(uint64_t argument)
{
	return argument & 1;
}

/* All rows of a call that is wanted, unless it is sieved and none passes. */
static void find_picked_calls(const struct sst_rows *rows, const uint16_t *call, size_t n_calls,
			      const struct sst_pick *pick, bool *picked)
{
	for (size_t i = 0; i < n_calls; i++)
		picked[i] = pick->calls[i] && (!pick->sieved || !pick->sieved[i]);
	for (size_t i = 0; i < rows->n; i++)
		if (rows->state[i] != SST_OK || is_odd(rows->arg[1][i]))
			picked[call[i]] = pick->calls[call[i]];
}

/*
 * Of one call in eight all there is, or also of others that have an odd argument 1; of the others the call and the
 * state. Returns whether they were picked.
 */
static bool check_some_calls(struct codec *c, struct gen *g)
{
	static uint16_t call[SST_ROWS_MAX]; /* as they stand in the frame */
	bool calls[SST_CALLS_MAX], sieved[SST_CALLS_MAX], picked[SST_CALLS_MAX], sieves = gen_below(g, 2);
	struct sst_pick pick = {.calls = calls, .sieved = sieves ? sieved : NULL, .sieve = is_odd};
	size_t n = 0;

	codec_encode(c);
	assert_int_equal(codec_decode(c, SST_COL_CALL), 0);
	memcpy(call, c->out->call, c->in->n * sizeof(call[0]));
	for (size_t i = 0; i < c->out->n_calls; i++) {
		calls[i] = gen_below(g, sieves ? 5 : 8) == 0;
		sieved[i] = gen_below(g, 8) > 0;
	}
	find_picked_calls(c->in, call, c->out->n_calls, &pick, picked);
	spoil(c->out, c->in->n);
	assert_int_equal(
		sst_decode_rows(c->decoder, c->streams, c->in->n, codec_time(c), c->out, SST_ALL_COLUMNS, &pick), 0);
	for (size_t i = 0; i < c->in->n; i++) {
		assert_int_equal(c->out->call[i], call[i]);
		assert_true(gen_same_call(c->in, c->out, i));
		assert_int_equal(c->out->state[i], c->in->state[i]);
		if (pick.all || picked[call[i]])
			check_row(c->out, c->in, i);
		if (!pick.all && picked[call[i]])
			assert_int_equal(pick.rows[n++], i);
	}
	for (size_t k = 0; k < c->in->n_groups; k++)
		if (c->in->groups[k].n) {
			size_t first = c->in->groups[k].first;

			assert_int_equal(c->out->seq[first], c->in->seq[first]);
			assert_int_equal(c->out->time[first], c->in->time[first]);
		}
	assert_int_equal(pick.n, n);
	return !pick.all;
}

static void some_calls_come_back(void **state)
{
	struct codec *c = *state;

	unsigned picked = 0;

	assert_int_equal(sst_rows_reserve(c->out, SST_ROWS_MAX), 0);
	for (uint64_t seed = 0; seed < 800; seed++) {
		struct gen g = gen_new(seed);

		if (seed % 2)
			gen_extreme(&g, c->in, seed % 5 ? 300 : 9000);
		else
			gen_realistic(&g, c->in, 20 * (size_t)seed, 1 + (unsigned)seed % 17);
		picked += check_some_calls(c, &g);
	}
	assert_true(picked > 200);
}

static void no_rows_come_back(void **state)
{
	struct codec *c = *state;

	sst_rows_clear(c->in);
	codec_round_trip(c);
	assert_int_equal(sst_rows_group(c->in, 1, 2, "x", 1), 0);
	codec_round_trip(c);
}

/* Times of a coarse clock, with all that does not fit to its ticks. */
static void coarse_times_come_back(void **state)
{
	struct codec *c = *state;

	for (uint64_t seed = 0; seed < 40; seed++) {
		struct gen g = gen_new(seed);
		uint64_t step = 4 + seed, wild = 1 + seed % 5 * 30;

		sst_encoder_free(c->encoder); /* it would expect the step of the frame before */
		c->encoder = sst_encoder_new();
		gen_realistic(&g, c->in, (size_t)(300 + seed * 60), 3);
		for (size_t i = 0; i < c->in->n; i++) {
			c->in->time[i] -= c->in->time[i] % step;
			c->in->duration[i] -= c->in->duration[i] % step;
			if (gen_below(&g, wild) == 1)
				c->in->time[i] = gen_wild(&g);
			if (gen_below(&g, wild) == 1 && sst_state_has_duration(c->in->state[i]))
				c->in->duration[i] = gen_wild(&g);
		}
		codec_round_trip(c);
		if (wild == 1)
			assert_true(c->streams[SST_STREAM_DURATION].encoding & SST_TICKS);
	}
}

/* The clock jumps by a little all the time: lengths are multiples of its step, moments are not. */
static void steps_come_back(void **state)
{
	struct codec *c = *state;

	for (uint64_t seed = 0; seed < 20; seed++) {
		struct gen g = gen_new(seed);
		uint64_t step = 6 + seed, jump = 0;

		sst_encoder_free(c->encoder);
		c->encoder = sst_encoder_new();
		gen_realistic(&g, c->in, 4000, 3);
		for (size_t i = 0; i < c->in->n; i++) {
			jump += i % 50 == 0 ? gen_below(&g, step) : 0;
			c->in->time[i] += jump - c->in->time[i] % step;
			c->in->duration[i] -= c->in->duration[i] % step;
		}
		codec_round_trip(c);
		assert_int_equal(c->streams[SST_STREAM_DURATION].encoding & ~SST_SPLIT, SST_STEPS);
	}
}

/* A clock whose ticks are no whole number of ns, and as a virtual machine shows it, that halves them before. */
static uint64_t shown(uint64_t ns, double tick, unsigned halved)
{
	uint64_t n = (uint64_t)((double)ns / tick);

	return halved ? (uint64_t)((double)((n * halved + 1) / 2) * (2 * tick / halved)) : (uint64_t)((double)n * tick);
}

static void ticks_come_back(void **state)
{
	static const struct {
		double tick;
		unsigned
			halved; /* so many units a tick, of which the clock shows the half, rounded down; 0: as it is */
	} clocks[] = {{10.0190553, 0},   {10.0190553, 21},  {40, 0},
		      {18.518518518, 0}, {52.083333333, 0}, {11.111111, 27}};
	struct codec *c = *state;

	for (size_t k = 0; k < sizeof(clocks) / sizeof(clocks[0]); k++) {
		struct gen g = gen_new(k);

		sst_encoder_free(c->encoder);
		c->encoder = sst_encoder_new();
		for (unsigned frame = 0; frame < 4; frame++) {
			gen_realistic(&g, c->in, 8000, 5);
			for (size_t i = 0; i < c->in->n; i++) {
				uint64_t end = c->in->time[i] + c->in->duration[i];

				c->in->time[i] = shown(c->in->time[i], clocks[k].tick, clocks[k].halved);
				if (sst_state_has_duration(c->in->state[i]))
					c->in->duration[i] =
						shown(end, clocks[k].tick, clocks[k].halved) - c->in->time[i];
			}
			codec_round_trip(c);
			assert_int_equal(c->streams[SST_STREAM_PAUSE].encoding, SST_TICKS | SST_SPLIT);
			assert_int_equal(c->streams[SST_STREAM_DURATION].encoding, SST_TICKS | SST_SPLIT);
			check_some_calls(c, &g);
		}
	}
}

/* As no machine has them: every other tick is far from where it should be. */
static uint64_t uneven(uint64_t ns, uint64_t odd)
{
	uint64_t n = ns / 10;

	return 10 * n + (n % 2 ? odd : 0);
}

static void uneven_ticks_come_back(void **state)
{
	struct codec *c = *state;

	for (uint64_t odd = 0; odd < 20; odd++) {
		struct gen g = gen_new(odd);

		sst_encoder_free(c->encoder);
		c->encoder = sst_encoder_new();
		for (unsigned frame = 0; frame < 6; frame++) {
			gen_realistic(&g, c->in, 4000, 3);
			for (size_t i = 0; i < c->in->n; i++) {
				uint64_t end = uneven(c->in->time[i] + c->in->duration[i], odd);

				c->in->time[i] = uneven(c->in->time[i], odd);
				if (sst_state_has_duration(c->in->state[i]))
					c->in->duration[i] = end - c->in->time[i];
			}
			codec_round_trip(c);
		}
	}
}

/* Addresses of pages and of blocks of memory: differences with zero bits at their end. */
static void shifted_values_come_back(void **state)
{
	struct codec *c = *state;
	struct gen g = gen_new(5);

	for (unsigned frame = 0; frame < 20; frame++) {
		gen_realistic(&g, c->in, 3000, 2);
		for (size_t i = 0; i < c->in->n; i++) {
			unsigned call = c->in->call[i];

			for (unsigned k = 0; k < SST_ARGS; k++)
				if (c->in->calls[call].nargs > k)
					c->in->arg[k][i] = 7 + (gen_random(&g) << (4 + call % 50));
			if (sst_state_has_ret(c->in->state[i]))
				c->in->ret[i] = gen_below(&g, 4) ? gen_random(&g) << 12 : c->in->arg[2][i];
		}
		codec_round_trip(c);
		for (unsigned k = 0; k < 3; k++)
			assert_true(c->streams[SST_STREAM_ARG0 + k].encoding & SST_SHIFTED);
		check_some_calls(c, &g);
	}
}

/* A stream of the codec, changed in one place. */
static int decode_changed(struct codec *c, unsigned id, size_t at, uint8_t value)
{
	uint8_t *p = &c->copies[id][at], before = *p;
	int err;

	*p = value;
	err = codec_decode(c, SST_ALL_COLUMNS);
	*p = before;
	return err;
}

static void wrong_ticks_are_refused(void **state)
{
	struct codec *c = *state;
	struct gen g = gen_new(9);
	uint8_t *encoding;

	sst_encoder_free(c->encoder);
	c->encoder = sst_encoder_new();
	gen_realistic(&g, c->in, 8000, 3);
	for (size_t i = 0; i < c->in->n; i++) {
		c->in->time[i] -= c->in->time[i] % 25;
		c->in->duration[i] -= c->in->duration[i] % 25;
	}
	codec_encode(c);
	assert_int_equal(c->streams[SST_STREAM_PAUSE].encoding, SST_TICKS | SST_SPLIT);
	assert_int_equal(codec_decode(c, SST_ALL_COLUMNS), 0);
	assert_int_equal(decode_changed(c, SST_STREAM_PAUSE, 7, 1), SST_E_COLUMN);         /* phase of 2^8 ns */
	assert_int_equal(decode_changed(c, SST_STREAM_PAUSE, 15, 1), SST_E_COLUMN);        /* step */
	assert_int_equal(decode_changed(c, SST_STREAM_PAUSE, 8 + 5, 0), SST_E_COLUMN);     /* less than 1 ns */
	assert_int_equal(decode_changed(c, SST_STREAM_PAUSE, 16 + 7, 0x40), SST_E_COLUMN); /* odd ones far away */
	assert_int_equal(decode_changed(c, SST_STREAM_PAUSE, TICKS_LEN + 40, 211), SST_E_COLUMN);
	assert_int_equal(decode_changed(c, SST_STREAM_PAUSE, TICKS_LEN + 40, 251), SST_E_COLUMN);
	assert_int_equal(decode_changed(c, SST_STREAM_DURATION, 41, 254), SST_E_COLUMN);
	assert_int_equal(decode_changed(c, SST_STREAM_DURATION, c->streams[SST_STREAM_DURATION].len - 1, 255),
			 SST_E_COLUMN);
	encoding = &c->streams[SST_STREAM_DURATION].encoding;
	*encoding = SST_SPLIT;
	assert_int_equal(codec_decode(c, SST_ALL_COLUMNS), SST_E_COLUMN);
	*encoding = SST_TICKS | SST_STEPS | SST_SPLIT;
	assert_int_equal(codec_decode(c, SST_ALL_COLUMNS), SST_E_NEWER);
	*encoding = SST_TICKS | SST_SPLIT;
	assert_int_equal(codec_decode(c, SST_ALL_COLUMNS), 0);
	c->streams[SST_STREAM_PAUSE] = (struct sst_bytes){0};
	assert_int_equal(codec_decode(c, SST_ALL_COLUMNS), SST_E_COLUMN);
}

static void wrong_shifts_are_refused(void **state)
{
	struct codec *c = *state;
	struct gen g = gen_new(9);

	gen_realistic(&g, c->in, 8000, 3);
	for (size_t i = 0; i < c->in->n; i++)
		if (c->in->calls[c->in->call[i]].nargs > 0)
			c->in->arg[0][i] = gen_random(&g) << 12;
	codec_encode(c);
	assert_true(c->streams[SST_STREAM_ARG0].encoding & SST_SHIFTED);
	assert_int_equal(codec_decode(c, SST_ALL_COLUMNS), 0);
	assert_int_equal(decode_changed(c, SST_STREAM_ARG0, 0, 64), SST_E_COLUMN);
	assert_int_equal(decode_changed(c, SST_STREAM_ARG0, 0, 63), 0);
	c->streams[SST_STREAM_ARG0].encoding |= SST_TICKS;
	assert_int_equal(codec_decode(c, SST_ALL_COLUMNS), SST_E_NEWER);
}

static void the_largest_rows_come_back(void **state)
{
	struct codec *c = *state;
	struct gen g = gen_new(3);
	size_t raw = 0;
	char comm[SST_COMM_MAX];

	sst_rows_clear(c->in);
	for (size_t i = 0; i < SST_CALLS_MAX; i++)
		assert_true(sst_rows_call_append(c->in, 255, UINT32_MAX - (uint32_t)i, SST_ARGS) >= 0);
	for (size_t i = 0; i < SST_GROUPS_MAX; i++) {
		uint32_t id = i % 2 ? UINT32_MAX : 0;
		size_t row;

		memset(comm, (int)(1 + i % 255), sizeof(comm));
		assert_int_equal(sst_rows_group(c->in, ~id, id, comm, sizeof(comm)), 0);
		row = (size_t)sst_rows_add(c->in);
		c->in->time[row] = c->in->duration[row] = c->in->seq[row] = UINT64_C(1) << 63;
		c->in->call[row] = (uint16_t)(254 + gen_below(&g, SST_CALLS_MAX - 254));
		c->in->cpu[row] = (uint16_t)(UINT16_MAX - i % 2);
		c->in->ret[row] = gen_random(&g);
		for (int k = 0; k < SST_ARGS; k++)
			c->in->arg[k][row] = gen_random(&g);
	}
	c->in->time[0] = 0;
	assert_int_equal(sst_rows_group(c->in, 1, 1, NULL, 0), -E2BIG);
	for (size_t i = 0; i < SST_EVENTS_MAX; i++) {
		uint32_t id = i % 2 ? UINT32_MAX : 0;
		uint64_t wide = UINT64_MAX;

		assert_int_equal(
			sst_rows_event(c->in, &(struct sst_event){i % 2 ? wide >> 1 : 0, wide, wide, ~id, id, 255}), 0);
		if (i < SST_GAPS_MAX)
			assert_int_equal(
				sst_rows_gap(c->in, &(struct sst_gap){i % 2 ? wide >> 1 : 0, i % 2 ? 0 : wide >> 1,
								      wide, wide, ~id, id, 255}),
				0);
		if (i < SST_CLOCKS_MAX)
			assert_int_equal(
				sst_rows_clock(c->in, &(struct sst_clock){i % 2 ? wide >> 1 : 0, i % 2 ? 0 : wide >> 1,
									  i % 2 ? INT64_MAX : 0}),
				0);
	}
	codec_round_trip(c);
	for (unsigned id = 0; id < SST_STREAM_COUNT; id++)
		raw += c->streams[id].len;
	assert_in_range(raw, 12u << 20, 16u << 20); /* the writer makes several frames of it */
}

/* What is wanted must not depend on what else is. */
static void columns_come_alone(void **state)
{
	static const unsigned wanted[] = {SST_COL_TIME,  SST_COL_SEQ, SST_COL_RET,   SST_COL_ARGS, SST_COL_CALL,
					  SST_COL_STATE, SST_COL_CPU, SST_COL_EXTRA, SST_COL_TEXT, 0};
	struct codec *c = *state;
	struct gen g = gen_new(4);

	gen_realistic(&g, c->in, 20000, 5);
	codec_encode(c);
	for (size_t w = 0; w < sizeof(wanted) / sizeof(wanted[0]); w++) {
		struct sst_bytes all[SST_STREAM_COUNT];

		memcpy(all, c->streams, sizeof(all));
		for (unsigned id = 0; id < SST_STREAM_COUNT; id++)
			if (!(sst_columns_streams(wanted[w]) >> id & 1))
				c->streams[id] = (struct sst_bytes){0};
		assert_int_equal(codec_decode(c, wanted[w]), 0);
		memcpy(c->streams, all, sizeof(all));
		assert_int_equal(c->out->n, c->in->n);
		assert_int_equal(c->out->n_groups, c->in->n_groups);
		if (wanted[w] & SST_COL_TIME)
			assert_memory_equal(c->out->time, c->in->time, c->in->n * 8);
		if (wanted[w] & SST_COL_TIME)
			assert_memory_equal(c->out->duration, c->in->duration, c->in->n * 8);
		if (wanted[w] & SST_COL_SEQ)
			assert_memory_equal(c->out->seq, c->in->seq, c->in->n * 8);
		if (wanted[w] & SST_COL_RET)
			assert_memory_equal(c->out->ret, c->in->ret, c->in->n * 8);
		if (wanted[w] & SST_COL_ARGS)
			assert_memory_equal(c->out->arg[3], c->in->arg[3], c->in->n * 8);
		for (size_t i = 0; wanted[w] & SST_COL_CALL && i < c->in->n; i++)
			assert_true(gen_same_call(c->in, c->out, i));
		if (wanted[w] & SST_COL_CPU)
			assert_memory_equal(c->out->cpu, c->in->cpu, c->in->n * 2);
		if (wanted[w] & SST_COL_EXTRA)
			assert_int_equal(c->out->n_gaps, c->in->n_gaps);
		if (wanted[w] & SST_COL_TEXT)
			assert_int_equal(c->out->n_captures, c->in->n_captures);
	}
}

/* Streams damaged in every way a generator can think of: an error or some rows, but no crash and no state that is none.
 */
static void damaged_streams_do_no_harm(void **state)
{
	struct codec *c = *state;

	for (uint64_t seed = 0; seed < 6000; seed++) {
		struct gen g = gen_new(seed);
		struct sst_bytes *s;

		if (seed % 50 == 0) {
			if (seed % 100)
				gen_extreme(&g, c->in, 400);
			else
				gen_realistic(&g, c->in, 400, 3);
		}
		codec_encode(c);
		s = &c->streams[gen_below(&g, SST_STREAM_COUNT)];
		switch (gen_below(&g, 4)) {
		case 0: /* shorter, in memory of its own */
			if (s->data) {
				size_t len = (size_t)gen_below(&g, s->len + 1);
				unsigned id = (unsigned)(s - c->streams);
				uint8_t *cut = calloc(1, len + SST_STREAM_SLACK);

				memcpy(cut, s->data, len);
				free(c->copies[id]);
				c->copies[id] = cut;
				*s = (struct sst_bytes){.data = cut, .len = len, .encoding = s->encoding};
			}
			break;
		case 1:
			*s = (struct sst_bytes){0};
			break;
		case 2:
			s->encoding = (uint8_t)gen_below(&g, 8);
			break;
		default:
			for (uint64_t n = 1 + gen_below(&g, 5); s->len > 0 && n > 0; n--)
				c->copies[s - c->streams][gen_below(&g, s->len)] = (uint8_t)gen_random(&g);
		}
		if (codec_decode(c, SST_ALL_COLUMNS) != 0)
			continue;
		assert_int_equal(c->out->n, c->in->n);
		for (size_t i = 0; i < c->out->n; i++) {
			assert_true(c->out->state[i] < SST_STATE_COUNT);
			assert_true(c->out->call[i] < c->out->n_calls);
		}
		assert_true(sst_captures_are_valid(c->out));
	}
}

static void contradictions_are_not_written(void **state)
{
	struct codec *c = *state;
	struct gen g = gen_new(5);

	gen_realistic(&g, c->in, 100, 2);
	c->in->call[50] = (uint16_t)c->in->n_calls;
	assert_int_equal(sst_encode_rows(c->encoder, c->in, 0, c->streams), -EINVAL);
	c->in->call[50] = 0;
	c->in->state[7] = SST_STATE_COUNT;
	assert_int_equal(sst_encode_rows(c->encoder, c->in, 0, c->streams), -EINVAL);
	c->in->state[7] = SST_OK;
	c->in->groups[1].n--;
	assert_int_equal(sst_encode_rows(c->encoder, c->in, 0, c->streams), -EINVAL);
}

/* The worked example of docs/format.md. */
static void the_example_of_the_document(void **state)
{
	static const struct {
		uint32_t nr;
		uint64_t time, duration, ret, fd;
	} calls[] = {{0, 1000000, 1000, 4096, 3},
		     {1, 1001200, 2000, 4096, 1},
		     {0, 1003400, 900, 4096, 3},
		     {1, 1004500, 2100, 4096, 1},
		     {0, 1006800, 700, 0, 3}};
	static const struct {
		const char *bytes;
		size_t len;
	} expected[SST_STREAM_COUNT] = {
#define BYTES(text) {text, sizeof(text) - 1}
		[SST_STREAM_GROUPS] = BYTES("\x01\x05\xca\x01\x03\x11\x04\x63\x61\x74"),
		[SST_STREAM_CALLS] = BYTES("\x02\x01\x03\x00\x01\x03\x01"),
		[SST_STREAM_CALL] = BYTES("\x00\x02\x00\x02\x00"),
		[SST_STREAM_PAUSE] = BYTES("\x00\x1a\x1a\x1a\x1a\x08\x21\x04"),
		[SST_STREAM_DURATION] = BYTES("\x23\x27\x23\x28\x21\x68\x68\x02\x0d\x1e"),
		[SST_STREAM_RET] = BYTES("\x01\x01\x01\x01\xf9\xff\x1f"),
		[SST_STREAM_ARG0] = BYTES("\x07\x03\x00\x00\x00"),
		[SST_STREAM_ARG0 + 1] = BYTES("\xfd\xfd\x00\x00\x00\x00\x20\x00\x00\x00\xfe\x00\x20\x00\x00\x00\xfe"),
		[SST_STREAM_ARG0 + 2] = BYTES("\xf9\xf9\x00\x00\x00\x00\x20\x00\x20"),
		[SST_STREAM_CPU] = BYTES("\x02\x00\x00\x00\x00"),
#undef BYTES
	};
	struct codec *c = *state;

	sst_rows_clear(c->in);
	assert_int_equal(sst_rows_group(c->in, 100, 101, "cat", 3), 0);
	for (size_t i = 0; i < 5; i++) {
		size_t row = (size_t)sst_rows_add(c->in);

		c->in->call[row] = (uint16_t)sst_rows_call(c->in, 1, calls[i].nr, 3);
		c->in->time[row] = calls[i].time;
		c->in->duration[row] = calls[i].duration;
		c->in->ret[row] = calls[i].ret;
		c->in->arg[0][row] = calls[i].fd;
		c->in->arg[1][row] = UINT64_C(0x7f0000001000);
		c->in->arg[2][row] = 4096;
		c->in->seq[row] = 17 + i;
		c->in->cpu[row] = 1;
	}
	codec_round_trip(c);
	for (unsigned id = 0; id < SST_STREAM_COUNT; id++) {
		assert_int_equal(c->streams[id].len, expected[id].len);
		if (expected[id].len)
			assert_memory_equal(c->streams[id].data, expected[id].bytes, expected[id].len);
	}
}

static void facts_have_limits(void **state)
{
	struct codec *c = *state;
	struct sst_meta meta = {0}, back = {0};
	struct sst_bytes stream;
	char key[16], *many, *p;

	for (unsigned i = 0; i < SST_FACTS_MAX; i++) {
		snprintf(key, sizeof(key), "k%u", i);
		assert_int_equal(sst_meta_set(&meta, key, ""), 0);
	}
	assert_int_equal(sst_encode_facts(c->encoder, &meta, &stream), 0);
	assert_int_equal(sst_decode_facts(&stream, &back), 0);
	assert_int_equal(back.n, SST_FACTS_MAX);
	assert_int_equal(sst_meta_set(&meta, "more", ""), 0);
	assert_int_equal(sst_encode_facts(c->encoder, &meta, &stream), -EINVAL);
	p = many = malloc((SST_FACTS_MAX + 1) * sizeof(key));
	for (unsigned i = 0; i <= SST_FACTS_MAX; i++)
		p += sprintf(p, "k%u%c%c", i, 0, 0);
	stream = (struct sst_bytes){.data = (const uint8_t *)many, .len = (size_t)(p - many)};
	assert_int_equal(sst_decode_facts(&stream, &back), SST_E_LIMIT);
	free(many);
	sst_meta_clear(&meta);
	sst_meta_clear(&back);
}

static void facts_come_back(void **state)
{
	struct codec *c = *state;
	struct sst_meta meta = {0}, back = {0};
	struct sst_bytes stream;

	assert_int_equal(sst_meta_set(&meta, "command", "a\tb\nc \xff"), 0);
	assert_int_equal(sst_meta_set(&meta, "empty", ""), 0);
	assert_int_equal(sst_encode_facts(c->encoder, &meta, &stream), 0);
	assert_int_equal(stream.len, sizeof("command\0a\tb\nc \xff\0empty\0"));
	assert_int_equal(sst_decode_facts(&stream, &back), 0);
	assert_int_equal(back.n, 2);
	assert_string_equal(sst_meta_get(&back, "command"), "a\tb\nc \xff");
	assert_string_equal(sst_meta_get(&back, "empty"), "");
	stream.len--;
	assert_int_equal(sst_decode_facts(&stream, &back), SST_E_COLUMN);
	stream = (struct sst_bytes){.data = (const uint8_t *)"key\0value\0odd", .len = 14};
	assert_int_equal(sst_decode_facts(&stream, &back), SST_E_COLUMN);
	stream = (struct sst_bytes){.data = (const uint8_t *)"No Key\0value", .len = 13};
	assert_int_equal(sst_decode_facts(&stream, &back), SST_E_COLUMN);
	sst_meta_clear(&meta);
	sst_meta_clear(&back);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(realistic_rows_come_back),
		cmocka_unit_test(a_full_frame_comes_back),
		cmocka_unit_test(extreme_rows_come_back),
		cmocka_unit_test(some_calls_come_back),
		cmocka_unit_test(no_rows_come_back),
		cmocka_unit_test(coarse_times_come_back),
		cmocka_unit_test(steps_come_back),
		cmocka_unit_test(ticks_come_back),
		cmocka_unit_test(uneven_ticks_come_back),
		cmocka_unit_test(shifted_values_come_back),
		cmocka_unit_test(wrong_ticks_are_refused),
		cmocka_unit_test(wrong_shifts_are_refused),
		cmocka_unit_test(the_largest_rows_come_back),
		cmocka_unit_test(columns_come_alone),
		cmocka_unit_test(damaged_streams_do_no_harm),
		cmocka_unit_test(contradictions_are_not_written),
		cmocka_unit_test(the_example_of_the_document),
		cmocka_unit_test(facts_come_back),
		cmocka_unit_test(facts_have_limits),
	};

	return cmocka_run_group_tests_name("columns", tests, codec_setup, codec_teardown);
}
