/*
 * brief.h - many short lives: threads or processes that make a few calls and end. All calls are counted, each is made
 * without the C library.
 *
 *	uint64_t made = 0;
 *	brief_lives(true, 100000, &made);	threads, up to 32 at once
 *	brief_lives(false, 20000, &made);	processes
 *
 * Returns 0, or -errno when no more could be made.
 */
#ifndef BRIEF_H
#define BRIEF_H

#include "oracle.h"

#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stdalign.h>

#define BRIEF_AT_ONCE 32
#define BRIEF_STACK   16384
#define BRIEF_CALLS   7 /* of one, besides the exit that the C library's clone() makes of its end */

struct brief {
	alignas(16) unsigned char stack[BRIEF_STACK];
	int tid; /* 0 when a thread of it has ended */
};

static struct brief briefs[BRIEF_AT_ONCE];

static int brief_life(void *arg)
{
	(void)arg;
	for (int i = 0; i < BRIEF_CALLS; i++)
		call0(SYS_getppid);
	return 0;
}

static int64_t brief_begin(struct brief *brief, bool thread)
{
	int flags = thread ? CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM |
				     CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID
			   : SIGCHLD | CLONE_PARENT_SETTID;

	brief->tid = 1;
	return clone(brief_life, brief->stack + BRIEF_STACK, flags, NULL, &brief->tid, NULL, &brief->tid) < 0 ? -errno
													      : 0;
}

static void brief_await(struct brief *brief, bool thread, uint64_t *made)
{
	int tid;

	if (!thread) {
		call(SYS_wait4, (uint64_t)brief->tid, 0, 0, 0, 0, 0);
		++*made;
		return;
	}
	while ((tid = __atomic_load_n(&brief->tid, __ATOMIC_ACQUIRE))) {
		call(SYS_futex, (uint64_t)&brief->tid, FUTEX_WAIT, (uint64_t)tid, 0, 0, 0);
		++*made;
	}
}

static inline int brief_lives(bool threads, long n, uint64_t *made)
{
	int64_t err = 0;

	for (long i = 0; i < n && !err; i++) {
		struct brief *brief = &briefs[i % BRIEF_AT_ONCE];

		if (brief->tid)
			brief_await(brief, threads, made);
		err = brief_begin(brief, threads);
		*made += err ? 1 : 1 + BRIEF_CALLS + 1;
	}
	for (size_t i = 0; i < BRIEF_AT_ONCE; i++) {
		if (briefs[i].tid)
			brief_await(&briefs[i], threads, made);
		briefs[i].tid = 0;
	}
	return (int)err;
}

#endif
