/*
 * release.h - lets processes go on that the programs have stopped (--lossless), whatever becomes of the recorder
 *
 *	release_start(&release, &session, &error);	before privileges are dropped: a child that may send signals
 *	n = session_held(&session, list, RELEASE_MOST);
 *	...empty the ring buffers...
 *	release_these(&release, list, n);		they go on; who has been stopped meanwhile waits
 *	release_stop(&release);				all go on, nobody is stopped any more; the child ends
 *
 * The child does the same as release_stop() when the recorder is gone, however it went: it reads from a pipe, which
 * ends.
 */
#ifndef TRACER_RELEASE_H
#define TRACER_RELEASE_H

#include <stdbool.h>
#include <sys/types.h>

#include "message.h"
#include "session.h"

struct release {
	pid_t pid; /* 0: there is none */
	int fd;
};

/* release_start() - 0, or -errno with a sentence. The session stays the caller's and has to outlive the child. */
int release_start(struct release *release, struct session *session, struct message *error);

#define RELEASE_MOST 1000 /* at once: what a pipe takes whole (PIPE_BUF) */

/* release_these() - 0, or -EPIPE: the child is gone, and nobody can let go on. */
int release_these(const struct release *release, const uint32_t *tgids, size_t n);

/* release_stop() - waits for the child. Nothing to do when it is all zero bytes. */
void release_stop(struct release *release);

#endif
