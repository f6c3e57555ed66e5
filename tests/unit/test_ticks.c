/* Clocks: which tick is when, and which clock it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "format/ticks.h"
#include "gen_rows.h"

#define NS(v) ((uint64_t)((v) * (double)SST_TICK_NS))

static uint64_t tick_time(const struct sst_ticks *ticks, uint64_t tick)
{
	struct sst_tick_times times = sst_tick_times(ticks);

	return sst_tick_time(&times, tick);
}

static void a_tick_is_when_the_clock_says(void **state)
{
	const struct sst_ticks ticks = {.phase = NS(3.75), .step = NS(10.5), .odd = -(int64_t)NS(0.5)};

	(void)state;
	assert_int_equal(tick_time(&ticks, 0), 3);
	assert_int_equal(tick_time(&ticks, 1), 13);       /* 13.75 */
	assert_int_equal(tick_time(&ticks, 2), 24);       /* 24.75 */
	assert_int_equal(tick_time(&ticks, 1001), 10513); /* 10513.75 */
	assert_int_equal(tick_time(&ticks, UINT64_C(1) << 40), (UINT64_C(21) << 39) + 3);
}

/* Far beyond what a frame spans times are still modulo 2^64. */
static void ticks_of_any_number_have_a_time(void **state)
{
	const struct sst_ticks ticks = {.phase = 0, .step = 3 * SST_TICK_NS, .odd = SST_TICK_NS};

	(void)state;
	assert_int_equal(tick_time(&ticks, UINT64_MAX - 1), -6);
	assert_int_equal(tick_time(&ticks, UINT64_MAX), -2);
	assert_int_equal(tick_time(&ticks, UINT64_C(1) << 63), UINT64_C(1) << 63);
}

