/*
 * walk.h - from frame to frame through an input, keeping track of the recording it is in.
 *
 *	struct walk *walk = walk_new(&input, &report);
 *	while ((frame = walk_next(walk)) != NULL)
 *		if (frame->type == SST_FRAME_ROWS && walk_rows(walk, columns))
 *			... walk->rows, walk->recording
 *	walk_free(walk);
 *
 * Damage is reported as it is met and stepped over; what comes out is good.
 */
#ifndef SYSDECODE_WALK_H
#define SYSDECODE_WALK_H

#include "input.h"
#include "report.h"
#include "row.h"

struct walk {
	struct report *report;
	struct sst_reader *reader;
	struct position position;
	struct sst_frame frame;
	struct recording recording; /* that frame is in */
	struct sst_rows *rows;      /* filled by walk_rows() */
	uint64_t recordings;        /* begun so far */
	uint64_t last_number;       /* of the last frame */
	uint64_t cut_offset;        /* where the reader found an unfinished frame */
	bool cut;
	bool failed;                  /* the input cannot be read on, and the report says why */
	void (*leave)(void *context); /* NULL, or called when a recording has come to its end, before it is forgotten */
	void *context;
};

/* walk_new() - NULL without memory, which is reported. */
struct walk *walk_new(const struct input *input, struct report *report);
void walk_free(struct walk *walk);

/*
 * walk_next() - the next frame that belongs to a recording; META and END have been read into walk->recording. When
 * walk->recordings has grown, a new recording begins with it.
 * Returns NULL at the end, or when the input cannot be read on.
 */
const struct sst_frame *walk_next(struct walk *walk);

/*
 * walk_rows() - load and decode the current frame, ROWS or LATE, into walk->rows and look at its clocks. Returns false
 * if it is damaged (reported) or memory is out (walk->failed).
 */
bool walk_rows(struct walk *walk, unsigned columns);

/* walk_park() - give back the memory of rows and of the current frame. The walk stays where it is. */
void walk_park(struct walk *walk);

/* walk_resume() - after walk_park(): load the current frame once more, with these columns. False: it cannot (reported).
 */
bool walk_resume(struct walk *walk, unsigned columns);

/* walk_seek() - go on at offset, the beginning of a recording, as if nothing had been read yet. False: it cannot. */
bool walk_seek(struct walk *walk, uint64_t offset);

#endif
