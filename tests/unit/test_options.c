/*
 * test_options.c - the command line of sysstream: everything right is taken, everything wrong is one clear line
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../tracer/options.h"

#define MAX_ARGS 16
#define NS_PER_S INT64_C(1000000000)

static struct options options;
static struct message error;

/* Parse "sysstream" and the arguments up to NULL. */
static int parse(const char *const *arguments)
{
	static char *argv[MAX_ARGS + 2];
	static char copies[MAX_ARGS + 1][256];
	int argc = 0;

	for (const char *const *at = arguments - 1; argc == 0 || *at; at++, argc++) {
		snprintf(copies[argc], sizeof(copies[argc]), "%s", argc == 0 ? "sysstream" : *at);
		argv[argc] = copies[argc];
	}
	argv[argc] = NULL;
	options_free(&options);
	memset(&error, 0, sizeof(error));
	return options_parse(&options, argc, argv, &error);
}

#define PARSE(...) parse((const char *const[MAX_ARGS + 2]){"", __VA_ARGS__, NULL} + 1)

static void assert_pids(size_t n, ...)
{
	va_list args;

	assert_int_equal(options.n_pids, n);
	va_start(args, n);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(options.pids[i], va_arg(args, int));
	va_end(args);
}

static void defaults(void **state)
{
	(void)state;
	assert_int_equal(PARSE("7"), 0);
	assert_pids(1, 7);
	assert_string_equal(options.file, "trace.sst");
	assert_null(options.command);
	assert_int_equal(options.duration, 0);
	assert_int_equal(options.sync, NS_PER_S);
	assert_int_equal(options_flush(&options, false), NS_PER_S);
	assert_int_equal(options_flush(&options, true), NS_PER_S / 10);
	assert_int_equal(options.level, MESSAGE_NORMAL);
	assert_false(options.all || options.self || options.follow || options.force || options.strict);
	assert_false(options.help || options.version);
}

static void pids_in_every_form(void **state)
{
	static const char *const forms[] = {
		"1,2,3",    "1 2 3",   "1\n2\n3",   "1\n2\n3\n", "1, 2, 3",  " 1 2 3 ",
		"1 ,2 , 3", "1\t2\t3", "1,\n2,\n3", "1 2 3 1",   "01 002,3", "1\r\n2\r\n3\r\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		assert_int_equal(PARSE("-p", forms[i]), 0);
		assert_pids(3, 1, 2, 3);
		assert_int_equal(PARSE(forms[i]), 0);
		assert_pids(3, 1, 2, 3);
	}
	assert_int_equal(PARSE("-p1,2", "-p", "3 4", "--pid=5", "6", "7,8"), 0);
	assert_pids(8, 1, 2, 3, 4, 5, 6, 7, 8);
	assert_int_equal(PARSE("9", "-p8", "9"), 0);
	assert_pids(2, 9, 8);
	assert_int_equal(PARSE("4194303"), 0);
	assert_pids(1, 4194303);
}

static void options_after_pids(void **state)
{
	(void)state;
	assert_int_equal(PARSE("32076", "31996", "-f", "x", "5", "-v"), 0);
	assert_pids(3, 32076, 31996, 5);
	assert_string_equal(options.file, "x");
	assert_int_equal(options.level, MESSAGE_VERBOSE);
	assert_null(options.command);
}

static void every_option(void **state)
{
	(void)state;
	assert_int_equal(PARSE("-mFvf-", "--force", "--strict", "-d", "90s", "--flush=20ms", "--sync=off", "7"), 0);
	assert_true(options.self && options.follow && options.force && options.strict);
	assert_int_equal(options.level, MESSAGE_VERBOSE);
	assert_string_equal(options.file, "-");
	assert_int_equal(options.duration, 90 * NS_PER_S);
	assert_int_equal(options_flush(&options, false), 20000000);
	assert_int_equal(options_flush(&options, true), 20000000);
	assert_int_equal(options.sync, 0);
	assert_int_equal(PARSE("--file=a b", "--duration=2", "--sync", "250ms", "--follow", "--quiet", "7"), 0);
	assert_string_equal(options.file, "a b");
	assert_int_equal(options.duration, 2 * NS_PER_S);
	assert_int_equal(options.sync, NS_PER_S / 4);
	assert_int_equal(options.level, MESSAGE_QUIET);
	assert_int_equal(PARSE("-a"), 0);
	assert_true(options.all);
	assert_int_equal(PARSE("-qv", "--dur=3", "7"), 0); /* the last of two counts; names may be cut */
	assert_int_equal(options.level, MESSAGE_VERBOSE);
	assert_int_equal(options.duration, 3 * NS_PER_S);
}

