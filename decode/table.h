/*
 * table.h - the views tsv and csv: a header row, then one row a call or gap.
 *
 * tsv: cells end in a tab, text is escaped as escape.h says; nothing is quoted.
 * csv: RFC 4180 with LF line ends; the same escapes, and quotes around text that has a comma, a semicolon or a quote,
 * or a blank at its edge.
 */
#ifndef SYSDECODE_TABLE_H
#define SYSDECODE_TABLE_H

#include "columns.h"
#include "view.h"

enum dialect { DIALECT_TSV, DIALECT_CSV };

/* table_new() - NULL without memory. header: print the names of the columns first. Free with free(). */
struct view *table_new(enum dialect dialect, const struct columns *columns, bool header);

#endif
