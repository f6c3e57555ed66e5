/* contradictions.c - see contradictions.h */
#include "contradictions.h"

#include <string.h>

#include "sources.h"

/* Those whose rows are cells. */
static bool has_columns(enum format format)
{
	return format == FORMAT_TSV || format == FORMAT_CSV || format == FORMAT_JSONL;
}

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

/* Of what is printed. */
static const char *output_contradiction(const struct options *options)
{
	const char *wrong = options->has_stats || options->summary ? stats_contradiction(options) : NULL;

	if (!wrong && options->has_metrics)
		wrong = metrics_contradiction(options);
	if (!wrong && options->has_processes)
		wrong = processes_contradiction(options);
	if (!wrong && options->has_files)
		wrong = files_contradiction(options);
	if (!wrong && options->rows_per_file)
		wrong = parts_contradiction(options);
	return wrong;
}

/* Of options that say more of another one, which was not given. */
static const char *missing_option(const struct options *options)
{
	bool sums = options->has_stats || options->summary;

	if (options->of_files.glob && !options->has_files)
		return "--path is of --files";
	if (options->of_processes && !options->has_processes)
		return "--min-duration is of --processes";
	if (options->by && !sums && !options->has_metrics)
		return "--by is of --stats and --metrics";
	if (options->of_stats && !sums)
		return "--sort, --top and --stats-format are of --stats";
	return NULL;
}

static const char *action_contradiction(const struct options *options)
{
	bool decodes = options->action == ACTION_DECODE;

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

const char *options_contradiction(const struct options *options)
{
	const char *wrong = output_contradiction(options);

	if (!wrong)
		wrong = missing_option(options);
	return wrong ? wrong : action_contradiction(options);
}
