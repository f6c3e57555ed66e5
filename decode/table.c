/* table.c - see table.h */
#include "table.h"

#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "cell.h"
#include "containers.h"
#include "escape.h"
#include "format/errno.h"
#include "format/reader.h"
#include "memo.h"
#include "number.h"
#include "path.h"

/* Room for one cell: a name with all bytes escaped and quoted. */
#define CELL_ROOM (2 * ESCAPED_MAX(SST_COMM_MAX) + NUMBER_ROOM)

/* Of a path; in CSV quotes around it. */
#define PATH_CELL_ROOM (ESCAPED_MAX(PATH_ROOM) + 2)

/* Of arguments; in CSV quotes are doubled, but then none of them had to be escaped. */
#define ARGS_CELL_ROOM (ESCAPED_ARGS_MAX(ARGS_ROOM) + 2)

_Static_assert(COLUMNS_MAX *CELL_ROOM + ARGS_CELL_ROOM < OUT_ROOM_MAX && PATH_CELL_ROOM < ARGS_CELL_ROOM,
	       "a row must fit in the output's room");

/* "pid\ttid\tcomm" of the threads seen last in this frame, found by the address of their group. */
#define WHO_CACHE 256
struct who_text {
	const struct sst_group *who;
	uint64_t frame;
	size_t len;
	char text[CELL_ROOM + 64];
};

/* The second that the last time was in: most share it with the one before. */
struct second {
	uint64_t start; /* of the recording; boot time, ns */
	uint64_t begin; /* of the second */
	size_t len;     /* of text; 0: there is none */
	char text[NUMBER_ROOM];
};

struct args_cell {
	struct args *args;
	char text[ARGS_ROOM], escaped[ESCAPED_ARGS_MAX(ARGS_ROOM)];
};

/* Functions of columns are called through pointers, but for the columns that are there unless others are asked for. */
#define INLINE inline __attribute__((always_inline))

struct table;
typedef char *(*put_cell)(struct table *table, char *p, const struct row *row);

struct table {
	struct view view;
	enum dialect dialect;
	char separator;
	struct columns columns;
	put_cell cells[COLUMNS_MAX];
	size_t n_cells;
	uint64_t frame;
	struct wall wall;
	struct who_text who_texts[WHO_CACHE], *who; /* who: of the row before */
	struct second second;
	struct args_cell *args; /* NULL: no column needs it */
	struct memos *memos;    /* NULL: no column needs them */
	struct memo *memo;      /* of the row that is being written, or NULL */
};

/*
 * Copy len bytes in steps of 32, which is one instruction or two: text has readable bytes up to the next multiple of
 * 32, p has room for them.
 */
static inline char *put_text(char *p, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i += 32)
		memcpy(p + i, text + i, 32);
	return p + len;
}

static char *put_safe(const struct table *table, char *p, const char *text, size_t len)
{
	char *end = escape(p, text, len, ESCAPE_CELL);

	return table->dialect == DIALECT_CSV ? cell_csv(p, end) : end;
}

/* The cells of a call's row, by column. */

/* The whole seconds of a time, and the point behind them. A time before the beginning of times is none of these. */
static __attribute__((noinline)) bool begin_second(struct second *second, uint64_t start, uint64_t time)
{
	uint64_t since = time - start;
	char *p;

	if ((int64_t)since < 0)
		return false;
	second->start = start;
	second->begin = time - since % NS_PER_S;
	p = put_u64(second->text, since / NS_PER_S);
	*p++ = '.';
	second->len = (size_t)(p - second->text);
	return true;
}

static INLINE char *column_time(struct table *table, char *p, const struct row *row)
{
	struct second *second = &table->second;
	uint64_t start = table->view.recording->start;

	if ((row->time - second->begin >= NS_PER_S || start != second->start || second->len == 0) &&
	    !begin_second(second, start, row->time))
		return cell_since(p, table->view.recording, row->time);
	memcpy(p, second->text, 32);
	return put_nine(p + second->len, (uint32_t)(row->time - second->begin));
}

