#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mark.h"

#define LOOKS 64 /* a fork bomb is not followed for ever */

/* A PID is ours for as long as its pidfd has not ended: marked first and looked at then, no stranger gets in. */
int mark_pids(const struct mark *mark, struct message *error)
{
	struct targets *targets = mark->targets;
	int err = 0;

	for (size_t i = 0; i < targets->n; i++)
		session_record(mark->session, (uint32_t)targets->list[i].kernel_pid, RING_BY_PID);
	targets_alive(targets);
	for (size_t i = 0; i < targets->n && !err; i++) {
		if (targets->list[i].ended)
			session_forget(mark->session, (uint32_t)targets->list[i].kernel_pid);
		else
			err = found_process(mark->found, targets->list[i].pid);
	}
	return err ? message_set(error, err, "out of memory") : 0;
}

/* Is this a process that may be recorded, and not only one of its threads? */
static bool is_process(const struct mark *mark, const struct tasks_entry *task)
{
	return task->tid == task->tgid && !task->kernel_thread && task->tgid != mark->self && task->tgid != mark->view;
}

/* --- trees ----------------------------------------------------------------------------------------------- */

static int by_tid(const void *a, const void *b)
{
	const struct tasks_entry *x = a, *y = b;

	return x->tid < y->tid ? -1 : x->tid > y->tid;
}

static bool is_root(const struct targets *targets, uint32_t tgid)
{
	for (size_t i = 0; i < targets->n; i++)
		if ((uint32_t)targets->list[i].kernel_pid == tgid)
			return true;
	return false;
}

/* The list is sorted. Is there a root at most depth generations above task? */
static bool descends(const struct mark *mark, const struct tasks_entry *task, int depth)
{
	for (int i = 0; i < depth && task && task->parent; i++) {
		struct tasks_entry parent = {.tid = task->parent};

		if (is_root(mark->targets, parent.tid))
			return true;
		task = bsearch(&parent, mark->tasks->list, mark->tasks->n, sizeof(parent), by_tid);
	}
	return false;
}

/* One look. Returns how many were new, or -errno. */
static int look_at_tree(const struct mark *mark, int depth, struct message *error)
{
	struct tasks *tasks = mark->tasks;
	int found = 0, err = tasks_scan(tasks, error);

	if (err)
		return err;
	qsort(tasks->list, tasks->n, sizeof(*tasks->list), by_tid);
	for (size_t i = 0; i < tasks->n; i++) {
		const struct tasks_entry *task = &tasks->list[i];

		if (!is_process(mark, task) || session_marks(mark->session, task->tgid) || !descends(mark, task, depth))
			continue;
		session_record(mark->session, task->tgid, RING_BY_PID);
		err = found_process(mark->found, (pid_t)task->ns_tgid);
		if (err)
			return message_set(error, err, "out of memory");
		found++;
	}
	return found;
}

int mark_tree(const struct mark *mark, int depth, struct message *error)
{
	int found = 1;

	for (int i = 0; i < LOOKS && found > 0; i++)
		found = look_at_tree(mark, depth, error);
	return found < 0 ? found : 0;
}

/* --- names and users ------------------------------------------------------------------------------------- */

static unsigned char reasons_for(const struct session_targets *chosen, const struct tasks_entry *task)
{
	unsigned char reasons = 0;

	for (size_t i = 0; i < chosen->n_names; i++)
		if (!strncmp(chosen->names[i], task->comm, RING_COMM))
			reasons |= RING_BY_NAME;
	for (size_t i = 0; i < chosen->n_users; i++)
		if (chosen->users[i] == task->user)
			reasons |= RING_BY_USER;
	return reasons;
}

/* A process may get another name between a look and its mark: the next look takes the mark away again. */
static int look_at_chosen(const struct mark *mark, struct message *error)
{
	int found = 0, err = tasks_scan(mark->tasks, error);

	for (size_t i = 0; !err && i < mark->tasks->n; i++) {
		const struct tasks_entry *task = &mark->tasks->list[i];
		unsigned char reasons = reasons_for(mark->chosen, task), marks;

		if (!is_process(mark, task))
			continue;
		marks = session_marks(mark->session, task->tgid) & (RING_BY_NAME | RING_BY_USER);
		if (marks == reasons)
			continue;
		session_change(mark->session, task->tgid, reasons & (unsigned char)~marks,
			       marks & (unsigned char)~reasons);
		if (reasons & ~marks)
			err = found_process(mark->found, (pid_t)task->ns_tgid);
		found++;
	}
	return err == -ENOMEM ? message_set(error, err, "out of memory") : err ? err : found;
}

int mark_chosen(const struct mark *mark, struct message *error)
{
	int found = 1;

	for (int i = 0; i < LOOKS && found > 0; i++)
		found = look_at_chosen(mark, error);
	return found < 0 ? found : 0;
}

/* --- containers ------------------------------------------------------------------------------------------ */

static int look_at_containers(const struct mark *mark, bool begun, struct message *error)
{
	int found = 0, err = tasks_scan(mark->tasks, error);

	for (size_t i = 0; !err && i < mark->tasks->n; i++) {
		const struct tasks_entry *task = &mark->tasks->list[i];

		if (!is_process(mark, task) || session_marks(mark->session, task->tgid) & RING_BY_CONTAINER ||
		    !containers_is_wanted(mark->containers,
					  containers_of_process(mark->containers, (pid_t)task->ns_tgid)))
			continue;
		session_change(mark->session, task->tgid, RING_BY_CONTAINER, 0);
		if (!begun)
			err = found_process(mark->found, (pid_t)task->ns_tgid);
		found++;
	}
	return err == -ENOMEM ? message_set(error, err, "out of memory") : err ? err : found;
}

int mark_containers(const struct mark *mark, bool begun, struct message *error)
{
	int found = 1;

	for (int i = 0; i < LOOKS && found > 0; i++)
		found = look_at_containers(mark, begun, error);
	return found < 0 ? found : 0;
}
