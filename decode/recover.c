/* recover.c - see recover.h */
#include "recover.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "format/writer.h"
#include "number.h"
#include "plan.h"
#include "survey.h"
#include "walk.h"

#define PLACES_TOLD 100 /* in the facts of a recording */
#define UUID_LEN    16

/* What was cut out of a recording, or what is left of it. */
struct tally {
	uint64_t places, bytes, frames, calls;
};

struct recover {
	const struct input *input;
	struct out *out;
	struct report *report;
	struct walk *walk;
	struct sst_rows *gap; /* for the gap of a place */
	uint8_t *frame;
	size_t frame_cap;
	int error; /* of the output, or -ENOMEM: nothing more is written */

	uint8_t (*uuids)[UUID_LEN]; /* [SURVEY_MAX]: of the recordings written */
	size_t n_uuids;

	/* the recording under way */
	struct sst_writer *writer;
	uint64_t recordings;             /* of the walk */
	uint64_t rows_total, lost_total; /* that the last header said */
	uint64_t last_time, cut;         /* of its last frame */
	struct sst_frame latest;         /* its last frame so far, good or not */
	bool has_end;                    /* which is an END that can stay as it is, if nothing is cut */
	struct tally gone;
	uint64_t missing;            /* calls since the last gap */
	uint64_t time_from, time_to; /* between which they were, 0 where not known */
	struct sst_meta places;      /* the facts about each */

	struct tally kept, all_gone; /* of the whole input */
	uint64_t first, last, start; /* boot time: of rows kept, of the first recording */
};

static bool failed(struct recover *r, int err)
{
	if (err && !r->error)
		r->error = err;
	return r->error != 0;
}

/* --- called by the report */

/* One more place is lost. It belongs to the recording under way, or to the first, if that has not begun. */
static void note_place(void *context, const struct sst_damage *damage)
{
	struct recover *r = context;
	char key[32], text[256], missing[192];

	r->gone.bytes += damage->length;
	r->gone.frames += damage->frame_from <= damage->frame_to ? damage->frame_to - damage->frame_from + 1 : 0;
	if (!r->time_from || (damage->time_from && damage->time_from < r->time_from))
		r->time_from = damage->time_from;
	if (damage->time_to > r->time_to)
		r->time_to = damage->time_to;
	if (r->gone.places++ >= PLACES_TOLD)
		return;
	damage_text(missing, sizeof(missing), damage, r->walk ? r->walk->recording.start : 0);
	snprintf(key, sizeof(key), "recovered.place.%" PRIu64, r->gone.places);
	snprintf(text, sizeof(text), "%" PRIu64 " bytes at byte %" PRIu64 ": %s", damage->length, damage->offset,
		 missing);
	failed(r, sst_meta_set(&r->places, key, text));
}

/* --- writing */

static int write_out(void *context, const void *data, size_t len)
{
	struct out *out = context;

	if (!out->error)
		out->error = out_write(out->fd, data, len);
	return out->error;
}

/* The bytes of a frame, which the reader has found right, from the file. */
static bool fetch(struct recover *r, const struct sst_frame *frame)
{
	struct position position;
	struct sst_source source = input_source(r->input, &position, UINT64_MAX);
	size_t have = 0, len = (size_t)frame->length; /* within the limits of a frame */

	if (len > r->frame_cap) {
		free(r->frame);
		r->frame = malloc(len);
		r->frame_cap = r->frame ? len : 0;
	}
	if (!r->frame || source.seek(source.context, frame->offset) < 0)
		return !failed(r, -ENOMEM);
	while (have < len) {
		long n = source.read(source.context, r->frame + have, len - have);

		if (n <= 0)
			return !failed(r, n < 0 ? (int)n : -EIO);
		have += (size_t)n;
	}
	return true;
}

/* Behind the first frame of a recording META has been written: its own, or one with what is known all the same. */
static void write_meta(struct recover *r)
{
	const struct recording *recording = &r->walk->recording;
	struct sst_meta meta = {0};

	if (sst_writer_totals(r->writer)->frames > 0)
		return;
	for (size_t i = 0; i < recording->meta.n; i++) /* that END has repeated */
		failed(r, sst_meta_set(&meta, recording->meta.entries[i].key, recording->meta.entries[i].value));
	if (recording->has_start)
		failed(r, sst_meta_set_u64(&meta, "start.boot", recording->start));
	if (!failed(r, sst_meta_set(&meta, "recorder", "not known: the facts of the recording were damaged")))
		failed(r, sst_writer_meta(r->writer, &meta));
	sst_meta_clear(&meta);
}

