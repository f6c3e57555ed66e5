/* What headers say of their rows must never hide a row, and must hide most of what is not there. */
#include "format/bytes.h"
#include "format/step.h"
#include "format/summary.h"
#include "gen_rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

/* Through the bytes of a header and back. */
static struct sst_header summary_of(const struct sst_rows *rows)
{
	struct sst_header h = {.type = 2, .version = SST_FORMAT_VERSION}, back;
	uint8_t p[SST_HEADER_WRITE_MAX];

	sst_summary_add(&h, rows);
	sst_header_put(&h, p);
	assert_true(h.length <= sizeof(p));
	assert_int_equal(sst_header_get(&back, p, h.length), 0);
	return back;
}

static bool is_error(uint64_t ret)
{
	return ((int64_t)ret < 0 && (int64_t)ret >= -4095) ||
	       ((int32_t)(uint32_t)ret < 0 && (int32_t)(uint32_t)ret >= -4095);
}

static void check_rows(const struct sst_header *h, const struct sst_rows *rows)
{
	for (size_t g = 0; g < rows->n_groups; g++) {
		const struct sst_group *group = &rows->groups[g];

		if (group->n > 0)
			assert_true(sst_summary_tid(h, group->tid) && sst_summary_pid(h, group->pid));
	}
	for (size_t i = 0; i < rows->n; i++) {
		const struct sst_call *call = &rows->calls[rows->call[i]];

		assert_true(sst_summary_call(h, call->abi, call->nr));
		assert_true(sst_summary_call(h, -1, call->nr));
		assert_true(!is_error(rows->ret[i]) || sst_summary_failed(h));
		assert_true(sst_summary_slower(h, rows->duration[i]));
		assert_true(sst_summary_state(h, rows->state[i]));
	}
}

static void nothing_is_hidden(void **state)
{
	struct sst_rows *rows = sst_rows_new();

	(void)state;
	for (uint64_t seed = 0; seed < 300; seed++) {
		struct gen g = gen_new(seed);
		struct sst_header h;

		if (seed % 3)
			gen_extreme(&g, rows, 300);
		else
			gen_realistic(&g, rows, 400, 1 + (unsigned)seed % 90);
		h = summary_of(rows);
		check_rows(&h, rows);
	}
	sst_rows_free(rows);
}

/* One thread, one call. */
static void one_row(struct sst_rows *rows, uint32_t pid, uint32_t tid, uint8_t abi, uint32_t nr, uint64_t ret)
{
	size_t i;

	assert_int_equal(sst_rows_group(rows, pid, tid, "x", 1), 0);
	i = (size_t)sst_rows_add(rows);
	rows->call[i] = (uint16_t)sst_rows_call(rows, abi, nr, 3);
	rows->ret[i] = ret;
	rows->duration[i] = 1000 + i;
}

static void what_is_not_there(void **state)
{
	struct sst_rows *rows = sst_rows_new();
	struct sst_clock clock = {0};
	struct sst_header h;

	(void)state;
	one_row(rows, 100, 100, 1, 0, 5);
	one_row(rows, 100, 107, 1, 257, 5);
	one_row(rows, UINT32_MAX, UINT32_MAX, 2, 3, 5);
	h = summary_of(rows);
	assert_false(sst_summary_tid(&h, 0) || sst_summary_tid(&h, 99) || sst_summary_tid(&h, 101) ||
		     sst_summary_tid(&h, 108) || sst_summary_tid(&h, UINT32_MAX - 1));
	assert_false(sst_summary_pid(&h, 107));
	assert_true(sst_summary_pid(&h, 100) && sst_summary_tid(&h, 107) && sst_summary_tid(&h, UINT32_MAX));
	assert_true(sst_summary_call(&h, 1, 257) && sst_summary_call(&h, 2, 3) && sst_summary_call(&h, -1, 3));
	assert_false(sst_summary_call(&h, 1, 3) || sst_summary_call(&h, 2, 257) || sst_summary_call(&h, 3, 3) ||
		     sst_summary_call(&h, -1, 256));
	assert_false(sst_summary_failed(&h));
	assert_true(sst_summary_slower(&h, 1002));
	assert_false(sst_summary_slower(&h, 1003));
	assert_true(sst_summary_state(&h, SST_OK));
	assert_false(sst_summary_state(&h, SST_UNFINISHED));
	assert_false(sst_summary_clock(&h, &clock));
	one_row(rows, 100, 107, 2, 3, 0xfffffffe); /* -2 in 32 bits */
	assert_int_equal(sst_rows_clock(rows, &(struct sst_clock){5, 3, -7}), 0);
	assert_int_equal(sst_rows_clock(rows, &(struct sst_clock){9, 4, INT64_MIN}), 0);
	h = summary_of(rows);
	assert_true(sst_summary_failed(&h));
	assert_true(sst_summary_clock(&h, &clock));
	assert_int_equal(clock.boot, 9);
	assert_int_equal(clock.mono, 4);
	assert_true(clock.real == INT64_MIN);
	sst_rows_free(rows);
}

