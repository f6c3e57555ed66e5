/* late.c - see late.h */
#include "late.h"

#include "containers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

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

static int compare_u64(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static struct late_key key_of(const struct late_item *item)
{
	return (struct late_key){.time = item->time, .seq = item->seq, .tid = item->tid, .gap = item->gap};
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
	struct late_key key_a = key_of(a), key_b = key_of(b);

	return compare_keys(&key_a, &key_b);
}

/* Where damage of the current frame is to be reported. */
static struct report *loud(const struct late *late)
{
	return late->walk->tape.sections[late->walk->section].report;
}

static bool fail(struct late *late)
{
	report_error(loud(late), -ENOMEM);
	late->walk->failed = true;
	return false;
}

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

/* There is a row of the span that is not kept. */
static void put_off(struct late *late, uint32_t span, uint64_t time)
{
	if (time < late->spans[span].next)
		late->spans[span].next = time;
}

/* Keep only the captures that items still refer to. */
static void compact_texts(struct late *late)
{
	struct late_texts kept = {0};

	if (late->texts.n == 0)
		return;
	for (size_t i = 0; i < late->n; i++)
		if (!late_texts_copy(&kept, &late->texts, &late->items[i].piece))
			fail(late);
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
			put_off(late, item.span, item.time);
		else
			late->items[n++] = item;
	}
	if (full) {
		late->more = true;
		late->bound = key_of(&late->items[n - 1]);
	}
	late->n = n;
	compact_who(late);
	compact_texts(late);
}

/* One of the arrays with room for n elements; on failure it stays as it was. */
static bool resize(void *array, size_t n, size_t size)
{
	void **where = array, *new = reallocarray(*where, n, size);

	if (new)
		*where = new;
	return new != NULL;
}

/* Room for more items, if there may be more. */
static bool grow(struct late *late)
{
	size_t max = late->unordered ? LATE_MAX : late->max, cap = late->cap ? 2 * late->cap : 4096;

	if (late->cap >= max)
		return false;
	cap = cap < max ? cap : max;
	if (!resize(&late->items, cap, sizeof(*late->items)) || !resize(&late->index, cap, sizeof(*late->index)) ||
	    !resize(&late->who, cap, sizeof(*late->who)))
		return fail(late);
	late->cap = cap;
	return true;
}

static bool is_behind_bound(const struct late *late, const struct late_key *key)
{
	return late->more && !late->unordered && compare_keys(key, &late->bound) > 0;
}

/* Of a row, in its frame. */
struct captured {
	const struct sst_capture *list;
	size_t n;
	const uint8_t *text;
};

static struct captured captured_of(const struct sst_rows *rows, size_t i)
{
	struct captured captured = {.text = rows->text};
	size_t first = rows->n_captures > 0 ? sst_rows_captures(rows, (uint32_t)i, &captured.n) : 0;

	if (captured.n > 0)
		captured.list = rows->captures + first;
	return captured;
}

static bool has_room_for(const struct late *late, const struct captured *captured)
{
	size_t len, n = late_texts_size(captured->list, captured->n, &len);

	return n == 0 || text_fits(late, late->texts.len + len, late->texts.n + n, 1);
}

/*
 * Add item, of the thread that who is about, if it is of the window: behind all that have been taken, and before those
 * dropped. *index is where who is kept, UINT32_MAX before its first item.
 */
static void add_item(struct late *late, const struct late_item *item, const struct sst_group *who, uint32_t *index,
		     const struct captured *captured)
{
	const struct late_key key = key_of(item), *taken = late->unordered ? &late->ordered : &late->last;

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
		put_off(late, item->span, item->time);
		return;
	}
	if (*index == UINT32_MAX) {
		*index = (uint32_t)late->n_who;
		late->who[late->n_who++] = *who;
	}
	late->items[late->n] = *item;
	late->items[late->n].who = *index;
	if (has_room_for(late, captured) &&
	    !late_texts_add(&late->texts, captured->list, captured->n, captured->text, &late->items[late->n].piece))
		fail(late);
	late->n++;
}

struct late_item late_item_row(const struct sst_rows *rows, size_t i, uint32_t tid, unsigned columns)
{
	const struct sst_call *call = &rows->calls[rows->call[i]];
	struct late_item item = {
		.time = rows->time[i],
		.seq = rows->seq[i],
		.duration = rows->duration[i],
		.tid = tid,
		.nr = call->nr,
		.abi = call->abi,
		.nargs = call->nargs < SST_ARGS ? call->nargs : SST_ARGS,
		.state = rows->state[i],
	};

	if (columns & (SST_COL_RET | SST_COL_ARGS))
		item.ret = rows->ret[i];
	if (columns & SST_COL_CPU)
		item.cpu = rows->cpu[i];
	if (columns & SST_COL_ARGS)
		for (unsigned a = 0; a < item.nargs; a++)
			item.arg[a] = rows->arg[a][i];
	return item;
}

