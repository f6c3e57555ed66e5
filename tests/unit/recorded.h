/*
 * recorded.h - recordings of any rows in files, for tests.
 *
 *	struct recorder r;
 *	recorder_open(&r, path, 1, START);
 *	sst_meta_set(&r.meta, "boot.id", "a");		more facts, if there are
 *	sst_writer_meta(r.writer, &r.meta);
 *	... r.rows are filled
 *	sst_writer_rows(r.writer, r.rows, SST_FRAME_ROWS, until);
 *	recorder_close(&r);				with a frame END
 */
#ifndef SST_TEST_RECORDED_H
#define SST_TEST_RECORDED_H

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "format/writer.h"

/* It stays where it is while it is open. */
struct recorder {
	int fd;
	struct sst_writer *writer;
	struct sst_rows *rows;
	struct sst_meta meta;
};

static inline int recorder_write(void *context, const void *data, size_t len)
{
	return write(((struct recorder *)context)->fd, data, len) == (ssize_t)len ? 0 : -1;
}

/* recorder_open() - a new file, or what was in it is gone. id: what its uuid begins with; start: boot time, ns. */
static inline void recorder_open(struct recorder *r, const char *path, uint8_t id, uint64_t start)
{
	struct sst_sink sink = {recorder_write, r};

	r->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	r->writer = sst_writer_new(&sink, (const uint8_t[16]){id, 1}, 1);
	r->rows = sst_rows_new();
	r->meta = (struct sst_meta){0};
	assert_true(r->fd >= 0 && r->writer && r->rows);
	sst_meta_set_u64(&r->meta, "start.boot", start);
}

static inline void recorder_close(struct recorder *r)
{
	sst_writer_end(r->writer, &r->meta);
	sst_meta_clear(&r->meta);
	sst_rows_free(r->rows);
	sst_writer_free(r->writer);
	assert_int_equal(close(r->fd), 0);
}

/* check_memory() - the test has never had more than 64 MiB, as far as that says anything. */
static inline void check_memory(void)
{
#ifndef __SANITIZE_ADDRESS__
	struct rusage usage;

	assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
	assert_in_range(usage.ru_maxrss, 1, 65536);
#endif
}

#endif
