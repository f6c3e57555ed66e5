/*
 * survey.h - which recordings there are in the files, before any is decoded.
 *
 * From the index at the end of a file, or else by a scan of its headers. Says nothing: what is wrong with a file is
 * reported when it is read.
 */
#ifndef SYSDECODE_SURVEY_H
#define SYSDECODE_SURVEY_H

#include "row.h"
#include "sources.h"

#define SURVEY_MAX 16384 /* recordings that can be put in order */

/* A recording, or what of a file has to stay together. */
struct take {
	struct source *source;
	uint64_t begin, end; /* bytes of the source, for a section */
	uint8_t uuid[16];
	bool whole;    /* has its beginning and stands by itself: it can be told from others, and moved */
	uint64_t good; /* by survey_check(): frames that are not damaged */
	struct session session;
	char boot[40];  /* which run of which machine its times count in; empty if not known */
	bool has_start; /* the two that follow are known */
	uint64_t start; /* boot time and wall time of the beginning */
	int64_t real;
	uint64_t first, last; /* boot time that it has to do with, from its start or first row to its last cut or row */
	size_t order;         /* as named, and as in the file */
};

struct survey {
	struct take *takes;
	size_t n;
	bool full;   /* there are more than SURVEY_MAX: they cannot be put in order */
	bool failed; /* no memory */
};

/* survey_add() - look at a source that can seek; once full, nothing happens. */
void survey_add(struct survey *survey, struct source *source);
void survey_clear(struct survey *survey);

/* survey_check() - read all of a take, to tell the best of several copies. Without memory nothing of it is good. */
void survey_check(struct take *take);

#endif
