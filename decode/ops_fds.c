/* ops_fds.c - calls that make, change and close descriptors: see ops.h */
#include "ops.h"

#include <string.h>

#include "sockets.h"

#define PATH_ONLY  UINT32_C(010000000) /* O_PATH */
#define TMPFILE    UINT32_C(020000000) /* O_TMPFILE: the path is only where the file without a name is */
#define TREE_CLONE UINT32_C(1)         /* OPEN_TREE_CLONE: a copy that is mounted nowhere yet */

/* --- files and the like */

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

static void open_file(const struct begun *begun, uint32_t flags, enum fd_cloexec cloexec)
{
	bool nameless = flags & TMPFILE || (flags & TREE_CLONE && is_tree(begun));
	bool canonical = begun->found->direct && !is_tree(begun) && !follows_link(begun, flags);
	struct op *op = make_fd(begun, nameless ? NULL : keep_found(begun, canonical), cloexec);

	if (op)
		op->derived = begun->found->watched;
}

void begin_open(const struct begun *begun)
{
	open_file(begun, arg32(begun, begun->deed->effect->flags), to_cloexec(is_cloexec(begun)));
}

void begin_creat(const struct begun *begun)
{
	open_file(begun, 0, FD_STAYS);
}

void begin_openat2(const struct begun *begun)
{
	const struct sst_capture *how = row_capture(begun->row, 2);
	uint64_t flags;

	if (!how || how->len < 8) {
		make_fd(begun, NULL, FD_MAYBE);
		return;
	}
	flags = get_number(begun->tracker, begun->row->text + how->offset, 8);
	open_file(begun, (uint32_t)flags, to_cloexec(flags & begun->deed->effect->cloexec));
}

void begin_memfd(const struct begun *begun)
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

void begin_makes(const struct begun *begun)
{
	make_fd(begun, new_name(begun, begun->deed->effect->text), to_cloexec(is_cloexec(begun)));
}

/* With a descriptor it changes an old one. */
void begin_signalfd(const struct begun *begun)
{
	if ((int32_t)arg32(begun, 0) == -1)
		begin_makes(begun);
}

/* --- copies and flags */

static void duplicate(const struct begun *begun, enum fd_cloexec cloexec)
{
	struct op *op = make_fd(begun, path_ref(begun->found->path), cloexec);

	if (op)
		op->derived = begun->found->watched;
}

void begin_dup(const struct begun *begun)
{
	duplicate(begun, FD_STAYS);
}

void begin_dup2(const struct begun *begun)
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

void begin_fcntl(const struct begun *begun)
{
	switch (arg32(begun, 1)) {
	case FCNTL_DUPFD:
		duplicate(begun, FD_STAYS);
		break;
	case FCNTL_DUPFD_CLOEXEC:
		duplicate(begun, FD_CLOSES);
		break;
	case FCNTL_SETFD:
		set_cloexec(begun, arg32(begun, 2) & 1);
		break;
	default:
		break;
	}
}

void begin_ioctl(const struct begun *begun)
{
	uint32_t request = arg32(begun, 1);

	if (request == IOCTL_CLEX || request == IOCTL_PPC_CLEX)
		set_cloexec(begun, true);
	else if (request == IOCTL_NCLEX || request == IOCTL_PPC_NCLEX)
		set_cloexec(begun, false);
}

/* --- two at once */

/* Two descriptors, which memory tells after the call. */
static void make_pair(const struct begun *begun, unsigned arg, const char *text)
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

void begin_pipe(const struct begun *begun)
{
	make_pair(begun, 0, "pipe:[?]");
}

void begin_socketpair(const struct begun *begun)
{
	make_pair(begun, 3, socket_protocol(arg32(begun, 0), arg32(begun, 1), arg32(begun, 2)));
}

/* --- closing */

void begin_close(const struct begun *begun)
{
	set_op(begun, begun->thread->files, FD_FREE, arg32(begun, 0), NULL, FD_STAYS);
}

void begin_close_range(const struct begun *begun)
{
	begun->thread->op = (struct op){
		.kind = OP_RANGE,
		.fds = fds_ref(begun->thread->files),
		.fd = {arg32(begun, 0), arg32(begun, 1)},
		.flags = arg32(begun, 2),
	};
}

void begin_ring(const struct begun *begun)
{
	struct fds *files = begun->thread->files;

	if (!files->wild)
		revoke_range(begun->tracker, files, 0, UINT32_MAX, NULL, begun->row->time);
	files->wild = true;
}
