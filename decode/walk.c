/* walk.c - see walk.h */
#include "walk.h"

#include "containers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Have a reader at the beginning of a section. Returns false without memory, or if the input cannot seek. */
static bool open_section(struct walk *walk, size_t i)
{
	const struct section *section = &walk->tape.sections[i];
	struct sst_source source = input_source(section->input, &walk->position, section->end);
	int err = -ENOMEM;

	sst_reader_free(walk->reader);
	walk->section = i;
	walk->report = walk->redirect ? walk->redirect : section->report;
	walk->inside = walk->any = walk->broken = walk->cut = false;
	walk->copy = (struct copy){0};
	walk->reader = sst_reader_new(&source);
	if (walk->reader)
		err = section->begin ? sst_reader_seek(walk->reader, section->begin) : 0;
	if (err) {
		report_error(walk->report, err);
		walk->failed = true;
	}
	return err == 0;
}

static struct walk *open_tape(struct walk *walk, struct report *report)
{
	walk->rows = sst_rows_new();
	if (!walk->rows)
		report_error(report, -ENOMEM);
	else if (open_section(walk, 0))
		return walk;
	walk_free(walk);
	return NULL;
}

struct walk *walk_new(const struct input *input, struct report *report)
{
	struct walk *walk = calloc(1, sizeof(*walk));

	if (!walk) {
		report_error(report, -ENOMEM);
		return NULL;
	}
	walk->whole = (struct section){.input = input, .report = report, .end = UINT64_MAX};
	walk->tape = (struct tape){.sections = &walk->whole, .n = 1};
	return open_tape(walk, report);
}

struct walk *walk_tape(const struct tape *tape, struct report *report)
{
	struct walk *walk = calloc(1, sizeof(*walk));
	struct report *first = report ? report : tape->sections[0].report;

	if (!walk) {
		report_error(first, -ENOMEM);
		return NULL;
	}
	walk->tape = *tape;
	walk->redirect = report;
	return open_tape(walk, first);
}

static void clear_recording(struct recording *recording)
{
	sst_meta_clear(&recording->meta);
	sst_meta_clear(&recording->end_meta);
	memset(recording, 0, sizeof(*recording));
}

void walk_free(struct walk *walk)
{
	if (!walk)
		return;
	clear_recording(&walk->recording);
	sst_rows_free(walk->rows);
	sst_reader_free(walk->reader);
	sst_index_clear(&walk->index);
	free(walk);
}

struct spot walk_here(const struct walk *walk)
{
	return (struct spot){.section = walk->section, .offset = walk->frame.offset};
}

/* Go on with the frame at offset, if it has this number and is of this recording. Otherwise everything is read. */
static void skip(struct walk *walk, uint64_t offset, uint64_t number)
{
	uint64_t next = walk->frame.offset + walk->frame.length;
	struct sst_frame frame;

	if (sst_reader_seek(walk->reader, offset) == 0 && sst_reader_next(walk->reader, &frame) == 1 &&
	    frame.offset == offset && frame.number == number &&
	    memcmp(frame.uuid, walk->recording.uuid, sizeof(frame.uuid)) == 0)
		next = offset;
	sst_reader_seek(walk->reader, next);
}

/* The entry of the recording's first frame, or the end of the index. */
static const struct sst_index_entry *find_recording(const struct sst_index *index, uint64_t offset)
{
	const struct sst_index_entry *e = index->entries, *end = e + index->n;

	while (e < end && (e->number != 0 || e->offset != offset))
		e++;
	return e;
}

static const struct sst_index *index_of_input(struct walk *walk)
{
	const struct input *input = walk->tape.sections[walk->section].input;

	if (walk->indexed != input) {
		sst_index_clear(&walk->index);
		input_index(input, &walk->index); /* without memory: there is none */
		walk->indexed = input;
	}
	return &walk->index;
}

/* Gaps may be a little later than the rows of their span, and late rows are older: hence the span before as well. */
void walk_skip_to(struct walk *walk, uint64_t floor)
{
	const struct sst_index *index;
	const struct sst_index_entry *first, *e, *end;

	if (floor == 0 || walk->frame.number != 0 || walk->tape.sections[walk->section].input->stream)
		return;
	index = index_of_input(walk);
	if (index->n == 0)
		return;
	end = index->entries + index->n;
	first = find_recording(index, walk->frame.offset);
	if (first == end)
		return;
	/* Of other frames than those with rows (sums, say) it does not tell the times. */
	for (e = first + 1; e < end && e->number > 0 && !(e->kinds & 1) && (e->rows == 0 || e->time_max < floor); e++)
		;
	e--;
	if (e > first)
		skip(walk, e->offset, e->number);
}

