/*
 * test_output.c - where a recording may go and where it may not, and what a failed write leaves
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <dirent.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../tracer/output.h"

static struct invoker nobody_known;
static struct output output;
static struct message error;
static char folder[64], before[4096];

/* The tests run in a folder of their own, with relative names. */

static void put(const char *name, const char *text)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

/* What is in a file, static. */
static const char *text_of(const char *name)
{
	static char text[4096];
	int fd = open(name, O_RDONLY);
	ssize_t n = fd >= 0 ? read(fd, text, sizeof(text) - 1) : 0;

	text[n > 0 ? n : 0] = '\0';
	if (fd >= 0)
		close(fd);
	return text;
}

static int count_entries(void)
{
	DIR *dir = opendir(".");
	int n = 0;

	while (readdir(dir))
		n++;
	closedir(dir);
	return n - 2;
}

static int open_it(const char *path, bool force)
{
	memset(&error, 0, sizeof(error));
	return output_open(&output, path, force, &nobody_known, &error);
}

static mode_t mode_of(const char *name)
{
	struct stat file;

	assert_int_equal(lstat(name, &file), 0);
	return file.st_mode & 07777;
}

static void new_file(void **state)
{
	static const mode_t masks[] = {0, 022, 077, 0777};
	char text[64];

	(void)state;
	for (size_t i = 0; i < sizeof(masks) / sizeof(masks[0]); i++) {
		mode_t saved = umask(masks[i]);

		assert_int_equal(open_it("new", false), 0);
		umask(saved);
		assert_true(output.regular && output.cuttable && !output.to_stdout && !output.given);
		assert_true(fcntl(output.fd, F_GETFD) & FD_CLOEXEC);
		assert_int_equal(mode_of("new"), 0600);
		assert_int_equal(output_commit(&output, &error), 0);
		assert_int_equal(output_write(&output, "abc", 3), 0);
		assert_int_equal(output_write(&output, "", 0), 0);
		assert_int_equal(output_write(&output, "de", 2), 0);
		assert_int_equal(output_sync(&output), 0);
		assert_int_equal(output.written, 5);
		assert_string_equal(output_describe(&output, &nobody_known, text, sizeof(text)), "new");
		assert_int_equal(output_close(&output), 0);
		assert_string_equal(text_of("new"), "abcde");
		unlink("new");
	}
	assert_int_equal(mkdir("a", 0755), 0);
	assert_int_equal(open_it(".//a/../a//b", false), 0);
	assert_int_equal(output_close(&output), 0);
	assert_int_equal(unlink("a/b"), 0);
	rmdir("a");
	assert_int_equal(count_entries(), 0);
}

static void absolute_path(void **state)
{
	char path[128];

	(void)state;
	snprintf(path, sizeof(path), "%s/x", folder);
	assert_int_equal(open_it(path, false), 0);
	assert_int_equal(output_close(&output), 0);
	assert_int_equal(unlink("x"), 0);
}

static void existing_refused(void **state)
{
	(void)state;
	put("old", "precious");
	assert_int_equal(open_it("old", false), -EEXIST);
	assert_string_equal(error.text, "old exists; --force replaces it, -f FILE names another");
	assert_string_equal(text_of("old"), "precious");
	unlink("old");
}

static void forced(void **state)
{
	struct stat was, is;

	(void)state;
	put("old", "precious");
	assert_int_equal(link("old", "second"), 0);
	assert_int_equal(stat("old", &was), 0);
	assert_int_equal(open_it("old", true), 0);
	assert_int_equal(output_write(&output, "new", 3), 0);
	assert_string_equal(text_of("old"), "precious"); /* untouched before commit */
	assert_int_equal(output_commit(&output, &error), 0);
	assert_int_equal(output_write(&output, "er", 2), 0);
	assert_int_equal(output_close(&output), 0);
	assert_string_equal(text_of("old"), "newer");
	assert_int_equal(mode_of("old"), 0600);
	assert_int_equal(stat("old", &is), 0);
	assert_true(was.st_ino != is.st_ino);
	assert_string_equal(text_of("second"), "precious"); /* the other name of the old one */
	assert_int_equal(count_entries(), 2);
	unlink("old");
	unlink("second");
	assert_int_equal(open_it("fresh", true), 0); /* nothing to replace */
	assert_int_equal(output_commit(&output, &error), 0);
	assert_int_equal(output_close(&output), 0);
	assert_int_equal(unlink("fresh"), 0);
}

