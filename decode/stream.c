/* stream.c - see stream.h */
#include "stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "crew.h"
#include "late.h"
#include "report.h"
#include "tallied.h"
#include "walk.h"

/*
 * What all frames under way may take, of the 64 MiB that we never exceed: the rest is for the program, the readers,
 * late rows and buffers of output.
 */
#define MEMORY         ((size_t)52 << 20)
#define PIECE_MEMORY   ((size_t)7 << 18)  /* of a thread: three buffers of output, and texts that rows share (memo.h) */
#define PAYLOAD_MEMORY ((size_t)12 << 20) /* what all buffers of frames may keep, where there are few */
#define TRACKER_MEMORY ((size_t)6 << 20)  /* what is known of descriptors and directories */

struct stream {
	const struct stream_config *config;
	struct walk *walk;
	struct report *report; /* of the frames under way */
	struct late *late;     /* NULL: the input is a pipe, or no rows are wanted */
	struct crew *crew;
	struct common common;
	struct tracker *tracker; /* NULL: the view does not want to know which files rows are about */
	bool inside;             /* a recording, or a session of several */
	uint64_t recordings;     /* of walk */
	struct session session;  /* of the recording */
	struct recording before; /* the last one, without its facts */
	struct tallied_reader tallied;
	bool has_sums; /* that the view does not show */
};

/* --- called by the walk */

/* Something is wrong with the input: what has been there is not known. */
static void settle(void *context)
{
	struct stream *stream = context;

	crew_drain(stream->crew);
	stream->common.forget = true;
}

static void leave(void *context)
{
	crew_drain(((struct stream *)context)->crew);
}

/* --- called by the crew */

static void refill(void *context)
{
	late_refill(((struct stream *)context)->late);
}

/* A frame has been printed, or could not be decoded. All is drained before the walk goes on to another section. */
static void finished(void *context, const struct sst_frame *frame, const struct outcome *outcome)
{
	struct stream *stream = context;
	struct report *report = stream->report;

	report->rows += outcome->n_rows;
	for (unsigned cause = 0; cause < SST_CAUSE_COUNT; cause++)
		report->lost_by_cause[cause] += outcome->lost_by_cause[cause];
	if (outcome->error) {
		stream->walk->settle = NULL; /* this is the oldest frame under way */
		walk_damaged(stream->walk, frame, outcome->error);
		stream->walk->settle = settle;
	}
}

/* --- recordings */

static size_t frames_memory(const struct stream *stream)
{
	size_t taken = stream->config->threads * PIECE_MEMORY + stream->config->memory;

	if (stream->tracker)
		taken += TRACKER_MEMORY;
	if (stream->late && stream->late->any)
		taken += late_memory(stream->late);
	if (stream->tallied.tally)
		taken += TALLIED_MEMORY;
	return taken < MEMORY ? MEMORY - taken : 0;
}

/* What is left of the late rows and events when a session ends. */
static void finish_session(struct stream *stream)
{
	struct load *load;

	if (!stream->inside)
		return;
	stream->inside = false;
	crew_drain(stream->crew);
	if ((stream->late && stream->late->any) || (stream->common.carried && stream->common.carried->n > 0)) {
		load = crew_load(stream->crew, 0);
		if (load) {
			load_nothing(load, &stream->before, &stream->common);
			crew_submit(stream->crew);
		}
	}
	crew_drain(stream->crew);
}

static void begin_session(struct stream *stream)
{
	struct common *common = &stream->common;
	const struct view *view = stream->config->view;
	struct walk *walk = stream->walk;
	struct spot here = walk_here(walk);

	finish_session(stream);
	stream->inside = true;
	common->columns = view->columns | filter_columns(common->filter) | SST_COL_TIME | SST_COL_CALL | SST_COL_STATE;
	common->replaces = common->has_clock = common->forget = false;
	common->tracker = NULL;
	if (!stream->late)
		common->columns |= view->live_columns;
	if (stream->late) {
		late_begin(stream->late, &here, filter_floor(common->filter, &walk->recording));
		common->late = stream->late;
		common->replaces = stream->late->any;
		common->columns |= stream->late->any ? SST_COL_SEQ : 0;
	}
	crew_limit(stream->crew, frames_memory(stream));
}

