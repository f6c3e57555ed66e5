/* pick.c - see pick.h */
#include "pick.h"

bool sst_pick_finish(struct sst_picker *picker)
{
	if (picker->n > picker->max)
		return false;
	for (size_t p = 0; p < picker->n; p++)
		picker->rows[p] = (uint16_t)picker->picked[p].row;
	return true;
}

/* Of the n rows from first on, those that have a result. */
static size_t count_rets(const struct sst_rows *rows, size_t first, size_t n)
{
	size_t sum = 0;

	for (unsigned state = 0; state < SST_STATE_COUNT; state++)
		if (sst_state_has_ret(state))
			sum += sst_count_bytes(rows->state + first, n, (uint8_t)state);
	return sum;
}

/* Those that have a duration. */
static size_t count_durations(const struct sst_rows *rows, size_t first, size_t n)
{
	return sst_count_bytes(rows->state + first, n, SST_OK);
}

/* --- times: from the first row of a group on, all pauses and durations before a row are added up */

struct times {
	const struct sst_token_tables *tables;
	const struct sst_rows *rows;
	bool has_pause, has_duration; /* the streams; otherwise all are 0 */
	bool all;                     /* rows have a duration */
	struct sst_column pause, duration;
	size_t next; /* row */
};

static size_t durations(const struct times *t, size_t n)
{
	return t->all ? n : count_durations(t->rows, t->next, n);
}

static void skip(struct times *t, size_t n)
{
	if (t->has_pause)
		sst_skip_times(&t->pause, n);
	if (t->has_duration)
		sst_skip_times(&t->duration, durations(t, n));
	t->next += n;
}

/* The sum of the times of the next n rows. */
static uint64_t sum(struct times *t, size_t n)
{
	uint64_t ns = 0;

	if (t->has_pause)
		ns += sst_sum_times(t->tables, &t->pause, n);
	if (t->has_duration)
		ns += sst_sum_times(t->tables, &t->duration, durations(t, n));
	t->next += n;
	return ns;
}

static int open_times(struct times *t, const struct sst_bytes *streams)
{
	const struct sst_rows *rows = t->rows;
	const struct sst_bytes *pause = &streams[SST_STREAM_PAUSE], *duration = &streams[SST_STREAM_DURATION];
	size_t n = count_durations(rows, 0, rows->n);
	int err = 0;

	t->all = n == rows->n;
	t->has_pause = pause->data != NULL;
	t->has_duration = duration->data != NULL;
	if (t->has_duration)
		err = sst_column_times(duration, &streams[SST_STREAM_DURATION_REST], n, &t->duration);
	if (!err && t->has_pause)
		err = sst_column_times(pause, &streams[SST_STREAM_PAUSE_REST], rows->n, &t->pause);
	return err;
}

/* The picked rows of a group, from the one given on, and the time of its first row in any case. Returns the next one.
 */
static size_t pick_group(struct times *t, const struct sst_group *group, const struct sst_picker *picker, size_t p,
			 uint64_t time_min, struct sst_rows *rows)
{
	size_t end = (size_t)group->first + group->n;
	struct sst_column first = t->pause;
	uint64_t time = time_min;

	rows->time[group->first] = time + (t->has_pause ? sst_sum_times(t->tables, &first, 1) : 0);
	for (; p < picker->n && picker->picked[p].row < end; p++) {
		size_t row = picker->picked[p].row;
		uint64_t pause = 0, duration = 0;

		time += sum(t, row - t->next);
		if (t->has_pause)
			pause = sst_sum_times(t->tables, &t->pause, 1);
		if (t->has_duration)
			duration = sst_sum_times(t->tables, &t->duration, durations(t, 1));
		t->next++;
		rows->time[row] = time + pause;
		rows->duration[row] = duration;
		time += pause + duration;
	}
	skip(t, end - t->next);
	return p;
}

int sst_pick_times(const struct sst_picker *picker, const struct sst_token_tables *tables,
		   const struct sst_bytes *streams, uint64_t time_min, struct sst_rows *rows)
{
	struct times t = {.tables = tables, .rows = rows};
	int err = open_times(&t, streams);
	size_t p = 0;

	for (size_t g = 0; g < rows->n_groups && !err; g++)
		if (rows->groups[g].n > 0)
			p = pick_group(&t, &rows->groups[g], picker, p, time_min, rows);
	return err;
}

/* --- values */

static void clear(const struct sst_picker *picker, uint64_t *values)
{
	for (size_t p = 0; p < picker->n; p++)
		values[picker->picked[p].row] = 0;
}

int sst_pick_argument(struct sst_picker *picker, const struct sst_token_tables *tables, const struct sst_bytes *streams,
		      unsigned k, size_t n, struct sst_rows *rows)
{
	const struct sst_bytes *stream = &streams[SST_STREAM_ARG0 + k];
	struct sst_column c;
	size_t next = 0; /* token */
	int err;

	clear(picker, rows->arg[k]);
	if (!stream->data)
		return 0;
	err = sst_column_values(stream, &streams[SST_STREAM_ARG0_REST + k], n, false, &c);
	if (err)
		return err;
	memset(picker->last, 0, rows->n_calls * sizeof(picker->last[0]));
	for (size_t p = 0; p < picker->n; p++) {
		size_t row = picker->picked[p].row, before = sst_arg_count(&picker->picked[p].before, k);
		unsigned call = rows->call[row];

		if (rows->calls[call].nargs <= k)
			continue;
		sst_skip_values(&c, before - next);
		picker->last[call] += sst_take_value(tables, &c, *c.tokens++);
		rows->arg[k][row] = picker->last[call];
		next = before + 1;
	}
	return 0;
}

int sst_pick_ret(struct sst_picker *picker, const struct sst_token_tables *tables, const struct sst_bytes *streams,
		 struct sst_rows *rows)
{
	const struct sst_bytes *stream = &streams[SST_STREAM_RET];
	size_t n = count_rets(rows, 0, rows->n), next = 0;
	struct sst_column c;
	int err;

	clear(picker, rows->ret);
	if (!stream->data)
		return 0;
	err = sst_column_values(stream, &streams[SST_STREAM_RET_REST], n, true, &c);
	if (err)
		return err;
	memset(picker->last, 0, rows->n_calls * sizeof(picker->last[0]));
	for (size_t p = 0; p < picker->n; p++) {
		size_t row = picker->picked[p].row;
		uint64_t *last = &picker->last[rows->call[row]];
		uint8_t t;

		if (!sst_state_has_ret(rows->state[row]))
			continue;
		sst_skip_values(&c, n == rows->n ? row - next : count_rets(rows, next, row - next));
		t = *c.tokens++;
		*last = t == VALUE_OTHER ? rows->arg[2][row] : *last + sst_take_value(tables, &c, t);
		rows->ret[row] = *last;
		next = row + 1;
	}
	return 0;
}

void sst_pick_seq(const struct sst_picker *picker, struct sst_rows *rows)
{
	const struct sst_group *group = rows->groups;

	for (size_t p = 0; p < picker->n; p++) {
		size_t row = picker->picked[p].row;

		while (row >= (size_t)group->first + group->n)
			group++;
		rows->seq[row] = rows->seq[group->first] + (row - group->first);
	}
}
