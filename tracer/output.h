/*
 * output.h - where the recording goes
 *
 *	struct output output;
 *
 *	err = output_open(&output, options.file, options.force, &invoker, &error);
 *	if (err)	-EINVAL: status 2 (a terminal, an empty name); other: status 1
 *	...load, attach; on failure output_discard(&output)...
 *	err = output_commit(&output, &error);	before privilege_drop(); from now on FILE is this recording
 *	struct sst_sink sink = { output_write, &output };
 *	output_sync(&output);
 *	err = output_close(&output);
 *
 * With parts (parts.h) the file is the first of several, and output_next() makes those that follow it.
 *
 * A file is created exclusively, mode 0600, its directory is reached without any symbolic link; an existing one is
 * refused or, with force, replaced as a whole at output_commit() and untouched until then. Pipes and devices
 * (/dev/null, a FIFO) are written as they are. "-", /dev/stdout and /dev/fd/N are descriptors that are open already.
 */
#ifndef SYSSTREAM_OUTPUT_H
#define SYSSTREAM_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "message.h"
#include "privilege.h"

struct output {
	int fd;
	int dir;          /* directory of the file we created, else -1 */
	const char *path; /* as given; belongs to the caller */
	char *name;       /* last component of path, of a file we created, else NULL */
	char *temporary;  /* its name until output_commit(), with force; else NULL */
	bool regular;     /* a regular file; a pipe, device or socket otherwise */
	bool to_stdout;   /* it is our standard output */
	bool given;       /* belongs to the invoker now */
	bool cuttable;    /* what a failed write has left at the end can be cut off */
	bool torn;        /* ... and could not be: it ends within a frame */
	uint64_t end;     /* size of the file, where cuttable */
	uint64_t written; /* bytes of all successful output_write() */
};

/*
 * output_open() - path as on the command line. Ignores SIGPIPE and SIGXFSZ from now on, so that a closed pipe is -EPIPE
 * and a file size limit -EFBIG. On failure there is nothing to close and nothing has changed.
 */
int output_open(struct output *output, const char *path, bool force, const struct invoker *invoker,
		struct message *error);

/* output_name() - what messages call it; the caller of output_open() owns it, if anybody. */
const char *output_name(const struct output *output);

/* output_commit() - give the file its name. Returns 0 or -errno with a sentence. */
int output_commit(struct output *output, struct message *error);

/*
 * output_write() - all len bytes or an error; output is a struct output *, so that this fits a struct sst_sink. After
 * an error a regular file ends where it did before the call, so that it holds whole frames only. Returns 0 or -errno.
 */
int output_write(void *output, const void *data, size_t len);

/* output_sync() - to stable storage, where there is such a thing. Returns 0 or -errno. */
int output_sync(struct output *output);

/* output_close() - nothing to do when it is all zero bytes. Returns 0, or -errno when the file system says only now
 * that it could not write. */
int output_close(struct output *output);

/* output_discard() - close, and remove the file again that output_open() created. Before privilege_drop(). Nothing to
 * do when it is all zero bytes. */
void output_discard(struct output *output);

/* output_directory() - the directory of path, as an O_PATH descriptor for the caller to close, reached without any
 * symbolic link; *last is where the last component of path begins. Or -errno with a sentence. */
int output_directory(const char *path, size_t *last, struct message *error);

/* output_part_path() - path with the number of a part in it: "a/trace.sst" → "a/trace.00001.sst". The caller frees it;
 * NULL without memory. */
char *output_part_path(const char *path, unsigned part);

/* output_check_parts() - can the recording to path have parts? Returns 0, or -EINVAL with a sentence: it is standard
 * output, a pipe or a device. */
int output_check_parts(const char *path, struct message *error);

/* output_check_next() - may the calling user create and remove files beside output? Returns 0 or -errno. */
int output_check_next(const struct output *output);

/*
 * output_next() - a new file, beside output and under the same rules. Only the last component of path is looked at;
 * path belongs to the caller. Privileges may be gone. output stays as it is; output_commit(next) comes next. On failure
 * there is nothing to close.
 */
int output_next(const struct output *output, const char *path, bool force, struct output *next, struct message *error);

/* output_identity() - what tells the file from every other one, while it exists. Returns 0 or -errno. */
struct output_identity {
	uint64_t device, inode;
};
int output_identity(const struct output *output, struct output_identity *identity);

/* output_remove() - remove the file that the last component of path names, if it is that one. 0, -ENOENT, -EEXIST when
 * it is another one, or another -errno. */
int output_remove(const struct output *output, const char *path, const struct output_identity *identity);

/* output_describe() - "trace.sst (belongs to alice)" for the start line. Returns text. */
char *output_describe(const struct output *output, const struct invoker *invoker, char *text, size_t size);

#endif
