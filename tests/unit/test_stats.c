/* Histograms, tallies and what they become when there is no room for more. */
#include "decode/stats.h"
#include "decode/stats_print.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "gen_rows.h"

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void assert_near(uint64_t got, uint64_t want)
{
	uint64_t off = got > want ? got - want : want - got;

	assert_true(off <= want / 64 + (want < 64 ? 0 : 1));
}

/* Values of all sizes. */
static uint64_t any_value(struct gen *g)
{
	return gen_random(g) >> gen_below(g, 64);
}

static void percentiles_are_near(void **state)
{
	static uint64_t values[10001];
	struct gen g = gen_new(1);

	(void)state;
	for (size_t n = 1; n <= 10001; n = n * 3 + 1) {
		struct histogram h = {0}, halves[2] = {{0}};

		for (size_t i = 0; i < n; i++) {
			values[i] = any_value(&g);
			assert_true(histogram_add(&halves[i % 2], values[i]));
		}
		assert_true(histogram_merge(&h, &halves[0]) && histogram_merge(&h, &halves[1]));
		qsort(values, n, sizeof(*values), compare);
		for (unsigned percent = 1; percent <= 100; percent++)
			assert_near(histogram_percentile(&h, percent), values[(n * percent + 99) / 100 - 1]);
		histogram_clear(&h);
		histogram_clear(&halves[0]);
		histogram_clear(&halves[1]);
	}
}

static void small_values_are_exact(void **state)
{
	(void)state;
	for (uint64_t value = 0; value < 64; value++) {
		struct histogram h = {0};

		assert_true(histogram_add(&h, value));
		assert_int_equal(histogram_percentile(&h, 50), value);
		histogram_clear(&h);
	}
	assert_int_equal(histogram_percentile(&(struct histogram){0}, 99), 0);
}

static void of_few_the_last_percentile_is_the_longest(void **state)
{
	(void)state;
	for (uint64_t n = 1; n <= 200; n++) {
		struct tally tally = {.timed = n, .max = 200000000 + n};

		for (uint64_t i = 1; i <= n; i++)
			assert_true(histogram_add(&tally.durations, 200000000 + i));
		assert_true(stats_percentile(&tally, 99) <= tally.max);
		assert_int_equal(stats_percentile(&tally, 99) == tally.max, n < 100);
		assert_int_equal(stats_percentile(&tally, 50) == tally.max, n < 2);
		histogram_clear(&tally.durations);
	}
}

static void full_buckets_are_halved(void **state)
{
	struct histogram h = {0};

	(void)state;
	assert_true(histogram_add_n(&h, 0, 1, UINT32_MAX));
	assert_true(histogram_add_n(&h, 0, 2, 2000000000));
	assert_true(histogram_add(&h, 1)); /* 2^31 of it and 10^9 of 2 */
	assert_int_equal(histogram_percentile(&h, 60), 1);
	assert_int_equal(histogram_percentile(&h, 75), 2);
	histogram_clear(&h);
}

static void beyond_the_limit_there_are_no_percentiles(void **state)
{
	struct tallies tallies = {.limit = 10000};
	struct tally_key key;

	(void)state;
	memset(&key, 0, sizeof(key));
	for (key.pid = 1; key.pid <= 5; key.pid++) {
		struct tally *tally = tallies_get(&tallies, &key);

		assert_ptr_equal(tallies_find(&tallies, &key), tally);
		for (unsigned power = 0; power < 64; power++)
			tally_time(&tallies, tally, (uint64_t)1 << power);
		assert_int_equal(tally->timed, 64);
		assert_int_equal(tally->max, (uint64_t)1 << 63);
		assert_int_equal(tally->total, UINT64_MAX);
		assert_int_equal(tally->blurred, key.pid > 1);
		assert_true(tallies.memory <= 10000 + 128);
	}
	tallies_clear(&tallies);
}

/* The rows of so many processes, each of which makes one call that takes its number in ns. */
static void feed(struct view *view, uint32_t processes)
{
	struct recording recording = {.start = 1000, .has_start = true};
	struct call call;

	call_init(&call, &(struct sst_call){.nr = 1, .abi = SST_ABI_X86_64, .nargs = 3});
	view->call(view, &call);
	view->recording = &recording;
	for (uint32_t pid = 1; pid <= processes; pid++) {
		struct sst_group who = {.pid = pid, .tid = pid, .comm_len = 1, .comm = "x"};
		struct row row = {.time = 1000, .duration = pid, .ret = 2, .who = &who, .call = &call};

		view->frame(view, pid);
		view->row(view, &row);
	}
	view->recording = NULL;
}

static void memory_has_a_limit_and_says_so(void **state)
{
	static struct out out;
	static char text[4 << 20];
	struct stats_config config = {.by = BY_PROCESS, .style = STATS_TSV, .out = &out};
	char path[] = "/tmp/test_stats.XXXXXX", *other;
	struct stats *stats = stats_new(&config);
	struct view *view = stats_view(stats);
	struct recording recording = {.start = 0};
	unsigned long calls, bytes, rows = 0;
	ssize_t n;

	(void)state;
	out_init(&out, mkstemp(path));
	assert_true(out.fd >= 0);
	unlink(path);
	view->recording = &recording;
	view->begin(view);
	feed(view, 200000);
	assert_true(freopen("/dev/null", "w", stderr) != NULL); /* the warning */
	assert_true(stats_finish(stats));
	view_free(view);
	stats_free(stats);
	n = pread(out.fd, text, sizeof(text) - 1, 0);
	assert_true(n > 0);
	text[n] = 0;
	for (const char *line = text; (line = strstr(line, "calls\t")); line++)
		rows++;
	other = strstr(text, "\nother\t");
	assert_non_null(other);
	assert_int_equal(sscanf(other, "\nother\t\t\t%lu\t0\t0\t%*s\t%*s\t%*s\t%*s\t%*s\t%lu", &calls, &bytes), 2);
	assert_true(rows > 5000);
	assert_int_equal(rows + calls, 200000);
	assert_int_equal(bytes, 2 * calls);
	close(out.fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(percentiles_are_near),
		cmocka_unit_test(small_values_are_exact),
		cmocka_unit_test(of_few_the_last_percentile_is_the_longest),
		cmocka_unit_test(full_buckets_are_halved),
		cmocka_unit_test(beyond_the_limit_there_are_no_percentiles),
		cmocka_unit_test(memory_has_a_limit_and_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
