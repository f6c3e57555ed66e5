/* times_put.c - see times_put.h */
#include "times_put.h"

/* Rows that are looked at to find the clock; how many of them one behind the other; how often that is tried where there
 * is none. */
#define SAMPLES      1024
#define SAMPLES_MIN  64
#define SAMPLES_NEAR 128
#define STRIDE_MIN   16
#define SHORT_TIMES  512
#define SEARCH_EVERY 63

/* Fewer tokens of a context share a block with those of the next: what a block says of their frequencies takes room. In
 * front of many tokens of one context a block may be shorter. */
#define CUT_MIN   1024
#define CUT_LEAST 256

/* Bits that are not whole bytes yet. */
struct bits {
	uint8_t *p;
	uint64_t waiting;
	unsigned n; /* 0..7 between calls */
};

/* The low n bits of v, n <= 56. Writes eight bytes at p, whatever n is. */
static inline void put_bits(struct bits *b, uint64_t v, unsigned n)
{
	b->waiting |= v << b->n;
	sst_put64(b->p, b->waiting);
	b->n += n;
	b->p += b->n >> 3;
	b->waiting >>= b->n & 56;
	b->n &= 7;
}

/* Likewise, n <= 64. */
static inline void put_many_bits(struct bits *b, uint64_t v, unsigned n)
{
	if (__builtin_expect(n > 56, 0)) {
		put_bits(b, v & 0xffffffff, 32);
		put_bits(b, v >> 32, n - 32);
	} else {
		put_bits(b, v, n);
	}
}

static void bits_end(struct bits *b, struct sst_put *c)
{
	c->rest_len = (size_t)(b->p - c->rest) + (b->n > 0);
}

static uint64_t low_bits(uint64_t v, unsigned n)
{
	return v & ((UINT64_C(1) << n) - 1);
}

static inline uint8_t put_time(struct bits *b, uint64_t v)
{
	unsigned n = 61u - (unsigned)__builtin_clzll(v | 4);

	put_many_bits(b, low_bits(v, n), n);
	return (uint8_t)(4 * n + (v >> n));
}

static inline uint8_t put_step(struct bits *b, const struct sst_step *step, uint64_t v)
{
	uint64_t code;

	if (v >= SST_STEP_LIMIT)
		return put_time(b, v);
	if (__builtin_expect(sst_step_code(step, v, &code), 1))
		return put_time(b, code);
	put_bits(b, v, 16);
	return TIME_NO_STEP;
}

/* A token, and the bits that follow it in the rest. */
struct code {
	uint64_t bits;
	unsigned n;
	uint8_t token;
};

/* Gets no bits to write to: a pointer to them would keep them in memory for all. */
static __attribute__((noinline)) struct code code_rare_ticks(uint64_t v, int more)
{
	unsigned n = 63u - (unsigned)__builtin_clzll(v | 1);

	if (more == 0)
		return (struct code){low_bits(v, n), n, (uint8_t)(TICKS_COARSE_TOKEN + n - TICKS_FINE_BITS)};
	if (v < 4096 && more >= -8 && more < 8)
		return (struct code){v | (uint64_t)(more & 15) << 12, 16, TICKS_NEAR};
	return (struct code){low_bits(v, 56) | (uint64_t)(uint8_t)more << 56, 64, TICKS_FAR};
}

/* Some ticks, and a time that is more ns behind them than it should be. */
static inline uint8_t put_ticks(struct bits *b, uint64_t v, int more)
{
	unsigned n = 59u - (unsigned)__builtin_clzll(v | 16);

	if (__builtin_expect((more != 0) | (v >= TICKS_FINE), 0)) {
		struct code code = code_rare_ticks(v, more);

		put_many_bits(b, code.bits, code.n);
		return code.token;
	}
	put_bits(b, low_bits(v, n), n);
	return (uint8_t)(16 * n + (v >> n));
}

/* --- columns of nanoseconds or steps */

static void head_of_steps(const struct sst_step *step, struct sst_put *c)
{
	if (!step->step)
		return;
	sst_put32(c->tokens, step->step);
	c->encoding = SST_STEPS;
	c->head = STEP_LEN;
	c->tokens += STEP_LEN;
	c->rest += STEP_LEN;
}

/* Both times of a row at once: bits of a column wait for those before them, but not for those of the other. */
static void put_steps(struct sst_step step, const struct sst_rows *rows, uint64_t time_min, struct sst_put *pauses,
		      struct sst_put *durations)
{
	struct bits pause_bits, duration_bits;

