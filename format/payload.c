#include "payload.h"
#include "bytes.h"
#include "containers_stream.h"
#include "crc32c.h"
#include "reader.h"
#include "shapes.h"
#include "summary.h"
#include "tally_stream.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

struct sst_payload {
	struct sst_header header;
	uint8_t *packed;
	size_t packed_cap;
	bool checked;
	uint8_t *raw; /* the parts that are wanted, each with some slack */
	size_t raw_cap;
	bool memory; /* the rows picked of the last frame needed the streams with memory */
	ZSTD_DCtx *zstd;
	struct sst_decoder *decoder;
};

struct sst_payload *sst_payload_new(void)
{
	struct sst_payload *payload = calloc(1, sizeof(*payload));

	if (!payload)
		return NULL;
	payload->zstd = ZSTD_createDCtx();
	payload->decoder = sst_decoder_new();
	if (payload->zstd && payload->decoder)
		return payload;
	sst_payload_free(payload);
	return NULL;
}

void sst_payload_free(struct sst_payload *payload)
{
	if (!payload)
		return;
	free(payload->packed);
	free(payload->raw);
	ZSTD_freeDCtx(payload->zstd);
	sst_decoder_free(payload->decoder);
	free(payload);
}

struct sst_header *sst_payload_header(struct sst_payload *payload)
{
	return &payload->header;
}

#define STEP ((size_t)1 << 16) /* in which buffers grow, so that a payload that is a little longer needs no other */

static size_t rounded(size_t size)
{
	return size > STEP ? (size + STEP - 1) / STEP * STEP : size;
}

static int make_room(uint8_t **buffer, size_t *cap, size_t size)
{
	if (size <= *cap)
		return 0;
	size = rounded(size);
	free(*buffer);
	*buffer = malloc(size);
	*cap = *buffer ? size : 0;
	return *buffer ? 0 : -ENOMEM;
}

uint8_t *sst_payload_room(struct sst_payload *payload, size_t len)
{
	payload->checked = false;
	return make_room(&payload->packed, &payload->packed_cap, len + 1) ? NULL : payload->packed;
}

bool sst_payload_check(struct sst_payload *payload)
{
	const struct sst_header *h = &payload->header;

	payload->checked = sst_crc32c(0, payload->packed, h->payload) == h->payload_crc;
	return payload->checked;
}

bool sst_payload_is_checked(const struct sst_payload *payload)
{
	return payload->checked;
}

void sst_payload_swap(struct sst_payload *a, struct sst_payload *b)
{
	struct sst_payload old = *a;

	*a = *b;
	*b = old;
}

void sst_payload_pass(struct sst_payload *from, struct sst_payload *to)
{
	uint8_t *packed = to->packed;
	size_t cap = to->packed_cap;

	memcpy(&to->header, &from->header, offsetof(struct sst_header, extra) + from->header.extra_len);
	to->packed = from->packed;
	to->packed_cap = from->packed_cap;
	to->checked = from->checked;
	from->packed = packed;
	from->packed_cap = cap;
	from->checked = false;
}

void sst_payload_forget(struct sst_payload *payload)
{
	payload->checked = false;
}

static void drop(uint8_t **buffer, size_t *cap)
{
	free(*buffer);
	*buffer = NULL;
	*cap = 0;
}

bool sst_payload_trim(struct sst_payload *payload, size_t usual)
{
	if (!payload->checked || (payload->packed_cap <= usual && payload->raw_cap <= usual))
		return false;
	payload->checked = false;
	drop(&payload->packed, &payload->packed_cap);
	drop(&payload->raw, &payload->raw_cap);
	return true;
}

void sst_payload_keep(struct sst_payload *payload, size_t usual)
{
	if (payload->packed_cap > usual)
		drop(&payload->packed, &payload->packed_cap);
	if (payload->raw_cap > usual)
		drop(&payload->raw, &payload->raw_cap);
}

uint8_t *sst_payload_release(struct sst_payload *payload)
{
	uint8_t *packed = payload->packed;

	payload->checked = false;
	payload->packed = NULL;
	payload->packed_cap = 0;
	return packed;
}

/* Of a zstd frame (RFC 8878, 3.1.1.1.1): a data frame, with a content checksum and without a dictionary. */
static bool is_right_kind(const uint8_t *packed, size_t len)
{
	return len > 4 && sst_get32(packed) == ZSTD_MAGICNUMBER && (packed[4] & 7) == 4;
}

