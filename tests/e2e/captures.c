/*
 * captures.c - calls whose memory is known: captures FILE
 *
 * FILE gets a line a call between two markers (getpriority with an impossible argument), as captured.c prints it from
 * its name on: name, result, captures. Every string stands in memory that has been written to, and so is resident,
 * where nothing else is said. Files are made in the current directory.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MARK_BEGIN 0x53535442
#define MARK_END   0x53535445
#define MOST       4096 /* bytes of a string that are kept */

static FILE *wanted;
static char *page; /* three pages: resident, resident, not there */
static long size;
static char arena[1 << 20];
static size_t used;
static char *cold_names; /* two pages of a file */
static char me[16];      /* our PID */
static pid_t child;      /* has ended */

/* A copy of a string in memory that is there. */
static char *text(const char *string)
{
	char *copy = strcpy(arena + used, string);

	used += strlen(string) + 1;
	return copy;
}

static char *filled(size_t len)
{
	char *string = arena + used;

	memset(string, 'n', len);
	string[len] = '\0';
	used += len + 1;
	return string;
}

static int64_t made(const char *name, long nr, long a, long b, long c, long d, long e, long f)
{
	long ret = syscall(nr, a, b, c, d, e, f);

	ret = ret < 0 ? -errno : ret;
	fprintf(wanted, "%s %ld", name, ret);
	return ret;
}

#define PICK(_0, _1, _2, _3, _4, _5, _6, n, ...) n
#define CALL6(n, a, b, c, d, e, f)               made(#n, SYS_##n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))
#define CALL5(n, a, b, c, d, e)                  CALL6(n, a, b, c, d, e, 0)
#define CALL4(n, a, b, c, d)                     CALL6(n, a, b, c, d, 0, 0)
#define CALL3(n, a, b, c)                        CALL6(n, a, b, c, 0, 0, 0)
#define CALL2(n, a, b)                           CALL6(n, a, b, 0, 0, 0, 0)
#define CALL1(n, a)                              CALL6(n, a, 0, 0, 0, 0, 0)
#define CALL(...)                                PICK(__VA_ARGS__, CALL6, CALL5, CALL4, CALL3, CALL2, CALL1)(__VA_ARGS__)

/* --- what is wanted of the call just made ----------------------------------------------------------------- */

static void string_wanted(int arg, const char *flags, const char *string, size_t len)
{
	fprintf(wanted, " %d:1:%s:", arg, flags);
	for (size_t i = 0; i < len; i++)
		if (string[i] > ' ' && string[i] < 127 && string[i] != '\\')
			fputc(string[i], wanted);
		else
			fprintf(wanted, "\\%02x", (unsigned char)string[i]);
}

static void path(int arg, const char *string)
{
	string_wanted(arg, "-", string, strlen(string));
}

static void memory(int arg, const char *flags, const void *data, size_t len)
{
	fprintf(wanted, " %d:3:%s:", arg, flags);
	for (size_t i = 0; i < len; i++)
		fprintf(wanted, "%02x", ((const unsigned char *)data)[i]);
}

static void end(void)
{
	fputc('\n', wanted);
}

/* --- paths ------------------------------------------------------------------------------------------------ */

