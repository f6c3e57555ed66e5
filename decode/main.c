/*
 * main.c - sysdecode: recordings of system calls to tables.
 *
 * options.c knows the command line, sources.c opens the files, plan.c puts the recordings in them in order, walk.c goes
 * from frame to frame, stream.c (merge.c for recordings that overlap) brings the rows in order and through the filter,
 * table.c, jsonl.c and raw.c print them.
 */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "escape.h"
#include "follow.h"
#include "job.h"
#include "jsonl.h"
#include "live.h"
#include "merge.h"
#include "metrics.h"
#include "options.h"
#include "out.h"
#include "parts.h"
#include "perfetto.h"
#include "plan.h"
#include "raw.h"
#include "recover.h"
#include "redact.h"
#include "report.h"
#include "sandbox.h"
#include "serve.h"
#include "stats.h"
#include "strace.h"
#include "stream.h"
#include "summary.h"
#include "table.h"

#ifndef SYSSTREAM_VERSION
#define SYSSTREAM_VERSION "unknown"
#endif

static struct out out;

static bool is_standard(const char *file)
{
	return !strcmp(file, "-");
}

/* Nobody types an .sst file: who forgot to name one is told so. */
static bool check_terminal(const struct options *options)
{
	for (size_t i = 0; i < options->n_files; i++) {
		if (!is_standard(options->files[i]) || !isatty(STDIN_FILENO))
			continue;
		complain("standard input is a terminal; name a file (sysdecode trace.sst) or read from a pipe "
			 "(sysdecode --help shows all options)");
		return false;
	}
	return true;
}

/* Everything that is read, and who asks for what it says. */
struct inputs {
	struct sources sources;
	const char *name;      /* of the first file */
	struct follow *follow; /* NULL: nothing is followed */
	struct serve *serve;   /* NULL: nobody is answered */
	struct live *live;     /* NULL: nobody watches */
};

/* What cannot be opened has been said. Returns false if there is no point in going on. */
static bool open_inputs(struct inputs *inputs, const struct options *options)
{
	*inputs = (struct inputs){.name = options->files[0],
				  .follow = options->follow ? follow_open(options->files[0]) : NULL};
	if (!options->follow)
		sources_open(&inputs->sources, options->files, options->n_files);
	return !options->follow || inputs->follow;
}

static void close_inputs(struct inputs *inputs)
{
	serve_close(inputs->serve);
	live_close(inputs->live);
	if (inputs->follow)
		follow_close(inputs->follow);
	sources_close(&inputs->sources);
}

static bool is_input(const void *context, const struct stat *file)
{
	const struct inputs *inputs = context;
	struct stat followed;
	bool is = inputs->follow && stat(inputs->name, &followed) == 0 && followed.st_dev == file->st_dev &&
		  followed.st_ino == file->st_ino;

	for (size_t i = 0; i < inputs->sources.n; i++) {
		const struct stat *input = &inputs->sources.list[i]->input.stat;

		is |= input->st_dev == file->st_dev && input->st_ino == file->st_ino;
	}
	return is;
}

/* An output that is one of the inputs would be emptied before it is read. */
static bool check_output(const struct options *options, const struct inputs *inputs)
{
	struct stat output;

	if (!options->output || (options->rows_per_file ? lstat : stat)(options->output, &output) < 0)
		return true;
	if (options->rows_per_file && !S_ISREG(output.st_mode))
		complain("-o %s: not a regular file; --rows-per-file makes several of this name with numbers",
			 escaped(options->output));
	if (options->rows_per_file)
		return S_ISREG(output.st_mode);
	if (!S_ISREG(output.st_mode) || !is_input(inputs, &output))
		return true;
	complain("-o %s: this is an input; write to another file", escaped(options->output));
	return false;
}

/* A new file that only its owner reads, as the recorder makes them; under sudo it is the caller's. */
static int create_recovered(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY, 0600);
	uid_t uid;
	gid_t gid;

	if (fd >= 0 && getenv("SUDO_UID") && sandbox_user(&uid, &gid) && fchown(fd, uid, gid) < 0)
		complain("%s: cannot be given to user %u: %s", escaped(path), (unsigned)uid, strerror(errno));
	return fd;
}

