/*
 * test_tracker_truth.c - names that are given to random programs, whose truth is known, are true
 *
 * Threads of processes open, close, duplicate, fork, execute and change their directory at the same time. Each call
 * looks and takes effect at some moment between its entry and its return, which decides what is true. Whatever order
 * that was, no name that the tracker gives may be another.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tracker_rows.h"

enum sim_kind {
	SIM_OPEN,
	SIM_CLOSE,
	SIM_DUP,
	SIM_DUP2,
	SIM_READ,
	SIM_CHDIR,
	SIM_OPEN_RELATIVE,
	SIM_RANGE,
	SIM_FORK,
	SIM_THREAD,
	SIM_UNSHARE,
	SIM_EXEC,
	SIM_KINDS
};

#define SIM_FDS     12
#define SIM_THREADS 24
#define SIM_ROWS    600

struct sim_table {
	int name[SIM_FDS]; /* 0: closed */
	bool cloexec[SIM_FDS];
	int cwd;
};

struct sim_call {
	enum sim_kind kind;
	uint32_t pid, tid;
	uint64_t entry, look, effect, exit;
	int fd, fd2, made; /* made: a new name, or a thread */
	bool cloexec;
	int64_t ret;
	int truth; /* the name it has worked on; 0: none */
	int cwd;
};

struct sim_thread {
	bool alive;
	uint32_t pid, tid;
	int files, dirs; /* tables */
	struct sim_call call;
	int phase;
	uint64_t next;
};

static struct {
	struct sim_table tables[2 * SIM_ROWS];
	int n_tables, names;
	int below[2 * SIM_ROWS]; /* of a name: the directory that it is in, or 0 */
	struct sim_thread threads[SIM_THREADS];
	int n_threads;
	uint32_t next_id;
	struct sim_call calls[SIM_ROWS];
	size_t n_calls;
	struct sst_event events[2 * SIM_ROWS];
	size_t n_events;
	struct sst_gap gaps[SIM_ROWS];
	size_t n_gaps;
	char given[3 * SIM_ROWS + 1][64];
} sim;

static struct sim_thread *sim_add(uint32_t pid, uint32_t tid, int files, int dirs, uint64_t time)
{
	struct sim_thread *thread = &sim.threads[sim.n_threads++];

	*thread =
		(struct sim_thread){.alive = true, .pid = pid, .tid = tid, .files = files, .dirs = dirs, .next = time};
	return thread;
}

static int sim_copy(int table)
{
	sim.tables[sim.n_tables] = sim.tables[table];
	return sim.n_tables++;
}

static int sim_free_fd(const struct sim_table *table)
{
	int fd = 0;

	while (fd < SIM_FDS && table->name[fd])
		fd++;
	return fd;
}

static void sim_event(unsigned kind, const struct sim_thread *thread, uint32_t pid, uint32_t tid, uint64_t time)
{
	sim.events[sim.n_events++] =
		(struct sst_event){.kind = (uint8_t)kind, .time = time, .pid = pid, .tid = tid, .a = thread->tid};
}

static void sim_allocate(struct sim_thread *thread, int name, bool cloexec)
{
	struct sim_table *table = &sim.tables[thread->files];
	int fd = sim_free_fd(table);

	thread->call.ret = fd < SIM_FDS && name ? fd : name ? -EMFILE : -EBADF;
	if (thread->call.ret >= 0) {
		table->name[fd] = name;
		table->cloexec[fd] = cloexec;
	}
}

static void sim_clone(struct sim_thread *thread, uint64_t now)
{
	struct sim_call *c = &thread->call;
	bool is_thread = c->kind == SIM_THREAD;
	uint32_t tid = sim.next_id++, pid = is_thread ? thread->pid : tid;

	if (sim.n_threads == SIM_THREADS) {
		c->ret = -EAGAIN;
		return;
	}
	c->ret = tid;
	sim_event(SST_EVENT_START, thread, pid, tid, now);
	sim_add(pid, tid, is_thread ? thread->files : sim_copy(thread->files),
		is_thread ? thread->dirs : sim_copy(thread->dirs), now + 1 + any(20));
}

