/*
 * targets.c - PIDs of the command line to processes, and what /proc knows of their threads
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "targets.h"

#define FLAG_KERNEL_THREAD 0x00200000U /* PF_KTHREAD, include/linux/sched.h */

static int open_pidfd(pid_t pid)
{
	return (int)syscall(SYS_pidfd_open, pid, 0);
}

/* Read a small file of /proc whole. Returns its length without the NUL that is put behind it, or -errno. */
static ssize_t read_file(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	size_t used = 0;
	ssize_t n;

	if (fd < 0)
		return -errno;
	while ((n = read(fd, text + used, size - 1 - used)) > 0)
		used += (size_t)n;
	if (n < 0)
		n = -errno;
	close(fd);
	text[used] = '\0';
	return n < 0 ? n : (ssize_t)used;
}

/* The name in a comm file: any bytes, a newline among them; only the last newline is the kernel's. */
static size_t read_comm(const char *path, char comm[TARGET_COMM_MAX + 1])
{
	char text[TARGET_COMM_MAX + 2];
	ssize_t len = read_file(path, text, sizeof(text));

	if (len > 0 && text[len - 1] == '\n')
		len--;
	if (len < 0)
		len = 0;
	if (len > TARGET_COMM_MAX)
		len = TARGET_COMM_MAX;
	memcpy(comm, text, (size_t)len);
	comm[len] = '\0';
	return (size_t)len;
}

/* --- resolving ------------------------------------------------------------------------------------------- */

int targets_kernel_pid(pid_t pid, const struct tasks *tasks, pid_t *kernel_pid, struct message *error)
{
	const struct tasks_entry *task = tasks ? tasks_find_ns(tasks, (uint32_t)pid) : NULL;

	*kernel_pid = task ? (pid_t)task->tgid : pid;
	if (tasks && !task)
		return message_set(error, -ESRCH, "PID %d: not found in the kernel's list of processes", (int)pid);
	return 0;
}

struct stat_facts {
	bool known;
	uint64_t flags;
	uint64_t start;
};

/* Field n of what follows field 2 in /proc/PID/stat, as a number; 0 when there are not so many. */
static uint64_t stat_field(const char *after_name, int n)
{
	const char *at = after_name;

	for (int field = 2; field < n; field++) {
		at = strchr(at, ' ');
		if (!at)
			return 0;
		at++;
	}
	return strtoull(at, NULL, 10);
}

/* Fields 9 and 22 of /proc/PID/stat, proc(5). They come after the name, which may hold anything, ") R 1" too. */
static struct stat_facts read_stat(pid_t pid)
{
	struct stat_facts facts = {0};
	char path[64], text[1024];
	const char *name_end;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	if (read_file(path, text, sizeof(text)) <= 0 || !(name_end = strrchr(text, ')')))
		return facts;
	facts.flags = stat_field(name_end, 9);
	facts.start = stat_field(name_end, 22);
	facts.known = facts.start > 0;
	return facts;
}

/* The process of a thread: Tgid of /proc/TID/status, or 0 when /proc does not tell. */
static pid_t process_of(pid_t tid)
{
	char path[64], text[4096];
	const char *line;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)tid);
	if (read_file(path, text, sizeof(text)) <= 0)
		return 0;
	/* The name comes first, but here the kernel escapes a newline in it. */
	line = strstr(text, "\nTgid:");
	return line ? (pid_t)strtol(line + 6, NULL, 10) : 0;
}

/* Has the process ended? Its pidfd is readable then, also while it is a zombie. */
static bool has_ended(const struct target *target)
{
	struct pollfd poll_fd = {.fd = target->pidfd, .events = POLLIN};
	struct stat_facts facts;

	if (target->pidfd >= 0)
		return poll(&poll_fd, 1, 0) == 1;
	facts = read_stat(target->pid);
	if (!facts.known)
		return kill(target->pid, 0) != 0 && errno == ESRCH;
	return facts.start != target->start;
}

/*
 * Fill in target, whose given and pid are set. Returns 0, or -ESRCH when there is no such process, -EMFILE or another
 * -errno of pidfd_open. The pidfd comes first: what is read after it is of this process if it lives still when all is
 * read.
 */
static int look_up(struct target *target)
{
	char path[64];
	struct stat_facts facts;

	target->pidfd = open_pidfd(target->pid);
	if (target->pidfd < 0 && (errno == ESRCH || errno == EMFILE || errno == ENFILE || errno == ENOMEM))
		return -errno;
	if (target->pidfd < 0 && kill(target->pid, 0) != 0 && errno == ESRCH)
		return -ESRCH;
	facts = read_stat(target->pid);
	target->start = facts.start;
	snprintf(path, sizeof(path), "/proc/%d/comm", (int)target->pid);
	target->comm_len = read_comm(path, target->comm);
	return has_ended(target) ? -ESRCH : 0;
}

