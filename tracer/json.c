#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"

#define KEY 64

struct walk {
	const char *p, *end;
	int depth;
	bool is_object[JSON_DEPTH + 1];
	char key[JSON_DEPTH + 1][KEY];
	char text[JSON_TEXT];
	size_t len; /* of text */
	void (*each)(void *context, const struct json_value *value);
	void *context;
};

static void skip_space(struct walk *walk)
{
	while (walk->p < walk->end && strchr(" \t\r\n", *walk->p) && *walk->p)
		walk->p++;
}

static void put(struct walk *walk, char c)
{
	if (walk->len + 1 < sizeof(walk->text))
		walk->text[walk->len++] = c;
}

/* A character by its number, as UTF-8. Halves of pairs stay halves: nobody asks for what they mean. */
static void put_character(struct walk *walk, unsigned c)
{
	if (c < 0x80) {
		put(walk, (char)c);
	} else if (c < 0x800) {
		put(walk, (char)(0xc0 | c >> 6));
		put(walk, (char)(0x80 | (c & 0x3f)));
	} else {
		put(walk, (char)(0xe0 | c >> 12));
		put(walk, (char)(0x80 | (c >> 6 & 0x3f)));
		put(walk, (char)(0x80 | (c & 0x3f)));
	}
}

/* Behind a backslash. */
static int take_escape(struct walk *walk)
{
	static const char names[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
	char digits[5] = "", *end;
	const char *at;

	if (walk->p == walk->end)
		return -EINVAL;
	at = strchr(names, *walk->p);
	if (at && *walk->p) {
		put(walk, meanings[at - names]);
		walk->p++;
		return 0;
	}
	if (*walk->p != 'u' || walk->end - walk->p < 5)
		return -EINVAL;
	memcpy(digits, walk->p + 1, 4);
	put_character(walk, (unsigned)strtoul(digits, &end, 16));
	walk->p += 5;
	return *end ? -EINVAL : 0;
}

/* Into text. The quote has been passed. */
static int take_string(struct walk *walk)
{
	int err = 0;

	walk->len = 0;
	while (!err && walk->p < walk->end && *walk->p != '"') {
		if (*walk->p == '\\') {
			walk->p++;
			err = take_escape(walk);
		} else {
			put(walk, *walk->p++);
		}
	}
	walk->text[walk->len] = '\0';
	if (err || walk->p == walk->end)
		return -EINVAL;
	walk->p++;
	return 0;
}

static const char *innermost_key(const struct walk *walk)
{
	int depth = walk->depth;

	while (depth > 0 && !walk->is_object[depth])
		depth--;
	return walk->key[depth];
}

static void tell(struct walk *walk, const char *text)
{
	struct json_value value = {.depth = walk->depth, .key = innermost_key(walk), .text = text};

	walk->each(walk->context, &value);
}

/* A key, up to behind its colon. */
static int take_key(struct walk *walk)
{
	int err = take_string(walk);
	size_t len = strnlen(walk->text, KEY - 1);

	memcpy(walk->key[walk->depth], walk->text, len);
	walk->key[walk->depth][len] = '\0';
	skip_space(walk);
	if (err || walk->p == walk->end || *walk->p != ':')
		return -EINVAL;
	walk->p++;
	return 0;
}

static int open_list(struct walk *walk, bool is_object)
{
	if (walk->depth == JSON_DEPTH)
		return -EINVAL;
	walk->depth++;
	walk->is_object[walk->depth] = is_object;
	walk->key[walk->depth][0] = '\0';
	return 0;
}

static int close_list(struct walk *walk, bool is_object)
{
	if (walk->depth == 0 || walk->is_object[walk->depth] != is_object)
		return -EINVAL;
	if (is_object)
		tell(walk, NULL);
	walk->depth--;
	return 0;
}

/* A number, true, false, null: nobody asks for those. */
static void skip_word(struct walk *walk)
{
	while (walk->p < walk->end && !strchr(" \t\r\n,]}", *walk->p))
		walk->p++;
}

/* Is a string that comes now a key? It is if it is the first thing behind { or a comma of an object. */
static int take_one(struct walk *walk, bool *key_next)
{
	char c = *walk->p;
	int err = 0;

	switch (c) {
	case '{':
	case '[':
		walk->p++;
		*key_next = c == '{';
		return open_list(walk, c == '{');
	case '}':
	case ']':
		walk->p++;
		*key_next = false;
		return close_list(walk, c == '}');
	case ',':
		walk->p++;
		*key_next = walk->depth > 0 && walk->is_object[walk->depth];
		return walk->depth > 0 ? 0 : -EINVAL;
	case '"':
		walk->p++;
		if (*key_next) {
			*key_next = false;
			return take_key(walk);
		}
		err = take_string(walk);
		if (!err)
			tell(walk, walk->text);
		return err;
	case ':':
	case '\0':
		return -EINVAL;
	default:
		skip_word(walk);
		return 0;
	}
}

int json_walk(const char *text, size_t len, void (*each)(void *context, const struct json_value *value), void *context)
{
	struct walk walk = {.p = text, .end = text + len, .each = each, .context = context};
	bool key_next = false;
	int err = 0;

	skip_space(&walk);
	while (!err && walk.p < walk.end) {
		err = take_one(&walk, &key_next);
		skip_space(&walk);
	}
	return err ? err : walk.depth ? -EINVAL : 0;
}
