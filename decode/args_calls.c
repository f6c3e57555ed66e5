/* args_calls.c - calls in which one argument says what the others are: see args_put.h */
#include "args_put.h"

/* --- futex */

#define FUTEX_COMMAND_MASK 0x7f
#define FUTEX_PRIVATE      0x80
#define FUTEX_REALTIME     0x100

/* FUTEX_WAIT_PRIVATE|FUTEX_CLOCK_REALTIME */
static char *put_futex_op(const struct printer *printer, char *p, uint32_t op)
{
	const struct symbol *symbol = symbols_find(symbols_of(printer->abi, SYMBOLS_futex_op), op & FUTEX_COMMAND_MASK);

	if (!symbol || op > (FUTEX_COMMAND_MASK | FUTEX_PRIVATE | FUTEX_REALTIME))
		return PUT(put_hash_hex(p, op), " /* FUTEX_??? */");
	p = put_string(p, symbol->name);
	if (op & FUTEX_PRIVATE)
		p = PUT(p, "_PRIVATE");
	return op & FUTEX_REALTIME ? PUT(p, "|FUTEX_CLOCK_REALTIME") : p;
}

static char *put_bitset(char *p, uint32_t bits)
{
	return bits == UINT32_MAX ? PUT(p, "FUTEX_BITSET_MATCH_ANY") : put_hash_hex(p, bits);
}

/* FUTEX_OP_SET<<28|0<<12|FUTEX_OP_CMP_GT<<24|0x1: what FUTEX_WAKE_OP does, packed in one number. */
static char *put_wake_op(char *p, uint32_t v)
{
	static const char *const ops[] = {"FUTEX_OP_SET", "FUTEX_OP_ADD", "FUTEX_OP_OR", "FUTEX_OP_ANDN",
					  "FUTEX_OP_XOR"};
	static const char *const compares[] = {"FUTEX_OP_CMP_EQ", "FUTEX_OP_CMP_NE", "FUTEX_OP_CMP_LT",
					       "FUTEX_OP_CMP_LE", "FUTEX_OP_CMP_GT", "FUTEX_OP_CMP_GE"};
	uint32_t op = v >> 28 & 7, compare = v >> 24 & 15;

	if (v >> 31)
		p = PUT(p, "FUTEX_OP_OPARG_SHIFT<<28|");
	p = op < 5 ? put_string(p, ops[op]) : PUT(put_hash_hex(p, op), " /* FUTEX_OP_??? */");
	p = put_hash_hex(PUT(p, "<<28|"), v >> 12 & 0xfff);
	p = PUT(p, "<<12|");
	p = compare < 6 ? put_string(p, compares[compare]) : PUT(put_hash_hex(p, compare), " /* FUTEX_OP_CMP_??? */");
	return put_hash_hex(PUT(p, "<<24|"), v & 0xfff);
}

enum {
	WAIT = 0,
	WAKE,
	FD_OP,
	REQUEUE,
	CMP_REQUEUE,
	WAKE_OP,
	LOCK_PI,
	UNLOCK_PI,
	TRYLOCK_PI,
	WAIT_BITSET,
	WAKE_BITSET,
	WAIT_REQUEUE_PI,
	CMP_REQUEUE_PI,
	LOCK_PI2
};

