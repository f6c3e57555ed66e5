/* test_capture.c - what is captured of which call, and what becomes of it until it is a row */
#include "tracer/capture.h"
#include "tracer/session.h"
#include "tracer/texts.h"

#include "format/syscalls.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct ring_plan *plan_of(const struct capture_plans *plans, const char *name)
{
	uint32_t nr = 0;

	assert_int_equal(sst_syscall_find(session_abi(RING_NATIVE), name, &nr), 0);
	return &plans->plan[plans->of[RING_NATIVE][nr]];
}

static struct capture_plans *plans_for(uint32_t text, uint32_t data)
{
	struct capture_limits limits = {.text = text, .data = data};
	struct capture_plans *plans = capture_plan(&limits);

	assert_non_null(plans);
	return plans;
}

static void test_plans(void **state)
{
	struct capture_plans *plans = plans_for(4096, 0);
	const struct ring_plan *plan = plan_of(plans, "openat");

	(void)state;
	assert_true(plans->n > 50 && plans->n < RING_PLANS); /* none had to be left out */
	assert_int_equal(plan->at_entry, 1);
	assert_int_equal(plan->at_exit, 0);
	assert_int_equal(plan->capture[0].arg, 1);
	assert_int_equal(plan->capture[0].how, RING_HOW_STRING);
	plan = plan_of(plans, "renameat2");
	assert_int_equal(plan->at_entry, 3);
	assert_int_equal(plan->capture[1].arg, 3);
	plan = plan_of(plans, "pipe2");
	assert_int_equal(plan->at_exit, 1);
	assert_int_equal(plan->capture[0].size, 8);
	plan = plan_of(plans, "execve");
	assert_int_equal(plan->capture[0].when, RING_AT_ENTRY | RING_IF_FAILED);
	assert_int_equal(plan->capture[1].when, RING_AT_ENTRY | RING_IF_FAILED);
	assert_int_equal(plan->capture[2].how, RING_HOW_NUMBER);
	plan = plan_of(plans, "capset");
	assert_int_equal(plan->at_entry, 3);
	assert_int_equal(plan->capture[1].size, 24);
	plan = plan_of(plans, "capget");
	assert_int_equal(plan->at_entry, 1);
	assert_int_equal(plan->at_exit, 2);
	plan = plan_of(plans, "seccomp");
	assert_int_equal(plan->capture[0].arg, 2);
	assert_int_equal(plan->capture[0].only_of, 0);
	assert_int_equal(plan->capture[0].only, 6);
	assert_int_equal(plan->capture[0].only_at_exit, 8);
	plan = plan_of(plans, "clock_nanosleep");
	assert_int_equal(plan->capture[1].arg, 3);
	assert_int_equal(plan->capture[1].when, RING_AT_EXIT | RING_IF_FAILED);
	assert_int_equal(plan->capture[1].only_of, 1);
	assert_int_equal(plan->capture[1].only_at_exit, 1); /* not with TIMER_ABSTIME */
	plan = plan_of(plans, "nanosleep");
	assert_int_equal(plan->capture[1].when, RING_AT_EXIT | RING_IF_FAILED);
	assert_int_equal(plan->capture[1].only | plan->capture[1].only_at_exit, 0);
	plan = plan_of(plans, "rt_sigreturn");
	assert_int_equal(plan->at_entry, 1);
	assert_int_equal(plan->at_exit, 0);
	assert_int_equal(plan->capture[0].arg, SST_CAPTURE_STACK);
	assert_int_equal(plan->capture[0].how, RING_HOW_STACK);
	assert_int_equal(plan->capture[0].size, 8);
	assert_int_equal(plan_of(plans, "getppid")->at_entry, 0);
	free(plans);
}

/* Which string the programs may read without a look at the plan. */
static void test_first_string(void **state)
{
	struct capture_plans *plans = plans_for(4096, 0);
	struct ring_plan plan = *plan_of(plans, "openat");

	(void)state;
	assert_int_equal(capture_first_string(&plan), 2 | RING_ALONE);
	plan.capture[0].only = 1; /* only with some values of an argument */
	assert_int_equal(capture_first_string(&plan), 0);
	assert_int_equal(capture_first_string(plan_of(plans, "renameat2")), 2);
	assert_int_equal(capture_first_string(plan_of(plans, "execve")), 1);
	assert_int_equal(capture_first_string(plan_of(plans, "connect")), 0);
	assert_int_equal(capture_first_string(plan_of(plans, "getppid")), 0);
	assert_int_equal(capture_first_string(&plans->plan[0]), 0);
	free(plans);
}