static void one_path(void)
{
	char *a = text("a-file");
	struct stat st;

	CALL(openat, AT_FDCWD, a, O_CREAT | O_WRONLY, 0600), path(1, a), end();
	CALL(faccessat, AT_FDCWD, a, R_OK), path(1, a), end();
	CALL(fchmodat, AT_FDCWD, a, 0640), path(1, a), end();
	CALL(fchownat, AT_FDCWD, a, -1, -1, 0), path(1, a), end();
	CALL(truncate, a, 100), path(0, a), end();
	CALL(newfstatat, AT_FDCWD, a, &st, 0), path(1, a), memory(2, "cl", &st, 56), end();
	CALL(utimensat, AT_FDCWD, a, NULL, 0), path(1, a), end();
	CALL(chdir, a), path(0, a), end();
	CALL(chroot, a), path(0, a), end();
	CALL(acct, text("no-such-file")), path(0, "no-such-file"), end();
	CALL(swapon, text("no-such-file"), 0), path(0, "no-such-file"), end();
	CALL(umount2, text("no-such-place"), 0), path(0, "no-such-place"), end();
	CALL(mkdirat, AT_FDCWD, text("a-place"), 0700), path(1, "a-place"), end();
	CALL(unlinkat, AT_FDCWD, text("a-place"), AT_REMOVEDIR), path(1, "a-place"), end();
	CALL(mknodat, AT_FDCWD, text("a-pipe"), S_IFIFO | 0600, 0), path(1, "a-pipe"), end();
	CALL(unlinkat, AT_FDCWD, text("a-pipe"), 0), path(1, "a-pipe"), end();
	CALL(name_to_handle_at, AT_FDCWD, text("no-such-file"), NULL, NULL, 0), path(1, "no-such-file"), end();
#if defined(__x86_64__)
	CALL(open, a, O_RDONLY), path(0, a), end();
	CALL(creat, a, 0600), path(0, a), end();
	CALL(access, a, R_OK), path(0, a), end();
	CALL(stat, a, &st), path(0, a), memory(1, "cl", &st, 56), end();
	CALL(lstat, a, &st), path(0, a), memory(1, "cl", &st, 56), end();
	CALL(chmod, a, 0600), path(0, a), end();
	CALL(chown, a, -1, -1), path(0, a), end();
	CALL(lchown, a, -1, -1), path(0, a), end();
	CALL(mkdir, text("b-place"), 0700), path(0, "b-place"), end();
	CALL(rmdir, text("b-place")), path(0, "b-place"), end();
	CALL(mknod, text("b-pipe"), S_IFIFO | 0600, 0), path(0, "b-pipe"), end();
	CALL(unlink, text("b-pipe")), path(0, "b-pipe"), end();
	CALL(utimes, a, NULL), path(0, a), end();
#endif
}

static void two_paths(void)
{
	char *a = text("a-file"), *b = text("b-file"), out[100];
	int64_t n;

	CALL(renameat, AT_FDCWD, a, AT_FDCWD, b), path(1, a), path(3, b), end();
	CALL(renameat2, AT_FDCWD, b, AT_FDCWD, a, 0), path(1, b), path(3, a), end();
	CALL(linkat, AT_FDCWD, a, AT_FDCWD, b, 0), path(1, a), path(3, b), end();
	CALL(unlinkat, AT_FDCWD, b, 0), path(1, b), end();
	CALL(symlinkat, text("to this"), AT_FDCWD, b), path(0, "to this"), path(2, b), end();
	n = CALL(readlinkat, AT_FDCWD, b, out, sizeof(out)), path(1, b), memory(2, "l", out, (size_t)n), end();
	CALL(unlinkat, AT_FDCWD, b, 0), path(1, b), end();
	n = CALL(getcwd, out, sizeof(out)), memory(0, "l", out, n > 0 ? (size_t)n : 0), end();
	CALL(mount, text("what"), text("no-where"), text("some-fs"), 0, text("some=options"));
	path(0, "what"), path(1, "no-where"), path(2, "some-fs"), path(4, "some=options"), end();
	CALL(pivot_root, text("no-where"), text("no-where/else")), path(0, "no-where"), path(1, "no-where/else"), end();
	CALL(setxattr, a, text("not.a.name"), NULL, 0, 0), path(0, a), path(1, "not.a.name"), end();
	CALL(removexattr, a, text("not.a.name")), path(0, a), path(1, "not.a.name"), end();
#if defined(__x86_64__)
	CALL(rename, a, b), path(0, a), path(1, b), end();
	CALL(link, b, a), path(0, b), path(1, a), end();
	CALL(unlink, b), path(0, b), end();
	CALL(symlink, text("to that"), b), path(0, "to that"), path(1, b), end();
	n = CALL(readlink, b, out, sizeof(out)), path(0, b), memory(1, "l", out, (size_t)n), end();
	CALL(unlink, b), path(0, b), end();
#endif
}

/* --- the five kinds --------------------------------------------------------------------------------------- */

static void open_text(const char *string, const char *flags, size_t len)
{
	CALL(openat, AT_FDCWD, string, O_RDONLY), string_wanted(1, flags, string, len), end();
}

