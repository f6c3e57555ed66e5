/* memo.c - see memo.h */
#include "memo.h"

#include <stdlib.h>
#include <string.h>

#include "args.h"

#define MEMOS 1024 /* as many as ten bits can tell */

/*
 * Rows of calls that rarely come again are not looked up: a hit is worth HIT rows that are looked up in vain, of which
 * SURE may come at a stretch. Of such a call one row in PROBE is looked up all the same.
 */
#define CALLS 512 /* by number; a power of 2 */
#define HIT   4
#define SURE  64
#define PROBE 16

struct memos {
	struct memo list[MEMOS];
	uint8_t score[CALLS], passed[CALLS];
	uint32_t tags[MEMOS]; /* of the hash: most that are not the same are told apart without a look at the memo */
};

/* Fewer arguments, and nothing but numbers, are made sooner than found. */
#define WORTH_WHILE 3

struct memos *memos_new(void)
{
	struct memos *memos = aligned_alloc(MEMO_LINE, sizeof(*memos));

	if (!memos)
		return NULL;
	memset(memos, 0, sizeof(*memos));
	memset(memos->score, SURE, sizeof(memos->score));
	return memos;
}

void memos_free(struct memos *memos)
{
	free(memos);
}

static uint64_t word_at(const uint8_t *bytes)
{
	uint64_t word;

	memcpy(&word, bytes, sizeof(word));
	return word;
}

#define PRIME1 UINT64_C(0x9e3779b97f4a7c15)
#define PRIME2 UINT64_C(0xc2b2ae3d27d4eb4f)
#define PRIME3 UINT64_C(0x165667b19e3779f9)

/* Four words at a time, so that their products need not wait for each other. */
static uint64_t hash_bytes(const uint8_t *bytes, size_t len)
{
	uint64_t a = len * PRIME3, b = 0, c = 0, d = 0;

	for (; len >= 32; len -= 32, bytes += 32) {
		a = (a ^ word_at(bytes)) * PRIME1;
		b = (b ^ word_at(bytes + 8)) * PRIME2;
		c = (c ^ word_at(bytes + 16)) * PRIME3;
		d = (d ^ word_at(bytes + 24)) * PRIME1;
	}
	for (; len >= 8; len -= 8, bytes += 8)
		a = (a ^ word_at(bytes)) * PRIME1;
	for (; len > 0; len--, bytes++)
		b = (b ^ *bytes) * PRIME2;
	return (a ^ a >> 32) + (b ^ b >> 32) * PRIME1 + (c ^ c >> 32) * PRIME2 + (d ^ d >> 32) * PRIME3;
}

static uint64_t hash_row(const struct row *row, const struct args_outcome *outcome, const uint8_t *key, size_t len)
{
	const uint64_t *a = row->arg;
	uint64_t hash = row->call->nr + ((uint64_t)outcome->is << 32) + a[0] * PRIME1 + a[1] * PRIME2 + a[2] * PRIME3 +
			(a[3] ^ a[4] * PRIME1) * PRIME2 + a[5] * (PRIME1 ^ PRIME3);

	hash ^= outcome->ret * PRIME2;
	hash ^= len > 0 ? hash_bytes(key, len) : 0;
	hash ^= hash >> 29;
	return hash * PRIME3;
}

static uint64_t pack_capture(const struct sst_capture *capture)
{
	return capture->arg | (uint64_t)capture->form << 8 | (uint64_t)capture->flags << 16 |
	       (uint64_t)capture->len << 32;
}

/* The bytes captured of a row, which stand side by side. Returns how many, or SIZE_MAX: too many, or not so. */
static size_t key_of(const struct row *row)
{
	size_t len = 0;

	if (row->n_captures > MEMO_CAPTURES)
		return SIZE_MAX;
	for (size_t i = 0; i < row->n_captures; i++) {
		if (row->captures[i].offset != row->captures[0].offset + len)
			return SIZE_MAX;
		len += row->captures[i].len;
		if (len > MEMO_KEY)
			return SIZE_MAX;
	}
	return len;
}

static bool is_of(const struct memo *memo, const struct row *row, const struct args_outcome *outcome,
		  const uint8_t *key, size_t len)
{
	const struct call *call = row->call;

	if (memo->nr != call->nr || memo->abi != call->abi || memo->nargs != call->nargs ||
	    memo->outcome != outcome->is || memo->ret != outcome->ret || memo->n_captures != row->n_captures ||
	    memo->key_len != len)
		return false;
	for (unsigned i = 0; i < SST_ARGS; i++)
		if (memo->arg[i] != row->arg[i])
			return false;
	for (size_t i = 0; i < row->n_captures; i++)
		if (memo->captures[i] != pack_capture(&row->captures[i]))
			return false;
	return len == 0 || memcmp(memo->key, key, len) == 0;
}

static void begin(struct memo *memo, const struct row *row, const struct args_outcome *outcome, const uint8_t *key,
		  size_t len)
{
	memcpy(memo->arg, row->arg, sizeof(memo->arg));
	for (size_t i = 0; i < row->n_captures; i++)
		memo->captures[i] = pack_capture(&row->captures[i]);
	memo->nr = row->call->nr;
	memo->abi = row->call->abi;
	memo->nargs = row->call->nargs;
	memo->outcome = (uint8_t)outcome->is;
	memo->ret = outcome->ret;
	memo->n_captures = (uint8_t)row->n_captures;
	memo->raw_len = memo->text_len = 0;
	memo->key_len = (uint16_t)len;
	if (len > 0)
		memcpy(memo->key, key, len);
}

struct memo *memo_find(struct memos *memos, const struct row *row)
{
	struct args_outcome outcome = args_outcome(row);
	const uint8_t *key = NULL;
	struct memo *memo;
	size_t call = row->call->nr & (CALLS - 1), len;
	uint64_t hash;
	uint32_t *tag;

	if (memos->score[call] == 0 && ++memos->passed[call] % PROBE != 0)
		return NULL;
	if (row->call->nargs < WORTH_WHILE && row->n_captures == 0)
		return NULL;
	len = key_of(row);
	if (len == SIZE_MAX)
		return NULL;
	if (len > 0)
		key = row->text + row->captures[0].offset;
	hash = hash_row(row, &outcome, key, len);
	memo = &memos->list[hash >> 54];
	tag = &memos->tags[hash >> 54];
	if (*tag == (uint32_t)hash && is_of(memo, row, &outcome, key, len)) {
		memos->score[call] = (uint8_t)(memos->score[call] < SURE ? memos->score[call] + HIT : SURE);
		return memo;
	}
	memos->score[call] = (uint8_t)(memos->score[call] - (memos->score[call] > 0));
	*tag = (uint32_t)hash;
	begin(memo, row, &outcome, key, len);
	return memo;
}

void memo_keep_raw(struct memo *memo, const char *text, size_t len)
{
	if (!memo || len > sizeof(memo->raw))
		return;
	memcpy(memo->raw, text, len);
	memo->raw_len = (uint8_t)len;
}

void memo_keep_text(struct memo *memo, const char *text, size_t len)
{
	if (!memo || len > sizeof(memo->text))
		return;
	memcpy(memo->text, text, len);
	memo->text_len = (uint8_t)len;
}
