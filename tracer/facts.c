#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "facts.h"

#ifndef SYSSTREAM_VERSION
#define SYSSTREAM_VERSION "unknown"
#endif

static uint64_t ns_of(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* Boot and monotonic time differ by a constant between suspends: read twice until the readings frame each other
 * closely. */
void facts_clock(struct sst_clock *clock)
{
	uint64_t best = UINT64_MAX;

	for (int i = 0; i < 5; i++) {
		uint64_t before = ns_of(CLOCK_MONOTONIC), boot = ns_of(CLOCK_BOOTTIME);
		uint64_t real = ns_of(CLOCK_REALTIME), after = ns_of(CLOCK_MONOTONIC);

		if (after - before >= best)
			continue;
		best = after - before;
		clock->mono = before + best / 2;
		clock->boot = boot;
		clock->real = (int64_t)real;
	}
	/* Never suspended: it is the same clock, and what differs is the time between the readings. */
	if (clock->boot - clock->mono + 1000 < 2000)
		clock->boot = clock->mono;
}

static void read_line(const char *path, char *line, size_t size)
{
	FILE *file = fopen(path, "re");

	line[0] = '\0';
	if (!file)
		return;
	if (!fgets(line, (int)size, file))
		line[0] = '\0';
	line[strcspn(line, "\n")] = '\0';
	fclose(file);
}

/* The command line as a shell would take it back: an argument with anything unusual in it stands in single quotes. */
static char *quote_argv(int argc, char **argv)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./=:,%+@";
	char *text;
	size_t len = 1;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	for (int i = 0; i < argc; i++) {
		bool bare = argv[i][0] && argv[i][strspn(argv[i], plain)] == '\0';

		fprintf(out, i ? " " : "");
		if (!bare)
			fputc('\'', out);
		for (const char *c = argv[i]; *c; c++)
			*c == '\'' ? fputs("'\\''", out) : fputc(*c, out);
		if (!bare)
			fputc('\'', out);
	}
	return fclose(out) ? NULL : text;
}

static int set_host(struct sst_meta *meta)
{
	struct utsname name;
	char boot[64];
	int err = 0;

	uname(&name);
	read_line("/proc/sys/kernel/random/boot_id", boot, sizeof(boot));
	err |= sst_meta_set(meta, "host.machine", name.machine);
	err |= sst_meta_set(meta, "host.name", name.nodename);
	err |= sst_meta_set(meta, "kernel.release", name.release);
	err |= sst_meta_set(meta, "kernel.version", name.version);
	err |= sst_meta_set(meta, "boot.id", boot);
	err |= sst_meta_set_u64(meta, "page.size", (uint64_t)sysconf(_SC_PAGESIZE));
	err |= sst_meta_set_u64(meta, "cpus", (uint64_t)sysconf(_SC_NPROCESSORS_CONF));
	return err;
}

static int set_start(struct sst_meta *meta, const struct sst_clock *start)
{
	time_t seconds = (time_t)(start->real / 1000000000);
	struct tm local;
	int err = 0;

	localtime_r(&seconds, &local);
	err |= sst_meta_set_u64(meta, "start.boot", start->boot);
	err |= sst_meta_set_u64(meta, "start.mono", start->mono);
	err |= sst_meta_set_i64(meta, "start.real", start->real);
	err |= sst_meta_set_i64(meta, "start.zone", local.tm_gmtoff);
	return err;
}

int facts_begin(struct sst_meta *meta, int argc, char **argv, const char *targets, const char *filter,
		const struct sst_clock *start)
{
	char *command = quote_argv(argc, argv);
	int err = command ? 0 : -ENOMEM;

	if (err)
		return err;
	err |= sst_meta_set(meta, "recorder", "sysstream " SYSSTREAM_VERSION);
	err |= sst_meta_set(meta, "command", command);
	err |= set_host(meta);
	err |= set_start(meta, start);
	err |= sst_meta_set(meta, "targets", targets);
	err |= sst_meta_set(meta, "filter", filter);
	err |= sst_meta_set(meta, "blind", "io_uring operations, vDSO calls");
	free(command);
	return err ? -ENOMEM : 0;
}

static int repeat(struct sst_meta *meta, const struct sst_meta *begin)
{
	static const char *const keys[] = {"start.boot", "start.mono", "start.real", "start.zone"};
	int err = 0;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const char *value = sst_meta_get(begin, keys[i]);

		if (value)
			err |= sst_meta_set(meta, keys[i], value);
	}
	return err;
}

int facts_end(struct sst_meta *meta, const struct sst_meta *begin, const char *reason, uint64_t cpu)
{
	struct sst_clock clock;
	int err = repeat(meta, begin);

	facts_clock(&clock);
	err |= sst_meta_set_u64(meta, "end.boot", clock.boot);
	err |= sst_meta_set_u64(meta, "end.mono", clock.mono);
	err |= sst_meta_set_i64(meta, "end.real", clock.real);
	err |= sst_meta_set(meta, "reason", reason);
	err |= sst_meta_set_u64(meta, "cpu.ns", cpu);
	return err ? -ENOMEM : 0;
}

uint64_t facts_cpu(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000000u +
	       (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1000u;
}
