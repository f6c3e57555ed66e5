/* args_symbols.c - flags and symbols by their names: see args_put.h */
#include "args_put.h"

/* --- the sets of an ABI */

static const struct sets *sets_of(const struct printer *printer)
{
	struct sets *sets = &printer->args->sets[printer->abi];

	if (sets->known)
		return sets;
	for (unsigned i = 0; i < SST_SET_COUNT; i++)
		sets->of[i] = symbols_of_set(printer->abi, i);
	for (unsigned i = 0; i < SYMBOLS_COUNT; i++)
		sets->by_id[i] = symbols_of(printer->abi, i);
	sets->known = true;
	return sets;
}

const struct symbols *set_of(const struct printer *printer, unsigned set)
{
	return sets_of(printer)->of[set];
}

const struct symbols *set_by_id(const struct printer *printer, enum symbols_id id)
{
	return sets_of(printer)->by_id[id];
}

/* --- flags and symbols */

char *put_more_flags(char *p, const struct symbols *symbols, uint64_t value, bool begun)
{
	bool named = begun;

	for (size_t i = 0; i < symbols->n && value; i++) {
		const struct symbol *symbol = &symbols->list[i];

		if (!symbol->value || (value & symbol->value) != symbol->value)
			continue;
		if (named)
			*p++ = '|';
		named = true;
		memcpy(p, symbol->name, symbol->len);
		p += symbol->len;
		value &= ~symbol->value;
	}
	if (!value)
		return p;
	if (named)
		return put_0x(PUT(p, "|"), value);
	p = put_string(PUT(put_0x(p, value), " /* "), symbols->unknown);
	return PUT(p, " */");
}

static char *make_flags(char *p, const struct symbols *symbols, uint64_t value)
{
	const struct symbol *zero;

	if (value)
		return put_more_flags(p, symbols, value, false);
	zero = symbols_find(symbols, 0);
	return put_string(p, zero ? zero->name : "0");
}

static char *make_enum(char *p, const struct symbols *symbols, uint64_t value)
{
	for (size_t i = 0; i < symbols->n; i++)
		if ((uint32_t)symbols->list[i].value == (uint32_t)value)
			return put_string(p, symbols->list[i].name);
	p = put_string(PUT(put_hash_hex(p, (uint32_t)value), " /* "), symbols->unknown);
	return PUT(p, " */");
}

/* With what make() has made for the same value before. */
static inline char *put_made(const struct printer *printer, char *p, const struct symbols *symbols, uint64_t value,
			     char *(*make)(char *, const struct symbols *, uint64_t))
{
	uint64_t hash = (value ^ (uintptr_t)symbols ^ (uintptr_t)make) * UINT64_C(0x9e3779b97f4a7c15);
	struct args_memo *memo = &printer->args->memo[hash >> 56];
	char *end;

	if (memo->len && memo->value == value && memo->symbols == symbols && memo->make == make) {
		memcpy(p, memo->text, SYMBOL_TEXT);
		return p + memo->len;
	}
	end = make(p, symbols, value);
	if (end - p > SYMBOL_TEXT)
		return end;
	*memo = (struct args_memo){.value = value, .symbols = symbols, .make = make, .len = (uint8_t)(end - p)};
	memcpy(memo->text, p, memo->len);
	return end;
}

char *put_set_flags(const struct printer *printer, char *p, const struct symbols *symbols, uint64_t value)
{
	return put_made(printer, p, symbols, value, make_flags);
}

char *put_set_enum(const struct printer *printer, char *p, const struct symbols *symbols, uint64_t value)
{
	return put_made(printer, p, symbols, value, make_enum);
}

char *put_flags(const struct printer *printer, char *p, enum symbols_id id, uint64_t value)
{
	return put_set_flags(printer, p, set_by_id(printer, id), value);
}

char *put_enum(const struct printer *printer, char *p, enum symbols_id id, uint64_t value)
{
	return put_set_enum(printer, p, set_by_id(printer, id), value);
}

/* --- flags that have a number in them */

