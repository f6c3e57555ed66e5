/* naming.c - see naming.h */
#include "naming.h"

#include "escape.h"

#include <stdlib.h>
#include <string.h>

#define NONE    UINT32_MAX       /* instead of an offset: it works on no file */
#define UNKNOWN (UINT32_MAX - 1) /* its name is not known */

#define CLEAN UINT32_C(0x80000000) /* so much is added to the length of what escape_clean() is true for */
#define SLACK 32                   /* bytes that can be read behind a text */

struct row_names {
	uint32_t path, path_len, other, other_len; /* offset in text, length */
};

_Static_assert(sizeof(struct row_names) == 16, "NAMING_MEMORY counts so");

bool naming_begin(struct naming *naming, size_t n)
{
	static uint64_t last;

	naming->serial = ++last;
	naming->n_text = 0;
	if (n <= naming->cap)
		return true;
	free(naming->list);
	naming->list = reallocarray(NULL, n, sizeof(*naming->list));
	naming->cap = naming->list ? n : 0;
	return naming->list != NULL;
}

void naming_free(struct naming *naming)
{
	free(naming->list);
	free(naming->text);
	*naming = (struct naming){0};
}

#define TEXT_MAX (NAMING_TEXT + 2 * PATH_ROOM)

/* Room for len bytes more. */
static bool reserve(struct naming *naming, size_t len)
{
	size_t cap = naming->cap_text ? naming->cap_text : 65536;
	char *text;

	if (naming->n_text + len + SLACK <= naming->cap_text)
		return true;
	while (cap < naming->n_text + len + SLACK)
		cap *= 2;
	cap = cap > TEXT_MAX + SLACK ? TEXT_MAX + SLACK : cap;
	text = realloc(naming->text, cap);
	if (!text)
		return false;
	naming->text = text;
	naming->cap_text = cap;
	return true;
}

static uint32_t keep_new(struct naming *naming, const struct name *name, uint32_t *len)
{
	uint32_t at = (uint32_t)naming->n_text;
	struct path *path = name->path;

	*len = name->len;
	if (naming->n_text + name->len > TEXT_MAX || !reserve(naming, name->len))
		return UNKNOWN;
	if (escape_clean(naming->text + at, name->text, name->len))
		*len += CLEAN;
	else
		memcpy(naming->text + at, name->text, name->len);
	naming->n_text += name->len;
	if (path) {
		path->list = naming->serial;
		path->list_at = at;
		path->list_len = *len;
	}
	return at;
}

/* A name that many rows share is kept once. *len: with CLEAN. */
static inline uint32_t keep(struct naming *naming, const struct name *name, uint32_t *len)
{
	const struct path *path = name->path;

	if (!name->text)
		return NONE;
	if (!name->known)
		return UNKNOWN;
	if (!path || path->list != naming->serial || (path->list_len & ~CLEAN) != name->len)
		return keep_new(naming, name, len);
	*len = path->list_len;
	return path->list_at;
}

void naming_set(struct naming *naming, size_t i, const struct names *names)
{
	struct row_names *row = &naming->list[i];

	row->path = keep(naming, &names->path, &row->path_len);
	row->other = names->other.text ? keep(naming, &names->other, &row->other_len) : NONE;
}

void naming_take_back(struct naming *naming, size_t i)
{
	naming->list[i].path = UNKNOWN;
}

bool naming_is_full(const struct naming *naming)
{
	return naming->n_text >= NAMING_TEXT;
}

static const char *show(const struct naming *naming, uint32_t at, uint32_t len, uint32_t *shown)
{
	*shown = at == NONE ? 0 : at == UNKNOWN ? 1 : len & ~CLEAN;
	return at == NONE ? NULL : at == UNKNOWN ? "?" : naming->text + at;
}

void naming_show(const struct naming *naming, size_t i, struct row *row)
{
	const struct row_names *names = &naming->list[i];

	row->path = show(naming, names->path, names->path_len, &row->path_len);
	row->other = show(naming, names->other, names->other_len, &row->other_len);
	row->path_clean = names->path < UNKNOWN && names->path_len & CLEAN;
}

void naming_show_nothing(struct row *row)
{
	const struct operands *operands = &row->call->deed.operands;
	bool has = operands->path >= 0 || (operands->fd >= 0 && (int32_t)(uint32_t)row->arg[operands->fd] >= 0);

	row->path = has ? "?" : NULL;
	row->path_len = row->path != NULL;
	row->path_clean = false;
	row->other = row->call->deed.operands.path2 >= 0 ? "?" : NULL;
	row->other_len = row->other != NULL;
}
