/*
 * test_syscalls.c - names and argument counts of system calls, names of ABIs and errors
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../format/abi.h"
#include "../../format/errno.h"
#include "../../format/syscalls.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* The numbers are on disk: this list may grow, never change. */
static const struct {
	unsigned abi;
	unsigned number;
	unsigned bits;
	const char *name;
} abis[] = {
	{SST_ABI_X86_64, 1, 64, "x86_64"},   {SST_ABI_I386, 2, 32, "i386"},        {SST_ABI_X32, 3, 64, "x32"},
	{SST_ABI_AARCH64, 4, 64, "aarch64"}, {SST_ABI_ARM, 5, 32, "arm"},          {SST_ABI_S390X, 6, 64, "s390x"},
	{SST_ABI_S390, 7, 32, "s390"},       {SST_ABI_PPC64LE, 8, 64, "ppc64le"},  {SST_ABI_PPC64, 9, 64, "ppc64"},
	{SST_ABI_PPC, 10, 32, "ppc"},        {SST_ABI_RISCV64, 11, 64, "riscv64"}, {SST_ABI_RISCV32, 12, 32, "riscv32"},
};

static void abi_numbers_and_names(void **state)
{
	(void)state;
	assert_int_equal(LENGTH(abis) + 1, SST_ABI_COUNT);
	for (size_t i = 0; i < LENGTH(abis); i++) {
		assert_int_equal(abis[i].abi, abis[i].number);
		assert_string_equal(sst_abi_name(abis[i].abi), abis[i].name);
		assert_int_equal(sst_abi_from_name(abis[i].name), (int)abis[i].number);
		assert_int_equal(sst_abi_bits(abis[i].abi), abis[i].bits);
	}
}

static void abi_unknown(void **state)
{
	static const unsigned unknown[] = {SST_ABI_UNKNOWN, SST_ABI_COUNT, 255, UINT32_MAX};
	uint32_t nr = 7;

	(void)state;
	for (size_t i = 0; i < LENGTH(unknown); i++) {
		assert_null(sst_abi_name(unknown[i]));
		assert_int_equal(sst_abi_bits(unknown[i]), 64);
		assert_null(sst_syscall_name(unknown[i], 0));
		assert_int_equal(sst_syscall_nargs(unknown[i], 0), 6);
		assert_false(sst_syscall_ret_is_pointer(unknown[i], 9));
		assert_int_equal(sst_syscall_find(unknown[i], "read", &nr), -1);
		assert_null(sst_syscall_next(unknown[i], &nr));
	}
	assert_int_equal(nr, 7);
	assert_int_equal(sst_abi_from_name("vax"), -1);
	assert_int_equal(sst_abi_from_name("X86_64"), -1);
	assert_int_equal(sst_abi_from_name("x86"), -1);
	assert_int_equal(sst_abi_from_name(""), -1);
}

