/* files.c - see files.h */
#include "files.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "cell.h"
#include "escape.h"
#include "format/errno.h"
#include "format/reader.h"
#include "path.h"
#include "report.h"

#define LINE_ROOM (2 * CELL_JSON_MAX(PATH_ROOM) + CELL_JSON_MAX(SST_COMM_MAX) + 1024)

_Static_assert(LINE_ROOM < OUT_ROOM_MAX, "a line must fit in the output's room");

#define O_CREAT_BIT  UINT64_C(0100)
#define REMOVEDIR    UINT64_C(0x200)
#define NO_ARGUMENT  (-1)
#define IN_STRUCTURE (-2) /* openat2: the flags are what argument 2 points to */

/* What a call does, where an argument may say that it does something else. */
static const struct operation {
	const char *call, *name;
	int flags; /* argument */
	uint64_t bit;
	const char *other; /* with that bit */
} operations[] = {
	{"creat", "create", NO_ARGUMENT, 0, NULL},
	{"ftruncate", "truncate", NO_ARGUMENT, 0, NULL},
	{"ftruncate64", "truncate", NO_ARGUMENT, 0, NULL},
	{"link", "link", NO_ARGUMENT, 0, NULL},
	{"linkat", "link", NO_ARGUMENT, 0, NULL},
	{"mkdir", "mkdir", NO_ARGUMENT, 0, NULL},
	{"mkdirat", "mkdir", NO_ARGUMENT, 0, NULL},
	{"mknod", "mknod", NO_ARGUMENT, 0, NULL},
	{"mknodat", "mknod", NO_ARGUMENT, 0, NULL},
	{"open", "open", 1, O_CREAT_BIT, "create"},
	{"open_by_handle_at", "open", NO_ARGUMENT, 0, NULL},
	{"openat", "open", 2, O_CREAT_BIT, "create"},
	{"openat2", "open", IN_STRUCTURE, O_CREAT_BIT, "create"},
	{"rename", "rename", NO_ARGUMENT, 0, NULL},
	{"renameat", "rename", NO_ARGUMENT, 0, NULL},
	{"renameat2", "rename", NO_ARGUMENT, 0, NULL},
	{"rmdir", "rmdir", NO_ARGUMENT, 0, NULL},
	{"symlink", "symlink", NO_ARGUMENT, 0, NULL},
	{"symlinkat", "symlink", NO_ARGUMENT, 0, NULL},
	{"truncate", "truncate", NO_ARGUMENT, 0, NULL},
	{"truncate64", "truncate", NO_ARGUMENT, 0, NULL},
	{"unlink", "unlink", NO_ARGUMENT, 0, NULL},
	{"unlinkat", "unlink", 2, REMOVEDIR, "rmdir"},
};

#define OPERATIONS (sizeof(operations) / sizeof(*operations))

enum field {
	FIELD_TIME,
	FIELD_PID,
	FIELD_TID,
	FIELD_COMM,
	FIELD_OP,
	FIELD_RET,
	FIELD_ERRNO,
	FIELD_PATH,
	FIELD_TO,
	FIELDS
};

static const struct {
	const char *name;
	bool plain; /* without quotes in JSON */
} fields[FIELDS] = {
	[FIELD_TIME] = {"time", false},   [FIELD_PID] = {"pid", true},    [FIELD_TID] = {"tid", true},
	[FIELD_COMM] = {"comm", false},   [FIELD_OP] = {"op", false},     [FIELD_RET] = {"ret", false},
	[FIELD_ERRNO] = {"errno", false}, [FIELD_PATH] = {"path", false}, [FIELD_TO] = {"to", false},
};

struct files {
	struct view view;
	struct files_config config;
	struct wall wall;
	uint64_t unknown; /* calls left out because the names of their files are not known */
	char name[PATH_ROOM + 1];
};

const char *files_call(unsigned i)
{
	return i < OPERATIONS ? operations[i].call : NULL;
}

static int compare(const void *name, const void *operation)
{
	return strcmp(name, ((const struct operation *)operation)->call);
}

