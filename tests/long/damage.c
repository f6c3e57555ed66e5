/*
 * damage.c - every cut and every wrong bit of a file: damage [STEP [PROCESSES]]
 *
 * A file of 1 MiB is cut before every byte, and every bit of a file of 256 KiB is turned. A reader must notice each,
 * find every whole frame, lose one at most, and never give out a frame with a wrong byte. With STEP only every STEP-th
 * place is tried. Prints a line "ok - what" or "not ok - what" for each of the two, with the figures.
 */
#include "format/frame.h"
#include "tests/unit/gen_rows.h"
#include "tests/unit/memory.h"

#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define FRAMES_MAX   4096
#define DECODE_EVERY 61 /* of the places that are tried, in so many also the rows are compared */

struct whole {
	struct memory file;
	size_t frames[FRAMES_MAX + 1]; /* where they begin; then the end */
	uint64_t sums[FRAMES_MAX];     /* of the rows of each */
	size_t n;
};

static uint64_t sum(const struct sst_rows *rows)
{
	uint64_t h = rows->n;

	for (size_t i = 0; i < rows->n; i++) {
		/* Not its index: an encoder may give the calls of a list other numbers, and more of them. */
		const struct sst_call *call = &rows->calls[rows->call[i]];

		h = h * 31 + rows->time[i] * 3 + rows->duration[i] * 5 + rows->ret[i] * 7 + rows->seq[i] * 11 +
		    call->abi * 5u + call->nr + rows->state[i] * 13u + rows->cpu[i] * 17u;
		for (int k = 0; k < SST_ARGS; k++)
			h = h * 31 + rows->arg[k][i];
	}
	return h;
}

static int append(void *context, const void *data, size_t len)
{
	struct whole *w = context;

	w->frames[w->n++] = w->file.len;
	w->frames[w->n] = w->file.len + len;
	return memory_append(&w->file, data, len);
}

static bool make(struct whole *whole, size_t size)
{
	struct sst_sink sink = {.write = append, .context = whole};
	struct sst_writer *w = sst_writer_new(&sink, (const uint8_t *)"0123456789abcdef", 1);
	struct sst_rows *rows = sst_rows_new();
	struct sst_meta meta = {0};
	struct gen g = gen_new(size);
	int err = w && rows ? sst_meta_set(&meta, "recorder", "damage") : -ENOMEM;

	if (!err)
		err = sst_writer_meta(w, &meta);
	while (!err && whole->file.len < size && whole->n < FRAMES_MAX - 2) {
		gen_realistic(&g, rows, 200 + (size_t)gen_below(&g, 3000), 3);
		whole->sums[whole->n] = sum(rows);
		err = sst_writer_rows(w, rows, whole->n % 5 ? SST_FRAME_ROWS : SST_FRAME_LATE, g.now);
	}
	if (!err)
		err = sst_writer_end(w, &meta);
	sst_meta_clear(&meta);
	sst_rows_free(rows);
	sst_writer_free(w);
	return !err;
}

struct outcome {
	unsigned good, errors;
	bool wrong; /* a frame that is none of the file's, or with other rows */
};

/*
 * Read the file as it is now. Every frame that comes must stand where the one of its number stood, and if it has been
 * loaded must not hold the changed byte. Without load only what is near the end is loaded.
 */
static struct outcome read_file(struct whole *w, struct sst_rows *rows, size_t changed, bool pipe, bool load,
				bool decode)
{
	struct sst_reader *r = memory_open(&w->file, pipe);
	struct outcome o = {0};
	struct sst_frame frame;
	int got;

	while (r && (got = sst_reader_next(r, &frame)) != 0) {
		size_t i = got > 0 ? (size_t)frame.number : 0;
		bool last = got > 0 && frame.offset + frame.length + 70000 > w->file.len;

		if (got > 0 && (load || last))
			got = sst_reader_load(r, &frame) ? -1 : 1;
		if (got < 0) {
			o.errors++;
			continue;
		}
		o.good++;
		o.wrong |= i >= w->n || frame.offset != w->frames[i] || frame.offset + frame.length != w->frames[i + 1];
		o.wrong |= load && changed >= frame.offset && changed < frame.offset + frame.length;
		if (decode && !o.wrong && (frame.type == SST_FRAME_ROWS || frame.type == SST_FRAME_LATE))
			o.wrong |= sst_frame_rows(&frame, rows, SST_ALL_COLUMNS) || sum(rows) != w->sums[i];
	}
	sst_reader_free(r);
	return o;
}

