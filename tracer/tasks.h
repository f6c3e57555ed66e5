/*
 * tasks.h - every thread in sight, as the kernel sees it: with its number in the initial PID namespace, which is what
 * the programs go by, and in another one
 *
 *	struct tasks *tasks;
 *
 *	err = tasks_open(&tasks, tasks_namespace(getpid()), &error);
 *	err = tasks_scan(tasks, &error);		as often as needed
 *	for (size_t i = 0; i < tasks->n; i++)
 *		... tasks->list[i] ...
 *	tasks_close(tasks);
 *
 * In sight is what is in the PID namespace of the caller and those below it. tasks_open() needs CAP_BPF and
 * CAP_PERFMON; tasks_scan() nothing.
 */
#ifndef TRACER_TASKS_H
#define TRACER_TASKS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "../bpf/tasks.h"
#include "message.h"

struct tasks_bpf;

struct tasks {
	struct tasks_entry *list; /* of the last scan */
	size_t n, cap;
	struct tasks_bpf *bpf;
};

#define TASKS_INITIAL 0xEFFFFFFCU /* the initial PID namespace: PROC_PID_INIT_INO, include/linux/proc_ns.h */

/* tasks_namespace() - the PID namespace of a process, as its inode number; 0: it is gone, or /proc hides it. */
uint32_t tasks_namespace(pid_t pid);

/* tasks_open() - pid_namespace: whose numbers to tell. 0, or -errno with a sentence. */
int tasks_open(struct tasks **tasks, uint32_t pid_namespace, struct message *error);
/* NULL: nothing to do. */
void tasks_close(struct tasks *tasks);

/* tasks_scan() - 0, or -errno with a sentence; the list is then what it was. */
int tasks_scan(struct tasks *tasks, struct message *error);

/* tasks_find_ns() - the thread that has this number in the namespace asked for, or NULL. */
const struct tasks_entry *tasks_find_ns(const struct tasks *tasks, uint32_t ns_tid);

#endif
