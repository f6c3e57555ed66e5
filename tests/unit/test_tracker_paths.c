/*
 * test_tracker_paths.c - names that paths make: absolute or from the directory that they begin in, up and down, and
 * what becomes of them when directories, names, roots and mounts change
 */
#include "tracker_rows.h"

#define NOFOLLOW 0400000

static void paths(void **state)
{
	(void)state;
	assert_string_equal(open_file(10, 10, "/etc/passwd", 3), "/etc/passwd");
	assert_string_equal(open_file(10, 20, "//etc/./ssl//x/", 4), "/etc/ssl/x");
	assert_string_equal(open_file(10, 30, "/", 5), "/");
	assert_string_equal(open_file(10, 40, "/..", 5), "/");
	assert_string_equal(open_file(10, 50, "/a/../b", 5), "/a/../b"); /* a may be a symbolic link */
	assert_string_equal(open_file(10, 60, "x", 6), "?");
	found(10, SST_OPEN_CWD, "/home/me", 0);
	assert_string_equal(open_file(10, 70, "x", 6), "/home/me/x");
	assert_string_equal(open_file(10, 80, "./a/.", 6), "/home/me/a");
	assert_string_equal(open_file(10, 90, "../you", 6), "/home/me/../you"); /* is /home the root? */
	found(10, SST_OPEN_ROOT, "/", 0);
	assert_string_equal(open_file(10, 100, "../you", 6), "/home/you"); /* the kernel's own name has no links */
	assert_string_equal(open_file(10, 110, "../../../../x", 6), "/x");
	assert_string_equal(open_file(10, 120, "a/../b", 6), "/home/me/a/../b");
	assert_string_equal(open_file(10, 130, "\n\t\xff", 6), "/home/me/\n\t\xff");
}

static void no_paths(void **state)
{
	char longest[4096];

	(void)state;
	found(10, SST_OPEN_CWD, "/home/me", 0);
	assert_string_equal(open_file(10, 10, "", -ENOENT), "-");
	make(10, "openat", 20, 25, -EFAULT);
	row.arg[0] = CWD;
	assert_string_equal(give(), "-"); /* a null pointer */
	make(10, "openat", 30, 35, 3);
	row.arg[0] = CWD;
	row.arg[1] = 0x1000;
	assert_string_equal(give(), "?"); /* not captured */
	make(10, "openat", 40, 45, 4);
	row.arg[0] = CWD;
	capture(1, SST_FORM_STRING, "/etc/passw", 10, SST_CAPTURE_CUT);
	assert_string_equal(give(), "?");
	assert_string_equal(use(10, 50, 3), "?");
	assert_string_equal(use(10, 60, 4), "?");
	make(10, "newfstatat", 70, 75, 0); /* fstat() of a new C library */
	row.arg[0] = 7;
	string(1, "");
	row.arg[3] = 0x1000;
	assert_string_equal(give(), "?");
	assert_string_equal(open_file(10, 80, "/x", 7), "/x");
	make(10, "newfstatat", 90, 95, 0);
	row.arg[0] = 7;
	string(1, "");
	assert_string_equal(give(), "/x");
	make(10, "utimensat", 100, 105, 0);
	row.arg[0] = 7;
	assert_string_equal(give(), "/x");
	assert_string_equal(numbers(10, "getpid", 110, 10, 0, 0, 0), "-");
	assert_string_equal(use(10, 120, -1), "-");
	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_int_equal(strlen(open_file(10, 130, longest, 8)), 4095 + strlen("/home/me/"));
	assert_int_equal(strlen(use(10, 140, 8)), 4095 + strlen("/home/me/"));
}

