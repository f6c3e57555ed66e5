/* job.c - see job.h */
#include "job.h"

#include "containers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What the tracker looks at. */
#define TRACKED_COLUMNS                                                                                                \
	(SST_COL_TIME | SST_COL_SEQ | SST_COL_RET | SST_COL_ARGS | SST_COL_CALL | SST_COL_STATE | SST_COL_TEXT)

#define HITS         4    /* frames without anything wanted, after one with, until it is worth to look first */
#define USUAL_GROUPS 4096 /* in a frame; a job that has had more does not keep their memory */

struct job *job_new(void)
{
	struct job *job = calloc(1, sizeof(*job));

	if (!job)
		return NULL;
	job->payload = sst_payload_new();
	job->rows = sst_rows_new();
	if (job->payload && job->rows)
		return job;
	job_free(job);
	return NULL;
}

void job_free(struct job *job)
{
	if (!job)
		return;
	sst_payload_free(job->payload);
	sst_rows_free(job->rows);
	free(job->calls);
	free(job->wanted);
	free(job->places);
	free(job->list);
	free(job->lates);
	late_texts_free(&job->late_texts);
	free(job->captured);
	free(job->carried);
	free(job->events);
	free(job->opens);
	naming_free(&job->naming);
	free(job);
}

static void reset(struct job *job, const struct sst_frame *frame, const struct recording *recording)
{
	job->frame = *frame;
	job->recording = *recording;
	job->by_header = job->tracks = job->forgets = false;
	job->error = 0;
	job->n_opens = job->next_open = 0;
	job->n_places = job->n_list = job->n_lates = job->next_place = job->next_gap = 0;
	job->n_events = job->next_event = 0;
	if (job->carried)
		job->carried->n = job->carried->n_text = 0;
	job->merging = job->by_group = false;
	job->stop = 0;
	job->n_rows = 0;
	memset(job->lost_by_cause, 0, sizeof(job->lost_by_cause));
	sst_rows_clear(job->rows);
}

static void note_tracker(struct job *job, struct common *common)
{
	job->where = (common->columns | filter_where(common->filter)) & SST_COL_WHERE;
	job->tracks = common->tracker != NULL;
	job->forgets = common->forget;
	common->forget = false;
}

int job_take(struct job *job, struct walk *walk, struct common *common)
{
	struct span span = filter_span(common->filter, &walk->recording);
	int err = sst_reader_load(walk->reader, &walk->frame);

	if (err)
		return err;
	reset(job, &walk->frame, &walk->recording);
	note_tracker(job, common);
	job->by_header = common->selects && !filter_frame(common->filter, &span, &walk->frame);
	return sst_reader_swap(walk->reader, &job->frame, job->payload);
}

void job_take_nothing(struct job *job, const struct recording *recording, struct common *common)
{
	reset(job, &(struct sst_frame){.impl = NULL}, recording);
	note_tracker(job, common);
}

size_t job_memory(const struct walk *walk)
{
	size_t own = sst_frame_memory(&walk->frame) + sst_rows_room(walk->frame.n_rows) * 2 * sizeof(struct sst_place);

	return own + own / 16 + JOB_LATES * sizeof(struct job_late) + 2 * JOB_LATE_TEXT;
}

/* Room for n elements; what was in the array is forgotten. */
static bool reserve(void *array, size_t *cap, size_t n, size_t size)
{
	void **where = array;

	if (n <= *cap)
		return true;
	free(*where);
	*where = reallocarray(NULL, n, size);
	*cap = *where ? n : 0;
	return *where != NULL;
}

static bool reserve_lists(struct job *job)
{
	size_t n = sst_rows_room(job->rows->n) + job->rows->n_gaps + JOB_LATES;

	if (n > job->cap_list) {
		size_t cap = 0;

		free(job->places);
		job->places = NULL;
		job->list_extra = 0;
		if (!reserve(&job->list, &job->cap_list, n, sizeof(*job->list)) ||
		    !reserve(&job->places, &cap, n, sizeof(*job->places))) {
			job->cap_list = 0;
			return false;
		}
	}
	return true;
}

/* Where each row's captures begin. */
static bool index_captures(struct job *job)
{
	const struct sst_rows *rows = job->rows;
	size_t next = 0;

	if (rows->n_captures == 0)
		return true;
	if (!reserve(&job->captured, &job->cap_captured, rows->n + 1, sizeof(*job->captured)))
		return false;
	for (size_t i = 0; i <= rows->n; i++) {
		while (next < rows->n_captures && rows->captures[next].row < i)
			next++;
		job->captured[i] = (uint32_t)next;
	}
	return true;
}

