/*
 * log.h - `--log=FILE`: what the view prints, kept in a file that never grows beyond a size, with some older ones.
 *
 *	err = log_open(&log, &config, &invoker, &error);	before privileges are dropped: may FILE be made?
 *	view_start(), with log.output as the view's standard output; then log_leave(&log)
 *	err = log_start(&log, &error);				after that: a thread reads what the view prints
 *	err = log_end(&log, &error);				once the view has ended
 *	log_close(&log);					in any case
 *
 * FILE, FILE.1 (the one before it) and so on are files of the user that the recorder goes on as, mode 0600, divided
 * between lines. What is in FILE already stays. No symbolic link is followed on the way to it.
 */
#ifndef SYSSTREAM_LOG_H
#define SYSSTREAM_LOG_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "message.h"
#include "privilege.h"

struct log_config {
	const char *path; /* belongs to the caller; NULL: there is no log */
	uint64_t size;    /* bytes of a file at most, but for a line that is longer; 0: any */
	unsigned keep;    /* older files, 1 or more */
	bool copy;        /* to standard output as well */
};

/* All zero bytes: there is none, and nothing is done. */
struct log {
	struct log_config config;
	int input, output; /* a pipe; output is -1 once it is the view's */
	int dir, fd;       /* O_PATH; -1: none */
	const char *name;  /* in dir, within config.path */
	uint64_t written;  /* bytes in the file */
	bool inside;       /* a line has begun and not ended */
	bool opened, running;
	pthread_t thread;
	int error, copy_error; /* 0, or -errno: why there is no more of it */
};

/* log_open() - 0, or -errno with a sentence: there is nothing to close then. */
int log_open(struct log *log, const struct log_config *config, const struct invoker *invoker, struct message *error);

void log_leave(struct log *log);

/* log_start() - privileges are gone. 0 or -errno with a sentence. */
int log_start(struct log *log, struct message *error);

/* log_end() - waits for the rest. 0, or -errno with a sentence if not all could be kept. */
int log_end(struct log *log, struct message *error);

void log_close(struct log *log);

#endif