/* Thousands of threads: ranges are joined, and far away there is still nothing. */
static void many_threads(void **state)
{
	struct sst_rows *rows = sst_rows_new();
	struct sst_header h;

	(void)state;
	for (uint32_t i = 0; i < 5000; i++)
		one_row(rows, 1000, 4000000 - i * 3 + (i > 2500 ? 0 : 100000), 1, i % 300 * 2,
			i == 7 ? 0 - UINT64_C(9) : 0);
	h = summary_of(rows);
	check_rows(&h, rows);
	assert_true(h.length < 700);
	assert_false(sst_summary_tid(&h, 4050000) || sst_summary_tid(&h, 1));
	assert_false(sst_summary_pid(&h, 999));
	assert_false(sst_summary_call(&h, 1, 700));
	sst_rows_free(rows);
}

/* A header with these extensions. */
static struct sst_header forged(unsigned id, const char *content, size_t len)
{
	struct sst_header h = {.type = 2, .n_extensions = 1, .extra_len = (uint32_t)len};

	h.extensions[0] = (struct sst_extension){.id = (uint8_t)id, .len = (uint16_t)len};
	memcpy(h.extra, content, len);
	return h;
}

#define FORGED(id, content) (h = forged(id, content, sizeof(content) - 1), &h)

static void contradictions_are_ignored(void **state)
{
	struct sst_clock clock;
	struct sst_header h;

	(void)state;
	assert_false(sst_summary_tid(FORGED(SST_EXT_TIDS, "\x0e\x03\x01"), 8));
	assert_true(sst_summary_tid(FORGED(SST_EXT_TIDS, "\x0e\x03\x01"), 10));
	assert_true(sst_summary_tid(FORGED(SST_EXT_TIDS, "\x0e\x03"), 8));                 /* the end is missing */
	assert_true(sst_summary_tid(FORGED(SST_EXT_TIDS, "\x0e\x80"), 8));                 /* half a varint */
	assert_true(sst_summary_tid(FORGED(SST_EXT_TIDS, "\x0e\xfe\xff\xff\xff\x1f"), 8)); /* beyond 2^32 */
	assert_true(sst_summary_tid(FORGED(SST_EXT_TIDS, "\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01\x00"), 8));
	assert_false(sst_summary_tid(FORGED(SST_EXT_TIDS, ""), 8));
	assert_false(sst_summary_call(FORGED(SST_EXT_CALLS, "\x01\x01\x06"), 1, 4));
	assert_true(sst_summary_call(FORGED(SST_EXT_CALLS, "\x01\x02\x06"), 1, 4)); /* a range is missing */
	assert_true(sst_summary_call(FORGED(SST_EXT_CALLS, "\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), 1, 4));
	assert_true(sst_summary_slower(FORGED(SST_EXT_LONGEST, ""), 4));
	assert_true(sst_summary_slower(FORGED(SST_EXT_LONGEST, "\x01\x01"), 4));
	assert_false(sst_summary_slower(FORGED(SST_EXT_LONGEST, "\x01"), 4));
	assert_true(sst_summary_state(FORGED(SST_EXT_STATES, "\x01\x01"), 4));
	assert_false(sst_summary_clock(FORGED(SST_EXT_CLOCK, "\x01\x01"), &clock));
	assert_false(sst_summary_clock(FORGED(SST_EXT_CLOCK, "\x01\x01\x01\x01"), &clock));
	assert_true(sst_summary_clock(FORGED(SST_EXT_CLOCK, "\x01\x01\x01"), &clock));
}

/* A clock of so many 1/65536 ns a tick, and times between its ticks. */
static void make_times(struct gen *g, uint64_t *times, size_t n, uint32_t step)
{
	for (size_t i = 0; i < n; i++) {
		uint64_t begin = gen_below(g, 1u << 20), ticks = gen_below(g, i % 4 ? 100 : 5000);

		times[i] = ((begin + ticks) * step >> SST_STEP_BITS) - (begin * step >> SST_STEP_BITS);
	}
}

static void steps_are_found(void **state)
{
	static const double steps[] = {10.0185, 40, 16, 18.5185, 8.2051, 52.0833, 41.6667, 5};
	uint64_t times[400];

	(void)state;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		uint32_t step = (uint32_t)(steps[i] * 65536);
		struct gen g = gen_new(i);
		struct sst_step found;

		make_times(&g, times, 400, step);
		found = sst_step_find(times, 400);
		assert_in_range(found.step, step - step / 2000, step + step / 2000);
		assert_true(sst_step_fits(&found, times, 400));
	}
}

static void no_step_is_found_where_there_is_none(void **state)
{
	struct gen g = gen_new(3);
	uint64_t times[400];

	(void)state;
	for (size_t i = 0; i < 400; i++)
		times[i] = 100 + gen_below(&g, 900);
	assert_int_equal(sst_step_find(times, 400).step, 0);
	make_times(&g, times, 400, 65536 * 2 / 5); /* 2.5 GHz */
	assert_int_equal(sst_step_find(times, 400).step, 0);
	assert_int_equal(sst_step_find(times, 0).step, 0);
}

static void codes_are_times(void **state)
{
	(void)state;
	for (uint32_t step = 4 << 16; step <= 64 << 16; step += 77777) {
		struct sst_step s = sst_step_make(step);
		size_t coded = 0;

		for (uint64_t time = 0; time < SST_STEP_LIMIT; time++) {
			uint64_t code;

			if (!sst_step_code(&s, time, &code))
				continue;
			coded++;
			assert_true(code < SST_STEP_LIMIT && sst_step_time(code, step) == time);
		}
		assert_true(coded >= 2 * (((uint64_t)SST_STEP_LIMIT << SST_STEP_BITS) / step) - 2 * 64);
	}
}

static void the_recorder_tells_of_itself(void **state)
{
	static const struct sst_health all[] = {{1, 2, 3, 4, 5}, {0}, {~0ull, ~0ull, ~0ull, ~0ull, ~0ull}};
	struct sst_header h, back;
	uint8_t p[SST_HEADER_WRITE_MAX];
	struct gen g = gen_new(7);
	struct sst_rows *rows = sst_rows_new();
	struct sst_health got;
	struct sst_clock clock;

	(void)state;
	gen_realistic(&g, rows, 400, 90);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		h = (struct sst_header){.type = 2, .version = SST_FORMAT_VERSION};
		sst_summary_add(&h, rows);
		assert_false(sst_summary_health(&h, &got));
		sst_summary_add_health(&h, &all[i]);
		sst_header_put(&h, p);
		assert_int_equal(sst_header_get(&back, p, h.length), 0);
		assert_true(sst_summary_health(&back, &got));
		assert_memory_equal(&got, &all[i], sizeof(got));
		check_rows(&back, rows);
		assert_int_equal(sst_summary_clock(&back, &clock), rows->n_clocks > 0);
	}
	sst_rows_free(rows);
}

/* Fewer numbers, more of them, and one that is none. */
static void what_else_a_recorder_may_tell(void **state)
{
	struct sst_header h = {.n_extensions = 1, .extensions = {{.id = SST_EXT_HEALTH, .len = 2}}, .extra = {7, 8}};
	struct sst_health got;

	(void)state;
	assert_true(sst_summary_health(&h, &got));
	assert_true(got.cpu_ns == 7 && got.run_ns == 8 && got.written == 0 && got.ring_used == 0);
	h.extensions[0].len = 20;
	assert_true(sst_summary_health(&h, &got));
	assert_int_equal(got.run_ns, 8);
	memset(h.extra, 0xff, 20);
	assert_false(sst_summary_health(&h, &got));
	assert_int_equal(got.cpu_ns, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_hidden),
		cmocka_unit_test(what_is_not_there),
		cmocka_unit_test(many_threads),
		cmocka_unit_test(contradictions_are_ignored),
		cmocka_unit_test(steps_are_found),
		cmocka_unit_test(no_step_is_found_where_there_is_none),
		cmocka_unit_test(codes_are_times),
		cmocka_unit_test(the_recorder_tells_of_itself),
		cmocka_unit_test(what_else_a_recorder_may_tell),
	};

	return cmocka_run_group_tests_name("summary", tests, NULL, NULL);
}
