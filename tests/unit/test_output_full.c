/*
 * test_output_full.c - what is in the file when there was no room for a write: a limit for its size, a file system
 * that is full
 */
#include <errno.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "tracer/output.h"
#include "output_folder.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(file_size_limit),
		cmocka_unit_test(full_file_system),
	};

	return cmocka_run_group_tests_name("output_full", tests, enter_folder, leave_folder);
}
