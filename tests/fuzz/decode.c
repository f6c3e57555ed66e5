/*
 * decode.c - fuzz target: whatever the bytes are, reading them does no harm.
 *
 * Bytes that begin like one of our files are read as one: as they are, from a pipe, and once more with checksums made
 * right where a header can be recognised, so that a change gets past them. Any other bytes are streams of one frame:
 * two bytes with the number of rows; then for each stream a byte with its id, one with its encoding, two with its
 * length, and its bytes. What can be decoded must come back from encoding and decoding it again, and no summary may
 * hide a row of it.
 */
#include "format/bytes.h"
#include "format/columns.h"
#include "format/crc32c.h"
#include "format/frame.h"
#include "format/summary.h"
#include "format/tally_stream.h"
#include "fuzz.h"
#include "tests/unit/gen_rows.h"
#include "tests/unit/memory.h"

#include <stdlib.h>

#define CHECK(condition) ((condition) ? (void)0 : abort())

static void check_summary(const struct sst_header *h, const struct sst_rows *rows)
{
	for (size_t g = 0; g < rows->n_groups; g++)
		CHECK(rows->groups[g].n == 0 ||
		      (sst_summary_tid(h, rows->groups[g].tid) && sst_summary_pid(h, rows->groups[g].pid)));
	for (size_t i = 0; i < rows->n; i++) {
		const struct sst_call *call = &rows->calls[rows->call[i]];

		CHECK(sst_summary_call(h, call->abi, call->nr) && sst_summary_slower(h, rows->duration[i]) &&
		      sst_summary_state(h, rows->state[i]));
		CHECK(rows->ret[i] + 4095 >= 4095 || rows->ret[i] == 0 || sst_summary_failed(h));
	}
}

/* Rows that have been decoded are rows that can be encoded, and then come back. */
static void check_again(const struct sst_rows *rows)
{
	struct sst_encoder *encoder = sst_encoder_new();
	struct sst_decoder *decoder = sst_decoder_new();
	struct sst_rows *again = sst_rows_new();
	struct sst_bytes streams[SST_STREAM_COUNT];
	uint8_t *copies[SST_STREAM_COUNT] = {NULL};
	struct sst_header h = {.n_extensions = 0};
	uint64_t min = rows->n ? rows->time[0] : 0;
	char difference[80];

	for (size_t i = 0; i < rows->n; i++)
		min = rows->time[i] < min ? rows->time[i] : min;
	CHECK(encoder && decoder && again && sst_encode_rows(encoder, rows, min, streams) == 0);
	for (unsigned id = 0; id < SST_STREAM_COUNT; id++) {
		if (!streams[id].data)
			continue;
		copies[id] = calloc(1, streams[id].len + SST_STREAM_SLACK);
		memcpy(copies[id], streams[id].data, streams[id].len);
		streams[id].data = copies[id];
	}
	CHECK(sst_decode_rows(decoder, streams, rows->n, min, again, SST_ALL_COLUMNS, NULL) == 0);
	CHECK(gen_same(rows, again, difference));
	sst_summary_add(&h, rows);
	check_summary(&h, rows);
	for (unsigned id = 0; id < SST_STREAM_COUNT; id++)
		free(copies[id]);
	sst_encoder_free(encoder);
	sst_decoder_free(decoder);
	sst_rows_free(again);
}

/* What can be decoded can be encoded again, in no more bytes than it says. */
static void read_tally(const struct sst_frame *frame)
{
	struct sst_tally *tally = sst_tally_new();
	uint8_t *bytes;

	CHECK(tally);
	if (sst_frame_tally(frame, tally) == 0) {
		bytes = malloc(tally->space);
		CHECK(bytes && (size_t)(sst_encode_tally(tally, bytes) - bytes) <= tally->space);
		free(bytes);
	}
	sst_tally_free(tally);
}

static void read_frame(struct sst_reader *r, struct sst_frame *frame, struct sst_rows *rows)
{
	struct sst_meta meta = {0};
	struct sst_clock clock;

	sst_frame_may_have_call(frame, -1, 0);
	sst_frame_may_have_tid(frame, 1);
	sst_frame_clock(frame, &clock);
	if (sst_reader_load(r, frame))
		return;
	sst_frame_rows(frame, rows, SST_COL_RET | SST_COL_SEQ);
	if (sst_frame_rows(frame, rows, SST_ALL_COLUMNS) == 0) {
		CHECK(rows->n == frame->n_rows);
		check_again(rows);
	}
	read_tally(frame);
	sst_frame_meta(frame, &meta);
	sst_meta_clear(&meta);
}

static void read_file(uint8_t *data, size_t size, bool pipe)
{
	struct memory m = {.data = data, .len = size};
	struct sst_reader *r = memory_open(&m, pipe);
	struct sst_rows *rows = sst_rows_new();
	struct sst_index index;
	struct sst_frame frame;
	size_t frames = 0;
	int got;

	CHECK(r && rows);
	if (sst_reader_index(r, &index) == 1)
		CHECK(index.n > 0 && index.entries[0].offset == 0);
	sst_index_clear(&index);
	while ((got = sst_reader_next(r, &frame)) != 0) {
		CHECK(++frames <= 10 + size / 16);
		if (got < 0)
			CHECK(sst_reader_damage(r)->offset <= size && sst_reader_damage(r)->length <= size);
		else
			read_frame(r, &frame, rows);
	}
	sst_rows_free(rows);
	sst_reader_free(r);
}

