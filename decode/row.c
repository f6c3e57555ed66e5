/* row.c - see row.h */
#include "row.h"

#include "containers.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "format/syscalls.h"

void call_init(struct call *call, const struct sst_call *from)
{
	const char *name = sst_syscall_name(from->abi, from->nr);

	call->nr = from->nr;
	call->abi = from->abi;
	call->nargs = from->nargs < SST_ARGS ? from->nargs : SST_ARGS;
	call->narrow = sst_abi_bits(from->abi) == 32;
	call->pointer = sst_syscall_ret_is_pointer(from->abi, from->nr);
	call->signature = sst_signature(from->abi, from->nr);
	call->wanted = true;
	call->text_len = 0;
	if (name)
		snprintf(call->name, sizeof(call->name), "%s", name);
	else
		snprintf(call->name, sizeof(call->name), "syscall_%" PRIu32, from->nr);
}

struct session session_of(const struct sst_meta *meta)
{
	const char *id = sst_meta_get(meta, "session");
	struct session session = {.part = sst_meta_u64(meta, "part", 0)};

	if (id && strlen(id) < sizeof(session.id))
		memcpy(session.id, id, strlen(id) + 1);
	return session;
}

bool session_goes_on(const struct session *a, const struct session *b)
{
	return *a->id && strcmp(a->id, b->id) == 0 && a->part < b->part;
}

bool session_enter(struct session *session, const struct sst_meta *meta)
{
	struct session before = *session;

	*session = session_of(meta);
	return session_goes_on(&before, session);
}

/* The last group of the thread that begins before that time, or its first. */
static const struct sst_group *group_at(const struct sst_rows *rows, uint32_t tid, uint64_t time)
{
	const struct sst_group *best = NULL;
	size_t low = 0, high = rows->n_groups;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (rows->groups[middle].tid < tid)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < rows->n_groups && rows->groups[low].tid == tid; low++) {
		const struct sst_group *group = &rows->groups[low];

		if (!best || (group->n && rows->time[group->first] <= time))
			best = group;
	}
	return best;
}

const struct sst_group *group_of_gap(const struct sst_rows *rows, const struct sst_gap *gap)
{
	return group_at(rows, gap->tid, gap->time);
}

const struct sst_capture *event_capture(const struct thread_event *event, unsigned arg)
{
	for (size_t i = 0; i < event->n_captures; i++)
		if (event->captures[i].arg == arg)
			return &event->captures[i];
	return NULL;
}

/* A child begins in the container of the thread that has started it. */
static uint16_t container_of_parent(const struct sst_event *event, const struct sst_rows *rows)
{
	bool has_parent = event->kind == SST_EVENT_START && event->a > 0 && event->a <= UINT32_MAX;
	const struct sst_group *group = has_parent ? group_at(rows, (uint32_t)event->a, event->time) : NULL;

	return group ? group->where.container : CONTAINER_UNKNOWN;
}

/* A thread's name and container by its rows; one that has executed a program has that of the rows to come. */
static void name_by_group(struct thread_event *event, const struct sst_rows *rows)
{
	const struct sst_group *group = group_at(rows, event->event->tid, event->event->time);

	event->container = group && group->pid == event->event->pid ? group->where.container
								    : container_of_parent(event->event, rows);
	if (group && event->event->kind == SST_EVENT_EXEC) {
		const struct sst_group *next = group + 1, *end = rows->groups + rows->n_groups;

		group = next < end && next->tid == group->tid ? next : NULL;
	}
	if (!group || group->pid != event->event->pid)
		return;
	event->comm = group->comm;
	event->comm_len = group->comm_len;
}

/* The process of the thread that has started this one. */
static uint32_t parent_of(const struct sst_rows *rows, const struct sst_event *event)
{
	const struct sst_group *group = NULL;

	if (event->kind != SST_EVENT_START)
		return 0;
	if (event->b == 0 && event->a > 0 && event->a <= UINT32_MAX)
		group = group_at(rows, (uint32_t)event->a, event->time);
	return group ? group->pid : event->b <= UINT32_MAX ? (uint32_t)event->b : 0;
}

struct thread_event event_of_rows(const struct sst_rows *rows, size_t i)
{
	struct thread_event event = {.event = &rows->events[i], .comm = ""};
	size_t first = sst_rows_captures(rows, SST_CAPTURE_EVENT + (uint32_t)i, &event.n_captures);
	const struct sst_capture *comm;

	if (event.n_captures > 0) {
		event.captures = rows->captures + first;
		event.text = rows->text;
	}
	event.parent = parent_of(rows, event.event);
	comm = event_capture(&event, SST_CAPTURE_COMM);
	name_by_group(&event, rows);
	if (comm) {
		event.comm = (const char *)rows->text + comm->offset;
		event.comm_len = comm->len < SST_COMM_MAX ? comm->len : SST_COMM_MAX;
	}
	return event;
}

const char *state_name(unsigned state)
{
	static const char *const names[SST_STATE_COUNT] = {
		[SST_OK] = "ok",         [SST_UNFINISHED] = "unfinished", [SST_NO_RETURN] = "no-return",
		[SST_MIDWAY] = "midway", [SST_REFUSED] = "refused",       [SST_MIDWAY_OPEN] = "midway",
	};

	return state < SST_STATE_COUNT ? names[state] : "unknown";
}

const char *cause_name(unsigned cause)
{
	static const char *const names[SST_CAUSE_COUNT] = {
		[SST_CAUSE_UNKNOWN] = "unknown cause",    [SST_CAUSE_RING_FULL] = "ring full",
		[SST_CAUSE_THREADS] = "too many threads", [SST_CAUSE_SKIPPED] = "skipped by the kernel",
		[SST_CAUSE_CUT] = "cut out of the file",  [SST_CAUSE_WRITE] = "not written",
	};

	return cause < SST_CAUSE_COUNT ? names[cause] : "unknown cause";
}

const struct sst_capture *row_capture(const struct row *row, unsigned arg)
{
	for (size_t i = 0; i < row->n_captures; i++)
		if (row->captures[i].arg == arg && row->captures[i].form != SST_FORM_BEHIND)
			return &row->captures[i];
	return NULL;
}
