/*
 * ops.h - what the parts of ops.c share: each kind of call that changes something has a function here that makes the
 * op of its thread from its row. ops.c has the table of them and says when, ops_end.c does what ops say.
 */
#ifndef SYSDECODE_OPS_H
#define SYSDECODE_OPS_H

#include "tracking.h"

/* The row of a call that begins, and what has been found out of it. */
struct begun {
	struct tracker *tracker;
	struct thread *thread;
	const struct row *row;
	const struct deed *deed;
	const struct found *found, *other;
};

/* In op->flags of an OP_ADDRESS: which address of the socket changes. */
#define SET_LOCAL 1u
#define SET_PEER  2u

/* The lower half of the register of argument i. */
static inline uint32_t arg32(const struct begun *begun, int i)
{
	return (uint32_t)begun->row->arg[i];
}

static inline enum fd_cloexec to_cloexec(bool closes)
{
	return closes ? FD_CLOSES : FD_STAYS;
}

/* is_cloexec() - is what the call makes closed by execve(), as far as its flags and the table of effects tell? */
bool is_cloexec(const struct begun *begun);

/* set_op() - an op on one descriptor of a table. The path (NULL: not known) passes to it. */
struct op *set_op(const struct begun *begun, struct fds *fds, enum fd_change kind, uint32_t fd, struct path *path,
		  enum fd_cloexec cloexec);

/*
 * make_fd() - a new descriptor, the result; the path passes to it. NULL where the result is not known yet: then nothing
 * is to be done, no known one can become it.
 */
struct op *make_fd(const struct begun *begun, struct path *path, enum fd_cloexec cloexec);

/*
 * keep_found() - the name of the file that the call works on; canonical: see PATH_CANONICAL. new_name() - this text as
 * a name. Both return a reference of the caller's; NULL: it is not known, or there is no memory.
 */
struct path *keep_found(const struct begun *begun, bool canonical);
struct path *new_name(const struct begun *begun, const char *text);

/* --- ops_fds.c: descriptors that are made, changed and closed */

void begin_open(const struct begun *begun);
void begin_openat2(const struct begun *begun);
void begin_creat(const struct begun *begun);
void begin_makes(const struct begun *begun);
void begin_memfd(const struct begun *begun);
void begin_signalfd(const struct begun *begun);
void begin_dup(const struct begun *begun);
void begin_dup2(const struct begun *begun);
void begin_fcntl(const struct begun *begun);
void begin_ioctl(const struct begun *begun);
void begin_pipe(const struct begun *begun);
void begin_socketpair(const struct begun *begun);
void begin_close(const struct begun *begun);
void begin_close_range(const struct begun *begun);
void begin_ring(const struct begun *begun);

/* --- ops_sockets.c: sockets and their addresses */

void begin_socket(const struct begun *begun);
void begin_accept(const struct begun *begun);
void begin_local(const struct begun *begun);
void begin_peer(const struct begun *begun);

/* --- ops_dirs.c: directories, namespaces, renamed files, new processes */

void begin_chdir(const struct begun *begun);
void begin_chroot(const struct begun *begun);
void begin_getcwd(const struct begun *begun);
void begin_setns(const struct begun *begun);
void begin_pivot(const struct begun *begun);
void begin_rename(const struct begun *begun);
void begin_mount(const struct begun *begun);
void begin_unshare(const struct begun *begun);
void begin_clone(const struct begun *begun);

#endif
