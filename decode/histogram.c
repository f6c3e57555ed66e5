/* histogram.c - see histogram.h */
#include "histogram.h"

#include <stdlib.h>
#include <string.h>

static bool add_block(struct histogram *h, unsigned block)
{
	uint32_t(*blocks)[HISTOGRAM_BUCKETS] = reallocarray(h->blocks, h->n_blocks + 1u, sizeof(*blocks));

	if (!blocks)
		return false;
	memset(blocks[h->n_blocks], 0, sizeof(*blocks));
	h->blocks = blocks;
	h->place[block] = ++h->n_blocks;
	return true;
}

static void halve(struct histogram *h)
{
	for (unsigned i = 0; i < h->n_blocks; i++)
		for (unsigned k = 0; k < HISTOGRAM_BUCKETS; k++)
			h->blocks[i][k] = h->blocks[i][k] / 2 + h->blocks[i][k] % 2; /* none vanishes */
}

bool histogram_add_n(struct histogram *h, unsigned block, unsigned bucket, uint32_t n)
{
	uint32_t *count;

	if (!h->place[block] && !add_block(h, block))
		return false;
	count = &h->blocks[h->place[block] - 1][bucket];
	while (*count > UINT32_MAX - n) {
		halve(h);
		n = n / 2 + n % 2;
	}
	*count += n;
	return true;
}

bool histogram_add_times(struct histogram *h, uint64_t value, uint64_t n)
{
	unsigned power = 63u - (unsigned)__builtin_clzll(value | 31), block = power - 4;
	unsigned bucket = block == 0 ? (unsigned)value : (unsigned)(value >> (power - 5)) & 31;

	while (n > 0) {
		uint32_t some = n < UINT32_MAX / 2 ? (uint32_t)n : UINT32_MAX / 2;

		if (!histogram_add_n(h, block, bucket, some))
			return false;
		n -= some;
	}
	return true;
}

bool histogram_merge(struct histogram *to, const struct histogram *from)
{
	for (unsigned block = 0; block < HISTOGRAM_BLOCKS; block++) {
		const uint32_t *counts = from->place[block] ? from->blocks[from->place[block] - 1] : NULL;

		for (unsigned k = 0; counts && k < HISTOGRAM_BUCKETS; k++)
			if (counts[k] > 0 && !histogram_add_n(to, block, k, counts[k]))
				return false;
	}
	return true;
}

/* The middle of a bucket. */
static uint64_t value_of(unsigned block, unsigned bucket)
{
	unsigned shift = block > 0 ? block - 1 : 0;
	uint64_t first = (uint64_t)(block > 0 ? bucket + HISTOGRAM_BUCKETS : bucket) << shift;

	return first + (((uint64_t)1 << shift) - 1) / 2;
}

static uint64_t total_of(const struct histogram *h)
{
	uint64_t total = 0;

	for (unsigned i = 0; i < h->n_blocks; i++)
		for (unsigned k = 0; k < HISTOGRAM_BUCKETS; k++)
			total += h->blocks[i][k];
	return total;
}

uint64_t histogram_percentile(const struct histogram *h, unsigned percent)
{
	uint64_t total = total_of(h), seen = 0;
	uint64_t rank = total / 100 * percent + (total % 100 * percent + 99) / 100;

	for (unsigned block = 0; block < HISTOGRAM_BLOCKS; block++) {
		const uint32_t *counts = h->place[block] ? h->blocks[h->place[block] - 1] : NULL;

		for (unsigned k = 0; counts && k < HISTOGRAM_BUCKETS; k++) {
			seen += counts[k];
			if (seen >= rank)
				return value_of(block, k);
		}
	}
	return 0;
}

void histogram_clear(struct histogram *h)
{
	free(h->blocks);
	*h = (struct histogram){0};
}
