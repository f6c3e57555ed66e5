/*
 * stats_open.h - calls that have come open from a pipe, for --stats: each is counted once, as what it has become.
 *
 *	struct open_calls open = {0};
 *	open_calls_note(&open, &call);			its open row, and the complete one once it is there
 *	open_calls_each(&open, count, context);		in the end: those that have not returned
 *	open_calls_clear(&open);
 *
 * Not safe for several threads at once.
 */
#ifndef SYSDECODE_STATS_OPEN_H
#define SYSDECODE_STATS_OPEN_H

#include "tally.h"

#define OPEN_MAX 32768 /* calls that are open at the same time */

/* A call that has come open, or (sign -1) whose complete row was met before the open one. */
struct open_call {
	uint64_t seq;
	uint32_t tid, next;
	int sign;
	struct tally_key key;
	struct tally_name name;
};

struct open_calls {
	uint32_t *heads; /* by thread and sequence number */
	struct open_call *calls;
	uint32_t n, cap, unused; /* unused: the first of those that can be used again */
	uint64_t dropped;        /* open ones that there was no room for */
};

/*
 * open_calls_note() - the open row of a call (sign 1), or the complete one that replaces it (sign -1). The two cancel
 * each other, whichever comes first. The call is copied; its next is of no interest. Beyond OPEN_MAX, or without
 * memory, it is dropped.
 */
void open_calls_note(struct open_calls *open, const struct open_call *call);

/* open_calls_each() - all that have not been cancelled, of either sign, in no order that means anything. */
void open_calls_each(const struct open_calls *open, void (*see)(void *context, const struct open_call *call),
		     void *context);

/* open_calls_clear() - none are left, and no memory is taken; dropped stays. */
void open_calls_clear(struct open_calls *open);

#endif
