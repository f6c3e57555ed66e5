/*
 * test_command.c - a command held before its execve: what it is, when it starts, and that it never stays behind
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../tracer/command.h"

static struct inherited inherited;
static struct invoker nobody_known;
static struct command command;
static struct message error;
static char folder[64];

static struct command_setup setup = {.inherited = &inherited, .invoker = &nobody_known};

#define ARGV(...) ((char *const *)(uintptr_t)(const char *const[]){__VA_ARGS__, NULL})

static void wait_end(void)
{
	for (int i = 0; i < 1000 && !command_poll(&command); i++)
		usleep(10000);
	assert_true(command_poll(&command));
}

/* Start, release, and give back what the command wrote to standard output, and its status. */
static const char *run(char *const argv[], int *status)
{
	static char text[16384];
	int ends[2], saved = dup(STDOUT_FILENO);
	ssize_t n;
	size_t used = 0;

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	fflush(stdout);
	dup2(ends[1], STDOUT_FILENO);
	close(ends[1]);
	int err = command_start(&command, argv, &setup, &error);
	if (!err)
		err = command_arm(&command, &error);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	if (err)
		fail_msg("%s", error.text);
	command_release(&command);
	while ((n = read(ends[0], text + used, sizeof(text) - 1 - used)) > 0)
		used += (size_t)n;
	close(ends[0]);
	text[used] = '\0';
	wait_end();
	*status = command_exit_status(&command);
	command_close(&command);
	return text;
}

static void statuses(void **state)
{
	static const struct {
		const char *script;
		int status;
	} cases[] = {
		{"exit 0", 0}, {"exit 7", 7}, {"exit 255", 255}, {"kill -TERM $$", 143}, {"kill -KILL $$", 137},
	};
	int status;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		run(ARGV("sh", "-c", cases[i].script), &status);
		assert_int_equal(status, cases[i].status);
	}
	assert_string_equal(run(ARGV("echo", "a b", "", "c"), &status), "a b  c\n");
	assert_int_equal(status, 0);
}

static void held_until_released(void **state)
{
	char path[128];

	(void)state;
	snprintf(path, sizeof(path), "%s/made", folder);
	assert_int_equal(command_start(&command, ARGV("touch", path), &setup, &error), 0);
	assert_true(command.pid > 0);
	usleep(50000);
	assert_int_not_equal(access(path, F_OK), 0);
	assert_false(command_poll(&command));
	assert_int_equal(command_arm(&command, &error), 0);
	assert_int_equal(command_arm(&command, &error), 0); /* twice is no harm */
	usleep(50000);
	assert_int_not_equal(access(path, F_OK), 0);
	command_release(&command);
	wait_end();
	assert_int_equal(command_exit_status(&command), 0);
	assert_int_equal(command_exec_error(&command), 0);
	assert_int_equal(access(path, F_OK), 0);
	unlink(path);
	command_close(&command);
	command_close(&command);
}

/* Armed, it is in no system call: /proc shows it running, or stopped at no call. */
static void spins_without_calls(void **state)
{
	char path[64], text[256] = "";
	int fd;

	(void)state;
	assert_int_equal(command_start(&command, ARGV("true"), &setup, &error), 0);
	assert_int_equal(command_arm(&command, &error), 0);
	snprintf(path, sizeof(path), "/proc/%d/syscall", (int)command.pid);
	for (int i = 0; i < 20; i++) {
		fd = open(path, O_RDONLY);
		if (fd >= 0 && read(fd, text, sizeof(text) - 1) > 0)
			assert_true(!strncmp(text, "running", 7) || !strncmp(text, "-1 ", 3));
		if (fd >= 0)
			close(fd);
		usleep(1000);
	}
	command_release(&command);
	wait_end();
	command_close(&command);
}

static void not_found(void **state)
{
	char path[128];

	(void)state;
	assert_int_equal(command_start(&command, ARGV("no-such-command-at-all"), &setup, &error), -ENOENT);
	assert_string_equal(error.text, "no-such-command-at-all: command not found");
	snprintf(path, sizeof(path), "%s/none/x", folder);
	assert_int_equal(command_start(&command, ARGV(path), &setup, &error), -ENOENT);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no child is left */
	assert_int_equal(errno, ECHILD);
}

static void make_file(const char *path, const char *text, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	fchmod(fd, mode);
	close(fd);
}

