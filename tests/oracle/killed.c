/*
 * killed.c - a child with four threads, each inside a call of its own, is killed: each of them leaves one unfinished
 * row.
 */
#include "oracle.h"

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>

#define THREADS 3

static int ends[2];
static int *inside; /* threads about to enter their last call; shared with the parent */

static void enter(struct log *log, uint64_t nr, uint64_t a0, uint64_t a1, uint64_t a2)
{
	log_open(log);
	made(log, 1, SYS_close, 0x70000001, 0, 0, 0, 0, 0);
	will(log, "unfinished", 3, nr, a0, a1, a2);
	__atomic_fetch_add(inside, 1, __ATOMIC_SEQ_CST);
	call(nr, a0, a1, a2, 0, 0, 0);
	abort();
}

static void *in_read(void *arg)
{
	enter(oracle_log(), SYS_read, (uint64_t)ends[0], (uint64_t)arg, 0x1001);
	return NULL;
}

static void victim(void)
{
	static char buffers[THREADS][0x1001];
	pthread_t thread;

	for (size_t i = 0; i < THREADS; i++)
		if (pthread_create(&thread, NULL, in_read, buffers[i]))
			exit(1);
	enter(oracle_log(), SYS_read, (uint64_t)ends[0], (uint64_t)&thread, 0x1);
}

int main(int argc, char **argv)
{
	int status;
	pid_t pid;

	oracle_begin(argc, argv);
	inside = mmap(NULL, sizeof(*inside), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (inside == MAP_FAILED || pipe(ends))
		return 1;
	pid = fork();
	if (pid == 0)
		victim();
	while (__atomic_load_n(inside, __ATOMIC_SEQ_CST) < THREADS + 1)
		usleep(1000);
	usleep(100000); /* from "about to" to "in" */
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	oracle_end();
	return WIFSIGNALED(status) ? 0 : 1;
}
