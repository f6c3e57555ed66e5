/*
 * late.h - the late rows of a recording in a file, in the order of the table, in bounded memory.
 *
 * A call that was still open when its frame was written comes complete in a LATE frame further back, perhaps in another
 * part of the session. late_begin() walks over the headers and keeps late rows, at most LATE_MAX of them: the earliest.
 * It notes which LATE frames have more, and from when on. When those kept have been taken, late_refill() collects the
 * next ones from the frames that have some of them.
 *
 * Calls that last long cause a frame to be decoded for several windows. A file may be made so that all have to be for
 * each: the time for N rows would grow with N². So once LATE_WORK times as many rows have been decoded as there are,
 * and a few seconds' worth, late rows come as they stand in the file, and that is reported: out of order then, and as
 * from a pipe after their open rows.
 *
 *	late_begin(late, spot, floor);
 *	while ((item = late_head(late)) && item is before this row) {
 *		... late_take(late);
 *		if (late_is_used_up(late))
 *			late_refill(late);
 *	}
 *	if (row is open && late_replaces(late, row))
 *		... do not print it
 */
#ifndef SYSDECODE_LATE_H
#define SYSDECODE_LATE_H

#include "filter.h"
#include "late_item.h"
#include "walk.h"

#define LATE_MAX    (SST_ROWS_MAX + SST_GAPS_MAX) /* late rows and gaps in memory: those of any frame fit */
#define LATE_TEXT   (2u << 20)                    /* bytes that were captured of late rows in memory, and … */
#define LATE_PIECES 65536                         /* … in so many pieces */
#define LATE_SPANS  131072                        /* places in a file that are remembered */
#define LATE_WORK   16                            /* how often each row may be decoded, on average … */
#define LATE_ALWAYS (UINT64_C(1) << 26)           /* … and how many in any case */

/* The order of the table; at the same time gaps come after rows. */
struct late_key {
	uint64_t time, seq;
	uint32_t tid;
	bool gap;
};

/* Some LATE frames one behind the other in a file; one unless there are very many. */
struct late_span {
	struct spot first;
	uint64_t last; /* offset of the last one */
	uint64_t next; /* they have no row before this time that has not been collected; UINT64_MAX: none at all */
	uint32_t n;
	bool checked; /* their damage has been reported */
};

struct late {
	struct walk *walk; /* its own place on the tape */
	struct report quiet;
	const struct filter *filter;
	unsigned columns;
	bool tracks;            /* all are wanted, whatever the filter says: names depend on them */
	struct spot begin, end; /* the session on the tape, end as the first walk has found it */
	uint64_t known_until;   /* see struct recording; at its end */
	uint64_t floor;         /* see filter_floor() */
	size_t memory;          /* that the largest LATE frame takes */
	struct spot last_end;   /* of the last frame in it */
	uint64_t recordings;    /* of it, seen in this walk */
	struct session session; /* of the last of them */
	bool any;               /* there are LATE frames */
	bool more;              /* some did not fit: those behind bound */
	struct late_key bound;
	struct late_span *spans;
	size_t n_spans, max_spans;
	uint32_t stride; /* frames in a new one */
	uint32_t *heap;  /* of spans, by next */
	size_t n_heap;
	uint64_t work, size; /* rows decoded; that there are, in LATE frames */
	uint64_t always;     /* rows that may be decoded in any case */
	bool unordered;      /* it would be too much work: they come as they stand in the file, from behind ordered */
	struct late_key ordered;
	struct late_item *items;
	size_t n, next, cap, max;
	uint32_t *index; /* of items, by (tid, seq, time) */
	struct sst_group *who;
	size_t n_who;
	struct late_texts texts;
	size_t max_text;      /* LATE_TEXT */
	struct late_key last; /* taken last */
	bool has_last;
};

/*
 * late_new() - for a tape of files. columns: what is wanted of the rows; of those that the filter does not want only
 * some may be there. NULL without memory, which is reported.
 */
struct late *late_new(const struct tape *tape, const struct filter *filter, unsigned columns);
void late_free(struct late *late);

/* late_begin() - collect the late rows of the session that begins there, those from floor (boot time) on at least. */
void late_begin(struct late *late, const struct spot *spot, uint64_t floor);

/* late_frame_may_matter() - could it have rows that are wanted, or that replace wanted ones and are not wanted
 * themselves? By its header; nothing is said of times and gaps. */
bool late_frame_may_matter(const struct filter *filter, const struct sst_frame *frame);

/* late_head() - the next late row or gap, or NULL. late_take() steps over it. */
const struct late_item *late_head(const struct late *late);
void late_take(struct late *late);

/* late_memory() - bytes that all this takes, with the largest LATE frame. To be asked after late_begin(). */
size_t late_memory(const struct late *late);

/* late_is_used_up() - have all been taken that fitted, and are there more? late_refill() collects them. */
bool late_is_used_up(const struct late *late);
void late_refill(struct late *late);

/* late_replaces() - is there a late row for this open one? To be asked once for each, after late_take() of all before
 * it. */
bool late_replaces(struct late *late, uint64_t time, uint32_t tid, uint64_t seq);

#endif
