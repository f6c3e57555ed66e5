#include "bytes.h"
#include "captures.h"
#include "put.h"
#include "shapes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LIST_MAX    (4 + SHAPES_MAX * (1 + 2 * SHAPE_CAPTURES)) /* bytes of the list of shapes */
#define SHAPE_SLOTS 1024                                        /* of the table of shapes */
#define PROBES      8 /* places where a string may be: who chooses the strings must not choose how long this takes */
#define NONE        UINT32_MAX
#define NUMBER_BITS 19 /* SST_CAPTURES_MAX + 1 strings */
#define NUMBER_MASK ((UINT32_C(1) << NUMBER_BITS) - 1)
#define ODD         UINT64_C(0x9e3779b97f4a7c15)

_Static_assert(SST_CAPTURES_MAX < NUMBER_MASK, "numbers of strings");

struct shape {
	uint16_t what[SHAPE_CAPTURES]; /* what | flags << 8 */
	unsigned n;
};

struct string {
	uint32_t offset, len; /* in text */
	uint32_t next;        /* the string that has come behind it last */
};

struct memory {
	uint32_t offset, len; /* in text */
	bool known, varies;   /* there was one; its length changes */
};

/* Memory that is told by its words. */
struct words {
	uint32_t offset, before; /* in text */
	uint32_t len;
};

struct sst_shaper {
	struct shape shapes[SHAPES_MAX + 1]; /* 0: the empty one */
	unsigned n_shapes;
	uint16_t by_hash[SHAPE_SLOTS];
	uint8_t of_call[SST_CALLS_MAX]; /* shape of its last row */
	struct memory of_argument[SST_CALLS_MAX][SHAPE_ARG_MASK + 1];
	struct string *strings;
	struct words *words;
	uint32_t *table;  /* of strings, by hash: number + 1, and the highest bits of the hash */
	size_t cap, mask; /* of slots in the table */
	size_t n_strings, n_words;
	uint32_t last, before; /* strings */
	const uint8_t *text;
	/* What is written: */
	uint8_t *tokens, *names, *bytes;
	size_t n, names_len, bytes_len;
	struct sst_put string, memory, word;
};

struct sst_shaper *sst_shaper_new(void)
{
	return calloc(1, sizeof(struct sst_shaper));
}

void sst_shaper_free(struct sst_shaper *shaper)
{
	if (!shaper)
		return;
	free(shaper->strings);
	free(shaper->words);
	free(shaper->table);
	free(shaper);
}

/* Tokens and rests of n captures: strings with a varint and names with an end, words with slack. */
size_t sst_shapes_space(const struct sst_rows *rows)
{
	return LIST_MAX + rows->n + 64 * rows->n_captures + 4 * (size_t)sst_captures_text(rows) + 64;
}

static int make_room(struct sst_shaper *s, size_t n)
{
	size_t slots = 64;

	while (slots < n)
		slots *= 2;
	s->mask = slots - 1;
	if (n > s->cap) {
		n = slots;
		free(s->strings);
		free(s->words);
		free(s->table);
		s->strings = malloc(n * sizeof(*s->strings));
		s->words = malloc(n * sizeof(*s->words));
		s->table = malloc(slots * sizeof(*s->table));
		s->cap = s->strings && s->words && s->table ? n : 0;
	}
	return s->cap >= n ? 0 : -ENOMEM;
}

static void begin(struct sst_shaper *s, const struct sst_rows *rows, uint8_t *p)
{
	size_t n = rows->n_captures, text = (size_t)sst_captures_text(rows);

	s->n_shapes = 1;
	memset(s->by_hash, 0, sizeof(s->by_hash));
	memset(s->of_call, 0, rows->n_calls * sizeof(s->of_call[0]));
	memset(s->of_argument, 0, rows->n_calls * sizeof(s->of_argument[0]));
	memset(s->table, 0, (s->mask + 1) * sizeof(*s->table));
	s->n_strings = s->n_words = s->n = s->names_len = s->bytes_len = 0;
	s->last = s->before = NONE;
	s->text = rows->text ? rows->text : (const uint8_t *)""; /* nothing can be added to NULL, not even 0 */
	s->tokens = p + LIST_MAX;
	s->string = (struct sst_put){.tokens = s->tokens + rows->n};
	s->string.rest = s->string.tokens + n;
	s->memory = (struct sst_put){.tokens = s->string.rest + SST_VARINT_MAX * n};
	s->memory.rest = s->memory.tokens + n;
	s->names = s->memory.rest + SST_VARINT_MAX * n;
	s->bytes = s->names + text + n;
	s->word = (struct sst_put){.tokens = s->bytes + text};
	s->word.rest = s->word.tokens + text / 8 + n;
}

