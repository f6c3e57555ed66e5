/* What is counted for Prometheus, how it is written, and what is forgotten. */
#include "decode/metrics.h"

#include <inttypes.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "decode/serve.h"
#include "decode/walk.h"
#include "format/syscalls.h"

#define S ((uint64_t)1000000000)

static struct recording recording = {.start = 1000, .has_start = true};
static uint64_t serial;

static struct metrics *start(unsigned by)
{
	struct metrics *metrics = metrics_new(&(struct metrics_config){.by = by});

	assert_non_null(metrics);
	metrics_view(metrics)->recording = &recording;
	return metrics;
}

static struct sst_group group(uint32_t pid, uint32_t tid, const char *comm)
{
	struct sst_group who = {.pid = pid, .tid = tid, .comm_len = (uint8_t)strlen(comm)};

	memcpy(who.comm, comm, strlen(comm));
	return who;
}

static void add(struct metrics *metrics, struct sst_group who, uint32_t nr, uint64_t duration, int64_t ret)
{
	struct view *view = metrics_view(metrics);
	struct call call;
	struct row row = {.time = 2000, .duration = duration, .ret = (uint64_t)ret, .who = &who, .call = &call};

	call_init(&call, &(struct sst_call){.nr = nr, .abi = SST_ABI_X86_64, .nargs = 3});
	view->call(view, &call);
	view->frame(view, ++serial);
	view->row(view, &row);
}

static void happens(struct metrics *metrics, enum sst_event_kind kind, uint32_t pid, uint32_t tid)
{
	struct sst_event event = {.kind = (uint8_t)kind, .pid = pid, .tid = tid};
	struct view *view = metrics_view(metrics);

	view->event(view, &(struct thread_event){.event = &event, .comm = "", .wanted = true});
}

/* The page, in static storage. */
static const char *page_at(struct metrics *metrics, uint64_t now)
{
	static char text[16 << 20];
	struct page page = {0};

	metrics_write(metrics, now, &page);
	assert_false(page.failed);
	assert_true(page.len < sizeof(text));
	memcpy(text, page.text, page.len);
	text[page.len] = 0;
	page_clear(&page);
	return text;
}

/* Has the page this line? */
static bool has(const char *page, const char *line)
{
	size_t len = strlen(line);

	for (const char *at = page; (at = strstr(at, line)); at++)
		if ((at == page || at[-1] == '\n') && at[len] == '\n')
			return true;
	return false;
}

static void calls_are_counted_by_what_became_of_them(void **state)
{
	struct metrics *metrics = start(BY_SYSCALL);
	struct sst_group who = group(7, 7, "x");
	const char *page;

	(void)state;
	add(metrics, who, 0, 1000, 100); /* read: at most a microsecond */
	add(metrics, who, 0, 1001, 23);
	add(metrics, who, 0, 17 * S, -4);
	add(metrics, who, 0, 500, -4);
	add(metrics, who, 0, 500, -9);
	add(metrics, who, 56, 2500, 77); /* clone: moves no bytes */
	page = page_at(metrics, 0);
	assert_true(has(page, "sysstream_syscalls_total{syscall=\"read\",abi=\"x86_64\"} 5"));
	assert_true(has(page, "sysstream_syscall_errors_total{syscall=\"read\",abi=\"x86_64\",errno=\"EINTR\"} 2"));
	assert_true(has(page, "sysstream_syscall_errors_total{syscall=\"read\",abi=\"x86_64\",errno=\"EBADF\"} 1"));
	assert_true(has(page, "sysstream_syscall_bytes_total{syscall=\"read\",abi=\"x86_64\"} 123"));
	assert_null(strstr(page, "sysstream_syscall_bytes_total{syscall=\"clone\""));
	assert_true(has(page,
			"sysstream_syscall_duration_seconds_bucket{syscall=\"read\",abi=\"x86_64\",le=\"0.000001\"} "
			"3"));
	assert_true(has(page,
			"sysstream_syscall_duration_seconds_bucket{syscall=\"read\",abi=\"x86_64\",le=\"0.000004\"} "
			"4"));
	assert_true(
		has(page, "sysstream_syscall_duration_seconds_bucket{syscall=\"read\",abi=\"x86_64\",le=\"16\"} 4"));
	assert_true(
		has(page, "sysstream_syscall_duration_seconds_bucket{syscall=\"read\",abi=\"x86_64\",le=\"+Inf\"} 5"));
	assert_true(has(page, "sysstream_syscall_duration_seconds_count{syscall=\"read\",abi=\"x86_64\"} 5"));
	assert_true(has(page, "sysstream_syscall_duration_seconds_sum{syscall=\"read\",abi=\"x86_64\"} 17.000003001"));
	assert_true(has(page, "sys_clone_calls_total 1"));
	assert_true(has(page, "sys_read_calls_total 5"));
	assert_true(has(page, "# TYPE sys_read_calls_total counter"));
	metrics_free(metrics);
}

