/*
 * options.c - the command line of sysstream, from one table
 */
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "view.h"

#ifndef SYSSTREAM_VERSION
#define SYSSTREAM_VERSION "0.1"
#endif

#define NS_PER_MS    INT64_C(1000000)
#define NS_PER_S     INT64_C(1000000000)
#define SIZE_MOST    (UINT64_C(1) << 53) /* more than any file system of today */
#define DURATION_MAX (INT64_C(100) * 365 * 24 * 3600 * NS_PER_S)

/* What getopt_long returns for options without a letter. */
enum {
	OPTION_FORCE = 256,
	OPTION_STRICT,
	OPTION_FLUSH,
	OPTION_SYNC,
	OPTION_RING_SIZE,
	OPTION_ROTATE_SIZE,
	OPTION_ROTATE_TIME,
	OPTION_KEEP,
	OPTION_MIN_FREE,
	OPTION_UID,
	OPTION_TREE,
	OPTION_PIDNS,
	OPTION_FAILED,
	OPTION_SLOWER,
	OPTION_ON_LOSS,
	OPTION_LOSSLESS,
	OPTION_HOOKS,
	OPTION_CHECK,
	OPTION_EVENTS,
	OPTION_DATA,
	OPTION_TALLY,
	OPTION_VIEW,
	OPTION_REDACT,
	OPTION_LOG,
	OPTION_LOG_SIZE,
	OPTION_LOG_KEEP,
	OPTION_CONTAINERS,
	OPTION_CONTAINER,
};

struct option_row {
	int code;         /* letter, or one of the above */
	const char *name; /* long name, or NULL */
	const char *arg;  /* what the argument is called, or NULL for none */
	const char *help; /* lines divided by \n */
};

static const struct option_row table[] = {
	{'p', "pid", "PID",
	 "record these processes; the same as positional PIDs.\n"
	 "Several: divided by commas or white space, or -p again"},
	{'a', "all", NULL, "record every process of the machine"},
	{'c', "comm", "NAME",
	 "record processes of this name, running and yet to come (exact;\n"
	 "the kernel's 15 characters). Repeat it for more"},
	{OPTION_UID, "uid", "USER", "record processes of this user (effective), running and yet to come"},
	{OPTION_CONTAINERS, "containers", NULL, "record processes in containers, running and yet to come"},
	{OPTION_CONTAINER, "container", "NAME|ID",
	 "only in this one, by its name, or its id or the beginning of\n"
	 "it; also one that is started later. Repeat it for more"},
	{OPTION_TREE, "tree", "[DEPTH]", "record their children that exist, too, and all new ones (-F)"},
	{OPTION_PIDNS, "pidns", "PID", "PIDs are those of the PID namespace (the container) of PID"},
	{'e', NULL, "trace=SET",
	 "record only these calls, as strace has it: names, %file %network\n"
	 "%desc ..., /regex, a leading ! for all others"},
	{OPTION_EVENTS, "events", "WHAT",
	 "instead: process (only beginnings, programs and ends), or\n"
	 "file (only calls that open, make, rename or remove files)"},
	{OPTION_FAILED, "failed", NULL, "record only calls that return an error"},
	{OPTION_SLOWER, "slower", "T", "record only calls that take T or longer"},
	{'s', NULL, "N",
	 "keep N bytes of paths and other strings (default and most\n"
	 "4096; 0: nothing of what arguments point to)"},
	{OPTION_DATA, "data", "[N]",
	 "and N bytes of what is read and written, which may be secret\n"
	 "(64 without N, at most 4096)"},
	{OPTION_TALLY, "tally", "[T]",
	 "do not record calls, count them: how many, errors, times and\n"
	 "bytes by process and call, every T (default 5s)"},
	{'i', "interval", "T", "with --tally: the same T; of --view=stats (default 1s)"},
	{'n', "intervals", "N", "with --tally or --view=stats: stop after N intervals"},
	{'f', "file", "FILE", "write to FILE (default trace.sst; - is standard output)"},
	{OPTION_VIEW, "view", "KIND",
	 "show it as it is recorded: tsv, csv, jsonl, raw, strace, stats,\n"
	 "processes, files, metrics ..., with options of sysdecode behind\n"
	 "it if wanted (--view='tsv --failed'). On a terminal stats is a\n"
	 "table like top's. No file is written without -f"},
	{OPTION_LOG, "log", "FILE", "keep what the view prints in FILE, too, and go on there"},
	{OPTION_LOG_SIZE, "log-size", "SIZE",
	 "at SIZE (default 10MiB; 0: never) FILE becomes FILE.1, that\n"
	 "FILE.2 and so on"},
	{OPTION_LOG_KEEP, "log-keep", "N", "keep N of these (default 5), remove older ones"},
	{OPTION_REDACT, "redact", "LIST",
	 "write hashes instead of paths, args (other texts; memory is\n"
	 "left out) or comm (names of threads); equal ones stay equal"},
	{OPTION_FORCE, "force", NULL, "replace FILE if it exists"},
	{'F', "follow", NULL, "record new child processes too (always with --)"},
	{'d', "duration", "T", "stop after T: 90s, 5m, 1.5h, 500ms; a bare number is seconds"},
	{'m', "self", NULL, "include the recorder's own calls"},
	{OPTION_FLUSH, "flush", "T",
	 "a row is written at most T after its call has ended\n"
	 "(default 1s to a file, 100ms to a pipe)"},
	{OPTION_SYNC, "sync", "T|off", "and is on stable storage at most T later (default 1s)"},
	{OPTION_RING_SIZE, "ring-size", "SIZE",
	 "memory for calls not yet written, 64KiB to 512MiB\n"
	 "(default 32MiB, with more than 8 processors 4MiB each)"},
	{OPTION_ROTATE_SIZE, "rotate-size", "SIZE",
	 "begin a new part, FILE with .00001, .00002, ... in its name,\n"
	 "when one has reached SIZE: 500M, 2GiB"},
	{OPTION_ROTATE_TIME, "rotate-time", "T", "begin a new part every T"},
	{OPTION_KEEP, "keep", "N", "keep the last N parts, remove older ones"},
	{OPTION_MIN_FREE, "min-free", "SIZE|P%",
	 "stop before the file system has less than that free\n"
	 "(default 64MiB or 1%, whichever is less; 0: never)"},
	{OPTION_ON_LOSS, "on-loss", "ACTION", "when events are lost: continue (the default), or stop"},
	{OPTION_LOSSLESS, "lossless", NULL,
	 "lose nothing: stop the processes (SIGSTOP) while the ring\n"
	 "buffers are half full, let them go on (SIGCONT) after"},
	{OPTION_STRICT, "strict", NULL, "exit with status 3 if events were lost"},
	{OPTION_HOOKS, "hooks", "HOW",
	 "attach to btf or classic tracepoints (default auto: the\n"
	 "cheaper ones where they are complete)"},
	{OPTION_CHECK, "check", NULL, "say what this machine can do, and end"},
	{'v', "verbose", NULL, "say more"},
	{'q', "quiet", NULL, "say only what went wrong, and what was lost"},
	{'h', "help", NULL, "print this help"},
	{'V', "version", NULL, "print the version"},
};

