/* args_security.c - capget(), capset() and seccomp(): see args_put.h. Structures of
 * linux/{capability,seccomp,filter}.h. */
#include "args_put.h"

#define SET_SIZE 12 /* effective, permitted and inheritable: 32 bits each */

/* The first version had 32 capabilities; the kernel takes what it does not know for that, too. */
static bool has_high_bits(const struct printer *printer, const struct memory *header)
{
	enum { VERSION_2 = 0x20071026, VERSION_3 = 0x20080522 };
	uint64_t version = number_at(printer, header, 0, 4);

	return version == VERSION_2 || version == VERSION_3;
}

/* {version=_LINUX_CAPABILITY_VERSION_3, pid=0} */
char *put_capability_header(const struct printer *printer, char *p, const struct memory *memory)
{
	p = put_enum(printer, PUT(p, "{version="), SYMBOLS_cap_version, number_at(printer, memory, 0, 4));
	p = put_i64(PUT(p, ", pid="), signed_at(printer, memory, 4, 4));
	*p++ = '}';
	return p;
}

static char *put_set(const struct printer *printer, char *p, uint64_t low, uint64_t high)
{
	if (low || !high)
		p = put_flags(printer, p, SYMBOLS_cap_low, low);
	if (low && high)
		*p++ = '|';
	return high ? put_flags(printer, p, SYMBOLS_cap_high, high) : p;
}

/* {effective=1<<CAP_CHOWN|1<<CAP_BPF, permitted=..., inheritable=0}: a set has at most 900 characters. */
static char *put_sets(const struct printer *printer, char *p, const struct memory *memory)
{
	static const char *const names[] = {"{effective=", ", permitted=", ", inheritable="};

	for (size_t i = 0; i < 3 && p < printer->end; i++)
		p = put_set(printer, put_string(p, names[i]), number_at(printer, memory, 4 * i, 4),
			    number_at(printer, memory, SET_SIZE + 4 * i, 4));
	*p++ = '}';
	return p;
}

/* Without the header nobody knows what is there: an address. */
char *put_capability_data_arg(const struct printer *printer, char *p, unsigned i)
{
	bool read = printer->signature->arg[i].direction & SST_READS;
	struct memory header = memory_read(printer, 0),
		      memory = read ? memory_read(printer, i) : memory_written(printer, i);
	size_t size = has_high_bits(printer, &header) ? (size_t)2 * SET_SIZE : SET_SIZE;

	if (header.len < 8 || !memory.bytes || memory.len < size)
		return put_address(p, value_of(printer, i));
	memory = part_of(&memory, 0, size);
	return put_sets(printer, p, &memory);
}

/* {len=12, filter=0x7ffc1000}: struct sock_fprog */
static char *put_filter(const struct printer *printer, char *p, const struct memory *memory)
{
	p = put_u64(PUT(p, "{len="), number_at(printer, memory, 0, 2));
	p = put_address(PUT(p, ", filter="), long_at(printer, memory, 0, 1));
	*p++ = '}';
	return p;
}

static char *put_sizes(const struct printer *printer, char *p, const struct memory *memory)
{
	p = put_u64(PUT(p, "{seccomp_notif="), number_at(printer, memory, 0, 2));
	p = put_u64(PUT(p, ", seccomp_notif_resp="), number_at(printer, memory, 2, 2));
	p = put_u64(PUT(p, ", seccomp_data="), number_at(printer, memory, 4, 2));
	*p++ = '}';
	return p;
}

char *put_seccomp_arg(const struct printer *printer, char *p, unsigned i)
{
	enum { SET_MODE_FILTER = 1, GET_ACTION_AVAIL, GET_NOTIF_SIZES };
	uint32_t operation = (uint32_t)value_of(printer, 0);
	struct memory memory = operation == GET_NOTIF_SIZES ? memory_written(printer, i) : memory_read(printer, i);

	if (operation == SET_MODE_FILTER && memory.len >= (size_t)2 * width_of_long(printer))
		return put_filter(printer, p, &memory);
	if (operation == GET_ACTION_AVAIL && memory.len >= 4) {
		p = put_enum(printer, PUT(p, "["), SYMBOLS_seccomp_action, number_at(printer, &memory, 0, 4));
		return PUT(p, "]");
	}
	if (operation == GET_NOTIF_SIZES && memory.len >= 6)
		return put_sizes(printer, p, &memory);
	return put_address(p, value_of(printer, i));
}