/* The operation and val, then as many of the others as the operation takes. */
static char *put_futex(const struct printer *printer, char *p)
{
	uint32_t op = (uint32_t)value_of(printer, 1), val = (uint32_t)value_of(printer, 2);
	uint32_t val2 = (uint32_t)value_of(printer, 3), val3 = (uint32_t)value_of(printer, 5);
	unsigned command = op & FUTEX_COMMAND_MASK;

	p = put_futex_op(printer, PUT(p, ", "), op);
	if (command == UNLOCK_PI || command == TRYLOCK_PI)
		return p;
	if (command == LOCK_PI || command == LOCK_PI2)
		return put_value(printer, PUT(p, ", "), 3);
	p = put_u64(PUT(p, ", "), val);
	switch (command) {
	case WAIT:
		return put_value(printer, PUT(p, ", "), 3);
	case WAKE:
	case FD_OP:
		return p;
	case WAIT_BITSET:
		p = put_value(printer, PUT(p, ", "), 3);
		return put_bitset(PUT(p, ", "), val3);
	case WAKE_BITSET:
		return put_bitset(PUT(p, ", "), val3);
	case WAIT_REQUEUE_PI:
		p = put_value(printer, PUT(p, ", "), 3);
		return put_address(PUT(p, ", "), value_of(printer, 4));
	case REQUEUE:
	case CMP_REQUEUE:
	case CMP_REQUEUE_PI:
	case WAKE_OP:
		p = put_address(PUT(put_u64(PUT(p, ", "), val2), ", "), value_of(printer, 4));
		if (command == WAKE_OP)
			return put_wake_op(PUT(p, ", "), val3);
		return command == REQUEUE ? p : put_u64(PUT(p, ", "), val3);
	default:
		p = put_address(PUT(p, ", "), value_of(printer, 3));
		p = put_address(PUT(p, ", "), value_of(printer, 4));
		return put_hash_hex(PUT(p, ", "), val3);
	}
}

/* --- clone */

/* The argument with this name, or -1. */
static int find_arg(const struct printer *printer, const char *name)
{
	for (unsigned i = 0; i < printer->signature->nargs; i++)
		if (strcmp(printer->signature->arg[i].name, name) == 0)
			return (int)i;
	return -1;
}

/* parent_tid=[123]: written as soon as there is a child. */
static char *put_parent_tid(const struct printer *printer, char *p)
{
	unsigned i = (unsigned)find_arg(printer, "parent_tidptr");
	struct memory memory = memory_written(printer, i);

	if (memory.len >= 4) {
		p = put_i64(PUT(p, ", parent_tid=["), signed_at(printer, &memory, 0, 4));
		return PUT(p, "]");
	}
	return put_address(PUT(p, ", parent_tid="), value_of(printer, i));
}

/* Whatever the order of registers is; as many as the flags make use of. */
static char *put_clone(const struct printer *printer, char *p)
{
	uint64_t flags = value_of(printer, (unsigned)find_arg(printer, "clone_flags"));
	unsigned number = flags & 0xff;
	const struct symbols *symbols = symbols_of(printer->abi, SYMBOLS_clone);
	char *before;

	p = put_address(PUT(p, "child_stack="), value_of(printer, (unsigned)find_arg(printer, "newsp")));
	before = p = PUT(p, ", flags=");
	if (flags & ~UINT64_C(0xff))
		p = put_set_flags(printer, p, symbols, flags & ~UINT64_C(0xff));
	if (number) {
		if (p != before)
			*p++ = '|';
		p = put_signal(p, number);
	} else if (p == before) {
		*p++ = '0';
	}
	if (flags & 0x101000) /* CLONE_PARENT_SETTID, CLONE_PIDFD */
		p = put_parent_tid(printer, p);
	if (flags & 0x80000) /* CLONE_SETTLS */
		p = put_address(PUT(p, ", tls="), value_of(printer, (unsigned)find_arg(printer, "tls")));
	if (flags & 0x1200000) /* CLONE_CHILD_SETTID, CLONE_CHILD_CLEARTID */
		p = put_address(PUT(p, ", child_tidptr="),
				value_of(printer, (unsigned)find_arg(printer, "child_tidptr")));
	return p;
}

/* --- fcntl */

enum {
	DUPFD = 0,
	GETFD = 1,
	SETFD = 2,
	GETFL = 3,
	SETFL = 4,
	SETOWN = 8,
	GETOWN = 9,
	SETSIG = 10,
	GETSIG = 11,
	SETLEASE = 1024,
	GETLEASE = 1025,
	DUPFD_CLOEXEC = 1030,
	SETPIPE_SZ = 1031,
	GETPIPE_SZ = 1032,
	ADD_SEALS = 1033,
	GET_SEALS = 1034
};