#define N_OPTIONS (sizeof(table) / sizeof(table[0]))

/* Options that the same thing has in strace, perf, tcpdump, and what it is here. */
static const struct {
	const char *theirs;
	const char *ours;
} habits[] = {
	{"-o", "-f FILE"},
	{"-w", "-f FILE"},
	{"--output", "-f FILE"},
	{"-t", "-d T"},
	{"--attach", "-p PID"},
	{"--time", "-d T"},
	{"--timeout", "-d T"},
	{"-y", "--force"},
	{"--follow-forks", "-F"},
	{"--overwrite", "--force"},
	{"-b", "--ring-size=SIZE"},
	{"--mmap-pages", "--ring-size=SIZE"},
	{"--buffer-size", "--ring-size=SIZE"},
	{"-C", "--rotate-size=SIZE"},
	{"-G", "--rotate-time=T"},
	{"-W", "--keep=N"},
	{"--max-size", "--rotate-size=SIZE"},
	{"--switch-output", "--rotate-size=SIZE"},
	{"-u", "--uid=USER"},
	{"--trace", "-e trace=SET"},
	{"-Z", "--failed"},
	{"--failed-only", "--failed"},
	{"--filter", "-e trace=SET"},
	{"--exclude", "-e trace=!SET"},
	{"-?", "-h"},
};

/* --- durations ------------------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	int64_t ns;
} units[] = {
	{"", NS_PER_S},         {"s", NS_PER_S}, {"ms", NS_PER_MS},       {"m", 60 * NS_PER_S},
	{"h", 3600 * NS_PER_S}, {"us", 1000},    {"d", 86400 * NS_PER_S},
};

/* The unit called name in ns, or 0. */
static int64_t unit_ns(const char *name)
{
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (!strcmp(name, units[i].name))
			return units[i].ns;
	return 0;
}

int options_duration(const char *text, int64_t *ns)
{
	size_t whole = strspn(text, "0123456789");
	const char *fraction = text[whole] == '.' ? text + whole + 1 : "";
	size_t part = strspn(fraction, "0123456789");
	int64_t unit = unit_ns(text[whole] == '.' ? fraction + part : text + whole);
	int64_t sum = 0;

	if (whole == 0 || unit == 0 || (text[whole] == '.' && part == 0))
		return -EINVAL;
	for (size_t i = 0; i < whole; i++) {
		sum = sum * 10 + (text[i] - '0');
		if (sum > DURATION_MAX / unit)
			return -ERANGE;
	}
	sum *= unit;
	for (size_t i = 0; i < part; i++) {
		unit /= 10; /* digits beyond a nanosecond add nothing */
		sum += (fraction[i] - '0') * unit;
	}
	if (sum == 0 || sum > DURATION_MAX)
		return -ERANGE;
	*ns = sum;
	return 0;
}

