/* stats_table.c - see stats_table.h */
#include "stats_table.h"

#include <stdlib.h>
#include <string.h>

#include "containers.h"
#include "pathnames.h"
#include "stats_print.h"

struct tally_key stats_coarser(const struct tally_key *key, unsigned by)
{
	struct tally_key coarse = *key;

	if (!(by & (BY_PROCESS | BY_THREAD)))
		coarse.pid = 0;
	if (!(by & BY_THREAD))
		coarse.tid = 0;
	if (!(by & BY_COMM)) {
		coarse.comm_len = 0;
		memset(coarse.comm, 0, sizeof(coarse.comm));
	}
	if (!(by & BY_CONTAINER))
		coarse.container = 0;
	if (!(by & BY_PATH))
		coarse.path = 0;
	if (!(by & BY_SYSCALL)) {
		coarse.abi = 0;
		coarse.nr = 0;
	}
	return coarse;
}

bool tallies_fold(struct tallies *to, const struct tally *const *list, size_t n, unsigned by)
{
	bool good = true;

	for (size_t i = 0; i < n; i++) {
		struct tally_key key = stats_coarser(&list[i]->key, by);
		struct tally *tally = tallies_get(to, &key);

		if (tally)
			tally_add(to, tally, list[i]);
		else
			good = false;
	}
	return good;
}

size_t tallies_list(const struct tallies *tallies, const struct tally **list)
{
	size_t n = 0;

	for (size_t i = 0; i < tallies->cap; i++)
		if (tallies->slots[i])
			list[n++] = tallies->slots[i];
	return n;
}

uint64_t stats_sort_value(const struct tally *tally, enum stats_sort sort)
{
	switch (sort) {
	case SORT_CALLS:
		return tally->calls;
	case SORT_ERRORS:
		return tally->errors;
	case SORT_AVG:
		return stats_average(tally);
	case SORT_P50:
		return stats_percentile(tally, 50);
	case SORT_P99:
		return stats_percentile(tally, 99);
	case SORT_MAX:
		return tally->max;
	case SORT_BYTES:
		return tally->bytes;
	default:
		return tally->total;
	}
}

static int compare_texts(const char *a, size_t a_len, const char *b, size_t b_len)
{
	int order = memcmp(a, b, a_len < b_len ? a_len : b_len);

	return order ? order : a_len < b_len ? -1 : a_len > b_len;
}

/* Numbers of containers and paths depend on what was read first. */
static int compare_words(const struct tally_key *a, const struct tally_key *b)
{
	size_t a_len, b_len;
	const char *a_text = container_text(a->container, CONTAINER_BEST, &a_len);
	const char *b_text = container_text(b->container, CONTAINER_BEST, &b_len);
	int order = a->container != b->container ? compare_texts(a_text, a_len, b_text, b_len) : 0;

	if (order || a->path == b->path)
		return order;
	a_text = pathnames_text(a->path, &a_len);
	b_text = pathnames_text(b->path, &b_len);
	return compare_texts(a_text, a_len, b_text, b_len);
}

int stats_compare_keys(const struct tally_key *a, const struct tally_key *b)
{
	int order = a->pid < b->pid ? -1 : a->pid > b->pid;

	if (!order)
		order = a->tid < b->tid ? -1 : a->tid > b->tid;
	if (!order)
		order = memcmp(a->comm, b->comm, sizeof(a->comm));
	if (!order)
		order = (int)a->abi - (int)b->abi;
	if (!order)
		order = a->nr < b->nr ? -1 : a->nr > b->nr;
	return order ? order : compare_words(a, b);
}

/* By interval, what is not calls first, then as is wanted, the largest first. */
static int compare_tallies(const void *a, const void *b, void *context)
{
	const struct tally *x = *(const struct tally *const *)a, *y = *(const struct tally *const *)b;
	enum stats_sort sort = *(const enum stats_sort *)context;
	uint64_t vx, vy;

	if (x->key.interval != y->key.interval)
		return x->key.interval < y->key.interval ? -1 : 1;
	if (x->key.kind != y->key.kind)
		return (int)y->key.kind - (int)x->key.kind;
	vx = stats_sort_value(x, sort);
	vy = stats_sort_value(y, sort);
	if (vx != vy)
		return vx > vy ? -1 : 1;
	return stats_compare_keys(&x->key, &y->key);
}

bool stats_names(struct tallies *names, const struct tally *const *list, size_t n)
{
	bool good = true;

	for (size_t i = 0; i < n; i++) {
		struct tally_key key = stats_owner(list[i]);
		const struct tally_name *name = &list[i]->name;
		struct tally *owner = tallies_get(names, &key);

		if (owner)
			tally_name(owner, name->rank, name->time, name->comm, name->comm_len);
		else
			good = false;
	}
	return good;
}

void stats_sort(const struct tally **list, size_t n, enum stats_sort sort)
{
	qsort_r(list, n, sizeof(*list), compare_tallies, &sort);
}

/* Those that are not calls come first. */
bool stats_print_interval(const struct stats_config *config, const struct tally **list, size_t n)
{
	struct stats_table table = {.config = config, .interval = list[0]->key.interval};
	struct tallies rest = {0}, names = {0};
	struct tally *other = NULL;
	bool good = true;
	size_t i = 0;

	for (; i < n && list[i]->key.kind != TALLY_CALLS; i++)
		*(list[i]->key.kind == TALLY_LOST ? &table.lost : &table.other) = list[i];
	table.groups = list + i;
	table.n = n - i;
	if (config->by & BY_SYSCALL && config->by & (BY_PROCESS | BY_THREAD)) {
		good = stats_names(&names, table.groups, table.n);
		table.names = &names;
	}
	if (config->top && table.n > config->top) {
		table.n = (size_t)config->top;
		other = tallies_get(&rest, &(struct tally_key){.kind = TALLY_OTHER});
		good &= other != NULL;
		for (i += table.n; other && i < n; i++)
			tally_add(&rest, other, list[i]);
		if (other && table.other)
			tally_add(&rest, other, table.other);
		table.other = other;
	}
	stats_print(&table);
	tallies_clear(&rest);
	tallies_clear(&names);
	return good;
}