/* F_GETLK, F_SETLK, F_SETLKW; those with 64 bits; those of open file descriptions */
static bool is_lock(uint32_t cmd)
{
	return (cmd >= 5 && cmd <= 7) || (cmd >= 12 && cmd <= 14) || (cmd >= 36 && cmd <= 38);
}

static bool gets_lock(uint32_t cmd)
{
	return cmd == 5 || cmd == 12 || cmd == 36;
}

static char *put_lock(const struct printer *printer, char *p, uint32_t cmd)
{
	struct memory memory = gets_lock(cmd) ? memory_written(printer, 2) : memory_read(printer, 2);

	if (memory.len < (printer->small ? 12u : 24u))
		return put_address(p, value_of(printer, 2));
	return put_flock(printer, p, &memory, !printer->small || cmd > 7, gets_lock(cmd));
}

static char *put_fcntl(const struct printer *printer, char *p)
{
	uint32_t cmd = (uint32_t)value_of(printer, 1);
	uint64_t arg = value_of(printer, 2);

	if (cmd == GETFD || cmd == GETFL || cmd == GETOWN || cmd == GETSIG || cmd == GETLEASE || cmd == GETPIPE_SZ ||
	    cmd == GET_SEALS)
		return p;
	p = PUT(p, ", ");
	if (is_lock(cmd))
		return put_lock(printer, p, cmd);
	switch (cmd) {
	case DUPFD:
	case DUPFD_CLOEXEC:
	case SETOWN:
	case SETPIPE_SZ:
		return put_i64(p, (int32_t)arg);
	case SETFD:
		return put_flags(printer, p, SYMBOLS_fd_flag, (uint32_t)arg);
	case SETFL:
		return put_open_flags(printer, p, (uint32_t)arg);
	case SETSIG:
		return put_signal(p, arg);
	case SETLEASE:
		return put_enum(printer, p, SYMBOLS_flock_type, (uint32_t)arg);
	case ADD_SEALS:
		return put_flags(printer, p, SYMBOLS_seal, (uint32_t)arg);
	default:
		return put_hash_hex(p, arg);
	}
}

/* --- prctl */

enum {
	PR_PDEATHSIG = 1,
	PR_GET_PDEATHSIG = 2,
	PR_DUMPABLE = 4,
	PR_KEEPCAPS = 8,
	PR_NAME_SET = 15,
	PR_NAME_GET = 16,
	PR_CAPBSET_READ = 23,
	PR_CAPBSET_DROP = 24,
	PR_GET_CHILD_SUBREAPER = 37,
	PR_GET_TID_ADDRESS = 40,
	PR_CAP_AMBIENT = 47,
	PR_PTRACER = 0x59616d61,
	PR_VMA = 0x53564d41
};

#define NAME_MOST 15 /* bytes of a thread's name */

static char *put_name(const struct printer *printer, char *p, bool written)
{
	struct memory memory = written ? memory_written(printer, 1) : memory_read(printer, 1);

	size_t len = memory.bytes ? strnlen((const char *)memory.bytes, memory.len) : 0;
	bool cut = !written && len >= NAME_MOST; /* as far as the kernel takes it, and strace reads it */

	if (!memory.bytes)
		return put_address(p, value_of(printer, 1));
	p = put_quoted(printer, p, memory.bytes, cut ? NAME_MOST : len);
	return cut ? PUT(p, "...") : p;
}

