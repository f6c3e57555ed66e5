/*
 * walk.h - from frame to frame through an input, or a tape of several, keeping track of the recording it is in.
 *
 *	struct walk *walk = walk_new(&input, &report);		or walk_tape(&tape)
 *	while ((frame = walk_next(walk)) != NULL)
 *		if (frame->type == SST_FRAME_ROWS && walk_rows(walk, columns))
 *			... walk->rows, walk->recording
 *	walk_free(walk);
 *
 * Damage is reported as it is met and stepped over; what comes out is good. An input that cannot be read on ends there
 * and the next one of the tape follows.
 */
#ifndef SYSDECODE_WALK_H
#define SYSDECODE_WALK_H

#include "input.h"
#include "report.h"
#include "row.h"
#include "tape.h"

/* Frames that are a copy of what has been read before. */
struct copy {
	uint64_t begin, end; /* bytes; none if they are equal */
	uint64_t last;       /* number of the last frame */
};

struct walk {
	struct report *report; /* of the section, or the only one */
	struct tape tape;
	struct section whole;        /* of walk_new() */
	size_t section;              /* of the tape, that the reader is in */
	struct report *redirect;     /* NULL, or where all reports go instead of to those of the sections */
	bool inside;                 /* a recording of the section */
	bool any;                    /* a recording has begun in the section */
	bool broken;                 /* the section cannot be read on, and the report says why */
	struct copy copy;            /* that is being stepped over */
	struct sst_index index;      /* of the input that walk_skip_to() was last asked about */
	const struct input *indexed; /* that one */
	struct sst_reader *reader;
	struct position position;
	struct sst_frame frame;
	struct recording recording; /* that frame is in */
	struct sst_rows *rows;      /* filled by walk_rows() */
	uint64_t recordings;        /* begun so far */
	uint64_t last_number;       /* of the last frame */
	uint64_t cut_offset;        /* where the reader found an unfinished frame */
	bool cut;
	bool failed;                  /* nothing more can be read, and the report says why */
	void (*leave)(void *context); /* NULL, or called when a recording has come to its end, before it is forgotten */
	void (*settle)(void *context); /* NULL, or called before something is reported */
	void *context;
};

/* walk_new() - NULL without memory, which is reported. */
struct walk *walk_new(const struct input *input, struct report *report);
/* walk_tape() - over all sections, which must outlive the walk. report: for all, or NULL for those of the sections. */
struct walk *walk_tape(const struct tape *tape, struct report *report);
void walk_free(struct walk *walk);

/*
 * walk_next() - the next frame that belongs to a recording; META and END have been read into walk->recording. When
 * walk->recordings has grown, a new recording begins with it.
 * Returns NULL at the end, or when nothing more can be read.
 */
const struct sst_frame *walk_next(struct walk *walk);

/* walk_here() - the place of the current frame. */
struct spot walk_here(const struct walk *walk);

/*
 * walk_rows() - load and decode the current frame, ROWS or LATE, into walk->rows and look at its clocks. Returns false
 * if it is damaged (reported) or memory is out (walk->failed).
 */
bool walk_rows(struct walk *walk, unsigned columns);

/* walk_intern() - the containers of these rows get the numbers of containers.h. */
void walk_intern(struct walk *walk);

/* walk_check() - check the payload of the current frame, whatever its type. Returns as walk_rows(). */
bool walk_check(struct walk *walk);

/* walk_damaged() - report what loading or decoding a frame has said. Returns true when the walk can go on. */
bool walk_damaged(struct walk *walk, const struct sst_frame *frame, int error);

/*
 * walk_skip_to() - from the first frame of a recording step over what has nothing from floor (boot time) on, by the
 * index of the whole input. Without one, or if it is wrong, nothing is skipped.
 */
void walk_skip_to(struct walk *walk, uint64_t floor);

/*
 * walk_return() - go back to a frame that the walk has met before; walk_again() is the next frame from there on, up to
 * that at offset last of the section, or NULL. walk_rows() may be called for them; nothing else is looked at or said,
 * and walk->recording stays as it is.
 */
bool walk_return(struct walk *walk, const struct spot *spot);
const struct sst_frame *walk_again(struct walk *walk, uint64_t last);

/* walk_park() - give back the memory of rows. The walk stays where it is. */
void walk_park(struct walk *walk);

/* walk_seek() - go on at spot, the beginning of a recording, as if nothing had been read yet. False: it cannot. */
bool walk_seek(struct walk *walk, const struct spot *spot);

#endif
