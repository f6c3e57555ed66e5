/*
 * perfetto.c - see perfetto.h
 *
 * The output is a JSON array, an event a line, the comma before it: whatever ends it early leaves whole lines, and
 * readers of the format take an array without its end.
 */
#include "perfetto.h"

#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "cell.h"
#include "escape.h"
#include "format/errno.h"
#include "format/reader.h"
#include "signal_name.h"
#include "wait_status.h"

struct perfetto {
	struct view view;
	struct lives *lives;
	struct args *args;
	char *text; /* [ARGS_ROOM] */
	struct session session;
	bool begun, any; /* the array, an event in it */
};

/* --- pieces of an event */

/* Microseconds since the recording began, with three decimals. */
static char *put_us(char *p, int64_t ns)
{
	uint64_t v = ns < 0 ? -(uint64_t)ns : (uint64_t)ns;

	if (ns < 0)
		*p++ = '-';
	p = put_u64(p, v / 1000);
	*p++ = '.';
	*p++ = (char)('0' + v / 100 % 10);
	*p++ = (char)('0' + v / 10 % 10);
	*p++ = (char)('0' + v % 10);
	return p;
}

/* ,\n{"ph":"X","pid":1,"tid":2 */
static char *put_begin(struct perfetto *perfetto, char *p, char phase, uint32_t pid, uint32_t tid)
{
	p = cell_string(p, perfetto->any ? ",\n{\"ph\":\"" : "{\"ph\":\"");
	perfetto->any = true;
	*p++ = phase;
	p = put_u64(cell_string(p, "\",\"pid\":"), pid);
	return put_u64(cell_string(p, ",\"tid\":"), tid);
}

static char *put_ts(const struct perfetto *perfetto, char *p, uint64_t boot)
{
	return put_us(cell_string(p, ",\"ts\":"), (int64_t)(boot - perfetto->view.recording->start));
}

/* ,"key":"value" */
static char *put_member(char *p, const char *key, const char *value)
{
	p = cell_string(cell_string(cell_string(p, ",\""), key), "\":\"");
	*(p = cell_string(p, value)) = '"';
	return p + 1;
}

/* ,"key":"12345678901234567890": what may need more than 53 bits is a string. */
static char *put_count(char *p, const char *key, uint64_t value)
{
	p = put_u64(cell_string(cell_string(cell_string(p, ",\""), key), "\":\""), value);
	*p++ = '"';
	return p;
}

/* Take away the comma that the first member of an object begins with; it is at start. */
static char *close_object(char *start, char *p)
{
	*start = '{';
	if (p == start) /* none */
		p++;
	*p++ = '}';
	return p;
}

/* --- threads */

static void print_name(struct perfetto *perfetto, const struct life *thread, const char *what)
{
	char *p = out_room(perfetto->view.out);

	p = put_begin(perfetto, p, 'M', thread->pid, thread->tid);
	p = cell_string(put_member(p, "name", what), ",\"args\":{\"name\":\"");
	p = cell_json(p, thread->comm, thread->comm_len);
	out_done(perfetto->view.out, cell_string(p, "\"}}"));
}

/* The call it was in is over: at this time something comes after it. What is missing is told. */
static void close_call(struct perfetto *perfetto, struct life *thread, uint64_t boot)
{
	char *p, *args;

	if (!thread->open)
		return;
	p = out_room(perfetto->view.out);
	p = put_ts(perfetto, put_begin(perfetto, p, 'E', thread->pid, thread->tid), boot);
	p = args = cell_string(p, ",\"args\":");
	if (thread->returned) {
		p = put_i64(cell_string(p, ",\"ret\":\""), (int64_t)thread->ret);
		*p++ = '"';
	}
	p = close_object(args, put_member(p, "end", "not known; at this time at the latest"));
	out_done(perfetto->view.out, cell_string(p, "}"));
	thread->open = 0;
	thread->returned = false;
}

