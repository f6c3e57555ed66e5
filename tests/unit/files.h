/*
 * files.h - whole files of the writer in memory, and what a reader says of them: for tests of what happens to files.
 *
 *	cmocka_run_group_tests(tests, files_setup, files_teardown);
 *	struct file *f = *state;
 *	write_file(f, 1, 6, 500);			6 frames of 500 rows each, between META and END
 *	FOR_EACH_WAY(f)
 *		... read_file(f, true).text		"M R R R L R R E"
 */
#ifndef SST_TEST_FILES_H
#define SST_TEST_FILES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "format/reader.h"
#include "format/writer.h"
#include "gen_rows.h"
#include "memory.h"

#define FRAMES_MAX 64

/* A pipe has neither seek nor size. */
struct file {
	struct memory memory;
	bool pipe;
	size_t frames[FRAMES_MAX]; /* where each begins */
	size_t n_frames;
};

static inline int files_setup(void **state)
{
	*state = calloc(1, sizeof(struct file));
	return 0;
}

static inline int files_teardown(void **state)
{
	struct file *f = *state;

	free(f->memory.data);
	free(f);
	return 0;
}

/* From a file, from a pipe, and from a pipe that gives seven bytes at a time. */
#define FOR_EACH_WAY(f)                                                                                                \
	for (unsigned way = 0; way < 3; way++)                                                                         \
		if ((f)->pipe = way > 0, (f)->memory.limit = way == 2 ? 7 : 0, true)

/* append() - a sink's write, of one frame; context is a struct file *. */
static inline int append(void *context, const void *data, size_t len)
{
	struct file *f = context;

	assert_true(f->n_frames < FRAMES_MAX);
	f->frames[f->n_frames++] = f->memory.len;
	return memory_append(&f->memory, data, len);
}

/* write_file() - a new file: META, frames of rows of which each fourth is of late ones, END. id: its uuid begins with
 * that, and other rows come of another. */
static inline void write_file(struct file *f, uint8_t id, unsigned frames, size_t rows_each)
{
	struct sst_sink sink = {.write = append, .context = f};
	uint8_t uuid[16] = {id};
	struct sst_writer *w = sst_writer_new(&sink, uuid, 1);
	struct sst_rows *rows = sst_rows_new();
	struct sst_meta meta = {0};
	struct gen g = gen_new(id);

	f->n_frames = 0;
	f->memory.len = 0;
	assert_int_equal(sst_meta_set(&meta, "recorder", "test 1"), 0);
	assert_int_equal(sst_writer_meta(w, &meta), 0);
	for (unsigned i = 0; i < frames; i++) {
		gen_realistic(&g, rows, rows_each, 2);
		assert_int_equal(sst_writer_rows(w, rows, i % 4 == 3 ? SST_FRAME_LATE : SST_FRAME_ROWS, g.now), 0);
	}
	assert_int_equal(sst_writer_end(w, &meta), 0);
	assert_int_equal(sst_writer_totals(w)->frames, frames + 2);
	assert_int_equal(sst_writer_totals(w)->bytes, f->memory.len);
	sst_meta_clear(&meta);
	sst_rows_free(rows);
	sst_writer_free(w);
}

static inline struct sst_reader *open_file(struct file *f)
{
	return memory_open(&f->memory, f->pipe);
}

/* splice() - at this place, some bytes go and others come; frames[] stay as they were written. */
static inline void splice(struct file *f, size_t at, size_t remove, const void *insert, size_t len)
{
	size_t tail = f->memory.len - at - remove;
	uint8_t *copy = malloc(tail + len + 1);

	memcpy(copy, insert, len);
	memcpy(copy + len, f->memory.data + at + remove, tail);
	if (at + len + tail > f->memory.cap) {
		f->memory.cap = at + len + tail;
		f->memory.data = realloc(f->memory.data, f->memory.cap);
	}
	memcpy(f->memory.data + at, copy, len + tail);
	f->memory.len = at + len + tail;
	free(copy);
}

/* What a reader says of a file, as text: "M R R L E" and the errors between. */
struct story {
	char text[2000];
	unsigned errors, frames;
	struct sst_damage damage;  /* the first */
	uint64_t sums[FRAMES_MAX]; /* of all rows of each frame, by number */
};

static inline void tell(struct story *s, const char *word)
{
	if (s->text[0])
		strncat(s->text, " ", sizeof(s->text) - strlen(s->text) - 1);
	strncat(s->text, word, sizeof(s->text) - strlen(s->text) - 1);
}

static inline void tell_error(struct story *s, int error, const struct sst_reader *r)
{
#define X(name, text)                                                                                                  \
	if (error == name)                                                                                             \
		tell(s, &#name[6]);
	SST_ERROR_LIST(X)
#undef X
	assert_true(error < SST_E_BASE + 1 + 9 && error >= SST_E_BASE);
	if (s->errors++ == 0)
		s->damage = *sst_reader_damage(r);
	assert_int_equal(sst_reader_damage(r)->error, error);
}

static inline uint64_t sum(const struct sst_rows *rows)
{
	uint64_t h = rows->n;

	for (size_t i = 0; i < rows->n; i++) {
		h = h * 31 + rows->time[i] * 3 + rows->duration[i] * 5 + rows->ret[i] * 7 + rows->seq[i] * 11 +
		    rows->call[i];
		for (int k = 0; k < SST_ARGS; k++)
			h = h * 31 + rows->arg[k][i];
	}
	return h;
}

static inline void read_frame(struct story *s, struct sst_reader *r, struct sst_frame *frame, struct sst_rows *rows)
{
	static const char *const letters[] = {"?", "M", "R", "L", "E"};
	int err = sst_reader_load(r, frame);
	struct sst_meta meta = {0};

	if (err) {
		tell_error(s, err, r);
		return;
	}
	s->frames++;
	tell(s, frame->type <= SST_FRAME_END ? letters[frame->type] : "unknown");
	if (frame->type == SST_FRAME_META || frame->type == SST_FRAME_END) {
		assert_int_equal(sst_frame_meta(frame, &meta), 0);
		assert_string_equal(sst_meta_get(&meta, "recorder"), "test 1");
		sst_meta_clear(&meta);
	} else if (frame->type <= SST_FRAME_END) {
		assert_int_equal(sst_frame_rows(frame, rows, SST_ALL_COLUMNS), 0);
		assert_int_equal(rows->n, frame->n_rows);
		if (frame->number < FRAMES_MAX)
			s->sums[frame->number] = sum(rows);
	}
}

/* read_file() - from its beginning to its end; load: what is in the frames as well, "f" for each otherwise. */
static inline struct story read_file(struct file *f, bool load)
{
	struct sst_reader *r = open_file(f);
	struct sst_rows *rows = sst_rows_new();
	struct story s = {0};
	struct sst_frame frame;
	int got;

	while ((got = sst_reader_next(r, &frame)) != 0) {
		assert_true(s.errors + s.frames < 2 * FRAMES_MAX);
		if (got < 0) {
			tell_error(&s, got, r);
		} else if (load) {
			read_frame(&s, r, &frame, rows);
		} else {
			s.frames++;
			tell(&s, "f");
		}
	}
	assert_int_equal(sst_reader_next(r, &frame), 0);
	sst_rows_free(rows);
	sst_reader_free(r);
	return s;
}

#endif
