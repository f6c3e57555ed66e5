/* Tallies through memory, streams and frames: all comes back, contradictions are refused, damage is noticed. */
#include "format/bytes.h"
#include "format/reader.h"
#include "format/tally_stream.h"
#include "gen_rows.h"
#include "memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static void buckets_divide_all_times(void **state)
{
	struct gen g = gen_new(1);

	(void)state;
	assert_int_equal(sst_tally_bucket(0), 0);
	assert_int_equal(sst_tally_bucket(7), 7);
	assert_int_equal(sst_tally_bucket(1200), 36); /* the example of docs/format.md */
	assert_int_equal(sst_tally_bucket(UINT64_MAX), SST_TALLY_BUCKETS - 1);
	for (unsigned b = 0; b < SST_TALLY_BUCKETS; b++) {
		assert_int_equal(sst_tally_bucket(sst_tally_bucket_low(b)), b);
		if (b > 0)
			assert_int_equal(sst_tally_bucket(sst_tally_bucket_low(b) - 1), b - 1);
	}
	for (int i = 0; i < 10000; i++) {
		uint64_t v = gen_random(&g) >> gen_below(&g, 64);

		assert_true(sst_tally_bucket_low(sst_tally_bucket(v)) <= v);
	}
}

static uint64_t any_number(struct gen *g)
{
	return gen_random(g) >> gen_below(g, 64);
}

/* Cells whose counts add up to timed; returns how many. */
static uint32_t any_cells(struct gen *g, uint64_t timed, struct sst_tally_cell cells[SST_TALLY_BUCKETS])
{
	unsigned bucket = (unsigned)gen_below(g, 8);
	uint32_t n = 0;

	while (timed > 0) {
		uint64_t count = bucket > 200 ? timed : 1 + gen_below(g, timed);

		cells[n++] = (struct sst_tally_cell){.count = count, .bucket = (uint8_t)bucket};
		timed -= count;
		bucket += 1 + (unsigned)gen_below(g, 20);
	}
	return n;
}

static struct sst_tally_line any_line(struct gen *g, struct sst_tally_cell cells[SST_TALLY_BUCKETS])
{
	struct sst_tally_line line = {
		.calls = 1 + any_number(g) / 2, .bytes = any_number(g), .nr = (uint32_t)any_number(g)};

	line.abi = (uint8_t)gen_below(g, 13);
	line.errors = gen_below(g, line.calls + 1);
	line.timed = gen_below(g, 3) ? gen_below(g, line.calls + 1) : line.calls;
	line.unfinished = gen_below(g, line.calls - line.timed + 1);
	if (line.timed > 0)
		line.total = any_number(g);
	line.max = line.timed == 1 ? line.total : line.total / (1 + gen_below(g, 9));
	line.n_cells = any_cells(g, line.timed, cells);
	return line;
}

static void fill(struct gen *g, struct sst_tally *tally, unsigned processes)
{
	struct sst_tally_cell cells[SST_TALLY_BUCKETS];

	tally->from = gen_below(g, 1u << 30);
	tally->until = tally->from + any_number(g) / 2;
	tally->flags = gen_below(g, 2);
	tally->began = any_number(g);
	tally->ended = any_number(g);
	tally->cpu_ns = any_number(g);
	tally->run_ns = any_number(g);
	tally->clock = (struct sst_clock){.boot = tally->until, .mono = any_number(g), .real = (int64_t)any_number(g)};
	for (unsigned i = 0; i < processes; i++) {
		assert_int_equal(sst_tally_process(tally, (uint32_t)any_number(g), "a name of some length",
						   (size_t)gen_below(g, 22)),
				 0);
		for (uint64_t n = gen_below(g, 12); n > 0; n--) {
			struct sst_tally_line line = any_line(g, cells);

			assert_int_equal(sst_tally_line(tally, &line, cells), 0);
		}
	}
}

static void assert_same(const struct sst_tally *a, const struct sst_tally *b)
{
	assert_int_equal(a->from, b->from);
	assert_int_equal(a->until, b->until);
	assert_int_equal(a->flags, b->flags);
	assert_int_equal(a->began, b->began);
	assert_int_equal(a->ended, b->ended);
	assert_int_equal(a->cpu_ns, b->cpu_ns);
	assert_int_equal(a->run_ns, b->run_ns);
	assert_int_equal(a->n_processes, b->n_processes);
	assert_int_equal(a->n_lines, b->n_lines);
	assert_int_equal(a->n_cells, b->n_cells);
	for (size_t i = 0; i < a->n_processes; i++) {
		const struct sst_tally_process *p = &a->processes[i], *q = &b->processes[i];

		assert_true(p->pid == q->pid && p->first == q->first && p->n == q->n && p->comm_len == q->comm_len);
		assert_memory_equal(p->comm, q->comm, p->comm_len);
	}
	for (size_t i = 0; i < a->n_lines; i++) {
		const struct sst_tally_line *x = &a->lines[i], *y = &b->lines[i];

		assert_true(x->calls == y->calls && x->errors == y->errors && x->unfinished == y->unfinished &&
			    x->timed == y->timed && x->total == y->total && x->max == y->max && x->bytes == y->bytes &&
			    x->nr == y->nr && x->abi == y->abi && x->n_cells == y->n_cells &&
			    x->first_cell == y->first_cell);
	}
	for (size_t i = 0; i < a->n_cells; i++)
		assert_true(a->cells[i].count == b->cells[i].count && a->cells[i].bucket == b->cells[i].bucket);
}