static void views(void **state)
{
	(void)state;
	assert_int_equal(PARSE("7"), 0);
	assert_null(options.view);
	assert_true(options_keeps(&options));
	assert_int_equal(PARSE("--view=processes --min-duration=5", "-a"), 0);
	assert_string_equal(options.view, "processes --min-duration=5");
	assert_false(options_keeps(&options));
	assert_int_equal(options.events, EVENTS_PROCESS);
	assert_int_equal(PARSE("--view=files", "7"), 0);
	assert_int_equal(options.events, EVENTS_FILE);
	assert_int_equal(PARSE("--view=processes", "-f", "x.sst", "7"), 0);
	assert_int_equal(options.events, EVENTS_CALLS);
	assert_int_equal(PARSE("--view=processes", "--failed", "7"), 0);
	assert_int_equal(options.events, EVENTS_CALLS);
	assert_int_equal(PARSE("--view", "tsv", "-f", "x.sst", "7"), 0);
	assert_true(options_keeps(&options));
	assert_int_equal(PARSE("--view=tsv", "--rotate-size=1M", "7"), 0);
	assert_true(options_keeps(&options));
	assert_int_equal(PARSE("--view=tsv", "-f", "-", "7"), -EINVAL);
	assert_non_null(strstr(error.text, "leave out one"));
	assert_int_equal(PARSE("--view=table", "7"), -EINVAL);
	assert_non_null(strstr(error.text, "there are tsv, csv, jsonl"));
}

/* Sums need no rows, where nobody wants them. */
static void views_of_sums(void **state)
{
	(void)state;
	assert_int_equal(PARSE("--view=stats", "-a"), 0);
	assert_true(options.counts);
	assert_int_equal(options.tally, NS_PER_S);
	assert_int_equal(options.view_interval, NS_PER_S);
	assert_int_equal(PARSE("--view=stats", "-i", "5", "-n", "7", "-a"), 0);
	assert_true(options.counts);
	assert_int_equal(options.tally, 5 * NS_PER_S);
	assert_int_equal(options.view_interval, 5 * NS_PER_S);
	assert_int_equal(options.intervals, 7);
	assert_int_equal(PARSE("--view=stats", "--tally", "7"), 0);
	assert_int_equal(options.view_interval, 5 * NS_PER_S);
	assert_int_equal(PARSE("--view=metrics", "-a"), 0);
	assert_false(options.counts);
	assert_int_equal(PARSE("--view=metrics=0", "--tally=2", "-a"), 0);
	assert_true(options.counts);
	assert_int_equal(PARSE("--view=summary", "7"), 0);
	assert_true(options.counts);
	assert_int_equal(PARSE("--view=stats --by=comm --top=5", "-e", "trace=%file", "--failed", "7"), 0);
	assert_true(options.counts);
	assert_int_equal(PARSE("--view=stats --failed", "7"), 0);
	assert_false(options.counts);
	assert_int_equal(PARSE("--view=stats --by=thread,syscall", "7"), 0);
	assert_false(options.counts);
	assert_int_equal(PARSE("--view=stats", "--lossless", "7"), 0);
	assert_false(options.counts);
}

static void views_of_sums_beside_a_file(void **state)
{
	(void)state;
	assert_int_equal(PARSE("--view=stats", "-i", "2", "-n", "4", "-f", "x.sst", "7"), 0);
	assert_false(options.counts);
	assert_int_equal(options.tally, 0);
	assert_int_equal(options.view_interval, 2 * NS_PER_S);
	assert_int_equal(options.duration, 8 * NS_PER_S);
	assert_int_equal(PARSE("--view=stats", "-n", "4", "-d", "3", "-f", "x.sst", "7"), 0);
	assert_int_equal(options.duration, 3 * NS_PER_S);
	assert_int_equal(PARSE("--view=stats", "--tally=3", "-n", "4", "-f", "x.sst", "7"), 0);
	assert_true(options.counts);
	assert_int_equal(options.intervals, 4);
	assert_int_equal(options.duration, 0);
}

