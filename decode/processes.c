/* processes.c - see processes.h */
#include "processes.h"

#include <stdlib.h>
#include <string.h>

#include "cell.h"
#include "escape.h"
#include "format/reader.h"
#include "report.h"
#include "signal_name.h"
#include "wait_status.h"

#define FILE_SHOWN   4096  /* bytes of a file's name; the kernel has no longer ones */
#define ARGS_SHOWN   16384 /* bytes of argument strings */
#define QUOTED_MAX   (4 * ARGS_SHOWN + 16)
#define LINE_ROOM    (5 * (FILE_SHOWN + ARGS_SHOWN + SST_COMM_MAX) + 1024)
#define LINES_MAX    16384 /* that wait */
#define LINES_MEMORY ((size_t)4 << 20)
#define NO_LINE      0

/* What there is to say of an event. */
struct entry {
	const struct thread_event *event;
	const struct life *process;
	uint64_t lifetime; /* ns */
	bool has_lifetime;
};

/* One that waits. Its number is its place in the order of time. */
struct line {
	uint64_t before; /* number of the line before of the same process, or NO_LINE */
	int64_t due;     /* time in the table at which its process has lived long enough */
	char *text;      /* NULL: it is left out */
	size_t len;
	bool decided;
};

struct processes {
	struct view view;
	struct processes_config config;
	struct lives *lives;
	struct wall wall;
	struct session session;
	bool begun;
	struct line *lines;   /* [LINES_MAX], that of number n at n % LINES_MAX */
	uint64_t first, next; /* numbers of the lines that wait */
	size_t memory;        /* of their texts */
	uint64_t unsure;      /* shown before it was known how long their process lives */
	bool failed;
	char quoted[QUOTED_MAX], text[LINE_ROOM];
};

/* --- cells */

static char *put_json(char *p, const void *text, size_t len)
{
	*p++ = '"';
	p = cell_json(p, text, len);
	*p++ = '"';
	return p;
}

static char *put_text(struct processes *processes, char *p, const void *text, size_t len)
{
	enum processes_style style = processes->config.style;
	char *end;

	if (style == PROCESSES_JSONL)
		return put_json(p, text, len);
	end = escape(p, text, len, style == PROCESSES_TEXT ? ESCAPE_MESSAGE : ESCAPE_CELL);
	return style == PROCESSES_CSV ? cell_csv(p, end) : end;
}

/* One argument as a shell takes it. */
static char *put_quoted(char *p, const char *word, size_t len)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-";
	size_t safe = 0;

	while (safe < len && word[safe] && strchr(plain, word[safe]))
		safe++;
	if (len > 0 && safe == len)
		return mempcpy(p, word, len);
	*p++ = '\'';
	for (size_t i = 0; i < len; i++) {
		if (word[i] == '\'')
			p = cell_string(p, "'\\'");
		*p++ = word[i];
	}
	*p++ = '\'';
	return p;
}

/* The next of several strings, each ended by a NUL, but perhaps the last. */
static const char *next_string(const char **at, const char *end, size_t *len)
{
	const char *string = *at;

	if (string == end)
		return NULL;
	*len = strnlen(string, (size_t)(end - string));
	*at = string + *len + (string + *len < end);
	return string;
}

static bool is_cut(const struct sst_capture *capture, size_t shown)
{
	return capture && (capture->flags & SST_CAPTURE_CUT || capture->len > shown);
}

static bool is_unreadable(const struct sst_capture *capture)
{
	return capture && capture->flags & SST_CAPTURE_UNREADABLE;
}

/* Argument strings: a list in JSON, otherwise as a shell takes them. */
static char *put_args(struct processes *processes, char *p, const struct entry *entry)
{
	const struct sst_capture *capture = event_capture(entry->event, SST_CAPTURE_ARGV);
	size_t len = !capture ? 0 : capture->len < ARGS_SHOWN ? capture->len : ARGS_SHOWN;
	const char *at = capture ? (const char *)entry->event->text + capture->offset : NULL, *end = at + len, *word;
	bool json = processes->config.style == PROCESSES_JSONL;
	char *quoted = processes->quoted, *start = p;

	if (!capture)
		return p;
	while ((word = next_string(&at, end, &len))) {
		if (json) {
			*p = p == start ? '[' : ',';
			p = put_json(p + 1, word, len);
			continue;
		}
		if (quoted > processes->quoted)
			*quoted++ = ' ';
		quoted = put_quoted(quoted, word, len);
	}
	if (json)
		return cell_string(p, p == start ? "[]" : "]");
	return put_text(processes, p, processes->quoted, (size_t)(quoted - processes->quoted));
}