/* In the section that is open. Returns whether it could be done; if not, the user has been told. */
static bool seek_to(struct walk *walk, uint64_t offset)
{
	int err = sst_reader_seek(walk->reader, offset);

	if (err)
		report_error(walk->report, err);
	walk->failed = err != 0;
	return err == 0;
}

bool walk_seek(struct walk *walk, const struct spot *spot)
{
	walk->recordings = 0;
	walk->failed = false;
	return open_section(walk, spot->section) && seek_to(walk, spot->offset);
}

/* Another recording than the one before, in concatenated files. */
static bool begins_recording(const struct walk *walk)
{
	const struct sst_frame *frame = &walk->frame;

	return !walk->inside || memcmp(frame->uuid, walk->recording.uuid, sizeof(frame->uuid)) != 0 ||
	       (frame->type == SST_FRAME_META && frame->number <= walk->last_number);
}

/* The recording that is being left: is its end missing? */
static void leave(struct walk *walk)
{
	if (walk->inside && walk->leave)
		walk->leave(walk->context);
	if (walk->inside && (!walk->recording.ended || walk->cut))
		report_cut(walk->report, walk->cut ? walk->cut_offset : walk->recording.end_offset);
	walk->cut = walk->inside = false;
}

static void begin(struct walk *walk)
{
	struct recording *recording = &walk->recording;

	leave(walk);
	clear_recording(recording);
	memcpy(recording->uuid, walk->frame.uuid, sizeof(recording->uuid));
	walk->recordings++;
	walk->inside = walk->any = true;
}

static void settle(const struct walk *walk)
{
	if (walk->settle)
		walk->settle(walk->context);
}

/* The copy has come to its end: one of the whole recording is no damage. */
static void end_copy(struct walk *walk)
{
	struct copy *copy = &walk->copy;
	struct sst_damage damage = {
		.offset = copy->begin,
		.length = copy->end - copy->begin,
		.error = SST_E_MISSING,
		.frame_to = copy->last,
	};

	if (copy->begin == copy->end)
		return;
	settle(walk);
	if (copy->last == walk->last_number)
		report_copy(walk->report, copy->begin, copy->end);
	else
		report_damage(walk->report, &damage, walk->recording.start);
	*copy = (struct copy){0};
}

/* Is the frame that the reader has stepped over of a copy of this recording, which begins with frame 0? */
static bool is_copied(struct walk *walk, int error, const struct sst_damage *damage)
{
	struct copy *copy = &walk->copy;
	bool repeated = error == SST_E_MISSING && damage->length > 0 && walk->inside;

	if (repeated && copy->begin < copy->end && damage->offset == copy->end &&
	    (damage->frame_from == copy->last + 1 ||
	     (damage->frame_from == 0 && copy->last == walk->last_number))) { /* one more */
		copy->last = damage->frame_from;
		copy->end += damage->length;
		return true;
	}
	end_copy(walk);
	if (!repeated || damage->frame_from != 0)
		return false;
	*copy = (struct copy){.begin = damage->offset, .end = damage->offset + damage->length};
	return true;
}

/* Report what the reader has just stumbled over, or what is wrong with the whole input. Returns true to go on. */
static bool go_on(struct walk *walk, int error)
{
	const struct sst_damage *damage = sst_reader_damage(walk->reader);

	if (is_copied(walk, error, damage))
		return true;
	switch (error) {
	case SST_E_CUT:
	case SST_E_NO_END:
		walk->cut = true;
		walk->cut_offset = damage->offset;
		return true;
	case SST_E_HEADER:
	case SST_E_PAYLOAD:
	case SST_E_MISSING:
	case SST_E_COLUMN:
	case SST_E_LIMIT:
		settle(walk);
		report_damage(walk->report, damage, walk->recording.start);
		return true;
	default:
		settle(walk);
		report_error(walk->report, error);
		walk->broken = true;
		walk->failed = error == -ENOMEM || walk->section + 1 == walk->tape.n;
		return false;
	}
}

