/* stats.c - see stats.h */
#include "stats.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <string.h>

#include "containers.h"
#include "crew.h"
#include "format/reader.h"
#include "format/syscalls.h"
#include "live.h"
#include "pathnames.h"
#include "report.h"
#include "stats_print.h"
#include "stats_table.h"

#define KEYS_MEMORY  ((size_t)10 << 20) /* beyond it there are no new keys */
#define TIMES_MEMORY ((size_t)13 << 20) /* beyond it histograms do not grow */
#define KEYS_WATCHED                                                                                                   \
	((size_t)6 << 20) /* where an interval is there once more to be looked at, and once as it is shown */
#define OTHERS       1024 /* tallies of other calls that may be added after that */
#define SHARD_MEMORY ((size_t)384 << 10)
#define OPEN_MAX     32768 /* calls that are open at the same time, from a pipe */
#define OPEN_HEADS   4096
#define AT_THE_END   UINT64_MAX /* the interval of calls that have not returned, until it is known */
#define CACHE        1024
#define NONE         UINT32_MAX

/* A call that has come open from a pipe, or (sign -1) whose complete row was met before the open one. */
struct open_call {
	uint64_t seq;
	uint32_t tid, next;
	int sign;
	struct tally_key key;
	struct tally_name name;
};

struct open_calls {
	uint32_t *heads; /* [OPEN_HEADS] */
	struct open_call *calls;
	uint32_t n, cap, unused; /* unused: the first of those that can be used again */
	uint64_t dropped;
};

struct stats {
	struct stats_config config;
	unsigned by; /* BY_*: what calls are told apart by here; what is printed may be coarser */
	const struct view *first;
	struct session session;
	bool inside;   /* a session */
	uint64_t next; /* the first interval that is not printed yet. Changes only while views are at rest */
	int64_t known; /* ns since times count */

	pthread_mutex_t lock; /* of what follows */
	struct tallies sums;
	size_t others;
	struct open_calls open;
	struct shard *shards;
	bool failed;
	uint64_t folded;   /* tallies that had no key */
	uint64_t pathless; /* calls that were counted in the kernel, which tells no paths */
};

/* The tally that a thread and a call of the frame have had last. */
struct cached {
	const struct sst_group *who;
	const struct call *call;
	uint64_t interval;
	uint32_t nr; /* late rows share the place of their calls */
	uint8_t abi;
	struct tally *tally;
};

/* The sums of one thread of ours. */
struct shard {
	struct view view;
	struct stats *stats;
	struct shard *next;
	struct tallies sums;
	uint64_t low, high, interval; /* ns since times count: the interval that was looked up last */
	int64_t known;
	uint64_t serial; /* of the frame */
	struct cached cache[CACHE];
	/* of a group: the tallies of its calls, by their index in the frame, and which there are */
	struct tally *of_call[SST_CALLS_MAX];
	uint16_t noted[SST_CALLS_MAX], n_noted;
	uint64_t of_interval; /* all of them */
};

size_t stats_memory(unsigned threads, unsigned by, bool watched)
{
	return (by & BY_PATH ? PATHNAMES_MEMORY : 0) + (watched ? 3 * LIVE_MEMORY : TIMES_MEMORY) +
	       OPEN_MAX * sizeof(struct open_call) + ((size_t)threads + 1) * 2 * SHARD_MEMORY;
}

/* --- handing over; called with the lock held */

static struct tally *other_of(struct stats *stats, uint64_t interval)
{
	struct tally_key key;
	struct tally *tally;

	memset(&key, 0, sizeof(key));
	key.kind = TALLY_OTHER;
	key.interval = interval;
	tally = tallies_find(&stats->sums, &key);
	if (tally)
		return tally;
	if (stats->others++ >= OTHERS)
		key.interval = AT_THE_END; /* never more than a few intervals are open at once, but in a strange file */
	return tallies_get(&stats->sums, &key);
}

static struct tally *sum_of(struct stats *stats, const struct tally_key *key)
{
	struct tally *tally = tallies_find(&stats->sums, key);

	if (tally)
		return tally;
	if (stats->sums.memory < (stats->config.live ? KEYS_WATCHED : KEYS_MEMORY))
		return tallies_get(&stats->sums, key);
	if (key->kind == TALLY_CALLS)
		stats->folded++;
	return other_of(stats, key->interval);
}

