/*
 * snapshot.h - what processes have open when the recording begins: directories, program, file descriptors.
 *
 *	struct snapshot snapshot = {0};
 *	snapshot_process(&snapshot, pid, kernel_pid);	as soon as its calls are recorded: what changes from now on
 *							is seen
 *	... snapshot.frames[0 … n) are rows to be written, which have nothing but opens ...
 *	snapshot_free(&snapshot);
 *
 * It comes from /proc/PID/{cwd,root,exe,fd,fdinfo}; what may not be read there, or has gone, is left out.
 */
#ifndef TRACER_SNAPSHOT_H
#define TRACER_SNAPSHOT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "../format/rows.h"

struct snapshot {
	struct sst_rows **frames; /* each within the limits of a frame */
	size_t n, cap;
};

/*
 * snapshot_process() - pid is the process here, kernel_pid in the initial PID namespace. It costs some 6 µs a file
 * descriptor. Returns 0 or -ENOMEM.
 */
int snapshot_process(struct snapshot *snapshot, pid_t pid, uint32_t kernel_pid);

void snapshot_free(struct snapshot *snapshot);

#endif
