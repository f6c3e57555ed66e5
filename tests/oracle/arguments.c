/*
 * arguments.c - calls of every kind for `strace` to look at, and a recording of the same calls made by the program
 *itself: their registers and what they point to, captured as format/signature.h says.
 *
 *	arguments real FILE.sst		calls that do something, with structures
 *	arguments sweep FILE.sst	every call the tables know with many values, of which none is carried out
 *
 * Each call that counts comes right after a getpgid(MARK). tests/e2e/arguments.py compares what strace says of them
 *with the args column of FILE.sst.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <linux/stat.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "format/abi.h"
#include "format/signature.h"
#include "format/syscalls.h"
#include "format/writer.h"

#if defined(__x86_64__)
#define ABI SST_ABI_X86_64
#elif defined(__aarch64__)
#define ABI SST_ABI_AARCH64
#else
#define ABI SST_ABI_UNKNOWN
#endif

#define MARK      0x7eadbeef
#define TEXT_MOST 4096

static FILE *out;
static struct sst_rows *rows;
static struct sst_writer *writer;
static uint64_t n_calls;

static void check(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "arguments: %s failed\n", what);
	exit(1);
}

static int append(void *context, const void *data, size_t len)
{
	return fwrite(data, 1, len, context) == len ? 0 : -EIO;
}

static void begin(const char *path)
{
	static const uint8_t uuid[16] = {1};
	static struct sst_meta meta;
	struct sst_sink sink = {append, NULL};

	out = fopen(path, "wbe");
	check(out != NULL, path);
	sink.context = out;
	rows = sst_rows_new();
	writer = sst_writer_new(&sink, uuid, 1);
	check(rows && writer && sst_meta_set_u64(&meta, "start.boot", 0) == 0 && sst_writer_meta(writer, &meta) == 0,
	      "begin");
	check(sst_rows_group(rows, 1, 1, "arguments", 9) == 0, "group");
}

static void flush(void)
{
	check(sst_rows_sort_captures(rows) == 0, "sort");
	check(sst_writer_rows(writer, rows, SST_FRAME_ROWS, n_calls) == 0, "rows");
	sst_rows_clear(rows);
	check(sst_rows_group(rows, 1, 1, "arguments", 9) == 0, "group");
}

static void end(void)
{
	static struct sst_meta meta;

	flush();
	check(sst_writer_end(writer, &meta) == 0 && fclose(out) == 0, "end");
	sst_writer_free(writer);
	sst_rows_free(rows);
}

/* --- what an argument points to */

static bool is_readable(uint64_t address, size_t len)
{
	struct iovec to = {.iov_base = (char[65536]){0}, .iov_len = len};
	struct iovec from = {.iov_base = (void *)(uintptr_t)address, .iov_len = len}; // NOLINT

	return len <= 65536 && process_vm_readv(getpid(), &to, 1, &from, 1, 0) == (ssize_t)len;
}

static void add(long row, unsigned arg, uint8_t form, uint8_t flags, const void *bytes, size_t len)
{
	struct sst_capture capture = {.row = (uint32_t)row, .arg = (uint8_t)arg, .form = form, .flags = flags};

	if (len > TEXT_MOST) {
		len = TEXT_MOST;
		capture.flags |= SST_CAPTURE_CUT;
	}
	check(sst_rows_capture(rows, capture, bytes, len) == 0, "capture");
}

static void add_strings(long row, unsigned arg, const char *const *strings)
{
	char text[TEXT_MOST];
	size_t len = 0;

	for (; *strings; strings++) {
		memcpy(text + len, *strings, strlen(*strings) + 1);
		len += strlen(*strings) + 1;
	}
	add(row, arg, SST_FORM_STRINGS, 0, text, len);
}

/* --- what pointers in what an argument points to lead to */

static uint64_t number_at(uint64_t address, unsigned width)
{
	uint64_t v = 0;

	memcpy(&v, (const void *)(uintptr_t)address, width); // NOLINT
	return v;
}

static void add_behind(long row, unsigned arg, uint8_t flags, size_t at, size_t part, uint64_t address, size_t len)
{
	uint8_t bytes[SST_BEHIND_HEAD + TEXT_MOST] = {(uint8_t)at, (uint8_t)(at >> 8), (uint8_t)part,
						      (uint8_t)(part >> 8)};

	check(len <= TEXT_MOST, "short buffer");
	if (!is_readable(address, len)) {
		add(row, arg, SST_FORM_BEHIND, flags | SST_CAPTURE_UNREADABLE, bytes, SST_BEHIND_HEAD);
		return;
	}
	memcpy(bytes + SST_BEHIND_HEAD, (const void *)(uintptr_t)address, len); // NOLINT
	add(row, arg, SST_FORM_BEHIND, flags, bytes, SST_BEHIND_HEAD + len);
}

