/* metrics.c - see metrics.h */
#include "metrics.h"

#include <stdlib.h>
#include <string.h>

#include "format/syscalls.h"
#include "metrics_data.h"
#include "walk.h"

const uint64_t metric_bounds[METRIC_BUCKETS] = {
	1000,     4000,     16000,     64000,      256000,     1000000,     4000000,
	16000000, 64000000, 256000000, 1000000000, 4000000000, 16000000000,
};

size_t metrics_memory(void)
{
	return sizeof(struct metrics);
}

/* --- the table of metrics; with the lock held */

static uint32_t *head_of(struct metrics *metrics, const struct tally_key *key)
{
	return &metrics->heads[tally_hash(key) % METRIC_HEADS];
}

static struct metric *find(struct metrics *metrics, const struct tally_key *key)
{
	uint32_t i = *head_of(metrics, key);

	while (i != METRIC_NONE && !tally_same_key(&metrics->list[i].key, key))
		i = metrics->list[i].next;
	return i != METRIC_NONE ? &metrics->list[i] : NULL;
}

static void init(struct metric *metric, const struct tally_key *key)
{
	*metric = (struct metric){.key = *key, .errors = METRIC_NONE};
}

static void put(struct metrics *metrics, uint32_t i)
{
	uint32_t *head = head_of(metrics, &metrics->list[i].key);

	metrics->list[i].next = *head;
	*head = i;
}

static void drop_errors(struct metrics *metrics, struct metric *metric)
{
	while (metric->errors != METRIC_NONE) {
		struct metric_error *error = &metrics->errors[metric->errors];
		uint32_t next = error->next;

		error->next = metrics->unused_error;
		metrics->unused_error = metric->errors;
		metric->errors = next;
	}
}

void metrics_forget(struct metrics *metrics, bool (*forget)(const struct metric *metric, uint64_t now), uint64_t now)
{
	uint32_t n = 0;

	memset(metrics->heads, 0xff, sizeof(metrics->heads));
	memset(metrics->cache, 0, sizeof(metrics->cache));
	for (uint32_t i = 0; i < metrics->n; i++) {
		if (forget(&metrics->list[i], now)) {
			drop_errors(metrics, &metrics->list[i]);
			continue;
		}
		if (n < i)
			metrics->list[n] = metrics->list[i];
		put(metrics, n++);
	}
	metrics->n = n;
}

static bool has_ended(const struct metric *metric, uint64_t now)
{
	(void)now;
	return metric->ended;
}

static struct metric *other_of(struct metrics *metrics)
{
	struct metric *other = &metrics->list[METRICS_MAX];
	struct tally_key key;

	if (!metrics->any_other) {
		memset(&key, 0, sizeof(key));
		key.kind = TALLY_OTHER;
		init(other, &key);
		metrics->any_other = true;
	}
	return other;
}

/* The only labels that a target can choose, so that they would be those of the series "other". */
static bool is_called_other(const struct metrics *metrics, const struct tally_key *key)
{
	static const char other[] = "other";

	return metrics->config.by == BY_COMM && key->comm_len == sizeof(other) - 1 &&
	       memcmp(key->comm, other, sizeof(other) - 1) == 0;
}

static struct metric *get(struct metrics *metrics, const struct tally_key *key)
{
	struct metric *metric = find(metrics, key);

	if (metric)
		return metric;
	if (is_called_other(metrics, key))
		return other_of(metrics);
	if (metrics->n == METRICS_MAX)
		metrics_forget(metrics, has_ended, 0);
	if (metrics->n == METRICS_MAX)
		return other_of(metrics);
	init(&metrics->list[metrics->n], key);
	put(metrics, metrics->n);
	return &metrics->list[metrics->n++];
}

static struct metric *metric_of(struct metrics *metrics, const struct row *row)
{
	size_t place = (uintptr_t)row->who / sizeof(*row->who) * 31 + (uintptr_t)row->call / sizeof(*row->call);
	struct metric_cached *cached = &metrics->cache[place % METRIC_CACHE];
	struct tally_key key;
	struct metric *metric;

	if (cached->metric && cached->who == row->who && cached->call == row->call && cached->nr == row->call->nr &&
	    cached->abi == row->call->abi)
		return cached->metric;
	stats_key(&key, metrics->config.by, row);
	metric = get(metrics, &key); /* which may empty the cache */
	*cached = (struct metric_cached){row->who, row->call, row->call->nr, row->call->abi, metric};
	return metric;
}

