#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "session.h"
#include "sums.h"

#define CELLS_STEP 4 /* of a sum, more at a time: most calls take much the same time always */

/* In which bucket of the format a cell is: cell 0 begins at 2^TALLY_LEAST_POWER. */
#define BUCKET_OF_CELL (4 * (TALLY_LEAST_POWER - 1))

struct sum {
	struct sst_tally_line line;
	struct sst_tally_cell *cells; /* line.n_cells of them, by bucket */
	uint64_t container;
	uint32_t pid;
	uint8_t cap_cells;
};

struct person {
	uint32_t pid, tid; /* the thread that has given the name: the first one, or another for want of it */
	uint64_t container;
	uint32_t pidns, ns_pid;
	bool is_named;
	char comm[RING_COMM];
};

/* From a hash to index + 1 in an array; 0: none. */
struct index {
	uint32_t *slots;
	size_t size; /* a power of two, twice the elements at least */
};

struct sums {
	struct sum *list;
	size_t n, cap;
	struct person *people;
	size_t n_people, cap_people;
	struct index by_call, by_pid;
	uint64_t calls;
	struct containers *containers;
};

struct sums *sums_new(void)
{
	return calloc(1, sizeof(struct sums));
}

void sums_name_containers(struct sums *sums, struct containers *containers)
{
	sums->containers = containers;
}

void sums_clear(struct sums *sums)
{
	for (size_t i = 0; i < sums->n; i++)
		free(sums->list[i].cells);
	sums->n = sums->n_people = 0;
	sums->calls = 0;
	if (sums->by_call.slots)
		memset(sums->by_call.slots, 0, sums->by_call.size * sizeof(uint32_t));
	if (sums->by_pid.slots)
		memset(sums->by_pid.slots, 0, sums->by_pid.size * sizeof(uint32_t));
}

void sums_free(struct sums *sums)
{
	if (!sums)
		return;
	sums_clear(sums);
	free(sums->list);
	free(sums->people);
	free(sums->by_call.slots);
	free(sums->by_pid.slots);
	free(sums);
}

size_t sums_lines(const struct sums *sums)
{
	return sums->n;
}

uint64_t sums_calls(const struct sums *sums)
{
	return sums->calls;
}

bool sums_is_full(const struct sums *sums)
{
	return sums->n >= SUMS_FULL;
}

/* --- finding --------------------------------------------------------------------------------------------- */

static size_t hash_of(uint32_t pid, uint64_t container, unsigned abi, uint32_t nr)
{
	uint64_t h = ((uint64_t)pid << 32 | nr) ^ (uint64_t)abi << 24 ^ container << 8;

	h *= UINT64_C(0x9e3779b97f4a7c15);
	return (size_t)(h >> 32);
}

static size_t hash_of_sum(const struct sums *sums, size_t i)
{
	const struct sum *sum = &sums->list[i];

	return hash_of(sum->pid, sum->container, sum->line.abi, sum->line.nr);
}

static size_t hash_of_person(const struct sums *sums, size_t i)
{
	return hash_of(sums->people[i].pid, sums->people[i].container, 0, 0);
}

static void put(struct index *index, size_t hash, size_t i)
{
	size_t at = hash & (index->size - 1);

	while (index->slots[at])
		at = (at + 1) & (index->size - 1);
	index->slots[at] = (uint32_t)i + 1;
}

/* Room for one more than n. */
static int grow(const struct sums *sums, struct index *index, size_t n, size_t (*hash)(const struct sums *, size_t))
{
	size_t size = index->size ? 2 * index->size : 1024;
	uint32_t *slots;

	if (2 * (n + 1) <= index->size)
		return 0;
	slots = calloc(size, sizeof(*slots));
	if (!slots)
		return -ENOMEM;
	free(index->slots);
	*index = (struct index){.slots = slots, .size = size};
	for (size_t i = 0; i < n; i++)
		put(index, hash(sums, i), i);
	return 0;
}