static void what_has_not_returned_is_not_counted(void **state)
{
	struct metrics *metrics = start(BY_SYSCALL);
	struct view *view = metrics_view(metrics);
	struct sst_group who = group(7, 7, "x");
	struct call call;
	struct row row = {.time = 2000, .who = &who, .call = &call, .state = SST_UNFINISHED};

	(void)state;
	call_init(&call, &(struct sst_call){.nr = 7, .abi = SST_ABI_X86_64, .nargs = 3});
	view->call(view, &call);
	view->frame(view, ++serial);
	view->row(view, &row);
	row.state = SST_MIDWAY_OPEN;
	view->row(view, &row);
	assert_null(strstr(page_at(metrics, 0), "syscall=\"poll\""));
	row.state = SST_MIDWAY; /* it returns: what it took is not known */
	row.replaces = true;
	view->row(view, &row);
	assert_true(has(page_at(metrics, 0), "sysstream_syscalls_total{syscall=\"poll\",abi=\"x86_64\"} 1"));
	assert_true(has(page_at(metrics, 0),
			"sysstream_syscall_duration_seconds_count{syscall=\"poll\",abi=\"x86_64\"} 0"));
	metrics_free(metrics);
}

/* Every call of the machine has its counter from the beginning, once. */
static void classic_names_are_all_there(void **state)
{
	struct metrics *metrics = start(BY_SYSCALL);
	struct recording named = recording;
	const char *page, *name;
	struct call call;

	(void)state;
	assert_int_equal(sst_meta_set(&named.meta, "host.machine", "x86_64"), 0);
	assert_int_equal(sst_meta_set(&named.meta, "host.name", "a\"b\\c\nd\xff"), 0);
	metrics_view(metrics)->recording = &named;
	metrics_view(metrics)->begin(metrics_view(metrics));
	metrics_view(metrics)->recording = &recording;
	add(metrics, group(1, 1, "x"), 2, 10, 3);
	/* the same name in another ABI */
	call_init(&call, &(struct sst_call){.nr = 5, .abi = SST_ABI_I386, .nargs = 3});
	metrics_view(metrics)->row(metrics_view(metrics),
				   &(struct row){.who = &(struct sst_group){.pid = 1, .tid = 1}, .call = &call});
	add(metrics, group(1, 1, "x"), 4000, 10, 3);
	page = page_at(metrics, 0);
	for (uint32_t nr = 0; (name = sst_syscall_next(SST_ABI_X86_64, &nr)); nr++) {
		char type[100], *first;

		snprintf(type, sizeof(type), "\n# TYPE sys_%s_calls_total counter\n", name);
		first = strstr(page, type);
		assert_non_null(first);
		assert_null(strstr(first + 1, type));
	}
	assert_true(has(page, "sys_open_calls_total 2"));
	assert_true(has(page, "sys_close_calls_total 0"));
	assert_true(has(page, "sys_other_calls_total 1"));
	assert_true(has(page, "sysstream_syscalls_total{syscall=\"open\",abi=\"i386\"} 1"));
	assert_true(has(page, "sysstream_syscalls_total{syscall=\"syscall_4000\",abi=\"x86_64\"} 1"));
	assert_true(has(page,
			"sysstream_recording_info{host=\"a\\\"b\\\\\\\\c\\\\nd\\\\xff\",kernel=\"\",machine=\"x86_64\","
			"recorder=\"\"} 1"));
	sst_meta_clear(&named.meta);
	metrics_free(metrics);
}