static void sim_exec(struct sim_thread *thread, uint64_t now)
{
	struct sim_table *table;

	for (int i = 0; i < sim.n_threads; i++)
		if (sim.threads[i].alive && sim.threads[i].pid == thread->pid && &sim.threads[i] != thread)
			thread->call.ret = -EAGAIN; /* only with a single thread, here */
	if (thread->call.ret < 0)
		return;
	thread->files = sim_copy(thread->files);
	table = &sim.tables[thread->files];
	for (int fd = 0; fd < SIM_FDS; fd++)
		if (table->cloexec[fd])
			table->name[fd] = 0;
	sim_event(SST_EVENT_EXEC, thread, thread->pid, thread->tid, now);
}

static void sim_effect(struct sim_thread *thread, uint64_t now)
{
	struct sim_call *c = &thread->call;
	struct sim_table *table = &sim.tables[thread->files];

	switch (c->kind) {
	case SIM_OPEN:
	case SIM_OPEN_RELATIVE:
		sim_allocate(thread, c->made, c->cloexec);
		break;
	case SIM_CLOSE:
		c->ret = table->name[c->fd] ? 0 : -EBADF;
		c->truth = table->name[c->fd];
		table->name[c->fd] = 0;
		break;
	case SIM_DUP:
		sim_allocate(thread, c->truth, false);
		break;
	case SIM_DUP2:
		c->ret = c->truth ? c->fd2 : -EBADF;
		if (c->truth && c->fd != c->fd2) {
			table->name[c->fd2] = c->truth;
			table->cloexec[c->fd2] = false;
		}
		break;
	case SIM_CHDIR:
		sim.tables[thread->dirs].cwd = c->made;
		break;
	case SIM_RANGE:
		for (int fd = c->fd; fd < SIM_FDS && fd <= c->fd2; fd++)
			table->name[fd] = 0;
		break;
	case SIM_FORK:
	case SIM_THREAD:
		sim_clone(thread, now);
		break;
	case SIM_UNSHARE:
		thread->files = sim_copy(thread->files);
		break;
	case SIM_EXEC:
		sim_exec(thread, now);
		break;
	default:
		break;
	}
}

static void sim_begin(struct sim_thread *thread, uint64_t now)
{
	static const uint8_t often[] = {SIM_OPEN, SIM_OPEN,  SIM_CLOSE,         SIM_CLOSE,        SIM_CLOSE,
					SIM_READ, SIM_READ,  SIM_READ,          SIM_READ,         SIM_DUP,
					SIM_DUP2, SIM_CHDIR, SIM_OPEN_RELATIVE, SIM_OPEN_RELATIVE};
	struct sim_call *c = &thread->call;

	*c = (struct sim_call){.kind = any(12) == 0 ? (enum sim_kind)any(SIM_KINDS)
						    : (enum sim_kind)often[any(sizeof(often))]};
	c->pid = thread->pid;
	c->tid = thread->tid;
	c->entry = now;
	c->look = now + any(any(8) ? 3 : 60);
	c->effect = c->look + 1 + any(any(8) ? 3 : 60);
	c->exit = c->effect + any(4) + 1;
	c->fd = (int)any(SIM_FDS);
	c->fd2 = (int)any(SIM_FDS);
	c->cloexec = any(3) == 0;
	c->made = ++sim.names;
	if (c->kind == SIM_RANGE && any(3))
		c->kind = SIM_READ;
}

static void sim_look(struct sim_thread *thread)
{
	thread->call.truth = sim.tables[thread->files].name[thread->call.fd];
	thread->call.cwd = sim.tables[thread->dirs].cwd;
	if (thread->call.kind == SIM_OPEN_RELATIVE)
		sim.below[thread->call.made] = thread->call.cwd;
}

/* The next phase of a thread's call. */
static void sim_step(struct sim_thread *thread)
{
	struct sim_call *c = &thread->call;
	uint64_t now = thread->next;

	switch (thread->phase++) {
	case 0:
		sim_begin(thread, now);
		thread->next = c->look;
		break;
	case 1:
		sim_look(thread);
		thread->next = c->effect;
		break;
	case 2:
		sim_effect(thread, now);
		thread->next = c->exit;
		break;
	default:
		sim.calls[sim.n_calls++] = *c;
		thread->phase = 0;
		thread->next = now + 1 + any(10);
		break;
	}
}

static int compare_sim(const void *a, const void *b)
{
	const struct sim_call *x = a, *y = b;

	return x->entry != y->entry ? (x->entry < y->entry ? -1 : 1) : (int)x->tid - (int)y->tid;
}

