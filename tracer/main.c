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
#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>

#include "check.h"
#include "command.h"
#include "containers.h"
#include "engines.h"
#include "log.h"
#include "mark.h"
#include "message.h"
#include "options.h"
#include "output.h"
#include "privilege.h"
#include "recorder.h"
#include "release.h"
#include "session.h"
#include "signals.h"
#include "space.h"
#include "status.h"
#include "targets.h"
#include "tasks.h"
#include "view.h"

enum exit_status {
	EXIT_RUNTIME = 1,
	EXIT_USAGE = 2,
	EXIT_LOST = 3,
	EXIT_NO_TARGET = 4,
	EXIT_NOT_EXECUTABLE = 126,
	EXIT_NOT_FOUND = 127,
};

#define END_MS 5000 /* a command that has left the recorded processes should be waitable by then */

struct run {
	int argc;
	char **argv;
	struct options options;
	struct inherited inherited;
	struct invoker invoker;
	struct targets targets;
	struct command command;
	struct view view;
	struct log log;
	bool live; /* the view is a table on the terminal */
	struct output output;
	struct parts parts;
	struct session session;
	struct recorder recorder;
	struct release release;
	struct tasks *tasks; /* where they are needed */
	struct engines engines;
	struct containers *containers;
	struct mark mark;
	bool translates; /* our PID namespace is not the initial one: PIDs are other than the programs see them */
	struct message error;
};

/* Each step returns 0, or the exit status with run->error set (empty: nothing to say). */

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

/* The list to translate our PIDs by. */
static const struct tasks *our_tasks(const struct run *run)
{
	return run->translates ? run->tasks : NULL;
}

static int list_tasks(struct run *run)
{
	const struct options *options = &run->options;
	uint32_t ours = tasks_namespace(getpid());

	run->translates = ours && ours != TASKS_INITIAL;
	if (run->translates && options->lossless)
		return message_set(&run->error, EXIT_RUNTIME,
				   "--lossless works outside of containers only: use the PIDs of the host there");
	if (!run->translates && !options_waits(options) && !options->tree)
		return 0;
	if (tasks_open(&run->tasks, ours ? ours : TASKS_INITIAL, &run->error) || tasks_scan(run->tasks, &run->error))
		return EXIT_RUNTIME;
	return 0;
}

/* PIDs of a container, as the host numbers them. Those that are not there are left out. */
static int translate_pids(struct run *run)
{
	struct options *options = &run->options;
	uint32_t namespace = tasks_namespace(options->pidns);
	struct tasks *tasks = NULL;
	size_t n = 0;

	if (run->translates)
		return message_set(&run->error, EXIT_RUNTIME, "--pidns works outside of containers only");
	if (!namespace)
		return message_set(&run->error, EXIT_NO_TARGET, "--pidns: no such process: %d", (int)options->pidns);
	if (tasks_open(&tasks, namespace, &run->error) || tasks_scan(tasks, &run->error)) {
		tasks_close(tasks);
		return EXIT_RUNTIME;
	}
	for (size_t i = 0; i < options->n_pids; i++) {
		const struct tasks_entry *task = tasks_find_ns(tasks, (uint32_t)options->pids[i]);

		if (task)
			options->pids[n++] = (pid_t)task->tid;
		else
			warn("%d: no such process in the PID namespace of %d; it is left out", (int)options->pids[i],
			     (int)options->pidns);
	}
	options->n_pids = n;
	tasks_close(tasks);
	if (n)
		return 0;
	return message_set(&run->error, EXIT_NO_TARGET,
			   "nothing to attach to: no process of those given can be recorded");
}

/* Somebody who tells how new containers are called may tell of this one. */
static int explain_missing(struct run *run, const char *name)
{
	char list[2048];

	containers_list(run->containers, list, sizeof(list));
	if (!containers_tells_names(run->containers))
		return message_set(
			&run->error, EXIT_NO_TARGET,
			"--container: there is no '%s', and no engine that could tell of it later; there are: %s", name,
			list);
	warn("--container: there is no '%s' yet; it is recorded from its start. There are: %s", name, list);
	return 0;
}

/* What containers there are, before anything is attached. Who asks engines begins with nothing of ours open. */
static int find_containers(struct run *run)
{
	const char *missing;
	int err = engines_start(&run->engines);

	if (err)
		detail("nobody asks container engines: %s", strerror(-err));
	run->containers = containers_new(&run->engines, &run->options.containers);
	if (!run->containers)
		return message_set(&run->error, EXIT_RUNTIME, "out of memory");
	if (!options_contains(&run->options))
		return 0;
	containers_find_running(run->containers);
	containers_ask(run->containers, 3000);
	missing = containers_missing(run->containers);
	return missing ? explain_missing(run, missing) : 0;
}

