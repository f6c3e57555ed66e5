/*
 * option_table.h - the options of sysstream, one row each: what is printed of them and what they do
 */
#ifndef TRACER_OPTION_TABLE_H
#define TRACER_OPTION_TABLE_H

#include "options.h"

#define OPTION_ROWS 43

struct option_row {
	char letter;      /* 0: none */
	const char *name; /* long name, or NULL */
	const char *arg;  /* what the argument is called, in [] if it may be left out; NULL: it has none */
	const char *help; /* lines divided by \n */
	/* What it does: take its argument (NULL: left out), or set a flag of struct options. */
	int (*take)(struct options *options, const char *text, struct message *error);
	size_t flag; /* offset, if take is NULL */
};

extern const struct option_row option_table[OPTION_ROWS];

/* option_take() - do what the option of this row does. 0, or -errno with a sentence. */
int option_take(struct options *options, const struct option_row *row, const char *text, struct message *error);

/*
 * option_unknown() - the sentence for an argument that begins like an option and is none: what is near to it, or what
 * other tools call so. letter: within arg, which may be a cluster of them; for long ones it does not matter. -EINVAL.
 */
int option_unknown(const char *arg, char letter, struct message *error);

#endif
