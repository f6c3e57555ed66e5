/*
 * test_output.c - the file that a recording goes to: new or in another one's place, taken back, given to whoever began
 * the recording; and the files that follow it
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "tracer/output.h"
#include "output_folder.h"

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

static void absolute_path(void **state)
{
	char path[128];

	(void)state;
	snprintf(path, sizeof(path), "%s/x", folder);
	assert_int_equal(open_it(path, false), 0);
	assert_int_equal(output_close(&output), 0);
	assert_int_equal(unlink("x"), 0);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_file),           cmocka_unit_test(part_names),       cmocka_unit_test(next_part),
		cmocka_unit_test(absolute_path),      cmocka_unit_test(forced),           cmocka_unit_test(discarded),
		cmocka_unit_test(link_before_commit), cmocka_unit_test(given_to_invoker),
	};

	return cmocka_run_group_tests_name("output", tests, enter_folder, leave_folder);
}
