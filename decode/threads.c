/* threads.c - see threads.h */
#include "threads.h"

#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

#define FIRST 256 /* threads for which there is room at first */

/* The numbers come from a file that somebody may have made so that they all meet in one place of a hash known to them.
 */
static uint64_t secret(void)
{
	const void *random = (const void *)getauxval(AT_RANDOM);
	uint64_t key = UINT64_C(0x9e3779b97f4a7c15);

	if (random)
		memcpy(&key, random, sizeof(key));
	return key | 1;
}

static uint32_t bucket(const struct threads *threads, uint32_t id)
{
	return (uint32_t)((id + UINT64_C(1)) * threads->key >> 40) & (threads->hash_size - 1);
}

static bool set_sizes(struct threads *threads, uint32_t cap)
{
	struct budget *budget = threads->budget;
	struct thread **all = budget_alloc(budget, cap * sizeof(struct thread *));
	uint32_t *numbers = budget_alloc(budget, cap * 2 * sizeof(uint32_t));
	uint32_t *hash = budget_alloc(budget, cap * sizeof(uint32_t));
	struct process **processes = budget_alloc(budget, cap * sizeof(struct process *));

	if (!all || !numbers || !hash || !processes) {
		budget_free(budget, all, cap * sizeof(struct thread *));
		budget_free(budget, numbers, cap * 2 * sizeof(uint32_t));
		budget_free(budget, hash, cap * sizeof(uint32_t));
		budget_free(budget, processes, cap * sizeof(struct process *));
		return false;
	}
	threads->all = all;
	threads->free = numbers;
	threads->heap = numbers + cap;
	threads->hash = hash;
	threads->processes = processes;
	threads->cap = threads->hash_size = cap;
	return true;
}

static void free_sizes(struct threads *old)
{
	struct budget *budget = old->budget;

	budget_free(budget, old->all, old->cap * sizeof(struct thread *));
	budget_free(budget, old->free, old->cap * 2 * sizeof(uint32_t));
	budget_free(budget, old->hash, old->cap * sizeof(uint32_t));
	budget_free(budget, old->processes, old->cap * sizeof(struct process *));
}

static void link_thread(struct threads *threads, struct thread *thread)
{
	uint32_t *head = &threads->hash[bucket(threads, thread->tid)];

	thread->next = *head;
	*head = thread->number + 1;
}

static void unlink_thread(struct threads *threads, const struct thread *thread)
{
	uint32_t *link = &threads->hash[bucket(threads, thread->tid)];

	while (*link != thread->number + 1)
		link = &threads->all[*link - 1]->next;
	*link = thread->next;
}

static void link_process(struct threads *threads, struct process *process)
{
	struct process **head = &threads->processes[bucket(threads, process->pid)];

	process->next = *head;
	*head = process;
}

/* Room for twice as many. */
static bool grow(struct threads *threads)
{
	struct threads old = *threads;

	if (!set_sizes(threads, 2 * old.cap))
		return false;
	memcpy(threads->all, old.all, old.n * sizeof(*old.all));
	memcpy(threads->free, old.free, old.n_free * sizeof(*old.free));
	memcpy(threads->heap, old.heap, old.n_heap * sizeof(*old.heap));
	for (uint32_t i = 0; i < threads->n; i++)
		if (threads->all[i])
			link_thread(threads, threads->all[i]);
	for (uint32_t i = 0; i < old.hash_size; i++) {
		struct process *next;

		for (struct process *process = old.processes[i]; process; process = next) {
			next = process->next;
			link_process(threads, process);
		}
	}
	free_sizes(&old);
	return true;
}

bool threads_init(struct threads *threads, struct budget *budget)
{
	*threads = (struct threads){.budget = budget, .key = secret()};
	return set_sizes(threads, FIRST);
}

/* --- processes */

struct process *threads_process(const struct threads *threads, uint32_t pid)
{
	struct process *process = threads->processes[bucket(threads, pid)];

	while (process && process->pid != pid)
		process = process->next;
	return process;
}

static void free_process(struct threads *threads, struct process *process)
{
	struct process **link = &threads->processes[bucket(threads, process->pid)];

	while (*link != process)
		link = &(*link)->next;
	*link = process->next;
	fds_unref(threads->budget, process->files);
	fds_unref(threads->budget, process->dirs);
	budget_free(threads->budget, process, sizeof(*process));
	threads->n_processes--;
}

struct process *threads_new_process(struct threads *threads, uint32_t pid)
{
	struct process *process = budget_alloc(threads->budget, sizeof(*process));
	struct fds *files = fds_new(threads->budget), *dirs = fds_new(threads->budget);

	if (!process || !files || !dirs || (threads->n_processes >= threads->hash_size && !grow(threads))) {
		fds_unref(threads->budget, files);
		fds_unref(threads->budget, dirs);
		budget_free(threads->budget, process, sizeof(*process));
		return NULL;
	}
	*process = (struct process){.pid = pid, .files = files, .dirs = dirs};
	link_process(threads, process);
	threads->n_processes++;
	return process;
}

