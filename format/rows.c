#include "rows.h"
#include "columns.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_MIN  1024 /* the first allocation */
#define ROWS_STEP 8192 /* in such steps it grows, so that a frame that is a little longer needs no other memory */

const char *sst_cause_name(unsigned cause)
{
	static const char *const names[SST_CAUSE_COUNT] = {
		[SST_CAUSE_UNKNOWN] = "unknown", [SST_CAUSE_RING_FULL] = "ring-full",
		[SST_CAUSE_THREADS] = "threads", [SST_CAUSE_SKIPPED] = "skipped",
		[SST_CAUSE_CUT] = "cut",         [SST_CAUSE_WRITE] = "write",
	};

	_Static_assert(SST_CAUSE_COUNT == 6, "a new cause needs a name");
	return cause < SST_CAUSE_COUNT ? names[cause] : names[SST_CAUSE_UNKNOWN];
}

struct sst_rows *sst_rows_new(void)
{
	return calloc(1, sizeof(struct sst_rows));
}

void sst_rows_free(struct sst_rows *rows)
{
	if (!rows)
		return;
	free(rows->time);
	free(rows->duration);
	free(rows->seq);
	free(rows->ret);
	for (int k = 0; k < SST_ARGS; k++)
		free(rows->arg[k]);
	free(rows->call);
	free(rows->cpu);
	free(rows->state);
	free(rows->calls);
	free(rows->groups);
	free(rows->gaps);
	free(rows->events);
	free(rows->clocks);
	free(rows->captures);
	free(rows->opens);
	free(rows->text);
	sst_containers_free(&rows->containers);
	free(rows);
}

void sst_rows_clear(struct sst_rows *rows)
{
	rows->n = 0;
	rows->n_calls = rows->n_groups = rows->n_gaps = rows->n_events = rows->n_clocks = 0;
	rows->n_captures = rows->n_opens = rows->n_text = 0;
	sst_containers_clear(&rows->containers);
}

/* One column to n elements of the given size; on failure it stays as it was. */
static int resize(void *column, size_t n, size_t size)
{
	void *old, *new;

	memcpy(&old, column, sizeof(old));
	new = reallocarray(old, n, size);
	if (!new)
		return -ENOMEM;
	memcpy(column, &new, sizeof(new));
	return 0;
}

size_t sst_rows_room(size_t n)
{
	return n > ROWS_STEP ? (n + ROWS_STEP - 1) / ROWS_STEP * ROWS_STEP : n;
}

int sst_rows_reserve(struct sst_rows *rows, size_t n)
{
	if (n <= rows->cap)
		return 0;
	n = sst_rows_room(n);
	for (int k = 0; k < SST_ARGS; k++)
		if (resize(&rows->arg[k], n, sizeof(*rows->arg[k])))
			return -ENOMEM;
	if (resize(&rows->time, n, sizeof(*rows->time)) || resize(&rows->duration, n, sizeof(*rows->duration)) ||
	    resize(&rows->seq, n, sizeof(*rows->seq)) || resize(&rows->ret, n, sizeof(*rows->ret)) ||
	    resize(&rows->call, n, sizeof(*rows->call)) || resize(&rows->cpu, n, sizeof(*rows->cpu)) ||
	    resize(&rows->state, n, sizeof(*rows->state)))
		return -ENOMEM;
	rows->cap = n;
	return 0;
}

/*
 * Room for one more element of a list, doubled when full. list is the address of the pointer.
 */
static int grow(void *list, size_t n, size_t *cap, size_t size, size_t max)
{
	size_t wanted = *cap ? *cap * 2 : 16;

	if (n >= max)
		return -E2BIG;
	if (n < *cap)
		return 0;
	if (resize(list, wanted, size))
		return -ENOMEM;
	*cap = wanted;
	return 0;
}

int sst_rows_call_append(struct sst_rows *rows, uint8_t abi, uint32_t nr, uint8_t nargs)
{
	int err = grow(&rows->calls, rows->n_calls, &rows->cap_calls, sizeof(*rows->calls), SST_CALLS_MAX);

	if (err)
		return err;
	rows->calls[rows->n_calls] =
		(struct sst_call){.abi = abi, .nr = nr, .nargs = nargs < SST_ARGS ? nargs : SST_ARGS};
	return (int)rows->n_calls++;
}

int sst_rows_call(struct sst_rows *rows, uint8_t abi, uint32_t nr, uint8_t nargs)
{
	for (size_t i = rows->n_calls; i-- > 0;)
		if (rows->calls[i].nr == nr && rows->calls[i].abi == abi && rows->calls[i].nargs == nargs)
			return (int)i;
	return sst_rows_call_append(rows, abi, nr, nargs);
}

