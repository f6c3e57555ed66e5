/*
 * arguments.c - calls of every kind for `strace` to look at, and a recording of the same calls made by the program
 * itself: their registers and what they point to, captured as format/signature.h says.
 *
 *	arguments real FILE.sst		calls that do something, with structures
 *	arguments sweep FILE.sst	every call the tables know with many values, of which none is carried out
 *
 * Each call that counts comes right after a getpgid(MARK). tests/e2e/arguments.py compares what strace says of them
 * with the args column of FILE.sst.
 */
#include <stdio.h>
#include <string.h>

#include "arguments.h"

static void real(void)
{
	files();
	descriptors();
	memory_calls();
	signals();
	processes();
	times_and_locks();
	sockets();
	messages();
	terminals();
	executions();
	requests();
	options();
}

int main(int argc, char **argv)
{
	if (argc != 3) {
		fprintf(stderr, "usage: arguments real|sweep FILE.sst\n");
		return 2;
	}
	begin_recording(argv[2]);
	if (strcmp(argv[1], "real") == 0)
		real();
	else
		sweep();
	end_recording();
	return 0;
}
