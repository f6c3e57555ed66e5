/*
 * rows.h - system calls in memory, as columns.
 *
 * One struct sst_rows is what one frame holds: the rows of each thread stand together (a *group*), groups in order of
 * (tid, first seq), rows of a group in order of seq. The recorder fills one and encodes it; the reader decodes a frame
 * into one. sst_rows_order() gives the order of the table: by (time, tid, seq).
 *
 *	struct sst_rows *rows = sst_rows_new();
 *	uint32_t call = sst_rows_call(rows, SST_ABI_X86_64, 0, 3);
 *	sst_rows_group(rows, pid, tid, comm, comm_len);
 *	size_t i = sst_rows_add(rows);
 *	rows->time[i] = ...
 *	sst_rows_free(rows);
 */
#ifndef SST_ROWS_H
#define SST_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "containers.h"

#define SST_ARGS         6
#define SST_COMM_MAX     64    /* bytes of a thread's name; the kernel's own limit is 15 */
#define SST_ROWS_MAX     65536 /* rows in one frame */
#define SST_CALLS_MAX    4096  /* different (abi, nr) in one frame */
#define SST_GROUPS_MAX   65536 /* groups in one frame */
#define SST_EVENTS_MAX   65536
#define SST_GAPS_MAX     16384
#define SST_CLOCKS_MAX   4096 /* whatever a frame holds within these limits, it stays below the 16 MiB of the format */
#define SST_CAPTURES_MAX 262144 /* captures in one frame … */
#define SST_OPENS_MAX    65536
#define SST_TEXT_MAX     (3u << 20) /* … and their bytes */

/* What is known of a call. On-disk numbers: append only. */
enum sst_state {
	SST_OK = 0,          /* entry and exit seen: ret and duration are known */
	SST_UNFINISHED = 1,  /* still inside: neither ret nor duration */
	SST_NO_RETURN = 2,   /* exit, exit_group, a successful rt_sigreturn: neither */
	SST_MIDWAY = 3,      /* already inside when the recorder attached, has returned: ret, no duration */
	SST_REFUSED = 4,     /* exit without entry (seccomp, ptrace): ret, no duration; time is the exit's */
	SST_MIDWAY_OPEN = 5, /* already inside when the recorder attached, has not returned: neither */
	SST_STATE_COUNT
};

/* Why calls are missing. On-disk numbers: append only. */
enum sst_cause {
	SST_CAUSE_UNKNOWN = 0,
	SST_CAUSE_RING_FULL = 1, /* no room in the ring buffers */
	SST_CAUSE_THREADS = 2,   /* no slot left for one more thread */
	SST_CAUSE_SKIPPED = 3,   /* the kernel skipped a run of the BPF program (recursion_misses) */
	SST_CAUSE_CUT = 4,       /* part of the file was damaged or missing when it was recovered */
	SST_CAUSE_WRITE = 5,     /* recorded, but the output could not be written */
	SST_CAUSE_COUNT
};

/* sst_cause_name() - "ring-full" and so on, as in the keys of the END frame; "unknown" for any other number. */
const char *sst_cause_name(unsigned cause);

struct sst_call {
	uint32_t nr;
	uint8_t abi;   /* enum sst_abi */
	uint8_t nargs; /* arguments that a row of this call has, 0..SST_ARGS */
};

struct sst_group {
	uint32_t pid, tid; /* as the initial PID namespace sees them: tgid, tid */
	uint32_t first;    /* index of its first row */
	uint32_t n;        /* number of rows */
	struct sst_where where;
	uint8_t comm_len;
	char comm[SST_COMM_MAX]; /* as it was when each of these calls began; any bytes but NUL, not terminated */
};

/* Calls that are missing. tid 0: it is not known whose. */
struct sst_gap {
	uint64_t time, until; /* boot time, ns: entry of the first and of the last missing call */
	uint64_t seq;         /* sequence number of the first missing call; 0: not known */
	uint64_t count;
	uint32_t pid, tid;
	uint8_t cause; /* enum sst_cause */
};

/* What happens to threads and processes. On-disk numbers: append only. */
enum sst_event_kind {
	SST_EVENT_START = 1, /* tid began; a = tid of the parent, or 0, b = its pid, or 0 */
	SST_EVENT_EXIT = 2,  /* tid ended; a = exit code as wait(2) has it, b = its last sequence number */
	SST_EVENT_EXEC = 3,  /* tid has executed a program; a = the tid it had before */
	SST_EVENT_FOUND = 4, /* tid existed when the recorder attached */
};

struct sst_event {
	uint64_t time; /* boot time, ns */
	uint64_t a, b;
	uint32_t pid, tid;
	uint8_t kind; /* enum sst_event_kind */
};

