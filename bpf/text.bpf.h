/*
 * text.bpf.h - what the arguments of calls point to: RING_TEXT records before the record of the call.
 *
 *	if (!capture_string(slot, chunk, info))	in the entry program, if info names a plan
 *		capture_entry(slot, now, stack)
 *	capture_exit(slot, now, ret)	in the exit program, if slot->captures says that something is to be read
 *	capture_exec(slot, file)	before the record of an exec: its file name and arguments
 *
 * Everything is read into the thread's own chunk, behind what is published there: nothing else could overwrite it while
 * the kernel preempts the program. A page that is not resident cannot be read here; what fails at the entry is read
 * again at the exit, when the kernel itself has had the page brought in. A capture that finds no room is left out, and
 * its call is recorded all the same.
 */
#ifndef SYSSTREAM_TEXT_BPF_H
#define SYSSTREAM_TEXT_BPF_H

#include "thread.bpf.h"

/* Set before load. */
const volatile u32 text_low; /* so few free chunks are not for captures */
const volatile struct ring_plan plans[RING_PLANS];

u64 texts_lost SHARED; /* captures that found no room */

#define SMALL_ROOM (sizeof(struct ring_text) + RING_TEXT_SMALL)
#define LARGE_ROOM (sizeof(struct ring_text) + RING_TEXT_LARGE)

/* --- room ------------------------------------------------------------------------------------------------ */

/*
 * A chunk that has room; the one there is is not given up where there is no other: the call's record may still find
 * room in it.
 */
__noinline int renew_chunk(u32 index, u64 now)
{
	struct ring_slot *slot = slot_at(index);

	if (!slot || chunks_free() <= text_low || has_its_share(slot))
		return -1;
	/* Not open_chunk(): programs may call each other eight deep at most. */
	return begin_chunk(slot, slot->seq, now);
}

/* Where so many bytes, a constant, can be written: *off bytes into the data of the chunk returned, which may be new. */
static __always_inline struct ring_chunk *text_room(struct ring_slot *slot, u64 now, const u32 bytes, u32 *off)
{
	struct ring_chunk *chunk = chunk_of(slot);

	if (chunk) {
		*off = chunk->used;
		if (*off <= RING_CHUNK_DATA - bytes)
			return chunk;
	}
	if (renew_chunk(slot->index, now))
		return NULL;
	chunk = chunk_of(slot);
	if (!chunk)
		return NULL;
	*off = chunk->used;
	return *off <= RING_CHUNK_DATA - bytes ? chunk : NULL;
}

/* The record's head is written last; what stands behind it has been. */
static __always_inline void publish_text(struct ring_slot *slot, struct ring_chunk *chunk, u32 off, u8 what, u8 flags,
					 u32 len)
{
	struct ring_text *text = (struct ring_text *)(chunk->data + off);

	/* In one: little-endian, as every machine that this is for. */
	*(u64 *)text = RING_TEXT | (u64)what << 8 | (u64)flags << 16 | (u64)len << 32;
	text->seq = slot->seq;
	publish(&chunk->used, off + RING_TEXT_SIZE(len));
}

/* --- strings --------------------------------------------------------------------------------------------- */

/*
 * A longer string than RING_TEXT_SMALL: again, with the room for it. Without that room what has been read so far stays,
 * cut. Returns the flags with which it was written.
 */
static __noinline u32 write_long_string(struct ring_slot *slot, u64 now, u64 address, u32 what_flags)
{
	u8 what = what_flags, flags = what_flags >> 8;
	u32 off = 0;
	struct ring_chunk *chunk = text_room(slot, now, LARGE_ROOM, &off);

	if (chunk) {
		long n = bpf_probe_read_user_str(chunk->data + off + sizeof(struct ring_text), RING_TEXT_LARGE,
						 (void *)address);

		if (n > 0 && n <= RING_TEXT_LARGE) { /* it is not empty */
			u32 len = n - 1, limit = every.text_limit;

			if (len > limit) {
				len = limit;
				flags |= RING_CUT;
			}
			publish_text(slot, chunk, off, what, flags, len & (RING_CHUNK_SIZE - 1));
			return flags;
		}
		flags |= RING_UNREADABLE; /* beyond the first bytes, which are there */
	} else {
		flags |= RING_CUT;
	}
	chunk = text_room(slot, now, SMALL_ROOM, &off);
	if (!chunk) {
		ADD(&texts_lost, 1);
		return flags;
	}
	bpf_probe_read_user_str(chunk->data + off + sizeof(struct ring_text), RING_TEXT_SMALL, (void *)address);
	publish_text(slot, chunk, off, what, flags, RING_TEXT_SMALL - 1);
	return flags;
}

