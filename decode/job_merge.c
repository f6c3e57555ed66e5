/* job_merge.c - rows, gaps, late rows and events of one frame after the other, in order: see job.h */
#include "job_rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The place in the table that a frame has come to. */
struct limit {
	uint64_t time, seq;
	uint32_t tid;
};

static bool comes_before(const struct late_item *item, const struct limit *limit)
{
	if (item->time != limit->time || item->gap)
		return item->time < limit->time;
	return item->tid < limit->tid || (item->tid == limit->tid && item->seq <= limit->seq);
}

static void list_add(struct job *job, uint64_t time, uint32_t row, uint32_t group)
{
	job->list[job->n_list++] = (struct sst_place){time, row, group};
}

/* --- the tracker is told of everything in order, and names what is in the list */

static void take_back(void *context, uint32_t tag)
{
	struct job *job = context;

	if (tag < job->n_list)
		naming_take_back(&job->naming, tag);
}

/* listed: it is the last element of the list. */
static void track_row(struct job *job, const struct common *common, const struct row *row, bool listed)
{
	uint32_t tag = listed ? (uint32_t)job->n_list - 1 : UINT32_MAX;
	struct names names;

	tracker_call(common->tracker, row, &row->call->deed, tag, &names);
	if (listed)
		naming_set(&job->naming, tag, &names);
}

/* The row at a place of the frame. */
static void track_place(struct job *job, const struct common *common, const struct sst_place *place, bool listed)
{
	const struct sst_rows *rows = job->rows;
	size_t i = place->row & ~PLACE_HIDDEN;
	struct call *call = &job->calls[rows->call[i]];
	struct row *row = &job->tracked;
	int8_t fd = call->deed.operands.fd; /* which argument; below 0: none */

	if (deed_is_plain(&call->deed)) { /* the others that are in row are not looked at */
		row->time = rows->time[i];
		row->duration = rows->duration[i];
		row->seq = rows->seq[i];
		row->state = rows->state[i];
		row->who = &rows->groups[place->group];
		row->call = call;
		if (fd >= 0)
			row->arg[fd] = rows->arg[fd][i];
	} else {
		job_row(job, i, place->group, row);
	}
	track_row(job, common, row, listed);
}

static void merge_open(struct job *job, const struct common *common)
{
	const struct sst_open *open = &job->rows->opens[job->opens[job->next_open++]];

	tracker_open(common->tracker, open, job->rows->text + open->offset);
}

static uint64_t next_open_time(const struct job *job)
{
	return job->next_open < job->n_opens ? job->rows->opens[job->opens[job->next_open]].until : UINT64_MAX;
}

static int compare_opens(const void *a, const void *b, void *rows)
{
	uint32_t i = *(const uint32_t *)a, k = *(const uint32_t *)b;
	uint64_t x = ((struct sst_rows *)rows)->opens[i].until, y = ((struct sst_rows *)rows)->opens[k].until;

	return x < y ? -1 : x > y ? 1 : i < k ? -1 : i > k;
}

static void take_opens(struct job *job)
{
	struct sst_rows *rows = job->rows;

	if (rows->n_opens == 0)
		return;
	if (!job_reserve(&job->opens, &job->cap_opens, rows->n_opens, sizeof(*job->opens))) {
		job->error = -ENOMEM;
		return;
	}
	for (size_t i = 0; i < rows->n_opens; i++)
		job->opens[i] = (uint32_t)i;
	job->n_opens = rows->n_opens;
	qsort_r(job->opens, job->n_opens, sizeof(*job->opens), compare_opens, rows);
}

/* Returns whether a gap is wanted. */
static bool count_gap(struct job *job, const struct common *common, const struct lost *lost)
{
	unsigned cause = lost->gap->cause;

	if (!filter_lost(common->filter, &job->span, lost))
		return false;
	job->lost_by_cause[cause < SST_CAUSE_COUNT ? cause : SST_CAUSE_UNKNOWN] += lost->gap->count;
	return common->view->lost != NULL;
}

static void merge_gap(struct job *job, const struct common *common)
{
	uint32_t i = (uint32_t)job->next_gap++;
	struct lost lost = job_frame_lost(job, i);

	if (job->tracks)
		tracker_gap(common->tracker, lost.gap);
	if (count_gap(job, common, &lost))
		list_add(job, lost.gap->time, i, LIST_GAP);
}