	head_of_steps(&step, pauses);
	head_of_steps(&step, durations);
	pause_bits = (struct bits){.p = pauses->rest};
	duration_bits = (struct bits){.p = durations->rest};
	for (size_t g = 0; g < rows->n_groups; g++) {
		size_t i = rows->groups[g].first, end = i + rows->groups[g].n;
		uint64_t before = time_min;

		for (; i < end; i++) {
			uint64_t pause = rows->time[i] - before, duration = rows->duration[i];

			pauses->tokens[i] =
				step.step ? put_step(&pause_bits, &step, pause) : put_time(&pause_bits, pause);
			before = rows->time[i] + duration;
			if (sst_state_has_duration(rows->state[i]))
				durations->tokens[durations->n++] = step.step
									    ? put_step(&duration_bits, &step, duration)
									    : put_time(&duration_bits, duration);
		}
	}
	pauses->n = rows->n;
	bits_end(&pause_bits, pauses);
	bits_end(&duration_bits, durations);
}

/* --- columns of ticks */

static void head_of_ticks(const struct sst_ticks *ticks, struct sst_put *pauses, struct sst_put *durations)
{
	sst_put64(pauses->tokens, ticks->phase);
	sst_put64(pauses->tokens + 8, ticks->step);
	sst_put64(pauses->tokens + 16, (uint64_t)ticks->odd);
	pauses->encoding = durations->encoding = SST_TICKS;
	pauses->head = TICKS_LEN;
	pauses->tokens += TICKS_LEN;
	pauses->rest += TICKS_LEN;
}

/* From how many tokens there are of each context to where its tokens begin. Returns how many there are. */
static size_t begin_contexts(uint32_t *next, size_t n_calls, struct sst_cuts *cuts)
{
	uint32_t at = 0, cut = 0;

	cuts->n = 0;
	for (size_t i = 0; i < TICK_CONTEXTS && i / 64 < n_calls; i++) {
		uint32_t n = next[i];

		if (at - cut >= (n >= CUT_MIN ? CUT_LEAST : CUT_MIN) && n > 0)
			cuts->at[cuts->n++] = cut = at;
		next[i] = at;
		at += n;
	}
	return at;
}

/* Returns whether all rows have a duration, so that both columns are laid out in the same way. */
static bool count_contexts(const struct sst_rows *rows, struct sst_times_place *place)
{
	uint32_t *pauses = place->next[0];
	size_t without = 0;

	memset(pauses, 0, sizeof(place->next[0]));
	for (size_t g = 0; g < rows->n_groups; g++) {
		size_t i = rows->groups[g].first, end = i + rows->groups[g].n;

		for (unsigned call, before = 0; i < end; i++, before = call) {
			call = rows->call[i];
			pauses[TICK_CONTEXT(before, call)]++;
			without += !sst_state_has_duration(rows->state[i]);
		}
	}
	memcpy(place->next[1], pauses, sizeof(place->next[1]));
	for (size_t g = 0; g < rows->n_groups && without > 0; g++) {
		size_t i = rows->groups[g].first, end = i + rows->groups[g].n;

		for (unsigned call, before = 0; i < end; i++, before = call) {
			call = rows->call[i];
			place->next[1][TICK_CONTEXT(before, call)] -= !sst_state_has_duration(rows->state[i]);
		}
	}
	return without == 0;
}

static void put_in_ticks(const struct sst_ticks *clock, const struct sst_rows *rows, uint64_t time_min,
			 struct sst_put *pauses, struct sst_put *durations, struct sst_times_place *place)
{
	const struct sst_tick_times ticks = sst_tick_times(clock);
	const struct sst_tick_scale scale = sst_tick_scale(clock);
	struct bits pause_bits, duration_bits;
	bool same;

	head_of_ticks(clock, pauses, durations);
	same = count_contexts(rows, place);
	pauses->n = begin_contexts(place->next[0], rows->n_calls, &place->cuts[0]);
	durations->n = begin_contexts(place->next[1], rows->n_calls, &place->cuts[1]);
	pause_bits = (struct bits){.p = pauses->rest};
	duration_bits = (struct bits){.p = durations->rest};
	for (size_t g = 0; g < rows->n_groups; g++) {
		size_t i = rows->groups[g].first, last = i + rows->groups[g].n;
		uint64_t before = 0;

		for (unsigned call, last_call = 0; i < last; i++, last_call = call) {
			uint64_t time = rows->time[i] - time_min, tick = sst_tick_of(&scale, time), end;
			uint32_t context, at;

			call = rows->call[i];
			context = TICK_CONTEXT(last_call, call);
			at = place->next[0][context]++;
			pauses->tokens[at] =
				put_ticks(&pause_bits, tick - before, (int)(time - sst_tick_time(&ticks, tick)));
			before = tick;
			if (!sst_state_has_duration(rows->state[i]))
				continue;
			time += rows->duration[i];
			end = sst_tick_of(&scale, time);
			durations->tokens[same ? at : place->next[1][context]++] =
				put_ticks(&duration_bits, end - tick, (int)(time - sst_tick_time(&ticks, end)));
			before = end;
		}
	}
	bits_end(&pause_bits, pauses);
	bits_end(&duration_bits, durations);
}

