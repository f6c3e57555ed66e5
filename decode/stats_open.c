/* stats_open.c - see stats_open.h */
#include "stats_open.h"

#include <stdlib.h>
#include <string.h>

#define HEADS 4096
#define NONE  UINT32_MAX

static uint32_t *head_of(struct open_calls *open, uint32_t tid, uint64_t seq)
{
	return &open->heads[(tid * 31 + seq) % HEADS];
}

static bool reserve(struct open_calls *open)
{
	uint32_t cap = open->cap ? 2 * open->cap : 256;
	struct open_call *calls;

	if (!open->heads) {
		open->heads = malloc(HEADS * sizeof(*open->heads));
		if (!open->heads)
			return false;
		memset(open->heads, 0xff, HEADS * sizeof(*open->heads));
		open->unused = NONE;
	}
	if (open->unused != NONE || open->n < open->cap)
		return true;
	calls = open->cap < OPEN_MAX ? reallocarray(open->calls, cap, sizeof(*calls)) : NULL;
	if (!calls)
		return false;
	open->calls = calls;
	open->cap = cap;
	return true;
}

static void add_call(struct open_calls *open, uint32_t *head, const struct open_call *call)
{
	uint32_t i = open->unused;

	if (i == NONE)
		i = open->n++;
	else
		open->unused = open->calls[i].next;
	open->calls[i] = *call;
	open->calls[i].next = *head;
	*head = i;
}

/* Take out the row of the other sign, if it is there. */
static bool cancels(struct open_calls *open, const struct open_call *call)
{
	for (uint32_t *at = open->heads ? head_of(open, call->tid, call->seq) : NULL; at && *at != NONE;
	     at = &open->calls[*at].next) {
		struct open_call *other = &open->calls[*at];
		uint32_t i = *at;

		if (other->tid != call->tid || other->seq != call->seq || other->sign != -call->sign)
			continue;
		*at = other->next;
		other->next = open->unused;
		open->unused = i;
		return true;
	}
	return false;
}

void open_calls_note(struct open_calls *open, const struct open_call *call)
{
	if (cancels(open, call))
		return;
	if (reserve(open))
		add_call(open, head_of(open, call->tid, call->seq), call);
	else if (call->sign > 0)
		open->dropped++;
}

void open_calls_each(const struct open_calls *open, void (*see)(void *context, const struct open_call *call),
		     void *context)
{
	for (uint32_t head = 0; open->heads && head < HEADS; head++)
		for (uint32_t i = open->heads[head]; i != NONE; i = open->calls[i].next)
			see(context, &open->calls[i]);
}

void open_calls_clear(struct open_calls *open)
{
	free(open->heads);
	free(open->calls);
	*open = (struct open_calls){.dropped = open->dropped};
}
