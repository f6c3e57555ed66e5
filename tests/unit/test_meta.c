/* Facts: keys, numbers, replacing. And the sentences of the errors. */
#include "format/error.h"
#include "format/meta.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void set_get_replace(void **state)
{
	struct sst_meta meta = {0};

	(void)state;
	assert_null(sst_meta_get(&meta, "a"));
	assert_int_equal(sst_meta_set(&meta, "host.name", "one"), 0);
	assert_int_equal(sst_meta_set(&meta, "lost.ring-full", ""), 0);
	assert_int_equal(sst_meta_set(&meta, "host.name", "two\n\x01\xff"), 0);
	assert_int_equal(meta.n, 2);
	assert_string_equal(meta.entries[0].key, "host.name");
	assert_string_equal(sst_meta_get(&meta, "host.name"), "two\n\x01\xff");
	assert_string_equal(sst_meta_get(&meta, "lost.ring-full"), "");
	sst_meta_clear(&meta);
	assert_int_equal(meta.n, 0);
	sst_meta_clear(&meta);
}

static void not_every_text_is_a_key(void **state)
{
	static const char *const bad[] = {"",    ".",   "a.", ".a", "a..b",     "A",
					  "a b", "a=b", "1a", "-",  "\xc3\xa4", "a\tb"};
	static const char *const good[] = {"a", "a.b.c", "a1", "a-b_c.9"};
	struct sst_meta meta = {0};
	char key[66];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(sst_meta_set(&meta, bad[i], "x"), -EINVAL);
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_int_equal(sst_meta_set(&meta, good[i], "x"), 0);
	memset(key, 'k', sizeof(key));
	key[65] = '\0';
	assert_int_equal(sst_meta_set(&meta, key, "x"), -EINVAL);
	assert_int_equal(sst_meta_set(&meta, key + 1, "x"), 0);
	sst_meta_clear(&meta);
}

static void numbers(void **state)
{
	struct sst_meta meta = {0};

	(void)state;
	assert_int_equal(sst_meta_set_u64(&meta, "u", UINT64_MAX), 0);
	assert_int_equal(sst_meta_set_i64(&meta, "i", INT64_MIN), 0);
	assert_int_equal(sst_meta_u64(&meta, "u", 0), UINT64_MAX);
	assert_int_equal(sst_meta_i64(&meta, "i", 0), INT64_MIN);
	assert_int_equal(sst_meta_i64(&meta, "u", 7), 7);
	assert_int_equal(sst_meta_u64(&meta, "i", 7), 7);
	assert_int_equal(sst_meta_u64(&meta, "none", 7), 7);
	assert_int_equal(sst_meta_set(&meta, "i", "9223372036854775807"), 0);
	assert_int_equal(sst_meta_i64(&meta, "i", 0), INT64_MAX);
	for (const char *const *text =
		     (const char *const[]){"", "-", " 1", "+1", "1 ", "0x1", "18446744073709551616", NULL};
	     *text; text++) {
		assert_int_equal(sst_meta_set(&meta, "x", *text), 0);
		assert_int_equal(sst_meta_u64(&meta, "x", 7), 7);
		assert_int_equal(sst_meta_i64(&meta, "x", -7), -7);
	}
	sst_meta_clear(&meta);
}

static void every_error_has_a_sentence(void **state)
{
	(void)state;
	assert_string_equal(sst_strerror(SST_E_CUT), "the file ends in the middle of a frame");
	assert_string_equal(sst_strerror(SST_E_NOT_SST), "this is not an .sst file");
	assert_string_equal(sst_strerror(-ENOSPC), strerror(ENOSPC));
	assert_true(SST_E_NO_END < -4095);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(set_get_replace),
		cmocka_unit_test(not_every_text_is_a_key),
		cmocka_unit_test(numbers),
		cmocka_unit_test(every_error_has_a_sentence),
	};

	return cmocka_run_group_tests_name("meta", tests, NULL, NULL);
}