/* The file executed; for people "?" if it could not be read, "..." behind what was cut. */
static char *put_file(struct processes *processes, char *p, const struct entry *entry)
{
	const struct sst_capture *capture = event_capture(entry->event, SST_CAPTURE_FILE);
	size_t len;

	if (!capture)
		return p;
	len = capture->len < FILE_SHOWN ? capture->len : FILE_SHOWN;
	p = put_text(processes, p, entry->event->text + capture->offset, len);
	if (processes->config.style != PROCESSES_TEXT)
		return p;
	return cell_string(p, is_cut(capture, FILE_SHOWN) ? "..." : is_unreadable(capture) ? "?" : "");
}

/* What is not as it was. */
static char *put_note(char *p, const struct entry *entry)
{
	const struct sst_capture *file = event_capture(entry->event, SST_CAPTURE_FILE);
	const struct sst_capture *args = event_capture(entry->event, SST_CAPTURE_ARGV);
	char *start = p;

	if (is_cut(file, FILE_SHOWN))
		p = cell_string(p, "file cut");
	if (is_unreadable(file))
		p = cell_string(p, "file unreadable");
	if (p > start && (is_cut(args, ARGS_SHOWN) || is_unreadable(args)))
		*p++ = ' ';
	if (is_cut(args, ARGS_SHOWN))
		return cell_string(p, "args cut");
	return is_unreadable(args) ? cell_string(p, "args unreadable") : p;
}

static char *put_comm(struct processes *processes, char *p, const struct entry *entry)
{
	const struct thread_event *event = entry->event;

	const struct life *process = entry->process;

	if (event->comm_len)
		return put_text(processes, p, event->comm, event->comm_len);
	return process && process->comm_len ? put_text(processes, p, process->comm, process->comm_len) : p;
}

static uint32_t exit_status(const struct entry *entry)
{
	return (uint32_t)entry->event->event->a;
}

static bool is_exit(const struct entry *entry)
{
	return entry->event->event->kind == SST_EVENT_EXIT;
}

static bool is_killed(const struct entry *entry)
{
	return is_exit(entry) && wait_is_killed(exit_status(entry));
}

/* --- for people */

/* "850us", "3.2ms", "12ms", "3.2s", "75s" */
static char *put_span(char *p, uint64_t ns)
{
	uint64_t unit = ns < 1000000 ? 1000 : ns < NS_PER_S ? 1000000 : NS_PER_S;
	uint64_t tenths = ns / (unit / 10);

	p = put_u64(p, tenths / 10);
	if (tenths % 10 && unit > 1000 && tenths < (unit == NS_PER_S ? 600 : 100)) {
		*p++ = '.';
		*p++ = (char)('0' + tenths % 10);
	}
	return cell_string(p, unit == 1000 ? "us" : unit == 1000000 ? "ms" : "s");
}

/* The time of the day, or seconds since the beginning where that is not known; in milliseconds. */
static char *put_time(struct processes *processes, char *p, uint64_t boot)
{
	char text[2 * NUMBER_ROOM + sizeof(struct wall)];
	char *end = cell_wall(text, &processes->wall, processes->view.recording, boot);
	const char *clock = memchr(text, 'T', (size_t)(end - text));

	if (clock)
		return mempcpy(p, clock + 1, 12); /* 12:34:56.123 */
	return cell_since(p, processes->view.recording, boot) - 6;
}

/* A cell that ends at p: blanks behind it, at least one. Returns where the next one begins. */
static char *end_cell(char *cell, char *p, size_t width)
{
	do
		*p++ = ' ';
	while (p < cell + width + 1);
	return p;
}

/* "[0] (12ms)", "[SIGSEGV, core dumped] (3.2s)" */
static char *put_exit(char *p, const struct entry *entry)
{
	uint32_t status = exit_status(entry);

	*p++ = '[';
	if (wait_is_killed(status))
		p = signal_name(p, wait_signal(status));
	else
		p = put_u64(p, wait_code(status));
	p = cell_string(p, wait_is_killed(status) && wait_has_core(status) ? ", core dumped]" : "]");
	if (!entry->has_lifetime)
		return p;
	return cell_string(put_span(cell_string(p, " ("), entry->lifetime), ")");
}

