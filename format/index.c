#include "index.h"
#include "bytes.h"
#include "reader.h"

#include <stdlib.h>

#define SPAN_LEN_MAX (2 + 5 * SST_VARINT_MAX)

static unsigned kind(unsigned type)
{
	return 1u << (type <= SST_FRAME_END ? type : 0);
}

static void join(struct sst_span *to, const struct sst_span *from)
{
	to->kinds |= from->kinds;
	to->frames += from->frames;
	to->bytes += from->bytes;
	if (from->rows > 0 && (to->rows == 0 || from->time_min < to->time_min))
		to->time_min = from->time_min;
	if (from->rows > 0 && (to->rows == 0 || from->time_max > to->time_max))
		to->time_max = from->time_max;
	to->rows += from->rows;
}

/* Twice as many frames to a span. */
static void halve(struct sst_indexer *x)
{
	size_t n = 0;

	for (size_t i = 0; i < x->n; i += 2) {
		x->spans[n] = x->spans[i];
		if (i + 1 < x->n)
			join(&x->spans[n], &x->spans[i + 1]);
		n++;
	}
	x->n = n;
	x->step *= 2;
}

static bool grow(struct sst_indexer *x)
{
	size_t cap = x->cap ? 2 * x->cap : 64;
	struct sst_span *spans;

	if (x->n < x->cap)
		return true;
	spans = reallocarray(x->spans, cap, sizeof(*spans));
	if (!spans)
		return false;
	x->spans = spans;
	x->cap = cap;
	return true;
}

void sst_indexer_add(struct sst_indexer *indexer, const struct sst_header *header)
{
	struct sst_span span = {
		.kinds = kind(header->type),
		.frames = 1,
		.bytes = (uint64_t)header->length + header->payload,
		.rows = header->rows,
		.time_min = header->time_min,
		.time_max = header->time_max,
	};

	if (indexer->step == 0)
		indexer->step = 1;
	if (indexer->n == SST_INDEX_MAX && indexer->spans[indexer->n - 1].frames == indexer->step)
		halve(indexer);
	if (indexer->n > 0 && indexer->spans[indexer->n - 1].frames < indexer->step) {
		join(&indexer->spans[indexer->n - 1], &span);
		return;
	}
	indexer->broken = indexer->broken || !grow(indexer);
	if (!indexer->broken)
		indexer->spans[indexer->n++] = span;
}

struct sst_bytes sst_indexer_encode(struct sst_indexer *indexer)
{
	uint64_t before = 0;
	uint8_t *p;

	free(indexer->bytes);
	indexer->bytes = indexer->broken ? NULL : malloc(SST_VARINT_MAX + indexer->n * SPAN_LEN_MAX);
	if (!indexer->bytes)
		return (struct sst_bytes){0};
	p = sst_put_varint(indexer->bytes, indexer->n);
	for (size_t i = 0; i < indexer->n; i++) {
		const struct sst_span *span = &indexer->spans[i];

		p = sst_put_varint(p, span->kinds);
		p = sst_put_varint(p, span->frames);
		p = sst_put_varint(p, span->bytes);
		p = sst_put_varint(p, span->rows);
		if (span->rows == 0)
			continue;
		p = sst_put_varint(p, sst_zigzag(span->time_min - before));
		p = sst_put_varint(p, span->time_max - span->time_min);
		before = span->time_max;
	}
	return (struct sst_bytes){.data = indexer->bytes, .len = (size_t)(p - indexer->bytes)};
}

void sst_indexer_clear(struct sst_indexer *indexer)
{
	free(indexer->spans);
	free(indexer->bytes);
	*indexer = (struct sst_indexer){0};
}

long sst_index_decode(const struct sst_bytes *stream, struct sst_span *spans, size_t max)
{
	struct sst_cursor c = sst_cursor(stream->data, stream->len);
	uint64_t n = stream->data ? sst_take_varint(&c) : 0, before = 0;

	if (n > max)
		return SST_E_LIMIT;
	for (uint64_t i = 0; i < n && !c.bad; i++) {
		struct sst_span span = {0};

		span.kinds = (unsigned)sst_take_max(&c, UINT32_MAX);
		span.frames = sst_take_max(&c, UINT64_C(1) << 48);
		span.bytes = sst_take_max(&c, UINT64_C(1) << 56);
		span.rows = sst_take_max(&c, UINT64_C(1) << 56);
		if (span.rows > 0) {
			span.time_min = before + sst_unzigzag(sst_take_varint(&c));
			span.time_max = before = span.time_min + sst_take_varint(&c);
		}
		spans[i] = span;
	}
	return c.bad || sst_left(&c) > 0 ? SST_E_COLUMN : (long)n;
}
