/*
 * test_view.c - what a view is asked for, and that a slow one holds nothing up: whole frames in their order, or none
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tracer/view.h"

#define FRAME 100000

static void known_kinds(void **state)
{
	static const char *const good[] = {"tsv",
					   " jsonl",
					   "processes --min-duration=100",
					   "stats  --by=syscall -j1 ",
					   "strace",
					   "files",
					   "perfetto",
					   "summary",
					   "metrics",
					   "metrics=3001",
					   "metrics=[::1]:0 --by=comm"};
	struct message error;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_int_equal(view_check(good[i], &error), 0);
}

static void unknown_kinds(void **state)
{
	static const char *const wrong[] = {
		"", " ", "xml", "tsv2", "ts", "tsv trace.sst", "--format=tsv", "tsv -o x", "stats=2", "metric=1"};
	struct message error;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(view_check(wrong[i], &error), -EINVAL);
		assert_non_null(strstr(error.text, "--view: "));
	}
}

static void options_behind(void **state)
{
	(void)state;
	assert_true(view_is("metrics=3000", "metrics"));
	assert_false(view_is("stats", "metrics"));
	assert_false(view_needs_calls("stats --by=process --sort=calls --top=3"));
	assert_true(view_needs_calls("stats --sort=calls --by=syscall,thread"));
	assert_true(view_needs_calls("summary --slower=1ms"));
	assert_true(view_needs_calls("stats --tid=7"));
	assert_false(view_can_be_live("stats")); /* tests have no terminal */
}

static void too_many_options(void **state)
{
	char kind[1024] = "tsv";
	struct message error;

	(void)state;
	for (int i = 0; i < 80; i++)
		strcat(kind, " -j1");
	assert_int_equal(view_check(kind, &error), -EINVAL);
}

/* A view whose program does not read yet. */
static void open_pipe(struct view *view, int fds[2])
{
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	*view = (struct view){.fd = fds[1]};
}

static void write_frame(struct view *view, uint32_t number, bool must, bool next)
{
	static uint32_t frame[FRAME / sizeof(uint32_t)];

	for (size_t i = 0; i < sizeof(frame) / sizeof(frame[0]); i++)
		frame[i] = number;
	view_write(view, frame, sizeof(frame), must, next);
}

/* Read one frame, while the view hands over what there is room for. */
static uint32_t read_frame(struct view *view, int fd)
{
	uint32_t frame[FRAME / sizeof(uint32_t)];
	size_t done = 0;

	while (done < sizeof(frame)) {
		ssize_t n;

		view_care(view);
		n = read(fd, (char *)frame + done, sizeof(frame) - done);
		assert_true(n > 0);
		done += (size_t)n;
	}
	for (size_t i = 1; i < sizeof(frame) / sizeof(frame[0]); i++)
		assert_int_equal(frame[i], frame[0]);
	return frame[0];
}

static void forget(struct view *view, int fds[2])
{
	close(fds[0]);
	close(fds[1]);
	free(view->behind);
	free(view->next);
}

/* The first ones fit, the last one must. What comes out has no half frames. */
static void slow_reader(void **state)
{
	const uint32_t fit = VIEW_BEHIND / FRAME, all = fit + 50;
	struct view view;
	uint32_t last = 0, number = 0;
	int fds[2];

	(void)state;
	open_pipe(&view, fds);
	for (uint32_t i = 1; i <= all; i++)
		write_frame(&view, i, i == all, false);
	assert_in_range(view.left_out, 30, 50);
	assert_true(view.n_behind <= VIEW_BEHIND + FRAME);
	while (number != all) {
		number = read_frame(&view, fds[0]);
		assert_true(number == last + 1 || number == all);
		last = number;
	}
	assert_int_equal(view.n_behind, 0);
	assert_false(view.gone);
	forget(&view, fds);
}

/* The beginning of the next part comes behind the end of the one before, and not at all if there is no next part. */
static void order_of_parts(void **state)
{
	struct view view;
	int fds[2];

	(void)state;
	open_pipe(&view, fds);
	write_frame(&view, 1, true, false);
	write_frame(&view, 4, true, true);
	write_frame(&view, 2, false, false);
	write_frame(&view, 3, true, false);
	view_next(&view, true);
	write_frame(&view, 99, true, true);
	view_next(&view, false);
	write_frame(&view, 5, true, false);
	for (uint32_t i = 1; i <= 5; i++)
		assert_int_equal(read_frame(&view, fds[0]), i);
	assert_int_equal(view.n_behind, 0);
	forget(&view, fds);
}

static void reader_goes(void **state)
{
	struct view view;
	int fds[2];

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	open_pipe(&view, fds);
	write_frame(&view, 1, true, false);
	close(fds[0]);
	write_frame(&view, 2, true, false);
	assert_true(view.gone);
	for (uint32_t i = 0; i < 1000; i++)
		write_frame(&view, i, true, false);
	assert_true(view.n_behind <= 2 * FRAME); /* nothing is kept for nobody */
	assert_int_equal(view.left_out, 0);
	fds[0] = -1;
	forget(&view, fds);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_kinds),      cmocka_unit_test(unknown_kinds), cmocka_unit_test(options_behind),
		cmocka_unit_test(too_many_options), cmocka_unit_test(slow_reader),   cmocka_unit_test(order_of_parts),
		cmocka_unit_test(reader_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
