/* names.c - see tracking.h: what a call works on */
#include "tracking.h"

#include <errno.h>
#include <string.h>

static const struct name nothing = {.text = NULL};
static const struct name unknown = {.text = "?", .len = 1};

/* --- watching */

static struct watch *watch_at(const struct tracker *tracker, uint32_t number)
{
	return &tracker->threads.all[(number - 1) / WATCHES]->watches[(number - 1) % WATCHES];
}

/* The head of the list of those that watch a descriptor, if this table has one. */
static uint32_t *watch_head(const struct fds *fds, uint32_t fd)
{
	struct fd_entry *entry = fds_entry(fds, fd);

	return entry && entry->owner == fds->id ? &entry->watch : NULL;
}

static void remove_watch(struct tracker *tracker, struct watch *watch)
{
	uint32_t *head = watch_head(watch->fds, watch->fd);

	if (watch->next)
		watch_at(tracker, watch->next)->prev = watch->prev;
	if (watch->prev)
		watch_at(tracker, watch->prev)->next = watch->next;
	else if (head)
		*head = watch->next;
	if (watch->any_next)
		watch_at(tracker, watch->any_next)->any_prev = watch->any_prev;
	if (watch->any_prev)
		watch_at(tracker, watch->any_prev)->any_next = watch->any_next;
	else
		watch->fds->watch = watch->any_next;
	watch->fds = NULL;
}

void unwatch(struct tracker *tracker, struct thread *thread)
{
	for (unsigned i = 0; i < WATCHES; i++)
		if (thread->watches[i].fds)
			remove_watch(tracker, &thread->watches[i]);
}

/* Only where another thread could change it. */
static bool add_watch(struct tracker *tracker, struct thread *thread, struct fds *fds, uint32_t fd, unsigned which)
{
	struct watch *watch = &thread->watches[which];
	struct fd_entry *entry;

	if (fds->threads < 2 || watch->fds)
		return false;
	entry = fds_own_entry(&tracker->budget, fds, fd);
	if (!entry)
		return false;
	*watch = (struct watch){
		.fds = fds,
		.fd = fd,
		.list = tracker->list,
		.tag = thread->tag,
		.next = entry->watch,
		.any_next = fds->watch,
	};
	entry->watch = fds->watch = thread->number * WATCHES + which + 1;
	if (watch->next)
		watch_at(tracker, watch->next)->prev = entry->watch;
	if (watch->any_next)
		watch_at(tracker, watch->any_next)->any_prev = fds->watch;
	return true;
}

/* The name of a call that is under way is not certain any more, nor is what comes of it. */
static void take_back(struct tracker *tracker, const struct watch *watch, struct thread *thread)
{
	if (watch->list == tracker->list && tracker->revoke)
		tracker->revoke(tracker->context, watch->tag);
	if (thread->op.derived) {
		path_unref(&tracker->budget, thread->op.change.path);
		thread->op.change.path = NULL;
	}
	path_unref(&tracker->budget, thread->shown);
	thread->shown = NULL;
}

static void revoke_watch(struct tracker *tracker, uint32_t number, const struct thread *thread, uint64_t begin)
{
	struct watch *watch = watch_at(tracker, number);
	struct thread *other = tracker->threads.all[(number - 1) / WATCHES];

	if (other == thread)
		return;
	if (other->end >= begin)
		take_back(tracker, watch, other);
	remove_watch(tracker, watch);
}

void revoke_fd(struct tracker *tracker, struct fds *fds, uint32_t fd, const struct thread *thread, uint64_t begin)
{
	uint32_t *head = watch_head(fds, fd), next;

	for (uint32_t number = head ? *head : 0; number; number = next) {
		next = watch_at(tracker, number)->next;
		revoke_watch(tracker, number, thread, begin);
	}
}

