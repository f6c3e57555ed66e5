/*
 * test_status.c - numbers for people, and that loss is never silent
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../tracer/message.h"
#include "../../tracer/status.h"

#define NS_PER_S UINT64_C(1000000000)

static char text[1024];

static void counts(void **state)
{
	(void)state;
	assert_string_equal(status_count(0, text, sizeof(text)), "0");
	assert_string_equal(status_count(999, text, sizeof(text)), "999");
	assert_string_equal(status_count(1000, text, sizeof(text)), "1,000");
	assert_string_equal(status_count(12345, text, sizeof(text)), "12,345");
	assert_string_equal(status_count(1234567, text, sizeof(text)), "1,234,567");
	assert_string_equal(status_count(UINT64_MAX, text, sizeof(text)), "18,446,744,073,709,551,615");
	for (size_t size = 1; size < 12; size++)
		assert_true(strlen(status_count(123456789, text, size)) < size);
}

static void bytes(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} cases[] = {
		{0, "0 bytes"},          {999, "999 bytes"},          {1000, "1.0 kB"},    {4949, "4.9 kB"},
		{999949, "999.9 kB"},    {999950, "1.0 MB"},          {4900000, "4.9 MB"}, {12000000000, "12.0 GB"},
		{UINT64_MAX, "18.4 EB"}, {999999999999999, "1.0 PB"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(status_bytes(cases[i].bytes, text, sizeof(text)), cases[i].text);
}

static void times(void **state)
{
	(void)state;
	assert_string_equal(status_time(0, text, sizeof(text)), "0.000 s");
	assert_string_equal(status_time(482 * NS_PER_S / 1000, text, sizeof(text)), "0.482 s");
	assert_string_equal(status_time(9999999999, text, sizeof(text)), "9.999 s");
	assert_string_equal(status_time(12 * NS_PER_S + NS_PER_S / 3, text, sizeof(text)), "12.3 s");
	assert_string_equal(status_time(245 * NS_PER_S, text, sizeof(text)), "4:05");
	assert_string_equal(status_time(3845 * NS_PER_S, text, sizeof(text)), "1:04:05");
	assert_string_equal(status_time(UINT64_MAX, text, sizeof(text)), "5124095:34:33");
}

static struct figures sample(void)
{
	return (struct figures){.events = 1234567, .bytes = 4913577, .cpu = 120987566};
}

static void live_text(void **state)
{
	struct figures figures = sample();

	(void)state;
	assert_string_equal(status_live_text(&figures, 75 * NS_PER_S, 12345, text, sizeof(text)),
			    "1,234,567 events, 12,345/s, 4.9 MB, 0 lost, 1:15");
	figures.events = 1;
	figures.lost = 1000;
	assert_string_equal(status_live_text(&figures, NS_PER_S, 0, text, sizeof(text)),
			    "1 event, 0/s, 4.9 MB, 1,000 lost, 1.000 s");
}

static void end_text(void **state)
{
	struct figures figures = sample();

	(void)state;
	assert_string_equal(status_end_text(&figures, 12300000000, text, sizeof(text)),
			    "1,234,567 events in 12.3 s, 4.9 MB (3.98 bytes/event), nothing lost, own CPU time 0.120 s "
			    "(98 ns/event)");
	figures.programs = 1234567890;
	assert_non_null(strstr(status_end_text(&figures, NS_PER_S, text, sizeof(text)),
			       "own CPU time 0.120 s (98 ns/event), in BPF programs 1.234 s"));
	figures.programs = 0;
	figures.lost = 12;
	assert_non_null(strstr(status_end_text(&figures, NS_PER_S, text, sizeof(text)), ", 12 lost, "));
	figures = (struct figures){.bytes = 700, .cpu = 5000000};
	assert_string_equal(status_end_text(&figures, NS_PER_S, text, sizeof(text)),
			    "0 events in 1.000 s, 700 bytes, nothing lost, own CPU time 0.005 s");
	figures = (struct figures){.events = UINT64_MAX, .bytes = UINT64_MAX, .lost = UINT64_MAX, .cpu = UINT64_MAX};
	assert_true(strlen(status_end_text(&figures, UINT64_MAX, text, sizeof(text))) < sizeof(text) - 1);
}

/* Every cause has its words, and what no cause explains is not left out. */
static void loss_text(void **state)
{
	struct figures figures = {0};

	(void)state;
	assert_string_equal(status_loss_text(&figures, text, sizeof(text)), "");
	for (int cause = 0; cause < SST_CAUSE_COUNT; cause++) {
		figures.lost_by_cause[cause] = 1000;
		figures.lost += 1000;
	}
	assert_string_equal(
		status_loss_text(&figures, text, sizeof(text)),
		"1,000 because the ring buffers were full, 1,000 of more threads than can be followed, 1,000 "
		"because the kernel skipped the program, 1,000 with damaged parts of the file, 1,000 "
		"because they could not be written, 1,000 for unknown reasons");
	figures = (struct figures){.lost = 10};
	figures.lost_by_cause[SST_CAUSE_RING_FULL] = 7;
	assert_string_equal(status_loss_text(&figures, text, sizeof(text)),
			    "7 because the ring buffers were full, 3 for unknown reasons");
	figures.lost = 5; /* counted a moment apart */
	assert_string_equal(status_loss_text(&figures, text, sizeof(text)), "7 because the ring buffers were full");
}

