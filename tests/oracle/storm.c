/*
 * storm.c - getppid as fast as it goes, or paced, in one or more threads or processes; says how often in each.
 *
 *	storm FILE|- CALLS THREADS [wait|PAUSE_NS|processes|preempters=N]...
 *
 * FILE: a line a thread, "sum tid count": between the thread's two markers there are count calls, recorded or accounted
 * as lost. "-": none, and nothing but the storm is done. PAUSE_NS: sleep that long between calls. processes: instead of
 * threads. preempters: so many threads more, of real-time priority, which wake up all the time, interrupt the others
 * wherever they are and make some calls themselves, until the others are done. Prints ns per call on standard error,
 * elapsed and of CPU time, without FILE: to read a clock may be a system call. Exit status 77: no real-time priority
 *here.
 */
#include "oracle.h"

#include <pthread.h>
#include <sched.h>
#include <sys/wait.h>
#include <time.h>

#define MOST 256

struct result {
	int tid;
	long made;
	double ns, cpu_ns; /* a call: elapsed, and of this thread's CPU time */
};

/* In memory that the processes share. */
struct shared {
	long here, ended;
	bool over, no_priority;
	struct result results[2 * MOST];
};

static struct shared *shared;
static long calls, pause_ns, threads, preempters;
static bool marked, processes;

static double now(clockid_t clock)
{
	struct timespec t = {0};

	if (!marked)
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
	while (__atomic_load_n(&shared->here, __ATOMIC_SEQ_CST) < threads + preempters)
		;
}

/* The storm begins when every thread has made its marker: then the recorder has caught up, and none of them is lost. */
static void begin(struct result *result)
{
	result->tid = (int)call0(SYS_gettid);
	if (marked) {
		call(SYS_getpriority, MARK_BEGIN, 0, 0, 0, 0, 0);
		sleep_ns(100000000);
		result->made++;
	}
	__atomic_fetch_add(&shared->here, 1, __ATOMIC_SEQ_CST);
}

/* The same at the end: a marker in somebody else's storm might be lost. */
static void end(struct result *result)
{
	__atomic_fetch_add(&shared->ended, 1, __ATOMIC_SEQ_CST);
	if (!marked)
		return;
	for (; __atomic_load_n(&shared->ended, __ATOMIC_SEQ_CST) < threads + preempters; result->made++)
		sleep_ns(20000000);
	sleep_ns(300000000);
	result->made++;
	call(SYS_getpriority, MARK_END, 0, 0, 0, 0, 0);
}

static void *run(void *arg)
{
	struct result *result = arg;
	double began, cpu_began;

	begin(result);
	wait_for_all();
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
	result->made += calls;
	end(result);
	return NULL;
}

/* Odd pauses, so that it wakes up at ever other places of what it interrupts. */
static void *preempt(void *arg)
{
	struct sched_param param = {.sched_priority = 1};
	struct result *result = arg;

	if (sched_setscheduler(0, SCHED_FIFO, &param))
		shared->no_priority = true;
	begin(result);
	for (long i = 0; !__atomic_load_n(&shared->over, __ATOMIC_SEQ_CST); i++) {
		sleep_ns(20000 + i * 7919 % 50000);
		call0(SYS_getppid);
		call0(SYS_getppid);
		result->made += 3;
	}
	end(result);
	return NULL;
}

/* One of them, as a thread or as a process. */
static void start(pthread_t *thread, pid_t *pid, void *(*what)(void *), struct result *result)
{
	if (!processes) {
		if (pthread_create(thread, NULL, what, result))
			exit(1);
		return;
	}
	*pid = fork();
	if (*pid == 0) {
		what(result);
		_exit(0);
	}
	if (*pid < 0)
		exit(1);
}

static void storm(void)
{
	static pthread_t ids[2 * MOST];
	static pid_t pids[2 * MOST];

	for (long t = 0; t < threads + preempters; t++)
		start(&ids[t], &pids[t], t < threads ? run : preempt, &shared->results[t]);
	while (preempters && __atomic_load_n(&shared->ended, __ATOMIC_SEQ_CST) < threads)
		sleep_ns(10000000);
	__atomic_store_n(&shared->over, true, __ATOMIC_SEQ_CST);
	for (long t = 0; t < threads + preempters; t++) {
		if (processes)
			waitpid(pids[t], NULL, 0);
		else
			pthread_join(ids[t], NULL);
	}
}

static int report(const char *path)
{
	FILE *out = marked ? fopen(path, "w") : stderr;

	if (!out) {
		perror(path);
		return 1;
	}
	for (long t = 0; t < threads + preempters; t++) {
		const struct result *r = &shared->results[t];

		if (marked)
			fprintf(out, "sum\t%d\t%ld\n", r->tid, r->made);
		if (!marked && t < threads)
			fprintf(stderr, "%.2f ns, %.2f ns CPU\n", r->ns, r->cpu_ns);
	}
	return fflush(out) ? 1 : 0;
}

static void option(const char *text)
{
	if (!strcmp(text, "wait"))
		oracle_wait();
	else if (!strcmp(text, "processes"))
		processes = true;
	else if (!strncmp(text, "preempters=", 11))
		preempters = atol(text + 11);
	else
		pause_ns = atol(text);
}

int main(int argc, char **argv)
{
	int result;

	threads = argc > 3 ? atol(argv[3]) : 0;
	for (int i = 4; i < argc; i++)
		option(argv[i]);
	if (threads < 1 || threads > MOST || preempters < 0 || preempters > MOST) {
		fprintf(stderr, "usage: %s FILE|- CALLS THREADS [wait|PAUSE_NS|processes|preempters=N]...\n", argv[0]);
		return 2;
	}
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return 1;
	calls = atol(argv[2]);
	marked = strcmp(argv[1], "-") != 0;
	storm();
	result = report(argv[1]);
	if (!shared->no_priority)
		return result;
	puts("no real-time priority here");
	return 77;
}
