/*
 * escape.h - text that others have chosen, made safe for tables, spreadsheets and terminals, and back.
 *
 * The result is one line of valid UTF-8 without tabs and control characters. What is written otherwise:
 *
 *	\t \n \r \\	tab, line feed, carriage return, backslash
 *	\xHH		each byte (two lower-case digits) of: other control characters (C0, DEL, C1), invalid UTF-8,
 *			characters that reorder or hide text (bidi controls, zero-width ones, line and paragraph
 *			separators, tags)
 *	\xHH		(ESCAPE_CELL only) one of = + - @ " and their full-width forms where a spreadsheet could take
 *			it as the beginning of a cell: at the start and after , ; and the blanks behind them. Such a
 *			cell would be a formula, or a quotation that swallows the cells behind it.
 *
 * Every byte comes back by unescape(), by PostgreSQL's COPY and by ClickHouse's TabSeparated.
 */
#ifndef SYSDECODE_ESCAPE_H
#define SYSDECODE_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>

/* The longest result for n bytes. */
#define ESCAPED_MAX(n) (4 * (n))

enum escape_mode {
	ESCAPE_MESSAGE, /* for a line on a terminal */
	ESCAPE_CELL,    /* for a cell of a table too */
};

/*
 * escape_args() - the same for a cell with what args_put() has written, which is printable ASCII: backslashes are
 * doubled, and what a spreadsheet could take for the beginning of a cell is \xHH: at the start, and inside of strings
 * at their start and after , and ;. p has room for ESCAPED_ARGS_MAX(len) bytes.
 */
#define ESCAPED_ARGS_MAX(n) (5 * (n) / 2 + 4) /* after , there is one character to be written as four, and so on */
char *escape_args(char *p, const char *text, size_t len);

/*
 * escape_clean() - copy text to p if it is nothing but ASCII that is written as it is wherever it stands in a cell:
 * none of " \\ , ; and control characters in it, no blank and no = + - @ at its beginning. Returns whether it is; if
 * not, what has been written at p means nothing. Nearly all names are. p has room for len bytes.
 */
bool escape_clean(char *p, const char *text, size_t len);

/* escape_formula() - is an ASCII character one that a spreadsheet takes for the beginning of a formula or quotation? */
static inline bool escape_formula(char c)
{
	return c == '=' || c == '+' || c == '-' || c == '@' || c == '"';
}

/* escape() - write the safe form of text at p, which has room for ESCAPED_MAX(len) bytes. Returns its end; writes no
 * NUL. */
char *escape(char *p, const char *text, size_t len, enum escape_mode mode);

/*
 * unescape() - the bytes that escape() was given; p has room for len bytes. Returns their end, or NULL where text holds
 * a backslash that begins no escape of the list above.
 */
char *unescape(char *p, const char *text, size_t len);

/* escaped() - the safe form of a string in static storage (the last four results live), cut at 1,000 bytes: for
 * messages. */
const char *escaped(const char *text);

#endif