/* Which calls and threads are wanted? Returns whether any are; job->error without memory. */
static bool choose(struct job *job, const struct common *common)
{
	const struct sst_rows *rows = job->rows;
	bool call = false, who = false;

	if (!reserve(&job->calls, &job->cap_calls, rows->n_calls, sizeof(*job->calls)) ||
	    !reserve(&job->wanted, &job->cap_wanted, rows->n_groups, sizeof(*job->wanted))) {
		job->error = -ENOMEM;
		return false;
	}
	for (size_t i = 0; i < rows->n_calls; i++) {
		struct call *c = &job->calls[i];

		call_init(c, &rows->calls[i]);
		c->wanted = filter_call(common->filter, c);
		if (common->view->names)
			c->deed = deed_of(c->abi, c->nr);
		if (c->wanted && common->view->call)
			common->view->call(common->view, c);
		job->call_wanted[i] = c->wanted;
		job->call_needed[i] = c->wanted || c->deed.effect;
		call |= c->wanted;
	}
	for (size_t g = 0; g < rows->n_groups; g++) {
		job->wanted[g] = filter_who(common->filter, &rows->groups[g]);
		who |= job->wanted[g];
	}
	return call && who;
}

/* The row at i as far as its columns have been decoded. */
static struct row row_at(const struct job *job, size_t i, size_t group)
{
	const struct sst_rows *rows = job->rows;

	return (struct row){
		.time = rows->time[i],
		.duration = rows->duration[i],
		.seq = rows->seq[i],
		.ret = rows->ret[i],
		.who = &rows->groups[group],
		.call = &job->calls[rows->call[i]],
		.cpu = rows->cpu[i],
		.state = rows->state[i],
		.replaces = job->frame.type == SST_FRAME_LATE,
	};
}

/* What views that print it are given besides. */
static void add_captures(const struct job *job, size_t i, struct row *row)
{
	if (job->rows->n_captures == 0)
		return;
	row->captures = job->rows->captures + job->captured[i];
	row->n_captures = job->captured[i + 1] - job->captured[i];
	row->text = job->rows->text;
}

/* Does the row at i pass by more than its call and its thread? row: what is looked at is filled in, the rest stays. */
static bool passes(const struct job *job, const struct common *common, const struct span *span, size_t i,
		   struct row *row)
{
	const struct sst_rows *rows = job->rows;

	if (common->first_columns & SST_COL_CALL)
		row->call = &job->calls[rows->call[i]];
	if (common->first_columns & SST_COL_TIME) {
		row->time = rows->time[i];
		row->duration = rows->duration[i];
	}
	if (common->first_columns & SST_COL_STATE)
		row->state = rows->state[i];
	if (common->first_columns & SST_COL_RET)
		row->ret = rows->ret[i];
	return filter_row(common->filter, span, row);
}

/* The rows of a group that pass, behind the n that others have. Returns how many there are then. */
static size_t pick_group(struct job *job, const struct common *common, const struct span *span, size_t g, size_t n)
{
	const struct sst_rows *rows = job->rows;
	const struct sst_group *group = &rows->groups[g];
	bool by_call = common->first_columns & SST_COL_CALL, by_row = common->first_columns & ~SST_COL_CALL;
	struct row row = {.who = group};

	for (size_t i = group->first; i < (size_t)group->first + group->n; i++) {
		if (by_call && !job->call_wanted[rows->call[i]])
			continue;
		if (by_row && !passes(job, common, span, i, &row))
			continue;
		job->places[n++] = (struct sst_place){0, (uint32_t)i, (uint32_t)g};
	}
	return n;
}

