#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "facts.h"
#include "message.h"
#include "recorder.h"
#include "select.h"
#include "signals.h"
#include "tallier.h"
#include "view.h"

#define MS          1000000ull
#define TICK        (5 * MS) /* between two looks at the ring buffers: at 3 million calls a second they fill in 200 ms */
#define IDLE_TICK   (20 * MS)  /* when the last look found nothing */
#define TICK_LEAST  (MS / 2)   /* with ring buffers that fill sooner than that */
#define CHUNK_TIME  (MS / 50)  /* a third of the time in which one chunk fills, at that rate */
#define HOLD        (1 * MS)   /* a cut is that long ago: most calls under way then have ended by now */
#define BATCH_CALLS 60000      /* of a frame that is full, but for what the last look found */
#define BATCH_LEAST (1u << 20) /* bytes */
#define BATCH_BYTES (7u << 19) /* of the first ones */
#define BATCH_MOST  (1u << 23)
#define ROOM        (1000 * MS) /* between two looks at the free space, when little is written */
#define STEP        (10 * MS)   /* of the wall clock: more is not drift */

/* --- beginning ------------------------------------------------------------------------------------------- */

static int write_meta(struct recorder *recorder, int argc, char **argv, const char *targets)
{
	struct sst_meta meta = {0};
	char filter[1024] = "";
	int err;

	if (recorder->selection)
		selection_describe(recorder->selection, filter, sizeof(filter));
	facts_clock(&recorder->start);
	err = facts_begin(&meta, argc, argv, targets, filter, &recorder->start);
	if (!err)
		err = recorder->tally ? sst_meta_set_u64(&meta, "tally", recorder->tally) : 0;
	if (!err)
		err = parts_begin(recorder->parts, &meta);
	sst_meta_clear(&meta);
	return err;
}

/* What the recording costs, for the parts: the writer's thread asks. */
static void tell_health(void *context, struct sst_health *health)
{
	struct recorder *recorder = context;

	health->cpu_ns = facts_cpu();
	health->run_ns = session_run_time(recorder->session);
	health->ring = recorder->session->n_chunks * recorder->session->chunk_size;
	health->ring_used = session_ring_peak(recorder->session) * recorder->session->chunk_size;
}

static struct tallier *new_tallier(const struct recorder *recorder)
{
	return tallier_new(&(struct tallier_config){.session = recorder->session,
						    .parts = recorder->parts,
						    .selection = recorder->selection,
						    .interval = recorder->tally,
						    .can_skip = true,
						    .containers = recorder->containers});
}

/* What of the processes that exist is to be noted. Of a tally nothing: calls are counted when they return. */
static void prepare_found(struct recorder *recorder)
{
	recorder->found.drain = recorder->drain;
	recorder->found.selection = recorder->selection;
	recorder->found.tasks = recorder->tasks;
	recorder->found.containers = recorder->containers;
	recorder->found.calls = !recorder->tally && !recorder->processes;
	recorder->found.files = !recorder->tally && recorder->snapshots;
}

int recorder_begin(struct recorder *recorder, int argc, char **argv, const char *targets)
{
	recorder->parts->health = tell_health;
	recorder->parts->health_context = recorder;
	if (recorder->tally)
		recorder->tallier = new_tallier(recorder);
	else
		recorder->drain = drain_new(recorder->session);
	if (!recorder->drain && !recorder->tallier)
		return -ENOMEM;
	prepare_found(recorder);
	return write_meta(recorder, argc, argv, targets);
}

/* --- running --------------------------------------------------------------------------------------------- */

/* When the last interval of a tally ends; 0: not known. */
static uint64_t tally_end(const struct recorder *recorder, uint64_t now)
{
	uint64_t end = recorder->intervals ? now + recorder->intervals * recorder->tally : 0;

	if (recorder->duration && (!end || now + recorder->duration < end))
		end = now + recorder->duration;
	return end;
}

