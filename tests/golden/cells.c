/*
 * cells.c - writes two recordings whose tables are hard on other programs, the same each time: what they must not
 * change, take for a formula, or cut.
 *
 *	cells DIRECTORY ROWS
 *
 *	cells.sst	names and paths that programs choose to do harm, up to 4,095 bytes, and the ends of all numbers
 *	many.sst	ROWS calls of some threads
 */
#include <stdlib.h>

#include "format/abi.h"
#include "format/writer.h"
#include "tests/unit/gen_rows.h"
#include "tests/unit/memory.h"

#define START UINT64_C(1000000000000) /* boot time of the beginning */

static const char *directory;

static const char *const texts[] = {
	"=cmd|'/C calc'!A0",
	"=1+1",
	"=HYPERLINK(\"http://127.0.0.1/?\"&A1,\"x\")",
	"=DDE(\"soffice\";\"/etc/passwd\";\"A1\")",
	"+1+1",
	"-2+3",
	"@SUM(A1)",
	"\t=1+1",
	"\r=1+1",
	"\n=1+1",
	" =1+1",
	"a,=1+1",
	"a;=1+1",
	"a\t=1+1",
	"a\n=1+1",
	"\"=1+1\"",
	"\"",
	"\"\"",
	"say \"hi\"",
	"'",
	"'=1+1",
	"\xef\xbc\x9d"
	"1+1",
	"\xef\xbc\x8b"
	"1",
	"\xe2\x88\x92"
	"1",
	"\xc2\xa0=1",
	"tab\there",
	"line\nbreak",
	"cr\rhere",
	"crlf\r\nhere",
	"back\\slash",
	"\\",
	"\\N",
	"\\.",
	"\\n",
	"\\x41",
	"\x1b]0;title\x07",
	"\xc2\x9b"
	"31m",
	"bad\xff\xfe utf8",
	"\x80",
	"cut\xe2\x82",
	"\xe2\x80\xae"
	"txt",
	"zero\xe2\x80\x8bwidth",
	"\xef\xbb\xbf",
	"gr\xc3\xbc\xc3\x9f\xf0\x9f\x98\x80",
	"del\x7f",
	" ",
	"  blank  ",
	"a,b;c",
	"NULL",
	"\\0",
	"TRUE",
	"1",
	"007",
	"-0",
	"1e5",
	"1E400",
	"0x10",
	"1,234",
	"1.234.567",
	"1/2",
	"3-4",
	"2026-11-29",
	"12:30:00",
	"12:30:00.5",
	"50%",
	"$5",
	"\xe2\x82\xac"
	"5",
	"(5)",
	"1 1/2",
	"#N/A",
	"#REF!",
	"Jan 1",
	"MARCH1",
	"1.",
	".5",
	"1 000",
	"inf",
	"nan",
	"18446744073709551615",
	"9007199254740993",
	"0.1000000000000000055",
};

#define N_TEXTS (sizeof(texts) / sizeof(texts[0]))

static void die(const char *what)
{
	fprintf(stderr, "cells: %s\n", what);
	exit(1);
}

/* A row of the last group. */
static void add(struct sst_rows *rows, uint64_t time, uint32_t nr, unsigned nargs, uint64_t ret, uint64_t duration)
{
	static const uint64_t open_args[SST_ARGS] = {(uint32_t)-100, 0x55d000001234, 0x80000};
	long i = sst_rows_add(rows);
	int call = sst_rows_call(rows, SST_ABI_X86_64, nr, (uint8_t)nargs);

	if (i < 0 || call < 0)
		die("a row");
	rows->time[i] = START + time;
	rows->seq[i] = 1 + time;
	rows->call[i] = (uint16_t)call;
	rows->state[i] = SST_OK;
	rows->ret[i] = ret;
	rows->duration[i] = duration;
	for (unsigned a = 0; a < nargs; a++)
		rows->arg[a][i] = nr == 257 ? open_args[a] : UINT64_MAX - a;
}

static void path(struct sst_rows *rows, const char *text, size_t len)
{
	struct sst_capture capture = {.row = (uint32_t)rows->n - 1, .arg = 1, .form = SST_FORM_STRING};

	if (sst_rows_capture(rows, capture, text, len))
		die("a path");
}

/* openat() of a text by a thread that has it as its name; as part of a longer path, and alone. */
static void add_text(struct sst_rows *rows, uint32_t tid, const char *text, uint64_t *time)
{
	char longer[128];

	if (sst_rows_group(rows, tid, tid, text, strlen(text)))
		die("a thread");
	add(rows, *time += 1000, 257, 4, 3, 1500);
	path(rows, text, strlen(text));
	add(rows, *time += 1000, 257, 4, (uint64_t)-2, 1);
	path(rows, longer, (size_t)sprintf(longer, "/%s/%s", text, text));
}

