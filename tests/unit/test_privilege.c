/*
 * test_privilege.c - who called sudo, what is missing, and that nothing is left after the drop
 *
 * Privileges only go down: each case runs in a child of its own.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
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

#include "../../tracer/privilege.h"

static struct message error;

/* In a child: say which line of a case does not hold, and end. */
#define HOLDS(condition)                                                                                               \
	do {                                                                                                           \
		if (!(condition)) {                                                                                    \
			fprintf(stderr, "%s:%d: %s (%s)\n", __FILE__, __LINE__, #condition, error.text);               \
			_exit(1);                                                                                      \
		}                                                                                                      \
	} while (0)

static void in_child(void (*body)(void))
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		body();
		_exit(0);
	}
	waitpid(child, &status, 0);
	assert_int_equal(status, 0);
}

static void need_root(void)
{
	if (geteuid() != 0) {
		print_message("skipped: needs root\n");
		skip();
	}
}

/* Exactly these capabilities, permitted and effective. */
static void set_caps(uint64_t caps)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {
		{.effective = (uint32_t)caps, .permitted = (uint32_t)caps},
		{.effective = (uint32_t)(caps >> 32), .permitted = (uint32_t)(caps >> 32)},
	};

	HOLDS(syscall(SYS_capset, &header, data) == 0);
}

/* A line of /proc/self/status as a number in the given base. */
static unsigned long long status_number(const char *name, int base)
{
	FILE *file = fopen("/proc/self/status", "r");
	char line[256];
	unsigned long long value = 987654321;

	HOLDS(file);
	while (fgets(line, sizeof(line), file))
		if (!strncmp(line, name, strlen(name)) && line[strlen(name)] == ':')
			value = strtoull(line + strlen(name) + 1, NULL, base);
	fclose(file);
	return value;
}

/* --- the invoker --- */

static void believable(void)
{
	static const char *const wrong[] = {
		"",     "x",   "-1", "1000x", " 1000", "+1000", "4294967295", "4294967296", "99999999999999999999",
		"0x10", "1e3", "0"};
	struct invoker invoker;

	setenv("SUDO_UID", "65534", 1);
	setenv("SUDO_GID", "65534", 1);
	HOLDS(privilege_invoker(&invoker) == 0);
	HOLDS(invoker.known && invoker.uid == 65534 && invoker.gid == 65534 && invoker.n_groups >= 1);
	HOLDS(!strcmp(invoker.name, "nobody") && invoker.home && invoker.shell);
	privilege_invoker_free(&invoker);
	HOLDS(!invoker.known && !invoker.name && !invoker.groups);

	setenv("SUDO_UID", "3999999999", 1); /* in no user database */
	setenv("SUDO_GID", "3999999998", 1);
	HOLDS(privilege_invoker(&invoker) == 0);
	HOLDS(invoker.known && invoker.uid == 3999999999U && !invoker.name && !invoker.home);
	HOLDS(invoker.n_groups == 1 && invoker.groups[0] == 3999999998U);
	privilege_invoker_free(&invoker);

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		setenv("SUDO_UID", wrong[i], 1);
		HOLDS(privilege_invoker(&invoker) == 0);
		HOLDS(!invoker.known);
	}
	setenv("SUDO_UID", "65534", 1);
	unsetenv("SUDO_GID");
	HOLDS(privilege_invoker(&invoker) == 0);
	HOLDS(!invoker.known);
}

static void invoker_under_sudo(void **state)
{
	(void)state;
	need_root();
	in_child(believable);
}

static void unbelievable(void)
{
	struct invoker invoker;

	setenv("SUDO_UID", "1", 1);
	setenv("SUDO_GID", "1", 1);
	HOLDS(geteuid() != 0 || setuid(65534) == 0);
	HOLDS(privilege_invoker(&invoker) == 0);
	HOLDS(!invoker.known);
}

static void invoker_needs_root(void **state)
{
	(void)state;
	in_child(unbelievable);
}

/* --- the check --- */

static void as_nobody(void)
{
	HOLDS(geteuid() != 0 || setuid(65534) == 0);
	HOLDS(privilege_check(&error) == -EPERM);
	HOLDS(!strncmp(
		error.text,
		"CAP_BPF and CAP_PERFMON are missing: run it with sudo, or: sudo setcap cap_bpf,cap_perfmon+ep /", 95));
}

