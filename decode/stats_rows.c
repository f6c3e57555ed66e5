/* stats_rows.c - what the rows of one thread of ours add up to: see stats_rows.h */
#include "stats_rows.h"

#include <stdlib.h>
#include <string.h>

#include "containers.h"
#include "format/syscalls.h"
#include "pathnames.h"

void stats_hand_over(struct shard *shard)
{
	struct stats *stats = shard->stats;

	pthread_mutex_lock(&stats->lock);
	for (size_t i = 0; i < shard->sums.cap; i++)
		if (shard->sums.slots[i])
			stats_add(stats, shard->sums.slots[i]);
	if (shard->known > stats->known)
		stats->known = shard->known;
	pthread_mutex_unlock(&stats->lock);
	tallies_clear(&shard->sums);
	memset(shard->cache, 0, sizeof(shard->cache));
}

/* --- which tally a row is of */

static void set_interval(struct shard *shard, uint64_t since)
{
	uint64_t length = shard->stats->config.interval;

	shard->interval = since / length;
	shard->low = since - since % length;
	shard->high = shard->low + length < length ? UINT64_MAX : shard->low + length;
}

/* The interval that a boot time is in; the first that is not printed yet if that one is. */
static inline uint64_t interval_of(struct shard *shard, uint64_t boot)
{
	uint64_t since = boot - shard->view.recording->start;

	if (!shard->stats->config.interval)
		return 0;
	if ((int64_t)since < 0)
		since = 0;
	if (since < shard->low || since >= shard->high)
		set_interval(shard, since);
	return shard->interval < shard->stats->next ? shard->stats->next : shard->interval;
}

void stats_key(struct tally_key *key, unsigned by, const struct row *row)
{
	memset(key, 0, sizeof(*key));
	if (by & (BY_PROCESS | BY_THREAD))
		key->pid = row->who->pid;
	if (by & BY_THREAD)
		key->tid = row->who->tid;
	if (by & BY_COMM) {
		key->comm_len = row->who->comm_len;
		memcpy(key->comm, row->who->comm, row->who->comm_len);
	}
	if (by & BY_CONTAINER)
		key->container = container_identity(row->who->where.container);
	if (by & BY_SYSCALL) {
		key->abi = row->call->abi;
		key->nr = row->call->nr;
	}
}

/* stats_key() and the path. One for which there is no memory is none of its own: with the others. */
static void key_of(struct shard *shard, struct tally_key *key, const struct row *row)
{
	unsigned by = shard->stats->by;

	stats_key(key, by, row);
	if (!(by & BY_PATH))
		return;
	key->path = pathnames_add(row->path, row->path_len);
	if (key->path != PATHNAME_FULL)
		return;
	memset(key, 0, sizeof(*key));
	key->kind = TALLY_OTHER;
	pthread_mutex_lock(&shard->stats->lock);
	shard->stats->folded++;
	pthread_mutex_unlock(&shard->stats->lock);
}

/* By whose name a process goes: its first thread's, or else that of the lowest number. */
static void name_it(struct tally *tally, const struct row *row)
{
	const struct sst_group *who = row->who;

	tally_name(tally, who->tid == who->pid ? 0 : who->tid, row->time, who->comm, who->comm_len);
}

static void out_of_memory(struct stats *stats)
{
	pthread_mutex_lock(&stats->lock);
	stats->failed = true;
	pthread_mutex_unlock(&stats->lock);
}

static struct tally *look_up(struct shard *shard, const struct row *row, uint64_t interval)
{
	struct tally_key key;
	struct tally *tally;

	if (shard->sums.memory > SHARD_MEMORY)
		stats_hand_over(shard);
	key_of(shard, &key, row);
	key.interval = interval;
	tally = tallies_get(&shard->sums, &key);
	if (tally)
		name_it(tally, row);
	else
		out_of_memory(shard->stats);
	return tally;
}

static inline struct tally *tally_of(struct shard *shard, const struct row *row, uint64_t interval)
{
	size_t place = (uintptr_t)row->who / sizeof(*row->who) * 31 + (uintptr_t)row->call / sizeof(*row->call);
	struct cached *cached = &shard->cache[place % CACHE];

	if (shard->stats->by & BY_PATH)
		return look_up(shard, row, interval);
	if (cached->who == row->who && cached->call == row->call && cached->interval == interval && cached->tally &&
	    cached->nr == row->call->nr && cached->abi == row->call->abi && shard->sums.memory <= SHARD_MEMORY)
		return cached->tally;

	struct tally *tally = look_up(shard, row, interval); /* which may empty the cache */

	*cached = (struct cached){row->who, row->call, interval, row->call->nr, row->call->abi, tally};
	return tally;
}

