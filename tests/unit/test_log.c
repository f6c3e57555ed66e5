/*
 * test_log.c - a log: what goes in comes out, divided between lines, in files that are none too large and none too many
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tracer/log.h"

#define SIZE 4096

static struct invoker nobody;
static struct message error;
static char folder[64], before[4096];

static int set_up(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/log.XXXXXX");
	return !getcwd(before, sizeof(before)) || !mkdtemp(folder) || chdir(folder);
}

static int clean_up(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return chdir(before) || system(command);
}

static char *read_file(const char *name, size_t *len)
{
	FILE *file = fopen(name, "r");
	char *text = calloc(1, 1 << 20);

	assert_non_null(text);
	*len = file ? fread(text, 1, (1 << 20) - 1, file) : 0;
	if (file)
		fclose(file);
	return text;
}

/* A thread of its own reads it. */
static void write_log(const struct log_config *config, const char *text, size_t len, size_t piece)
{
	struct log log;

	assert_int_equal(log_open(&log, config, &nobody, &error), 0);
	assert_int_equal(log_start(&log, &error), 0);
	for (size_t i = 0; i < len; i += piece) {
		size_t n = len - i < piece ? len - i : piece;

		assert_int_equal(write(log.output, text + i, n), (ssize_t)n);
	}
	log_leave(&log);
	assert_int_equal(log_end(&log, &error), 0);
	log_close(&log);
}

/* Lines of a changing length, numbered. */
static size_t make_lines(char *text, size_t n)
{
	size_t len = 0;

	for (size_t i = 0; i < n; i++)
		len += (size_t)sprintf(text + len, "%zu %.*s\n", i, (int)(i % 70),
				       "----------------------------------------------------------------------");
	return len;
}

static void rotates_between_lines(void **state)
{
	static const size_t pieces[] = {1, 7, 100, 5000, 65536};
	static char text[40000], got[80000];
	size_t len = make_lines(text, 600);

	(void)state;
	for (size_t p = 0; p < 5; p++) {
		struct log_config config = {.path = "a.log", .size = SIZE, .keep = 3};
		size_t n_got = 0, n;

		system("rm -f a.log*");
		write_log(&config, text, len, pieces[p]);
		for (int i = 3; i >= 0; i--) {
			char name[16];
			char *part;

			snprintf(name, sizeof(name), i ? "a.log.%d" : "a.log", i);
			part = read_file(name, &n);
			assert_true(n > 0 && n <= SIZE && part[n - 1] == '\n');
			memcpy(got + n_got, part, n);
			n_got += n;
			free(part);
		}
		assert_true(n_got > 3 * (SIZE - 100) && n_got < len);
		assert_memory_equal(got, text + len - n_got, n_got); /* the last of it, without a hole */
		assert_int_equal(access("a.log.4", F_OK), -1);
	}
}

static void goes_on_where_it_was(void **state)
{
	struct log_config config = {.path = "b.log", .size = SIZE, .keep = 1};
	struct stat file;
	size_t n;
	char *text;

	(void)state;
	umask(0);
	write_log(&config, "one\n", 4, 4);
	write_log(&config, "two\n", 4, 4);
	text = read_file("b.log", &n);
	assert_string_equal(text, "one\ntwo\n");
	free(text);
	assert_int_equal(stat("b.log", &file), 0);
	assert_int_equal(file.st_mode & 0777, 0600);
}

static void a_long_line_stays_whole(void **state)
{
	struct log_config config = {.path = "c.log", .size = SIZE, .keep = 2};
	static char text[3 * SIZE];
	size_t n;

	(void)state;
	memset(text, 'x', sizeof(text));
	memcpy(text, "short\n", 6);
	text[sizeof(text) - 8] = '\n';
	memcpy(text + sizeof(text) - 7, "behind\n", 7);
	for (size_t piece = 100; piece <= 10000; piece *= 10) {
		char *part;

		system("rm -f c.log*");
		write_log(&config, text, sizeof(text), piece);
		part = read_file("c.log.2", &n);
		assert_string_equal(part, "short\n");
		free(part);
		part = read_file("c.log.1", &n);
		assert_int_equal(n, sizeof(text) - 13);
		free(part);
		part = read_file("c.log", &n);
		assert_string_equal(part, "behind\n");
		free(part);
	}
}

static void never_rotated(void **state)
{
	struct log_config config = {.path = "d.log", .size = 0, .keep = 1};
	static char text[40000];
	size_t len = make_lines(text, 600), n;
	char *got;

	(void)state;
	write_log(&config, text, len, 1000);
	got = read_file("d.log", &n);
	assert_int_equal(n, len);
	assert_memory_equal(got, text, len);
	free(got);
	assert_int_equal(access("d.log.1", F_OK), -1);
}

static void refuse(const char *path, const char *why)
{
	struct log_config config = {.path = path, .size = SIZE, .keep = 1};
	struct log log;

	assert_true(log_open(&log, &config, &nobody, &error) < 0);
	assert_non_null(strstr(error.text, why));
	log_close(&log);
}

static void refused(void **state)
{
	struct log log;

	(void)state;
	assert_int_equal(symlink("b.log", "link"), 0);
	assert_int_equal(mkdir("real", 0700), 0);
	assert_int_equal(symlink("real", "alias"), 0);
	assert_int_equal(mkfifo("fifo", 0600), 0);
	refuse("link", "is a symbolic link");
	refuse("alias/x", "is a symbolic link");
	refuse("real", "is not a file");
	refuse("real/", "is not a file");
	refuse("fifo", "is not a file");
	refuse("missing/x", "does not exist");
	assert_int_equal(log_open(&log, &(struct log_config){.path = NULL}, &nobody, &error), 0);
	assert_int_equal(log_start(&log, &error), 0);
	assert_int_equal(log_end(&log, &error), 0);
	log_close(&log);
}

/* Where nothing can be kept, the pipe is read all the same, and it is told in the end. */
static void a_disk_that_is_full(void **state)
{
	struct log_config config = {.path = "e.log", .size = SIZE, .keep = 1};
	static char text[100000];
	struct log log;

	(void)state;
	memset(text, '\n', sizeof(text));
	assert_int_equal(log_open(&log, &config, &nobody, &error), 0);
	assert_int_equal(log_start(&log, &error), 0);
	assert_true(dup3(open("/dev/full", O_WRONLY), log.fd, O_CLOEXEC) >= 0);
	assert_int_equal(write(log.output, text, sizeof(text)), (ssize_t)sizeof(text));
	log_leave(&log);
	assert_int_equal(log_end(&log, &error), -ENOSPC);
	assert_non_null(strstr(error.text, "e.log is not complete: No space left on device"));
	log_close(&log);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rotates_between_lines),
		cmocka_unit_test(goes_on_where_it_was),
		cmocka_unit_test(a_long_line_stays_whole),
		cmocka_unit_test(never_rotated),
		cmocka_unit_test(refused),
		cmocka_unit_test(a_disk_that_is_full),
	};

	return cmocka_run_group_tests(tests, set_up, clean_up);
}
