/*
 * put.h - a column while it is written: tokens, and the rest that they call for. The other side is column.h.
 *
 *	sst_room_start(&room, size)	memory for all streams of a frame
 *	put = sst_column_begin(&room, rows)
 *	sst_put_value(&put, …)		for each row
 *	sst_column_end(&room, &put, streams, id, rest_id)
 */
#ifndef SST_PUT_H
#define SST_PUT_H

#include "bytes.h"
#include "columns.h"
#include "tokens.h"

/* Rows below which tokens and rest of a column share a stream: one more entry in the directory would cost more than it
 * saves. */
#define SST_SPLIT_ROWS 1024

/* What sst_part_begin() takes of the room beside eight bytes and a token a row, and a byte a call. */
#define SST_PART_SLACK 64

struct sst_put {
	uint8_t *tokens, *rest;
	size_t n, rest_len;
	size_t head;      /* bytes before the tokens */
	uint8_t encoding; /* SST_STEPS, SST_TICKS, SST_SHIFTED or 0 */
};

/* Streams stand one behind the other in it. All zero at first; the memory is to be freed. */
struct sst_room {
	uint8_t *memory;
	size_t cap;
	uint8_t *free; /* not used yet */
};

/* sst_room_start() - have room for so many bytes, of which none is used. Returns 0 or -ENOMEM. */
int sst_room_start(struct sst_room *room, size_t size);

/* sst_column_begin() - a column of that many rows at most. Its rest follows directly behind room for the tokens. */
struct sst_put sst_column_begin(const struct sst_room *room, size_t rows);

/* sst_part_begin() - one of several columns that are written at the same time: each has its part of the memory, for a
 * head, and a token and eight bytes a row. */
struct sst_put sst_part_begin(const struct sst_room *room, unsigned part, const struct sst_rows *rows);

/*
 * sst_column_end() - the column, or the next one of those written at the same time, into streams; none, if it says only
 * what a missing stream says. rest_id 0: it has no stream for the rest of its own. By value: who writes a column may
 * keep it in registers until then.
 */
void sst_column_end(struct sst_room *room, struct sst_put column, struct sst_bytes *streams, unsigned id,
		    unsigned rest_id);

/* Token and rest of a difference; declared 0 makes both disappear. Writes eight bytes at the end of rest, whatever it
 * is. */
static inline void sst_put_value(struct sst_put *c, uint64_t difference, unsigned declared)
{
	uint64_t d = sst_zigzag(difference);
	unsigned bytes = (71u - (unsigned)__builtin_clzll(d | 1)) >> 3;
	bool small = d <= VALUE_SMALL_MAX;

	sst_put64(c->rest + c->rest_len, d);
	c->tokens[c->n] = (uint8_t)(small ? d + (d > 0) : VALUE_BYTES + bytes);
	c->rest_len += small ? 0 : bytes & (0 - declared);
	c->n += declared;
}

#endif
