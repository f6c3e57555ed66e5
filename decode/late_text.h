/*
 * late_text.h - what was captured of late rows, and of those that are merged, as long as they wait for their turn.
 *
 *	struct late_texts texts = {0};
 *	captured = captured_of(rows, i);
 *	late_texts_add(&texts, &captured, &piece);		copies; piece says where it is
 *	late_texts_show(&texts, &piece, &row);
 *	late_texts_clear(&texts);				all of it; late_texts_free() gives the memory back
 */
#ifndef SYSDECODE_LATE_TEXT_H
#define SYSDECODE_LATE_TEXT_H

#include "format/rows.h"
#include "row.h"

#define LATE_ROW_TEXT     ((size_t)1 << 16) /* bytes that are kept of one row; a recorder captures less … */
#define LATE_ROW_CAPTURES 32                /* … and so many pieces of memory */

struct late_texts {
	struct sst_capture *captures;
	uint8_t *text;
	size_t n, cap, len, cap_text;
};

struct late_piece {
	uint32_t first, n; /* of captures */
	uint32_t len;      /* bytes */
};

/* Of a row, an event or something open, where it is now. */
struct captured {
	const struct sst_capture *list;
	size_t n;
	const uint8_t *text;
};

/* captured_of() - what is in a frame of row i. */
static inline struct captured captured_of(const struct sst_rows *rows, size_t i)
{
	struct captured captured = {.text = rows->text};
	size_t first = rows->n_captures > 0 ? sst_rows_captures(rows, (uint32_t)i, &captured.n) : 0;

	if (captured.n > 0)
		captured.list = rows->captures + first;
	return captured;
}

/* late_texts_size() - how many captures are kept: the first ones within the limits above. *len: their bytes. */
size_t late_texts_size(const struct captured *captured, size_t *len);

/* late_texts_add() - false without memory: nothing is added then, and *piece is empty. */
bool late_texts_add(struct late_texts *texts, const struct captured *captured, struct late_piece *piece);

/* late_texts_copy() - the piece of another one. */
bool late_texts_copy(struct late_texts *texts, const struct late_texts *from, struct late_piece *piece);

/* late_texts_show() - what the row has; what was there stays where the piece is empty. */
static inline void late_texts_show(const struct late_texts *texts, const struct late_piece *piece, struct row *row)
{
	if (piece->n == 0)
		return;
	row->captures = texts->captures + piece->first;
	row->n_captures = piece->n;
	row->text = texts->text;
}

static inline void late_texts_clear(struct late_texts *texts)
{
	texts->n = texts->len = 0;
}

void late_texts_free(struct late_texts *texts);

/* late_texts_memory() - bytes that are taken. */
static inline size_t late_texts_memory(const struct late_texts *texts)
{
	return texts->cap * sizeof(*texts->captures) + texts->cap_text;
}

#endif