static int start_syncer(struct recorder *recorder)
{
	if (!recorder->sync || !recorder->parts->output->regular)
		return 0;
	return syncer_start(&recorder->syncer, recorder->parts, recorder->sync);
}

static int start_tally(struct recorder *recorder)
{
	uint64_t now = mono_now();
	int err;

	recorder->tally_end = tally_end(recorder, now);
	err = tallier_start(recorder->tallier, now, recorder->tally_end);
	return err ? err : start_syncer(recorder);
}

/* What was found at the beginning, before the first batch. */
static int frame_found(struct recorder *recorder)
{
	struct found *found = &recorder->found;
	int err = framer_begin(recorder->framer, found->open, found->n_open, recorder->start.mono);

	for (size_t i = 0; i < found->snapshot.n && !err; i++)
		err = framer_opens(recorder->framer, found->snapshot.frames[i]);
	snapshot_free(&found->snapshot);
	return err;
}

int recorder_start(struct recorder *recorder)
{
	int err;

	if (recorder->tally)
		return start_tally(recorder);
	recorder->offset = recorder->start.boot - recorder->start.mono;
	recorder->clock = recorder->start;
	recorder->framer = framer_new(recorder->parts, recorder->containers, recorder->offset, recorder->processes);
	if (!recorder->framer)
		return -ENOMEM;
	err = frame_found(recorder);
	if (!err)
		err = framer_start(recorder->framer);
	if (!err)
		err = start_syncer(recorder);
	recorder->last_cut = recorder->last_room = mono_now();
	recorder->batch_bytes = BATCH_BYTES;
	if (!err)
		recorder->batch = framer_take(recorder->framer, true);
	return err;
}

/* Has the wall clock been set between the two? It goes as much as a tenth faster or slower to catch up. */
static bool has_stepped(const struct sst_clock *before, const struct sst_clock *after)
{
	int64_t step = (after->real - before->real) - (int64_t)(after->boot - before->boot);
	int64_t slew = (int64_t)(after->boot - before->boot) / 8 + STEP;

	return step > slew || step < -slew;
}

/*
 * The reading of the clocks that comes with the next frame. Where the wall clock has been set, that of the look before:
 * the frame is then cut at once, so that all of its calls have the wall time that they were made at.
 *
 * Boot time runs on in a suspend, the records' clock does not. Within a millisecond the two are the same reading. All
 * processes are stopped for a while before and after, so that half way between two looks nothing is recorded.
 */
static int watch_clocks(struct recorder *recorder, struct batch *batch)
{
	struct sst_clock before = recorder->clock, now;
	uint64_t offset;

	facts_clock(&now);
	offset = now.boot - now.mono;
	recorder->clock = now;
	recorder->has_stepped = has_stepped(&before, &now);
	batch->clock = recorder->has_stepped ? before : now;
	if (offset - recorder->offset + MS < 2 * MS)
		return 0;
	recorder->offset = offset;
	return batch_clock(batch, before.mono + (now.mono - before.mono) / 2, offset);
}

static void count_nobodys(struct recorder *recorder, struct batch *batch)
{
	struct session_loss loss;
	uint64_t entry = 0, exit = 0, skipped;

	session_loss(recorder->session, &loss);
	batch->lost_threads = loss.calls[RING_CAUSE_THREADS] - recorder->seen_threads;
	recorder->seen_threads += batch->lost_threads;
	batch->passed += loss.passed - recorder->seen_passed;
	recorder->seen_passed = loss.passed;
	batch->lost_texts = loss.texts - recorder->seen_texts;
	recorder->seen_texts = loss.texts;
	if (!recorder->can_skip || session_skipped(recorder->session, &entry, &exit))
		return;
	/* A skipped exit whose entry was seen is a gap of its thread; one whose entry was skipped too leaves no other
	 * trace. */
	skipped = exit > loss.calls[RING_CAUSE_SKIPPED] ? exit - loss.calls[RING_CAUSE_SKIPPED] : 0;
	if (skipped <= recorder->seen_skipped)
		return;
	batch->lost_skipped = skipped - recorder->seen_skipped;
	recorder->seen_skipped = skipped;
}

