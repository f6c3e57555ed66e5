/*
 * threads.c - seven threads at once, each makes its own prime number of calls with its own arguments.
 */
#include "oracle.h"

#include <pthread.h>

static const int counts[] = {101, 211, 307, 401, 503, 601, 701};
#define THREADS (sizeof(counts) / sizeof(counts[0]))

static pthread_barrier_t all_there;

static void *run(void *arg)
{
	size_t t = (size_t)arg;
	struct log *log = oracle_log();

	pthread_barrier_wait(&all_there);
	log_open(log);
	for (int i = 0; i < counts[t]; i++) {
		if (i % 3 == 0)
			made(log, 2, SYS_getpriority, 0x70000000 + t, (uint64_t)i, 1, 2, 3, 4);
		else if (i % 3 == 1)
			made(log, 1, SYS_close, 0x60000000 + 1000 * t + (uint64_t)i, 1, 2, 3, 4, 5);
		else
			made(log, 0, SYS_gettid, 1, 2, 3, 4, 5, 6);
	}
	log_close(log);
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t threads[THREADS];

	oracle_begin(argc, argv);
	pthread_barrier_init(&all_there, NULL, THREADS);
	for (size_t t = 0; t < THREADS; t++)
		if (pthread_create(&threads[t], NULL, run, (void *)t))
			return 1;
	for (size_t t = 0; t < THREADS; t++)
		pthread_join(threads[t], NULL);
	oracle_end();
	return 0;
}
