#include "summary.h"
#include "bytes.h"

#include <stdlib.h>

#define RANGES_MAX       32 /* of a set; with more, neighbours are joined */
#define CALLS_RANGES_MAX 64
#define ABIS_MAX         4 /* in one frame; programs of more than two are rare */
#define ERRNO_MAX        4095
#define ITEM_MAX         (16 + ABIS_MAX * 8 + CALLS_RANGES_MAX * 11) /* bytes of the largest extension */

struct range {
	uint32_t first, last;
};

/* Begin an extension; NULL where the header is full of them. */
static uint8_t *item_begin(struct sst_header *h)
{
	if (h->n_extensions == SST_EXTENSIONS_MAX || h->extra_len + ITEM_MAX > sizeof(h->extra))
		return NULL;
	return h->extra + h->extra_len;
}

static void item_end(struct sst_header *h, unsigned id, const uint8_t *end)
{
	size_t len = (size_t)(end - (h->extra + h->extra_len));

	h->extensions[h->n_extensions++] =
		(struct sst_extension){.id = (uint8_t)id, .offset = (uint16_t)h->extra_len, .len = (uint16_t)len};
	h->extra_len += (uint32_t)len;
}

/* --- sets ------------------------------------------------------------------------------------------------ */

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static bool is_sorted(const uint32_t *values, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (values[i - 1] > values[i])
			return false;
	return true;
}

/* Join what is not more than distance apart. Returns the number of ranges that are left. */
static size_t join(struct range *ranges, size_t n, uint64_t distance)
{
	size_t to = 0;

	for (size_t i = 1; i < n; i++) {
		if ((uint64_t)ranges[i].first <= ranges[to].last + distance)
			ranges[to].last = ranges[i].last;
		else
			ranges[++to] = ranges[i];
	}
	return n ? to + 1 : 0;
}

/* Values, n of them and at least one, to at most max ranges, in the room of room for n. Sorts the values. */
static size_t to_ranges(uint32_t *values, size_t n, struct range *room, size_t max)
{
	uint64_t distance = 1;

	if (!is_sorted(values, n))
		qsort(values, n, sizeof(*values), compare);
	for (size_t i = 0; i < n; i++)
		room[i] = (struct range){values[i], values[i]};
	n = join(room, n, distance);
	while (n > max)
		n = join(room, n, distance *= 2);
	return n;
}

static uint8_t *put_ranges(uint8_t *p, const struct range *ranges, size_t n)
{
	uint64_t next = 0;

	for (size_t i = 0; i < n; i++) {
		bool many = ranges[i].last > ranges[i].first;

		p = sst_put_varint(p, (ranges[i].first - next) << 1 | many);
		if (many)
			p = sst_put_varint(p, ranges[i].last - ranges[i].first - 1);
		next = (uint64_t)ranges[i].last + 1;
	}
	return p;
}

/* Read one range; next is where it can begin at the earliest. */
static struct range take_range(struct sst_cursor *c, uint64_t *next)
{
	uint64_t code = sst_take_varint(c), first = *next + (code >> 1), last = first;

	if (code & 1)
		last = first + 1 + sst_take_max(c, UINT32_MAX);
	if (code >> 1 > UINT32_MAX || last > UINT32_MAX)
		c->bad = true;
	*next = last + 1;
	return (struct range){(uint32_t)first, (uint32_t)last};
}

/* Is the value in a set of at most n ranges (that ends where the cursor does)? */
static bool take_set(struct sst_cursor *c, uint64_t n, uint32_t value)
{
	uint64_t next = 0;
	bool has = false;

	for (; n > 0 && sst_left(c) > 0 && !c->bad; n--) {
		struct range range = take_range(c, &next);

		has |= range.first <= value && value <= range.last;
	}
	return has;
}

/* --- from rows ------------------------------------------------------------------------------------------- */

/* Memory for all sets of a frame: as many values as it has groups or calls. */
struct scratch {
	uint32_t *values;
	struct range *ranges;
};

static void put_set(struct sst_header *h, unsigned id, struct scratch *s, size_t n)
{
	uint8_t *p = item_begin(h);

	if (p)
		item_end(h, id, put_ranges(p, s->ranges, to_ranges(s->values, n, s->ranges, RANGES_MAX)));
}

