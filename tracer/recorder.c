#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "../format/abi.h"
#include "array.h"
#include "facts.h"
#include "recorder.h"
#include "targets.h"

#define MS          1000000ull
#define TICK        (5 * MS) /* between two looks at the ring buffers: at 3 million calls a second they fill in 200 ms */
#define IDLE_TICK   (20 * MS)  /* when the last look found nothing */
#define HOLD        (1 * MS)   /* a cut is that long ago: most calls under way then have ended by now */
#define BATCH_BYTES (7u << 19) /* a frame of some 65,000 calls */
#define LEVEL       1          /* of zstd: 3 is 3 % smaller and costs 40 % more */

static uint64_t mono_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static const int end_signals[] = {SIGINT, SIGTERM, SIGHUP};

static void wait_set(sigset_t *set)
{
	sigemptyset(set);
	for (size_t i = 0; i < sizeof(end_signals) / sizeof(*end_signals); i++)
		sigaddset(set, end_signals[i]);
	sigaddset(set, SIGCHLD);
}

void recorder_block_signals(void)
{
	sigset_t set;

	wait_set(&set);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
}

/* Sleep for ns, or until a signal. Returns its number, or 0. */
static int wait_tick(uint64_t ns)
{
	struct timespec t = {.tv_sec = (time_t)(ns / 1000000000u), .tv_nsec = (long)(ns % 1000000000u)};
	sigset_t set;
	int sig;

	wait_set(&set);
	sig = sigtimedwait(&set, NULL, &t);
	return sig > 0 ? sig : 0;
}

/* --- beginning
 * -------------------------------------------------------------------------------------------------------- */

static int write_meta(struct recorder *recorder, int argc, char **argv, const char *targets)
{
	struct sst_meta meta = {0};
	int err;

	facts_clock(&recorder->start);
	err = facts_begin(&meta, argc, argv, targets, &recorder->start);
	if (!err)
		err = sst_writer_meta(recorder->writer, &meta);
	sst_meta_clear(&meta);
	return err;
}

int recorder_begin(struct recorder *recorder, int argc, char **argv, const char *targets)
{
	struct sst_sink sink = {.write = output_write, .context = recorder->output};
	uint8_t uuid[16];

	if (getrandom(uuid, sizeof(uuid), 0) != sizeof(uuid))
		return -EIO;
	pthread_mutex_init(&recorder->sync_lock, NULL);
	pthread_cond_init(&recorder->sync_changed, NULL);
	recorder->writer = sst_writer_new(&sink, uuid, LEVEL);
	recorder->drain = drain_new(recorder->session);
	if (!recorder->writer || !recorder->drain)
		return -ENOMEM;
	return write_meta(recorder, argc, argv, targets);
}

/* Which ABI a process uses by default, from the ELF class of its program; /proc does not tell it of a call. */
static bool is_32bit(pid_t pid)
{
	unsigned char ident[EI_NIDENT] = {0};
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/exe", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	if (read(fd, ident, sizeof(ident)) != sizeof(ident))
		ident[EI_CLASS] = 0;
	close(fd);
	return ident[EI_CLASS] == ELFCLASS32;
}

struct found {
	struct recorder *recorder;
	pid_t pid;
	bool is_32bit;
};

static void set_call(struct framer_open *open, const struct found *found, const struct thread *thread)
{
	enum ring_class class = found->is_32bit ? RING_COMPAT : RING_NATIVE;

	open->nr = (uint32_t)thread->nr;
#if defined(__x86_64__)
	if (class == RING_NATIVE && (thread->nr & 0x40000000)) {
		class = RING_X32;
		open->nr &= ~0x40000000u;
	}
#endif
	open->abi = (uint8_t)session_abi(class);
	memcpy(open->arg, thread->arg, sizeof(open->arg));
}

/* The gate is open: a thread of which the programs have not heard since has been in this call from before. */
static int found_thread(const struct thread *thread, void *context)
{
	struct found *found = context;
	struct recorder *recorder = found->recorder;
	struct framer_open *open;

	if (thread->place != THREAD_IN_CALL || drain_has_begun(recorder->drain, (uint32_t)thread->tid))
		return 0;
	if (ARRAY_GROW(recorder->open, recorder->cap_open, recorder->n_open + 1))
		return -ENOMEM;
	open = &recorder->open[recorder->n_open++];
	memset(open, 0, sizeof(*open));
	open->pid = (uint32_t)found->pid;
	open->tid = (uint32_t)thread->tid;
	set_call(open, found, thread);
	open->comm_len = (uint8_t)thread->comm_len;
	memcpy(open->comm, thread->comm, thread->comm_len);
	return 0;
}

