/* test_parts.c - a table in several files: no line is lost, doubled or torn, whatever the pieces it comes in */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "decode/parts.h"

static char folder[] = "/tmp/parts.XXXXXX";

/* What is in a file, static; NULL if it is not there. */
static const char *text_of(const char *name)
{
	static char text[1 << 16];
	int fd = open(name, O_RDONLY);
	ssize_t n;

	if (fd < 0)
		return NULL;
	n = read(fd, text, sizeof(text) - 1);
	assert_true(n >= 0);
	text[n] = '\0';
	close(fd);
	unlink(name);
	return text;
}

static struct parts *open_parts(const char *path, uint64_t rows, bool header)
{
	struct parts_config config = {.path = path, .rows = rows, .header = header};
	struct parts *parts = parts_open(&config);

	assert_non_null(parts);
	return parts;
}

static void put(struct parts *parts, const char *text)
{
	assert_int_equal(parts_write(parts, text, strlen(text)), 0);
}

static void test_names(void **state)
{
	static const char *const names[][2] = {
		{"trace.tsv", "trace.00001.tsv"}, {"trace", "trace.00001"},   {".trace", ".trace.00001"},
		{"a.b.c", "a.b.00001.c"},         {"./t.csv", "t.00001.csv"}, {"t.", "t.00001."},
		{"d.d/t", "d.d/t.00001"},
	};

	(void)state;
	assert_int_equal(mkdir("d.d", 0700), 0);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct parts *parts = open_parts(names[i][0], 5, true);

		assert_non_null(strstr(parts_name(parts), names[i][1]));
		put(parts, "x\n");
		assert_int_equal(parts_close(parts), 0);
		assert_string_equal(text_of(names[i][1]), "x\n");
	}
}

static void test_header(void **state)
{
	struct parts *parts = open_parts("t.tsv", 3, true);

	(void)state;
	put(parts, "he");
	put(parts, "ad\n1\n2");
	put(parts, "\n");
	put(parts, "3\n");
	put(parts, "4\n5\n");
	assert_int_equal(parts_close(parts), 0);
	assert_string_equal(text_of("t.00001.tsv"), "head\n1\n2\n");
	assert_string_equal(text_of("t.00002.tsv"), "head\n3\n4\n");
	assert_string_equal(text_of("t.00003.tsv"), "head\n5\n");
	assert_null(text_of("t.00004.tsv"));
}

/* A file that would have a header and nothing else is not begun. */
static void test_full(void **state)
{
	struct parts *parts = open_parts("t.tsv", 3, true);

	(void)state;
	put(parts, "head\n1\n2\n");
	assert_int_equal(parts_close(parts), 0);
	assert_string_equal(text_of("t.00001.tsv"), "head\n1\n2\n");
	assert_null(text_of("t.00002.tsv"));
	parts = open_parts("t.tsv", 3, true);
	assert_int_equal(parts_close(parts), 0);
	assert_string_equal(text_of("t.00001.tsv"), "");
}

/* What was there is replaced, also where it was longer. */
static void test_replaces(void **state)
{
	struct parts *parts = open_parts("t.tsv", 2, false);

	(void)state;
	put(parts, "long, long\n, longer\n3\n");
	assert_int_equal(parts_close(parts), 0);
	parts = open_parts("t.tsv", 2, false);
	put(parts, "1\n");
	assert_int_equal(parts_close(parts), 0);
	assert_string_equal(text_of("t.00001.tsv"), "1\n");
	assert_string_equal(text_of("t.00002.tsv"), "3\n"); /* which has been said */
}

