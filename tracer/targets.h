/*
 * targets.h - the processes to record
 *
 *	struct targets targets;
 *
 *	err = targets_resolve(&targets, options.pids, options.n_pids, options.self, &error);
 *	if (err)	-ESRCH: nothing alive, status 4; other: status 1
 *		complain(&error);
 *	for (size_t i = 0; i < targets.n; i++)
 *		targets_threads(targets.list[i].pid, each_thread, context);
 *	while (targets_alive(&targets) > 0)
 *		...poll targets.list[i].pidfd, which becomes readable when the process ends...
 *	targets_close(&targets);
 *
 * A PID that is dead, a kernel thread or the recorder itself is left out with a warning; a thread's stands for its
 * process.
 */
#ifndef SYSSTREAM_TARGETS_H
#define SYSSTREAM_TARGETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "message.h"
#include "tasks.h"

#define TARGET_COMM_MAX 64 /* bytes; a process has at most 15, kernel workers more */

struct target {
	pid_t given;      /* as on the command line */
	pid_t pid;        /* its process, in our PID namespace */
	pid_t kernel_pid; /* the same in the initial PID namespace: what BPF programs see as tgid */
	int pidfd;        /* readable once it has ended; -1 where the kernel gives none */
	uint64_t start;   /* /proc/PID/stat field 22, clock ticks since boot; 0: not known */
	bool ended;
	size_t comm_len;
	char comm[TARGET_COMM_MAX + 1]; /* any bytes; NUL at the end; empty where /proc hides it */
};

struct targets {
	struct target *list;
	size_t n;
	size_t left_out; /* how many of the PIDs given are not in list and not doubles either */
};

/*
 * targets_resolve() - pids as options_parse() gives them; self: the recorder itself may be among them.
 * tasks: as for targets_kernel_pid(). Returns 0 with at least one target, -ESRCH when none is left, -ENOMEM or -EMFILE.
 * On failure there is nothing to close.
 */
int targets_resolve(struct targets *targets, const pid_t *pids, size_t n, bool self, const struct tasks *tasks,
		    struct message *error);
void targets_close(struct targets *targets);

/* targets_alive() - how many have not ended; marks the others as ended. Does not block. */
size_t targets_alive(struct targets *targets);

/* targets_describe() - "redis-server[31996], nginx[812] and 3 more" for the start line. Returns text. */
char *targets_describe(const struct targets *targets, char *text, size_t size);

/*
 * targets_kernel_pid() - the number that a process of our PID namespace has in the initial one. tasks: a scan with the
 * numbers of ours, or NULL where ours is the initial one. Returns 0, or -ESRCH with a sentence.
 */
int targets_kernel_pid(pid_t pid, const struct tasks *tasks, pid_t *kernel_pid, struct message *error);

/* Where a thread was when /proc was read. */
enum thread_place {
	THREAD_UNKNOWN, /* /proc does not tell: no permission (needs CAP_SYS_PTRACE or the same user) */
	THREAD_RUNNING, /* on a processor or waiting for one: in user space or in a call, nobody knows */
	THREAD_BLOCKED, /* asleep, but not in a system call (a page fault, stopped by a signal) */
	THREAD_IN_CALL, /* asleep in the call nr */
};

struct thread {
	pid_t tid;
	enum thread_place place;
	int64_t nr; /* THREAD_IN_CALL only, as the register has it: x32 with its bit, and of what ABI is not told */
	uint64_t arg[6]; /* THREAD_IN_CALL only */
	uint64_t sp, pc; /* THREAD_BLOCKED and THREAD_IN_CALL */
	size_t comm_len;
	char comm[TARGET_COMM_MAX + 1]; /* any bytes; NUL at the end */
};

/*
 * targets_threads() - call each() for every thread of pid that lives while /proc/PID/task is read; one that vanishes is
 * left out. New threads may come meanwhile: BPF has to be attached before. A negative result of each() ends the walk
 * and is returned. Returns the number of threads, or -ESRCH when the process is gone, or -errno.
 */
int targets_threads(pid_t pid, int (*each)(const struct thread *thread, void *context), void *context);

/*
 * targets_inner_numbers() - what a thread and its process are in their innermost PID namespace, as far as /proc tells;
 * both 0 where that is the one that /proc is of.
 */
void targets_inner_numbers(pid_t pid, pid_t tid, uint32_t *ns_pid, uint32_t *ns_tid);

/* targets_parse_status() - the same from the text of /proc/PID/task/TID/status. */
void targets_parse_status(const char *text, uint32_t *ns_pid, uint32_t *ns_tid);

/* targets_parse_syscall() - the text of /proc/PID/task/TID/syscall into place, nr, arg, sp, pc. Returns 0 or -EINVAL.
 */
int targets_parse_syscall(const char *text, struct thread *thread);

#endif
