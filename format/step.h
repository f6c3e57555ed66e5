/*
 * step.h - times that are multiples of the step of a coarse clock, as numbers of steps.
 *
 * Many machines count time in steps of 10, 20, 40 ns and say nanoseconds all the same: then most of the low bits of a
 * time say nothing. docs/format.md, "Steps".
 */
#ifndef SST_STEP_H
#define SST_STEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SST_STEP_BITS  16         /* a step is stored in 1/65536 ns */
#define SST_STEP_LIMIT (1u << 16) /* times from here on, in ns, are stored as they are */

/* The time of a code below SST_STEP_LIMIT. */
static inline uint64_t sst_step_time(uint64_t code, uint32_t step)
{
	return ((code >> 1) * step >> SST_STEP_BITS) + (code & 1);
}

struct sst_step {
	uint32_t step;    /* 0: none */
	uint64_t inverse; /* 2^48 / step */
};

static inline struct sst_step sst_step_make(uint32_t step)
{
	return (struct sst_step){.step = step, .inverse = step ? (UINT64_C(1) << 48) / step : 0};
}

/*
 * sst_step_code() - the code of a time below SST_STEP_LIMIT, into *code. A time between two ticks of a clock is a
 * number of steps, rounded down or up. Returns false where it is neither.
 */
static inline bool sst_step_code(const struct sst_step *s, uint64_t time, uint64_t *code)
{
	uint64_t n = (time + 1) * s->inverse >> 32, more = time - (n * s->step >> SST_STEP_BITS);

	*code = n << 1 | (more & 1);
	return more <= 1 && *code < SST_STEP_LIMIT;
}

/*
 * sst_step_fits() - are nearly all of the n times multiples of the step?
 */
bool sst_step_fits(const struct sst_step *step, const uint64_t *times, size_t n);

/*
 * sst_step_find() - the largest step from 4 to 64 ns of which most of the times (those below SST_STEP_LIMIT count) are
 * multiples; 0 where there is none. Takes a millisecond or two.
 */
struct sst_step sst_step_find(const uint64_t *times, size_t n);

#endif