static void labels_are_what_was_asked_for(void **state)
{
	struct metrics *metrics = start(BY_PROCESS | BY_THREAD | BY_COMM);
	const char *page;

	(void)state;
	add(metrics, group(7, 8, "a\"\\\n\xc3"), 0, 10, 1);
	add(metrics, group(7, 8, "a\"\\\n\xc3"), 1, 10, 1);
	page = page_at(metrics, 0);
	assert_true(has(page, "sysstream_syscalls_total{pid=\"7\",tid=\"8\",comm=\"a\\\"\\\\\\\\\\\\n\\\\xc3\"} 2"));
	metrics_free(metrics);
}

/* The sum of all values of a family. */
static uint64_t sum_of(const char *page, const char *name)
{
	uint64_t sum = 0;
	char start_of[100];

	snprintf(start_of, sizeof(start_of), "\n%s{", name);
	for (const char *at = page; (at = strstr(at, start_of)); at++)
		sum += strtoull(strstr(at, "} ") + 2, NULL, 10);
	return sum;
}

static void series_are_capped(void **state)
{
	struct metrics *metrics = start(BY_PROCESS | BY_SYSCALL);
	const char *page;

	(void)state;
	for (uint32_t pid = 1; pid <= 3 * METRICS_MAX; pid++)
		add(metrics, group(pid, pid, "x"), pid % 2, 10, pid % 3 ? 1 : -2);
	page = page_at(metrics, 0);
	assert_true(has(page, "sysstream_syscalls_total{pid=\"other\",syscall=\"other\",abi=\"other\"} 2048"));
	assert_int_equal(sum_of(page, "sysstream_syscalls_total"), 3 * METRICS_MAX);
	assert_int_equal(sum_of(page, "sysstream_syscall_bytes_total"), 2 * METRICS_MAX);
	assert_int_equal(sum_of(page, "sysstream_syscall_errors_total"), METRICS_MAX);
	assert_true(has(page, "sysstream_series 1024"));
	/* what has ended makes room */
	for (uint32_t pid = 1; pid <= 100; pid++)
		happens(metrics, SST_EVENT_EXIT, pid, pid);
	add(metrics, group(5000, 5000, "x"), 0, 10, 1);
	page = page_at(metrics, 0);
	assert_true(has(page, "sysstream_syscalls_total{pid=\"5000\",syscall=\"read\",abi=\"x86_64\"} 1"));
	assert_null(strstr(page, "{pid=\"100\""));
	assert_true(has(page, "sysstream_series 925"));
	metrics_free(metrics);
}

static void errors_are_capped(void **state)
{
	struct metrics *metrics = start(BY_PROCESS);
	const char *page;

	(void)state;
	for (uint32_t pid = 1; pid <= METRICS_MAX; pid++)
		for (int error = 1; error <= 50; error++)
			add(metrics, group(pid, pid, "x"), 0, 10, -error);
	page = page_at(metrics, 0);
	assert_int_equal(sum_of(page, "sysstream_syscall_errors_total"), 50 * METRICS_MAX);
	assert_true(has(page, "sysstream_syscall_errors_total{pid=\"1\",errno=\"other\"} 18"));
	assert_true(has(page, "sysstream_syscall_errors_total{pid=\"1024\",errno=\"other\"} 50"));
	/* those of the forgotten can be used again */
	happens(metrics, SST_EVENT_EXIT, 1, 1);
	page_at(metrics, 0);
	page_at(metrics, 60 * S);
	add(metrics, group(1024, 1024, "x"), 0, 10, -1);
	assert_true(has(page_at(metrics, 60 * S), "sysstream_syscall_errors_total{pid=\"1024\",errno=\"EPERM\"} 1"));
	metrics_free(metrics);
}

