/*
 * view.c - sysdecode as a child
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "view.h"

#define NOBODY    65534
#define WORDS_MAX 64
#define PIPE_SIZE (1 << 20) /* what a user may have without asking */
#define PROGRAM   "sysdecode"

#ifndef SYS_close_range
#define SYS_close_range 436 /* of all architectures, Linux 5.9 */
#endif
#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC 4 /* Linux 5.11 */
#endif

static const struct {
	const char *name, *option;
} kinds[] = {
	{"tsv", "--format=tsv"},      {"csv", "--format=csv"},       {"jsonl", "--format=jsonl"},
	{"raw", "--format=raw"},      {"strace", "--format=strace"}, {"perfetto", "--format=perfetto"},
	{"processes", "--processes"}, {"files", "--files"},          {"stats", "--stats"},
	{"summary", "--summary"},     {"metrics", "--metrics"},
};

/* Options of sysdecode that make something else of sums than a table on a terminal, or need more than sums. */
static const char *const of_text[] = {"--format", "-F", "--stats-format", "--output", "-o"};
static const char *const of_calls[] = {"--tid", "--failed", "--slower"};

/* What a terminal is told when its table has been killed: see decode/terminal.c. */
static const char screen_back[] = "\033[0m\033[?7h\033[?25h\033[?1049l";

/* Its command line. */
struct words {
	char *memory;
	char *argv[WORDS_MAX + 1]; /* the last is NULL */
};

/* --- what it is to do ------------------------------------------------------------------------------------ */

/*
 * The option that the first word of kind stands for; *rest is what comes behind it. One that may have a value has it
 * behind a =, of *len bytes with that.
 */
static const char *option_of(const char *kind, const char **rest, const char **value, int *value_len)
{
	size_t len, name;

	kind += strspn(kind, " \t\n");
	len = strcspn(kind, " \t\n");
	name = strcspn(kind, "= \t\n");
	*rest = kind + len;
	*value = kind + name;
	*value_len = (int)(len - name);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strlen(kinds[i].name) == name && !memcmp(kind, kinds[i].name, name) &&
		    (name == len || !strcmp(kinds[i].name, "metrics")))
			return kinds[i].option;
	return NULL;
}

