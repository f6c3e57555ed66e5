/* threads.c - see threads.h */
#include "threads.h"

#include <stdlib.h>
#include <string.h>

#define HEADS 32768
#define NONE  UINT32_MAX

struct threads {
	uint32_t heads[HEADS];
	struct thread *list;
	uint32_t n, cap;
	uint32_t unused; /* the first of those that can be used again */
	uint32_t hand;   /* the next one to be asked whether it can be forgotten */
};

_Static_assert(THREADS_MAX * sizeof(struct thread) + sizeof(struct threads) <= THREADS_MEMORY, "more than is said");

struct threads *threads_new(void)
{
	struct threads *threads = calloc(1, sizeof(*threads));

	if (!threads)
		return NULL;
	memset(threads->heads, 0xff, sizeof(threads->heads));
	threads->unused = NONE;
	return threads;
}

void threads_free(struct threads *threads)
{
	if (!threads)
		return;
	free(threads->list);
	free(threads);
}

static uint32_t *head_of(struct threads *threads, uint32_t tid)
{
	return &threads->heads[tid % HEADS];
}

struct thread *threads_find(const struct threads *threads, uint32_t tid)
{
	uint32_t i = threads->heads[tid % HEADS];

	while (i != NONE && threads->list[i].tid != tid)
		i = threads->list[i].next;
	return i != NONE ? &threads->list[i] : NULL;
}

void threads_remove(struct threads *threads, uint32_t tid)
{
	for (uint32_t *at = head_of(threads, tid); *at != NONE; at = &threads->list[*at].next) {
		uint32_t i = *at;

		if (threads->list[i].tid != tid)
			continue;
		*at = threads->list[i].next;
		threads->list[i].next = threads->unused;
		threads->unused = i;
		return;
	}
}

/* All are in use: forget one, better one that is in no call. */
static void forget_one(struct threads *threads)
{
	for (uint32_t tries = 0; tries < threads->n; tries++) {
		threads->hand = (threads->hand + 1) % threads->n;
		if (!threads->list[threads->hand].open)
			break;
	}
	threads_remove(threads, threads->list[threads->hand].tid);
}

static bool grow(struct threads *threads)
{
	uint32_t cap = threads->cap ? 2 * threads->cap : 256;
	struct thread *list;

	if (cap > THREADS_MAX) {
		forget_one(threads);
		return true;
	}
	list = reallocarray(threads->list, cap, sizeof(*list));
	if (!list)
		return false;
	threads->list = list;
	threads->cap = cap;
	return true;
}

struct thread *threads_get(struct threads *threads, uint32_t tid)
{
	struct thread *thread = threads_find(threads, tid);
	uint32_t *head = head_of(threads, tid), i;

	if (thread)
		return thread;
	if (threads->unused == NONE && threads->n == threads->cap && !grow(threads))
		return NULL;
	i = threads->unused;
	if (i == NONE)
		i = threads->n++;
	else
		threads->unused = threads->list[i].next;
	threads->list[i] = (struct thread){.tid = tid, .next = *head};
	*head = i;
	return &threads->list[i];
}

void thread_reset(struct thread *thread, uint32_t pid)
{
	*thread = (struct thread){.tid = thread->tid, .next = thread->next, .pid = pid};
}

bool thread_set_comm(struct thread *thread, const char *comm, size_t len)
{
	if (len > sizeof(thread->comm))
		len = sizeof(thread->comm);
	if (thread->comm_len == len && memcmp(thread->comm, comm, len) == 0)
		return false;
	memcpy(thread->comm, comm, len);
	thread->comm_len = (uint8_t)len;
	return true;
}
