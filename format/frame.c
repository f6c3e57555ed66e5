#include "frame.h"
#include "bytes.h"
#include "crc32c.h"
#include "writer.h"

#define MAGIC         0x184d2a53u /* one of zstd's sixteen magic numbers of skippable frames */
#define ENCODING_BITS 3
#define CRC_LEN       4

/* Begins with a byte above 127 and ends like PNG's: a transfer as text damages it visibly. */
static const uint8_t sync_mark[8] = {0x89, 'S', 'S', 'T', '\r', '\n', 0x1a, '\n'};

enum {
	AT_SIZE = 4,
	AT_SYNC = 8,
	AT_UUID = 16,
	AT_NUMBER = 32,
	AT_TYPE = 40,
	AT_VERSION = 42,
	AT_ROWS = 44,
	AT_TIME_MIN = 48,
	AT_TIME_MAX = 56,
	AT_CUT = 64,
	AT_ROWS_TOTAL = 72,
	AT_LOST_TOTAL = 80,
	AT_PAYLOAD = 88,
	AT_PAYLOAD_CRC = 92,
	AT_PREVIOUS_CRC = 96,
	AT_END = 100,
};

_Static_assert(AT_END == SST_HEADER_FIXED, "the fixed part");

static void put_fixed(const struct sst_header *h, uint8_t *p)
{
	sst_put32(p, MAGIC);
	memcpy(p + AT_SYNC, sync_mark, sizeof(sync_mark));
	memcpy(p + AT_UUID, h->uuid, SST_UUID_LEN);
	sst_put64(p + AT_NUMBER, h->number);
	sst_put16(p + AT_TYPE, h->type);
	sst_put16(p + AT_VERSION, h->version);
	sst_put32(p + AT_ROWS, h->rows);
	sst_put64(p + AT_TIME_MIN, h->time_min);
	sst_put64(p + AT_TIME_MAX, h->time_max);
	sst_put64(p + AT_CUT, h->cut);
	sst_put64(p + AT_ROWS_TOTAL, h->rows_total);
	sst_put64(p + AT_LOST_TOTAL, h->lost_total);
	sst_put32(p + AT_PAYLOAD, h->payload);
	sst_put32(p + AT_PAYLOAD_CRC, h->payload_crc);
	sst_put32(p + AT_PREVIOUS_CRC, h->previous_crc);
}

static void get_fixed(struct sst_header *h, const uint8_t *p)
{
	memcpy(h->uuid, p + AT_UUID, SST_UUID_LEN);
	h->number = sst_get64(p + AT_NUMBER);
	h->type = sst_get16(p + AT_TYPE);
	h->version = sst_get16(p + AT_VERSION);
	h->rows = sst_get32(p + AT_ROWS);
	h->time_min = sst_get64(p + AT_TIME_MIN);
	h->time_max = sst_get64(p + AT_TIME_MAX);
	h->cut = sst_get64(p + AT_CUT);
	h->rows_total = sst_get64(p + AT_ROWS_TOTAL);
	h->lost_total = sst_get64(p + AT_LOST_TOTAL);
	h->payload = sst_get32(p + AT_PAYLOAD);
	h->payload_crc = sst_get32(p + AT_PAYLOAD_CRC);
	h->previous_crc = sst_get32(p + AT_PREVIOUS_CRC);
}

static uint8_t *put_extensions(const struct sst_header *h, uint8_t *p)
{
	p = sst_put_varint(p, h->n_extensions);
	for (unsigned i = 0; i < h->n_extensions; i++) {
		const struct sst_extension *extension = &h->extensions[i];

		p = sst_put_varint(p, extension->id);
		p = sst_put_varint(p, extension->len);
		memcpy(p, h->extra + extension->offset, extension->len);
		p += extension->len;
	}
	return p;
}

