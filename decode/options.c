/* options.c - see options.h */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>
#include <unistd.h>

#include "contradictions.h"
#include "crew.h"
#include "escape.h"
#include "option_table.h"
#include "report.h"

#define LIVE_INTERVAL UINT64_C(1000000000) /* ns */
#define LIVE_THREADS  2                    /* the memory of more is wanted for the table */

/* --- words */

#define NO_LETTER 256 /* what getopt_long() returns for such a row: this, and the number of the row */

/* The table as getopt_long() wants it. */
struct spelling {
	char letters[2 * OPTION_ROWS + 2];
	struct option names[OPTION_ROWS + 1];
};

static void spell(struct spelling *spelling)
{
	char *p = spelling->letters;

	*p++ = ':'; /* a missing value is told apart from an unknown option */
	for (int i = 0; i < OPTION_ROWS; i++) {
		const struct option_row *row = &option_table[i];

		spelling->names[i] =
			(struct option){row->name, row->has_arg, NULL, row->letter ? row->letter : NO_LETTER + i};
		if (!row->letter)
			continue;
		*p++ = row->letter;
		if (row->has_arg == required_argument)
			*p++ = ':';
	}
	*p = 0;
	spelling->names[OPTION_ROWS] = (struct option){NULL, 0, NULL, 0};
}

/* What getopt_long() has found, which is one of the table. */
static const struct option_row *row_of(int option)
{
	const struct option_row *row = option_table;

	if (option >= NO_LETTER)
		return row + option - NO_LETTER;
	while (row->letter != option)
		row++;
	return row;
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
	struct spelling spelling;
	int option;

	spell(&spelling);
	opterr = 0;
	optind = 1;
	while ((option = getopt_long(argc, argv, spelling.letters, spelling.names, NULL)) != -1) {
		if (option == '?' || option == ':')
			return refuse(option, argv);
		if (!option_take(options, row_of(option), optarg))
			return false;
		if (options->action == ACTION_HELP || options->action == ACTION_VERSION)
			return true;
	}
	return true;
}

/* --- what follows from options together */

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

static unsigned default_threads(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n < 1 ? 1 : n < CREW_MAX ? (unsigned)n : CREW_MAX;
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
	wrong = options_contradiction(options);
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
