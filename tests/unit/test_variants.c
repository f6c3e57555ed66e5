/* test_variants.c - calls told apart by what they work on: the same rows come back from fewer bytes; where it would not
 * pay, and beyond so many, calls stay as they are */
#include "codec.h"
#include "format/variants.h"

#define ROWS 3000

enum { READ, FCNTL, MMAP, CLOSE, CALLS };
static const struct sst_call calls[CALLS] = {
	{.abi = 1, .nargs = 3, .nr = 0},
	{.abi = 1, .nargs = 3, .nr = 72},
	{.abi = 1, .nargs = 6, .nr = 9},
	{.abi = 1, .nargs = 1, .nr = 3},
};

struct state {
	struct codec codec;
	struct sst_variants *variants;
	struct sst_rows split;
	size_t bytes; /* of all streams */
};

static int setup(void **state)
{
	struct state *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	codec_open(&s->codec);
	s->variants = sst_variants_new();
	for (unsigned i = 0; i < CALLS; i++)
		assert_int_equal(sst_rows_call(s->codec.in, calls[i].abi, calls[i].nr, calls[i].nargs), i);
	assert_int_equal(sst_rows_group(s->codec.in, 100, 100, "server", 6), 0);
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	struct state *s = *state;

	sst_variants_free(s->variants);
	codec_close(&s->codec);
	free(s);
	return 0;
}

static void add(struct state *s, uint16_t call, uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t ret)
{
	long row = sst_rows_add(s->codec.in);

	assert_true(row >= 0);
	s->codec.in->call[row] = call;
	s->codec.in->time[row] = 1000 * (uint64_t)row;
	s->codec.in->seq[row] = 1 + (uint64_t)row;
	s->codec.in->arg[0][row] = arg0;
	s->codec.in->arg[1][row] = calls[call].nargs > 1 ? arg1 : 0;
	s->codec.in->arg[2][row] = calls[call].nargs > 2 ? arg2 : 0;
	s->codec.in->ret[row] = ret;
}

/* Twenty clients, each of which has a buffer of its own. */
static void serve(struct state *s, size_t rows, unsigned clients)
{
	for (size_t i = 0; i < rows; i++)
		add(s, READ, 8 + i * 7 % clients, 0x7f0000001000 + i * 7 % clients * 0x6540, 16384, 45);
}

static void round_trip(struct state *s)
{
	const struct sst_rows *in = s->codec.in, *out = s->codec.out;

	codec_round_trip(&s->codec);
	s->bytes = 0;
	for (unsigned id = 0; id < SST_STREAM_COUNT; id++)
		s->bytes += s->codec.streams[id].len;
	sst_variants_split(s->variants, in, &s->split);
	assert_int_equal(out->n_calls, s->split.n_calls);
	for (size_t i = 0; i < in->n; i++)
		assert_int_equal(s->split.call[i], out->call[i]);
}

static size_t variants_of(const struct state *s, unsigned call)
{
	size_t n = 0;

	for (size_t i = 0; i < s->split.n_calls; i++)
		n += s->split.calls[i].abi == calls[call].abi && s->split.calls[i].nr == calls[call].nr;
	return n;
}

static void one_for_each_descriptor(void **state)
{
	struct state *s = *state;

	serve(s, ROWS, 20);
	round_trip(s);
	assert_int_equal(variants_of(s, READ), 20);
	assert_int_equal(s->split.n_calls, CALLS + 19);
	/* A token of call, time and duration each, and of four values: nearly no rest. */
	assert_true(s->bytes < 7 * ROWS + ROWS / 2);
}

static void one_for_each_command_and_place(void **state)
{
	static const uint64_t places[] = {0x7ffd00001000, 0x5582bc810400};
	struct state *s = *state;

	for (size_t i = 0; i < ROWS / 4; i++) {
		add(s, FCNTL, 5, 3, 0, 0x38800);
		add(s, FCNTL, 5, 2, 1, 0);
		add(s, READ, 5, places[0], 4096, 4096);
		add(s, READ, 5, places[1], 100, 0);
	}
	round_trip(s);
	assert_int_equal(variants_of(s, FCNTL), 2);
	assert_int_equal(variants_of(s, READ), 2);
	assert_int_equal(variants_of(s, CLOSE), 1);
}

/* What all have in common tells nobody apart, and what mmap() returns is near what it returned before. */
static void none_where_it_does_not_pay(void **state)
{
	struct state *s = *state;

	for (size_t i = 0; i < ROWS; i++) {
		add(s, READ, 3, 0x7f0000001000, i * 7919 % 65536, i * 31 % 65536);
		add(s, MMAP, 0, 4096, i % 2 ? 1 : 3, 0x7f0000100000 - i * 4096);
		add(s, CLOSE, 3, 0, 0, 0);
	}
	round_trip(s);
	assert_int_equal(s->split.n_calls, CALLS);
	assert_ptr_equal(s->split.call, s->codec.in->call);
}

static void few_rows_stay_as_they_are(void **state)
{
	struct state *s = *state;

	serve(s, 100, 20);
	round_trip(s);
	assert_ptr_equal(s->split.call, s->codec.in->call);
}

/* More than there is room for: the first get one, the others are what they have been. */
static void thousands_of_descriptors(void **state)
{
	struct state *s = *state;

	for (unsigned i = 0; i < 10; i++)
		serve(s, ROWS, 20);
	for (unsigned i = 0; i < 5000; i++)
		add(s, CLOSE, i, 0, 0, 0);
	serve(s, ROWS, 1009);
	round_trip(s);
	assert_int_equal(s->split.n_calls, 64);
}

static void of_any_rows(void **state)
{
	struct state *s = *state;
	struct gen g = gen_new(5);

	for (unsigned i = 0; i < 20; i++) {
		sst_rows_clear(s->codec.in);
		gen_realistic(&g, s->codec.in, 4000, 3);
		round_trip(s);
	}
}

static void of_rows_that_have_been_split(void **state)
{
	struct state *s = *state;

	serve(s, ROWS, 20);
	round_trip(s);
	for (size_t i = s->codec.in->n_calls; i < s->split.n_calls; i++)
		assert_true(sst_rows_call_append(s->codec.in, s->split.calls[i].abi, s->split.calls[i].nr,
						 s->split.calls[i].nargs) >= 0);
	memcpy(s->codec.in->call, s->split.call, s->codec.in->n * sizeof(*s->codec.in->call));
	round_trip(s);
	assert_int_equal(s->split.n_calls, CALLS + 19);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(one_for_each_descriptor, setup, teardown),
		cmocka_unit_test_setup_teardown(one_for_each_command_and_place, setup, teardown),
		cmocka_unit_test_setup_teardown(none_where_it_does_not_pay, setup, teardown),
		cmocka_unit_test_setup_teardown(few_rows_stay_as_they_are, setup, teardown),
		cmocka_unit_test_setup_teardown(thousands_of_descriptors, setup, teardown),
		cmocka_unit_test_setup_teardown(of_any_rows, setup, teardown),
		cmocka_unit_test_setup_teardown(of_rows_that_have_been_split, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
