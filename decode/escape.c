/* escape.c - see escape.h */
#include "escape.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static char *put_byte(char *p, unsigned char byte)
{
	static const char digits[] = "0123456789abcdef";

	*p++ = '\\';
	*p++ = 'x';
	*p++ = digits[byte >> 4];
	*p++ = digits[byte & 15];
	return p;
}

/* The length of the well-formed UTF-8 character at s (Unicode 15, table 3-7), with its code point; 0 if there is none.
 */
static size_t utf8_char(const unsigned char *s, size_t len, uint32_t *code)
{
	unsigned char low = 0x80, high = 0xbf;
	size_t n = *s < 0x80 ? 1 : *s < 0xc2 ? 0 : *s < 0xe0 ? 2 : *s < 0xf0 ? 3 : *s < 0xf5 ? 4 : 0;

	if (n == 0 || n > len)
		return 0;
	*code = n == 1 ? *s : *s & (0x7fu >> n);
	if (*s == 0xe0)
		low = 0xa0; /* no overlong forms */
	if (*s == 0xed)
		high = 0x9f; /* no surrogates */
	if (*s == 0xf0)
		low = 0x90;
	if (*s == 0xf4)
		high = 0x8f; /* nothing beyond U+10FFFF */
	for (size_t i = 1; i < n; i++) {
		if (s[i] < low || s[i] > high)
			return 0;
		*code = *code << 6 | (s[i] & 0x3f);
		low = 0x80;
		high = 0xbf;
	}
	return n;
}

/* Characters that show nothing or move what is shown: Unicode's Cc, Cf (with the bidi controls), Zl and Zp. */
static bool is_hidden(uint32_t code)
{
	static const struct {
		uint32_t first, last;
	} ranges[] = {
		{0x0000, 0x001f},   {0x007f, 0x009f},   {0x00ad, 0x00ad},   {0x0600, 0x0605},   {0x061c, 0x061c},
		{0x06dd, 0x06dd},   {0x070f, 0x070f},   {0x0890, 0x0891},   {0x08e2, 0x08e2},   {0x115f, 0x1160},
		{0x180e, 0x180e},   {0x200b, 0x200f},   {0x2028, 0x202e},   {0x2060, 0x206f},   {0x3164, 0x3164},
		{0xfeff, 0xfeff},   {0xffa0, 0xffa0},   {0xfff9, 0xfffb},   {0x110bd, 0x110bd}, {0x110cd, 0x110cd},
		{0x13430, 0x1343f}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
	};

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]) && ranges[i].first <= code; i++)
		if (code <= ranges[i].last)
			return true;
	return false;
}

/* = + - @ " and the full-width forms of them, which some spreadsheets take for the same. */
static bool begins_formula(uint32_t code)
{
	if (code < 0x80)
		return escape_formula((char)code);
	switch (code) {
	case 0xff02:
	case 0xff0b:
	case 0xff0d:
	case 0xff1d:
	case 0xff20:
	case 0x2212: /* minus sign */
		return true;
	default:
		return false;
	}
}

static bool is_blank(uint32_t code)
{
	return code == ' ' || code == 0xa0 || code == 0x3000 || (code >= 0x2000 && code <= 0x200a);
}

static char *put_short(char *p, uint32_t code)
{
	*p++ = '\\';
	*p++ = (char)(code == '\t' ? 't' : code == '\n' ? 'n' : code == '\r' ? 'r' : '\\');
	return p;
}

/* ASCII that is written as it is, and of which nothing behind it depends, but at the beginning of a cell. */
static bool is_plain(unsigned char c)
{
	return c > ' ' && c < 0x7f && c != '\\' && c != ',' && c != ';';
}

typedef uint8_t bytes16 __attribute__((vector_size(16)));

/* Are all of these 16 plain? */
static bool are_plain(const unsigned char *s)
{
	uint64_t halves[2];
	bytes16 v, bad;

	memcpy(&v, s, sizeof(v));
	bad = (bytes16)(v - 0x21 > 0x7e - 0x21) | (bytes16)(v == '\\') | (bytes16)(v == ',') | (bytes16)(v == ';');
	memcpy(halves, &bad, sizeof(halves));
	return (halves[0] | halves[1]) == 0;
}

static size_t plain_run(const unsigned char *s, const unsigned char *end)
{
	const unsigned char *begin = s;

	while (end - s >= 16 && are_plain(s))
		s += 16;
	while (s < end && is_plain(*s))
		s++;
	return (size_t)(s - begin);
}

