/*
 * columns.h - the columns of a frame as streams of bytes, before compression; docs/format.md, "Streams", defines them.
 *
 * Neither side looks at compression, checksums or headers. The encoder believes its caller up to what it checks
 * cheaply; the decoder believes nothing.
 */
#ifndef SST_COLUMNS_H
#define SST_COLUMNS_H

#include "frame.h"
#include "meta.h"
#include "rows.h"

#define SST_FACTS_MAX    1024       /* facts in a META or END frame … */
#define SST_FACTS_LEN    (1u << 20) /* … and their bytes */
#define SST_STREAM_SLACK 16         /* readable bytes that must follow each stream given to the decoder */

/* A set of streams has bit id for each. */
#define SST_STREAM_BIT(id) (UINT64_C(1) << (id))

/* A stream in memory. data is NULL where the frame has none: then all its tokens are zero. */
struct sst_bytes {
	const uint8_t *data;
	size_t len;
	uint8_t encoding; /* enum sst_encoding */
	/* Of the encoder only: behind the first bytes, places where tokens of another kind begin. The encoder's. */
	const uint32_t *cuts;
	size_t first, n_cuts;
};

/* sst_rows_room() - how many rows sst_rows_reserve() makes room for when n are asked for. */
size_t sst_rows_room(size_t n);

struct sst_encoder;

struct sst_encoder *sst_encoder_new(void);
void sst_encoder_free(struct sst_encoder *encoder);

/*
 * sst_encode_rows() - streams[id] for every stream; they are the encoder's until the next call on it. time_min is the
 * earliest time of a row. Returns 0, -ENOMEM, or -EINVAL for rows that contradict themselves (a call or state that is
 * not one, groups that do not add up, more than the limits of rows.h).
 */
int sst_encode_rows(struct sst_encoder *encoder, const struct sst_rows *rows, uint64_t time_min,
		    struct sst_bytes streams[SST_STREAM_COUNT]);

/* sst_encode_facts() - the stream of a META or END frame. Returns as above; -EINVAL when they are too many or too long.
 */
int sst_encode_facts(struct sst_encoder *encoder, const struct sst_meta *meta, struct sst_bytes *stream);

struct sst_decoder;

struct sst_decoder *sst_decoder_new(void);
void sst_decoder_free(struct sst_decoder *decoder);

/*
 * sst_columns_streams() - which streams the wanted columns (SST_COL_* of reader.h) need: bit id of the result.
 */
uint64_t sst_columns_streams(unsigned columns);

/* Rows of some calls, of which the others are left out. */
struct sst_pick {
	const bool *calls; /* for each of the frame's calls, as they stand in rows->calls: is it wanted? */
	/*
	 * NULL, or which wanted calls are left out of a frame that has no row of theirs whose argument 1 passes the
	 * sieve, or that did not return as usual.
	 */
	const bool *sieved;
	bool (*sieve)(uint64_t argument);
	const bool *text; /* NULL, or of which calls what was captured is wanted as well */
	bool lean;        /* streams with memory are left out: SST_NEEDS_MEMORY if it turns out that they are needed */
	bool memory;      /* set: they were needed */
	bool all;         /* it is better to decode all rows, and that has been done; otherwise: */
	const uint16_t *rows; /* the rows of wanted calls, in order; the decoder's until the next call on it */
	size_t n;
};

/* What captured memory is told by. */
#define SST_MEMORY_STREAMS                                                                                             \
	(SST_STREAM_BIT(SST_STREAM_MEMORY) | SST_STREAM_BIT(SST_STREAM_WORDS) |                                        \
	 SST_STREAM_BIT(SST_STREAM_WORDS_REST) | SST_STREAM_BIT(SST_STREAM_BYTES))
#define SST_NEEDS_MEMORY 1

/*
 * sst_decode_rows() - n rows from streams into rows, which is cleared first. Columns that are not wanted are left
 * undefined, but have room. pick: NULL, or rows of which calls are wanted; of the others only call and state are
 * sure to be there, and of the first in each group time and sequence number; what is wrong with their captures alone
 * may go unnoticed. Returns 0, -ENOMEM, or SST_E_COLUMN, SST_E_LIMIT or SST_E_NEWER; SST_NEEDS_MEMORY only if
 * pick->lean.
 */
int sst_decode_rows(struct sst_decoder *decoder, const struct sst_bytes streams[SST_STREAM_COUNT], size_t n,
		    uint64_t time_min, struct sst_rows *rows, unsigned columns, struct sst_pick *pick);

/* sst_decode_facts() - meta is cleared first. Returns 0, -ENOMEM, SST_E_COLUMN, SST_E_LIMIT or SST_E_NEWER. */
int sst_decode_facts(const struct sst_bytes *stream, struct sst_meta *meta);

#endif
