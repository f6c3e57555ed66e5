/* strace.c - see strace.h */
#include "strace.h"

#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "cell.h"
#include "error_text.h"
#include "format/errno.h"
#include "format/reader.h"
#include "format/signature.h"
#include "signal_name.h"
#include "wait_status.h"

#define RESULT_COLUMN 40 /* where the "=" stands if there is room */
#define NS_PER_US     1000

/* What a kernel says to itself, and its tracers see. */
enum { ERESTARTSYS = 512, ERESTARTNOINTR = 513, ERESTARTNOHAND = 514, ERESTART_RESTARTBLOCK = 516 };

struct strace {
	struct view view;
	struct args *args;
	struct lives *lives; /* from a pipe: who is in a call that has been printed */
	struct session session;
	uint64_t last; /* boot time of the last line */
};

/* --- pieces of a line */

/* Seconds with six decimals; the rest is cut off, as strace does. */
static char *put_us(char *p, int64_t ns)
{
	return put_seconds(p, ns) - 3;
}

/* The thread, the time since 1970, or since the beginning where that is not known. */
static char *put_begin(struct strace *strace, char *p, uint32_t tid, uint64_t boot)
{
	char *start = p;
	int64_t ns;

	p = put_u64(p, tid);
	while (p < start + 5)
		*p++ = ' ';
	*p++ = ' ';
	if (!wall_time(strace->view.recording, boot, &ns))
		ns = (int64_t)(boot - strace->view.recording->start);
	p = put_us(p, ns);
	*p++ = ' ';
	strace->last = boot;
	return p;
}

static const char *text_of(int error)
{
	switch (error) {
	case ERESTARTSYS:
		return "To be restarted if SA_RESTART is set";
	case ERESTARTNOINTR:
		return "To be restarted";
	case ERESTARTNOHAND:
		return "To be restarted if no handler";
	case ERESTART_RESTARTBLOCK:
		return "Interrupted by signal";
	default:
		return error_text(error);
	}
}

/* "-1 ENOENT (No such file or directory)", "? ERESTARTSYS (…)" */
static char *put_error(char *p, int error)
{
	const char *name = sst_errno_name(error), *text = text_of(error);

	p = cell_string(p, error >= ERESTARTSYS && text ? "? " : "-1 ");
	p = name ? cell_string(p, name) : put_u64(cell_string(p, "E"), (uint64_t)error);
	return text ? cell_string(cell_string(cell_string(p, " ("), text), ")") : p;
}

/* --- files behind descriptors */

/* Room for what put_file() writes, with paths of any length that a name can have. */
#define FILE_ROOM 32768

static bool is_known(const struct row *row)
{
	return row->path && row->path_len > 0 && !(row->path_len == 1 && *row->path == '?') &&
	       row->path_len <= FILE_ROOM / 4 - 8;
}

static bool is_plain(char c)
{
	return c >= ' ' && c < 0x7f && c != '\\' && c != '"' && c != '<' && c != '>';
}

/* "</etc/passwd>", "<TCP:[127.0.0.1:80->127.0.0.1:1234]>", with octal digits for what would be in the way. */
static char *put_file(char *p, const struct row *row)
{
	const char *blank = *row->path != '/' ? memchr(row->path, ' ', row->path_len) : NULL;

	*p++ = '<';
	for (const char *s = row->path; s < row->path + row->path_len; s++) {
		if (s == blank) {
			p = cell_string(p, ":[");
		} else if (is_plain(*s) || (blank && *s == '>' && s > row->path && s[-1] == '-')) { /* "->" */
			*p++ = *s;
		} else {
			*p++ = '\\';
			*p++ = (char)('0' + ((unsigned char)*s >> 6));
			*p++ = (char)('0' + ((unsigned char)*s >> 3 & 7));
			*p++ = (char)('0' + (*s & 7));
		}
	}
	return cell_string(p, blank ? "]>" : ">");
}

