/*
 * storm.c - getppid as fast as it goes, or paced, in one or more threads; says how often in each.
 *
 *	storm FILE|- CALLS THREADS [wait|PAUSE_NS]
 *
 * FILE: a line a thread, "sum tid count": between the thread's two markers there are count calls, recorded or accounted
 * as lost. "-": none, and nothing but the storm is done. PAUSE_NS: sleep that long between calls. Prints ns per call on
 * standard error, elapsed and of CPU time (0 with FILE: to read that clock is a system call).
 */
#include "oracle.h"

#include <pthread.h>
#include <time.h>

static long calls, pause_ns;
static bool marked;
static long here, threads_wanted;

struct result {
	int tid;
	double ns, cpu_ns; /* a call: elapsed, and of this thread's CPU time */
};

static double now(clockid_t clock)
{
	struct timespec t = {0};

	if (clock == CLOCK_MONOTONIC || !marked)
		clock_gettime(clock, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void sleep_ns(long ns)
{
	struct timespec pause = {.tv_nsec = ns};

	call(SYS_nanosleep, (uint64_t)&pause, 0, 0, 0, 0, 0);
}

/* Without a system call: every one between the markers is counted. */
static void wait_for_all(void)
{
	__atomic_fetch_add(&here, 1, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(&here, __ATOMIC_SEQ_CST) < threads_wanted)
		;
}

/* A marker with a pause inside the pair: the recorder has caught up, the markers themselves are not lost. */
static void begin(void)
{
	if (marked) {
		call(SYS_getpriority, MARK_BEGIN, 0, 0, 0, 0, 0);
		sleep_ns(100000000);
	}
	wait_for_all();
}

static void end(void)
{
	if (marked) {
		sleep_ns(300000000);
		call(SYS_getpriority, MARK_END, 0, 0, 0, 0, 0);
	}
}

static void *run(void *arg)
{
	struct result *result = arg;
	double began, cpu_began;

	result->tid = (int)call0(SYS_gettid);
	begin();
	began = now(CLOCK_MONOTONIC);
	cpu_began = now(CLOCK_THREAD_CPUTIME_ID);
	for (long i = 0; i < calls; i++) {
		if (pause_ns)
			sleep_ns(pause_ns);
		else
			call0(SYS_getppid);
	}
	result->cpu_ns = (now(CLOCK_THREAD_CPUTIME_ID) - cpu_began) / (double)calls;
	result->ns = (now(CLOCK_MONOTONIC) - began) / (double)calls;
	end();
	return NULL;
}

int main(int argc, char **argv)
{
	long n = argc > 3 ? atol(argv[3]) : 0;
	static struct result results[256];
	static pthread_t threads[256];
	FILE *out = stderr;

	if (n < 1 || n > 256) {
		fprintf(stderr, "usage: %s FILE|- CALLS THREADS [wait|PAUSE_NS]\n", argv[0]);
		return 2;
	}
	calls = atol(argv[2]);
	marked = strcmp(argv[1], "-") != 0;
	if (argc > 4 && !strcmp(argv[4], "wait"))
		oracle_wait();
	else if (argc > 4)
		pause_ns = atol(argv[4]);
	threads_wanted = n;
	for (long t = 0; t < n; t++)
		if (pthread_create(&threads[t], NULL, run, &results[t]))
			return 1;
	for (long t = 0; t < n; t++)
		pthread_join(threads[t], NULL);
	if (marked && !(out = fopen(argv[1], "w"))) {
		perror(argv[1]);
		return 1;
	}
	for (long t = 0; t < n; t++) {
		if (marked)
			fprintf(out, "sum\t%d\t%ld\n", results[t].tid, calls + 2);
		fprintf(stderr, "%.2f ns, %.2f ns CPU\n", results[t].ns, results[t].cpu_ns);
	}
	return 0;
}
