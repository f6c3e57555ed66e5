/* row.c - see row.h */
#include "row.h"

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

/* The name that was captured with an event, or NULL. */
static const struct sst_capture *captured_comm(const struct sst_rows *rows, size_t i)
{
	size_t n, first = sst_rows_captures(rows, SST_CAPTURE_EVENT + (uint32_t)i, &n);

	for (size_t k = first; k < first + n; k++)
		if (rows->captures[k].arg == SST_CAPTURE_COMM)
			return &rows->captures[k];
	return NULL;
}

struct thread_event event_of_rows(const struct sst_rows *rows, size_t i)
{
	const struct sst_event *event = &rows->events[i];
	const struct sst_capture *comm = captured_comm(rows, i);
	const struct sst_group *group;

	if (comm)
		return (struct thread_event){event, (const char *)rows->text + comm->offset,
					     comm->len < SST_COMM_MAX ? comm->len : SST_COMM_MAX};
	group = group_at(rows, event->tid, event->time);
	if (group && group->pid == event->pid)
		return (struct thread_event){event, group->comm, group->comm_len};
	return (struct thread_event){event, "", 0};
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
		if (row->captures[i].arg == arg)
			return &row->captures[i];
	return NULL;
}
