/* column.c - see column.h */
#include "column.h"
#include "error.h"

static uint64_t low_bits(unsigned n)
{
	return n == 0 ? 0 : UINT64_MAX >> (64 - n);
}

static bool is_tick_token(unsigned t)
{
	return t <= TICKS_TOKEN_MAX || t == TICKS_NEAR || t == TICKS_FAR;
}

/* Of a token that is one. */
static unsigned bits_of_ticks(unsigned t)
{
	if (t == TICKS_NEAR)
		return 16;
	if (t == TICKS_FAR)
		return 64;
	return t < 32 ? 0 : t < TICKS_COARSE_TOKEN ? t / 16 - 1 : t - TICKS_COARSE_TOKEN + TICKS_FINE_BITS;
}

static void fill_ticks(struct sst_token_table *ticks)
{
	for (unsigned t = 0; t < 256; t++) {
		unsigned n = is_tick_token(t) ? bits_of_ticks(t) : 0;

		ticks->len[t] = (uint8_t)n;
		ticks->mask[t] = low_bits(n);
		if (t < TICKS_COARSE_TOKEN)
			ticks->base[t] = t < 32 ? t : (uint64_t)(16 + t % 16) << n;
		else if (t <= TICKS_TOKEN_MAX)
			ticks->base[t] = UINT64_C(1) << n;
	}
}

void sst_token_tables_fill(struct sst_token_tables *tables)
{
	struct sst_token_table *times = &tables->times, *values = &tables->values;

	for (unsigned t = 0; t <= TIME_TOKEN_MAX; t++) {
		unsigned n = t < 8 ? 0 : t / 4 - 1;

		times->base[t] = t < 8 ? t : (uint64_t)(4 + t % 4) << n;
		times->len[t] = (uint8_t)n;
		times->mask[t] = low_bits(n);
	}
	times->len[TIME_NO_STEP] = 16;
	times->mask[TIME_NO_STEP] = low_bits(16);
	fill_ticks(&tables->ticks);
	for (unsigned t = 0; t < 256; t++) {
		unsigned n = t > VALUE_BYTES ? t - VALUE_BYTES : 0;

		values->base[t] = t > VALUE_BYTES || t < 2 ? 0 : t - 1;
		values->len[t] = (uint8_t)n;
		values->mask[t] = low_bits(8 * n);
	}
}

/* --- looking at tokens, sixteen at a time */

typedef uint8_t bytes16 __attribute__((vector_size(16)));
typedef uint16_t words8 __attribute__((vector_size(16)));

/* Blocks of sixteen whose sums, of at most most each, fit into a lane of the given maximum. */
static size_t blocks_of(size_t n, size_t max, size_t most)
{
	return n / 16 < max / most ? n / 16 : max / most;
}

size_t sst_count_bytes(const uint8_t *bytes, size_t n, uint8_t byte)
{
	size_t sum = 0;

	while (n >= 16) {
		size_t blocks = blocks_of(n, UINT8_MAX, 1);
		bytes16 v, sums = {0};

		for (size_t i = 0; i < blocks; i++, bytes += 16) {
			memcpy(&v, bytes, 16);
			sums -= (bytes16)(v == byte);
		}
		for (size_t i = 0; i < 16; i++)
			sum += sums[i];
		n -= 16 * blocks;
	}
	while (n-- > 0)
		sum += *bytes++ == byte;
	return sum;
}

static uint8_t max_of_bytes(const uint8_t *bytes, size_t n)
{
	bytes16 v, maxima = {0};
	uint8_t max = 0;

	for (; n >= 16; n -= 16, bytes += 16) {
		memcpy(&v, bytes, 16);
		maxima ^= (v ^ maxima) & (bytes16)(v > maxima);
	}
	for (size_t i = 0; i < 16; i++)
		max = maxima[i] > max ? maxima[i] : max;
	for (; n > 0; n--, bytes++)
		max = *bytes > max ? *bytes : max;
	return max;
}

static unsigned bits_of_token(uint8_t t)
{
	return t == TIME_NO_STEP ? 16 : t < 8 ? 0 : t / 4 - 1;
}

/* How many bits of rest the tokens ask for. */
static size_t rest_of_times(const uint8_t *tokens, size_t n)
{
	size_t sum = 0;

	while (n >= 16) {
		size_t blocks = blocks_of(n, UINT16_MAX, 2 * 62); /* a lane has those of two tokens */
		words8 sums = {0};

		for (size_t i = 0; i < blocks; i++, tokens += 16) {
			bytes16 v, len;

			memcpy(&v, tokens, 16);
			len = v >> 2;
			len += (bytes16)(len > 0);
			len -= (bytes16)(v == TIME_NO_STEP) & (TIME_NO_STEP / 4 - 1 - 16);
			sums += ((words8)len & 0xff) + ((words8)len >> 8);
		}
		for (size_t i = 0; i < 8; i++)
			sum += sums[i];
		n -= 16 * blocks;
	}
	while (n-- > 0)
		sum += bits_of_token(*tokens++);
	return sum;
}