static void kinds(void)
{
	char *there = page + size - 6, *across = page + 2 * size - 300;

	CALL(openat, AT_FDCWD, NULL, O_RDONLY), end();
	open_text(text(""), "-", 0);
	open_text((const char *)16, "lu", 0);
	open_text(page + 2 * size, "lu", 0);
	/* Behind its last byte there is nothing. */
	strcpy(page + 2 * size - 6, "/last");
	open_text(page + 2 * size - 6, "-", 5);
	strcpy(there, "/across/the/end");
	open_text(there, "-", 15);
	/* Without an end: what could be read is only told where it is long. */
	memset(across, 'x', 300);
	open_text(page + 2 * size - 20, "lu", 0);
	open_text(across, "lu", 255);
}

static void lengths(void)
{
	static const size_t each[] = {254, 255, 256, 257, 300, 1000, 4094, 4095, 4096};
	char *long_one = filled(5000);

	for (size_t i = 0; i < sizeof(each) / sizeof(*each); i++)
		open_text(filled(each[i]), "-", each[i]);
	open_text(long_one, "c", MOST);
}

static void hostile(void)
{
	static const char *const names[] = {"new\nline",         "tab\there",          "\"quotes\" 'and' `others`",
					    "=cmd|'/C calc'!A0", "\xff\xfe\x80 bytes", "\x1b[31mred\x1b[0m",
					    "\xe2\x82\xac",      "a\\b\\x41",          " "};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		open_text(text(names[i]), "-", strlen(names[i]));
}

static void make_child(void)
{
	child = fork();
	if (!child)
		_exit(3);
	waitid(P_PID, (id_t)child, NULL, WEXITED | WNOWAIT);
}

static bool make_cold_names(void)
{
	int fd = open("names", O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0 || ftruncate(fd, 2 * size))
		return false;
	cold_names = mmap(NULL, (size_t)(2 * size), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (cold_names == MAP_FAILED)
		return false;
	strcpy(cold_names + 64, "/a/cold/name");
	strcpy(cold_names + size - 4, "/in/two/pages");
	return true;
}

/* A page of a file that is not mapped at that moment, as after it has been paged out. */
static void cold(void)
{
	char *names = cold_names;

	for (int i = 0; i < 2; i++) {
		char *name = i ? names + size - 4 : names + 64, copy[32];

		strcpy(copy, name);
		madvise(names, (size_t)(2 * size), MADV_DONTNEED);
		fprintf(wanted, "madvise 0\n");
		CALL(openat, AT_FDCWD, name, O_RDONLY), string_wanted(1, "l", copy, strlen(copy)), end();
	}
}

/* --- structures ------------------------------------------------------------------------------------------- */

static void descriptors(void)
{
	int fds[2] = {0}, n = 7;
	struct pollfd before[2], polled[2] = {{.events = POLLIN}, {.events = POLLOUT}};
	struct epoll_event event = {.events = EPOLLOUT, .data.u64 = 0x123456789}, got[4];
	struct flock lock = {.l_type = F_WRLCK, .l_start = 5, .l_len = 10};
	struct timespec none = {0};
	unsigned long sets[16] = {0}, in;
	int epoll;

	CALL(pipe2, fds, 0), memory(0, "l", fds, 8), end();
	polled[0].fd = fds[0];
	polled[1].fd = fds[1];
	memcpy(before, polled, sizeof(before));
	CALL(ppoll, polled, 2, &none, NULL, 8), memory(0, "-", before, 16), memory(2, "-", &none, 16);
	memory(0, "l", polled, 16), memory(2, "l", &none, 16), end();
	epoll = (int)CALL(epoll_create1, 0);
	end();
	CALL(epoll_ctl, epoll, EPOLL_CTL_ADD, fds[1], &event), memory(3, "-", &event, sizeof(event)), end();
	n = (int)CALL(epoll_pwait, epoll, got, 4, 0, NULL, 8), memory(1, "l", got, (size_t)n * sizeof(event)), end();
	CALL(fcntl, fds[0], F_SETLK, &lock), memory(2, "-", &lock, sizeof(lock)), end();
	CALL(fcntl, fds[0], F_GETFD, 1234), end();
	CALL(fcntl, fds[0], F_DUPFD_CLOEXEC, 700), end();
	CALL(ioctl, fds[0], FIONREAD, &n), memory(2, "l", &n, 4), end();
	sets[fds[1] / 64] = in = 1ul << fds[1] % 64;
	CALL(pselect6, fds[1] + 1, NULL, sets, NULL, &none, NULL);
	memory(2, "-", &in, 8), memory(4, "-", &none, 16), memory(2, "l", sets, 8), memory(4, "l", &none, 16), end();
}

/* The socket behind the descriptor, bound and not connected. */
static void behind(uint16_t family, uint16_t type, uint32_t protocol, uint16_t port, const struct in_addr *address)
{
	struct {
		uint16_t family, type;
		uint32_t protocol;
		uint16_t port, peer_port;
		struct in_addr address[8];
	} socket = {.family = family, .type = type, .protocol = protocol, .port = port};

	if (address)
		socket.address[0] = *address;
	fprintf(wanted, " 6:4:l:");
	for (size_t i = 0; i < sizeof(socket); i++)
		fprintf(wanted, "%02x", ((const unsigned char *)&socket)[i]);
}

static void sockets(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(4711)}, got = {0};
	struct sockaddr_un local = {.sun_family = AF_UNIX, .sun_path = "no-such-socket"};
	socklen_t len = sizeof(got), before = len;
	uint32_t self = (uint32_t)strtoul(me, NULL, 10);
	int pair[2], udp = socket(AF_INET, SOCK_DGRAM, 0), other = socket(AF_UNIX, SOCK_STREAM, 0);

	/* An address that nobody else has. */
	address.sin_addr.s_addr = htonl((INADDR_LOOPBACK & 0xff000000) | 0x10000 | (self & 0xffff));
	fprintf(wanted, "socket %d\nsocket %d\n", udp, other);
	CALL(socketpair, AF_UNIX, SOCK_STREAM, 0, pair), memory(3, "l", pair, 8), end();
	CALL(bind, udp, &address, sizeof(address)), memory(1, "-", &address, sizeof(address));
	behind(AF_INET, SOCK_DGRAM, IPPROTO_UDP, 4711, &address.sin_addr), end();
	CALL(getsockname, udp, &got, &len), memory(2, "-", &before, 4), memory(1, "l", &got, 16),
		memory(2, "l", &len, 4), end();
	CALL(sendto, udp, "x", 1, 0, &got, sizeof(got)), memory(4, "-", &got, sizeof(got)), end();
	CALL(connect, other, &local, sizeof(local)), memory(1, "-", &local, sizeof(local)),
		behind(AF_UNIX, SOCK_STREAM, 0, 0, NULL), end();
	CALL(setsockopt, udp, SOL_SOCKET, SO_REUSEADDR, &pair[0], 4), memory(3, "-", &pair[0], 4), end();
}

