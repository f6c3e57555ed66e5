#include "bytes.h"
#include "column.h"
#include "list.h"
#include "pick.h"
#include "shapes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NONE UINT32_MAX

/* Bytes of text at most: of each capture, and the zero bytes behind new strings. */
#define TEXT_ROOM ((size_t)SST_TEXT_MAX + SST_CAPTURES_MAX)

struct shape {
	const uint8_t *what; /* what and flags of each */
	unsigned n, n_strings;
};

struct string {
	uint32_t offset, len; /* in names */
	uint32_t next;
};

/* Where the bytes of the last memory of an argument are in text, and how many. */
struct memory {
	uint32_t offset, len;
};

/* Memory that is told by words. */
struct piece {
	uint32_t offset, before, len; /* in text */
};

/* A row whose strings are wanted. */
struct asked {
	const struct shape *shape;
	uint32_t row, strings; /* tokens of strings before its own */
};

struct sst_unshaper {
	struct shape shapes[SHAPES_MAX + 1];
	unsigned n_shapes;
	size_t n_strings, n_memories; /* that the shapes of all rows ask for */
	uint8_t of_call[SST_CALLS_MAX];
	struct memory of_argument[SST_CALLS_MAX][SHAPE_ARG_MASK + 1];
	struct string *strings;
	struct piece *pieces;
	size_t cap_strings, cap_pieces, n_known, n_pieces, n_words;
	uint32_t longest;                 /* of pieces */
	struct sst_cursor string, memory; /* rests */
	const uint8_t *string_token, *memory_token;
	struct sst_cursor names, bytes;
	const uint8_t *first_name;
	uint32_t last, before;
	/* Where the next memory is in text: behind names, all of which stand there as they are, bytes, and words. */
	uint32_t names_at, bytes_at, words_at;
	size_t text;                    /* bytes of all captures so far, those of the list too */
	uint64_t counts[SST_CALLS_MAX]; /* of the shape of a call: strings, and above that all captures */
	struct asked *asked;
	size_t cap_asked, n_asked;
};

void sst_unshaper_free(struct sst_unshaper *unshaper)
{
	if (!unshaper)
		return;
	free(unshaper->strings);
	free(unshaper->pieces);
	free(unshaper->asked);
	free(unshaper);
}

size_t sst_shapes_memory(const size_t lens[SST_STREAM_COUNT])
{
	size_t strings = lens[SST_STREAM_STRINGS], memory = lens[SST_STREAM_MEMORY];
	size_t captures = strings + memory < SST_CAPTURES_MAX ? strings + memory : SST_CAPTURES_MAX;
	size_t text = lens[SST_STREAM_NAMES] + lens[SST_STREAM_BYTES] + 8 * lens[SST_STREAM_WORDS];

	return sizeof(struct sst_unshaper) + SST_PICK_MAX * sizeof(struct asked) +
	       captures * sizeof(struct sst_capture) + (text < TEXT_ROOM ? text : TEXT_ROOM) +
	       (strings < captures ? strings : captures) * sizeof(struct string) +
	       (memory < captures ? memory : captures) * sizeof(struct piece);
}

/* --- shapes */

static int read_shape(struct sst_cursor *c, struct shape *shape)
{
	shape->n = (unsigned)sst_take_max(c, SHAPE_CAPTURES);
	shape->what = sst_take(c, 2 * shape->n);
	shape->n_strings = 0;
	for (unsigned i = 0; shape->what && i < shape->n; i++)
		shape->n_strings += shape->what[2 * i] >> SHAPE_FORM_SHIFT == SST_FORM_STRING;
	return c->bad ? SST_E_COLUMN : 0;
}

/* The list; what is left of the stream are tokens. */
static int read_shapes(struct sst_unshaper *u, struct sst_cursor *c)
{
	int err = 0;

	u->shapes[0] = (struct shape){.what = c->p};
	u->n_shapes = (unsigned)sst_take_max(c, SHAPES_MAX) + 1;
	for (unsigned i = 1; i < u->n_shapes && !err; i++)
		err = read_shape(c, &u->shapes[i]);
	return c->bad ? SST_E_COLUMN : err;
}

/* The shape of a row, from its token, or NULL. */
static const struct shape *shape_of(struct sst_unshaper *u, unsigned call, uint8_t token)
{
	if (token > u->n_shapes)
		return NULL;
	if (token > 0)
		u->of_call[call] = (uint8_t)(token - 1);
	return &u->shapes[u->of_call[call]];
}

