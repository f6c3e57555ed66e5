/* options.c - see options.h */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crew.h"
#include "escape.h"
#include "report.h"
#include "sources.h"

enum {
	OPT_COLUMNS = 256,
	OPT_NO_HEADER,
	OPT_ROWS_PER_FILE,
	OPT_FOLLOW,
	OPT_STATS,
	OPT_LIVE,
	OPT_BY,
	OPT_SORT,
	OPT_TOP,
	OPT_STATS_FORMAT,
	OPT_SUMMARY,
	OPT_PROCESSES,
	OPT_MIN_DURATION,
	OPT_FILES,
	OPT_PATH,
	OPT_METRICS,
	OPT_INFO,
	OPT_VERIFY,
	OPT_RECOVER,
	OPT_REDACT,
	OPT_REDACT_KEY,
	OPT_PID,
	OPT_TID,
	OPT_COMM,
	OPT_CONTAINER,
	OPT_SYSCALL,
	OPT_FAILED,
	OPT_SLOWER,
	OPT_SINCE,
	OPT_UNTIL,
};

static const char short_options[] = ":F:j:o:hV";
static const struct option long_options[] = {
	{"format", required_argument, NULL, 'F'},
	{"jobs", required_argument, NULL, 'j'},
	{"output", required_argument, NULL, 'o'},
	{"columns", required_argument, NULL, OPT_COLUMNS},
	{"no-header", no_argument, NULL, OPT_NO_HEADER},
	{"rows-per-file", required_argument, NULL, OPT_ROWS_PER_FILE},
	{"follow", no_argument, NULL, OPT_FOLLOW},
	{"stats", optional_argument, NULL, OPT_STATS},
	{"live", no_argument, NULL, OPT_LIVE},
	{"by", required_argument, NULL, OPT_BY},
	{"sort", required_argument, NULL, OPT_SORT},
	{"top", required_argument, NULL, OPT_TOP},
	{"stats-format", required_argument, NULL, OPT_STATS_FORMAT},
	{"summary", no_argument, NULL, OPT_SUMMARY},
	{"processes", no_argument, NULL, OPT_PROCESSES},
	{"min-duration", required_argument, NULL, OPT_MIN_DURATION},
	{"files", no_argument, NULL, OPT_FILES},
	{"path", required_argument, NULL, OPT_PATH},
	{"metrics", optional_argument, NULL, OPT_METRICS},
	{"info", no_argument, NULL, OPT_INFO},
	{"verify", no_argument, NULL, OPT_VERIFY},
	{"recover", no_argument, NULL, OPT_RECOVER},
	{"redact", required_argument, NULL, OPT_REDACT},
	{"redact-key", required_argument, NULL, OPT_REDACT_KEY},
	{"pid", required_argument, NULL, OPT_PID},
	{"tid", required_argument, NULL, OPT_TID},
	{"comm", required_argument, NULL, OPT_COMM},
	{"container", required_argument, NULL, OPT_CONTAINER},
	{"syscall", required_argument, NULL, OPT_SYSCALL},
	{"failed", no_argument, NULL, OPT_FAILED},
	{"slower", required_argument, NULL, OPT_SLOWER},
	{"since", required_argument, NULL, OPT_SINCE},
	{"until", required_argument, NULL, OPT_UNTIL},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'V'},
	{NULL, 0, NULL, 0},
};

#define LIVE_INTERVAL UINT64_C(1000000000) /* ns */
#define LIVE_THREADS  2                    /* the memory of more is wanted for the table */

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

static int add_pid(struct options *options, const char *element)
{
	return filter_add_pid(&options->filter, element);
}

static int add_tid(struct options *options, const char *element)
{
	return filter_add_tid(&options->filter, element);
}

static int add_comm(struct options *options, const char *element)
{
	return filter_add_comm(&options->filter, element);
}

static int add_container(struct options *options, const char *element)
{
	return filter_add_container(&options->filter, element);
}

static int add_call(struct options *options, const char *element)
{
	return filter_add_call(&options->filter, element);
}

static int add_column(struct options *options, const char *element)
{
	return columns_add(&options->columns, element);
}

