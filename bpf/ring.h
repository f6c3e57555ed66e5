/*
 * ring.h - what the BPF programs and the recorder share: private to one build, never on disk.
 *
 * Each recorded thread has a *slot* and writes records into *chunks*, 8 KiB ring buffer pieces that belong to one
 * thread at a time. Both sides map the same memory; who may write what is said at each field. docs/design.md tells the
 * protocol.
 */
#ifndef SYSSTREAM_RING_H
#define SYSSTREAM_RING_H

#define RING_PID_LIMIT    4194304 /* PID_MAX_LIMIT of a 64-bit kernel, include/linux/threads.h */
#define RING_CHUNKS_MIN   8
#define RING_CHUNKS_MAX   65536
#define RING_CHUNK_SIZE   8192
#define RING_CHUNK_HEADER 80
#define RING_CHUNK_DATA   (RING_CHUNK_SIZE - RING_CHUNK_HEADER)
#define RING_RECORD_MAX   80 /* the longest record */
#define RING_SLOT_WINDOW  8  /* places after tid & mask where a thread's slot may be */
#define RING_SLOT_DEAD    0xffffffffu
#define RING_NARGS        1024 /* call numbers that something is known about: call_info */
#define RING_SHARE        4    /* see has_its_share() */
#define RING_HELD         8192 /* processes held back at once, by tgid */
#define RING_NAMES        1024 /* names and users that processes are chosen by */
#define RING_COMM         16   /* TASK_COMM_LEN */
#define RING_PLACES       512  /* containers known at once */
#define RING_PLACE_WINDOW 8    /* places after id % RING_PLACES where one may be */
#define RING_PLACE_NAMES  6    /* control groups from the container's up */
#define RING_PLACE_NAME   96   /* bytes of their names */

/* recorded[tgid]: why this process is recorded, any of them; 0: it is not. */
enum {
	RING_BY_PID = 1,  /* it was named, or is the child of one that is followed */
	RING_BY_NAME = 2, /* its main thread's comm is one of names[] */
	RING_BY_USER = 4, /* its effective user is one of users[] */
	RING_MUTED = 8,   /* with none of the others: it was, and calls that began then are still to be finished */
	RING_BY_CONTAINER = 16, /* it is in a container that is wanted */
	RING_BY_ANY = 23,
	RING_MOVED = 32, /* it has come into another control group: its threads look where they are */
};

#define RING_PLANS      256  /* different ways to capture what a call's arguments point to: plans[] */
#define RING_CAPTURES   6    /* at most so many for one call */
#define RING_TEXT_SMALL 256  /* bytes that a capture is read with at first … */
#define RING_TEXT_LARGE 4104 /* … and a longer one again: a path and its NUL, and some, to see that there is more */
#define RING_TEXT_MAX   4096 /* bytes of a capture */
#define RING_BEHIND_MAX 16   /* of so many elements it is read what their pointers lead to */
#define RING_COUNT_MAX  512  /* pointers that are counted */

/* What is known of a call number: call_info[]. */
struct ring_info {
	unsigned char flags;
	unsigned char plan;   /* index into plans[] of what its arguments point to; 0: nothing is captured */
	unsigned char string; /* 1 + argument, if the first capture is a string at its entry; RING_ALONE */
	unsigned char moves;  /* its result is a number of bytes moved */
};

/* ring_info.flags */
#define RING_NARGS_MASK 7
#define RING_EXCLUDED   128 /* calls of this number are counted, not recorded */
#define RING_PASSING    64  /* and that when they return, so that nothing is done at their entry */

/* ring_info.string: there is no other capture */
#define RING_ALONE 128

/* chunk_state[]: the thread goes free → active → full, the recorder full → free. */
enum {
	RING_FREE = 0,
	RING_ACTIVE = 1,
	RING_FULL = 2,
};

/* How a system call entered the kernel; the recorder makes an ABI of it. */
enum ring_class {
	RING_NATIVE = 0,
	RING_COMPAT = 1, /* 32-bit: i386, arm */
	RING_X32 = 2,
	RING_CLASSES
};

/*
 * What is looked at with every call. One line of the processor's cache, but for the call itself, and one page, but for
 * 32-bit calls: what the kernel does for a call pushes lines out of the cache, and where each system call flushes the
 * TLB (page table isolation without PCID), each page costs a walk of the page tables. A structure, since a compiler
 * puts variables in the order of their first use.
 */
