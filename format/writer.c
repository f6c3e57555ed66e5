#include "writer.h"
#include "columns.h"
#include "crc32c.h"
#include "frame.h"
#include "index.h"
#include "split.h"
#include "summary.h"
#include "containers_stream.h"
#include "tally_stream.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

/* A frame of fewer raw bytes is one part. In a larger one, each stream of at least PART_MIN has its own. */
#define SMALL_FRAME (16u << 10)
#define PART_MIN    (1u << 10)

#define BLOCK_HEADER 16 /* bytes that one more block of a part may take, and some */

/* For bits that are noise: zstd looks at them, finds nothing and stores them. */
#define LEVEL_NOISE (-20)

/* How much more than the level asked for, where that makes streams smaller and costs no time: calls, results and
 * arguments are short patterns that come again, and a table of longer matches finds them sooner. */
#define LEVEL_PATTERNS 2

/* Names that are noise (objects of git, temporary files) are not longer with a small table, and faster. */
#define NOISY_HASH_LOG     11
#define NOISY(packed, raw) ((packed) > (raw) / 3)

/* In tokens that stand by context there is nothing but frequencies: matches of a few only make them longer. */
#define TOKENS_HASH_LOG  6
#define TOKENS_MIN_MATCH 7

struct sst_writer {
	struct sst_sink sink;
	int error; /* of the sink; for good */
	int level;
	struct sst_header header;
	uint64_t cut; /* of the last frame that went out */
	struct sst_totals totals;
	struct sst_indexer index;
	struct sst_encoder *encoder;
	ZSTD_CCtx *zstd, *tokens; /* for all, and for tokens that stand by context */
	bool noisy_names;         /* in the last frame that had any */
	struct sst_bytes streams[SST_STREAM_COUNT];
	uint8_t *out; /* room for a header, then the payload */
	size_t out_cap;
	uint8_t *shared; /* the streams of the shared part, one behind the other */
	size_t shared_cap;
	uint8_t *tally; /* the stream of a tally frame */
	size_t tally_cap;
	struct sst_health health; /* for the next frame … */
	bool has_health;          /* … if so */
};

struct sst_writer *sst_writer_new(const struct sst_sink *sink, const uint8_t uuid[16], int level)
{
	struct sst_writer *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->sink = *sink;
	w->level = level;
	memcpy(w->header.uuid, uuid, SST_UUID_LEN);
	w->encoder = sst_encoder_new();
	w->zstd = ZSTD_createCCtx();
	w->tokens = ZSTD_createCCtx();
	if (w->encoder && w->zstd && w->tokens &&
	    !ZSTD_isError(ZSTD_CCtx_setParameter(w->zstd, ZSTD_c_checksumFlag, 1)) &&
	    !ZSTD_isError(ZSTD_CCtx_setParameter(w->tokens, ZSTD_c_checksumFlag, 1))) {
		ZSTD_CCtx_setParameter(w->tokens, ZSTD_c_compressionLevel, level);
		ZSTD_CCtx_setParameter(w->tokens, ZSTD_c_hashLog, TOKENS_HASH_LOG);
		ZSTD_CCtx_setParameter(w->tokens, ZSTD_c_minMatch, TOKENS_MIN_MATCH);
		return w;
	}
	sst_writer_free(w);
	return NULL;
}

void sst_writer_free(struct sst_writer *writer)
{
	if (!writer)
		return;
	sst_encoder_free(writer->encoder);
	ZSTD_freeCCtx(writer->zstd);
	ZSTD_freeCCtx(writer->tokens);
	sst_indexer_clear(&writer->index);
	free(writer->out);
	free(writer->shared);
	free(writer->tally);
	free(writer);
}

const struct sst_totals *sst_writer_totals(const struct sst_writer *writer)
{
	return &writer->totals;
}

/* A buffer of at least size bytes; what it held is lost. */
static int make_room(uint8_t **buffer, size_t *cap, size_t size)
{
	if (size <= *cap)
		return 0;
	free(*buffer);
	*buffer = malloc(size);
	*cap = *buffer ? size : 0;
	return *buffer ? 0 : -ENOMEM;
}

static bool is_noise(unsigned id)
{
	return id == SST_STREAM_PAUSE_REST || id == SST_STREAM_DURATION_REST;
}

