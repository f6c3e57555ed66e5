/*
 * out.h - buffered output with one check of room a row.
 *
 *	struct out out;
 *	out_init(&out, fd);
 *	char *p = out_room(&out);
 *	p = ...
 *	out_done(&out, p);
 *	out_flush(&out);
 *
 * The first failed write is remembered in out.error and everything after it goes nowhere: loops look at it once a
 * frame.
 */
#ifndef SYSDECODE_OUT_H
#define SYSDECODE_OUT_H

#include <stddef.h>

#define OUT_BUFFER   196608 /* bytes written in one piece */
#define OUT_ROOM_MAX 245760 /* bytes of one row at most; cells that are very long begin by asking for room again */

struct parts;

struct out {
	int fd;
	struct parts *parts;                                          /* NULL: all goes to fd */
	void (*flush)(struct out *out, const char *data, size_t len); /* NULL: write to fd */
	int error; /* 0, or -errno of the first write that failed; -EPIPE: nobody reads any more */
	char *end; /* of what is in the buffer */
	char buffer[OUT_BUFFER + OUT_ROOM_MAX];
};

void out_init(struct out *out, int fd);

/* out_write() - all of it. Returns 0 or -errno. */
int out_write(int fd, const char *data, size_t len);

/* out_put() - to fd or the parts, whatever flush says. Returns 0 or -errno. */
int out_put(struct out *out, const char *data, size_t len);

/* Write what is in the buffer. */
void out_flush(struct out *out);

/* out_sync() - what was flushed is on stable storage, where the output has such: out->error has the reason if not. */
void out_sync(struct out *out);

/* A place for OUT_ROOM_MAX bytes; out_done() says how far it was used. */
static inline char *out_room(struct out *out)
{
	if (out->end - out->buffer > OUT_BUFFER)
		out_flush(out);
	return out->end;
}

static inline void out_done(struct out *out, char *end)
{
	out->end = end;
}

/* Text of any length, as printf has it; for reports, not for rows. */
void out_printf(struct out *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
