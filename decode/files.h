/*
 * files.h - the view --files: a line for each call that opens, makes, renames, links, cuts or removes a file.
 *
 *	view = files_new(&config);
 */
#ifndef SYSDECODE_FILES_H
#define SYSDECODE_FILES_H

#include "view.h"

enum files_style { FILES_TEXT, FILES_TSV, FILES_CSV, FILES_JSONL };

struct files_config {
	const char *glob; /* only files whose name it matches; NULL: all. "*" and "?" match slashes, too */
	enum files_style style;
	bool header;
};

/* files_new() - the config is copied, the glob is not. NULL without memory. Free it with view_free(). */
struct view *files_new(const struct files_config *config);

/* files_call() - the names of the calls that it shows, NULL behind the last. */
const char *files_call(unsigned i);

#endif
