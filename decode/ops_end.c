/* ops_end.c - what ops do when their calls have ended: see tracking.h and ops.h */
#include "ops.h"

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
