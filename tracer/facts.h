/*
 * facts.h - what a recording says about itself: the keys of its META and END frames (docs/format.md).
 */
#ifndef TRACER_FACTS_H
#define TRACER_FACTS_H

#include <stdint.h>

#include "../format/meta.h"
#include "../format/rows.h"

/* All clocks at one moment, ns. */
void facts_clock(struct sst_clock *clock);

/* facts_begin() - machine, kernel, clocks and how the recorder was called. targets, filter: text. 0 or -ENOMEM. */
int facts_begin(struct sst_meta *meta, int argc, char **argv, const char *targets, const char *filter,
		const struct sst_clock *start);

/*
 * facts_end() - clocks and the reason; the writer adds its totals. begin: the facts of META, of which those that the
 * table cannot be made without are repeated, in case META gets damaged. 0 or -ENOMEM.
 */
int facts_end(struct sst_meta *meta, const struct sst_meta *begin, const char *reason, uint64_t cpu);

/* The recorder's own CPU time so far, ns. */
uint64_t facts_cpu(void);

#endif
