/*
 * tally.c - recordings of sums, for tests and benches, the same each time; on standard output
 *
 *	tally small	four intervals of two processes: an idle one, one in two frames, calls that are not known
 *	tally day	what an idle server does in 24 hours, at 5 s
 */
#include "format/abi.h"
#include "format/meta.h"
#include "format/writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MS (UINT64_C(1000000))
#define S  (1000 * MS)

#define START (86400 * S)

static void check(int err, const char *what)
{
	if (!err)
		return;
	fprintf(stderr, "tally: %s: %d\n", what, err);
	exit(1);
}

static int write_out(void *context, const void *data, size_t len)
{
	return fwrite(data, 1, len, context) == len ? 0 : -1;
}

static struct sst_writer *begin(uint64_t interval)
{
	static const uint8_t uuid[16] = {0x7a};
	struct sst_sink sink = {.write = write_out, .context = stdout};
	struct sst_writer *writer = sst_writer_new(&sink, uuid, 1);
	struct sst_meta meta = {0};

	check(!writer, "memory");
	check(sst_meta_set(&meta, "recorder", "golden 1"), "recorder");
	check(sst_meta_set_u64(&meta, "start.boot", START), "start.boot");
	check(sst_meta_set_i64(&meta, "start.real", INT64_C(1700000000) * 1000000000), "start.real");
	check(sst_meta_set_u64(&meta, "tally", interval), "tally");
	check(sst_writer_meta(writer, &meta), "META");
	sst_meta_clear(&meta);
	return writer;
}

static void end(struct sst_writer *writer)
{
	struct sst_meta meta = {0};

	check(sst_meta_set(&meta, "reason", "golden"), "reason");
	check(sst_writer_end(writer, &meta), "END");
	check(fflush(stdout), "standard output");
	sst_meta_clear(&meta);
	sst_writer_free(writer);
}

static void set_times(struct sst_tally *tally, uint64_t from, uint64_t until)
{
	sst_tally_clear(tally);
	tally->from = START + from;
	tally->until = START + until;
	tally->clock = (struct sst_clock){.boot = tally->until,
					  .mono = tally->until,
					  .real = (int64_t)(INT64_C(1700000000) * 1000000000 + (int64_t)until)};
}

/* n calls of ns each. */
static struct sst_tally_line plain(uint32_t nr, uint64_t n, uint64_t ns, struct sst_tally_cell *cell)
{
	*cell = (struct sst_tally_cell){.count = n, .bucket = (uint8_t)sst_tally_bucket(ns)};
	return (struct sst_tally_line){
		.abi = SST_ABI_X86_64, .nr = nr, .calls = n, .timed = n, .total = n * ns, .max = ns, .n_cells = 1};
}

/* --- small ------------------------------------------------------------------------------------------------ */

static void add_plain(struct sst_tally *tally, uint32_t nr, uint64_t n, uint64_t ns, uint64_t bytes)
{
	struct sst_tally_cell cell;
	struct sst_tally_line line = plain(nr, n, ns, &cell);

	line.bytes = bytes;
	check(sst_tally_line(tally, &line, &cell), "line");
}

static void small(void)
{
	static const struct sst_tally_cell cells[] = {{.count = 90, .bucket = 30}, {.count = 10, .bucket = 76}};
	const struct sst_tally_line spread = {.abi = SST_ABI_X86_64,
					      .nr = 1,
					      .calls = 103,
					      .errors = 4,
					      .unfinished = 1,
					      .timed = 100,
					      .total = 10090 * 1000,
					      .max = MS + 200000,
					      .bytes = 4096,
					      .n_cells = 2};
	const struct sst_tally_line others = {.abi = SST_TALLY_ANY, .calls = 17, .errors = 2};
	struct sst_writer *writer = begin(100 * MS);
	struct sst_tally *tally = sst_tally_new();

	check(!tally, "memory");
	set_times(tally, 0, 100 * MS);
	tally->began = 1;
	check(sst_tally_process(tally, 700, "server", 6), "process");
	add_plain(tally, 0, 10, 400, 640);
	check(sst_tally_line(tally, &spread, cells), "line");
	tally->flags = SST_TALLY_MORE;
	check(sst_writer_tally(writer, tally), "frame");
	set_times(tally, 0, 100 * MS);
	check(sst_tally_process(tally, 700, "server", 6), "process");
	check(sst_tally_line(tally, &others, NULL), "line");
	check(sst_tally_process(tally, 701, "a \x1b[31mname", 11), "process");
	add_plain(tally, 39, 1, 90, 0);
	check(sst_writer_tally(writer, tally), "frame");
	set_times(tally, 100 * MS, 200 * MS);
	check(sst_writer_tally(writer, tally), "frame");
	set_times(tally, 200 * MS, 301 * MS);
	check(sst_tally_process(tally, 700, "renamed", 7), "process");
	add_plain(tally, 0, 5, 800, 320);
	check(sst_writer_tally(writer, tally), "frame");
	end(writer);
	sst_tally_free(tally);
}

/* --- day -------------------------------------------------------------------------------------------------- */

static uint64_t state = 1;

/* splitmix64 */
static uint64_t below(uint64_t n)
{
	uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (z ^ (z >> 31)) % n;
}

/* A service that wakes up now and then: which calls it makes each time, and how long they take. */
struct service {
	const char *name;
	unsigned every;  /* intervals, about */
	unsigned rounds; /* of its loop when it does */
	struct {
		uint32_t nr;
		uint64_t ns, bytes;
	} calls[8]; /* ns 0: no more */
};