/* Form 5: memory of a pointer that stands at offset at of the argument. */
static void behind_pointer(int arg, size_t at, const void *data, size_t len)
{
	fprintf(wanted, " %d:5:-:%02zx000000", arg, at);
	for (size_t i = 0; i < len; i++)
		fprintf(wanted, "%02x", ((const unsigned char *)data)[i]);
}

static void messages(void)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX, .sun_path = "no-such-socket"};
	struct iovec parts[2] = {{text("a secret"), 8}, {text("another"), 7}};
	struct msghdr message = {.msg_name = &name, .msg_namelen = sizeof(name), .msg_iov = parts, .msg_iovlen = 2};
	struct mmsghdr both[2] = {{.msg_hdr = message}, {.msg_hdr = message}};

	both[1].msg_hdr.msg_name = NULL;
	CALL(writev, -1, parts, 2), memory(1, "-", parts, sizeof(parts)), end();
	CALL(sendmsg, -1, &message, 0), memory(1, "-", &message, sizeof(message));
	behind_pointer(1, 0, &name, sizeof(name)), behind_pointer(1, 16, parts, sizeof(parts)), end();
	/* First the names of all, then the vectors. */
	CALL(sendmmsg, -1, both, 2, 0), memory(1, "-", both, sizeof(both)), behind_pointer(1, 0, &name, sizeof(name));
	behind_pointer(1, 16, parts, sizeof(parts)), behind_pointer(1, 64 + 16, parts, sizeof(parts)), end();
	message.msg_name = NULL;
	message.msg_iov = (void *)16;
	CALL(sendmsg, -1, &message, 0), memory(1, "-", &message, sizeof(message));
	fprintf(wanted, " 1:5:lu:10000000"), end();
}