static int count_captures(struct sst_unshaper *u, const struct sst_rows *rows, const uint8_t *tokens, size_t n)
{
	size_t captures = 0, strings = 0;

	memset(u->of_call, 0, rows->n_calls * sizeof(u->of_call[0]));
	for (size_t row = 0; row < n; row++) {
		const struct shape *shape = shape_of(u, rows->call[row], tokens[row]);

		if (!shape)
			return SST_E_COLUMN;
		captures += shape->n;
		strings += shape->n_strings;
	}
	u->n_strings = strings;
	u->n_memories = captures - strings;
	return captures > SST_CAPTURES_MAX - rows->n_captures ? SST_E_LIMIT : 0;
}

/* --- strings */

static uint32_t take_name(struct sst_unshaper *u, uint8_t token)
{
	const uint8_t *name = u->names.p, *end;
	uint32_t string = (uint32_t)u->n_known;
	size_t len = 0;

	if (token == STRING_LONG) {
		len = (size_t)sst_take_max(&u->string, SST_TEXT_MAX);
		u->names.bad |= !sst_take(&u->names, len);
	} else {
		end = sst_left(&u->names) > 0 ? memchr(name, 0, sst_left(&u->names)) : NULL;
		len = end ? (size_t)(end - name) : 0;
		u->names.bad |= !end || !sst_take(&u->names, len + 1);
	}
	u->strings[string] =
		(struct string){.offset = (uint32_t)(name - u->first_name), .len = (uint32_t)len, .next = string};
	u->n_known++;
	return string;
}

/* Which string a token means, or NONE. */
static uint32_t string_of(struct sst_unshaper *u, uint8_t token)
{
	uint64_t ago;

	switch (token) {
	case STRING_NEXT:
		return u->last == NONE ? NONE : u->strings[u->last].next;
	case STRING_BEFORE:
		return u->before;
	case STRING_NEW:
	case STRING_LONG:
		return take_name(u, token);
	case STRING_FAR:
		ago = sst_take_varint(&u->string);
		return ago < u->n_known ? (uint32_t)(u->n_known - 1 - ago) : NONE;
	default:
		return token - STRING_KNOWN < (long)u->n_known ? token - (uint32_t)STRING_KNOWN : NONE;
	}
}

static inline uint32_t next_string(struct sst_unshaper *u)
{
	uint32_t string = string_of(u, *u->string_token++);

	if (string == NONE)
		return NONE;
	if (u->last != NONE)
		u->strings[u->last].next = string;
	u->before = u->last;
	u->last = string;
	return string;
}

static bool take_string(struct sst_unshaper *u, struct sst_capture *capture)
{
	uint32_t string = next_string(u);

	if (string == NONE)
		return false;
	capture->offset = u->names_at + u->strings[string].offset;
	capture->len = u->strings[string].len;
	return true;
}

/* --- memory */

/* So many of the next of bytes. */
static uint32_t take_bytes(struct sst_unshaper *u, uint32_t len)
{
	uint32_t offset = u->bytes_at;

	sst_take(&u->bytes, len);
	u->bytes_at += u->bytes.bad ? 0 : len;
	return offset;
}

/* As many bytes as there were before, told by words. */
static uint32_t add_piece(struct sst_unshaper *u, const struct memory *last)
{
	uint32_t offset = u->words_at;

	u->memory.bad |= last->len > 8 * SHAPE_WORDS;
	if (u->memory.bad)
		return 0;
	u->pieces[u->n_pieces++] = (struct piece){.offset = offset, .before = last->offset, .len = last->len};
	u->n_words += (last->len + 7) / 8;
	u->longest = last->len > u->longest ? last->len : u->longest;
	u->words_at += last->len;
	return offset;
}

/* The same bytes stand in text once, however often they come. */
static void take_memory(struct sst_unshaper *u, unsigned call, struct sst_capture *capture)
{
	struct memory *last = &u->of_argument[call][capture->arg & SHAPE_ARG_MASK];
	uint8_t token = *u->memory_token++;

	if (token == MEMORY_WORDS) {
		last->offset = add_piece(u, last);
	} else if (token != MEMORY_SAME) {
		last->len = token == MEMORY_MANY_BYTES ? (uint32_t)sst_take_max(&u->memory, SST_TEXT_MAX)
						       : token - (uint32_t)MEMORY_BYTES;
		last->offset = take_bytes(u, last->len);
	}
	capture->offset = last->offset;
	capture->len = last->len;
}