/* Likewise of ticks; SIZE_MAX if there is a token that says nothing. */
static size_t rest_of_ticks(const uint8_t *tokens, size_t n)
{
	size_t sum = 0;
	bytes16 wrong = {0};

	while (n >= 16) {
		size_t blocks = blocks_of(n, UINT16_MAX, 2 * 64);
		words8 sums = {0};

		for (size_t i = 0; i < blocks; i++, tokens += 16) {
			bytes16 v, coarse, len;

			memcpy(&v, tokens, 16);
			coarse = (bytes16)(v >= TICKS_COARSE_TOKEN);
			len = ((v >> 4) - 1) & (bytes16)(v >= 32) & ~coarse;
			len |= (v - (TICKS_COARSE_TOKEN - TICKS_FINE_BITS)) & coarse;
			len -= (bytes16)(v == TICKS_NEAR) & (TICKS_NEAR - TICKS_COARSE_TOKEN + TICKS_FINE_BITS - 16);
			len -= (bytes16)(v == TICKS_FAR) & (TICKS_FAR - TICKS_COARSE_TOKEN + TICKS_FINE_BITS - 64);
			wrong |= (bytes16)(len > 64);
			wrong |= (bytes16)(v > TICKS_TOKEN_MAX) & (bytes16)(v < TICKS_NEAR);
			sums += ((words8)len & 0xff) + ((words8)len >> 8);
		}
		for (size_t i = 0; i < 8; i++)
			sum += sums[i];
		n -= 16 * blocks;
	}
	for (size_t i = 0; i < 16; i++)
		if (wrong[i])
			return SIZE_MAX;
	for (; n > 0; n--, tokens++) {
		if (!is_tick_token(*tokens))
			return SIZE_MAX;
		sum += bits_of_ticks(*tokens);
	}
	return sum;
}

/* How many bytes: as many as a token is above VALUE_BYTES. That is, where its highest five bits are set. */
#define VALUE_ESCAPES (VALUE_BYTES + 1)
_Static_assert(VALUE_ESCAPES == 0xf8, "the bits of an escape");

static size_t rest_of_values(const uint8_t *tokens, size_t n)
{
	size_t sum = 0;

	while (n >= 16) {
		size_t blocks = blocks_of(n, UINT8_MAX, UINT8_MAX - VALUE_BYTES);
		bytes16 v, sums = {0};

		for (size_t i = 0; i < blocks; i++, tokens += 16) {
			memcpy(&v, tokens, 16);
			sums += (v - VALUE_BYTES) & (bytes16)((v & VALUE_ESCAPES) == VALUE_ESCAPES);
		}
		for (size_t i = 0; i < 16; i++)
			sum += sums[i];
		n -= 16 * blocks;
	}
	while (n-- > 0) {
		unsigned t = *tokens++;

		sum += t > VALUE_BYTES ? t - VALUE_BYTES : 0;
	}
	return sum;
}

/* --- opening */

/* Find the n tokens, behind the head, and the rest of a column that is laid out in one of these ways. stream->data is
 * not NULL. */
static int open_column(const struct sst_bytes *stream, const struct sst_bytes *rest, size_t head, size_t n,
		       unsigned ways, struct sst_column *column)
{
	if (stream->encoding & ~ways)
		return SST_E_NEWER;
	if (stream->len < head + n)
		return SST_E_COLUMN;
	*column = (struct sst_column){.tokens = stream->data + head,
				      .n = n,
				      .rest = stream->data + head + n,
				      .rest_len = stream->len - head - n};
	if (stream->encoding & SST_SPLIT) {
		if (rest->encoding != SST_WHOLE)
			return SST_E_NEWER;
		if (column->rest_len > 0 || !rest->data)
			return SST_E_COLUMN;
		column->rest = rest->data;
		column->rest_len = rest->len;
	}
	return 0;
}

int sst_column_bytes(const struct sst_bytes *stream, size_t n, struct sst_column *column)
{
	int err = open_column(stream, NULL, 0, n, SST_WHOLE, column);

	return !err && column->rest_len > 0 ? SST_E_COLUMN : err;
}

int sst_column_small(const struct sst_bytes *stream, size_t n, struct sst_column *column)
{
	int err = open_column(stream, NULL, 0, n, SST_WHOLE, column);

	if (err)
		return err;
	return column->rest_len == 2 * sst_count_bytes(column->tokens, n, SMALL_ESCAPE) ? 0 : SST_E_COLUMN;
}

