/*
 * input.h - a file, pipe or standard input as sources for readers.
 */
#ifndef SYSDECODE_INPUT_H
#define SYSDECODE_INPUT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "format/reader.h"

struct input {
	char name[1024]; /* safe for a message */
	int fd;
	int error;      /* 0, or -errno of opening it */
	bool stream;    /* can be read once only: a pipe, a socket, a terminal */
	uint64_t begin; /* where the fd stood when it was opened; offsets of sources count from here */
	struct stat stat;

	/*
	 * For a file that is being written, to be read like a pipe (stream is set too): called at its end, offset bytes
	 * from its beginning; waits, and says whether to try again. NULL: the end is the end.
	 */
	bool (*wait)(void *context, uint64_t offset);
	void *context;
};

/* input_open() - path as the user gave it, "-" for standard input. Returns 0 or -errno (-EISDIR for a directory). */
int input_open(struct input *input, const char *path);
/* input_open_in() - the file name in a directory, which was named where. Returns as input_open(). */
int input_open_in(struct input *input, int directory, const char *where, const char *name);
void input_close(struct input *input);

/*
 * input_stoppable() - from now on input_stop(), from any thread, ends all streams where they are: those who read them
 * see an end. Call it before the first is read. Returns 0 or -errno.
 */
int input_stoppable(void);
void input_stop(void);

/* One reader's place in an input. Those of a regular file are independent of each other. */
struct position {
	const struct input *input;
	uint64_t offset;
	uint64_t end; /* nothing behind it is seen */
};

/*
 * input_source() - a source for sst_reader_new() at the beginning of input, which ends at end (UINT64_MAX: where the
 * input does); position must outlive the reader.
 */
struct sst_source input_source(const struct input *input, struct position *position, uint64_t end);

/* input_index() - sst_reader_index() of the whole input. */
int input_index(const struct input *input, struct sst_index *index);

#endif
