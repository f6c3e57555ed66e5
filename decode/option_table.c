/* option_table.c - the options of sysdecode, and what each does: see option_table.h */
#include "option_table.h"

#include <errno.h>
#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crew.h"
#include "escape.h"
#include "report.h"

static bool usage_error(const char *what, const char *value, const char *expected)
{
	complain("%s '%s': %s", what, escaped(value), expected);
	return false;
}

/*
 * Hand each element of a list to add(). An element that is refused ends it. Empty elements are refused as well, so that
 * --pid="$(pidof nothing)" is an error and not "every process".
 */
static bool each(struct options *options, const char *name, const char *list, const char *expected,
		 int (*add)(struct options *options, const char *element))
{
	char *copy = strdup(list), *rest = copy, *element;
	int err = copy ? 0 : -ENOMEM;

	while (!err && (element = strsep(&rest, ","))) {
		err = *element ? add(options, element) : -EINVAL;
		if (err && err != -ENOMEM)
			usage_error(name, element, expected);
	}
	if (err == -ENOMEM)
		complain("out of memory");
	free(copy);
	return err == 0;
}

/* --- the table of rows */

static const char *const format_names[FORMAT_COUNT] = {
	[FORMAT_TSV] = "tsv", [FORMAT_CSV] = "csv",           [FORMAT_JSONL] = "jsonl",
	[FORMAT_RAW] = "raw", [FORMAT_PERFETTO] = "perfetto", [FORMAT_STRACE] = "strace",
};

static bool take_format(struct options *options, const char *value)
{
	for (unsigned i = 0; i < FORMAT_COUNT; i++) {
		if (!strcmp(value, format_names[i])) {
			options->format = (enum format)i;
			options->has_format = true;
			return true;
		}
	}
	return usage_error("--format", value, "no such format; there are tsv, csv, jsonl, raw, perfetto, strace");
}

static bool take_jobs(struct options *options, const char *value)
{
	uint64_t n;

	if (parse_u64(value, UINT32_MAX, &n) || n == 0)
		return usage_error("--jobs", value, "not a number from 1 on");
	options->threads = n < CREW_MAX ? (unsigned)n : CREW_MAX;
	return true;
}

static bool take_output(struct options *options, const char *value)
{
	options->output = value;
	return true;
}

static int add_column(struct options *options, const char *element)
{
	return columns_add(&options->columns, element);
}

/* "known are time, pid, …" */
static const char *known_columns(void)
{
	static char text[512];
	size_t n = (size_t)snprintf(text, sizeof(text), "no such column (or too many); there are ");

	for (unsigned column = 0; column < COLUMN_COUNT; column++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s", column ? ", " : "",
				      column_name((enum column)column));
	return text;
}

static bool take_columns(struct options *options, const char *list)
{
	return each(options, "--columns", list, known_columns(), add_column);
}

static bool take_rows_per_file(struct options *options, const char *value)
{
	if (parse_u64(value, UINT64_MAX, &options->rows_per_file) == 0 && options->rows_per_file > 1)
		return true;
	return usage_error("--rows-per-file", value, "not a number from 2 on; the header is a row");
}

/* --- instead of rows: sums, processes, files, metrics */

static bool take_stats(struct options *options, const char *interval)
{
	struct stats_config *stats = &options->stats;

	options->has_stats = true;
	if (!interval || (parse_span(interval, &stats->interval) == 0 && stats->interval > 0))
		return true;
	return usage_error("--stats", interval,
			   "not an interval; seconds (0.5) or a number with ns, us, ms, s, m, h or d is one");
}

static bool take_live(struct options *options, const char *value)
{
	(void)value;
	options->live = options->has_stats = true;
	return true;
}

static int add_by(struct options *options, const char *element)
{
	static const char *const names[] = {"process", "thread", "comm", "syscall", "container", "path"};

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(element, names[i]) != 0)
			continue;
		options->stats.by |= 1u << i;
		return 0;
	}
	return -ENOENT;
}

static bool take_by(struct options *options, const char *list)
{
	options->by = true;
	return each(options, "--by", list, "there are process, thread, comm, syscall, container and path", add_by);
}

