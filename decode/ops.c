/* ops.c - see tracking.h: what a call changes, from its row; and ops.h, which the parts share */
#include "ops.h"

#include <errno.h>
#include <string.h>

/* --- what the parts share */

uint64_t get_number(const struct tracker *tracker, const uint8_t *bytes, unsigned n)
{
	uint64_t number = 0;

	for (unsigned i = 0; i < n; i++)
		number |= (uint64_t)bytes[tracker->big ? n - 1 - i : i] << (8 * i);
	return number;
}

bool is_cloexec(const struct begun *begun)
{
	const struct effect *effect = begun->deed->effect;

	if (effect->cloexec == UINT32_MAX)
		return true;
	return effect->flags >= 0 && arg32(begun, effect->flags) & effect->cloexec;
}

struct op *set_op(const struct begun *begun, struct fds *fds, enum fd_change kind, uint32_t fd, struct path *path,
		  enum fd_cloexec cloexec)
{
	struct op *op = &begun->thread->op;

	*op = (struct op){
		.kind = OP_FDS,
		.fds = fds_ref(fds),
		.n = 1,
		.fd = {fd},
		.change = {.kind = kind, .path = path, .cloexec = cloexec},
	};
	return op;
}

struct op *make_fd(const struct begun *begun, struct path *path, enum fd_cloexec cloexec)
{
	if (!sst_state_has_ret(begun->row->state)) {
		path_unref(&begun->tracker->budget, path);
		return NULL;
	}
	return set_op(begun, begun->thread->files, FD_ALLOCATE, (uint32_t)begun->row->ret, path, cloexec);
}

struct path *keep_found(const struct begun *begun, bool canonical)
{
	const struct found *found = begun->found;
	struct path *path;

	if (!found->name.known)
		return NULL;
	if (found->path)
		return path_ref(found->path);
	path = path_new(&begun->tracker->budget, found->name.text, found->name.len, canonical ? PATH_CANONICAL : 0);
	if (path)
		path->since = begun->row->time;
	return path;
}

struct path *new_name(const struct begun *begun, const char *text)
{
	struct path *path = text ? path_new(&begun->tracker->budget, text, strlen(text), 0) : NULL;

	if (path)
		path->since = begun->row->time;
	return path;
}

/* --- beginning */

/* What begins with a call of this kind; NULL: nothing. */
static void (*const begins[EFFECT_COUNT])(const struct begun *begun) = {
	[EFFECT_OPEN] = begin_open,     [EFFECT_OPENAT2] = begin_openat2,
	[EFFECT_CREAT] = begin_creat,   [EFFECT_MAKES] = begin_makes,
	[EFFECT_MEMFD] = begin_memfd,   [EFFECT_SIGNALFD] = begin_signalfd,
	[EFFECT_SOCKET] = begin_socket, [EFFECT_ACCEPT] = begin_accept,
	[EFFECT_DUP] = begin_dup,       [EFFECT_DUP2] = begin_dup2,
	[EFFECT_FCNTL] = begin_fcntl,   [EFFECT_IOCTL] = begin_ioctl,
	[EFFECT_PIPE] = begin_pipe,     [EFFECT_SOCKETPAIR] = begin_socketpair,
	[EFFECT_CLOSE] = begin_close,   [EFFECT_CLOSE_RANGE] = begin_close_range,
	[EFFECT_BIND] = begin_local,    [EFFECT_GETSOCKNAME] = begin_local,
	[EFFECT_CONNECT] = begin_peer,  [EFFECT_GETPEERNAME] = begin_peer,
	[EFFECT_RING] = begin_ring,     [EFFECT_CHDIR] = begin_chdir,
	[EFFECT_FCHDIR] = begin_chdir,  [EFFECT_CHROOT] = begin_chroot,
	[EFFECT_GETCWD] = begin_getcwd, [EFFECT_SETNS] = begin_setns,
	[EFFECT_PIVOT] = begin_pivot,   [EFFECT_RENAME] = begin_rename,
	[EFFECT_MOUNT] = begin_mount,   [EFFECT_UNSHARE] = begin_unshare,
	[EFFECT_FORK] = begin_clone,    [EFFECT_CLONE] = begin_clone,
	[EFFECT_CLONE3] = begin_clone,
};

static void begin_kind(const struct begun *begun)
{
	unsigned kind = begun->deed->effect->kind;

	if (begins[kind])
		begins[kind](begun);
}

/* Tell the tables that something is under way. */
static void mark_op(struct tracker *tracker, struct thread *thread)
{
	struct op *op = &thread->op;

	if (op->kind == OP_RANGE)
		revoke_range(tracker, op->fds, op->fd[0], op->fd[1], thread, op->change.begin);
	if (op->kind == OP_STORM)
		revoke_range(tracker, op->fds, 0, UINT32_MAX, thread, op->change.begin);
	if (op->kind == OP_RANGE || op->kind == OP_STORM)
		fds_storm(op->fds);
	if (op->kind != OP_FDS)
		return;
	for (unsigned i = 0; i < op->n; i++) {
		if (op->fds->threads > 1 && op->change.kind != FD_ALLOCATE && op->change.kind != FD_KEEP)
			revoke_fd(tracker, op->fds, op->fd[i], thread, op->change.begin);
		fds_begin(&tracker->budget, op->fds, op->fd[i]);
	}
}

/* A failed close() has closed all the same, unless there was nothing to be closed. */
static bool has_failed(const struct row *row, const struct deed *deed)
{
	int error = row_error(row);

	if (deed->effect->kind == EFFECT_CLOSE)
		return error == -EBADF;
	if (deed->effect->kind == EFFECT_CONNECT)
		return error && error != -EINPROGRESS && error != -EALREADY && error != -EINTR;
	return error != 0;
}

/* What somebody else has answered in the kernel's place says nothing of what has happened. */
static bool is_refused(const struct row *row)
{
	return row->state == SST_REFUSED;
}

void begin_op(struct tracker *tracker, struct thread *thread, const struct row *row, const struct deed *deed,
	      const struct found *found, const struct found *other)
{
	struct begun begun = {tracker, thread, row, deed, found, other};
	struct op *op = &thread->op;

	if (has_failed(row, deed)) {
		if (row_error(row) == -EBADF && deed->effect->kind == EFFECT_CLOSE) /* whatever we thought */
			fds_set(&tracker->budget, thread->files, (uint32_t)row->arg[0],
				&(struct change){.kind = FD_SPOIL, .begin = row->time, .end = thread->end},
				tracker->floor);
		return;
	}
	if (is_refused(row)) {
		revoke_range(tracker, thread->files, 0, UINT32_MAX, thread, row->time);
		fds_forget(thread->files, row->time);
		return;
	}
	begin_kind(&begun);
	if (op->kind == OP_NONE)
		return;
	op->known = sst_state_has_ret(row->state);
	op->change.begin = row->state == SST_MIDWAY || row->state == SST_MIDWAY_OPEN ? 0 : row->time;
	op->change.end = thread->end;
	mark_op(tracker, thread);
	if (thread->end != NEVER)
		threads_push(&tracker->threads, thread);
}
