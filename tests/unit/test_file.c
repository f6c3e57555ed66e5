/* Whole files through writer and reader: every frame comes back, and whatever happens to the bytes is noticed and
 * named. */
#include "format/crc32c.h"
#include "format/frame.h"
#include "format/reader.h"
#include "gen_rows.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>
#include <zstd.h>

#define FRAMES_MAX 64

/* A file in memory. limit: bytes a read gives at most, 0 for all; a pipe has neither seek nor size. */
struct file {
	uint8_t *data;
	size_t len, cap, at;
	size_t limit;
	bool pipe;
	size_t frames[FRAMES_MAX]; /* where each begins */
	size_t n_frames;
};

static int append(void *context, const void *data, size_t len)
{
	struct file *f = context;

	if (f->len + len > f->cap) {
		f->cap = 2 * (f->len + len);
		f->data = realloc(f->data, f->cap);
	}
	assert_true(f->n_frames < FRAMES_MAX);
	f->frames[f->n_frames++] = f->len;
	memcpy(f->data + f->len, data, len);
	f->len += len;
	return 0;
}

static long file_read(void *context, void *data, size_t len)
{
	struct file *f = context;
	size_t left = f->at < f->len ? f->len - f->at : 0;

	len = len < left ? len : left;
	len = f->limit && len > f->limit ? f->limit : len;
	memcpy(data, f->data + f->at, len);
	f->at += len;
	return (long)len;
}

static int file_seek(void *context, uint64_t offset)
{
	((struct file *)context)->at = (size_t)offset;
	return 0;
}

static int64_t file_size(void *context)
{
	return (int64_t)((struct file *)context)->len;
}

static struct sst_reader *open_file(struct file *f)
{
	struct sst_source source = {.read = file_read, .context = f};

	f->at = 0;
	if (!f->pipe) {
		source.seek = file_seek;
		source.size = file_size;
	}
	return sst_reader_new(&source);
}

static void write_file(struct file *f, uint8_t id, unsigned frames, size_t rows_each)
{
	struct sst_sink sink = {.write = append, .context = f};
	uint8_t uuid[16] = {id};
	struct sst_writer *w = sst_writer_new(&sink, uuid, 1);
	struct sst_rows *rows = sst_rows_new();
	struct sst_meta meta = {0};
	struct gen g = gen_new(id);

	f->n_frames = 0;
	f->len = 0;
	assert_int_equal(sst_meta_set(&meta, "recorder", "test 1"), 0);
	assert_int_equal(sst_writer_meta(w, &meta), 0);
	for (unsigned i = 0; i < frames; i++) {
		gen_realistic(&g, rows, rows_each, 2);
		assert_int_equal(sst_writer_rows(w, rows, i % 4 == 3 ? SST_FRAME_LATE : SST_FRAME_ROWS, g.now), 0);
	}
	assert_int_equal(sst_writer_end(w, &meta), 0);
	assert_int_equal(sst_writer_totals(w)->frames, frames + 2);
	assert_int_equal(sst_writer_totals(w)->bytes, f->len);
	sst_meta_clear(&meta);
	sst_rows_free(rows);
	sst_writer_free(w);
}

/* What a reader says of a file, as text: "M R R L E" and the errors between. */
struct story {
	char text[2000];
	unsigned errors, frames;
	struct sst_damage damage;  /* the first */
	uint64_t sums[FRAMES_MAX]; /* of all rows of each frame, by number */
};

static void tell(struct story *s, const char *word)
{
	if (s->text[0])
		strncat(s->text, " ", sizeof(s->text) - strlen(s->text) - 1);
	strncat(s->text, word, sizeof(s->text) - strlen(s->text) - 1);
}

