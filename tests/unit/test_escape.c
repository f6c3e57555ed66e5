/*
 * test_escape.c - what others have chosen cannot break a row, reach a terminal or become a formula, and comes back
 * whole
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "decode/escape.h"

static void expect(const char *text, enum escape_mode mode, const char *want)
{
	char got[ESCAPED_MAX(100) + 1], back[ESCAPED_MAX(100) + 1];

	*escape(got, text, strlen(text), mode) = 0;
	assert_string_equal(got, want);
	*unescape(back, got, strlen(got)) = 0;
	assert_string_equal(back, text);
}

static void harmless(void **state)
{
	(void)state;
	expect("", ESCAPE_CELL, "");
	expect("bash", ESCAPE_CELL, "bash");
	expect("kworker/0:1-events", ESCAPE_CELL, "kworker/0:1-events");
	expect("gr\xc3\xbc\xc3\x9f \xe6\x97\xa5\xe6\x9c\xac \xf0\x9f\x90\xa7", ESCAPE_CELL,
	       "gr\xc3\xbc\xc3\x9f \xe6\x97\xa5\xe6\x9c\xac \xf0\x9f\x90\xa7");
	expect("a=b+c-d@e\"f", ESCAPE_CELL, "a=b+c-d@e\"f");
}

static void control(void **state)
{
	(void)state;
	expect("a\tb\nc\rd\\e", ESCAPE_CELL, "a\\tb\\nc\\rd\\\\e");
	expect("\x1b[31m\x07\x7f\x01", ESCAPE_MESSAGE, "\\x1b[31m\\x07\\x7f\\x01");
	expect("\xc2\x9b"
	       "31m",
	       ESCAPE_CELL, "\\xc2\\x9b31m");
	expect("\xc2\xa0", ESCAPE_CELL, "\xc2\xa0");
	expect("\\x41", ESCAPE_CELL, "\\\\x41");
}

static void hidden(void **state)
{
	(void)state;
	expect("a\xe2\x80\xae"
	       "b",
	       ESCAPE_CELL, "a\\xe2\\x80\\xaeb"); /* right-to-left override */
	expect("a\xe2\x81\xa6"
	       "b",
	       ESCAPE_CELL, "a\\xe2\\x81\\xa6b"); /* isolate */
	expect("a\xe2\x80\x8b"
	       "b",
	       ESCAPE_CELL, "a\\xe2\\x80\\x8bb");                        /* zero-width space */
	expect("\xef\xbb\xbf", ESCAPE_CELL, "\\xef\\xbb\\xbf");          /* byte order mark */
	expect("\xe2\x80\xa8", ESCAPE_CELL, "\\xe2\\x80\\xa8");          /* line separator */
	expect("\xf3\xa0\x81\x81", ESCAPE_CELL, "\\xf3\\xa0\\x81\\x81"); /* tag A */
}

static void invalid(void **state)
{
	(void)state;
	expect("\xff\xfe", ESCAPE_CELL, "\\xff\\xfe");
	expect("\x80", ESCAPE_CELL, "\\x80");
	expect("\xc0\xaf", ESCAPE_CELL, "\\xc0\\xaf");                   /* overlong */
	expect("\xe0\x80\xaf", ESCAPE_CELL, "\\xe0\\x80\\xaf");          /* overlong */
	expect("\xed\xa0\x80", ESCAPE_CELL, "\\xed\\xa0\\x80");          /* surrogate */
	expect("\xf4\x90\x80\x80", ESCAPE_CELL, "\\xf4\\x90\\x80\\x80"); /* beyond U+10FFFF */
	expect("caf\xc3", ESCAPE_CELL, "caf\\xc3");                      /* cut, as the kernel cuts names */
	expect("\xe6\x97", ESCAPE_CELL, "\\xe6\\x97");
	expect("\xc3"
	       "A",
	       ESCAPE_CELL, "\\xc3A");
}

