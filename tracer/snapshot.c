#include "snapshot.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "array.h"

/* A process that is looked at. */
struct look {
	struct snapshot *snapshot;
	uint32_t pid;
	int links, infos; /* directories: of links like cwd or 3; fdinfo */
};

static uint64_t boot_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_BOOTTIME, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static int new_frame(struct snapshot *snapshot)
{
	if (ARRAY_GROW(snapshot->frames, snapshot->cap, snapshot->n + 1))
		return -ENOMEM;
	snapshot->frames[snapshot->n] = sst_rows_new();
	return snapshot->frames[snapshot->n++] ? 0 : -ENOMEM;
}

static int add(struct snapshot *snapshot, const struct sst_open *open, const char *text, size_t len)
{
	int err = snapshot->n ? sst_rows_open(snapshot->frames[snapshot->n - 1], *open, text, len) : -E2BIG;

	if (err == -E2BIG && !(err = new_frame(snapshot)))
		err = sst_rows_open(snapshot->frames[snapshot->n - 1], *open, text, len);
	return err;
}

/* fdinfo begins with "pos:\t0\nflags:\t02100002\n", flags in octal. */
static uint8_t flags_of(int infos, const char *name)
{
	char text[128];
	const char *flags = NULL;
	int fd = openat(infos, name, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		close(fd);
	if (n > 0) {
		text[n] = '\0';
		flags = strstr(text, "flags:");
	}
	return flags && strtoul(flags + 6, NULL, 8) & O_CLOEXEC ? SST_OPEN_CLOEXEC : 0;
}

static int add_link(const struct look *look, const char *name, uint64_t what)
{
	struct sst_open open = {.time = boot_now(), .pid = look->pid, .what = what};
	char text[PATH_MAX];
	ssize_t len = readlinkat(look->links, name, text, sizeof(text));

	if (len < 0)
		return 0;
	if (what >= SST_OPEN_FD)
		open.flags = flags_of(look->infos, name);
	open.until = boot_now();
	return add(look->snapshot, &open, text, (size_t)len);
}

static int add_descriptors(const struct look *look, DIR *dir)
{
	struct dirent *entry;
	int err = 0;

	while (!err && (entry = readdir(dir)))
		if (*entry->d_name != '.')
			err = add_link(look, entry->d_name, SST_OPEN_FD + strtoul(entry->d_name, NULL, 10));
	return err;
}

/* The descriptors, once the directories of the process are open. */
static int look_at_descriptors(struct look *look, int process)
{
	int fds = openat(process, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC), err = 0;
	DIR *dir = fds < 0 ? NULL : fdopendir(fds);

	look->infos = openat(process, "fdinfo", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	look->links = fds;
	if (dir && look->infos >= 0)
		err = add_descriptors(look, dir);
	if (look->infos >= 0)
		close(look->infos);
	if (dir)
		closedir(dir);
	else if (fds >= 0)
		close(fds);
	return err;
}

int snapshot_process(struct snapshot *snapshot, pid_t pid, uint32_t kernel_pid)
{
	static const char *const names[] = {[SST_OPEN_CWD] = "cwd", [SST_OPEN_ROOT] = "root", [SST_OPEN_EXE] = "exe"};
	struct look look = {.snapshot = snapshot, .pid = kernel_pid};
	char path[32];
	int process, err = 0;

	snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	process = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (process < 0)
		return 0;
	look.links = process;
	for (unsigned what = 0; what < SST_OPEN_FD && !err; what++)
		err = add_link(&look, names[what], what);
	if (!err)
		err = look_at_descriptors(&look, process);
	close(process);
	return err;
}

void snapshot_free(struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->n; i++)
		sst_rows_free(snapshot->frames[i]);
	free(snapshot->frames);
	*snapshot = (struct snapshot){0};
}
