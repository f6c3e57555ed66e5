/*
 * options.h - the command line of sysdecode: one table of options, checked values, one clear line for what is wrong.
 */
#ifndef SYSDECODE_OPTIONS_H
#define SYSDECODE_OPTIONS_H

#include "columns.h"
#include "filter.h"
#include "files.h"
#include "processes.h"
#include "format/redact.h"
#include "serve.h"
#include "stats.h"

enum action { ACTION_DECODE, ACTION_INFO, ACTION_VERIFY, ACTION_RECOVER, ACTION_REDACT, ACTION_HELP, ACTION_VERSION };
enum format { FORMAT_TSV, FORMAT_CSV, FORMAT_JSONL, FORMAT_RAW, FORMAT_PERFETTO, FORMAT_STRACE, FORMAT_COUNT };

struct options {
	enum action action;
	enum format format;
	const char *output; /* NULL: standard output */
	struct columns columns;
	uint64_t rows_per_file; /* 0: all in one */
	bool has_format;
	bool no_header;
	bool follow;
	unsigned threads; /* at most */
	bool has_stats, summary;
	bool live;                 /* --stats as a table on the terminal */
	bool sorted;               /* --sort was given */
	bool of_stats;             /* an option that only --stats has was given */
	struct stats_config stats; /* all but the output */
	bool has_processes, has_files;
	bool of_processes; /* an option that only --processes has was given */
	struct processes_config processes;
	struct files_config of_files;
	struct sst_redaction redaction; /* all but the key */
	const char *redact_key;         /* a file; NULL: a random key */
	bool by;                        /* what calls are told apart by was given, in stats */
	bool has_metrics;
	struct serve_address metrics;
	struct filter filter;
	char **files; /* in argv, or a list of one "-" */
	size_t n_files;
};

/* options_parse() - false after a usage error, which has been said on standard error. */
bool options_parse(struct options *options, int argc, char **argv);
void options_free(struct options *options);

/* The text of --help. */
extern const char options_help[];

#endif
