/* tracker.c - see tracker.h: time, threads and processes */
#include "tracking.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "format/syscalls.h"

static const struct name unknown = {.text = "?", .len = 1};

struct tracker *tracker_new(size_t memory)
{
	struct tracker *tracker = calloc(1, sizeof(*tracker));

	if (!tracker)
		return NULL;
	tracker->budget.limit = memory > sizeof(*tracker) ? memory - sizeof(*tracker) : 0;
	if (threads_init(&tracker->threads, &tracker->budget))
		return tracker;
	free(tracker);
	return NULL;
}

void tracker_free(struct tracker *tracker)
{
	if (!tracker)
		return;
	threads_free(&tracker->threads);
	free(tracker);
}

void tracker_forget(struct tracker *tracker)
{
	tracker->last = NULL;
	threads_clear(&tracker->threads);
	tracker->lost_odd |= tracker->odd;
}

static bool is_big(const char *machine)
{
	static const char *const names[] = {"s390",     "s390x",  "ppc64",  "ppc",   "aarch64_be",
					    "armv5teb", "armv6b", "armv7b", "armv8b"};

	for (size_t i = 0; machine && i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(machine, names[i]) == 0)
			return true;
	return false;
}

/*
 * Does a selection of calls (trace=SET) keep this one? Only where SET is a list of names; sets by class and by pattern
 * are taken to lack it.
 */
static bool selects(const char *set, size_t len, const char *name)
{
	bool without = len > 0 && *set == '!';
	size_t n = strlen(name);

	for (size_t i = without, part; i < len; i += part + 1) {
		const char *item = set + i, *comma = memchr(item, ',', len - i);

		part = comma ? (size_t)(comma - item) : len - i;
		if (part == n + 1 && *item == '?' && memcmp(item + 1, name, n) == 0)
			return !without;
		if (part == n && memcmp(item, name, n) == 0)
			return !without;
		if (without && part > 0 && (*item == '%' || *item == '/'))
			return false;
	}
	return without;
}

/* Are all of these calls, NULL at the end, recorded, as far as the machine has them? */
static bool has_all(const struct sst_meta *meta, const char *const names[])
{
	static const char trace[] = "trace=";
	const char *filter = sst_meta_get(meta, "filter"), *machine = sst_meta_get(meta, "host.machine");
	int abi = machine ? sst_abi_from_name(machine) : -1;

	if (!filter || !*filter)
		return true;
	if (strncmp(filter, trace, sizeof(trace) - 1) != 0 || strchr(filter, ' '))
		return false;
	filter += sizeof(trace) - 1;
	for (; *names; names++) {
		uint32_t nr;

		if ((abi < 0 || sst_syscall_find((unsigned)abi, *names, &nr) == 0) &&
		    !selects(filter, strlen(filter), *names))
			return false;
	}
	return true;
}

static void note_filter(struct tracker *tracker, const struct sst_meta *meta)
{
	static const char *const processes[] = {"fork", "vfork", "clone", "clone3", "unshare", NULL};
	static const char *const files[] = {"close",          "close_range",    "dup2", "dup3",
					    "io_uring_setup", "io_uring_enter", NULL};
	static const char *const flags[] = {"fcntl", "ioctl", NULL};
	static const char *const dirs[] = {"chdir", "fchdir", "chroot", "pivot_root", "setns", NULL};
	bool forks = has_all(meta, processes);

	tracker->no_files = !forks || !has_all(meta, files);
	tracker->no_dirs = !forks || !has_all(meta, dirs);
	tracker->no_flags = !has_all(meta, flags);
}

void tracker_begin(struct tracker *tracker, const struct sst_meta *meta, bool part)
{
	if (!part) {
		tracker_forget(tracker);
		memset(tracker->renamed, 0, sizeof(tracker->renamed));
		tracker->n_renamed = 0;
		tracker->now = tracker->floor = tracker->renamed_floor = 0;
		tracker->odd = tracker->lost_odd = false;
	}
	tracker->big = is_big(sst_meta_get(meta, "host.machine"));
	note_filter(tracker, meta);
}

