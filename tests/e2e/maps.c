/*
 * maps.c - many short-lived threads and processes leave the programs' maps as they were: no slot, no chunk and no mark
 * is theirs when they are gone. Prints a line a check, like the scripts beside it.
 *
 * It is a recorder without a file: what is recorded and what is lost is counted, and both together must be what was
 * made. A process that goes on living keeps its own slot, chunk and mark.
 */
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "../../tracer/drain.h"
#include "../../tracer/probe.h"
#include "../../tracer/session.h"
#include "../oracle/brief.h"

struct load {
	const char *name;
	long threads, processes, killed;
	size_t chunks;
	long stall_ms; /* the recorder sleeps so long between two looks */
	bool loses;
};

/* In memory that the processes share. */
struct shared {
	int ready, go;
	uint64_t made;
	int err;
};

struct sums {
	uint64_t calls, lost;
};

static struct shared *shared;
static int failures;

static void check(bool holds, const struct load *load, const char *what, uint64_t got, uint64_t wanted)
{
	if (holds)
		printf("ok - %s: %s\n", load->name, what);
	else
		printf("not ok - %s: %s: %" PRIu64 ", not %" PRIu64 "\n", load->name, what, got, wanted);
	failures += !holds;
}

static void nap(long ms)
{
	struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

	nanosleep(&t, NULL);
}

/* --- what is recorded ------------------------------------------------------------------------------------ */

/* The processes: no call from here on before they are told to go. */
static pid_t start(void (*body)(const struct load *), const struct load *load)
{
	pid_t pid = fork();

	if (!pid)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (!pid)
		__atomic_fetch_add(&shared->ready, 1, __ATOMIC_SEQ_CST);
	if (pid)
		return pid;
	while (!__atomic_load_n(&shared->go, __ATOMIC_ACQUIRE))
		;
	body(load);
	call0(SYS_exit_group);
	return 0;
}