static struct sum *find(const struct sums *sums, uint32_t pid, uint64_t container, unsigned abi, uint32_t nr)
{
	const struct index *index = &sums->by_call;

	if (!index->slots)
		return NULL;
	for (size_t at = hash_of(pid, container, abi, nr) & (index->size - 1); index->slots[at];
	     at = (at + 1) & (index->size - 1)) {
		struct sum *sum = &sums->list[index->slots[at] - 1];

		if (sum->pid == pid && sum->container == container && sum->line.nr == nr && sum->line.abi == abi)
			return sum;
	}
	return NULL;
}

/* NULL without memory. */
static struct sum *get(struct sums *sums, uint32_t pid, uint64_t container, unsigned abi, uint32_t nr)
{
	struct sum *sum = find(sums, pid, container, abi, nr);

	if (sum)
		return sum;
	if (sums->n >= SUMS_MAX && (pid || abi != SST_TALLY_ANY))
		return get(sums, 0, 0, SST_TALLY_ANY, 0);
	if (grow(sums, &sums->by_call, sums->n, hash_of_sum) || ARRAY_GROW(sums->list, sums->cap, sums->n + 1))
		return NULL;
	put(&sums->by_call, hash_of(pid, container, abi, nr), sums->n);
	sum = &sums->list[sums->n++];
	*sum = (struct sum){.pid = pid, .container = container, .line = {.abi = (uint8_t)abi, .nr = nr}};
	return sum;
}

static struct person *find_person(const struct sums *sums, uint32_t pid, uint64_t container)
{
	const struct index *index = &sums->by_pid;

	if (!index->slots)
		return NULL;
	for (size_t at = hash_of(pid, container, 0, 0) & (index->size - 1); index->slots[at];
	     at = (at + 1) & (index->size - 1)) {
		struct person *person = &sums->people[index->slots[at] - 1];

		if (person->pid == pid && person->container == container)
			return person;
	}
	return NULL;
}

/* A process goes by its first thread's name, and the latest of that; without it by any. */
static int name(struct sums *sums, const struct sums_who *who)
{
	struct person *person = find_person(sums, who->pid, who->container);

	if (!person) {
		if (sums->n_people >= SUMS_MAX)
			return 0;
		if (grow(sums, &sums->by_pid, sums->n_people, hash_of_person) ||
		    ARRAY_GROW(sums->people, sums->cap_people, sums->n_people + 1))
			return -ENOMEM;
		put(&sums->by_pid, hash_of(who->pid, who->container, 0, 0), sums->n_people);
		person = &sums->people[sums->n_people++];
		*person = (struct person){
			.pid = who->pid, .container = who->container, .pidns = who->pidns, .ns_pid = who->ns_pid};
	}
	if (!who->comm || (person->is_named && person->tid == person->pid && who->tid != who->pid))
		return 0;
	person->tid = who->tid;
	person->is_named = true;
	memcpy(person->comm, who->comm, strnlen(who->comm, RING_COMM - 1));
	memset(person->comm + strnlen(who->comm, RING_COMM - 1), 0, 1);
	return 0;
}

/* --- adding ---------------------------------------------------------------------------------------------- */

static int add_cell(struct sum *sum, unsigned bucket, uint64_t count)
{
	uint32_t i = sum->line.n_cells;

	while (i > 0 && sum->cells[i - 1].bucket >= bucket)
		i--;
	if (i < sum->line.n_cells && sum->cells[i].bucket == bucket) {
		sum->cells[i].count += count;
		return 0;
	}
	if (sum->line.n_cells == sum->cap_cells) {
		struct sst_tally_cell *cells =
			reallocarray(sum->cells, sum->cap_cells + CELLS_STEP, sizeof(*sum->cells));

		if (!cells)
			return -ENOMEM;
		sum->cells = cells;
		sum->cap_cells += CELLS_STEP;
	}
	memmove(sum->cells + i + 1, sum->cells + i, (sum->line.n_cells - i) * sizeof(*sum->cells));
	sum->cells[i] = (struct sst_tally_cell){.bucket = (uint8_t)bucket, .count = count};
	sum->line.n_cells++;
	return 0;
}

