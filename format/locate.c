#include "locate.h"
#include "frame.h"
#include "index.h"
#include "payload.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NEAR        65536      /* an END frame is rarely longer … */
#define FAR         (2u << 20) /* … and never longer than this when it has an index of the size that is written */
#define ENTRIES_MAX 65536      /* of a source */

struct search {
	struct sst_input *in;
	struct sst_index *index; /* entries from the last to the first, until the end */
	size_t cap;
	struct sst_payload *payload;
	struct sst_span *spans;
	uint8_t *tail;
};

/* len bytes at offset to p. Returns 1, 0 where there are fewer, or -errno. */
static int read_at(struct sst_input *in, uint64_t offset, void *p, size_t len)
{
	int err = sst_input_seek(in, offset);
	long n = err ? err : sst_input_take(in, p, len);

	return n < 0 ? (int)n : n == (long)len;
}

/* The header at p, where left bytes are: is it that of an END frame which fills them? */
static bool is_end(const uint8_t *p, size_t left, struct sst_header *h)
{
	uint32_t len = left >= SST_HEADER_MIN ? sst_header_length(p) : 0;

	return len > 0 && len <= left && sst_header_get(h, p, len) == 0 && h->type == SST_FRAME_END &&
	       (uint64_t)h->length + h->payload == left;
}

/* Look for the END frame that ends at end, in the len bytes before. Returns 1 with its header, 0 or -errno. */
static int find_end(struct search *s, uint64_t end, size_t len, struct sst_header *h)
{
	int found = read_at(s->in, end - len, s->tail, len);

	if (found <= 0)
		return found;
	for (size_t left = SST_HEADER_MIN; left <= len; left++)
		if (s->tail[len - left] == SST_HEADER_FIRST_BYTE && is_end(s->tail + len - left, left, h))
			return 1;
	return 0;
}

/* Does a recording with this uuid begin at offset? Returns 1, 0 or -errno. */
static int begins(struct search *s, uint64_t offset, const struct sst_header *end)
{
	struct sst_header *first = sst_payload_header(s->payload);
	uint8_t *p = s->tail;
	int found = read_at(s->in, offset, p, SST_HEADER_PEEK);
	uint32_t len = found > 0 ? sst_header_length(p) : 0;

	if (len == 0)
		return found < 0 ? found : 0;
	found = read_at(s->in, offset, p, len);
	if (found <= 0)
		return found;
	return sst_header_get(first, p, len) == 0 && first->number == 0 && first->type == SST_FRAME_META &&
	       memcmp(first->uuid, end->uuid, SST_UUID_LEN) == 0;
}

/* The spans of the END frame at offset, checked. Returns their number, 0 or -errno. */
static long read_spans(struct search *s, uint64_t offset, const struct sst_header *end)
{
	uint8_t *room = sst_payload_room(s->payload, end->payload);
	struct sst_bytes stream;
	int err;
	long n;

	if (!room)
		return -ENOMEM;
	*sst_payload_header(s->payload) = *end;
	err = read_at(s->in, offset + end->length, room, end->payload);
	if (err <= 0)
		return err;
	if (!sst_payload_check(s->payload))
		return 0;
	err = sst_payload_index(s->payload, &stream);
	if (err)
		return err == -ENOMEM ? err : 0;
	if (stream.encoding != SST_WHOLE)
		return 0;
	n = sst_index_decode(&stream, s->spans, SST_INDEX_MAX);
	return n > 0 ? n : 0;
}

/* Do the spans lead from some place to this END frame? Sets how many bytes they have. */
static bool add_up(const struct sst_span *spans, long n, uint64_t offset, const struct sst_header *end, uint64_t *bytes)
{
	uint64_t frames = 0;

	*bytes = 0;
	for (long i = 0; i < n; i++) {
		if (spans[i].frames == 0 || spans[i].bytes > offset - *bytes || spans[i].frames > end->number - frames)
			return false;
		*bytes += spans[i].bytes;
		frames += spans[i].frames;
	}
	return frames == end->number;
}

static int push(struct search *s, const struct sst_index_entry *entry)
{
	struct sst_index *x = s->index;
	size_t cap = s->cap ? 2 * s->cap : 256;
	struct sst_index_entry *entries;

	if (x->n == s->cap) {
		entries = x->n < ENTRIES_MAX ? reallocarray(x->entries, cap, sizeof(*entries)) : NULL;
		if (!entries)
			return x->n < ENTRIES_MAX ? -ENOMEM : -E2BIG;
		x->entries = entries;
		s->cap = cap;
	}
	x->entries[x->n++] = *entry;
	return 0;
}

/* All of one recording, from its END back to its beginning. */
static int push_recording(struct search *s, long n, uint64_t offset, const struct sst_header *end)
{
	struct sst_index_entry entry = {
		.offset = offset,
		.length = (uint64_t)end->length + end->payload,
		.number = end->number,
		.frames = 1,
		.kinds = 1u << SST_FRAME_END,
	};
	int err = push(s, &entry);

	while (n-- > 0 && !err) {
		const struct sst_span *span = &s->spans[n];

		entry = (struct sst_index_entry){
			.offset = entry.offset - span->bytes,
			.length = span->bytes,
			.number = entry.number - span->frames,
			.frames = span->frames,
			.rows = span->rows,
			.time_min = span->time_min,
			.time_max = span->time_max,
			.kinds = span->kinds,
		};
		err = push(s, &entry);
	}
	return err;
}

/* The recording that ends at *end; sets it to its beginning. Returns 1, 0 or -errno. */
static int locate_recording(struct search *s, uint64_t *end)
{
	struct sst_header h;
	uint64_t offset, bytes;
	size_t near = *end < NEAR ? (size_t)*end : NEAR, far = *end < FAR ? (size_t)*end : FAR;
	int found = find_end(s, *end, near, &h);
	long n;

	if (found == 0 && far > near)
		found = find_end(s, *end, far, &h);
	if (found <= 0)
		return found;
	offset = *end - h.length - h.payload;
	n = read_spans(s, offset, &h);
	if (n <= 0 || !add_up(s->spans, n, offset, &h, &bytes))
		return n < 0 ? (int)n : 0;
	*end = offset - bytes;
	found = begins(s, *end, &h);
	if (found <= 0)
		return found;
	found = push_recording(s, n, offset, &h);
	return found ? found : 1;
}

static void turn_round(struct sst_index *x)
{
	for (size_t i = 0, k = x->n; i + 1 < k; i++) {
		struct sst_index_entry entry = x->entries[i];

		x->entries[i] = x->entries[--k];
		x->entries[k] = entry;
	}
}

int sst_locate(struct sst_input *in, struct sst_index *index)
{
	struct search s = {.in = in,
			   .index = index,
			   .payload = sst_payload_new(),
			   .spans = malloc(SST_INDEX_MAX * sizeof(*s.spans)),
			   .tail = calloc(1, FAR)};
	uint64_t end = sst_input_has(in, 0) ? in->size : 0;
	int found = s.payload && s.spans && s.tail ? end > 0 : -ENOMEM;

	while (found > 0 && end > 0)
		found = locate_recording(&s, &end);
	if (found > 0)
		turn_round(index);
	else
		sst_index_clear(index);
	sst_payload_free(s.payload);
	free(s.spans);
	free(s.tail);
	return found == -E2BIG ? 0 : found;
}

void sst_index_clear(struct sst_index *index)
{
	free(index->entries);
	*index = (struct sst_index){0};
}
