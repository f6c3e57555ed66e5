/*
 * processes.c - calls about processes: memory, signals, rights, lives, times and locks, programs that are executed
 */
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "arguments.h"

void memory_calls(void)
{
	char *map =
		(char *)CALL(SYS_mmap, 0, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); // NOLINT

	CALL(SYS_mmap, 0, 8192, PROT_NONE, MAP_SHARED | MAP_FIXED | MAP_NORESERVE | MAP_STACK, 999, 0x3000);
	CALL(SYS_mmap, 0, 8192, PROT_EXEC, MAP_SHARED_VALIDATE | MAP_HUGETLB | MAP_POPULATE, 999, 0);
	CALL(SYS_mprotect, V(map), 4096, PROT_READ | PROT_EXEC);
	CALL(SYS_madvise, V(map), 4096, MADV_DONTNEED);
	CALL(SYS_msync, V(map), 4096, MS_SYNC);
	CALL(SYS_mremap, V(map), 8192, 4096, MREMAP_MAYMOVE);
	CALL(SYS_munmap, V(map), 4096);
	CALL(SYS_brk, 0);
	CALL(SYS_mlockall, 999);
	CALL(SYS_mlock, 0, 0);
}

void signals(void)
{
	struct action {
		uint64_t handler, flags, restorer, mask;
	} action = {1, SA_RESTART | SA_SIGINFO | 0x04000000, 0x1234, 0x5}, old;
	uint64_t some = 0x4002, most = ~UINT64_C(0x300000000), all = ~UINT64_C(0), none = 0, before;
	stack_t stack = {.ss_sp = NULL, .ss_flags = SS_DISABLE, .ss_size = 8192}, old_stack;

	CALL(SYS_rt_sigaction, SIGUSR1, V(&action), V(&old), 8);
	CALL(SYS_rt_sigaction, SIGUSR1, 0, V(&old), 8);
	CALL(SYS_rt_sigaction, SIGUSR2, V(&(struct action){.handler = ~0ul}), 0, 8);
	CALL(SYS_rt_sigaction, SIGUSR2, 0, V(&old), 8);
	CALL(SYS_rt_sigaction, 34, V(&old), 0, 8);
	action.handler = 0x4567;
	action.flags = 0;
	action.mask = most;
	CALL(SYS_rt_sigaction, SIGKILL, V(&action), V(&old), 8);
	CALL(SYS_rt_sigprocmask, SIG_BLOCK, V(&some), V(&before), 8);
	CALL(SYS_rt_sigprocmask, SIG_SETMASK, V(&most), V(&before), 8);
	CALL(SYS_rt_sigprocmask, SIG_BLOCK, V(&all), 0, 8);
	CALL(SYS_rt_sigprocmask, SIG_SETMASK, V(&none), V(&before), 8);
	CALL(SYS_rt_sigprocmask, SIG_SETMASK, 0, V(&before), 8);
	CALL(SYS_rt_sigprocmask, 7, V(&none), 0, 8);
	CALL(SYS_sigaltstack, V(&stack), V(&old_stack));
	CALL(SYS_kill, 999999, SIGTERM);
	CALL(SYS_kill, 999999, 0);
	CALL(SYS_kill, -999999, 35);
	CALL(SYS_tgkill, 1, 999999, 64);
	CALL(SYS_rt_sigtimedwait, V(&some), 0, V(&(struct timespec){0, 1000}), 8);
	CALL(SYS_rt_sigpending, V(&before), 8);
}

/* What seccomp() tells, and filters that it does not take. */
static void filters(void)
{
	static uint32_t actions[] = {SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_KILL_THREAD,
				     SECCOMP_RET_TRAP,         SECCOMP_RET_ERRNO,
				     SECCOMP_RET_USER_NOTIF,   SECCOMP_RET_TRACE,
				     SECCOMP_RET_LOG,          SECCOMP_RET_ALLOW,
				     SECCOMP_RET_ERRNO | 7,    0x12340000};
	struct sock_fprog none = {0}, nowhere = {.len = 3, .filter = (struct sock_filter *)16}; // NOLINT
	struct seccomp_notif_sizes sizes;

	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		CALL(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, V(&actions[i]));
	CALL(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 5, V(actions));
	CALL(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, 16);
	CALL(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, V(&sizes));
	CALL(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 1, V(&sizes));
	CALL(SYS_seccomp, SECCOMP_SET_MODE_STRICT, 1, 0);
	CALL(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_LOG, V(&none));
	CALL(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, V(&nowhere));
	CALL(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, 0);
}