/* The buffers of a vector; no more than left bytes. */
static void add_parts(long row, unsigned arg, uint8_t flags, uint64_t vector, size_t n, bool deep, size_t at,
		      uint64_t left)
{
	for (size_t k = 0; k < n && is_readable(vector + 16 * k, 16); k++) {
		uint64_t base = number_at(vector + 16 * k, 8), len = number_at(vector + 16 * k + 8, 8);

		len = len < left ? len : left;
		left -= len;
		if (base && len)
			add_behind(row, arg, flags, deep ? at : 16 * k, deep ? 16 * k + 1 : 0, base, len);
	}
}

/* One message, which begins at offset begin of the argument. */
static void add_message(long row, unsigned arg, uint8_t flags, uint64_t address, size_t begin, uint64_t left)
{
	struct sst_pointer pointer;

	for (unsigned k = 0; sst_pointer(ABI, SST_KIND_MSGHDR, k, &pointer); k++) {
		uint64_t to = number_at(address + begin + pointer.at, pointer.width);
		uint64_t n = number_at(address + begin + pointer.count_at, pointer.count_width);

		if (!to || !n)
			continue;
		add_behind(row, arg, flags, begin + pointer.at, 0, to, n * pointer.unit);
		if (pointer.kind == SST_KIND_IOVEC)
			add_parts(row, arg, flags, to, n, true, begin + pointer.at, left);
	}
}

/* What a call fills is there at its end. */
static void capture_behind(long row, const struct sst_signature *signature, unsigned i, const uint64_t *args, long ret,
			   bool after)
{
	const struct sst_arg *arg = &signature->arg[i];
	bool one = arg->kind == SST_KIND_MSGHDR,
	     vector = arg->kind == SST_KIND_IOVEC_FROM || arg->kind == SST_KIND_IOVEC_TO;
	bool fills = arg->kind == SST_KIND_IOVEC_TO || (one && arg->direction & SST_WRITES) ||
		     (arg->kind == SST_KIND_MMSGHDR && signature->nargs == 5);
	uint8_t flags = after ? SST_CAPTURE_LATE : 0;
	size_t n = one ? 1 : after ? (size_t)ret : args[arg->by];

	if (fills != after || !args[i])
		return;
	if (vector)
		add_parts(row, i, flags, args[i], args[arg->by], false, 0, after ? (uint64_t)ret : UINT64_MAX);
	for (size_t k = 0; !vector && k < n && is_readable(args[i] + 64 * k, one ? 56 : 64); k++)
		add_message(row, i, flags, args[i], 64 * k,
			    !after ? UINT64_MAX
			    : one  ? (uint64_t)ret
				   : number_at(args[i] + 64 * k + 56, 4));
}

static void add_count(long row, unsigned arg, const char *const *strings)
{
	uint32_t n = 0;

	while (strings[n])
		n++;
	add(row, arg, SST_FORM_MEMORY, 0, &n, sizeof(n));
}

static size_t count_of(const struct sst_memory *memory, const uint64_t *args, long ret, bool after)
{
	uint64_t n = memory->by;

	if (memory->count == SST_COUNT_ARG)
		n = args[memory->by];
	else if (memory->count == SST_COUNT_POINTEE)
		n = is_readable(args[memory->by], 4) ? *(const uint32_t *)(uintptr_t)args[memory->by] : 0; // NOLINT
	else if (memory->count == SST_COUNT_RESULT)
		n = after ? (uint64_t)ret : 0;
	if (memory->bits)
		return (n + 63) / 64 * 8;
	return n > 65536 ? 65536 : n * memory->size;
}

/* The requests of terminals() that are captured when they begin. */
static bool is_terminal(uint64_t request)
{
	return (request >= 0x5402 && request <= 0x5404) || request == 0x5410 || request == 0x5414 ||
	       request == 0x40045431;
}

static void capture(long row, const struct sst_signature *signature, unsigned i, const uint64_t *args, long ret,
		    bool after)
{
	struct sst_memory memory;
	const void *address = (const void *)(uintptr_t)args[i]; // NOLINT
	size_t len;

	if (signature->arg[i].kind == SST_KIND_IOCTL_ARG && !after && is_terminal(args[1]))
		add(row, i, SST_FORM_MEMORY, 0, address,
		    args[1] >> 30 == 1  ? 4
		    : args[1] == 0x5414 ? 8
		    : args[1] == 0x5410 ? 4
					: 36);
	if (!args[i] || !sst_memory(ABI, signature, i, &memory) ||
	    !(memory.direction & (after ? SST_WRITES : SST_READS)))
		return;
	if (memory.if_arg != SST_IF_ALWAYS) {
		uint64_t value = args[memory.if_arg] & (memory.if_mask == 0xff ? UINT32_MAX : memory.if_mask);

		if (value >= 64 || !((after ? memory.if_bits_written : memory.if_bits) >> value & 1))
			return;
	}
	if (memory.form == SST_FORM_STRING && is_readable(args[i], 1)) {
		add(row, i, memory.form, 0, address, strnlen(address, TEXT_MOST + 1));
		return;
	}
	if (memory.form == SST_FORM_STRINGS && is_readable(args[i], 8)) {
		add_strings(row, i, address);
		return;
	}
	len = count_of(&memory, args, ret, after);
	if (is_readable(args[i], len))
		add(row, i, memory.form, after ? SST_CAPTURE_LATE : 0, address, len);
	else
		add(row, i, memory.form, SST_CAPTURE_UNREADABLE, NULL, 0);
}

