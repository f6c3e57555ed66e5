/*
 * probe.h - what this kernel does with BPF programs, tried out rather than guessed from its version.
 *
 *	char why[PROBE_WHY];
 *	switch (probe_preemption(why)) ...
 *
 * Needs the privilege to load and attach. Takes a millisecond or two of one processor, and the time to load a small
 * program.
 */
#ifndef TRACER_PROBE_H
#define TRACER_PROBE_H

#include <stddef.h>

#define PROBE_WHY 160

enum probe_preemption {
	PROBE_UNKNOWN,     /* it could not be tried */
	PROBE_RUNS_TO_END, /* programs on BTF tracepoints are not preempted */
	PROBE_PREEMPTED,   /* they may be: the kernel then skips the same program for others on that processor */
};

/* probe_preemption() - why: in words how it is known, or why it is not; for -v and --check. */
enum probe_preemption probe_preemption(char why[PROBE_WHY]);

/*
 * probe_tracepoint_id() - the number that perf_event_open(2) knows a tracepoint by ("raw_syscalls/sys_enter"), from
 * tracefs, mounted or not: where it is not, it is opened without a mount point (needs CAP_SYS_ADMIN). Returns it, or
 * -errno.
 */
int probe_tracepoint_id(const char *tracepoint);

#endif
