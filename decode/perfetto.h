/*
 * perfetto.h - the view --format=perfetto: a timeline for ui.perfetto.dev and other readers of Chrome's trace events. A
 * track a thread, a slice a call. docs/perfetto.md says what is in it.
 */
#ifndef SYSDECODE_PERFETTO_H
#define SYSDECODE_PERFETTO_H

#include "lives.h"
#include "view.h"

/* What it takes besides its rows and events. */
#define PERFETTO_MEMORY (LIVES_MEMORY + ((size_t)1 << 20))

/* perfetto_new() - NULL without memory. Free it with view_free(). */
struct view *perfetto_new(void);

#endif
