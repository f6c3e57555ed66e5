/* crew.c - see crew.h */
#include "crew.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define JOBS        (CREW_MAX + 1) /* decoded: one for each thread, and one that waits */
#define LOADS       (CREW_MAX + 2) /* frames under way */
#define BUFFERS     3              /* of output, of each thread */
#define PIECE       1024           /* rows that are printed into one buffer */
#define WORTH_WHILE 40000          /* rows after which threads are started */

enum state {
	LOADED, /* has no job yet */
	DECODING,
	DECODED, /* can be merged, perhaps again */
	MERGING,
	REFILLING, /* waits for the main thread */
	LISTED,    /* is being printed; then merged again if not last */
	DONE,
};

/* A frame under way. */
struct slot {
	struct load load;     /* keeps its buffer for another frame */
	size_t bytes;         /* that it takes as it has been loaded */
	struct job *job;      /* from DECODING to LISTED … */
	struct worker *owner; /* … in whose processor's cache it is */
	enum state state;
	bool last;              /* its list is the last one */
	size_t printed;         /* of the list: given to somebody */
	size_t pieces;          /* of it that are not yet written */
	size_t memory;          /* of the job */
	struct outcome outcome; /* DONE */
};

struct worker;

/* Where a piece of a list is printed to. */
struct buffer {
	struct out out;        /* first: out.flush finds the buffer by it */
	struct worker *worker; /* whose it is */
	struct buffer *next;   /* that the worker has free */
	uint64_t serial;       /* of the piece */
};

/* A part of a list that is being printed, or has been and waits to be written. */
struct piece {
	struct slot *slot;
	struct buffer *buffer;
	bool done;
};

/* A job that is not in use keeps its memory for the next. */
struct spare {
	struct job *job;
	size_t memory;
	const struct worker *worker; /* that has used it */
};

struct worker {
	struct crew *crew;
	pthread_t thread; /* of all but the first, who is the main thread */
	struct view *view;
	struct buffer *buffers; /* that are free */
	bool waits;             /* for one of them */
	unsigned owns;          /* frames under way */
};

struct crew {
	struct crew_config config;
	struct worker workers[CREW_MAX];
	unsigned n_workers; /* with the main thread; 0: it does it all */
	uint64_t rows;      /* submitted */

	pthread_mutex_t lock; /* of everything below */
	pthread_cond_t changed;
	bool stop;
	struct slot slots[LOADS];
	uint64_t head, tail; /* frames under way: slots[number % LOADS] */
	uint64_t next_decode, next_merge, next_print;
	struct spare spares[JOBS + 1];
	size_t n_spares, n_jobs; /* jobs: those in use */
	size_t memory;           /* of all frames loaded and of all jobs, also the spare ones */
	bool lacks_memory;
	struct piece pieces[BUFFERS * CREW_MAX];
	uint64_t next_piece, next_write; /* pieces[number % …]: taken, written */
	bool writing;
	bool printing;     /* an ordered view, which prints one piece at a time */
	unsigned flushing; /* threads that wait in flush_piece() */
};

static struct slot *slot_of(struct crew *crew, uint64_t number)
{
	return &crew->slots[number % LOADS];
}

/* --- jobs; with the lock held, if there are threads */

static void free_spares(struct crew *crew)
{
	while (crew->n_spares > 0) {
		struct spare *spare = &crew->spares[--crew->n_spares];

		crew->memory -= spare->memory;
		job_free(spare->job);
	}
}

static void keep_spare(struct crew *crew, struct job *job, size_t memory, const struct worker *worker)
{
	if (job_trim(job)) {
		crew->memory -= memory;
		memory = 0;
	}
	crew->spares[crew->n_spares++] = (struct spare){job, memory, worker};
	crew->n_jobs--;
}

/*
 * Would this be better for a job of this thread that takes so much? Then one that it has used before, as memory that
 * another processor has in its cache is slow; one that need not grow; the smallest of those.
 */
static bool is_better(const struct spare *spare, const struct spare *other, size_t memory, const struct worker *worker)
{
	if ((spare->worker == worker) != (other->worker == worker))
		return spare->worker == worker;
	if (other->memory >= memory)
		return spare->memory >= memory && spare->memory < other->memory;
	return spare->memory > other->memory;
}

