/*
 * lives.h - what a view that goes through a recording in order remembers of each thread, in bounded memory.
 *
 *	struct lives *lives = lives_new();
 *	thread = lives_get(lives, tid);	the one there is, or a new one
 *	thread = lives_find(lives, tid);	only if there is one
 *	lives_remove(lives, tid);		it has ended
 *	lives_free(lives);
 *
 * A pointer lives until the next lives_get(). Beyond LIVES_MAX threads one is forgotten, of those that have been
 * there for long and if possible one that has nothing open: a view must be able to go on without.
 */
#ifndef SYSDECODE_LIVES_H
#define SYSDECODE_LIVES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "format/rows.h"

#define LIVES_MAX    65536
#define LIVES_MEMORY ((size_t)9 << 20) /* that it takes at most */

struct life {
	uint32_t tid, next; /* next: private */
	uint32_t pid;       /* 0: new */
	uint32_t parent;    /* process; 0: not known */
	uint64_t start;     /* boot time; 0: not known */
	uint64_t open;      /* what there is still to be said of it: a number of the view's; 0: nothing */
	uint64_t ret;       /* of the call it is in, if that has returned at a time that is not known */
	bool returned;      /* ret is known */
	bool named;         /* its name has been printed */
	bool process;       /* and that of the process that has this number */
	uint8_t comm_len;
	char comm[SST_COMM_MAX];
};

struct lives;

/* lives_new() - NULL without memory. */
struct lives *lives_new(void);
void lives_free(struct lives *lives);

struct life *lives_find(const struct lives *lives, uint32_t tid);

/* lives_get() - a new one is all zero but for its number. NULL without memory. */
struct life *lives_get(struct lives *lives, uint32_t tid);
void lives_remove(struct lives *lives, uint32_t tid);

/* lives_clear() - forget all. */
void lives_clear(struct lives *lives);

/* life_reset() - the number is another thread's from now on. */
void life_reset(struct life *thread, uint32_t pid);

/* life_set_comm() - remember a name. Returns whether it is another one than before. */
bool life_set_comm(struct life *thread, const char *comm, size_t len);

#endif