/* A file with these tallies between META and END. */
static void write_file(struct memory *m, struct sst_tally *const *tallies, size_t n)
{
	struct sst_writer *w = memory_writer(m, 1);
	struct sst_meta meta = {0};

	assert_int_equal(sst_writer_meta(w, &meta), 0);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(sst_writer_tally(w, tallies[i]), 0);
	assert_int_equal(sst_writer_end(w, &meta), 0);
	sst_writer_free(w);
}

#define FRAMES 20

static void come_back(void **state)
{
	struct gen g = gen_new(2);
	struct sst_tally *in[FRAMES], *out = sst_tally_new();
	struct memory m = {0};
	struct sst_frame frame;
	struct sst_clock clock;

	(void)state;
	for (unsigned i = 0; i < FRAMES; i++) {
		in[i] = sst_tally_new();
		fill(&g, in[i], i * i); /* the first one is empty */
	}
	write_file(&m, in, FRAMES);
	for (int pipe = 0; pipe < 2; pipe++) {
		struct sst_reader *r = memory_open(&m, pipe);

		assert_int_equal(sst_reader_next(r, &frame), 1);
		for (unsigned i = 0; i < FRAMES; i++) {
			assert_int_equal(sst_reader_next(r, &frame), 1);
			assert_int_equal(frame.type, SST_FRAME_TALLY);
			assert_int_equal(frame.cut, in[i]->until);
			assert_true(frame.n_rows == 0 && frame.rows_total == 0);
			assert_true(sst_frame_clock(&frame, &clock));
			assert_int_equal(clock.real, in[i]->clock.real);
			assert_int_equal(sst_reader_load(r, &frame), 0);
			assert_int_equal(sst_frame_tally(&frame, out), 0);
			assert_same(in[i], out);
		}
		assert_int_equal(sst_reader_next(r, &frame), 1);
		assert_int_equal(frame.type, SST_FRAME_END);
		assert_int_equal(sst_frame_tally(&frame, out), -EINVAL);
		assert_int_equal(sst_reader_next(r, &frame), 0);
		sst_reader_free(r);
	}
	for (unsigned i = 0; i < FRAMES; i++)
		sst_tally_free(in[i]);
	sst_tally_free(out);
	free(m.data);
}

static void contradictions_do_not_get_in(void **state)
{
	struct sst_tally *tally = sst_tally_new();
	const struct sst_tally_cell cells[2] = {{2, 30}, {1, 36}}, twice[2] = {{2, 36}, {1, 36}};
	const struct sst_tally_line good = {.calls = 5,
					    .errors = 5,
					    .unfinished = 2,
					    .timed = 3,
					    .total = 4000,
					    .max = 1300,
					    .n_cells = 2,
					    .abi = 1};
	struct sst_tally_line line = good;

	(void)state;
	assert_int_equal(sst_tally_line(tally, &good, cells), -EINVAL); /* of no process */
	assert_int_equal(sst_tally_process(tally, 7, "cat\0x", 5), 0);
	assert_int_equal(tally->processes[0].comm_len, 3);
	assert_int_equal(sst_tally_line(tally, &good, cells), 0);
	assert_int_equal(sst_tally_line(tally, &good, twice), -EINVAL);
#define REFUSED(change)                                                                                                \
	line = good;                                                                                                   \
	line.change;                                                                                                   \
	assert_int_equal(sst_tally_line(tally, &line, cells), -EINVAL)
	REFUSED(calls = 0);
	REFUSED(calls = 4);
	REFUSED(errors = 6);
	REFUSED(unfinished = 3);
	REFUSED(timed = 2);
	REFUSED(timed = 0);
	REFUSED(timed = 1);
	REFUSED(max = 4001);
	REFUSED(n_cells = 1);
	REFUSED(n_cells = 1000);
	line = good;
	line.abi = SST_TALLY_ANY;
	line.nr = 1;
	assert_int_equal(sst_tally_line(tally, &line, cells), -EINVAL);
	line.nr = 0;
	assert_int_equal(sst_tally_line(tally, &line, cells), 0);
	assert_int_equal(tally->n_lines, 2);
	sst_tally_free(tally);
}

