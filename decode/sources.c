/* sources.c - see sources.h */
#include "sources.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "escape.h"

static void say_failed(struct sources *sources, const char *name, int err)
{
	complain("%s: %s", name, strerror(-err));
	sources->status = worse(sources->status, STATUS_FAILED);
}

/* The source that is the same file, read from the same place. */
static const struct source *find_same(const struct sources *sources, const struct input *input)
{
	for (size_t i = 0; i < sources->n; i++) {
		const struct input *other = &sources->list[i]->input;

		if (other->stat.st_dev == input->stat.st_dev && other->stat.st_ino == input->stat.st_ino &&
		    other->begin == input->begin)
			return sources->list[i];
	}
	return NULL;
}

/* Takes the source, whose input input_open() has said err about. */
static void add(struct sources *sources, struct source *source, int err)
{
	struct input *input = &source->input;
	const struct source *same = err ? NULL : find_same(sources, input);
	struct source **list;

	if (err)
		say_failed(sources, input->name, err);
	else if (same)
		complain("%s: the same file as %s: read once", input->name, same->input.name);
	if (!err && !same) {
		list = reallocarray(sources->list, sources->n + 1, sizeof(struct source *));
		if (list) {
			source->report.name = input->name;
			sources->list = list;
			sources->list[sources->n++] = source;
			return;
		}
		say_failed(sources, input->name, -ENOMEM);
	}
	input_close(input);
	free(source);
}

static struct source *new_source(struct sources *sources, const char *name)
{
	struct source *source = calloc(1, sizeof(*source));

	if (!source)
		say_failed(sources, escaped(name), -ENOMEM);
	return source;
}

bool is_recording_name(const char *name)
{
	size_t len = strlen(name);

	return *name != '.' && len > 4 && !strcmp(name + len - 4, ".sst");
}

/* A pipe in a directory is never opened: that would wait for its writer. */
static void add_file_in(struct sources *sources, int directory, const char *where, const char *name)
{
	struct source *source;
	struct stat stat;

	if (fstatat(directory, name, &stat, 0) == 0 && !S_ISREG(stat.st_mode))
		return;
	source = new_source(sources, name);
	if (source)
		add(sources, source, input_open_in(&source->input, directory, where, name));
}

struct names {
	char **list;
	size_t n;
};

static int compare_names(const void *a, const void *b)
{
	return strverscmp(*(char *const *)a, *(char *const *)b);
}

static int add_name(struct names *names, const char *name)
{
	char **list = names->list;

	if ((names->n & (names->n - 1)) == 0) /* there is room up to the next power of two */
		list = reallocarray(list, names->n ? 2 * names->n : 1, sizeof(*list));
	if (!list)
		return -ENOMEM;
	names->list = list;
	list[names->n] = strdup(name);
	return list[names->n] ? (names->n++, 0) : -ENOMEM;
}

/* The names of recordings in a directory, in the order of their numbers. Returns 0 or -errno. */
static int list_recordings(int directory, struct names *names)
{
	int again = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), err = 0;
	DIR *dir = again >= 0 ? fdopendir(again) : NULL;
	const struct dirent *entry = NULL;

	if (!dir) {
		err = -errno;
		if (again >= 0)
			close(again);
		return err;
	}
	while (!err && (errno = 0, entry = readdir(dir)))
		if (is_recording_name(entry->d_name))
			err = add_name(names, entry->d_name);
	if (!entry)
		err = -errno;
	closedir(dir);
	if (names->n > 1)
		qsort(names->list, names->n, sizeof(*names->list), compare_names);
	return err;
}

static void add_directory(struct sources *sources, const char *where)
{
	int directory = open(where, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct names names = {.n = 0};
	size_t before = sources->n;
	int err = directory < 0 ? -errno : list_recordings(directory, &names);

	if (err)
		say_failed(sources, escaped(where), err);
	for (size_t i = 0; i < names.n; i++) {
		if (!err)
			add_file_in(sources, directory, where, names.list[i]);
		free(names.list[i]);
	}
	free(names.list);
	if (directory >= 0)
		close(directory);
	if (!err && sources->n == before && sources->status == STATUS_OK) {
		complain("%s: there is no .sst file in this directory", escaped(where));
		sources->status = STATUS_FAILED;
	}
}

static void add_named(struct sources *sources, const char *name)
{
	struct source *source = new_source(sources, name);
	int err = source ? input_open(&source->input, name) : 0;

	if (err == -EISDIR) {
		input_close(&source->input);
		free(source);
		add_directory(sources, name);
	} else if (source) {
		add(sources, source, err);
	}
}

/* As many files as the system lets us have: a directory may have more than the usual 1024. */
static void allow_files(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

void sources_open(struct sources *sources, char *const *names, size_t n)
{
	*sources = (struct sources){.status = STATUS_OK};
	allow_files();
	for (size_t i = 0; i < n; i++)
		add_named(sources, names[i]);
}

void sources_close(struct sources *sources)
{
	for (size_t i = 0; i < sources->n; i++) {
		input_close(&sources->list[i]->input);
		free(sources->list[i]);
	}
	free(sources->list);
	*sources = (struct sources){.status = sources->status};
}
