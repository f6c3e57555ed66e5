/*
 * args_put.h - what the parts of the printer of arguments share (args*.c); for others there is args.h.
 *
 * Functions named put_… write at p and return the end of the text. Those whose text has no small bound look at
 * printer->end; all others write at most PIECE_MAX bytes in one go.
 */
#ifndef SYSDECODE_ARGS_PUT_H
#define SYSDECODE_ARGS_PUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "args.h"
#include "number.h"
#include "format/abi.h"
#include "format/signature.h"
#include "symbols.h"

#define PIECE_MAX 2048

/* The sets of an ABI as the signatures number them, and by their names. */
struct sets {
	bool known;
	const struct symbols *of[SST_SET_COUNT], *by_id[SYMBOLS_COUNT];
};

/* Texts of flags and symbols that were made lately: the same values come again and again. */
#define SYMBOL_MEMO 256
#define SYMBOL_TEXT 64
struct args_memo {
	uint64_t value;
	const struct symbols *symbols;
	char *(*make)(char *, const struct symbols *, uint64_t);
	uint8_t len; /* 0: none */
	char text[SYMBOL_TEXT];
};

struct args {
	struct sets sets[SST_ABI_COUNT];
	struct args_memo memo[SYMBOL_MEMO];
	bool cell;  /* strings are written as escape_args() has them … */
	bool dirty; /* … but for one that was not so simple: the whole text is of no use */
};

struct printer {
	const struct row *row;
	const struct sst_signature *signature;
	struct args *args;
	const char *end; /* beyond which no more pieces begin */
	unsigned abi;
	bool ok;    /* the call has returned without an error */
	bool small; /* pointers and longs in memory have 32 bits */
	bool big;   /* numbers in memory begin with their highest byte */
};

/* Memory that an argument points to. */
struct memory {
	const uint8_t *bytes; /* NULL: nothing is known of it */
	size_t len;
	bool cut; /* there was more */
};

#define PUT(p, text) ((char *)memcpy(p, text, sizeof(text) - 1) + sizeof(text) - 1)

static inline char *put_string(char *p, const char *text)
{
	size_t len = strlen(text);

	memcpy(p, text, len);
	return p + len;
}

/* Ticks of USER_HZ, which user space sees as 100 a second on every architecture here, and as seconds beside it. */
static inline char *put_ticks(char *p, uint64_t ticks)
{
	p = put_u64(p, ticks);
	if (!ticks)
		return p;
	p = put_u64(PUT(p, " /* "), ticks / 100);
	*p++ = '.';
	*p++ = (char)('0' + ticks / 10 % 10);
	*p++ = (char)('0' + ticks % 10);
	return PUT(p, " s */");
}

static inline char *put_0x(char *p, uint64_t v)
{
	p[0] = '0';
	p[1] = 'x';
	return put_hex(p + 2, v);
}

/* As printf has %#x: zero is 0. */
static inline char *put_hash_hex(char *p, uint64_t v)
{
	if (v)
		return put_0x(p, v);
	*p = '0';
	return p + 1;
}

static inline char *put_address(char *p, uint64_t v)
{
	return v ? put_0x(p, v) : PUT(p, "NULL");
}

/* The register of argument i. */
static inline uint64_t value_of(const struct printer *printer, unsigned i)
{
	uint64_t v = printer->row->arg[i];

	return printer->row->call->narrow ? (uint32_t)v : v;
}

/* --- args_captured.c: the memory that arguments point to */

/*
 * memory_read(), memory_written() - what is there when the call begins, and when it has returned without an error. The
 * bytes are the row's and as long-lived; none (NULL) where nothing was captured, no bytes (len 0) where the call itself
 * says that there are none.
 */
struct memory memory_read(const struct printer *printer, unsigned i);
struct memory memory_written(const struct printer *printer, unsigned i);

/* memory_left() - what a call that a signal has interrupted leaves behind for its caller. */
struct memory memory_left(const struct printer *printer, unsigned i);

/* memory_on_stack() - what the call goes by that stands on the caller's stack. */
struct memory memory_on_stack(const struct printer *printer);

/* memory_is_none() - does the call itself say that there are no bytes? Then nothing need have been captured. */
bool memory_is_none(const struct printer *printer, unsigned i);

/*
 * number_at(), signed_at() - a number in memory at offset in the byte order recorded, of width 1, 2, 4 or 8 bytes; 0
 * beyond the end.
 */
