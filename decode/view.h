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
	/* A new frame: what row->who and row->call pointed to before is gone. NULL: the view does not mind. */
	void (*frame)(struct view *view);
	void (*row)(struct view *view, const struct row *row);
	/* NULL: gaps do not appear in it. */
	void (*lost)(struct view *view, const struct lost *lost);
};

#endif