static void discarded(void **state)
{
	(void)state;
	put("old", "precious");
	assert_int_equal(open_it("old", true), 0);
	output_discard(&output);
	assert_string_equal(text_of("old"), "precious");
	assert_int_equal(count_entries(), 1);
	unlink("old");
	assert_int_equal(open_it("new", false), 0);
	output_discard(&output);
	assert_int_equal(count_entries(), 0);
	assert_int_equal(open_it("new", false), 0); /* somebody has put another file there */
	unlink("new");
	put("new", "theirs");
	output_discard(&output);
	assert_string_equal(text_of("new"), "theirs");
	unlink("new");
	assert_int_equal(open_it("/dev/null", false), 0);
	output_discard(&output);
	assert_int_equal(access("/dev/null", F_OK), 0);
	memset(&output, 0, sizeof(output)); /* never opened: descriptor 0 stays */
	output_discard(&output);
	assert_int_equal(output_close(&output), 0);
	assert_true(fcntl(STDERR_FILENO, F_GETFD) >= 0);
}

static void symbolic_links(void **state)
{
	char expected[512];

	(void)state;
	put("victim", "precious");
	assert_int_equal(symlink("victim", "link"), 0);
	assert_int_equal(symlink("nowhere", "dangling"), 0);
	assert_int_equal(mkdir("real", 0755), 0);
	assert_int_equal(symlink("real", "alias"), 0);
	assert_int_equal(symlink("loop", "loop"), 0);
	for (int force = 0; force < 2; force++) {
		assert_int_equal(open_it("link", force), -ELOOP);
		snprintf(expected, sizeof(expected), "link is a symbolic link, which is not followed; use %s/victim",
			 folder);
		assert_string_equal(error.text, expected);
		assert_int_equal(open_it("dangling", force), -ELOOP);
		assert_string_equal(error.text, "dangling is a symbolic link, which is not followed");
		assert_int_equal(open_it("alias/x", force), -ELOOP);
		snprintf(expected, sizeof(expected), "alias is a symbolic link, which is not followed; use %s/real/x",
			 folder);
		assert_string_equal(error.text, expected);
		assert_int_equal(open_it("real/../alias/x", force), -ELOOP);
		assert_int_equal(open_it("loop", force), -ELOOP);
		assert_int_equal(open_it("loop/x", force), -ELOOP);
		assert_int_equal(open_it("/proc/self/cwd/x", force), -ELOOP); /* a magic one */
	}
	assert_string_equal(text_of("victim"), "precious");
	assert_int_not_equal(access("nowhere", F_OK), 0);
	assert_int_not_equal(access("real/x", F_OK), 0);
	unlink("victim");
	unlink("link");
	unlink("dangling");
	unlink("alias");
	unlink("loop");
	rmdir("real");
	assert_int_equal(count_entries(), 0);
}

/* The target becomes a link while we record: the link is replaced, not what it points at. */
static void link_before_commit(void **state)
{
	(void)state;
	put("victim", "precious");
	put("old", "x");
	assert_int_equal(open_it("old", true), 0);
	unlink("old");
	assert_int_equal(symlink("victim", "old"), 0);
	assert_int_equal(output_write(&output, "new", 3), 0);
	assert_int_equal(output_commit(&output, &error), 0);
	assert_int_equal(output_close(&output), 0);
	assert_string_equal(text_of("victim"), "precious");
	assert_string_equal(text_of("old"), "new");
	unlink("victim");
	unlink("old");
}

static void impossible_places(void **state)
{
	char name[300];

	(void)state;
	assert_int_equal(open_it("", false), -EINVAL);
	assert_int_equal(open_it("missing/x", false), -ENOENT);
	assert_string_equal(error.text, "directory missing does not exist");
	assert_int_equal(mkdir("dir", 0755), 0);
	for (int force = 0; force < 2; force++) {
		assert_int_equal(open_it("dir", force), -EISDIR);
		assert_string_equal(error.text, "dir is a directory; name a file in it");
		assert_int_equal(open_it("dir/", force), -EISDIR);
		assert_int_equal(open_it(".", force), -EISDIR);
		assert_int_equal(open_it("/", force), -EISDIR);
	}
	put("file", "x");
	assert_int_equal(open_it("file/x", false), -ENOTDIR);
	assert_string_equal(error.text, "file is not a directory");
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(open_it(name, false), -ENAMETOOLONG);
	unlink("file");
	rmdir("dir");
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "sock"};
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(open_it("sock", true), -EPERM);
	close(fd);
	unlink("sock");
	assert_int_equal(count_entries(), 0);
}

