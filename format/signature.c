/* signature.c - see signature.h; sst_signature() itself is in syscalls.c, where the tables are */
#include "signature.h"

#include <stddef.h>
#include <string.h>

#include "abi.h"
#include "rows.h"

static const struct {
	const char *name;
	uint16_t size64, size32;
} kinds[SST_KIND_COUNT] = {
#define X(name, size64, size32) [SST_KIND_##name] = {#name, size64, size32},
	SST_KIND_LIST(X)
#undef X
};

const char *sst_kind_name(unsigned kind)
{
	return kind < SST_KIND_COUNT ? kinds[kind].name : NULL;
}

/* x32 has short pointers and long longs. */
bool sst_kind_is_small(unsigned abi, unsigned kind)
{
	if (abi != SST_ABI_X32)
		return sst_abi_bits(abi) == 32;
	switch (kind) {
	case SST_KIND_ADDRESS:
	case SST_KIND_STRINGS:
	case SST_KIND_IOVEC:
	case SST_KIND_IOVEC_FROM:
	case SST_KIND_IOVEC_TO:
	case SST_KIND_MSGHDR:
	case SST_KIND_MMSGHDR:
	case SST_KIND_SIGACTION:
	case SST_KIND_SIGSET_PAIR:
	case SST_KIND_STACK:
	case SST_KIND_SECCOMP_ARG:
		return true;
	default:
		return false;
	}
}

/* The sizes that differ by more than the width of the ABI. */
static uint16_t special_size(unsigned abi, unsigned kind)
{
	bool x86 = abi == SST_ABI_X86_64 || abi == SST_ABI_I386 || abi == SST_ABI_X32;
	bool generic = abi == SST_ABI_AARCH64 || abi == SST_ABI_RISCV64;

	if (kind == SST_KIND_EPOLL_EVENT && x86)
		return 12;
	if (kind == SST_KIND_STAT && generic)
		return 128;
	if (kind == SST_KIND_STAT && abi == SST_ABI_PPC)
		return 72;
	if (kind == SST_KIND_STAT64 && abi == SST_ABI_I386)
		return 96;
	return 0;
}

static uint16_t size_of(unsigned abi, unsigned kind)
{
	uint16_t special = special_size(abi, kind);

	return special ? special : sst_kind_is_small(abi, kind) ? kinds[kind].size32 : kinds[kind].size64;
}

#define BIT(n) (UINT64_C(1) << (n))

/* Calls whose argument is a pointer only with some values of another one. Numbers of the Linux ABI, the same for all.
 */
static void add_condition(unsigned kind, unsigned i, struct sst_memory *memory)
{
	const uint64_t futex_waits = BIT(0) | BIT(6) | BIT(9) | BIT(11) | BIT(13); /* FUTEX_WAIT, FUTEX_LOCK_PI, … */
	/* F_GETLK, F_SETLK, F_SETLKW, F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW; those of 32-bit ABIs with 64: 12, 13, 14
	 */
	const uint64_t gets = BIT(5) | BIT(12) | BIT(36);
	const uint64_t sets = BIT(6) | BIT(7) | BIT(13) | BIT(14) | BIT(37) | BIT(38);

	memory->if_arg = SST_IF_ALWAYS;
	memory->if_mask = 0xff;
	switch (kind) {
	case SST_KIND_FUTEX_TIME:
	case SST_KIND_FUTEX_TIME64:
		memory->if_arg = (uint8_t)(i - 2);
		memory->if_mask = 0x7f; /* without FUTEX_PRIVATE_FLAG; FUTEX_CLOCK_REALTIME is beyond the mask */
		memory->if_bits = futex_waits;
		break;
	case SST_KIND_REMAINING:
	case SST_KIND_REMAINING64:
		if (i < 2)
			break;
		memory->if_arg = (uint8_t)(i - 2);
		memory->if_bits_written = BIT(0); /* not TIMER_ABSTIME */
		break;
	case SST_KIND_FCNTL_ARG:
		memory->if_arg = (uint8_t)(i - 1);
		memory->if_bits = gets | sets;
		memory->if_bits_written = gets;
		break;
	case SST_KIND_SECCOMP_ARG:
		memory->if_arg = (uint8_t)(i - 2);
		memory->if_bits = BIT(1) | BIT(2); /* SECCOMP_SET_MODE_FILTER, SECCOMP_GET_ACTION_AVAIL */
		memory->if_bits_written = BIT(3);  /* SECCOMP_GET_NOTIF_SIZES */
		break;
	case SST_KIND_PRCTL_ARG:
		memory->if_arg = (uint8_t)(i - 1);
		memory->if_bits = BIT(15); /* PR_SET_NAME */
		/* PR_GET_PDEATHSIG, PR_GET_NAME, PR_GET_CHILD_SUBREAPER, PR_GET_TID_ADDRESS */
		memory->if_bits_written = BIT(2) | BIT(16) | BIT(37) | BIT(40);
		break;
	default:
		break;
	}
}

static uint8_t form_of(unsigned kind, const struct sst_arg *arg)
{
	if (kind == SST_KIND_STRINGS)
		return SST_FORM_STRINGS;
	if ((kind == SST_KIND_PATH || kind == SST_KIND_STRING) && arg->direction == SST_READS &&
	    arg->count == SST_COUNT_FIXED)
		return SST_FORM_STRING;
	return SST_FORM_MEMORY;
}

bool sst_memory(unsigned abi, const struct sst_signature *signature, unsigned i, struct sst_memory *memory)
{
	const struct sst_arg *arg = &signature->arg[i];

	memset(memory, 0, sizeof(*memory));
	memory->size = i < signature->nargs && arg->direction ? size_of(abi, arg->kind) : 0;
	if (!memory->size)
		return false;
	memory->form = form_of(arg->kind, arg);
	memory->direction = arg->direction;
	memory->count = arg->count;
	memory->by = arg->by;
	memory->bits = arg->kind == SST_KIND_FDSET;
	add_condition(arg->kind, i, memory);
	return true;
}

/* struct user_msghdr: pointers and longs, but for the length of the name (include/linux/socket.h of the kernel). */
static bool message_pointer(unsigned width, unsigned n, struct sst_pointer *pointer)
{
	const struct sst_pointer name = {SST_KIND_SOCKADDR, 0, (uint8_t)width, (uint8_t)width, 4, 1};
	const struct sst_pointer vector = {SST_KIND_IOVEC,       (uint8_t)(2 * width), (uint8_t)width,
					   (uint8_t)(3 * width), (uint8_t)width,       (uint8_t)(2 * width)};
	const struct sst_pointer control = {SST_KIND_CONTROL,     (uint8_t)(4 * width), (uint8_t)width,
					    (uint8_t)(5 * width), (uint8_t)width,       1};

	*pointer = n == 0 ? name : n == 1 ? vector : control;
	return n < SST_POINTERS;
}

bool sst_pointer(unsigned abi, unsigned kind, unsigned n, struct sst_pointer *pointer)
{
	uint8_t width = sst_kind_is_small(abi, kind) ? 4 : 8;

	switch (kind) {
	case SST_KIND_MSGHDR:
	case SST_KIND_MMSGHDR:
		return message_pointer(width, n, pointer);
	case SST_KIND_IOVEC_FROM:
	case SST_KIND_IOVEC_TO:
		*pointer = (struct sst_pointer){SST_KIND_DATA, 0, width, width, width, 1};
		return n == 0;
	default:
		return false;
	}
}