/* The first of the picked rows that is not before row. */
static size_t find_picked(const struct sst_pick *pick, uint32_t row)
{
	size_t low = 0, high = pick->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (pick->rows[middle] < row)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The same where the rows of wanted calls are known. */
static size_t pick_from_group(struct job *job, const struct common *common, const struct span *span, size_t g, size_t n)
{
	const struct sst_pick *pick = &job->pick;
	const struct sst_group *group = &job->rows->groups[g];
	bool by_row = common->first_columns & ~SST_COL_CALL;
	struct row row = {.who = group};

	for (size_t p = find_picked(pick, group->first); p < pick->n && pick->rows[p] - group->first < group->n; p++)
		if (!by_row || passes(job, common, span, pick->rows[p], &row))
			job->places[n++] = (struct sst_place){0, pick->rows[p], (uint32_t)g};
	return n;
}

/* Note the rows that pass, in the order of groups. time: fill in their times. Returns how many there are. */
static size_t pick(struct job *job, const struct common *common, bool time)
{
	const struct sst_rows *rows = job->rows;
	struct span span = filter_span(common->filter, &job->recording);
	size_t n = 0;

	for (size_t g = 0; g < rows->n_groups; g++)
		if (job->wanted[g])
			n = (job->pick.all ? pick_group : pick_from_group)(job, common, &span, g, n);
	for (size_t i = 0; time && i < n; i++)
		job->places[i].time = rows->time[job->places[i].row];
	job->n_places = n;
	return n;
}

/* The last reading of the clocks up to and with this frame. */
static void note_clock(struct job *job)
{
	const struct sst_rows *rows = job->rows;

	if (rows->n_clocks == 0)
		return;
	job->recording.clock = rows->clocks[rows->n_clocks - 1];
	job->recording.has_clock = true;
}

/* calls: all, or those of which rows are wanted. */
static bool decode(struct job *job, unsigned columns, const bool *calls)
{
	job->pick = (struct sst_pick){.calls = calls, .all = true};
	job->error =
		sst_frame_pick(&job->frame, job->rows, columns | SST_COL_EXTRA | job->where, calls ? &job->pick : NULL);
	if (job->error == 0 && job->rows->n_groups > 0)
		containers_intern(&job->rows->containers, &job->rows->groups->where, sizeof(*job->rows->groups),
				  job->rows->n_groups);
	if (job->error == 0)
		job->error = sst_rows_sort_groups(job->rows);
	if (job->error == 0 && (!reserve_lists(job) || !index_captures(job)))
		job->error = -ENOMEM;
	return job->error == 0;
}

/*
 * With a filter that finds something in few frames, first only what tells whether there is anything; otherwise that
 * would be done twice. Returns whether the frame has to be decoded.
 */
static bool look_first(struct job *job, const struct common *common)
{
	if (!decode(job, 0, NULL) || job->by_header || !choose(job, common))
		return false;
	if (!common->first_columns)
		return true;
	return decode(job, common->first_columns, NULL) && pick(job, common, false) > 0;
}

/* Nothing but gaps and events is wanted, which are told from whom by times of rows. */
static void drop_rows(struct job *job, const struct common *common)
{
	bool events = common->view->event && (job->rows->n_events > 0 || !common->view->row);

	if (!job->error && (job->rows->n_gaps > 0 || events))
		decode(job, SST_COL_TIME | (common->columns & SST_COL_TEXT), NULL);
	job->n_places = 0;
}

/* Of rows of calls that are not wanted nothing need be known. */
static bool decode_wanted(struct job *job, const struct common *common)
{
	const bool *calls = NULL;

	if (common->filter->n_calls > 0) {
		if (!decode(job, 0, NULL) || (!choose(job, common) && job->error))
			return false;
		calls = job->call_wanted;
	}
	return decode(job, common->columns | SST_COL_TIME, calls);
}

static void decode_selected(struct job *job, struct common *common)
{
	int misses = atomic_load_explicit(&common->misses, memory_order_relaxed);

	if ((job->by_header || misses >= 0) && !look_first(job, common)) {
		note_clock(job);
		drop_rows(job, common);
		return;
	}
	if (!decode_wanted(job, common))
		return;
	note_clock(job);
	misses = choose(job, common) && pick(job, common, true) > 0 ? -HITS : misses + 1;
	atomic_store_explicit(&common->misses, misses, memory_order_relaxed);
	sst_places_order(job->places, job->n_places, job->list);
}

/* The rows that pass, and hidden ones of calls that the tracker needs. */
static size_t pick_tracked(struct job *job, const struct common *common, const struct span *span, size_t g, size_t n)
{
	const struct sst_rows *rows = job->rows;
	const struct sst_group *group = &rows->groups[g];
	bool by_row = common->first_columns & ~SST_COL_CALL;
	size_t p = job->pick.all ? group->first : find_picked(&job->pick, group->first);
	size_t end = job->pick.all ? (size_t)group->first + group->n : job->pick.n;
	struct row row = {.who = group};

	for (; p < end; p++) {
		uint32_t i = job->pick.all ? (uint32_t)p : job->pick.rows[p];
		bool shown;

		if (i - group->first >= group->n)
			break;
		shown = job->wanted[g] && job->call_wanted[rows->call[i]] &&
			(!by_row || passes(job, common, span, i, &row));
		if (shown || job->calls[rows->call[i]].deed.effect)
			job->places[n++] = (struct sst_place){rows->time[i], shown ? i : i | PLACE_HIDDEN, (uint32_t)g};
	}
	return n;
}

/* What the filter wants, and what changes the names of that. */
static void decode_tracked(struct job *job, struct common *common)
{
	struct span span = filter_span(common->filter, &job->recording);
	size_t n = 0;

	if (!decode(job, 0, NULL) || (!choose(job, common) && job->error) ||
	    !decode(job, common->columns | TRACKED_COLUMNS, job->call_needed))
		return;
	note_clock(job);
	if (!choose(job, common) && job->error)
		return;
	for (size_t g = 0; g < job->rows->n_groups; g++)
		n = pick_tracked(job, common, &span, g, n);
	job->n_places = n;
	sst_places_order(job->places, n, job->list);
}

static size_t count_open(const uint8_t *state, size_t n)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += sst_state_is_open(state[i]);
	return count;
}

