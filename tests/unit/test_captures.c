/* Captures and opens in memory and as streams: found by row, put in order, refused when they contradict themselves. */
#include "format/bytes.h"
#include "format/captures.h"
#include "format/reader.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static struct sst_rows *rows_new(size_t n, size_t events)
{
	struct sst_rows *rows = sst_rows_new();

	assert_int_equal(sst_rows_call(rows, 1, 257, 4), 0);
	assert_int_equal(sst_rows_group(rows, 7, 7, "cat", 3), 0);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(sst_rows_add(rows), i);
	for (size_t i = 0; i < events; i++)
		assert_int_equal(sst_rows_event(rows, &(struct sst_event){.kind = SST_EVENT_EXEC, .tid = 7}), 0);
	return rows;
}

static void add(struct sst_rows *rows, uint32_t row, unsigned arg, const char *text)
{
	struct sst_capture c = {.row = row, .arg = (uint8_t)arg, .form = SST_FORM_STRING};

	assert_int_equal(sst_rows_capture(rows, c, text, strlen(text)), 0);
}

static void are_found_by_row(void **state)
{
	struct sst_rows *rows = rows_new(5, 2);
	size_t n;

	(void)state;
	add(rows, 3, 1, "c");
	add(rows, SST_CAPTURE_EVENT + 1, 0, "/bin/cat");
	add(rows, 1, 0, "a");
	add(rows, 3, 0, "d");
	add(rows, 1, 1, "b");
	assert_false(sst_captures_are_valid(rows));
	assert_int_equal(sst_rows_sort_captures(rows), 0);
	assert_true(sst_captures_are_valid(rows));
	assert_int_equal(sst_rows_captures(rows, 1, &n), 0);
	assert_int_equal(n, 2);
	assert_int_equal(rows->text[rows->captures[0].offset], 'a');
	assert_int_equal(rows->text[rows->captures[1].offset], 'b');
	assert_int_equal(sst_rows_captures(rows, 3, &n), 2);
	assert_int_equal(n, 2);
	assert_int_equal(rows->text[rows->captures[2].offset], 'c'); /* as they were appended, not by argument */
	sst_rows_captures(rows, 2, &n);
	assert_int_equal(n, 0);
	sst_rows_captures(rows, SST_CAPTURE_EVENT, &n);
	assert_int_equal(n, 0);
	assert_int_equal(sst_rows_captures(rows, SST_CAPTURE_EVENT + 1, &n), 4);
	assert_int_equal(n, 1);
	sst_rows_free(rows);
}

static void have_limits(void **state)
{
	struct sst_rows *rows = rows_new(1, 0);
	char *much = calloc(1, SST_TEXT_MAX + 1);
	struct sst_capture c = {.form = SST_FORM_MEMORY};

	(void)state;
	assert_int_equal(sst_rows_capture(rows, c, much, SST_TEXT_MAX + 1), -E2BIG);
	assert_int_equal(sst_rows_capture(rows, c, much, SST_TEXT_MAX), 0);
	assert_int_equal(sst_rows_capture(rows, c, much, 1), -E2BIG);
	assert_int_equal(sst_rows_open(rows, (struct sst_open){0}, much, 1), -E2BIG);
	assert_int_equal(rows->n_captures, 1);
	while (rows->n_captures < SST_CAPTURES_MAX)
		assert_int_equal(sst_rows_capture(rows, c, "", 0), 0);
	assert_int_equal(sst_rows_capture(rows, c, "", 0), -E2BIG);
	assert_true(sst_captures_are_valid(rows));
	sst_rows_free(rows);
	free(much);
}

