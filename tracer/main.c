/*
 * sysstream - record every system call of the given processes.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "check.h"
#include "run.h"
#include "signals.h"
#include "status.h"

#define END_MS 5000 /* a command that has left the recorded processes should be waitable by then */

static int parse(struct run *run)
{
	if (options_parse(&run->options, run->argc, run->argv, &run->error))
		return EXIT_USAGE;
	message_setup(run->options.level);
	return 0;
}

static int print_about(const struct run *run)
{
	const struct options *options = &run->options;
	int err;

	if (options->check)
		err = check_print(options, stdout);
	else
		err = options->help ? options_print_help(stdout) : options_print_version(stdout);
	return !err ? 0 : err == -EPERM && options->check ? EXIT_NO_TARGET : EXIT_RUNTIME;
}

static int check_privilege(struct run *run)
{
	int err;

	if (privilege_invoker(&run->invoker))
		return message_set(&run->error, EXIT_RUNTIME, "out of memory");
	err = privilege_check(&run->error);
	if (!err && run->options.lossless && !privilege_has(CAP_KILL))
		err = message_set(&run->error, -EPERM,
				  "--lossless needs CAP_KILL, to let go on whom it has stopped: run it with sudo");
	return !err ? 0 : err == -EPERM ? EXIT_NO_TARGET : EXIT_RUNTIME;
}

static int start_command(struct run *run)
{
	struct command_setup setup = {.inherited = &run->inherited,
				      .invoker = &run->invoker,
				      .stdout_taken = run->output.to_stdout || run->view.pid};
	int err;

	if (!run->options.command)
		return 0;
	err = command_start(&run->command, run->options.command, &setup, &run->error);
	if (!err)
		return 0;
	return err == -ENOENT ? EXIT_NOT_FOUND : err == -EACCES || err == -ENOEXEC ? EXIT_NOT_EXECUTABLE : EXIT_RUNTIME;
}

static const struct selection *selection_of(const struct run *run)
{
	return selection_is_any(&run->options.selection) ? &run->options.selection : NULL;
}

/* The recorder must not wait behind those it records; where that is not allowed it does without. */
static void raise_priority(void)
{
	setpriority(PRIO_PROCESS, 0, -20);
}

/* Who is forked before keeps the priority that we were started with. */
static int attach(struct run *run)
{
	uint64_t size = options_ring_size(&run->options, sysconf(_SC_NPROCESSORS_ONLN));
	uint64_t groups[RING_NAMES];
	struct session_config config = {.all = run->options.all,
					.follow = run->options.follow,
					.processes = run->options.events == EVENTS_PROCESS,
					.lossless = run->options.lossless,
					.tally = run->options.tally != 0,
					.hooks = run->options.hooks,
					.targets = &run->options.targets,
					.containers = run->options.containers.all ? 1
						      : run->options.containers.n ? 2
										  : 0,
					.selection = selection_of(run),
					.capture = {.text = run->options.text, .data = run->options.data},
					.slots = SESSION_SLOTS,
					.ring = (size_t)size};

	raise_priority();
	config.groups = groups;
	config.n_groups = containers_groups(run->containers, groups, RING_NAMES);
	if (session_open(&run->session, &config) != 0)
		return message_set(&run->error, EXIT_RUNTIME, "%s", run->session.error);
	containers_attach(run->containers, &run->session);
	detail("ring buffers of %zu KiB in all: %zu pieces of %zu KiB",
	       run->session.n_chunks * run->session.chunk_size / 1024, run->session.n_chunks,
	       run->session.chunk_size / 1024);
	detail("attached to the %s tracepoints%s%s%s", run->session.hooks == HOOKS_CLASSIC ? "classic" : "BTF",
	       *run->session.why ? " (" : "", run->session.why, *run->session.why ? ")" : "");
	return 0;
}

static int begin(struct run *run)
{
	struct recorder *recorder = &run->recorder;
	char what[1024];
	int err;

	run_describe(run, what, sizeof(what));
	recorder->session = &run->session;
	recorder->parts = &run->parts;
	recorder->command = &run->command;
	recorder->flush = (uint64_t)options_flush(&run->options, !run->output.regular || run->view.pid);
	recorder->sync = (uint64_t)run->options.sync;
	recorder->duration = (uint64_t)run->options.duration;
	recorder->selection = selection_of(run);
	recorder->tasks = run_tasks(run);
	recorder->release = run->options.lossless ? &run->release : NULL;
	recorder->processes = run->options.events == EVENTS_PROCESS;
	recorder->snapshots = run->options.text > 0;
	recorder->stop_on_loss = run->options.stop_on_loss;
	recorder->view = run->view.pid && (run->live || !options_keeps(&run->options)) ? &run->view : NULL;
	recorder->tally = (uint64_t)run->options.tally;
	recorder->intervals = run->options.intervals;
	recorder->all = run->options.all || options_waits(&run->options);
	recorder->containers = run->containers;
	err = recorder_begin(recorder, run->argc, run->argv, what);
	if (err)
		return run_fail_to_begin(run, err);
	err = output_commit(&run->output, &run->error);
	return err ? EXIT_RUNTIME : 0;
}

static int drop_privileges(struct run *run)
{
	bool keep_bpf = privilege_bpf_needs_cap(session_program_fd(&run->session)) == 1;

	run->recorder.can_skip = true;
	if (run->options.lossless && release_start(&run->release, &run->session, &run->error))
		return EXIT_RUNTIME;
	return privilege_drop(&run->invoker, keep_bpf, &run->error) ? EXIT_RUNTIME : 0;
}

