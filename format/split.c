#include "split.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Into which half each row goes: second[row]. Returns 0 or -ENOMEM. */
static int choose(const struct sst_rows *rows, bool *second, uint64_t *until)
{
	struct sst_place *places = malloc(2 * (rows->n + 1) * sizeof(*places));
	uint64_t next;

	if (!places)
		return -ENOMEM;
	sst_rows_order(rows, places, places + rows->n + 1);
	for (size_t i = 0; i < rows->n; i++)
		second[places[i].row] = i >= rows->n / 2;
	next = rows->n > 0 ? places[rows->n / 2].time : 0;
	*until = next > 0 ? next - 1 : 0;
	free(places);
	return 0;
}

/* The captures of a row or an event, which is here in to. */
static int copy_captures(const struct sst_rows *from, uint32_t row, struct sst_rows *to, uint32_t here)
{
	size_t n, i = sst_rows_captures(from, row, &n);
	int err = 0;

	for (size_t end = i + n; i < end && !err; i++) {
		struct sst_capture capture = from->captures[i];

		capture.row = here;
		err = sst_rows_capture(to, capture, from->text + capture.offset, capture.len);
	}
	return err;
}

static int copy_event(const struct sst_rows *from, size_t i, struct sst_rows *to)
{
	int err = sst_rows_event(to, &from->events[i]);

	return err ? err
		   : copy_captures(from, SST_CAPTURE_EVENT + (uint32_t)i, to,
				   SST_CAPTURE_EVENT + (uint32_t)to->n_events - 1);
}

static int copy_open(const struct sst_rows *from, size_t i, struct sst_rows *to)
{
	const struct sst_open *open = &from->opens[i];

	return sst_rows_open(to, *open, from->text + open->offset, open->len);
}

static int copy_row(const struct sst_rows *from, size_t i, struct sst_rows *to)
{
	long at = sst_rows_add(to);

	if (at < 0)
		return (int)at;
	to->time[at] = from->time[i];
	to->duration[at] = from->duration[i];
	to->seq[at] = from->seq[i];
	to->ret[at] = from->ret[i];
	to->call[at] = from->call[i];
	to->cpu[at] = from->cpu[i];
	to->state[at] = from->state[i];
	for (int k = 0; k < SST_ARGS; k++)
		to->arg[k][at] = from->arg[k][i];
	return copy_captures(from, (uint32_t)i, to, (uint32_t)at);
}

/* The rows of a group that belong to this half; empty: this half has the group even without rows. */
static int copy_group(const struct sst_rows *from, const struct sst_group *g, const bool *second, bool half, bool empty,
		      struct sst_rows *to)
{
	bool begun = g->n == 0 && empty;
	int err = begun ? sst_rows_group(to, g->pid, g->tid, g->comm, g->comm_len) : 0;

	for (size_t i = g->first; i < (size_t)g->first + g->n && !err; i++) {
		if (second[i] != half)
			continue;
		if (!begun)
			err = sst_rows_group(to, g->pid, g->tid, g->comm, g->comm_len);
		begun = true;
		if (!err)
			err = copy_row(from, i, to);
	}
	return err;
}

static int copy_half(const struct sst_rows *from, const bool *second, bool half, struct sst_rows *to)
{
	size_t gaps = from->n_gaps / 2, events = from->n_events / 2, opens = from->n_opens / 2;
	int err = 0;

	for (size_t i = 0; i < from->n_calls && err >= 0; i++)
		err = sst_rows_call_append(to, from->calls[i].abi, from->calls[i].nr, from->calls[i].nargs);
	err = err > 0 ? 0 : err;
	for (size_t i = 0; i < from->n_groups && !err; i++)
		err = copy_group(from, &from->groups[i], second, half, half == (i >= from->n_groups / 2), to);
	for (size_t i = half ? gaps : 0; i < (half ? from->n_gaps : gaps) && !err; i++)
		err = sst_rows_gap(to, &from->gaps[i]);
	for (size_t i = half ? events : 0; i < (half ? from->n_events : events) && !err; i++)
		err = copy_event(from, i, to);
	for (size_t i = half ? opens : 0; i < (half ? from->n_opens : opens) && !err; i++)
		err = copy_open(from, i, to);
	for (size_t i = 0; half && i < from->n_clocks && !err; i++)
		err = sst_rows_clock(to, &from->clocks[i]);
	return err;
}

int sst_rows_split(const struct sst_rows *rows, struct sst_rows *first, struct sst_rows *second, uint64_t *until)
{
	bool *is_second;
	int err;

	if (rows->n < 2 && rows->n_groups < 2 && rows->n_gaps < 2 && rows->n_events < 2 && rows->n_opens < 2)
		return -E2BIG;
	is_second = malloc(rows->n + 1);
	err = is_second ? choose(rows, is_second, until) : -ENOMEM;
	if (!err)
		err = copy_half(rows, is_second, false, first);
	if (!err)
		err = copy_half(rows, is_second, true, second);
	free(is_second);
	return err;
}