static void begin_recording(struct stream *stream)
{
	struct walk *walk = stream->walk;
	struct session session = session_of(&walk->recording.meta);
	struct view *view = stream->config->view;

	crew_drain(stream->crew);
	if (!stream->inside || !session_goes_on(&stream->session, &session))
		begin_session(stream);
	if (stream->tracker)
		tracker_begin(stream->tracker, &walk->recording.meta,
			      session_goes_on(&stream->session, &session) && session.part == stream->session.part + 1);
	stream->recordings = walk->recordings;
	stream->session = session;
	view->recording = &walk->recording;
	if (view->begin)
		view->begin(view);
	if (stream->late)
		walk_skip_to(walk, filter_floor(stream->common.filter, &walk->recording));
}

/* --- frames */

/* From the first frame on that has text the tracker has to see all. */
static void begin_tracking(struct stream *stream, const struct sst_frame *frame)
{
	if (stream->tracker && !stream->common.tracker && sst_frame_may_have_text(frame))
		stream->common.tracker = stream->tracker;
}

/* True for frames of rows that the filter may want; late ones of a file have been collected before. */
static bool is_printed(const struct stream *stream, const struct sst_frame *frame)
{
	struct span span;

	if (frame->type != SST_FRAME_ROWS && (frame->type != SST_FRAME_LATE || stream->late))
		return false;
	if (stream->common.tracker) {
		span = filter_span(stream->common.filter, &stream->walk->recording);
		return filter_frame_time(&span, frame) || sst_frame_may_have_gaps(frame) ||
		       sst_frame_may_have_events(frame) || sst_frame_may_have_text(frame);
	}
	if (sst_frame_may_have_gaps(frame) || (stream->common.view->event && sst_frame_may_have_events(frame)))
		return true;
	if (!stream->common.selects || !stream->common.view->row)
		return stream->common.view->row != NULL;
	span = filter_span(stream->common.filter, &stream->walk->recording);
	return filter_frame(stream->common.filter, &span, frame);
}

/* Returns false when memory is out. */
static bool print_frame(struct stream *stream)
{
	struct load *load = crew_load(stream->crew, sst_frame_payload(&stream->walk->frame));
	int err;

	if (!load)
		return false;
	err = load_take(load, stream->walk, &stream->common);
	if (err)
		walk_damaged(stream->walk, &stream->walk->frame, err);
	else
		crew_submit(stream->crew);
	return true;
}

/*
 * Tell the view how far the table has come. From a pipe a frame has all that its recorder knew at its cut; what began
 * earlier and has returned came in a LATE frame just before. From a file late rows are put in between by their own
 * times, up to the last row that has been printed.
 */
static void tell_time(struct stream *stream, const struct sst_frame *frame)
{
	struct view *view = stream->config->view;
	uint64_t until = stream->late ? frame->time_max : frame->cut;
	int64_t at = (int64_t)(until - stream->walk->recording.start);

	if (!view->is_due || frame->type != SST_FRAME_ROWS || (stream->late && frame->time_min > frame->time_max))
		return;
	if (view->ordered) /* another thread may have it */
		crew_drain(stream->crew);
	if (!view->is_due(view, at))
		return;
	crew_drain(stream->crew);
	view->due(view, at);
}

/* A recording of sums alone: those of an interval that has come are complete, so that it is over. */
static void tell_interval(struct stream *stream, const struct sst_frame *frame)
{
	struct view *view = stream->config->view;
	int64_t at = (int64_t)(frame->cut - stream->walk->recording.start);

	if (stream->tallied.goes_on || !view->is_due || !sst_meta_get(&stream->walk->recording.meta, "tally") ||
	    !view->is_due(view, at))
		return;
	view->due(view, at);
}

static void take_tally(struct stream *stream, const struct sst_frame *frame)
{
	struct view *view = stream->config->view;

	if (!view->tallied) {
		stream->has_sums = true;
		return;
	}
	crew_drain(stream->crew);
	if (!stream->tallied.tally)
		crew_limit(stream->crew, frames_memory(stream) - TALLIED_MEMORY);
	if (tallied_give(&stream->tallied, stream->walk, stream->common.filter, view))
		tell_interval(stream, frame);
}

