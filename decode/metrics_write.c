/* metrics_write.c - the text format of Prometheus; see metrics.h */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cell.h"
#include "containers.h"
#include "format/errno.h"
#include "format/syscalls.h"
#include "metrics_data.h"

/* pid, tid, comm, syscall, abi: names, quotes, commas */
#define LABELS_ROOM (CELL_JSON_MAX(SST_COMM_MAX) + 256)
#define CLASSIC_MAX (SST_ABI_COUNT * METRIC_CLASSIC)

static const char *const bound_names[METRIC_BUCKETS] = {
	"0.000001", "0.000004", "0.000016", "0.000064", "0.000256", "0.001", "0.004",
	"0.016",    "0.064",    "0.256",    "1",        "4",        "16",
};

/* What stands before the series of a name. */
static void say_family(struct page *page, const char *name, const char *type, const char *help)
{
	page_printf(page, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* A family of one series. */
static void say_one(struct page *page, const char *name, const char *type, uint64_t value, const char *help)
{
	say_family(page, name, type, help);
	page_printf(page, "%s %" PRIu64 "\n", name, value);
}

static const char *seconds(char text[NUMBER_ROOM], uint64_t ns)
{
	*put_seconds_u64(text, ns) = 0;
	return text;
}

/* --- labels */

static char *put_label(char *p, const char *name, const char *value, size_t len)
{
	p = cell_string(cell_string(p, name), "=\"");
	p = cell_json(p, value, len); /* escapes what the format wants escaped, and makes it UTF-8 */
	return cell_string(p, "\",");
}

static char *put_number_label(char *p, const char *name, uint64_t value)
{
	char text[NUMBER_ROOM];

	return put_label(p, name, text, (size_t)(put_u64(text, value) - text));
}

static char *put_call_labels(char *p, const struct tally_key *key)
{
	char abi[NUMBER_ROOM];
	struct call call;

	if (key->abi == SST_TALLY_ANY)
		return put_label(put_label(p, "syscall", "other", 5), "abi", "other", 5);
	call_init(&call, &(struct sst_call){.nr = key->nr, .abi = key->abi});
	p = put_label(p, "syscall", call.name, strlen(call.name));
	return put_label(p, "abi", abi, (size_t)(cell_abi(abi, key->abi) - abi));
}

static char *put_container_label(char *p, uint16_t container)
{
	size_t len;
	const char *text = container_text(container, CONTAINER_BEST, &len);

	return put_label(p, "container", text, len < SST_COMM_MAX ? len : SST_COMM_MAX);
}

static char *put_other_labels(char *p, unsigned by)
{
	static const struct {
		unsigned by;
		const char *name;
	} labels[] = {{BY_PROCESS | BY_THREAD, "pid"}, {BY_THREAD, "tid"},
		      {BY_CONTAINER, "container"},     {BY_COMM, "comm"},
		      {BY_SYSCALL, "syscall"},         {BY_SYSCALL, "abi"}};

	for (unsigned i = 0; i < sizeof(labels) / sizeof(labels[0]); i++)
		if (by & labels[i].by)
			p = put_label(p, labels[i].name, "other", 5);
	return p;
}

/* The labels of a metric, each with a comma behind it. */
static void make_labels(char labels[LABELS_ROOM], const struct metric *metric, unsigned by)
{
	const struct tally_key *key = &metric->key;
	char *p = labels;

	if (key->kind == TALLY_OTHER) {
		*put_other_labels(p, by) = 0;
		return;
	}
	if (by & (BY_PROCESS | BY_THREAD))
		p = put_number_label(p, "pid", key->pid);
	if (by & BY_THREAD)
		p = put_number_label(p, "tid", key->tid);
	if (by & BY_CONTAINER)
		p = put_container_label(p, key->container);
	if (by & BY_COMM)
		p = put_label(p, "comm", key->comm, key->comm_len);
	if (by & BY_SYSCALL)
		p = put_call_labels(p, key);
	*p = 0;
}

static void drop_comma(char *labels)
{
	labels[strlen(labels) - 1] = 0;
}

/* --- families of what calls are told apart by */

/* The metrics one after the other, with their labels; NULL behind the last. */
static const struct metric *nth(const struct metrics *metrics, uint32_t i, char labels[LABELS_ROOM])
{
	const struct metric *metric = i < metrics->n ? &metrics->list[i] : &metrics->list[METRICS_MAX];

	if (i > metrics->n || (i == metrics->n && !metrics->any_other))
		return NULL;
	make_labels(labels, metric, metrics->config.by);
	return metric;
}

static void say_calls(struct page *page, const struct metrics *metrics)
{
	const struct metric *metric;
	char labels[LABELS_ROOM];

	say_family(page, "sysstream_syscalls_total", "counter", "System calls that have returned.");
	for (uint32_t i = 0; (metric = nth(metrics, i, labels)); i++) {
		drop_comma(labels);
		page_printf(page, "sysstream_syscalls_total{%s} %" PRIu64 "\n", labels, metric->calls);
	}
}

static void say_bytes(struct page *page, const struct metrics *metrics)
{
	const struct metric *metric;
	char labels[LABELS_ROOM];

	say_family(page, "sysstream_syscall_bytes_total", "counter",
		   "Bytes that read, write and calls like them have moved.");
	for (uint32_t i = 0; (metric = nth(metrics, i, labels)); i++) {
		drop_comma(labels);
		if (metric->moves)
			page_printf(page, "sysstream_syscall_bytes_total{%s} %" PRIu64 "\n", labels, metric->bytes);
	}
}

static void say_error(struct page *page, const char *labels, const char *name, uint64_t count)
{
	page_printf(page, "sysstream_syscall_errors_total{%serrno=\"%s\"} %" PRIu64 "\n", labels, name, count);
}

static void say_errors(struct page *page, const struct metrics *metrics)
{
	const struct metric *metric;
	char labels[LABELS_ROOM];

	say_family(page, "sysstream_syscall_errors_total", "counter", "System calls that have returned this error.");
	for (uint32_t i = 0; (metric = nth(metrics, i, labels)); i++) {
		for (uint32_t k = metric->errors; k != METRIC_NONE; k = metrics->errors[k].next) {
			const char *name = sst_errno_name(metrics->errors[k].error);
			char number[NUMBER_ROOM];

			*put_u64(number, (uint64_t)metrics->errors[k].error) = 0;
			say_error(page, labels, name ? name : number, metrics->errors[k].count);
		}
		if (metric->other_errors)
			say_error(page, labels, "other", metric->other_errors);
	}
}

static void say_durations_of(struct page *page, const struct metric *metric, char labels[LABELS_ROOM])
{
	uint64_t below = 0;
	char sum[NUMBER_ROOM];

	for (unsigned i = 0; i < METRIC_BUCKETS; i++) {
		below += metric->buckets[i];
		page_printf(page, "sysstream_syscall_duration_seconds_bucket{%sle=\"%s\"} %" PRIu64 "\n", labels,
			    bound_names[i], below);
	}
	page_printf(page, "sysstream_syscall_duration_seconds_bucket{%sle=\"+Inf\"} %" PRIu64 "\n", labels,
		    metric->timed);
	drop_comma(labels);
	page_printf(page, "sysstream_syscall_duration_seconds_sum{%s} %s\n", labels, seconds(sum, metric->total));
	page_printf(page, "sysstream_syscall_duration_seconds_count{%s} %" PRIu64 "\n", labels, metric->timed);
}

static void say_durations(struct page *page, const struct metrics *metrics)
{
	const struct metric *metric;
	char labels[LABELS_ROOM];

	say_family(page, "sysstream_syscall_duration_seconds", "histogram",
		   "Wall time inside system calls, of those whose begin and end were seen.");
	for (uint32_t i = 0; (metric = nth(metrics, i, labels)); i++)
		say_durations_of(page, metric, labels);
}

/* --- a counter for each call by its name */

struct classic {
	char name[40];
	uint64_t count;
};

static int compare_classics(const void *a, const void *b)
{
	return strcmp(((const struct classic *)a)->name, ((const struct classic *)b)->name);
}

/* Those that have come, and all that the machine has; names may come more than once. */
static size_t list_classics(const struct metrics *metrics, struct classic *list)
{
	size_t n = 0;

	for (unsigned abi = 0; abi < SST_ABI_COUNT; abi++) {
		for (uint32_t nr = 0; nr < METRIC_CLASSIC; nr++) {
			uint64_t count = metrics->classic[abi][nr];
			bool native = abi != 0 && abi == metrics->native && sst_syscall_name(abi, nr);
			struct call call;

			if (count == 0 && !native)
				continue;
			call_init(&call, &(struct sst_call){.nr = nr, .abi = (uint8_t)abi});
			memcpy(list[n].name, call.name, sizeof(call.name));
			list[n++].count = count;
		}
	}
	return n;
}

static void say_classic(struct page *page, const char *call, uint64_t count)
{
	page_printf(page,
		    "# HELP sys_%s_calls_total Calls of %s that have returned.\n# TYPE sys_%s_calls_total counter\n"
		    "sys_%s_calls_total %" PRIu64 "\n",
		    call, call, call, call, count);
}

static void say_classics(struct page *page, const struct metrics *metrics)
{
	struct classic *list = malloc(CLASSIC_MAX * sizeof(*list));
	size_t n = list ? list_classics(metrics, list) : 0;

	if (n > 0)
		qsort(list, n, sizeof(*list), compare_classics);
	for (size_t i = 0, k; i < n; i = k) {
		uint64_t count = 0;

		for (k = i; k < n && compare_classics(&list[i], &list[k]) == 0; k++)
			count += list[k].count;
		say_classic(page, list[i].name, count);
	}
	if (metrics->classic_other)
		say_one(page, "sys_other_calls_total", "counter", metrics->classic_other,
			"Calls with numbers from 1024 on, or not known, that have returned.");
	page->failed |= !list;
	free(list);
}

/* --- what is not told apart */

static void say_events(struct page *page, const struct metrics_events *events)
{
	say_one(page, "sysstream_process_starts_total", "counter", events->process_starts,
		"Processes that were started while they were recorded.");
	say_one(page, "sysstream_process_execs_total", "counter", events->process_execs,
		"Programs that recorded processes have executed.");
	say_one(page, "sysstream_process_exits_total", "counter", events->process_exits,
		"Recorded processes that have ended.");
	say_one(page, "sysstream_thread_starts_total", "counter", events->thread_starts,
		"Threads, besides the first of a process, that were started while they were recorded.");
	say_one(page, "sysstream_thread_exits_total", "counter", events->thread_exits,
		"Recorded threads, besides the first of a process, that have ended.");
}

static void say_recording(struct page *page, const struct metrics *metrics)
{
	static const char *const names[FACT_COUNT] = {
		[FACT_HOST] = "host",
		[FACT_KERNEL] = "kernel",
		[FACT_MACHINE] = "machine",
		[FACT_RECORDER] = "recorder",
	};
	char labels[FACT_COUNT * LABELS_ROOM], *p = labels;

	for (unsigned fact = 0; fact < FACT_COUNT; fact++)
		p = put_label(p, names[fact], metrics->facts[fact], strlen(metrics->facts[fact]));
	p[-1] = 0;
	say_family(page, "sysstream_recording_info", "gauge", "The recording that is being read.");
	page_printf(page, "sysstream_recording_info{%s} 1\n", labels);
}

static void say_lost(struct page *page, const struct metrics_health *health)
{
	say_family(page, "sysstream_lost_calls_total", "counter", "System calls that could not be recorded.");
	for (unsigned cause = 0; cause < SST_CAUSE_COUNT; cause++)
		page_printf(page, "sysstream_lost_calls_total{cause=\"%s\"} %" PRIu64 "\n", sst_cause_name(cause),
			    health->lost[cause]);
}

/* A number of seconds. */
static void say_seconds(struct page *page, const char *name, const char *type, uint64_t ns, const char *help)
{
	char text[NUMBER_ROOM];

	say_family(page, name, type, help);
	page_printf(page, "%s %s\n", name, seconds(text, ns));
}

static uint64_t sum_of(const struct metric_sum *sum)
{
	return sum->before + sum->now;
}

/* What recorders say of themselves every few seconds; older ones say less. */
static void say_recorder(struct page *page, const struct metrics_health *health)
{
	if (sum_of(&health->recorder_cpu))
		say_seconds(page, "sysstream_recorder_cpu_seconds_total", "counter", sum_of(&health->recorder_cpu),
			    "CPU time of the recorder.");
	if (!health->ring)
		return;
	say_seconds(page, "sysstream_programs_seconds_total", "counter", sum_of(&health->programs),
		    "Time in the recorder's BPF programs on all processors; 0 without kernel.bpf_stats_enabled=1.");
	say_one(page, "sysstream_written_bytes_total", "counter", sum_of(&health->written),
		"Bytes that the recorder has written.");
	say_one(page, "sysstream_ring_bytes", "gauge", health->ring, "Bytes of the recorder's ring buffers.");
	say_one(page, "sysstream_ring_used_bytes", "gauge", health->ring_used,
		"The most of these that were in use at once in the last few seconds.");
}

static void say_health(struct page *page, const struct metrics *metrics)
{
	const struct metrics_health *health = &metrics->health;

	say_lost(page, health);
	say_one(page, "sysstream_recordings_total", "counter", health->recordings,
		"Recordings, or parts of one, that have been begun.");
	say_one(page, "sysstream_frames_total", "counter", health->frames, "Frames that have been read.");
	say_one(page, "sysstream_rows_total", "counter", health->rows,
		"System calls in these frames, with those that have not returned.");
	say_one(page, "sysstream_read_bytes_total", "counter", health->bytes, "Bytes of these frames.");
	say_one(page, "sysstream_damages_total", "counter", health->damages_before + health->damages,
		"Places where the recording is damaged.");
	if (health->known_until > 0)
		say_seconds(page, "sysstream_recorded_until_timestamp_seconds", "gauge", (uint64_t)health->known_until,
			    "Every call that began up to this time has been read.");
	say_recorder(page, health);
	say_one(page, "sysstream_series", "gauge", metrics->n,
		"What has series of its own, of calls told apart by their labels.");
	say_one(page, "sysstream_series_limit", "gauge", METRICS_MAX,
		"The most of these; the calls of others are in the series 'other'.");
}

static void say_own_cost(struct page *page)
{
	struct timespec cpu;

	if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu) == 0)
		say_seconds(page, "sysstream_decoder_cpu_seconds_total", "counter",
			    (uint64_t)cpu.tv_sec * NS_PER_S + (uint64_t)cpu.tv_nsec,
			    "CPU time of the program that answers this.");
}