static int find_targets(struct run *run)
{
	int err = find_containers(run);

	if (!err)
		err = list_tasks(run);

	if (!err && run->options.pidns)
		err = translate_pids(run);
	if (err || !run->options.n_pids)
		return err;
	err = targets_resolve(&run->targets, run->options.pids, run->options.n_pids, run->options.self, our_tasks(run),
			      &run->error);
	return !err ? 0 : err == -ESRCH ? EXIT_NO_TARGET : EXIT_RUNTIME;
}

static uint64_t min_free(const struct run *run)
{
	struct space space;

	if (!run->output.regular || space_of(run->output.fd, &space))
		return 0;
	return options_min_free(&run->options, space.total);
}

static int start_view(struct run *run)
{
	const struct options *options = &run->options;
	struct log_config log = {.path = options->log, .size = options->log_size, .keep = options->log_keep};
	struct view_setup setup = {.invoker = &run->invoker,
				   .mask = &run->inherited.mask,
				   .interval = options->view_interval,
				   .output = -1};
	int err;

	if (!options->view)
		return 0;
	/* A command writes to the terminal, too. */
	setup.live = run->live = !options->command && view_can_be_live(options->view);
	log.copy = !run->live;
	if (run->live)
		signals_block_stop();
	if (log_open(&run->log, &log, &run->invoker, &run->error))
		return EXIT_RUNTIME;
	if (options->log)
		setup.output = run->log.output;
	err = view_start(&run->view, options->view, &setup, &run->error);
	log_leave(&run->log);
	return err ? EXIT_RUNTIME : 0;
}

/* The view is all that gets the recording. */
static int open_view(struct run *run)
{
	char path[32];
	int err;

	snprintf(path, sizeof(path), "/dev/fd/%d", run->view.fd);
	err = output_open(&run->output, path, false, &run->invoker, &run->error);
	run->output.path = "the view";
	if (!err)
		view_leave(&run->view);
	return err;
}

static int open_file(struct run *run)
{
	const char *file = run->options.file;
	int err = 0;

	if (!options_keeps(&run->options))
		return open_view(run);

	if (options_rotates(&run->options)) {
		err = output_check_parts(file, &run->error);
		run->parts.path = err ? NULL : output_part_path(file, 1);
		if (!err && !run->parts.path)
			err = message_set(&run->error, -ENOMEM, "out of memory");
		file = run->parts.path;
	}
	return err ? err : output_open(&run->output, file, run->options.force, &run->invoker, &run->error);
}

/* A key for this recording, which nobody keeps. */
static int set_redaction(struct run *run)
{
	struct sst_redaction *redaction = &run->options.redaction;

	if (!sst_redaction_any(redaction))
		return 0;
	if (getrandom(redaction->key, sizeof(redaction->key), 0) != sizeof(redaction->key))
		return message_set(&run->error, -EIO, "there are no random numbers: %s", strerror(errno));
	run->parts.redaction = redaction;
	return 0;
}

