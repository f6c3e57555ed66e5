/* test_shapes.c - captures of rows as shapes, strings and words: they come back, whatever they are; what is wrong is
 * refused */
#include "codec.h"
#include "format/column.h"
#include "format/shapes.h"

static void begin(struct codec *s)
{
	sst_rows_clear(s->in);
	assert_int_equal(sst_rows_call(s->in, 1, 262, 4), 0);
	assert_int_equal(sst_rows_call(s->in, 1, 3, 1), 1);
	assert_int_equal(sst_rows_group(s->in, 100, 100, "find", 4), 0);
}

static uint32_t add_row(struct codec *s, uint16_t call)
{
	long row = sst_rows_add(s->in);

	assert_true(row >= 0);
	s->in->call[row] = call;
	s->in->time[row] = 1000 * (uint64_t)row;
	s->in->seq[row] = 1 + (uint64_t)row;
	return (uint32_t)row;
}

static void add(struct codec *s, uint32_t row, unsigned arg, unsigned form, unsigned flags, const void *bytes,
		size_t len)
{
	struct sst_capture c = {.row = row, .arg = (uint8_t)arg, .form = (uint8_t)form, .flags = (uint8_t)flags};

	assert_int_equal(sst_rows_capture(s->in, c, bytes, len), 0);
}

static void add_string(struct codec *s, uint32_t row, const char *text)
{
	add(s, row, 1, SST_FORM_STRING, 0, text, strlen(text));
}

static void expect_stream(const struct codec *s, unsigned id, const char *bytes, size_t len)
{
	assert_int_equal(s->streams[id].len, len);
	if (len > 0)
		assert_memory_equal(s->streams[id].data, bytes, len);
}

/* The example of docs/format.md. */
static void the_example_of_the_specification(void **state)
{
	static const char first[] = "\1\0\0\0\0\0\0\0\5\0\0\0", second[] = "\1\0\0\0\0\0\0\0\6\0\0\0";
	struct codec *s = *state;
	const char *names[] = {"lib", "lib", "", "lib"};

	begin(s);
	for (int i = 0; i < 4; i++) {
		uint32_t row = add_row(s, 0);

		add_string(s, row, names[i]);
		add(s, row, 2, SST_FORM_MEMORY, 2, i < 2 ? first : second, 12);
		add_row(s, 1);
	}
	codec_round_trip(s);
	expect_stream(s, SST_STREAM_CAPTURES, NULL, 0);
	expect_stream(s, SST_STREAM_SHAPES,
		      "\1\2\x09\0\x1a\2"
		      "\2\0\0\0\0\0\0\0",
		      14);
	expect_stream(s, SST_STREAM_STRINGS, "\2\0\2\1", 4);
	expect_stream(s, SST_STREAM_NAMES, "lib\0\0", 5);
	expect_stream(s, SST_STREAM_MEMORY, "\x0e\0\1\0", 4);
	expect_stream(s, SST_STREAM_WORDS, "\0\3", 2);
	expect_stream(s, SST_STREAM_WORDS_REST, NULL, 0);
	expect_stream(s, SST_STREAM_BYTES, first, 12);
}

/* Enough of them for every way to name a string. */
static void strings_come_back(void **state)
{
	struct codec *s = *state;
	struct gen g = gen_new(1);
	char name[300];

	for (int round = 0; round < 20; round++) {
		begin(s);
		for (int i = 0; i < 3000; i++) {
			size_t len = (size_t)snprintf(name, sizeof(name), "/usr/%llu/%0*d",
						      (unsigned long long)gen_below(&g, 1 + 60 * (uint64_t)round),
						      gen_below(&g, 50) ? 1 : 200, 7);

			if (gen_below(&g, 9) == 0)
				name[gen_below(&g, len)] = '\0';
			add(s, add_row(s, gen_below(&g, 2) > 0), 1, SST_FORM_STRING, 0, name,
			    gen_below(&g, 9) ? len : 0);
		}
		codec_round_trip(s);
		assert_null(s->streams[SST_STREAM_TEXT].data);
	}
}

