/*
 * session.h - the BPF side of a recording: load, attach, choose processes, stop.
 *
 *	struct session session;
 *	session_open(&session, &config);	load and attach; nothing is recorded yet
 *	session_record(&session, tgid);		from now on
 *	... read session.slots, session.chunks (drain.h) ...
 *	session_stop(&session);			no more calls are recorded
 *	session_close(&session);
 *
 * After session_open() nothing here needs a privilege, except session_skipped() and
 * session_run_time() on kernels before 5.19 (CAP_BPF).
 */
#ifndef TRACER_SESSION_H
#define TRACER_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../bpf/ring.h"
#include "capture.h"

struct sysstream_bpf;
struct selection;

#define SESSION_SLOTS 32768 /* threads recorded at once; more are counted as lost */

/* Where the programs are attached. */
enum session_hooks {
	HOOKS_AUTO, /* HOOKS_BTF if programs there run to their end, as far as can be told, otherwise HOOKS_CLASSIC */
	HOOKS_BTF,  /* cheapest */
	HOOKS_CLASSIC, /* run with preemption off on every kernel */
};

/* Names and users, at most RING_NAMES each, that processes are chosen by as they come and change. */
struct session_targets {
	char names[RING_NAMES][RING_COMM]; /* padded with zeros */
	uint32_t users[RING_NAMES];
	size_t n_names, n_users;
};

struct session_config {
	bool all;       /* every process of the machine */
	bool follow;    /* children of recorded processes too */
	bool processes; /* only the lives of processes: their calls cost nothing */
	bool lossless;  /* stop processes when the ring buffers run full */
	bool tally;     /* count calls in the kernel instead of recording them: chunks hold tables (bpf/tally.h) */
	enum session_hooks hooks;
	size_t slots; /* threads at once; rounded up to a power of two */
	size_t ring;  /* bytes of ring buffers; rounded up to a power of two, at most RING_CHUNKS_MAX chunks */
	const struct session_targets *targets; /* or NULL */
	unsigned containers;                   /* processes are chosen by container: 0: no, 1: all, 2: some */
	const uint64_t *groups; /* engine_hash() of names of their control groups, as far as they are known */
	size_t n_groups;        /* at most RING_NAMES */
	const struct selection *selection; /* or NULL: every call */
	struct capture_limits capture;     /* of what arguments point to */
};

struct session {
	struct sysstream_bpf *bpf;
	struct ring_slot *slots;
	void *chunks;
	size_t n_slots, n_chunks, chunk_size; /* chunk_size: bytes from one to the next, see session_chunk() */
	/* In the programs' memory: */
	unsigned char *recorded, *chunk_state;
	uint16_t *free_chunks;
	uint32_t *free_tail;
	const uint32_t *free_head;
	struct ring_place *places; /* [RING_PLACES] */
	bool all, processes, tally;
	bool selects;             /* some calls are left out */
	bool groups;              /* it is noticed when a process comes into another control group */
	enum session_hooks hooks; /* that have been chosen */
	size_t ring_peak;         /* chunks in use at most since session_ring_peak(); session_note_ring() sets it */
	char why[256];            /* they have */
	char error[256];          /* what went wrong, a sentence */
};

/* Calls lost so far, by enum ring_cause, as the programs counted them; and thread facts and captures that found no
 * room. */
struct session_loss {
	uint64_t calls[RING_CAUSES];
	uint64_t facts, texts;
	uint64_t passed; /* calls not wanted that no record tells of: their thread has ended without room for one */
	uint64_t dead_slots;
};

/* session_open() - returns 0, or -errno with session->error set. On failure nothing is left behind. */
int session_open(struct session *session, const struct session_config *config);

/* session_chunk() - one of n_chunks. Of a tally they have TALLY_CHUNK_SIZE bytes, otherwise RING_CHUNK_SIZE. */
static inline struct ring_chunk *session_chunk(const struct session *session, uint32_t chunk)
{
	return (struct ring_chunk *)((unsigned char *)session->chunks + chunk * session->chunk_size);
}

/* session_record() - record this process (a tgid of the initial PID namespace), for this reason (RING_BY_*), from its
 * next call on. */
void session_record(struct session *session, uint32_t tgid, unsigned char reason);
/* session_change() - reasons come and go for a process. session_marks() - those it is recorded for, RING_BY_*. */
void session_change(struct session *session, uint32_t tgid, unsigned char add, unsigned char remove);
unsigned char session_marks(const struct session *session, uint32_t tgid);
/* session_places() - how often an entry of places has been taken: another number says that there are new ones. */
uint32_t session_places(const struct session *session);
/* session_forget() - do not record it (any more). */
void session_forget(struct session *session, uint32_t tgid);
/* session_record_all() - record every process but these two tgids (0: no exception). */
void session_record_all(struct session *session, uint32_t except, uint32_t other);

/* session_held() - the processes that are held back now, at most n of them. Returns how many. */
size_t session_held(const struct session *session, uint32_t *list, size_t n);
/* session_is_held() - one of them. session_let_go() - it is going to be let go on: from now on it may be held again. */
bool session_is_held(const struct session *session, uint32_t tgid);
void session_let_go(struct session *session, uint32_t tgid);

/* session_holds() - how often a process has been held back. */
uint64_t session_holds(const struct session *session);

/* session_processes() - recorded processes that are alive. Meaningless for a session of all. */
int64_t session_processes(const struct session *session);

void session_loss(const struct session *session, struct session_loss *loss);

/* session_skipped() - runs of the two system call programs that the kernel skipped (recursion_misses): entry and exit.
 */
int session_skipped(const struct session *session, uint64_t *entry, uint64_t *exit);

/* session_life() - processes among those recorded that have begun and ended so far. Of a tally only. */
void session_life(const struct session *session, uint64_t *began, uint64_t *ended);

/*
 * session_run_time() - ns that the programs on the hooks have run for, on all processors, as far as the kernel counts
 * it (kernel.bpf_stats_enabled): 0 where it does not, or does not say.
 */
uint64_t session_run_time(const struct session *session);

/*
 * session_give_chunk() - put a chunk that is free again into the queue. session_sweep_chunks() - put those there that
 * are nobody's; queued: room for a mark for each chunk.
 */
void session_give_chunk(struct session *session, uint32_t chunk);
void session_sweep_chunks(struct session *session, bool *queued);

/*
 * session_note_ring() - look how many chunks are in use; called at each look, before chunks are given back.
 * session_ring_peak() - the most of them since it was asked last. Any one thread.
 */
void session_note_ring(struct session *session);
size_t session_ring_peak(struct session *session);

/* session_queue_length() - how many chunks are in the queue. */
uint32_t session_queue_length(const struct session *session);

/* session_abi() - the ABI (enum sst_abi) that a class of system call entry means on this machine. */
unsigned session_abi(enum ring_class class);

/* session_program_fd() - a file descriptor of one of the programs, to try out what may be done with it. */
int session_program_fd(const struct session *session);

/* session_stop() - close the gate: calls that begin or end from now on are not recorded. */
void session_stop(struct session *session);

/* session_close() - detach and free. Chunks and slots are gone. */
void session_close(struct session *session);

#endif
