/*
 * log.c - a log that is rotated, written by a thread of ours: what shows the recording can make no files
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "output.h"

#define BLOCK     65536
#define NAME_ROOM 300 /* a name and a number */

/* --- files ----------------------------------------------------------------------------------------------- */

/* Open for appending. -EINVAL: it is no file. */
static int open_file(struct log *log)
{
	struct stat file;

	log->fd = openat(log->dir, log->name,
			 O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0600);
	if (log->fd < 0)
		return -errno;
	if (fstat(log->fd, &file) != 0 || !S_ISREG(file.st_mode)) {
		close(log->fd);
		log->fd = -1;
		return -EINVAL;
	}
	log->written = (uint64_t)file.st_size;
	return 0;
}

static void name_old(const struct log *log, unsigned number, char name[NAME_ROOM])
{
	snprintf(name, NAME_ROOM, number ? "%s.%u" : "%s", log->name, number);
}

/* FILE becomes FILE.1, that FILE.2, and so on; the oldest goes. */
static int rotate(struct log *log)
{
	char from[NAME_ROOM], to[NAME_ROOM];

	for (unsigned i = log->config.keep; i > 0; i--) {
		name_old(log, i - 1, from);
		name_old(log, i, to);
		if (renameat(log->dir, from, log->dir, to) != 0 && errno != ENOENT)
			return -errno;
	}
	close(log->fd);
	log->fd = -1;
	return open_file(log);
}

static int write_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);

		if (n >= 0) {
			data += n;
			len -= (size_t)n;
		} else if (errno == EAGAIN) {
			poll(&(struct pollfd){.fd = fd, .events = POLLOUT}, 1, -1);
		} else if (errno != EINTR) {
			return -errno;
		}
	}
	return 0;
}

/* How much of data goes to the file as it is: whole lines as far as there is room, but at least what has begun. */
static size_t share(const struct log *log, const char *data, size_t len)
{
	uint64_t size = log->config.size;
	size_t room = size > log->written ? (size_t)(size - log->written) : 0;
	const char *end;

	if (!size || len <= room)
		return len;
	end = room ? memrchr(data, '\n', room) : NULL;
	if (!end && (log->inside || log->written == 0))
		end = memchr(data, '\n', len);
	else if (!end)
		return 0;
	return end ? (size_t)(end - data) + 1 : len;
}

static int keep(struct log *log, const char *data, size_t len)
{
	int err = 0;

	while (len > 0 && !err) {
		size_t n = share(log, data, len);

		err = n ? write_all(log->fd, data, n) : rotate(log);
		if (err || !n)
			continue;
		log->written += n;
		log->inside = data[n - 1] != '\n';
		data += n;
		len -= n;
	}
	return err;
}

/* --- the thread ------------------------------------------------------------------------------------------ */

static void keep_or_say(struct log *log, const char *data, size_t len)
{
	if (log->error)
		return;
	log->error = keep(log, data, len);
	if (log->error)
		warn("--log: %s: cannot write: %s; the log ends here", log->config.path, strerror(-log->error));
}

/* Keep what is whole lines of the first len bytes, move the rest to the beginning. Returns how much that is. */
static size_t keep_lines(struct log *log, char *block, size_t len)
{
	const char *end = memrchr(block, '\n', len);
	size_t whole = end ? (size_t)(end - block) + 1 : len == BLOCK ? len : 0;

	keep_or_say(log, block, whole);
	memmove(block, block + whole, len - whole);
	return len - whole;
}

static void *work(void *context)
{
	struct log *log = context;
	char *block = malloc(BLOCK);
	size_t len = 0;
	ssize_t n = 0;

	log->error = block ? 0 : -ENOMEM;
	while (block && !log->copy_error &&
	       ((n = read(log->input, block + len, BLOCK - len)) > 0 || (n < 0 && errno == EINTR))) {
		if (n < 0)
			continue;
		if (log->config.copy)
			log->copy_error = write_all(STDOUT_FILENO, block + len, (size_t)n);
		len = keep_lines(log, block, len + (size_t)n);
	}
	if (block)
		keep_or_say(log, block, len);
	free(block);
	close(log->input); /* nobody reads: the view ends */
	log->input = -1;
	return NULL;
}

/* --- from the outside ------------------------------------------------------------------------------------ */

static int try_file(const void *context)
{
	struct log log = *(const struct log *)context;

	return open_file(&log);
}

static int refuse(const struct log *log, int err, const struct invoker *invoker, struct message *error)
{
	if (err == -EINVAL || err == -ENXIO || err == -EISDIR)
		return message_set(error, err, "--log: %s is not a file", log->config.path);
	if (err == -ELOOP)
		return message_set(error, err, "--log: %s is a symbolic link, which is not followed", log->config.path);
	if (err == -EACCES || err == -EPERM || err == -EROFS)
		return message_set(error, err, "--log: %s cannot be written by %s (%s)", log->config.path,
				   invoker->known && invoker->name ? invoker->name : "the recorder, without privileges",
				   strerror(-err));
	return message_set(error, err, "--log: %s: %s", log->config.path, strerror(-err));
}

int log_open(struct log *log, const struct log_config *config, const struct invoker *invoker, struct message *error)
{
	size_t last;
	int ends[2], err;

	*log = (struct log){0};
	if (!config->path)
		return 0;
	*log = (struct log){.config = *config, .input = -1, .output = -1, .fd = -1, .opened = true};
	log->dir = output_directory(config->path, &last, error);
	if (log->dir < 0) {
		err = log->dir;
		*log = (struct log){0};
		return err;
	}
	log->name = config->path + last;
	if (!*log->name || strlen(log->name) > NAME_ROOM - 12)
		err = -EISDIR;
	else
		err = privilege_try(invoker, try_file, log);
	if (err)
		refuse(log, err, invoker, error);
	else if (pipe2(ends, O_CLOEXEC) != 0)
		err = message_set(error, -errno, "--log: %s", strerror(errno));
	if (err) {
		log_close(log);
		return err;
	}
	log->input = ends[0];
	log->output = ends[1];
	return 0;
}

void log_leave(struct log *log)
{
	if (log->opened && log->output >= 0) {
		close(log->output);
		log->output = -1;
	}
}

int log_start(struct log *log, struct message *error)
{
	struct invoker nobody = {.known = false};
	int err;

	if (!log->opened)
		return 0;
	err = open_file(log);
	if (err)
		return refuse(log, err, &nobody, error);
	err = -pthread_create(&log->thread, NULL, work, log);
	if (err)
		return message_set(error, err, "--log: %s", strerror(-err));
	log->running = true;
	return 0;
}

int log_end(struct log *log, struct message *error)
{
	int err;

	if (!log->running)
		return 0;
	pthread_join(log->thread, NULL);
	log->running = false;
	if (log->fd >= 0 && close(log->fd) != 0 && !log->error)
		log->error = -errno;
	log->fd = -1;
	err = log->error;
	if (err)
		return message_set(error, err, "--log: %s is not complete: %s", log->config.path, strerror(-err));
	if (log->copy_error && log->copy_error != -EPIPE)
		return message_set(error, log->copy_error, "standard output: %s", strerror(-log->copy_error));
	return 0;
}

void log_close(struct log *log)
{
	if (!log->opened)
		return;
	log_leave(log);
	if (log->running)
		pthread_join(log->thread, NULL);
	if (log->input >= 0)
		close(log->input);
	if (log->fd >= 0)
		close(log->fd);
	if (log->dir >= 0)
		close(log->dir);
	*log = (struct log){0};
}
