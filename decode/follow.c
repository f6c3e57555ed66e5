/* follow.c - see follow.h */
#include "follow.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "escape.h"
#include "sources.h"
#include "walk.h"

#define POLL_MS      200  /* where inotify does not work */
#define POLL_SLOWLY  1000 /* … and where it may not tell everything: files of other machines */
#define NEXT_PART_MS 3000 /* the next part is there before the one before has its end */

struct follow {
	const char *file;
	char *where, *name; /* its directory and its name there; NULL for standard input */
	int directory;      /* -1: none */
	int changes;        /* an inotify descriptor for what happens in directory, or -1 */
	struct input input; /* the part that is being read */
	bool open;
	struct report report; /* on it */
	int out;              /* where rows go */
	enum status status;   /* of the parts before */
	bool stopped;         /* by a signal, or nobody reads the output */
	bool over;            /* truncated or removed, which has been said */
	/* what the last frame read has said */
	bool ended, rotated;
	struct session session;
};

/* A signal handler can reach nothing else. */
static int wake[2] = {-1, -1};
static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
	int before = errno;

	(void)number;
	interrupted = 1;
	if (write(wake[1], "", 1) < 0)
		errno = before; /* full: it has been woken */
	errno = before;
}

void follow_stop(void)
{
	on_signal(0);
}

static bool catch_signals(void)
{
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND | SA_RESTART};

	return pipe2(wake, O_CLOEXEC | O_NONBLOCK) == 0 && sigaction(SIGINT, &action, NULL) == 0 &&
	       sigaction(SIGTERM, &action, NULL) == 0;
}

/* --- waiting */

static void drain(int fd)
{
	char events[4096];

	while (read(fd, events, sizeof(events)) > 0)
		;
}

/* Until something happens in the directory, or some time has passed. */
static void wait_for_change(struct follow *follow, int ms)
{
	struct pollfd fds[] = {
		{.fd = wake[0], .events = POLLIN},
		{.fd = follow->out}, /* tells when nobody reads it any more */
		{.fd = follow->changes, .events = POLLIN},
	};

	poll(fds, sizeof(fds) / sizeof(fds[0]), follow->changes >= 0 ? ms : ms < POLL_MS ? ms : POLL_MS);
	if (fds[2].revents & POLLIN)
		drain(follow->changes);
	if (fds[1].revents & (POLLERR | POLLHUP))
		follow->stopped = true;
	follow->stopped |= interrupted != 0;
}

/* At the end of the file, for now: may more be read? offset: the place in the file. */
static bool wait_for_more(void *context, uint64_t offset)
{
	struct follow *follow = context;
	struct stat stat;

	if (follow->stopped || interrupted || follow->over || fstat(follow->input.fd, &stat) < 0)
		return false;
	if ((uint64_t)stat.st_size > offset)
		return true;
	if ((uint64_t)stat.st_size < offset) {
		complain("%s: has become shorter (truncated) while it was followed: the rest is lost",
			 follow->input.name);
		follow->over = true;
	} else if (!follow->ended && stat.st_nlink == 0) {
		complain("%s: was removed while it was followed", follow->input.name);
		follow->over = true;
	}
	if (follow->over || follow->ended)
		return false;
	wait_for_change(follow, POLL_SLOWLY);
	return true;
}

/* --- opening */

