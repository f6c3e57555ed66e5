/*
 * late_rows.h - what the parts of late share: late.c (walks over frames), late_window.c (which of their items are kept)
 * and late_spans.c (where there are more of them).
 *
 *	span = late_note_frame(late);			a LATE frame that the first walk has come to
 *	late_add_frame(late, rows, span);		those of its items that belong to the window
 *	late_sort(late);				when there are no more frames to look at
 *	late_push(late, span);				each span that has more; and for the next window
 *	span = late_pop(late);				the one that has the earliest
 */
#ifndef SYSDECODE_LATE_ROWS_H
#define SYSDECODE_LATE_ROWS_H

#include "late.h"

/* late_key() - where in the table the item is. */
static inline struct late_key late_key(const struct late_item *item)
{
	return (struct late_key){.time = item->time, .seq = item->seq, .tid = item->tid, .gap = item->gap};
}

/* late_loud() - where damage of the current frame is to be reported. */
struct report *late_loud(const struct late *late);

/* late_fail() - there is no memory: reports it and ends the walk. Returns false. */
bool late_fail(struct late *late);

/* late_resize() - one of the arrays, given by its address, with room for n elements; on failure it stays as it was. */
bool late_resize(void *array, size_t n, size_t size);

/*
 * late_add_frame() - take the rows and gaps of a frame of that span that are of the window: behind all that have been
 * taken out of late, and before those that there was no room for. Where that room ends it is made, by forgetting the
 * later half; the spans of those that are forgotten or not taken are told so with late_put_off().
 */
void late_add_frame(struct late *late, const struct sst_rows *rows, uint32_t span);

/* late_sort() - the items that have been taken, and index. */
void late_sort(struct late *late);

/* late_note_frame() - the span that the walk's current frame is in from now on. UINT32_MAX without memory, which is
 * reported. */
uint32_t late_note_frame(struct late *late);

/* late_put_off() - there is a row of the span, of this time, that is not kept. */
void late_put_off(struct late *late, uint32_t span, uint64_t time);

/*
 * late_push(), late_pop() - the heap of spans that have something put off; late->heap[0] has the earliest. late_pop()
 * takes that out of a heap that is not empty; its number then stands behind the end of the heap, at heap[n_heap].
 */
void late_push(struct late *late, uint32_t span);
uint32_t late_pop(struct late *late);

#endif
