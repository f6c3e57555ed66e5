/* args_values.c - one argument, printed as its kind wants it: see args_put.h */
#include "args_put.h"

/* --- memory */

/* What an argument of one of these kinds points to; of all others see put_memory_arg(). */
static char *(*const pointees[SST_KIND_COUNT])(const struct printer *printer, char *p, unsigned i) = {
	[SST_KIND_PATH] = put_text_arg,
	[SST_KIND_STRING] = put_text_arg,
	[SST_KIND_STRINGS] = put_strings_arg,
	[SST_KIND_ENVIRONMENT] = put_environment_arg,
	[SST_KIND_DATA] = put_data_arg,
	[SST_KIND_XATTR] = put_data_arg,
	[SST_KIND_SOCKADDR] = put_sockaddr_arg,
	[SST_KIND_SOCKLEN] = put_socklen_arg,
	[SST_KIND_SOCKOPT] = put_sockopt_arg,
	[SST_KIND_IOVEC_FROM] = put_vector_arg,
	[SST_KIND_IOVEC_TO] = put_vector_arg,
	[SST_KIND_MSGHDR] = put_message_arg,
	[SST_KIND_MMSGHDR] = put_messages_arg,
	[SST_KIND_FDSET] = put_fdset_arg,
	[SST_KIND_CAP_DATA] = put_capability_data_arg,
	[SST_KIND_SECCOMP_ARG] = put_seccomp_arg,
	[SST_KIND_REMAINING] = put_remaining_arg,
	[SST_KIND_REMAINING64] = put_remaining_arg,
	[SST_KIND_SIGACTION] = put_signal_memory,
	[SST_KIND_OLD_SIGACTION] = put_signal_memory,
	[SST_KIND_SIGINFO] = put_signal_memory,
	[SST_KIND_SIGEVENT] = put_signal_memory,
	[SST_KIND_SIGSET_PAIR] = put_signal_memory,
	[SST_KIND_WAIT_STATUS] = put_signal_memory,
};

static char *put_pointee(const struct printer *printer, char *p, unsigned i)
{
	char *(*put)(const struct printer *, char *, unsigned) = pointees[printer->signature->arg[i].kind];

	return put ? put(printer, p, i) : put_memory_arg(printer, p, i);
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

/* --- the value */

static char *put_signed_long(const struct printer *printer, char *p, uint64_t value)
{
	return put_i64(p, printer->row->call->narrow ? (int32_t)value : (int64_t)value);
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
		return put_number_arg(printer, p, i);
	}
}
