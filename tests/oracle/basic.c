/*
 * basic.c - 97 calls, each with its own arguments in all six registers, of which only the declared ones may be
 * recorded.
 */
#include "oracle.h"

#include <time.h>

/* Distinctive values that are invalid wherever they could do harm: no such descriptor, no such address, no such
 * process. */
#define FD(n)  (0x70000000u + (n))
#define P(n)   (0x10u + (n))               /* an address in the first page */
#define G(n)   (0xfeedfacecafe0000u + (n)) /* fills registers that the call does not declare */
#define NO_PID 0x7ffffff1u

struct
try {
	uint32_t nr;
	int nargs;
	uint64_t arg[6];
};

static const struct try tries[] = {
	{SYS_read, 3, {FD(1), P(1), 0x1234567890, G(3), G(4), G(5)}},
	{SYS_write, 3, {FD(2), P(2), 0x1234567891, G(3), G(4), G(5)}},
	{SYS_close, 1, {FD(3), G(1), G(2), G(3), G(4), G(5)}},
	{SYS_lseek, 3, {FD(4), 0x123456789abcdef0, 77, G(3), G(4), G(5)}},
	{SYS_mmap, 6, {P(1), 0, 0x71, 0x72, FD(5), 0x73}},
	{SYS_mprotect, 3, {P(3), 0x74, 0x75, G(3), G(4), G(5)}},
	{SYS_munmap, 2, {P(5), 0x76, G(2), G(3), G(4), G(5)}},
	{SYS_ioctl, 3, {FD(6), 0x5401, 0xdead0001beef, G(3), G(4), G(5)}},
	{SYS_pread64, 4, {FD(7), P(7), 0x77, 0xffffffffffffffff, G(4), G(5)}},
	{SYS_pwrite64, 4, {FD(8), P(8), 0x78, 0x8000000000000000, G(4), G(5)}},
	{SYS_readv, 3, {FD(9), P(9), 0x79, G(3), G(4), G(5)}},
	{SYS_writev, 3, {FD(10), P(10), 0x7a, G(3), G(4), G(5)}},
	{SYS_preadv, 5, {FD(11), P(11), 0x7b, 0x7c, 0x7d, G(5)}},
	{SYS_pwritev2, 6, {FD(12), P(12), 0x7e, 0x7f, 0x80, 0x81}},
	{SYS_mremap, 5, {P(1), 0x82, 0x83, 0x84, 0x85, G(5)}},
	{SYS_msync, 3, {P(1), 0x86, 0x87, G(3), G(4), G(5)}},
	{SYS_mincore, 3, {P(1), 0x88, P(2), G(3), G(4), G(5)}},
	{SYS_madvise, 3, {P(1), 0x89, 0x8a, G(3), G(4), G(5)}},
	{SYS_dup, 1, {FD(13), G(1), G(2), G(3), G(4), G(5)}},
	{SYS_dup3, 3, {FD(14), FD(15), 0x8b, G(3), G(4), G(5)}},
	{SYS_nanosleep, 2, {P(14), P(15), G(2), G(3), G(4), G(5)}},
	{SYS_getitimer, 2, {0x8c, P(16), G(2), G(3), G(4), G(5)}},
	{SYS_setitimer, 3, {0x8d, P(17), P(18), G(3), G(4), G(5)}},
	{SYS_getpid, 0, {G(0), G(1), G(2), G(3), G(4), G(5)}},
	{SYS_getppid, 0, {G(6), G(1), G(2), G(3), G(4), G(5)}},
	{SYS_gettid, 0, {G(7), G(1), G(2), G(3), G(4), G(5)}},
	{SYS_getuid, 0, {G(8), G(1), G(2), G(3), G(4), G(5)}},
	{SYS_geteuid, 0, {G(9), G(1), G(2), G(3), G(4), G(5)}},
	{SYS_getgid, 0, {G(10), G(1), G(2), G(3), G(4), G(5)}},
	{SYS_getegid, 0, {G(11), G(1), G(2), G(3), G(4), G(5)}},
	{SYS_sched_yield, 0, {G(12), G(1), G(2), G(3), G(4), G(5)}},
	{SYS_socket, 3, {0x8e, 0x8f, 0x90, G(3), G(4), G(5)}},
	{SYS_connect, 3, {FD(16), P(19), 0x91, G(3), G(4), G(5)}},
	{SYS_accept4, 4, {FD(17), P(20), P(21), 0x92, G(4), G(5)}},
	{SYS_sendto, 6, {FD(18), P(22), 0x93, 0x94, P(23), 0x95}},
	{SYS_recvfrom, 6, {FD(19), P(24), 0x96, 0x97, P(25), P(26)}},
	{SYS_sendmsg, 3, {FD(20), P(27), 0x98, G(3), G(4), G(5)}},
	{SYS_recvmmsg, 5, {FD(21), P(28), 0x99, 0x9a, P(29), G(5)}},
	{SYS_shutdown, 2, {FD(22), 0x9b, G(2), G(3), G(4), G(5)}},
	{SYS_bind, 3, {FD(23), P(30), 0x9c, G(3), G(4), G(5)}},
	{SYS_listen, 2, {FD(24), 0x9d, G(2), G(3), G(4), G(5)}},
	{SYS_getsockname, 3, {FD(25), P(31), P(32), G(3), G(4), G(5)}},
	{SYS_socketpair, 4, {0x9e, 0x9f, 0xa0, P(33), G(4), G(5)}},
	{SYS_setsockopt, 5, {FD(26), 0xa1, 0xa2, P(34), 0xa3, G(5)}},
	{SYS_getsockopt, 5, {FD(27), 0xa4, 0xa5, P(35), P(36), G(5)}},
	{SYS_wait4, 4, {NO_PID, P(37), 0x40000000 | 0x10, P(38), G(4), G(5)}},
	{SYS_waitid, 5, {0xa6, NO_PID, P(39), 0xa7, P(40), G(5)}},
	{SYS_kill, 2, {NO_PID, 0, G(2), G(3), G(4), G(5)}},
	{SYS_tgkill, 3, {NO_PID, NO_PID, 0, G(3), G(4), G(5)}},
	{SYS_uname, 1, {P(41), G(1), G(2), G(3), G(4), G(5)}},
	{SYS_fcntl, 3, {FD(28), 0xa8, 0xa9, G(3), G(4), G(5)}},
	{SYS_flock, 2, {FD(29), 0xaa, G(2), G(3), G(4), G(5)}},
	{SYS_fsync, 1, {FD(30), G(1), G(2), G(3), G(4), G(5)}},
	{SYS_ftruncate, 2, {FD(31), 0x1122334455667788, G(2), G(3), G(4), G(5)}},
	{SYS_fchdir, 1, {FD(32), G(1), G(2), G(3), G(4), G(5)}},
	{SYS_fchmod, 2, {FD(33), 0xab, G(2), G(3), G(4), G(5)}},
	{SYS_fchown, 3, {FD(34), 0xac, 0xad, G(3), G(4), G(5)}},
	{SYS_fstatfs, 2, {FD(35), P(42), G(2), G(3), G(4), G(5)}},
	{SYS_prctl, 5, {0xae, 0xaf, 0xb0, 0xb1, 0xb2, G(5)}},
	{SYS_futex, 6, {P(43), 0xb3, 0xb4, P(44), P(45), 0xb5}},
	{SYS_epoll_ctl, 4, {FD(36), 0xb6, FD(37), P(46), G(4), G(5)}},
	{SYS_epoll_pwait, 6, {FD(38), P(47), 0xb7, 0xb8, 0, 0}},
	{SYS_timerfd_settime, 4, {FD(39), 0xb9, P(48), P(49), G(4), G(5)}},
	{SYS_eventfd2, 2, {0xba, 0x70000001, G(2), G(3), G(4), G(5)}},
	{SYS_pipe2, 2, {P(50), 0x70000002, G(2), G(3), G(4), G(5)}},
	{SYS_inotify_add_watch, 3, {FD(40), P(51), 0xbb, G(3), G(4), G(5)}},
	{SYS_openat, 4, {FD(41), P(52), 0xbc, 0xbd, G(4), G(5)}},
	{SYS_mkdirat, 3, {FD(42), P(53), 0xbe, G(3), G(4), G(5)}},
	{SYS_unlinkat, 3, {FD(43), P(54), 0, G(3), G(4), G(5)}},
	{SYS_renameat2, 5, {FD(44), P(55), FD(45), P(56), 0x70000003, G(5)}},
	{SYS_linkat, 5, {FD(46), P(57), FD(47), P(58), 0x70000004, G(5)}},
	{SYS_symlinkat, 3, {P(59), FD(48), P(60), G(3), G(4), G(5)}},
	{SYS_faccessat, 3, {FD(49), P(61), 0, G(3), G(4), G(5)}},
	{SYS_utimensat, 4, {FD(50), P(62), P(63), 0xbf, G(4), G(5)}},
	{SYS_splice, 6, {FD(51), P(64), FD(52), P(65), 0xc0, 0}},
	{SYS_copy_file_range, 6, {FD(53), P(66), FD(54), P(67), 0xc1, 0xc2}},
	{SYS_statx, 5, {FD(55), P(68), 0, 0x7ff, P(69), G(5)}},
	{SYS_getrandom, 3, {P(70), 0xc3, 0x70000005, G(3), G(4), G(5)}},
	{SYS_memfd_create, 2, {P(71), 0x70000006, G(2), G(3), G(4), G(5)}},
	{SYS_membarrier, 3, {0x70000007, 0xc4, 0xc5, G(3), G(4), G(5)}},
	{SYS_clock_gettime, 2, {0xc6, P(72), G(2), G(3), G(4), G(5)}},
	{SYS_clock_nanosleep, 4, {0xc7, 0xc8, P(73), P(74), G(4), G(5)}},
	{SYS_process_vm_readv, 6, {NO_PID, P(75), 0xc9, P(76), 0xca, 0}},
	{SYS_pidfd_open, 2, {NO_PID, 0, G(2), G(3), G(4), G(5)}},
	{SYS_close_range, 3, {9, 8, 0, G(3), G(4), G(5)}},
	{SYS_perf_event_open, 5, {P(77), NO_PID, 0xcb, FD(56), 0x70000008, G(5)}},
	{999, 6, {0xcc, 0xcd, 0xce, 0xcf, 0xd0, 0xd1}}, /* no such call; nothing is known of its arguments */
	{5003, 6, {0xd2, 0xd3, 0xd4, 0xd5, 0xd6, 0x1122334455667788}},
};

