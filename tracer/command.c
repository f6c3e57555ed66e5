/*
 * command.c - a child held before its execve
 *
 * The child goes through four states, each told to the other side by one word of shared memory:
 *
 *	SETTING_UP	becomes the invoker, resets signals, finds its program
 *	READY		sleeps until the parent arms it; dies with the parent (PR_SET_PDEATHSIG)
 *	ARMED		the parent wants it; it wakes up and stops dying with the parent, which would survive the execve
 *	SPINNING	its last system call but one has returned; it only reads the word
 *	RELEASED	execve
 *
 * Recorded from SPINNING on, a child has nothing to show but its execve: neither the return of a call that began
 * unrecorded nor a call of ours.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <linux/futex.h>
#include <paths.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "command.h"

#define SPIN_LIMIT_NS 2000000000ULL /* then nobody will come any more */
#define POLL_NS       50000         /* how often the parent looks */

enum { SETTING_UP, READY, ARMED, SPINNING, RELEASED };

/* Where setting up failed, for the message. */
enum { STEP_PROGRAM, STEP_USER, STEP_STDOUT, STEP_EXEC };

struct command_hold {
	_Atomic uint32_t state;
	_Atomic int error; /* errno of what failed in the child */
	_Atomic int step;
};

/* Everything the child needs, made before the fork: a child of a process with threads must not allocate. */
struct plan {
	char *const *argv;
	char **environment;
	char **candidates; /* what the name may mean, by PATH; the last is NULL */
	char *memory;      /* of environment's and candidates' new strings */
	const struct command_setup *setup;
	pid_t parent;
};

static void pause_a_moment(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("yield" ::: "memory");
#else
	atomic_signal_fence(memory_order_seq_cst);
#endif
}

/* --- in the child ---------------------------------------------------------------------------------------- */

_Noreturn static void give_up(struct command_hold *hold, int step, int error)
{
	atomic_store(&hold->step, step);
	atomic_store(&hold->error, error);
	_exit(error == ENOENT ? 127 : 126);
}

/* Die when the thread dies that forked us; it may have done so already. A change of user clears this. */
static void die_with(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (getppid() != parent)
		_exit(127);
}

static void become(struct command_hold *hold, const struct invoker *invoker)
{
	if (setgroups((size_t)invoker->n_groups, invoker->groups) != 0 ||
	    setresgid(invoker->gid, invoker->gid, invoker->gid) != 0 ||
	    setresuid(invoker->uid, invoker->uid, invoker->uid) != 0)
		give_up(hold, STEP_USER, errno);
}

static void restore_signals(const struct inherited *inherited)
{
	struct sigaction action;

	for (int sig = 1; sig < NSIG; sig++) {
		memset(&action, 0, sizeof(action));
		action.sa_handler = sigismember(&inherited->ignored, sig) == 1 ? SIG_IGN : SIG_DFL;
		sigaction(sig, &action, NULL);
	}
	sigprocmask(SIG_SETMASK, &inherited->mask, NULL);
}

/* The errno that execve would have for path, as far as one can tell before. */
static int cannot_execute(const char *path)
{
	struct stat file;

	if (stat(path, &file) != 0)
		return errno;
	if (!S_ISREG(file.st_mode))
		return EACCES;
	return access(path, X_OK) != 0 ? errno : 0;
}

/*
 * The first candidate that can be executed. As in a shell: a file without permission counts when nothing better comes,
 * a directory of PATH that cannot be searched never does.
 */
static const char *find_program(struct command_hold *hold, const struct plan *plan)
{
	bool searched = !strchr(plan->argv[0], '/');
	int error = ENOENT;

	for (char *const *path = plan->candidates; *path; path++) {
		int why = cannot_execute(*path);

		if (why == 0)
			return *path;
		if (!searched || access(*path, F_OK) == 0)
			error = why;
	}
	give_up(hold, STEP_PROGRAM, error);
}

/* How many turns of the spin make SPIN_LIMIT_NS: measured now, since the clock may be a system call. */
static uint64_t spin_limit(const struct command_hold *hold)
{
	enum { TURNS = 2000 };
	uint64_t best = UINT64_MAX;

	for (int round = 0; round < 5; round++) {
		uint64_t began = mono_now();

		for (int i = 0; i < TURNS && atomic_load(&hold->state) != RELEASED; i++)
			pause_a_moment();
		uint64_t took = mono_now() - began;
		best = took > 0 && took < best ? took : best;
	}
	return SPIN_LIMIT_NS / best * TURNS + TURNS;
}

static void sleep_until_armed(struct command_hold *hold)
{
	while (atomic_load(&hold->state) == READY)
		syscall(SYS_futex, &hold->state, FUTEX_WAIT, READY, NULL, NULL, 0);
}

