/* merge_names.c - see merge_names.h */
#include "merge_names.h"

#include <stdlib.h>
#include <string.h>

#include "merge.h"

#define TRACKERS_MEMORY ((size_t)8 << 20) /* of all sessions together */
#define TRACKER_MEMORY  ((size_t)6 << 20) /* of one, as of a session alone */
#define TRACKERS        32                /* sessions with names */
#define HOLES           64                /* places of a session where something is missing */

/* A session. Boot time. */
struct track {
	struct tracker *tracker; /* NULL: nothing is known of it */
	bool text;               /* it has frames with text: the first one … */
	uint64_t from;           /* … from here on; what came before is not looked at, as in a session alone */
	uint64_t until;          /* from here on nothing is known */
	uint64_t last;           /* of the frames that have been met */
	bool missing;            /* before the next frame that has rows */
	uint64_t holes[HOLES];   /* in order: what was known before is not true any more */
	size_t n_holes, next_hole;
	uint64_t recordings; /* met so far */
	struct session session;
	char *filter, *machine; /* facts of the first part that the tracker depends on */
};

struct merge_names {
	struct track *tracks;
	size_t n;
	struct naming naming;
	bool listed[MERGE_WINDOW]; /* in this list */
	size_t first, end;         /* tags of this list */
};

struct merge_names *merge_names_new(size_t n)
{
	struct merge_names *names = calloc(1, sizeof(*names));
	size_t with = n < TRACKERS ? n : TRACKERS, memory = TRACKERS_MEMORY / (with ? with : 1);

	if (!names)
		return NULL;
	names->n = with;
	names->tracks = calloc(with + 1, sizeof(*names->tracks));
	for (size_t i = 0; names->tracks && i < with; i++) {
		names->tracks[i].until = UINT64_MAX;
		names->tracks[i].tracker = tracker_new(memory < TRACKER_MEMORY ? memory : TRACKER_MEMORY);
		if (!names->tracks[i].tracker)
			names->n = 0;
	}
	if (names->tracks && names->n == with)
		return names;
	names->n = with;
	merge_names_free(names);
	return NULL;
}

void merge_names_free(struct merge_names *names)
{
	if (!names)
		return;
	for (size_t i = 0; names->tracks && i < names->n; i++) {
		tracker_free(names->tracks[i].tracker);
		free(names->tracks[i].filter);
		free(names->tracks[i].machine);
	}
	free(names->tracks);
	naming_free(&names->naming);
	free(names);
}

/* The session, or NULL if nothing is known of it. */
static struct track *track_of(struct merge_names *names, size_t tape)
{
	return names && tape < names->n ? &names->tracks[tape] : NULL;
}

/* --- what is missing */

static void end_track(struct track *track, uint64_t time)
{
	track->until = time < track->until ? time : track->until;
}

static void add_hole(struct track *track, uint64_t time)
{
	size_t i = track->n_holes;

	while (i > 0 && track->holes[i - 1] > time)
		i--;
	if (i > 0 && track->holes[i - 1] == time)
		return;
	if (track->n_holes == HOLES || i < track->next_hole) {
		end_track(track, time);
		return;
	}
	memmove(track->holes + i + 1, track->holes + i, (track->n_holes - i) * sizeof(*track->holes));
	track->holes[i] = time;
	track->n_holes++;
}

void merge_names_missing(void *place)
{
	const struct merge_place *at = place;
	struct track *track = track_of(at->names, at->tape);

	if (track)
		track->missing = true;
}

void merge_names_damaged(struct merge_names *names, size_t tape, const struct sst_frame *frame)
{
	struct track *track = track_of(names, tape);

	if (!track || frame->time_min > frame->time_max)
		return;
	add_hole(track, frame->time_min);
	add_hole(track, frame->time_max);
}

/* --- the first walk */

static bool is_same(const struct sst_meta *meta, const char *key, const char *value)
{
	const char *found = sst_meta_get(meta, key);

	return strcmp(found ? found : "", value) == 0;
}

