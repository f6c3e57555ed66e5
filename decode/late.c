/* late.c - see late.h */
#include "late_rows.h"

#include <errno.h>
#include <stdlib.h>

struct late *late_new(const struct tape *tape, const struct filter *filter, unsigned columns)
{
	struct late *late = calloc(1, sizeof(*late));

	if (late)
		late->walk = walk_tape(tape, &late->quiet);
	if (!late || !late->walk) {
		report_error(tape->sections[0].report, -ENOMEM);
		free(late);
		return NULL;
	}
	late->quiet.quiet = true;
	late->filter = filter;
	late->columns = columns | filter_where(filter) | SST_COL_TIME | SST_COL_SEQ | SST_COL_STATE | SST_COL_CALL;
	late->max = LATE_MAX;
	late->max_text = LATE_TEXT;
	late->max_spans = LATE_SPANS;
	late->always = LATE_ALWAYS;
	return late;
}

void late_free(struct late *late)
{
	if (!late)
		return;
	walk_free(late->walk);
	free(late->spans);
	free(late->heap);
	free(late->items);
	free(late->index);
	free(late->who);
	late_texts_free(&late->texts);
	free(late);
}

struct report *late_loud(const struct late *late)
{
	return late->walk->tape.sections[late->walk->section].report;
}

bool late_fail(struct late *late)
{
	report_error(late_loud(late), -ENOMEM);
	late->walk->failed = true;
	return false;
}

bool late_resize(void *array, size_t n, size_t size)
{
	void **where = array, *new = reallocarray(*where, n, size);

	if (new)
		*where = new;
	return new != NULL;
}

/* --- frames */

bool late_frame_may_matter(const struct filter *filter, const struct sst_frame *frame)
{
	static const struct span always = {.last = UINT64_MAX};
	struct filter plain = *filter;

	plain.failed = plain.has_slower = false;
	return filter_frame(&plain, &always, frame);
}

/* Can anything in this frame be wanted? Its header tells the times of its rows; of gaps only whether there are some. */
static bool may_matter(const struct late *late, const struct sst_frame *frame)
{
	return sst_frame_may_have_gaps(frame) ||
	       (frame->time_max >= late->floor && (late->tracks || late_frame_may_matter(late->filter, frame)));
}

/* What it costs to decode a frame, in rows. */
static uint64_t cost(const struct sst_frame *frame)
{
	return frame->n_rows + UINT64_C(64);
}

/* Take the items of the walk's current frame. */
static void add_late_frame(struct late *late, uint32_t span, bool checked)
{
	struct walk *walk = late->walk;

	late->work += cost(&walk->frame);
	walk->report = checked ? &late->quiet : late_loud(late);
	if (walk_rows(walk, late->columns)) {
		walk_intern(walk);
		late_add_frame(late, walk->rows, span);
	}
	walk->report = &late->quiet;
}

/* A LATE frame that the first walk has come to. A damaged one is reported here, once; all other damage by the walk over
 * the rows. */
static void meet_late_frame(struct late *late)
{
	const struct sst_frame *frame = &late->walk->frame;
	uint32_t span;

	late->any = true;
	late->size += cost(frame);
	if (sst_frame_memory(frame) > late->memory)
		late->memory = sst_frame_memory(frame);
	if (!may_matter(late, frame))
		return;
	span = late_note_frame(late);
	if (span == UINT32_MAX)
		return;
	if (!late->more || sst_frame_may_have_gaps(frame) || frame->time_min <= late->bound.time) {
		add_late_frame(late, span, false);
	} else {
		late->spans[span].checked = false;
		late_put_off(late, span, frame->time_min);
	}
}

/* --- windows */

/* Once more, for rows that have been put off. */
static void load_span(struct late *late, uint32_t i)
{
	struct late_span *span = &late->spans[i];
	const struct sst_frame *frame;
	bool checked = span->checked;

	span->next = UINT64_MAX;
	span->checked = true;
	if (!walk_return(late->walk, &span->first))
		return;
	while (!late->walk->failed && (frame = walk_again(late->walk, span->last)))
		if (frame->type == SST_FRAME_LATE && may_matter(late, frame))
			add_late_frame(late, i, checked);
}

/* Collect from the spans that have something before the bound, and put those back that have more. */
static void load_spans(struct late *late)
{
	size_t n = late->n_heap;

	while (late->n_heap > 0 && !late->walk->failed &&
	       (!late->more || late->spans[late->heap[0]].next <= late->bound.time))
		load_span(late, late_pop(late));
	for (size_t i = late->n_heap; i < n; i++)
		if (late->spans[late->heap[i]].next != UINT64_MAX)
			late_push(late, late->heap[i]);
}

