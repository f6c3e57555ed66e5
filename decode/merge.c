/* merge.c - see merge.h */
#include "merge.h"

#include "containers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "late.h"
#include "naming.h"
#include "walk.h"

#define BLOCKS       8192  /* more are put together two by two */
#define DAMAGED_MAX  32768 /* frames whose damage has been reported and need not be again */
#define DAMAGED_ROOM 65536
#define CALLS        256 /* whose text is kept */

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
	uint32_t *index; /* of items */
	struct origin *origins;
	size_t n_origins;
	bool has_last, more, failed;
	bool has_sums;           /* frames of sums, which are not merged */
	struct item last;        /* of the windows before */
	struct item bound;       /* the last one of this window, if there are more */
	struct damaged *damaged; /* [DAMAGED_ROOM], by their hash; NULL: none yet */
	size_t n_damaged;
	struct call calls[CALLS];
	uint64_t serial;
};

/* --- the order of the table */

static int compare_u64(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

/* Gaps of the same time come after rows; what distinguishes gaps of nobody is what they say. */
static int compare_keys(const struct item *x, const struct item *y)
{
	int order = x->at < y->at ? -1 : x->at > y->at;

	if (!order)
		order = (int)x->what.gap - (int)y->what.gap;
	if (!order)
		order = compare_u64(x->tape, y->tape);
	if (!order)
		order = compare_u64(x->what.tid, y->what.tid);
	if (!order)
		order = compare_u64(x->what.seq, y->what.seq);
	if (order || !x->what.gap)
		return order;
	order = compare_u64(x->what.event, y->what.event);
	if (!order)
		order = compare_u64(x->what.state, y->what.state);
	if (!order)
		order = compare_u64(x->what.duration, y->what.duration);
	return order ? order : compare_u64(x->what.ret, y->what.ret);
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

static int compare_calls(const void *a, const void *b, void *items)
{
	const struct item *x = (const struct item *)items + *(const uint32_t *)a;
	const struct item *y = (const struct item *)items + *(const uint32_t *)b;
	int order = (int)x->what.gap - (int)y->what.gap;

	if (!order)
		order = compare_u64(x->tape, y->tape);
	if (!order)
		order = compare_u64(x->what.tid, y->what.tid);
	if (!order)
		order = compare_u64(x->what.seq, y->what.seq);
	return order ? order : (int)is_open(x) - (int)is_open(y);
}

/* --- the window */

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

/* In order, and of those with the same key only the first: a complete row replaces the open one. */
static void sort_items(struct merge *merge)
{
	size_t n = 0;

	if (merge->n > 0)
		qsort(merge->items, merge->n, sizeof(*merge->items), compare_items);
	for (size_t i = 0; i < merge->n; i++)
		if (n == 0 || compare_keys(&merge->items[n - 1], &merge->items[i]) != 0)
			merge->items[n++] = merge->items[i];
	merge->n = n;
}

/* Make room: forget the later half, and from now on take nothing that comes behind what is kept. */
static void drop_later_half(struct merge *merge)
{
	sort_items(merge);
	if (merge->n > MERGE_WINDOW / 2) {
		merge->n = MERGE_WINDOW / 2;
		merge->more = true;
		merge->bound = merge->items[merge->n - 1];
	}
	compact_origins(merge);
}

static bool is_in_window(const struct merge *merge, const struct item *item)
{
	return (!merge->has_last || compare_keys(item, &merge->last) > 0) &&
	       (!merge->more || compare_keys(item, &merge->bound) <= 0);
}

/* *index is where origin is kept, UINT32_MAX before its first item. */
static void add_item(struct merge *merge, struct item *item, const struct origin *origin, uint32_t *index)
{
	if (!is_in_window(merge, item))
		return;
	if (merge->n == MERGE_WINDOW) {
		drop_later_half(merge);
		*index = UINT32_MAX; /* it has moved */
		if (!is_in_window(merge, item))
			return;
	}
	if (*index == UINT32_MAX) {
		*index = (uint32_t)merge->n_origins;
		merge->origins[merge->n_origins++] = *origin;
	}
	item->what.who = *index;
	merge->items[merge->n++] = *item;
}

/* --- frames */

static struct damaged *find_damaged(struct merge *merge, uint32_t tape, uint32_t section, uint64_t offset)
{
	uint64_t hash = (offset + ((uint64_t)tape << 40) + ((uint64_t)section << 20)) * UINT64_C(0x9e3779b97f4a7c15);
	size_t i = (size_t)(hash >> 32) & (DAMAGED_ROOM - 1);
	struct damaged *slot;

	for (;; i = (i + 1) & (DAMAGED_ROOM - 1)) {
		slot = &merge->damaged[i];
		if (!slot->used || (slot->offset == offset && slot->tape == tape && slot->section == section))
			return slot;
	}
}

static bool is_known_damage(struct merge *merge, const struct block *block, uint64_t offset)
{
	return merge->damaged && find_damaged(merge, block->tape, block->section, offset)->used;
}

static void note_damage(struct merge *merge, const struct block *block, uint64_t offset)
{
	if (!merge->damaged)
		merge->damaged = calloc(DAMAGED_ROOM, sizeof(*merge->damaged));
	if (!merge->damaged || merge->n_damaged == DAMAGED_MAX)
		return; /* then it is said more than once */
	merge->n_damaged++;
	*find_damaged(merge, block->tape, block->section, offset) =
		(struct damaged){true, block->tape, block->section, offset};
}

/* Its damage goes to loud, once, however often it is decoded. */
static bool load_frame(struct merge *merge, struct walk *walk, const struct block *block, struct report *loud,
		       unsigned columns)
{
	struct report *before = walk->report;
	bool good;

	if (is_known_damage(merge, block, walk->frame.offset))
		return false;
	walk->report = loud;
	good = walk_rows(walk, columns);
	walk_intern(walk);
	walk->report = before;
	if (!good)
		note_damage(merge, block, walk->frame.offset);
	return good;
}

static bool has_rows(const struct sst_frame *frame)
{
	return frame->type == SST_FRAME_ROWS || frame->type == SST_FRAME_LATE;
}

/* --- blocks: the first walk, in which everything is reported but for what is wrong inside of frames */

static bool may_join(const struct block *a, const struct block *b)
{
	return a->tape == b->tape && a->section == b->section;
}

/* Make room: two neighbours become one. */
static void join_blocks(struct merge *merge)
{
	size_t n = 0;

	for (size_t i = 0; i < merge->n_blocks; n++) {
		struct block *block = &merge->blocks[n];
		const struct block *next = &merge->blocks[i + 1];

		*block = merge->blocks[i++];
		if (i == merge->n_blocks || !may_join(block, next))
			continue;
		block->first = block->first < next->first ? block->first : next->first;
		block->last = block->last > next->last ? block->last : next->last;
		i++;
	}
	merge->n_blocks = n;
	merge->per_block *= 2;
}

/* The block that the current frame belongs to. */
static struct block *block_of_frame(struct merge *merge, const struct walk *walk, size_t tape)
{
	struct block next = {
		.tape = (uint32_t)tape,
		.section = (uint32_t)walk->section,
		.offset = walk->frame.offset,
		.first = UINT64_MAX,
		.clock = walk->recording.clock,
		.has_clock = walk->recording.has_clock,
	};

	if (merge->n_blocks > 0 && may_join(&merge->blocks[merge->n_blocks - 1], &next) &&
	    merge->in_block < merge->per_block) {
		merge->in_block++;
		return &merge->blocks[merge->n_blocks - 1];
	}
	while (merge->n_blocks == merge->cap_blocks)
		join_blocks(merge);
	merge->in_block = 1;
	merge->blocks[merge->n_blocks] = next;
	return &merge->blocks[merge->n_blocks++];
}

static void note_time(struct block *block, uint64_t time)
{
	block->first = time < block->first ? time : block->first;
	block->last = time > block->last ? time : block->last;
}

static bool may_have_events(const struct merge *merge, const struct sst_frame *frame)
{
	return merge->config->view->event && sst_frame_may_have_events(frame);
}

/* A frame's header tells the times of its rows, but not those of gaps and events. */
static void note_times(struct merge *merge, struct walk *walk, struct block *block)
{
	if (walk->frame.time_min <= walk->frame.time_max) {
		note_time(block, walk->frame.time_min);
		note_time(block, walk->frame.time_max);
	}
	if (!sst_frame_may_have_gaps(&walk->frame) && !may_have_events(merge, &walk->frame))
		return;
	if (!load_frame(merge, walk, block, walk->report, 0))
		return;
	for (size_t i = 0; i < walk->rows->n_gaps; i++)
		note_time(block, walk->rows->gaps[i].time);
	for (size_t i = 0; i < walk->rows->n_events && merge->config->view->event; i++)
		note_time(block, walk->rows->events[i].time);
}

static void make_blocks(struct merge *merge, size_t tape)
{
	struct session_tape *session = &merge->tapes[tape];
	struct walk *walk = walk_tape(&session->tape, NULL);
	const struct sst_frame *frame;

	if (!walk)
		merge->failed = true;
	while (walk && (frame = walk_next(walk))) {
		struct block *block = block_of_frame(merge, walk, tape);

		if (has_rows(frame))
			note_times(merge, walk, block);
		merge->has_sums |= frame->type == SST_FRAME_TALLY;
		if (walk->recording.known_until > session->known_until)
			session->known_until = walk->recording.known_until;
	}
	walk_free(walk);
}

/* --- collecting */

/* What is known of the session when its rows are shown. */
static struct recording recording_of(const struct merge *merge, const struct origin *origin)
{
	const struct session_tape *session = &merge->tapes[origin->tape];

	return (struct recording){
		.start = session->zero,
		.has_start = true,
		.known_until = session->known_until,
		.clock = origin->clock,
		.has_clock = origin->has_clock,
	};
}

static struct origin origin_of(const struct merge *merge, const struct walk *walk, const struct block *block)
{
	bool newer = walk->recording.has_clock;

	return (struct origin){
		.clock = newer ? walk->recording.clock : block->clock,
		.has_clock = newer || block->has_clock,
		.tape = block->tape,
		.report = merge->tapes[block->tape].tape.sections[block->section].report,
	};
}

static struct item item_of(const struct merge *merge, uint32_t tape, const struct late_item *what)
{
	return (struct item){.at = (int64_t)(what->time - merge->tapes[tape].zero), .tape = tape, .what = *what};
}

static void add_group(struct merge *merge, const struct walk *walk, struct origin origin, const struct sst_group *group)
{
	struct recording recording = recording_of(merge, &origin);
	struct span span = filter_span(&merge->plain, &recording);
	uint32_t index = UINT32_MAX;

	if (!filter_who(&merge->plain, group))
		return;
	origin.who = *group;
	for (size_t i = group->first; i < (size_t)group->first + group->n; i++) {
		struct late_item what;
		struct item item;

		if (!filter_row(&merge->plain, &span, &(struct row){.time = walk->rows->time[i]}))
			continue;
		what = late_item_row(walk->rows, i, group->tid, merge->columns);
		item = item_of(merge, origin.tape, &what);
		add_item(merge, &item, &origin, &index);
	}
}

static void add_gap(struct merge *merge, const struct walk *walk, struct origin origin, const struct sst_gap *gap)
{
	const struct sst_group *known = group_of_gap(walk->rows, gap);
	struct late_item what = late_item_gap(gap);
	struct item item = item_of(merge, origin.tape, &what);
	uint32_t index = UINT32_MAX;

	origin.who = known ? *known : (struct sst_group){.pid = gap->pid, .where.container = CONTAINER_UNKNOWN};
	add_item(merge, &item, &origin, &index);
}

static void add_event(struct merge *merge, const struct walk *walk, struct origin origin, size_t i)
{
	struct thread_event event = event_of_rows(walk->rows, i);
	struct late_item what = {
		.time = event.event->time,
		.tid = event.event->tid,
		.ret = event.event->a,
		.duration = event.event->b,
		.gap = true, /* what is no row is told apart by more than time and thread */
		.event = event.event->kind,
	};
	struct item item = item_of(merge, origin.tape, &what);
	uint32_t index = UINT32_MAX;

	origin.who = (struct sst_group){.pid = event.event->pid, .tid = event.event->tid};
	origin.who.comm_len = (uint8_t)event.comm_len;
	origin.who.where.container = event.container;
	memcpy(origin.who.comm, event.comm, event.comm_len);
	origin.parent = event.parent;
	add_item(merge, &item, &origin, &index);
}

static bool is_time_in_window(const struct merge *merge, uint32_t tape, uint64_t first, uint64_t last)
{
	uint64_t zero = merge->tapes[tape].zero;

	return first <= last && (!merge->has_last || (int64_t)(last - zero) >= merge->last.at) &&
	       (!merge->more || (int64_t)(first - zero) <= merge->bound.at);
}

/* Can anything in this frame be of the window? */
static bool may_have_more(const struct merge *merge, uint32_t tape, const struct sst_frame *frame)
{
	return has_rows(frame) && (sst_frame_may_have_gaps(frame) || may_have_events(merge, frame) ||
				   (is_time_in_window(merge, tape, frame->time_min, frame->time_max) &&
				    late_frame_may_matter(merge->config->filter, frame)));
}

static void add_frame(struct merge *merge, struct walk *walk, const struct block *block)
{
	struct origin origin = origin_of(merge, walk, block);
	const struct sst_rows *rows = walk->rows;

	for (size_t g = 0; g < rows->n_groups && merge->config->view->row; g++)
		add_group(merge, walk, origin, &rows->groups[g]);
	for (size_t i = 0; i < rows->n_gaps; i++)
		add_gap(merge, walk, origin, &rows->gaps[i]);
	for (size_t i = 0; i < rows->n_events && merge->config->view->event; i++)
		if (rows->events[i].kind)
			add_event(merge, walk, origin, i);
}

/* The frames of a block from the walk's place to end. */
static void collect_block(struct merge *merge, struct walk *walk, const struct block *block, uint64_t end)
{
	struct report *loud = merge->tapes[block->tape].tape.sections[block->section].report;
	const struct sst_frame *frame = &walk->frame;

	do {
		if (may_have_more(merge, block->tape, frame) && load_frame(merge, walk, block, loud, merge->columns))
			add_frame(merge, walk, block);
	} while ((frame = walk_next(walk)) && frame->offset < end);
}

/* The blocks of one section, from first to before last. */
static void collect_section(struct merge *merge, const struct block *first, const struct block *last)
{
	struct report quiet = {.quiet = true};
	struct tape alone = {.sections = &merge->tapes[first->tape].tape.sections[first->section], .n = 1};
	struct walk *walk = NULL;

	for (const struct block *block = first; block < last && !merge->failed; block++) {
		uint64_t end = block + 1 < last ? block[1].offset : UINT64_MAX;
		struct spot spot = {.offset = block->offset};

		if (!is_time_in_window(merge, block->tape, block->first, block->last))
			continue;
		if (!walk)
			walk = walk_tape(&alone, &quiet);
		merge->failed |= !walk;
		if (walk && (walk->recordings == 0 || walk->frame.offset != block->offset) &&
		    (!walk_seek(walk, &spot) || !walk_next(walk)))
			continue;
		if (walk)
			collect_block(merge, walk, block, end);
	}
	merge->failed |= quiet.status == STATUS_FAILED;
	walk_free(walk);
}

/* The items behind merge->last, as many as fit. */
static void collect(struct merge *merge)
{
	const struct block *end = merge->blocks + merge->n_blocks;

	merge->n = merge->n_origins = 0;
	merge->more = false;
	for (const struct block *first = merge->blocks, *last; first < end; first = last) {
		for (last = first + 1; last < end && may_join(first, last); last++)
			;
		collect_section(merge, first, last);
	}
	sort_items(merge);
}

/* --- printing */

/*
 * The clock's relation to boot time may change (a suspend), and then a complete row has another time than the open one.
 * Take that out, if they are in the same window.
 */
static void drop_replaced(struct merge *merge)
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

static void print_gap(struct merge *merge, const struct item *item, const struct origin *origin,
		      const struct span *span)
{
	struct view *view = merge->config->view;
	struct sst_gap gap = late_gap(&item->what, &origin->who);
	struct lost lost = {.gap = &gap,
			    .comm = origin->who.comm,
			    .comm_len = origin->who.comm_len,
			    .container = origin->who.where.container};

	if (!filter_lost(merge->config->filter, span, &lost))
		return;
	origin->report->lost_by_cause[gap.cause < SST_CAUSE_COUNT ? gap.cause : SST_CAUSE_UNKNOWN] += gap.count;
	if (view->lost)
		view->lost(view, &lost);
}

static void print_event(struct merge *merge, const struct item *item, const struct origin *origin,
			const struct span *span)
{
	struct sst_event what = {
		.time = item->what.time,
		.a = item->what.ret,
		.b = item->what.duration,
		.pid = origin->who.pid,
		.tid = item->what.tid,
		.kind = item->what.event,
	};
	struct thread_event event = {.event = &what,
				     .comm = origin->who.comm,
				     .comm_len = origin->who.comm_len,
				     .container = origin->who.where.container,
				     .parent = origin->parent};

	event.wanted = filter_event(merge->config->filter, span, &event);
	merge->config->view->event(merge->config->view, &event);
}

/* The call with what the view makes of it, and whether it is wanted; made when it has not been met lately. */
static struct call *call_of(struct merge *merge, const struct late_item *what)
{
	struct call *call = &merge->calls[(what->nr * 8 + what->abi) % CALLS];
	const struct view *view = merge->config->view;

	if (*call->name && call->nr == what->nr && call->abi == what->abi && call->nargs == what->nargs)
		return call;
	late_call(what, call);
	call->wanted = filter_call(merge->config->filter, call);
	if (view->names)
		call->deed = deed_of(call->abi, call->nr);
	if (view->call)
		view->call(view, call);
	return call;
}

static void print_row(struct merge *merge, const struct item *item, const struct origin *origin,
		      const struct span *span)
{
	struct view *view = merge->config->view;
	struct call *call = call_of(merge, &item->what);
	struct row row = late_row(&item->what, &origin->who, call);

	if (!call->wanted || !filter_row(merge->config->filter, span, &row))
		return;
	if (view->names)
		naming_show_nothing(&row);
	origin->report->rows++;
	view->row(view, &row);
}

static void print_window(struct merge *merge)
{
	struct view *view = merge->config->view;

	if (view->frame)
		view->frame(view, ++merge->serial);
	for (size_t i = 0; i < merge->n; i++) {
		const struct item *item = &merge->items[i];
		const struct origin *origin = &merge->origins[item->what.who];
		struct recording recording = recording_of(merge, origin);
		struct span span = filter_span(merge->config->filter, &recording);

		view->recording = &recording;
		if (item->what.event)
			print_event(merge, item, origin, &span);
		else if (item->what.gap)
			print_gap(merge, item, origin, &span);
		else
			print_row(merge, item, origin, &span);
	}
	view->recording = NULL;
}

/* --- all of it */

static void run(struct merge *merge)
{
	struct view *view = merge->config->view;
	const struct recording nothing = {.has_start = true};
	bool more = true;

	view->recording = &nothing;
	if (view->begin)
		view->begin(view);
	while (more && !view->out->error) {
		collect(merge);
		more = merge->more && !merge->failed;
		if (merge->n > 0) {
			merge->last = merge->items[merge->n - 1];
			merge->has_last = true;
		}
		drop_replaced(merge);
		print_window(merge);
		if (merge->has_last && view->is_due && view->is_due(view, merge->last.at))
			view->due(view, merge->last.at);
	}
}

static bool prepare(struct merge *merge, const struct tape *tapes, size_t n)
{
	const struct stream_config *config = merge->config;

	merge->cap_blocks = BLOCKS;
	for (size_t i = 0; i < n; i++)
		merge->cap_blocks += tapes[i].n * 2;
	merge->tapes = calloc(n + 1, sizeof(*merge->tapes));
	merge->blocks = calloc(merge->cap_blocks, sizeof(*merge->blocks));
	merge->items = malloc(MERGE_WINDOW * sizeof(*merge->items));
	merge->index = malloc(MERGE_WINDOW * sizeof(*merge->index));
	merge->origins = malloc(MERGE_WINDOW * sizeof(*merge->origins));
	if (!merge->tapes || !merge->blocks || !merge->items || !merge->index || !merge->origins)
		return false;
	merge->plain = *config->filter;
	merge->plain.failed = merge->plain.has_slower = false;
	merge->columns = config->view->columns | filter_columns(config->filter) | filter_where(config->filter) |
			 SST_COL_TIME | SST_COL_SEQ | SST_COL_STATE | SST_COL_CALL;
	merge->per_block = 1;
	merge->n_tapes = n;
	for (size_t i = 0; i < n && !merge->failed; i++) {
		merge->tapes[i] = (struct session_tape){.tape = tapes[i], .zero = tapes[i].sections[0].zero};
		make_blocks(merge, i);
	}
	return !merge->failed;
}

static void free_merge(struct merge *merge)
{
	if (!merge)
		return;
	free(merge->tapes);
	free(merge->blocks);
	free(merge->items);
	free(merge->index);
	free(merge->origins);
	free(merge->damaged);
	free(merge);
}

void merge_run(const struct tape *tapes, size_t n, const struct stream_config *config)
{
	struct merge *merge = calloc(1, sizeof(*merge));
	bool failed = !merge;

	if (merge) {
		merge->config = config;
		failed = !prepare(merge, tapes, n);
		if (!failed)
			run(merge);
		failed |= merge->failed;
		if (merge->has_sums)
			complain("sums of calls that were counted, not recorded (sysstream --tally), are left out: of "
				 "recordings that overlap in time only rows are put together; decode them one by one");
	}
	if (failed)
		report_error(tapes[0].sections[0].report, -ENOMEM);
	free_merge(merge);
}