struct ring_every {
	unsigned int slot_mask;         /* number of slots − 1 */
	unsigned int n_users;           /* processes are chosen by user */
	unsigned int text_limit;        /* bytes of a string, at most RING_TEXT_MAX; 0: none */
	unsigned char tally_selects;    /* some calls are not counted */
	unsigned char excludes_unknown; /* left out are numbers beyond call_info, … */
	unsigned char only_failed;      /* … calls that succeed, … */
	unsigned long long slower;      /* … those that take less ns */
	/* One more: to old verifiers (Linux 5.10) two bits that are not 3 may still be 3. */
	struct ring_info call_info[RING_CLASSES + 1][RING_NARGS];
};

enum ring_kind {
	RING_CALL = 1,
	RING_NAME = 2,   /* the thread's comm from now on */
	RING_GAP = 3,    /* calls that found no room */
	RING_FORK = 4,   /* this thread has made another */
	RING_EXEC = 5,   /* this thread has executed a program */
	RING_EXIT = 6,   /* this thread has ended; the last record of its last chunk */
	RING_PASSED = 7, /* calls that were not wanted */
	RING_TEXT = 8,   /* what an argument points to, of a call or event whose record is still to come */
};

/* Forms and flags of a capture; the numbers are those of enum sst_form and sst_capture_flag (checked in tracer/). */
enum ring_form {
	RING_STRING = 1,
	RING_STRINGS = 2,
	RING_MEMORY = 3,
	RING_SOCKET = 4,
	RING_BEHIND = 5, /* struct ring_behind, and then memory */
};

enum ring_text_flag {
	RING_CUT = 1,
	RING_LATE = 2,
	RING_UNREADABLE = 4,
};

/* ring_text.what: of the file descriptor that the call is about. */
#define RING_OF_FD 6

/* ring_text.what: of the event whose record comes next, not of the call in progress */
#define RING_OF_EVENT 8

/* How to find the length of a capture. */
enum ring_how {
	RING_HOW_STRING = 1,  /* up to a NUL */
	RING_HOW_FIXED = 2,   /* size bytes */
	RING_HOW_ARG = 3,     /* argument by × size bytes */
	RING_HOW_POINTER = 4, /* as many bytes as the int that argument by points to says */
	RING_HOW_RESULT = 5,  /* result × size bytes */
	RING_HOW_BITS = 6,    /* argument by, in bits, in whole words of size bytes */
	RING_HOW_STRINGS = 7, /* an array of pointers of size bytes to strings, ended by NULL */
	RING_HOW_IOCTL = 8,   /* as the ioctl's number says, which is argument by */
	RING_HOW_SOCKET = 9,  /* the socket of the file descriptor in argument 0, or of the result with by = 1 */
	RING_HOW_NUMBER = 10, /* four bytes: how many pointers of size bytes there are before NULL */
	RING_HOW_BEHIND = 11, /* what pointers lead to that stand in the memory of argument arg: struct ring_pointer */
	RING_HOW_STACK = 12,  /* size bytes on the caller's stack, at bytes above its pointer; at the entry only */
};

/* ring_pointer.follow: bits. */
enum ring_follow {
	RING_FOLLOW_PARTS = 1,  /* not the vector that it leads to, but what the vector's parts are */
	RING_FOLLOW_ITSELF = 2, /* the argument is that vector, of as many parts as argument by says */
	RING_FOLLOW_RESULT = 4, /* at the exit: no more bytes, of all parts together, than the call has returned … */
	RING_FOLLOW_SAID = 8,   /* … or than the 32 bits behind the seven longs of the element say */
};

/*
 * A pointer that stands in each element, ring_capture.size bytes long, of what an argument points to. There are as many
 * elements as argument ring_capture.by says; one with RING_BY_ONE, as many as the call returns with RING_BY_RESULT.
 */
#define RING_BY_ONE    7
#define RING_BY_RESULT 6
struct ring_pointer {
	unsigned char at, count_at;       /* offsets of the pointer, and of how many units it leads to */
	unsigned char width, count_width; /* bytes of them, 4 or 8 */
	unsigned char unit, follow;       /* bytes; enum ring_follow */
	unsigned char pad[2];
};