_Noreturn static void run_child(struct command_hold *hold, const struct plan *plan)
{
	const struct command_setup *setup = plan->setup;
	const char *path;
	uint64_t turns;

	die_with(plan->parent);
	if (setup->stdout_taken && dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
		give_up(hold, STEP_STDOUT, errno);
	if (setup->invoker->known) {
		become(hold, setup->invoker);
		die_with(plan->parent);
	}
	restore_signals(setup->inherited);
	path = find_program(hold, plan);
	turns = spin_limit(hold);
	atomic_store(&hold->state, READY);
	sleep_until_armed(hold);
	prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0);
	atomic_store(&hold->state, SPINNING);
	while (atomic_load(&hold->state) != RELEASED) {
		pause_a_moment();
		if (turns-- == 0)
			give_up(hold, STEP_EXEC, ETIMEDOUT);
	}
	execve(path, plan->argv, plan->environment);
	give_up(hold, STEP_EXEC, errno);
}

/* --- the plan -------------------------------------------------------------------------------------------- */

/* What sudo put into the environment about the user who called it, and what it set for root. */
static bool is_sudos(const char *variable)
{
	static const char *const names[] = {
		"SUDO_COMMAND=", "SUDO_USER=", "SUDO_UID=", "SUDO_GID=", "SUDO_HOME=", "SUDO_TTY=",
		"MAIL=",         "HOME=",      "USER=",     "LOGNAME=",  "SHELL=",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strncmp(variable, names[i], strlen(names[i])))
			return true;
	return false;
}

/* The environment of the command in plan->environment, new strings at memory. Returns the memory behind them. */
static char *plan_environment(struct plan *plan, char *memory, const struct invoker *invoker)
{
	const char *const own[][2] = {
		{"HOME", invoker->home ? invoker->home : "/"},
		{"USER", invoker->name},
		{"LOGNAME", invoker->name},
		{"SHELL", invoker->shell && *invoker->shell ? invoker->shell : _PATH_BSHELL},
	};
	size_t n = 0;

	for (char **variable = environ; variable && *variable; variable++)
		if (!invoker->known || !is_sudos(*variable))
			plan->environment[n++] = *variable;
	for (size_t i = 0; invoker->known && i < sizeof(own) / sizeof(own[0]); i++) {
		if (!own[i][1])
			continue;
		plan->environment[n++] = memory;
		memory += sprintf(memory, "%s=%s", own[i][0], own[i][1]) + 1;
	}
	plan->environment[n] = NULL;
	return memory;
}

/* The files that name may mean, in the order of PATH; an empty part of it is the working directory. */
static void plan_candidates(struct plan *plan, char *memory, const char *name, const char *search)
{
	size_t n = 0;

	if (strchr(name, '/')) {
		plan->candidates[n++] = memcpy(memory, name, strlen(name) + 1);
	} else {
		for (const char *part = search;; part++) {
			size_t len = strcspn(part, ":");

			plan->candidates[n++] = memory;
			memory += sprintf(memory, "%.*s%s%s", (int)len, part, len ? "/" : "./", name) + 1;
			part += len;
			if (!*part)
				break;
		}
	}
	plan->candidates[n] = NULL;
}

static size_t length(const char *text)
{
	return text ? strlen(text) : 0;
}

static void free_plan(struct plan *plan)
{
	free(plan->environment);
	free(plan->candidates);
	free(plan->memory);
}

static int make_plan(struct plan *plan, char *const argv[], const struct command_setup *setup)
{
	const struct invoker *invoker = setup->invoker;
	const char *search = getenv("PATH");
	size_t variables = 0, parts = 1;
	char *memory;

	if (!search)
		search = "/bin:/usr/bin"; /* what confstr(_CS_PATH) says */
	for (char **variable = environ; variable && *variable; variable++)
		variables++;
	for (const char *at = search; *at; at++)
		parts += *at == ':';
	*plan = (struct plan){.argv = argv, .setup = setup, .parent = getpid()};
	plan->environment = calloc(variables + 4 + 1, sizeof(char *));
	plan->candidates = calloc(parts + 1, sizeof(char *));
	plan->memory = malloc(length(search) + parts * (strlen(argv[0]) + 3) + length(invoker->home) +
			      2 * length(invoker->name) + length(invoker->shell) + 128);
	if (!plan->environment || !plan->candidates || !plan->memory) {
		free_plan(plan);
		return -ENOMEM;
	}
	memory = plan_environment(plan, plan->memory, invoker);
	plan_candidates(plan, memory, argv[0], search);
	return 0;
}

/* --- in the parent --------------------------------------------------------------------------------------- */

void inherited_save(struct inherited *inherited)
{
	struct sigaction action;

	sigprocmask(SIG_SETMASK, NULL, &inherited->mask);
	sigemptyset(&inherited->ignored);
	for (int sig = 1; sig < NSIG; sig++)
		if (sigaction(sig, NULL, &action) == 0 && action.sa_handler == SIG_IGN)
			sigaddset(&inherited->ignored, sig);
}

/* Where SIGCHLD is ignored, as some daemons leave it, the kernel throws the exit status of children away. */
static void keep_exit_status(void)
{
	struct sigaction action;

	if (sigaction(SIGCHLD, NULL, &action) == 0 && action.sa_handler == SIG_IGN)
		signal(SIGCHLD, SIG_DFL);
}

