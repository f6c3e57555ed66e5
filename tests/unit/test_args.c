/*
 * test_args.c - what calls were given, as text: every kind of argument, ABIs of both widths and byte orders, what was
 * captured and what was not, and captures of anything at all
 */
#include <stdlib.h>

#include "decode/symbols.h"
#include "format/signature.h"
#include "args_rows.h"

static void registers(void **state)
{
	(void)state;
	PLAIN(X86_64, "getpid", 7, "");
	PLAIN(X86_64, "close", 0, "-1", UINT32_MAX);
	PLAIN(X86_64, "read", 5, "3, 0x7ffc00001000, 512", 3, 0x7ffc00001000, 512);
	PLAIN(X86_64, "lseek", -22, "3, -1, SEEK_END", 3, UINT64_MAX, 2);
	PLAIN(X86_64, "openat", 3, "AT_FDCWD, 0x1234, O_RDONLY|O_CLOEXEC", (uint64_t)-100, 0x1234, 02000000, 0644);
	PLAIN(X86_64, "openat", 3, "5, 0x1234, O_RDWR|O_CREAT|O_TRUNC, 0644", 5, 0x1234, 01102, 0644);
	PLAIN(X86_64, "openat", -14, "AT_FDCWD, NULL, O_RDONLY", (uint64_t)-100);
	PLAIN(X86_64, "mmap", 0x1000, "NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0", 0, 8192, 3,
	      0x22, UINT64_MAX, 0);
	PLAIN(X86_64, "mmap", 0x1000, "0x1000, 1, PROT_NONE, MAP_SHARED|MAP_FIXED, 3, 0x3000", 0x1000, 1, 0, 0x11, 3,
	      0x3000);
	PLAIN(X86_64, "chmod", 0, "0x10, 0644", 0x10, 0644);
	PLAIN(X86_64, "umask", 022, "000", 0);
	PLAIN(X86_64, "chown", 0, "0x10, 0, -1", 0x10, 0, UINT32_MAX);
	PLAIN(X86_64, "kill", 0, "-5, SIGTERM", (uint64_t)-5, 15);
	PLAIN(X86_64, "kill", 0, "5, SIGRT_2", 5, 34);
	PLAIN(X86_64, "tkill", 0, "5, 0", 5, 0);
	PLAIN(X86_64, "socket", 3, "AF_INET6, SOCK_DGRAM|SOCK_CLOEXEC|SOCK_NONBLOCK, IPPROTO_IP", 10, 02004002, 0);
	PLAIN(X86_64, "socket", 3, "AF_NETLINK, SOCK_RAW, NETLINK_KOBJECT_UEVENT", 16, 3, 15);
	PLAIN(X86_64, "setsockopt", 0, "3, SOL_SOCKET, SO_REUSEADDR, 0x10, 4", 3, 1, 2, 0x10, 4);
	PLAIN(X86_64, "setsockopt", 0, "3, SOL_TCP, TCP_NODELAY, 0x10, 4", 3, 6, 1, 0x10, 4);
	PLAIN(X86_64, "mknod", 0, "0x10, S_IFCHR|0600, makedev(0x1, 0x3)", 0x10, 0020600, 0x103);
	PLAIN(X86_64, "mknod", 0, "0x10, S_IFIFO|0600", 0x10, 0010600, 0x103);
	PLAIN(X86_64, "fcntl", 0, "3, F_GETFD", 3, 1, 99);
	PLAIN(X86_64, "fcntl", 0, "3, F_SETFL, O_RDWR|O_NONBLOCK", 3, 4, 04002);
	PLAIN(X86_64, "fcntl", 9, "3, F_DUPFD_CLOEXEC, 9", 3, 1030, 9);
	PLAIN(X86_64, "ioctl", 0, "1, TCGETS, 0x10", 1, 0x5401, 0x10);
	PLAIN(X86_64, "ioctl", 0, "1, FIOCLEX", 1, 0x5451, 0x10);
	PLAIN(X86_64, "ioctl", 0, "1, _IOC(_IOC_READ|_IOC_WRITE, 0xe7, 0xf3, 0xa1), 0x5", 1, 0xc0a1e7f3, 5);
	PLAIN(X86_64, "futex", 0, "0x10, FUTEX_WAKE_PRIVATE, 1", 0x10, 0x81, 1, 5, 6, 7);
	PLAIN(X86_64, "futex", 0,
	      "0x10, FUTEX_WAIT_BITSET_PRIVATE|FUTEX_CLOCK_REALTIME, 4, NULL, FUTEX_BITSET_MATCH_ANY", 0x10, 0x189, 4,
	      0, 0, UINT32_MAX);
	PLAIN(X86_64, "clone", 9,
	      "child_stack=NULL, flags=CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD, child_tidptr=0x30", 0x1200011,
	      0, 0x20, 0x30, 0x40);
	PLAIN(S390X, "clone", 9,
	      "child_stack=NULL, flags=CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD, child_tidptr=0x30", 0,
	      0x1200011, 0x20, 0x30, 0x40);
	PLAIN(X86_64, "prctl", 0, "PR_SET_NAME, 0x10", 15, 0x10, 5, 6, 7);
	PLAIN(X86_64, "wait4", -10, "-1, 0x10, WNOHANG|WSTOPPED, NULL", UINT64_MAX, 0x10, 3, 0);
	PLAIN(X86_64, "getdents64", 0, "3, 0x10 /* 0 entries */, 32768", 3, 0x10, 32768);
	PLAIN(X86_64, "read", 0, "3, \"\", 10", 3, 0x10, 10);
	PLAIN(X86_64, "rt_sigaction", 0, "SIGINT, 0x10, NULL, 8", 2, 0x10, 0, 8);
	/* more than the tables know */
	PLAIN(X86_64, "lseek", 0, "3, 0, 0x9 /* SEEK_??? */", 3, 0, 9);
	PLAIN(X86_64, "access", 0, "0x10, F_OK", 0x10, 0);
	PLAIN(X86_64, "access", 0, "0x10, R_OK|0x100", 0x10, 0x104);
	PLAIN(X86_64, "access", 0, "0x10, 0x100 /* ?_OK */", 0x10, 0x100);
	PLAIN(X86_64, "vserver", -38, "0x1, 0, 0xff, 0, 0, 0x5", 1, 0, 255, 0, 0, 5);
}

