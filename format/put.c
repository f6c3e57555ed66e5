/* put.c - see put.h */
#include "put.h"

#include <errno.h>
#include <stdlib.h>

int sst_room_start(struct sst_room *room, size_t size)
{
	if (size > room->cap) {
		free(room->memory);
		room->memory = malloc(size);
		room->cap = room->memory ? size : 0;
	}
	room->free = room->memory;
	return room->memory ? 0 : -ENOMEM;
}

struct sst_put sst_column_begin(const struct sst_room *room, size_t rows)
{
	return (struct sst_put){.tokens = room->free, .rest = room->free + rows};
}

struct sst_put sst_part_begin(const struct sst_room *room, unsigned part, const struct sst_rows *rows)
{
	uint8_t *begin = room->free + part * ((1 + 8) * rows->n + rows->n_calls + SST_PART_SLACK);

	return (struct sst_put){.tokens = begin, .rest = begin + rows->n};
}

/* Where all tokens are zero there is nothing to write: that is what a missing stream means. */
static bool is_zero(const uint8_t *p, size_t n)
{
	return n == 0 || (p[0] == 0 && memcmp(p, p + 1, n - 1) == 0);
}

void sst_column_end(struct sst_room *room, struct sst_put c, struct sst_bytes *streams, unsigned id, unsigned rest_id)
{
	bool split = rest_id && c.n >= SST_SPLIT_ROWS && c.rest_len > 0;

	if (c.rest_len == 0 && (c.encoding != SST_TICKS || c.n == 0) && is_zero(c.tokens, c.n))
		return;
	streams[id] = (struct sst_bytes){.data = c.tokens - c.head,
					 .len = c.head + c.n,
					 .encoding = (split ? SST_SPLIT : SST_WHOLE) | c.encoding};
	if (split) {
		streams[rest_id] = (struct sst_bytes){.data = c.rest, .len = c.rest_len};
		room->free = c.rest + c.rest_len;
		return;
	}
	memmove(c.tokens + c.n, c.rest, c.rest_len);
	streams[id].len += c.rest_len;
	room->free = c.tokens + c.n + c.rest_len;
}
