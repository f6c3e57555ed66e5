/* jsonl.c - see jsonl.h */
#include "jsonl.h"

#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "cell.h"
#include "containers.h"
#include "escape.h"
#include "format/errno.h"
#include "format/reader.h"
#include "path.h"

#define KEY_ROOM   32
#define VALUE_ROOM (CELL_JSON_MAX(SST_COMM_MAX) + 2 * NUMBER_ROOM)

/* Of arguments: every quote and backslash doubled. */
#define ARGS_VALUE_ROOM (2 * ARGS_ROOM)
#define PATH_VALUE_ROOM CELL_JSON_MAX(PATH_ROOM)

#define CONTAINER_VALUE_ROOM CELL_JSON_MAX(CONTAINER_TEXT_MAX)

_Static_assert((COLUMN_COUNT + 4) * (KEY_ROOM + VALUE_ROOM) + ARGS_VALUE_ROOM + PATH_VALUE_ROOM +
			       4 * CONTAINER_VALUE_ROOM <
		       OUT_ROOM_MAX,
	       "an object must fit in the output's room");

/* A column, with what comes before its value: ,"time": */
struct member {
	enum column column;
	size_t len;
	char key[KEY_ROOM];
};

/* The names of the threads seen last in this frame, found by the address of their group. */
#define COMM_CACHE 256
struct comm_text {
	const struct sst_group *who;
	uint64_t frame;
	size_t len;
	char text[CELL_JSON_MAX(SST_COMM_MAX)];
};

struct jsonl {
	struct view view;
	struct member members[COLUMN_COUNT];
	size_t n_members;
	uint64_t frame;
	struct wall wall;
	struct comm_text comms[COMM_CACHE];
	struct args *args; /* NULL: no column needs it */
	char *args_text;   /* [ARGS_ROOM] */
	char *path_text;   /* [ESCAPED_MAX(PATH_ROOM)]; NULL: no column needs it */
};

static char *put_comm(struct jsonl *jsonl, char *p, const struct sst_group *who)
{
	struct comm_text *comm = &jsonl->comms[(uintptr_t)who / sizeof(*who) % COMM_CACHE];

	if (comm->who != who || comm->frame != jsonl->frame) {
		comm->len = (size_t)(cell_json(comm->text, who->comm, who->comm_len) - comm->text);
		comm->who = who;
		comm->frame = jsonl->frame;
	}
	memcpy(p, comm->text, comm->len);
	return p + comm->len;
}

static char *put_arg(char *p, const struct row *row, unsigned i)
{
	if (i >= row->call->nargs)
		return p;
	return cell_pointer(p, row->call->narrow ? (uint32_t)row->arg[i] : row->arg[i]);
}

static char *put_ret(char *p, const struct row *row)
{
	if (!sst_state_has_ret(row->state))
		return p;
	if (row->call->pointer && !row_error(row))
		return cell_pointer(p, row->call->narrow ? (uint32_t)row->ret : row->ret);
	return put_i64(p, row_ret(row));
}

static char *put_errno(char *p, const struct row *row)
{
	int error = row_error(row);
	const char *name = error ? sst_errno_name(-error) : NULL;

	return name ? cell_string(p, name) : p;
}

/* Printable ASCII already: only quotes and backslashes are left for JSON. */
static char *put_args(struct jsonl *jsonl, char *p, const struct row *row)
{
	const char *end = args_put(jsonl->args, jsonl->args_text, row);

	for (const char *s = jsonl->args_text; s < end; s++) {
		if (*s == '"' || *s == '\\')
			*p++ = '\\';
		*p++ = *s;
	}
	return p;
}

static char *put_path(struct jsonl *jsonl, char *p, const struct row *row)
{
	const char *end = escape(jsonl->path_text, row->path, row->path_len, ESCAPE_MESSAGE);

	for (const char *s = jsonl->path_text; s < end; s++) {
		if (*s == '"' || *s == '\\')
			*p++ = '\\';
		*p++ = *s;
	}
	return p;
}

