/* crew.c - see crew.h */
#include "crew.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define JOBS        (CREW_MAX + 1) /* under way: one for each thread, and one that waits */
#define PIECE       1024           /* rows that are printed into one buffer */
#define WORTH_WHILE 40000          /* rows after which threads are started */

enum state {
	LOADED,
	DECODING,
	DECODED, /* can be merged, perhaps again */
	MERGING,
	REFILLING, /* waits for the main thread */
	LISTED,    /* is being printed; then merged again if not last */
};

struct slot {
	struct job *job;
	enum state state;
	bool last;      /* its list is the last one */
	size_t printed; /* of the list: given to somebody */
	size_t pieces;  /* of it that are not yet written */
	size_t memory;
};

/* A buffer, and the part of a list that is printed into it. */
struct piece {
	struct out out; /* first: out.flush finds the piece by it */
	struct crew *crew;
	struct slot *slot;
	size_t from, to;
	uint64_t serial;
	bool done;
};

/* A job that is not in use keeps its memory for the next. */
struct spare {
	struct job *job;
	size_t memory;
};

struct worker {
	struct crew *crew;
	pthread_t thread; /* of all but the first, who is the main thread */
	struct view *view;
};

struct crew {
	struct crew_config config;
	struct worker workers[CREW_MAX];
	unsigned n_workers; /* with the main thread; 0: it does it all */
	uint64_t rows;      /* submitted */

	pthread_mutex_t lock; /* of everything below */
	pthread_cond_t changed;
	bool stop;
	struct slot slots[JOBS];
	uint64_t head, tail;             /* jobs under way: slots[number % JOBS] */
	uint64_t next_merge, next_print; /* jobs */
	struct spare spares[JOBS + 1];
	size_t n_spares, memory; /* of all jobs, also the spare ones */
	struct piece *pieces[2 * CREW_MAX + 2];
	size_t n_pieces;
	uint64_t next_piece, next_write; /* pieces: taken, written */
	bool writing;
	bool printing;     /* an ordered view, which prints one piece at a time */
	unsigned flushing; /* threads that wait in flush_piece() */
};

/* --- the steps of a job; each is called and returns with the lock held, and gives it back meanwhile */

static void changed(struct crew *crew)
{
	pthread_cond_broadcast(&crew->changed);
}

static struct slot *slot_of(struct crew *crew, uint64_t number)
{
	return &crew->slots[number % JOBS];
}

static void decode_one(struct crew *crew, struct slot *slot)
{
	slot->state = DECODING;
	pthread_mutex_unlock(&crew->lock);
	job_decode(slot->job, crew->config.common);
	pthread_mutex_lock(&crew->lock);
	slot->state = DECODED;
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
}

