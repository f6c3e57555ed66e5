/*
 * test_file_future.c - files as later versions may write them, whose frames, streams, extensions and encodings nobody
 * knows yet: what is ancillary is passed over, what is critical is said.
 */
#include "format/crc32c.h"
#include "format/frame.h"
#include "files.h"

#include <zstd.h>

/* Change a field of a frame's header and make its checksum right again. */
static void forge(struct file *f, unsigned frame, struct sst_header *h)
{
	size_t at = f->frames[frame], next = f->frames[frame + 1];
	uint32_t old = sst_header_length(f->memory.data + at);
	uint8_t header[SST_HEADER_WRITE_MAX];
	size_t len = next - at;

	sst_header_put(h, header);
	splice(f, at, old, header, h->length);
	assert_true(len > old);
}

static struct sst_header header_of(const struct file *f, unsigned frame)
{
	const uint8_t *p = f->memory.data + f->frames[frame];
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
	uint8_t packed[200], *payload = f->memory.data + f->frames[2] + h.length;
	size_t len = ZSTD_compress(packed, sizeof(packed), text, sizeof(text), 1);

	splice(f, f->frames[3], 0, packed, len);
	payload = f->memory.data + f->frames[2] + h.length;
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_of_the_future),
		cmocka_unit_test(streams_and_extensions_of_the_future),
		cmocka_unit_test(encodings_of_the_future),
	};

	return cmocka_run_group_tests_name("file_future", tests, files_setup, files_teardown);
}