/* The same calls of other machines: registers, flags and alignment differ. */
static void abis(void **state)
{
	(void)state;
	PLAIN(I386, "close", 0, "-1", 0xffffffff);
	PLAIN(I386, "pread64", 0, "3, \"\", 16, 4294967301", 3, 0x10, 16, 5, 1);
	PLAIN(ARM, "pread64", 0, "3, \"\", 16, 4294967301", 3, 0x10, 16, 99, 5, 1);
	PLAIN(PPC, "pread", 0, "3, \"\", 16, 4294967301", 3, 0x10, 16, 99, 1, 5);
	PLAIN(SST_ABI_S390, "pread", 0, "3, \"\", 16, 4294967301", 3, 0x10, 16, 1, 5);
	PLAIN(ARM, "fallocate", 0, "3, FALLOC_FL_KEEP_SIZE, -1, 5", 3, 1, 0xffffffff, 0xffffffff, 5, 0);
	PLAIN(I386, "mmap2", 0x1000, "NULL, 4096, PROT_READ, MAP_SHARED, 3, 0x2000", 0, 4096, 1, 1, 3, 2);
	PLAIN(I386, "chown", 0, "0x10, 0, -1", 0x10, 0, 0xffff);
	PLAIN(AARCH64, "openat", 3, "AT_FDCWD, 0x10, O_RDONLY|O_DIRECTORY", (uint64_t)-100, 0x10, 040000);
	PLAIN(X86_64, "openat", 3, "AT_FDCWD, 0x10, O_RDONLY|O_DIRECT", (uint64_t)-100, 0x10, 040000);
	PLAIN(SST_ABI_PPC64LE, "mmap", 0x1000, "NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_NORESERVE, 3, 0", 0, 4096, 1,
	      0x42, 3, 0);
}