#define IS_LONG   0x100
#define IS_BEHIND 0x200 /* of what pointers in it lead to there is more to be read */

/* Returns the flags with which it was written: RING_UNREADABLE if it should be tried again. Or IS_LONG: it was not. */
static __noinline u32 write_string(struct ring_slot *slot, u64 now, u64 address, u32 what_flags)
{
	u8 what = what_flags, flags = what_flags >> 8;
	u32 off = 0;
	struct ring_chunk *chunk = text_room(slot, now, SMALL_ROOM, &off);

	if (!chunk) {
		ADD(&texts_lost, 1);
		return flags;
	}
	long n =
		bpf_probe_read_user_str(chunk->data + off + sizeof(struct ring_text), RING_TEXT_SMALL, (void *)address);
	u32 len = 0, limit = every.text_limit;

	if (n == RING_TEXT_SMALL && limit >= RING_TEXT_SMALL - 1)
		return IS_LONG;
	if (n > 0 && n <= RING_TEXT_SMALL)
		len = n - 1;
	else if (n) /* older kernels say 0 of an empty string, although its NUL is there */
		flags |= RING_UNREADABLE;
	if (len > limit) {
		len = limit;
		flags |= RING_CUT;
	}
	publish_text(slot, chunk, off, what, flags, len & (RING_TEXT_SMALL - 1));
	return flags;
}

/* --- memory ---------------------------------------------------------------------------------------------- */

/*
 * So many bytes, behind a head of its own: its length is a constant, 0: none, and its 32 bits are those of where. what:
 * arg, form and flags, as publish_text() takes them. Returns the flags with which it was written.
 */
static __always_inline u32 put_memory(struct ring_slot *slot, u64 now, u64 address, u32 what, u32 bytes, const u32 head,
				      u32 where)
{
	const u32 begin = sizeof(struct ring_text) + head;
	u32 off = 0, flags = what >> 8 & 0xff;
	struct ring_chunk *chunk;
	long err;

	asm volatile("" : "+r"(bytes)); /* a number that has been compared is the one that is used */
	if (bytes <= RING_TEXT_SMALL - head) {
		chunk = text_room(slot, now, SMALL_ROOM, &off);
		if (!chunk) {
			ADD(&texts_lost, 1);
			return flags;
		}
		err = bpf_probe_read_user(chunk->data + off + begin, bytes, (void *)address);
	} else {
		if (bytes > RING_TEXT_MAX) {
			bytes = RING_TEXT_MAX;
			flags |= RING_CUT;
		}
		chunk = text_room(slot, now, LARGE_ROOM, &off);
		if (!chunk) {
			ADD(&texts_lost, 1);
			return flags;
		}
		err = bpf_probe_read_user(chunk->data + off + begin, bytes, (void *)address);
	}
	if (err) {
		flags |= RING_UNREADABLE;
		bytes = 0;
	}
	if (head)
		*(u32 *)(chunk->data + off + sizeof(struct ring_text)) = where;
	publish_text(slot, chunk, off, what, flags, (bytes + head) & (RING_CHUNK_SIZE - 1));
	return flags;
}

static __noinline u32 write_memory(struct ring_slot *slot, u64 now, u64 address, u32 what_flags, u32 bytes)
{
	return put_memory(slot, now, address, what_flags, bytes, 0, 0);
}

/* What add_string() returns instead of a length … */
#define NO_MORE   (-1)
#define NO_STRING (-2) /* cannot be read */
#define NO_ROOM   (-3) /* for one more */
/* … or with it */
#define CUT_STRING 0x10000