/* In front of the memory that a pointer leads to. As on disk: little-endian. */
struct ring_behind {
	unsigned short at;   /* where the pointer stands in the memory of the argument */
	unsigned short part; /* 0, or 1 + where a pointer stands in what that one leads to, and which led here */
};

/* RING_SOCKET: as on disk, little-endian. Addresses of IPv4 are in the first four bytes. */
struct ring_socket {
	unsigned short family, type;
	unsigned int protocol;
	unsigned short local_port, remote_port;
	unsigned char local[16], remote[16];
};

/* When a capture is read: bits. */
enum ring_when {
	RING_AT_ENTRY = 1, /* what could not be read then is tried again when the call returns */
	RING_AT_EXIT = 2,
	RING_IF_GOOD = 4,   /* at the exit: unless the call has failed */
	RING_IF_FAILED = 8, /* at the exit: only if it has */
};

/* One capture of a call. */
struct ring_capture {
	unsigned char arg, form, how, when, by;
	unsigned char only_of, only_mask, pad;
	unsigned short size, most; /* bytes; most: no more than these of one capture, 0: RING_TEXT_MAX */
	unsigned short at;         /* of RING_HOW_STACK */
	unsigned char pad2[2];
	/* If not 0: only with these values, below 64 once masked, of argument only_of; at the entry and at the exit. */
	union {
		unsigned long long only;
		struct ring_pointer pointer; /* of RING_HOW_BEHIND */
	};
	unsigned long long only_at_exit;
};

struct ring_plan {
	unsigned char at_entry, at_exit; /* which of them: bits */
	unsigned char pad[6];
	struct ring_capture capture[RING_CAPTURES];
};

/* States of a call; the numbers are those of enum sst_state (checked in tracer/). */
enum ring_state {
	RING_OK = 0,
	RING_UNFINISHED = 1,
	RING_NO_RETURN = 2,
	RING_MIDWAY = 3,
	RING_REFUSED = 4,
	RING_MIDWAY_OPEN = 5,
};

enum ring_cause {
	RING_CAUSE_FULL = 1,    /* no free chunk */
	RING_CAUSE_THREADS = 2, /* no free slot */
	RING_CAUSE_SKIPPED = 3, /* a program run was skipped by the kernel */
	RING_CAUSES
};

/*
 * Records: 8-byte aligned, the first byte is the kind. Times are CLOCK_MONOTONIC, ns. Sequence numbers are implied: the
 * chunk's first_seq, then one more for each call, count more for each gap and each passed.
 */
struct ring_call {
	unsigned char kind_state;  /* kind | state << 4 */
	unsigned char class_nargs; /* RING_CLASS_NARGS */
	unsigned short cpu;
	unsigned int nr;
	unsigned long long entry, duration, ret;
	unsigned long long arg[6]; /* only nargs of them belong to the record */
};
#define RING_CALL_SIZE(nargs)          (32u + 8u * (nargs))
#define RING_CLASS_NARGS(class, nargs) ((class) << 4 | (nargs))

struct ring_name {
	unsigned char kind, pad[7];
	char comm[RING_COMM];
};

struct ring_gap {
	unsigned char kind, cause, pad[6];
	unsigned long long count, first, last; /* entry of the first and of the last of them */
};

struct ring_passed {
	unsigned char kind, pad[7];
	unsigned long long count;
};

/* Followed by len bytes, and some up to a multiple of 8. */
struct ring_text {
	unsigned char kind, what; /* what: arg | form << 4 */
	unsigned char flags, pad;
	unsigned short len, pad2;
	unsigned long long seq; /* of the call */
};
#define RING_TEXT_SIZE(len) ((sizeof(struct ring_text) + (len) + 7u) & ~7u)

struct ring_fork {
	unsigned char kind, pad[3];
	unsigned int tid, tgid, pad2;
	unsigned long long time;
	char comm[RING_COMM]; /* of both */
};

struct ring_exec {
	unsigned char kind, pad[3];
	unsigned int old_tid;
	unsigned long long time;
	char comm[RING_COMM]; /* the new one */
};

struct ring_exit {
	unsigned char kind, pad[3];
	unsigned int code; /* as wait(2) has it */
	unsigned long long time;
	unsigned int superseded; /* 1: the thread lives on under another tid (execve by one that was not the leader) */
	unsigned int pad2;
	char comm[RING_COMM];
};

