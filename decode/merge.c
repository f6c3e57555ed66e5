/* merge.c - see merge.h */
#include "merge_rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "containers.h"

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

/* What distinguishes gaps of nobody is what they say. */
static int compare_keys(const struct item *x, const struct item *y)
{
	int order = x->at < y->at ? -1 : x->at > y->at;

	if (!order)
		order = kind_of(x) - kind_of(y);
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

/* Keep only the captures that items still refer to. */
static void compact_texts(struct merge *merge)
{
	struct late_texts kept = {0};

	for (size_t i = 0; i < merge->n; i++)
		merge->failed |= !late_texts_copy(&kept, &merge->texts, &merge->items[i].what.piece);
	late_texts_free(&merge->texts);
	merge->texts = kept;
}

/*
 * In order, and of those with the same key only the first: a complete row replaces the open one. What was captured when
 * the call began is the complete one's where that has nothing of its own.
 */
static void sort_items(struct merge *merge)
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

	sort_items(merge);
	n = first_half(merge);
	if (n < merge->n) {
		merge->n = n;
		merge->more = true;
		merge->bound = merge->items[n - 1];
	}
	compact_origins(merge);
	compact_texts(merge);
}

static bool is_in_window(const struct merge *merge, const struct item *item)
{
	return (!merge->has_last || compare_keys(item, &merge->last) > 0) &&
	       (!merge->more || compare_keys(item, &merge->bound) <= 0);
}

static bool has_room_for(const struct merge *merge, const struct captured *captured)
{
	size_t len, n = late_texts_size(captured, &len);

	return merge->n < MERGE_WINDOW && (n == 0 || text_fits(merge->texts.len + len, merge->texts.n + n, 1));
}