static void test_pieces(void **state)
{
	enum { LINES = 2000 };
	static char all[LINES * 40], joined[LINES * 40];

	(void)state;
	srand(7);
	for (unsigned round = 0; round < 20; round++) {
		uint64_t rows = 2 + (uint64_t)rand() % 700;
		bool header = round % 2;
		struct parts *parts = open_parts("t", rows, header);
		size_t len = 0, at = 0, n_joined = 0, lines = 0;

		for (unsigned i = 0; i < LINES; i++)
			len += (size_t)sprintf(all + len, "%u%.*s\n", i, rand() % 20, "--------------------");
		for (size_t n; at < len; at += n) {
			n = (size_t)rand() % 3000;
			n = n < len - at ? n : len - at;
			assert_int_equal(parts_write(parts, all + at, n), 0);
		}
		assert_int_equal(parts_close(parts), 0);
		for (unsigned part = 1; lines < LINES; part++) {
			char name[16];
			const char *text, *s;
			uint64_t n = 0;

			snprintf(name, sizeof(name), "t.%05u", part);
			text = text_of(name);
			assert_non_null(text);
			for (s = text; *s; s++)
				n += *s == '\n';
			assert_true(n == rows || (n < rows && lines + n - (header && part > 1) == LINES));
			if (header && part > 1) {
				size_t head = (size_t)(strchr(all, '\n') + 1 - all);

				assert_memory_equal(text, all, head);
				text += head;
				n--;
			}
			memcpy(joined + n_joined, text, strlen(text));
			n_joined += strlen(text);
			lines += (size_t)n;
		}
		assert_int_equal(n_joined, len);
		assert_memory_equal(joined, all, len);
	}
}

static void test_cannot_be_opened(void **state)
{
	struct parts_config config = {.path = "nowhere/t", .rows = 2};
	struct parts *parts;

	(void)state;
	assert_null(parts_open(&config));
	assert_int_equal(mkfifo("t.00001", 0600), 0);
	config.path = "t";
	assert_null(parts_open(&config));
	unlink("t.00001");
	parts = parts_open(&config);
	assert_non_null(parts);
	assert_int_equal(mkdir("t.00002", 0700), 0);
	assert_int_equal(parts_write(parts, "1\n2\n3\n", 6), -EISDIR);
	assert_string_equal(parts_name(parts), "t.00002");
	assert_int_equal(parts_close(parts), 0);
	assert_string_equal(text_of("t.00001"), "1\n2\n");
	rmdir("t.00002");
}

static bool is_it(const void *context, const struct stat *file)
{
	const struct stat *it = context;

	return it->st_dev == file->st_dev && it->st_ino == file->st_ino;
}

static void test_input_is_not_emptied(void **state)
{
	struct stat input;
	struct parts_config config = {.path = "t", .rows = 2, .is_input = is_it, .context = &input};
	int fd = open("t.00002", O_WRONLY | O_CREAT, 0600);
	struct parts *parts;

	(void)state;
	assert_int_equal(write(fd, "precious", 8), 8);
	assert_int_equal(fstat(fd, &input), 0);
	close(fd);
	parts = parts_open(&config);
	assert_non_null(parts);
	assert_int_equal(parts_write(parts, "1\n2\n3\n", 6), -EBUSY);
	assert_int_equal(parts_close(parts), 0);
	assert_string_equal(text_of("t.00002"), "precious");
	unlink("t.00001");
}

static void test_full_disk(void **state)
{
	struct rlimit saved, limit;
	struct parts *parts = open_parts("t", 100000, true);
	char text[600];

	(void)state;
	memset(text, '\n', sizeof(text));
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &saved), 0);
	limit = (struct rlimit){.rlim_cur = 1000, .rlim_max = saved.rlim_max};
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(parts_write(parts, text, sizeof(text)), 0);
	assert_int_equal(parts_write(parts, text, sizeof(text)), -EFBIG);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &saved), 0);
	assert_int_equal(parts_close(parts), 0);
	unlink("t.00001");
}

static int set_up(void **state)
{
	(void)state;
	return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	rmdir("d.d");
	return chdir("/") || rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_header),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_replaces),
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_cannot_be_opened),
		cmocka_unit_test(test_input_is_not_emptied),
		cmocka_unit_test(test_full_disk),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