/* 64 × 64 bits by hand. */
static void products_are_exact(void **state)
{
	static const struct {
		uint64_t a, b;
		struct sst_wide expected;
	} all[] = {
		{0, 0, {0, 0}},
		{UINT64_MAX, UINT64_MAX, {UINT64_MAX - 1, 1}},
		{UINT64_C(1) << 32, UINT64_C(1) << 32, {1, 0}},
		{UINT64_MAX, 2, {1, UINT64_MAX - 1}},
		{UINT64_C(0x123456789abcdef0),
		 UINT64_C(0x0fedcba987654321),
		 {UINT64_C(0x0121fa00ad77d742), UINT64_C(0x2236d88fe5618cf0)}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		struct sst_wide got = sst_multiply(all[i].a, all[i].b);

		assert_int_equal(got.high, all[i].expected.high);
		assert_int_equal(got.low, all[i].expected.low);
	}
}

static void the_nearest_tick_is_found(void **state)
{
	const struct sst_ticks ticks = {.phase = NS(7.2), .step = NS(10.0190553), .odd = NS(0.47)};
	struct sst_tick_scale scale = sst_tick_scale(&ticks);

	(void)state;
	for (uint64_t tick = 0; tick < SST_TICK_SPAN / 11; tick = 2 * tick + 1 + tick / 7) {
		uint64_t time = tick_time(&ticks, tick);

		if (time >= SST_TICK_SPAN)
			break;
		assert_int_equal(sst_tick_of(&scale, time), tick);
		assert_int_equal(sst_tick_of(&scale, time + 3), tick);
	}
	assert_int_equal(sst_tick_of(&scale, 0), 0);
}

static void invalid_clocks_are_known(void **state)
{
	const struct sst_ticks good = {.phase = NS(255.9), .step = NS(2), .odd = -(int64_t)NS(1.9)};
	struct sst_ticks ticks = good;

	(void)state;
	assert_true(sst_ticks_are_valid(&ticks));
	ticks.phase = NS(256);
	assert_false(sst_ticks_are_valid(&ticks));
	ticks = good;
	ticks.step = NS(0.99);
	assert_false(sst_ticks_are_valid(&ticks));
	ticks.step = NS(256);
	assert_false(sst_ticks_are_valid(&ticks));
	ticks = good;
	ticks.odd = INT64_MIN;
	assert_false(sst_ticks_are_valid(&ticks));
	ticks.odd = (int64_t)NS(2);
	assert_false(sst_ticks_are_valid(&ticks));
}

/* Some times near each other, others from all of span, of which one in wrong is somewhere else. */
static void make_times(struct gen *g, uint64_t *times, size_t n, const struct sst_ticks *ticks, double span,
		       uint64_t wrong)
{
	double step = (double)ticks->step / (double)SST_TICK_NS, most = span / step;

	for (size_t i = 0; i < n; i++) {
		uint64_t tick = i < n / 8 ? (uint64_t)(most / 2) + gen_below(g, 100 * i + 1)
					  : (uint64_t)(most * (double)gen_below(g, 1000000) / 1000000);

		times[i] = tick_time(ticks, tick) + (wrong && i && gen_below(g, wrong) == 0 ? 3 : 0);
	}
}

static void clocks_are_found(void **state)
{
	static const double steps[] = {10.0190553, 40, 16, 18.5185185, 8.2051282, 52.0833333, 41.6666667, 6.25};
	static const double spans[] = {1e6, 1e8, 1e9};
	static uint64_t times[2000];

	(void)state;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		for (size_t k = 0; k < sizeof(spans) / sizeof(spans[0]); k++) {
			struct gen g = gen_new(10 * i + k);
			struct sst_ticks ticks = {.phase = NS(steps[i] / 3),
						  .step = NS(steps[i]),
						  .odd = (int64_t)NS(k % 2 ? 0.45 : 0)},
					 found;
			struct sst_tick_scale scale;
			size_t exact = 0;

			make_times(&g, times, 2000, &ticks, spans[k], 100);
			assert_true(sst_ticks_find(&found, times, 2000, NS(steps[i] * (1 + 2e-6)), false));
			assert_true(sst_ticks_find(&found, times, 2000, found.step, true));
			assert_true(sst_ticks_are_valid(&found));
			make_times(&g, times, 2000, &ticks, spans[k], 0);
			scale = sst_tick_scale(&found);
			for (size_t n = 0; n < 2000; n++)
				exact += tick_time(&found, sst_tick_of(&scale, times[n])) == times[n];
			assert_in_range(exact, 1875, 2000);
		}
}

/* Lengths are differences of times that have been rounded down, mostly short ones. */
static void the_length_of_a_tick_is_found(void **state)
{
	static const double steps[] = {10.0190553, 40, 8.2051282, 52.0833333, 5};
	uint64_t lengths[500];

	(void)state;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		const struct sst_ticks ticks = {.phase = 0, .step = NS(steps[i]), .odd = (int64_t)NS(0.47)};
		struct gen g = gen_new(i);

		for (size_t k = 0; k < 500; k++) {
			uint64_t first = gen_below(&g, 1000000),
				 last = first + gen_below(&g, gen_below(&g, 10) ? 100 : (uint64_t)(60000 / steps[i]));

			lengths[k] = tick_time(&ticks, last) - tick_time(&ticks, first);
		}
		assert_in_range(sst_tick_length(lengths, 500, NS(steps[i] * 1.0005)), NS(steps[i] * (1 - 1e-5)),
				NS(steps[i] * (1 + 1e-5)));
	}
	assert_int_equal(sst_tick_length(lengths, 500, 0), 0);
	assert_int_equal(sst_tick_length(lengths, 0, NS(7)), NS(7));
}

static void no_clock_is_found_where_there_is_none(void **state)
{
	static uint64_t times[2000];
	struct gen g = gen_new(1);
	struct sst_ticks found;

	(void)state;
	for (size_t i = 0; i < 2000; i++)
		times[i] = gen_below(&g, 100000000);
	assert_false(sst_ticks_find(&found, times, 2000, NS(10), false));
	assert_false(sst_ticks_find(&found, times, 2000, NS(4), true));
	assert_false(sst_ticks_find(&found, times, 3, NS(10), false));
	assert_false(sst_ticks_find(&found, times, 2000, 0, false));
	assert_false(sst_ticks_find(&found, times, 2000, UINT64_MAX, true));
	for (size_t i = 0; i < 2000; i++)
		times[i] = 5;
	assert_false(sst_ticks_find(&found, times, 2000, NS(10), false));
	for (size_t i = 0; i < 2000; i++)
		times[i] = i % 2 ? SST_TICK_SPAN - 1 : 0;
	sst_ticks_find(&found, times, 2000, NS(10), false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tick_is_when_the_clock_says),
		cmocka_unit_test(ticks_of_any_number_have_a_time),
		cmocka_unit_test(products_are_exact),
		cmocka_unit_test(the_nearest_tick_is_found),
		cmocka_unit_test(invalid_clocks_are_known),
		cmocka_unit_test(clocks_are_found),
		cmocka_unit_test(the_length_of_a_tick_is_found),
		cmocka_unit_test(no_clock_is_found_where_there_is_none),
	};

	return cmocka_run_group_tests_name("ticks", tests, NULL, NULL);
}
