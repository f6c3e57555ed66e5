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

/*
 * stream_run() - decode input to view. What is wrong with the input goes to the report; ends early when the view's
 * output has failed (view->out->error). Returns the number of rows given to the view.
 */
uint64_t stream_run(const struct input *input, struct filter *filter, struct view *view, struct report *report);

#endif
