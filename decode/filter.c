/* filter.c - see filter.h */
#include "filter.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "containers.h"
#include "escape.h"
#include "format/syscalls.h"

/* One more element of size bytes at the end of *array, zeroed; NULL without memory. */
static void *grow(void *array, size_t *n, size_t size)
{
	void **where = array;
	char *bigger = reallocarray(*where, *n + 1, size);

	if (!bigger)
		return NULL;
	*where = bigger;
	return memset(bigger + size * (*n)++, 0, size);
}

static int add_u32(uint32_t **list, size_t *n, const char *text)
{
	uint64_t value;
	uint32_t *place;
	int err = parse_u64(text, UINT32_MAX, &value);

	if (err)
		return err;
	place = grow(list, n, sizeof(**list));
	if (!place)
		return -ENOMEM;
	*place = (uint32_t)value;
	return 0;
}

int filter_add_pid(struct filter *filter, const char *text)
{
	return add_u32(&filter->pids, &filter->n_pids, text);
}

int filter_add_tid(struct filter *filter, const char *text)
{
	return add_u32(&filter->tids, &filter->n_tids, text);
}

int filter_add_comm(struct filter *filter, const char *text)
{
	size_t len = strlen(text);
	char *name = malloc(len + 1), *end;
	struct filter_comm *comm;

	if (!name)
		return -ENOMEM;
	end = unescape(name, text, len);
	comm = end ? grow(&filter->comms, &filter->n_comms, sizeof(*comm)) : NULL;
	if (!comm) {
		free(name);
		return end ? -ENOMEM : -EINVAL;
	}
	comm->name = name;
	comm->len = (size_t)(end - name);
	return 0;
}

int filter_add_container(struct filter *filter, const char *text)
{
	size_t len = strlen(text);
	char *name = malloc(len + 1), *end, **place;

	if (!name)
		return -ENOMEM;
	end = unescape(name, text, len);
	place = end ? grow(&filter->containers, &filter->n_containers, sizeof(*place)) : NULL;
	if (!place) {
		free(name);
		return end ? -ENOMEM : -EINVAL;
	}
	*end = 0;
	*place = name;
	return 0;
}

/* A number, syscall_N, or a name of any ABI. */
static int find_call(struct filter_call *call, const char *text)
{
	const char *number = strncmp(text, "syscall_", 8) ? text : text + 8;
	uint64_t nr;
	bool found = false;

	call->by_number = parse_u64(number, UINT32_MAX, &nr) == 0;
	if (call->by_number) {
		call->nr = (uint32_t)nr;
		return 0;
	}
	for (unsigned abi = 0; abi < SST_ABI_COUNT; abi++) {
		call->known[abi] = sst_syscall_find(abi, text, &call->nrs[abi]) == 0;
		found |= call->known[abi];
	}
	return found ? 0 : -ENOENT;
}

int filter_add_call(struct filter *filter, const char *text)
{
	struct filter_call call = {0}, *place;
	int err = find_call(&call, text);

	if (err)
		return err;
	place = grow(&filter->calls, &filter->n_calls, sizeof(call));
	if (!place)
		return -ENOMEM;
	*place = call;
	return 0;
}

void filter_free(struct filter *filter)
{
	for (size_t i = 0; i < filter->n_comms; i++)
		free(filter->comms[i].name);
	for (size_t i = 0; i < filter->n_containers; i++)
		free(filter->containers[i]);
	free(filter->containers);
	free(filter->comms);
	free(filter->calls);
	free(filter->pids);
	free(filter->tids);
	memset(filter, 0, sizeof(*filter));
}

static int64_t add_saturated(int64_t a, int64_t b)
{
	int64_t sum;

	if (__builtin_add_overflow(a, b, &sum))
		return a < 0 ? INT64_MIN : INT64_MAX;
	return sum;
}

