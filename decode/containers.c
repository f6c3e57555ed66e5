/* containers.c - see containers.h */
#include "containers.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define KNOWN_MAX 4096
#define SHORT_ID  12
#define LONG_ID   64 /* hexadecimal digits: one of these can be shortened */
#define ID_LEAST  4
#define HEADS     1024

struct text {
	struct text *before; /* what it has replaced */
	size_t len;
	char bytes[]; /* and a NUL */
};

/* What frames say of a container. All but best is as it was made. */
struct known {
	struct text *texts[CONTAINER_TEXTS];
	uint16_t next;
	uint16_t first; /* the first one of the same id */
};

static struct {
	pthread_mutex_t lock;
	struct known list[KNOWN_MAX + 1]; /* from 1 on */
	uint16_t n;
	uint16_t heads[HEADS];
	size_t memory;
} all = {.lock = PTHREAD_MUTEX_INITIALIZER};

static unsigned head_of(const char *id, size_t len)
{
	unsigned hash = 5381;

	for (size_t i = 0; i < len; i++)
		hash = hash * 33 + (unsigned char)id[i];
	return hash % HEADS;
}

static void set(struct known *known, enum container_text which, const char *bytes, size_t len)
{
	struct text *text;

	len = len < CONTAINER_TEXT_MAX ? len : CONTAINER_TEXT_MAX;
	if (all.memory + len > CONTAINERS_MEMORY || !(text = malloc(sizeof(*text) + len + 1)))
		return;
	text->before = known->texts[which];
	text->len = len;
	memcpy(text->bytes, bytes, len);
	text->bytes[len] = 0;
	all.memory += sizeof(*text) + len + 1;
	/* Who reads has no lock; the old one stays for them. */
	__atomic_store_n(&known->texts[which], text, __ATOMIC_RELEASE);
}

static bool is_long_id(const char *id, size_t len)
{
	if (len != LONG_ID)
		return false;
	for (size_t i = 0; i < len; i++)
		if (!id[i] || !strchr("0123456789abcdef", id[i]))
			return false;
	return true;
}

static bool is_text(const struct text *text, const char *bytes, size_t len)
{
	len = len < CONTAINER_TEXT_MAX ? len : CONTAINER_TEXT_MAX;
	return len == 0 ? !text : text && text->len == len && memcmp(text->bytes, bytes, len) == 0;
}

static const struct {
	enum sst_container_text from;
	enum container_text to;
} kept[] = {{SST_CONTAINER_NAME, CONTAINER_NAME},
	    {SST_CONTAINER_IMAGE, CONTAINER_IMAGE},
	    {SST_CONTAINER_RUNTIME, CONTAINER_RUNTIME}};

#define N_KEPT (sizeof(kept) / sizeof(kept[0]))

static bool says_the_same(const struct known *known, const struct sst_containers *list, size_t i)
{
	bool same = true;

	for (unsigned k = 0; k < N_KEPT && same; k++) {
		size_t len;
		const char *text = sst_container_text(list, i, kept[k].from, &len);

		same = is_text(known->texts[kept[k].to], text, len);
	}
	return same;
}

/* The one that says what the list's i-th does; 0: there is none. *first: the first of the same id, or 0. */
static uint16_t find(const struct sst_containers *list, size_t i, uint16_t *first)
{
	size_t len;
	const char *id = sst_container_text(list, i, SST_CONTAINER_ID, &len);
	uint16_t at = all.heads[head_of(id, len)];

	*first = 0;
	for (; at; at = all.list[at].next) {
		if (!is_text(all.list[at].texts[CONTAINER_ID], id, len))
			continue;
		*first = all.list[at].first;
		if (says_the_same(&all.list[at], list, i))
			return at;
	}
	return 0;
}

static void set_all(struct known *known, const struct sst_containers *list, size_t i)
{
	size_t len;
	const char *id = sst_container_text(list, i, SST_CONTAINER_ID, &len), *name;

	set(known, CONTAINER_ID, id, len);
	for (unsigned k = 0; k < N_KEPT; k++) {
		const char *text = sst_container_text(list, i, kept[k].from, &len);

		if (len > 0)
			set(known, kept[k].to, text, len);
	}
	name = sst_container_text(list, i, SST_CONTAINER_NAME, &len);
	if (len == 0) {
		id = sst_container_text(list, i, SST_CONTAINER_ID, &len);
		len = is_long_id(id, len) ? SHORT_ID : len;
		name = id;
	}
	set(known, CONTAINER_LABEL, name, len);
	set(known, CONTAINER_BEST, name, len);
}

static uint16_t add(const struct sst_containers *list, size_t i, uint16_t first)
{
	struct known *known = &all.list[all.n + 1];
	size_t len;
	const char *id = sst_container_text(list, i, SST_CONTAINER_ID, &len);
	uint16_t *head = &all.heads[head_of(id, len)];

	if (all.n == KNOWN_MAX)
		return CONTAINER_OTHER;
	set_all(known, list, i);
	if (!known->texts[CONTAINER_ID] || !known->texts[CONTAINER_LABEL])
		return CONTAINER_OTHER;
	known->next = *head;
	*head = ++all.n;
	known->first = first ? first : all.n;
	if (first && known->texts[CONTAINER_NAME] && !all.list[first].texts[CONTAINER_NAME])
		set(&all.list[first], CONTAINER_BEST, known->texts[CONTAINER_NAME]->bytes,
		    known->texts[CONTAINER_NAME]->len);
	return all.n;
}

static uint16_t intern(const struct sst_containers *list, size_t i)
{
	uint16_t first, number = find(list, i, &first);

	return number ? number : add(list, i, first);
}

uint16_t container_identity(uint16_t container)
{
	return container > 0 && container <= KNOWN_MAX ? all.list[container].first : container;
}

void containers_intern(struct sst_containers *list, struct sst_where *where, size_t stride, size_t n)
{
	uint16_t numbers[SST_CONTAINERS_MAX + 1];
	char *at = (char *)where;

	if (list->n == 0)
		return;
	numbers[0] = CONTAINER_NONE;
	pthread_mutex_lock(&all.lock);
	for (size_t i = 0; i < list->n; i++)
		numbers[i + 1] = intern(list, i);
	pthread_mutex_unlock(&all.lock);
	for (size_t i = 0; i < n; i++) {
		struct sst_where one;

		memcpy(&one, at + i * stride, sizeof(one));
		one.container = numbers[one.container];
		memcpy(at + i * stride, &one, sizeof(one));
	}
	sst_containers_clear(list);
}

const char *container_text(uint16_t container, enum container_text which, size_t *len)
{
	const struct text *text = container > 0 && container <= KNOWN_MAX
					  ? __atomic_load_n(&all.list[container].texts[which], __ATOMIC_ACQUIRE)
					  : NULL;

	if (container == CONTAINER_OTHER && (which == CONTAINER_LABEL || which == CONTAINER_BEST)) {
		*len = 5;
		return "other";
	}
	*len = text ? text->len : 0;
	return text ? text->bytes : "";
}

bool container_is(uint16_t container, const char *text)
{
	size_t len = strlen(text), n;
	const char *label = container_text(container, CONTAINER_NAME, &n);

	if (container == CONTAINER_NONE || container > KNOWN_MAX)
		return false;
	if (n > 0 && n == len && memcmp(label, text, len) == 0)
		return true;
	label = container_text(container, CONTAINER_ID, &n);
	return memcmp(label, text, n < len ? n : len) == 0 &&
	       (n == len || (n > len && len >= ID_LEAST && is_long_id(label, n)));
}