int recorder_found(struct recorder *recorder, pid_t pid)
{
	struct found found = {.recorder = recorder, .pid = pid, .is_32bit = is_32bit(pid)};
	int n = targets_threads(pid, found_thread, &found);

	return n == -ENOMEM ? n : 0;
}

int recorder_found_all(struct recorder *recorder, pid_t except)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	int err = 0;

	if (!proc)
		return 0;
	while (!err && (entry = readdir(proc))) {
		pid_t pid = atoi(entry->d_name);

		if (pid > 0 && pid != except)
			err = recorder_found(recorder, pid);
	}
	closedir(proc);
	return err;
}

/* --- stable storage
 * --------------------------------------------------------------------------------------------------- */

static void *sync_main(void *context)
{
	struct recorder *recorder = context;
	uint64_t synced = 0;

	pthread_mutex_lock(&recorder->sync_lock);
	while (!recorder->sync_finish) {
		struct timespec until;
		struct framer_totals totals;

		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += (long)(recorder->sync % 1000000000u);
		until.tv_sec += (time_t)(recorder->sync / 1000000000u) + until.tv_nsec / 1000000000;
		until.tv_nsec %= 1000000000;
		pthread_cond_timedwait(&recorder->sync_changed, &recorder->sync_lock, &until);
		pthread_mutex_unlock(&recorder->sync_lock);
		framer_totals(recorder->framer, &totals);
		int err = totals.bytes != synced ? output_sync(recorder->output) : 0;

		synced = totals.bytes;
		pthread_mutex_lock(&recorder->sync_lock);
		if (err)
			recorder->sync_error = err;
	}
	pthread_mutex_unlock(&recorder->sync_lock);
	return NULL;
}

static int start_syncer(struct recorder *recorder)
{
	int err;

	if (!recorder->sync || !recorder->output->regular)
		return 0;
	err = -pthread_create(&recorder->syncer, NULL, sync_main, recorder);
	recorder->syncing = !err;
	return err;
}

static int sync_error(struct recorder *recorder)
{
	int err;

	pthread_mutex_lock(&recorder->sync_lock);
	err = recorder->sync_error;
	pthread_mutex_unlock(&recorder->sync_lock);
	return err;
}

static void stop_syncer(struct recorder *recorder)
{
	if (!recorder->syncing)
		return;
	pthread_mutex_lock(&recorder->sync_lock);
	recorder->sync_finish = true;
	pthread_cond_signal(&recorder->sync_changed);
	pthread_mutex_unlock(&recorder->sync_lock);
	pthread_join(recorder->syncer, NULL);
	recorder->syncing = false;
}

/* --- running
 * ---------------------------------------------------------------------------------------------------------- */

int recorder_start(struct recorder *recorder)
{
	int err;

	recorder->offset = recorder->start.boot - recorder->start.mono;
	recorder->framer = framer_new(recorder->writer, recorder->offset);
	if (!recorder->framer)
		return -ENOMEM;
	err = framer_begin(recorder->framer, recorder->open, recorder->n_open, recorder->start.mono);
	if (!err)
		err = framer_start(recorder->framer);
	if (!err)
		err = start_syncer(recorder);
	recorder->last_cut = mono_now();
	recorder->batch = framer_take(recorder->framer, true);
	return err;
}

/* Boot time runs on in a suspend, the records' clock does not. Within a millisecond the two are the same reading. */
static int watch_clocks(struct recorder *recorder, struct batch *batch)
{
	struct sst_clock clock;
	uint64_t offset;

	facts_clock(&clock);
	offset = clock.boot - clock.mono;
	batch->clock = clock;
	if (offset - recorder->offset + MS < 2 * MS)
		return 0;
	recorder->offset = offset;
	return batch_clock(batch, clock.mono, offset);
}

