/* merge_print.c - the window of a merge: its names, and out to the view */
#include "merge_rows.h"

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

static struct sst_event event_of(const struct item *item, const struct sst_group *who)
{
	return (struct sst_event){
		.time = item->what.time,
		.a = item->what.ret,
		.b = item->what.duration,
		.pid = who->pid,
		.tid = item->what.tid,
		.kind = item->what.event,
	};
}

static void print_event(struct merge *merge, const struct item *item, const struct origin *origin,
			const struct span *span)
{
	struct sst_event what = event_of(item, &origin->who);
	const struct late_piece *piece = &item->what.piece;
	struct thread_event event = {.event = &what,
				     .comm = origin->who.comm,
				     .comm_len = origin->who.comm_len,
				     .container = origin->who.where.container,
				     .parent = origin->parent,
				     .captures = merge->texts.captures + piece->first,
				     .n_captures = piece->n,
				     .text = merge->texts.text};

	if (!merge->config->view->event)
		return;

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

/* The row of an item. */
static struct row row_of(struct merge *merge, const struct item *item)
{
	struct row row = late_row(&item->what, &merge->origins[item->what.who].who, call_of(merge, &item->what));

	late_texts_show(&merge->texts, &item->what.piece, &row);
	return row;
}

/* What is known of the session of an item, and what the filter means there: merge->recording and merge->span. */
static void enter(struct merge *merge, const struct item *item)
{
	if (merge->entered == &merge->origins[item->what.who])
		return;
	merge->entered = &merge->origins[item->what.who];
	merge->recording = merge_recording(merge, merge->entered);
	merge->span = filter_span(merge->config->filter, &merge->recording);
}

/* --- names: of a list of items first all are found, then they are printed, as long as none is taken back */

static void track_open(struct merge *merge, const struct item *item)
{
	const struct late_piece *piece = &item->what.piece;
	struct sst_open open = {
		.time = item->what.duration,
		.until = item->what.time,
		.pid = item->what.nr,
		.what = item->what.ret,
		.len = piece->len,
		.flags = item->what.state,
	};

	if (piece->n > 0) /* or it has a name that is too long to be one */
		merge_names_open(merge->names, item->tape, &open,
				 merge->texts.text + merge->texts.captures[piece->first].offset);
}

static void track_row(struct merge *merge, struct item *item, size_t i)
{
	struct row row = row_of(merge, item);

	if (item->listed || row.call->deed.effect)
		item->named = merge_names_call(merge->names, item->tape, &row, item->listed ? (uint32_t)i : UINT32_MAX);
}

static void track(struct merge *merge, struct item *item, size_t i)
{
	const struct sst_group *who = &merge->origins[item->what.who].who;

	if (!merge->names)
		return;
	if (!item->what.gap) {
		track_row(merge, item, i);
	} else if (item->what.event == ITEM_OPEN) {
		track_open(merge, item);
	} else if (item->what.event) {
		struct sst_event event = event_of(item, who);

		merge_names_event(merge->names, item->tape, &event);
	} else {
		struct sst_gap gap = late_gap(&item->what, who);

		merge_names_gap(merge->names, item->tape, &gap);
	}
}

/* Is the row wanted? */
static bool is_listed(struct merge *merge, const struct item *item)
{
	struct row row = row_of(merge, item);

	enter(merge, item);
	return !item->hidden && row.call->wanted && filter_row(merge->config->filter, &merge->span, &row);
}

/* From item i on, as many as one list has. Returns the first one behind it. */
static size_t make_list(struct merge *merge, size_t i)
{
	if (merge->names && !merge_names_begin(merge->names))
		merge->failed = true;
	while (i < merge->n && !merge->failed) {
		struct item *item = &merge->items[i];

		item->listed = !item->what.gap && is_listed(merge, item);
		track(merge, item, i++);
		if (merge->names && merge_names_are_full(merge->names))
			break;
	}
	return i;
}

static void print_row(struct merge *merge, const struct item *item, size_t i)
{
	struct view *view = merge->config->view;
	struct row row = row_of(merge, item);

	if (item->named)
		merge_names_show(merge->names, i, &row);
	else if (view->names)
		naming_show_nothing(&row);
	merge->origins[item->what.who].report->rows++;
	view->row(view, &row);
}

static void print_item(struct merge *merge, size_t i)
{
	const struct item *item = &merge->items[i];
	const struct origin *origin = &merge->origins[item->what.who];

	enter(merge, item);
	merge->config->view->recording = &merge->recording;
	if (item->listed)
		print_row(merge, item, i);
	else if (item->what.gap && !item->what.event)
		print_gap(merge, item, origin, &merge->span);
	else if (item->what.gap && item->what.event != ITEM_OPEN)
		print_event(merge, item, origin, &merge->span);
}

void merge_print(struct merge *merge)
{
	struct view *view = merge->config->view;
	size_t i = 0, end;

	merge->entered = NULL;
	do {
		end = make_list(merge, i);
		if (view->frame)
			view->frame(view, ++merge->serial);
		for (; i < end; i++)
			print_item(merge, i);
	} while (i < merge->n && !merge->failed);
	view->recording = NULL;
}
