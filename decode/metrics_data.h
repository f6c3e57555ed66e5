/*
 * metrics_data.h - what metrics.c counts and metrics_write.c writes. Private to these two.
 */
#ifndef SYSDECODE_METRICS_DATA_H
#define SYSDECODE_METRICS_DATA_H

#include <pthread.h>

#include "metrics.h"

#define METRIC_HEADS    2048
#define METRIC_BUCKETS  13   /* and one for what is longer */
#define METRIC_ERRORS   4096 /* in all */
#define METRIC_ERRNOS   32   /* of one metric; others are counted together */
#define METRIC_CLASSIC  1024 /* numbers of calls that have a counter of their own in each ABI */
#define METRIC_NONE     UINT32_MAX
#define METRIC_ENDED_NS ((uint64_t)60 * NS_PER_S)  /* what has ended is shown so long */
#define METRIC_IDLE_NS  ((uint64_t)300 * NS_PER_S) /* a name that makes no call */

struct metric_error {
	uint64_t count;
	uint32_t next;
	int error;
};

struct metric {
	struct tally_key key;
	uint64_t calls, bytes, timed, total; /* total: ns */
	uint64_t buckets[METRIC_BUCKETS + 1];
	uint64_t other_errors; /* those that have no metric_error */
	uint32_t errors;       /* the first, METRIC_NONE: there are none */
	unsigned n_errors;
	uint32_t next; /* with the same hash */
	bool moves;    /* it has calls that move bytes */
	bool ended;    /* its process or thread has */
	bool counted;  /* by the recorder, which does not say when that is */
	/* by metrics_write() */
	bool waits;          /* to be forgotten: it has ended, or is idle, since … */
	uint64_t since;      /* … then */
	uint64_t calls_seen; /* when it was shown last */
};

/* A number that a recorder counts since it began; another recorder begins at 0. */
struct metric_sum {
	uint64_t before, now; /* of earlier recorders and this one */
};

/* What is known of the recorder, from the stream. */
struct metrics_health {
	uint64_t recordings, frames, rows, bytes;
	uint64_t lost[SST_CAUSE_COUNT];
	uint64_t damages_before, damages; /* in earlier inputs and this one */
	struct sst_clock clock;           /* the last reading */
	int64_t known_until;              /* wall time, ns; 0: not known */
	struct session session;           /* that the recording is a part of */
	/* ns, and bytes; of what a recorder has not said there is nothing yet */
	struct metric_sum recorder_cpu, programs, written;
	uint64_t ring, ring_used; /* bytes; 0: not known */
};

enum metric_fact { FACT_HOST, FACT_KERNEL, FACT_MACHINE, FACT_RECORDER, FACT_COUNT };

struct metrics_events {
	uint64_t process_starts, process_execs, process_exits, thread_starts, thread_exits;
};

/* The metric that a thread and a call of the frame have had last. */
struct metric_cached {
	const struct sst_group *who;
	const struct call *call;
	uint32_t nr;
	uint8_t abi;
	struct metric *metric;
};

#define METRIC_CACHE 1024

struct metrics {
	struct metrics_config config;
	struct view view;
	uint64_t serial; /* of the frame */

	pthread_mutex_t lock;                /* of what follows */
	struct metric list[METRICS_MAX + 1]; /* the last for what has none of its own */
	uint32_t n;
	bool any_other;
	uint32_t heads[METRIC_HEADS];
	struct metric_error errors[METRIC_ERRORS];
	uint32_t n_errors, unused_error;
	uint64_t classic[SST_ABI_COUNT][METRIC_CLASSIC]; /* calls by number */
	uint64_t classic_other;
	unsigned native; /* the ABI of the machine; 0: not known */
	struct metrics_health health;
	struct metrics_events events;
	char facts[FACT_COUNT][SST_COMM_MAX + 1];
	struct metric_cached cache[METRIC_CACHE];
};

/* metric_bounds[] - ns; the bucket i has what took at most so long, and longer than the one before. */
extern const uint64_t metric_bounds[METRIC_BUCKETS];

/* metrics_forget() - take out the metrics that forget() says. With the lock held. */
void metrics_forget(struct metrics *metrics, bool (*forget)(const struct metric *metric, uint64_t now), uint64_t now);

#endif
