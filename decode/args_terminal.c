/* args_terminal.c - the settings of terminals: see args_put.h */
#include "args_put.h"

/* Some bits of a field are a number; of those with names of their own in asm-generic/termbits.h. */
struct choice {
	uint32_t mask;
	const char *names[4];
};

static char *put_choices(char *p, const struct choice *choices, size_t n, uint64_t value)
{
	for (size_t i = 0; i < n; i++) {
		unsigned lowest = 0;

		while (!(choices[i].mask >> lowest & 1))
			lowest++;
		p = put_string(p, choices[i].names[(value & choices[i].mask) >> lowest]);
		*p++ = '|';
	}
	return p;
}

/* The rest of a field; nothing where there is none, as strace has it. */
static char *put_rest(const struct printer *printer, char *p, enum symbols_id id, uint64_t value)
{
	const struct symbols *symbols = symbols_of(printer->abi, id);

	for (size_t i = 0; i < symbols->n; i++)
		if (value & symbols->list[i].value)
			return put_flags(printer, p, id, value);
	return value ? put_0x(p, value) : p;
}

static char *put_output(const struct printer *printer, char *p, uint64_t flags)
{
	static const struct choice choices[] = {{0x100, {"NL0", "NL1"}},
						{0x600, {"CR0", "CR1", "CR2", "CR3"}},
						{0x1800, {"TAB0", "TAB1", "TAB2", "XTABS"}},
						{0x2000, {"BS0", "BS1"}},
						{0x4000, {"VT0", "VT1"}},
						{0x8000, {"FF0", "FF1"}}};

	p = put_choices(p, choices, sizeof(choices) / sizeof(choices[0]), flags);
	return put_rest(printer, p, SYMBOLS_term_output, flags & ~UINT64_C(0xff00));
}

#define SPEED_MASK  0x100fu
#define INPUT_SHIFT 16

static const char *speed_name(uint64_t flags)
{
	static const char *const slow[] = {"B0",   "B50",   "B75",   "B110",  "B134",  "B150",  "B200",   "B300",
					   "B600", "B1200", "B1800", "B2400", "B4800", "B9600", "B19200", "B38400"};
	static const char *const fast[] = {"BOTHER",   "B57600",   "B115200",  "B230400",  "B460800",  "B500000",
					   "B576000",  "B921600",  "B1000000", "B1152000", "B1500000", "B2000000",
					   "B2500000", "B3000000", "B3500000", "B4000000"};

	return (flags & 0x1000 ? fast : slow)[flags & 15];
}

static char *put_control_flags(const struct printer *printer, char *p, uint64_t flags)
{
	static const struct choice size = {0x30, {"CS5", "CS6", "CS7", "CS8"}};

	p = PUT(put_string(p, speed_name(flags)), "|");
	if (flags >> INPUT_SHIFT & SPEED_MASK)
		p = PUT(put_string(p, speed_name(flags >> INPUT_SHIFT)), "<<IBSHIFT|");
	p = put_choices(p, &size, 1, flags);
	return put_rest(printer, p, SYMBOLS_term_control,
			flags & ~(uint64_t)(SPEED_MASK << INPUT_SHIFT | SPEED_MASK | 0x30));
}

char *put_terminal(const struct printer *printer, char *p, const struct memory *memory)
{
	p = put_rest(printer, PUT(p, "{c_iflag="), SYMBOLS_term_input, number_at(printer, memory, 0, 4));
	p = put_output(printer, PUT(p, ", c_oflag="), number_at(printer, memory, 4, 4));
	p = put_control_flags(printer, PUT(p, ", c_cflag="), number_at(printer, memory, 8, 4));
	p = put_rest(printer, PUT(p, ", c_lflag="), SYMBOLS_term_local, number_at(printer, memory, 12, 4));
	return PUT(p, ", ...}");
}
