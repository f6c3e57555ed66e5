/*
 * abi.h - the system call ABIs a trace may contain
 *
 * A system call number means nothing without its ABI: 1 is write on x86_64, exit on i386 and
 * io_destroy on aarch64. Every row names its ABI by one of these numbers.
 */
#ifndef SST_ABI_H
#define SST_ABI_H

/*
 * On disk and append-only: a number is never reused or renumbered. 0 is an ABI nobody could name.
 *
 * x32 is an ABI of its own here: its numbers are stored without the kernel's 0x40000000 bit, since
 * SST_ABI_X32 says the same. Its own calls are 512..547; the others share their number with x86_64.
 */
enum sst_abi {
	SST_ABI_UNKNOWN = 0,
	SST_ABI_X86_64 = 1,
	SST_ABI_I386 = 2,
	SST_ABI_X32 = 3,
	SST_ABI_AARCH64 = 4,
	SST_ABI_ARM = 5, /* EABI and OABI, both byte orders */
	SST_ABI_S390X = 6,
	SST_ABI_S390 = 7,
	SST_ABI_PPC64LE = 8,
	SST_ABI_PPC64 = 9,
	SST_ABI_PPC = 10,
	SST_ABI_RISCV64 = 11,
	SST_ABI_RISCV32 = 12,
	SST_ABI_COUNT /* one past the last; grows */
};

/* The name of an ABI as `uname -m` and ausyscall say it ("x86_64"); NULL for 0 and numbers unknown. */
const char *sst_abi_name(unsigned abi);

/* The number of a name that sst_abi_name() gives, compared exactly; -1 when there is none. */
int sst_abi_from_name(const char *name);

/*
 * The width of an argument register, 32 or 64. x32 has 64: its pointers are short, its registers are
 * not. Unknown ABIs have 64, so that nothing of a value is cut.
 */
unsigned sst_abi_bits(unsigned abi);

#endif