static int refuse_kind(const char *kind, struct message *error)
{
	char list[256] = "";

	for (size_t i = 0, len = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		len += (size_t)snprintf(list + len, sizeof(list) - len, "%s%s", i ? ", " : "", kinds[i].name);
	return message_set(error, -EINVAL, "--view: there is no view '%s'; there are %s", kind, list);
}

/* All of it as one string; NULL without memory. */
static char *line_of(const char *option, const char *value, int value_len, const char *behind,
		     const struct view_setup *setup)
{
	char interval[32] = "", *line;

	if (!strcmp(option, "--stats") && setup && setup->interval)
		snprintf(interval, sizeof(interval), "=%lldns", (long long)setup->interval);
	if (asprintf(&line, "%s %s%s%.*s %s %s", PROGRAM, option, interval, value_len, value,
		     setup && setup->live ? "--live" : "", behind) < 0)
		return NULL;
	return line;
}

/* The name of the program, the option that kind stands for, the options behind it. Free words->memory. */
static int split(struct words *words, const char *kind, const struct view_setup *setup, struct message *error)
{
	int value_len;
	const char *behind, *value, *option = option_of(kind, &behind, &value, &value_len);
	char *rest, *word;
	size_t n = 0;

	*words = (struct words){0};
	if (!option)
		return refuse_kind(kind, error);
	rest = words->memory = line_of(option, value, value_len, behind, setup);
	if (!rest)
		return message_set(error, -ENOMEM, "out of memory");
	while ((word = strsep(&rest, " \t\n"))) {
		if (!*word)
			continue;
		if (n == WORDS_MAX)
			return message_set(error, -EINVAL, "--view: too many options");
		if (n > 0 && *word != '-')
			return message_set(error, -EINVAL,
					   "--view: '%s' is no option of " PROGRAM "; one with a value is written "
					   "--name=VALUE",
					   word);
		words->argv[n++] = word;
	}
	return 0;
}

int view_check(const char *kind, struct message *error)
{
	struct words words;
	int err = split(&words, kind, NULL, error);

	free(words.memory);
	return err;
}

bool view_is(const char *kind, const char *name)
{
	const char *rest, *value;
	int len;
	const char *option = option_of(kind, &rest, &value, &len);

	return option && option == option_of(name, &rest, &value, &len);
}

/* Is one of these options behind the kind? */
static bool has_option(const struct words *words, const char *const *options, size_t n)
{
	for (size_t i = 2; words->argv[i]; i++)
		for (size_t k = 0; k < n; k++)
			if (!strncmp(words->argv[i], options[k], strlen(options[k])))
				return true;
	return false;
}

bool view_needs_calls(const char *kind)
{
	struct words words;
	struct message error;
	bool needs = split(&words, kind, NULL, &error) == 0 &&
		     has_option(&words, of_calls, sizeof(of_calls) / sizeof(*of_calls));

	for (size_t i = 2; !needs && words.argv[i]; i++)
		needs = !strncmp(words.argv[i], "--by", 4) &&
			(strstr(words.argv[i], "thread") || strstr(words.argv[i], "path"));
	free(words.memory);
	return needs;
}

static bool has_terminal(void)
{
	const char *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && term && *term && strcmp(term, "dumb") != 0 && strcmp(term, "unknown") != 0;
}

bool view_can_be_live(const char *kind)
{
	struct words words;
	struct message error;
	bool can;

	if (!view_is(kind, "stats") || !has_terminal())
		return false;
	can = split(&words, kind, NULL, &error) == 0 &&
	      !has_option(&words, of_text, sizeof(of_text) / sizeof(*of_text));
	free(words.memory);
	return can;
}

/* --- the program ----------------------------------------------------------------------------------------- */

struct program {
	int fd; /* of the file: the child may not be allowed to search its directory */
	char path[PATH_MAX];
};

static int open_program(struct program *program, const char *dir, const char *way)
{
	int len = snprintf(program->path, sizeof(program->path), "%s/%s" PROGRAM, dir, way);

	program->fd = len < (int)sizeof(program->path) ? open(program->path, O_PATH | O_CLOEXEC) : -1;
	return program->fd;
}

static int find_program(struct program *program, struct message *error)
{
	char dir[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", dir, sizeof(dir) - 1);
	char *slash;

	*program = (struct program){.fd = -1};
	if (len < 0) {
		message_set(error, -ENOENT, "--view: cannot find " PROGRAM ": /proc/self/exe: %s", strerror(errno));
		return -ENOENT;
	}
	dir[len] = '\0';
	slash = strrchr(dir, '/');
	if (slash)
		*slash = '\0';
	if (open_program(program, dir, "") >= 0 || open_program(program, dir, "../bin/") >= 0)
		return 0;
	message_set(error, -ENOENT, "--view: " PROGRAM " is neither in %s nor in %s/../bin", dir, dir);
	return -ENOENT;
}

/* --- in the child ---------------------------------------------------------------------------------------- */

/* The recording's end is its end: what ends the recorder must not keep it from showing the rest. */
static void set_signals(const sigset_t *mask)
{
	static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_DFL);
	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
	sigprocmask(SIG_SETMASK, mask, NULL);
}

/* Whoever called sudo, or else nobody; a user without privileges stays who he is. */
static int give_up_rights(const struct invoker *invoker)
{
	struct invoker nobody = {.known = geteuid() == 0 || getuid() == 0, .uid = NOBODY, .gid = NOBODY};
	struct message error;

	return privilege_drop(invoker->known ? invoker : &nobody, false, &error);
}

/* Returns only when it fails, with -errno. */
static int run_child(const struct program *program, char *const argv[], int input, const struct view_setup *setup)
{
	int err;

	if (dup2(input, STDIN_FILENO) < 0 || (setup->output >= 0 && dup2(setup->output, STDOUT_FILENO) < 0))
		return -errno;
	set_signals(setup->mask);
	syscall(SYS_close_range, STDERR_FILENO + 1, UINT_MAX, CLOSE_RANGE_CLOEXEC); /* what others left open in us */
	err = give_up_rights(setup->invoker);
	if (err)
		return err;
	execve(program->path, argv, environ);
	syscall(SYS_execveat, program->fd, "", argv, environ, AT_EMPTY_PATH);
	return -errno;
}

/* --- in the parent --------------------------------------------------------------------------------------- */

/* What went wrong in the child, or 0 once it has executed the program. */
static int child_error(int fd)
{
	int err = 0;
	ssize_t n;

	do
		n = read(fd, &err, sizeof(err));
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)sizeof(err) ? err : 0;
}

