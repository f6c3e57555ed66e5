/*
 * view.h - `--view=KIND`: sysdecode as a child, which shows what is being recorded. The recorder formats nothing.
 *
 *	err = view_start(&view, "processes", &setup, &error);	before BPF is loaded and privileges are dropped
 *	...
 *	the recording goes to the view alone:	view.fd is the output; view_leave(&view) once that has been duplicated
 *	or to a file and the view:		view_write() for each frame, after it is in the file;
 *						view_care() now and then
 *	view_end(&view);			after END: waits until all is shown
 *
 * Where it is a live table the user may end it, and with it the recording: see view_has_ended().
 *
 * The child has the rights of the user who called sudo, or those of nobody, and no capability. It ends with the
 * recording: signals of the terminal are not for it.
 *
 * A view beside a file never holds the recording up: what it cannot take yet is kept, up to VIEW_BEHIND bytes; beyond
 * that it does without some frames, and says so.
 */
#ifndef SYSSTREAM_VIEW_H
#define SYSSTREAM_VIEW_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <termios.h>

#include "message.h"
#include "privilege.h"

#define VIEW_BEHIND ((size_t)16 << 20)

struct view {
	pid_t pid;               /* 0: none */
	int fd;                  /* the writing end of its standard input, or -1 */
	bool gone;               /* nobody reads any more */
	bool live;               /* a table that has the terminal */
	struct termios terminal; /* as it was before */
	/* What has not been taken yet, and what comes after a part that has not ended yet. */
	unsigned char *behind, *next;
	size_t n_behind, cap_behind, n_next, cap_next;
	uint64_t left_out; /* frames */
};

struct view_setup {
	const struct invoker *invoker;
	const sigset_t *mask; /* that we were started with */
	int64_t interval;     /* of the kind stats, ns */
	bool live;            /* that kind is to be a table on the terminal */
	int output;           /* what becomes its standard output; -1: ours */
};

/* view_check() - is this a kind of view, with options of sysdecode behind it? Returns 0, or -EINVAL with a sentence. */
int view_check(const char *kind, struct message *error);

/* view_is() - is the kind this one, whatever options are behind it? */
bool view_is(const char *kind, const char *name);

/*
 * view_needs_calls() - do the options behind a kind of sums ask for what only calls tell, one by one?
 * view_can_be_live() - is our standard output a terminal that can show a table, and do they ask for nothing else?
 */
bool view_needs_calls(const char *kind);
bool view_can_be_live(const char *kind);

/* view_has_ended() - by itself. It is still to be waited for. */
bool view_has_ended(const struct view *view);

/*
 * view_start() - returns once sysdecode runs: that beside our own program, or in bin/ where ours is in sbin/; never
 * what $PATH says. Returns 0, or -ENOENT, -EACCES or another -errno with a sentence; then there is nothing to end.
 */
int view_start(struct view *view, const char *kind, const struct view_setup *setup, struct message *error);

/* view_leave() - close our descriptor: another one writes to it. */
void view_leave(struct view *view);

/*
 * view_write() - one frame, of a recording whose parts follow each other. must: it cannot be left out. next: it belongs
 * behind what the current part will still have, up to view_next(), or was never written, if keep is false there.
 */
void view_write(struct view *view, const void *data, size_t len, bool must, bool next);
void view_next(struct view *view, bool keep);

/* view_care() - hand over what there is room for. */
void view_care(struct view *view);

/*
 * view_end() - hand over the rest, wait for its end. Returns 0, or -EIO with a sentence when it has failed. A reader
 * that has seen enough (head) is not a failure.
 */
int view_end(struct view *view, struct message *error);

/* view_wait_stopped() - until it has stopped, or a moment has passed. */
void view_wait_stopped(const struct view *view);

/* view_abort() - there will be no recording. Nothing to do when it is all zero bytes. */
void view_abort(struct view *view);

#endif