static void tell_error(struct story *s, int error, const struct sst_reader *r)
{
#define X(name, text)                                                                                                  \
	if (error == name)                                                                                             \
		tell(s, &#name[6]);
	SST_ERROR_LIST(X)
#undef X
	assert_true(error < SST_E_BASE + 1 + 9 && error >= SST_E_BASE);
	if (s->errors++ == 0)
		s->damage = *sst_reader_damage(r);
	assert_int_equal(sst_reader_damage(r)->error, error);
}

static uint64_t sum(const struct sst_rows *rows)
{
	uint64_t h = rows->n;

	for (size_t i = 0; i < rows->n; i++) {
		h = h * 31 + rows->time[i] * 3 + rows->duration[i] * 5 + rows->ret[i] * 7 + rows->seq[i] * 11 +
		    rows->call[i];
		for (int k = 0; k < SST_ARGS; k++)
			h = h * 31 + rows->arg[k][i];
	}
	return h;
}

static void read_frame(struct story *s, struct sst_reader *r, struct sst_frame *frame, struct sst_rows *rows)
{
	static const char *const letters[] = {"?", "M", "R", "L", "E"};
	int err = sst_reader_load(r, frame);
	struct sst_meta meta = {0};

	if (err) {
		tell_error(s, err, r);
		return;
	}
	s->frames++;
	tell(s, frame->type <= SST_FRAME_END ? letters[frame->type] : "unknown");
	if (frame->type == SST_FRAME_META || frame->type == SST_FRAME_END) {
		assert_int_equal(sst_frame_meta(frame, &meta), 0);
		assert_string_equal(sst_meta_get(&meta, "recorder"), "test 1");
		sst_meta_clear(&meta);
	} else if (frame->type <= SST_FRAME_END) {
		assert_int_equal(sst_frame_rows(frame, rows, SST_ALL_COLUMNS), 0);
		assert_int_equal(rows->n, frame->n_rows);
		if (frame->number < FRAMES_MAX)
			s->sums[frame->number] = sum(rows);
	}
}

static struct story read_file(struct file *f, bool load)
{
	struct sst_reader *r = open_file(f);
	struct sst_rows *rows = sst_rows_new();
	struct story s = {0};
	struct sst_frame frame;
	int got;

	while ((got = sst_reader_next(r, &frame)) != 0) {
		assert_true(s.errors + s.frames < 2 * FRAMES_MAX);
		if (got < 0) {
			tell_error(&s, got, r);
		} else if (load) {
			read_frame(&s, r, &frame, rows);
		} else {
			s.frames++;
			tell(&s, "f");
		}
	}
	assert_int_equal(sst_reader_next(r, &frame), 0);
	sst_rows_free(rows);
	sst_reader_free(r);
	return s;
}

static int set_up(void **state)
{
	*state = calloc(1, sizeof(struct file));
	return 0;
}

static int tear_down(void **state)
{
	struct file *f = *state;

	free(f->data);
	free(f);
	return 0;
}

static void splice(struct file *f, size_t at, size_t remove, const void *insert, size_t len)
{
	size_t tail = f->len - at - remove;
	uint8_t *copy = malloc(tail + len + 1);

	memcpy(copy, insert, len);
	memcpy(copy + len, f->data + at + remove, tail);
	if (at + len + tail > f->cap) {
		f->cap = at + len + tail;
		f->data = realloc(f->data, f->cap);
	}
	memcpy(f->data + at, copy, len + tail);
	f->len = at + len + tail;
	free(copy);
}

#define FOR_EACH_WAY(f)                                                                                                \
	for (unsigned way = 0; way < 3; way++)                                                                         \
		if ((f)->pipe = way > 0, (f)->limit = way == 2 ? 7 : 0, true)

static void a_whole_file(void **state)
{
	struct file *f = *state;

	write_file(f, 1, 6, 500);
	FOR_EACH_WAY(f)
	{
		struct story s = read_file(f, true);

		assert_string_equal(s.text, "M R R R L R R E");
		s = read_file(f, false);
		assert_string_equal(s.text, "f f f f f f f f");
	}
}

static void headers_say_what_is_in_the_frame(void **state)
{
	struct file *f = *state;
	struct sst_rows *rows = sst_rows_new();
	struct sst_frame frame;
	struct sst_reader *r;
	uint64_t total = 0, lost = 0;

	write_file(f, 2, 8, 300);
	r = open_file(f);
	for (unsigned i = 0; i < 10; i++) {
		assert_int_equal(sst_reader_next(r, &frame), 1);
		assert_int_equal(frame.number, i);
		assert_int_equal(frame.offset, f->frames[i]);
		assert_int_equal(frame.uuid[0], 2);
		assert_int_equal(sst_reader_load(r, &frame), 0);
		if (frame.type == SST_FRAME_META || frame.type == SST_FRAME_END) {
			assert_true(frame.time_min > frame.time_max);
			assert_int_equal(sst_frame_rows(&frame, rows, SST_ALL_COLUMNS), -EINVAL);
			continue;
		}
		assert_int_equal(sst_frame_rows(&frame, rows, SST_ALL_COLUMNS), 0);
		for (size_t k = 0; k < rows->n; k++)
			assert_in_range(rows->time[k], frame.time_min, frame.time_max);
		for (size_t k = 0; k < rows->n_gaps; k++)
			lost += rows->gaps[k].count;
		total += frame.type == SST_FRAME_ROWS ? rows->n : 0;
		assert_int_equal(frame.rows_total, total);
		assert_int_equal(frame.lost_total, lost);
	}
	sst_reader_free(r);
	sst_rows_free(rows);
}

static void the_end_has_the_totals(void **state)
{
	struct file *f = *state;
	struct sst_rows *rows = sst_rows_new();
	struct sst_sink sink = {.write = append, .context = f};
	struct sst_writer *w = sst_writer_new(&sink, (const uint8_t[16]){3}, 1);
	struct sst_meta meta = {0}, back = {0};
	struct sst_frame frame;
	struct sst_reader *r;

	f->len = f->n_frames = 0;
	assert_int_equal(sst_meta_set(&meta, "reason", "signal"), 0);
	assert_int_equal(sst_rows_gap(rows, &(struct sst_gap){.count = 41, .cause = SST_CAUSE_RING_FULL}), 0);
	assert_int_equal(sst_rows_gap(rows, &(struct sst_gap){.count = 1, .cause = 200}), 0);
	assert_int_equal(sst_writer_rows(w, rows, SST_FRAME_ROWS, 5), 0);
	assert_int_equal(sst_writer_end(w, &meta), 0);
	r = open_file(f);
	assert_int_equal(sst_reader_next(r, &frame), 1);
	assert_int_equal(frame.cut, 5);
	assert_int_equal(sst_reader_next(r, &frame), 1);
	assert_int_equal(frame.type, SST_FRAME_END);
	assert_int_equal(frame.lost_total, 42);
	assert_int_equal(sst_reader_load(r, &frame), 0);
	assert_int_equal(sst_frame_meta(&frame, &back), 0);
	assert_string_equal(sst_meta_get(&back, "reason"), "signal");
	assert_int_equal(sst_meta_u64(&back, "rows", 99), 0);
	assert_int_equal(sst_meta_u64(&back, "lost", 0), 42);
	assert_int_equal(sst_meta_u64(&back, "lost.ring-full", 0), 41);
	assert_int_equal(sst_meta_u64(&back, "lost.unknown", 0), 1);
	assert_null(sst_meta_get(&back, "lost.skipped"));
	assert_int_equal(sst_reader_next(r, &frame), 0);
	sst_reader_free(r);
	sst_writer_free(w);
	sst_rows_free(rows);
	sst_meta_clear(&meta);
	sst_meta_clear(&back);
}

/* Of a file cut anywhere, exactly the whole frames come, as they were. */
static void every_cut(void **state)
{
	struct file *f = *state;
	size_t whole_len;
	struct story whole;

	write_file(f, 4, 4, 60);
	f->pipe = false;
	whole = read_file(f, true);
	whole_len = f->len;
	FOR_EACH_WAY(f)
	{
		for (f->len = 0; f->len < whole_len; f->len++) {
			struct story s = read_file(f, true);
			unsigned frames = 0;

			while (frames < f->n_frames &&
			       (frames + 1 < f->n_frames ? f->frames[frames + 1] : whole_len) <= f->len)
				frames++;
			assert_int_equal(s.frames, frames);
			assert_int_equal(s.errors, 1);
			for (unsigned i = 0; i < frames; i++)
				assert_int_equal(s.sums[i], whole.sums[i]);
			assert_int_equal(s.damage.error,
					 frames > 0 && f->len == f->frames[frames] ? SST_E_NO_END : SST_E_CUT);
			assert_int_equal(s.damage.offset, f->frames[frames]);
			assert_int_equal(s.damage.length, f->len - f->frames[frames]);
		}
	}
}

/* Every bit of a file: damage is always noticed, costs one frame at most, and no row is wrong. */
static void every_flip(void **state)
{
	struct file *f = *state;
	struct story whole;

	write_file(f, 5, 4, 60);
	f->pipe = false;
	whole = read_file(f, true);
	FOR_EACH_WAY(f)
	{
		for (size_t bit = way; bit < 8 * f->len; bit += way == 0 ? 1 : 5) {
			struct story s;

			f->data[bit / 8] ^= (uint8_t)(1 << bit % 8);
			s = read_file(f, true);
			f->data[bit / 8] ^= (uint8_t)(1 << bit % 8);
			assert_true(s.errors >= 1);
			assert_true(s.frames >= whole.frames - 1);
			for (unsigned i = 0; i < FRAMES_MAX; i++)
				if (s.sums[i])
					assert_int_equal(s.sums[i], whole.sums[i]);
		}
	}
}

static void damage_is_named(void **state)
{
	struct file *f = *state;
	size_t third;
	struct story s;

	write_file(f, 6, 5, 200);
	third = f->frames[3];
	FOR_EACH_WAY(f)
	{
		f->data[third + 20] ^= 1; /* its uuid */
		s = read_file(f, true);
		f->data[third + 20] ^= 1;
		assert_string_equal(s.text, "M R R HEADER L R E");
		assert_int_equal(s.damage.offset, third);
		assert_int_equal(s.damage.length, f->frames[4] - third);
		assert_int_equal(s.damage.frame_from, 3);
		assert_int_equal(s.damage.frame_to, 3);
		assert_int_equal(s.damage.rows, 200);
		assert_true(s.damage.time_from > 0 && s.damage.time_to >= s.damage.time_from);

		f->data[f->frames[4] - 1] ^= 1; /* its last byte */
		s = read_file(f, true);
		f->data[f->frames[4] - 1] ^= 1;
		assert_string_equal(s.text, "M R R PAYLOAD L R E");
		assert_int_equal(s.damage.offset, third);
		assert_int_equal(s.damage.length, f->frames[4] - third);
		assert_int_equal(s.damage.frame_from, 3);
		assert_int_equal(s.damage.frame_to, 3);
		assert_int_equal(s.damage.rows, 200);
	}
}

static void frames_taken_out(void **state)
{
	struct file *f = *state;
	struct story s;

	FOR_EACH_WAY(f)
	{
		write_file(f, 7, 5, 200);
		splice(f, f->frames[2], f->frames[4] - f->frames[2], "", 0);
		s = read_file(f, true);
		assert_string_equal(s.text, "M R MISSING L R E");
		assert_int_equal(s.damage.frame_from, 2);
		assert_int_equal(s.damage.frame_to, 3);
		assert_int_equal(s.damage.rows, 400);
		assert_int_equal(s.damage.length, 0);
		splice(f, 0, f->frames[1], "", 0);
		s = read_file(f, true);
		assert_string_equal(s.text, "MISSING R MISSING L R E");
		assert_int_equal(s.damage.frame_from, 0);
		assert_int_equal(s.damage.frame_to, 0);
	}
}

static void frames_put_in_or_turned_round(void **state)
{
	struct file *f = *state;
	struct story s;

	FOR_EACH_WAY(f)
	{
		uint8_t *copy;
		size_t len;

		write_file(f, 8, 5, 200);
		len = f->frames[3] - f->frames[2];
		copy = malloc(len);
		memcpy(copy, f->data + f->frames[2], len);
		splice(f, f->frames[3], 0, copy, len);
		s = read_file(f, true);
		assert_string_equal(s.text, "M R R MISSING R L R E");
		assert_int_equal(s.damage.frame_from, 2);
		assert_int_equal(s.damage.length, len);
		splice(f, f->frames[2], len, "", 0); /* 2 3 4 5: the copy is the only one now */
		s = read_file(f, true);
		assert_string_equal(s.text, "M R R R L R E");
		splice(f, f->frames[2], len, "", 0);
		splice(f, f->frames[2] + f->frames[4] - f->frames[3], 0, copy, len); /* behind 3 */
		s = read_file(f, true);
		assert_string_equal(s.text, "M R MISSING R MISSING L R E");
		free(copy);
	}
}

static void bytes_taken_out_or_put_in(void **state)
{
	struct file *f = *state;
	struct story s;

	FOR_EACH_WAY(f)
	{
		for (unsigned load = 0; load < 2; load++) {
			write_file(f, 9, 5, 200);
			splice(f, f->frames[3] - 10, 5, "", 0);
			s = read_file(f, load);
			assert_string_equal(s.text, load ? "M R PAYLOAD HEADER R L R E" : "f f f HEADER f f f f");
			write_file(f, 9, 5, 200);
			splice(f, f->frames[3], 0, "hello, here is something else", 29);
			s = read_file(f, load);
			assert_string_equal(s.text, load ? "M R R HEADER R L R E" : "f f f HEADER f f f f");
			assert_int_equal(s.damage.offset, f->frames[3]);
			assert_int_equal(s.damage.length, 29);
			assert_true(s.damage.frame_from > s.damage.frame_to);
			write_file(f, 9, 5, 200);
			splice(f, f->len, 0, "the end is not the end", 22);
			s = read_file(f, load);
			assert_string_equal(s.text, load ? "M R R R L R E HEADER" : "f f f f f f f HEADER");
			/* all of a payload gone: its header is followed by the next */
			write_file(f, 9, 5, 200);
			{
				size_t header = sst_header_length(f->data + f->frames[2]);

				splice(f, f->frames[2] + header, f->frames[3] - f->frames[2] - header, "", 0);
			}
			s = read_file(f, load);
			assert_int_equal(s.frames, load ? 6 : 7);
		}
	}
}

static void files_one_behind_the_other(void **state)
{
	struct file *f = *state, other = {0};

	write_file(&other, 11, 2, 100);
	FOR_EACH_WAY(f)
	{
		struct story s;

		write_file(f, 10, 2, 100);
		splice(f, f->len, 0, other.data, other.len);
		s = read_file(f, true);
		assert_string_equal(s.text, "M R R E M R R E");
		write_file(f, 10, 2, 100);
		splice(f, f->frames[3], f->len - f->frames[3], other.data, other.len);
		s = read_file(f, true);
		assert_string_equal(s.text, "M R R NO_END M R R E");
		write_file(f, 10, 2, 100);
		splice(f, f->frames[3] - 4, f->len - f->frames[3] + 4, other.data, other.len);
		s = read_file(f, true);
		assert_string_equal(s.text, f->pipe ? "M R PAYLOAD HEADER NO_END M R R E"
						    : "M R PAYLOAD HEADER NO_END M R R E");
		/* the second without its beginning */
		write_file(f, 10, 2, 100);
		splice(f, f->len, 0, other.data + other.frames[1], other.len - other.frames[1]);
		s = read_file(f, true);
		assert_string_equal(s.text, "M R R E MISSING R R E");
	}
	free(other.data);
}

/* A traced program may have written an .sst file: frames inside damaged bytes are not ours because they are whole. */
static void strangers_within_damage(void **state)
{
	struct file *f = *state, other = {0};

	write_file(&other, 13, 2, 100);
	FOR_EACH_WAY(f)
	{
		struct story s;

		write_file(f, 12, 4, 100);
		f->data[f->frames[2]] ^= 0xff;
		splice(f, f->frames[2] + 50, 0, other.data + other.frames[1], other.len - other.frames[1]);
		s = read_file(f, true);
		assert_string_equal(s.text, "M R HEADER R L E");
		write_file(f, 12, 4, 100);
		f->data[f->frames[2]] ^= 0xff;
		splice(f, f->frames[2] + 50, 0, other.data, other.frames[3]);
		s = read_file(f, true);
		assert_string_equal(s.text, "M R HEADER NO_END M R R HEADER NO_END R L E");
	}
	free(other.data);
}

static void something_else(void **state)
{
	struct file *f = *state;

	FOR_EACH_WAY(f)
	{
		struct story s;

		f->len = f->n_frames = 0;
		append(f, "time\tpid\ttid\tcomm\n", 18);
		s = read_file(f, true);
		assert_string_equal(s.text, "NOT_SST");
		f->len = 0;
		s = read_file(f, true);
		assert_string_equal(s.text, "CUT");
	}
}

/* Change a field of a frame's header and make its checksum right again. */
static void forge(struct file *f, unsigned frame, struct sst_header *h)
{
	size_t at = f->frames[frame], next = f->frames[frame + 1];
	uint32_t old = sst_header_length(f->data + at);
	uint8_t header[SST_HEADER_WRITE_MAX];
	size_t len = next - at;

	sst_header_put(h, header);
	splice(f, at, old, header, h->length);
	assert_true(len > old);
}

static struct sst_header header_of(const struct file *f, unsigned frame)
{
	const uint8_t *p = f->data + f->frames[frame];
	struct sst_header h;

	assert_int_equal(sst_header_get(&h, p, sst_header_length(p)), 0);
	return h;
}

static void frames_of_the_future(void **state)
{
	struct file *f = *state;
	struct sst_header h;
	struct story s;

	FOR_EACH_WAY(f)
	{
		write_file(f, 14, 3, 100);
		write_file(f, 14, 3, 100);
		h = header_of(f, 3);
		h.type = SST_ANCILLARY | 77;
		forge(f, 3, &h);
		s = read_file(f, true);
		assert_string_equal(s.text, "M R R unknown MISSING E"); /* the next one's chain names the old header */
		write_file(f, 14, 3, 100);
		h = header_of(f, 3);
		h.type = 77;
		forge(f, 3, &h);
		s = read_file(f, true);
		assert_string_equal(s.text, "M R R NEWER MISSING E");
		assert_int_equal(s.damage.frame_from, 3);
		write_file(f, 14, 3, 100);
		h = header_of(f, 3);
		h.version = SST_FORMAT_VERSION + 1;
		forge(f, 3, &h);
		s = read_file(f, true);
		assert_string_equal(s.text, "M R R NEWER MISSING E");
		write_file(f, 14, 3, 100);
		h = header_of(f, 3);
		h.payload = UINT32_MAX;
		forge(f, 3, &h);
		s = read_file(f, false);
		assert_string_equal(s.text, f->pipe ? "f f f CUT" : "f f f HEADER f");
	}
}

/* A header of frame 2 with one more part behind its payload: a stream with this id and encoding 5. */
static struct sst_header add_stream(struct file *f, uint32_t id)
{
	static const char text[] = "something of the future";
	struct sst_header h = header_of(f, 2);
	uint8_t packed[200], *payload = f->data + f->frames[2] + h.length;
	size_t len = ZSTD_compress(packed, sizeof(packed), text, sizeof(text), 1);

	splice(f, f->frames[3], 0, packed, len);
	payload = f->data + f->frames[2] + h.length;
	for (unsigned i = 3; i < f->n_frames; i++)
		f->frames[i] += len;
	h.streams[h.n_streams++] =
		(struct sst_stream){.id = id, .encoding = 5, .part = (uint8_t)h.n_parts, .len = sizeof(text)};
	h.parts[h.n_parts++] = (struct sst_part){.packed = (uint32_t)len, .raw = sizeof(text)};
	h.payload += (uint32_t)len;
	h.payload_crc = sst_crc32c(0, payload, h.payload);
	return h;
}

static void streams_and_extensions_of_the_future(void **state)
{
	struct file *f = *state;
	struct sst_header h;
	struct story whole, s;

	FOR_EACH_WAY(f)
	{
		write_file(f, 17, 3, 100);
		whole = read_file(f, true);
		h = add_stream(f, 60); /* ancillary: the rows are what they were */
		forge(f, 2, &h);
		s = read_file(f, true);
		assert_string_equal(s.text, "M R R MISSING R E");
		assert_int_equal(s.sums[2], whole.sums[2]);
		assert_true(s.sums[2] != 0);
		for (uint32_t id = 29; id <= 33; id += 4) { /* critical */
			write_file(f, 17, 3, 100);
			h = add_stream(f, id);
			forge(f, 2, &h);
			s = read_file(f, true);
			assert_string_equal(s.text, "M R NEWER MISSING R E");
			assert_int_equal(s.damage.frame_from, 2);
		}
		for (uint8_t id = 100; id <= 101; id++) {
			write_file(f, 17, 3, 100);
			h = header_of(f, 2);
			h.extensions[h.n_extensions++] = (struct sst_extension){.id = id, .len = 20};
			forge(f, 2, &h);
			s = read_file(f, true);
			assert_string_equal(s.text, id % 2 ? "M R NEWER MISSING R E" : "M R R MISSING R E");
			assert_int_equal(s.sums[2], id % 2 ? 0 : whole.sums[2]);
		}
	}
}

/* An encoding that nobody knows yet, of a stream that is needed: not damage. */
static void encodings_of_the_future(void **state)
{
	struct file *f = *state;
	struct sst_rows *rows = sst_rows_new();
	struct sst_header h;
	struct sst_frame frame;
	struct sst_reader *r;

	write_file(f, 18, 3, 100);
	f->pipe = false;
	h = header_of(f, 2);
	for (unsigned i = 0; i < h.n_streams; i++) {
		write_file(f, 18, 3, 100);
		h = header_of(f, 2);
		h.streams[i].encoding = 7;
		forge(f, 2, &h);
		r = open_file(f);
		for (unsigned k = 0; k <= 2; k++)
			assert_int_equal(sst_reader_next(r, &frame), 1);
		assert_int_equal(sst_reader_load(r, &frame), 0);
		assert_int_equal(sst_frame_rows(&frame, rows, SST_ALL_COLUMNS), SST_E_NEWER);
		if (h.streams[i].id == SST_STREAM_CPU) /* which is not asked for */
			assert_int_equal(sst_frame_rows(&frame, rows, SST_COL_TIME), 0);
		sst_reader_free(r);
	}
	sst_rows_free(rows);
}

static void seeking(void **state)
{
	struct file *f = *state;
	struct sst_frame frame, third;
	struct sst_reader *r;

	write_file(f, 15, 6, 100);
	f->pipe = false;
	r = open_file(f);
	for (int i = 0; i < 4; i++)
		assert_int_equal(sst_reader_next(r, &third), 1);
	while (sst_reader_next(r, &frame) > 0)
		;
	assert_int_equal(sst_reader_seek(r, third.offset), 0);
	assert_int_equal(sst_reader_next(r, &frame), 1);
	assert_int_equal(frame.number, 3);
	assert_int_equal(sst_reader_load(r, &frame), 0);
	assert_int_equal(sst_reader_next(r, &frame), 1);
	assert_int_equal(frame.number, 4);
	assert_int_equal(sst_reader_seek(r, 0), 0);
	assert_int_equal(sst_reader_next(r, &frame), 1);
	assert_int_equal(frame.number, 0);
	sst_reader_free(r);
	f->pipe = true;
	r = open_file(f);
	assert_int_equal(sst_reader_seek(r, 0), -ESPIPE);
	sst_reader_free(r);
}

/* tail -f: the end is not the end, and a frame that was cut is there later. */
static void a_growing_file(void **state)
{
	struct file *f = *state;
	struct sst_frame frame;
	struct sst_reader *r;
	size_t len;

	write_file(f, 16, 3, 100);
	f->pipe = false;
	len = f->len;
	f->len = f->frames[2];
	r = open_file(f);
	assert_int_equal(sst_reader_next(r, &frame), 1);
	assert_int_equal(sst_reader_next(r, &frame), 1);
	assert_int_equal(sst_reader_next(r, &frame), SST_E_NO_END);
	assert_int_equal(sst_reader_next(r, &frame), 0);
	f->len = f->frames[3] - 1;
	assert_int_equal(sst_reader_next(r, &frame), SST_E_CUT);
	f->len = len;
	assert_int_equal(sst_reader_seek(r, sst_reader_damage(r)->offset), 0);
	assert_int_equal(sst_reader_next(r, &frame), 1);
	assert_int_equal(frame.number, 2);
	assert_int_equal(sst_reader_next(r, &frame), 1);
	assert_int_equal(sst_reader_next(r, &frame), 1);
	assert_int_equal(frame.type, SST_FRAME_END);
	assert_int_equal(sst_reader_next(r, &frame), 0);
	sst_reader_free(r);
}

static int full(void *context, const void *data, size_t len)
{
	(void)data;
	(void)len;
	return ++*(int *)context > 2 ? -ENOSPC : 0;
}

static void a_full_disk(void **state)
{
	int calls = 0;
	struct sst_sink sink = {.write = full, .context = &calls};
	struct sst_writer *w = sst_writer_new(&sink, (const uint8_t[16]){0}, 1);
	struct sst_rows *rows = sst_rows_new();
	struct sst_meta meta = {0};

	(void)state;
	assert_int_equal(sst_writer_meta(w, &meta), 0);
	assert_int_equal(sst_writer_rows(w, rows, SST_FRAME_ROWS, 1), 0);
	assert_int_equal(sst_writer_rows(w, rows, SST_FRAME_ROWS, 2), -ENOSPC);
	assert_int_equal(sst_writer_rows(w, rows, SST_FRAME_ROWS, 3), -ENOSPC);
	assert_int_equal(sst_writer_end(w, &meta), -ENOSPC);
	assert_int_equal(calls, 3);
	assert_int_equal(sst_writer_totals(w)->frames, 2);
	sst_rows_free(rows);
	sst_writer_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_file),
		cmocka_unit_test(headers_say_what_is_in_the_frame),
		cmocka_unit_test(the_end_has_the_totals),
		cmocka_unit_test(every_cut),
		cmocka_unit_test(every_flip),
		cmocka_unit_test(damage_is_named),
		cmocka_unit_test(frames_taken_out),
		cmocka_unit_test(frames_put_in_or_turned_round),
		cmocka_unit_test(bytes_taken_out_or_put_in),
		cmocka_unit_test(files_one_behind_the_other),
		cmocka_unit_test(strangers_within_damage),
		cmocka_unit_test(something_else),
		cmocka_unit_test(frames_of_the_future),
		cmocka_unit_test(streams_and_extensions_of_the_future),
		cmocka_unit_test(encodings_of_the_future),
		cmocka_unit_test(seeking),
		cmocka_unit_test(a_growing_file),
		cmocka_unit_test(a_full_disk),
	};

	return cmocka_run_group_tests_name("file", tests, set_up, tear_down);
}
