/*
 * merge_names.h - the names of files in sessions that are merged: each has a tracker of its own, as when it is decoded
 * alone.
 *
 *	struct merge_names *names = merge_names_new(n);
 *	for each session, the first walk over all its frames:
 *		merge_names_meet(names, tape, walk);		what of it is missing: merge_names_missing()
 *	for each list:
 *		merge_names_begin(names);
 *		in the order of the table, until merge_names_are_full():
 *			merge_names_call(), merge_names_open(), merge_names_event(), merge_names_gap()
 *		merge_names_show(names, i, &row);
 *	merge_names_free(names);
 *
 * names may be NULL for merge_names_meet(), merge_names_damaged() and merge_names_free(): then nobody asks for them.
 *
 * Memory is bounded: of very many sessions the first ones have names. Where it cannot be known what a session has lost
 * and when, its names are not known from there on.
 */
#ifndef SYSDECODE_MERGE_NAMES_H
#define SYSDECODE_MERGE_NAMES_H

#include "naming.h"
#include "walk.h"

struct merge_names;

/* Which session a walk is in. */
struct merge_place {
	struct merge_names *names;
	size_t tape;
};

/* merge_names_new() - for n sessions; NULL without memory. */
struct merge_names *merge_names_new(size_t n);
void merge_names_free(struct merge_names *names);

/* merge_names_meet() - the walk has come to its next frame. */
void merge_names_meet(struct merge_names *names, size_t tape, const struct walk *walk);

/* merge_names_missing() - what comes before the next frame is missing. For struct walk; place: a struct merge_place. */
void merge_names_missing(void *place);

/* merge_names_damaged() - nothing of this frame is known. */
void merge_names_damaged(struct merge_names *names, size_t tape, const struct sst_frame *frame);

/* merge_names_begin() - a list; what was in the one before is forgotten. Returns whether there is memory. */
bool merge_names_begin(struct merge_names *names);

/*
 * merge_names_call() - see tracker_call(); tag: the number of the row in the window, under MERGE_WINDOW, or UINT32_MAX:
 * it is not shown. Returns false if it has no names: nothing is known of the session.
 */
bool merge_names_call(struct merge_names *names, size_t tape, const struct row *row, uint32_t tag);
void merge_names_open(struct merge_names *names, size_t tape, const struct sst_open *open, const uint8_t *text);
void merge_names_event(struct merge_names *names, size_t tape, const struct sst_event *event);
void merge_names_gap(struct merge_names *names, size_t tape, const struct sst_gap *gap);

/* merge_names_are_full() - is it time to print the list? */
bool merge_names_are_full(const struct merge_names *names);

/* merge_names_show() - of a row of the list. */
void merge_names_show(const struct merge_names *names, size_t tag, struct row *row);

#endif
