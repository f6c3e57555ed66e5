/*
 * settle.c - options_settle(): a view of sums needs no rows, so that counting in the kernel will do; what is asked of
 * intervals is asked of whoever makes them; a log needs something to keep
 */
#include <errno.h>

#include "options.h"
#include "view.h"

#define NS_PER_S     INT64_C(1000000000)
#define VIEW_DEFAULT NS_PER_S /* an interval of --view=stats */

static bool is_sums(const struct options *options)
{
	return options->view && (view_is(options->view, "stats") || view_is(options->view, "summary"));
}

/* What a view does not look at need not be recorded for it alone. */
static void select_for_view(struct options *options)
{
	if (options_keeps(options) || options->events || selection_is_any(&options->selection))
		return;
	if (view_is(options->view, "processes"))
		options->events = EVENTS_PROCESS;
	else if (view_is(options->view, "files"))
		options->events = EVENTS_FILE;
}

/* Only the view gets it, and the sums that the kernel makes are all that it shows. */
static bool sums_will_do(const struct options *options)
{
	return is_sums(options) && !options_keeps(options) && !options->lossless && !options->data &&
	       options->events != EVENTS_PROCESS && !view_needs_calls(options->view);
}

/* -n counts intervals of the view, where there is no tally that could. */
static void limit_duration(struct options *options)
{
	int64_t most = INT64_MAX / (int64_t)options->view_interval, all;

	if (!options->intervals || (int64_t)options->intervals > most)
		return;
	all = (int64_t)options->intervals * options->view_interval;
	if (!options->duration || all < options->duration)
		options->duration = all;
}

static void settle_stats(struct options *options)
{
	bool stats = options->view && view_is(options->view, "stats");

	if (!options->counts && sums_will_do(options)) {
		options->counts = true;
		options->tally = options->tally ? options->tally : VIEW_DEFAULT;
	}
	if (!stats)
		return;
	options->view_interval = options->tally ? options->tally : VIEW_DEFAULT;
	if (options->counts)
		return;
	limit_duration(options);
	options->tally = 0;
	options->intervals = 0;
}

/* A tally counts calls: what is about records of them, or about no calls, does not go with it. */
static int check_tally(const struct options *options, struct message *error)
{
	if (!options->counts && (options->tally || options->intervals))
		return message_set(error, -EINVAL, "%s is about the intervals of --tally and --view=stats",
				   options->tally ? "-i" : "-n");
	if (!options->counts)
		return 0;
	if (options->lossless)
		return message_set(error, -EINVAL, "--lossless: a tally needs no ring buffers that could run full");
	if (options->data)
		return message_set(error, -EINVAL, "--data: a tally counts calls, and keeps nothing of what they move");
	if (options->events == EVENTS_PROCESS)
		return message_set(error, -EINVAL,
				   "--events=process records no calls that --tally could count: leave out one");
	if (options->view && !is_sums(options) && !view_is(options->view, "metrics"))
		return message_set(error, -EINVAL,
				   "--view: a tally has sums and no rows: stats, summary and metrics show them");
	return 0;
}

static int check_log(struct options *options, struct message *error)
{
	if (options->log && !options->view)
		return message_set(error, -EINVAL, "--log keeps what a view prints: add --view=stats or another one");
	if (!options->log && (options->log_size_given || options->log_keep))
		return message_set(error, -EINVAL, "%s is about the files of --log",
				   options->log_keep ? "--log-keep" : "--log-size");
	if (!options->log_size_given)
		options->log_size = OPTIONS_LOG_SIZE;
	if (!options->log_keep)
		options->log_keep = OPTIONS_LOG_KEEP;
	return 0;
}

int options_settle(struct options *options, struct message *error)
{
	int err;

	settle_stats(options);
	err = check_tally(options, error);
	if (!err)
		err = check_log(options, error);
	if (!err)
		select_for_view(options);
	return err;
}
