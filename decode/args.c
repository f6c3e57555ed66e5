/* args.c - the arguments of a call one by one: see args.h and args_put.h */
#include "args.h"

#include <stdlib.h>

#include "args_put.h"
#include "cell.h"
#include "escape.h"
#include "format/abi.h"
#include "format/errno.h"

struct args *args_new(void)
{
	return calloc(1, sizeof(struct args));
}

void args_free(struct args *args)
{
	free(args);
}

/* --- numbers with a meaning */

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

char *put_fd(char *p, uint64_t value)
{
	return put_i64(p, (int32_t)value);
}

#define AT_FDCWD_VALUE (-100)

static char *put_dirfd(char *p, uint64_t value)
{
	return (int32_t)value == AT_FDCWD_VALUE ? PUT(p, "AT_FDCWD") : put_fd(p, value);
}

char *put_uid(char *p, uint64_t value)
{
	return (uint32_t)value == UINT32_MAX ? PUT(p, "-1") : put_u64(p, (uint32_t)value);
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

static char *put_ipc_key(char *p, uint64_t value)
{
	return (uint32_t)value ? put_0x(p, (uint32_t)value) : PUT(p, "IPC_PRIVATE");
}

/* IPC_CREAT|0600 */
static char *put_ipc_flags(const struct printer *printer, char *p, uint64_t value, bool memory)
{
	const struct symbols *symbols = set_by_id(printer, memory ? SYMBOLS_shm_flag : SYMBOLS_ipc_flag);
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

static char *put_signed_long(const struct printer *printer, char *p, uint64_t value)
{
	return put_i64(p, printer->row->call->narrow ? (int32_t)value : (int64_t)value);
}

/*
 * How many entries a directory buffer has, or −1: their lengths lead exactly to its end. They are in linux_dirent64,
 * and where a long has 32 bits in linux_dirent at another place.
 */
static int64_t count_dirents(const struct printer *printer, const struct memory *memory, size_t at)
{
	int64_t n = 0;

	for (size_t offset = 0, len; offset < memory->len; offset += len, n++) {
		len = memory->len - offset > at + 2 ? (size_t)number_at(printer, memory, offset + at, 2) : 0;
		if (len <= at + 2 || len > memory->len - offset)
			return -1;
	}
	return n;
}

/* The address, and in a comment how many entries have been put there, if that is known. */
static char *put_dirents(const struct printer *printer, char *p, unsigned i)
{
	struct memory memory = memory_written(printer, i);
	int64_t n = -1;

	p = put_address(p, value_of(printer, i));
	if (!printer->ok)
		return p;
	if (row_ret(printer->row) == 0)
		n = 0;
	else if (memory.bytes && !memory.cut && memory.len == (uint64_t)row_ret(printer->row))
		n = count_dirents(printer, &memory, 16);
	if (n < 0 && memory.bytes && !memory.cut && printer->row->call->narrow)
		n = count_dirents(printer, &memory, 8);
	if (n < 0)
		return p;
	p = put_u64(PUT(p, " /* "), (uint64_t)n);
	return n == 1 ? PUT(p, " entry */") : PUT(p, " entries */");
}

/* The rest of put_value(). */
static char *put_special(const struct printer *printer, char *p, unsigned i)
{
	uint64_t value = value_of(printer, i);

	switch (printer->signature->arg[i].kind) {
	case SST_KIND_LOFF:
		return put_i64(p, (int64_t)wide_value(printer, i));
	case SST_KIND_LMASK:
		return put_hash_hex(p, wide_value(printer, i));
	case SST_KIND_PAGES:
		return put_hash_hex(p, value << 12);
	case SST_KIND_POS_LOW:
		return put_position(printer, p, i);
	case SST_KIND_UID:
		return put_uid(p, value);
	case SST_KIND_UID16:
		return (value & 0xffff) == 0xffff ? PUT(p, "-1") : put_u64(p, value & 0xffff);
	case SST_KIND_MODE:
	case SST_KIND_OPEN_MODE:
		return put_mode(p, value);
	case SST_KIND_FILE_MODE:
		return put_file_mode(printer, p, value);
	case SST_KIND_DIRENTS:
		return put_dirents(printer, p, i);
	case SST_KIND_DEVICE:
		return put_device(p, (uint32_t)value);
	case SST_KIND_SIGNAL:
		return put_signal(p, value);
	case SST_KIND_HANDLER:
		return put_handler(p, value);
	case SST_KIND_IOCTL_REQUEST:
		return put_ioctl_request(printer, p, value);
	case SST_KIND_SOCKET_TYPE:
		return put_socket_type(printer, p, value);
	case SST_KIND_SOCKET_PROTOCOL:
		return put_socket_protocol(printer, p, i);
	case SST_KIND_SOCKOPT_NAME:
		return put_sockopt_name(printer, p, i);
	case SST_KIND_IPC_KEY:
		return put_ipc_key(p, value);
	case SST_KIND_IPC_CMD:
		return put_ipc_cmd(printer, p, value);
	case SST_KIND_IPC_FLAGS:
	case SST_KIND_SHM_FLAGS:
		return put_ipc_flags(printer, p, value, printer->signature->arg[i].kind == SST_KIND_SHM_FLAGS);
	case SST_KIND_IOPRIO:
		return put_ioprio(printer, p, value);
	case SST_KIND_PERSONALITY:
		return put_personality(printer, p, value);
	default:
		return put_address(p, value);
	}
}

/* The address, and in a comment how many there are if that is known. */
static char *put_environment(const struct printer *printer, char *p, unsigned i)
{
	struct memory memory = memory_read(printer, i);
	uint32_t n;

	p = put_address(p, value_of(printer, i));
	if (memory.len != 4 || memory.cut)
		return p;
	n = (uint32_t)number_at(printer, &memory, 0, 4);
	p = put_u64(PUT(p, " /* "), n);
	return n == 1 ? PUT(p, " var */") : PUT(p, " vars */");
}

/* What an argument points to, of which something may have been captured. */
static char *put_pointee(const struct printer *printer, char *p, unsigned i)
{
	switch (printer->signature->arg[i].kind) {
	case SST_KIND_PATH:
	case SST_KIND_STRING:
		return put_text_arg(printer, p, i);
	case SST_KIND_STRINGS:
		return put_strings_arg(printer, p, i);
	case SST_KIND_ENVIRONMENT:
		return put_environment(printer, p, i);
	case SST_KIND_DATA:
	case SST_KIND_XATTR:
		return put_data_arg(printer, p, i);
	case SST_KIND_SOCKADDR:
		return put_sockaddr_arg(printer, p, i);
	case SST_KIND_SOCKLEN:
		return put_socklen_arg(printer, p, i);
	case SST_KIND_SOCKOPT:
		return put_sockopt_arg(printer, p, i);
	case SST_KIND_IOVEC_FROM:
	case SST_KIND_IOVEC_TO:
		return put_vector_arg(printer, p, i);
	case SST_KIND_MSGHDR:
		return put_message_arg(printer, p, i);
	case SST_KIND_MMSGHDR:
		return put_messages_arg(printer, p, i);
	case SST_KIND_FDSET:
		return put_fdset_arg(printer, p, i);
	case SST_KIND_CAP_DATA:
		return put_capability_data_arg(printer, p, i);
	case SST_KIND_SECCOMP_ARG:
		return put_seccomp_arg(printer, p, i);
	case SST_KIND_SIGACTION:
	case SST_KIND_OLD_SIGACTION:
	case SST_KIND_SIGINFO:
	case SST_KIND_SIGEVENT:
	case SST_KIND_SIGSET_PAIR:
	case SST_KIND_WAIT_STATUS:
		return put_signal_memory(printer, p, i);
	default:
		return put_memory_arg(printer, p, i);
	}
}

/* wait4() has found nobody who has changed: whatever is there is not what it has said. */
static bool has_waited_in_vain(const struct printer *printer, unsigned i)
{
	const struct sst_signature *signature = printer->signature;

	return printer->ok && printer->row->ret == 0 && signature->nargs >= 3 &&
	       signature->arg[1].kind == SST_KIND_WAIT_STATUS && (i == 1 || i == 3);
}

/* The type and the data of a mount() that changes what is mounted, or mounts it elsewhere: nobody reads them. */
static bool is_ignored_by_mount(const struct printer *printer, unsigned i)
{
	enum { REMOUNT = 1 << 5, BIND = 1 << 12, MOVE = 1 << 13, PROPAGATIONS = 15 << 17 };
	const struct sst_arg *flags = &printer->signature->arg[3];
	uint64_t value = value_of(printer, 3);

	if (flags->kind != SST_KIND_FLAGS || flags->param != SST_SET_mount || (i != 2 && i != 4))
		return false;
	if ((value & 0xffff0000) == 0xc0ed0000) /* a magic number of long ago */
		value &= 0xffff;
	return value & REMOUNT ? i == 2 : (value & (BIND | MOVE | PROPAGATIONS)) != 0;
}

static char *put_captured(const struct printer *printer, char *p, unsigned i)
{
	bool small = sst_kind_is_small(printer->abi, printer->signature->arg[i].kind);
	struct printer of_kind;

	if (has_waited_in_vain(printer, i) || is_ignored_by_mount(printer, i))
		return put_address(p, value_of(printer, i));
	if (small == printer->small)
		return put_pointee(printer, p, i);
	of_kind = *printer;
	of_kind.small = small;
	return put_pointee(&of_kind, p, i);
}

/* Most numbers are small. */
static inline char *put_number(char *p, uint64_t v)
{
	if (v >= 10)
		return put_u64(p, v);
	*p = (char)('0' + v);
	return p + 1;
}

char *put_value(const struct printer *printer, char *p, unsigned i)
{
	const struct sst_arg *arg = &printer->signature->arg[i];
	uint64_t value = value_of(printer, i);

	if (arg->direction)
		return printer->row->n_captures || memory_is_none(printer, i) ? put_captured(printer, p, i)
									      : put_address(p, value);
	switch (arg->kind) {
	case SST_KIND_FD:
	case SST_KIND_INT:
	case SST_KIND_PID:
		return (int32_t)value < 0 ? put_i64(p, (int32_t)value) : put_number(p, (uint32_t)value);
	case SST_KIND_UINT:
		return put_number(p, (uint32_t)value);
	case SST_KIND_ULONG:
	case SST_KIND_SIZE:
		return put_number(p, value);
	case SST_KIND_ADDRESS:
		return put_address(p, value);
	case SST_KIND_DIRFD:
		return put_dirfd(p, value);
	case SST_KIND_FLAGS:
		return put_flags_arg(printer, p, i);
	case SST_KIND_ENUM:
		return put_enum_arg(printer, p, i);
	case SST_KIND_LONG:
	case SST_KIND_OFFSET:
		return put_signed_long(printer, p, value);
	case SST_KIND_HEX:
		return put_hash_hex(p, (uint32_t)value);
	case SST_KIND_LHEX:
		return put_hash_hex(p, value);
	case SST_KIND_MMAP_FLAGS:
		return put_mmap_flags(printer, p, value);
	default:
		return put_special(printer, p, i);
	}
}

/* --- the call */

#define CREATES (0100 | 020000000) /* O_CREAT, __O_TMPFILE */

/* Does the value before say that this one is not looked at? */
static bool is_left_out(const struct printer *printer, unsigned i)
{
	unsigned kind = printer->signature->arg[i].kind, type;

	switch (kind) {
	case SST_KIND_UNUSED:
	case SST_KIND_POS_HIGH:
		return true;
	case SST_KIND_OPEN_MODE:
		return !(value_of(printer, i - 1) & CREATES);
	case SST_KIND_DEVICE:
		type = i > 0 ? (unsigned)value_of(printer, i - 1) & 0170000 : 0020000;
		return type != 0020000 && type != 0060000;
	case SST_KIND_MREMAP_TO:
		return !(value_of(printer, i - 1) & (2 | 4)); /* MREMAP_FIXED, MREMAP_DONTUNMAP */
	case SST_KIND_REBOOT_ARG:
		return (uint32_t)value_of(printer, i - 1) != 0xa1b2c3d4; /* LINUX_REBOOT_CMD_RESTART2 */
	default:
		return false;
	}
}

static char *put_each(const struct printer *printer, char *p, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		unsigned kind = printer->signature->arg[i].kind;

		if (kind >= SST_KIND_FIRST_OF_REST)
			return put_rest_of_call(printer, p, i);
		if (is_left_out(printer, i))
			continue;
		if (i > 0) {
			*p++ = ',';
			*p++ = ' ';
		}
		p = put_value(printer, p, i);
	}
	return p;
}

static char *put_unknown(char *p, const struct row *row)
{
	for (unsigned i = 0; i < row->call->nargs; i++) {
		uint64_t value = row->call->narrow ? (uint32_t)row->arg[i] : row->arg[i];

		p = put_hash_hex(i ? PUT(p, ", ") : p, value);
	}
	return p;
}

static struct printer printer_of(struct args *args, char *p, const struct row *row)
{
	unsigned abi = row->call->abi;

	return (struct printer){
		.row = row,
		.signature = row->call->signature,
		.args = args,
		.end = p + ARGS_TEXT,
		.abi = abi < SST_ABI_COUNT ? abi : SST_ABI_UNKNOWN,
		.ok = sst_state_has_ret(row->state) && !row_error(row),
		.small = row->call->narrow,
		.big = abi == SST_ABI_S390X || abi == SST_ABI_S390 || abi == SST_ABI_PPC64 || abi == SST_ABI_PPC,
	};
}

char *args_put(struct args *args, char *p, const struct row *row)
{
	unsigned n = row->call->nargs;
	struct printer printer;

	if (n == 0)
		return p;
	if (!row->call->signature)
		return put_unknown(p, row);
	printer = printer_of(args, p, row);
	return put_each(&printer, p, n < printer.signature->nargs ? n : printer.signature->nargs);
}

#define CELL_MAX 4096 /* the text is far from being cut */

/* Does it begin with a quotation mark? */
static bool begins_with_string(const struct row *row)
{
	const struct sst_signature *signature = row->call->signature;

	return signature && row->n_captures > 0 && row->captures[0].arg == 0 &&
	       (signature->arg[0].kind == SST_KIND_PATH || signature->arg[0].kind == SST_KIND_STRING);
}

/* The first character of a cell is written as four where it could make a formula: as a rule there is room before it. */
static char *put_first(char *p, char *start, char *end)
{
	size_t len = (size_t)(end - start);
	char first = *start;

	if (!escape_formula(first)) {
		memmove(p, start, len);
		return p + len;
	}
	memmove(p + 4, start + 1, len - 1);
	p[0] = '\\';
	p[1] = 'x';
	p[2] = (char)('0' + (first >> 4));
	p[3] = "0123456789abcdef"[first & 15];
	return p + 3 + len;
}

char *args_put_cell(struct args *args, char *p, const struct row *row)
{
	char *start = p + (begins_with_string(row) ? 3 : 0), *end;

	args->cell = row->n_captures > 0;
	args->dirty = false;
	end = args_put(args, start, row);
	args->cell = false;
	if (end == start)
		return p;
	if (row->n_captures == 0)
		return escape_formula(*start) ? NULL : end;
	if (args->dirty || end - start > CELL_MAX)
		return NULL;
	return start == p && !escape_formula(*p) ? end : put_first(p, start, end);
}

/* --- the result */

static char *put_error(char *p, int error)
{
	const char *name = sst_errno_name(-error);

	p = PUT(p, "-1 ");
	return name ? put_string(p, name) : put_i64(p, -error);
}

/* " (flags O_RDWR)": what a number means that fcntl() has got. */
static char *put_fcntl_result(const struct printer *printer, char *p, uint64_t ret)
{
	uint32_t cmd = (uint32_t)value_of(printer, 1);
	enum { GETFD = 1, GETFL = 3 };

	if (cmd != GETFD && cmd != GETFL)
		return put_i64(p, (int64_t)ret);
	p = put_hash_hex(p, ret);
	if (cmd == GETFL)
		p = put_open_flags(printer, PUT(p, " (flags "), ret);
	else if (ret)
		p = put_flags(printer, PUT(p, " (flags "), SYMBOLS_fd_flag, ret);
	else
		return p;
	return PUT(p, ")");
}

/* " (Timeout)", " ([{fd=3, revents=POLLIN}])": what came out of waiting. */
static char *put_waited(const struct printer *printer, char *p, int64_t ret)
{
	struct memory polled;

	p = put_i64(p, ret);
	if (ret == 0)
		return PUT(p, " (Timeout)");
	polled = memory_written(printer, 0);
	if (!polled.bytes)
		return p;
	return PUT(put_polled(printer, PUT(p, " ("), &polled), ")");
}

static bool has_arg(const struct printer *printer, unsigned i, unsigned kind)
{
	return printer->signature && i < printer->signature->nargs && printer->signature->arg[i].kind == kind;
}

char *args_put_result(struct args *args, char *p, const struct row *row)
{
	struct printer printer = printer_of(args, p, row);
	uint64_t ret = row->call->narrow ? (uint32_t)row->ret : row->ret;

	if (!sst_state_has_ret(row->state))
		return PUT(p, "?");
	if (row_error(row))
		return put_error(p, row_error(row));
	if (has_arg(&printer, 2, SST_KIND_FCNTL_ARG))
		return put_fcntl_result(&printer, p, ret);
	if (has_arg(&printer, 0, SST_KIND_POLLFD))
		return put_waited(&printer, p, row_ret(row));
	if (row->call->pointer || (printer.signature && printer.signature->result == SST_KIND_ADDRESS))
		return put_hash_hex(p, ret);
	if (printer.signature && printer.signature->result == SST_KIND_MODE)
		return put_mode(p, ret);
	if (printer.signature && printer.signature->result == SST_KIND_HEX)
		return put_hash_hex(p, (uint32_t)ret);
	p = put_i64(p, row_ret(row));
	if (printer.signature && printer.signature->result == SST_KIND_ENUM) {
		p = put_set_enum(&printer, PUT(p, " ("), set_of(&printer, printer.signature->result_param), ret);
		p = PUT(p, ")");
	}
	return p;
}