static char *column_pid(struct table *table, char *p, const struct row *row)
{
	(void)table;
	return put_u64(p, row->who->pid);
}

static char *column_tid(struct table *table, char *p, const struct row *row)
{
	(void)table;
	return put_u64(p, row->who->tid);
}

static char *column_comm(struct table *table, char *p, const struct row *row)
{
	return put_safe(table, p, row->who->comm, row->who->comm_len);
}

static char *column_abi(struct table *table, char *p, const struct row *row)
{
	(void)table;
	return cell_abi(p, row->call->abi);
}

static char *column_nr(struct table *table, char *p, const struct row *row)
{
	(void)table;
	return put_u64(p, row->call->nr);
}

static char *column_syscall(struct table *table, char *p, const struct row *row)
{
	(void)table;
	return cell_string(p, row->call->name);
}

static inline char *put_arg(char *p, const struct row *row, unsigned i)
{
	if (i >= row->call->nargs)
		return p;
	return cell_pointer(p, row->call->narrow ? (uint32_t)row->arg[i] : row->arg[i]);
}

#define CELL_ARG(i)                                                                                                    \
	static char *column_arg##i(struct table *table, char *p, const struct row *row)                                \
	{                                                                                                              \
		(void)table;                                                                                           \
		return put_arg(p, row, i);                                                                             \
	}
CELL_ARG(0)
CELL_ARG(1)
CELL_ARG(2)
CELL_ARG(3)
CELL_ARG(4)
CELL_ARG(5)
#undef CELL_ARG

static INLINE char *column_ret(struct table *table, char *p, const struct row *row)
{
	(void)table;
	if (!sst_state_has_ret(row->state))
		return p;
	if (row->call->pointer && !row_error(row))
		return cell_pointer(p, row->call->narrow ? (uint32_t)row->ret : row->ret);
	return put_i64(p, row_ret(row));
}

static INLINE char *column_errno(struct table *table, char *p, const struct row *row)
{
	int error = row_error(row);
	const char *name = error ? sst_errno_name(-error) : NULL;

	(void)table;
	return name ? cell_string(p, name) : p;
}

static INLINE char *column_duration(struct table *table, char *p, const struct row *row)
{
	(void)table;
	return sst_state_has_duration(row->state) ? put_seconds_u64(p, row->duration) : p;
}

static INLINE char *column_state(struct table *table, char *p, const struct row *row)
{
	(void)table;
	if (row->state == SST_OK) { /* nearly always */
		*p++ = 'o';
		*p++ = 'k';
		return p;
	}
	return cell_string(p, state_name(row->state));
}

/* Calls have no notes: those are for gaps. */
static char *column_note(struct table *table, char *p, const struct row *row)
{
	(void)table;
	(void)row;
	return p;
}

static char *column_end(struct table *table, char *p, const struct row *row)
{
	return sst_state_has_duration(row->state) ? cell_since(p, table->view.recording, row->time + row->duration) : p;
}

static char *column_wall(struct table *table, char *p, const struct row *row)
{
	return cell_wall(p, &table->wall, table->view.recording, row->time);
}

static char *column_epoch(struct table *table, char *p, const struct row *row)
{
	return cell_epoch(p, table->view.recording, row->time);
}

static char *column_record(struct table *table, char *p, const struct row *row)
{
	(void)table;
	return cell_pointer(p, (uint64_t)row->who->pid << 32 | row->call->nr);
}

static char *column_seq(struct table *table, char *p, const struct row *row)
{
	(void)table;
	return put_u64(p, row->seq);
}

static char *column_cpu(struct table *table, char *p, const struct row *row)
{
	(void)table;
	return put_u64(p, row->cpu);
}

