/*
 * capture.h - what of the memory that arguments point to is recorded: the plans of the programs, from what
 * format/signature.h knows of each call.
 *
 *	struct capture_limits limits = {.text = 4096};
 *	struct capture_plans *plans = capture_plan(&limits);
 *	... plans->of[class][nr], plans->plan[] into the programs ...
 *	free(plans);
 */
#ifndef TRACER_CAPTURE_H
#define TRACER_CAPTURE_H

#include <stdint.h>

#include "../bpf/ring.h"

/* How much is captured, in bytes, at most RING_TEXT_MAX each. */
struct capture_limits {
	uint32_t text; /* of a string; 0: no captures at all */
	uint32_t data; /* of what is read and written; 0: none of it */
};

struct capture_plans {
	uint8_t of[RING_CLASSES][RING_NARGS]; /* index into plan; 0: nothing is captured */
	struct ring_plan plan[RING_PLANS];
	unsigned n;
};

/* capture_plan() - for this machine's ABIs. Returns plans to be freed by the caller, or NULL without memory. */
struct capture_plans *capture_plan(const struct capture_limits *limits);

/*
 * capture_first_string() - ring_info.string of calls of this plan: 1 + the argument whose string, whatever the others
 * are, is read first and at the entry; with RING_ALONE if nothing else is. 0: there is none.
 */
uint8_t capture_first_string(const struct ring_plan *plan);

#endif
