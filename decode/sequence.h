/*
 * sequence.h - is every call of every thread there? Checks that the sequence numbers of each thread run on without a
 * hole, rows and gaps together, in bounded memory.
 *
 *	struct sequence *sequence = sequence_new();
 *	sequence_frame(sequence, rows, late);		for each frame of a recording
 *	sequence_end(sequence);				at the end of each recording
 *	... sequence->found
 *	sequence_free(sequence);
 */
#ifndef SYSDECODE_SEQUENCE_H
#define SYSDECODE_SEQUENCE_H

#include <stdbool.h>

#include "format/rows.h"

/* A thread number with calls from one sequence number to another. */
struct stretch {
	uint32_t tid;
	uint32_t detail;   /* private */
	uint64_t from, to; /* inclusive */
};

/* Calls of a thread that are not there. */
struct loss {
	uint64_t seq;         /* of the first; 0: not known */
	uint64_t count;       /* how many */
	uint64_t from, until; /* boot time: between which they were made, as far as is known */
	uint32_t pid, tid;    /* 0: not known */
	uint8_t cause;        /* enum sst_cause, or one of these */
	uint8_t comm_len;
	char comm[SST_COMM_MAX];
};

enum {
	LOSS_COUNTED = 254, /* a hole in the numbers that gaps without a number, or of no known thread, explain */
	LOSS_HOLE = 255,    /* one that nothing explains */
};

struct sequence_found {
	uint64_t threads; /* that have made calls; a number that is used again counts again */
	uint64_t calls;   /* each once, open or complete */
	uint64_t lost_by_cause[SST_CAUSE_COUNT];
	uint64_t missing;   /* calls that neither a row nor a gap accounts for */
	uint64_t twice;     /* calls that two rows, or a row and a gap, claim */
	uint64_t unchecked; /* rows of threads that there was no memory for */
	struct stretch first_missing, first_twice;
	uint64_t excluded;         /* calls that were not selected */
	const struct loss *losses; /* by tid and number; of the last recording, after sequence_end() */
	size_t n_losses;
	uint64_t more_losses; /* there was no room for */
};

struct sequence;

/* The sums over all recordings so far; missing ones only after sequence_end(). */
const struct sequence_found *sequence_found(const struct sequence *sequence);

/* sequence_new() - NULL without memory. */
struct sequence *sequence_new(void);
void sequence_free(struct sequence *sequence);

/* sequence_frame() - count a ROWS or LATE frame: needs the columns time, seq, state and the events. Returns 0 or
 * -ENOMEM. */
int sequence_frame(struct sequence *sequence, const struct sst_rows *rows, bool late);

/*
 * sequence_selected() - before the frames of a recording of selected calls: others are missing between them, and only
 * their number is known. sequence_excluded() - at the end: how many the recorder has counted; what is missing beyond
 * that is missing. Without it the recording has no end, and nothing is.
 */
void sequence_selected(struct sequence *sequence);
void sequence_excluded(struct sequence *sequence, uint64_t calls);

/*
 * sequence_break() - before the next frame something is missing of which nothing is known: threads may have ended and
 * begun there. A gap of cause "cut" says the same. rows: how many calls at least were there.
 */
void sequence_break(struct sequence *sequence, uint64_t rows);

/* sequence_end() - a recording ends. sequence_forget_losses() - then its losses have been used. */
void sequence_end(struct sequence *sequence);
void sequence_forget_losses(struct sequence *sequence);

#endif
