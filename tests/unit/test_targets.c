/*
 * test_targets.c - PIDs to processes, with processes of our own in every state
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../tracer/targets.h"

static struct targets targets;
static struct message error;
static char warnings[4096];

/* First thing in a test that resolves PIDs. */
static void need_initial_namespace(void)
{
	if (tasks_namespace(getpid()) != TASKS_INITIAL) {
		print_message("skipped: this is a container with PIDs of its own\n");
		skip();
	}
}

/* targets_resolve() with what it warns of in warnings. */
static int resolve(const pid_t *pids, size_t n, bool self)
{
	int ends[2], saved = dup(STDERR_FILENO), err;
	ssize_t len;

	assert_int_equal(pipe(ends), 0);
	dup2(ends[1], STDERR_FILENO);
	memset(&error, 0, sizeof(error));
	err = targets_resolve(&targets, pids, n, self, NULL, &error);
	dup2(saved, STDERR_FILENO);
	close(saved);
	close(ends[1]);
	len = read(ends[0], warnings, sizeof(warnings) - 1);
	warnings[len > 0 ? len : 0] = '\0';
	close(ends[0]);
	return err;
}

/* A child called name that sleeps until it is killed. */
static pid_t sleeper(const char *name)
{
	int ends[2];
	char byte;
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		prctl(PR_SET_NAME, name);
		close(ends[0]);
		close(ends[1]); /* says: the name is set */
		for (;;)
			pause();
	}
	close(ends[1]);
	assert_int_equal(read(ends[0], &byte, 1), 0);
	close(ends[0]);
	return child;
}

static void end(pid_t child)
{
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

/* A PID that is free: that of a child that has just been reaped. */
static pid_t dead_pid(void)
{
	pid_t child = sleeper("dead");

	end(child);
	return child;
}

static void living_and_dead(void **state)
{
	(void)state;
	need_initial_namespace();

	pid_t a = sleeper("first"), b = sleeper("second"), dead = dead_pid();
	pid_t pids[] = {a, dead, b};
	char expected[128], text[128];

	assert_int_equal(resolve(pids, 3, false), 0);
	assert_int_equal(targets.n, 2);
	assert_int_equal(targets.left_out, 1);
	assert_int_equal(targets.list[0].pid, a);
	assert_int_equal(targets.list[0].kernel_pid, a);
	assert_string_equal(targets.list[0].comm, "first");
	assert_int_equal(targets.list[1].given, b);
	assert_true(targets.list[1].start > 0);
	snprintf(expected, sizeof(expected), "sysstream: %d: no such process; it is left out\n", (int)dead);
	assert_string_equal(warnings, expected);
	snprintf(expected, sizeof(expected), "first[%d] and second[%d]", (int)a, (int)b);
	assert_string_equal(targets_describe(&targets, text, sizeof(text)), expected);

	assert_int_equal(targets_alive(&targets), 2);
	kill(a, SIGKILL);
	struct pollfd ended = {.fd = targets.list[0].pidfd, .events = POLLIN};
	assert_int_equal(poll(&ended, 1, 5000), 1);
	assert_int_equal(targets_alive(&targets), 1); /* a zombie has ended */
	assert_true(targets.list[0].ended);
	end(a);
	end(b);
	assert_int_equal(targets_alive(&targets), 0);
	targets_close(&targets);
}

/* Where pidfd_open() is forbidden, the start time tells. */
static void without_pidfd(void **state)
{
	(void)state;
	need_initial_namespace();

	pid_t a = sleeper("a");

	assert_int_equal(resolve(&a, 1, false), 0);
	close(targets.list[0].pidfd);
	targets.list[0].pidfd = -1;
	assert_int_equal(targets_alive(&targets), 1);
	targets.list[0].start++; /* as if another had its number */
	assert_int_equal(targets_alive(&targets), 0);
	targets.list[0].start--;
	targets.list[0].ended = false;
	end(a);
	assert_int_equal(targets_alive(&targets), 0);
	targets_close(&targets);
}

static void nothing_alive(void **state)
{
	(void)state;
	need_initial_namespace();

	pid_t dead = dead_pid();
	pid_t zombie = fork();
	siginfo_t info;

	if (zombie == 0)
		_exit(0);
	waitid(P_PID, (id_t)zombie, &info, WEXITED | WNOWAIT);
	assert_int_equal(resolve((pid_t[]){dead, zombie}, 2, false), -ESRCH);
	assert_string_equal(error.text, "nothing to attach to: no process of those given can be recorded");
	assert_non_null(strstr(warnings, "no such process"));
	assert_null(targets.list);
	waitpid(zombie, NULL, 0);
}

static void ourselves(void **state)
{
	(void)state;
	need_initial_namespace();

	pid_t self = getpid();

	assert_int_equal(resolve(&self, 1, false), -ESRCH);
	assert_non_null(strstr(warnings, "that is sysstream itself"));
	assert_int_equal(resolve(&self, 1, true), 0);
	assert_int_equal(targets.list[0].pid, self);
	assert_string_equal(warnings, "");
	targets_close(&targets);
}

static void kernel_threads(void **state)
{
	(void)state;
	need_initial_namespace();

	char text[256];
	FILE *file = fopen("/proc/2/stat", "r");
	pid_t kthreadd = 2;
	bool is_it;

	is_it = file && fgets(text, sizeof(text), file) && strstr(text, "(kthreadd)");
	if (file)
		fclose(file);
	if (!is_it) {
		print_message("skipped: PID 2 is not a thread of the kernel here\n");
		skip();
	}
	assert_int_equal(resolve(&kthreadd, 1, false), -ESRCH);
	assert_non_null(strstr(warnings, "2: a thread of the kernel"));
}

static pthread_barrier_t barrier;
static volatile pid_t thread_tid;

static void *named_thread(void *name)
{
	pthread_setname_np(pthread_self(), name);
	thread_tid = (pid_t)syscall(SYS_gettid);
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	return NULL;
}

static pthread_t start_thread(char *name)
{
	pthread_t thread;

	pthread_barrier_init(&barrier, NULL, 2);
	assert_int_equal(pthread_create(&thread, NULL, named_thread, name), 0);
	pthread_barrier_wait(&barrier);
	return thread;
}

static void stop_thread(pthread_t thread)
{
	pthread_barrier_wait(&barrier);
	pthread_join(thread, NULL);
	pthread_barrier_destroy(&barrier);
}

static void thread_for_process(void **state)
{
	(void)state;
	need_initial_namespace();

	char name[] = "worker";
	pthread_t thread = start_thread(name);
	pid_t pids[] = {thread_tid, getpid()};
	char expected[128];

	assert_int_equal(resolve(pids, 2, true), 0);
	assert_int_equal(targets.n, 1); /* both are the same process */
	assert_int_equal(targets.left_out, 0);
	assert_int_equal(targets.list[0].pid, getpid());
	snprintf(expected, sizeof(expected), "%d is a thread of process %d", (int)pids[0], (int)getpid());
	assert_non_null(strstr(warnings, expected));
	targets_close(&targets);
	stop_thread(thread);
}

/* A name may hold any bytes; on the terminal it is harmless, in our hands unchanged. */
static void hostile_names(void **state)
{
	(void)state;
	need_initial_namespace();

	static const char *const names[] = {"\x1b[2J\n", "a) S 1 (b", "\nTgid:\t1\n", ") R 0 0 0", "\n",
					    "\xff\xfe",  " "};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		pid_t child = sleeper(names[i]);

		assert_int_equal(resolve(&child, 1, false), 0);
		assert_int_equal(targets.list[0].pid, child);
		assert_string_equal(targets.list[0].comm, names[i]);
		assert_int_equal(targets.list[0].comm_len, strlen(names[i]));
		assert_true(targets.list[0].start > 0);
		assert_string_equal(warnings, "");
		assert_int_equal(targets_alive(&targets), 1);
		targets_close(&targets);
		end(child);
	}
}

