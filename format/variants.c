#include "variants.h"
#include "signature.h"

#include <stdlib.h>
#include <string.h>

#define CALLS_MAX       64  /* in a frame: that many are told apart by the contexts in which calls are predicted */
#define RULE_ARGS       4   /* by which a call is told apart */
#define SLOTS           256 /* of the table of variants, a power of two */
#define PROBES          8   /* places where one may be: who chooses the arguments must not choose how long this takes */
#define STRETCHES       4   /* of rows that are looked at to find what pays, … */
#define STRETCH         512 /* … and their length */
#define ROWS_LEAST      256 /* below, a longer list costs more than it saves */
#define VALUES          4   /* of a row that are compared: three arguments and the result */
#define PAYS(now, then) ((now) < (then) - (then) / 4)
#define ODD             UINT64_C(0x9e3779b97f4a7c15)

/* Which arguments tell variants apart, and how many of their low bits do not. */
struct rule {
	uint8_t n, arg[RULE_ARGS], shift[RULE_ARGS];
};

struct variant {
	uint64_t key;
	uint16_t call; /* + 1; 0: a free slot */
};

struct values {
	uint64_t v[VALUES];
};

struct sst_variants {
	struct rule rules[CALLS_MAX];
	struct variant table[SLOTS];
	bool taken[CALLS_MAX]; /* the call itself is the first of its variants */
	struct sst_call calls[CALLS_MAX];
	size_t n_calls;
	uint16_t call[SST_ROWS_MAX];
	/* Of the sample: */
	struct values last[CALLS_MAX], last_variant[CALLS_MAX];
	size_t cost[CALLS_MAX], cost_split[CALLS_MAX];
};

struct sst_variants *sst_variants_new(void)
{
	return calloc(1, sizeof(struct sst_variants));
}

void sst_variants_free(struct sst_variants *variants)
{
	free(variants);
}

/* Does the value of such an argument say what the call is for, or on what? */
static bool says_what(unsigned kind)
{
	switch (kind) {
	case SST_KIND_ENUM:
	case SST_KIND_FLAGS:
	case SST_KIND_IOCTL_REQUEST:
	case SST_KIND_SOCKOPT_NAME:
	case SST_KIND_FUTEX_OP:
	case SST_KIND_IPC_CMD:
	case SST_KIND_SIGNAL:
	case SST_KIND_FD:
	case SST_KIND_DIRFD:
		return true;
	default:
		return false;
	}
}

static void add_to_rule(struct rule *rule, unsigned arg, unsigned shift)
{
	if (rule->n == RULE_ARGS)
		return;
	rule->arg[rule->n] = (uint8_t)arg;
	rule->shift[rule->n++] = (uint8_t)shift;
}

/* Of a pointer to a structure it is of interest where the structure is: on the stack, on the heap, or nowhere. Calls
 * that return addresses return one beside the last, whatever they were asked for. */
static struct rule rule_of(const struct sst_call *call)
{
	const struct sst_signature *signature = sst_signature(call->abi, call->nr);
	struct rule rule = {0};

	if (!signature || signature->result == SST_KIND_ADDRESS)
		return rule;
	for (unsigned i = 0; i < signature->nargs && i < call->nargs; i++) {
		const struct sst_arg *arg = &signature->arg[i];

		if (says_what(arg->kind))
			add_to_rule(&rule, i, 0);
		else if (arg->direction && arg->kind != SST_KIND_PATH && arg->kind != SST_KIND_STRING)
			add_to_rule(&rule, i, 32);
	}
	return rule;
}

/* Two that have the same one are one variant: what is expected of them is worse then, and nothing else. */
static inline uint64_t key_of(const struct rule *rule, const struct sst_rows *rows, size_t row, unsigned call)
{
	uint64_t key = (call + 1) * ODD;

	for (unsigned i = 0; i < rule->n; i++) {
		key = (key ^ rows->arg[rule->arg[i]][row] >> rule->shift[i]) * ODD;
		key ^= key >> 29;
	}
	return key;
}