/* What does not fit is refused, and what did fit can be written. */
static void a_frame_is_full_some_day(void **state)
{
	struct gen g = gen_new(3);
	struct sst_tally *tally = sst_tally_new(), *out = sst_tally_new();
	struct sst_tally_cell cells[SST_TALLY_BUCKETS];
	struct memory m = {0};
	struct sst_frame frame;
	struct sst_reader *r;
	int err = 0;

	(void)state;
	while (!err) {
		struct sst_tally_line line = any_line(&g, cells);

		err = sst_tally_process(tally, (uint32_t)gen_random(&g), "process", 7);
		if (!err)
			err = sst_tally_line(tally, &line, cells);
	}
	assert_int_equal(err, -E2BIG);
	assert_true(tally->n_lines > 5000);
	tally->from = 1;
	tally->until = 2;
	write_file(&m, &tally, 1);
	r = memory_open(&m, false);
	assert_int_equal(sst_reader_next(r, &frame), 1);
	assert_int_equal(sst_reader_next(r, &frame), 1);
	assert_int_equal(sst_reader_load(r, &frame), 0);
	assert_int_equal(sst_frame_tally(&frame, out), 0);
	assert_same(tally, out);
	sst_reader_free(r);
	sst_tally_free(tally);
	sst_tally_free(out);
	free(m.data);
}

static int decode(const char *bytes, size_t len)
{
	struct sst_tally *tally = sst_tally_new();
	struct sst_bytes stream = {.data = (const uint8_t *)bytes, .len = len};
	int err = sst_decode_tally(&stream, tally);

	sst_tally_free(tally);
	return err;
}

#define DECODE(literal) decode(literal, sizeof(literal) - 1)

/* The stream by hand, as docs/format.md says it is: its example. */
#define HEAD  "\5\0\0\0\0\0\1\2"
#define WHO   "\2\x0e\3cat"
#define LINES "\1\1\0\x3c\4\1\1\0\1\1\0\0\x8c\x3f\0\xd0\x0f\xb0\x09\x1e\2\5\1"

static void contradictions_are_refused(void **state)
{
	struct sst_tally *tally = sst_tally_new();
	struct sst_bytes stream = {.data = (const uint8_t *)HEAD WHO LINES, .len = sizeof(HEAD WHO LINES) - 1};

	(void)state;
	assert_int_equal(sst_decode_tally(&stream, tally), 0);
	assert_int_equal(tally->processes[0].pid, 7);
	assert_int_equal(tally->lines[0].calls, 4);
	assert_int_equal(tally->lines[0].timed, 3);
	assert_int_equal(tally->lines[0].total, 2000);
	assert_int_equal(tally->lines[0].max, 1200);
	assert_int_equal(tally->lines[0].bytes, 8076);
	assert_int_equal(tally->cells[0].bucket, 30);
	assert_int_equal(tally->cells[1].bucket, 36);
	assert_int_equal(tally->lines[1].nr, 60);
	assert_int_equal(tally->lines[1].timed, 0);
	sst_tally_free(tally);

	assert_int_equal(DECODE(""), SST_E_COLUMN);
	assert_int_equal(DECODE("\0\0\0"), 0);               /* fewer numbers: 0 */
	assert_int_equal(DECODE("\6\0\0\0\0\0\x7f\0\0"), 0); /* more: later versions' */
	assert_int_equal(DECODE("\x41\0\0"), SST_E_COLUMN);
	assert_int_equal(DECODE("\0\1\0\0\2\0"), 0);
	assert_int_equal(DECODE("\0\1\0\0\1\0"), SST_E_COLUMN);         /* pid −1 */
	assert_int_equal(DECODE("\0\1\0\0\2\1\0"), SST_E_COLUMN);       /* a zero in comm */
	assert_int_equal(DECODE("\0\1\0\0\2\0\0"), SST_E_COLUMN);       /* a byte more */
	assert_int_equal(DECODE("\0\0\1\1\1\1\0\1\0\0"), SST_E_COLUMN); /* lines of nobody */
	assert_int_equal(DECODE("\0\x81\x80\x04\0"), SST_E_LIMIT);
	assert_int_equal(DECODE("\0\0\x81\x80\x04"), SST_E_LIMIT);
	assert_int_equal(DECODE(HEAD "\1\x0e\3cat" LINES), SST_E_COLUMN);
	assert_int_equal(DECODE(HEAD WHO "\1\1\0\x3c\0\1\0\0\0\1\0\0\x8c\x3f\0"), SST_E_COLUMN); /* no calls */
	assert_int_equal(DECODE(HEAD WHO "\1\1\0\x3c\4\1\5\0\1\1\0\0\x8c\x3f\0\xd0\x0f\xb0\x09\x1e\2\5\1"),
			 SST_E_COLUMN); /* more errors than calls */
	assert_int_equal(DECODE(HEAD WHO "\1\1\0\x3c\4\1\1\0\1\1\2\0\x8c\x3f\0\xd0\x0f\xb0\x09\x1e\2\5\1"),
			 SST_E_COLUMN); /* unfinished and timed */
	assert_int_equal(DECODE(HEAD WHO "\1\1\0\x3c\4\1\1\0\1\1\0\0\x8c\x3f\0\xd0\x0f\xb0\x3f\x1e\2\5\1"),
			 SST_E_COLUMN); /* one took longer than all */
	assert_int_equal(DECODE(HEAD WHO "\1\1\0\x3c\4\1\1\0\1\1\0\0\x8c\x3f\0\xd0\x0f\xb0\x09\x1e\2\5\2"),
			 SST_E_COLUMN); /* cells of more calls */
	assert_int_equal(DECODE(HEAD WHO "\1\1\0\x3c\4\1\1\0\1\1\0\0\x8c\x3f\0\xd0\x0f\xb0\x09\x1e\0\5\3"),
			 SST_E_COLUMN); /* a cell of none */
	assert_int_equal(DECODE(HEAD WHO "\1\1\0\x3c\4\1\1\0\1\1\0\0\x8c\x3f\0\xd0\x0f\xb0\x09\xfb\1\2\0\1"),
			 SST_E_COLUMN); /* a bucket too high */
}

