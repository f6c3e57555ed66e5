/*
 * recording.h - a golden recording in memory, frame by frame, with nothing in it that is not said
 *
 *	start(&file, id)
 *	thread(&file, pid, tid, comm), ok(), call(), gap(), event(), captured() ...	its rows
 *	flush(&file, SST_FRAME_ROWS, until)	make a frame of them
 *	finish(&file, name)	the end; it is in directory now
 *
 * Times are ns after the beginning of the recording. Nothing returns an error: the first ends the program.
 */
#ifndef GOLDEN_RECORDING_H
#define GOLDEN_RECORDING_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/abi.h"
#include "format/crc32c.h"
#include "format/syscalls.h"
#include "format/writer.h"

#define START 1000000000000u
#define REAL  1767225600000000000
#define HOUR  3600000000000u
#define MS    1000000u
#define S     1000000000u
#define PARTS 3

static const char *directory;
/* The clocks at the beginning of the recording that is being made. */
static uint64_t boot_at = START;
static int64_t real_at = REAL;
/* Facts of it that most do not have. */
static const char *boot_id;
static unsigned part;

/* A recording in memory: what the writer has sent, and where its frames begin. */
struct file {
	unsigned char *data;
	size_t len;
	size_t frames[64];
	size_t n_frames;
	struct sst_writer *writer;
	struct sst_rows *rows;
};

static void check(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "golden: %s failed\n", what);
	exit(1);
}

static int append(void *context, const void *data, size_t len)
{
	struct file *file = context;

	file->data = realloc(file->data, file->len + len);
	check(file->data != NULL, "realloc");
	file->frames[file->n_frames++] = file->len;
	memcpy(file->data + file->len, data, len);
	file->len += len;
	return 0;
}

/* The META frame. The writer keeps a pointer to file: it must not move any more. */
static void start(struct file *file, unsigned char id)
{
	struct sst_sink sink = {append, file};
	struct sst_meta meta = {0};
	uint8_t uuid[16];

	memset(uuid, id, sizeof(uuid));
	*file = (struct file){.rows = sst_rows_new()};
	check(file->rows != NULL, "sst_rows_new");
	file->writer = sst_writer_new(&sink, uuid, 1);
	check(file->writer != NULL, "sst_writer_new");
	check(!sst_meta_set(&meta, "recorder", "golden 1") && !sst_meta_set(&meta, "host.machine", "x86_64") &&
		      !sst_meta_set_u64(&meta, "start.boot", boot_at) &&
		      !sst_meta_set_i64(&meta, "start.real", real_at) &&
		      !sst_meta_set(&meta, "command", "sysstream '\x1b[31m'"),
	      "sst_meta_set");
	if (boot_id)
		check(!sst_meta_set(&meta, "boot.id", boot_id), "sst_meta_set");
	if (part)
		check(!sst_meta_set(&meta, "session", "golden") && !sst_meta_set_u64(&meta, "part", part),
		      "sst_meta_set");
	check(!sst_writer_meta(file->writer, &meta), "sst_writer_meta");
	sst_meta_clear(&meta);
}

static void flush(struct file *file, enum sst_frame_type type, uint64_t cut)
{
	check(!sst_writer_rows(file->writer, file->rows, type, boot_at + cut), "sst_writer_rows");
	sst_rows_clear(file->rows);
}

static void end(struct file *file)
{
	struct sst_meta meta = {0};

	check(!sst_meta_set(&meta, "reason", part && part < PARTS ? "rotated" : "golden"), "sst_meta_set");
	check(!sst_writer_end(file->writer, &meta), "sst_writer_end");
	sst_meta_clear(&meta);
}

static void store(const struct file *file, size_t len, const char *name)
{
	char path[4096];
	FILE *out;

	snprintf(path, sizeof(path), "%s/%s.sst", directory, name);
	out = fopen(path, "wb");
	check(out && fwrite(file->data, 1, len, out) == len && fclose(out) == 0, path);
}

static void discard(struct file *file)
{
	sst_writer_free(file->writer);
	sst_rows_free(file->rows);
	free(file->data);
}

static void finish(struct file *file, const char *name)
{
	end(file);
	store(file, file->len, name);
	discard(file);
}

static void thread(struct file *file, uint32_t pid, uint32_t tid, const char *comm)
{
	check(!sst_rows_group(file->rows, pid, tid, comm, strlen(comm)), "sst_rows_group");
}

/* A row of the last thread. duration and ret only where the state has them; arguments as many as the call declares. */
static void call_nr(struct file *file, uint64_t time, uint64_t seq, unsigned abi, uint32_t nr, unsigned state,
		    int64_t ret, uint64_t duration, const uint64_t arg[SST_ARGS])
{
	struct sst_rows *rows = file->rows;
	int nargs = sst_syscall_nargs(abi, nr), index = sst_rows_call(rows, (uint8_t)abi, nr, (uint8_t)nargs);
	long i = sst_rows_add(rows);

	check(index >= 0 && i >= 0, "sst_rows_add");
	rows->time[i] = boot_at + time;
	rows->seq[i] = seq;
	rows->call[i] = (uint16_t)index;
	rows->state[i] = (uint8_t)state;
	rows->cpu[i] = (uint16_t)(seq % 4);
	if (sst_state_has_ret(state))
		rows->ret[i] = (uint64_t)ret;
	if (sst_state_has_duration(state))
		rows->duration[i] = duration;
	for (int a = 0; a < nargs; a++)
		rows->arg[a][i] = arg[a];
}

