/*
 * args_rows.h - rows of one call each, and what column args says of them: for tests.
 *
 *	BEGIN(I386, "nanosleep", 0, 0x10, 0);			its ABI and name, result and registers
 *	MEMORY(0, 0, "\1\0\0\0\2\0\0\0");			what argument 0 points to
 *	expect("{tv_sec=1, tv_nsec=2}, NULL");			also as a cell, and beside rows that came before
 */
#ifndef SYSDECODE_TEST_ARGS_ROWS_H
#define SYSDECODE_TEST_ARGS_ROWS_H

#include <stdbool.h>

#include "decode/args.h"
#include "decode/escape.h"
#include "decode/memo.h"
#include "format/abi.h"
#include "row_text.h"

#define LATE SST_CAPTURE_LATE
#define CUT  SST_CAPTURE_CUT

static char got[ARGS_ROOM + 1];

/* Begin a row: name and ABI of the call, its result. */
static inline void begin(unsigned abi, const char *name, int64_t ret)
{
	begin_row(abi, name);
	row.ret = (uint64_t)ret;
}

static inline void string(unsigned arg, const char *bytes)
{
	captured(arg, SST_FORM_STRING, 0, bytes, strlen(bytes));
}

#define MEMORY(arg, flags, bytes) captured(arg, SST_FORM_MEMORY, flags, bytes, sizeof(bytes) - 1)

/* A cell is what escape_args() makes of the text, or left to it; without strings it is the text. */
static inline void check_cell(struct args *args)
{
	static char plain[ARGS_ROOM + 1], want[ESCAPED_ARGS_MAX(ARGS_ROOM)], cell[ARGS_ROOM + 8];
	size_t len = (size_t)(args_put(args, plain, &row) - plain), want_len = len;
	const char *end = args_put_cell(args, cell, &row);

	if (!end)
		return;
	if (row.n_captures > 0)
		want_len = (size_t)(escape_args(want, plain, len) - want);
	assert_int_equal(end - cell, want_len);
	assert_memory_equal(cell, row.n_captures > 0 ? want : plain, want_len);
}

/* What is found for a row is what another row with this text has left, whatever rows came in between. */
static inline void check_memo(struct args *args)
{
	static char plain[ARGS_ROOM + 1];
	static struct memos *memos;
	size_t len = (size_t)(args_put(args, plain, &row) - plain);
	struct memo *memo;

	if (!memos)
		memos = memos_new();
	assert_non_null(memos);
	memo = memo_find(memos, &row);
	if (memo && memo->text_len > 0) {
		assert_int_equal(memo->text_len, len);
		assert_memory_equal(memo->text, plain, len);
	}
	memo_keep_text(memo, plain, len);
}

static inline void expect(const char *want)
{
	struct args *args = args_new();

	assert_non_null(args);
	for (int again = 0; again < 2; again++) { /* what it keeps of the first changes nothing */
		*args_put(args, got, &row) = 0;
		assert_string_equal(got, want);
		check_cell(args);
		check_memo(args);
	}
	args_free(args);
}

static inline void expect_result(const char *want)
{
	struct args *args = args_new();

	*args_put_result(args, got, &row) = 0;
	assert_string_equal(got, want);
	args_free(args);
}

/* A call of which nothing was captured. */
#define PLAIN(abi, name, ret, want, ...)                                                                               \
	do {                                                                                                           \
		const uint64_t values[6] = {__VA_ARGS__};                                                              \
		begin(abi, name, ret);                                                                                 \
		memcpy(row.arg, values, sizeof(values));                                                               \
		expect(want);                                                                                          \
	} while (0)

#define BEGIN(abi, name, ret, ...)                                                                                     \
	do {                                                                                                           \
		const uint64_t values[6] = {__VA_ARGS__};                                                              \
		begin(abi, name, ret);                                                                                 \
		memcpy(row.arg, values, sizeof(values));                                                               \
	} while (0)

enum {
	X86_64 = SST_ABI_X86_64,
	I386 = SST_ABI_I386,
	S390X = SST_ABI_S390X,
	ARM = SST_ABI_ARM,
	PPC = SST_ABI_PPC,
	PPC64 = SST_ABI_PPC64,
	AARCH64 = SST_ABI_AARCH64,
	X32 = SST_ABI_X32
};

/* --- anything at all */

static inline uint32_t random_number(void)
{
	static uint64_t seed = 12345;

	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (uint32_t)(seed >> 33);
}

static inline uint64_t random_value(void)
{
	switch (random_number() % 4) {
	case 0:
		return random_number() % 64;
	case 1:
		return UINT64_C(1) << random_number() % 64;
	case 2:
		return (uint64_t) - (int64_t)(random_number() % 200);
	default:
		return (uint64_t)random_number() << 32 | random_number();
	}
}

static inline void random_captures(void)
{
	unsigned n = random_number() % CAPTURES;

	for (unsigned i = 0; i < n; i++) {
		uint8_t bytes[400];
		size_t len = random_number() % (random_number() % 2 ? sizeof(bytes) : 40);

		for (size_t k = 0; k < len; k++)
			bytes[k] = (uint8_t)(random_number() % 3 ? random_number() : 0);
		captured(random_number() % 7, random_number() % 5, random_number() % 8, bytes, len);
	}
}

/* A row of this call with anything at all in it. */
static inline void random_row(const struct sst_call *from)
{
	memset(&row, 0, sizeof(row));
	n_text = 0;
	call_init(&call, from);
	row.call = &call;
	row.captures = captures;
	row.text = text;
	row.state = (uint8_t)(random_number() % SST_STATE_COUNT);
	row.ret = random_value();
	for (unsigned i = 0; i < 6; i++)
		row.arg[i] = random_value();
	random_captures();
}

/* Whatever the row is: bounded, and printable. */
static inline void expect_text(struct args *args)
{
	char *end = args_put(args, got, &row);

	assert_in_range(end - got, 0, ARGS_ROOM);
	for (const char *s = got; s < end; s++)
		assert_in_range((unsigned char)*s, ' ', '~');
}

#endif
