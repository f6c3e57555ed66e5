/*
 * threads.h - what a view that goes through a recording in order remembers of each thread, in bounded memory.
 *
 *	struct threads *threads = threads_new();
 *	thread = threads_get(threads, tid);	the one there is, or a new one
 *	thread = threads_find(threads, tid);	only if there is one
 *	threads_remove(threads, tid);		it has ended
 *	threads_free(threads);
 *
 * A pointer lives until the next threads_get(). Beyond THREADS_MAX threads the one that has been there longest and has
 * nothing open is forgotten: a view must be able to go on without.
 */
#ifndef SYSDECODE_THREADS_H
#define SYSDECODE_THREADS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "format/rows.h"

#define THREADS_MAX    65536
#define THREADS_MEMORY ((size_t)9 << 20) /* that it takes at most */

struct thread {
	uint32_t tid, next; /* next: private */
	uint32_t pid;       /* 0: new */
	uint32_t parent;    /* process; 0: not known */
	uint64_t start;     /* boot time; 0: not known */
	uint64_t open;      /* sequence number of the call it is in, as far as has been printed; 0: none */
	uint64_t ret;       /* of that call, if it has returned at a time that is not known */
	bool returned;      /* ret is known */
	bool named;         /* its name has been printed */
	bool process;       /* and that of the process that has this number */
	uint8_t comm_len;
	char comm[SST_COMM_MAX];
};

struct threads;

/* threads_new() - NULL without memory. */
struct threads *threads_new(void);
void threads_free(struct threads *threads);

struct thread *threads_find(const struct threads *threads, uint32_t tid);

/* threads_get() - a new one is all zero but for its number. NULL without memory. */
struct thread *threads_get(struct threads *threads, uint32_t tid);
void threads_remove(struct threads *threads, uint32_t tid);

/* thread_reset() - the number is another thread's from now on. */
void thread_reset(struct thread *thread, uint32_t pid);

/* thread_set_comm() - remember a name. Returns whether it is another one than before. */
bool thread_set_comm(struct thread *thread, const char *comm, size_t len);

#endif