void tracker_list(struct tracker *tracker, void (*revoke)(void *context, uint32_t tag), void *context)
{
	tracker->list++;
	tracker->revoke = revoke;
	tracker->context = context;
}

/* --- time */

/* What has returned before now has done what it does. */
static void advance(struct tracker *tracker, uint64_t now)
{
	struct thread *thread;

	while ((thread = threads_first(&tracker->threads)) && thread->op.change.end < now)
		finish_op(tracker, thread);
	tracker->now = now > tracker->now ? now : tracker->now;
}

/* Has its last call nothing under way, but perhaps a watch? */
static bool is_quiet(const struct thread *thread)
{
	return thread->op.kind == OP_NONE && !thread->storming && !thread->shown;
}

/* The thread is in no call any more at now. */
static void settle(struct tracker *tracker, struct thread *thread, uint64_t now)
{
	if (thread->op.kind != OP_NONE && thread->place && thread->op.change.end <= now)
		finish_op(tracker, thread);
	else if (thread->op.kind != OP_NONE)
		spoil_op(tracker, thread, now);
	if (thread->storming) {
		fds_storm_over(thread->files, now);
		fds_storm_over(thread->dirs, now);
	}
	thread->storming = false;
	unwatch(tracker, thread);
	path_unref(&tracker->budget, thread->shown);
	thread->shown = NULL;
	thread->effect = NULL;
	thread->flags_known = thread->open = thread->shown_none = false;
}

static void remove_thread(struct tracker *tracker, struct thread *thread)
{
	settle(tracker, thread, tracker->now);
	tracker->last = NULL;
	threads_remove(&tracker->threads, thread);
}

/* --- threads and processes */

/* Where nothing fits any more, everything is forgotten, and begins anew. */
static struct process *get_process(struct tracker *tracker, uint32_t pid)
{
	struct process *process = threads_process(&tracker->threads, pid);

	if (!process)
		process = threads_new_process(&tracker->threads, pid);
	if (process)
		return process;
	tracker_forget(tracker);
	return threads_new_process(&tracker->threads, pid);
}

static struct thread *new_thread(struct tracker *tracker, struct process *process, uint32_t tid)
{
	uint32_t pid = process->pid;
	struct thread *thread = threads_new(&tracker->threads, process, tid);

	if (thread)
		return thread;
	tracker_forget(tracker);
	process = threads_new_process(&tracker->threads, pid);
	return process ? threads_new(&tracker->threads, process, tid) : NULL;
}

/* A thread that nothing has been heard of is taken to share all with the others of its process. */
static struct thread *get_thread(struct tracker *tracker, uint32_t pid, uint32_t tid)
{
	struct thread *thread = tracker->last;
	struct process *process;

	if (thread && thread->tid == tid && thread->process->pid == pid)
		return thread;
	thread = threads_find(&tracker->threads, tid);
	if (thread && thread->process->pid != pid) {
		remove_thread(tracker, thread);
		thread = NULL;
	}
	if (!thread) {
		process = get_process(tracker, pid);
		thread = process ? new_thread(tracker, process, tid) : NULL;
	}
	tracker->last = thread;
	return thread;
}

/* Is this the clone() that the parent is in? */
static bool is_in_clone(const struct thread *parent, uint64_t time)
{
	return parent && parent->effect && parent->flags_known && parent->begin <= time && time <= parent->end &&
	       (parent->effect->kind == EFFECT_FORK || parent->effect->kind == EFFECT_CLONE ||
		parent->effect->kind == EFFECT_CLONE3);
}

/* The child's table: the parent's, a copy of it, or one of which nothing is known. Held by the caller. */
static struct fds *inherit(struct tracker *tracker, struct fds *from, bool shared, uint64_t begin, uint64_t end)
{
	return shared ? fds_ref(from) : fds_copy(&tracker->budget, from, begin, end);
}

/* Tables whose number of users nobody knows. */
static void run_wild(struct thread *parent, struct process *child)
{
	parent->files->wild = parent->dirs->wild = true;
	child->files->wild = child->dirs->wild = true;
}

