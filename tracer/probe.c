#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "probe.h"

/* Made by bpftool, not by us. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wcast-qual"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wconversion"
#include "probe.skel.h"
#pragma GCC diagnostic pop

#define WAKE_NS 150000 /* from going to sleep to being woken */
#define HOLD_NS 600000 /* the program runs on for so long */
#define LATE_NS 200000 /* a wake-up that much after its time has been held up by something */
#define ROUNDS  40
#define ENOUGH  3 /* rounds that say the same */
/* Of SCHED_FIFO: both above everything ordinary, so that a busy machine does not keep them from meeting. */
#define PRIORITY_HELD  1
#define PRIORITY_WAKER 2

/* The thread that is woken. */
struct waker {
	struct probe_bpf *bpf;
	pthread_t thread;
	int round;  /* asked for */
	int asleep; /* the round for which it is about to sleep */
	bool finish;
	uint64_t due;
};

static void *wake(void *context)
{
	struct waker *waker = context;

	for (int round = 1; !__atomic_load_n(&waker->finish, __ATOMIC_ACQUIRE); round++) {
		while (__atomic_load_n(&waker->round, __ATOMIC_ACQUIRE) < round) {
			struct timespec pause = {.tv_nsec = 20000};

			nanosleep(&pause, NULL);
			if (__atomic_load_n(&waker->finish, __ATOMIC_ACQUIRE))
				return NULL;
		}
		waker->due = mono_now() + WAKE_NS;
		struct timespec due = {.tv_sec = (time_t)(waker->due / 1000000000u),
				       .tv_nsec = (long)(waker->due % 1000000000u)};

		__atomic_store_n(&waker->asleep, round, __ATOMIC_RELEASE);
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
		waker->bpf->bss->woken = 1;
	}
	return NULL;
}

/* A real-time thread on the processor that the caller is pinned to. 0 or -errno. */
static int start_waker(struct waker *waker)
{
	struct sched_param param = {.sched_priority = PRIORITY_WAKER};
	pthread_attr_t attr;
	int err;

	pthread_attr_init(&attr);
	pthread_attr_setinheritsched(&attr, PTHREAD_EXPLICIT_SCHED);
	pthread_attr_setschedpolicy(&attr, SCHED_FIFO);
	pthread_attr_setschedparam(&attr, &param);
	err = -pthread_create(&waker->thread, &attr, wake, waker);
	pthread_attr_destroy(&attr);
	return err;
}

static void stop_waker(struct waker *waker)
{
	__atomic_store_n(&waker->finish, true, __ATOMIC_RELEASE);
	pthread_join(waker->thread, NULL);
}

/* One round: the waker goes to sleep, this thread calls getppid and is held up by the program while it wakes. */
static enum probe_preemption try_once(struct waker *waker, int round)
{
	struct probe_bpf__bss *shared = waker->bpf->bss;

	shared->woken = shared->preempted = 0;
	__atomic_store_n(&waker->round, round, __ATOMIC_RELEASE);
	while (__atomic_load_n(&waker->asleep, __ATOMIC_ACQUIRE) < round)
		sched_yield();
	shared->prober = (uint32_t)syscall(SYS_gettid);
	syscall(SYS_getppid);
	shared->prober = 0;
	while (!shared->woken)
		sched_yield();
	if (shared->preempted)
		return PROBE_PREEMPTED;
	/* It must have run at its time: only then the program was in the way. */
	return shared->began < waker->due && shared->ended > waker->due + LATE_NS ? PROBE_RUNS_TO_END : PROBE_UNKNOWN;
}

static enum probe_preemption try_often(struct waker *waker)
{
	int to_end = 0;

	for (int round = 1; round <= ROUNDS && to_end < ENOUGH; round++) {
		enum probe_preemption result = try_once(waker, round);

		if (result == PROBE_PREEMPTED)
			return result;
		to_end += result == PROBE_RUNS_TO_END;
	}
	return to_end >= ENOUGH ? PROBE_RUNS_TO_END : PROBE_UNKNOWN;
}

/* With a real-time priority below the waker's, if there is one to be had. */
static enum probe_preemption try_in_time(struct waker *waker)
{
	struct sched_param param = {.sched_priority = PRIORITY_HELD}, before;
	int policy = sched_getscheduler(0);
	bool is_ours = policy >= 0 && !sched_getparam(0, &before) && !sched_setscheduler(0, SCHED_FIFO, &param);
	enum probe_preemption result = try_often(waker);

