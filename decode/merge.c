/* merge.c - see merge.h */
#include "merge_rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "containers.h"

/* --- items of a frame */

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
		if (merge->columns & SST_COL_TEXT && merge_has(merge, &item))
			captured = captured_of(rows, i);
		merge_add(merge, &item, &origin, &index, &captured);
	}
}

static void add_gap(struct merge *merge, const struct walk *walk, struct origin origin, const struct sst_gap *gap)
{
	const struct sst_group *known = group_of_gap(walk->rows, gap);
	struct late_item what = late_item_gap(gap);
	struct item item = item_of(merge, origin.tape, &what);
	uint32_t index = UINT32_MAX;

	origin.who = known ? *known : (struct sst_group){.pid = gap->pid, .where.container = CONTAINER_UNKNOWN};
	merge_add(merge, &item, &origin, &index, &(struct captured){.n = 0});
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

	merge_add(merge, &item, origin, index, &(struct captured){&name, 1, walk->rows->text});
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
	merge_add(merge, &item, &origin, &index, &(struct captured){event.captures, event.n_captures, event.text});
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
	for (size_t i = 0; i < rows->n_events && merge_has_events(merge, &walk->frame); i++)
		if (rows->events[i].kind)
			add_event(merge, walk, origin, i);
}

/* --- collecting */

static bool is_time_in_window(const struct merge *merge, uint32_t tape, uint64_t first, uint64_t last)
{
	uint64_t zero = merge->tapes[tape].zero;

	return first <= last && (!merge->has_last || (int64_t)(last - zero) >= merge->last.at) &&
	       (!merge->more || (int64_t)(first - zero) <= merge->bound.at);
}

/* Can anything in this frame be of the window? */
static bool may_have_more(const struct merge *merge, uint32_t tape, const struct sst_frame *frame)
{
	return merge_has_rows(frame) &&
	       (sst_frame_may_have_gaps(frame) || merge_has_events(merge, frame) || merge_has_opens(merge, frame) ||
		(is_time_in_window(merge, tape, frame->time_min, frame->time_max) &&
		 (merge->names || late_frame_may_matter(merge->config->filter, frame))));
}

/* The frames of a block from the walk's place to end. */
static void collect_block(struct merge *merge, struct walk *walk, const struct block *block, uint64_t end)
{
	struct report *loud = merge->tapes[block->tape].tape.sections[block->section].report;
	const struct sst_frame *frame = &walk->frame;

	do {
		if (may_have_more(merge, block->tape, frame) &&
		    merge_load_frame(merge, walk, block, loud, merge->columns))
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
		for (last = first + 1; last < end && merge_same_section(first, last); last++)
			;
		collect_section(merge, first, last);
	}
	merge_sort(merge);
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
		merge_drop_replaced(merge);
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
		merge_make_blocks(merge, i);
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
