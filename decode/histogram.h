/*
 * histogram.h - how often each duration came, in little memory: buckets that are linear within each power of two.
 *
 *	struct histogram h = {0};
 *	histogram_add(&h, ns);
 *	ns = histogram_percentile(&h, 99);
 *	histogram_clear(&h);
 *
 * A value is known to 1/32 of itself, so what is said of it, the middle of its bucket, is wrong by at most 1/64 (1.6
 * %); values below 64 are exact. Only powers of two that have come take memory, 128 bytes each. When a bucket is full,
 * all of them are halved, which percentiles do not notice.
 */
#ifndef SYSDECODE_HISTOGRAM_H
#define SYSDECODE_HISTOGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HISTOGRAM_BLOCKS  60 /* 0 to 31, then a power of two each */
#define HISTOGRAM_BUCKETS 32 /* of a block */

struct histogram {
	uint32_t (*blocks)[HISTOGRAM_BUCKETS];
	uint8_t n_blocks;
	uint8_t place[HISTOGRAM_BLOCKS]; /* 1 + index in blocks; 0: no such value has come */
};

/* histogram_add_n() - count n in a bucket. Returns false, with nothing done, without memory. */
bool histogram_add_n(struct histogram *h, unsigned block, unsigned bucket, uint32_t n);

/* histogram_add_times() - count a value n times. Returns as above. */
bool histogram_add_times(struct histogram *h, uint64_t value, uint64_t n);

static inline bool histogram_add(struct histogram *h, uint64_t value)
{
	unsigned power = 63u - (unsigned)__builtin_clzll(value | 31), block = power - 4;
	unsigned bucket = block == 0 ? (unsigned)value : (unsigned)(value >> (power - 5)) & 31;

	if (h->place[block] && h->blocks[h->place[block] - 1][bucket] != UINT32_MAX) {
		h->blocks[h->place[block] - 1][bucket]++;
		return true;
	}
	return histogram_add_n(h, block, bucket, 1);
}

/* histogram_merge() - add all that is in from. Returns false without memory: not all has been added then. */
bool histogram_merge(struct histogram *to, const struct histogram *from);

/* histogram_percentile() - the value that percent (1 to 100) of all values do not exceed; 0 if there are none. */
uint64_t histogram_percentile(const struct histogram *h, unsigned percent);

/* histogram_memory() - bytes besides the struct. */
static inline size_t histogram_memory(const struct histogram *h)
{
	return h->n_blocks * sizeof(*h->blocks);
}

void histogram_clear(struct histogram *h);

#endif
