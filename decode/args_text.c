/* args_text.c - strings of arguments, quoted as in C, or only how many there are: see args_put.h */
#include "args_put.h"
#include "escape.h"

#include "format/rows.h"

/* --- strings */

/* \n, or as few octal digits as the next character allows. */
static char *put_escaped(char *p, uint8_t byte, bool digit_follows)
{
	static const char short_forms[] = "tnvfr"; /* 9 to 13 */

	*p++ = '\\';
	if (byte == '"' || byte == '\\') {
		*p++ = (char)byte;
		return p;
	}
	if (byte >= 9 && byte <= 13) {
		*p++ = short_forms[byte - 9];
		return p;
	}
	if (digit_follows || byte >= 64)
		*p++ = (char)('0' + (byte >> 6));
	if (digit_follows || byte >= 8)
		*p++ = (char)('0' + (byte >> 3 & 7));
	*p++ = (char)('0' + (byte & 7));
	return p;
}

static bool is_plain(uint8_t byte)
{
	return byte >= ' ' && byte < 0x7f && byte != '"' && byte != '\\';
}

/* Without quotes. *cut: there was no room for all. */
static char *put_inside(const struct printer *printer, char *p, const uint8_t *bytes, size_t len, bool *cut)
{
	size_t i = 0;

	for (; i < len && p < printer->end; i++) {
		if (is_plain(bytes[i]))
			*p++ = (char)bytes[i];
		else
			p = put_escaped(p, bytes[i], i + 1 < len && bytes[i + 1] >= '0' && bytes[i + 1] <= '7');
	}
	*cut |= i < len;
	return p;
}

#define CELL_STRING 4096 /* bytes, that may be behind printer->end */

/* As a cell of a table has it, where that is not much different; see escape_args(). */
static char *put_cell_string(const struct printer *printer, char *p, const uint8_t *bytes, size_t len, bool cut)
{
	*p++ = '"';
	if (len == 0)
		p = PUT(p, "\\x22");
	else if (len <= CELL_STRING && p < printer->end && escape_clean(p, (const char *)bytes, len))
		p = PUT(p + len, "\"");
	else
		printer->args->dirty = true;
	return cut ? PUT(p, "...") : p;
}

char *put_text(const struct printer *printer, char *p, const uint8_t *bytes, size_t len, bool cut)
{
	if (printer->args->cell)
		return put_cell_string(printer, p, bytes, len, cut);
	*p++ = '"';
	p = put_inside(printer, p, bytes, len, &cut);
	*p++ = '"';
	return cut ? PUT(p, "...") : p;
}

char *put_quoted(const struct printer *printer, char *p, const uint8_t *bytes, size_t len)
{
	return put_text(printer, p, bytes, len, false);
}

static char *put_hex_of(const struct printer *printer, char *p, const uint8_t *bytes, size_t len, bool cut)
{
	static const char digits[] = "0123456789abcdef";
	size_t i = 0;

	printer->args->dirty = true; /* backslashes */
	*p++ = '"';
	for (; i < len && p < printer->end; i++) {
		*p++ = '\\';
		*p++ = 'x';
		*p++ = digits[bytes[i] >> 4];
		*p++ = digits[bytes[i] & 15];
	}
	*p++ = '"';
	return cut || i < len ? PUT(p, "...") : p;
}

/* --- the arguments */

/* Paths and names: ended by a NUL where the call reads them, by its result where it writes them. */
char *put_text_arg(const struct printer *printer, char *p, unsigned i)
{
	const struct sst_arg *arg = &printer->signature->arg[i];
	bool written = arg->direction == SST_WRITES;
	struct memory memory = written ? memory_written(printer, i) : memory_read(printer, i);

	if (!memory.bytes)
		return put_address(p, value_of(printer, i));
	if (written && memory.len > 0 && !memory.bytes[memory.len - 1])
		memory.len--; /* getcwd() counts its NUL */
	return put_text(printer, p, memory.bytes, memory.len, memory.cut);
}

char *put_data_arg(const struct printer *printer, char *p, unsigned i)
{
	const struct sst_arg *arg = &printer->signature->arg[i];
	struct memory memory = arg->direction == SST_WRITES ? memory_written(printer, i) : memory_read(printer, i);
	bool random =
		i + 2 < printer->signature->nargs && arg[2].kind == SST_KIND_FLAGS && arg[2].param == SST_SET_getrandom;

	if (!memory.bytes)
		return put_address(p, value_of(printer, i));
	return random ? put_hex_of(printer, p, memory.bytes, memory.len, memory.cut)
		      : put_text(printer, p, memory.bytes, memory.len, memory.cut);
}

/* Each string ends with a NUL, but for the last one if it is cut. */
char *put_strings_arg(const struct printer *printer, char *p, unsigned i)
{
	struct memory memory = memory_read(printer, i);
	size_t at = 0;

	if (!memory.bytes)
		return put_address(p, value_of(printer, i));
	*p++ = '[';
	while (at < memory.len && p < printer->end) {
		const uint8_t *string = memory.bytes + at, *nul = memchr(string, 0, memory.len - at);
		size_t len = nul ? (size_t)(nul - string) : memory.len - at;

		if (at > 0)
			p = PUT(p, ", ");
		p = put_text(printer, p, string, len, !nul);
		at += len + 1;
	}
	if (at < memory.len || memory.cut)
		p = at > 0 ? PUT(p, ", ...") : PUT(p, "...");
	*p++ = ']';
	return p;
}

/* --- how many there are */

/* The address, and in a comment how many there are if that is known. */
char *put_environment_arg(const struct printer *printer, char *p, unsigned i)
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
char *put_dirents_arg(const struct printer *printer, char *p, unsigned i)
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