/* What one recording says at this level, standard error being a pipe. */
static const char *talk(enum message_level level, uint64_t lost)
{
	struct figures figures = sample();
	struct status status;
	int ends[2], saved = dup(STDERR_FILENO);
	ssize_t n;

	figures.lost = figures.lost_by_cause[SST_CAUSE_RING_FULL] = lost;
	assert_int_equal(pipe(ends), 0);
	dup2(ends[1], STDERR_FILENO);
	close(ends[1]);
	message_setup(level);
	status_start(&status, "evil\n\x1b[2J[7]", "trace.sst");
	status_live(&status, &figures);
	status.began -= 2 * NS_PER_S;
	status_live(&status, &figures);
	status_end(&status, &figures);
	message_setup(MESSAGE_NORMAL);
	dup2(saved, STDERR_FILENO);
	close(saved);
	n = read(ends[0], text, sizeof(text) - 1);
	close(ends[0]);
	text[n > 0 ? n : 0] = '\0';
	/* The milliseconds that this took on a busy machine. */
	char *ms = strstr(text, " in 2.");

	if (ms)
		memcpy(ms + 6, "000", 3);
	return text;
}

static void levels(void **state)
{
	(void)state;
	assert_string_equal(
		talk(MESSAGE_NORMAL, 0),
		"sysstream: recording evil\\n\\x1b[2J[7] to trace.sst; Ctrl-C ends it\n"
		"sysstream: 1,234,567 events in 2.000 s, 4.9 MB (3.98 bytes/event), nothing lost, own CPU time "
		"0.120 s (98 ns/event)\n");
	assert_string_equal(talk(MESSAGE_QUIET, 0), "");
	assert_string_equal(talk(MESSAGE_QUIET, 12345),
			    "sysstream: 12,345 events LOST: 12,345 because the ring buffers were full\n");
	assert_non_null(strstr(talk(MESSAGE_NORMAL, 1), "1 event LOST: 1 because"));
}

/* On a terminal: a line that is renewed at most twice a second, no wider than the terminal, gone at the end. */
static void speak_on_terminal(const char *name, unsigned short columns)
{
	struct figures figures = sample();
	struct status status;
	struct winsize window = {.ws_col = columns, .ws_row = 24};
	int slave;

	setsid();
	slave = open(name, O_RDWR); /* becomes the controlling terminal */
	if (slave < 0 || ioctl(slave, TIOCSWINSZ, &window) != 0 || dup2(slave, STDERR_FILENO) < 0)
		_exit(9);
	setenv("TERM", "xterm", 1);
	status_start(&status, "x", "y");
	for (int i = 0; i < 100; i++)
		status_live(&status, &figures); /* too early */
	status.began -= NS_PER_S;
	for (int i = 0; i < 100; i++)
		status_live(&status, &figures); /* once */
	warn("between");
	status.shown -= NS_PER_S;
	status_live(&status, &figures);
	status_end(&status, &figures);
	tcdrain(slave);
	_exit(0);
}

static const char *on_terminal(unsigned short columns)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY), status;
	char name[128];
	size_t used = 0;
	ssize_t n;
	pid_t child;

	if (master < 0 || grantpt(master) || unlockpt(master) || ptsname_r(master, name, sizeof(name))) {
		print_message("skipped: no pseudo terminal here\n");
		skip();
	}
	child = fork();
	if (child == 0)
		speak_on_terminal(name, columns);
	while ((n = read(master, text + used, sizeof(text) - 1 - used)) > 0)
		used += (size_t)n;
	text[used] = '\0';
	close(master);
	waitpid(child, &status, 0);
	assert_int_equal(status, 0);
	return text;
}

#define CLEAR "\r\x1b[K"

static void live_line(void **state)
{
	const char *first, *second;

	(void)state;
	first = strstr(on_terminal(100), CLEAR);
	assert_non_null(first);
	assert_ptr_equal(strstr(first, "1,234,567 events, 1,23"), first + strlen(CLEAR));
	second = strstr(first + 1, CLEAR);
	assert_ptr_equal(strstr(second, "sysstream: between\r\n" CLEAR), second + strlen(CLEAR));
	assert_non_null(strstr(second, "0 lost, 1.0" /* the second live line */));
	assert_non_null(strstr(second, CLEAR "sysstream: 1,234,567 events in 1.0"));
}

static void narrow_terminal(void **state)
{
	const char *first;

	(void)state;
	first = strstr(on_terminal(20), CLEAR);
	assert_non_null(first);
	assert_non_null(strstr(first, CLEAR "1,234,567 events, 1" CLEAR)); /* 19 columns */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts),    cmocka_unit_test(bytes),     cmocka_unit_test(times),
		cmocka_unit_test(live_text), cmocka_unit_test(end_text),  cmocka_unit_test(loss_text),
		cmocka_unit_test(levels),    cmocka_unit_test(live_line), cmocka_unit_test(narrow_terminal),
	};

	return cmocka_run_group_tests_name("status", tests, NULL, NULL);
}