/* Calls that may turn out not to be wanted are rows only once they have ended. */
static bool has_open_rows(const struct recorder *recorder)
{
	return !recorder->selection || (!recorder->selection->failed && !recorder->selection->slower);
}

/* How large the next batch should get: as far as the last calls tell. The larger a frame, the less a call takes in it.
 */
static void size_batch(struct recorder *recorder)
{
	struct framer_totals totals;
	uint64_t calls, bytes;

	framer_totals(recorder->framer, &totals);
	calls = totals.calls - recorder->seen_calls;
	bytes = totals.bytes - recorder->seen_bytes;
	if (calls < BATCH_CALLS / 8)
		return;
	recorder->seen_calls = totals.calls;
	recorder->seen_bytes = totals.bytes;
	bytes = bytes * BATCH_CALLS / calls;
	recorder->batch_bytes = bytes < BATCH_LEAST ? BATCH_LEAST : bytes > BATCH_MOST ? BATCH_MOST : bytes;
}

/* docs/design.md, section 2: everything that began up to cut goes into this batch, complete or pending. */
static int cut_batch(struct recorder *recorder, uint64_t cut)
{
	struct batch *batch = recorder->batch;
	int err = has_open_rows(recorder) ? drain_snapshot(recorder->drain, cut, batch) : 0;
	long n = err ? err : drain_collect(recorder->drain, batch, mono_now());

	if (n < 0)
		return (int)n;
	batch->cut = cut;
	count_nobodys(recorder, batch);
	err = drain_retire(recorder->drain, batch);
	framer_give(recorder->framer, batch);
	recorder->batch = NULL;
	size_batch(recorder);
	recorder->last_cut = mono_now();
	return err;
}

/* The thread that writes looks after the free space too, before each frame. When there are few, a cut calls it. */
static bool room_is_low(struct recorder *recorder, uint64_t now)
{
	if (now - recorder->last_room < ROOM)
		return false;
	recorder->last_room = now;
	return parts_low(recorder->parts);
}

/* A tenth of the time is for framing and writing, and up to a tick passes before a cut that is due. */
static uint64_t cut_interval(const struct recorder *recorder)
{
	uint64_t rest = recorder->flush / 10 + recorder->idle_tick;

	return recorder->flush > rest ? recorder->flush - rest : 0;
}

/* Too many threads for the ring buffers to hold all of them back in time. */
static void warn_of_threads(struct recorder *recorder)
{
	size_t threads = drain_threads(recorder->drain), chunks = recorder->session->n_chunks;

	if (recorder->is_tight || 2 * threads <= chunks)
		return;
	recorder->is_tight = true;
	warn("%zu threads share %zu KiB of ring buffers: calls may be lost all the same; --ring-size=%zuM would do",
	     threads, chunks * RING_CHUNK_SIZE / 1024, threads * 8 * RING_CHUNK_SIZE / 1048576 + 1);
}

/* The ring buffers have been emptied since these processes were held back: they go on. */
static int let_go_on(struct recorder *recorder, const uint32_t *held, size_t n)
{
	uint64_t holds = session_holds(recorder->session);

	if (!n && holds == recorder->seen_holds)
		return 0;
	recorder->seen_holds = holds;
	warn_of_threads(recorder);
	return release_these(recorder->release, held, n);
}

/* One look at the ring buffers. Returns the bytes found, or -errno. Without an empty batch the ring buffers have to
 * wait. */
