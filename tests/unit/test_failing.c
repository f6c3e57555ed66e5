/* The N-th write or allocation fails, for every N: what has been written can be read, and every error is told. */
#include "gen_rows.h"
#include "memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

/* --- allocations; linked with --wrap --------------------------------------------------------------------- */

static long countdown = -1; /* allocations until one fails; negative: none does */
static bool has_failed;

static bool fails(void)
{
	if (countdown < 0 || countdown-- > 0)
		return false;
	has_failed = true;
	return true;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__real_reallocarray(void *p, size_t n, size_t size);
char *__real_strdup(const char *text);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
void *__wrap_reallocarray(void *p, size_t n, size_t size);
char *__wrap_strdup(const char *text);

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return fails() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t size)
{
	return fails() ? NULL : __real_realloc(p, size);
}

void *__wrap_reallocarray(void *p, size_t n, size_t size)
{
	return fails() ? NULL : __real_reallocarray(p, n, size);
}

char *__wrap_strdup(const char *text)
{
	return fails() ? NULL : __real_strdup(text);
}

/* --- a sink of which the N-th write fails ---------------------------------------------------------------- */

struct sink {
	struct memory memory;
	long countdown;
	int error;
};

static int sink_write(void *context, const void *data, size_t len)
{
	struct sink *sink = context;
	long saved = countdown;
	int err;

	if (sink->countdown >= 0 && sink->countdown-- == 0)
		return sink->error;
	countdown = -1; /* its own memory is not what is tested */
	err = memory_append(&sink->memory, data, len);
	countdown = saved;
	return err;
}

/* --- files ----------------------------------------------------------------------------------------------- */

#define FRAMES 4

static struct sst_rows *given[FRAMES];

static int make_given(void **state)
{
	struct gen g = gen_new(5);

	(void)state;
	for (unsigned i = 0; i < FRAMES; i++) {
		given[i] = sst_rows_new();
		gen_realistic(&g, given[i], 300 + i * 900, 3);
	}
	return 0;
}

static int free_given(void **state)
{
	(void)state;
	for (unsigned i = 0; i < FRAMES; i++)
		sst_rows_free(given[i]);
	return 0;
}

/* Write what can be written. Returns the first error; written[i]: frame i has been. */
static int write_given(struct sink *sink, bool retry, bool written[FRAMES])
{
	struct sst_sink to = {.write = sink_write, .context = sink};
	struct sst_writer *w = sst_writer_new(&to, (const uint8_t[16]){7}, 1);
	struct sst_meta meta = {0};
	int first = w ? sst_meta_set(&meta, "recorder", "test 1") : -ENOMEM, err;

	memset(written, 0, FRAMES * sizeof(*written));
	err = first ? first : sst_writer_meta(w, &meta);
	first = err;
	for (unsigned i = 0; w && i < FRAMES; i++) {
		if (err && retry)
			sst_writer_retry(w);
		err = sst_writer_rows(w, given[i], SST_FRAME_ROWS, given[i]->time[given[i]->n - 1]);
		written[i] = !err;
		first = first ? first : err;
	}
	if (err && retry)
		sst_writer_retry(w);
	err = w ? sst_writer_end(w, &meta) : first;
	sst_meta_clear(&meta);
	sst_writer_free(w);
	return first ? first : err;
}

/* The frames that have been written are there, as they were, and nothing is wrong but that the beginning or the end may
 * be missing. Returns whether there is an end. */
