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

/* --- times: from the first row of a group on, all pauses and durations before a row are added up, in ns or ticks */

struct walk {
	const struct sst_token_tables *tables;
	const struct sst_rows *rows;
	struct sst_times times;
	uint64_t time_min;
	size_t next; /* row */
};

static size_t durations(const struct walk *w, size_t n)
{
	return w->times.all ? n : count_durations(w->rows, w->next, n);
}

static void skip(struct walk *w, size_t n)
{
	if (w->times.has_pause)
		sst_skip_times(&w->times.pause, n);
	if (w->times.has_duration)
		sst_skip_times(&w->times.duration, durations(w, n));
	w->next += n;
}

/* The sum of the times of the next n rows. */
static uint64_t sum(struct walk *w, size_t n)
{
	uint64_t sum = 0;

	if (w->times.has_pause)
		sum += sst_sum_times(w->tables, &w->times.pause, n);
	if (w->times.has_duration)
		sum += sst_sum_times(w->tables, &w->times.duration, durations(w, n));
	w->next += n;
	return sum;
}

/* The next of a column goes to *at, a sum since the beginning of the frame. Returns the time then. */
static uint64_t advance(const struct walk *w, struct sst_column *c, uint64_t *at)
{
	uint8_t token = *c->tokens++;
	int64_t more;

	if (!w->times.in_ticks) {
		*at += sst_take_time(w->tables, c, token);
		return w->time_min + *at;
	}
	*at += sst_take_ticks(w->tables, c, token, &more);
	return w->time_min + sst_tick_time(&w->times.clock, *at) + (uint64_t)more;
}

/* Time and duration of the next row. */
static void take_row(struct walk *w, uint64_t *at, struct sst_rows *rows)
{
	size_t row = w->next;

	rows->time[row] = w->times.has_pause ? advance(w, &w->times.pause, at) : w->time_min + *at;
	rows->duration[row] = 0;
	if (w->times.has_duration && sst_state_has_duration(rows->state[row]))
		rows->duration[row] = advance(w, &w->times.duration, at) - rows->time[row];
	w->next++;
}

/* The picked rows of a group, from the one given on, and the time of its first row in any case. Returns the next one.
 */
static size_t pick_group(struct walk *w, const struct sst_group *group, const struct sst_picker *picker, size_t p,
			 struct sst_rows *rows)
{
	size_t end = (size_t)group->first + group->n;
	struct sst_column first = w->times.pause;
	uint64_t at = 0;

	rows->time[group->first] = w->times.has_pause ? advance(w, &first, &at) : w->time_min;
	at = 0;
	for (; p < picker->n && picker->picked[p].row < end; p++) {
		at += sum(w, picker->picked[p].row - w->next);
		take_row(w, &at, rows);
	}
	skip(w, end - w->next);
	return p;
}

int sst_pick_times(const struct sst_picker *picker, const struct sst_token_tables *tables,
		   const struct sst_bytes *streams, struct sst_times_room *room, uint64_t time_min,
		   struct sst_rows *rows)
{
	struct walk walk = {.tables = tables, .rows = rows, .time_min = time_min};
	int err = sst_times_open(&walk.times, streams, rows, room);
	size_t p = 0;

	for (size_t g = 0; g < rows->n_groups && !err; g++)
		if (rows->groups[g].n > 0)
			p = pick_group(&walk, &rows->groups[g], picker, p, rows);
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
	err = sst_column_by_call(stream, &streams[SST_STREAM_ARG0_REST + k], n, false, rows->n_calls, &c);
	if (err)
		return err;
	memset(picker->last, 0, rows->n_calls * sizeof(picker->last[0]));
	memset(picker->shift, 0, rows->n_calls);
	for (size_t p = 0; p < picker->n; p++) {
		size_t row = picker->picked[p].row, before = sst_arg_count(&picker->picked[p].before, k);
		unsigned call = rows->call[row];

		if (rows->calls[call].nargs <= k)
			continue;
		sst_skip_values(&c, before - next);
		picker->last[call] += sst_take_value(tables, &c, *c.tokens++) << picker->shift[call];
		picker->shift[call] = c.shifts[call];
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
	err = sst_column_by_call(stream, &streams[SST_STREAM_RET_REST], n, true, rows->n_calls, &c);
	if (err)
		return err;
	memset(picker->last, 0, rows->n_calls * sizeof(picker->last[0]));
	memset(picker->shift, 0, rows->n_calls);
	for (size_t p = 0; p < picker->n; p++) {
		size_t row = picker->picked[p].row;
		unsigned call = rows->call[row];
		uint64_t *last = &picker->last[call];
		uint8_t t;

		if (!sst_state_has_ret(rows->state[row]))
			continue;
		sst_skip_values(&c, n == rows->n ? row - next : count_rets(rows, next, row - next));
		t = *c.tokens++;
		*last = t == VALUE_OTHER ? rows->arg[2][row]
					 : *last + (sst_take_value(tables, &c, t) << picker->shift[call]);
		picker->shift[call] = c.shifts[call];
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