static void without_capabilities(void **state)
{
	(void)state;
	in_child(as_nobody);
}

static void one_missing(void)
{
	set_caps(1ULL << CAP_BPF);
	HOLDS(privilege_check(&error) == -EPERM);
	HOLDS(!strncmp(error.text, "CAP_PERFMON is missing: ", 24));
}

static void other_missing(void)
{
	set_caps(1ULL << CAP_PERFMON);
	HOLDS(privilege_check(&error) == -EPERM);
	HOLDS(!strncmp(error.text, "CAP_BPF is missing: ", 20));
}

static void both_there(void)
{
	int err;

	set_caps(1ULL << CAP_PERFMON | 1ULL << CAP_BPF);
	err = privilege_check(&error);
	HOLDS(err == 0 || !strstr(error.text, "missing"));
}

static void admin_is_enough(void)
{
	int err;

	set_caps(1ULL << CAP_SYS_ADMIN);
	err = privilege_check(&error);
	HOLDS(err == 0 || !strstr(error.text, "missing"));
}

static void named_capabilities(void **state)
{
	(void)state;
	need_root();
	in_child(one_missing);
	in_child(other_missing);
	in_child(both_there);
	in_child(admin_is_enough);
}

static void set_user_id(void)
{
	HOLDS(setresuid(65534, 0, 0) == 0);
	HOLDS(privilege_check(&error) == -EPERM);
	HOLDS(strstr(error.text, "set-user-ID"));
}

static void installed_set_user_id(void **state)
{
	(void)state;
	need_root();
	in_child(set_user_id);
}

static void namespaced(void)
{
	if (unshare(CLONE_NEWUSER) != 0) {
		fprintf(stderr, "skipped: no user namespaces here: %s\n", strerror(errno));
		return;
	}
	HOLDS(privilege_check(&error) == -EPERM);
	HOLDS(strstr(error.text, "user namespace"));
}

static void user_namespace(void **state)
{
	(void)state;
	in_child(namespaced);
}

/* --- the drop --- */

static const struct invoker nobody_known;

static void assert_dropped(bool keep_bpf)
{
	uint64_t kept = keep_bpf ? 1ULL << CAP_BPF : 0;

	HOLDS(status_number("CapEff", 16) == kept);
	HOLDS(status_number("CapPrm", 16) == kept);
	HOLDS(status_number("CapInh", 16) == 0);
	HOLDS(status_number("CapBnd", 16) == 0);
	HOLDS(status_number("CapAmb", 16) == 0);
	HOLDS(status_number("NoNewPrivs", 10) == 1);
	HOLDS(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0);
	HOLDS(prctl(PR_GET_KEEPCAPS, 0, 0, 0, 0) == 0);
}

static void drop_under_sudo(bool keep_bpf)
{
	gid_t groups[] = {65534, 12345, 23456}, got[8];
	struct invoker invoker = {.known = true, .uid = 65534, .gid = 65534, .groups = groups, .n_groups = 3};
	uid_t r, e, s;

	HOLDS(setgroups(1, (gid_t[]){0}) == 0);
	HOLDS(privilege_drop(&invoker, keep_bpf, &error) == 0);
	HOLDS(getresuid(&r, &e, &s) == 0 && r == 65534 && e == 65534 && s == 65534);
	HOLDS(getresgid(&r, &e, &s) == 0 && r == 65534 && e == 65534 && s == 65534);
	HOLDS(getgroups(8, got) == 3 && got[0] != 0 && got[1] != 0 && got[2] != 0);
	assert_dropped(keep_bpf);
	HOLDS(setuid(0) != 0);
	HOLDS(open("/etc/shadow", O_RDONLY) < 0);
	HOLDS(privilege_drop(&invoker, false, &error) == -EPERM); /* setgroups; nothing comes back */
	assert_dropped(keep_bpf);
}

static void drop_all(void)
{
	drop_under_sudo(false);
}

static void drop_but_bpf(void)
{
	drop_under_sudo(true);
}

