#include <time.h>

#include "syncer.h"

static void wait_interval(struct syncer *syncer)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += (long)(syncer->interval % 1000000000u);
	until.tv_sec += (time_t)(syncer->interval / 1000000000u) + until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	pthread_cond_timedwait(&syncer->changed, &syncer->lock, &until);
}

static void *sync_main(void *context)
{
	struct syncer *syncer = context;
	uint64_t synced = 0;

	pthread_mutex_lock(&syncer->lock);
	while (!syncer->finish) {
		uint64_t written;
		int err;

		wait_interval(syncer);
		pthread_mutex_unlock(&syncer->lock);
		written = parts_bytes(syncer->parts);
		err = written != synced ? parts_sync(syncer->parts) : 0;
		synced = written;
		pthread_mutex_lock(&syncer->lock);
		if (err)
			syncer->error = err;
	}
	pthread_mutex_unlock(&syncer->lock);
	return NULL;
}

int syncer_start(struct syncer *syncer, struct parts *parts, uint64_t interval)
{
	int err;

	syncer->parts = parts;
	syncer->interval = interval;
	pthread_mutex_init(&syncer->lock, NULL);
	pthread_cond_init(&syncer->changed, NULL);
	err = -pthread_create(&syncer->thread, NULL, sync_main, syncer);
	syncer->runs = !err;
	return err;
}

int syncer_error(struct syncer *syncer)
{
	int err;

	if (!syncer->runs)
		return syncer->error;
	pthread_mutex_lock(&syncer->lock);
	err = syncer->error;
	pthread_mutex_unlock(&syncer->lock);
	return err;
}

void syncer_stop(struct syncer *syncer)
{
	if (!syncer->runs)
		return;
	pthread_mutex_lock(&syncer->lock);
	syncer->finish = true;
	pthread_cond_signal(&syncer->changed);
	pthread_mutex_unlock(&syncer->lock);
	pthread_join(syncer->thread, NULL);
	pthread_mutex_destroy(&syncer->lock);
	pthread_cond_destroy(&syncer->changed);
	syncer->runs = false;
}