/* One part to raw, where there is room for it. It must be one zstd frame that says its size, and that size. */
static int unpack(struct sst_payload *payload, const struct sst_part *part, const uint8_t *packed, uint8_t *raw)
{
	if (!is_right_kind(packed, part->packed) || ZSTD_getFrameContentSize(packed, part->packed) != part->raw ||
	    ZSTD_findFrameCompressedSize(packed, part->packed) != part->packed ||
	    ZSTD_decompressDCtx(payload->zstd, raw, part->raw, packed, part->packed) != part->raw)
		return SST_E_PAYLOAD;
	memset(raw + part->raw, 0, SST_STREAM_SLACK);
	return 0;
}

/* Parts that hold one of the wanted streams (bit id): bit part. */
static uint64_t needed_parts(const struct sst_header *h, uint64_t wanted)
{
	uint64_t parts = 0;

	for (unsigned i = 0; i < h->n_streams; i++)
		if (h->streams[i].id < SST_STREAM_COUNT && wanted & SST_STREAM_BIT(h->streams[i].id))
			parts |= UINT64_C(1) << h->streams[i].part;
	return parts;
}

/* Decompress what is needed for the wanted streams and point streams[id] at them. */
static int unpack_streams(struct sst_payload *payload, uint64_t wanted, struct sst_bytes streams[SST_STREAM_COUNT])
{
	const struct sst_header *h = &payload->header;
	uint64_t needed = needed_parts(h, wanted);
	const uint8_t *packed = payload->packed;
	const uint8_t *at[SST_PARTS_MAX];
	size_t room = 1;
	uint8_t *raw;
	int err = 0;

	for (unsigned i = 0; i < h->n_parts; i++)
		room += needed >> i & 1 ? h->parts[i].raw + SST_STREAM_SLACK : 0;
	if (make_room(&payload->raw, &payload->raw_cap, room))
		return -ENOMEM;
	raw = payload->raw;
	for (unsigned i = 0; i < h->n_parts && !err; packed += h->parts[i++].packed) {
		if (!(needed >> i & 1))
			continue;
		err = unpack(payload, &h->parts[i], packed, raw);
		at[i] = raw;
		raw += h->parts[i].raw + SST_STREAM_SLACK;
	}
	memset(streams, 0, SST_STREAM_COUNT * sizeof(*streams));
	for (unsigned i = 0; i < h->n_streams && !err; i++) {
		const struct sst_stream *s = &h->streams[i];

		if (s->id < SST_STREAM_COUNT && wanted & SST_STREAM_BIT(s->id))
			streams[s->id] = (struct sst_bytes){
				.data = at[s->part] + s->offset, .len = s->len, .encoding = s->encoding};
	}
	return err;
}

/* Decompress the part with this stream and point at it; data NULL where there is none. */
static int unpack_stream(struct sst_payload *payload, uint32_t id, struct sst_bytes *bytes)
{
	const struct sst_stream *s = sst_header_stream(&payload->header, id);
	const struct sst_part *part = payload->header.parts;
	const uint8_t *packed = payload->packed;
	int err;

	*bytes = (struct sst_bytes){0};
	if (!s)
		return 0;
	for (; part < payload->header.parts + s->part; part++)
		packed += part->packed;
	if (make_room(&payload->raw, &payload->raw_cap, (size_t)part->raw + SST_STREAM_SLACK))
		return -ENOMEM;
	err = unpack(payload, part, packed, payload->raw);
	if (!err)
		*bytes = (struct sst_bytes){.data = payload->raw + s->offset, .len = s->len, .encoding = s->encoding};
	return err;
}

int sst_payload_index(struct sst_payload *payload, struct sst_bytes *index)
{
	return payload->checked ? unpack_stream(payload, SST_STREAM_INDEX, index) : -EINVAL;
}

int sst_frame_rows(const struct sst_frame *frame, struct sst_rows *rows, unsigned columns)
{
	return sst_frame_pick(frame, rows, columns, NULL);
}

static int decode_streams(const struct sst_frame *frame, struct sst_rows *rows, unsigned columns, struct sst_pick *pick,
			  uint64_t wanted)
{
	struct sst_payload *payload = frame->impl;
	struct sst_bytes streams[SST_STREAM_COUNT];
	int err = unpack_streams(payload, wanted, streams);

	if (err)
		return err;
	return sst_decode_rows(payload->decoder, streams, payload->header.rows, payload->header.time_min, rows, columns,
			       pick);
}

