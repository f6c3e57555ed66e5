#include <errno.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "../format/abi.h"
#include "../format/syscalls.h"
#include "array.h"
#include "framer.h"
#include "texts.h"

#define BATCHES 3
#define NO_CALL 0xffff

#define WAITING_MOST ((size_t)8 << 20)  /* bytes that wait to be framed: beyond it the ring buffers do the waiting */
#define RUSH         ((size_t)12 << 20) /* bytes of a batch: a usual one has much less */
#define LEFT_MOST    ((size_t)8 << 20)  /* room for records left over; beyond it, a thread keeps what it needs */

/* Records of a frame that are not calls: gaps, events. */
#define OTHERS_MAX (SST_GAPS_MAX - 64)

_Static_assert((int)RING_OK == (int)SST_OK && (int)RING_UNFINISHED == (int)SST_UNFINISHED &&
		       (int)RING_NO_RETURN == (int)SST_NO_RETURN && (int)RING_MIDWAY == (int)SST_MIDWAY &&
		       (int)RING_REFUSED == (int)SST_REFUSED && (int)RING_MIDWAY_OPEN == (int)SST_MIDWAY_OPEN,
	       "states in the ring are those on disk");

/* A call that has been written as open. */
struct open_call {
	uint64_t seq, entry; /* mono ns */
};

/* The framer's part of a thread. */
struct framer_thread {
	struct drain_thread *drain;
	uint64_t seq;         /* of the last call accounted for */
	uint64_t passed_told; /* calls not wanted since then that an open row has told of */
	/* Open rows in earlier frames of calls that are not accounted for yet: several, when all that came after was
	 * lost. */
	struct open_call *opens;
	size_t n_opens, cap_opens;
	char comm[RING_COMM];
	uint8_t comm_len;
	unsigned renamed; /* how often comm has changed */
	struct containers_where where;
	uint32_t ns_pid, ns_tid;
	struct texts texts; /* of the call whose record comes next */
	/* Records: those left over, then those of the batch. */
	unsigned char *left;
	size_t left_len, left_cap;
	const unsigned char *data; /* left, or in the batch when there is only one piece and nothing left over */
	size_t len, pos;
	uint32_t first_piece, last_piece; /* index + 1 in the batch; 0: none */
	const struct drain_pending *pending;
	bool touched;                       /* is in framer->touched */
	bool over;                          /* the drain has nothing more of it */
	struct framer_thread *next, **link; /* all of them; where it hangs */
};

/* execve and execveat of a class. */
struct exec_call {
	unsigned class;
	uint32_t nr;
	int argv; /* which argument that is; its path is the one before */
};

struct framer {
	struct parts *parts;
	bool processes; /* only their events are recorded */
	struct containers *containers;
	struct sst_rows *rows, *late;
	struct framer_thread *threads;
	/* What is not in the file since writing failed: gaps with their threads, and calls that there was no room to
	 * tell of. */
	struct sst_rows *unwritten;
	uint64_t unwritten_more;
	bool late_is_first[SST_ROWS_MAX]; /* rows of late that have no open row before them: calls told of for the first
					     time */
	uint64_t base;                    /* the cut before, mono ns */
	uint32_t
		*open_tids; /* sorted: threads whose first call was going on before the recording and has an open row */
	bool *open_is_seen; /* the thread has made its first record */
	size_t n_open;
	struct drain_clock *clocks;
	size_t n_clocks, cap_clocks;
	struct framer_thread **touched;
	size_t n_touched, cap_touched;
	struct exec_call execs[2 * RING_CLASSES];
	size_t left_room;     /* of all threads */
	uint32_t *next_piece; /* chains the pieces of one thread; index + 1 */
	size_t cap_next_piece;
	/* Index of each call in rows->calls and late->calls, for the frame in the making. */
	uint16_t call_index[2][RING_CLASSES][RING_NARGS];

	pthread_t thread;
	bool running;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct batch batches[BATCHES];
	struct batch *idle[BATCHES], *queue[BATCHES];
	size_t n_idle, n_queue;
	size_t waiting; /* bytes of those that were given and are not done */
	bool finish;
	bool accounted; /* what is unwritten has been told of */
	bool broken;    /* no memory: batches are only counted from now on */
	int error;
	struct framer_totals totals;
};

/* --- small things ---------------------------------------------------------------------------------------- */

/* CLOCK_MONOTONIC to boot time. Nearly always there is one offset: the machine has not been suspended. */
static uint64_t to_boot(const struct framer *framer, uint64_t mono)
{
	size_t i = framer->n_clocks - 1;

	while (i && framer->clocks[i].mono > mono)
		i--;
	return mono + framer->clocks[i].offset;
}

/* The call began before the recording. */
static bool is_midway(unsigned state)
{
	return state == RING_MIDWAY || state == RING_MIDWAY_OPEN;
}

static uint8_t comm_len(const char *comm)
{
	return (uint8_t)strnlen(comm, RING_COMM);
}

/* --- the records of a thread ----------------------------------------------------------------------------- */