static inline bool is_equal(const uint8_t *a, const uint8_t *b, size_t n)
{
	for (; n >= 8; n -= 8, a += 8, b += 8)
		if (sst_get64(a) != sst_get64(b))
			return false;
	for (; n > 0; n--)
		if (*a++ != *b++)
			return false;
	return true;
}

/* --- shapes */

static unsigned shape_slot(const uint16_t *what, unsigned n)
{
	uint64_t h = n;

	for (unsigned i = 0; i < n; i++)
		h = (h ^ what[i]) * ODD;
	return (unsigned)(h >> 40) % SHAPE_SLOTS;
}

static inline bool is_shape(const struct shape *shape, const uint16_t *what, unsigned n)
{
	if (shape->n != n)
		return false;
	for (unsigned i = 0; i < n; i++)
		if (shape->what[i] != what[i])
			return false;
	return true;
}

/* The number of this shape, which is added if it is new; or -1. */
static int find_shape(struct sst_shaper *s, const uint16_t *what, unsigned n)
{
	unsigned slot = shape_slot(what, n);

	if (n == 0)
		return 0;
	for (; s->by_hash[slot]; slot = (slot + 1) % SHAPE_SLOTS)
		if (is_shape(&s->shapes[s->by_hash[slot]], what, n))
			return s->by_hash[slot];
	if (s->n_shapes > SHAPES_MAX)
		return -1;
	s->by_hash[slot] = (uint16_t)s->n_shapes;
	s->shapes[s->n_shapes].n = n;
	memcpy(s->shapes[s->n_shapes].what, what, n * sizeof(*what));
	return (int)s->n_shapes++;
}

/* The token of a row whose captures are c[0] … c[n − 1]. Returns false where shapes cannot tell them. */
static bool put_shape(struct sst_shaper *s, unsigned call, const struct sst_capture *c, size_t n)
{
	uint16_t what[SHAPE_CAPTURES];
	int shape;

	if (n > SHAPE_CAPTURES)
		return false;
	for (size_t i = 0; i < n; i++)
		what[i] = (uint16_t)(c[i].arg | c[i].form << SHAPE_FORM_SHIFT | c[i].flags << 8);
	shape = s->of_call[call];
	if (!is_shape(&s->shapes[shape], what, (unsigned)n)) {
		shape = find_shape(s, what, (unsigned)n);
		if (shape < 0)
			return false;
		s->tokens[s->n++] = (uint8_t)(shape + 1);
		s->of_call[call] = (uint8_t)shape;
		return true;
	}
	s->tokens[s->n++] = 0;
	return true;
}

/* The token of a row without captures. */
static inline void put_no_shape(struct sst_shaper *s, unsigned call)
{
	s->tokens[s->n++] = s->of_call[call] > 0;
	s->of_call[call] = 0;
}

/* The list, right before the tokens. */
static uint8_t *put_list(const struct sst_shaper *s)
{
	uint8_t list[LIST_MAX], *p = sst_put_varint(list, s->n_shapes - 1);

	for (unsigned i = 1; i < s->n_shapes; i++) {
		p = sst_put_varint(p, s->shapes[i].n);
		for (unsigned k = 0; k < s->shapes[i].n; k++, p += 2)
			sst_put16(p, s->shapes[i].what[k]);
	}
	memcpy(s->tokens - (p - list), list, (size_t)(p - list));
	return s->tokens - (p - list);
}

/* --- strings */

