/*
 * input.h - the bytes of a source, one after the other, with a look ahead; the lowest part of the reader.
 *
 * A source that can seek and knows its size is never read where the caller skips; any other is read from end to end.
 * Bytes that have been taken can be given back, in one piece, even to a pipe.
 */
#ifndef SST_INPUT_H
#define SST_INPUT_H

#include "reader.h"

struct sst_input {
	struct sst_source source;
	uint64_t offset; /* of the next byte in the source */
	uint8_t *window; /* looked at, not taken: begin to end */
	size_t begin, end;
	uint8_t *back; /* given back: back_at to back_len, before the source goes on */
	size_t back_at, back_len;
	uint64_t size; /* as last asked; it may have grown */
	bool seeks;    /* the source can, and knows its size */
};

/* Returns 0 or -ENOMEM. The source is copied. */
int sst_input_open(struct sst_input *in, const struct sst_source *source);
void sst_input_close(struct sst_input *in);

/* sst_input_look() - have the next n bytes at sst_input_here(), n <= SST_HEADER_MAX. Returns how many there are, at
 * most n, or -errno. */
long sst_input_look(struct sst_input *in, size_t n);
const uint8_t *sst_input_here(const struct sst_input *in);

/* sst_input_take() - up to n bytes into p. Returns how many, fewer only at the end, or -errno. */
long sst_input_take(struct sst_input *in, void *p, size_t n);

/* sst_input_skip() - over n bytes that sst_input_has(). Returns 0 or -errno; SST_E_CUT where the source ends before. */
int sst_input_skip(struct sst_input *in, uint64_t n);

/* sst_input_has() - are there n more bytes? Only for a source that seeks. */
bool sst_input_has(struct sst_input *in, uint64_t n);

/* sst_input_seek() - to an offset. Returns 0, -errno, or -ESPIPE where the source cannot. */
int sst_input_seek(struct sst_input *in, uint64_t offset);

/* sst_input_give_back() - the last n bytes taken, which are at p (from malloc(); the input's from now on). Returns 0 or
 * -ENOMEM. */
int sst_input_give_back(struct sst_input *in, uint8_t *p, size_t n);

#endif