/* A cell that may be longer than all others together begins with room of its own. */
static char *make_room(struct table *table, char *p)
{
	out_done(table->view.out, p);
	return out_room(table->view.out);
}

/* Text of escape_args() in quotes, if CSV wants that. */
static char *quote_args(char *p, const char *text, const char *end)
{
	size_t len = (size_t)(end - text);

	if (!memchr(text, ',', len) && !memchr(text, '"', len))
		return (char *)memcpy(p, text, len) + len;
	*p++ = '"';
	for (; text < end; text++) {
		if (*text == '"')
			*p++ = '"';
		*p++ = *text;
	}
	*p++ = '"';
	return p;
}

static __attribute__((noinline)) char *make_args(struct table *table, char *p, const struct row *row)
{
	struct args_cell *cell = table->args;
	bool tsv = table->dialect == DIALECT_TSV;
	char *end = NULL;

	if (tsv || row->n_captures > 0)
		end = args_put_cell(cell->args, tsv ? p : cell->escaped, row);
	if (!end) {
		end = args_put(cell->args, cell->text, row);
		end = escape_args(tsv ? p : cell->escaped, cell->text, (size_t)(end - cell->text));
	}
	return tsv ? end : quote_args(p, cell->escaped, end);
}

static INLINE char *column_args(struct table *table, char *p, const struct row *row)
{
	char *end;

	if (table->memo && table->memo->text_len > 0)
		return put_text(p, table->memo->text, table->memo->text_len);
	p = make_room(table, p);
	end = make_args(table, p, row);
	memo_keep_text(table->memo, p, (size_t)(end - p));
	return end;
}

static INLINE char *column_path(struct table *table, char *p, const struct row *row)
{
	p = make_room(table, p);
	if (row->path_clean && table->dialect == DIALECT_TSV)
		return put_text(p, row->path, row->path_len);
	return row->path_len > 0 ? put_safe(table, p, row->path, row->path_len) : p;
}

static char *column_captured(struct table *table, char *p, const struct row *row)
{
	(void)table;
	return args_put_captured(p, row);
}

static char *put_container(const struct table *table, char *p, uint16_t container, enum container_text which)
{
	size_t len;
	const char *text = container_text(container, which, &len);

	return put_safe(table, p, text, len);
}

#define CELL_CONTAINER(name, which)                                                                                    \
	static char *column_##name(struct table *table, char *p, const struct row *row)                                \
	{                                                                                                              \
		p = make_room(table, p);                                                                               \
		return put_container(table, p, row->who->where.container, which);                                      \
	}
CELL_CONTAINER(container, CONTAINER_LABEL)
CELL_CONTAINER(container_id, CONTAINER_ID)
CELL_CONTAINER(image, CONTAINER_IMAGE)
CELL_CONTAINER(runtime, CONTAINER_RUNTIME)
#undef CELL_CONTAINER

static char *column_nspid(struct table *table, char *p, const struct row *row)
{
	(void)table;
	return put_u64(p, row->who->where.ns_pid ? row->who->where.ns_pid : row->who->pid);
}

static char *column_nstid(struct table *table, char *p, const struct row *row)
{
	(void)table;
	return put_u64(p, row->who->where.ns_tid ? row->who->where.ns_tid : row->who->tid);
}

/* Neighbours that are made together, since what they say repeats. */

static __attribute__((noinline)) void make_who(struct table *table, struct who_text *who, const struct row *row)
{
	char *t = column_pid(table, who->text, row);

	*t++ = table->separator;
	t = column_tid(table, t, row);
	*t++ = table->separator;
	t = column_comm(table, t, row);
	who->len = (size_t)(t - who->text);
	who->who = row->who;
	who->frame = table->frame;
}

