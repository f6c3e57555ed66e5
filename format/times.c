/* times.c - see times.h */
#include "times.h"
#include "error.h"

/* From how many tokens there are of each context to where its tokens begin. */
static void begin_contexts(uint32_t *next, size_t n_calls)
{
	uint32_t at = 0;

	for (size_t i = 0; i < TICK_CONTEXTS && i / 64 < n_calls; i++) {
		uint32_t n = next[i];

		next[i] = at;
		at += n;
	}
}

static void count_contexts(const struct sst_rows *rows, struct sst_times_room *room)
{
	memset(room->next, 0, sizeof(room->next));
	for (size_t g = 0; g < rows->n_groups; g++) {
		size_t i = rows->groups[g].first, end = i + rows->groups[g].n;

		for (unsigned call, before = 0; i < end; i++, before = call) {
			call = rows->call[i];
			room->next[0][TICK_CONTEXT(before, call)]++;
			room->next[1][TICK_CONTEXT(before, call)] += sst_state_has_duration(rows->state[i]);
		}
	}
	begin_contexts(room->next[0], rows->n_calls);
	begin_contexts(room->next[1], rows->n_calls);
}

/* The tokens stand by context; now they stand by row. Not all rows have a duration. */
static void sort_tokens(struct sst_times *t, const struct sst_rows *rows, struct sst_times_room *room)
{
	static const uint8_t none[SST_ROWS_MAX];
	const uint8_t *pauses = t->pause.tokens, *durations = t->has_duration ? t->duration.tokens : none;
	uint8_t *duration = room->durations;

	count_contexts(rows, room);
	for (size_t g = 0; g < rows->n_groups; g++) {
		size_t i = rows->groups[g].first, end = i + rows->groups[g].n;

		for (unsigned call, before = 0; i < end; i++, before = call) {
			unsigned context, has = sst_state_has_duration(rows->state[i]);

			call = rows->call[i];
			context = TICK_CONTEXT(before, call);
			room->pauses[i] = pauses[room->next[0][context]++];
			*duration = durations[room->next[1][context]];
			room->next[1][context] += has;
			duration += has;
		}
	}
	t->pause.tokens = room->pauses;
	t->duration.tokens = room->durations;
}

static int open_ticks(struct sst_times *t, const struct sst_bytes *streams, const struct sst_rows *rows,
		      size_t n_durations, struct sst_times_room *room)
{
	const struct sst_bytes *pause = &streams[SST_STREAM_PAUSE], *duration = &streams[SST_STREAM_DURATION];
	struct sst_ticks clock;
	int err;

	if ((pause->encoding | duration->encoding) & SST_STEPS)
		return SST_E_NEWER; /* both at once, in one or between them: not an encoding of today */
	if (!t->has_pause || !(pause->encoding & SST_TICKS) || (t->has_duration && !(duration->encoding & SST_TICKS)))
		return SST_E_COLUMN;
	err = sst_column_ticks(pause, &streams[SST_STREAM_PAUSE_REST], rows->n, &clock, &t->pause);
	if (!err && t->has_duration)
		err = sst_column_ticks(duration, &streams[SST_STREAM_DURATION_REST], n_durations, NULL, &t->duration);
	if (err)
		return err;
	t->clock = sst_tick_times(&clock);
	sort_tokens(t, rows, room);
	return 0;
}

static int open_times(struct sst_times *t, const struct sst_bytes *streams, const struct sst_rows *rows,
		      size_t n_durations)
{
	int err = 0;

	if (t->has_duration)
		err = sst_column_times(&streams[SST_STREAM_DURATION], &streams[SST_STREAM_DURATION_REST], n_durations,
				       &t->duration);
	if (!err && t->has_pause)
		err = sst_column_times(&streams[SST_STREAM_PAUSE], &streams[SST_STREAM_PAUSE_REST], rows->n, &t->pause);
	return err;
}

int sst_times_open(struct sst_times *times, const struct sst_bytes *streams, const struct sst_rows *rows,
		   struct sst_times_room *room)
{
	const struct sst_bytes *pause = &streams[SST_STREAM_PAUSE], *duration = &streams[SST_STREAM_DURATION];
	size_t n = sst_count_bytes(rows->state, rows->n, SST_OK);

	*times = (struct sst_times){.has_pause = pause->data != NULL,
				    .has_duration = duration->data != NULL,
				    .all = n == rows->n,
				    .in_ticks = (pause->encoding | duration->encoding) & SST_TICKS};
	return times->in_ticks ? open_ticks(times, streams, rows, n, room) : open_times(times, streams, rows, n);
}

/* --- all rows */

static void decode_durations(const struct sst_times *t, const struct sst_token_tables *tables, struct sst_rows *rows)
{
	struct sst_column c = t->duration;

	if (!t->has_duration) {
		memset(rows->duration, 0, rows->n * sizeof(*rows->duration));
		return;
	}
	for (size_t i = 0; i < rows->n; i++) {
		unsigned has = sst_state_has_duration(rows->state[i]);
		uint8_t token = (uint8_t)(*c.tokens & (0 - has));

		rows->duration[i] = sst_take_time(tables, &c, token);
		c.tokens += has;
	}
}

/* Needs the durations. */
static void decode_pauses(const struct sst_times *t, const struct sst_token_tables *tables, uint64_t time_min,
			  struct sst_rows *rows)
{
	static const uint8_t none[SST_STREAM_SLACK];
	struct sst_column c = t->pause;

	if (!t->has_pause)
		c.rest = none;
	for (size_t g = 0; g < rows->n_groups; g++) {
		size_t i = rows->groups[g].first, end = i + rows->groups[g].n;
		uint64_t before = time_min;

		for (; i < end; i++) {
			rows->time[i] = before + sst_take_time(tables, &c, t->has_pause ? c.tokens[i] : 0);
			before = rows->time[i] + rows->duration[i];
		}
	}
}

static void decode_ticks(const struct sst_times *t, const struct sst_token_tables *tables, uint64_t time_min,
			 struct sst_rows *rows)
{
	struct sst_column pause = t->pause, duration = t->duration;
	const struct sst_tick_times clock = t->clock;

	for (size_t g = 0; g < rows->n_groups; g++) {
		size_t i = rows->groups[g].first, end = i + rows->groups[g].n;
		uint64_t tick = 0;
		int64_t more;

		for (; i < end; i++) {
			tick += sst_take_ticks(tables, &pause, *pause.tokens++, &more);
			rows->time[i] = time_min + sst_tick_time(&clock, tick) + (uint64_t)more;
			rows->duration[i] = 0;
			if (!t->has_duration || !sst_state_has_duration(rows->state[i]))
				continue;
			tick += sst_take_ticks(tables, &duration, *duration.tokens++, &more);
			rows->duration[i] = time_min + sst_tick_time(&clock, tick) + (uint64_t)more - rows->time[i];
		}
	}
}

void sst_times_decode(const struct sst_times *times, const struct sst_token_tables *tables, uint64_t time_min,
		      struct sst_rows *rows)
{
	if (times->in_ticks) {
		decode_ticks(times, tables, time_min, rows);
		return;
	}
	decode_durations(times, tables, rows);
	decode_pauses(times, tables, time_min, rows);
}