static void logs(void **state)
{
	(void)state;
	assert_int_equal(PARSE("--view=tsv", "--log=x.log", "7"), 0);
	assert_string_equal(options.log, "x.log");
	assert_int_equal(options.log_size, 10 << 20);
	assert_int_equal(options.log_keep, 5);
	assert_int_equal(PARSE("--view=tsv", "--log=x.log", "--log-size=0", "--log-keep=9", "7"), 0);
	assert_int_equal(options.log_size, 0);
	assert_int_equal(options.log_keep, 9);
}

static void many_names(void **state)
{
	char names[1025][8];
	char program[] = "sysstream", option[] = "-c";
	char *argv[2 * 1025 + 2] = {program};

	(void)state;
	for (int i = 0; i < 1025; i++) {
		snprintf(names[i], sizeof(names[i]), "n%d", i);
		argv[2 * i + 1] = option;
		argv[2 * i + 2] = names[i];
	}
	options_free(&options);
	assert_int_equal(options_parse(&options, 2 * 1024 + 1, argv, &error), 0);
	assert_int_equal(options.targets.n_names, 1024);
	assert_string_equal(options.targets.names[1023], "n1023");
	options_free(&options);
	assert_int_equal(options_parse(&options, 2 * 1025 + 1, argv, &error), -EINVAL);
	assert_string_equal(error.text, "-c: more than 1024 names");
}

static void redaction(void **state)
{
	(void)state;
	assert_int_equal(PARSE("--redact=paths,comm", "7"), 0);
	assert_true(options.redaction.paths && options.redaction.comm && !options.redaction.args);
	assert_int_equal(PARSE("--redact=paths", "--redact=args", "7"), 0);
	assert_true(options.redaction.paths && options.redaction.args);
	assert_int_equal(PARSE("--redact=paths,", "7"), -EINVAL);
	assert_int_equal(PARSE("--redact=names", "7"), -EINVAL);
	assert_non_null(strstr(error.text, "neither paths nor args nor comm"));
}

static void commands(void **state)
{
	(void)state;
	assert_int_equal(PARSE("-v", "--", "ls", "-l", "--", "-q", "--help"), 0);
	assert_string_equal(options.command[0], "ls");
	assert_string_equal(options.command[1], "-l");
	assert_string_equal(options.command[2], "--");
	assert_string_equal(options.command[3], "-q");
	assert_string_equal(options.command[4], "--help");
	assert_null(options.command[5]);
	assert_int_equal(options.level, MESSAGE_VERBOSE);
	assert_true(options.follow);
	assert_false(options.help);
	assert_int_equal(PARSE("-p", "5", "--", "true"), 0);
	assert_pids(1, 5);
	assert_string_equal(options.command[0], "true");
	assert_int_equal(PARSE("-a", "--", "true"), 0);
	assert_true(options.all && options.command);
	assert_int_equal(PARSE("-f", "--", "7"), 0); /* here it is the file's name */
	assert_string_equal(options.file, "--");
	assert_null(options.command);
	assert_pids(1, 7);
	assert_int_equal(PARSE("--", "123"), 0); /* a command may be called so */
	assert_string_equal(options.command[0], "123");
	assert_int_equal(options.n_pids, 0);
}

static void help_and_version(void **state)
{
	(void)state;
	assert_int_equal(PARSE("-h"), 0);
	assert_true(options.help);
	assert_int_equal(PARSE("--version"), 0);
	assert_true(options.version);
	assert_int_equal(PARSE("7", "-V", "--nonsense"), 0);
	assert_true(options.version);
}