int sst_rows_group(struct sst_rows *rows, uint32_t pid, uint32_t tid, const char *comm, size_t comm_len)
{
	int err = grow(&rows->groups, rows->n_groups, &rows->cap_groups, sizeof(*rows->groups), SST_GROUPS_MAX);
	struct sst_group *group;

	if (err)
		return err;
	if (comm_len > SST_COMM_MAX)
		comm_len = SST_COMM_MAX;
	if (comm_len)
		comm_len = strnlen(comm, comm_len);
	group = &rows->groups[rows->n_groups++];
	*group = (struct sst_group){.pid = pid, .tid = tid, .first = (uint32_t)rows->n, .comm_len = (uint8_t)comm_len};
	if (comm_len)
		memcpy(group->comm, comm, comm_len);
	return 0;
}

long sst_rows_add(struct sst_rows *rows)
{
	size_t i = rows->n;
	size_t wanted = rows->cap ? rows->cap * 2 : ROWS_MIN;

	if (i >= SST_ROWS_MAX || rows->n_groups == 0)
		return -E2BIG;
	if (i == rows->cap && sst_rows_reserve(rows, wanted < SST_ROWS_MAX ? wanted : SST_ROWS_MAX))
		return -ENOMEM;
	rows->time[i] = rows->duration[i] = rows->seq[i] = rows->ret[i] = 0;
	for (int k = 0; k < SST_ARGS; k++)
		rows->arg[k][i] = 0;
	rows->call[i] = rows->cpu[i] = 0;
	rows->state[i] = SST_OK;
	rows->groups[rows->n_groups - 1].n++;
	return (long)rows->n++;
}

int sst_rows_gap(struct sst_rows *rows, const struct sst_gap *gap)
{
	int err = grow(&rows->gaps, rows->n_gaps, &rows->cap_gaps, sizeof(*rows->gaps), SST_GAPS_MAX);

	if (!err)
		rows->gaps[rows->n_gaps++] = *gap;
	return err;
}

int sst_rows_event(struct sst_rows *rows, const struct sst_event *event)
{
	int err = grow(&rows->events, rows->n_events, &rows->cap_events, sizeof(*rows->events), SST_EVENTS_MAX);

	if (!err)
		rows->events[rows->n_events++] = *event;
	return err;
}

int sst_rows_clock(struct sst_rows *rows, const struct sst_clock *clock)
{
	int err = grow(&rows->clocks, rows->n_clocks, &rows->cap_clocks, sizeof(*rows->clocks), SST_CLOCKS_MAX);

	if (!err)
		rows->clocks[rows->n_clocks++] = *clock;
	return err;
}

/* Bytes for a capture or an open. */
static int add_text(struct sst_rows *rows, const void *bytes, size_t len)
{
	size_t wanted = rows->cap_text ? rows->cap_text : 4096;

	if (rows->n_text > SST_TEXT_MAX || len > SST_TEXT_MAX - rows->n_text)
		return -E2BIG;
	while (wanted < rows->n_text + len)
		wanted *= 2;
	if (wanted > rows->cap_text) {
		if (resize(&rows->text, wanted, 1))
			return -ENOMEM;
		rows->cap_text = wanted;
	}
	if (len)
		memcpy(rows->text + rows->n_text, bytes, len);
	rows->n_text += len;
	return 0;
}

int sst_rows_capture(struct sst_rows *rows, struct sst_capture capture, const void *bytes, size_t len)
{
	int err =
		grow(&rows->captures, rows->n_captures, &rows->cap_captures, sizeof(*rows->captures), SST_CAPTURES_MAX);

	capture.offset = (uint32_t)rows->n_text;
	capture.len = (uint32_t)len;
	if (!err)
		err = add_text(rows, bytes, len);
	if (!err)
		rows->captures[rows->n_captures++] = capture;
	return err;
}

int sst_rows_open(struct sst_rows *rows, struct sst_open open, const void *bytes, size_t len)
{
	int err = grow(&rows->opens, rows->n_opens, &rows->cap_opens, sizeof(*rows->opens), SST_OPENS_MAX);

	open.offset = (uint32_t)rows->n_text;
	open.len = (uint32_t)len;
	if (!err)
		err = add_text(rows, bytes, len);
	if (!err)
		rows->opens[rows->n_opens++] = open;
	return err;
}

/* A stable merge sort that leaves alone what is in order. */
static void merge_captures(struct sst_capture *a, size_t n, struct sst_capture *scratch)
{
	size_t half = n / 2, i = 0, j = half, k = 0;

	if (n < 2)
		return;
	merge_captures(a, half, scratch);
	merge_captures(a + half, n - half, scratch);
	if (a[half - 1].row <= a[half].row)
		return;
	memcpy(scratch, a, n * sizeof(*a));
	while (i < half && j < n)
		a[k++] = scratch[j].row < scratch[i].row ? scratch[j++] : scratch[i++];
	memcpy(a + k, scratch + i, (half - i) * sizeof(*a));
}

