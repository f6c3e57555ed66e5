/*
 * list.h - lists that grow.
 *
 *	struct thing *things = NULL;
 *	size_t n = 0, cap = 0;
 *	if (sst_list_grow(&things, &cap, n + 1, sizeof(*things)))
 *		return -ENOMEM;
 *	things[n++] = thing;
 *
 * list is the address of the pointer to the elements, each of size bytes; *cap: how many there is room for. Both return
 * 0, or -ENOMEM.
 */
#ifndef SST_LIST_H
#define SST_LIST_H

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define SST_LIST_LEAST 64 /* elements, of one that grows */

/* sst_list_grow() - room for n elements, or for some more. What is there stays, also without memory. */
static inline int sst_list_grow(void *list, size_t *cap, size_t n, size_t size)
{
	size_t more = *cap ? *cap : SST_LIST_LEAST;
	void *old, *new;

	if (n <= *cap)
		return 0;
	while (more < n)
		more *= 2;
	memcpy(&old, list, sizeof(old));
	new = reallocarray(old, more, size);
	if (!new)
		return -ENOMEM;
	memcpy(list, &new, sizeof(new));
	*cap = more;
	return 0;
}

/* sst_list_renew() - room for n elements, all zero if it is new. What was there is lost. */
static inline int sst_list_renew(void *list, size_t *cap, size_t n, size_t size)
{
	void *old, *new;

	if (n <= *cap)
		return 0;
	memcpy(&old, list, sizeof(old));
	free(old);
	new = calloc(n, size);
	memcpy(list, &new, sizeof(new));
	*cap = new ? n : 0;
	return new ? 0 : -ENOMEM;
}

#endif
