/*
 * bench_codec - what rows cost: bytes per column, and how fast they are encoded, compressed and decoded.
 *
 *	bench_codec [-b] [-u] [-r ROWS] [FILE.sst...]
 *
 * Takes the rows of recordings, or without a FILE those of the test generator, in frames of up to ROWS rows (65536).
 * Prints a table of bytes a row: those of the files as they are, or with -r or without a FILE as they are written here;
 * and, unless -b says bytes only, million rows a second of CPU time on one core, medians of interleaved rounds.
 * With -u the files are written again with times in whole microseconds, which is what strace -ttt -T has.
 */
#include "format/columns.h"
#include "format/frame.h"
#include "format/reader.h"
#include "tests/unit/gen_rows.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define FRAMES_MAX 4096
#define ROUNDS     7

struct bench {
	struct sst_encoder *encoder;
	struct sst_writer *writer;
	struct sst_rows *rows;
	struct sst_rows *frames[FRAMES_MAX];
	size_t n_frames, n_rows;
	uint8_t *file; /* what the writer has made of them */
	size_t len, cap;
	size_t measured, packed[SST_STREAM_COUNT], raw[SST_STREAM_COUNT], headers, shared; /* bytes, see measure() */
};

static const char *const names[SST_STREAM_COUNT] = {
	"groups",
	"calls",
	"call",
	"pause",
	"duration",
	"ret",
	"arg0",
	"arg1",
	"arg2",
	"arg3",
	"arg4",
	"arg5",
	"state",
	"cpu",
	"seq",
	"facts",
	"gaps",
	"events",
	"clocks",
	"pause bits",
	"duration bits",
	"ret rest",
	"arg0 rest",
	"arg1 rest",
	"arg2 rest",
	"arg3 rest",
	"arg4 rest",
	"arg5 rest",
	[SST_STREAM_CAPTURES] = "captures",
	[SST_STREAM_TEXT] = "text",
	[SST_STREAM_OPENS] = "opens",
	[SST_STREAM_SHAPES] = "shapes",
	[SST_STREAM_STRINGS] = "strings",
	[SST_STREAM_NAMES] = "names",
	[SST_STREAM_MEMORY] = "memory",
	[SST_STREAM_WORDS] = "words",
	[SST_STREAM_WORDS_REST] = "words rest",
	[SST_STREAM_BYTES] = "bytes",
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static _Noreturn void die(const char *what, int err)
{
	fprintf(stderr, "bench_codec: %s: %s\n", what, sst_strerror(err));
	exit(1);
}

static void add_frame(struct bench *b, struct sst_rows *rows)
{
	if (b->n_frames == FRAMES_MAX)
		die("too many frames", 0);
	b->frames[b->n_frames++] = rows;
	b->n_rows += rows->n;
}

static long file_read(void *context, void *data, size_t len)
{
	return (long)fread(data, 1, len, context);
}

/* The rows of the reader's frame, as a frame more. */
static int load_rows(struct bench *b, struct sst_reader *r, struct sst_frame *frame)
{
	struct sst_rows *rows = sst_rows_new();
	int err = rows ? sst_reader_load(r, frame) : -12;

	if (!err)
		err = sst_frame_rows(frame, rows, SST_ALL_COLUMNS);
	if (!err)
		add_frame(b, rows);
	return err;
}

static void load_file(struct bench *b, const char *name)
{
	FILE *f = fopen(name, "rb");
	struct sst_source source = {.read = file_read, .context = f};
	struct sst_reader *r = f ? sst_reader_new(&source) : NULL;
	struct sst_frame frame;
	int err;

	if (!r)
		die(name, -2);
	while ((err = sst_reader_next(r, &frame)) > 0) {
		if (frame.type == SST_FRAME_ROWS || frame.type == SST_FRAME_LATE)
			err = load_rows(b, r, &frame);
		if (err < 0)
			break;
	}
	if (err < 0)
		die(name, err);
	sst_reader_free(r);
	fclose(f);
}

static void generate(struct bench *b, size_t rows_each)
{
	struct gen g = gen_new(1);

	for (int i = 0; i < 16; i++) {
		struct sst_rows *rows = sst_rows_new();

		gen_realistic(&g, rows, rows_each, 8);
		add_frame(b, rows);
	}
}

/* The first n rows of each frame only: what a quiet recording is like. */
static void shorten(struct bench *b, size_t n)
{
	b->n_rows = 0;
	for (size_t i = 0; i < b->n_frames; i++) {
		struct sst_rows *rows = b->frames[i];

		while (rows->n_groups > 0 && rows->groups[rows->n_groups - 1].first >= n)
			rows->n_groups--;
		if (rows->n > n) {
			rows->groups[rows->n_groups - 1].n = (uint32_t)n - rows->groups[rows->n_groups - 1].first;
			rows->n = n;
		}
		b->n_rows += rows->n;
	}
}

/* When calls began and ended, in microseconds. */
static void round_times(struct bench *b)
{
	for (size_t i = 0; i < b->n_frames; i++) {
		struct sst_rows *rows = b->frames[i];

		for (size_t k = 0; k < rows->n; k++) {
			uint64_t end = rows->time[k] + rows->duration[k];

			rows->time[k] -= rows->time[k] % 1000;
			if (rows->duration[k] > 0)
				rows->duration[k] = end - end % 1000 - rows->time[k];
		}
	}
}

static int keep(void *context, const void *data, size_t len)
{
	struct bench *b = context;

	if (b->len + len > b->cap) {
		b->cap = 2 * (b->len + len);
		b->file = realloc(b->file, b->cap);
		if (!b->file)
			return -12;
	}
	memcpy(b->file + b->len, data, len);
	b->len += len;
	return 0;
}

static double write_all(struct bench *b)
{
	double start = now();

	b->len = 0;
	for (size_t i = 0; i < b->n_frames; i++) {
		int err = sst_writer_rows(b->writer, b->frames[i], SST_FRAME_ROWS, 0);

		if (err)
			die("write", err);
	}
	return now() - start;
}

static double encode_all(struct bench *b)
{
	struct sst_bytes streams[SST_STREAM_COUNT];
	double start = now();

	for (size_t i = 0; i < b->n_frames; i++)
		sst_encode_rows(b->encoder, b->frames[i], b->frames[i]->n ? b->frames[i]->time[0] : 0, streams);
	return now() - start;
}

struct memory {
	const struct bench *b;
	size_t at;
};

static long memory_read(void *context, void *data, size_t len)
{
	struct memory *m = context;

	len = len < m->b->len - m->at ? len : m->b->len - m->at;
	memcpy(data, m->b->file + m->at, len);
	m->at += len;
	return (long)len;
}

static double read_all(struct bench *b, unsigned columns)
{
	struct memory m = {.b = b};
	struct sst_source source = {.read = memory_read, .context = &m};
	struct sst_reader *r = sst_reader_new(&source);
	struct sst_frame frame;
	double start = now();
	int err = 0, got;

	while (!err && (got = sst_reader_next(r, &frame)) != 0) {
		if (got < 0) /* no beginning and no end: it is cut out of the writer's life */
			continue;
		err = sst_reader_load(r, &frame);
		if (!err)
			err = sst_frame_rows(&frame, b->rows, columns);
	}
	start = now() - start;
	if (err)
		die("read", err);
	sst_reader_free(r);
	return start;
}

/* Which bytes of b->file belong to which column. */
static void measure(struct bench *b)
{
	b->measured += b->len;
	for (size_t at = 0; at < b->len;) {
		struct sst_header h;

		if (sst_header_get(&h, b->file + at, sst_header_length(b->file + at)))
			die("header", SST_E_HEADER);
		b->headers += h.length;
		for (unsigned i = 0; i < h.n_streams; i++) {
			const struct sst_stream *s = &h.streams[i];

			if (s->id >= SST_STREAM_COUNT)
				continue;
			b->raw[s->id] += s->len;
			if (h.parts[s->part].raw == s->len)
				b->packed[s->id] += h.parts[s->part].packed;
		}
		for (unsigned i = 0; i < h.n_parts; i++) {
			unsigned n = 0;

			for (unsigned k = 0; k < h.n_streams; k++)
				n += h.streams[k].part == i &&
				     (h.streams[k].len < h.parts[i].raw || h.streams[k].id >= SST_STREAM_COUNT);
			b->shared += n > 0 ? h.parts[i].packed : 0;
		}
		at += h.length + h.payload;
	}
}

static void measure_file(struct bench *b, const char *name)
{
	FILE *f = fopen(name, "rb");
	char piece[65536];
	size_t n;

	if (!f)
		die(name, -2);
	b->len = 0;
	while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
		if (keep(b, piece, n))
			die(name, -12);
	fclose(f);
	measure(b);
}

static void print_columns(const struct bench *b)
{
	double n = (double)b->n_rows;

	printf("%zu rows in %zu frames, %.3f bytes a row\n\n%-14s %10s %10s\n", b->n_rows, b->n_frames,
	       (double)b->measured / n, "stream", "raw", "packed");
	for (unsigned id = 0; id < SST_STREAM_COUNT; id++)
		if (b->raw[id] > 0)
			printf("%-14s %10.3f %10.3f\n", names[id] ? names[id] : "-", (double)b->raw[id] / n,
			       (double)b->packed[id] / n);
	printf("%-14s %10s %10.3f\n%-14s %10s %10.3f\n\n", "shared parts", "", (double)b->shared / n, "headers", "",
	       (double)b->headers / n);
}

static double read_everything(struct bench *b)
{
	return read_all(b, SST_ALL_COLUMNS);
}

static double read_calls(struct bench *b)
{
	return read_all(b, SST_COL_CALL);
}

static double read_times(struct bench *b)
{
	return read_all(b, SST_COL_TIME);
}

static const struct {
	const char *what;
	double (*run)(struct bench *b);
} speeds[] = {
	{"columns to streams", encode_all},           {"columns to frames (zstd -1)", write_all},
	{"frames to columns", read_everything},       {"frames to columns, time only", read_times},
	{"frames to columns, call only", read_calls},
};

#define SPEEDS (sizeof(speeds) / sizeof(speeds[0]))

static int compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* The first round warms up. */
static void print_speeds(struct bench *b)
{
	static double seconds[SPEEDS][ROUNDS];

	for (int i = -1; i < ROUNDS; i++)
		for (size_t k = 0; k < SPEEDS; k++)
			seconds[k][i < 0 ? 0 : i] = speeds[k].run(b);
	for (size_t k = 0; k < SPEEDS; k++) {
		qsort(seconds[k], ROUNDS, sizeof(seconds[k][0]), compare);
		printf("%-34s %8.1f million rows/s\n", speeds[k].what,
		       (double)b->n_rows / seconds[k][ROUNDS / 2] / 1e6);
	}
}

int main(int argc, char **argv)
{
	static struct bench b;
	struct sst_sink sink = {.write = keep, .context = &b};
	size_t rows = 0;
	bool bytes_only = false, microseconds = false;
	int option;

	b.encoder = sst_encoder_new();
	b.writer = sst_writer_new(&sink, (const uint8_t[16]){1}, 1);
	b.rows = sst_rows_new();
	while ((option = getopt(argc, argv, "bur:")) != -1) {
		if (option == '?')
			return 2;
		bytes_only |= option == 'b';
		microseconds |= option == 'u';
		rows = option == 'r' ? (size_t)strtoul(optarg, NULL, 10) : rows;
	}
	for (int i = optind; i < argc; i++)
		load_file(&b, argv[i]);
	if (b.n_frames == 0)
		generate(&b, rows && rows < SST_ROWS_MAX ? rows : SST_ROWS_MAX);
	if (rows)
		shorten(&b, rows);
	if (microseconds)
		round_times(&b);
	for (int i = optind; i < argc && !rows && !microseconds; i++)
		measure_file(&b, argv[i]);
	write_all(&b);
	if (b.measured == 0)
		measure(&b);
	print_columns(&b);
	if (!bytes_only)
		print_speeds(&b);
	for (size_t i = 0; i < b.n_frames; i++)
		sst_rows_free(b.frames[i]);
	sst_encoder_free(b.encoder);
	sst_writer_free(b.writer);
	sst_rows_free(b.rows);
	free(b.file);
	return 0;
}
