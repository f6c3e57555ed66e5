/*
 * sources.h - all inputs of a run, opened before the first byte of any is looked at.
 *
 *	struct sources sources;
 *	sources_open(&sources, options->files, options->n_files);
 *	for (size_t i = 0; i < sources.n; i++)
 *		... sources.list[i]->input, and what is wrong with it goes to its report
 *	sources_close(&sources);
 *
 * After sources_open() nothing needs a path any more.
 */
#ifndef SYSDECODE_SOURCES_H
#define SYSDECODE_SOURCES_H

#include "input.h"
#include "report.h"

struct source {
	struct input input;
	struct report report;
};

struct sources {
	struct source **list;
	size_t n;
	enum status status; /* of what could not be opened */
};

/*
 * sources_open() - open what the user has named: files, "-", directories (all regular files *.sst in them, in the order
 * of their names, numbers as numbers). What cannot be opened is said, as is a file that is named twice, and left out.
 */
void sources_open(struct sources *sources, char *const *names, size_t n);
/* is_recording_name() - does a file in a directory have the name of a recording? */
bool is_recording_name(const char *name);

void sources_close(struct sources *sources);

#endif