/* What the bytes of a capture are. On-disk numbers: append only. */
enum sst_form {
	SST_FORM_STRING = 1,  /* up to a NUL, which is not kept */
	SST_FORM_STRINGS = 2, /* several, each ended by a NUL: argument strings */
	SST_FORM_MEMORY = 3,  /* as memory was, in the byte order and the ABI of the machine recorded */
	SST_FORM_SOCKET = 4,  /* struct sst_socket's bytes, little-endian: the socket behind a file descriptor */
	SST_FORM_BEHIND =
		5, /* what a pointer in the memory leads to: which one (SST_BEHIND_HEAD bytes), and then memory */
};

/*
 * In front of what a pointer leads to, two numbers of 16 bits, little-endian: where it stands in the memory of the
 * argument; and 0, or 1 + where another one stands in what that leads to, and which leads here.
 */
#define SST_BEHIND_HEAD 4

/* How it was got: bits. On-disk numbers: append only. */
enum sst_capture_flag {
	SST_CAPTURE_CUT = 1,        /* there was more of it than is kept */
	SST_CAPTURE_LATE = 2,       /* read when the call returned or later, not when it began */
	SST_CAPTURE_UNREADABLE = 4, /* there was nothing to be read at the address, or not beyond these bytes */
};

/* What arg says beside the numbers of arguments. */
enum {
	SST_CAPTURE_FD = 6,    /* of the file descriptor that the call is about: its argument 0, or its result */
	SST_CAPTURE_STACK = 7, /* of what a call goes by that stands on the caller's stack */
	/* Of an event: */
	SST_CAPTURE_FILE = 0, /* exec: the file executed */
	SST_CAPTURE_ARGV = 1, /* exec: the argument strings */
	SST_CAPTURE_COMM = 2, /* start, exec, exit: the thread's name */
};

/* row: so much and the index of an event */
#define SST_CAPTURE_EVENT UINT32_C(0x80000000)

/*
 * Memory of the process recorded: what an argument points to. A null pointer has no capture, and the argument is 0; an
 * empty string has one without bytes or flags; what was not asked for has none. Captures may share their bytes: a
 * reader keeps what was captured again and again once.
 */
struct sst_capture {
	uint32_t row;         /* index of the row, or SST_CAPTURE_EVENT + that of the event */
	uint32_t offset, len; /* where its bytes are in text */
	uint8_t arg;          /* which argument, 0..5, or SST_CAPTURE_* */
	uint8_t form;         /* enum sst_form */
	uint8_t flags;        /* enum sst_capture_flag */
};

/* What a process had open when the recording began. */
enum {
	SST_OPEN_CWD = 0,  /* its working directory */
	SST_OPEN_ROOT = 1, /* its root directory */
	SST_OPEN_EXE = 2,  /* the program it executes */
	SST_OPEN_FD = 3,   /* so much and the number of a file descriptor */
};

enum sst_open_flag {
	SST_OPEN_CLOEXEC = 1, /* closed by exec */
};

struct sst_open {
	uint64_t time;  /* boot time, ns: it was so at some moment between this … */
	uint64_t until; /* … and this */
	uint32_t pid;
	uint64_t what;        /* SST_OPEN_* */
	uint32_t offset, len; /* in text: as readlink() tells it: a path, "socket:[123]", "pipe:[123]" */
	uint8_t flags;        /* enum sst_open_flag */
};

/* One reading of the clocks at the same moment, ns. */
struct sst_clock {
	uint64_t boot, mono;
	int64_t real;
};

/* What a recorder says of itself, since it began; all of it may be 0: not known. */
struct sst_health {
	uint64_t cpu_ns;          /* its CPU time */
	uint64_t run_ns;          /* run time of its programs in the kernel, on all processors */
	uint64_t written;         /* bytes of the recording before this frame, of all parts */
	uint64_t ring, ring_used; /* bytes of its ring buffers; the most in use at once since it said so last */
};

struct sst_rows {
	size_t n, cap;
	uint64_t *time;          /* entry, boot time, ns */
	uint64_t *duration;      /* ns; 0 where sst_state_has_duration() is false */
	uint64_t *seq;           /* counts every call of the thread from 1, also those not recorded */
	uint64_t *ret;           /* as the register had it; 0 where sst_state_has_ret() is false */
	uint64_t *arg[SST_ARGS]; /* 0 beyond the call's nargs */
	uint16_t *call;          /* index into calls */
	uint16_t *cpu;           /* processor at exit */
	uint8_t *state;          /* enum sst_state */

	struct sst_call *calls;
	size_t n_calls, cap_calls;
	struct sst_group *groups;
	size_t n_groups, cap_groups;
	struct sst_gap *gaps;
	size_t n_gaps, cap_gaps;
	struct sst_event *events;
	size_t n_events, cap_events;
	struct sst_clock *clocks;
	size_t n_clocks, cap_clocks;
	struct sst_capture *captures; /* those of rows in order of rows, then those of events in order of events */
	size_t n_captures, cap_captures;
	struct sst_open *opens;
	size_t n_opens, cap_opens;
	uint8_t *text; /* the bytes of captures and opens */
	size_t n_text, cap_text;
	struct sst_containers containers; /* that groups are in */
};

