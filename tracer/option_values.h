/*
 * option_values.h - what stands behind an option: durations, sizes, numbers, PIDs
 *
 * Each returns 0, or -EINVAL (-ENOMEM) with a sentence in error that begins with the option's name.
 * options_duration() and options_size() (options.h), which know no option, are in the same file.
 */
#ifndef TRACER_OPTION_VALUES_H
#define TRACER_OPTION_VALUES_H

#include "options.h"

#define NS_PER_MS    INT64_C(1000000)
#define NS_PER_S     INT64_C(1000000000)
#define SIZE_MOST    (UINT64_C(1) << 53) /* more than any file system of today */
#define DURATION_MAX (INT64_C(100) * 365 * 24 * 3600 * NS_PER_S)

/* option_duration() - within [least, most], ns. */
int option_duration(const char *name, const char *text, int64_t least, int64_t most, int64_t *ns,
		    struct message *error);

/* option_size() - within [least, most], bytes; range says so in words. */
int option_size(const char *name, const char *text, uint64_t least, uint64_t most, const char *range, uint64_t *bytes,
		struct message *error);

/* option_percent() - "5%", "0.5%" as millionths; -EINVAL without a sentence. */
int option_percent(const char *text, uint32_t *millionths);

/* option_count() - a number of files, which the sentence calls what: 1 to OPTIONS_KEEP_MAX. */
int option_count(const char *name, const char *what, const char *text, unsigned *count, struct message *error);

/* option_bytes() - of captures: 0 to RING_TEXT_MAX. */
int option_bytes(const char *name, const char *text, uint32_t *bytes, struct message *error);

/* option_pids() - a list of PIDs, added to those that options has; where ("-p: ", "") begins the sentences. */
int option_pids(struct options *options, const char *where, const char *list, struct message *error);

#endif
