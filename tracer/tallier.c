#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "array.h"
#include "clock.h"
#include "facts.h"
#include "sums.h"
#include "tallier.h"

#define MS       1000000ull
#define TICK     (10 * MS) /* between two looks: thousands of processes may begin meanwhile, with a table each */
#define TICK_LOW (2 * MS)  /* when threads may soon find no chunk */
/* Between taking a chunk away and looking whether its thread is still writing there: what a processor has not told the
 * others yet is a matter of nanoseconds. */
#define QUIET (1 * MS)
#define SWEEP (1000 * MS) /* between two looks for chunks that nobody has */
#define TRIES 200         /* at the end: for programs to leave their chunks, a millisecond each */

/* What the writer is to write. */
struct job {
	struct sums *sums;
	struct sst_tally *tally; /* its numbers are set */
	struct sst_gap gaps[SST_CAUSE_COUNT];
	size_t n_gaps;
};

struct tallier {
	struct tallier_config config;
	struct sums *sums; /* of the interval */
	bool *taken;       /* by chunk: from its thread, which may still be writing there */
	size_t n_taken, n_used;
	bool *queued;
	uint64_t taken_at, swept;
	uint64_t from, border, end; /* mono ns */
	struct sst_clock from_clock, until;
	bool ending; /* the interval is over at until: its chunks have been taken */
	bool by_border;
	uint64_t began, ended, dead_seen, calls, intervals;
	uint64_t lost[SST_CAUSE_COUNT];
	uint64_t ended_at, longest_take, longest_add;

	pthread_t thread;
	bool running;
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t changed;
	struct job job;
	bool busy, finish;
	uint64_t longest_write;
	int error;
};