static void hand_over_one(struct stats *stats, const struct tally *from)
{
	struct tally *to = sum_of(stats, &from->key);

	if (to)
		tally_add(&stats->sums, to, from);
	else
		stats->failed = true;
}

static void hand_over(struct shard *shard)
{
	struct stats *stats = shard->stats;

	pthread_mutex_lock(&stats->lock);
	for (size_t i = 0; i < shard->sums.cap; i++)
		if (shard->sums.slots[i])
			hand_over_one(stats, shard->sums.slots[i]);
	if (shard->known > stats->known)
		stats->known = shard->known;
	pthread_mutex_unlock(&stats->lock);
	tallies_clear(&shard->sums);
	memset(shard->cache, 0, sizeof(shard->cache));
}

/* --- rows */

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
		hand_over(shard);
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

/* --- calls that are open */

static uint32_t *head_of(struct open_calls *open, uint32_t tid, uint64_t seq)
{
	return &open->heads[(tid * 31 + seq) % OPEN_HEADS];
}

static bool reserve_open(struct open_calls *open)
{
	uint32_t cap = open->cap ? 2 * open->cap : 256;
	struct open_call *calls;

	if (!open->heads) {
		open->heads = malloc(OPEN_HEADS * sizeof(*open->heads));
		if (!open->heads)
			return false;
		memset(open->heads, 0xff, OPEN_HEADS * sizeof(*open->heads));
		open->unused = NONE;
	}
	if (open->unused != NONE || open->n < open->cap)
		return true;
	calls = open->cap < OPEN_MAX ? reallocarray(open->calls, cap, sizeof(*calls)) : NULL;
	if (!calls)
		return false;
	open->calls = calls;
	open->cap = cap;
	return true;
}

static struct open_call *add_open(struct open_calls *open, uint32_t *head)
{
	uint32_t i = open->unused;

	if (i == NONE)
		i = open->n++;
	else
		open->unused = open->calls[i].next;
	open->calls[i] = (struct open_call){.next = *head};
	*head = i;
	return &open->calls[i];
}

/* The open row and the complete one of a call cancel each other, whichever comes first. */
static bool cancels(struct open_calls *open, uint32_t tid, uint64_t seq, int sign)
{
	for (uint32_t *at = open->heads ? head_of(open, tid, seq) : NULL; at && *at != NONE;
	     at = &open->calls[*at].next) {
		uint32_t i = *at;

		if (open->calls[i].tid != tid || open->calls[i].seq != seq || open->calls[i].sign != -sign)
			continue;
		*at = open->calls[i].next;
		open->calls[i].next = open->unused;
		open->unused = i;
		return true;
	}
	return false;
}