/* --- rows */

/* A row that is open (sign 1), or that replaces an open one (-1). */
static void note_open(struct shard *shard, const struct row *row, int sign)
{
	struct stats *stats = shard->stats;
	struct open_call call = {.seq = row->seq, .tid = row->who->tid, .sign = sign};
	struct tally tally = {.name.rank = UINT32_MAX};

	key_of(shard, &call.key, row);
	name_it(&tally, row);
	call.name = tally.name;
	pthread_mutex_lock(&stats->lock);
	open_calls_note(&stats->open, &call);
	pthread_mutex_unlock(&stats->lock);
}

static void add_unfinished(struct shard *shard, const struct row *row)
{
	struct tally *tally;

	if (shard->stats->config.ignores_open)
		return;
	if (shard->stats->first->live) {
		if (!row->replaces) /* an open row that replaces an open one changes nothing */
			note_open(shard, row, 1);
		return;
	}
	tally = tally_of(shard, row, AT_THE_END);
	if (tally) {
		tally->calls++;
		tally->unfinished++;
	}
}

/* What a call has returned. */
static inline void add_result(struct tally *tally, const struct row *row)
{
	if (!sst_state_has_ret(row->state))
		return;
	if (row_error(row))
		tally->errors++;
	else if (stats_moves_bytes(row->call) && row_ret(row) > 0)
		tally->bytes += (uint64_t)row_ret(row);
}

static void add_row(struct view *view, const struct row *row)
{
	struct shard *shard = (struct shard *)view;
	bool timed = sst_state_has_duration(row->state);
	struct tally *tally;

	if (sst_state_is_open(row->state)) {
		add_unfinished(shard, row);
		return;
	}
	if (row->replaces && !shard->stats->config.ignores_open)
		note_open(shard, row, -1);
	tally = tally_of(shard, row, interval_of(shard, row->time + (timed ? row->duration : 0)));
	if (!tally)
		return;
	tally->calls++;
	if (timed)
		tally_time(&shard->sums, tally, row->duration);
	add_result(tally, row);
}

/* --- rows by group */

/* No call of a group has a tally any more. */
static void forget_group(struct shard *shard)
{
	while (shard->n_noted > 0)
		shard->of_call[shard->noted[--shard->n_noted]] = NULL;
}

/* The tally of a call in a group; those that have been asked for before are noted. */
static struct tally *tally_of_group(struct shard *shard, const struct sst_rows *rows, const struct sst_group *group,
				    size_t i, struct call *call)
{
	struct row row = {.time = rows->time[i], .who = group, .call = call};
	uint16_t index = rows->call[i];

	if (shard->sums.memory > SHARD_MEMORY)
		forget_group(shard); /* they will be handed over */
	shard->of_call[index] = look_up(shard, &row, shard->of_interval);
	if (shard->of_call[index])
		shard->noted[shard->n_noted++] = index;
	return shard->of_call[index];
}

/* The tallies of a group are of the interval in which its next row returned: a thread's rows do so one after the other.
 */
static inline void change_interval(struct shard *shard, uint64_t returned)
{
	uint64_t interval = interval_of(shard, returned);

	if (interval == shard->of_interval)
		return;
	forget_group(shard);
	shard->of_interval = interval;
}

/* As add_row(), for rows that are not open. */
static void add_group(struct view *view, const struct sst_rows *rows, const struct sst_group *group, struct call *calls)
{
	struct shard *shard = (struct shard *)view;
	bool intervals = shard->stats->config.interval;

	shard->of_interval = 0;
	for (size_t i = group->first; i < (size_t)group->first + group->n; i++) {
		struct row row = {.ret = rows->ret[i], .call = &calls[rows->call[i]], .state = rows->state[i]};
		struct tally *tally = shard->of_call[rows->call[i]];

		if (sst_state_is_open(row.state))
			continue;
		if (intervals) {
			change_interval(shard,
					rows->time[i] + (sst_state_has_duration(row.state) ? rows->duration[i] : 0));
			tally = shard->of_call[rows->call[i]];
		}
		if (!tally || shard->sums.memory > SHARD_MEMORY)
			tally = tally_of_group(shard, rows, group, i, row.call);
		if (!tally)
			continue;
		tally->calls++;
		if (sst_state_has_duration(row.state))
			tally_time(&shard->sums, tally, rows->duration[i]);
		add_result(tally, &row);
	}
	forget_group(shard);
}