/*
 * A string, with room for size bytes behind len of the text. Returns whether there is as much. To the verifier, if the
 * number that is compared is the one that is used: in 64 bits, since those before Linux 6.8 know nothing of the copy of
 * half a register.
 */
static __always_inline bool read_step(char *text, u64 len, const u32 size, u64 string, long *n)
{
	asm volatile("" : "+r"(len));
	if (len > RING_TEXT_MAX - size)
		return false;
	*n = bpf_probe_read_user_str(text + len, size, (void *)string);
	return true;
}

/* The same with as much room as there is, in steps, since a size must be a constant. Returns as add_string(). */
static __always_inline long read_string(char *text, u64 len, u64 string)
{
	u32 size = RING_TEXT_SMALL;
	long n = 0;

	if (!read_step(text, len, RING_TEXT_SMALL, string, &n))
		return NO_ROOM;
	if (n == RING_TEXT_SMALL) {
		if (read_step(text, len, 3072, string, &n))
			size = 3072;
		else if (read_step(text, len, 2048, string, &n))
			size = 2048;
		else if (read_step(text, len, 1024, string, &n))
			size = 1024;
	}
	if (n < 0 || n > RING_TEXT_MAX)
		return NO_STRING;
	if (n == size)
		return (n - 1) | CUT_STRING;
	return n + !n; /* older kernels say 0 of an empty string */
}

/*
 * The string to which the pointer at address leads, with its NUL, behind len bytes of the text that is being written.
 * Returns its length; of one that is cut without a NUL, with CUT_STRING. The verifier looks at this once, not once for
 * each of the strings there may be.
 */
__noinline int add_string(u32 index, u64 address, u32 len, u32 size)
{
	struct ring_slot *slot = slot_at(index);
	u32 c = slot ? READ(slot->chunk) : 0, off;
	struct ring_chunk *chunk = c ? chunk_at(c - 1) : NULL;
	u64 string = 0;

	if (bpf_probe_read_user(&string, size == 4 ? 4 : 8, (void *)address))
		return NO_STRING;
	if (!string)
		return NO_MORE;
	if (!chunk)
		return NO_ROOM;
	off = chunk->used;
	if (off > RING_CHUNK_DATA - LARGE_ROOM)
		return NO_ROOM;
	return read_string((char *)chunk->data + off + sizeof(struct ring_text), len, string);
}

/* The strings that an array of pointers names, each with its NUL. One that is cut is the last. */
static __noinline u32 write_strings(struct ring_slot *slot, u64 now, u64 address, u32 what_flags, u32 size)
{
	u8 what = what_flags, flags = what_flags >> 8;
	u32 off = 0, len = 0, index = slot->index;
	struct ring_chunk *chunk = text_room(slot, now, LARGE_ROOM, &off);

	if (!chunk) {
		ADD(&texts_lost, 1);
		return flags;
	}
	for (u32 i = 0; i < 64; i++) {
		int n = add_string(index, address + i * size, i == 63 ? RING_TEXT_MAX : len, size);

		if (n < 0) {
			flags |= n == NO_MORE ? 0 : n == NO_ROOM ? RING_CUT : RING_UNREADABLE;
			break;
		}
		len += n & (RING_TEXT_MAX - 1);
		if (n & CUT_STRING) {
			flags |= RING_CUT;
			break;
		}
	}
	publish_text(slot, chunk, off, what, flags, len & (RING_CHUNK_SIZE - 1));
	return flags;
}

/* Of a pointer in the process's memory: RING_UNREADABLE, 1 if it is NULL, otherwise 0. */
__noinline int ends_pointers(u64 address, u32 size)
{
	u64 pointer = 0;

	if (bpf_probe_read_user(&pointer, size == 4 ? 4 : 8, (void *)address))
		return RING_UNREADABLE;
	return !pointer;
}

/*
 * How many pointers there are before NULL, counted where the number will be: in a variable the verifier would tell
 * apart each of its values. Of more than are counted nothing is known but that.
 */
