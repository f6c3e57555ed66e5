/*
 * place.bpf.h - where a task is: in which container, and with which numbers in its own PID namespace.
 *
 * A container is a control group with the name that an engine gives to one (engine.h), or a PID namespace whose first
 * process is in such a group. It is known by the kernel's id of that group; what the group and those above it are
 * called the recorder reads in places[], which has them from the first moment that somebody was seen there: the
 * container may be gone before anybody could look into /proc.
 */
#ifndef SYSSTREAM_PLACE_BPF_H
#define SYSSTREAM_PLACE_BPF_H

#include "engine.h"
#include "thread.bpf.h"

/* Set before load: processes are chosen by container. */
enum { CHOOSES_NONE, CHOOSES_ALL, CHOOSES_SOME };
const volatile u32 chooses_containers;
const volatile u64 wanted_groups[RING_NAMES]; /* engine_hash() of names of control groups */
const volatile u32 n_wanted_groups;

u32 moves SHARED;        /* how often a process has come into another control group */
u32 places_taken SHARED; /* how often an entry of places[] has been */

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, RING_PLACES);
	__type(key, u32);
	__type(value, struct ring_place);
} places SEC(".maps");

static __noinline struct ring_place *place_at(u32 i)
{
	i &= RING_PLACES - 1;
	return bpf_map_lookup_elem(&places, &i);
}

/* --- the container of a control group ---------------------------------------------------------------------- */

static __always_inline struct cgroup *cgroup_above(struct cgroup *cgroup)
{
	/* self is a cgroup_subsys_state at the beginning of it */
	return (struct cgroup *)BPF_CORE_READ(cgroup, self.parent);
}

/* What a group of this name is. Not static: the verifier looks at it once, not once for each level. */
__noinline u32 kind_of_name(u64 text)
{
	char name[ENGINE_NAME] = "";
	u64 id[ENGINE_WORDS] = {0};
	long n = bpf_probe_read_kernel_str(name, sizeof(name), (const void *)text);
	int at = n > 1 ? engine_id(name, (u32)n - 1) : -1;

	if (n <= 1)
		return ENGINE_NOTHING;
	if (at >= 0)
		bpf_probe_read_kernel(id, sizeof(id), (const void *)(text + at));
	return at >= 0 && engine_is_id((const unsigned long long *)id) ? ENGINE_CONTAINER
								       : engine_kind(name, (u32)n - 1);
}

#define LEVELS 12 /* of control groups that are looked at */

/* The group itself or the one above it that is a container's; 0: none. Not static, so that it is verified once, not for
 * each call. */
__noinline u64 container_group(u64 of)
{
	struct cgroup *cgroup = (struct cgroup *)of, *below = NULL;
	bool outside = false;

	for (int i = 0; i < LEVELS && cgroup; i++) {
		struct cgroup *above = cgroup_above(cgroup);
		u32 kind = above ? kind_of_name((u64)BPF_CORE_READ(cgroup, kn, name)) : ENGINE_NOTHING;

		if (kind == ENGINE_CONTAINER)
			return outside ? 0 : (u64)cgroup;
		if (kind == ENGINE_PARENT && below)
			return (u64)below;
		outside = kind == ENGINE_OUTSIDE;
		below = cgroup;
		cgroup = above;
	}
	return 0;
}

/* The group of a task in the hierarchy of a controller (cgroup version 1). */
static __always_inline u64 group_of_controller(struct css_set *set, u64 controller)
{
	struct cgroup_subsys_state *state = NULL;
	void *at = (void *)set + bpf_core_field_offset(struct css_set, subsys) + controller * sizeof(void *);

	bpf_probe_read_kernel(&state, sizeof(state), at);
	return state ? (u64)BPF_CORE_READ(state, cgroup) : 0;
}

#define CONTROLLER(name)                                                                                               \
	(bpf_core_enum_value_exists(enum cgroup_subsys_id, name) ? bpf_core_enum_value(enum cgroup_subsys_id, name)    \
								 : ~0ull)

static __always_inline u64 container_by_controller(u64 set, u64 controller)
{
	u64 group = controller < 64 ? group_of_controller((struct css_set *)set, controller) : 0;

	return group ? container_group(group) : 0;
}

/* Version 2 first; then those of version 1 that every engine uses if they are there. */
static __always_inline u64 container_of_set(u64 of)
{
	struct css_set *set = (struct css_set *)of;
	u64 found = container_group((u64)BPF_CORE_READ(set, dfl_cgrp));

	if (!found)
		found = container_by_controller(of, CONTROLLER(pids_cgrp_id));
	if (!found)
		found = container_by_controller(of, CONTROLLER(memory_cgrp_id));
	if (!found)
		found = container_by_controller(of, CONTROLLER(devices_cgrp_id));
	return found;
}

static __always_inline u64 set_of(struct task_struct *task)
{
	return bpf_core_field_exists(task->cgroups) ? (u64)BPF_CORE_READ(task, cgroups) : 0;
}