static void use_tables(struct tracker *tracker, struct process *process, struct fds *files, struct fds *dirs)
{
	struct budget *budget = &tracker->budget;

	if (files) {
		fds_unref(budget, process->files);
		process->files = files;
	}
	if (dirs) {
		fds_unref(budget, process->dirs);
		process->dirs = dirs;
	}
}

static void start_process(struct tracker *tracker, const struct sst_event *event, struct thread *parent)
{
	struct process *process = threads_process(&tracker->threads, event->pid);
	uint64_t flags = parent ? parent->clone_flags : 0, begin = parent ? parent->begin : 0;
	bool known = is_in_clone(parent, event->time);
	struct fds *files = NULL, *dirs = NULL;

	if (known) {
		files = inherit(tracker, parent->files, flags & CLONE_FILES_FLAG, begin, event->time);
		dirs = inherit(tracker, parent->dirs, flags & CLONE_FS_FLAG, begin, event->time);
		if (flags & (CLONE_FILES_FLAG | CLONE_FS_FLAG))
			tracker->odd = true;
	}
	if (process && process->threads > 0 && !known) { /* its number has been another's */
		files = fds_new(&tracker->budget);
		dirs = fds_new(&tracker->budget);
	}
	if (!process)
		process = threads_new_process(&tracker->threads, event->pid);
	if (!process) { /* all is forgotten: then also whose the tables are */
		fds_unref(&tracker->budget, files);
		fds_unref(&tracker->budget, dirs);
		tracker_forget(tracker);
		return;
	}
	use_tables(tracker, process, files, dirs);
	if (parent && !known)
		run_wild(parent, process);
	new_thread(tracker, process, event->tid);
}

/* A thread of the same process: by the flags of its clone(), and by habit where they are not known. */
static void start_thread(struct tracker *tracker, const struct sst_event *event, struct thread *parent)
{
	uint64_t flags = parent->clone_flags;
	bool known = is_in_clone(parent, event->time);
	struct fds *files = NULL, *dirs = NULL;
	struct thread *thread;

	if (!known || (flags & CLONE_FILES_FLAG)) {
		files = fds_ref(parent->files);
	} else {
		files = inherit(tracker, parent->files, false, parent->begin, event->time);
		tracker->odd = true;
	}
	if (!known || (flags & CLONE_FS_FLAG)) {
		dirs = fds_ref(parent->dirs);
	} else {
		dirs = inherit(tracker, parent->dirs, false, parent->begin, event->time);
		tracker->odd = true;
	}
	thread = files && dirs ? threads_new(&tracker->threads, parent->process, event->tid) : NULL;
	if (thread) {
		threads_use(&tracker->threads, &thread->files, files);
		threads_use(&tracker->threads, &thread->dirs, dirs);
	}
	fds_unref(&tracker->budget, files);
	fds_unref(&tracker->budget, dirs);
	if (!thread)
		tracker_forget(tracker);
}

static void start(struct tracker *tracker, const struct sst_event *event)
{
	struct thread *old = threads_find(&tracker->threads, event->tid);
	struct thread *parent;

	if (old)
		remove_thread(tracker, old);
	parent = event->a <= UINT32_MAX ? threads_find(&tracker->threads, (uint32_t)event->a) : NULL;
	if (parent && parent->process->pid == event->pid)
		start_thread(tracker, event, parent);
	else if (event->tid == event->pid || !threads_process(&tracker->threads, event->pid))
		start_process(tracker, event, parent);
	else
		get_thread(tracker, event->pid, event->tid);
}

