/*
 * test_output_refused.c - where a recording may not go: what is refused, why, and that it stays as it was
 */
#include <errno.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "tracer/output.h"
#include "output_folder.h"

static void existing_refused(void **state)
{
	(void)state;
	put("old", "precious");
	assert_int_equal(open_it("old", false), -EEXIST);
	assert_string_equal(error.text, "old exists; --force replaces it, -f FILE names another");
	assert_string_equal(text_of("old"), "precious");
	unlink("old");
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(existing_refused),      cmocka_unit_test(symbolic_links),
		cmocka_unit_test(impossible_places),     cmocka_unit_test(no_permission),
		cmocka_unit_test(read_only_file_system), cmocka_unit_test(nothing_leaks),
	};

	return cmocka_run_group_tests_name("output_refused", tests, enter_folder, leave_folder);
}