int sst_frame_pick(const struct sst_frame *frame, struct sst_rows *rows, unsigned columns, struct sst_pick *pick)
{
	struct sst_payload *payload = frame->impl;
	uint64_t wanted = sst_columns_streams(columns);
	int err;

	sst_rows_clear(rows);
	if (!payload->checked || (frame->type != SST_FRAME_ROWS && frame->type != SST_FRAME_LATE))
		return -EINVAL;
	if (!pick || !(columns & SST_COL_TEXT))
		return decode_streams(frame, rows, columns, pick, wanted);
	pick->lean = !payload->memory; /* as it was with the frame before */
	err = decode_streams(frame, rows, columns, pick, pick->lean ? wanted & ~SST_MEMORY_STREAMS : wanted);
	if (err == SST_NEEDS_MEMORY) {
		pick->lean = false;
		err = decode_streams(frame, rows, columns, pick, wanted);
	}
	payload->memory = pick->memory;
	return err;
}

int sst_frame_meta(const struct sst_frame *frame, struct sst_meta *meta)
{
	struct sst_payload *payload = frame->impl;
	struct sst_bytes facts;
	int err;

	sst_meta_clear(meta);
	if (!payload->checked || (frame->type != SST_FRAME_META && frame->type != SST_FRAME_END))
		return -EINVAL;
	err = unpack_stream(payload, SST_STREAM_FACTS, &facts);
	return err ? err : sst_decode_facts(&facts, meta);
}

int sst_frame_tally(const struct sst_frame *frame, struct sst_tally *tally)
{
	struct sst_payload *payload = frame->impl;
	struct sst_bytes stream;
	int err;

	sst_tally_clear(tally);
	if (!payload->checked || frame->type != SST_FRAME_TALLY)
		return -EINVAL;
	if (payload->header.version > SST_FORMAT_VERSION)
		return SST_E_NEWER;
	err = unpack_stream(payload, SST_STREAM_TALLY, &stream);
	if (!err && stream.encoding != SST_WHOLE)
		err = SST_E_NEWER;
	if (!err)
		err = sst_decode_tally(&stream, tally);
	if (!err)
		err = unpack_stream(payload, SST_STREAM_CONTAINERS, &stream);
	if (!err && tally->n_processes > 0)
		err = sst_decode_containers(&stream, &tally->containers, &tally->processes->where,
					    sizeof(*tally->processes), tally->n_processes);
	if (err)
		sst_tally_clear(tally);
	tally->from = frame->time_min;
	tally->until = frame->time_max;
	sst_frame_clock(frame, &tally->clock);
	return err;
}

static const struct sst_header *header_of(const struct sst_frame *frame)
{
	const struct sst_payload *payload = frame->impl;

	return &payload->header;
}

bool sst_frame_may_have_tid(const struct sst_frame *frame, uint32_t tid)
{
	return frame->n_rows > 0 && sst_summary_tid(header_of(frame), tid);
}

bool sst_frame_may_have_pid(const struct sst_frame *frame, uint32_t pid)
{
	return frame->n_rows > 0 && sst_summary_pid(header_of(frame), pid);
}

bool sst_frame_may_have_call(const struct sst_frame *frame, int abi, uint32_t nr)
{
	return frame->n_rows > 0 && sst_summary_call(header_of(frame), abi, nr);
}

bool sst_frame_may_have_failed(const struct sst_frame *frame)
{
	return frame->n_rows > 0 && sst_summary_failed(header_of(frame));
}

bool sst_frame_may_have_slower(const struct sst_frame *frame, uint64_t duration)
{
	return frame->n_rows > 0 && sst_summary_slower(header_of(frame), duration);
}

bool sst_frame_may_have_state(const struct sst_frame *frame, unsigned state)
{
	return frame->n_rows > 0 && sst_summary_state(header_of(frame), state);
}

bool sst_frame_may_have_gaps(const struct sst_frame *frame)
{
	return sst_header_stream(header_of(frame), SST_STREAM_GAPS) != NULL;
}

bool sst_frame_may_have_events(const struct sst_frame *frame)
{
	return sst_header_stream(header_of(frame), SST_STREAM_EVENTS) != NULL;
}

bool sst_frame_may_have_containers(const struct sst_frame *frame)
{
	return sst_header_stream(header_of(frame), SST_STREAM_CONTAINERS) != NULL;
}

