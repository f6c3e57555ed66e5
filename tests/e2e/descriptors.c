/*
 * descriptors.c - does to descriptors and directories what programs do to them, and asks the kernel after each step
 * what is true: the recording of it says what each call was about, and what the kernel answered.
 *
 *	descriptors DIRECTORY [wait]		wait: for a line on standard input, after which all is as it was found
 *
 * lseek(fd, 0, SEEK_CUR) is a call that has to be known, lseek(fd, 0, SEEK_END) one that need not be; behind each comes
 * readlink("/proc/self/fd/N"). In DIRECTORY/sizes file N has N bytes, and pread() by threads tells which one it was.
 */
#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define SIZES   24
#define THREADS 4
#define ROUNDS  4000
#define LOWEST  100 /* descriptors that the threads fight for */
#define HIGHEST 116

static void ask(int fd, int whence)
{
	char name[64], answer[4096];

	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	syscall(SYS_lseek, fd, 0, whence);
	syscall(SYS_readlink, name, answer, sizeof(answer));
}

static void known(int fd)
{
	ask(fd, SEEK_CUR);
}

static int open_known(const char *path, int flags)
{
	int fd = open(path, flags, 0600);

	if (fd < 0)
		err(1, "%s", path);
	known(fd);
	return fd;
}

static void end(pid_t child)
{
	int status;

	if (waitpid(child, &status, 0) != child || status != 0)
		errx(1, "a child has failed");
}

static void duplicates(void)
{
	int a = open_known("a", O_CREAT | O_RDWR), b = open_known("b", O_CREAT | O_RDWR | O_CLOEXEC), c = dup(a);

	known(c);
	dup2(b, c);
	known(c);
	dup3(a, 40, O_CLOEXEC);
	known(40);
	known(fcntl(b, F_DUPFD, 50));
	known(fcntl(a, F_DUPFD_CLOEXEC, 50));
	close(c);
	known(open("a", O_RDONLY));
	rename("a", "renamed");
	rename("renamed", "a");
	syscall(SYS_close_range, 45, 55, 0);
	known(b);
	ask(51, SEEK_END);
}

static void others(void)
{
	int ends[2];

	known(epoll_create1(0));
	known(eventfd(0, 0));
	known(memfd_create("memory", 0));
	if (pipe(ends) < 0 || pipe2(ends, O_CLOEXEC) < 0)
		err(1, "pipe");
	known(ends[0]);
	known(ends[1]);
	known(socket(AF_UNIX, SOCK_DGRAM, 0));
	known(socket(AF_INET6, SOCK_STREAM, 0));
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0)
		err(1, "socketpair");
	known(ends[0]);
}

static void pass(int to, int fd)
{
	char room[CMSG_SPACE(sizeof(int))] = {0}, byte = 0;
	struct iovec iov = {&byte, 1};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof(room)};
	struct cmsghdr *header = CMSG_FIRSTHDR(&msg);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	if (sendmsg(to, &msg, 0) != 1)
		err(1, "sendmsg");
}

static int receive(int from)
{
	char room[CMSG_SPACE(sizeof(int))], byte;
	struct iovec iov = {&byte, 1};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof(room)};
	int fd;

	if (recvmsg(from, &msg, 0) != 1 || !CMSG_FIRSTHDR(&msg))
		err(1, "recvmsg");
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(fd));
	return fd;
}

static void messages(void)
{
	int ends[2], a = open_known("a", O_RDWR), got;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0)
		err(1, "socketpair");
	pass(ends[0], a);
	close(a);
	got = receive(ends[1]); /* the number that a had */
	ask(got, SEEK_END);
	ask(dup(got), SEEK_END);
	dup2(got, 60);
	ask(60, SEEK_END);
	close(got);
	known(open("b", O_RDONLY));
}

static void directories(void)
{
	int dir, fd;

	mkdir("sub", 0700);
	dir = open_known("sub", O_DIRECTORY);
	fd = openat(dir, "below", O_CREAT | O_RDWR, 0600);
	known(fd);
	if (chdir("sub") < 0)
		err(1, "sub");
	known(open("below", O_RDONLY));
	known(open("./below", O_RDONLY));
	if (fchdir(dir) < 0 || chdir("/") < 0)
		err(1, "/");
	known(open("usr", O_DIRECTORY));
	if (fchdir(dir) < 0)
		err(1, "fchdir");
	known(open("below", O_RDONLY));
	known(openat(AT_FDCWD, ".", O_DIRECTORY));
}