int sst_rows_sort_captures(struct sst_rows *rows)
{
	struct sst_capture *scratch;
	size_t i = 1;

	while (i < rows->n_captures && rows->captures[i - 1].row <= rows->captures[i].row)
		i++;
	if (i >= rows->n_captures)
		return 0;
	scratch = malloc(rows->n_captures * sizeof(*scratch));
	if (!scratch)
		return -ENOMEM;
	merge_captures(rows->captures, rows->n_captures, scratch);
	free(scratch);
	return 0;
}

/* The first capture that is not before row. */
static size_t captures_from(const struct sst_rows *rows, uint64_t row)
{
	size_t from = 0, to = rows->n_captures;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (rows->captures[middle].row < row)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

size_t sst_rows_captures(const struct sst_rows *rows, uint32_t row, size_t *n)
{
	size_t from = captures_from(rows, row), to = from;

	while (to < rows->n_captures && rows->captures[to].row == row)
		to++;
	*n = to - from;
	return from;
}

struct group_key {
	uint64_t seq;
	uint32_t tid, group;
};

static int compare_keys(const void *a, const void *b)
{
	const struct group_key *x = a, *y = b;

	if (x->tid != y->tid)
		return x->tid < y->tid ? -1 : 1;
	if (x->seq != y->seq)
		return x->seq < y->seq ? -1 : 1;
	return x->group < y->group ? -1 : x->group > y->group;
}

/* Empty groups have no sequence number; where they stand does not matter. */
static struct group_key key_of(const struct sst_rows *rows, size_t g)
{
	const struct sst_group *group = &rows->groups[g];

	return (struct group_key){group->n ? rows->seq[group->first] : 0, group->tid, (uint32_t)g};
}

static bool groups_are_sorted(const struct sst_rows *rows)
{
	for (size_t g = 1; g < rows->n_groups; g++) {
		struct group_key a = key_of(rows, g - 1), b = key_of(rows, g);

		if (compare_keys(&a, &b) > 0)
			return false;
	}
	return true;
}

int sst_rows_sort_groups(struct sst_rows *rows)
{
	size_t n = rows->n_groups;
	struct sst_group *sorted;
	struct group_key *keys;

	if (groups_are_sorted(rows))
		return 0;
	sorted = malloc(n * sizeof(*sorted));
	keys = malloc(n * sizeof(*keys));
	if (sorted && keys) {
		for (size_t g = 0; g < n; g++)
			keys[g] = key_of(rows, g);
		qsort(keys, n, sizeof(*keys), compare_keys);
		for (size_t g = 0; g < n; g++)
			sorted[g] = rows->groups[keys[g].group];
		memcpy(rows->groups, sorted, n * sizeof(*sorted));
	}
	n = sorted && keys ? 0 : n;
	free(sorted);
	free(keys);
	return n ? -ENOMEM : 0;
}

static void fill_places(const struct sst_rows *rows, struct sst_place *places)
{
	struct sst_place *p = places;

	for (size_t g = 0; g < rows->n_groups; g++) {
		const struct sst_group *group = &rows->groups[g];

		for (uint32_t i = group->first; i < group->first + group->n; i++)
			*p++ = (struct sst_place){.time = rows->time[i], .row = i, .group = (uint32_t)g};
	}
}

/* The end of the run that begins at p: as long as time does not go back. */
static const struct sst_place *run_end(const struct sst_place *p, const struct sst_place *end)
{
	if (p == end)
		return end;
	for (p++; p < end && p[-1].time <= p->time; p++)
		;
	return p;
}

/* Merge the runs [a, b) and [b, c) to out; of equal times the ones of the first run go first. Returns the end of out.
 */
static struct sst_place *merge(const struct sst_place *a, const struct sst_place *b, const struct sst_place *c,
			       struct sst_place *out)
{
	const struct sst_place *left = a, *right = b;

	while (left < b && right < c) {
		bool take_right = right->time < left->time;

		*out++ = take_right ? *right : *left;
		right += take_right;
		left += !take_right;
	}
	memcpy(out, left, (size_t)(b - left) * sizeof(*out));
	out += b - left;
	memcpy(out, right, (size_t)(c - right) * sizeof(*out));
	return out + (c - right);
}

/*
 * A natural merge sort: each pass merges neighbouring runs in pairs. It is stable, and the groups stand in order of
 * (tid, first seq), so ties come out by (tid, seq).
 */
void sst_places_order(struct sst_place *places, size_t n, struct sst_place *scratch)
{
	struct sst_place *from = places, *to = scratch;

	while (n > 0 && run_end(from, from + n) < from + n) {
		const struct sst_place *a = from, *end = from + n;
		struct sst_place *out = to, *swap = from;

		while (a < end) {
			const struct sst_place *b = run_end(a, end), *c = run_end(b, end);

			out = merge(a, b, c, out);
			a = c;
		}
		from = to;
		to = swap;
	}
	if (from != places)
		memcpy(places, from, n * sizeof(*places));
}

void sst_rows_order(const struct sst_rows *rows, struct sst_place *places, struct sst_place *scratch)
{
	fill_places(rows, places);
	sst_places_order(places, rows->n, scratch);
}
