/* merge_blocks.c - where in the sessions of a merge rows are, and what is damaged of them: see merge_rows.h */
#include "merge_rows.h"

#include <stdlib.h>

/* --- frames */

static struct damaged *find_damaged(struct merge *merge, uint32_t tape, uint32_t section, uint64_t offset)
{
	uint64_t hash = (offset + ((uint64_t)tape << 40) + ((uint64_t)section << 20)) * UINT64_C(0x9e3779b97f4a7c15);
	size_t i = (size_t)(hash >> 32) & (DAMAGED_ROOM - 1);
	struct damaged *slot;

	for (;; i = (i + 1) & (DAMAGED_ROOM - 1)) {
		slot = &merge->damaged[i];
		if (!slot->used || (slot->offset == offset && slot->tape == tape && slot->section == section))
			return slot;
	}
}

static bool is_known_damage(struct merge *merge, const struct block *block, uint64_t offset)
{
	return merge->damaged && find_damaged(merge, block->tape, block->section, offset)->used;
}

static void note_damage(struct merge *merge, const struct block *block, uint64_t offset)
{
	if (!merge->damaged)
		merge->damaged = calloc(DAMAGED_ROOM, sizeof(*merge->damaged));
	if (!merge->damaged || merge->n_damaged == DAMAGED_MAX)
		return; /* then it is said more than once */
	merge->n_damaged++;
	*find_damaged(merge, block->tape, block->section, offset) =
		(struct damaged){true, block->tape, block->section, offset};
}

bool merge_load_frame(struct merge *merge, struct walk *walk, const struct block *block, struct report *loud,
		      unsigned columns)
{
	struct report *before = walk->report;
	bool good;

	if (is_known_damage(merge, block, walk->frame.offset))
		return false;
	walk->report = loud;
	good = walk_rows(walk, columns);
	walk_intern(walk);
	walk->report = before;
	if (!good) {
		note_damage(merge, block, walk->frame.offset);
		merge_names_damaged(merge->names, block->tape, &walk->frame);
	}
	return good;
}

/* --- blocks: the first walk, in which everything is reported but for what is wrong inside of frames */

/* Make room: two neighbours become one. */
static void join_blocks(struct merge *merge)
{
	size_t n = 0;

	for (size_t i = 0; i < merge->n_blocks; n++) {
		struct block *block = &merge->blocks[n];
		const struct block *next = &merge->blocks[i + 1];

		*block = merge->blocks[i++];
		if (i == merge->n_blocks || !merge_same_section(block, next))
			continue;
		block->first = block->first < next->first ? block->first : next->first;
		block->last = block->last > next->last ? block->last : next->last;
		i++;
	}
	merge->n_blocks = n;
	merge->per_block *= 2;
}

/* The block that the current frame belongs to. */
static struct block *block_of_frame(struct merge *merge, const struct walk *walk, size_t tape)
{
	struct block next = {
		.tape = (uint32_t)tape,
		.section = (uint32_t)walk->section,
		.offset = walk->frame.offset,
		.first = UINT64_MAX,
		.clock = walk->recording.clock,
		.has_clock = walk->recording.has_clock,
	};

	if (merge->n_blocks > 0 && merge_same_section(&merge->blocks[merge->n_blocks - 1], &next) &&
	    merge->in_block < merge->per_block) {
		merge->in_block++;
		return &merge->blocks[merge->n_blocks - 1];
	}
	while (merge->n_blocks == merge->cap_blocks)
		join_blocks(merge);
	merge->in_block = 1;
	merge->blocks[merge->n_blocks] = next;
	return &merge->blocks[merge->n_blocks++];
}

static void note_time(struct block *block, uint64_t time)
{
	block->first = time < block->first ? time : block->first;
	block->last = time > block->last ? time : block->last;
}

/* A frame's header tells the times of its rows, but not those of gaps and events. */
static void note_times(struct merge *merge, struct walk *walk, struct block *block)
{
	if (walk->frame.time_min <= walk->frame.time_max) {
		note_time(block, walk->frame.time_min);
		note_time(block, walk->frame.time_max);
	}
	if (!sst_frame_may_have_gaps(&walk->frame) && !merge_has_events(merge, &walk->frame) &&
	    !merge_has_opens(merge, &walk->frame))
		return;
	if (!merge_load_frame(merge, walk, block, walk->report,
			      merge_has_opens(merge, &walk->frame) ? SST_COL_TEXT : 0))
		return;
	for (size_t i = 0; i < walk->rows->n_gaps; i++)
		note_time(block, walk->rows->gaps[i].time);
	for (size_t i = 0; i < walk->rows->n_events && merge_has_events(merge, &walk->frame); i++)
		note_time(block, walk->rows->events[i].time);
	for (size_t i = 0; i < walk->rows->n_opens && merge->names; i++)
		note_time(block, walk->rows->opens[i].until);
}

void merge_make_blocks(struct merge *merge, size_t tape)
{
	struct session_tape *session = &merge->tapes[tape];
	struct walk *walk = walk_tape(&session->tape, NULL);
	struct merge_place place = {merge->names, tape};
	const struct sst_frame *frame;

	if (!walk)
		merge->failed = true;
	if (walk && merge->names) {
		walk->settle = merge_names_missing;
		walk->context = &place;
	}
	while (walk && (frame = walk_next(walk))) {
		struct block *block = block_of_frame(merge, walk, tape);

		merge_names_meet(merge->names, tape, walk);
		if (merge_has_rows(frame))
			note_times(merge, walk, block);
		merge->has_sums |= frame->type == SST_FRAME_TALLY;
		if (walk->recording.known_until > session->known_until)
			session->known_until = walk->recording.known_until;
	}
	walk_free(walk);
}
