/*
 * sessions.h - recordings in a directory that are read together, for tests of merging.
 *
 *	cmocka_run_group_tests(tests, sessions_setup, sessions_teardown);
 *	... recorder_open(&r, paths[i], …)			see recorded.h
 *	sessions_plan(n);					the first n of them: sources and plan
 *	sessions_clear();
 */
#ifndef SYSDECODE_TEST_SESSIONS_H
#define SYSDECODE_TEST_SESSIONS_H

#include <stdio.h>
#include <stdlib.h>

#include "decode/plan.h"
#include "recorded.h"

#define SESSIONS_MAX 50

static char directory[] = "/tmp/sysdecode-test-XXXXXX";
static char paths[SESSIONS_MAX][64];
static struct sources sources;
static struct plan plan;

/* sessions_setup() - the directory, and paths[] in it that have no files yet. */
static inline int sessions_setup(void **state)
{
	(void)state;
	if (!mkdtemp(directory))
		return -1;
	for (int i = 0; i < SESSIONS_MAX; i++)
		snprintf(paths[i], sizeof(paths[i]), "%s/%d.sst", directory, i);
	return 0;
}

/* sessions_delete() - the files, of which some may not be there. */
static inline void sessions_delete(void)
{
	for (int i = 0; i < SESSIONS_MAX; i++)
		unlink(paths[i]);
}

/* sessions_teardown() - away with all of it. */
static inline int sessions_teardown(void **state)
{
	(void)state;
	sessions_delete();
	return rmdir(directory);
}

/* sessions_plan() - open the first n files and plan in which order they are read. */
static inline void sessions_plan(size_t n)
{
	char *names[SESSIONS_MAX];

	for (size_t i = 0; i < n; i++)
		names[i] = paths[i];
	sources_open(&sources, names, n);
	assert_int_equal(sources.n, n);
	assert_int_equal(plan_make(&plan, &sources, true), 0);
}

/* sessions_clear() - close them. */
static inline void sessions_clear(void)
{
	plan_clear(&plan);
	sources_close(&sources);
}

#endif
