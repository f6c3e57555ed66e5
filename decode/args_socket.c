/* args_socket.c - addresses of sockets in arguments, families and types: see args_put.h */
#include "args_put.h"

#include <arpa/inet.h>

/* Address families: the same numbers everywhere. */
enum {
	FAMILY_UNSPEC = 0,
	FAMILY_UNIX = 1,
	FAMILY_INET = 2,
	FAMILY_INET6 = 10,
	FAMILY_NETLINK = 16,
	FAMILY_PACKET = 17
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

/* 0x1, 0x2]: of a field of eight, whatever is said of its length. */
static char *put_hardware_bytes(char *p, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len && i < 8; i++)
		p = put_hash_hex(i ? PUT(p, ", ") : p, bytes[i]);
	return len > 8 ? PUT(p, ", ...]") : PUT(p, "]");
}

char *put_mac(char *p, const struct memory *memory)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < memory->len; i++) {
		if (i)
			*p++ = ':';
		*p++ = digits[memory->bytes[i] >> 4];
		*p++ = digits[memory->bytes[i] & 15];
	}
	return p;
}

static char *put_packet(const struct printer *printer, char *p, const struct memory *memory)
{
	p = put_enum(printer, PUT(p, ", sll_protocol=htons("), SYMBOLS_ethernet_protocol, port_at(memory, 2));
	p = put_u64(PUT(p, "), sll_ifindex="), number_at(printer, memory, 4, 4));
	p = put_enum(printer, PUT(p, ", sll_hatype="), SYMBOLS_arphrd, number_at(printer, memory, 8, 2));
	p = put_enum(printer, PUT(p, ", sll_pkttype="), SYMBOLS_packet_type, memory->bytes[10]);
	p = put_u64(PUT(p, ", sll_halen="), memory->bytes[11]);
	return memory->bytes[11] ? put_hardware_bytes(PUT(p, ", sll_addr=["), memory->bytes + 12, memory->bytes[11])
				 : p;
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
	else if (family == FAMILY_PACKET && memory->len >= 20)
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
