/*
 * job.h - one frame on its way from bytes to text, in steps that different threads may take:
 *
 *	load_take(load, walk, common)			the loaded frame out of the walk
 *	job_open(job, load)				from here on load is free for the next frame
 *	job_decode(job, common)				columns, and which rows are wanted, in order
 *	while ((state = job_merge(job, common)) ...)	with gaps and late rows in between: one frame after the other
 *	job_print(job, view, from, to)			any part of job->n_list, by any thread
 *
 * A frame that has only been loaded takes next to nothing; memory for its columns is needed from job_open() on.
 *
 * Nothing in a job is shared, so that each step needs no lock; struct common is only read, but for what job_merge()
 * does.
 */
#ifndef SYSDECODE_JOB_H
#define SYSDECODE_JOB_H

#include <stdatomic.h>

#include "filter.h"
#include "format/payload.h"
#include "late.h"
#include "naming.h"
#include "view.h"
#include "walk.h"

/* What the frames of a recording have in common. */
struct common {
	const struct filter *filter;
	const struct view *view; /* for its columns, and to make the texts of calls */
	struct late *late;       /* NULL: there are no late rows to merge in. Touched by job_merge() only */
	unsigned columns;        /* that rows must have: what view and filter look at, and late */
	unsigned first_columns;  /* that tell which rows are wanted */
	bool selects;            /* see filter_selects() */
	bool replaces;           /* there are late rows: open ones may have to give way */
	struct sst_clock clock;  /* the latest reading in the frames merged so far */
	bool has_clock;
	uint64_t serial;         /* of the last list made */
	struct carried *carried; /* for the next frame; NULL: no frame has been merged yet */
	struct tracker *tracker; /* NULL: nobody asks which files rows are about, or the recording has no text */
	size_t usual_payload;    /* bytes of a buffer of a frame that are kept for the next */
	bool forget;             /* frames have been left out: the tracker starts anew with the next */
	atomic_int misses; /* frames that had nothing wanted, less those that had: decode step by step if positive */
};

#define JOB_LATES     512               /* late rows in one list */
#define JOB_LATE_TEXT ((size_t)1 << 17) /* bytes that were captured of them; one may always have its own */
#define JOB_CARRIED   256               /* events that a frame leaves to the next */

#define CARRIED_CAPTURES 3
#define CARRIED_TEXT     ((size_t)96 << 10)

/* An event that was written with a frame before the rows that come before it. */
struct carried_event {
	struct sst_event event;
	uint32_t parent;
	uint16_t container;
	uint8_t comm_len, n_captures;
	struct sst_capture captures[CARRIED_CAPTURES];
	char comm[SST_COMM_MAX];
};

struct carried {
	struct carried_event list[JOB_CARRIED];
	size_t n, n_text;
	uint8_t text[CARRIED_TEXT]; /* of all captures */
};

struct job_late {
	struct late_item item;
	struct sst_group who;
	struct late_piece piece; /* what was captured of it, in late_texts */
	uint32_t open; /* the open row that it replaces + 1: what was captured when it began is there. 0: it is not here
			*/
};

/* A frame that has been read, and what is known of it before it is decoded. */
struct load {
	struct sst_frame frame;
	struct sst_payload *payload;
	struct recording recording; /* a copy, with the clock of this frame; its facts are the walk's */
	size_t memory;              /* that its job will take, at most */
	bool by_header;             /* its rows are not wanted, says the header, but it has gaps */
	bool tracks;                /* the tracker gets all that it needs to know, whatever is wanted */
	bool forgets;               /* it starts anew with this frame */
	unsigned where;             /* SST_COL_WHERE or 0 */
};

/* What there is to say of a frame that has been printed. */
struct outcome {
	uint64_t n_rows;
	uint64_t lost_by_cause[SST_CAUSE_COUNT];
	int error; /* of decoding: it had no rows then */
};