static unsigned add_variant(struct sst_variants *v, struct variant *slot, uint64_t key, unsigned call)
{
	unsigned variant = call;

	if (v->taken[call]) {
		variant = (unsigned)v->n_calls++;
		v->calls[variant] = v->calls[call];
	}
	v->taken[call] = true;
	*slot = (struct variant){.key = key, .call = (uint16_t)(variant + 1)};
	return variant;
}

/* The call in whose place this row is one of. When there are enough, the others are as they have been. */
static inline unsigned variant_of(struct sst_variants *v, const struct sst_rows *rows, size_t row)
{
	unsigned call = rows->call[row];
	uint64_t key;
	size_t slot;

	if (v->rules[call].n == 0)
		return call;
	key = key_of(&v->rules[call], rows, row, call);
	slot = key % SLOTS;
	for (unsigned i = 0; i < PROBES; i++, slot = (slot + 1) % SLOTS) {
		if (!v->table[slot].call)
			return v->n_calls == CALLS_MAX ? call : add_variant(v, &v->table[slot], key, call);
		if (v->table[slot].key == key)
			return v->table[slot].call - 1u;
	}
	return call;
}

static void begin(struct sst_variants *v, const struct sst_rows *rows)
{
	memset(v->table, 0, sizeof(v->table));
	memset(v->taken, 0, sizeof(v->taken));
	memcpy(v->calls, rows->calls, rows->n_calls * sizeof(v->calls[0]));
	v->n_calls = rows->n_calls;
}

/* --- what pays */

/* Bytes that the values of a row take, about, where those of the row before are expected. */
static size_t cost_of(struct values *last, const struct values *now)
{
	size_t cost = 0;

	for (unsigned i = 0; i < VALUES; i++) {
		uint64_t d = now->v[i] - last->v[i];

		d = d << 1 ^ (0 - (d >> 63));
		cost += d ? 1 + (71u - (unsigned)__builtin_clzll(d)) / 8 : 0;
	}
	*last = *now;
	return cost;
}

static void sample_rows(struct sst_variants *v, const struct sst_rows *rows, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		struct values now = {.v = {rows->arg[0][i], rows->arg[1][i], rows->arg[2][i], rows->ret[i]}};
		unsigned call = rows->call[i];

		if (v->rules[call].n == 0)
			continue;
		v->cost[call] += cost_of(&v->last[call], &now);
		v->cost_split[call] += cost_of(&v->last_variant[variant_of(v, rows, i)], &now);
	}
}

/* Rules for the calls of these rows, but for those whose columns get hardly smaller by them. Is any left? */
static bool choose_rules(struct sst_variants *v, const struct sst_rows *rows)
{
	size_t stretch = rows->n / STRETCHES < STRETCH ? rows->n / STRETCHES : STRETCH;
	bool any = false;

	begin(v, rows);
	memset(v->last, 0, sizeof(v->last));
	memset(v->last_variant, 0, sizeof(v->last_variant));
	memset(v->cost, 0, sizeof(v->cost));
	memset(v->cost_split, 0, sizeof(v->cost_split));
	for (size_t i = 0; i < rows->n_calls; i++)
		v->rules[i] = rule_of(&rows->calls[i]);
	for (size_t i = 0; i < STRETCHES; i++)
		sample_rows(v, rows, i * (rows->n / STRETCHES), i * (rows->n / STRETCHES) + stretch);
	for (size_t i = 0; i < rows->n_calls; i++) {
		if (!PAYS(v->cost_split[i], v->cost[i]))
			v->rules[i].n = 0;
		any |= v->rules[i].n > 0;
	}
	return any;
}

void sst_variants_split(struct sst_variants *v, const struct sst_rows *rows, struct sst_rows *split)
{
	*split = *rows;
	if (rows->n < ROWS_LEAST || rows->n_calls >= CALLS_MAX || !choose_rules(v, rows))
		return;
	begin(v, rows);
	for (size_t i = 0; i < rows->n; i++)
		v->call[i] = (uint16_t)variant_of(v, rows, i);
	split->call = v->call;
	split->calls = v->calls;
	split->n_calls = v->n_calls;
}
