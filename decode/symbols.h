/*
 * symbols.h - the symbols of constants of system calls: flags, commands, requests of ioctl().
 *
 *	const struct symbols *set = symbols_of(abi, SYMBOLS_open);
 *	const struct symbol *symbol = symbols_find(set, value);
 *
 * Values are those of the ABI that was recorded, whatever this machine is. The tables are tables/symbols.inc and
 * tables/ioctls.inc, made by `make tables`.
 */
#ifndef SYSDECODE_SYMBOLS_H
#define SYSDECODE_SYMBOLS_H

#include <stddef.h>
#include <stdint.h>

struct symbol {
	uint64_t value;
	const char *name;
	uint8_t len;
};

struct symbols {
	const struct symbol *list; /* in the order in which flags are printed */
	size_t n;
	const char *unknown; /* what stands beside a value that has none: "O_???" */
};

enum symbols_id {
#define SYMBOLS(name, ...) SYMBOLS_##name,
#define VARIANT(...)
#include "tables/symbols.inc"
#undef SYMBOLS
#undef VARIANT
	SYMBOLS_COUNT
};

/* symbols_of() - the set with the values of an ABI. */
const struct symbols *symbols_of(unsigned abi, enum symbols_id id);

/* symbols_of_set() - the same by enum sst_set. */
const struct symbols *symbols_of_set(unsigned abi, unsigned set);

/* symbols_find() - the first symbol with this value, or NULL. */
const struct symbol *symbols_find(const struct symbols *symbols, uint64_t value);

/*
 * symbols_request() - the names that a request of ioctl() has: sets *names to the first one and returns how many there
 * are. 0: nobody knows it.
 */
size_t symbols_request(unsigned abi, uint32_t request, const struct symbol **names);

#endif