	if (is_ours)
		sched_setscheduler(0, policy, &before);
	return result;
}

/* Both threads on one processor, wherever this one is now. */
static enum probe_preemption try_here(struct probe_bpf *bpf, char why[PROBE_WHY])
{
	struct waker waker = {.bpf = bpf};
	enum probe_preemption result;
	cpu_set_t before, one;
	int cpu = sched_getcpu(), err;

	CPU_ZERO(&one);
	CPU_SET(cpu < 0 ? 0 : cpu, &one);
	if (sched_getaffinity(0, sizeof(before), &before) || sched_setaffinity(0, sizeof(one), &one)) {
		snprintf(why, PROBE_WHY, "cannot stay on one processor: %s", strerror(errno));
		return PROBE_UNKNOWN;
	}
	err = start_waker(&waker);
	if (err) {
		snprintf(why, PROBE_WHY, "no real-time thread to try it with: %s", strerror(-err));
		result = PROBE_UNKNOWN;
	} else {
		result = try_in_time(&waker);
		stop_waker(&waker);
		snprintf(why, PROBE_WHY, "%s",
			 result == PROBE_UNKNOWN     ? "tried, with no clear result"
			 : result == PROBE_PREEMPTED ? "tried: a program was preempted"
						     : "tried: no program was preempted");
	}
	sched_setaffinity(0, sizeof(before), &before);
	return result;
}

static int quiet_print(enum libbpf_print_level level, const char *format, va_list args)
{
	(void)level, (void)format, (void)args;
	return 0;
}

/* A kernel that was built without preemption says so by leaving the word out (scripts/mkcompile_h in the kernel). */
static bool is_preemptible_kernel(void)
{
	struct utsname name;

	return uname(&name) != 0 || strstr(name.version, "PREEMPT");
}

enum probe_preemption probe_preemption(char why[PROBE_WHY])
{
	enum probe_preemption result = PROBE_UNKNOWN;
	libbpf_print_fn_t print;
	struct probe_bpf *bpf;

	if (!is_preemptible_kernel()) {
		snprintf(why, PROBE_WHY, "the kernel was built without preemption");
		return PROBE_RUNS_TO_END;
	}
	print = libbpf_set_print(quiet_print);
	bpf = probe_bpf__open_and_load();
	if (!bpf || probe_bpf__attach(bpf)) {
		snprintf(why, PROBE_WHY, "the program to try it with cannot be loaded: %s", strerror(errno));
	} else {
		bpf->bss->hold_ns = HOLD_NS;
		result = try_here(bpf, why);
	}
	probe_bpf__destroy(bpf);
	libbpf_set_print(print);
	return result;
}

/* --- tracefs --------------------------------------------------------------------------------------------- */

static int read_id(int dir, const char *path)
{
	char text[16] = "";
	int fd = openat(dir, path, O_RDONLY | O_CLOEXEC), id = 0;
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, text, sizeof(text) - 1);
	if (n > 0)
		id = (int)strtol(text, NULL, 10);
	close(fd);
	return id > 0 ? id : -EINVAL;
}

/* A tracefs of our own that is mounted nowhere: nothing of the machine's file systems changes. */
static int open_tracefs(void)
{
#ifdef SYS_fsopen
	int fs = (int)syscall(SYS_fsopen, "tracefs", 1 /* FSOPEN_CLOEXEC */), mount = -1;

	if (fs < 0)
		return -errno;
	if (syscall(SYS_fsconfig, fs, 6 /* FSCONFIG_CMD_CREATE */, NULL, NULL, 0) == 0)
		mount = (int)syscall(SYS_fsmount, fs, 1 /* FSMOUNT_CLOEXEC */, 0);
	if (mount < 0)
		mount = -errno;
	close(fs);
	return mount;
#else
	return -ENOSYS;
#endif
}

int probe_tracepoint_id(const char *tracepoint)
{
	static const char *const mounted[] = {"/sys/kernel/tracing", "/sys/kernel/debug/tracing"};
	char path[160];
	int id = -ENOENT, dir;

	for (size_t i = 0; i < 2 && id < 0; i++) {
		snprintf(path, sizeof(path), "%s/events/%s/id", mounted[i], tracepoint);
		id = read_id(AT_FDCWD, path);
	}
	if (id > 0)
		return id;
	dir = open_tracefs();
	if (dir < 0)
		return id == -EACCES ? id : dir;
	snprintf(path, sizeof(path), "events/%s/id", tracepoint);
	id = read_id(dir, path);
	close(dir);
	return id;
}