/* Open rows in order, others group by group, as they stand. */
static void group_rows(struct job *job)
{
	const struct sst_rows *rows = job->rows;
	size_t n = 0;

	for (size_t g = 0; g < rows->n_groups; g++) {
		const struct sst_group *group = &rows->groups[g];
		size_t end = (size_t)group->first + group->n, open = count_open(rows->state + group->first, group->n);

		job->wanted[g] = open < group->n;
		job->n_rows += group->n - open;
		for (size_t i = group->first; i < end && open > 0; i++) {
			if (!sst_state_is_open(rows->state[i]))
				continue;
			job->places[n++] = (struct sst_place){rows->time[i], (uint32_t)i, (uint32_t)g};
			open--;
		}
	}
	job->n_places = n;
	sst_places_order(job->places, n, job->list);
	job->by_group = true;
}

static void decode_all(struct job *job, struct common *common)
{
	unsigned columns = common->columns | SST_COL_TIME | (job->tracks ? TRACKED_COLUMNS : 0);

	if (!common->view->row) {
		drop_rows(job, common);
		note_clock(job);
		return;
	}
	if (!decode(job, columns, NULL))
		return;
	note_clock(job);
	if (!choose(job, common) && job->error)
		return;
	if (common->view->group && job->frame.type == SST_FRAME_ROWS) {
		group_rows(job);
		return;
	}
	sst_rows_order(job->rows, job->places, job->list);
	job->n_places = job->rows->n;
}

static int compare_gaps(const void *a, const void *b)
{
	const struct sst_gap *x = a, *y = b;

	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	if (x->tid != y->tid)
		return x->tid < y->tid ? -1 : 1;
	return x->seq < y->seq ? -1 : x->seq > y->seq;
}

void job_decode(struct job *job, struct common *common)
{
	struct sst_rows *rows = job->rows;

	if (!job->frame.impl) {
		if (!reserve_lists(job))
			job->error = -ENOMEM;
		return;
	}
	if (common->selects && job->tracks)
		decode_tracked(job, common);
	else if (common->selects && common->view->row)
		decode_selected(job, common);
	else
		decode_all(job, common);
	sst_payload_trim(job->payload);
	if (job->error) {
		sst_rows_clear(rows);
		job->n_places = 0;
		return;
	}
	if (rows->n_gaps > 1)
		qsort(rows->gaps, rows->n_gaps, sizeof(*rows->gaps), compare_gaps);
}

/* --- merging */

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
	struct names names = tracker_call(common->tracker, row, &row->call->deed, tag);

	if (listed)
		naming_set(&job->naming, tag, &names);
}

