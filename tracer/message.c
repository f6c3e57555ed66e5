/*
 * message.c - whole, harmless lines on standard error
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "message.h"

#define PREFIX     "sysstream: "
#define CLEAR_LINE "\r\x1b[K"

static enum message_level level = MESSAGE_NORMAL;

/* A live line is on the terminal. Guarded by lock, since every thread that says something takes it away. */
static bool live;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void message_setup(enum message_level new_level)
{
	level = new_level;
}

enum message_level message_level(void)
{
	return level;
}

/* The length of the UTF-8 character at text (1..4) with its code point in *code, or 0 when it is none. */
static size_t utf8_decode(const unsigned char *text, size_t len, uint32_t *code)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000}; /* shorter ones are overlong */
	size_t n = text[0] < 0x80 ? 1 : text[0] >= 0xf0 ? 4 : text[0] >= 0xe0 ? 3 : 2;
	uint32_t value = n == 1 ? text[0] : text[0] & (0x7fU >> n);

	if ((text[0] >= 0x80 && text[0] < 0xc0) || text[0] > 0xf4 || n > len)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		value = value << 6 | (text[i] & 0x3f);
	}
	if (value < least[n] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
		return 0;
	*code = value;
	return n;
}

/* C0, DEL and C1 controls, line separators, and what reverses or hides text around it (Unicode's Bidi_Control and BOM).
 */
static bool is_harmful(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x61c || code == 0x200e || code == 0x200f ||
	       (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069) || code == 0xfeff;
}

/* One escape for one byte, into at most 5 bytes. */
static size_t escape_byte(char out[5], unsigned char byte)
{
	if (byte == '\n' || byte == '\t' || byte == '\r')
		return (size_t)snprintf(out, 5, "\\%c", byte == '\n' ? 'n' : byte == '\t' ? 't' : 'r');
	return (size_t)snprintf(out, 5, "\\x%02x", byte);
}

size_t message_escape(char *out, size_t size, const char *text, size_t len)
{
	const unsigned char *in = (const unsigned char *)text;
	size_t used = 0;

	for (size_t i = 0; i < len;) {
		uint32_t code = 0;
		size_t n = utf8_decode(in + i, len - i, &code);
		char piece[4 * 4 + 1];
		size_t piece_len = 0;

		if (n > 0 && !is_harmful(code)) {
			memcpy(piece, in + i, n);
			piece_len = n;
		} else {
			n = n > 0 ? n : 1;
			for (size_t k = 0; k < n; k++)
				piece_len += escape_byte(piece + piece_len, in[i + k]);
		}
		if (used + piece_len >= size)
			break;
		memcpy(out + used, piece, piece_len);
		used += piece_len;
		i += n;
	}
	out[used] = '\0';
	return used;
}

/* Format into text; what does not fit ends in "...". */
__attribute__((format(printf, 2, 0))) static void format_cut(char text[MESSAGE_MAX], const char *format, va_list args)
{
	int len = vsnprintf(text, MESSAGE_MAX, format, args);

	if (len < 0)
		text[0] = '\0';
	else if (len >= MESSAGE_MAX)
		memcpy(text + MESSAGE_MAX - 4, "...", 4);
}

int message_set(struct message *message, int code, const char *format, ...)
{
	int saved = errno;
	va_list args;

	if (message) {
		va_start(args, format);
		format_cut(message->text, format, args);
		va_end(args);
	}
	errno = saved;
	return code;
}

/* All of it, unless standard error is closed or full: there is nobody left to tell. */
static void write_all(const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = write(STDERR_FILENO, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		data += n;
		len -= (size_t)n;
	}
}

static void put_line(const char *text)
{
	char line[sizeof(CLEAR_LINE PREFIX) + 4UL * MESSAGE_MAX + 2];
	size_t len = 0;
	int saved = errno;

	pthread_mutex_lock(&lock);
	if (live) {
		memcpy(line, CLEAR_LINE, sizeof(CLEAR_LINE) - 1);
		len = sizeof(CLEAR_LINE) - 1;
	}
	memcpy(line + len, PREFIX, sizeof(PREFIX) - 1);
	len += sizeof(PREFIX) - 1;
	len += message_escape(line + len, sizeof(line) - 1 - len, text, strlen(text));
	line[len++] = '\n';
	live = false;
	write_all(line, len);
	pthread_mutex_unlock(&lock);
	errno = saved;
}

__attribute__((format(printf, 1, 0))) static void put_format(const char *format, va_list args)
{
	char text[MESSAGE_MAX];

	format_cut(text, format, args);
	put_line(text);
}

void say(const char *format, ...)
{
	va_list args;

	if (level < MESSAGE_NORMAL)
		return;
	va_start(args, format);
	put_format(format, args);
	va_end(args);
}

void detail(const char *format, ...)
{
	va_list args;

	if (level < MESSAGE_VERBOSE)
		return;
	va_start(args, format);
	put_format(format, args);
	va_end(args);
}

void warn(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	put_format(format, args);
	va_end(args);
}

void complain(const struct message *message)
{
	put_line(message->text);
}

/* Would a write to the terminal go through now, and is it ours to write to? A background job could be stopped by it. */
static bool terminal_ready(void)
{
	struct pollfd out = {.fd = STDERR_FILENO, .events = POLLOUT};

	return tcgetpgrp(STDERR_FILENO) == getpgrp() && poll(&out, 1, 0) == 1 && (out.revents & POLLOUT);
}

void message_live(const char *line)
{
	char text[sizeof(CLEAR_LINE) + 4UL * MESSAGE_MAX];
	size_t len = sizeof(CLEAR_LINE) - 1;

	pthread_mutex_lock(&lock);
	if ((line || live) && terminal_ready()) {
		memcpy(text, CLEAR_LINE, len);
		if (line)
			len += message_escape(text + len, sizeof(text) - len, line, strlen(line));
		write_all(text, len);
		live = line != NULL;
	}
	pthread_mutex_unlock(&lock);
}
