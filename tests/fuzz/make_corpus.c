/*
 * make_corpus.c - small files and streams to begin fuzzing with: make_corpus DIRECTORY
 *
 * The corpus in the tree was begun with it once; regression files stand beside its files and nothing is regenerated.
 */
#include "format/columns.h"
#include "tests/unit/gen_rows.h"
#include "tests/unit/memory.h"

#include <stdio.h>

static void save(const char *directory, const char *name, unsigned number, const void *data, size_t len)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s-%u", directory, name, number);
	f = fopen(path, "wb");
	if (!f || fwrite(data, 1, len, f) != len || fclose(f) != 0)
		exit(1);
}

static void save_file(const char *directory, unsigned number, struct gen *g, struct sst_rows *rows)
{
	struct memory m = {0};
	struct sst_writer *w = memory_writer(&m, 1);
	struct sst_meta meta = {0};

	sst_meta_set(&meta, "recorder", "corpus");
	sst_writer_meta(w, &meta);
	for (unsigned i = 0; i < 3; i++) {
		if (number % 2)
			gen_extreme(g, rows, 40);
		else
			gen_realistic(g, rows, 60, 3);
		sst_writer_rows(w, rows, i == 2 ? SST_FRAME_LATE : SST_FRAME_ROWS, g->now);
	}
	sst_writer_end(w, &meta);
	if (m.len < 16384)
		save(directory, "file", number, m.data, m.len);
	sst_writer_free(w);
	sst_meta_clear(&meta);
	free(m.data);
}

static void save_streams(const char *directory, unsigned number, const struct sst_rows *rows)
{
	struct sst_encoder *encoder = sst_encoder_new();
	struct sst_bytes streams[SST_STREAM_COUNT];
	struct memory m = {0};
	uint64_t min = UINT64_MAX;
	uint8_t head[4] = {(uint8_t)rows->n, (uint8_t)(rows->n >> 8)};

	for (size_t i = 0; i < rows->n; i++)
		min = rows->time[i] < min ? rows->time[i] : min;
	sst_encode_rows(encoder, rows, min, streams);
	memory_append(&m, head, 2);
	for (unsigned id = 0; id < SST_STREAM_COUNT; id++) {
		size_t len = streams[id].len;

		if (!streams[id].data)
			continue;
		memory_append(&m, (uint8_t[]){(uint8_t)id, streams[id].encoding, (uint8_t)len, (uint8_t)(len >> 8)}, 4);
		memory_append(&m, streams[id].data, len);
	}
	if (m.data[0] != 0x53 && m.len < 8192)
		save(directory, "streams", number, m.data, m.len);
	sst_encoder_free(encoder);
	free(m.data);
}

int main(int argc, char **argv)
{
	struct sst_rows *rows = sst_rows_new();

	if (argc != 2)
		return 2;
	for (unsigned i = 0; i < 8; i++) {
		struct gen g = gen_new(i);

		save_file(argv[1], i, &g, rows);
		if (i % 2)
			gen_extreme(&g, rows, 30);
		else
			gen_realistic(&g, rows, 120, 2);
		for (size_t k = 0; i % 4 == 0 && k < rows->n; k++) {
			rows->time[k] -= rows->time[k] % 10;
			rows->duration[k] -= rows->duration[k] % 10;
		}
		save_streams(argv[1], i, rows);
	}
	sst_rows_free(rows);
	return 0;
}
