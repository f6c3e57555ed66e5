/* job.c - see job.h */
#include "job_rows.h"

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

/* --- loading */

#define LOAD_USUAL ((size_t)256 << 10) /* bytes that a load keeps for the next frame */

bool load_init(struct load *load)
{
	if (!load->payload)
		load->payload = sst_payload_new();
	return load->payload != NULL;
}

void load_clear(struct load *load)
{
	sst_payload_free(load->payload);
	load->payload = NULL;
}

/* What events and names need, where somebody wants them, beside the columns. */
static size_t extra_memory(const struct sst_frame *frame, const struct common *common)
{
	size_t events = JOB_CARRIED + sst_frame_elements(frame, SST_STREAM_EVENTS),
	       gaps = sst_frame_elements(frame, SST_STREAM_GAPS), opens = sst_frame_elements(frame, SST_STREAM_OPENS),
	       memory = gaps * 2 * sizeof(struct sst_place);

	if (common->tracker || common->view->event)
		memory += sizeof(struct carried) + events * (sizeof(struct sst_place) + sizeof(uint32_t));
	if (common->tracker)
		memory += NAMING_MEMORY(sst_rows_room(frame->n_rows) + gaps + events + JOB_LATES) +
			  opens * sizeof(uint32_t);
	return memory;
}

/* Bytes that the frame will take as a job, at most. */
static size_t frame_memory(const struct sst_frame *frame, const struct common *common)
{
	size_t own = sst_frame_memory(frame) + sst_rows_room(frame->n_rows) * 2 * sizeof(struct sst_place);

	return own + own / 16 + extra_memory(frame, common) + JOB_LATES * sizeof(struct job_late) + 2 * JOB_LATE_TEXT;
}

static void begin_load(struct load *load, const struct sst_frame *frame, const struct recording *recording,
		       struct common *common)
{
	load->frame = *frame;
	load->recording = *recording;
	load->memory = 0;
	load->by_header = false;
	load->where = (common->columns | filter_where(common->filter)) & SST_COL_WHERE;
	load->tracks = common->tracker != NULL;
	load->forgets = common->forget;
	common->forget = false;
}

int load_take(struct load *load, struct walk *walk, struct common *common)
{
	struct span span = filter_span(common->filter, &walk->recording);
	int err = sst_reader_load(walk->reader, &walk->frame);

	if (err)
		return err;
	begin_load(load, &walk->frame, &walk->recording, common);
	load->memory = frame_memory(&walk->frame, common);
	load->by_header = common->selects && !filter_frame(common->filter, &span, &walk->frame);
	return sst_reader_swap(walk->reader, &load->frame, load->payload);
}

void load_nothing(struct load *load, const struct recording *recording, struct common *common)
{
	begin_load(load, &(struct sst_frame){.impl = NULL}, recording, common);
}

/* --- the job */

static void reset(struct job *job)
{
	job->error = 0;
	job->n_opens = job->next_open = 0;
	job->n_places = job->n_list = job->n_lates = job->next_place = job->next_gap = 0;
	job->n_events = job->next_event = 0;
	if (job->carried)
		job->carried->n = job->carried->n_text = 0;
	job->merging = job->by_group = false;
	job->tracked = (struct row){.path = NULL};
	job->stop = 0;
	job->n_rows = 0;
	memset(job->lost_by_cause, 0, sizeof(job->lost_by_cause));
	sst_rows_clear(job->rows);
}

void job_open(struct job *job, struct load *load)
{
	reset(job);
	job->frame = load->frame;
	job->recording = load->recording;
	job->by_header = load->by_header;
	job->tracks = load->tracks;
	job->forgets = load->forgets;
	job->where = load->where;
	if (!load->frame.impl)
		return;
	sst_payload_pass(load->payload, job->payload);
	sst_payload_keep(load->payload, LOAD_USUAL);
	job->frame.impl = job->payload;
}

struct outcome job_outcome(const struct job *job)
{
	struct outcome outcome = {.n_rows = job->n_rows, .error = job->error};

	memcpy(outcome.lost_by_cause, job->lost_by_cause, sizeof(outcome.lost_by_cause));
	return outcome;
}

bool job_reserve(void *array, size_t *cap, size_t n, size_t size)
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
		if (!job_reserve(&job->list, &job->cap_list, n, sizeof(*job->list)) ||
		    !job_reserve(&job->places, &cap, n, sizeof(*job->places))) {
			job->cap_list = 0;
			return false;
		}
	}
	return true;
}

/* The same of those rows that have been picked. */
static void index_picked(struct job *job)
{
	const struct sst_rows *rows = job->rows;
	size_t next = 0;

	for (size_t p = 0; p < job->pick.n; p++) {
		uint32_t row = job->pick.rows[p];

		while (next < rows->n_captures && rows->captures[next].row < row)
			next++;
		job->captured[row] = (uint32_t)next;
		while (next < rows->n_captures && rows->captures[next].row == row)
			next++;
		job->captured[row + 1] = (uint32_t)next;
	}
}

/* Where each row's captures begin. */
static bool index_captures(struct job *job)
{
	const struct sst_rows *rows = job->rows;
	size_t next = 0;

	if (rows->n_captures == 0)
		return true;
	if (!job_reserve(&job->captured, &job->cap_captured, rows->n + 1, sizeof(*job->captured)))
		return false;
	if (!job->pick.all) {
		index_picked(job);
		return true;
	}
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

	if (!job_reserve(&job->calls, &job->cap_calls, rows->n_calls, sizeof(*job->calls)) ||
	    !job_reserve(&job->wanted, &job->cap_wanted, rows->n_groups, sizeof(*job->wanted))) {
		job->error = -ENOMEM;
		return false;
	}
	for (size_t i = 0; i < rows->n_calls; i++) {
		struct call *c = &job->calls[i];

		call_init(c, &rows->calls[i]);
		c->wanted = filter_call(common->filter, c);
		c->deed = common->view->names ? deed_of(c->abi, c->nr) : (struct deed){.effect = NULL};
		if (c->wanted && common->view->call)
			common->view->call(common->view, c);
		job->call_wanted[i] = c->wanted;
		job->call_needed[i] = c->wanted || c->deed.effect;
		job->call_sieved[i] = !c->wanted && deed_is_sieved(&c->deed);
		job->call_text[i] = c->wanted || deed_reads_text(&c->deed);
		call |= c->wanted;
	}
	for (size_t g = 0; g < rows->n_groups; g++) {
		job->wanted[g] = filter_who(common->filter, &rows->groups[g]);
		who |= job->wanted[g];
	}
	return call && who;
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
	job->pick = (struct sst_pick){.calls = calls,
				      .sieved = job->tracks ? job->call_sieved : NULL,
				      .sieve = effect_sieve,
				      .text = job->call_text,
				      .all = true};
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
	sst_payload_trim(job->payload, common->usual_payload);
	if (job->error) {
		sst_rows_clear(rows);
		job->n_places = 0;
		return;
	}
	if (rows->n_gaps > 1)
		qsort(rows->gaps, rows->n_gaps, sizeof(*rows->gaps), compare_gaps);
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
	sst_payload_trim(job->payload, SST_PAYLOAD_USUAL);
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
