/*
 * test_sequence.c - is every call there: rows, gaps and lives of threads
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "decode/sequence.h"
#include "format/abi.h"

static struct sequence *sequence;
static struct sst_rows *rows;

static int setup(void **state)
{
	(void)state;
	sequence = sequence_new();
	rows = sst_rows_new();
	return sequence && rows ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	sequence_free(sequence);
	sst_rows_free(rows);
	return 0;
}

/* Rows of tid from one number to another, one a ns from time on. */
static void run(uint32_t tid, uint64_t time, uint64_t from, uint64_t to)
{
	assert_int_equal(sst_rows_group(rows, tid, tid, "x", 1), 0);
	for (uint64_t seq = from; seq <= to; seq++) {
		long i = sst_rows_add(rows);

		assert_true(i >= 0);
		rows->time[i] = time++;
		rows->seq[i] = seq;
		rows->call[i] = (uint16_t)sst_rows_call(rows, SST_ABI_X86_64, 0, 3);
	}
}

static void gap(uint32_t tid, uint64_t time, uint64_t seq, uint64_t count)
{
	sst_rows_gap(rows, &(struct sst_gap){.time = time, .until = time, .seq = seq, .count = count, .tid = tid});
}

static void event(uint32_t tid, uint64_t time, unsigned kind, uint64_t a, uint64_t b)
{
	sst_rows_event(rows, &(struct sst_event){.time = time, .tid = tid, .kind = (uint8_t)kind, .a = a, .b = b});
}

static void frame(bool late)
{
	assert_int_equal(sequence_frame(sequence, rows, late), 0);
	sst_rows_clear(rows);
}

static void expect(uint64_t threads, uint64_t calls, uint64_t missing, uint64_t twice)
{
	const struct sequence_found *found = sequence_found(sequence);

	sequence_end(sequence);
	assert_int_equal(found->threads, threads);
	assert_int_equal(found->calls, calls);
	assert_int_equal(found->missing, missing);
	assert_int_equal(found->twice, twice);
}

static void complete(void **state)
{
	(void)state;
	run(1, 100, 1, 10);
	run(2, 100, 1, 5);
	frame(false);
	run(1, 200, 11, 20);
	frame(false);
	frame(false);
	expect(2, 25, 0, 0);
}

static void hole(void **state)
{
	(void)state;
	run(1, 100, 1, 10);
	run(1, 200, 14, 20);
	frame(false);
	expect(1, 17, 3, 0);
	assert_int_equal(sequence_found(sequence)->first_missing.from, 11);
	assert_int_equal(sequence_found(sequence)->first_missing.to, 13);
}

static void first_missing(void **state)
{
	(void)state;
	run(1, 100, 3, 10);
	frame(false);
	expect(1, 8, 2, 0);
}

static void gaps(void **state)
{
	(void)state;
	run(1, 100, 1, 10);
	gap(1, 150, 11, 3);
	run(1, 200, 14, 20);
	gap(1, 300, 21, 100); /* nothing behind it yet */
	frame(false);
	run(1, 400, 121, 121);
	frame(false);
	expect(1, 18, 0, 0);
	assert_int_equal(sequence_found(sequence)->lost_by_cause[0], 103);
}

static void gap_in_next_frame(void **state)
{
	(void)state;
	run(1, 100, 1, 10);
	run(1, 200, 14, 20);
	frame(false);
	gap(1, 150, 11, 3);
	frame(false);
	expect(1, 17, 0, 0);
}

static void gap_without_number(void **state)
{
	(void)state;
	run(1, 100, 1, 10);
	run(1, 200, 14, 20);
	run(2, 100, 3, 4);
	gap(1, 150, 0, 2);
	gap(0, 150, 0, 2);
	frame(false);
	expect(2, 19, 1, 0);
}

static void gap_over_rows(void **state)
{
	(void)state;
	run(1, 100, 1, 10);
	gap(1, 105, 5, 2);
	frame(false);
	expect(1, 10, 0, 2);
}

static void twice(void **state)
{
	(void)state;
	run(1, 100, 1, 10);
	frame(false);
	run(1, 100, 10, 12);
	frame(false);
	expect(1, 12, 0, 3);
}

static void late_rows(void **state)
{
	(void)state;
	run(1, 100, 1, 10);
	frame(false);
	run(1, 103, 4, 4);
	frame(true);
	run(1, 200, 11, 12);
	run(1, 220, 14, 14); /* 13 comes late only */
	frame(false);
	run(1, 210, 13, 13);
	frame(true);
	expect(1, 14, 0, 0);
}

static void number_used_again(void **state)
{
	(void)state;
	run(1, 100, 1, 10);
	event(1, 120, SST_EVENT_EXIT, 0, 10);
	event(1, 130, SST_EVENT_START, 0, 0);
	run(1, 140, 1, 3);
	frame(false);
	run(1, 200, 4, 4);
	run(1, 300, 1, 2); /* and again, with no event to tell */
	frame(false);
	run(1, 103, 4, 4);
	frame(true);
	expect(3, 16, 0, 0);
}

static void late_after_exit(void **state)
{
	(void)state;
	run(1, 100, 1, 10);
	event(1, 120, SST_EVENT_EXIT, 0, 10);
	frame(false);
	run(1, 109, 10, 10);
	frame(true);
	expect(1, 10, 0, 0);
}

static void exit_tells_of_more(void **state)
{
	(void)state;
	run(1, 100, 1, 10);
	event(1, 120, SST_EVENT_EXIT, 0, 12);
	frame(false);
	expect(1, 10, 2, 0);
}

static void exec_by_another_thread(void **state)
{
	(void)state;
	run(1, 100, 1, 10);
	run(2, 100, 1, 5);
	frame(false);
	event(1, 190, SST_EVENT_EXIT, 0, 10);
	run(2, 150, 6, 7);
	event(1, 200, SST_EVENT_EXEC, 2, 0);
	run(1, 210, 8, 9); /* thread 2, which is 1 now */
	frame(false);
	run(1, 300, 10, 10);
	frame(false);
	expect(3, 20, 0, 0);
}

static void many_threads(void **state)
{
	(void)state;
	for (uint32_t tid = 1; tid <= 60000; tid++)
		run(tid, 100, 1, 1);
	frame(false);
	for (uint32_t tid = 1; tid <= 60000; tid++)
		run(tid, 200, 2, 2);
	frame(false);
	expect(60000, 120000, 0, 0);
}

static void many_holes(void **state)
{
	(void)state;
	for (uint64_t seq = 2; seq <= 60000; seq += 2)
		run(1, 100 + seq, seq, seq);
	frame(false);
	expect(1, 30000, 30000, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(complete),
		TEST(hole),
		TEST(first_missing),
		TEST(gaps),
		TEST(gap_in_next_frame),
		TEST(gap_without_number),
		TEST(gap_over_rows),
		TEST(twice),
		TEST(late_rows),
		TEST(number_used_again),
		TEST(late_after_exit),
		TEST(exit_tells_of_more),
		TEST(exec_by_another_thread),
		TEST(many_threads),
		TEST(many_holes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
