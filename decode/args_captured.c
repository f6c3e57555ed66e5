/* args_captured.c - what was captured of the memory behind arguments, and the numbers in it: see args_put.h */
#include "args_put.h"

/* --- finding it */

static bool is_late(const struct sst_capture *capture)
{
	return capture->flags & SST_CAPTURE_LATE;
}

/* Without a capture nothing is known. */
static struct memory memory_of(const struct printer *printer, const struct sst_capture *capture)
{
	struct memory memory = {NULL, 0, false};

	if (!capture)
		return memory;
	memory = (struct memory){printer->row->text + capture->offset, capture->len, capture->flags & SST_CAPTURE_CUT};
	if (!(capture->flags & SST_CAPTURE_UNREADABLE))
		return memory;
	/* Some bytes were there and more were not: of a string not even the length is known. */
	memory.cut = true;
	return capture->len > 0 ? memory : (struct memory){NULL, 0, false};
}

/* The capture of argument i that was made late or not; either will do where there is only one. */
static const struct sst_capture *find_capture(const struct printer *printer, unsigned i, bool late, bool either)
{
	const struct row *row = printer->row;
	const struct sst_capture *found = NULL;

	for (size_t k = 0; k < row->n_captures; k++) {
		const struct sst_capture *capture = &row->captures[k];

		if (capture->arg != i || capture->form == SST_FORM_BEHIND)
			continue;
		if (is_late(capture) == late)
			return capture;
		found = either ? capture : NULL;
	}
	return found;
}

static bool is_list(unsigned kind)
{
	switch (kind) {
	case SST_KIND_DATA:
	case SST_KIND_IOVEC:
	case SST_KIND_IOVEC_FROM:
	case SST_KIND_IOVEC_TO:
	case SST_KIND_MMSGHDR:
	case SST_KIND_POLLFD:
	case SST_KIND_SEMBUF:
	case SST_KIND_UID:
	case SST_KIND_UID16:
		return true;
	default:
		return false;
	}
}

/* Of so many as none nothing need have been captured either: a list is empty then. */
static bool is_none(const struct printer *printer, unsigned i)
{
	const struct sst_arg *arg = &printer->signature->arg[i];

	return is_list(arg->kind) && arg->direction & SST_READS && arg->count == SST_COUNT_ARG &&
	       (uint32_t)value_of(printer, arg->by) == 0 && value_of(printer, i) != 0;
}

/* What a call reads may have been captured only when it returned; not if it writes there as well. */
struct memory memory_read(const struct printer *printer, unsigned i)
{
	bool only = !(printer->signature->arg[i].direction & SST_WRITES);
	const struct sst_capture *capture = find_capture(printer, i, false, only);

	if (!capture && is_none(printer, i))
		return (struct memory){(const uint8_t *)"", 0, false};
	return memory_of(printer, capture);
}

/* A list or a value of extended attributes is only asked for its length if there is no room for it. */
static bool asks_for_length(const struct printer *printer, unsigned i)
{
	return printer->signature->arg[i].kind == SST_KIND_XATTR && value_of(printer, i + 1) == 0;
}

/* It has said so itself: nothing need have been captured. */
static bool has_written_nothing(const struct printer *printer, unsigned i)
{
	return printer->ok && !asks_for_length(printer, i) && printer->row->ret == 0 &&
	       printer->signature->arg[i].count == SST_COUNT_RESULT && value_of(printer, i) != 0;
}

/* What a call writes is there only when it has returned, and not if it has failed. */
struct memory memory_written(const struct printer *printer, unsigned i)
{
	const struct sst_capture *capture = printer->ok ? find_capture(printer, i, true, false) : NULL;

	if (!capture && has_written_nothing(printer, i))
		return (struct memory){(const uint8_t *)"", 0, false};
	return memory_of(printer, capture);
}

struct memory memory_left(const struct printer *printer, unsigned i)
{
	return memory_of(printer, args_interrupted(printer->row) ? find_capture(printer, i, true, false) : NULL);
}

struct memory memory_on_stack(const struct printer *printer)
{
	return memory_of(printer, find_capture(printer, SST_CAPTURE_STACK, false, false));
}

bool memory_is_none(const struct printer *printer, unsigned i)
{
	return has_written_nothing(printer, i) || is_none(printer, i);
}

/* --- what is there */

struct memory part_of(const struct memory *memory, size_t offset, size_t len)
{
	struct memory part = {memory->bytes + memory->len, 0, false};

	if (offset >= memory->len)
		return part;
	part.bytes = memory->bytes + offset;
	part.len = len < memory->len - offset ? len : memory->len - offset;
	return part;
}

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
/* Both here and there the lowest byte comes first. */
static void number_of(uint64_t *v, const uint8_t *bytes, unsigned width)
{
	switch (width) {
	case 8:
		memcpy(v, bytes, 8);
		break;
	case 4:
		memcpy(v, bytes, 4);
		break;
	case 2:
		memcpy(v, bytes, 2);
		break;
	default:
		memcpy(v, bytes, width);
		break;
	}
}
#endif

uint64_t number_at(const struct printer *printer, const struct memory *memory, size_t offset, unsigned width)
{
	uint64_t v = 0;

	if (offset + width > memory->len)
		return 0;
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	if (!printer->big) {
		number_of(&v, memory->bytes + offset, width);
		return v;
	}
#endif
	for (unsigned i = 0; i < width; i++)
		v = v << 8 | memory->bytes[offset + (printer->big ? i : width - 1 - i)];
	return v;
}

int64_t signed_at(const struct printer *printer, const struct memory *memory, size_t offset, unsigned width)
{
	unsigned shift = 64 - 8 * width;

	if (width == 0)
		return 0;
	return (int64_t)(number_at(printer, memory, offset, width) << shift) >> shift;
}

/* --- telling of it */

/* Of one row that are told of; a call has six arguments, and each may be captured twice. */
#define CAPTURED_MAX 12

char *args_put_captured(char *p, const struct row *row)
{
	static const char *const forms[] = {"0", "string", "strings", "memory", "socket", "behind"};

	for (size_t i = 0; i < row->n_captures && i < CAPTURED_MAX; i++) {
		const struct sst_capture *capture = &row->captures[i];

		if (i > 0)
			*p++ = ' ';
		p = put_u64(p, capture->arg);
		*p++ = ':';
		p = capture->form < sizeof(forms) / sizeof(forms[0]) ? put_string(p, forms[capture->form])
								     : put_u64(p, capture->form);
		*p++ = ':';
		p = put_u64(p, capture->len);
		p = capture->flags & SST_CAPTURE_CUT ? PUT(p, ":cut") : p;
		p = capture->flags & SST_CAPTURE_LATE ? PUT(p, ":late") : p;
		p = capture->flags & SST_CAPTURE_UNREADABLE ? PUT(p, ":unreadable") : p;
	}
	return p;
}