static int start(struct run *run)
{
	char what[1024], where[1024];
	int err;

	if (log_start(&run->log, &run->error))
		return EXIT_RUNTIME;
	err = recorder_start(&run->recorder);
	if (err)
		return run_fail_to_begin(run, err);
	run_describe(run, what, sizeof(what));
	/* The table says it, and has the screen. */
	status_start(&run->recorder.status, run->live && isatty(STDERR_FILENO) ? NULL : what,
		     output_describe(&run->output, &run->invoker, where, sizeof(where)));
	if (run->view.pid && isatty(STDOUT_FILENO))
		run->recorder.status.terminal = false; /* the view is there */
	return 0;
}

static int (*const steps[])(struct run *) = {
	check_privilege, run_find_targets, run_start_view,  run_open_output, start_command,       attach,
	begin,           run_mark,         drop_privileges, start,           run_release_command,
};

static int prepare(struct run *run)
{
	int status = 0;

	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps) && !status; i++)
		status = steps[i](run);
	if (!status)
		return 0;
	command_abort(&run->command);
	recorder_free(&run->recorder);
	output_discard(&run->output);
	view_abort(&run->view); /* which ends with its input, if it is not ours to kill any more */
	return status;
}

/* The command's own status once it has ended, which a command that could not be started has as well. */
static int command_status(struct run *run)
{
	bool ending = run->recorder.reason && !strcmp(run->recorder.reason, REASON_GONE);

	if (!run->options.command || !command_wait(&run->command, ending ? END_MS : 0))
		return 0;
	if (command_exec_error(&run->command))
		command_explain(&run->command, &run->error);
	return command_exit_status(&run->command);
}

/* What has become of the output, the view and the log. */
struct ending {
	const char *file; /* the output as messages call it … */
	bool regular;     /* … and whether it is one: asked before it is closed */
	int err, view_err, log_err;
	struct message view_why, log_why;
};

static void end_all(struct run *run, struct ending *ending, struct figures *figures)
{
	int close_err;

	ending->file = output_name(&run->output);
	ending->regular = run->output.regular;
	release_stop(&run->release);
	ending->err = recorder_end(&run->recorder);
	recorder_figures(&run->recorder, figures);
	figures->programs = session_run_time(&run->session);
	close_err = output_close(&run->output);
	if (!ending->err)
		ending->err = close_err;
	ending->view_err = view_end(&run->view, &ending->view_why);
	ending->log_err = log_end(&run->log, &ending->log_why);
}

/* Whoever reads only the view has seen enough, or view_err says what became of it: nothing that counts is lost. */
static void forgive_reader(const struct run *run, struct ending *ending, struct figures *figures)
{
	if (ending->err != -EPIPE || options_keeps(&run->options))
		return;
	ending->err = 0;
	figures->lost -= figures->lost_by_cause[SST_CAUSE_WRITE];
	figures->lost_by_cause[SST_CAUSE_WRITE] = 0;
}

/* The first of what went wrong, into run->error. Returns 0 if nothing did. */
static int judge(struct run *run, const struct ending *ending)
{
	const struct message *why = parts_error(&run->parts) ? parts_error(&run->parts)
				    : ending->view_err       ? &ending->view_why
				    : ending->log_err        ? &ending->log_why
							     : NULL;

	if (ending->err)
		return run_write_failure(run, ending->file, ending->regular, ending->err);
	if (!why)
		return 0;
	run->error = *why;
	return EXIT_RUNTIME;
}

static int finish(struct run *run)
{
	struct ending ending = {0};
	struct figures figures;
	int status;

	end_all(run, &ending, &figures);
	forgive_reader(run, &ending, &figures);
	status_end(&run->recorder.status, &figures);
	status = judge(run, &ending);
	if (status)
		return status;
	status = command_status(run);
	return (run->options.strict || run->options.stop_on_loss) && figures.lost ? EXIT_LOST : status;
}

static void close_all(struct run *run)
{
	release_stop(&run->release);
	log_close(&run->log);
	recorder_free(&run->recorder);
	parts_free(&run->parts);
	if (run->session.bpf)
		session_close(&run->session);
	command_close(&run->command);
	engines_stop(&run->engines);
	containers_free(run->containers);
	targets_close(&run->targets);
	tasks_close(run->tasks);
	privilege_invoker_free(&run->invoker);
	options_free(&run->options);
}

/* A file that takes the place of a closed standard error would have our messages in it. */
static void keep_standard_files(void)
{
	/* Nothing can be written to a standard output that was closed. */
	static const int mode[] = {O_RDONLY, O_RDONLY, O_WRONLY};

	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", mode[fd] | O_CLOEXEC) != fd)
			_exit(EXIT_RUNTIME);
}

static int record(struct run *run)
{
	int status;

	signals_block();
	status = prepare(run);
	if (status)
		return status;
	recorder_run(&run->recorder);
	return finish(run);
}

int main(int argc, char **argv)
{
	struct run run = {.argc = argc, .argv = argv};
	int status;

	inherited_save(&run.inherited);
	keep_standard_files();
#ifdef M_ARENA_MAX
	/* What a rush of calls has taken goes back to the system after it; what one thread allocates another frees. */
	mallopt(M_MMAP_THRESHOLD, 1 << 20);
	mallopt(M_ARENA_MAX, 1);
#endif
	signal(SIGCHLD, SIG_DFL); /* where it is ignored, the kernel throws the exit status of children away */
	status = parse(&run);
	if (!status)
		status = options_is_about(&run.options) ? print_about(&run) : record(&run);
	if (run.error.text[0])
		complain(&run.error);
	close_all(&run);
	return status;
}