struct job {
	struct sst_frame frame;
	struct sst_payload *payload;
	struct recording recording;
	struct sst_rows *rows;
	bool by_header, tracks, forgets; /* as in load */
	unsigned where;
	bool merging; /* its first list has been begun */
	int error;    /* of decoding: the job has no rows then */

	struct call *calls; /* of rows->calls */
	size_t cap_calls;
	bool call_wanted[SST_CALLS_MAX]; /* the same as in calls, side by side */
	struct sst_pick pick;            /* rows of wanted calls, if they are few */
	bool call_needed[SST_CALLS_MAX]; /* wanted, or by the tracker … */
	bool call_sieved[SST_CALLS_MAX]; /* … unless no row passes effect_sieve() */
	bool call_text[SST_CALLS_MAX];   /* what was captured of it is of interest */
	bool *wanted;                    /* groups */
	size_t cap_wanted;
	struct sst_place *places; /* the wanted rows in order */
	size_t n_places;
	uint32_t *captured; /* [rows->n + 1] the first capture of each row, if there are captures */
	size_t cap_captured;

	/* What job_merge() makes: group is LIST_* for what is no row. Merging is done when places and
	 * gaps are. */
	struct sst_place *list;
	size_t n_list, cap_list, list_extra; /* list_extra: room behind cap_list, for events */
	struct job_late *lates;              /* [JOB_LATES] */
	size_t n_lates;
	struct late_texts late_texts;
	struct carried *carried; /* of frames before: the first events; NULL: none */
	uint32_t *events;        /* in order of time: index of a carried one, or so many and that in rows->events */
	size_t n_events, cap_events;
	uint32_t *opens; /* in order of time, if the frame tracks */
	size_t n_opens, cap_opens;
	size_t next_place, next_gap, next_event, next_open;
	struct row tracked;   /* what the tracker is given */
	bool by_group;        /* groups that are wanted are given to the view as a whole; places are the open rows */
	struct naming naming; /* of the list */
	uint64_t stop;        /* nothing late, no gap and no event comes before a row of an earlier time than this */
	uint64_t serial;      /* of the list */
	struct span span;

	/* for the caller's summary, by job_merge() */
	uint64_t n_rows;
	uint64_t lost_by_cause[SST_CAUSE_COUNT];
};

/* A place whose row only the tracker is given: so much and the row. */
#define PLACE_HIDDEN UINT32_C(0x80000000)

#define LIST_GAP   UINT32_MAX
#define LIST_LATE  (UINT32_MAX - 1)
#define LIST_EVENT (UINT32_MAX - 2)
#define LIST_GROUP (UINT32_MAX - 3) /* all rows of a group but the open ones */

enum merged {
	MERGE_DONE,   /* the list is the last one of the frame */
	MERGE_FULL,   /* print the list, then go on */
	MERGE_REFILL, /* late_refill() first, then go on with the same list */
};

/* job_new() - NULL without memory. */
struct job *job_new(void);
void job_free(struct job *job);

/* load_init() - returns whether there is memory. */
bool load_init(struct load *load);
void load_clear(struct load *load);

/*
 * load_take() - the walk's current frame, to be loaded here. Returns 0 or what sst_reader_load() says.
 * load_nothing(): a frame without rows, for late ones that are left at the end of a recording.
 */
int load_take(struct load *load, struct walk *walk, struct common *common);
void load_nothing(struct load *load, const struct recording *recording, struct common *common);

/* job_open() - the frame passes from load to the job. */
void job_open(struct job *job, struct load *load);

/* job_outcome() - once all is printed. */
struct outcome job_outcome(const struct job *job);

/* job_decode() - decode what is needed; job->error tells how it went. */
void job_decode(struct job *job, struct common *common);

/* job_merge() - make a list, or go on with it. To be called for one frame after the other. */
enum merged job_merge(struct job *job, struct common *common);

/* job_print() - give elements of the list to the view. */
void job_print(const struct job *job, struct view *view, size_t from, size_t to);

/* job_trim() - give back memory that usual frames do not need. Returns whether there was such. */
bool job_trim(struct job *job);

#endif