/* One line, one fact; counts of the split and the old calls are where a table goes wrong first. */
static const struct {
	unsigned abi;
	uint32_t nr;
	const char *name;
	int nargs;
} facts[] = {
	{SST_ABI_X86_64, 0, "read", 3},
	{SST_ABI_X86_64, 9, "mmap", 6},
	{SST_ABI_X86_64, 17, "pread", 4},
	{SST_ABI_X86_64, 56, "clone", 5},
	{SST_ABI_X86_64, 98, "getrusage", 2},
	{SST_ABI_X86_64, 110, "getppid", 0},
	{SST_ABI_X86_64, 183, "afs_syscall", 6},
	{SST_ABI_X86_64, 231, "exit_group", 1},
	{SST_ABI_X86_64, 335, "uretprobe", 0},
	{SST_ABI_X86_64, 336, "uprobe", 0},
	{SST_ABI_X86_64, 424, "pidfd_send_signal", 4},
	{SST_ABI_X86_64, 450, "set_mempolicy_home_node", 4},
	{SST_ABI_X86_64, 451, "cachestat", 4},
	{SST_ABI_X86_64, 452, "fchmodat2", 4},
	{SST_ABI_X86_64, 453, "map_shadow_stack", 3},
	{SST_ABI_X86_64, 454, "futex_wake", 4},
	{SST_ABI_X86_64, 455, "futex_wait", 6},
	{SST_ABI_X86_64, 456, "futex_requeue", 4},
	{SST_ABI_X86_64, 457, "statmount", 4},
	{SST_ABI_X86_64, 458, "listmount", 4},
	{SST_ABI_X86_64, 459, "lsm_get_self_attr", 4},
	{SST_ABI_X86_64, 460, "lsm_set_self_attr", 4},
	{SST_ABI_X86_64, 461, "lsm_list_modules", 3},
	{SST_ABI_X86_64, 462, "mseal", 3},
	{SST_ABI_X86_64, 463, "setxattrat", 6},
	{SST_ABI_X86_64, 464, "getxattrat", 6},
	{SST_ABI_X86_64, 465, "listxattrat", 5},
	{SST_ABI_X86_64, 466, "removexattrat", 4},
	{SST_ABI_X86_64, 467, "open_tree_attr", 5},
	{SST_ABI_X86_64, 468, "file_getattr", 5},
	{SST_ABI_X86_64, 469, "file_setattr", 5},
	{SST_ABI_X86_64, 470, "listns", 4},
	{SST_ABI_I386, 0, "restart_syscall", 0},
	{SST_ABI_I386, 72, "sigsuspend", 3},
	{SST_ABI_I386, 82, "select", 1},
	{SST_ABI_I386, 90, "mmap", 1},
	{SST_ABI_I386, 102, "socketcall", 2},
	{SST_ABI_I386, 117, "ipc", 6},
	{SST_ABI_I386, 142, "_newselect", 5},
	{SST_ABI_I386, 180, "pread64", 5},
	{SST_ABI_I386, 192, "mmap2", 6},
	{SST_ABI_I386, 193, "truncate64", 3},
	{SST_ABI_I386, 283, "sys_kexec_load", 4},
	{SST_ABI_I386, 324, "fallocate", 6},
	{SST_ABI_X32, 0, "read", 3},
	{SST_ABI_X32, 17, "pread", 4},
	{SST_ABI_X32, 469, "file_setattr", 5},
	{SST_ABI_X32, 512, "rt_sigaction", 4},
	{SST_ABI_X32, 534, "preadv", 4},
	{SST_ABI_X32, 547, "pwritev2", 5},
	{SST_ABI_AARCH64, 0, "io_setup", 2},
	{SST_ABI_AARCH64, 220, "clone", 5},
	{SST_ABI_AARCH64, 469, "file_setattr", 5},
	{SST_ABI_ARM, 90, "mmap", 1},
	{SST_ABI_ARM, 180, "pread64", 6},
	{SST_ABI_ARM, 193, "truncate64", 4},
	{SST_ABI_ARM, 225, "readahead", 5},
	{SST_ABI_ARM, 341, "sync_file_range", 6},
	{SST_ABI_ARM, 0xf0002, "cacheflush", 3},
	{SST_ABI_ARM, 0xf0006, "get_tls", 0},
	{SST_ABI_S390X, 90, "mmap", 1},
	{SST_ABI_S390X, 117, "ipc", 5},
	{SST_ABI_S390, 192, "mmap2", 1},
	{SST_ABI_S390, 264, "fadvise64_64", 1},
	{SST_ABI_PPC64LE, 1, "exit", 1},
	{SST_ABI_PPC64, 319, "perf_counter_open", 5},
	{SST_ABI_PPC, 179, "pread", 6},
	{SST_ABI_PPC, 82, "select", 1},
	{SST_ABI_RISCV64, 258, "riscv_hwprobe", 5},
	{SST_ABI_RISCV32, 67, "pread64", 5},
};

static void known_facts(void **state)
{
	uint32_t nr;

	(void)state;
	for (size_t i = 0; i < LENGTH(facts); i++) {
		assert_string_equal(sst_syscall_name(facts[i].abi, facts[i].nr), facts[i].name);
		assert_int_equal(sst_syscall_nargs(facts[i].abi, facts[i].nr), facts[i].nargs);
		assert_int_equal(sst_syscall_find(facts[i].abi, facts[i].name, &nr), 0);
		assert_int_equal(nr, facts[i].nr);
	}
}