static void directories(void **state)
{
	(void)state;
	found(10, SST_OPEN_CWD, "/home", 0);
	found(10, SST_OPEN_FD + 3, "/srv", 0);
	assert_string_equal(chdir_to(10, 10, "me"), "/home/me");
	assert_string_equal(open_file(10, 20, "x", 4), "/home/me/x");
	chdir_to(10, 30, "/var");
	assert_string_equal(open_file(10, 40, "x", 5), "/var/x");
	assert_string_equal(use(10, 50, 4), "/home/me/x");
	make(10, "chdir", 60, 65, -ENOENT);
	string(0, "/nowhere");
	give();
	assert_string_equal(open_file(10, 70, "x", 5), "/var/x");
	assert_string_equal(numbers(10, "fchdir", 80, 0, 3, 0, 0), "/srv");
	assert_string_equal(open_file(10, 90, "../x", 5), "/srv/../x"); /* the root is not known */
	numbers(10, "fchdir", 100, 0, 66, 0, 0);
	assert_string_equal(open_file(10, 110, "x", 5), "?");
	make(10, "chroot", 120, 125, 0);
	string(0, "/jail");
	assert_string_equal(give(), "/jail");
	assert_string_equal(open_file(10, 130, "/etc/passwd", 6), "/jail/etc/passwd");
	assert_string_equal(open_file(10, 140, "/../etc/passwd", 6), "/jail/etc/passwd");
	make(10, "chdir", 150, 155, 0);
	string(0, "/");
	give();
	assert_string_equal(open_file(10, 160, "../x", 6), "/jail/x");
	make(10, "chroot", 170, 175, 0);
	row.arg[0] = 0x1000; /* not captured */
	assert_string_equal(give(), "?");
	assert_string_equal(open_file(10, 180, "/etc/passwd", 6), "?");
}

static void told_directories(void **state)
{
	(void)state;
	make(10, "getcwd", 10, 15, 9);
	capture(0, SST_FORM_MEMORY, "/home/me", 9, SST_CAPTURE_LATE);
	assert_string_equal(give(), "-");
	assert_string_equal(open_file(10, 20, "x", 3), "/home/me/x");
	chdir_to(10, 30, "/link");
	assert_string_equal(open_file(10, 40, "x", 3), "/link/x");
	make(10, "getcwd", 50, 55, 14);
	capture(0, SST_FORM_MEMORY, "(unreachable)", 14, SST_CAPTURE_LATE);
	give();
	assert_string_equal(open_file(10, 60, "x", 3), "/link/x");
	make(10, "chroot", 70, 75, 0);
	string(0, "/jail");
	give();
	make(10, "getcwd", 80, 85, 5);
	capture(0, SST_FORM_MEMORY, "/etc", 5, SST_CAPTURE_LATE);
	give();
	assert_string_equal(open_file(10, 90, "x", 3), "/link/x");
}

static void renamed(void **state)
{
	(void)state;
	found(10, SST_OPEN_CWD, "/home/me", 0);
	found(20, SST_OPEN_CWD, "/homely", 0);
	make(20, "rename", 10, 15, 0);
	string(0, "/home");
	string(1, "/away");
	assert_string_equal(give(), "/home");
	assert_string_equal(other, "/away");
	assert_string_equal(open_file(10, 20, "x", 3), "?"); /* it is in /away/me */
	assert_string_equal(open_file(20, 20, "x", 3), "/homely/x");
	chdir_to(10, 30, "/away/me");
	assert_string_equal(open_file(10, 40, "x", 3), "/away/me/x");
	make(10, "mount", 50, 55, 0);
	string(0, "none");
	string(1, "/away");
	row.arg[3] = 1 << 18; /* MS_PRIVATE */
	assert_string_equal(give(), "/away");
	assert_string_equal(open_file(10, 60, "x", 3), "/away/me/x");
	make(10, "mount", 70, 75, 0);
	string(0, "none");
	string(1, "/away");
	give();
	assert_string_equal(open_file(10, 80, "x", 3), "?"); /* what is below it now is something else */
	make(20, "symlinkat", 90, 95, 0);
	string(0, "target");
	row.arg[1] = CWD;
	string(2, "link");
	assert_string_equal(give(), "/homely/link");
	make(20, "linkat", 100, 105, 0);
	row.arg[0] = row.arg[2] = CWD;
	string(1, "a");
	string(3, "/b");
	assert_string_equal(give(), "/homely/a");
	assert_string_equal(other, "/b");
}