static void drop_pidfd(struct target *target)
{
	if (target->pidfd >= 0)
		close(target->pidfd);
	target->pidfd = -1;
}

static bool is_doubled(const struct targets *targets, pid_t pid)
{
	for (size_t i = 0; i < targets->n; i++)
		if (targets->list[i].pid == pid)
			return true;
	return false;
}

/* Say why a PID is left out. */
static void leave_out(struct targets *targets, struct target *target, const char *why)
{
	drop_pidfd(target);
	targets->left_out++;
	warn("%d: %s", (int)target->given, why);
}

/* One PID of the command line into the list. Returns 0, also when it is left out, or -errno with a sentence. */
static int resolve_one(struct targets *targets, pid_t given, bool self, const struct tasks *tasks,
		       struct message *error)
{
	struct target target = {.given = given, .pid = given, .pidfd = -1};
	pid_t process = process_of(given);
	int err;

	if (process > 0)
		target.pid = process;
	if (is_doubled(targets, target.pid))
		return 0;
	err = look_up(&target);
	if (err == -ESRCH) {
		leave_out(targets, &target, "no such process; it is left out");
		return 0;
	}
	if (err)
		return message_set(error, err, "PID %d: %s", (int)given, strerror(-err));
	if (target.pid == getpid() && !self) {
		leave_out(targets, &target, "that is sysstream itself; it is left out (-m includes it)");
		return 0;
	}
	if (read_stat(target.pid).flags & FLAG_KERNEL_THREAD) {
		leave_out(targets, &target, "a thread of the kernel, which makes no system calls; it is left out");
		return 0;
	}
	err = targets_kernel_pid(target.pid, tasks, &target.kernel_pid, error);
	if (err) {
		drop_pidfd(&target);
		return err;
	}
	if (target.pid != given)
		warn("%d is a thread of process %d (%s); the whole process is recorded", (int)given, (int)target.pid,
		     target.comm);
	targets->list[targets->n++] = target;
	return 0;
}

int targets_resolve(struct targets *targets, const pid_t *pids, size_t n, bool self, const struct tasks *tasks,
		    struct message *error)
{
	int err = 0;

	*targets = (struct targets){.list = calloc(n ? n : 1, sizeof(struct target))};
	if (!targets->list)
		return message_set(error, -ENOMEM, "out of memory");
	for (size_t i = 0; i < n && !err; i++)
		err = resolve_one(targets, pids[i], self, tasks, error);
	if (!err && targets->n == 0)
		err = message_set(error, -ESRCH, "nothing to attach to: no process of those given can be recorded");
	if (err)
		targets_close(targets);
	return err;
}

void targets_close(struct targets *targets)
{
	for (size_t i = 0; i < targets->n; i++)
		drop_pidfd(&targets->list[i]);
	free(targets->list);
	targets->list = NULL;
	targets->n = 0;
}

size_t targets_alive(struct targets *targets)
{
	size_t alive = 0;

	for (size_t i = 0; i < targets->n; i++) {
		struct target *target = &targets->list[i];

		target->ended = target->ended || has_ended(target);
		alive += !target->ended;
	}
	return alive;
}

char *targets_describe(const struct targets *targets, char *text, size_t size)
{
	size_t shown = targets->n <= 4 ? targets->n : 3;
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < shown && used < size; i++) {
		const struct target *target = &targets->list[i];
		const char *between = i == 0 ? "" : i + 1 == targets->n ? " and " : ", ";

		used += (size_t)snprintf(text + used, size - used, "%s%s[%d]", between,
					 target->comm_len ? target->comm : "?", (int)target->pid);
	}
	if (shown < targets->n && used < size)
		snprintf(text + used, size - used, " and %zu more", targets->n - shown);
	return text;
}

/* --- threads --------------------------------------------------------------------------------------------- */

/* The next number of the text in hex with 0x, or false. */
static bool next_hex(const char **at, uint64_t *value)
{
	char *end;

	if (strncmp(*at, " 0x", 3) != 0 || !isxdigit((unsigned char)(*at)[3]))
		return false;
	errno = 0;
	*value = strtoull(*at + 3, &end, 16);
	*at = end;
	return errno == 0;
}

