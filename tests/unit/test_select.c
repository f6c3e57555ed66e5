/* Which calls -e selects: strace's words, and what is wrong with them. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "../../format/syscalls.h"
#include "../../tracer/classes.h"
#include "../../tracer/select.h"

static struct selection selection;
static struct message error;

static int parse(const char *expression)
{
	memset(&selection, 0, sizeof(selection));
	memset(&error, 0, sizeof(error));
	return selection_parse(&selection, expression, &error);
}

static bool has(unsigned abi, const char *name)
{
	uint32_t nr;

	assert_int_equal(sst_syscall_find(abi, name, &nr), 0);
	return selection_has(&selection, abi, nr);
}

static void everything_without_an_expression(void **state)
{
	(void)state;
	memset(&selection, 0, sizeof(selection));
	assert_false(selection_is_any(&selection));
	assert_true(selection_has(&selection, SST_ABI_X86_64, 0));
	assert_true(selection_has(&selection, 0, 4000));
}

static void names(void **state)
{
	(void)state;
	assert_int_equal(parse("trace=openat,close"), 0);
	assert_true(selection_is_any(&selection));
	assert_true(has(SST_ABI_X86_64, "openat") && has(SST_ABI_I386, "close") && has(SST_ABI_AARCH64, "openat"));
	assert_false(has(SST_ABI_X86_64, "read") || has(SST_ABI_I386, "open"));
	assert_false(selection_has(&selection, SST_ABI_X86_64, 2000));
	assert_int_equal(parse("read"), 0);
	assert_true(has(SST_ABI_X86_64, "read"));
	assert_int_equal(parse("t=pread64"), 0); /* the kernel's name; ausyscall's is pread */
	assert_true(has(SST_ABI_X86_64, "pread"));
	assert_int_equal(parse("39"), 0);
	assert_true(has(SST_ABI_X86_64, "getpid"));
}

static void all_but_some(void **state)
{
	(void)state;
	assert_int_equal(parse("!futex,clock_nanosleep"), 0);
	assert_false(has(SST_ABI_X86_64, "futex") || has(SST_ABI_X86_64, "clock_nanosleep"));
	assert_true(has(SST_ABI_X86_64, "read") && has(SST_ABI_I386, "read"));
	assert_true(selection_has(&selection, SST_ABI_X86_64, 2000) && selection_has(&selection, 0, 1));
	assert_int_equal(parse("none"), 0);
	assert_false(has(SST_ABI_X86_64, "read") || selection_has(&selection, 0, 1));
	assert_int_equal(parse("all"), 0);
	assert_true(has(SST_ABI_X86_64, "read") && selection_has(&selection, 0, 1));
}

static void classes(void **state)
{
	static const char *const all[] = {"file",    "desc",  "network", "process", "signal", "ipc",
					  "memory",  "stat",  "lstat",   "fstat",   "%stat",  "statfs",
					  "fstatfs", "clock", "%statfs", "creds",   "pure",   "net"};

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		assert_true(classes_known(all[i]));
	assert_false(classes_known("fil") || classes_known("") || classes_known("files"));
	assert_int_equal(parse("%file,%network"), 0);
	assert_true(has(SST_ABI_X86_64, "openat") && has(SST_ABI_X86_64, "execve") && has(SST_ABI_X86_64, "connect"));
	assert_true(has(SST_ABI_I386, "stat64") && has(SST_ABI_I386, "socketcall"));
	assert_false(has(SST_ABI_X86_64, "read") || has(SST_ABI_X86_64, "close") || has(SST_ABI_X86_64, "mmap"));
	assert_int_equal(parse("%%stat"), 0);
	assert_true(has(SST_ABI_X86_64, "fstat") && has(SST_ABI_X86_64, "statx"));
	assert_false(has(SST_ABI_X86_64, "statfs"));
	assert_int_equal(parse("signal"), 0); /* a call of i386 before it is strace's old name of a class */
	assert_true(has(SST_ABI_I386, "signal"));
	assert_false(classes_has("stat", "fstat") || classes_has("desc", "clos") || classes_has("desc", "lose"));
}

static void regular_expressions(void **state)
{
	(void)state;
	assert_int_equal(parse("/^(p?read|write)v?(64)?$"), 0);
	assert_true(has(SST_ABI_X86_64, "readv") && has(SST_ABI_X86_64, "write"));
	assert_false(has(SST_ABI_X86_64, "readlink"));
	assert_int_equal(parse("/^ge[a-s,t]pid$,close"), 0); /* a comma within brackets */
	assert_true(has(SST_ABI_X86_64, "getpid") && has(SST_ABI_X86_64, "close"));
}

static void bad(const char *expression, const char *says)
{
	assert_int_equal(parse(expression), -EINVAL);
	if (!strstr(error.text, says))
		fail_msg("'%s': '%s' does not say '%s'", expression, error.text, says);
}

static void what_is_wrong_is_told(void **state)
{
	(void)state;
	bad("trace=opneat", "no ABI has a system call 'opneat'");
	bad("trace=read,,write", "missing beside a comma");
	bad("trace=", "missing");
	bad("trace=%files", "no class '%files'");
	bad("trace=/(", "no regular expression");
	bad("trace=/zzz", "no system call fits");
	bad("trace=1024", "no system call number");
	bad("signal=SIGINT", "'signal=' is not known here");
	assert_int_equal(parse("trace=?opneat,read"), 0);
	assert_true(has(SST_ABI_X86_64, "read"));
}

static void a_description_for_the_file(void **state)
{
	char text[200];

	(void)state;
	assert_int_equal(parse("trace=!%desc"), 0);
	assert_string_equal(selection_describe(&selection, text, sizeof(text)), "trace=!%desc");
	selection.failed = true;
	selection.slower = 1500;
	assert_string_equal(selection_describe(&selection, text, sizeof(text)), "trace=!%desc failed slower=1500ns");
	selection.by_call = false;
	assert_string_equal(selection_describe(&selection, text, sizeof(text)), "failed slower=1500ns");
	assert_string_equal(selection_describe(&selection, text, 10), "failed sl");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_without_an_expression),
		cmocka_unit_test(names),
		cmocka_unit_test(all_but_some),
		cmocka_unit_test(classes),
		cmocka_unit_test(regular_expressions),
		cmocka_unit_test(what_is_wrong_is_told),
		cmocka_unit_test(a_description_for_the_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
