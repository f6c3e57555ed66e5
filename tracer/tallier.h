/*
 * tallier.h - sysstream --tally: from the tables that threads count into to a tally frame for each interval.
 *
 *	struct tallier_config config = {.session = &session, .parts = &parts, .interval = 5000000000, ...};
 *	struct tallier *tallier = tallier_new(&config);
 *	tallier_start(tallier, now);
 *	tallier_look(tallier, now);	again after tallier_pause() at the latest
 *	...session_stop()...
 *	tallier_finish(tallier);	all that was counted is written
 *	tallier_free(tallier);
 *
 * At the end of an interval all chunks are taken away from their threads (the slot's chunk is swapped for none, which
 * blocks nobody), and added up once no program is writing there any more. A thread of its own writes. While that one
 * waits for its output, an interval goes on: it gets longer, but nothing is lost.
 */
#ifndef TRACER_TALLIER_H
#define TRACER_TALLIER_H

#include "parts.h"
#include "select.h"
#include "session.h"

struct tallier_config {
	struct session *session;           /* of a tally */
	struct parts *parts;               /* until tallier_finish() only the tallier's thread writes there */
	const struct selection *selection; /* NULL: every call */
	uint64_t interval;                 /* ns */
	bool can_skip;                     /* session_skipped() may be called */
	struct containers *containers;     /* what they are called, or NULL */
};

struct tallier_figures {
	uint64_t calls;     /* counted so far */
	uint64_t intervals; /* that are over */
	uint64_t lost[SST_CAUSE_COUNT];
	/* ns: the longest time from the end of an interval until all chunks had been taken away, and until they had
	 * been added up; and that of writing one. */
	uint64_t longest_take, longest_add, longest_write;
};

struct tallier;

/* tallier_new() - the config is copied. NULL without memory. */
struct tallier *tallier_new(const struct tallier_config *config);
void tallier_free(struct tallier *tallier);

/* tallier_start() - the first interval begins at now (mono, ns), the last one ends with end (0: not known). 0 or
 * -errno. */
int tallier_start(struct tallier *tallier, uint64_t now, uint64_t end);

/* tallier_look() - add up what is there, end intervals. 0 or -ENOMEM. */
int tallier_look(struct tallier *tallier, uint64_t now);

/* tallier_pause() - ns until the next look. */
uint64_t tallier_pause(const struct tallier *tallier, uint64_t now);

/* tallier_error() - 0, or why writing has ended. */
int tallier_error(struct tallier *tallier);

void tallier_figures(struct tallier *tallier, struct tallier_figures *figures);

/* tallier_finish() - after session_stop(): the rest. Waits until it is written. 0 or -errno. */
int tallier_finish(struct tallier *tallier);

#endif