/* The directory: each part with its streams, in order. */
static uint8_t *put_directory(const struct sst_header *h, uint8_t *p)
{
	const struct sst_stream *stream = h->streams, *end = h->streams + h->n_streams;

	p = sst_put_varint(p, h->n_parts);
	for (unsigned part = 0; part < h->n_parts; part++) {
		const struct sst_stream *first = stream;

		while (stream < end && stream->part == part)
			stream++;
		p = sst_put_varint(p, h->parts[part].packed);
		p = sst_put_varint(p, (uint64_t)(stream - first));
		for (; first < stream; first++) {
			p = sst_put_varint(p, first->id << ENCODING_BITS | first->encoding);
			p = sst_put_varint(p, first->len);
		}
	}
	return p;
}

void sst_header_put(struct sst_header *header, uint8_t *p)
{
	uint8_t *end;

	put_fixed(header, p);
	end = put_extensions(header, put_directory(header, p + SST_HEADER_FIXED));
	header->length = (uint32_t)(end + CRC_LEN - p);
	sst_put32(p + AT_SIZE, header->length - AT_SYNC);
	header->crc = sst_crc32c(0, p + AT_SYNC, header->length - AT_SYNC - CRC_LEN);
	sst_put32(end, header->crc);
}

void sst_header_renew(struct sst_header *header, uint8_t *p)
{
	memcpy(p + AT_UUID, header->uuid, SST_UUID_LEN);
	sst_put64(p + AT_NUMBER, header->number);
	sst_put64(p + AT_ROWS_TOTAL, header->rows_total);
	sst_put64(p + AT_LOST_TOTAL, header->lost_total);
	sst_put32(p + AT_PREVIOUS_CRC, header->previous_crc);
	header->crc = sst_crc32c(0, p + AT_SYNC, header->length - AT_SYNC - CRC_LEN);
	sst_put32(p + header->length - CRC_LEN, header->crc);
}

uint32_t sst_header_length(const uint8_t *p)
{
	uint32_t size = sst_get32(p + AT_SIZE);

	if (sst_get32(p) != MAGIC || memcmp(p + AT_SYNC, sync_mark, sizeof(sync_mark)) != 0)
		return 0;
	if (size < SST_HEADER_MIN - AT_SYNC || size > SST_HEADER_MAX - AT_SYNC)
		return 0;
	return AT_SYNC + size;
}

bool sst_header_matches(const uint8_t *p, size_t n)
{
	uint8_t magic[4];

	sst_put32(magic, MAGIC);
	if (memcmp(p, magic, n < sizeof(magic) ? n : sizeof(magic)) != 0)
		return false;
	if (n <= AT_SYNC)
		return true;
	n -= AT_SYNC;
	return memcmp(p + AT_SYNC, sync_mark, n < sizeof(sync_mark) ? n : sizeof(sync_mark)) == 0;
}

static bool is_known_stream(uint32_t id)
{
	return id < SST_STREAM_CRITICAL || (id >= SST_STREAM_ANCILLARY_FROM && id % 2 == 0);
}

static int get_streams(struct sst_header *h, struct sst_cursor *c, unsigned part)
{
	uint64_t n = sst_take_varint(c);
	uint64_t raw = 0;

	if (n > SST_STREAMS_MAX - h->n_streams)
		return SST_E_LIMIT;
	for (; n > 0; n--) {
		uint64_t key = sst_take_varint(c), len = sst_take_varint(c);

		if (key >> ENCODING_BITS > UINT16_MAX || len > SST_RAW_MAX - raw)
			return SST_E_LIMIT;
		if (!is_known_stream((uint32_t)(key >> ENCODING_BITS)))
			return SST_E_NEWER;
		if (sst_header_stream(h, (uint32_t)(key >> ENCODING_BITS)))
			return SST_E_HEADER;
		h->streams[h->n_streams++] = (struct sst_stream){
			.id = (uint32_t)(key >> ENCODING_BITS),
			.encoding = key & ((1u << ENCODING_BITS) - 1),
			.part = (uint8_t)part,
			.offset = (uint32_t)raw,
			.len = (uint32_t)len,
		};
		raw += len;
	}
	h->parts[part].raw = (uint32_t)raw;
	return 0;
}

