/* clock.h - the clock that the recorder waits by, which is also the one of its programs' records. */
#ifndef TRACER_CLOCK_H
#define TRACER_CLOCK_H

#include <stdint.h>
#include <time.h>

/* mono_now() - ns of CLOCK_MONOTONIC, as bpf_ktime_get_ns() says them in the programs. */
static inline uint64_t mono_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

#endif