/* Of every length, the same, nearly the same and quite another. */
static void memory_comes_back(void **state)
{
	struct codec *s = *state;
	struct gen g = gen_new(2);
	uint8_t bytes[400] = {0};

	for (size_t len = 0; len < sizeof(bytes); len += len < 140 ? 1 : 37) {
		begin(s);
		for (int i = 0; i < 200; i++) {
			if (gen_below(&g, 2))
				bytes[gen_below(&g, sizeof(bytes))] = (uint8_t)gen_random(&g);
			if (gen_below(&g, 20) == 0)
				memset(bytes, (int)gen_below(&g, 256), sizeof(bytes));
			add(s, add_row(s, gen_below(&g, 2) > 0), (unsigned)gen_below(&g, 3), SST_FORM_MEMORY, 0, bytes,
			    gen_below(&g, 40) || len == 0 ? len : (size_t)gen_below(&g, len));
		}
		codec_round_trip(s);
	}
}

/* More ways than there are shapes, and more captures in a row than a shape has: what is behind stands in the list. */
static void what_shapes_cannot_tell_is_in_the_list(void **state)
{
	struct codec *s = *state;

	begin(s);
	for (unsigned i = 0; i < 600; i++)
		add(s, add_row(s, 0), i % 6, SST_FORM_STRING, i % 256, "text", i % 5);
	codec_round_trip(s);
	assert_non_null(s->streams[SST_STREAM_SHAPES].data);
	assert_non_null(s->streams[SST_STREAM_CAPTURES].data);
	begin(s);
	for (unsigned row = 0; row < 3; row++) {
		add_row(s, 0);
		for (unsigned i = 0; i < (row == 1 ? SHAPE_CAPTURES + 1 : SHAPE_CAPTURES); i++)
			add_string(s, row, "text");
	}
	codec_round_trip(s);
	assert_int_equal(s->streams[SST_STREAM_STRINGS].len, SHAPE_CAPTURES);
}

static void events_have_theirs_too(void **state)
{
	struct codec *s = *state;

	begin(s);
	add_string(s, add_row(s, 0), "lib");
	assert_int_equal(sst_rows_event(s->in, &(struct sst_event){.kind = SST_EVENT_EXEC, .pid = 100, .tid = 100}), 0);
	add(s, SST_CAPTURE_EVENT, SST_CAPTURE_FILE, SST_FORM_STRING, 0, "/bin/find", 9);
	assert_int_equal(sst_rows_open(s->in, (struct sst_open){.what = SST_OPEN_CWD, .pid = 100}, "/home", 5), 0);
	codec_round_trip(s);
	expect_stream(s, SST_STREAM_TEXT, "/bin/find/home", 14);
}

/* One stream is another; the rows of the example must be refused. */
static void expect_refused(struct codec *s, unsigned id, const char *bytes, size_t len, int err)
{
	struct sst_bytes old = s->streams[id];
	uint8_t copy[64 + SST_STREAM_SLACK] = {0};

	assert_true(len <= 64);
	memcpy(copy, bytes, len);
	s->streams[id].data = len > 0 ? copy : NULL;
	s->streams[id].len = len;
	assert_int_equal(codec_decode(s, SST_ALL_COLUMNS), err);
	s->streams[id] = old;
	assert_int_equal(codec_decode(s, SST_ALL_COLUMNS), 0);
}

static void what_is_wrong_is_refused(void **state)
{
	struct codec *s = *state;

	the_example_of_the_specification(state);
	expect_refused(s, SST_STREAM_SHAPES,
		       "\1\2\x09\0\x1a\2"
		       "\3\0\0\0\0\0\0\0",
		       14, SST_E_COLUMN); /* no such shape */
	expect_refused(s, SST_STREAM_SHAPES,
		       "\1\2\x09\0\x1a\2"
		       "\2\0\0\0\0\0\0\0\0",
		       15, SST_E_COLUMN); /* too many rows */
	expect_refused(s, SST_STREAM_SHAPES,
		       "\1\x11\x09\0\x1a\2"
		       "\2\0\0\0\0\0\0\0",
		       14, SST_E_COLUMN); /* too long */
	expect_refused(s, SST_STREAM_SHAPES, "\1\2\x09", 3, SST_E_COLUMN);
	expect_refused(s, SST_STREAM_STRINGS, "\0\0\2\1", 4, SST_E_COLUMN); /* there is none before */
	expect_refused(s, SST_STREAM_STRINGS, "\2\1\2\1", 4, SST_E_COLUMN);
	expect_refused(s, SST_STREAM_STRINGS, "\2\0\2\7", 4, SST_E_COLUMN); /* not yet */
	expect_refused(s, SST_STREAM_STRINGS, "\2\0\2\4\2", 5, SST_E_COLUMN);
	expect_refused(s, SST_STREAM_STRINGS, "\2\0\2\1\1", 5, SST_E_COLUMN); /* a rest of nothing */
	expect_refused(s, SST_STREAM_STRINGS, "\2\0\2", 3, SST_E_COLUMN);
	expect_refused(s, SST_STREAM_NAMES, "lib\0", 4, SST_E_COLUMN);
	expect_refused(s, SST_STREAM_NAMES, "lib\0a", 5, SST_E_COLUMN); /* no end */
	expect_refused(s, SST_STREAM_NAMES, "lib\0\0\0", 6, SST_E_COLUMN);
	expect_refused(s, SST_STREAM_MEMORY, "\x0e\0\1", 3, SST_E_COLUMN);
	expect_refused(s, SST_STREAM_MEMORY, "\x0f\0\1\0", 4, SST_E_COLUMN); /* more bytes than there are */
	expect_refused(s, SST_STREAM_MEMORY, "\x0e\0\0\0", 4, SST_E_COLUMN); /* words of nobody */
	expect_refused(s, SST_STREAM_WORDS, "\0", 1, SST_E_COLUMN);
	expect_refused(s, SST_STREAM_WORDS, "\0\1", 2, SST_E_COLUMN); /* the result's token */
	expect_refused(s, SST_STREAM_BYTES, "", 0, SST_E_COLUMN);
}

