/*
 * command.h - `sysstream -- COMMAND ARG...`: a child that is held before its execve, so that this is the first call
 * recorded
 *
 *	struct inherited inherited;
 *	struct command command;
 *
 *	inherited_save(&inherited);		first thing in main, before any signal is touched
 *	err = command_start(&command, options.command, &setup, &error);
 *	if (err)	-ENOENT: status 127; -EACCES, -ENOEXEC: status 126; other: status 1
 *	...load, attach; on failure command_abort(&command)...
 *	err = command_arm(&command, &error);	the child makes no more calls and spins; be quick
 *	...mark command.pid as recorded...
 *	command_release(&command);		the child calls execve
 *	while (!command_poll(&command))		or poll command.pidfd
 *		...
 *	status = command_exit_status(&command);
 *	command_close(&command);
 *
 * Start it before BPF is loaded (a small process is forked), before privilege_drop() (the child must not inherit that)
 * and from the thread that lives as long as the recorder: until it is armed the child dies with that thread. Armed, it
 * gives up by itself within seconds when nobody releases it. The child becomes the user who called sudo, with that
 * user's HOME, USER, LOGNAME and SHELL and without SUDO_*; its PATH is searched with that user's eyes.
 */
#ifndef SYSSTREAM_COMMAND_H
#define SYSSTREAM_COMMAND_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#include "message.h"
#include "privilege.h"

/* What of the recorder's process state at its start is the command's by right. */
struct inherited {
	sigset_t mask;
	sigset_t ignored;
};

struct command_setup {
	const struct inherited *inherited;
	const struct invoker *invoker;
	bool stdout_taken; /* the recording goes to standard output: the command's output goes to standard error */
};

struct command_hold; /* memory shared with the child */

struct command {
	pid_t pid; /* 0: none */
	int pidfd; /* readable once it has ended; -1 where the kernel gives none */
	bool released;
	bool ended;
	int wait_status; /* as waitpid() has it, once ended */
	struct command_hold *hold;
	char *name; /* argv[0], for messages */
};

/* inherited_save() - signal mask and ignored signals of this moment. */
void inherited_save(struct inherited *inherited);

/*
 * command_start() - returns once the child is ready, with its program found. Returns 0, or with a sentence -ENOENT (no
 * such program), -EACCES (not executable), or another -errno. On failure there is no child and nothing to close.
 */
int command_start(struct command *command, char *const argv[], const struct command_setup *setup,
		  struct message *error);

/* command_arm() - returns once the child spins. Returns 0, or -ESRCH with a sentence when it is gone. */
int command_arm(struct command *command, struct message *error);

/* command_release() - let it call execve. Returns at once. */
void command_release(struct command *command);

/* command_poll() - has it ended? Reaps it then. Does not block. */
bool command_poll(struct command *command);

/*
 * command_wait() - the same, after at most so many ms. The programs see the end of a process (do_exit() in the kernel)
 * a moment before its parent can.
 */
bool command_wait(struct command *command, int ms);

/* command_exec_error() - the errno of its execve, 0 when that succeeded or has not happened yet. */
int command_exec_error(const struct command *command);

/* command_explain() - why the command did not start or its execve failed, as a sentence. */
void command_explain(const struct command *command, struct message *error);

/* command_exit_status() - once ended: its status 0..255, 128 + N when signal N ended it, 126 or 127 when execve failed.
 */
int command_exit_status(const struct command *command);

/* command_abort() - kill and reap a child that was not released; nothing when it was or there is none. */
void command_abort(struct command *command);

/* command_close() - give back what is ours. A command that still runs goes on. Nothing to do when it is all zero bytes.
 */
void command_close(struct command *command);

#endif
