/* frame_rows.c - records become rows, gaps and events of a frame (frame.h) */
#include <errno.h>
#include <string.h>

#include "../format/abi.h"
#include "../format/syscalls.h"
#include "frame.h"

#define NO_CALL 0xffff

/* Records of a frame that are not calls: gaps, events. */
#define OTHERS_MAX (SST_GAPS_MAX - 64)

/* The call began before the recording. */
static bool is_midway(unsigned state)
{
	return state == RING_MIDWAY || state == RING_MIDWAY_OPEN;
}

static uint8_t comm_len(const char *comm)
{
	return (uint8_t)strnlen(comm, RING_COMM);
}

/* --- rows ------------------------------------------------------------------------------------------------ */

static int call_of(struct bucket *bucket, unsigned class, uint32_t nr, unsigned nargs)
{
	int index;

	if (nr < RING_NARGS && bucket->call_index[class][nr] != NO_CALL)
		return bucket->call_index[class][nr];
	index = sst_rows_call(bucket->rows, (uint8_t)session_abi(class), nr, (uint8_t)nargs);
	if (index >= 0 && nr < RING_NARGS)
		bucket->call_index[class][nr] = (uint16_t)index;
	return index;
}

static int open_group(struct bucket *bucket, const struct framer_thread *thread)
{
	if (bucket->group_open)
		return 0;
	int err = sst_rows_group(bucket->rows, thread->drain->pid, thread->drain->tid, thread->comm, thread->comm_len);

	bucket->group_open = true;
	if (err)
		return err;
	bucket->rows->groups[bucket->rows->n_groups - 1].where = (struct sst_where){
		.ns_pid = thread->ns_pid,
		.ns_tid = thread->ns_tid,
		.container = containers_put(bucket->framer->containers, &thread->where, &bucket->rows->containers)};
	return 0;
}

static long add_row(struct bucket *bucket, const struct framer_thread *thread, unsigned class, uint32_t nr,
		    unsigned nargs, const unsigned long long *arg)
{
	struct sst_rows *rows = bucket->rows;
	int call = call_of(bucket, class, nr, nargs);
	int err = call < 0 ? call : open_group(bucket, thread);
	long i = err ? err : sst_rows_add(rows);

	if (i < 0)
		return i;
	rows->call[i] = (uint16_t)call;
	for (unsigned a = 0; a < nargs; a++)
		rows->arg[a][i] = arg[a];
	return i;
}

/* A gap that goes on where the last one of rows ends becomes part of it. */
bool frame_join_gap(struct sst_rows *rows, const struct sst_gap *gap)
{
	struct sst_gap *last = rows->n_gaps ? &rows->gaps[rows->n_gaps - 1] : NULL;

	if (!last || !gap->seq || !last->seq || last->tid != gap->tid || last->pid != gap->pid ||
	    last->cause != gap->cause || last->seq + last->count != gap->seq)
		return false;
	last->count += gap->count;
	last->until = gap->until;
	return true;
}

/* Thousands of threads have ended without room for their last records: their gaps are a frame of their own. */
static int spill_gaps(struct framer *framer, struct sst_rows *rows)
{
	struct sst_rows *spill = sst_rows_new();
	int err = spill ? 0 : -ENOMEM;

	for (size_t i = 0; i < rows->n_gaps && !err; i++)
		err = sst_rows_gap(spill, &rows->gaps[i]);
	if (!err) {
		rows->n_gaps = 0;
		frame_write(framer, spill, rows == framer->late ? SST_FRAME_LATE : SST_FRAME_ROWS, framer->base);
	}
	sst_rows_free(spill);
	return err;
}

