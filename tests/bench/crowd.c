/*
 * crowd.c - `crowd N CALLS [PAUSE]`: N processes, all there at once, that call getppid so often each when a line comes
 * in, with so many us between two calls; says "ready" before. They end with their parent.
 */
#include <stdio.h>
#include <stdlib.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void be_one(int gate, long calls, long pause)
{
	char byte;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (read(gate, &byte, 1) != 0)
		_exit(1);
	while (calls-- > 0) {
		syscall(SYS_getppid);
		if (pause)
			usleep((useconds_t)pause);
	}
	_exit(0);
}

int main(int argc, char **argv)
{
	long n = argc >= 3 ? atol(argv[1]) : 0, bad = 0;
	int gate[2], status;

	if (n < 1 || pipe(gate) != 0)
		return 2;
	for (long i = 0; i < n; i++) {
		pid_t pid = fork();

		if (pid < 0)
			return 1;
		if (pid == 0) {
			close(gate[1]);
			be_one(gate[0], atol(argv[2]), argc > 3 ? atol(argv[3]) : 0);
		}
	}
	puts("ready");
	fflush(stdout);
	if (getchar() == EOF)
		return 1;
	close(gate[1]);
	while (wait(&status) > 0)
		bad += status != 0;
	return bad > 0;
}