/* A process goes by the name of its first thread, and until that is known by that of any. */
static void name_process(struct perfetto *perfetto, uint32_t pid, const char *comm, size_t len)
{
	struct life *first = lives_get(perfetto->lives, pid);

	if (!first || (first->pid == pid && first->process))
		return;
	if (first->pid != pid)
		life_reset(first, pid);
	life_set_comm(first, comm, len);
	first->process = true;
	print_name(perfetto, first, "process_name");
}

static struct life *thread_of(struct perfetto *perfetto, uint32_t pid, uint32_t tid, uint64_t boot)
{
	struct life *thread = lives_get(perfetto->lives, tid);

	if (!thread || thread->pid == pid)
		return thread;
	if (thread->pid) /* the number is somebody else's now */
		close_call(perfetto, thread, boot);
	life_reset(thread, pid);
	return thread;
}

/* The thread, with its name as it is now. NULL without memory. */
static struct life *named_thread(struct perfetto *perfetto, uint32_t pid, uint32_t tid, uint64_t boot, const char *comm,
				 size_t len)
{
	struct life *thread = thread_of(perfetto, pid, tid, boot);
	bool other = thread && life_set_comm(thread, comm, len);

	if (!thread || (thread->named && !other))
		return thread;
	thread->named = true;
	print_name(perfetto, thread, "thread_name");
	if (pid == tid) {
		thread->process = true;
		print_name(perfetto, thread, "process_name");
		return thread;
	}
	name_process(perfetto, pid, comm, len); /* which may move threads */
	return lives_find(perfetto->lives, tid);
}

/* --- calls */

static char *put_ret(char *p, const struct row *row)
{
	int error = row_error(row);
	const char *name = error ? sst_errno_name(-error) : NULL;

	if (!sst_state_has_ret(row->state))
		return p;
	p = cell_string(p, ",\"ret\":\"");
	if (row->call->pointer && !error)
		p = cell_pointer(p, row->call->narrow ? (uint32_t)row->ret : row->ret);
	else
		p = put_i64(p, row_ret(row));
	*p++ = '"';
	return name ? put_member(p, "errno", name) : p;
}

/* What is in perfetto->text up to end, which is valid UTF-8, as a string. */
static char *put_string(const struct perfetto *perfetto, char *p, const char *end)
{
	*p++ = '"';
	for (const char *s = perfetto->text; s < end; s++) {
		if (*s == '\\' || *s == '"')
			*p++ = '\\';
		*p++ = *s;
	}
	*p++ = '"';
	return p;
}

/* ,"call":"AT_FDCWD, \"/etc/passwd\", O_RDONLY": the arguments as strace has them, which are printable ASCII */
static char *put_text(const struct perfetto *perfetto, char *p, const struct row *row)
{
	p = put_string(perfetto, cell_string(p, ",\"call\":"), args_put(perfetto->args, perfetto->text, row));
	if (!row->path || row->path_len == 0 || row->path_len > ARGS_ROOM / 4)
		return p;
	return put_string(perfetto, cell_string(p, ",\"path\":"),
			  escape(perfetto->text, row->path, row->path_len, ESCAPE_MESSAGE));
}

/* ,"args":{"ret":"3","call":"7, NULL","arg0":"0x7"} */
static char *put_args(const struct perfetto *perfetto, char *p, const struct row *row, bool result)
{
	char *start = p = cell_string(p, ",\"args\":");

	if (result)
		p = put_ret(p, row);
	p = put_text(perfetto, p, row);
	for (unsigned i = 0; i < row->call->nargs; i++) {
		p = cell_string(p, ",\"arg");
		*p++ = (char)('0' + i);
		p = cell_pointer(cell_string(p, "\":\""), row->call->narrow ? (uint32_t)row->arg[i] : row->arg[i]);
		*p++ = '"';
	}
	*(p = cell_abi(cell_string(p, ",\"abi\":\""), row->call->abi)) = '"';
	p++;
	if (row->state != SST_OK)
		p = put_member(p, "state", state_name(row->state));
	return close_object(start, p);
}

