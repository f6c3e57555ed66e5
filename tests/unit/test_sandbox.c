/* test_sandbox.c - who a process is inside, and what it can still do there */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "decode/sandbox.h"

static char directory[] = "/tmp/sandbox.XXXXXX";
static int file = -1, dir = -1;
static int listening = -1, client = -1; /* a socket with somebody who waits to be accepted */
static bool serve, terminal;

static bool has_landlock(void)
{
	return strstr(sandbox_layers(), "user, Landlock") && syscall(444, NULL, 0, 1) >= 1;
}

static bool has_seccomp(void)
{
	return strstr(sandbox_layers(), ", seccomp") && prctl(PR_GET_SECCOMP) >= 0;
}

/* What a child has come to that enters and then does something: its exit status, or minus the signal that ended it. */
static int inside(int (*act)(void), bool follow)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		struct sandbox_config config = {
			.follow = follow, .dirs = &dir, .n_dirs = follow ? 1 : 0, .terminal = terminal, .serve = serve};

		_exit(sandbox_enter(&config) ? act() : 99);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static int is_nobody(void)
{
	uid_t real, effective, saved;
	gid_t group, effective_group, saved_group;

	if (getresuid(&real, &effective, &saved) || getresgid(&group, &effective_group, &saved_group))
		return 1;
	if (real == 0 || effective == 0 || saved == 0 || group == 0 || effective_group == 0 || saved_group == 0)
		return 2;
	if (real != effective || real != saved)
		return 3;
	return getgroups(0, NULL) != 0 ? 4 : 0;
}

static void test_root_becomes_nobody(void **state)
{
	uid_t uid = 0;
	gid_t gid = 0;

	(void)state;
	if (geteuid() != 0)
		skip();
	unsetenv("SUDO_UID");
	unsetenv("SUDO_GID");
	assert_true(sandbox_user(&uid, &gid));
	assert_int_equal(uid, 65534);
	assert_int_equal(gid, 65534);
	if (!has_seccomp())
		assert_int_equal(inside(is_nobody, false), 0);
}

static void test_root_becomes_who_called_sudo(void **state)
{
	uid_t uid = 0;
	gid_t gid = 0;

	(void)state;
	if (geteuid() != 0)
		skip();
	setenv("SUDO_UID", "1234", 1);
	setenv("SUDO_GID", "1235", 1);
	assert_true(sandbox_user(&uid, &gid));
	assert_int_equal(uid, 1234);
	assert_int_equal(gid, 1235);
	setenv("SUDO_UID", "0", 1); /* root has called sudo */
	assert_true(sandbox_user(&uid, &gid));
	assert_int_equal(uid, 65534);
	setenv("SUDO_UID", "4294967295", 1); /* no number of a user */
	assert_true(sandbox_user(&uid, &gid));
	assert_int_equal(uid, 65534);
	unsetenv("SUDO_UID");
	unsetenv("SUDO_GID");
}

static int reads_what_is_open(void)
{
	char byte;

	return pread(file, &byte, 1, 0) == 1 && byte == 'x' ? 0 : 1;
}

static int opens_a_file(void)
{
	int fd = open("/etc/passwd", O_RDONLY);

	return fd >= 0 ? 1 : errno == EPERM || errno == EACCES ? 0 : 2;
}

static int makes_a_file(void)
{
	int fd = openat(dir, "new", O_WRONLY | O_CREAT, 0600);

	return fd >= 0 ? 1 : errno == EPERM || errno == EACCES ? 0 : 2;
}

static int opens_in_directory(void)
{
	int fd = openat(dir, "file", O_RDONLY);
	char byte;

	return fd >= 0 && read(fd, &byte, 1) == 1 ? 0 : 1;
}

static int opens_a_socket(void)
{
	return socket(AF_UNIX, SOCK_STREAM, 0) >= 0 ? 1 : 2;
}