static bool open_parts(const struct options *options, const struct inputs *inputs)
{
	struct parts_config config = {
		.path = options->output,
		.rows = options->rows_per_file,
		.header = !options->no_header && options->format != FORMAT_JSONL,
		.is_input = is_input,
		.context = inputs,
	};

	out_init(&out, -1);
	out.parts = parts_open(&config);
	return out.parts != NULL;
}

static bool open_output(const struct options *options, const struct inputs *inputs)
{
	int fd = STDOUT_FILENO;

	if (options->rows_per_file)
		return open_parts(options, inputs);
	if ((options->action == ACTION_RECOVER || options->action == ACTION_REDACT) && !is_standard(options->output))
		fd = create_recovered(options->output);
	else if (options->output && !is_standard(options->output))
		fd = open(options->output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0666);
	if (fd < 0)
		complain("%s: %s", escaped(options->output), strerror(errno));
	else
		out_init(&out, fd);
	return fd >= 0;
}

/* What views are made from. */
struct views {
	const struct options *options;
	struct stats *stats;     /* NULL: rows are printed */
	struct metrics *metrics; /* NULL, or they are shown */
};

static struct view *make_view(const void *context)
{
	const struct views *views = context;
	const struct options *options = views->options;
	enum dialect dialect = options->format == FORMAT_CSV ? DIALECT_CSV : DIALECT_TSV;

	if (views->stats)
		return stats_view(views->stats);
	if (options->has_metrics)
		return views->metrics ? metrics_view(views->metrics) : NULL;
	if (options->has_processes)
		return processes_new(&options->processes);
	if (options->has_files)
		return files_new(&options->of_files);
	switch (options->format) {
	case FORMAT_JSONL:
		return jsonl_new(&options->columns);
	case FORMAT_RAW:
		return raw_new();
	case FORMAT_PERFETTO:
		return perfetto_new();
	case FORMAT_STRACE:
		return strace_new();
	default:
		return table_new(dialect, &options->columns, !options->no_header);
	}
}

static void decode_all(const struct plan *plan, const struct stream_config *config)
{
	for (size_t i = 0; i < plan->n && !out.error; i++) {
		const struct group *group = &plan->groups[i];

		if (group->n == 1)
			stream_run(group->tapes, config);
		else
			merge_run(group->tapes, group->n, config);
	}
}

/* Each file by itself, then what is said of several files that are parts of one recording. */
static void look_at_all(const struct sources *sources, const struct plan *plan, enum action action)
{
	for (size_t i = 0; i < sources->n && !out.error; i++) {
		struct source *source = sources->list[i];

		if (i > 0 && action == ACTION_INFO)
			out_printf(&out, "\n");
		if (action == ACTION_INFO)
			info_run(&source->input, &out, &source->report);
		else
			verify_run(&source->input, &out, &source->report);
	}
	for (size_t i = 0; i < plan->n_sessions && !out.error && action == ACTION_VERIFY; i++)
		verify_session(&plan->sessions[i], &out);
}

/* Print what there is left of them, if they are wanted. */
static enum status finish_stats(struct stats *stats)
{
	if (!stats || stats_finish(stats))
		return STATUS_OK;
	complain("--stats: out of memory; the sums are not complete");
	return STATUS_FAILED;
}

/* Let it write what it has kept for the end. */
static void finish_view(struct view *view)
{
	if (view->finish)
		view->finish(view);
}

static enum status read_sources(struct sources *sources, const struct options *options,
				const struct stream_config *config, struct stats *stats)
{
	struct plan plan = {0};
	enum status status;

	if (options->action == ACTION_RECOVER) {
		recover_run(sources, &out);
	} else if (options->action == ACTION_REDACT) {
		for (size_t i = 0; i < sources->n && !out.error; i++)
			redact_run(&sources->list[i]->input, &options->redaction, &out, &sources->list[i]->report);
	} else if (plan_make(&plan, sources, options->action != ACTION_DECODE)) {
		complain("out of memory");
		plan.status = STATUS_FAILED;
	} else if (options->action == ACTION_DECODE) {
		decode_all(&plan, config);
		finish_view(config->view);
		plan.status = worse(plan.status, finish_stats(stats));
	} else {
		look_at_all(sources, &plan, options->action);
	}
	out_flush(&out); /* rows first, then what is to be said about them */
	status = worse(sources->status, plan.status);
	for (size_t i = 0; i < sources->n; i++) {
		status = worse(status, sources->list[i]->report.status);
		if ((options->action == ACTION_DECODE || options->action == ACTION_REDACT) && !out.error)
			report_summary(&sources->list[i]->report);
	}
	plan_clear(&plan);
	return status;
}

