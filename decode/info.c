/* info.c - --info, see summary.h */
#include "summary.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "escape.h"
#include "number.h"
#include "tallied.h"
#include "walk.h"

#define NAME_WIDTH 18

/* Numbers of threads that have rows: a set in bounded memory. Beyond its room it counts "at least". */
#define THREADS_MAX ((size_t)1 << 20)
struct threads {
	uint32_t *slots; /* 0: free */
	size_t n, n_slots;
	bool full;
};

struct info {
	struct walk *walk;
	struct out *out;
	struct report *report;
	/* of the recording that is being read */
	uint64_t begin; /* its first byte */
	uint64_t frames, late_frames, unknown_frames, events;
	uint64_t first, last; /* boot time of rows */
	uint64_t lost_by_cause[SST_CAUSE_COUNT];
	struct threads threads;
	uint64_t tallies, tallied; /* frames of sums, and the calls in them */
	uint64_t tally_first, tally_last;
	struct tallied_reader reader;
};

static void say(struct info *info, const char *name, const char *value)
{
	out_printf(info->out, "%-*s %s\n", NAME_WIDTH, name, value);
}

#define SAY(info, name, format, ...) out_printf((info)->out, "%-*s " format "\n", NAME_WIDTH, name, __VA_ARGS__)

static bool insert(uint32_t *slots, size_t n_slots, uint32_t tid)
{
	size_t i = (size_t)(tid * 2654435761u) & (n_slots - 1);

	while (slots[i] && slots[i] != tid)
		i = (i + 1) & (n_slots - 1);
	if (slots[i])
		return false;
	slots[i] = tid;
	return true;
}

static bool grow(struct threads *threads)
{
	size_t n_slots = threads->n_slots ? threads->n_slots * 2 : 1024;
	uint32_t *bigger = n_slots <= THREADS_MAX ? calloc(n_slots, sizeof(*bigger)) : NULL;

	if (!bigger)
		return false;
	for (size_t i = 0; i < threads->n_slots; i++)
		if (threads->slots[i])
			insert(bigger, n_slots, threads->slots[i]);
	free(threads->slots);
	threads->slots = bigger;
	threads->n_slots = n_slots;
	return true;
}

static void add_thread(struct threads *threads, uint32_t tid)
{
	if (threads->n >= threads->n_slots / 4 * 3 && !grow(threads)) {
		threads->full = true;
		return;
	}
	if (tid)
		threads->n += insert(threads->slots, threads->n_slots, tid);
}

static void add_frame(struct info *info, const struct sst_frame *frame)
{
	const struct sst_rows *rows = info->walk->rows;

	for (size_t g = 0; g < rows->n_groups; g++)
		if (rows->groups[g].n)
			add_thread(&info->threads, rows->groups[g].tid);
	for (size_t i = 0; i < rows->n_gaps; i++) {
		unsigned cause = rows->gaps[i].cause < SST_CAUSE_COUNT ? rows->gaps[i].cause : SST_CAUSE_UNKNOWN;

		info->lost_by_cause[cause] += rows->gaps[i].count;
	}
	info->events += rows->n_events;
	if (frame->time_min > frame->time_max)
		return;
	if (frame->time_min < info->first)
		info->first = frame->time_min;
	if (frame->time_max > info->last)
		info->last = frame->time_max;
}

static void say_wall(struct info *info, const char *name, uint64_t boot)
{
	char date[64], zone[16];
	int64_t ns;
	time_t seconds;
	struct tm tm;

	if (!wall_time(&info->walk->recording, boot, &ns))
		return;
	seconds = (time_t)(ns / NS_PER_S);
	if (localtime_r(&seconds, &tm) && strftime(date, sizeof(date), "%Y-%m-%d %H:%M:%S", &tm) &&
	    strftime(zone, sizeof(zone), "%z", &tm))
		SAY(info, name, "%s.%03d %s", date, (int)(ns % NS_PER_S / 1000000), zone);
}

static void say_times(struct info *info)
{
	const struct recording *recording = &info->walk->recording;
	char first[NUMBER_ROOM], last[NUMBER_ROOM];

	say_wall(info, "began", recording->start);
	if (info->first > info->last)
		return;
	*put_seconds(first, (int64_t)(info->first - recording->start)) = 0;
	*put_seconds(last, (int64_t)(info->last - recording->start)) = 0;
	SAY(info, "calls from", "%s s", first);
	SAY(info, "calls until", "%s s", last);
	say_wall(info, "last call", info->last);
}