/* late has been put behind the list's others: is it wanted there? */
static bool wants_late(struct job *job, const struct common *common, const struct job_late *late)
{
	struct call call;
	struct row row;

	if (late->item.gap) {
		struct sst_gap gap = late_gap(&late->item, &late->who);
		struct lost lost = job_lost(&gap, &late->who);

		return count_gap(job, common, &lost);
	}
	late_call(&late->item, &call);
	row = late_row(&late->item, &late->who, &call);
	if (!filter_call(common->filter, &call) || !filter_who(common->filter, row.who) ||
	    !filter_row(common->filter, &job->span, &row))
		return false;
	job->n_rows++;
	return true;
}

/*
 * The late row that comes is that of the next place, as a rule: it stands before the open row that it replaces. Returns
 * that + 1, or 0.
 */
static uint32_t open_row_of(const struct job *job, const struct late_item *item)
{
	const struct sst_place *place = &job->places[job->next_place];
	uint32_t row;

	if (job->next_place == job->n_places || item->gap || place->time != item->time)
		return 0;
	row = place->row & ~PLACE_HIDDEN;
	if (job->rows->groups[place->group].tid != item->tid || job->rows->seq[row] != item->seq)
		return 0;
	return row + 1;
}

static void track_late(struct job *job, const struct common *common, const struct job_late *late)
{
	bool listed = wants_late(job, common, late);
	struct call call;
	struct row row;

	if (listed)
		list_add(job, late->item.time, (uint32_t)job->n_lates++, LIST_LATE);
	if (late->item.gap) {
		struct sst_gap gap = late_gap(&late->item, &late->who);

		tracker_gap(common->tracker, &gap);
		return;
	}
	late_call(&late->item, &call);
	call.deed = deed_of(call.abi, call.nr);
	row = late_row(&late->item, &late->who, &call);
	job_late_captures(job, late, &row);
	if (listed || call.deed.effect)
		track_row(job, common, &row, listed);
}

static void merge_late(struct job *job, const struct common *common)
{
	const struct late_item *item = late_head(common->late);
	struct job_late *late = &job->lates[job->n_lates];

	late->item = *item;
	late->who = common->late->who[item->who];
	late->open = open_row_of(job, item);
	late->piece = item->piece;
	if (job->n_lates == 0)
		late_texts_clear(&job->late_texts);
	if (!late_texts_copy(&job->late_texts, &common->late->texts, &late->piece))
		job->error = -ENOMEM;
	if (job->tracks)
		track_late(job, common, late);
	else if (wants_late(job, common, late))
		list_add(job, item->time, (uint32_t)job->n_lates++, LIST_LATE);
	late_take(common->late);
}

static size_t n_carried(const struct job *job)
{
	return job->carried ? job->carried->n : 0;
}

struct thread_event job_event(const struct job *job, size_t i)
{
	size_t n = n_carried(job);
	const struct carried_event *from;

	if (i >= n)
		return event_of_rows(job->rows, i - n);
	from = &job->carried->list[i];
	return (struct thread_event){
		.event = &from->event,
		.comm = from->comm,
		.comm_len = from->comm_len,
		.container = from->container,
		.parent = from->parent,
		.captures = from->captures,
		.n_captures = from->n_captures,
		.text = job->carried->text,
	};
}

static uint64_t time_of_event(const struct job *job, size_t i)
{
	size_t n = n_carried(job);

	return i < n ? job->carried->list[i].event.time : job->rows->events[i - n].time;
}

static void merge_event(struct job *job, const struct common *common)
{
	uint32_t i = job->events[job->next_event++];
	struct thread_event event = job_event(job, i);
	bool wanted = filter_event(common->filter, &job->span, &event);

	if (job->tracks)
		tracker_event(common->tracker, event.event);
	if (!common->view->event)
		return;
	list_add(job, event.event->time, wanted ? EVENT_WANTED + i : i, LIST_EVENT);
}

/* The time of the next gap and of the next event of the frame, or the end of time. */
static uint64_t next_gap_time(const struct job *job)
{
	return job->next_gap < job->rows->n_gaps ? job->rows->gaps[job->next_gap].time : UINT64_MAX;
}

static uint64_t next_event_time(const struct job *job)
{
	return job->next_event < job->n_events ? time_of_event(job, job->events[job->next_event]) : UINT64_MAX;
}

static bool late_text_is_full(const struct job *job, const struct late_item *item)
{
	return job->n_lates > 0 && job->late_texts.len + item->piece.len > JOB_LATE_TEXT;
}