static int answers(void)
{
	int fd = accept4(listening, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	char byte;

	if (fd < 0)
		return errno == EPERM ? 1 : 2;
	return recv(fd, &byte, 1, 0) == 1 && byte == '?' && send(fd, "!", 1, MSG_NOSIGNAL) == 1 ? 0 : 3;
}

static int connects(void)
{
	return connect(client, &(struct sockaddr){.sa_family = AF_UNSPEC}, sizeof(struct sockaddr)) == 0 ? 1 : 2;
}

static int starts_a_program(void)
{
	execl("/bin/true", "true", (char *)NULL);
	return 2;
}

static int makes_a_process(void)
{
	return fork() == 0 ? 0 : errno == EPERM ? 0 : 1;
}

static void *increment(void *number)
{
	void *memory = malloc(1000000);

	free(memory);
	++*(int *)number;
	return NULL;
}

static int starts_threads(void)
{
	pthread_t threads[4];
	int numbers[4] = {0};

	for (unsigned i = 0; i < 4; i++)
		if (pthread_create(&threads[i], NULL, increment, &numbers[i]))
			return 1;
	for (unsigned i = 0; i < 4; i++)
		if (pthread_join(threads[i], NULL) || numbers[i] != 1)
			return 2;
	return 0;
}

static void test_decoding_goes_on(void **state)
{
	(void)state;
	assert_int_equal(inside(reads_what_is_open, false), 0);
	assert_int_equal(inside(starts_threads, false), 0);
}

static void test_nothing_is_opened(void **state)
{
	(void)state;
	if (!has_landlock() && !has_seccomp())
		skip();
	assert_int_equal(inside(opens_a_file, false), 0);
	assert_int_equal(inside(makes_a_file, false), 0);
}

static void test_what_is_followed_is_opened(void **state)
{
	(void)state;
	assert_int_equal(inside(opens_in_directory, true), 0);
	if (!has_landlock())
		skip();
	assert_int_equal(inside(opens_a_file, true), 0);
	assert_int_equal(inside(makes_a_file, true), 0);
	assert_int_equal(inside(reads_what_is_open, true), 0);
}

static void test_attacks_end_the_process(void **state)
{
	(void)state;
	if (!has_seccomp())
		skip();
	assert_int_equal(inside(opens_a_socket, false), -SIGSYS);
	assert_int_equal(inside(starts_a_program, false), -SIGSYS);
	assert_int_equal(inside(makes_a_process, false), 0);
	assert_int_equal(inside(opens_a_socket, true), -SIGSYS);
}

static void test_who_connects_is_answered(void **state)
{
	struct sockaddr_storage address = {.ss_family = AF_INET};
	socklen_t len = sizeof(address);
	char byte = 0;

	(void)state;
	listening = socket(AF_INET, SOCK_STREAM, 0);
	client = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(listen(listening, 1), 0);
	assert_int_equal(getsockname(listening, (struct sockaddr *)&address, &len), 0);
	assert_int_equal(connect(client, (struct sockaddr *)&address, len), 0);
	assert_int_equal(send(client, "?", 1, 0), 1);
	if (has_seccomp())
		assert_int_equal(inside(answers, false), 1);
	serve = true;
	assert_int_equal(inside(answers, false), 0);
	assert_int_equal(recv(client, &byte, 1, 0), 1);
	assert_int_equal(byte, '!');
	if (has_seccomp()) {
		assert_int_equal(inside(connects, false), -SIGSYS);
		assert_int_equal(inside(opens_a_socket, false), -SIGSYS);
	}
	assert_true(!has_landlock() || inside(opens_a_file, false) == 0);
	serve = false;
	close(client);
	close(listening);
}

static int tty = -1;

static int has_the_terminal(void)
{
	struct termios settings;
	struct winsize size;

	if (tcgetattr(tty, &settings) < 0 || tcsetattr(tty, TCSADRAIN, &settings) < 0 ||
	    ioctl(tty, TIOCGWINSZ, &size) < 0)
		return errno == EPERM ? 1 : 2;
	return 0;
}

/* To put a character where a shell will read it is another thing. */
static int types_for_others(void)
{
	return ioctl(tty, TIOCSTI, "x") == 0 ? 1 : errno == EPERM ? 0 : 2;
}

static void test_a_terminal_is_asked(void **state)
{
	(void)state;
	tty = posix_openpt(O_RDWR | O_NOCTTY);
	if (tty < 0)
		skip();
	if (has_seccomp())
		assert_int_equal(inside(has_the_terminal, false), 1);
	terminal = true;
	assert_int_equal(inside(has_the_terminal, false), 0);
	if (has_seccomp()) {
		assert_int_equal(inside(types_for_others, false), 0);
		assert_int_equal(inside(opens_a_socket, false), -SIGSYS);
	}
	terminal = false;
	close(tty);
}

static int set_up(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(directory));
	dir = open(directory, O_RDONLY | O_DIRECTORY);
	file = openat(dir, "file", O_RDWR | O_CREAT, 0644);
	return chmod(directory, 0755) || write(file, "x", 1) != 1;
}

static int clean_up(void **state)
{
	(void)state;
	return unlinkat(dir, "file", 0) || rmdir(directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_root_becomes_nobody),        cmocka_unit_test(test_root_becomes_who_called_sudo),
		cmocka_unit_test(test_decoding_goes_on),           cmocka_unit_test(test_nothing_is_opened),
		cmocka_unit_test(test_what_is_followed_is_opened), cmocka_unit_test(test_attacks_end_the_process),
		cmocka_unit_test(test_who_connects_is_answered),   cmocka_unit_test(test_a_terminal_is_asked),
	};

	return cmocka_run_group_tests(tests, set_up, clean_up);
}
