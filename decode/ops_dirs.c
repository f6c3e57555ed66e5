/* ops_dirs.c - calls that change directories, namespaces and names, and those that make processes: see ops.h */
#include "ops.h"

#include <string.h>

/* --- directories */

static void change_dir(const struct begun *begun, uint32_t which)
{
	struct op *op = set_op(begun, begun->thread->dirs, FD_REPLACE, which, keep_found(begun, false), FD_STAYS);

	op->derived = begun->found->watched;
}

void begin_chdir(const struct begun *begun)
{
	change_dir(begun, FDS_CWD);
}

void begin_chroot(const struct begun *begun)
{
	change_dir(begun, FDS_ROOT);
}

/* The kernel tells the working directory, as seen from the root directory, and without symbolic links. */
void begin_getcwd(const struct begun *begun)
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

/* Root and working directory are those of the other namespace; if it is one of mounts. */
void begin_setns(const struct begun *begun)
{
	struct op *op;

	if (arg32(begun, 1) == 0) {
		begun->thread->op = (struct op){.kind = OP_STORM, .fds = fds_ref(begun->thread->dirs)};
	} else if (arg32(begun, 1) & CLONE_NEWNS_FLAG) {
		op = set_op(begun, begun->thread->dirs, FD_REPLACE, FDS_CWD, new_name(begun, "/"), FD_STAYS);
		op->n = 2;
		op->fd[1] = FDS_ROOT;
		op->path2 = new_name(begun, "/");
	}
}

/* All names begin elsewhere, for whoever is in the same namespace. */
void begin_pivot(const struct begun *begun)
{
	set_op(begun, begun->thread->dirs, FD_REPLACE, FDS_ROOT, new_name(begun, "/"), FD_STAYS);
	begun->tracker->renamed_floor = begun->thread->end;
}

/* --- names */

void begin_rename(const struct begun *begun)
{
	struct op *op = &begun->thread->op;

	*op = (struct op){.kind = OP_RENAME, .change.path = keep_found(begun, false)};
	if (begun->other->name.known)
		op->path2 = path_new(&begun->tracker->budget, begun->other->name.text, begun->other->name.len, 0);
}

/* MS_REMOUNT, MS_UNBINDABLE, MS_PRIVATE, MS_SLAVE, MS_SHARED change how a mount behaves, not what is there. */
#define MOUNT_STAYS (UINT32_C(1) << 5 | UINT32_C(0xf) << 17)

/* What was there before is out of reach by its name. */
void begin_mount(const struct begun *begun)
{
	if (!(arg32(begun, 3) & MOUNT_STAYS))
		begin_rename(begun);
}

/* --- processes */

void begin_unshare(const struct begun *begun)
{
	begun->thread->op = (struct op){.kind = OP_UNSHARE, .flags = arg32(begun, 0)};
}

void begin_clone(const struct begun *begun)
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
