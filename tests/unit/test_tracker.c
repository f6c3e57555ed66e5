/*
 * test_tracker.c - which file a call works on, by rows that no kernel has made
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "decode/tracker.h"
#include "format/bytes.h"
#include "row_text.h"

#define CLOEXEC  02000000
#define NOFOLLOW 0400000
#define CWD      ((uint64_t)-100)
#define MEMORY   (4u << 20)

static struct tracker *tracker;
static struct sst_meta meta;

/* Of the row that is being made. */
static struct sst_group who;
static uint64_t seqs[1000];

/* The name that the tracker gave last, and the tags that it has taken back. */
static char shown[20000], other[20000];
static uint32_t tag;
static uint32_t revoked[64];
static size_t n_revoked;

static void revoke(void *context, uint32_t which)
{
	(void)context;
	if (n_revoked < 64)
		revoked[n_revoked++] = which;
}

static int setup(void **state)
{
	(void)state;
	tracker = tracker_new(MEMORY);
	memset(&meta, 0, sizeof(meta));
	memset(seqs, 0, sizeof(seqs));
	tracker_begin(tracker, &meta, false);
	tracker_list(tracker, revoke, NULL);
	n_revoked = 0;
	tag = 0;
	return !tracker;
}

static int teardown(void **state)
{
	(void)state;
	tracker_free(tracker);
	sst_meta_clear(&meta);
	return 0;
}

/* A call of thread tid (of process tid / 10 × 10) from time to end, which gives ret. */
static void make(uint32_t tid, const char *name, uint64_t time, uint64_t end, int64_t ret)
{
	begin_row(SST_ABI_X86_64, name);
	who = (struct sst_group){.pid = tid / 10 * 10, .tid = tid};
	row.time = time;
	row.duration = end - time;
	row.seq = ++seqs[tid];
	row.ret = (uint64_t)ret;
	row.who = &who;
	row.state = SST_OK;
}

static void capture(unsigned arg, unsigned form, const void *bytes, size_t len, unsigned flags)
{
	captured(arg, form, flags, bytes, len);
	if (arg < SST_ARGS)
		row.arg[arg] = 0x1000;
}

static void string(unsigned arg, const char *s)
{
	capture(arg, SST_FORM_STRING, s, strlen(s), 0);
}

static void keep(char *to, const struct name *name)
{
	memcpy(to, name->text ? name->text : "-", name->text ? name->len : 1);
	to[name->text ? name->len : 1] = '\0';
}

/* What the tracker says of the row. */
static const char *give(void)
{
	struct deed deed = deed_of(call.abi, call.nr);
	struct names names;

	tracker_call(tracker, &row, &deed, ++tag, &names);
	keep(shown, &names.path);
	keep(other, &names.other);
	return shown;
}

/* Frequent calls. Each takes 5 from its time on. */

static const char *open_flags(uint32_t tid, uint64_t time, const char *path, int fd, uint32_t flags)
{
	make(tid, "openat", time, time + 5, fd);
	row.arg[0] = CWD;
	string(1, path);
	row.arg[2] = flags;
	return give();
}

static const char *open_file(uint32_t tid, uint64_t time, const char *path, int fd)
{
	return open_flags(tid, time, path, fd, 0);
}

static const char *use(uint32_t tid, uint64_t time, int fd)
{
	make(tid, "read", time, time + 5, 1);
	row.arg[0] = (uint64_t)fd;
	return give();
}

static const char *close_between(uint32_t tid, uint64_t time, uint64_t end, int fd)
{
	make(tid, "close", time, end, 0);
	row.arg[0] = (uint64_t)fd;
	return give();
}

static const char *numbers(uint32_t tid, const char *name, uint64_t time, int64_t ret, uint64_t a, uint64_t b,
			   uint64_t c)
{
	make(tid, name, time, time + 5, ret);
	row.arg[0] = a;
	row.arg[1] = b;
	row.arg[2] = c;
	return give();
}

static const char *chdir_to(uint32_t tid, uint64_t time, const char *path)
{
	make(tid, "chdir", time, time + 5, 0);
	string(0, path);
	return give();
}

static void event(unsigned kind, uint32_t tid, uint64_t time, uint64_t a)
{
	tracker_event(tracker, &(struct sst_event){
				       .kind = (uint8_t)kind, .time = time, .pid = tid / 10 * 10, .tid = tid, .a = a});
}

static void found(uint32_t pid, uint64_t what, const char *path, unsigned flags)
{
	tracker_open(tracker,
		     &(struct sst_open){.time = 1,
					.until = 2,
					.pid = pid,
					.what = what,
					.len = (uint32_t)strlen(path),
					.flags = (uint8_t)flags},
		     (const uint8_t *)path);
}

/* A child by fork from time to time + 5, at time + 2. */
static void fork_child(uint32_t tid, uint64_t time, uint32_t child)
{
	make(tid, "fork", time, time + 5, child);
	give();
	event(SST_EVENT_START, child, time + 2, tid);
}

/* By clone() with flags. */
static void clone_child(uint32_t tid, uint64_t time, uint32_t child, uint64_t flags)
{
	numbers(tid, "clone", time, child, flags, 0, 0);
	event(SST_EVENT_START, child, time + 2, tid);
}

#define THREAD (0x100 | 0x200 | 0x400 | 0x800 | 0x10000) /* VM, FS, FILES, SIGHAND, THREAD */

/* Two threads of a process, 10 and 11. */
static void two_threads(void)
{
	found(10, SST_OPEN_CWD, "/home", 0);
	event(SST_EVENT_FOUND, 10, 3, 0);
	event(SST_EVENT_FOUND, 11, 3, 0);
}

static void paths(void **state)
{
	(void)state;
	assert_string_equal(open_file(10, 10, "/etc/passwd", 3), "/etc/passwd");
	assert_string_equal(open_file(10, 20, "//etc/./ssl//x/", 4), "/etc/ssl/x");
	assert_string_equal(open_file(10, 30, "/", 5), "/");
	assert_string_equal(open_file(10, 40, "/..", 5), "/");
	assert_string_equal(open_file(10, 50, "/a/../b", 5), "/a/../b"); /* a may be a symbolic link */
	assert_string_equal(open_file(10, 60, "x", 6), "?");
	found(10, SST_OPEN_CWD, "/home/me", 0);
	assert_string_equal(open_file(10, 70, "x", 6), "/home/me/x");
	assert_string_equal(open_file(10, 80, "./a/.", 6), "/home/me/a");
	assert_string_equal(open_file(10, 90, "../you", 6), "/home/me/../you"); /* is /home the root? */
	found(10, SST_OPEN_ROOT, "/", 0);
	assert_string_equal(open_file(10, 100, "../you", 6), "/home/you"); /* the kernel's own name has no links */
	assert_string_equal(open_file(10, 110, "../../../../x", 6), "/x");
	assert_string_equal(open_file(10, 120, "a/../b", 6), "/home/me/a/../b");
	assert_string_equal(open_file(10, 130, "\n\t\xff", 6), "/home/me/\n\t\xff");
}

