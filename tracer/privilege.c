/*
 * privilege.c - what the recorder may do, and the way down from there
 */
#include <cap-ng.h>
#include <errno.h>
#include <grp.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "privilege.h"

#define BTF_PATH      "/sys/kernel/btf/vmlinux"
#define LOCKDOWN_PATH "/sys/kernel/security/lockdown"

/* --- who called sudo ------------------------------------------------------------------------------------- */

/* An id as sudo writes it into the environment: decimal, nothing else. */
static bool parse_id(const char *text, uint32_t *id)
{
	uint64_t value = 0;

	if (!text || !*text)
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return false;
		value = value * 10 + (uint64_t)(*text - '0');
		if (value >= UINT32_MAX) /* (uid_t)-1 is nobody */
			return false;
	}
	*id = (uint32_t)value;
	return true;
}

/* The user's name, home and shell; none of them when the user database does not know the uid. */
static int read_user(struct invoker *invoker)
{
	size_t size = 1024;
	char *buffer = NULL;
	struct passwd entry, *found = NULL;
	int err;

	do {
		char *grown = realloc(buffer, size *= 2);

		if (!grown) {
			free(buffer);
			return -ENOMEM;
		}
		buffer = grown;
		err = getpwuid_r(invoker->uid, &entry, buffer, size, &found);
	} while (err == ERANGE && size < 1048576);
	if (!err && found) {
		invoker->name = strdup(entry.pw_name);
		invoker->home = strdup(entry.pw_dir);
		invoker->shell = strdup(entry.pw_shell);
		if (!invoker->name || !invoker->home || !invoker->shell)
			err = ENOMEM;
	}
	free(buffer);
	return err == ENOMEM ? -ENOMEM : 0;
}

/* All groups of the user; only gid when the user database does not know the name. */
static int read_groups(struct invoker *invoker)
{
	int n = 32;

	for (;;) {
		gid_t *grown = realloc(invoker->groups, (size_t)n * sizeof(gid_t));
		int room = n;

		if (!grown)
			return -ENOMEM;
		invoker->groups = grown;
		invoker->groups[0] = invoker->gid;
		invoker->n_groups = 1;
		if (!invoker->name)
			return 0;
		if (getgrouplist(invoker->name, invoker->gid, invoker->groups, &n) >= 0) {
			invoker->n_groups = n;
			return 0;
		}
		if (n <= room) /* not for want of room */
			return 0;
	}
}

int privilege_invoker(struct invoker *invoker)
{
	uint32_t uid, gid;
	int err;

	*invoker = (struct invoker){0};
	if (getuid() != 0 || geteuid() != 0)
		return 0;
	if (!parse_id(getenv("SUDO_UID"), &uid) || !parse_id(getenv("SUDO_GID"), &gid) || uid == 0)
		return 0;
	invoker->uid = uid;
	invoker->gid = gid;
	err = read_user(invoker);
	if (!err)
		err = read_groups(invoker);
	if (err) {
		privilege_invoker_free(invoker);
		return err;
	}
	invoker->known = true;
	return 0;
}

void privilege_invoker_free(struct invoker *invoker)
{
	free(invoker->groups);
	free(invoker->name);
	free(invoker->home);
	free(invoker->shell);
	*invoker = (struct invoker){0};
}

/* --- is there enough ------------------------------------------------------------------------------------- */

static bool has_cap(unsigned cap)
{
	return capng_have_capability(CAPNG_EFFECTIVE, cap);
}

bool privilege_has(unsigned cap)
{
	return capng_get_caps_process() == 0 && has_cap(cap);
}

/* CAP_BPF came with 5.8, as the oldest thing that the programs need: the kernel knows it or is too old. */
static bool kernel_knows_cap_bpf(void)
{
	return prctl(PR_CAPBSET_READ, CAP_BPF, 0, 0, 0) >= 0;
}

/* A bpf() call with a command that there is not: EINVAL where bpf() can be used, otherwise why not. */
static int try_bpf(void)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	return syscall(SYS_bpf, -1, &attr, sizeof(attr)) == -1 ? errno : 0;
}

int privilege_bpf(void)
{
	int err = try_bpf();

	return err == EINVAL ? 0 : -err;
}

/* Is not every user id of the machine mapped as it is? A user namespace of a container has a shorter map, a new one
 * none. */
bool privilege_in_user_namespace(void)
{
	FILE *file = fopen("/proc/self/uid_map", "re");
	char line[128] = "";
	unsigned long inside, outside, length;
	char *at = line;

	if (!file)
		return false;
	if (!fgets(line, sizeof(line), file))
		line[0] = '\0';
	fclose(file);
	inside = strtoul(at, &at, 10);
	outside = strtoul(at, &at, 10);
	length = strtoul(at, &at, 10);
	return !(inside == 0 && outside == 0 && length == UINT32_MAX);
}