static void no_gap_in_x86_64(void **state)
{
	(void)state;
	/* The only holes: 337..423, left free when all ABIs began to share their numbers at 424. */
	for (uint32_t nr = 0; nr <= 469; nr++) {
		if (nr < 337 || nr > 423)
			assert_non_null(sst_syscall_name(SST_ABI_X86_64, nr));
		else
			assert_null(sst_syscall_name(SST_ABI_X86_64, nr));
	}
}

static void unknown_numbers(void **state)
{
	static const struct {
		unsigned abi;
		uint32_t nr;
	} unknown[] = {
		{SST_ABI_X86_64, 337},
		{SST_ABI_X86_64, 512},        /* x32's alone */
		{SST_ABI_X86_64, 0xf0002},    /* arm's alone */
		{SST_ABI_X86_64, 0x40000000}, /* x32 with its bit */
		{SST_ABI_X86_64, INT32_MAX},
		{SST_ABI_X86_64, UINT32_MAX}, /* -1: what tracers set to skip a call */
		{SST_ABI_X32, 13},            /* x86_64's alone: 512 there */
		{SST_ABI_X32, 16},
		{SST_ABI_X32, 548},
		{SST_ABI_X32, 0x40000000},
		{SST_ABI_X32, 0xf0001}, /* the slot of 513 */
		{SST_ABI_ARM, 513},     /* the slot of 0xf0001 */
		{SST_ABI_ARM, 0xf0000},
		{SST_ABI_ARM, 0xf0007},
		{SST_ABI_PPC, UINT32_MAX},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(unknown); i++) {
		assert_null(sst_syscall_name(unknown[i].abi, unknown[i].nr));
		assert_int_equal(sst_syscall_nargs(unknown[i].abi, unknown[i].nr), 6);
		assert_false(sst_syscall_ret_is_pointer(unknown[i].abi, unknown[i].nr));
	}
}

static void every_entry(void **state)
{
	(void)state;
	for (unsigned abi = 1; abi < SST_ABI_COUNT; abi++) {
		const char *name;
		unsigned entries = 0;
		uint32_t last = 0;

		for (uint32_t nr = 0; (name = sst_syscall_next(abi, &nr)); nr++) {
			uint32_t found = UINT32_MAX;
			int nargs = sst_syscall_nargs(abi, nr);

			assert_true(nr > last || entries == 0);
			assert_ptr_equal(sst_syscall_name(abi, nr), name);
			assert_int_equal(sst_syscall_find(abi, name, &found), 0);
			assert_int_equal(found, nr);
			assert_in_range(nargs, 0, SST_SYSCALL_MAX_ARGS);
			assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_"), strlen(name));
			last = nr;
			entries++;
		}
		assert_in_range(entries, 300, 600);
	}
}

/* The iterator says every name there is, whatever number it starts at. */
static void next_leaves_none_out(void **state)
{
	(void)state;
	for (unsigned abi = 1; abi < SST_ABI_COUNT; abi++) {
		for (uint32_t nr = 0; nr < 1100; nr++) {
			uint32_t at = nr;
			uint32_t next = nr;

			while (at < 1100 && !sst_syscall_name(abi, at))
				at++;
			if (at < 1100) {
				assert_non_null(sst_syscall_next(abi, &next));
				assert_int_equal(next, at);
			} else if (abi == SST_ABI_ARM) {
				assert_string_equal(sst_syscall_next(abi, &next), "breakpoint");
			} else {
				assert_null(sst_syscall_next(abi, &next));
				assert_int_equal(next, nr);
			}
		}
	}
}