/* Late rows up to the limit, and gaps and events of the frame before its time, as they come in time. */
static enum merged catch_up(struct job *job, const struct common *common, const struct limit *limit)
{
	for (;;) {
		const struct late_item *item = common->late ? late_head(common->late) : NULL;
		uint64_t gap = next_gap_time(job), event = next_event_time(job), open = next_open_time(job);
		uint64_t bound = item && item->time < limit->time ? item->time : limit->time;

		if (!item && common->late && late_is_used_up(common->late))
			return MERGE_REFILL;
		if (open < bound && open <= event && open <= gap) {
			merge_open(job, common);
		} else if (event < bound && event <= gap) {
			merge_event(job, common);
		} else if (gap < bound) {
			merge_gap(job, common);
		} else if (item && comes_before(item, limit)) {
			if (job->n_lates == JOB_LATES || late_text_is_full(job, item) ||
			    (job->tracks && naming_is_full(&job->naming)))
				return MERGE_FULL;
			merge_late(job, common);
		} else {
			job->stop = item ? item->time : UINT64_MAX;
			if (gap < job->stop)
				job->stop = gap;
			if (event < job->stop)
				job->stop = event;
			if (open < job->stop)
				job->stop = open;
			return MERGE_DONE;
		}
	}
}

/* Gaps, events and what is open at the end of a frame have no row behind them. */
static enum merged catch_up_last(struct job *job, const struct common *common)
{
	while (job->next_gap < job->rows->n_gaps || job->next_event < job->n_events || job->next_open < job->n_opens) {
		uint64_t gap = next_gap_time(job), event = next_event_time(job), time = gap < event ? gap : event;
		enum merged state = MERGE_DONE;

		time = next_open_time(job) < time ? next_open_time(job) : time;
		if (time < UINT64_MAX)
			state = catch_up(job, common, &(struct limit){.time = time + 1});
		else if (job->next_open < job->n_opens)
			merge_open(job, common);
		else if (job->next_gap < job->rows->n_gaps)
			merge_gap(job, common);
		else
			merge_event(job, common);
		if (state != MERGE_DONE)
			return state;
	}
	return MERGE_DONE;
}

static bool is_replaced(const struct job *job, const struct common *common, const struct sst_place *place)
{
	const struct sst_rows *rows = job->rows;
	size_t i = place->row & ~PLACE_HIDDEN;

	return common->replaces && sst_state_is_open(rows->state[i]) &&
	       late_replaces(common->late, place->time, rows->groups[place->group].tid, rows->seq[i]);
}

static enum merged merge_places(struct job *job, const struct common *common)
{
	const struct sst_rows *rows = job->rows;

	for (; job->next_place < job->n_places; job->next_place++) {
		const struct sst_place *place = &job->places[job->next_place];

		if (place->time >= job->stop) {
			uint64_t seq = common->columns & SST_COL_SEQ ? rows->seq[place->row & ~PLACE_HIDDEN] : 0;
			enum merged state = catch_up(job, common,
						     &(struct limit){place->time, seq, rows->groups[place->group].tid});

			if (state != MERGE_DONE)
				return state;
		}
		if (is_replaced(job, common, place))
			continue;
		if (place->row & PLACE_HIDDEN) {
			track_place(job, common, place, false);
			continue;
		}
		job->list[job->n_list++] = *place;
		job->n_rows++;
		if (job->tracks)
			track_place(job, common, place, true);
		if (job->tracks && naming_is_full(&job->naming)) {
			job->next_place++;
			return MERGE_FULL;
		}
	}
	return MERGE_DONE;
}

static int compare_events(const void *a, const void *b, void *context)
{
	uint32_t i = *(const uint32_t *)a, k = *(const uint32_t *)b;
	uint64_t x = time_of_event(context, i), y = time_of_event(context, k);

	return x < y ? -1 : x > y ? 1 : i < k ? -1 : i > k;
}