/* The PID namespace that gave pid its innermost number, and this number; NULL: the initial one. */
static __always_inline struct pid_namespace *innermost(struct pid *pid, u32 *number)
{
	u32 level = pid ? BPF_CORE_READ(pid, level) : 0;
	struct upid *upid;

	*number = 0;
	if (level == 0 || level > 32)
		return NULL;
	upid = (void *)pid + bpf_core_field_offset(struct pid, numbers) + level * bpf_core_type_size(struct upid);
	*number = (u32)BPF_CORE_READ(upid, nr);
	return BPF_CORE_READ(upid, ns);
}

/* The control group of the container that a task is in; 0: it is in none. */
static __noinline u64 container_of_task(u64 of)
{
	struct task_struct *task = (struct task_struct *)of, *first;
	u64 set = set_of(task), found = set ? container_of_set(set) : 0, first_set;
	struct pid_namespace *namespace;
	u32 number;

	if (found)
		return found;
	namespace = innermost(BPF_CORE_READ(task, thread_pid), &number);
	first = namespace ? BPF_CORE_READ(namespace, child_reaper) : NULL;
	first_set = first ? set_of(first) : 0;
	return first_set && first_set != set ? container_of_set(first_set) : 0;
}

/* --- what is known of it ----------------------------------------------------------------------------------- */

/* Has the recorder known of it from the beginning? Then there is nothing to wait for. */
static __noinline bool is_known_wanted(const struct ring_place *place)
{
	u64 hash;

	if (!place || !n_wanted_groups)
		return false;
	hash = engine_hash((const unsigned long long *)place->names[0]);
	for (u32 i = 0; i < RING_NAMES; i++) {
		if (i >= n_wanted_groups)
			break;
		if (wanted_groups[i] == hash)
			return true;
	}
	return false;
}

static __noinline int fill_place(struct ring_place *place, u64 group)
{
	struct cgroup *cgroup = (struct cgroup *)group;

	if (!place)
		return 0;
	for (int i = 0; i < RING_PLACE_NAMES; i++) {
		struct cgroup *above = cgroup ? cgroup_above(cgroup) : NULL;

		__builtin_memset(place->names[i], 0, RING_PLACE_NAME);
		if (above)
			bpf_probe_read_kernel_str(place->names[i], RING_PLACE_NAME, BPF_CORE_READ(cgroup, kn, name));
		cgroup = above;
	}
	place->wanted = is_known_wanted(place) ? RING_PLACE_WANTED : RING_PLACE_NEW;
	return 0;
}

/* The entry of a container, which is made if need be; NULL: there is no room, and the recorder does not learn of it. */
static __noinline struct ring_place *place_of(u64 group, u64 id)
{
	for (u32 i = 0; i < RING_PLACE_WINDOW; i++) {
		struct ring_place *place = place_at((u32)id + i);

		if (!place)
			return NULL;
		if (READ(place->id) == id)
			return place;
		if (READ(place->id))
			continue;
		ADD(&place->claims, 1);
		if (READ(place->claims) != 1) {
			ADD(&place->claims, -1);
			continue;
		}
		fill_place(place, group);
		__sync_fetch_and_add(&place->id, id); /* it was 0; and all of this comes before it */
		ADD(&places_taken, 1);
		return place;
	}
	return NULL;
}

/* --- threads ----------------------------------------------------------------------------------------------- */

/* Where the current thread is, into its slot. Returns whether it is another container than before. */
static __noinline int find_place(struct ring_slot *slot)
{
	u64 group, id = 0, before;
	struct task_struct *task = current_task();
	struct pid_namespace *namespace;
	u32 number;

	if (!slot)
		return 0;
	before = slot->container;
	slot->moves = READ(moves);
	group = container_of_task((u64)task);
	if (group)
		id = BPF_CORE_READ((struct cgroup *)group, kn, id);
	if (id)
		place_of(group, id);
	slot->container = id;
	namespace = innermost(BPF_CORE_READ(task, thread_pid), &number);
	slot->ns_tid = number;
	slot->pidns = namespace ? BPF_CORE_READ(namespace, ns.inum) : 0;
	innermost(BPF_CORE_READ(task, group_leader, thread_pid), &number);
	slot->ns_tgid = number;
	return before != id;
}

/* Its process has come into another control group: what follows belongs there. */
static __noinline int move_place(struct ring_slot *slot)
{
	if (!slot || slot->moves == READ(moves))
		return 0;
	WRITE(slot->busy, 1);
	if (find_place(slot))
		close_chunk(slot);
	WRITE(slot->busy, 0);
	return 0;
}

/* The first event of a thread: a slot, and a chunk, so that the recorder learns of the thread. */
static __noinline struct ring_slot *begin_thread(u32 tid, u32 tgid)
{
	struct ring_slot *slot = take_slot(tid, tgid);

	if (!slot)
		return NULL;
	find_place(slot);
	open_chunk(slot, 1, 0);
	return slot;
}

/* Not where it is first looked for. NULL: none is free. */
static __noinline struct ring_slot *other_slot(u32 tid)
{
	struct ring_slot *slot = slot_beyond(tid);

	return slot ? slot : begin_thread(tid, task_tgid(current_task()));
}

static __always_inline struct ring_slot *thread_slot(u32 tid)
{
	struct ring_slot *slot = slot_at(tid);

	return slot && slot->tid == tid ? slot : other_slot(tid);
}

#endif
