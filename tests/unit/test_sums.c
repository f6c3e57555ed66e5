/* What threads have counted, added up and written: nothing is lost, whatever there is room for. */
#include "tracer/session.h"
#include "tracer/sums.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* Calls that took 100 ns, or 1200 ns. */
#define CELL_100  2
#define CELL_1200 16

static struct tally_table *table_of(uint32_t nr, unsigned short fast, unsigned short slow)
{
	struct tally_table *table = calloc(1, sizeof(*table));
	struct tally_entry *entry = &table->entries[0];

	table->n_entries = 1;
	table->n_groups = 2;
	entry->nr = nr;
	entry->class = RING_NATIVE;
	entry->calls = fast + slow + 1u; /* one of no known duration */
	entry->errors = 1;
	entry->total = fast * 100u + slow * 1200u;
	entry->max = slow ? 1200 : 100;
	entry->bytes = 7;
	entry->group[CELL_100 / TALLY_GROUP] = 2;
	entry->group[CELL_1200 / TALLY_GROUP] = 1;
	table->cells[2 * TALLY_LINES - 2][CELL_100 % TALLY_GROUP] = fast;
	table->cells[2 * TALLY_LINES - 1][CELL_1200 % TALLY_GROUP] = slow;
	return table;
}

static void add(struct sums *sums, uint32_t pid, uint32_t tid, const char *comm, struct tally_table *table)
{
	struct sums_who who = {.pid = pid, .tid = tid, .comm = comm};

	assert_int_equal(sums_add_table(sums, &who, table), 0);
	free(table);
}

/* All frames that have been written. */
struct written {
	unsigned frames, more;
	uint64_t calls, timed, began;
	size_t lines;
	struct sst_tally *last;
	int error;
};

static int write_frame(void *context, const struct sst_tally *tally)
{
	struct written *w = context;

	w->frames++;
	w->more += (tally->flags & SST_TALLY_MORE) != 0;
	w->began += tally->began;
	w->lines += tally->n_lines;
	for (size_t i = 0; i < tally->n_lines; i++) {
		w->calls += tally->lines[i].calls;
		w->timed += tally->lines[i].timed;
	}
	assert_int_equal(tally->from, 5);
	assert_int_equal(tally->until, 6);
	return w->error;
}

static struct written write_all(struct sums *sums)
{
	struct written w = {.last = sst_tally_new()};

	w.last->from = 5;
	w.last->until = 6;
	w.last->began = 3;
	assert_int_equal(sums_write(sums, w.last, write_frame, &w), 0);
	return w;
}

static void threads_are_added_up(void **state)
{
	struct sums *sums = sums_new();
	const struct sst_tally_line *line;
	struct written w;

	(void)state;
	add(sums, 20, 21, "second", table_of(0, 2, 1));
	add(sums, 20, 20, "first", table_of(0, 3, 0));
	add(sums, 20, 22, "third", table_of(1, 1, 0));
	add(sums, 10, 11, "other", table_of(0, 0, 5));
	assert_int_equal(sums_lines(sums), 3);
	assert_int_equal(sums_calls(sums), 16);
	w = write_all(sums);
	assert_int_equal(w.frames, 1);
	assert_int_equal(w.began, 3);
	assert_int_equal(w.last->n_processes, 2);
	assert_int_equal(w.last->processes[0].pid, 10);
	assert_memory_equal(w.last->processes[1].comm, "first", 5); /* of the first thread, whichever came when */
	assert_int_equal(w.last->processes[1].comm_len, 5);
	line = &w.last->lines[1];
	assert_int_equal(line->abi, session_abi(RING_NATIVE));
	assert_int_equal(line->calls, 8);
	assert_int_equal(line->timed, 6);
	assert_int_equal(line->errors, 2);
	assert_int_equal(line->total, 1700);
	assert_int_equal(line->max, 1200);
	assert_int_equal(line->bytes, 14);
	assert_int_equal(line->n_cells, 2);
	assert_int_equal(w.last->cells[line->first_cell].bucket, sst_tally_bucket(100));
	assert_int_equal(w.last->cells[line->first_cell].count, 5);
	assert_int_equal(w.last->cells[line->first_cell + 1].bucket, sst_tally_bucket(1200));
	sst_tally_free(w.last);

	sums_clear(sums);
	assert_int_equal(sums_calls(sums), 0);
	w = write_all(sums);
	assert_int_equal(w.frames, 1); /* an interval in which nothing happened is told of too */
	assert_int_equal(w.lines, 0);
	sst_tally_free(w.last);
	sums_free(sums);
}

