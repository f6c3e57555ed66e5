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
};

/*
 * input_open() - path as the user gave it, "-" for standard input. input->error is 0 or -errno (-EISDIR for a
 * directory); close it all the same.
 */
void input_open(struct input *input, const char *path);
void input_close(struct input *input);

/* One reader's place in an input. Those of a regular file are independent of each other. */
struct position {
	const struct input *input;
	uint64_t offset;
};

/* input_source() - a source for sst_reader_new() at the beginning of input; position must outlive the reader. */
struct sst_source input_source(const struct input *input, struct position *position);

#endif
