/*
 * select.h - which calls of the targets are recorded: by number in the kernel's entry, by result and time at its exit.
 *
 *	struct selection selection = {0};
 *
 *	err = selection_parse(&selection, "trace=%file,!openat", &error);	-e; the last one counts, as in strace
 *	selection.failed = true;						--failed
 *	selection.slower = 1000000;						--slower=1ms
 *	selection_describe(&selection, text, sizeof(text));	for the file: it never passes as complete
 *
 * All zero bytes select everything.
 */
#ifndef TRACER_SELECT_H
#define TRACER_SELECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../format/abi.h"
#include "message.h"

#define SELECTION_NRS 1024 /* numbers from here on are unknown calls */

struct selection {
	bool by_call;                                          /* calls[] and unknown say which ones */
	bool unknown;                                          /* those that no table knows, too */
	unsigned char calls[SST_ABI_COUNT][SELECTION_NRS / 8]; /* bits */
	bool failed;                                           /* only calls that return an error */
	uint64_t slower;                                       /* only calls that take so many ns */
	const char *text;                                      /* of by_call: points into the expression */
};

/*
 * selection_parse() - expression: [trace=]SET, SET as strace(1) has it: names, numbers, /regex, %class, ?name, between
 * commas; all; none; a leading ! for all others. It must live as long as the selection. Returns 0, or -EINVAL with a
 * sentence, or -ENOMEM.
 */
int selection_parse(struct selection *selection, const char *expression, struct message *error);

/* selection_is_any() - is anything left out? */
bool selection_is_any(const struct selection *selection);

/* selection_has() - by call alone. Numbers from SELECTION_NRS on and ABI 0 are unknown calls. */
bool selection_has(const struct selection *selection, unsigned abi, uint32_t nr);

/* selection_describe() - for people and for the file's filter key; empty: everything. Returns text. */
char *selection_describe(const struct selection *selection, char *text, size_t size);

#endif
