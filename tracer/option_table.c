/* option_table.c - the options of sysstream, and what each does */
#include "option_table.h"

#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "option_values.h"
#include "view.h"

#define TALLY_DEFAULT (5 * NS_PER_S)

static int take_pid_list(struct options *options, const char *text, struct message *error)
{
	return option_pids(options, "-p: ", text, error);
}

static int take_file(struct options *options, const char *text, struct message *error)
{
	options->file = text;
	options->file_given = true;
	return *text ? 0 : message_set(error, -EINVAL, "-f: the file name is empty");
}

static int take_view(struct options *options, const char *text, struct message *error)
{
	options->view = text;
	return view_check(text, error);
}

static int take_log(struct options *options, const char *text, struct message *error)
{
	options->log = text;
	return *text ? 0 : message_set(error, -EINVAL, "--log: the file name is empty");
}

static int take_log_keep(struct options *options, const char *text, struct message *error)
{
	return option_count("--log-keep", "files", text, &options->log_keep, error);
}

static int take_keep(struct options *options, const char *text, struct message *error)
{
	return option_count("--keep", "parts", text, &options->keep, error);
}

static int take_time_limit(struct options *options, const char *text, struct message *error)
{
	return option_duration("-d", text, 1, DURATION_MAX, &options->duration, error);
}

static int take_flush(struct options *options, const char *text, struct message *error)
{
	return option_duration("--flush", text, NS_PER_MS, 3600 * NS_PER_S, &options->flush, error);
}

static int take_sync(struct options *options, const char *text, struct message *error)
{
	options->sync = 0;
	if (!strcmp(text, "off"))
		return 0;
	return option_duration("--sync", text, NS_PER_MS, 3600 * NS_PER_S, &options->sync, error);
}

static int take_ring_size(struct options *options, const char *text, struct message *error)
{
	return option_size("--ring-size", text, OPTIONS_RING_MIN, OPTIONS_RING_MAX, "from 64KiB to 512MiB",
			   &options->ring_size, error);
}

static int take_rotate_size(struct options *options, const char *text, struct message *error)
{
	return option_size("--rotate-size", text, OPTIONS_PART_MIN, SIZE_MOST, "64KiB or more", &options->rotate_size,
			   error);
}

static int take_selection(struct options *options, const char *text, struct message *error)
{
	return selection_parse(&options->selection, text, error);
}

static int take_text(struct options *options, const char *text, struct message *error)
{
	return option_bytes("-s", text, &options->text, error);
}

static int take_data(struct options *options, const char *text, struct message *error)
{
	options->data = OPTIONS_DATA;
	return text ? option_bytes("--data", text, &options->data, error) : 0;
}

static int take_min_free(struct options *options, const char *text, struct message *error)
{
	options->min_free = (struct options_free_space){.given = true};
	if (!strchr(text, '%'))
		return option_size("--min-free", text, 0, SIZE_MOST, "less than 8192TiB", &options->min_free.bytes,
				   error);
	if (option_percent(text, &options->min_free.millionths) == 0)
		return 0;
	return message_set(error, -EINVAL,
			   "--min-free: '%s' is not a part of the file system; write it like 5%% or 0.5%%", text);
}

static int take_redaction(struct options *options, const char *list, struct message *error)
{
	char *copy = strdup(list), *rest = copy, *word;
	int err = copy ? 0 : message_set(error, -ENOMEM, "out of memory");

	while (!err && (word = strsep(&rest, ","))) {
		err = sst_redaction_add(&options->redaction, word);
		if (err)
			message_set(error, err, "--redact: '%s' is neither paths nor args nor comm", word);
	}
	free(copy);
	return err;
}

static int take_rotate_time(struct options *options, const char *text, struct message *error)
{
	int err = option_duration("--rotate-time", text, 1, DURATION_MAX, &options->rotate_time, error);

	if (!err && options->rotate_time < NS_PER_S)
		return message_set(error, -EINVAL, "--rotate-time: '%s' is out of range; it must be 1s or more", text);
	return err;
}