/* exec gives the process a table of its own: the others who shared it keep theirs. */
static void exec(struct tracker *tracker, const struct sst_event *event)
{
	uint32_t before = event->a && event->a <= UINT32_MAX ? (uint32_t)event->a : event->tid;
	struct thread *thread = threads_find(&tracker->threads, before), *first;
	struct fds *copy = NULL;

	if (!thread || thread->process->pid != event->pid)
		thread = get_thread(tracker, event->pid, event->tid);
	if (!thread)
		return;
	if (thread->storming || thread->op.kind != OP_NONE)
		settle(tracker, thread, event->time);
	unwatch(tracker, thread);
	first = threads_find(&tracker->threads, event->tid);
	if (first && first != thread)
		remove_thread(tracker, first);
	tracker->last = NULL;
	if (thread->tid != event->tid)
		threads_rename(&tracker->threads, thread, event->tid);
	copy = fds_copy(&tracker->budget, thread->files, thread->begin, event->time);
	if (!copy) {
		tracker_forget(tracker);
		return;
	}
	fds_exec(copy, event->time);
	if (tracker->no_flags)
		fds_forget(copy, event->time);
	threads_use(&tracker->threads, &thread->files, copy);
	use_tables(tracker, thread->process, copy, fds_ref(thread->dirs));
}

static void end(struct tracker *tracker, const struct sst_event *event)
{
	struct thread *thread = threads_find(&tracker->threads, event->tid);

	if (thread)
		remove_thread(tracker, thread);
}

void tracker_event(struct tracker *tracker, const struct sst_event *event)
{
	advance(tracker, event->time);
	switch (event->kind) {
	case SST_EVENT_START:
		start(tracker, event);
		break;
	case SST_EVENT_EXEC:
		exec(tracker, event);
		break;
	case SST_EVENT_EXIT:
		end(tracker, event);
		break;
	case SST_EVENT_FOUND:
		get_thread(tracker, event->pid, event->tid);
		break;
	default:
		break;
	}
}

/* --- the snapshot */

/* Where it belongs; UINT32_MAX: nowhere. */
static uint32_t place_of(const struct sst_open *open)
{
	switch (open->what) {
	case SST_OPEN_CWD:
		return FDS_CWD;
	case SST_OPEN_ROOT:
		return FDS_ROOT;
	case SST_OPEN_EXE:
		return UINT32_MAX;
	default:
		return open->what - SST_OPEN_FD < FDS_MAX ? (uint32_t)(open->what - SST_OPEN_FD) : UINT32_MAX;
	}
}

void tracker_open(struct tracker *tracker, const struct sst_open *open, const uint8_t *text)
{
	struct change change = {.kind = FD_REPLACE, .begin = open->time, .end = open->until};
	uint32_t place = place_of(open);
	struct process *process;

	advance(tracker, open->until);
	process = place == UINT32_MAX ? NULL : get_process(tracker, open->pid);
	if (!process)
		return;
	change.cloexec = open->flags & SST_OPEN_CLOEXEC ? FD_CLOSES : FD_STAYS;
	change.path = path_new(&tracker->budget, (const char *)text, open->len,
			       open->len > 0 && *text == '/' ? PATH_CANONICAL : 0);
	if (change.path)
		change.path->since = open->time;
	fds_set(&tracker->budget, open->what >= SST_OPEN_FD ? process->files : process->dirs, place, &change,
		tracker->floor);
	path_unref(&tracker->budget, change.path);
}

/* --- loss */

static void revoke_all(struct tracker *tracker, const struct thread *of, const struct thread *but, uint64_t begin)
{
	revoke_range(tracker, of->files, 0, UINT32_MAX, but, begin);
	revoke_range(tracker, of->dirs, 0, UINT32_MAX, but, begin);
}

/* Of nobody knows whom. Where something has been cut out there may have been others by the same numbers. */
static void lose_any(struct tracker *tracker, const struct sst_gap *gap)
{
	for (uint32_t i = 0; i < tracker->threads.n; i++)
		if (tracker->threads.all[i])
			revoke_all(tracker, tracker->threads.all[i], NULL, gap->time);
	if (gap->until < NEVER && gap->until + 1 > tracker->floor)
		tracker->floor = gap->until + 1;
	if (gap->cause == SST_CAUSE_CUT)
		tracker_forget(tracker);
}

void tracker_gap(struct tracker *tracker, const struct sst_gap *gap)
{
	struct thread *thread;

	if (gap->count == 0)
		return;
	advance(tracker, gap->time);
	if (gap->tid == 0) {
		lose_any(tracker, gap);
		return;
	}
	thread = get_thread(tracker, gap->pid, gap->tid);
	if (!thread)
		return;
	settle(tracker, thread, gap->time);
	revoke_all(tracker, thread, thread, gap->time);
	thread->storming = true;
	fds_storm(thread->files);
	fds_storm(thread->dirs);
}

