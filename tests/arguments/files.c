/*
 * files.c - calls on files and directories, on descriptors of any kind, and on terminals
 */
#include <fcntl.h>
#include <linux/openat2.h>
#include <linux/stat.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "arguments.h"

void files(void)
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
	CALL(SYS_sendfile, open("/dev/null", O_WRONLY), open("/proc/self/exe", O_RDONLY), V(&(int64_t){5}), 100);
	CALL(SYS_splice, 998, V(&(int64_t){5}), 999, 0, 100, 1);
}

void descriptors(void)
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
	CALL(SYS_poll, V(polled), 0, 1);
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

/* Of the kernel: the C library's is another. */
struct terminal {
	uint32_t input, output, control, local;
	uint8_t line, chars[19];
};

void terminals(void)
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