static void add_threads(struct sst_header *h, const struct sst_rows *rows, struct scratch *s)
{
	size_t n = 0;

	for (size_t i = 0; i < rows->n_groups; i++)
		if (rows->groups[i].n > 0)
			s->values[n++] = rows->groups[i].tid;
	put_set(h, SST_EXT_TIDS, s, n);
	n = 0;
	for (size_t i = 0; i < rows->n_groups; i++)
		if (rows->groups[i].n > 0)
			s->values[n++] = rows->groups[i].pid;
	put_set(h, SST_EXT_PIDS, s, n);
}

static size_t calls_of_abi(const struct sst_rows *rows, unsigned abi, uint32_t *values)
{
	size_t n = 0;

	for (size_t i = 0; i < rows->n_calls; i++)
		if (rows->calls[i].abi == abi)
			values[n++] = rows->calls[i].nr;
	return n;
}

/* All calls of the list, whether there are rows of them or not. */
static void add_calls(struct sst_header *h, const struct sst_rows *rows, struct scratch *s)
{
	bool has[256] = {false};
	unsigned abis = 0;
	uint8_t *p = item_begin(h);

	for (size_t i = 0; i < rows->n_calls; i++) {
		abis += !has[rows->calls[i].abi];
		has[rows->calls[i].abi] = true;
	}
	if (!p || abis > ABIS_MAX)
		return;
	for (unsigned abi = 0; abi < 256; abi++) {
		size_t n;

		if (!has[abi])
			continue;
		n = to_ranges(s->values, calls_of_abi(rows, abi, s->values), s->ranges, CALLS_RANGES_MAX / abis);
		*p++ = (uint8_t)abi;
		p = sst_put_varint(p, n);
		p = put_ranges(p, s->ranges, n);
	}
	item_end(h, SST_EXT_CALLS, p);
}

/*
 * Any result that would be an error in an ABI of 32 or 64 bits: its low 32 bits are -1 to -4095. Without a branch that
 * depends on the data but the rare one.
 */
static void add_errors(struct sst_header *h, const struct sst_rows *rows)
{
	uint64_t seen[(ERRNO_MAX + 1) / 64] = {0};
	struct range ranges[ERRNO_MAX / 2 + 1];
	uint8_t *p = item_begin(h);
	size_t n = 0;

	for (size_t i = 0; i < rows->n; i++) {
		uint32_t error = 0 - (uint32_t)rows->ret[i];

		if (error - 1 < ERRNO_MAX)
			seen[error / 64] |= UINT64_C(1) << error % 64;
	}
	for (uint32_t error = 1; error <= ERRNO_MAX; error++) {
		if (!(seen[error / 64] >> error % 64 & 1))
			continue;
		if (n > 0 && ranges[n - 1].last + 1 == error)
			ranges[n - 1].last = error;
		else
			ranges[n++] = (struct range){error, error};
	}
	for (uint64_t distance = 2; n > RANGES_MAX; distance *= 2)
		n = join(ranges, n, distance);
	if (p)
		item_end(h, SST_EXT_ERRORS, put_ranges(p, ranges, n));
}

static void add_longest(struct sst_header *h, const struct sst_rows *rows)
{
	uint8_t *p = item_begin(h);
	uint64_t longest = 0;

	for (size_t i = 0; i < rows->n; i++)
		longest = rows->duration[i] > longest ? rows->duration[i] : longest;
	if (p)
		item_end(h, SST_EXT_LONGEST, sst_put_varint(p, longest));
}

static void add_states(struct sst_header *h, const struct sst_rows *rows)
{
	uint8_t *p = item_begin(h);
	unsigned states = 0;

	for (size_t i = 0; i < rows->n; i++)
		states |= 1u << rows->state[i];
	if (p)
		item_end(h, SST_EXT_STATES, sst_put_varint(p, states));
}

static void add_clock(struct sst_header *h, const struct sst_rows *rows)
{
	const struct sst_clock *clock = rows->n_clocks ? &rows->clocks[rows->n_clocks - 1] : NULL;
	uint8_t *p = item_begin(h);

	if (!clock || !p)
		return;
	p = sst_put_varint(p, clock->boot);
	p = sst_put_varint(p, sst_zigzag(clock->mono - clock->boot));
	p = sst_put_varint(p, sst_zigzag((uint64_t)clock->real));
	item_end(h, SST_EXT_CLOCK, p);
}

static void add_sets(struct sst_header *h, const struct sst_rows *rows)
{
	size_t n = rows->n_groups > rows->n_calls ? rows->n_groups : rows->n_calls;
	struct scratch s = {.values = malloc(n * sizeof(*s.values)), .ranges = malloc(n * sizeof(*s.ranges))};

	if (s.values && s.ranges) {
		add_threads(h, rows, &s);
		add_calls(h, rows, &s);
	}
	free(s.values);
	free(s.ranges);
}