static __noinline u32 write_number(struct ring_slot *slot, u64 now, u64 address, u32 what_flags, u32 size)
{
	u8 what = what_flags, flags = what_flags >> 8;
	u32 off = 0, end = 0;
	struct ring_chunk *chunk = text_room(slot, now, SMALL_ROOM, &off);

	if (!chunk) {
		ADD(&texts_lost, 1);
		return flags;
	}
	u32 *n = (u32 *)(chunk->data + off + sizeof(struct ring_text));

	WRITE(*n, 0);
	for (u32 i = 0; i < RING_COUNT_MAX; i++) {
		end = ends_pointers(address + i * size, size);
		if (end)
			break;
		WRITE(*n, READ(*n) + 1);
	}
	flags |= end == 1 ? 0 : end ? RING_UNREADABLE : RING_CUT;
	publish_text(slot, chunk, off, what, flags, end > 1 ? 0 : sizeof(*n));
	return flags;
}

/* --- sockets --------------------------------------------------------------------------------------------- */

/* The socket behind a file descriptor of this process, or NULL. */
static __always_inline struct sock *socket_of(u32 fd)
{
	struct task_struct *task = current_task();
	struct fdtable *table = CHAIN(task, files, fdt);
	struct file **files = BPF_CORE_READ(table, fd), *file = NULL;
	struct socket *socket;

	if (fd >= BPF_CORE_READ(table, max_fds) || bpf_probe_read_kernel(&file, sizeof(file), files + fd) || !file)
		return NULL;
	if ((BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT) != S_IFSOCK)
		return NULL;
	socket = BPF_CORE_READ(file, private_data);
	return BPF_CORE_READ(socket, sk);
}

static __always_inline void read_addresses(struct ring_socket *to, struct sock *sk)
{
	if (to->family == AF_INET) {
		bpf_core_read(to->local, 4, &sk->__sk_common.skc_rcv_saddr);
		bpf_core_read(to->remote, 4, &sk->__sk_common.skc_daddr);
	} else if (to->family == AF_INET6 && bpf_core_field_exists(sk->__sk_common.skc_v6_daddr)) {
		bpf_core_read(to->local, 16, &sk->__sk_common.skc_v6_rcv_saddr);
		bpf_core_read(to->remote, 16, &sk->__sk_common.skc_v6_daddr);
	} else {
		return;
	}
	to->local_port = BPF_CORE_READ(sk, __sk_common.skc_num);
	to->remote_port = __builtin_bswap16(BPF_CORE_READ(sk, __sk_common.skc_dport));
}

static __noinline int write_socket(struct ring_slot *slot, u64 now, u32 fd, u32 what_flags)
{
	struct sock *sk = socket_of(fd);
	u32 off = 0;
	struct ring_chunk *chunk;
	struct ring_socket *to;

	if (!sk)
		return 0;
	chunk = text_room(slot, now, SMALL_ROOM, &off);
	if (!chunk) {
		ADD(&texts_lost, 1);
		return 0;
	}
	to = (struct ring_socket *)(chunk->data + off + sizeof(struct ring_text));
	__builtin_memset(to, 0, sizeof(*to));
	to->family = BPF_CORE_READ(sk, __sk_common.skc_family);
	to->type = BPF_CORE_READ(sk, sk_type);
	to->protocol = BPF_CORE_READ(sk, sk_protocol);
	read_addresses(to, sk);
	publish_text(slot, chunk, off, what_flags, what_flags >> 8, sizeof(*to));
	return 0;
}

/* --- plans ----------------------------------------------------------------------------------------------- */

static __always_inline u64 slot_arg(const struct ring_slot *slot, u32 i)
{
	asm volatile("" : "+r"(i));
	return i < 6 ? slot->arg[i] : 0;
}

