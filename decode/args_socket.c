/* args_socket.c - addresses and options of sockets in arguments: see args_put.h */
#include "args_put.h"

#include <arpa/inet.h>

#include "format/errno.h"

/* Address families: the same numbers everywhere. */
enum {
	FAMILY_UNSPEC = 0,
	FAMILY_UNIX = 1,
	FAMILY_INET = 2,
	FAMILY_INET6 = 10,
	FAMILY_NETLINK = 16,
	FAMILY_PACKET = 17
};

enum {
	LEVEL_IP = 0,
	LEVEL_SOCKET = 1,
	LEVEL_TCP = 6,
	LEVEL_UDP = 17,
	LEVEL_IPV6 = 41,
	LEVEL_PACKET = 263,
	LEVEL_NETLINK = 270
};

/* In network byte order. */
static uint16_t port_at(const struct memory *memory, size_t offset)
{
	return (uint16_t)(memory->bytes[offset] << 8 | memory->bytes[offset + 1]);
}

/* sun_path="/run/x", or @"x" in the abstract name space. */
static char *put_unix(const struct printer *printer, char *p, const struct memory *memory)
{
	struct memory path = part_of(memory, 2, memory->len - 2);

	if (path.len == 0)
		return p;
	p = PUT(p, ", sun_path=");
	if (path.bytes[0])
		return put_quoted(printer, p, path.bytes, strnlen((const char *)path.bytes, path.len));
	*p++ = '@';
	return put_quoted(printer, p, path.bytes + 1, path.len - 1);
}

static char *put_inet(char *p, const struct memory *memory)
{
	char text[INET_ADDRSTRLEN];

	p = put_u64(PUT(p, ", sin_port=htons("), port_at(memory, 2));
	p = put_string(PUT(p, "), sin_addr=inet_addr(\""), inet_ntop(AF_INET, memory->bytes + 4, text, sizeof(text)));
	return PUT(p, "\")");
}

static char *put_inet6(const struct printer *printer, char *p, const struct memory *memory)
{
	char text[INET6_ADDRSTRLEN];
	uint32_t flow = (uint32_t)port_at(memory, 4) << 16 | port_at(memory, 6);

	p = put_u64(PUT(p, ", sin6_port=htons("), port_at(memory, 2));
	p = put_hash_hex(PUT(p, "), sin6_flowinfo=htonl("), flow);
	p = put_string(PUT(p, "), inet_pton(AF_INET6, \""), inet_ntop(AF_INET6, memory->bytes + 8, text, sizeof(text)));
	p = PUT(p, "\", &sin6_addr)");
	if (memory->len >= 28)
		p = put_u64(PUT(p, ", sin6_scope_id="), number_at(printer, memory, 24, 4));
	return p;
}

static char *put_netlink(const struct printer *printer, char *p, const struct memory *memory)
{
	uint64_t groups = number_at(printer, memory, 8, 4);

	p = put_i64(PUT(p, ", nl_pid="), signed_at(printer, memory, 4, 4));
	p = PUT(p, ", nl_groups=");
	if (groups)
		p = PUT(p, "0x");
	for (int shift = groups && groups <= 0xffffff ? 20 : 28; shift >= 0; shift -= 4)
		*p++ = "0123456789abcdef"[groups >> shift & 15];
	return p;
}

static char *put_packet(const struct printer *printer, char *p, const struct memory *memory)
{
	p = put_enum(printer, PUT(p, ", sll_protocol=htons("), SYMBOLS_ethernet_protocol, port_at(memory, 2));
	p = put_u64(PUT(p, "), sll_ifindex="), number_at(printer, memory, 4, 4));
	p = put_hash_hex(PUT(p, ", sll_hatype="), number_at(printer, memory, 8, 2));
	p = put_u64(PUT(p, ", sll_pkttype="), memory->bytes[10]);
	return put_u64(PUT(p, ", sll_halen="), memory->bytes[11]);
}

