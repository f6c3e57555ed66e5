#include "reader.h"
#include "bytes.h"
#include "frame.h"
#include "input.h"
#include "locate.h"
#include "payload.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define GIVE_UP (64u << 20) /* no frame in so many bytes at the beginning: not one of our files */

/*
 * Bytes that are looked at more than once, so many times those of the source and some: what looks like a header within
 * another, and payloads that are searched because they are wrong. More has no damage, but a source made to keep us
 * busy.
 */
#define TIMES_AGAIN 4
#define FREE_AGAIN  (16u << 20)

/* How far a recording has been read. */
struct progress {
	bool known; /* a frame of it has been seen */
	bool exact; /* … the very one before the next; not so after a seek */
	bool ended;
	uint8_t uuid[SST_UUID_LEN];
	uint64_t number;
	uint32_t crc;
	uint64_t rows_total;
	uint64_t time; /* of its last row so far */
};

struct sst_reader {
	struct sst_input in;
	struct sst_payload *payload;
	struct sst_header next; /* the header that was looked at last */
	int next_error;         /* what sst_header_get() said of it: 0, SST_E_NEWER, SST_E_LIMIT */
	uint64_t payload_at;    /* offset of the payload of the last frame */
	bool has_payload;       /* there is such a frame, and its payload ends where the next header is expected */
	bool in_payload;        /* … and has not been read or skipped */
	bool read_payload;      /* … or it is in memory */
	bool explained;         /* what is odd about the next frame's number has been reported */
	bool end_told;
	uint64_t headers, again; /* bytes of what looked like headers; of payloads that were searched */
	struct progress now, before;
	struct sst_damage damage;
};

struct sst_reader *sst_reader_new(const struct sst_source *source)
{
	struct sst_reader *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->payload = sst_payload_new();
	if (sst_input_open(&r->in, source) == 0 && r->payload)
		return r;
	sst_reader_free(r);
	return NULL;
}

void sst_reader_free(struct sst_reader *reader)
{
	if (!reader)
		return;
	sst_input_close(&reader->in);
	sst_payload_free(reader->payload);
	free(reader);
}

const struct sst_damage *sst_reader_damage(const struct sst_reader *reader)
{
	return &reader->damage;
}

/* Damage without frame numbers and rows; time_to 0: nothing follows. */
static int report(struct sst_reader *r, int error, uint64_t from, uint64_t to, uint64_t time_to)
{
	r->damage = (struct sst_damage){
		.offset = from,
		.length = to - from,
		.error = error,
		.frame_from = 1,
		.time_from = r->now.time,
		.time_to = time_to,
	};
	return error;
}

enum look {
	HEADER,     /* r->next has it */
	NO_HEADER,  /* these bytes are something else */
	CUT_HEADER, /* they are, or could become one, but the source ends */
	AT_END,
};

static bool is_too_much(const struct sst_reader *r, uint64_t bytes)
{
	return bytes > TIMES_AGAIN * r->in.offset + FREE_AGAIN;
}

/* What stands at the place of the input? Takes nothing. Returns enum look or -errno. */
static int look(struct sst_reader *r)
{
	long n = sst_input_look(&r->in, SST_HEADER_PEEK);
	uint32_t len;

	if (n <= 0)
		return n < 0 ? (int)n : AT_END;
	if (n < SST_HEADER_PEEK)
		return sst_header_matches(sst_input_here(&r->in), (size_t)n) ? CUT_HEADER : NO_HEADER;
	len = sst_header_length(sst_input_here(&r->in));
	if (len == 0 || (len > SST_HEADER_WRITE_MAX && is_too_much(r, r->headers)))
		return NO_HEADER;
	r->headers += len;
	n = sst_input_look(&r->in, len);
	if (n < (long)len)
		return n < 0 ? (int)n : CUT_HEADER;
	r->next_error = sst_header_get(&r->next, sst_input_here(&r->in), len);
	return r->next_error == SST_E_HEADER ? NO_HEADER : HEADER;
}

static bool same_uuid(const struct progress *p, const struct sst_header *h)
{
	return p->known && memcmp(p->uuid, h->uuid, SST_UUID_LEN) == 0;
}

static bool begins_recording(const struct sst_header *h)
{
	return h->type == SST_FRAME_META && h->number == 0;
}

/*
 * A header found somewhere in damaged bytes may be a copy inside somebody's data: believed only if it carries the uuid
 * of this recording, or begins another.
 */
static bool is_trusted(const struct sst_reader *r)
{
	return !r->now.known || same_uuid(&r->now, &r->next) || same_uuid(&r->before, &r->next) ||
	       begins_recording(&r->next);
}

