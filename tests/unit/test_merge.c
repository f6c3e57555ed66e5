/*
 * test_merge.c - in which order recordings are read, and many that overlap row by row, each once, in bounded memory
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "decode/merge.h"
#include "decode/plan.h"
#include "format/abi.h"
#include "format/writer.h"

#define FILES     50
#define FRAMES    3
#define PER_FRAME 4000 /* rows of one thread, every 1000 ns; each tenth is open at first */
#define START     UINT64_C(1000000000)
#define REAL      INT64_C(1700000000000000000)

static char directory[] = "/tmp/sysdecode-test-XXXXXX";
static char paths[FILES][64];

static int write_fd(void *context, const void *data, size_t len)
{
	return write(*(int *)context, data, len) == (ssize_t)len ? 0 : -1;
}

/* What a recording is to have, besides its number, of which its uuid is made. */
struct facts {
	uint64_t start;
	int64_t real;
	const char *boot, *session;
	uint64_t part;
	unsigned frames;
};

static void add_rows(struct sst_rows *rows, const struct facts *facts, unsigned id, unsigned frame, bool late)
{
	sst_rows_clear(rows);
	sst_rows_group(rows, id + 1, id + 1, "merge", 5);
	for (uint64_t k = frame * PER_FRAME; k < (frame + 1) * PER_FRAME; k++) {
		bool open = k % 10 == 0;
		long i;

		if (late && !open)
			continue;
		i = sst_rows_add(rows);
		assert_true(i >= 0);
		rows->time[i] = facts->start + 1000 * k + id;
		rows->seq[i] = k + 1;
		rows->state[i] = open && !late ? SST_UNFINISHED : SST_OK;
		rows->call[i] = (uint16_t)sst_rows_call(rows, SST_ABI_X86_64, 0, 3);
		if (rows->state[i] == SST_OK)
			rows->duration[i] = rows->ret[i] = k + 1;
	}
}

static void write_file(const char *path, unsigned id, const struct facts *facts)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	struct sst_sink sink = {write_fd, &fd};
	struct sst_writer *writer = sst_writer_new(&sink, (const uint8_t[16]){(uint8_t)id, 1}, 1);
	struct sst_rows *rows = sst_rows_new();
	struct sst_meta meta = {0};

	assert_true(fd >= 0 && writer && rows);
	sst_meta_set_u64(&meta, "start.boot", facts->start);
	sst_meta_set_i64(&meta, "start.real", facts->real);
	if (facts->boot)
		sst_meta_set(&meta, "boot.id", facts->boot);
	if (facts->session) {
		sst_meta_set(&meta, "session", facts->session);
		sst_meta_set_u64(&meta, "part", facts->part);
	}
	sst_writer_meta(writer, &meta);
	for (unsigned n = 0; n < facts->frames + 1; n++) {
		uint64_t cut = facts->start + 1000 * (n + 1) * PER_FRAME;

		add_rows(rows, facts, id, n, false);
		if (n < facts->frames)
			assert_int_equal(sst_writer_rows(writer, rows, SST_FRAME_ROWS, cut), 0);
		if (n == 0)
			continue;
		add_rows(rows, facts, id, n - 1, true);
		assert_int_equal(sst_writer_rows(writer, rows, SST_FRAME_LATE, cut), 0);
	}
	sst_writer_end(writer, &meta);
	sst_meta_clear(&meta);
	sst_rows_free(rows);
	sst_writer_free(writer);
	close(fd);
}

static int setup(void **state)
{
	(void)state;
	if (!mkdtemp(directory))
		return -1;
	for (int i = 0; i < FILES; i++)
		snprintf(paths[i], sizeof(paths[i]), "%s/%d.sst", directory, i);
	return 0;
}

static void remove_all(void)
{
	for (int i = 0; i < FILES; i++)
		unlink(paths[i]);
}

static int teardown(void **state)
{
	(void)state;
	remove_all();
	return rmdir(directory);
}

struct seen {
	struct view view;
	uint64_t rows, open, disorder, wrong;
	int64_t time;
	uint64_t next[FILES]; /* sequence number */
};

static void see_row(struct view *view, const struct row *row)
{
	struct seen *seen = (struct seen *)view;
	int64_t time = (int64_t)(row->time - view->recording->start);
	uint32_t id = row->who->tid - 1;

	seen->rows++;
	seen->open += sst_state_is_open(row->state);
	seen->disorder += time < seen->time || id >= FILES || row->seq != seen->next[id] + 1;
	seen->next[id < FILES ? id : 0] = row->seq;
	seen->wrong += row->ret != row->seq || row->duration != row->seq || row->who->comm_len != 5;
	seen->time = time;
}

static void see(struct seen *seen)
{
	static struct out out;

	memset(seen, 0, sizeof(*seen));
	out_init(&out, -1);
	seen->view = (struct view){.out = &out, .columns = SST_COL_RET | SST_COL_ARGS | SST_COL_SEQ, .row = see_row};
}

static struct sources sources;
static struct plan plan;

static void make_plan(size_t n)
{
	char *names[FILES];

	for (size_t i = 0; i < n; i++)
		names[i] = paths[i];
	sources_open(&sources, names, n);
	assert_int_equal(sources.n, n);
	assert_int_equal(plan_make(&plan, &sources, true), 0);
}

static void clear_plan(void)
{
	plan_clear(&plan);
	sources_close(&sources);
	remove_all();
}