static const char *const titles[] = {[SST_EVENT_START] = "FORK", [SST_EVENT_EXIT] = "EXIT", [SST_EVENT_EXEC] = "EXEC"};

static char *put_for_people(struct processes *processes, char *p, const struct entry *entry)
{
	const struct sst_event *event = entry->event->event;
	const struct life *process = entry->process;
	char *end;

	p = end_cell(p, put_time(processes, p, event->time), 12);
	p = end_cell(p, cell_string(p, titles[event->kind]), 5);
	p = end_cell(p, put_comm(processes, p, entry), 16);
	p = end_cell(p, put_u64(p, event->pid), 7);
	p = end_cell(p, process && process->parent ? put_u64(p, process->parent) : cell_string(p, "?"), 7);
	end = is_exit(entry) ? put_exit(p, entry) : put_file(processes, p, entry);
	while (end == p && p[-1] == ' ') /* none: the line ends before it */
		end = --p;
	*end++ = '\n';
	return end;
}

/* --- for programs */

enum field {
	FIELD_TIME,
	FIELD_EVENT,
	FIELD_COMM,
	FIELD_PID,
	FIELD_PPID,
	FIELD_FILE,
	FIELD_ARGS,
	FIELD_STATUS,
	FIELD_SIGNAL,
	FIELD_CORE,
	FIELD_LIFETIME,
	FIELD_NOTE,
	FIELD_COUNT
};

static const struct {
	const char *name;
	bool plain; /* without quotes in JSON: a number, or what makes its own */
} fields[FIELD_COUNT] = {
	[FIELD_TIME] = {"time", false}, [FIELD_EVENT] = {"event", false},       [FIELD_COMM] = {"comm", true},
	[FIELD_PID] = {"pid", true},    [FIELD_PPID] = {"ppid", true},          [FIELD_FILE] = {"file", true},
	[FIELD_ARGS] = {"args", true},  [FIELD_STATUS] = {"status", true},      [FIELD_SIGNAL] = {"signal", false},
	[FIELD_CORE] = {"core", true},  [FIELD_LIFETIME] = {"lifetime", false}, [FIELD_NOTE] = {"note", false},
};

/* Of an exit, where there is such a thing. */
static char *put_end(const struct processes *processes, char *p, const struct entry *entry, enum field field)
{
	bool json = processes->config.style == PROCESSES_JSONL;

	switch (field) {
	case FIELD_STATUS:
		return is_exit(entry) && !is_killed(entry) ? put_u64(p, wait_code(exit_status(entry))) : p;
	case FIELD_SIGNAL:
		return is_killed(entry) ? signal_name(p, wait_signal(exit_status(entry))) : p;
	case FIELD_CORE:
		if (!is_killed(entry))
			return p;
		return cell_string(p, wait_has_core(exit_status(entry)) ? json ? "true" : "1" : json ? "false" : "0");
	default:
		return entry->has_lifetime ? put_seconds_u64(p, entry->lifetime) : p;
	}
}

static char *put_field(struct processes *processes, char *p, const struct entry *entry, enum field field)
{
	static const char *const names[] = {
		[SST_EVENT_START] = "fork", [SST_EVENT_EXIT] = "exit", [SST_EVENT_EXEC] = "exec"};
	const struct sst_event *event = entry->event->event;

	switch (field) {
	case FIELD_TIME:
		return cell_since(p, processes->view.recording, event->time);
	case FIELD_EVENT:
		return cell_string(p, names[event->kind]);
	case FIELD_COMM:
		return put_comm(processes, p, entry);
	case FIELD_PID:
		return put_u64(p, event->pid);
	case FIELD_PPID:
		return entry->process && entry->process->parent ? put_u64(p, entry->process->parent) : p;
	case FIELD_FILE:
		return put_file(processes, p, entry);
	case FIELD_ARGS:
		return put_args(processes, p, entry);
	case FIELD_NOTE:
		return put_note(p, entry);
	default:
		return put_end(processes, p, entry, field);
	}
}

static char *put_json_field(struct processes *processes, char *p, const struct entry *entry, enum field field)
{
	char *start;

	p = cell_string(cell_string(cell_string(p, field ? ",\"" : "{\""), fields[field].name), "\":");
	start = p;
	if (!fields[field].plain)
		*p++ = '"';
	p = put_field(processes, p, entry, field);
	if (p == start + !fields[field].plain)
		return cell_string(start, "null");
	if (!fields[field].plain)
		*p++ = '"';
	return p;
}

