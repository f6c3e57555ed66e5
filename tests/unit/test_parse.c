/*
 * test_parse.c - values of options: all of a text or nothing
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "decode/parse.h"

#define S INT64_C(1000000000)

static void numbers(void **state)
{
	static const char *const bad[] = {"", " 1", "1 ", "-1", "+1", "0x10", "1.0", "1e3", "abc"};
	uint64_t v = 7;

	(void)state;
	assert_int_equal(parse_u64("0", UINT32_MAX, &v), 0);
	assert_int_equal(v, 0);
	assert_int_equal(parse_u64("4294967295", UINT32_MAX, &v), 0);
	assert_int_equal(v, UINT32_MAX);
	assert_int_equal(parse_u64("4294967296", UINT32_MAX, &v), -ERANGE);
	assert_int_equal(parse_u64("18446744073709551615", UINT64_MAX, &v), 0);
	assert_int_equal(parse_u64("18446744073709551616", UINT64_MAX, &v), -ERANGE);
	assert_int_equal(parse_u64("5", 4, &v), -ERANGE);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(parse_u64(bad[i], UINT32_MAX, &v), -EINVAL);
}

static void spans(void **state)
{
	static const struct {
		const char *text;
		int64_t ns;
	} good[] = {
		{"0", 0},
		{"1", S},
		{"1.5", 3 * S / 2},
		{"0.000000001", 1},
		{"20ms", 20000000},
		{"1.5ms", 1500000},
		{"300us", 300000},
		{"7ns", 7},
		{"2s", 2 * S},
		{"5m", 300 * S},
		{"1h", 3600 * S},
		{"1.5h", 5400 * S},
		{"1d", 86400 * S},
		{"0.5d", 43200 * S},
		{"0.9999999999", S - 1},
		{"1.999999999d", 86400 * S + 86400 * (S - 1)},
	};
	static const char *const bad[] = {"", "s", "1x", "1.s", ".5", "1..5", "-1", "1 s", "1.5.5", "ms"};
	uint64_t ns;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(parse_span(good[i].text, &ns), 0);
		assert_int_equal(ns, good[i].ns);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(parse_span(bad[i], &ns), -EINVAL);
	assert_int_equal(parse_span("9223372036", &ns), -ERANGE);
	assert_int_equal(parse_span("200000d", &ns), -ERANGE);
	assert_int_equal(parse_span("99999999999999999999", &ns), -ERANGE);
}

static void moments(void **state)
{
	/* 2026-03-01T12:00:00Z is 1772366400 */
	static const struct {
		const char *text;
		int64_t ns;
	} good[] = {
		{"2026-03-01T12:00:00Z", 1772366400 * S},
		{"2026-03-01 12:00:00Z", 1772366400 * S},
		{"2026-03-01T12:00Z", 1772366400 * S},
		{"2026-03-01T12:00:00.5Z", 1772366400 * S + S / 2},
		{"2026-03-01T13:00:00.000000001+01:00", 1772366400 * S + 1},
		{"2026-03-01T13:00:00+0100", 1772366400 * S},
		{"2026-03-01T13:00:00+01", 1772366400 * S},
		{"2026-03-01T06:30:00-05:30", 1772366400 * S},
		{"2026-03-01T07:00:00", 1772366400 * S}, /* local, see below */
		{"2026-03-01", (1772366400 - 7 * 3600) * S},
		{"2024-02-29T00:00:00Z", 1709164800 * S},
	};
	static const char *const bad[] = {
		"2026-3-1",
		"2026-02-29",
		"2026-13-01",
		"2026-03-01T24:00",
		"2026-03-01T12",
		"2026-03-01T12:00:00X",
		"2026-03-01T12:00:",
		"2026-03-01T12:00:00+1",
		"2026-03-01T12:00Zjunk",
		"2026-03-01x",
		"1969-12-31",
		"2026-03-01T12:00:00+15:00",
	};
	struct moment m;

	(void)state;
	setenv("TZ", "EST5", 1);
	tzset();
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(parse_moment(good[i].text, &m), 0);
		assert_true(m.wall);
		assert_int_equal(m.ns, good[i].ns);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_true(parse_moment(bad[i], &m) < 0);
	assert_int_equal(parse_moment("1.5s", &m), 0);
	assert_false(m.wall);
	assert_int_equal(m.ns, 3 * S / 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(spans),
		cmocka_unit_test(moments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
