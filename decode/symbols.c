/* symbols.c - see symbols.h */
#include "symbols.h"

#include "format/abi.h"
#include "format/signature.h"

#define VARIANT(...)
#define SYMBOLS(name, text, ...) static const struct symbol name##_symbols[] = {__VA_ARGS__};
#include "tables/symbols.inc"
#undef SYMBOLS

#define SYMBOLS(name, text, ...)                                                                                       \
	[SYMBOLS_##name] = {name##_symbols, sizeof(name##_symbols) / sizeof(name##_symbols[0]), text},
static const struct symbols sets[SYMBOLS_COUNT] = {
#include "tables/symbols.inc"
};
#undef SYMBOLS
#undef VARIANT

/* What is different for some ABIs. */
#define SYMBOLS(...)
#define VARIANT(name, abis, mask, text, ...) static const struct symbol name##_##abis##_symbols[] = {__VA_ARGS__};
#include "tables/symbols.inc"
#undef VARIANT

#define VARIANT(name, abis, mask, text, ...)                                                                           \
	{SYMBOLS_##name,                                                                                               \
	 mask,                                                                                                         \
	 {name##_##abis##_symbols, sizeof(name##_##abis##_symbols) / sizeof(name##_##abis##_symbols[0]), text}},
static const struct {
	enum symbols_id id;
	unsigned abis; /* bits */
	struct symbols symbols;
} variants[] = {
#include "tables/symbols.inc"
};
#undef VARIANT
#undef SYMBOLS

#define SET(name) [SST_SET_##name] = SYMBOLS_##name,
static const uint8_t ids[SST_SET_COUNT] = {
#include "format/tables/sets.inc"
};
#undef SET

_Static_assert(SYMBOLS_COUNT <= UINT8_MAX, "ids of sets are bytes");

#define IOCTL(value, name) {value, #name, sizeof(#name) - 1},
static const struct symbol requests[] = {
#include "tables/ioctls.inc"
};
#undef IOCTL

#define REQUESTS (sizeof(requests) / sizeof(requests[0]))

const struct symbols *symbols_of(unsigned abi, enum symbols_id id)
{
	for (size_t i = 0; i < sizeof(variants) / sizeof(variants[0]); i++)
		if (variants[i].id == id && variants[i].abis >> abi & 1)
			return &variants[i].symbols;
	return &sets[id];
}

const struct symbols *symbols_of_set(unsigned abi, unsigned set)
{
	return symbols_of(abi, set < SST_SET_COUNT ? ids[set] : SYMBOLS_access);
}

const struct symbol *symbols_find(const struct symbols *symbols, uint64_t value)
{
	for (size_t i = 0; i < symbols->n; i++)
		if (symbols->list[i].value == value)
			return &symbols->list[i];
	return NULL;
}

/* Where the requests with this value begin, or would begin. */
static size_t find_request(uint32_t request)
{
	size_t low = 0, high = REQUESTS;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (requests[middle].value < request)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static size_t count_requests(size_t first)
{
	size_t n = first;

	while (n < REQUESTS && requests[n].value == requests[first].value)
		n++;
	return n - first;
}

size_t symbols_request(unsigned abi, uint32_t request, const struct symbol **names)
{
	size_t first = find_request(request);

	/* There requests have another encoding, and terminals have other ones. */
	if (abi == SST_ABI_PPC || abi == SST_ABI_PPC64 || abi == SST_ABI_PPC64LE)
		return 0;
	if (first == REQUESTS || requests[first].value != request)
		return 0;
	*names = &requests[first];
	return count_requests(first);
}
