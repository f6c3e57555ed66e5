/*
 * variants.h - calls told apart by what they work on. A column expects of a row what the last row of the same call had
 * (docs/format.md, "Values"), and a frame may have the same call several times in its list: so fcntl() with one command
 * need not be compared with fcntl() with another, nor read() of one socket with read() of the next. Which of them a row
 * is of, the column of calls tells; that is predicted from the two rows before, as the order of calls of a loop is.
 * For the encoder only: a decoder sees nothing but a longer list.
 *
 *	sst_variants_split(variants, rows, &split)	split: the same rows, with a list and a column of calls of
 *							their own
 */
#ifndef SST_VARIANTS_H
#define SST_VARIANTS_H

#include "rows.h"

struct sst_variants;

struct sst_variants *sst_variants_new(void);
void sst_variants_free(struct sst_variants *variants);

/*
 * sst_variants_split() - *split becomes rows, whose calls and column of calls are those of variants (until the next
 * call on them) where that makes the other columns smaller, and otherwise those of rows. Nothing is to be freed.
 */
void sst_variants_split(struct sst_variants *variants, const struct sst_rows *rows, struct sst_rows *split);

#endif
