/*
 * memory.h - a file in memory, for tests: a sink that appends to it and sources that read it.
 */
#ifndef SST_TEST_MEMORY_H
#define SST_TEST_MEMORY_H

#include "format/reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct memory {
	uint8_t *data;
	size_t len, cap, at;
	size_t limit; /* bytes a read gives at most; 0: all */
};

/* A sink's write; context is a struct memory *. */
static inline int memory_append(void *context, const void *data, size_t len)
{
	struct memory *m = context;

	if (m->len + len > m->cap) {
		size_t cap = 2 * (m->len + len);
		uint8_t *new = realloc(m->data, cap);

		if (!new)
			return -ENOMEM;
		m->data = new;
		m->cap = cap;
	}
	memcpy(m->data + m->len, data, len);
	m->len += len;
	return 0;
}

static inline long memory_read(void *context, void *data, size_t len)
{
	struct memory *m = context;
	size_t left = m->at < m->len ? m->len - m->at : 0;

	len = len < left ? len : left;
	len = m->limit && len > m->limit ? m->limit : len;
	if (len > 0)
		memcpy(data, m->data + m->at, len);
	m->at += len;
	return (long)len;
}

static inline int memory_seek(void *context, uint64_t offset)
{
	struct memory *m = context;

	m->at = (size_t)offset;
	return 0;
}

static inline int64_t memory_size(void *context)
{
	return (int64_t)((struct memory *)context)->len;
}

/* A reader from the beginning; pipe: one that can neither seek nor knows its size. */
static inline struct sst_reader *memory_open(struct memory *m, bool pipe)
{
	struct sst_source source = {.read = memory_read, .context = m};

	m->at = 0;
	if (!pipe) {
		source.seek = memory_seek;
		source.size = memory_size;
	}
	return sst_reader_new(&source);
}

/* A writer to its end, with a uuid that begins with id. */
static inline struct sst_writer *memory_writer(struct memory *m, uint8_t id)
{
	struct sst_sink sink = {.write = memory_append, .context = m};
	uint8_t uuid[16] = {id};

	return sst_writer_new(&sink, uuid, 1);
}

#endif
