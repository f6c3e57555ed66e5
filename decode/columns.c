/* columns.c - see columns.h */
#include "columns.h"

#include <errno.h>
#include <string.h>

static const char *const names[COLUMN_COUNT] = {
#define X(id, name) [COLUMN_##id] = (name),
	COLUMN_LIST(X)
#undef X
};

const char *column_name(enum column column)
{
	return names[column];
}

void columns_default(struct columns *columns)
{
	for (columns->n = 0; columns->n < DEFAULT_COLUMNS; columns->n++)
		columns->list[columns->n] = (enum column)columns->n;
}

int columns_add(struct columns *columns, const char *name)
{
	for (unsigned column = 0; column < COLUMN_COUNT; column++) {
		if (strcmp(name, names[column]) != 0)
			continue;
		if (columns->n == COLUMNS_MAX)
			return -E2BIG;
		columns->list[columns->n++] = (enum column)column;
		return 0;
	}
	return -ENOENT;
}