/* The number of the file that a section of the plan is. */
static int file_of(const struct section *section)
{
	for (size_t i = 0; i < sources.n; i++)
		if (section->input == &sources.list[i]->input)
			return (int)i;
	return -1;
}

/* Fifty at the same time, some on other machines: all in one group. Their boot clocks differ by years. */
static void many(void **state)
{
	static struct seen seen;
	struct filter filter = {0};
	struct stream_config config = {.filter = &filter, .view = &seen.view, .threads = 1};
	struct rusage usage;

	(void)state;
	for (unsigned i = 0; i < FILES; i++)
		write_file(paths[i], i, &(struct facts){.start = START << (i % 5 * 5), .real = REAL, .frames = FRAMES});
	make_plan(FILES);
	assert_int_equal(plan.n, 1);
	assert_int_equal(plan.groups[0].n, FILES);
	see(&seen);
	merge_run(plan.groups[0].tapes, plan.groups[0].n, &config);
	assert_int_equal(seen.rows, FILES * FRAMES * PER_FRAME);
	assert_true(seen.rows > 8 * MERGE_WINDOW);
	assert_int_equal(seen.open, 0);
	assert_int_equal(seen.disorder, 0);
	assert_int_equal(seen.wrong, 0);
	for (size_t i = 0; i < FILES; i++)
		assert_int_equal(sources.list[i]->report.rows, FRAMES * PER_FRAME);
	clear_plan();
#ifndef __SANITIZE_ADDRESS__
	assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
	assert_in_range(usage.ru_maxrss, 1, 65536);
#else
	(void)usage;
#endif
}

/* Only what is wanted, and a damaged frame is reported once, however many windows need it. */
static void filtered_and_damaged(void **state)
{
	static struct seen seen;
	struct filter filter = {.has_until = true, .until.ns = (int64_t)1000 * PER_FRAME};
	struct stream_config config = {.filter = &filter, .view = &seen.view, .threads = 1};
	char byte = 0;
	int fd;

	(void)state;
	for (unsigned i = 0; i < 20; i++)
		write_file(paths[i], i, &(struct facts){.start = START, .real = REAL, .frames = FRAMES});
	fd = open(paths[0], O_RDWR);
	assert_int_equal(pread(fd, &byte, 1, 2000), 1);
	byte ^= 1;
	assert_int_equal(pwrite(fd, &byte, 1, 2000), 1);
	close(fd);
	make_plan(20);
	for (size_t i = 0; i < 20; i++)
		sources.list[i]->report.quiet = true;
	see(&seen);
	merge_run(plan.groups[0].tapes, plan.groups[0].n, &config);
	assert_int_equal(sources.list[0]->report.damages, 1);
	assert_int_equal(sources.list[0]->report.status, STATUS_DAMAGED);
	for (size_t i = 1; i < 20; i++)
		assert_int_equal(sources.list[i]->report.rows, PER_FRAME);
	assert_int_equal(seen.wrong, 0);
	clear_plan();
}

static void check_order(const char *what, const int *wanted, size_t n)
{
	size_t k = 0;

	for (size_t g = 0; g < plan.n; g++)
		for (size_t t = 0; t < plan.groups[g].n; t++)
			for (size_t s = 0; s < plan.groups[g].tapes[t].n; s++, k++)
				if (k >= n || file_of(&plan.groups[g].tapes[t].sections[s]) != wanted[k])
					fail_msg("%s: place %zu", what, k);
	assert_int_equal(k, n);
}

#define HOUR INT64_C(3600000000000)

static void order(void **state)
{
	const struct facts facts[] = {
		{.start = START + HOUR, .real = REAL - HOUR, .boot = "a", .frames = 1}, /* the clock has been set */
		{.start = START, .real = REAL, .boot = "a", .session = "s", .part = 9, .frames = 1},
		{.start = START, .real = REAL + HOUR / 2, .boot = "b", .frames = 1}, /* between the two */
		{.start = START, .real = REAL, .boot = "a", .session = "s", .part = 10, .frames = 1},
		{.start = START, .real = REAL - 1, .frames = 0},
	};

	(void)state;
	for (unsigned i = 0; i < 5; i++)
		write_file(paths[i], i, &facts[i]);
	make_plan(5);
	check_order("sessions", (const int[]){4, 1, 3, 2, 0}, 5);
	assert_int_equal(plan.n_sessions, 1);
	assert_int_equal(plan.sessions[0].n, 2);
	assert_int_equal(plan.status, STATUS_OK);
	clear_plan();
}

/* A copy is left out, a shorter one first; what has no facts comes last. */
static void odd(void **state)
{
	(void)state;
	write_file(paths[0], 1, &(struct facts){.start = START, .real = REAL, .frames = 2});
	write_file(paths[1], 1, &(struct facts){.start = START, .real = REAL, .frames = 3});
	write_file(paths[2], 2, &(struct facts){.start = START, .real = REAL, .frames = 1});
	assert_int_equal(truncate(paths[2], 40), 0);
	write_file(paths[3], 3, &(struct facts){.start = START, .real = REAL - HOUR, .frames = 1});
	make_plan(4);
	check_order("copies", (const int[]){3, 1, 2}, 3);
	clear_plan();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(many),
		cmocka_unit_test(filtered_and_damaged),
		cmocka_unit_test(order),
		cmocka_unit_test(odd),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