static int reap(struct view *view)
{
	int status = 0;

	while (waitpid(view->pid, &status, 0) < 0 && errno == EINTR)
		;
	view->pid = 0;
	return status;
}

static int fork_child(struct view *view, const struct program *program, char *const argv[],
		      const struct view_setup *setup, const int input[2], const int result[2])
{
	int err;

	view->pid = fork();
	if (view->pid < 0) {
		view->pid = 0;
		return -errno;
	}
	if (view->pid == 0) {
		err = run_child(program, argv, input[0], setup);
		if (write(result[1], &err, sizeof(err)) < 0)
			_exit(126);
		_exit(127);
	}
	close(result[1]);
	err = child_error(result[0]);
	if (err)
		reap(view);
	return err;
}

/* Pipes, for what it reads and for what goes wrong before it does. Closes what it need not keep. */
static int start(struct view *view, const struct program *program, char *const argv[], const struct view_setup *setup)
{
	int input[2], result[2], err;

	if (pipe2(input, O_CLOEXEC) != 0)
		return -errno;
	if (pipe2(result, O_CLOEXEC) != 0) {
		err = -errno;
		close(input[0]);
		close(input[1]);
		return err;
	}
	fcntl(input[1], F_SETPIPE_SZ, PIPE_SIZE); /* or what there is */
	err = fork_child(view, program, argv, setup, input, result);
	close(result[0]);
	close(input[0]);
	if (err)
		close(input[1]);
	else
		view->fd = input[1];
	return err;
}

int view_start(struct view *view, const char *kind, const struct view_setup *setup, struct message *error)
{
	struct program program;
	struct words words;
	int err = split(&words, kind, setup, error);

	*view = (struct view){.fd = -1};
	view->live = setup->live && tcgetattr(STDOUT_FILENO, &view->terminal) == 0;
	if (!err)
		err = find_program(&program, error);
	if (!err) {
		err = start(view, &program, words.argv, setup);
		close(program.fd);
		if (err)
			message_set(error, err, "--view: cannot execute %s: %s", program.path, strerror(-err));
	}
	free(words.memory);
	return err;
}

void view_leave(struct view *view)
{
	if (view->fd >= 0 && view->pid)
		close(view->fd);
	view->fd = -1;
}

/* --- frames ---------------------------------------------------------------------------------------------- */

static int append(unsigned char **to, size_t *n, size_t *cap, const void *data, size_t len)
{
	if (*n + len > *cap) {
		size_t more = 2 * *cap > *n + len ? 2 * *cap : *n + len;
		unsigned char *grown = realloc(*to, more);

		if (!grown)
			return -ENOMEM;
		*to = grown;
		*cap = more;
	}
	memcpy(*to + *n, data, len);
	*n += len;
	return 0;
}

/* What the pipe takes of data. */
static size_t hand_over(struct view *view, const unsigned char *data, size_t len)
{
	size_t done = 0;

	while (done < len && !view->gone) {
		ssize_t n = write(view->fd, data + done, len - done);

		if (n > 0)
			done += (size_t)n;
		else if (n < 0 && errno == EAGAIN)
			break;
		else if (n == 0 || errno != EINTR)
			view->gone = true;
	}
	if (view->gone)
		say("the view has ended; the recording goes on");
	return done;
}