/* Is the row at a place of interest? For most calls that are not shown it is not. */
static void track_place(struct job *job, const struct common *common, const struct sst_place *place, bool listed)
{
	const struct sst_rows *rows = job->rows;
	size_t i = place->row & ~PLACE_HIDDEN;
	struct row row = row_at(job, i, place->group);

	for (unsigned a = 0; a < row.call->nargs; a++)
		row.arg[a] = rows->arg[a][i];
	for (unsigned a = row.call->nargs; a < SST_ARGS; a++)
		row.arg[a] = 0;
	add_captures(job, i, &row);
	track_row(job, common, &row, listed);
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
	if (!reserve(&job->opens, &job->cap_opens, rows->n_opens, sizeof(*job->opens))) {
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

static struct lost lost_of(const struct sst_gap *gap, const struct sst_group *who)
{
	return (struct lost){.gap = gap,
			     .comm = who ? who->comm : "",
			     .comm_len = who ? who->comm_len : 0,
			     .container = who ? who->where.container : CONTAINER_UNKNOWN};
}

static struct lost frame_lost(const struct job *job, size_t i)
{
	const struct sst_gap *gap = &job->rows->gaps[i];

	return lost_of(gap, group_of_gap(job->rows, gap));
}

static void merge_gap(struct job *job, const struct common *common)
{
	uint32_t i = (uint32_t)job->next_gap++;
	struct lost lost = frame_lost(job, i);

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
		struct lost lost = lost_of(&gap, &late->who);

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

static void add_late_captures(const struct job *job, const struct job_late *late, struct row *row)
{
	if (late->open && late->piece.n == 0)
		add_captures(job, late->open - 1, row);
	late_texts_show(&job->late_texts, &late->piece, row);
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
	add_late_captures(job, late, &row);
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

static struct thread_event event_at(const struct job *job, size_t i)
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

#define EVENT_WANTED UINT32_C(0x80000000) /* in a list: so much and the number of the event */

static void merge_event(struct job *job, const struct common *common)
{
	uint32_t i = job->events[job->next_event++];
	struct thread_event event = event_at(job, i);
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
	event = event_at(job, i);
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
	if (!extend_list(job, n) || !reserve(&job->events, &job->cap_events, n, sizeof(*job->events))) {
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

static void name_row(const struct job *job, size_t k, struct row *row)
{
	if (job->tracks)
		naming_show(&job->naming, k, row);
	else
		naming_show_nothing(row);
}

static void print_late(const struct job *job, struct view *view, size_t k)
{
	const struct job_late *late = &job->lates[job->list[k].row];
	struct call call;
	struct row row;

	if (late->item.gap) {
		struct sst_gap gap = late_gap(&late->item, &late->who);
		struct lost lost = lost_of(&gap, &late->who);

		view->lost(view, &lost);
		return;
	}
	late_call(&late->item, &call);
	if (view->names)
		call.deed = deed_of(call.abi, call.nr);
	row = late_row(&late->item, &late->who, &call);
	add_late_captures(job, late, &row);
	if (view->call)
		view->call(view, &call);
	if (view->names)
		name_row(job, k, &row);
	view->row(view, &row);
}

static void print_gap(const struct job *job, struct view *view, size_t i)
{
	struct lost lost = frame_lost(job, i);

	view->lost(view, &lost);
}

static void print_event(const struct job *job, struct view *view, size_t i)
{
	struct thread_event event = event_at(job, i & ~EVENT_WANTED);

	event.wanted = (i & EVENT_WANTED) != 0;
	view->event(view, &event);
}

void job_print(const struct job *job, struct view *view, size_t from, size_t to)
{
	const struct sst_rows *rows = job->rows;

	view->recording = &job->recording;
	if (view->frame)
		view->frame(view, job->serial);
	for (size_t k = from; k < to; k++) {
		const struct sst_place *place = &job->list[k];

		if (place->group == LIST_GAP) {
			print_gap(job, view, place->row);
		} else if (place->group == LIST_EVENT) {
			print_event(job, view, place->row);
		} else if (place->group == LIST_LATE) {
			print_late(job, view, k);
		} else if (place->group == LIST_GROUP) {
			view->group(view, rows, &rows->groups[place->row], job->calls);
		} else {
			struct row row = row_at(job, place->row, place->group);

			for (unsigned a = 0; a < row.call->nargs; a++)
				row.arg[a] = rows->arg[a][place->row];
			add_captures(job, place->row, &row);
			if (view->names)
				name_row(job, k, &row);
			view->row(view, &row);
		}
	}
}

bool job_trim(struct job *job)
{
	struct sst_rows *empty;

	if (job->cap_wanted <= USUAL_GROUPS)
		return false;
	empty = sst_rows_new();
	if (!empty)
		return false;
	sst_rows_free(job->rows);
	job->rows = empty;
	sst_payload_trim(job->payload);
	free(job->wanted);
	free(job->list);
	free(job->places);
	job->wanted = NULL;
	job->list = job->places = NULL;
	job->list_extra = 0;
	free(job->captured);
	job->captured = NULL;
	job->cap_wanted = job->cap_list = job->cap_captured = 0;
	return true;
}
