/*
 * pen.h - writes lines for a screen, each cut at its right edge.
 *
 *	struct pen pen = {.page = &page, .width = 80, .lines = 24, .utf8 = true};
 *	pen_string(&pen, LOOK_BOLD, "calls");
 *	more = pen_end_line(&pen, LOOK_PLAIN);
 */
#ifndef SYSDECODE_PEN_H
#define SYSDECODE_PEN_H

#include "page.h"

enum look { LOOK_PLAIN, LOOK_BOLD, LOOK_HEAD, LOOK_SORTED, LOOK_ALERT };

struct pen {
	struct page *page;
	bool plain; /* no control sequences */
	bool colors, utf8;
	unsigned width, used; /* columns */
	unsigned line, lines; /* the one that is written, of so many */
	enum look look;
};

/* pen_fit() - what of text fits into so many columns: bytes; how many columns that are is told. */
size_t pen_fit(const struct pen *pen, const char *text, size_t len, unsigned room, unsigned *columns);

/* pen_put() - text is valid UTF-8, as from escape(). pen_blanks() - n of them. As far as the line goes. */
void pen_put(struct pen *pen, enum look look, const char *text, size_t len);
void pen_string(struct pen *pen, enum look look, const char *text);
void pen_blanks(struct pen *pen, enum look look, unsigned n);

/* pen_end_line() - look: of what is left of it. False: there is no room for another line. */
bool pen_end_line(struct pen *pen, enum look look);

#endif
