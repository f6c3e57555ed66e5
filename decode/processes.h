/*
 * processes.h - the view --processes: a line when a process begins, executes a program and ends.
 *
 *	view = processes_new(&config);
 *
 * With a shortest duration lines wait until it is known whether their process lives that long. Memory is bounded: what
 * does not fit is shown.
 */
#ifndef SYSDECODE_PROCESSES_H
#define SYSDECODE_PROCESSES_H

#include "lives.h"
#include "view.h"

enum processes_style { PROCESSES_TEXT, PROCESSES_TSV, PROCESSES_CSV, PROCESSES_JSONL };

struct processes_config {
	uint64_t min_duration; /* ns: processes that live shorter are left out; 0: all are shown */
	enum processes_style style;
	bool header;
};

/* What it takes besides its events. */
#define PROCESSES_MEMORY (LIVES_MEMORY + ((size_t)6 << 20))

/* processes_new() - the config is copied. NULL without memory. Free it with view_free(). */
struct view *processes_new(const struct processes_config *config);

#endif