/* Take the best spare job out; one without memory where there is none. */
static struct spare take_spare(struct crew *crew, size_t memory, const struct worker *worker)
{
	struct spare *best = crew->spares, found = {0};

	if (crew->n_spares == 0)
		return found;
	for (size_t i = 1; i < crew->n_spares; i++)
		if (is_better(&crew->spares[i], best, memory, worker))
			best = &crew->spares[i];
	found = *best;
	*best = crew->spares[--crew->n_spares];
	return found;
}

/* A spare job or a new one, if there is memory for it. *held: what it takes from now on. */
static struct job *find_job(struct crew *crew, size_t memory, const struct worker *worker, size_t *held)
{
	struct spare spare = take_spare(crew, memory, worker);
	size_t others = crew->memory - spare.memory;

	*held = spare.memory > memory ? spare.memory : memory;
	if (others + *held > crew->config.memory) {
		free_spares(crew);
		others = crew->memory - spare.memory;
	}
	if (crew->n_jobs > 0 && others + *held > crew->config.memory) {
		if (spare.job)
			crew->spares[crew->n_spares++] = spare;
		return NULL;
	}
	if (!spare.job && !(spare.job = job_new())) {
		crew->memory = others;
		return NULL;
	}
	crew->memory = others + *held;
	crew->n_jobs++;
	return spare.job;
}

/* Can the next frame be decoded? All before it are being decoded, or have been. It has a job then, and an owner. */
static bool give_job(struct crew *crew, struct worker *worker)
{
	struct slot *slot = slot_of(crew, crew->next_decode);

	if (crew->next_decode == crew->tail || crew->n_jobs > crew->config.threads)
		return false;
	crew->memory -= slot->bytes;
	slot->job = find_job(crew, slot->load.memory, worker, &slot->memory);
	if (slot->job) {
		slot->bytes = 0;
		slot->owner = worker;
		worker->owns++;
		return true;
	}
	crew->memory += slot->bytes;
	crew->lacks_memory |= crew->n_jobs == 0; /* nobody will give any back */
	return false;
}

/* All of the frame has been printed and written. */
static void close_slot(struct crew *crew, struct slot *slot)
{
	slot->outcome = job_outcome(slot->job);
	slot->state = DONE;
	keep_spare(crew, slot->job, slot->memory, slot->owner);
	slot->owner->owns--;
	slot->job = NULL;
}

/* --- the steps of a job; each is called and returns with the lock held, and gives it back meanwhile */

static void changed(struct crew *crew)
{
	pthread_cond_broadcast(&crew->changed);
}

static void decode_one(struct crew *crew, struct slot *slot)
{
	slot->state = DECODING;
	crew->next_decode++;
	pthread_mutex_unlock(&crew->lock);
	job_open(slot->job, &slot->load);
	job_decode(slot->job, crew->config.common);
	pthread_mutex_lock(&crew->lock);
	slot->state = DECODED;
	changed(crew);
}

static bool is_printed(const struct slot *slot)
{
	return slot->state == DONE || (slot->state == LISTED && slot->printed == slot->job->n_list);
}

/* Is there nothing left of its list that could be written? Then another list may be made, or it is done. */
static void settle(struct crew *crew, struct slot *slot)
{
	if (slot->state != LISTED || slot->pieces > 0 || !is_printed(slot))
		return;
	if (slot->last) {
		close_slot(crew, slot);
	} else {
		slot->job->n_list = slot->job->n_lates = 0;
		slot->state = DECODED;
	}
	changed(crew);
}

static void merge_one(struct crew *crew, struct slot *slot)
{
	enum merged merged;

	slot->state = MERGING;
	pthread_mutex_unlock(&crew->lock);
	merged = job_merge(slot->job, crew->config.common);
	pthread_mutex_lock(&crew->lock);
	slot->state = merged == MERGE_REFILL ? REFILLING : LISTED;
	slot->last = merged == MERGE_DONE;
	slot->printed = 0;
	crew->next_merge += slot->last;
	changed(crew);
	settle(crew, slot);
}

static void write_piece(struct crew *crew, const char *data, size_t len)
{
	struct out *out = crew->config.out;
	int err = 0;

	crew->writing = true;
	pthread_mutex_unlock(&crew->lock);
	if (!out->error && len > 0)
		err = out_put(out, data, len);
	pthread_mutex_lock(&crew->lock);
	if (err)
		out->error = err;
	crew->writing = false;
}

