/*
 * recorder.h - the recording itself: ring buffers → batches → frames, until something ends it.
 *
 *	struct recorder recorder = {.session = &session, .parts = &parts, ...};
 *	recorder_begin(&recorder, argc, argv, "redis-server[31996]");
 *					META frame; everything ready; gate still closed
 *	...session_record(), found_process(&recorder.found, pid)...
 *	recorder_start(&recorder);	calls under way, threads; privileges are gone by now
 *	recorder_run(&recorder);	until an end
 *	recorder_end(&recorder);	rest of the ring buffers, END frame
 *	recorder_free(&recorder);
 */
#ifndef TRACER_RECORDER_H
#define TRACER_RECORDER_H

#include <stdbool.h>
#include <stdint.h>

#include "command.h"
#include "drain.h"
#include "found.h"
#include "framer.h"
#include "parts.h"
#include "release.h"
#include "session.h"
#include "status.h"
#include "syncer.h"
#include "tasks.h"

#define REASON_GONE "targets gone" /* all processes that were recorded have ended */

struct recorder {
	/* Set by the caller. */
	struct session *session;
	struct parts *parts;
	const struct selection *selection; /* NULL: every call */
	const struct tasks *tasks; /* in a PID namespace of our own: what its numbers are in the initial one; or NULL */
	const struct release *release; /* NULL: processes are not held back */
	const struct view *view;       /* its end is that of the recording; NULL: there is none, or it is not */
	bool stop_on_loss;
	struct command *command; /* ends the recording together with all = true; else only its exit status counts */
	uint64_t flush;          /* ns from the end of a call to its row in the output, at most */
	uint64_t sync;           /* ns between two syncs; 0: never */
	uint64_t duration;       /* ns; 0: no limit */
	bool all;                /* a session of the whole machine */
	bool processes;          /* a session of the lives of processes */
	bool snapshots;          /* what processes have open at the beginning is kept */
	bool can_skip;           /* session_skipped() may be called */
	uint64_t tally;          /* ns of an interval: a session of a tally, whose calls are counted; 0: recorded */
	uint64_t intervals;      /* and so many of them; 0: no limit */
	struct containers *containers; /* what they are called; NULL: that is not told */
	void (*mark)(void *context);   /* another container is wanted: mark its processes; or NULL */
	void *mark_context;

	/* The recorder's own. */
	struct drain *drain;
	struct framer *framer;
	struct tallier *tallier; /* in their place */
	struct batch *batch;
	struct found found;            /* what processes are doing at the beginning */
	struct sst_clock start, clock; /* at the beginning, at the last look */
	bool has_stepped;              /* the wall clock has been set since the look before that */
	uint64_t last_cut, last_room, offset;
	uint64_t batch_bytes, seen_calls, seen_bytes; /* when a batch is full; see size_batch() */
	uint64_t tally_end;                           /* mono ns: when time or intervals are over; 0: not known */
	uint64_t idle_tick; /* ns between two looks at the ring buffers when nothing happens */
	uint64_t seen_threads, seen_passed, seen_skipped, seen_holds, seen_texts;
	bool is_tight; /* and has been told so: too many threads for lossless ring buffers of this size */
	struct status status;
	const char *reason; /* why it ended: REASON_GONE, or another text for END */
	int error;          /* why it could not go on; 0: it could */
	struct syncer syncer;
};

/* recorder_begin() - once all is set. 0, or -errno: no memory, or the META frame could not be written. */
int recorder_begin(struct recorder *recorder, int argc, char **argv, const char *targets);

/* recorder_start() - 0 or -errno. */
int recorder_start(struct recorder *recorder);

/* recorder_run() - returns when all targets are gone, the time is over, a signal came or writing failed. */
void recorder_run(struct recorder *recorder);

/*
 * recorder_end() - returns 0, or -errno of the output if not everything could be written; what could be is in the file.
 * SIGINT or SIGTERM, when it takes longer than a moment, leave the process at once.
 */
int recorder_end(struct recorder *recorder);

/* recorder_figures() - for the status lines. */
void recorder_figures(struct recorder *recorder, struct figures *figures);

/* recorder_free() - ends what still runs. Nothing to do when it is all zero bytes. */
void recorder_free(struct recorder *recorder);

#endif
