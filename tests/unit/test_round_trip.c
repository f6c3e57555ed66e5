/* Whatever rows go into a file come out of it as they were: through writer and reader, from a file and from a pipe. */
#include "gen_rows.h"
#include "memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define FRAMES_MAX 8

struct frames {
	struct sst_rows *rows[FRAMES_MAX];
	enum sst_frame_type type[FRAMES_MAX];
	unsigned n;
};

static int make_frames(void **state)
{
	struct frames *f = calloc(1, sizeof(*f));

	for (unsigned i = 0; i < FRAMES_MAX; i++) {
		f->rows[i] = sst_rows_new();
		f->type[i] = SST_FRAME_ROWS;
	}
	*state = f;
	return 0;
}

static int free_frames(void **state)
{
	struct frames *f = *state;

	for (unsigned i = 0; i < FRAMES_MAX; i++)
		sst_rows_free(f->rows[i]);
	free(f);
	return 0;
}

static void write_frames(const struct frames *f, struct memory *m)
{
	struct sst_writer *w = memory_writer(m, 5);
	struct sst_meta meta = {0};

	assert_int_equal(sst_writer_meta(w, &meta), 0);
	for (unsigned i = 0; i < f->n; i++)
		assert_int_equal(sst_writer_rows(w, f->rows[i], f->type[i], i), 0);
	assert_int_equal(sst_writer_end(w, &meta), 0);
	sst_writer_free(w);
}

static void read_frames(const struct frames *f, struct sst_reader *r)
{
	struct sst_rows *rows = sst_rows_new();
	char difference[80] = "";
	struct sst_frame frame;
	unsigned n = 0;
	int got;

	while ((got = sst_reader_next(r, &frame)) > 0) {
		assert_int_equal(sst_reader_load(r, &frame), 0);
		if (frame.type == SST_FRAME_META || frame.type == SST_FRAME_END)
			continue;
		assert_true(n < f->n);
		assert_int_equal(frame.type, f->type[n]);
		assert_int_equal(sst_frame_rows(&frame, rows, SST_ALL_COLUMNS), 0);
		if (!gen_same(f->rows[n++], rows, difference))
			fail_msg("frame %u: %s differs", n, difference);
		for (size_t i = 0; i < rows->n; i++)
			assert_true(rows->time[i] >= frame.time_min && rows->time[i] <= frame.time_max);
	}
	assert_int_equal(got, 0);
	assert_int_equal(n, f->n);
	sst_rows_free(rows);
}

static void round_trip(const struct frames *f)
{
	struct memory m = {0};

	write_frames(f, &m);
	for (unsigned way = 0; way < 3; way++) {
		struct sst_reader *r;

		m.limit = way == 2 ? 1 + m.len / 1000 : 0;
		r = memory_open(&m, way > 0);
		read_frames(f, r);
		sst_reader_free(r);
	}
	free(m.data);
}

static void random_rows(void **state)
{
	struct frames *f = *state;

	for (uint64_t seed = 0; seed < 150; seed++) {
		struct gen g = gen_new(seed);

		f->n = (unsigned)gen_below(&g, FRAMES_MAX + 1);
		for (unsigned i = 0; i < f->n; i++) {
			f->type[i] = gen_below(&g, 3) ? SST_FRAME_ROWS : SST_FRAME_LATE;
			if (gen_below(&g, 2))
				gen_extreme(&g, f->rows[i], 1 + (size_t)gen_below(&g, 500));
			else
				gen_realistic(&g, f->rows[i], (size_t)gen_below(&g, 800),
					      1 + (unsigned)gen_below(&g, 9));
		}
		round_trip(f);
	}
}

/* A row of the last group in which every field that it has is value. */
static void add_row(struct sst_rows *rows, unsigned nargs, unsigned state, uint64_t value)
{
	int call = sst_rows_call(rows, (uint8_t)value, (uint32_t)value, (uint8_t)nargs);
	size_t i = (size_t)sst_rows_add(rows);

	assert_true(call >= 0);
	rows->call[i] = (uint16_t)call;
	rows->state[i] = (uint8_t)state;
	rows->time[i] = rows->seq[i] = value;
	rows->cpu[i] = (uint16_t)value;
	if (sst_state_has_ret(state))
		rows->ret[i] = value;
	if (sst_state_has_duration(state))
		rows->duration[i] = value;
	for (unsigned k = 0; k < nargs; k++)
		rows->arg[k][i] = value;
}

static void registers_of_all_ones(void **state)
{
	static const uint64_t values[] = {UINT64_MAX, 0, UINT64_MAX, UINT64_MAX, UINT64_C(1) << 63, INT64_MAX};
	struct frames *f = *state;

	f->n = SST_STATE_COUNT;
	for (unsigned s = 0; s < SST_STATE_COUNT; s++) {
		sst_rows_clear(f->rows[s]);
		assert_int_equal(sst_rows_group(f->rows[s], UINT32_MAX, UINT32_MAX, "\xff", 1), 0);
		for (unsigned k = 0; k < 6 * (SST_ARGS + 1); k++)
			add_row(f->rows[s], k % (SST_ARGS + 1), s, values[k / (SST_ARGS + 1)]);
	}
	round_trip(f);
}