/* *index is where origin is kept, UINT32_MAX before its first item. */
static void add_item(struct merge *merge, struct item *item, const struct origin *origin, uint32_t *index,
		     const struct captured *captured)
{
	if (!is_in_window(merge, item))
		return;
	if (!has_room_for(merge, captured)) {
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
	merge->failed |= !late_texts_add(&merge->texts, captured, &item->what.piece);
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
	if (!good) {
		note_damage(merge, block, walk->frame.offset);
		merge_names_damaged(merge->names, block->tape, &walk->frame);
	}
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
	return (merge->config->view->event || merge->names) && sst_frame_may_have_events(frame);
}

/* What was open when a recording began is of interest for names. */
static bool may_have_opens(const struct merge *merge, const struct sst_frame *frame)
{
	return merge->names && sst_frame_may_have_text(frame);
}

/* A frame's header tells the times of its rows, but not those of gaps and events. */
static void note_times(struct merge *merge, struct walk *walk, struct block *block)
{
	if (walk->frame.time_min <= walk->frame.time_max) {
		note_time(block, walk->frame.time_min);
		note_time(block, walk->frame.time_max);
	}
	if (!sst_frame_may_have_gaps(&walk->frame) && !may_have_events(merge, &walk->frame) &&
	    !may_have_opens(merge, &walk->frame))
		return;
	if (!load_frame(merge, walk, block, walk->report, may_have_opens(merge, &walk->frame) ? SST_COL_TEXT : 0))
		return;
	for (size_t i = 0; i < walk->rows->n_gaps; i++)
		note_time(block, walk->rows->gaps[i].time);
	for (size_t i = 0; i < walk->rows->n_events && may_have_events(merge, &walk->frame); i++)
		note_time(block, walk->rows->events[i].time);
	for (size_t i = 0; i < walk->rows->n_opens && merge->names; i++)
		note_time(block, walk->rows->opens[i].until);
}

static void make_blocks(struct merge *merge, size_t tape)
{
	struct session_tape *session = &merge->tapes[tape];
	struct walk *walk = walk_tape(&session->tape, NULL);
	struct merge_place place = {merge->names, tape};
	const struct sst_frame *frame;

	if (!walk)
		merge->failed = true;
	if (walk && merge->names) {
		walk->settle = merge_names_missing;
		walk->context = &place;
	}
	while (walk && (frame = walk_next(walk))) {
		struct block *block = block_of_frame(merge, walk, tape);

		merge_names_meet(merge->names, tape, walk);
		if (has_rows(frame))
			note_times(merge, walk, block);
		merge->has_sums |= frame->type == SST_FRAME_TALLY;
		if (walk->recording.known_until > session->known_until)
			session->known_until = walk->recording.known_until;
	}
	walk_free(walk);
}

/* --- collecting */

struct recording merge_recording(const struct merge *merge, const struct origin *origin)
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

/* Which calls of the frame names depend on. */
static void choose_calls(struct merge *merge, const struct sst_rows *rows)
{
	for (size_t i = 0; i < rows->n_calls; i++)
		merge->needed[i] = merge->names && deed_of(rows->calls[i].abi, rows->calls[i].nr).effect;
}

static void add_group(struct merge *merge, const struct walk *walk, struct origin origin, const struct sst_group *group)
{
	struct recording recording = merge_recording(merge, &origin);
	struct span span = filter_span(&merge->plain, &recording);
	const struct sst_rows *rows = walk->rows;
	bool wanted = filter_who(&merge->plain, group);
	uint32_t index = UINT32_MAX;

	if (!wanted && !merge->names)
		return;
	origin.who = *group;
	for (size_t i = group->first; i < (size_t)group->first + group->n; i++) {
		bool shown = wanted && filter_row(&merge->plain, &span, &(struct row){.time = rows->time[i]});
		struct captured captured = {.n = 0};
		struct late_item what;
		struct item item;

		if (!shown && !merge->needed[rows->call[i]])
			continue;
		what = late_item_row(rows, i, group->tid, merge->columns);
		item = item_of(merge, origin.tape, &what);
		item.hidden = !shown;
		if (merge->columns & SST_COL_TEXT && is_in_window(merge, &item))
			captured = captured_of(rows, i);
		add_item(merge, &item, &origin, &index, &captured);
	}
}

static void add_gap(struct merge *merge, const struct walk *walk, struct origin origin, const struct sst_gap *gap)
{
	const struct sst_group *known = group_of_gap(walk->rows, gap);
	struct late_item what = late_item_gap(gap);
	struct item item = item_of(merge, origin.tape, &what);
	uint32_t index = UINT32_MAX;

	origin.who = known ? *known : (struct sst_group){.pid = gap->pid, .where.container = CONTAINER_UNKNOWN};
	add_item(merge, &item, &origin, &index, &(struct captured){.n = 0});
}

/* One of those that were open: of a time, so that the tracker gets it in order. */
static void add_open(struct merge *merge, const struct walk *walk, const struct origin *origin, uint32_t *index,
		     size_t i)
{
	const struct sst_open *open = &walk->rows->opens[i];
	struct sst_capture name = {.offset = open->offset, .len = open->len};
	struct late_item what = {
		.time = open->until,
		.seq = i,
		.duration = open->time,
		.ret = open->what,
		.nr = open->pid,
		.state = open->flags,
		.gap = true,
		.event = ITEM_OPEN,
	};
	struct item item = item_of(merge, origin->tape, &what);

	add_item(merge, &item, origin, index, &(struct captured){&name, 1, walk->rows->text});
}

static void add_opens(struct merge *merge, const struct walk *walk, const struct origin *origin)
{
	uint32_t index = UINT32_MAX;

	for (size_t i = 0; i < walk->rows->n_opens && merge->names; i++)
		add_open(merge, walk, origin, &index, i);
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
	add_item(merge, &item, &origin, &index, &(struct captured){event.captures, event.n_captures, event.text});
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
	return has_rows(frame) &&
	       (sst_frame_may_have_gaps(frame) || may_have_events(merge, frame) || may_have_opens(merge, frame) ||
		(is_time_in_window(merge, tape, frame->time_min, frame->time_max) &&
		 (merge->names || late_frame_may_matter(merge->config->filter, frame))));
}

static void add_frame(struct merge *merge, struct walk *walk, const struct block *block)
{
	struct origin origin = origin_of(merge, walk, block);
	const struct sst_rows *rows = walk->rows;

	choose_calls(merge, rows);
	for (size_t g = 0; g < rows->n_groups && merge->config->view->row; g++)
		add_group(merge, walk, origin, &rows->groups[g]);
	add_opens(merge, walk, &origin);
	for (size_t i = 0; i < rows->n_gaps; i++)
		add_gap(merge, walk, origin, &rows->gaps[i]);
	for (size_t i = 0; i < rows->n_events && may_have_events(merge, &walk->frame); i++)
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
	late_texts_clear(&merge->texts);
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
		merge_print(merge);
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
	if (config->view->names && config->view->row) {
		merge->columns |= SST_COL_RET | SST_COL_ARGS | SST_COL_TEXT;
		merge->names = merge_names_new(n);
		if (!merge->names)
			return false;
	}
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
	late_texts_free(&merge->texts);
	merge_names_free(merge->names);
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
