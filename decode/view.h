/*
 * view.h - what a format is: it gets rows and gaps in the order of the table and writes what it makes of them to its
 * output.
 */
#ifndef SYSDECODE_VIEW_H
#define SYSDECODE_VIEW_H

#include "out.h"
#include "row.h"

struct view {
	struct out *out;
	unsigned columns;                  /* SST_COL_* that its rows must have */
	const struct recording *recording; /* the rows are from */

	/* A recording begins, perhaps not the first. NULL: the view does not mind. */
	void (*begin)(struct view *view);
	/* Make the text that all rows of a call share, before the first of them. NULL: there is none. */
	void (*call)(const struct view *view, struct call *call);
	/* What rows point to has changed, if serial has. NULL: the view does not mind. */
	void (*frame)(struct view *view, uint64_t serial);
	void (*row)(struct view *view, const struct row *row);
	/* NULL: gaps do not appear in it. */
	void (*lost)(struct view *view, const struct lost *lost);
};

/* How to make a view; the threads that print have one each. */
struct view_maker {
	struct view *(*make)(const void *context); /* NULL without memory; free it with free() */
	const void *context;
};

#endif