/* The moment in boot time, which may lie before the boot. */
static int64_t in_boot_time(const struct recording *recording, struct moment moment)
{
	if (!moment.wall)
		return add_saturated((int64_t)recording->start, moment.ns);
	return add_saturated((int64_t)recording->clock.boot, add_saturated(moment.ns, -recording->clock.real));
}

struct span filter_span(const struct filter *filter, const struct recording *recording)
{
	int64_t from = filter->has_since ? in_boot_time(recording, filter->since) : 0;
	int64_t to = filter->has_until ? in_boot_time(recording, filter->until) : INT64_MAX;

	return (struct span){
		.first = from < 0 ? 0 : (uint64_t)from,
		.last = !filter->has_until ? UINT64_MAX
			: to < 1           ? 0
					   : (uint64_t)to - 1,
		.none = filter->has_until && to < 1,
		.known_until = recording->known_until,
	};
}

/* The clock of the day may be set while a recording runs: by how much we are ready for. */
#define CLOCK_MARGIN (INT64_C(3600) * 1000000000)

uint64_t filter_floor(const struct filter *filter, const struct recording *recording)
{
	int64_t from;

	if (!filter->has_since || (filter->since.wall && !recording->has_clock))
		return 0;
	from = in_boot_time(recording, filter->since);
	if (filter->since.wall)
		from = add_saturated(from, -CLOCK_MARGIN);
	return from < 0 ? 0 : (uint64_t)from;
}

bool filter_selects(const struct filter *filter)
{
	return filter->n_pids || filter->n_tids || filter->n_comms || filter->n_containers || filter->n_calls ||
	       filter->failed || filter->has_slower || filter->has_since || filter->has_until;
}

static bool frame_has_call(const struct filter_call *f, const struct sst_frame *frame)
{
	if (f->by_number)
		return sst_frame_may_have_call(frame, -1, f->nr);
	for (unsigned abi = 0; abi < SST_ABI_COUNT; abi++)
		if (f->known[abi] && sst_frame_may_have_call(frame, (int)abi, f->nrs[abi]))
			return true;
	return false;
}

static bool frame_has_calls(const struct filter *filter, const struct sst_frame *frame)
{
	bool found = filter->n_calls == 0;

	for (size_t i = 0; i < filter->n_calls && !found; i++)
		found = frame_has_call(&filter->calls[i], frame);
	return found;
}

static bool frame_has_threads(const struct filter *filter, const struct sst_frame *frame)
{
	bool pid = filter->n_pids == 0, tid = filter->n_tids == 0;

	for (size_t i = 0; i < filter->n_pids && !pid; i++)
		pid = sst_frame_may_have_pid(frame, filter->pids[i]);
	for (size_t i = 0; i < filter->n_tids && !tid; i++)
		tid = sst_frame_may_have_tid(frame, filter->tids[i]);
	return pid && tid;
}

/* An open call may be as slow as anything. */
static bool frame_has_slower(const struct filter *filter, const struct sst_frame *frame)
{
	return sst_frame_may_have_slower(frame, filter->slower) || sst_frame_may_have_state(frame, SST_UNFINISHED) ||
	       sst_frame_may_have_state(frame, SST_MIDWAY_OPEN);
}

bool filter_frame_time(const struct span *span, const struct sst_frame *frame)
{
	return !span->none && frame->time_max >= span->first && frame->time_min <= span->last;
}

bool filter_frame(const struct filter *filter, const struct span *span, const struct sst_frame *frame)
{
	if (frame->n_rows == 0 || !filter_frame_time(span, frame))
		return false;
	if (filter->failed && !sst_frame_may_have_failed(frame))
		return false;
	if (filter->n_containers > 0 && !sst_frame_may_have_containers(frame))
		return false;
	if (filter->has_slower && !frame_has_slower(filter, frame))
		return false;
	return frame_has_calls(filter, frame) && frame_has_threads(filter, frame);
}

