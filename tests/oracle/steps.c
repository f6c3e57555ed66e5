/*
 * steps.c - marks while the clocks are set: each a getpriority between two readings of the wall clock and two of the
 * boot clock, which FILE has.
 *
 *	steps FILE STEP [COMMAND]	marks; sets the wall clock on by STEP seconds; marks; sets it back by twice
 *					that; marks; runs the shell COMMAND, which may suspend the machine; marks
 *
 * FILE: a line a mark, "number real-before real-after boot-before boot-after", ns. Nothing is marked for a fifth of a
 * second before and after a step, less than a frame of the recording has; COMMAND comes between two marks. Exit status
 *77: the clock may not be set.
 */
#include "oracle.h"

#include <time.h>

#define MARKS 40

static FILE *out;
static uint64_t marks;

static int64_t now(clockid_t clock)
{
	struct timespec t = {0};

	call(SYS_clock_gettime, (uint64_t)clock, (uint64_t)&t, 0, 0, 0, 0);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void pause_ms(long ms)
{
	struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

	call(SYS_nanosleep, (uint64_t)&t, 0, 0, 0, 0, 0);
}

static void mark(void)
{
	int64_t boot = now(CLOCK_BOOTTIME), real = now(CLOCK_REALTIME), real_after, boot_after;

	call(SYS_getpriority, MARK_BEGIN, marks, 0, 0, 0, 0);
	real_after = now(CLOCK_REALTIME);
	boot_after = now(CLOCK_BOOTTIME);
	fprintf(out, "%" PRIu64 "\t%" PRId64 "\t%" PRId64 "\t%" PRId64 "\t%" PRId64 "\n", marks++, real, real_after,
		boot, boot_after);
}

static void some_marks(void)
{
	for (int i = 0; i < MARKS; i++) {
		mark();
		pause_ms(20);
	}
}

static void step(long seconds)
{
	struct timespec t;

	pause_ms(200);
	clock_gettime(CLOCK_REALTIME, &t);
	t.tv_sec += seconds;
	if (clock_settime(CLOCK_REALTIME, &t)) {
		perror("clock_settime");
		exit(77);
	}
	pause_ms(200);
}

int main(int argc, char **argv)
{
	if (argc < 3 || !(out = fopen(argv[1], "w"))) {
		fprintf(stderr, "usage: %s FILE STEP [COMMAND]\n", argv[0]);
		return 2;
	}
	some_marks();
	step(atol(argv[2]));
	some_marks();
	step(-2 * atol(argv[2]));
	some_marks();
	if (argc > 3) {
		if (system(argv[3]))
			return 1;
		some_marks();
	}
	return fclose(out) ? 1 : 0;
}