static void say_tallies(struct info *info)
{
	uint64_t start = info->walk->recording.start;
	char first[NUMBER_ROOM], last[NUMBER_ROOM];

	*put_seconds(first, (int64_t)(info->tally_first - start)) = 0;
	*put_seconds(last, (int64_t)(info->tally_last - start)) = 0;
	SAY(info, "calls counted", "%" PRIu64, info->tallied);
	SAY(info, "counted from", "%s s", first);
	SAY(info, "counted until", "%s s", last);
	SAY(info, "tally frames", "%" PRIu64, info->tallies);
}

static void add_tally(struct info *info, const struct sst_frame *frame)
{
	if (!info->tallies++ || frame->time_min < info->tally_first)
		info->tally_first = frame->time_min;
	if (frame->time_max > info->tally_last)
		info->tally_last = frame->time_max;
	if (tallied_load(&info->reader, info->walk))
		info->tallied += tallied_calls(&info->reader);
}

static void say_size(struct info *info)
{
	const struct recording *recording = &info->walk->recording;
	uint64_t bytes = recording->end_offset - info->begin, rows = recording->rows_total;

	SAY(info, "calls", "%" PRIu64, rows);
	SAY(info, "threads", "%s%zu", info->threads.full ? "at least " : "", info->threads.n);
	SAY(info, "events", "%" PRIu64, info->events);
	SAY(info, "bytes", "%" PRIu64, bytes);
	if (rows)
		SAY(info, "bytes per call", "%.2f", (double)bytes / (double)rows);
	if (info->tallies)
		say_tallies(info);
	SAY(info, "frames", "%" PRIu64 " (%" PRIu64 " with late rows, %" PRIu64 " of a kind unknown here)",
	    info->frames, info->late_frames, info->unknown_frames);
}

/* Facts, but for those that have been said before. */
static void say_meta(struct info *info, const struct sst_meta *meta, const struct sst_meta *said)
{
	for (size_t i = 0; i < meta->n; i++) {
		const char *before = said ? sst_meta_get(said, meta->entries[i].key) : NULL;
		char name[64];

		if (before && !strcmp(before, meta->entries[i].value))
			continue;
		snprintf(name, sizeof(name), "%s", escaped(meta->entries[i].key));
		say(info, name, escaped(meta->entries[i].value));
	}
}

static void say_end(struct info *info)
{
	uint64_t lost = lost_total(info->lost_by_cause);

	if (lost)
		SAY(info, "lost", "%" PRIu64 " (%s)", lost, lost_causes(info->lost_by_cause));
	else
		say(info, "lost", "0");
	if (info->walk->recording.ended)
		say(info, "ended", "yes");
	else
		SAY(info, "ended", "no: stops after byte %" PRIu64, info->walk->recording.end_offset);
	if (info->report->damages)
		SAY(info, "damaged", "%" PRIu64 " places", info->report->damages);
}

/* Print what has been collected about a recording, and be ready for the next. */
static void end_recording(void *context)
{
	struct info *info = context;
	const struct recording *recording = &info->walk->recording;
	char uuid[33];

	for (size_t i = 0; i < 16; i++)
		snprintf(uuid + 2 * i, 3, "%02x", recording->uuid[i]);
	if (info->walk->recordings > 1)
		out_printf(info->out, "\n");
	say(info, "file", info->report->name);
	say(info, "recording", uuid);
	say_times(info);
	say_size(info);
	say_end(info);
	say_meta(info, &recording->meta, NULL);
	say_meta(info, &recording->end_meta, &recording->meta);
	free(info->threads.slots);
	tallied_clear(&info->reader);
	*info = (struct info){.walk = info->walk, .out = info->out, .report = info->report, .first = UINT64_MAX};
}

void info_run(const struct input *input, struct out *out, struct report *report)
{
	struct info info = {.walk = walk_new(input, report), .out = out, .report = report, .first = UINT64_MAX};
	const struct sst_frame *frame;

	if (!info.walk)
		return;
	info.walk->leave = end_recording;
	info.walk->context = &info;
	while ((frame = walk_next(info.walk))) {
		if (info.frames++ == 0)
			info.begin = frame->offset;
		info.late_frames += frame->type == SST_FRAME_LATE;
		if (frame->type == SST_FRAME_TALLY)
			add_tally(&info, frame);
		else
			info.unknown_frames += frame->type < SST_FRAME_META || frame->type > SST_FRAME_END;
		if ((frame->type == SST_FRAME_ROWS || frame->type == SST_FRAME_LATE) && walk_rows(info.walk, 0))
			add_frame(&info, frame);
	}
	free(info.threads.slots);
	tallied_clear(&info.reader);
	walk_free(info.walk);
}