static const struct operation *operation_of(const struct call *call)
{
	return bsearch(call->name, operations, OPERATIONS, sizeof(*operations), compare);
}

/* The lowest flags of openat2(): the first of eight bytes, or the last; at the other end there are none. */
static uint64_t flags_in_memory(const struct row *row)
{
	const struct sst_capture *how = row_capture(row, 2);

	if (!how || how->len < 8)
		return 0;
	return row->text[how->offset] | row->text[how->offset + 7];
}

static const char *name_of(const struct operation *operation, const struct row *row)
{
	uint64_t flags = 0;

	if (operation->flags >= 0)
		flags = row->arg[operation->flags];
	else if (operation->flags == IN_STRUCTURE)
		flags = flags_in_memory(row);
	return flags & operation->bit ? operation->other : operation->name;
}

/* --- which are shown */

static bool is_unknown(const char *path)
{
	return path && *path == '?';
}

static bool matches(struct files *files, const char *path, uint32_t len)
{
	if (!path || len > PATH_ROOM)
		return false;
	memcpy(files->name, path, len);
	files->name[len] = '\0';
	return fnmatch(files->config.glob, files->name, 0) == 0;
}

static bool is_shown(struct files *files, const struct row *row)
{
	if (files->view.live && sst_state_is_open(row->state)) /* it comes again when it has returned */
		return false;
	if (!files->config.glob || matches(files, row->path, row->path_len) ||
	    matches(files, row->other, row->other_len))
		return true;
	files->unknown += is_unknown(row->path) || is_unknown(row->other);
	return false;
}

/* --- cells */

static char *put_text(struct files *files, char *p, const char *text, size_t len)
{
	if (!text)
		return p;
	switch (files->config.style) {
	case FILES_JSONL:
		return cell_json(p, text, len);
	case FILES_CSV:
		return cell_csv(p, escape(p, text, len, ESCAPE_CELL));
	case FILES_TSV:
		return escape(p, text, len, ESCAPE_CELL);
	default:
		return escape(p, text, len, ESCAPE_MESSAGE);
	}
}

static char *put_errno(char *p, const struct row *row)
{
	int error = row_error(row);
	const char *name = error ? sst_errno_name(-error) : NULL;

	return name ? cell_string(p, name) : p;
}

/* --- for people */

/* The time of the day, or seconds since the beginning where that is not known; in milliseconds. */
static char *put_time(struct files *files, char *p, uint64_t boot)
{
	char text[2 * NUMBER_ROOM + sizeof(struct wall)];
	char *end = cell_wall(text, &files->wall, files->view.recording, boot);
	const char *clock = memchr(text, 'T', (size_t)(end - text));

	if (clock)
		return mempcpy(p, clock + 1, 12); /* 12:34:56.123 */
	return cell_since(p, files->view.recording, boot) - 6;
}

/* A cell that ends at p: blanks behind it, at least one. Returns where the next one begins. */
static char *end_cell(const char *cell, char *p, size_t width)
{
	do
		*p++ = ' ';
	while (p < cell + width + 1);
	return p;
}

/* "OPEN" */
static char *put_title(char *p, const char *name)
{
	while (*name)
		*p++ = (char)(*name++ & ~0x20);
	return p;
}

/* A descriptor or 0, the name of an error, or nothing of a call that has not returned. */
static char *put_result(char *p, const struct row *row)
{
	char *end = put_errno(p, row);

	if (end > p || !sst_state_has_ret(row->state))
		return end > p ? end : cell_string(p, "-");
	return put_i64(p, row_ret(row));
}

static char *put_for_people(struct files *files, char *p, const struct row *row, const char *name)
{
	p = end_cell(p, put_time(files, p, row->time), 12);
	p = end_cell(p, put_u64(p, row->who->pid), 7);
	p = end_cell(p, put_text(files, p, row->who->comm, row->who->comm_len), 16);
	p = end_cell(p, put_title(p, name), 8);
	p = end_cell(p, put_result(p, row), 8);
	p = put_text(files, p, row->path, row->path_len);
	if (row->other)
		p = put_text(files, cell_string(p, " -> "), row->other, row->other_len);
	*p++ = '\n';
	return p;
}