static int add_group(struct sum *sum, const unsigned short cells[TALLY_GROUP], unsigned bucket)
{
	int err = 0;

	for (unsigned i = 0; i < TALLY_GROUP && !err; i++) {
		if (!cells[i])
			continue;
		err = add_cell(sum, bucket + i, cells[i]);
		if (!err)
			sum->line.timed += cells[i];
	}
	return err;
}

static int add_groups(struct sum *sum, const struct tally_table *table, const struct tally_entry *entry)
{
	int err = 0;

	for (unsigned i = 0; i < TALLY_GROUPS && !err; i++) {
		unsigned group = entry->group[i];

		if (group && group <= 2 * TALLY_LINES)
			err = add_group(sum, table->cells[2 * TALLY_LINES - group], BUCKET_OF_CELL + i * TALLY_GROUP);
	}
	return err;
}

static uint64_t add_saturated(uint64_t a, uint64_t b)
{
	return a + b < a ? UINT64_MAX : a + b;
}

static void add_line(struct sums *sums, struct sum *sum, const struct sst_tally_line *line)
{
	sum->line.calls += line->calls;
	sum->line.errors += line->errors;
	sum->line.unfinished += line->unfinished;
	sum->line.bytes = add_saturated(sum->line.bytes, line->bytes);
	sum->line.total = add_saturated(sum->line.total, line->total);
	sum->line.max = line->max > sum->line.max ? line->max : sum->line.max;
	sums->calls += line->calls;
}

int sums_add_calls(struct sums *sums, const struct sums_who *who, const struct sst_tally_line *line)
{
	struct sum *sum = get(sums, who->pid, who->container, line->abi, line->nr);
	int err;

	if (!sum || name(sums, who))
		return -ENOMEM;
	err = line->timed ? add_cell(sum, sst_tally_bucket(line->total / line->timed), line->timed) : 0;
	if (err)
		return err;
	sum->line.timed += line->timed;
	add_line(sums, sum, line);
	return 0;
}

static int add_entry(struct sums *sums, const struct sums_who *who, const struct tally_table *table,
		     const struct tally_entry *entry)
{
	bool any = entry->class == TALLY_ANY_CLASS;
	struct sst_tally_line line = {
		.calls = entry->calls,
		.errors = entry->errors,
		.unfinished = entry->unfinished,
		.timed = any ? entry->timed : 0,
		.total = entry->total,
		.max = entry->max,
		.bytes = entry->bytes,
		.nr = entry->nr,
		.abi = any ? SST_TALLY_ANY : (uint8_t)session_abi((enum ring_class)(entry->class % RING_CLASSES))};
	struct sum *sum;
	int err;

	if (!entry->calls)
		return 0;
	if (any)
		return sums_add_calls(sums, who, &line);
	sum = get(sums, who->pid, who->container, line.abi, line.nr);
	if (!sum)
		return -ENOMEM;
	err = add_groups(sum, table, entry);
	add_line(sums, sum, &line);
	return err;
}

int sums_add_table(struct sums *sums, const struct sums_who *who, const struct tally_table *table)
{
	int err = table->n_entries ? name(sums, who) : 0;

	for (unsigned i = 0; i < table->n_entries && i < TALLY_LINES && !err; i++)
		err = add_entry(sums, who, table, &table->entries[i]);
	return err;
}

/* --- writing --------------------------------------------------------------------------------------------- */

static int compare_sums(const void *a, const void *b)
{
	const struct sum *x = *(const struct sum *const *)a, *y = *(const struct sum *const *)b;

	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	if (x->container != y->container)
		return x->container < y->container ? -1 : 1;
	if (x->line.abi != y->line.abi)
		return x->line.abi < y->line.abi ? -1 : 1;
	return x->line.nr < y->line.nr ? -1 : x->line.nr > y->line.nr;
}