static void no_permission(void **state)
{
	pid_t child;
	int status;

	(void)state;
	assert_int_equal(mkdir("closed", 0555), 0);
	chmod(".", 0755);
	child = fork(); /* as a user whom permissions bind */
	if (child == 0) {
		if (geteuid() == 0 && (setgid(65534) || setuid(65534)))
			_exit(9);
		_exit(open_it("closed/x", false) == -EACCES &&
				      !strcmp(error.text, "closed/x: no permission to create a file there; -f FILE "
							  "names another")
			      ? 0
			      : 1);
	}
	waitpid(child, &status, 0);
	rmdir("closed");
	assert_int_equal(status, 0);
}

static void devices_and_pipes(void **state)
{
	char byte;
	int reader;

	(void)state;
	assert_int_equal(open_it("/dev/null", false), 0);
	assert_false(output.regular);
	assert_int_equal(output_commit(&output, &error), 0);
	assert_int_equal(output_write(&output, "x", 1), 0);
	assert_int_equal(output_sync(&output), 0);
	assert_int_equal(output_close(&output), 0);
	assert_int_equal(open_it("/dev/full", true), 0);
	assert_int_equal(output_write(&output, "x", 1), -ENOSPC);
	assert_int_equal(output.written, 0);
	assert_int_equal(output_close(&output), 0);

	assert_int_equal(mkfifo("fifo", 0600), 0);
	reader = open("fifo", O_RDONLY | O_NONBLOCK);
	assert_int_equal(open_it("fifo", true), 0);
	assert_int_equal(output_write(&output, "x", 1), 0);
	assert_int_equal(output_sync(&output), 0);
	assert_int_equal(read(reader, &byte, 1), 1);
	close(reader);
	assert_int_equal(output_write(&output, "x", 1), -EPIPE); /* and no SIGPIPE */
	assert_int_equal(output_close(&output), 0);
	assert_int_equal(unlink("fifo"), 0);
}

/* A FIFO waits for its reader; Ctrl-C ends that also where the recorder has blocked its signals. */
static void fifo_without_reader(void **state)
{
	sigset_t term, saved;
	int status, err, sig;
	pid_t reader;

	(void)state;
	assert_int_equal(mkfifo("fifo", 0600), 0);
	reader = fork();
	if (reader == 0) {
		char byte;
		int fd;

		usleep(100000);
		fd = open("fifo", O_RDONLY);
		_exit(fd >= 0 && read(fd, &byte, 1) == 1 && byte == 'x' ? 0 : 1);
	}
	assert_int_equal(open_it("fifo", false), 0);
	assert_false(fcntl(output.fd, F_GETFL) & O_NONBLOCK);
	assert_int_equal(output_write(&output, "x", 1), 0);
	assert_int_equal(output_close(&output), 0);
	waitpid(reader, &status, 0);
	assert_int_equal(status, 0);

	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, &saved);
	raise(SIGTERM);
	err = open_it("fifo", false);
	sigwait(&term, &sig);
	sigprocmask(SIG_SETMASK, &saved, NULL);
	assert_int_equal(err, -EINTR);
	assert_string_equal(error.text, "fifo: interrupted while waiting for a reader");
	unlink("fifo");
}

static void terminals(void **state)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY), saved = dup(STDOUT_FILENO), slave;
	char name[128];

	(void)state;
	if (master < 0 || grantpt(master) || unlockpt(master) || ptsname_r(master, name, sizeof(name))) {
		print_message("skipped: no pseudo terminal here\n");
		skip();
	}
	assert_int_equal(open_it(name, true), -EINVAL);
	slave = open(name, O_RDWR | O_NOCTTY);
	fflush(stdout);
	dup2(slave, STDOUT_FILENO);
	int err = open_it("-", false);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	close(slave);
	close(master);
	assert_int_equal(err, -EINVAL);
	assert_non_null(strstr(error.text, "standard output is a terminal"));
}