/* Step to the next byte that may begin a header, this one included. Returns whether there is one, or -errno. */
static int next_candidate(struct sst_reader *r)
{
	for (;;) {
		long n = sst_input_look(&r->in, SST_HEADER_MAX);
		const uint8_t *here = sst_input_here(&r->in), *hit;

		if (n <= 0)
			return (int)n;
		hit = memchr(here, SST_HEADER_FIRST_BYTE, (size_t)n);
		sst_input_skip(&r->in, hit ? (uint64_t)(hit - here) : (uint64_t)n);
		if (hit)
			return 1;
	}
}

/* From here to the next header that is trusted. Returns HEADER, AT_END, NO_HEADER (given up), or -errno. */
static int scan(struct sst_reader *r)
{
	uint64_t start = r->in.offset;

	while (r->now.known || r->in.offset - start <= GIVE_UP) {
		int found = next_candidate(r);

		if (found <= 0)
			return found < 0 ? found : AT_END;
		found = look(r);
		if (found < 0 || (found == HEADER && is_trusted(r)))
			return found;
		sst_input_skip(&r->in, 1);
	}
	return NO_HEADER;
}

/* Rows that are missing between the last frame and this one, by the running totals. */
static uint64_t missing_rows(const struct progress *p, const struct sst_header *h)
{
	uint64_t own = h->type == SST_FRAME_ROWS ? h->rows : 0;
	uint64_t total = p->rows_total + own;

	return h->rows_total > total ? h->rows_total - total : 0;
}

/* How far the recording of r->next has been read, or NULL when this is its first frame. */
static const struct progress *last_of_recording(const struct sst_reader *r)
{
	if (same_uuid(&r->now, &r->next))
		return &r->now;
	return same_uuid(&r->before, &r->next) && r->before.number < r->next.number ? &r->before : NULL;
}

/* Fill in which frames are missing before r->next. Returns whether any is, or whether the chain of checksums is broken.
 */
static bool name_missing(struct sst_reader *r)
{
	static const struct progress nothing;
	const struct progress *p = last_of_recording(r);
	uint64_t expected = p ? p->number + 1 : 0;

	if (!p)
		p = &nothing;
	else if (!p->exact)
		return false;
	r->damage.time_from = p->time;
	if (r->next.number <= expected)
		return r->next.previous_crc != p->crc;
	r->damage.frame_from = expected;
	r->damage.frame_to = r->next.number - 1;
	r->damage.rows = missing_rows(p, &r->next);
	return true;
}

static uint64_t first_time(const struct sst_header *h)
{
	return h->rows > 0 ? h->time_min : h->cut;
}

/* Is the payload of the last frame what its header says? Leaves the input where it is. Returns 1, 0 or -errno. */
static int is_payload_right(struct sst_reader *r)
{
	const struct sst_header *h = sst_payload_header(r->payload);
	uint64_t back_to = r->in.offset;
	uint8_t *room;
	long n = 0;
	int err;

	if (r->read_payload)
		return sst_payload_check(r->payload);
	room = sst_payload_room(r->payload, h->payload);
	if (!room)
		return -ENOMEM;
	err = sst_input_seek(&r->in, r->payload_at);
	if (!err)
		n = sst_input_take(&r->in, room, h->payload);
	if (!err && n >= 0)
		err = sst_input_seek(&r->in, back_to);
	if (err || n < 0)
		return err ? err : (int)n;
	return n == (long)h->payload && sst_payload_check(r->payload);
}

/* Put the input back to the first byte of the last frame's payload. Returns 0 or -errno. */
static int back_to_payload(struct sst_reader *r)
{
	const struct sst_header *h = sst_payload_header(r->payload);

	if (!r->read_payload || r->in.seeks)
		return sst_input_seek(&r->in, r->payload_at);
	return sst_input_give_back(&r->in, sst_payload_release(r->payload), h->payload);
}

/*
 * The place where a header should be has none. If the frame before was damaged as well, bytes may have been cut out of
 * it, and the next header is further back than it should be. Puts the input to where to search. Returns 0 or -errno.
 */
static int search_from(struct sst_reader *r, uint64_t expected_at, bool cut)
{
	int right = 1;

	if (r->has_payload && !cut && !is_too_much(r, r->again)) {
		r->again += sst_payload_header(r->payload)->payload;
		right = is_payload_right(r);
	}
	r->has_payload = false;
	if (right < 0)
		return right;
	if (right == 0)
		return back_to_payload(r);
	return r->in.offset == expected_at ? sst_input_skip(&r->in, 1) : 0;
}