/* A few bytes that stand for more text than a frame may have. */
static void text_has_a_limit(void **state)
{
	struct codec *s = *state;
	size_t n = 1000, len = SST_TEXT_MAX / n + 1;
	uint8_t *shapes = calloc(1, 5 + n + SST_STREAM_SLACK), *strings = calloc(1, n + SST_STREAM_SLACK),
		*names = calloc(1, len + 1 + SST_STREAM_SLACK);

	begin(s);
	for (size_t i = 0; i < n; i++)
		add_string(s, add_row(s, 0), "text");
	codec_round_trip(s);
	memcpy(shapes, "\1\1\x09\0\2", 5);
	strings[0] = STRING_NEW;
	memset(names, 'x', len);
	s->streams[SST_STREAM_SHAPES] = (struct sst_bytes){.data = shapes, .len = 4 + n};
	s->streams[SST_STREAM_STRINGS] = (struct sst_bytes){.data = strings, .len = n};
	s->streams[SST_STREAM_NAMES] = (struct sst_bytes){.data = names, .len = len + 1};
	assert_int_equal(codec_decode(s, SST_ALL_COLUMNS), SST_E_LIMIT);
	names[len - 1] = 0;
	s->streams[SST_STREAM_NAMES].len = len;
	assert_int_equal(codec_decode(s, SST_ALL_COLUMNS), 0);
	assert_int_equal(s->out->n_captures, n);
	for (size_t i = 0; i < n; i++) { /* they all have the same bytes */
		assert_int_equal(s->out->captures[i].len, len - 1);
		assert_int_equal(s->out->captures[i].offset, s->out->captures[0].offset);
	}
	free(shapes);
	free(strings);
	free(names);
}

static bool is_two(uint64_t argument)
{
	return argument == 2;
}

/* Rows of openat() with a string, of close() with nothing, and of fcntl() with memory. */
static void add_files(struct codec *s, size_t n, bool twos)
{
	uint64_t noise = 88172645463325252u, lock[4] = {0};
	char name[32];

	begin(s);
	assert_int_equal(sst_rows_call(s->in, 1, 72, 3), 2);
	for (size_t i = 0; i < n; i++) {
		uint16_t call = noise % 32 == 0 ? 0 : noise % 32 < 3 ? 2 : 1;
		uint32_t row = add_row(s, call);

		noise ^= noise << 13;
		noise ^= noise >> 7;
		noise ^= noise << 17;
		if (call == 0) {
			snprintf(name, sizeof(name), "/etc/%u", (unsigned)(noise >> 32) % 300);
			add_string(s, row, name);
		} else if (call == 2) {
			lock[noise % 4] = noise >> 40;
			s->in->arg[1][row] = twos && noise % 50 == 0 ? 2 : 6;
			add(s, row, 2, SST_FORM_MEMORY, 0, lock, sizeof(lock));
		}
	}
}

static void check_captures(const struct codec *s, uint32_t row, bool any)
{
	size_t n, m, a = sst_rows_captures(s->in, row, &n), b = sst_rows_captures(s->out, row, &m);

	assert_int_equal(m, any ? n : 0);
	for (size_t i = 0; i < m; i++) {
		const struct sst_capture *x = &s->in->captures[a + i], *y = &s->out->captures[b + i];

		assert_int_equal(x->len, y->len);
		assert_int_equal(x->arg, y->arg);
		assert_memory_equal(s->in->text + x->offset, s->out->text + y->offset, x->len);
	}
}

