/* sandbox.c - see sandbox.h */
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "parse.h"
#include "report.h"

#define NOBODY 65534

/* Sanitizers need what the last two layers forbid. */
#ifndef __has_feature
#define __has_feature(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || __has_feature(address_sanitizer) ||               \
	__has_feature(memory_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

/* --- the user */

static uint32_t id_of(const char *name)
{
	const char *text = getenv(name);
	uint64_t id;

	return text && parse_u64(text, UINT32_MAX - 1, &id) == 0 ? (uint32_t)id : 0;
}

bool sandbox_user(uid_t *uid, gid_t *gid)
{
	uint32_t sudo_uid = id_of("SUDO_UID"), sudo_gid = id_of("SUDO_GID");
	bool called = sudo_uid && sudo_gid; /* root may call sudo too: that is nobody to go back to */

	if (geteuid() != 0 && getuid() != 0)
		return false;
	*uid = called ? sudo_uid : NOBODY;
	*gid = called ? sudo_gid : NOBODY;
	return true;
}

/*
 * Is root here somebody else outside, in a namespace that a user has made? Such a root has no more rights than its
 * maker, and the other numbers may be missing.
 */
static bool is_users_namespace(void)
{
	char line[64] = "", *end = line; /* number here, number outside, how many */
	FILE *map = fopen("/proc/self/uid_map", "re");
	bool read = map && fgets(line, sizeof(line), map);

	if (map)
		fclose(map);
	return read && strtoul(line, &end, 10) == 0 && strtoul(end, NULL, 10) != 0;
}

#define CAP_DAC_READ_SEARCH 2 /* include/uapi/linux/capability.h */

/* All sets of capabilities of this thread, empty but for these. The structures are the kernel's, version 3. */
static int keep_capabilities(uint32_t mask)
{
	struct {
		uint32_t version;
		int pid;
	} header = {.version = 0x20080522};
	const uint32_t sets[6] = {mask, mask}; /* effective, permitted, inheritable; then the upper halves */

	return syscall(SYS_capset, &header, sets) < 0 ? -errno : 0;
}

static int change_user(uid_t uid, gid_t gid)
{
	for (unsigned long capability = 0; prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0; capability++)
		;
	prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0); /* keep_capabilities() decides */
	if (setgroups(0, NULL) < 0 || setresgid(gid, gid, gid) < 0 || setresuid(uid, uid, uid) < 0)
		return -errno;
	return setuid(0) == 0 ? -EPERM : 0; /* there is no way back */
}

/*
 * Root may go on reading below the directories that are followed, where the next part of a recording appears that only
 * root may read; Landlock keeps it to these.
 */
static bool drop_privileges(bool search)
{
	uid_t uid;
	gid_t gid;
	int err = 0;
	bool root = sandbox_user(&uid, &gid);

	if (root)
		err = change_user(uid, gid);
	if (err && is_users_namespace())
		err = 0;
	if (!err)
		err = keep_capabilities(root && search ? 1u << CAP_DAC_READ_SEARCH : 0);
	if (!err && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		err = -errno;
#if SANITIZED
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0); /* the leak checker traces the program */
#endif
	if (err)
		complain("root cannot become an unprivileged user here (%s), and a recording is never decoded as root; "
			 "start sysdecode as another user",
			 strerror(-err));
	return err == 0;
}

/* --- Landlock: numbers from Linux' uapi/linux/landlock.h, which is younger than many a C library */

#if !SANITIZED

enum {
	LANDLOCK_CREATE_RULESET = 444, /* system calls, the same on all architectures that we know */
	LANDLOCK_ADD_RULE = 445,
	LANDLOCK_RESTRICT_SELF = 446,
	RULESET_VERSION = 1,
	RULE_PATH_BENEATH = 1,
	FS_READ_FILE = 1 << 2,
	FS_READ_DIR = 1 << 3,
};

struct ruleset {
	uint64_t fs, net, scoped;
};

struct path_rule {
	uint64_t access;
	int32_t fd;
} __attribute__((packed));

/* All that a version of Landlock can deny. */
static struct ruleset all_of(long version)
{
	static const unsigned char fs_rights[] = {13, 14, 15, 15, 16}; /* in versions 1, 2, 3, 4, 5 */
	unsigned bits = fs_rights[(version < 5 ? version : 5) - 1];

	return (struct ruleset){
		.fs = (UINT64_C(1) << bits) - 1,
		.net = version >= 4 ? 3 : 0,    /* bind, connect */
		.scoped = version >= 6 ? 3 : 0, /* abstract sockets, signals */
	};
}