/* Wait until the child is in state, for as long as it lives. Returns 0 or -ESRCH. */
static int wait_for(struct command *command, uint32_t state)
{
	const struct timespec moment = {.tv_nsec = POLL_NS};

	while (atomic_load(&command->hold->state) != state) {
		if (command_poll(command))
			return -ESRCH;
		nanosleep(&moment, NULL);
	}
	return 0;
}

void command_explain(const struct command *command, struct message *error)
{
	static const char *const steps[] = {
		[STEP_PROGRAM] = "",
		[STEP_USER] = "cannot become the user who called sudo: ",
		[STEP_STDOUT] = "cannot send its output to standard error: ",
		[STEP_EXEC] = "",
	};
	int err = atomic_load(&command->hold->error);
	const char *step = steps[atomic_load(&command->hold->step)];

	if (err == ENOENT)
		message_set(error, 0, "%s: %scommand not found", command->name, step);
	else if (err == ENOEXEC)
		message_set(error, 0, "%s: not a program (a script begins with a line like #!/bin/sh)", command->name);
	else if (err == ETIMEDOUT)
		message_set(error, 0, "%s: was not released in time", command->name);
	else if (err)
		message_set(error, 0, "%s: %s%s", command->name, step, strerror(err));
	else if (command->ended && WIFSIGNALED(command->wait_status))
		message_set(error, 0, "%s: killed by signal %d before it began", command->name,
			    WTERMSIG(command->wait_status));
	else
		message_set(error, 0, "%s: ended before it began", command->name);
}

int command_start(struct command *command, char *const argv[], const struct command_setup *setup, struct message *error)
{
	struct plan plan;
	int err;

	*command = (struct command){.pidfd = -1, .name = strdup(argv[0])};
	command->hold = mmap(NULL, sizeof(*command->hold), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (command->hold == MAP_FAILED)
		command->hold = NULL;
	if (!command->name || !command->hold || make_plan(&plan, argv, setup) != 0) {
		command_close(command);
		return message_set(error, -ENOMEM, "out of memory");
	}
	keep_exit_status();
	command->pid = fork();
	if (command->pid == 0)
		run_child(command->hold, &plan);
	err = command->pid < 0 ? -errno : 0;
	free_plan(&plan);
	if (err) {
		command->pid = 0;
		command_close(command);
		return message_set(error, err, "%s: cannot start another process: %s", argv[0], strerror(-err));
	}
	command->pidfd = (int)syscall(SYS_pidfd_open, command->pid, 0);
	err = wait_for(command, READY);
	if (err) {
		int reason = atomic_load(&command->hold->error);

		command_explain(command, error);
		command_close(command);
		return reason ? -reason : err;
	}
	return 0;
}

int command_arm(struct command *command, struct message *error)
{
	int err;

	if (atomic_load(&command->hold->state) == SPINNING)
		return 0;
	atomic_store(&command->hold->state, ARMED);
	syscall(SYS_futex, &command->hold->state, FUTEX_WAKE, 1, NULL, NULL, 0);
	err = wait_for(command, SPINNING);
	if (err)
		command_explain(command, error);
	return err;
}

void command_release(struct command *command)
{
	atomic_store(&command->hold->state, RELEASED);
	command->released = true;
}

bool command_poll(struct command *command)
{
	int status;
	pid_t pid;

	if (command->ended || command->pid == 0)
		return true;
	do
		pid = waitpid(command->pid, &status, WNOHANG);
	while (pid < 0 && errno == EINTR);
	if (pid == 0)
		return false;
	command->wait_status = pid > 0 ? status : 0;
	command->ended = true;
	return true;
}

bool command_wait(struct command *command, int ms)
{
	struct pollfd end = {.fd = command->pidfd, .events = POLLIN}; /* without one, poll() only waits */

	if (command_poll(command))
		return true;
	poll(&end, 1, ms); /* interrupted, it has not been waited for long enough: seldom, and no harm is done */
	return command_poll(command);
}

int command_exec_error(const struct command *command)
{
	return command->released ? atomic_load(&command->hold->error) : 0;
}

int command_exit_status(const struct command *command)
{
	if (WIFSIGNALED(command->wait_status))
		return 128 + WTERMSIG(command->wait_status);
	return WEXITSTATUS(command->wait_status);
}

void command_abort(struct command *command)
{
	if (command->pid == 0 || command->released || command->ended)
		return;
	kill(command->pid, SIGKILL); /* not reaped yet, so the number is still its own */
	while (waitpid(command->pid, &command->wait_status, 0) < 0 && errno == EINTR)
		;
	command->ended = true;
}

void command_close(struct command *command)
{
	command_abort(command);
	if (command->hold) { /* otherwise nothing has been opened */
		if (command->pidfd >= 0)
			close(command->pidfd);
		munmap(command->hold, sizeof(*command->hold));
	}
	free(command->name);
	*command = (struct command){.pidfd = -1};
}
