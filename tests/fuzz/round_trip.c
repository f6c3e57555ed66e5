/*
 * round_trip.c - fuzz target: rows that the bytes choose go into a file and come back as they were.
 *
 * Every choice takes some of the bytes; behind their end all choices are 0.
 */
#include "format/bytes.h"
#include "fuzz.h"
#include "tests/unit/gen_rows.h"
#include "tests/unit/memory.h"

#include <stdlib.h>

#define CHECK(condition) ((condition) ? (void)0 : abort())
#define FRAMES_MAX       6

struct choices {
	const uint8_t *p, *end;
};

static unsigned choose(struct choices *c, unsigned n)
{
	return c->p < c->end ? *c->p++ % n : 0;
}

/* A number of 0 to 8 bytes, of either sign, or something near the one before. */
static uint64_t number(struct choices *c, uint64_t before)
{
	unsigned kind = choose(c, 32);
	uint64_t v = 0;

	if (kind == 0)
		return before;
	if (kind < 8)
		return before + kind - 4;
	if (kind < 12)
		return before + (choose(c, 256) << (kind - 8) * 8);
	for (unsigned i = 0; i < kind % 9; i++)
		v = v << 8 | choose(c, 256);
	return kind & 16 ? 0 - v : v;
}

static void make_row(struct choices *c, struct sst_rows *rows, uint64_t before[12])
{
	size_t i = (size_t)sst_rows_add(rows);
	unsigned nargs;

	rows->call[i] = (uint16_t)choose(c, (unsigned)rows->n_calls);
	nargs = rows->calls[rows->call[i]].nargs;
	rows->state[i] = choose(c, 16) ? SST_OK : (uint8_t)choose(c, SST_STATE_COUNT);
	rows->time[i] = before[0] = number(c, before[0] + before[1]);
	if (sst_state_has_duration(rows->state[i]))
		rows->duration[i] = before[1] = number(c, before[1]);
	rows->seq[i] = before[2] = number(c, before[2] + 1);
	rows->cpu[i] = (uint16_t)(before[3] = number(c, before[3]));
	for (unsigned k = 0; k < nargs; k++)
		rows->arg[k][i] = before[4 + k] = number(c, before[4 + k]);
	if (sst_state_has_ret(rows->state[i]))
		rows->ret[i] = before[10] = choose(c, 4) ? number(c, before[10]) : rows->arg[2][i];
}

static void make_rows(struct choices *c, struct sst_rows *rows)
{
	uint64_t before[12] = {UINT64_C(1) << 45};

	sst_rows_clear(rows);
	for (unsigned n = 1 + choose(c, 255); n > 0; n--)
		sst_rows_call_append(rows, (uint8_t)choose(c, 14), (uint32_t)number(c, n),
				     (uint8_t)choose(c, SST_ARGS + 1));
	for (unsigned groups = choose(c, 64); groups > 0; groups--) {
		uint32_t tid = (uint32_t)(before[11] = number(c, before[11]));
		uint32_t pid = choose(c, 2) ? tid : (uint32_t)number(c, tid);
		char comm[SST_COMM_MAX];

		memset(comm, (int)(1 + choose(c, 255)), sizeof(comm));
		sst_rows_group(rows, pid, tid, comm, choose(c, SST_COMM_MAX + 1));
		for (unsigned n = choose(c, 256) * (choose(c, 16) ? 1 : 40); n > 0 && c->p < c->end; n--)
			make_row(c, rows, before);
	}
	for (unsigned n = choose(c, 4); n > 0; n--) {
		struct sst_gap gap = {.time = number(c, 5), .until = number(c, 9), .count = number(c, 1)};
		struct sst_event event = {.time = number(c, 5), .a = number(c, 0), .kind = (uint8_t)choose(c, 6)};
		struct sst_clock clock = {.boot = number(c, 7), .mono = number(c, 8), .real = (int64_t)number(c, 9)};

		gap.tid = event.pid = (uint32_t)number(c, 1);
		sst_rows_gap(rows, &gap);
		sst_rows_event(rows, &event);
		sst_rows_clock(rows, &clock);
	}
}

static void check_summary(const struct sst_frame *frame, const struct sst_rows *rows)
{
	for (size_t g = 0; g < rows->n_groups; g++)
		CHECK(rows->groups[g].n == 0 || (sst_frame_may_have_tid(frame, rows->groups[g].tid) &&
						 sst_frame_may_have_pid(frame, rows->groups[g].pid)));
	for (size_t i = 0; i < rows->n; i++) {
		const struct sst_call *call = &rows->calls[rows->call[i]];

		CHECK(sst_frame_may_have_call(frame, call->abi, call->nr));
		CHECK(sst_frame_may_have_slower(frame, rows->duration[i]));
		CHECK(sst_frame_may_have_state(frame, rows->state[i]));
		CHECK(rows->time[i] >= frame->time_min && rows->time[i] <= frame->time_max);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct choices c = {.p = data, .end = data + size};
	struct memory m = {0};
	struct sst_rows *in[FRAMES_MAX] = {NULL}, *out = sst_rows_new();
	struct sst_writer *w = memory_writer(&m, 1);
	struct sst_meta meta = {0};
	struct sst_index index;
	struct sst_frame frame;
	struct sst_reader *r;
	unsigned frames = choose(&c, FRAMES_MAX + 1);
	char difference[80];

	CHECK(w && out && sst_writer_meta(w, &meta) == 0);
	for (unsigned i = 0; i < frames; i++) {
		in[i] = sst_rows_new();
		CHECK(in[i]);
		make_rows(&c, in[i]);
		CHECK(sst_writer_rows(w, in[i], i % 3 == 2 ? SST_FRAME_LATE : SST_FRAME_ROWS, number(&c, i)) == 0);
	}
	CHECK(sst_writer_end(w, &meta) == 0);
	sst_writer_free(w);
	r = memory_open(&m, false);
	CHECK(r && sst_reader_index(r, &index) == 1 && index.n == frames + 2);
	CHECK(sst_reader_next(r, &frame) == 1 && frame.type == SST_FRAME_META);
	for (unsigned i = 0; i < frames; i++) {
		CHECK(sst_reader_next(r, &frame) == 1 && frame.offset == index.entries[i + 1].offset);
		CHECK(sst_reader_load(r, &frame) == 0 && sst_frame_rows(&frame, out, SST_ALL_COLUMNS) == 0);
		CHECK(gen_same(in[i], out, difference));
		check_summary(&frame, out);
		sst_rows_free(in[i]);
	}
	CHECK(sst_reader_next(r, &frame) == 1 && frame.type == SST_FRAME_END && sst_reader_next(r, &frame) == 0);
	sst_index_clear(&index);
	sst_reader_free(r);
	sst_rows_free(out);
	free(m.data);
	return 0;
}
