/*
 * syncer.h - a thread that has the output written to stable storage every so often (--sync).
 *
 *	struct syncer syncer = {0};
 *	syncer_start(&syncer, &parts, interval);
 *	...
 *	syncer_stop(&syncer);
 *	err = syncer_error(&syncer);
 */
#ifndef TRACER_SYNCER_H
#define TRACER_SYNCER_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "parts.h"

struct syncer {
	struct parts *parts;
	uint64_t interval; /* ns */
	pthread_t thread;
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t changed;
	bool runs, finish;
	int error;
};

/* syncer_start() - returns 0, or -errno: there is no thread. Everything else is zero before. */
int syncer_start(struct syncer *syncer, struct parts *parts, uint64_t interval);

/* syncer_error() - -errno of the last sync that has failed, or 0. Also of one that does not run. */
int syncer_error(struct syncer *syncer);

/* syncer_stop() - waits until a sync under way has ended. Nothing to do for one that does not run. */
void syncer_stop(struct syncer *syncer);

#endif
