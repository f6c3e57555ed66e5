/* parts.c - see parts.h */
#include "parts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include "escape.h"
#include "out.h"
#include "report.h"

#define HEADER_MAX 4096 /* bytes; the names of all columns are some hundred */

struct parts {
	struct parts_config config;
	char *folder, *stem; /* of the path: up to the last slash; the name up to its ending */
	const char *ending;  /* ".tsv", in stem's memory; "" */
	char *name;          /* of the file that is open */
	int dir, socket, fd;
	uint64_t number, rows; /* of the file: which one it is, lines that are in it */
	uint64_t old;          /* the highest number of a file that was there before */
	bool has_header;       /* the first line is complete */
	size_t header_len;
	char header[HEADER_MAX];
};

/* --- names */

static bool split_path(struct parts *parts, const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path, *dot = strrchr(name, '.');
	size_t stem = dot && dot > name ? (size_t)(dot - name) : strlen(name);

	parts->folder = strndup(path, (size_t)(name - path));
	parts->stem = malloc(strlen(name) + 2);
	if (!parts->folder || !parts->stem)
		return false;
	memcpy(parts->stem, name, stem);
	parts->stem[stem] = '\0';
	parts->ending = memcpy(parts->stem + stem + 1, name + stem, strlen(name + stem) + 1);
	return true;
}

/* The name in its directory, static. */
static const char *file_name(const struct parts *parts, uint64_t number)
{
	static char name[NAME_MAX + 32];

	snprintf(name, sizeof(name), "%s.%05" PRIu64 "%s", parts->stem, number, parts->ending);
	return name;
}

static int note_name(struct parts *parts)
{
	free(parts->name);
	return asprintf(&parts->name, "%s%s", parts->folder, file_name(parts, parts->number)) < 0 ? -ENOMEM : 0;
}

/* The number in the name of a part; 0 if it is none. */
static uint64_t number_of(const struct parts *parts, const char *name)
{
	size_t stem = strlen(parts->stem);
	char *end;
	uint64_t number;

	if (strncmp(name, parts->stem, stem) != 0 || name[stem] != '.' || name[stem + 1] < '0' || name[stem + 1] > '9')
		return 0;
	number = strtoull(name + stem + 1, &end, 10);
	return strcmp(end, parts->ending) == 0 && strcmp(name, file_name(parts, number)) == 0 ? number : 0;
}

/* A directory that cannot be listed can be written to all the same. */
static void look_for_old(struct parts *parts)
{
	int fd = openat(parts->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		uint64_t number = number_of(parts, entry->d_name);

		parts->old = number > parts->old ? number : parts->old;
	}
	if (dir)
		closedir(dir);
	else if (fd >= 0)
		close(fd);
}

/* --- the child, which opens files */

/* O_NONBLOCK: a pipe that has no reader is refused, and not waited for. Nothing is emptied before it is known what. */
static int open_part(const struct parts *parts, uint64_t number)
{
	int fd = openat(parts->dir, file_name(parts, number), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
			0666);
	struct stat file;
	int err = 0;

	if (fd < 0)
		return errno == ENXIO ? -EINVAL : -errno;
	err = fstat(fd, &file) < 0 ? -errno : 0;
	if (!err && !S_ISREG(file.st_mode))
		err = -EINVAL;
	if (!err && parts->config.is_input && parts->config.is_input(parts->config.context, &file))
		err = -EBUSY;
	if (!err && ftruncate(fd, 0) < 0)
		err = -errno;
	if (!err)
		return fd;
	close(fd);
	return err;
}

/* A message with an error, or 0 and a descriptor. */
union message {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(sizeof(int))];
};

static bool hand_over(int socket, int fd)
{
	int error = fd < 0 ? fd : 0;
	union message control = {.bytes = {0}};
	struct iovec data = {&error, sizeof(error)};
	struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1};

	if (fd >= 0) {
		message.msg_control = control.bytes;
		message.msg_controllen = sizeof(control.bytes);
		control.align.cmsg_level = SOL_SOCKET;
		control.align.cmsg_type = SCM_RIGHTS;
		control.align.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.align), &fd, sizeof(int));
	}
	return sendmsg(socket, &message, MSG_NOSIGNAL) == (ssize_t)sizeof(error);
}

/* From first to last; what is above all that the program has opened is the starter's, and stays on old kernels. */
static void close_range_of(int first, int last)
{
#ifdef SYS_close_range
	if (first <= last && syscall(SYS_close_range, first, last, 0) == 0)
		return;
#endif
	for (int fd = first; fd <= last && last < INT_MAX; fd++)
		close(fd);
}

static void close_others(int a, int b)
{
	close_range_of(0, (a < b ? a : b) - 1);
	close_range_of((a < b ? a : b) + 1, (a < b ? b : a) - 1);
	close_range_of((a < b ? b : a) + 1, INT_MAX);
}

