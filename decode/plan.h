/*
 * plan.h - in which order recordings are read.
 *
 *	plan_make(&plan, &sources, false);
 *	for (size_t i = 0; i < plan.n; i++)
 *		plan.groups[i].n == 1	sessions one behind the other: a tape for stream_run()
 *		otherwise		sessions that overlap in time: a tape for each, for merge_run()
 *	plan_clear(&plan);
 *
 * Parts of a session, in the order of their numbers, make one tape. Sessions come in the order in which they began, by
 * the clock of the wall; those of the same run of the same machine by its boot clock, which nobody sets. Of the copies
 * of a recording one is read, that of which most is good. Pipes come last, as they are named.
 */
#ifndef SYSDECODE_PLAN_H
#define SYSDECODE_PLAN_H

#include "sources.h"
#include "tape.h"

struct group {
	struct tape *tapes;
	size_t n;
	bool stream; /* a pipe */
};

struct plan {
	struct group *groups;
	size_t n;
	struct tape *sessions; /* those that have several parts here */
	size_t n_sessions;
	enum status status; /* of what is missing */
	/* what the above point into */
	struct section *sections;
	struct tape *tapes;
};

/*
 * plan_make() - missing parts are said on standard error, and what is left out as a copy unless quiet. Returns 0 or
 * -ENOMEM.
 */
int plan_make(struct plan *plan, const struct sources *sources, bool quiet);
void plan_clear(struct plan *plan);

#endif
