/* tally.c - see tally.h */
#include "tally.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_CAP 64

static uint64_t mix(uint64_t hash, uint64_t v)
{
	hash = (hash ^ v) * 0x9e3779b97f4a7c15u;
	return hash ^ hash >> 29;
}

uint64_t tally_hash(const struct tally_key *key)
{
	uint64_t hash = mix(key->interval, (uint64_t)key->pid << 32 | key->tid);

	hash = mix(hash,
		   (uint64_t)key->nr << 32 | (uint32_t)key->container << 16 | (uint32_t)key->kind << 8 | key->abi);
	if (key->path)
		hash = mix(hash, key->path);
	for (size_t i = 0; i < key->comm_len; i++)
		hash = mix(hash, (unsigned char)key->comm[i]);
	return hash;
}

bool tally_same_key(const struct tally_key *a, const struct tally_key *b)
{
	return a->interval == b->interval && a->pid == b->pid && a->tid == b->tid && a->nr == b->nr &&
	       a->abi == b->abi && a->container == b->container && a->path == b->path && a->kind == b->kind &&
	       a->comm_len == b->comm_len && memcmp(a->comm, b->comm, a->comm_len) == 0;
}

/* Where the key is, or where it could be put. There is always an empty slot. */
static struct tally **slot_of(const struct tallies *tallies, const struct tally_key *key)
{
	size_t i = (size_t)tally_hash(key) & (tallies->cap - 1);

	while (tallies->slots[i] && !tally_same_key(&tallies->slots[i]->key, key))
		i = (i + 1) & (tallies->cap - 1);
	return &tallies->slots[i];
}

static bool grow(struct tallies *tallies)
{
	struct tallies old = *tallies;

	tallies->cap = old.cap ? 2 * old.cap : FIRST_CAP;
	tallies->slots = calloc(tallies->cap, sizeof(struct tally *));
	if (!tallies->slots) {
		*tallies = old;
		return false;
	}
	for (size_t i = 0; i < old.cap; i++)
		if (old.slots[i])
			*slot_of(tallies, &old.slots[i]->key) = old.slots[i];
	tallies->memory += (tallies->cap - old.cap) * sizeof(struct tally *);
	free(old.slots);
	return true;
}

struct tally *tallies_find(const struct tallies *tallies, const struct tally_key *key)
{
	return tallies->cap ? *slot_of(tallies, key) : NULL;
}

struct tally *tallies_get(struct tallies *tallies, const struct tally_key *key)
{
	struct tally **slot, *tally = tallies_find(tallies, key);

	if (tally)
		return tally;
	if (tallies->n >= tallies->cap / 2 && !grow(tallies))
		return NULL;
	slot = slot_of(tallies, key);
	*slot = calloc(1, sizeof(**slot));
	if (!*slot)
		return NULL;
	(*slot)->key = *key;
	(*slot)->name.rank = UINT32_MAX;
	tallies->n++;
	tallies->memory += sizeof(**slot);
	return *slot;
}

void tallies_clear(struct tallies *tallies)
{
	for (size_t i = 0; i < tallies->cap; i++) {
		if (!tallies->slots[i])
			continue;
		histogram_clear(&tallies->slots[i]->durations);
		free(tallies->slots[i]);
	}
	free(tallies->slots);
	*tallies = (struct tallies){.limit = tallies->limit};
}

void tally_name(struct tally *tally, uint32_t rank, uint64_t time, const char *comm, size_t comm_len)
{
	struct tally_name *name = &tally->name;

	if (rank > name->rank || (rank == name->rank && time < name->time))
		return;
	name->rank = rank;
	name->time = time;
	name->comm_len = (uint8_t)comm_len;
	memcpy(name->comm, comm, comm_len);
}

void tally_blur(struct tallies *tallies, struct tally *tally)
{
	tallies->memory -= histogram_memory(&tally->durations);
	histogram_clear(&tally->durations);
	tally->blurred = true;
}

void tally_bucket(struct tallies *tallies, struct tally *tally, uint64_t low, uint64_t high, uint64_t n)
{
	size_t before = histogram_memory(&tally->durations);
	bool good = !tally->blurred && histogram_add_times(&tally->durations, low + (high - low) / 2, n);

	tallies->memory += histogram_memory(&tally->durations) - before;
	if (!good || (tallies->limit && tallies->memory > tallies->limit))
		tally_blur(tallies, tally);
}

static void add_durations(struct tallies *tallies, struct tally *to, const struct tally *from)
{
	size_t before = histogram_memory(&to->durations);
	bool good = !to->blurred && !from->blurred && histogram_merge(&to->durations, &from->durations);

	tallies->memory += histogram_memory(&to->durations) - before;
	if (!good || (tallies->limit && tallies->memory > tallies->limit && histogram_memory(&to->durations) > before))
		tally_blur(tallies, to);
}

void tally_add(struct tallies *tallies, struct tally *to, const struct tally *from)
{
	add_durations(tallies, to, from);
	to->calls += from->calls;
	to->errors += from->errors;
	to->unfinished += from->unfinished;
	to->timed += from->timed;
	to->total = to->total + from->total < to->total ? UINT64_MAX : to->total + from->total;
	to->max = from->max > to->max ? from->max : to->max;
	to->bytes += from->bytes;
	if (from->name.rank != UINT32_MAX)
		tally_name(to, from->name.rank, from->name.time, from->name.comm, from->name.comm_len);
}