static char *put_container(char *p, uint16_t container, enum container_text which)
{
	char escaped[ESCAPED_MAX(CONTAINER_TEXT_MAX)];
	size_t len;
	const char *text = container_text(container, which, &len);
	const char *end = escape(escaped, text, len, ESCAPE_MESSAGE);

	for (const char *s = escaped; s < end; s++) {
		if (*s == '"' || *s == '\\')
			*p++ = '\\';
		*p++ = *s;
	}
	return p;
}

/* The text of a call's column; nothing where it has none. */
static char *put_text(struct jsonl *jsonl, char *p, const struct row *row, enum column column)
{
	const struct recording *recording = jsonl->view.recording;

	switch (column) {
	case COLUMN_TIME:
		return cell_since(p, recording, row->time);
	case COLUMN_COMM:
		return put_comm(jsonl, p, row->who);
	case COLUMN_ABI:
		return cell_abi(p, row->call->abi);
	case COLUMN_SYSCALL:
		return cell_string(p, row->call->name);
	case COLUMN_ARG0:
	case COLUMN_ARG1:
	case COLUMN_ARG2:
	case COLUMN_ARG3:
	case COLUMN_ARG4:
	case COLUMN_ARG5:
		return put_arg(p, row, column - COLUMN_ARG0);
	case COLUMN_RET:
		return put_ret(p, row);
	case COLUMN_ERRNO:
		return put_errno(p, row);
	case COLUMN_DURATION:
		return sst_state_has_duration(row->state) ? put_seconds_u64(p, row->duration) : p;
	case COLUMN_STATE:
		return cell_string(p, state_name(row->state));
	case COLUMN_END:
		return sst_state_has_duration(row->state) ? cell_since(p, recording, row->time + row->duration) : p;
	case COLUMN_WALL:
		return cell_wall(p, &jsonl->wall, recording, row->time);
	case COLUMN_EPOCH:
		return cell_epoch(p, recording, row->time);
	case COLUMN_RECORD:
		return cell_pointer(p, (uint64_t)row->who->pid << 32 | row->call->nr);
	case COLUMN_SEQ:
		return put_u64(p, row->seq);
	case COLUMN_CAPTURED:
		return args_put_captured(p, row);
	case COLUMN_PATH:
		return row->path_len > 0 ? put_path(jsonl, p, row) : p;
	case COLUMN_CONTAINER:
		return put_container(p, row->who->where.container, CONTAINER_LABEL);
	case COLUMN_CONTAINER_ID:
		return put_container(p, row->who->where.container, CONTAINER_ID);
	case COLUMN_IMAGE:
		return put_container(p, row->who->where.container, CONTAINER_IMAGE);
	case COLUMN_RUNTIME:
		return put_container(p, row->who->where.container, CONTAINER_RUNTIME);
	default: /* calls have no notes: those are for gaps */
		return p;
	}
}

/* The text that ends at end as a string: what has opened it is at p, and null takes its place if nothing came. */
static char *close_string(char *p, char *end)
{
	if (end == p + 1)
		return cell_string(p, "null");
	*end++ = '"';
	return end;
}

static char *put_value(struct jsonl *jsonl, char *p, const struct row *row, enum column column)
{
	switch (column) {
	case COLUMN_PID:
		return put_u64(p, row->who->pid);
	case COLUMN_TID:
		return put_u64(p, row->who->tid);
	case COLUMN_NR:
		return put_u64(p, row->call->nr);
	case COLUMN_CPU:
		return put_u64(p, row->cpu);
	case COLUMN_NSPID:
		return put_u64(p, row->who->where.ns_pid ? row->who->where.ns_pid : row->who->pid);
	case COLUMN_NSTID:
		return put_u64(p, row->who->where.ns_tid ? row->who->where.ns_tid : row->who->tid);
	case COLUMN_ARGS: /* calls without any have an empty list of them */
		*p = '"';
		p = put_args(jsonl, p + 1, row);
		*p++ = '"';
		return p;
	case COLUMN_COMM: /* a thread always has a name, though it may be empty */
		*p = '"';
		p = put_comm(jsonl, p + 1, row->who);
		*p++ = '"';
		return p;
	default:
		*p = '"';
		return close_string(p, put_text(jsonl, p + 1, row, column));
	}
}