/* pid, tid, comm */
static INLINE char *columns_who(struct table *table, char *p, const struct row *row)
{
	struct who_text *who = table->who;

	if (who->who != row->who || who->frame != table->frame) {
		who = &table->who_texts[(uintptr_t)row->who / sizeof(*row->who) % WHO_CACHE];
		if (who->who != row->who || who->frame != table->frame)
			make_who(table, who, row);
		table->who = who;
	}
	return put_text(p, who->text, who->len);
}

/* abi, nr, syscall */
static INLINE char *columns_call(struct table *table, char *p, const struct row *row)
{
	(void)table;
	return put_text(p, row->call->text, row->call->text_len);
}

static void make_call(const struct view *view, struct call *call)
{
	const struct table *table = (const struct table *)view;
	char *t = cell_abi(call->text, call->abi);

	*t++ = table->separator;
	t = put_u64(t, call->nr);
	*t++ = table->separator;
	t = cell_string(t, call->name);
	call->text_len = (uint8_t)(t - call->text);
}

static __attribute__((noinline)) char *make_raw(const struct table *table, char *p, const struct row *row)
{
	unsigned n = row->call->nargs;

	for (unsigned i = 0; i < n; i++) {
		p = put_arg(p, row, i);
		*p++ = table->separator;
	}
	memset(p, table->separator, SST_ARGS);
	return p + SST_ARGS - n - 1; /* the last one gets its separator from the row; none missing means one too many */
}

/* arg0 to arg5 */
static INLINE char *columns_args(struct table *table, char *p, const struct row *row)
{
	char *end;

	if (table->memo && table->memo->raw_len > 0)
		return put_text(p, table->memo->raw, table->memo->raw_len);
	end = make_raw(table, p, row);
	memo_keep_raw(table->memo, p, (size_t)(end - p));
	return end;
}

/* ret, errno, duration, state, note */
static INLINE char *columns_outcome(struct table *table, char *p, const struct row *row)
{
	char separator = table->separator;

	p = column_ret(table, p, row);
	*p++ = separator;
	p = column_errno(table, p, row);
	*p++ = separator;
	if (row->state == SST_OK && row->duration < NS_PER_S) { /* nearly always */
		*p++ = '0';
		*p++ = '.';
		p = put_nine(p, (uint32_t)row->duration);
	} else {
		p = column_duration(table, p, row);
	}
	*p++ = separator;
	p = column_state(table, p, row);
	*p++ = separator;
	return p;
}

static const struct {
	put_cell put;
	unsigned columns; /* SST_COL_* */
} cells[COLUMN_COUNT] = {
	[COLUMN_TIME] = {column_time, SST_COL_TIME},
	[COLUMN_PID] = {column_pid, 0},
	[COLUMN_TID] = {column_tid, 0},
	[COLUMN_COMM] = {column_comm, 0},
	[COLUMN_ABI] = {column_abi, SST_COL_CALL},
	[COLUMN_NR] = {column_nr, SST_COL_CALL},
	[COLUMN_SYSCALL] = {column_syscall, SST_COL_CALL},
	[COLUMN_ARG0] = {column_arg0, SST_COL_CALL | SST_COL_ARGS},
	[COLUMN_ARG1] = {column_arg1, SST_COL_CALL | SST_COL_ARGS},
	[COLUMN_ARG2] = {column_arg2, SST_COL_CALL | SST_COL_ARGS},
	[COLUMN_ARG3] = {column_arg3, SST_COL_CALL | SST_COL_ARGS},
	[COLUMN_ARG4] = {column_arg4, SST_COL_CALL | SST_COL_ARGS},
	[COLUMN_ARG5] = {column_arg5, SST_COL_CALL | SST_COL_ARGS},
	[COLUMN_RET] = {column_ret, SST_COL_CALL | SST_COL_RET | SST_COL_STATE},
	[COLUMN_ERRNO] = {column_errno, SST_COL_CALL | SST_COL_RET | SST_COL_STATE},
	[COLUMN_DURATION] = {column_duration, SST_COL_TIME | SST_COL_STATE},
	[COLUMN_STATE] = {column_state, SST_COL_STATE},
	[COLUMN_NOTE] = {column_note, 0},
	[COLUMN_ARGS] = {column_args, SST_COL_CALL | SST_COL_ARGS | SST_COL_RET | SST_COL_STATE | SST_COL_TEXT},
	[COLUMN_END] = {column_end, SST_COL_TIME | SST_COL_STATE},
	[COLUMN_WALL] = {column_wall, SST_COL_TIME},
	[COLUMN_EPOCH] = {column_epoch, SST_COL_TIME},
	[COLUMN_RECORD] = {column_record, SST_COL_CALL},
	[COLUMN_SEQ] = {column_seq, SST_COL_SEQ},
	[COLUMN_CPU] = {column_cpu, SST_COL_CPU},
	[COLUMN_PATH] = {column_path, SST_COL_CALL | SST_COL_ARGS | SST_COL_RET | SST_COL_STATE | SST_COL_TEXT},
	[COLUMN_CAPTURED] = {column_captured, SST_COL_TEXT},
	[COLUMN_CONTAINER] = {column_container, SST_COL_WHERE},
	[COLUMN_CONTAINER_ID] = {column_container_id, SST_COL_WHERE},
	[COLUMN_IMAGE] = {column_image, SST_COL_WHERE},
	[COLUMN_RUNTIME] = {column_runtime, SST_COL_WHERE},
	[COLUMN_NSPID] = {column_nspid, SST_COL_WHERE},
	[COLUMN_NSTID] = {column_nstid, SST_COL_WHERE},
};