static char *put_other(const struct printer *printer, char *p, const struct memory *memory)
{
	if (memory->len <= 2)
		return p;
	return put_quoted(printer, PUT(p, ", sa_data="), memory->bytes + 2, memory->len - 2);
}

char *put_sockaddr(const struct printer *printer, char *p, const struct memory *memory)
{
	uint64_t family = number_at(printer, memory, 0, 2);

	p = put_enum(printer, PUT(p, "{sa_family="), SYMBOLS_socket_domain, family);
	if (family == FAMILY_UNIX)
		p = put_unix(printer, p, memory);
	else if (family == FAMILY_INET && memory->len >= 8)
		p = put_inet(p, memory);
	else if (family == FAMILY_INET6 && memory->len >= 24)
		p = put_inet6(printer, p, memory);
	else if (family == FAMILY_NETLINK && memory->len >= 12)
		p = put_netlink(printer, p, memory);
	else if (family == FAMILY_PACKET && memory->len >= 12)
		p = put_packet(printer, p, memory);
	else
		p = put_other(printer, p, memory);
	*p++ = '}';
	return p;
}

char *put_sockaddr_arg(const struct printer *printer, char *p, unsigned i)
{
	struct memory memory =
		printer->signature->arg[i].direction & SST_READS ? memory_read(printer, i) : memory_written(printer, i);

	if (!memory.bytes || memory.len < 2)
		return put_address(p, value_of(printer, i));
	return put_sockaddr(printer, p, &memory);
}

/* [128 => 16]: the room there was, and what was needed. */
char *put_socklen_arg(const struct printer *printer, char *p, unsigned i)
{
	struct memory before = memory_read(printer, i), after = memory_written(printer, i);
	int64_t room, used;

	if (!before.bytes && !after.bytes)
		return put_address(p, value_of(printer, i));
	room = signed_at(printer, before.bytes ? &before : &after, 0, 4);
	used = signed_at(printer, after.bytes ? &after : &before, 0, 4);
	*p++ = '[';
	p = put_i64(p, room);
	if (used != room)
		p = put_i64(PUT(p, " => "), used);
	*p++ = ']';
	return p;
}

char *put_socket_type(const struct printer *printer, char *p, uint64_t value)
{
	const uint32_t type = (uint32_t)value & 0xf, flags = (uint32_t)value & ~0xfu;

	if (!symbols_find(symbols_of(printer->abi, SYMBOLS_socket_type), type))
		return put_flags(printer, p, SYMBOLS_sock, flags | type);
	p = put_enum(printer, p, SYMBOLS_socket_type, type);
	return flags ? put_flags(printer, PUT(p, "|"), SYMBOLS_sock, flags) : p;
}

/* Of the family in the argument before the last one. */
char *put_socket_protocol(const struct printer *printer, char *p, unsigned i)
{
	uint32_t family = (uint32_t)value_of(printer, i - 2), protocol = (uint32_t)value_of(printer, i);

	switch (family) {
	case FAMILY_INET:
	case FAMILY_INET6:
		return put_enum(printer, p, SYMBOLS_inet_protocol, protocol);
	case FAMILY_NETLINK:
		return put_enum(printer, p, SYMBOLS_netlink_protocol, protocol);
	case FAMILY_PACKET:
		p = put_enum(printer, PUT(p, "htons("), SYMBOLS_ethernet_protocol,
			     (protocol >> 8 & 0xff) | (protocol & 0xff) << 8);
		return PUT(p, ")");
	default:
		return put_u64(p, value_of(printer, i));
	}
}

/* --- options */