static void durations(void **state)
{
	static const struct {
		const char *text;
		int64_t ns;
	} good[] = {
		{"1", NS_PER_S},
		{"90s", 90 * NS_PER_S},
		{"5m", 300 * NS_PER_S},
		{"2h", 7200 * NS_PER_S},
		{"1.5h", 5400 * NS_PER_S},
		{"500ms", NS_PER_S / 2},
		{"0.25", NS_PER_S / 4},
		{"1.5", 3 * NS_PER_S / 2},
		{"0.000000001", 1},
		{"1.9999999999999s", 1999999999},
		{"7us", 7000},
		{"1d", 86400 * NS_PER_S},
		{"876000h", INT64_C(3153600000) * NS_PER_S},
		{"007", 7 * NS_PER_S},
	};
	static const char *const wrong[] = {
		"",      " ",   "s",    "h5",  "-1",  "+1",  "1 s", " 1",   "1s ",   "1.",  "1.s", ".5",
		"1.5.5", "1e3", "0x10", "1,5", "inf", "nan", "1S",  "5min", "1h30m", "1\n", "1\t", "99x",
	};
	static const char *const out_of_range[] = {
		"0",
		"0s",
		"0.0",
		"0.0000000001",
		"876001h",
		"99999999999999999999999",
		"9223372036854775808",
		"3153600000.1",
		"18446744073709551616",
	};
	int64_t ns;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		ns = -1;
		assert_int_equal(options_duration(good[i].text, &ns), 0);
		assert_int_equal(ns, good[i].ns);
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(options_duration(wrong[i], &ns), -EINVAL);
		assert_int_equal(PARSE("-d", wrong[i], "7"), -EINVAL);
		assert_non_null(strstr(error.text, "-d: "));
	}
	for (size_t i = 0; i < sizeof(out_of_range) / sizeof(out_of_range[0]); i++) {
		assert_int_equal(options_duration(out_of_range[i], &ns), -ERANGE);
		assert_int_equal(PARSE("-d", out_of_range[i], "7"), -EINVAL);
	}
}

static void sizes(void **state)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} good[] = {
		{"0", 0},
		{"4096", 4096},
		{"7B", 7},
		{"64K", 65536},
		{"64k", 65536},
		{"64KiB", 65536},
		{"1.5M", 3 << 19},
		{"1.5GiB", UINT64_C(3) << 29},
		{"0.25K", 256},
		{"0.1K", 102},
		{"2G", UINT64_C(1) << 31},
		{"8192T", UINT64_C(1) << 53},
		{"1.9999999999K", 2047},
	};
	static const char *const wrong[] = {"",    " ",    "K",   "-1",  "+1",  "1 K", "1.", ".5",
					    "1.K", "0x10", "1,5", "1KB", "1kb", "5%",  "1MM"};
	static const char *const out_of_range[] = {"8193T", "9007199254740993", "18446744073709551616",
						   "99999999999999999999K"};
	uint64_t bytes;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		bytes = 1;
		assert_int_equal(options_size(good[i].text, &bytes), 0);
		assert_int_equal(bytes, good[i].bytes);
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(options_size(wrong[i], &bytes), -EINVAL);
		assert_int_equal(PARSE("--ring-size", wrong[i], "7"), -EINVAL);
		assert_non_null(strstr(error.text, "--ring-size: "));
	}
	for (size_t i = 0; i < sizeof(out_of_range) / sizeof(out_of_range[0]); i++)
		assert_int_equal(options_size(out_of_range[i], &bytes), -ERANGE);
}

static void ring_size(void **state)
{
	(void)state;
	assert_int_equal(PARSE("7"), 0);
	assert_int_equal(options_ring_size(&options, -1), 32 << 20);
	assert_int_equal(options_ring_size(&options, 2), 32 << 20);
	assert_int_equal(options_ring_size(&options, 8), 32 << 20);
	assert_int_equal(options_ring_size(&options, 9), 36 << 20);
	assert_int_equal(options_ring_size(&options, 1024), 512 << 20);
	assert_int_equal(PARSE("--ring-size=64K", "7"), 0);
	assert_int_equal(options_ring_size(&options, 1024), 64 << 10);
	assert_int_equal(PARSE("--ring-size=512MiB", "7"), 0);
	assert_int_equal(options_ring_size(&options, 2), 512 << 20);
}

static void parts(void **state)
{
	(void)state;
	assert_int_equal(PARSE("7"), 0);
	assert_false(options_rotates(&options));
	assert_int_equal(options_min_free(&options, 1000), 10);
	assert_int_equal(options_min_free(&options, UINT64_C(1) << 50), 64 << 20);
	assert_int_equal(PARSE("--rotate-size=1G", "--keep=3", "--min-free=5%", "7"), 0);
	assert_true(options_rotates(&options));
	assert_int_equal(options.rotate_size, 1 << 30);
	assert_int_equal(options.keep, 3);
	assert_int_equal(options_min_free(&options, 1000), 50);
	assert_int_equal(options_min_free(&options, UINT64_C(1) << 50), (UINT64_C(1) << 50) / 20);
	assert_int_equal(PARSE("--rotate-time", "90s", "--min-free", "0", "7"), 0);
	assert_true(options_rotates(&options));
	assert_int_equal(options.rotate_time, 90 * NS_PER_S);
	assert_int_equal(options_min_free(&options, 1000), 0);
	assert_int_equal(PARSE("--min-free=0.5%", "7"), 0);
	assert_int_equal(options_min_free(&options, 1000), 5);
	assert_int_equal(PARSE("--min-free=1M", "7"), 0);
	assert_int_equal(options_min_free(&options, 1000), 1 << 20);
}

