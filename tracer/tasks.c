#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "array.h"
#include "tasks.h"

/* Made by bpftool, not by us. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wcast-qual"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wconversion"
#include "tasks.skel.h"
#pragma GCC diagnostic pop

uint32_t tasks_namespace(pid_t pid)
{
	char path[64];
	struct stat ns;

	snprintf(path, sizeof(path), "/proc/%d/ns/pid", (int)pid);
	return stat(path, &ns) == 0 ? (uint32_t)ns.st_ino : 0;
}

int tasks_open(struct tasks **result, uint32_t pid_namespace, struct message *error)
{
	struct tasks *tasks = calloc(1, sizeof(*tasks));
	int err = -ENOMEM;

	*result = NULL;
	if (tasks && (tasks->bpf = tasks_bpf__open())) {
		tasks->bpf->rodata->namespace = pid_namespace;
		err = tasks_bpf__load(tasks->bpf);
		if (!err)
			err = tasks_bpf__attach(tasks->bpf);
	}
	if (err) {
		tasks_close(tasks);
		return message_set(error, err, "cannot list the processes of the kernel: %s", strerror(-err));
	}
	*result = tasks;
	return 0;
}

void tasks_close(struct tasks *tasks)
{
	if (!tasks)
		return;
	tasks_bpf__destroy(tasks->bpf);
	free(tasks->list);
	free(tasks);
}

/* All that the iterator writes, in whole entries. */
static int read_all(struct tasks *tasks, int fd)
{
	size_t used = 0;

	for (;;) {
		ssize_t n;

		if (ARRAY_GROW(tasks->list, tasks->cap, used / sizeof(*tasks->list) + 512))
			return -ENOMEM;
		n = read(fd, (char *)tasks->list + used, tasks->cap * sizeof(*tasks->list) - used);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (n < 0)
			return -errno;
		used += (size_t)n;
		tasks->n = used / sizeof(*tasks->list);
		if (n == 0)
			return 0;
	}
}

int tasks_scan(struct tasks *tasks, struct message *error)
{
	int fd = bpf_iter_create(bpf_link__fd(tasks->bpf->links.list_tasks)), err;

	if (fd < 0)
		return message_set(error, -errno, "cannot list the processes of the kernel: %s", strerror(errno));
	err = read_all(tasks, fd);
	close(fd);
	return err ? message_set(error, err, "cannot list the processes of the kernel: %s", strerror(-err)) : 0;
}

const struct tasks_entry *tasks_find_ns(const struct tasks *tasks, uint32_t ns_tid)
{
	for (size_t i = 0; i < tasks->n; i++)
		if (tasks->list[i].ns_tid == ns_tid)
			return &tasks->list[i];
	return NULL;
}
