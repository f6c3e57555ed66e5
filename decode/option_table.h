/*
 * option_table.h - the options of sysdecode, one row each: how they are written and what they do
 */
#ifndef SYSDECODE_OPTION_TABLE_H
#define SYSDECODE_OPTION_TABLE_H

#include "options.h"

#define OPTION_ROWS 35

struct option_row {
	const char *name; /* long name */
	char letter;      /* 0: none */
	int has_arg;      /* a value, as getopt_long() has it: no_argument, required_argument, optional_argument */
	/* What it does: take its value (NULL: left out, or it has none), or set a flag of struct options. */
	bool (*take)(struct options *options, const char *value);
	size_t flag; /* offset, if take is NULL */
};

extern const struct option_row option_table[OPTION_ROWS];

/*
 * option_take() - do what the option of this row does. Strings in value are kept, not copied. False after an error,
 * which has been said on standard error.
 */
bool option_take(struct options *options, const struct option_row *row, const char *value);

#endif