static struct stats *make_stats(const struct options *options, struct live *live)
{
	struct stats_config config = options->stats;

	config.out = &out;
	config.live = live;
	config.unprinted = live && live_is_output(live) && !options->output;
#ifdef M_ARENA_MAX
	mallopt(M_ARENA_MAX, 1); /* what one thread adds up another frees: arenas of their own would be full of holes */
#endif
	return stats_new(&config);
}

static void write_metrics(void *context, uint64_t now, struct page *page)
{
	metrics_write(context, now, page);
}

/* NULL: without memory, or nobody could be answered, which has been said. */
static struct metrics *make_metrics(const struct options *options, struct serve *serve)
{
	struct metrics *metrics = metrics_new(&(struct metrics_config){.by = options->stats.by});

	if (metrics && serve_start(serve, write_metrics, metrics))
		return metrics;
	metrics_free(metrics);
	return NULL;
}

/* Bytes that views take. */
static size_t view_memory(const struct options *options)
{
	if (options->has_metrics)
		return metrics_memory() + SERVE_PAGES * METRICS_PAGE;
	if (options->has_stats)
		return stats_memory(options->threads, options->stats.by, options->live);
	if (options->has_processes)
		return PROCESSES_MEMORY;
	if (options->format == FORMAT_PERFETTO)
		return PERFETTO_MEMORY;
	return options->format == FORMAT_STRACE ? STRACE_MEMORY : 0;
}

static enum status read_all(struct inputs *inputs, const struct options *options)
{
	struct views views = {
		.options = options,
		.stats = options->has_stats ? make_stats(options, inputs->live) : NULL,
		.metrics = options->has_metrics ? make_metrics(options, inputs->serve) : NULL,
	};
	struct view_maker maker = {.make = make_view, .context = &views};
	struct stream_config config = {
		.filter = &options->filter,
		.view = options->has_stats && !views.stats ? NULL : make_view(&views),
		.maker = &maker,
		.threads = options->has_metrics ? 1 : options->threads,
		.memory = view_memory(options),
	};
	enum status status = STATUS_FAILED;

	if (!config.view) {
		complain("out of memory");
	} else {
		config.view->out = &out;
		if (inputs->follow) {
			status = follow_run(inputs->follow, &config);
			finish_view(config.view);
			status = worse(status, finish_stats(views.stats));
		} else {
			status = read_sources(&inputs->sources, options, &config, views.stats);
		}
		view_free(config.view);
	}
	stats_free(views.stats);
	serve_close(inputs->serve); /* which reads the metrics */
	inputs->serve = NULL;
	metrics_free(views.metrics);
	return status;
}

/* Before anything is created: can this be recovered from? What could not be opened has been said. */
static bool check_inputs(const struct options *options, const struct inputs *inputs)
{
	const struct sources *sources = &inputs->sources;

	if (options->has_metrics && sources->n > 0 && !sources->list[0]->input.stream) {
		complain("--metrics needs a recording that goes on: a pipe, or --follow");
		return false;
	}
	if (options->live && sources->n > 0 && !sources->list[0]->input.stream) {
		complain("--live needs a recording that goes on: a pipe, or --follow");
		return false;
	}
	if (options->action == ACTION_REDACT && sources->n > 1)
		complain("%s: --redact takes one recording, not a directory", escaped(options->files[0]));
	if (options->action == ACTION_REDACT)
		return sources->n <= 1;
	if (options->action != ACTION_RECOVER)
		return true;
	if (sources->n > 1)
		complain("%s: --recover takes one damaged file, not a directory", escaped(options->files[0]));
	else if (sources->n == 1 && sources->list[0]->input.stream)
		complain("%s: --recover needs a file, not a pipe", sources->list[0]->input.name);
	return sources->n == 1 && !sources->list[0]->input.stream;
}

/* Of what is followed, the next part is opened by its name in a directory that is open. */
static bool shut_in(const struct inputs *inputs)
{
	int directory = inputs->follow ? follow_directory(inputs->follow) : -1;
	struct sandbox_config sandbox = {.follow = inputs->follow,
					 .dirs = &directory,
					 .n_dirs = directory >= 0,
					 .parts = out.parts != NULL,
					 .terminal = inputs->live,
					 .serve = inputs->serve};

	return sandbox_enter(&sandbox);
}

