/*
 * test_args_security.c - capget(), capset() and seccomp() as text: versions and operations, both byte orders, and what
 * is not there
 */
#include <stdlib.h>

#include "args_rows.h"

enum { VERSION_1 = 0x19980330, VERSION_2 = 0x20071026, VERSION_3 = 0x20080522 };

/* Words of 32 bits as the ABI has them in memory. */
static void words(unsigned arg, unsigned flags, const uint32_t *values, size_t n)
{
	bool big = call.abi == S390X || call.abi == PPC;
	uint8_t bytes[64];

	for (size_t i = 0; i < n; i++)
		for (unsigned k = 0; k < 4; k++)
			bytes[4 * i + (big ? 3 - k : k)] = (uint8_t)(values[i] >> 8 * k);
	captured(arg, SST_FORM_MEMORY, flags, bytes, 4 * n);
}

#define WORDS(arg, flags, ...)                                                                                         \
	words(arg, flags, (const uint32_t[]){__VA_ARGS__}, sizeof((const uint32_t[]){__VA_ARGS__}) / 4)

static const unsigned abis[] = {X86_64, I386, X32, ARM, AARCH64, S390X, PPC};
#define ABIS (sizeof(abis) / sizeof(abis[0]))

/* The first version has 32 capabilities, whatever stands behind them. */
static void versions(void **state)
{
	(void)state;
	for (size_t i = 0; i < ABIS; i++) {
		BEGIN(abis[i], "capset", 0, 0x10, 0x20);
		WORDS(0, 0, VERSION_3, 0);
		WORDS(1, 0, 1, 0x80000002, 0, 1 << 7, 0, 1);
		expect("{version=_LINUX_CAPABILITY_VERSION_3, pid=0}, {effective=1<<CAP_CHOWN|1<<CAP_BPF, "
		       "permitted=1<<CAP_DAC_OVERRIDE|1<<CAP_SETFCAP, inheritable=1<<CAP_MAC_OVERRIDE}");
		BEGIN(abis[i], "capset", -1, 0x10, 0x20);
		WORDS(0, 0, VERSION_2, UINT32_MAX);
		WORDS(1, 0, 0, 0, 1 << 5, 0, 1 << 8, 0x80000000);
		expect("{version=_LINUX_CAPABILITY_VERSION_2, pid=-1}, {effective=0, "
		       "permitted=1<<CAP_CHECKPOINT_RESTORE, inheritable=1<<CAP_KILL|0x80000000 /* CAP_??? */}");
		BEGIN(abis[i], "capget", 0, 0x10, 0x20);
		WORDS(0, 0, VERSION_1, 4321);
		WORDS(1, LATE, 1 << 21, 0, 3, 1, 1, 1);
		expect("{version=_LINUX_CAPABILITY_VERSION_1, pid=4321}, {effective=1<<CAP_SYS_ADMIN, permitted=0, "
		       "inheritable=1<<CAP_CHOWN|1<<CAP_DAC_OVERRIDE}");
	}
}

/* Of a version that nobody knows capset() reads 32 as well; capget() says which one it wants, and fills in nothing. */
static void unknown_version(void **state)
{
	(void)state;
	BEGIN(X86_64, "capset", -22, 0x10, 0x20);
	WORDS(0, 0, 0x12345, 0);
	WORDS(1, 0, 1, 0, 0, 1, 1, 1);
	expect("{version=0x12345 /* _LINUX_CAPABILITY_VERSION_??? */, pid=0}, {effective=1<<CAP_CHOWN, permitted=0, "
	       "inheritable=0}");
	BEGIN(X86_64, "capget", -22, 0x10, 0x20);
	WORDS(0, 0, 0, 0);
	expect("{version=0 /* _LINUX_CAPABILITY_VERSION_??? */, pid=0}, 0x20");
	BEGIN(S390X, "capget", 0, 0x10, 0);
	WORDS(0, 0, 1, 0);
	expect("{version=0x1 /* _LINUX_CAPABILITY_VERSION_??? */, pid=0}, NULL");
}

static void not_there(void **state)
{
	(void)state;
	PLAIN(X86_64, "capget", 0, "0x10, 0x20", 0x10, 0x20);
	PLAIN(X86_64, "capset", -14, "NULL, NULL", 0, 0);
	BEGIN(X86_64, "capset", -14, 0x10, 0); /* NULL */
	WORDS(0, 0, VERSION_3, 0);
	expect("{version=_LINUX_CAPABILITY_VERSION_3, pid=0}, NULL");
	BEGIN(X86_64, "capset", -14, 0x10, 0x20); /* unreadable, both */
	captured(0, SST_FORM_MEMORY, SST_CAPTURE_UNREADABLE, "", 0);
	captured(1, SST_FORM_MEMORY, SST_CAPTURE_UNREADABLE, "", 0);
	expect("0x10, 0x20");
	BEGIN(X86_64, "capset", -14, 0x10, 0x20); /* without the header nobody knows how many there are */
	captured(0, SST_FORM_MEMORY, SST_CAPTURE_UNREADABLE, "", 0);
	WORDS(1, 0, 1, 1, 1, 1, 1, 1);
	expect("0x10, 0x20");
	BEGIN(X86_64, "capset", -14, 0x10, 0x20);
	WORDS(0, CUT, VERSION_3); /* cut, both */
	WORDS(1, CUT, 1, 1, 1, 1, 1, 1);
	expect("0x10, 0x20");
	BEGIN(X86_64, "capset", -14, 0x10, 0x20);
	WORDS(0, 0, VERSION_3, 0);
	WORDS(1, CUT | SST_CAPTURE_UNREADABLE, 1, 1, 1);
	expect("{version=_LINUX_CAPABILITY_VERSION_3, pid=0}, 0x20");
	BEGIN(X86_64, "capset", 0, 0x10, 0x20); /* what was there is enough for the first version */
	WORDS(0, 0, VERSION_1, 0);
	WORDS(1, CUT | SST_CAPTURE_UNREADABLE, 0, 1, 0);
	expect("{version=_LINUX_CAPABILITY_VERSION_1, pid=0}, {effective=0, permitted=1<<CAP_CHOWN, inheritable=0}");
	BEGIN(X86_64, "capget", -14, 0x10, 0x20); /* a call that has failed has written nothing */
	WORDS(0, 0, VERSION_3, 0);
	WORDS(1, LATE, 1, 1, 1, 1, 1, 1);
	expect("{version=_LINUX_CAPABILITY_VERSION_3, pid=0}, 0x20");
}