static void times(void)
{
	struct timespec short_time = {.tv_nsec = 1000}, bad = {.tv_nsec = -1};
	struct rlimit limit;
	uint32_t word = 1;

	CALL(nanosleep, &short_time, NULL), memory(0, "-", &short_time, 16), end();
	CALL(nanosleep, &bad, NULL), memory(0, "-", &bad, 16), end();
	CALL(clock_nanosleep, CLOCK_MONOTONIC, 0, &short_time, NULL), memory(2, "-", &short_time, 16), end();
	CALL(clock_getres, CLOCK_MONOTONIC, &bad), memory(1, "l", &bad, 16), end();
	CALL(prlimit64, 0, RLIMIT_NOFILE, NULL, &limit), memory(3, "l", &limit, 16), end();
	CALL(prlimit64, 0, RLIMIT_NOFILE, &limit, NULL), memory(2, "-", &limit, 16), end();
	/* The word is not what is waited for; 3 is FUTEX_REQUEUE, whose argument there is a number. */
	CALL(futex, &word, 128, 0, &short_time), memory(3, "-", &short_time, 16), end();
	CALL(futex, &word, 3, 0, 1, &word), end();
}

/* --- signals ---------------------------------------------------------------------------------------------- */

static void handle(int sig)
{
	(void)sig;
}

/* Before the markers: while a handler runs, what is blocked outside of it is in its frame on the stack. */
static void set_handlers(void)
{
	struct sigaction action = {.sa_handler = handle};
	sigset_t blocked;

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR2);
	sigaddset(&blocked, SIGCHLD);
	sigaddset(&blocked, 64);
	sigprocmask(SIG_SETMASK, &blocked, NULL);
	sigaction(SIGUSR1, &action, NULL);
	sigaction(SIGALRM, &action, NULL);
}

/* The return from a handler, which is not made here, and its result nobody sees. */
static void returned_from_handler(void)
{
	const uint64_t blocked = UINT64_C(1) << (SIGUSR2 - 1) | UINT64_C(1) << (SIGCHLD - 1) | UINT64_C(1) << 63;

	fprintf(wanted, "rt_sigreturn 0");
	memory(7, "-", &blocked, sizeof(blocked));
	end();
}

static void signals(void)
{
	const struct itimerval soon = {.it_value = {.tv_usec = 50000}};
	const struct timespec long_time = {.tv_sec = 100};
	struct timespec left = {0};

	CALL(tgkill, atoi(me), atoi(me), SIGUSR1);
	end();
	returned_from_handler();
	CALL(setitimer, ITIMER_REAL, &soon, 0);
	memory(1, "-", &soon, sizeof(soon));
	end();
	/* What the kernel's function returns, and what it has written: the caller gets EINTR. */
	syscall(SYS_nanosleep, &long_time, &left);
	fprintf(wanted, "nanosleep -516");
	memory(0, "-", &long_time, sizeof(long_time));
	memory(1, "l", &left, sizeof(left));
	end();
	returned_from_handler();
}

static void others(void)
{
	struct open_how how = {.flags = O_RDONLY, .resolve = RESOLVE_BENEATH};
	char *name_of = text("another");
	struct utsname name;
	struct statx stx;
	sigset_t set;
	uint64_t mask = 1u << (SIGUSR1 - 1);
	int status;

	CALL(openat2, AT_FDCWD, text("no-such-file"), &how, sizeof(how)), path(1, "no-such-file");
	memory(2, "-", &how, sizeof(how)), end();
	CALL(uname, &name), memory(0, "cl", &name, 130), end();
	CALL(statx, AT_FDCWD, text("."), 0, STATX_BASIC_STATS, &stx), path(1, "."), memory(4, "cl", &stx, 48), end();
	CALL(rt_sigprocmask, SIG_BLOCK, &mask, &set, 8), memory(1, "-", &mask, 8), memory(2, "l", &set, 8), end();
	CALL(prctl, 15, name_of, 0, 0, 0), memory(1, "-", name_of, 16), end();
	CALL(wait4, child, &status, 0, NULL), memory(1, "l", &status, 4), end();
	CALL(wait4, -1, &status, WNOHANG, NULL), end();
}

