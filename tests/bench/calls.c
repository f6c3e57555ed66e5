/*
 * calls.c - one call as fast as it goes: calls getppid|openat|fstat|cold COUNT (a thousand or more)
 *
 * Says "ready", waits for a line, makes the calls in blocks of a thousand and prints ns of CPU time per call, that of
 * the fastest quarter of the blocks at most: what else the machine does then hardly counts. openat is of a file that
 * does not exist, in a directory that does. cold opens names that are in no page of this process's memory at that
 * moment: each is in a page of its own of a file mapped, every second one across the end of it, and the kernel has been
 * asked to take all of these pages away.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT 21
#endif

#define BLOCK 1000

static long page;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void wait_for_go(void)
{
	printf("ready\n");
	fflush(stdout);
	while (getchar() != '\n' && !feof(stdin))
		;
}

static char *place(char *names, long i)
{
	return names + 2 * i * page + (i % 2 ? page - 9 : 64);
}

/* The names in a file, mapped, and thrown out of memory again. */
static char *cold_names(long count)
{
	char path[] = "calls.XXXXXX";
	int fd = mkstemp(path);
	size_t size = (size_t)(2 * count + 1) * (size_t)page;
	char *names;

	if (fd < 0 || ftruncate(fd, (off_t)size))
		return NULL;
	unlink(path);
	names = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (names == MAP_FAILED)
		return NULL;
	for (long i = 0; i < count; i++)
		sprintf(place(names, i), "/cold/name-%ld/no-such-file", i);
	msync(names, size, MS_SYNC);
	madvise(names, size, MADV_PAGEOUT);
	madvise(names, size, MADV_DONTNEED);
	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	return names;
}

/* A name that is thrown out only right before it is used, when the kernel has read around others. */
static void open_cold(char *names, long i)
{
	char *name = place(names, i), *first = name - (name - names) % page;

	madvise(first, (size_t)(2 * page), MADV_DONTNEED);
	syscall(SYS_openat, AT_FDCWD, name, O_RDONLY);
}

/* Calls first to first + count. False: there is no such call. */
static bool make(const char *what, char *names, long first, long count)
{
	struct stat st;

	for (long i = first; i < first + count; i++)
		if (names)
			open_cold(names, i);
		else if (*what == 'g')
			syscall(SYS_getppid);
		else if (*what == 'o')
			syscall(SYS_openat, AT_FDCWD, "/usr/share/no-such-file", O_RDONLY | O_CLOEXEC);
		else if (*what == 'f')
			fstat(0, &st);
		else
			return false;
	return true;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

int main(int argc, char **argv)
{
	const char *what = argc == 3 ? argv[1] : "";
	long count = argc == 3 ? atol(argv[2]) : 0;
	bool is_cold = !strcmp(what, "cold");
	char *names = NULL;
	long n = count / BLOCK;
	double *blocks;

	page = sysconf(_SC_PAGESIZE);
	if (n < 1)
		return 2;
	if (is_cold && !(names = cold_names(count)))
		return 1;
	wait_for_go();
	blocks = calloc((size_t)n, sizeof(*blocks));
	for (long i = 0; blocks && i < n; i++) {
		double begin = now();

		if (!make(what, names, i * BLOCK, BLOCK))
			return 2;
		blocks[i] = (now() - begin) / BLOCK;
	}
	if (!blocks)
		return 1;
	qsort(blocks, (size_t)n, sizeof(*blocks), by_size);
	printf("%.1f\n", blocks[n / 4]);
	return 0;
}
