/* args_signal.c - signals in arguments: see args_put.h */
#include "args_put.h"

#include "format/abi.h"

#define REALTIME 32 /* the first real-time signal, as the kernel counts */

/* Without "SIG". */
static char *put_short_signal(char *p, uint32_t number)
{
	const struct symbol *symbol = number ? symbols_find(symbols_of(0, SYMBOLS_signal), number) : NULL;

	if (symbol)
		return put_string(p, symbol->name + 3);
	return put_u64(PUT(p, "RT_"), number - REALTIME);
}

char *put_signal(char *p, uint64_t value)
{
	uint32_t number = (uint32_t)value;

	if (number == 0 || number > 64)
		return put_i64(p, (int32_t)number);
	return put_short_signal(PUT(p, "SIG"), number);
}

char *put_handler(const struct printer *printer, char *p, uint64_t value)
{
	if (value == 0)
		return PUT(p, "SIG_DFL");
	if (value == (printer->small ? UINT32_MAX : UINT64_MAX))
		return PUT(p, "SIG_ERR");
	return value == 1 ? PUT(p, "SIG_IGN") : put_0x(p, value);
}

/* Whether signal number is in the set: words of long, the first with the lowest signals. */
static bool has_signal(const struct printer *printer, const struct memory *memory, unsigned number)
{
	unsigned width = width_of_long(printer), bit = number - 1;

	return number_at(printer, memory, bit / 8 / width * width, width) >> bit % (8 * width) & 1;
}

/* [INT CHLD], or ~[INT CHLD] of all others where that is shorter. */
char *put_sigset(const struct printer *printer, char *p, const struct memory *memory)
{
	unsigned n = (unsigned)(memory->len < 8 ? memory->len : 8) * 8, in = 0;
	bool invert, begun = false;

	for (unsigned s = 1; s <= n; s++)
		in += has_signal(printer, memory, s);
	invert = in >= n * 2 / 3;
	if (invert)
		*p++ = '~';
	*p++ = '[';
	for (unsigned s = 1; s <= n; s++) {
		if (has_signal(printer, memory, s) == invert)
			continue;
		if (begun)
			*p++ = ' ';
		begun = true;
		p = put_short_signal(p, s);
	}
	*p++ = ']';
	return p;
}

char *put_sigstack(const struct printer *printer, char *p, const struct memory *memory)
{
	unsigned width = width_of_long(printer);

	p = put_address(PUT(p, "{ss_sp="), long_at(printer, memory, 0, 0));
	p = put_flags(printer, PUT(p, ", ss_flags="), SYMBOLS_sigstack, number_at(printer, memory, width, 4));
	p = put_u64(PUT(p, ", ss_size="), long_at(printer, memory, 0, 2));
	*p++ = '}';
	return p;
}

/* ABIs of 64 bits, but for x86_64, and riscv32 have no sa_restorer. */
static bool has_restorer(unsigned abi)
{
	return abi != SST_ABI_RISCV64 && abi != SST_ABI_RISCV32;
}

static char *put_sigaction_of(const struct printer *printer, char *p, uint64_t handler, const struct memory *mask,
			      uint64_t flags, uint64_t restorer)
{
	p = put_handler(printer, PUT(p, "{sa_handler="), handler);
	p = put_sigset(printer, PUT(p, ", sa_mask="), mask);
	p = put_flags(printer, PUT(p, ", sa_flags="), SYMBOLS_sigaction, flags);
	if (flags & 0x04000000) /* SA_RESTORER */
		p = put_address(PUT(p, ", sa_restorer="), restorer);
	*p++ = '}';
	return p;
}

/* struct sigaction as the kernel has it: handler, flags, restorer, mask. */
static char *put_sigaction(const struct printer *printer, char *p, const struct memory *memory)
{
	size_t words = has_restorer(printer->abi) ? 3 : 2;
	struct memory mask = part_of(memory, words * width_of_long(printer), 8);

	return put_sigaction_of(printer, p, long_at(printer, memory, 0, 0), &mask, long_at(printer, memory, 0, 1),
				words == 3 ? long_at(printer, memory, 0, 2) : 0);
}

/* The one of sigaction(): handler, mask, flags, restorer. */
static char *put_old_sigaction(const struct printer *printer, char *p, const struct memory *memory)
{
	unsigned width = width_of_long(printer);
	struct memory mask = part_of(memory, width, width);

	return put_sigaction_of(printer, p, long_at(printer, memory, 0, 0), &mask, long_at(printer, memory, 0, 2),
				long_at(printer, memory, 0, 3));
}

