/* ops.c - see tracking.h: what a call changes */
#include "tracking.h"

#include <errno.h>
#include <string.h>

#include "sockets.h"

#define CLONE_NEWNS_FLAG   UINT64_C(0x20000)
#define CLONE_NEWUSER_FLAG UINT64_C(0x10000000)

#define PATH_ONLY  UINT32_C(010000000) /* O_PATH */
#define TMPFILE    UINT32_C(020000000) /* O_TMPFILE: the path is only where the file without a name is */
#define TREE_CLONE UINT32_C(1)         /* OPEN_TREE_CLONE: a copy that is mounted nowhere yet */

/* The row of a call that begins, and what has been found out of it. */
struct begun {
	struct tracker *tracker;
	struct thread *thread;
	const struct row *row;
	const struct deed *deed;
	const struct found *found, *other;
};

uint64_t get_number(const struct tracker *tracker, const uint8_t *bytes, unsigned n)
{
	uint64_t number = 0;

	for (unsigned i = 0; i < n; i++)
		number |= (uint64_t)bytes[tracker->big ? n - 1 - i : i] << (8 * i);
	return number;
}

static uint32_t arg32(const struct begun *begun, int i)
{
	return (uint32_t)begun->row->arg[i];
}

static bool is_cloexec(const struct begun *begun)
{
	const struct effect *effect = begun->deed->effect;

	if (effect->cloexec == UINT32_MAX)
		return true;
	return effect->flags >= 0 && arg32(begun, effect->flags) & effect->cloexec;
}

/* --- beginning */

/* An op on descriptors; the path passes to it. */
static struct op *set_op(const struct begun *begun, struct fds *fds, enum fd_change kind, uint32_t fd,
			 struct path *path, enum fd_cloexec cloexec)
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

/* A new descriptor, the result. Where that is not known yet nothing is to be done: no known one can become it. */
static struct op *make_fd(const struct begun *begun, struct path *path, enum fd_cloexec cloexec)
{
	if (!sst_state_has_ret(begun->row->state)) {
		path_unref(&begun->tracker->budget, path);
		return NULL;
	}
	return set_op(begun, begun->thread->files, FD_ALLOCATE, (uint32_t)begun->row->ret, path, cloexec);
}

/* The name of the file that the call works on, to be kept; canonical: see PATH_CANONICAL. NULL: it is not known. */
static struct path *keep_found(const struct begun *begun, bool canonical)
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

static struct path *new_name(const struct begun *begun, const char *text)
{
	struct path *path = text ? path_new(&begun->tracker->budget, text, strlen(text), 0) : NULL;

	if (path)
		path->since = begun->row->time;
	return path;
}

static enum fd_cloexec to_cloexec(bool closes)
{
	return closes ? FD_CLOSES : FD_STAYS;
}

static bool is_tree(const struct begun *begun)
{
	return strncmp(begun->deed->effect->name, "open_tree", 9) == 0;
}

/* May it have come by a symbolic link, or be one? With O_NOFOLLOW alone, and a result, neither. */
static bool follows_link(const struct begun *begun, uint32_t flags)
{
	if (flags & PATH_ONLY)
		return true;
	switch (begun->row->call->abi) {
	case SST_ABI_AARCH64:
	case SST_ABI_ARM:
	case SST_ABI_PPC:
	case SST_ABI_PPC64:
	case SST_ABI_PPC64LE:
		return !(flags & 0100000);
	default:
		return !(flags & 0400000);
	}
}

static void begin_open(const struct begun *begun, uint32_t flags, enum fd_cloexec cloexec)
{
	bool nameless = flags & TMPFILE || (flags & TREE_CLONE && is_tree(begun));
	bool canonical = begun->found->direct && !is_tree(begun) && !follows_link(begun, flags);
	struct op *op = make_fd(begun, nameless ? NULL : keep_found(begun, canonical), cloexec);

	if (op)
		op->derived = begun->found->watched;
}

static void begin_openat2(const struct begun *begun)
{
	const struct sst_capture *how = row_capture(begun->row, 2);
	uint64_t flags;

	if (!how || how->len < 8) {
		make_fd(begun, NULL, FD_MAYBE);
		return;
	}
	flags = get_number(begun->tracker, begun->row->text + how->offset, 8);
	begin_open(begun, (uint32_t)flags, to_cloexec(flags & begun->deed->effect->cloexec));
}