static int take_log_size(struct options *options, const char *text, struct message *error)
{
	int err = option_size("--log-size", text, 0, SIZE_MOST, "4KiB or more, or 0", &options->log_size, error);

	options->log_size_given = true;
	if (!err && options->log_size && options->log_size < OPTIONS_LOG_MIN)
		return message_set(error, -EINVAL, "--log-size: '%s' is out of range; it must be 4KiB or more, or 0",
				   text);
	return err;
}

static int take_name(struct options *options, const char *name, struct message *error)
{
	struct session_targets *targets = &options->targets;
	size_t len = strlen(name);

	if (len == 0 || len >= RING_COMM)
		return message_set(error, -EINVAL,
				   len ? "-c: '%s' is too long; the kernel keeps %d characters of a name: %.15s"
				       : "-c: the name is empty%s",
				   name, RING_COMM - 1, name);
	if (targets->n_names == RING_NAMES)
		return message_set(error, -EINVAL, "-c: more than %d names", RING_NAMES);
	memcpy(targets->names[targets->n_names++], name, len);
	return 0;
}

static int take_user(struct options *options, const char *text, struct message *error)
{
	struct session_targets *targets = &options->targets;
	const struct passwd *user = getpwnam(text);
	size_t len = strspn(text, "0123456789");
	unsigned long uid = user ? user->pw_uid : strtoul(text, NULL, 10);

	if (!user && (len == 0 || text[len] || len > 10 || uid > UINT32_MAX - 1))
		return message_set(error, -EINVAL, "--uid: there is no user '%s'", text);
	if (targets->n_users == RING_NAMES)
		return message_set(error, -EINVAL, "--uid: more than %d users", RING_NAMES);
	targets->users[targets->n_users++] = (uint32_t)uid;
	return 0;
}

static int take_container(struct options *options, const char *name, struct message *error)
{
	struct containers_choice *choice = &options->containers;

	if (!*name)
		return message_set(error, -EINVAL, "--container: the name is empty");
	if (strlen(name) >= ENGINES_NAME)
		return message_set(error, -EINVAL, "--container: '%.40s...' is too long for a name", name);
	if (choice->n == CONTAINERS_NAMES)
		return message_set(error, -EINVAL, "--container: more than %d names", CONTAINERS_NAMES);
	choice->names[choice->n++] = name;
	return 0;
}

static int take_tree(struct options *options, const char *text, struct message *error)
{
	size_t len = text ? strspn(text, "0123456789") : 0;

	options->follow = true;
	options->tree = INT_MAX;
	if (!text)
		return 0;
	options->tree = (int)strtol(text, NULL, 10);
	if (len == 0 || len > 6 || text[len] || options->tree < 1)
		return message_set(error, -EINVAL, "--tree: '%s' is not a number of generations, 1 or more", text);
	return 0;
}

static int take_pidns(struct options *options, const char *text, struct message *error)
{
	struct options one = {0};
	int err = option_pids(&one, "--pidns: ", text, error);

	if (!err && (one.n_pids != 1 || !one.pids))
		err = message_set(error, -EINVAL, "--pidns: one PID names the namespace, not several");
	else if (!err)
		options->pidns = one.pids[0];
	free(one.pids);
	return err;
}

static int take_slower(struct options *options, const char *text, struct message *error)
{
	int64_t ns;
	int err = option_duration("--slower", text, 1, DURATION_MAX, &ns, error);

	if (!err)
		options->selection.slower = (uint64_t)ns;
	return err;
}

static int take_on_loss(struct options *options, const char *text, struct message *error)
{
	options->stop_on_loss = !strcmp(text, "stop");
	if (options->stop_on_loss || !strcmp(text, "continue"))
		return 0;
	return message_set(error, -EINVAL, "--on-loss: '%s' is neither continue nor stop", text);
}

static int take_hooks(struct options *options, const char *text, struct message *error)
{
	static const char *const names[] = {"auto", "btf", "classic"};

	for (int i = 0; i < 3; i++) {
		if (strcmp(text, names[i]) != 0)
			continue;
		options->hooks = (enum session_hooks)i;
		return 0;
	}
	return message_set(error, -EINVAL, "--hooks: '%s' is none of auto, btf, classic", text);
}