/* The child has copies; what either does then is its own affair. */
static void children(const char *self)
{
	int fd = open_known("b", O_RDWR), closes = open_known("below", O_RDONLY | O_CLOEXEC);
	pid_t child = fork();

	if (child == 0) {
		known(fd);
		known(closes);
		close(fd);
		known(open("../a", O_RDONLY) >= 0 ? closes : closes);
		execl(self, self, "executed", NULL);
		_exit(1);
	}
	close(closes);
	known(open("/etc/passwd", O_RDONLY));
	known(fd);
	end(child);
	known(fd);
	child = vfork();
	if (child == 0) {
		execl(self, self, "executed", NULL);
		_exit(1);
	}
	end(child);
}

/* After exec: what is open must be known as before, and what was to be closed is gone. */
static int executed(void)
{
	for (int fd = 3; fd < 64; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			known(fd);
	known(open("/etc/hostname", O_RDONLY));
	return 0;
}

/* --- threads that take each other's descriptors away */

static void *fight(void *argument)
{
	unsigned seed = (unsigned)(size_t)argument;

	for (int i = 0; i < ROUNDS; i++) {
		int fd = LOWEST + (int)(rand_r(&seed) % (HIGHEST - LOWEST)), new;
		char path[64], buffer[64];

		switch (rand_r(&seed) % 8) {
		case 0:
		case 1:
		case 2:
			snprintf(path, sizeof(path), "sizes/%d", 1 + (int)(rand_r(&seed) % SIZES));
			new = open(path, O_RDONLY);
			if (new >= 0 && (new < LOWEST || new >= HIGHEST)) {
				dup2(new, fd);
				close(new);
			}
			break;
		case 3:
			close(fd);
			break;
		case 4:
			dup2(fd, LOWEST + (int)(rand_r(&seed) % (HIGHEST - LOWEST)));
			break;
		default:
			syscall(SYS_pread64, fd, buffer, sizeof(buffer), 0);
			break;
		}
		if (rand_r(&seed) % 300 == 0) {
			pid_t child = fork();

			if (child == 0) {
				for (fd = LOWEST; fd < HIGHEST; fd++)
					syscall(SYS_pread64, fd, buffer, sizeof(buffer), 0);
				_exit(0);
			}
			end(child);
		}
	}
	return NULL;
}

static void make_sizes(void)
{
	char path[64];

	mkdir("sizes", 0700);
	for (int i = 1; i <= SIZES; i++) {
		int fd;

		snprintf(path, sizeof(path), "sizes/%d", i);
		fd = open(path, O_CREAT | O_WRONLY, 0600);
		if (fd < 0 || write(fd, "000000000000000000000000000000", (size_t)i) != i)
			err(1, "%s", path);
		close(fd);
	}
}

static void threads(void)
{
	pthread_t ids[THREADS];

	for (int fd = 3; fd < LOWEST;
	     fd++) /* from here on the lowest free number is one of those that they fight for */
		if (fcntl(fd, F_GETFD) < 0)
			dup2(0, fd);
	for (size_t i = 0; i < THREADS; i++)
		if (pthread_create(&ids[i], NULL, fight, (void *)(i + 1)))
			errx(1, "pthread_create");
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(ids[i], NULL);
}

int main(int argc, char **argv)
{
	char *self = realpath("/proc/self/exe", NULL), line[8];
	int early;

	if (argc == 2 && !strcmp(argv[1], "executed"))
		return executed();
	if (argc < 2 || !self || chdir(argv[1]) < 0)
		errx(2, "usage: descriptors DIRECTORY [wait]");
	make_sizes();
	early = open("early", O_CREAT | O_RDWR, 0600);
	if (argc > 2 && !fgets(line, sizeof(line), stdin))
		errx(1, "standard input has ended");
	known(early);
	known(1);
	duplicates();
	others();
	messages();
	if (chdir(argv[1]) < 0)
		err(1, "%s", argv[1]);
	threads();
	syscall(SYS_close_range, 3, ~0U, 0);
	directories();
	if (chdir(argv[1]) < 0)
		err(1, "%s", argv[1]);
	mkdir("sub", 0700);
	close(open("sub/below", O_CREAT | O_RDWR, 0600));
	if (chdir("sub") < 0 || symlink("../b", "b") < 0 || unlink("b") < 0 || link("../b", "b") < 0)
		err(1, "sub");
	children(self);
	return 0;
}