/* --- what is no row */

/* The bucket's durations, as far as they can be. */
static void add_cell(struct shard *shard, struct tally *tally, const struct sst_tally_line *line,
		     const struct sst_tally_cell *cell)
{
	uint64_t low = sst_tally_bucket_low(cell->bucket), high = UINT64_MAX;

	if (line->timed == 1)
		low = line->max;
	if (cell->bucket + 1u < SST_TALLY_BUCKETS)
		high = sst_tally_bucket_low(cell->bucket + 1u) - 1;
	if (high > line->max && line->max >= low)
		high = line->max;
	tally_bucket(&shard->sums, tally, low, high, cell->count);
}

/* Calls that were counted when they were made: in the interval that the middle of theirs is in. */
static void add_tallied(struct view *view, const struct tallied *tallied)
{
	struct shard *shard = (struct shard *)view;
	const struct sst_tally_line *line = tallied->line;
	struct row row = {.who = tallied->who, .call = tallied->call, .time = tallied->from};
	struct tally *tally;

	if (shard->stats->by & BY_PATH) {
		row.path = "?";
		row.path_len = 1;
		shard->stats->pathless += line->calls; /* the first view's only */
	}
	tally = look_up(shard, &row, interval_of(shard, tallied->from + (tallied->until - tallied->from) / 2));
	if (!tally)
		return;
	tally->calls += line->calls;
	tally->errors += line->errors;
	tally->unfinished += line->unfinished;
	tally->timed += line->timed;
	tally->total = tally->total + line->total < line->total ? UINT64_MAX : tally->total + line->total;
	tally->max = line->max > tally->max ? line->max : tally->max;
	tally->bytes += line->bytes;
	for (uint32_t i = 0; i < line->n_cells; i++)
		add_cell(shard, tally, line, &tallied->cells[i]);
}

static void add_lost(struct view *view, const struct lost *lost)
{
	struct shard *shard = (struct shard *)view;
	struct tally_key key;
	struct tally *tally;

	memset(&key, 0, sizeof(key));
	key.kind = TALLY_LOST;
	key.interval = interval_of(shard, lost->gap->time);
	tally = tallies_get(&shard->sums, &key);
	if (tally)
		tally->calls += lost->gap->count;
	else
		out_of_memory(shard->stats);
}

/* --- the view */

/* Is its result a number of bytes that were moved? */
void stats_call(const struct view *view, struct call *call)
{
	(void)view;
	call->text_len = 0;
	*call->text = sst_syscall_moves_bytes(call->abi, call->nr);
}

/* What who and call point to has changed. */
static void new_frame(struct view *view, uint64_t serial)
{
	struct shard *shard = (struct shard *)view;
	const struct recording *recording = view->recording;
	int64_t known = recording ? (int64_t)(recording->known_until - recording->start) : 0;

	if (serial != shard->serial)
		memset(shard->cache, 0, sizeof(shard->cache));
	shard->serial = serial;
	if (known > shard->known)
		shard->known = known;
}

struct shard *stats_shard(struct stats *stats)
{
	unsigned by = stats->by;
	struct shard *shard = calloc(1, sizeof(*shard));

	if (!shard)
		return NULL;
	shard->stats = stats;
	shard->view = (struct view){
		.columns = SST_COL_TIME | SST_COL_CALL | SST_COL_RET | SST_COL_STATE |
			   (by & BY_CONTAINER ? SST_COL_WHERE : 0) | (by & BY_PATH ? SST_COL_ARGS | SST_COL_TEXT : 0),
		.live_columns = SST_COL_SEQ,
		.names = by & BY_PATH,
		.call = stats_call,
		.frame = new_frame,
		.row = add_row,
		.tallied = add_tallied,
		.group = by & BY_PATH ? NULL : add_group, /* which knows no rows */
		.lost = add_lost,
	};
	return shard;
}
