/*
 * test_late.c - late rows: each once and in order, with work that grows with their number and not with its square
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decode/late.h"
#include "format/abi.h"
#include "recorded.h"

#define START     UINT64_C(1000000000)
#define FRAMES    200
#define PER_FRAME 200
#define ROWS      (FRAMES * PER_FRAME)

static char path[] = "/tmp/sysdecode-test-XXXXXX";

/* The time of row i of LATE frame f. */
typedef uint64_t (*time_of)(unsigned f, unsigned i);

/* Each frame has something of the whole time. */
static uint64_t mixed(unsigned f, unsigned i)
{
	return START + i * FRAMES + f;
}

/* As a recorder writes them: the calls of the frame's time, and in every tenth frame one that began long ago. */
static uint64_t usual(unsigned f, unsigned i)
{
	if (i == 0 && f % 10 == 9)
		return START + (f / 2) * PER_FRAME * 10 + 5;
	return START + f * PER_FRAME * 10 + i * 10;
}

/* The earliest come last. */
static uint64_t backwards(unsigned f, unsigned i)
{
	return START + (FRAMES - f) * PER_FRAME + i;
}

/* What is captured of a row: static; every fifth row has nothing. */
static const char *text_of(uint64_t seq)
{
	static char text[128];

	snprintf(text, sizeof(text), "%" PRIu64 "%.*s", seq, (int)(seq % 60),
		 "..............................................................");
	return text;
}

static void capture(struct sst_rows *rows, uint64_t seq)
{
	struct sst_capture string = {.row = (uint32_t)rows->n - 1, .arg = 1, .form = SST_FORM_STRING};

	assert_int_equal(sst_rows_capture(rows, string, text_of(seq), strlen(text_of(seq))), 0);
	string.arg = 2;
	assert_int_equal(sst_rows_capture(rows, string, "", 0), 0);
}

static void write_file(time_of time)
{
	struct recorder r;

	recorder_open(&r, path, 1, START);
	sst_writer_meta(r.writer, &r.meta);
	for (unsigned f = 0; f < FRAMES; f++) {
		sst_rows_clear(r.rows);
		sst_rows_group(r.rows, 50, 51, "late", 4);
		for (unsigned i = 0; i < PER_FRAME; i++) {
			long at = sst_rows_add(r.rows);

			assert_true(at >= 0);
			r.rows->time[at] = time(f, i);
			r.rows->seq[at] = f * PER_FRAME + i + 1;
			r.rows->call[at] = (uint16_t)sst_rows_call(r.rows, SST_ABI_X86_64, 0, 3);
			if (r.rows->seq[at] % 5)
				capture(r.rows, r.rows->seq[at]);
		}
		assert_int_equal(sst_writer_rows(r.writer, r.rows, SST_FRAME_LATE, START), 0);
	}
	recorder_close(&r);
}

struct result {
	uint64_t work, size, disorder, windows;
	size_t spans;
	bool unordered;
	enum status status;
};

static size_t max_text = LATE_TEXT;

/* What was captured of it is there, and nothing else. */
static void check_text(const struct late *late, const struct late_item *item)
{
	struct row row = {.n_captures = 0};
	const char *text = text_of(item->seq);

	late_texts_show(&late->texts, &item->piece, &row);
	assert_int_equal(row.n_captures, item->seq % 5 ? 2 : 0);
	if (item->seq % 5 == 0)
		return;
	assert_int_equal(row.captures[0].arg, 1);
	assert_int_equal(row.captures[0].len, strlen(text));
	assert_memory_equal(row.text + row.captures[0].offset, text, strlen(text));
	assert_int_equal(row.captures[1].arg, 2);
	assert_int_equal(row.captures[1].len, 0);
}

/* Take all that there are; each must come once. max: how many may be kept, max_spans: places that may be remembered. */
static struct result take_all(size_t max, size_t max_spans)
{
	static bool seen[ROWS + 1];
	struct input input;
	struct filter filter = {0};
	struct report report = {.name = "test", .quiet = true};
	struct section section = {.input = &input, .report = &report, .end = UINT64_MAX};
	struct result result = {0};
	const struct late_item *item;
	struct late *late;
	uint64_t time = 0, n = 0;