/* What is wrong, and the line for it. */
static const struct {
	const char *arguments[4];
	const char *line;
} refusals[] = {
	{{NULL}, "nothing to record: give PIDs, -c NAME, -- COMMAND, or -a (see sysstream --help)"},
	{{"-v"}, "nothing to record: give PIDs, -c NAME, -- COMMAND, or -a (see sysstream --help)"},
	{{"x"}, "'x' is not a PID; a command is given after -- (see sysstream --help)"},
	{{"ls", "-l"}, "'ls' is not a PID; a command is given after -- (see sysstream --help)"},
	{{"-p", "x"}, "-p: 'x' is not a PID"},
	{{"-p", "1,2x,3"}, "-p: '2x' is not a PID"},
	{{"12 34a"}, "'34a' is not a PID; a command is given after -- (see sysstream --help)"},
	{{"-p", "-5"}, "-p: '-5' is not a PID"},
	{{"-p", "+5"}, "-p: '+5' is not a PID"},
	{{"-p", "0x10"}, "-p: '0x10' is not a PID"},
	{{"-p", "1.5"}, "-p: '1.5' is not a PID"},
	{{"-p", "1;2"}, "-p: '1;2' is not a PID"},
	{{"-5"}, "'-5' is not a PID; PIDs are from 1 to 4194303"},
	{{"-p", "0"}, "-p: 0 is out of range; PIDs are from 1 to 4194303"},
	{{"4194304"}, "4194304 is out of range; PIDs are from 1 to 4194303"},
	{{"18446744073709551617"}, "18446744073709551617 is out of range; PIDs are from 1 to 4194303"},
	{{"-p", ""}, "-p: no PID given: the list is empty (does the process run?)"},
	{{"-p", " \n"}, "-p: no PID given: the list is empty (does the process run?)"},
	{{""}, "no PID given: the list is empty (does the process run?)"},
	{{"-p", "1,,2"}, "-p: a PID is missing beside a comma in '1,,2'"},
	{{"-p", ",1"}, "-p: a PID is missing beside a comma in ',1'"},
	{{"-p", "1,"}, "-p: a PID is missing beside a comma in '1,'"},
	{{"-p", ","}, "-p: a PID is missing beside a comma in ','"},
	{{"-"}, "'-' is not a PID; a command is given after -- (see sysstream --help)"},
	{{"-a", "7"}, "-a records every process: leave out the PIDs, or -a"},
	{{"--"}, "a command is missing after --"},
	{{"--", ""}, "a command is missing after --"},
	{{"-f"}, "-f needs an argument; see sysstream --help"},
	{{"--flush"}, "--flush needs an argument; see sysstream --help"},
	{{"-f", "", "7"}, "-f: the file name is empty"},
	{{"--force=x"}, "--force takes no argument"},
	{{"-d", "0"}, "-d: '0' is out of range; it must be more than 0 and less than 100 years"},
	{{"-d", "x"}, "-d: 'x' is not a duration; write it like 90s, 5m, 2h, 1.5h or 500ms"},
	{{"--flush=0"}, "--flush: '0' is out of range; it must be from 1ms to 1h"},
	{{"--flush=2h"}, "--flush: '2h' is out of range; it must be from 1ms to 1h"},
	{{"--flush=off"}, "--flush: 'off' is not a duration; write it like 90s, 5m, 2h, 1.5h or 500ms"},
	{{"--sync=never"}, "--sync: 'never' is not a duration; write it like 90s, 5m, 2h, 1.5h or 500ms"},
	{{"--sync=1us"}, "--sync: '1us' is out of range; it must be from 1ms to 1h"},
	{{"--ring-size=63K"}, "--ring-size: '63K' is out of range; it must be from 64KiB to 512MiB"},
	{{"--ring-size=1G"}, "--ring-size: '1G' is out of range; it must be from 64KiB to 512MiB"},
	{{"--ring-size=big"}, "--ring-size: 'big' is not a size; write it like 64MiB, 500M, 2G or 1.5GiB"},
	{{"--rotate-size=0"}, "--rotate-size: '0' is out of range; it must be 64KiB or more"},
	{{"--rotate-time=20ms"}, "--rotate-time: '20ms' is out of range; it must be 1s or more"},
	{{"--rotate-time=1G"}, "--rotate-time: '1G' is not a duration; write it like 90s, 5m, 2h, 1.5h or 500ms"},
	{{"--keep=0", "--rotate-size=1G", "7"}, "--keep: 0 is out of range; it must be from 1 to 1000000"},
	{{"--keep=99999999999999999999", "7"},
	 "--keep: 99999999999999999999 is out of range; it must be from 1 to 1000000"},
	{{"--keep=all", "7"}, "--keep: 'all' is not a number of parts"},
	{{"--keep=3", "7"}, "--keep counts parts, and there is only one: add --rotate-size or --rotate-time"},
	{{"--min-free=100%"}, "--min-free: '100%' is not a part of the file system; write it like 5% or 0.5%"},
	{{"--min-free=%"}, "--min-free: '%' is not a part of the file system; write it like 5% or 0.5%"},
	{{"--min-free=lots"}, "--min-free: 'lots' is not a size; write it like 64MiB, 500M, 2G or 1.5GiB"},
	{{"--tally=1ms", "7"}, "--tally: '1ms' is out of range; it must be from 10ms to 1h"},
	{{"--tally=often", "7"}, "--tally: 'often' is not a duration; write it like 90s, 5m, 2h, 1.5h or 500ms"},
	{{"-i", "2", "7"}, "-i is about the intervals of --tally and --view=stats"},
	{{"-n", "2", "7"}, "-n is about the intervals of --tally and --view=stats"},
	{{"-i", "2", "--view=tsv", "7"}, "-i is about the intervals of --tally and --view=stats"},
	{{"--log=x", "7"}, "--log keeps what a view prints: add --view=stats or another one"},
	{{"--log=", "--view=tsv", "7"}, "--log: the file name is empty"},
	{{"--log-size=5M", "--view=tsv", "7"}, "--log-size is about the files of --log"},
	{{"--log-keep=5", "--view=tsv", "7"}, "--log-keep is about the files of --log"},
	{{"--log-keep=0", "--log=x", "--view=tsv", "7"}, "--log-keep: 0 is out of range; it must be from 1 to 1000000"},
	{{"--log-keep=some", "--log=x", "--view=tsv", "7"}, "--log-keep: 'some' is not a number of files"},
	{{"--log-size=1K", "--log=x", "--view=tsv", "7"},
	 "--log-size: '1K' is out of range; it must be 4KiB or more, or 0"},
	{{"--view=stats=5s", "7"},
	 "--view: there is no view 'stats=5s'; there are tsv, csv, jsonl, raw, strace, perfetto, processes, files, "
	 "stats, "
	 "summary, metrics"},
	{{"--tally", "-n", "0", "7"}, "-n: '0' is not a number of intervals, 1 or more"},
	{{"--tally", "-n", "2x", "7"}, "-n: '2x' is not a number of intervals, 1 or more"},
	{{"--tally", "--lossless", "7"}, "--lossless: a tally needs no ring buffers that could run full"},
	{{"--tally", "--data", "7"}, "--data: a tally counts calls, and keeps nothing of what they move"},
	{{"--tally", "--events=process", "7"},
	 "--events=process records no calls that --tally could count: leave out one"},
	{{"--tally", "--view=processes", "7"},
	 "--view: a tally has sums and no rows: stats, summary and metrics show them"},
	{{"--tally", "--view=tsv --failed", "7"},
	 "--view: a tally has sums and no rows: stats, summary and metrics show them"},
	{{"-C", "5"}, "unknown option -C; here it is --rotate-size=SIZE"},
	{{"-x"}, "unknown option -x; see sysstream --help"},
	{{"-vx", "7"}, "unknown option -x; see sysstream --help"},
	{{"-o", "x"}, "unknown option -o; here it is -f FILE"},
	{{"--output=x"}, "unknown option --output; here it is -f FILE"},
	{{"--folow"}, "unknown option --folow; did you mean --follow?"},
	{{"--durration=3"}, "unknown option --durration; did you mean --duration?"},
	{{"--fil"}, "-f needs an argument; see sysstream --help"},
	{{"--f"}, "--f: several options begin so; write it in full"},
	{{"--completely-else"}, "unknown option --completely-else; see sysstream --help"},
	{{"-\n"}, "unknown option -\n; see sysstream --help"},
};

