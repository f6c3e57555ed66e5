/*
 * test_file.c - whole files through writer and reader: every frame comes back, with what its header says of it, also by
 * seeking and from a file that grows; and a disk that is full.
 */
#include "files.h"

#include <errno.h>

static void a_whole_file(void **state)
{
	struct file *f = *state;

	write_file(f, 1, 6, 500);
	FOR_EACH_WAY(f)
	{
		struct story s = read_file(f, true);

		assert_string_equal(s.text, "M R R R L R R E");
		s = read_file(f, false);
		assert_string_equal(s.text, "f f f f f f f f");
	}
}

static void headers_say_what_is_in_the_frame(void **state)
{
	struct file *f = *state;
	struct sst_rows *rows = sst_rows_new();
	struct sst_frame frame;
	struct sst_reader *r;
	uint64_t total = 0, lost = 0;

	write_file(f, 2, 8, 300);
	r = open_file(f);
	for (unsigned i = 0; i < 10; i++) {
		assert_int_equal(sst_reader_next(r, &frame), 1);
		assert_int_equal(frame.number, i);
		assert_int_equal(frame.offset, f->frames[i]);
		assert_int_equal(frame.uuid[0], 2);
		assert_int_equal(sst_reader_load(r, &frame), 0);
		if (frame.type == SST_FRAME_META || frame.type == SST_FRAME_END) {
			assert_true(frame.time_min > frame.time_max);
			assert_int_equal(sst_frame_rows(&frame, rows, SST_ALL_COLUMNS), -EINVAL);
			continue;
		}
		assert_int_equal(sst_frame_rows(&frame, rows, SST_ALL_COLUMNS), 0);
		for (size_t k = 0; k < rows->n; k++)
			assert_in_range(rows->time[k], frame.time_min, frame.time_max);
		for (size_t k = 0; k < rows->n_gaps; k++)
			lost += rows->gaps[k].count;
		total += frame.type == SST_FRAME_ROWS ? rows->n : 0;
		assert_int_equal(frame.rows_total, total);
		assert_int_equal(frame.lost_total, lost);
	}
	sst_reader_free(r);
	sst_rows_free(rows);
}

static void the_end_has_the_totals(void **state)
{
	struct file *f = *state;
	struct sst_rows *rows = sst_rows_new();
	struct sst_sink sink = {.write = append, .context = f};
	struct sst_writer *w = sst_writer_new(&sink, (const uint8_t[16]){3}, 1);
	struct sst_meta meta = {0}, back = {0};
	struct sst_frame frame;
	struct sst_reader *r;

	f->memory.len = f->n_frames = 0;
	assert_int_equal(sst_meta_set(&meta, "reason", "signal"), 0);
	assert_int_equal(sst_rows_gap(rows, &(struct sst_gap){.count = 41, .cause = SST_CAUSE_RING_FULL}), 0);
	assert_int_equal(sst_rows_gap(rows, &(struct sst_gap){.count = 1, .cause = 200}), 0);
	assert_int_equal(sst_writer_rows(w, rows, SST_FRAME_ROWS, 5), 0);
	assert_int_equal(sst_writer_end(w, &meta), 0);
	r = open_file(f);
	assert_int_equal(sst_reader_next(r, &frame), 1);
	assert_int_equal(frame.cut, 5);
	assert_int_equal(sst_reader_next(r, &frame), 1);
	assert_int_equal(frame.type, SST_FRAME_END);
	assert_int_equal(frame.lost_total, 42);
	assert_int_equal(sst_reader_load(r, &frame), 0);
	assert_int_equal(sst_frame_meta(&frame, &back), 0);
	assert_string_equal(sst_meta_get(&back, "reason"), "signal");
	assert_int_equal(sst_meta_u64(&back, "rows", 99), 0);
	assert_int_equal(sst_meta_u64(&back, "lost", 0), 42);
	assert_int_equal(sst_meta_u64(&back, "lost.ring-full", 0), 41);
	assert_int_equal(sst_meta_u64(&back, "lost.unknown", 0), 1);
	assert_null(sst_meta_get(&back, "lost.skipped"));
	assert_int_equal(sst_reader_next(r, &frame), 0);
	sst_reader_free(r);
	sst_writer_free(w);
	sst_rows_free(rows);
	sst_meta_clear(&meta);
	sst_meta_clear(&back);
}

