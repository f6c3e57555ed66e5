#include "texts.h"

#include <stdlib.h>
#include <string.h>

#include "array.h"

#define REPLACED 0 /* instead of RING_TEXT: another record has taken its place */

_Static_assert((int)RING_STRING == (int)SST_FORM_STRING && (int)RING_STRINGS == (int)SST_FORM_STRINGS &&
		       (int)RING_MEMORY == (int)SST_FORM_MEMORY && (int)RING_SOCKET == (int)SST_FORM_SOCKET &&
		       (int)RING_BEHIND == (int)SST_FORM_BEHIND && sizeof(struct ring_behind) == SST_BEHIND_HEAD,
	       "forms in the ring are those on disk");
_Static_assert((int)RING_CUT == (int)SST_CAPTURE_CUT && (int)RING_LATE == (int)SST_CAPTURE_LATE &&
		       (int)RING_UNREADABLE == (int)SST_CAPTURE_UNREADABLE,
	       "flags in the ring are those on disk");

static struct ring_text *text_at(const struct texts *texts, size_t pos)
{
	return (struct ring_text *)(void *)(texts->data + pos);
}

static bool is_of_event(const struct ring_text *text)
{
	return text->what & RING_OF_EVENT;
}

/* An exec after the one that these are of, in a process of which no calls are recorded. */
static bool is_another_exec(const struct texts *texts, const struct ring_text *record)
{
	bool told = false;

	for (size_t pos = 0; pos < texts->len; pos += RING_TEXT_SIZE(text_at(texts, pos)->len))
		told |= text_at(texts, pos)->pad;
	return told && is_of_event(record);
}

static void replace(struct texts *texts, const struct ring_text *record)
{
	for (size_t pos = 0; pos < texts->len; pos += RING_TEXT_SIZE(text_at(texts, pos)->len)) {
		struct ring_text *old = text_at(texts, pos);

		if (old->what == record->what && (is_of_event(old) || old->flags & RING_UNREADABLE) &&
		    (record->what >> 4 != RING_BEHIND || !memcmp(old + 1, record + 1, sizeof(struct ring_behind))))
			old->kind = REPLACED;
	}
}

int texts_keep(struct texts *texts, const unsigned char *record)
{
	const struct ring_text *text = (const void *)record;
	size_t size = RING_TEXT_SIZE(text->len);

	if (texts->len && (text_at(texts, 0)->seq != text->seq || is_another_exec(texts, text)))
		texts_drop(texts);
	if (ARRAY_GROW(texts->data, texts->cap, texts->len + size))
		return -ENOMEM;
	replace(texts, text);
	memcpy(texts->data + texts->len, record, size);
	texts->len += size;
	return 0;
}

static int add(struct texts *texts, struct sst_rows *rows, struct sst_capture capture, const void *bytes, size_t len)
{
	int err = sst_rows_capture(rows, capture, bytes, len);

	if (err != -E2BIG)
		return err;
	texts->lost++;
	return 0;
}

/* The record of this argument, or of this part of an event; NULL: there is none. */
static const struct ring_text *find(const struct texts *texts, int what)
{
	for (size_t pos = 0; pos < texts->len; pos += RING_TEXT_SIZE(text_at(texts, pos)->len)) {
		const struct ring_text *text = text_at(texts, pos);

		if (text->kind == RING_TEXT && (text->what & 15) == what && text->what >> 4 != RING_BEHIND)
			return text;
	}
	return NULL;
}

/* Does the event of an exec say more of argument arg than the call has: was that not read, or not all of it? */
static bool is_told_by_event(const struct texts *texts, const struct texts_call *call, int arg)
{
	const struct ring_text *text = arg >= 0 ? find(texts, arg) : NULL;

	if (arg < 0)
		return false;
	if (arg == call->path)
		return text && text->flags & RING_UNREADABLE && find(texts, RING_OF_EVENT | SST_CAPTURE_FILE);
	return arg == call->argv && (!text || text->flags & (RING_UNREADABLE | RING_CUT)) &&
	       find(texts, RING_OF_EVENT | SST_CAPTURE_ARGV);
}

/* The argument of the call whose memory this is, or −1. */
static int argument_of(const struct texts *texts, const struct ring_text *text, const struct texts_call *call)
{
	bool of_event = is_of_event(text);
	int arg = text->what & 15;

	if (of_event)
		arg = arg == (RING_OF_EVENT | SST_CAPTURE_ARGV)   ? call->argv
		      : arg == (RING_OF_EVENT | SST_CAPTURE_FILE) ? call->path
								  : -1;
	return is_told_by_event(texts, call, arg) == of_event ? arg : -1;
}

int texts_call(struct texts *texts, struct sst_rows *rows, uint32_t row, const struct texts_call *call)
{
	int err = 0;

	for (size_t pos = 0; pos < texts->len && !err; pos += RING_TEXT_SIZE(text_at(texts, pos)->len)) {
		const struct ring_text *text = text_at(texts, pos);
		int arg = argument_of(texts, text, call);
		struct sst_capture capture = {.row = row,
					      .arg = (uint8_t)arg,
					      .form = text->what >> 4,
					      .flags = text->flags | (is_of_event(text) ? SST_CAPTURE_LATE : 0)};

		if (text->kind == RING_TEXT && text->seq == call->seq && arg >= 0)
			err = add(texts, rows, capture, text + 1, text->len);
	}
	return err;
}

static struct sst_capture last_event(const struct sst_rows *rows)
{
	return (struct sst_capture){.row = SST_CAPTURE_EVENT | (uint32_t)(rows->n_events - 1)};
}

int texts_event(struct texts *texts, struct sst_rows *rows)
{
	struct sst_capture capture = last_event(rows);
	int err = 0;

	for (size_t pos = 0; pos < texts->len && !err; pos += RING_TEXT_SIZE(text_at(texts, pos)->len)) {
		struct ring_text *text = text_at(texts, pos);

		if (text->kind != RING_TEXT || !is_of_event(text) || text->pad)
			continue;
		text->pad = 1; /* told */
		capture.arg = text->what & 7;
		capture.form = text->what >> 4;
		capture.flags = text->flags;
		err = add(texts, rows, capture, text + 1, text->len);
	}
	return err;
}

int texts_comm(struct texts *texts, struct sst_rows *rows, const char *comm)
{
	struct sst_capture capture = last_event(rows);

	if (!*comm)
		return 0;
	capture.arg = SST_CAPTURE_COMM;
	capture.form = SST_FORM_STRING;
	return add(texts, rows, capture, comm, strnlen(comm, RING_COMM));
}

void texts_drop(struct texts *texts)
{
	texts->len = 0;
}

void texts_free(struct texts *texts)
{
	free(texts->data);
	*texts = (struct texts){0};
}