static char *put_key(char *p, const struct member *member)
{
	memcpy(p, member->key, KEY_ROOM);
	return p + member->len;
}

static void print_row(struct view *view, const struct row *row)
{
	struct jsonl *jsonl = (struct jsonl *)view;
	char *start = out_room(view->out), *p = start;

	for (size_t i = 0; i < jsonl->n_members; i++)
		p = put_value(jsonl, put_key(p, &jsonl->members[i]), row, jsonl->members[i].column);
	*start = '{'; /* instead of the first comma */
	p = cell_string(p, "}\n");
	out_done(view->out, p);
}

/* The text of a gap's column. */
static char *put_lost_text(struct jsonl *jsonl, char *p, const struct lost *lost, enum column column)
{
	const struct recording *recording = jsonl->view.recording;
	const struct sst_gap *gap = lost->gap;

	switch (column) {
	case COLUMN_TIME:
		return cell_since(p, recording, gap->time);
	case COLUMN_COMM:
		return cell_json(p, lost->comm, lost->comm_len);
	case COLUMN_STATE:
		return cell_string(p, "lost");
	case COLUMN_NOTE:
		return cell_note(p, recording, gap);
	case COLUMN_END:
		return cell_since(p, recording, gap->until);
	case COLUMN_WALL:
		return cell_wall(p, &jsonl->wall, recording, gap->time);
	case COLUMN_EPOCH:
		return cell_epoch(p, recording, gap->time);
	case COLUMN_SEQ:
		return gap->seq ? put_u64(p, gap->seq) : p;
	case COLUMN_CONTAINER:
		return put_container(p, lost->container, CONTAINER_LABEL);
	case COLUMN_CONTAINER_ID:
		return put_container(p, lost->container, CONTAINER_ID);
	default:
		return p;
	}
}

static char *put_lost_value(struct jsonl *jsonl, char *p, const struct lost *lost, enum column column)
{
	const struct sst_gap *gap = lost->gap;

	if (column == COLUMN_PID && gap->pid)
		return put_u64(p, gap->pid);
	if (column == COLUMN_TID && gap->tid)
		return put_u64(p, gap->tid);
	*p = '"';
	return close_string(p, put_lost_text(jsonl, p + 1, lost, column));
}

/* ,"lost":{"calls":"23","cause":"ring full","seq":"17","until":"1.250000000"} */
static char *put_gap(const struct jsonl *jsonl, char *p, const struct sst_gap *gap)
{
	p = put_u64(cell_string(p, ",\"lost\":{\"calls\":\""), gap->count);
	p = cell_string(cell_string(p, "\",\"cause\":\""), cause_name(gap->cause));
	p = cell_string(p, "\",\"seq\":\"");
	p = gap->seq ? cell_string(put_u64(p, gap->seq), "\"") : cell_string(p - 1, "null");
	p = cell_since(cell_string(p, ",\"until\":\""), jsonl->view.recording, gap->until);
	return cell_string(p, "\"}");
}

static void print_lost(struct view *view, const struct lost *lost)
{
	struct jsonl *jsonl = (struct jsonl *)view;
	char *start = out_room(view->out), *p = start;

	for (size_t i = 0; i < jsonl->n_members; i++)
		p = put_lost_value(jsonl, put_key(p, &jsonl->members[i]), lost, jsonl->members[i].column);
	p = put_gap(jsonl, p, lost->gap);
	*start = '{';
	p = cell_string(p, "}\n");
	out_done(view->out, p);
}

static void new_frame(struct view *view, uint64_t serial)
{
	((struct jsonl *)view)->frame = serial;
}