void sst_put_times(const struct sst_clock_finder *clock, const struct sst_rows *rows, uint64_t time_min,
		   struct sst_put *pauses, struct sst_put *durations, struct sst_times_place *place)
{
	place->cuts[0].n = place->cuts[1].n = 0;
	if (clock->has_ticks)
		put_in_ticks(&clock->ticks, rows, time_min, pauses, durations, place);
	else
		put_steps(clock->step, rows, time_min, pauses, durations);
}

/* --- the clock */

/* Some short times of the frame, from all of it. Returns how many. */
static size_t short_times(const struct sst_rows *rows, uint64_t times[SHORT_TIMES])
{
	size_t stride = 2 * rows->n / SHORT_TIMES + 1, n = 0;

	for (size_t i = 1; i < rows->n && n + 2 <= SHORT_TIMES; i += stride) {
		if (sst_state_has_duration(rows->state[i]))
			times[n++] = rows->duration[i];
		if (rows->time[i] >= rows->time[i - 1] + rows->duration[i - 1]) /* of the same thread, as a rule */
			times[n++] = rows->time[i] - rows->time[i - 1] - rows->duration[i - 1];
	}
	return n;
}

/* Both moments of a row, after the frame's beginning, behind the n that are there. Returns how many then. */
static size_t add_moments(const struct sst_rows *rows, size_t row, uint64_t time_min, uint64_t *times, size_t n)
{
	times[n++] = rows->time[row] - time_min;
	if (sst_state_has_duration(rows->state[row]))
		times[n++] = rows->time[row] - time_min + rows->duration[row];
	return n;
}

/* Moments of the frame: first (unless the clock is known) of rows that follow each other, from its middle, as at its
 * beginning programs start slowly; then of some from all of it. Returns how many. */
static size_t moments(const struct sst_rows *rows, uint64_t time_min, bool known, uint64_t times[2 * SAMPLES])
{
	size_t stride = rows->n / (SAMPLES - SAMPLES_NEAR) + 1, n = 0;

	if (stride < STRIDE_MIN)
		stride = rows->n < STRIDE_MIN * SAMPLES_MIN ? rows->n / SAMPLES_MIN : STRIDE_MIN;
	for (size_t i = rows->n / 2; i < rows->n && i < rows->n / 2 + SAMPLES_NEAR && !known; i++)
		n = add_moments(rows, i, time_min, times, n);
	for (size_t i = 0; i < rows->n; i += stride)
		n = add_moments(rows, i, time_min, times, n);
	return n;
}

static bool is_narrow(const struct sst_rows *rows, uint64_t time_min)
{
	uint64_t all = 0;

	for (size_t i = 0; i < rows->n; i++)
		all |= (rows->time[i] - time_min) | rows->duration[i];
	return all < SST_TICK_SPAN / 2;
}

/* The clock of the frame, by the length of a tick; into clock->ticks. */
static bool find_ticks(struct sst_clock_finder *clock, const struct sst_rows *rows, uint64_t time_min, uint64_t length,
		       bool precise)
{
	uint64_t times[2 * SAMPLES];
	size_t n;

	if (length == 0 || !is_narrow(rows, time_min))
		return false;
	n = moments(rows, time_min, precise, times);
	clock->has_ticks = sst_ticks_find(&clock->ticks, times, n, length, precise);
	if (clock->has_ticks)
		clock->known_tick = clock->ticks.step;
	return clock->has_ticks;
}

/* The step that short times are multiples of: the last one, or one that is looked for now and then. */
static void find_step(struct sst_clock_finder *clock, const uint64_t *times, size_t n)
{
	if (sst_step_fits(&clock->known_step, times, n)) {
		clock->step = clock->known_step;
		return;
	}
	if (clock->no_search > 0) {
		clock->no_search--;
		return;
	}
	clock->no_search = SEARCH_EVERY;
	clock->step = sst_step_find(times, n); /* only if it fits */
	if (clock->step.step)
		clock->known_step = clock->step;
}

/* A machine has one clock, so that the last answer is tried first. */
void sst_clock_choose(struct sst_clock_finder *clock, const struct sst_rows *rows, uint64_t time_min)
{
	uint64_t times[SHORT_TIMES], rough;
	size_t n;

	clock->has_ticks = false;
	clock->step = sst_step_make(0);
	if (rows->n < SAMPLES_MIN || find_ticks(clock, rows, time_min, clock->known_tick, true))
		return;
	n = short_times(rows, times);
	if (n < SAMPLES_MIN)
		return;
	find_step(clock, times, n);
	rough = (uint64_t)clock->step.step << (SST_TICK_BITS - SST_STEP_BITS);
	find_ticks(clock, rows, time_min, sst_tick_length(times, n, rough), false);
}
