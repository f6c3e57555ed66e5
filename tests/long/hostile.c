/*
 * hostile.c - writes recordings that are made to cost a decoder memory or time: all limits of the format used up at
 * once
 *
 *	hostile DIRECTORY
 *
 * Each file is within the rules or damaged on purpose; what the decoder may take for it, tests/e2e/hostile.sh says.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/frame.h"
#include "format/writer.h"

#define START 1000000000000u

static FILE *out;
static struct sst_writer *writer;
static struct sst_rows *rows;
static uint64_t noise = 88172645463325252u;

static void check(bool good)
{
	if (good)
		return;
	perror("hostile");
	exit(1);
}

static uint64_t next_noise(void)
{
	noise ^= noise << 13;
	noise ^= noise >> 7;
	return noise ^= noise << 17;
}

static int append(void *context, const void *data, size_t len)
{
	(void)context;
	check(fwrite(data, 1, len, out) == len);
	return 0;
}

static void create(const char *directory, const char *name)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	out = fopen(path, "wb");
	check(out != NULL);
}

static void begin(unsigned char id, const struct sst_meta *more)
{
	struct sst_sink sink = {.write = append};
	struct sst_meta meta = {0};
	uint8_t uuid[16];

	memset(uuid, id, sizeof(uuid));
	writer = sst_writer_new(&sink, uuid, 1);
	check(writer && !sst_meta_set_u64(&meta, "start.boot", START));
	check(!sst_writer_meta(writer, more ? more : &meta));
	sst_meta_clear(&meta);
}

static void finish(const struct sst_meta *facts)
{
	static const struct sst_meta none;

	check(!sst_writer_end(writer, facts ? facts : &none));
	sst_writer_free(writer);
}

static void put(enum sst_frame_type type, uint64_t cut)
{
	check(!sst_writer_rows(writer, rows, type, cut));
	sst_rows_clear(rows);
}

static long add_row(uint64_t time, unsigned state, uint64_t seq)
{
	long i = sst_rows_add(rows);

	check(i >= 0);
	rows->time[i] = time;
	rows->state[i] = (uint8_t)state;
	rows->seq[i] = seq;
	return i;
}

/* A frame of rows with six arguments of noise each. */
static void add_noise(size_t n, unsigned state, uint64_t first, uint64_t seq)
{
	int call = sst_rows_call(rows, 1, 9, 6);

	check(!sst_rows_group(rows, 100, 100, "noise", 5));
	for (size_t k = 0; k < n; k++) {
		long i = add_row(first + k, state, seq + k);

		rows->call[i] = (uint16_t)call;
		for (unsigned a = 0; a < 6; a++)
			rows->arg[a][i] = next_noise();
	}
}

static void add_extras(uint64_t time)
{
	for (size_t i = 0; i < SST_EVENTS_MAX; i++)
		check(!sst_rows_event(rows, &(struct sst_event){.time = time, .tid = (uint32_t)i + 1000, .kind = 4}));
	for (size_t i = 0; i < SST_GAPS_MAX; i++)
		check(!sst_rows_gap(rows, &(struct sst_gap){time, time, 0, 1, 9, (uint32_t)i + 1000, 1}));
	for (size_t i = 0; i < SST_CLOCKS_MAX; i++)
		check(!sst_rows_clock(rows, &(struct sst_clock){time, time, 0}));
}

/* As many bytes as a frame may have, none of them compressible, and lists as long as they may be. */
static void write_wide(void)
{
	begin(1, NULL);
	for (unsigned i = 0; i < 12; i++) {
		uint64_t time = START + i * SST_ROWS_MAX;

		add_noise(60000, SST_OK, time, 1 + i * 60000);
		add_extras(time);
		put(SST_FRAME_ROWS, time + SST_ROWS_MAX - 1);
	}
	finish(NULL);
}

/* Each row is of a thread of its own, with a long name. */
static void write_groups(void)
{
	begin(2, NULL);
	for (unsigned f = 0; f < 12; f++) {
		uint64_t time = START + f * SST_ROWS_MAX;

		for (uint32_t i = 0; i < 52000; i++) {
			char name[64];

			memset(name, 'x', sizeof(name));
			snprintf(name, sizeof(name), "%u", f * 52000 + i);
			check(!sst_rows_group(rows, i + 1, f * 52000 + i + 1, name, sizeof(name)));
			add_row(time + i, SST_UNFINISHED, 1);
		}
		check(sst_rows_call(rows, 1, 39, 0) == 0);
		add_extras(time);
		put(SST_FRAME_ROWS, time + SST_ROWS_MAX - 1);
	}
	finish(NULL);
}