/* --- rows */

static struct metric_error *new_error(struct metrics *metrics, struct metric *metric, int error)
{
	uint32_t i = metrics->unused_error;

	if (metric->n_errors == METRIC_ERRNOS || (i == METRIC_NONE && metrics->n_errors == METRIC_ERRORS))
		return NULL;
	if (i == METRIC_NONE)
		i = metrics->n_errors++;
	else
		metrics->unused_error = metrics->errors[i].next;
	metrics->errors[i] = (struct metric_error){.error = error, .next = metric->errors};
	metric->errors = i;
	metric->n_errors++;
	return &metrics->errors[i];
}

static void count_error(struct metrics *metrics, struct metric *metric, int error)
{
	struct metric_error *found = NULL;

	for (uint32_t i = metric->errors; i != METRIC_NONE && !found; i = metrics->errors[i].next)
		if (metrics->errors[i].error == error)
			found = &metrics->errors[i];
	if (!found)
		found = new_error(metrics, metric, error);
	if (found)
		found->count++;
	else
		metric->other_errors++;
}

static void count_duration(struct metric *metric, uint64_t ns)
{
	unsigned bucket = 0;

	for (unsigned i = 0; i < METRIC_BUCKETS; i++)
		bucket += ns > metric_bounds[i];
	metric->buckets[bucket]++;
	metric->timed++;
	metric->total = metric->total + ns < ns ? UINT64_MAX : metric->total + ns;
}

static void count_row(struct metrics *metrics, const struct row *row)
{
	struct metric *metric = metric_of(metrics, row);

	metric->calls++;
	metric->ended = false;
	metric->moves |= stats_moves_bytes(row->call);
	if (row->call->abi < SST_ABI_COUNT && row->call->nr < METRIC_CLASSIC)
		metrics->classic[row->call->abi][row->call->nr]++;
	else
		metrics->classic_other++;
	if (sst_state_has_duration(row->state))
		count_duration(metric, row->duration);
	if (!sst_state_has_ret(row->state))
		return;
	if (row_error(row))
		count_error(metrics, metric, -row_error(row));
	else if (stats_moves_bytes(row->call) && row_ret(row) > 0)
		metric->bytes += (uint64_t)row_ret(row);
}

static struct metrics *of_view(struct view *view)
{
	return (struct metrics *)((char *)view - offsetof(struct metrics, view));
}

static void add_row(struct view *view, const struct row *row)
{
	struct metrics *metrics = of_view(view);

	if (sst_state_is_open(row->state)) /* it comes again when it has returned */
		return;
	pthread_mutex_lock(&metrics->lock);
	count_row(metrics, row);
	pthread_mutex_unlock(&metrics->lock);
}

/* --- calls that the recorder has counted */

/* A bucket of theirs counts as that of its shortest durations: those that a bound divides are below it. */
static void count_cells(struct metric *metric, const struct tallied *tallied)
{
	for (uint32_t i = 0; i < tallied->line->n_cells; i++) {
		const struct sst_tally_cell *cell = &tallied->cells[i];
		uint64_t low = sst_tally_bucket_low(cell->bucket);
		unsigned bucket = 0;

		for (unsigned k = 0; k < METRIC_BUCKETS; k++)
			bucket += low > metric_bounds[k];
		metric->buckets[bucket] += cell->count;
	}
}

/* Which calls they were is not known of some: without another label these are those of nobody in particular. */
static struct metric *metric_of_sum(struct metrics *metrics, const struct tallied *tallied)
{
	struct row row = {.who = tallied->who, .call = tallied->call};
	struct tally_key key;

	if (metrics->config.by == BY_SYSCALL && tallied->line->abi == SST_TALLY_ANY)
		return other_of(metrics);
	stats_key(&key, metrics->config.by, &row);
	return get(metrics, &key);
}

