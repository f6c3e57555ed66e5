/* late_spans.c - where in a file there are late rows that have not been kept: see late_rows.h */
#include "late_rows.h"

void late_put_off(struct late *late, uint32_t span, uint64_t time)
{
	if (time < late->spans[span].next)
		late->spans[span].next = time;
}

/* --- the list, in the order of the file */

/* Make one of two neighbours, within a section, and note which one an old one is in: there are too many. */
static void join_spans(struct late *late)
{
	uint32_t *joined = late->heap; /* not in use yet */
	size_t n = 0;

	for (size_t i = 0; i < late->n_spans; i++) {
		struct late_span *span = &late->spans[i], *before = n > 0 ? &late->spans[n - 1] : NULL;

		if (before && before->first.section == span->first.section && before->n + span->n <= 2 * late->stride) {
			before->last = span->last;
			before->next = before->next < span->next ? before->next : span->next;
			before->n += span->n;
			before->checked &= span->checked;
		} else {
			late->spans[n++] = *span;
		}
		joined[i] = (uint32_t)n - 1;
	}
	for (size_t i = 0; i < late->n; i++)
		late->items[i].span = joined[late->items[i].span];
	late->n_spans = n;
	late->stride *= 2;
}

static bool reserve_span(struct late *late)
{
	size_t cap = late->n_spans ? 2 * late->n_spans : 64;

	if (late->n_spans == late->max_spans)
		join_spans(late);
	if (late->n_spans > 0 && (late->n_spans < 64 || (late->n_spans & (late->n_spans - 1)) != 0))
		return true;
	return (late_resize(&late->spans, cap, sizeof(*late->spans)) &&
		late_resize(&late->heap, cap, sizeof(*late->heap))) ||
	       late_fail(late);
}

static bool begins_span(const struct late *late, const struct spot *here)
{
	const struct late_span *last;

	if (late->n_spans == 0)
		return true;
	last = &late->spans[late->n_spans - 1];
	return last->n >= late->stride || last->first.section != here->section;
}

uint32_t late_note_frame(struct late *late)
{
	struct spot here = walk_here(late->walk);
	struct late_span *span;

	if (begins_span(late, &here)) {
		if (!reserve_span(late))
			return UINT32_MAX;
		late->spans[late->n_spans++] = (struct late_span){.first = here, .next = UINT64_MAX, .checked = true};
	}
	span = &late->spans[late->n_spans - 1];
	span->last = here.offset;
	span->n++;
	return (uint32_t)(span - late->spans);
}

/* --- the heap, by what they have next */

/* Is a below b in the heap? */
static bool is_later(const struct late *late, size_t a, size_t b)
{
	return late->spans[late->heap[a]].next > late->spans[late->heap[b]].next;
}

static void swap(struct late *late, size_t a, size_t b)
{
	uint32_t old = late->heap[a];

	late->heap[a] = late->heap[b];
	late->heap[b] = old;
}

void late_push(struct late *late, uint32_t span)
{
	size_t i = late->n_heap++;

	late->heap[i] = span;
	for (; i > 0 && is_later(late, (i - 1) / 2, i); i = (i - 1) / 2)
		swap(late, (i - 1) / 2, i);
}

uint32_t late_pop(struct late *late)
{
	size_t i = 0, child, n = --late->n_heap;

	swap(late, 0, n);
	while ((child = 2 * i + 1) < n) {
		child += child + 1 < n && is_later(late, child, child + 1);
		if (!is_later(late, i, child))
			break;
		swap(late, i, child);
		i = child;
	}
	return late->heap[n];
}