/* The calls that are missing between the last one accounted for and before. */
int frame_gap(struct framer *framer, const struct drain_thread *who, struct lost_calls lost, unsigned cause)
{
	struct sst_gap gap = {.time = frame_boot(framer, lost.first),
			      .until = frame_boot(framer, lost.last),
			      .seq = lost.seq,
			      .count = lost.count,
			      .pid = who ? who->pid : 0,
			      .tid = who ? who->tid : 0,
			      .cause = (uint8_t)cause};
	struct sst_rows *rows;
	int err;

	pthread_mutex_lock(&framer->lock);
	framer->totals.lost[cause] += lost.count;
	pthread_mutex_unlock(&framer->lock);
	/* A thread tells of its loss when it finds room again, which may be frames later. */
	rows = lost.first <= framer->base ? framer->late : framer->rows;
	if (frame_join_gap(rows, &gap))
		return 0;
	err = rows->n_gaps < SST_GAPS_MAX ? 0 : spill_gaps(framer, rows);
	if (!err)
		err = sst_rows_gap(rows, &gap);
	framer->unwritten_more += err ? lost.count : 0;
	return err;
}

/* The same without the calls that have open rows: they are known, only what became of them is not. */
int frame_gap_of(struct framer *framer, const struct drain_thread *who, const struct framer_thread *thread,
		 struct lost_calls lost, unsigned cause)
{
	uint64_t end = lost.seq + lost.count;
	int err = 0;

	for (size_t i = 0; thread && i < thread->n_opens && !err; i++) {
		const struct open_call *open = &thread->opens[i];
		struct lost_calls before = {lost.seq, open->seq - lost.seq, lost.first, open->entry};

		if (open->seq < lost.seq || open->seq >= end)
			continue;
		if (before.count)
			err = frame_gap(framer, who, before, cause);
		lost.seq = open->seq + 1;
		lost.first = open->entry;
	}
	lost.count = end - lost.seq;
	if (!err && lost.count)
		err = frame_gap(framer, who, lost, cause);
	return err;
}

/* What its arguments point to becomes the row's. */
static int add_texts(struct bucket *bucket, struct framer_thread *thread, long row, unsigned class, uint32_t nr)
{
	struct sst_rows *rows = bucket->rows;
	struct texts_call call = {.seq = rows->seq[row], .argv = -1, .path = -1};
	const struct exec_call *execs = bucket->framer->execs;

	if (!thread->texts.len)
		return 0;
	for (size_t i = 0; i < 2 * RING_CLASSES; i++)
		if (rows->state[row] == SST_OK && execs[i].argv && execs[i].class == class && execs[i].nr == nr &&
		    !rows->ret[row]) {
			call.argv = execs[i].argv;
			call.path = call.argv == 1 ? 0 : -1; /* beside a directory it is not what the event has */
		}
	return texts_call(&thread->texts, rows, (uint32_t)row, &call);
}

/* The same for its last row. */
static int end_texts(struct bucket *bucket, struct framer_thread *thread, long row, unsigned class, uint32_t nr)
{
	int err = add_texts(bucket, thread, row, class, nr);

	bucket->framer->parts->texts_lost += thread->texts.lost;
	thread->texts.lost = 0;
	texts_drop(&thread->texts);
	return err;
}

static int add_call(struct bucket *bucket, struct framer_thread *thread, const struct ring_call *call)
{
	unsigned state = call->kind_state >> 4, class = call->class_nargs >> 4;
	long i =
		add_row(bucket, thread, class < RING_CLASSES ? class : 0, call->nr, call->class_nargs & 15u, call->arg);
	struct sst_rows *rows = bucket->rows;

	if (i < 0)
		return (int)i;
	/* Midway: the entry was before the recording; the row stands at its beginning. */
	rows->time[i] = frame_boot(bucket->framer, is_midway(state) ? bucket->framer->clocks[0].mono : call->entry);
	rows->duration[i] = call->duration;
	rows->ret[i] = call->ret;
	rows->seq[i] = thread->seq;
	rows->state[i] = (uint8_t)state;
	rows->cpu[i] = call->cpu;
	return thread->texts.len ? end_texts(bucket, thread, i, class, call->nr) : 0;
}

