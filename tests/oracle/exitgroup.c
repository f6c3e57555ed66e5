/*
 * exitgroup.c - exit_group while 17 other threads are inside a call: each of them leaves one unfinished row.
 */
#include "oracle.h"

#include <pthread.h>

#define THREADS 17

static int ends[2];
static char buffer[THREADS + 1];
static int inside;

static void *block(void *arg)
{
	size_t n = (size_t)arg;
	struct log *log = oracle_log();

	log_open(log);
	made(log, 1, SYS_close, 0x70000000 + n, 0, 0, 0, 0, 0);
	will(log, "unfinished", 3, SYS_read, (uint64_t)ends[0], (uint64_t)buffer, n);
	__atomic_fetch_add(&inside, 1, __ATOMIC_SEQ_CST);
	call(SYS_read, (uint64_t)ends[0], (uint64_t)buffer, n, 0, 0, 0);
	abort();
}

int main(int argc, char **argv)
{
	pthread_t thread;
	struct log *log;

	oracle_begin(argc, argv);
	if (pipe(ends))
		return 1;
	for (size_t n = 1; n <= THREADS; n++)
		if (pthread_create(&thread, NULL, block, (void *)n))
			return 1;
	while (__atomic_load_n(&inside, __ATOMIC_SEQ_CST) < THREADS)
		usleep(1000);
	usleep(100000); /* from "about to" to "in" */
	log = oracle_log();
	log->pid = log->tid = (int)getpid();
	log_comm(log);
	will(log, "no-return", 1, SYS_exit_group, 0, 0, 0)->how = "has";
	oracle_end();
	call(SYS_exit_group, 0, 0, 0, 0, 0, 0);
	abort();
}