static int get_parts(struct sst_header *h, struct sst_cursor *c)
{
	uint64_t n = sst_take_varint(c);
	uint64_t packed = 0, raw = 0;

	if (n > SST_PARTS_MAX)
		return SST_E_LIMIT;
	for (; h->n_parts < n; h->n_parts++) {
		struct sst_part *part = &h->parts[h->n_parts];
		uint64_t len = sst_take_varint(c);
		int err;

		if (len > SST_PAYLOAD_MAX)
			return SST_E_LIMIT;
		part->packed = (uint32_t)len;
		err = get_streams(h, c, h->n_parts);
		if (err)
			return err;
		packed += len;
		raw += part->raw;
	}
	if (raw > SST_RAW_MAX)
		return SST_E_LIMIT;
	return packed == h->payload ? 0 : SST_E_HEADER;
}

static bool has_extension(const struct sst_header *h, uint64_t id)
{
	for (unsigned i = 0; i < h->n_extensions; i++)
		if (h->extensions[i].id == id)
			return true;
	return false;
}

/* Keep a copy, if we know what it is and there is room: it is only a help. */
static void keep_extension(struct sst_header *h, uint64_t id, const uint8_t *content, size_t len)
{
	if (id > SST_EXT_LAST || has_extension(h, id) || h->n_extensions == SST_EXTENSIONS_MAX ||
	    len > sizeof(h->extra) - h->extra_len)
		return;
	memcpy(h->extra + h->extra_len, content, len);
	h->extensions[h->n_extensions++] =
		(struct sst_extension){.id = (uint8_t)id, .offset = (uint16_t)h->extra_len, .len = (uint16_t)len};
	h->extra_len += (uint32_t)len;
}

/* An extension with an even id may be skipped; this version knows none with an odd one. */
static int get_extensions(struct sst_header *h, struct sst_cursor *c)
{
	for (uint64_t n = sst_take_max(c, SST_HEADER_MAX); n > 0 && !c->bad; n--) {
		uint64_t id = sst_take_varint(c);
		size_t len = (size_t)sst_take_max(c, SST_HEADER_MAX);
		const uint8_t *content = sst_take(c, len);

		if (content && id % 2 == 1)
			return SST_E_NEWER;
		if (content)
			keep_extension(h, id, content, len);
	}
	return 0;
}

static int get_directory(struct sst_header *h, struct sst_cursor *c)
{
	int err = get_parts(h, c);

	if (!err)
		err = get_extensions(h, c);
	if (!err && sst_left(c) > 0)
		err = SST_E_HEADER;
	return c->bad ? SST_E_HEADER : err;
}

int sst_header_get(struct sst_header *header, const uint8_t *p, uint32_t len)
{
	struct sst_cursor directory = sst_cursor(p + SST_HEADER_FIXED, len - SST_HEADER_FIXED - CRC_LEN);
	int err;

	header->crc = sst_get32(p + len - CRC_LEN);
	if (sst_crc32c(0, p + AT_SYNC, len - AT_SYNC - CRC_LEN) != header->crc)
		return SST_E_HEADER;
	get_fixed(header, p);
	header->length = len;
	header->n_parts = header->n_streams = header->n_extensions = 0;
	header->extra_len = 0;
	if (header->payload > SST_PAYLOAD_MAX)
		return SST_E_LIMIT;
	if (header->type & SST_ANCILLARY) {
		/* What its directory says matters only to who can use it. */
		if (header->type != SST_FRAME_TALLY || header->version > SST_FORMAT_VERSION ||
		    get_directory(header, &directory) != 0)
			header->n_parts = header->n_streams = header->n_extensions = 0;
		return 0;
	}
	if (header->type < SST_FRAME_META || header->type > SST_FRAME_END || header->version > SST_FORMAT_VERSION)
		return SST_E_NEWER;
	err = get_directory(header, &directory);
	/* The checksum was right, so a contradiction is not damage: it was written so. */
	return err == SST_E_HEADER ? SST_E_LIMIT : err;
}

const struct sst_stream *sst_header_stream(const struct sst_header *header, uint32_t id)
{
	for (unsigned i = 0; i < header->n_streams; i++)
		if (header->streams[i].id == id)
			return &header->streams[i];
	return NULL;
}