static void begin_memfd(const struct begun *begun)
{
	static const char before[] = "/memfd:", behind[] = " (deleted)";
	const struct sst_capture *name = row_capture(begun->row, 0);
	char text[300];
	size_t len = sizeof(before) - 1;
	struct path *path = NULL;

	if (name && !(name->flags & (SST_CAPTURE_CUT | SST_CAPTURE_UNREADABLE)) && name->len < 256) {
		memcpy(text, before, len);
		memcpy(text + len, begun->row->text + name->offset, name->len);
		len += name->len;
		memcpy(text + len, behind, sizeof(behind) - 1);
		path = path_new(&begun->tracker->budget, text, len + sizeof(behind) - 1, 0);
	}
	make_fd(begun, path, to_cloexec(is_cloexec(begun)));
}

static struct path *new_socket(const struct begun *begun)
{
	const char *protocol = socket_protocol(arg32(begun, 0), arg32(begun, 1), arg32(begun, 2));

	return protocol ? path_socket(&begun->tracker->budget, protocol) : NULL;
}

static void begin_dup(const struct begun *begun, enum fd_cloexec cloexec)
{
	struct op *op = make_fd(begun, path_ref(begun->found->path), cloexec);

	if (op)
		op->derived = begun->found->watched;
}

static void begin_dup2(const struct begun *begun)
{
	struct op *op;

	if (arg32(begun, 0) == arg32(begun, 1))
		return;
	op = set_op(begun, begun->thread->files, FD_REPLACE, arg32(begun, 1), path_ref(begun->found->path),
		    to_cloexec(is_cloexec(begun)));
	op->derived = begun->found->watched;
}

static void set_cloexec(const struct begun *begun, bool closes)
{
	set_op(begun, begun->thread->files, FD_KEEP, arg32(begun, 0), NULL, to_cloexec(closes));
}

static void begin_fcntl(const struct begun *begun)
{
	switch (arg32(begun, 1)) {
	case FCNTL_DUPFD:
		begin_dup(begun, FD_STAYS);
		break;
	case FCNTL_DUPFD_CLOEXEC:
		begin_dup(begun, FD_CLOSES);
		break;
	case FCNTL_SETFD:
		set_cloexec(begun, arg32(begun, 2) & 1);
		break;
	default:
		break;
	}
}

static void begin_ioctl(const struct begun *begun)
{
	uint32_t request = arg32(begun, 1);

	if (request == IOCTL_CLEX || request == IOCTL_PPC_CLEX)
		set_cloexec(begun, true);
	else if (request == IOCTL_NCLEX || request == IOCTL_PPC_NCLEX)
		set_cloexec(begun, false);
}

/* Two descriptors, which memory tells after the call. */
static void begin_pair(const struct begun *begun, unsigned arg, const char *text)
{
	const struct sst_capture *pair = row_capture(begun->row, arg);
	enum fd_cloexec cloexec = to_cloexec(is_cloexec(begun));
	const uint8_t *bytes;
	struct op *op;

	if (!pair || pair->len < 8 || !sst_state_has_ret(begun->row->state))
		return;
	bytes = begun->row->text + pair->offset;
	op = set_op(begun, begun->thread->files, FD_ALLOCATE, (uint32_t)get_number(begun->tracker, bytes, 4),
		    new_name(begun, text), cloexec);
	op->n = 2;
	op->fd[1] = (uint32_t)get_number(begun->tracker, bytes + 4, 4);
	op->path2 = new_name(begun, text);
}

static void begin_range(const struct begun *begun)
{
	begun->thread->op = (struct op){
		.kind = OP_RANGE,
		.fds = fds_ref(begun->thread->files),
		.fd = {arg32(begun, 0), arg32(begun, 1)},
		.flags = arg32(begun, 2),
	};
}

static void begin_storm(const struct begun *begun, struct fds *fds)
{
	begun->thread->op = (struct op){.kind = OP_STORM, .fds = fds_ref(fds)};
}