static int add_pending(struct bucket *bucket, struct framer_thread *thread, const struct drain_pending *call)
{
	unsigned nargs = (unsigned)sst_syscall_nargs(session_abi(call->class), call->nr);
	long i = add_row(bucket, thread, call->class, call->nr, nargs, (const unsigned long long *)call->arg);

	if (i < 0)
		return (int)i;
	bucket->rows->time[i] = frame_boot(bucket->framer, call->entry);
	bucket->rows->seq[i] = call->seq;
	bucket->rows->state[i] = SST_UNFINISHED;
	if (add_texts(bucket, thread, i, call->class, call->nr))
		return -ENOMEM;
	return frame_open_call(thread, call->seq, call->entry);
}

/* --- what is not a call ---------------------------------------------------------------------------------- */

int frame_event(struct framer *framer, unsigned kind, uint64_t mono, uint32_t pid, uint32_t tid, uint64_t a, uint64_t b)
{
	struct sst_event event = {
		.time = frame_boot(framer, mono), .a = a, .b = b, .pid = pid, .tid = tid, .kind = (uint8_t)kind};

	return sst_rows_event(framer->rows, &event);
}

/* What is known beside it of the event that has just been added. */
static int add_event_texts(struct framer *framer, struct framer_thread *thread, const char *comm)
{
	int err = texts_event(&thread->texts, framer->rows);

	if (!err)
		err = texts_comm(&thread->texts, framer->rows, comm);
	framer->parts->texts_lost += thread->texts.lost;
	thread->texts.lost = 0;
	return err;
}

static void set_comm(struct framer_thread *thread, const char *comm)
{
	if (memcmp(thread->comm, comm, RING_COMM) == 0)
		return;
	thread->renamed++;
	memcpy(thread->comm, comm, RING_COMM);
	thread->comm_len = comm_len(thread->comm);
}

/* Bytes that the kernel side wrote in order: a chunk begins where the one before ended, or the difference is lost. */
static int begin_chunk(struct framer *framer, struct framer_thread *thread, const struct drain_chunk_record *record)
{
	uint64_t missing = record->first_seq - thread->seq - 1;
	struct lost_calls lost = {
		.seq = thread->seq + 1, .count = missing, .first = framer->base, .last = framer->base};

	if (!record->same_comm)
		set_comm(thread, record->comm);
	thread->where = (struct containers_where){.group = record->container, .pidns = record->pidns};
	thread->ns_pid = record->ns_tgid;
	thread->ns_tid = record->ns_tid;
	if (!missing)
		return 0;
	thread->seq = record->first_seq - 1;
	texts_drop(&thread->texts);
	return frame_gap_of(framer, thread->drain, thread, lost, SST_CAUSE_UNKNOWN);
}

static unsigned disk_cause(unsigned cause)
{
	switch (cause) {
	case RING_CAUSE_FULL:
		return SST_CAUSE_RING_FULL;
	case RING_CAUSE_THREADS:
		return SST_CAUSE_THREADS;
	case RING_CAUSE_SKIPPED:
		return SST_CAUSE_SKIPPED;
	default:
		return SST_CAUSE_UNKNOWN;
	}
}

