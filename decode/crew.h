/*
 * crew.h - threads that decode and print frames, with the output in the order of the frames.
 *
 *	struct crew *crew = crew_new(&config);
 *	for each frame
 *		load = crew_load(crew, bytes);	waits until there is room for one more
 *		if (!load_take(load, walk))	otherwise the next one may have it
 *			crew_submit(crew);
 *	crew_drain(crew);			all is written
 *	crew_free(crew);
 *
 * One thread, the main thread, calls these functions and no other. With one thread in all the work is done in
 * crew_submit(). Otherwise the others, and the main thread while it waits in these functions, decode frames side by
 * side, merge them one after the other, and print pieces of the same frame side by side; whoever has the next piece
 * writes it. Small inputs see no thread.
 *
 * Memory: buffers of finished pieces and decoded frames are bounded, the latter by what their headers say they take. So
 * many frames have been loaded that nobody has to wait for the main thread, which takes little; but no more are decoded
 * than there are threads and one, as more would not make it faster, but the processors' caches useless.
 */
#ifndef SYSDECODE_CREW_H
#define SYSDECODE_CREW_H

#include "job.h"

#define CREW_MAX 8 /* threads */

struct crew_config {
	struct common *common;          /* touched by the threads from crew_submit() to crew_drain() */
	struct view *view;              /* for one thread; stays the caller's */
	const struct view_maker *maker; /* for others */
	struct out *out;                /* where all output goes; what is in its buffer comes first */
	unsigned threads;               /* 1 to CREW_MAX, with the main thread */
	bool flush;                     /* write what there is behind each frame */
	size_t memory;                  /* bytes that jobs may take together; one job may always be */
	void (*refill)(void *context);  /* job_merge() has said MERGE_REFILL */
	/* A frame is printed. */
	void (*finished)(void *context, const struct sst_frame *frame, const struct outcome *outcome);
	void *context;
};

struct crew;

/* crew_new() - NULL without memory. The config is copied. */
struct crew *crew_new(const struct crew_config *config);
void crew_free(struct crew *crew);

/* crew_limit() - another amount of memory; to be called when nothing is under way. */
void crew_limit(struct crew *crew, size_t memory);

/* crew_load() - for the next frame, which has so many bytes as it stands in the file. NULL without memory. */
struct load *crew_load(struct crew *crew, size_t bytes);

/* crew_submit() - what crew_load() gave last has been filled. */
void crew_submit(struct crew *crew);

/* crew_drain() - wait until everything submitted is written and finished() has been called for it. */
void crew_drain(struct crew *crew);

/* crew_lacks_memory() - frames have been dropped for lack of memory; once all is drained. */
bool crew_lacks_memory(struct crew *crew);

/* crew_failed() - has writing failed? out->error says how, once all is drained. */
bool crew_failed(struct crew *crew);

#endif