int sst_column_times(const struct sst_bytes *stream, const struct sst_bytes *rest, size_t n, struct sst_column *column)
{
	bool steps = stream->encoding & SST_STEPS;
	int err = open_column(stream, rest, steps ? STEP_LEN : 0, n, SST_SPLIT | SST_STEPS, column);

	if (err)
		return err;
	column->step = steps ? sst_get32(stream->data) : 0;
	if (steps && column->step == 0)
		return SST_E_COLUMN;
	if (max_of_bytes(column->tokens, n) > (steps ? TIME_NO_STEP : TIME_TOKEN_MAX) ||
	    (rest_of_times(column->tokens, n) + 7) / 8 != column->rest_len)
		return SST_E_COLUMN;
	return 0;
}

int sst_column_ticks(const struct sst_bytes *stream, const struct sst_bytes *rest, size_t n, struct sst_ticks *clock,
		     struct sst_column *column)
{
	int err = open_column(stream, rest, clock ? TICKS_LEN : 0, n, SST_SPLIT | SST_TICKS, column);
	size_t bits;

	if (err)
		return err;
	if (clock)
		*clock = (struct sst_ticks){.phase = sst_get64(stream->data),
					    .step = sst_get64(stream->data + 8),
					    .odd = (int64_t)sst_get64(stream->data + 16)};
	if (clock && !sst_ticks_are_valid(clock))
		return SST_E_COLUMN;
	column->ticks = true;
	bits = rest_of_ticks(column->tokens, n);
	return bits == SIZE_MAX || (bits + 7) / 8 != column->rest_len ? SST_E_COLUMN : 0;
}

static int check_values(const struct sst_column *column, bool other)
{
	if (!other && memchr(column->tokens, VALUE_OTHER, column->n))
		return SST_E_COLUMN;
	return rest_of_values(column->tokens, column->n) == column->rest_len ? 0 : SST_E_COLUMN;
}

int sst_column_values(const struct sst_bytes *stream, const struct sst_bytes *rest, size_t n, bool other,
		      struct sst_column *column)
{
	int err = open_column(stream, rest, 0, n, rest ? SST_SPLIT : SST_WHOLE, column);

	return err ? err : check_values(column, other);
}

int sst_column_by_call(const struct sst_bytes *stream, const struct sst_bytes *rest, size_t n, bool other,
		       size_t n_calls, struct sst_column *column)
{
	static const uint8_t none[SST_CALLS_MAX];
	bool shifted = stream->encoding & SST_SHIFTED;
	int err = open_column(stream, rest, shifted ? n_calls : 0, n, SST_SPLIT | SST_SHIFTED, column);

	if (err)
		return err;
	column->shifts = shifted ? stream->data : none;
	for (size_t i = 0; i < n_calls; i++)
		if (column->shifts[i] > 63)
			return SST_E_COLUMN;
	return check_values(column, other);
}

/* --- stepping over many */

void sst_skip_times(struct sst_column *c, size_t n)
{
	c->bit += c->ticks ? rest_of_ticks(c->tokens, n) : rest_of_times(c->tokens, n);
	c->tokens += n;
}

void sst_skip_values(struct sst_column *c, size_t n)
{
	c->rest += rest_of_values(c->tokens, n);
	c->tokens += n;
}

#define SHORT_TOKEN 60  /* those below have at most 13 bits of rest, and say no more than SST_STEP_LIMIT */
#define SHORT_TICKS 128 /* and these, of ticks, 6 bits */

/* Are all eight tokens below the limit, of 128 at most? */
static inline bool are_short(uint64_t tokens, uint64_t limit)
{
	const uint64_t ones = 0x0101010101010101;

	return ((tokens | (tokens + ones * (0x80 - limit))) & ones * 0x80) == 0;
}

/* Take four short ones: their rest is in one word. */
static inline uint64_t sum_four(const struct sst_token_table *table, struct sst_column *c, const uint8_t *t)
{
	uint64_t word = sst_get64(c->rest + (c->bit >> 3)) >> (c->bit & 7), sum = 0;

	for (unsigned i = 0; i < 4; i++) {
		uint64_t v = table->base[t[i]] + (word & table->mask[t[i]]);

		sum += c->step ? sst_step_time(v, c->step) : v;
		word >>= table->len[t[i]];
		c->bit += table->len[t[i]];
	}
	return sum;
}

uint64_t sst_sum_times(const struct sst_token_tables *tables, struct sst_column *column, size_t n)
{
	struct sst_column c = *column; /* in registers */
	const struct sst_token_table *table = c.ticks ? &tables->ticks : &tables->times;
	const uint64_t limit = c.ticks ? SHORT_TICKS : SHORT_TOKEN;
	const uint8_t *end = c.tokens + n;
	uint64_t sum = 0;

	while (c.tokens < end) {
		if (end - c.tokens >= 8 && are_short(sst_get64(c.tokens), limit)) {
			sum += sum_four(table, &c, c.tokens);
			sum += sum_four(table, &c, c.tokens + 4);
			c.tokens += 8;
		} else {
			sum += sst_take_time(tables, &c, *c.tokens);
			c.tokens++;
		}
	}
	column->tokens = c.tokens;
	column->bit = c.bit;
	return sum;
}
