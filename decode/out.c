/* out.c - see out.h */
#include "out.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

void out_init(struct out *out, int fd)
{
	out->fd = fd;
	out->error = 0;
	out->end = out->buffer;
}

void out_flush(struct out *out)
{
	const char *p = out->buffer;

	while (p < out->end && !out->error) {
		ssize_t n = write(out->fd, p, (size_t)(out->end - p));

		if (n >= 0)
			p += n;
		else if (errno == EAGAIN) /* another process has made the pipe non-blocking */
			poll(&(struct pollfd){.fd = out->fd, .events = POLLOUT}, 1, -1);
		else if (errno != EINTR)
			out->error = -errno;
	}
	out->end = out->buffer;
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