/* --- calls */

static void show(struct tracker *tracker, struct thread *thread, const struct found *found)
{
	if (!thread->open)
		return;
	thread->shown_none = !found->name.text;
	if (!found->name.known)
		return;
	thread->shown =
		found->path ? path_ref(found->path) : path_new(&tracker->budget, found->name.text, found->name.len, 0);
	if (thread->shown && !found->path)
		thread->shown->since = thread->begin;
}

/* The name that an open call had, if that was known: nothing has been said against it since. */
static struct found found_before(struct tracker *tracker, struct thread *thread, const struct row *row,
				 const struct deed *deed)
{
	struct found found = {.watched = thread->watches[0].fds != NULL};

	if (!thread->shown && !thread->shown_none)
		return find_file(tracker, thread, row, deed, false, true);
	if (thread->shown) {
		found.name = (struct name){thread->shown->text, thread->shown->len, true, thread->shown};
		found.path = thread->shown;
	}
	return found;
}

/* The row that says how an open call has ended. */
static struct names complete(struct tracker *tracker, struct thread *thread, const struct row *row,
			     const struct deed *deed)
{
	struct found found = found_before(tracker, thread, row, deed);
	struct found other = find_file(tracker, thread, row, deed, true, true);
	uint64_t end = row->time + row->duration;

	thread->open = false;
	thread->end = row->state != SST_OK ? NEVER : end < row->time ? NEVER - 1 : end;
	if (deed->effect) {
		retract_op(tracker, thread);
		begin_op(tracker, thread, row, deed, &found, &other);
		if (thread->place && thread->op.change.end < tracker->now)
			finish_op(tracker, thread);
	}
	return (struct names){found.name, other.name};
}

static void begin_call(struct thread *thread, const struct row *row, const struct deed *deed, uint32_t tag)
{
	uint64_t end = row->time + row->duration;

	thread->seq = row->seq;
	thread->begin = row->time;
	thread->end = row->state != SST_OK ? NEVER : end < row->time ? NEVER - 1 : end;
	thread->effect = deed->effect;
	thread->open = sst_state_is_open(row->state);
	thread->tag = tag;
}

/* What most calls do: the same as begin_call() and find_file() where the thread is quiet. */
static void call_plainly(struct tracker *tracker, struct thread *thread, const struct row *row, const struct deed *deed,
			 uint32_t tag, struct names *names)
{
	thread->flags_known = thread->shown_none = false;
	begin_call(thread, row, deed, tag);
	names->other = (struct name){.text = NULL};
	find_descriptor(tracker, thread, row, deed->operands.fd, &names->path);
}

void tracker_call(struct tracker *tracker, const struct row *row, const struct deed *deed, uint32_t tag,
		  struct names *names)
{
	struct thread *thread;
	struct found found, other;

	if (row->time >= tracker->now)
		advance(tracker, row->time);
	thread = get_thread(tracker, row->who->pid, row->who->tid);
	if (!thread) {
		*names = (struct names){deed_has_file(deed) ? unknown : (struct name){.text = NULL}, {.text = NULL}};
		return;
	}
	if (thread->open && thread->seq == row->seq && thread->begin == row->time && !sst_state_is_open(row->state)) {
		*names = complete(tracker, thread, row, deed);
		return;
	}
	if (deed_is_plain(deed) && !sst_state_is_open(row->state) && is_quiet(thread)) {
		call_plainly(tracker, thread, row, deed, tag, names);
		return;
	}
	settle(tracker, thread, row->time);
	begin_call(thread, row, deed, tag);
	found = find_file(tracker, thread, row, deed, false, false);
	other = deed->operands.path2 >= 0 ? find_file(tracker, thread, row, deed, true, false)
					  : (struct found){.name.text = NULL};
	show(tracker, thread, &found);
	if (deed->effect)
		begin_op(tracker, thread, row, deed, &found, &other);
	*names = (struct names){found.name, other.name};
}