static void count_nobodys(struct recorder *recorder, struct batch *batch)
{
	struct session_loss loss;
	uint64_t entry = 0, exit = 0, skipped;

	session_loss(recorder->session, &loss);
	batch->lost_threads = loss.calls[RING_CAUSE_THREADS] - recorder->seen_threads;
	recorder->seen_threads += batch->lost_threads;
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

/* docs/design.md, section 2: everything that began up to cut goes into this batch, complete or pending. */
static int cut_batch(struct recorder *recorder, uint64_t cut)
{
	struct batch *batch = recorder->batch;
	int err = drain_snapshot(recorder->drain, cut, batch);
	long n = err ? err : drain_collect(recorder->drain, batch, mono_now());

	if (n < 0)
		return (int)n;
	batch->cut = cut;
	count_nobodys(recorder, batch);
	err = drain_retire(recorder->drain, batch);
	framer_give(recorder->framer, batch);
	recorder->batch = NULL;
	recorder->last_cut = mono_now();
	return err;
}

/* One look at the ring buffers. Returns the bytes found, or -errno. Without an empty batch the ring buffers have to
 * wait. */
static long look(struct recorder *recorder)
{
	uint64_t now = mono_now();
	long n;
	int err;

	if (!recorder->batch)
		recorder->batch = framer_take(recorder->framer, false);
	if (!recorder->batch)
		return 1;
	n = drain_collect(recorder->drain, recorder->batch, mono_now());
	if (n < 0)
		return n;
	err = watch_clocks(recorder, recorder->batch);
	if (!err &&
	    (recorder->batch->len >= BATCH_BYTES || now - recorder->last_cut >= recorder->flush - recorder->flush / 10))
		err = cut_batch(recorder, now - HOLD);
	return err ? err : n;
}

void recorder_figures(struct recorder *recorder, struct figures *figures)
{
	struct framer_totals totals;

	memset(figures, 0, sizeof(*figures));
	framer_totals(recorder->framer, &totals);
	figures->events = totals.events;
	figures->bytes = recorder->output->written;
	for (int i = 0; i < SST_CAUSE_COUNT; i++) {
		figures->lost_by_cause[i] = totals.lost[i];
		figures->lost += totals.lost[i];
	}
	figures->cpu = facts_cpu();
}

static const char *signal_reason(int sig)
{
	switch (sig) {
	case SIGINT:
		return "signal INT";
	case SIGTERM:
		return "signal TERM";
	case SIGHUP:
		return "signal HUP";
	default:
		return NULL;
	}
}

/* Why the recording should end now, or NULL. */
static const char *end_reason(struct recorder *recorder, int sig, uint64_t began)
{
	bool ended = recorder->command && recorder->command->pid && command_poll(recorder->command);

	if (signal_reason(sig))
		return signal_reason(sig);
	recorder->error = framer_error(recorder->framer);
	if (!recorder->error)
		recorder->error = sync_error(recorder);
	if (recorder->error)
		return "write error";
	if (recorder->duration && mono_now() - began >= recorder->duration)
		return "duration";
	if (recorder->all)
		return ended ? "command ended" : NULL;
	return session_processes(recorder->session) <= 0 ? "targets gone" : NULL;
}

void recorder_run(struct recorder *recorder)
{
	uint64_t began = mono_now(), tick = TICK;
	struct figures figures;

	while (!recorder->reason) {
		int sig = wait_tick(tick);
		long n = look(recorder);

		tick = n ? TICK : IDLE_TICK;
		recorder->reason = end_reason(recorder, sig, began);
		if (n < 0) {
			recorder->error = (int)n;
			recorder->reason = "no memory";
		}
		if (recorder->status.terminal) {
			recorder_figures(recorder, &figures);
			status_live(&recorder->status, &figures);
		}
	}
}

/* --- the end
 * ---------------------------------------------------------------------------------------------------------- */

/* The gate is closed; programs that were under way end within microseconds. */
static int drain_rest(struct recorder *recorder)
{
	int err;
	long n;

	if (!recorder->batch)
		recorder->batch = framer_take(recorder->framer, true);
	wait_tick(2 * MS);
	n = drain_collect(recorder->drain, recorder->batch, mono_now());
	if (n < 0)
		return (int)n;
	err = watch_clocks(recorder, recorder->batch);
	if (!err)
		err = drain_lost_at_end(recorder->drain, recorder->batch);
	return err ? err : cut_batch(recorder, mono_now());
}

static int write_end(struct recorder *recorder)
{
	struct framer_totals totals;
	struct sst_meta meta = {0};
	int err;

	framer_totals(recorder->framer, &totals);
	err = facts_end(&meta, &totals, recorder->reason, facts_cpu());
	if (!err)
		err = sst_writer_end(recorder->writer, &meta);
	sst_meta_clear(&meta);
	return err;
}

int recorder_end(struct recorder *recorder)
{
	int err, end_err;

	session_stop(recorder->session);
	err = drain_rest(recorder);
	if (!err)
		err = framer_finish(recorder->framer);
	else
		framer_finish(recorder->framer);
	if (err)
		recorder->reason = "write error";
	stop_syncer(recorder);
	/* Even after a failed write: a full disk often has room for these few hundred bytes. */
	end_err = write_end(recorder);
	if (!err)
		err = end_err;
	if (!err && recorder->sync)
		err = output_sync(recorder->output);
	return recorder->error ? recorder->error : err;
}

void recorder_free(struct recorder *recorder)
{
	if (recorder->framer)
		framer_finish(recorder->framer);
	framer_free(recorder->framer);
	drain_free(recorder->drain);
	sst_writer_free(recorder->writer);
	free(recorder->open);
}
