/* stream.c - see stream.h */
#include "stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "late.h"
#include "walk.h"

struct stream {
	struct filter *filter;
	struct view *view;
	struct report *report;
	struct walk *walk;
	struct late *late; /* NULL: the input is a pipe */
	uint64_t n_rows;   /* given to the view */
	unsigned columns;
	bool inside;   /* a recording */
	bool printing; /* its current frame */

	/* the frame that is being printed */
	struct call calls[SST_CALLS_MAX];
	struct sst_place *places, *scratch;
	size_t cap_places;
	bool *wanted; /* by group */
	size_t cap_wanted;
	size_t next_gap;
	uint64_t stop; /* nothing late and no gap comes before a row of an earlier time than this */
};

/* The place in the table that printing has come to. */
struct limit {
	uint64_t time, seq;
	uint32_t tid;
};

static bool grow(struct stream *stream)
{
	const struct sst_rows *rows = stream->walk->rows;

	if (rows->n > stream->cap_places) {
		free(stream->places);
		free(stream->scratch);
		stream->places = malloc(rows->n * sizeof(*stream->places));
		stream->scratch = malloc(rows->n * sizeof(*stream->scratch));
		stream->cap_places = stream->places && stream->scratch ? rows->n : 0;
	}
	if (rows->n_groups > stream->cap_wanted) {
		free(stream->wanted);
		stream->wanted = malloc(rows->n_groups * sizeof(*stream->wanted));
		stream->cap_wanted = stream->wanted ? rows->n_groups : 0;
	}
	if (rows->n <= stream->cap_places && rows->n_groups <= stream->cap_wanted)
		return true;
	report_error(stream->report, -ENOMEM);
	return false;
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

static void print_gap(struct stream *stream, const struct sst_gap *gap, const struct sst_group *who)
{
	struct lost lost = {.gap = gap, .comm = who ? who->comm : "", .comm_len = who ? who->comm_len : 0};

	if (!filter_lost(stream->filter, &lost))
		return;
	stream->report->lost_by_cause[gap->cause < SST_CAUSE_COUNT ? gap->cause : SST_CAUSE_UNKNOWN] += gap->count;
	if (stream->view->lost)
		stream->view->lost(stream->view, &lost);
}

static void print_late_gap(struct stream *stream, const struct late_item *item)
{
	const struct sst_group *who = &stream->late->who[item->who];
	struct sst_gap gap = {
		.time = item->time,
		.until = item->duration,
		.seq = item->seq,
		.count = item->ret,
		.pid = who->pid,
		.tid = item->tid,
		.cause = item->state,
	};

	print_gap(stream, &gap, who);
}

static void print_row(struct stream *stream, const struct row *row)
{
	if (!filter_row(stream->filter, row))
		return;
	stream->n_rows++;
	stream->view->row(stream->view, row);
}

static void print_late(struct stream *stream, const struct late_item *item)
{
	struct call call;
	struct row row = {
		.time = item->time,
		.duration = item->duration,
		.seq = item->seq,
		.ret = item->ret,
		.who = &stream->late->who[item->who],
		.call = &call,
		.cpu = item->cpu,
		.state = item->state,
	};

	memcpy(row.arg, item->arg, sizeof(row.arg));
	call_init(&call, &(struct sst_call){.nr = item->nr, .abi = item->abi, .nargs = item->nargs});
	if (filter_call(stream->filter, &call) && filter_who(stream->filter, row.who))
		print_row(stream, &row);
}

static bool comes_before(const struct late_item *item, const struct limit *limit)
{
	if (item->time != limit->time || item->gap)
		return item->time < limit->time;
	return item->tid < limit->tid || (item->tid == limit->tid && item->seq <= limit->seq);
}

/* Everything that is asked once a frame and not once a row. */
static bool prepare_frame(struct stream *stream)
{
	struct sst_rows *rows = stream->walk->rows;

	if (!grow(stream))
		return false;
	filter_clock(stream->filter, &stream->walk->recording);
	for (size_t i = 0; i < rows->n_calls; i++) {
		call_init(&stream->calls[i], &rows->calls[i]);
		stream->calls[i].wanted = filter_call(stream->filter, &stream->calls[i]);
	}
	for (size_t g = 0; g < rows->n_groups; g++)
		stream->wanted[g] = filter_who(stream->filter, &rows->groups[g]);
	if (rows->n_gaps > 1)
		qsort(rows->gaps, rows->n_gaps, sizeof(*rows->gaps), compare_gaps);
	stream->next_gap = 0;
	stream->stop = 0;
	if (stream->view->frame)
		stream->view->frame(stream->view);
	sst_rows_order(rows, stream->places, stream->scratch);
	return true;
}

/*
 * Collect more late rows. Two frames in memory could be too much, so the one that is being printed is dropped and
 * loaded again.
 */
static void refill(struct stream *stream)
{
	size_t next_gap = stream->next_gap;

	walk_park(stream->walk);
	late_refill(stream->late);
	if (stream->printing)
		stream->printing = walk_resume(stream->walk, stream->columns) && prepare_frame(stream);
	else if (stream->view->frame)
		stream->view->frame(stream->view);
	stream->next_gap = next_gap;
}

/*
 * Print the late rows up to the limit and the gaps of the frame before its time, as they come in time. The rows of the
 * frame may have moved afterwards.
 */
static void catch_up(struct stream *stream, const struct limit *limit)
{
	for (;;) {
		const struct sst_rows *rows = stream->walk->rows;
		const struct late_item *item = stream->late ? late_head(stream->late) : NULL;
		const struct sst_gap *gap = stream->next_gap < rows->n_gaps ? &rows->gaps[stream->next_gap] : NULL;
		bool gap_first = gap && gap->time < limit->time && (!item || gap->time < item->time);

		if (gap_first) {
			print_gap(stream, gap, group_of_gap(rows, gap));
			stream->next_gap++;
		} else if (item && comes_before(item, limit)) {
			if (item->gap)
				print_late_gap(stream, item);
			else
				print_late(stream, item);
			late_take(stream->late);
			if (late_is_used_up(stream->late))
				refill(stream);
		} else {
			stream->stop = item ? item->time : UINT64_MAX;
			if (gap && gap->time < stream->stop)
				stream->stop = gap->time;
			return;
		}
	}
}

/* Gaps at the end of a frame have no row behind them. */
static void print_last_gaps(struct stream *stream)
{
	while (stream->next_gap < stream->walk->rows->n_gaps) {
		const struct sst_gap *gap = &stream->walk->rows->gaps[stream->next_gap];

		if (gap->time < UINT64_MAX) {
			catch_up(stream, &(struct limit){.time = gap->time + 1});
		} else {
			print_gap(stream, gap, NULL);
			stream->next_gap++;
		}
	}
}

static void print_frame(struct stream *stream)
{
	const struct sst_rows *rows = stream->walk->rows;
	bool replaceable = stream->late && stream->late->any;
	struct row row;

	stream->printing = true;
	for (size_t k = 0; k < rows->n; k++) {
		const struct sst_place *place = &stream->places[k];
		size_t i = place->row;

		row.time = place->time;
		row.seq = rows->seq[i];
		if (row.time >= stream->stop) {
			catch_up(stream, &(struct limit){row.time, row.seq, rows->groups[place->group].tid});
			if (!stream->printing)
				return;
			rows = stream->walk->rows;
			place = &stream->places[k];
		}
		row.who = &rows->groups[place->group];
		row.call = &stream->calls[rows->call[i]];
		row.state = rows->state[i];
		if (replaceable && sst_state_is_open(row.state) &&
		    late_replaces(stream->late, row.time, row.who->tid, row.seq))
			continue;
		if (!stream->wanted[place->group] || !row.call->wanted)
			continue;
		row.duration = rows->duration[i];
		row.ret = rows->ret[i];
		row.cpu = rows->cpu[i];
		for (unsigned a = 0; a < row.call->nargs; a++)
			row.arg[a] = rows->arg[a][i];
		print_row(stream, &row);
	}
	print_last_gaps(stream);
	stream->printing = false;
}

/* What is left of the late rows when a recording ends. */
static void finish_recording(void *context)
{
	struct stream *stream = context;

	sst_rows_clear(stream->walk->rows);
	stream->next_gap = 0;
	catch_up(stream, &(struct limit){UINT64_MAX, UINT64_MAX, UINT32_MAX});
	stream->inside = false;
}

static void begin_recording(struct stream *stream)
{
	stream->inside = true;
	stream->columns =
		stream->view->columns | filter_columns(stream->filter) | SST_COL_TIME | SST_COL_CALL | SST_COL_STATE;
	if (stream->late) {
		late_begin(stream->late, stream->walk->frame.offset);
		stream->columns |= stream->late->any ? SST_COL_SEQ : 0;
		stream->walk->recording.known_until = stream->late->known_until;
	}
	filter_clock(stream->filter, &stream->walk->recording);
	if (stream->view->begin)
		stream->view->begin(stream->view);
}

/* True for the frames that the walk is here for; late ones of a file have been collected before. */
static bool is_printed(const struct stream *stream, const struct sst_frame *frame)
{
	return frame->type == SST_FRAME_ROWS || (frame->type == SST_FRAME_LATE && !stream->late);
}

static void run(struct stream *stream)
{
	struct walk *walk = stream->walk;
	const struct sst_frame *frame;

	while (!stream->view->out->error && (frame = walk_next(walk))) {
		if (!stream->inside)
			begin_recording(stream);
		if (stream->late && frame->offset >= stream->late->end) {
			report_cut(stream->report, stream->late->end); /* the file is growing under our hands */
			break;
		}
		if (is_printed(stream, frame) && walk_rows(walk, stream->columns)) {
			if (!prepare_frame(stream))
				break;
			print_frame(stream);
		}
		if (!stream->late)
			out_flush(stream->view->out);
	}
	if (stream->inside)
		finish_recording(stream);
}

uint64_t stream_run(const struct input *input, struct filter *filter, struct view *view, struct report *report)
{
	struct stream *stream = calloc(1, sizeof(*stream));
	uint64_t n_rows = 0;

	if (!stream) {
		report_error(report, -ENOMEM);
		return 0;
	}
	stream->filter = filter;
	stream->view = view;
	stream->report = report;
	stream->walk = walk_new(input, report);
	if (stream->walk && !input->stream)
		stream->late = late_new(input, report, view->columns | filter_columns(filter));
	if (stream->walk && (input->stream || stream->late)) {
		stream->walk->leave = finish_recording;
		stream->walk->context = stream;
		view->recording = &stream->walk->recording;
		run(stream);
		n_rows = stream->n_rows;
	}
	late_free(stream->late);
	walk_free(stream->walk);
	free(stream->places);
	free(stream->scratch);
	free(stream->wanted);
	free(stream);
	return n_rows;
}