/* The chosen mode stands in brackets: "none integrity [confidentiality]". */
void privilege_lockdown(char mode[PRIVILEGE_MODE])
{
	FILE *file = fopen(LOCKDOWN_PATH, "re");
	char text[128] = "";
	const char *chosen;

	mode[0] = '\0';
	if (!file)
		return;
	if (!fgets(text, sizeof(text), file))
		text[0] = '\0';
	fclose(file);
	chosen = strchr(text, '[');
	if (chosen)
		snprintf(mode, PRIVILEGE_MODE, "%.*s", (int)strcspn(chosen + 1, "]"), chosen + 1);
}

static bool is_locked_down(void)
{
	char mode[PRIVILEGE_MODE];

	privilege_lockdown(mode);
	return !strcmp(mode, "confidentiality");
}

static int say_missing_caps(bool bpf, bool perfmon, struct message *error)
{
	char path[512];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);

	path[len > 0 ? len : 0] = '\0';
	return message_set(error, -EPERM, "%s%s%s missing: run it with sudo, or: sudo setcap cap_bpf,cap_perfmon+ep %s",
			   bpf ? "CAP_BPF" : "", bpf && perfmon ? " and " : "",
			   perfmon ? (bpf ? "CAP_PERFMON are" : "CAP_PERFMON is") : " is",
			   len > 0 ? path : "sysstream");
}

static int check_capabilities(struct message *error)
{
	bool bpf, perfmon;

	if (getuid() != geteuid() || getgid() != getegid())
		return message_set(
			error, -EPERM,
			"sysstream must not be installed set-user-ID: every user could record every process");
	if (capng_get_caps_process() != 0)
		return message_set(error, -EPERM, "cannot read the capabilities of this process");
	bpf = has_cap(CAP_BPF) || has_cap(CAP_SYS_ADMIN);
	perfmon = has_cap(CAP_PERFMON) || has_cap(CAP_SYS_ADMIN);
	if (!bpf || !perfmon)
		return say_missing_caps(!bpf, !perfmon, error);
	if (privilege_in_user_namespace())
		return message_set(error, -EPERM,
				   "this is a user namespace (a rootless container?), whose root may not load BPF: run "
				   "sysstream on the host");
	return 0;
}

int privilege_check(struct message *error)
{
	int err, bpf;

	if (!kernel_knows_cap_bpf())
		return message_set(error, -EOPNOTSUPP,
				   "this kernel is too old: it has no CAP_BPF, which came with 5.8");
	bpf = try_bpf();
	if (bpf == ENOSYS)
		return message_set(error, -EOPNOTSUPP, "this kernel has no bpf() (CONFIG_BPF_SYSCALL)");
	err = check_capabilities(error);
	if (err)
		return err;
	if (is_locked_down())
		return message_set(error, -EPERM,
				   "the kernel is locked down (" LOCKDOWN_PATH " says confidentiality), which forbids "
				   "BPF programs to read its memory; boot with lockdown=integrity or none");
	if (bpf == EPERM)
		return message_set(error, -EPERM,
				   "bpf() is forbidden here although the capabilities are there: a seccomp filter or a "
				   "security module (a container?) refuses it");
	if (access(BTF_PATH, R_OK) != 0)
		return message_set(error, -EOPNOTSUPP,
				   BTF_PATH ": %s; this kernel was built without CONFIG_DEBUG_INFO_BTF, which "
					    "sysstream needs",
				   strerror(errno));
	return 0;
}

/* --- and away with it ------------------------------------------------------------------------------------ */

/* In the child: no capability at all, then ask for facts about fd. */
static int ask_without_caps(int fd)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct none[2] = {{0}};
	char info[1024];
	union bpf_attr attr;

	if (syscall(SYS_capset, &header, none) != 0)
		return errno;
	memset(&attr, 0, sizeof(attr));
	memset(info, 0, sizeof(info));
	attr.info.bpf_fd = (uint32_t)fd;
	attr.info.info_len = sizeof(info);
	attr.info.info = (uint64_t)(uintptr_t)info;
	return syscall(SYS_bpf, BPF_OBJ_GET_INFO_BY_FD, &attr, sizeof(attr)) == 0 ? 0 : errno;
}

/* The exit status of a child, 0 or an errno, as 0 or -errno. */
static int result_of(pid_t child)
{
	int status;

	if (child < 0)
		return -errno;
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -EIO;
}

int privilege_bpf_needs_cap(int fd)
{
	pid_t child = fork();
	int err;

	if (child == 0)
		_exit(ask_without_caps(fd) & 0xff);
	err = result_of(child);
	return err == -EPERM ? 1 : err;
}

int privilege_try(const struct invoker *invoker, int (*attempt)(const void *context), const void *context)
{
	pid_t child = fork();

	if (child == 0) {
		int err = privilege_drop(invoker, false, NULL);

		_exit(-(err ? err : attempt(context)) & 0xff);
	}
	return result_of(child);
}

