/*
 * test_filter.c - which rows pass
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "decode/filter.h"

#define START UINT64_C(1000)

static struct filter filter;
static struct recording recording;
static struct call call;
static struct sst_group who;

static int setup(void **state)
{
	(void)state;
	memset(&filter, 0, sizeof(filter));
	recording = (struct recording){.start = START,
				       .known_until = START + 500,
				       .has_clock = true,
				       .clock = {.boot = START, .real = 1000000}};
	call_init(&call, &(struct sst_call){.abi = SST_ABI_X86_64, .nr = 1, .nargs = 3});
	who = (struct sst_group){.pid = 10, .tid = 11, .comm_len = 4, .comm = "bash"};
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	filter_free(&filter);
	return 0;
}

static struct row row_at(uint64_t time)
{
	return (struct row){.time = START + time, .duration = 50, .who = &who, .call = &call, .state = SST_OK};
}

static bool passes(struct row row)
{
	struct span span = filter_span(&filter, &recording);

	return filter_row(&filter, &span, &row);
}

static bool passes_lost(const struct lost *lost)
{
	struct span span = filter_span(&filter, &recording);

	return filter_lost(&filter, &span, lost);
}

static void nothing_asked(void **state)
{
	(void)state;
	assert_true(filter_call(&filter, &call));
	assert_true(filter_who(&filter, &who));
	assert_true(passes(row_at(0)));
	assert_true(passes(row_at(UINT64_MAX - START)));
}

static void ids(void **state)
{
	(void)state;
	assert_int_equal(filter_add_pid(&filter, "9"), 0);
	assert_false(filter_who(&filter, &who));
	assert_int_equal(filter_add_pid(&filter, "10"), 0);
	assert_true(filter_who(&filter, &who));
	assert_int_equal(filter_add_tid(&filter, "10"), 0);
	assert_false(filter_who(&filter, &who));
	assert_int_equal(filter_add_tid(&filter, "11"), 0);
	assert_true(filter_who(&filter, &who));
	assert_int_equal(filter_add_pid(&filter, "x"), -EINVAL);
	assert_int_equal(filter_add_tid(&filter, "4294967296"), -ERANGE);
}

static void names(void **state)
{
	(void)state;
	assert_int_equal(filter_add_comm(&filter, "bas"), 0);
	assert_false(filter_who(&filter, &who));
	assert_int_equal(filter_add_comm(&filter, "\\x62ash"), 0);
	assert_true(filter_who(&filter, &who));
	assert_int_equal(filter_add_comm(&filter, "\\q"), -EINVAL);
}

static void calls(void **state)
{
	struct call other;

	(void)state;
	call_init(&other, &(struct sst_call){.abi = SST_ABI_I386, .nr = 4, .nargs = 3});
	assert_int_equal(filter_add_call(&filter, "write"), 0);
	assert_true(filter_call(&filter, &call));
	assert_true(filter_call(&filter, &other));
	other.nr = 1; /* exit there */
	assert_false(filter_call(&filter, &other));
	assert_int_equal(filter_add_call(&filter, "1"), 0);
	assert_true(filter_call(&filter, &other));
	other.nr = 9999;
	assert_false(filter_call(&filter, &other));
	assert_int_equal(filter_add_call(&filter, "syscall_9999"), 0);
	assert_true(filter_call(&filter, &other));
	assert_int_equal(filter_add_call(&filter, "nonsense"), -ENOENT);
}

static void failed(void **state)
{
	struct row row = row_at(0);

	(void)state;
	filter.failed = true;
	assert_false(passes(row));
	row.ret = (uint64_t)-2;
	assert_true(passes(row));
	row.ret = (uint64_t)-4096;
	assert_false(passes(row));
	row.ret = (uint64_t)-4095;
	assert_true(passes(row));
	row.state = SST_UNFINISHED;
	assert_false(passes(row));
	row.state = SST_OK;
	row.ret = 0xfffffffe;
	assert_false(passes(row));
	call_init(&call, &(struct sst_call){.abi = SST_ABI_I386, .nr = 1, .nargs = 3});
	assert_true(passes(row));
}

static void slower(void **state)
{
	struct row row = row_at(100);

	(void)state;
	filter.has_slower = true;
	filter.slower = 50;
	assert_true(passes(row));
	filter.slower = 51;
	assert_false(passes(row));
	filter.slower = 400;
	row.state = SST_UNFINISHED; /* for at least 400 ns */
	assert_true(passes(row));
	filter.slower = 401;
	assert_false(passes(row));
	filter.slower = 0;
	row.state = SST_NO_RETURN;
	assert_false(passes(row));
}

static void times(void **state)
{
	(void)state;
	filter.has_since = filter.has_until = true;
	filter.since = (struct moment){.ns = 10};
	filter.until = (struct moment){.ns = 20};
	assert_false(passes(row_at(9)));
	assert_true(passes(row_at(10)));
	assert_true(passes(row_at(19)));
	assert_false(passes(row_at(20)));
	filter.since = (struct moment){.wall = true, .ns = 1000010};
	filter.until = (struct moment){.wall = true, .ns = 1000020};
	assert_false(passes(row_at(9)));
	assert_true(passes(row_at(10)));
	assert_true(passes(row_at(19)));
	assert_false(passes(row_at(20)));
	filter.has_since = false;
	filter.until = (struct moment){.wall = true, .ns = 0}; /* before the boot */
	assert_false(passes(row_at(-START)));
	filter.until = (struct moment){.wall = true, .ns = INT64_MAX};
	assert_true(passes(row_at(9)));
	filter.until = (struct moment){.wall = true, .ns = INT64_MIN};
	assert_false(passes(row_at(9)));
}

static void gaps(void **state)
{
	struct sst_gap gap = {.time = START + 10, .until = START + 20, .count = 5, .pid = 10, .tid = 11};
	struct lost lost = {.gap = &gap, .comm = "bash", .comm_len = 4};

	(void)state;
	filter_add_pid(&filter, "12");
	assert_false(passes_lost(&lost));
	filter_add_pid(&filter, "10");
	assert_true(passes_lost(&lost));
	filter_add_comm(&filter, "zsh");
	assert_false(passes_lost(&lost));
	lost.comm_len = 0; /* not known */
	assert_true(passes_lost(&lost));
	gap.tid = gap.pid = 0; /* could be anybody's */
	assert_true(passes_lost(&lost));
	filter.failed = filter.has_slower = true; /* could have been */
	assert_true(passes_lost(&lost));
	filter.has_since = true;
	filter.since = (struct moment){.ns = 20};
	assert_true(passes_lost(&lost));
	filter.since.ns = 21;
	assert_false(passes_lost(&lost));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(nothing_asked), TEST(ids),    TEST(names), TEST(calls),
		TEST(failed),        TEST(slower), TEST(times), TEST(gaps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
