#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/perf_event.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../bpf/tally.h"
#include "../format/abi.h"
#include "../format/syscalls.h"
#include "message.h"
#include "probe.h"
#include "select.h"
#include "session.h"

/* Made by bpftool, not by us. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wcast-qual"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wconversion"
#include "sysstream.skel.h"
#pragma GCC diagnostic pop

#if defined(__x86_64__)
static const unsigned abi_of_class[RING_CLASSES] = {SST_ABI_X86_64, SST_ABI_I386, SST_ABI_X32};
#elif defined(__aarch64__)
static const unsigned abi_of_class[RING_CLASSES] = {SST_ABI_AARCH64, SST_ABI_ARM, 0};
#else
#error "sysstream records on x86_64 and aarch64"
#endif

unsigned session_abi(enum ring_class class)
{
	return abi_of_class[class];
}

/* libbpf's own words, the verifier's among them, are for those who ask with -v why the programs do not load. */
__attribute__((format(printf, 2, 0))) static int print_verbose(enum libbpf_print_level level, const char *format,
							       va_list args)
{
	if (level != LIBBPF_WARN || message_level() < MESSAGE_VERBOSE)
		return 0;
	return vfprintf(stderr, format, args);
}

static size_t round_up_power(size_t n, size_t least, size_t most)
{
	size_t p = least;

	while (p < n && p < most)
		p *= 2;
	return p;
}

/*
 * May a call that is left out be counted when it returns? Not where that does not tell which call it was (execve of a
 * program of another ABI, sigreturn) or does not come, and not where something else begins: another thread, another
 * program, another user.
 */
static bool is_passing(unsigned abi, uint32_t nr)
{
	static const char *const not_so[] = {
		"clone",     "clone3", "execve",    "execveat",    "exit",     "exit_group", "fork",   "rt_sigreturn",
		"sigreturn", "vfork",  "setresuid", "setresuid32", "setreuid", "setreuid32", "setuid", "setuid32"};
	const char *name = sst_syscall_name(abi, nr);

	for (size_t i = 0; i < sizeof(not_so) / sizeof(*not_so); i++)
		if (name && !strcmp(name, not_so[i]))
			return false;
	return true;
}

/* Until it is loaded, what is constant for the programs can be set. */
static struct ring_every *every_of(struct session *session)
{
	return (struct ring_every *)&session->bpf->rodata_every->every;
}

static void describe_calls(struct session *session, const struct selection *selection)
{
	struct ring_every *every = every_of(session);

	for (int class = 0; class < RING_CLASSES; class ++) {
		unsigned abi = session_abi((enum ring_class) class);

		for (uint32_t nr = 0; nr < RING_NARGS; nr++) {
			struct ring_info *info = &every->call_info[class][nr];

			info->flags = (unsigned char)sst_syscall_nargs(abi, nr);
			info->moves = sst_syscall_moves_bytes(abi, nr);
			if (selection && !selection_has(selection, abi, nr))
				info->flags |= RING_EXCLUDED | (is_passing(abi, nr) ? RING_PASSING : 0);
		}
	}
	if (!selection)
		return;
	every->excludes_unknown = !selection_has(selection, 0, RING_NARGS);
	every->only_failed = selection->failed;
	every->slower = selection->slower;
}

static int describe_captures(struct session *session, const struct capture_limits *limits)
{
	struct ring_every *every = every_of(session);
	struct capture_plans *plans = capture_plan(limits);

	if (!plans)
		return -ENOMEM;
	every->text_limit = limits->text;
	for (int class = 0; class < RING_CLASSES; class ++)
		for (uint32_t nr = 0; nr < RING_NARGS; nr++) {
			struct ring_info *info = &every->call_info[class][nr];

			info->plan = info->flags & RING_EXCLUDED ? 0 : plans->of[class][nr];
			info->string = capture_first_string(&plans->plan[info->plan]);
		}
	memcpy((void *)session->bpf->rodata->plans, plans->plan, sizeof(plans->plan));
	free(plans);
	return 0;
}

static void describe_targets(struct session *session, const struct session_targets *targets)
{
	struct sysstream_bpf__rodata *rodata = session->bpf->rodata;

	if (!targets)
		return;
	rodata->n_names = (uint32_t)targets->n_names;
	every_of(session)->n_users = (uint32_t)targets->n_users;
	memcpy((void *)rodata->names, targets->names, sizeof(targets->names));
	memcpy((void *)rodata->users, targets->users, sizeof(targets->users));
}