static int add_fact(struct framer *framer, struct framer_thread *thread, const unsigned char *record)
{
	const struct drain_thread *who = thread->drain;
	uint32_t tid = framer->processes ? who->pid : who->tid;
	int err;

	switch (record[0]) {
	case DRAIN_CHUNK:
		return begin_chunk(framer, thread, (const void *)record);
	case RING_NAME:
		set_comm(thread, ((const struct ring_name *)(const void *)record)->comm);
		return 0;
	case RING_GAP: {
		const struct ring_gap *gap = (const void *)record;
		struct lost_calls lost = {
			.seq = thread->seq + 1, .count = gap->count, .first = gap->first, .last = gap->last};

		thread->seq += gap->count;
		texts_drop(&thread->texts);
		return frame_gap_of(framer, who, thread, lost, disk_cause(gap->cause));
	}
	case RING_PASSED: {
		const struct ring_passed *passed = (const void *)record;

		thread->seq += passed->count;
		framer->parts->excluded += passed->count - thread->passed_told;
		thread->passed_told = 0;
		return 0;
	}
	case RING_FORK: {
		const struct ring_fork *fork = (const void *)record;

		err = frame_event(framer, SST_EVENT_START, fork->time, fork->tgid, fork->tid, tid, who->pid);
		return err ? err : texts_comm(&thread->texts, framer->rows, fork->comm);
	}
	case RING_EXEC: {
		const struct ring_exec *exec = (const void *)record;

		err = frame_event(framer, SST_EVENT_EXEC, exec->time, who->pid, who->pid, exec->old_tid, thread->seq);
		return err ? err : add_event_texts(framer, thread, exec->comm);
	}
	case RING_EXIT: {
		const struct ring_exit *exit = (const void *)record;

		if (exit->superseded)
			return 0; /* the exec record has told it */
		err = frame_event(framer, SST_EVENT_EXIT, exit->time, who->pid, tid, exit->code, thread->seq);
		return err ? err : texts_comm(&thread->texts, framer->rows, exit->comm);
	}
	case RING_TEXT:
		return texts_keep(&thread->texts, record);
	default:
		return -EPROTO;
	}
}

/* Has this call, the last one accounted for, an open row in an earlier frame, which it replaces? */
static bool replaces_open(struct framer_thread *thread)
{
	frame_close_calls(thread, thread->seq);
	return thread->n_opens && thread->opens[0].seq == thread->seq;
}

/* --- one thread into the frame --------------------------------------------------------------------------- */

/* When the event was that a record tells of; 0 for others. */
static uint64_t event_time(const unsigned char *record)
{
	const void *any = record;

	switch (record[0]) {
	case RING_FORK:
		return ((const struct ring_fork *)any)->time;
	case RING_EXEC:
		return ((const struct ring_exec *)any)->time;
	case RING_EXIT:
		return ((const struct ring_exit *)any)->time;
	default:
		return 0;
	}
}

/* Did the event at thread->pos happen within a call that has ended and belongs into the frame? */
static bool is_within_call(const struct framer_thread *thread, uint64_t cut)
{
	for (size_t pos = thread->pos; pos < thread->len; pos += drain_record_size(thread->data + pos)) {
		const unsigned char *record = thread->data + pos;

		if ((record[0] & 15) == RING_CALL)
			return ((const struct ring_call *)(const void *)record)->entry <= cut;
	}
	return false;
}

/* A call of the thread's, which is not after the cut. *is_first: no open row has told of it. */
static int frame_call(struct framer *framer, struct framer_thread *thread, const struct ring_call *call,
		      struct bucket *now, struct bucket *late, bool *is_first)
{
	bool is_late = call->entry <= framer->base || is_midway(call->kind_state >> 4);

	thread->seq++;
	*is_first = !replaces_open(thread);
	if (is_late)
		framer->late_is_first[framer->late->n & (SST_ROWS_MAX - 1)] = *is_first;
	return add_call(is_late ? late : now, thread, call);
}

/* Anything else. */
static int frame_fact(struct framer *framer, struct framer_thread *thread, const unsigned char *record,
		      struct bucket *now, struct bucket *late)
{
	unsigned renamed = thread->renamed;
	int err = add_fact(framer, thread, record);

	if (thread->renamed != renamed) /* not with each chunk: a group costs bytes */
		now->group_open = late->group_open = false;
	/* Events have no container of their own, but that of the thread's group: one without rows if need be. */
	if (!err && event_time(record) && thread->where.group)
		err = open_group(now, thread);
	return err;
}

