/*
 * shapes.h - captures of rows by what they have been like before (docs/format.md, "Shapes"): which captures a row has
 * is predicted from its call, strings from the strings before, memory from what the same argument of the same call had
 * last. A recording has the same paths and structures again and again; so most of their bytes need not even be looked
 * at by the compressor, which costs more than all else.
 *
 *	done = sst_encode_shapes(shaper, rows, room, &end, streams)	the first so many captures; the others are for
 *									the list in captures.h
 *	err = sst_decode_shapes(unshaper, streams, rows)		adds them to rows, which has the list's
 */
#ifndef SST_SHAPES_H
#define SST_SHAPES_H

#include "bytes.h"
#include "columns.h"

#define SHAPES_MAX       254 /* in a frame, beside the empty one */
#define SHAPE_CAPTURES   16  /* of one row */
#define SHAPE_WORDS      16  /* memory of more than so many words is never told by its differences */
#define SHAPE_ARG_MASK   7
#define SHAPE_FORM_SHIFT 3 /* what = arg | form << SHAPE_FORM_SHIFT, a byte */

/* Tokens of strings … */
enum {
	STRING_NEXT = 0,   /* the one that came behind the last one before; behind a new one: that one again */
	STRING_BEFORE = 1, /* the one before the last */
	STRING_NEW = 2,    /* the next of names, up to a zero byte */
	STRING_LONG = 3,   /* the next of names, whose length is in the rest */
	STRING_FAR = 4,    /* so many new ones ago, in the rest */
	STRING_KNOWN = 5,  /* new one number token − this, from the beginning of the frame */
};

/* … and of memory, against the last of the same argument of the same call. */
enum {
	MEMORY_SAME = 0,
	MEMORY_WORDS = 1,       /* as long; its words are in words */
	MEMORY_BYTES = 2,       /* token − this bytes of bytes */
	MEMORY_MANY_BYTES = 255 /* as many as the rest says */
};

/* sst_shape_word() - one of the words of some memory, of which n bytes are left: the last one may have fewer than 8. */
static inline uint64_t sst_shape_word(const uint8_t *p, uint32_t n)
{
	uint64_t v = 0;

	if (n >= 8)
		return sst_get64(p);
	for (uint32_t i = 0; i < n; i++)
		v |= (uint64_t)p[i] << (8 * i);
	return v;
}

struct sst_shaper;

struct sst_shaper *sst_shaper_new(void);
void sst_shaper_free(struct sst_shaper *shaper);

/* sst_shapes_space() - bytes that sst_encode_shapes() writes at most. */
size_t sst_shapes_space(const struct sst_rows *rows);

/*
 * sst_encode_shapes() - the captures of rows (which are valid) as far as shapes can tell them, written at p, which has
 * room for them; *end: behind what has been written. Returns how many captures, all of the first rows; or -ENOMEM.
 */
long sst_encode_shapes(struct sst_shaper *shaper, const struct sst_rows *rows, uint8_t *p, uint8_t **end,
		       struct sst_bytes streams[SST_STREAM_COUNT]);

struct sst_unshaper;

void sst_unshaper_free(struct sst_unshaper *unshaper);

/*
 * sst_decode_shapes() - into rows, whose calls, lists and column of calls have been decoded. *unshaper is NULL at first
 * and kept for the next frame. tables: of tokens. pick: NULL, or which rows are wanted, of which it says whether memory
 * was needed. Returns 0, -ENOMEM, SST_E_COLUMN, SST_E_LIMIT or SST_E_NEWER; SST_NEEDS_MEMORY if pick->lean.
 */
struct sst_token_tables;
int sst_decode_shapes(struct sst_unshaper **unshaper, const struct sst_token_tables *tables,
		      const struct sst_bytes streams[SST_STREAM_COUNT], struct sst_rows *rows, struct sst_pick *pick);

/* sst_shapes_memory() - bytes of memory that decoding streams 42 to 54 of these lengths, by their ids, may take. */
size_t sst_shapes_memory(const size_t lens[SST_STREAM_COUNT]);

#endif