static inline void put_word(uint8_t *p, uint32_t n, uint64_t v)
{
	if (n >= 8) {
		sst_put64(p, v);
		return;
	}
	for (uint32_t i = 0; i < n; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

/* All first words, then all second ones …; each after the one it is told by. */
static int take_words(struct sst_unshaper *u, const struct sst_token_tables *tables, const struct sst_bytes *streams,
		      uint8_t *text)
{
	const struct sst_bytes *words = &streams[SST_STREAM_WORDS];
	struct sst_column c = {0};
	int err;

	if (u->n_words == 0 || !words->data)
		return u->n_words == 0 && !words->data ? 0 : SST_E_COLUMN;
	err = sst_column_values(words, &streams[SST_STREAM_WORDS_REST], u->n_words, false, &c);
	for (uint32_t at = 0; !err && at < u->longest; at += 8)
		for (const struct piece *p = u->pieces; p < u->pieces + u->n_pieces; p++)
			if (at < p->len)
				put_word(text + p->offset + at, p->len - at,
					 sst_shape_word(text + p->before + at, p->len - at) +
						 sst_take_value(tables, &c, *c.tokens++));
	return err;
}

/* --- all of it */

static int open_streams(struct sst_unshaper *u, const struct sst_bytes *streams, const struct sst_rows *rows)
{
	const struct sst_bytes *strings = &streams[SST_STREAM_STRINGS], *memory = &streams[SST_STREAM_MEMORY];

	if (strings->len < u->n_strings || memory->len < u->n_memories)
		return SST_E_COLUMN;
	if (sst_list_renew(&u->strings, &u->cap_strings, u->n_strings, sizeof(*u->strings)) ||
	    sst_list_renew(&u->pieces, &u->cap_pieces, u->n_memories, sizeof(*u->pieces)))
		return -ENOMEM;
	u->string = sst_cursor(strings->data, strings->len);
	u->memory = sst_cursor(memory->data, memory->len);
	u->string_token = sst_take(&u->string, u->n_strings);
	u->memory_token = sst_take(&u->memory, u->n_memories);
	u->names = sst_cursor(streams[SST_STREAM_NAMES].data, streams[SST_STREAM_NAMES].len);
	u->bytes = sst_cursor(streams[SST_STREAM_BYTES].data, streams[SST_STREAM_BYTES].len);
	u->first_name = u->names.p;
	u->text = rows->n_text;
	u->names_at = (uint32_t)rows->n_text;
	u->bytes_at = u->names_at + (uint32_t)streams[SST_STREAM_NAMES].len;
	u->words_at = u->bytes_at + (uint32_t)streams[SST_STREAM_BYTES].len;
	u->n_known = u->n_pieces = u->n_words = u->longest = 0;
	u->last = u->before = NONE;
	memset(u->of_call, 0, rows->n_calls * sizeof(u->of_call[0]));
	memset(u->of_argument, 0, rows->n_calls * sizeof(u->of_argument[0]));
	return 0;
}

static bool is_used_up(const struct sst_unshaper *u)
{
	return !u->string.bad && !u->memory.bad && !u->names.bad && !u->bytes.bad && sst_left(&u->string) == 0 &&
	       sst_left(&u->memory) == 0 && sst_left(&u->names) == 0 && sst_left(&u->bytes) == 0;
}

/* The captures of all rows into c; their bytes are where they will be. */
static int take_captures(struct sst_unshaper *u, const struct sst_rows *rows, const uint8_t *tokens, size_t n,
			 struct sst_capture *c)
{
	for (uint32_t row = 0; row < n; row++) {
		const struct shape *shape = shape_of(u, rows->call[row], tokens[row]);

		for (unsigned i = 0; i < shape->n; i++, c++) {
			uint8_t what = shape->what[2 * i];

			*c = (struct sst_capture){.row = row,
						  .arg = what & SHAPE_ARG_MASK,
						  .form = what >> SHAPE_FORM_SHIFT,
						  .flags = shape->what[2 * i + 1]};
			if (c->form != SST_FORM_STRING)
				take_memory(u, rows->call[row], c);
			else if (!take_string(u, c))
				return SST_E_COLUMN;
			if (c->len > SST_TEXT_MAX - u->text)
				return SST_E_LIMIT;
			u->text += c->len;
		}
	}
	return is_used_up(u) ? 0 : SST_E_COLUMN;
}

/* Room for n captures before those that there are. */
static int make_room_before(struct sst_rows *rows, size_t n)
{
	size_t all = n + rows->n_captures;
	struct sst_capture *captures = rows->captures;

	if (all > rows->cap_captures) {
		captures = realloc(captures, all * sizeof(*captures));
		if (!captures)
			return -ENOMEM;
		rows->captures = captures;
		rows->cap_captures = all;
	}
	if (rows->n_captures)
		memmove(captures + n, captures, rows->n_captures * sizeof(*captures));
	return 0;
}

/* Names and bytes as they stand in their streams, with room for what words tell behind them. */
static int make_text(const struct sst_unshaper *u, const struct sst_bytes *streams, struct sst_rows *rows)
{
	const struct sst_bytes *names = &streams[SST_STREAM_NAMES], *bytes = &streams[SST_STREAM_BYTES];
	uint8_t *text = rows->text;

	if (u->words_at > rows->cap_text) {
		text = realloc(text, u->words_at);
		if (!text)
			return -ENOMEM;
		rows->text = text;
		rows->cap_text = u->words_at;
	}
	if (names->len > 0)
		memcpy(text + u->names_at, names->data, names->len);
	if (bytes->len > 0)
		memcpy(text + u->names_at + names->len, bytes->data, bytes->len);
	rows->n_text = u->words_at;
	return 0;
}

/* tokens: n of them, for the first rows. */
static int decode(struct sst_unshaper *u, const struct sst_token_tables *tables, const struct sst_bytes *streams,
		  struct sst_rows *rows, const uint8_t *tokens, size_t n)
{
	int err = n > rows->n ? SST_E_COLUMN : count_captures(u, rows, tokens, n);
	size_t captures = u->n_strings + u->n_memories;

	if (!err)
		err = open_streams(u, streams, rows);
	if (!err)
		err = make_room_before(rows, captures);
	if (err)
		return err;
	err = take_captures(u, rows, tokens, n, rows->captures);
	if (!err)
		err = make_text(u, streams, rows);
	if (!err)
		err = take_words(u, tables, streams, rows->text);
	if (err)
		return err;
	rows->n_captures += captures;
	return sst_rows_sort_captures(rows);
}

/* --- some rows */

#define COUNTS_SHIFT 32

static uint64_t counts_of(const struct shape *shape)
{
	return (uint64_t)shape->n << COUNTS_SHIFT | shape->n_strings;
}

/* So many rows from the given one on: their captures. Returns false for a token that means nothing. */
static bool count_rows(struct sst_unshaper *u, const struct sst_rows *rows, const uint8_t *tokens, size_t row,
		       size_t end, uint64_t *counts)
{
	uint64_t sum = 0;

	for (; row < end; row++) {
		unsigned call = rows->call[row];

		if (__builtin_expect(tokens[row] > 0, 0)) {
			const struct shape *shape = shape_of(u, call, tokens[row]);

			if (!shape)
				return false;
			u->counts[call] = counts_of(shape);
		}
		sum += u->counts[call];
	}
	*counts += sum;
	return true;
}

/* Which rows have strings that are wanted, and what comes before them. *captures: how many they have. */
static int find_asked(struct sst_unshaper *u, const struct sst_rows *rows, const uint8_t *tokens, size_t n,
		      struct sst_pick *pick, size_t *captures)
{
	const bool *text = pick->text ? pick->text : pick->calls;
	uint64_t counts = 0;
	size_t row = 0;

	memset(u->of_call, 0, rows->n_calls * sizeof(u->of_call[0]));
	memset(u->counts, 0, rows->n_calls * sizeof(u->counts[0]));
	u->n_asked = *captures = 0;
	if (sst_list_renew(&u->asked, &u->cap_asked, pick->n, sizeof(*u->asked)))
		return -ENOMEM;
	for (size_t p = 0; p < pick->n && pick->rows[p] < n; p++) {
		uint32_t at = pick->rows[p];
		uint64_t before;

		if (!count_rows(u, rows, tokens, row, at, &counts))
			return SST_E_COLUMN;
		before = counts;
		row = (size_t)at + 1;
		if (!count_rows(u, rows, tokens, at, row, &counts))
			return SST_E_COLUMN;
		if (counts == before || !text[rows->call[at]])
			continue;
		u->asked[u->n_asked] = (struct asked){
			.shape = &u->shapes[u->of_call[rows->call[at]]], .row = at, .strings = (uint32_t)before};
		*captures += u->asked[u->n_asked].shape->n;
		pick->memory |= u->asked[u->n_asked].shape->n > u->asked[u->n_asked].shape->n_strings;
		u->n_asked++;
	}
	if (!count_rows(u, rows, tokens, row, n, &counts))
		return SST_E_COLUMN;
	u->n_strings = (uint32_t)counts;
	u->n_memories = 0;
	return counts >> COUNTS_SHIFT > SST_CAPTURES_MAX - rows->n_captures ? SST_E_LIMIT : 0;
}

/* The captures of the rows that are asked for, which are strings, into c. */
static int take_asked(struct sst_unshaper *u, struct sst_capture *c)
{
	uint32_t taken = 0;

	for (const struct asked *a = u->asked; a < u->asked + u->n_asked; a++) {
		for (; taken < a->strings; taken++)
			if (next_string(u) == NONE)
				return SST_E_COLUMN;
		for (unsigned i = 0; i < a->shape->n; i++, c++, taken++) {
			uint8_t what = a->shape->what[2 * i];

			*c = (struct sst_capture){.row = a->row,
						  .arg = what & SHAPE_ARG_MASK,
						  .form = SST_FORM_STRING,
						  .flags = a->shape->what[2 * i + 1]};
			if (!take_string(u, c))
				return SST_E_COLUMN;
			if (c->len > SST_TEXT_MAX - u->text)
				return SST_E_LIMIT;
			u->text += c->len;
		}
	}
	return u->string.bad || u->names.bad ? SST_E_COLUMN : 0;
}

/* The strings of picked rows. pick->memory: nothing has been done, as there is more than strings. */
static int decode_asked(struct sst_unshaper *u, const struct sst_bytes *streams, struct sst_rows *rows,
			const uint8_t *tokens, size_t n, struct sst_pick *pick)
{
	static const struct sst_bytes none;
	struct sst_bytes strings[SST_STREAM_COUNT];
	size_t captures;
	int err = n > rows->n ? SST_E_COLUMN : find_asked(u, rows, tokens, n, pick, &captures);

	if (err || pick->memory || captures == 0)
		return err;
	memcpy(strings, streams, sizeof(strings));
	strings[SST_STREAM_MEMORY] = strings[SST_STREAM_BYTES] = none;
	err = open_streams(u, strings, rows);
	if (!err)
		err = make_room_before(rows, captures);
	if (!err)
		err = take_asked(u, rows->captures);
	if (!err)
		err = make_text(u, strings, rows);
	if (err)
		return err;
	rows->n_captures += captures;
	return sst_rows_sort_captures(rows);
}

int sst_decode_shapes(struct sst_unshaper **unshaper, const struct sst_token_tables *tables,
		      const struct sst_bytes streams[SST_STREAM_COUNT], struct sst_rows *rows, struct sst_pick *pick)
{
	const struct sst_bytes *shapes = &streams[SST_STREAM_SHAPES];
	struct sst_cursor c = sst_cursor(shapes->data, shapes->len);
	int err;

	for (unsigned id = SST_STREAM_SHAPES; id <= SST_STREAM_BYTES; id += 2)
		if (streams[id].encoding != SST_WHOLE && id != SST_STREAM_WORDS)
			return SST_E_NEWER;
	if (pick)
		pick->memory = false;
	if (!shapes->data)
		return 0;
	if (!*unshaper)
		*unshaper = calloc(1, sizeof(**unshaper));
	if (!*unshaper)
		return -ENOMEM;
	err = read_shapes(*unshaper, &c);
	if (err)
		return err;
	if (pick)
		pick->memory = pick->all;
	if (pick && !pick->all)
		err = decode_asked(*unshaper, streams, rows, c.p, sst_left(&c), pick);
	if (err || (pick && !pick->memory))
		return err;
	return pick && pick->lean ? SST_NEEDS_MEMORY : decode(*unshaper, tables, streams, rows, c.p, sst_left(&c));
}
