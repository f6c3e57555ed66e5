/*
 * filter.h - which rows are wanted.
 *
 * Different filters must all agree; the values of one are alternatives. Asked in three steps, so that most rows need
 * only the last: once a call of a frame, once a thread of a frame, once a row.
 */
#ifndef SYSDECODE_FILTER_H
#define SYSDECODE_FILTER_H

#include "format/reader.h"
#include "parse.h"
#include "row.h"

struct filter_call {
	bool by_number; /* nr of any ABI */
	uint32_t nr;
	bool known[SST_ABI_COUNT]; /* the name's number in each ABI that has it */
	uint32_t nrs[SST_ABI_COUNT];
};

struct filter_comm {
	char *name;
	size_t len;
};

struct filter {
	uint32_t *pids, *tids;
	size_t n_pids, n_tids;
	struct filter_comm *comms;
	size_t n_comms;
	char **containers; /* names, ids, beginnings of ids */
	size_t n_containers;
	struct filter_call *calls;
	size_t n_calls;
	bool failed;
	bool has_slower, has_since, has_until;
	uint64_t slower; /* ns */
	struct moment since, until;
};

/* What a filter means in a recording as far as it has been read. Boot time. */
struct span {
	uint64_t first, last; /* since and until, inclusive */
	bool none;            /* until is before anything */
	uint64_t known_until; /* see struct recording */
};

/*
 * Each adds one value. Return 0, -EINVAL, -ERANGE, -ENOMEM, or -ENOENT for a call that no table knows. A comm may be
 * written as tables show it, with escapes.
 */
int filter_add_pid(struct filter *filter, const char *text);
int filter_add_tid(struct filter *filter, const char *text);
int filter_add_comm(struct filter *filter, const char *text);
int filter_add_container(struct filter *filter, const char *text);
int filter_add_call(struct filter *filter, const char *text);
void filter_free(struct filter *filter);

/* filter_span() - to be asked again with each new state of the recording's clock. */
struct span filter_span(const struct filter *filter, const struct recording *recording);

/* filter_floor() - no row before this boot time can pass, whatever the recording's clock says later on. */
uint64_t filter_floor(const struct filter *filter, const struct recording *recording);

/* filter_selects() - is there anything that a row could fail? */
bool filter_selects(const struct filter *filter);

/* filter_frame() - by its header: could a frame have rows that pass? Nothing is said of gaps. */
bool filter_frame(const struct filter *filter, const struct span *span, const struct sst_frame *frame);

/* filter_frame_time() - the same by nothing but the times of its rows. */
bool filter_frame_time(const struct span *span, const struct sst_frame *frame);

bool filter_call(const struct filter *filter, const struct call *call);
bool filter_who(const struct filter *filter, const struct sst_group *who);

/* filter_where() - SST_COL_WHERE if filter_who() looks at containers; 0: it does not. */
unsigned filter_where(const struct filter *filter);

/* The columns (SST_COL_*) that filter_call() and filter_row() look at; 0 when neither does. */
unsigned filter_columns(const struct filter *filter);

/*
 * filter_row() - does the row itself pass? A call that has not returned passes --slower if it may be that slow as far
 * as the recording tells: who looks for slow calls wants the one that hangs.
 */
bool filter_row(const struct filter *filter, const struct span *span, const struct row *row);

/* filter_time() - is a boot time between since and until? */
bool filter_time(const struct filter *filter, const struct span *span, uint64_t time);

/* filter_lost() - could one of the missing calls have passed? */
bool filter_lost(const struct filter *filter, const struct span *span, const struct lost *lost);

/* filter_event() - is it of a thread, and at a time, that is wanted? What asks for calls does not ask for events. */
bool filter_event(const struct filter *filter, const struct span *span, const struct thread_event *event);

#endif