/* A frame whose checksums are right and whose contents are not. */
static void report_frame(struct walk *walk, const struct sst_frame *frame, int error)
{
	bool times = frame->time_min <= frame->time_max;
	struct sst_damage damage = {
		.offset = frame->offset,
		.length = frame->length,
		.error = error,
		.frame_from = frame->number,
		.frame_to = frame->number,
		.time_from = times ? frame->time_min : 0,
		.time_to = times ? frame->time_max : 0,
		.rows = frame->n_rows,
	};

	settle(walk);
	report_damage(walk->report, &damage, walk->recording.start);
}

/* Read the facts of a META or END frame. */
static bool read_meta(struct walk *walk, struct sst_meta *meta)
{
	int err = sst_reader_load(walk->reader, &walk->frame);

	if (err)
		return go_on(walk, err) && false;
	err = sst_frame_meta(&walk->frame, meta);
	if (err == -ENOMEM || err == SST_E_NEWER)
		return go_on(walk, err) && false;
	if (err)
		report_frame(walk, &walk->frame, err);
	return err == 0;
}

static void read_start(struct recording *recording, const struct section *section)
{
	const struct sst_meta *meta = &recording->meta;

	recording->has_start = sst_meta_get(meta, "start.boot") != NULL;
	recording->start = sst_meta_u64(meta, "start.boot", 0);
	recording->has_clock = recording->has_start && sst_meta_get(meta, "start.real");
	recording->clock.boot = recording->start;
	recording->clock.real = sst_meta_i64(meta, "start.real", 0);
	if (recording->has_start && section->has_zero)
		recording->start = section->zero;
}

/* What END repeats of META, for the case that META is damaged. */
static const char *const repeated[] = {"start.boot", "start.mono", "start.real", "start.zone"};

static void take_repeated(struct recording *recording, const struct sst_meta *end, const struct section *section)
{
	for (size_t i = 0; i < sizeof(repeated) / sizeof(repeated[0]); i++) {
		const char *value = sst_meta_get(end, repeated[i]);

		if (value)
			sst_meta_set(&recording->meta, repeated[i], value); /* without memory it is not known */
	}
	read_start(recording, section);
}

/* Go on to the END of the recording that *frame is of. Returns whether there is one. */
static bool find_end(struct sst_reader *reader, struct sst_frame *frame)
{
	uint8_t uuid[16];
	int got = 1;

	memcpy(uuid, frame->uuid, sizeof(uuid));
	while (got != 0 && (got < 0 || frame->type != SST_FRAME_END)) {
		got = sst_reader_next(reader, frame);
		if (got > 0 && memcmp(uuid, frame->uuid, sizeof(uuid)) != 0)
			return false;
		if (got == SST_E_NEWER || got == SST_E_NOT_SST || (got < 0 && got > SST_E_BASE / 2)) /* or -errno */
			return false;
	}
	return got > 0;
}

/* The facts of META are not known: those that its END repeats will do. A pipe shows them too late. */
static void look_for_facts(struct walk *walk)
{
	struct position position;
	struct sst_source source = input_source(walk->position.input, &position, UINT64_MAX);
	struct sst_reader *reader = source.seek ? sst_reader_new(&source) : NULL;
	struct sst_frame frame = walk->frame;
	struct sst_meta end = {0};

	if (!reader)
		return;
	if (sst_reader_seek(reader, frame.offset) == 0 && find_end(reader, &frame) &&
	    sst_reader_load(reader, &frame) == 0 && sst_frame_meta(&frame, &end) == 0)
		take_repeated(&walk->recording, &end, &walk->tape.sections[walk->section]);
	sst_meta_clear(&end);
	sst_reader_free(reader);
}

static void note_clock(struct recording *recording, const struct sst_frame *frame)
{
	struct sst_clock clock;

	if (!sst_frame_clock(frame, &clock))
		return;
	recording->clock = clock;
	recording->has_clock = true;
}

