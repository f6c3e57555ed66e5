/* pathnames.c - see pathnames.h */
#include "pathnames.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define HEADS 8192

struct pathname {
	uint32_t next; /* of those with the same hash; 0: none */
	bool kept;
	size_t len;
	char text[];
};

static struct {
	pthread_mutex_t lock;
	struct pathname **list;  /* from 1 on; NULL: not in use */
	uint32_t n, cap, unused; /* below unused all are in use */
	uint32_t heads[HEADS];
	size_t memory;
} all = {.lock = PTHREAD_MUTEX_INITIALIZER};

static uint32_t *head_of(const char *text, size_t len)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)text[i]) * 16777619u;
	return &all.heads[(hash ^ hash >> 16) % HEADS];
}

static uint32_t find(uint32_t number, const char *text, size_t len)
{
	while (number && (all.list[number]->len != len || memcmp(all.list[number]->text, text, len) != 0))
		number = all.list[number]->next;
	return number;
}

/* A number that is not in use, or 0. */
static uint32_t new_number(void)
{
	uint32_t cap = all.cap ? 2 * all.cap : 1024;
	struct pathname **list;

	while (all.unused > 0 && all.unused < all.n && all.list[all.unused])
		all.unused++;
	if (all.unused > 0 && all.unused < all.n)
		return all.unused;
	if (all.n < all.cap)
		return all.n++;
	list = reallocarray(all.list, cap, sizeof(struct pathname *));
	if (!list)
		return 0;
	all.memory += (cap - all.cap) * sizeof(struct pathname *);
	all.list = list;
	all.cap = cap;
	if (all.n == 0) /* 0 is none */
		all.list[all.n++] = NULL;
	all.unused = all.n;
	return all.n++;
}

static uint32_t add(uint32_t *head, const char *text, size_t len)
{
	size_t size = sizeof(struct pathname) + len;
	struct pathname *name = all.memory + size <= PATHNAMES_MEMORY ? malloc(size) : NULL;
	uint32_t number = name ? new_number() : 0;

	if (!number) {
		free(name);
		return PATHNAME_FULL;
	}
	*name = (struct pathname){.next = *head, .len = len};
	memcpy(name->text, text, len);
	all.list[number] = name;
	all.memory += size;
	*head = number;
	return number;
}

uint32_t pathnames_add(const char *text, size_t len)
{
	uint32_t *head, number;

	if (len == 0)
		return PATHNAME_NONE;
	pthread_mutex_lock(&all.lock);
	head = head_of(text, len);
	number = find(*head, text, len);
	if (!number)
		number = add(head, text, len);
	pthread_mutex_unlock(&all.lock);
	return number;
}

const char *pathnames_text(uint32_t number, size_t *len)
{
	const char *text = "";

	*len = 0;
	pthread_mutex_lock(&all.lock);
	if (number != PATHNAME_NONE && number < all.n && all.list[number]) {
		text = all.list[number]->text;
		*len = all.list[number]->len;
	}
	pthread_mutex_unlock(&all.lock);
	return text;
}

void pathnames_keep(uint32_t number)
{
	if (number != PATHNAME_NONE && number < all.n && all.list[number])
		all.list[number]->kept = true;
}

static void forget_in(uint32_t *link)
{
	while (*link) {
		uint32_t number = *link;
		struct pathname *name = all.list[number];

		if (name->kept) {
			name->kept = false;
			link = &name->next;
			continue;
		}
		*link = name->next;
		all.memory -= sizeof(*name) + name->len;
		all.list[number] = NULL;
		all.unused = number < all.unused ? number : all.unused;
		free(name);
	}
}

void pathnames_forget(void)
{
	pthread_mutex_lock(&all.lock);
	for (uint32_t i = 0; i < HEADS; i++)
		forget_in(&all.heads[i]);
	pthread_mutex_unlock(&all.lock);
}