static bool check_file(struct memory *m, const bool written[FRAMES])
{
	struct sst_reader *r = memory_open(m, false);
	struct sst_rows *rows = sst_rows_new();
	struct sst_meta meta = {0};
	struct sst_frame frame;
	uint64_t total = 0;
	char difference[80];
	unsigned next = 0;
	bool end = false;
	int got;

	while ((got = sst_reader_next(r, &frame)) != 0) {
		if (got < 0) {
			assert_true(got == SST_E_NO_END || got == SST_E_CUT);
			assert_int_equal(sst_reader_damage(r)->length, 0);
			continue;
		}
		assert_int_equal(sst_reader_load(r, &frame), 0);
		if (frame.type == SST_FRAME_END) {
			end = true;
			assert_int_equal(sst_frame_meta(&frame, &meta), 0);
			assert_int_equal(sst_meta_u64(&meta, "rows", 99), total);
		}
		if (frame.type != SST_FRAME_ROWS)
			continue;
		while (next < FRAMES && !written[next])
			next++;
		assert_true(next < FRAMES);
		assert_int_equal(sst_frame_rows(&frame, rows, SST_ALL_COLUMNS), 0);
		assert_true(gen_same(given[next++], rows, difference));
		total += rows->n;
		assert_int_equal(frame.rows_total, total);
	}
	while (next < FRAMES && !written[next])
		next++;
	assert_int_equal(next, FRAMES);
	sst_meta_clear(&meta);
	sst_rows_free(rows);
	sst_reader_free(r);
	return end;
}

static void writes_fail(void **state)
{
	static const int errors[] = {-ENOSPC, -EIO, -EPIPE, -EINTR};

	(void)state;
	for (long n = 0; n <= FRAMES + 2; n++) {
		for (unsigned retry = 0; retry < 2; retry++) {
			struct sink sink = {.countdown = n, .error = errors[n % 4]};
			bool written[FRAMES], end;

			assert_int_equal(write_given(&sink, retry, written), n < FRAMES + 2 ? sink.error : 0);
			end = check_file(&sink.memory, written);
			assert_int_equal(end, n == FRAMES + 2 || (retry && n < FRAMES + 1));
			free(sink.memory.data);
		}
	}
}

static void allocations_of_the_writer_fail(void **state)
{
	long n = 0;

	(void)state;
	do {
		struct sink sink = {.countdown = -1};
		bool written[FRAMES];
		int err;

		has_failed = false;
		countdown = n++;
		err = write_given(&sink, false, written);
		countdown = -1;
		assert_true(err == 0 || err == -ENOMEM);
		assert_true(has_failed || err == 0);
		/* Without an error all is there; a summary or the index may be missing, that is all. */
		assert_true(check_file(&sink.memory, written) || err == -ENOMEM);
		free(sink.memory.data);
	} while (has_failed);
	assert_in_range(n, 20, 1000);
}

/* Read all. Returns the first error. */
static int read_all(struct memory *m, bool pipe)
{
	struct sst_reader *r = memory_open(m, pipe);
	struct sst_rows *rows = sst_rows_new();
	struct sst_meta meta = {0};
	struct sst_index index = {0};
	struct sst_frame frame;
	int err = r && rows ? sst_reader_index(r, &index) : -ENOMEM, got = 1;
	unsigned next = 0;
	char difference[80];

	err = err > 0 ? 0 : err;
	while (!err && (got = sst_reader_next(r, &frame)) > 0) {
		err = sst_reader_load(r, &frame);
		if (!err && frame.type == SST_FRAME_ROWS)
			err = sst_frame_rows(&frame, rows, SST_ALL_COLUMNS);
		else if (!err)
			err = sst_frame_meta(&frame, &meta);
		if (!err && frame.type == SST_FRAME_ROWS)
			assert_true(gen_same(given[next++], rows, difference));
	}
	err = err ? err : got;
	assert_true(err || next == FRAMES);
	sst_index_clear(&index);
	sst_meta_clear(&meta);
	sst_rows_free(rows);
	sst_reader_free(r);
	return err;
}

static void allocations_of_the_reader_fail(void **state)
{
	struct sink sink = {.countdown = -1};
	bool written[FRAMES];

	(void)state;
	assert_int_equal(write_given(&sink, false, written), 0);
	for (unsigned pipe = 0; pipe < 2; pipe++) {
		long n = 0;
		int err;

		do {
			has_failed = false;
			countdown = n++;
			err = read_all(&sink.memory, pipe);
			countdown = -1;
			assert_int_equal(err, has_failed ? -ENOMEM : 0);
		} while (has_failed);
		assert_in_range(n, 20, 1000);
	}
	free(sink.memory.data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_fail),
		cmocka_unit_test(allocations_of_the_writer_fail),
		cmocka_unit_test(allocations_of_the_reader_fail),
	};

	return cmocka_run_group_tests_name("failing", tests, make_given, free_given);
}