/* Has the walk come to what was not there when the late rows were collected? The file is growing under our hands. */
static bool is_new(struct stream *stream)
{
	struct spot here = walk_here(stream->walk);

	return stream->late && !spot_before(&here, &stream->late->end);
}

/* What is not in the output although it is in the input. */
static void say_of_sums(const struct stream *stream)
{
	if (stream->has_sums)
		complain("sums of calls that were counted, not recorded (sysstream --tally): --stats shows them");
	if (stream->tallied.unfit)
		complain("of calls that were counted, not recorded, it is not known which of them were a thread's, "
			 "failed or took so long: with this filter they are left out");
}

static void run(struct stream *stream)
{
	struct walk *walk = stream->walk;
	const struct sst_frame *frame;

	while (!crew_failed(stream->crew) && (frame = walk_next(walk))) {
		if (walk->recordings != stream->recordings)
			begin_recording(stream);
		stream->report = walk->report;
		if (is_new(stream)) {
			crew_drain(stream->crew);
			report_cut(walk->report, stream->late->end.offset);
			break;
		}
		if (stream->late && stream->late->known_until > walk->recording.known_until)
			walk->recording.known_until = stream->late->known_until;
		stream->before = walk->recording;
		if (stream->config->passed && !stream->config->passed(stream->config->context, walk))
			break;
		begin_tracking(stream, frame);
		if (!is_printed(stream, frame))
			stream->common.forget |= frame->type == SST_FRAME_ROWS;
		else if (!print_frame(stream))
			break;
		if (frame->type == SST_FRAME_TALLY)
			take_tally(stream, frame);
		else
			tell_time(stream, &walk->frame);
		if (stream->config->view->passed)
			stream->config->view->passed(stream->config->view, walk);
	}
	finish_session(stream);
	if (crew_lacks_memory(stream->crew))
		report_error(walk->report, -ENOMEM);
	say_of_sums(stream);
}

static bool prepare(struct stream *stream, const struct tape *tape)
{
	const struct stream_config *config = stream->config;
	const struct input *input = tape->sections[0].input;
	struct crew_config crew = {
		.common = &stream->common,
		.view = config->view,
		.maker = config->maker,
		.out = config->view->out,
		.threads = config->threads,
		.flush = input->stream,
		.memory = MEMORY,
		.refill = refill,
		.finished = finished,
		.context = stream,
	};
	struct view *view = config->view;

	/* Each job has two buffers, and so has each reader. */
	stream->common.usual_payload = PAYLOAD_MEMORY / (config->threads + 2);
	if (stream->common.usual_payload < SST_PAYLOAD_USUAL)
		stream->common.usual_payload = SST_PAYLOAD_USUAL;
	view->live = input->stream;
	stream->common.filter = config->filter;
	stream->common.selects = filter_selects(config->filter);
	stream->common.first_columns = filter_columns(config->filter);
	stream->walk = walk_tape(tape, NULL);
	if (!stream->walk)
		return false;
	stream->crew = crew_new(&crew);
	if (!stream->crew) {
		report_error(stream->walk->report, -ENOMEM);
		return false;
	}
	stream->common.view = view;
	if (view->names) {
		stream->tracker = tracker_new(TRACKER_MEMORY);
		if (!stream->tracker) {
			report_error(stream->walk->report, -ENOMEM);
			return false;
		}
	}
	if (input->stream || !view->row)
		return true;
	stream->late = late_new(tape, config->filter, view->columns | stream->common.first_columns);
	if (stream->late)
		stream->late->tracks = view->names;
	return stream->late != NULL;
}

void stream_run(const struct tape *tape, const struct stream_config *config)
{
	struct stream *stream = calloc(1, sizeof(*stream));

	if (!stream) {
		report_error(tape->sections[0].report, -ENOMEM);
		return;
	}
	stream->config = config;
	if (prepare(stream, tape)) {
		stream->walk->settle = settle;
		stream->walk->leave = leave;
		stream->walk->context = stream;
		run(stream);
	}
	crew_free(stream->crew);
	late_free(stream->late);
	tracker_free(stream->tracker);
	walk_free(stream->walk);
	free(stream->common.carried);
	tallied_clear(&stream->tallied);
	free(stream);
}
