/*
 * row_text.h - one row, and what its arguments point to, for tests of what is made of both.
 *
 *	begin_row(SST_ABI_X86_64, "openat");
 *	captured(1, SST_FORM_STRING, 0, "/etc", 4);
 *	... row
 */
#ifndef SYSDECODE_TEST_ROW_TEXT_H
#define SYSDECODE_TEST_ROW_TEXT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "decode/row.h"
#include "format/syscalls.h"

#define CAPTURES 8

static struct call call;
static struct row row;
static struct sst_capture captures[CAPTURES];
static uint8_t text[1 << 16];
static size_t n_text;

/* begin_row() - a row of this call, which the ABI has. All else of it is 0, and nothing was captured. */
static inline void begin_row(unsigned abi, const char *name)
{
	struct sst_call from = {.abi = (uint8_t)abi};

	assert_int_equal(sst_syscall_find(abi, name, &from.nr), 0);
	from.nargs = (uint8_t)sst_syscall_nargs(abi, from.nr);
	memset(&call, 0, sizeof(call));
	call_init(&call, &from);
	row = (struct row){.call = &call, .captures = captures, .text = text};
	n_text = 0;
}

/* captured() - what this argument points to, in the order of the calls. At most CAPTURES a row. */
static inline void captured(unsigned arg, unsigned form, unsigned flags, const void *bytes, size_t len)
{
	assert_true(row.n_captures < CAPTURES && len <= sizeof(text) - n_text);
	captures[row.n_captures++] = (struct sst_capture){.offset = (uint32_t)n_text,
							  .len = (uint32_t)len,
							  .arg = (uint8_t)arg,
							  .form = (uint8_t)form,
							  .flags = (uint8_t)flags};
	memcpy(text + n_text, bytes, len);
	n_text += len;
}

#endif
