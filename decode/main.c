/*
 * main.c - sysdecode: recordings of system calls to tables.
 *
 * options.c knows the command line, walk.c goes from frame to frame, stream.c brings the rows in order and through the
 * filter, table.c and raw.c print them.
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
#include "input.h"
#include "options.h"
#include "out.h"
#include "raw.h"
#include "recover.h"
#include "report.h"
#include "sandbox.h"
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

/* An output that is one of the inputs would be emptied before it is read. */
static bool check_output(const struct options *options)
{
	struct stat output, input;

	if (!options->output || stat(options->output, &output) < 0 || !S_ISREG(output.st_mode))
		return true;
	for (size_t i = 0; i < options->n_files; i++) {
		const char *file = options->files[i];

		if ((is_standard(file) ? fstat(STDIN_FILENO, &input) : stat(file, &input)) < 0)
			continue;
		if (input.st_dev == output.st_dev && input.st_ino == output.st_ino) {
			complain("-o %s: this is an input; write to another file", escaped(options->output));
			return false;
		}
	}
	return true;
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

static bool open_output(const struct options *options)
{
	int fd = STDOUT_FILENO;

	if (options->action == ACTION_RECOVER && !is_standard(options->output))
		fd = create_recovered(options->output);
	else if (options->output && !is_standard(options->output))
		fd = open(options->output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0666);
	if (fd < 0)
		complain("%s: %s", escaped(options->output), strerror(errno));
	else
		out_init(&out, fd);
	return fd >= 0;
}

static struct view *make_view(const void *context)
{
	const struct options *options = context;
	enum dialect dialect = options->format == FORMAT_CSV ? DIALECT_CSV : DIALECT_TSV;

	return options->format == FORMAT_RAW ? raw_new() : table_new(dialect, &options->columns, !options->no_header);
}

static void decode(const struct input *input, struct options *options, struct view *view, struct report *report)
{
	struct view_maker maker = {.make = make_view, .context = options};
	struct stream_config config = {
		.filter = &options->filter, .view = view, .maker = &maker, .threads = options->threads};
	uint64_t rows = stream_run(input, &config, report);

	out_flush(&out); /* rows first, then what is to be said about them */
	if (!out.error)
		report_summary(report, rows);
}

static enum status read_input(struct options *options, const struct input *input, struct view *view)
{
	struct report report = {.name = input->name};

	if (input->error) {
		complain("%s: %s", input->name, strerror(-input->error));
		report.status = STATUS_FAILED;
	} else if (options->action == ACTION_INFO) {
		info_run(input, &out, &report);
	} else if (options->action == ACTION_RECOVER) {
		recover_run(input, &out, &report);
	} else if (options->action == ACTION_VERIFY) {
		verify_run(input, &out, &report);
	} else {
		decode(input, options, view, &report);
	}
	return report.status;
}

static enum status read_inputs(struct options *options, const struct input *inputs)
{
	enum status status = STATUS_OK;
	struct view *view = make_view(options);

	if (!view) {
		complain("out of memory");
		return STATUS_FAILED;
	}
	view->out = &out;
	for (size_t i = 0; i < options->n_files && !out.error; i++) {
		if (i > 0 && options->action == ACTION_INFO)
			out_printf(&out, "\n");
		status = worse(status, read_input(options, &inputs[i], view));
	}
	free(view);
	return status;
}

/* Before anything is created: can this be recovered from? */
static bool check_inputs(const struct options *options, const struct input *inputs)
{
	if (options->action != ACTION_RECOVER)
		return true;
	if (inputs->error)
		complain("%s: %s", inputs->name, strerror(-inputs->error));
	else if (inputs->stream)
		complain("%s: --recover needs a file, not a pipe", inputs->name);
	return !inputs->error && !inputs->stream;
}

/* All of them, before the first byte of any is looked at: afterwards nothing can be opened any more. */
static struct input *open_inputs(const struct options *options)
{
	struct input *inputs = calloc(options->n_files, sizeof(*inputs));

	for (size_t i = 0; inputs && i < options->n_files; i++)
		input_open(&inputs[i], options->files[i]);
	return inputs;
}

static void close_inputs(struct input *inputs, size_t n)
{
	for (size_t i = 0; inputs && i < n; i++)
		input_close(&inputs[i]);
	free(inputs);
}

/* The last bytes, and what became of all of them. A reader that has seen enough (head) is not an error. */
static enum status close_output(const struct options *options, enum status status)
{
	out_flush(&out);
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
	struct sandbox_config sandbox = {.follow = false};
	enum status status = STATUS_FAILED;
	struct input *inputs;

	if (!check_terminal(options) || !check_output(options))
		return STATUS_USAGE;
	inputs = open_inputs(options);
	if (!inputs)
		complain("out of memory");
	else if (check_inputs(options, inputs) && open_output(options) && sandbox_enter(&sandbox))
		status = close_output(options, read_inputs(options, inputs));
	close_inputs(inputs, options->n_files);
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
