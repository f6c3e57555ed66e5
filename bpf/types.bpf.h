/* types.bpf.h - the few kernel types the programs look into; CO-RE finds the real offsets at load. */
#ifndef SYSSTREAM_TYPES_BPF_H
#define SYSSTREAM_TYPES_BPF_H

#include <linux/bpf.h>

/* Macros, not typedefs: the skeleton repeats the types of global variables, and user space knows only these. */
#define u8  __u8
#define u16 __u16
#define u32 __u32
#define u64 __u64
#define s32 __s32
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

typedef struct {
	u32 val;
} kuid_t;

struct cred {
	kuid_t euid;
} KERNEL_TYPE;

struct mm_struct {
	unsigned long arg_start, arg_end;
} KERNEL_TYPE;

struct linux_binprm {
	const char *filename;
} KERNEL_TYPE;

struct inode {
	u16 i_mode;
} KERNEL_TYPE;

struct file {
	struct inode *f_inode;
	void *private_data;
} KERNEL_TYPE;

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
} KERNEL_TYPE;

struct files_struct {
	struct fdtable *fdt;
} KERNEL_TYPE;

struct in6_addr {
	u8 bytes[16];
};

struct sock_common {
	u32 skc_daddr, skc_rcv_saddr;
	u16 skc_dport, skc_num, skc_family;
	struct in6_addr skc_v6_daddr, skc_v6_rcv_saddr;
} KERNEL_TYPE;

struct sock {
	struct sock_common __sk_common;
	u16 sk_type, sk_protocol;
} KERNEL_TYPE;

struct socket {
	struct sock *sk;
} KERNEL_TYPE;

#define S_IFMT   0170000
#define S_IFSOCK 0140000
#define AF_INET  2
#define AF_INET6 10

struct kernfs_node {
	const char *name;
	u64 id;
} KERNEL_TYPE;

struct cgroup;

struct cgroup_subsys_state {
	struct cgroup *cgroup;
	struct cgroup_subsys_state *parent;
} KERNEL_TYPE;

struct cgroup {
	struct cgroup_subsys_state self;
	struct kernfs_node *kn;
} KERNEL_TYPE;

struct css_set {
	struct cgroup_subsys_state *subsys[1];
	struct cgroup *dfl_cgrp;
} KERNEL_TYPE;

enum cgroup_subsys_id {
	memory_cgrp_id = 1, /* not the kernel's numbers, which CO-RE finds */
	devices_cgrp_id = 2,
	pids_cgrp_id = 3,
};

struct ns_common {
	unsigned int inum;
} KERNEL_TYPE;

struct task_struct;

struct pid_namespace {
	struct task_struct *child_reaper;
	struct ns_common ns;
} KERNEL_TYPE;

struct upid {
	int nr;
	struct pid_namespace *ns;
} KERNEL_TYPE;

struct pid {
	unsigned int level;
	struct upid numbers[1];
} KERNEL_TYPE;

struct task_struct {
	struct thread_info thread_info;
	int pid, tgid;
	int exit_code;
	unsigned int flags;
	char comm[16];
	struct mm_struct *mm;
	struct files_struct *files;
	const struct cred *cred;
	struct css_set *cgroups;
	struct pid *thread_pid;
	struct task_struct *group_leader, *real_parent;
	struct signal_struct *signal;
	struct sigpending pending; /* of this thread alone */
} KERNEL_TYPE;

/* What the classic tracepoints give their programs. Vendors have put fields in front: only CO-RE knows where these are.
 */
struct trace_event_raw_task_newtask {
	int pid;
	unsigned long clone_flags;
} KERNEL_TYPE;

struct trace_event_raw_task_rename {
	int pid;
	char newcomm[16];
} KERNEL_TYPE;

struct trace_event_raw_sched_process_exec {
	u32 __data_loc_filename; /* its offset in the low half */
	int old_pid;
} KERNEL_TYPE;

#define CLONE_THREAD 0x00010000ul /* include/uapi/linux/sched.h */

#define SIGKILL 9
#define SIGSTOP 19

#if defined(__TARGET_ARCH_x86)
struct pt_regs {
	unsigned long di, si, dx, r10, r8, r9;
	unsigned long bx, cx, bp;
	unsigned long orig_ax, ax;
	unsigned long sp;
} KERNEL_TYPE;

#define TS_COMPAT       0x0002      /* arch/x86/include/asm/thread_info.h: the current call came in by a 32-bit gate */
#define X32_SYSCALL_BIT 0x40000000u /* arch/x86/include/uapi/asm/unistd.h */

#elif defined(__TARGET_ARCH_arm64)
struct user_pt_regs {
	u64 regs[31];
} KERNEL_TYPE;

struct pt_regs {
	u64 regs[31];
	u64 sp;
	u64 orig_x0;
	int syscallno;
} KERNEL_TYPE;

#define TIF_32BIT 22 /* arch/arm64/include/asm/thread_info.h */
#else
#error "no system call registers known for this architecture"
#endif

#endif