/* Sockets: struct ifreq, with the interface's name, and whole numbers (linux/sockios.h). */
static __always_inline void socket_ioctl_bytes(u32 command, u32 class, u32 *in, u32 *out)
{
	switch (command) {
	case 0x8901: /* FIOSETOWN, SIOCSPGRP */
	case 0x8902:
		*in = 4;
		break;
	case 0x8903: /* FIOGETOWN, SIOCGPGRP, SIOCATMARK, SIOCOUTQNSD */
	case 0x8904:
	case 0x8905:
	case 0x894b:
		*out = 4;
		break;
	case 0x8910: /* SIOCGIFNAME to SIOCSIFMAP: those that args shows (decode/args_interface.c) */
	case 0x8913 ... 0x891e:
	case 0x8921 ... 0x8924:
	case 0x8927:
	case 0x8929:
	case 0x8930 ... 0x8933:
	case 0x8937:
	case 0x8942 ... 0x8943:
	case 0x8970 ... 0x8971:
		*in = *out = class == RING_COMPAT ? 32 : 40;
		break;
	}
}

/*
 * Terminals and sockets, whose numbers do not tell; others have direction and size in the number
 * (asm-generic/ioctl.h).
 */
static __noinline u32 ioctl_bytes(u32 command, u32 class, bool at_exit)
{
	u32 in = 0, out = 0;

	switch (command) {
	case 0x5401: /* TCGETS */
		out = 36;
		break;
	case 0x5402: /* TCSETS, TCSETSW, TCSETSF */
	case 0x5403:
	case 0x5404:
		in = 36;
		break;
	case 0x5413: /* TIOCGWINSZ */
		out = 8;
		break;
	case 0x5414: /* TIOCSWINSZ */
		in = 8;
		break;
	case 0x5410: /* TIOCSPGRP, TIOCMBIS, TIOCMBIC, TIOCMSET, TIOCSSOFTCAR, TIOCPKT, FIONBIO, TIOCSETD, FIOASYNC */
	case 0x5416 ... 0x5418:
	case 0x541a:
	case 0x5420:
	case 0x5421:
	case 0x5423:
	case 0x5452:
		in = 4;
		break;
	case 0x540f: /* TIOCGPGRP, TIOCOUTQ, TIOCMGET, TIOCGSOFTCAR, FIONREAD, TIOCGETD, TIOCGSID */
	case 0x5411:
	case 0x5415:
	case 0x5419:
	case 0x541b:
	case 0x5424:
	case 0x5429:
		out = 4;
		break;
	case 0x8900 ... 0x89ff:
		socket_ioctl_bytes(command, class, &in, &out);
		break;
	default:
		if (command >> 30 & 1)
			in = command >> 16 & 0x3fff;
		if (command >> 31)
			out = command >> 16 & 0x3fff;
	}
	return at_exit ? out : in;
}

/* Bytes of memory to be read. */
static __always_inline u32 memory_bytes(const struct ring_slot *slot, const volatile struct ring_capture *capture,
					s64 ret, bool at_exit)
{
	u64 bytes = capture->size, by = slot_arg(slot, capture->by);

	switch (capture->how) {
	case RING_HOW_ARG:
		bytes = by < 65536 ? by * bytes : 65536;
		break;
	case RING_HOW_RESULT:
		bytes = ret < 0 ? 0 : ret < 65536 ? ret * bytes : 65536;
		break;
	case RING_HOW_BITS:
		bytes = bytes && by < 65536 ? (by + 8 * bytes - 1) / (8 * bytes) * bytes : 0;
		break;
	case RING_HOW_IOCTL:
		bytes = ioctl_bytes(by, slot_class(slot), at_exit);
		break;
	case RING_HOW_POINTER: {
		u32 said = 0;

		if (bpf_probe_read_user(&said, sizeof(said), (void *)by))
			said = 0;
		bytes = said < 65536 ? said : 0;
		break;
	}
	}
	return bytes;
}

static __always_inline bool is_asked_for(const struct ring_slot *slot, const volatile struct ring_capture *capture,
					 bool at_exit)
{
	u64 value = slot_arg(slot, capture->only_of), bits = at_exit ? capture->only_at_exit : capture->only;

	if (!(capture->only | capture->only_at_exit))
		return true;
	if (value > 511) /* no mask is meant to make a known number of these */
		return false;
	value &= capture->only_mask;
	return value < 64 && bits >> value & 1;
}

