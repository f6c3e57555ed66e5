#include "containers.h"
#include "bytes.h"
#include "containers_stream.h"
#include "error.h"
#include "list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CONTAINER_BYTES 6 /* that one takes at least: six numbers */

static int add(struct sst_containers *containers, struct sst_container container, size_t len)
{
	if (containers->n == SST_CONTAINERS_MAX || len > SST_CONTAINERS_TEXT - containers->n_text)
		return -E2BIG;
	if (sst_list_grow(&containers->list, &containers->cap, containers->n + 1, sizeof(*containers->list)) ||
	    sst_list_grow(&containers->text, &containers->cap_text, containers->n_text + len + 1, 1))
		return -ENOMEM;
	container.offset = (uint32_t)containers->n_text;
	containers->n_text += len;
	containers->list[containers->n] = container;
	return (int)containers->n++;
}

int sst_containers_add(struct sst_containers *containers, uint32_t pidns, const char *const texts[SST_CONTAINER_TEXTS])
{
	struct sst_container container = {.pidns = pidns};
	size_t len = 0;
	int i;

	for (int k = 0; k < SST_CONTAINER_TEXTS; k++) {
		container.len[k] = (uint16_t)(texts[k] ? strnlen(texts[k], SST_CONTAINER_TEXT_MAX) : 0);
		len += container.len[k];
	}
	i = add(containers, container, len);
	if (i < 0)
		return i;
	len = containers->list[i].offset;
	for (int k = 0; k < SST_CONTAINER_TEXTS; k++) {
		if (texts[k])
			memcpy(containers->text + len, texts[k], container.len[k]);
		len += container.len[k];
	}
	return i;
}

const char *sst_container_text(const struct sst_containers *containers, size_t i, enum sst_container_text text,
			       size_t *len)
{
	const struct sst_container *container = &containers->list[i];
	size_t offset = container->offset;

	for (unsigned k = 0; k < text; k++)
		offset += container->len[k];
	*len = container->len[text];
	return containers->text + offset;
}

void sst_containers_clear(struct sst_containers *containers)
{
	containers->n = containers->n_text = 0;
}

void sst_containers_free(struct sst_containers *containers)
{
	free(containers->list);
	free(containers->text);
	*containers = (struct sst_containers){0};
}

/* --- the stream -------------------------------------------------------------------------------------------- */

size_t sst_containers_space(const struct sst_containers *containers, size_t n)
{
	return 32 + containers->n * (5 + SST_CONTAINER_TEXTS * 2) + containers->n_text + n * (2 + 5 + 5);
}

static uint8_t *put_list(const struct sst_containers *containers, uint8_t *p)
{
	p = sst_put_varint(p, containers->n);
	for (size_t i = 0; i < containers->n; i++) {
		p = sst_put_varint(p, containers->list[i].pidns);
		for (unsigned k = 0; k < SST_CONTAINER_TEXTS; k++) {
			size_t len;
			const char *text = sst_container_text(containers, i, k, &len);

			p = sst_put_varint(p, len);
			memcpy(p, text, len);
			p += len;
		}
	}
	return p;
}

uint8_t *sst_encode_containers(const struct sst_containers *containers, const struct sst_where *where, size_t stride,
			       size_t n, uint8_t *p)
{
	const char *at = (const char *)where;
	struct sst_where one;

	p = put_list(containers, p);
	for (size_t i = 0; i < n; i++) {
		memcpy(&one, at + i * stride, sizeof(one));
		p = sst_put_varint(p, one.container <= containers->n ? one.container : 0);
	}
	for (size_t i = 0; i < n; i++) {
		memcpy(&one, at + i * stride, sizeof(one));
		p = sst_put_varint(p, one.ns_pid);
	}
	for (size_t i = 0; i < n; i++) {
		memcpy(&one, at + i * stride, sizeof(one));
		p = sst_put_varint(p, one.ns_tid);
	}
	return p;
}

static int take_container(struct sst_cursor *c, struct sst_containers *containers)
{
	struct sst_container container = {.pidns = (uint32_t)sst_take_max(c, UINT32_MAX)};
	const uint8_t *texts[SST_CONTAINER_TEXTS];
	size_t sum = 0, offset;
	int i;

	for (unsigned k = 0; k < SST_CONTAINER_TEXTS && !c->bad; k++) {
		container.len[k] = (uint16_t)sst_take_max(c, SST_CONTAINER_TEXT_MAX);
		texts[k] = sst_take(c, container.len[k]);
		if (texts[k])
			c->bad |= memchr(texts[k], 0, container.len[k]) != NULL;
		sum += container.len[k];
	}
	if (c->bad || container.len[SST_CONTAINER_ID] == 0)
		return SST_E_COLUMN;
	i = add(containers, container, sum);
	if (i < 0)
		return i == -E2BIG ? SST_E_LIMIT : i;
	offset = containers->list[i].offset;
	for (unsigned k = 0; k < SST_CONTAINER_TEXTS; k++) {
		memcpy(containers->text + offset, texts[k], container.len[k]);
		offset += container.len[k];
	}
	return 0;
}

static void take_where(struct sst_cursor *c, const struct sst_containers *containers, char *at, size_t stride, size_t n)
{
	for (unsigned field = 0; field < 3; field++) {
		for (size_t i = 0; i < n && !c->bad; i++) {
			uint64_t v = sst_take_max(c, field ? UINT32_MAX : containers->n);
			struct sst_where one;

			memcpy(&one, at + i * stride, sizeof(one));
			if (field == 0)
				one.container = (uint16_t)v;
			else if (field == 1)
				one.ns_pid = (uint32_t)v;
			else
				one.ns_tid = (uint32_t)v;
			memcpy(at + i * stride, &one, sizeof(one));
		}
	}
}

int sst_decode_containers(const struct sst_bytes *stream, struct sst_containers *containers, struct sst_where *where,
			  size_t stride, size_t n)
{
	struct sst_cursor c = sst_cursor(stream->data, stream->len);
	uint64_t count;
	int err = 0;

	sst_containers_clear(containers);
	if (!stream->data)
		return 0;
	if (stream->encoding != SST_WHOLE)
		return SST_E_NEWER;
	count = sst_take_varint(&c);
	if (!c.bad && count > SST_CONTAINERS_MAX)
		return SST_E_LIMIT;
	if (c.bad || count > sst_left(&c) / CONTAINER_BYTES)
		return SST_E_COLUMN;
	for (uint64_t i = 0; i < count && !err; i++)
		err = take_container(&c, containers);
	if (!err)
		take_where(&c, containers, (char *)where, stride, n);
	return err ? err : c.bad || sst_left(&c) > 0 ? SST_E_COLUMN : 0;
}
