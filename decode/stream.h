/*
 * stream.h - the rows of an input, in the order of the table, through a filter to a view.
 *
 * From a file each call comes once, at its entry. From a pipe rows come as frames arrive: an open row first, the
 * complete one when its LATE frame comes.
 */
#ifndef SYSDECODE_STREAM_H
#define SYSDECODE_STREAM_H

#include "filter.h"
#include "input.h"
#include "report.h"
#include "view.h"

struct stream_config {
	const struct filter *filter;
	struct view *view;              /* its output is where everything goes */
	const struct view_maker *maker; /* for more of the same kind */
	unsigned threads;               /* at most */
};

/*
 * stream_run() - decode input. What is wrong with it goes to the report; ends early when writing has failed
 * (config->view->out->error). Returns the number of rows printed.
 */
uint64_t stream_run(const struct input *input, const struct stream_config *config, struct report *report);

#endif