void sst_summary_add(struct sst_header *header, const struct sst_rows *rows)
{
	header->n_extensions = 0;
	header->extra_len = 0;
	if (rows->n > 0) {
		add_sets(header, rows);
		add_errors(header, rows);
		add_longest(header, rows);
		add_states(header, rows);
	}
	add_clock(header, rows);
}

void sst_summary_add_health(struct sst_header *header, const struct sst_health *health)
{
	const uint64_t numbers[] = {health->cpu_ns, health->run_ns, health->written, health->ring, health->ring_used};
	uint8_t *p = item_begin(header);

	if (!p)
		return;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		p = sst_put_varint(p, numbers[i]);
	item_end(header, SST_EXT_HEALTH, p);
}

/* --- questions ------------------------------------------------------------------------------------------- */

/* The bytes of an extension. Returns whether the header has it. */
static bool open_item(const struct sst_header *h, unsigned id, struct sst_cursor *c)
{
	for (unsigned i = 0; i < h->n_extensions; i++) {
		if (h->extensions[i].id != id)
			continue;
		*c = sst_cursor(h->extra + h->extensions[i].offset, h->extensions[i].len);
		return true;
	}
	return false;
}

/* An answer, unless what it was read from contradicts itself. */
static bool answer(const struct sst_cursor *c, bool found)
{
	return found || c->bad || sst_left(c) > 0;
}

static bool set_may_have(const struct sst_header *h, unsigned id, uint32_t value)
{
	struct sst_cursor c;

	if (!open_item(h, id, &c))
		return true;
	return answer(&c, take_set(&c, UINT64_MAX, value));
}

bool sst_summary_tid(const struct sst_header *header, uint32_t tid)
{
	return set_may_have(header, SST_EXT_TIDS, tid);
}

bool sst_summary_pid(const struct sst_header *header, uint32_t pid)
{
	return set_may_have(header, SST_EXT_PIDS, pid);
}

bool sst_summary_call(const struct sst_header *header, int abi, uint32_t nr)
{
	struct sst_cursor c;
	bool found = false;

	if (!open_item(header, SST_EXT_CALLS, &c))
		return true;
	while (sst_left(&c) > 0 && !c.bad) {
		uint8_t of = sst_take8(&c);
		uint64_t n = sst_take_varint(&c), next = 0;

		for (; n > 0 && !c.bad; n--) {
			struct range range = take_range(&c, &next);

			found |= (abi < 0 || abi == of) && range.first <= nr && nr <= range.last;
		}
	}
	return answer(&c, found);
}

bool sst_summary_failed(const struct sst_header *header)
{
	struct sst_cursor c;

	return !open_item(header, SST_EXT_ERRORS, &c) || sst_left(&c) > 0;
}

bool sst_summary_slower(const struct sst_header *header, uint64_t duration)
{
	struct sst_cursor c;
	uint64_t longest;

	if (!open_item(header, SST_EXT_LONGEST, &c))
		return true;
	longest = sst_take_varint(&c);
	return answer(&c, longest >= duration);
}

bool sst_summary_state(const struct sst_header *header, unsigned state)
{
	struct sst_cursor c;
	uint64_t states;

	if (!open_item(header, SST_EXT_STATES, &c))
		return true;
	states = sst_take_varint(&c);
	return answer(&c, state >= 64 || states >> state & 1);
}

bool sst_summary_clock(const struct sst_header *header, struct sst_clock *clock)
{
	struct sst_cursor c;

	if (!open_item(header, SST_EXT_CLOCK, &c))
		return false;
	clock->boot = sst_take_varint(&c);
	clock->mono = clock->boot + sst_unzigzag(sst_take_varint(&c));
	clock->real = (int64_t)sst_unzigzag(sst_take_varint(&c));
	return !c.bad && sst_left(&c) == 0;
}

bool sst_summary_health(const struct sst_header *header, struct sst_health *health)
{
	uint64_t *const numbers[] = {&health->cpu_ns, &health->run_ns, &health->written, &health->ring,
				     &health->ring_used};
	struct sst_cursor c;

	*health = (struct sst_health){0};
	if (!open_item(header, SST_EXT_HEALTH, &c))
		return false;
	for (size_t i = 0; sst_left(&c) > 0 && !c.bad; i++) {
		uint64_t number = sst_take_varint(&c);

		if (i < sizeof(numbers) / sizeof(numbers[0]))
			*numbers[i] = number;
	}
	if (c.bad)
		*health = (struct sst_health){0};
	return !c.bad;
}
