/*
 * sockets.h - sockets as text: "TCP", "127.0.0.1:80", "[::1]:80", "/run/x.sock", "@abstract".
 */
#ifndef SYSDECODE_SOCKETS_H
#define SYSDECODE_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ADDRESS_TEXT 128 /* room for any address */

/* socket_protocol() - what socket(family, type, protocol) makes; NULL: no name is known. */
const char *socket_protocol(uint32_t family, uint32_t type, uint32_t protocol);

/*
 * socket_address() - the address in len bytes of a struct sockaddr, at out, which has ADDRESS_TEXT bytes; big: of a
 * machine of that byte order. Returns its length; 0: it says nothing, or nothing that is known here.
 */
size_t socket_address(char *out, const uint8_t *bytes, size_t len, bool big);

/* What the kernel told of a socket: SST_FORM_SOCKET. */
struct socket_seen {
	uint32_t family, type, protocol;
	char local[ADDRESS_TEXT], peer[ADDRESS_TEXT];
	size_t local_len, peer_len; /* 0: it has none, or none that is told */
};

/* socket_seen() - what len bytes of SST_FORM_SOCKET say. False: they are too few. */
bool socket_seen(struct socket_seen *seen, const uint8_t *bytes, size_t len);

/* socket_unspecific() - is it an address of any interface, which says only the port? */
bool socket_unspecific(const char *address, size_t len);

#endif