static void no_paths(void **state)
{
	char longest[4096];

	(void)state;
	found(10, SST_OPEN_CWD, "/home/me", 0);
	assert_string_equal(open_file(10, 10, "", -ENOENT), "-");
	make(10, "openat", 20, 25, -EFAULT);
	row.arg[0] = CWD;
	assert_string_equal(give(), "-"); /* a null pointer */
	make(10, "openat", 30, 35, 3);
	row.arg[0] = CWD;
	row.arg[1] = 0x1000;
	assert_string_equal(give(), "?"); /* not captured */
	make(10, "openat", 40, 45, 4);
	row.arg[0] = CWD;
	capture(1, SST_FORM_STRING, "/etc/passw", 10, SST_CAPTURE_CUT);
	assert_string_equal(give(), "?");
	assert_string_equal(use(10, 50, 3), "?");
	assert_string_equal(use(10, 60, 4), "?");
	make(10, "newfstatat", 70, 75, 0); /* fstat() of a new C library */
	row.arg[0] = 7;
	string(1, "");
	row.arg[3] = 0x1000;
	assert_string_equal(give(), "?");
	assert_string_equal(open_file(10, 80, "/x", 7), "/x");
	make(10, "newfstatat", 90, 95, 0);
	row.arg[0] = 7;
	string(1, "");
	assert_string_equal(give(), "/x");
	make(10, "utimensat", 100, 105, 0);
	row.arg[0] = 7;
	assert_string_equal(give(), "/x");
	assert_string_equal(numbers(10, "getpid", 110, 10, 0, 0, 0), "-");
	assert_string_equal(use(10, 120, -1), "-");
	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_int_equal(strlen(open_file(10, 130, longest, 8)), 4095 + strlen("/home/me/"));
	assert_int_equal(strlen(use(10, 140, 8)), 4095 + strlen("/home/me/"));
}

static void descriptors(void **state)
{
	(void)state;
	assert_string_equal(use(10, 10, 3), "?");
	open_file(10, 20, "/a", 3);
	assert_string_equal(use(10, 30, 3), "/a");
	assert_string_equal(use(20, 30, 3), "?"); /* another process */
	open_file(10, 40, "/b", -EACCES);
	assert_string_equal(use(10, 50, 3), "/a");
	assert_string_equal(numbers(10, "dup", 60, 4, 3, 0, 0), "/a");
	assert_string_equal(numbers(10, "dup2", 70, 0, 4, 0, 0), "/a");
	assert_string_equal(close_between(10, 80, 85, 3), "/a");
	assert_string_equal(use(10, 90, 3), "?");
	assert_string_equal(use(10, 100, 4), "/a");
	assert_string_equal(use(10, 110, 0), "/a");
	open_file(10, 120, "/c", 3);
	assert_string_equal(use(10, 130, 3), "/c");
	numbers(10, "dup3", 140, 4, 3, 4, 0);
	assert_string_equal(use(10, 150, 4), "/c");
	numbers(10, "fcntl", 160, 9, 0, 1030, 5);
	assert_string_equal(use(10, 170, 9), "/a");
	numbers(10, "dup2", 180, 77, 66, 77, 0); /* of one that is not known */
	assert_string_equal(use(10, 190, 77), "?");
	make(10, "openat", 200, 205, 10);
	row.arg[0] = 9;
	string(1, "below");
	assert_string_equal(give(), "/a/below");
	assert_string_equal(use(10, 210, 10), "/a/below");
	assert_string_equal(open_flags(10, 220, "/tmp", 11, 020200000), "/tmp"); /* O_TMPFILE */
	assert_string_equal(use(10, 230, 11), "?");
	make(10, "close", 240, 245, -EBADF);
	row.arg[0] = 99;
	assert_string_equal(give(), "-");
	numbers(10, "close_range", 250, 0, 4, 9, 0);
	assert_string_equal(use(10, 260, 3), "/c");
	assert_string_equal(use(10, 270, 4), "?");
	assert_string_equal(use(10, 280, 9), "?");
	assert_string_equal(use(10, 290, 10), "/a/below");
	numbers(10, "close_range", 300, 0, 3, ~0u, 0);
	assert_string_equal(use(10, 310, 10), "?");
	assert_string_equal(use(10, 320, 0), "/a");
}

static void things(void **state)
{
	static const uint8_t pair[8] = {[0] = 5, [4] = 6};

	(void)state;
	numbers(10, "epoll_create1", 10, 3, CLOEXEC, 0, 0);
	assert_string_equal(use(10, 20, 3), "anon_inode:[eventpoll]");
	numbers(10, "eventfd2", 30, 4, 0, 0, 0);
	assert_string_equal(use(10, 40, 4), "anon_inode:[eventfd]");
	make(10, "pipe2", 50, 55, 0);
	capture(0, SST_FORM_MEMORY, pair, sizeof(pair), SST_CAPTURE_LATE);
	give();
	assert_string_equal(use(10, 60, 5), "pipe:[?]");
	assert_string_equal(use(10, 70, 6), "pipe:[?]");
	make(10, "memfd_create", 80, 85, 7);
	string(0, "x");
	assert_string_equal(give(), "-");
	assert_string_equal(use(10, 90, 7), "/memfd:x (deleted)");
	make(10, "openat", 100, 105, 8);
	row.arg[0] = 7;
	string(1, "below");
	assert_string_equal(give(), "?"); /* nothing is below it by that name */
	numbers(10, "bpf", 110, 9, 0, 0, 0);
	assert_string_equal(use(10, 120, 9), "?");
	numbers(10, "signalfd4", 130, 10, (uint64_t)-1, 0, 8);
	assert_string_equal(use(10, 140, 10), "anon_inode:[signalfd]");
	make(10, "mmap", 150, 155, 0x7f0000000000);
	row.arg[4] = 10;
	assert_string_equal(give(), "anon_inode:[signalfd]");
	make(10, "mmap", 160, 165, 0x7f0000000000);
	row.arg[4] = UINT32_MAX;
	assert_string_equal(give(), "-");
}