/* As many series and errors as there can be, with the longest labels. */
static void pages_are_bounded(void **state)
{
	struct metrics *metrics = start(BY_THREAD | BY_COMM | BY_SYSCALL);
	struct page page = {0};

	(void)state;
	for (uint32_t tid = 1; tid <= METRICS_MAX + 1; tid++) {
		struct sst_group who = {.pid = UINT32_MAX - tid, .tid = UINT32_MAX - tid, .comm_len = SST_COMM_MAX};

		memset(who.comm, 1, sizeof(who.comm));
		for (int error = 1; error <= 5; error++)
			add(metrics, who, UINT32_MAX, UINT64_MAX, -error);
	}
	metrics_write(metrics, 0, &page);
	assert_false(page.failed);
	assert_true(page.len > 1000000);
	assert_true(page.cap <= METRICS_PAGE);
	page_clear(&page);
	metrics_free(metrics);
}

static void series_of_the_ended_go(void **state)
{
	struct metrics *metrics = start(BY_PROCESS);

	(void)state;
	add(metrics, group(1, 1, "x"), 0, 10, 1);
	add(metrics, group(2, 2, "x"), 0, 10, 1);
	add(metrics, group(2, 3, "x"), 0, 10, 1);
	happens(metrics, SST_EVENT_EXIT, 2, 3); /* a thread of it */
	page_at(metrics, 100 * S);
	assert_true(has(page_at(metrics, 500 * S), "sysstream_syscalls_total{pid=\"2\"} 2"));
	happens(metrics, SST_EVENT_EXIT, 2, 2);
	assert_true(has(page_at(metrics, 500 * S), "sysstream_syscalls_total{pid=\"2\"} 2"));
	assert_true(has(page_at(metrics, 559 * S), "sysstream_syscalls_total{pid=\"2\"} 2"));
	assert_null(strstr(page_at(metrics, 560 * S), "{pid=\"2\""));
	assert_true(has(page_at(metrics, 9999 * S), "sysstream_syscalls_total{pid=\"1\"} 1"));
	/* the number is used again within the minute: it goes on */
	happens(metrics, SST_EVENT_EXIT, 1, 1);
	page_at(metrics, 10000 * S);
	add(metrics, group(1, 1, "y"), 0, 10, 1);
	page_at(metrics, 10030 * S);
	assert_true(has(page_at(metrics, 99999 * S), "sysstream_syscalls_total{pid=\"1\"} 2"));
	assert_true(has(page_at(metrics, 99999 * S), "sysstream_process_exits_total 2"));
	assert_true(has(page_at(metrics, 99999 * S), "sysstream_thread_exits_total 1"));
	metrics_free(metrics);
}

static void series_of_a_thread_go_with_it(void **state)
{
	struct metrics *metrics = start(BY_THREAD);

	(void)state;
	add(metrics, group(2, 2, "x"), 0, 10, 1);
	add(metrics, group(2, 3, "x"), 0, 10, 1);
	happens(metrics, SST_EVENT_EXIT, 2, 3);
	page_at(metrics, 0);
	assert_null(strstr(page_at(metrics, 60 * S), "{pid=\"2\",tid=\"3\"}"));
	assert_non_null(strstr(page_at(metrics, 60 * S), "{pid=\"2\",tid=\"2\"}"));
	metrics_free(metrics);
}