static void capture_all(long row, const struct sst_signature *signature, const uint64_t *args, long ret, bool after)
{
	struct sst_pointer pointer;

	for (unsigned i = 0; signature && i < signature->nargs; i++) {
		capture(row, signature, i, args, ret, after);
		if (signature->arg[i].kind == SST_KIND_ENVIRONMENT && args[i] && !after)
			add_count(row, i, (const char *const *)(uintptr_t)args[i]); // NOLINT
		if (sst_pointer(ABI, signature->arg[i].kind, 0, &pointer))
			capture_behind(row, signature, i, args, ret, after);
	}
}

/* --- a call that counts */

static long make(unsigned nr, const uint64_t *args)
{
	const struct sst_signature *signature = sst_signature(ABI, nr);
	int call = sst_rows_call(rows, ABI, nr, (uint8_t)sst_syscall_nargs(ABI, nr));
	long row = sst_rows_add(rows), ret;

	check(call >= 0 && row >= 0, "row");
	rows->call[row] = (uint16_t)call;
	rows->time[row] = ++n_calls;
	rows->seq[row] = n_calls;
	rows->state[row] = SST_OK;
	for (unsigned i = 0; i < 6; i++)
		rows->arg[i][row] = i < (unsigned)sst_syscall_nargs(ABI, nr) ? args[i] : 0;
	capture_all(row, signature, args, 0, false);
	syscall(SYS_getpgid, MARK);
	ret = syscall(nr, args[0], args[1], args[2], args[3], args[4], args[5]);
	if (ret == -1)
		ret = -errno;
	rows->ret[row] = (uint64_t)ret;
	if (ret >= 0)
		capture_all(row, signature, args, ret, true);
	if (rows->n > 4000)
		flush();
	return ret;
}

#define V(...)        ((uint64_t)(uintptr_t)(__VA_ARGS__))
#define CALL(nr, ...) make(nr, (uint64_t[6]){__VA_ARGS__})

/* --- real calls */

