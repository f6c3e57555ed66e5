#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "run.h"
#include "signals.h"
#include "space.h"

static uint64_t min_free(const struct run *run)
{
	struct space space;

	if (!run->output.regular || space_of(run->output.fd, &space))
		return 0;
	return options_min_free(&run->options, space.total);
}

int run_start_view(struct run *run)
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

int run_open_output(struct run *run)
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

/* Of what is no regular file a broken pipe says who broke it. */
static const char *write_error(int err, bool regular)
{
	return err == -EPIPE && !regular ? "its reader has gone" : strerror(-err);
}

/* The first frames could not be written. If they were only for the view, it says more than a broken pipe. */
int run_fail_to_begin(struct run *run, int err)
{
	if (err != -EPIPE || !run->view.pid || options_keeps(&run->options))
		return message_set(&run->error, EXIT_RUNTIME, "%s: cannot write: %s", output_name(&run->output),
				   write_error(err, run->output.regular));
	return view_end(&run->view, &run->error)
		       ? EXIT_RUNTIME
		       : message_set(&run->error, EXIT_RUNTIME, "the view has ended before there was anything to show");
}

int run_write_failure(struct run *run, const char *file, bool regular, int err)
{
	if (err == -ENOMEM)
		return message_set(&run->error, EXIT_RUNTIME,
				   "out of memory; the recording to %s ends here, what was written before is good",
				   file);
	return message_set(&run->error, EXIT_RUNTIME,
			   "%s: cannot write: %s; the recording ends here, what was written before is good", file,
			   write_error(err, regular));
}