/* What the encoder is given is checked: a row that is not there, an argument that there cannot be. */
static void contradictions_are_not_valid(void **state)
{
	struct sst_rows *rows = rows_new(2, 1);

	(void)state;
	add(rows, 1, 0, "a");
	assert_true(sst_captures_are_valid(rows));
	rows->captures[0].row = 2;
	assert_false(sst_captures_are_valid(rows));
	rows->captures[0].row = SST_CAPTURE_EVENT + 1;
	assert_false(sst_captures_are_valid(rows));
	rows->captures[0].row = 1;
	rows->captures[0].arg = 8;
	assert_false(sst_captures_are_valid(rows));
	rows->captures[0].arg = 0;
	rows->captures[0].form = 32;
	assert_false(sst_captures_are_valid(rows));
	rows->captures[0].form = SST_FORM_STRING;
	rows->captures[0].len = 2;
	assert_false(sst_captures_are_valid(rows));
	sst_rows_free(rows);
}

/* The streams by hand, as docs/format.md says they are. */
static int decode(const char *captures, size_t captures_len, const char *opens, size_t opens_len, const char *text)
{
	struct sst_bytes streams[SST_STREAM_COUNT] = {{0}};
	struct sst_rows *rows = rows_new(3, 1);
	int err;

	streams[SST_STREAM_CAPTURES] = (struct sst_bytes){.data = (const uint8_t *)captures, .len = captures_len};
	streams[SST_STREAM_OPENS] = (struct sst_bytes){.data = (const uint8_t *)opens, .len = opens_len};
	streams[SST_STREAM_TEXT] = (struct sst_bytes){.data = (const uint8_t *)text, .len = strlen(text)};
	err = sst_decode_captures(streams, rows);
	if (!err)
		assert_true(sst_captures_are_valid(rows));
	sst_rows_free(rows);
	return err;
}

static void contradictions_are_refused(void **state)
{
	(void)state;
	/* Rows 1 and 1, and the event: arguments 0 and 1, file name; strings; 1, 2 and 3 bytes. */
	assert_int_equal(decode("\3\1\0\2\x08\x09\x08\0\0\0\1\2\3", 13, NULL, 0, "aabbbb"), 0);
	assert_int_equal(decode("\3\1\0\3\x08\x09\x08\0\0\0\1\2\3", 13, NULL, 0, "aabbbb"), SST_E_COLUMN);
	assert_int_equal(decode("\3\1\0\2\x08\x09\x08\0\0\0\1\2\3", 13, NULL, 0, "aabbbbb"), SST_E_COLUMN);
	assert_int_equal(decode("\3\1\0\2\x08\x09\x08\0\0\0\1\2\3", 13, NULL, 0, "aabbb"), SST_E_COLUMN);
	assert_int_equal(decode("\3\1\0\2\x08\x09\x08\0\0\0\1\2", 12, NULL, 0, "aabbbb"), SST_E_COLUMN);
	assert_int_equal(decode("\3\1\0\2\x08\x09\x08\0\0\0\1\2\3\0", 14, NULL, 0, "aabbbb"), SST_E_COLUMN);
	assert_int_equal(decode("\x04\1\0\2\x08\x09\x08\0\0\0\1\2\3", 13, NULL, 0, "aabbbb"), SST_E_COLUMN);
	/* Of pid 7 between times 5 and 6: descriptor 0, close-on-exec. */
	assert_int_equal(decode(NULL, 0, "\1\x0a\2\x0e\3\1\2", 7, "/x"), 0);
	assert_int_equal(decode(NULL, 0, "\1\x0a\2\x0d\3\1\2", 7, "/x"), SST_E_COLUMN);
	assert_int_equal(decode(NULL, 0, "\1\x0a\2\x0e\3\1\3", 7, "/x"), SST_E_COLUMN);
	assert_int_equal(decode(NULL, 0, NULL, 0, ""), 0);
	assert_int_equal(decode(NULL, 0, NULL, 0, "x"), SST_E_COLUMN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(are_found_by_row),
		cmocka_unit_test(have_limits),
		cmocka_unit_test(contradictions_are_not_valid),
		cmocka_unit_test(contradictions_are_refused),
	};

	return cmocka_run_group_tests_name("captures", tests, NULL, NULL);
}