/* Make the checksums of all that looks like a frame right. */
static void repair(uint8_t *p, size_t size)
{
	uint32_t previous = 0;

	for (size_t at = 0; at + SST_HEADER_MIN <= size;) {
		uint32_t len = sst_header_length(p + at), payload;

		if (len == 0 || len > size - at) {
			at++;
			continue;
		}
		payload = sst_get32(p + at + 88);
		if (payload <= size - at - len)
			sst_put32(p + at + 92, sst_crc32c(0, p + at + len, payload));
		sst_put32(p + at + 96, sst_get64(p + at + 32) ? previous : 0);
		previous = sst_crc32c(0, p + at + 8, len - 12);
		sst_put32(p + at + len - 4, previous);
		at += len + (payload <= size - at - len ? payload : 0);
	}
}

/* Which stream a byte means: mostly one of the critical ones, whose numbers files of the corpus have as they are. */
static unsigned stream_of(uint8_t byte)
{
	unsigned wide = SST_STREAM_CRITICAL * (256 / SST_STREAM_CRITICAL - 1);

	if (byte >= SST_STREAM_ANCILLARY_FROM && byte < SST_STREAM_COUNT)
		return byte;
	return byte < wide ? byte % SST_STREAM_CRITICAL : SST_STREAM_CAPTURES + 2 * (byte % 3);
}

/* Rows of some calls only: they come out the same as in rows. Returns what decoding them does. */
static int pick(struct sst_decoder *decoder, const struct sst_bytes *streams, size_t n, const struct sst_rows *rows)
{
	struct sst_rows *some = sst_rows_new();
	bool calls[SST_CALLS_MAX];
	struct sst_pick wanted = {.calls = calls};
	int err;

	CHECK(some);
	for (size_t i = 0; i < SST_CALLS_MAX; i++)
		calls[i] = i % 3 == 1;
	err = sst_decode_rows(decoder, streams, n, 1000000, some, SST_ALL_COLUMNS, &wanted);
	for (size_t p = 0; p < wanted.n && !err; p++) {
		size_t i = wanted.rows[p];

		CHECK(i < rows->n && some->call[i] == rows->call[i] && calls[rows->call[i]]);
		CHECK(some->time[i] == rows->time[i] && some->duration[i] == rows->duration[i]);
		CHECK(some->seq[i] == rows->seq[i] && some->ret[i] == rows->ret[i]);
		for (unsigned k = 0; k < SST_ARGS; k++)
			CHECK(some->arg[k][i] == rows->arg[k][i]);
	}
	sst_rows_free(some);
	return err;
}

/* What is refused is refused for some rows as well, unless it is the text of others: that is not looked at. */
static void check_pick(struct sst_decoder *decoder, const struct sst_bytes *streams, size_t n,
		       const struct sst_rows *rows, int err)
{
	struct sst_rows *textless = sst_rows_new();
	int err_textless, picked;

	CHECK(textless);
	err_textless = sst_decode_rows(decoder, streams, n, 1000000, textless, SST_ALL_COLUMNS & ~SST_COL_TEXT, NULL);
	CHECK(!err_textless || err); /* not the same, if both are wrong */
	picked = pick(decoder, streams, n, err ? textless : rows);
	CHECK(picked == err || picked == err_textless);
	sst_rows_free(textless);
}

static void read_streams(const uint8_t *data, size_t size)
{
	struct sst_cursor c = sst_cursor(data, size);
	struct sst_bytes streams[SST_STREAM_COUNT] = {{0}};
	uint8_t *copies[SST_STREAM_COUNT] = {NULL};
	struct sst_decoder *decoder = sst_decoder_new();
	struct sst_rows *rows = sst_rows_new();
	size_t n = sst_take8(&c);
	int err;

	n |= (size_t)sst_take8(&c) << 8;
	while (sst_left(&c) > 4) {
		unsigned id = stream_of(sst_take8(&c)), encoding = sst_take8(&c) & 7;
		size_t len = sst_take8(&c);
		const uint8_t *p;

		len |= (size_t)sst_take8(&c) << 8;
		len = len < sst_left(&c) ? len : sst_left(&c);
		p = sst_take(&c, len);
		free(copies[id]);
		copies[id] = calloc(1, len + SST_STREAM_SLACK);
		CHECK(copies[id] && p);
		memcpy(copies[id], p, len);
		streams[id] = (struct sst_bytes){.data = copies[id], .len = len, .encoding = (uint8_t)encoding};
	}
	CHECK(decoder && rows);
	err = sst_decode_rows(decoder, streams, n, 1000000, rows, SST_ALL_COLUMNS, NULL);
	check_pick(decoder, streams, n, rows, err);
	if (!err)
		check_again(rows);
	for (unsigned column = 1; column < SST_ALL_COLUMNS; column *= 2)
		sst_decode_rows(decoder, streams, n, 1000000, rows, column, NULL);
	for (unsigned id = 0; id < SST_STREAM_COUNT; id++)
		free(copies[id]);
	sst_rows_free(rows);
	sst_decoder_free(decoder);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy;

	if (size == 0 || data[0] != SST_HEADER_FIRST_BYTE) {
		read_streams(data, size);
		return 0;
	}
	copy = malloc(size);
	CHECK(copy);
	memcpy(copy, data, size);
	read_file(copy, size, true);
	repair(copy, size);
	read_file(copy, size, false);
	free(copy);
	return 0;
}
