/*
 * blocked.c - three threads are inside a call when the recorder attaches: two are released later, one never is.
 *
 * Only with "wait"; the main thread, waiting for its line, is one of the two.
 */
#include "oracle.h"

#include <pthread.h>
#include <sys/syscall.h>

struct blocked {
	int ends[2];
	struct log *log;
	char buffer[0x333];
};

static struct blocked released, forgotten;

/* What a thread is in when the recording begins. */
static void midway(struct log *log, int fd, void *buffer, size_t size, int64_t ret)
{
	struct oracle_row *row;

	log->pid = (int)call0(SYS_getpid);
	log->tid = (int)call0(SYS_gettid);
	log_comm(log);
	row = will(log, "midway", 3, SYS_read, (uint64_t)fd, (uint64_t)buffer, size);
	row->how = "has";
	row->ret = ret;
}

static void *block(void *arg)
{
	struct blocked *b = arg;

	midway(b->log, b->ends[0], b->buffer, sizeof(b->buffer), b == &released ? 7 : NONE);
	call(SYS_read, (uint64_t)b->ends[0], (uint64_t)b->buffer, sizeof(b->buffer), 0, 0, 0);
	log_open(b->log);
	for (int i = 0; i < 31; i++)
		made(b->log, 1, SYS_close, 0x70000000 + (uint64_t)i, 0, 0, 0, 0, 0);
	log_close(b->log);
	return NULL;
}

static pthread_t start(struct blocked *b)
{
	pthread_t thread;

	b->log = oracle_log();
	if (pipe(b->ends) || pthread_create(&thread, NULL, block, b))
		exit(1);
	return thread;
}

int main(int argc, char **argv)
{
	static char line[0x55];
	char *no_wait[] = {argv[0], argv[1], NULL};
	struct log *log;
	pthread_t thread;

	oracle_begin(argc < 2 ? argc : 2, no_wait);
	log = oracle_log();
	start(&forgotten);
	thread = start(&released);
	usleep(100000);
	midway(log, 0, line, sizeof(line), 3); /* "go\n" */
	printf("ready %d\n", (int)getpid());
	fflush(stdout);
	if (call(SYS_read, 0, (uint64_t)line, sizeof(line), 0, 0, 0) != 3)
		return 1;
	if (write(released.ends[1], "release", 7) != 7)
		return 1;
	pthread_join(thread, NULL);
	oracle_end();
	return 0;
}