/* Those of this process, in every version; and sets with bits that nobody knows, which nobody gets. */
static void capabilities(void)
{
	static const uint32_t versions[] = {_LINUX_CAPABILITY_VERSION_1, _LINUX_CAPABILITY_VERSION_2,
					    _LINUX_CAPABILITY_VERSION_3, 0x12345, 0};

	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		struct __user_cap_header_struct header = {versions[i], 0}, other = {versions[i], 999999};
		struct __user_cap_data_struct data[2] = {{1, 0x80000003, 0}, {0x80, 0, UINT32_MAX}};

		CALL(SYS_capset, V(&other), V(data));
		CALL(SYS_capset, V(&other), 0);
		CALL(SYS_capset, V(&other), 16);
		CALL(SYS_capget, V(&other), V(data));
		CALL(SYS_capget, V(&header), V(data));
		header.version = versions[i];
		CALL(SYS_capget, V(&header), 0);
		header.version = versions[i];
		CALL(SYS_capset, V(&header), V(data));
	}
	CALL(SYS_capset, 16, 16);
}

void processes(void)
{
	struct rlimit limit = {8192 * 1024, RLIM_INFINITY}, old;
	struct rusage usage;
	struct utsname name;
	struct sysinfo info;
	struct tms tms;
	uint32_t ids[3];
	int status;
	uint64_t cpus[16];
	siginfo_t signal_info;
	struct clone_args args = {.flags = CLONE_VFORK | CLONE_VM, .exit_signal = SIGCHLD};
	const char *const argv[] = {"sh", "-c", "exit 3\n", NULL};
	pid_t child;

	CALL(SYS_prlimit64, 0, RLIMIT_NOFILE, 0, V(&old));
	CALL(SYS_prlimit64, 999999, RLIMIT_STACK, V(&limit), V(&old));
	CALL(SYS_setrlimit, RLIMIT_CORE, V(&limit));
	CALL(SYS_getrlimit, RLIMIT_AS, V(&old));
	CALL(SYS_getrusage, RUSAGE_SELF, V(&usage));
	CALL(SYS_uname, V(&name));
	CALL(SYS_sysinfo, V(&info));
	CALL(SYS_times, V(&tms));
	CALL(SYS_getresuid, V(&ids[0]), V(&ids[1]), V(&ids[2]));
	CALL(SYS_getgroups, 0, 0);
	CALL(SYS_setgroups, -1, 0);
	CALL(SYS_setgroups, 0, V(ids));
	CALL(SYS_sched_getaffinity, 0, 128, V(cpus));
	CALL(SYS_sched_setscheduler, 999999, SCHED_FIFO | SCHED_RESET_ON_FORK, V(&(int){1}));
	CALL(SYS_getpriority, PRIO_PROCESS, 0);
	CALL(SYS_execve, V("/no/such"), V(argv), 0);
	child = vfork();
	if (child == 0)
		_exit(3);
	CALL(SYS_wait4, child, V(&status), 0, V(&usage));
	child = fork();
	if (child == 0) {
		raise(SIGKILL);
		_exit(0);
	}
	CALL(SYS_waitid, P_PID, child, V(&signal_info), WEXITED | WNOWAIT, 0);
	CALL(SYS_wait4, -1, V(&status), WUNTRACED | WCONTINUED, 0);
	CALL(SYS_wait4, -1, V(&status), WNOHANG, 0);
	args.flags = 1; /* fails */
	CALL(SYS_clone3, V(&args), sizeof(args));
	CALL(SYS_clone, CLONE_NEWUSER | CLONE_FS | SIGCHLD, 0, 0, 0, 0);
	CALL(SYS_clone, CLONE_SIGHAND | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID | CLONE_SETTLS, 0x1000, 0x2000,
	     0x3000, 0x4000);
	CALL(SYS_prctl, PR_SET_NAME, V("a name"));
	CALL(SYS_prctl, PR_GET_NAME, V(name.sysname));
	CALL(SYS_prctl, PR_SET_PDEATHSIG, SIGTERM);
	CALL(SYS_prctl, PR_GET_PDEATHSIG, V(cpus));
	CALL(SYS_prctl, PR_SET_PDEATHSIG, 0);
	CALL(SYS_prctl, PR_GET_PDEATHSIG, V(cpus));
	CALL(SYS_prctl, PR_GET_CHILD_SUBREAPER, V(cpus));
	CALL(SYS_prctl, PR_GET_TID_ADDRESS, V(cpus));
	CALL(SYS_prctl, PR_SET_PDEATHSIG, 0);
	CALL(SYS_prctl, PR_CAPBSET_READ, 21);
	CALL(SYS_prctl, PR_GET_DUMPABLE);
	CALL(SYS_prctl, PR_SET_DUMPABLE, 1);
	CALL(SYS_prctl, PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0);
	CALL(SYS_prctl, PR_CAP_AMBIENT, 1, 21, 0, 0);
	CALL(SYS_prctl, 4242, 1, 2, 3, 4);
	CALL(SYS_personality, 0xffffffff);
	CALL(SYS_unshare, 0);
	CALL(SYS_setns, 999, CLONE_NEWNET);
	CALL(SYS_getrandom, V(ids), 8, 1);
	CALL(SYS_set_robust_list, 0, 0);
	CALL(SYS_pidfd_open, 999999, 0);
	CALL(SYS_membarrier, 0, 0, 0);
	CALL(SYS_capget, 0, 0);
	capabilities();
	CALL(SYS_syslog, 99, 0, 0);
	CALL(SYS_reboot, 1, 2, 3, 0);
	CALL(SYS_ioprio_set, 1, 999999, 2 << 13 | 4);
	CALL(SYS_seccomp, 77, 0, 0);
	filters();
	CALL(SYS_bpf, 99, 0, 0);
	CALL(SYS_sethostname, 0, -1);
#ifdef SYS_arch_prctl
	CALL(SYS_arch_prctl, 0x3001, V(&info));
	CALL(SYS_arch_prctl, 0x1003, V(&cpus));
#endif
}