bool sst_frame_may_have_text(const struct sst_frame *frame)
{
	const struct sst_header *header = header_of(frame);

	return sst_header_stream(header, SST_STREAM_CAPTURES) || sst_header_stream(header, SST_STREAM_OPENS) ||
	       sst_header_stream(header, SST_STREAM_SHAPES);
}

bool sst_frame_clock(const struct sst_frame *frame, struct sst_clock *clock)
{
	return sst_summary_clock(header_of(frame), clock);
}

bool sst_frame_health(const struct sst_frame *frame, struct sst_health *health)
{
	return sst_summary_health(header_of(frame), health);
}

size_t sst_frame_payload(const struct sst_frame *frame)
{
	return header_of(frame)->payload;
}

/* Elements of a list, by the bytes of its stream: each has at least so many there. */
static size_t list_elements(const struct sst_header *h, uint32_t id, size_t least, size_t max)
{
	const struct sst_stream *s = sst_header_stream(h, id);
	size_t n = s ? s->len / least : 0;

	return n < max ? n : max;
}

#define GAP_BYTES   7
#define EVENT_BYTES 6 /* and so has an open; there may be as many of them */
_Static_assert(SST_EVENTS_MAX == SST_OPENS_MAX, "sst_frame_elements()");

size_t sst_frame_elements(const struct sst_frame *frame, uint32_t id)
{
	switch (id) {
	case SST_STREAM_GAPS:
		return list_elements(header_of(frame), id, GAP_BYTES, SST_GAPS_MAX);
	case SST_STREAM_EVENTS:
	case SST_STREAM_OPENS:
		return list_elements(header_of(frame), id, EVENT_BYTES, SST_EVENTS_MAX);
	default:
		return 0;
	}
}

/* Memory that they may take. */
static size_t list_memory(const struct sst_header *h, uint32_t id, size_t least, size_t element, size_t max)
{
	return 2 * list_elements(h, id, least, max) * element; /* they grow by doubling */
}

/* ... and all that shapes stand for. */
static size_t shapes_memory(const struct sst_header *h)
{
	size_t lens[SST_STREAM_COUNT] = {0};

	if (!sst_header_stream(h, SST_STREAM_SHAPES))
		return 0;
	for (unsigned i = 0; i < h->n_streams; i++)
		if (h->streams[i].id < SST_STREAM_COUNT)
			lens[h->streams[i].id] = h->streams[i].len;
	return sst_shapes_memory(lens);
}

size_t sst_frame_memory(const struct sst_frame *frame)
{
	static const size_t row = (4 + SST_ARGS) * sizeof(uint64_t) + 2 * sizeof(uint16_t) + sizeof(uint8_t);
	const struct sst_header *h = header_of(frame);
	size_t raw = 1;

	for (unsigned i = 0; i < h->n_parts; i++)
		raw += h->parts[i].raw + SST_STREAM_SLACK;
	return shapes_memory(h) + rounded(h->payload + 1) + rounded(raw) + sst_rows_room(h->rows) * row +
	       list_memory(h, SST_STREAM_GROUPS, 5, sizeof(struct sst_group), SST_GROUPS_MAX / 2) +
	       list_memory(h, SST_STREAM_CALLS, 3, sizeof(struct sst_call), SST_CALLS_MAX / 2) +
	       list_memory(h, SST_STREAM_GAPS, GAP_BYTES, sizeof(struct sst_gap), SST_GAPS_MAX / 2) +
	       list_memory(h, SST_STREAM_EVENTS, EVENT_BYTES, sizeof(struct sst_event), SST_EVENTS_MAX / 2) +
	       list_memory(h, SST_STREAM_CLOCKS, 3, sizeof(struct sst_clock), SST_CLOCKS_MAX / 2) +
	       list_memory(h, SST_STREAM_CAPTURES, 4, sizeof(struct sst_capture), SST_CAPTURES_MAX) / 2 +
	       list_memory(h, SST_STREAM_OPENS, EVENT_BYTES, sizeof(struct sst_open), SST_OPENS_MAX) / 2 +
	       list_memory(h, SST_STREAM_TEXT, 1, 1, SST_TEXT_MAX) / 2 +
	       list_memory(h, SST_STREAM_CONTAINERS, 1, 1, SST_CONTAINERS_TEXT) +
	       list_memory(h, SST_STREAM_CONTAINERS, 6, sizeof(struct sst_container), SST_CONTAINERS_MAX);
}
