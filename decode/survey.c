/* survey.c - see survey.h */
#include "survey.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_ERRNO 4095 /* below are enum sst_error */

/* A file while it is looked at. */
struct look {
	struct survey *survey;
	struct source *source;
	struct position position;
	struct sst_reader *reader;
	struct sst_frame frame;
	size_t first; /* of its takes */
	bool tangled; /* its recordings cannot be told from one another */
};

static struct take *add_take(struct look *look, uint64_t begin)
{
	struct survey *survey = look->survey;
	struct take *takes = NULL;

	if (survey->n == SURVEY_MAX) {
		survey->full = true;
		return NULL;
	}
	if (survey->n > 0 && (survey->n & (survey->n - 1)) != 0)
		takes = survey->takes; /* there is room up to the next power of two */
	else
		takes = reallocarray(survey->takes, survey->n ? 2 * survey->n : 1, sizeof(*takes));
	if (!takes) {
		survey->failed = true;
		return NULL;
	}
	survey->takes = takes;
	takes[survey->n] = (struct take){
		.source = look->source,
		.begin = begin,
		.end = UINT64_MAX,
		.first = UINT64_MAX,
		.order = survey->n,
	};
	if (survey->n > look->first)
		takes[survey->n - 1].end = begin;
	return &takes[survey->n++];
}

/* The facts in a META frame. */
static void read_facts(struct look *look, struct take *take)
{
	struct sst_meta meta = {0};
	const char *boot;

	memcpy(take->uuid, look->frame.uuid, sizeof(take->uuid));
	if (sst_reader_load(look->reader, &look->frame) == 0 && sst_frame_meta(&look->frame, &meta) == 0) {
		boot = sst_meta_get(&meta, "boot.id");
		take->whole = true;
		take->session = session_of(&meta);
		take->has_start = sst_meta_get(&meta, "start.boot") && sst_meta_get(&meta, "start.real");
		take->start = sst_meta_u64(&meta, "start.boot", 0);
		take->real = sst_meta_i64(&meta, "start.real", 0);
		if (boot && strlen(boot) < sizeof(take->boot))
			snprintf(take->boot, sizeof(take->boot), "%s", boot);
		if (take->has_start)
			take->first = take->last = take->start;
	}
	sst_meta_clear(&meta);
	sst_reader_release(look->reader);
}

static void note_times(struct take *take, uint64_t first, uint64_t last)
{
	if (first < take->first)
		take->first = first;
	if (last > take->last)
		take->last = last;
}

static bool begins(const struct sst_frame *frame)
{
	return frame->type == SST_FRAME_META && frame->number == 0;
}

/* --- by the index */

/* The frame that an entry says is at its place. */
static bool go_to(struct look *look, const struct sst_index_entry *entry)
{
	return sst_reader_seek(look->reader, entry->offset) == 0 && sst_reader_next(look->reader, &look->frame) == 1 &&
	       look->frame.offset == entry->offset && look->frame.number == entry->number;
}

/* One recording: from its first entry to the last, which is of its END frame alone. Returns the next one's, or NULL. */
static const struct sst_index_entry *add_indexed(struct look *look, const struct sst_index_entry *e,
						 const struct sst_index_entry *end)
{
	struct take *take = go_to(look, e) && begins(&look->frame) ? add_take(look, e->offset) : NULL;
	const struct sst_index_entry *last = e;

	if (!take)
		return NULL;
	read_facts(look, take);
	while (last + 1 < end && last[1].number > 0)
		last++;
	for (; e <= last; e++)
		if (e->rows)
			note_times(take, e->time_min, e->time_max);
	if (!go_to(look, last) || look->frame.type != SST_FRAME_END)
		return NULL;
	note_times(take, UINT64_MAX, look->frame.cut);
	return last + 1;
}

static bool by_index(struct look *look)
{
	struct sst_index index;
	const struct sst_index_entry *e, *end;

	if (input_index(&look->source->input, &index) <= 0) {
		sst_index_clear(&index);
		return false;
	}
	e = index.entries;
	end = e + index.n;
	while (e && e < end)
		e = add_indexed(look, e, end);
	sst_index_clear(&index);
	return e != NULL;
}

/* --- by the headers */

static struct take *take_of_frame(struct look *look, struct take *take)
{
	const struct sst_frame *frame = &look->frame;
	bool same = take && memcmp(take->uuid, frame->uuid, sizeof(take->uuid)) == 0;

	if (same && !begins(frame))
		return take;
	look->tangled |= !begins(frame) && take;
	take = add_take(look, frame->offset);
	if (!take)
		return NULL;
	memcpy(take->uuid, frame->uuid, sizeof(take->uuid));
	if (begins(frame))
		read_facts(look, take);
	return take;
}

static void by_headers(struct look *look)
{
	struct take *take = NULL;
	int got;

	if (sst_reader_seek(look->reader, 0))
		return;
	while ((got = sst_reader_next(look->reader, &look->frame)) != 0) {
		if (got == SST_E_NOT_SST || (got < 0 && got >= -MAX_ERRNO))
			return; /* it cannot be read on */
		if (got < 0)
			continue;
		take = take_of_frame(look, take);
		if (!take)
			return;
		if (look->frame.time_min <= look->frame.time_max)
			note_times(take, look->frame.time_min, look->frame.time_max);
		note_times(take, UINT64_MAX, look->frame.cut);
	}
}

/* Recordings of this file that cannot be told from one another, or whose facts are damaged, stay as they are. */
static void keep_together(struct look *look)
{
	struct survey *survey = look->survey;
	struct take *first = &survey->takes[look->first];
	bool whole = !look->tangled;

	for (size_t i = look->first; i < survey->n; i++)
		whole &= survey->takes[i].whole && survey->takes[i].has_start;
	if (survey->n > look->first + 1 && !whole) {
		survey->n = look->first + 1;
		first->whole = false;
		first->session = (struct session){.part = 0};
		first->end = UINT64_MAX;
	}
	first->begin = 0; /* what is before it is to be reported too */
}

void survey_add(struct survey *survey, struct source *source)
{
	struct look look = {.survey = survey, .source = source, .first = survey->n};
	struct sst_source bytes = input_source(&source->input, &look.position, UINT64_MAX);

	if (survey->full || survey->failed)
		return;
	look.reader = sst_reader_new(&bytes);
	if (!look.reader) {
		survey->failed = true;
		return;
	}
	if (!by_index(&look)) {
		survey->n = look.first;
		by_headers(&look);
	}
	if (survey->n == look.first) /* nothing in it is a frame: reading it will say so */
		add_take(&look, 0);
	if (survey->n > look.first)
		keep_together(&look);
	sst_reader_free(look.reader);
}

void survey_check(struct take *take)
{
	struct position position;
	struct sst_source source = input_source(&take->source->input, &position, take->end);
	struct sst_reader *reader = sst_reader_new(&source);
	struct sst_frame frame;
	int got;

	take->good = 0;
	if (reader && sst_reader_seek(reader, take->begin) == 0)
		while ((got = sst_reader_next(reader, &frame)) > 0 || got < -MAX_ERRNO)
			take->good += got > 0 && sst_reader_load(reader, &frame) == 0;
	sst_reader_free(reader);
}

void survey_clear(struct survey *survey)
{
	free(survey->takes);
	*survey = (struct survey){0};
}
