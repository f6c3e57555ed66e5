/* frame_losses.c - what does not come into the file is told of by gaps (frame.h) */
#include <string.h>

#include "frame.h"

void frame_set_error(struct framer *framer, int err)
{
	pthread_mutex_lock(&framer->lock);
	if (!framer->error)
		framer->error = err;
	pthread_mutex_unlock(&framer->lock);
}

static void keep_gap(struct framer *framer, const struct sst_gap *gap)
{
	if (!frame_join_gap(framer->unwritten, gap) && sst_rows_gap(framer->unwritten, gap))
		framer->unwritten_more += gap->count;
}

static void count_unwritten(struct framer *framer, uint64_t calls, bool were_counted)
{
	pthread_mutex_lock(&framer->lock);
	if (were_counted)
		framer->totals.events -= calls < framer->totals.events ? calls : framer->totals.events;
	framer->totals.lost[SST_CAUSE_WRITE] += calls;
	pthread_mutex_unlock(&framer->lock);
}

/* The rows of a frame that does not come into the file, as gaps. A late row whose open row is there is no loss. */
static void lose_rows(struct framer *framer, const struct sst_rows *rows)
{
	uint64_t n = 0;

	for (size_t g = 0; g < rows->n_groups; g++) {
		const struct sst_group *group = &rows->groups[g];

		for (size_t i = group->first; i < (size_t)group->first + group->n; i++) {
			struct sst_gap gap = {.time = rows->time[i],
					      .until = rows->time[i],
					      .seq = rows->seq[i],
					      .count = 1,
					      .pid = group->pid,
					      .tid = group->tid,
					      .cause = SST_CAUSE_WRITE};

			if (rows == framer->late && !framer->late_is_first[i])
				continue;
			keep_gap(framer, &gap);
			n++;
		}
	}
	for (size_t i = 0; i < rows->n_gaps; i++)
		keep_gap(framer, &rows->gaps[i]);
	count_unwritten(framer, n, true);
}

void frame_write(struct framer *framer, struct sst_rows *rows, enum sst_frame_type type, uint64_t cut)
{
	int err = framer->error ? framer->error : sst_rows_sort_captures(rows);

	if (!err)
		err = parts_rows(framer->parts, rows, type, frame_boot(framer, cut));
	if (!err)
		return;
	frame_set_error(framer, err);
	lose_rows(framer, rows);
}

uint64_t frame_calls_in(const unsigned char *data, size_t len)
{
	uint64_t n = 0;

	for (size_t pos = 0; pos < len; pos += drain_record_size(data + pos))
		n += (data[pos] & 15) == RING_CALL;
	return n;
}

void frame_lose_calls(struct framer *framer, uint64_t calls)
{
	framer->unwritten_more += calls;
	count_unwritten(framer, calls, false);
}

static uint64_t sum_of_gaps(const struct sst_rows *rows)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < rows->n_gaps; i++)
		sum += rows->gaps[i].count;
	return sum;
}

/* The frame of gaps that stands for all that could not be written; in a pinch a single gap, of nobody. */
static int write_account(struct framer *framer)
{
	uint64_t now = frame_boot(framer, framer->base), more = framer->unwritten_more;
	struct sst_gap rest = {.time = now, .until = now, .count = more, .cause = SST_CAUSE_WRITE};
	uint64_t all = sum_of_gaps(framer->unwritten) + more;
	int err = more ? sst_rows_gap(framer->unwritten, &rest) : 0;

	if (!all)
		return 0;
	if (!err)
		err = parts_rows(framer->parts, framer->unwritten, SST_FRAME_ROWS, now);
	if (!err || !parts_retry(framer->parts))
		return err;
	rest.count = all;
	sst_rows_clear(framer->unwritten);
	err = sst_rows_gap(framer->unwritten, &rest);
	return err ? err : parts_rows(framer->parts, framer->unwritten, SST_FRAME_ROWS, now);
}

void frame_account(struct framer *framer)
{
	if (!framer->error)
		framer->accounted = true;
	else if (framer->unwritten && parts_retry(framer->parts))
		framer->accounted = write_account(framer) == 0;
}

static int nobodys(struct framer *framer, const struct batch *batch, uint64_t count, unsigned cause)
{
	struct lost_calls lost = {.count = count, .first = framer->base + 1, .last = batch->cut};

	return frame_gap(framer, NULL, lost, cause);
}

/* Calls that nobody's records tell of. */
int frame_nobodys(struct framer *framer, const struct batch *batch)
{
	int err = 0;

	if (batch->lost_threads)
		err = nobodys(framer, batch, batch->lost_threads, SST_CAUSE_THREADS);
	if (!err && batch->lost_skipped)
		err = nobodys(framer, batch, batch->lost_skipped, SST_CAUSE_SKIPPED);
	return err;
}

/* The last calls of threads, those that began after told and up to cut: behind all other rows of theirs. */
int frame_dead(struct framer *framer, const struct batch *batch, uint64_t told, uint64_t cut)
{
	int err = 0;

	for (size_t i = 0; i < batch->n_dead; i++) {
		const struct drain_dead *dead = &batch->dead[i];
		struct framer_thread *thread = dead->thread ? dead->thread->framer : NULL;
		struct drain_thread who = {.tid = dead->tid, .pid = dead->pid};
		struct lost_calls lost = {.seq = dead->last_seq - dead->count + 1,
					  .count = dead->count,
					  .first = dead->first,
					  .last = batch->cut};
		int failed = 0;

		if (dead->first <= told || dead->first > cut)
			continue;
		framer->parts->excluded += dead->passed - (thread ? thread->passed_told : 0);
		failed = frame_gap_of(framer, &who, thread, lost, SST_CAUSE_RING_FULL);
		err = err ? err : failed;
	}
	return err;
}

uint64_t frame_dead_calls(const struct batch *batch, uint64_t told)
{
	uint64_t n = 0;

	for (size_t i = 0; i < batch->n_dead; i++)
		n += batch->dead[i].first > told ? batch->dead[i].count : 0;
	return n;
}