static void count_sum(struct metrics *metrics, const struct tallied *tallied)
{
	const struct sst_tally_line *line = tallied->line;
	struct metric *metric = metric_of_sum(metrics, tallied);
	uint64_t returned = line->calls - line->unfinished;

	metric->calls += returned;
	metric->counted = true;
	metric->moves |= line->bytes > 0 || sst_syscall_moves_bytes(line->abi, line->nr);
	metric->bytes += line->bytes;
	metric->other_errors += line->errors;
	metric->timed += line->timed;
	metric->total = metric->total + line->total < line->total ? UINT64_MAX : metric->total + line->total;
	count_cells(metric, tallied);
	if (line->abi < SST_ABI_COUNT && line->nr < METRIC_CLASSIC)
		metrics->classic[line->abi][line->nr] += returned;
	else
		metrics->classic_other += returned;
}

static void add_tallied(struct view *view, const struct tallied *tallied)
{
	struct metrics *metrics = of_view(view);

	pthread_mutex_lock(&metrics->lock);
	count_sum(metrics, tallied);
	pthread_mutex_unlock(&metrics->lock);
}

static void note_sum(struct metric_sum *sum, uint64_t now)
{
	if (now > sum->now)
		sum->now = now;
}

/* Of lines that the filter does not want nobody asks whose beginnings and ends these are. */
static void add_interval(struct view *view, const struct sst_tally *tally, bool all)
{
	struct metrics *metrics = of_view(view);

	pthread_mutex_lock(&metrics->lock);
	if (all) {
		metrics->events.process_starts += tally->began;
		metrics->events.process_exits += tally->ended;
	}
	note_sum(&metrics->health.recorder_cpu, tally->cpu_ns);
	note_sum(&metrics->health.programs, tally->run_ns);
	pthread_mutex_unlock(&metrics->lock);
}

/* --- what is lost, and the frames */

static void add_lost(struct view *view, const struct lost *lost)
{
	struct metrics *metrics = of_view(view);
	unsigned cause = lost->gap->cause;

	pthread_mutex_lock(&metrics->lock);
	metrics->health.lost[cause < SST_CAUSE_COUNT ? cause : SST_CAUSE_UNKNOWN] += lost->gap->count;
	pthread_mutex_unlock(&metrics->lock);
}

/* What who and call point to has changed. */
static void new_frame(struct view *view, uint64_t serial)
{
	struct metrics *metrics = of_view(view);

	pthread_mutex_lock(&metrics->lock);
	if (serial != metrics->serial)
		memset(metrics->cache, 0, sizeof(metrics->cache));
	metrics->serial = serial;
	if (view->recording->has_clock)
		metrics->health.clock = view->recording->clock;
	pthread_mutex_unlock(&metrics->lock);
}

/* --- events */

static void end_series(struct metrics *metrics, const struct sst_event *exit)
{
	bool of_threads = metrics->config.by & BY_THREAD;

	if (!(metrics->config.by & (BY_PROCESS | BY_THREAD)) || (!of_threads && exit->tid != exit->pid))
		return;
	for (uint32_t i = 0; i < metrics->n; i++) {
		struct metric *metric = &metrics->list[i];

		if (metric->key.pid == exit->pid && (!of_threads || metric->key.tid == exit->tid))
			metric->ended = true;
	}
}

static void count_event(struct metrics *metrics, const struct sst_event *event)
{
	struct metrics_events *events = &metrics->events;
	bool process = event->tid == event->pid;

	switch (event->kind) {
	case SST_EVENT_START:
		++*(process ? &events->process_starts : &events->thread_starts);
		break;
	case SST_EVENT_EXEC:
		events->process_execs++;
		break;
	case SST_EVENT_EXIT:
		++*(process ? &events->process_exits : &events->thread_exits);
		end_series(metrics, event);
		break;
	default:
		break;
	}
}

static void add_event(struct view *view, const struct thread_event *event)
{
	struct metrics *metrics = of_view(view);

	if (!event->wanted)
		return;
	pthread_mutex_lock(&metrics->lock);
	count_event(metrics, event->event);
	pthread_mutex_unlock(&metrics->lock);
}

/* --- the recording */

/* The ABI of a machine as `uname -m` calls it; 0 where that is not known. */
static unsigned abi_of_machine(const char *machine)
{
	int abi = sst_abi_from_name(machine);

	if (abi < 0 && machine[0] == 'i' && strcmp(machine + 2, "86") == 0)
		abi = SST_ABI_I386;
	if (abi < 0 && strncmp(machine, "arm", 3) == 0)
		abi = SST_ABI_ARM;
	return abi > 0 && abi < SST_ABI_COUNT ? (unsigned)abi : 0;
}

