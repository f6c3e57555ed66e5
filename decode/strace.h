/*
 * strace.h - the view --format=strace: text as `strace -f -ttt -T -yy` writes it with -o, for those who read it and for
 * programs that take it in. A line a call, at its beginning and with its result; one that has not returned ends with
 * "<unfinished ...>". "<... resumed>" comes only from a pipe, where a call that was open comes once more.
 */
#ifndef SYSDECODE_STRACE_H
#define SYSDECODE_STRACE_H

#include "lives.h"
#include "view.h"

/* What it takes besides its rows and events. */
#define STRACE_MEMORY (LIVES_MEMORY + ((size_t)1 << 20))

/* strace_new() - NULL without memory. Free it with view_free(). */
struct view *strace_new(void);

#endif
