/* args_numbers.c - numbers with a meaning, descriptors to personalities: see args_put.h */
#include "args_put.h"

/* --- descriptors */

char *put_fd(char *p, uint64_t value)
{
	return put_i64(p, (int32_t)value);
}

#define AT_FDCWD_VALUE (-100)

char *put_dirfd(char *p, uint64_t value)
{
	return (int32_t)value == AT_FDCWD_VALUE ? PUT(p, "AT_FDCWD") : put_fd(p, value);
}

/* --- users, permissions, devices */

char *put_uid(char *p, uint64_t value)
{
	return (uint32_t)value == UINT32_MAX ? PUT(p, "-1") : put_u64(p, (uint32_t)value);
}

static char *put_uid16(char *p, uint64_t value)
{
	return (value & 0xffff) == 0xffff ? PUT(p, "-1") : put_u64(p, value & 0xffff);
}

/* As printf has %#o with at least digits characters. */
static char *put_octal(char *p, uint64_t v, unsigned digits)
{
	char text[24], *t = text + sizeof(text);

	while (v || digits > 0) {
		*--t = (char)('0' + (v & 7));
		v >>= 3;
		digits -= digits > 0;
	}
	memcpy(p, t, (size_t)(text + sizeof(text) - t));
	return p + (text + sizeof(text) - t);
}

/* 0644, 000 */
char *put_mode(char *p, uint64_t value)
{
	value &= 0xffff;
	if (value >= 0100)
		*p++ = '0';
	return put_octal(p, value, 3);
}

/* S_IFREG|S_ISUID|0755 */
char *put_file_mode(const struct printer *printer, char *p, uint64_t value)
{
	const struct symbols *types = set_by_id(printer, SYMBOLS_file_type);
	const struct symbol *type = value & 0170000 ? symbols_find(types, value & 0170000) : NULL;

	value &= 0xffff;
	if (type) {
		p = PUT(put_string(p, type->name), "|");
		value &= 07777;
	}
	if (value & 07000 && !(value & ~UINT64_C(07777))) {
		p = put_more_flags(p, set_by_id(printer, SYMBOLS_file_bit), value & 07000, false);
		*p++ = '|';
		value &= 0777;
	}
	if (value >= 0100)
		*p++ = '0';
	return put_octal(p, value, 3);
}

/* As the kernel packs them: 12 bits of the major number in the middle, and what is more than that above 32 bits. */
char *put_device(char *p, uint64_t value)
{
	uint64_t major = (value >> 8 & 0xfff) | (value >> 32 & ~UINT64_C(0xfff));
	uint64_t minor = (value & 0xff) | (value >> 12 & 0xffffff00);

	p = put_hash_hex(PUT(p, "makedev("), major);
	p = put_hash_hex(PUT(p, ", "), minor);
	return PUT(p, ")");
}

/* A register has 32 bits of it. */
static char *put_device_arg(char *p, uint64_t value)
{
	return put_device(p, (uint32_t)value);
}

/* --- IPC of System V */

static char *put_ipc_key(char *p, uint64_t value)
{
	return (uint32_t)value ? put_0x(p, (uint32_t)value) : PUT(p, "IPC_PRIVATE");
}

/* IPC_CREAT|0600 */
static char *put_ipc_flags_of(char *p, const struct symbols *symbols, uint64_t value)
{
	uint64_t flags = value & 0xfffffe00;

	for (size_t i = 0; i < symbols->n; i++) {
		if ((flags & symbols->list[i].value) != symbols->list[i].value)
			continue;
		p = PUT(put_string(p, symbols->list[i].name), "|");
		flags &= ~symbols->list[i].value;
	}
	if (flags)
		p = PUT(put_0x(p, flags), "|");
	return put_mode(p, value & 0777);
}

static char *put_ipc_flags(const struct printer *printer, char *p, uint64_t value)
{
	return put_ipc_flags_of(p, set_by_id(printer, SYMBOLS_ipc_flag), value);
}

static char *put_shm_flags(const struct printer *printer, char *p, uint64_t value)
{
	return put_ipc_flags_of(p, set_by_id(printer, SYMBOLS_shm_flag), value);
}

#define IPC_64 0x100

/* Of messages, memory and semaphores, as the name of the first argument says: msqid, shmid, semid. */
static char *put_ipc_cmd(const struct printer *printer, char *p, uint64_t value)
{
	const char *name = printer->signature->arg[0].name;
	enum symbols_id id = *name == 'm' ? SYMBOLS_msg_cmd : name[1] == 'h' ? SYMBOLS_shm_cmd : SYMBOLS_sem_cmd;

	if (value & IPC_64)
		p = PUT(p, "IPC_64|");
	return put_enum(printer, p, id, value & ~(uint64_t)IPC_64);
}