static void files(void)
{
	char link[64], directory[256];
	struct stat st;
	struct statx stx;
	struct statfs fs;
	struct open_how how = {.flags = O_RDONLY | O_CLOEXEC, .resolve = RESOLVE_BENEATH};
	struct open_how making = {.flags = O_RDWR | O_CREAT, .mode = 0640};
	struct timespec times[2] = {{1700000000, 5}, {0, UTIME_OMIT}}, zero[2] = {{0, 0}, {0, UTIME_NOW}};
	struct flock lock = {.l_type = F_RDLCK, .l_whence = SEEK_SET, .l_len = 10};
	char long_path[5000];
	long fd;

	memset(long_path, 'x', sizeof(long_path) - 1);
	long_path[sizeof(long_path) - 1] = 0;
	fd = CALL(SYS_openat, AT_FDCWD, V("file"), O_RDWR | O_CREAT | O_TRUNC, 0644);
	CALL(SYS_openat, AT_FDCWD, V("no such"), O_RDONLY | O_NONBLOCK | O_NOFOLLOW);
	CALL(SYS_openat, V(7), V(""), O_DIRECTORY | O_PATH | O_CLOEXEC);
	CALL(SYS_openat, AT_FDCWD, V("."), O_TMPFILE | O_WRONLY | O_EXCL, 0600);
	CALL(SYS_openat, AT_FDCWD, V("a\tb\nc\"d\\e\1\0012\177\200\377z"), O_WRONLY | O_SYNC | O_DSYNC | O_APPEND);
	CALL(SYS_openat, AT_FDCWD, V("=cmd|'/C calc'!A0"), O_RDONLY);
	CALL(SYS_openat, AT_FDCWD, V("a,=b;-c \"@d"), O_RDONLY);
	CALL(SYS_openat, AT_FDCWD, 0, O_RDONLY);
	CALL(SYS_openat, AT_FDCWD, 16, O_RDONLY);
	CALL(SYS_openat, AT_FDCWD, V(long_path), O_RDONLY);
	CALL(SYS_openat2, AT_FDCWD, V("file"), V(&how), sizeof(how));
	CALL(SYS_openat2, AT_FDCWD, V("file2"), V(&making), sizeof(making));
#ifdef SYS_open
	CALL(SYS_open, V("file"), O_RDONLY | O_LARGEFILE);
	CALL(SYS_creat, V("file3"), 0600);
	CALL(SYS_access, V("file"), R_OK | W_OK);
	CALL(SYS_access, V("file"), F_OK);
	CALL(SYS_stat, V("file"), V(&st));
	CALL(SYS_lstat, V("/dev/null"), V(&st));
	CALL(SYS_rename, V("file3"), V("file4"));
	CALL(SYS_mkdir, V("d"), 0755);
	CALL(SYS_rmdir, V("d"));
	CALL(SYS_link, V("file4"), V("file5"));
	CALL(SYS_symlink, V("file4"), V("link"));
	CALL(SYS_readlink, V("link"), V(link), sizeof(link));
	CALL(SYS_unlink, V("file5"));
	CALL(SYS_chmod, V("file"), 04755);
	CALL(SYS_chown, V("file"), 0, -1);
	CALL(SYS_mknod, V("fifo"), S_IFIFO | 0600, 0);
	CALL(SYS_mknod, V("device"), S_IFCHR | 0600, 0x103);
	CALL(SYS_utimes, V("file"), V(((struct timeval[2]){{1700000000, 5}, {0, 0}})));
#endif
	CALL(SYS_fstat, fd, V(&st));
	CALL(SYS_fstat, 2, V(&st));
	CALL(SYS_fstat, 999, V(&st));
	CALL(SYS_newfstatat, AT_FDCWD, V("file"), V(&st), AT_SYMLINK_NOFOLLOW);
	CALL(SYS_newfstatat, fd, V(""), V(&st), AT_EMPTY_PATH);
	CALL(SYS_newfstatat, AT_FDCWD, V("/tmp"), V(&st), 0);
	CALL(SYS_statx, AT_FDCWD, V("file"), AT_STATX_SYNC_AS_STAT | AT_SYMLINK_NOFOLLOW, STATX_ALL, V(&stx));
	CALL(SYS_statx, AT_FDCWD, V("/dev/null"), AT_STATX_DONT_SYNC, STATX_MODE | STATX_SIZE, V(&stx));
	CALL(SYS_statfs, V("/proc"), V(&fs));
	CALL(SYS_fstatfs, fd, V(&fs));
	CALL(SYS_getcwd, V(directory), sizeof(directory));
	CALL(SYS_lseek, fd, 10, SEEK_END);
	CALL(SYS_lseek, fd, -1, SEEK_SET);
	CALL(SYS_ftruncate, fd, 100);
	CALL(SYS_fallocate, fd, FALLOC_FL_KEEP_SIZE, 0, 4096);
	CALL(SYS_fcntl, fd, F_GETFD);
	CALL(SYS_fcntl, fd, F_SETFD, FD_CLOEXEC);
	CALL(SYS_fcntl, fd, F_GETFL);
	CALL(SYS_fcntl, fd, F_SETFL, O_RDWR | O_NONBLOCK | O_APPEND);
	CALL(SYS_fcntl, fd, F_DUPFD_CLOEXEC, 100);
	CALL(SYS_fcntl, fd, F_SETLK, V(&lock));
	CALL(SYS_fcntl, fd, F_GETLK, V(&lock));
	CALL(SYS_fcntl, fd, F_OFD_SETLK, V(&lock));
	CALL(SYS_fcntl, fd, F_GETPIPE_SZ);
	CALL(SYS_fcntl, fd, 999, 77);
	CALL(SYS_utimensat, AT_FDCWD, V("file"), V(times), 0);
	CALL(SYS_utimensat, AT_FDCWD, V("file"), V(zero), AT_SYMLINK_NOFOLLOW);
	CALL(SYS_utimensat, fd, 0, 0, 0);
	CALL(SYS_write, fd, V("hello\n\0x"), 8);
	CALL(SYS_pread64, fd, V(link), 4, 0);
	CALL(SYS_read, 999, V(link), 4);
	CALL(SYS_close, fd);
	CALL(SYS_unlinkat, AT_FDCWD, V("file"), 0);
	CALL(SYS_unlinkat, AT_FDCWD, V("d"), AT_REMOVEDIR);
	CALL(SYS_mkdirat, AT_FDCWD, V("e"), 01777);
	CALL(SYS_renameat2, AT_FDCWD, V("e"), AT_FDCWD, V("f"), RENAME_NOREPLACE);
	CALL(SYS_linkat, AT_FDCWD, V("file4"), AT_FDCWD, V("file6"), AT_SYMLINK_FOLLOW);
	CALL(SYS_symlinkat, V("x"), AT_FDCWD, V("link2"));
	CALL(SYS_readlinkat, AT_FDCWD, V("link2"), V(link), 64);
	CALL(SYS_readlinkat, AT_FDCWD, V("nolink"), V(link), 64);
	CALL(SYS_faccessat, AT_FDCWD, V("file4"), X_OK);
	CALL(SYS_faccessat2, AT_FDCWD, V("file4"), R_OK, AT_EACCESS);
	CALL(SYS_fchmodat, AT_FDCWD, V("file4"), 0600);
	CALL(SYS_fchownat, AT_FDCWD, V("file4"), 0, 0, AT_SYMLINK_NOFOLLOW);
	CALL(SYS_chdir, V("."));
	CALL(SYS_umask, 022);
	CALL(SYS_umask, 022);
	CALL(SYS_mount, V("none"), V("/nowhere"), V("tmpfs"), 6 | 0x4000, V("size=1k"));
	CALL(SYS_mount, 0, V("/nowhere"), 0, 0xc0ed0000 | 32 | 4096, 0);
	CALL(SYS_umount2, V("/nowhere"), 2);
	CALL(SYS_setxattr, V("file4"), V("user.x"), V("value"), 5, 1);
	CALL(SYS_getxattr, V("file4"), V("user.x"), V(link), 64);
	CALL(SYS_listxattr, V("file4"), V(directory), 256);
	CALL(SYS_inotify_init1, 02000000);
	CALL(SYS_inotify_add_watch, 999, V("."), 0x3c6);
	CALL(SYS_truncate, V("file4"), 5);
	CALL(SYS_flock, 1, 2 | 4);
	CALL(SYS_getdents64, 999, V(directory), 256);
	CALL(SYS_memfd_create, V("memory"), 1);
	CALL(SYS_copy_file_range, 998, V(&(int64_t){5}), 999, 0, 100, 0);
	CALL(SYS_sendfile, 998, 999, V(&(int64_t){5}), 100);
	CALL(SYS_splice, 998, V(&(int64_t){5}), 999, 0, 100, 1);
}