static long look(struct recorder *recorder)
{
	uint64_t now = mono_now();
	uint32_t held[RELEASE_MOST];
	size_t n_held;
	long n;
	int err;

	if (!recorder->batch)
		recorder->batch = framer_take(recorder->framer, false);
	if (!recorder->batch)
		return 1;
	n_held = recorder->release ? session_held(recorder->session, held, RELEASE_MOST) : 0;
	n = drain_collect(recorder->drain, recorder->batch, mono_now());
	if (n < 0)
		return n;
	err = watch_clocks(recorder, recorder->batch);
	if (!err && recorder->release)
		err = let_go_on(recorder, held, n_held);
	if (!err && (drain_is_low(recorder->drain) || drain_has_dead(recorder->drain)))
		err = drain_retire(recorder->drain, recorder->batch);
	if (!err &&
	    (recorder->batch->len >= recorder->batch_bytes || now - recorder->last_cut >= cut_interval(recorder) ||
	     recorder->has_stepped || room_is_low(recorder, now)))
		err = cut_batch(recorder, now - HOLD);
	return err ? err : n;
}

static void tally_totals(struct recorder *recorder, struct framer_totals *totals)
{
	struct tallier_figures tallied;

	tallier_figures(recorder->tallier, &tallied);
	totals->events = tallied.calls;
	memcpy(totals->lost, tallied.lost, sizeof(totals->lost));
}

void recorder_figures(struct recorder *recorder, struct figures *figures)
{
	struct framer_totals totals;

	memset(figures, 0, sizeof(*figures));
	if (recorder->tally)
		tally_totals(recorder, &totals);
	else
		framer_totals(recorder->framer, &totals);
	figures->events = totals.events;
	figures->bytes = parts_bytes(recorder->parts);
	for (int i = 0; i < SST_CAUSE_COUNT; i++) {
		figures->lost_by_cause[i] = totals.lost[i];
		figures->lost += totals.lost[i];
	}
	figures->cpu = facts_cpu();
}

static bool has_lost(const struct recorder *recorder)
{
	struct session_loss loss;
	uint64_t sum = 0;

	session_loss(recorder->session, &loss);
	for (int i = 0; i < RING_CAUSES; i++)
		sum += loss.calls[i];
	return sum > 0;
}