static int take_events(struct options *options, const char *text, struct message *error)
{
	static const char *const names[] = {[EVENTS_PROCESS] = "process", [EVENTS_FILE] = "file"};

	for (int i = EVENTS_PROCESS; i <= EVENTS_FILE; i++)
		if (!strcmp(text, names[i]))
			options->events = (enum options_events)i;
	if (options->events && !strcmp(text, names[options->events]))
		return 0;
	return message_set(error, -EINVAL, "--events: '%s' is neither process nor file", text);
}

static int take_interval_of(struct options *options, const char *name, const char *text, struct message *error)
{
	if (!text) {
		options->tally = options->tally ? options->tally : TALLY_DEFAULT;
		return 0;
	}
	return option_duration(name, text, 10 * NS_PER_MS, 3600 * NS_PER_S, &options->tally, error);
}

static int take_intervals(struct options *options, const char *text, struct message *error)
{
	size_t len = strspn(text, "0123456789");

	options->intervals = strtoul(text, NULL, 10);
	if (len == 0 || len > 9 || text[len] || options->intervals == 0)
		return message_set(error, -EINVAL, "-n: '%s' is not a number of intervals, 1 or more", text);
	return 0;
}

static int take_tally(struct options *options, const char *text, struct message *error)
{
	options->counts = true;
	return take_interval_of(options, "--tally", text, error);
}

static int take_interval(struct options *options, const char *text, struct message *error)
{
	return take_interval_of(options, "-i", text, error);
}

static int take_quiet(struct options *options, const char *text, struct message *error)
{
	(void)text, (void)error;
	options->level = MESSAGE_QUIET;
	return 0;
}

static int take_verbose(struct options *options, const char *text, struct message *error)
{
	(void)text, (void)error;
	options->level = MESSAGE_VERBOSE;
	return 0;
}

/* Where the flag is that an option without argument sets. */
#define FLAG(member) (offsetof(struct options, member))

