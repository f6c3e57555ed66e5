/*
 * syscalls.h - names and argument counts of system calls, for every ABI, on any machine
 *
 *	const char *name = sst_syscall_name(abi, nr);
 *	if (!name)
 *		snprintf(buf, sizeof(buf), "syscall_%" PRIu32, nr);
 *
 * Names are those of ausyscall, also where the kernel has another (pread is pread64 there). The tables
 * are in tables/, made by `make tables`; nothing is read or computed at run time, and every function
 * may be called from any thread.
 */
#ifndef SST_SYSCALLS_H
#define SST_SYSCALLS_H

#include <stdbool.h>
#include <stdint.h>

#define SST_SYSCALL_MAX_ARGS 6

/* The name of a call, or NULL when no table knows it. Constant time. */
const char *sst_syscall_name(unsigned abi, uint32_t nr);

/*
 * How many argument registers the kernel declares for a call, 0..6, counted from arg0; 6 for unknown
 * calls, so that nothing of them is masked. On 32-bit ABIs a 64-bit argument counts as two registers,
 * and the unused one that aligns it (arm, ppc) counts as well. Source: tables/nargs.tsv.
 */
int sst_syscall_nargs(unsigned abi, uint32_t nr);

/*
 * True for the calls whose result is an address or zero below the errors (mmap, mmap2, mremap, brk,
 * shmat): to be shown as 0x... when it is not an error.
 */
bool sst_syscall_ret_is_pointer(unsigned abi, uint32_t nr);

/* sst_syscall_moves_bytes() - is the result of this call a number of bytes that it has moved? Takes a moment: ask once.
 */
bool sst_syscall_moves_bytes(unsigned abi, uint32_t nr);

/*
 * The number of a name, compared exactly. Takes the kernel's name too where ausyscall has another,
 * unless that is the name of another call. Returns 0 and sets *nr, or -1 and leaves it. Linear time:
 * for options and tests, not for rows.
 */
int sst_syscall_find(unsigned abi, const char *name, uint32_t *nr);

/*
 * The first named call with a number of at least *nr: sets *nr and returns its name, or NULL when there
 * is none. In ascending order through a whole table:
 *
 *	for (uint32_t nr = 0; (name = sst_syscall_next(abi, &nr)); nr++)
 */
const char *sst_syscall_next(unsigned abi, uint32_t *nr);

#endif