static bool has_descriptor(const struct sst_signature *signature)
{
	for (unsigned i = 0; signature && i < signature->nargs; i++)
		if (signature->arg[i].kind == SST_KIND_FD)
			return true;
	return false;
}

/* Is the result a descriptor of the very file that the call is about? */
static bool is_result(const struct row *row)
{
	const struct sst_signature *signature = sst_signature(row->call->abi, row->call->nr);

	if (!signature || signature->result != SST_KIND_FD || row_error(row) || !sst_state_has_ret(row->state))
		return false;
	return !has_descriptor(signature) || !strncmp(row->call->name, "dup", 3);
}

#define MMAP_FD 4 /* which argument of mmap() is a descriptor */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The descriptor that is argument i of a text in which no argument before it has a comma. */
static char *argument_in(char *text, unsigned i)
{
	while (i-- > 0) {
		text = strchr(text, ',');
		if (!text)
			return NULL;
		text += 2;
	}
	return text;
}

/*
 * Where in the text of the arguments the descriptor stands that the call is about; NULL: nowhere. It is the first, that
 * of mmap(), or the one that a call with an empty path names: fstatat(3, "", ...).
 */
static char *descriptor_in(const struct row *row, char *text)
{
	const struct sst_signature *signature = sst_signature(row->call->abi, row->call->nr);
	const char *behind = text;

	if (!signature || !signature->nargs)
		return NULL;
	if (signature->arg[0].kind == SST_KIND_FD)
		return text;
	if (signature->nargs > MMAP_FD && signature->arg[MMAP_FD].kind == SST_KIND_FD &&
	    !strncmp(row->call->name, "mmap", 4))
		return argument_in(text, MMAP_FD);
	while (is_digit(*behind))
		behind++;
	return signature->arg[0].kind == SST_KIND_DIRFD && !strncmp(behind, ", \"\"", 4) && behind[4] != '.' ? text
													     : NULL;
}

/* The arguments, with the file behind the descriptor among them. */
static char *put_args(const struct strace *strace, char *p, const struct row *row)
{
	char file[FILE_ROOM], *end = args_put(strace->args, p, row), *number;
	size_t len;

	*end = '\0';
	number = is_known(row) ? descriptor_in(row, p) : NULL;
	if (!number || !is_digit(*number))
		return end;
	while (is_digit(*number))
		number++;
	len = (size_t)(put_file(file, row) - file);
	memmove(number + len, number, (size_t)(end - number));
	memcpy(number, file, len);
	return end + len;
}

static char *put_result(const struct strace *strace, char *start, char *p, const struct row *row)
{
	*p++ = ')';
	do
		*p++ = ' ';
	while (p < start + RESULT_COLUMN);
	p = cell_string(p, "= ");
	if (row_error(row))
		p = put_error(p, -row_error(row));
	else
		p = args_put_result(strace->args, p, row);
	if (is_known(row) && is_result(row))
		p = put_file(p, row);
	if (!sst_state_has_duration(row->state))
		return p;
	return cell_string(put_us(cell_string(p, " <"), (int64_t)row->duration), ">");
}

/* --- calls */

/* As strace calls it, where the tables follow another source. */
static const char *name_of(const struct call *call)
{
	static const char *const others[][2] = {
		{"pread", "pread64"}, {"pwrite", "pwrite64"}, {"newfstat", "fstat"}, {"getdents", "getdents64"}};
	bool generic = call->abi == SST_ABI_AARCH64; /* the last two are so named there only */

	for (size_t i = 0; i < (generic ? 4 : 2); i++)
		if (!strcmp(call->name, others[i][0]))
			return others[i][1];
	return call->name;
}

static void print_whole(struct strace *strace, const struct row *row)
{
	char *start = out_room(strace->view.out), *p;

	p = put_begin(strace, start, row->who->tid, row->time);
	p = cell_string(cell_string(p, name_of(row->call)), "(");
	p = put_args(strace, p, row);
	if (sst_state_is_open(row->state))
		p = cell_string(p, " <unfinished ...>");
	else
		p = put_result(strace, start, p, row);
	*p++ = '\n';
	out_done(strace->view.out, p);
}

