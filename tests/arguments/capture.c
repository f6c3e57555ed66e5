/*
 * capture.c - what the arguments of a call point to, and what the pointers in that lead to
 */
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "arguments.h"
#include "format/rows.h"

static bool is_readable(uint64_t address, size_t len)
{
	struct iovec to = {.iov_base = (char[65536]){0}, .iov_len = len};
	struct iovec from = {.iov_base = (void *)(uintptr_t)address, .iov_len = len}; // NOLINT

	return len <= 65536 && process_vm_readv(getpid(), &to, 1, &from, 1, 0) == (ssize_t)len;
}

static void add_strings(long row, unsigned arg, const char *const *strings)
{
	char text[TEXT_MOST];
	size_t len = 0;

	for (; *strings; strings++) {
		memcpy(text + len, *strings, strlen(*strings) + 1);
		len += strlen(*strings) + 1;
	}
	add(row, arg, SST_FORM_STRINGS, 0, text, len);
}

static uint64_t number_at(uint64_t address, unsigned width)
{
	uint64_t v = 0;

	memcpy(&v, (const void *)(uintptr_t)address, width); // NOLINT
	return v;
}

static void add_behind(long row, unsigned arg, uint8_t flags, size_t at, size_t part, uint64_t address, size_t len)
{
	uint8_t bytes[SST_BEHIND_HEAD + TEXT_MOST] = {(uint8_t)at, (uint8_t)(at >> 8), (uint8_t)part,
						      (uint8_t)(part >> 8)};

	check(len <= TEXT_MOST, "short buffer");
	if (!is_readable(address, len)) {
		add(row, arg, SST_FORM_BEHIND, flags | SST_CAPTURE_UNREADABLE, bytes, SST_BEHIND_HEAD);
		return;
	}
	memcpy(bytes + SST_BEHIND_HEAD, (const void *)(uintptr_t)address, len); // NOLINT
	add(row, arg, SST_FORM_BEHIND, flags, bytes, SST_BEHIND_HEAD + len);
}

/* The buffers of a vector; no more than left bytes. */
static void add_parts(long row, unsigned arg, uint8_t flags, uint64_t vector, size_t n, bool deep, size_t at,
		      uint64_t left)
{
	for (size_t k = 0; k < n && is_readable(vector + 16 * k, 16); k++) {
		uint64_t base = number_at(vector + 16 * k, 8), len = number_at(vector + 16 * k + 8, 8);

		len = len < left ? len : left;
		left -= len;
		if (base && len)
			add_behind(row, arg, flags, deep ? at : 16 * k, deep ? 16 * k + 1 : 0, base, len);
	}
}

/* One message, which begins at offset begin of the argument. */
static void add_message(long row, unsigned arg, uint8_t flags, uint64_t address, size_t begin, uint64_t left)
{
	struct sst_pointer pointer;

	for (unsigned k = 0; sst_pointer(ABI, SST_KIND_MSGHDR, k, &pointer); k++) {
		uint64_t to = number_at(address + begin + pointer.at, pointer.width);
		uint64_t n = number_at(address + begin + pointer.count_at, pointer.count_width);

		if (!to || !n)
			continue;
		add_behind(row, arg, flags, begin + pointer.at, 0, to, n * pointer.unit);
		if (pointer.kind == SST_KIND_IOVEC)
			add_parts(row, arg, flags, to, n, true, begin + pointer.at, left);
	}
}

/* What a call fills is there at its end. */
static void capture_behind(long row, const struct sst_signature *signature, unsigned i, const uint64_t *args, long ret,
			   bool after)
{
	const struct sst_arg *arg = &signature->arg[i];
	bool one = arg->kind == SST_KIND_MSGHDR,
	     vector = arg->kind == SST_KIND_IOVEC_FROM || arg->kind == SST_KIND_IOVEC_TO;
	bool fills = arg->kind == SST_KIND_IOVEC_TO || (one && arg->direction & SST_WRITES) ||
		     (arg->kind == SST_KIND_MMSGHDR && signature->nargs == 5);
	uint8_t flags = after ? SST_CAPTURE_LATE : 0;
	size_t n = one ? 1 : after ? (size_t)ret : args[arg->by];

	if (fills != after || !args[i])
		return;
	if (vector)
		add_parts(row, i, flags, args[i], args[arg->by], false, 0, after ? (uint64_t)ret : UINT64_MAX);
	for (size_t k = 0; !vector && k < n && is_readable(args[i] + 64 * k, one ? 56 : 64); k++)
		add_message(row, i, flags, args[i], 64 * k,
			    !after ? UINT64_MAX
			    : one  ? (uint64_t)ret
				   : number_at(args[i] + 64 * k + 56, 4));
}

static void add_count(long row, unsigned arg, const char *const *strings)
{
	uint32_t n = 0;

	while (strings[n])
		n++;
	add(row, arg, SST_FORM_MEMORY, 0, &n, sizeof(n));
}