/* In place of the calls that are missing here. Whose they were is not known. */
static void write_gap(struct recover *r, const struct sst_frame *next)
{
	uint64_t until = next->time_min <= next->time_max ? next->time_min : next->cut;
	struct sst_gap gap = {.cause = SST_CAUSE_CUT, .count = r->missing};

	gap.time = r->time_from ? r->time_from : r->last_time ? r->last_time : r->walk->recording.start;
	gap.until = r->time_to ? r->time_to : until;
	if (gap.until < gap.time)
		gap.until = gap.time;
	r->time_from = r->time_to = 0;
	if (!r->missing)
		return;
	r->gone.calls += r->missing;
	r->missing = 0;
	sst_rows_clear(r->gap);
	if (!failed(r, sst_rows_gap(r->gap, &gap)))
		failed(r, sst_writer_rows(r->writer, r->gap, SST_FRAME_ROWS, r->cut));
}

/* Before a frame goes out. */
static void prepare(struct recover *r, const struct sst_frame *frame)
{
	write_meta(r);
	write_gap(r, frame);
}

static void copy(struct recover *r, const struct sst_frame *frame, const struct sst_rows *rows)
{
	if (!fetch(r, frame) || failed(r, sst_writer_copy(r->writer, r->frame, (size_t)frame->length, rows)))
		return;
	r->kept.frames++;
	r->kept.bytes += frame->length;
	r->kept.calls += rows && frame->type == SST_FRAME_ROWS ? rows->n : 0;
	r->cut = frame->cut;
	if (frame->time_min > frame->time_max)
		return;
	r->last_time = frame->time_max;
	if (frame->time_min < r->first)
		r->first = frame->time_min;
	if (frame->time_max > r->last)
		r->last = frame->time_max;
}

/* --- frames */

/* Calls that are missing before this frame, by the totals. rows: its own, NULL where they are lost as well. */
static void count_missing(struct recover *r, const struct sst_frame *frame, const struct sst_rows *rows)
{
	uint64_t n = frame->rows_total - r->rows_total, lost = frame->lost_total - r->lost_total;
	uint64_t own = rows && frame->type == SST_FRAME_ROWS ? rows->n : 0, own_lost = 0;

	for (size_t i = 0; rows && i < rows->n_gaps; i++)
		own_lost += rows->gaps[i].count;
	if (frame->rows_total >= r->rows_total && n > own)
		r->missing += n - own;
	if (frame->lost_total >= r->lost_total && lost > own_lost)
		r->missing += lost - own_lost;
	r->rows_total = frame->rows_total;
	r->lost_total = frame->lost_total;
}

/* Are the facts of this frame good? What is wrong with them the walk has reported. */
static bool has_facts(struct recover *r)
{
	struct sst_meta meta = {0};
	bool good =
		sst_reader_load(r->walk->reader, &r->walk->frame) == 0 && sst_frame_meta(&r->walk->frame, &meta) == 0;

	sst_meta_clear(&meta);
	return good;
}

static void take_facts(struct recover *r, const struct sst_frame *frame)
{
	const struct sst_totals *totals = sst_writer_totals(r->writer);

	count_missing(r, frame, NULL);
	if (!has_facts(r))
		return;
	if (frame->type == SST_FRAME_META) {
		if (totals->frames == 0 && frame->number == 0)
			copy(r, frame, NULL);
		return;
	}
	prepare(r, frame);
	r->has_end = frame->number == totals->frames && frame->rows_total == totals->rows;
}

static void take_rows(struct recover *r, const struct sst_frame *frame)
{
	const struct sst_rows *rows = walk_rows(r->walk, SST_ALL_COLUMNS) ? r->walk->rows : NULL;

	count_missing(r, frame, rows);
	if (!rows)
		return;
	prepare(r, frame);
	copy(r, frame, rows);
}

/* A kind of frame that is not known here and need not be. */
static void take_unknown(struct recover *r, const struct sst_frame *frame)
{
	int err = sst_reader_load(r->walk->reader, &r->walk->frame);

	count_missing(r, frame, NULL);
	if (err) {
		walk_damaged(r->walk, frame, err);
		return;
	}
	prepare(r, frame);
	copy(r, frame, NULL);
}

/* --- recordings */

