/*
 * texts.h - what a thread's arguments point to, from its records in the ring buffers until its call's row is made.
 *
 *	texts_keep(&thread->texts, record)			a RING_TEXT record; it comes before its call's
 *	texts_call(&thread->texts, rows, row, &call)		the row of the call; an open one may have them as well
 *	texts_event(&thread->texts, rows, event)		the event of an exec
 *	texts_drop(&thread->texts)				the call has its last row, or is lost
 *
 * All zero bytes are an empty one.
 */
#ifndef TRACER_TEXTS_H
#define TRACER_TEXTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../bpf/ring.h"
#include "../format/rows.h"

struct texts {
	unsigned char *data; /* records, one behind the other */
	size_t len, cap;
	uint64_t lost; /* captures that a frame had no room for */
};

struct texts_call {
	uint64_t seq;
	/* The argument of a successful exec that has the argument strings, and the one with its path; −1: it is none.
	 * What the event has is theirs too: the memory they point to is gone. */
	int argv, path;
};

/*
 * texts_keep() - a copy of record. Those of other calls are forgotten, and so is one of the same argument that could
 * not be read. Returns 0 or -ENOMEM.
 */
int texts_keep(struct texts *texts, const unsigned char *record);

/* texts_call() - append to rows what belongs to this row. Returns 0 or -ENOMEM; beyond the limits of a frame they are
 * counted as lost. */
int texts_call(struct texts *texts, struct sst_rows *rows, uint32_t row, const struct texts_call *call);

/* texts_event() - the same for the last event of rows, an exec. */
int texts_event(struct texts *texts, struct sst_rows *rows);

/* texts_comm() - the name of the thread of the last event; none if it is empty. */
int texts_comm(struct texts *texts, struct sst_rows *rows, const char *comm);

void texts_drop(struct texts *texts);
void texts_free(struct texts *texts);

#endif
