#include "captures.h"
#include "bytes.h"
#include "list.h"
#include "reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FORM_SHIFT 3 /* what = arg | form << FORM_SHIFT, a byte */
#define ARG_MASK   7
#define FORM_MAX   (UINT8_MAX >> FORM_SHIFT)

#define CAPTURE_BYTES 4 /* that a capture takes at least: step, what, flags, length */
#define OPEN_BYTES    6

/* Rows come first, then events: the number that stands in the file. */
static uint64_t number_of(const struct sst_rows *rows, uint32_t row)
{
	return row < SST_CAPTURE_EVENT ? row : rows->n + (uint64_t)(row - SST_CAPTURE_EVENT);
}

bool sst_captures_are_valid(const struct sst_rows *rows)
{
	uint64_t before = 0;

	if (rows->n_captures > SST_CAPTURES_MAX || rows->n_opens > SST_OPENS_MAX)
		return false;
	for (size_t i = 0; i < rows->n_captures; i++) {
		const struct sst_capture *c = &rows->captures[i];
		uint64_t number = number_of(rows, c->row);

		if (number < before || number >= rows->n + rows->n_events || c->arg > ARG_MASK || c->form > FORM_MAX ||
		    (c->row < SST_CAPTURE_EVENT && c->row >= rows->n) || c->len > rows->n_text ||
		    c->offset > rows->n_text - c->len)
			return false;
		before = number;
	}
	for (size_t i = 0; i < rows->n_opens; i++) {
		const struct sst_open *o = &rows->opens[i];

		if (o->len > rows->n_text || o->offset > rows->n_text - o->len)
			return false;
	}
	return sst_captures_text(rows) <= SST_TEXT_MAX;
}

uint64_t sst_captures_text(const struct sst_rows *rows)
{
	uint64_t text = 0;

	for (size_t i = 0; i < rows->n_captures; i++)
		text += rows->captures[i].len;
	for (size_t i = 0; i < rows->n_opens; i++)
		text += rows->opens[i].len;
	return text;
}

size_t sst_captures_space(const struct sst_rows *rows)
{
	return 32 + rows->n_captures * 16 + rows->n_opens * 48 + (size_t)sst_captures_text(rows);
}

static void stream_end(struct sst_bytes *stream, const uint8_t *begin, const uint8_t *end)
{
	*stream = (struct sst_bytes){.data = begin, .len = (size_t)(end - begin)};
}

/* Field by field: what is alike then stands together, for the compressor. */
static uint8_t *encode_list(const struct sst_rows *rows, size_t from, uint8_t *p)
{
	const struct sst_capture *begin = rows->captures + from, *end = rows->captures + rows->n_captures, *c;
	uint64_t before = 0;

	p = sst_put_varint(p, rows->n_captures - from);
	for (c = begin; c < end; c++) {
		p = sst_put_varint(p, number_of(rows, c->row) - before);
		before = number_of(rows, c->row);
	}
	for (c = begin; c < end; c++)
		*p++ = (uint8_t)(c->arg | c->form << FORM_SHIFT);
	for (c = begin; c < end; c++)
		*p++ = c->flags;
	for (c = begin; c < end; c++)
		p = sst_put_varint(p, c->len);
	return p;
}

static uint8_t *encode_opens(const struct sst_rows *rows, uint8_t *p)
{
	struct sst_open before = {0};

	p = sst_put_varint(p, rows->n_opens);
	for (size_t i = 0; i < rows->n_opens; i++) {
		const struct sst_open *o = &rows->opens[i];

		p = sst_put_varint(p, sst_zigzag(o->time - before.time));
		p = sst_put_varint(p, sst_zigzag(o->until - o->time));
		p = sst_put_varint(p, sst_zigzag((uint64_t)o->pid - before.pid));
		p = sst_put_varint(p, o->what);
		*p++ = o->flags;
		p = sst_put_varint(p, o->len);
		before = *o;
	}
	return p;
}

/* Rows whose texts are all empty may have no text. */
static uint8_t *put_piece(uint8_t *p, const uint8_t *text, size_t offset, size_t len)
{
	if (len)
		memcpy(p, text + offset, len);
	return p + len;
}

/* The bytes in the order of the lists, which need not be that in which they were added. */
static uint8_t *encode_text(const struct sst_rows *rows, size_t from, uint8_t *p)
{
	for (size_t i = from; i < rows->n_captures; i++)
		p = put_piece(p, rows->text, rows->captures[i].offset, rows->captures[i].len);
	for (size_t i = 0; i < rows->n_opens; i++)
		p = put_piece(p, rows->text, rows->opens[i].offset, rows->opens[i].len);
	return p;
}

uint8_t *sst_encode_captures(const struct sst_rows *rows, size_t from, uint8_t *p,
			     struct sst_bytes streams[SST_STREAM_COUNT])
{
	uint8_t *begin = p;