/* Calls of which no table tells which they are. */
static void others_keep_their_process(void **state)
{
	struct sums *sums = sums_new();
	struct sums_who who = {.pid = 20, .tid = 20, .comm = "first"};
	const struct sst_tally_line line = {
		.calls = 10, .errors = 2, .unfinished = 1, .timed = 8, .total = 800, .max = 300, .abi = SST_TALLY_ANY};
	struct written w;

	(void)state;
	assert_int_equal(sums_add_calls(sums, &who, &line), 0);
	assert_int_equal(sums_add_calls(sums, &who, &line), 0);
	add(sums, 20, 20, "first", table_of(5, 1, 0));
	w = write_all(sums);
	assert_int_equal(w.last->n_processes, 1);
	assert_int_equal(w.last->n_lines, 2);
	assert_int_equal(w.last->lines[1].abi, SST_TALLY_ANY);
	assert_int_equal(w.last->lines[1].calls, 20);
	assert_int_equal(w.last->lines[1].unfinished, 2);
	assert_int_equal(w.last->cells[w.last->lines[1].first_cell].count, 16);
	sst_tally_free(w.last);
	sums_free(sums);
}

/* More than a frame has room for, and more than there is memory for. */
static void nothing_is_too_much(void **state)
{
	struct sums *sums = sums_new();
	struct written w;
	uint64_t calls = 0;

	(void)state;
	for (uint32_t i = 0; i < SUMS_MAX + 1000; i++) {
		if (i == SUMS_FULL)
			assert_true(sums_is_full(sums));
		add(sums, 1 + i / 40, 1 + i / 40, "many", table_of(i % 40, 1, (unsigned short)(i % 3)));
		calls += 2 + i % 3;
	}
	assert_int_equal(sums_calls(sums), calls);
	assert_int_equal(sums_lines(sums), SUMS_MAX + 1);
	w = write_all(sums);
	assert_int_equal(w.calls, calls);
	assert_int_equal(w.lines, SUMS_MAX + 1);
	assert_true(w.frames >= SUMS_MAX / SST_TALLY_LINES_MAX + 1);
	assert_int_equal(w.more, w.frames - 1);
	assert_int_equal(w.began, 3); /* told once */
	sst_tally_free(w.last);
	sums_free(sums);
}

/* A program was in the middle of adding: calls and total are in, the cell is not. */
static void what_is_half_counted_can_be_written(void **state)
{
	struct sums *sums = sums_new();
	struct tally_table *none = table_of(0, 0, 0), *one = table_of(1, 1, 0);
	struct written w;

	(void)state;
	none->entries[0].total = none->entries[0].max = 500;
	one->entries[0].total = 900;
	add(sums, 1, 1, "half", none);
	add(sums, 1, 1, "half", one);
	w = write_all(sums);
	assert_int_equal(w.last->n_lines, 2);
	assert_int_equal(w.last->lines[0].total, 0);
	assert_int_equal(w.last->lines[1].max, 900);
	sst_tally_free(w.last);
	sums_free(sums);
}

static void errors_come_back(void **state)
{
	struct sums *sums = sums_new();
	struct sst_tally *tally = sst_tally_new();
	struct written w = {.error = -ENOSPC};

	(void)state;
	tally->from = 5;
	tally->until = 6;
	add(sums, 1, 1, "one", table_of(0, 1, 1));
	assert_int_equal(sums_write(sums, tally, write_frame, &w), -ENOSPC);
	assert_int_equal(w.frames, 1);
	sst_tally_free(tally);
	sums_free(sums);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(threads_are_added_up), cmocka_unit_test(others_keep_their_process),
		cmocka_unit_test(nothing_is_too_much),  cmocka_unit_test(what_is_half_counted_can_be_written),
		cmocka_unit_test(errors_come_back),
	};

	return cmocka_run_group_tests_name("sums", tests, NULL, NULL);
}
