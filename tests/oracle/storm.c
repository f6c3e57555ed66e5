/*
 * storm.c - getppid as fast as it goes, or paced, in one or more threads or processes; says how often in each.
 *
 *	storm FILE|- CALLS THREADS [wait|PAUSE_NS|processes|preempters=N]...
 *
 * FILE: a line a thread, "sum tid count": between the thread's first markers there are count calls, recorded or
 * lost and accounted for. "-": none, and nothing but the storm is done. PAUSE_NS: sleep that long between calls.
 * processes: instead of threads. preempters: so many threads more, of real-time priority, which wake up all the
 * time, interrupt the others wherever they are and make some calls themselves, until the others are done. Prints
 * ns per call on standard error, elapsed and of CPU time. Exit status 77: no real-time priority here.
 */
#include "oracle.h"

#include <pthread.h>
#include <sched.h>
#include <sys/wait.h>
#include <time.h>

#define MOST    256
#define MARKERS 5

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

/* Always a system call: the vDSO may have this clock or not, and every call is counted. */
static double now(struct result *result, clockid_t clock)
{
	struct timespec t = {0};

	call(SYS_clock_gettime, (uint64_t)clock, (uint64_t)&t, 0, 0, 0, 0);
	result->made++;
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

/* Between two markers: another time for each thread, so that not all need a piece of a small ring at once each time. */
static void sleep_between(const struct result *result)
{
	sleep_ns(20000000 + 2000000 * (result->tid % 16));
}

/*
 * The first marker is made when all threads are there and nothing else happens. As small rings may lose it all the
 * same, it is made several times, each with its number: whoever finds one knows how many calls there were since the
 * first.
 */
static void begin(struct result *result)
{
	result->tid = (int)call0(SYS_gettid);
	for (uint64_t i = 0; marked && i < MARKERS; i++) {
		if (i)
			sleep_between(result);
		else
			sleep_ns(200000000);
		call(SYS_getpriority, MARK_BEGIN, i, 0, 0, 0, 0);
	}
	if (marked)
		result->made += 2 * (MARKERS - 1);
	__atomic_fetch_add(&shared->here, 1, __ATOMIC_SEQ_CST);
}

/* The same at the end, when everybody's storm is over. What is between the first of the last markers and another
 * counts. */
static void end(struct result *result)
{
	__atomic_fetch_add(&shared->ended, 1, __ATOMIC_SEQ_CST);
	if (!marked)
		return;
	for (; __atomic_load_n(&shared->ended, __ATOMIC_SEQ_CST) < threads + preempters; result->made++)
		sleep_ns(20000000);
	sleep_ns(200000000);
	result->made++;
	for (uint64_t i = 0; i < MARKERS; i++) {
		call(SYS_getpriority, MARK_END, i, 0, 0, 0, 0);
		sleep_between(result);
	}
}

static void *run(void *arg)
{
	struct result *result = arg;
	double began, cpu_began;

	begin(result);
	wait_for_all();
	began = now(result, CLOCK_MONOTONIC);
	cpu_began = now(result, CLOCK_THREAD_CPUTIME_ID);
	for (long i = 0; i < calls; i++) {
		if (pause_ns)
			sleep_ns(pause_ns);
		else
			call0(SYS_getppid);
	}
	result->cpu_ns = (now(result, CLOCK_THREAD_CPUTIME_ID) - cpu_began) / (double)calls;
	result->ns = (now(result, CLOCK_MONOTONIC) - began) / (double)calls;
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
		sleep_ns(100000 + i * 7919 % 400000);
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
		if (t < threads)
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