	if (rows->n_captures > from) {
		p = encode_list(rows, from, p);
		stream_end(&streams[SST_STREAM_CAPTURES], begin, p);
	}
	if (rows->n_opens > 0) {
		begin = p;
		p = encode_opens(rows, p);
		stream_end(&streams[SST_STREAM_OPENS], begin, p);
	}
	begin = p;
	p = encode_text(rows, from, p);
	if (p > begin)
		stream_end(&streams[SST_STREAM_TEXT], begin, p);
	return p;
}

/* How many elements a list says it has; each takes so many bytes at least. */
static uint64_t take_count(struct sst_cursor *c, size_t least)
{
	uint64_t n = sst_take_varint(c);

	if (n > sst_left(c) / least)
		c->bad = true;
	return c->bad ? 0 : n;
}

static void take_rows(struct sst_cursor *c, struct sst_rows *rows, size_t n)
{
	uint64_t number = 0, end = rows->n + rows->n_events;

	for (size_t i = 0; i < n && !c->bad; i++) {
		uint64_t step = sst_take_varint(c);

		if (step >= end - number) {
			c->bad = true;
			return;
		}
		number += step;
		rows->captures[i].row =
			number < rows->n ? (uint32_t)number : SST_CAPTURE_EVENT + (uint32_t)(number - rows->n);
	}
}

static void take_kinds(struct sst_cursor *c, struct sst_rows *rows, size_t n)
{
	const uint8_t *what = sst_take(c, n), *flags = sst_take(c, n);

	for (size_t i = 0; flags && i < n; i++) {
		rows->captures[i].arg = what[i] & ARG_MASK;
		rows->captures[i].form = what[i] >> FORM_SHIFT;
		rows->captures[i].flags = flags[i];
	}
}

/* The lengths, of which the offsets follow. */
static void take_lengths(struct sst_cursor *c, struct sst_rows *rows, size_t n)
{
	for (size_t i = 0; i < n && !c->bad; i++) {
		rows->captures[i].offset = (uint32_t)rows->n_text;
		rows->captures[i].len = (uint32_t)sst_take_max(c, SST_TEXT_MAX - rows->n_text);
		rows->n_text += rows->captures[i].len;
	}
}

static int list_error(const struct sst_cursor *c)
{
	return c->bad || sst_left(c) > 0 ? SST_E_COLUMN : 0;
}

static int decode_list(const struct sst_bytes *stream, struct sst_rows *rows)
{
	struct sst_cursor c = sst_cursor(stream->data, stream->len);
	size_t n = stream->data ? (size_t)take_count(&c, CAPTURE_BYTES) : 0;

	if (n > SST_CAPTURES_MAX)
		return SST_E_LIMIT;
	if (sst_list_renew(&rows->captures, &rows->cap_captures, n, sizeof(*rows->captures)))
		return -ENOMEM;
	take_rows(&c, rows, n);
	take_kinds(&c, rows, n);
	take_lengths(&c, rows, n);
	rows->n_captures = n;
	return list_error(&c);
}

static int decode_opens(const struct sst_bytes *stream, struct sst_rows *rows)
{
	struct sst_cursor c = sst_cursor(stream->data, stream->len);
	size_t n = stream->data ? (size_t)take_count(&c, OPEN_BYTES) : 0;
	struct sst_open o = {0};

	if (n > SST_OPENS_MAX)
		return SST_E_LIMIT;
	if (sst_list_renew(&rows->opens, &rows->cap_opens, n, sizeof(*rows->opens)))
		return -ENOMEM;
	for (size_t i = 0; i < n && !c.bad; i++) {
		uint64_t pid;

		o.time += sst_unzigzag(sst_take_varint(&c));
		o.until = o.time + sst_unzigzag(sst_take_varint(&c));
		pid = o.pid + sst_unzigzag(sst_take_varint(&c));
		c.bad |= pid > UINT32_MAX;
		o.pid = (uint32_t)pid;
		o.what = sst_take_varint(&c);
		o.flags = sst_take8(&c);
		o.offset = (uint32_t)rows->n_text;
		o.len = (uint32_t)sst_take_max(&c, SST_TEXT_MAX - rows->n_text);
		rows->n_text += o.len;
		rows->opens[i] = o;
	}
	rows->n_opens = n;
	return list_error(&c);
}

int sst_decode_captures(const struct sst_bytes streams[SST_STREAM_COUNT], struct sst_rows *rows)
{
	const struct sst_bytes *text = &streams[SST_STREAM_TEXT];
	int err = decode_list(&streams[SST_STREAM_CAPTURES], rows);

	if (!err)
		err = decode_opens(&streams[SST_STREAM_OPENS], rows);
	if (!err && text->len != rows->n_text)
		err = SST_E_COLUMN;
	if (!err && sst_list_renew(&rows->text, &rows->cap_text, rows->n_text, 1))
		err = -ENOMEM;
	if (!err && rows->n_text > 0)
		memcpy(rows->text, text->data, rows->n_text);
	return err;
}