static void size_rings(struct session *session, const struct session_config *config)
{
	struct sysstream_bpf *bpf = session->bpf;

	session->n_slots = round_up_power(config->slots, 1024, 1 << 22);
	session->chunk_size = config->tally ? TALLY_CHUNK_SIZE : RING_CHUNK_SIZE;
	session->n_chunks = round_up_power((config->ring + session->chunk_size - 1) / session->chunk_size,
					   RING_CHUNKS_MIN, RING_CHUNKS_MAX);
	bpf_map__set_value_size(bpf->maps.chunks, (uint32_t)session->chunk_size);
	bpf_map__set_max_entries(bpf->maps.slots, (uint32_t)session->n_slots);
	bpf_map__set_max_entries(bpf->maps.chunks, (uint32_t)session->n_chunks);
	every_of(session)->slot_mask = (uint32_t)session->n_slots - 1;
	bpf->rodata->chunk_queue_mask = RING_CHUNKS_MAX - 1;
	bpf->rodata->text_low = (uint32_t)session->n_chunks / 4;
	bpf->rodata->chunk_low = config->lossless ? (uint32_t)session->n_chunks / 2 : 0;
}

static int configure(struct session *session, const struct session_config *config)
{
	session->all = config->all;
	session->bpf->rodata->only_processes = config->processes;
	size_rings(session, config);
	session->bpf->rodata->record_all = config->all;
	session->bpf->rodata->chooses_containers = config->containers;
	session->bpf->rodata->n_wanted_groups = (uint32_t)config->n_groups;
	if (config->n_groups)
		memcpy((void *)session->bpf->rodata->wanted_groups, config->groups,
		       config->n_groups * sizeof(*config->groups));
	session->bpf->rodata->follow = config->follow;
	describe_calls(session, config->selection);
	every_of(session)->tally_selects = session->selects;
	describe_targets(session, config->targets);
	return describe_captures(session, &config->capture);
}

/* --- hooks ----------------------------------------------------------------------------------------------- */

#define ENTRY_HOOK 4
#define EXIT_HOOK  5
#define N_PROGRAMS 6

struct hook {
	struct bpf_program *program;
	struct bpf_link **link;
	const char *tracepoint; /* of a classic one */
};

static void list_tally_hooks(struct sysstream_bpf *bpf, enum session_hooks hooks, struct hook list[N_PROGRAMS])
{
	const struct hook btf[N_PROGRAMS] = {
		{bpf->progs.tally_sched_process_fork, &bpf->links.tally_sched_process_fork, NULL},
		{bpf->progs.tally_sched_process_exec, &bpf->links.tally_sched_process_exec, NULL},
		{bpf->progs.tally_sched_process_exit, &bpf->links.tally_sched_process_exit, NULL},
		{bpf->progs.task_rename, &bpf->links.task_rename, NULL},
		{bpf->progs.tally_sys_enter, &bpf->links.tally_sys_enter, NULL},
		{bpf->progs.tally_sys_exit, &bpf->links.tally_sys_exit, NULL},
	};
	const struct hook classic[N_PROGRAMS] = {
		{bpf->progs.classic_tally_task_newtask, &bpf->links.classic_tally_task_newtask, "task/task_newtask"},
		{bpf->progs.classic_tally_sched_process_exec, &bpf->links.classic_tally_sched_process_exec,
		 "sched/sched_process_exec"},
		{bpf->progs.classic_tally_sched_process_exit, &bpf->links.classic_tally_sched_process_exit,
		 "sched/sched_process_exit"},
		{bpf->progs.classic_task_rename, &bpf->links.classic_task_rename, "task/task_rename"},
		{bpf->progs.classic_tally_sys_enter, &bpf->links.classic_tally_sys_enter, "raw_syscalls/sys_enter"},
		{bpf->progs.classic_tally_sys_exit, &bpf->links.classic_tally_sys_exit, "raw_syscalls/sys_exit"},
	};

	memcpy(list, hooks == HOOKS_CLASSIC ? classic : btf, sizeof(btf));
}