static void strings(void **state)
{
	(void)state;
	BEGIN(X86_64, "openat", 3, (uint64_t)-100, 0x10, 0);
	string(1, "/etc/passwd");
	expect("AT_FDCWD, \"/etc/passwd\", O_RDONLY");
	BEGIN(X86_64, "unlink", -2, 0x10);
	string(0, "a\tb\n\"c\\\1"
		  "2\001x\177\200\377");
	expect("\"a\\tb\\n\\\"c\\\\\\0012\\1x\\177\\200\\377\"");
	BEGIN(X86_64, "unlink", -2, 0x10);
	string(0, "\0019\0018");
	expect("\"\\19\\18\""); /* 8 and 9 are no octal digits */
	BEGIN(X86_64, "rename", 0, 0x10, 0x20);
	string(0, "a");
	string(1, "b");
	expect("\"a\", \"b\"");
	BEGIN(X86_64, "execve", 0, 0x10, 0x20, 0x30);
	string(0, "/bin/sh");
	captured(1, SST_FORM_STRINGS, 0, "sh\0-c\0", 7);
	captured(2, SST_FORM_MEMORY, 0, "\3\0\0", 4);
	expect("\"/bin/sh\", [\"sh\", \"-c\", \"\"], 0x30 /* 3 vars */");
	BEGIN(X86_64, "execve", 0, 0x10, 0x20, 0x30);
	captured(1, SST_FORM_STRINGS, CUT, "sh\0lon", 6);
	expect("0x10, [\"sh\", \"lon\"..., ...], 0x30");
	BEGIN(X86_64, "readlink", 3, 0x10, 0x20, 64);
	string(0, "l");
	MEMORY(1, LATE, "abc");
	expect("\"l\", \"abc\", 64");
	BEGIN(X86_64, "getcwd", 5, 0x10, 64);
	MEMORY(0, LATE, "/tmp\0");
	expect("\"/tmp\", 64");
	BEGIN(X86_64, "write", 4, 1, 0x20, 4);
	MEMORY(1, CUT, "a\0b");
	expect("1, \"a\\0b\"..., 4");
	BEGIN(X86_64, "getrandom", 2, 0x10, 2, 1);
	MEMORY(0, LATE, "\x0a\xff");
	expect("\"\\x0a\\xff\", 2, GRND_NONBLOCK");
}

/* What the call has not looked at, or is known without having been captured. */
static void not_looked_at(void **state)
{
	(void)state;
	PLAIN(X86_64, "write", 0, "2, \"\", 0", 2, 0x10, 0);
	PLAIN(X86_64, "write", 0, "2, NULL, 0", 2, 0, 0);
	PLAIN(X86_64, "sendto", -9, "2, \"\", 0, 0, NULL, 0", 2, 0x10, 0, 0, 0, 0);
	BEGIN(X86_64, "wait4", 0, 0xffffffff, 0x10, 1, 0x20);
	MEMORY(1, LATE, "\0\0\0");
	captured(3, SST_FORM_MEMORY, LATE, (char[32]){0}, 32);
	expect("-1, 0x10, WNOHANG, 0x20");
	BEGIN(X86_64, "mount", 0, 0x10, 0x20, 0x30, 0x1000, 0x40);
	string(0, "a");
	string(1, "b");
	string(2, "");
	string(4, "");
	expect("\"a\", \"b\", 0x30, MS_BIND, 0x40");
	row.arg[3] = 0x1021; /* also read-only, again */
	expect("\"a\", \"b\", 0x30, MS_RDONLY|MS_REMOUNT|MS_BIND, \"\"");
	row.arg[3] = 0xc0ed0000;
	expect("\"a\", \"b\", \"\", MS_MGC_VAL, \"\"");
	BEGIN(X86_64, "prctl", 0, 15, 0x10, 0, 0, 0);
	string(1, "fourteen bytes");
	expect("PR_SET_NAME, \"fourteen bytes\"");
	BEGIN(X86_64, "prctl", 0, 15, 0x10, 0, 0, 0);
	string(1, "fifteen of byte");
	expect("PR_SET_NAME, \"fifteen of byte\"...");
	BEGIN(X86_64, "prctl", 0, 15, 0x10, 0, 0, 0);
	string(1, "more than fifteen");
	expect("PR_SET_NAME, \"more than fifte\"...");
}

/* Entries of a directory are counted where all that the call has written was captured. */
static void directory_entries(void **state)
{
	static const char one[24] = {[16] = 24, [18] = 4, '.'}, old[12] = {[8] = 12, [10] = '.'};
	char two[56] = {[16] = 24, [24 + 16] = 32};

	(void)state;
	BEGIN(X86_64, "getdents64", 24, 3, 0x10, 32768);
	captured(1, SST_FORM_MEMORY, LATE, one, sizeof(one));
	expect("3, 0x10 /* 1 entry */, 32768");
	BEGIN(X86_64, "getdents", 56, 3, 0x10, 32768);
	captured(1, SST_FORM_MEMORY, LATE, two, sizeof(two));
	expect("3, 0x10 /* 2 entries */, 32768");
	BEGIN(I386, "getdents", 12, 3, 0x10, 32768);
	captured(1, SST_FORM_MEMORY, LATE, old, sizeof(old));
	expect("3, 0x10 /* 1 entry */, 32768");
	BEGIN(I386, "getdents64", 24, 3, 0x10, 32768);
	captured(1, SST_FORM_MEMORY, LATE, one, sizeof(one));
	expect("3, 0x10 /* 1 entry */, 32768");
	BEGIN(X86_64, "getdents64", 56, 3, 0x10, 32768); /* not all of it */
	captured(1, SST_FORM_MEMORY, LATE | CUT, one, sizeof(one));
	expect("3, 0x10, 32768");
	BEGIN(X86_64, "getdents64", -20, 3, 0x10, 32768);
	captured(1, SST_FORM_MEMORY, LATE, one, sizeof(one));
	expect("3, 0x10, 32768");
	two[24 + 16] = 31; /* lengths that lead elsewhere */
	BEGIN(X86_64, "getdents64", 56, 3, 0x10, 32768);
	captured(1, SST_FORM_MEMORY, LATE, two, sizeof(two));
	expect("3, 0x10, 32768");
	two[24 + 16] = 0;
	BEGIN(X86_64, "getdents64", 56, 3, 0x10, 32768);
	captured(1, SST_FORM_MEMORY, LATE, two, sizeof(two));
	expect("3, 0x10, 32768");
	BEGIN(I386, "getdents64", 3, 3, 0x10, 32768);
	captured(1, SST_FORM_MEMORY, LATE, one, 3);
	expect("3, 0x10, 32768");
}