/* open_it(path) with standard output going to fd (-1: closed). */
static int open_with_stdout(const char *path, int fd)
{
	int saved = dup(STDOUT_FILENO), err;

	fflush(stdout);
	if (fd >= 0)
		dup2(fd, STDOUT_FILENO);
	else
		close(STDOUT_FILENO);
	err = open_it(path, false);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	return err;
}

static void standard_output(void **state)
{
	static const char *const names[] = {"-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"};
	char text[64], path[64];
	int ends[2], fd;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(pipe(ends), 0);
		assert_int_equal(open_with_stdout(names[i], ends[1]), 0);
		close(ends[1]);
		assert_true(output.to_stdout && !output.regular);
		assert_string_equal(output_describe(&output, &nobody_known, text, sizeof(text)), "standard output");
		assert_int_equal(output_commit(&output, &error), 0);
		assert_int_equal(output_write(&output, "x", 1), 0);
		assert_int_equal(output_sync(&output), 0);
		assert_int_equal(output_close(&output), 0);
		assert_int_equal(read(ends[0], text, 2), 1);
		close(ends[0]);
	}
	assert_int_equal(pipe(ends), 0); /* >(...) of a shell */
	snprintf(path, sizeof(path), "/dev/fd/%d", ends[1]);
	assert_int_equal(open_it(path, false), 0);
	assert_false(output.to_stdout);
	assert_int_equal(output_close(&output), 0);
	snprintf(path, sizeof(path), "/dev/fd/%d", ends[0]);
	assert_int_equal(open_it(path, false), -EBADF); /* for reading only */
	close(ends[0]);
	close(ends[1]);
	assert_int_equal(open_with_stdout("-", -1), -EBADF);
	assert_string_equal(error.text, "standard output: is not open");

	put("log", "before");
	fd = open("log", O_WRONLY | O_APPEND);
	assert_int_equal(open_with_stdout("-", fd), 0); /* >> log */
	close(fd);
	assert_true(output.regular && output.cuttable);
	assert_int_equal(output_write(&output, "after", 5), 0);
	assert_int_equal(output_close(&output), 0);
	assert_string_equal(text_of("log"), "beforeafter");
	fd = open("log", O_RDWR); /* 1<> log: others' bytes come behind ours */
	assert_int_equal(open_with_stdout("-", fd), 0);
	close(fd);
	assert_false(output.cuttable);
	assert_int_equal(output_close(&output), 0);
	unlink("log");
}

/* A write that fails half-way leaves the file as it was before: whole frames only. */
static void file_size_limit(void **state)
{
	struct rlimit saved, limit;
	char *data = malloc(100000);

	(void)state;
	memset(data, 'd', 100000);
	getrlimit(RLIMIT_FSIZE, &saved);
	limit = saved;
	limit.rlim_cur = 150000;
	assert_int_equal(open_it("limited", false), 0);
	setrlimit(RLIMIT_FSIZE, &limit);
	int first = output_write(&output, data, 100000), second = output_write(&output, data, 100000);
	int third = output_write(&output, data, 20000);
	setrlimit(RLIMIT_FSIZE, &saved);
	struct stat file;
	assert_int_equal(fstat(output.fd, &file), 0);
	assert_int_equal(output_close(&output), 0);
	assert_int_equal(first, 0);
	assert_int_equal(second, -EFBIG);
	assert_int_equal(third, 0); /* where the first ended */
	assert_int_equal(file.st_size, 120000);
	unlink("limited");
	free(data);
}

static void full_file_system(void **state)
{
	char *data = malloc(1000000);
	struct stat file;
	int err = 0;

	(void)state;
	memset(data, 'd', 1000000);
	mkdir("small", 0755);
	if (mount("none", "small", "tmpfs", 0, "size=1500k") != 0) {
		rmdir("small");
		free(data);
		print_message("skipped: mounting a small tmpfs: %s\n", strerror(errno));
		skip();
	}
	assert_int_equal(open_it("small/x", false), 0);
	assert_int_equal(output_write(&output, data, 1000000), 0);
	err = output_write(&output, data, 1000000);
	fstat(output.fd, &file);
	output_close(&output);
	umount("small");
	rmdir("small");
	free(data);
	assert_int_equal(err, -ENOSPC);
	assert_int_equal(file.st_size, 1000000);
}