/* Entry before exit: what has no entry yet is known as such. */
static void list_record_hooks(const struct session *session, struct hook list[N_PROGRAMS])
{
	struct sysstream_bpf *bpf = session->bpf;
	bool selects = session->selects;
	const struct hook btf[N_PROGRAMS] = {
		{bpf->progs.sched_process_fork, &bpf->links.sched_process_fork, NULL},
		{bpf->progs.sched_process_exec, &bpf->links.sched_process_exec, NULL},
		{bpf->progs.sched_process_exit, &bpf->links.sched_process_exit, NULL},
		{bpf->progs.task_rename, &bpf->links.task_rename, NULL},
		{selects ? bpf->progs.select_enter : bpf->progs.sys_enter, &bpf->links.sys_enter, NULL},
		{selects ? bpf->progs.select_exit : bpf->progs.sys_exit, &bpf->links.sys_exit, NULL},
	};
	const struct hook classic[N_PROGRAMS] = {
		{bpf->progs.classic_task_newtask, &bpf->links.classic_task_newtask, "task/task_newtask"},
		{bpf->progs.classic_sched_process_exec, &bpf->links.classic_sched_process_exec,
		 "sched/sched_process_exec"},
		{bpf->progs.classic_sched_process_exit, &bpf->links.classic_sched_process_exit,
		 "sched/sched_process_exit"},
		{bpf->progs.classic_task_rename, &bpf->links.classic_task_rename, "task/task_rename"},
		{selects ? bpf->progs.classic_select_enter : bpf->progs.classic_sys_enter,
		 &bpf->links.classic_sys_enter, "raw_syscalls/sys_enter"},
		{selects ? bpf->progs.classic_select_exit : bpf->progs.classic_sys_exit, &bpf->links.classic_sys_exit,
		 "raw_syscalls/sys_exit"},
	};

	memcpy(list, session->hooks == HOOKS_CLASSIC ? classic : btf, sizeof(btf));
}

/* Without calls their programs, the last ones, are not there. */
static int n_hooks(const struct session *session)
{
	return session->processes ? ENTRY_HOOK : N_PROGRAMS;
}

static void list_hooks(const struct session *session, struct hook list[N_PROGRAMS])
{
	if (session->tally)
		list_tally_hooks(session->bpf, session->hooks, list);
	else
		list_record_hooks(session, list);
}

/* Programs on BTF tracepoints if they are known to run to their end; the classic ones if those can be had. */
static enum session_hooks choose_hooks(char *why, size_t size)
{
	char preempted[PROBE_WHY];
	enum probe_preemption result = probe_preemption(preempted);
	int id = result == PROBE_RUNS_TO_END ? 0 : probe_tracepoint_id("raw_syscalls/sys_enter");

	if (id < 0)
		snprintf(why, size, "%s; tracefs: %s", preempted, strerror(-id));
	else
		snprintf(why, size, "%s", preempted);
	return id > 0 ? HOOKS_CLASSIC : HOOKS_BTF;
}

static struct bpf_link *attach_classic(const struct hook *hook)
{
	struct perf_event_attr attr = {.type = PERF_TYPE_TRACEPOINT, .size = sizeof(attr), .sample_period = 1};
	int id = probe_tracepoint_id(hook->tracepoint), fd;
	struct bpf_link *link;

	if (id < 0) {
		errno = -id;
		return NULL;
	}
	attr.config = (uint64_t)id;
	fd = (int)syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
	if (fd < 0)
		return NULL;
	link = bpf_program__attach_perf_event(hook->program, fd); /* the descriptor is the link's from now on */
	if (!link)
		close(fd);
	return link;
}

static int attach_programs(struct session *session)
{
	struct hook hooks[N_PROGRAMS];

	list_hooks(session, hooks);
	for (int i = 0; i < n_hooks(session); i++) {
		*hooks[i].link =
			hooks[i].tracepoint ? attach_classic(&hooks[i]) : bpf_program__attach(hooks[i].program);
		if (!*hooks[i].link)
			return errno ? -errno : -EINVAL;
	}
	if (session->groups) {
		session->bpf->links.cgroup_attach_task = bpf_program__attach(session->bpf->progs.cgroup_attach_task);
		session->groups = session->bpf->links.cgroup_attach_task != NULL;
	}
	return 0;
}

