/* input.c - see input.h */
#include "input.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "escape.h"

/* What the open file is; fd < 0: it could not be opened. */
static int examine(struct input *input)
{
	off_t begin;

	if (input->fd < 0)
		return -errno;
	if (fstat(input->fd, &input->stat) < 0)
		return -errno;
	if (S_ISDIR(input->stat.st_mode))
		return -EISDIR;
	begin = lseek(input->fd, 0, SEEK_CUR);
	input->stream = begin < 0 || !(S_ISREG(input->stat.st_mode) || S_ISBLK(input->stat.st_mode));
	input->begin = input->stream ? 0 : (uint64_t)begin;
	return 0;
}

int input_open(struct input *input, const char *path)
{
	bool standard = !strcmp(path, "-");

	memset(input, 0, sizeof(*input));
	snprintf(input->name, sizeof(input->name), "%s", standard ? "standard input" : escaped(path));
	input->fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	return examine(input);
}

int input_open_in(struct input *input, int directory, const char *where, const char *name)
{
	size_t len = strlen(where);
	int n;

	memset(input, 0, sizeof(*input));
	n = snprintf(input->name, sizeof(input->name), "%s%s", escaped(where), len && where[len - 1] == '/' ? "" : "/");
	if (n >= 0 && (size_t)n < sizeof(input->name))
		snprintf(input->name + n, sizeof(input->name) - (size_t)n, "%s", escaped(name));
	input->fd = openat(directory, name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	return examine(input);
}

void input_close(struct input *input)
{
	if (input->fd > STDIN_FILENO)
		close(input->fd);
	input->fd = -1;
}

static int stop[2] = {-1, -1}; /* a pipe with something in it: streams end */

int input_stoppable(void)
{
	return pipe2(stop, O_CLOEXEC | O_NONBLOCK) < 0 ? -errno : 0;
}

void input_stop(void)
{
	if (write(stop[1], "", 1) < 0)
		return; /* full: it has been said */
}

/* False: nothing more is wanted. */
static bool wait_for_data(int fd)
{
	struct pollfd fds[] = {{.fd = fd, .events = POLLIN}, {.fd = stop[0], .events = POLLIN}};

	if (stop[0] < 0)
		return true;
	while (poll(fds, 2, -1) < 0 && errno == EINTR)
		;
	return !fds[1].revents;
}

static long read_stream(void *context, void *data, size_t len)
{
	struct position *position = context;
	ssize_t n;

	if (!wait_for_data(position->input->fd))
		return 0;
	while ((n = read(position->input->fd, data, len)) < 0) {
		if (errno == EAGAIN) /* another process has made it non-blocking */
			poll(&(struct pollfd){.fd = position->input->fd, .events = POLLIN}, 1, -1);
		else if (errno != EINTR)
			return -errno;
	}
	return n;
}

static long read_file(void *context, void *data, size_t len)
{
	struct position *position = context;
	uint64_t left = position->end > position->offset ? position->end - position->offset : 0;
	ssize_t n;

	if (len > left)
		len = (size_t)left;
	do
		n = pread(position->input->fd, data, len, (off_t)(position->input->begin + position->offset));
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	position->offset += (uint64_t)n;
	return n;
}

/* The file is being written. */
static long read_growing(void *context, void *data, size_t len)
{
	struct position *position = context;
	const struct input *input = position->input;
	long n = read_file(context, data, len);

	while (n == 0 && len > 0 && input->wait(input->context, input->begin + position->offset))
		n = read_file(context, data, len);
	return n;
}

static int seek_file(void *context, uint64_t offset)
{
	struct position *position = context;

	if (offset > (uint64_t)INT64_MAX - position->input->begin)
		return -EINVAL;
	position->offset = offset;
	return 0;
}

/* Asked each time: the file may be growing. A block device has no size that fstat knows. */
static int64_t size_file(void *context)
{
	const struct position *position = context;
	const struct input *input = position->input;
	struct stat now;
	uint64_t size;

	if (fstat(input->fd, &now) < 0 || !S_ISREG(now.st_mode))
		return -1;
	size = (uint64_t)now.st_size > input->begin ? (uint64_t)now.st_size - input->begin : 0;
	return (int64_t)(size < position->end ? size : position->end);
}

static int64_t size_stream(void *context)
{
	(void)context;
	return -1;
}

struct sst_source input_source(const struct input *input, struct position *position, uint64_t end)
{
	*position = (struct position){.input = input, .end = end};
	if (input->wait)
		return (struct sst_source){.read = read_growing, .size = size_stream, .context = position};
	if (input->stream)
		return (struct sst_source){.read = read_stream, .size = size_stream, .context = position};
	return (struct sst_source){.read = read_file, .seek = seek_file, .size = size_file, .context = position};
}

int input_index(const struct input *input, struct sst_index *index)
{
	struct position position;
	struct sst_source source = input_source(input, &position, UINT64_MAX);
	struct sst_reader *reader = sst_reader_new(&source);
	int found = reader ? sst_reader_index(reader, index) : -ENOMEM;

	if (!reader)
		*index = (struct sst_index){0};
	sst_reader_free(reader);
	return found;
}