static void note_open(struct shard *shard, const struct row *row, int sign)
{
	struct stats *stats = shard->stats;
	struct open_calls *open = &stats->open;
	uint32_t tid = row->who->tid;
	struct tally_key key;

	key_of(shard, &key, row);
	pthread_mutex_lock(&stats->lock);
	if (!cancels(open, tid, row->seq, sign)) {
		if (reserve_open(open)) {
			struct open_call *call = add_open(open, head_of(open, tid, row->seq));
			struct tally tally = {.name.rank = UINT32_MAX};

			call->tid = tid;
			call->seq = row->seq;
			call->sign = sign;
			call->key = key;
			name_it(&tally, row);
			call->name = tally.name;
		} else if (sign > 0) {
			open->dropped++;
		}
	}
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

/* --- printing; all views are at rest, and the tallies are all in stats->sums */

/* One interval, told apart as it was asked for. */
static void print_interval(struct stats *stats, const struct tally **list, size_t n)
{
	struct tallies coarse = {.limit = stats->sums.limit};
	const struct tally **all = NULL;

	if (stats->config.unprinted)
		return;
	if (stats->by == stats->config.by) {
		stats->failed |= !stats_print_interval(&stats->config, list, n);
		return;
	}
	stats->failed |= !tallies_fold(&coarse, list, n, stats->config.by);
	all = reallocarray(NULL, coarse.n + 1, sizeof(struct tally *));
	if (all && coarse.n > 0) {
		stats_sort(all, tallies_list(&coarse, all), stats->config.sort);
		stats->failed |= !stats_print_interval(&stats->config, all, coarse.n);
	}
	stats->failed |= !all;
	free(all);
	tallies_clear(&coarse);
}

/* Of a sorted list, the part that is of one interval: from *first, which is moved, so many. */
static size_t find_interval(const struct tally *const *list, size_t n, uint64_t interval, size_t *first)
{
	size_t last;

	for (*first = 0; *first < n && list[*first]->key.interval < interval;)
		++*first;
	for (last = *first; last < n && list[last]->key.interval == interval;)
		last++;
	return last - *first;
}

/* Show the last interval before end, be it empty. The last one of all is as a rule but a piece of one. */
static void show(struct stats *stats, const struct tally *const *list, size_t n, uint64_t end)
{
	bool piece = end == AT_THE_END;
	uint64_t newest = !piece ? end - 1 : n > 0 ? list[n - 1]->key.interval : 0;
	size_t first, m = find_interval(list, n, newest, &first);

	if (stats->config.live && (!piece || m > 0))
		live_take(stats->config.live, list + first, m, piece);
}

/* The paths of what has been printed. All else that has any is in sums and open. */
static void forget_paths(const struct stats *stats)
{
	if (!(stats->by & BY_PATH))
		return;
	for (size_t i = 0; i < stats->sums.cap; i++)
		if (stats->sums.slots[i])
			pathnames_keep(stats->sums.slots[i]->key.path);
	for (uint32_t head = 0; stats->open.heads && head < OPEN_HEADS; head++)
		for (uint32_t i = stats->open.heads[head]; i != NONE; i = stats->open.calls[i].next)
			pathnames_keep(stats->open.calls[i].key.path);
	pathnames_forget();
}

/* Print the intervals before this one and forget them. */
static void print_before(struct stats *stats, uint64_t end)
{
	struct tallies all = stats->sums;
	const struct tally **list = reallocarray(NULL, all.n + 1, sizeof(*list));
	size_t n = 0;

	if (!list) {
		stats->failed = true;
		return;
	}
	for (size_t i = 0; i < all.cap; i++)
		if (all.slots[i] && all.slots[i]->key.interval < end)
			list[n++] = all.slots[i];
	stats_sort(list, n, stats->config.sort);
	for (size_t i = 0, k; i < n; i = k) {
		for (k = i + 1; k < n && list[k]->key.interval == list[i]->key.interval;)
			k++;
		print_interval(stats, list + i, k - i);
	}
	show(stats, list, n, end);
	free(list);
	out_flush(stats->config.out);
	/* what is left goes to a new table */
	stats->sums = (struct tallies){.limit = all.limit};
	stats->others = 0;
	for (size_t i = 0; i < all.cap; i++)
		if (all.slots[i] && all.slots[i]->key.interval >= end)
			hand_over_one(stats, all.slots[i]);
	tallies_clear(&all);
	forget_paths(stats);
	if (end > stats->next && end != AT_THE_END)
		stats->next = end;
}

static void hand_over_all(struct stats *stats)
{
	for (struct shard *shard = stats->shards; shard; shard = shard->next)
		hand_over(shard);
}

/* What has not returned counts now, in this interval. */
static void settle_open(struct stats *stats, uint64_t interval)
{
	for (uint32_t head = 0; stats->open.heads && head < OPEN_HEADS; head++) {
		for (uint32_t i = stats->open.heads[head]; i != NONE; i = stats->open.calls[i].next) {
			struct open_call *call = &stats->open.calls[i];
			struct tally tally = {.key = call->key, .calls = 1, .unfinished = 1, .name = call->name};

			tally.key.interval = interval;
			if (call->sign > 0)
				hand_over_one(stats, &tally);
		}
	}
	free(stats->open.heads);
	free(stats->open.calls);
	stats->open = (struct open_calls){.dropped = stats->open.dropped};
}

static void settle_end(struct stats *stats, uint64_t interval)
{
	struct tallies all = stats->sums;

	stats->sums = (struct tallies){.limit = all.limit};
	stats->others = 0;
	for (size_t i = 0; i < all.cap; i++) {
		if (!all.slots[i])
			continue;
		if (all.slots[i]->key.interval == AT_THE_END)
			all.slots[i]->key.interval = interval;
		hand_over_one(stats, all.slots[i]);
	}
	tallies_clear(&all);
}

/* A session is over: what has not returned counts in its last interval. */
static void end_session(struct stats *stats)
{
	uint64_t last = 0;

	hand_over_all(stats);
	if (stats->config.interval && stats->known > 0)
		last = (uint64_t)stats->known / stats->config.interval;
	if (last < stats->next)
		last = stats->next;
	for (size_t i = 0; i < stats->sums.cap; i++)
		if (stats->sums.slots[i] && stats->sums.slots[i]->key.interval != AT_THE_END &&
		    stats->sums.slots[i]->key.interval > last)
			last = stats->sums.slots[i]->key.interval;
	settle_open(stats, last);
	settle_end(stats, last);
	if (!stats->config.interval)
		return;
	print_before(stats, AT_THE_END);
	stats->next = 0;
	stats->known = 0;
	for (struct shard *shard = stats->shards; shard; shard = shard->next)
		shard->known = 0;
}

/* --- the view */

static void begin(struct view *view)
{
	struct stats *stats = ((struct shard *)view)->stats;
	struct session session = session_of(&view->recording->meta);

	if (stats->inside && !session_goes_on(&stats->session, &session))
		end_session(stats);
	if (!stats->inside && !stats->config.unprinted)
		stats_print_header(&stats->config);
	if (stats->config.live)
		live_begin(stats->config.live, view->recording);
	stats->session = session;
	stats->inside = true;
}

static bool is_due(struct view *view, int64_t until)
{
	struct stats *stats = ((struct shard *)view)->stats;

	pthread_mutex_lock(&stats->lock);
	if (until > stats->known)
		stats->known = until;
	pthread_mutex_unlock(&stats->lock);
	return stats->config.interval && until > 0 && (uint64_t)until / stats->config.interval > stats->next;
}

static void due(struct view *view, int64_t until)
{
	struct stats *stats = ((struct shard *)view)->stats;

	hand_over_all(stats);
	print_before(stats, (uint64_t)until / stats->config.interval);
}

static void release(struct view *view)
{
	struct shard *shard = (struct shard *)view, **at = &shard->stats->shards;

	hand_over(shard);
	while (*at != shard)
		at = &(*at)->next;
	*at = shard->next;
	free(shard);
}

struct view *stats_view(struct stats *stats)
{
	unsigned by = stats->by;
	struct shard *shard = calloc(1, sizeof(*shard));

	if (!shard)
		return NULL;
	shard->view = (struct view){
		.columns = SST_COL_TIME | SST_COL_CALL | SST_COL_RET | SST_COL_STATE |
			   (by & BY_CONTAINER ? SST_COL_WHERE : 0) | (by & BY_PATH ? SST_COL_ARGS | SST_COL_TEXT : 0),
		.live_columns = SST_COL_SEQ,
		.names = by & BY_PATH,
		.begin = begin,
		.call = stats_call,
		.frame = new_frame,
		.row = add_row,
		.tallied = add_tallied,
		.group = by & BY_PATH ? NULL : add_group, /* which knows no rows */
		.lost = add_lost,
		.is_due = is_due,
		.due = due,
		.release = release,
	};
	shard->stats = stats;
	shard->next = stats->shards;
	stats->shards = shard;
	if (!stats->first)
		stats->first = &shard->view;
	return &shard->view;
}

struct stats *stats_new(const struct stats_config *config)
{
	struct stats *stats = calloc(1, sizeof(*stats));

	if (!stats)
		return NULL;
	stats->config = *config;
	stats->by = config->live ? BY_ALL : config->by;
	stats->sums.limit = config->live ? LIVE_MEMORY : TIMES_MEMORY;
	pthread_mutex_init(&stats->lock, NULL);
	return stats;
}

bool stats_finish(struct stats *stats)
{
	if (stats->inside)
		end_session(stats);
	if (stats->inside && !stats->config.interval)
		print_before(stats, AT_THE_END);
	if (stats->folded)
		complain("--stats: memory for groups is used up; the calls of those that have no row are in the row "
			 "'other' "
			 "(filters, or a --by with less in it, make fewer groups)");
	if (stats->pathless)
		complain("--by=path: %" PRIu64
			 " calls were counted in the kernel, where nobody knows which files they are "
			 "about: they have the path '?'; record calls instead (no --tally) to have it",
			 stats->pathless);
	if (stats->open.dropped)
		complain("--stats: more than %d calls were open at the same time; of them, those that have not "
			 "returned are "
			 "not counted",
			 OPEN_MAX);
	return !stats->failed;
}

void stats_free(struct stats *stats)
{
	if (!stats)
		return;
	tallies_clear(&stats->sums);
	free(stats->open.heads);
	free(stats->open.calls);
	pthread_mutex_destroy(&stats->lock);
	free(stats);
}