/* The port is bound to before rights are given up. */
static bool open_server(const struct options *options, struct inputs *inputs)
{
	if (options->has_metrics)
		inputs->serve = serve_open(&options->metrics);
	return !options->has_metrics || inputs->serve;
}

static enum status close_parts(enum status status)
{
	if (out.error)
		complain("%s: %s", escaped(parts_name(out.parts)), parts_reason(out.error));
	if (parts_close(out.parts) < 0 || out.error)
		return STATUS_FAILED;
	return status;
}

/* Who watches wants no more. */
static void stop_reading(void *context)
{
	const struct inputs *inputs = context;

	if (inputs->follow)
		follow_stop();
	else
		input_stop();
}

/* The terminal is opened before paths are out of reach. */
static bool open_live(const struct options *options, struct inputs *inputs)
{
	struct live_config config = {.by = options->stats.by,
				     .sort = options->sorted ? options->stats.sort : SORT_CALLS,
				     .interval = options->stats.interval,
				     .quit = stop_reading,
				     .context = inputs};
	int err;

	if (!options->live)
		return true;
	err = input_stoppable();
	if (err)
		complain("--live: %s", strerror(-err));
	else
		inputs->live = live_open(&config);
	return inputs->live;
}

/* Give the screen back, and say what there was to say meanwhile. */
static enum status end_live(struct inputs *inputs, enum status status)
{
	bool quit = inputs->live && live_has_quit(inputs->live);

	if (inputs->live && live_has_failed(inputs->live))
		status = STATUS_FAILED;
	live_close(inputs->live);
	inputs->live = NULL;
	return quit && status == STATUS_DAMAGED ? STATUS_OK : status;
}

/* The last bytes, and what became of all of them. A reader that has seen enough (head) is not an error. */
static enum status close_output(const struct options *options, enum status status)
{
	out_flush(&out);
	if (out.parts)
		return close_parts(status);
	if (!out.error && out.fd != STDOUT_FILENO && close(out.fd) < 0)
		out.error = -errno;
	if (out.error == -EPIPE)
		return STATUS_OK;
	if (!out.error)
		return status;
	complain("%s: %s", options->output ? escaped(options->output) : "standard output", strerror(-out.error));
	return STATUS_FAILED;
}

static enum status run(struct options *options)
{
	struct inputs inputs;
	enum status status = STATUS_FAILED;

	if (!check_terminal(options))
		return STATUS_USAGE;
	if (options->action == ACTION_REDACT && !redact_key(&options->redaction, options->redact_key))
		return STATUS_FAILED;
	if (open_inputs(&inputs, options)) {
		if (!check_inputs(options, &inputs))
			status = STATUS_FAILED;
		else if (!check_output(options, &inputs))
			status = STATUS_USAGE;
		else if (open_output(options, &inputs) && open_server(options, &inputs) &&
			 open_live(options, &inputs) &&
			 shut_in(&inputs)) /* from here on nothing needs a path any more */
			status = close_output(options, end_live(&inputs, read_all(&inputs, options)));
	}
	close_inputs(&inputs);
	return status;
}

/*
 * Give large buffers back to the system as soon as they are free. Otherwise the C library keeps ever larger ones, in an
 * arena for each thread, and 64 MiB in use become more.
 */
static void limit_memory(void)
{
#ifdef M_MMAP_THRESHOLD
	mallopt(M_MMAP_THRESHOLD, 1 << 17);
#endif
}

static enum status print_help(const struct options *options)
{
	out_init(&out, STDOUT_FILENO);
	out_printf(&out, "%s", options_help);
	return close_output(options, STATUS_OK);
}

static enum status print_version(const struct options *options)
{
	out_init(&out, STDOUT_FILENO);
	out_printf(&out, "sysdecode " SYSSTREAM_VERSION "\nprotections: %s\n", sandbox_layers());
	return close_output(options, STATUS_OK);
}

int main(int argc, char **argv)
{
	struct options options;
	enum status status = STATUS_USAGE;

	signal(SIGPIPE, SIG_IGN);
	limit_memory();
	if (options_parse(&options, argc, argv)) {
		if (options.action == ACTION_HELP)
			status = print_help(&options);
		else if (options.action == ACTION_VERSION)
			status = print_version(&options);
		else
			status = run(&options);
	}
	options_free(&options);
	return (int)status;
}