/* Processes that storm until they are killed: how many calls they make nobody knows. */
static void kill_some(long n)
{
	for (long i = 0; i < n; i++) {
		pid_t pid = fork();

		while (!pid)
			call0(SYS_getppid);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
}

static void live(const struct load *load)
{
	kill_some(load->killed);
	shared->err = brief_lives(true, load->threads, &shared->made);
	if (!shared->err)
		shared->err = brief_lives(false, load->processes, &shared->made);
	shared->made++; /* exit_group */
}

static void stay(const struct load *load)
{
	(void)load;
	call0(SYS_getppid);
	for (;;)
		call(SYS_pause, 0, 0, 0, 0, 0, 0);
}

/* --- the recorder ---------------------------------------------------------------------------------------- */

static void count_piece(const struct batch *batch, const struct drain_piece *piece, struct sums *sums)
{
	const unsigned char *record = batch->data + piece->offset, *end = record + piece->len;

	for (; record < end; record += drain_record_size(record)) {
		sums->calls += (record[0] & 15) == RING_CALL;
		if (record[0] == RING_GAP)
			sums->lost += ((const struct ring_gap *)(const void *)record)->count;
	}
}

/* Without a framer the threads that are over are nobody's. */
static void count(struct batch *batch, pid_t without, struct sums *sums)
{
	for (size_t i = 0; i < batch->n_pieces; i++)
		if (batch->pieces[i].thread->tid != (uint32_t)without)
			count_piece(batch, &batch->pieces[i], sums);
	for (size_t i = 0; i < batch->n_dead; i++)
		sums->lost += batch->dead[i].count;
	for (size_t i = 0; i < batch->n_over; i++)
		free(batch->over[i]);
	batch_clear(batch);
}

static int look(struct drain *drain, struct batch *batch)
{
	struct timespec t;
	long n;

	clock_gettime(CLOCK_MONOTONIC, &t);
	n = drain_collect(drain, batch, (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec);
	return n < 0 ? (int)n : drain_retire(drain, batch);
}

static int record(struct session *session, const struct load *load, pid_t loaded, pid_t stays, struct sums *sums)
{
	struct drain *drain = drain_new(session);
	struct batch batch = {0};
	bool over = false;
	int err = drain ? 0 : -ENOMEM;

	__atomic_store_n(&shared->go, 1, __ATOMIC_RELEASE);
	/* A second and more, in which chunks that nobody has are found. */
	for (int after = 0; after < 120 && !err; after += over) {
		over = over || waitpid(loaded, NULL, WNOHANG) == loaded;
		nap(over ? 10 : load->stall_ms);
		err = look(drain, &batch);
		count(&batch, stays, sums);
	}
	drain_free(drain);
	batch_free(&batch);
	return err;
}

/* --- the maps -------------------------------------------------------------------------------------------- */

static void check_slots(const struct session *session, const struct load *load, pid_t stays)
{
	uint64_t taken = 0, claimed = 0;
	bool is_there = false;

	for (size_t i = 0; i < session->n_slots; i++) {
		taken += session->slots[i].tid != 0;
		claimed += session->slots[i].claims;
		is_there |= session->slots[i].tid == (uint32_t)stays;
	}
	check(taken == 1 && claimed == 1 && is_there, load, "slots taken: that of the process that stays", taken, 1);
}

static void check_chunks(const struct session *session, const struct load *load)
{
	uint32_t head = *session->free_head, tail = *session->free_tail;
	bool *is_free = calloc(session->n_chunks, sizeof(bool));
	uint64_t in_use = 0, missing = 0;

	for (uint32_t i = head; is_free && i != tail; i++)
		is_free[session->free_chunks[i % RING_CHUNKS_MAX] % session->n_chunks] = true;
	for (size_t i = 0; i < session->n_chunks && is_free; i++) {
		bool used = session->chunk_state[i] != RING_FREE;

		in_use += used;
		missing += (!used && !is_free[i]) || session_chunk(session, (uint32_t)i)->claims != (used ? 1 : 0);
	}
	check(is_free && in_use <= 1, load, "chunks in use: at most its own", in_use, 1);
	check(is_free && !missing, load, "each chunk is in use or waits to be taken", missing, 0);
	free(is_free);
}

static void check_marks(const struct session *session, const struct load *load, pid_t stays)
{
	uint64_t marks = 0;

	for (size_t i = 0; i < RING_PID_LIMIT; i++)
		marks += session->recorded[i] != 0;
	check(marks == 1 && session->recorded[stays], load, "processes marked: itself", marks, 1);
	check(session_processes(session) == 1, load, "processes counted", (uint64_t)session_processes(session), 1);
}

static void check_sums(const struct session *session, const struct load *load, struct sums sums)
{
	struct session_loss loss;

	session_loss(session, &loss);
	sums.lost += loss.calls[RING_CAUSE_THREADS];
	check(!shared->err, load, "all could be made", (uint64_t)-shared->err, 0);
	if (!load->killed)
		check(sums.calls + sums.lost == shared->made, load, "recorded + lost = made", sums.calls + sums.lost,
		      shared->made);
	if (load->loses)
		check(sums.lost > 0 && loss.dead_slots > 0, load, "lost, to the last record of threads", sums.lost, 1);
	printf("# %" PRIu64 " recorded, %" PRIu64 " lost, %" PRIu64 " dead slots\n", sums.calls, sums.lost,
	       loss.dead_slots);
}

static int try(const struct load *load, enum session_hooks hooks)
{
	struct session_config config = {
		.follow = true, .hooks = hooks, .slots = SESSION_SLOTS, .ring = load->chunks * RING_CHUNK_SIZE};
	struct session session;
	struct sums sums = {0};
	pid_t loaded, stays;
	int err = session_open(&session, &config);

	if (err) {
		printf("not ok - %s: %s\n", load->name, session.error);
		return 1;
	}
	*shared = (struct shared){0};
	loaded = start(live, load);
	stays = start(stay, load);
	while (__atomic_load_n(&shared->ready, __ATOMIC_ACQUIRE) < 2)
		;
	session_record(&session, (uint32_t)loaded, RING_BY_PID);
	session_record(&session, (uint32_t)stays, RING_BY_PID);
	err = record(&session, load, loaded, stays, &sums);
	check(!err, load, "nothing fails", (uint64_t)-err, 0);
	check_slots(&session, load, stays);
	check_chunks(&session, load);
	check_marks(&session, load, stays);
	check_sums(&session, load, sums);
	session_close(&session);
	kill(stays, SIGKILL);
	waitpid(stays, NULL, 0);
	return 0;
}

int main(void)
{
	static const struct load loads[] = {
		{.name = "100,000 threads", .threads = 100000, .chunks = 4096, .stall_ms = 1},
		{.name = "20,000 processes", .processes = 20000, .chunks = 4096, .stall_ms = 1},
		{.name = "10,000 threads and 3,000 processes, rings of 64 KiB",
		 .threads = 10000,
		 .processes = 3000,
		 .chunks = RING_CHUNKS_MIN,
		 .stall_ms = 20,
		 .loses = true},
		{.name = "1,000 processes killed", .killed = 1000, .threads = 1, .chunks = 256, .stall_ms = 1},
	};

	setvbuf(stdout, NULL, _IONBF, 0);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return 1;
	for (size_t i = 0; i < sizeof(loads) / sizeof(*loads); i++)
		if (try(&loads[i], HOOKS_AUTO))
			return 1;
	if (probe_tracepoint_id("raw_syscalls/sys_enter") > 0) {
		struct load classic = loads[2];

		classic.name = "the same on the classic tracepoints";
		failures += try(&classic, HOOKS_CLASSIC);
	}
	return failures != 0;
}