static inline uint64_t hash_of(const uint8_t *p, size_t n)
{
	uint64_t h = n * ODD, tail = 0;

	for (; n >= 8; n -= 8, p += 8) {
		h = (h ^ sst_get64(p)) * ODD;
		h ^= h >> 32;
	}
	if (n >= 4)
		tail = sst_get32(p) | (uint64_t)sst_get32(p + n - 4) << 32;
	else if (n > 0)
		tail = p[0] | (uint64_t)p[n / 2] << 8 | (uint64_t)p[n - 1] << 16;
	h = (h ^ tail) * ODD;
	return h ^ h >> 32;
}

static inline bool is_string(const struct sst_shaper *s, uint32_t string, const struct sst_capture *c)
{
	return string != NONE && s->strings[string].len == c->len &&
	       is_equal(s->text + s->strings[string].offset, s->text + c->offset, c->len);
}

static uint32_t put_new(struct sst_shaper *s, const struct sst_capture *c)
{
	uint32_t string = (uint32_t)s->n_strings++;
	const uint8_t *text = s->text + c->offset;
	bool is_long = c->len > 0 && memchr(text, 0, c->len);

	s->strings[string] = (struct string){.offset = c->offset, .len = c->len, .next = string};
	s->string.tokens[s->string.n++] = is_long ? STRING_LONG : STRING_NEW;
	if (c->len > 0)
		memcpy(s->names + s->names_len, text, c->len);
	s->names_len += c->len;
	if (is_long)
		s->string.rest_len =
			(size_t)(sst_put_varint(s->string.rest + s->string.rest_len, c->len) - s->string.rest);
	else
		s->names[s->names_len++] = 0;
	return string;
}

static void put_known(struct sst_shaper *s, uint32_t string)
{
	if (string + STRING_KNOWN <= UINT8_MAX) {
		s->string.tokens[s->string.n++] = (uint8_t)(string + STRING_KNOWN);
		return;
	}
	s->string.tokens[s->string.n++] = STRING_FAR;
	s->string.rest_len = (size_t)(sst_put_varint(s->string.rest + s->string.rest_len, s->n_strings - 1 - string) -
				      s->string.rest);
}

/* A string that is not the one that was expected: one that has been there, or a new one. */
static uint32_t put_other(struct sst_shaper *s, const struct sst_capture *c)
{
	uint64_t hash = hash_of(s->text + c->offset, c->len);
	uint32_t high = (uint32_t)(hash >> 32) & ~NUMBER_MASK;
	size_t slot = (size_t)hash & s->mask;

	for (unsigned i = 0; i < PROBES; i++, slot = (slot + 1) & s->mask) {
		uint32_t found = s->table[slot], string = (found & NUMBER_MASK) - 1;

		if (!found) {
			s->table[slot] = high | ((uint32_t)s->n_strings + 1);
			return put_new(s, c);
		}
		if ((found & ~NUMBER_MASK) == high && is_string(s, string, c)) {
			put_known(s, string);
			return string;
		}
	}
	return put_new(s, c);
}

static void put_string(struct sst_shaper *s, const struct sst_capture *c)
{
	uint32_t string = s->last == NONE ? NONE : s->strings[s->last].next;

	if (is_string(s, string, c)) {
		s->string.tokens[s->string.n++] = STRING_NEXT;
	} else if (is_string(s, s->before, c)) {
		string = s->before;
		s->string.tokens[s->string.n++] = STRING_BEFORE;
	} else {
		string = put_other(s, c);
	}
	if (s->last != NONE)
		s->strings[s->last].next = string;
	s->before = s->last;
	s->last = string;
}

/* --- memory */

static void put_bytes(struct sst_shaper *s, const struct sst_capture *c)
{
	bool many = c->len >= MEMORY_MANY_BYTES - MEMORY_BYTES;

	s->memory.tokens[s->memory.n++] = (uint8_t)(many ? MEMORY_MANY_BYTES : MEMORY_BYTES + c->len);
	if (many)
		s->memory.rest_len =
			(size_t)(sst_put_varint(s->memory.rest + s->memory.rest_len, c->len) - s->memory.rest);
	if (c->len > 0)
		memcpy(s->bytes + s->bytes_len, s->text + c->offset, c->len);
	s->bytes_len += c->len;
}

