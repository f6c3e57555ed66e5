/* args_ioctl.c - the requests of ioctl(), and what is asked for: see args_put.h */
#include "args_put.h"

/* --- the request */

/* _IOC(_IOC_READ, 0x54, 0x30, 0x4) */
static char *put_unknown_request(char *p, uint32_t request)
{
	static const char *const directions[] = {"_IOC_NONE", "_IOC_WRITE", "_IOC_READ", "_IOC_READ|_IOC_WRITE"};

	p = put_string(PUT(p, "_IOC("), directions[request >> 30]);
	p = put_hash_hex(PUT(p, ", "), request >> 8 & 0xff);
	p = put_hash_hex(PUT(p, ", "), request & 0xff);
	p = put_hash_hex(PUT(p, ", "), request >> 16 & 0x3fff);
	return PUT(p, ")");
}

char *put_ioctl_request(const struct printer *printer, char *p, uint64_t value)
{
	const struct symbol *names;
	uint32_t request = (uint32_t)value;
	size_t n = symbols_request(printer->abi, request, &names);

	if (n == 0)
		return put_unknown_request(p, request);
	if (request >> 8 == 0x54) /* terminals', also where sound has the same */
		n = 1;
	for (size_t i = 0; i < n; i++)
		p = put_string(i ? PUT(p, " or ") : p, names[i].name);
	return p;
}

/* --- what an argument is or points to */

static char *put_whole(const struct printer *printer, char *p, const struct memory *memory)
{
	p = put_i64(PUT(p, "["), signed_at(printer, memory, 0, 4));
	return PUT(p, "]");
}

static char *put_window(const struct printer *printer, char *p, const struct memory *memory)
{
	p = put_u64(PUT(p, "{ws_row="), number_at(printer, memory, 0, 2));
	p = put_u64(PUT(p, ", ws_col="), number_at(printer, memory, 2, 2));
	p = put_u64(PUT(p, ", ws_xpixel="), number_at(printer, memory, 4, 2));
	p = put_u64(PUT(p, ", ws_ypixel="), number_at(printer, memory, 6, 2));
	return PUT(p, "}");
}

static char *put_modem(const struct printer *printer, char *p, const struct memory *memory)
{
	p = put_flags(printer, PUT(p, "["), SYMBOLS_modem, number_at(printer, memory, 0, 4));
	return PUT(p, "]");
}

static char *put_inode_flags(const struct printer *printer, char *p, const struct memory *memory)
{
	p = put_flags(printer, PUT(p, "["), SYMBOLS_inode_flag, number_at(printer, memory, 0, 4));
	return PUT(p, "]");
}

/* Typed on behalf of the user. */
static char *put_key(const struct printer *printer, char *p, const struct memory *memory)
{
	return put_quoted(printer, p, memory->bytes, 1);
}

static char *put_decimal(const struct printer *printer, char *p, uint64_t value)
{
	(void)printer;
	return put_i64(p, (int32_t)value);
}

static char *put_flow(const struct printer *printer, char *p, uint64_t value)
{
	return put_enum(printer, p, SYMBOLS_tcxonc, value);
}

static char *put_queue(const struct printer *printer, char *p, uint64_t value)
{
	return put_enum(printer, p, SYMBOLS_tcflush, value);
}

static char *put_other_fd(const struct printer *printer, char *p, uint64_t value)
{
	(void)printer;
	return put_fd(p, value);
}

/* --- requests of which more is known than their names */