/* The fields that every signal of a child or from a process has. */
static char *put_siginfo(const struct printer *printer, char *p, const struct memory *memory)
{
	uint64_t number = number_at(printer, memory, 0, 4);
	int64_t code = signed_at(printer, memory, 8, 4);
	size_t at = width_of_long(printer) == 8 ? 16 : 12;
	bool child = number == 17 && code > 0; /* SIGCHLD */
	uint64_t status = number_at(printer, memory, at + 8, 4);

	if (!number)
		return PUT(p, "{}");
	p = put_signal(PUT(p, "{si_signo="), number);
	p = put_enum(printer, PUT(p, ", si_code="), child ? SYMBOLS_si_code_child : SYMBOLS_si_code, (uint64_t)code);
	if (signed_at(printer, memory, 4, 4))
		p = put_i64(PUT(p, ", si_errno="), signed_at(printer, memory, 4, 4));
	p = put_i64(PUT(p, ", si_pid="), signed_at(printer, memory, at, 4));
	p = put_uid(PUT(p, ", si_uid="), number_at(printer, memory, at + 4, 4));
	if (child) {
		size_t times = at + 12 + (width_of_long(printer) == 8 ? 4 : 0);

		p = PUT(p, ", si_status=");
		p = code == 1 ? put_u64(p, status) : put_signal(p, status); /* CLD_EXITED: an exit code */
		p = put_ticks(PUT(p, ", si_utime="), long_at(printer, memory, times, 0));
		p = put_ticks(PUT(p, ", si_stime="), long_at(printer, memory, times, 1));
	}
	*p++ = '}';
	return p;
}

static char *put_sigevent(const struct printer *printer, char *p, const struct memory *memory)
{
	unsigned width = width_of_long(printer);
	int64_t number = signed_at(printer, memory, width, 4);
	uint64_t notify = number_at(printer, memory, width + 4, 4);

	*p++ = '{';
	if (long_at(printer, memory, 0, 0)) {
		p = put_i64(PUT(p, "sigev_value={sival_int="), signed_at(printer, memory, 0, 4));
		p = put_address(PUT(p, ", sival_ptr="), long_at(printer, memory, 0, 0));
		p = PUT(p, "}, ");
	}
	p = PUT(p, "sigev_signo=");
	p = notify == 0 || notify == 4 ? put_signal(p, (uint64_t)number) : put_i64(p, number);
	p = put_enum(printer, PUT(p, ", sigev_notify="), SYMBOLS_sigev, notify);
	if (notify == 4) /* SIGEV_THREAD_ID */
		p = put_i64(PUT(p, ", sigev_notify_thread_id="), signed_at(printer, memory, width + 8, 4));
	*p++ = '}';
	return p;
}

/* {sigmask=…, sigsetsize=8}: pselect6() has no register left for the two. */
static char *put_sigset_pair(const struct printer *printer, char *p, const struct memory *memory)
{
	p = put_address(PUT(p, "{sigmask="), long_at(printer, memory, 0, 0));
	p = put_u64(PUT(p, ", sigsetsize="), long_at(printer, memory, 0, 1));
	*p++ = '}';
	return p;
}

static char *put_stopped(char *p, uint32_t status)
{
	p = put_signal(PUT(p, "{WIFSTOPPED(s) && WSTOPSIG(s) == "), status >> 8 & 0xff);
	if (status >> 16)
		p = put_u64(PUT(p, "} | "), status >> 16);
	return PUT(p, "}");
}

static char *put_wait_status(char *p, uint32_t status)
{
	if ((status & 0xff) == 0x7f)
		return put_stopped(p, status);
	if (status == 0xffff)
		return PUT(p, "{WIFCONTINUED(s)}");
	if (status & 0x7f) {
		p = put_signal(PUT(p, "{WIFSIGNALED(s) && WTERMSIG(s) == "), status & 0x7f);
		return status & 0x80 ? PUT(p, " && WCOREDUMP(s)}") : PUT(p, "}");
	}
	p = put_u64(PUT(p, "{WIFEXITED(s) && WEXITSTATUS(s) == "), status >> 8 & 0xff);
	return PUT(p, "}");
}

static char *put_status(const struct printer *printer, char *p, const struct memory *memory)
{
	p = put_wait_status(PUT(p, "["), (uint32_t)number_at(printer, memory, 0, 4));
	*p++ = ']';
	return p;
}

char *put_signal_memory(const struct printer *printer, char *p, unsigned i)
{
	static const struct {
		uint8_t kind;
		uint8_t needs;
		char *(*put)(const struct printer *printer, char *p, const struct memory *memory);
	} kinds[] = {
		{SST_KIND_SIGACTION, 12, put_sigaction},    {SST_KIND_OLD_SIGACTION, 12, put_old_sigaction},
		{SST_KIND_SIGINFO, 48, put_siginfo},        {SST_KIND_SIGEVENT, 20, put_sigevent},
		{SST_KIND_SIGSET_PAIR, 8, put_sigset_pair}, {SST_KIND_WAIT_STATUS, 4, put_status},
	};
	const struct sst_arg *arg = &printer->signature->arg[i];
	struct memory memory = arg->direction & SST_READS ? memory_read(printer, i) : memory_written(printer, i);

	for (size_t k = 0; memory.bytes && k < sizeof(kinds) / sizeof(kinds[0]); k++)
		if (kinds[k].kind == arg->kind && memory.len >= kinds[k].needs)
			return kinds[k].put(printer, p, &memory);
	return put_address(p, value_of(printer, i));
}