static struct piece *piece_of(struct crew *crew, uint64_t number)
{
	return &crew->pieces[number % (BUFFERS * CREW_MAX)];
}

/*
 * The next piece is written. Only those are woken who can do something now: there are thousands of pieces a second.
 */
static void written(struct crew *crew, struct piece *piece)
{
	struct worker *worker = piece->buffer->worker;

	piece->buffer->next = worker->buffers;
	worker->buffers = piece->buffer;
	piece->slot->pieces--;
	crew->next_write++;
	if (worker->waits || crew->flushing > 0)
		changed(crew);
	worker->waits = false;
	settle(crew, piece->slot);
}

/* Write the pieces whose turn it is, unless somebody is doing that. */
static void write_all(struct crew *crew)
{
	while (!crew->writing && crew->next_write < crew->next_piece) {
		struct piece *piece = piece_of(crew, crew->next_write);
		const struct out *out = &piece->buffer->out;

		if (!piece->done)
			return;
		write_piece(crew, out->buffer, (size_t)(out->end - out->buffer));
		written(crew, piece);
	}
}

/* The rows of a piece are longer than usual: write what there is, as soon as it is its turn. */
static void flush_piece(struct out *out, const char *data, size_t len)
{
	struct buffer *buffer = (struct buffer *)out;
	struct crew *crew = buffer->worker->crew;

	pthread_mutex_lock(&crew->lock);
	crew->flushing++;
	while (crew->next_write != buffer->serial || crew->writing)
		pthread_cond_wait(&crew->changed, &crew->lock);
	crew->flushing--;
	write_piece(crew, data, len);
	pthread_mutex_unlock(&crew->lock);
}

static void print_one(struct crew *crew, struct slot *slot, struct worker *worker)
{
	struct view *view = crew->config.view->ordered ? crew->config.view : worker->view;
	struct buffer *buffer = worker->buffers;
	struct piece *piece = piece_of(crew, crew->next_piece);
	size_t from = slot->printed, left = slot->job->n_list - from, to = from + (left < PIECE ? left : PIECE);

	worker->buffers = buffer->next;
	buffer->serial = crew->next_piece++;
	*piece = (struct piece){.slot = slot, .buffer = buffer};
	slot->printed = to;
	slot->pieces++;
	crew->printing = view->ordered;
	if (is_printed(slot))
		changed(crew);
	pthread_mutex_unlock(&crew->lock);
	buffer->out.end = buffer->out.buffer;
	view->out = &buffer->out;
	job_print(slot->job, view, from, to);
	view->out = crew->config.out;
	pthread_mutex_lock(&crew->lock);
	if (crew->printing) /* others may go on with the view */
		changed(crew);
	crew->printing = false;
	piece->done = true;
	write_all(crew);
}

/* Step over frames that have nothing left to be printed. */
static void advance(struct crew *crew)
{
	while (crew->next_print < crew->next_merge && is_printed(slot_of(crew, crew->next_print)))
		crew->next_print++;
}

/* own: only what the worker has decoded. */
static bool print_next(struct crew *crew, struct worker *worker, bool own)
{
	struct slot *slot = slot_of(crew, crew->next_print);

	if (crew->next_print == crew->tail || slot->state != LISTED || is_printed(slot) || crew->printing ||
	    (own && slot->owner != worker))
		return false;
	worker->waits = !worker->buffers;
	if (worker->waits)
		return false;
	print_one(crew, slot, worker);
	return true;
}

static bool merge_next(struct crew *crew, const struct worker *worker, bool own)
{
	struct slot *slot = slot_of(crew, crew->next_merge);

	if (crew->next_merge == crew->tail || slot->state != DECODED || (own && slot->owner != worker))
		return false;
	merge_one(crew, slot);
	return true;
}

static bool decode_next(struct crew *crew, struct worker *worker)
{
	if (!give_job(crew, worker))
		return false;
	decode_one(crew, slot_of(crew, crew->next_decode));
	return true;
}

/*
 * Do the most urgent of what there is to do. Returns whether there was anything. What a thread has decoded it merges
 * and prints itself, if it can: columns come from another processor's cache as slowly as from memory, or slower. Rather
 * than do nothing it helps with other frames.
 */