static bool is_printed(const struct slot *slot)
{
	return slot->state == LISTED && slot->printed == slot->job->n_list;
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

/*
 * The next piece is written. Only those are woken who can do something now: there are thousands of pieces a second.
 */
static void written(struct crew *crew, struct slot *slot)
{
	bool full = crew->next_piece - crew->next_write == crew->n_pieces;

	slot->pieces--;
	crew->next_write++;
	if (full || crew->flushing > 0 || (slot->pieces == 0 && is_printed(slot)))
		changed(crew);
}

/* Write the pieces whose turn it is, unless somebody is doing that. */
static void write_all(struct crew *crew)
{
	while (!crew->writing && crew->next_write < crew->next_piece) {
		struct piece *piece = crew->pieces[crew->next_write % crew->n_pieces];

		if (!piece->done)
			return;
		write_piece(crew, piece->out.buffer, (size_t)(piece->out.end - piece->out.buffer));
		written(crew, piece->slot);
	}
}

/* The rows of a piece are longer than usual: write what there is, as soon as it is its turn. */
static void flush_piece(struct out *out, const char *data, size_t len)
{
	struct piece *piece = (struct piece *)out;
	struct crew *crew = piece->crew;

	pthread_mutex_lock(&crew->lock);
	crew->flushing++;
	while (crew->next_write != piece->serial || crew->writing)
		pthread_cond_wait(&crew->changed, &crew->lock);
	crew->flushing--;
	write_piece(crew, data, len);
	pthread_mutex_unlock(&crew->lock);
}

static void print_one(struct crew *crew, struct slot *slot, struct view *view)
{
	struct piece *piece = crew->pieces[crew->next_piece % crew->n_pieces];
	size_t left = slot->job->n_list - slot->printed;

	piece->slot = slot;
	piece->serial = crew->next_piece++;
	piece->from = slot->printed;
	piece->to = slot->printed += left < PIECE ? left : PIECE;
	piece->done = false;
	slot->pieces++;
	crew->printing = view->ordered;
	if (is_printed(slot))
		changed(crew);
	pthread_mutex_unlock(&crew->lock);
	piece->out.end = piece->out.buffer;
	view->out = &piece->out;
	job_print(slot->job, view, piece->from, piece->to);
	view->out = crew->config.out;
	pthread_mutex_lock(&crew->lock);
	if (crew->printing) /* others may go on with the view */
		changed(crew);
	crew->printing = false;
	piece->done = true;
	write_all(crew);
}

/* The list is printed and not the last one: merge again. */
static void reopen(struct slot *slot)
{
	slot->job->n_list = slot->job->n_lates = 0;
	slot->state = DECODED;
}

/* Step over jobs that have nothing left to be printed. */
static void advance(struct crew *crew)
{
	while (crew->next_print < crew->next_merge && is_printed(slot_of(crew, crew->next_print)))
		crew->next_print++;
}

/* Do the most urgent of what there is to do. Returns whether there was anything. */
static bool do_one(struct crew *crew, struct view *view)
{
	advance(crew);
	if (crew->next_print < crew->tail) {
		struct slot *slot = slot_of(crew, crew->next_print);

		if (slot->state == LISTED && !is_printed(slot) && !crew->printing &&
		    crew->next_piece - crew->next_write < crew->n_pieces) {
			print_one(crew, slot, crew->config.view->ordered ? crew->config.view : view);
			return true;
		}
		if (is_printed(slot) && !slot->last && slot->pieces == 0)
			reopen(slot);
	}
	if (crew->next_merge < crew->tail && slot_of(crew, crew->next_merge)->state == DECODED) {
		merge_one(crew, slot_of(crew, crew->next_merge));
		return true;
	}
	for (uint64_t i = crew->next_merge; i < crew->tail; i++) {
		if (slot_of(crew, i)->state == LOADED) {
			decode_one(crew, slot_of(crew, i));
			return true;
		}
	}
	return false;
}

static void *work(void *context)
{
	struct worker *worker = context;
	struct crew *crew = worker->crew;

	pthread_mutex_lock(&crew->lock);
	while (!crew->stop)
		if (!do_one(crew, worker->view))
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

static void free_spares(struct crew *crew)
{
	while (crew->n_spares > 0) {
		struct spare *spare = &crew->spares[--crew->n_spares];

		crew->memory -= spare->memory;
		job_free(spare->job);
	}
}

void crew_free(struct crew *crew)
{
	if (!crew)
		return;
	stop_threads(crew);
	leave_one(crew);
	free_spares(crew);
	for (size_t i = 0; i < crew->n_pieces; i++)
		free(crew->pieces[i]);
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

static bool new_piece(struct crew *crew)
{
	struct piece *piece = malloc(sizeof(*piece));

	if (!piece)
		return false;
	out_init(&piece->out, -1);
	piece->out.flush = flush_piece;
	piece->crew = crew;
	crew->pieces[crew->n_pieces++] = piece;
	return true;
}

/* As many as there can be; with fewer it is slower, that is all. */
static void start_threads(struct crew *crew)
{
	size_t pieces = 2 * (size_t)crew->config.threads + 2;
	bool ordered = crew->config.view->ordered; /* then there is one view, which goes from hand to hand */

	out_flush(crew->config.out);
	while (crew->n_pieces < pieces && new_piece(crew))
		;
	if (crew->n_pieces < pieces)
		return;
	for (unsigned n = 1; n < crew->config.threads; n++) {
		struct worker *worker = &crew->workers[n];

		if (!worker->view && !ordered)
			worker->view = crew->config.maker->make(crew->config.maker->context);
		if ((!worker->view && !ordered) || pthread_create(&worker->thread, NULL, work, worker))
			return;
		crew->n_workers = n + 1;
	}
}

static void keep_spare(struct crew *crew, struct job *job, size_t memory)
{
	if (job_trim(job)) {
		crew->memory -= memory;
		memory = 0;
	}
	crew->spares[crew->n_spares++] = (struct spare){job, memory};
}

/* Hand back jobs that are written, and do what only the main thread may. */
static void attend(struct crew *crew)
{
	advance(crew);
	while (crew->head < crew->next_print) {
		struct slot *slot = slot_of(crew, crew->head);

		if (slot->pieces > 0)
			break;
		crew->head++;
		crew->config.finished(crew->config.context, slot->job);
		keep_spare(crew, slot->job, slot->memory);
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
	if (!do_one(crew, crew->workers[0].view))
		pthread_cond_wait(&crew->changed, &crew->lock);
}

/* Would this be better for a job that takes so much? Then one that need not grow, the smallest of those. */
static bool is_better(const struct spare *spare, const struct spare *other, size_t memory)
{
	if (other->memory >= memory)
		return spare->memory >= memory && spare->memory < other->memory;
	return spare->memory > other->memory;
}

/* Take the best spare job out; one without memory where there is none. */
static struct spare take_spare(struct crew *crew, size_t memory)
{
	struct spare *best = crew->spares, found = {0};

	if (crew->n_spares == 0)
		return found;
	for (size_t i = 1; i < crew->n_spares; i++)
		if (is_better(&crew->spares[i], best, memory))
			best = &crew->spares[i];
	found = *best;
	*best = crew->spares[--crew->n_spares];
	return found;
}

/* A spare job or a new one, if there is memory for it. *held: what it takes from now on. */
static struct job *find_job(struct crew *crew, size_t memory, size_t *held)
{
	struct spare spare = take_spare(crew, memory);
	size_t others = crew->memory - spare.memory;

	*held = spare.memory > memory ? spare.memory : memory;
	if (others + *held > crew->config.memory) {
		free_spares(crew);
		others = crew->memory - spare.memory;
	}
	if (others > 0 && others + *held > crew->config.memory) {
		if (spare.job)
			crew->spares[crew->n_spares++] = spare;
		return NULL;
	}
	crew->memory = others + *held;
	return spare.job ? spare.job : job_new();
}

struct job *crew_job(struct crew *crew, size_t memory)
{
	struct job *job = NULL;
	bool empty = false;
	size_t held = 0;

	pthread_mutex_lock(&crew->lock);
	while (!job && !empty) {
		attend(crew);
		empty = crew->head == crew->tail;
		if (crew->tail - crew->head <= crew->config.threads)
			job = find_job(crew, memory, &held);
		if (!job && !empty)
			help(crew);
	}
	slot_of(crew, crew->tail)->memory = held;
	pthread_mutex_unlock(&crew->lock);
	return job;
}

void crew_return(struct crew *crew, struct job *job)
{
	pthread_mutex_lock(&crew->lock);
	keep_spare(crew, job, slot_of(crew, crew->tail)->memory);
	pthread_mutex_unlock(&crew->lock);
}

/* All of it, here and now. */
static void do_it(struct crew *crew, struct job *job)
{
	struct common *common = crew->config.common;
	struct view *view = crew->workers[0].view;
	enum merged merged;

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
	crew->config.finished(crew->config.context, job);
	keep_spare(crew, job, slot_of(crew, crew->tail)->memory);
}

void crew_submit(struct crew *crew, struct job *job)
{
	struct slot *slot;

	crew->rows += job->frame.n_rows;
	if (crew->n_workers == 0 && crew->config.threads > 1 && crew->rows > WORTH_WHILE)
		start_threads(crew);
	if (crew->n_workers == 0) {
		do_it(crew, job);
		return;
	}
	pthread_mutex_lock(&crew->lock);
	slot = slot_of(crew, crew->tail++);
	*slot = (struct slot){.job = job, .state = LOADED, .memory = slot->memory};
	changed(crew);
	pthread_mutex_unlock(&crew->lock);
}

void crew_drain(struct crew *crew)
{
	pthread_mutex_lock(&crew->lock);
	for (attend(crew); crew->head < crew->tail; attend(crew))
		help(crew);
	pthread_mutex_unlock(&crew->lock);
}

bool crew_failed(struct crew *crew)
{
	bool failed;

	pthread_mutex_lock(&crew->lock);
	failed = crew->config.out->error != 0;
	pthread_mutex_unlock(&crew->lock);
	return failed;
}
