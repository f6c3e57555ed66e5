#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "run.h"

const struct tasks *run_tasks(const struct run *run)
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

int run_find_targets(struct run *run)
{
	int err = find_containers(run);

	if (!err)
		err = list_tasks(run);
	if (!err && run->options.pidns)
		err = translate_pids(run);
	if (err || !run->options.n_pids)
		return err;
	err = targets_resolve(&run->targets, run->options.pids, run->options.n_pids, run->options.self, run_tasks(run),
			      &run->error);
	return !err ? 0 : err == -ESRCH ? EXIT_NO_TARGET : EXIT_RUNTIME;
}

/* --- in words ---------------------------------------------------------------------------------------------- */

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

void run_describe(const struct run *run, char *text, size_t size)
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

/* --- marks ------------------------------------------------------------------------------------------------- */

/* What the command's PID is in the initial PID namespace. */
static int command_kernel_pid(struct run *run, pid_t *pid)
{
	int err = run->translates ? tasks_scan(run->tasks, &run->error) : 0;

	return err ? err : targets_kernel_pid(run->command.pid, run_tasks(run), pid, &run->error);
}

/* Who is not to be recorded: what we show of a recording is not in it. */
static int find_ourselves(struct run *run, struct mark *mark)
{
	pid_t self = 0, view = 0;
	int err = 0;

	if (run->translates && run->view.pid)
		err = tasks_scan(run->tasks, &run->error);
	if (!err)
		err = targets_kernel_pid(getpid(), run_tasks(run), &self, &run->error);
	if (!err && run->view.pid)
		err = targets_kernel_pid(run->view.pid, run_tasks(run), &view, &run->error);
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
	    !targets_kernel_pid(run->engines.pid, run_tasks(run), &asker, &(struct message){0}))
		session_forget(&run->session, (uint32_t)asker);
}

/* Of the whole machine. */
static int mark_all(struct run *run, struct mark *mark)
{
	const pid_t ours[] = {getpid(), run->view.pid, run->engines.pid};
	const struct options *options = &run->options;

	/* Rows that a view shows would make it read more rows, without end; sums do not. */
	if (options->self && options->counts)
		mark->view = 0;
	session_record_all(&run->session, options->self ? 0 : mark->self, mark->view);
	leave_asker_out(run);
	return found_all(&run->recorder.found, ours, sizeof(ours) / sizeof(*ours));
}

/* Of those that were named, and those that names, users and containers choose. */
static int mark_some(struct run *run, const struct mark *mark)
{
	const struct options *options = &run->options;
	int err = mark_pids(mark, &run->error);

	if (!err && options->tree)
		err = mark_tree(mark, options->tree, &run->error);
	if (!err && (options->targets.n_names || options->targets.n_users))
		err = mark_chosen(mark, &run->error);
	if (!err && options_contains(options))
		err = mark_containers(mark, false, &run->error);
	if (options->self)
		session_record(&run->session, mark->self, RING_BY_PID);
	return err;
}

/* The command is held and not recorded yet. */
static int find_command(struct run *run)
{
	pid_t kernel_pid;
	int err = command_kernel_pid(run, &kernel_pid);

	if (!err && found_new(&run->recorder.found, run->command.pid, (uint32_t)kernel_pid))
		err = message_set(&run->error, -ENOMEM, "out of memory");
	return err;
}

int run_mark(struct run *run)
{
	const struct options *options = &run->options;
	int err;

	run->mark = (struct mark){.session = &run->session,
				  .found = &run->recorder.found,
				  .targets = &run->targets,
				  .tasks = run->tasks,
				  .chosen = &options->targets,
				  .containers = run->containers};
	err = find_ourselves(run, &run->mark);
	if (!err && options->all)
		return mark_all(run, &run->mark) ? EXIT_RUNTIME : 0;
	if (!err)
		err = mark_some(run, &run->mark);
	if (options_contains(options)) {
		run->recorder.mark = mark_more;
		run->recorder.mark_context = run;
	}
	if (!err && options->command)
		err = find_command(run);
	return err ? EXIT_RUNTIME : 0;
}

int run_release_command(struct run *run)
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