/* Is it in force then? */
static bool enter_landlock(const struct sandbox_config *config)
{
	long version = syscall(LANDLOCK_CREATE_RULESET, NULL, 0, RULESET_VERSION), fd;
	struct ruleset ruleset;
	bool entered;

	if (version < 1)
		return false;
	ruleset = all_of(version);
	fd = syscall(LANDLOCK_CREATE_RULESET, &ruleset,
		     version >= 6   ? sizeof(ruleset)
		     : version >= 4 ? offsetof(struct ruleset, scoped)
				    : offsetof(struct ruleset, net),
		     0);
	if (fd < 0)
		return false;
	for (size_t i = 0; i < config->n_dirs; i++) {
		struct path_rule rule = {.access = FS_READ_FILE | FS_READ_DIR, .fd = config->dirs[i]};

		syscall(LANDLOCK_ADD_RULE, fd, RULE_PATH_BENEATH, &rule, 0);
	}
	entered = syscall(LANDLOCK_RESTRICT_SELF, fd, 0) == 0;
	close((int)fd);
	return entered;
}

#endif

/* --- seccomp */

#if defined(HAVE_SECCOMP) && !SANITIZED

#include <seccomp.h>

/* What decoding takes. Names that an architecture does not have are left out there. */
static const char *const allowed[] = {
	/* clang-format off */
	/* inputs and outputs, which are open */
	"read", "pread64", "write", "writev", "lseek", "_llseek", "fstat", "fstat64", "close", "poll", "ppoll",
	"ppoll_time64", "fsync",
	/* memory */
	"brk", "munmap", "mremap", "madvise",
	/* threads */
	"futex", "futex_time64", "set_robust_list", "rseq", "set_tid_address", "sched_yield", "sched_getaffinity",
	"sched_getparam", "sched_getscheduler", "gettid", "getpid", "exit", "exit_group",
	/* signals, time */
	"rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigreturn", "sigaltstack", "restart_syscall",
	"clock_gettime", "clock_gettime64", "clock_nanosleep", "clock_nanosleep_time64", "nanosleep", "gettimeofday",
	"time",
	/* the C library's start of threads and of malloc's arenas */
	"getrandom", "prlimit64", "getrlimit", "ugetrlimit", "membarrier",
	/* clang-format on */
};

/* With --follow: see what has become of a file, or what is new in a directory. */
static const char *const allowed_to_follow[] = {
	"getdents64", "inotify_add_watch", "inotify_rm_watch", "newfstatat", "fstatat64", "statx",
};

/* With --metrics: answer who connects. */
static const char *const allowed_to_serve[] = {
	"accept",     "accept4",    "recv",        "recvfrom",  "send",       "sendto",      "sendmsg",      "shutdown",
	"setsockopt", "getsockopt", "getsockname", "epoll_ctl", "epoll_wait", "epoll_pwait", "epoll_pwait2",
};

/* With --rows-per-file: files that another process has opened. */
static const char *const allowed_to_split[] = {"recvmsg"};

/* With --live. The C library knows two forms of a terminal's settings. */
static const unsigned long allowed_of_terminals[] = {
	TIOCGWINSZ, TCGETS,     TCSETS,     TCSETSW,    TCSETSF,
#if TCGETS == 0x5401
	0x802c542a, 0x402c542b, 0x402c542c, 0x402c542d, /* TCGETS2 and so on, whose structure is in the kernel's headers
							 */
#endif
};

/* Nobody asks for these by mistake. */
static const char *const deadly[] = {
	/* clang-format off */
	"execve", "execveat", "fork", "vfork", "ptrace", "process_vm_readv", "process_vm_writev", "socket",
	"socketpair", "connect", "bpf", "mount", "init_module", "finit_module", "kexec_load", "perf_event_open",
	"open_by_handle_at", "userfaultfd", "keyctl", "add_key", "io_uring_setup", "setuid", "setresuid",
	/* clang-format on */
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Only where the given bits of an argument have this value. */
static void add_masked(scmp_filter_ctx filter, const char *name, unsigned arg, uint64_t mask, uint64_t value)
{
	int number = seccomp_syscall_resolve_name(name);

	if (number != __NR_SCMP_ERROR)
		seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 1, SCMP_CMP(arg, SCMP_CMP_MASKED_EQ, mask, value));
}