static void read_only_file_system(void **state)
{
	int err;

	(void)state;
	mkdir("ro", 0755);
	if (mount("none", "ro", "tmpfs", MS_RDONLY, "size=64k") != 0) {
		rmdir("ro");
		print_message("skipped: mounting a tmpfs: %s\n", strerror(errno));
		skip();
	}
	err = open_it("ro/x", false);
	umount("ro");
	rmdir("ro");
	assert_int_equal(err, -EROFS);
	assert_string_equal(error.text, "ro/x: the file system is read-only; -f FILE names another place");
}

static volatile int alarms;

static void count_alarm(int sig)
{
	(void)sig;
	alarms++;
}

/* A slow pipe and a storm of signals: every byte arrives, once. */
static void interrupted(void **state)
{
	enum { SIZE = 2000000 };
	struct sigaction action = {.sa_handler = count_alarm};
	struct itimerval often = {{0, 500}, {0, 500}}, never = {0};
	unsigned char *data = malloc(SIZE);
	int ends[2], status;
	pid_t reader;

	(void)state;
	for (size_t i = 0; i < SIZE; i++)
		data[i] = (unsigned char)(i * 7 + i / 251);
	assert_int_equal(pipe(ends), 0);
	reader = fork();
	if (reader == 0) {
		size_t at = 0;
		unsigned char part[3001];
		ssize_t n;

		close(ends[1]);
		while ((n = read(ends[0], part, sizeof(part))) > 0) {
			if (at + (size_t)n > SIZE || memcmp(part, data + at, (size_t)n))
				_exit(1);
			at += (size_t)n;
			if (at % 7 == 0)
				usleep(200);
		}
		_exit(at == SIZE ? 0 : 2);
	}
	close(ends[0]);
	assert_int_equal(open_with_stdout("-", ends[1]), 0);
	close(ends[1]);
	sigaction(SIGALRM, &action, NULL); /* without SA_RESTART */
	setitimer(ITIMER_REAL, &often, NULL);
	int err = output_write(&output, data, SIZE);
	setitimer(ITIMER_REAL, &never, NULL);
	output_close(&output);
	waitpid(reader, &status, 0);
	free(data);
	assert_int_equal(err, 0);
	assert_int_equal(status, 0);
	assert_true(alarms > 0);
}

static void given_to_invoker(void **state)
{
	struct invoker invoker = {.known = true, .uid = 65534, .gid = 65534};
	char name[] = "some\nbody", text[128];
	struct stat file;

	(void)state;
	if (geteuid() != 0) {
		print_message("skipped: giving files away needs root\n");
		skip();
	}
	put("old", "x");
	for (int force = 0; force < 2; force++) {
		const char *path = force ? "old" : "new";

		assert_int_equal(output_open(&output, path, force, &invoker, &error), 0);
		assert_true(output.given);
		assert_int_equal(output_commit(&output, &error), 0);
		assert_int_equal(stat(path, &file), 0);
		assert_true(file.st_uid == 65534 && file.st_gid == 65534);
		assert_int_equal(file.st_mode & 07777, 0600);
		invoker.name = force ? name : NULL;
		output_describe(&output, &invoker, text, sizeof(text));
		assert_string_equal(text, force ? "old (belongs to some\nbody)" : "new (belongs to user 65534)");
		assert_int_equal(output_close(&output), 0);
		unlink(path);
	}
	assert_int_equal(output_open(&output, "/dev/null", false, &invoker, &error), 0); /* not that one */
	assert_false(output.given);
	assert_int_equal(output_close(&output), 0);
	assert_int_equal(stat("/dev/null", &file), 0);
	assert_int_equal(file.st_uid, 0);
}

/* No descriptor stays behind, whatever was refused. */
static void nothing_leaks(void **state)
{
	static const char *const paths[] = {"missing/x", "link",      "link/x", "dir", "dir/",
					    "old",       "/dev/null", "new",    "-"};
	int first = dup(0), last;

	(void)state;
	close(first);
	mkdir("dir", 0755);
	put("old", "x");
	assert_int_equal(symlink("dir", "link"), 0);
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		if (open_it(paths[i], i % 2 == 0) == 0)
			output_discard(&output);
	last = dup(0);
	close(last);
	assert_int_equal(first, last);
	unlink("old");
	unlink("link");
	rmdir("dir");
	assert_int_equal(count_entries(), 0);
}