static void seeking(void **state)
{
	struct file *f = *state;
	struct sst_frame frame, third;
	struct sst_reader *r;

	write_file(f, 15, 6, 100);
	f->pipe = false;
	r = open_file(f);
	for (int i = 0; i < 4; i++)
		assert_int_equal(sst_reader_next(r, &third), 1);
	while (sst_reader_next(r, &frame) > 0)
		;
	assert_int_equal(sst_reader_seek(r, third.offset), 0);
	assert_int_equal(sst_reader_next(r, &frame), 1);
	assert_int_equal(frame.number, 3);
	assert_int_equal(sst_reader_load(r, &frame), 0);
	assert_int_equal(sst_reader_next(r, &frame), 1);
	assert_int_equal(frame.number, 4);
	assert_int_equal(sst_reader_seek(r, 0), 0);
	assert_int_equal(sst_reader_next(r, &frame), 1);
	assert_int_equal(frame.number, 0);
	sst_reader_free(r);
	f->pipe = true;
	r = open_file(f);
	assert_int_equal(sst_reader_seek(r, 0), -ESPIPE);
	sst_reader_free(r);
}

/* tail -f: the end is not the end, and a frame that was cut is there later. */
static void a_growing_file(void **state)
{
	struct file *f = *state;
	struct sst_frame frame;
	struct sst_reader *r;
	size_t len;

	write_file(f, 16, 3, 100);
	f->pipe = false;
	len = f->memory.len;
	f->memory.len = f->frames[2];
	r = open_file(f);
	assert_int_equal(sst_reader_next(r, &frame), 1);
	assert_int_equal(sst_reader_next(r, &frame), 1);
	assert_int_equal(sst_reader_next(r, &frame), SST_E_NO_END);
	assert_int_equal(sst_reader_next(r, &frame), 0);
	f->memory.len = f->frames[3] - 1;
	assert_int_equal(sst_reader_next(r, &frame), SST_E_CUT);
	f->memory.len = len;
	assert_int_equal(sst_reader_seek(r, sst_reader_damage(r)->offset), 0);
	assert_int_equal(sst_reader_next(r, &frame), 1);
	assert_int_equal(frame.number, 2);
	assert_int_equal(sst_reader_next(r, &frame), 1);
	assert_int_equal(sst_reader_next(r, &frame), 1);
	assert_int_equal(frame.type, SST_FRAME_END);
	assert_int_equal(sst_reader_next(r, &frame), 0);
	sst_reader_free(r);
}

static int full(void *context, const void *data, size_t len)
{
	(void)data;
	(void)len;
	return ++*(int *)context > 2 ? -ENOSPC : 0;
}

static void a_full_disk(void **state)
{
	int calls = 0;
	struct sst_sink sink = {.write = full, .context = &calls};
	struct sst_writer *w = sst_writer_new(&sink, (const uint8_t[16]){0}, 1);
	struct sst_rows *rows = sst_rows_new();
	struct sst_meta meta = {0};

	(void)state;
	assert_int_equal(sst_writer_meta(w, &meta), 0);
	assert_int_equal(sst_writer_rows(w, rows, SST_FRAME_ROWS, 1), 0);
	assert_int_equal(sst_writer_rows(w, rows, SST_FRAME_ROWS, 2), -ENOSPC);
	assert_int_equal(sst_writer_rows(w, rows, SST_FRAME_ROWS, 3), -ENOSPC);
	assert_int_equal(sst_writer_end(w, &meta), -ENOSPC);
	assert_int_equal(calls, 3);
	assert_int_equal(sst_writer_totals(w)->frames, 2);
	sst_rows_free(rows);
	sst_writer_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_file),           cmocka_unit_test(headers_say_what_is_in_the_frame),
		cmocka_unit_test(the_end_has_the_totals), cmocka_unit_test(seeking),
		cmocka_unit_test(a_growing_file),         cmocka_unit_test(a_full_disk),
	};

	return cmocka_run_group_tests_name("file", tests, files_setup, files_teardown);
}
