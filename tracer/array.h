/*
 * array.h - arrays that grow.
 *
 *	struct thing *things = NULL;
 *	size_t n = 0, cap = 0;
 *	if (ARRAY_GROW(things, cap, n + 1))
 *		return -ENOMEM;
 *	things[n++] = thing;
 */
#ifndef TRACER_ARRAY_H
#define TRACER_ARRAY_H

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

/* Room for need elements of size bytes in *array, which has room for *cap. Returns 0, or -ENOMEM with nothing changed.
 */
static inline int array_grow(void *array, size_t *cap, size_t need, size_t size)
{
	void **p = array;
	size_t n = *cap ? *cap : 64;
	void *bigger;

	if (need <= *cap)
		return 0;
	while (n < need)
		n *= 2;
	bigger = realloc(*p, n * size);
	if (!bigger)
		return -ENOMEM;
	*p = bigger;
	*cap = n;
	return 0;
}

#define ARRAY_GROW(array, cap, need) array_grow(&(array), &(cap), (need), sizeof(*(array)))

#endif