static void tallies(void **state)
{
	(void)state;
	assert_int_equal(PARSE("7"), 0);
	assert_true(!options.counts && !options.tally && !options.intervals);
	assert_int_equal(PARSE("--tally", "7"), 0);
	assert_true(options.counts);
	assert_int_equal(options.tally, 5 * NS_PER_S);
	assert_int_equal(PARSE("--tally=500ms", "-n", "3", "-a"), 0);
	assert_int_equal(options.tally, NS_PER_S / 2);
	assert_int_equal(options.intervals, 3);
	assert_int_equal(PARSE("-i", "2", "--tally", "7"), 0);
	assert_int_equal(options.tally, 2 * NS_PER_S);
	assert_int_equal(PARSE("--tally", "--interval=1h", "--intervals=9", "7"), 0);
	assert_int_equal(options.tally, 3600 * NS_PER_S);
	assert_int_equal(options.intervals, 9);
}

static void refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		const char *const *a = refusals[i].arguments;

		assert_int_equal(PARSE(a[0], a[1], a[2], a[3]), -EINVAL);
		assert_string_equal(error.text, refusals[i].line);
		assert_null(options.pids);
	}
}

/* Nothing in the arguments, however long, makes it read or write beyond its own. */
static void long_arguments(void **state)
{
	char *digits = malloc(200001);
	char *argv[] = {(char[]){"sysstream"}, digits, NULL};

	(void)state;
	memset(digits, '9', 200000);
	digits[200000] = '\0';
	options_free(&options);
	assert_int_equal(options_parse(&options, 2, argv, &error), -EINVAL);
	assert_true(strlen(error.text) < 200);
	memcpy(digits, "--", 2);
	assert_int_equal(options_parse(&options, 2, argv, &error), -EINVAL);
	memset(digits, 'x', 200000);
	memcpy(digits, "--d", 3);
	assert_int_equal(options_parse(&options, 2, argv, &error), -EINVAL);
	assert_true(strlen(error.text) < MESSAGE_MAX);
	free(digits);
}