static void address(const char *name, uint64_t time, int fd, int64_t ret, const void *bytes, size_t len)
{
	make(10, name, time, time + 5, ret);
	row.arg[0] = (uint64_t)fd;
	capture(1, SST_FORM_MEMORY, bytes, len, 0);
	row.arg[2] = len;
	give();
}

static void socket_of(uint16_t family, uint16_t type, uint16_t local, uint16_t peer)
{
	uint8_t bytes[44] = {0};

	sst_put16(bytes, family);
	sst_put16(bytes + 2, type);
	sst_put16(bytes + 8, local);
	sst_put16(bytes + 10, peer);
	bytes[12] = bytes[28] = 127;
	bytes[15] = bytes[31] = 1;
	capture(SST_CAPTURE_FD, SST_FORM_SOCKET, bytes, sizeof(bytes), SST_CAPTURE_LATE);
}

static void sockets(void **state)
{
	static const uint8_t any[16] = {2, 0, 0x18, 0xeb}, peer[16] = {2, 0, 0x15, 0xb3, 127, 0, 0, 1};
	static const uint8_t local[16] = {2, 0, 0, 80, 10, 0, 0, 1};
	static const char name[] = "\1\0/run/x.sock", abstract[] = "\1\0\0bus";
	static const uint8_t v6[28] = {10, 0, 0, 53, [23] = 1};
	static const uint8_t pair[8] = {[0] = 20, [4] = 21};

	(void)state;
	assert_string_equal(numbers(10, "socket", 10, 3, 2, 1 | CLOEXEC, 0), "-");
	assert_string_equal(use(10, 20, 3), "TCP");
	address("bind", 30, 3, 0, any, 16);
	assert_string_equal(use(10, 40, 3), "TCP 0.0.0.0:6379");
	address("accept4", 50, 3, 4, peer, 16);
	assert_string_equal(shown, "TCP 0.0.0.0:6379");
	assert_string_equal(use(10, 60, 4), "TCP ?:6379->127.0.0.1:5555");
	address("getsockname", 70, 4, 0, local, 16);
	assert_string_equal(use(10, 80, 4), "TCP 10.0.0.1:80->127.0.0.1:5555");
	numbers(10, "socket", 90, 5, 2, 2, 0);
	numbers(10, "dup", 100, 6, 5, 0, 0);
	address("connect", 110, 6, 0, local, 16);
	assert_string_equal(use(10, 120, 5), "UDP ?->10.0.0.1:80"); /* the same socket */
	address("connect", 130, 5, -ECONNREFUSED, peer, 16);
	assert_string_equal(use(10, 140, 5), "UDP ?->10.0.0.1:80");
	numbers(10, "socket", 150, 7, 1, 1, 0);
	address("connect", 160, 7, 0, name, sizeof(name));
	assert_string_equal(use(10, 170, 7), "UNIX-STREAM ?->/run/x.sock");
	numbers(10, "socket", 180, 8, 1, 2, 0);
	address("bind", 190, 8, 0, abstract, sizeof(abstract) - 1);
	assert_string_equal(use(10, 200, 8), "UNIX-DGRAM @bus");
	numbers(10, "socket", 210, 9, 10, 1, 0);
	address("connect", 220, 9, -EINPROGRESS, v6, 28);
	assert_string_equal(use(10, 230, 9), "TCPv6 ?->[::1]:53");
	make(10, "socketpair", 240, 245, 0);
	row.arg[0] = row.arg[1] = 1;
	capture(3, SST_FORM_MEMORY, pair, sizeof(pair), SST_CAPTURE_LATE);
	give();
	assert_string_equal(use(10, 250, 21), "UNIX-STREAM");
	/* As the kernel saw it. */
	make(10, "accept4", 252, 255, 23);
	row.arg[0] = 3;
	socket_of(2, 1, 6379, 5555);
	give();
	assert_string_equal(use(10, 256, 23), "TCP 127.0.0.1:6379->127.0.0.1:5555");
	make(10, "connect", 257, 258, 0);
	row.arg[0] = 99;
	socket_of(2, 2, 4711, 53);
	give();
	assert_string_equal(use(10, 259, 99), "UDP 127.0.0.1:4711->127.0.0.1:53");
	/* What came as a message is not known. */
	numbers(10, "recvmsg", 260, 1, 21, 0x1000, 0);
	assert_string_equal(use(10, 270, 22), "?");
	assert_string_equal(numbers(10, "dup2", 280, 5, 22, 5, 0), "?");
	assert_string_equal(use(10, 290, 5), "?");
}

static void big_endian(void **state)
{
	static const uint8_t pair[8] = {0, 0, 0, 5, 0, 0, 0, 6};

	(void)state;
	assert_int_equal(sst_meta_set(&meta, "host.machine", "s390x"), 0);
	tracker_begin(tracker, &meta, false);
	make(10, "pipe2", 50, 55, 0);
	capture(0, SST_FORM_MEMORY, pair, sizeof(pair), SST_CAPTURE_LATE);
	give();
	assert_string_equal(use(10, 60, 6), "pipe:[?]");
}

static void directories(void **state)
{
	(void)state;
	found(10, SST_OPEN_CWD, "/home", 0);
	found(10, SST_OPEN_FD + 3, "/srv", 0);
	assert_string_equal(chdir_to(10, 10, "me"), "/home/me");
	assert_string_equal(open_file(10, 20, "x", 4), "/home/me/x");
	chdir_to(10, 30, "/var");
	assert_string_equal(open_file(10, 40, "x", 5), "/var/x");
	assert_string_equal(use(10, 50, 4), "/home/me/x");
	make(10, "chdir", 60, 65, -ENOENT);
	string(0, "/nowhere");
	give();
	assert_string_equal(open_file(10, 70, "x", 5), "/var/x");
	assert_string_equal(numbers(10, "fchdir", 80, 0, 3, 0, 0), "/srv");
	assert_string_equal(open_file(10, 90, "../x", 5), "/srv/../x"); /* the root is not known */
	numbers(10, "fchdir", 100, 0, 66, 0, 0);
	assert_string_equal(open_file(10, 110, "x", 5), "?");
	make(10, "chroot", 120, 125, 0);
	string(0, "/jail");
	assert_string_equal(give(), "/jail");
	assert_string_equal(open_file(10, 130, "/etc/passwd", 6), "/jail/etc/passwd");
	assert_string_equal(open_file(10, 140, "/../etc/passwd", 6), "/jail/etc/passwd");
	make(10, "chdir", 150, 155, 0);
	string(0, "/");
	give();
	assert_string_equal(open_file(10, 160, "../x", 6), "/jail/x");
	make(10, "chroot", 170, 175, 0);
	row.arg[0] = 0x1000; /* not captured */
	assert_string_equal(give(), "?");
	assert_string_equal(open_file(10, 180, "/etc/passwd", 6), "?");
}

