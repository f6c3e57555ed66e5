/* fds.c - see fds.h */
#include "fds.h"

#include <string.h>

#define CHUNK    16
#define SCAN_MAX 64 /* changes under way up to which it is looked at each of them */

struct fd_chunk {
	uint32_t refs;
	uint32_t under_way; /* entries that are; never too few */
	struct fd_entry entries[CHUNK];
};

struct fds *fds_new(struct budget *budget)
{
	static uint32_t last_id;
	struct fds *fds = budget_alloc(budget, sizeof(*fds));

	if (!fds)
		return NULL;
	fds->refs = 1;
	fds->id = ++last_id;
	return fds;
}

static void unref_chunk(struct budget *budget, struct fd_chunk *chunk)
{
	if (!chunk || --chunk->refs > 0)
		return;
	for (unsigned i = 0; i < CHUNK; i++)
		path_unref(budget, chunk->entries[i].path);
	budget_free(budget, chunk, sizeof(*chunk));
}

static void free_chunks(struct budget *budget, struct fds *fds)
{
	for (uint32_t i = 0; i < fds->n_chunks; i++)
		unref_chunk(budget, fds->chunks[i]);
	budget_free(budget, fds->chunks, fds->n_chunks * sizeof(*fds->chunks));
	fds->chunks = NULL;
	fds->n_chunks = 0;
}

void fds_unref(struct budget *budget, struct fds *fds)
{
	if (!fds || --fds->refs > 0)
		return;
	free_chunks(budget, fds);
	budget_free(budget, fds, sizeof(*fds));
}

static void add_fog(struct fds *fds, uint64_t begin, uint64_t end)
{
	struct fd_fog *fog = &fds->fog;

	fog->begin = fog->any && fog->begin < begin ? fog->begin : begin;
	fog->end = fog->any && fog->end > end ? fog->end : end;
	fog->any = true;
}

/* Whatever is under way in the original stays so in the copy, whose id is another: until it changes again. */
struct fds *fds_copy(struct budget *budget, struct fds *fds, uint64_t begin, uint64_t end)
{
	struct fds *copy = fds_new(budget);
	struct fds plain;

	if (!copy)
		return NULL;
	plain = *fds;
	plain.refs = 1;
	plain.id = copy->id;
	plain.threads = plain.watch = plain.under_way = plain.storms = 0;
	plain.wild = false;
	plain.chunks = budget_alloc(budget, fds->n_chunks * sizeof(*fds->chunks));
	plain.n_chunks = plain.chunks ? fds->n_chunks : 0;
	for (uint32_t i = 0; i < plain.n_chunks; i++) {
		plain.chunks[i] = fds->chunks[i];
		if (plain.chunks[i])
			plain.chunks[i]->refs++;
	}
	*copy = plain;
	if (fds->wild || fds->storms > 0)
		add_fog(copy, 0, end);
	else if (fds->last_end >= begin)
		add_fog(copy, begin, end);
	return copy;
}

/* --- entries */

struct fd_entry *fds_entry(const struct fds *fds, uint32_t fd)
{
	if (fd / CHUNK >= fds->n_chunks || !fds->chunks[fd / CHUNK])
		return NULL;
	return &fds->chunks[fd / CHUNK]->entries[fd % CHUNK];
}

static bool grow(struct budget *budget, struct fds *fds, uint32_t n)
{
	struct fd_chunk **chunks;

	if (n <= fds->n_chunks)
		return true;
	n = n > FDS_MAX / CHUNK / 2 ? FDS_MAX / CHUNK : n;
	n = n < 2 * fds->n_chunks ? 2 * fds->n_chunks : n;
	chunks = budget_alloc(budget, n * sizeof(*chunks));
	if (!chunks)
		return false;
	if (fds->n_chunks > 0)
		memcpy(chunks, fds->chunks, fds->n_chunks * sizeof(*chunks));
	budget_free(budget, fds->chunks, fds->n_chunks * sizeof(*chunks));
	fds->chunks = chunks;
	fds->n_chunks = n;
	return true;
}

/* A chunk that is this table's alone. Where there is no memory it is given up: nothing of it is known. */
static struct fd_chunk *own_chunk(struct budget *budget, struct fds *fds, uint32_t i)
{
	struct fd_chunk *chunk = fds->chunks[i], *own;

	if (chunk && chunk->refs == 1)
		return chunk;
	own = budget_alloc(budget, sizeof(*own));
	if (own && chunk) {
		*own = *chunk;
		for (unsigned k = 0; k < CHUNK; k++)
			path_ref(own->entries[k].path);
	}
	if (own)
		own->refs = 1;
	unref_chunk(budget, chunk);
	fds->chunks[i] = own;
	return own;
}

static void set_path(struct budget *budget, struct fd_entry *entry, struct path *path)
{
	path_ref(path);
	path_unref(budget, entry->path);
	entry->path = path;
}

