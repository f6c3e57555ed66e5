/*
 * parts.h - a table in several files, so that a program with a limit can open each: trace.tsv is written as
 * trace.00001.tsv, trace.00002.tsv and so on, as the recorder numbers the parts of a recording.
 *
 *	struct parts *parts = parts_open(&config);	as the user who has started the program
 *	sandbox_enter(...)				where no file can be opened any more
 *	parts_write(parts, data, len);			as often as wanted
 *	parts_close(parts);
 *
 * Files are opened by a child that is made by parts_open(), before anything is read: all that it does is to open the
 * next one when asked, and to hand over the descriptor. So whoever is taken over by a recording can make it open
 * nothing but the next part, and parts belong to whom a single file would belong to.
 */
#ifndef SYSDECODE_PARTS_H
#define SYSDECODE_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

struct parts_config {
	const char *path; /* that the names are made from; no file of this name is made */
	uint64_t rows;    /* lines in a file at most, from 2 on */
	bool header;      /* the first line begins every file */
	/* May this file not be written to, because it is read? NULL: there is none such. */
	bool (*is_input)(const void *context, const struct stat *file);
	const void *context;
};

struct parts;

/*
 * parts_open() - the first file, and the child for the others. Files that are there are replaced. To be called while
 * there is one thread. NULL after an error, which has been said on standard error.
 */
struct parts *parts_open(const struct parts_config *config);

/* parts_write() - in pieces of any length: files are changed between lines. Returns 0 or -errno. */
int parts_write(struct parts *parts, const char *data, size_t len);

/* parts_name() - the file that is written to, or could not be opened; parts_reason() - why not: for messages. */
const char *parts_name(const struct parts *parts);
const char *parts_reason(int err);

/*
 * parts_close() - ends it all, also after an error. Says it when there are files of an earlier run that look like parts
 * behind the last one. Returns 0, or -errno of closing the last file, which has been said.
 */
int parts_close(struct parts *parts);

#endif