static void select_programs(struct session *session, enum session_hooks hooks)
{
	struct hook list[N_PROGRAMS];

	session->hooks = hooks != HOOKS_AUTO ? hooks : choose_hooks(session->why, sizeof(session->why));
	list_hooks(session, list);
	for (int i = 0; i < n_hooks(session); i++)
		bpf_program__set_autoload(list[i].program, true);
	bpf_program__set_autoload(session->bpf->progs.cgroup_attach_task, session->groups);
}

/* --- memory ---------------------------------------------------------------------------------------------- */

/* Array maps of large values lie in memory as C arrays do: element size is a multiple of 8. */
static void *map_memory(struct bpf_map *map, size_t n, size_t size)
{
	return mmap(NULL, n * size, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0);
}

static int map_maps(struct session *session)
{
	struct sysstream_bpf *bpf = session->bpf;

	session->slots = map_memory(bpf->maps.slots, session->n_slots, sizeof(struct ring_slot));
	if (session->slots == MAP_FAILED) {
		session->slots = NULL;
		return -errno;
	}
	session->chunks = map_memory(bpf->maps.chunks, session->n_chunks, session->chunk_size);
	if (session->chunks == MAP_FAILED) {
		session->chunks = NULL;
		return -errno;
	}
	session->places = map_memory(bpf->maps.places, RING_PLACES, sizeof(struct ring_place));
	if (session->places == MAP_FAILED) {
		session->places = NULL;
		return -errno;
	}
	session->recorded = bpf->bss->recorded;
	session->chunk_state = bpf->data->chunk_state;
	session->free_chunks = bpf->data->free_chunks;
	session->free_tail = &bpf->data->free_tail;
	session->free_head = &bpf->data->free_head;
	return 0;
}

static void fill_queue(struct session *session)
{
	for (uint32_t i = 0; i < session->n_chunks; i++)
		session->free_chunks[i] = (uint16_t)i;
	__atomic_store_n(session->free_tail, (uint32_t)session->n_chunks, __ATOMIC_RELEASE);
}

static int fail(struct session *session, int err, const char *what)
{
	snprintf(session->error, sizeof(session->error), "%s: %s", what, strerror(-err));
	session_close(session);
	return err;
}

static int load(struct session *session, const struct session_config *config, enum session_hooks hooks)
{
	int err;

	session->bpf = sysstream_bpf__open();
	if (!session->bpf)
		return errno ? -errno : -EINVAL;
	session->processes = config->processes;
	session->selects = config->selection && selection_is_any(config->selection);
	session->tally = config->tally;
	select_programs(session, hooks);
	err = configure(session, config);
	return err ? err : sysstream_bpf__load(session->bpf);
}

/* A kernel that was built without control groups has not got their tracepoint, and does not need it. */
static int load_some(struct session *session, const struct session_config *config, enum session_hooks hooks)
{
	int err;

	session->groups = true;
	err = load(session, config, hooks);
	if (!err)
		return 0;
	sysstream_bpf__destroy(session->bpf);
	session->groups = false;
	return load(session, config, hooks);
}

int session_open(struct session *session, const struct session_config *config)
{
	int err;

	memset(session, 0, sizeof(*session));
	libbpf_set_print(print_verbose);
	err = load_some(session, config, config->hooks);
	/* Classic programs need bpf_task_pt_regs(), of Linux 5.15; before that nothing is preempted, if the probe could
	 * not tell. */
	if (err && config->hooks == HOOKS_AUTO && session->hooks == HOOKS_CLASSIC) {
		sysstream_bpf__destroy(session->bpf);
		err = load_some(session, config, HOOKS_BTF);
	}
	if (err)
		return fail(session, err, "the kernel refuses the BPF programs");
	err = map_maps(session);
	if (err)
		return fail(session, err, "cannot map the ring buffers");
	fill_queue(session);
	err = attach_programs(session);
	if (err)
		return fail(session, err, "cannot attach to the system call tracepoints");
	return 0;
}

void session_record(struct session *session, uint32_t tgid, unsigned char reason)
{
	if (tgid >= RING_PID_LIMIT || session->all)
		return;
	if (!__atomic_fetch_or(&session->recorded[tgid], reason, __ATOMIC_SEQ_CST))
		__atomic_fetch_add(&session->bpf->data->processes, 1, __ATOMIC_SEQ_CST);
}