/* NULL, empty, unreadable, cut and read at exit are five things, in the text or in what was captured. */
static void five(void **state)
{
	(void)state;
	BEGIN(X86_64, "unlink", -14, 0);
	expect("NULL");
	*args_put_captured(got, &row) = 0;
	assert_string_equal(got, "");
	BEGIN(X86_64, "unlink", -2, 0x10);
	string(0, "");
	expect("\"\"");
	*args_put_captured(got, &row) = 0;
	assert_string_equal(got, "0:string:0");
	BEGIN(X86_64, "unlink", -14, 0x10);
	captured(0, SST_FORM_STRING, SST_CAPTURE_UNREADABLE, "", 0);
	expect("0x10");
	*args_put_captured(got, &row) = 0;
	assert_string_equal(got, "0:string:0:unreadable");
	BEGIN(X86_64, "unlink", -36, 0x10);
	captured(0, SST_FORM_STRING, CUT, "ab", 2);
	expect("\"ab\"...");
	*args_put_captured(got, &row) = 0;
	assert_string_equal(got, "0:string:2:cut");
	BEGIN(X86_64, "unlink", 0, 0x10);
	captured(0, SST_FORM_STRING, LATE, "ab", 2);
	expect("\"ab\"");
	*args_put_captured(got, &row) = 0;
	assert_string_equal(got, "0:string:2:late");
	/* not captured at all */
	BEGIN(X86_64, "unlink", 0, 0x10);
	expect("0x10");
}

/* What a call writes is shown when it has returned without an error, what it reads always. */
static void directions(void **state)
{
	(void)state;
	BEGIN(X86_64, "pipe2", 0, 0x10, 02000000);
	MEMORY(0, LATE, "\3\0\0\0\4\0\0\0");
	expect("[3, 4], O_CLOEXEC");
	row.ret = (uint64_t)-24;
	expect("0x10, O_CLOEXEC");
	row.state = SST_UNFINISHED;
	expect("0x10, O_CLOEXEC");
	BEGIN(X86_64, "getsockname", 0, 3, 0x10, 0x20);
	MEMORY(1, LATE, "\2\0\x18\xeb\x7f\0\0\1\0\0\0\0\0\0\0\0");
	MEMORY(2, 0, "\x80\0\0\0");
	MEMORY(2, LATE, "\x10\0\0\0");
	expect("3, {sa_family=AF_INET, sin_port=htons(6379), sin_addr=inet_addr(\"127.0.0.1\")}, [128 => 16]");
	row.ret = (uint64_t)-88;
	expect("3, 0x10, [128]");
	BEGIN(X86_64, "poll", 1, 0x10, 2, 0);
	MEMORY(0, 0, "\0\0\0\0\1\0\0\0\1\0\0\0\4\0\0\0");
	MEMORY(0, LATE, "\0\0\0\0\1\0\0\0\1\0\0\0\4\0\4\0");
	expect("[{fd=0, events=POLLIN}, {fd=1, events=POLLOUT}], 2, 0");
	expect_result("1 ([{fd=1, revents=POLLOUT}])");
	row.ret = 0;
	expect_result("0 (Timeout)");
}

