/*
 * kernel.bpf.h - the few kernel types the programs look into; CO-RE finds the real offsets at load. And what differs
 * between architectures: where the registers of a system call are, which numbers end a thread.
 */
#ifndef SYSSTREAM_KERNEL_BPF_H
#define SYSSTREAM_KERNEL_BPF_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
#include <stdbool.h>

/* Macros, not typedefs: the skeleton repeats the types of global variables, and user space knows only these. */
#define u8  __u8
#define u16 __u16
#define u32 __u32
#define u64 __u64
#define s64 __s64

#define KERNEL_TYPE __attribute__((preserve_access_index))

typedef struct {
	int counter;
} atomic_t;

struct signal_struct {
	atomic_t live; /* threads of the process that have not begun to exit */
} KERNEL_TYPE;

struct thread_info {
	unsigned long flags;
#if defined(__TARGET_ARCH_x86)
	u32 status;
#endif
} KERNEL_TYPE;

typedef struct {
	unsigned long sig[1];
} sigset_t;

struct sigpending {
	sigset_t signal;
} KERNEL_TYPE;

struct task_struct {
	struct thread_info thread_info;
	int pid, tgid;
	int exit_code;
	char comm[16];
	struct signal_struct *signal;
	struct sigpending pending; /* of this thread alone */
} KERNEL_TYPE;

#define SIGKILL 9

struct linux_binprm;

#if defined(__TARGET_ARCH_x86)
struct pt_regs {
	unsigned long di, si, dx, r10, r8, r9;
	unsigned long bx, cx, bp;
	unsigned long orig_ax, ax;
} KERNEL_TYPE;

#define TS_COMPAT       0x0002      /* arch/x86/include/asm/thread_info.h: the current call came in by a 32-bit gate */
#define X32_SYSCALL_BIT 0x40000000u /* arch/x86/include/uapi/asm/unistd.h */

#elif defined(__TARGET_ARCH_arm64)
struct user_pt_regs {
	u64 regs[31];
} KERNEL_TYPE;

struct pt_regs {
	u64 regs[31];
	u64 orig_x0;
	int syscallno;
} KERNEL_TYPE;

#define TIF_32BIT 22 /* arch/arm64/include/asm/thread_info.h */
#else
#error "no system call registers known for this architecture"
#endif

#endif