static const struct service services[] = {
	{"systemd", 2, 2, {{232, 900 * MS, 0}, {0, 2200, 64}, {228, 400, 0}, {1, 3000, 8}}},
	{"systemd-journal",
	 2,
	 3,
	 {{232, 700 * MS, 0},
	  {47, 2800, 210},
	  {228, 400, 0},
	  {17, 3500, 512},
	  {18, 4000, 512},
	  {257, 6000, 0},
	  {3, 500, 0}}},
	{"systemd-udevd", 12, 2, {{232, 3 * S, 0}, {47, 2000, 120}, {228, 400, 0}}},
	{"systemd-network", 6, 2, {{232, 2 * S, 0}, {47, 2000, 300}, {44, 2500, 60}}},
	{"systemd-resolve", 6, 2, {{232, 2 * S, 0}, {47, 2000, 100}, {44, 2500, 60}, {228, 400, 0}}},
	{"systemd-timesyn", 6, 1, {{232, 2 * S, 0}, {44, 8000, 48}, {47, 5000, 48}}},
	{"dbus-daemon", 4, 2, {{232, 1 * S, 0}, {47, 3000, 200}, {46, 4000, 200}}},
	{"cron", 12, 1, {{35, 5 * S, 0}, {4, 2000, 0}, {262, 1500, 0}}},
	{"rsyslogd", 4, 2, {{270, 1 * S, 0}, {0, 2000, 150}, {1, 4000, 150}, {202, 800, 0}}},
	{"sshd", 30, 1, {{271, 5 * S, 0}, {0, 2000, 36}, {1, 3000, 36}}},
	{"irqbalance", 2, 40, {{257, 9000, 0}, {262, 900, 0}, {0, 4000, 900}, {3, 600, 0}, {7, 200 * MS, 0}}},
	{"nginx",
	 2,
	 4,
	 {{232, 700 * MS, 0}, {288, 5000, 0}, {45, 2000, 80}, {20, 6000, 300}, {3, 2000, 0}, {1, 4000, 90}}},
	{"redis-server", 1, 50, {{232, 99 * MS, 0}, {257, 8000, 0}, {0, 3000, 340}, {3, 700, 0}, {39, 90, 0}}},
	{"postgres", 1, 25, {{232, 200 * MS, 0}, {202, 900, 0}}},
	{"node_exporter",
	 3,
	 30,
	 {{257, 9000, 0},
	  {0, 5000, 2000},
	  {3, 600, 0},
	  {217, 9000, 0},
	  {202, 3000, 0},
	  {1, 9000, 4096},
	  {281, 100 * MS, 0}}},
	{"containerd", 1, 60, {{202, 50 * MS, 0}, {281, 90 * MS, 0}, {35, 1 * MS, 0}}},
	{"dockerd", 1, 40, {{202, 80 * MS, 0}, {281, 120 * MS, 0}, {35, 1 * MS, 0}}},
	{"agetty", 720, 1, {{0, 5 * S, 0}}},
};

/* n calls with durations around ns: a few buckets. */
static void add_calls(struct sst_tally *tally, uint32_t nr, uint64_t n, uint64_t ns, uint64_t bytes)
{
	struct sst_tally_cell cells[SST_TALLY_BUCKETS] = {{0}}, dense[SST_TALLY_BUCKETS] = {{0}};
	struct sst_tally_line line = {.abi = SST_ABI_X86_64, .nr = nr, .calls = n, .timed = n};

	for (uint64_t i = 0; i < n; i++) {
		uint64_t took = ns - ns / 3 + below(ns / 2 + 1) + (below(20) ? 0 : ns + below(2 * ns));

		dense[sst_tally_bucket(took)].count++;
		line.total += took;
		line.max = took > line.max ? took : line.max;
		line.bytes += bytes ? bytes - below(bytes / 2 + 1) : 0;
		line.errors += !below(40);
	}
	for (unsigned b = 0; b < SST_TALLY_BUCKETS; b++)
		if (dense[b].count)
			cells[line.n_cells++] = (struct sst_tally_cell){.count = dense[b].count, .bucket = (uint8_t)b};
	check(sst_tally_line(tally, &line, cells), "line");
}

static void add_service(struct sst_tally *tally, const struct service *service, uint32_t pid)
{
	uint64_t n = 1 + service->rounds / 2 + below(service->rounds + 1);

	check(sst_tally_process(tally, pid, service->name, strlen(service->name)), "process");
	for (unsigned i = 0; i < 8 && service->calls[i].ns; i++)
		add_calls(tally, service->calls[i].nr, n, service->calls[i].ns, service->calls[i].bytes);
}

static void day(void)
{
	struct sst_writer *writer = begin(5 * S);
	struct sst_tally *tally = sst_tally_new();
	uint64_t jitter = 0;

	check(!tally, "memory");
	for (uint64_t i = 0; i < 86400 / 5; i++) {
		uint64_t next = below(MS);

		set_times(tally, i * 5 * S + jitter, (i + 1) * 5 * S + next);
		jitter = next;
		tally->cpu_ns = i * (2 * MS + below(MS));
		for (size_t k = 0; k < sizeof(services) / sizeof(*services); k++)
			if (!below(services[k].every))
				add_service(tally, &services[k], 300 + 37 * (uint32_t)k);
		check(sst_writer_tally(writer, tally), "frame");
	}
	end(writer);
	sst_tally_free(tally);
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "small"))
		small();
	else if (argc == 2 && !strcmp(argv[1], "day"))
		day();
	else
		return 2;
	return 0;
}