static void descriptors(void)
{
	int pair[2];
	struct pollfd polled[3] = {{.fd = 0, .events = POLLIN | POLLPRI},
				   {.fd = -1, .events = POLLOUT},
				   {.fd = 1, .events = POLLOUT | POLLRDHUP}};
	struct epoll_event event = {.events = EPOLLIN | EPOLLET | EPOLLRDHUP, .data.u64 = 0x100000007}, events[4];
	struct timespec wait = {0, 1000};
	struct timeval short_wait = {0, 1000};
	uint64_t set[16] = {5}, empty[16] = {0};
	sigset_t mask;
	struct iovec iov[2] = {{.iov_base = "ab", .iov_len = 2}, {.iov_base = "cde", .iov_len = 3}};
	struct winsize size;
	long epoll;

	sigemptyset(&mask);
	sigaddset(&mask, SIGINT);
	CALL(SYS_pipe2, V(pair), O_CLOEXEC | O_NONBLOCK);
	CALL(SYS_pipe2, 16, 0);
	CALL(SYS_dup, pair[0]);
	CALL(SYS_dup3, pair[0], 200, O_CLOEXEC);
	epoll = CALL(SYS_epoll_create1, EPOLL_CLOEXEC);
	CALL(SYS_epoll_ctl, epoll, EPOLL_CTL_ADD, pair[1], V(&(struct epoll_event){.events = EPOLLOUT, .data.u64 = 9}));
	CALL(SYS_epoll_ctl, epoll, EPOLL_CTL_ADD, pair[0], V(&event));
	CALL(SYS_epoll_pwait, epoll, V(events), 4, 0, V(&mask), 8);
	CALL(SYS_epoll_pwait, epoll, V(events), 4, 1000, 0, 8);
	CALL(SYS_epoll_ctl, epoll, EPOLL_CTL_DEL, pair[0], V(&event));
	CALL(SYS_epoll_ctl, epoll, EPOLL_CTL_DEL, pair[1], 0);
	CALL(SYS_ppoll, V(polled), 3, V(&wait), V(&mask), 8);
	CALL(SYS_ppoll, 0, 0, V(&wait), 0, 0);
#ifdef SYS_poll
	CALL(SYS_pipe, V(pair));
	CALL(SYS_dup2, pair[0], pair[0]);
	CALL(SYS_poll, V(polled), 3, 0);
	CALL(SYS_poll, V(&polled[2]), 1, -1);
	CALL(SYS_poll, 0, 0, 1);
	CALL(SYS_epoll_wait, epoll, V(events), 4, 0);
	CALL(SYS_select, 3, 0, V(empty), 0, V(&short_wait));
	CALL(SYS_select, 0, 0, 0, 0, V(&short_wait));
#endif
	CALL(SYS_pselect6, 3, V(set), 0, 0, V(&wait), 0);
	CALL(SYS_eventfd2, 5, 04000);
	CALL(SYS_signalfd4, -1, V(&mask), 8, 02000000);
	CALL(SYS_timerfd_create, CLOCK_MONOTONIC, 02000000);
	CALL(SYS_timerfd_settime, 999, 1, V(&(struct itimerspec){{1, 2}, {3, 4}}), 0);
	CALL(SYS_writev, 999, V(iov), 2);
	CALL(SYS_preadv, 999, V(iov), 2, 77, 0);
	CALL(SYS_ioctl, 999, TIOCGWINSZ, V(&size));
	CALL(SYS_ioctl, pair[0], FIOCLEX);
	CALL(SYS_ioctl, 999, TCGETS, V(&size));
	CALL(SYS_ioctl, 999, 0x80045430, V(&size));
	CALL(SYS_ioctl, 999, 0xc0a1e7f3, 5);
	CALL(SYS_ioctl, 999, 0x8912, V(&size));
	CALL(SYS_close_range, 900, -1, 4);
}