static void names_that_are_idle_go(void **state)
{
	struct metrics *metrics = start(BY_COMM | BY_SYSCALL);

	(void)state;
	add(metrics, group(1, 1, "idle"), 0, 10, 1);
	add(metrics, group(2, 2, "busy"), 0, 10, 1);
	page_at(metrics, 0);
	page_at(metrics, 10 * S); /* idle from here on */
	add(metrics, group(2, 2, "busy"), 0, 10, 1);
	assert_non_null(strstr(page_at(metrics, 309 * S), "{comm=\"idle\","));
	assert_null(strstr(page_at(metrics, 310 * S), "{comm=\"idle\","));
	assert_non_null(strstr(page_at(metrics, 310 * S), "{comm=\"busy\","));
	metrics_free(metrics);
}

/* Two series with the same labels would make the page invalid. */
static void who_is_called_other_is_among_the_others(void **state)
{
	struct metrics *metrics = start(BY_COMM);
	const char *page, *first;

	(void)state;
	add(metrics, group(1, 1, "other"), 0, 10, 1);
	for (unsigned i = 0; i <= METRICS_MAX; i++) {
		char comm[16];

		snprintf(comm, sizeof(comm), "c%u", i);
		add(metrics, group(1, 1, comm), 0, 10, 1);
	}
	page = page_at(metrics, 0);
	first = strstr(page, "sysstream_syscalls_total{comm=\"other\"} 2\n");
	assert_non_null(first);
	assert_null(strstr(first + 1, "sysstream_syscalls_total{comm=\"other\"}"));
	metrics_free(metrics);
}

static void the_stream_is_told_of(void **state)
{
	struct metrics *metrics = start(BY_SYSCALL);
	struct view *view = metrics_view(metrics);
	struct sst_gap gap = {.count = 12, .cause = SST_CAUSE_RING_FULL};
	struct report report = {.damages = 2};
	struct walk walk = {.report = &report, .frame = {.type = SST_FRAME_ROWS, .length = 100, .n_rows = 5}};
	const char *page;

	(void)state;
	view->lost(view, &(struct lost){.gap = &gap});
	view->passed(view, &walk);
	walk.frame.type = SST_FRAME_LATE;
	view->passed(view, &walk);
	report.damages = 1; /* another input */
	view->passed(view, &walk);
	page = page_at(metrics, 0);
	assert_true(has(page, "sysstream_lost_calls_total{cause=\"ring-full\"} 12"));
	assert_true(has(page, "sysstream_lost_calls_total{cause=\"write\"} 0"));
	assert_true(has(page, "sysstream_frames_total 3"));
	assert_true(has(page, "sysstream_rows_total 5"));
	assert_true(has(page, "sysstream_read_bytes_total 300"));
	assert_true(has(page, "sysstream_damages_total 3"));
	assert_null(strstr(page, "sysstream_recorded_until_timestamp_seconds"));
	metrics_free(metrics);
}

static void add_sum(struct metrics *metrics, struct sst_group who, const struct sst_tally_line *line,
		    const struct sst_tally_cell *cells)
{
	struct view *view = metrics_view(metrics);
	struct call call;

	call_init(&call, &(struct sst_call){.nr = line->nr, .abi = line->abi});
	view->tallied(view, &(struct tallied){.who = &who, .call = &call, .line = line, .cells = cells});
}