/* The argument of option name as a duration within [least, most]. */
static int take_duration(const char *name, const char *text, int64_t least, int64_t most, int64_t *ns,
			 struct message *error)
{
	int err = options_duration(text, ns);

	if (err == -EINVAL)
		return message_set(error, err, "%s: '%s' is not a duration; write it like 90s, 5m, 2h, 1.5h or 500ms",
				   name, text);
	if (err == 0 && *ns >= least && *ns <= most)
		return 0;
	if (most < DURATION_MAX)
		return message_set(error, -EINVAL, "%s: '%s' is out of range; it must be from %s to 1h", name, text,
				   least < 10 * NS_PER_MS ? "1ms" : "10ms");
	return message_set(error, -EINVAL, "%s: '%s' is out of range; it must be more than 0 and less than 100 years",
			   name, text);
}

/* --- sizes ----------------------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	unsigned shift;
} size_units[] = {
	{"", 0},   {"B", 0},    {"K", 10},   {"k", 10},   {"M", 20},   {"G", 30},
	{"T", 40}, {"KiB", 10}, {"MiB", 20}, {"GiB", 30}, {"TiB", 40},
};

/* How many bits to the left the unit called name goes, or -1. */
static int unit_shift(const char *name)
{
	for (size_t i = 0; i < sizeof(size_units) / sizeof(size_units[0]); i++)
		if (!strcmp(name, size_units[i].name))
			return (int)size_units[i].shift;
	return -1;
}

int options_size(const char *text, uint64_t *bytes)
{
	size_t whole = strspn(text, "0123456789");
	const char *fraction = text[whole] == '.' ? text + whole + 1 : "";
	size_t part = strspn(fraction, "0123456789");
	int shift = unit_shift(text[whole] == '.' ? fraction + part : text + whole);
	uint64_t sum = 0, unit, decimals = 0, divisor = 1;

	if (whole == 0 || shift < 0 || (text[whole] == '.' && part == 0))
		return -EINVAL;
	unit = UINT64_C(1) << shift;
	for (size_t i = 0; i < whole; i++) {
		sum = sum * 10 + (uint64_t)(text[i] - '0');
		if (sum > SIZE_MOST / unit)
			return -ERANGE;
	}
	sum *= unit;
	for (size_t i = 0; i < part && i < 6; i++) { /* further digits are less than a millionth of the unit */
		decimals = decimals * 10 + (uint64_t)(fraction[i] - '0');
		divisor *= 10;
	}
	*bytes = sum + decimals * unit / divisor;
	return 0;
}

static int no_size(const char *name, const char *text, struct message *error)
{
	return message_set(error, -EINVAL, "%s: '%s' is not a size; write it like 64MiB, 500M, 2G or 1.5GiB", name,
			   text);
}

/* The argument of option name as a size within [least, most]; range says so in words. */
static int take_size(const char *name, const char *text, uint64_t least, uint64_t most, const char *range,
		     uint64_t *bytes, struct message *error)
{
	int err = options_size(text, bytes);

	if (err == -EINVAL)
		return no_size(name, text, error);
	if (err == 0 && *bytes >= least && *bytes <= most)
		return 0;
	return message_set(error, -EINVAL, "%s: '%s' is out of range; it must be %s", name, text, range);
}

/* "5%", "0.5%" as millionths. Returns 0 or -EINVAL. */
static int parse_percent(const char *text, uint32_t *millionths)
{
	size_t whole = strspn(text, "0123456789");
	const char *fraction = text[whole] == '.' ? text + whole + 1 : "";
	size_t part = strspn(fraction, "0123456789");
	uint32_t unit = 10000, sum = 0;

	if (whole == 0 || whole > 2 || strcmp(text[whole] == '.' ? fraction + part : text + whole, "%") != 0 ||
	    (text[whole] == '.' && part == 0))
		return -EINVAL;
	for (size_t i = 0; i < whole; i++)
		sum = sum * 10 + (uint32_t)(text[i] - '0');
	sum *= unit;
	for (size_t i = 0; i < part; i++) {
		unit /= 10;
		sum += (uint32_t)(fraction[i] - '0') * unit;
	}
	*millionths = sum;
	return 0;
}

static int take_min_free(struct options *options, const char *text, struct message *error)
{
	options->min_free = (struct options_free_space){.given = true};
	if (!strchr(text, '%'))
		return take_size("--min-free", text, 0, SIZE_MOST, "less than 8192TiB", &options->min_free.bytes,
				 error);
	if (parse_percent(text, &options->min_free.millionths) == 0)
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
	int err = take_duration("--rotate-time", text, 1, DURATION_MAX, &options->rotate_time, error);

	if (!err && options->rotate_time < NS_PER_S)
		return message_set(error, -EINVAL, "--rotate-time: '%s' is out of range; it must be 1s or more", text);
	return err;
}