static void formulas(void **state)
{
	(void)state;
	expect("=cmd|' /C calc'!A0", ESCAPE_CELL, "\\x3dcmd|' /C calc'!A0");
	expect("+1", ESCAPE_CELL, "\\x2b1");
	expect("-1", ESCAPE_CELL, "\\x2d1");
	expect("@SUM(A1)", ESCAPE_CELL, "\\x40SUM(A1)");
	expect("\"a", ESCAPE_CELL, "\\x22a");
	expect("\t=1", ESCAPE_CELL, "\\t=1");
	expect("  =1", ESCAPE_CELL, "  \\x3d1");
	expect("a,=1;+2, -3", ESCAPE_CELL, "a,\\x3d1;\\x2b2, \\x2d3");
	expect("\xef\xbc\x9d"
	       "1",
	       ESCAPE_CELL, "\\xef\\xbc\\x9d1");
	expect("=1", ESCAPE_MESSAGE, "=1");
}

static bool is_safe(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			return false;
	return len == 0 || !strchr("=+-@\"", text[0]);
}

static void random_bytes(void **state)
{
	char text[64], got[ESCAPED_MAX(64)], back[ESCAPED_MAX(64)];

	(void)state;
	srandom(1);
	for (unsigned round = 0; round < 100000; round++) {
		size_t len = (size_t)random() % sizeof(text);

		for (size_t i = 0; i < len; i++)
			text[i] = (char)(random() >> 8);
		size_t escaped_len = (size_t)(escape(got, text, len, ESCAPE_CELL) - got);
		char *end = unescape(back, got, escaped_len);

		assert_true(escaped_len <= ESCAPED_MAX(len));
		assert_true(is_safe(got, escaped_len));
		assert_non_null(end);
		assert_int_equal(end - back, len);
		assert_memory_equal(back, text, len);
	}
}

/* What is clean is the same escaped, in a cell, in a message and as a string among arguments. */
static void clean(void **state)
{
	static const char common[] = "abc/._:=+-@\"\\,; \x7f\n\xc3";
	char text[66], got[ESCAPED_MAX(66)], copy[64];
	unsigned n = 0;

	(void)state;
	srandom(2);
	for (unsigned round = 0; round < 200000; round++) {
		size_t len = (size_t)random() % sizeof(copy);
		size_t odd =
			len ? (size_t)random() % (2 * len) : 0; /* where there is one of them, if it is in the text */

		text[0] = '"';
		for (size_t i = 0; i < len; i++)
			text[1 + i] = common[(size_t)random() % (i == odd ? sizeof(common) - 1 : 6)];
		text[1 + len] = '"';
		if (!escape_clean(copy, text + 1, len))
			continue;
		n++;
		assert_memory_equal(copy, text + 1, len);
		assert_int_equal(escape(got, copy, len, ESCAPE_CELL) - got, len);
		assert_memory_equal(got, copy, len);
		assert_int_equal(escape(got, copy, len, ESCAPE_MESSAGE) - got, len);
		assert_memory_equal(got, copy, len);
		if (len == 0)
			continue;
		assert_int_equal(escape_args(got, text, len + 2) - got, len + 5);
		assert_memory_equal(got + 4, text + 1, len + 1);
	}
	assert_in_range(n, 100000, 199999);
}

static void bad_escapes(void **state)
{
	static const char *const bad[] = {"\\", "a\\", "\\q", "\\x", "\\x1", "\\xg0", "\\x0g"};
	char back[16];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_null(unescape(back, bad[i], strlen(bad[i])));
	*unescape(back, "\\x4A\\x4a", 8) = 0;
	assert_string_equal(back, "JJ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(harmless),    cmocka_unit_test(control),  cmocka_unit_test(hidden),
		cmocka_unit_test(invalid),     cmocka_unit_test(formulas), cmocka_unit_test(random_bytes),
		cmocka_unit_test(bad_escapes), cmocka_unit_test(clean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