static void drop_as_root(void)
{
	HOLDS(privilege_drop(&nobody_known, false, &error) == 0);
	HOLDS(getuid() == 0);
	assert_dropped(false);
	HOLDS(chown("/proc/self", 1, 1) != 0);
}

static void drop_as_root_but_bpf(void)
{
	HOLDS(privilege_drop(&nobody_known, true, &error) == 0);
	assert_dropped(true);
}

/* As with file capabilities: no CAP_SETPCAP, so the bounding set stays, and no_new_privs makes it worthless. */
static void drop_without_setpcap(void)
{
	set_caps(1ULL << CAP_BPF | 1ULL << CAP_PERFMON);
	HOLDS(privilege_drop(&nobody_known, true, &error) == 0);
	HOLDS(status_number("CapEff", 16) == 1ULL << CAP_BPF);
	HOLDS(status_number("NoNewPrivs", 10) == 1);
}

/* Asked to keep what is not there: said, not passed over. */
static void keep_what_is_not_there(void)
{
	set_caps(1ULL << CAP_PERFMON);
	HOLDS(privilege_drop(&nobody_known, true, &error) < 0);
	HOLDS(!strncmp(error.text, "cannot give up privileges: ", 27));
}

/* A user that we may not become. */
static void drop_without_setuid(void)
{
	gid_t group = 65534;
	struct invoker invoker = {.known = true, .uid = 65534, .gid = 65534, .groups = &group, .n_groups = 1};

	set_caps(1ULL << CAP_BPF);
	HOLDS(privilege_drop(&invoker, false, &error) == -EPERM);
	HOLDS(strstr(error.text, "setgroups"));
	set_caps(0);
}

static void dropping(void **state)
{
	(void)state;
	need_root();
	in_child(drop_all);
	in_child(drop_but_bpf);
	in_child(drop_as_root);
	in_child(drop_as_root_but_bpf);
	in_child(drop_without_setpcap);
	in_child(keep_what_is_not_there);
	in_child(drop_without_setuid);
}

static void drop_with_nothing(void)
{
	HOLDS(geteuid() != 0 || setuid(65534) == 0);
	HOLDS(privilege_drop(&nobody_known, false, &error) == 0);
	HOLDS(status_number("CapEff", 16) == 0);
	HOLDS(status_number("NoNewPrivs", 10) == 1);
}

static void dropping_as_user(void **state)
{
	(void)state;
	in_child(drop_with_nothing);
}

static void *sleep_on(void *unused)
{
	pause();
	return unused;
}

static void drop_with_threads(void)
{
	pthread_t thread;

	HOLDS(pthread_create(&thread, NULL, sleep_on, NULL) == 0);
	HOLDS(privilege_drop(&nobody_known, false, &error) == -EBUSY);
}

static void second_thread(void **state)
{
	(void)state;
	in_child(drop_with_threads);
}

/* --- bpf() afterwards --- */

static void needs_cap(void **state)
{
	union bpf_attr attr;
	int map, answer;

	(void)state;
	assert_true(privilege_bpf_needs_cap(-1) != 0); /* EBADF, or EPERM before that */
	need_root();
	memset(&attr, 0, sizeof(attr));
	attr.map_type = BPF_MAP_TYPE_ARRAY;
	attr.key_size = 4;
	attr.value_size = 8;
	attr.max_entries = 1;
	map = (int)syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr));
	if (map < 0) {
		print_message("skipped: making a BPF map: %s\n", strerror(errno));
		skip();
	}
	answer = privilege_bpf_needs_cap(map);
	print_message("CAP_BPF has to be kept on this kernel: %s\n", answer == 1 ? "yes" : "no");
	assert_in_range(answer, 0, 1);
	close(map);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(invoker_under_sudo),
		cmocka_unit_test(invoker_needs_root),
		cmocka_unit_test(without_capabilities),
		cmocka_unit_test(named_capabilities),
		cmocka_unit_test(installed_set_user_id),
		cmocka_unit_test(user_namespace),
		cmocka_unit_test(dropping),
		cmocka_unit_test(dropping_as_user),
		cmocka_unit_test(second_thread),
		cmocka_unit_test(needs_cap),
	};

	return cmocka_run_group_tests_name("privilege", tests, NULL, NULL);
}
