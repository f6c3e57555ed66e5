/*
 * tally.h - what calls have cost in an interval, counted where they were made: no rows, but sums (docs/format.md,
 * "Tally").
 *
 *	struct sst_tally *tally = sst_tally_new();
 *	tally->from = ..., tally->until = ...;
 *	sst_tally_process(tally, pid, comm, comm_len);
 *	sst_tally_line(tally, &line, cells);		calls of one number; as often as wanted
 *	sst_writer_tally(writer, tally);
 *	sst_tally_clear(tally);				to fill it again
 *	sst_tally_free(tally);
 *
 * Reading: sst_frame_tally(&frame, tally). Memory, whatever a file says: 14 MiB at most.
 */
#ifndef SST_TALLY_H
#define SST_TALLY_H

#include "rows.h"

#define SST_TALLY_PROCESSES_MAX 65536 /* in one frame */
#define SST_TALLY_LINES_MAX     65536
#define SST_TALLY_CELLS_MAX     262144
#define SST_TALLY_BUCKETS       252 /* of durations: sst_tally_bucket() */
#define SST_TALLY_ANY           255 /* as abi: calls of the process of which it is not known which they were */

/* flags. On disk: append only. */
enum {
	SST_TALLY_MORE = 1, /* the interval goes on in the next tally frame: this one was full */
};

/* So many of a line's calls have taken a time of this bucket. */
struct sst_tally_cell {
	uint64_t count;
	uint8_t bucket;
};

/* The calls of one number by one process. */
struct sst_tally_line {
	uint64_t calls;
	uint64_t errors;     /* of them have returned an error */
	uint64_t unfinished; /* have not returned by the end of the thread or of the recording */
	uint64_t timed;      /* have a known duration; unfinished and these are calls at most */
	uint64_t total, max; /* ns, of these */
	uint64_t bytes;      /* sum of the results of calls that move bytes */
	uint32_t nr;
	uint32_t first_cell,
		n_cells; /* in cells, by bucket; their counts add up to timed. sst_tally_line() sets first */
	uint8_t abi;     /* enum sst_abi, or SST_TALLY_ANY with nr 0 */
};

struct sst_tally_process {
	uint32_t pid;           /* as the initial PID namespace has it; its lines are those of all its threads */
	uint32_t first, n;      /* lines */
	struct sst_where where; /* without ns_tid */
	uint8_t comm_len;
	char comm[SST_COMM_MAX]; /* at the end of the interval */
};

struct sst_tally {
	uint64_t from, until; /* boot time, ns: calls that returned in between */
	uint64_t flags;
	uint64_t began, ended;   /* processes that did so among those recorded */
	uint64_t cpu_ns, run_ns; /* of the recorder since it began; of its programs in the kernel, 0: not known */
	struct sst_clock clock;  /* at until */
	struct sst_tally_process *processes;
	size_t n_processes, cap_processes;
	struct sst_tally_line *lines;
	size_t n_lines, cap_lines;
	struct sst_tally_cell *cells;
	size_t n_cells, cap_cells;
	struct sst_containers containers; /* that processes are in */
	size_t space;                     /* bytes that all this takes in a frame */
};

/* sst_tally_bucket() - the bucket of a duration, of which each power of two from 8 on has four. */
static inline unsigned sst_tally_bucket(uint64_t ns)
{
	unsigned e = ns < 8 ? 0 : 61u - (unsigned)__builtin_clzll(ns);

	return 4 * e + (unsigned)(ns >> e);
}

/* sst_tally_bucket_low() - the shortest duration in a bucket. */
static inline uint64_t sst_tally_bucket_low(unsigned bucket)
{
	return bucket < 8 ? bucket : (uint64_t)(4 + bucket % 4) << (bucket / 4 - 1);
}

/* sst_tally_new() - NULL without memory. */
struct sst_tally *sst_tally_new(void);
void sst_tally_free(struct sst_tally *tally);
/* sst_tally_clear() - empty and all numbers 0; its memory is kept. */
void sst_tally_clear(struct sst_tally *tally);

/*
 * sst_tally_process() - begin the lines of a process. comm is cut at a zero byte, and comm_len beyond SST_COMM_MAX.
 * sst_tally_line() - one more line of it, with line->n_cells cells, which are copied; for timed below 2 they need not
 * be given. Both return 0, -ENOMEM, -EINVAL for a line that contradicts itself, or -E2BIG: it does not fit into a frame
 * any more.
 */
int sst_tally_process(struct sst_tally *tally, uint32_t pid, const char *comm, size_t comm_len);
int sst_tally_line(struct sst_tally *tally, const struct sst_tally_line *line, const struct sst_tally_cell *cells);

#endif