/* --- forgetting */

static bool is_over(const struct metric *metric, uint64_t now)
{
	uint64_t limit = metric->ended ? METRIC_ENDED_NS : METRIC_IDLE_NS;

	return metric->waits && now - metric->since >= limit;
}

/* What is to be forgotten waits from when it is shown with its last values. */
static void note_waiting(struct metrics *metrics, uint64_t now)
{
	bool by_process = metrics->config.by & (BY_PROCESS | BY_THREAD);
	bool by_name = metrics->config.by & BY_COMM && !by_process;

	for (uint32_t i = 0; i < metrics->n; i++) {
		struct metric *metric = &metrics->list[i];
		bool idle = (by_name || (by_process && metric->counted)) && metric->calls == metric->calls_seen;

		if ((metric->ended || idle) && !metric->waits)
			metric->since = now;
		metric->waits = metric->ended || idle;
		metric->calls_seen = metric->calls;
	}
}

void metrics_write(struct metrics *metrics, uint64_t now, struct page *page)
{
	pthread_mutex_lock(&metrics->lock);
	metrics_forget(metrics, is_over, now);
	note_waiting(metrics, now);
	say_calls(page, metrics);
	say_errors(page, metrics);
	say_bytes(page, metrics);
	say_durations(page, metrics);
	say_classics(page, metrics);
	say_events(page, &metrics->events);
	if (metrics->health.recordings)
		say_recording(page, metrics);
	say_health(page, metrics);
	pthread_mutex_unlock(&metrics->lock);
	say_own_cost(page);
}