static bool take_sort(struct options *options, const char *value)
{
	static const char *const names[SORT_COUNT] = {
		[SORT_TOTAL] = "total", [SORT_CALLS] = "calls", [SORT_ERRORS] = "errors", [SORT_AVG] = "avg",
		[SORT_P50] = "p50",     [SORT_P99] = "p99",     [SORT_MAX] = "max",       [SORT_BYTES] = "bytes",
	};

	for (unsigned i = 0; i < SORT_COUNT; i++) {
		if (!strcmp(value, names[i])) {
			options->stats.sort = (enum stats_sort)i;
			options->sorted = true;
			options->of_stats = true;
			return true;
		}
	}
	return usage_error("--sort", value, "there are total, calls, errors, avg, p50, p99, max and bytes");
}

static bool take_top(struct options *options, const char *value)
{
	options->of_stats = true;
	if (parse_u64(value, UINT32_MAX, &options->stats.top) == 0 && options->stats.top > 0)
		return true;
	return usage_error("--top", value, "not a number from 1 on");
}

static bool take_stats_format(struct options *options, const char *value)
{
	options->of_stats = true;
	options->stats.style = strcmp(value, "line") ? STATS_TEXT : STATS_LINE;
	if (options->stats.style == STATS_LINE || !strcmp(value, "table"))
		return true;
	return usage_error("--stats-format", value,
			   "there are table and line; tsv, csv and jsonl are formats (--format)");
}

static bool take_min_duration(struct options *options, const char *value)
{
	uint64_t ms;

	options->of_processes = true;
	if (parse_u64(value, UINT64_MAX / 1000000, &ms) == 0)
		options->processes.min_duration = ms * 1000000;
	else if (parse_span(value, &options->processes.min_duration))
		return usage_error(
			"--min-duration", value,
			"not a span of time; milliseconds (100) or a number with ns, us, ms, s, m, h or d is "
			"one");
	return true;
}

static bool take_path(struct options *options, const char *value)
{
	options->of_files.glob = value;
	return true;
}

static bool take_metrics(struct options *options, const char *address)
{
	options->has_metrics = true;
	if (serve_address(address ? address : SERVE_DEFAULT, &options->metrics))
		return true;
	return usage_error(
		"--metrics", address,
		"not an address to listen at; 3000, 0.0.0.0:3000 and [::1]:3000 are (without an address only "
		"this machine is answered)");
}

/* --- instead of decoding */

static bool set_action(struct options *options, enum action action)
{
	if (options->action == ACTION_DECODE || action == options->action) {
		options->action = action;
		return true;
	}
	complain("only one of --info, --verify, --recover and --redact at a time");
	return false;
}

static bool take_info(struct options *options, const char *value)
{
	(void)value;
	return set_action(options, ACTION_INFO);
}

static bool take_verify(struct options *options, const char *value)
{
	(void)value;
	return set_action(options, ACTION_VERIFY);
}

static bool take_recover(struct options *options, const char *value)
{
	(void)value;
	return set_action(options, ACTION_RECOVER);
}

static int add_redaction(struct options *options, const char *element)
{
	return sst_redaction_add(&options->redaction, element);
}

static bool take_redact(struct options *options, const char *list)
{
	return set_action(options, ACTION_REDACT) &&
	       each(options, "--redact", list, "there are paths, args and comm", add_redaction);
}

static bool take_redact_key(struct options *options, const char *value)
{
	options->redact_key = value;
	return true;
}

static bool take_help(struct options *options, const char *value)
{
	(void)value;
	options->action = ACTION_HELP;
	return true;
}

static bool take_version(struct options *options, const char *value)
{
	(void)value;
	options->action = ACTION_VERSION;
	return true;
}

/* --- filters */

#define ID_EXPECTED   "not a number from 0 to 4294967295"
#define NAME_EXPECTED "not a name; a backslash is written \\\\"

static int add_pid(struct options *options, const char *element)
{
	return filter_add_pid(&options->filter, element);
}

static bool take_pid(struct options *options, const char *list)
{
	return each(options, "--pid", list, ID_EXPECTED, add_pid);
}

static int add_tid(struct options *options, const char *element)
{
	return filter_add_tid(&options->filter, element);
}

static bool take_tid(struct options *options, const char *list)
{
	return each(options, "--tid", list, ID_EXPECTED, add_tid);
}

static int add_comm(struct options *options, const char *element)
{
	return filter_add_comm(&options->filter, element);
}