/* --- processes */

static char *put_ioprio(const struct printer *printer, char *p, uint64_t value)
{
	p = put_enum(printer, PUT(p, "IOPRIO_PRIO_VALUE("), SYMBOLS_ioprio_class, (uint32_t)value >> 13);
	p = put_u64(PUT(p, ", "), value & 0x1fff);
	return PUT(p, ")");
}

static char *put_personality(const struct printer *printer, char *p, uint64_t value)
{
	uint32_t v = (uint32_t)value;

	if (v == UINT32_MAX)
		return PUT(p, "0xffffffff");
	p = put_enum(printer, p, SYMBOLS_personality_type, v & 0xff);
	return put_more_flags(p, set_by_id(printer, SYMBOLS_personality_flag), v & ~0xffu, true);
}

/* --- numbers of more than one register */

/* The two registers of a 64-bit number. */
static uint64_t wide_value(const struct printer *printer, unsigned i)
{
	uint64_t first = value_of(printer, i);

	switch (printer->signature->arg[i].param) {
	case SST_PAIR_LOW_HIGH:
		return first | value_of(printer, i + 1) << 32;
	case SST_PAIR_HIGH_LOW:
		return first << 32 | value_of(printer, i + 1);
	default:
		return printer->row->arg[i];
	}
}

/* On 32-bit ABIs the next register has the rest. */
static char *put_position(const struct printer *printer, char *p, unsigned i)
{
	uint64_t low = value_of(printer, i);

	return put_i64(p, (int64_t)(printer->row->call->narrow ? low | value_of(printer, i + 1) << 32 : low));
}

static char *put_wide(const struct printer *printer, char *p, unsigned i)
{
	return put_i64(p, (int64_t)wide_value(printer, i));
}

static char *put_wide_mask(const struct printer *printer, char *p, unsigned i)
{
	return put_hash_hex(p, wide_value(printer, i));
}

static char *put_pages(char *p, uint64_t value)
{
	return put_hash_hex(p, value << 12);
}

/* --- the arguments */

/* How a number of one of these kinds is printed: by its value, for an ABI or a call, or with the registers beside it.
 */
static const struct kind {
	char *(*by_value)(char *p, uint64_t value);
	char *(*by_call)(const struct printer *printer, char *p, uint64_t value);
	char *(*by_place)(const struct printer *printer, char *p, unsigned i);
} kinds[SST_KIND_COUNT] = {
	[SST_KIND_LOFF] = {.by_place = put_wide},
	[SST_KIND_LMASK] = {.by_place = put_wide_mask},
	[SST_KIND_PAGES] = {.by_value = put_pages},
	[SST_KIND_POS_LOW] = {.by_place = put_position},
	[SST_KIND_UID] = {.by_value = put_uid},
	[SST_KIND_UID16] = {.by_value = put_uid16},
	[SST_KIND_MODE] = {.by_value = put_mode},
	[SST_KIND_OPEN_MODE] = {.by_value = put_mode},
	[SST_KIND_FILE_MODE] = {.by_call = put_file_mode},
	[SST_KIND_DIRENTS] = {.by_place = put_dirents_arg},
	[SST_KIND_DEVICE] = {.by_value = put_device_arg},
	[SST_KIND_SIGNAL] = {.by_value = put_signal},
	[SST_KIND_HANDLER] = {.by_call = put_handler},
	[SST_KIND_IOCTL_REQUEST] = {.by_call = put_ioctl_request},
	[SST_KIND_SOCKET_TYPE] = {.by_call = put_socket_type},
	[SST_KIND_SOCKET_PROTOCOL] = {.by_place = put_socket_protocol},
	[SST_KIND_SOCKOPT_NAME] = {.by_place = put_sockopt_name},
	[SST_KIND_IPC_KEY] = {.by_value = put_ipc_key},
	[SST_KIND_IPC_CMD] = {.by_call = put_ipc_cmd},
	[SST_KIND_IPC_FLAGS] = {.by_call = put_ipc_flags},
	[SST_KIND_SHM_FLAGS] = {.by_call = put_shm_flags},
	[SST_KIND_IOPRIO] = {.by_call = put_ioprio},
	[SST_KIND_PERSONALITY] = {.by_call = put_personality},
};

char *put_number_arg(const struct printer *printer, char *p, unsigned i)
{
	const struct kind *kind = &kinds[printer->signature->arg[i].kind];
	uint64_t value = value_of(printer, i);

	if (kind->by_value)
		return kind->by_value(p, value);
	if (kind->by_call)
		return kind->by_call(printer, p, value);
	return kind->by_place ? kind->by_place(printer, p, i) : put_address(p, value);
}