/* The entry, if it is this table's alone already. */
static inline struct fd_entry *own_already(const struct fds *fds, uint32_t fd)
{
	struct fd_chunk *chunk = fd / CHUNK < fds->n_chunks ? fds->chunks[fd / CHUNK] : NULL;

	if (!chunk || chunk->refs > 1 || chunk->entries[fd % CHUNK].owner != fds->id)
		return NULL;
	return &chunk->entries[fd % CHUNK];
}

struct fd_entry *fds_own_entry(struct budget *budget, struct fds *fds, uint32_t fd)
{
	struct fd_chunk *chunk;
	struct fd_entry *entry = own_already(fds, fd);

	if (entry)
		return entry;
	if (fd >= FDS_MAX || !grow(budget, fds, fd / CHUNK + 1))
		return NULL;
	chunk = own_chunk(budget, fds, fd / CHUNK);
	if (!chunk)
		return NULL;
	entry = &chunk->entries[fd % CHUNK];
	if (entry->owner == fds->id)
		return entry;
	if (entry->under_way > 0) { /* in the table that this one is a copy of, when it was made */
		set_path(budget, entry, NULL);
		entry->open = false;
		entry->mixed = true;
	}
	entry->owner = fds->id;
	entry->under_way = 0;
	entry->watch = 0;
	return entry;
}

/* Does it still say what is so? */
static bool is_valid(const struct fds *fds, uint32_t fd, const struct fd_entry *entry, uint64_t floor)
{
	if (entry->begin < floor || entry->mixed)
		return false;
	if (entry->begin <= fds->gone_until && fd >= fds->gone_first && fd <= fds->gone_last)
		return false;
	if (fds->fog.any && entry->end >= fds->fog.begin && entry->begin <= fds->fog.end)
		return false;
	return entry->begin >= fds->exec || entry->cloexec == FD_STAYS;
}

struct path *fds_look(const struct fds *fds, uint32_t fd, uint64_t floor)
{
	const struct fd_entry *entry = fds_entry(fds, fd);

	if (!entry || !entry->path || entry->under_way > 0 || fds->wild || fds->storms > 0 ||
	    !is_valid(fds, fd, entry, floor))
		return NULL;
	return entry->path;
}

/* --- changes */

void fds_begin(struct budget *budget, struct fds *fds, uint32_t fd)
{
	struct fd_entry *entry = fds_own_entry(budget, fds, fd);

	fds->under_way++;
	if (entry && entry->under_way < UINT16_MAX) {
		entry->under_way++;
		fds->chunks[fd / CHUNK]->under_way++;
	}
}

/* The file behind it after a change that no other one has overlapped. */
static void change_alone(struct budget *budget, struct fd_entry *entry, const struct change *change)
{
	set_path(budget, entry, change->path);
	entry->open = change->kind != FD_FREE;
	entry->cloexec = (uint8_t)change->cloexec;
}

static void spoil(struct budget *budget, struct fd_entry *entry)
{
	set_path(budget, entry, NULL);
	entry->open = false;
	entry->mixed = true;
	entry->cloexec = FD_MAYBE;
}

/*
 * After several that overlapped. Of an open descriptor as many closes as allocations leave it open: with one
 * allocation that is the one. Everything else depends on an order that nobody knows.
 */
static void change_together(struct budget *budget, struct fd_entry *entry, const struct change *change)
{
	if (entry->mixed || !entry->was_open || entry->allocated > 1 || entry->freed > 2 ||
	    entry->freed < entry->allocated) {
		spoil(budget, entry);
		return;
	}
	if (entry->freed > entry->allocated) {
		set_path(budget, entry, NULL);
		entry->open = false;
	} else if (change->kind == FD_ALLOCATE) {
		change_alone(budget, entry, change);
	} else {
		entry->open = true; /* the allocation has ended before, and its path is there */
	}
}

/* The first change after others are over. Those that overlap with it will be counted. */
static void begin_together(struct fds *fds, uint32_t fd, struct fd_entry *entry, const struct change *change,
			   uint64_t floor)
{
	entry->was_open = entry->open && is_valid(fds, fd, entry, floor);
	entry->allocated = entry->freed = 0;
	if (change->kind == FD_KEEP)
		return;
	entry->mixed = false;
	entry->begin = change->begin;
}

static void count(struct fd_entry *entry, const struct change *change)
{
	entry->begin = entry->begin < change->begin ? entry->begin : change->begin;
	entry->end = entry->end > change->end ? entry->end : change->end;
	if (change->kind == FD_ALLOCATE && entry->allocated < 2)
		entry->allocated++;
	else if (change->kind == FD_FREE && entry->freed < 3)
		entry->freed++;
	else if (change->kind == FD_REPLACE)
		entry->allocated = 2; /* with another one nothing is known */
}

