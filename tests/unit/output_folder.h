/*
 * output_folder.h - a folder of their own for tests of where a recording goes, which run in it and use relative names.
 *
 *	cmocka_run_group_tests(tests, enter_folder, leave_folder);
 *	open_it("new", false);		0, or error says why not
 *	... output_write(&output, ...)
 *	output_close(&output);
 *
 * A test leaves the folder empty.
 */
#ifndef SYSSTREAM_TEST_OUTPUT_FOLDER_H
#define SYSSTREAM_TEST_OUTPUT_FOLDER_H

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tracer/output.h"

static struct invoker nobody_known;
static struct output output;
static struct message error;
static char folder[64], before[4096];

static inline int enter_folder(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/test_output.XXXXXX");
	return getcwd(before, sizeof(before)) && mkdtemp(folder) ? chdir(folder) : -1;
}

static inline int leave_folder(void **state)
{
	(void)state;
	return chdir(before) || rmdir(folder);
}

/* put() - a file with this text. */
static inline void put(const char *name, const char *text)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

/* text_of() - what is in a file, static; nothing if it is not there. */
static inline const char *text_of(const char *name)
{
	static char text[4096];
	int fd = open(name, O_RDONLY);
	ssize_t n = fd >= 0 ? read(fd, text, sizeof(text) - 1) : 0;

	text[n > 0 ? n : 0] = '\0';
	if (fd >= 0)
		close(fd);
	return text;
}

/* count_entries() - so many files and folders are in the folder. */
static inline int count_entries(void)
{
	DIR *dir = opendir(".");
	int n = 0;

	while (readdir(dir))
		n++;
	closedir(dir);
	return n - 2;
}

/* open_it() - output goes to path and is given to nobody; error is of this call only. */
static inline int open_it(const char *path, bool force)
{
	memset(&error, 0, sizeof(error));
	return output_open(&output, path, force, &nobody_known, &error);
}

#endif