static const unsigned needs[COLUMN_COUNT] = {
	[COLUMN_TIME] = SST_COL_TIME,
	[COLUMN_ABI] = SST_COL_CALL,
	[COLUMN_NR] = SST_COL_CALL,
	[COLUMN_SYSCALL] = SST_COL_CALL,
	[COLUMN_ARG0] = SST_COL_CALL | SST_COL_ARGS,
	[COLUMN_ARG1] = SST_COL_CALL | SST_COL_ARGS,
	[COLUMN_ARG2] = SST_COL_CALL | SST_COL_ARGS,
	[COLUMN_ARG3] = SST_COL_CALL | SST_COL_ARGS,
	[COLUMN_ARG4] = SST_COL_CALL | SST_COL_ARGS,
	[COLUMN_ARG5] = SST_COL_CALL | SST_COL_ARGS,
	[COLUMN_RET] = SST_COL_CALL | SST_COL_RET | SST_COL_STATE,
	[COLUMN_ERRNO] = SST_COL_CALL | SST_COL_RET | SST_COL_STATE,
	[COLUMN_DURATION] = SST_COL_TIME | SST_COL_STATE,
	[COLUMN_STATE] = SST_COL_STATE,
	[COLUMN_END] = SST_COL_TIME | SST_COL_STATE,
	[COLUMN_WALL] = SST_COL_TIME,
	[COLUMN_EPOCH] = SST_COL_TIME,
	[COLUMN_RECORD] = SST_COL_CALL,
	[COLUMN_SEQ] = SST_COL_SEQ,
	[COLUMN_CPU] = SST_COL_CPU,
	[COLUMN_ARGS] = SST_COL_CALL | SST_COL_ARGS | SST_COL_RET | SST_COL_STATE | SST_COL_TEXT,
	[COLUMN_PATH] = SST_COL_CALL | SST_COL_ARGS | SST_COL_RET | SST_COL_STATE | SST_COL_TEXT,
	[COLUMN_CAPTURED] = SST_COL_TEXT,
	[COLUMN_CONTAINER] = SST_COL_WHERE,
	[COLUMN_CONTAINER_ID] = SST_COL_WHERE,
	[COLUMN_IMAGE] = SST_COL_WHERE,
	[COLUMN_RUNTIME] = SST_COL_WHERE,
	[COLUMN_NSPID] = SST_COL_WHERE,
	[COLUMN_NSTID] = SST_COL_WHERE,
};

static void add_member(struct jsonl *jsonl, enum column column)
{
	struct member *member = &jsonl->members[jsonl->n_members++];
	char *p = cell_string(cell_string(member->key, ",\""), column_name(column));

	member->column = column;
	member->len = (size_t)(cell_string(p, "\":") - member->key);
	jsonl->view.columns |= needs[column];
}

static void release(struct view *view)
{
	struct jsonl *jsonl = (struct jsonl *)view;

	args_free(jsonl->args);
	free(jsonl->args_text);
	free(jsonl->path_text);
	free(jsonl);
}

struct view *jsonl_new(const struct columns *columns)
{
	struct jsonl *jsonl = calloc(1, sizeof(*jsonl));
	bool has[COLUMN_COUNT] = {false};

	if (!jsonl)
		return NULL;
	jsonl->view = (struct view){.frame = new_frame, .row = print_row, .lost = print_lost};
	jsonl->view.release = release;
	for (size_t i = 0; i < columns->n; i++) {
		if (!has[columns->list[i]])
			add_member(jsonl, columns->list[i]);
		has[columns->list[i]] = true;
	}
	jsonl->view.names = has[COLUMN_PATH];
	if (has[COLUMN_ARGS]) {
		jsonl->args = args_new();
		jsonl->args_text = malloc(ARGS_ROOM);
	}
	if (has[COLUMN_PATH])
		jsonl->path_text = malloc(ESCAPED_MAX(PATH_ROOM));
	if ((has[COLUMN_ARGS] && (!jsonl->args || !jsonl->args_text)) || (has[COLUMN_PATH] && !jsonl->path_text)) {
		view_free(&jsonl->view);
		return NULL;
	}
	return &jsonl->view;
}
