/*
 * merge_rows.h - what the parts of a merge share: merge.c (from frames to windows), merge_blocks.c (where in the
 * sessions there are rows), merge_window.c (which of them are in the window) and merge_print.c.
 *
 *	merge_make_blocks(merge, i);			each session, once
 *	for each window:
 *		each frame of a block that may have some of it:
 *			if (merge_load_frame(merge, walk, block, loud, columns))
 *				... merge_add(merge, &item, &origin, &index, &captured);
 *		merge_sort(merge);
 *		merge_drop_replaced(merge);
 *		merge_print(merge);
 */
#ifndef SYSDECODE_MERGE_ROWS_H
#define SYSDECODE_MERGE_ROWS_H

#include "late.h"
#include "merge.h"
#include "merge_names.h"
#include "walk.h"

#define BLOCKS       8192  /* more are put together two by two */
#define DAMAGED_MAX  32768 /* frames whose damage has been reported and need not be again */
#define DAMAGED_ROOM 65536
#define CALLS        256       /* whose text is kept */
#define ITEM_OPEN    UINT8_MAX /* as event: it is something that was open when the recording began */

/* Where an item comes from: what the rows of a thread in a frame share. */
struct origin {
	struct sst_group who;
	struct sst_clock clock;
	bool has_clock;
	uint32_t tape;
	uint32_t parent; /* of an event: see struct thread_event */
	struct report *report;
};

/* A row or gap; at is its time in the table. who counts in merge->origins. */
struct item {
	int64_t at;
	uint32_t tape;
	bool hidden; /* a row that is not wanted, but names depend on it */
	bool listed; /* it is printed, … */
	bool named;  /* … with the names that naming has */
	struct late_item what;
};

/* Some frames of a section, one behind the other, and boot time of the rows and gaps in them. */
struct block {
	uint32_t tape, section;
	uint64_t offset;
	uint64_t first, last;   /* first > last: there is nothing */
	struct sst_clock clock; /* the last reading before */
	bool has_clock;
};

struct session_tape {
	struct tape tape;
	uint64_t zero;        /* boot time from which times count */
	uint64_t known_until; /* see struct recording; at its end */
};

/* A frame that is not to be loaded again. */
struct damaged {
	bool used;
	uint32_t tape, section;
	uint64_t offset;
};

struct merge {
	const struct stream_config *config;
	struct filter plain; /* without what an open row and the one that replaces it may differ in */
	unsigned columns;
	struct session_tape *tapes;
	size_t n_tapes;
	struct block *blocks; /* of all tapes, in their order */
	size_t n_blocks, cap_blocks;
	size_t per_block, in_block; /* frames: at most, and in the last one so far */
	struct item *items;         /* the window */
	size_t n;
	uint32_t *index;         /* of items */
	struct late_texts texts; /* that items refer to */
	struct origin *origins;
	size_t n_origins;
	bool has_last, more, failed;
	bool has_sums;           /* frames of sums, which are not merged */
	struct item last;        /* of the windows before */
	struct item bound;       /* the last one of this window, if there are more */
	struct damaged *damaged; /* [DAMAGED_ROOM], by their hash; NULL: none yet */
	size_t n_damaged;
	struct merge_names *names;    /* NULL: the view does not ask for them */
	bool needed[SST_CALLS_MAX];   /* calls of the frame: names depend on them */
	const struct origin *entered; /* NULL, or what these are about: */
	struct recording recording;
	struct span span;
	struct call calls[CALLS];
	uint64_t serial;
};

/* merge_has_rows(), merge_has_events(), merge_has_opens() - may there be some in the frame that are of interest, as its
 * header says? What was open when a recording began is, for names. */
static inline bool merge_has_rows(const struct sst_frame *frame)
{
	return frame->type == SST_FRAME_ROWS || frame->type == SST_FRAME_LATE;
}

static inline bool merge_has_events(const struct merge *merge, const struct sst_frame *frame)
{
	return (merge->config->view->event || merge->names) && sst_frame_may_have_events(frame);
}

static inline bool merge_has_opens(const struct merge *merge, const struct sst_frame *frame)
{
	return merge->names && sst_frame_may_have_text(frame);
}

static inline bool merge_same_section(const struct block *a, const struct block *b)
{
	return a->tape == b->tape && a->section == b->section;
}

/*
 * merge_make_blocks() - walk over all of a session and note where rows and gaps are, and of what time. Damage is
 * reported, but not of what is inside of frames that need not be decoded for that. Sets merge->failed without memory.
 */
void merge_make_blocks(struct merge *merge, size_t tape);

/*
 * merge_load_frame() - decode the walk's current frame, of that block, into walk->rows. False if it is damaged, which
 * goes to loud, once, however often it is decoded.
 */
bool merge_load_frame(struct merge *merge, struct walk *walk, const struct block *block, struct report *loud,
		      unsigned columns);

/* merge_has() - is it behind the windows before, and not behind those that there was no room for in this one? */
bool merge_has(const struct merge *merge, const struct item *item);

/*
 * merge_add() - take the item, which is changed, if merge_has() it. Where there is no room for more that is made, by
 * forgetting the later half: merge->more and merge->bound say so. *index is where origin is kept, UINT32_MAX before its
 * first item. Sets merge->failed without memory.
 */
void merge_add(struct merge *merge, struct item *item, const struct origin *origin, uint32_t *index,
	       const struct captured *captured);

/*
 * merge_sort() - put the window in order and drop what is there twice: a complete row replaces the open one, and has
 * what was captured when the call began where it has nothing of its own.
 */
void merge_sort(struct merge *merge);

/*
 * merge_drop_replaced() - take open rows out that have another time than the complete ones in the same window: the
 * clock's relation to boot time may change (a suspend).
 */
void merge_drop_replaced(struct merge *merge);

/* merge_recording() - what is known of the session when its rows are shown. */
struct recording merge_recording(const struct merge *merge, const struct origin *origin);

/* merge_print() - all items of the window. */
void merge_print(struct merge *merge);

#endif