static int compare_u32(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* Was this thread found in a call when the recording began? Only the first of that tid was. */
static bool has_open_beginning(struct framer *framer, uint32_t tid)
{
	const uint32_t *found =
		framer->n_open ? bsearch(&tid, framer->open_tids, framer->n_open, sizeof(uint32_t), compare_u32) : NULL;
	bool *is_seen = found ? &framer->open_is_seen[found - framer->open_tids] : NULL;
	bool is_first = is_seen && !*is_seen;

	if (is_first)
		*is_seen = true;
	return is_first;
}

static int add_open_call(struct framer_thread *thread, uint64_t seq, uint64_t entry)
{
	if (ARRAY_GROW(thread->opens, thread->cap_opens, thread->n_opens + 1))
		return -ENOMEM;
	thread->opens[thread->n_opens++] = (struct open_call){.seq = seq, .entry = entry};
	return 0;
}

/* The calls before seq are accounted for. */
static void close_calls(struct framer_thread *thread, uint64_t seq)
{
	size_t n = 0;

	while (n < thread->n_opens && thread->opens[n].seq < seq)
		n++;
	thread->n_opens -= n;
	if (n && thread->n_opens)
		memmove(thread->opens, thread->opens + n, thread->n_opens * sizeof(*thread->opens));
}

static uint64_t last_open(const struct framer_thread *thread)
{
	return thread->n_opens ? thread->opens[thread->n_opens - 1].seq : 0;
}

static struct framer_thread *framer_thread(struct framer *framer, struct drain_thread *drain)
{
	struct framer_thread *thread = drain->framer;

	if (thread)
		return thread;
	thread = drain->framer = calloc(1, sizeof(struct framer_thread));
	if (!thread)
		return NULL;
	thread->drain = drain;
	if (has_open_beginning(framer, drain->tid) && add_open_call(thread, 1, framer->clocks[0].mono)) {
		drain->framer = NULL;
		free(thread);
		return NULL;
	}
	thread->next = framer->threads;
	thread->link = &framer->threads;
	if (thread->next)
		thread->next->link = &thread->next;
	framer->threads = thread;
	return thread;
}

/* The framer's part of it. */
static void forget_framer_thread(struct framer *framer, struct framer_thread *thread)
{
	if (!thread)
		return;
	framer->left_room -= thread->left_cap;
	*thread->link = thread->next;
	if (thread->next)
		thread->next->link = thread->link;
	free(thread->left);
	free(thread->opens);
	texts_free(&thread->texts);
	free(thread);
}

/* All of it: the drain has nothing more of it. */
static void forget_thread(struct framer *framer, struct drain_thread *thread)
{
	forget_framer_thread(framer, thread->framer);
	free(thread);
}

static int touch(struct framer *framer, struct framer_thread *thread)
{
	if (thread->touched)
		return 0;
	if (ARRAY_GROW(framer->touched, framer->cap_touched, framer->n_touched + 1))
		return -ENOMEM;
	thread->touched = true;
	framer->touched[framer->n_touched++] = thread;
	return 0;
}

static int chain_pieces(struct framer *framer, const struct batch *batch)
{
	if (ARRAY_GROW(framer->next_piece, framer->cap_next_piece, batch->n_pieces + 1))
		return -ENOMEM;
	for (uint32_t i = 0; i < batch->n_pieces; i++) {
		struct framer_thread *thread = framer_thread(framer, batch->pieces[i].thread);

		if (!thread || touch(framer, thread))
			return -ENOMEM;
		framer->next_piece[i] = 0;
		if (thread->last_piece)
			framer->next_piece[thread->last_piece - 1] = i + 1;
		else
			thread->first_piece = i + 1;
		thread->last_piece = i + 1;
	}
	return 0;
}

static int chain_pending(struct framer *framer, const struct batch *batch)
{
	for (size_t i = 0; i < batch->n_pending; i++) {
		struct framer_thread *thread = framer_thread(framer, batch->pending[i].thread);

		if (!thread || touch(framer, thread))
			return -ENOMEM;
		thread->pending = &batch->pending[i];
	}
	return 0;
}

static int grow_left(struct framer *framer, struct framer_thread *thread, size_t need)
{
	size_t before = thread->left_cap;
	int err = ARRAY_GROW(thread->left, thread->left_cap, need);

	framer->left_room += thread->left_cap - before;
	return err;
}

/* A thread that has had much at once, in many pieces, does not need the room for it ever after. */
static void shrink_left(struct framer *framer, struct framer_thread *thread)
{
	size_t before = thread->left_cap, need = thread->left_len ? thread->left_len : 64;
	unsigned char *less = NULL;

	if (framer->left_room > LEFT_MOST && before / 2 >= need)
		less = realloc(thread->left, need);
	if (!less)
		return;
	thread->left = less;
	thread->left_cap = need;
	framer->left_room -= before - need;
}

/* One run of bytes with everything of the thread: left over ones first. A single piece is used where it lies. */
static int join_pieces(struct framer *framer, const struct batch *batch, struct framer_thread *thread)
{
	size_t len = thread->left_len;

	thread->pos = 0;
	if (!thread->left_len && thread->first_piece && thread->first_piece == thread->last_piece) {
		const struct drain_piece *piece = &batch->pieces[thread->first_piece - 1];

		thread->data = batch->data + piece->offset;
		thread->len = piece->len;
		return 0;
	}
	for (uint32_t i = thread->first_piece; i; i = framer->next_piece[i - 1])
		len += batch->pieces[i - 1].len;
	if (grow_left(framer, thread, len))
		return -ENOMEM;
	for (uint32_t i = thread->first_piece; i; i = framer->next_piece[i - 1]) {
		const struct drain_piece *piece = &batch->pieces[i - 1];

		memcpy(thread->left + thread->left_len, batch->data + piece->offset, piece->len);
		thread->left_len += piece->len;
	}
	thread->data = thread->left;
	thread->len = thread->left_len;
	return 0;
}

/* What has not been framed waits in left for the next batch. */
static int keep_left(struct framer *framer, struct framer_thread *thread)
{
	size_t len = thread->len - thread->pos;

	if (grow_left(framer, thread, len))
		return -ENOMEM;
	if (len)
		memmove(thread->left, thread->data + thread->pos, len);
	thread->left_len = len;
	shrink_left(framer, thread);
	thread->data = NULL;
	thread->len = thread->pos = 0;
	thread->first_piece = thread->last_piece = 0;
	thread->pending = NULL;
	return 0;
}

static size_t record_size(const unsigned char *record)
{
	switch (record[0] & 15) {
	case RING_CALL:
		return RING_CALL_SIZE(record[1] & 15u);
	case RING_NAME:
		return sizeof(struct ring_name);
	case RING_GAP:
		return sizeof(struct ring_gap);
	case RING_FORK:
		return sizeof(struct ring_fork);
	case RING_EXEC:
		return sizeof(struct ring_exec);
	case RING_EXIT:
		return sizeof(struct ring_exit);
	case RING_PASSED:
		return sizeof(struct ring_passed);
	case RING_TEXT:
		return RING_TEXT_SIZE(((const struct ring_text *)(const void *)record)->len);
	default:
		return sizeof(struct drain_chunk_record);
	}
}

/* --- rows ------------------------------------------------------------------------------------------------ */

/* A target of rows: those of this frame, or the late ones. */
struct bucket {
	struct framer *framer;
	struct sst_rows *rows;
	uint16_t (*call_index)[RING_NARGS];
	const struct framer_thread *group; /* whose group is open */
	bool group_open;
};

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
static bool join_gap(struct sst_rows *rows, const struct sst_gap *gap)
{
	struct sst_gap *last = rows->n_gaps ? &rows->gaps[rows->n_gaps - 1] : NULL;

	if (!last || !gap->seq || !last->seq || last->tid != gap->tid || last->pid != gap->pid ||
	    last->cause != gap->cause || last->seq + last->count != gap->seq)
		return false;
	last->count += gap->count;
	last->until = gap->until;
	return true;
}

/* Calls of a thread that are missing: seq and on; entry of the first and of the last, or what is known of it. */
struct lost_calls {
	uint64_t seq, count, first, last;
};

static void write_rows(struct framer *framer, struct sst_rows *rows, enum sst_frame_type type, uint64_t cut);

/* Thousands of threads have ended without room for their last records: their gaps are a frame of their own. */
static int spill_gaps(struct framer *framer, struct sst_rows *rows)
{
	struct sst_rows *spill = sst_rows_new();
	int err = spill ? 0 : -ENOMEM;

	for (size_t i = 0; i < rows->n_gaps && !err; i++)
		err = sst_rows_gap(spill, &rows->gaps[i]);
	if (!err) {
		rows->n_gaps = 0;
		write_rows(framer, spill, rows == framer->late ? SST_FRAME_LATE : SST_FRAME_ROWS, framer->base);
	}
	sst_rows_free(spill);
	return err;
}

/* The calls that are missing between the last one accounted for and before. */
static int add_gap(struct framer *framer, const struct drain_thread *thread, uint64_t first_seq, uint64_t count,
		   uint64_t first, uint64_t last, unsigned cause)
{
	struct sst_gap gap = {.time = to_boot(framer, first),
			      .until = to_boot(framer, last),
			      .seq = first_seq,
			      .count = count,
			      .pid = thread ? thread->pid : 0,
			      .tid = thread ? thread->tid : 0,
			      .cause = (uint8_t)cause};
	struct sst_rows *rows;
	int err;

	pthread_mutex_lock(&framer->lock);
	framer->totals.lost[cause] += count;
	pthread_mutex_unlock(&framer->lock);
	/* A thread tells of its loss when it finds room again, which may be frames later. */
	rows = first <= framer->base ? framer->late : framer->rows;
	if (join_gap(rows, &gap))
		return 0;
	err = rows->n_gaps < SST_GAPS_MAX ? 0 : spill_gaps(framer, rows);
	if (!err)
		err = sst_rows_gap(rows, &gap);
	framer->unwritten_more += err ? count : 0;
	return err;
}

/* The same without the calls that have open rows: they are known, only what became of them is not. */
static int add_gap_of(struct framer *framer, const struct drain_thread *who, const struct framer_thread *thread,
		      struct lost_calls lost, unsigned cause)
{
	uint64_t end = lost.seq + lost.count;
	int err = 0;

	for (size_t i = 0; thread && i < thread->n_opens && !err; i++) {
		const struct open_call *open = &thread->opens[i];

		if (open->seq < lost.seq || open->seq >= end)
			continue;
		if (open->seq > lost.seq)
			err = add_gap(framer, who, lost.seq, open->seq - lost.seq, lost.first, open->entry, cause);
		lost.seq = open->seq + 1;
		lost.first = open->entry;
	}
	if (!err && lost.seq < end)
		err = add_gap(framer, who, lost.seq, end - lost.seq, lost.first, lost.last, cause);
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

static void find_execs(struct framer *framer)
{
	static const char *const names[] = {"execve", "execveat"};

	for (unsigned i = 0; i < 2 * RING_CLASSES; i++) {
		struct exec_call *exec = &framer->execs[i];

		exec->class = i / 2;
		if (!sst_syscall_find(session_abi((enum ring_class)exec->class), names[i % 2], &exec->nr))
			exec->argv = i % 2 ? 2 : 1;
	}
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
	rows->time[i] = to_boot(bucket->framer, is_midway(state) ? bucket->framer->clocks[0].mono : call->entry);
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
	bucket->rows->time[i] = to_boot(bucket->framer, call->entry);
	bucket->rows->seq[i] = call->seq;
	bucket->rows->state[i] = SST_UNFINISHED;
	if (add_texts(bucket, thread, i, call->class, call->nr))
		return -ENOMEM;
	return add_open_call(thread, call->seq, call->entry);
}

/* --- what is not a call ---------------------------------------------------------------------------------- */

static int add_event(struct framer *framer, unsigned kind, uint64_t mono, uint32_t pid, uint32_t tid, uint64_t a,
		     uint64_t b)
{
	struct sst_event event = {
		.time = to_boot(framer, mono), .a = a, .b = b, .pid = pid, .tid = tid, .kind = (uint8_t)kind};

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
	return add_gap_of(framer, thread->drain, thread, lost, SST_CAUSE_UNKNOWN);
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
		return add_gap_of(framer, who, thread, lost, disk_cause(gap->cause));
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

		err = add_event(framer, SST_EVENT_START, fork->time, fork->tgid, fork->tid, tid, who->pid);
		return err ? err : texts_comm(&thread->texts, framer->rows, fork->comm);
	}
	case RING_EXEC: {
		const struct ring_exec *exec = (const void *)record;

		err = add_event(framer, SST_EVENT_EXEC, exec->time, who->pid, who->pid, exec->old_tid, thread->seq);
		return err ? err : add_event_texts(framer, thread, exec->comm);
	}
	case RING_EXIT: {
		const struct ring_exit *exit = (const void *)record;

		if (exit->superseded)
			return 0; /* the exec record has told it */
		err = add_event(framer, SST_EVENT_EXIT, exit->time, who->pid, tid, exit->code, thread->seq);
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
	close_calls(thread, thread->seq);
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
	for (size_t pos = thread->pos; pos < thread->len; pos += record_size(thread->data + pos)) {
		const unsigned char *record = thread->data + pos;

		if ((record[0] & 15) == RING_CALL)
			return ((const struct ring_call *)(const void *)record)->entry <= cut;
	}
	return false;
}

/*
 * Record after record, up to the first call that began after cut. An event after cut waits as well, so that it does not
 * come before older rows of others; but not the fork or exec that the last call was for, as that call is waited for.
 */
static int frame_thread(struct framer *framer, struct framer_thread *thread, uint64_t cut, struct bucket *now,
			struct bucket *late)
{
	uint64_t events = 0, calls = 0;
	size_t from = thread->pos;
	int err = 0;

	now->group_open = late->group_open = false;
	while (!err && thread->pos < thread->len) {
		const unsigned char *record = thread->data + thread->pos;

		if ((record[0] & 15) == RING_CALL) {
			const struct ring_call *call = (const void *)record;
			unsigned state = call->kind_state >> 4;
			bool is_late = call->entry <= framer->base || is_midway(state), first;

			if (call->entry > cut)
				break;
			thread->seq++;
			calls++;
			first = !replaces_open(thread);
			if (is_late)
				framer->late_is_first[framer->late->n & (SST_ROWS_MAX - 1)] = first;
			err = add_call(is_late ? late : now, thread, call);
			events += !err && first;
		} else if (event_time(record) > cut && !is_within_call(thread, cut)) {
			break;
		} else {
			unsigned renamed = thread->renamed;

			err = add_fact(framer, thread, record);
			if (thread->renamed != renamed) /* not with each chunk: a group costs bytes */
				now->group_open = late->group_open = false;
		}
		if (!err)
			thread->pos += record_size(record);
	}
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
static int frame_pending(struct framer *framer, struct framer_thread *thread, uint64_t cut, struct bucket *now,
			 struct bucket *late)
{
	const struct drain_pending *call = thread->pending;

	if (!call || call->entry > cut || call->seq <= thread->seq || call->seq <= last_open(thread))
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
static bool is_too_much(const struct framer *framer, uint64_t cut)
{
	size_t calls = 0, others = 0, texts = 0, bytes = 0;

	for (size_t i = 0; i < framer->n_touched; i++) {
		const struct framer_thread *thread = framer->touched[i];

		calls += !!thread->pending;
		bytes += thread->texts.len;
		for (size_t pos = thread->pos; pos < thread->len; pos += record_size(thread->data + pos)) {
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

static int by_tid(const void *a, const void *b)
{
	const struct framer_thread *x = *(struct framer_thread *const *)a, *y = *(struct framer_thread *const *)b;

	if (x->drain->tid != y->drain->tid)
		return x->drain->tid < y->drain->tid ? -1 : 1;
	return x->seq < y->seq ? -1 : x->seq > y->seq;
}

/* --- what cannot be written ------------------------------------------------------------------------------ */

static void set_error(struct framer *framer, int err)
{
	pthread_mutex_lock(&framer->lock);
	if (!framer->error)
		framer->error = err;
	pthread_mutex_unlock(&framer->lock);
}

static void keep_gap(struct framer *framer, const struct sst_gap *gap)
{
	if (!join_gap(framer->unwritten, gap) && sst_rows_gap(framer->unwritten, gap))
		framer->unwritten_more += gap->count;
}

static void count_unwritten(struct framer *framer, uint64_t calls, bool were_counted)
{
	pthread_mutex_lock(&framer->lock);
	if (were_counted)
		framer->totals.events -= calls < framer->totals.events ? calls : framer->totals.events;
	framer->totals.lost[SST_CAUSE_WRITE] += calls;
	pthread_mutex_unlock(&framer->lock);
}

/* The rows of a frame that does not come into the file, as gaps. A late row whose open row is there is no loss. */
static void lose_rows(struct framer *framer, const struct sst_rows *rows)
{
	uint64_t n = 0;

	for (size_t g = 0; g < rows->n_groups; g++) {
		const struct sst_group *group = &rows->groups[g];

		for (size_t i = group->first; i < (size_t)group->first + group->n; i++) {
			struct sst_gap gap = {.time = rows->time[i],
					      .until = rows->time[i],
					      .seq = rows->seq[i],
					      .count = 1,
					      .pid = group->pid,
					      .tid = group->tid,
					      .cause = SST_CAUSE_WRITE};

			if (rows == framer->late && !framer->late_is_first[i])
				continue;
			keep_gap(framer, &gap);
			n++;
		}
	}
	for (size_t i = 0; i < rows->n_gaps; i++)
		keep_gap(framer, &rows->gaps[i]);
	count_unwritten(framer, n, true);
}

static void write_rows(struct framer *framer, struct sst_rows *rows, enum sst_frame_type type, uint64_t cut)
{
	int err = framer->error ? framer->error : sst_rows_sort_captures(rows);

	if (!err)
		err = parts_rows(framer->parts, rows, type, to_boot(framer, cut));
	if (!err)
		return;
	set_error(framer, err);
	lose_rows(framer, rows);
}

static uint64_t calls_in(const unsigned char *data, size_t len)
{
	uint64_t n = 0;

	for (size_t pos = 0; pos < len; pos += record_size(data + pos))
		n += (data[pos] & 15) == RING_CALL;
	return n;
}

static uint64_t calls_of_pieces(const struct batch *batch)
{
	uint64_t n = 0;

	for (size_t i = 0; i < batch->n_pieces; i++)
		n += calls_in(batch->data + batch->pieces[i].offset, batch->pieces[i].len);
	return n;
}

static void lose_calls(struct framer *framer, uint64_t calls)
{
	framer->unwritten_more += calls;
	count_unwritten(framer, calls, false);
}

static uint64_t sum_of_gaps(const struct sst_rows *rows)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < rows->n_gaps; i++)
		sum += rows->gaps[i].count;
	return sum;
}

/* The frame of gaps that stands for all that could not be written; in a pinch a single gap, of nobody. */
static int write_account(struct framer *framer)
{
	uint64_t now = to_boot(framer, framer->base), more = framer->unwritten_more;
	struct sst_gap rest = {.time = now, .until = now, .count = more, .cause = SST_CAUSE_WRITE};
	uint64_t all = sum_of_gaps(framer->unwritten) + more;
	int err = more ? sst_rows_gap(framer->unwritten, &rest) : 0;

	if (!all)
		return 0;
	if (!err)
		err = parts_rows(framer->parts, framer->unwritten, SST_FRAME_ROWS, now);
	if (!err || !parts_retry(framer->parts))
		return err;
	rest.count = all;
	sst_rows_clear(framer->unwritten);
	err = sst_rows_gap(framer->unwritten, &rest);
	return err ? err : parts_rows(framer->parts, framer->unwritten, SST_FRAME_ROWS, now);
}

static void account(struct framer *framer)
{
	if (!framer->error)
		framer->accounted = true;
	else if (framer->unwritten && parts_retry(framer->parts))
		framer->accounted = write_account(framer) == 0;
}

static bool is_empty(const struct sst_rows *rows)
{
	return !rows->n && !rows->n_gaps && !rows->n_events;
}

/* Calls that nobody's records tell of. */
static int add_nobodys(struct framer *framer, const struct batch *batch)
{
	int err = 0;

	if (batch->lost_threads)
		err = add_gap(framer, NULL, 0, batch->lost_threads, framer->base + 1, batch->cut, SST_CAUSE_THREADS);
	if (!err && batch->lost_skipped)
		err = add_gap(framer, NULL, 0, batch->lost_skipped, framer->base + 1, batch->cut, SST_CAUSE_SKIPPED);
	return err;
}

/* The last calls of threads, those that began after told and up to cut: behind all other rows of theirs. */
static int add_dead(struct framer *framer, const struct batch *batch, uint64_t told, uint64_t cut)
{
	int err = 0;

	for (size_t i = 0; i < batch->n_dead; i++) {
		const struct drain_dead *dead = &batch->dead[i];
		struct framer_thread *thread = dead->thread ? dead->thread->framer : NULL;
		struct drain_thread who = {.tid = dead->tid, .pid = dead->pid};
		struct lost_calls lost = {.seq = dead->last_seq - dead->count + 1,
					  .count = dead->count,
					  .first = dead->first,
					  .last = batch->cut};
		int failed = 0;

		if (dead->first <= told || dead->first > cut)
			continue;
		framer->parts->excluded += dead->passed - (thread ? thread->passed_told : 0);
		failed = add_gap_of(framer, &who, thread, lost, SST_CAUSE_RING_FULL);
		err = err ? err : failed;
	}
	return err;
}

static uint64_t dead_calls_after(const struct batch *batch, uint64_t told)
{
	uint64_t n = 0;

	for (size_t i = 0; i < batch->n_dead; i++)
		n += batch->dead[i].first > told ? batch->dead[i].count : 0;
	return n;
}

/* Everything up to cut that the touched threads have, as a frame, and a late frame if there is something for it. */
static int frame_until(struct framer *framer, const struct batch *batch, uint64_t cut, uint64_t *told)
{
	struct bucket now = {.framer = framer, .rows = framer->rows, .call_index = framer->call_index[0]};
	struct bucket late = {.framer = framer, .rows = framer->late, .call_index = framer->call_index[1]};
	bool last_of_batch = cut == batch->cut;
	int err = 0;

	memset(framer->call_index, 0xff, sizeof(framer->call_index));
	for (size_t i = 0; i < framer->n_touched && !err; i++) {
		struct framer_thread *thread = framer->touched[i];

		err = frame_thread(framer, thread, cut, &now, &late);
		if (!err)
			err = frame_pending(framer, thread, cut, &now, &late);
	}
	if (!err) {
		uint64_t until = last_of_batch ? UINT64_MAX : cut;

		err = add_dead(framer, batch, *told, until);
		*told = until;
	}
	if (!err && last_of_batch)
		err = sst_rows_clock(framer->rows, &batch->clock);
	if (err)
		set_error(framer, err); /* what has been put together is lost as well */
	if (!is_empty(framer->late))
		write_rows(framer, framer->late, SST_FRAME_LATE, framer->base);
	if (!is_empty(framer->rows))
		write_rows(framer, framer->rows, SST_FRAME_ROWS, cut);
	sst_rows_clear(framer->rows);
	sst_rows_clear(framer->late);
	framer->base = cut;
	return err;
}

/* --- one batch ------------------------------------------------------------------------------------------- */

static int take_clocks(struct framer *framer, const struct batch *batch)
{
	for (size_t i = 0; i < batch->n_clocks; i++) {
		if (ARRAY_GROW(framer->clocks, framer->cap_clocks, framer->n_clocks + 1))
			return -ENOMEM;
		framer->clocks[framer->n_clocks++] = batch->clocks[i];
	}
	return 0;
}

/* Records left over wait outside of the batch. */
static int keep_all_left(struct framer *framer)
{
	for (size_t i = 0; i < framer->n_touched; i++)
		if (keep_left(framer, framer->touched[i]))
			return -ENOMEM;
	return 0;
}

/*
 * Threads with records left over stay touched, so that the next batch looks at them; the others wait for records, or
 * are forgotten when the drain has nothing more of them.
 */
static void settle_threads(struct framer *framer, const struct batch *batch)
{
	size_t n = 0;

	for (size_t i = 0; i < batch->n_over; i++) {
		if (batch->over[i]->framer && batch->over[i]->framer->touched)
			batch->over[i]->framer->over = true;
		else
			forget_thread(framer, batch->over[i]);
	}
	for (size_t i = 0; i < framer->n_touched; i++) {
		struct framer_thread *thread = framer->touched[i];

		thread->touched = thread->left_len > 0;
		if (thread->touched)
			framer->touched[n++] = thread;
		else if (thread->over)
			forget_thread(framer, thread->drain);
	}
	framer->n_touched = n;
}

/* All records of each thread in one run, the threads in order. */
static int join_threads(struct framer *framer, const struct batch *batch)
{
	int err = chain_pending(framer, batch);

	for (size_t i = 0; i < framer->n_touched && !err; i++)
		err = join_pieces(framer, batch, framer->touched[i]);
	if (!err && framer->n_touched)
		qsort(framer->touched, framer->n_touched, sizeof(struct framer_thread *), by_tid);
	return err;
}

static int frame_joined(struct framer *framer, const struct batch *batch)
{
	int err = add_nobodys(framer, batch);
	uint64_t told = 0, cut;

	framer->parts->excluded_after += batch->passed;
	framer->parts->texts_lost += batch->lost_texts;

	do {
		cut = batch->cut;
		/* A stalled recorder may come with more than one frame can hold: halve the time until it fits. */
		while (is_too_much(framer, cut) && cut - framer->base > 1)
			cut = framer->base + (cut - framer->base) / 2;
		if (!err)
			err = frame_until(framer, batch, cut, &told);
	} while (!err && cut != batch->cut);
	if (err)
		lose_calls(framer, dead_calls_after(batch, told));
	return err;
}

/* Calls of a thread that have not become rows: in one run, or still in pieces when those have been chained. */
static uint64_t calls_waiting(const struct framer *framer, const struct batch *batch,
			      const struct framer_thread *thread, bool chained)
{
	uint64_t n;

	if (thread->data)
		return calls_in(thread->data + thread->pos, thread->len - thread->pos);
	n = calls_in(thread->left, thread->left_len);
	for (uint32_t i = chained ? thread->first_piece : 0; i; i = framer->next_piece[i - 1])
		n += calls_in(batch->data + batch->pieces[i - 1].offset, batch->pieces[i - 1].len);
	return n;
}

/* No memory to go on: the records that have not become rows are counted, and so is all that comes. */
static void give_up(struct framer *framer, const struct batch *batch, bool chained)
{
	uint64_t calls = chained ? 0 : calls_of_pieces(batch);

	for (size_t i = 0; i < framer->n_touched; i++) {
		struct framer_thread *thread = framer->touched[i];

		calls += calls_waiting(framer, batch, thread, chained);
		thread->data = NULL;
		thread->len = thread->pos = thread->left_len = 0;
		thread->first_piece = thread->last_piece = 0;
	}
	settle_threads(framer, batch);
	framer->broken = true;
	lose_calls(framer, calls);
}

static void frame_batch(struct framer *framer, const struct batch *batch)
{
	bool chained = false;
	int err;

	if (framer->broken) {
		lose_calls(framer, calls_of_pieces(batch));
		settle_threads(framer, batch);
		return;
	}
	err = take_clocks(framer, batch);
	if (!err)
		err = chain_pieces(framer, batch);
	if (!err) {
		chained = true;
		err = join_threads(framer, batch);
	}
	if (!err)
		err = frame_joined(framer, batch);
	if (!err)
		err = keep_all_left(framer);
	if (!err) {
		settle_threads(framer, batch);
		return;
	}
	set_error(framer, err);
	give_up(framer, batch, chained);
}

/* A new part begins with how far each thread had come, so that it can be checked by itself. */
static void tell_threads(struct framer *framer)
{
	int err = 0;

	for (const struct framer_thread *thread = framer->threads; thread && !err; thread = thread->next) {
		uint64_t open = last_open(thread), last = open > thread->seq ? open : thread->seq;

		if (last && framer->rows->n_events < SST_EVENTS_MAX)
			err = add_event(framer, SST_EVENT_FOUND, framer->base, thread->drain->pid, thread->drain->tid,
					0, last);
	}
	if (err)
		set_error(framer, err);
	else if (!is_empty(framer->rows))
		write_rows(framer, framer->rows, SST_FRAME_ROWS, framer->base);
	sst_rows_clear(framer->rows);
}

/* --- the thread ------------------------------------------------------------------------------------------ */

static struct batch *next_batch(struct framer *framer)
{
	struct batch *batch = NULL;

	pthread_mutex_lock(&framer->lock);
	while (!framer->n_queue && !framer->finish)
		pthread_cond_wait(&framer->changed, &framer->lock);
	if (framer->n_queue) {
		batch = framer->queue[0];
		framer->n_queue--;
		memmove(framer->queue, framer->queue + 1, framer->n_queue * sizeof(struct batch *));
	}
	pthread_mutex_unlock(&framer->lock);
	return batch;
}

static void give_back(struct framer *framer, struct batch *batch)
{
	size_t len = batch->len;

	batch_clear(batch);
#ifdef __GLIBC__
	if (len > RUSH) /* thousands of threads, most of them over by now, have left holes between what is in use */
		malloc_trim(0);
#endif
	pthread_mutex_lock(&framer->lock);
	framer->waiting -= len;
	framer->idle[framer->n_idle++] = batch;
	pthread_cond_broadcast(&framer->changed);
	pthread_mutex_unlock(&framer->lock);
}

static void *framer_main(void *context)
{
	struct framer *framer = context;
	struct batch *batch;

	while ((batch = next_batch(framer))) {
		if (!framer->error && parts_care(framer->parts))
			tell_threads(framer);
		frame_batch(framer, batch);
		give_back(framer, batch);
	}
	return NULL;
}

struct framer *framer_new(struct parts *parts, struct containers *containers, uint64_t offset, bool processes)
{
	struct framer *framer = calloc(1, sizeof(*framer));

	if (!framer)
		return NULL;
	framer->parts = parts;
	framer->containers = containers;
	framer->processes = processes;
	find_execs(framer);
	framer->rows = sst_rows_new();
	framer->late = sst_rows_new();
	framer->unwritten = sst_rows_new();
	pthread_mutex_init(&framer->lock, NULL);
	pthread_cond_init(&framer->changed, NULL);
	for (size_t i = 0; i < BATCHES; i++)
		framer->idle[framer->n_idle++] = &framer->batches[i];
	if (!framer->rows || !framer->late || !framer->unwritten || ARRAY_GROW(framer->clocks, framer->cap_clocks, 1)) {
		framer_free(framer);
		return NULL;
	}
	framer->clocks[framer->n_clocks++] = (struct drain_clock){.offset = offset};
	return framer;
}

void framer_free(struct framer *framer)
{
	if (!framer)
		return;
	for (struct framer_thread *thread = framer->threads, *next; thread; thread = next) {
		next = thread->next;
		thread->drain->framer = NULL;
		if (thread->over) /* the drain has forgotten it already */
			free(thread->drain);
		free(thread->left);
		free(thread->opens);
		texts_free(&thread->texts);
		free(thread);
	}
	for (size_t i = 0; i < BATCHES; i++)
		batch_free(&framer->batches[i]);
	sst_rows_free(framer->rows);
	sst_rows_free(framer->late);
	sst_rows_free(framer->unwritten);
	pthread_mutex_destroy(&framer->lock);
	pthread_cond_destroy(&framer->changed);
	free(framer->clocks);
	free(framer->touched);
	free(framer->next_piece);
	free(framer->open_tids);
	free(framer->open_is_seen);
	free(framer);
}

static int add_open(struct framer *framer, const struct framer_open *open)
{
	struct sst_rows *rows = framer->rows;
	uint8_t nargs = (uint8_t)sst_syscall_nargs(open->abi, open->nr);
	int call = sst_rows_call(rows, open->abi, open->nr, nargs);
	int err = call < 0 ? call : sst_rows_group(rows, open->pid, open->tid, open->comm, open->comm_len);
	long i = err ? err : sst_rows_add(rows);

	if (i < 0)
		return (int)i;
	rows->groups[rows->n_groups - 1].where = (struct sst_where){
		.ns_pid = open->ns_pid,
		.ns_tid = open->ns_tid,
		.container = containers_put(framer->containers, &(struct containers_where){.number = open->container},
					    &rows->containers)};
	rows->call[i] = (uint16_t)call;
	rows->time[i] = to_boot(framer, framer->clocks[0].mono);
	rows->seq[i] = 1;
	rows->state[i] = SST_MIDWAY_OPEN;
	for (unsigned a = 0; a < nargs; a++)
		rows->arg[a][i] = open->arg[a];
	framer->open_tids[framer->n_open++] = open->tid;
	return 0;
}

static int compare_open(const void *a, const void *b)
{
	return compare_u32(&((const struct framer_open *)a)->tid, &((const struct framer_open *)b)->tid);
}

int framer_begin(struct framer *framer, struct framer_open *open, size_t n, uint64_t start)
{
	int err = 0;

	framer->clocks[0].mono = start;
	framer->base = start;
	if (!n)
		return 0;
	framer->open_tids = calloc(n, sizeof(uint32_t));
	framer->open_is_seen = calloc(n, sizeof(bool));
	if (!framer->open_tids || !framer->open_is_seen)
		return -ENOMEM;
	qsort(open, n, sizeof(*open), compare_open);
	if (n > SST_ROWS_MAX)
		n = SST_ROWS_MAX;
	for (size_t i = 0; i < n && !err; i++)
		err = add_open(framer, &open[i]);
	if (!err) {
		framer->totals.events = n;
		write_rows(framer, framer->rows, SST_FRAME_ROWS, start);
		err = framer->error;
	}
	sst_rows_clear(framer->rows);
	return err;
}

int framer_opens(struct framer *framer, struct sst_rows *rows)
{
	write_rows(framer, rows, SST_FRAME_ROWS, framer->base);
	return framer->error;
}

int framer_start(struct framer *framer)
{
	int err = -pthread_create(&framer->thread, NULL, framer_main, framer);

	framer->running = !err;
	return err;
}

/* While nothing waits, all are idle. */
static bool can_take(const struct framer *framer)
{
	return framer->n_idle > 0 && framer->waiting <= WAITING_MOST;
}

struct batch *framer_take(struct framer *framer, bool wait)
{
	struct batch *batch = NULL;

	pthread_mutex_lock(&framer->lock);
	while (wait && !can_take(framer))
		pthread_cond_wait(&framer->changed, &framer->lock);
	if (can_take(framer))
		batch = framer->idle[--framer->n_idle];
	pthread_mutex_unlock(&framer->lock);
	return batch;
}

void framer_give(struct framer *framer, struct batch *batch)
{
	pthread_mutex_lock(&framer->lock);
	framer->waiting += batch->len;
	framer->queue[framer->n_queue++] = batch;
	pthread_cond_broadcast(&framer->changed);
	pthread_mutex_unlock(&framer->lock);
}

int framer_error(struct framer *framer)
{
	int err;

	pthread_mutex_lock(&framer->lock);
	err = framer->error;
	pthread_mutex_unlock(&framer->lock);
	return err;
}

int framer_finish(struct framer *framer)
{
	if (framer->running) {
		pthread_mutex_lock(&framer->lock);
		framer->finish = true;
		pthread_cond_broadcast(&framer->changed);
		pthread_mutex_unlock(&framer->lock);
		pthread_join(framer->thread, NULL);
		framer->running = false;
		account(framer);
	}
	return framer->error;
}

bool framer_is_accounted(const struct framer *framer)
{
	return framer->accounted;
}

void framer_totals(struct framer *framer, struct framer_totals *totals)
{
	pthread_mutex_lock(&framer->lock);
	*totals = framer->totals;
	pthread_mutex_unlock(&framer->lock);
}
