/*
 * containers_stream.h - the stream containers: bytes to struct and back, for the groups of a frame of rows and the
 * processes of a tally.
 */
#ifndef SST_CONTAINERS_STREAM_H
#define SST_CONTAINERS_STREAM_H

#include "columns.h"
#include "containers.h"

/* sst_containers_space() - bytes that sst_encode_containers() writes at most. */
size_t sst_containers_space(const struct sst_containers *containers, size_t n);

/* sst_encode_containers() - where: of the first of n elements that are stride bytes apart. Returns the end. */
uint8_t *sst_encode_containers(const struct sst_containers *containers, const struct sst_where *where, size_t stride,
			       size_t n, uint8_t *p);

/*
 * sst_decode_containers() - likewise; containers is cleared first. Nothing changes in where without a stream. Returns
 * 0, -ENOMEM, SST_E_COLUMN, SST_E_LIMIT or SST_E_NEWER.
 */
int sst_decode_containers(const struct sst_bytes *stream, struct sst_containers *containers, struct sst_where *where,
			  size_t stride, size_t n);

#endif
