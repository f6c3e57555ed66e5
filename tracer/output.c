/*
 * output.c - a file that is ours alone, or a pipe
 *
 * A root process that writes where a user may put links is the oldest trap there is. So the path is walked one
 * component at a time, none of which may be a symbolic link, and from then on only the directory reached is used, by
 * descriptor. openat2() with RESOLVE_NO_SYMLINKS does the same in one call but cannot say which component it was, and
 * some sandboxes forbid it.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "output.h"

/* --- descriptors that are open already ------------------------------------------------------------------- */

/* The number of "-", "/dev/stdout", "/dev/fd/N", "/proc/self/fd/N"; -1 for every other path. */
static int descriptor_of(const char *path)
{
	static const char *const folders[] = {"/dev/fd/", "/proc/self/fd/"};

	if (!strcmp(path, "-") || !strcmp(path, "/dev/stdout"))
		return STDOUT_FILENO;
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		size_t len = strlen(folders[i]);
		const char *digits = path + len;

		if (strncmp(path, folders[i], len) == 0 && *digits && strlen(digits) < 7 &&
		    strspn(digits, "0123456789") == strlen(digits))
			return (int)strtol(digits, NULL, 10);
	}
	return -1;
}

const char *output_name(const struct output *output)
{
	return output->to_stdout ? "standard output" : output->path;
}

/* What output_write() has to know of the file it writes to. */
static int study(struct output *output, struct message *error)
{
	struct stat file;

	if (fstat(output->fd, &file) != 0)
		return message_set(error, -errno, "%s: %s", output->path, strerror(errno));
	output->regular = S_ISREG(file.st_mode);
	if (isatty(output->fd))
		return message_set(error, -EINVAL,
				   "%s is a terminal, which cannot show a recording; name a file with -f, or pipe it: "
				   "sysstream -f - ... | sysdecode",
				   output_name(output));
	if (S_ISDIR(file.st_mode))
		return message_set(error, -EISDIR, "%s is a directory; name a file in it", output->path);
	if (S_ISBLK(file.st_mode))
		return message_set(error, -EPERM, "%s is a disk; sysstream writes to files and pipes only",
				   output->path);
	if (!output->regular)
		return 0;
	/* Cut off only what is certainly ours: what we have put behind all the rest. */
	output->cuttable =
		(fcntl(output->fd, F_GETFL) & O_APPEND) || lseek(output->fd, 0, SEEK_CUR) == (off_t)file.st_size;
	output->end = (uint64_t)file.st_size;
	return 0;
}

static int open_descriptor(struct output *output, int fd, struct message *error)
{
	int flags = fcntl(fd, F_GETFL);

	output->to_stdout = fd == STDOUT_FILENO;
	if (flags < 0)
		return message_set(error, -errno, "%s: %s", output_name(output),
				   errno == EBADF ? "is not open" : strerror(errno));
	if ((flags & O_ACCMODE) == O_RDONLY)
		return message_set(error, -EBADF, "%s: is open for reading only", output_name(output));
	output->fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (output->fd < 0)
		return message_set(error, -errno, "%s: %s", output->path, strerror(errno));
	return study(output, error);
}

/* --- the directory --------------------------------------------------------------------------------------- */