static bool is_pattern(unsigned id)
{
	switch (id) {
	case SST_STREAM_CALL:
	case SST_STREAM_RET:
	case SST_STREAM_ARG0 + 1:
	case SST_STREAM_ARG0 + 2:
	case SST_STREAM_ARG0 + 3:
	case SST_STREAM_ARG0_REST + 2:
	case SST_STREAM_MEMORY:
	case SST_STREAM_WORDS:
		return true;
	default:
		return false;
	}
}

static int level_of(const struct sst_writer *w, unsigned id)
{
	if (is_noise(id))
		return LEVEL_NOISE;
	return w->level + (is_pattern(id) || (id == SST_STREAM_NAMES && !w->noisy_names) ? LEVEL_PATTERNS : 0);
}

/* Which streams have a part of their own: bit id. */
static uint64_t choose_parts(const struct sst_writer *w)
{
	uint64_t own = 0;
	size_t raw = 0;

	for (unsigned id = 0; id < SST_STREAM_COUNT; id++) {
		raw += w->streams[id].len;
		if (w->streams[id].len >= PART_MIN)
			own |= SST_STREAM_BIT(id);
	}
	return raw < SMALL_FRAME ? 0 : own;
}

static void add_stream(struct sst_writer *w, unsigned id, size_t offset)
{
	w->header.streams[w->header.n_streams++] = (struct sst_stream){
		.id = id,
		.encoding = w->streams[id].encoding,
		.part = (uint8_t)w->header.n_parts,
		.offset = (uint32_t)offset,
		.len = (uint32_t)w->streams[id].len,
	};
}

/* As ZSTD_compress2(), but with a new block at each cut of the stream, so that it has frequencies of its own. */
static size_t compress_cut(ZSTD_CCtx *zstd, uint8_t *to, size_t cap, const struct sst_bytes *stream)
{
	ZSTD_outBuffer out = {.dst = to, .size = cap};
	ZSTD_inBuffer in = {.src = stream->data};
	size_t left;

	ZSTD_CCtx_reset(zstd, ZSTD_reset_session_only);
	ZSTD_CCtx_setPledgedSrcSize(zstd, stream->len);
	for (size_t i = 0; i < stream->n_cuts; i++) {
		in.size = stream->first + stream->cuts[i];
		left = ZSTD_compressStream2(zstd, &out, &in, ZSTD_e_flush);
		if (left != 0)
			return ZSTD_isError(left) ? left : (size_t)-1;
	}
	in.size = stream->len;
	left = ZSTD_compressStream2(zstd, &out, &in, ZSTD_e_end);
	return ZSTD_isError(left) ? left : left > 0 ? (size_t)-1 : out.pos;
}

static int compress_part(struct sst_writer *w, const struct sst_bytes *raw, int level)
{
	uint8_t *at = w->out + SST_HEADER_WRITE_MAX + w->header.payload;
	size_t cap = w->out_cap - (size_t)(at - w->out), packed;

	ZSTD_CCtx_setParameter(w->zstd, ZSTD_c_compressionLevel, level);
	packed = raw->n_cuts > 0 ? compress_cut(w->tokens, at, cap, raw)
				 : ZSTD_compress2(w->zstd, at, cap, raw->data, raw->len);
	if (ZSTD_isError(packed))
		return -ENOMEM;
	w->header.parts[w->header.n_parts++] = (struct sst_part){.packed = (uint32_t)packed, .raw = (uint32_t)raw->len};
	w->header.payload += (uint32_t)packed;
	return 0;
}

/* A stream with a part of its own. */
static int compress_stream(struct sst_writer *w, unsigned id)
{
	const struct sst_bytes *stream = &w->streams[id];
	bool is_names = id == SST_STREAM_NAMES;
	int err;

	add_stream(w, id, 0);
	if (is_names && w->noisy_names)
		ZSTD_CCtx_setParameter(w->zstd, ZSTD_c_hashLog, NOISY_HASH_LOG);
	err = compress_part(w, stream, level_of(w, id));
	ZSTD_CCtx_setParameter(w->zstd, ZSTD_c_hashLog, 0);
	if (!err && is_names)
		w->noisy_names = NOISY(w->header.parts[w->header.n_parts - 1].packed, stream->len);
	return err;
}

