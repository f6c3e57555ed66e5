/* out.c - see out.h */
#include "out.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "parts.h"

void out_init(struct out *out, int fd)
{
	out->fd = fd;
	out->parts = NULL;
	out->flush = NULL;
	out->error = 0;
	out->end = out->buffer;
}

int out_write(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);

		if (n >= 0) {
			data += n;
			len -= (size_t)n;
		} else if (errno == EAGAIN) { /* another process has made the pipe non-blocking */
			poll(&(struct pollfd){.fd = fd, .events = POLLOUT}, 1, -1);
		} else if (errno != EINTR) {
			return -errno;
		}
	}
	return 0;
}

int out_put(struct out *out, const char *data, size_t len)
{
	return out->parts ? parts_write(out->parts, data, len) : out_write(out->fd, data, len);
}

void out_flush(struct out *out)
{
	size_t len = (size_t)(out->end - out->buffer);

	out->end = out->buffer;
	if (out->flush)
		out->flush(out, out->buffer, len);
	else if (!out->error && len > 0)
		out->error = out_put(out, out->buffer, len);
}

void out_sync(struct out *out)
{
	if (!out->error && fsync(out->fd) < 0 && errno != EINVAL && errno != EROFS) /* a pipe, a device */
		out->error = -errno;
}

void out_printf(struct out *out, const char *format, ...)
{
	char *p = out_room(out);
	va_list args;

	va_start(args, format);
	int n = vsnprintf(p, OUT_ROOM_MAX, format, args);
	va_end(args);
	if (n > 0)
		out_done(out, p + (n < OUT_ROOM_MAX ? n : OUT_ROOM_MAX - 1));
}