static void keep_facts(struct track *track, const struct sst_meta *meta)
{
	const char *filter = sst_meta_get(meta, "filter"), *machine = sst_meta_get(meta, "host.machine");

	track->filter = strdup(filter ? filter : "");
	track->machine = strdup(machine ? machine : "");
	if (!track->filter || !track->machine)
		end_track(track, 0);
	tracker_begin(track->tracker, meta, false);
}

/* A recording begins: the first one, or another part, which must be one that the tracker can go on with. */
static void meet_recording(struct track *track, const struct walk *walk)
{
	struct session session = session_of(&walk->recording.meta);
	bool first = track->recordings == 0;

	if (first)
		keep_facts(track, &walk->recording.meta);
	else if (!session_goes_on(&track->session, &session) || !track->filter || !track->machine ||
		 !is_same(&walk->recording.meta, "filter", track->filter) ||
		 !is_same(&walk->recording.meta, "host.machine", track->machine))
		end_track(track, 0);
	else
		track->missing |= session.part != track->session.part + 1;
	track->recordings = walk->recordings;
	track->session = session;
}

void merge_names_meet(struct merge_names *names, size_t tape, const struct walk *walk)
{
	struct track *track = track_of(names, tape);
	const struct sst_frame *frame = &walk->frame;
	bool rows = frame->type == SST_FRAME_ROWS && frame->time_min <= frame->time_max;

	if (!track)
		return;
	if (walk->recordings != track->recordings)
		meet_recording(track, walk);
	if (!track->text && sst_frame_may_have_text(frame)) {
		track->text = true;
		track->from = track->last ? track->last + 1 : 0;
	}
	if (!rows)
		return;
	if (track->missing)
		add_hole(track, frame->time_min);
	track->missing = false;
	track->last = frame->time_max;
}

/* --- lists */

static void take_back(void *context, uint32_t tag)
{
	struct merge_names *names = context;

	if (tag >= names->first && tag < names->end && names->listed[tag])
		naming_take_back(&names->naming, tag);
}

bool merge_names_begin(struct merge_names *names)
{
	names->first = names->end = 0;
	for (size_t i = 0; i < names->n; i++)
		tracker_list(names->tracks[i].tracker, take_back, names);
	return naming_begin(&names->naming, MERGE_WINDOW);
}

/* The tracker that is to be told of something at time, or NULL. */
static struct tracker *tracker_at(struct merge_names *names, size_t tape, uint64_t time)
{
	struct track *track = track_of(names, tape);
	bool hole = false;

	if (!track || !track->text || time < track->from || time >= track->until)
		return NULL;
	for (; track->next_hole < track->n_holes && track->holes[track->next_hole] <= time; track->next_hole++)
		hole = true;
	if (hole)
		tracker_forget(track->tracker);
	return track->tracker;
}

bool merge_names_call(struct merge_names *names, size_t tape, const struct row *row, uint32_t tag)
{
	struct tracker *tracker = tracker_at(names, tape, row->time);
	struct names found;

	if (tracker)
		tracker_call(tracker, row, &row->call->deed, tag, &found);
	if (tag == UINT32_MAX)
		return false;
	names->listed[tag] = tracker != NULL;
	if (names->end == 0)
		names->first = tag;
	names->end = (size_t)tag + 1;
	if (tracker)
		naming_set(&names->naming, tag, &found);
	return tracker != NULL;
}

void merge_names_open(struct merge_names *names, size_t tape, const struct sst_open *open, const uint8_t *text)
{
	struct tracker *tracker = tracker_at(names, tape, open->until);

	if (tracker)
		tracker_open(tracker, open, text);
}

void merge_names_event(struct merge_names *names, size_t tape, const struct sst_event *event)
{
	struct tracker *tracker = tracker_at(names, tape, event->time);

	if (tracker)
		tracker_event(tracker, event);
}

void merge_names_gap(struct merge_names *names, size_t tape, const struct sst_gap *gap)
{
	struct tracker *tracker = tracker_at(names, tape, gap->time);

	if (tracker)
		tracker_gap(tracker, gap);
}

bool merge_names_are_full(const struct merge_names *names)
{
	return naming_is_full(&names->naming);
}

void merge_names_show(const struct merge_names *names, size_t tag, struct row *row)
{
	naming_show(&names->naming, tag, row);
}
