/* Rows in memory: limits, and the order of the table. */
#include "format/rows.h"
#include "gen_rows.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static void rows_belong_to_the_last_group(void **state)
{
	struct sst_rows *rows = sst_rows_new();

	(void)state;
	assert_int_equal(sst_rows_add(rows), -E2BIG);
	assert_int_equal(sst_rows_group(rows, 1, 2, "abc", 3), 0);
	assert_int_equal(sst_rows_add(rows), 0);
	assert_int_equal(sst_rows_group(rows, 1, 3, NULL, 0), 0);
	assert_int_equal(sst_rows_add(rows), 1);
	assert_int_equal(sst_rows_add(rows), 2);
	assert_int_equal(rows->groups[0].n, 1);
	assert_int_equal(rows->groups[1].first, 1);
	assert_int_equal(rows->groups[1].n, 2);
	assert_int_equal(rows->arg[5][2], 0);
	sst_rows_clear(rows);
	assert_int_equal(rows->n + rows->n_groups, 0);
	sst_rows_free(rows);
	sst_rows_free(NULL);
}

static void a_long_name_is_cut(void **state)
{
	struct sst_rows *rows = sst_rows_new();
	char name[100];

	(void)state;
	memset(name, 1, sizeof(name));
	assert_int_equal(sst_rows_group(rows, 1, 2, name, sizeof(name)), 0);
	assert_int_equal(rows->groups[0].comm_len, SST_COMM_MAX);
	assert_int_equal(sst_rows_group(rows, 1, 2, "ab\0cd", 5), 0); /* no name of the format has a zero */
	assert_int_equal(rows->groups[1].comm_len, 2);
	sst_rows_free(rows);
}

static void calls_are_found_again(void **state)
{
	struct sst_rows *rows = sst_rows_new();

	(void)state;
	for (unsigned i = 0; i < SST_CALLS_MAX; i++)
		assert_int_equal(sst_rows_call(rows, i % 2, i / 2, 3), i);
	assert_int_equal(sst_rows_call(rows, 1, 0, 3), 1);
	assert_int_equal(sst_rows_call(rows, 2, 0, 3), -E2BIG);
	sst_rows_free(rows);
}

static void limits(void **state)
{
	struct sst_rows *rows = sst_rows_new();

	(void)state;
	assert_int_equal(sst_rows_group(rows, 1, 2, NULL, 0), 0);
	for (long i = 0; i < SST_ROWS_MAX; i++)
		assert_int_equal(sst_rows_add(rows), i);
	assert_int_equal(sst_rows_add(rows), -E2BIG);
	for (unsigned i = 0; i < SST_GAPS_MAX; i++)
		assert_int_equal(sst_rows_gap(rows, &(struct sst_gap){0}), 0);
	assert_int_equal(sst_rows_gap(rows, &(struct sst_gap){0}), -E2BIG);
	sst_rows_free(rows);
}

static void causes_have_names(void **state)
{
	(void)state;
	for (unsigned cause = 0; cause < SST_CAUSE_COUNT; cause++)
		assert_true(sst_cause_name(cause)[0] >= 'a');
	assert_string_equal(sst_cause_name(SST_CAUSE_RING_FULL), "ring-full");
	assert_string_equal(sst_cause_name(SST_CAUSE_COUNT), "unknown");
}

/* By time, ties by the order they stand in, which is that of (tid, seq). */
static int compare(const void *a, const void *b)
{
	const struct sst_place *x = a, *y = b;

	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	if (x->group != y->group)
		return x->group < y->group ? -1 : 1;
	return x->row < y->row ? -1 : x->row > y->row;
}

static void check_order(const struct sst_rows *rows)
{
	struct sst_place *places = calloc(rows->n + 1, sizeof(*places)),
			 *scratch = calloc(rows->n + 1, sizeof(*places));
	struct sst_place *expected = calloc(rows->n + 1, sizeof(*places));
	size_t n = 0;

	for (size_t g = 0; g < rows->n_groups; g++)
		for (size_t i = rows->groups[g].first; i < rows->groups[g].first + rows->groups[g].n; i++)
			expected[n++] = (struct sst_place){rows->time[i], (uint32_t)i, (uint32_t)g};
	qsort(expected, n, sizeof(*expected), compare);
	sst_rows_order(rows, places, scratch);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(places[i].time, expected[i].time);
		assert_int_equal(places[i].row, expected[i].row);
		assert_int_equal(places[i].group, expected[i].group);
	}
	free(places);
	free(scratch);
	free(expected);
}

static void the_order_of_the_table(void **state)
{
	struct sst_rows *rows = sst_rows_new();
	struct gen g = gen_new(1);

	(void)state;
	check_order(rows);
	for (unsigned threads = 1; threads < 40; threads++) {
		gen_realistic(&g, rows, 1000, threads);
		check_order(rows);
	}
	for (int i = 0; i < 100; i++) {
		gen_extreme(&g, rows, 500);
		check_order(rows);
		for (size_t k = 0; k < rows->n; k++)
			rows->time[k] &= 3; /* nothing but ties */
		check_order(rows);
	}
	sst_rows_free(rows);
}

/* As another encoder may write them: the order of the table is the same. */
static void groups_are_sorted(void **state)
{
	struct sst_rows *rows = sst_rows_new();
	struct gen g = gen_new(2);

	(void)state;
	for (int k = 0; k < 100; k++) {
		uint64_t rows_before, rows_after;

		gen_extreme(&g, rows, 500);
		rows_before = rows->n;
		assert_int_equal(sst_rows_sort_groups(rows), 0);
		rows_after = 0;
		for (size_t i = 0; i < rows->n_groups; i++) {
			const struct sst_group *b = &rows->groups[i], *a = i ? b - 1 : b;

			rows_after += b->n;
			assert_true(a->tid <= b->tid);
			if (a < b && a->tid == b->tid && a->n && b->n)
				assert_true(rows->seq[a->first] <= rows->seq[b->first]);
		}
		assert_int_equal(rows_after, rows_before);
		if (rows->n > 0 && rows->n_groups > 1)
			check_order(rows);
	}
	sst_rows_free(rows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_belong_to_the_last_group),
		cmocka_unit_test(a_long_name_is_cut),
		cmocka_unit_test(calls_are_found_again),
		cmocka_unit_test(limits),
		cmocka_unit_test(causes_have_names),
		cmocka_unit_test(the_order_of_the_table),
		cmocka_unit_test(groups_are_sorted),
	};

	return cmocka_run_group_tests_name("rows", tests, NULL, NULL);
}
