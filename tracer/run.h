/*
 * run.h - one recording as main.c leads it: all that it consists of, and the steps on the way to it.
 *
 * Each step returns 0, or the exit status with run->error set (empty: nothing to say). What steps have begun is ended by
 * main.c, whichever of them failed.
 */
#ifndef TRACER_RUN_H
#define TRACER_RUN_H

#include <stdbool.h>
#include <stddef.h>

#include "command.h"
#include "containers.h"
#include "engines.h"
#include "log.h"
#include "mark.h"
#include "message.h"
#include "options.h"
#include "output.h"
#include "parts.h"
#include "privilege.h"
#include "recorder.h"
#include "release.h"
#include "session.h"
#include "targets.h"
#include "tasks.h"
#include "view.h"

enum exit_status {
	EXIT_RUNTIME = 1,
	EXIT_USAGE = 2,
	EXIT_LOST = 3,
	EXIT_NO_TARGET = 4,
	EXIT_NOT_EXECUTABLE = 126,
	EXIT_NOT_FOUND = 127,
};

struct run {
	int argc;
	char **argv;
	struct options options;
	struct inherited inherited;
	struct invoker invoker;
	struct targets targets;
	struct command command;
	struct view view;
	struct log log;
	bool live; /* the view is a table on the terminal */
	struct output output;
	struct parts parts;
	struct session session;
	struct recorder recorder;
	struct release release;
	struct tasks *tasks; /* where they are needed */
	struct engines engines;
	struct containers *containers;
	struct mark mark;
	bool translates; /* our PID namespace is not the initial one: PIDs are other than the programs see them */
	struct message error;
};

/* --- run_targets.c: who is recorded */

/* run_find_targets() - processes and containers that there are, before anything is attached. */
int run_find_targets(struct run *run);

/* run_mark() - open the gate, then find out who is inside a call from before. */
int run_mark(struct run *run);

/* run_release_command() - the command becomes the program, as a recorded process. */
int run_release_command(struct run *run);

/* run_tasks() - the list to translate our PIDs by, or NULL: they are those of the initial PID namespace. */
const struct tasks *run_tasks(const struct run *run);

/* run_describe() - who is recorded, in words: "redis-server[812]", "processes named nginx and of user 33". */
void run_describe(const struct run *run, char *text, size_t size);

/* --- run_output.c: where the recording goes */

/* run_start_view() - the view, if one is asked for: a child that reads what will be recorded. */
int run_start_view(struct run *run);

/* run_open_output() - the file, or the view's pipe; after run_start_view(). */
int run_open_output(struct run *run);

/* run_fail_to_begin() - the first frames could not be written: −err says why. Sets run->error, returns a status. */
int run_fail_to_begin(struct run *run, int err);

/* run_write_failure() - likewise for later ones. The output is closed: file and regular are what it was. */
int run_write_failure(struct run *run, const char *file, bool regular, int err);

#endif
