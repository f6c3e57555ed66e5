/*
 * test_tracker_processes.c - what processes and threads take over, share, part with and close: fork, clone, unshare and
 * execve
 */
#include "tracker_rows.h"

/* By clone() with flags. */
static void clone_child(uint32_t tid, uint64_t time, uint32_t child, uint64_t flags)
{
	numbers(tid, "clone", time, child, flags, 0, 0);
	event(SST_EVENT_START, child, time + 2, tid);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(exec_closes),
		TEST(forked),
		TEST(unknown_flags),
		TEST(threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