static void print_call(struct perfetto *perfetto, const struct row *row, char phase)
{
	char *p = out_room(perfetto->view.out);

	p = put_begin(perfetto, p, phase, row->who->pid, row->who->tid);
	p = put_ts(perfetto, p, row->time);
	if (phase == 'X')
		p = put_us(cell_string(p, ",\"dur\":"), (int64_t)row->duration);
	if (phase == 'i')
		p = put_member(p, "s", "t");
	p = put_member(put_member(p, "cat", "syscall"), "name", row->call->name);
	p = put_args(perfetto, p, row, phase != 'B');
	out_done(perfetto->view.out, cell_string(p, "}"));
}

/* The call that has been shown as open has returned. */
static void print_end(struct perfetto *perfetto, const struct row *row)
{
	char *p = out_room(perfetto->view.out);

	p = put_begin(perfetto, p, 'E', row->who->pid, row->who->tid);
	p = put_ts(perfetto, p, row->time + row->duration);
	p = put_args(perfetto, p, row, true);
	out_done(perfetto->view.out, cell_string(p, "}"));
}

/* A slice that ends when it is known that something has come after it, or never. */
static void open_call(struct perfetto *perfetto, struct life *thread, const struct row *row, bool was_open)
{
	if (!was_open)
		print_call(perfetto, row, 'B');
	if (!thread)
		return;
	thread->open = row->seq;
	if (row->state == SST_MIDWAY) { /* its end is not recorded */
		thread->returned = true;
		thread->ret = (uint64_t)row_ret(row);
	}
}

static void print_row(struct view *view, const struct row *row)
{
	struct perfetto *perfetto = (struct perfetto *)view;
	const struct sst_group *who = row->who;
	struct life *thread = named_thread(perfetto, who->pid, who->tid, row->time, who->comm, who->comm_len);
	bool was_open = thread && thread->open && row->replaces && thread->open == row->seq;

	if (thread && !was_open)
		close_call(perfetto, thread, row->time);
	if (sst_state_is_open(row->state) || row->state == SST_MIDWAY) {
		open_call(perfetto, thread, row, was_open);
	} else if (was_open && sst_state_has_duration(row->state)) {
		print_end(perfetto, row);
		thread->open = 0;
	} else {
		if (was_open) /* it never returns, or at a time that is not known */
			close_call(perfetto, thread, row->time);
		print_call(perfetto, row, sst_state_has_duration(row->state) ? 'X' : 'i');
	}
}

/* --- gaps and events */

static void print_lost(struct view *view, const struct lost *lost)
{
	struct perfetto *perfetto = (struct perfetto *)view;
	const struct sst_gap *gap = lost->gap;
	char *p, *args;

	if (gap->tid)
		named_thread(perfetto, gap->pid, gap->tid, gap->time, lost->comm, lost->comm_len);
	p = put_begin(perfetto, out_room(view->out), 'i', gap->pid, gap->tid);
	p = put_ts(perfetto, p, gap->time);
	p = put_member(put_member(p, "s", gap->tid ? "t" : "g"), "cat", "lost");
	p = put_u64(cell_string(p, ",\"name\":\""), gap->count);
	p = cell_string(p, gap->count == 1 ? " call lost\"" : " calls lost\"");
	p = args = cell_string(p, ",\"args\":");
	p = put_count(p, "calls", gap->count);
	p = put_member(p, "cause", cause_name(gap->cause));
	if (gap->seq)
		p = put_count(p, "seq", gap->seq);
	p = cell_since(cell_string(p, ",\"until\":\""), view->recording, gap->until);
	*p++ = '"';
	out_done(view->out, cell_string(close_object(args, p), "}"));
}

static char *put_exit(char *p, unsigned status)
{
	if (!wait_is_killed(status))
		return put_count(p, "code", wait_code(status));
	*(p = signal_name(cell_string(p, ",\"signal\":\""), wait_signal(status))) = '"';
	return wait_has_core(status) ? put_member(p + 1, "core", "dumped") : p + 1;
}

/* ,"args":{"parent":"12"} and the like */
static char *put_event_args(char *p, const struct sst_event *event)
{
	char *start = p = cell_string(p, ",\"args\":");

	if (event->kind == SST_EVENT_START && event->a)
		p = put_count(p, "parent", event->a);
	if (event->kind == SST_EVENT_EXIT)
		p = put_exit(p, (unsigned)event->a);
	if (event->kind == SST_EVENT_EXEC && event->a != event->tid)
		p = put_count(p, "tid before", event->a);
	return close_object(start, p);
}