/* --- sockets */

#define SET_LOCAL 1u /* in op->flags */
#define SET_PEER  2u

static struct path *new_address(const struct begun *begun, const char *text, size_t len)
{
	return len > 0 ? path_new(&begun->tracker->budget, text, len, 0) : NULL;
}

/* The address that a call names, or is told, in argument 1. */
static struct path *said_address(const struct begun *begun)
{
	const struct sst_capture *capture = row_capture(begun->row, 1);
	char text[ADDRESS_TEXT];
	size_t len = 0;

	if (capture && !(capture->flags & SST_CAPTURE_UNREADABLE))
		len = socket_address(text, begun->row->text + capture->offset, capture->len, begun->tracker->big);
	return new_address(begun, text, len);
}

/* What the kernel told of the socket when the call returned. */
static bool see_socket(const struct begun *begun, struct socket_seen *seen)
{
	const struct sst_capture *capture = row_capture(begun->row, SST_CAPTURE_FD);

	return capture && socket_seen(seen, begun->row->text + capture->offset, capture->len);
}

static struct path *new_seen_socket(const struct begun *begun, const struct socket_seen *seen)
{
	const char *protocol = socket_protocol(seen->family, seen->type, seen->protocol);
	struct path *path = protocol ? path_socket(&begun->tracker->budget, protocol) : NULL;

	if (!path)
		return NULL;
	path_set_local(path, seen->local, seen->local_len);
	path_set_peer(path, seen->peer, seen->peer_len);
	return path;
}

/* A socket gets an address, and all who have it open see that. */
static void begin_address(const struct begun *begun, unsigned which)
{
	struct path *path = begun->found->path;
	struct op *op = &begun->thread->op;
	struct socket_seen seen = {0};
	bool saw = see_socket(begun, &seen);

	if (!path || !(path->flags & PATH_SOCKET)) {
		if (saw) /* now it is known what this is */
			set_op(begun, begun->thread->files, FD_REPLACE, arg32(begun, 0), new_seen_socket(begun, &seen),
			       FD_MAYBE);
		return;
	}
	*op = (struct op){.kind = OP_ADDRESS, .change.path = path_ref(path), .flags = which};
	if (seen.local_len > 0 || seen.peer_len > 0) {
		op->flags = SET_LOCAL | (which & SET_PEER);
		op->path2 = new_address(begun, seen.local, seen.local_len);
		op->peer = new_address(begun, seen.peer, seen.peer_len);
	} else if (which & SET_LOCAL) {
		op->path2 = said_address(begun);
	} else {
		op->peer = said_address(begun);
	}
}

/* The address of the listening socket is that of the connection, unless it is of any interface. */
static void inherit_local(struct path *to, const struct path *from)
{
	const char *address = from->text + from->protocol + 1;
	size_t len = from->local > 0 ? from->local - 1u : 0;
	char text[ADDRESS_TEXT];

	if (socket_unspecific(address, len)) {
		const char *port = memrchr(address, ':', len);
		size_t n = len - (size_t)(port - address);

		*text = '?';
		memcpy(text + 1, port, n);
		path_set_local(to, text, n + 1);
	} else {
		path_set_local(to, address, len);
	}
}

/* The connection, by the socket that listens and what accept() says of the other side. */
static struct path *new_connection(const struct begun *begun)
{
	const struct path *listener = begun->found->path;
	struct path *path, *peer;
	char protocol[SOCKET_TEXT + 1];

	if (!listener || !(listener->flags & PATH_SOCKET))
		return NULL;
	memcpy(protocol, listener->text, listener->protocol);
	protocol[listener->protocol] = '\0';
	path = path_socket(&begun->tracker->budget, protocol);
	if (!path)
		return NULL;
	inherit_local(path, listener);
	peer = said_address(begun);
	path_set_peer(path, peer ? peer->text : NULL, peer ? peer->len : 0);
	path_unref(&begun->tracker->budget, peer);
	return path;
}

static void begin_accept(const struct begun *begun)
{
	struct socket_seen seen = {0};
	bool saw = see_socket(begun, &seen) && seen.local_len > 0;

	make_fd(begun, saw ? new_seen_socket(begun, &seen) : new_connection(begun), to_cloexec(is_cloexec(begun)));
}

