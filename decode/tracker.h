/*
 * tracker.h - which file a call works on: descriptors, directories and processes, followed through a recording.
 *
 *	struct tracker *tracker = tracker_new(memory);
 *	tracker_begin(tracker, &meta);
 *	tracker_list(tracker, revoke, context);
 *	in order of time:
 *		tracker_open(), tracker_event(), tracker_gap(),
 *		tracker_call(tracker, &row, &deed, tag, &names);
 *	tracker_free(tracker);
 *
 * A name is what the call's path says, made absolute by the directory that it begins in, or the name by which its
 * descriptor was opened. It is not known, and the tracker says so, wherever there is an order of what threads did at
 * the same time in which it would be another, after calls have been lost, and for whatever was there before the
 * recording and is in no snapshot.
 *
 * A call is judged by its beginning. If another thread then begins to change the same descriptor while the call is
 * under way, it could have come first: the name is taken back by revoke(), as long as the list is the same.
 */
#ifndef SYSDECODE_TRACKER_H
#define SYSDECODE_TRACKER_H

#include "effects.h"
#include "path.h"
#include "row.h"

struct name {
	const char *text; /* NULL: the call works on no file. Until the next call of the tracker */
	uint32_t len;
	bool known;        /* otherwise text is "?" */
	struct path *path; /* that has this text, if calls before had it too */
};

struct names {
	struct name path;
	struct name other; /* the second path of calls that take two */
};

struct tracker;

/* tracker_new() - one that takes so many bytes at most; NULL without memory. */
struct tracker *tracker_new(size_t memory);
void tracker_free(struct tracker *tracker);

/* tracker_begin() - a recording begins; part: it goes on with the one before. */
void tracker_begin(struct tracker *tracker, const struct sst_meta *meta, bool part);

/* tracker_forget() - something is missing here: nothing of what was known is true any more. */
void tracker_forget(struct tracker *tracker);

/* tracker_list() - from here on, and until this is called again, names may be taken back by their tags. */
void tracker_list(struct tracker *tracker, void (*revoke)(void *context, uint32_t tag), void *context);

/*
 * tracker_call() - a call has begun. If it was open in an earlier row (from a pipe), this is the one that replaces
 * that: only what this says besides is looked at. deed: of row->call. *names: what it works on, until the next call.
 * Of a call that deed_is_plain() only state, thread, times, seq and the argument with the descriptor are looked at.
 */
void tracker_call(struct tracker *tracker, const struct row *row, const struct deed *deed, uint32_t tag,
		  struct names *names);

void tracker_event(struct tracker *tracker, const struct sst_event *event);

/* tracker_open() - at open->until in the order of time; text: its bytes, open->len of them. */
void tracker_open(struct tracker *tracker, const struct sst_open *open, const uint8_t *text);

void tracker_gap(struct tracker *tracker, const struct sst_gap *gap);

#endif