/* Is the frame of the session that late is about? */
static bool is_in_session(struct late *late, const struct sst_frame *frame)
{
	struct walk *walk = late->walk;
	struct spot here = {walk->section, frame->offset};
	struct session session;

	if (!spot_before(&here, &late->end))
		return false;
	if (walk->recordings == late->recordings)
		return true;
	session = session_of(&walk->recording.meta);
	if (late->recordings > 0 && !session_goes_on(&late->session, &session))
		return false;
	late->recordings = walk->recordings;
	late->session = session;
	walk_skip_to(walk, late->floor);
	return true;
}

static void begin_walk(struct late *late)
{
	late->recordings = 0;
	late->quiet.status = STATUS_OK;
	walk_seek(late->walk, &late->begin);
}

/* Walk over the whole session and collect the earliest items. */
static void load_first(struct late *late)
{
	struct walk *walk = late->walk;
	const struct sst_frame *frame = NULL;

	begin_walk(late);
	while ((frame = walk_next(walk)) && is_in_session(late, frame)) {
		late->known_until = walk->recording.known_until;
		late->last_end = (struct spot){walk->section, frame->offset + frame->length};
		if (frame->type == SST_FRAME_LATE)
			meet_late_frame(late);
	}
	if (!walk->failed)
		late->end = frame ? walk_here(walk) : late->last_end;
	for (uint32_t i = 0; i < late->n_spans; i++)
		if (late->spans[i].next != UINT64_MAX)
			late_push(late, i);
}

/* The next frame that has some, in the order of the file. */
static void load_unordered(struct late *late)
{
	struct walk *walk = late->walk;
	const struct sst_frame *frame = NULL;

	while (late->n == 0 && (frame = walk_next(walk)) && is_in_session(late, frame))
		if (frame->type == SST_FRAME_LATE && may_matter(late, frame))
			add_late_frame(late, 0, true);
	late->more = late->n > 0;
}

void late_begin(struct late *late, const struct spot *spot, uint64_t floor)
{
	late->begin = *spot;
	late->end = (struct spot){SIZE_MAX, UINT64_MAX};
	late->any = late->has_last = late->more = late->unordered = false;
	late->floor = floor;
	late->memory = 0;
	late->work = late->size = 0;
	late->n = late->n_who = late->next = late->n_spans = late->n_heap = 0;
	late_texts_clear(&late->texts);
	late->stride = 1;
	load_first(late);
	walk_park(late->walk);
	late_sort(late);
}

size_t late_memory(const struct late *late)
{
	size_t text = late_texts_memory(&late->texts),
	       most = 2 * (late->max_text + LATE_PIECES * sizeof(struct sst_capture));

	/* A later window may have more of it. */
	return late->memory + (late->more && text > 0 && text < most ? most : text) +
	       late->cap * (sizeof(*late->items) + sizeof(*late->index) + sizeof(*late->who)) +
	       2 * late->n_spans * (sizeof(*late->spans) + sizeof(*late->heap));
}

const struct late_item *late_head(const struct late *late)
{
	return late->next < late->n ? &late->items[late->next] : NULL;
}

bool late_is_used_up(const struct late *late)
{
	return late->next == late->n && late->more;
}

void late_refill(struct late *late)
{
	late->n = late->n_who = late->next = 0;
	late_texts_clear(&late->texts);
	if (!late->unordered && late->work > LATE_WORK * late->size + late->always) {
		report_unordered(late_loud(late));
		late->unordered = true;
		late->ordered = late->last;
		begin_walk(late);
	}
	if (late->unordered) {
		load_unordered(late);
	} else {
		late->more = false;
		load_spans(late);
		walk_park(late->walk);
	}
	late_sort(late);
}

void late_take(struct late *late)
{
	late->last = late_key(&late->items[late->next++]);
	late->has_last = true;
}

/* --- open rows */

/* The first place in index whose item is not before (tid, seq). */
static size_t find(const struct late *late, uint32_t tid, uint64_t seq)
{
	size_t low = 0, high = late->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct late_item *item = &late->items[late->index[middle]];

		if (item->tid < tid || (item->tid == tid && item->seq < seq))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/*
 * The row of the same (tid, seq) and time, if there is one. Otherwise another time will do: the clock's relation to
 * boot time may have changed in between (a suspend). But not a row that has already replaced one: thread numbers are
 * used again.
 */
bool late_replaces(struct late *late, uint64_t time, uint32_t tid, uint64_t seq)
{
	struct late_item *other = NULL;

	for (size_t i = find(late, tid, seq); i < late->n; i++) {
		struct late_item *item = &late->items[late->index[i]];

		if (item->tid != tid || item->seq != seq)
			break;
		if (item->gap)
			continue;
		if (item->time == time) {
			item->used = true;
			return true;
		}
		if (!item->used && !other)
			other = item;
	}
	if (other)
		other->used = true;
	/* or the last one taken, which a new window has just pushed out */
	return other || (late->has_last && !late->last.gap && late->last.time == time && late->last.tid == tid &&
			 late->last.seq == seq);
}
