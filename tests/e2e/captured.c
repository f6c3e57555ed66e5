/*
 * captured.c - what a recording has captured: captured FILE
 *
 * A line a row that has captures: tid seq state call ret, then for each ARG:FORM:FLAGS:TEXT; a line "event" or "open"
 * for each of those: kind pid tid a b, or pid what flags until-time. Flags are of c (cut), l (late), u (unreadable), or
 * "-". Bytes other than letters and the like are written as \xx; of memory all are. LATE rows come where they are in
 * the file.
 */
#include "format/frame.h"
#include "format/reader.h"
#include "format/syscalls.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static long read_some(void *context, void *data, size_t len)
{
	return read(*(int *)context, data, len);
}

static void print_text(const uint8_t *text, size_t len, bool is_memory)
{
	for (size_t i = 0; i < len; i++)
		if (!is_memory && text[i] > ' ' && text[i] < 127 && text[i] != '\\')
			putchar(text[i]);
		else
			printf(is_memory ? "%02x" : "\\%02x", text[i]);
}

static void print_captures(const struct sst_rows *rows, uint32_t row)
{
	size_t n, i = sst_rows_captures(rows, row, &n);

	for (size_t end = i + n; i < end; i++) {
		const struct sst_capture *c = &rows->captures[i];

		printf(" %u:%u:%s%s%s%s:", c->arg, c->form, c->flags ? "" : "-", c->flags & 1 ? "c" : "",
		       c->flags & 2 ? "l" : "", c->flags & 4 ? "u" : "");
		print_text(rows->text + c->offset, c->len, c->form > SST_FORM_STRINGS);
	}
	putchar('\n');
}

static void print_row(const struct sst_rows *rows, const struct sst_group *group, uint32_t i)
{
	const struct sst_call *call = &rows->calls[rows->call[i]];
	const char *name = sst_syscall_name(call->abi, call->nr);

	printf("%" PRIu32 " %" PRIu64 " %u %s %" PRId64, group->tid, rows->seq[i], rows->state[i], name ? name : "?",
	       (int64_t)rows->ret[i]);
	print_captures(rows, i);
}

static void print_rows(const struct sst_rows *rows)
{
	for (size_t g = 0; g < rows->n_groups; g++)
		for (uint32_t i = rows->groups[g].first; i < rows->groups[g].first + rows->groups[g].n; i++)
			print_row(rows, &rows->groups[g], i);
	for (uint32_t i = 0; i < rows->n_events; i++) {
		const struct sst_event *e = &rows->events[i];

		printf("event %u %" PRIu32 " %" PRIu32 " %" PRIu64 " %" PRIu64, e->kind, e->pid, e->tid, e->a, e->b);
		print_captures(rows, SST_CAPTURE_EVENT | i);
	}
	for (size_t i = 0; i < rows->n_opens; i++) {
		const struct sst_open *o = &rows->opens[i];

		printf("open %" PRIu32 " %" PRIu64 " %u %" PRIu64 " ", o->pid, o->what, o->flags, o->until - o->time);
		print_text(rows->text + o->offset, o->len, false);
		putchar('\n');
	}
}

int main(int argc, char **argv)
{
	int fd = argc == 2 ? open(argv[1], O_RDONLY | O_CLOEXEC) : -1, result = 0, failed = fd < 0;
	struct sst_source source = {.read = read_some, .context = &fd};
	struct sst_reader *reader = sst_reader_new(&source);
	struct sst_rows *rows = sst_rows_new();
	struct sst_frame frame;

	while (reader && rows && !failed && (result = sst_reader_next(reader, &frame)) > 0) {
		if (frame.type != SST_FRAME_ROWS && frame.type != SST_FRAME_LATE)
			continue;
		failed = sst_reader_load(reader, &frame) || sst_frame_rows(&frame, rows, SST_ALL_COLUMNS);
		if (!failed)
			print_rows(rows);
	}
	sst_rows_free(rows);
	sst_reader_free(reader);
	return failed || result < 0;
}
