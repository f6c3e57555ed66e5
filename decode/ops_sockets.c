/* ops_sockets.c - calls that make sockets, or tell or change their addresses: see ops.h */
#include "ops.h"

#include <string.h>

#include "sockets.h"

/* --- addresses */

static struct path *new_address(const struct begun *begun, const char *text, size_t len)
{
	return len > 0 ? path_new(&begun->tracker->budget, text, len, 0) : NULL;
}

/* The address that a call names, or is told, in argument 1. */
static struct path *said_address(const struct begun *begun)
{
	const struct sst_capture *capture = row_capture(begun->row, 1);
	char text[ADDRESS_TEXT];
	size_t len = 0;

	if (capture && !(capture->flags & SST_CAPTURE_UNREADABLE))
		len = socket_address(text, begun->row->text + capture->offset, capture->len, begun->tracker->big);
	return new_address(begun, text, len);
}

/* What the kernel told of the socket when the call returned. */
static bool see_socket(const struct begun *begun, struct socket_seen *seen)
{
	const struct sst_capture *capture = row_capture(begun->row, SST_CAPTURE_FD);

	return capture && socket_seen(seen, begun->row->text + capture->offset, capture->len);
}

static struct path *new_seen_socket(const struct begun *begun, const struct socket_seen *seen)
{
	const char *protocol = socket_protocol(seen->family, seen->type, seen->protocol);
	struct path *path = protocol ? path_socket(&begun->tracker->budget, protocol) : NULL;

	if (!path)
		return NULL;
	path_set_local(path, seen->local, seen->local_len);
	path_set_peer(path, seen->peer, seen->peer_len);
	return path;
}

/* A socket gets an address, and all who have it open see that. */
static void set_address(const struct begun *begun, unsigned which)
{
	struct path *path = begun->found->path;
	struct op *op = &begun->thread->op;
	struct socket_seen seen = {0};
	bool saw = see_socket(begun, &seen);

	if (!path || !(path->flags & PATH_SOCKET)) {
		if (saw) /* now it is known what this is */
			set_op(begun, begun->thread->files, FD_REPLACE, arg32(begun, 0), new_seen_socket(begun, &seen),
			       FD_MAYBE);
		return;
	}
	*op = (struct op){.kind = OP_ADDRESS, .change.path = path_ref(path), .flags = which};
	if (seen.local_len > 0 || seen.peer_len > 0) {
		op->flags = SET_LOCAL | (which & SET_PEER);
		op->path2 = new_address(begun, seen.local, seen.local_len);
		op->peer = new_address(begun, seen.peer, seen.peer_len);
	} else if (which & SET_LOCAL) {
		op->path2 = said_address(begun);
	} else {
		op->peer = said_address(begun);
	}
}

void begin_local(const struct begun *begun)
{
	set_address(begun, SET_LOCAL);
}

void begin_peer(const struct begun *begun)
{
	set_address(begun, SET_PEER);
}

/* --- new ones */

static struct path *new_socket(const struct begun *begun)
{
	const char *protocol = socket_protocol(arg32(begun, 0), arg32(begun, 1), arg32(begun, 2));

	return protocol ? path_socket(&begun->tracker->budget, protocol) : NULL;
}

void begin_socket(const struct begun *begun)
{
	make_fd(begun, new_socket(begun), to_cloexec(is_cloexec(begun)));
}

/* The address of the listening socket is that of the connection, unless it is of any interface. */
static void inherit_local(struct path *to, const struct path *from)
{
	const char *address = from->text + from->protocol + 1;
	size_t len = from->local > 0 ? from->local - 1u : 0;
	char text[ADDRESS_TEXT];

	if (socket_unspecific(address, len)) {
		const char *port = memrchr(address, ':', len);
		size_t n = len - (size_t)(port - address);

		*text = '?';
		memcpy(text + 1, port, n);
		path_set_local(to, text, n + 1);
	} else {
		path_set_local(to, address, len);
	}
}

/* The connection, by the socket that listens and what accept() says of the other side. */
static struct path *new_connection(const struct begun *begun)
{
	const struct path *listener = begun->found->path;
	struct path *path, *peer;
	char protocol[SOCKET_TEXT + 1];

	if (!listener || !(listener->flags & PATH_SOCKET))
		return NULL;
	memcpy(protocol, listener->text, listener->protocol);
	protocol[listener->protocol] = '\0';
	path = path_socket(&begun->tracker->budget, protocol);
	if (!path)
		return NULL;
	inherit_local(path, listener);
	peer = said_address(begun);
	path_set_peer(path, peer ? peer->text : NULL, peer ? peer->len : 0);
	path_unref(&begun->tracker->budget, peer);
	return path;
}

void begin_accept(const struct begun *begun)
{
	struct socket_seen seen = {0};
	bool saw = see_socket(begun, &seen) && seen.local_len > 0;

	make_fd(begun, saw ? new_seen_socket(begun, &seen) : new_connection(begun), to_cloexec(is_cloexec(begun)));
}