/* Has a recording of this number been written? With more than SURVEY_MAX nobody will look for copies. */
static bool is_used(struct recover *r, const uint8_t *uuid)
{
	for (size_t i = 0; i < r->n_uuids; i++)
		if (memcmp(r->uuids[i], uuid, UUID_LEN) == 0)
			return true;
	if (r->n_uuids < SURVEY_MAX)
		memcpy(r->uuids[r->n_uuids++], uuid, UUID_LEN);
	return false;
}

/*
 * The recording keeps its number, so that the parts of a rotated one still find each other. What goes on behind another
 * recording becomes one of its own; so does a copy that could not be told from what is around it.
 */
static void begin(struct recover *r)
{
	struct walk *walk = r->walk;
	struct sst_sink sink = {.write = write_out, .context = r->out};
	uint8_t uuid[UUID_LEN];
	bool used = is_used(r, walk->frame.uuid), goes_on = walk->recordings > 1 && walk->frame.number > 0;

	r->recordings = walk->recordings;
	memcpy(uuid, walk->frame.uuid, sizeof(uuid));
	if ((used || goes_on) && getrandom(uuid, sizeof(uuid), 0) != sizeof(uuid))
		failed(r, -EIO);
	r->writer = sst_writer_new(&sink, uuid, 1);
	if (!r->writer)
		failed(r, -ENOMEM);
	r->rows_total = r->lost_total = r->missing = r->last_time = r->cut = 0;
	r->has_end = false;
}

static int set_sum(struct sst_meta *meta, const struct sst_meta *before, const char *key, uint64_t n)
{
	return sst_meta_set_u64(meta, key, sst_meta_u64(before, key, 0) + n);
}

/* What the END frame said, without the totals; then what was cut. */
static int make_facts(struct recover *r, struct sst_meta *meta)
{
	const struct recording *recording = &r->walk->recording;
	const struct sst_meta *end = &recording->end_meta;
	int err = 0;

	for (size_t i = 0; i < end->n && !err; i++) {
		const char *key = end->entries[i].key;

		if (strcmp(key, "rows") != 0 && strcmp(key, "tallied") != 0 && strncmp(key, "lost", 4) != 0)
			err = sst_meta_set(meta, key, end->entries[i].value);
	}
	if (!err && recording->has_start) /* META may have been written before it was known */
		err = sst_meta_set_u64(meta, "start.boot", recording->start);
	err = err ? err : sst_meta_set(meta, RECOVERED_BY, "sysdecode " SYSSTREAM_VERSION);
	err = err ? err : set_sum(meta, end, RECOVERED_PLACES, r->gone.places);
	err = err ? err : set_sum(meta, end, RECOVERED_BYTES, r->gone.bytes);
	err = err ? err : set_sum(meta, end, RECOVERED_CALLS, r->gone.calls);
	for (size_t i = 0; i < r->places.n && !err; i++)
		err = sst_meta_set(meta, r->places.entries[i].key, r->places.entries[i].value);
	if (recording->ended || err)
		return err;
	err = sst_meta_set(meta, "reason", "not known: the end was missing when the file was recovered");
	return err ? err
		   : sst_meta_set_u64(meta, RECOVERED_END, r->walk->cut ? r->walk->cut_offset : recording->end_offset);
}

/* The recording that the walk leaves. */
static void finish(void *context)
{
	struct recover *r = context;
	struct sst_meta meta = {0};

	if (!r->writer)
		return;
	if (!r->start)
		r->start = r->walk->recording.start;
	if (r->has_end && r->gone.places == 0 && !r->walk->cut) {
		copy(r, &r->latest, NULL);
	} else {
		prepare(r, &r->latest);
		if (!failed(r, make_facts(r, &meta)))
			failed(r, sst_writer_end(r->writer, &meta));
		sst_meta_clear(&meta);
	}
	sst_writer_free(r->writer);
	r->writer = NULL;
	r->all_gone.places += r->gone.places;
	r->all_gone.bytes += r->gone.bytes;
	r->all_gone.frames += r->gone.frames;
	r->all_gone.calls += r->gone.calls;
	r->gone = (struct tally){0};
	sst_meta_clear(&r->places);
}

static void take(struct recover *r, const struct sst_frame *frame)
{
	if (r->walk->recordings != r->recordings)
		begin(r);
	r->latest = *frame;
	r->has_end = false;
	if (r->error)
		return;
	if (frame->type == SST_FRAME_META || frame->type == SST_FRAME_END)
		take_facts(r, frame);
	else if (frame->type == SST_FRAME_ROWS || frame->type == SST_FRAME_LATE)
		take_rows(r, frame);
	else
		take_unknown(r, frame);
}

static const char *plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

