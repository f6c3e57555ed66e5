/*
 * threads.h - the threads and processes that the tracker knows, and the calls that they are in.
 */
#ifndef SYSDECODE_THREADS_H
#define SYSDECODE_THREADS_H

#include "effects.h"
#include "fds.h"

/* What a call under way changes. */
enum op_kind {
	OP_NONE,
	OP_FDS,     /* one descriptor or two; or the working directory, or the root */
	OP_RANGE,   /* close_range() */
	OP_STORM,   /* anything: calls are missing */
	OP_ADDRESS, /* of a socket */
	OP_UNSHARE,
	OP_RENAME,
};

struct op {
	uint8_t kind;         /* enum op_kind */
	bool known;           /* the call has returned: end, and all else */
	bool derived;         /* change.path comes from a watched descriptor */
	uint8_t n;            /* of fd */
	struct fds *fds;      /* holds a reference */
	struct change change; /* path holds a reference */
	struct path *path2;   /* of fd[1], and of the address */
	struct path *peer;    /* the address that a socket is connected to */
	uint32_t fd[2];       /* or the first and the last of a range */
	uint32_t flags;
};

/* The call's name comes from this descriptor: it is in the list of all for which that is so. */
struct watch {
	struct fds *fds; /* NULL: none. The thread's own table, or its directories */
	uint32_t fd;
	uint32_t tag;
	uint64_t list;
	uint32_t next, prev;         /* of the descriptor: number of watch: 2 × number of thread + which, + 1 */
	uint32_t any_next, any_prev; /* of the table */
};

#define WATCHES 2 /* of a thread */

struct process {
	struct process *next;     /* of the same hash */
	struct fds *files, *dirs; /* of threads of which nothing else is known */
	uint32_t pid;
	uint32_t threads;
};

struct thread {
	uint32_t tid, number;
	uint32_t tag;  /* of its call, for who takes back names */
	uint32_t next; /* of the same hash: number + 1 */
	struct process *process;
	struct fds *files, *dirs;
	/* its last call */
	uint64_t seq, begin, end; /* end: UINT64_MAX where it is not known */
	const struct effect *effect;
	uint64_t clone_flags;
	bool flags_known, open; /* open: it has not returned */
	bool storming;          /* calls of it are missing, up to its next one */
	struct op op;
	uint32_t place;     /* in the heap, + 1; 0: it is not there */
	struct path *shown; /* what was the name of its open call */
	bool shown_none;
	struct watch watches[WATCHES];
};

struct threads {
	struct budget *budget;
	struct thread **all; /* by number; NULL: free */
	uint32_t n, cap;
	uint32_t *free;
	uint32_t n_free;
	uint32_t *hash;             /* number + 1 */
	struct process **processes; /* hash */
	uint32_t hash_size;         /* a power of 2 */
	uint64_t key;
	uint32_t n_processes;
	uint32_t *heap; /* numbers of threads whose op is known, by its end */
	uint32_t n_heap;
};

/* threads_init() - returns whether there is memory. threads_clear() - forget all of them; ready for use again. */
bool threads_init(struct threads *threads, struct budget *budget);
void threads_clear(struct threads *threads);
void threads_free(struct threads *threads);

struct thread *threads_find(const struct threads *threads, uint32_t tid);
struct process *threads_process(const struct threads *threads, uint32_t pid);

/* threads_new_process() - with tables of its own, of which nothing is known. NULL where the budget does not suffice. */
struct process *threads_new_process(struct threads *threads, uint32_t pid);

/* threads_new() - a thread of a process that uses its tables. NULL where the budget does not suffice. */
struct thread *threads_new(struct threads *threads, struct process *process, uint32_t tid);

/* threads_remove() - it has ended; so has the process with its last thread. Nothing of it may be under way. */
void threads_remove(struct threads *threads, struct thread *thread);

/* threads_rename() - exec by another thread than the first. */
void threads_rename(struct threads *threads, struct thread *thread, uint32_t tid);

/* threads_use() - a table from now on. *which: thread->files or dirs. */
void threads_use(struct threads *threads, struct fds **which, struct fds *fds);

/* threads_push() - thread->op is known: it comes into the order of ends. threads_first() - the earliest, or NULL. */
void threads_push(struct threads *threads, struct thread *thread);
static inline struct thread *threads_first(const struct threads *threads)
{
	return threads->n_heap > 0 ? threads->all[threads->heap[0]] : NULL;
}
void threads_drop(struct threads *threads, struct thread *thread); /* take it out, if it is there */

#endif