/* Who starts goes by the name of who has started it, until another one is known. */
static void name_event(struct perfetto *perfetto, const struct thread_event *event)
{
	const struct sst_event *what = event->event;
	struct life *thread = thread_of(perfetto, what->pid, what->tid, what->time);
	const struct life *parent = NULL;
	char comm[SST_COMM_MAX];
	size_t len = event->comm_len;

	memcpy(comm, event->comm, len);
	if (what->kind == SST_EVENT_START && what->a <= UINT32_MAX)
		parent = lives_find(perfetto->lives, (uint32_t)what->a);
	if (!len && parent) {
		len = parent->comm_len;
		memcpy(comm, parent->comm, len);
	}
	if (thread && len && event->wanted)
		named_thread(perfetto, what->pid, what->tid, what->time, comm, len);
	else if (thread && len && life_set_comm(thread, comm, len))
		thread->named = false;
}

static void print_mark(struct perfetto *perfetto, const struct sst_event *event, const char *name)
{
	char *p = out_room(perfetto->view.out);

	p = put_begin(perfetto, p, 'i', event->pid, event->tid);
	p = put_member(put_ts(perfetto, p, event->time), "s", "t");
	p = put_member(put_member(p, "cat", "process"), "name", name);
	out_done(perfetto->view.out, cell_string(put_event_args(p, event), "}"));
}

static void print_event(struct view *view, const struct thread_event *event)
{
	static const char *const names[] = {
		[SST_EVENT_START] = "start", [SST_EVENT_EXIT] = "exit", [SST_EVENT_EXEC] = "exec"};
	struct perfetto *perfetto = (struct perfetto *)view;
	const struct sst_event *what = event->event;
	struct life *thread;

	if (what->kind >= sizeof(names) / sizeof(*names) || !names[what->kind])
		return;
	name_event(perfetto, event);
	if (event->wanted)
		print_mark(perfetto, what, names[what->kind]);
	if (what->kind == SST_EVENT_EXEC && what->a != what->tid && what->a <= UINT32_MAX)
		lives_remove(perfetto->lives, (uint32_t)what->a);
	thread = lives_find(perfetto->lives, what->tid);
	if (thread && what->kind == SST_EVENT_EXIT) {
		close_call(perfetto, thread, what->time);
		lives_remove(perfetto->lives, what->tid);
	}
}

/* --- the whole */

/* The array begins with the first recording: an input that is none makes no file. */
static void begin(struct view *view)
{
	struct perfetto *perfetto = (struct perfetto *)view;

	if (!session_enter(&perfetto->session, &view->recording->meta))
		lives_clear(perfetto->lives);
	if (!perfetto->begun)
		out_done(view->out, cell_string(out_room(view->out), "[\n"));
	perfetto->begun = true;
}

static void finish(struct view *view)
{
	struct perfetto *perfetto = (struct perfetto *)view;

	if (perfetto->begun)
		out_done(view->out, cell_string(out_room(view->out), perfetto->any ? "\n]\n" : "]\n"));
}

static void release(struct view *view)
{
	struct perfetto *perfetto = (struct perfetto *)view;

	lives_free(perfetto->lives);
	args_free(perfetto->args);
	free(perfetto->text);
	free(perfetto);
}

struct view *perfetto_new(void)
{
	struct perfetto *perfetto = calloc(1, sizeof(*perfetto));

	if (!perfetto)
		return NULL;
	perfetto->lives = lives_new();
	perfetto->args = args_new();
	perfetto->text = malloc(ARGS_ROOM);
	perfetto->view = (struct view){
		.columns = (SST_ALL_COLUMNS & ~SST_COL_CPU),
		.ordered = true,
		.names = true,
		.begin = begin,
		.row = print_row,
		.lost = print_lost,
		.event = print_event,
		.finish = finish,
		.release = release,
	};
	if (perfetto->lives && perfetto->args && perfetto->text)
		return &perfetto->view;
	release(&perfetto->view);
	return NULL;
}
