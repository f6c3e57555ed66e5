/*
 * stream.h - the rows of a tape, in the order of the table, through a filter to a view.
 *
 * From files each call comes once, at its entry; parts of a session on the tape, one behind the other, are one
 * recording. From a pipe rows come as frames arrive: an open row first, the complete one when its LATE frame comes.
 */
#ifndef SYSDECODE_STREAM_H
#define SYSDECODE_STREAM_H

#include "filter.h"
#include "view.h"
#include "walk.h"

struct stream_config {
	const struct filter *filter;
	struct view *view;              /* its output is where everything goes */
	const struct view_maker *maker; /* for more of the same kind */
	unsigned threads;               /* at most */
	size_t memory;                  /* bytes that the views take besides */
	/* NULL, or called with each frame, before anything behind it is read; false: stop. */
	bool (*passed)(void *context, const struct walk *walk);
	void *context;
};

/*
 * stream_run() - decode a tape of files, or of one pipe alone. What is wrong with a section goes to its report, with
 * the number of rows printed; ends early when writing has failed (config->view->out->error).
 */
void stream_run(const struct tape *tape, const struct stream_config *config);

#endif