	memset(seen, 0, sizeof(seen));
	input_open(&input, path);
	assert_int_equal(input.error, 0);
	late = late_new(&(struct tape){.sections = &section, .n = 1}, &filter, SST_ALL_COLUMNS);
	assert_non_null(late);
	late->max = max;
	late->max_spans = max_spans;
	late->max_text = max_text;
	late->always = 0;
	late_begin(late, &(struct spot){0}, 0);
	while ((item = late_head(late))) {
		assert_true(item->seq > 0 && item->seq <= ROWS && !seen[item->seq]);
		seen[item->seq] = true;
		check_text(late, item);
		assert_true(late->texts.len <= max_text);
		result.disorder += item->time < time;
		time = item->time;
		n++;
		late_take(late);
		for (; late_is_used_up(late); result.windows++)
			late_refill(late);
	}
	assert_int_equal(n, ROWS);
	result.work = late->work;
	result.size = late->size;
	result.spans = late->n_spans;
	result.unordered = late->unordered;
	result.status = report.status;
	late_free(late);
	input_close(&input);
	return result;
}

static void all_at_once(void **state)
{
	struct result result;

	(void)state;
	write_file(mixed);
	result = take_all(ROWS, LATE_SPANS);
	assert_int_equal(result.disorder, 0);
	assert_int_equal(result.windows, 0);
	assert_int_equal(result.work, result.size);
}

/* Fewer rows are kept where they have more text than there is room for. */
static void in_windows_of_text(void **state)
{
	struct result result;

	(void)state;
	write_file(mixed);
	max_text = 100000;
	result = take_all(ROWS, LATE_SPANS);
	max_text = LATE_TEXT;
	assert_int_equal(result.disorder, 0);
	assert_true(result.windows >= 11); /* 1.1 MB */
}

/* Windows need only the frames that have something for them. */
static void in_windows(void **state)
{
	struct result result;

	(void)state;
	write_file(usual);
	result = take_all(4 * PER_FRAME, LATE_SPANS);
	assert_int_equal(result.disorder, 0);
	assert_int_equal(result.status, STATUS_OK);
	assert_true(result.windows >= FRAMES / 4);
	assert_true(result.work < 3 * result.size);
	write_file(backwards);
	result = take_all(4 * PER_FRAME, LATE_SPANS);
	assert_int_equal(result.disorder, 0);
	assert_true(result.work < 4 * result.size);
}

/* More places than can be remembered: neighbours share one. */
static void in_few_places(void **state)
{
	struct result result;

	(void)state;
	write_file(usual);
	result = take_all(4 * PER_FRAME, 64);
	assert_int_equal(result.disorder, 0);
	assert_true(result.spans <= 64);
	assert_true(result.work < 8 * result.size);
	write_file(mixed);
	result = take_all(ROWS / 4, 64);
	assert_int_equal(result.disorder, 0);
	assert_int_equal(result.status, STATUS_OK);
}

/* A file made so that each window needs all frames: 400 windows of 200 frames. */
static void not_for_ever(void **state)
{
	struct result result;

	(void)state;
	write_file(mixed);
	result = take_all(PER_FRAME, LATE_SPANS);
	assert_true(result.work <= (LATE_WORK + 3) * result.size);
	assert_true(result.unordered);
	assert_int_equal(result.status, STATUS_DAMAGED);
	assert_in_range(result.disorder, 1, FRAMES);
}

static int setup(void **state)
{
	(void)state;
	return close(mkstemp(path));
}

static int teardown(void **state)
{
	(void)state;
	return unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_at_once),   cmocka_unit_test(in_windows_of_text), cmocka_unit_test(in_windows),
		cmocka_unit_test(in_few_places), cmocka_unit_test(not_for_ever),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
