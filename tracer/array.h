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

#include "../format/list.h"

/* Room for need elements in array, which has room for cap. Returns 0, or -ENOMEM with nothing changed. */
#define ARRAY_GROW(array, cap, need) sst_list_grow(&(array), &(cap), (need), sizeof(*(array)))

#endif