/* Of a process that has made no call that was counted here: its name from /proc, if it is still there. */
static void look_up_name(uint32_t pid, char comm[RING_COMM + 1])
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%u/comm", pid);
	file = fopen(path, "re");
	if (!file)
		return;
	if (fgets(comm, RING_COMM + 1, file))
		comm[strcspn(comm, "\n")] = '\0';
	fclose(file);
}

static int begin_process(const struct sums *sums, struct sst_tally *tally, uint32_t pid, uint64_t container)
{
	const struct person *person = find_person(sums, pid, container);
	struct containers_where where = {.group = container, .pidns = person ? person->pidns : 0};
	char comm[RING_COMM + 1] = "";
	int err;

	if (person && person->is_named)
		memcpy(comm, person->comm, RING_COMM);
	else if (pid)
		look_up_name(pid, comm);
	err = sst_tally_process(tally, pid, comm, RING_COMM);
	if (!err)
		tally->processes[tally->n_processes - 1].where =
			(struct sst_where){.ns_pid = person ? person->ns_pid : 0,
					   .container = containers_put(sums->containers, &where, &tally->containers)};
	return err;
}

/* A table that had to be taken from a program in the middle of adding may have a time more than it has counted. */
static struct sst_tally_line settled(const struct sst_tally_line *line)
{
	struct sst_tally_line copy = *line;

	if (copy.timed == 0)
		copy.total = 0;
	if (copy.timed == 1 || copy.max > copy.total)
		copy.max = copy.total;
	return copy;
}

static bool is_same(const struct sum *a, const struct sum *b)
{
	return a && a->pid == b->pid && a->container == b->container;
}

/* One more line, behind that of before (NULL: the first of its frame); the process before it, if it is another than
 * that of the line before. */
static int add_to_tally(const struct sums *sums, struct sst_tally *tally, const struct sum *sum,
			const struct sum *before)
{
	int err = is_same(before, sum) ? 0 : begin_process(sums, tally, sum->pid, sum->container);
	struct sst_tally_line line = settled(&sum->line);

	return err ? err : sst_tally_line(tally, &line, sum->cells);
}

/* What a tally says besides its lines is in all frames of the interval, but for what has been told in one. */
static void empty(struct sst_tally *tally)
{
	struct sst_tally numbers = *tally;

	sst_tally_clear(tally);
	tally->from = numbers.from;
	tally->until = numbers.until;
	tally->clock = numbers.clock;
	tally->cpu_ns = numbers.cpu_ns;
	tally->run_ns = numbers.run_ns;
}

static int write_lines(const struct sums *sums, struct sum *const *order, struct sst_tally *tally,
		       int (*write)(void *context, const struct sst_tally *tally), void *context)
{
	uint64_t began = tally->began, ended = tally->ended;

	empty(tally);
	for (size_t i = 0; i < sums->n; i++) {
		int err = add_to_tally(sums, tally, order[i], tally->n_processes ? order[i - 1] : NULL);

		if (err == -E2BIG) {
			tally->flags |= SST_TALLY_MORE;
			err = write(context, tally);
			empty(tally);
			if (!err)
				err = add_to_tally(sums, tally, order[i], NULL);
		}
		if (err)
			return err;
	}
	tally->began = began;
	tally->ended = ended;
	return write(context, tally);
}

int sums_write(struct sums *sums, struct sst_tally *tally, int (*write)(void *context, const struct sst_tally *tally),
	       void *context)
{
	struct sum **order = reallocarray(NULL, sums->n + 1, sizeof(*order));
	int err;

	if (!order)
		return -ENOMEM;
	for (size_t i = 0; i < sums->n; i++)
		order[i] = &sums->list[i];
	qsort(order, sums->n, sizeof(struct sum *), compare_sums);
	err = write_lines(sums, order, tally, write, context);
	free(order);
	return err;
}
