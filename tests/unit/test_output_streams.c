/*
 * test_output_streams.c - a recording that goes to what is no file of ours: devices, pipes, terminals, standard output
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "tracer/output.h"
#include "output_folder.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(devices_and_pipes), cmocka_unit_test(fifo_without_reader), cmocka_unit_test(terminals),
		cmocka_unit_test(standard_output),   cmocka_unit_test(interrupted),
	};

	return cmocka_run_group_tests_name("output_streams", tests, enter_folder, leave_folder);
}
