/*
 * test_stream.c - each call once and in order, however many come late; in bounded memory, from files and from pipes
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decode/late.h"
#include "decode/stream.h"
#include "format/abi.h"
#include "recorded.h"

#define FRAMES    24
#define THREADS   3
#define PER_FRAME 4000 /* rows of each thread */
#define TOTAL     (FRAMES * THREADS * PER_FRAME)
#define START     UINT64_C(1000000000)

static char path[] = "/tmp/sysdecode-test-XXXXXX";

static void add(struct sst_rows *rows, uint64_t time, uint64_t seq, unsigned state)
{
	long i = sst_rows_add(rows);

	assert_true(i >= 0);
	rows->time[i] = time;
	rows->seq[i] = seq;
	rows->state[i] = (uint8_t)state;
	rows->call[i] = (uint16_t)sst_rows_call(rows, SST_ABI_X86_64, 0, 3);
	if (state == SST_OK)
		rows->duration[i] = rows->ret[i] = seq;
}

/*
 * Rows at every 10 ns from three threads. Two thirds of them are open at first; those of frame n come complete in the
 * LATE frame behind frame n + 5, but for one in a hundred. One gap a frame, in a LATE frame too.
 */
static void write_frame(struct sst_writer *writer, struct sst_rows *rows, unsigned n, bool late)
{
	uint64_t first = (uint64_t)n * PER_FRAME, cut;

	sst_rows_clear(rows);
	for (uint32_t t = 1; t <= THREADS; t++) {
		sst_rows_group(rows, 50, 50 + t, "late", 4);
		for (uint64_t k = first; k < first + PER_FRAME; k++) {
			bool open = k % 3 != 0;

			if (!late || (open && k % 100 != 0))
				add(rows, START + 10 * k + t % 2, k + 1, open && !late ? SST_UNFINISHED : SST_OK);
		}
	}
	cut = START + 10 * (first + PER_FRAME);
	sst_rows_gap(rows, &(struct sst_gap){.time = cut - (late ? 500 : 700), .until = cut, .count = 1});
	assert_int_equal(sst_writer_rows(writer, rows, late ? SST_FRAME_LATE : SST_FRAME_ROWS, cut), 0);
}

static int setup(void **state)
{
	struct recorder r;

	(void)state;
	assert_int_equal(close(mkstemp(path)), 0);
	recorder_open(&r, path, 1, START);
	sst_writer_meta(r.writer, &r.meta);
	for (unsigned n = 0; n < FRAMES + 5; n++) {
		if (n < FRAMES)
			write_frame(r.writer, r.rows, n, false);
		if (n >= 5)
			write_frame(r.writer, r.rows, n - 5, true);
	}
	recorder_close(&r);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	return unlink(path);
}

struct seen {
	struct view view;
	uint64_t rows, gaps, open, disorder, wrong;
	uint64_t time;
	uint32_t tid;
};

static void see_place(struct seen *seen, uint64_t time, uint32_t tid)
{
	seen->disorder += time < seen->time || (time == seen->time && tid < seen->tid);
	seen->time = time;
	seen->tid = tid;
}

static void see_row(struct view *view, const struct row *row)
{
	struct seen *seen = (struct seen *)view;

	seen->rows++;
	seen->open += sst_state_is_open(row->state);
	seen->wrong += row->who->pid != 50 || row->who->comm_len != 4 || row->call->nr != 0 ||
		       (row->state == SST_OK && (row->ret != row->seq || row->duration != row->seq));
	see_place(seen, row->time, row->who->tid);
}

static void see_lost(struct view *view, const struct lost *lost)
{
	struct seen *seen = (struct seen *)view;

	seen->gaps++;
	see_place(seen, lost->gap->time, UINT32_MAX); /* behind the rows of the same time */
}

static struct seen *decode(struct input *input, struct filter *filter)
{
	static struct seen seen;
	static struct out out;
	struct stream_config config = {.filter = filter, .view = &seen.view, .threads = 1};
	struct report report = {.name = "test", .quiet = true};
	struct section section = {.input = input, .report = &report, .end = UINT64_MAX};

	memset(&seen, 0, sizeof(seen));
	out_init(&out, -1);
	seen.view = (struct view){
		.out = &out, .columns = SST_COL_RET | SST_COL_ARGS | SST_COL_SEQ, .row = see_row, .lost = see_lost};
	stream_run(&(struct tape){.sections = &section, .n = 1}, &config);
	assert_int_equal(report.rows, seen.rows);
	assert_int_equal(report.status, STATUS_OK);
	return &seen;
}

#define NEVER_CLOSED (THREADS * 640) /* k % 100 == 0 and k % 3 != 0, k below 96,000 */

static void each_once(void **state)
{
	struct input input;
	struct filter filter = {0};
	struct seen *seen;

	(void)state;
	assert_true(TOTAL / 3 * 2 > 2 * LATE_MAX); /* so that several windows are needed */
	input_open(&input, path);
	assert_int_equal(input.error, 0);
	seen = decode(&input, &filter);
	input_close(&input);
	assert_int_equal(seen->rows, TOTAL);
	assert_int_equal(seen->gaps, 2 * FRAMES);
	assert_int_equal(seen->disorder, 0);
	assert_int_equal(seen->wrong, 0);
	assert_int_equal(seen->open, NEVER_CLOSED);
}

static void filtered(void **state)
{
	struct input input;
	struct filter filter = {0};
	struct seen *seen;

	(void)state;
	assert_int_equal(filter_add_tid(&filter, "52"), 0);
	filter.has_until = true;
	filter.until.ns = 10 * PER_FRAME * (FRAMES / 2);
	input_open(&input, path);
	assert_int_equal(input.error, 0);
	seen = decode(&input, &filter);
	input_close(&input);
	filter_free(&filter);
	assert_int_equal(seen->rows, TOTAL / THREADS / 2);
	assert_int_equal(seen->gaps, FRAMES);
	assert_int_equal(seen->disorder, 0);
	assert_int_equal(seen->wrong, 0);
}

/* As if from a pipe: open rows first, those that complete them later. */
static void piped(void **state)
{
	struct input input;
	struct filter filter = {0};
	struct seen *seen;

	(void)state;
	input_open(&input, path);
	assert_int_equal(input.error, 0);
	input.stream = true;
	seen = decode(&input, &filter);
	input_close(&input);
	assert_int_equal(seen->gaps, 2 * FRAMES);
	assert_int_equal(seen->wrong, 0);
	assert_int_equal(seen->rows, TOTAL + THREADS * (FRAMES * PER_FRAME * 2 / 3) - NEVER_CLOSED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_once),
		cmocka_unit_test(filtered),
		cmocka_unit_test(piped),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