/* Of 4,095 bytes: all of one kind. */
static void add_long(struct sst_rows *rows, uint32_t tid, const char *unit, uint64_t *time)
{
	char text[4096] = "/";
	size_t len = 1;

	while (len + strlen(unit) < sizeof(text))
		len += (size_t)sprintf(text + len, "%s", unit);
	if (sst_rows_group(rows, tid, tid, "long", 4))
		die("a thread");
	add(rows, *time += 1000, 257, 4, 3, 1500);
	path(rows, text, len);
}

static void add_numbers(struct sst_rows *rows, uint32_t tid, uint64_t *time)
{
	static const uint64_t results[] = {
		0,
		1,
		(uint64_t)-1,
		(uint64_t)-2,
		(uint64_t)-4095,
		(uint64_t)-4096,
		4294967295,
		9007199254740991,
		9007199254740993,
		INT64_MAX,
		(uint64_t)INT64_MIN,
		1234567890123456789,
		999999999999999,
	};
	static const uint64_t durations[] = {
		0, 1, 10, 999999999, 1000000000, 1000000001, 123456789012345, 86400000000000, 3599999999999,
	};

	if (sst_rows_group(rows, tid, UINT32_MAX, "numbers", 7))
		die("a thread");
	for (size_t i = 0; i < sizeof(results) / sizeof(results[0]); i++)
		add(rows, *time += 1, 8, 3, results[i], 90);
	for (size_t i = 0; i < sizeof(durations) / sizeof(durations[0]); i++)
		add(rows, *time += 100, 35, 2, 0, durations[i]);
	add(rows, *time += 1, 9, 6, UINT64_C(0x7fffffffffffffff), 90);
	add(rows, UINT64_C(123456789123456789), 39, 0, 4194304, 90);
}

static struct sst_writer *begin(struct memory *m, struct sst_meta *meta)
{
	struct sst_writer *w = memory_writer(m, 1);

	if (!w || sst_meta_set(meta, "recorder", "golden 1") || sst_meta_set(meta, "host.machine", "x86_64") ||
	    sst_meta_set_u64(meta, "start.boot", START) ||
	    sst_meta_set_i64(meta, "start.real", INT64_C(1767225600123456789)) || sst_writer_meta(w, meta))
		die("the beginning");
	sst_meta_clear(meta);
	return w;
}

static void finish(struct sst_writer *w, struct memory *m, const char *name)
{
	struct sst_meta last = {0};
	char file[4096];
	FILE *out;

	if (sst_meta_set(&last, "reason", "golden") || sst_writer_end(w, &last))
		die("the end");
	sst_meta_clear(&last);
	sst_writer_free(w);
	snprintf(file, sizeof(file), "%s/%s", directory, name);
	out = fopen(file, "wb");
	if (!out || fwrite(m->data, 1, m->len, out) != m->len || fclose(out))
		die(file);
	free(m->data);
}

static void make_cells(void)
{
	static const char *const units[] = {"x", "=", "\t", "\n", "\"", "\\", "\xff", ",=1", "\xc3\xbc", "'", "1"};
	struct memory m = {0};
	struct sst_meta meta = {0};
	struct sst_writer *w = begin(&m, &meta);
	struct sst_rows *rows = sst_rows_new();
	struct sst_gap gap = {START + 5, START + 6, 2, 23, 300, 300, SST_CAUSE_RING_FULL};
	uint64_t time = 0;
	uint32_t tid = 300;

	if (!rows)
		die("memory");
	for (size_t i = 0; i < N_TEXTS; i++)
		add_text(rows, tid++, texts[i], &time);
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		add_long(rows, tid++, units[i], &time);
	add_numbers(rows, tid, &time);
	if (sst_rows_gap(rows, &gap) || sst_writer_rows(w, rows, SST_FRAME_ROWS, START + UINT64_C(200000000000000000)))
		die("rows");
	sst_rows_free(rows);
	finish(w, &m, "cells.sst");
}

/* All text as it may be in a database of UTF-8: without NULs, and bytes that are no characters. */
static void tame(struct sst_rows *rows)
{
	for (size_t i = 0; i < rows->n_text; i++)
		if (rows->text[i] == 0 || rows->text[i] > 0x7e)
			rows->text[i] = '~';
}

static void make_many(size_t n)
{
	struct memory m = {0};
	struct sst_meta meta = {0};
	struct sst_writer *w = begin(&m, &meta);
	struct sst_rows *rows = sst_rows_new();
	struct gen g = gen_new(3);

	g.now = START;
	while (rows && n > 0) {
		size_t part = n < 30000 ? n : 30000;

		gen_realistic(&g, rows, part, 5);
		tame(rows);
		rows->n_gaps = 0; /* then there are as many rows as calls */
		n -= rows->n < n ? rows->n : n;
		if (sst_writer_rows(w, rows, SST_FRAME_ROWS, g.now))
			die("rows");
	}
	sst_rows_free(rows);
	finish(w, &m, "many.sst");
}

int main(int argc, char **argv)
{
	if (argc != 3) {
		fprintf(stderr, "usage: cells DIRECTORY ROWS\n");
		return 2;
	}
	directory = argv[1];
	make_cells();
	make_many(strtoul(argv[2], NULL, 10));
	return 0;
}