/* Calls that the recorder has counted, and rows, add up. */
static void sums_are_counted(void **state)
{
	static const struct sst_tally_cell cells[] = {{.bucket = 31, .count = 2}, {.bucket = 80, .count = 6}};
	const struct sst_tally_line read = {.abi = SST_ABI_X86_64,
					    .calls = 10,
					    .errors = 3,
					    .unfinished = 1,
					    .timed = 8,
					    .total = 17 * S,
					    .max = S,
					    .bytes = 123,
					    .n_cells = 2};
	const struct sst_tally_line any = {.abi = SST_TALLY_ANY, .calls = 5, .errors = 1};
	struct metrics *metrics = start(BY_SYSCALL);
	const char *page;

	(void)state;
	add_sum(metrics, group(7, 7, "x"), &read, cells);
	add_sum(metrics, group(8, 8, "y"), &read, cells);
	add(metrics, group(7, 7, "x"), 0, 900, 1);
	add_sum(metrics, group(8, 8, "y"), &any, NULL);
	page = page_at(metrics, 0);
	assert_true(has(page, "sysstream_syscalls_total{syscall=\"read\",abi=\"x86_64\"} 19"));
	assert_true(has(page, "sysstream_syscalls_total{syscall=\"other\",abi=\"other\"} 5"));
	assert_true(has(page, "sysstream_syscall_errors_total{syscall=\"read\",abi=\"x86_64\",errno=\"other\"} 6"));
	assert_true(has(page, "sysstream_syscall_bytes_total{syscall=\"read\",abi=\"x86_64\"} 247"));
	/* a bucket of 448 to 511 ns, and one of 2.1 ms */
	assert_true(has(
		page, "sysstream_syscall_duration_seconds_bucket{syscall=\"read\",abi=\"x86_64\",le=\"0.000001\"} 5"));
	assert_true(has(page,
			"sysstream_syscall_duration_seconds_bucket{syscall=\"read\",abi=\"x86_64\",le=\"0.004\"} 17"));
	assert_true(has(page, "sysstream_syscall_duration_seconds_count{syscall=\"read\",abi=\"x86_64\"} 17"));
	assert_true(has(page, "sysstream_syscall_duration_seconds_sum{syscall=\"read\",abi=\"x86_64\"} 34.000000900"));
	assert_true(has(page, "sys_read_calls_total 19"));
	assert_true(has(page, "sys_other_calls_total 5"));
	metrics_free(metrics);
}

static void what_is_not_known_of_a_process_is_its_own(void **state)
{
	const struct sst_tally_line any = {.abi = SST_TALLY_ANY, .calls = 5};
	struct metrics *metrics = start(BY_PROCESS | BY_SYSCALL);
	const char *page;

	(void)state;
	add_sum(metrics, group(7, 7, "x"), &any, NULL);
	page = page_at(metrics, 0);
	assert_true(has(page, "sysstream_syscalls_total{pid=\"7\",syscall=\"other\",abi=\"other\"} 5"));
	/* when it ends is not told: it goes when nothing has come for a while */
	page_at(metrics, 10 * S);
	assert_non_null(strstr(page_at(metrics, 309 * S), "{pid=\"7\""));
	assert_null(strstr(page_at(metrics, 310 * S), "{pid=\"7\""));
	metrics_free(metrics);
}

/* A frame of that recording, with what the recorder says of itself. */
static void health(struct metrics *metrics, struct recording *of, uint64_t cpu, uint64_t written)
{
	struct view *view = metrics_view(metrics);
	struct report report = {0};
	struct walk walk = {.report = &report, .recording = *of, .frame = {.type = SST_FRAME_ROWS}};

	walk.recording.tells_health = true;
	walk.recording.health = (struct sst_health){cpu, cpu / 2, written, 1000, written % 1000};
	view->passed(view, &walk);
}

static void begin_recording(struct metrics *metrics, struct recording *of, const char *session, uint64_t part)
{
	assert_int_equal(sst_meta_set(&of->meta, "session", session), 0);
	assert_int_equal(sst_meta_set_u64(&of->meta, "part", part), 0);
	metrics_view(metrics)->recording = of;
	metrics_view(metrics)->begin(metrics_view(metrics));
}

