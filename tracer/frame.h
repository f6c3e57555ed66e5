/*
 * frame.h - what the files of the framer (framer.h) share; nobody else includes it.
 *
 *	frame_pieces.c		a batch -> for each thread one run of records
 *	frame_rows.c		these records -> rows, gaps and events of the frame in the making
 *	frame_losses.c		frames that cannot be written, calls that no frame has: gaps
 *	framer.c		batch after batch, and the thread that does it
 *
 * All of it runs in the framer's thread, or while there is none.
 */
#ifndef TRACER_FRAME_H
#define TRACER_FRAME_H

#include <pthread.h>

#include "framer.h"
#include "texts.h"

#define BATCHES 3

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
	/* Records: those left over, and all of them with those of the batch. */
	unsigned char *left;
	size_t left_len, left_cap;
	const unsigned char *data; /* in framer->joined; left, or in the batch, where that is all there is */
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
	size_t left_room; /* of all threads */
	/* Runs of records of threads that have them in several pieces. One piece of memory: thousands of them are more
	 * in the holes that they leave behind than in themselves. */
	unsigned char *joined;
	size_t joined_cap;
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

/* A target of rows: those of this frame, or the late ones. */
struct bucket {
	struct framer *framer;
	struct sst_rows *rows;
	uint16_t (*call_index)[RING_NARGS];
	const struct framer_thread *group; /* whose group is open */
	bool group_open;
};

/* Calls of a thread that are missing: seq and on; entry of the first and of the last, or what is known of it. */
struct lost_calls {
	uint64_t seq, count, first, last;
};

/* CLOCK_MONOTONIC to boot time. Nearly always there is one offset: the machine has not been suspended. */
static inline uint64_t frame_boot(const struct framer *framer, uint64_t mono)
{
	size_t i = framer->n_clocks - 1;

	while (i && framer->clocks[i].mono > mono)
		i--;
	return mono + framer->clocks[i].offset;
}

/* frame_pieces.c: chain what the batch has of each thread, then make one run of it: thread->data. 0 or -ENOMEM. */
int frame_chain_pieces(struct framer *framer, const struct batch *batch);
int frame_chain_pending(struct framer *framer, const struct batch *batch);
int frame_join_pieces(struct framer *framer, const struct batch *batch);
/* frame_spare_joined() - when nothing of these runs is needed any more: what there was room for beyond the usual goes
 * back to the system, all of it at once. */
void frame_spare_joined(struct framer *framer);
/* frame_keep_left() - what has not been framed waits for the next batch, outside of this one. 0 or -ENOMEM. */
int frame_keep_left(struct framer *framer, struct framer_thread *thread);
/* frame_forget() - free all of a thread, the drain's part as well: the drain has nothing more of it. */
void frame_forget(struct framer *framer, struct drain_thread *thread);

/* frame_open_call() - this call has an open row now; frame_close_calls() - those before seq are accounted for. */
int frame_open_call(struct framer_thread *thread, uint64_t seq, uint64_t entry);
void frame_close_calls(struct framer_thread *thread, uint64_t seq);
/* frame_last_open() - the number of the thread's last call that has an open row; 0: none. */
uint64_t frame_last_open(const struct framer_thread *thread);

/* frame_rows.c: the thread's records up to cut, then the call it is in, become rows of now or late. 0 or -errno. */
int frame_thread(struct framer *framer, struct framer_thread *thread, uint64_t cut, struct bucket *now,
		 struct bucket *late);
int frame_pending(struct framer *framer, struct framer_thread *thread, uint64_t cut, struct bucket *now,
		  struct bucket *late);
/* frame_is_too_much() - is there more up to cut than one frame can hold? */
bool frame_is_too_much(const struct framer *framer, uint64_t cut);
/* frame_event() - an event of the frame in the making, at mono ns. 0 or -ENOMEM. */
int frame_event(struct framer *framer, unsigned kind, uint64_t mono, uint32_t pid, uint32_t tid, uint64_t a,
		uint64_t b);

/*
 * frame_gap() - calls that are missing, of this thread or of nobody (who: NULL). frame_gap_of() - without those that
 * have open rows: they are known, only what became of them is not. 0 or -ENOMEM.
 */
int frame_gap(struct framer *framer, const struct drain_thread *who, struct lost_calls lost, unsigned cause);
int frame_gap_of(struct framer *framer, const struct drain_thread *who, const struct framer_thread *thread,
		 struct lost_calls lost, unsigned cause);
/* frame_join_gap() - a gap that goes on where the last one of rows ends becomes part of it: true. */
bool frame_join_gap(struct sst_rows *rows, const struct sst_gap *gap);

/* frame_losses.c: write a frame; if that fails, it is the framer's error and the calls are kept as gaps. */
void frame_write(struct framer *framer, struct sst_rows *rows, enum sst_frame_type type, uint64_t cut);
/* frame_set_error() - the first error stays. */
void frame_set_error(struct framer *framer, int err);
/* frame_lose_calls() - so many calls have not become rows and never will. */
void frame_lose_calls(struct framer *framer, uint64_t calls);
/* frame_calls_in() - the calls among these records. */
uint64_t frame_calls_in(const unsigned char *data, size_t len);
/* frame_nobodys() - gaps for the calls that nobody's records tell of. 0 or -ENOMEM. */
int frame_nobodys(struct framer *framer, const struct batch *batch);
/* frame_dead() - gaps for the last calls of threads, those that began after told and up to cut. 0 or -ENOMEM. */
int frame_dead(struct framer *framer, const struct batch *batch, uint64_t told, uint64_t cut);
/* frame_dead_calls() - how many of them are after told. */
uint64_t frame_dead_calls(const struct batch *batch, uint64_t told);
/* frame_account() - once all is over: write what could not be written as gaps, if anything can be written. */
void frame_account(struct framer *framer);

#endif
