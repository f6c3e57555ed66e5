/*
 * rename.c - threads that change their names, also to hostile ones, and one that is renamed by another. Each row has
 * the name of the moment when its call began.
 */
#include "oracle.h"

#include <pthread.h>

static const char *const names[] = {
	"plain",
	"with space",
	"tab\there",
	"new\nline",
	"back\\slash",
	"cr\rcr",
	"\033[31mred",
	"=1+1",
	"+1",
	"-1",
	"@SUM(A1)",
	"\xff\xfe\x80",
	"caf\xc3\xa9",
	"cut \xc3",
	"\xed\xa0\x80",
	"\xc2\x9b"
	"31m",
	"quote\"'`$()",
	"\x7f",
	"fifteen letters",
	"",
	"=",
	"\t=1",
	"NULL",
	"\\N",
	"0123",
	"1e5",
	"nl at end\n",
};

static pthread_barrier_t step;
static struct log *other_log;

static void rename_to(struct log *log, const char *name)
{
	/* The call itself still has the name before. */
	made(log, 5, SYS_prctl, PR_SET_NAME, (uint64_t)name, 0, 0, 0, 0);
	memset(log->comm, 0, sizeof(log->comm));
	memcpy(log->comm, name, strlen(name));
}

static void *other(void *arg)
{
	(void)arg;
	log_open(other_log);
	made(other_log, 1, SYS_close, 0x70000001, 0, 0, 0, 0, 0);
	log_close(other_log);
	pthread_barrier_wait(&step); /* renamed now */
	pthread_barrier_wait(&step);
	log_open(other_log);
	for (int i = 0; i < 3; i++)
		made(other_log, 1, SYS_close, 0x70000002, 0, 0, 0, 0, 0);
	log_close(other_log);
	return NULL;
}

static void rename_other(void)
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/task/%d/comm", other_log->tid);
	file = fopen(path, "w");
	if (!file || fputs("by another", file) < 0 || fclose(file))
		exit(1);
}

int main(int argc, char **argv)
{
	pthread_t thread;
	struct log *log;

	oracle_begin(argc, argv);
	log = oracle_log();
	log_open(log);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		rename_to(log, names[i]);
		made(log, 1, SYS_close, 0x60000000 + i, 0, 0, 0, 0, 0);
		made(log, 0, SYS_getppid, 0, 0, 0, 0, 0, 0);
	}
	rename_to(log, "done");
	log_close(log);

	other_log = oracle_log();
	pthread_barrier_init(&step, NULL, 2);
	if (pthread_create(&thread, NULL, other, NULL))
		return 1;
	pthread_barrier_wait(&step);
	rename_other();
	pthread_barrier_wait(&step);
	pthread_join(thread, NULL);
	oracle_end();
	return 0;
}