/* Until the other one closes its end, by whatever it ends. It has no business with what that one reads and writes. */
static void __attribute__((noreturn)) serve(const struct parts *parts, int socket)
{
	static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
	uint64_t number = 0;
	char request;

	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
	close_others(socket, parts->dir);
	while (read(socket, &request, 1) == 1) {
		int fd = open_part(parts, ++number);
		bool sent = hand_over(socket, fd);

		if (fd >= 0)
			close(fd);
		if (!sent)
			break;
	}
	_exit(0);
}

static int start_child(struct parts *parts)
{
	int sockets[2];
	pid_t child;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) < 0)
		return -errno;
	child = fork();
	if (child < 0) {
		int err = -errno;

		close(sockets[0]);
		close(sockets[1]);
		return err;
	}
	if (child == 0) {
		close(sockets[0]);
		serve(parts, sockets[1]);
	}
	close(sockets[1]);
	parts->socket = sockets[0];
	return 0;
}

/* --- the writer */

/* The next file from the child. */
static int receive(int socket)
{
	int error, fd = -1;
	union message control = {.bytes = {0}};
	struct iovec data = {&error, sizeof(error)};
	struct msghdr message = {.msg_iov = &data,
				 .msg_iovlen = 1,
				 .msg_control = control.bytes,
				 .msg_controllen = sizeof(control.bytes)};
	ssize_t n;

	if (out_write(socket, "", 1) < 0)
		return -ECHILD;
	do
		n = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n != (ssize_t)sizeof(error))
		return -ECHILD;
	if (error == 0 && message.msg_controllen >= sizeof(struct cmsghdr))
		memcpy(&fd, CMSG_DATA(&control.align), sizeof(fd));
	return error ? error : fd;
}

static int close_file(struct parts *parts)
{
	int fd = parts->fd;

	parts->fd = -1;
	return fd >= 0 && close(fd) < 0 ? -errno : 0;
}

static int next_file(struct parts *parts)
{
	int err = close_file(parts);

	if (!err) {
		parts->number++;
		err = note_name(parts);
	}
	if (err)
		return err;
	parts->fd = receive(parts->socket);
	if (parts->fd < 0)
		return parts->fd;
	parts->rows = parts->header_len > 0;
	return parts->header_len > 0 ? out_write(parts->fd, parts->header, parts->header_len) : 0;
}

static void note_header(struct parts *parts, const char *data, size_t len)
{
	const char *end = memchr(data, '\n', len);
	size_t n = end ? (size_t)(end + 1 - data) : len;

	if (n > sizeof(parts->header) - parts->header_len)
		n = sizeof(parts->header) - parts->header_len;
	memcpy(parts->header + parts->header_len, data, n);
	parts->header_len += n;
	parts->has_header = end != NULL;
}

/* How much of it goes to the file that is open. */
static size_t take(struct parts *parts, const char *data, size_t len)
{
	const char *s = data, *end = data + len;

	while (s < end && parts->rows < parts->config.rows) {
		const char *newline = memchr(s, '\n', (size_t)(end - s));

		if (!newline)
			return len;
		parts->rows++;
		s = newline + 1;
	}
	return (size_t)(s - data);
}

int parts_write(struct parts *parts, const char *data, size_t len)
{
	int err = 0;

	if (parts->config.header && !parts->has_header)
		note_header(parts, data, len);
	while (!err && len > 0) {
		size_t n = take(parts, data, len);

		err = n > 0 ? out_write(parts->fd, data, n) : next_file(parts);
		data += n;
		len -= n;
	}
	return err;
}

const char *parts_name(const struct parts *parts)
{
	return parts->name ? parts->name : parts->config.path;
}

const char *parts_reason(int err)
{
	return err == -EBUSY    ? "this is an input; write to another file"
	       : err == -EINVAL ? "not a regular file"
	       : err == -ECHILD ? "the process that opens files has ended"
				: strerror(-err);
}

static void parts_free(struct parts *parts)
{
	if (parts->dir >= 0)
		close(parts->dir);
	if (parts->socket >= 0)
		close(parts->socket);
	free(parts->folder);
	free(parts->stem);
	free(parts->name);
	free(parts);
}

static int begin(struct parts *parts)
{
	int err;

	if (!split_path(parts, parts->config.path))
		return -ENOMEM;
	parts->dir = open(*parts->folder ? parts->folder : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (parts->dir < 0)
		return -errno;
	look_for_old(parts);
	err = start_child(parts);
	return err ? err : next_file(parts);
}

struct parts *parts_open(const struct parts_config *config)
{
	struct parts *parts = calloc(1, sizeof(*parts));
	int err;

	if (!parts) {
		complain("out of memory");
		return NULL;
	}
	parts->config = *config;
	parts->dir = parts->socket = parts->fd = -1;
	err = begin(parts);
	if (!err)
		return parts;
	complain("%s: %s", escaped(parts_name(parts)), parts_reason(err));
	parts_free(parts);
	return NULL;
}

int parts_close(struct parts *parts)
{
	int err = close_file(parts);

	if (err)
		complain("%s: %s", escaped(parts->name), strerror(-err));
	if (parts->old > parts->number) {
		complain("%s is the last one; what is left of an earlier run, up to %s, is not of this table",
			 escaped(parts->name), escaped(file_name(parts, parts->old)));
	}
	parts_free(parts);
	return err;
}