static void told_directories(void **state)
{
	(void)state;
	make(10, "getcwd", 10, 15, 9);
	capture(0, SST_FORM_MEMORY, "/home/me", 9, SST_CAPTURE_LATE);
	assert_string_equal(give(), "-");
	assert_string_equal(open_file(10, 20, "x", 3), "/home/me/x");
	chdir_to(10, 30, "/link");
	assert_string_equal(open_file(10, 40, "x", 3), "/link/x");
	make(10, "getcwd", 50, 55, 14);
	capture(0, SST_FORM_MEMORY, "(unreachable)", 14, SST_CAPTURE_LATE);
	give();
	assert_string_equal(open_file(10, 60, "x", 3), "/link/x");
	make(10, "chroot", 70, 75, 0);
	string(0, "/jail");
	give();
	make(10, "getcwd", 80, 85, 5);
	capture(0, SST_FORM_MEMORY, "/etc", 5, SST_CAPTURE_LATE);
	give();
	assert_string_equal(open_file(10, 90, "x", 3), "/link/x");
}

static void renamed(void **state)
{
	(void)state;
	found(10, SST_OPEN_CWD, "/home/me", 0);
	found(20, SST_OPEN_CWD, "/homely", 0);
	make(20, "rename", 10, 15, 0);
	string(0, "/home");
	string(1, "/away");
	assert_string_equal(give(), "/home");
	assert_string_equal(other, "/away");
	assert_string_equal(open_file(10, 20, "x", 3), "?"); /* it is in /away/me */
	assert_string_equal(open_file(20, 20, "x", 3), "/homely/x");
	chdir_to(10, 30, "/away/me");
	assert_string_equal(open_file(10, 40, "x", 3), "/away/me/x");
	make(10, "mount", 50, 55, 0);
	string(0, "none");
	string(1, "/away");
	row.arg[3] = 1 << 18; /* MS_PRIVATE */
	assert_string_equal(give(), "/away");
	assert_string_equal(open_file(10, 60, "x", 3), "/away/me/x");
	make(10, "mount", 70, 75, 0);
	string(0, "none");
	string(1, "/away");
	give();
	assert_string_equal(open_file(10, 80, "x", 3), "?"); /* what is below it now is something else */
	make(20, "symlinkat", 90, 95, 0);
	string(0, "target");
	row.arg[1] = CWD;
	string(2, "link");
	assert_string_equal(give(), "/homely/link");
	make(20, "linkat", 100, 105, 0);
	row.arg[0] = row.arg[2] = CWD;
	string(1, "a");
	string(3, "/b");
	assert_string_equal(give(), "/homely/a");
	assert_string_equal(other, "/b");
}

static const char *open_below(uint64_t time, uint64_t dirfd, const char *name, uint64_t flags, int64_t fd)
{
	make(10, "openat", time, time + 5, fd);
	row.arg[0] = dirfd;
	string(1, name);
	row.arg[2] = flags;
	return give();
}

/* As find walks: where it has come down by names that are no symbolic links, ".." leads back. */
static void down_and_up(void **state)
{
	(void)state;
	found(10, SST_OPEN_ROOT, "/", 0);
	assert_string_equal(open_below(10, CWD, "/usr", NOFOLLOW, 3), "/usr");
	assert_string_equal(open_below(20, 3, "lib", NOFOLLOW, 4), "/usr/lib");
	assert_string_equal(open_below(30, 4, "..", NOFOLLOW, 5), "/usr");
	assert_string_equal(open_below(40, 5, "src", NOFOLLOW, 6), "/usr/src");
	assert_string_equal(open_below(50, 6, "../share", 0, 7), "/usr/share");
	assert_string_equal(open_below(60, 7, "..", NOFOLLOW, 8), "/usr/share/.."); /* it may be a link */
	assert_string_equal(open_below(70, 8, "a", NOFOLLOW, 9), "/usr/share/../a");
	assert_string_equal(open_below(80, 9, "..", NOFOLLOW, 10), "/usr/share/../a/..");
	assert_string_equal(open_below(90, 3, "link", NOFOLLOW | 010000000, 11),
			    "/usr/link"); /* O_PATH: it may be one */
	assert_string_equal(open_below(100, 11, "..", NOFOLLOW, 12), "/usr/link/..");
}

static void openat2(void **state)
{
	/* as x86_64 has it in memory */
	static const uint8_t plain[24] = {[2] = CLOEXEC >> 16}, in_root[24] = {[16] = 0x10};

	(void)state;
	found(10, SST_OPEN_FD + 3, "/jail", 0);
	make(10, "openat2", 10, 15, 4);
	row.arg[0] = 3;
	string(1, "/etc");
	capture(2, SST_FORM_MEMORY, plain, sizeof(plain), 0);
	assert_string_equal(give(), "/etc");
	make(10, "openat2", 20, 25, 5);
	row.arg[0] = 3;
	string(1, "/etc");
	capture(2, SST_FORM_MEMORY, in_root, sizeof(in_root), 0);
	assert_string_equal(give(), "/jail/etc");
	make(10, "openat2", 30, 35, 6);
	row.arg[0] = 3;
	string(1, "/etc");
	row.arg[2] = 0x1000;
	assert_string_equal(give(), "?");
	event(SST_EVENT_EXEC, 10, 40, 10);
	assert_string_equal(use(10, 50, 4), "?");
	assert_string_equal(use(10, 60, 5), "/jail/etc");
}

