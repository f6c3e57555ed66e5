/* args_interface.c - ioctl() about network interfaces, struct ifreq: see args_put.h */
#include "args_put.h"

#define NAME_ROOM 16 /* IFNAMSIZ: the name, and then what the request is about */

/* As strace reads it: the last byte is a NUL's, or something is cut. */
static char *put_name(const struct printer *printer, char *p, const struct memory *memory, size_t at)
{
	struct memory name = part_of(memory, at, NAME_ROOM);
	size_t len = strnlen((const char *)name.bytes, name.len);
	bool cut = len == NAME_ROOM;

	return put_text(printer, p, name.bytes, cut ? len - 1 : len, cut);
}

static char *put_new_name(const struct printer *printer, char *p, const struct memory *memory)
{
	return put_name(printer, p, memory, NAME_ROOM);
}

static char *put_number(const struct printer *printer, char *p, const struct memory *memory)
{
	return put_i64(p, signed_at(printer, memory, NAME_ROOM, 4));
}

static char *put_interface_flags(const struct printer *printer, char *p, const struct memory *memory)
{
	return put_flags(printer, p, SYMBOLS_iff, number_at(printer, memory, NAME_ROOM, 2));
}

static char *put_protocol_address(const struct printer *printer, char *p, const struct memory *memory)
{
	struct memory address = part_of(memory, NAME_ROOM, 16);

	return put_sockaddr(printer, p, &address);
}

/* How long a hardware address is, of the kinds that are known: include/uapi/linux/if_arp.h */
static size_t hardware_len(uint64_t kind)
{
	switch (kind) {
	case 1: /* ARPHRD_ETHER, LOOPBACK, IEEE80211, …_PRISM, …_RADIOTAP */
	case 772:
	case 801:
	case 802:
	case 803:
		return 6;
	case 0: /* ARPHRD_NETROM, AX25 */
	case 3:
		return 7;
	case 768: /* ARPHRD_TUNNEL, SIT, IPGRE */
	case 776:
	case 778:
		return 4;
	default:
		return 14;
	}
}

static char *put_hardware_address(const struct printer *printer, char *p, const struct memory *memory)
{
	uint64_t kind = number_at(printer, memory, NAME_ROOM, 2);
	struct memory address = part_of(memory, NAME_ROOM + 2, hardware_len(kind));

	p = put_enum(printer, PUT(p, "{sa_family="), SYMBOLS_arphrd, kind);
	p = put_mac(PUT(p, ", sa_data="), &address);
	return PUT(p, "}");
}

/* Where its memory is in the machine's. */
static char *put_map(const struct printer *printer, char *p, const struct memory *memory)
{
	static const char *const small[] = {", irq=", ", dma=", ", port="};
	size_t at = NAME_ROOM + 2 * width_of_long(printer);

	p = put_hash_hex(PUT(p, "{mem_start="), long_at(printer, memory, NAME_ROOM, 0));
	p = put_hash_hex(PUT(p, ", mem_end="), long_at(printer, memory, NAME_ROOM, 1));
	p = put_hash_hex(PUT(p, ", base_addr="), number_at(printer, memory, at, 2));
	for (size_t i = 0; i < 3; i++)
		p = put_hash_hex(put_string(p, small[i]), number_at(printer, memory, at + 2 + i, 1));
	return PUT(p, "}");
}

#define REQUESTS      0x8900 /* the first of sockets' */
#define NAME_OF_INDEX 0x8910 /* SIOCGIFNAME, which does not begin with a name */

/* What a request is about; answers: it asks. By number: linux/sockios.h */
static const struct field {
	const char *name;
	char *(*put)(const struct printer *printer, char *p, const struct memory *memory);
	bool answers;
} fields[] = {
	[0x13] = {", ifr_flags=", put_interface_flags, true},
	[0x14] = {", ifr_flags=", put_interface_flags, false},
	[0x15] = {", ifr_addr=", put_protocol_address, true},
	[0x16] = {", ifr_addr=", put_protocol_address, false},
	[0x17] = {", ifr_dstaddr=", put_protocol_address, true},
	[0x18] = {", ifr_dstaddr=", put_protocol_address, false},
	[0x19] = {", ifr_broadaddr=", put_protocol_address, true},
	[0x1a] = {", ifr_broadaddr=", put_protocol_address, false},
	[0x1b] = {", ifr_netmask=", put_protocol_address, true},
	[0x1c] = {", ifr_netmask=", put_protocol_address, false},
	[0x1d] = {", ifr_metric=", put_number, true},
	[0x1e] = {", ifr_metric=", put_number, false},
	[0x21] = {", ifr_mtu=", put_number, true},
	[0x22] = {", ifr_mtu=", put_number, false},
	[0x23] = {", ifr_newname=", put_new_name, false},
	[0x24] = {", ifr_hwaddr=", put_hardware_address, false},
	[0x27] = {", ifr_hwaddr=", put_hardware_address, true},
	[0x29] = {", ifr_slave=", put_new_name, true},
	[0x30] = {", ifr_slave=", put_new_name, false},
	[0x31] = {", ifr_hwaddr=", put_hardware_address, false},
	[0x32] = {", ifr_hwaddr=", put_hardware_address, false},
	[0x33] = {", ifr_ifindex=", put_number, true},
	[0x37] = {", ifr_hwaddr=", put_hardware_address, false},
	[0x42] = {", ifr_qlen=", put_number, true},
	[0x43] = {", ifr_qlen=", put_number, false},
	[0x70] = {", ifr_map=", put_map, true},
	[0x71] = {", ifr_map=", put_map, false},
};

static const struct field *field_of(uint32_t request)
{
	uint32_t i = request - REQUESTS;

	return i < sizeof(fields) / sizeof(fields[0]) && fields[i].put ? &fields[i] : NULL;
}

bool is_interface_request(uint32_t request)
{
	return request == NAME_OF_INDEX || field_of(request);
}

char *put_interface_arg(const struct printer *printer, char *p, uint32_t request)
{
	struct memory asked = memory_read(printer, 2), answer = memory_written(printer, 2);
	const struct field *field = field_of(request);

	if (asked.len < 2 * NAME_ROOM)
		return put_address(p, value_of(printer, 2));
	if (!field) {
		p = put_number(printer, PUT(p, "{ifr_ifindex="), &asked);
		if (answer.len >= NAME_ROOM)
			p = put_name(printer, PUT(p, ", ifr_name="), &answer, 0);
		return PUT(p, "}");
	}
	p = put_name(printer, PUT(p, "{ifr_name="), &asked, 0);
	if (!field->answers)
		p = field->put(printer, put_string(p, field->name), &asked);
	else if (answer.len >= 2 * NAME_ROOM)
		p = field->put(printer, put_string(p, field->name), &answer);
	return PUT(p, "}");
}
