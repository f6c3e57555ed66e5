/*
 * metrics.h - the view --metrics: what calls have cost since the beginning, for a monitoring system that comes and
 * looks.
 *
 *	struct metrics *metrics = metrics_new(&config);
 *	view = metrics_view(metrics);		rows go in, from one thread
 *	...
 *	metrics_write(metrics, now, &page);	the page as it is now, from any thread
 *	metrics_free(metrics);
 *
 * Like --stats it counts a call when it returns. Counters only grow, from one recording to the next. What is told apart
 * (--by) has series of its own, METRICS_MAX at most; the calls of all others are in the series "other".
 *
 * The series of a process or thread that has ended stay for a minute, so that its last calls are seen, or until there
 * is no room for those of another; those of a name (--by=comm), or of a process whose calls the recorder has counted
 * (--tally), go when it has made no call for five minutes. When what was ended goes on, they begin at 0 again.
 */
#ifndef SYSDECODE_METRICS_H
#define SYSDECODE_METRICS_H

#include "page.h"
#include "stats.h"
#include "view.h"

#define METRICS_MAX  1024               /* keys with series of their own */
#define METRICS_PAGE ((size_t)12 << 20) /* bytes of a page at most */

struct metrics_config {
	unsigned by; /* BY_* */
};

struct metrics;

/* What metrics take at most, without pages. */
size_t metrics_memory(void);

/* metrics_new() - the config is copied. NULL without memory. */
struct metrics *metrics_new(const struct metrics_config *config);

/* metrics_view() - its only view; NULL without memory. */
struct view *metrics_view(struct metrics *metrics);

/*
 * metrics_write() - write all series behind what is in the page, in the text format of Prometheus, version 0.0.4.
 * now: ns of any clock that does not go back. Changes only what this has to know to forget what has ended.
 */
void metrics_write(struct metrics *metrics, uint64_t now, struct page *page);

void metrics_free(struct metrics *metrics);

#endif