/* How many arguments each option takes, beyond itself; 4 unless it is here. */
static unsigned count_prctl(uint32_t option)
{
	switch (option) {
	case 3:  /* PR_GET_DUMPABLE */
	case 7:  /* PR_GET_KEEPCAPS */
	case 13: /* PR_GET_TIMING */
	case 21: /* PR_GET_SECCOMP */
	case 27: /* PR_GET_SECUREBITS */
	case 30: /* PR_GET_TIMERSLACK */
	case 31: /* PR_TASK_PERF_EVENTS_DISABLE */
	case 32: /* PR_TASK_PERF_EVENTS_ENABLE */
		return 0;
	case 1: /* PR_SET_PDEATHSIG */
	case 2:
	case 4: /* PR_SET_DUMPABLE */
	case 5:
	case 6:
	case 8:
	case 9:
	case 10:
	case 11:
	case 12:
	case 14:
	case 15: /* PR_SET_NAME */
	case 16:
	case 19:
	case 20:
	case 23: /* PR_CAPBSET_READ */
	case 24:
	case 25:
	case 26:
	case 28:
	case 29: /* PR_SET_TIMERSLACK */
	case 36: /* PR_SET_CHILD_SUBREAPER */
	case 37:
	case 40: /* PR_GET_TID_ADDRESS */
	case PR_PTRACER:
		return 1;
	default:
		return 4;
	}
}

/* What the call has written. */
static char *put_prctl_answer(const struct printer *printer, char *p, uint32_t option)
{
	struct memory memory = memory_written(printer, 1);

	if (memory.len < 8)
		return put_address(p, value_of(printer, 1));
	*p++ = '[';
	if (option == PR_GET_TID_ADDRESS)
		p = put_address(p, long_at(printer, &memory, 0, 0));
	else if (option == PR_GET_PDEATHSIG)
		p = put_signal(p, number_at(printer, &memory, 0, 4));
	else
		p = put_i64(p, signed_at(printer, &memory, 0, 4));
	*p++ = ']';
	return p;
}

static char *put_prctl_arg(const struct printer *printer, char *p, uint32_t option)
{
	uint64_t arg = value_of(printer, 1);

	switch (option) {
	case PR_PDEATHSIG:
		return put_signal(p, arg);
	case PR_DUMPABLE:
		return put_enum(printer, p, SYMBOLS_dumpable, arg);
	case PR_NAME_SET:
	case PR_NAME_GET:
		return put_name(printer, p, option == PR_NAME_GET);
	case PR_CAPBSET_READ:
	case PR_CAPBSET_DROP:
		return put_enum(printer, p, SYMBOLS_cap, arg);
	case PR_CAP_AMBIENT:
		return put_enum(printer, p, SYMBOLS_cap_ambient, arg);
	case PR_KEEPCAPS:
	case 29: /* PR_SET_TIMERSLACK */
	case 36: /* PR_SET_CHILD_SUBREAPER */
	case 38: /* PR_SET_NO_NEW_PRIVS */
	case 41: /* PR_SET_THP_DISABLE */
		return put_u64(p, arg);
	case PR_GET_PDEATHSIG:
	case PR_GET_CHILD_SUBREAPER:
	case PR_GET_TID_ADDRESS:
		return put_prctl_answer(printer, p, option);
	default:
		return put_hash_hex(p, arg);
	}
}

static char *put_prctl(const struct printer *printer, char *p)
{
	uint32_t option = (uint32_t)value_of(printer, 0);
	unsigned n = count_prctl(option);

	if (n >= 1)
		p = put_prctl_arg(printer, PUT(p, ", "), option);
	for (unsigned i = 2; i <= n; i++) {
		p = PUT(p, ", ");
		if (option == PR_CAP_AMBIENT && i == 2)
			p = put_enum(printer, p, SYMBOLS_cap, value_of(printer, i));
		else
			p = put_hash_hex(p, value_of(printer, i));
	}
	return p;
}

char *put_rest_of_call(const struct printer *printer, char *p, unsigned i)
{
	switch (printer->signature->arg[i].kind) {
	case SST_KIND_FUTEX_OP:
		return put_futex(printer, p);
	case SST_KIND_FCNTL_ARG:
		return put_fcntl(printer, p);
	case SST_KIND_PRCTL_ARG:
		return put_prctl(printer, p);
	case SST_KIND_IOCTL_ARG:
		return put_ioctl_rest(printer, p);
	default:
		return put_clone(printer, p);
	}
}
