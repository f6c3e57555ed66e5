/*
 * meta.h - the facts about a recording: an ordered list of key=value texts.
 *
 * Keys are lower-case words joined by dots ("kernel.release"); a value is any bytes but NUL, numbers in decimal. Which
 * keys there are, docs/format.md says; unknown ones are kept and shown.
 */
#ifndef SST_META_H
#define SST_META_H

#include <stddef.h>
#include <stdint.h>

struct sst_meta_entry {
	char *key, *value;
};

struct sst_meta {
	struct sst_meta_entry *entries;
	size_t n;
};

/* Set or replace key. Return 0, -ENOMEM, or -EINVAL for a key that is not one. value may hold any bytes up to its NUL.
 */
int sst_meta_set(struct sst_meta *meta, const char *key, const char *value);
int sst_meta_set_u64(struct sst_meta *meta, const char *key, uint64_t value);
int sst_meta_set_i64(struct sst_meta *meta, const char *key, int64_t value);

/* The value of key, owned by meta, or NULL. */
const char *sst_meta_get(const struct sst_meta *meta, const char *key);
/* The value as a number; fallback where there is no such key or it is no number. */
uint64_t sst_meta_u64(const struct sst_meta *meta, const char *key, uint64_t fallback);
int64_t sst_meta_i64(const struct sst_meta *meta, const char *key, int64_t fallback);

/* Forget all entries. */
void sst_meta_clear(struct sst_meta *meta);

#endif
