/*
 * tape.h - parts of inputs in the order in which they are to be read, as if they were one file.
 */
#ifndef SYSDECODE_TAPE_H
#define SYSDECODE_TAPE_H

#include "input.h"
#include "report.h"

/* From begin, where a recording begins (or the input), up to end, which is UINT64_MAX for all there is. */
struct section {
	const struct input *input;
	struct report *report; /* what is wrong with it goes there */
	uint64_t begin, end;
	bool has_zero;
	uint64_t zero; /* boot time from which times count, instead of what the recording says */
};

struct tape {
	const struct section *sections;
	size_t n;
};

/* A place in a tape. */
struct spot {
	size_t section;
	uint64_t offset; /* in its input */
};

static inline bool spot_before(const struct spot *a, const struct spot *b)
{
	return a->section < b->section || (a->section == b->section && a->offset < b->offset);
}

#endif
