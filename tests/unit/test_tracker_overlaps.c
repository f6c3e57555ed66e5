/*
 * test_tracker_overlaps.c - calls at the same time: what is true in every order of them, and what is taken back
 */
#include "tracker_rows.h"

static void open_between(uint32_t tid, uint64_t time, uint64_t end, const char *path, int fd)
{
	make(tid, "openat", time, end, fd);
	row.arg[0] = CWD;
	string(1, path);
	give();
}

/* What of two threads is certain, and what is not. */
static void overlapping(void **state)
{
	(void)state;
	two_threads();
	open_file(10, 10, "/a", 3);
	close_between(10, 20, 30, 3);
	assert_string_equal(use(11, 25, 3), "?"); /* before or after? */
	assert_string_equal(use(11, 35, 3), "?");
	open_between(10, 40, 50, "/b", 3);
	assert_string_equal(use(11, 45, 3), "?");
	assert_string_equal(use(11, 51, 3), "/b");
	/* The kernel gives out no number that is in use: the close came first. */
	close_between(10, 60, 70, 3);
	open_between(11, 65, 75, "/c", 3);
	assert_string_equal(use(10, 72, 3), "?");
	assert_string_equal(use(10, 80, 3), "/c");
	close_between(10, 90, 110, 3);
	open_file(11, 95, "/d", 3);
	assert_string_equal(use(11, 105, 3), "?");
	assert_string_equal(use(10, 120, 3), "/d");
	/* dup2() and close() of the same number: in which order? */
	open_file(10, 130, "/e", 4);
	numbers(10, "dup2", 140, 3, 4, 3, 0);
	close_between(11, 142, 150, 3);
	assert_string_equal(use(10, 160, 3), "?");
	numbers(10, "dup2", 170, 3, 4, 3, 0);
	assert_string_equal(use(11, 180, 3), "/e");
	/* chdir() of both. */
	chdir_to(10, 190, "/x");
	chdir_to(11, 192, "/y");
	assert_string_equal(open_file(10, 200, "f", 9), "?");
	chdir_to(10, 210, "/x");
	assert_string_equal(open_file(11, 220, "f", 10), "/x/f");
	/* fork() while the other thread opens. */
	open_between(10, 230, 250, "/g", 11);
	fork_child(11, 235, 20);
	assert_string_equal(use(20, 260, 11), "?");
	assert_string_equal(use(10, 260, 11), "/g");
	assert_string_equal(use(20, 270, 3), "/e");
	fork_child(11, 280, 30);
	assert_string_equal(use(30, 290, 11), "/g");
}

static void three_overlapping(void **state)
{
	(void)state;
	two_threads();
	event(SST_EVENT_FOUND, 12, 3, 0);
	open_file(10, 10, "/a", 3);
	/* closed, given out, closed again: it is free, and the next one to get it is certain */
	close_between(10, 20, 40, 3);
	open_between(11, 22, 38, "/b", 3);
	close_between(12, 30, 45, 3);
	assert_string_equal(use(10, 50, 3), "?");
	open_file(10, 60, "/c", 3);
	assert_string_equal(use(11, 70, 3), "/c");
	/* two are given the same number: who was last? */
	close_between(10, 80, 100, 3);
	open_between(11, 82, 98, "/d", 3);
	open_between(12, 84, 110, "/e", 3);
	assert_string_equal(use(10, 120, 3), "?");
}

