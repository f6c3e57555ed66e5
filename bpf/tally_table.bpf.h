/*
 * tally_table.bpf.h - the tables of sysstream --tally (tally.h): one for each thread, in its chunk.
 *
 *	tally_returned(slot, duration, ret)	the call that the slot is in has returned
 *	tally_other(slot, ret, kind)	… or has ended in another way
 *
 * Only the thread writes there. Without a free chunk it is counted in the slot, and comes with the next table.
 */
#ifndef SYSSTREAM_TALLY_TABLE_BPF_H
#define SYSSTREAM_TALLY_TABLE_BPF_H

#include "tally.h"
#include "thread.bpf.h"

/* What is known of a call. */
enum tally_kind {
	TALLY_RETURNED,   /* result and duration */
	TALLY_UNTIMED,    /* the result: nobody saw it begin */
	TALLY_NO_RETURN,  /* nothing: it does not return */
	TALLY_UNFINISHED, /* nothing: the thread ended inside */
};

/* --- the table ------------------------------------------------------------------------------------------- */

static __always_inline struct tally_table *tally_table(u32 c)
{
	struct ring_chunk *chunk = c ? chunk_at(c - 1) : NULL;

	return chunk ? (struct tally_table *)chunk->data : NULL;
}

/* Calls that often come together are not in one place: write and openat, say, are 256 apart. */
static __always_inline u32 tally_hash(u32 class, u32 nr)
{
	return nr + (nr >> 7) * 37u + class * 85u;
}

/* number: 1 + index; 0: none */
static __always_inline struct tally_entry *tally_entry_at(struct tally_table *table, u32 number)
{
	u64 i = (u64)number - 1;

	if (i >= TALLY_LINES)
		return NULL;
	/* asm, so that the compiler leaves the order as it is: the verifier has to see the limit first */
	asm volatile("" : "+r"(i));
	return &table->entries[i];
}

static __always_inline bool tally_is_of(const struct tally_entry *entry, u32 class, u32 nr)
{
	return entry->nr == nr && entry->class == class;
}

/* Of a table that has one: nearly always in its first place. */
static __always_inline struct tally_entry *tally_find(struct tally_table *table, u8 class, u32 nr)
{
	struct tally_entry *entry = tally_entry_at(table, table->index[tally_hash(class, nr) % TALLY_INDEX]);

	return entry && tally_is_of(entry, class, nr) ? entry : NULL;
}

static __always_inline bool tally_has_room(const struct tally_table *table, u32 entries, u32 groups)
{
	return 2 * (table->n_entries + entries) + table->n_groups + groups <= 2 * TALLY_LINES;
}

static __always_inline bool tally_moves(u32 class, u32 nr)
{
	return info_of(class, nr).moves;
}

static __always_inline struct tally_table *tally_table_of(struct ring_slot *slot)
{
	return slot ? tally_table(READ(slot->chunk)) : NULL;
}

/*
 * Find it in the table of a slot, wherever it is, or make it: 1 + index; 0 when the table is full. Global functions,
 * here and below, as in thread.bpf.h: the verifier looks at each once.
 */
__noinline u32 tally_number(u32 index, u32 class, u32 nr)
{
	struct tally_table *table = tally_table_of(slot_at(index));
	struct tally_entry *entry;

	if (!table)
		return 0;
	for (u32 i = 0; i < TALLY_PROBES; i++) {
		u32 place = (tally_hash(class, nr) + i) % TALLY_INDEX;
		u32 number = table->index[place];

		if (number) {
			entry = tally_entry_at(table, number);
			if (entry && tally_is_of(entry, class, nr))
				return number;
			continue;
		}
		entry = tally_has_room(table, 1, 0) ? tally_entry_at(table, table->n_entries + 1) : NULL;
		if (!entry)
			return 0;
		entry->nr = nr;
		entry->class = class;
		entry->moves = tally_moves(class, nr);
		table->index[place] = ++table->n_entries;
		return table->n_entries;
	}
	return 0;
}

/* The same entry; NULL: there is none. */
static __always_inline struct tally_entry *tally_get(struct ring_slot *slot, u8 class, u32 nr)
{
	u32 number = tally_number(slot->index, class, nr);
	struct tally_table *table = tally_table_of(slot);

	return table ? tally_entry_at(table, number) : NULL;
}