/* --- directories and processes */

static void begin_chdir(const struct begun *begun, uint32_t which)
{
	struct op *op = set_op(begun, begun->thread->dirs, FD_REPLACE, which, keep_found(begun, false), FD_STAYS);

	op->derived = begun->found->watched;
}

/* The kernel tells the working directory, as seen from the root directory, and without symbolic links. */
static void begin_getcwd(const struct begun *begun)
{
	const struct sst_capture *capture = row_capture(begun->row, 0);
	const char *text;
	struct path *path;
	size_t len;

	if (!capture || capture->flags & (SST_CAPTURE_CUT | SST_CAPTURE_UNREADABLE))
		return;
	text = (const char *)begun->row->text + capture->offset;
	len = strnlen(text, capture->len);
	if (len == 0 || *text != '/' || has_other_root(begun->thread))
		return;
	path = path_new(&begun->tracker->budget, text, len, PATH_CANONICAL);
	if (path)
		path->since = begun->row->time;
	set_op(begun, begun->thread->dirs, FD_REPLACE, FDS_CWD, path, FD_STAYS);
}

static void begin_rename(const struct begun *begun)
{
	struct op *op = &begun->thread->op;

	*op = (struct op){.kind = OP_RENAME, .change.path = keep_found(begun, false)};
	if (begun->other->name.known)
		op->path2 = path_new(&begun->tracker->budget, begun->other->name.text, begun->other->name.len, 0);
}

/* These only change how a mount behaves, not what is there: MS_REMOUNT, MS_UNBINDABLE, MS_PRIVATE, MS_SLAVE, MS_SHARED
 */
#define MOUNT_STAYS (UINT32_C(1) << 5 | UINT32_C(0xf) << 17)

/* What was there before is out of reach by its name. */
static void begin_mount(const struct begun *begun)
{
	if (!(arg32(begun, 3) & MOUNT_STAYS))
		begin_rename(begun);
}

/* Root and working directory are those of the other namespace; if it is one of mounts. */
static void begin_setns(const struct begun *begun)
{
	struct op *op;

	if (arg32(begun, 1) == 0) {
		begin_storm(begun, begun->thread->dirs);
	} else if (arg32(begun, 1) & CLONE_NEWNS_FLAG) {
		op = set_op(begun, begun->thread->dirs, FD_REPLACE, FDS_CWD, new_name(begun, "/"), FD_STAYS);
		op->n = 2;
		op->fd[1] = FDS_ROOT;
		op->path2 = new_name(begun, "/");
	}
}

/* All names begin elsewhere, for whoever is in the same namespace. */
static void begin_pivot(const struct begun *begun)
{
	set_op(begun, begun->thread->dirs, FD_REPLACE, FDS_ROOT, new_name(begun, "/"), FD_STAYS);
	begun->tracker->renamed_floor = begun->thread->end;
}

static void begin_unshare(const struct begun *begun)
{
	begun->thread->op = (struct op){.kind = OP_UNSHARE, .flags = arg32(begun, 0)};
}

static void note_clone(const struct begun *begun)
{
	struct thread *thread = begun->thread;
	const struct sst_capture *args = row_capture(begun->row, 0);
	bool backwards = begun->row->call->abi == SST_ABI_S390X || begun->row->call->abi == SST_ABI_S390;

	thread->flags_known = true;
	switch (begun->deed->effect->kind) {
	case EFFECT_FORK:
		thread->clone_flags = 0;
		break;
	case EFFECT_CLONE:
		thread->clone_flags = begun->row->arg[backwards ? 1 : 0];
		break;
	default:
		thread->flags_known = args && args->len >= 8;
		if (thread->flags_known)
			thread->clone_flags = get_number(begun->tracker, begun->row->text + args->offset, 8);
		break;
	}
}

