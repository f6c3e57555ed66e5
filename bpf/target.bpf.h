/*
 * target.bpf.h - which processes are recorded: recorded[tgid].
 *
 * The recorder marks what it is told (PIDs) and finds in /proc (names, users); here the marks follow the life of
 * processes: fork hands them down, a new name or another user sets and clears them, the end of the process clears all.
 */
#ifndef SYSSTREAM_TARGET_BPF_H
#define SYSSTREAM_TARGET_BPF_H

#include "place.bpf.h"

/* Set before load. */
const volatile bool record_all;                      /* recorded[] stays as it is when a process ends */
const volatile bool follow;                          /* children of recorded processes are recorded */
const volatile u32 n_names;                          /* processes are chosen by comm */
const volatile u64 names[RING_NAMES][RING_COMM / 8]; /* padded with zeros */
const volatile u32 users[RING_NAMES];                /* n_users of them */

/* Shared with the recorder. */
/*
 * By tgid, RING_BY_*; the recorder opens and closes the recording with it. It has .bss for itself: on kernels
 * before 5.14 a map's values have at most 4 MiB.
 */
u8 recorded[RING_PID_LIMIT];
s64 processes SHARED; /* recorded processes alive */
bool closed SHARED;   /* the recording is over: nobody is marked any more */

static __always_inline u8 recorded_by(u32 tgid)
{
	/* The mask is for the verifier; asm, so that the compiler does not reason it away (a tgid is always below the
	 * limit). */
	asm volatile("%0 &= %1" : "+r"(tgid) : "i"(RING_PID_LIMIT - 1));
	return recorded[tgid];
}

/* Change the marks of a process, and the count of processes with it. */
static __noinline int set_recorded(u32 tgid, u8 by)
{
	asm volatile("%0 &= %1" : "+r"(tgid) : "i"(RING_PID_LIMIT - 1));
	u8 before = recorded[tgid];

	if (by && READ(closed))
		return 0;
	recorded[tgid] = by;
	if (!before && by)
		ADD(&processes, 1);
	else if (before && !by)
		ADD(&processes, -1);
	return 0;
}

static __noinline bool is_name_wanted(const u64 *comm)
{
	if (!comm)
		return false;
	for (u32 i = 0; i < RING_NAMES; i++) {
		if (i >= n_names)
			break;
		if (names[i][0] == comm[0] && names[i][1] == comm[1])
			return true;
	}
	return false;
}

static __noinline bool is_user_wanted(u32 user)
{
	for (u32 i = 0; i < RING_NAMES; i++) {
		if (i >= every.n_users)
			break;
		if (users[i] == user)
			return true;
	}
	return false;
}

/* One reason to be recorded has come or gone. A process without any is muted: threads of it may be inside calls. */
static __noinline int change_mark(u32 tgid, u8 reason, bool wanted)
{
	u8 before = recorded_by(tgid), by = wanted ? before | reason : before & ~reason;

	if (record_all || (before & RING_BY_ANY) == (by & RING_BY_ANY))
		return 0;
	by = by & RING_BY_ANY ? by & ~RING_MUTED : by | RING_MUTED;
	return set_recorded(tgid, by);
}

/* comm is zero-padded by the kernel since 6.13 only: what is behind its end does not count. */
static __always_inline void copy_name(u64 to[RING_COMM / 8], const char *comm)
{
	bool ended = false;
	char *c = (char *)to;

#pragma unroll
	for (int i = 0; i < RING_COMM; i++) {
		ended |= !comm[i];
		c[i] = ended ? 0 : comm[i];
	}
}

/* The main thread of a process has this name now. */
static __always_inline void judge_name(u32 tgid, const char *comm)
{
	u64 name[RING_COMM / 8];

	copy_name(name, comm);
	change_mark(tgid, RING_BY_NAME, is_name_wanted(name));
}

static __noinline int judge_user(u32 tgid)
{
	struct task_struct *task = current_task();

	change_mark(tgid, RING_BY_USER, is_user_wanted(CHAIN(task, cred, euid.val)));
	return 0;
}

/* Is a process of this container recorded for that? RING_PLACE_NEW: the recorder will say. */
static __noinline u32 container_wanted(u64 group)
{
	u64 id = group ? BPF_CORE_READ((struct cgroup *)group, kn, id) : 0;
	struct ring_place *place = id ? place_of(group, id) : NULL;
	u32 wanted = place ? READ(place->wanted) : RING_PLACE_NEW;

	if (!id)
		return RING_PLACE_UNWANTED;
	return chooses_containers == CHOOSES_ALL && wanted == RING_PLACE_NEW ? RING_PLACE_WANTED : wanted;
}

static __noinline int judge_container(u64 task, u32 tgid)
{
	u32 wanted = container_wanted(container_of_task(task));

	if (wanted != RING_PLACE_NEW)
		change_mark(tgid, RING_BY_CONTAINER, wanted == RING_PLACE_WANTED);
	return 0;
}

/* A process has come into another control group. Its threads see RING_MOVED and look. */
static __noinline int on_attach(u64 task, u32 tgid)
{
	ADD(&moves, 1);
	if (recorded_by(tgid))
		set_recorded(tgid, recorded_by(tgid) | RING_MOVED);
	if (chooses_containers)
		judge_container(task, tgid);
	return 0;
}

/*
 * Here, with a lock of the kernel's held and interrupts off, the program is not preempted on any kernel, so that there
 * is no other one for the classic set, which would not tell whose process it is.
 */
SEC("?tp_btf/cgroup_attach_task")
int BPF_PROG(cgroup_attach_task, struct cgroup *group, const char *path, struct task_struct *task)
{
	(void)group, (void)path;
	return on_attach((u64)task, task->tgid);
}

/* Whose thread the child is: the classic tracepoint does not say. */
static __always_inline u32 newtask_tgid(struct trace_event_raw_task_newtask *context)
{
	return context->clone_flags & CLONE_THREAD ? (u32)(bpf_get_current_pid_tgid() >> 32) : (u32)context->pid;
}

/* clone3 may put the child into another control group than its parent's. NULL: it is not known before it executes a
 * program. */
static __always_inline void judge_child(struct task_struct *child, u32 tgid)
{
	if (chooses_containers && child && set_of(child) != set_of(current_task()))
		judge_container((u64)child, tgid);
}

/* What a new process inherits from its parent: comm and user are the same as those of the thread that forks. */
static __noinline u8 inherited_marks(u8 by)
{
	char comm[RING_COMM];
	u64 name[RING_COMM / 8];
	u8 marks = by & (RING_BY_USER | RING_BY_CONTAINER);

	if (follow && by & RING_BY_ANY)
		marks |= RING_BY_PID;
	if (n_names) {
		current_comm(comm);
		copy_name(name, comm);
		if (is_name_wanted(name))
			marks |= RING_BY_NAME;
	}
	return marks;
}

#endif