static void exec_closes(void **state)
{
	(void)state;
	open_file(10, 10, "/stays", 3);
	open_flags(10, 20, "/closes", 4, CLOEXEC);
	open_file(10, 30, "/set", 5);
	numbers(10, "fcntl", 40, 0, 5, 2, 1);
	open_flags(10, 50, "/cleared", 6, CLOEXEC);
	numbers(10, "fcntl", 60, 0, 6, 2, 0);
	numbers(10, "dup", 70, 7, 4, 0, 0);
	found(10, SST_OPEN_FD + 8, "/found", SST_OPEN_CLOEXEC);
	found(10, SST_OPEN_FD + 9, "/found", 0);
	numbers(10, "epoll_create1", 80, 10, CLOEXEC, 0, 0);
	numbers(10, "ioctl", 90, 0, 3, 0x5451, 0);  /* FIOCLEX … */
	numbers(10, "ioctl", 100, 0, 3, 0x5450, 0); /* … and back */
	numbers(10, "dup3", 110, 11, 3, 11, CLOEXEC);
	make(10, "execve", 120, 130, 0);
	string(0, "/bin/true");
	assert_string_equal(give(), "/bin/true");
	event(SST_EVENT_EXEC, 10, 125, 10);
	assert_string_equal(use(10, 140, 3), "/stays");
	assert_string_equal(use(10, 150, 4), "?");
	assert_string_equal(use(10, 160, 5), "?");
	assert_string_equal(use(10, 170, 6), "/cleared");
	assert_string_equal(use(10, 180, 7), "/closes");
	assert_string_equal(use(10, 190, 8), "?");
	assert_string_equal(use(10, 200, 9), "/found");
	assert_string_equal(use(10, 210, 10), "?");
	assert_string_equal(use(10, 220, 11), "?");
	/* All from 6 on, by close_range(CLOSE_RANGE_CLOEXEC). */
	numbers(10, "close_range", 230, 0, 6, ~0u, 4);
	assert_string_equal(use(10, 240, 7), "/closes");
	open_file(10, 250, "/behind", 12);
	make(10, "execve", 260, 268, 0);
	string(0, "/bin/true");
	give();
	event(SST_EVENT_EXEC, 10, 265, 10);
	assert_string_equal(use(10, 270, 7), "?");
	assert_string_equal(use(10, 280, 3), "/stays");
	assert_string_equal(use(10, 290, 12), "/behind");
}

static void forked(void **state)
{
	(void)state;
	found(10, SST_OPEN_CWD, "/home", 0);
	open_file(10, 10, "/a", 3);
	fork_child(10, 20, 20);
	assert_string_equal(use(20, 30, 3), "/a");
	assert_string_equal(open_file(20, 40, "x", 4), "/home/x");
	assert_string_equal(use(10, 50, 4), "?"); /* each has its own */
	chdir_to(20, 60, "/tmp");
	assert_string_equal(open_file(10, 70, "x", 5), "/home/x");
	close_between(10, 80, 85, 3);
	assert_string_equal(use(20, 90, 3), "/a");
	fork_child(20, 100, 30);
	assert_string_equal(open_file(30, 110, "y", 6), "/tmp/y");
	assert_string_equal(use(30, 120, 4), "/home/x");
	event(SST_EVENT_EXIT, 30, 130, 0);
	assert_string_equal(use(20, 140, 3), "/a");
	/* The number of a process that is gone. */
	event(SST_EVENT_EXIT, 20, 150, 0);
	event(SST_EVENT_START, 20, 160, 0);
	assert_string_equal(use(20, 170, 3), "?");
	/* A child that shares the table: CLONE_FILES. */
	clone_child(10, 180, 40, 0x400);
	open_file(40, 190, "/shared", 7);
	assert_string_equal(use(10, 200, 7), "/shared");
	event(SST_EVENT_EXEC, 40, 210, 40);
	close_between(40, 220, 225, 7);
	assert_string_equal(use(10, 230, 7), "/shared");
}

/* clone3() whose flags were not captured may have made anything. */
static void unknown_flags(void **state)
{
	static const uint8_t args[64] = {0x11};

	(void)state;
	open_file(10, 10, "/a", 3);
	make(10, "clone3", 20, 25, 20);
	capture(0, SST_FORM_MEMORY, args, sizeof(args), 0);
	give();
	event(SST_EVENT_START, 20, 22, 10);
	assert_string_equal(use(20, 30, 3), "/a");
	assert_string_equal(use(10, 40, 3), "/a");
	numbers(10, "clone3", 50, 30, 0x1000, 88, 0);
	event(SST_EVENT_START, 30, 52, 10);
	assert_string_equal(use(30, 60, 3), "?");
	assert_string_equal(use(10, 70, 3), "?");
	event(SST_EVENT_EXEC, 30, 80, 30);
	open_file(30, 90, "/b", 3);
	assert_string_equal(use(30, 100, 3), "/b");
}

static void threads(void **state)
{
	(void)state;
	found(10, SST_OPEN_CWD, "/home", 0);
	open_file(10, 10, "/a", 3);
	clone_child(10, 20, 11, THREAD);
	assert_string_equal(use(11, 30, 3), "/a");
	open_file(11, 40, "/b", 4);
	assert_string_equal(use(10, 50, 4), "/b");
	chdir_to(11, 60, "/tmp");
	assert_string_equal(open_file(10, 70, "x", 5), "/tmp/x");
	numbers(11, "unshare", 80, 0, 0x400, 0, 0);
	open_file(11, 90, "/c", 6);
	assert_string_equal(use(10, 100, 6), "?");
	assert_string_equal(use(11, 110, 4), "/b");
	numbers(11, "unshare", 120, 0, 0x200, 0, 0);
	chdir_to(11, 130, "/var");
	assert_string_equal(open_file(10, 140, "x", 7), "/tmp/x");
	assert_string_equal(open_file(11, 140, "x", 7), "/var/x");
	/* A thread that is not the first executes a program: it goes on by that one's number. */
	make(11, "execve", 150, 160, 0);
	string(0, "/bin/sh");
	give();
	event(SST_EVENT_EXIT, 10, 152, 0);
	event(SST_EVENT_EXEC, 10, 155, 11);
	assert_string_equal(use(10, 170, 6), "/c");
	assert_string_equal(open_file(10, 180, "x", 8), "/var/x");
}