/* A call that has been printed as open has returned; when is not known of one from before the recording. */
static void print_rest(struct strace *strace, const struct row *row)
{
	uint64_t end = sst_state_has_duration(row->state) ? row->time + row->duration : strace->last;
	char *start = out_room(strace->view.out), *p;

	p = put_begin(strace, start, row->who->tid, end);
	p = cell_string(cell_string(cell_string(p, "<... "), name_of(row->call)), " resumed>");
	p = put_result(strace, start, p, row);
	*p++ = '\n';
	out_done(strace->view.out, p);
}

static void print_row(struct view *view, const struct row *row)
{
	struct strace *strace = (struct strace *)view;
	bool open = sst_state_is_open(row->state), was_open;
	struct life *thread;

	if (!strace->view.live) { /* each call comes once */
		print_whole(strace, row);
		return;
	}
	thread = open ? lives_get(strace->lives, row->who->tid) : lives_find(strace->lives, row->who->tid);
	was_open = thread && row->replaces && thread->open && thread->open == row->seq;
	if (open && was_open)
		return;
	if (was_open)
		print_rest(strace, row);
	else
		print_whole(strace, row);
	if (open && thread)
		thread->open = row->seq;
	else if (thread)
		lives_remove(strace->lives, row->who->tid);
}

/* --- gaps and events */

/* "--- 23 calls lost: ring full (seq 2 to 24 until 0.003000000) ---": strace has no such thing. */
static void print_lost(struct view *view, const struct lost *lost)
{
	struct strace *strace = (struct strace *)view;
	char *p = out_room(view->out);

	p = put_begin(strace, p, lost->gap->tid, lost->gap->time);
	p = cell_note(cell_string(p, "--- "), view->recording, lost->gap);
	out_done(view->out, cell_string(p, " ---\n"));
}

static char *put_exit(char *p, uint32_t status)
{
	if (!wait_is_killed(status))
		return put_u64(cell_string(p, "exited with "), wait_code(status));
	p = signal_name(cell_string(p, "killed by "), wait_signal(status));
	return wait_has_core(status) ? cell_string(p, " (core dumped)") : p;
}

static void print_event(struct view *view, const struct thread_event *event)
{
	struct strace *strace = (struct strace *)view;
	const struct sst_event *what = event->event;
	bool superseded = what->kind == SST_EVENT_EXEC && what->a != what->tid;
	char *p;

	if (!event->wanted || (what->kind != SST_EVENT_EXIT && !superseded))
		return;
	p = put_begin(strace, out_room(view->out), what->tid, what->time);
	p = cell_string(p, "+++ ");
	if (superseded)
		p = put_u64(cell_string(p, "superseded by execve in pid "), what->a);
	else
		p = put_exit(p, (uint32_t)what->a);
	out_done(view->out, cell_string(p, " +++\n"));
	lives_remove(strace->lives, what->tid);
}

/* --- the view */

static void begin(struct view *view)
{
	struct strace *strace = (struct strace *)view;

	if (!session_enter(&strace->session, &view->recording->meta))
		lives_clear(strace->lives);
}

static void release(struct view *view)
{
	struct strace *strace = (struct strace *)view;

	args_free(strace->args);
	lives_free(strace->lives);
	free(strace);
}

struct view *strace_new(void)
{
	struct strace *strace = calloc(1, sizeof(*strace));

	if (!strace)
		return NULL;
	strace->args = args_new();
	strace->lives = lives_new();
	strace->view = (struct view){
		.columns = SST_ALL_COLUMNS & ~SST_COL_CPU,
		.ordered = true,
		.names = true,
		.begin = begin,
		.row = print_row,
		.lost = print_lost,
		.event = print_event,
		.release = release,
	};
	if (strace->args && strace->lives)
		return &strace->view;
	release(&strace->view);
	return NULL;
}
