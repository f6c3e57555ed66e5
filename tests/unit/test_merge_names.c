/*
 * test_merge_names.c - rows of sessions that overlap are the same, with what was captured of them and the names of
 * their files, as those of each session alone
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "decode/merge.h"
#include "format/syscalls.h"
#include "sessions.h"

#define FILES     3
#define FRAMES    4
#define PER_FRAME 12000 /* rows of one thread, every 1000 ns: a file is opened, written to, …, and closed */
#define START     UINT64_C(1000000000)
#define STEP(k)   (((k) + 5) % 10) /* what call k does with its file, which is still open when a frame ends */
#define BUFFER    300              /* bytes that each write() has: more than a window has room for */

static uint16_t call_of(struct sst_rows *rows, const char *name, uint8_t nargs)
{
	uint32_t nr = 0;

	assert_int_equal(sst_syscall_find(SST_ABI_X86_64, name, &nr), 0);
	return (uint16_t)sst_rows_call(rows, SST_ABI_X86_64, nr, nargs);
}

/* The file that is open at call k of a session. Each tenth call opens another one. */
static int name_at(char *name, size_t room, unsigned id, uint64_t k)
{
	return snprintf(name, room, "/file %u/%llu", id, (unsigned long long)((k + 5) / 10));
}

static void capture(struct sst_rows *rows, long i, uint8_t form, const void *bytes, size_t len)
{
	struct sst_capture capture = {.row = (uint32_t)i, .arg = 1, .form = form};

	assert_int_equal(sst_rows_capture(rows, capture, bytes, len), 0);
	rows->arg[1][i] = 0x1000;
}

/* Call k: each third write() is open at first, and comes again in the next frame without what was captured. */
static void add_call(struct sst_rows *rows, unsigned id, uint64_t k, bool late)
{
	bool opens = STEP(k) == 0, closes = STEP(k) == 9, open = STEP(k) == 3 || STEP(k) == 6;
	char bytes[BUFFER] = {0};
	long i;

	if (late && !open)
		return;
	i = sst_rows_add(rows);
	assert_true(i >= 0);
	rows->time[i] = START + 1000 * k + id;
	rows->seq[i] = k + 1;
	rows->state[i] = open && !late ? SST_UNFINISHED : SST_OK;
	if (rows->state[i] == SST_OK)
		rows->duration[i] = 100;
	rows->call[i] = opens    ? call_of(rows, "openat", 4)
			: closes ? call_of(rows, "close", 1)
				 : call_of(rows, "write", 3);
	if (opens) {
		int len = name_at(bytes, sizeof(bytes), id, k);

		rows->arg[0][i] = (uint64_t)-100;
		rows->ret[i] = 5;
		capture(rows, i, SST_FORM_STRING, bytes, (size_t)len);
		return;
	}
	rows->arg[0][i] = 5;
	memcpy(bytes, &k, sizeof(k));
	if (!closes && !late)
		capture(rows, i, SST_FORM_MEMORY, bytes, sizeof(bytes));
}

static void add_rows(struct sst_rows *rows, unsigned id, unsigned frame, bool late)
{
	sst_rows_clear(rows);
	sst_rows_group(rows, id + 1, id + 1, "names", 5);
	for (uint64_t k = frame * PER_FRAME; k < (frame + 1) * PER_FRAME; k++)
		add_call(rows, id, k, late);
}

static void write_file(unsigned id)
{
	struct recorder r;

	recorder_open(&r, paths[id], (uint8_t)id, START);
	sst_meta_set_i64(&r.meta, "start.real", INT64_C(1700000000000000000));
	sst_writer_meta(r.writer, &r.meta);
	for (unsigned n = 0; n < FRAMES; n++) {
		uint64_t cut = START + 1000 * (n + 1) * PER_FRAME;

		add_rows(r.rows, id, n, false);
		assert_int_equal(sst_writer_rows(r.writer, r.rows, SST_FRAME_ROWS, cut), 0);
		add_rows(r.rows, id, n, true);
		assert_int_equal(sst_writer_rows(r.writer, r.rows, SST_FRAME_LATE, cut), 0);
	}
	recorder_close(&r);
}

struct seen {
	struct view view;
	uint64_t rows, open, disorder, unnamed, wrong_name, wrong_text;
	int64_t time;
};

