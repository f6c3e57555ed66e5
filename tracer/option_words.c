/* option_words.c - what is said of the options: --help, and of those that there are not */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "option_table.h"

#ifndef SYSSTREAM_VERSION
#define SYSSTREAM_VERSION "0.1"
#endif

/* Options that the same thing has in strace, perf, tcpdump, and what it is here. */
static const struct {
	const char *theirs;
	const char *ours;
} habits[] = {
	{"-o", "-f FILE"},
	{"-w", "-f FILE"},
	{"--output", "-f FILE"},
	{"-t", "-d T"},
	{"--attach", "-p PID"},
	{"--time", "-d T"},
	{"--timeout", "-d T"},
	{"-y", "--force"},
	{"--follow-forks", "-F"},
	{"--overwrite", "--force"},
	{"-b", "--ring-size=SIZE"},
	{"--mmap-pages", "--ring-size=SIZE"},
	{"--buffer-size", "--ring-size=SIZE"},
	{"-C", "--rotate-size=SIZE"},
	{"-G", "--rotate-time=T"},
	{"-W", "--keep=N"},
	{"--max-size", "--rotate-size=SIZE"},
	{"--switch-output", "--rotate-size=SIZE"},
	{"-u", "--uid=USER"},
	{"--trace", "-e trace=SET"},
	{"-Z", "--failed"},
	{"--failed-only", "--failed"},
	{"--filter", "-e trace=SET"},
	{"--exclude", "-e trace=!SET"},
	{"-?", "-h"},
};

static size_t min3(size_t a, size_t b, size_t c)
{
	size_t least = a < b ? a : b;

	return least < c ? least : c;
}

/* How many letters must be changed, added or left out to make b of the first len bytes of a (Levenshtein). */
static size_t distance(const char *a, size_t len, const char *b)
{
	size_t row[32];
	size_t n = strlen(b);

	if (n >= sizeof(row) / sizeof(row[0]) || len > 64)
		return SIZE_MAX;
	for (size_t k = 0; k <= n; k++)
		row[k] = k;
	for (size_t i = 0; i < len; i++) {
		size_t diagonal = row[0];

		row[0] = i + 1;
		for (size_t k = 0; k < n; k++) {
			size_t above = row[k + 1];

			row[k + 1] = min3(diagonal + (a[i] != b[k]), above + 1, row[k] + 1);
			diagonal = above;
		}
	}
	return row[n];
}

/* The long option nearest to the first len bytes of name, or NULL when none is near. */
static const char *nearest(const char *name, size_t len)
{
	const char *best = NULL;
	size_t best_distance = len < 5 ? 2 : 3;

	for (size_t i = 0; i < OPTION_ROWS; i++) {
		size_t d = option_table[i].name ? distance(name, len, option_table[i].name) : SIZE_MAX;

		if (d < best_distance) {
			best_distance = d;
			best = option_table[i].name;
		}
	}
	return best;
}

static const char *habit(const char *theirs, size_t len)
{
	for (size_t i = 0; i < sizeof(habits) / sizeof(habits[0]); i++)
		if (strlen(habits[i].theirs) == len && !strncmp(theirs, habits[i].theirs, len))
			return habits[i].ours;
	return NULL;
}

/* Is name, len bytes, the beginning of two long options? */
static bool is_ambiguous(const char *name, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < OPTION_ROWS; i++)
		n += option_table[i].name && !strncmp(name, option_table[i].name, len);
	return n > 1;
}

static int unknown_long(const char *arg, struct message *error)
{
	const char *name = arg + 2;
	size_t len = strcspn(name, "=");
	const char *ours = habit(arg, len + 2);
	const char *near = nearest(name, len);
	int shown = len > 80 ? 80 : (int)len;

	if (is_ambiguous(name, len))
		return message_set(error, -EINVAL, "--%.*s: several options begin so; write it in full", shown, name);
	if (ours)
		return message_set(error, -EINVAL, "unknown option --%.*s; here it is %s", shown, name, ours);
	if (near)
		return message_set(error, -EINVAL, "unknown option --%.*s; did you mean --%s?", shown, name, near);
	return message_set(error, -EINVAL, "unknown option --%.*s; see sysstream --help", shown, name);
}

