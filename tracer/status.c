/*
 * status.c - numbers for people
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "message.h"
#include "status.h"

#define NS_PER_S    UINT64_C(1000000000)
#define LIVE_PERIOD (NS_PER_S / 2)

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

char *status_count(uint64_t n, char *text, size_t size)
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%" PRIu64, n);
	size_t used = 0;

	for (int i = 0; i < len && used + 2 < size; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			text[used++] = ',';
		text[used++] = digits[i];
	}
	text[used] = '\0';
	return text;
}

char *status_bytes(uint64_t bytes, char *text, size_t size)
{
	static const char *const names[] = {"kB", "MB", "GB", "TB", "PB", "EB"};
	uint64_t unit = 1000;
	size_t i = 0;

	if (bytes < 1000) {
		snprintf(text, size, "%" PRIu64 " bytes", bytes);
		return text;
	}
	/* 999,950 would be 1000.0 kB. */
	while (i + 1 < sizeof(names) / sizeof(names[0]) && bytes / unit * 20 + bytes % unit * 20 / unit >= 19999) {
		unit *= 1000;
		i++;
	}
	snprintf(text, size, "%.1f %s", (double)bytes / (double)unit, names[i]);
	return text;
}

char *status_time(uint64_t ns, char *text, size_t size)
{
	uint64_t seconds = ns / NS_PER_S;
	uint64_t ms = ns / 1000000; /* cut, not rounded: 59.99 s must not become 60.0 s */

	if (seconds >= 3600)
		snprintf(text, size, "%" PRIu64 ":%02u:%02u", seconds / 3600, (unsigned)(seconds / 60 % 60),
			 (unsigned)(seconds % 60));
	else if (seconds >= 60)
		snprintf(text, size, "%u:%02u", (unsigned)(seconds / 60), (unsigned)(seconds % 60));
	else
		snprintf(text, size, seconds < 10 ? "%.3f s" : "%.1f s", (double)ms / 1e3);
	return text;
}

/* "1 event", "2 events" */
static char *event_count(uint64_t n, char *text, size_t size)
{
	char number[32];

	snprintf(text, size, "%s event%s", status_count(n, number, sizeof(number)), n == 1 ? "" : "s");
	return text;
}

char *status_live_text(const struct figures *figures, uint64_t elapsed, uint64_t rate, char *text, size_t size)
{
	char events[48], per_second[32], bytes[32], lost[32], time[32];

	snprintf(text, size, "%s, %s/s, %s, %s lost, %s", event_count(figures->events, events, sizeof(events)),
		 status_count(rate, per_second, sizeof(per_second)), status_bytes(figures->bytes, bytes, sizeof(bytes)),
		 status_count(figures->lost, lost, sizeof(lost)), status_time(elapsed, time, sizeof(time)));
	return text;
}

char *status_end_text(const struct figures *figures, uint64_t elapsed, char *text, size_t size)
{
	char events[48], bytes[32], lost[32], time[32], cpu[32], programs[32];
	char per_event[48] = "", cpu_per_event[48] = "";

	if (figures->events > 0) {
		snprintf(per_event, sizeof(per_event), " (%.2f bytes/event)",
			 (double)figures->bytes / (double)figures->events);
		snprintf(cpu_per_event, sizeof(cpu_per_event), " (%.0f ns/event)",
			 (double)figures->cpu / (double)figures->events);
	}
	snprintf(text, size, "%s in %s, %s%s, %s lost, own CPU time %s%s",
		 event_count(figures->events, events, sizeof(events)), status_time(elapsed, time, sizeof(time)),
		 status_bytes(figures->bytes, bytes, sizeof(bytes)), per_event,
		 figures->lost ? status_count(figures->lost, lost, sizeof(lost)) : "nothing",
		 status_time(figures->cpu, cpu, sizeof(cpu)), cpu_per_event);
	if (figures->programs) {
		size_t used = strlen(text);

		snprintf(text + used, size - used, ", in BPF programs %s",
			 status_time(figures->programs, programs, sizeof(programs)));
	}
	return text;
}

/* Append "N why" to text. */
static void add_cause(char *text, size_t size, uint64_t n, const char *why)
{
	size_t used = strlen(text);
	char number[32];

	if (n > 0 && used < size)
		snprintf(text + used, size - used, "%s%s %s", used ? ", " : "", status_count(n, number, sizeof(number)),
			 why);
}

char *status_loss_text(const struct figures *figures, char *text, size_t size)
{
	static const char *const why[SST_CAUSE_COUNT] = {
		[SST_CAUSE_UNKNOWN] = "for unknown reasons",
		[SST_CAUSE_RING_FULL] = "because the ring buffers were full",
		[SST_CAUSE_THREADS] = "of more threads than can be followed",
		[SST_CAUSE_SKIPPED] = "because the kernel skipped the program",
		[SST_CAUSE_CUT] = "with damaged parts of the file",
		[SST_CAUSE_WRITE] = "because they could not be written",
	};
	uint64_t rest = figures->lost;

	_Static_assert(SST_CAUSE_COUNT == 6, "every cause needs its words");
	text[0] = '\0';
	for (int cause = SST_CAUSE_UNKNOWN + 1; cause < SST_CAUSE_COUNT; cause++) {
		uint64_t n = figures->lost_by_cause[cause];

		add_cause(text, size, n, why[cause]);
		rest -= n < rest ? n : rest;
	}
	add_cause(text, size, rest, why[SST_CAUSE_UNKNOWN]);
	return text;
}

/* Where a line can be renewed: a terminal that knows how, and nobody asked for quiet. */
static bool has_terminal(void)
{
	const char *term = getenv("TERM");

	return message_level() >= MESSAGE_NORMAL && term && *term && strcmp(term, "dumb") != 0 && isatty(STDERR_FILENO);
}

/* One less than the terminal has: a full line makes some terminals scroll. */
static size_t terminal_width(void)
{
	struct winsize window;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &window) != 0 || window.ws_col < 2)
		return 79;
	return window.ws_col - 1U;
}

void status_start(struct status *status, const char *what, const char *where)
{
	*status = (struct status){.began = now_ns(), .terminal = has_terminal()};
	if (what)
		say("recording %s to %s; Ctrl-C ends it", what, where);
}

void status_live(struct status *status, const struct figures *figures)
{
	uint64_t now, since;
	char text[256];

	if (!status->terminal)
		return;
	now = now_ns();
	since = now - (status->shown ? status->shown : status->began);
	if (since < LIVE_PERIOD)
		return;
	status_live_text(figures, now - status->began,
			 (uint64_t)((double)(figures->events - status->shown_events) * 1e9 / (double)since), text,
			 sizeof(text));
	if (terminal_width() < strlen(text))
		text[terminal_width()] = '\0';
	message_live(text);
	status->shown = now;
	status->shown_events = figures->events;
}

static uint64_t cpu_ns(void)
{
	struct rusage usage;

	if (getrusage(RUSAGE_SELF, &usage) != 0)
		return 0;
	return (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * NS_PER_S +
	       (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1000;
}

void status_end(struct status *status, const struct figures *figures)
{
	struct figures all = *figures;
	char text[512], lost[48];

	message_live(NULL);
	if (all.cpu == 0)
		all.cpu = cpu_ns();
	say("%s", status_end_text(&all, now_ns() - status->began, text, sizeof(text)));
	if (all.lost > 0)
		warn("%s LOST: %s", event_count(all.lost, lost, sizeof(lost)),
		     status_loss_text(&all, text, sizeof(text)));
}