static uint64_t greater(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

struct tallier *tallier_new(const struct tallier_config *config)
{
	struct tallier *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->config = *config;
	pthread_mutex_init(&t->lock, NULL);
	pthread_cond_init(&t->changed, NULL);
	t->sums = sums_new();
	t->job.sums = sums_new();
	t->job.tally = sst_tally_new();
	t->taken = calloc(config->session->n_chunks, sizeof(*t->taken));
	t->queued = calloc(config->session->n_chunks, sizeof(*t->queued));
	if (t->sums && t->job.sums && t->job.tally && t->taken && t->queued) {
		sums_name_containers(t->sums, config->containers);
		sums_name_containers(t->job.sums, config->containers);
		return t;
	}
	tallier_free(t);
	return NULL;
}

static void stop_writer(struct tallier *t)
{
	if (!t->running)
		return;
	pthread_mutex_lock(&t->lock);
	t->finish = true;
	pthread_cond_broadcast(&t->changed);
	pthread_mutex_unlock(&t->lock);
	pthread_join(t->thread, NULL);
	t->running = false;
}

void tallier_free(struct tallier *t)
{
	if (!t)
		return;
	stop_writer(t);
	sums_free(t->sums);
	sums_free(t->job.sums);
	sst_tally_free(t->job.tally);
	free(t->taken);
	free(t->queued);
	pthread_mutex_destroy(&t->lock);
	pthread_cond_destroy(&t->changed);
	free(t);
}

/* --- the writer's thread --------------------------------------------------------------------------------- */

static int write_tally(void *context, const struct sst_tally *tally)
{
	return parts_tally(context, tally);
}

/* Calls of which nothing is known but that they were made: gaps, as in a recording. */
static int write_gaps(struct parts *parts, const struct job *job)
{
	struct sst_rows *rows;
	int err = 0;

	if (!job->n_gaps)
		return 0;
	rows = sst_rows_new();
	if (!rows)
		return -ENOMEM;
	for (size_t i = 0; i < job->n_gaps && !err; i++)
		err = sst_rows_gap(rows, &job->gaps[i]);
	if (!err)
		err = parts_rows(parts, rows, SST_FRAME_ROWS, job->tally->until);
	sst_rows_free(rows);
	return err;
}

static int do_job(struct tallier *t)
{
	struct job *job = &t->job;
	int err;

	parts_care(t->config.parts);
	err = sums_write(job->sums, job->tally, write_tally, t->config.parts);
	if (!err)
		err = write_gaps(t->config.parts, job);
	sums_clear(job->sums);
	return err;
}

static void *writer_main(void *context)
{
	struct tallier *t = context;

	pthread_mutex_lock(&t->lock);
	for (;;) {
		uint64_t began;
		int err;

		while (!t->busy && !t->finish)
			pthread_cond_wait(&t->changed, &t->lock);
		if (!t->busy)
			break;
		pthread_mutex_unlock(&t->lock);
		began = mono_now();
		err = t->error ? t->error : do_job(t);
		pthread_mutex_lock(&t->lock);
		t->longest_write = greater(t->longest_write, mono_now() - began);
		t->error = err;
		t->busy = false;
		pthread_cond_broadcast(&t->changed);
	}
	pthread_mutex_unlock(&t->lock);
	return NULL;
}

static bool is_writing(struct tallier *t)
{
	bool busy;

	pthread_mutex_lock(&t->lock);
	busy = t->busy;
	pthread_mutex_unlock(&t->lock);
	return busy;
}

int tallier_error(struct tallier *t)
{
	int err;

	pthread_mutex_lock(&t->lock);
	err = t->error;
	pthread_mutex_unlock(&t->lock);
	return err;
}

int tallier_start(struct tallier *t, uint64_t now, uint64_t end)
{
	int err;

	t->from = t->swept = now;
	t->border = now + t->config.interval;
	t->end = end;
	facts_clock(&t->from_clock);
	err = -pthread_create(&t->thread, NULL, writer_main, t);
	t->running = !err;
	return err;
}

/* --- chunks ---------------------------------------------------------------------------------------------- */

static unsigned chunk_state(const struct session *session, uint32_t c)
{
	return __atomic_load_n(&session->chunk_state[c], __ATOMIC_ACQUIRE);
}

/* The slot whose chunk this is or was; NULL where its thread has gone. */
static struct ring_slot *slot_of(const struct session *session, const struct ring_chunk *chunk)
{
	struct ring_slot *slot = chunk->slot < session->n_slots ? &session->slots[chunk->slot] : NULL;

	return slot && slot->gen == chunk->gen ? slot : NULL;
}

/* Swap the slot's chunk for none: the thread takes another one for its next call. */
static void take(struct tallier *t, uint32_t c)
{
	struct session *session = t->config.session;
	struct ring_slot *slot = slot_of(session, session_chunk(session, c));
	uint32_t expected = c + 1;

	if (!slot || t->taken[c])
		return;
	t->taken[c] =
		__atomic_compare_exchange_n(&slot->chunk, &expected, 0, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
	t->n_taken += t->taken[c];
}

static void take_all(struct tallier *t, uint64_t now)
{
	for (uint32_t c = 0; c < t->config.session->n_chunks; c++)
		if (chunk_state(t->config.session, c) == RING_ACTIVE)
			take(t, c);
	t->taken_at = now;
}

static bool is_quiet(const struct tallier *t, uint32_t c, uint64_t now)
{
	const struct ring_slot *slot = slot_of(t->config.session, session_chunk(t->config.session, c));

	return now - t->taken_at >= QUIET && (!slot || !__atomic_load_n(&slot->busy, __ATOMIC_ACQUIRE));
}

static void give_back(struct tallier *t, uint32_t c)
{
	struct session *session = t->config.session;
	struct tally_table *table = (struct tally_table *)session_chunk(session, c)->data;
	size_t n = table->n_entries < TALLY_LINES ? table->n_entries : TALLY_LINES;
	size_t groups = table->n_groups < 2 * TALLY_LINES ? table->n_groups : 2 * TALLY_LINES;

	if (groups)
		memset(table->cells[2 * TALLY_LINES - groups], 0, groups * sizeof(table->cells[0]));
	memset(table, 0, offsetof(struct tally_table, entries) + n * sizeof(*table->entries));
	t->n_taken -= t->taken[c];
	t->taken[c] = false;
	__atomic_store_n(&session->chunk_state[c], RING_FREE, __ATOMIC_RELEASE);
	__atomic_fetch_sub(&session_chunk(session, c)->claims, 1, __ATOMIC_SEQ_CST);
	session_give_chunk(session, c);
}

static int absorb(struct tallier *t, uint32_t c)
{
	const struct ring_chunk *chunk = session_chunk(t->config.session, c);
	struct sums_who who = {.pid = chunk->tgid,
			       .tid = chunk->tid,
			       .comm = chunk->comm,
			       .container = chunk->container,
			       .pidns = chunk->pidns,
			       .ns_pid = chunk->ns_tgid};
	int err = sums_add_table(t->sums, &who, (const struct tally_table *)chunk->data);

	give_back(t, c);
	return err;
}

/* Add up the chunks that nobody writes into any more. */
static int collect(struct tallier *t, uint64_t now)
{
	int err = 0;

	t->n_used = 0;
	for (uint32_t c = 0; c < t->config.session->n_chunks && !err; c++) {
		unsigned state = chunk_state(t->config.session, c);

		if (state == RING_FULL || (t->taken[c] && is_quiet(t, c, now)))
			err = absorb(t, c);
		else
			t->n_used += state == RING_ACTIVE;
	}
	return err;
}

/* --- slots ----------------------------------------------------------------------------------------------- */

static struct sums_who who_of(const struct ring_slot *slot, uint32_t tid)
{
	return (struct sums_who){.pid = slot->tgid,
				 .tid = tid,
				 .container = slot->container,
				 .pidns = slot->pidns,
				 .ns_pid = slot->ns_tgid};
}

/* Calls that there was no table for. */
static int add_kept(struct tallier *t, const struct ring_slot *slot, uint32_t tid)
{
	struct sums_who who = who_of(slot, tid);
	struct sst_tally_line line = {.calls = slot->lost,
				      .errors = slot->arg[TALLY_ARG_ERRORS],
				      .unfinished = slot->arg[TALLY_ARG_UNFINISHED],
				      .timed = slot->arg[TALLY_ARG_TIMED],
				      .total = slot->arg[TALLY_ARG_TOTAL],
				      .max = slot->arg[TALLY_ARG_MAX],
				      .bytes = slot->arg[TALLY_ARG_BYTES],
				      .abi = SST_TALLY_ANY};

	return line.calls ? sums_add_calls(t->sums, &who, &line) : 0;
}

/* Slots of threads that have ended without a chunk. */
static int collect_dead(struct tallier *t)
{
	struct session *session = t->config.session;
	struct session_loss loss;
	int err = 0;

	/* They are counted before or after their slots can be seen: look until all have been. */
	session_loss(session, &loss);
	for (size_t i = 0; loss.dead_slots != t->dead_seen && i < session->n_slots && !err; i++) {
		struct ring_slot *slot = &session->slots[i];

		if (__atomic_load_n(&slot->tid, __ATOMIC_ACQUIRE) != RING_SLOT_DEAD)
			continue;
		err = add_kept(t, slot, slot->dead_tid);
		t->dead_seen++;
		slot->lost = 0;
		__atomic_store_n(&slot->tid, 0, __ATOMIC_RELEASE);
		__atomic_fetch_sub(&slot->claims, 1, __ATOMIC_SEQ_CST);
	}
	return err;
}

/* At the end: the call that a thread is in. */
static int add_open(struct tallier *t, const struct ring_slot *slot, uint64_t now)
{
	const struct selection *selection = t->config.selection;
	struct sums_who who = who_of(slot, slot->tid);
	struct sst_tally_line line = {
		.calls = 1,
		.unfinished = 1,
		.abi = (uint8_t)session_abi((enum ring_class)((slot->class_nargs >> 4) % RING_CLASSES)),
		.nr = slot->nr};

	if (!slot->entry || (selection && (selection->failed || now - slot->entry < selection->slower)))
		return 0;
	return sums_add_calls(t->sums, &who, &line);
}

static int collect_rest(struct tallier *t, uint64_t now)
{
	int err = collect_dead(t);

	for (size_t i = 0; i < t->config.session->n_slots && !err; i++) {
		const struct ring_slot *slot = &t->config.session->slots[i];

		if (!slot->tid || slot->tid == RING_SLOT_DEAD)
			continue;
		err = add_kept(t, slot, slot->tid);
		if (!err)
			err = add_open(t, slot, now);
	}
	return err;
}

/* --- intervals ------------------------------------------------------------------------------------------- */

/* Calls lost since the last interval. */
static void add_gap(struct tallier *t, struct job *job, unsigned cause, uint64_t lost)
{
	uint64_t count = lost > t->lost[cause] ? lost - t->lost[cause] : 0;

	if (!count)
		return;
	t->lost[cause] += count;
	job->gaps[job->n_gaps++] = (struct sst_gap){
		.time = t->from_clock.boot, .until = t->until.boot, .count = count, .cause = (uint8_t)cause};
}

static void add_gaps(struct tallier *t, struct job *job)
{
	struct session_loss loss;
	uint64_t entry = 0, exit = 0;

	job->n_gaps = 0;
	session_loss(t->config.session, &loss);
	add_gap(t, job, SST_CAUSE_THREADS, loss.calls[RING_CAUSE_THREADS]);
	if (!t->config.can_skip || session_skipped(t->config.session, &entry, &exit))
		exit = 0;
	/* Some of the skipped exits were seen to be missing by the next entry of their thread. */
	if (exit < loss.calls[RING_CAUSE_SKIPPED])
		exit = loss.calls[RING_CAUSE_SKIPPED];
	add_gap(t, job, SST_CAUSE_SKIPPED, exit);
}

static void set_numbers(struct tallier *t, struct sst_tally *tally)
{
	uint64_t began, ended;

	session_life(t->config.session, &began, &ended);
	sst_tally_clear(tally);
	tally->from = t->from_clock.boot;
	tally->until = t->until.boot;
	tally->clock = t->until;
	tally->began = began - t->began;
	tally->ended = ended > t->ended ? ended - t->ended : 0;
	tally->cpu_ns = facts_cpu();
	tally->run_ns = session_run_time(t->config.session);
	t->began = began;
	t->ended = ended > t->ended ? ended : t->ended;
}

/* The interval is complete: hand it to the writer, who is idle. */
static void cut(struct tallier *t)
{
	struct job *job = &t->job;
	struct sums *empty = job->sums;

	t->longest_add = greater(t->longest_add, mono_now() - t->ended_at);
	job->sums = t->sums;
	t->calls += sums_calls(t->sums);
	t->sums = empty;
	set_numbers(t, job->tally);
	add_gaps(t, job);
	t->intervals += t->by_border;
	t->from_clock = t->until;
	t->ending = false;
	pthread_mutex_lock(&t->lock);
	t->busy = true;
	pthread_cond_broadcast(&t->changed);
	pthread_mutex_unlock(&t->lock);
}

static void end_interval(struct tallier *t, uint64_t now)
{
	facts_clock(&t->until);
	t->ended_at = mono_now();
	t->ending = true;
	t->by_border = now >= t->border;
	while (t->border <= now)
		t->border += t->config.interval;
	take_all(t, now);
	t->longest_take = greater(t->longest_take, mono_now() - t->ended_at);
}

static bool is_low(const struct tallier *t)
{
	return t->n_used > t->config.session->n_chunks / 8 * 5;
}

int tallier_look(struct tallier *t, uint64_t now)
{
	int err;

	session_note_ring(t->config.session);
	err = collect(t, now);
	if (!err)
		err = collect_dead(t);
	if (err)
		return err;
	if (now - t->swept >= SWEEP) {
		session_sweep_chunks(t->config.session, t->queued);
		t->swept = now;
	}
	if (t->ending && !t->n_taken)
		cut(t);
	/* What is due when the recording ends is its end's. */
	else if (!t->ending && (now >= t->border || sums_is_full(t->sums)) && !(t->end && now >= t->end) &&
		 !is_writing(t))
		end_interval(t, now);
	else if (is_low(t) && !t->n_taken)
		take_all(t, now);
	return 0;
}

uint64_t tallier_pause(const struct tallier *t, uint64_t now)
{
	uint64_t pause = TICK;

	if (t->n_taken || is_low(t))
		pause = TICK_LOW;
	if (t->border > now && t->border - now < pause)
		pause = t->border - now;
	if (t->end > now && t->end - now < pause)
		pause = t->end - now;
	return pause > MS / 10 ? pause : MS / 10;
}

void tallier_figures(struct tallier *t, struct tallier_figures *figures)
{
	*figures = (struct tallier_figures){.calls = t->calls + sums_calls(t->sums),
					    .intervals = t->intervals,
					    .longest_take = t->longest_take,
					    .longest_add = t->longest_add};
	memcpy(figures->lost, t->lost, sizeof(figures->lost));
	pthread_mutex_lock(&t->lock);
	figures->longest_write = t->longest_write;
	pthread_mutex_unlock(&t->lock);
}

/* --- the end --------------------------------------------------------------------------------------------- */

static uint64_t wait_a_moment(void)
{
	struct timespec t = {.tv_nsec = (long)QUIET};

	nanosleep(&t, NULL);
	return mono_now();
}

static void wait_for_writer(struct tallier *t)
{
	pthread_mutex_lock(&t->lock);
	while (t->busy)
		pthread_cond_wait(&t->changed, &t->lock);
	pthread_mutex_unlock(&t->lock);
}

int tallier_finish(struct tallier *t)
{
	uint64_t now = wait_a_moment();
	int err = 0;

	if (!t->running)
		return t->error;
	if (!t->ending) {
		facts_clock(&t->until);
		t->ended_at = mono_now();
	}
	take_all(t, now);
	for (int i = 0; i < TRIES && !err && (t->n_taken || i == 0); i++) {
		now = wait_a_moment();
		err = collect(t, now);
	}
	/* A program that was interrupted for so long: what it has counted so far is better than nothing. */
	for (uint32_t c = 0; c < t->config.session->n_chunks && !err; c++)
		if (t->taken[c])
			err = absorb(t, c);
	if (!err)
		err = collect_rest(t, now);
	wait_for_writer(t);
	t->by_border = true;
	if (!err)
		cut(t);
	stop_writer(t);
	return err ? err : t->error;
}
