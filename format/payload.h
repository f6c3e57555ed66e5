/*
 * payload.h - what stands behind a frame's header: its compressed parts, and from them the columns.
 */
#ifndef SST_PAYLOAD_H
#define SST_PAYLOAD_H

#include "columns.h"
#include "frame.h"
#include "reader.h"

/* struct sst_payload is what sst_frame.impl points to. */

/* The header that the payload belongs to, to be filled in by the reader. */
struct sst_header *sst_payload_header(struct sst_payload *payload);

/*
 * sst_payload_room() - a buffer for len bytes of compressed parts; what was in it is forgotten. Returns NULL without
 * memory.
 */
uint8_t *sst_payload_room(struct sst_payload *payload, size_t len);

/* sst_payload_check() - is what has been put there what the header says? If so, it can be decoded. */
bool sst_payload_check(struct sst_payload *payload);

bool sst_payload_is_checked(const struct sst_payload *payload);

/* sst_payload_swap() - exchange all that a and b hold. */
void sst_payload_swap(struct sst_payload *a, struct sst_payload *b);

/* sst_payload_pass() - what has been read and checked, from one to the other, which gives its buffer for that. */
void sst_payload_pass(struct sst_payload *from, struct sst_payload *to);

/* sst_payload_forget() - it may not be decoded any more. */
void sst_payload_forget(struct sst_payload *payload);

#define SST_PAYLOAD_USUAL ((size_t)2 << 20) /* bytes; a frame of the recorder rarely has more */

/* sst_payload_trim() - if it has been checked and one of its buffers is larger than usual, forget it and free them:
 * then true. */
bool sst_payload_trim(struct sst_payload *payload, size_t usual);

/* sst_frame_payload() - bytes of the frame's compressed parts. */
size_t sst_frame_payload(const struct sst_frame *frame);

/* sst_payload_keep() - nothing is in it: free what is larger than usual. */
void sst_payload_keep(struct sst_payload *payload, size_t usual);

/*
 * sst_frame_pick() - as sst_frame_rows(), but for rows of some calls; see sst_decode_rows(). What the frame's calls are
 * sst_frame_rows() without any columns tells. pick is NULL, or the caller's; pick->rows is valid until the next call
 * for this frame's payload.
 */
int sst_frame_pick(const struct sst_frame *frame, struct sst_rows *rows, unsigned columns, struct sst_pick *pick);

/*
 * sst_frame_elements() - as many elements as the frame's list of gaps, events or opens (enum sst_stream_id) can have,
 * by its length.
 */
size_t sst_frame_elements(const struct sst_frame *frame, uint32_t id);

/* sst_payload_index() - the index in a checked END frame; data NULL without. Returns 0, -ENOMEM or SST_E_PAYLOAD. */
int sst_payload_index(struct sst_payload *payload, struct sst_bytes *index);

/* sst_payload_release() - hand the buffer over, for free(). NULL if there is none. */
uint8_t *sst_payload_release(struct sst_payload *payload);

#endif