static void time_goes_back(void **state)
{
	struct frames *f = *state;

	f->n = 4;
	for (unsigned i = 0; i < f->n; i++) {
		sst_rows_clear(f->rows[i]);
		for (unsigned t = 0; t < 5; t++) {
			assert_int_equal(sst_rows_group(f->rows[i], t, t, "back", 4), 0);
			for (uint64_t k = 0; k < 50; k++) {
				static const uint64_t hour = UINT64_C(3600000000000);
				size_t row = f->rows[i]->n;

				add_row(f->rows[i], 3, SST_OK, k + 1);
				f->rows[i]->time[row] = (uint64_t[]){UINT64_MAX - k, 1000 * hour - k * hour, k % 2 - 1,
								     k * (0 - hour)}[i];
			}
		}
	}
	round_trip(f);
}

static void the_highest_ids(void **state)
{
	static const uint32_t ids[] = {0, 1, INT32_MAX, UINT32_C(1) << 31, UINT32_MAX - 1, UINT32_MAX};
	struct frames *f = *state;
	struct sst_rows *rows = f->rows[0];

	f->n = 1;
	sst_rows_clear(rows);
	for (unsigned k = 0; k < 6 * 6 * 6; k++) {
		uint32_t pid = ids[k % 6], tid = ids[k / 6 % 6];
		struct sst_gap gap = {.pid = tid, .tid = pid, .count = k};
		struct sst_event event = {.pid = tid, .tid = pid, .kind = (uint8_t)k};

		assert_int_equal(sst_rows_group(rows, k % 7 ? pid : tid, tid, "id", k / 36 % 3), 0);
		if (k % 5)
			add_row(rows, k % 4, SST_OK, ids[k / 36]);
		assert_int_equal(sst_rows_gap(rows, &gap), 0);
		assert_int_equal(sst_rows_event(rows, &event), 0);
	}
	round_trip(f);
}

static void empty_frames(void **state)
{
	struct frames *f = *state;

	f->n = 6;
	for (unsigned i = 0; i < f->n; i++) {
		sst_rows_clear(f->rows[i]);
		f->type[i] = i % 2 ? SST_FRAME_LATE : SST_FRAME_ROWS;
	}
	assert_int_equal(sst_rows_group(f->rows[1], 1, 2, "no rows", 7), 0);
	assert_int_equal(sst_rows_group(f->rows[1], 1, 2, NULL, 0), 0);
	assert_int_equal(sst_rows_gap(f->rows[2], &(struct sst_gap){.count = UINT64_MAX}), 0);
	assert_int_equal(sst_rows_event(f->rows[3], &(struct sst_event){.a = UINT64_MAX, .kind = 255}), 0);
	assert_int_equal(sst_rows_clock(f->rows[4], &(struct sst_clock){.real = INT64_MIN}), 0);
	assert_int_equal(sst_rows_call(f->rows[5], 1, 1, 6), 0);
	round_trip(f);
	f->n = 0;
	round_trip(f);
}

/* As many rows as a frame may have, of which no field can be predicted: more bytes than a frame may have. */
static void too_much_for_a_frame(void **state)
{
	struct frames *f = *state;
	struct sst_rows *rows = f->rows[0], *out = sst_rows_new();
	struct gen g = gen_new(11);
	struct memory m = {0};
	struct sst_frame frame;
	struct sst_reader *r;
	uint64_t in_sum = 0, out_sum = 0, n = 0;
	unsigned frames = 0;

	sst_rows_clear(rows);
	assert_int_equal(sst_rows_group(rows, 1, 1, "random", 6), 0);
	for (size_t i = 0; i < SST_ROWS_MAX; i++) {
		add_row(rows, SST_ARGS, SST_OK, 9);
		rows->time[i] = gen_random(&g);
		rows->seq[i] = gen_random(&g);
		rows->ret[i] = gen_random(&g);
		rows->duration[i] = gen_random(&g);
		for (unsigned k = 0; k < SST_ARGS; k++)
			rows->arg[k][i] = gen_random(&g);
		in_sum += rows->time[i] * 31 ^ rows->ret[i] * 7 ^ rows->seq[i] ^ rows->arg[5][i] * 3;
	}
	f->n = 1;
	write_frames(f, &m);
	r = memory_open(&m, false);
	while (sst_reader_next(r, &frame) > 0) {
		assert_int_equal(sst_reader_load(r, &frame), 0);
		if (frame.type != SST_FRAME_ROWS)
			continue;
		assert_int_equal(sst_frame_rows(&frame, out, SST_ALL_COLUMNS), 0);
		frames++;
		n += out->n;
		for (size_t i = 0; i < out->n; i++)
			out_sum += out->time[i] * 31 ^ out->ret[i] * 7 ^ out->seq[i] ^ out->arg[5][i] * 3;
	}
	assert_true(frames >= 2);
	assert_int_equal(n, SST_ROWS_MAX);
	assert_true(in_sum == out_sum);
	sst_reader_free(r);
	sst_rows_free(out);
	free(m.data);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_frames, free_frames)
	const struct CMUnitTest tests[] = {
		TEST(random_rows),     TEST(registers_of_all_ones), TEST(time_goes_back),
		TEST(the_highest_ids), TEST(empty_frames),          TEST(too_much_for_a_frame),
	};

	return cmocka_run_group_tests_name("round trip", tests, NULL, NULL);
}
