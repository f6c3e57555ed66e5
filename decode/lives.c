/* lives.c - see lives.h */
#include "lives.h"

#include <stdlib.h>
#include <string.h>

#define HEADS 32768
#define NONE  UINT32_MAX
#define TRIES                                                                                                          \
	64 /* threads that are looked at to find one to forget: with all in calls, each new one would ask them all */

struct lives {
	uint32_t heads[HEADS];
	struct life *list;
	uint32_t n, cap;
	uint32_t unused; /* the first of those that can be used again */
	uint32_t hand;   /* the next one to be asked whether it can be forgotten */
};

_Static_assert(LIVES_MAX * sizeof(struct life) + sizeof(struct lives) <= LIVES_MEMORY, "more than is said");

struct lives *lives_new(void)
{
	struct lives *lives = calloc(1, sizeof(*lives));

	if (lives)
		lives_clear(lives);
	return lives;
}

void lives_clear(struct lives *lives)
{
	memset(lives->heads, 0xff, sizeof(lives->heads));
	lives->unused = NONE;
	lives->n = lives->hand = 0;
}

void lives_free(struct lives *lives)
{
	if (!lives)
		return;
	free(lives->list);
	free(lives);
}

static uint32_t *head_of(struct lives *lives, uint32_t tid)
{
	return &lives->heads[tid % HEADS];
}

struct life *lives_find(const struct lives *lives, uint32_t tid)
{
	uint32_t i = lives->heads[tid % HEADS];

	while (i != NONE && lives->list[i].tid != tid)
		i = lives->list[i].next;
	return i != NONE ? &lives->list[i] : NULL;
}

void lives_remove(struct lives *lives, uint32_t tid)
{
	for (uint32_t *at = head_of(lives, tid); *at != NONE; at = &lives->list[*at].next) {
		uint32_t i = *at;

		if (lives->list[i].tid != tid)
			continue;
		*at = lives->list[i].next;
		lives->list[i].next = lives->unused;
		lives->unused = i;
		return;
	}
}

/* All are in use: forget one, better one that is in no call if there is such among the next. */
static void forget_one(struct lives *lives)
{
	for (uint32_t tries = 0; tries < TRIES; tries++) {
		lives->hand = (lives->hand + 1) % lives->n;
		if (!lives->list[lives->hand].open)
			break;
	}
	lives_remove(lives, lives->list[lives->hand].tid);
}

static bool grow(struct lives *lives)
{
	uint32_t cap = lives->cap ? 2 * lives->cap : 256;
	struct life *list;

	if (cap > LIVES_MAX) {
		forget_one(lives);
		return true;
	}
	list = reallocarray(lives->list, cap, sizeof(*list));
	if (!list)
		return false;
	lives->list = list;
	lives->cap = cap;
	return true;
}

struct life *lives_get(struct lives *lives, uint32_t tid)
{
	struct life *thread = lives_find(lives, tid);
	uint32_t *head = head_of(lives, tid), i;

	if (thread)
		return thread;
	if (lives->unused == NONE && lives->n == lives->cap && !grow(lives))
		return NULL;
	i = lives->unused;
	if (i == NONE)
		i = lives->n++;
	else
		lives->unused = lives->list[i].next;
	lives->list[i] = (struct life){.tid = tid, .next = *head};
	*head = i;
	return &lives->list[i];
}

void life_reset(struct life *thread, uint32_t pid)
{
	*thread = (struct life){.tid = thread->tid, .next = thread->next, .pid = pid};
}

bool life_set_comm(struct life *thread, const char *comm, size_t len)
{
	if (len > sizeof(thread->comm))
		len = sizeof(thread->comm);
	if (thread->comm_len == len && memcmp(thread->comm, comm, len) == 0)
		return false;
	memcpy(thread->comm, comm, len);
	thread->comm_len = (uint8_t)len;
	return true;
}