static inline bool sst_state_has_ret(unsigned state)
{
	return state == SST_OK || state == SST_MIDWAY || state == SST_REFUSED;
}

static inline bool sst_state_has_duration(unsigned state)
{
	return state == SST_OK;
}

/* A row that a later one with the same (tid, seq) may replace. */
static inline bool sst_state_is_open(unsigned state)
{
	return state == SST_UNFINISHED || state == SST_MIDWAY_OPEN;
}

/* sst_rows_new() - an empty set of rows, or NULL without memory. Free it with sst_rows_free() (NULL is allowed). */
struct sst_rows *sst_rows_new(void);
void sst_rows_free(struct sst_rows *rows);

/* sst_rows_clear() - forget the rows, keep the memory. */
void sst_rows_clear(struct sst_rows *rows);

/*
 * sst_rows_reserve() - make room for n rows in all, or for some more.
 * Returns 0 or -ENOMEM.
 */
int sst_rows_reserve(struct sst_rows *rows, size_t n);

/*
 * sst_rows_call() - the index of (abi, nr) in rows->calls, added if it is new.
 * Returns the index, or -ENOMEM, or -E2BIG beyond SST_CALLS_MAX.
 */
int sst_rows_call(struct sst_rows *rows, uint8_t abi, uint32_t nr, uint8_t nargs);

/* sst_rows_call_append() - the same without looking whether it is there already. */
int sst_rows_call_append(struct sst_rows *rows, uint8_t abi, uint32_t nr, uint8_t nargs);

/*
 * sst_rows_group() - begin the rows of a thread; those added from now on are its.
 * comm is cut at a zero byte, and comm_len beyond SST_COMM_MAX. Returns 0, -ENOMEM, or -E2BIG beyond SST_GROUPS_MAX.
 */
int sst_rows_group(struct sst_rows *rows, uint32_t pid, uint32_t tid, const char *comm, size_t comm_len);

/*
 * sst_rows_add() - one more row in the last group; its columns are zero.
 * Returns its index, or -ENOMEM, or -E2BIG beyond SST_ROWS_MAX.
 */
long sst_rows_add(struct sst_rows *rows);

/* Append one gap, event or clock reading. Return 0, -ENOMEM, or -E2BIG beyond SST_GAPS_MAX and so on. */
int sst_rows_gap(struct sst_rows *rows, const struct sst_gap *gap);
int sst_rows_event(struct sst_rows *rows, const struct sst_event *event);
int sst_rows_clock(struct sst_rows *rows, const struct sst_clock *clock);

/*
 * sst_rows_capture() - append one capture with its bytes; its offset and len are set here. Those of rows may come in
 * any order: sst_rows_sort_captures() puts them right. Returns 0, -ENOMEM, or -E2BIG beyond SST_CAPTURES_MAX or
 * SST_TEXT_MAX. sst_rows_open() - the same.
 */
int sst_rows_capture(struct sst_rows *rows, struct sst_capture capture, const void *bytes, size_t len);
int sst_rows_open(struct sst_rows *rows, struct sst_open open, const void *bytes, size_t len);

/* sst_rows_sort_captures() - by row, then in the order in which they were appended. Returns 0 or -ENOMEM. */
int sst_rows_sort_captures(struct sst_rows *rows);

/*
 * sst_rows_captures() - the captures of a row or event, which are sorted: the index of the first, and how many. In
 * O(log n).
 */
size_t sst_rows_captures(const struct sst_rows *rows, uint32_t row, size_t *n);

/* The place of a row in the table. */
struct sst_place {
	uint64_t time;
	uint32_t row;   /* index into the columns */
	uint32_t group; /* index into groups */
};

/*
 * sst_rows_sort_groups() - put the groups in order of (tid, first seq), in which our encoder writes them and others
 * need not: sst_rows_order() and sst_places_order() rely on it. The rows stay where they are. Returns 0 or -ENOMEM.
 */
int sst_rows_sort_groups(struct sst_rows *rows);

/*
 * sst_rows_order() - the rows in the order of the table: by time, ties by (tid, seq).
 * places has room for rows->n; scratch too. Groups are sorted runs, so this is a merge: O(n log groups).
 * Rows that are out of order within their group (a clock that went back) are put right as well.
 */
void sst_rows_order(const struct sst_rows *rows, struct sst_place *places, struct sst_place *scratch);

/* sst_places_order() - the same for n places of some of the rows, given in the order of groups and of rows in them. */
void sst_places_order(struct sst_place *places, size_t n, struct sst_place *scratch);

#endif