/* Is name in dir a symbolic link? */
static bool is_link(int dir, const char *name)
{
	struct stat file;

	return fstatat(dir, name, &file, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(file.st_mode);
}

/* "x is a symbolic link; use /real/trace.sst": upto bytes of path lead to the link. */
static int refuse_link(const char *path, size_t upto, struct message *error)
{
	char *link = strndup(path, upto);
	char *real = link ? realpath(link, NULL) : NULL;

	if (real)
		message_set(error, 0, "%s is a symbolic link, which is not followed; use %s%s", link, real,
			    path + upto);
	else
		message_set(error, 0, "%s is a symbolic link, which is not followed", link ? link : path);
	free(real);
	free(link);
	return -ELOOP;
}

static int refuse_directory(const char *path, size_t upto, int err, struct message *error)
{
	if (err == ENOENT)
		return message_set(error, -err, "directory %.*s does not exist", (int)upto, path);
	if (err == ENOTDIR)
		return message_set(error, -err, "%.*s is not a directory", (int)upto, path);
	return message_set(error, -err, "directory %.*s: %s", (int)upto, path, strerror(err));
}

/* One component down, without following a link. Returns the new descriptor and closes dir, or -errno. */
static int descend(int dir, const char *path, size_t from, size_t upto, struct message *error)
{
	char *name = strndup(path + from, upto - from);
	int next, err;

	if (!name) {
		close(dir);
		return message_set(error, -ENOMEM, "out of memory");
	}
	next = openat(dir, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (next < 0) {
		err = errno;
		next = is_link(dir, name) ? refuse_link(path, upto, error) : refuse_directory(path, upto, err, error);
	}
	free(name);
	close(dir);
	return next;
}

int output_directory(const char *path, size_t *last, struct message *error)
{
	int dir = open(*path == '/' ? "/" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	size_t from = 0;

	if (dir < 0)
		return message_set(error, -errno, "the working directory: %s", strerror(errno));
	for (;;) {
		from += strspn(path + from, "/");
		size_t upto = from + strcspn(path + from, "/");
		if (!path[upto])
			break;
		dir = descend(dir, path, from, upto, error);
		if (dir < 0)
			return dir;
		from = upto;
	}
	*last = from;
	return dir;
}

/* --- the file -------------------------------------------------------------------------------------------- */

static int refuse_create(const char *path, int err, struct message *error)
{
	switch (err) {
	case EEXIST:
		return message_set(error, -err, "%s exists; --force replaces it, -f FILE names another", path);
	case EACCES:
	case EPERM:
		return message_set(error, -err, "%s: no permission to create a file there; -f FILE names another",
				   path);
	case EROFS:
		return message_set(error, -err, "%s: the file system is read-only; -f FILE names another place", path);
	case ENOSPC:
	case EDQUOT:
		return message_set(error, -err, "%s: the file system is full; -f FILE names another place", path);
	default:
		return message_set(error, -err, "%s: %s", path, strerror(err));
	}
}

/* A new file in output->dir, mode 0600 whatever the umask. */
static int create(struct output *output, const char *name, struct message *error)
{
	output->fd = openat(output->dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY, 0600);
	if (output->fd < 0)
		return refuse_create(output->path, errno, error);
	if (fchmod(output->fd, 0600) != 0)
		warn("%s: cannot set its mode to 0600: %s", output->path, strerror(errno));
	return 0;
}

/* A new file beside the one that it will replace. */
static int create_beside(struct output *output, struct message *error)
{
	int err = -EEXIST;

	for (int tries = 0; tries < 16 && err == -EEXIST; tries++) {
		uint32_t random = 0;
		char name[64];

		if (getrandom(&random, sizeof(random), GRND_NONBLOCK) < 0)
			random = (uint32_t)tries;
		snprintf(name, sizeof(name), ".sysstream-%d-%08x.tmp", (int)getpid(), random);
		err = create(output, name, error);
		if (!err && !(output->temporary = strdup(name))) {
			unlinkat(output->dir, name, 0);
			err = message_set(error, -ENOMEM, "out of memory");
		}
	}
	return err;
}

/* Is a signal waiting that would end us if it were not blocked? */
static bool asked_to_end(void)
{
	sigset_t pending;

	return sigpending(&pending) == 0 && (sigismember(&pending, SIGINT) == 1 ||
					     sigismember(&pending, SIGTERM) == 1 || sigismember(&pending, SIGHUP) == 1);
}

/*
 * Open a device or FIFO for writing. A FIFO wants a reader first; waiting for it within open() could not be ended by
 * Ctrl-C where the caller has blocked signals. Returns the descriptor or -errno.
 */
static int open_and_wait(int dir, const char *name, bool fifo)
{
	const struct timespec moment = {.tv_nsec = 20000000};
	int fd;

	for (;;) {
		fd = openat(dir, name, O_WRONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY);
		if (fd >= 0 || errno != ENXIO || !fifo)
			break;
		if (asked_to_end() || nanosleep(&moment, NULL) != 0)
			return -EINTR;
	}
	if (fd < 0)
		return -errno;
	if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK) == 0)
		return fd;
	close(fd);
	return -EIO;
}

/* A device or FIFO as it is. What was opened must be what was looked at. */
static int open_special(struct output *output, const struct stat *seen, struct message *error)
{
	int fd = open_and_wait(output->dir, output->name, S_ISFIFO(seen->st_mode));
	struct stat file;

	if (fd < 0)
		return message_set(error, fd, "%s: %s", output->path,
				   fd == -EINTR ? "interrupted while waiting for a reader" : strerror(-fd));
	output->fd = fd;
	if (fstat(output->fd, &file) != 0 || file.st_ino != seen->st_ino || file.st_dev != seen->st_dev)
		return message_set(error, -EEXIST, "%s changed while it was opened", output->path);
	return 0;
}

/* Create or open name in output->dir. *created: the file is ours. */
static int open_in_directory(struct output *output, bool force, bool *created, struct message *error)
{
	struct stat file;

	*created = true;
	if (fstatat(output->dir, output->name, &file, AT_SYMLINK_NOFOLLOW) != 0)
		return errno == ENOENT ? create(output, output->name, error)
				       : refuse_create(output->path, errno, error);
	if (S_ISLNK(file.st_mode))
		return refuse_link(output->path, strlen(output->path), error);
	if (S_ISREG(file.st_mode))
		return force ? create_beside(output, error) : refuse_create(output->path, EEXIST, error);
	*created = false;
	if (S_ISDIR(file.st_mode))
		return message_set(error, -EISDIR, "%s is a directory; name a file in it", output->path);
	if (S_ISCHR(file.st_mode) || S_ISFIFO(file.st_mode))
		return open_special(output, &file, error);
	return message_set(error, -EPERM, "%s is neither a file nor a pipe; -f FILE names another", output->path);
}

static void give(struct output *output, const struct invoker *invoker)
{
	if (!invoker->known)
		return;
	output->given = fchown(output->fd, invoker->uid, invoker->gid) == 0;
	if (!output->given)
		warn("%s: cannot give it to the user who called sudo: %s", output->path, strerror(errno));
}

/* *created: there is a file now that was not there before. */
static int open_path(struct output *output, bool force, const struct invoker *invoker, bool *created,
		     struct message *error)
{
	size_t last = 0;
	int err;

	output->dir = output_directory(output->path, &last, error);
	if (output->dir < 0)
		return output->dir;
	if (!output->path[last])
		return message_set(error, -EISDIR, "%s is a directory; name a file in it", output->path);
	output->name = strdup(output->path + last);
	if (!output->name)
		return message_set(error, -ENOMEM, "out of memory");
	err = open_in_directory(output, force, created, error);
	if (!err)
		err = study(output, error);
	if (err)
		return err;
	if (*created) {
		give(output, invoker);
		return 0;
	}
	free(output->name);
	output->name = NULL;
	return 0;
}

/* Everything that output holds. */
static int let_go(struct output *output)
{
	int err = 0;

	if (output->fd >= 0 && close(output->fd) != 0 && errno != EINTR)
		err = -errno;
	if (output->dir >= 0)
		close(output->dir);
	free(output->name);
	free(output->temporary);
	*output = (struct output){.fd = -1, .dir = -1};
	return err;
}

/* Is name in our directory still the file that we created? */
static bool is_ours(const struct output *output, const char *name)
{
	struct stat there, ours;

	return fstatat(output->dir, name, &there, AT_SYMLINK_NOFOLLOW) == 0 && fstat(output->fd, &ours) == 0 &&
	       there.st_ino == ours.st_ino && there.st_dev == ours.st_dev;
}

void output_discard(struct output *output)
{
	const char *name = output->temporary ? output->temporary : output->name;

	if (!output->path) /* never opened */
		return;
	if (name && is_ours(output, name))
		unlinkat(output->dir, name, 0);
	let_go(output);
}

int output_open(struct output *output, const char *path, bool force, const struct invoker *invoker,
		struct message *error)
{
	int fd = descriptor_of(path);
	bool created = false;
	int err;

	*output = (struct output){.fd = -1, .dir = -1, .path = path};
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	if (!*path)
		return message_set(error, -EINVAL, "the name of the output file is empty");
	err = fd >= 0 ? open_descriptor(output, fd, error) : open_path(output, force, invoker, &created, error);
	if (err && created)
		output_discard(output);
	else if (err)
		let_go(output);
	return err;
}

/* The name in the directory is on stable storage only once the directory is. Not every file system can, and none must.
 */
static void sync_directory(const struct output *output)
{
	int fd = openat(output->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return;
	fsync(fd);
	close(fd);
}

int output_commit(struct output *output, struct message *error)
{
	if (!output->name)
		return 0;
	if (output->temporary) {
		if (renameat(output->dir, output->temporary, output->dir, output->name) != 0)
			return message_set(error, -errno, "%s: cannot replace it: %s", output->path, strerror(errno));
		free(output->temporary);
		output->temporary = NULL;
	}
	sync_directory(output);
	return 0;
}

/*
 * Take away what a failed write has left: part of a frame. Somebody else may have appended to the file: then leave it.
 * Returns true if it ends with a whole frame now.
 */
static bool cut_back(const struct output *output, size_t partial)
{
	struct stat file;

	if (partial == 0)
		return true;
	if (!output->cuttable || fstat(output->fd, &file) != 0 || (uint64_t)file.st_size != output->end + partial)
		return false;
	return ftruncate(output->fd, (off_t)output->end) == 0 &&
	       lseek(output->fd, (off_t)output->end, SEEK_SET) == (off_t)output->end;
}

int output_write(void *context, const void *data, size_t len)
{
	struct output *output = context;
	size_t done = 0;

	while (done < len) {
		ssize_t n = write(output->fd, (const char *)data + done, len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			int err = n < 0 ? -errno : -EIO;

			output->torn |= !cut_back(output, done);
			return err;
		}
		done += (size_t)n;
	}
	output->end += len;
	output->written += len;
	return 0;
}

int output_sync(struct output *output)
{
	if (!output->regular)
		return 0;
	while (fdatasync(output->fd) != 0) {
		if (errno == EINTR)
			continue;
		/* A file system without it. */
		return errno == EINVAL || errno == EROFS || errno == ENOSYS ? 0 : -errno;
	}
	return 0;
}

int output_close(struct output *output)
{
	return output->path ? let_go(output) : 0;
}

/* --- parts ----------------------------------------------------------------------------------------------- */

char *output_part_path(const char *path, unsigned part)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path, *dot = strrchr(name, '.');
	size_t stem = dot && dot != name ? (size_t)(dot - path) : strlen(path);
	char *text;

	return asprintf(&text, "%.*s.%05u%s", (int)stem, path, part, path + stem) < 0 ? NULL : text;
}

int output_check_parts(const char *path, struct message *error)
{
	struct stat file;

	if (descriptor_of(path) >= 0)
		return message_set(error, -EINVAL, "parts need a name: give -f FILE, not %s",
				   strcmp(path, "-") ? path : "standard output");
	if (stat(path, &file) == 0 && !S_ISREG(file.st_mode) && !S_ISDIR(file.st_mode))
		return message_set(error, -EINVAL, "%s: only files have parts, and this is a device or a pipe", path);
	return 0;
}

int output_check_next(const struct output *output)
{
	return faccessat(output->dir, ".", W_OK | X_OK, 0) == 0 ? 0 : -errno;
}

static const char *last_component(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

int output_next(const struct output *output, const char *path, bool force, struct output *next, struct message *error)
{
	struct stat file;
	int err;

	*next = (struct output){.fd = -1, .path = path, .dir = fcntl(output->dir, F_DUPFD_CLOEXEC, 3)};
	next->given = output->given;
	next->name = strdup(last_component(path));
	if (next->dir < 0 || !next->name)
		err = message_set(error, -ENOMEM, "%s: out of memory or descriptors", path);
	else if (fstatat(next->dir, next->name, &file, AT_SYMLINK_NOFOLLOW) != 0)
		err = create(next, next->name, error);
	else if (force && S_ISREG(file.st_mode))
		err = create_beside(next, error);
	else
		err = refuse_create(path, EEXIST, error);
	if (!err)
		err = study(next, error);
	if (err)
		output_discard(next);
	return err;
}

int output_identity(const struct output *output, struct output_identity *identity)
{
	struct stat file;

	if (fstat(output->fd, &file) != 0)
		return -errno;
	*identity = (struct output_identity){.device = file.st_dev, .inode = file.st_ino};
	return 0;
}

int output_remove(const struct output *output, const char *path, const struct output_identity *identity)
{
	const char *name = last_component(path);
	struct stat file;

	if (fstatat(output->dir, name, &file, AT_SYMLINK_NOFOLLOW) != 0)
		return -errno;
	if (file.st_dev != identity->device || file.st_ino != identity->inode)
		return -EEXIST;
	return unlinkat(output->dir, name, 0) == 0 ? 0 : -errno;
}

char *output_describe(const struct output *output, const struct invoker *invoker, char *text, size_t size)
{
	const char *path = output_name(output);

	if (output->given && invoker->name)
		snprintf(text, size, "%s (belongs to %s)", path, invoker->name);
	else if (output->given)
		snprintf(text, size, "%s (belongs to user %u)", path, (unsigned)invoker->uid);
	else
		snprintf(text, size, "%s", path);
	return text;
}
