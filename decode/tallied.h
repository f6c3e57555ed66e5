/*
 * tallied.h - the sums in tally frames, through a filter to a view.
 *
 *	struct tallied_reader reader = {0};
 *	tallied_give(&reader, walk, filter, view);	the walk's current frame, which is one of SST_FRAME_TALLY
 *	tallied_clear(&reader);
 */
#ifndef SYSDECODE_TALLIED_H
#define SYSDECODE_TALLIED_H

#include "filter.h"
#include "view.h"
#include "walk.h"

#define TALLIED_MEMORY ((size_t)15 << 20) /* that a frame takes at most */

struct tallied_reader {
	struct sst_tally *tally;
	uint64_t unfit; /* frames whose sums were left out: the filter asks for more than they tell */
	bool goes_on;   /* the frame was not the last one of its interval */
};

/*
 * tallied_give() - what is wrong with the frame the walk reports. Returns whether sums have been given, or would have
 * been if they had passed. A filter by process, name, call and time can be told of sums, which have the time of their
 * interval's middle; not so one by thread, result or duration.
 */
bool tallied_give(struct tallied_reader *reader, struct walk *walk, const struct filter *filter, struct view *view);

/* tallied_load() - only decode the frame: the sums are in reader->tally. What is wrong is reported; false then. */
bool tallied_load(struct tallied_reader *reader, struct walk *walk);
/* tallied_calls() - in the frame that was decoded last. */
uint64_t tallied_calls(const struct tallied_reader *reader);

void tallied_clear(struct tallied_reader *reader);

#endif
