/*
 * index.h - where the frames of a recording are: collected by the writer, a stream of the END frame.
 * docs/format.md, "Index". Only a help: who has none reads the headers of all frames.
 */
#ifndef SST_INDEX_H
#define SST_INDEX_H

#include "columns.h"
#include "frame.h"

#define SST_INDEX_MAX 16384 /* entries of one recording; a longer one has several frames to an entry */

/* Some frames, one behind the other. */
struct sst_span {
	unsigned kinds; /* bit t: there is one of type t (enum sst_frame_type); bit 0: of another type */
	uint64_t frames, bytes, rows;
	uint64_t time_min, time_max; /* of the rows; undefined without */
};

/* What a writer knows of its frames. All zero bytes: nothing yet. */
struct sst_indexer {
	struct sst_span *spans;
	size_t n, cap;
	uint64_t step;  /* frames to a span; 0 is 1 */
	bool broken;    /* no memory: there will be no index */
	uint8_t *bytes; /* from sst_indexer_encode() */
};

/* sst_indexer_add() - the frame whose header this is has been written. */
void sst_indexer_add(struct sst_indexer *indexer, const struct sst_header *header);

/* sst_indexer_encode() - the stream, which is the indexer's; empty where there is no index. */
struct sst_bytes sst_indexer_encode(struct sst_indexer *indexer);

/* sst_indexer_clear() - give back its memory. */
void sst_indexer_clear(struct sst_indexer *indexer);

/*
 * sst_index_decode() - spans from the stream. Returns their number, at most max, or SST_E_COLUMN or SST_E_LIMIT.
 */
long sst_index_decode(const struct sst_bytes *stream, struct sst_span *spans, size_t max);

#endif
