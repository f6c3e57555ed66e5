/*
 * large.c - writes golden recordings that are larger than those of make.c, and the same each time: every encoding,
 * frames with thousands of rows, an index with many frames, rows of any value.
 *
 *	large DIRECTORY
 */
#include "format/writer.h"
#include "tests/unit/gen_rows.h"
#include "tests/unit/memory.h"

static const char *directory;

struct plan {
	const char *name;
	uint64_t seed;
	unsigned frames;
	size_t rows;      /* of each */
	unsigned threads; /* 0: rows of any value */
	unsigned step;    /* of the clock, ns */
};

/* All times as a clock shows them that counts in steps. */
static void round_times(struct sst_rows *rows, unsigned step)
{
	for (size_t i = 0; i < rows->n; i++) {
		rows->time[i] -= rows->time[i] % step;
		rows->duration[i] -= rows->duration[i] % step;
	}
}

static bool write_frames(const struct plan *plan, struct sst_writer *w, struct sst_rows *rows)
{
	struct gen g = gen_new(plan->seed);

	for (unsigned i = 0; i < plan->frames; i++) {
		bool late = i % 7 == 6;

		if (plan->threads)
			gen_realistic(&g, rows, plan->rows, plan->threads);
		else
			gen_extreme(&g, rows, plan->rows);
		round_times(rows, plan->step);
		if (sst_writer_rows(w, rows, late ? SST_FRAME_LATE : SST_FRAME_ROWS, g.now))
			return false;
	}
	return true;
}

static bool store(const struct memory *m, const char *name)
{
	char path[4096];
	FILE *out;
	bool good;

	snprintf(path, sizeof(path), "%s/%s.sst", directory, name);
	out = fopen(path, "wb");
	if (!out)
		return false;
	good = fwrite(m->data, 1, m->len, out) == m->len;
	return fclose(out) == 0 && good;
}

static bool make(const struct plan *plan)
{
	struct memory m = {0};
	struct sst_writer *w = memory_writer(&m, 1);
	struct sst_rows *rows = sst_rows_new();
	struct sst_meta first = {0}, last = {0};
	bool good = w && rows && !sst_meta_set(&first, "recorder", "golden 1") &&
		    !sst_meta_set_u64(&first, "start.boot", 86400 * UINT64_C(1000000000)) &&
		    !sst_meta_set(&last, "reason", "golden") && !sst_writer_meta(w, &first);

	good = good && write_frames(plan, w, rows) && !sst_writer_end(w, &last) && store(&m, plan->name);
	sst_meta_clear(&first);
	sst_meta_clear(&last);
	sst_rows_free(rows);
	sst_writer_free(w);
	free(m.data);
	return good;
}

int main(int argc, char **argv)
{
	static const struct plan plans[] = {
		{"busy", 1, 3, 12000, 5, 1},          {"clock-of-10ns", 2, 2, 8000, 4, 10},
		{"clock-of-40ns", 3, 2, 3000, 2, 40}, {"many-frames", 4, 200, 40, 3, 1},
		{"any-values-1", 5, 1, 2500, 0, 1},   {"any-values-2", 7, 1, 3000, 0, 1},
		{"any-values-3", 8, 1, 300, 0, 1},    {"clock-of-10ns-small", 6, 3, 300, 2, 10},
	};

	if (argc != 2) {
		fprintf(stderr, "usage: large DIRECTORY\n");
		return 2;
	}
	directory = argv[1];
	for (size_t i = 0; i < sizeof(plans) / sizeof(plans[0]); i++) {
		if (make(&plans[i]))
			continue;
		fprintf(stderr, "large: cannot write %s/%s.sst\n", directory, plans[i].name);
		return 1;
	}
	return 0;
}