struct late_item late_item_gap(const struct sst_gap *gap)
{
	return (struct late_item){
		.time = gap->time,
		.seq = gap->seq,
		.duration = gap->until,
		.ret = gap->count,
		.tid = gap->tid,
		.state = gap->cause,
		.gap = true,
	};
}

void late_call(const struct late_item *item, struct call *call)
{
	call_init(call, &(struct sst_call){.nr = item->nr, .abi = item->abi, .nargs = item->nargs});
}

struct row late_row(const struct late_item *item, const struct sst_group *who, struct call *call)
{
	struct row row = {
		.time = item->time,
		.duration = item->duration,
		.seq = item->seq,
		.ret = item->ret,
		.who = who,
		.call = call,
		.cpu = item->cpu,
		.state = item->state,
	};

	memcpy(row.arg, item->arg, sizeof(row.arg));
	return row;
}

struct sst_gap late_gap(const struct late_item *item, const struct sst_group *who)
{
	return (struct sst_gap){
		.time = item->time,
		.until = item->duration,
		.seq = item->seq,
		.count = item->ret,
		.pid = who->pid,
		.tid = item->tid,
		.cause = item->state,
	};
}

static void add_frame(struct late *late, const struct sst_rows *rows, uint32_t span)
{
	for (size_t g = 0; g < rows->n_groups; g++) {
		const struct sst_group *group = &rows->groups[g];
		uint32_t index = UINT32_MAX;

		if (!late->tracks && !filter_who(late->filter, group))
			continue;
		for (size_t i = group->first; i < (size_t)group->first + group->n; i++) {
			struct late_item item = late_item_row(rows, i, group->tid, late->columns);
			struct captured captured = captured_of(rows, i);

			item.span = span;
			add_item(late, &item, group, &index, &captured);
		}
	}
	for (size_t i = 0; i < rows->n_gaps; i++) {
		const struct sst_gap *gap = &rows->gaps[i];
		const struct sst_group *known = group_of_gap(rows, gap);
		struct sst_group who = known ? *known : (struct sst_group){.where.container = CONTAINER_UNKNOWN};
		uint32_t index = UINT32_MAX;
		struct late_item item = late_item_gap(gap);

		who.pid = gap->pid;
		item.span = span;
		add_item(late, &item, &who, &index, &(struct captured){0});
	}
}

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
	walk->report = checked ? &late->quiet : loud(late);
	if (walk_rows(walk, late->columns)) {
		walk_intern(walk);
		add_frame(late, walk->rows, span);
	}
	walk->report = &late->quiet;
}

/* --- spans */

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
	return (resize(&late->spans, cap, sizeof(*late->spans)) && resize(&late->heap, cap, sizeof(*late->heap))) ||
	       fail(late);
}

/* The span that the walk's current frame is in from now on; UINT32_MAX without memory. */
static uint32_t note_frame(struct late *late)
{
	struct spot here = walk_here(late->walk);
	struct late_span *span = late->n_spans ? &late->spans[late->n_spans - 1] : NULL;

	if (!span || span->n >= late->stride || span->first.section != here.section) {
		if (!reserve_span(late))
			return UINT32_MAX;
		span = &late->spans[late->n_spans++];
		*span = (struct late_span){.first = here, .next = UINT64_MAX, .checked = true};
	}
	span->last = here.offset;
	span->n++;
	return (uint32_t)(span - late->spans);
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
	span = note_frame(late);
	if (span == UINT32_MAX)
		return;
	if (!late->more || sst_frame_may_have_gaps(frame) || frame->time_min <= late->bound.time) {
		add_late_frame(late, span, false);
	} else {
		late->spans[span].checked = false;
		put_off(late, span, frame->time_min);
	}
}

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

static void push(struct late *late, uint32_t span)
{
	size_t i = late->n_heap++;

	late->heap[i] = span;
	for (; i > 0 && is_later(late, (i - 1) / 2, i); i = (i - 1) / 2)
		swap(late, (i - 1) / 2, i);
}

/* The span with the earliest rows goes behind the end of the heap. */
static uint32_t pop(struct late *late)
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
		load_span(late, pop(late));
	for (size_t i = late->n_heap; i < n; i++)
		if (late->spans[late->heap[i]].next != UINT64_MAX)
			push(late, late->heap[i]);
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

static void sort(struct late *late)
{
	if (!late->n)
		return;
	qsort(late->items, late->n, sizeof(*late->items), compare_items);
	for (size_t i = 0; i < late->n; i++)
		late->index[i] = (uint32_t)i;
	qsort_r(late->index, late->n, sizeof(*late->index), compare_index, late->items);
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
			push(late, i);
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
	sort(late);
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
		report_unordered(loud(late));
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
	sort(late);
}

void late_take(struct late *late)
{
	late->last = key_of(&late->items[late->next++]);
	late->has_last = true;
}

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