/* Keep an event for the next frame. Returns false if there is no room. */
static bool carry(struct carried *carried, const struct thread_event *event)
{
	struct carried_event *to = &carried->list[carried->n];

	if (carried->n == JOB_CARRIED || event->n_captures > CARRIED_CAPTURES)
		return false;
	*to = (struct carried_event){.event = *event->event, .parent = event->parent};
	to->container = event->container;
	to->comm_len = (uint8_t)event->comm_len;
	memcpy(to->comm, event->comm, event->comm_len);
	for (; to->n_captures < event->n_captures; to->n_captures++) {
		const struct sst_capture *capture = &event->captures[to->n_captures];

		if (capture->len > CARRIED_TEXT - carried->n_text)
			return false;
		to->captures[to->n_captures] = *capture;
		to->captures[to->n_captures].offset = (uint32_t)carried->n_text;
		if (capture->len > 0)
			memcpy(carried->text + carried->n_text, event->text + capture->offset, capture->len);
		carried->n_text += capture->len;
	}
	carried->n++;
	return true;
}

/*
 * Events may be written with a frame though they came behind its cut: those are left to the next. What does not fit
 * comes too early, by no more than the time it takes to cut. So does what comes from a pipe: nobody knows when there
 * will be a next frame.
 */
static bool is_left(const struct job *job, const struct common *common, size_t i)
{
	struct thread_event event;

	if (job->frame.type != SST_FRAME_ROWS || time_of_event(job, i) <= job->frame.cut || !common->carried ||
	    common->view->live)
		return false;
	event = job_event(job, i);
	return carry(common->carried, &event);
}

/* Room for n events more in the list. */
static bool extend_list(struct job *job, size_t n)
{
	struct sst_place *list;

	if (n <= job->list_extra)
		return true;
	list = reallocarray(job->list, job->cap_list + n, sizeof(*list));
	if (!list)
		return false;
	job->list = list;
	job->list_extra = n;
	return true;
}

/* Those that the frames before have left and the frame's own. */
static void take_events(struct job *job, struct common *common)
{
	struct carried *spare = job->carried ? job->carried : calloc(1, sizeof(*spare));
	size_t n;

	job->carried = common->carried;
	common->carried = spare; /* without memory nothing is left to the next */
	n = n_carried(job) + job->rows->n_events;
	if (!extend_list(job, n) || !job_reserve(&job->events, &job->cap_events, n, sizeof(*job->events))) {
		job->error = -ENOMEM;
		return;
	}
	for (size_t i = 0; i < n; i++) {
		if (!is_left(job, common, i))
			job->events[job->n_events++] = (uint32_t)i;
	}
	if (job->n_events > 1)
		qsort_r(job->events, job->n_events, sizeof(*job->events), compare_events, job);
}

/* Before the first list of a frame. */
static void begin_merging(struct job *job, struct common *common)
{
	if ((common->view->event || job->tracks) && job->frame.type != SST_FRAME_LATE)
		take_events(job, common);
	if (job->tracks && (job->forgets || job->error))
		tracker_forget(common->tracker);
	if (job->tracks)
		take_opens(job);
	if (common->has_clock && common->clock.boot > job->recording.clock.boot) {
		job->recording.clock = common->clock;
		job->recording.has_clock = true;
	} else if (job->recording.has_clock) {
		common->clock = job->recording.clock;
		common->has_clock = true;
	}
	job->span = filter_span(common->filter, &job->recording);
	for (size_t g = 0; job->by_group && g < job->rows->n_groups; g++)
		if (job->wanted[g])
			list_add(job, 0, (uint32_t)g, LIST_GROUP);
}

/* Names may be taken back until the list is printed. */
static bool begin_names(struct job *job, const struct common *common)
{
	tracker_list(common->tracker, take_back, job);
	return naming_begin(&job->naming, job->cap_list + job->list_extra);
}

enum merged job_merge(struct job *job, struct common *common)
{
	enum merged state = MERGE_DONE;

	if (!job->merging)
		begin_merging(job, common);
	job->merging = true;
	if (common->late && !job->lates && !(job->lates = malloc(JOB_LATES * sizeof(*job->lates)))) {
		job->error = -ENOMEM;
		return MERGE_DONE;
	}
	job->serial = ++common->serial;
	if (job->tracks && job->n_list == 0 && !begin_names(job, common)) {
		job->error = -ENOMEM;
		return MERGE_DONE;
	}
	state = merge_places(job, common);
	if (state == MERGE_DONE && job->by_group && job->rows->n > 0) /* as far as the rows of the groups go */
		state = catch_up(job, common, &(struct limit){job->frame.time_max, UINT64_MAX, UINT32_MAX});
	if (state == MERGE_DONE)
		state = catch_up_last(job, common);
	if (state == MERGE_DONE && !job->frame.impl)
		state = catch_up(job, common, &(struct limit){UINT64_MAX, UINT64_MAX, UINT32_MAX});
	return state;
}
