/* stats.c - see stats.h */
#include "stats.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "live.h"
#include "pathnames.h"
#include "stats_print.h"
#include "stats_rows.h"
#include "stats_table.h"

#define KEYS_MEMORY  ((size_t)10 << 20) /* beyond it there are no new keys */
#define TIMES_MEMORY ((size_t)13 << 20) /* beyond it histograms do not grow */
#define OTHERS       1024               /* tallies of other calls that may be added after that */
#define KEYS_WATCHED                                                                                                   \
	((size_t)6 << 20) /* where an interval is there once more to be looked at, and once as it is shown */

size_t stats_memory(unsigned threads, unsigned by, bool watched)
{
	return (by & BY_PATH ? PATHNAMES_MEMORY : 0) + (watched ? 3 * LIVE_MEMORY : TIMES_MEMORY) +
	       OPEN_MAX * sizeof(struct open_call) + ((size_t)threads + 1) * 2 * SHARD_MEMORY;
}

/* --- the sums of all threads; called with the lock held */

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

void stats_add(struct stats *stats, const struct tally *from)
{
	struct tally *to = sum_of(stats, &from->key);

	if (to)
		tally_add(&stats->sums, to, from);
	else
		stats->failed = true;
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

static void keep_path(void *context, const struct open_call *call)
{
	(void)context;
	pathnames_keep(call->key.path);
}

/* The paths of what has been printed. All else that has any is in sums and open. */
static void forget_paths(const struct stats *stats)
{
	if (!(stats->by & BY_PATH))
		return;
	for (size_t i = 0; i < stats->sums.cap; i++)
		if (stats->sums.slots[i])
			pathnames_keep(stats->sums.slots[i]->key.path);
	open_calls_each(&stats->open, keep_path, NULL);
	pathnames_forget();
}

/* Print the intervals of a sorted list. */
static void print_intervals(struct stats *stats, const struct tally **list, size_t n)
{
	for (size_t i = 0, k; i < n; i = k) {
		for (k = i + 1; k < n && list[k]->key.interval == list[i]->key.interval;)
			k++;
		print_interval(stats, list + i, k - i);
	}
}

/* A new table for what is left: the tallies from end on. */
static void forget_before(struct stats *stats, uint64_t end)
{
	struct tallies all = stats->sums;

	stats->sums = (struct tallies){.limit = all.limit};
	stats->others = 0;
	for (size_t i = 0; i < all.cap; i++)
		if (all.slots[i] && all.slots[i]->key.interval >= end)
			stats_add(stats, all.slots[i]);
	tallies_clear(&all);
	forget_paths(stats);
}

/* Print the intervals before this one and forget them. */
static void print_before(struct stats *stats, uint64_t end)
{
	const struct tallies *all = &stats->sums;
	const struct tally **list = reallocarray(NULL, all->n + 1, sizeof(*list));
	size_t n = 0;

	if (!list) {
		stats->failed = true;
		return;
	}
	for (size_t i = 0; i < all->cap; i++)
		if (all->slots[i] && all->slots[i]->key.interval < end)
			list[n++] = all->slots[i];
	stats_sort(list, n, stats->config.sort);
	print_intervals(stats, list, n);
	show(stats, list, n, end);
	free(list);
	out_flush(stats->config.out);
	forget_before(stats, end);
	if (end > stats->next && end != AT_THE_END)
		stats->next = end;
}

/* --- the end of a session */

static void hand_over_all(struct stats *stats)
{
	for (struct shard *shard = stats->shards; shard; shard = shard->next)
		stats_hand_over(shard);
}

struct settling {
	struct stats *stats;
	uint64_t interval;
};

static void settle_one(void *context, const struct open_call *call)
{
	const struct settling *settling = context;
	struct tally tally = {.key = call->key, .calls = 1, .unfinished = 1, .name = call->name};

	tally.key.interval = settling->interval;
	if (call->sign > 0)
		stats_add(settling->stats, &tally);
}

/* What has not returned counts now, in this interval. */
static void settle_open(struct stats *stats, uint64_t interval)
{
	open_calls_each(&stats->open, settle_one, &(struct settling){stats, interval});
	open_calls_clear(&stats->open);
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
		stats_add(stats, all.slots[i]);
	}
	tallies_clear(&all);
}

/* The last interval of the session that there is anything of. */
static uint64_t last_interval(const struct stats *stats)
{
	uint64_t last = 0;

	if (stats->config.interval && stats->known > 0)
		last = (uint64_t)stats->known / stats->config.interval;
	if (last < stats->next)
		last = stats->next;
	for (size_t i = 0; i < stats->sums.cap; i++)
		if (stats->sums.slots[i] && stats->sums.slots[i]->key.interval != AT_THE_END &&
		    stats->sums.slots[i]->key.interval > last)
			last = stats->sums.slots[i]->key.interval;
	return last;
}

/* A session is over: what has not returned counts in its last interval. */
static void end_session(struct stats *stats)
{
	uint64_t last;

	hand_over_all(stats);
	last = last_interval(stats);
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

	stats_hand_over(shard);
	while (*at != shard)
		at = &(*at)->next;
	*at = shard->next;
	free(shard);
}

struct view *stats_view(struct stats *stats)
{
	struct shard *shard = stats_shard(stats);

	if (!shard)
		return NULL;
	shard->view.begin = begin;
	shard->view.is_due = is_due;
	shard->view.due = due;
	shard->view.release = release;
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

/* What the sums do not have. */
static void complain_of_sums(const struct stats *stats)
{
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
}

bool stats_finish(struct stats *stats)
{
	if (stats->inside)
		end_session(stats);
	if (stats->inside && !stats->config.interval)
		print_before(stats, AT_THE_END);
	complain_of_sums(stats);
	return !stats->failed;
}

void stats_free(struct stats *stats)
{
	if (!stats)
		return;
	tallies_clear(&stats->sums);
	open_calls_clear(&stats->open);
	pthread_mutex_destroy(&stats->lock);
	free(stats);
}