static void many_described(void **state)
{
	struct target list[6] = {0};
	struct targets many = {.list = list, .n = 6};
	char text[128], small[10];

	(void)state;
	for (int i = 0; i < 6; i++) {
		list[i].pid = i + 1;
		snprintf(list[i].comm, sizeof(list[i].comm), "p%d", i);
		list[i].comm_len = 2;
	}
	assert_string_equal(targets_describe(&many, text, sizeof(text)), "p0[1], p1[2], p2[3] and 3 more");
	many.n = 4;
	assert_string_equal(targets_describe(&many, text, sizeof(text)), "p0[1], p1[2], p2[3] and p3[4]");
	list[0].comm_len = 0;
	many.n = 1;
	assert_string_equal(targets_describe(&many, text, sizeof(text)), "?[1]");
	many.n = 4;
	assert_int_equal(strlen(targets_describe(&many, small, sizeof(small))), 9);
}

static void expect_numbers(const char *text, uint32_t ns_pid, uint32_t ns_tid)
{
	uint32_t got_pid = 9, got_tid = 9;

	targets_parse_status(text, &got_pid, &got_tid);
	assert_int_equal(got_pid, ns_pid);
	assert_int_equal(got_tid, ns_tid);
}

static void parse_status(void **state)
{
	(void)state;
	expect_numbers("Name:\tx\nNStgid:\t812\nNSpid:\t812\nNSpgid:\t812\n", 0, 0);
	expect_numbers("Name:\tx\nNStgid:\t812\t1\nNSpid:\t813\t2\nNSpgid:\t812\t1\n", 1, 2);
	expect_numbers("Name:\tx\nNStgid:\t812\t70\t4194303\nNSpid:\t813\t71\t4194304", 4194303, 4194304);
	expect_numbers("Name:\tNSpid:\t1\t2\nNStgid:\nNSpid:\t", 0, 0); /* no numbers, and a name like that */
	expect_numbers("", 0, 0);
}

