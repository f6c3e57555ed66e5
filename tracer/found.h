/*
 * found.h - what the processes that exist when the recording begins are doing: the calls that their threads are inside
 * of, and what they have open.
 *
 *	struct found found = {.drain = drain, .calls = true, .files = true, ...};
 *	...a process is marked...
 *	found_process(&found, pid);
 *	...found.open[0 … n_open) are calls under way, found.snapshot.frames rows of opens...
 *	found_free(&found);
 *
 * After the mark, so that nothing happens between what is found and what is recorded; with the privilege to read
 * /proc/PID/task/TID/syscall. Where that is missing, those calls come when they return.
 */
#ifndef TRACER_FOUND_H
#define TRACER_FOUND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "containers.h"
#include "drain.h"
#include "framer.h"
#include "select.h"
#include "snapshot.h"
#include "tasks.h"

struct found {
	/* Set by the caller. */
	const struct drain *drain;         /* of which threads the programs have heard already; for calls */
	const struct selection *selection; /* NULL: every call */
	const struct tasks *tasks; /* in a PID namespace of our own: what its numbers are in the initial one; or NULL */
	struct containers *containers; /* what they are called; NULL: that is not told */
	bool calls, files;             /* which of the two is looked for */

	/* What was found. */
	struct framer_open *open;
	size_t n_open, cap_open;
	struct snapshot snapshot;
};

/* found_process() - look at this process, of our own PID namespace. 0 or -ENOMEM; one that has gone is no error. */
int found_process(struct found *found, pid_t pid);

/* found_new() - the same for a process that begins only now: it is inside no call. kernel_pid: in the initial one. */
int found_new(struct found *found, pid_t pid, uint32_t kernel_pid);

/* found_all() - the same for every process of the machine but these. */
int found_all(struct found *found, const pid_t *except, size_t n);

void found_free(struct found *found);

#endif