/* What of two threads is certain, and what is not. */
static void overlapping(void **state)
{
	(void)state;
	two_threads();
	open_file(10, 10, "/a", 3);
	close_between(10, 20, 30, 3);
	assert_string_equal(use(11, 25, 3), "?"); /* before or after? */
	assert_string_equal(use(11, 35, 3), "?");
	make(10, "openat", 40, 50, 3);
	row.arg[0] = CWD;
	string(1, "/b");
	give();
	assert_string_equal(use(11, 45, 3), "?");
	assert_string_equal(use(11, 51, 3), "/b");
	/* The kernel gives out no number that is in use: the close came first. */
	close_between(10, 60, 70, 3);
	make(11, "openat", 65, 75, 3);
	row.arg[0] = CWD;
	string(1, "/c");
	give();
	assert_string_equal(use(10, 72, 3), "?");
	assert_string_equal(use(10, 80, 3), "/c");
	close_between(10, 90, 110, 3);
	open_file(11, 95, "/d", 3);
	assert_string_equal(use(11, 105, 3), "?");
	assert_string_equal(use(10, 120, 3), "/d");
	/* dup2() and close() of the same number: in which order? */
	open_file(10, 130, "/e", 4);
	numbers(10, "dup2", 140, 3, 4, 3, 0);
	close_between(11, 142, 150, 3);
	assert_string_equal(use(10, 160, 3), "?");
	numbers(10, "dup2", 170, 3, 4, 3, 0);
	assert_string_equal(use(11, 180, 3), "/e");
	/* chdir() of both. */
	chdir_to(10, 190, "/x");
	chdir_to(11, 192, "/y");
	assert_string_equal(open_file(10, 200, "f", 9), "?");
	chdir_to(10, 210, "/x");
	assert_string_equal(open_file(11, 220, "f", 10), "/x/f");
	/* fork() while the other thread opens. */
	make(10, "openat", 230, 250, 11);
	row.arg[0] = CWD;
	string(1, "/g");
	give();
	fork_child(11, 235, 20);
	assert_string_equal(use(20, 260, 11), "?");
	assert_string_equal(use(10, 260, 11), "/g");
	assert_string_equal(use(20, 270, 3), "/e");
	fork_child(11, 280, 30);
	assert_string_equal(use(30, 290, 11), "/g");
}

static void three_overlapping(void **state)
{
	(void)state;
	two_threads();
	event(SST_EVENT_FOUND, 12, 3, 0);
	open_file(10, 10, "/a", 3);
	/* closed, given out, closed again: it is free, and the next one to get it is certain */
	close_between(10, 20, 40, 3);
	make(11, "openat", 22, 38, 3);
	row.arg[0] = CWD;
	string(1, "/b");
	give();
	close_between(12, 30, 45, 3);
	assert_string_equal(use(10, 50, 3), "?");
	open_file(10, 60, "/c", 3);
	assert_string_equal(use(11, 70, 3), "/c");
	/* two are given the same number: who was last? */
	close_between(10, 80, 100, 3);
	make(11, "openat", 82, 98, 3);
	row.arg[0] = CWD;
	string(1, "/d");
	give();
	make(12, "openat", 84, 110, 3);
	row.arg[0] = CWD;
	string(1, "/e");
	give();
	assert_string_equal(use(10, 120, 3), "?");
}

/* A call that has begun may find what another thread has changed before it came to look. */
static void taken_back(void **state)
{
	(void)state;
	two_threads();
	open_file(10, 10, "/a", 3);
	make(10, "read", 20, 1000, 1);
	row.arg[0] = 3;
	assert_string_equal(give(), "/a");
	assert_string_equal(use(11, 30, 3), "/a");
	assert_int_equal(n_revoked, 0);
	close_between(11, 40, 45, 3);
	assert_int_equal(n_revoked, 1);
	assert_int_equal(revoked[0], tag - 2);
	/* not any more what came before the list */
	open_file(11, 50, "/b", 4);
	make(10, "read", 1010, 2000, 1);
	row.arg[0] = 4;
	assert_string_equal(give(), "/b");
	tracker_list(tracker, revoke, NULL);
	close_between(11, 1020, 1025, 4);
	assert_int_equal(n_revoked, 1);
	/* nor what has returned */
	open_file(11, 1030, "/c", 5);
	assert_string_equal(use(11, 1040, 5), "/c");
	numbers(11, "dup2", 1050, 5, 5, 6, 0);
	close_between(11, 1060, 1065, 5);
	assert_int_equal(n_revoked, 1);
	/* what has been made of it is not known either */
	open_file(11, 1070, "/d", 7);
	make(10, "dup", 2010, 2100, 8);
	row.arg[0] = 7;
	assert_string_equal(give(), "/d");
	close_between(11, 2020, 2025, 7);
	assert_int_equal(n_revoked, 2);
	assert_string_equal(use(11, 2200, 8), "?");
	/* the working directory too */
	make(10, "openat", 2300, 2400, 9);
	row.arg[0] = CWD;
	string(1, "x");
	assert_string_equal(give(), "/home/x");
	chdir_to(11, 2310, "/tmp");
	assert_int_equal(n_revoked, 3);
	assert_string_equal(use(10, 2500, 9), "?");
	/* and a range */
	open_file(10, 2600, "/e", 10);
	make(10, "read", 2700, 2800, 1);
	row.arg[0] = 10;
	give();
	numbers(11, "close_range", 2710, 0, 0, ~0u, 0);
	assert_int_equal(n_revoked, 4);
}

static void gaps(void **state)
{
	(void)state;
	two_threads();
	found(20, SST_OPEN_FD + 3, "/other", 0);
	open_file(10, 10, "/a", 3);
	tracker_gap(tracker, &(struct sst_gap){.time = 20, .until = 25, .count = 2, .pid = 10, .tid = 10});
	assert_string_equal(use(11, 22, 3), "?");
	assert_string_equal(open_file(11, 30, "/b", 4), "/b");
	assert_string_equal(use(11, 40, 4), "?"); /* the last lost call may still be under way */
	assert_string_equal(use(10, 50, 3), "?");
	assert_string_equal(use(11, 60, 4), "?");
	assert_string_equal(open_file(11, 70, "x", 5), "?");
	assert_string_equal(use(20, 70, 3), "/other");
	open_file(10, 80, "/c", 6);
	assert_string_equal(use(11, 90, 6), "/c");
	chdir_to(10, 100, "/tmp");
	assert_string_equal(open_file(11, 110, "x", 7), "/tmp/x");
	/* of nobody known */
	tracker_gap(tracker, &(struct sst_gap){.time = 120, .until = 125, .count = 1});
	assert_string_equal(use(20, 130, 3), "?");
	assert_string_equal(use(10, 130, 6), "?");
	assert_string_equal(open_file(11, 140, "x", 8), "?");
	open_file(20, 150, "/d", 4);
	assert_string_equal(use(20, 160, 4), "/d");
}

