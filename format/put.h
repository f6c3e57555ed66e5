/*
 * put.h - a column while it is written: tokens, and the rest that they call for. The other side is column.h.
 */
#ifndef SST_PUT_H
#define SST_PUT_H

#include "bytes.h"
#include "tokens.h"

struct sst_put {
	uint8_t *tokens, *rest;
	size_t n, rest_len;
	size_t head;      /* bytes before the tokens */
	uint8_t encoding; /* SST_STEPS, SST_TICKS or 0 */
};

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