/* Is it read at all when a call returns like this? */
static __always_inline bool is_due(const volatile struct ring_capture *capture, u32 when, s64 ret)
{
	bool failed = ret < 0 && ret >= -4095;

	return !(when & RING_AT_EXIT && capture->when & (failed ? RING_IF_GOOD : RING_IF_FAILED));
}

/*
 * Capture i of the call that the slot is in; when: RING_AT_ENTRY or RING_AT_EXIT. A global function: the verifier looks
 * at it once, whoever calls it. Returns RING_UNREADABLE: to be tried again at the exit; or IS_BEHIND: it is for
 * capture_behind(), not called from here because programs may call each other eight deep at most.
 */
__noinline int capture_one(u32 index, u32 i, u64 now, s64 ret, u32 when)
{
	struct ring_slot *slot = slot_at(index);

	if (!slot || i >= RING_CAPTURES)
		return 0;
	const volatile struct ring_capture *capture = &plans[info_of(slot_class(slot), slot->nr).plan].capture[i];
	u32 arg = capture->arg;
	u64 address = slot_arg(slot, arg);
	u32 flags = when & RING_AT_EXIT ? RING_LATE : 0;

	if (arg == RING_OF_FD)
		address = 1;
	else if (capture->how == RING_HOW_STACK)
		address = when & RING_AT_ENTRY ? slot->stack + capture->at : 0;
	if (!address || !is_due(capture, when, ret))
		return 0;
	if (capture->how == RING_HOW_BEHIND)
		return IS_BEHIND;
	if (!is_asked_for(slot, capture, when & RING_AT_EXIT))
		return 0;
	u32 what_flags = (arg & 7) | (u32)capture->form << 4 | flags << 8, said;

	what_flags &= 0xffff;
	if (capture->how == RING_HOW_SOCKET)
		said = write_socket(slot, now, capture->by ? ret : slot->arg[0], what_flags);
	else if (capture->how == RING_HOW_STRING) {
		said = write_string(slot, now, address, what_flags);
		/* From here, because programs may call each other eight deep at most. */
		if (said & IS_LONG)
			said = write_long_string(slot, now, address, what_flags);
	} else if (capture->how == RING_HOW_STRINGS)
		said = write_strings(slot, now, address, what_flags, capture->size);
	else if (capture->how == RING_HOW_NUMBER)
		said = write_number(slot, now, address, what_flags, capture->size);
	else {
		u32 bytes = memory_bytes(slot, capture, ret, when & RING_AT_EXIT), most = capture->most;

		if (!bytes)
			return 0;
		if (most && bytes > most) {
			bytes = most;
			what_flags |= RING_CUT << 8;
		}
		said = write_memory(slot, now, address, what_flags, bytes);
	}
	return said & RING_UNREADABLE;
}

#include "behind.bpf.h"

/* The same, whatever it is. */
static __always_inline u32 capture_any(u32 index, u32 i, u64 now, s64 ret, u32 when)
{
	u32 said = capture_one(index, i, now, ret, when), all = said;

	for (u32 element = 0; said & IS_BEHIND && element < RING_BEHIND_MAX; element++) {
		said = capture_behind(index, i | element << 8, now, ret, when);
		all |= said;
	}
	return all & RING_UNREADABLE;
}

/* --- exec ------------------------------------------------------------------------------------------------ */

/* The kernel's own copy of a file name. */
static __noinline int write_file_name(struct ring_slot *slot, u64 now, u64 address)
{
	u32 off = 0, len = 0, limit = every.text_limit;
	u8 flags = 0;
	struct ring_chunk *chunk = text_room(slot, now, LARGE_ROOM, &off);

	if (!chunk) {
		ADD(&texts_lost, 1);
		return 0;
	}
	long n = bpf_probe_read_kernel_str(chunk->data + off + sizeof(struct ring_text), RING_TEXT_LARGE,
					   (void *)address);

	if (n > 0 && n <= RING_TEXT_LARGE)
		len = n - 1;
	else
		flags = RING_UNREADABLE;
	if (len > limit) {
		len = limit;
		flags |= RING_CUT;
	}
	publish_text(slot, chunk, off, RING_OF_EVENT | RING_STRING << 4, flags, len & (RING_CHUNK_SIZE - 1));
	return 0;
}

