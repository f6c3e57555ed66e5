/*
 * options.c - the command line of sysstream, from one table
 */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "option_table.h"
#include "option_values.h"

#define NO_LETTER 256 /* what getopt_long returns for options without one begins here */

/* --- getopt ---------------------------------------------------------------------------------------------- */

/* The table in the forms getopt_long wants. */
struct getopt_forms {
	char letters[2 + 2 * OPTION_ROWS + 1];
	struct option longs[OPTION_ROWS + 1];
};

static int takes(const struct option_row *row)
{
	if (!row->arg)
		return no_argument;
	return row->arg[0] == '[' ? optional_argument : required_argument;
}

/* What getopt_long returns for a row: its letter, or a number beyond all letters. */
static int code_of(size_t row)
{
	return option_table[row].letter ? option_table[row].letter : NO_LETTER + (int)row;
}

static const struct option_row *row_of(int code)
{
	for (size_t i = 0; i < OPTION_ROWS; i++)
		if (code_of(i) == code)
			return &option_table[i];
	return NULL;
}

static void fill_forms(struct getopt_forms *forms)
{
	char *letter = forms->letters;
	struct option *option = forms->longs;

	memset(forms, 0, sizeof(*forms));
	*letter++ = '+'; /* options after the command belong to it */
	*letter++ = ':'; /* we print what is wrong */
	for (size_t i = 0; i < OPTION_ROWS; i++) {
		const struct option_row *row = &option_table[i];

		if (row->name)
			*option++ = (struct option){.name = row->name, .has_arg = takes(row), .val = code_of(i)};
		if (!row->letter)
			continue;
		*letter++ = row->letter;
		if (row->arg)
			*letter++ = ':';
	}
}

static int no_argument_given(int code, struct message *error)
{
	const struct option_row *row = row_of(code);

	if (row && row->letter)
		return message_set(error, -EINVAL, "-%c needs an argument; see sysstream --help", row->letter);
	return message_set(error, -EINVAL, "--%s needs an argument; see sysstream --help", row ? row->name : "");
}

/* getopt_long returned ':' or '?' for arg. */
static int bad_option(int result, const char *arg, struct message *error)
{
	if (result == ':')
		return no_argument_given(optopt, error);
	if (!strncmp(arg, "--", 2) && optopt != 0)
		return message_set(error, -EINVAL, "--%.*s takes no argument", (int)strcspn(arg + 2, "="), arg + 2);
	return option_unknown(arg, (char)optopt, error);
}

bool options_is_about(const struct options *options)
{
	return options->help || options->version || options->check;
}

/* All of argv: options, PIDs between them, and a command behind "--". */
static int take_arguments(struct options *options, int argc, char **argv, struct message *error)
{
	struct getopt_forms forms;
	int err = 0;

	fill_forms(&forms);
	optind = 0; /* glibc and musl: begin anew */
	while (!err && !options_is_about(options)) {
		int next = optind > 0 ? optind : 1;

		if (next >= argc)
			break;
		char *arg = argv[next]; /* within a cluster like -vq still the whole of it */
		if (!strcmp(arg, "--")) {
			options->command = argv + next + 1;
			break;
		}
		int code = getopt_long(argc, argv, forms.letters, forms.longs, NULL);
		if (code == -1)
			err = option_pids(options, "", argv[optind++], error);
		else if (code == ':' || code == '?')
			err = bad_option(code, arg, error);
		else
			err = option_take(options, row_of(code), optarg, error);
	}
	return err;
}

/* What --files shows, and what tells where a relative path begins. */
static const char file_calls[] =
	"trace=?open,?openat,?openat2,?open_by_handle_at,?creat,?rename,?renameat,?renameat2,?unlink,?unlinkat,?rmdir,"
	"?mkdir,?mkdirat,?link,?linkat,?symlink,?symlinkat,?mknod,?mknodat,?truncate,?truncate64,?chdir,?fchdir,"
	"?chroot,?pivot_root,?setns,?close,?close_range,?dup,?dup2,?dup3,?fcntl,?fcntl64,?fork,?vfork,?clone,?clone3,"
	"?unshare,?io_uring_setup,?io_uring_enter";

/* --events is a selection. */
static int select_events(struct options *options, struct message *error)
{
	struct selection *selection = &options->selection;

	if (options->events == EVENTS_CALLS)
		return 0;
	if (selection->by_call)
		return message_set(error, -EINVAL, "--events and -e both say what is recorded: leave out one");
	if (options->events == EVENTS_PROCESS && selection_is_any(selection))
		return message_set(error, -EINVAL,
				   "--events=process records no calls: leave out --failed and --slower");
	return selection_parse(selection, options->events == EVENTS_FILE ? file_calls : "trace=none", error);
}