/* Any change of a stream is refused, or is another tally that comes back as it is. */
static void wrong_bytes_are_refused_or_mean_something(void **state)
{
	struct gen g = gen_new(4);
	struct sst_tally *tally = sst_tally_new(), *out = sst_tally_new();
	uint8_t *bytes, *copy, *again;
	size_t len, good = 0;

	(void)state;
	fill(&g, tally, 12);
	bytes = malloc(tally->space);
	len = (size_t)(sst_encode_tally(tally, bytes) - bytes);
	assert_true(len <= tally->space);
	for (int i = 0; i < 20000; i++) {
		size_t n = i % 4 ? len : (size_t)gen_below(&g, len);
		struct sst_bytes stream;

		copy = malloc(n + 1);
		memcpy(copy, bytes, n);
		for (uint64_t k = gen_below(&g, 4); n > 0; k--) {
			copy[1 + gen_below(&g, n) % (n > 1 ? n - 1 : 1)] ^= (uint8_t)(1u << gen_below(&g, 8));
			if (k == 0)
				break;
		}
		stream = (struct sst_bytes){.data = copy, .len = n};
		if (sst_decode_tally(&stream, out) == 0) {
			again = malloc(out->space);
			assert_int_equal(sst_encode_tally(out, again) - again, n);
			assert_memory_equal(again, copy, n);
			free(again);
			good++;
		}
		free(copy);
	}
	assert_true(good > 0);
	free(bytes);
	sst_tally_free(tally);
	sst_tally_free(out);
}

/* Whatever bit of a file is wrong: no tally that is not one that was written. */
static void damage_is_noticed(void **state)
{
	struct gen g = gen_new(5);
	struct sst_tally *in[3], *out = sst_tally_new();
	struct memory m = {0};

	(void)state;
	for (int i = 0; i < 3; i++) {
		in[i] = sst_tally_new();
		fill(&g, in[i], 2);
		in[i]->from = (uint64_t)i; /* tells them apart */
	}
	write_file(&m, in, 3);
	for (size_t bit = 0; bit < m.len * 8; bit += 3) {
		struct sst_frame frame;
		struct sst_reader *r;
		int err;

		m.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		r = memory_open(&m, false);
		while ((err = sst_reader_next(r, &frame)) != 0) {
			if (err < 0 || frame.type != SST_FRAME_TALLY)
				continue;
			if (sst_reader_load(r, &frame) || sst_frame_tally(&frame, out))
				continue;
			assert_true(frame.time_min < 3);
			assert_same(in[frame.time_min], out);
		}
		sst_reader_free(r);
		m.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	for (int i = 0; i < 3; i++)
		sst_tally_free(in[i]);
	sst_tally_free(out);
	free(m.data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(buckets_divide_all_times),
		cmocka_unit_test(come_back),
		cmocka_unit_test(contradictions_do_not_get_in),
		cmocka_unit_test(a_frame_is_full_some_day),
		cmocka_unit_test(contradictions_are_refused),
		cmocka_unit_test(wrong_bytes_are_refused_or_mean_something),
		cmocka_unit_test(damage_is_noticed),
	};

	return cmocka_run_group_tests_name("tally", tests, NULL, NULL);
}