static void find_by_name(void **state)
{
	uint32_t nr = 12345;

	(void)state;
	assert_int_equal(sst_syscall_find(SST_ABI_X86_64, "no_such_call", &nr), -1);
	assert_int_equal(sst_syscall_find(SST_ABI_X86_64, "", &nr), -1);
	assert_int_equal(sst_syscall_find(SST_ABI_X86_64, "rea", &nr), -1);
	assert_int_equal(sst_syscall_find(SST_ABI_X86_64, "READ", &nr), -1);
	assert_int_equal(nr, 12345);

	/* The kernel's name, where ausyscall has another. */
	assert_int_equal(sst_syscall_find(SST_ABI_X86_64, "pread64", &nr), 0);
	assert_int_equal(nr, 17);
	assert_int_equal(sst_syscall_find(SST_ABI_X32, "pwrite64", &nr), 0);
	assert_int_equal(nr, 18);
	assert_int_equal(sst_syscall_find(SST_ABI_I386, "kexec_load", &nr), 0);
	assert_int_equal(nr, 283);
	assert_int_equal(sst_syscall_find(SST_ABI_AARCH64, "getdents64", &nr), 0);
	assert_int_equal(nr, 61);
	assert_int_equal(sst_syscall_find(SST_ABI_ARM, "_newselect", &nr), 0);
	assert_int_equal(nr, 142);
}

static void pointers(void **state)
{
	static const char *const names[] = {"mmap", "mmap2", "mremap", "brk", "shmat"};

	(void)state;
	for (unsigned abi = 1; abi < SST_ABI_COUNT; abi++) {
		const char *name;

		for (uint32_t nr = 0; (name = sst_syscall_next(abi, &nr)); nr++) {
			bool expected = false;

			for (size_t i = 0; i < LENGTH(names); i++)
				expected |= !strcmp(name, names[i]);
			assert_int_equal(sst_syscall_ret_is_pointer(abi, nr), expected);
		}
	}
	assert_true(sst_syscall_ret_is_pointer(SST_ABI_X86_64, 9));
	assert_true(sst_syscall_ret_is_pointer(SST_ABI_X86_64, 12));
	assert_false(sst_syscall_ret_is_pointer(SST_ABI_X86_64, 11));
	assert_true(sst_syscall_ret_is_pointer(SST_ABI_I386, 192));
}

static void errno_names(void **state)
{
	static const struct {
		int err;
		const char *name;
	} known[] = {
		{1, "EPERM"},
		{2, "ENOENT"},
		{11, "EAGAIN"},
		{34, "ERANGE"},
		{35, "EDEADLK"},
		{38, "ENOSYS"},
		{40, "ELOOP"},
		{42, "ENOMSG"},
		{57, "EBADSLT"},
		{59, "EBFONT"},
		{95, "EOPNOTSUPP"},
		{110, "ETIMEDOUT"},
		{115, "EINPROGRESS"},
		{125, "ECANCELED"},
		{131, "ENOTRECOVERABLE"},
		{132, "ERFKILL"},
		{133, "EHWPOISON"},
		{134, "EFTYPE"},
		{512, "ERESTARTSYS"},
		{513, "ERESTARTNOINTR"},
		{514, "ERESTARTNOHAND"},
		{515, "ENOIOCTLCMD"},
		{516, "ERESTART_RESTARTBLOCK"},
		{517, "EPROBE_DEFER"},
		{519, "ENOPARAM"},
		{521, "EBADHANDLE"},
		{524, "ENOTSUPP"},
		{530, "ERECALLCONFLICT"},
	};
	static const int unknown[] = {INT32_MIN, -2, -1, 0, 41, 58, 135, 511, 520, 532, 4095, INT32_MAX};

	(void)state;
	for (size_t i = 0; i < LENGTH(known); i++)
		assert_string_equal(sst_errno_name(known[i].err), known[i].name);
	for (size_t i = 0; i < LENGTH(unknown); i++)
		assert_null(sst_errno_name(unknown[i]));
	for (int err = 1; err <= 133; err++)
		if (err != 41 && err != 58)
			assert_non_null(sst_errno_name(err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(abi_numbers_and_names),
		cmocka_unit_test(abi_unknown),
		cmocka_unit_test(known_facts),
		cmocka_unit_test(no_gap_in_x86_64),
		cmocka_unit_test(unknown_numbers),
		cmocka_unit_test(every_entry),
		cmocka_unit_test(next_leaves_none_out),
		cmocka_unit_test(find_by_name),
		cmocka_unit_test(pointers),
		cmocka_unit_test(errno_names),
	};

	return cmocka_run_group_tests_name("syscalls", tests, NULL, NULL);
}