static void not_executable(void **state)
{
	char path[128], expected[256];

	(void)state;
	snprintf(path, sizeof(path), "%s/plain", folder);
	make_file(path, "#!/bin/sh\n", 0644);
	assert_int_equal(command_start(&command, ARGV(path), &setup, &error), -EACCES);
	snprintf(expected, sizeof(expected), "%s: Permission denied", path);
	assert_string_equal(error.text, expected);
	assert_int_equal(command_start(&command, ARGV(folder), &setup, &error), -EACCES); /* a directory */
	unlink(path);
}

/* What only execve can tell comes back through the shared page. */
static void execve_fails(void **state)
{
	char path[128];

	(void)state;
	snprintf(path, sizeof(path), "%s/strange", folder);
	make_file(path, "neither ELF nor #!\n", 0755);
	assert_int_equal(command_start(&command, ARGV(path), &setup, &error), 0);
	assert_int_equal(command_arm(&command, &error), 0);
	command_release(&command);
	wait_end();
	assert_int_equal(command_exec_error(&command), ENOEXEC);
	assert_int_equal(command_exit_status(&command), 126);
	command_explain(&command, &error);
	assert_non_null(strstr(error.text, "not a program"));
	command_close(&command);

	make_file(path, "#!/no/such/interpreter\n", 0755);
	assert_int_equal(command_start(&command, ARGV(path), &setup, &error), 0);
	assert_int_equal(command_arm(&command, &error), 0);
	command_release(&command);
	wait_end();
	assert_int_equal(command_exec_error(&command), ENOENT);
	assert_int_equal(command_exit_status(&command), 127);
	command_close(&command);
	unlink(path);
}

/* As execvp: the first that can be executed; what cannot be is passed over, and told only if nothing else comes. */
static void search_path(void **state)
{
	char saved[4096], search[512], file[128], other[128], cwd[4096];
	int status;

	(void)state;
	snprintf(saved, sizeof(saved), "%s", getenv("PATH"));
	snprintf(file, sizeof(file), "%s/one", folder);
	snprintf(other, sizeof(other), "%s/two", folder);
	mkdir(file, 0755);
	mkdir(other, 0755);
	strcat(file, "/prog");
	strcat(other, "/prog");
	make_file(file, "#!/bin/sh\necho one\n", 0644);
	make_file(other, "#!/bin/sh\necho two \"$0\"\n", 0755);

	snprintf(search, sizeof(search), "/nonexistent:%s/one:%s/two", folder, folder);
	setenv("PATH", search, 1);
	assert_non_null(strstr(run(ARGV("prog"), &status), "two"));
	snprintf(search, sizeof(search), "%s/one:/nonexistent", folder);
	setenv("PATH", search, 1);
	assert_int_equal(command_start(&command, ARGV("prog"), &setup, &error), -EACCES);
	setenv("PATH", "", 1); /* one empty part: the working directory */
	assert_non_null(getcwd(cwd, sizeof(cwd)));
	snprintf(search, sizeof(search), "%s/two", folder);
	assert_int_equal(chdir(search), 0);
	assert_non_null(strstr(run(ARGV("prog"), &status), "two"));
	setenv("PATH", "/nonexistent:", 1);
	assert_non_null(strstr(run(ARGV("prog"), &status), "two"));
	unsetenv("PATH");
	assert_string_equal(run(ARGV("echo", "x"), &status), "x\n");
	assert_int_equal(chdir(cwd), 0);
	setenv("PATH", saved, 1);
	unlink(file);
	unlink(other);
	*strrchr(file, '/') = '\0';
	*strrchr(other, '/') = '\0';
	rmdir(file);
	rmdir(other);
}

static void aborted(void **state)
{
	pid_t pid;

	(void)state;
	for (int armed = 0; armed < 2; armed++) {
		assert_int_equal(command_start(&command, ARGV("true"), &setup, &error), 0);
		if (armed)
			assert_int_equal(command_arm(&command, &error), 0);
		pid = command.pid;
		command_abort(&command);
		assert_int_equal(kill(pid, 0), -1);
		assert_int_equal(errno, ESRCH);
		assert_int_equal(command_exit_status(&command), 128 + SIGKILL);
		command_close(&command);
	}
	command = (struct command){0}; /* never started: nothing happens, descriptor 0 stays */
	command_abort(&command);
	command_close(&command);
	assert_true(fcntl(STDERR_FILENO, F_GETFD) >= 0);
}

