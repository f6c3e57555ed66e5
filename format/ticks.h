/*
 * ticks.h - times as numbers of a clock's ticks. docs/format.md, "Ticks".
 *
 * Many machines count time in ticks of 10, 20, 40 ns and say nanoseconds all the same. Within a frame such a clock is a
 * straight line: once it is known where it begins and how long a tick is, the number of the tick says the nanosecond.
 */
#ifndef SST_TICKS_H
#define SST_TICKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SST_TICK_BITS 40 /* lengths are in 2^-40 ns */
#define SST_TICK_NS   (UINT64_C(1) << SST_TICK_BITS)
#define SST_TICK_SPAN (UINT64_C(1) << 42) /* ns; times farther from the beginning are not looked for among ticks */

/* The clock of a frame. A virtual machine that halves the ticks of its host puts every other one half a unit aside. */
struct sst_ticks {
	uint64_t phase; /* of tick 0, after the frame's beginning; below 2^8 ns */
	uint64_t step;  /* from one tick to the next: 1 ns or more, below 2^8 ns */
	int64_t odd;    /* more for every odd tick; less than a step either way */
};

/* sst_ticks_are_valid() - are the numbers such as the comments there say? */
bool sst_ticks_are_valid(const struct sst_ticks *ticks);

/* A product. */
struct sst_wide {
	uint64_t high, low;
};

static inline struct sst_wide sst_multiply(uint64_t a, uint64_t b)
{
#ifdef __SIZEOF_INT128__
	unsigned __int128 v = (unsigned __int128)a * b;

	return (struct sst_wide){.high = (uint64_t)(v >> 64), .low = (uint64_t)v};
#else
	uint64_t a0 = (uint32_t)a, a1 = a >> 32, b0 = (uint32_t)b, b1 = b >> 32;
	uint64_t middle = (a0 * b0 >> 32) + (uint32_t)(a0 * b1) + (uint32_t)(a1 * b0);

	return (struct sst_wide){.high = a1 * b1 + (a0 * b1 >> 32) + (a1 * b0 >> 32) + (middle >> 32),
				 .low = middle << 32 | (uint32_t)(a0 * b0)};
#endif
}

/* What the times of many ticks are worked out from: an odd tick by the even one before, so that nothing is negative. */
struct sst_tick_times {
	uint64_t step, phases[2];
};

/* sst_tick_times() - of a valid clock. */
static inline struct sst_tick_times sst_tick_times(const struct sst_ticks *ticks)
{
	return (struct sst_tick_times){
		.step = ticks->step,
		.phases = {ticks->phase, ticks->phase + ticks->step + (uint64_t)ticks->odd},
	};
}

/* sst_tick_time() - of any tick: ns after the frame's beginning, modulo 2^64. */
static inline uint64_t sst_tick_time(const struct sst_tick_times *times, uint64_t tick)
{
	struct sst_wide t = sst_multiply(tick & ~UINT64_C(1), times->step);
	uint64_t low = t.low + times->phases[tick & 1];

	return (t.high + (low < t.low)) << (64 - SST_TICK_BITS) | low >> SST_TICK_BITS;
}

/* To find the tick of a time: multiply and add. */
struct sst_tick_scale {
	double per_ns, before;
};

struct sst_tick_scale sst_tick_scale(const struct sst_ticks *ticks);

/* sst_tick_of() - the tick that is nearest to a time below SST_TICK_SPAN. */
static inline uint64_t sst_tick_of(const struct sst_tick_scale *scale, uint64_t ns)
{
	return (uint64_t)(int64_t)((double)(int64_t)ns * scale->per_ns + scale->before);
}

/*
 * sst_tick_length() - how long a tick is, in 2^-40 ns, by lengths of time in ns, in which there are short ones; rough:
 * about what it is.
 */
uint64_t sst_tick_length(const uint64_t *lengths, size_t n, uint64_t rough);

/*
 * sst_ticks_find() - the clock by which nearly all of the n times, ns after the frame's beginning and below
 * SST_TICK_SPAN, are exactly those of ticks. step: how long a tick is, in 2^-40 ns: precise, as known from the frame
 * before, whose clock *ticks is; or as short lengths tell, and then many of the times should be near the first one of
 * them. Returns false where there is no such clock; *ticks is undefined then. Takes some ten microseconds per thousand
 * times.
 */
bool sst_ticks_find(struct sst_ticks *ticks, const uint64_t *times, size_t n, uint64_t step, bool precise);

#endif