static int compress_shared(struct sst_writer *w, uint64_t own)
{
	size_t len = 0;

	for (unsigned id = 0; id < SST_STREAM_COUNT; id++) {
		if (!w->streams[id].data || own & SST_STREAM_BIT(id))
			continue;
		add_stream(w, id, len);
		memcpy(w->shared + len, w->streams[id].data, w->streams[id].len);
		len += w->streams[id].len;
	}
	return len > 0 ? compress_part(w, &(struct sst_bytes){.data = w->shared, .len = len}, w->level) : 0;
}

static int compress_index(struct sst_writer *w, const struct sst_bytes *index)
{
	w->header.streams[w->header.n_streams++] = (struct sst_stream){
		.id = SST_STREAM_INDEX, .part = (uint8_t)w->header.n_parts, .len = (uint32_t)index->len};
	return compress_part(w, index, w->level);
}

/* Compress all streams, and the index if there is one, behind the room for the header. */
static int compress_parts(struct sst_writer *w, const struct sst_bytes *index)
{
	uint64_t own = choose_parts(w);
	size_t room = SST_HEADER_WRITE_MAX + ZSTD_compressBound(index->len), shared = 0;
	int err;

	for (unsigned id = 0; id < SST_STREAM_COUNT; id++) {
		if (own & SST_STREAM_BIT(id))
			room += ZSTD_compressBound(w->streams[id].len) + w->streams[id].n_cuts * BLOCK_HEADER;
		else
			shared += w->streams[id].len;
	}
	if (make_room(&w->out, &w->out_cap, room + ZSTD_compressBound(shared)) ||
	    make_room(&w->shared, &w->shared_cap, shared + 1))
		return -ENOMEM;
	err = compress_shared(w, own);
	for (unsigned id = 0; id < SST_STREAM_COUNT && !err; id++)
		if (own & SST_STREAM_BIT(id))
			err = compress_stream(w, id);
	return !err && index->len > 0 ? compress_index(w, index) : err;
}

/* The frame with this header went out. */
static void note_written(struct sst_writer *w, const struct sst_header *h)
{
	sst_indexer_add(&w->index, h);
	w->cut = h->cut;
	w->header.previous_crc = h->crc;
	w->header.number++;
	w->totals.frames++;
	w->totals.bytes += (uint64_t)h->length + h->payload;
}

/* The lowest version of the format that describes the frame. */
static uint16_t version_of(const struct sst_writer *w)
{
	unsigned encodings = w->streams[SST_STREAM_PAUSE].encoding & SST_TICKS;

	for (unsigned id = SST_STREAM_RET; id < SST_STREAM_ARG0 + SST_ARGS; id++)
		encodings |= w->streams[id].encoding & SST_SHIFTED;
	return encodings ? SST_FORMAT_VERSION : SST_FORMAT_FIRST;
}

/* Compress the streams, put the header right before them and send both. The header's facts have been set. */
static int write_frame(struct sst_writer *w, enum sst_frame_type type)
{
	struct sst_bytes index = {0};
	struct sst_header *h = &w->header;
	uint8_t header[SST_HEADER_WRITE_MAX], *begin;
	int err;

	h->type = (uint16_t)type;
	h->version = version_of(w);
	h->payload = h->n_parts = h->n_streams = 0;
	if (type == SST_FRAME_END)
		index = sst_indexer_encode(&w->index);
	err = compress_parts(w, &index);
	if (err)
		return err;
	h->payload_crc = sst_crc32c(0, w->out + SST_HEADER_WRITE_MAX, h->payload);
	sst_header_put(h, header);
	begin = w->out + SST_HEADER_WRITE_MAX - h->length;
	memcpy(begin, header, h->length);
	w->error = w->sink.write(w->sink.context, begin, (size_t)h->length + h->payload);
	if (!w->error)
		note_written(w, h);
	return w->error;
}

void sst_writer_health(struct sst_writer *writer, const struct sst_health *health)
{
	writer->health = *health;
	writer->has_health = true;
}

static void add_health(struct sst_writer *w)
{
	if (w->has_health)
		sst_summary_add_health(&w->header, &w->health);
	w->has_health = false;
}

static void set_times(struct sst_header *h, const struct sst_rows *rows)
{
	uint64_t min = UINT64_MAX, max = 0;

	for (size_t i = 0; i < rows->n; i++) {
		min = rows->time[i] < min ? rows->time[i] : min;
		max = rows->time[i] > max ? rows->time[i] : max;
	}
	h->time_min = min;
	h->time_max = max;
	h->rows = (uint32_t)rows->n;
}