uint64_t number_at(const struct printer *printer, const struct memory *memory, size_t offset, unsigned width);
int64_t signed_at(const struct printer *printer, const struct memory *memory, size_t offset, unsigned width);

/* The width of a long or a pointer. */
static inline unsigned width_of_long(const struct printer *printer)
{
	return printer->small ? 4 : 8;
}

/* long_at() - long or pointer number i from offset on. */
static inline uint64_t long_at(const struct printer *printer, const struct memory *memory, size_t offset, size_t i)
{
	unsigned width = width_of_long(printer);

	return number_at(printer, memory, offset + i * width, width);
}

/* part_of() - the memory from offset on, at most len bytes; beyond the end no bytes. It is never said to be cut. */
struct memory part_of(const struct memory *memory, size_t offset, size_t len);

/* --- args_symbols.c: flags and symbols */

/* set_of(), set_by_id() - a set of symbols of the ABI recorded, by its number in signatures and by its name. */
const struct symbols *set_of(const struct printer *printer, unsigned set);
const struct symbols *set_by_id(const struct printer *printer, enum symbols_id id);

/*
 * put_set_flags() - the flags that have symbols, then the others as one number: O_CREAT|0x10. put_set_enum() - one
 * symbol of 32 bits, or its number. put_flags() and put_enum() are the same of a set by its name.
 */
char *put_set_flags(const struct printer *printer, char *p, const struct symbols *symbols, uint64_t value);
char *put_set_enum(const struct printer *printer, char *p, const struct symbols *symbols, uint64_t value);
char *put_flags(const struct printer *printer, char *p, enum symbols_id id, uint64_t value);
char *put_enum(const struct printer *printer, char *p, enum symbols_id id, uint64_t value);

/* put_more_flags() - the same flags behind what has been printed already, if begun: with | before the first one. */
char *put_more_flags(char *p, const struct symbols *symbols, uint64_t value, bool begun);

/* Those of open() and mmap(), the lowest bits of which are a number. */
char *put_open_flags(const struct printer *printer, char *p, uint64_t value);
char *put_mmap_flags(const struct printer *printer, char *p, uint64_t value);

/* Argument i, of the set that the signature names. */
char *put_flags_arg(const struct printer *printer, char *p, unsigned i);
char *put_enum_arg(const struct printer *printer, char *p, unsigned i);

/* --- args_values.c, args_numbers.c: one argument */

/* put_value() - argument i of a call, whatever it is, but for the kinds from SST_KIND_FIRST_OF_REST on. */
char *put_value(const struct printer *printer, char *p, unsigned i);

/* put_number_arg() - if it is no pointer and not one of the most frequent kinds, which put_value() prints itself. */
char *put_number_arg(const struct printer *printer, char *p, unsigned i);

/*
 * Descriptors (put_dirfd(): or AT_FDCWD), users and groups (-1 where all bits are set), permissions, types of files
 * with permissions, devices. Of each but the last the lowest 32 bits count, of modes 16.
 */
char *put_fd(char *p, uint64_t value);
char *put_dirfd(char *p, uint64_t value);
char *put_uid(char *p, uint64_t value);
char *put_mode(char *p, uint64_t value);
char *put_file_mode(const struct printer *printer, char *p, uint64_t value);
char *put_device(char *p, uint64_t value);

/* --- args_text.c: strings */

/* put_text() - len bytes in quotation marks; cut: "..." behind them. put_quoted() - the same of a whole one. */
char *put_quoted(const struct printer *printer, char *p, const uint8_t *bytes, size_t len);
char *put_text(const struct printer *printer, char *p, const uint8_t *bytes, size_t len, bool cut);

/* Argument i, or its address where nothing is known of it: a path or a name, the strings of argv, bytes. */
char *put_text_arg(const struct printer *printer, char *p, unsigned i);
char *put_strings_arg(const struct printer *printer, char *p, unsigned i);
char *put_data_arg(const struct printer *printer, char *p, unsigned i);

/* The address of argument i, and in a comment how many variables or entries of a directory are there, if known. */
char *put_environment_arg(const struct printer *printer, char *p, unsigned i);
char *put_dirents_arg(const struct printer *printer, char *p, unsigned i);

/* --- args_memory.c: structures */

/* Argument i, a structure or numbers, or its address where too little of it is known; a set of select(). */
char *put_memory_arg(const struct printer *printer, char *p, unsigned i);
char *put_fdset_arg(const struct printer *printer, char *p, unsigned i);

