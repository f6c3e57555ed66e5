/* args_sockopt.c - options of sockets and their values: see args_put.h */
#include "args_put.h"

#include <arpa/inet.h>

#include "format/errno.h"

enum {
	LEVEL_IP = 0,
	LEVEL_SOCKET = 1,
	LEVEL_TCP = 6,
	LEVEL_UDP = 17,
	LEVEL_IPV6 = 41,
	LEVEL_RAW = 255,
	LEVEL_PACKET = 263,
	LEVEL_NETLINK = 270
};

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
	case LEVEL_RAW:
		return symbols_of(abi, SYMBOLS_so_raw);
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
static char *put_membership(const struct printer *printer, char *p, const struct memory *memory)
{
	char text[INET_ADDRSTRLEN];

	(void)printer;
	p = put_string(PUT(p, "{imr_multiaddr=inet_addr(\""), inet_ntop(AF_INET, memory->bytes, text, sizeof(text)));
	p = put_string(PUT(p, "\"), imr_interface=inet_addr(\""),
		       inet_ntop(AF_INET, memory->bytes + 4, text, sizeof(text)));
	return PUT(p, "\")}");
}

static char *put_membership6(const struct printer *printer, char *p, const struct memory *memory)
{
	char text[INET6_ADDRSTRLEN];

	p = put_string(PUT(p, "{inet_pton(AF_INET6, \""), inet_ntop(AF_INET6, memory->bytes, text, sizeof(text)));
	p = put_u64(PUT(p, "\", &ipv6mr_multiaddr), ipv6mr_interface="), number_at(printer, memory, 16, 4));
	return PUT(p, "}");
}

/* Which kinds of ICMP messages are kept out: [ICMP_ECHO], or ~[ICMP_ECHOREPLY] of all others. */
static char *put_icmp_filter(const struct printer *printer, char *p, const struct memory *memory)
{
	uint32_t bits = (uint32_t)number_at(printer, memory, 0, 4);
	bool invert = __builtin_popcount(bits) >= 32 * 2 / 3, begun = false;

	if (invert)
		*p++ = '~';
	*p++ = '[';
	for (unsigned i = 0; i < 32; i++) {
		if ((bits >> i & 1) == invert)
			continue;
		p = put_enum(printer, begun ? PUT(p, " ") : p, SYMBOLS_icmp_filter, i);
		begun = true;
	}
	return PUT(p, "]");
}

/* A program of struct sock_filter. */
static char *put_filter(const struct printer *printer, char *p, const struct memory *memory)
{
	p = put_u64(PUT(p, "{len="), number_at(printer, memory, 0, 2));
	p = put_address(PUT(p, ", filter="), long_at(printer, memory, 0, 1));
	return PUT(p, "}");
}

#define MAC_LEN 6

static char *put_packet_membership(const struct printer *printer, char *p, const struct memory *memory)
{
	size_t len = (size_t)number_at(printer, memory, 6, 2);
	struct memory address = part_of(memory, 8, len ? len : MAC_LEN);

	p = put_i64(PUT(p, "{mr_ifindex="), signed_at(printer, memory, 0, 4));
	p = put_enum(printer, PUT(p, ", mr_type="), SYMBOLS_packet_mr, number_at(printer, memory, 4, 2));
	p = put_u64(PUT(p, ", mr_alen="), len);
	p = put_mac(PUT(p, ", mr_address="), &address);
	return PUT(p, "}");
}

static char *put_packet_ring(const struct printer *printer, char *p, const struct memory *memory)
{
	static const char *const names[] = {"{tp_block_size=", ", tp_block_nr=", ", tp_frame_size=", ", tp_frame_nr="};

	for (size_t i = 0; i < 4; i++)
		p = put_u64(put_string(p, names[i]), number_at(printer, memory, 4 * i, 4));
	return PUT(p, "}");
}

static char *put_packet_counts(const struct printer *printer, char *p, const struct memory *memory)
{
	p = put_u64(PUT(p, "{tp_packets="), number_at(printer, memory, 0, 4));
	p = put_u64(PUT(p, ", tp_drops="), number_at(printer, memory, 4, 4));
	if (memory->len >= 12)
		p = put_u64(PUT(p, ", tp_freeze_q_cnt="), number_at(printer, memory, 8, 4));
	return PUT(p, "}");
}

static char *put_error(const struct printer *printer, char *p, const struct memory *memory)
{
	int64_t number = signed_at(printer, memory, 0, 4);
	const char *name = sst_errno_name((int)number);

	p = name ? put_string(PUT(p, "["), name) : put_i64(PUT(p, "["), number);
	return PUT(p, "]");
}

/* Options whose value is not just a number, and how many bytes it needs; most: more is another structure. */
static const struct option {
	const char *name;
	char *(*put)(const struct printer *printer, char *p, const struct memory *memory);
	uint32_t level;
	uint16_t least, most;
} special[] = {
	{"SO_LINGER", put_linger, LEVEL_SOCKET, 8, UINT16_MAX},
	{"SO_PEERCRED", put_credentials, LEVEL_SOCKET, 12, UINT16_MAX},
	{"SO_ERROR", put_error, LEVEL_SOCKET, 4, 4},
	{"SO_ATTACH_FILTER", put_filter, LEVEL_SOCKET, 8, 16},
	{"IP_ADD_MEMBERSHIP", put_membership, LEVEL_IP, 8, UINT16_MAX},
	{"IP_DROP_MEMBERSHIP", put_membership, LEVEL_IP, 8, UINT16_MAX},
	{"IPV6_ADD_MEMBERSHIP", put_membership6, LEVEL_IPV6, 20, UINT16_MAX},
	{"IPV6_DROP_MEMBERSHIP", put_membership6, LEVEL_IPV6, 20, UINT16_MAX},
	{"ICMP_FILTER", put_icmp_filter, LEVEL_RAW, 4, 4},
	{"PACKET_ADD_MEMBERSHIP", put_packet_membership, LEVEL_PACKET, 16, UINT16_MAX},
	{"PACKET_DROP_MEMBERSHIP", put_packet_membership, LEVEL_PACKET, 16, UINT16_MAX},
	{"PACKET_RX_RING", put_packet_ring, LEVEL_PACKET, 16, 16},
	{"PACKET_TX_RING", put_packet_ring, LEVEL_PACKET, 16, 16},
	{"PACKET_STATISTICS", put_packet_counts, LEVEL_PACKET, 8, 12},
};

char *put_sockopt_arg(const struct printer *printer, char *p, unsigned i)
{
	struct memory memory =
		printer->signature->arg[i].direction & SST_READS ? memory_read(printer, i) : memory_written(printer, i);

	if (!memory.bytes)
		return put_address(p, value_of(printer, i));
	for (const struct option *o = special; o < special + sizeof(special) / sizeof(special[0]); o++)
		if (memory.len >= o->least && memory.len <= o->most && is_option(printer, i, o->level, o->name))
			return o->put(printer, p, &memory);
	if (memory.len == 4) {
		p = put_i64(PUT(p, "["), signed_at(printer, &memory, 0, 4));
		return PUT(p, "]");
	}
	return put_quoted(printer, p, memory.bytes, memory.len);
}