/* Is what was captured that of the call? */
static bool has_text(const struct row *row, unsigned id)
{
	const struct sst_capture *found = row_capture(row, 1);
	uint64_t k = row->seq - 1, number = UINT64_MAX;
	char name[64];

	if (STEP(k) == 9)
		return row->n_captures == 0;
	if (!found || row->n_captures != 1)
		return false;
	if (STEP(k) == 0)
		return found->len == (size_t)name_at(name, sizeof(name), id, k) &&
		       memcmp(row->text + found->offset, name, found->len) == 0;
	memcpy(&number, row->text + found->offset, sizeof(number));
	return found->len == BUFFER && number == k;
}

static void see_row(struct view *view, const struct row *row)
{
	struct seen *seen = (struct seen *)view;
	int64_t time = (int64_t)(row->time - view->recording->start);
	char name[64];
	size_t len = (size_t)name_at(name, sizeof(name), row->who->tid - 1, row->seq - 1);

	seen->rows++;
	seen->open += sst_state_is_open(row->state);
	seen->disorder += time < seen->time;
	seen->time = time;
	seen->wrong_text += !has_text(row, row->who->tid - 1);
	if (row->path && row->path_len == 1 && *row->path == '?')
		seen->unnamed++;
	else
		seen->wrong_name += !row->path || row->path_len != len || memcmp(row->path, name, len) != 0;
}

/* All files in one table. */
static struct seen merge(const struct filter *filter)
{
	static struct out out;
	struct seen seen = {.view = {.out = &out,
				     .columns = SST_COL_RET | SST_COL_ARGS | SST_COL_SEQ | SST_COL_TEXT,
				     .names = true,
				     .row = see_row}};
	struct stream_config config = {.filter = filter, .view = &seen.view, .threads = 1};

	out_init(&out, -1);
	sessions_plan(FILES);
	assert_int_equal(plan.n, 1);
	assert_int_equal(plan.groups[0].n, FILES);
	for (size_t i = 0; i < FILES; i++)
		sources.list[i]->report.quiet = true;
	merge_run(plan.groups[0].tapes, plan.groups[0].n, &config);
	sessions_clear();
	return seen;
}

/* Each of three sessions has the descriptor 5 open, and more text than a window has room for. */
static void all(void **state)
{
	struct filter filter = {0};
	struct seen seen;

	(void)state;
	for (unsigned i = 0; i < FILES; i++)
		write_file(i);
	assert_true((size_t)FILES * FRAMES * PER_FRAME * BUFFER > (size_t)4 * MERGE_TEXT);
	seen = merge(&filter);
	assert_int_equal(seen.rows, FILES * FRAMES * PER_FRAME);
	assert_int_equal(seen.open, 0);
	assert_int_equal(seen.disorder, 0);
	assert_int_equal(seen.wrong_text, 0);
	assert_int_equal(seen.wrong_name, 0);
	assert_int_equal(seen.unnamed, FILES * 5); /* opened before the recording */
	check_memory();
}

/* Names depend on calls that are not shown. */
static void filtered(void **state)
{
	struct filter filter = {0};
	struct seen seen;

	(void)state;
	assert_int_equal(filter_add_call(&filter, "write"), 0);
	assert_int_equal(filter_add_pid(&filter, "2"), 0);
	seen = merge(&filter);
	filter_free(&filter);
	assert_int_equal(seen.rows, FRAMES * PER_FRAME / 10 * 8);
	assert_int_equal(seen.wrong_text, 0);
	assert_int_equal(seen.wrong_name, 0);
	assert_int_equal(seen.unnamed, 4);
}

/* Behind a frame that is damaged no name from before is believed; the other sessions keep theirs. */
static void damaged(void **state)
{
	struct filter filter = {0};
	struct seen seen;
	off_t size;
	char byte = 0;
	int fd = open(paths[0], O_RDWR);

	(void)state;
	assert_true(fd >= 0);
	size = lseek(fd, 0, SEEK_END);
	for (off_t at = size / 3; at < size / 3 + 8; at++) {
		assert_int_equal(pread(fd, &byte, 1, at), 1);
		byte ^= 0x55;
		assert_int_equal(pwrite(fd, &byte, 1, at), 1);
	}
	close(fd);
	seen = merge(&filter);
	assert_in_range(seen.rows, (FILES - 1) * FRAMES * PER_FRAME, FILES * FRAMES * PER_FRAME - 1);
	assert_int_equal(seen.disorder, 0);
	assert_int_equal(seen.wrong_name, 0);
	assert_in_range(seen.unnamed, 0, PER_FRAME);
	check_memory();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all),
		cmocka_unit_test(filtered),
		cmocka_unit_test(damaged),
	};

	return cmocka_run_group_tests(tests, sessions_setup, sessions_teardown);
}