/* Calls that succeed, with results worth comparing: 9 of them. */
static void succeed(struct log *log)
{
	static char buffer[8192];
	struct timespec nap = {.tv_nsec = 20000000};
	uint64_t at = (uint64_t)-100; /* AT_FDCWD */
	uint64_t null, zero, page;

	null = (uint64_t)made(log, 4, SYS_openat, at, (uint64_t) "/dev/null", O_WRONLY, 0, G(4), G(5));
	zero = (uint64_t)made(log, 4, SYS_openat, at, (uint64_t) "/dev/zero", O_RDONLY, 0, G(4), G(5));
	made(log, 3, SYS_write, null, (uint64_t)buffer, 0x1235, G(3), G(4), G(5));
	made(log, 3, SYS_read, zero, (uint64_t)buffer, 0x1237, G(3), G(4), G(5));
	page = (uint64_t)made(log, 6, SYS_mmap, 0, 0x5000, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			      (uint64_t)-1, 0);
	made(log, 5, SYS_mremap, page, 0x5000, 0x9000, MREMAP_MAYMOVE, 0, G(5));
	made(log, 1, SYS_brk, 0, G(1), G(2), G(3), G(4), G(5));
	made(log, 4, SYS_openat, at, (uint64_t) "/no such file", O_RDONLY, 0, G(4), G(5));
	made(log, 2, SYS_nanosleep, (uint64_t)&nap, 0, G(2), G(3), G(4), G(5));
}

int main(int argc, char **argv)
{
	struct log *log;

	oracle_begin(argc, argv);
	log = oracle_log();
	log_open(log);
	for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
		const uint64_t *a = tries[i].arg;

		made(log, tries[i].nargs, tries[i].nr, a[0], a[1], a[2], a[3], a[4], a[5]);
	}
	succeed(log);
	log_close(log);
	oracle_end();
	return log->n == 97 ? 0 : 1;
}