static void settle(struct budget *budget, struct fds *fds, uint32_t fd, const struct change *change, uint64_t floor)
{
	struct fd_entry *entry = fds_entry(fds, fd);
	bool alone;

	if (change->kind == FD_NOTHING)
		return;
	fds->last_end = fds->last_end > change->end ? fds->last_end : change->end;
	if (!entry)
		return;
	alone = entry->end == 0 || entry->end < change->begin;
	if (alone)
		begin_together(fds, fd, entry, change, floor);
	count(entry, change);
	if (change->kind == FD_KEEP)
		entry->cloexec = (uint8_t)(alone && entry->under_way == 0 ? change->cloexec : FD_MAYBE);
	else if (change->kind == FD_SPOIL)
		spoil(budget, entry);
	else if (alone)
		change_alone(budget, entry, change);
	else
		change_together(budget, entry, change);
}

void fds_end(struct budget *budget, struct fds *fds, uint32_t fd, const struct change *change, uint64_t floor)
{
	struct fd_entry *entry = fds_own_entry(budget, fds, fd);

	fds->under_way -= fds->under_way > 0;
	if (entry && entry->under_way > 0) {
		entry->under_way--;
		fds->chunks[fd / CHUNK]->under_way--;
	}
	settle(budget, fds, fd, change, floor);
}

void fds_set(struct budget *budget, struct fds *fds, uint32_t fd, const struct change *change, uint64_t floor)
{
	if (fds_own_entry(budget, fds, fd))
		settle(budget, fds, fd, change, floor);
}

void fds_storm(struct fds *fds)
{
	fds->storms++;
}

void fds_storm_over(struct fds *fds, uint64_t end)
{
	fds->storms--;
	fds_forget(fds, end);
}

void fds_forget(struct fds *fds, uint64_t now)
{
	add_fog(fds, 0, now);
	fds->last_end = fds->last_end > now ? fds->last_end : now;
}

/* --- many at once */

/* What close_range() leaves of an entry that others may have changed meanwhile. */
static void close_entry(struct budget *budget, struct fd_entry *entry, uint64_t begin, uint64_t end)
{
	bool alone = entry->under_way == 0 && entry->end < begin;

	spoil(budget, entry);
	entry->mixed = !alone;
	entry->begin = entry->end = end;
}

static void close_some(struct budget *budget, struct fds *fds, uint32_t first, uint32_t last, uint64_t begin,
		       uint64_t end)
{
	for (uint32_t fd = first; fd <= last; fd++) {
		struct fd_entry *entry = fds_own_entry(budget, fds, fd);

		if (entry)
			close_entry(budget, entry, begin, end);
	}
}

static uint32_t last_fd(const struct fds *fds, uint32_t last)
{
	uint32_t end = fds->n_chunks * CHUNK;

	return last < end ? last : end - 1;
}

void fds_close_range(struct budget *budget, struct fds *fds, uint32_t first, uint32_t last, uint64_t begin,
		     uint64_t end)
{
	fds->storms--;
	fds->last_end = fds->last_end > end ? fds->last_end : end;
	if (fds->under_way > SCAN_MAX)
		fds_forget(fds, end);
	if (fds->n_chunks == 0)
		return;
	last = last_fd(fds, last);
	for (uint32_t fd = first; fd <= last; fd += CHUNK - fd % CHUNK) {
		uint32_t stop = fd - fd % CHUNK + CHUNK - 1;
		struct fd_chunk *chunk = fds->chunks[fd / CHUNK];

		if (chunk && fd % CHUNK == 0 && stop <= last && chunk->under_way == 0) {
			unref_chunk(budget, chunk);
			fds->chunks[fd / CHUNK] = NULL;
		} else if (chunk && (fds->under_way <= SCAN_MAX || fd == first || stop >= last)) {
			close_some(budget, fds, fd, stop < last ? stop : last, begin, end);
		}
	}
}

void fds_cloexec_range(struct fds *fds, uint32_t first, uint32_t last, uint64_t begin, uint64_t end)
{
	fds->storms--;
	if (fds->cloexec_since &&
	    (first > fds->cloexec_first || last < fds->cloexec_last || fds->last_end >= begin || fds->under_way > 0)) {
		fds->cloexec_mixed = end;
		return;
	}
	fds->cloexec_first = first;
	fds->cloexec_last = last;
	fds->cloexec_since = begin;
	if (fds->last_end >= begin || fds->under_way > 0)
		fds->cloexec_mixed = end;
}

void fds_exec(struct fds *fds, uint64_t now)
{
	if (fds->cloexec_mixed) {
		fds_forget(fds, fds->cloexec_mixed);
	} else if (fds->cloexec_since && fds->gone_until) {
		fds->gone_first = fds->gone_first < fds->cloexec_first ? fds->gone_first : fds->cloexec_first;
		fds->gone_last = fds->gone_last > fds->cloexec_last ? fds->gone_last : fds->cloexec_last;
		fds->gone_until = fds->cloexec_since;
	} else if (fds->cloexec_since) {
		fds->gone_first = fds->cloexec_first;
		fds->gone_last = fds->cloexec_last;
		fds->gone_until = fds->cloexec_since;
	}
	fds->cloexec_since = fds->cloexec_mixed = 0;
	fds->exec = now;
}
