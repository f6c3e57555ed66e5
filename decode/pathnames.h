/*
 * pathnames.h - the paths that calls were about, by numbers, for sums.
 *
 *	number = pathnames_add(row->path, row->path_len);
 *	text = pathnames_text(number, &len);
 *
 * Any thread may add and ask. Memory is bounded: beyond it there are no new ones. Who goes on for weeks forgets now and
 * then those that are not used any more, while nobody else asks:
 *
 *	pathnames_keep(number);		for each that is
 *	pathnames_forget();
 */
#ifndef SYSDECODE_PATHNAMES_H
#define SYSDECODE_PATHNAMES_H

#include <stddef.h>
#include <stdint.h>

#define PATHNAMES_MEMORY ((size_t)6 << 20)

#define PATHNAME_NONE 0          /* the call works on no file */
#define PATHNAME_FULL UINT32_MAX /* there was no memory for it */

/* pathnames_add() - the number of a path of any bytes; len 0: PATHNAME_NONE. Or PATHNAME_FULL. */
uint32_t pathnames_add(const char *text, size_t len);

/* pathnames_text() - "" for PATHNAME_NONE; valid until it is forgotten. No NUL behind it. */
const char *pathnames_text(uint32_t number, size_t *len);

/* pathnames_keep() - of the next pathnames_forget(). */
void pathnames_keep(uint32_t number);
void pathnames_forget(void);

#endif
