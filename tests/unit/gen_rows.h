/*
 * gen_rows.h - rows for tests and benches, the same for the same seed.
 *
 * gen_realistic() is what a few busy threads do: loops of read, write, futex, epoll_wait, openat … with buffers, sizes,
 * errors, all states, and now and then a gap, an event or a clock reading. gen_extreme() is whatever a frame may hold:
 * all-ones registers, time that goes back, the highest ids, empty groups, thousands of different calls, none at all.
 */
#ifndef SST_TEST_GEN_ROWS_H
#define SST_TEST_GEN_ROWS_H

#include "format/rows.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

struct gen {
	uint64_t state;
	uint64_t now; /* boot time, ns */
};

/* splitmix64 */
static inline uint64_t gen_random(struct gen *g)
{
	uint64_t z = g->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static inline uint64_t gen_below(struct gen *g, uint64_t n)
{
	return gen_random(g) % n;
}

static inline struct gen gen_new(uint64_t seed)
{
	return (struct gen){.state = seed, .now = 86400 * UINT64_C(1000000000)};
}

/* A call of a loop. What its arguments are, depends on the letter: f fd, b buffer, s size, o offset, p path, c
 * constant, u uaddr. */
struct gen_call {
	uint32_t nr;
	const char *args;
	uint64_t constant; /* also the size */
	uint64_t duration; /* typical */
	char ret;          /* s all of the size, v varying size, 0, f a new fd, t time-out at times */
};

static const struct gen_call gen_loops[][8] = {
	{{232, "fbcc", 128, 20000, 't'}, {0, "fbs", 16384, 900, 'v'}, {1, "fbs", 5, 4000, 's'}},
	{{257, "cpcc", 0xffffff9c, 1500, 'f'},
	 {262, "cpbc", 0, 700, '0'},
	 {217, "fbs", 32768, 2500, 'v'},
	 {3, "f", 0, 300, '0'}},
	{{17, "fbso", 4096, 1200, 's'},
	 {18, "fbso", 4096, 2100, 's'},
	 {8, "foc", 0, 200, 'v'},
	 {72, "fcb", 6, 250, '0'}},
	{{202, "ucccuc", 128, 30000, 't'}, {202, "ucccuc", 129, 600, '0'}, {39, "", 0, 90, 'c'}},
	{{9, "bscccc", 8192, 1800, 'b'}, {11, "bs", 8192, 2400, '0'}, {12, "b", 0, 500, 'b'}},
};

#define GEN_LOOPS (sizeof(gen_loops) / sizeof(gen_loops[0]))

static inline uint64_t gen_argument(struct gen *g, char kind, const struct gen_call *call, uint32_t tid,
				    uint64_t *offset)
{
	switch (kind) {
	case 'f':
		return 3 + gen_below(g, 4);
	case 'b':
		return UINT64_C(0x7f0000000000) + tid * UINT64_C(0x100000) + gen_below(g, 3) * 4096;
	case 's':
		return gen_below(g, 8) ? call->constant : gen_below(g, 1 + call->constant);
	case 'o':
		return *offset += 4096;
	case 'p':
		return UINT64_C(0x55d000000000) + gen_below(g, 1 << 20);
	case 'u':
		return UINT64_C(0x7fff00000000) + tid * 64;
	default:
		return call->constant;
	}
}

static inline uint64_t gen_ret(struct gen *g, const struct gen_call *call, uint64_t size)
{
	if (gen_below(g, 40) == 0)
		return (uint64_t) - (int64_t)(1 + gen_below(g, 40));
	switch (call->ret) {
	case 's':
		return size;
	case 'v':
		return gen_below(g, 1 + size);
	case 'f':
		return 3 + gen_below(g, 4);
	case 't':
		return gen_below(g, 3);
	case 'b':
		return UINT64_C(0x7f0000000000) + gen_below(g, 64) * 4096;
	case 'c':
		return 4711;
	default:
		return 0;
	}
}

static inline void gen_row(struct gen *g, struct sst_rows *rows, const struct gen_call *call, uint32_t tid,
			   uint64_t *time, uint64_t *offset, uint64_t *seq)
{
	size_t i = (size_t)sst_rows_add(rows);
	unsigned nargs = (unsigned)strlen(call->args);

	rows->call[i] = (uint16_t)sst_rows_call(rows, 1, call->nr, (uint8_t)nargs);
	rows->time[i] = *time;
	rows->seq[i] = *seq += gen_below(g, 500) ? 1 : 1 + gen_below(g, 9);
	rows->cpu[i] = (uint16_t)(tid % 2);
	rows->state[i] = gen_below(g, 2000) ? SST_OK : (uint8_t)gen_below(g, SST_STATE_COUNT);
	for (unsigned k = 0; k < nargs; k++)
		rows->arg[k][i] = gen_argument(g, call->args[k], call, tid, offset);
	if (sst_state_has_ret(rows->state[i]))
		rows->ret[i] = gen_ret(g, call, rows->arg[2][i]);
	if (sst_state_has_duration(rows->state[i])) {
		rows->duration[i] = call->duration * (90 + gen_below(g, 30)) / 100;
		rows->duration[i] += gen_below(g, 1 + call->duration / 8);
	}
	*time += rows->duration[i] + 150 + gen_below(g, 80);
	*time += gen_below(g, 20) ? 0 : gen_below(g, 20000);
}

static inline void gen_extras(struct gen *g, struct sst_rows *rows, uint32_t tid)
{
	uint64_t until = g->now + gen_below(g, 1000), count = 1 + gen_below(g, 9), last = gen_below(g, 1000);
	struct sst_gap gap = {.time = g->now, .until = until, .count = count, .pid = 4000, .tid = tid};
	struct sst_event event = {.time = g->now, .pid = 4000, .tid = tid, .a = 4000, .b = last};
	struct sst_clock clock = {
		.boot = g->now, .mono = g->now - 77, .real = INT64_C(1700000000000000000) + (int64_t)g->now};

	gap.seq = gen_below(g, 2);
	gap.cause = (uint8_t)gen_below(g, SST_CAUSE_COUNT);
	event.kind = (uint8_t)(1 + gen_below(g, 4));
	if (gen_below(g, 2))
		assert(sst_rows_gap(rows, &gap) == 0);
	if (gen_below(g, 2))
		assert(sst_rows_event(rows, &event) == 0);
	if (gen_below(g, 2))
		assert(sst_rows_clock(rows, &clock) == 0);
}

/* Captures of some rows and events, and some opens. Draws from a generator of its own: the rows stay those that the
 * seed has always made. */
static inline void gen_captures(uint64_t seed, struct sst_rows *rows)
{
	static const char text[] = "/usr/share/locale/de/LC_MESSAGES/libc.mo\0/proc/self/\xff\n\t=cmd|x";
	struct gen g = gen_new(seed ^ UINT64_C(0x5eed));
	uint64_t number = 0, all = rows->n + rows->n_events;

	for (number = gen_below(&g, 9); number < all; number += gen_below(&g, 9)) {
		struct sst_capture c = {.row = (uint32_t)number};
		size_t from = (size_t)gen_below(&g, sizeof(text)), len = (size_t)gen_below(&g, sizeof(text) - from);

		if (number >= rows->n)
			c.row = SST_CAPTURE_EVENT + (uint32_t)(number - rows->n);
		c.arg = (uint8_t)gen_below(&g, 8);
		c.form = (uint8_t)gen_below(&g, 32);
		c.flags = (uint8_t)(gen_below(&g, 3) ? 0 : gen_below(&g, 256));
		assert(sst_rows_capture(rows, c, text + from, len) == 0);
	}
	for (uint64_t n = gen_below(&g, 3) ? 0 : gen_below(&g, 9); n > 0; n--) {
		struct sst_open o = {.time = gen_random(&g)};
		size_t len = (size_t)gen_below(&g, sizeof(text));

		o.until = o.time + gen_below(&g, 1000);
		o.pid = (uint32_t)gen_random(&g);
		o.what = gen_random(&g) >> gen_below(&g, 64);
		o.flags = (uint8_t)gen_below(&g, 256);
		assert(sst_rows_open(rows, o, text, len) == 0);
	}
}

/* About n rows of some threads after one another's frames; g goes on where the frame before ended. */
static inline void gen_realistic(struct gen *g, struct sst_rows *rows, size_t n, unsigned threads)
{
	uint64_t begin = g->now;

	sst_rows_clear(rows);
	for (unsigned t = 0; t < threads; t++) {
		const struct gen_call *loop = gen_loops[t % GEN_LOOPS];
		uint64_t time = begin + gen_below(g, 5000), offset = gen_below(g, 100) << 12,
			 seq = 1 + gen_below(g, 100000);
		uint32_t tid = 4000 + t * 3;
		char comm[16];

		snprintf(comm, sizeof(comm), "worker/%u", t % 3);
		assert(sst_rows_group(rows, t % 2 ? tid : 4000, tid, comm, strlen(comm)) == 0);
		for (size_t i = 0; i < n / threads; i++) {
			const struct gen_call *call = &loop[i % 4];

			gen_row(g, rows, call->args ? call : loop, tid, &time, &offset, &seq);
		}
		g->now = time > g->now ? time : g->now;
		gen_extras(g, rows, tid);
	}
	gen_captures(g->state, rows);
}

/* The order of the draws is fixed, so that every compiler makes the same rows. */
static inline uint64_t gen_wild(struct gen *g)
{
	uint64_t kind = gen_below(g, 6), number = kind > 2 ? gen_random(g) : 0;

	switch (kind) {
	case 0:
		return 0;
	case 1:
		return UINT64_MAX;
	case 2:
		return UINT64_C(1) << gen_below(g, 64);
	case 3:
		return number;
	case 4:
		return number >> gen_below(g, 64);
	default:
		return 0 - (number >> gen_below(g, 64));
	}
}

static inline uint32_t gen_wild_id(struct gen *g)
{
	return gen_below(g, 4) ? (uint32_t)gen_wild(g) : UINT32_MAX;
}

static inline void gen_wild_row(struct gen *g, struct sst_rows *rows, size_t n_calls)
{
	size_t i = (size_t)sst_rows_add(rows);
	const struct sst_call *call;

	rows->call[i] = (uint16_t)gen_below(g, n_calls);
	call = &rows->calls[rows->call[i]];
	rows->time[i] = gen_wild(g);
	rows->seq[i] = gen_wild(g);
	rows->cpu[i] = (uint16_t)gen_wild(g);
	rows->state[i] = (uint8_t)gen_below(g, SST_STATE_COUNT);
	for (unsigned k = 0; k < call->nargs; k++)
		rows->arg[k][i] = gen_wild(g);
	if (sst_state_has_ret(rows->state[i]))
		rows->ret[i] = gen_below(g, 3) ? gen_wild(g) : rows->arg[2][i];
	if (sst_state_has_duration(rows->state[i]))
		rows->duration[i] = gen_wild(g);
}

static inline void gen_wild_extras(struct gen *g, struct sst_rows *rows)
{
	for (uint64_t n = gen_below(g, 4); n > 0; n--) {
		struct sst_gap gap = {.time = gen_wild(g)};
		struct sst_event event = {.time = gen_wild(g)};
		struct sst_clock clock = {.boot = gen_wild(g)};

		gap.until = gen_wild(g);
		gap.seq = gen_wild(g);
		gap.count = gen_wild(g);
		event.a = gen_wild(g);
		event.b = gen_wild(g);
		clock.mono = gen_wild(g);
		clock.real = (int64_t)gen_wild(g);
		gap.pid = gen_wild_id(g);
		gap.tid = gen_below(g, 2) ? gap.pid : gen_wild_id(g);
		gap.cause = (uint8_t)gen_wild(g);
		event.pid = gen_wild_id(g);
		event.tid = gen_wild_id(g);
		event.kind = (uint8_t)gen_wild(g);
		assert(sst_rows_gap(rows, &gap) == 0);
		assert(sst_rows_event(rows, &event) == 0);
		assert(sst_rows_clock(rows, &clock) == 0);
	}
}

/* Up to max_rows rows of anything that a frame can hold. */
static inline void gen_extreme(struct gen *g, struct sst_rows *rows, size_t max_rows)
{
	static const size_t call_counts[] = {1, 2, 10, 253, 254, 255, 256, SST_CALLS_MAX};
	size_t n_calls = call_counts[gen_below(g, sizeof(call_counts) / sizeof(call_counts[0]))];
	size_t groups = (size_t)gen_below(g, 20);

	sst_rows_clear(rows);
	for (size_t i = 0; i < n_calls; i++) {
		uint8_t abi = (uint8_t)gen_wild(g), nargs = (uint8_t)gen_below(g, SST_ARGS + 1);

		assert(sst_rows_call_append(rows, abi, gen_wild_id(g), nargs) >= 0);
	}
	for (size_t i = 0; i < groups; i++) {
		uint64_t n = gen_below(g, 3) ? gen_below(g, 1 + max_rows / groups) : 0;
		uint32_t pid = gen_wild_id(g), tid = gen_wild_id(g);
		char comm[SST_COMM_MAX];

		memset(comm, (int)(1 + gen_below(g, 255)), sizeof(comm));
		assert(sst_rows_group(rows, pid, tid, comm, (size_t)gen_below(g, SST_COMM_MAX + 1)) == 0);
		while (n-- > 0)
			gen_wild_row(g, rows, n_calls);
	}
	gen_wild_extras(g, rows);
	gen_captures(g->state, rows);
}

/* Is row i of the same call in both? An encoder may have given the calls of a list other numbers, and more of them. */
static inline bool gen_same_call(const struct sst_rows *a, const struct sst_rows *b, size_t i)
{
	if (a->call[i] >= a->n_calls || b->call[i] >= b->n_calls)
		return false;
	const struct sst_call *x = &a->calls[a->call[i]], *y = &b->calls[b->call[i]];

	return x->abi == y->abi && x->nr == y->nr && x->nargs == y->nargs;
}

/* Are these the same rows? The first difference goes to text. */
static inline bool gen_same(const struct sst_rows *a, const struct sst_rows *b, char text[80])
{
#define GEN_DIFFER(field)                                                                                              \
	do {                                                                                                           \
		if (a->field != b->field) {                                                                            \
			snprintf(text, 80, "%s at %zu", #field, i);                                                    \
			return false;                                                                                  \
		}                                                                                                      \
	} while (0)
	size_t i = 0;

	GEN_DIFFER(n);
	GEN_DIFFER(n_groups);
	GEN_DIFFER(n_gaps);
	GEN_DIFFER(n_events);
	GEN_DIFFER(n_clocks);
	for (i = 0; i < a->n; i++) {
		GEN_DIFFER(time[i]);
		GEN_DIFFER(duration[i]);
		GEN_DIFFER(seq[i]);
		GEN_DIFFER(ret[i]);
		GEN_DIFFER(cpu[i]);
		GEN_DIFFER(state[i]);
		for (int k = 0; k < SST_ARGS; k++)
			GEN_DIFFER(arg[k][i]);
		if (!gen_same_call(a, b, i)) {
			snprintf(text, 80, "call at %zu", i);
			return false;
		}
	}
	for (i = 0; i < a->n_groups; i++) {
		GEN_DIFFER(groups[i].pid);
		GEN_DIFFER(groups[i].tid);
		GEN_DIFFER(groups[i].first);
		GEN_DIFFER(groups[i].n);
		GEN_DIFFER(groups[i].comm_len);
		if (memcmp(a->groups[i].comm, b->groups[i].comm, a->groups[i].comm_len) != 0) {
			snprintf(text, 80, "comm of group %zu", i);
			return false;
		}
	}
	for (i = 0; i < a->n_gaps; i++) {
		GEN_DIFFER(gaps[i].time);
		GEN_DIFFER(gaps[i].until);
		GEN_DIFFER(gaps[i].seq);
		GEN_DIFFER(gaps[i].count);
		GEN_DIFFER(gaps[i].pid);
		GEN_DIFFER(gaps[i].tid);
		GEN_DIFFER(gaps[i].cause);
	}
	for (i = 0; i < a->n_events; i++) {
		GEN_DIFFER(events[i].time);
		GEN_DIFFER(events[i].a);
		GEN_DIFFER(events[i].b);
		GEN_DIFFER(events[i].pid);
		GEN_DIFFER(events[i].tid);
		GEN_DIFFER(events[i].kind);
	}
	for (i = 0; i < a->n_clocks; i++) {
		GEN_DIFFER(clocks[i].boot);
		GEN_DIFFER(clocks[i].mono);
		GEN_DIFFER(clocks[i].real);
	}
	GEN_DIFFER(n_captures);
	GEN_DIFFER(n_opens);
	for (i = 0; i < a->n_captures; i++) {
		GEN_DIFFER(captures[i].row);
		GEN_DIFFER(captures[i].len);
		GEN_DIFFER(captures[i].arg);
		GEN_DIFFER(captures[i].form);
		GEN_DIFFER(captures[i].flags);
		if (a->captures[i].len > 0 &&
		    memcmp(a->text + a->captures[i].offset, b->text + b->captures[i].offset, a->captures[i].len) != 0) {
			snprintf(text, 80, "text of capture %zu", i);
			return false;
		}
	}
	for (i = 0; i < a->n_opens; i++) {
		GEN_DIFFER(opens[i].time);
		GEN_DIFFER(opens[i].until);
		GEN_DIFFER(opens[i].pid);
		GEN_DIFFER(opens[i].what);
		GEN_DIFFER(opens[i].len);
		GEN_DIFFER(opens[i].flags);
		if (a->opens[i].len &&
		    memcmp(a->text + a->opens[i].offset, b->text + b->opens[i].offset, a->opens[i].len) != 0) {
			snprintf(text, 80, "text of open %zu", i);
			return false;
		}
	}
#undef GEN_DIFFER
	return true;
}

#endif