/* A chunk. The thread that owns it writes; the recorder only reads, until it is full. */
struct ring_chunk {
	unsigned int used;    /* bytes of data that are whole records; written last */
	unsigned int claims;  /* 1: somebody owns it. Changed by atomic addition only, on both sides */
	unsigned int slot;    /* index of the owner's slot */
	unsigned int gen;     /* with slot: which thread; see struct ring_slot */
	unsigned int ordinal; /* 0, 1, 2 … within that thread */
	unsigned int tid, tgid;
	unsigned int same_comm; /* comm says nothing: as in the chunk before; the call in progress has changed it */
	unsigned long long first_seq;
	char comm[RING_COMM];         /* as it was when the chunk was taken */
	unsigned long long container; /* control group of its container, by the kernel's id; 0: in none */
	unsigned int pidns;           /* its innermost PID namespace, 0: the initial one; and its numbers there */
	unsigned int ns_tid, ns_tgid;
	unsigned char pad2[RING_CHUNK_HEADER - 76];
	unsigned char data[RING_CHUNK_DATA];
};

/* A recorded thread. Written by that thread; the recorder reads, and may swap chunk for 0 (see drain.c). */
struct ring_slot {
	/* 0: free; RING_SLOT_DEAD: ended with loss that only this slot knows of; the recorder frees it */
	unsigned int tid;
	unsigned int claims;        /* as in struct ring_chunk */
	unsigned int chunk;         /* index + 1 of its chunk; 0: none */
	unsigned char busy;         /* a program is writing into the chunk */
	unsigned char attention;    /* RING_ATTEND_* */
	unsigned char class_nargs;  /* of the call it is in, as in struct ring_call */
	unsigned char captures : 6; /* of it: still to be read when it returns, bits of its plan */
	unsigned char excluded : 2; /* it is not wanted: nothing to do when it returns */
	unsigned long long entry;   /* 0: not in a system call; else when it began. Written after nr and arg */
	union {
		unsigned int nr;
		unsigned int dead_tid; /* of RING_SLOT_DEAD */
	};
	unsigned int gen; /* how often the slot has been taken: (slot, gen) names a thread for ever */
	/* Up to here, which is all that a tally needs of a call, in one line of the processor's cache: see below. */
	unsigned long long seq; /* calls begun so far */
	unsigned long long arg[6];
	unsigned long long passed; /* calls not wanted since the last record */
	/* Up to here, which is all that a recorded call needs as a rule, in two lines. */
	unsigned int tgid;
	unsigned int ordinal;                /* of the next chunk */
	unsigned int returned;               /* chunks that the recorder has freed; written by it */
	unsigned int index;                  /* of this slot */
	unsigned long long lost, lost_first; /* calls lost since the last record for want of room; entry of the first */
	union {
		unsigned long long left;  /* bytes of a vector of buffers that are still to be read: behind.bpf.h */
		unsigned long long stack; /* the caller's stack pointer, while an entry is captured: text.bpf.h */
	};
	unsigned long long container; /* as in struct ring_chunk */
	unsigned int pidns, ns_tid, ns_tgid;
	unsigned int moves; /* how many there had been when this was looked up */
};

/* Slots lie in a row from the beginning of a page: each begins at the beginning of a line of 64 bytes, or half way. */
_Static_assert(sizeof(struct ring_slot) % 32 == 0, "the first 32 bytes of a slot are in one line");

/* A container that somebody was seen in. The programs take an entry, the recorder gives it back. */
struct ring_place {
	unsigned long long id;                         /* of its control group; 0: free. Written last */
	unsigned int claims;                           /* as in struct ring_chunk */
	unsigned int wanted;                           /* RING_PLACE_*; the recorder's */
	char names[RING_PLACE_NAMES][RING_PLACE_NAME]; /* its group, the one above …; "": the root */
};

enum {
	RING_PLACE_NEW, /* the recorder has not looked yet */
	RING_PLACE_WANTED,
	RING_PLACE_UNWANTED,
};

/* attention: something to do before the next call is recorded. */
enum {
	RING_ATTEND_NAME = 1,  /* comm has changed */
	RING_ATTEND_MOVED = 2, /* execve has given the thread another tid; its chunk still carries the old one */
	RING_ATTEND_SKIP = 4,  /* the exit to come belongs to a call that is accounted for already */
};

#endif