void times_and_locks(void)
{
	struct timespec ts = {0, 1000}, left;
	struct timeval tv;
	struct timezone tz;
	struct itimerval timer = {{0, 0}, {0, 0}}, old;
	uint32_t word = 5;
	struct sembuf op = {0, -1, IPC_NOWAIT | SEM_UNDO};
	int timer_id;

	CALL(SYS_clock_gettime, CLOCK_MONOTONIC, V(&left));
	CALL(SYS_clock_gettime, -6, V(&left));
	CALL(SYS_clock_gettime, 99, V(&left));
	CALL(SYS_clock_getres, CLOCK_BOOTTIME, V(&left));
	CALL(SYS_nanosleep, V(&ts), V(&left));
	CALL(SYS_nanosleep, V(&ts), 0);
	CALL(SYS_clock_nanosleep, CLOCK_REALTIME, TIMER_ABSTIME, V(&ts), V(&left));
	CALL(SYS_gettimeofday, V(&tv), V(&tz));
	CALL(SYS_setitimer, ITIMER_VIRTUAL, V(&timer), V(&old));
	CALL(SYS_getitimer, ITIMER_REAL, V(&old));
	CALL(SYS_timer_create, CLOCK_MONOTONIC, 0, V(&timer_id));
	CALL(SYS_timer_create, CLOCK_MONOTONIC, V(&(struct sigevent){.sigev_signo = SIGALRM}), V(&timer_id));
	CALL(SYS_timer_settime, 77, 0, V(&(struct itimerspec){{1, 2}, {3, 4}}), 0);
	CALL(SYS_futex, V(&word), 0x80, 4, V(&ts));
	CALL(SYS_futex, V(&word), 0x81, 1);
	CALL(SYS_futex, V(&word), 0x80 | 9 | 0x100, 4, 0, 0, -1);
	CALL(SYS_futex, V(&word), 0x80 | 9, 4, V(&ts), 0, 7);
	CALL(SYS_futex, V(&word), 0x80 | 3, 1, 2, V(&word), 0);
	CALL(SYS_futex, V(&word), 0x80 | 4, 1, 2, V(&word), 6);
	CALL(SYS_futex, V(&word), 5, 1, 2, V(&word), 0x4000001);
	CALL(SYS_futex, V(&word), 0x87);
	CALL(SYS_futex, V(&word), 99, 1, 2, 3, 4);
	CALL(SYS_semget, 0, 1, IPC_CREAT | 0600);
	CALL(SYS_semop, 999999, V(&op), 1);
	CALL(SYS_shmget, 0x1234, 4096, 0);
	CALL(SYS_shmctl, 999999, IPC_RMID, 0);
	CALL(SYS_msgctl, 999999, IPC_STAT, 0);
	CALL(SYS_semctl, 999999, 0, SETVAL, 5);
}

void executions(void)
{
	const char *const argv[] = {"not/there", "an argument", NULL}, *const one[] = {"A=b", NULL},
			  *const more[] = {"A=b", "C=", "D", NULL};

	CALL(SYS_execve, V("not/there"), V(argv), V(one));
	CALL(SYS_execve, V("not/there"), V(argv), V(more));
	CALL(SYS_execve, V("not/there"), V(argv), V(more + 3));
	CALL(SYS_execve, V("not/there"), V(argv), 0);
	CALL(SYS_execveat, AT_FDCWD, V("not/there"), V(argv), V(more), AT_EMPTY_PATH);
}
