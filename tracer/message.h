/*
 * message.h - everything sysstream says to people: whole lines on standard error, "sysstream: ..." in front.
 *
 *	message_setup(MESSAGE_NORMAL);
 *	say("recording %s", what);		not with -q
 *	detail("ring of %zu KiB", size);	only with -v
 *	warn("%d: no such process", pid);	always
 *	complain(&error);			always; the reason why a function below main failed
 *
 * Functions below main do not print why they failed: they put one sentence into a struct message and return -errno.
 *
 *	return message_set(error, -EEXIST, "%s exists; --force replaces it", path);
 *
 * Whatever the arguments hold, names of files and processes above all, a message is one line and cannot drive a
 * terminal: control bytes, invalid UTF-8 and characters that change the direction of text are printed as \n, \t or \xHH.
 * A line goes out in one write(2), so that lines of several threads do not mix.
 */
#ifndef SYSSTREAM_MESSAGE_H
#define SYSSTREAM_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>

#define MESSAGE_MAX 1024 /* bytes of a sentence with its NUL; a longer one ends in "..." */

struct message {
	char text[MESSAGE_MAX]; /* without "sysstream: " and line end; not yet escaped */
};

enum message_level {
	MESSAGE_QUIET = -1,
	MESSAGE_NORMAL = 0,
	MESSAGE_VERBOSE = 1,
};

/* message_setup() - how much to say from now on; MESSAGE_NORMAL before the first call. */
void message_setup(enum message_level level);

/* message_level() - what message_setup() was told. */
enum message_level message_level(void);

/* message_set() - put a sentence into *message (NULL: nowhere) and return code, so that it can stand in a return
 * statement. */
int message_set(struct message *message, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));

void say(const char *format, ...) __attribute__((format(printf, 1, 2)));    /* unless quiet */
void detail(const char *format, ...) __attribute__((format(printf, 1, 2))); /* only verbose */
void warn(const char *format, ...) __attribute__((format(printf, 1, 2)));   /* always */
void complain(const struct message *message);                               /* always */

/*
 * message_live() - show line on the terminal without a line end, in place of the one shown before; NULL takes it away.
 * Every other message takes it away first. The caller has made sure that standard error is a terminal. Nothing is shown
 * while the terminal takes no output (Ctrl-S) or another job has it: the recorder must not be held up by it.
 */
void message_live(const char *line);

/*
 * message_escape() - copy text to out as described above, cut to size - 1 bytes but never within an escape or a
 * character. Returns the length of out, which always ends in NUL. size > 0.
 */
size_t message_escape(char *out, size_t size, const char *text, size_t len);

#endif