/* Calls that were under way at the beginning or never came to an end. */
static void midway(void **state)
{
	(void)state;
	make(10, "openat", 5, 5, 3);
	row.arg[0] = CWD;
	row.arg[1] = 0x1000;
	row.state = SST_MIDWAY;
	assert_string_equal(give(), "?");
	found(10, SST_OPEN_FD + 4, "/a", 0);
	assert_string_equal(use(10, 10, 4), "/a");
	make(10, "close", 20, 20, 0);
	row.arg[0] = 4;
	row.state = SST_UNFINISHED;
	assert_string_equal(give(), "/a");
	assert_string_equal(use(10, 30, 4), "?"); /* the end is missing */
	open_file(10, 40, "/b", 5);
	make(10, "openat", 50, 50, 0);
	row.arg[0] = CWD;
	string(1, "/c");
	row.state = SST_UNFINISHED;
	assert_string_equal(give(), "/c");
	assert_string_equal(use(10, 60, 5), "/b");
	/* an answer that was not the kernel's */
	make(10, "openat", 70, 70, 6);
	row.state = SST_REFUSED;
	row.arg[1] = 0x1000;
	give();
	assert_string_equal(use(10, 80, 6), "?");
	assert_string_equal(use(10, 90, 5), "?");
}

/* From a pipe an open row comes first, and the complete one when it is known. */
static void live(void **state)
{
	(void)state;
	two_threads();
	found(10, SST_OPEN_FD + 3, "/a", 0);
	make(10, "close", 10, 10, 0);
	row.arg[0] = 3;
	row.state = SST_UNFINISHED;
	assert_string_equal(give(), "/a");
	assert_string_equal(use(11, 20, 3), "?");
	seqs[10]--;
	make(10, "close", 10, 25, 0);
	row.arg[0] = 3;
	row.replaces = true;
	assert_string_equal(give(), "/a");
	open_file(11, 30, "/b", 3);
	assert_string_equal(use(11, 40, 3), "/b");
	make(10, "openat", 50, 50, 0);
	row.arg[0] = CWD;
	string(1, "x");
	row.state = SST_UNFINISHED;
	assert_string_equal(give(), "/home/x");
	chdir_to(11, 100, "/tmp"); /* long after it has looked */
	seqs[10]--;
	make(10, "openat", 50, 90, 4);
	row.arg[0] = CWD;
	string(1, "x");
	row.replaces = true;
	give();
	assert_string_equal(use(11, 110, 3), "/b");
	make(10, "close", 120, 120, 0);
	row.arg[0] = 3;
	row.state = SST_UNFINISHED;
	give();
	seqs[10]--;
	make(10, "close", 120, 125, -EBADF); /* we were wrong */
	row.arg[0] = 3;
	row.replaces = true;
	give();
	assert_string_equal(use(11, 130, 3), "?");
}

static void snapshot_overlaps(void **state)
{
	(void)state;
	tracker_open(tracker,
		     &(struct sst_open){.time = 100, .until = 200, .pid = 10, .what = SST_OPEN_FD + 3, .len = 2},
		     (const uint8_t *)"/a");
	assert_string_equal(use(10, 300, 3), "/a");
	open_file(20, 310, "/b", 3);
	tracker_open(tracker,
		     &(struct sst_open){.time = 312, .until = 400, .pid = 20, .what = SST_OPEN_FD + 3, .len = 2},
		     (const uint8_t *)"/c");
	assert_string_equal(use(20, 500, 3), "?");
}

/* Descriptors may change by themselves, as far as one can see. */
static void rings(void **state)
{
	(void)state;
	open_file(10, 10, "/a", 3);
	numbers(10, "io_uring_setup", 20, -ENOSYS, 8, 0x1000, 0);
	assert_string_equal(use(10, 30, 3), "/a");
	numbers(10, "io_uring_setup", 40, 4, 8, 0x1000, 0);
	assert_string_equal(use(10, 50, 3), "?");
	open_file(10, 60, "/b", 5);
	assert_string_equal(use(10, 70, 5), "?");
}

static void filtered(void **state)
{
	(void)state;
	assert_int_equal(sst_meta_set(&meta, "filter", "trace=openat,read"), 0);
	tracker_begin(tracker, &meta, false);
	found(10, SST_OPEN_CWD, "/home", 0);
	assert_string_equal(open_file(10, 10, "/a", 3), "/a");
	assert_string_equal(open_file(10, 20, "x", 4), "?");
	assert_string_equal(use(10, 30, 3), "?"); /* it may have been closed */
	sst_meta_clear(&meta);
	sst_meta_set(&meta, "host.machine", "x86_64");
	sst_meta_set(&meta, "filter",
		     "trace=?open,openat,chdir,fchdir,chroot,pivot_root,setns,fork,vfork,clone,?clone3,unshare");
	tracker_begin(tracker, &meta, false);
	found(10, SST_OPEN_CWD, "/home", 0);
	open_file(10, 40, "/a", 3);
	assert_string_equal(use(10, 50, 3), "?");
	assert_string_equal(open_file(10, 60, "x", 4), "/home/x");
	sst_meta_set(&meta, "filter", "trace=!read,write");
	tracker_begin(tracker, &meta, false);
	open_file(10, 70, "/a", 3);
	assert_string_equal(use(10, 80, 3), "/a");
	sst_meta_set(&meta, "filter", "trace=!read,%desc");
	tracker_begin(tracker, &meta, false);
	open_file(10, 90, "/a", 3);
	assert_string_equal(use(10, 100, 3), "?");
	sst_meta_set(&meta, "filter", "trace=!ioctl");
	tracker_begin(tracker, &meta, false);
	open_file(10, 110, "/a", 3);
	assert_string_equal(use(10, 120, 3), "/a");
	event(SST_EVENT_EXEC, 10, 130, 10);
	assert_string_equal(use(10, 140, 3), "?"); /* an ioctl() may have made it close */
	sst_meta_set(&meta, "filter", "failed");
	tracker_begin(tracker, &meta, false);
	open_file(10, 150, "/a", 3);
	assert_string_equal(use(10, 160, 3), "?");
}