static void memory_calls(void)
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

static void signals(void)
{
	struct {
		uint64_t handler, flags, restorer, mask;
	} action = {1, SA_RESTART | SA_SIGINFO | 0x04000000, 0x1234, 0x5}, old;
	uint64_t some = 0x4002, most = ~UINT64_C(0x300000000), all = ~UINT64_C(0), none = 0, before;
	stack_t stack = {.ss_sp = NULL, .ss_flags = SS_DISABLE, .ss_size = 8192}, old_stack;

	CALL(SYS_rt_sigaction, SIGUSR1, V(&action), V(&old), 8);
	CALL(SYS_rt_sigaction, SIGUSR1, 0, V(&old), 8);
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

static void processes(void)
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

static void times_and_locks(void)
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

static void sockets(void)
{
	struct sockaddr_in in = {
		.sin_family = AF_INET, .sin_port = htons(6379), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr_in6 in6 = {
		.sin6_family = AF_INET6, .sin6_port = htons(443), .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	struct sockaddr_un un = {.sun_family = AF_UNIX, .sun_path = "/no/such/socket"},
			   abstract = {.sun_family = AF_UNIX, .sun_path = "\0name"};
	uint32_t netlink[3] = {AF_NETLINK, 0, 0x11};
	struct sockaddr_storage address;
	socklen_t len = sizeof(address), four = 4;
	struct linger linger = {1, 5};
	struct timeval wait = {3, 0};
	int pair[2], value = 1;
	struct msghdr message = {0};
	long fd, bound;

	fd = CALL(SYS_socket, AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP);
	CALL(SYS_socket, AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	CALL(SYS_socket, AF_UNIX, SOCK_STREAM, 0);
	CALL(SYS_socket, AF_NETLINK, SOCK_RAW, 0);
	CALL(SYS_socket, 99, 15, 7);
	CALL(SYS_connect, fd, V(&in), sizeof(in));
	CALL(SYS_connect, 999, V(&in6), sizeof(in6));
	CALL(SYS_connect, 999, V(&un), sizeof(un));
	CALL(SYS_connect, 999, V(&abstract), 7);
	CALL(SYS_connect, 999, V(&un), 2);
	CALL(SYS_bind, 999, V(netlink), 12);
	CALL(SYS_connect, 999, V("\0\0\1\2\3\4\5\6\7\10\11\12\13\14\15\16"), 16);
	in.sin_port = 0;
	bound = CALL(SYS_socket, AF_INET, SOCK_DGRAM, 0);
	CALL(SYS_bind, bound, V(&in), sizeof(in));
	CALL(SYS_getsockname, bound, V(&address), V(&len));
	len = sizeof(address);
	CALL(SYS_getpeername, bound, V(&address), V(&len));
	CALL(SYS_setsockopt, fd, SOL_SOCKET, SO_REUSEADDR, V(&value), 4);
	CALL(SYS_setsockopt, fd, SOL_SOCKET, SO_LINGER, V(&linger), 8);
	CALL(SYS_setsockopt, fd, SOL_SOCKET, SO_RCVTIMEO, V(&wait), 16);
	CALL(SYS_setsockopt, fd, SOL_TCP, TCP_NODELAY, V(&value), 4);
	CALL(SYS_setsockopt, fd, 41, 26, V(&value), 4);
	CALL(SYS_getsockopt, fd, SOL_SOCKET, SO_ERROR, V(&value), V(&four));
	CALL(SYS_getsockopt, fd, SOL_SOCKET, SO_SNDBUF, V(&value), V(&four));
	CALL(SYS_listen, fd, 128);
	CALL(SYS_shutdown, fd, SHUT_RDWR);
	CALL(SYS_socketpair, AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, V(pair));
	CALL(SYS_sendto, pair[0], V("hello"), 5, MSG_DONTWAIT | MSG_NOSIGNAL, 0, 0);
	CALL(SYS_sendto, 999, V("hello"), 5, 0, V(&in), sizeof(in));
	len = sizeof(address);
	CALL(SYS_recvfrom, pair[1], V(&address), 100, 0, 0, 0);
	CALL(SYS_accept4, fd, V(&address), V(&len), SOCK_NONBLOCK);
	CALL(SYS_sendmsg, 999, V(&message), MSG_DONTWAIT);
	CALL(SYS_recvmsg, 999, V(&message), MSG_PEEK | MSG_TRUNC);
}

/* Control data of one kind. */
static struct msghdr with_control(struct iovec *iov, void *room, int level, int type, const void *data, size_t len)
{
	struct cmsghdr *control = room;

	memset(room, 0, CMSG_SPACE(len));
	*control = (struct cmsghdr){.cmsg_len = CMSG_LEN(len), .cmsg_level = level, .cmsg_type = type};
	memcpy(CMSG_DATA(control), data, len);
	return (struct msghdr){.msg_iov = iov, .msg_iovlen = 2, .msg_control = room, .msg_controllen = CMSG_SPACE(len)};
}

static void control_data(int fd, struct iovec *iov)
{
	static const struct {
		int level, type;
		unsigned len;
	} kinds[] = {{SOL_SOCKET, SCM_RIGHTS, 8}, {SOL_SOCKET, 2, 12},   {SOL_SOCKET, 3, 5}, {SOL_SOCKET, 29, 16},
		     {SOL_SOCKET, 35, 16},        {SOL_SOCKET, 0x4d, 8}, {SOL_SOCKET, 1, 0}, {IPPROTO_IP, 8, 12},
		     {IPPROTO_IP, 2, 4},          {IPPROTO_IP, 1, 1}};
	uint64_t room[16];

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct msghdr message =
			with_control(iov, room, kinds[i].level, kinds[i].type, (uint32_t[4]){0}, kinds[i].len);

		CALL(SYS_sendmsg, fd, V(&message), 0);
	}
}

static void messages(void)
{
	char in[2][100], room[256];
	struct sockaddr_un names[4] = {{.sun_family = AF_UNIX, .sun_path = "/no/such/socket"}};
	struct sockaddr_in in4 = {.sin_family = AF_INET, .sin_port = htons(9)};
	struct iovec from[2] = {{"abc", 3}, {"d\0\xff", 3}}, more[2] = {{"x", 1}, {NULL, 0}}, none = {"y", 0};
	struct iovec to[2] = {{in[0], 2}, {in[0] + 50, 50}}, bad = {(void *)16, 5};
	struct mmsghdr sent[2] = {{.msg_hdr = {.msg_iov = from, .msg_iovlen = 2}},
				  {.msg_hdr = {.msg_iov = more, .msg_iovlen = 2}}};
	struct mmsghdr got[3] = {{.msg_hdr = {.msg_iov = to, .msg_iovlen = 2, .msg_name = names, .msg_namelen = 110}},
				 {.msg_hdr = {.msg_iov = to, .msg_iovlen = 2}}};
	struct msghdr message = {.msg_iov = from, .msg_iovlen = 2}, back = {.msg_iov = to, .msg_iovlen = 2};
	int pair[2], one = 1, pipes[2];

	check(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) == 0 && pipe(pipes) == 0, "socketpair");
	CALL(SYS_sendmmsg, pair[0], V(sent), 2, 0);
	CALL(SYS_recvmmsg, pair[1], V(got), 3, MSG_DONTWAIT, 0);
	CALL(SYS_recvmmsg, pair[1], V(got), 3, MSG_DONTWAIT, V(&(struct timespec){1, 0}));
	CALL(SYS_sendmmsg, 999, V(sent), 2, 0);
	CALL(SYS_sendmmsg, 999, V(sent), 0, 0);
	CALL(SYS_sendmmsg, 999, 0, 1, 0);
	CALL(SYS_sendmsg, pair[0], V(&message), 0);
	setsockopt(pair[1], SOL_SOCKET, SO_PASSCRED, &one, sizeof(one));
	back.msg_control = room;
	back.msg_controllen = sizeof(room);
	back.msg_name = names;
	back.msg_namelen = sizeof(names[0]);
	CALL(SYS_recvmsg, pair[1], V(&back), 0);
	CALL(SYS_recvmsg, pair[1], V(&back), MSG_DONTWAIT);
	control_data(pair[0], from);
	back.msg_controllen = sizeof(room);
	CALL(SYS_recvmsg, pair[1], V(&back), MSG_DONTWAIT);
	message.msg_name = names;
	message.msg_namelen = sizeof(names[0]);
	CALL(SYS_sendmsg, 999, V(&message), 0);
	message.msg_name = &in4;
	message.msg_namelen = sizeof(in4);
	message.msg_iovlen = 0;
	CALL(SYS_sendmsg, 999, V(&message), MSG_NOSIGNAL);
	message = (struct msghdr){.msg_name = (void *)16, .msg_namelen = 8, .msg_iov = (void *)16, .msg_iovlen = 1};
	CALL(SYS_sendmsg, 999, V(&message), 0);
	CALL(SYS_sendmsg, 999, 16, 0);
	CALL(SYS_sendmsg, 999, 0, 0);
	CALL(SYS_writev, pipes[1], V(from), 2);
	CALL(SYS_readv, pipes[0], V(to), 2);
	CALL(SYS_writev, pipes[1], V(&none), 1);
	CALL(SYS_writev, pipes[1], V(&bad), 1);
	CALL(SYS_writev, pipes[1], V(from), 0);
	CALL(SYS_vmsplice, pipes[1], V(more), 2, 2);
	CALL(SYS_readv, pipes[0], V(to), 2);
	CALL(SYS_readv, 999, V(to), 2);
	CALL(SYS_pwritev, 999, V(from), 2, 5, 0);
	CALL(SYS_process_vm_readv, getpid(), V(to), 2, V(from), 2, 0);
	CALL(SYS_process_vm_writev, getpid(), V(from), 1, V(to), 1, 0);
}

/* Of the kernel: the C library's is another. */
struct terminal {
	uint32_t input, output, control, local;
	uint8_t line, chars[19];
};

static void terminals(void)
{
	struct terminal all = {~0u, ~0u, ~0u, ~0u, 0, {0}}, none = {0}, fast = {0x500, 5, 0x1cb2, 0x8a3b, 0, {0}};
	int number = 1;

	CALL(SYS_ioctl, 999, 0x5402, V(&all));
	CALL(SYS_ioctl, 999, 0x5403, V(&none));
	CALL(SYS_ioctl, 999, 0x5404, V(&fast));
	CALL(SYS_ioctl, 999, 0x5401, V(&fast));
	CALL(SYS_ioctl, 999, 0x40045431, V(&number)); /* TIOCSPTLCK */
	CALL(SYS_ioctl, 999, 0x5410, V(&number));
	CALL(SYS_ioctl, 999, 0x5414, V(&(struct winsize){24, 80, 1, 2}));
}

static void executions(void)
{
	const char *const argv[] = {"not/there", "an argument", NULL}, *const one[] = {"A=b", NULL},
			  *const more[] = {"A=b", "C=", "D", NULL};

	CALL(SYS_execve, V("not/there"), V(argv), V(one));
	CALL(SYS_execve, V("not/there"), V(argv), V(more));
	CALL(SYS_execve, V("not/there"), V(argv), V(more + 3));
	CALL(SYS_execve, V("not/there"), V(argv), 0);
	CALL(SYS_execveat, AT_FDCWD, V("not/there"), V(argv), V(more), AT_EMPTY_PATH);
}

static void real(void)
{
	files();
	descriptors();
	memory_calls();
	signals();
	processes();
	times_and_locks();
	sockets();
	messages();
	terminals();
	executions();
}

/* --- a sweep: nothing but what this program lives on is carried out */

static void forbid(void)
{
	static const unsigned allowed[] = {SYS_write,  SYS_exit_group, SYS_getpgid,          SYS_mmap,   SYS_munmap,
					   SYS_mremap, SYS_brk,        SYS_process_vm_readv, SYS_getpid, SYS_close};
	struct sock_filter filter[2 * sizeof(allowed) / sizeof(allowed[0]) + 2];
	unsigned n = 0;
	struct sock_fprog program = {.filter = filter};

	filter[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++) {
		filter[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, allowed[i], 0, 1);
		filter[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	}
	filter[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS);
	program.len = (unsigned short)n;
	check(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0,
	      "seccomp");
}

static bool is_swept(unsigned nr)
{
	const char *name = sst_syscall_name(ABI, nr);
	static const char *const not_these[] = {
		"write", "exit_group", "exit",  "getpgid",          "mmap",         "munmap",          "mremap",
		"brk",   "getpid",     "close", "process_vm_readv", "rt_sigreturn", "restart_syscall", "seccomp"};

	for (size_t i = 0; i < sizeof(not_these) / sizeof(not_these[0]); i++)
		if (strcmp(name, not_these[i]) == 0)
			return false;
	return true;
}

/* With the pointers null, the descriptors 3. */
static void sweep_arg(unsigned nr, const struct sst_signature *signature, unsigned i)
{
	uint64_t args[6] = {0};

	for (unsigned k = 0; k < signature->nargs; k++)
		args[k] = signature->arg[k].kind == SST_KIND_FD ? 3 : 0;
	for (unsigned v = 0; v < 50; v++) {
		args[i] = v;
		make(nr, args);
	}
	for (unsigned bit = 0; bit < 32; bit++) {
		args[i] = 1u << bit;
		make(nr, args);
		args[i] = 0xffffffffu >> bit;
		make(nr, args);
	}
	args[i] = ~UINT64_C(0);
	make(nr, args);
	args[i] = (uint64_t)-100;
	make(nr, args);
	args[i] = (uint64_t)-2;
	make(nr, args);
}

static void sweep(void)
{
	forbid();
	for (uint32_t nr = 0; sst_syscall_next(ABI, &nr); nr++) {
		const struct sst_signature *signature = sst_signature(ABI, nr);

		if (!signature || !is_swept(nr) || nr >= 451)
			continue;
		for (unsigned i = 0; i < signature->nargs; i++)
			if (!signature->arg[i].direction)
				sweep_arg(nr, signature, i);
	}
}

int main(int argc, char **argv)
{
	if (argc != 3) {
		fprintf(stderr, "usage: arguments real|sweep FILE.sst\n");
		return 2;
	}
	begin(argv[2]);
	if (strcmp(argv[1], "real") == 0)
		real();
	else
		sweep();
	end();
	return 0;
}