static size_t count_of(const struct sst_memory *memory, const uint64_t *args, long ret, bool after)
{
	uint64_t n = memory->by;

	if (memory->count == SST_COUNT_ARG)
		n = args[memory->by];
	else if (memory->count == SST_COUNT_POINTEE)
		n = is_readable(args[memory->by], 4) ? *(const uint32_t *)(uintptr_t)args[memory->by] : 0; // NOLINT
	else if (memory->count == SST_COUNT_RESULT)
		n = after ? (uint64_t)ret : 0;
	if (memory->bits)
		return (n + 63) / 64 * 8;
	return n > 65536 ? 65536 : n * memory->size;
}

/* Bytes that a request of those made here reads, or fills: as the kernel's headers have them. */
static size_t bytes_of_request(uint64_t request, bool after)
{
	static const struct {
		uint32_t from, to;
		uint8_t in, out;
	} known[] = {{0x5401, 0x5401, 0, 36}, {0x5402, 0x5404, 36, 0},  {0x540f, 0x540f, 0, 4},
		     {0x5410, 0x5410, 4, 0},  {0x5411, 0x5411, 0, 4},   {0x5413, 0x5413, 0, 8},
		     {0x5414, 0x5414, 8, 0},  {0x5415, 0x5415, 0, 4},   {0x5416, 0x5418, 4, 0},
		     {0x5419, 0x5419, 0, 4},  {0x541a, 0x541a, 4, 0},   {0x541b, 0x541b, 0, 4},
		     {0x5420, 0x5421, 4, 0},  {0x5423, 0x5423, 4, 0},   {0x5424, 0x5424, 0, 4},
		     {0x5429, 0x5429, 0, 4},  {0x5452, 0x5452, 4, 0},   {0x8901, 0x8902, 4, 0},
		     {0x8903, 0x8905, 0, 4},  {0x8910, 0x8910, 40, 40}, {0x8913, 0x8943, 40, 40},
		     {0x894b, 0x894b, 0, 4},  {0x8970, 0x8971, 40, 40}, {0x40045431, 0x40045431, 4, 0}};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (request >= known[i].from && request <= known[i].to)
			return after ? known[i].out : known[i].in;
	return 0;
}

static void capture_request(long row, unsigned i, const uint64_t *args, bool after)
{
	size_t len = bytes_of_request(args[i - 1], after);
	uint8_t flags = after ? SST_CAPTURE_LATE : 0;

	if (!len || !args[i])
		return;
	if (is_readable(args[i], len))
		add(row, i, SST_FORM_MEMORY, flags, (const void *)(uintptr_t)args[i], len); // NOLINT
	else
		add(row, i, SST_FORM_MEMORY, flags | SST_CAPTURE_UNREADABLE, NULL, 0);
}

static void capture(long row, const struct sst_signature *signature, unsigned i, const uint64_t *args, long ret,
		    bool after)
{
	struct sst_memory memory;
	const void *address = (const void *)(uintptr_t)args[i]; // NOLINT
	size_t len;

	if (signature->arg[i].kind == SST_KIND_IOCTL_ARG)
		capture_request(row, i, args, after);
	if (!args[i] || !sst_memory(ABI, signature, i, &memory) ||
	    !(memory.direction & (after ? SST_WRITES : SST_READS)))
		return;
	if (memory.if_arg != SST_IF_ALWAYS) {
		uint64_t value = args[memory.if_arg] & (memory.if_mask == 0xff ? UINT32_MAX : memory.if_mask);

		if (value >= 64 || !((after ? memory.if_bits_written : memory.if_bits) >> value & 1))
			return;
	}
	if (memory.form == SST_FORM_STRING && is_readable(args[i], 1)) {
		add(row, i, memory.form, 0, address, strnlen(address, TEXT_MOST + 1));
		return;
	}
	if (memory.form == SST_FORM_STRINGS && is_readable(args[i], 8)) {
		add_strings(row, i, address);
		return;
	}
	len = count_of(&memory, args, ret, after);
	if (is_readable(args[i], len))
		add(row, i, memory.form, after ? SST_CAPTURE_LATE : 0, address, len);
	else
		add(row, i, memory.form, SST_CAPTURE_UNREADABLE, NULL, 0);
}

void capture_all(long row, const struct sst_signature *signature, const uint64_t *args, long ret, bool after)
{
	struct sst_pointer pointer;

	for (unsigned i = 0; signature && i < signature->nargs; i++) {
		capture(row, signature, i, args, ret, after);
		if (signature->arg[i].kind == SST_KIND_ENVIRONMENT && args[i] && !after)
			add_count(row, i, (const char *const *)(uintptr_t)args[i]); // NOLINT
		if (sst_pointer(ABI, signature->arg[i].kind, 0, &pointer))
			capture_behind(row, signature, i, args, ret, after);
	}
}