static int enter_folder(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/test_output.XXXXXX");
	return getcwd(before, sizeof(before)) && mkdtemp(folder) ? chdir(folder) : -1;
}

static int leave_folder(void **state)
{
	(void)state;
	return chdir(before) || rmdir(folder);
}

static void part_names(void **state)
{
	static const struct {
		const char *path;
		unsigned part;
		const char *name;
	} names[] = {
		{"trace.sst", 1, "trace.00001.sst"},   {"a.b/trace", 12, "a.b/trace.00012"},
		{"/x/.hidden", 3, "/x/.hidden.00003"}, {"a.b.c", 123456, "a.b.123456.c"},
		{"%d.sst", 2, "%d.00002.sst"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char *name = output_part_path(names[i].path, names[i].part);

		assert_string_equal(name, names[i].name);
		free(name);
	}
	assert_int_equal(output_check_parts("-", &error), -EINVAL);
	assert_int_equal(output_check_parts("/dev/stdout", &error), -EINVAL);
	assert_int_equal(output_check_parts("/dev/null", &error), -EINVAL);
	assert_int_equal(output_check_parts("nothing", &error), 0);
}

/* A part after the first: the same rules, also when the directory has another name by then. */
static void next_part(void **state)
{
	struct output_identity identity;
	struct output next;
	mode_t saved;

	(void)state;
	assert_int_equal(mkdir("dir", 0755), 0);
	assert_int_equal(open_it("dir/a.1", false), 0);
	assert_int_equal(output_check_next(&output), 0);
	assert_int_equal(rename("dir", "moved"), 0);
	saved = umask(0);
	assert_int_equal(output_next(&output, "dir/a.2", false, &next, &error), 0);
	umask(saved);
	assert_int_equal(output_commit(&next, &error), 0);
	assert_int_equal(mode_of("moved/a.2"), 0600);
	assert_int_equal(output_write(&next, "two", 3), 0);
	assert_int_equal(output_identity(&next, &identity), 0);
	assert_int_equal(output_close(&next), 0);
	assert_string_equal(text_of("moved/a.2"), "two");

	assert_int_equal(output_next(&output, "dir/a.2", false, &next, &error), -EEXIST);
	assert_string_equal(text_of("moved/a.2"), "two");
	assert_int_equal(symlink("a.2", "moved/a.3"), 0);
	assert_int_equal(output_next(&output, "dir/a.3", true, &next, &error), -EEXIST);
	assert_int_equal(output_next(&output, "dir/a.2", true, &next, &error), 0);
	assert_int_equal(output_commit(&next, &error), 0);
	assert_int_equal(output_write(&next, "new", 3), 0);
	assert_string_equal(text_of("moved/a.2"), "new");

	assert_int_equal(output_remove(&output, "dir/a.2", &identity), -EEXIST); /* another file by now */
	assert_int_equal(output_remove(&output, "dir/a.9", &identity), -ENOENT);
	assert_int_equal(output_identity(&next, &identity), 0);
	assert_int_equal(output_remove(&output, "dir/a.2", &identity), 0);
	assert_int_equal(output_close(&next), 0);
	assert_int_equal(output_close(&output), 0);
	unlink("moved/a.1");
	unlink("moved/a.3");
	rmdir("moved");
	assert_int_equal(count_entries(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_file),
		cmocka_unit_test(part_names),
		cmocka_unit_test(next_part),
		cmocka_unit_test(absolute_path),
		cmocka_unit_test(existing_refused),
		cmocka_unit_test(forced),
		cmocka_unit_test(discarded),
		cmocka_unit_test(symbolic_links),
		cmocka_unit_test(link_before_commit),
		cmocka_unit_test(impossible_places),
		cmocka_unit_test(no_permission),
		cmocka_unit_test(devices_and_pipes),
		cmocka_unit_test(fifo_without_reader),
		cmocka_unit_test(terminals),
		cmocka_unit_test(standard_output),
		cmocka_unit_test(file_size_limit),
		cmocka_unit_test(full_file_system),
		cmocka_unit_test(read_only_file_system),
		cmocka_unit_test(interrupted),
		cmocka_unit_test(given_to_invoker),
		cmocka_unit_test(nothing_leaks),
	};

	return cmocka_run_group_tests_name("output", tests, enter_folder, leave_folder);
}