/* Do the ways to say what is recorded go together? */
static int check_targets(const struct options *options, struct message *error)
{
	if (options->command && (!options->command[0] || !options->command[0][0]))
		return message_set(error, -EINVAL, "a command is missing after --");
	if (options->all && options->n_pids > 0)
		return message_set(error, -EINVAL, "-a records every process: leave out the PIDs, or -a");
	if (options->all && (options->targets.n_names || options->targets.n_users))
		return message_set(error, -EINVAL, "-a records every process: leave out -c and --uid, or -a");
	if (options->all && options_contains(options))
		return message_set(error, -EINVAL,
				   "-a records every process: leave out --containers and --container, or -a");
	if (options->containers.all && options->containers.n)
		return message_set(error, -EINVAL, "--containers are all of them: leave it out, or --container");
	if (!options->all && options->n_pids == 0 && !options->command && !options_waits(options))
		return message_set(error, -EINVAL,
				   "nothing to record: give PIDs, -c NAME, -- COMMAND, or -a (see sysstream --help)");
	if (options->tree && options->n_pids == 0)
		return message_set(error, -EINVAL, "--tree: give the PIDs of the processes at its root");
	if (options->pidns && options->n_pids == 0)
		return message_set(error, -EINVAL, "--pidns says what PIDs mean, and there are none");
	if (options->lossless && options->all)
		return message_set(error, -EINVAL,
				   "--lossless stops processes, and with -a whatever the machine needs to go on: "
				   "choose the processes");
	return 0;
}

/* Do the parts go together? */
static int check(struct options *options, struct message *error)
{
	if (check_targets(options, error))
		return -EINVAL;
	if (options->command)
		options->follow = true;
	if (options_settle(options, error))
		return -EINVAL;
	if (options->keep && !options_rotates(options))
		return message_set(error, -EINVAL,
				   "--keep counts parts, and there is only one: add --rotate-size or --rotate-time");
	if (options->data && !options->text)
		return message_set(error, -EINVAL, "-s 0 keeps nothing of what arguments point to: leave out --data");
	if (options->view && !strcmp(options->file, "-"))
		return message_set(error, -EINVAL,
				   "--view shows the recording on standard output, and -f - writes it there: leave "
				   "out one");
	return select_events(options, error);
}

int options_parse(struct options *options, int argc, char **argv, struct message *error)
{
	int err;

	*options = (struct options){.file = "trace.sst", .sync = NS_PER_S, .text = OPTIONS_TEXT};
	err = take_arguments(options, argc, argv, error);
	if (!err && !options_is_about(options))
		err = check(options, error);
	if (err)
		options_free(options);
	return err;
}

void options_free(struct options *options)
{
	free(options->pids);
	options->pids = NULL;
	options->n_pids = 0;
}

bool options_contains(const struct options *options)
{
	return options->containers.all || options->containers.n;
}

bool options_waits(const struct options *options)
{
	return options->targets.n_names || options->targets.n_users || options_contains(options);
}

bool options_keeps(const struct options *options)
{
	return !options->view || options->file_given || options_rotates(options);
}

bool options_rotates(const struct options *options)
{
	return options->rotate_size || options->rotate_time;
}

uint64_t options_ring_size(const struct options *options, long cpus)
{
	uint64_t size = (uint64_t)(cpus > 0 ? cpus : 1) * OPTIONS_RING_PER_CPU;

	if (options->ring_size)
		return options->ring_size;
	if (size < OPTIONS_RING_DEFAULT)
		return OPTIONS_RING_DEFAULT;
	return size < OPTIONS_RING_MAX ? size : OPTIONS_RING_MAX;
}

uint64_t options_min_free(const struct options *options, uint64_t total)
{
	const struct options_free_space *space = &options->min_free;
	uint64_t one_percent = total / 100;

	if (!space->given)
		return one_percent < OPTIONS_MIN_FREE ? one_percent : OPTIONS_MIN_FREE;
	return space->bytes + total / 1000000 * space->millionths + total % 1000000 * space->millionths / 1000000;
}

int64_t options_flush(const struct options *options, bool to_pipe)
{
	if (options->flush)
		return options->flush;
	return to_pipe ? 100 * NS_PER_MS : NS_PER_S;
}
