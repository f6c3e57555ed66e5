#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "check.h"
#include "engines.h"
#include "facts.h"
#include "privilege.h"
#include "probe.h"
#include "session.h"
#include "tasks.h"

#define BTF_PATH    "/sys/kernel/btf/vmlinux"
#define NAME_COLUMN 26

struct check {
	FILE *out;
	const struct options *options;
	struct btf *btf; /* the kernel's, or NULL */
	bool attached;   /* programs have been loaded and attached */
	bool in_container;
	char limits[256]; /* what a recording will lack, by the names of facts */
	struct message error;
	int err; /* why there is no recording at all */
};

/* --- lines ----------------------------------------------------------------------------------------------- */

__attribute__((format(printf, 3, 4))) static void fact(struct check *check, const char *name, const char *format, ...)
{
	char text[512], escaped[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	message_escape(escaped, sizeof(escaped), text, strlen(text));
	fprintf(check->out, "%-*s%s\n", NAME_COLUMN, name, escaped);
}

/* The recording lacks something because of this fact. */
static void limit(struct check *check, const char *name)
{
	size_t len = strlen(check->limits);

	snprintf(check->limits + len, sizeof(check->limits) - len, "%s%s", len ? ", " : "", name);
}

/* The first line of a small file of the kernel's, without its end; "": there is none. */
static void read_line(const char *path, char *line, size_t size)
{
	FILE *file = fopen(path, "re");

	line[0] = '\0';
	if (!file)
		return;
	if (fgets(line, (int)size, file))
		line[strcspn(line, "\n")] = '\0';
	fclose(file);
}

/* --- the machine ----------------------------------------------------------------------------------------- */

static void print_kernel(struct check *check)
{
	struct utsname name;
	struct stat btf;

	if (uname(&name) == 0) {
		fact(check, "kernel", "%s %s", name.sysname, name.release);
		fact(check, "architecture", "%s", name.machine);
	}
	fact(check, "processors", "%ld online of %ld", sysconf(_SC_NPROCESSORS_ONLN), sysconf(_SC_NPROCESSORS_CONF));
	if (stat(BTF_PATH, &btf) != 0)
		fact(check, "BTF", "no: %s: %s", BTF_PATH, strerror(errno));
	else
		fact(check, "BTF", "%s, %jd KiB%s", BTF_PATH, (intmax_t)(btf.st_size / 1024),
		     check->btf ? "" : ", which cannot be read");
}

static void print_clocks(struct check *check)
{
	struct sst_clock clock;
	struct timespec step;
	char source[64];

	facts_clock(&clock);
	read_line("/sys/devices/system/clocksource/clocksource0/current_clocksource", source, sizeof(source));
	clock_getres(CLOCK_MONOTONIC, &step);
	fact(check, "clock", "monotonic, in steps of %ld ns%s%s; suspended for %" PRIu64 " s since the boot",
	     step.tv_nsec, *source ? ", from " : "", source, (clock.boot - clock.mono) / 1000000000u);
}

/* Of a whole line "MemAvailable:   123 kB". */
static uint64_t available_memory(void)
{
	FILE *file = fopen("/proc/meminfo", "re");
	static const char name[] = "MemAvailable:";
	char line[128];
	uint64_t kib = 0;

	if (!file)
		return 0;
	while (!kib && fgets(line, sizeof(line), file))
		if (!strncmp(line, name, sizeof(name) - 1))
			kib = strtoull(line + sizeof(name) - 1, NULL, 10);
	fclose(file);
	return kib;
}

static uint64_t ring_size(const struct check *check)
{
	return options_ring_size(check->options, sysconf(_SC_NPROCESSORS_ONLN));
}

static void print_memory(struct check *check)
{

	fact(check, "ring memory", "%" PRIu64 " KiB (--ring-size) and %zu KiB more; %" PRIu64 " KiB are available",
	     ring_size(check) / 1024, (RING_PID_LIMIT + SESSION_SLOTS * sizeof(struct ring_slot)) / 1024,
	     available_memory());
}

static void print_cgroups(struct check *check)
{
	struct statfs fs;
	bool unified = statfs("/sys/fs/cgroup/unified", &fs) == 0 && fs.f_type == CGROUP2_SUPER_MAGIC;

	if (statfs("/sys/fs/cgroup", &fs) != 0)
		fact(check, "cgroups", "none mounted (needed only by --containers)");
	else
		fact(check, "cgroups", "%s (needed only by --containers)",
		     fs.f_type == CGROUP2_SUPER_MAGIC ? "version 2"
		     : unified                        ? "versions 1 and 2"
						      : "version 1");
}

/* Whom --containers asks for names. */
static void print_engines(struct check *check)
{
	struct engines engines = {0};
	char list[ENGINES_SOCKETS * (ENGINES_PATH + 2)] = "";
	size_t len = 0;

	engines_find(&engines);
	for (size_t i = 0; i < engines.n; i++)
		len += (size_t)snprintf(list + len, sizeof(list) - len, "%s%s", i ? ", " : "", engines.path[i]);
	fact(check, "container engines", "%s",
	     engines.n ? list : "no socket in sight (not needed: containers go by their ids then)");
}

static void print_namespaces(struct check *check)
{
	uint32_t ours = tasks_namespace(getpid());

	check->in_container = ours && ours != TASKS_INITIAL;
	fact(check, "PID namespace", "%s",
	     !ours                 ? "unknown: /proc does not tell"
	     : check->in_container ? "a container's: its own PIDs are understood; no --lossless, no --pidns"
				   : "initial");
	if (check->in_container)
		limit(check, "PID namespace");
	fact(check, "user namespace", "%s",
	     privilege_in_user_namespace() ? "a container's: its root may not load BPF programs" : "initial");
}

/* --- privileges ------------------------------------------------------------------------------------------ */

/* A capability without which there is no recording. CAP_SYS_ADMIN has been all of them since before they were there. */
static void print_needed(struct check *check, const char *name, unsigned cap)
{
	if (privilege_has(cap))
		fact(check, name, "yes");
	else if (privilege_has(CAP_SYS_ADMIN))
		fact(check, name, "no, but CAP_SYS_ADMIN");
	else
		fact(check, name, "no: needed to load and attach");
}

static void print_useful(struct check *check, const char *name, bool here, const char *otherwise)
{
	if (here)
		fact(check, name, "yes");
	else
		fact(check, name, "no: %s", otherwise);
	if (!here)
		limit(check, name);
}

/* The recorder's own: by the capability, or because RLIMIT_NICE allows it. */
static bool may_raise_priority(void)
{
	int before = getpriority(PRIO_PROCESS, 0);

	if (setpriority(PRIO_PROCESS, 0, -20) != 0)
		return false;
	setpriority(PRIO_PROCESS, 0, before);
	return true;
}

static void print_capabilities(struct check *check)
{
	int id = probe_tracepoint_id("raw_syscalls/sys_enter");

	print_needed(check, "CAP_BPF", CAP_BPF);
	print_needed(check, "CAP_PERFMON", CAP_PERFMON);
	print_useful(check, "CAP_SYS_PTRACE", privilege_has(CAP_SYS_PTRACE),
		     "calls of other users' processes that are going on at the start may lack number and arguments");
	print_useful(check, "CAP_SYS_NICE", privilege_has(CAP_SYS_NICE) || may_raise_priority(),
		     "the recorder has no higher priority than those it records: more is lost on busy processors");
	print_useful(check, "CAP_KILL", privilege_has(CAP_KILL), "no --lossless");
	fact(check, "CAP_SYS_ADMIN", "%s",
	     privilege_has(CAP_SYS_ADMIN) ? "yes"
	     : id > 0                     ? "no (not needed: tracefs is mounted)"
					  : "no: a tracefs that is not mounted cannot be looked into");
	if (id > 0)
		fact(check, "tracefs", "there");
	else
		fact(check, "tracefs", "not in sight (%s): no classic tracepoints", strerror(-id));
}

static void print_gates(struct check *check)
{
	char lockdown[PRIVILEGE_MODE], disabled[16];
	int err = privilege_bpf();

	privilege_lockdown(lockdown);
	read_line("/proc/sys/kernel/unprivileged_bpf_disabled", disabled, sizeof(disabled));
	fact(check, "lockdown", "%s", *lockdown ? lockdown : "none that can be seen");
	if (err)
		fact(check, "bpf()", "no: %s", strerror(-err));
	else
		fact(check, "bpf()", "not blocked");
	fact(check, "unprivileged BPF", "%s (not needed)",
	     !*disabled               ? "unknown"
	     : !strcmp(disabled, "0") ? "allowed"
				      : "not allowed");
}

/* --- features -------------------------------------------------------------------------------------------- */

/* Is this one of the kernel's enum bpf_func_id? What the kernel's own BTF does not have, the kernel does not have. */
static bool has_helper(const struct btf *btf, const char *helper)
{
	int32_t id = btf__find_by_name_kind(btf, "bpf_func_id", BTF_KIND_ENUM);
	const struct btf_type *type = id > 0 ? btf__type_by_id(btf, (uint32_t)id) : NULL;

	for (uint32_t i = 0; type && i < btf_vlen(type); i++)
		if (!strcmp(btf__name_by_offset(btf, btf_enum(type)[i].name_off), helper))
			return true;
	return false;
}

static bool has_member(const struct btf *btf, const char *structure, const char *member)
{
	int32_t id = btf__find_by_name_kind(btf, structure, BTF_KIND_STRUCT);
	const struct btf_type *type = id > 0 ? btf__type_by_id(btf, (uint32_t)id) : NULL;

	for (uint32_t i = 0; type && i < btf_vlen(type); i++)
		if (!strcmp(btf__name_by_offset(btf, btf_members(type)[i].name_off), member))
			return true;
	return false;
}

/* One that the recorder can do without, or that only some options need. */
static void print_feature(struct check *check, const char *name, bool here, const char *use, const char *otherwise)
{
	fact(check, name, "%s (%s)", here ? "used" : "missing", here ? use : otherwise);
	if (!here)
		limit(check, name);
}

static void print_features(struct check *check)
{
	const struct btf *btf = check->btf;

	if (!btf)
		return;
	if (has_helper(btf, "BPF_FUNC_get_current_task_btf"))
		fact(check, "bpf_get_current_task_btf", "used");
	else
		fact(check, "bpf_get_current_task_btf", "missing (each call costs a little more)");
	if (has_helper(btf, "BPF_FUNC_task_pt_regs"))
		fact(check, "bpf_task_pt_regs", "there (for the classic tracepoints)");
	else
		fact(check, "bpf_task_pt_regs", "missing (no classic tracepoints)");
	print_feature(check, "bpf_send_signal", has_helper(btf, "BPF_FUNC_send_signal"), "by --lossless",
		      "no --lossless");
	print_feature(check, "recursion_misses", has_member(btf, "bpf_prog_info", "recursion_misses"),
		      "runs that the kernel skips are counted",
		      "a call whose entry and exit the kernel both skips is known from its number only");
}

static void try_iterator(struct check *check)
{
	struct tasks *tasks = NULL;
	struct message error;
	int err = tasks_open(&tasks, TASKS_INITIAL, &error);

	if (!err)
		err = tasks_scan(tasks, &error);
	if (err) {
		fact(check, "task iterator", "missing (%s): no -c, --uid, --tree, --pidns, not in containers",
		     strerror(-err));
		limit(check, "task iterator");
	} else {
		fact(check, "task iterator", "used (by -c, --uid, --tree, --pidns and in containers): %zu threads",
		     tasks->n);
	}
	tasks_close(tasks);
}

/* --- trying it ------------------------------------------------------------------------------------------- */

static void print_hooks(struct check *check, const struct session *session, enum probe_preemption preemption)
{
	bool is_classic = session->hooks == HOOKS_CLASSIC;
	int needs_cap = privilege_bpf_needs_cap(session_program_fd(session));

	fact(check, "programs", "load and attach");
	fact(check, "hooks", "%s tracepoints (%s)", is_classic ? "classic" : "BTF",
	     *session->why ? session->why : "as --hooks says");
	if (!is_classic && preemption != PROBE_RUNS_TO_END)
		limit(check, "hooks");
	fact(check, "kept privileges", "%s",
	     needs_cap == 0   ? "none once attached"
	     : needs_cap == 1 ? "CAP_BPF, which this kernel asks for"
			      : "unknown");
}

static void try_session(struct check *check)
{
	struct session session;
	struct session_config config = {
		.hooks = check->options->hooks, .slots = SESSION_SLOTS, .ring = (size_t)ring_size(check)};
	char why[PROBE_WHY];
	enum probe_preemption preemption = probe_preemption(why);

	fact(check, "preemption", "%s", why);
	check->err = session_open(&session, &config);
	if (check->err) {
		fact(check, "programs", "do not load or attach");
		message_set(&check->error, check->err,
			    "%s; to read what the kernel says: sysstream -v -f /dev/null -- true", session.error);
		return;
	}
	check->attached = true;
	print_hooks(check, &session, preemption);
	session_close(&session);
}

static void try_programs(struct check *check)
{
	check->err = privilege_check(&check->error);
	if (check->err) {
		fact(check, "programs", "not tried");
		return;
	}
	try_session(check);
	try_iterator(check);
}

static void print_verdict(const struct check *check)
{
	if (check->err)
		fprintf(check->out, "not ready: %s\n", check->error.text);
	else if (*check->limits)
		fprintf(check->out, "ready: recordings can be made, within limits; see %s\n", check->limits);
	else
		fprintf(check->out, "ready: recordings can be made, complete and with all options\n");
}

static int quiet_print(enum libbpf_print_level level, const char *format, va_list args)
{
	(void)level, (void)format, (void)args;
	return 0;
}

int check_print(const struct options *options, FILE *out)
{
	struct check check = {.out = out, .options = options};

	libbpf_set_print(quiet_print);
	check.btf = btf__load_vmlinux_btf();
	if (libbpf_get_error(check.btf))
		check.btf = NULL;
	print_kernel(&check);
	print_clocks(&check);
	print_memory(&check);
	print_cgroups(&check);
	print_engines(&check);
	print_namespaces(&check);
	print_capabilities(&check);
	print_gates(&check);
	print_features(&check);
	try_programs(&check);
	print_verdict(&check);
	btf__free(check.btf);
	return fflush(out) || ferror(out) ? -EIO : check.err;
}