#define ARGS(...) ((const uint64_t[SST_ARGS]){__VA_ARGS__})

static void call(struct file *file, uint64_t time, uint64_t seq, const char *name, unsigned state, int64_t ret,
		 uint64_t duration, const uint64_t arg[SST_ARGS])
{
	uint32_t nr;

	check(!sst_syscall_find(SST_ABI_X86_64, name, &nr), name);
	call_nr(file, time, seq, SST_ABI_X86_64, nr, state, ret, duration, arg);
}

static void ok(struct file *file, uint64_t time, uint64_t seq, const char *name, int64_t ret, uint64_t duration)
{
	call(file, time, seq, name, SST_OK, ret, duration, ARGS(3, 0x7ffc00001000, 512, 1, 2, 3));
}

static void gap(struct file *file, uint32_t pid, uint32_t tid, uint64_t time, uint64_t until, uint64_t seq,
		uint64_t count, unsigned cause)
{
	struct sst_gap g = {boot_at + time, boot_at + until, seq, count, pid, tid, (uint8_t)cause};

	check(!sst_rows_gap(file->rows, &g), "sst_rows_gap");
}

/* A thread that was there when the part began, and how far it had come. */
static void found(struct file *file, uint32_t pid, uint32_t tid, uint64_t seq)
{
	struct sst_event event = {.time = boot_at, .kind = SST_EVENT_FOUND, .pid = pid, .tid = tid, .b = seq};

	check(!sst_rows_event(file->rows, &event), "sst_rows_event");
}

/* An event; name: of the thread as it was captured with it, or NULL. */
static void event(struct file *file, unsigned kind, uint64_t time, uint32_t pid, uint32_t tid, uint64_t a, uint64_t b,
		  const char *name)
{
	struct sst_event e = {.time = boot_at + time, .a = a, .b = b, .pid = pid, .tid = tid, .kind = (uint8_t)kind};
	struct sst_capture comm = {.row = SST_CAPTURE_EVENT + (uint32_t)file->rows->n_events,
				   .arg = SST_CAPTURE_COMM,
				   .form = SST_FORM_STRING};

	check(!sst_rows_event(file->rows, &e), "sst_rows_event");
	check(!name || !sst_rows_capture(file->rows, comm, name, strlen(name)), "sst_rows_capture");
}

/* What was captured with the event before. */
static void captured(struct file *file, unsigned arg, unsigned form, unsigned flags, const char *bytes, size_t len)
{
	struct sst_capture capture = {.row = SST_CAPTURE_EVENT + (uint32_t)file->rows->n_events - 1,
				      .arg = (uint8_t)arg,
				      .form = (uint8_t)form,
				      .flags = (uint8_t)flags};

	check(!sst_rows_capture(file->rows, capture, bytes, len), "sst_rows_capture");
}

static void exec(struct file *file, uint64_t time, uint32_t pid, uint32_t before, const char *name, const char *path,
		 const char *argv, size_t len)
{
	event(file, SST_EVENT_EXEC, time, pid, pid, before, 0, name);
	captured(file, SST_CAPTURE_FILE, SST_FORM_STRING, 0, path, strlen(path));
	captured(file, SST_CAPTURE_ARGV, SST_FORM_STRINGS, len > 24 ? SST_CAPTURE_CUT : 0, argv, len);
}

/* What the last call's argument points to. */
static void points_to(struct file *file, unsigned arg, unsigned flags, const char *text)
{
	struct sst_capture capture = {.row = (uint32_t)file->rows->n - 1,
				      .arg = (uint8_t)arg,
				      .form = SST_FORM_STRING,
				      .flags = (uint8_t)flags};

	check(!sst_rows_capture(file->rows, capture, text, strlen(text)), "sst_rows_capture");
}

/* What a process has open when the recording begins. */
static void is_open(struct file *file, uint32_t pid, uint64_t what, const char *text)
{
	struct sst_open open = {.time = boot_at, .until = boot_at + 1000, .pid = pid, .what = what};

	check(!sst_rows_open(file->rows, open, text, strlen(text)), "sst_rows_open");
}

/* The number that says which version of the format a frame needs, raised beyond any there will be, and its checksum. */
static void raise_version(unsigned char *header)
{
	size_t len = 8 + (header[4] | (size_t)header[5] << 8);
	uint32_t crc;

	header[42] = header[43] = 0xff;
	crc = sst_crc32c(0, header + 8, len - 12);
	for (unsigned i = 0; i < 4; i++)
		header[len - 4 + i] = (unsigned char)(crc >> 8 * i);
}

#endif
