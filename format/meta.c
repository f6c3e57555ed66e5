#include "meta.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEY_MAX 64

/* Words of a-z, 0-9, '-' and '_', joined by single dots, the first character a letter. */
static bool is_key(const char *key)
{
	size_t len = strlen(key);

	if (len == 0 || len > KEY_MAX || key[0] < 'a' || key[0] > 'z' || key[len - 1] == '.' || strstr(key, ".."))
		return false;
	return strspn(key, "abcdefghijklmnopqrstuvwxyz0123456789-_.") == len;
}

static struct sst_meta_entry *find(const struct sst_meta *meta, const char *key)
{
	for (size_t i = 0; i < meta->n; i++)
		if (strcmp(meta->entries[i].key, key) == 0)
			return &meta->entries[i];
	return NULL;
}

/* Takes over value. */
static int append(struct sst_meta *meta, const char *key, char *value)
{
	struct sst_meta_entry *entries = realloc(meta->entries, (meta->n + 1) * sizeof(*entries));
	char *copy = strdup(key);

	if (entries)
		meta->entries = entries;
	if (!entries || !copy) {
		free(copy);
		free(value);
		return -ENOMEM;
	}
	entries[meta->n++] = (struct sst_meta_entry){.key = copy, .value = value};
	return 0;
}

int sst_meta_set(struct sst_meta *meta, const char *key, const char *value)
{
	struct sst_meta_entry *entry;
	char *copy;

	if (!is_key(key))
		return -EINVAL;
	copy = strdup(value);
	if (!copy)
		return -ENOMEM;
	entry = find(meta, key);
	if (!entry)
		return append(meta, key, copy);
	free(entry->value);
	entry->value = copy;
	return 0;
}

int sst_meta_set_u64(struct sst_meta *meta, const char *key, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, value);
	return sst_meta_set(meta, key, text);
}

int sst_meta_set_i64(struct sst_meta *meta, const char *key, int64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, value);
	return sst_meta_set(meta, key, text);
}

const char *sst_meta_get(const struct sst_meta *meta, const char *key)
{
	const struct sst_meta_entry *entry = find(meta, key);

	return entry ? entry->value : NULL;
}

/* Decimal digits only: strtoull() alone would also take spaces, signs and nothing at all. */
static bool parse(const char *digits, uint64_t max, uint64_t *value)
{
	char *end;

	if (!digits || digits[0] < '0' || digits[0] > '9')
		return false;
	errno = 0;
	*value = strtoull(digits, &end, 10);
	return errno == 0 && *end == '\0' && *value <= max;
}

uint64_t sst_meta_u64(const struct sst_meta *meta, const char *key, uint64_t fallback)
{
	uint64_t value;

	return parse(sst_meta_get(meta, key), UINT64_MAX, &value) ? value : fallback;
}

int64_t sst_meta_i64(const struct sst_meta *meta, const char *key, int64_t fallback)
{
	const char *text = sst_meta_get(meta, key);
	bool negative = text && text[0] == '-';
	uint64_t value;

	if (!parse(negative ? text + 1 : text, (uint64_t)INT64_MAX + negative, &value))
		return fallback;
	return (int64_t)(negative ? 0 - value : value);
}

void sst_meta_clear(struct sst_meta *meta)
{
	for (size_t i = 0; i < meta->n; i++) {
		free(meta->entries[i].key);
		free(meta->entries[i].value);
	}
	free(meta->entries);
	*meta = (struct sst_meta){0};
}
