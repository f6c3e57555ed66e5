/*
 * args.h - what a call was given, as strace writes it between the parentheses: AT_FDCWD, "/etc/passwd", O_RDONLY.
 *
 *	struct args *args = args_new();
 *	end = args_put(args, p, row);			p has room for ARGS_ROOM bytes
 *	args_free(args);
 *
 * It is made of the registers of the row, of what was captured of the memory they point to, and of what the tables know
 * of the call (format/signature.h, symbols.h), all for the ABI that was recorded. The text is printable ASCII without
 * line ends; bytes of strings are escaped as in C, with octal digits. What was not captured is an address.
 */
#ifndef SYSDECODE_ARGS_H
#define SYSDECODE_ARGS_H

#include "row.h"

/* What is longer is cut, which a view sees at "..." as for strings that were captured in part. */
#define ARGS_TEXT 65536
#define ARGS_ROOM (ARGS_TEXT + 16384)

struct args;

/* args_new() - with the texts it keeps for what comes again; for one thread. NULL without memory. */
struct args *args_new(void);
void args_free(struct args *args);

/* args_put() - the arguments. Returns the end of the text; writes no NUL. */
char *args_put(struct args *args, char *p, const struct row *row);

/*
 * args_put_cell() - the same as escape_args() makes of it, for a cell of a table. NULL where that is not so simple,
 * which is rare: then it has to be done in two steps. p has room for ARGS_ROOM bytes, which may have been written to.
 */
char *args_put_cell(struct args *args, char *p, const struct row *row);

/*
 * args_interrupted() - has a signal cut the call short? Results from −ERESTARTSYS to −ERESTART_RESTARTBLOCK are the
 * kernel's own (include/linux/errno.h).
 */
static inline bool args_interrupted(const struct row *row)
{
	int64_t ret = (int64_t)row->ret;

	return sst_state_has_ret(row->state) && ret <= -512 && ret >= -516;
}

/*
 * args_outcome() - what args_put() may look at of how the call has ended: rows in which this, the call, its registers
 * and its captures are the same have the same text. Of a call without captures that is no more than whether it has
 * returned without an error, and 0; of others it is all of the result. Of errors it is whether a signal was the cause.
 */
struct args_outcome {
	uint64_t ret;
	unsigned is;
};

static inline struct args_outcome args_outcome(const struct row *row)
{
	if (!sst_state_has_ret(row->state) || row_error(row))
		return (struct args_outcome){0, (unsigned)args_interrupted(row) << 3};
	return (struct args_outcome){row->n_captures > 0 ? row->ret : 0,
				     1u | (row->ret == 0) << 1 | (row_ret(row) == 0) << 2};
}

/*
 * args_put_result() - what strace writes behind the "= ": the result, and in parentheses what else came out
 * ("0x2 (flags O_RDWR)", "1 ([{fd=3, revents=POLLIN}])", "-1 ENOENT (…)" without the message). "?" where there is none.
 */
char *args_put_result(struct args *args, char *p, const struct row *row);

/*
 * args_put_captured() - which arguments were captured and how: "1:string:13 2:memory:16:late", by argument number, form
 * and length in bytes, with ":cut", ":late" and ":unreadable" where it is so. Nothing for rows without captures.
 */
char *args_put_captured(char *p, const struct row *row);

#endif