/* Find the next header and report what is lost before it. cut: at expected_at begins a frame, but not all of it is
 * there. */
static int recover(struct sst_reader *r, uint64_t expected_at, bool cut)
{
	int found = search_from(r, expected_at, cut);
	uint64_t from = r->in.offset;

	if (found == 0)
		found = scan(r);
	if (found < 0)
		return found;
	if (found == HEADER) {
		report(r, SST_E_HEADER, r->in.offset > expected_at ? expected_at : from, r->in.offset,
		       first_time(&r->next));
		name_missing(r);
		r->explained = true;
		return SST_E_HEADER;
	}
	r->end_told = r->end_told || cut || !r->now.known;
	if (cut)
		return report(r, SST_E_CUT, expected_at, r->in.offset, 0);
	return report(r, r->now.known ? SST_E_HEADER : SST_E_NOT_SST, expected_at, r->in.offset, 0);
}

static int at_end(struct sst_reader *r)
{
	if (r->end_told || r->now.ended)
		return 0;
	r->end_told = true;
	/* A file of no bytes is what a recorder leaves that was killed at once. */
	return report(r, r->now.known ? SST_E_NO_END : SST_E_CUT, r->in.offset, r->in.offset, 0);
}

/* Another recording begins, or one goes on that was interrupted by what looked like one. */
static void change_recording(struct sst_reader *r)
{
	struct progress old = r->now;

	if (same_uuid(&r->before, &r->next))
		r->now = r->before;
	else
		r->now = (struct progress){0};
	r->before = old;
}

static void note_progress(struct sst_reader *r)
{
	const struct sst_header *h = &r->next;
	struct progress *p = &r->now;

	if (!same_uuid(p, h))
		change_recording(r);
	p->known = p->exact = true;
	p->ended = h->type == SST_FRAME_END;
	memcpy(p->uuid, h->uuid, SST_UUID_LEN);
	p->number = h->number;
	p->crc = h->crc;
	p->rows_total = h->rows_total;
	if (h->rows > 0 && h->time_max > p->time)
		p->time = h->time_max;
	r->explained = r->end_told = false;
}

/* Is the whole payload behind the header at the input's place? From a pipe only reading tells. Returns 1, 0 or -errno.
 */
static int is_whole(struct sst_reader *r)
{
	return !r->in.seeks || sst_input_has(&r->in, (uint64_t)r->next.length + r->next.payload);
}

/* Step over the header and, where the source cannot seek, read the payload. Returns 1, 0 if it is not whole, or -errno.
 */
static int enter_frame(struct sst_reader *r)
{
	int err = sst_input_skip(&r->in, r->next.length);
	uint8_t *room;
	long n;

	if (err)
		return err;
	*sst_payload_header(r->payload) = r->next;
	r->payload_at = r->in.offset;
	r->has_payload = true;
	r->in_payload = r->in.seeks;
	r->read_payload = !r->in_payload;
	sst_payload_forget(r->payload);
	if (r->in_payload)
		return 1;
	room = sst_payload_room(r->payload, r->next.payload);
	if (!room)
		return -ENOMEM;
	n = sst_input_take(&r->in, room, r->next.payload);
	if (n < 0 || n == (long)r->next.payload)
		return n < 0 ? (int)n : 1;
	r->has_payload = false;
	err = sst_input_give_back(&r->in, sst_payload_release(r->payload), (size_t)n);
	return err;
}

/* Report a frame that is skipped. */
static int skip_frame(struct sst_reader *r, int error)
{
	uint64_t from = r->in.offset, length = (uint64_t)r->next.length + r->next.payload;
	int err = sst_input_skip(&r->in, length);

	r->has_payload = r->explained = false;
	if (err)
		return err == SST_E_CUT ? recover(r, from, true) : err;
	report(r, error, from, r->in.offset, first_time(&r->next));
	r->damage.frame_from = r->damage.frame_to = r->next.number;
	return error;
}

/* Is this frame one that has been read already, or one that should have come before? */
static bool is_repeated(const struct sst_reader *r)
{
	return same_uuid(&r->now, &r->next) && r->now.exact && r->next.number <= r->now.number;
}

static bool is_new_recording_too_early(const struct sst_reader *r)
{
	return r->now.known && !same_uuid(&r->now, &r->next) && !r->now.ended && !r->end_told;
}