unsigned char session_marks(const struct session *session, uint32_t tgid)
{
	unsigned char marks = tgid < RING_PID_LIMIT ? __atomic_load_n(&session->recorded[tgid], __ATOMIC_ACQUIRE) : 0;

	return marks & RING_BY_ANY;
}

void session_change(struct session *session, uint32_t tgid, unsigned char add, unsigned char remove)
{
	if (add)
		session_record(session, tgid, add);
	if (!remove || tgid >= RING_PID_LIMIT)
		return;
	/* Its threads may be inside calls that have begun: it is muted, not forgotten. */
	__atomic_fetch_or(&session->recorded[tgid], RING_MUTED, __ATOMIC_SEQ_CST);
	__atomic_fetch_and(&session->recorded[tgid], (unsigned char)~remove, __ATOMIC_SEQ_CST);
}

uint32_t session_places(const struct session *session)
{
	return __atomic_load_n(&session->bpf->data->places_taken, __ATOMIC_ACQUIRE);
}

uint64_t session_holds(const struct session *session)
{
	return __atomic_load_n(&session->bpf->data->holds, __ATOMIC_ACQUIRE);
}

void session_forget(struct session *session, uint32_t tgid)
{
	if (tgid >= RING_PID_LIMIT || !__atomic_exchange_n(&session->recorded[tgid], 0, __ATOMIC_SEQ_CST))
		return;
	__atomic_fetch_sub(&session->bpf->data->processes, 1, __ATOMIC_SEQ_CST);
}

size_t session_held(const struct session *session, uint32_t *list, size_t n)
{
	size_t found = 0;

	for (size_t i = 0; i < RING_HELD && found < n; i++) {
		list[found] = __atomic_load_n(&session->bpf->data->held[i], __ATOMIC_ACQUIRE);
		found += list[found] != 0;
	}
	return found;
}

bool session_is_held(const struct session *session, uint32_t tgid)
{
	return __atomic_load_n(&session->bpf->data->held[tgid & (RING_HELD - 1)], __ATOMIC_ACQUIRE) == tgid;
}

