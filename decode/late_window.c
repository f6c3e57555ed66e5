/* late_window.c - which late rows are kept, and their order: see late_rows.h */
#include "late_rows.h"

#include <stdlib.h>
#include <string.h>

#include "containers.h"

/* --- the order of the table */

static int compare_u64(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int compare_keys(const struct late_key *a, const struct late_key *b)
{
	int order = compare_u64(a->time, b->time);

	if (!order)
		order = (int)a->gap - (int)b->gap;
	if (!order)
		order = compare_u64(a->tid, b->tid);
	return order ? order : compare_u64(a->seq, b->seq);
}

static int compare_items(const void *a, const void *b)
{
	struct late_key key_a = late_key(a), key_b = late_key(b);

	return compare_keys(&key_a, &key_b);
}

static int compare_index(const void *a, const void *b, void *items)
{
	const struct late_item *x = (const struct late_item *)items + *(const uint32_t *)a;
	const struct late_item *y = (const struct late_item *)items + *(const uint32_t *)b;
	int order = compare_u64(x->tid, y->tid);

	if (!order)
		order = compare_u64(x->seq, y->seq);
	return order ? order : compare_u64(x->time, y->time);
}

void late_sort(struct late *late)
{
	if (!late->n)
		return;
	qsort(late->items, late->n, sizeof(*late->items), compare_items);
	for (size_t i = 0; i < late->n; i++)
		late->index[i] = (uint32_t)i;
	qsort_r(late->index, late->n, sizeof(*late->index), compare_index, late->items);
}

/* --- making room */

/* Keep only the who that items still refer to. */
static void compact_who(struct late *late)
{
	size_t n = 0;
	uint32_t *moved = late->index; /* not in use while items are collected; n_who <= n */

	memset(moved, 0xff, late->n_who * sizeof(*moved));
	for (size_t i = 0; i < late->n; i++)
		moved[late->items[i].who] = 0;
	for (size_t i = 0; i < late->n_who; i++) {
		if (moved[i] != 0)
			continue;
		moved[i] = (uint32_t)n;
		late->who[n++] = late->who[i];
	}
	for (size_t i = 0; i < late->n; i++)
		late->items[i].who = moved[late->items[i].who];
	late->n_who = n;
}

/* Keep only the captures that items still refer to. */
static void compact_texts(struct late *late)
{
	struct late_texts kept = {0};

	if (late->texts.n == 0)
		return;
	for (size_t i = 0; i < late->n; i++)
		if (!late_texts_copy(&kept, &late->texts, &late->items[i].piece))
			late_fail(late);
	late_texts_free(&late->texts);
	late->texts = kept;
}

/* Is there room for captures of so many bytes, with so many parts of the room left free? */
static bool text_fits(const struct late *late, size_t len, size_t n, size_t parts)
{
	return len <= late->max_text / parts && n <= LATE_PIECES / parts;
}

/*
 * Make room: forget the later half, and from now on take nothing that comes behind what is kept. Rows that say the same
 * (tid, seq, time) twice only count once.
 */
static void drop_later_half(struct late *late)
{
	size_t n = 0, len = 0, pieces = 0;
	bool full = false;

	qsort(late->items, late->n, sizeof(*late->items), compare_items);
	for (size_t i = 0; i < late->n; i++) {
		const struct late_item item = late->items[i];

		if (n > 0 && compare_items(&late->items[n - 1], &item) == 0)
			continue;
		len += item.piece.len;
		pieces += item.piece.n;
		full |= n == late->max / 2 || (n > 0 && !text_fits(late, len, pieces, 2));
		if (full)
			late_put_off(late, item.span, item.time);
		else
			late->items[n++] = item;
	}
	if (full) {
		late->more = true;
		late->bound = late_key(&late->items[n - 1]);
	}
	late->n = n;
	compact_who(late);
	compact_texts(late);
}

/* Room for more items, if there may be more. */
static bool grow(struct late *late)
{
	size_t max = late->unordered ? LATE_MAX : late->max, cap = late->cap ? 2 * late->cap : 4096;

	if (late->cap >= max)
		return false;
	cap = cap < max ? cap : max;
	if (!late_resize(&late->items, cap, sizeof(*late->items)) ||
	    !late_resize(&late->index, cap, sizeof(*late->index)) || !late_resize(&late->who, cap, sizeof(*late->who)))
		return late_fail(late);
	late->cap = cap;
	return true;
}

/* --- taking items */

static bool is_behind_bound(const struct late *late, const struct late_key *key)
{
	return late->more && !late->unordered && compare_keys(key, &late->bound) > 0;
}

static bool has_room_for(const struct late *late, const struct captured *captured)
{
	size_t len, n = late_texts_size(captured, &len);

	return n == 0 || text_fits(late, late->texts.len + len, late->texts.n + n, 1);
}

/*
 * Add item, of the thread that who is about, if it is of the window: behind all that have been taken, and before those
 * dropped. *index is where who is kept, UINT32_MAX before its first item.
 */
static void add_item(struct late *late, const struct late_item *item, const struct sst_group *who, uint32_t *index,
		     const struct captured *captured)
{
	const struct late_key key = late_key(item), *taken = late->unordered ? &late->ordered : &late->last;

	if (late->has_last && compare_keys(&key, taken) <= 0)
		return;
	if (late->n == late->cap && !is_behind_bound(late, &key) && !grow(late)) {
		if (late->walk->failed)
			return;
		drop_later_half(late);
		*index = UINT32_MAX; /* it has moved */
	}
	if (!has_room_for(late, captured) && !is_behind_bound(late, &key) && !late->unordered) {
		drop_later_half(late);
		*index = UINT32_MAX;
	}
	if (is_behind_bound(late, &key)) {
		late_put_off(late, item->span, item->time);
		return;
	}
	if (*index == UINT32_MAX) {
		*index = (uint32_t)late->n_who;
		late->who[late->n_who++] = *who;
	}
	late->items[late->n] = *item;
	late->items[late->n].who = *index;
	if (has_room_for(late, captured) && !late_texts_add(&late->texts, captured, &late->items[late->n].piece))
		late_fail(late);
	late->n++;
}

static void add_group(struct late *late, const struct sst_rows *rows, const struct sst_group *group, uint32_t span)
{
	uint32_t index = UINT32_MAX;

	if (!late->tracks && !filter_who(late->filter, group))
		return;
	for (size_t i = group->first; i < (size_t)group->first + group->n; i++) {
		struct late_item item = late_item_row(rows, i, group->tid, late->columns);
		struct captured captured = captured_of(rows, i);

		item.span = span;
		add_item(late, &item, group, &index, &captured);
	}
}

static void add_gap(struct late *late, const struct sst_rows *rows, const struct sst_gap *gap, uint32_t span)
{
	const struct sst_group *known = group_of_gap(rows, gap);
	struct sst_group who = known ? *known : (struct sst_group){.where.container = CONTAINER_UNKNOWN};
	uint32_t index = UINT32_MAX;
	struct late_item item = late_item_gap(gap);

	who.pid = gap->pid;
	item.span = span;
	add_item(late, &item, &who, &index, &(struct captured){0});
}

void late_add_frame(struct late *late, const struct sst_rows *rows, uint32_t span)
{
	for (size_t g = 0; g < rows->n_groups; g++)
		add_group(late, rows, &rows->groups[g], span);
	for (size_t i = 0; i < rows->n_gaps; i++)
		add_gap(late, rows, &rows->gaps[i], span);
}