static void sockets(void **state)
{
	(void)state;
	BEGIN(X86_64, "connect", 0, 3, 0x10, 110);
	MEMORY(1, 0, "\1\0/run/x\0junk");
	expect("3, {sa_family=AF_UNIX, sun_path=\"/run/x\"}, 110");
	BEGIN(X86_64, "connect", 0, 3, 0x10, 8);
	MEMORY(1, 0, "\1\0\0a\0b");
	expect("3, {sa_family=AF_UNIX, sun_path=@\"a\\0b\"}, 8");
	BEGIN(X86_64, "bind", 0, 3, 0x10, 28);
	MEMORY(1, 0, "\12\0\1\273\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\5\0\0\0");
	expect("3, {sa_family=AF_INET6, sin6_port=htons(443), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, \"::1\", "
	       "&sin6_addr), sin6_scope_id=5}, 28");
	BEGIN(X86_64, "bind", 0, 3, 0x10, 12);
	MEMORY(1, 0, "\20\0\0\0\7\0\0\0\0\0\0\0");
	expect("3, {sa_family=AF_NETLINK, nl_pid=7, nl_groups=00000000}, 12");
	BEGIN(S390X, "connect", 0, 3, 0x10, 16);
	MEMORY(1, 0, "\0\2\0\x50\12\0\0\1\0\0\0\0\0\0\0\0");
	expect("3, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr(\"10.0.0.1\")}, 16");
	BEGIN(X86_64, "setsockopt", 0, 3, 1, 13, 0x10, 8);
	MEMORY(3, 0, "\1\0\0\0\5\0\0\0");
	expect("3, SOL_SOCKET, SO_LINGER, {l_onoff=1, l_linger=5}, 8");
	BEGIN(X86_64, "connect", 0, 3, 0x10, 1); /* less than a family */
	MEMORY(1, 0, "\2");
	expect("3, 0x10, 1");
	BEGIN(X86_64, "connect", 0, 3, 0x10, 4); /* less than an address */
	MEMORY(1, 0, "\2\0\1\2");
	expect("3, {sa_family=AF_INET, sa_data=\"\\1\\2\"}, 4");
}

