/*
 * number.h - numbers to text, fast: eight digits at a time in one 64-bit word, no table, no division but by constants.
 *
 *	p = put_seconds(p, row->time);
 *	*p++ = '\t';
 *	p = put_i64(p, row->ret);
 *
 * Each function writes at p, returns the end of the text and writes no NUL. It may store beyond what it returns: p must
 * have room for NUMBER_ROOM bytes.
 */
#ifndef SYSDECODE_NUMBER_H
#define SYSDECODE_NUMBER_H

#include <stdint.h>
#include <string.h>

#define NUMBER_ROOM 40
#define NS_PER_S    1000000000

/* Eight characters whose first one is the lowest byte of the word. */
static inline void put_word(char *p, uint64_t word)
{
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	word = __builtin_bswap64(word);
#endif
	memcpy(p, &word, sizeof(word));
}

/*
 * The eight decimal digits of v < 10^8 as bytes 0..9, the first in the lowest byte: halves of four digits, then of two,
 * then of one, side by side in the word. The products are exact: 10486/2^20 is 1/100 for numbers below 10^4, 103/2^10
 * is 1/10 for numbers below 100.
 */
static inline uint64_t digits8(uint32_t v)
{
	uint64_t x = v / 10000 | (uint64_t)(v % 10000) << 32;
	uint64_t hundreds = (x * 10486) >> 20 & 0x0000007f0000007f;
	uint64_t tens;

	x = hundreds | (x - hundreds * 100) << 16;
	tens = (x * 103) >> 10 & 0x000f000f000f000f;
	return tens | (x - tens * 10) << 8;
}

#define ASCII_ZEROS 0x3030303030303030u

/* v in decimal. */
static inline char *put_u64(char *p, uint64_t v)
{
	if (v >= 100000000) {
		p = put_u64(p, v / 100000000);
		put_word(p, digits8((uint32_t)(v % 100000000)) | ASCII_ZEROS);
		return p + 8;
	}

	uint64_t digits = digits8((uint32_t)v);
	unsigned zeros =
		(unsigned)__builtin_ctzll(digits | (uint64_t)1 << 56) / 8; /* leading ones; the last digit stays */

	put_word(p, (digits | ASCII_ZEROS) >> zeros * 8);
	return p + 8 - zeros;
}

static inline char *put_i64(char *p, int64_t v)
{
	if (v < 0) {
		*p++ = '-';
		return put_u64(p, -(uint64_t)v);
	}
	return put_u64(p, (uint64_t)v);
}

/* Eight hexadecimal characters of v, the first in the lowest byte. */
static inline uint64_t hex8(uint32_t v)
{
	uint64_t x = v >> 16 | (uint64_t)(v & 0xffff) << 32;
	uint64_t letters;

	x = (x & 0x000000ff000000ff) << 16 | (x & 0x0000ff000000ff00) >> 8;
	x = (x & 0x000f000f000f000f) << 8 | (x & 0x00f000f000f000f0) >> 4;
	letters = (x + 0x0606060606060606) >> 4 & 0x0101010101010101;
	return x + ASCII_ZEROS + letters * ('a' - '0' - 10);
}

typedef uint8_t sst_bytes8 __attribute__((vector_size(8)));
typedef uint16_t sst_words8 __attribute__((vector_size(16)));
typedef uint8_t sst_bytes16 __attribute__((vector_size(16)));

/* v in lower-case hexadecimal, without prefix and leading zeros: 16 digits at once, the first of which is not 0. */
static inline char *put_hex(char *p, uint64_t v)
{
	unsigned n = (unsigned)(63 - __builtin_clzll(v | 1)) / 4 + 1;
	sst_bytes16 digits;
	sst_words8 pairs;
	sst_bytes8 bytes;

	v <<= 64 - 4 * n;
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	memcpy(&bytes, &v, sizeof(bytes));
	pairs = __builtin_convertvector(bytes, sst_words8);
	pairs = (pairs & 0xf0) << 4 | (pairs & 0xf);
#else
	v = __builtin_bswap64(v);
	memcpy(&bytes, &v, sizeof(bytes));
	pairs = __builtin_convertvector(bytes, sst_words8);
	pairs = pairs >> 4 | (pairs & 0xf) << 8;
#endif
	memcpy(&digits, &pairs, sizeof(digits));
	digits += ((sst_bytes16)(digits > 9) & ('a' - '0' - 10)) + '0';
	memcpy(p, &digits, sizeof(digits));
	return p + n;
}

/* The nine digits of v < 10^9. */
static inline char *put_nine(char *p, uint32_t v)
{
	put_word(p, digits8(v / 10) | ASCII_ZEROS);
	p[8] = (char)('0' + v % 10);
	return p + 9;
}

/* ns as seconds with nine decimals. */
static inline char *put_seconds_u64(char *p, uint64_t ns)
{
	p = put_u64(p, ns / NS_PER_S);
	*p++ = '.';
	return put_nine(p, (uint32_t)(ns % NS_PER_S));
}

static inline char *put_seconds(char *p, int64_t ns)
{
	if (ns < 0) {
		*p++ = '-';
		return put_seconds_u64(p, -(uint64_t)ns);
	}
	return put_seconds_u64(p, (uint64_t)ns);
}

#endif
