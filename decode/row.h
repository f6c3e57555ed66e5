/*
 * row.h - what every view is given: one call, or one gap, of a recording.
 */
#ifndef SYSDECODE_ROW_H
#define SYSDECODE_ROW_H

#include <stdbool.h>
#include <stdint.h>

#include "effects.h"
#include "format/abi.h"
#include "format/meta.h"
#include "format/rows.h"
#include "format/signature.h"

/* What is known of a recording while its rows pass by. Boot time, ns. */
struct recording {
	struct sst_meta meta; /* empty where the beginning of the recording is damaged */
	uint8_t uuid[16];
	uint64_t start; /* from here times count; the first row's where meta does not say */
	bool has_start;
	uint64_t known_until;   /* every call that began up to here has been written */
	struct sst_clock clock; /* the latest reading up to now */
	bool has_clock;
	struct sst_health health;        /* that the recorder tells of with its last frame … */
	bool tells_health;               /* … if it does */
	bool ended;                      /* its END frame has been seen */
	struct sst_meta end_meta;        /* the facts in it */
	uint64_t end_offset;             /* of the byte behind its last whole frame */
	uint64_t rows_total, lost_total; /* running totals of its last frame */
};

/* What says that a recording is a part of several. */
struct session {
	char id[64]; /* empty: it is none */
	uint64_t part;
};

struct session session_of(const struct sst_meta *meta);

/* session_goes_on() - is b a later part of the session that a is a part of? */
bool session_goes_on(const struct session *a, const struct session *b);

/*
 * session_enter() - a recording begins that says this of itself; session is that of the recording before, all zero bytes
 * for the first one, and is its own afterwards. Returns whether it goes on with the same session.
 */
bool session_enter(struct session *session, const struct sst_meta *meta);

/* Wall time of a boot time, ns since 1970; false where the recording does not know. */
static inline bool wall_time(const struct recording *recording, uint64_t boot, int64_t *ns)
{
	*ns = (int64_t)((uint64_t)recording->clock.real + (boot - recording->clock.boot));
	return recording->has_clock;
}

/* Room for "\tabi\tnr\tname\t" and more: in steps of 32, since put_text() copies so. */
#define CALL_TEXT 128

/* What all rows of one (abi, nr) share. */
struct call {
	uint32_t nr;
	uint8_t abi, nargs;
	bool narrow;                           /* its registers have 32 bits */
	bool pointer;                          /* its result is an address */
	bool wanted;                           /* passes the filter */
	uint8_t text_len;                      /* of text */
	const struct sst_signature *signature; /* NULL where no table knows it */
	struct deed deed;                      /* for views that ask for names */
	char name[40];                         /* "syscall_470" where no table knows it */
	char text[CALL_TEXT];                  /* the view puts here what it prints for each row of the call */
};

/* call_init() - fill in what the tables know, all but wanted and text. */
void call_init(struct call *call, const struct sst_call *from);

struct row {
	uint64_t time; /* entry, boot time, ns */
	uint64_t duration, seq, ret;
	uint64_t arg[SST_ARGS]; /* undefined beyond call->nargs */
	const struct sst_group *who;
	struct call *call;
	uint16_t cpu;
	uint8_t state; /* enum sst_state */
	bool replaces; /* from a pipe: an open row of the same call has come before */
	/* What its arguments point to, as far as that was captured, by argument; for views that ask for SST_COL_TEXT.
	 */
	const struct sst_capture *captures;
	size_t n_captures;
	const uint8_t *text; /* their bytes are at text + offset */
	/* The file that it works on, and the second one of calls with two paths, for views that ask for names. NULL:
	 * none;
	 * "?": not known. */
	const char *path, *other;
	uint32_t path_len, other_len;
	bool path_clean; /* the path is what escape_clean() is true for, and readable up to the next multiple of 32
			    bytes */
};

/* row_capture() - what was captured of this argument, or NULL. */
const struct sst_capture *row_capture(const struct row *row, unsigned arg);

/* The result as a signed number of the ABI's width. */
static inline int64_t row_ret(const struct row *row)
{
	return row->call->narrow ? (int32_t)(uint32_t)row->ret : (int64_t)row->ret;
}

/* -errno if the call has failed (with the kernel's own -512 to -516), otherwise 0. */
static inline int row_error(const struct row *row)
{
	int64_t ret = row_ret(row);

	return ret < 0 && ret >= -4095 && sst_state_has_ret(row->state) ? (int)ret : 0;
}

/* A gap, with the name of the thread if the same frame tells it. */
struct lost {
	const struct sst_gap *gap;
	const char *comm;
	size_t comm_len;
	uint16_t container; /* see containers.h; CONTAINER_UNKNOWN: likewise */
};

/* What has happened to a thread, with its name if the same frame tells it. */
struct thread_event {
	const struct sst_event *event;
	const char *comm;
	size_t comm_len;
	uint16_t container; /* see containers.h; CONTAINER_UNKNOWN: likewise */
	bool wanted;        /* by the filter */
	uint32_t parent;    /* of who starts: the process; 0: not known */
	/* What was captured with it, for views that ask for SST_COL_TEXT. */
	const struct sst_capture *captures;
	size_t n_captures;
	const uint8_t *text; /* their bytes are at text + offset */
};

/*
 * event_of_rows() - event i, with its name as it was captured, or else as the group of its thread has it. All but
 * wanted.
 */
struct thread_event event_of_rows(const struct sst_rows *rows, size_t i);

/* event_capture() - SST_CAPTURE_FILE and the like, or NULL. */
const struct sst_capture *event_capture(const struct thread_event *event, unsigned arg);

/* group_of_gap() - the group of rows that has the gap's thread at that time (by its name), or NULL. Needs SST_COL_TIME.
 */
const struct sst_group *group_of_gap(const struct sst_rows *rows, const struct sst_gap *gap);

/* "ok", "midway", …: the state column. */
const char *state_name(unsigned state);
/* "ring full", …: why calls were lost. */
const char *cause_name(unsigned cause);

#endif