static char *put_for_programs(struct processes *processes, char *p, const struct entry *entry)
{
	bool json = processes->config.style == PROCESSES_JSONL;

	for (enum field field = 0; field < FIELD_COUNT; field++) {
		if (json) {
			p = put_json_field(processes, p, entry, field);
		} else {
			p = put_field(processes, p, entry, field);
			*p++ = processes->config.style == PROCESSES_CSV ? ',' : '\t';
		}
	}
	if (json)
		return cell_string(p, "}\n");
	p[-1] = '\n';
	return p;
}

static void print_header(struct processes *processes)
{
	enum processes_style style = processes->config.style;
	char *p = out_room(processes->view.out);

	if (!processes->config.header || style == PROCESSES_JSONL)
		return;
	if (style == PROCESSES_TEXT) {
		p = cell_string(p, "TIME         EVENT COMM             PID     PPID    FILENAME/EXIT CODE\n");
	} else {
		for (enum field field = 0; field < FIELD_COUNT; field++) {
			p = cell_string(p, fields[field].name);
			*p++ = style == PROCESSES_CSV ? ',' : '\t';
		}
		p[-1] = '\n';
	}
	out_done(processes->view.out, p);
}

/* --- lines that wait */

static void print_text(struct processes *processes, const char *text, size_t len)
{
	while (len > 0) {
		size_t n = len < OUT_ROOM_MAX ? len : OUT_ROOM_MAX;

		out_done(processes->view.out, mempcpy(out_room(processes->view.out), text, n));
		text += n;
		len -= n;
	}
}

static struct line *line_of(struct processes *processes, uint64_t number)
{
	return &processes->lines[number % LINES_MAX];
}

/* Print or forget the first line. */
static void let_go(struct processes *processes)
{
	struct line *line = line_of(processes, processes->first++);

	if (!line->text)
		return;
	print_text(processes, line->text, line->len);
	processes->memory -= line->len;
	free(line->text);
	line->text = NULL;
}

/* Let go what need not wait any more: all has been seen up to this time. */
static void let_go_until(struct processes *processes, int64_t now)
{
	while (processes->first < processes->next) {
		const struct line *line = line_of(processes, processes->first);

		if (!line->decided && line->due > now)
			return;
		let_go(processes);
	}
}

static void make_room(struct processes *processes, size_t len)
{
	while (processes->first < processes->next &&
	       (processes->next - processes->first == LINES_MAX || processes->memory + len > LINES_MEMORY)) {
		processes->unsure += !line_of(processes, processes->first)->decided;
		let_go(processes);
	}
}

/* Keep the line that is in processes->text behind the others. Returns its number, or NO_LINE. */
static uint64_t keep(struct processes *processes, size_t len, const struct line *line)
{
	struct line *to;
	char *text;

	make_room(processes, len);
	text = malloc(len);
	if (!text) {
		processes->failed = true;
		return NO_LINE;
	}
	memcpy(text, processes->text, len);
	to = line_of(processes, processes->next);
	*to = *line;
	to->text = text;
	to->len = len;
	processes->memory += len;
	return processes->next++;
}

/* The process has ended: what has been kept of it is shown or not. */
static void decide(struct processes *processes, uint64_t number, bool shown)
{
	while (number != NO_LINE && number >= processes->first) {
		struct line *line = line_of(processes, number);

		line->decided = true;
		if (!shown) {
			processes->memory -= line->len;
			free(line->text);
			line->text = NULL;
		}
		number = line->before;
	}
}

/* --- events */

static void print_entry(struct processes *processes, const struct entry *entry, struct life *process)
{
	uint64_t shortest = processes->config.min_duration, zero = processes->view.recording->start;
	bool people = processes->config.style == PROCESSES_TEXT, is_short;
	char *end = people ? put_for_people(processes, processes->text, entry)
			   : put_for_programs(processes, processes->text, entry);
	size_t len = (size_t)(end - processes->text);
	struct line line = {.decided = true}; /* but for one of a process that is not old enough yet */

	if (!shortest) {
		print_text(processes, processes->text, len);
		return;
	}
	if (process && process->start && !is_exit(entry)) {
		uint64_t due = process->start - zero + shortest;

		line = (struct line){.before = process->open, .due = due > INT64_MAX ? INT64_MAX : (int64_t)due};
	}
	is_short = is_exit(entry) && entry->has_lifetime && entry->lifetime < shortest;
	if (process && is_exit(entry))
		decide(processes, process->open, !is_short);
	if (!is_short)
		line.before = keep(processes, len, &line);
	if (process && !is_exit(entry))
		process->open = line.before;
	let_go_until(processes, (int64_t)(entry->event->event->time - zero));
}

