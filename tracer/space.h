/*
 * space.h - how much room the output's file system has
 *
 *	space_of(fd, &space);			0, or -errno where that has no meaning
 *	space_place(fd, "trace.sst", text, size);	"/var/log" or "the file system of trace.sst"
 */
#ifndef TRACER_SPACE_H
#define TRACER_SPACE_H

#include <stddef.h>
#include <stdint.h>

struct space {
	uint64_t total, free; /* bytes; free: to ordinary users */
};

/* space_of() - fd may be an O_PATH one. Returns 0, -errno, or -EOPNOTSUPP where the file system has no size (ramfs). */
int space_of(int fd, struct space *space);

/* space_place() - where the file system is mounted, in words for a message. Returns text. */
char *space_place(int fd, const char *path, char *text, size_t size);

#endif
