/*
 * merge_rows.h - what the parts of a merge share: merge.c (blocks and windows) and merge_print.c.
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

/* merge_recording() - what is known of the session when its rows are shown. */
struct recording merge_recording(const struct merge *merge, const struct origin *origin);

/* merge_print() - all items of the window. */
void merge_print(struct merge *merge);

#endif
