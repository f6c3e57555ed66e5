/* late_text.c - see late_text.h */
#include "late_text.h"

#include <stdlib.h>
#include <string.h>

size_t late_texts_size(const struct captured *captured, size_t *len)
{
	size_t kept = 0;

	*len = 0;
	while (kept < captured->n && kept < LATE_ROW_CAPTURES && captured->list[kept].len <= LATE_ROW_TEXT - *len)
		*len += captured->list[kept++].len;
	return kept;
}

/* Room for n elements, and as many again where it has to grow. */
static bool reserve(void *array, size_t *cap, size_t n, size_t size)
{
	void *new, *old;

	if (n <= *cap)
		return true;
	memcpy(&old, array, sizeof(old));
	new = reallocarray(old, n + n / 2, size);
	if (!new)
		return false;
	memcpy(array, &new, sizeof(new));
	*cap = n + n / 2;
	return true;
}

bool late_texts_add(struct late_texts *texts, const struct captured *captured, struct late_piece *piece)
{
	size_t len, n = late_texts_size(captured, &len);

	*piece = (struct late_piece){.first = (uint32_t)texts->n};
	if (n == 0)
		return true;
	if (!reserve(&texts->captures, &texts->cap, texts->n + n, sizeof(*texts->captures)) ||
	    !reserve(&texts->text, &texts->cap_text, texts->len + len + 1, 1))
		return false;
	for (size_t i = 0; i < n; i++) {
		struct sst_capture *to = &texts->captures[texts->n++];

		*to = captured->list[i];
		to->offset = (uint32_t)texts->len;
		if (to->len > 0)
			memcpy(texts->text + texts->len, captured->text + captured->list[i].offset, to->len);
		texts->len += to->len;
	}
	piece->n = (uint32_t)n;
	piece->len = (uint32_t)len;
	return true;
}

bool late_texts_copy(struct late_texts *texts, const struct late_texts *from, struct late_piece *piece)
{
	struct captured captured = {.n = piece->n, .text = from->text};

	if (piece->n == 0)
		return true;
	captured.list = from->captures + piece->first;
	return late_texts_add(texts, &captured, piece);
}

void late_texts_free(struct late_texts *texts)
{
	free(texts->captures);
	free(texts->text);
	*texts = (struct late_texts){0};
}