/* Why the recording should end now, or NULL. */
static const char *end_reason(struct recorder *recorder, int sig, uint64_t began)
{
	bool ended = recorder->command && recorder->command->pid && command_poll(recorder->command);

	if (signals_reason(sig))
		return signals_reason(sig);
	if (sig == SIGCHLD && recorder->view && view_has_ended(recorder->view))
		return "view ended";
	recorder->error = recorder->tally ? tallier_error(recorder->tallier) : framer_error(recorder->framer);
	if (!recorder->error)
		recorder->error = syncer_error(&recorder->syncer);
	if (recorder->error)
		return "write error";
	if (parts_error(recorder->parts))
		return parts_reason(recorder->parts);
	if (recorder->stop_on_loss && has_lost(recorder))
		return "events were lost";
	if (recorder->tally_end && mono_now() >= recorder->tally_end)
		return recorder->duration ? "duration" : "intervals";
	if (recorder->duration && mono_now() - began >= recorder->duration)
		return "duration";
	if (recorder->all)
		return ended ? "command ended" : NULL;
	return session_processes(recorder->session) <= 0 ? REASON_GONE : NULL;
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Between two looks while there is something to see: small ring buffers want more of them. */
static uint64_t busy_tick(const struct recorder *recorder)
{
	uint64_t tick = least(TICK, recorder->session->n_chunks * CHUNK_TIME);

	return tick > TICK_LEAST ? tick : TICK_LEAST;
}

/* One look, whatever is done with what it finds. tick: until the next. Returns 0 or -errno. */
static int look_once(struct recorder *recorder, uint64_t *tick)
{
	long n;

	if (recorder->containers && containers_look(recorder->containers) && recorder->mark)
		recorder->mark(recorder->mark_context);
	if (recorder->tally) {
		int err = tallier_look(recorder->tallier, mono_now());

		*tick = tallier_pause(recorder->tallier, mono_now());
		return err;
	}
	n = look(recorder);
	*tick = n ? least(recorder->idle_tick, busy_tick(recorder)) : recorder->idle_tick;
	return n < 0 ? (int)n : 0;
}

void recorder_run(struct recorder *recorder)
{
	uint64_t began = mono_now(), busy = busy_tick(recorder), tick;
	struct figures figures;

	/* A short --flush wants more looks. */
	recorder->idle_tick = least(recorder->flush / 5, IDLE_TICK / TICK * busy);
	tick = least(recorder->idle_tick, busy);
	while (!recorder->reason) {
		int sig = signals_wait(tick), err = look_once(recorder, &tick);

		if (sig == SIGTSTP) {
			view_wait_stopped(recorder->view);
			raise(SIGSTOP);
		}
		recorder->reason = end_reason(recorder, sig, began);
		if (err) {
			recorder->error = err;
			recorder->reason = "no memory";
		}
		if (recorder->status.terminal) {
			recorder_figures(recorder, &figures);
			status_live(&recorder->status, &figures);
		}
	}
}

/* --- the end --------------------------------------------------------------------------------------------- */

/* The gate is closed; programs that were under way end within microseconds. */
static int drain_rest(struct recorder *recorder)
{
	int err;
	long n;

	if (!recorder->batch)
		recorder->batch = framer_take(recorder->framer, true);
	signals_wait(2 * MS);
	n = drain_collect(recorder->drain, recorder->batch, mono_now());
	if (n < 0)
		return (int)n;
	err = watch_clocks(recorder, recorder->batch);
	if (!err)
		err = drain_rest_at_end(recorder->drain, recorder->batch, has_open_rows(recorder));
	return err ? err : cut_batch(recorder, mono_now());
}

static const char *error_reason(const struct recorder *recorder, int err, char *text, size_t size)
{
	if (!err)
		return recorder->reason;
	snprintf(text, size, "%s: %s", err == -ENOMEM ? "no memory" : "write error", strerror(-err));
	return text;
}

/* What the ends of intervals have cost at most. */
static void tell_times(struct recorder *recorder)
{
	struct tallier_figures figures;

	tallier_figures(recorder->tallier, &figures);
	if (figures.intervals)
		detail("%" PRIu64 " intervals; the longest end of one: %.3f ms to take the tables away, %.3f ms until "
		       "they were added up, %.3f ms to write",
		       figures.intervals, (double)figures.longest_take / 1e6, (double)figures.longest_add / 1e6,
		       (double)figures.longest_write / 1e6);
}

int recorder_end(struct recorder *recorder)
{
	char reason[128];
	int rest_err, end_err = 0, err;

	session_stop(recorder->session);
	signals_leave_at_once();
	if (recorder->tally)
		tell_times(recorder);
	rest_err = recorder->tally ? tallier_finish(recorder->tallier) : drain_rest(recorder);
	err = recorder->tally ? 0 : framer_finish(recorder->framer);
	syncer_stop(&recorder->syncer);
	if (!err)
		err = rest_err ? rest_err : recorder->error;
	if (!err)
		err = syncer_error(&recorder->syncer);
	/* An end that does not tell what is missing would be a lie: without it, the file is seen to be cut short. */
	if (!rest_err && (recorder->tally || framer_is_accounted(recorder->framer)))
		end_err = parts_end(recorder->parts, error_reason(recorder, err, reason, sizeof(reason)), facts_cpu());
	if (!err)
		err = end_err;
	if (!err && recorder->sync)
		err = parts_sync(recorder->parts);
	return err;
}

void recorder_free(struct recorder *recorder)
{
	if (!recorder->drain && !recorder->framer && !recorder->tallier)
		return;
	syncer_stop(&recorder->syncer);
	tallier_free(recorder->tallier);
	if (recorder->framer)
		framer_finish(recorder->framer);
	framer_free(recorder->framer);
	drain_free(recorder->drain);
	found_free(&recorder->found);
	*recorder = (struct recorder){0};
}