static bool do_one(struct crew *crew, struct worker *worker)
{
	advance(crew);
	if (print_next(crew, worker, true) || merge_next(crew, worker, true))
		return true;
	if (worker->owns == 0 && decode_next(crew, worker))
		return true;
	return merge_next(crew, worker, false) || print_next(crew, worker, false) || decode_next(crew, worker);
}

static void *work(void *context)
{
	struct worker *worker = context;
	struct crew *crew = worker->crew;

	pthread_mutex_lock(&crew->lock);
	while (!crew->stop)
		if (!do_one(crew, worker))
			pthread_cond_wait(&crew->changed, &crew->lock);
	pthread_mutex_unlock(&crew->lock);
	return NULL;
}

/* --- the main thread */

/*
 * One job that the crew before has left: with many small inputs most of the time would go by touching new memory. Only
 * the main thread has crews, one after the other.
 */
static struct spare left;

#define LEFT_MAX ((size_t)16 << 20) /* bytes that it may take: nobody counts it between two crews */

/* The smallest of the spare jobs is left to the next crew. */
static void leave_one(struct crew *crew)
{
	struct spare *best = crew->spares;

	if (left.job || crew->n_spares == 0)
		return;
	for (size_t i = 1; i < crew->n_spares; i++)
		if (crew->spares[i].memory < best->memory)
			best = &crew->spares[i];
	if (best->memory > LEFT_MAX)
		return;
	left = *best;
	crew->memory -= best->memory;
	*best = crew->spares[--crew->n_spares];
}

static void take_left(struct crew *crew)
{
	if (!left.job)
		return;
	crew->memory += left.memory;
	left.worker = &crew->workers[0];
	crew->spares[crew->n_spares++] = left;
	left.job = NULL;
}

struct crew *crew_new(const struct crew_config *config)
{
	struct crew *crew = calloc(1, sizeof(*crew));

	if (!crew)
		return NULL;
	crew->config = *config;
	pthread_mutex_init(&crew->lock, NULL);
	pthread_cond_init(&crew->changed, NULL);
	for (unsigned i = 0; i < CREW_MAX; i++)
		crew->workers[i].crew = crew;
	crew->workers[0].view = config->view;
	take_left(crew);
	return crew;
}

static void stop_threads(struct crew *crew)
{
	pthread_mutex_lock(&crew->lock);
	crew->stop = true;
	changed(crew);
	pthread_mutex_unlock(&crew->lock);
	for (unsigned i = 1; i < crew->n_workers; i++)
		pthread_join(crew->workers[i].thread, NULL);
}

static void free_buffers(struct worker *worker)
{
	while (worker->buffers) {
		struct buffer *next = worker->buffers->next;

		free(worker->buffers);
		worker->buffers = next;
	}
}

void crew_free(struct crew *crew)
{
	if (!crew)
		return;
	stop_threads(crew);
	leave_one(crew);
	free_spares(crew);
	for (unsigned i = 0; i < LOADS; i++)
		load_clear(&crew->slots[i].load);
	for (unsigned i = 0; i < CREW_MAX; i++)
		free_buffers(&crew->workers[i]);
	for (unsigned i = 1; i < CREW_MAX; i++)
		view_free(crew->workers[i].view);
	pthread_cond_destroy(&crew->changed);
	pthread_mutex_destroy(&crew->lock);
	free(crew);
}

void crew_limit(struct crew *crew, size_t memory)
{
	crew->config.memory = memory;
	if (crew->memory > LEFT_MAX || crew->memory > memory)
		free_spares(crew);
}

static bool new_buffer(struct worker *worker)
{
	struct buffer *buffer = malloc(sizeof(*buffer));

	if (!buffer)
		return false;
	out_init(&buffer->out, -1);
	buffer->out.flush = flush_piece;
	buffer->worker = worker;
	buffer->next = worker->buffers;
	worker->buffers = buffer;
	return true;
}

static bool new_buffers(struct worker *worker)
{
	bool made = worker->buffers != NULL;

	for (unsigned i = 0; i < BUFFERS && !made; i++)
		if (!new_buffer(worker))
			return false;
	return true;
}

