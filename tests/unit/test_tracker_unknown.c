/*
 * test_tracker_unknown.c - what a recording does not tell is not guessed: lost calls, calls without an end, rings,
 * filters, and names that there was no memory for
 */
#include <stdio.h>

#include "tracker_rows.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(gaps), TEST(midway), TEST(rings), TEST(filtered), TEST(memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