/* The longest there is: each set has a symbol for each bit that has one, and a number for the others. */
static void all_of_them(void **state)
{
	struct args *args = args_new();

	(void)state;
	BEGIN(X86_64, "capset", 0, 0x10, 0x20);
	WORDS(0, 0, VERSION_3, 0);
	WORDS(1, 0, UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX);
	*args_put(args, got, &row) = 0;
	assert_in_range(strlen(got), 2000, 3000);
	assert_non_null(strstr(got, "|1<<CAP_SETFCAP|1<<CAP_MAC_OVERRIDE|"));
	assert_non_null(strstr(got, "|1<<CAP_CHECKPOINT_RESTORE|0xfffffe00}"));
	check_cell(args);
	args_free(args);
}

/* What the argument is depends on the operation, and so do the flags. */
static void seccomp(void **state)
{
	(void)state;
	for (size_t i = 0; i < ABIS; i++) {
		BEGIN(abis[i], "seccomp", 0, 2, 0, 0x10);
		WORDS(2, 0, 0x7ffc0000, 0, 0, 0);
		expect("SECCOMP_GET_ACTION_AVAIL, 0, [SECCOMP_RET_LOG]");
		BEGIN(abis[i], "seccomp", -95, 2, 5, 0x10);
		WORDS(2, 0, 0x30007, 0, 0, 0);
		expect("SECCOMP_GET_ACTION_AVAIL, 0x5, [0x30007 /* SECCOMP_RET_??? */]");
		PLAIN(abis[i], "seccomp", -22, "SECCOMP_SET_MODE_STRICT, 0x1, NULL", 0, 1);
		PLAIN(abis[i], "seccomp", -14, "SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, NULL", 1, 1);
	}
	BEGIN(X86_64, "seccomp", 0, 3, 0, 0x10);
	MEMORY(2, LATE, "\120\0\30\0\100\0");
	expect("SECCOMP_GET_NOTIF_SIZES, 0, {seccomp_notif=80, seccomp_notif_resp=24, seccomp_data=64}");
	BEGIN(S390X, "seccomp", 0, 3, 0, 0x10);
	MEMORY(2, LATE, "\0\120\0\30\0\100");
	expect("SECCOMP_GET_NOTIF_SIZES, 0, {seccomp_notif=80, seccomp_notif_resp=24, seccomp_data=64}");
	BEGIN(X86_64, "seccomp", -22, 3, 0, 0x10); /* nothing has been written */
	MEMORY(2, LATE, "\120\0\30\0\100\0");
	expect("SECCOMP_GET_NOTIF_SIZES, 0, 0x10");
}

/* struct sock_fprog: a number of 16 bits and a pointer. */
static void filters(void **state)
{
	(void)state;
	BEGIN(X86_64, "seccomp", 0, 1, 2, 0x10);
	MEMORY(2, 0, "\3\0\377\377\377\377\377\377\0\20\0\0\0\0\0\0");
	expect("SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_LOG, {len=3, filter=0x1000}");
	BEGIN(X32, "seccomp", 0, 1, 0, 0x10);
	MEMORY(2, 0, "\3\0\377\377\0\20\0\0");
	expect("SECCOMP_SET_MODE_FILTER, 0, {len=3, filter=0x1000}");
	BEGIN(ARM, "seccomp", 0, 1, 0, 0x10);
	MEMORY(2, 0, "\3\0\377\377\0\0\0\0");
	expect("SECCOMP_SET_MODE_FILTER, 0, {len=3, filter=NULL}");
	BEGIN(S390X, "seccomp", 0, 1, 0, 0x10);
	MEMORY(2, 0, "\1\2\377\377\377\377\377\377\0\0\0\0\0\0\20\0");
	expect("SECCOMP_SET_MODE_FILTER, 0, {len=258, filter=0x1000}");
	BEGIN(X86_64, "seccomp", -14, 1, 0, 0x10);
	MEMORY(2, CUT | SST_CAPTURE_UNREADABLE, "\3\0\0\0\0\0\0\0");
	expect("SECCOMP_SET_MODE_FILTER, 0, 0x10");
	BEGIN(X86_64, "seccomp", 0, 2, 0, 0x10); /* of an action four bytes are enough */
	MEMORY(2, CUT | SST_CAPTURE_UNREADABLE, "\0\0\0\0");
	expect("SECCOMP_GET_ACTION_AVAIL, 0, [SECCOMP_RET_KILL_THREAD]");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(versions),    cmocka_unit_test(unknown_version), cmocka_unit_test(not_there),
		cmocka_unit_test(all_of_them), cmocka_unit_test(seccomp),         cmocka_unit_test(filters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