/* O_RDWR|O_CREAT: two bits are a number. */
static char *make_open_flags(char *p, const struct symbols *symbols, uint64_t value)
{
	static const char *const access[] = {"O_RDONLY", "O_WRONLY", "O_RDWR", "O_ACCMODE"};

	return put_more_flags(put_string(p, access[value & 3]), symbols, value & ~UINT64_C(3), true);
}

char *put_open_flags(const struct printer *printer, char *p, uint64_t value)
{
	return put_made(printer, p, set_of(printer, SST_SET_open), value, make_open_flags);
}

#define HUGE_SHIFT 26

/* MAP_PRIVATE|MAP_ANONYMOUS: the lowest four bits are a number. */
static char *make_mmap_flags(char *p, const struct symbols *symbols, uint64_t value)
{
	static const char *const types[] = {"MAP_FILE", "MAP_SHARED", "MAP_PRIVATE", "MAP_SHARED_VALIDATE"};
	const uint64_t huge = value >> HUGE_SHIFT & 63; /* the size of pages, as a power of two */
	unsigned type = value & 15;

	p = type < 4 ? put_string(p, types[type]) : PUT(put_hash_hex(p, type), " /* MAP_??? */");
	p = put_more_flags(p, symbols, value & ~(huge << HUGE_SHIFT | 15), true);
	return huge ? PUT(put_u64(PUT(p, "|"), huge), "<<MAP_HUGE_SHIFT") : p;
}

char *put_mmap_flags(const struct printer *printer, char *p, uint64_t value)
{
	return put_made(printer, p, set_by_id(printer, SYMBOLS_mmap), value, make_mmap_flags);
}

/* AT_STATX_SYNC_AS_STAT|AT_EMPTY_PATH: so are two bits of these. */
static char *put_statx_flags(const struct printer *printer, char *p, uint64_t value)
{
	p = put_enum(printer, p, SYMBOLS_statx_sync, value & 0x6000);
	return put_more_flags(p, set_of(printer, SST_SET_statx_flags), value & ~UINT64_C(0x6000), true);
}

#define MOUNT_MAGIC      0xc0ed0000
#define MOUNT_MAGIC_MASK 0xffff0000

static char *put_mount_flags(const struct printer *printer, char *p, uint64_t value)
{
	if ((value & MOUNT_MAGIC_MASK) != MOUNT_MAGIC)
		return put_set_flags(printer, p, set_of(printer, SST_SET_mount), value);
	p = PUT(p, "MS_MGC_VAL");
	return put_more_flags(p, set_of(printer, SST_SET_mount), value & ~(uint64_t)MOUNT_MAGIC_MASK, true);
}

/* --- the arguments */

/* Sets of numbers that have the ABI's width; the others have 32 bits. */
static bool is_wide(unsigned set)
{
	switch (set) {
	case SST_SET_mount:
	case SST_SET_mremap:
	case SST_SET_perf:
	case SST_SET_pkey_access:
	case SST_SET_prot:
	case SST_SET_unshare:
		return true;
	default:
		return false;
	}
}

char *put_flags_arg(const struct printer *printer, char *p, unsigned i)
{
	unsigned set = printer->signature->arg[i].param;
	uint64_t value = value_of(printer, i);

	if (!is_wide(set))
		value = (uint32_t)value;
	switch (set) {
	case SST_SET_open:
		return put_open_flags(printer, p, value);
	case SST_SET_statx_flags:
		return put_statx_flags(printer, p, value);
	case SST_SET_mount:
		return put_mount_flags(printer, p, value);
	case SST_SET_seccomp_filter: /* of SECCOMP_SET_MODE_FILTER only */
		if ((uint32_t)value_of(printer, 0) != 1)
			return put_hash_hex(p, value);
		break;
	default:
		break;
	}
	return put_set_flags(printer, p, set_of(printer, set), value);
}

char *put_enum_arg(const struct printer *printer, char *p, unsigned i)
{
	unsigned set = printer->signature->arg[i].param;
	uint64_t value = (uint32_t)value_of(printer, i);

	if (set == SST_SET_keyring && (int32_t)value >= 0) /* one by its number */
		return put_u64(p, value);
	return put_set_enum(printer, p, set_of(printer, set), value);
}
