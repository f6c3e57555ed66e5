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
	void (*settle)(void *context); /* NULL, or called before something is reported */
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

/* walk_check() - check the payload of the current frame, whatever its type. Returns as walk_rows(). */
bool walk_check(struct walk *walk);

/* walk_damaged() - report what loading or decoding a frame has said. Returns true when the walk can go on. */
bool walk_damaged(struct walk *walk, const struct sst_frame *frame, int error);

/*
 * walk_skip_to() - from the first frame of a recording step over what has nothing from floor (boot time) on, by the
 * index of the whole input. NULL or wrong: nothing is skipped.
 */
void walk_skip_to(struct walk *walk, const struct sst_index *index, uint64_t floor);

/* walk_park() - give back the memory of rows. The walk stays where it is. */
void walk_park(struct walk *walk);

/* walk_seek() - go on at offset, the beginning of a recording, as if nothing had been read yet. False: it cannot. */
bool walk_seek(struct walk *walk, uint64_t offset);

#endif