/* What pointers in structures lead to; of another process's buffers nothing. */
static void test_behind(void **state)
{
	struct capture_plans *plans = plans_for(4096, 0), *data = plans_for(4096, 100);
	const struct ring_plan *plan = plan_of(plans, "sendmsg");
	const struct ring_capture *c = plan->capture;

	(void)state;
	assert_int_equal(plan->at_entry, 15); /* the message, its name, vector and control data */
	assert_int_equal(plan->at_exit, 0);
	assert_int_equal(c[1].how, RING_HOW_BEHIND);
	assert_int_equal(c[1].by, RING_BY_ONE);
	assert_int_equal(c[1].pointer.at, 0);
	assert_int_equal(c[1].pointer.count_at, 8);
	assert_int_equal(c[1].pointer.count_width, 4);
	assert_int_equal(c[2].pointer.at, 16);
	assert_int_equal(c[2].pointer.unit, 16);
	assert_int_equal(c[3].pointer.at, 32);
	c = plan_of(data, "sendmsg")->capture;
	assert_int_equal(c[3].pointer.follow, RING_FOLLOW_PARTS);
	assert_int_equal(c[3].most, 100);
	plan = plan_of(data, "recvmsg");
	assert_int_equal(plan->at_entry, 1);
	assert_int_equal(plan->at_exit, 31);
	assert_int_equal(plan->capture[3].pointer.follow, RING_FOLLOW_PARTS | RING_FOLLOW_RESULT);
	c = plan_of(data, "recvmmsg")->capture;
	assert_int_equal(c[3].by, RING_BY_RESULT);
	assert_int_equal(c[3].size, 64);
	assert_int_equal(c[3].pointer.follow, RING_FOLLOW_PARTS | RING_FOLLOW_SAID);
	assert_int_equal(c[5].arg, 4); /* its timeout as well */
	assert_int_equal(plan_of(plans, "readv")->at_exit, 0);
	plan = plan_of(data, "readv");
	assert_int_equal(plan->at_exit, 2);
	assert_int_equal(plan->capture[1].pointer.follow, RING_FOLLOW_PARTS | RING_FOLLOW_ITSELF | RING_FOLLOW_RESULT);
	assert_int_equal(plan_of(data, "writev")->at_entry, 3);
	plan = plan_of(data, "process_vm_readv");
	assert_int_equal(plan->at_exit, 2);
	assert_int_equal(plan->capture[2].arg, 3);
	assert_int_equal(plan->capture[2].how, RING_HOW_ARG);
	assert_int_equal(plan->capture[3].how, 0);
	free(plans);
	free(data);
}

static void test_limits(void **state)
{
	struct capture_plans *none = plans_for(0, 0), *text = plans_for(4096, 0), *data = plans_for(4096, 10);

	(void)state;
	assert_int_equal(none->n, 1);
	assert_int_equal(plan_of(text, "read")->at_exit, 0);
	assert_int_equal(plan_of(text, "write")->at_entry, 0);
	assert_int_equal(plan_of(data, "read")->capture[0].most, 10);
	assert_int_equal(plan_of(data, "write")->at_entry, 1);
	free(none);
	free(text);
	free(data);
}

static void keep(struct texts *texts, unsigned what, unsigned flags, uint64_t seq, const char *bytes)
{
	_Alignas(8) unsigned char record[256] = {0};
	struct ring_text *text = (void *)record;

	text->kind = RING_TEXT;
	text->what = (unsigned char)what;
	text->flags = (unsigned char)flags;
	text->len = (unsigned short)strlen(bytes);
	text->seq = seq;
	memcpy(text + 1, bytes, strlen(bytes));
	assert_int_equal(texts_keep(texts, record), 0);
}

static const struct texts_call plain = {.seq = 7, .argv = -1, .path = -1};

static void expect(const struct sst_rows *rows, size_t i, unsigned arg, unsigned flags, const char *text)
{
	const struct sst_capture *c = &rows->captures[i];

	assert_true(i < rows->n_captures);
	assert_int_equal(c->arg, arg);
	assert_int_equal(c->flags, flags);
	assert_int_equal(c->len, strlen(text));
	assert_memory_equal(rows->text + c->offset, text, strlen(text));
}