static void executions(void)
{
	char *argv[] = {text("no-such-program"), text("an argument"), text(""), NULL};
	char *envp[] = {text("SECRET=1"), text("B="), NULL};
	const uint32_t n = 2; /* of the environment no more than their number */
	char *path_of = text("./no-such-program");

	CALL(execve, path_of, argv, envp), path(0, path_of);
	fputs(" 1:2:-:no-such-program\\00an\\20argument\\00\\00", wanted), memory(2, "-", &n, 4), end();
	CALL(execve, path_of, NULL, envp), path(0, path_of), memory(2, "-", &n, 4), end();
	CALL(execve, path_of, NULL, NULL), path(0, path_of), end();
}

/* What has been captured of a list: whole strings, and of the last one, if it is cut, len bytes. */
static void list_wanted(const char *const *strings, const char *cut, size_t len)
{
	fprintf(wanted, " 1:2:%s:", cut ? "c" : "-");
	for (; *strings; strings++)
		fprintf(wanted, "%s\\00", *strings);
	if (cut)
		fprintf(wanted, "%.*s", (int)len, cut);
}

/* A string of a list is read as far as there is room, in steps of a thousand. */
static void long_executions(void)
{
	const char *a = filled(600), *b = filled(3000), *c = filled(2500), *d = filled(900);
	const char *exact[] = {filled(255), NULL}, *all[] = {"sh", a, b, NULL}, *some[] = {"sh", a, c, d, NULL};
	const char *first[] = {"sh", a, c, NULL}, *more[] = {b, d, "sh", NULL}, *but_one[] = {b, d, NULL};
	const char *too_long[] = {filled(3500), "sh", NULL}, *none[] = {NULL};
	char *path_of = text("./no-such-program");

	CALL(execve, path_of, exact, NULL), path(0, path_of), list_wanted(exact, NULL, 0), end();
	CALL(execve, path_of, all, NULL), path(0, path_of), list_wanted(all, NULL, 0), end();
	CALL(execve, path_of, some, NULL), path(0, path_of), list_wanted(first, d, 255), end();
	CALL(execve, path_of, more, NULL), path(0, path_of), list_wanted(but_one, "", 0), end();
	CALL(execve, path_of, too_long, NULL), path(0, path_of), list_wanted(none, too_long[0], 3071), end();
}

/* A request that has no size in its number: struct ifreq, and numbers. */
static void interfaces(void)
{
	struct ifreq request = {.ifr_name = "lo"}, before = request;
	int fd = (int)CALL(socket, AF_INET, SOCK_DGRAM, 0), n = 0;

	end();
	CALL(ioctl, fd, SIOCGIFINDEX, &request), memory(2, "-", &before, sizeof(before));
	memory(2, "l", &request, sizeof(request)), end();
	memcpy(before.ifr_name, "none", 5), request = before;
	CALL(ioctl, fd, SIOCGIFMTU, &request), memory(2, "-", &before, sizeof(before)), end();
	CALL(ioctl, fd, SIOCGPGRP, &n), memory(2, "l", &n, 4), end();
	CALL(ioctl, fd, SIOCSPGRP, &n), memory(2, "-", &n, 4), end();
}

int main(int argc, char **argv)
{
	size = sysconf(_SC_PAGESIZE);
	page = mmap(NULL, (size_t)(3 * size), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	wanted = argc == 2 ? fopen(argv[1], "w+") : NULL;
	snprintf(me, sizeof(me), "%d", getpid());
	if (!wanted || !make_cold_names() || page == MAP_FAILED || mprotect(page + 2 * size, (size_t)size, PROT_NONE))
		return 1;
	make_child();
	memset(arena, 1, sizeof(arena));
	memset(page, 'p', (size_t)(2 * size));
	setvbuf(wanted, malloc(1 << 20), _IOFBF, 1 << 20);
	set_handlers();
	syscall(SYS_getpriority, MARK_BEGIN, 0);
	one_path();
	two_paths();
	kinds();
	lengths();
	hostile();
	cold();
	descriptors();
	sockets();
	messages();
	times();
	signals();
	others();
	executions();
	long_executions();
	interfaces();
	syscall(SYS_getpriority, MARK_END, 0);
	return fclose(wanted) != 0;
}
