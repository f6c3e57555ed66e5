#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../format/abi.h"
#include "array.h"
#include "found.h"
#include "session.h"
#include "targets.h"

/* Which ABI a process uses by default, from the ELF class of its program; /proc does not tell it of a call. */
static bool is_32bit(pid_t pid)
{
	unsigned char ident[EI_NIDENT] = {0};
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/exe", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	if (read(fd, ident, sizeof(ident)) != sizeof(ident))
		ident[EI_CLASS] = 0;
	close(fd);
	return ident[EI_CLASS] == ELFCLASS32;
}

/* A process that is looked at. */
struct process {
	struct found *found;
	pid_t pid;
	bool is_32bit;
	uint32_t container;
};

static void set_call(struct framer_open *open, const struct process *process, const struct thread *thread)
{
	enum ring_class class = process->is_32bit ? RING_COMPAT : RING_NATIVE;

	open->nr = (uint32_t)thread->nr;
#if defined(__x86_64__)
	if (class == RING_NATIVE && (thread->nr & 0x40000000)) {
		class = RING_X32;
		open->nr &= ~0x40000000u;
	}
#endif
	open->abi = (uint8_t)session_abi(class);
	memcpy(open->arg, thread->arg, sizeof(open->arg));
}

/* What our numbers are in the initial PID namespace. False: that thread is not known there (yet). */
static bool translate(const struct tasks *tasks, pid_t our_pid, pid_t our_tid, uint32_t *pid, uint32_t *tid)
{
	const struct tasks_entry *task;

	*pid = (uint32_t)our_pid;
	*tid = (uint32_t)our_tid;
	if (!tasks)
		return true;
	task = tasks_find_ns(tasks, (uint32_t)our_tid);
	if (!task)
		return false;
	*pid = task->tgid;
	*tid = task->tid;
	return true;
}

/* A call whose result and duration nobody knows yet. */
static bool is_open_wanted(const struct selection *selection, unsigned abi, uint32_t nr)
{
	return !selection || (selection_has(selection, abi, nr) && !selection->failed && !selection->slower);
}

/* The gate is open: a thread of which the programs have not heard since has been in this call from before. */
static int found_thread(const struct thread *thread, void *context)
{
	struct process *process = context;
	struct found *found = process->found;
	struct framer_open *open;
	uint32_t pid, tid;

	if (thread->place != THREAD_IN_CALL || !translate(found->tasks, process->pid, thread->tid, &pid, &tid) ||
	    drain_has_begun(found->drain, tid))
		return 0;
	if (ARRAY_GROW(found->open, found->cap_open, found->n_open + 1))
		return -ENOMEM;
	open = &found->open[found->n_open];
	memset(open, 0, sizeof(*open));
	open->pid = pid;
	open->tid = tid;
	set_call(open, process, thread);
	if (!is_open_wanted(found->selection, open->abi, open->nr))
		return 0;
	found->n_open++;
	open->container = process->container;
	targets_inner_numbers(process->pid, thread->tid, &open->ns_pid, &open->ns_tid);
	open->comm_len = (uint8_t)thread->comm_len;
	memcpy(open->comm, thread->comm, thread->comm_len);
	return 0;
}

int found_new(struct found *found, pid_t pid, uint32_t kernel_pid)
{
	return found->files ? snapshot_process(&found->snapshot, pid, kernel_pid) : 0;
}

/* The threads of a process that are inside a call. */
static int find_calls(struct found *found, pid_t pid)
{
	struct process process = {.found = found, .pid = pid, .is_32bit = is_32bit(pid)};

	process.container = found->containers ? containers_of_process(found->containers, pid) : 0;
	return targets_threads(pid, found_thread, &process) == -ENOMEM ? -ENOMEM : 0;
}

int found_process(struct found *found, pid_t pid)
{
	uint32_t kernel_pid, tid;
	int err = found->calls ? find_calls(found, pid) : 0;

	if (err || !translate(found->tasks, pid, pid, &kernel_pid, &tid))
		return err;
	return found_new(found, pid, kernel_pid);
}

static bool is_among(pid_t pid, const pid_t *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == pid)
			return true;
	return false;
}

int found_all(struct found *found, const pid_t *except, size_t n)
{
	DIR *proc = found->calls || found->files ? opendir("/proc") : NULL;
	struct dirent *entry;
	int err = 0;

	if (!proc)
		return 0;
	while (!err && (entry = readdir(proc))) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10); /* 0 where it is not a number */

		if (pid > 0 && !is_among(pid, except, n))
			err = found_process(found, pid);
	}
	closedir(proc);
	return err;
}

void found_free(struct found *found)
{
	free(found->open);
	snapshot_free(&found->snapshot);
	*found = (struct found){0};
}