static int add_redaction(struct options *options, const char *element)
{
	return sst_redaction_add(&options->redaction, element);
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

static const char *const format_names[FORMAT_COUNT] = {
	[FORMAT_TSV] = "tsv", [FORMAT_CSV] = "csv",           [FORMAT_JSONL] = "jsonl",
	[FORMAT_RAW] = "raw", [FORMAT_PERFETTO] = "perfetto", [FORMAT_STRACE] = "strace",
};

/* Those whose rows are cells. */
static bool has_columns(enum format format)
{
	return format == FORMAT_TSV || format == FORMAT_CSV || format == FORMAT_JSONL;
}

static bool set_format(struct options *options, const char *value)
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

static bool set_stats(struct options *options, const char *interval)
{
	struct stats_config *stats = &options->stats;

	options->has_stats = true;
	if (!interval || (parse_span(interval, &stats->interval) == 0 && stats->interval > 0))
		return true;
	return usage_error("--stats", interval,
			   "not an interval; seconds (0.5) or a number with ns, us, ms, s, m, h or d is one");
}

static bool set_sort(struct options *options, const char *value)
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

static bool set_top(struct options *options, const char *value)
{
	options->of_stats = true;
	if (parse_u64(value, UINT32_MAX, &options->stats.top) == 0 && options->stats.top > 0)
		return true;
	return usage_error("--top", value, "not a number from 1 on");
}

static bool set_stats_format(struct options *options, const char *value)
{
	options->of_stats = true;
	options->stats.style = strcmp(value, "line") ? STATS_TEXT : STATS_LINE;
	if (options->stats.style == STATS_LINE || !strcmp(value, "table"))
		return true;
	return usage_error("--stats-format", value,
			   "there are table and line; tsv, csv and jsonl are formats (--format)");
}

static bool set_min_duration(struct options *options, const char *value)
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

static bool set_metrics(struct options *options, const char *address)
{
	options->has_metrics = true;
	if (serve_address(address ? address : SERVE_DEFAULT, &options->metrics))
		return true;
	return usage_error(
		"--metrics", address,
		"not an address to listen at; 3000, 0.0.0.0:3000 and [::1]:3000 are (without an address only "
		"this machine is answered)");
}

static bool set_moment(const char *name, const char *value, struct moment *moment, bool *given)
{
	*given = parse_moment(value, moment) == 0;
	return *given || usage_error(name, value,
				     "not a time; seconds (1.5), a number with ns, us, ms, s, m, h or d, or "
				     "YYYY-MM-DDTHH:MM:SS with or without a zone is one");
}

static bool set_slower(struct filter *filter, const char *value)
{
	filter->has_slower = parse_span(value, &filter->slower) == 0;
	return filter->has_slower ||
	       usage_error("--slower", value,
			   "not a span of time; seconds (0.25) or a number with ns, us, ms, s, m, h or d is one");
}

static bool set_threads(struct options *options, const char *value)
{
	uint64_t n;

	if (parse_u64(value, UINT32_MAX, &n) || n == 0)
		return usage_error("--jobs", value, "not a number from 1 on");
	options->threads = n < CREW_MAX ? (unsigned)n : CREW_MAX;
	return true;
}

static unsigned default_threads(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n < 1 ? 1 : n < CREW_MAX ? (unsigned)n : CREW_MAX;
}

static bool set_action(struct options *options, enum action action)
{
	if (options->action == ACTION_DECODE || action == options->action) {
		options->action = action;
		return true;
	}
	complain("only one of --info, --verify, --recover and --redact at a time");
	return false;
}

static bool apply(struct options *options, int option, const char *value)
{
	static const char number[] = "not a number from 0 to 4294967295";
	struct filter *filter = &options->filter;

	switch (option) {
	case 'F':
		return set_format(options, value);
	case 'o':
		options->output = value;
		return true;
	case 'j':
		return set_threads(options, value);
	case OPT_COLUMNS:
		return each(options, "--columns", value, known_columns(), add_column);
	case OPT_NO_HEADER:
		options->no_header = true;
		return true;
	case OPT_ROWS_PER_FILE:
		if (parse_u64(value, UINT64_MAX, &options->rows_per_file) == 0 && options->rows_per_file > 1)
			return true;
		return usage_error("--rows-per-file", value, "not a number from 2 on; the header is a row");
	case OPT_FOLLOW:
		options->follow = true;
		return true;
	case OPT_STATS:
		return set_stats(options, value);
	case OPT_LIVE:
		options->live = options->has_stats = true;
		return true;
	case OPT_BY:
		options->by = true;
		return each(options, "--by", value, "there are process, thread, comm, syscall, container and path",
			    add_by);
	case OPT_SORT:
		return set_sort(options, value);
	case OPT_TOP:
		return set_top(options, value);
	case OPT_STATS_FORMAT:
		return set_stats_format(options, value);
	case OPT_SUMMARY:
		options->summary = true;
		return true;
	case OPT_PROCESSES:
		options->has_processes = true;
		return true;
	case OPT_MIN_DURATION:
		return set_min_duration(options, value);
	case OPT_FILES:
		options->has_files = true;
		return true;
	case OPT_PATH:
		options->of_files.glob = value;
		return true;
	case OPT_METRICS:
		return set_metrics(options, value);
	case OPT_INFO:
		return set_action(options, ACTION_INFO);
	case OPT_VERIFY:
		return set_action(options, ACTION_VERIFY);
	case OPT_RECOVER:
		return set_action(options, ACTION_RECOVER);
	case OPT_REDACT:
		return set_action(options, ACTION_REDACT) &&
		       each(options, "--redact", value, "there are paths, args and comm", add_redaction);
	case OPT_REDACT_KEY:
		options->redact_key = value;
		return true;
	case OPT_PID:
		return each(options, "--pid", value, number, add_pid);
	case OPT_TID:
		return each(options, "--tid", value, number, add_tid);
	case OPT_COMM:
		return each(options, "--comm", value, "not a name; a backslash is written \\\\", add_comm);
	case OPT_CONTAINER:
		return each(options, "--container", value, "not a name; a backslash is written \\\\", add_container);
	case OPT_SYSCALL:
		return each(options, "--syscall", value, "no table knows this call; names are as in the column syscall",
			    add_call);
	case OPT_FAILED:
		filter->failed = true;
		return true;
	case OPT_SLOWER:
		return set_slower(filter, value);
	case OPT_SINCE:
		return set_moment("--since", value, &filter->since, &filter->has_since);
	case OPT_UNTIL:
		return set_moment("--until", value, &filter->until, &filter->has_until);
	default:
		return false;
	}
}

/* What getopt_long() has refused: '?' or ':', the option in optopt or in the word before optind. */
static bool refuse(int result, char **argv)
{
	char letter[3] = {'-', (char)optopt, 0};
	/* NULL: musl has counted the missing value of the last word. */
	const char *word = argv[optind - 1];
	bool is_short = optopt > 0 && optopt < 256 && (!word || strncmp(word, "--", 2) != 0);

	complain("%s '%s' (sysdecode --help shows all options)",
		 result == ':'         ? "a value is missing for"
		 : optopt && !is_short ? "no value is allowed for"
				       : "no such option",
		 escaped(is_short ? letter : word));
	return false;
}

static bool parse_words(struct options *options, int argc, char **argv)
{
	int option;

	opterr = 0;
	optind = 1;
	while ((option = getopt_long(argc, argv, short_options, long_options, NULL)) != -1) {
		if (option == '?' || option == ':')
			return refuse(option, argv);
		if (option == 'h' || option == 'V') {
			options->action = option == 'h' ? ACTION_HELP : ACTION_VERSION;
			return true;
		}
		if (!apply(options, option, optarg))
			return false;
	}
	return true;
}

/* What is wrong with the options together, or NULL. */
static const char *recover_contradiction(const struct options *options)
{
	if (!options->output)
		return "--recover writes a new file: name it with -o";
	if (options->n_files != 1 || !strcmp(options->files[0], "-"))
		return "--recover takes one damaged file";
	if (options->follow)
		return "--recover needs a file that nobody writes any more: leave out --follow";
	if (filter_selects(&options->filter))
		return "--recover keeps all that is good: filters do not go with it";
	return NULL;
}

static const char *redact_contradiction(const struct options *options)
{
	if (!options->output)
		return "--redact writes a new recording: name it with -o (- is standard output)";
	if (options->n_files != 1)
		return "--redact takes one recording";
	if (options->follow)
		return "--redact does not go with --follow; it reads a pipe to its end";
	if (filter_selects(&options->filter) || options->columns.n || options->has_format)
		return "--redact keeps all calls: filters, --columns and --format do not go with it";
	return NULL;
}

static const char *stats_contradiction(const struct options *options)
{
	if (options->action != ACTION_DECODE)
		return "--stats and --summary do not go with --info, --verify, --recover and --redact";
	if (options->columns.n)
		return "--columns does not go with --stats and --summary, which have columns of their own";
	if (options->has_format && !has_columns(options->format))
		return "--stats and --summary have the formats tsv, csv and jsonl";
	if (options->has_format && (options->summary || options->stats.style == STATS_LINE))
		return "--summary and --stats-format=line are formats: leave out --format";
	if (options->summary && (options->stats.interval || options->stats.by || options->stats.style == STATS_LINE))
		return "--summary is of the whole and by call: leave out an interval, --by and --stats-format";
	if (options->live && options->summary)
		return "--live is of --stats: leave out --summary";
	if (options->live && options->stats.by & BY_PATH)
		return "--live tells calls apart by all but paths: leave out --live, or --by=path";
	if (options->live && options->n_files > 1)
		return "--live takes one recording that goes on: a pipe, or a file with --follow";
	return NULL;
}

static const char *metrics_contradiction(const struct options *options)
{
	if (options->action != ACTION_DECODE)
		return "--metrics does not go with --info, --verify, --recover and --redact";
	if (options->has_stats || options->summary || options->has_processes)
		return "--metrics does not go with --stats, --summary and --processes";
	if (options->has_format || options->columns.n || options->output)
		return "--metrics writes no table: leave out --format, --columns and -o";
	if (options->stats.by & BY_PATH)
		return "--metrics has no paths, of which there would be a series each: --by=path is of --stats";
	if (options->n_files > 1)
		return "--metrics takes one recording that goes on: a pipe, or a file with --follow";
	return NULL;
}

/* What --stats gets from the options together. */
static void complete_stats(struct options *options)
{
	static const enum stats_style styles[] = {
		[FORMAT_TSV] = STATS_TSV,  [FORMAT_CSV] = STATS_CSV,       [FORMAT_JSONL] = STATS_JSONL,
		[FORMAT_RAW] = STATS_TEXT, [FORMAT_PERFETTO] = STATS_TEXT, [FORMAT_STRACE] = STATS_TEXT,
	};
	struct stats_config *stats = &options->stats;

	options->has_stats |= options->summary;
	if (options->live) {
		stats->interval = stats->interval ? stats->interval : LIVE_INTERVAL;
		options->threads = options->threads < LIVE_THREADS ? options->threads : LIVE_THREADS;
	}
	if (options->summary)
		stats->style = STATS_SUMMARY;
	else if (options->has_format)
		stats->style = styles[options->format];
	if (!stats->by)
		stats->by = options->summary || options->has_metrics ? BY_SYSCALL : BY_PROCESS | BY_SYSCALL;
	stats->header = !options->no_header;
	stats->ignores_open = options->filter.failed || options->filter.has_slower;
}

static const char *processes_contradiction(const struct options *options)
{
	const struct filter *filter = &options->filter;

	if (options->action != ACTION_DECODE || options->has_stats || options->summary)
		return "--processes does not go with --stats, --summary, --info, --verify, --recover and --redact";
	if (options->columns.n)
		return "--columns does not go with --processes, which has columns of its own";
	if (options->has_format && !has_columns(options->format))
		return "--processes has the formats tsv, csv and jsonl";
	if (filter->n_calls || filter->failed || filter->has_slower)
		return "--syscall, --failed and --slower are about calls, --processes is not; --min-duration is about "
		       "processes";
	return NULL;
}

static void complete_processes(struct options *options)
{
	static const enum processes_style styles[FORMAT_COUNT] = {
		[FORMAT_TSV] = PROCESSES_TSV,
		[FORMAT_CSV] = PROCESSES_CSV,
		[FORMAT_JSONL] = PROCESSES_JSONL,
	};

	options->processes.header = !options->no_header;
	if (options->has_format)
		options->processes.style = styles[options->format];
}

static const char *files_contradiction(const struct options *options)
{
	if (options->action != ACTION_DECODE || options->has_stats || options->summary || options->has_processes ||
	    options->has_metrics)
		return "--files does not go with --stats, --summary, --processes, --metrics, --info, --verify and "
		       "--recover";
	if (options->columns.n)
		return "--columns does not go with --files, which has columns of its own";
	if (options->has_format && !has_columns(options->format))
		return "--files has the formats tsv, csv and jsonl";
	return NULL;
}

/* Where no calls are asked for these are those that it shows. */
static bool complete_files(struct options *options)
{
	static const enum files_style styles[FORMAT_COUNT] = {
		[FORMAT_TSV] = FILES_TSV,
		[FORMAT_CSV] = FILES_CSV,
		[FORMAT_JSONL] = FILES_JSONL,
	};
	const char *call;

	options->of_files.header = !options->no_header;
	if (options->has_format)
		options->of_files.style = styles[options->format];
	for (unsigned i = 0; options->filter.n_calls == 0 || i > 0; i++) {
		call = files_call(i);
		if (!call)
			break;
		if (filter_add_call(&options->filter, call) == -ENOMEM)
			return false;
	}
	return true;
}

static const char *parts_contradiction(const struct options *options)
{
	const char *output = options->output, *slash = output ? strrchr(output, '/') : NULL;

	if (options->action != ACTION_DECODE || options->has_stats || options->summary || options->has_metrics ||
	    !has_columns(options->format))
		return "--rows-per-file is for tables: the formats tsv, csv and jsonl, --processes and --files";
	if (!output || !strcmp(output, "-"))
		return "--rows-per-file makes several files: name them with -o (-o t.tsv makes t.00001.tsv, "
		       "t.00002.tsv, ...)";
	if (is_recording_name(slash ? slash + 1 : output))
		return "--rows-per-file: -o names a table; .sst is for recordings";
	return NULL;
}

static const char *contradiction(const struct options *options)
{
	bool decodes = options->action == ACTION_DECODE;

	const char *wrong = options->has_stats || options->summary ? stats_contradiction(options) : NULL;

	if (!wrong && options->has_metrics)
		wrong = metrics_contradiction(options);
	if (!wrong && options->has_processes)
		wrong = processes_contradiction(options);
	if (!wrong && options->has_files)
		wrong = files_contradiction(options);
	if (!wrong && options->rows_per_file)
		wrong = parts_contradiction(options);
	if (wrong)
		return wrong;
	if (options->of_files.glob && !options->has_files)
		return "--path is of --files";
	if (options->of_processes && !options->has_processes)
		return "--min-duration is of --processes";
	if (options->by && !options->has_stats && !options->summary && !options->has_metrics)
		return "--by is of --stats and --metrics";
	if (options->of_stats && !options->has_stats && !options->summary)
		return "--sort, --top and --stats-format are of --stats";
	if (options->action == ACTION_RECOVER)
		return recover_contradiction(options);
	if (options->action == ACTION_REDACT)
		return redact_contradiction(options);
	if (options->redact_key)
		return "--redact-key is of --redact";
	if (decodes && !has_columns(options->format) && options->columns.n)
		return "--columns is for the formats tsv, csv and jsonl: others have no columns";
	if (options->follow && (options->action == ACTION_INFO || options->action == ACTION_VERIFY))
		return "--follow does not go with --info and --verify";
	if (decodes && options->follow && options->n_files > 1)
		return "--follow takes one file; it finds the next parts by itself";
	return NULL;
}

bool options_parse(struct options *options, int argc, char **argv)
{
	static char dash[] = "-";
	static char *standard_input[] = {dash, NULL};

	const char *wrong;

	memset(options, 0, sizeof(*options));
	options->threads = default_threads();
	if (!parse_words(options, argc, argv))
		return false;
	options->files = optind < argc ? argv + optind : standard_input;
	options->n_files = optind < argc ? (size_t)(argc - optind) : 1;
	wrong = contradiction(options);
	if (!wrong && options->has_files && !complete_files(options))
		wrong = "out of memory";
	if (wrong)
		complain("%s", wrong);
	complete_stats(options);
	complete_processes(options);
	if (!options->columns.n)
		columns_default(&options->columns);
	return !wrong;
}

void options_free(struct options *options)
{
	filter_free(&options->filter);
}
