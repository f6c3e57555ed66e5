/*
 * naming.h - the names that the tracker has found for the rows of a list: made by one thread, in order, and printed by
 * others later.
 *
 *	naming_begin(naming, n);		a list of at most n elements
 *	naming_set(naming, i, &names);
 *	naming_take_back(naming, i);		it was not certain
 *	naming_show(naming, i, &row);		what views are given
 */
#ifndef SYSDECODE_NAMING_H
#define SYSDECODE_NAMING_H

#include "path.h"
#include "row.h"
#include "tracker.h"

#define NAMING_TEXT ((size_t)1 << 20) /* bytes of names after which a list is long enough */

struct naming {
	struct row_names *list; /* by index in the list */
	size_t cap;
	char *text;
	size_t n_text, cap_text;
	uint64_t serial; /* of the list: marks paths that are in text already */
};

/* What a naming of a list of n elements takes at most. */
#define NAMING_MEMORY(n) (NAMING_TEXT + 3 * PATH_ROOM + (size_t)(n)*16)

/* naming_begin() - returns whether there is memory. */
bool naming_begin(struct naming *naming, size_t n);
void naming_free(struct naming *naming);

/* naming_set() - of element i. Without memory it is not known. */
void naming_set(struct naming *naming, size_t i, const struct names *names);
void naming_take_back(struct naming *naming, size_t i);

/* naming_is_full() - is it time to print the list? */
bool naming_is_full(const struct naming *naming);

void naming_show(const struct naming *naming, size_t i, struct row *row);

/* naming_show_nothing() - of a recording that is not tracked: "?" for whatever may work on a file. */
void naming_show_nothing(struct row *row);

#endif