/* Killed by somebody else while it is held. */
static void killed_before(void **state)
{
	(void)state;
	assert_int_equal(command_start(&command, ARGV("true"), &setup, &error), 0);
	kill(command.pid, SIGKILL);
	assert_int_equal(command_arm(&command, &error), -ESRCH);
	assert_string_equal(error.text, "true: killed by signal 9 before it began");
	command_close(&command);
}

/* In a process of its own: start (and arm) a command, tell its PID, die. The command's PID. */
static pid_t orphan(bool arm)
{
	int ends[2];
	pid_t pid = 0, parent;

	assert_int_equal(pipe(ends), 0);
	parent = fork();
	if (parent == 0) {
		if (command_start(&command, ARGV("sleep", "1000"), &setup, &error))
			_exit(1);
		if (arm && command_arm(&command, &error))
			_exit(1);
		if (write(ends[1], &command.pid, sizeof(command.pid)) < 0)
			_exit(1);
		raise(SIGKILL);
	}
	assert_int_equal(read(ends[0], &pid, sizeof(pid)), sizeof(pid));
	close(ends[0]);
	close(ends[1]);
	waitpid(parent, NULL, 0);
	return pid;
}

/* Gone, or dead and waiting for init. */
static bool is_gone(pid_t pid)
{
	char path[64], text[512] = "";
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file = fopen(path, "r");
	if (!file)
		return true;
	if (!fgets(text, sizeof(text), file))
		text[0] = '\0';
	fclose(file);
	return !*text || strstr(text, ") Z") || strstr(text, ") X");
}

static void recorder_killed(void **state)
{
	(void)state;
	for (int armed = 0; armed < 2; armed++) {
		pid_t pid = orphan(armed);
		int tenths = 0;

		for (; tenths < 300 && !is_gone(pid); tenths++)
			usleep(100000);
		assert_true(is_gone(pid));
		if (!armed)
			assert_true(tenths <= 10);
	}
}

