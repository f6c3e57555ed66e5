/*
 * mark.h - which of the processes that exist are recorded: marks them, and notes the calls they are inside of
 *
 *	struct mark mark = {.session = &session, .found = &recorder.found, .targets = &targets, .tasks = tasks, ...};
 *	mark_pids(&mark);	those that were named
 *	mark_tree(&mark, depth);	and their descendants
 *	mark_chosen(&mark);	those with the names and users that were asked for
 *	mark_containers(&mark, false);	those in containers
 *
 * The programs are attached by then and pass the marks on: a process that is missed in one look is the child of one
 * that was not marked yet, or has got its name meanwhile, and the next look finds it. So each looks until nothing is
 * new.
 */
#ifndef TRACER_MARK_H
#define TRACER_MARK_H

#include "containers.h"
#include "found.h"
#include "session.h"
#include "targets.h"
#include "tasks.h"

struct mark {
	struct session *session;
	struct found *found;
	struct targets *targets;
	struct tasks *tasks; /* for mark_tree() and mark_chosen() */
	const struct session_targets *chosen;
	struct containers *containers;
	uint32_t self, view; /* tgids that are never marked here: the recorder's and its view's, or 0 */
};

/* All return 0, -ENOMEM, or -errno of tasks_scan() with a sentence in error. */
int mark_pids(const struct mark *mark, struct message *error);
int mark_tree(const struct mark *mark, int depth, struct message *error);
int mark_chosen(const struct mark *mark, struct message *error);

/* mark_containers() - those in containers that are wanted. begun: the recording is under way, and only marks are made.
 */
int mark_containers(const struct mark *mark, bool begun, struct message *error);

#endif