/* --- threads */

struct thread *threads_find(const struct threads *threads, uint32_t tid)
{
	uint32_t at = threads->hash[bucket(threads, tid)];

	while (at && threads->all[at - 1]->tid != tid)
		at = threads->all[at - 1]->next;
	return at ? threads->all[at - 1] : NULL;
}

void threads_use(struct threads *threads, struct fds **which, struct fds *fds)
{
	if (fds) {
		fds_ref(fds);
		fds->threads++;
	}
	if (*which)
		(*which)->threads--;
	fds_unref(threads->budget, *which);
	*which = fds;
}

struct thread *threads_new(struct threads *threads, struct process *process, uint32_t tid)
{
	struct thread *thread;

	if (threads->n_free == 0 && threads->n == threads->cap && !grow(threads))
		return NULL;
	thread = budget_alloc(threads->budget, sizeof(*thread));
	if (!thread)
		return NULL;
	thread->tid = tid;
	thread->number = threads->n_free > 0 ? threads->free[--threads->n_free] : threads->n++;
	thread->process = process;
	process->threads++;
	threads_use(threads, &thread->files, process->files);
	threads_use(threads, &thread->dirs, process->dirs);
	threads->all[thread->number] = thread;
	link_thread(threads, thread);
	return thread;
}

static void free_op(struct threads *threads, struct op *op)
{
	path_unref(threads->budget, op->change.path);
	path_unref(threads->budget, op->path2);
	path_unref(threads->budget, op->peer);
	fds_unref(threads->budget, op->fds);
	*op = (struct op){.kind = OP_NONE};
}

void threads_remove(struct threads *threads, struct thread *thread)
{
	struct process *process = thread->process;

	threads_drop(threads, thread);
	free_op(threads, &thread->op);
	path_unref(threads->budget, thread->shown);
	threads_use(threads, &thread->files, NULL);
	threads_use(threads, &thread->dirs, NULL);
	unlink_thread(threads, thread);
	threads->all[thread->number] = NULL;
	threads->free[threads->n_free++] = thread->number;
	budget_free(threads->budget, thread, sizeof(*thread));
	if (--process->threads == 0)
		free_process(threads, process);
}

void threads_rename(struct threads *threads, struct thread *thread, uint32_t tid)
{
	unlink_thread(threads, thread);
	thread->tid = tid;
	link_thread(threads, thread);
}

/* A process without threads is one whose snapshot has come, and no call yet. */
void threads_clear(struct threads *threads)
{
	for (uint32_t i = 0; i < threads->n; i++)
		if (threads->all[i])
			threads_remove(threads, threads->all[i]);
	for (uint32_t i = 0; i < threads->hash_size; i++)
		while (threads->processes[i])
			free_process(threads, threads->processes[i]);
	threads->n = threads->n_free = threads->n_heap = 0;
}

void threads_free(struct threads *threads)
{
	if (!threads->all)
		return;
	threads_clear(threads);
	free_sizes(threads);
}

/* --- the heap */

static uint64_t end_at(const struct threads *threads, uint32_t place)
{
	return threads->all[threads->heap[place]]->op.change.end;
}

static void put(struct threads *threads, uint32_t place, uint32_t number)
{
	threads->heap[place] = number;
	threads->all[number]->place = place + 1;
}

static void rise(struct threads *threads, uint32_t place)
{
	uint32_t number = threads->heap[place];
	uint64_t end = end_at(threads, place);

	for (; place > 0 && end_at(threads, (place - 1) / 2) > end; place = (place - 1) / 2)
		put(threads, place, threads->heap[(place - 1) / 2]);
	put(threads, place, number);
}

static void sink(struct threads *threads, uint32_t place)
{
	uint32_t number = threads->heap[place], child;
	uint64_t end = end_at(threads, place);

	for (; (child = 2 * place + 1) < threads->n_heap; place = child) {
		if (child + 1 < threads->n_heap && end_at(threads, child + 1) < end_at(threads, child))
			child++;
		if (end_at(threads, child) >= end)
			break;
		put(threads, place, threads->heap[child]);
	}
	put(threads, place, number);
}

void threads_push(struct threads *threads, struct thread *thread)
{
	put(threads, threads->n_heap++, thread->number);
	rise(threads, threads->n_heap - 1);
}

void threads_drop(struct threads *threads, struct thread *thread)
{
	uint32_t place = thread->place - 1, last;

	if (thread->place == 0)
		return;
	thread->place = 0;
	last = threads->heap[--threads->n_heap];
	if (place == threads->n_heap)
		return;
	put(threads, place, last);
	rise(threads, place);
	sink(threads, threads->all[last]->place - 1);
}