/* What the totals will be once this frame is out. A late row takes the place of one that has been counted. */
static struct sst_totals count(const struct sst_writer *w, const struct sst_rows *rows, enum sst_frame_type type)
{
	struct sst_totals t = w->totals;

	if (type == SST_FRAME_ROWS)
		t.rows += rows->n;
	for (size_t i = 0; i < rows->n_gaps; i++) {
		const struct sst_gap *gap = &rows->gaps[i];

		t.lost += gap->count;
		t.lost_by_cause[gap->cause < SST_CAUSE_COUNT ? gap->cause : SST_CAUSE_UNKNOWN] += gap->count;
	}
	return t;
}

static size_t raw_length(const struct sst_bytes streams[SST_STREAM_COUNT])
{
	size_t len = 0;

	for (unsigned id = 0; id < SST_STREAM_COUNT; id++)
		len += streams[id].len;
	return len;
}

/* Write the rows, which have been encoded, as one frame. */
static int write_encoded(struct sst_writer *w, const struct sst_rows *rows, enum sst_frame_type type, uint64_t cut)
{
	struct sst_totals after = count(w, rows, type);
	int err;

	sst_summary_add(&w->header, rows);
	if (type == SST_FRAME_ROWS)
		add_health(w);
	w->header.cut = cut;
	w->header.rows_total = after.rows;
	w->header.lost_total = after.lost;
	err = write_frame(w, type);
	if (err)
		return err;
	after.frames = w->totals.frames;
	after.bytes = w->totals.bytes;
	w->totals = after;
	return 0;
}

static int write_rows(struct sst_writer *w, const struct sst_rows *rows, enum sst_frame_type type, uint64_t cut);

/* As two frames. Of ROWS frames the cuts divide the time, whatever the clock did. */
static int write_halves(struct sst_writer *w, const struct sst_rows *rows, enum sst_frame_type type, uint64_t cut)
{
	struct sst_rows *first = sst_rows_new(), *second = sst_rows_new();
	uint64_t until;
	int err = first && second ? sst_rows_split(rows, first, second, &until) : -ENOMEM;

	if (!err && (type != SST_FRAME_ROWS || until > cut))
		until = cut;
	if (!err)
		err = write_rows(w, first, type, until > w->cut ? until : w->cut);
	if (!err)
		err = write_rows(w, second, type, cut);
	sst_rows_free(first);
	sst_rows_free(second);
	return err;
}

static int write_rows(struct sst_writer *w, const struct sst_rows *rows, enum sst_frame_type type, uint64_t cut)
{
	int err;

	set_times(&w->header, rows);
	err = sst_encode_rows(w->encoder, rows, w->header.time_min, w->streams);
	if (err)
		return err;
	if (raw_length(w->streams) > SST_RAW_MAX)
		return write_halves(w, rows, type, cut);
	return write_encoded(w, rows, type, cut);
}

int sst_writer_rows(struct sst_writer *writer, const struct sst_rows *rows, enum sst_frame_type type, uint64_t cut)
{
	return writer->error ? writer->error : write_rows(writer, rows, type, cut);
}

/* What a tally's header says: it has no rows, but times. */
static void describe_tally(struct sst_writer *w, const struct sst_tally *tally)
{
	struct sst_clock clock = tally->clock;
	const struct sst_rows clocks = {.clocks = &clock, .n_clocks = 1};

	w->header.rows = 0;
	w->header.time_min = tally->from;
	w->header.time_max = tally->until;
	w->header.cut = tally->until;
	w->header.rows_total = w->totals.rows;
	w->header.lost_total = w->totals.lost;
	sst_summary_add(&w->header, &clocks);
	add_health(w);
}

/* The second stream, behind the first, if there is something to say. */
static void tally_containers(struct sst_writer *w, const struct sst_tally *tally)
{
	struct sst_bytes *stream = &w->streams[SST_STREAM_CONTAINERS];
	uint8_t *begin = w->tally + w->streams[SST_STREAM_TALLY].len;
	bool any = false;

	for (size_t i = 0; i < tally->n_processes && !any; i++)
		any = tally->processes[i].where.container || tally->processes[i].where.ns_pid;
	if (!any)
		return;
	stream->data = begin;
	stream->len = (size_t)(sst_encode_containers(&tally->containers, &tally->processes->where,
						     sizeof(*tally->processes), tally->n_processes, begin) -
			       begin);
}