void session_let_go(struct session *session, uint32_t tgid)
{
	uint32_t expected = tgid;

	__atomic_compare_exchange_n(&session->bpf->data->held[tgid & (RING_HELD - 1)], &expected, 0, false,
				    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

void session_record_all(struct session *session, uint32_t except, uint32_t other)
{
	uint32_t first = except < other ? except : other, last = except < other ? other : except;

	if (last >= RING_PID_LIMIT) /* no kernel has such a number */
		return;
	memset(session->recorded + last + 1, RING_BY_PID, RING_PID_LIMIT - last - 1);
	if (first < last)
		memset(session->recorded + first + 1, RING_BY_PID, last - first - 1);
	memset(session->recorded, RING_BY_PID, first); /* nobody is 0 */
}

int64_t session_processes(const struct session *session)
{
	return __atomic_load_n(&session->bpf->data->processes, __ATOMIC_RELAXED);
}

void session_loss(const struct session *session, struct session_loss *loss)
{
	for (int i = 0; i < RING_CAUSES; i++)
		loss->calls[i] = __atomic_load_n(&session->bpf->data->lost[i], __ATOMIC_RELAXED);
	loss->passed = __atomic_load_n(&session->bpf->data->passed_untold, __ATOMIC_RELAXED);
	loss->facts = __atomic_load_n(&session->bpf->data->facts_lost, __ATOMIC_RELAXED);
	loss->texts = __atomic_load_n(&session->bpf->data->texts_lost, __ATOMIC_RELAXED);
	loss->dead_slots = __atomic_load_n(&session->bpf->data->dead_slots, __ATOMIC_RELAXED);
}

void session_life(const struct session *session, uint64_t *began, uint64_t *ended)
{
	*began = __atomic_load_n(&session->bpf->data->processes_began, __ATOMIC_RELAXED);
	*ended = __atomic_load_n(&session->bpf->data->processes_ended, __ATOMIC_RELAXED);
}

void session_give_chunk(struct session *session, uint32_t chunk)
{
	uint32_t tail = *session->free_tail;

	session->free_chunks[tail & (RING_CHUNKS_MAX - 1)] = (uint16_t)chunk;
	__atomic_store_n(session->free_tail, tail + 1, __ATOMIC_RELEASE);
}

static uint32_t queue_length(const struct session *session, uint32_t head)
{
	int32_t n = (int32_t)(*session->free_tail - head);

	return n > 0 ? (uint32_t)n : 0;
}

/* The head may be beyond the tail for a moment: see take_chunk() in bpf/thread.bpf.h. */
uint32_t session_queue_length(const struct session *session)
{
	return queue_length(session, __atomic_load_n(session->free_head, __ATOMIC_ACQUIRE));
}

/*
 * Two threads that claim the same chunk at once both leave it, and it is in the queue no more; or they jump over one:
 * put it back. A chunk that is just being taken may look like that for a moment; as its claim word decides, it may well
 * be in the queue too.
 */
void session_sweep_chunks(struct session *session, bool *queued)
{
	uint32_t head = __atomic_load_n(session->free_head, __ATOMIC_ACQUIRE), n = queue_length(session, head);

	memset(queued, 0, session->n_chunks * sizeof(*queued));
	for (uint32_t i = 0; i < n && i < RING_CHUNKS_MAX; i++)
		queued[session->free_chunks[(head + i) & (RING_CHUNKS_MAX - 1)] & (session->n_chunks - 1)] = true;
	for (uint32_t c = 0; c < session->n_chunks; c++)
		if (!queued[c] && __atomic_load_n(&session->chunk_state[c], __ATOMIC_ACQUIRE) == RING_FREE &&
		    !__atomic_load_n(&session_chunk(session, c)->claims, __ATOMIC_ACQUIRE))
			session_give_chunk(session, c);
}

void session_note_ring(struct session *session)
{
	size_t free = session_queue_length(session), used = free < session->n_chunks ? session->n_chunks - free : 0;

	if (used > __atomic_load_n(&session->ring_peak, __ATOMIC_RELAXED))
		__atomic_store_n(&session->ring_peak, used, __ATOMIC_RELAXED);
}

size_t session_ring_peak(struct session *session)
{
	return __atomic_exchange_n(&session->ring_peak, 0, __ATOMIC_RELAXED);
}

static int program_info(const struct bpf_program *program, struct bpf_prog_info *info)
{
	uint32_t len = sizeof(*info);

	memset(info, 0, sizeof(*info));
	return bpf_obj_get_info_by_fd(bpf_program__fd(program), info, &len) ? -errno : 0;
}

static int program_misses(const struct bpf_program *program, uint64_t *misses)
{
	struct bpf_prog_info info;
	int err = program_info(program, &info);

	if (!err)
		*misses = info.recursion_misses;
	return err;
}

uint64_t session_run_time(const struct session *session)
{
	struct hook hooks[N_PROGRAMS];
	uint64_t ns = 0;

	list_hooks(session, hooks);
	for (int i = 0; i < n_hooks(session); i++) {
		struct bpf_prog_info info;

		if (!program_info(hooks[i].program, &info))
			ns += info.run_time_ns;
	}
	return ns;
}

int session_skipped(const struct session *session, uint64_t *entry, uint64_t *exit)
{
	struct hook hooks[N_PROGRAMS];
	int err;

	*entry = *exit = 0;
	if (session->processes)
		return 0;
	list_hooks(session, hooks);
	err = program_misses(hooks[ENTRY_HOOK].program, entry);
	return err ? err : program_misses(hooks[EXIT_HOOK].program, exit);
}

int session_program_fd(const struct session *session)
{
	struct hook hooks[N_PROGRAMS];

	list_hooks(session, hooks);
	return bpf_program__fd(hooks[0].program);
}

void session_stop(struct session *session)
{
	__atomic_store_n(&session->bpf->data->closed, true, __ATOMIC_SEQ_CST);
	memset(session->recorded, 0, RING_PID_LIMIT);
}

void session_close(struct session *session)
{
	if (session->slots)
		munmap(session->slots, session->n_slots * sizeof(struct ring_slot));
	if (session->chunks)
		munmap(session->chunks, session->n_chunks * session->chunk_size);
	if (session->places)
		munmap(session->places, RING_PLACES * sizeof(struct ring_place));
	session->slots = NULL;
	session->chunks = NULL;
	session->places = NULL;
	sysstream_bpf__destroy(session->bpf);
	session->bpf = NULL;
}