/* Does this record wait for a frame to come? */
static bool is_after(const struct framer_thread *thread, const unsigned char *record, uint64_t cut)
{
	if ((record[0] & 15) == RING_CALL)
		return ((const struct ring_call *)(const void *)record)->entry > cut;
	return event_time(record) > cut && !is_within_call(thread, cut);
}

/*
 * Record after record, up to the first call that began after cut. An event after cut waits as well, so that it does not
 * come before older rows of others; but not the fork or exec that the last call was for, as that call is waited for.
 */
int frame_thread(struct framer *framer, struct framer_thread *thread, uint64_t cut, struct bucket *now,
		 struct bucket *late)
{
	uint64_t events = 0, calls = 0;
	size_t from = thread->pos, events_before = framer->rows->n_events;
	int err = 0;

	now->group_open = late->group_open = false;
	while (!err && thread->pos < thread->len) {
		const unsigned char *record = thread->data + thread->pos;
		bool is_first = false;

		if (is_after(thread, record, cut))
			break;
		if ((record[0] & 15) == RING_CALL) {
			err = frame_call(framer, thread, (const void *)record, now, late, &is_first);
			calls++;
		} else {
			err = frame_fact(framer, thread, record, now, late);
		}
		events += !err && is_first;
		thread->pos += err ? 0 : drain_record_size(record);
	}
	if (framer->processes)
		events = framer->rows->n_events - events_before;
	pthread_mutex_lock(&framer->lock);
	framer->totals.events += events;
	framer->totals.calls += calls;
	framer->totals.bytes += thread->pos - from;
	pthread_mutex_unlock(&framer->lock);
	return err;
}

/* The number of an open row tells of calls not wanted before it, whose record comes with the complete row. */
static void tell_passed(struct framer *framer, struct framer_thread *thread, const struct drain_pending *call)
{
	uint64_t jumped = call->seq - thread->seq - 1; /* less, if their record has just come */
	uint64_t passed = call->passed < jumped ? call->passed : jumped;

	if (passed <= thread->passed_told)
		return;
	framer->parts->excluded += passed - thread->passed_told;
	thread->passed_told = passed;
}

/* A call that was seen going on and has not come out complete since: an open row, once. */
int frame_pending(struct framer *framer, struct framer_thread *thread, uint64_t cut, struct bucket *now,
		  struct bucket *late)
{
	const struct drain_pending *call = thread->pending;

	if (!call || call->entry > cut || call->seq <= thread->seq || call->seq <= frame_last_open(thread))
		return 0;
	pthread_mutex_lock(&framer->lock);
	framer->totals.events++;
	pthread_mutex_unlock(&framer->lock);
	tell_passed(framer, thread, call);
	if (call->entry > framer->base)
		return add_pending(now, thread, call);
	framer->late_is_first[framer->late->n & (SST_ROWS_MAX - 1)] = true;
	return add_pending(late, thread, call);
}

/* Is there more up to cut than one frame can hold? */
bool frame_is_too_much(const struct framer *framer, uint64_t cut)
{
	size_t calls = 0, others = 0, texts = 0, bytes = 0;

	for (size_t i = 0; i < framer->n_touched; i++) {
		const struct framer_thread *thread = framer->touched[i];

		calls += !!thread->pending;
		bytes += thread->texts.len;
		for (size_t pos = thread->pos; pos < thread->len; pos += drain_record_size(thread->data + pos)) {
			const unsigned char *record = thread->data + pos;

			if ((record[0] & 15) == RING_TEXT) {
				texts++;
				bytes += ((const struct ring_text *)(const void *)record)->len;
			} else if ((record[0] & 15) != RING_CALL)
				others++;
			else if (((const struct ring_call *)(const void *)record)->entry > cut)
				break;
			else
				calls++;
			if (calls > SST_ROWS_MAX || others > OTHERS_MAX || texts > SST_CAPTURES_MAX / 2 ||
			    bytes > SST_TEXT_MAX / 4 * 3)
				return true;
		}
	}
	return false;
}