static void help_text(void **state)
{
	static const char *const words[] = {
		"-p, --pid=PID",      "-a, --all",       "-f, --file=FILE", "    --force",        "-F, --follow",
		"-d, --duration=T",   "-m, --self",      "--flush=T",       "--sync=T|off",       "--ring-size=SIZE",
		"--rotate-size=SIZE", "--rotate-time=T", "--keep=N",        "--min-free=SIZE|P%", "--strict",
		"-v, --verbose",      "-q, --quiet",     "-h, --help",      "-V, --version",      "EXAMPLES"};
	char text[8192] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");
	FILE *full = fopen("/dev/full", "w");

	(void)state;
	assert_int_equal(options_print_help(out), 0);
	fclose(out);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		assert_non_null(strstr(text, words[i]));
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		assert_true(strlen(line) <= 92);
	assert_int_equal(options_print_help(full), -ENOSPC);
	fclose(full);
	full = fopen("/dev/full", "w");
	assert_int_equal(options_print_version(full), -ENOSPC);
	fclose(full);
	options_free(&options);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults),
		cmocka_unit_test(pids_in_every_form),
		cmocka_unit_test(options_after_pids),
		cmocka_unit_test(every_option),
		cmocka_unit_test(views),
		cmocka_unit_test(views_of_sums),
		cmocka_unit_test(views_of_sums_beside_a_file),
		cmocka_unit_test(logs),
		cmocka_unit_test(many_names),
		cmocka_unit_test(redaction),
		cmocka_unit_test(commands),
		cmocka_unit_test(help_and_version),
		cmocka_unit_test(durations),
		cmocka_unit_test(sizes),
		cmocka_unit_test(ring_size),
		cmocka_unit_test(parts),
		cmocka_unit_test(tallies),
		cmocka_unit_test(refused),
		cmocka_unit_test(long_arguments),
		cmocka_unit_test(help_text),
	};

	return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
