/*
 * select.bpf.h - which calls are recorded or counted: by number at their entry, by result and time at their return.
 *
 * The recorder sets call_info[] and the rest from its selection (tracer/select.h).
 */
#ifndef SYSSTREAM_SELECT_BPF_H
#define SYSSTREAM_SELECT_BPF_H

#include "thread.bpf.h"

/* Does the number of the call keep it out? Its result may do so later. */
static __always_inline bool is_excluded(u8 class, u32 nr)
{
	return nr < RING_NARGS ? info_of(class, nr).flags & RING_EXCLUDED : every.excludes_unknown;
}

/*
 * Is it left out, and counted when it returns? Then its entry is nobody's business. As short as can be; x32 calls are
 * never among them.
 */
static __always_inline bool is_passing(struct task_struct *task, long id)
{
	u32 nr = (u32)id;

	return nr < RING_NARGS && every.call_info[is_compat(task)][nr].flags & RING_PASSING;
}

static __always_inline bool is_result_wanted(u64 duration, long ret)
{
	return duration >= every.slower && (!every.only_failed || (ret < 0 && ret >= -4095));
}

/* The same of a call that has no result, after so many ns. */
static __always_inline bool is_open_wanted(u64 duration)
{
	return duration >= every.slower && !every.only_failed;
}

#endif