void revoke_range(struct tracker *tracker, struct fds *fds, uint32_t first, uint32_t last, const struct thread *thread,
		  uint64_t begin)
{
	uint32_t next;

	for (uint32_t number = fds->watch; number; number = next) {
		const struct watch *watch = watch_at(tracker, number);

		next = watch->any_next;
		if (watch->fd >= first && watch->fd <= last)
			revoke_watch(tracker, number, thread, begin);
	}
}

/* --- descriptors */

/* The name behind a descriptor, FD_CWD included; NULL: not known. */
static struct path *look_fd(struct tracker *tracker, struct thread *thread, int32_t fd, unsigned which, bool *watched)
{
	struct fds *fds = fd == FD_CWD ? thread->dirs : thread->files;
	uint32_t number = fd == FD_CWD ? FDS_CWD : (uint32_t)fd;
	struct path *path;

	if (tracker->lost_odd || (fd == FD_CWD ? tracker->no_dirs : tracker->no_files))
		return NULL;
	path = fds_look(fds, number, tracker->floor);
	if (path && add_watch(tracker, thread, fds, number, which))
		*watched = true;
	return path;
}

/* Calls that fail so only where there is no such descriptor. */
static bool is_no_descriptor(const struct row *row, const struct deed *deed, int32_t fd)
{
	enum { GETFD = 1, SETFD = 2 };

	if (!deed->effect || row_error(row) != -EBADF || fd == FD_CWD)
		return false;
	return deed->effect->kind == EFFECT_CLOSE || deed->effect->kind == EFFECT_DUP ||
	       (deed->effect->kind == EFFECT_FCNTL && (row->arg[1] == GETFD || row->arg[1] == SETFD));
}

static struct found find_fd(struct tracker *tracker, struct thread *thread, const struct row *row,
			    const struct deed *deed, int arg, unsigned which, bool blind)
{
	struct found found = {.name = nothing};
	int32_t fd = (int32_t)(uint32_t)row->arg[arg];

	if ((fd < 0 && fd != FD_CWD) || is_no_descriptor(row, deed, fd))
		return found;
	found.name = unknown;
	found.path = blind ? NULL : look_fd(tracker, thread, fd, which, &found.watched);
	if (found.path)
		found.name = (struct name){found.path->text, found.path->len, true, found.path};
	return found;
}

/* A thread that reads and writes the same file goes on watching it. */
static void keep_watching(struct tracker *tracker, struct thread *thread, struct fds *fds, uint32_t fd)
{
	struct watch *watch = &thread->watches[0];
	const uint32_t *head = watch->fds == fds && watch->fd == fd ? watch_head(fds, fd) : NULL;

	/* If it is not the first in the list of the descriptor, it may be in none: the entry may be a new one. */
	if (head && *head == thread->number * WATCHES + 1 && fds->threads > 1 && !thread->watches[1].fds) {
		watch->list = tracker->list;
		watch->tag = thread->tag;
		return;
	}
	unwatch(tracker, thread);
	add_watch(tracker, thread, fds, fd, 0);
}

void find_descriptor(struct tracker *tracker, struct thread *thread, const struct row *row, int arg, struct name *name)
{
	int32_t fd = arg < 0 ? -1 : (int32_t)(uint32_t)row->arg[arg];
	struct fds *fds = fd == FD_CWD ? thread->dirs : thread->files;
	uint32_t number = fd == FD_CWD ? FDS_CWD : (uint32_t)fd;
	struct path *path = NULL;

	if (fd < 0 && fd != FD_CWD) {
		unwatch(tracker, thread);
		*name = nothing;
		return;
	}
	if (!tracker->lost_odd && !(fd == FD_CWD ? tracker->no_dirs : tracker->no_files))
		path = fds_look(fds, number, tracker->floor);
	if (!path) {
		unwatch(tracker, thread);
		*name = unknown;
		return;
	}
	keep_watching(tracker, thread, fds, number);
	*name = (struct name){path->text, path->len, true, path};
}

/* --- names that are not true any more */

/* FNV-1a, which goes on from a directory to what is in it. */
#define HASH_BEGIN UINT64_C(14695981039346656037)