/* Open rows, and all of them again in late frames. */
static void write_late(void)
{
	begin(3, NULL);
	for (unsigned i = 0; i < 6; i++) {
		add_noise(60000, SST_UNFINISHED, START + i * 60000, 1 + i * 60000);
		put(SST_FRAME_ROWS, START + (i + 1) * 60000 - 1);
	}
	for (unsigned i = 6; i-- > 0;) {
		add_noise(60000, SST_OK, START + i * 60000, 1 + i * 60000);
		put(SST_FRAME_LATE, START + 6 * 60000);
	}
	finish(NULL);
}

/* Late frames that all span the whole time, so that each has something for every part of it. */
static void write_late_everywhere(void)
{
	begin(4, NULL);
	for (unsigned f = 0; f < 8; f++) {
		check(sst_rows_call(rows, 1, 39, 0) == 0 && !sst_rows_group(rows, 1, 1, "late", 4));
		for (uint32_t i = 0; i < SST_ROWS_MAX; i++)
			add_row(START + 1000 * i + f, SST_OK, f * SST_ROWS_MAX + i + 1);
		put(SST_FRAME_LATE, START);
	}
	finish(NULL);
}

/* Facts as long as they may be. */
static void write_facts(void)
{
	struct sst_meta facts = {0};
	char key[32], *value = malloc(1 << 10);

	check(value != NULL);
	memset(value, 'v', 1 << 10);
	value[(1 << 10) - 24] = 0;
	for (unsigned i = 0; i < 1000; i++) {
		snprintf(key, sizeof(key), "key.%u", i);
		check(!sst_meta_set(&facts, key, value));
	}
	free(value);
	for (unsigned i = 0; i < 20; i++) {
		begin((unsigned char)(10 + i), &facts);
		add_noise(60000, SST_OK, START, 1);
		put(SST_FRAME_ROWS, START + SST_ROWS_MAX - 1);
		finish(&facts);
	}
	sst_meta_clear(&facts);
}

/* Recordings with an index as long as it may be, one behind the other. */
static void write_indexes(void)
{
	for (unsigned k = 0; k < 8; k++) {
		begin((unsigned char)(100 + k), NULL);
		for (unsigned i = 0; i < 16000; i++) {
			check(sst_rows_call(rows, 1, 39, 0) == 0 && !sst_rows_group(rows, 1, 1, "i", 1));
			add_row(START + i, SST_OK, i + 1);
			put(SST_FRAME_ROWS, START + i);
		}
		finish(NULL);
	}
}

/* Bytes that look like the beginning of a long header, again and again. */
static void write_headers(void)
{
	static const uint8_t look[16] = {0x53, 0x2a, 0x4d, 0x18, 0xf0, 0xff, 0,    0,
					 0x89, 0x53, 0x53, 0x54, 0x0d, 0x0a, 0x1a, 0x0a};

	begin(5, NULL);
	for (unsigned i = 0; i < 1 << 20; i++)
		append(NULL, look, sizeof(look));
	finish(NULL);
}

/* Whole headers, each with a payload of the greatest length that is wrong and has the other headers in it. */
static void write_nested(void)
{
	begin(6, NULL);
	for (unsigned i = 1; i < 40000; i++) {
		struct sst_header h = {.number = i, .type = SST_FRAME_ROWS, .version = 1, .payload = SST_RAW_MAX};
		uint8_t bytes[SST_HEADER_WRITE_MAX];

		memset(h.uuid, 6, sizeof(h.uuid));
		h.n_parts = 1;
		h.parts[0].packed = SST_RAW_MAX;
		sst_header_put(&h, bytes);
		append(NULL, bytes, h.length);
	}
	for (unsigned i = 0; i < 1 << 20; i++)
		append(NULL, "nothing", 7);
	finish(NULL);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*write)(void);
	} files[] = {
		{"wide.sst", write_wide},       {"groups.sst", write_groups},
		{"late.sst", write_late},       {"late-everywhere.sst", write_late_everywhere},
		{"facts.sst", write_facts},     {"indexes.sst", write_indexes},
		{"headers.sst", write_headers}, {"nested.sst", write_nested},
	};

	if (argc != 2) {
		fprintf(stderr, "usage: hostile DIRECTORY\n");
		return 2;
	}
	rows = sst_rows_new();
	check(rows != NULL);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		create(argv[1], files[i].name);
		files[i].write();
		check(fclose(out) == 0);
	}
	sst_rows_free(rows);
	return 0;
}
