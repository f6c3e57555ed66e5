/* Frame headers: there and back, every wrong bit, every rule of extension. */
#include "format/bytes.h"
#include "format/crc32c.h"
#include "format/frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static struct sst_header example(void)
{
	struct sst_header h = {
		.uuid = "0123456789abcdef",
		.number = 7,
		.type = 2,
		.version = SST_FORMAT_VERSION,
		.rows = 1000,
		.time_min = 5,
		.time_max = 99,
		.cut = 100,
		.rows_total = 12345,
		.lost_total = 6,
		.payload = 700,
		.payload_crc = 0xdeadbeef,
		.previous_crc = 0xcafe,
		.n_parts = 2,
		.n_streams = 3,
		.parts = {{.packed = 300, .raw = 1500}, {.packed = 400, .raw = 500}},
		.streams = {{.id = 0, .part = 0, .offset = 0, .len = 500},
			    {.id = 5, .encoding = 1, .part = 0, .offset = 500, .len = 1000},
			    {.id = 21, .part = 1, .offset = 0, .len = 500}},
	};

	return h;
}

static void there_and_back(void **state)
{
	struct sst_header h = example(), back;
	uint8_t p[SST_HEADER_WRITE_MAX];

	(void)state;
	sst_header_put(&h, p);
	assert_int_equal(h.length, sst_header_length(p));
	assert_int_equal(sst_header_get(&back, p, h.length), 0);
	assert_memory_equal(back.uuid, h.uuid, SST_UUID_LEN);
	assert_int_equal(back.number, h.number);
	assert_int_equal(back.type, h.type);
	assert_int_equal(back.version, h.version);
	assert_int_equal(back.rows, h.rows);
	assert_int_equal(back.time_min, h.time_min);
	assert_int_equal(back.time_max, h.time_max);
	assert_int_equal(back.cut, h.cut);
	assert_int_equal(back.rows_total, h.rows_total);
	assert_int_equal(back.lost_total, h.lost_total);
	assert_int_equal(back.payload, h.payload);
	assert_int_equal(back.payload_crc, h.payload_crc);
	assert_int_equal(back.previous_crc, h.previous_crc);
	assert_int_equal(back.crc, h.crc);
	assert_int_equal(back.n_parts, 2);
	assert_int_equal(back.parts[0].raw, 1500);
	assert_int_equal(back.parts[1].packed, 400);
	assert_int_equal(back.n_streams, 3);
	assert_int_equal(back.streams[1].encoding, 1);
	assert_int_equal(back.streams[1].offset, 500);
	assert_int_equal(sst_header_stream(&back, 21)->part, 1);
	assert_null(sst_header_stream(&back, 4));
}

static void the_fixed_fields_are_where_the_document_says(void **state)
{
	struct sst_header h = example();
	uint8_t p[SST_HEADER_WRITE_MAX];

	(void)state;
	sst_header_put(&h, p);
	assert_memory_equal(p, "\x53\x2a\x4d\x18", 4);
	assert_int_equal(sst_get32(p + 4), h.length - 8);
	assert_memory_equal(p + 8, "\x89SST\r\n\x1a\n", 8);
	assert_memory_equal(p + 16, h.uuid, 16);
	assert_int_equal(sst_get64(p + 32), 7);
	assert_int_equal(sst_get16(p + 40), 2);
	assert_int_equal(sst_get16(p + 42), SST_FORMAT_VERSION);
	assert_int_equal(sst_get32(p + 44), 1000);
	assert_int_equal(sst_get64(p + 64), 100);
	assert_int_equal(sst_get32(p + 96), 0xcafe);
	assert_memory_equal(p + 100, "\x02\xac\x02\x02\x00\xf4\x03\x29\xe8\x07\x90\x03\x01\xa8\x01\xf4\x03\x00", 18);
	assert_int_equal(h.length, 122);
	assert_int_equal(sst_get32(p + 118), sst_crc32c(0, p + 8, 110));
}

static void extensions_there_and_back(void **state)
{
	struct sst_header h = example(), back;
	uint8_t p[SST_HEADER_WRITE_MAX];

	(void)state;
	h.n_extensions = 2;
	h.extensions[0] = (struct sst_extension){.id = 4, .offset = 0, .len = 3};
	h.extensions[1] = (struct sst_extension){.id = 12, .offset = 3, .len = 1};
	h.extra_len = 4;
	memcpy(h.extra, "abcd", 4);
	sst_header_put(&h, p);
	assert_int_equal(h.length, 122 + 2 * 2 + 4);
	assert_int_equal(sst_header_get(&back, p, h.length), 0);
	assert_int_equal(back.n_extensions, 2);
	assert_int_equal(back.extensions[1].id, 12);
	assert_int_equal(back.extensions[1].len, 1);
	assert_memory_equal(back.extra + back.extensions[0].offset, "abc", 3);
	assert_memory_equal(back.extra + back.extensions[1].offset, "d", 1);
}