/* What is remembered of the thread from now on. NULL without memory. */
static struct life *remember(struct processes *processes, const struct thread_event *event)
{
	const struct sst_event *what = event->event;
	const struct life *starter = NULL;
	uint32_t parent = event->parent;
	struct life *life;

	if (what->kind == SST_EVENT_START && !parent && what->a <= UINT32_MAX)
		starter = lives_find(processes->lives, (uint32_t)what->a);
	if (starter)
		parent = starter->pid;
	life = lives_get(processes->lives, what->tid);
	if (!life)
		return NULL;
	if (what->kind == SST_EVENT_START || life->pid != what->pid) {
		life_reset(life, what->pid);
		life->parent = parent;
		life->start = what->kind == SST_EVENT_START ? what->time : 0;
	}
	if (event->comm_len)
		life_set_comm(life, event->comm, event->comm_len);
	return life;
}

static void take_event(struct view *view, const struct thread_event *event)
{
	struct processes *processes = (struct processes *)view;
	const struct sst_event *what = event->event;
	struct entry entry = {.event = event};
	struct life *life;

	if (what->kind < SST_EVENT_START || what->kind > SST_EVENT_FOUND)
		return;
	if (what->kind == SST_EVENT_EXEC && what->a != what->tid && what->a <= UINT32_MAX)
		lives_remove(processes->lives, (uint32_t)what->a);
	life = remember(processes, event);
	entry.process = life;
	if (life && life->start && is_exit(&entry) && what->time >= life->start) {
		entry.has_lifetime = true;
		entry.lifetime = what->time - life->start;
	}
	if (what->tid == what->pid && event->wanted && what->kind != SST_EVENT_FOUND)
		print_entry(processes, &entry, life);
	if (is_exit(&entry))
		lives_remove(processes->lives, what->tid);
}

/* --- the view */

static void begin(struct view *view)
{
	struct processes *processes = (struct processes *)view;

	if (!processes->begun)
		print_header(processes);
	if (!session_enter(&processes->session, &view->recording->meta)) {
		let_go_until(processes, INT64_MAX);
		lives_clear(processes->lives);
	}
	processes->begun = true;
}

/* The recording is known up to a time: has a line waited for that? */
static bool is_due(struct view *view, int64_t until)
{
	struct processes *processes = (struct processes *)view;
	const struct line *line = line_of(processes, processes->first);

	return processes->first < processes->next && (line->decided || line->due <= until);
}

static void due(struct view *view, int64_t until)
{
	let_go_until((struct processes *)view, until);
	out_flush(view->out);
}

static void finish(struct view *view)
{
	struct processes *processes = (struct processes *)view;

	let_go_until(processes, INT64_MAX);
	if (processes->unsure)
		complain("--min-duration: too much was going on; %llu lines are shown though their process may have "
			 "been shorter",
			 (unsigned long long)processes->unsure);
	if (processes->failed)
		complain("--min-duration: out of memory; lines are missing");
}

static void release(struct view *view)
{
	struct processes *processes = (struct processes *)view;

	while (processes->first < processes->next)
		free(line_of(processes, processes->first++)->text);
	lives_free(processes->lives);
	free(processes->lines);
	free(processes);
}

struct view *processes_new(const struct processes_config *config)
{
	struct processes *processes = calloc(1, sizeof(*processes));

	if (!processes)
		return NULL;
	processes->config = *config;
	processes->first = processes->next = NO_LINE + 1;
	processes->lives = lives_new();
	if (config->min_duration)
		processes->lines = calloc(LINES_MAX, sizeof(*processes->lines));
	processes->view = (struct view){
		.columns = SST_COL_TEXT,
		.ordered = true,
		.begin = begin,
		.event = take_event,
		.is_due = config->min_duration ? is_due : NULL,
		.due = due,
		.finish = finish,
		.release = release,
	};
	if (processes->lives && (processes->lines || !config->min_duration))
		return &processes->view;
	release(&processes->view);
	return NULL;
}