bool filter_call(const struct filter *filter, const struct call *call)
{
	for (size_t i = 0; i < filter->n_calls; i++) {
		const struct filter_call *f = &filter->calls[i];

		if (f->by_number ? f->nr == call->nr
				 : call->abi < SST_ABI_COUNT && f->known[call->abi] && f->nrs[call->abi] == call->nr)
			return true;
	}
	return filter->n_calls == 0;
}

static bool has_u32(const uint32_t *list, size_t n, uint32_t value)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == value)
			return true;
	return n == 0;
}

static bool has_comm(const struct filter *filter, const char *comm, size_t len)
{
	for (size_t i = 0; i < filter->n_comms; i++)
		if (filter->comms[i].len == len && !memcmp(filter->comms[i].name, comm, len))
			return true;
	return filter->n_comms == 0;
}

static bool has_container(const struct filter *filter, uint16_t container)
{
	for (size_t i = 0; i < filter->n_containers; i++)
		if (container == CONTAINER_UNKNOWN || container_is(container, filter->containers[i]))
			return true;
	return filter->n_containers == 0;
}

unsigned filter_where(const struct filter *filter)
{
	return filter->n_containers > 0 ? SST_COL_WHERE : 0;
}

bool filter_who(const struct filter *filter, const struct sst_group *who)
{
	return has_u32(filter->pids, filter->n_pids, who->pid) && has_u32(filter->tids, filter->n_tids, who->tid) &&
	       has_comm(filter, who->comm, who->comm_len) && has_container(filter, who->where.container);
}

unsigned filter_columns(const struct filter *filter)
{
	unsigned columns = 0;

	if (filter->failed)
		columns |= SST_COL_RET | SST_COL_STATE | SST_COL_CALL;
	if (filter->has_slower)
		columns |= SST_COL_TIME | SST_COL_STATE;
	if (filter->has_since || filter->has_until)
		columns |= SST_COL_TIME;
	if (filter->n_calls)
		columns |= SST_COL_CALL;
	return columns;
}

static bool is_slower(const struct filter *filter, const struct span *span, const struct row *row)
{
	if (sst_state_is_open(row->state))
		return span->known_until >= row->time && span->known_until - row->time >= filter->slower;
	return sst_state_has_duration(row->state) && row->duration >= filter->slower;
}

static bool is_in_span(const struct filter *filter, const struct span *span, uint64_t from, uint64_t to)
{
	if (!filter->has_since && !filter->has_until)
		return true;
	return to >= span->first && from <= span->last && !span->none;
}

bool filter_row(const struct filter *filter, const struct span *span, const struct row *row)
{
	if (!is_in_span(filter, span, row->time, row->time))
		return false;
	if (filter->failed && !row_error(row))
		return false;
	return !filter->has_slower || is_slower(filter, span, row);
}

bool filter_event(const struct filter *filter, const struct span *span, const struct thread_event *event)
{
	const struct sst_event *what = event->event;

	return is_in_span(filter, span, what->time, what->time) && has_u32(filter->pids, filter->n_pids, what->pid) &&
	       has_u32(filter->tids, filter->n_tids, what->tid) && has_comm(filter, event->comm, event->comm_len) &&
	       has_container(filter, event->container);
}

bool filter_time(const struct filter *filter, const struct span *span, uint64_t time)
{
	return is_in_span(filter, span, time, time);
}

bool filter_lost(const struct filter *filter, const struct span *span, const struct lost *lost)
{
	const struct sst_gap *gap = lost->gap;

	if (!is_in_span(filter, span, gap->time, gap->until))
		return false;
	if (gap->tid == 0)
		return true;
	return has_u32(filter->pids, filter->n_pids, gap->pid) && has_u32(filter->tids, filter->n_tids, gap->tid) &&
	       (lost->comm_len == 0 || has_comm(filter, lost->comm, lost->comm_len)) &&
	       has_container(filter, lost->container);
}