static const struct request {
	uint32_t number;
	uint8_t needs; /* bytes of memory; less is of no use */
	bool answers;  /* the call writes what is shown */
	char *(*memory)(const struct printer *printer, char *p, const struct memory *memory);
	char *(*value)(const struct printer *printer, char *p,
		       uint64_t value); /* without either there is no argument */
} requests[] = {
	{0x5401, 16, true, put_terminal, NULL},        /* TCGETS */
	{0x5402, 16, false, put_terminal, NULL},       /* TCSETS */
	{0x5403, 16, false, put_terminal, NULL},       /* TCSETSW */
	{0x5404, 16, false, put_terminal, NULL},       /* TCSETSF */
	{0x5409, 0, false, NULL, put_decimal},         /* TCSBRK */
	{0x540a, 0, false, NULL, put_flow},            /* TCXONC */
	{0x540b, 0, false, NULL, put_queue},           /* TCFLSH */
	{0x540c, 0, false, NULL, NULL},                /* TIOCEXCL */
	{0x540d, 0, false, NULL, NULL},                /* TIOCNXCL */
	{0x540e, 0, false, NULL, put_decimal},         /* TIOCSCTTY */
	{0x540f, 4, true, put_whole, NULL},            /* TIOCGPGRP */
	{0x5410, 4, false, put_whole, NULL},           /* TIOCSPGRP */
	{0x5411, 4, true, put_whole, NULL},            /* TIOCOUTQ */
	{0x5412, 1, false, put_key, NULL},             /* TIOCSTI */
	{0x5413, 8, true, put_window, NULL},           /* TIOCGWINSZ */
	{0x5414, 8, false, put_window, NULL},          /* TIOCSWINSZ */
	{0x5415, 4, true, put_modem, NULL},            /* TIOCMGET */
	{0x5416, 4, false, put_modem, NULL},           /* TIOCMBIS */
	{0x5417, 4, false, put_modem, NULL},           /* TIOCMBIC */
	{0x5418, 4, false, put_modem, NULL},           /* TIOCMSET */
	{0x5419, 4, true, put_whole, NULL},            /* TIOCGSOFTCAR */
	{0x541a, 4, false, put_whole, NULL},           /* TIOCSSOFTCAR */
	{0x541b, 4, true, put_whole, NULL},            /* FIONREAD */
	{0x541d, 0, false, NULL, NULL},                /* TIOCCONS */
	{0x5420, 4, false, put_whole, NULL},           /* TIOCPKT */
	{0x5421, 4, false, put_whole, NULL},           /* FIONBIO */
	{0x5422, 0, false, NULL, NULL},                /* TIOCNOTTY */
	{0x5423, 4, false, put_whole, NULL},           /* TIOCSETD */
	{0x5424, 4, true, put_whole, NULL},            /* TIOCGETD */
	{0x5425, 0, false, NULL, put_decimal},         /* TCSBRKP */
	{0x5427, 0, false, NULL, NULL},                /* TIOCSBRK */
	{0x5428, 0, false, NULL, NULL},                /* TIOCCBRK */
	{0x5429, 4, true, put_whole, NULL},            /* TIOCGSID */
	{0x5437, 0, false, NULL, NULL},                /* TIOCVHANGUP */
	{0x5450, 0, false, NULL, NULL},                /* FIONCLEX */
	{0x5451, 0, false, NULL, NULL},                /* FIOCLEX */
	{0x5452, 4, false, put_whole, NULL},           /* FIOASYNC */
	{0x8901, 4, false, put_whole, NULL},           /* FIOSETOWN */
	{0x8902, 4, false, put_whole, NULL},           /* SIOCSPGRP */
	{0x8903, 4, true, put_whole, NULL},            /* FIOGETOWN */
	{0x8904, 4, true, put_whole, NULL},            /* SIOCGPGRP */
	{0x8905, 4, true, put_whole, NULL},            /* SIOCATMARK */
	{0x894b, 4, true, put_whole, NULL},            /* SIOCOUTQNSD */
	{0x40045431, 4, false, put_whole, NULL},       /* TIOCSPTLCK */
	{0x40046602, 4, false, put_inode_flags, NULL}, /* FS_IOC_SETFLAGS */
	{0x40049409, 0, false, NULL, put_other_fd},    /* FICLONE */
	{0x40086602, 4, false, put_inode_flags, NULL},
	{0x80045430, 4, true, put_whole, NULL},       /* TIOCGPTN */
	{0x80045432, 4, true, put_whole, NULL},       /* TIOCGDEV */
	{0x80045440, 4, true, put_whole, NULL},       /* TIOCGEXCL */
	{0x80046601, 4, true, put_inode_flags, NULL}, /* FS_IOC_GETFLAGS, of 32 bits and of 64 */
	{0x80086601, 4, true, put_inode_flags, NULL},
};

static const struct request *find_request(uint32_t number)
{
	size_t from = 0, to = sizeof(requests) / sizeof(requests[0]);

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (requests[middle].number == number)
			return &requests[middle];
		if (requests[middle].number < number)
			from = middle + 1;
		else
			to = middle;
	}
	return NULL;
}

static char *put_known(const struct printer *printer, char *p, const struct request *request)
{
	struct memory memory;

	if (request->value)
		return request->value(printer, PUT(p, ", "), value_of(printer, 2));
	if (!request->memory)
		return p;
	memory = request->answers ? memory_written(printer, 2) : memory_read(printer, 2);
	p = PUT(p, ", ");
	return memory.len < request->needs ? put_address(p, value_of(printer, 2))
					   : request->memory(printer, p, &memory);
}

char *put_ioctl_rest(const struct printer *printer, char *p)
{
	uint32_t number = (uint32_t)value_of(printer, 1);
	const struct request *request = find_request(number);

	if (request)
		return put_known(printer, p, request);
	if (is_interface_request(number))
		return put_interface_arg(printer, PUT(p, ", "), number);
	return put_hash_hex(PUT(p, ", "), value_of(printer, 2));
}