static void structures(void **state)
{
	(void)state;
	BEGIN(X86_64, "nanosleep", 0, 0x10, 0);
	MEMORY(0, 0, "\1\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0");
	expect("{tv_sec=1, tv_nsec=2}, NULL");
	BEGIN(I386, "nanosleep", 0, 0x10, 0);
	MEMORY(0, 0, "\377\377\377\377\2\0\0\0");
	expect("{tv_sec=-1, tv_nsec=2}, NULL");
	BEGIN(S390X, "nanosleep", 0, 0x10, 0);
	MEMORY(0, 0, "\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\2");
	expect("{tv_sec=1, tv_nsec=2}, NULL");
	BEGIN(I386, "clock_nanosleep_time64", 0, 1, 0, 0x10, 0);
	MEMORY(2, 0, "\1\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0");
	expect("CLOCK_MONOTONIC, 0, {tv_sec=1, tv_nsec=2}, NULL");
	BEGIN(X86_64, "clock_nanosleep", -516, 0, 0, 0, 0x20); /* ERESTART_RESTARTBLOCK */
	MEMORY(3, LATE, "\1\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0");
	expect("CLOCK_REALTIME, 0, NULL, {tv_sec=1, tv_nsec=2}");
	BEGIN(X86_64, "clock_nanosleep", -22, 0, 0, 0, 0x20); /* EINVAL */
	MEMORY(3, LATE, "\1\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0");
	expect("CLOCK_REALTIME, 0, NULL, 0x20");
	BEGIN(X86_64, "clock_nanosleep", -514, 0, 1, 0, 0x20);
	expect("CLOCK_REALTIME, TIMER_ABSTIME, NULL, 0x20");
	BEGIN(I386, "nanosleep", -516, 0, 0x20);
	MEMORY(1, LATE, "\1\0\0\0\2\0\0\0");
	expect("NULL, {tv_sec=1, tv_nsec=2}");
	BEGIN(X86_64, "rt_sigreturn", 0);
	expect("");
	BEGIN(X86_64, "rt_sigreturn", 0);
	MEMORY(SST_CAPTURE_STACK, 0, "\2\0\1\0\0\0\0\0");
	expect("{mask=[INT CHLD]}");
	BEGIN(S390X, "rt_sigreturn", 0);
	MEMORY(SST_CAPTURE_STACK, 0, "\0\0\0\0\0\0\0\0");
	expect("{mask=[]}");
	BEGIN(X86_64, "prlimit64", 0, 0, 7, 0x10, 0);
	MEMORY(2, 0, "\0\0\200\0\0\0\0\0\377\377\377\377\377\377\377\377");
	expect("0, RLIMIT_NOFILE, {rlim_cur=8192*1024, rlim_max=RLIM64_INFINITY}, NULL");
	BEGIN(X86_64, "wait4", 9, UINT64_MAX, 0x10, 0, 0);
	MEMORY(1, LATE, "\0\3\0\0");
	expect("-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 3}], 0, NULL");
	BEGIN(X86_64, "wait4", 9, UINT64_MAX, 0x10, 0, 0);
	MEMORY(1, LATE, "\x8b\0\0\0");
	expect("-1, [{WIFSIGNALED(s) && WTERMSIG(s) == SIGSEGV && WCOREDUMP(s)}], 0, NULL");
	BEGIN(X86_64, "wait4", 9, UINT64_MAX, 0x10, 0, 0);
	MEMORY(1, LATE, "\x7f\x13\0\0");
	expect("-1, [{WIFSTOPPED(s) && WSTOPSIG(s) == SIGSTOP}], 0, NULL");
	BEGIN(X86_64, "rt_sigprocmask", 0, 0, 0x10, 0, 8);
	MEMORY(1, 0, "\2\0\1\0\1\0\0\0");
	expect("SIG_BLOCK, [INT CHLD RT_1], NULL, 8");
	BEGIN(X86_64, "rt_sigprocmask", 0, 0, 0x10, 0, 8);
	MEMORY(1, 0, "\377\376\377\377\377\377\377\377");
	expect("SIG_BLOCK, ~[KILL], NULL, 8");
	BEGIN(S390X, "rt_sigprocmask", 0, 2, 0x10, 0, 8);
	MEMORY(1, 0, "\0\0\0\0\0\0\0\2");
	expect("SIG_SETMASK, [INT], NULL, 8");
	BEGIN(X86_64, "rt_sigaction", 0, 2, 0x10, 0, 8);
	MEMORY(1, 0, "\1\0\0\0\0\0\0\0\0\0\0\x14\0\0\0\0\0\x10\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
	expect("SIGINT, {sa_handler=SIG_IGN, sa_mask=[], sa_flags=SA_RESTORER|SA_RESTART, sa_restorer=0x1000}, NULL, "
	       "8");
	BEGIN(X86_64, "openat2", 3, (uint64_t)-100, 0x20, 0x10, 24);
	MEMORY(2, 0, "\x42\0\0\0\0\0\0\0\xa4\1\0\0\0\0\0\0\x8\0\0\0\0\0\0\0");
	expect("AT_FDCWD, 0x20, {flags=O_RDWR|O_CREAT, mode=0644, resolve=RESOLVE_BENEATH}, 24");
	BEGIN(X86_64, "epoll_wait", 1, 4, 0x10, 5, UINT64_MAX);
	MEMORY(1, LATE, "\1\0\0\0\7\0\0\0\1\0\0\0");
	expect("4, [{events=EPOLLIN, data={u32=7, u64=4294967303}}], 5, -1");
	BEGIN(AARCH64, "epoll_ctl", 0, 4, 1, 5, 0x10);
	MEMORY(3, 0, "\4\0\0\0\0\0\0\0\7\0\0\0\0\0\0\0");
	expect("4, EPOLL_CTL_ADD, 5, {events=EPOLLOUT, data={u32=7, u64=7}}");
	BEGIN(X86_64, "fcntl", 0, 3, 6, 0x10);
	MEMORY(2, 0, "\1\0\0\0\0\0\0\0\5\0\0\0\0\0\0\0\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
	expect("3, F_SETLK, {l_type=F_WRLCK, l_whence=SEEK_SET, l_start=5, l_len=6}");
	BEGIN(X86_64, "utimensat", 0, (uint64_t)-100, 0, 0x10, 0);
	MEMORY(2, 0, "\0\0\0\0\0\0\0\0\377\377\377\77\0\0\0\0\0\0\0\0\0\0\0\0\376\377\377\77\0\0\0\0");
	expect("AT_FDCWD, NULL, [UTIME_NOW, UTIME_OMIT], 0");
	BEGIN(X86_64, "writev", 5, 1, 0x10, 1);
	MEMORY(1, 0, "\0\x10\0\0\0\0\0\0\5\0\0\0\0\0\0\0");
	expect("1, [{iov_base=0x1000, iov_len=5}], 1");
	BEGIN(X32, "writev", 5, 1, 0x10, 1);
	MEMORY(1, 0, "\0\x10\0\0\5\0\0\0");
	expect("1, [{iov_base=0x1000, iov_len=5}], 1");
	BEGIN(X86_64, "getresuid", 0, 0x10, 0x20, 0x30);
	MEMORY(0, LATE, "\0\0\0\0");
	MEMORY(1, LATE, "\377\377\377\377");
	expect("[0], [-1], 0x30");
	BEGIN(X86_64, "select", 1, 5, 0x10, 0, 0, 0);
	MEMORY(1, 0, "\x14\0\0\0\0\0\0\0");
	expect("5, [2 4], NULL, NULL, NULL");
	BEGIN(S390X, "select", 1, 5, 0x10, 0, 0, 0);
	MEMORY(1, 0, "\0\0\0\0\0\0\0\x14");
	expect("5, [2 4], NULL, NULL, NULL");
}

/* st_mode, st_size and st_rdev are elsewhere on each ABI. */
static void stats(void **state)
{
	static const struct {
		unsigned abi;
		const char *call;
		uint8_t size, mode, mode_width, length, length_width;
		bool big;
	} layouts[] = {
		{X86_64, "fstat", 144, 24, 4, 48, 8, false},   {AARCH64, "fstat", 128, 16, 4, 48, 8, false},
		{I386, "fstat", 64, 8, 2, 20, 4, false},       {I386, "fstat64", 96, 16, 4, 44, 8, false},
		{ARM, "fstat64", 104, 16, 4, 48, 8, false},    {S390X, "fstat", 144, 24, 4, 48, 8, true},
		{SST_ABI_PPC, "fstat", 72, 8, 4, 28, 4, true}, {SST_ABI_PPC64LE, "fstat", 144, 24, 4, 48, 8, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
		uint8_t memory[144] = {0};
		unsigned mode = layouts[i].mode, length = layouts[i].length;

		BEGIN(layouts[i].abi, layouts[i].call, 0, 3, 0x10);
		memory[layouts[i].big ? mode + layouts[i].mode_width - 2 : mode + 1] = 0x81; /* 0100644 */
		memory[layouts[i].big ? mode + layouts[i].mode_width - 1 : mode] = 0xa4;
		memory[layouts[i].big ? length + layouts[i].length_width - 1 : length] = 77;
		captured(1, SST_FORM_MEMORY, LATE, memory, layouts[i].size);
		expect("3, {st_mode=S_IFREG|0644, st_size=77, ...}");
	}
}

static void results(void **state)
{
	(void)state;
	BEGIN(X86_64, "mmap", 0x7f0000000000);
	expect_result("0x7f0000000000");
	BEGIN(X86_64, "open", -2);
	expect_result("-1 ENOENT");
	BEGIN(X86_64, "fcntl", 0x8002, 3, 3);
	expect_result("0x8002 (flags O_RDWR|O_LARGEFILE)");
	BEGIN(X86_64, "fcntl", 1, 3, 1);
	expect_result("0x1 (flags FD_CLOEXEC)");
	BEGIN(X86_64, "umask", 022);
	expect_result("022");
	BEGIN(X86_64, "exit_group", 0);
	row.state = SST_NO_RETURN;
	expect_result("?");
}

/* As a cell: what a spreadsheet could take for a formula, and back. */
static void cells(void **state)
{
	static const struct {
		const char *args, *cell;
	} cases[] = {
		{"", ""},
		{"AT_FDCWD, \"/etc/passwd\", O_RDONLY", "AT_FDCWD, \"/etc/passwd\", O_RDONLY"},
		{"3, \"a\\n\", 2", "3, \"a\\\\n\", 2"},
		{"\"/etc\", R_OK", "\\x22/etc\", R_OK"},
		{"-1, NULL, -1", "\\x2d1, NULL, -1"},
		{"3, \"=cmd|'/C calc'!A0\", -5", "3, \"\\x3dcmd|'/C calc'!A0\", -5"},
		{"3, \"a, =b;-c\", 5", "3, \"a, \\x3db;\\x2dc\", 5"},
		{"3, \"a\\\"=b\\\\\", =5", "3, \"a\\\\\"=b\\\\\\\\\", =5"},
	};
	char cell[200], back[200];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		*escape_args(cell, cases[i].args, strlen(cases[i].args)) = 0;
		assert_string_equal(cell, cases[i].cell);
		*unescape(back, cell, strlen(cell)) = 0;
		assert_string_equal(back, cases[i].args);
	}
}

/* Whatever is in a file: bounded, printable, and nothing is read that is not there (with sanitizers). */
static void anything(void **state)
{
	struct args *args = args_new();

	(void)state;
	for (unsigned abi = 0; abi <= SST_ABI_COUNT; abi++) {
		for (unsigned k = 0; k < 3000; k++) {
			struct sst_call from = {.abi = (uint8_t)abi,
						.nr = random_number() % 550,
						.nargs = (uint8_t)(random_number() % 7)};
			char *end;

			random_row(&from);
			expect_text(args);
			end = args_put_result(args, got, &row);
			assert_in_range(end - got, 0, ARGS_ROOM);
			end = args_put_captured(got, &row);
			assert_in_range(end - got, 0, 500);
			check_cell(args);
			check_memo(args);
		}
	}
	args_free(args);
}

/* Rows that differ in nothing but a little: each finds its own text again, and no other's. */
static void memos(void **state)
{
	struct args *args = args_new();
	struct memos *all = memos_new();
	unsigned found = 0;

	(void)state;
	assert_non_null(all);
	for (unsigned round = 0; round < 2; round++) {
		for (unsigned k = 0; k < 60; k++) {
			uint8_t stat[144] = {0};
			struct memo *memo;
			size_t len;

			begin(X86_64, "newfstatat", k & 1 ? 0 : -2);
			string(1, k & 2 ? "a" : "b");
			stat[24] = (uint8_t)(k & 4 ? 0xed : 0xa4);
			stat[25] = 0x81;
			stat[48] = (uint8_t)(k >> 3);
			captured(2, SST_FORM_MEMORY, LATE, stat, sizeof(stat));
			row.arg[1] = row.arg[2] = 0x1000;
			len = (size_t)(args_put(args, got, &row) - got);
			memo = memo_find(all, &row);
			assert_non_null(memo);
			found += memo->text_len > 0;
			if (memo->text_len > 0) {
				assert_int_equal(memo->text_len, len);
				assert_memory_equal(memo->text, got, len);
			}
			memo_keep_text(memo, got, len);
		}
	}
	assert_in_range(found, 45, 60); /* some have one place */
	memos_free(all);
	args_free(args);
}

/* The longest strings there can be end where the room does. */
static void bounds(void **state)
{
	static uint8_t huge[3 << 20];
	struct args *args = args_new();

	(void)state;
	memset(huge, 1, sizeof(huge));
	begin(X86_64, "rename", 0);
	row.text = huge;
	for (unsigned i = 0; i < 2; i++)
		captures[row.n_captures++] =
			(struct sst_capture){.len = sizeof(huge), .arg = (uint8_t)i, .form = SST_FORM_STRING};
	assert_in_range(args_put(args, got, &row) - got, ARGS_TEXT, ARGS_ROOM);
	assert_null(args_put_cell(args, got, &row));
	begin(X86_64, "execve", 0);
	memset(huge, 0, sizeof(huge));
	row.text = huge;
	captures[row.n_captures++] = (struct sst_capture){.len = sizeof(huge), .arg = 1, .form = SST_FORM_STRINGS};
	assert_in_range(args_put(args, got, &row) - got, ARGS_TEXT, ARGS_ROOM);
	assert_null(args_put_cell(args, got, &row));
	begin(X86_64, "writev", 0);
	row.text = huge;
	captures[row.n_captures++] = (struct sst_capture){.len = sizeof(huge), .arg = 1, .form = SST_FORM_MEMORY};
	assert_in_range(args_put(args, got, &row) - got, ARGS_TEXT, ARGS_ROOM);
	assert_null(args_put_cell(args, got, &row));
	args_free(args);
}

/* Every call that the tables know has as many arguments as registers, and only sets there are. */
static void signatures(void **state)
{
	size_t known = 0;

	(void)state;
	for (unsigned abi = 1; abi < SST_ABI_COUNT; abi++) {
		for (uint32_t nr = 0; sst_syscall_next(abi, &nr); nr++) {
			const struct sst_signature *signature = sst_signature(abi, nr);

			if (!signature)
				continue;
			known++;
			assert_int_equal(signature->nargs, sst_syscall_nargs(abi, nr));
			for (unsigned i = 0; i < signature->nargs; i++) {
				const struct sst_arg *arg = &signature->arg[i];
				struct sst_memory memory;

				assert_non_null(sst_kind_name(arg->kind));
				if (arg->kind == SST_KIND_ENUM || arg->kind == SST_KIND_FLAGS)
					assert_true(symbols_of_set(abi, arg->param)->n > 0);
				if (!sst_memory(abi, signature, i, &memory))
					continue;
				assert_true(memory.size > 0 && memory.direction);
				if (memory.count == SST_COUNT_ARG || memory.count == SST_COUNT_POINTEE)
					assert_in_range(memory.by, 0, signature->nargs - 1);
			}
		}
	}
	assert_true(known > 4000);
	assert_null(sst_signature(X86_64, 9999));
	assert_null(sst_signature(0, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(registers),         cmocka_unit_test(abis),
		cmocka_unit_test(strings),           cmocka_unit_test(not_looked_at),
		cmocka_unit_test(directory_entries), cmocka_unit_test(five),
		cmocka_unit_test(directions),        cmocka_unit_test(sockets),
		cmocka_unit_test(structures),        cmocka_unit_test(stats),
		cmocka_unit_test(results),           cmocka_unit_test(cells),
		cmocka_unit_test(anything),          cmocka_unit_test(bounds),
		cmocka_unit_test(signatures),        cmocka_unit_test(memos),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
