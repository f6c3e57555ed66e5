/*
 * parse.h - the values of options: numbers, spans of time, moments. Each takes the whole text or refuses it.
 */
#ifndef SYSDECODE_PARSE_H
#define SYSDECODE_PARSE_H

#include <stdbool.h>
#include <stdint.h>

/* A decimal number from 0 to max. Returns 0, -EINVAL (no such thing) or -ERANGE (beyond max). */
int parse_u64(const char *text, uint64_t max, uint64_t *value);

/*
 * A span of time in ns: seconds, or with one of the units ns us ms s m h d; a fraction is allowed ("1.5ms"), finer than
 * a ns is cut. Returns 0, -EINVAL or -ERANGE (beyond 2^63 ns, 292 years).
 */
int parse_span(const char *text, uint64_t *ns);

/* A point in a recording. */
struct moment {
	bool wall; /* ns counts from 1970, UTC; otherwise from the beginning of the recording */
	int64_t ns;
};

/*
 * A span, or ISO 8601 as YYYY-MM-DD[THH:MM[:SS[.fraction]]][Z|+HH[:MM]|-HH[:MM]], a blank for the T allowed; without a
 * zone it is local time. Returns 0, -EINVAL or -ERANGE.
 */
int parse_moment(const char *text, struct moment *moment);

#endif