static void sim_run(uint64_t seed)
{
	memset(&sim, 0, sizeof(sim));
	random_state = seed;
	sim.n_tables = 2;
	sim.next_id = 11;
	sim.tables[1].cwd = ++sim.names;
	sim_add(10, 10, 0, 1, 100);
	while (sim.n_calls < SIM_ROWS) {
		struct sim_thread *first = &sim.threads[0];

		for (int i = 1; i < sim.n_threads; i++)
			if (sim.threads[i].next < first->next)
				first = &sim.threads[i];
		sim_step(first);
	}
	qsort(sim.calls, sim.n_calls, sizeof(*sim.calls), compare_sim);
}

static void sim_name(int name, char *out, size_t size)
{
	if (!name)
		snprintf(out, size, "-");
	else if (sim.below[name])
		snprintf(out, size, "/n%d/n%d", sim.below[name], name);
	else
		snprintf(out, size, "/n%d", name);
}

/* The true name of what a call has worked on. */
static void sim_truth(const struct sim_call *c, char *out, size_t size)
{
	switch (c->kind) {
	case SIM_OPEN:
	case SIM_OPEN_RELATIVE:
	case SIM_CHDIR:
		sim_name(c->made, out, size);
		break;
	case SIM_FORK:
	case SIM_THREAD:
	case SIM_UNSHARE:
	case SIM_RANGE:
		snprintf(out, size, "-");
		break;
	case SIM_EXEC:
		snprintf(out, size, "/bin/true");
		break;
	default:
		sim_name(c->truth, out, size);
		break;
	}
}

/* open: it has not returned yet. */
static void sim_give(const struct sim_call *c, bool open, bool replaces)
{
	static const char *const names[SIM_KINDS] = {
		[SIM_OPEN] = "openat", [SIM_CLOSE] = "close",     [SIM_DUP] = "dup",
		[SIM_DUP2] = "dup2",   [SIM_READ] = "read",       [SIM_CHDIR] = "chdir",
		[SIM_FORK] = "fork",   [SIM_THREAD] = "clone",    [SIM_OPEN_RELATIVE] = "openat",
		[SIM_EXEC] = "execve", [SIM_UNSHARE] = "unshare", [SIM_RANGE] = "close_range",
	};
	char path[64];

	make(c->tid, names[c->kind], c->entry, c->exit, c->ret);
	who.pid = c->pid;
	snprintf(path, sizeof(path), "%sn%d", c->kind == SIM_OPEN_RELATIVE ? "" : "/", c->made);
	row.arg[0] = (uint64_t)c->fd;
	row.arg[1] = (uint64_t)c->fd2;
	if (c->kind == SIM_OPEN || c->kind == SIM_OPEN_RELATIVE) {
		row.arg[0] = CWD;
		row.arg[2] = c->cloexec ? CLOEXEC : 0;
		string(1, path);
	} else if (c->kind == SIM_CHDIR) {
		string(0, path);
	} else if (c->kind == SIM_EXEC) {
		string(0, "/bin/true");
	} else if (c->kind == SIM_THREAD) {
		row.arg[0] = THREAD;
	} else if (c->kind == SIM_UNSHARE) {
		row.arg[0] = 0x400;
	}
	if (replaces)
		seqs[c->tid]--;
	row.seq -= replaces;
	row.replaces = replaces;
	if (open) {
		row.state = SST_UNFINISHED;
		row.ret = row.duration = 0;
	}
	give();
	memcpy(sim.given[tag], shown, strlen(shown) + 1);
}

static void sim_revoke(void *context, uint32_t which)
{
	(void)context;
	strcpy(sim.given[which], "?");
}

/* Give everything to the tracker in the order of time. lose: of 1,000 calls so many are lost. */
static void sim_track(uint32_t lose)
{
	size_t event_at = 0;

	tracker_begin(tracker, &meta, false);
	tracker_list(tracker, sim_revoke, NULL);
	memset(seqs, 0, sizeof(seqs));
	tag = 0;
	found(10, SST_OPEN_CWD, "/n1", 0);
	for (size_t i = 0; i < sim.n_calls; i++) {
		struct sim_call *c = &sim.calls[i];

		for (; event_at < sim.n_events && sim.events[event_at].time <= c->entry; event_at++)
			tracker_event(tracker, &sim.events[event_at]);
		if (any(1000) < lose && c->kind != SIM_UNSHARE) {
			tracker_gap(
				tracker,
				&(struct sst_gap){
					.time = c->entry, .until = c->entry, .count = 1, .pid = c->pid, .tid = c->tid});
			c->tid = 0;
			tag++;
			continue;
		}
		sim_give(c, false, false);
	}
}