/* --- for programs */

static char *put_field(struct files *files, char *p, const struct row *row, const char *name, enum field field)
{
	switch (field) {
	case FIELD_TIME:
		return cell_since(p, files->view.recording, row->time);
	case FIELD_PID:
		return put_u64(p, row->who->pid);
	case FIELD_TID:
		return put_u64(p, row->who->tid);
	case FIELD_COMM:
		return put_text(files, p, row->who->comm, row->who->comm_len);
	case FIELD_OP:
		return cell_string(p, name);
	case FIELD_RET:
		return sst_state_has_ret(row->state) ? put_i64(p, row_ret(row)) : p;
	case FIELD_ERRNO:
		return put_errno(p, row);
	case FIELD_PATH:
		return put_text(files, p, row->path, row->path_len);
	default:
		return put_text(files, p, row->other, row->other_len);
	}
}

static char *put_json_field(struct files *files, char *p, const struct row *row, const char *name, enum field field)
{
	char *start;

	p = cell_string(cell_string(cell_string(p, field ? ",\"" : "{\""), fields[field].name), "\":");
	start = p;
	if (!fields[field].plain)
		*p++ = '"';
	p = put_field(files, p, row, name, field);
	if (p == start + !fields[field].plain && field != FIELD_COMM)
		return cell_string(start, "null");
	if (!fields[field].plain)
		*p++ = '"';
	return p;
}

static char *put_for_programs(struct files *files, char *p, const struct row *row, const char *name)
{
	bool json = files->config.style == FILES_JSONL;

	for (enum field field = 0; field < FIELDS; field++) {
		if (json) {
			p = put_json_field(files, p, row, name, field);
		} else {
			p = put_field(files, p, row, name, field);
			*p++ = files->config.style == FILES_CSV ? ',' : '\t';
		}
	}
	if (json)
		return cell_string(p, "}\n");
	p[-1] = '\n';
	return p;
}

/* --- the view */

static void print_header(struct view *view)
{
	struct files *files = (struct files *)view;
	enum files_style style = files->config.style;
	char *p = out_room(view->out);

	view->begin = NULL;
	if (!files->config.header || style == FILES_JSONL)
		return;
	if (style == FILES_TEXT) {
		p = cell_string(p, "TIME         PID     COMM             OP       RESULT   PATH\n");
	} else {
		for (enum field field = 0; field < FIELDS; field++) {
			p = cell_string(p, fields[field].name);
			*p++ = style == FILES_CSV ? ',' : '\t';
		}
		p[-1] = '\n';
	}
	out_done(view->out, p);
}

static void print_row(struct view *view, const struct row *row)
{
	struct files *files = (struct files *)view;
	const struct operation *operation = operation_of(row->call);
	char *p;

	if (!operation || !is_shown(files, row))
		return;
	p = out_room(view->out);
	p = (files->config.style == FILES_TEXT ? put_for_people : put_for_programs)(files, p, row,
										    name_of(operation, row));
	out_done(view->out, p);
}

static void finish(struct view *view)
{
	const struct files *files = (struct files *)view;

	out_flush(view->out);
	if (files->unknown > 0)
		complain("--path: %llu calls are left out because the names of their files are not known",
			 (unsigned long long)files->unknown);
}

struct view *files_new(const struct files_config *config)
{
	struct files *files = calloc(1, sizeof(*files));

	if (!files)
		return NULL;
	files->config = *config;
	files->view = (struct view){
		.begin = print_header,
		.row = print_row,
		.finish = finish,
		.columns = SST_COL_TIME | SST_COL_CALL | SST_COL_ARGS | SST_COL_RET | SST_COL_STATE | SST_COL_TEXT,
		.names = true,
		.ordered = true, /* the first view knows whether rows come from a pipe */
	};
	return &files->view;
}
