/*
 * kernel.bpf.h - what differs between kernels and architectures: how to reach the task, where the registers of a system
 * call are, which numbers end a thread.
 */
#ifndef SYSSTREAM_KERNEL_BPF_H
#define SYSSTREAM_KERNEL_BPF_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
#include <stdbool.h>

#include "ring.h"
#include "types.bpf.h"

/* --- the current task ------------------------------------------------------------------------------------ */

/*
 * bpf_get_current_task_btf() (Linux 5.11), whose result may be looked into directly. libbpf fills in whether the kernel
 * has it, and the verifier removes the other way.
 */
#define direct_task bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_get_current_task_btf)

static __always_inline struct task_struct *current_task(void)
{
	return direct_task ? (struct task_struct *)bpf_get_current_task_btf()
			   : (struct task_struct *)bpf_get_current_task();
}

/* A field of what current_task() has returned; CHAIN for one behind a pointer. */
#define FIELD(task, field)      (direct_task ? (task)->field : BPF_CORE_READ(task, field))
#define CHAIN(task, first, ...) (direct_task ? (task)->first->__VA_ARGS__ : BPF_CORE_READ(task, first, __VA_ARGS__))

static __always_inline void current_comm(char *comm)
{
	if (direct_task)
		__builtin_memcpy(comm, current_task()->comm, 16);
	else
		bpf_get_current_comm(comm, 16);
}

static __always_inline u32 task_tid(struct task_struct *task)
{
	return direct_task ? (u32)task->pid : (u32)bpf_get_current_pid_tgid();
}

static __always_inline u32 task_tgid(struct task_struct *task)
{
	return direct_task ? (u32)task->tgid : (u32)(bpf_get_current_pid_tgid() >> 32);
}

/* --- architecture ----------------------------------------------------------------------------------------- */

/* 1: the call came in by a 32-bit gate. */
static __always_inline u32 is_compat(struct task_struct *task)
{
#if defined(__TARGET_ARCH_x86)
	return FIELD(task, thread_info.status) / TS_COMPAT & 1;
#else
	return FIELD(task, thread_info.flags) >> TIF_32BIT & 1;
#endif
}

/* Does the call come from a program of another ABI than the machine's? */
static __always_inline bool is_foreign(struct task_struct *task, long id)
{
#if defined(__TARGET_ARCH_x86)
	return is_compat(task) || (u32)id & X32_SYSCALL_BIT;
#else
	(void)id;
	return is_compat(task);
#endif
}

static __noinline u32 foreign_class(struct task_struct *task, long id)
{
	if (is_compat(task))
		return RING_COMPAT;
#if defined(__TARGET_ARCH_x86)
	if ((u32)id != 0xffffffffu)
		return RING_X32;
#endif
	return RING_NATIVE;
}

static __always_inline u8 call_class(struct task_struct *task, long id)
{
	return is_foreign(task, id) ? foreign_class(task, id) : RING_NATIVE;
}

static __always_inline u32 call_nr(u8 class, long id)
{
#if defined(__TARGET_ARCH_x86)
	return class == RING_X32 ? (u32)id & ~X32_SYSCALL_BIT : (u32)id;
#else
	return (u32)id;
#endif
}

static __noinline int compat_args(u64 *arg, struct pt_regs *regs)
{
#if defined(__TARGET_ARCH_x86)
	arg[0] = (u32)regs->bx;
	arg[1] = (u32)regs->cx;
	arg[2] = (u32)regs->dx;
	arg[3] = (u32)regs->si;
	arg[4] = (u32)regs->di;
	arg[5] = (u32)regs->bp;
#else
	arg[0] = (u32)regs->orig_x0;
	arg[1] = (u32)regs->regs[1];
	arg[2] = (u32)regs->regs[2];
	arg[3] = (u32)regs->regs[3];
	arg[4] = (u32)regs->regs[4];
	arg[5] = (u32)regs->regs[5];
#endif
	return 0;
}

static __always_inline void call_args(u64 arg[6], struct pt_regs *regs, u8 class)
{
	if (class == RING_COMPAT) {
		compat_args(arg, regs);
		return;
	}
#if defined(__TARGET_ARCH_x86)
	arg[0] = regs->di;
	arg[1] = regs->si;
	arg[2] = regs->dx;
	arg[3] = regs->r10;
	arg[4] = regs->r8;
	arg[5] = regs->r9;
#else
	arg[0] = regs->orig_x0; /* x0 is the result by the time of sys_exit */
	arg[1] = regs->regs[1];
	arg[2] = regs->regs[2];
	arg[3] = regs->regs[3];
	arg[4] = regs->regs[4];
	arg[5] = regs->regs[5];
#endif
}

/* The number of the call that is returning; −1 where it is not one (a finished rt_sigreturn). */
static __always_inline s64 exit_nr(struct pt_regs *regs)
{
#if defined(__TARGET_ARCH_x86)
	return (s64)regs->orig_ax;
#else
	return regs->syscallno;
#endif
}

static __always_inline bool never_returns(u8 class, u32 nr)
{
#if defined(__TARGET_ARCH_x86)
	return class == RING_COMPAT ? nr == 1 || nr == 252 : nr == 60 || nr == 231;
#else
	return class == RING_COMPAT ? nr == 1 || nr == 248 : nr == 93 || nr == 94;
#endif
}

/* rt_sigreturn and sigreturn put back the registers of before the signal, the "result" among them. */
static __always_inline bool is_sigreturn(u8 class, u32 nr)
{
#if defined(__TARGET_ARCH_x86)
	return class == RING_COMPAT ? nr == 119 || nr == 173 : class == RING_X32 ? nr == 513 : nr == 15;
#else
	return class == RING_COMPAT ? nr == 119 || nr == 173 : nr == 139;
#endif
}

/* A child's first return to user space comes out of the parent's call, without an entry of its own. */
static __always_inline bool is_fork(u8 class, u32 nr)
{
#if defined(__TARGET_ARCH_x86)
	return class == RING_COMPAT ? nr == 2 || nr == 120 || nr == 190 || nr == 435
				    : nr == 56 || nr == 57 || nr == 58 || nr == 435;
#else
	return class == RING_COMPAT ? nr == 2 || nr == 120 || nr == 190 || nr == 435 : nr == 220 || nr == 435;
#endif
}

/* The caller's stack pointer. */
static __always_inline u64 stack_pointer(struct pt_regs *regs, u8 class)
{
#if defined(__TARGET_ARCH_x86)
	return class == RING_COMPAT ? (u32)regs->sp : regs->sp;
#else
	return class == RING_COMPAT ? (u32)regs->regs[13] : regs->sp; /* compat_sp in arch/arm64/include/asm/ptrace.h */
#endif
}

/* The result of the call that is returning. */
static __always_inline s64 exit_result(struct pt_regs *regs)
{
#if defined(__TARGET_ARCH_x86)
	return (s64)regs->ax;
#else
	return (s64)regs->regs[0];
#endif
}

/* setuid and its kin: after them the process may be another user's. */
static __always_inline bool changes_user(u8 class, u32 nr)
{
#if defined(__TARGET_ARCH_x86)
	if (class == RING_COMPAT)
		return nr == 23 || nr == 70 || nr == 164 || nr == 203 || nr == 208 || nr == 213;
	return nr == 105 || nr == 113 || nr == 117;
#else
	if (class == RING_COMPAT)
		return nr == 23 || nr == 70 || nr == 164 || nr == 203 || nr == 208 || nr == 213;
	return nr == 145 || nr == 146 || nr == 147;
#endif
}

#endif