/* Where the calls of this cell are counted; NULL: nowhere yet. */
static __always_inline u16 *tally_count(struct tally_table *table, const struct tally_entry *entry, u32 cell)
{
	u64 i = 2 * TALLY_LINES - (u64)entry->group[cell / TALLY_GROUP % TALLY_GROUPS];

	if (i >= 2 * TALLY_LINES)
		return NULL;
	asm volatile("" : "+r"(i));
	return &table->cells[i][cell % TALLY_GROUP];
}

/* The same, with a new group if need be; NULL when the table is full. */
static __always_inline u16 *tally_make_count(struct tally_table *table, struct tally_entry *entry, u32 cell)
{
	u16 *count;

	if (!table || !entry)
		return NULL;
	count = tally_count(table, entry, cell);
	if (count || !tally_has_room(table, 0, 1))
		return count;
	entry->group[cell / TALLY_GROUP % TALLY_GROUPS] = ++table->n_groups;
	return tally_count(table, entry, cell);
}

/* 2^n if v has no less than 2^n bits, which are all below the highest one; else 0. */
#define TALLY_HALF(v, n) ((((1ull << (1u << (n))) - 1 - (v)) >> 63) << (n))

/*
 * Which cell a duration counts in: the highest bit and the two below it tell. Without a branch: durations are never
 * the same, so that the processor would guess wrong.
 */
static __always_inline u32 tally_cell(u64 ns)
{
	u64 v = ns >> TALLY_LEAST_POWER, half;
	u32 power;

	if (!v)
		return 0;
	if (v >> 32)
		return TALLY_CELLS - 1;
	half = TALLY_HALF(v, 4);
	v >>= half;
	power = half;
	half = TALLY_HALF(v, 3);
	v >>= half;
	power += half;
	half = TALLY_HALF(v, 2);
	v >>= half;
	power += half;
	half = TALLY_HALF(v, 1);
	v >>= half;
	power += half;
	power += v >> 1;
	return (4 * power + (u32)(ns >> (power + TALLY_LEAST_POWER - 2)) % 4) % TALLY_CELLS;
}

/* --- chunks ---------------------------------------------------------------------------------------------- */

/* Calls that there was no table for come with the next one. Which durations they had is not known. */
static __always_inline int tally_bring(struct ring_slot *slot)
{
	struct tally_entry *entry;
	u32 calls;

	entry = tally_get(slot, TALLY_ANY_CLASS, 0);
	if (!entry)
		return 0;
	calls = slot->lost > 0xffffffff ? 0xffffffff : (u32)slot->lost;
	entry->calls = calls;
	entry->errors = (u32)slot->arg[TALLY_ARG_ERRORS];
	entry->unfinished = (u32)slot->arg[TALLY_ARG_UNFINISHED];
	entry->timed = (u32)slot->arg[TALLY_ARG_TIMED];
	entry->total = slot->arg[TALLY_ARG_TOTAL];
	entry->max = slot->arg[TALLY_ARG_MAX];
	entry->bytes = slot->arg[TALLY_ARG_BYTES];
	slot->lost = 0;
	__builtin_memset(slot->arg, 0, sizeof(slot->arg));
	return 0;
}

/* Another chunk for the thread of a slot, in place of the one it has. 0, or -1: there is none. */
__noinline int tally_open(u32 index)
{
	struct ring_slot *slot = slot_at(index);

	if (!slot)
		return -1;
	close_chunk(slot);
	long c = take_chunk();

	if (c < 0)
		return -1;
	struct ring_chunk *chunk = chunk_at((u32)c);

	if (!chunk)
		return -1;
	chunk->slot = slot->index;
	chunk->gen = slot->gen;
	chunk->tid = slot->tid;
	chunk->tgid = slot->tgid;
	chunk->container = slot->container;
	chunk->pidns = slot->pidns;
	chunk->ns_tid = slot->ns_tid;
	chunk->ns_tgid = slot->ns_tgid;
	current_comm(chunk->comm);
	slot->attention &= ~RING_ATTEND_NAME;
	set_chunk_state((u32)c, RING_ACTIVE);
	WRITE(slot->chunk, (u32)c + 1);
	if (slot->lost)
		tally_bring(slot);
	return 0;
}

/* --- counting; the slot's class and nr say which call ------------------------------------------------------ */

static __always_inline s64 tally_result(u8 class, long ret)
{
	return class == RING_COMPAT ? (s32)ret : ret;
}