static void namespaces(void **state)
{
	(void)state;
	found(10, SST_OPEN_CWD, "/home", 0);
	found(10, SST_OPEN_ROOT, "/", 0);
	numbers(10, "setns", 10, 0, 3, 0x40000000, 0); /* CLONE_NEWNET */
	assert_string_equal(open_file(10, 20, "x", 4), "/home/x");
	numbers(10, "setns", 30, 0, 3, 0, 0);
	assert_string_equal(open_file(10, 40, "x", 4), "?");
	numbers(10, "setns", 50, 0, 3, 0x20000, 0);
	assert_string_equal(open_file(10, 60, "x", 4), "/x");
}

/* The budget is for all: what does not fit is not known, and nothing that is not true is said. */
static void memory(void **state)
{
	char path[64];

	(void)state;
	tracker_free(tracker);
	tracker = tracker_new(300000);
	assert_non_null(tracker);
	for (uint32_t i = 0; i < 20000; i++) {
		uint32_t tid = 10 + i % 90 * 10;
		int fd = 3 + (int)(i / 90);

		snprintf(path, sizeof(path), "/some/where/%u", i);
		open_file(tid, 10 * (uint64_t)i + 10, path, fd);
		if (strcmp(use(tid, 10 * (uint64_t)i + 16, fd), "?") != 0)
			assert_string_equal(shown, path);
	}
	assert_string_equal(open_file(10, 1000000, "/x", 3), "/x");
	tracker_forget(tracker);
	open_file(10, 1000010, "/y", 3);
	assert_string_equal(use(10, 1000020, 3), "/y");
}

/* --- whatever a file may say */

static uint64_t sim_random;

static uint32_t any(uint32_t n)
{
	sim_random = sim_random * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (uint32_t)(sim_random >> 33) % n;
}

/* A small number, an odd one or a very large one. */
static uint64_t any_number(void)
{
	static const uint64_t odd[] = {UINT64_MAX, UINT32_MAX, 16383, 16384, (uint64_t)-100, 0x400, 0x20000, 1030, 4};

	return any(3) ? any(20) : any(3) ? odd[any(sizeof(odd) / sizeof(*odd))] : (uint64_t)any(INT32_MAX) << any(33);
}

static void any_captures(void)
{
	for (unsigned arg = 0; arg < 7; arg++) {
		static const char *const parts[] = {"/", "..", ".", "a", "b/c", "//", "\n"};
		char bytes[200];
		size_t len = any(sizeof(bytes));

		if (any(3) == 0 || row.n_captures == 4)
			continue;
		for (size_t i = 0; i < len; i++)
			bytes[i] = any(4) ? *parts[any(7)] : (char)any(256);
		capture(arg, SST_FORM_STRING, bytes, len, any(4) ? 0 : any(8));
	}
}

static void any_call(uint64_t now)
{
	uint32_t nr = any(460), tid = 10 + any(60);
	uint64_t end = any(5) ? now + any(200) : any(2) ? now : UINT64_MAX - any(3);

	make(tid, "read", now, end, any(3) ? (int64_t)any(30) : (int64_t)any_number());
	row.seq -= any(10) == 0;
	call_init(&call, &(struct sst_call){.abi = (uint8_t)any(13), .nr = nr, .nargs = 6});
	who.pid = any(20) ? who.pid : any(100);
	row.state = (uint8_t)(any(3) ? SST_OK : any(SST_STATE_COUNT));
	for (unsigned i = 0; i < SST_ARGS; i++)
		row.arg[i] = any_number();
	any_captures();
	give();
}

static void any_other(uint64_t now)
{
	static const uint8_t some[] = "/some/where (deleted)";
	uint32_t tid = 10 + any(60);

	switch (any(6)) {
	case 0:
		tracker_gap(tracker, &(struct sst_gap){.time = now,
						       .until = now + any(90),
						       .count = any(3),
						       .pid = tid / 10 * 10,
						       .tid = any(4) ? tid : 0,
						       .cause = (uint8_t)any(SST_CAUSE_COUNT)});
		break;
	case 1:
		tracker_open(tracker,
			     &(struct sst_open){.time = now - any(50),
						.until = now,
						.pid = tid / 10 * 10,
						.what = any_number(),
						.len = any(sizeof(some))},
			     some);
		break;
	case 2:
		tracker_list(tracker, revoke, NULL);
		n_revoked = 0;
		break;
	case 3:
		if (any(200) == 0)
			tracker_forget(tracker);
		break;
	default:
		tracker_event(tracker, &(struct sst_event){.kind = (uint8_t)any(6),
							   .time = now,
							   .pid = tid / 10 * 10,
							   .tid = tid,
							   .a = any(3) ? 10 + any(60) : any_number()});
		break;
	}
}

/* Nothing to be compared here, but for what the sanitizers say: all names are given whole, and memory stays in bounds.
 */
static void anything(void **state)
{
	(void)state;
	for (sim_random = 1; sim_random < 20; sim_random++) {
		uint64_t seed = sim_random, now = 1000;

		tracker_free(tracker);
		tracker = tracker_new(any(2) ? 200000 + any(200000) : MEMORY);
		tracker_begin(tracker, &meta, false);
		for (unsigned i = 0; i < 6000; i++, now += any(3) ? any(30) : 0) {
			if (any(5))
				any_call(now);
			else
				any_other(now);
		}
		sim_random = seed;
	}
}

/*
 * Random programs: threads of processes that open, close, duplicate, fork, execute and change their directory at the
 * same time. Each call looks and takes effect at some moment between its entry and its return, which decides what is
 * true. Whatever order that was, no name that the tracker gives may be another.
 */
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
	sim_random = seed;
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
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		TEST(paths),
		TEST(no_paths),
		TEST(descriptors),
		TEST(things),
		TEST(sockets),
		TEST(big_endian),
		TEST(directories),
		TEST(told_directories),
		TEST(renamed),
		TEST(down_and_up),
		TEST(openat2),
		TEST(exec_closes),
		TEST(forked),
		TEST(unknown_flags),
		TEST(threads),
		TEST(overlapping),
		TEST(three_overlapping),
		TEST(taken_back),
		TEST(gaps),
		TEST(midway),
		TEST(live),
		TEST(snapshot_overlaps),
		TEST(rings),
		TEST(filtered),
		TEST(namespaces),
		TEST(memory),
		TEST(anything),
		TEST(never_wrong),
		TEST(never_wrong_live),
		TEST(never_wrong_with_loss),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