/* How many threads this process has, or 0 when /proc does not tell. */
static long count_threads(void)
{
	FILE *file = fopen("/proc/self/status", "re");
	char line[256];
	long n = 0;

	if (!file)
		return 0;
	while (n == 0 && fgets(line, sizeof(line), file))
		if (!strncmp(line, "Threads:", 8))
			n = strtol(line + 8, NULL, 10);
	fclose(file);
	return n;
}

/* Fewer by one step; every step says its own name. */
static int fail(const char *step, struct message *error)
{
	int err = errno ? -errno : -EIO;

	return message_set(error, err, "cannot give up privileges: %s: %s", step, strerror(-err));
}

/* Only CAP_SETPCAP may empty the bounding set; without it no_new_privs has to do, which is as good: nothing adds to
 * ours. */
static int empty_bounding_set(void)
{
	if (capng_get_caps_process() != 0 || !has_cap(CAP_SETPCAP))
		return 0;
	capng_clear(CAPNG_SELECT_BOUNDS);
	return capng_apply(CAPNG_SELECT_BOUNDS);
}

static int become(const struct invoker *invoker, struct message *error)
{
	if (setgroups((size_t)invoker->n_groups, invoker->groups) != 0)
		return fail("setgroups", error);
	if (setresgid(invoker->gid, invoker->gid, invoker->gid) != 0)
		return fail("setresgid", error);
	if (setresuid(invoker->uid, invoker->uid, invoker->uid) != 0)
		return fail("setresuid", error);
	return 0;
}

static int empty_other_sets(bool keep_bpf)
{
	capng_clear(CAPNG_SELECT_CAPS | CAPNG_SELECT_AMBIENT);
	if (keep_bpf && capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, CAP_BPF) != 0)
		return -1;
	/* libcap-ng asks for ambient only where the kernel has it. */
	return capng_apply(CAPNG_SELECT_CAPS | CAPNG_SELECT_AMBIENT);
}

/* Is capability cap in set? */
static bool expected_cap(unsigned cap, bool keep_bpf, capng_type_t set)
{
	return keep_bpf && cap == CAP_BPF && (set == CAPNG_EFFECTIVE || set == CAPNG_PERMITTED);
}

static int verify_caps(bool keep_bpf, struct message *error)
{
	static const capng_type_t sets[] = {CAPNG_EFFECTIVE, CAPNG_PERMITTED, CAPNG_INHERITABLE, CAPNG_AMBIENT};

	errno = EPERM;
	if (capng_get_caps_process() != 0)
		return fail("reading the capabilities back", error);
	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++)
		for (unsigned cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
			if (!capng_have_capability(sets[i], cap) != !expected_cap(cap, keep_bpf, sets[i])) {
				errno = EPERM;
				return fail(keep_bpf && cap == CAP_BPF ? "CAP_BPF is gone"
								       : "a capability is still there",
					    error);
			}
	return 0;
}

static int verify_ids(const struct invoker *invoker, struct message *error)
{
	uid_t ruid, euid, suid;
	gid_t rgid, egid, sgid;

	errno = EPERM;
	if (getresuid(&ruid, &euid, &suid) != 0 || getresgid(&rgid, &egid, &sgid) != 0)
		return fail("reading the user back", error);
	if (ruid != invoker->uid || euid != invoker->uid || suid != invoker->uid || rgid != invoker->gid ||
	    egid != invoker->gid || sgid != invoker->gid || getgroups(0, NULL) != invoker->n_groups)
		return fail("still another user", error);
	if (setresuid((uid_t)-1, 0, (uid_t)-1) == 0) {
		errno = EPERM;
		return fail("could become root again", error);
	}
	return 0;
}

int privilege_drop(const struct invoker *invoker, bool keep_bpf, struct message *error)
{
	int err = 0;

	errno = 0;
	if (count_threads() > 1)
		return message_set(error, -EBUSY, "cannot give up privileges: another thread would keep them");
	if (empty_bounding_set() != 0)
		return fail("bounding set", error);
	if (prctl(PR_SET_KEEPCAPS, keep_bpf ? 1 : 0, 0, 0, 0) != 0)
		return fail("PR_SET_KEEPCAPS", error);
	if (invoker->known)
		err = become(invoker, error);
	if (err)
		return err;
	if (empty_other_sets(keep_bpf) != 0)
		return fail("capabilities", error);
	prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		return fail("PR_SET_NO_NEW_PRIVS", error);
	/*
	 * Not dumpable: the process now is the user's, but it holds maps that steer programs in the kernel, and calls
	 * of other users' processes. Dumpable, the user could ptrace it and record anybody's with them.
	 */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		return fail("PR_SET_DUMPABLE", error);
	err = verify_caps(keep_bpf, error);
	if (!err && invoker->known)
		err = verify_ids(invoker, error);
	return err;
}
