#include "crc32c.h"
#include "bytes.h"

#define POLYNOMIAL 0x82f63b78u /* bit 0 is the highest power */

/* table[k][b]: what byte b does to the CRC when k more bytes follow it. Eight at a time go through the eight tables. */
static uint32_t table[8][256];

/* Before main(), so that threads need no lock. */
__attribute__((constructor)) static void fill_table(void)
{
	for (unsigned byte = 0; byte < 256; byte++) {
		uint32_t crc = byte;

		for (int bit = 0; bit < 8; bit++)
			crc = (crc >> 1) ^ (POLYNOMIAL & (0 - (crc & 1)));
		table[0][byte] = crc;
	}
	for (unsigned byte = 0; byte < 256; byte++)
		for (int k = 1; k < 8; k++)
			table[k][byte] = (table[k - 1][byte] >> 8) ^ table[0][table[k - 1][byte] & 0xff];
}

#if defined(__x86_64__) && defined(__GNUC__)
/* x86-64 has had an instruction for just this polynomial since 2008. */
__attribute__((target("sse4.2"))) static uint32_t by_instruction(uint32_t crc, const uint8_t *p, size_t len)
{
	uint64_t wide = ~crc;

	for (; len >= 8; p += 8, len -= 8)
		wide = __builtin_ia32_crc32di(wide, sst_get64(p));
	crc = (uint32_t)wide;
	for (; len > 0; p++, len--)
		crc = __builtin_ia32_crc32qi(crc, *p);
	return ~crc;
}

static bool has_instruction(void)
{
	return __builtin_cpu_supports("sse4.2");
}
#else
static uint32_t by_instruction(uint32_t crc, const uint8_t *p, size_t len)
{
	(void)p;
	(void)len;
	return crc;
}

static bool has_instruction(void)
{
	return false;
}
#endif

uint32_t sst_crc32c_portable(uint32_t crc, const void *data, size_t len)
{
	const uint8_t *p = data;

	crc = ~crc;
	for (; len >= 8; p += 8, len -= 8) {
		uint64_t v = sst_get64(p) ^ crc;

		crc = table[7][v & 0xff] ^ table[6][v >> 8 & 0xff] ^ table[5][v >> 16 & 0xff] ^
		      table[4][v >> 24 & 0xff] ^ table[3][v >> 32 & 0xff] ^ table[2][v >> 40 & 0xff] ^
		      table[1][v >> 48 & 0xff] ^ table[0][v >> 56];
	}
	for (; len > 0; p++, len--)
		crc = (crc >> 8) ^ table[0][(crc ^ *p) & 0xff];
	return ~crc;
}

uint32_t sst_crc32c(uint32_t crc, const void *data, size_t len)
{
	return has_instruction() ? by_instruction(crc, data, len) : sst_crc32c_portable(crc, data, len);
}