/* Argument i, the time that an interrupted sleep had left, or its address. */
char *put_remaining_arg(const struct printer *printer, char *p, unsigned i);

/* put_flock() - struct flock, or flock64 if wide; owner: with the PID that has the lock. */
char *put_flock(const struct printer *printer, char *p, const struct memory *memory, bool wide, bool owner);

/* put_polled() - those of an array of struct pollfd that have events. */
char *put_polled(const struct printer *printer, char *p, const struct memory *memory);

/* --- args_signal.c: signals */

/* put_signal() - SIGINT, SIGRT_3; beyond 64 its number, of 32 bits. put_handler() - SIG_DFL, SIG_IGN or the address. */
char *put_signal(char *p, uint64_t value);
char *put_handler(const struct printer *printer, char *p, uint64_t value);

/* put_sigset() - at most 8 bytes of the set, without SIG: [INT CHLD], or ~[INT CHLD] of nearly all. */
char *put_sigset(const struct printer *printer, char *p, const struct memory *memory);

/* put_sigstack() - struct sigaltstack: three longs of memory. */
char *put_sigstack(const struct printer *printer, char *p, const struct memory *memory);

/* put_signal_memory() - argument i, a structure that has to do with signals, or its address. */
char *put_signal_memory(const struct printer *printer, char *p, unsigned i);

/* --- args_socket.c: sockets */

/* put_sockaddr() - struct sockaddr, by its family; of one that is too short for it, or unknown, the bytes. */
char *put_sockaddr(const struct printer *printer, char *p, const struct memory *memory);

/* put_mac() - a hardware address: 01:02:03:04:05:06. */
char *put_mac(char *p, const struct memory *memory);

/* Argument i, or its address where nothing is known of it: a socket address, its length. */
char *put_sockaddr_arg(const struct printer *printer, char *p, unsigned i);
char *put_socklen_arg(const struct printer *printer, char *p, unsigned i);

/* Argument i, a protocol of the family that an argument before it is; and the type, with its flags. */
char *put_socket_protocol(const struct printer *printer, char *p, unsigned i);
char *put_socket_type(const struct printer *printer, char *p, uint64_t value);

/* --- args_sockopt.c: options of sockets */

/* put_credentials() - struct ucred, 12 bytes. */
char *put_credentials(const struct printer *printer, char *p, const struct memory *memory);

/* Argument i: an option of the level in the argument before, and its value, or its address. */
char *put_sockopt_name(const struct printer *printer, char *p, unsigned i);
char *put_sockopt_arg(const struct printer *printer, char *p, unsigned i);

/* --- args_security.c: capabilities and seccomp() */

/* put_capability_header() - whose capabilities: at least 8 bytes. */
char *put_capability_header(const struct printer *printer, char *p, const struct memory *memory);

/* Argument i, which is to be read as argument 0 says, or its address. */
char *put_capability_data_arg(const struct printer *printer, char *p, unsigned i);
char *put_seccomp_arg(const struct printer *printer, char *p, unsigned i);

/* --- args_terminal.c: terminals */

/* put_terminal() - struct termios of the kernel, at least 16 bytes of it. */
char *put_terminal(const struct printer *printer, char *p, const struct memory *memory);

/* --- args_message.c: messages */

/* Argument i, or its address: one vector of buffers, one message, several of them. */
char *put_vector_arg(const struct printer *printer, char *p, unsigned i);
char *put_message_arg(const struct printer *printer, char *p, unsigned i);
char *put_messages_arg(const struct printer *printer, char *p, unsigned i);

/* --- args_calls.c: calls in which one argument says what the others are */

/*
 * put_rest_of_call() - the arguments from i on, with ", " before them. i is of one of the kinds from
 * SST_KIND_FIRST_OF_REST on.
 */
char *put_rest_of_call(const struct printer *printer, char *p, unsigned i);

/* --- args_ioctl.c, args_interface.c: ioctl() */

/* put_ioctl_request() - by its name, or by what is encoded in it. */
char *put_ioctl_request(const struct printer *printer, char *p, uint64_t value);

/* put_ioctl_rest() - ", " and the argument, or nothing where the request takes none. */
char *put_ioctl_rest(const struct printer *printer, char *p);

/* Is it about a network interface? Then put_interface_arg() prints the argument, with what the call has found out. */
bool is_interface_request(uint32_t request);
char *put_interface_arg(const struct printer *printer, char *p, uint32_t request);

#endif
