/* Words, varints, zigzag, checksums: the bytes that docs/format.md gives as examples, and the borders. */
#include "format/bytes.h"
#include "format/crc32c.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static void words_are_little_endian(void **state)
{
	uint8_t p[9];

	(void)state;
	sst_put64(p + 1, UINT64_C(0x0102030405060708));
	assert_memory_equal(p + 1, "\x08\x07\x06\x05\x04\x03\x02\x01", 8);
	assert_int_equal(sst_get64(p + 1), UINT64_C(0x0102030405060708));
	assert_int_equal(sst_get32(p + 1), 0x05060708);
	assert_int_equal(sst_get16(p + 1), 0x0708);
	sst_put32(p, 0xfffefdfc);
	sst_put16(p + 4, 0x1234);
	assert_memory_equal(p, "\xfc\xfd\xfe\xff\x34\x12", 6);
}

static void varints_come_back(void **state)
{
	(void)state;
	for (unsigned bit = 0; bit < 64; bit++) {
		for (int off = -1; off <= 1; off++) {
			uint64_t v = (UINT64_C(1) << bit) + (uint64_t)off;
			uint8_t p[SST_VARINT_MAX];
			size_t len = (size_t)(sst_put_varint(p, v) - p);
			struct sst_cursor c = sst_cursor(p, len);

			assert_in_range(len, 1, SST_VARINT_MAX);
			assert_int_equal(sst_take_varint(&c), v);
			assert_false(c.bad);
			assert_int_equal(sst_left(&c), 0);
			c = sst_cursor(p, len - 1);
			assert_int_equal(sst_take_varint(&c), 0);
			assert_true(c.bad);
		}
	}
}

static bool is_bad(const char *bytes, size_t len)
{
	struct sst_cursor c = sst_cursor(bytes, len);

	sst_take_varint(&c);
	return c.bad;
}

static void only_canonical_varints(void **state)
{
	(void)state;
	assert_false(is_bad("\x00", 1));
	assert_false(is_bad("\x80\x01", 2));
	assert_true(is_bad("\x80\x00", 2));
	assert_true(is_bad("\xff\xff\x00", 3));
	assert_false(is_bad("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10));
	assert_true(is_bad("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 10));
	assert_true(is_bad("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x81\x00", 11));
	assert_true(is_bad("", 0));
}

static void zigzag_is_for_all_numbers(void **state)
{
	static const int64_t numbers[] = {0, -1, 1, -2, 2, INT64_MAX, INT64_MIN};
	static const uint64_t folded[] = {0, 1, 2, 3, 4, UINT64_MAX - 1, UINT64_MAX};

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		assert_int_equal(sst_zigzag((uint64_t)numbers[i]), folded[i]);
		assert_int_equal(sst_unzigzag(folded[i]), (uint64_t)numbers[i]);
	}
}

static void a_cursor_stays_bad(void **state)
{
	struct sst_cursor c = sst_cursor("\x01\x02\x03", 3);

	(void)state;
	assert_int_equal(sst_take8(&c), 1);
	assert_int_equal(sst_take_max(&c, 2), 2);
	assert_null(sst_take(&c, 2));
	assert_true(c.bad);
	assert_int_equal(sst_take8(&c), 0);
	c = sst_cursor("\x03", 1);
	assert_int_equal(sst_take_max(&c, 2), 0);
	assert_true(c.bad);
}

/* The values of RFC 3720, B.4, and the usual check value. */
static void crc32c_is_castagnolis(void **state)
{
	uint8_t p[32];

	(void)state;
	assert_int_equal(sst_crc32c(0, "123456789", 9), 0xe3069283);
	assert_int_equal(sst_crc32c(0, "", 0), 0);
	memset(p, 0, sizeof(p));
	assert_int_equal(sst_crc32c(0, p, sizeof(p)), 0x8a9136aa);
	memset(p, 0xff, sizeof(p));
	assert_int_equal(sst_crc32c(0, p, sizeof(p)), 0x62a8ab43);
	for (unsigned i = 0; i < sizeof(p); i++)
		p[i] = (uint8_t)i;
	assert_int_equal(sst_crc32c(0, p, sizeof(p)), 0x46dd794e);
	for (size_t cut = 0; cut <= sizeof(p); cut++)
		assert_int_equal(sst_crc32c(sst_crc32c(0, p, cut), p + cut, sizeof(p) - cut), 0x46dd794e);
	for (size_t cut = 0; cut <= sizeof(p); cut++)
		assert_int_equal(sst_crc32c_portable(7, p, cut), sst_crc32c(7, p, cut));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_little_endian), cmocka_unit_test(varints_come_back),
		cmocka_unit_test(only_canonical_varints),  cmocka_unit_test(zigzag_is_for_all_numbers),
		cmocka_unit_test(a_cursor_stays_bad),      cmocka_unit_test(crc32c_is_castagnolis),
	};

	return cmocka_run_group_tests_name("bytes", tests, NULL, NULL);
}
