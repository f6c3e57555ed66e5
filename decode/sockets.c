/* sockets.c - see sockets.h */
#include "sockets.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "format/bytes.h"

/* Of Linux, whatever machine this is. */
enum { UNIX = 1, INET = 2, INET6 = 10, NETLINK = 16, PACKET = 17, VSOCK = 40 };
enum { STREAM = 1, DGRAM = 2, RAW = 3, SEQPACKET = 5 };

static const char *inet_protocol(uint32_t type, uint32_t protocol, bool v6)
{
	if (type == STREAM && (protocol == 0 || protocol == IPPROTO_TCP))
		return v6 ? "TCPv6" : "TCP";
	if (type == DGRAM && (protocol == 0 || protocol == IPPROTO_UDP))
		return v6 ? "UDPv6" : "UDP";
	if (type == RAW)
		return v6 ? "RAWv6" : "RAW";
	if ((type == STREAM || type == SEQPACKET) && protocol == IPPROTO_SCTP)
		return v6 ? "SCTPv6" : "SCTP";
	return v6 ? "INET6" : "INET";
}

const char *socket_protocol(uint32_t family, uint32_t type, uint32_t protocol)
{
	type &= 0xf;
	switch (family) {
	case UNIX:
		return type == STREAM ? "UNIX-STREAM" : type == SEQPACKET ? "UNIX-SEQPACKET" : "UNIX-DGRAM";
	case INET:
	case INET6:
		return inet_protocol(type, protocol, family == INET6);
	case NETLINK:
		return "NETLINK";
	case PACKET:
		return "PACKET";
	case VSOCK:
		return "VSOCK";
	default:
		return NULL;
	}
}

static size_t inet_address(char *out, const uint8_t *bytes, size_t len)
{
	char text[INET_ADDRSTRLEN];

	if (len < 8 || !inet_ntop(AF_INET, bytes + 4, text, sizeof(text)))
		return 0;
	return (size_t)snprintf(out, ADDRESS_TEXT, "%s:%u", text, (unsigned)(bytes[2] << 8 | bytes[3]));
}

static size_t inet6_address(char *out, const uint8_t *bytes, size_t len)
{
	char text[INET6_ADDRSTRLEN];

	if (len < 24 || !inet_ntop(AF_INET6, bytes + 8, text, sizeof(text)))
		return 0;
	return (size_t)snprintf(out, ADDRESS_TEXT, "[%s]:%u", text, (unsigned)(bytes[2] << 8 | bytes[3]));
}

/* A name of the file system ends at a NUL, an abstract one where the address does. */
static size_t unix_address(char *out, const uint8_t *bytes, size_t len)
{
	len = len > 110 ? 110 : len;
	if (len <= 2)
		return 0;
	len = bytes[2] ? strnlen((const char *)bytes + 2, len - 2) : len - 2;
	memcpy(out, bytes + 2, len);
	if (!bytes[2])
		*out = '@';
	return len;
}

size_t socket_address(char *out, const uint8_t *bytes, size_t len, bool big)
{
	if (len < 2)
		return 0;
	switch (big ? bytes[0] << 8 | bytes[1] : bytes[1] << 8 | bytes[0]) {
	case UNIX:
		return unix_address(out, bytes, len);
	case INET:
		return inet_address(out, bytes, len);
	case INET6:
		return inet6_address(out, bytes, len);
	default:
		return 0;
	}
}

static size_t print_address(char *out, uint32_t family, const uint8_t *address, unsigned port)
{
	char text[INET6_ADDRSTRLEN];

	if ((family != INET && family != INET6) || port == 0 ||
	    !inet_ntop(family == INET ? AF_INET : AF_INET6, address, text, sizeof(text)))
		return 0;
	return (size_t)snprintf(out, ADDRESS_TEXT, family == INET ? "%s:%u" : "[%s]:%u", text, port);
}

bool socket_seen(struct socket_seen *seen, const uint8_t *bytes, size_t len)
{
	if (len < 44)
		return false;
	*seen = (struct socket_seen){
		.family = sst_get16(bytes),
		.type = sst_get16(bytes + 2),
		.protocol = sst_get32(bytes + 4),
	};
	seen->local_len = print_address(seen->local, seen->family, bytes + 12, sst_get16(bytes + 8));
	seen->peer_len = print_address(seen->peer, seen->family, bytes + 28, sst_get16(bytes + 10));
	return true;
}

bool socket_unspecific(const char *address, size_t len)
{
	return (len > 8 && memcmp(address, "0.0.0.0:", 8) == 0) || (len > 5 && memcmp(address, "[::]:", 5) == 0);
}