static const char *open_below(uint64_t time, uint64_t dirfd, const char *name, uint64_t flags, int64_t fd)
{
	make(10, "openat", time, time + 5, fd);
	row.arg[0] = dirfd;
	string(1, name);
	row.arg[2] = flags;
	return give();
}

/* As find walks: where it has come down by names that are no symbolic links, ".." leads back. */
static void down_and_up(void **state)
{
	(void)state;
	found(10, SST_OPEN_ROOT, "/", 0);
	assert_string_equal(open_below(10, CWD, "/usr", NOFOLLOW, 3), "/usr");
	assert_string_equal(open_below(20, 3, "lib", NOFOLLOW, 4), "/usr/lib");
	assert_string_equal(open_below(30, 4, "..", NOFOLLOW, 5), "/usr");
	assert_string_equal(open_below(40, 5, "src", NOFOLLOW, 6), "/usr/src");
	assert_string_equal(open_below(50, 6, "../share", 0, 7), "/usr/share");
	assert_string_equal(open_below(60, 7, "..", NOFOLLOW, 8), "/usr/share/.."); /* it may be a link */
	assert_string_equal(open_below(70, 8, "a", NOFOLLOW, 9), "/usr/share/../a");
	assert_string_equal(open_below(80, 9, "..", NOFOLLOW, 10), "/usr/share/../a/..");
	assert_string_equal(open_below(90, 3, "link", NOFOLLOW | 010000000, 11),
			    "/usr/link"); /* O_PATH: it may be one */
	assert_string_equal(open_below(100, 11, "..", NOFOLLOW, 12), "/usr/link/..");
}

static void openat2(void **state)
{
	/* as x86_64 has it in memory */
	static const uint8_t plain[24] = {[2] = CLOEXEC >> 16}, in_root[24] = {[16] = 0x10};

	(void)state;
	found(10, SST_OPEN_FD + 3, "/jail", 0);
	make(10, "openat2", 10, 15, 4);
	row.arg[0] = 3;
	string(1, "/etc");
	capture(2, SST_FORM_MEMORY, plain, sizeof(plain), 0);
	assert_string_equal(give(), "/etc");
	make(10, "openat2", 20, 25, 5);
	row.arg[0] = 3;
	string(1, "/etc");
	capture(2, SST_FORM_MEMORY, in_root, sizeof(in_root), 0);
	assert_string_equal(give(), "/jail/etc");
	make(10, "openat2", 30, 35, 6);
	row.arg[0] = 3;
	string(1, "/etc");
	row.arg[2] = 0x1000;
	assert_string_equal(give(), "?");
	event(SST_EVENT_EXEC, 10, 40, 10);
	assert_string_equal(use(10, 50, 4), "?");
	assert_string_equal(use(10, 60, 5), "/jail/etc");
}

static void namespaces(void **state)
{
	(void)state;
	found(10, SST_OPEN_CWD, "/home", 0);
	found(10, SST_OPEN_ROOT, "/", 0);
	numbers(10, "setns", 10, 0, 3, 0x40000000, 0); /* CLONE_NEWNET */
	assert_string_equal(open_file(10, 20, "x", 4), "/home/x");
	numbers(10, "setns", 30, 0, 3, 0, 0);
	assert_string_equal(open_file(10, 40, "x", 4), "?");
	numbers(10, "setns", 50, 0, 3, 0x20000, 0);
	assert_string_equal(open_file(10, 60, "x", 4), "/x");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(paths),   TEST(no_paths),    TEST(directories), TEST(told_directories),
		TEST(renamed), TEST(down_and_up), TEST(openat2),     TEST(namespaces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