static void say(const struct recover *r)
{
	const struct tally *kept = &r->kept, *gone = &r->all_gone;
	const struct report *report = r->report;
	char first[NUMBER_ROOM], last[NUMBER_ROOM], times[128] = "", cut[64] = "";

	*put_seconds(first, (int64_t)(r->first - r->start)) = 0;
	*put_seconds(last, (int64_t)(r->last - r->start)) = 0;
	if (r->first <= r->last)
		snprintf(times, sizeof(times), " from %s to %s s", first, last);
	if (report->cut)
		snprintf(cut, sizeof(cut), ", and all from byte %" PRIu64 " on", report->cut_offset);
	complain("%s: recovered: kept %" PRIu64 " frame%s, %" PRIu64 " bytes, %" PRIu64 " row%s%s; cut %" PRIu64
		 " place%s, %" PRIu64 " byte%s, %" PRIu64 " frame%s, %" PRIu64 " call%s%s",
		 report->name, kept->frames, plural(kept->frames), kept->bytes, kept->calls, plural(kept->calls), times,
		 gone->places, plural(gone->places), gone->bytes, plural(gone->bytes), gone->frames,
		 plural(gone->frames), gone->calls, plural(gone->calls), cut);
}

static void run(struct recover *r)
{
	const struct sst_frame *frame;

	r->walk->leave = finish;
	r->walk->context = r;
	while (!r->error && (frame = walk_next(r->walk)))
		take(r, frame);
	out_sync(r->out);
	if (r->error == -ENOMEM || (r->error && !r->out->error))
		report_error(r->report, r->error);
	else if (r->walk->failed || r->kept.frames == 0)
		complain("%s: nothing could be recovered%s", r->report->name,
			 r->kept.frames ? " beyond this" : ": the output is empty");
	else if (!r->error && !r->out->error)
		say(r);
}

/* --- what is kept of copies: that which is shown */

static int compare_sections(const void *a, const void *b)
{
	const struct section *x = a, *y = b;

	return x->begin < y->begin ? -1 : x->begin > y->begin;
}

/* All that the plan reads, in the order of the file. */
static int make_tape(const struct plan *plan, struct section **sections, struct tape *tape)
{
	size_t n = 0, all = 0;

	for (size_t i = 0; i < plan->n; i++)
		for (size_t k = 0; k < plan->groups[i].n; k++)
			all += plan->groups[i].tapes[k].n;
	*sections = calloc(all + 1, sizeof(**sections));
	if (!*sections)
		return -ENOMEM;
	for (size_t i = 0; i < plan->n; i++)
		for (size_t k = 0; k < plan->groups[i].n; k++)
			for (size_t s = 0; s < plan->groups[i].tapes[k].n; s++)
				(*sections)[n++] = plan->groups[i].tapes[k].sections[s];
	qsort(*sections, n, sizeof(**sections), compare_sections);
	*tape = (struct tape){.sections = *sections};
	for (size_t i = 0; i < n; i++) {
		struct section *last = tape->n > 0 ? &(*sections)[tape->n - 1] : NULL;

		(*sections)[i].has_zero = false; /* times stay as they are */
		if (last && last->end == (*sections)[i].begin)
			last->end = (*sections)[i].end;
		else
			(*sections)[tape->n++] = (*sections)[i];
	}
	return 0;
}

static int prepare_run(struct recover *r, const struct sources *sources, struct plan *plan, struct section **sections,
		       struct tape *tape)
{
	int err = plan_make(plan, sources, false);

	r->gap = sst_rows_new();
	r->uuids = calloc(SURVEY_MAX, sizeof(*r->uuids));
	if (!err && (!r->gap || !r->uuids))
		err = -ENOMEM;
	return err ? err : make_tape(plan, sections, tape);
}

void recover_run(const struct sources *sources, struct out *out)
{
	struct source *source = sources->list[0];
	struct recover r = {.input = &source->input, .out = out, .report = &source->report, .first = UINT64_MAX};
	struct section *sections = NULL;
	struct plan plan = {0};
	struct tape tape;
	int err = prepare_run(&r, sources, &plan, &sections, &tape);

	if (err) {
		report_error(r.report, err);
	} else {
		r.report->damaged = note_place;
		r.report->context = &r;
		r.walk = walk_tape(&tape, NULL);
		if (r.walk)
			run(&r);
	}
	sst_writer_free(r.writer);
	sst_meta_clear(&r.places);
	free(r.uuids);
	free(r.frame);
	sst_rows_free(r.gap);
	walk_free(r.walk);
	free(sections);
	plan_clear(&plan);
}