/* A number of files, called what; name is the option. */
static int take_count(const char *name, const char *what, const char *text, unsigned *count, struct message *error)
{
	uint64_t n = 0;
	size_t len = strspn(text, "0123456789");

	for (size_t i = 0; i < len && n <= OPTIONS_KEEP_MAX; i++)
		n = n * 10 + (uint64_t)(text[i] - '0');
	if (len == 0 || text[len])
		return message_set(error, -EINVAL, "%s: '%s' is not a number of %s", name, text, what);
	if (n < 1 || n > OPTIONS_KEEP_MAX)
		return message_set(error, -EINVAL, "%s: %s is out of range; it must be from 1 to %d", name, text,
				   OPTIONS_KEEP_MAX);
	*count = (unsigned)n;
	return 0;
}

static int take_log_size(struct options *options, const char *text, struct message *error)
{
	int err = take_size("--log-size", text, 0, SIZE_MOST, "4KiB or more, or 0", &options->log_size, error);

	options->log_size_given = true;
	if (!err && options->log_size && options->log_size < OPTIONS_LOG_MIN)
		return message_set(error, -EINVAL, "--log-size: '%s' is out of range; it must be 4KiB or more, or 0",
				   text);
	return err;
}

/* --- PIDs --- */

static bool is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

/* One PID of len bytes at text. */
static int take_pid(struct options *options, const char *where, const char *text, size_t len, struct message *error)
{
	int shown = len > 80 ? 80 : (int)len;
	int64_t pid = 0;

	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return message_set(error, -EINVAL, "%s'%.*s' is not a PID%s", where, shown, text,
					   *where ? "" : "; a command is given after -- (see sysstream --help)");
		if (pid <= OPTIONS_PID_MAX)
			pid = pid * 10 + (text[i] - '0');
	}
	if (pid < 1 || pid > OPTIONS_PID_MAX)
		return message_set(error, -EINVAL, "%s%.*s is out of range; PIDs are from 1 to %d", where, shown, text,
				   OPTIONS_PID_MAX);
	for (size_t i = 0; i < options->n_pids; i++)
		if (options->pids[i] == (pid_t)pid)
			return 0;
	pid_t *grown = realloc(options->pids, (options->n_pids + 1) * sizeof(*grown));
	if (!grown)
		return message_set(error, -ENOMEM, "out of memory");
	options->pids = grown;
	options->pids[options->n_pids++] = (pid_t)pid;
	return 0;
}

/*
 * A list divided by white space or single commas, with white space around it. Nothing between two commas is an error:
 * that is a variable of the caller's script that was empty, and going on would silently leave a process out.
 */
static int take_pids(struct options *options, const char *where, const char *list, struct message *error)
{
	bool comma = false; /* a number has to come */
	size_t before = 0;  /* numbers so far */
	const char *at = list;

	for (;; before++) {
		while (is_space(*at))
			at++;
		if (*at == ',') {
			if (comma || before == 0)
				break;
			comma = true;
			at++;
			while (is_space(*at))
				at++;
		}
		size_t len = strcspn(at, ", \n\t\r");
		if (len == 0)
			break;
		int err = take_pid(options, where, at, len, error);
		if (err)
			return err;
		comma = false;
		at += len;
	}
	if (comma || *at == ',')
		return message_set(error, -EINVAL, "%sa PID is missing beside a comma in '%s'", where, list);
	if (before == 0)
		return message_set(error, -EINVAL, "%sno PID given: the list is empty (does the process run?)", where);
	return 0;
}

/* --- other targets --- */

