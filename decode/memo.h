/*
 * memo.h - texts of arguments that a table has made lately, for rows that say the same again.
 *
 *	struct memo *memo = memo_find(memos, &row);
 *	if (memo && memo->text_len > 0)		this is what column args says
 *	...
 *	memo_keep_text(memo, text, len);	otherwise what it says from now on
 *
 * Programs make the same calls over and over: of five workloads 50 to 99 % of the rows have a call, registers and
 * captured bytes that one of the last thousand rows had. What decides the text is compared in full, never by its hash.
 */
#ifndef SYSDECODE_MEMO_H
#define SYSDECODE_MEMO_H

#include "row.h"

#define MEMO_KEY      160 /* bytes captured of a row that can be found again, at most */
#define MEMO_RAW      128 /* steps of 32, in which texts are copied */
#define MEMO_TEXT     192
#define MEMO_CAPTURES 4
#define MEMO_LINE     64 /* bytes; what is compared first is in one line of the cache */

struct memo {
	uint32_t nr;
	uint8_t abi, nargs, outcome, n_captures;
	uint8_t raw_len, text_len; /* 0: not made yet, or too long */
	uint16_t key_len;
	uint64_t arg[SST_ARGS], ret;
	uint64_t captures[MEMO_CAPTURES]; /* argument, form, flags, length */
	uint8_t key[MEMO_KEY];            /* captured bytes */
	char raw[MEMO_RAW];               /* arg0 to arg5 with separators */
	char text[MEMO_TEXT];
} __attribute__((aligned(MEMO_LINE)));

struct memos;

/* memos_new() - none yet; for one thread. NULL without memory. */
struct memos *memos_new(void);
void memos_free(struct memos *memos);

/*
 * memo_find() - the memo of what this row says: an old one, or one whose texts are not made yet. NULL: there is none,
 * as for what has not come lately.
 */
struct memo *memo_find(struct memos *memos, const struct row *row);

/* memo_keep_raw(), memo_keep_text() - what has been made, if it fits. memo may be NULL. */
void memo_keep_raw(struct memo *memo, const char *text, size_t len);
void memo_keep_text(struct memo *memo, const char *text, size_t len);

#endif