static uint64_t hash_text(uint64_t hash, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (uint8_t)text[i]) * UINT64_C(1099511628211);
	return hash ? hash : 1;
}

static struct renamed *find_renamed(struct tracker *tracker, uint64_t hash)
{
	size_t i = (size_t)(hash >> 20) & (RENAMES - 1);

	while (tracker->renamed[i].hash && tracker->renamed[i].hash != hash)
		i = (i + 1) & (RENAMES - 1);
	return &tracker->renamed[i];
}

void note_rename(struct tracker *tracker, const char *text, size_t len, uint64_t time)
{
	uint64_t hash = hash_text(HASH_BEGIN, text, len);
	struct renamed *renamed = find_renamed(tracker, hash);

	if (!renamed->hash && tracker->n_renamed >= RENAMES / 2) {
		memset(tracker->renamed, 0, sizeof(tracker->renamed));
		tracker->n_renamed = 0;
		tracker->renamed_floor = tracker->now;
		renamed = find_renamed(tracker, hash);
	}
	tracker->n_renamed += renamed->hash == 0;
	*renamed = (struct renamed){hash, time};
}

/* Has a directory, or one that it is in, got another name since? */
static bool was_renamed(struct tracker *tracker, const struct path *path)
{
	uint64_t hash = HASH_BEGIN;
	size_t begin = 0;

	if (path->since < tracker->renamed_floor)
		return true;
	if (tracker->n_renamed == 0)
		return false;
	for (unsigned depth = 0; begin < path->len; depth++) {
		size_t end = begin + 1;
		const struct renamed *renamed;

		while (end < path->len && path->text[end] != '/')
			end++;
		hash = hash_text(hash, path->text + begin, end - begin);
		renamed = find_renamed(tracker, hash);
		if (depth == BASE_DEPTH || (renamed->hash && renamed->time >= path->since))
			return true;
		begin = end;
	}
	return false;
}

/* --- paths */

static bool ends_deleted(const struct path *path)
{
	static const char mark[] = " (deleted)";
	size_t n = sizeof(mark) - 1;

	return path->len >= n && memcmp(path->text + path->len - n, mark, n) == 0;
}

/*
 * The root directory of the process, as far as the recording tells. Names begin at "/" until a snapshot or chroot()
 * says otherwise, but then "/" may be no real root: *sure. NULL: it is another one, and not known.
 */
static const char *root_of(const struct thread *thread, size_t *len, bool *sure)
{
	const struct fd_entry *entry = fds_entry(thread->dirs, FDS_ROOT);

	*len = 1;
	*sure = entry && (entry->end > 0 || entry->under_way > 0);
	if (!*sure)
		return "/";
	if (!entry->path || entry->mixed || entry->under_way > 0)
		return NULL;
	*len = entry->path->len;
	return entry->path->text;
}

bool has_other_root(const struct thread *thread)
{
	size_t len;
	bool sure;

	return !root_of(thread, &len, &sure) || len > 1;
}

/* Is the root a beginning of this directory? */
static bool is_below(const struct path *path, const char *root, size_t len)
{
	len -= len == 1; /* "/" */
	return path->len >= len && memcmp(path->text, root, len) == 0 && (path->len == len || path->text[len] == '/');
}

static bool set_base(struct tracker *tracker, struct thread *thread, const struct path *path, struct path_base *base)
{
	size_t root_len;
	bool sure;
	const char *root = root_of(thread, &root_len, &sure);

	if (!path || path->len == 0 || path->text[0] != '/' || ends_deleted(path) || was_renamed(tracker, path))
		return false;
	*base = (struct path_base){
		.text = path->text,
		.len = path->len,
		.canonical = path->flags & PATH_CANONICAL,
		.root = root && sure && is_below(path, root, root_len) ? root_len : 0,
	};
	return true;
}

