/* args.c - all arguments of a call, as text and as a cell of a table, and its result: see args.h */
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

/* What the call goes by that has no arguments, but something on the stack: "{mask=[INT]}". */
static char *put_frame(const struct printer *printer, char *p)
{
	struct memory mask = memory_on_stack(printer);

	return mask.bytes ? PUT(put_sigset(printer, PUT(p, "{mask="), &mask), "}") : p;
}

char *args_put(struct args *args, char *p, const struct row *row)
{
	unsigned n = row->call->nargs;
	struct printer printer;

	if (n == 0 && row->n_captures == 0)
		return p;
	if (!row->call->signature)
		return put_unknown(p, row);
	printer = printer_of(args, p, row);
	if (printer.signature->result == SST_KIND_FRAME)
		return put_frame(&printer, p);
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