static const struct {
	enum column first, last;
	put_cell put;
} neighbours[] = {
	{COLUMN_PID, COLUMN_COMM, columns_who},
	{COLUMN_ABI, COLUMN_SYSCALL, columns_call},
	{COLUMN_ARG0, COLUMN_ARG5, columns_args},
	{COLUMN_RET, COLUMN_NOTE, columns_outcome},
};

/* How many columns from i on can be made together by *put; 1 is always possible. */
static size_t choose_cell(const struct columns *columns, size_t i, put_cell *put)
{
	for (size_t k = 0; k < sizeof(neighbours) / sizeof(neighbours[0]); k++) {
		size_t n = neighbours[k].last - neighbours[k].first + 1u, same = 0;

		while (same < n && i + same < columns->n && columns->list[i + same] == neighbours[k].first + same)
			same++;
		if (same == n) {
			*put = neighbours[k].put;
			return n;
		}
	}
	*put = cells[columns->list[i]].put;
	return 1;
}

static void print_row(struct view *view, const struct row *row)
{
	struct table *table = (struct table *)view;
	char *p = out_room(view->out);

	table->memo = table->memos ? memo_find(table->memos, row) : NULL;
	for (size_t i = 0; i < table->n_cells; i++) {
		p = table->cells[i](table, p, row);
		*p++ = table->separator;
	}
	p[-1] = '\n';
	out_done(view->out, p);
}

/* The same of the columns that are there unless others are asked for. */
static void print_usual_row(struct view *view, const struct row *row)
{
	struct table *table = (struct table *)view;
	char *p = out_room(view->out), separator = table->separator;

	table->memo = memo_find(table->memos, row);
	p = column_time(table, p, row);
	*p++ = separator;
	p = columns_who(table, p, row);
	*p++ = separator;
	p = columns_call(table, p, row);
	*p++ = separator;
	p = columns_args(table, p, row);
	*p++ = separator;
	p = columns_outcome(table, p, row);
	*p++ = separator;
	p = column_args(table, p, row);
	*p++ = separator;
	p = column_path(table, p, row);
	*p++ = '\n';
	out_done(view->out, p);
}

static bool is_usual(const struct columns *columns)
{
	struct columns usual;

	columns_default(&usual);
	return columns->n == usual.n && memcmp(columns->list, usual.list, usual.n * sizeof(usual.list[0])) == 0;
}

