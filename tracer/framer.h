/*
 * framer.h - from batches to frames: the writer thread.
 *
 *	struct framer *framer = framer_new(parts, containers, offset, processes);
 *	framer_begin(framer, open, n, clock);	calls that were going on already, before the thread is started
 *	framer_start(framer);
 *	struct batch *batch = framer_take(framer);
 *	...fill it (drain.h)...
 *	framer_give(framer, batch);		never blocks; framer_take() does, or gives NULL
 *	framer_finish(framer);			everything given is written, the thread has ended
 *
 * A batch holds every call that began up to its cut, complete or pending (docs/design.md, section 2). The framer groups
 * its records by thread and writes them as one frame, or as more when there are too many; calls that began before the
 * cut before go to a late frame. What began after the cut waits for the next batch.
 *
 * When a frame cannot be written, its calls and all those after it are counted, by thread, and framer_finish() tries to
 * write these few bytes: a full disk often has room for them.
 */
#ifndef TRACER_FRAMER_H
#define TRACER_FRAMER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../format/rows.h"
#include "containers.h"
#include "drain.h"
#include "parts.h"

struct framer;

/* A call that was going on when the recorder attached, as /proc tells it. */
struct framer_open {
	uint32_t pid, tid, nr;
	uint8_t abi;
	uint8_t comm_len;
	char comm[SST_COMM_MAX];
	uint64_t arg[SST_ARGS];
	uint32_t ns_pid, ns_tid; /* in its own PID namespace; 0: it is the initial one */
	uint32_t container;      /* containers_of_process() */
};

/* What has been framed so far; may be read while the thread runs. */
struct framer_totals {
	uint64_t events;       /* calls in the file, each once */
	uint64_t calls, bytes; /* made rows of, and all records of batches until then */
	uint64_t lost[SST_CAUSE_COUNT];
};

/*
 * framer_new() - frames go to parts, which stay the caller's; until framer_finish() only its thread writes there.
 * offset: boot time − CLOCK_MONOTONIC, ns, as the first records have it. processes: events are those of processes,
 * whichever thread it was. containers: NULL, or what they are called. NULL without memory.
 */
struct framer *framer_new(struct parts *parts, struct containers *containers, uint64_t offset, bool processes);
void framer_free(struct framer *framer);

/*
 * framer_begin() - the recording begins at start (mono ns), and these calls were going on then; it sorts them. A frame
 * of their own is written at once, if there are any. Returns 0, -errno of the sink, or -ENOMEM.
 */
int framer_begin(struct framer *framer, struct framer_open *open, size_t n, uint64_t start);

/* framer_opens() - behind that: a frame that tells what processes had open then. Returns 0 or -errno of the sink. */
int framer_opens(struct framer *framer, struct sst_rows *rows);

/* framer_start() - start the thread. 0 or -errno. */
int framer_start(struct framer *framer);

/*
 * framer_take() - an empty batch, the caller's; NULL: all are waiting to be written, or those that do have 8 MiB (with
 * wait: wait for one). A batch may have all that the ring buffers hold: three such are not let in at once.
 */
struct batch *framer_take(struct framer *framer, bool wait);
/* framer_give() - to be written after all those given before. */
void framer_give(struct framer *framer, struct batch *batch);

/* framer_error() - 0, or why writing has ended; no call is written after that, but what is lost is counted. */
int framer_error(struct framer *framer);

/* framer_finish() - write what was given, end the thread. Returns framer_error(). */
int framer_finish(struct framer *framer);

/* framer_is_accounted() - after framer_finish(): does the file tell of every call that is not in it? */
bool framer_is_accounted(const struct framer *framer);

void framer_totals(struct framer *framer, struct framer_totals *totals);

#endif
