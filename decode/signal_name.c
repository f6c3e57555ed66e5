/* signal_name.c - see signal_name.h */
#include "signal_name.h"

#include <string.h>

#include "number.h"

#define RTMIN 32 /* of the kernel; the C library keeps the first ones to itself */
#define RTMAX 64

char *signal_name(char *p, unsigned number)
{
	static const char *const names[RTMIN] = {
		NULL,   "HUP",  "INT",  "QUIT", "ILL",    "TRAP",   "ABRT",  "BUS",  "FPE",  "KILL", "USR1",
		"SEGV", "USR2", "PIPE", "ALRM", "TERM",   "STKFLT", "CHLD",  "CONT", "STOP", "TSTP", "TTIN",
		"TTOU", "URG",  "XCPU", "XFSZ", "VTALRM", "PROF",   "WINCH", "IO",   "PWR",  "SYS",
	};
	char text[NUMBER_ROOM], *end;

	if (number > 0 && number < RTMIN)
		return stpcpy(stpcpy(p, "SIG"), names[number]);
	if (number == RTMIN)
		return stpcpy(p, "SIGRTMIN");
	end = put_u64(text, number > RTMIN && number <= RTMAX ? number - RTMIN : number);
	*end = 0;
	return stpcpy(number > RTMIN && number <= RTMAX ? stpcpy(p, "SIGRT_") : p, text);
}