char *escape(char *p, const char *text, size_t len, enum escape_mode mode)
{
	const unsigned char *s = (const unsigned char *)text, *end = s + len;
	bool cell_start = mode == ESCAPE_CELL;

	while (s < end) {
		size_t n = cell_start ? 0 : plain_run(s, end);
		uint32_t code = 0xfffd;

		if (n > 0) {
			memcpy(p, s, n);
			p += n;
			s += n;
			continue;
		}
		n = utf8_char(s, (size_t)(end - s), &code);
		if (!n)
			code = 0xfffd; /* what utf8_char() has left there is no character */
		if (code == '\t' || code == '\n' || code == '\r' || code == '\\') {
			p = put_short(p, code);
		} else if (n == 0 || is_hidden(code) || (cell_start && begins_formula(code))) {
			for (size_t i = 0; i < (n ? n : 1); i++)
				p = put_byte(p, s[i]);
		} else {
			memcpy(p, s, n);
			p += n;
		}
		if (mode == ESCAPE_CELL)
			cell_start = code == ',' || code == ';' || (cell_start && is_blank(code));
		s += n ? n : 1;
	}
	return p;
}

/* --- texts in which nothing has to be escaped */

/* Is one of these 16 not clean? */
static inline bool has_unclean(bytes16 v)
{
	bytes16 bad = (bytes16)(v - ' ' > 0x7e - ' ') | (bytes16)(v == '"') | (bytes16)(v == '\\') |
		      (bytes16)(v == ',') | (bytes16)(v == ';');
	uint64_t halves[2];

	memcpy(halves, &bad, sizeof(halves));
	return (halves[0] | halves[1]) != 0;
}

/* Two pieces of n bytes, the second of which ends where the text ends: together all of 2 to 16 bytes. */
static inline bool copy_ends(char *p, const char *text, size_t len, size_t n)
{
	bytes16 v;
	char both[16];

	memset(both, 'a', sizeof(both));
	memcpy(both, text, n);
	memcpy(both + 8, text + len - n, n);
	memcpy(&v, both, sizeof(v));
	memcpy(p, both, n);
	memcpy(p + len - n, both + 8, n);
	return !has_unclean(v);
}

bool escape_clean(char *p, const char *text, size_t len)
{
	bytes16 v;

	if (len == 0)
		return true;
	if (*text == ' ' || escape_formula(*text))
		return false;
	if (len < 16) {
		if (len >= 8)
			return copy_ends(p, text, len, 8);
		if (len >= 4)
			return copy_ends(p, text, len, 4);
		return len >= 2 ? copy_ends(p, text, len, 2) : copy_ends(p, text, len, 1);
	}
	for (size_t i = 0; i + 16 < len; i += 16) {
		memcpy(&v, text + i, sizeof(v));
		memcpy(p + i, &v, sizeof(v));
		if (has_unclean(v))
			return false;
	}
	memcpy(&v, text + len - 16, sizeof(v));
	memcpy(p + len - 16, &v, sizeof(v));
	return !has_unclean(v);
}

/* What is written as it is: outside of strings all up to the next one, inside up to what may be behind a separator. */
static const char *args_run(const char *s, const char *end, bool inside)
{
	if (inside)
		while (s < end && *s != '"' && *s != '\\' && *s != ',' && *s != ';')
			s++;
	else
		while (s < end && *s != '"' && *s != '\\')
			s++;
	return s;
}

char *escape_args(char *p, const char *text, size_t len)
{
	const char *s = text, *end = text + len;
	bool inside = false, start = true; /* of a string; of something that could become a cell */

	for (; s < end; s++) {
		bool formula = start && (inside || s == text) && begins_formula((unsigned char)*s);

		if (!start || (!inside && s > text)) {
			size_t run = (size_t)(args_run(s, end, inside) - s);

			memcpy(p, s, run);
			p += run;
			s += run;
			if (s == end)
				break;
			start = false;
		}
		if (*s == '\\') { /* what it escapes is no end of a string */
			p = put_short(p, '\\');
			if (++s == end)
				break;
			if (*s == '\\')
				p = put_short(p, '\\');
			else
				*p++ = *s;
			start = false;
			continue;
		}
		if (formula)
			p = put_byte(p, (unsigned char)*s);
		else
			*p++ = *s;
		if (*s == '"')
			inside = !inside;
		start = *s == ',' || *s == ';' || (*s == '"' && inside) || (start && *s == ' ');
	}
	return p;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

char *unescape(char *p, const char *text, size_t len)
{
	const char *s = text, *end = text + len;

	while (s < end) {
		if (*s != '\\') {
			*p++ = *s++;
			continue;
		}
		if (++s == end)
			return NULL;
		switch (*s++) {
		case 't':
			*p++ = '\t';
			break;
		case 'n':
			*p++ = '\n';
			break;
		case 'r':
			*p++ = '\r';
			break;
		case '\\':
			*p++ = '\\';
			break;
		case 'x':
			if (end - s < 2 || hex_digit(s[0]) < 0 || hex_digit(s[1]) < 0)
				return NULL;
			*p++ = (char)(hex_digit(s[0]) << 4 | hex_digit(s[1]));
			s += 2;
			break;
		default:
			return NULL;
		}
	}
	return p;
}

const char *escaped(const char *text)
{
	static char results[4][ESCAPED_MAX(1000) + 1];
	static unsigned turn;
	char *result = results[turn++ % 4];
	size_t len = strnlen(text, 1000);

	*escape(result, text, len, ESCAPE_MESSAGE) = 0;
	return result;
}