/* A call that has begun may find what another thread has changed before it came to look. */
static void taken_back(void **state)
{
	(void)state;
	two_threads();
	open_file(10, 10, "/a", 3);
	make(10, "read", 20, 1000, 1);
	row.arg[0] = 3;
	assert_string_equal(give(), "/a");
	assert_string_equal(use(11, 30, 3), "/a");
	assert_int_equal(n_revoked, 0);
	close_between(11, 40, 45, 3);
	assert_int_equal(n_revoked, 1);
	assert_int_equal(revoked[0], tag - 2);
	/* not any more what came before the list */
	open_file(11, 50, "/b", 4);
	make(10, "read", 1010, 2000, 1);
	row.arg[0] = 4;
	assert_string_equal(give(), "/b");
	tracker_list(tracker, revoke, NULL);
	close_between(11, 1020, 1025, 4);
	assert_int_equal(n_revoked, 1);
	/* nor what has returned */
	open_file(11, 1030, "/c", 5);
	assert_string_equal(use(11, 1040, 5), "/c");
	numbers(11, "dup2", 1050, 5, 5, 6, 0);
	close_between(11, 1060, 1065, 5);
	assert_int_equal(n_revoked, 1);
	/* what has been made of it is not known either */
	open_file(11, 1070, "/d", 7);
	make(10, "dup", 2010, 2100, 8);
	row.arg[0] = 7;
	assert_string_equal(give(), "/d");
	close_between(11, 2020, 2025, 7);
	assert_int_equal(n_revoked, 2);
	assert_string_equal(use(11, 2200, 8), "?");
	/* the working directory too */
	make(10, "openat", 2300, 2400, 9);
	row.arg[0] = CWD;
	string(1, "x");
	assert_string_equal(give(), "/home/x");
	chdir_to(11, 2310, "/tmp");
	assert_int_equal(n_revoked, 3);
	assert_string_equal(use(10, 2500, 9), "?");
	/* and a range */
	open_file(10, 2600, "/e", 10);
	make(10, "read", 2700, 2800, 1);
	row.arg[0] = 10;
	give();
	numbers(11, "close_range", 2710, 0, 0, ~0u, 0);
	assert_int_equal(n_revoked, 4);
}

/* From a pipe an open row comes first, and the complete one when it is known. */
static void live(void **state)
{
	(void)state;
	two_threads();
	found(10, SST_OPEN_FD + 3, "/a", 0);
	make(10, "close", 10, 10, 0);
	row.arg[0] = 3;
	row.state = SST_UNFINISHED;
	assert_string_equal(give(), "/a");
	assert_string_equal(use(11, 20, 3), "?");
	seqs[10]--;
	make(10, "close", 10, 25, 0);
	row.arg[0] = 3;
	row.replaces = true;
	assert_string_equal(give(), "/a");
	open_file(11, 30, "/b", 3);
	assert_string_equal(use(11, 40, 3), "/b");
	make(10, "openat", 50, 50, 0);
	row.arg[0] = CWD;
	string(1, "x");
	row.state = SST_UNFINISHED;
	assert_string_equal(give(), "/home/x");
	chdir_to(11, 100, "/tmp"); /* long after it has looked */
	seqs[10]--;
	make(10, "openat", 50, 90, 4);
	row.arg[0] = CWD;
	string(1, "x");
	row.replaces = true;
	give();
	assert_string_equal(use(11, 110, 3), "/b");
	make(10, "close", 120, 120, 0);
	row.arg[0] = 3;
	row.state = SST_UNFINISHED;
	give();
	seqs[10]--;
	make(10, "close", 120, 125, -EBADF); /* we were wrong */
	row.arg[0] = 3;
	row.replaces = true;
	give();
	assert_string_equal(use(11, 130, 3), "?");
}

static void snapshot_overlaps(void **state)
{
	(void)state;
	tracker_open(tracker,
		     &(struct sst_open){.time = 100, .until = 200, .pid = 10, .what = SST_OPEN_FD + 3, .len = 2},
		     (const uint8_t *)"/a");
	assert_string_equal(use(10, 300, 3), "/a");
	open_file(20, 310, "/b", 3);
	tracker_open(tracker,
		     &(struct sst_open){.time = 312, .until = 400, .pid = 20, .what = SST_OPEN_FD + 3, .len = 2},
		     (const uint8_t *)"/c");
	assert_string_equal(use(20, 500, 3), "?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(overlapping), TEST(three_overlapping), TEST(taken_back), TEST(live), TEST(snapshot_overlaps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