static void every_wrong_bit_is_seen(void **state)
{
	struct sst_header h = example(), back;
	uint8_t p[SST_HEADER_WRITE_MAX];

	(void)state;
	sst_header_put(&h, p);
	for (uint32_t bit = 0; bit < 8 * h.length; bit++) {
		p[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_true(sst_header_length(p) != h.length || sst_header_get(&back, p, h.length) == SST_E_HEADER);
		p[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
}

static void beginnings_match(void **state)
{
	struct sst_header h = example();
	uint8_t p[SST_HEADER_WRITE_MAX];

	(void)state;
	sst_header_put(&h, p);
	for (size_t n = 0; n < 40; n++)
		assert_true(sst_header_matches(p, n));
	p[9] ^= 1;
	assert_true(sst_header_matches(p, 9));
	assert_false(sst_header_matches(p, 10));
	p[0] ^= 1;
	assert_false(sst_header_matches(p, 1));
}

/* A header whose directory is these bytes, with a checksum that is right. */
static int get(struct sst_header *back, uint16_t type, uint16_t version, uint32_t payload, const void *directory,
	       size_t len)
{
	struct sst_header h = {.type = type, .version = version, .payload = payload};
	uint8_t p[SST_HEADER_WRITE_MAX];
	uint32_t length = (uint32_t)(SST_HEADER_FIXED + len + 4);

	sst_header_put(&h, p);
	sst_put32(p + 4, length - 8);
	memcpy(p + SST_HEADER_FIXED, directory, len);
	sst_put32(p + SST_HEADER_FIXED + len, sst_crc32c(0, p + 8, length - 12));
	assert_int_equal(sst_header_length(p), length);
	return sst_header_get(back, p, length);
}

#define GET(payload, directory) get(&h, 2, SST_FORMAT_VERSION, payload, directory, sizeof(directory) - 1)

static void directories(void **state)
{
	struct sst_header h;

	(void)state;
	assert_int_equal(GET(0, "\x00\x00"), 0);
	assert_int_equal(GET(9, "\x01\x09\x01\x28\x05\x00"), 0);
	assert_int_equal(h.streams[0].id, 5);
	assert_int_equal(GET(8, "\x01\x09\x01\x28\x05\x00"), SST_E_LIMIT);                     /* parts do not add up */
	assert_int_equal(GET(9, "\x01\x09\x02\x28\x05\x28\x05\x00"), SST_E_LIMIT);             /* a stream twice */
	assert_int_equal(GET(9, "\x01\x09\x01\x28"), SST_E_LIMIT);                             /* it ends too early */
	assert_int_equal(GET(0, "\x00\x00\x00"), SST_E_LIMIT);                                 /* something behind it */
	assert_int_equal(GET(0, "\x41\x00"), SST_E_LIMIT);                                     /* 65 parts */
	assert_int_equal(GET(9, "\x01\x09\x81\x01\x00"), SST_E_LIMIT);                         /* 129 streams */
	assert_int_equal(GET(9, "\x01\x09\x01\x28\x81\x80\x80\x02\x00"), SST_E_LIMIT);         /* 4 MiB and a byte */
	assert_int_equal(GET(9, "\x01\x09\x02\x28\x80\x80\x80\x02\x30\x01\x00"), SST_E_LIMIT); /* the same in two */
	assert_int_equal(GET(9, "\x01\x09\x01\x28\x80\x80\x80\x02\x00"), 0);
	assert_int_equal(GET(SST_PAYLOAD_MAX + 1, "\x00\x00"), SST_E_LIMIT);
}

static void what_may_be_skipped_and_what_not(void **state)
{
	struct sst_header h;

	(void)state;
	assert_int_equal(GET(9, "\x01\x09\x01\xe0\x01\x05\x00"), SST_E_NEWER); /* stream 28: critical */
	assert_int_equal(GET(9, "\x01\x09\x01\x88\x02\x05\x00"), SST_E_NEWER); /* stream 33: odd */
	assert_int_equal(GET(9, "\x01\x09\x01\x80\x02\x05\x00"), 0);           /* stream 32: ancillary */
	assert_int_equal(GET(0, "\x00\x01\x08\x02\xff\xff"), 0);               /* extension 8 of two bytes */
	assert_int_equal(GET(0, "\x00\x01\x09\x02\xff\xff"), SST_E_NEWER);     /* extension 9 */
	assert_int_equal(GET(0, "\x00\x01\x08\x03\xff\xff"), SST_E_LIMIT);
	assert_int_equal(GET(0, "\x00\x02\x04\x01\x10\x04\x01\x12"), 0); /* twice: the first counts */
	assert_int_equal(h.n_extensions, 1);
	assert_int_equal(h.extra[0], 0x10);
	assert_int_equal(GET(0, "\x00\x01\x12\x01\x10"), 0); /* not known yet */
	assert_int_equal(h.n_extensions, 0);
	assert_int_equal(get(&h, 2, SST_FORMAT_VERSION + 1, 0, "\xff\xff", 2), SST_E_NEWER);
	assert_int_equal(get(&h, SST_ANCILLARY | 9, SST_FORMAT_VERSION + 1, 5, "\xff\xff", 2), 0);
	assert_int_equal(h.payload, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(the_fixed_fields_are_where_the_document_says),
		cmocka_unit_test(extensions_there_and_back),
		cmocka_unit_test(every_wrong_bit_is_seen),
		cmocka_unit_test(beginnings_match),
		cmocka_unit_test(directories),
		cmocka_unit_test(what_may_be_skipped_and_what_not),
	};

	return cmocka_run_group_tests_name("frame", tests, NULL, NULL);
}
