/*
 * test_number.c - numbers to text, against printf
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "decode/number.h"

static uint64_t random_state = 1;

/* Numbers of all lengths. */
static uint64_t next_number(unsigned i)
{
	random_state = random_state * 6364136223846793005u + 1442695040888963407u;
	return (random_state ^ random_state >> 31) >> i % 64;
}

static void check_all(uint64_t v)
{
	char got[NUMBER_ROOM + 1], want[64];

	*put_u64(got, v) = 0;
	snprintf(want, sizeof(want), "%" PRIu64, v);
	assert_string_equal(got, want);
	*put_i64(got, (int64_t)v) = 0;
	snprintf(want, sizeof(want), "%" PRId64, (int64_t)v);
	assert_string_equal(got, want);
	*put_hex(got, v) = 0;
	snprintf(want, sizeof(want), "%" PRIx64, v);
	assert_string_equal(got, want);
	*put_seconds_u64(got, v) = 0;
	snprintf(want, sizeof(want), "%" PRIu64 ".%09" PRIu64, v / NS_PER_S, v % NS_PER_S);
	assert_string_equal(got, want);
}

static void edges(void **state)
{
	uint64_t power = 1;

	(void)state;
	for (unsigned i = 0; i < 64; i++) {
		check_all((uint64_t)1 << i);
		check_all(((uint64_t)1 << i) - 1);
		check_all(-((uint64_t)1 << i));
	}
	for (unsigned i = 0; i < 20; i++, power *= 10) {
		check_all(power);
		check_all(power - 1);
		check_all(power + 1);
	}
	check_all(UINT64_MAX);
	check_all((uint64_t)INT64_MIN);
}

static void small_ones(void **state)
{
	(void)state;
	for (uint64_t v = 0; v < 200000; v++)
		check_all(v);
}

static void random_ones(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 200000; i++)
		check_all(next_number(i));
}

static void negative_seconds(void **state)
{
	char got[NUMBER_ROOM + 1];

	(void)state;
	*put_seconds(got, -1) = 0;
	assert_string_equal(got, "-0.000000001");
	*put_seconds(got, -1500000000) = 0;
	assert_string_equal(got, "-1.500000000");
	*put_seconds(got, INT64_MIN) = 0;
	assert_string_equal(got, "-9223372036.854775808");
	*put_seconds(got, 0) = 0;
	assert_string_equal(got, "0.000000000");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(edges),
		cmocka_unit_test(small_ones),
		cmocka_unit_test(random_ones),
		cmocka_unit_test(negative_seconds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