void view_care(struct view *view)
{
	size_t done;

	if (view->fd < 0 || view->gone || view->n_behind == 0)
		return;
	done = hand_over(view, view->behind, view->n_behind);
	view->n_behind -= done;
	memmove(view->behind, view->behind + done, view->n_behind);
}

void view_write(struct view *view, const void *data, size_t len, bool must, bool next)
{
	size_t done = 0;

	if (view->fd < 0 || view->gone)
		return;
	if (next) {
		append(&view->next, &view->n_next, &view->cap_next, data, len); /* without memory: META is missing */
		return;
	}
	fcntl(view->fd, F_SETFL, O_NONBLOCK);
	view_care(view);
	if (view->n_behind == 0)
		done = hand_over(view, data, len);
	if (done == len || view->gone)
		return;
	if ((done == 0 && !must && view->n_behind + len > VIEW_BEHIND) ||
	    append(&view->behind, &view->n_behind, &view->cap_behind, (const unsigned char *)data + done, len - done))
		view->left_out++;
}

void view_next(struct view *view, bool keep)
{
	size_t n = view->n_next;

	view->n_next = 0;
	if (keep && n > 0)
		view_write(view, view->next, n, true, false);
}

/* --- its end --------------------------------------------------------------------------------------------- */

bool view_has_ended(const struct view *view)
{
	siginfo_t info = {0};

	return view->pid && waitid(P_PID, (id_t)view->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
	       info.si_pid == view->pid;
}

void view_wait_stopped(const struct view *view)
{
	struct timespec pause = {.tv_nsec = 5000000};
	siginfo_t info = {0};

	for (int i = 0; view && view->pid && i < 100; i++) {
		if (waitid(P_PID, (id_t)view->pid, &info, WSTOPPED | WEXITED | WNOHANG | WNOWAIT) != 0 ||
		    info.si_pid == view->pid)
			return;
		nanosleep(&pause, NULL);
	}
}

/* A table that was killed has left the terminal as it had it. */
static void restore_terminal(const struct view *view, int status)
{
	struct termios now;

	if (!view->live || !WIFSIGNALED(status) || tcgetattr(STDOUT_FILENO, &now) != 0 || now.c_lflag & ICANON)
		return;
	tcsetattr(STDOUT_FILENO, TCSADRAIN, &view->terminal);
	if (write(STDOUT_FILENO, screen_back, sizeof(screen_back) - 1) < 0)
		return;
}

static int judge(const struct view *view, int status, struct message *error)
{
	if (view->left_out)
		warn("the view could not keep up: %llu frames are not in it; the file has them",
		     (unsigned long long)view->left_out);
	if (WIFSIGNALED(status))
		return message_set(error, -EIO, "the view was killed by signal %d", WTERMSIG(status));
	if (WEXITSTATUS(status) && !view->left_out)
		return message_set(error, -EIO, "the view has failed with status %d", WEXITSTATUS(status));
	return 0;
}

static void free_memory(struct view *view)
{
	free(view->behind);
	free(view->next);
	view->behind = view->next = NULL;
}

int view_end(struct view *view, struct message *error)
{
	int status;

	if (!view->pid)
		return 0;
	if (view->fd >= 0) {
		fcntl(view->fd, F_SETFL, 0); /* from here on it may take its time */
		view_care(view);
		close(view->fd);
		view->fd = -1;
	}
	kill(view->pid, SIGCONT); /* it may have been stopped */
	status = reap(view);
	restore_terminal(view, status);
	free_memory(view);
	return judge(view, status, error);
}

void view_abort(struct view *view)
{
	if (!view->pid)
		return;
	kill(view->pid, SIGKILL);
	view_leave(view);
	restore_terminal(view, reap(view));
	free_memory(view);
}
