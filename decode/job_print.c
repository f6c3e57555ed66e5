/* job_print.c - see job.h */
#include "job_rows.h"

static void name_row(const struct job *job, size_t k, struct row *row)
{
	if (job->tracks)
		naming_show(&job->naming, k, row);
	else
		naming_show_nothing(row);
}

static void print_late(const struct job *job, struct view *view, size_t k)
{
	const struct job_late *late = &job->lates[job->list[k].row];
	struct call call;
	struct row row;

	if (late->item.gap) {
		struct sst_gap gap = late_gap(&late->item, &late->who);
		struct lost lost = job_lost(&gap, &late->who);

		view->lost(view, &lost);
		return;
	}
	late_call(&late->item, &call);
	if (view->names)
		call.deed = deed_of(call.abi, call.nr);
	row = late_row(&late->item, &late->who, &call);
	job_late_captures(job, late, &row);
	if (view->call)
		view->call(view, &call);
	if (view->names)
		name_row(job, k, &row);
	view->row(view, &row);
}

static void print_gap(const struct job *job, struct view *view, size_t i)
{
	struct lost lost = job_frame_lost(job, i);

	view->lost(view, &lost);
}

static void print_event(const struct job *job, struct view *view, size_t i)
{
	struct thread_event event = job_event(job, i & ~EVENT_WANTED);

	event.wanted = (i & EVENT_WANTED) != 0;
	view->event(view, &event);
}

void job_print(const struct job *job, struct view *view, size_t from, size_t to)
{
	const struct sst_rows *rows = job->rows;
	struct row row = {.path = NULL};

	view->recording = &job->recording;
	if (view->frame)
		view->frame(view, job->serial);
	for (size_t k = from; k < to; k++) {
		const struct sst_place *place = &job->list[k];

		if (place->group == LIST_GAP) {
			print_gap(job, view, place->row);
		} else if (place->group == LIST_EVENT) {
			print_event(job, view, place->row);
		} else if (place->group == LIST_LATE) {
			print_late(job, view, k);
		} else if (place->group == LIST_GROUP) {
			view->group(view, rows, &rows->groups[place->row], job->calls);
		} else {
			job_row(job, place->row, place->group, &row);
			if (view->names)
				name_row(job, k, &row);
			view->row(view, &row);
		}
	}
}