const struct option_row option_table[] = {
	{'p', "pid", "PID",
	 "record these processes; the same as positional PIDs.\n"
	 "Several: divided by commas or white space, or -p again",
	 .take = take_pid_list},
	{'a', "all", NULL, "record every process of the machine", .flag = FLAG(all)},
	{'c', "comm", "NAME",
	 "record processes of this name, running and yet to come (exact;\n"
	 "the kernel's 15 characters). Repeat it for more",
	 .take = take_name},
	{0, "uid", "USER", "record processes of this user (effective), running and yet to come", .take = take_user},
	{0, "containers", NULL, "record processes in containers, running and yet to come",
	 .flag = FLAG(containers.all)},
	{0, "container", "NAME|ID",
	 "only in this one, by its name, or its id or the beginning of\n"
	 "it; also one that is started later. Repeat it for more",
	 .take = take_container},
	{0, "tree", "[DEPTH]", "record their children that exist, too, and all new ones (-F)", .take = take_tree},
	{0, "pidns", "PID", "PIDs are those of the PID namespace (the container) of PID", .take = take_pidns},
	{'e', NULL, "trace=SET",
	 "record only these calls, as strace has it: names, %file %network\n"
	 "%desc ..., /regex, a leading ! for all others",
	 .take = take_selection},
	{0, "events", "WHAT",
	 "instead: process (only beginnings, programs and ends), or\n"
	 "file (only calls that open, make, rename or remove files)",
	 .take = take_events},
	{0, "failed", NULL, "record only calls that return an error", .flag = FLAG(selection.failed)},
	{0, "slower", "T", "record only calls that take T or longer", .take = take_slower},
	{'s', NULL, "N",
	 "keep N bytes of paths and other strings (default and most\n"
	 "4096; 0: nothing of what arguments point to)",
	 .take = take_text},
	{0, "data", "[N]",
	 "and N bytes of what is read and written, which may be secret\n"
	 "(64 without N, at most 4096)",
	 .take = take_data},
	{0, "tally", "[T]",
	 "do not record calls, count them: how many, errors, times and\n"
	 "bytes by process and call, every T (default 5s)",
	 .take = take_tally},
	{'i', "interval", "T", "with --tally: the same T; of --view=stats (default 1s)", .take = take_interval},
	{'n', "intervals", "N", "with --tally or --view=stats: stop after N intervals", .take = take_intervals},
	{'f', "file", "FILE", "write to FILE (default trace.sst; - is standard output)", .take = take_file},
	{0, "view", "KIND",
	 "show it as it is recorded: tsv, csv, jsonl, raw, strace, stats,\n"
	 "processes, files, metrics ..., with options of sysdecode behind\n"
	 "it if wanted (--view='tsv --failed'). On a terminal stats is a\n"
	 "table like top's. No file is written without -f",
	 .take = take_view},
	{0, "log", "FILE", "keep what the view prints in FILE, too, and go on there", .take = take_log},
	{0, "log-size", "SIZE",
	 "at SIZE (default 10MiB; 0: never) FILE becomes FILE.1, that\n"
	 "FILE.2 and so on",
	 .take = take_log_size},
	{0, "log-keep", "N", "keep N of these (default 5), remove older ones", .take = take_log_keep},
	{0, "redact", "LIST",
	 "write hashes instead of paths, args (other texts; memory is\n"
	 "left out) or comm (names of threads); equal ones stay equal",
	 .take = take_redaction},
	{0, "force", NULL, "replace FILE if it exists", .flag = FLAG(force)},
	{'F', "follow", NULL, "record new child processes too (always with --)", .flag = FLAG(follow)},
	{'d', "duration", "T", "stop after T: 90s, 5m, 1.5h, 500ms; a bare number is seconds", .take = take_time_limit},
	{'m', "self", NULL, "include the recorder's own calls", .flag = FLAG(self)},
	{0, "flush", "T",
	 "a row is written at most T after its call has ended\n"
	 "(default 1s to a file, 100ms to a pipe)",
	 .take = take_flush},
	{0, "sync", "T|off", "and is on stable storage at most T later (default 1s)", .take = take_sync},
	{0, "ring-size", "SIZE",
	 "memory for calls not yet written, 64KiB to 512MiB\n"
	 "(default 32MiB, with more than 8 processors 4MiB each)",
	 .take = take_ring_size},
	{0, "rotate-size", "SIZE",
	 "begin a new part, FILE with .00001, .00002, ... in its name,\n"
	 "when one has reached SIZE: 500M, 2GiB",
	 .take = take_rotate_size},
	{0, "rotate-time", "T", "begin a new part every T", .take = take_rotate_time},
	{0, "keep", "N", "keep the last N parts, remove older ones", .take = take_keep},
	{0, "min-free", "SIZE|P%",
	 "stop before the file system has less than that free\n"
	 "(default 64MiB or 1%, whichever is less; 0: never)",
	 .take = take_min_free},
	{0, "on-loss", "ACTION", "when events are lost: continue (the default), or stop", .take = take_on_loss},
	{0, "lossless", NULL,
	 "lose nothing: stop the processes (SIGSTOP) while the ring\n"
	 "buffers are half full, let them go on (SIGCONT) after",
	 .flag = FLAG(lossless)},
	{0, "strict", NULL, "exit with status 3 if events were lost", .flag = FLAG(strict)},
	{0, "hooks", "HOW",
	 "attach to btf or classic tracepoints (default auto: the\n"
	 "cheaper ones where they are complete)",
	 .take = take_hooks},
	{0, "check", NULL, "say what this machine can do, and end", .flag = FLAG(check)},
	{'v', "verbose", NULL, "say more", .take = take_verbose},
	{'q', "quiet", NULL, "say only what went wrong, and what was lost", .take = take_quiet},
	{'h', "help", NULL, "print this help", .flag = FLAG(help)},
	{'V', "version", NULL, "print the version", .flag = FLAG(version)},
};

_Static_assert(sizeof(option_table) / sizeof(option_table[0]) == OPTION_ROWS, "OPTION_ROWS is out of date");

int option_take(struct options *options, const struct option_row *row, const char *text, struct message *error)
{
	if (row->take)
		return row->take(options, text, error);
	*(bool *)((char *)options + row->flag) = true;
	return 0;
}
