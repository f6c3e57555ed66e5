/*
 * busy.c - a load with all that a recorder keeps something of: threads that stay and call, processes that are born,
 * call and end, and programs that are executed.
 *
 *	busy SECONDS
 */
#include <pthread.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PARENTS 8
#define CALLS   20 /* of each process */
#define THREADS 8

static time_t end;

static time_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

static void call(int n)
{
	while (n-- > 0)
		syscall(SYS_getppid);
}

static void *stay(void *context)
{
	const struct timespec pause = {.tv_nsec = 1000000};

	(void)context;
	while (now() < end) {
		call(500);
		nanosleep(&pause, NULL);
	}
	return NULL;
}

/* Each hundredth executes a program. */
static void child(int n)
{
	call(CALLS);
	if (n % 100 == 0)
		execl("/bin/true", "true", (char *)NULL);
	_exit(0);
}

static void have_children(void)
{
	for (int n = 1; now() < end; n++) {
		pid_t pid = fork();

		if (pid == 0)
			child(n);
		if (pid > 0)
			waitpid(pid, NULL, 0);
	}
	_exit(0);
}

int main(int argc, char **argv)
{
	pthread_t threads[THREADS];

	if (argc != 2)
		return 2;
	end = now() + atoi(argv[1]);
	for (int i = 0; i < PARENTS; i++)
		if (fork() == 0)
			have_children();
	for (int i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, stay, NULL) != 0)
			return 1;
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	while (wait(NULL) > 0)
		;
	return 0;
}