static bool open_directory(struct follow *follow)
{
	const char *slash = strrchr(follow->file, '/');

	follow->where = slash ? strndup(follow->file, (size_t)(slash - follow->file) + 1) : strdup("./");
	follow->name = strdup(slash ? slash + 1 : follow->file);
	if (!follow->where || !follow->name) {
		complain("out of memory");
		return false;
	}
	follow->directory = open(follow->where, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (follow->directory < 0) {
		complain("%s: %s", escaped(follow->file), strerror(errno));
		return false;
	}
	follow->changes = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (follow->changes >= 0 &&
	    inotify_add_watch(follow->changes, follow->where,
			      IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_DELETE | IN_ATTRIB) < 0) {
		close(follow->changes);
		follow->changes = -1; /* then it is looked at now and again */
	}
	return true;
}

/* The first part. Returns 0 or -errno. */
static int open_first(struct follow *follow)
{
	int err = input_open(&follow->input, follow->file);

	follow->open = follow->input.fd >= 0;
	if (!err)
		return 0;
	input_close(&follow->input);
	follow->open = false;
	return err;
}

struct follow *follow_open(const char *file)
{
	struct follow *follow = calloc(1, sizeof(*follow));
	int err;

	if (!follow) {
		complain("out of memory");
		return NULL;
	}
	*follow = (struct follow){.file = file, .directory = -1, .changes = -1};
	if (!catch_signals()) {
		complain("cannot catch signals: %s", strerror(errno));
	} else if (!strcmp(file, "-") || open_directory(follow)) {
		err = open_first(follow);
		if (!err || (err == -ENOENT && *follow->name))
			return follow;
		complain("%s: %s", escaped(file),
			 err == -EISDIR ? "is a directory; --follow needs the file that is being written"
					: strerror(-err));
	}
	follow_close(follow);
	return NULL;
}

int follow_directory(const struct follow *follow)
{
	return follow->directory;
}

void follow_close(struct follow *follow)
{
	if (follow->open)
		input_close(&follow->input);
	if (follow->directory >= 0)
		close(follow->directory);
	if (follow->changes >= 0)
		close(follow->changes);
	free(follow->where);
	free(follow->name);
	free(follow);
}

/* Until the file is there. */
static bool wait_for_file(struct follow *follow)
{
	int err;

	if (follow->open)
		return true;
	complain("%s: is not there yet: waiting for it", escaped(follow->file));
	for (;;) {
		const char *where = strcmp(follow->where, "./") == 0 && !strchr(follow->file, '/') ? "" : follow->where;

		err = input_open_in(&follow->input, follow->directory, where, follow->name);
		follow->open = err == 0;
		if (err != -ENOENT || follow->stopped)
			break;
		wait_for_change(follow, POLL_SLOWLY);
	}
	if (err && err != -ENOENT) {
		complain("%s: %s", escaped(follow->file), strerror(-err));
		follow->status = STATUS_FAILED;
	}
	return follow->open;
}

/* --- from part to part */

/* The session that a file is of, or an empty one. */
static struct session session_of_input(const struct input *input)
{
	struct report quiet = {.quiet = true};
	struct session session = {.part = 0};
	struct walk *walk = input->stream ? NULL : walk_new(input, &quiet);
	const struct sst_frame *frame = walk ? walk_next(walk) : NULL;

	if (frame && frame->type == SST_FRAME_META)
		session = session_of(&walk->recording.meta);
	walk_free(walk);
	return session;
}

/* The file of this name, if it is a later part, and an earlier one than what best is; it becomes best. */
static void consider(struct follow *follow, const char *name, struct input *best, struct session *best_session)
{
	struct stat stat;
	struct input input;
	struct session session = {.part = 0};

	if (fstatat(follow->directory, name, &stat, 0) < 0 || !S_ISREG(stat.st_mode))
		return;
	if (input_open_in(&input, follow->directory, follow->where, name) == 0)
		session = session_of_input(&input);
	if (session_goes_on(&follow->session, &session) && (best->fd < 0 || session.part < best_session->part)) {
		if (best->fd >= 0)
			input_close(best);
		*best = input;
		*best_session = session;
		return;
	}
	if (input.fd >= 0)
		input_close(&input);
}

/* Put the next part there is into *next; its session into *session. */
static bool find_next(struct follow *follow, struct input *next, struct session *session)
{
	int fd = follow->directory < 0 ? -1 : openat(follow->directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	next->fd = -1;
	if (!dir && fd >= 0)
		close(fd);
	while (dir && (entry = readdir(dir)))
		if (is_recording_name(entry->d_name))
			consider(follow, entry->d_name, next, session);
	if (dir)
		closedir(dir);
	return next->fd >= 0;
}

static void say_missing(struct follow *follow, uint64_t first, uint64_t last, const char *next)
{
	follow->status = worse(follow->status, STATUS_DAMAGED);
	if (first == last)
		complain("part %" PRIu64 " is missing before %s", first, next);
	else
		complain("parts %" PRIu64 " to %" PRIu64 " are missing before %s", first, last, next);
}

/* The recorder has begun another part: go on with that. */
static bool open_next(struct follow *follow)
{
	struct input next;
	struct session session = {.part = 0};
	int waited = 0;

	while (!find_next(follow, &next, &session)) {
		if (waited >= NEXT_PART_MS || follow->stopped) {
			complain("%s: part %" PRIu64 ", which comes next, is not in its directory", follow->input.name,
				 follow->session.part + 1);
			follow->status = worse(follow->status, STATUS_DAMAGED);
			return false;
		}
		wait_for_change(follow, POLL_MS / 2);
		waited += POLL_MS / 2;
	}
	if (session.part > follow->session.part + 1)
		say_missing(follow, follow->session.part + 1, session.part - 1, next.name);
	input_close(&follow->input);
	follow->input = next;
	return true;
}

/* --- one part */

/* Called with each frame that has been read. */
static bool passed(void *context, const struct walk *walk)
{
	struct follow *follow = context;
	const char *reason = sst_meta_get(&walk->recording.end_meta, "reason");

	follow->session = session_of(&walk->recording.meta);
	follow->ended = walk->frame.type == SST_FRAME_END;
	follow->rotated = follow->ended && *follow->session.id && reason && !strcmp(reason, "rotated");
	return !interrupted;
}

/* Who has interrupted it knows that the recording goes on. */
static void forgive_cut(struct report *report)
{
	report->cut = false;
	if (report->status == STATUS_DAMAGED && report->damages == 0)
		report->status = STATUS_OK;
}

static void follow_part(struct follow *follow, const struct stream_config *config)
{
	struct section section = {.input = &follow->input, .report = &follow->report, .end = UINT64_MAX};
	struct tape tape = {.sections = &section, .n = 1};

	follow->report = (struct report){.name = follow->input.name};
	follow->ended = follow->rotated = false;
	if (!follow->input.stream) {
		follow->input.stream = true;
		follow->input.wait = wait_for_more;
		follow->input.context = follow;
	}
	stream_run(&tape, config);
	out_flush(config->view->out);
	if (follow->stopped || interrupted)
		forgive_cut(&follow->report);
	if (!config->view->out->error)
		report_summary(&follow->report);
	follow->status = worse(follow->status, follow->report.status);
}

enum status follow_run(struct follow *follow, const struct stream_config *config)
{
	struct stream_config own = *config;

	own.passed = passed;
	own.context = follow;
	follow->out = config->view->out->fd;
	if (!wait_for_file(follow))
		return follow->status;
	do
		follow_part(follow, &own);
	while (follow->rotated && !follow->stopped && !interrupted && !config->view->out->error && open_next(follow));
	return follow->status;
}
