/* pen.c - see pen.h */
#include "pen.h"

#include <string.h>
#include <wchar.h>

static void set_look(struct pen *pen, enum look look)
{
	static const char *const codes[] = {[LOOK_PLAIN] = "",
					    [LOOK_BOLD] = ";1",
					    [LOOK_HEAD] = ";7",
					    [LOOK_SORTED] = ";7;1;4",
					    [LOOK_ALERT] = ";1"};

	if (!pen->plain && pen->look != look)
		page_printf(pen->page, "\033[0%s%sm", codes[look], look == LOOK_ALERT && pen->colors ? ";31" : "");
	pen->look = look;
}

/* The character at text: its bytes; its columns and code point are told. Text is valid UTF-8, from escape(). */
static size_t character(const char *text, size_t len, unsigned *code)
{
	unsigned char c = (unsigned char)*text;
	size_t n = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;

	*code = n == 1 ? c : c & (0xffu >> (n + 1));
	for (size_t i = 1; i < n && i < len; i++)
		*code = *code << 6 | ((unsigned char)text[i] & 0x3f);
	return n < len ? n : len;
}

static unsigned columns_of(const struct pen *pen, unsigned code)
{
	int width = code < 0x80 || !pen->utf8 ? 1 : wcwidth((wchar_t)code);

	return width < 0 ? 1 : (unsigned)width;
}

size_t pen_fit(const struct pen *pen, const char *text, size_t len, unsigned room, unsigned *columns)
{
	size_t done = 0;

	*columns = 0;
	while (done < len) {
		unsigned code, width;
		size_t n = character(text + done, len - done, &code);

		width = columns_of(pen, code);
		if (*columns + width > room)
			break;
		*columns += width;
		done += n;
	}
	return done;
}

void pen_put(struct pen *pen, enum look look, const char *text, size_t len)
{
	unsigned columns;

	len = pen_fit(pen, text, len, pen->width - pen->used, &columns);
	set_look(pen, look);
	pen->used += columns;
	if (pen->utf8 || pen->plain) {
		page_printf(pen->page, "%.*s", (int)len, text);
		return;
	}
	for (size_t i = 0; i < len;) { /* a terminal that would show something else for each byte */
		unsigned code;
		size_t n = character(text + i, len - i, &code);

		page_printf(pen->page, "%c", code < 0x80 ? (char)code : '?');
		i += n;
	}
}

void pen_string(struct pen *pen, enum look look, const char *text)
{
	pen_put(pen, look, text, strlen(text));
}

void pen_blanks(struct pen *pen, enum look look, unsigned n)
{
	while (n-- > 0)
		pen_put(pen, look, " ", 1);
}

bool pen_end_line(struct pen *pen, enum look look)
{
	if (look != LOOK_PLAIN && !pen->plain)
		pen_blanks(pen, look, pen->width - pen->used);
	set_look(pen, LOOK_PLAIN);
	pen->used = 0;
	pen->line++;
	if (pen->plain)
		page_printf(pen->page, "\n");
	else
		page_printf(pen->page, "\033[K%s", pen->line < pen->lines ? "\r\n" : "");
	return pen->line < pen->lines;
}
