/*
 * view.h - what a format is: it gets rows and gaps in the order of the table and writes what it makes of them to its
 * output.
 */
#ifndef SYSDECODE_VIEW_H
#define SYSDECODE_VIEW_H

#include <stdlib.h>

#include "format/tally.h"
#include "out.h"
#include "row.h"

struct walk;

/* Sums over calls of an interval that have no rows: a line of a tally frame. */
struct tallied {
	const struct sst_group *who; /* the process, as its first thread; no rows */
	struct call *call;           /* abi SST_TALLY_ANY: not known which */
	const struct sst_tally_line *line;
	const struct sst_tally_cell *cells; /* line->n_cells of them */
	uint64_t from, until;               /* boot time, ns */
};

struct view {
	struct out *out;
	unsigned columns;                  /* SST_COL_* that its rows must have */
	unsigned live_columns;             /* and from a pipe, where a call that was open comes twice */
	bool live;                         /* its rows come from a pipe. Set in the first view only */
	bool names;                        /* its rows need to say which files they are about */
	bool ordered;                      /* what it writes depends on what came before: the first view gets all */
	const struct recording *recording; /* the rows are from */

	/* A recording begins, perhaps not the first. NULL: the view does not mind. */
	void (*begin)(struct view *view);
	/* Make the text that all rows of a call share, before the first of them. NULL: there is none. */
	void (*call)(const struct view *view, struct call *call);
	/* What rows point to has changed, if serial has. NULL: the view does not mind. */
	void (*frame)(struct view *view, uint64_t serial);
	void (*row)(struct view *view, const struct row *row); /* NULL: rows do not appear in it */
	/* NULL: sums do not appear in it. Called for the first view only, when all are at rest. */
	void (*tallied)(struct view *view, const struct tallied *tallied);
	/*
	 * A tally frame, after its lines; all: the filter wants every process. Called for the first view only. NULL:
	 * the view does not mind.
	 */
	void (*interval)(struct view *view, const struct sst_tally *tally, bool all);
	/*
	 * All rows of a thread in a frame, but the open ones, which come by row(): faster, where their order does not
	 * matter. calls: of rows->call. NULL: all come by row(), as they do where only some are wanted.
	 */
	void (*group)(struct view *view, const struct sst_rows *rows, const struct sst_group *group,
		      struct call *calls);
	/* NULL: gaps do not appear in it. */
	void (*lost)(struct view *view, const struct lost *lost);
	/*
	 * A thread has begun, executed a program or ended; also where the filter does not want it, because what comes
	 * later may depend on it. NULL: events do not appear in it.
	 */
	void (*event)(struct view *view, const struct thread_event *event);
	/*
	 * All views have been given, or soon will be, the rows of all calls that returned up to here, in ns since times
	 * count: is it time to write? Asked of the first view only. If so due() is called, when all views are at rest.
	 * NULL: it writes as rows come.
	 */
	bool (*is_due)(struct view *view, int64_t until);
	void (*due)(struct view *view, int64_t until);
	/*
	 * A frame has been read, of whatever kind, and with one thread printed. Called in the first view only. NULL:
	 * the view does not mind.
	 */
	void (*passed)(struct view *view, const struct walk *walk);
	/* All has been read. Called in the first view only, with its output. NULL: nothing is left to write. */
	void (*finish)(struct view *view);
	/* NULL: free() does it. */
	void (*release)(struct view *view);
};

static inline void view_free(struct view *view)
{
	if (view && view->release)
		view->release(view);
	else
		free(view);
}

/* How to make a view; the threads that print have one each. */
struct view_maker {
	struct view *(*make)(const void *context); /* NULL without memory; view_free() frees it */
	const void *context;
};

#endif