static void begin_kind(const struct begun *begun)
{
	const struct effect *effect = begun->deed->effect;
	struct thread *thread = begun->thread;
	enum fd_cloexec cloexec = to_cloexec(is_cloexec(begun));

	switch (effect->kind) {
	case EFFECT_OPEN:
		begin_open(begun, arg32(begun, effect->flags), cloexec);
		break;
	case EFFECT_OPENAT2:
		begin_openat2(begun);
		break;
	case EFFECT_CREAT:
		begin_open(begun, 0, FD_STAYS);
		break;
	case EFFECT_MAKES:
		make_fd(begun, new_name(begun, effect->text), cloexec);
		break;
	case EFFECT_MEMFD:
		begin_memfd(begun);
		break;
	case EFFECT_SIGNALFD:
		if ((int32_t)arg32(begun, 0) == -1)
			make_fd(begun, new_name(begun, effect->text), cloexec);
		break;
	case EFFECT_SOCKET:
		make_fd(begun, new_socket(begun), cloexec);
		break;
	case EFFECT_ACCEPT:
		begin_accept(begun);
		break;
	case EFFECT_DUP:
		begin_dup(begun, FD_STAYS);
		break;
	case EFFECT_DUP2:
		begin_dup2(begun);
		break;
	case EFFECT_FCNTL:
		begin_fcntl(begun);
		break;
	case EFFECT_IOCTL:
		begin_ioctl(begun);
		break;
	case EFFECT_PIPE:
		begin_pair(begun, 0, "pipe:[?]");
		break;
	case EFFECT_SOCKETPAIR:
		begin_pair(begun, 3, socket_protocol(arg32(begun, 0), arg32(begun, 1), arg32(begun, 2)));
		break;
	case EFFECT_CLOSE:
		set_op(begun, thread->files, FD_FREE, arg32(begun, 0), NULL, FD_STAYS);
		break;
	case EFFECT_CLOSE_RANGE:
		begin_range(begun);
		break;
	case EFFECT_BIND:
	case EFFECT_GETSOCKNAME:
		begin_address(begun, SET_LOCAL);
		break;
	case EFFECT_CONNECT:
	case EFFECT_GETPEERNAME:
		begin_address(begun, SET_PEER);
		break;
	case EFFECT_RING:
		if (!thread->files->wild)
			revoke_range(begun->tracker, thread->files, 0, UINT32_MAX, NULL, begun->row->time);
		thread->files->wild = true;
		break;
	case EFFECT_CHDIR:
	case EFFECT_FCHDIR:
		begin_chdir(begun, FDS_CWD);
		break;
	case EFFECT_CHROOT:
		begin_chdir(begun, FDS_ROOT);
		break;
	case EFFECT_GETCWD:
		begin_getcwd(begun);
		break;
	case EFFECT_SETNS:
		begin_setns(begun);
		break;
	case EFFECT_PIVOT:
		begin_pivot(begun);
		break;
	case EFFECT_RENAME:
		begin_rename(begun);
		break;
	case EFFECT_MOUNT:
		begin_mount(begun);
		break;
	case EFFECT_UNSHARE:
		begin_unshare(begun);
		break;
	case EFFECT_FORK:
	case EFFECT_CLONE:
	case EFFECT_CLONE3:
		note_clone(begun);
		break;
	default:
		break;
	}
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

/* --- the end */

static void drop_op(struct tracker *tracker, struct thread *thread)
{
	struct op *op = &thread->op;

	threads_drop(&tracker->threads, thread);
	if (op->change.path)
		path_unref(&tracker->budget, op->change.path);
	if (op->path2)
		path_unref(&tracker->budget, op->path2);
	if (op->peer)
		path_unref(&tracker->budget, op->peer);
	fds_unref(&tracker->budget, op->fds);
	*op = (struct op){.kind = OP_NONE};
}

static void end_fds(struct tracker *tracker, struct op *op)
{
	for (unsigned i = 0; i < op->n; i++) {
		struct change change = op->change;

		change.path = i == 0 ? change.path : op->path2;
		fds_end(&tracker->budget, op->fds, op->fd[i], &change, tracker->floor);
	}
}

/* A table of its own from now on. */
static void unshare(struct tracker *tracker, struct fds **which, uint64_t begin, uint64_t end)
{
	struct fds *copy;

	if ((*which)->threads < 2)
		return;
	tracker->odd = true;
	copy = fds_copy(&tracker->budget, *which, begin, end);
	if (!copy)
		copy = fds_new(&tracker->budget);
	if (!copy) {
		(*which)->wild = true;
		return;
	}
	threads_use(&tracker->threads, which, copy);
	fds_unref(&tracker->budget, copy);
}

static void end_range(struct tracker *tracker, struct thread *thread, struct op *op)
{
	enum { UNSHARE = 2, CLOEXEC = 4 };
	struct budget *budget = &tracker->budget;

	if (op->flags & UNSHARE && thread->files == op->fds && op->fds->threads > 1) {
		op->fds->storms--;
		unshare(tracker, &thread->files, op->change.begin, op->change.end);
		fds_unref(budget, op->fds);
		op->fds = fds_ref(thread->files);
		op->fds->storms++;
	}
	if (op->flags & CLOEXEC)
		fds_cloexec_range(op->fds, op->fd[0], op->fd[1], op->change.begin, op->change.end);
	else
		fds_close_range(budget, op->fds, op->fd[0], op->fd[1], op->change.begin, op->change.end);
}

static void end_unshare(struct tracker *tracker, struct thread *thread, const struct op *op)
{
	if (op->flags & CLONE_FILES_FLAG)
		unshare(tracker, &thread->files, op->change.begin, op->change.end);
	if (op->flags & (CLONE_FS_FLAG | CLONE_NEWNS_FLAG | CLONE_NEWUSER_FLAG))
		unshare(tracker, &thread->dirs, op->change.begin, op->change.end);
}

static void end_rename(struct tracker *tracker, const struct op *op)
{
	if (op->change.path)
		note_rename(tracker, op->change.path->text, op->change.path->len, op->change.end);
	else
		tracker->renamed_floor = op->change.end;
	if (op->path2)
		note_rename(tracker, op->path2->text, op->path2->len, op->change.end);
}

static void end_address(const struct op *op)
{
	if (op->flags & SET_LOCAL)
		path_set_local(op->change.path, op->path2 ? op->path2->text : NULL, op->path2 ? op->path2->len : 0);
	if (op->flags & SET_PEER)
		path_set_peer(op->change.path, op->peer ? op->peer->text : NULL, op->peer ? op->peer->len : 0);
}

void finish_op(struct tracker *tracker, struct thread *thread)
{
	struct op *op = &thread->op;

	switch (op->kind) {
	case OP_FDS:
		end_fds(tracker, op);
		break;
	case OP_RANGE:
		end_range(tracker, thread, op);
		break;
	case OP_STORM:
		fds_storm_over(op->fds, op->change.end);
		break;
	case OP_ADDRESS:
		end_address(op);
		break;
	case OP_UNSHARE:
		end_unshare(tracker, thread, op);
		break;
	case OP_RENAME:
		end_rename(tracker, op);
		break;
	default:
		break;
	}
	drop_op(tracker, thread);
}

/* It may have had any effect, or none. */
void spoil_op(struct tracker *tracker, struct thread *thread, uint64_t now)
{
	struct op *op = &thread->op;

	op->change.end = now;
	switch (op->kind) {
	case OP_FDS:
		if (!op->known) {
			op->change.kind = FD_SPOIL;
			path_unref(&tracker->budget, op->change.path);
			op->change.path = NULL;
		}
		end_fds(tracker, op);
		break;
	case OP_RANGE:
	case OP_STORM:
		fds_storm_over(op->fds, now);
		break;
	case OP_UNSHARE:
		fds_forget(thread->files, now);
		fds_forget(thread->dirs, now);
		break;
	case OP_ADDRESS:
		if (op->flags & SET_LOCAL)
			path_set_local(op->change.path, "?", 1);
		else
			path_set_peer(op->change.path, "?", 1);
		break;
	case OP_RENAME:
		end_rename(tracker, op);
		break;
	default:
		break;
	}
	drop_op(tracker, thread);
}

void retract_op(struct tracker *tracker, struct thread *thread)
{
	struct op *op = &thread->op;

	op->change.kind = FD_NOTHING;
	if (op->kind == OP_FDS)
		end_fds(tracker, op);
	else if (op->kind == OP_RANGE || op->kind == OP_STORM)
		op->fds->storms--;
	drop_op(tracker, thread);
}