int targets_parse_syscall(const char *text, struct thread *thread)
{
	const char *at = text;
	char *end;
	long long nr;

	if (!strcmp(text, "running\n")) {
		thread->place = THREAD_RUNNING;
		return 0;
	}
	errno = 0;
	nr = strtoll(text, &end, 10);
	if (end == text || errno || !strchr("-0123456789", *text))
		return -EINVAL;
	at = end;
	for (size_t i = 0; nr != -1 && i < 6; i++)
		if (!next_hex(&at, &thread->arg[i]))
			return -EINVAL;
	if (!next_hex(&at, &thread->sp) || !next_hex(&at, &thread->pc) || strcmp(at, "\n") != 0)
		return -EINVAL;
	thread->place = nr == -1 ? THREAD_BLOCKED : THREAD_IN_CALL;
	thread->nr = nr;
	return 0;
}

/*
 * A stopped thread is on its way out of a call: it stops when a signal is delivered, and by then the exit tracepoint
 * has been passed, though /proc/TID/syscall still names the call (get_signal() in the kernel).
 */
static bool is_stopped(pid_t pid, pid_t tid)
{
	char path[64], text[512];
	const char *name_end;
	ssize_t len;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", (int)pid, (int)tid);
	len = read_file(path, text, sizeof(text));
	name_end = len > 0 ? strrchr(text, ')') : NULL;
	return name_end && (strncmp(name_end, ") T", 3) == 0 || strncmp(name_end, ") t", 3) == 0);
}

/*
 * What /proc/PID/task/TID tells. Returns false when the thread has vanished. A thread that ends while it is read leaves
 * an empty or missing file, or ESRCH.
 */
static bool read_thread(pid_t pid, pid_t tid, struct thread *thread)
{
	char path[96], text[512] = "";
	ssize_t len;

	memset(thread, 0, sizeof(*thread));
	thread->tid = tid;
	snprintf(path, sizeof(path), "/proc/%d/task/%d/comm", (int)pid, (int)tid);
	thread->comm_len = read_comm(path, thread->comm);
	snprintf(path, sizeof(path), "/proc/%d/task/%d/syscall", (int)pid, (int)tid);
	len = read_file(path, text, sizeof(text));
	if (len == -ENOENT || len == -ESRCH) {
		/* A kernel without CONFIG_HAVE_ARCH_TRACEHOOK has no such file. */
		snprintf(path, sizeof(path), "/proc/%d/task/%d", (int)pid, (int)tid);
		return len == -ENOENT && access(path, F_OK) == 0;
	}
	if (len <= 0 || targets_parse_syscall(text, thread) != 0)
		thread->place = THREAD_UNKNOWN;
	if (thread->place == THREAD_IN_CALL && is_stopped(pid, tid))
		thread->place = THREAD_BLOCKED;
	return true;
}

int targets_threads(pid_t pid, int (*each)(const struct thread *thread, void *context), void *context)
{
	char path[64];
	DIR *dir;
	struct dirent *entry;
	int n = 0, err = 0;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	dir = opendir(path);
	if (!dir)
		return errno == ENOENT ? -ESRCH : -errno;
	while (!err && (entry = readdir(dir))) {
		struct thread thread;
		pid_t tid = (pid_t)strtol(entry->d_name, NULL, 10);

		if (tid <= 0 || !read_thread(pid, tid, &thread))
			continue;
		n++;
		err = each(&thread, context);
		err = err < 0 ? err : 0;
	}
	closedir(dir);
	if (!err && n == 0)
		err = -ESRCH;
	return err ? err : n;
}

/* The last of several numbers in the line that begins with name, "\nNSpid:" of "NSpid:\t812\t1"; 0: there is one. */
static uint32_t last_number(const char *text, const char *name)
{
	const char *line = strstr(text, name), *last = NULL;
	int n = 0;

	if (!line)
		return 0;
	for (line += strlen(name); *line == '\t'; n++) {
		last = line + 1;
		line = last + strspn(last, "0123456789");
	}
	return n > 1 ? (uint32_t)strtoul(last, NULL, 10) : 0;
}

void targets_parse_status(const char *text, uint32_t *ns_pid, uint32_t *ns_tid)
{
	*ns_pid = last_number(text, "\nNStgid:");
	*ns_tid = last_number(text, "\nNSpid:");
}

void targets_inner_numbers(pid_t pid, pid_t tid, uint32_t *ns_pid, uint32_t *ns_tid)
{
	char path[96], text[4096];

	*ns_pid = *ns_tid = 0;
	snprintf(path, sizeof(path), "/proc/%d/task/%d/status", (int)pid, (int)tid);
	if (read_file(path, text, sizeof(text)) > 0)
		targets_parse_status(text, ns_pid, ns_tid);
}