struct tally {
	uint64_t tried, unnoticed, lost, wrong; /* lost: more frames than the damaged one */
};

static void try_cut(struct whole *w, struct sst_rows *rows, size_t at, bool decode, struct tally *t)
{
	size_t len = w->file.len, frames = 0;
	struct outcome o;

	while (frames < w->n && w->frames[frames + 1] <= at)
		frames++;
	w->file.len = at;
	o = read_file(w, rows, SIZE_MAX, at % 7 == 0, decode, decode);
	w->file.len = len;
	t->tried++;
	t->unnoticed += o.errors == 0;
	t->lost += o.good < frames;
	t->wrong += o.wrong || o.good > frames;
}

static void try_flip(struct whole *w, struct sst_rows *rows, size_t bit, bool decode, struct tally *t)
{
	struct outcome o;

	w->file.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
	o = read_file(w, rows, bit / 8, bit % 7 == 0, true, decode);
	w->file.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
	t->tried++;
	t->unnoticed += o.errors == 0;
	t->lost += o.good + 1 < w->n;
	t->wrong += o.wrong;
}

typedef void try_function(struct whole *w, struct sst_rows *rows, size_t place, bool decode, struct tally *t);

/* This process's share of all places; the tally goes to fd. */
static void work(struct whole *w, size_t places, size_t step, size_t first, size_t stride, try_function *try, int fd)
{
	struct sst_rows *rows = sst_rows_new();
	struct tally t = {0};
	size_t n = 0;

	for (size_t i = first * step; i < places; i += stride * step)
		try(w, rows, i, n++ % DECODE_EVERY == 0, &t);
	sst_rows_free(rows);
	if (write(fd, &t, sizeof(t)) != sizeof(t))
		_exit(1);
}

/* All places in several processes. Returns whether all went well. */
static bool run(struct whole *w, const char *what, size_t places, size_t step, size_t processes, try_function *try)
{
	struct tally sum = {0}, t;
	struct timespec begin, end;
	size_t answers = 0;
	int fds[2];
	bool good;

	clock_gettime(CLOCK_MONOTONIC, &begin);
	fflush(stdout);
	if (pipe(fds))
		return false;
	for (size_t i = 0; i < processes; i++) {
		if (fork() != 0)
			continue;
		work(w, places, step, i, processes, try, fds[1]);
		_exit(0);
	}
	close(fds[1]);
	for (; read(fds[0], &t, sizeof(t)) == sizeof(t); answers++) {
		sum.tried += t.tried;
		sum.unnoticed += t.unnoticed;
		sum.lost += t.lost;
		sum.wrong += t.wrong;
	}
	close(fds[0]);
	while (wait(NULL) > 0)
		;
	clock_gettime(CLOCK_MONOTONIC, &end);
	good = answers == processes && sum.tried > 0 && sum.unnoticed + sum.lost + sum.wrong == 0;
	printf("%s - %s: %zu bytes, %zu frames, %llu tried, %llu unnoticed, %llu lost more than one frame, "
	       "%llu with wrong data, %ld s\n",
	       good ? "ok" : "not ok", what, w->file.len, w->n, (unsigned long long)sum.tried,
	       (unsigned long long)sum.unnoticed, (unsigned long long)sum.lost, (unsigned long long)sum.wrong,
	       (long)(end.tv_sec - begin.tv_sec));
	return good;
}

int main(int argc, char **argv)
{
	static struct whole small, large;
	size_t step = argc > 1 ? strtoul(argv[1], NULL, 10) : 1, processes = argc > 2 ? strtoul(argv[2], NULL, 10) : 2;
	bool good;

	if (step == 0 || processes == 0 || !make(&large, 1 << 20) || !make(&small, 256 << 10))
		return 2;
	good = run(&large, "every byte as a cut", large.file.len, step, processes, try_cut);
	good &= run(&small, "every bit turned", 8 * small.file.len, step, processes, try_flip);
	free(large.file.data);
	free(small.file.data);
	return !good;
}
