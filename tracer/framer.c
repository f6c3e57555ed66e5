#include "framer.h"

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
#include "frame.h"

#define WAITING_MOST ((size_t)8 << 20)  /* bytes that wait to be framed: beyond it the ring buffers do the waiting */
#define RUSH         ((size_t)12 << 20) /* bytes of a batch: a usual one has much less */

_Static_assert((int)RING_OK == (int)SST_OK && (int)RING_UNFINISHED == (int)SST_UNFINISHED &&
		       (int)RING_NO_RETURN == (int)SST_NO_RETURN && (int)RING_MIDWAY == (int)SST_MIDWAY &&
		       (int)RING_REFUSED == (int)SST_REFUSED && (int)RING_MIDWAY_OPEN == (int)SST_MIDWAY_OPEN,
	       "states in the ring are those on disk");

/* --- one frame ------------------------------------------------------------------------------------------- */

static bool is_empty(const struct sst_rows *rows)
{
	return !rows->n && !rows->n_gaps && !rows->n_events;
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

		err = frame_dead(framer, batch, *told, until);
		*told = until;
	}
	if (!err && last_of_batch)
		err = sst_rows_clock(framer->rows, &batch->clock);
	if (err)
		frame_set_error(framer, err); /* what has been put together is lost as well */
	if (!is_empty(framer->late))
		frame_write(framer, framer->late, SST_FRAME_LATE, framer->base);
	if (!is_empty(framer->rows))
		frame_write(framer, framer->rows, SST_FRAME_ROWS, cut);
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
		if (frame_keep_left(framer, framer->touched[i]))
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
			frame_forget(framer, batch->over[i]);
	}
	for (size_t i = 0; i < framer->n_touched; i++) {
		struct framer_thread *thread = framer->touched[i];

		thread->touched = thread->left_len > 0;
		if (thread->touched)
			framer->touched[n++] = thread;
		else if (thread->over)
			frame_forget(framer, thread->drain);
	}
	framer->n_touched = n;
}

static int by_tid(const void *a, const void *b)
{
	const struct framer_thread *x = *(struct framer_thread *const *)a, *y = *(struct framer_thread *const *)b;

	if (x->drain->tid != y->drain->tid)
		return x->drain->tid < y->drain->tid ? -1 : 1;
	return x->seq < y->seq ? -1 : x->seq > y->seq;
}

/* All records of each thread in one run, the threads in order. */
static int join_threads(struct framer *framer, const struct batch *batch)
{
	int err = frame_chain_pending(framer, batch);

	if (!err)
		err = frame_join_pieces(framer, batch);
	if (!err && framer->n_touched)
		qsort(framer->touched, framer->n_touched, sizeof(struct framer_thread *), by_tid);
	return err;
}

static int frame_joined(struct framer *framer, const struct batch *batch)
{
	int err = frame_nobodys(framer, batch);
	uint64_t told = 0, cut;

	framer->parts->excluded_after += batch->passed;
	framer->parts->texts_lost += batch->lost_texts;

	do {
		cut = batch->cut;
		/* A stalled recorder may come with more than one frame can hold: halve the time until it fits. */
		while (frame_is_too_much(framer, cut) && cut - framer->base > 1)
			cut = framer->base + (cut - framer->base) / 2;
		if (!err)
			err = frame_until(framer, batch, cut, &told);
	} while (!err && cut != batch->cut);
	if (err)
		frame_lose_calls(framer, frame_dead_calls(batch, told));
	return err;
}

static uint64_t calls_of_pieces(const struct batch *batch)
{
	uint64_t n = 0;

	for (size_t i = 0; i < batch->n_pieces; i++)
		n += frame_calls_in(batch->data + batch->pieces[i].offset, batch->pieces[i].len);
	return n;
}

/* Calls of a thread that have not become rows: in one run, or still in pieces when those have been chained. */
static uint64_t calls_waiting(const struct framer *framer, const struct batch *batch,
			      const struct framer_thread *thread, bool chained)
{
	uint64_t n;

	if (thread->data)
		return frame_calls_in(thread->data + thread->pos, thread->len - thread->pos);
	n = frame_calls_in(thread->left, thread->left_len);
	for (uint32_t i = chained ? thread->first_piece : 0; i; i = framer->next_piece[i - 1])
		n += frame_calls_in(batch->data + batch->pieces[i - 1].offset, batch->pieces[i - 1].len);
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
	frame_lose_calls(framer, calls);
}

static void frame_batch(struct framer *framer, const struct batch *batch)
{
	bool chained = false;
	int err;

	if (framer->broken) {
		frame_lose_calls(framer, calls_of_pieces(batch));
		settle_threads(framer, batch);
		return;
	}
	err = take_clocks(framer, batch);
	if (!err)
		err = frame_chain_pieces(framer, batch);
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
	frame_set_error(framer, err);
	give_up(framer, batch, chained);
}

/* A new part begins with how far each thread had come, so that it can be checked by itself. */
static void tell_threads(struct framer *framer)
{
	int err = 0;

	for (const struct framer_thread *thread = framer->threads; thread && !err; thread = thread->next) {
		uint64_t open = frame_last_open(thread), last = open > thread->seq ? open : thread->seq;

		if (last && framer->rows->n_events < SST_EVENTS_MAX)
			err = frame_event(framer, SST_EVENT_FOUND, framer->base, thread->drain->pid, thread->drain->tid,
					  0, last);
	}
	if (err)
		frame_set_error(framer, err);
	else if (!is_empty(framer->rows))
		frame_write(framer, framer->rows, SST_FRAME_ROWS, framer->base);
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
		frame_spare_joined(framer);
		give_back(framer, batch);
	}
	return NULL;
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
	free(framer->joined);
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
	rows->time[i] = frame_boot(framer, framer->clocks[0].mono);
	rows->seq[i] = 1;
	rows->state[i] = SST_MIDWAY_OPEN;
	for (unsigned a = 0; a < nargs; a++)
		rows->arg[a][i] = open->arg[a];
	framer->open_tids[framer->n_open++] = open->tid;
	return 0;
}

static int compare_open(const void *a, const void *b)
{
	const struct framer_open *x = a, *y = b;

	return x->tid < y->tid ? -1 : x->tid > y->tid;
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
		frame_write(framer, framer->rows, SST_FRAME_ROWS, start);
		err = framer->error;
	}
	sst_rows_clear(framer->rows);
	return err;
}

int framer_opens(struct framer *framer, struct sst_rows *rows)
{
	frame_write(framer, rows, SST_FRAME_ROWS, framer->base);
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
		frame_account(framer);
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
