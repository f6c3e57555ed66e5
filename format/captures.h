/*
 * captures.h - the streams captures, opens and text of a frame (docs/format.md, "Captures", "Opens"): lists beside the
 * columns, in which an older decoder is not interested.
 */
#ifndef SST_CAPTURES_H
#define SST_CAPTURES_H

#include "columns.h"

/* sst_captures_are_valid() - do the captures and opens of rows keep to what they may say, in order of rows? */
bool sst_captures_are_valid(const struct sst_rows *rows);

/* sst_captures_text() - bytes of all captures and opens; those that share their bytes count each. */
uint64_t sst_captures_text(const struct sst_rows *rows);

/* sst_captures_space() - bytes that sst_encode_captures() writes at most. */
size_t sst_captures_space(const struct sst_rows *rows);

/*
 * sst_encode_captures() - the three streams, without the first from captures, written at p, which has that much room;
 * streams that have nothing to say stay as they are. Returns the end.
 */
uint8_t *sst_encode_captures(const struct sst_rows *rows, size_t from, uint8_t *p,
			     struct sst_bytes streams[SST_STREAM_COUNT]);

/*
 * sst_decode_captures() - into rows, whose rows and events have been decoded. Returns 0, -ENOMEM, SST_E_COLUMN or
 * SST_E_LIMIT.
 */
int sst_decode_captures(const struct sst_bytes streams[SST_STREAM_COUNT], struct sst_rows *rows);

#endif