/* What could not be read gives way to what was read later; what belongs to a call before is gone. */
static void test_replaced(void **state)
{
	struct texts texts = {0};
	struct sst_rows *rows = sst_rows_new();

	(void)state;
	keep(&texts, 1 | RING_STRING << 4, 0, 6, "of the call before");
	keep(&texts, 1 | RING_STRING << 4, RING_UNREADABLE, 7, "");
	keep(&texts, 3 | RING_STRING << 4, 0, 7, "there");
	keep(&texts, 1 | RING_STRING << 4, RING_LATE, 7, "later");
	assert_int_equal(texts_call(&texts, rows, 0, &plain), 0);
	assert_int_equal(rows->n_captures, 2);
	expect(rows, 0, 3, 0, "there");
	expect(rows, 1, 1, RING_LATE, "later");
	/* What pointers lead to is told apart by where they stand. */
	texts_drop(&texts);
	sst_rows_clear(rows);
	keep(&texts, 1 | RING_BEHIND << 4, 0, 7, "\x10\x01\x01\x01there");
	keep(&texts, 1 | RING_BEHIND << 4, RING_UNREADABLE, 7, "\x20\x01\x01\x01");
	keep(&texts, 1 | RING_BEHIND << 4, RING_LATE, 7, "\x20\x01\x01\x01later");
	assert_int_equal(texts_call(&texts, rows, 0, &plain), 0);
	assert_int_equal(rows->n_captures, 2);
	expect(rows, 0, 1, 0, "\x10\x01\x01\x01there");
	expect(rows, 1, 1, RING_LATE, "\x20\x01\x01\x01later");
	/* In and out are two. */
	texts_drop(&texts);
	sst_rows_clear(rows);
	keep(&texts, 0 | RING_MEMORY << 4, 0, 7, "in");
	keep(&texts, 0 | RING_MEMORY << 4, RING_LATE, 7, "out");
	assert_int_equal(texts_call(&texts, rows, 0, &plain), 0);
	assert_int_equal(rows->n_captures, 2);
	/* They are of another call. */
	sst_rows_clear(rows);
	assert_int_equal(texts_call(&texts, rows, 0, &(struct texts_call){.seq = 8, .argv = -1, .path = -1}), 0);
	assert_int_equal(rows->n_captures, 0);
	texts_free(&texts);
	sst_rows_free(rows);
}

static void test_exec(void **state)
{
	struct texts texts = {0};
	struct sst_rows *rows = sst_rows_new();
	struct sst_event event = {.kind = SST_EVENT_EXEC};
	struct texts_call call = {.seq = 7, .argv = 1, .path = 0};

	(void)state;
	keep(&texts, 0 | RING_STRING << 4, RING_UNREADABLE, 7, "");
	keep(&texts, RING_OF_EVENT | RING_STRING << 4, 0, 7, "/bin/ls");
	keep(&texts, RING_OF_EVENT | 1 | RING_STRINGS << 4, RING_CUT, 7, "ls");
	assert_int_equal(sst_rows_event(rows, &event), 0);
	assert_int_equal(texts_event(&texts, rows), 0);
	assert_int_equal(texts_comm(&texts, rows, "ls"), 0);
	assert_int_equal(rows->n_captures, 3);
	assert_int_equal(rows->captures[0].row, SST_CAPTURE_EVENT);
	expect(rows, 0, SST_CAPTURE_FILE, 0, "/bin/ls");
	expect(rows, 1, SST_CAPTURE_ARGV, RING_CUT, "ls");
	expect(rows, 2, SST_CAPTURE_COMM, 0, "ls");
	/* And the call's row has what could not be read when it began: the memory that it was in is gone. */
	sst_rows_clear(rows);
	assert_int_equal(texts_call(&texts, rows, 0, &call), 0);
	assert_int_equal(rows->n_captures, 2);
	expect(rows, 0, 0, RING_LATE, "/bin/ls");
	expect(rows, 1, 1, RING_LATE | RING_CUT, "ls");
	/* What could be read is as it was passed: for a script it is not what the program has got. */
	texts_drop(&texts);
	sst_rows_clear(rows);
	keep(&texts, 0 | RING_STRING << 4, 0, 7, "script");
	keep(&texts, 1 | RING_STRINGS << 4, 0, 7, "script");
	keep(&texts, RING_OF_EVENT | RING_STRING << 4, 0, 7, "script");
	keep(&texts, RING_OF_EVENT | 1 | RING_STRINGS << 4, 0, 7, "sh");
	assert_int_equal(texts_call(&texts, rows, 0, &call), 0);
	assert_int_equal(rows->n_captures, 2);
	expect(rows, 0, 0, 0, "script");
	expect(rows, 1, 1, 0, "script");
	texts_free(&texts);
	sst_rows_free(rows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plans),  cmocka_unit_test(test_first_string), cmocka_unit_test(test_behind),
		cmocka_unit_test(test_limits), cmocka_unit_test(test_replaced),     cmocka_unit_test(test_exec),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
