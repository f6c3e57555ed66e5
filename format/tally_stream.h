/*
 * tally_stream.h - the stream of a tally frame: bytes to struct and back.
 */
#ifndef SST_TALLY_STREAM_H
#define SST_TALLY_STREAM_H

#include "columns.h"
#include "tally.h"

/* sst_encode_tally() - at p, which has room for tally->space bytes. Returns the end. */
uint8_t *sst_encode_tally(const struct sst_tally *tally, uint8_t *p);

/*
 * sst_decode_tally() - tally is cleared first; from, until and clock are not in the stream. Returns 0, -ENOMEM,
 * SST_E_COLUMN or SST_E_LIMIT.
 */
int sst_decode_tally(const struct sst_bytes *stream, struct sst_tally *tally);

#endif
