/*
 * path.h - names of files, shared by all who have the file open.
 *
 *	struct path *path = path_new(&budget, "/etc/passwd", 11, 0);
 *	path_ref(path) ... path_unref(&budget, path);
 *
 * A name is any bytes. What is kept of all names and tables together stays within a budget; where that is used up
 * path_new() returns NULL, which everywhere means: not known.
 */
#ifndef SYSDECODE_PATH_H
#define SYSDECODE_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PATH_ROOM 8192 /* bytes; a longer name is not known */

/* Memory that may be taken, and that is. */
struct budget {
	size_t limit, used;
};

/* budget_alloc() - zeroed memory, or NULL. budget_free() - of the same size. */
void *budget_alloc(struct budget *budget, size_t size);
void budget_free(struct budget *budget, void *memory, size_t size);

enum path_flag {
	PATH_CANONICAL = 1, /* as the kernel tells it: none of its directories is a symbolic link */
	PATH_SOCKET = 2,    /* no file: "TCP 127.0.0.1:80->127.0.0.1:4711"; it changes when the socket is connected */
};

struct path {
	uint32_t refs;
	uint32_t room;
	uint32_t len;
	uint8_t flags;
	uint16_t protocol,
		local;  /* of a socket: how many bytes of the text are the protocol, and how many the address */
	uint64_t since; /* boot time at which it was the name */
	uint64_t list;  /* naming.c: where it is kept for a list of rows */
	uint32_t list_at, list_len;
	char text[];
};

/* path_new() - one that the caller holds; NULL where it cannot be kept. flags: enum path_flag. */
struct path *path_new(struct budget *budget, const char *text, size_t len, unsigned flags);

static inline struct path *path_ref(struct path *path)
{
	if (path)
		path->refs++;
	return path;
}

void path_unref(struct budget *budget, struct path *path);

/* Where relative names begin. */
struct path_base {
	const char *text; /* absolute */
	size_t len;
	bool canonical;
	size_t root; /* so much of it is the root directory, which ".." does not leave; 0: that is not known */
};

/*
 * path_join() - the name that base and name make together, at out, which has PATH_ROOM bytes. Empty components and "."
 * are left out, and ".." where what is before it is known to be no symbolic link; otherwise ".." stays, since what it
 * leads to is not known. *direct: none of its directories is a symbolic link, unless the last component is one. Returns
 * the length, 0 for a name that is too long.
 */
size_t path_join(char *out, const struct path_base *base, const char *name, size_t len, bool *direct);

/* --- sockets */

#define SOCKET_TEXT 320 /* the longest name of a socket */

/* path_socket() - a socket of a protocol ("TCP"), without addresses. */
struct path *path_socket(struct budget *budget, const char *protocol);

/* path_set_local(), path_set_peer() - its address, or the one that it is connected to; len 0: none. */
void path_set_local(struct path *path, const char *address, size_t len);
void path_set_peer(struct path *path, const char *address, size_t len);

#endif