static int unknown_short(const char *arg, char letter, struct message *error)
{
	char option[3] = {'-', letter, '\0'};
	const char *ours = habit(option, 2);

	if (isdigit((unsigned char)letter))
		return message_set(error, -EINVAL, "'%s' is not a PID; PIDs are from 1 to %d", arg, OPTIONS_PID_MAX);
	if (ours)
		return message_set(error, -EINVAL, "unknown option %s; here it is %s", option, ours);
	return message_set(error, -EINVAL, "unknown option %s; see sysstream --help", option);
}

int option_unknown(const char *arg, char letter, struct message *error)
{
	return !strncmp(arg, "--", 2) ? unknown_long(arg, error) : unknown_short(arg, letter, error);
}

/* --- help ------------------------------------------------------------------------------------------------ */

#define HELP_COLUMN 26

static void print_option(FILE *out, const struct option_row *row)
{
	char left[64];
	int len;

	if (!row->name)
		len = snprintf(left, sizeof(left), "  -%c %s", row->letter, row->arg);
	else if (row->letter)
		len = snprintf(left, sizeof(left), "  -%c, --%s", row->letter, row->name);
	else
		len = snprintf(left, sizeof(left), "      --%s", row->name);
	if (row->name && row->arg && row->arg[0] == '[')
		snprintf(left + len, sizeof(left) - (size_t)len, "[=%s", row->arg + 1);
	else if (row->name && row->arg)
		snprintf(left + len, sizeof(left) - (size_t)len, "=%s", row->arg);
	fprintf(out, "%-*s", HELP_COLUMN, left);
	for (const char *line = row->help; line;) {
		const char *end = strchr(line, '\n');

		fprintf(out, "%.*s\n", end ? (int)(end - line) : (int)strlen(line), line);
		line = end ? end + 1 : NULL;
		if (line)
			fprintf(out, "%*s", HELP_COLUMN, "");
	}
}

static int flush_result(FILE *out)
{
	if (fflush(out) || ferror(out))
		return errno ? -errno : -EIO;
	return 0;
}

int options_print_help(FILE *out)
{
	fputs("Usage: sysstream [OPTIONS] PID...\n"
	      "       sysstream [OPTIONS] -- COMMAND [ARG...]\n"
	      "       sysstream [OPTIONS] -a\n"
	      "Record every system call of running processes, of a command, or of the whole machine.\n"
	      "\n",
	      out);
	for (size_t i = 0; i < OPTION_ROWS; i++)
		print_option(out, &option_table[i]);
	fputs("\n"
	      "It ends when all of them have ended, with -d after T, or with Ctrl-C.\n"
	      "\n"
	      "EXAMPLES\n"
	      "  sudo sysstream \"$(pidof redis-server)\"        a running server, until Ctrl-C\n"
	      "  sudo sysstream -d 10s -f a.sst 812 31996      two processes, ten seconds\n"
	      "  sudo sysstream -- ls -l                       a command from its first instruction\n"
	      "  sudo sysstream -c nginx -e trace=%network     what all nginx processes do on the network\n"
	      "  sudo sysstream --container=web                what happens in a container\n"
	      "  sudo sysstream -f - -p 812 | sysdecode        a table while it happens\n"
	      "  sudo sysstream -a --view=processes            what begins and ends, as it happens\n"
	      "  sudo sysstream -a --view=stats -i 5           who calls what how often, like top\n"
	      "  sudo sysstream --rotate-size=1G --keep=5 812  the last 4 to 5 GiB, for as long as it runs\n"
	      "  sysdecode trace.sst > trace.tsv               the table of a recording\n"
	      "\n"
	      "Exit status: 0 recorded (with --: the command's, 128+N for signal N), 1 error, 2 usage,\n"
	      "3 events were lost (with --strict), 4 nothing to attach to. See sysstream(8).\n",
	      out);
	return flush_result(out);
}

int options_print_version(FILE *out)
{
	fputs("sysstream " SYSSTREAM_VERSION "\n", out);
	return flush_result(out);
}