static bool take_comm(struct options *options, const char *list)
{
	return each(options, "--comm", list, NAME_EXPECTED, add_comm);
}

static int add_container(struct options *options, const char *element)
{
	return filter_add_container(&options->filter, element);
}

static bool take_container(struct options *options, const char *list)
{
	return each(options, "--container", list, NAME_EXPECTED, add_container);
}

static int add_call(struct options *options, const char *element)
{
	return filter_add_call(&options->filter, element);
}

static bool take_syscall(struct options *options, const char *list)
{
	return each(options, "--syscall", list, "no table knows this call; names are as in the column syscall",
		    add_call);
}

static bool take_slower(struct options *options, const char *value)
{
	struct filter *filter = &options->filter;

	filter->has_slower = parse_span(value, &filter->slower) == 0;
	return filter->has_slower ||
	       usage_error("--slower", value,
			   "not a span of time; seconds (0.25) or a number with ns, us, ms, s, m, h or d is one");
}

static bool set_moment(const char *name, const char *value, struct moment *moment, bool *given)
{
	*given = parse_moment(value, moment) == 0;
	return *given || usage_error(name, value,
				     "not a time; seconds (1.5), a number with ns, us, ms, s, m, h or d, or "
				     "YYYY-MM-DDTHH:MM:SS with or without a zone is one");
}

static bool take_since(struct options *options, const char *value)
{
	return set_moment("--since", value, &options->filter.since, &options->filter.has_since);
}

static bool take_until(struct options *options, const char *value)
{
	return set_moment("--until", value, &options->filter.until, &options->filter.has_until);
}

/* --- the options */

/* Where the flag is that an option without value sets. */
#define FLAG(member) (offsetof(struct options, member))

const struct option_row option_table[] = {
	{"format", 'F', required_argument, .take = take_format},
	{"jobs", 'j', required_argument, .take = take_jobs},
	{"output", 'o', required_argument, .take = take_output},
	{"columns", 0, required_argument, .take = take_columns},
	{"no-header", 0, no_argument, .flag = FLAG(no_header)},
	{"rows-per-file", 0, required_argument, .take = take_rows_per_file},
	{"follow", 0, no_argument, .flag = FLAG(follow)},
	{"stats", 0, optional_argument, .take = take_stats},
	{"live", 0, no_argument, .take = take_live},
	{"by", 0, required_argument, .take = take_by},
	{"sort", 0, required_argument, .take = take_sort},
	{"top", 0, required_argument, .take = take_top},
	{"stats-format", 0, required_argument, .take = take_stats_format},
	{"summary", 0, no_argument, .flag = FLAG(summary)},
	{"processes", 0, no_argument, .flag = FLAG(has_processes)},
	{"min-duration", 0, required_argument, .take = take_min_duration},
	{"files", 0, no_argument, .flag = FLAG(has_files)},
	{"path", 0, required_argument, .take = take_path},
	{"metrics", 0, optional_argument, .take = take_metrics},
	{"info", 0, no_argument, .take = take_info},
	{"verify", 0, no_argument, .take = take_verify},
	{"recover", 0, no_argument, .take = take_recover},
	{"redact", 0, required_argument, .take = take_redact},
	{"redact-key", 0, required_argument, .take = take_redact_key},
	{"pid", 0, required_argument, .take = take_pid},
	{"tid", 0, required_argument, .take = take_tid},
	{"comm", 0, required_argument, .take = take_comm},
	{"container", 0, required_argument, .take = take_container},
	{"syscall", 0, required_argument, .take = take_syscall},
	{"failed", 0, no_argument, .flag = FLAG(filter.failed)},
	{"slower", 0, required_argument, .take = take_slower},
	{"since", 0, required_argument, .take = take_since},
	{"until", 0, required_argument, .take = take_until},
	{"help", 'h', no_argument, .take = take_help},
	{"version", 'V', no_argument, .take = take_version},
};

_Static_assert(sizeof(option_table) / sizeof(option_table[0]) == OPTION_ROWS, "OPTION_ROWS is out of date");

bool option_take(struct options *options, const struct option_row *row, const char *value)
{
	if (row->take)
		return row->take(options, value);
	*(bool *)((char *)options + row->flag) = true;
	return true;
}
