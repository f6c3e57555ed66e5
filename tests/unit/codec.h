/*
 * codec.h - rows to the streams of a frame and back, for tests.
 *
 *	cmocka_unit_test_setup_teardown(test, codec_setup, codec_teardown);
 *	struct codec *c = *state;
 *	... c->in is filled
 *	codec_round_trip(c);		or codec_encode(c), something about c->streams, codec_decode(c, columns)
 *
 * A fixture that has more begins with a struct codec, and codec_open() and codec_close() are its part.
 */
#ifndef SST_TEST_CODEC_H
#define SST_TEST_CODEC_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "format/columns.h"
#include "format/reader.h"
#include "gen_rows.h"

struct codec {
	struct sst_encoder *encoder;
	struct sst_decoder *decoder;
	struct sst_rows *in, *out;
	struct sst_bytes streams[SST_STREAM_COUNT];
	uint8_t *copies[SST_STREAM_COUNT]; /* where they are; to be freed with free() */
};

static inline void codec_open(struct codec *c)
{
	memset(c, 0, sizeof(*c));
	c->encoder = sst_encoder_new();
	c->decoder = sst_decoder_new();
	c->in = sst_rows_new();
	c->out = sst_rows_new();
	assert_true(c->encoder && c->decoder && c->in && c->out);
}

static inline void codec_close(struct codec *c)
{
	for (unsigned id = 0; id < SST_STREAM_COUNT; id++)
		free(c->copies[id]);
	sst_encoder_free(c->encoder);
	sst_decoder_free(c->decoder);
	sst_rows_free(c->in);
	sst_rows_free(c->out);
}

static inline int codec_setup(void **state)
{
	struct codec *c = malloc(sizeof(*c));

	assert_non_null(c);
	codec_open(c);
	*state = c;
	return 0;
}

static inline int codec_teardown(void **state)
{
	codec_close(*state);
	free(*state);
	return 0;
}

/* codec_time() - what times in the streams count from: those of in are not earlier. */
static inline uint64_t codec_time(const struct codec *c)
{
	uint64_t min = UINT64_MAX;

	for (size_t i = 0; i < c->in->n; i++)
		min = c->in->time[i] < min ? c->in->time[i] : min;
	return min;
}

/* codec_encode() - in to streams. Each in memory of its own, with the slack and not a byte more: a sanitizer sees every
 * step too far. */
static inline void codec_encode(struct codec *c)
{
	assert_int_equal(sst_encode_rows(c->encoder, c->in, codec_time(c), c->streams), 0);
	for (unsigned id = 0; id < SST_STREAM_COUNT; id++) {
		struct sst_bytes *s = &c->streams[id];

		free(c->copies[id]);
		c->copies[id] = NULL;
		if (!s->data)
			continue;
		c->copies[id] = calloc(1, s->len + SST_STREAM_SLACK);
		assert_non_null(c->copies[id]);
		memcpy(c->copies[id], s->data, s->len);
		s->data = c->copies[id];
	}
}

/* codec_decode() - streams to out. 0 or an error, as of sst_decode_rows(). */
static inline int codec_decode(struct codec *c, unsigned columns)
{
	return sst_decode_rows(c->decoder, c->streams, c->in->n, codec_time(c), c->out, columns, NULL);
}

/* codec_round_trip() - out is what in was. */
static inline void codec_round_trip(struct codec *c)
{
	char difference[80] = "";

	codec_encode(c);
	assert_int_equal(codec_decode(c, SST_ALL_COLUMNS), 0);
	if (!gen_same(c->in, c->out, difference))
		fail_msg("%s differs", difference);
}

#endif
