/*
 * cell.h - the texts that stand in the cells of more than one view.
 *
 * Each function writes at p, returns the end of the text and writes no NUL; see number.h for the room it may take.
 */
#ifndef SYSDECODE_CELL_H
#define SYSDECODE_CELL_H

#include <string.h>

#include "number.h"
#include "row.h"

/* The second that the last wall time was in: most share it with the one before. Zero it before use. */
struct wall {
	bool known;
	int64_t second; /* since 1970 */
	char text[32], zone[16];
};

static inline char *cell_string(char *p, const char *s)
{
	return stpcpy(p, s);
}

/* cell_pointer() - "0x" and v in hexadecimal. */
static inline char *cell_pointer(char *p, uint64_t v)
{
	*p++ = '0';
	*p++ = 'x';
	return put_hex(p, v);
}

/*
 * cell_json() - len bytes of text as the inside of a JSON string: first as escape() has it for messages, so that it is
 * valid UTF-8 and every byte comes back by unescape(); then backslashes and quotes as JSON wants them. p has room for
 * CELL_JSON_MAX(len) bytes.
 */
#define CELL_JSON_MAX(n) (5 * (n))
char *cell_json(char *p, const char *text, size_t len);

/*
 * cell_csv() - quote the cell that stands at [start, end), and the quotes in it, if CSV wants that: programs divide
 * cells at commas or semicolons, and some drop blanks at their ends. Behind it is room for as many bytes as it has and
 * two.
 */
char *cell_csv(char *start, char *end);

/* cell_abi() - "x86_64", or "abi_99" where no table knows it. */
char *cell_abi(char *p, unsigned abi);

/* cell_since() - a boot time as seconds since the recording began. */
static inline char *cell_since(char *p, const struct recording *recording, uint64_t boot)
{
	return put_seconds(p, (int64_t)(boot - recording->start));
}

/* cell_wall(), cell_epoch() - nothing where the recording does not know the time of day. */
char *cell_wall(char *p, struct wall *wall, const struct recording *recording, uint64_t boot);
char *cell_epoch(char *p, const struct recording *recording, uint64_t boot);

/* cell_note() - "23 calls lost: ring full (seq 17 to 39 until 1.250000000)". Never has a comma, semicolon or quote. */
char *cell_note(char *p, const struct recording *recording, const struct sst_gap *gap);

#endif