static void note_fact(struct metrics *metrics, enum metric_fact fact, const char *key)
{
	const char *value = sst_meta_get(&metrics->view.recording->meta, key);
	size_t len = value ? strnlen(value, SST_COMM_MAX) : 0;

	if (value)
		memcpy(metrics->facts[fact], value, len);
	metrics->facts[fact][len] = 0;
}

static void end_sum(struct metric_sum *sum)
{
	sum->before += sum->now;
	sum->now = 0;
}

/* The parts of a recording are one recorder's. */
static void note_recorder(struct metrics *metrics)
{
	struct metrics_health *health = &metrics->health;

	if (session_enter(&health->session, &metrics->view.recording->meta))
		return;
	end_sum(&health->recorder_cpu);
	end_sum(&health->programs);
	end_sum(&health->written);
}

static void begin(struct view *view)
{
	struct metrics *metrics = of_view(view);

	pthread_mutex_lock(&metrics->lock);
	note_recorder(metrics);
	metrics->health.recordings++;
	note_fact(metrics, FACT_HOST, "host.name");
	note_fact(metrics, FACT_KERNEL, "kernel.release");
	note_fact(metrics, FACT_MACHINE, "host.machine");
	note_fact(metrics, FACT_RECORDER, "recorder");
	metrics->native = abi_of_machine(metrics->facts[FACT_MACHINE]);
	pthread_mutex_unlock(&metrics->lock);
}

static void note_damages(struct metrics_health *health, uint64_t damages)
{
	if (damages < health->damages) /* another input has begun */
		health->damages_before += health->damages;
	health->damages = damages;
}

static void note_health(struct metrics_health *health, const struct walk *walk)
{
	const struct sst_meta *end = &walk->recording.end_meta;
	const struct sst_health *told = &walk->recording.health;

	if (walk->recording.tells_health) {
		note_sum(&health->recorder_cpu, told->cpu_ns);
		note_sum(&health->programs, told->run_ns);
		note_sum(&health->written, told->written);
		health->ring = told->ring;
		health->ring_used = told->ring_used;
	}
	if (walk->frame.type != SST_FRAME_END)
		return;
	note_sum(&health->recorder_cpu, sst_meta_u64(end, "cpu.ns", 0));
	note_sum(&health->programs, sst_meta_u64(end, "programs.ns", 0));
}

static void passed(struct view *view, const struct walk *walk)
{
	struct metrics *metrics = of_view(view);
	struct metrics_health *health = &metrics->health;
	const struct recording *recording = &walk->recording;

	pthread_mutex_lock(&metrics->lock);
	health->frames++;
	health->bytes += walk->frame.length;
	if (walk->frame.type == SST_FRAME_ROWS)
		health->rows += walk->frame.n_rows;
	if (recording->known_until && health->clock.real)
		health->known_until =
			(int64_t)((uint64_t)health->clock.real + (recording->known_until - health->clock.boot));
	note_health(health, walk);
	note_damages(health, walk->report->damages);
	pthread_mutex_unlock(&metrics->lock);
}

/* --- all of it */

static void release(struct view *view)
{
	(void)view; /* it is a part of the metrics */
}

struct view *metrics_view(struct metrics *metrics)
{
	return &metrics->view;
}

struct metrics *metrics_new(const struct metrics_config *config)
{
	struct metrics *metrics = calloc(1, sizeof(*metrics));

	if (!metrics)
		return NULL;
	pthread_mutex_init(&metrics->lock, NULL);
	metrics->config = *config;
	metrics->unused_error = METRIC_NONE;
	memset(metrics->heads, 0xff, sizeof(metrics->heads));
	metrics->view = (struct view){
		.columns = SST_COL_TIME | SST_COL_CALL | SST_COL_RET | SST_COL_STATE |
			   (metrics->config.by & BY_CONTAINER ? SST_COL_WHERE : 0),
		.ordered = true,
		.begin = begin,
		.call = stats_call,
		.frame = new_frame,
		.row = add_row,
		.tallied = add_tallied,
		.interval = add_interval,
		.lost = add_lost,
		.event = add_event,
		.passed = passed,
		.release = release,
	};
	return metrics;
}

void metrics_free(struct metrics *metrics)
{
	if (!metrics)
		return;
	pthread_mutex_destroy(&metrics->lock);
	free(metrics);
}