static void fill_frame(struct sst_reader *r, uint64_t offset, struct sst_frame *frame)
{
	const struct sst_header *h = &r->next;

	*frame = (struct sst_frame){
		.offset = offset,
		.length = (uint64_t)h->length + h->payload,
		.number = h->number,
		.type = h->type,
		.n_rows = h->rows,
		.time_min = h->time_min,
		.time_max = h->time_max,
		.cut = h->cut,
		.rows_total = h->rows_total,
		.lost_total = h->lost_total,
		.impl = r->payload,
	};
	memcpy(frame->uuid, h->uuid, SST_UUID_LEN);
}

/* r->next stands at the input's place. */
static int take_frame(struct sst_reader *r, struct sst_frame *frame)
{
	uint64_t offset = r->in.offset;
	int whole;

	if (is_new_recording_too_early(r))
		return at_end(r);
	if (is_repeated(r))
		return skip_frame(r, SST_E_MISSING);
	if (!r->explained) {
		report(r, SST_E_MISSING, offset, offset, first_time(&r->next));
		r->explained = true;
		if (name_missing(r))
			return SST_E_MISSING;
	}
	if (r->next_error) {
		note_progress(r);
		return skip_frame(r, r->next_error);
	}
	whole = is_whole(r);
	if (whole > 0)
		whole = enter_frame(r);
	if (whole <= 0)
		return whole < 0 ? whole : recover(r, offset, true);
	note_progress(r);
	fill_frame(r, offset, frame);
	return 1;
}

int sst_reader_next(struct sst_reader *reader, struct sst_frame *frame)
{
	int err = 0, found;

	if (reader->in_payload)
		err = sst_input_skip(&reader->in, sst_payload_header(reader->payload)->payload);
	reader->in_payload = false;
	found = err ? err : look(reader);
	switch (found) {
	case HEADER:
		return take_frame(reader, frame);
	case AT_END:
		return at_end(reader);
	case NO_HEADER:
	case CUT_HEADER:
		return recover(reader, reader->in.offset, found == CUT_HEADER);
	default:
		return found;
	}
}

static int report_frame(struct sst_reader *r, const struct sst_frame *frame, int error)
{
	report(r, error, frame->offset, frame->offset + frame->length, frame->time_max);
	r->damage.time_from = frame->time_min;
	r->damage.frame_from = r->damage.frame_to = frame->number;
	r->damage.rows = frame->n_rows;
	if (frame->n_rows == 0)
		r->damage.time_from = r->damage.time_to = frame->cut;
	return error;
}

int sst_reader_load(struct sst_reader *reader, struct sst_frame *frame)
{
	const struct sst_header *h = sst_payload_header(reader->payload);
	uint8_t *room;
	long n;

	if (!reader->read_payload) {
		if (!reader->in_payload)
			return -EINVAL;
		room = sst_payload_room(reader->payload, h->payload);
		if (!room)
			return -ENOMEM;
		reader->in_payload = false;
		n = sst_input_take(&reader->in, room, h->payload);
		if (n < 0)
			return (int)n;
		if (n < (long)h->payload)
			return report_frame(reader, frame, SST_E_CUT);
		reader->read_payload = true;
	}
	return sst_payload_check(reader->payload) ? 0 : report_frame(reader, frame, SST_E_PAYLOAD);
}

int sst_reader_seek(struct sst_reader *reader, uint64_t offset)
{
	int err = sst_input_seek(&reader->in, offset);

	if (err)
		return err;
	reader->has_payload = reader->in_payload = reader->read_payload = false;
	reader->explained = offset != 0;
	reader->end_told = false;
	reader->headers = reader->again = 0;
	reader->now.exact = reader->before.exact = false;
	if (offset == 0)
		reader->now = reader->before = (struct progress){0};
	return 0;
}

void sst_reader_release(struct sst_reader *reader)
{
	if (reader->read_payload && sst_payload_trim(reader->payload, SST_PAYLOAD_USUAL))
		reader->has_payload = reader->read_payload = false; /* it was right: nothing to look at again */
}

int sst_reader_swap(struct sst_reader *reader, struct sst_frame *frame, struct sst_payload *payload)
{
	if (frame->impl != reader->payload || payload == reader->payload || !sst_payload_is_checked(reader->payload))
		return -EINVAL;
	sst_payload_swap(reader->payload, payload);
	frame->impl = payload;
	reader->has_payload = reader->read_payload = false; /* as after sst_reader_release() */
	return 0;
}

int sst_reader_index(struct sst_reader *reader, struct sst_index *index)
{
	uint64_t back_to = reader->in.offset;
	int found, err;

	*index = (struct sst_index){0};
	if (!reader->in.seeks)
		return 0;
	found = sst_locate(&reader->in, index);
	err = sst_input_seek(&reader->in, back_to);
	return err ? err : found;
}