static int take_name(struct session_targets *targets, const char *name, struct message *error)
{
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

static int take_user(struct session_targets *targets, const char *text, struct message *error)
{
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

static int take_container(struct containers_choice *choice, const char *name, struct message *error)
{
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
	int err = take_pids(&one, "--pidns: ", text, error);

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
	int err = take_duration("--slower", text, 1, DURATION_MAX, &ns, error);

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

/* What --files shows, and what tells where a relative path begins. */
static const char file_calls[] =
	"trace=?open,?openat,?openat2,?open_by_handle_at,?creat,?rename,?renameat,?renameat2,?unlink,?unlinkat,?rmdir,"
	"?mkdir,?mkdirat,?link,?linkat,?symlink,?symlinkat,?mknod,?mknodat,?truncate,?truncate64,?chdir,?fchdir,"
	"?chroot,?pivot_root,?setns,?close,?close_range,?dup,?dup2,?dup3,?fcntl,?fcntl64,?fork,?vfork,?clone,?clone3,"
	"?unshare,?io_uring_setup,?io_uring_enter";

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

/* A number of bytes of captures. */
static int take_bytes(const char *name, const char *text, uint32_t *bytes, struct message *error)
{
	size_t digits = strspn(text, "0123456789");
	unsigned long n = strtoul(text, NULL, 10);

	if (!digits || text[digits] || digits > 9 || n > RING_TEXT_MAX)
		return message_set(error, -EINVAL, "%s: '%s' is not a number of bytes from 0 to %d", name, text,
				   RING_TEXT_MAX);
	*bytes = (uint32_t)n;
	return 0;
}

#define TALLY_DEFAULT (5 * NS_PER_S)

static int take_tally(struct options *options, const char *name, const char *text, struct message *error)
{
	if (!text) {
		options->tally = options->tally ? options->tally : TALLY_DEFAULT;
		return 0;
	}
	return take_duration(name, text, 10 * NS_PER_MS, 3600 * NS_PER_S, &options->tally, error);
}

static int take_intervals(struct options *options, const char *text, struct message *error)
{
	size_t len = strspn(text, "0123456789");

	options->intervals = strtoul(text, NULL, 10);
	if (len == 0 || len > 9 || text[len] || options->intervals == 0)
		return message_set(error, -EINVAL, "-n: '%s' is not a number of intervals, 1 or more", text);
	return 0;
}

/* --- unknown options ------------------------------------------------------------------------------------- */

static size_t min3(size_t a, size_t b, size_t c)
{
	size_t least = a < b ? a : b;

	return least < c ? least : c;
}

/* How many letters must be changed, added or left out to make b of the first len bytes of a (Levenshtein). */
static size_t distance(const char *a, size_t len, const char *b)
{
	size_t row[32];
	size_t n = strlen(b);

	if (n >= sizeof(row) / sizeof(row[0]) || len > 64)
		return SIZE_MAX;
	for (size_t k = 0; k <= n; k++)
		row[k] = k;
	for (size_t i = 0; i < len; i++) {
		size_t diagonal = row[0];

		row[0] = i + 1;
		for (size_t k = 0; k < n; k++) {
			size_t above = row[k + 1];

			row[k + 1] = min3(diagonal + (a[i] != b[k]), above + 1, row[k] + 1);
			diagonal = above;
		}
	}
	return row[n];
}

/* The long option nearest to the first len bytes of name, or NULL when none is near. */
static const char *nearest(const char *name, size_t len)
{
	const char *best = NULL;
	size_t best_distance = len < 5 ? 2 : 3;

	for (size_t i = 0; i < N_OPTIONS; i++) {
		size_t d = table[i].name ? distance(name, len, table[i].name) : SIZE_MAX;

		if (d < best_distance) {
			best_distance = d;
			best = table[i].name;
		}
	}
	return best;
}

static const char *habit(const char *theirs, size_t len)
{
	for (size_t i = 0; i < sizeof(habits) / sizeof(habits[0]); i++)
		if (strlen(habits[i].theirs) == len && !strncmp(theirs, habits[i].theirs, len))
			return habits[i].ours;
	return NULL;
}

/* Is name, len bytes, the beginning of two long options? */
static bool is_ambiguous(const char *name, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < N_OPTIONS; i++)
		n += table[i].name && !strncmp(name, table[i].name, len);
	return n > 1;
}

static int unknown_long(const char *arg, struct message *error)
{
	const char *name = arg + 2;
	size_t len = strcspn(name, "=");
	const char *ours = habit(arg, len + 2);
	const char *near = nearest(name, len);
	int shown = len > 80 ? 80 : (int)len;

	if (is_ambiguous(name, len))
		return message_set(error, -EINVAL, "--%.*s: several options begin so; write it in full", shown, name);
	if (ours)
		return message_set(error, -EINVAL, "unknown option --%.*s; here it is %s", shown, name, ours);
	if (near)
		return message_set(error, -EINVAL, "unknown option --%.*s; did you mean --%s?", shown, name, near);
	return message_set(error, -EINVAL, "unknown option --%.*s; see sysstream --help", shown, name);
}

static int unknown_short(const char *arg, char letter, struct message *error)
{
	char option[3] = {'-', letter, '\0'};
	const char *ours = habit(option, 2);

	if (isdigit((unsigned char)letter))
		return message_set(error, -EINVAL, "'%s' is not a PID; PIDs are from 1 to %d", arg, OPTIONS_PID_MAX);
	if (ours)
		return message_set(error, -EINVAL, "unknown option %s; here it is %s", option, ours);
	return message_set(error, -EINVAL, "unknown option %s; see sysstream --help", option);
}

/* --- getopt ---------------------------------------------------------------------------------------------- */

/* The table in the forms getopt_long wants. */
struct getopt_forms {
	char letters[2 + 2 * N_OPTIONS + 1];
	struct option longs[N_OPTIONS + 1];
};

static int takes(const struct option_row *row)
{
	if (!row->arg)
		return no_argument;
	return row->arg[0] == '[' ? optional_argument : required_argument;
}

static void fill_forms(struct getopt_forms *forms)
{
	char *letter = forms->letters;
	struct option *option = forms->longs;

	memset(forms, 0, sizeof(*forms));
	*letter++ = '+'; /* options after the command belong to it */
	*letter++ = ':'; /* we print what is wrong */
	for (size_t i = 0; i < N_OPTIONS; i++) {
		if (table[i].name)
			*option++ = (struct option){
				.name = table[i].name, .has_arg = takes(&table[i]), .val = table[i].code};
		if (table[i].code >= OPTION_FORCE)
			continue;
		*letter++ = (char)table[i].code;
		if (table[i].arg)
			*letter++ = ':';
	}
}

/* "-f" or "--flush" of an option code, for messages. */
static const char *option_name(int code, char text[32])
{
	for (size_t i = 0; i < N_OPTIONS; i++)
		if (table[i].code == code && code < OPTION_FORCE)
			snprintf(text, 32, "-%c", code);
		else if (table[i].code == code)
			snprintf(text, 32, "--%s", table[i].name);
	return text;
}

/* getopt_long returned ':' or '?' for arg. */
static int bad_option(int result, const char *arg, struct message *error)
{
	char name[32] = "";
	bool is_long = !strncmp(arg, "--", 2);

	if (result == ':')
		return message_set(error, -EINVAL, "%s needs an argument; see sysstream --help",
				   option_name(optopt, name));
	if (is_long && optopt != 0)
		return message_set(error, -EINVAL, "--%.*s takes no argument", (int)strcspn(arg + 2, "="), arg + 2);
	return is_long ? unknown_long(arg, error) : unknown_short(arg, (char)optopt, error);
}

static int take_option(struct options *options, int code, const char *arg, struct message *error)
{
	switch (code) {
	case 'p':
		return take_pids(options, "-p: ", arg, error);
	case 'a':
		options->all = true;
		return 0;
	case 'f':
		if (!*arg)
			return message_set(error, -EINVAL, "-f: the file name is empty");
		options->file = arg;
		options->file_given = true;
		return 0;
	case 'F':
		options->follow = true;
		return 0;
	case 'd':
		return take_duration("-d", arg, 1, DURATION_MAX, &options->duration, error);
	case 'm':
		options->self = true;
		return 0;
	case 'v':
		options->level = MESSAGE_VERBOSE;
		return 0;
	case 'q':
		options->level = MESSAGE_QUIET;
		return 0;
	case 'h':
		options->help = true;
		return 0;
	case 'V':
		options->version = true;
		return 0;
	case OPTION_FORCE:
		options->force = true;
		return 0;
	case OPTION_STRICT:
		options->strict = true;
		return 0;
	case OPTION_FLUSH:
		return take_duration("--flush", arg, NS_PER_MS, 3600 * NS_PER_S, &options->flush, error);
	case OPTION_SYNC:
		options->sync = 0;
		if (!strcmp(arg, "off"))
			return 0;
		return take_duration("--sync", arg, NS_PER_MS, 3600 * NS_PER_S, &options->sync, error);
	case OPTION_RING_SIZE:
		return take_size("--ring-size", arg, OPTIONS_RING_MIN, OPTIONS_RING_MAX, "from 64KiB to 512MiB",
				 &options->ring_size, error);
	case OPTION_ROTATE_SIZE:
		return take_size("--rotate-size", arg, OPTIONS_PART_MIN, SIZE_MOST, "64KiB or more",
				 &options->rotate_size, error);
	case OPTION_ROTATE_TIME:
		return take_rotate_time(options, arg, error);
	case OPTION_KEEP:
		return take_count("--keep", "parts", arg, &options->keep, error);
	case OPTION_MIN_FREE:
		return take_min_free(options, arg, error);
	case 'c':
		return take_name(&options->targets, arg, error);
	case OPTION_UID:
		return take_user(&options->targets, arg, error);
	case OPTION_CONTAINERS:
		options->containers.all = true;
		return 0;
	case OPTION_CONTAINER:
		return take_container(&options->containers, arg, error);
	case OPTION_TREE:
		return take_tree(options, arg, error);
	case OPTION_PIDNS:
		return take_pidns(options, arg, error);
	case 'e':
		return selection_parse(&options->selection, arg, error);
	case OPTION_FAILED:
		options->selection.failed = true;
		return 0;
	case OPTION_SLOWER:
		return take_slower(options, arg, error);
	case OPTION_ON_LOSS:
		return take_on_loss(options, arg, error);
	case OPTION_LOSSLESS:
		options->lossless = true;
		return 0;
	case OPTION_HOOKS:
		return take_hooks(options, arg, error);
	case OPTION_CHECK:
		options->check = true;
		return 0;
	case OPTION_EVENTS:
		return take_events(options, arg, error);
	case 's':
		return take_bytes("-s", arg, &options->text, error);
	case OPTION_DATA:
		options->data = OPTIONS_DATA;
		return arg ? take_bytes("--data", arg, &options->data, error) : 0;
	case OPTION_TALLY:
		options->counts = true;
		return take_tally(options, "--tally", arg, error);
	case 'i':
		return take_tally(options, "-i", arg, error);
	case 'n':
		return take_intervals(options, arg, error);
	case OPTION_REDACT:
		return take_redaction(options, arg, error);
	case OPTION_LOG:
		options->log = arg;
		return *arg ? 0 : message_set(error, -EINVAL, "--log: the file name is empty");
	case OPTION_LOG_SIZE:
		return take_log_size(options, arg, error);
	case OPTION_LOG_KEEP:
		return take_count("--log-keep", "files", arg, &options->log_keep, error);
	case OPTION_VIEW:
		options->view = arg;
		return view_check(arg, error);
	}
	return 0;
}

bool options_is_about(const struct options *options)
{
	return options->help || options->version || options->check;
}

/* All of argv: options, PIDs between them, and a command behind "--". */
static int take_arguments(struct options *options, int argc, char **argv, struct message *error)
{
	struct getopt_forms forms;
	int err = 0;

	fill_forms(&forms);
	optind = 0; /* glibc and musl: begin anew */
	while (!err && !options_is_about(options)) {
		int next = optind > 0 ? optind : 1;

		if (next >= argc)
			break;
		char *arg = argv[next]; /* within a cluster like -vq still the whole of it */
		if (!strcmp(arg, "--")) {
			options->command = argv + next + 1;
			break;
		}
		int code = getopt_long(argc, argv, forms.letters, forms.longs, NULL);
		if (code == -1)
			err = take_pids(options, "", argv[optind++], error);
		else if (code == ':' || code == '?')
			err = bad_option(code, arg, error);
		else
			err = take_option(options, code, optarg, error);
	}
	return err;
}

/* --events is a selection. */
static int select_events(struct options *options, struct message *error)
{
	struct selection *selection = &options->selection;

	if (options->events == EVENTS_CALLS)
		return 0;
	if (selection->by_call)
		return message_set(error, -EINVAL, "--events and -e both say what is recorded: leave out one");
	if (options->events == EVENTS_PROCESS && selection_is_any(selection))
		return message_set(error, -EINVAL,
				   "--events=process records no calls: leave out --failed and --slower");
	return selection_parse(selection, options->events == EVENTS_FILE ? file_calls : "trace=none", error);
}

/* Do the parts go together? */
static int check(struct options *options, struct message *error)
{
	if (options->command && (!options->command[0] || !options->command[0][0]))
		return message_set(error, -EINVAL, "a command is missing after --");
	if (options->all && options->n_pids > 0)
		return message_set(error, -EINVAL, "-a records every process: leave out the PIDs, or -a");
	if (options->all && (options->targets.n_names || options->targets.n_users))
		return message_set(error, -EINVAL, "-a records every process: leave out -c and --uid, or -a");
	if (options->all && options_contains(options))
		return message_set(error, -EINVAL,
				   "-a records every process: leave out --containers and --container, or -a");
	if (options->containers.all && options->containers.n)
		return message_set(error, -EINVAL, "--containers are all of them: leave it out, or --container");
	if (!options->all && options->n_pids == 0 && !options->command && !options_waits(options))
		return message_set(error, -EINVAL,
				   "nothing to record: give PIDs, -c NAME, -- COMMAND, or -a (see sysstream --help)");
	if (options->tree && options->n_pids == 0)
		return message_set(error, -EINVAL, "--tree: give the PIDs of the processes at its root");
	if (options->pidns && options->n_pids == 0)
		return message_set(error, -EINVAL, "--pidns says what PIDs mean, and there are none");
	if (options->lossless && options->all)
		return message_set(error, -EINVAL,
				   "--lossless stops processes, and with -a whatever the machine needs to go on: "
				   "choose the processes");
	if (options->command)
		options->follow = true;
	if (options_settle(options, error))
		return -EINVAL;
	if (options->keep && !options_rotates(options))
		return message_set(error, -EINVAL,
				   "--keep counts parts, and there is only one: add --rotate-size or --rotate-time");
	if (options->data && !options->text)
		return message_set(error, -EINVAL, "-s 0 keeps nothing of what arguments point to: leave out --data");
	if (options->view && !strcmp(options->file, "-"))
		return message_set(error, -EINVAL,
				   "--view shows the recording on standard output, and -f - writes it there: leave "
				   "out one");
	return select_events(options, error);
}

int options_parse(struct options *options, int argc, char **argv, struct message *error)
{
	int err;

	*options = (struct options){.file = "trace.sst", .sync = NS_PER_S, .text = OPTIONS_TEXT};
	err = take_arguments(options, argc, argv, error);
	if (!err && !options_is_about(options))
		err = check(options, error);
	if (err)
		options_free(options);
	return err;
}

void options_free(struct options *options)
{
	free(options->pids);
	options->pids = NULL;
	options->n_pids = 0;
}

bool options_contains(const struct options *options)
{
	return options->containers.all || options->containers.n;
}

bool options_waits(const struct options *options)
{
	return options->targets.n_names || options->targets.n_users || options_contains(options);
}

bool options_keeps(const struct options *options)
{
	return !options->view || options->file_given || options_rotates(options);
}

bool options_rotates(const struct options *options)
{
	return options->rotate_size || options->rotate_time;
}

uint64_t options_ring_size(const struct options *options, long cpus)
{
	uint64_t size = (uint64_t)(cpus > 0 ? cpus : 1) * OPTIONS_RING_PER_CPU;

	if (options->ring_size)
		return options->ring_size;
	if (size < OPTIONS_RING_DEFAULT)
		return OPTIONS_RING_DEFAULT;
	return size < OPTIONS_RING_MAX ? size : OPTIONS_RING_MAX;
}

uint64_t options_min_free(const struct options *options, uint64_t total)
{
	const struct options_free_space *space = &options->min_free;
	uint64_t one_percent = total / 100;

	if (!space->given)
		return one_percent < OPTIONS_MIN_FREE ? one_percent : OPTIONS_MIN_FREE;
	return space->bytes + total / 1000000 * space->millionths + total % 1000000 * space->millionths / 1000000;
}

int64_t options_flush(const struct options *options, bool to_pipe)
{
	if (options->flush)
		return options->flush;
	return to_pipe ? 100 * NS_PER_MS : NS_PER_S;
}

/* --- help ------------------------------------------------------------------------------------------------ */

#define HELP_COLUMN 26

static void print_option(FILE *out, const struct option_row *row)
{
	char left[64];
	int len;

	if (!row->name)
		len = snprintf(left, sizeof(left), "  -%c %s", row->code, row->arg);
	else if (row->code < OPTION_FORCE)
		len = snprintf(left, sizeof(left), "  -%c, --%s", row->code, row->name);
	else
		len = snprintf(left, sizeof(left), "      --%s", row->name);
	if (row->name && row->arg && row->arg[0] == '[')
		snprintf(left + len, sizeof(left) - (size_t)len, "[=%s", row->arg + 1);
	else if (row->name && row->arg)
		snprintf(left + len, sizeof(left) - (size_t)len, "=%s", row->arg);
	fprintf(out, "%-*s", HELP_COLUMN, left);
	for (const char *line = row->help; line;) {
		const char *end = strchr(line, '\n');

		fprintf(out, "%.*s\n", end ? (int)(end - line) : (int)strlen(line), line);
		line = end ? end + 1 : NULL;
		if (line)
			fprintf(out, "%*s", HELP_COLUMN, "");
	}
}

static int flush_result(FILE *out)
{
	if (fflush(out) || ferror(out))
		return errno ? -errno : -EIO;
	return 0;
}

int options_print_help(FILE *out)
{
	fputs("Usage: sysstream [OPTIONS] PID...\n"
	      "       sysstream [OPTIONS] -- COMMAND [ARG...]\n"
	      "       sysstream [OPTIONS] -a\n"
	      "Record every system call of running processes, of a command, or of the whole machine.\n"
	      "\n",
	      out);
	for (size_t i = 0; i < N_OPTIONS; i++)
		print_option(out, &table[i]);
	fputs("\n"
	      "It ends when all of them have ended, with -d after T, or with Ctrl-C.\n"
	      "\n"
	      "EXAMPLES\n"
	      "  sudo sysstream \"$(pidof redis-server)\"        a running server, until Ctrl-C\n"
	      "  sudo sysstream -d 10s -f a.sst 812 31996      two processes, ten seconds\n"
	      "  sudo sysstream -- ls -l                       a command from its first instruction\n"
	      "  sudo sysstream -c nginx -e trace=%network     what all nginx processes do on the network\n"
	      "  sudo sysstream --container=web                what happens in a container\n"
	      "  sudo sysstream -f - -p 812 | sysdecode        a table while it happens\n"
	      "  sudo sysstream -a --view=processes            what begins and ends, as it happens\n"
	      "  sudo sysstream -a --view=stats -i 5           who calls what how often, like top\n"
	      "  sudo sysstream --rotate-size=1G --keep=5 812  the last 4 to 5 GiB, for as long as it runs\n"
	      "  sysdecode trace.sst > trace.tsv               the table of a recording\n"
	      "\n"
	      "Exit status: 0 recorded (with --: the command's, 128+N for signal N), 1 error, 2 usage,\n"
	      "3 events were lost (with --strict), 4 nothing to attach to. See sysstream(8).\n",
	      out);
	return flush_result(out);
}

int options_print_version(FILE *out)
{
	fputs("sysstream " SYSSTREAM_VERSION "\n", out);
	return flush_result(out);
}