/* As many as there can be; with fewer it is slower, that is all. */
static void start_threads(struct crew *crew)
{
	bool ordered = crew->config.view->ordered; /* then there is one view, which goes from hand to hand */

	out_flush(crew->config.out);
	if (!new_buffers(&crew->workers[0]))
		return;
	for (unsigned n = 1; n < crew->config.threads; n++) {
		struct worker *worker = &crew->workers[n];

		if (!worker->view && !ordered)
			worker->view = crew->config.maker->make(crew->config.maker->context);
		if ((!worker->view && !ordered) || !new_buffers(worker) ||
		    pthread_create(&worker->thread, NULL, work, worker))
			return;
		crew->n_workers = n + 1;
	}
}

/* Tell of frames that are written, and do what only the main thread may. */
static void attend(struct crew *crew)
{
	advance(crew);
	while (crew->head < crew->next_print && slot_of(crew, crew->head)->state == DONE) {
		struct slot *slot = slot_of(crew, crew->head++);

		crew->config.finished(crew->config.context, &slot->load.frame, &slot->outcome);
	}
	if (crew->next_merge < crew->tail && slot_of(crew, crew->next_merge)->state == REFILLING) {
		struct slot *slot = slot_of(crew, crew->next_merge);

		pthread_mutex_unlock(&crew->lock);
		crew->config.refill(crew->config.context);
		pthread_mutex_lock(&crew->lock);
		slot->state = DECODED;
		changed(crew);
	}
}

/* The main thread waits, and does what there is to do meanwhile. */
static void help(struct crew *crew)
{
	if (!do_one(crew, &crew->workers[0]))
		pthread_cond_wait(&crew->changed, &crew->lock);
}

struct load *crew_load(struct crew *crew, size_t bytes)
{
	struct slot *slot = slot_of(crew, crew->tail);
	bool fits = false;

	pthread_mutex_lock(&crew->lock);
	while (!fits && !crew->lacks_memory) {
		attend(crew);
		fits = crew->head == crew->tail || (crew->tail - crew->head < crew->config.threads + 2 &&
						    crew->memory + bytes <= crew->config.memory);
		if (!fits)
			help(crew);
	}
	crew->lacks_memory |= !load_init(&slot->load);
	slot->bytes = bytes;
	fits = !crew->lacks_memory;
	pthread_mutex_unlock(&crew->lock);
	return fits ? &slot->load : NULL;
}

/* All of it, here and now. */
static void do_it(struct crew *crew, struct slot *slot)
{
	struct common *common = crew->config.common;
	struct view *view = crew->workers[0].view;
	struct job *job = slot->job;
	enum merged merged;

	job_open(job, &slot->load);
	job_decode(job, common);
	do {
		merged = job_merge(job, common);
		if (merged == MERGE_REFILL) {
			crew->config.refill(crew->config.context);
			continue;
		}
		job_print(job, view, 0, job->n_list);
		job->n_list = job->n_lates = 0;
	} while (merged != MERGE_DONE);
	if (crew->config.flush)
		out_flush(crew->config.out);
	close_slot(crew, slot);
	crew->config.finished(crew->config.context, &slot->load.frame, &slot->outcome);
}

void crew_submit(struct crew *crew)
{
	struct slot *slot = slot_of(crew, crew->tail);

	crew->rows += slot->load.frame.n_rows;
	if (crew->n_workers == 0 && crew->config.threads > 1 && crew->rows > WORTH_WHILE)
		start_threads(crew);
	pthread_mutex_lock(&crew->lock);
	slot->state = LOADED;
	slot->printed = slot->pieces = 0;
	crew->memory += slot->bytes;
	crew->tail++;
	changed(crew);
	pthread_mutex_unlock(&crew->lock);
	if (crew->n_workers > 0)
		return;
	if (give_job(crew, &crew->workers[0]))
		do_it(crew, slot);
	crew->head = crew->next_print = crew->next_merge = crew->next_decode = crew->tail;
}

void crew_drain(struct crew *crew)
{
	pthread_mutex_lock(&crew->lock);
	for (attend(crew); crew->head < crew->tail && !crew->lacks_memory; attend(crew))
		help(crew);
	pthread_mutex_unlock(&crew->lock);
}

bool crew_lacks_memory(struct crew *crew)
{
	bool lacks;

	pthread_mutex_lock(&crew->lock);
	lacks = crew->lacks_memory;
	pthread_mutex_unlock(&crew->lock);
	return lacks;
}

bool crew_failed(struct crew *crew)
{
	bool failed;

	pthread_mutex_lock(&crew->lock);
	failed = crew->config.out->error != 0;
	pthread_mutex_unlock(&crew->lock);
	return failed;
}