/* Structures always have the same length, and the words of one say much of those of the next; of data nothing does. */
static void put_memory(struct sst_shaper *s, unsigned call, const struct sst_capture *c)
{
	struct memory *last = &s->of_argument[call][c->arg];

	last->varies |= last->known && last->len != c->len;
	if (last->len == c->len && is_equal(s->text + last->offset, s->text + c->offset, c->len)) {
		s->memory.tokens[s->memory.n++] = MEMORY_SAME;
		return;
	}
	if (last->len == c->len && c->len <= 8 * SHAPE_WORDS && !last->varies) {
		s->memory.tokens[s->memory.n++] = MEMORY_WORDS;
		s->words[s->n_words++] = (struct words){.offset = c->offset, .before = last->offset, .len = c->len};
	} else {
		put_bytes(s, c);
	}
	last->offset = c->offset;
	last->len = c->len;
	last->known = true;
}

/* First those of all first words, then of all second ones …: what is alike stands together. */
static void put_words(struct sst_shaper *s)
{
	for (uint32_t at = 0; at < 8 * SHAPE_WORDS; at += 8) {
		size_t n = s->word.n;

		for (const struct words *w = s->words; w < s->words + s->n_words; w++) {
			uint64_t difference;

			if (at >= w->len)
				continue;
			difference = sst_shape_word(s->text + w->offset + at, w->len - at) -
				     sst_shape_word(s->text + w->before + at, w->len - at);
			if (difference == 0) /* most are, or most are not */
				s->word.tokens[s->word.n++] = VALUE_SAME;
			else
				sst_put_value(&s->word, difference, 1);
		}
		if (s->word.n == n)
			break;
	}
}

/* --- all of it */

/* The captures of rows, row by row. Returns how many. */
static size_t put_rows(struct sst_shaper *s, const struct sst_rows *rows)
{
	const struct sst_capture *c = rows->captures, *end = c + rows->n_captures;

	for (uint32_t row = 0; row < rows->n; row++) {
		const struct sst_capture *first = c;
		unsigned call = rows->call[row];

		if (c == end || c->row != row) {
			put_no_shape(s, call);
			continue;
		}
		while (c < end && c->row == row)
			c++;
		if (!put_shape(s, call, first, (size_t)(c - first)))
			return (size_t)(first - rows->captures);
		for (; first < c; first++)
			if (first->form == SST_FORM_STRING)
				put_string(s, first);
			else
				put_memory(s, call, first);
	}
	return (size_t)(c - rows->captures);
}

static void stream_end(struct sst_bytes *stream, const uint8_t *begin, size_t len)
{
	if (len > 0)
		*stream = (struct sst_bytes){.data = begin, .len = len};
}

static void column_end(struct sst_bytes *stream, struct sst_put *c)
{
	memmove(c->tokens + c->n, c->rest, c->rest_len);
	stream_end(stream, c->tokens, c->n + c->rest_len);
}

long sst_encode_shapes(struct sst_shaper *shaper, const struct sst_rows *rows, uint8_t *p, uint8_t **end,
		       struct sst_bytes streams[SST_STREAM_COUNT])
{
	size_t done;
	uint8_t *list;

	*end = p;
	if (rows->n_captures == 0 || rows->captures[0].row >= SST_CAPTURE_EVENT)
		return 0;
	if (make_room(shaper, rows->n_captures))
		return -ENOMEM;
	begin(shaper, rows, p);
	done = put_rows(shaper, rows);
	if (done == 0)
		return 0;
	put_words(shaper);
	list = put_list(shaper);
	stream_end(&streams[SST_STREAM_SHAPES], list, (size_t)(shaper->tokens - list) + shaper->n);
	column_end(&streams[SST_STREAM_STRINGS], &shaper->string);
	stream_end(&streams[SST_STREAM_NAMES], shaper->names, shaper->names_len);
	column_end(&streams[SST_STREAM_MEMORY], &shaper->memory);
	stream_end(&streams[SST_STREAM_WORDS], shaper->word.tokens, shaper->word.n);
	if (shaper->word.rest_len > 0)
		streams[SST_STREAM_WORDS].encoding = SST_SPLIT;
	stream_end(&streams[SST_STREAM_WORDS_REST], shaper->word.rest, shaper->word.rest_len);
	stream_end(&streams[SST_STREAM_BYTES], shaper->bytes, shaper->bytes_len);
	*end = shaper->word.rest + shaper->word.rest_len;
	return (long)done;
}
