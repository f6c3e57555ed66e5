/*
 * job_rows.h - what the parts of a job share: job.c (decoding), job_merge.c and job_print.c.
 */
#ifndef SYSDECODE_JOB_ROWS_H
#define SYSDECODE_JOB_ROWS_H

#include "containers.h"
#include "job.h"

#define EVENT_WANTED UINT32_C(0x80000000) /* in a list: so much and the number of the event */

/* job_reserve() - room for n elements; what was in the array is forgotten. */
bool job_reserve(void *array, size_t *cap, size_t n, size_t size);

/* job_captures() - what was captured of the row at i. */
static inline void job_captures(const struct job *job, size_t i, struct row *row)
{
	if (job->rows->n_captures == 0)
		return;
	row->captures = job->rows->captures + job->captured[i];
	row->n_captures = job->captured[i + 1] - job->captured[i];
	row->text = job->rows->text;
}

/*
 * job_row() - fill in the row at i as far as its columns have been decoded; names stay as they are. *row is zeroed
 * before the first of a job's.
 */
static inline void job_row(const struct job *job, size_t i, size_t group, struct row *row)
{
	const struct sst_rows *rows = job->rows;

	row->time = rows->time[i];
	row->duration = rows->duration[i];
	row->seq = rows->seq[i];
	row->ret = rows->ret[i];
	row->who = &rows->groups[group];
	row->call = &job->calls[rows->call[i]];
	row->cpu = rows->cpu[i];
	row->state = rows->state[i];
	row->replaces = job->frame.type == SST_FRAME_LATE;
	for (unsigned a = 0; a < SST_ARGS; a++) /* beyond those of the call they are 0 */
		row->arg[a] = rows->arg[a][i];
	job_captures(job, i, row);
}

/* job_late_captures() - of a late row; where it has none of its own, what was captured when it began. */
static inline void job_late_captures(const struct job *job, const struct job_late *late, struct row *row)
{
	if (late->open && late->piece.n == 0)
		job_captures(job, late->open - 1, row);
	late_texts_show(&job->late_texts, &late->piece, row);
}

static inline struct lost job_lost(const struct sst_gap *gap, const struct sst_group *who)
{
	return (struct lost){.gap = gap,
			     .comm = who ? who->comm : "",
			     .comm_len = who ? who->comm_len : 0,
			     .container = who ? who->where.container : CONTAINER_UNKNOWN};
}

/* job_frame_lost() - gap i of the frame. */
static inline struct lost job_frame_lost(const struct job *job, size_t i)
{
	const struct sst_gap *gap = &job->rows->gaps[i];

	return job_lost(gap, group_of_gap(job->rows, gap));
}

/* job_event() - event i: of those that frames before have left, and behind them of the frame's own. */
struct thread_event job_event(const struct job *job, size_t i);

#endif
