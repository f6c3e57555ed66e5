/*
 * slain.c - processes of two threads that make calls as fast as they can and are killed at random moments.
 *
 *	slain FILE KILLS
 *
 * FILE: a line a thread, "least tid count": from its marker on it has made count calls that came back, and at most
 * one more. The count is in memory that outlives it. tests/e2e/compare.py sums.
 */
#include "oracle.h"

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

struct victim {
	int tid[2];
	unsigned long made[2];
};

static struct victim *victim;

static void *storm(void *arg)
{
	long which = (long)(intptr_t)arg;
	volatile unsigned long *made = &victim->made[which];

	victim->tid[which] = (int)call0(SYS_gettid);
	call(SYS_getpriority, MARK_BEGIN, 0, 0, 0, 0, 0);
	for (;; ++*made)
		call0(SYS_getppid);
	return NULL;
}

static void pause_us(long us)
{
	struct timespec pause = {.tv_nsec = us * 1000};

	nanosleep(&pause, NULL);
}

static bool under_way(void)
{
	return __atomic_load_n(&victim->made[0], __ATOMIC_RELAXED) &&
	       __atomic_load_n(&victim->made[1], __ATOMIC_RELAXED);
}

/* Fork, wait until both threads storm, kill after up to 0.3 ms. */
static int kill_one(FILE *out)
{
	pthread_t thread;
	pid_t pid;

	memset(victim, 0, sizeof(*victim));
	pid = fork();
	if (pid < 0)
		return -1;
	if (pid == 0) {
		if (!pthread_create(&thread, NULL, storm, (void *)(intptr_t)1))
			storm(NULL);
		_exit(1);
	}
	while (!under_way())
		pause_us(20);
	pause_us(random() % 300);
	kill(pid, SIGKILL);
	if (waitpid(pid, NULL, 0) != pid)
		return -1;
	for (int i = 0; i < 2; i++)
		fprintf(out, "least\t%d\t%lu\n", victim->tid[i], victim->made[i]);
	return 0;
}

int main(int argc, char **argv)
{
	FILE *out = argc == 3 ? fopen(argv[1], "w") : NULL;
	long kills = argc == 3 ? atol(argv[2]) : 0;

	if (!out || kills < 1) {
		fprintf(stderr, "usage: %s FILE KILLS\n", argv[0]);
		return 2;
	}
	victim = mmap(NULL, sizeof(*victim), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (victim == MAP_FAILED)
		return 1;
	srandom((unsigned)getpid());
	for (; kills > 0; kills--)
		if (kill_one(out))
			return 1;
	return fclose(out) ? 1 : 0;
}
