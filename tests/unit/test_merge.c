/*
 * test_merge.c - in which order recordings are read, and many that overlap row by row, each once, in bounded memory
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "decode/merge.h"
#include "format/abi.h"
#include "sessions.h"

#define FILES     SESSIONS_MAX
#define FRAMES    3
#define PER_FRAME 4000 /* rows of one thread, every 1000 ns; each tenth is open at first */
#define START     UINT64_C(1000000000)
#define REAL      INT64_C(1700000000000000000)

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
	struct recorder r;

	recorder_open(&r, path, (uint8_t)id, facts->start);
	sst_meta_set_i64(&r.meta, "start.real", facts->real);
	if (facts->boot)
		sst_meta_set(&r.meta, "boot.id", facts->boot);
	if (facts->session) {
		sst_meta_set(&r.meta, "session", facts->session);
		sst_meta_set_u64(&r.meta, "part", facts->part);
	}
	sst_writer_meta(r.writer, &r.meta);
	for (unsigned n = 0; n < facts->frames + 1; n++) {
		uint64_t cut = facts->start + 1000 * (n + 1) * PER_FRAME;

		add_rows(r.rows, facts, id, n, false);
		if (n < facts->frames)
			assert_int_equal(sst_writer_rows(r.writer, r.rows, SST_FRAME_ROWS, cut), 0);
		if (n == 0)
			continue;
		add_rows(r.rows, facts, id, n - 1, true);
		assert_int_equal(sst_writer_rows(r.writer, r.rows, SST_FRAME_LATE, cut), 0);
	}
	recorder_close(&r);
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

static void clear(void)
{
	sessions_clear();
	sessions_delete();
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

	(void)state;
	for (unsigned i = 0; i < FILES; i++)
		write_file(paths[i], i, &(struct facts){.start = START << (i % 5 * 5), .real = REAL, .frames = FRAMES});
	sessions_plan(FILES);
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
	clear();
	check_memory();
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
	sessions_plan(20);
	for (size_t i = 0; i < 20; i++)
		sources.list[i]->report.quiet = true;
	see(&seen);
	merge_run(plan.groups[0].tapes, plan.groups[0].n, &config);
	assert_int_equal(sources.list[0]->report.damages, 1);
	assert_int_equal(sources.list[0]->report.status, STATUS_DAMAGED);
	for (size_t i = 1; i < 20; i++)
		assert_int_equal(sources.list[i]->report.rows, PER_FRAME);
	assert_int_equal(seen.wrong, 0);
	clear();
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
	sessions_plan(5);
	check_order("sessions", (const int[]){4, 1, 3, 2, 0}, 5);
	assert_int_equal(plan.n_sessions, 1);
	assert_int_equal(plan.sessions[0].n, 2);
	assert_int_equal(plan.status, STATUS_OK);
	clear();
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
	sessions_plan(4);
	check_order("copies", (const int[]){3, 1, 2}, 3);
	clear();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(many),
		cmocka_unit_test(filtered_and_damaged),
		cmocka_unit_test(order),
		cmocka_unit_test(odd),
	};

	return cmocka_run_group_tests(tests, sessions_setup, sessions_teardown);
}