/* The argument strings are in the new memory, one behind the other, and have just been written there. */
static __noinline int write_arguments(struct ring_slot *slot, u64 now)
{
	struct task_struct *task = current_task();
	u64 begin = CHAIN(task, mm, arg_start), end = CHAIN(task, mm, arg_end);
	u32 bytes = RING_TEXT_MAX, what_flags = (RING_OF_EVENT | 1) | RING_STRINGS << 4;

	if (end - begin > RING_TEXT_MAX)
		what_flags |= RING_CUT << 8;
	else
		bytes = end - begin;
	return write_memory(slot, now, begin, what_flags, bytes);
}

/* Before the record of an exec. */
static __always_inline void capture_exec(struct ring_slot *slot, u64 now, const void *file)
{
	/* An execve that is not wanted has been counted already: these are before what comes next, also in a new chunk.
	 */
	u64 ahead = !slot->entry;

	if (!every.text_limit)
		return;
	slot->seq += ahead;
	write_file_name(slot, now, (u64)file);
	write_arguments(slot, now);
	slot->seq -= ahead;
}

/* --- from the programs ----------------------------------------------------------------------------------- */

/*
 * The short way to what is nearly always all there is: the string is short, in memory, and there is room in the thread's
 * chunk. Returns whether it was so.
 */
static __always_inline bool write_first(struct ring_slot *slot, struct ring_chunk *chunk, u32 arg)
{
	u32 off = chunk->used;

	if (off > RING_CHUNK_DATA - SMALL_ROOM)
		return false;
	long n = bpf_probe_read_user_str(chunk->data + off + sizeof(struct ring_text), RING_TEXT_SMALL,
					 (void *)slot_arg(slot, arg));

	if (n <= 0 || n >= RING_TEXT_SMALL || n > every.text_limit)
		return false;
	publish_text(slot, chunk, off, arg | RING_STRING << 4, 0, (n - 1) & (RING_TEXT_SMALL - 1));
	return true;
}

/* Of a call that has one string and no more. Returns whether that has been written. The slot is busy. */
static __always_inline bool capture_string(struct ring_slot *slot, struct ring_chunk *chunk, struct ring_info info)
{
	return info.string & RING_ALONE && write_first(slot, chunk, (info.string - 1) & 7);
}

/* The slot is busy. stack: the caller's pointer to it. */
static __noinline int capture_entry(struct ring_slot *slot, u64 now, u64 stack)
{
	struct ring_info info = info_of(slot_class(slot), slot->nr);
	u32 string = info.string, at_entry, at_exit;
	struct ring_chunk *chunk = chunk_of(slot);
	bool written = string && !(string & RING_ALONE) && chunk && write_first(slot, chunk, (string - 1) & 7);
	const volatile struct ring_plan *plan = &plans[info.plan];

	slot->stack = stack;
	at_entry = plan->at_entry & ~(u32)written;
	at_exit = plan->at_exit;
	for (u32 i = 0; at_entry >> i; i++)
		if (at_entry >> i & 1 && capture_any(slot->index, i, now, 0, RING_AT_ENTRY))
			at_exit |= 1u << i;
	slot->captures = at_exit;
	return 0;
}

/* The slot is busy. now: entry of the call. */
static __noinline int capture_exit(struct ring_slot *slot, u64 now, s64 ret)
{
	u32 captures = slot->captures;

	for (u32 i = 0; captures >> i; i++)
		if (captures >> i & 1)
			capture_any(slot->index, i, now, ret, RING_AT_EXIT);
	slot->captures = 0;
	return 0;
}

/* A call whose entry was not seen returns: everything is read now. */
static __always_inline void capture_all(struct ring_slot *slot, u8 plan, u64 now, s64 ret)
{
	slot->captures = plans[plan].at_entry | plans[plan].at_exit;
	capture_exit(slot, now, ret);
}

#endif