static int open_output(struct run *run)
{
	const struct options *options = &run->options;
	int err = open_file(run);

	if (err)
		return err == -EINVAL ? EXIT_USAGE : EXIT_RUNTIME;
	if (set_redaction(run))
		return EXIT_RUNTIME;
	run->parts.output = &run->output;
	run->parts.view = run->view.pid && options_keeps(options) ? &run->view : NULL;
	run->parts.config = (struct parts_config){.file = options->file,
						  .rotate = options_rotates(options),
						  .force = options->force,
						  .sync = options->sync != 0,
						  .size = options->rotate_size,
						  .time = (uint64_t)options->rotate_time,
						  .keep = options->keep,
						  .min_free = min_free(run)};
	return parts_check(&run->parts, &run->invoker, &run->error) ? EXIT_RUNTIME : 0;
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

/* " in containers", " in container web, db" */
static size_t describe_containers(const struct run *run, char *text, size_t size)
{
	const struct containers_choice *choice = &run->options.containers;
	bool first = !run->options.targets.n_names && !run->options.targets.n_users;
	size_t len = (size_t)snprintf(text, size, "%s in container%s", first ? "" : " or", choice->n == 1 ? "" : "s");

	for (size_t i = 0; i < choice->n && len < size; i++)
		len += (size_t)snprintf(text + len, size - len, "%s%s", i ? ", " : " ", choice->names[i]);
	return len;
}

/* "processes named nginx, redis-server and of user 33, and redis-server[812]" */
static void describe_chosen(const struct run *run, char *text, size_t size)
{
	const struct session_targets *chosen = &run->options.targets;
	char targets[512];
	size_t len = (size_t)snprintf(text, size, "processes");

	for (size_t i = 0; i < chosen->n_names && len < size; i++)
		len += (size_t)snprintf(text + len, size - len, "%s%s", i ? ", " : " named ", chosen->names[i]);
	for (size_t i = 0; i < chosen->n_users && len < size; i++)
		len += (size_t)snprintf(text + len, size - len, "%s%u",
					i                 ? ", "
					: chosen->n_names ? " or of user "
							  : " of user ",
					chosen->users[i]);
	if (options_contains(&run->options) && len < size)
		len += describe_containers(run, text + len, size - len);
	if (run->targets.n && len < size)
		snprintf(text + len, size - len, ", and %s", targets_describe(&run->targets, targets, sizeof(targets)));
}

static void describe(const struct run *run, char *text, size_t size)
{
	char targets[512];

	if (run->options.all)
		snprintf(text, size, "every process");
	else if (options_waits(&run->options))
		describe_chosen(run, text, size);
	else if (run->targets.n && run->options.command)
		snprintf(text, size, "%s and %s[%d]", targets_describe(&run->targets, targets, sizeof(targets)),
			 run->options.command[0], (int)run->command.pid);
	else if (run->options.command)
		snprintf(text, size, "%s[%d]", run->options.command[0], (int)run->command.pid);
	else
		targets_describe(&run->targets, text, size);
}

/* Of what is no regular file a broken pipe says who broke it. */
static const char *write_error(int err, bool regular)
{
	return err == -EPIPE && !regular ? "its reader has gone" : strerror(-err);
}

/* The first frames could not be written. If they were only for the view, it says more than a broken pipe. */
static int fail_to_begin(struct run *run, int err)
{
	if (err != -EPIPE || !run->view.pid || options_keeps(&run->options))
		return message_set(&run->error, EXIT_RUNTIME, "%s: cannot write: %s", output_name(&run->output),
				   write_error(err, run->output.regular));
	return view_end(&run->view, &run->error)
		       ? EXIT_RUNTIME
		       : message_set(&run->error, EXIT_RUNTIME, "the view has ended before there was anything to show");
}

static int begin(struct run *run)
{
	struct recorder *recorder = &run->recorder;
	char what[1024];
	int err;

	describe(run, what, sizeof(what));
	recorder->session = &run->session;
	recorder->parts = &run->parts;
	recorder->command = &run->command;
	recorder->flush = (uint64_t)options_flush(&run->options, !run->output.regular || run->view.pid);
	recorder->sync = (uint64_t)run->options.sync;
	recorder->duration = (uint64_t)run->options.duration;
	recorder->selection = selection_of(run);
	recorder->tasks = our_tasks(run);
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
		return fail_to_begin(run, err);
	err = output_commit(&run->output, &run->error);
	return err ? EXIT_RUNTIME : 0;
}

/* What the command's PID is in the initial PID namespace. */
static int command_kernel_pid(struct run *run, pid_t *pid)
{
	int err = run->translates ? tasks_scan(run->tasks, &run->error) : 0;

	return err ? err : targets_kernel_pid(run->command.pid, our_tasks(run), pid, &run->error);
}

/* Who is not to be recorded: what we show of a recording is not in it. */
static int find_ourselves(struct run *run, struct mark *mark)
{
	pid_t self = 0, view = 0;
	int err = 0;

	if (run->translates && run->view.pid)
		err = tasks_scan(run->tasks, &run->error);
	if (!err)
		err = targets_kernel_pid(getpid(), our_tasks(run), &self, &run->error);
	if (!err && run->view.pid)
		err = targets_kernel_pid(run->view.pid, our_tasks(run), &view, &run->error);
	mark->self = (uint32_t)self;
	mark->view = (uint32_t)view;
	return err;
}

/* Another container is wanted than at the beginning. What fails now fails again with the next one, and is said there.
 */
static void mark_more(void *context)
{
	struct run *run = context;
	struct message error = {0};

	if (mark_containers(&run->mark, true, &error))
		complain(&error);
}

/* Who asks engines is not part of what is recorded. */
static void leave_asker_out(struct run *run)
{
	pid_t asker;

	if (run->engines.pid && !run->options.self &&
	    !targets_kernel_pid(run->engines.pid, our_tasks(run), &asker, &(struct message){0}))
		session_forget(&run->session, (uint32_t)asker);
}

/* Open the gate, then find out who is inside a call from before. */
static int mark(struct run *run)
{
	struct options *options = &run->options;
	struct mark mark = {.session = &run->session,
			    .found = &run->recorder.found,
			    .targets = &run->targets,
			    .tasks = run->tasks,
			    .chosen = &options->targets,
			    .containers = run->containers};
	int err = find_ourselves(run, &mark);
	pid_t command;

	if (!err && options->all) {
		/* Rows that a view shows would make it read more rows, without end; sums do not. */
		if (options->self && options->counts)
			mark.view = 0;
		session_record_all(&run->session, options->self ? 0 : mark.self, mark.view);
		leave_asker_out(run);
		const pid_t ours[] = {getpid(), run->view.pid, run->engines.pid};

		return found_all(&run->recorder.found, ours, sizeof(ours) / sizeof(*ours)) ? EXIT_RUNTIME : 0;
	}
	if (!err)
		err = mark_pids(&mark, &run->error);
	if (!err && options->tree)
		err = mark_tree(&mark, options->tree, &run->error);
	if (!err && (options->targets.n_names || options->targets.n_users))
		err = mark_chosen(&mark, &run->error);
	if (!err && options_contains(options))
		err = mark_containers(&mark, false, &run->error);
	run->mark = mark;
	if (options_contains(options)) {
		run->recorder.mark = mark_more;
		run->recorder.mark_context = run;
	}
	if (options->self)
		session_record(&run->session, mark.self, RING_BY_PID);
	if (!err && options->command)
		err = command_kernel_pid(run, &command);
	if (!err && options->command && found_new(&run->recorder.found, run->command.pid, (uint32_t)command))
		err = message_set(&run->error, -ENOMEM, "out of memory");
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

static int release_command(struct run *run)
{
	pid_t kernel_pid;

	if (!run->options.command)
		return 0;
	if (command_arm(&run->command, &run->error))
		return EXIT_RUNTIME;
	if (command_kernel_pid(run, &kernel_pid))
		return EXIT_RUNTIME;
	if (!run->options.all)
		session_record(&run->session, (uint32_t)kernel_pid, RING_BY_PID);
	command_release(&run->command);
	return 0;
}

static int start(struct run *run)
{
	char what[1024], where[1024];
	int err;

	if (log_start(&run->log, &run->error))
		return EXIT_RUNTIME;
	err = recorder_start(&run->recorder);
	if (err)
		return fail_to_begin(run, err);
	describe(run, what, sizeof(what));
	/* The table says it, and has the screen. */
	status_start(&run->recorder.status, run->live && isatty(STDERR_FILENO) ? NULL : what,
		     output_describe(&run->output, &run->invoker, where, sizeof(where)));
	if (run->view.pid && isatty(STDOUT_FILENO))
		run->recorder.status.terminal = false; /* the view is there */
	return 0;
}

static int (*const steps[])(struct run *) = {
	check_privilege, find_targets, start_view,      open_output, start_command,   attach,
	begin,           mark,         drop_privileges, start,       release_command,
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

static int say_write_failure(struct run *run, const char *file, bool regular, int err)
{
	if (err == -ENOMEM)
		return message_set(&run->error, EXIT_RUNTIME,
				   "out of memory; the recording to %s ends here, what was written before is good",
				   file);
	return message_set(&run->error, EXIT_RUNTIME,
			   "%s: cannot write: %s; the recording ends here, what was written before is good", file,
			   write_error(err, regular));
}

static int finish(struct run *run)
{
	struct figures figures;
	struct message why = {0}, log_why = {0};
	bool viewed = !options_keeps(&run->options);
	int err, close_err, view_err, log_err, status;
	const char *file = output_name(&run->output);
	bool regular = run->output.regular;

	release_stop(&run->release);
	err = recorder_end(&run->recorder);
	recorder_figures(&run->recorder, &figures);
	figures.programs = session_run_time(&run->session);
	close_err = output_close(&run->output);
	err = err ? err : close_err;
	view_err = view_end(&run->view, &why);
	log_err = log_end(&run->log, &log_why);
	if (err == -EPIPE && viewed) { /* whoever reads it has seen enough, or view_err says what became of it */
		err = 0;
		figures.lost -= figures.lost_by_cause[SST_CAUSE_WRITE];
		figures.lost_by_cause[SST_CAUSE_WRITE] = 0;
	}
	status_end(&run->recorder.status, &figures);
	if (err)
		return say_write_failure(run, file, regular, err);
	if (parts_error(&run->parts)) {
		run->error = *parts_error(&run->parts);
		return EXIT_RUNTIME;
	}
	if (view_err) {
		run->error = why;
		return EXIT_RUNTIME;
	}
	if (log_err) {
		run->error = log_why;
		return EXIT_RUNTIME;
	}
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
	static const int mode[] = {O_RDONLY, O_RDONLY,
				   O_WRONLY}; /* nothing can be written to a standard output that is closed */

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