/* The command finds the signals as our caller had them, whatever we did to ours. */
static void signals(void **state)
{
	struct inherited changed;
	int status;
	sigset_t none;
	unsigned long ignored = 0, blocked = 0;
	const char *text;

	(void)state;
	signal(SIGPIPE, SIG_IGN); /* ours; not the caller's */
	text = run(ARGV("grep", "-E", "Sig(Blk|Ign)", "/proc/self/status"), &status);
	assert_int_equal(sscanf(text, "SigBlk: %lx SigIgn: %lx", &blocked, &ignored), 2);
	assert_int_equal(ignored & 1UL << (SIGPIPE - 1), 0);
	assert_int_equal(blocked, 0);
	signal(SIGPIPE, SIG_DFL);

	changed = inherited;
	sigaddset(&changed.ignored, SIGHUP); /* as under nohup */
	sigaddset(&changed.mask, SIGUSR1);
	setup.inherited = &changed;
	text = run(ARGV("grep", "-E", "Sig(Blk|Ign)", "/proc/self/status"), &status);
	setup.inherited = &inherited;
	assert_int_equal(sscanf(text, "SigBlk: %lx SigIgn: %lx", &blocked, &ignored), 2);
	ignored &=
		~(3UL << 31); /* 32 and 33 are glibc's own: its posix_spawn(), which make uses, leaves them ignored */
	assert_int_equal(ignored, 1UL << (SIGHUP - 1));
	assert_int_equal(blocked, 1UL << (SIGUSR1 - 1));

	signal(SIGCHLD, SIG_IGN); /* would throw the status away */
	run(ARGV("sh", "-c", "exit 3"), &status);
	assert_int_equal(status, 3);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* With the recording on standard output the command must not write into it. */
static void stdout_taken(void **state)
{
	char path[128], text[64] = "";
	int status, saved = dup(STDERR_FILENO), fd;

	(void)state;
	snprintf(path, sizeof(path), "%s/err", folder);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	dup2(fd, STDERR_FILENO);
	setup.stdout_taken = true;
	const char *out = run(ARGV("echo", "spoken"), &status);
	setup.stdout_taken = false;
	dup2(saved, STDERR_FILENO);
	close(saved);
	assert_string_equal(out, "");
	assert_true(pread(fd, text, sizeof(text) - 1, 0) > 0);
	assert_string_equal(text, "spoken\n");
	close(fd);
	unlink(path);
}

static void environment_kept(void **state)
{
	int status;

	(void)state;
	setenv("SYSSTREAM_TEST", "kept", 1);
	assert_string_equal(run(ARGV("sh", "-c", "echo $SYSSTREAM_TEST"), &status), "kept\n");
	unsetenv("SYSSTREAM_TEST");
}

/* Under sudo the command is the caller's: user, groups, home, nothing of sudo. */
static void as_invoker(void **state)
{
	struct invoker invoker;
	int status;
	char expected[256];

	(void)state;
	if (geteuid() != 0) {
		print_message("skipped: becoming another user needs root\n");
		skip();
	}
	setenv("SUDO_UID", "65534", 1);
	setenv("SUDO_GID", "65534", 1);
	setenv("SUDO_USER", "nobody", 1);
	setenv("SUDO_COMMAND", "/usr/bin/sysstream", 1);
	setenv("MAIL", "/var/mail/root", 1);
	assert_int_equal(privilege_invoker(&invoker), 0);
	assert_true(invoker.known);
	setup.invoker = &invoker;
	assert_string_equal(run(ARGV("sh", "-c", "id -u; id -ru; id -g; id -G"), &status),
			    "65534\n65534\n65534\n65534\n");
	snprintf(expected, sizeof(expected), "%s %s %s %s\n", invoker.home, invoker.name, invoker.name, invoker.shell);
	assert_string_equal(run(ARGV("/bin/sh", "-c", "printenv HOME USER LOGNAME SHELL | paste -sd' '"), &status),
			    expected);
	assert_string_equal(run(ARGV("sh", "-c", "env | grep -E '^(SUDO_|MAIL)'; true"), &status), "");
	assert_string_equal(run(ARGV("sh", "-c", "env | cut -d= -f1 | sort | uniq -d"), &status), "");
	assert_string_equal(run(ARGV("grep", "NoNewPrivs", "/proc/self/status"), &status), "NoNewPrivs:\t0\n");

	/* Its program is looked for with that user's eyes. */
	char path[128];
	snprintf(path, sizeof(path), "%s/mine", folder);
	make_file(path, "#!/bin/sh\n", 0700);
	chmod(folder, 0755);
	assert_int_equal(command_start(&command, ARGV(path), &setup, &error), -EACCES);
	unlink(path);

	/* It dies with the recorder although the change of user clears the wish. */
	pid_t pid = orphan(false);
	for (int i = 0; i < 50 && !is_gone(pid); i++)
		usleep(100000);
	assert_true(is_gone(pid));
	setup.invoker = &nobody_known;
	privilege_invoker_free(&invoker);
	unsetenv("SUDO_UID");
	unsetenv("SUDO_GID");
	unsetenv("SUDO_USER");
	unsetenv("SUDO_COMMAND");
	unsetenv("MAIL");
}

/* A busy machine with one processor: held, armed, released, all the same. */
static void one_processor(void **state)
{
	cpu_set_t all, one;
	int status;
	struct timespec began, ended;

	(void)state;
	sched_getaffinity(0, sizeof(all), &all);
	CPU_ZERO(&one);
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &all)) {
			CPU_SET(cpu, &one);
			break;
		}
	sched_setaffinity(0, sizeof(one), &one);
	clock_gettime(CLOCK_MONOTONIC, &began);
	for (int i = 0; i < 20; i++) {
		run(ARGV("true"), &status);
		assert_int_equal(status, 0);
	}
	clock_gettime(CLOCK_MONOTONIC, &ended);
	sched_setaffinity(0, sizeof(all), &all);
	assert_true(ended.tv_sec - began.tv_sec < 10);
}

static int make_folder(void **state)
{
	(void)state;
	inherited_save(&inherited);
	snprintf(folder, sizeof(folder), "/tmp/test_command.XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	(void)state;
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(statuses),
		cmocka_unit_test(held_until_released),
		cmocka_unit_test(spins_without_calls),
		cmocka_unit_test(not_found),
		cmocka_unit_test(not_executable),
		cmocka_unit_test(execve_fails),
		cmocka_unit_test(search_path),
		cmocka_unit_test(aborted),
		cmocka_unit_test(killed_before),
		cmocka_unit_test(recorder_killed),
		cmocka_unit_test(signals),
		cmocka_unit_test(stdout_taken),
		cmocka_unit_test(environment_kept),
		cmocka_unit_test(as_invoker),
		cmocka_unit_test(one_processor),
	};

	return cmocka_run_group_tests_name("command", tests, make_folder, remove_folder);
}
