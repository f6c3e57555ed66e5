/*
 * bytes.h - numbers to bytes and back: little-endian words, canonical varints, zigzag.
 *
 * Everything on disk goes through these, so that byte order, alignment and width of the machine do not matter.
 */
#ifndef SST_BYTES_H
#define SST_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define SST_VARINT_MAX 10 /* bytes of the longest varint */

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define SST_LE16(v) __builtin_bswap16(v)
#define SST_LE32(v) __builtin_bswap32(v)
#define SST_LE64(v) __builtin_bswap64(v)
#else
#define SST_LE16(v) (v)
#define SST_LE32(v) (v)
#define SST_LE64(v) (v)
#endif

static inline uint16_t sst_get16(const void *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return SST_LE16(v);
}

static inline uint32_t sst_get32(const void *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return SST_LE32(v);
}

static inline uint64_t sst_get64(const void *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return SST_LE64(v);
}

static inline void sst_put16(void *p, uint16_t v)
{
	v = SST_LE16(v);
	memcpy(p, &v, sizeof(v));
}

static inline void sst_put32(void *p, uint32_t v)
{
	v = SST_LE32(v);
	memcpy(p, &v, sizeof(v));
}

static inline void sst_put64(void *p, uint64_t v)
{
	v = SST_LE64(v);
	memcpy(p, &v, sizeof(v));
}

/* Small numbers of either sign to small numbers: 0, -1, 1, -2 … become 0, 1, 2, 3 … Any 64 bits are allowed. */
static inline uint64_t sst_zigzag(uint64_t v)
{
	return (v << 1) ^ (0 - (v >> 63));
}

static inline uint64_t sst_unzigzag(uint64_t v)
{
	return (v >> 1) ^ (0 - (v & 1));
}

/* sst_put_varint() - write v at p, which has room for SST_VARINT_MAX bytes. Returns the end. */
static inline uint8_t *sst_put_varint(uint8_t *p, uint64_t v)
{
	while (v >= 0x80) {
		*p++ = (uint8_t)(v | 0x80);
		v >>= 7;
	}
	*p++ = (uint8_t)v;
	return p;
}

/*
 * A place in bytes that somebody else chose. Reading beyond the end, or a varint that is not canonical, sets bad and
 * yields 0 from then on, so that a caller may read a whole record and ask once.
 */
struct sst_cursor {
	const uint8_t *p, *end;
	bool bad;
};

static inline struct sst_cursor sst_cursor(const void *data, size_t len)
{
	const uint8_t *p = data ? data : (const uint8_t *)""; /* nothing can be added to NULL, not even 0 */

	return (struct sst_cursor){.p = p, .end = p + len};
}

static inline size_t sst_left(const struct sst_cursor *c)
{
	return (size_t)(c->end - c->p);
}

/* sst_take() - the next n bytes, or NULL where there are fewer. */
static inline const uint8_t *sst_take(struct sst_cursor *c, size_t n)
{
	const uint8_t *p = c->p;

	if (c->bad || n > sst_left(c)) {
		c->bad = true;
		return NULL;
	}
	c->p += n;
	return p;
}

static inline uint8_t sst_take8(struct sst_cursor *c)
{
	const uint8_t *p = sst_take(c, 1);

	return p ? *p : 0;
}

/* sst_take_varint() - a canonical LEB128 number: at most ten bytes, no more than 64 bits, no superfluous zero at its
 * end. */
static inline uint64_t sst_take_varint(struct sst_cursor *c)
{
	uint64_t v = 0;

	for (unsigned shift = 0; shift < 70; shift += 7) {
		uint8_t byte = sst_take8(c);

		if (c->bad || (shift == 63 && byte > 1) || (shift > 0 && byte == 0))
			break;
		v |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80)
			return v;
	}
	c->bad = true;
	return 0;
}

/* sst_take_max() - a varint that must not be greater than max. */
static inline uint64_t sst_take_max(struct sst_cursor *c, uint64_t max)
{
	uint64_t v = sst_take_varint(c);

	if (v <= max)
		return v;
	c->bad = true;
	return 0;
}

#endif
