/* input.c - see input.h */
#include "input.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "escape.h"

static int look_at(struct input *input)
{
	off_t begin;

	if (input->fd < 0 || fstat(input->fd, &input->stat) < 0)
		return -errno;
	if (S_ISDIR(input->stat.st_mode))
		return -EISDIR;
	begin = lseek(input->fd, 0, SEEK_CUR);
	input->stream = begin < 0 || !(S_ISREG(input->stat.st_mode) || S_ISBLK(input->stat.st_mode));
	input->begin = input->stream ? 0 : (uint64_t)begin;
	return 0;
}

void input_open(struct input *input, const char *path)
{
	bool standard = !strcmp(path, "-");

	memset(input, 0, sizeof(*input));
	snprintf(input->name, sizeof(input->name), "%s", standard ? "standard input" : escaped(path));
	input->fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	input->error = look_at(input);
}

void input_close(struct input *input)
{
	if (input->fd > STDIN_FILENO)
		close(input->fd);
	input->fd = -1;
}

static long read_stream(void *context, void *data, size_t len)
{
	struct position *position = context;
	ssize_t n;

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
	ssize_t n;

	do
		n = pread(position->input->fd, data, len, (off_t)(position->input->begin + position->offset));
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	position->offset += (uint64_t)n;
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
	const struct input *input = ((struct position *)context)->input;
	struct stat now;

	if (fstat(input->fd, &now) < 0 || !S_ISREG(now.st_mode))
		return -1;
	return (uint64_t)now.st_size > input->begin ? now.st_size - (int64_t)input->begin : 0;
}

static int64_t size_stream(void *context)
{
	(void)context;
	return -1;
}

struct sst_source input_source(const struct input *input, struct position *position)
{
	position->input = input;
	position->offset = 0;
	if (input->stream)
		return (struct sst_source){.read = read_stream, .size = size_stream, .context = position};
	return (struct sst_source){.read = read_file, .seek = seek_file, .size = size_file, .context = position};
}