/* Parts of a recording go on where the one before has ended; with another recorder nothing goes back. */
static void counters_of_recorders_add_up(void **state)
{
	struct metrics *metrics = start(BY_SYSCALL);
	struct recording of = recording;
	struct view *view = metrics_view(metrics);
	const char *page;

	(void)state;
	assert_null(strstr(page_at(metrics, 0), "sysstream_ring"));
	begin_recording(metrics, &of, "a", 1);
	health(metrics, &of, 3 * S, 5000);
	begin_recording(metrics, &of, "a", 2);
	health(metrics, &of, 4 * S, 6000);
	page = page_at(metrics, 0);
	assert_true(has(page, "sysstream_recorder_cpu_seconds_total 4.000000000"));
	assert_true(has(page, "sysstream_programs_seconds_total 2.000000000"));
	assert_true(has(page, "sysstream_written_bytes_total 6000"));
	begin_recording(metrics, &of, "b", 3);
	page = page_at(metrics, 0);
	assert_true(has(page, "sysstream_recorder_cpu_seconds_total 4.000000000"));
	health(metrics, &of, S, 700);
	page = page_at(metrics, 0);
	assert_true(has(page, "sysstream_recorder_cpu_seconds_total 5.000000000"));
	assert_true(has(page, "sysstream_written_bytes_total 6700"));
	assert_true(has(page, "sysstream_ring_bytes 1000"));
	assert_true(has(page, "sysstream_ring_used_bytes 700"));
	/* tallies say some of it too */
	view->interval(view, &(struct sst_tally){.began = 3, .ended = 2, .cpu_ns = 2 * S, .run_ns = S / 4}, true);
	view->interval(view, &(struct sst_tally){.began = 3, .ended = 2}, false);
	page = page_at(metrics, 0);
	assert_true(has(page, "sysstream_recorder_cpu_seconds_total 6.000000000"));
	assert_true(has(page, "sysstream_programs_seconds_total 2.500000000"));
	assert_true(has(page, "sysstream_process_starts_total 3"));
	assert_true(has(page, "sysstream_process_exits_total 2"));
	sst_meta_clear(&of.meta);
	metrics_free(metrics);
}

static void addresses(void **state)
{
	static const char *const wrong[] = {"",        "x",        "65536",       "-1",       "1.2.3.4", "1.2.3:80",
					    "[::1]",   ":3000",    "[::1:3000",   "::1:3000", "[]:80",   "[1.2.3.4]:80",
					    "host:80", "1.2.3.4:", "1.2.3.4:80 ", "[::1]x:80"};
	struct serve_address address;
	struct sockaddr_in in;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(serve_address(wrong[i], &address));
	assert_true(serve_address("3000", &address));
	memcpy(&in, &address.socket, sizeof(in));
	assert_int_equal(in.sin_family, AF_INET);
	assert_int_equal(ntohl(in.sin_addr.s_addr), INADDR_LOOPBACK);
	assert_int_equal(ntohs(in.sin_port), 3000);
	assert_true(serve_address("0.0.0.0:65535", &address));
	assert_true(serve_address("[::]:0", &address));
	assert_int_equal(address.socket.ss_family, AF_INET6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls_are_counted_by_what_became_of_them),
		cmocka_unit_test(what_has_not_returned_is_not_counted),
		cmocka_unit_test(classic_names_are_all_there),
		cmocka_unit_test(labels_are_what_was_asked_for),
		cmocka_unit_test(series_are_capped),
		cmocka_unit_test(errors_are_capped),
		cmocka_unit_test(pages_are_bounded),
		cmocka_unit_test(series_of_the_ended_go),
		cmocka_unit_test(series_of_a_thread_go_with_it),
		cmocka_unit_test(names_that_are_idle_go),
		cmocka_unit_test(who_is_called_other_is_among_the_others),
		cmocka_unit_test(the_stream_is_told_of),
		cmocka_unit_test(sums_are_counted),
		cmocka_unit_test(what_is_not_known_of_a_process_is_its_own),
		cmocka_unit_test(counters_of_recorders_add_up),
		cmocka_unit_test(addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