/* Which calls are asked for, as they stand in the frame: openat(), and fcntl() by the sieve. */
static void ask(struct codec *s, bool *calls, bool *sieved, bool *text)
{
	assert_int_equal(sst_decode_rows(s->decoder, s->streams, s->in->n, 0, s->out, 0, NULL), 0);
	for (size_t i = 0; i < s->out->n_calls; i++) {
		calls[i] = s->out->calls[i].nr != 3;
		sieved[i] = s->out->calls[i].nr == 72;
		text[i] = s->out->calls[i].nr == 262;
	}
}

/* Strings without looking at memory, if only calls with strings are asked for. */
static void picked_rows_have_their_strings(void **state)
{
	bool calls[SST_CALLS_MAX], sieved[SST_CALLS_MAX], text[SST_CALLS_MAX];
	struct sst_pick pick = {.calls = calls, .sieved = sieved, .sieve = is_two, .text = text, .lean = true};
	struct codec *s = *state;
	size_t n = 0;

	add_files(s, 5000, false);
	codec_encode(s);
	ask(s, calls, sieved, text);
	for (unsigned id = 0; id < SST_STREAM_COUNT; id++)
		if (SST_MEMORY_STREAMS & SST_STREAM_BIT(id)) {
			assert_true(s->streams[id].data || id == SST_STREAM_BYTES || id == SST_STREAM_WORDS_REST);
			s->streams[id] = (struct sst_bytes){0};
		}
	assert_int_equal(sst_decode_rows(s->decoder, s->streams, s->in->n, 0, s->out, SST_ALL_COLUMNS, &pick), 0);
	assert_false(pick.all);
	assert_false(pick.memory);
	for (uint32_t row = 0; row < s->in->n; row++) {
		unsigned call = s->in->call[row];

		check_captures(s, row, call == 0);
		if (call == 0)
			assert_int_equal(pick.rows[n++], row);
	}
	assert_int_equal(pick.n, n);
	s->streams[SST_STREAM_STRINGS].len = 40;
	assert_int_equal(sst_decode_rows(s->decoder, s->streams, s->in->n, 0, s->out, SST_ALL_COLUMNS, &pick),
			 SST_E_COLUMN);
}

/* Memory is said to be needed, and then it is there. */
static void picked_rows_have_their_memory(void **state)
{
	bool calls[SST_CALLS_MAX], sieved[SST_CALLS_MAX], text[SST_CALLS_MAX];
	struct sst_pick pick = {.calls = calls, .sieved = sieved, .sieve = is_two, .lean = true};
	struct codec *s = *state;

	add_files(s, 5000, true);
	codec_encode(s);
	ask(s, calls, sieved, text);
	assert_int_equal(sst_decode_rows(s->decoder, s->streams, s->in->n, 0, s->out, SST_ALL_COLUMNS, &pick),
			 SST_NEEDS_MEMORY);
	pick.lean = false;
	assert_int_equal(sst_decode_rows(s->decoder, s->streams, s->in->n, 0, s->out, SST_ALL_COLUMNS, &pick), 0);
	assert_true(pick.memory);
	assert_true(!pick.all && pick.n > 0);
	for (uint32_t row = 0; row < s->in->n; row++)
		check_captures(s, row, true);
	for (size_t i = 0; i < pick.n; i++)
		assert_int_equal(s->out->arg[1][pick.rows[i]], s->in->arg[1][pick.rows[i]]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_example_of_the_specification, codec_setup, codec_teardown),
		cmocka_unit_test_setup_teardown(strings_come_back, codec_setup, codec_teardown),
		cmocka_unit_test_setup_teardown(memory_comes_back, codec_setup, codec_teardown),
		cmocka_unit_test_setup_teardown(what_shapes_cannot_tell_is_in_the_list, codec_setup, codec_teardown),
		cmocka_unit_test_setup_teardown(events_have_theirs_too, codec_setup, codec_teardown),
		cmocka_unit_test_setup_teardown(what_is_wrong_is_refused, codec_setup, codec_teardown),
		cmocka_unit_test_setup_teardown(text_has_a_limit, codec_setup, codec_teardown),
		cmocka_unit_test_setup_teardown(picked_rows_have_their_strings, codec_setup, codec_teardown),
		cmocka_unit_test_setup_teardown(picked_rows_have_their_memory, codec_setup, codec_teardown),
	};

	return cmocka_run_group_tests_name("shapes", tests, NULL, NULL);
}