/* What has led to a wrong name. */
static void sim_print(uint64_t seed, size_t last, uint32_t pid)
{
	print_message("seed %u\n", (unsigned)seed);
	for (size_t i = last > 30 ? last - 30 : 0; i < sim.n_calls && i < last + 5; i++) {
		const struct sim_call *c = &sim.calls[i];

		if (c->pid == pid || c->kind == SIM_FORK)
			print_message("%u: %u %d(%d, %d) n%d = %d [%u %u %u %u] n%d: %s\n", (unsigned)i, c->tid,
				      c->kind, c->fd, c->fd2, c->made, (int)c->ret, (unsigned)c->entry,
				      (unsigned)c->look, (unsigned)c->effect, (unsigned)c->exit, c->truth,
				      sim.given[i + 1]);
	}
}

#define SIM_CUT 80

/* From a pipe: what is open at a cut comes so, and complete before the rows behind the cut at which it is. */
static void sim_track_live(void)
{
	static uint32_t tags[SIM_ROWS];
	static char names[SIM_ROWS][64];
	static uint64_t seq[SIM_ROWS];
	size_t event_at = 0, first = 0, last = 0, open = 0;

	tracker_begin(tracker, &meta, false);
	memset(seqs, 0, sizeof(seqs));
	memset(names, 0, sizeof(names));
	found(10, SST_OPEN_CWD, "/n1", 0);
	for (uint64_t cut = SIM_CUT; last < sim.n_calls || open > 0; cut += SIM_CUT) {
		tag = 0;
		tracker_list(tracker, sim_revoke, NULL);
		for (size_t i = 0; i < first; i++) {
			const struct sim_call *c = &sim.calls[i];

			if (c->exit <= cut - SIM_CUT || c->exit > cut)
				continue;
			seqs[c->tid] = seq[i];
			sim_give(c, false, true);
			open--;
		}
		for (last = first; last < sim.n_calls && sim.calls[last].entry < cut; last++) {
			const struct sim_call *c = &sim.calls[last];

			for (; event_at < sim.n_events && sim.events[event_at].time <= c->entry; event_at++)
				tracker_event(tracker, &sim.events[event_at]);
			open += c->exit > cut;
			sim_give(c, c->exit > cut, false);
			tags[last] = tag;
			seq[last] = row.seq;
		}
		for (; first < last; first++)
			if (sim.calls[first].exit <= cut)
				memcpy(names[first], sim.given[tags[first]], 64);
	}
	for (size_t i = 0; i < sim.n_calls; i++)
		strcpy(sim.given[i + 1], *names[i] ? names[i] : "?");
}

static void check_simulation(uint32_t lose, bool is_live, size_t least)
{
	size_t known = 0, all = 0;

	for (uint64_t seed = 1; seed <= 400; seed++) {
		sim_run(seed);
		if (is_live)
			sim_track_live();
		else
			sim_track(lose);
		for (size_t i = 0; i < sim.n_calls; i++) {
			const struct sim_call *c = &sim.calls[i];
			char truth[64];

			sim_truth(c, truth, sizeof(truth));
			if (c->tid == 0)
				continue;
			all += strcmp(truth, "-") != 0;
			if (strcmp(sim.given[i + 1], "?") == 0)
				continue;
			if (strcmp(sim.given[i + 1], truth) != 0)
				sim_print(seed, i, c->pid);
			assert_string_equal(sim.given[i + 1], truth);
			known += strcmp(truth, "-") != 0;
		}
	}
	if (known * 100 < all * least)
		print_message("known: %zu of %zu\n", known, all);
	assert_true(known * 100 >= all * least);
}

static void never_wrong(void **state)
{
	(void)state;
	check_simulation(0, false, 85);
}

static void never_wrong_live(void **state)
{
	(void)state;
	check_simulation(0, true, 50);
}

static void never_wrong_with_loss(void **state)
{
	(void)state;
	check_simulation(10, false, 55);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(never_wrong),
		TEST(never_wrong_live),
		TEST(never_wrong_with_loss),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
