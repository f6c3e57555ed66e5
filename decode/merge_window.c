/* merge_window.c - the window of a merge: which rows are in it, and their order. See merge_rows.h */
#include "merge_rows.h"

#include <stdlib.h>
#include <string.h>

/* --- the order of the table */

static int compare_u64(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

/* At the same time: rows first, then what was open, events and gaps, as in the table of one session. */
static int kind_of(const struct item *item)
{
	if (!item->what.gap)
		return 0;
	return item->what.event == ITEM_OPEN ? 1 : item->what.event ? 2 : 3;
}

/* Which call of which thread of which recording it is. */
static int compare_places(const struct item *x, const struct item *y)
{
	int order = compare_u64(x->tape, y->tape);

	if (!order)
		order = compare_u64(x->what.tid, y->what.tid);
	return order ? order : compare_u64(x->what.seq, y->what.seq);
}

/* What distinguishes gaps of nobody is what they say. */
static int compare_keys(const struct item *x, const struct item *y)
{
	int order = x->at < y->at ? -1 : x->at > y->at;

	if (!order)
		order = kind_of(x) - kind_of(y);
	if (!order)
		order = compare_places(x, y);
	if (order || !x->what.gap)
		return order;
	order = compare_u64(x->what.event, y->what.event);
	if (!order)
		order = compare_u64(x->what.state, y->what.state);
	if (!order)
		order = compare_u64(x->what.duration, y->what.duration);
	if (!order)
		order = compare_u64(x->what.ret, y->what.ret);
	return order ? order : compare_u64(x->what.nr, y->what.nr);
}

static bool is_open(const struct item *item)
{
	return !item->what.gap && sst_state_is_open(item->what.state);
}

/* With the complete row before the open one. */
static int compare_items(const void *a, const void *b)
{
	const struct item *x = a, *y = b;
	int order = compare_keys(x, y);

	return order ? order : (int)is_open(x) - (int)is_open(y);
}

void merge_sort(struct merge *merge)
{
	size_t n = 0;

	if (merge->n > 0)
		qsort(merge->items, merge->n, sizeof(*merge->items), compare_items);
	for (size_t i = 0; i < merge->n; i++) {
		struct item *before = n > 0 ? &merge->items[n - 1] : NULL, *item = &merge->items[i];

		if (!before || compare_keys(before, item) != 0)
			merge->items[n++] = *item;
		else if (before->what.piece.n == 0 && !before->what.gap)
			before->what.piece = item->what.piece;
	}
	merge->n = n;
}

/* --- making room */

/* Keep only the origins that items still refer to. */
static void compact_origins(struct merge *merge)
{
	uint32_t *moved = merge->index; /* not in use while items are collected */
	size_t n = 0;

	memset(moved, 0xff, merge->n_origins * sizeof(*moved));
	for (size_t i = 0; i < merge->n; i++)
		moved[merge->items[i].what.who] = 0;
	for (size_t i = 0; i < merge->n_origins; i++) {
		if (moved[i] != 0)
			continue;
		moved[i] = (uint32_t)n;
		merge->origins[n++] = merge->origins[i];
	}
	for (size_t i = 0; i < merge->n; i++)
		merge->items[i].what.who = moved[merge->items[i].what.who];
	merge->n_origins = n;
}

/* Keep only the captures that items still refer to. */
static void compact_texts(struct merge *merge)
{
	struct late_texts kept = {0};

	for (size_t i = 0; i < merge->n; i++)
		merge->failed |= !late_texts_copy(&kept, &merge->texts, &merge->items[i].what.piece);
	late_texts_free(&merge->texts);
	merge->texts = kept;
}

/* Is there room for captures of so many bytes, with so many parts of the room left free? */
static bool text_fits(size_t len, size_t n, size_t parts)
{
	return len <= MERGE_TEXT / parts && n <= MERGE_PIECES / parts;
}

/* How many items, the first ones and in order, leave half of the room free. */
static size_t first_half(const struct merge *merge)
{
	size_t len = 0, pieces = 0, n = 0;

	for (; n < merge->n && n < MERGE_WINDOW / 2; n++) {
		len += merge->items[n].what.piece.len;
		pieces += merge->items[n].what.piece.n;
		if (n > 0 && !text_fits(len, pieces, 2))
			break;
	}
	return n;
}

/* Make room: forget the later half, and from now on take nothing that comes behind what is kept. */
static void drop_later_half(struct merge *merge)
{
	size_t n;

	merge_sort(merge);
	n = first_half(merge);
	if (n < merge->n) {
		merge->n = n;
		merge->more = true;
		merge->bound = merge->items[n - 1];
	}
	compact_origins(merge);
	compact_texts(merge);
}

/* --- taking items */

bool merge_has(const struct merge *merge, const struct item *item)
{
	return (!merge->has_last || compare_keys(item, &merge->last) > 0) &&
	       (!merge->more || compare_keys(item, &merge->bound) <= 0);
}

static bool has_room_for(const struct merge *merge, const struct captured *captured)
{
	size_t len, n = late_texts_size(captured, &len);

	return merge->n < MERGE_WINDOW && (n == 0 || text_fits(merge->texts.len + len, merge->texts.n + n, 1));
}

void merge_add(struct merge *merge, struct item *item, const struct origin *origin, uint32_t *index,
	       const struct captured *captured)
{
	if (!merge_has(merge, item))
		return;
	if (!has_room_for(merge, captured)) {
		drop_later_half(merge);
		*index = UINT32_MAX; /* it has moved */
		if (!merge_has(merge, item))
			return;
	}
	if (*index == UINT32_MAX) {
		*index = (uint32_t)merge->n_origins;
		merge->origins[merge->n_origins++] = *origin;
	}
	item->what.who = *index;
	merge->failed |= !late_texts_add(&merge->texts, captured, &item->what.piece);
	merge->items[merge->n++] = *item;
}

/* --- open rows */

static int compare_calls(const void *a, const void *b, void *items)
{
	const struct item *x = (const struct item *)items + *(const uint32_t *)a;
	const struct item *y = (const struct item *)items + *(const uint32_t *)b;
	int order = (int)x->what.gap - (int)y->what.gap;

	if (!order)
		order = compare_places(x, y);
	return order ? order : (int)is_open(x) - (int)is_open(y);
}

void merge_drop_replaced(struct merge *merge)
{
	size_t n = 0;

	for (size_t i = 0; i < merge->n; i++)
		merge->index[i] = (uint32_t)i;
	if (merge->n > 0)
		qsort_r(merge->index, merge->n, sizeof(*merge->index), compare_calls, merge->items);
	for (size_t k = 1; k < merge->n; k++) {
		const struct item *before = &merge->items[merge->index[k - 1]];
		struct item *item = &merge->items[merge->index[k]];

		item->what.used = is_open(item) && !is_open(before) && !before->what.gap &&
				  before->tape == item->tape && before->what.tid == item->what.tid &&
				  before->what.seq == item->what.seq;
	}
	for (size_t i = 0; i < merge->n; i++)
		if (!merge->items[i].what.used)
			merge->items[n++] = merge->items[i];
	merge->n = n;
}