static void add_all(scmp_filter_ctx filter, uint32_t action, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int number = seccomp_syscall_resolve_name(names[i]);

		if (number != __NR_SCMP_ERROR)
			seccomp_rule_add(filter, action, number, 0);
	}
}

static void add_threads(scmp_filter_ctx filter)
{
	uint64_t thread = 0x00010000; /* CLONE_THREAD: not another process */
	int clone3 = seccomp_syscall_resolve_name("clone3");

#ifdef __s390x__
	add_masked(filter, "clone", 1, thread, thread);
#else
	add_masked(filter, "clone", 0, thread, thread);
#endif
	/* Its flags are in memory, where no filter can look; without it the C library takes clone. */
	if (clone3 != __NR_SCMP_ERROR)
		seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), clone3, 0);
}

/* Nothing that was not code when the program began becomes code. */
static void add_memory(scmp_filter_ctx filter)
{
	add_masked(filter, "mmap", 2, PROT_EXEC, 0);
	add_masked(filter, "mmap2", 2, PROT_EXEC, 0);
	add_masked(filter, "mprotect", 2, PROT_EXEC, 0);
}

/* The C library's fstat is one of these, with an empty path; a path would be Landlock's to deny. */
static void add_stat(scmp_filter_ctx filter)
{
	add_masked(filter, "newfstatat", 3, AT_EMPTY_PATH, AT_EMPTY_PATH);
	add_masked(filter, "fstatat64", 3, AT_EMPTY_PATH, AT_EMPTY_PATH);
	add_masked(filter, "statx", 2, AT_EMPTY_PATH, AT_EMPTY_PATH);
}

static void add_follow(scmp_filter_ctx filter)
{
	uint64_t changing = O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND | (O_TMPFILE & ~O_DIRECTORY);

	add_all(filter, SCMP_ACT_ALLOW, allowed_to_follow, COUNT(allowed_to_follow));
	add_masked(filter, "openat", 2, changing, O_RDONLY);
	add_masked(filter, "fcntl", 1, UINT32_MAX, F_GETFL); /* fdopendir() */
	add_masked(filter, "fcntl", 1, UINT32_MAX, F_SETFD);
	add_masked(filter, "fcntl64", 1, UINT32_MAX, F_GETFL);
	add_masked(filter, "fcntl64", 1, UINT32_MAX, F_SETFD);
}

static void enter_seccomp(const struct sandbox_config *config)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));

	if (!filter)
		return;
	add_all(filter, SCMP_ACT_ALLOW, allowed, COUNT(allowed));
	add_all(filter, SCMP_ACT_KILL_PROCESS, deadly, COUNT(deadly));
	add_masked(filter, "tgkill", 0, UINT32_MAX, (uint64_t)getpid()); /* abort() */
	add_threads(filter);
	add_memory(filter);
	add_stat(filter);
	if (config->follow)
		add_follow(filter);
	if (config->parts)
		add_all(filter, SCMP_ACT_ALLOW, allowed_to_split, COUNT(allowed_to_split));
	for (size_t i = 0; config->terminal && i < COUNT(allowed_of_terminals); i++)
		add_masked(filter, "ioctl", 1, UINT32_MAX, allowed_of_terminals[i]);
	if (config->serve)
		add_all(filter, SCMP_ACT_ALLOW, allowed_to_serve, COUNT(allowed_to_serve));
	seccomp_load(filter);
	seccomp_release(filter);
}

#endif

/* --- all of it */

const char *sandbox_layers(void)
{
#if SANITIZED
	return "unprivileged user (no Landlock, no seccomp: built with sanitizers)";
#elif defined(HAVE_SECCOMP)
	return "unprivileged user, Landlock, seccomp";
#else
	return "unprivileged user, Landlock (no seccomp: built without libseccomp)";
#endif
}

/*
 * Valgrind runs inside the process that it looks at, and would be shut in with it. Who can set this variable, which
 * sudo clears, can make the program do anything already.
 */
static bool is_under_valgrind(void)
{
	const char *preload = getenv("LD_PRELOAD");

	return preload && strstr(preload, "/vgpreload_");
}

bool sandbox_enter(const struct sandbox_config *config)
{
	if (is_under_valgrind())
		return true;
	if (!drop_privileges(config->n_dirs > 0))
		return false;
	tzset(); /* reads the file of the zone, as nobody, and the last one by its path */
#if !SANITIZED
	if (!enter_landlock(config) && keep_capabilities(0) < 0)
		return false;
#ifdef HAVE_SECCOMP
	enter_seccomp(config);
#endif
#else
	(void)config;
#endif
	return true;
}