static void parse_syscall(void **state)
{
	struct thread thread = {0};
	static const char *const wrong[] = {
		"",
		"\n",
		"running",
		"walking\n",
		"0",
		"0\n",
		"0 0x1 0x2 0x3 0x4 0x5 0x6\n",
		"-1 0x1\n",
		"-1 0x1 0x2",
		"0 0x1 0x2 0x3 0x4 0x5 0x6 0x7 0x8 0x9\n",
		"0 0x1 0x2 0x3 0x4 0x5 0x6 0x7 0xg\n",
		" 0 0x1 0x2\n",
		"0 1 2 3 4 5 6 7 8\n",
		"0 0x 0x2 0x3 0x4 0x5 0x6 0x7 0x8\n",
		"99999999999999999999 0x1 0x2\n",
		"0 0x11111111111111111 0x2 0x3 0x4 0x5 0x6 0x7 0x8\n",
		"-1 0x-1 0x2\n",
		"-1  0x1 0x2\n",
	};

	(void)state;
	assert_int_equal(targets_parse_syscall("running\n", &thread), 0);
	assert_int_equal(thread.place, THREAD_RUNNING);
	assert_int_equal(targets_parse_syscall("-1 0x7ffc12 0x7f34\n", &thread), 0);
	assert_int_equal(thread.place, THREAD_BLOCKED);
	assert_true(thread.sp == 0x7ffc12 && thread.pc == 0x7f34);
	assert_int_equal(
		targets_parse_syscall("232 0x4 0x7ffe 0x40 0xffffffffffffffff 0x0 0x8 0x7ffc00 0x7f35\n", &thread), 0);
	assert_int_equal(thread.place, THREAD_IN_CALL);
	assert_int_equal(thread.nr, 232);
	assert_true(thread.arg[0] == 4 && thread.arg[2] == 0x40 && thread.arg[3] == UINT64_MAX && thread.arg[5] == 8);
	assert_true(thread.sp == 0x7ffc00 && thread.pc == 0x7f35);
	assert_int_equal(targets_parse_syscall("1073741824 0x1 0x2 0x3 0x4 0x5 0x6 0x7 0x8\n", &thread), 0);
	assert_int_equal(thread.nr, 0x40000000);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(targets_parse_syscall(wrong[i], &thread), -EINVAL);
}

struct seen {
	int n;
	int in_pause;
	int named;
	int stop_at;
	const char *name;
};

static int see(const struct thread *thread, void *context)
{
	struct seen *seen = context;

	seen->n++;
	seen->named += !strcmp(thread->comm, seen->name);
	seen->in_pause += thread->place == THREAD_IN_CALL && (thread->nr == SYS_futex
#ifdef SYS_pause
							      || thread->nr == SYS_pause
#endif
							      || thread->nr == SYS_ppoll);
	return seen->n == seen->stop_at ? -ECANCELED : 0;
}

static void threads(void **state)
{
	char name[] = "odd\nname";
	struct seen seen = {.name = name};
	pthread_t thread = start_thread(name);

	(void)state;
	assert_int_equal(targets_threads(getpid(), see, &seen), 2);
	assert_int_equal(seen.n, 2);
	assert_int_equal(seen.named, 1);
	seen.n = 0;
	seen.stop_at = 1;
	assert_int_equal(targets_threads(getpid(), see, &seen), -ECANCELED);
	stop_thread(thread);
	assert_int_equal(targets_threads(dead_pid(), see, &seen), -ESRCH);
}

static void thread_in_a_call(void **state)
{
	struct seen seen = {.name = "blocked"};
	pid_t child = sleeper("blocked");

	(void)state;
	for (int i = 0; i < 500 && seen.in_pause == 0; i++) { /* it may be on its way into pause() */
		seen.n = 0;
		assert_int_equal(targets_threads(child, see, &seen), 1);
		usleep(10000);
	}
	end(child);
	assert_int_equal(seen.in_pause, 1);
	assert_true(seen.named > 0);
}

static void *short_life(void *unused)
{
	return unused;
}

/* Threads that come and go while /proc is read are no error. */
static void vanishing_threads(void **state)
{
	struct seen seen = {.name = "x"};
	pid_t child = fork();

	(void)state;
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;) {
			pthread_t thread[8];

			for (int i = 0; i < 8; i++)
				if (pthread_create(&thread[i], NULL, short_life, NULL))
					_exit(1);
			for (int i = 0; i < 8; i++)
				pthread_join(thread[i], NULL);
		}
	}
	for (int i = 0; i < 2000; i++)
		assert_true(targets_threads(child, see, &seen) >= 1);
	end(child);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(living_and_dead),   cmocka_unit_test(without_pidfd),
		cmocka_unit_test(nothing_alive),     cmocka_unit_test(ourselves),
		cmocka_unit_test(kernel_threads),    cmocka_unit_test(thread_for_process),
		cmocka_unit_test(hostile_names),     cmocka_unit_test(many_described),
		cmocka_unit_test(parse_status),      cmocka_unit_test(parse_syscall),
		cmocka_unit_test(threads),           cmocka_unit_test(thread_in_a_call),
		cmocka_unit_test(vanishing_threads),
	};

	return cmocka_run_group_tests_name("targets", tests, NULL, NULL);
}