/* openat2() with RESOLVE_IN_ROOT takes the directory for the root. Returns 1 if so, 0 if not, -1: not known. */
static int resolves_in_root(const struct tracker *tracker, const struct row *row, const struct deed *deed)
{
	const struct sst_capture *how;

	if (!deed->effect || deed->effect->kind != EFFECT_OPENAT2)
		return 0;
	how = row_capture(row, 2);
	if (!how || how->len < 24)
		return -1;
	return get_number(tracker, row->text + how->offset + 16, 8) & 0x10 ? 1 : 0;
}

static struct found join(struct tracker *tracker, const struct path_base *base, const char *text, size_t len,
			 unsigned which)
{
	struct found found = {.name = unknown};
	size_t joined = path_join(tracker->room[which], base, text, len, &found.direct);

	if (joined > 0)
		found.name = (struct name){tracker->room[which], (uint32_t)joined, true, NULL};
	return found;
}

static struct found find_absolute(struct tracker *tracker, struct thread *thread, const char *text, size_t len,
				  unsigned which)
{
	struct path_base base = {0};
	bool sure;

	base.text = root_of(thread, &base.len, &sure);
	if (!base.text)
		return (struct found){.name = unknown};
	base.root = base.len;
	return join(tracker, &base, text, len, which);
}

static struct found find_relative(struct tracker *tracker, struct thread *thread, int32_t dirfd, const char *text,
				  size_t len, unsigned which)
{
	struct found found = {.name = unknown};
	struct path_base base;
	bool watched = false;

	if (dirfd < 0 && dirfd != FD_CWD)
		return (struct found){.name = nothing};
	if (!set_base(tracker, thread, look_fd(tracker, thread, dirfd, which, &watched), &base))
		return found;
	found = join(tracker, &base, text, len, which);
	found.watched = watched;
	return found;
}

static struct found find_path(struct tracker *tracker, struct thread *thread, const struct row *row,
			      const struct deed *deed, const struct sst_capture *capture, int dirfd_arg, unsigned which,
			      bool blind)
{
	const char *text = (const char *)row->text + capture->offset;
	int32_t dirfd = dirfd_arg < 0 ? FD_CWD : (int32_t)(uint32_t)row->arg[dirfd_arg];
	int in_root = resolves_in_root(tracker, row, deed);

	if (*text == '/' && in_root == 0)
		return find_absolute(tracker, thread, text, capture->len, which);
	if (blind || in_root < 0)
		return (struct found){.name = unknown};
	return find_relative(tracker, thread, dirfd, text, capture->len, which);
}

/* A null or an empty path: the call may work on the directory itself. */
static struct found find_without_path(struct tracker *tracker, struct thread *thread, const struct row *row,
				      const struct deed *deed, int dirfd_arg, bool is_null, unsigned which, bool blind)
{
	int error = row_error(row);

	if (dirfd_arg < 0 || error == -ENOENT || error == -EFAULT || (is_null && !sst_state_has_ret(row->state)))
		return (struct found){.name = nothing};
	return find_fd(tracker, thread, row, deed, dirfd_arg, which, blind);
}

struct found find_file(struct tracker *tracker, struct thread *thread, const struct row *row, const struct deed *deed,
		       bool second, bool blind)
{
	const struct operands *operands = &deed->operands;
	int path = second ? operands->path2 : operands->path, dirfd = second ? operands->dirfd2 : operands->dirfd;
	const struct sst_capture *capture = path >= 0 ? row_capture(row, (unsigned)path) : NULL;

	if (path < 0)
		return second || operands->fd < 0 ? (struct found){.name = nothing}
						  : find_fd(tracker, thread, row, deed, operands->fd, second, blind);
	if (!capture && row->arg[path])
		return (struct found){.name = unknown};
	if (capture && capture->flags & (SST_CAPTURE_CUT | SST_CAPTURE_UNREADABLE))
		return (struct found){.name = row_error(row) == -EFAULT ? nothing : unknown};
	if (!capture || capture->len == 0)
		return find_without_path(tracker, thread, row, deed, dirfd, !capture, second, blind);
	return find_path(tracker, thread, row, deed, capture, dirfd, second, blind);
}