static const struct symbols *options_of(unsigned abi, uint32_t level)
{
	switch (level) {
	case LEVEL_IP:
		return symbols_of(abi, SYMBOLS_so_ip);
	case LEVEL_SOCKET:
		return symbols_of(abi, SYMBOLS_so);
	case LEVEL_TCP:
		return symbols_of(abi, SYMBOLS_so_tcp);
	case LEVEL_UDP:
		return symbols_of(abi, SYMBOLS_so_udp);
	case LEVEL_IPV6:
		return symbols_of(abi, SYMBOLS_so_ipv6);
	case LEVEL_PACKET:
		return symbols_of(abi, SYMBOLS_so_packet);
	case LEVEL_NETLINK:
		return symbols_of(abi, SYMBOLS_so_netlink);
	default:
		return NULL;
	}
}

/* Of the level in the argument before. */
char *put_sockopt_name(const struct printer *printer, char *p, unsigned i)
{
	const struct symbols *options = options_of(printer->abi, (uint32_t)value_of(printer, i - 1));

	if (options)
		return put_set_enum(printer, p, options, value_of(printer, i));
	return put_hash_hex(p, (uint32_t)value_of(printer, i));
}

static bool is_option(const struct printer *printer, unsigned i, uint32_t level, const char *name)
{
	const struct symbols *options = options_of(printer->abi, level);
	const struct symbol *symbol;

	if ((uint32_t)value_of(printer, i - 2) != level)
		return false;
	symbol = symbols_find(options, (uint32_t)value_of(printer, i - 1));
	return symbol && strcmp(symbol->name, name) == 0;
}

static char *put_linger(const struct printer *printer, char *p, const struct memory *memory)
{
	p = put_i64(PUT(p, "{l_onoff="), signed_at(printer, memory, 0, 4));
	p = put_i64(PUT(p, ", l_linger="), signed_at(printer, memory, 4, 4));
	return PUT(p, "}");
}

char *put_credentials(const struct printer *printer, char *p, const struct memory *memory)
{
	p = put_i64(PUT(p, "{pid="), signed_at(printer, memory, 0, 4));
	p = put_uid(PUT(p, ", uid="), number_at(printer, memory, 4, 4));
	p = put_uid(PUT(p, ", gid="), number_at(printer, memory, 8, 4));
	return PUT(p, "}");
}

/* {imr_multiaddr=…} of IP_ADD_MEMBERSHIP */
static char *put_membership(char *p, const struct memory *memory)
{
	char text[INET_ADDRSTRLEN];

	p = put_string(PUT(p, "{imr_multiaddr=inet_addr(\""), inet_ntop(AF_INET, memory->bytes, text, sizeof(text)));
	p = put_string(PUT(p, "\"), imr_interface=inet_addr(\""),
		       inet_ntop(AF_INET, memory->bytes + 4, text, sizeof(text)));
	return PUT(p, "\")}");
}

char *put_sockopt_arg(const struct printer *printer, char *p, unsigned i)
{
	struct memory memory =
		printer->signature->arg[i].direction & SST_READS ? memory_read(printer, i) : memory_written(printer, i);

	if (!memory.bytes)
		return put_address(p, value_of(printer, i));
	if (memory.len >= 8 && is_option(printer, i, LEVEL_SOCKET, "SO_LINGER"))
		return put_linger(printer, p, &memory);
	if (memory.len >= 12 && is_option(printer, i, LEVEL_SOCKET, "SO_PEERCRED"))
		return put_credentials(printer, p, &memory);
	if (memory.len == 8 && (is_option(printer, i, LEVEL_IP, "IP_ADD_MEMBERSHIP") ||
				is_option(printer, i, LEVEL_IP, "IP_DROP_MEMBERSHIP")))
		return put_membership(p, &memory);
	if (memory.len == 4) {
		const char *error = is_option(printer, i, LEVEL_SOCKET, "SO_ERROR")
					    ? sst_errno_name((int)signed_at(printer, &memory, 0, 4))
					    : NULL;

		p = error ? put_string(PUT(p, "["), error) : put_i64(PUT(p, "["), signed_at(printer, &memory, 0, 4));
		return PUT(p, "]");
	}
	return put_quoted(printer, p, memory.bytes, memory.len);
}
