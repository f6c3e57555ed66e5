/*
 * behind.bpf.h - what pointers lead to that stand in the memory of an argument: names, vectors and control data of
 * messages, and the parts of vectors. Part of text.bpf.h.
 *
 *	while (capture_behind(index, i | element << 8, now, ret, when) & IS_BEHIND)
 *		element++;
 *
 * Addresses and lengths come from the process's memory, as the call has them there: from a second reading of it, since
 * what has been captured of it is where nobody may read it again, behind what is published.
 */
#ifndef SYSSTREAM_BEHIND_BPF_H
#define SYSSTREAM_BEHIND_BPF_H

/* A number of 4 or 8 bytes in the process's memory. Returns 0, or not. */
static __always_inline long read_number(u64 *to, u64 address, u32 width)
{
	*to = 0;
	return bpf_probe_read_user(to, width == 4 ? 4 : 8, (void *)address);
}

/*
 * A capture of form RING_BEHIND, inline because programs may call each other eight deep at most. what: as what_flags of
 * write_memory(), and the number of bytes << 16. where: as in struct ring_behind. Returns the flags with which it was
 * written.
 */
static __always_inline int put_behind(struct ring_slot *slot, u64 now, u64 address, u32 what, u32 where)
{
	return put_memory(slot, now, address, what & 0xffff, what >> 16, sizeof(struct ring_behind), where);
}

__noinline int write_behind(u32 index, u64 now, u64 address, u32 what, u32 where)
{
	struct ring_slot *slot = slot_at(index);

	return slot ? put_behind(slot, now, address, what, where) : 0;
}

/* A vector of pointers and lengths. */
struct vector {
	u64 address, n;
	u32 at;    /* where the pointer to it stands in the memory of the argument */
	bool deep; /* … and where this one's stand in it has to be said besides */
};

#define PART_IS_SMALL 0x80000000 /* its pointer and length have 4 bytes */

/*
 * A part of a vector, whose pointer and length are at address: no more of it than slot->left, which becomes less by it.
 * what: as of put_behind(), with the most bytes that are captured, and PART_IS_SMALL.
 */
__noinline int write_part(u32 index, u64 now, u64 address, u32 what, u32 where)
{
	struct ring_slot *slot = slot_at(index);
	u64 part[2] = {0, 0}, len;
	u32 most = what >> 16 & 0x1fff, small = what & PART_IS_SMALL, bytes;

	if (!slot || bpf_probe_read_user(part, small ? 8 : 16, (void *)address))
		return RING_UNREADABLE;
	if (small) {
		part[1] = part[0] >> 32;
		part[0] = (u32)part[0];
	}
	len = part[1] < slot->left ? part[1] : slot->left;
	slot->left -= len;
	if (!part[0] || !len)
		return 0;
	bytes = len < most ? len : most;
	return put_behind(slot, now, part[0], (what & 0xffff) | (len > most ? RING_CUT << 8 : 0) | bytes << 16, where);
}

/* Its parts. Returns the flags of all. */
static __always_inline u32 write_parts(struct ring_slot *slot, u64 now, const volatile struct ring_capture *capture,
				       u32 what_flags, const struct vector *vector)
{
	u32 said = 0, index = slot->index, step = capture->pointer.width == 4 ? 8 : 16;
	u32 what = what_flags | (u32)capture->most << 16 | (step == 8 ? PART_IS_SMALL : 0), where = vector->at;
	u64 n = vector->n;

	for (u32 k = 0; k < RING_BEHIND_MAX; k++) {
		u32 at = k * step;

		if (k >= n || !READ(slot->left))
			break;
		said |= write_part(index, now, vector->address + at, what, vector->deep ? where | (at + 1) << 16 : at);
	}
	return said;
}

/* How many elements the argument points to. */
static __always_inline u64 count_elements(const struct ring_slot *slot, const volatile struct ring_capture *capture,
					  s64 ret)
{
	if (capture->by == RING_BY_ONE)
		return 1;
	if (capture->by == RING_BY_RESULT)
		return ret < 0 ? 0 : ret;
	return (u32)slot_arg(slot, capture->by);
}

/*
 * Of capture i the element i >> 8. Returns RING_UNREADABLE if all of it is to be tried again at the exit, and IS_BEHIND
 * if there are further elements.
 */
__noinline int capture_behind(u32 index, u32 i, u64 now, s64 ret, u32 when)
{
	struct ring_slot *slot = slot_at(index);
	u32 element = i >> 8, more = 0, said;

	i &= 0xff;
	if (!slot || i >= RING_CAPTURES || element >= RING_BEHIND_MAX)
		return 0;
	const volatile struct ring_capture *capture = &plans[info_of(slot_class(slot), slot->nr).plan].capture[i];
	u32 arg = capture->arg, follow = capture->pointer.follow, width = capture->pointer.width;
	u32 what_flags = (arg & 7) | RING_BEHIND << 4 | (when & RING_AT_EXIT ? RING_LATE << 8 : 0);
	u64 address = slot_arg(slot, arg), n = count_elements(slot, capture, ret);
	struct vector vector = {.address = address, .n = n};

	slot->left = !(follow & RING_FOLLOW_RESULT && when & RING_AT_EXIT) ? ~0ull : ret < 0 ? 0 : ret;
	if (!(follow & RING_FOLLOW_ITSELF)) {
		u32 begin = element * capture->size;

		if (element >= n)
			return 0;
		more = element + 1 < n ? IS_BEHIND : 0;
		vector.at = begin + capture->pointer.at;
		vector.deep = true;
		address += begin;
		if (read_number(&vector.address, address + capture->pointer.at, width) ||
		    read_number(&vector.n, address + capture->pointer.count_at, capture->pointer.count_width))
			return RING_UNREADABLE;
		if (follow & RING_FOLLOW_SAID) {
			if (read_number(&n, address + 7 * width, 4))
				return RING_UNREADABLE;
			slot->left = n;
		}
	}
	if (!vector.address || !vector.n)
		return more;
	if (follow & RING_FOLLOW_PARTS)
		return more | (write_parts(slot, now, capture, what_flags, &vector) & RING_UNREADABLE);
	u64 bytes = vector.n < 4096 ? vector.n * capture->pointer.unit : 65536;

	if (bytes > capture->most) {
		bytes = capture->most;
		what_flags |= RING_CUT << 8;
	}
	said = write_behind(index, now, vector.address, what_flags | (u32)bytes << 16, vector.at & 0xffff);
	return more | (said & RING_UNREADABLE);
}

#endif