static __always_inline void tally_add_result(struct tally_entry *entry, u8 class, long ret)
{
	s64 result = tally_result(class, ret);

	if (result < 0 && result >= -4095)
		entry->errors++;
	else if (result > 0 && entry->moves)
		entry->bytes += result;
}

/* Without a chunk: into the slot. */
__noinline int tally_keep(u32 index, u64 duration, s64 ret, u32 kind)
{
	struct ring_slot *slot = slot_at(index);

	if (!slot)
		return 0;
	u8 class = slot_class(slot);
	s64 result = tally_result(class, ret);

	if (!slot->lost++)
		__builtin_memset(slot->arg, 0, sizeof(slot->arg));
	slot->arg[TALLY_ARG_UNFINISHED] += kind == TALLY_UNFINISHED;
	if (kind == TALLY_RETURNED) {
		slot->arg[TALLY_ARG_TIMED]++;
		slot->arg[TALLY_ARG_TOTAL] += duration;
		if (duration > slot->arg[TALLY_ARG_MAX])
			slot->arg[TALLY_ARG_MAX] = duration;
	}
	if (kind > TALLY_UNTIMED)
		return 0;
	if (result < 0 && result >= -4095)
		slot->arg[TALLY_ARG_ERRORS]++;
	else if (result > 0 && tally_moves(class, slot->nr))
		slot->arg[TALLY_ARG_BYTES] += result;
	return 0;
}

/* An entry for the call, if need be in another chunk; NULL without a free one. */
static __always_inline struct tally_entry *tally_room(struct ring_slot *slot)
{
	struct tally_entry *entry = tally_get(slot, slot_class(slot), slot->nr);

	if (entry && entry->calls != 0xffffffff)
		return entry;
	return tally_open(slot->index) ? NULL : tally_get(slot, slot_class(slot), slot->nr);
}

static __always_inline void tally_add_time(struct tally_entry *entry, u16 *count, u64 duration)
{
	entry->calls++;
	entry->total += duration;
	if (duration > entry->max)
		entry->max = duration;
	++*count;
}

/* Add to the thread's table, what is missing in it is made. 0; -1: it is full. */
__noinline int tally_try(u32 index, u64 duration, s64 ret)
{
	struct ring_slot *slot = slot_at(index);
	struct tally_entry *entry = slot ? tally_get(slot, slot_class(slot), slot->nr) : NULL;
	u16 *count = entry ? tally_make_count(tally_table_of(slot), entry, tally_cell(duration)) : NULL;

	if (!count || *count == TALLY_FULL || entry->calls == 0xffffffff)
		return -1;
	tally_add_time(entry, count, duration);
	tally_add_result(entry, slot_class(slot), ret);
	return 0;
}

/* The first call of its kind, or of such a duration, in this table. */
static __noinline int tally_first(u32 index, u64 duration, s64 ret)
{
	if (!tally_try(index, duration, ret))
		return 0;
	if (tally_open(index) || tally_try(index, duration, ret))
		tally_keep(index, duration, ret, TALLY_RETURNED);
	return 0;
}

static __always_inline void tally_returned(struct ring_slot *slot, u64 duration, long ret)
{
	u8 class = slot_class(slot);
	struct tally_table *table = tally_table(READ(slot->chunk));
	struct tally_entry *entry = table ? tally_find(table, class, slot->nr) : NULL;
	u16 *count = entry ? tally_count(table, entry, tally_cell(duration)) : NULL;

	if (!count || *count == TALLY_FULL) {
		tally_first(slot->index, duration, ret);
		return;
	}
	tally_add_time(entry, count, duration);
	tally_add_result(entry, class, ret);
}

/* A call without a duration. */
__noinline int tally_add_untimed(u32 index, s64 ret, u32 kind)
{
	struct ring_slot *slot = slot_at(index);
	struct tally_entry *entry;

	if (!slot)
		return 0;
	WRITE(slot->busy, 1);
	entry = tally_room(slot);
	if (entry) {
		entry->calls++;
		entry->unfinished += kind == TALLY_UNFINISHED;
		if (kind <= TALLY_UNTIMED)
			tally_add_result(entry, slot_class(slot), ret);
	} else {
		tally_keep(index, 0, ret, kind);
	}
	WRITE(slot->busy, 0);
	return 0;
}

static __always_inline void tally_other(struct ring_slot *slot, long ret, u32 kind)
{
	tally_add_untimed(slot->index, ret, kind);
}

#endif
