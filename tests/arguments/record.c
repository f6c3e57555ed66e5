/*
 * record.c - the recording: a row for each call that is made
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "arguments.h"
#include "format/syscalls.h"
#include "format/writer.h"

#define MARK 0x7eadbeef

static FILE *out;
static struct sst_rows *rows;
static struct sst_writer *writer;
static uint64_t n_calls;

void check(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "arguments: %s failed\n", what);
	exit(1);
}

static int append(void *context, const void *data, size_t len)
{
	return fwrite(data, 1, len, context) == len ? 0 : -EIO;
}

void begin_recording(const char *path)
{
	static const uint8_t uuid[16] = {1};
	static struct sst_meta meta;
	struct sst_sink sink = {append, NULL};

	out = fopen(path, "wbe");
	check(out != NULL, path);
	sink.context = out;
	rows = sst_rows_new();
	writer = sst_writer_new(&sink, uuid, 1);
	check(rows && writer && sst_meta_set_u64(&meta, "start.boot", 0) == 0 && sst_writer_meta(writer, &meta) == 0,
	      "begin");
	check(sst_rows_group(rows, 1, 1, "arguments", 9) == 0, "group");
}

static void flush(void)
{
	check(sst_rows_sort_captures(rows) == 0, "sort");
	check(sst_writer_rows(writer, rows, SST_FRAME_ROWS, n_calls) == 0, "rows");
	sst_rows_clear(rows);
	check(sst_rows_group(rows, 1, 1, "arguments", 9) == 0, "group");
}

void end_recording(void)
{
	static struct sst_meta meta;

	flush();
	check(sst_writer_end(writer, &meta) == 0 && fclose(out) == 0, "end");
	sst_writer_free(writer);
	sst_rows_free(rows);
}

void add(long row, unsigned arg, uint8_t form, uint8_t flags, const void *bytes, size_t len)
{
	struct sst_capture capture = {.row = (uint32_t)row, .arg = (uint8_t)arg, .form = form, .flags = flags};

	if (len > TEXT_MOST) {
		len = TEXT_MOST;
		capture.flags |= SST_CAPTURE_CUT;
	}
	check(sst_rows_capture(rows, capture, bytes, len) == 0, "capture");
}

long make(unsigned nr, const uint64_t *args)
{
	const struct sst_signature *signature = sst_signature(ABI, nr);
	int call = sst_rows_call(rows, ABI, nr, (uint8_t)sst_syscall_nargs(ABI, nr));
	long row = sst_rows_add(rows), ret;

	check(call >= 0 && row >= 0, "row");
	rows->call[row] = (uint16_t)call;
	rows->time[row] = ++n_calls;
	rows->seq[row] = n_calls;
	rows->state[row] = SST_OK;
	for (unsigned i = 0; i < 6; i++)
		rows->arg[i][row] = i < (unsigned)sst_syscall_nargs(ABI, nr) ? args[i] : 0;
	capture_all(row, signature, args, 0, false);
	syscall(SYS_getpgid, MARK);
	ret = syscall(nr, args[0], args[1], args[2], args[3], args[4], args[5]);
	if (ret == -1)
		ret = -errno;
	rows->ret[row] = (uint64_t)ret;
	if (ret >= 0)
		capture_all(row, signature, args, ret, true);
	if (rows->n > 4000)
		flush();
	return ret;
}