/* The cell of a gap: most columns say nothing. */
static char *put_lost(struct table *table, char *p, const struct lost *lost, enum column column)
{
	const struct sst_gap *gap = lost->gap;

	switch (column) {
	case COLUMN_TIME:
		return cell_since(p, table->view.recording, gap->time);
	case COLUMN_PID:
		return gap->pid ? put_u64(p, gap->pid) : p;
	case COLUMN_TID:
		return gap->tid ? put_u64(p, gap->tid) : p;
	case COLUMN_COMM:
		return put_safe(table, p, lost->comm, lost->comm_len);
	case COLUMN_STATE:
		return cell_string(p, "lost");
	case COLUMN_NOTE:
		return cell_note(p, table->view.recording, gap);
	case COLUMN_END:
		return cell_since(p, table->view.recording, gap->until);
	case COLUMN_WALL:
		return cell_wall(p, &table->wall, table->view.recording, gap->time);
	case COLUMN_EPOCH:
		return cell_epoch(p, table->view.recording, gap->time);
	case COLUMN_SEQ:
		return gap->seq ? put_u64(p, gap->seq) : p;
	case COLUMN_CONTAINER:
		return put_container(table, make_room(table, p), lost->container, CONTAINER_LABEL);
	case COLUMN_CONTAINER_ID:
		return put_container(table, make_room(table, p), lost->container, CONTAINER_ID);
	default:
		return p;
	}
}

static void print_lost(struct view *view, const struct lost *lost)
{
	struct table *table = (struct table *)view;
	char *p = out_room(view->out);

	for (size_t i = 0; i < table->columns.n; i++) {
		p = put_lost(table, p, lost, table->columns.list[i]);
		*p++ = table->separator;
	}
	p[-1] = '\n';
	out_done(view->out, p);
}

static void new_frame(struct view *view, uint64_t serial)
{
	((struct table *)view)->frame = serial;
}

/* The header comes with the first recording: an input that is none makes no table. */
static void print_header(struct view *view)
{
	const struct table *table = (struct table *)view;
	char *p = out_room(view->out);

	for (size_t i = 0; i < table->columns.n; i++) {
		p = cell_string(p, column_name(table->columns.list[i]));
		*p++ = table->separator;
	}
	p[-1] = '\n';
	out_done(view->out, p);
	view->begin = NULL;
}

static void release(struct view *view)
{
	struct table *table = (struct table *)view;

	if (table->args)
		args_free(table->args->args);
	free(table->args);
	memos_free(table->memos);
	free(table);
}

static bool add_args(struct table *table)
{
	if (table->args)
		return true;
	table->args = malloc(sizeof(*table->args));
	if (table->args)
		table->args->args = args_new();
	table->memos = memos_new();
	return table->args && table->args->args && table->memos;
}

struct view *table_new(enum dialect dialect, const struct columns *columns, bool header)
{
	struct table *table = calloc(1, sizeof(*table));

	if (!table)
		return NULL;
	table->view = (struct view){.call = make_call, .frame = new_frame, .row = print_row, .lost = print_lost};
	table->view.release = release;
	if (header)
		table->view.begin = print_header;
	table->dialect = dialect;
	table->separator = dialect == DIALECT_CSV ? ',' : '\t';
	table->columns = *columns;
	table->who = table->who_texts;
	for (size_t i = 0; i < columns->n; i++) {
		table->view.columns |= cells[columns->list[i]].columns;
		table->view.names |= columns->list[i] == COLUMN_PATH;
		if (columns->list[i] == COLUMN_ARGS && !add_args(table)) {
			view_free(&table->view);
			return NULL;
		}
	}
	for (size_t i = 0; i < columns->n; table->n_cells++)
		i += choose_cell(columns, i, &table->cells[table->n_cells]);
	if (is_usual(columns))
		table->view.row = print_usual_row;
	return &table->view;
}
