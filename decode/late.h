/*
 * late.h - the late rows of a recording in a file, in the order of the table, in bounded memory.
 *
 * A call that was still open when its frame was written comes complete in a LATE frame further back, perhaps in another
 * part of the session. late_begin() walks over the headers and keeps late rows, at most LATE_MAX of them: the earliest.
 * When those have been taken and there are more, late_refill() walks once more and collects the next ones.
 *
 *	late_begin(late, offset);
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
#include "walk.h"

#define LATE_MAX 16384

struct late_item {
	uint64_t time, seq;
	uint64_t duration, ret; /* of a gap: until and count */
	uint64_t arg[SST_ARGS];
	uint32_t tid;
	uint32_t who; /* index */
	uint32_t nr;
	uint16_t cpu;
	uint8_t abi, nargs;
	uint8_t state; /* of a gap: its cause */
	bool gap;
	bool used; /* an open row has been replaced by it */
};

/* The order of the table; at the same time gaps come after rows. */
struct late_key {
	uint64_t time, seq;
	uint32_t tid;
	bool gap;
};

struct late {
	struct walk *walk; /* its own place in the input */
	struct report quiet;
	struct report *report;
	const struct filter *filter;
	unsigned columns;
	const struct sst_index *spans; /* of the whole input, or NULL */
	uint64_t begin, end;           /* the session in the input, end as the first walk has found it */
	uint64_t known_until;          /* see struct recording; at its end */
	uint64_t floor;                /* see filter_floor() */
	size_t memory;                 /* that the largest LATE frame takes */
	uint64_t last_end;             /* of the last frame in it */
	uint64_t recordings;           /* of it, seen in this walk */
	struct session session;        /* of the last of them */
	bool any;                      /* there are LATE frames */
	bool more;                     /* some did not fit: those behind bound */
	struct late_key bound;
	uint64_t unchecked; /* LATE frames from this offset on have not been loaded yet */
	struct late_item *items;
	size_t n, next;
	uint32_t *index; /* of items, by (tid, seq, time) */
	struct sst_group *who;
	size_t n_who;
	struct late_key last; /* taken last */
	bool has_last;
};

/*
 * late_new() - for a file. columns: what is wanted of the rows; of those that the filter does not want only some may be
 * there. NULL without memory, which is reported.
 */
struct late *late_new(const struct input *input, struct report *report, const struct filter *filter, unsigned columns);
void late_free(struct late *late);

/*
 * late_begin() - collect the late rows of the session that begins at offset, those from floor (boot time) on at least.
 * spans: of the whole input, or NULL.
 */
void late_begin(struct late *late, uint64_t offset, const struct sst_index *spans, uint64_t floor);

/* late_head() - the next late row or gap, or NULL. late_take() steps over it. */
const struct late_item *late_head(const struct late *late);
void late_take(struct late *late);

/* late_is_used_up() - have all been taken that fitted, and are there more? late_refill() collects them. */
bool late_is_used_up(const struct late *late);
void late_refill(struct late *late);

/* late_replaces() - is there a late row for this open one? To be asked once for each, after late_take() of all before
 * it. */
bool late_replaces(struct late *late, uint64_t time, uint32_t tid, uint64_t seq);

#endif