static void enter(struct walk *walk)
{
	struct recording *recording = &walk->recording;
	const struct sst_frame *frame = &walk->frame;
	bool begins = begins_recording(walk);

	if (begins)
		begin(walk);
	walk->last_number = frame->number;
	recording->end_offset = frame->offset + frame->length;
	recording->rows_total = frame->rows_total;
	recording->lost_total = frame->lost_total;
	if (frame->cut > recording->known_until)
		recording->known_until = frame->cut;
	if (frame->type == SST_FRAME_META && read_meta(walk, &recording->meta))
		read_start(recording, &walk->tape.sections[walk->section]);
	if (!recording->has_start && (begins || frame->type == SST_FRAME_META))
		look_for_facts(walk);
	note_clock(recording, frame);
	recording->tells_health = sst_frame_health(frame, &recording->health);
	if (frame->type == SST_FRAME_END)
		recording->ended = read_meta(walk, &recording->end_meta);
	if (!recording->has_start && frame->time_min <= frame->time_max) { /* its beginning is damaged */
		recording->start = frame->time_min;
		recording->has_start = true;
		settle(walk);
		report_start(walk->report);
	}
}

/* The section has come to its end. */
static void end_section(struct walk *walk)
{
	end_copy(walk);
	leave(walk);
	if (!walk->any && walk->report->status == STATUS_OK)
		report_cut(walk->report, 0); /* an empty input */
}

const struct sst_frame *walk_next(struct walk *walk)
{
	int got = 0;

	while (!walk->failed) {
		if (!walk->broken)
			got = sst_reader_next(walk->reader, &walk->frame);
		if (walk->broken) {
			settle(walk);
		} else if (got < 0) {
			go_on(walk, got);
			continue;
		} else if (got > 0) {
			end_copy(walk);
			enter(walk);
			if (!walk->broken)
				return &walk->frame;
			continue;
		} else {
			end_section(walk);
		}
		if (walk->section + 1 == walk->tape.n || !open_section(walk, walk->section + 1))
			break;
	}
	return NULL;
}

static bool is_damage(int error)
{
	return error <= SST_E_BASE / 2 && error != SST_E_NEWER && error != SST_E_NOT_SST;
}

bool walk_return(struct walk *walk, const struct spot *spot)
{
	if (walk->section != spot->section && !open_section(walk, spot->section))
		return false;
	return seek_to(walk, spot->offset);
}

const struct sst_frame *walk_again(struct walk *walk, uint64_t last)
{
	int got;

	do
		got = sst_reader_next(walk->reader, &walk->frame);
	while (is_damage(got));                /* it has been reported */
	if (got < 0 && got > SST_E_BASE / 2) { /* -errno */
		report_error(walk->report, got);
		walk->failed = true;
	}
	return got > 0 && walk->frame.offset <= last ? &walk->frame : NULL;
}

bool walk_damaged(struct walk *walk, const struct sst_frame *frame, int error)
{
	if (error == SST_E_COLUMN || error == SST_E_LIMIT || (error == SST_E_PAYLOAD && frame != &walk->frame)) {
		report_frame(walk, frame, error);
		return true;
	}
	return go_on(walk, error);
}

bool walk_check(struct walk *walk)
{
	int err = sst_reader_load(walk->reader, &walk->frame);

	return err == 0 || (go_on(walk, err) && false);
}

bool walk_rows(struct walk *walk, unsigned columns)
{
	int err = sst_reader_load(walk->reader, &walk->frame);
	struct recording *recording = &walk->recording;

	if (err)
		return go_on(walk, err) && false;
	err = sst_frame_rows(&walk->frame, walk->rows, columns | SST_COL_EXTRA);
	sst_reader_release(walk->reader);
	if (err == -ENOMEM || err == SST_E_NEWER)
		return go_on(walk, err) && false;
	if (err) {
		report_frame(walk, &walk->frame, err);
		return false;
	}
	for (size_t i = 0; i < walk->rows->n_clocks; i++) {
		recording->clock = walk->rows->clocks[i];
		recording->has_clock = true;
	}
	return true;
}

void walk_intern(struct walk *walk)
{
	struct sst_rows *rows = walk->rows;

	if (rows->n_groups > 0)
		containers_intern(&rows->containers, &rows->groups->where, sizeof(*rows->groups), rows->n_groups);
}

void walk_park(struct walk *walk)
{
	struct sst_rows *empty = sst_rows_new();

	if (!empty)
		return; /* then it takes the memory that it has */
	sst_rows_free(walk->rows);
	walk->rows = empty;
}