int sst_writer_tally(struct sst_writer *writer, const struct sst_tally *tally)
{
	struct sst_bytes *stream = &writer->streams[SST_STREAM_TALLY];
	int err;

	if (writer->error)
		return writer->error;
	if (make_room(&writer->tally, &writer->tally_cap,
		      tally->space + sst_containers_space(&tally->containers, tally->n_processes)))
		return -ENOMEM;
	memset(writer->streams, 0, sizeof(writer->streams));
	stream->data = writer->tally;
	stream->len = (size_t)(sst_encode_tally(tally, writer->tally) - writer->tally);
	tally_containers(writer, tally);
	describe_tally(writer, tally);
	err = write_frame(writer, SST_FRAME_TALLY);
	for (size_t i = 0; i < tally->n_lines && !err; i++)
		writer->totals.tallied += tally->lines[i].calls;
	return err;
}

static int read_header(struct sst_header *h, const uint8_t *frame, size_t len)
{
	uint32_t length = len >= SST_HEADER_MIN ? sst_header_length(frame) : 0;

	if (length == 0 || length > len || sst_header_get(h, frame, length) != 0)
		return -EINVAL;
	return (uint64_t)h->length + h->payload == len ? 0 : -EINVAL;
}

int sst_writer_copy(struct sst_writer *writer, uint8_t *frame, size_t len, const struct sst_rows *rows)
{
	static const struct sst_rows none;
	struct sst_header h;
	struct sst_totals after;

	if (writer->error || read_header(&h, frame, len) < 0)
		return writer->error ? writer->error : -EINVAL;
	after = count(writer, rows ? rows : &none, (enum sst_frame_type)h.type);
	memcpy(h.uuid, writer->header.uuid, SST_UUID_LEN);
	h.number = writer->header.number;
	h.previous_crc = writer->header.previous_crc;
	h.rows_total = after.rows;
	h.lost_total = after.lost;
	sst_header_renew(&h, frame);
	writer->error = writer->sink.write(writer->sink.context, frame, len);
	if (writer->error)
		return writer->error;
	after.frames = writer->totals.frames;
	after.bytes = writer->totals.bytes;
	writer->totals = after;
	note_written(writer, &h);
	return 0;
}

void sst_writer_retry(struct sst_writer *writer)
{
	writer->error = 0;
}

static int write_facts(struct sst_writer *w, const struct sst_meta *meta, enum sst_frame_type type)
{
	static const struct sst_rows none;
	int err = w->error;

	if (err)
		return err;
	memset(w->streams, 0, sizeof(w->streams));
	err = sst_encode_facts(w->encoder, meta, &w->streams[SST_STREAM_FACTS]);
	if (err)
		return err;
	set_times(&w->header, &none);
	sst_summary_add(&w->header, &none);
	w->header.cut = w->cut;
	w->header.rows_total = w->totals.rows;
	w->header.lost_total = w->totals.lost;
	return write_frame(w, type);
}

int sst_writer_meta(struct sst_writer *writer, const struct sst_meta *meta)
{
	return write_facts(writer, meta, SST_FRAME_META);
}

static int copy_facts(struct sst_meta *to, const struct sst_meta *from)
{
	int err = 0;

	for (size_t i = 0; i < from->n && !err; i++)
		err = sst_meta_set(to, from->entries[i].key, from->entries[i].value);
	return err;
}

static int add_totals(struct sst_meta *meta, const struct sst_totals *totals)
{
	int err = sst_meta_set_u64(meta, "rows", totals->rows);

	if (!err)
		err = sst_meta_set_u64(meta, "lost", totals->lost);
	if (!err && totals->tallied)
		err = sst_meta_set_u64(meta, "tallied", totals->tallied);
	for (unsigned cause = 0; cause < SST_CAUSE_COUNT && !err; cause++) {
		char key[32];

		if (totals->lost_by_cause[cause] == 0)
			continue;
		snprintf(key, sizeof(key), "lost.%s", sst_cause_name(cause));
		err = sst_meta_set_u64(meta, key, totals->lost_by_cause[cause]);
	}
	return err;
}

int sst_writer_end(struct sst_writer *writer, const struct sst_meta *meta)
{
	struct sst_meta all = {0};
	int err = copy_facts(&all, meta);

	if (!err)
		err = add_totals(&all, &writer->totals);
	if (!err)
		err = write_facts(writer, &all, SST_FRAME_END);
	sst_meta_clear(&all);
	return err;
}
