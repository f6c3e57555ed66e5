/* What makes large files fast and hostile ones harmless: the index, frames in several threads, rows split over frames.
 */
#include "format/index.h"
#include "format/split.h"
#include "gen_rows.h"
#include "memory.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static void write_recording(struct memory *m, uint8_t id, unsigned frames, size_t rows_each, bool end)
{
	struct sst_writer *w = memory_writer(m, id);
	struct sst_rows *rows = sst_rows_new();
	struct sst_meta meta = {0};
	struct gen g = gen_new(id);

	assert_int_equal(sst_meta_set(&meta, "recorder", "test 1"), 0);
	assert_int_equal(sst_writer_meta(w, &meta), 0);
	for (unsigned i = 0; i < frames; i++) {
		gen_realistic(&g, rows, rows_each, 2);
		assert_int_equal(sst_writer_rows(w, rows, i % 4 == 3 ? SST_FRAME_LATE : SST_FRAME_ROWS, g.now), 0);
	}
	if (end)
		assert_int_equal(sst_writer_end(w, &meta), 0);
	sst_meta_clear(&meta);
	sst_rows_free(rows);
	sst_writer_free(w);
}

static int index_of(struct memory *m, bool pipe, struct sst_index *index)
{
	struct sst_reader *r = memory_open(m, pipe);
	struct sst_frame frame;
	int found;

	found = sst_reader_index(r, index);
	if (found >= 0 && m->len > 0) /* it is still where it was */
		assert_true(sst_reader_next(r, &frame) != 1 || frame.offset == 0);
	sst_reader_free(r);
	return found;
}

/* Each entry of an index that has one frame to an entry is what the frames themselves say. */
static void compare(struct memory *m, const struct sst_index *index)
{
	struct sst_reader *r = memory_open(m, false);
	struct sst_frame frame;

	for (size_t i = 0; i < index->n; i++) {
		const struct sst_index_entry *e = &index->entries[i];

		assert_int_equal(sst_reader_next(r, &frame), 1);
		assert_int_equal(e->offset, frame.offset);
		assert_int_equal(e->length, frame.length);
		assert_int_equal(e->number, frame.number);
		assert_int_equal(e->frames, 1);
		assert_int_equal(e->rows, frame.n_rows);
		assert_int_equal(e->kinds, 1u << frame.type);
		if (frame.n_rows > 0) {
			assert_int_equal(e->time_min, frame.time_min);
			assert_int_equal(e->time_max, frame.time_max);
		}
	}
	assert_int_equal(sst_reader_next(r, &frame), 0);
	for (size_t i = 0; i < index->n; i++) {
		assert_int_equal(sst_reader_seek(r, index->entries[i].offset), 0);
		assert_int_equal(sst_reader_next(r, &frame), 1);
		assert_int_equal(frame.number, index->entries[i].number);
	}
	sst_reader_free(r);
}

static void an_index_says_where_frames_are(void **state)
{
	struct memory m = {0};
	struct sst_index index;

	(void)state;
	write_recording(&m, 1, 9, 300, true);
	assert_int_equal(index_of(&m, false, &index), 1);
	assert_int_equal(index.n, 11);
	compare(&m, &index);
	sst_index_clear(&index);
	write_recording(&m, 2, 0, 0, true);
	write_recording(&m, 3, 300, 100, true);
	assert_int_equal(index_of(&m, false, &index), 1);
	assert_int_equal(index.n, 11 + 2 + 302);
	compare(&m, &index);
	sst_index_clear(&index);
	assert_int_equal(index_of(&m, true, &index), 0); /* a pipe */
	free(m.data);
}

static void no_index(void **state)
{
	struct memory m = {0};
	struct sst_index index;
	size_t len, first;

	(void)state;
	assert_int_equal(index_of(&m, false, &index), 0);
	write_recording(&m, 1, 3, 100, false);
	assert_int_equal(index_of(&m, false, &index), 0);
	first = m.len;
	write_recording(&m, 2, 3, 100, true); /* the first of two has none */
	assert_int_equal(index_of(&m, false, &index), 0);
	memmove(m.data, m.data + first, m.len -= first);
	assert_int_equal(index_of(&m, false, &index), 1);
	sst_index_clear(&index);
	len = m.len;
	while (m.len-- > 0)
		assert_int_equal(index_of(&m, false, &index), 0);
	m.len = len;
	memmove(m.data + 1, m.data, len - 1); /* a byte is missing before the end: it does not lead to the beginning */
	assert_int_equal(index_of(&m, false, &index), 0);
	free(m.data);
}

/* Whatever is damaged: there is no index, or it is right. */
static void a_damaged_index(void **state)
{
	struct memory m = {0};
	struct sst_index good, index;

	(void)state;
	write_recording(&m, 1, 3, 50, true);
	assert_int_equal(index_of(&m, false, &good), 1);
	for (size_t bit = 0; bit < 8 * m.len; bit += bit < 8 * (m.len - 700) ? 7 : 1) {
		m.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
		if (index_of(&m, false, &index) == 1) {
			assert_int_equal(index.n, good.n);
			assert_memory_equal(index.entries, good.entries, good.n * sizeof(*good.entries));
			assert_true(bit / 8 < good.entries[good.n - 1].offset);
		}
		sst_index_clear(&index);
		m.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	sst_index_clear(&good);
	free(m.data);
}

static void a_long_recording_has_spans(void **state)
{
	struct sst_indexer x = {0};
	static struct sst_span spans[SST_INDEX_MAX];
	struct sst_bytes stream;
	uint64_t frames = 0, bytes = 0, rows = 0;
	long n;

	(void)state;
	for (unsigned i = 0; i < 5 * SST_INDEX_MAX + 3; i++)
		sst_indexer_add(&x, &(struct sst_header){.type = i % 7 ? SST_FRAME_ROWS : SST_FRAME_LATE,
							 .length = 100,
							 .payload = i,
							 .rows = i % 3,
							 .time_min = 1000 - i,
							 .time_max = 1000 + i});
	stream = sst_indexer_encode(&x);
	assert_true(stream.len < SST_RAW_MAX);
	n = sst_index_decode(&stream, spans, SST_INDEX_MAX);
	assert_in_range(n, SST_INDEX_MAX / 2, SST_INDEX_MAX);
	for (long i = 0; i < n; i++) {
		assert_int_equal(spans[i].frames, i < n - 1 ? 8 : (5 * SST_INDEX_MAX + 3 - 1) % 8 + 1);
		frames += spans[i].frames;
		bytes += spans[i].bytes;
		rows += spans[i].rows;
	}
	assert_int_equal(frames, 5 * SST_INDEX_MAX + 3);
	assert_int_equal(bytes, 100 * frames + frames * (frames - 1) / 2);
	assert_int_equal(rows, frames - 1); /* 0, 1, 2, 0, 1, 2 … 0, 1 */
	assert_int_equal(spans[0].kinds, 1u << SST_FRAME_ROWS | 1u << SST_FRAME_LATE);
	assert_int_equal(spans[0].time_min, 1000 - 7);
	assert_int_equal(spans[0].time_max, 1000 + 7);
	assert_int_equal(sst_index_decode(&stream, spans, (size_t)n - 1), SST_E_LIMIT);
	stream.len--;
	assert_int_equal(sst_index_decode(&stream, spans, SST_INDEX_MAX), SST_E_COLUMN);
	sst_indexer_clear(&x);
}

/* Every row of a half still has what it had as a capture: a row is known by its thread and number. */
static void check_captures(const struct sst_rows *all, const struct sst_rows *half)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < half->n_captures; i++) {
		const struct sst_capture *c = &half->captures[i];
		bool found = c->row >= SST_CAPTURE_EVENT;

		assert_true(i == 0 || c[-1].row <= c->row);
		for (size_t k = 0; k < all->n_captures && !found; k++) {
			const struct sst_capture *o = &all->captures[k];

			found = o->row < SST_CAPTURE_EVENT && all->seq[o->row] == half->seq[c->row] &&
				all->time[o->row] == half->time[c->row] && o->len == c->len && o->arg == c->arg &&
				memcmp(all->text + o->offset, half->text + c->offset, c->len) == 0;
		}
		assert_true(found);
		sum += c->len;
	}
	for (size_t i = 0; i < half->n_opens; i++)
		sum += half->opens[i].len;
	assert_int_equal(sum, half->n_text);
}

/* Half of the rows of a frame in each of two; together they are what they were. */
static void frames_are_split(void **state)
{
	struct sst_rows *rows = sst_rows_new(), *first = sst_rows_new(), *second = sst_rows_new();

	(void)state;
	for (uint64_t seed = 0; seed < 60; seed++) {
		struct gen g = gen_new(seed);
		uint64_t until, sum = 0;

		if (seed % 2)
			gen_extreme(&g, rows, 500);
		else
			gen_realistic(&g, rows, 500, 3);
		sst_rows_clear(first);
		sst_rows_clear(second);
		if (rows->n < 2)
			continue;
		assert_int_equal(sst_rows_split(rows, first, second, &until), 0);
		assert_int_equal(first->n, rows->n / 2);
		assert_int_equal(first->n + second->n, rows->n);
		assert_int_equal(first->n_gaps + second->n_gaps, rows->n_gaps);
		assert_int_equal(first->n_events + second->n_events, rows->n_events);
		assert_int_equal(second->n_clocks, rows->n_clocks);
		assert_int_equal(first->n_captures + second->n_captures, rows->n_captures);
		assert_int_equal(first->n_opens + second->n_opens, rows->n_opens);
		check_captures(rows, first);
		check_captures(rows, second);
		assert_true(first->n_groups + second->n_groups >= rows->n_groups);
		for (size_t i = 0; i < rows->n; i++)
			sum += rows->time[i] * 3 + rows->arg[0][i] * 5 + rows->ret[i] * 7 + rows->cpu[i];
		for (size_t i = 0; i < first->n; i++)
			sum -= first->time[i] * 3 + first->arg[0][i] * 5 + first->ret[i] * 7 + first->cpu[i];
		for (size_t i = 0; i < second->n; i++) {
			sum -= second->time[i] * 3 + second->arg[0][i] * 5 + second->ret[i] * 7 + second->cpu[i];
			assert_true(second->time[i] > until || until == 0);
		}
		assert_int_equal(sum, 0);
	}
	sst_rows_clear(rows);
	assert_int_equal(sst_rows_split(rows, first, second, &(uint64_t){0}), -E2BIG);
	sst_rows_free(rows);
	sst_rows_free(first);
	sst_rows_free(second);
}

/* All that a struct sst_rows can hold, as wide as it can be. */
static void fill_up(struct sst_rows *rows)
{
	struct gen g = gen_new(3);
	char comm[SST_COMM_MAX];

	sst_rows_clear(rows);
	for (size_t i = 0; i < SST_CALLS_MAX; i++)
		assert_true(sst_rows_call_append(rows, 255, UINT32_MAX - (uint32_t)i, SST_ARGS) >= 0);
	for (size_t i = 0; i < SST_GROUPS_MAX; i++) {
		uint32_t id = i % 2 ? UINT32_MAX : 0;
		size_t row;

		memset(comm, (int)(1 + i % 255), sizeof(comm));
		assert_int_equal(sst_rows_group(rows, ~id, id, comm, sizeof(comm)), 0);
		row = (size_t)sst_rows_add(rows);
		rows->time[row] = gen_random(&g);
		rows->duration[row] = rows->seq[row] = UINT64_C(1) << 63;
		rows->call[row] = (uint16_t)(254 + gen_below(&g, SST_CALLS_MAX - 254));
		rows->ret[row] = gen_random(&g);
		for (int k = 0; k < SST_ARGS; k++)
			rows->arg[k][row] = gen_random(&g);
	}
	for (size_t i = 0; i < SST_EVENTS_MAX; i++) {
		uint64_t wide = i % 2 ? UINT64_MAX >> 1 : 0, all = UINT64_MAX;
		uint32_t id = (uint32_t)wide;

		assert_int_equal(sst_rows_event(rows, &(struct sst_event){wide, all, all, ~id, id, 255}), 0);
		if (i < SST_GAPS_MAX)
			assert_int_equal(sst_rows_gap(rows, &(struct sst_gap){wide, ~wide, all, 1, ~id, id, 2}), 0);
		if (i < SST_CLOCKS_MAX)
			assert_int_equal(sst_rows_clock(rows, &(struct sst_clock){wide, ~wide, 0}), 0);
	}
}

static void the_fullest_rows_become_several_frames(void **state)
{
	struct memory m = {0};
	struct sst_rows *rows = sst_rows_new(), *back = sst_rows_new();
	struct sst_writer *w = memory_writer(&m, 9);
	struct sst_meta meta = {0};
	struct sst_frame frame;
	struct sst_reader *r;
	size_t n = 0, gaps = 0, events = 0, clocks = 0, frames = 0;
	uint64_t cut = 0, times = 0;

	(void)state;
	fill_up(rows);
	assert_int_equal(sst_writer_meta(w, &meta), 0);
	assert_int_equal(sst_writer_rows(w, rows, SST_FRAME_ROWS, UINT64_MAX), 0);
	assert_int_equal(sst_writer_end(w, &meta), 0);
	assert_int_equal(sst_writer_totals(w)->rows, SST_ROWS_MAX);
	for (size_t i = 0; i < rows->n; i++)
		times += rows->time[i];
	r = memory_open(&m, false);
	while (sst_reader_next(r, &frame) == 1) {
		assert_int_equal(sst_reader_load(r, &frame), 0);
		if (frame.type != SST_FRAME_ROWS)
			continue;
		assert_int_equal(sst_frame_rows(&frame, back, SST_ALL_COLUMNS), 0);
		for (size_t i = 0; i < back->n; i++) {
			assert_true(back->time[i] <= frame.cut && (back->time[i] > cut || cut == 0));
			times -= back->time[i];
		}
		cut = frame.cut;
		n += back->n;
		gaps += back->n_gaps;
		events += back->n_events;
		clocks += back->n_clocks;
		assert_int_equal(frame.rows_total, n);
		assert_int_equal(frame.lost_total, gaps);
		frames++;
	}
	assert_int_equal(sst_reader_next(r, &frame), 0);
	assert_int_equal(n, SST_ROWS_MAX);
	assert_int_equal(gaps, SST_GAPS_MAX);
	assert_int_equal(events, SST_EVENTS_MAX);
	assert_int_equal(clocks, SST_CLOCKS_MAX);
	assert_int_equal(times, 0);
	assert_in_range(frames, 4, 8);
	sst_reader_free(r);
	sst_writer_free(w);
	sst_rows_free(rows);
	sst_rows_free(back);
	free(m.data);
}

static uint64_t sum(const struct sst_rows *rows)
{
	uint64_t h = rows->n;

	for (size_t i = 0; i < rows->n; i++)
		h = h * 31 + rows->time[i] * 3 + rows->duration[i] * 5 + rows->ret[i] * 7 + rows->arg[1][i];
	return h;
}

struct job {
	pthread_t thread;
	struct sst_frame frame;
	struct sst_payload *payload;
	uint64_t sum;
	int err;
};

static void *work(void *context)
{
	struct job *job = context;
	struct sst_rows *rows = sst_rows_new();

	for (int i = 0; i < 3 && !job->err; i++)
		job->err = sst_frame_rows(&job->frame, rows, SST_ALL_COLUMNS);
	job->sum = sum(rows);
	sst_rows_free(rows);
	return NULL;
}

#define JOBS 12

/* One thread reads, each frame is decoded in another while the reader goes on to the end and its memory is reused. */
static void frames_are_decoded_in_other_threads(void **state)
{
	struct memory m = {0};
	struct sst_rows *rows = sst_rows_new();
	static struct job jobs[JOBS];
	struct sst_reader *r;
	struct sst_frame frame;

	(void)state;
	write_recording(&m, 7, JOBS, 3000, true);
	for (unsigned pipe = 0; pipe < 2; pipe++) {
		memset(jobs, 0, sizeof(jobs));
		r = memory_open(&m, pipe);
		assert_int_equal(sst_reader_next(r, &frame), 1);
		for (unsigned i = 0; i < JOBS; i++) {
			struct job *job = &jobs[i];

			job->payload = sst_payload_new();
			assert_int_equal(sst_reader_next(r, &job->frame), 1);
			if (!pipe)
				assert_int_equal(sst_reader_swap(r, &job->frame, job->payload), -EINVAL);
			assert_int_equal(sst_reader_load(r, &job->frame), 0);
			assert_int_equal(sst_reader_swap(r, &job->frame, job->payload), 0);
			assert_int_equal(sst_reader_swap(r, &job->frame, job->payload), -EINVAL);
			assert_true(sst_frame_may_have_tid(&job->frame, 4000));
			assert_int_equal(pthread_create(&job->thread, NULL, work, job), 0);
		}
		assert_int_equal(sst_reader_next(r, &frame), 1);
		assert_int_equal(frame.type, SST_FRAME_END);
		assert_int_equal(sst_reader_next(r, &frame), 0);
		sst_reader_free(r);
		r = memory_open(&m, pipe);
		assert_int_equal(sst_reader_next(r, &frame), 1);
		for (unsigned i = 0; i < JOBS; i++) {
			assert_int_equal(pthread_join(jobs[i].thread, NULL), 0);
			assert_int_equal(jobs[i].err, 0);
			assert_int_equal(sst_reader_next(r, &frame), 1);
			assert_int_equal(sst_reader_load(r, &frame), 0);
			assert_int_equal(sst_frame_rows(&frame, rows, SST_ALL_COLUMNS), 0);
			assert_int_equal(sum(rows), jobs[i].sum);
			sst_payload_free(jobs[i].payload);
		}
		sst_reader_free(r);
	}
	sst_rows_free(rows);
	free(m.data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_index_says_where_frames_are),
		cmocka_unit_test(no_index),
		cmocka_unit_test(a_damaged_index),
		cmocka_unit_test(a_long_recording_has_spans),
		cmocka_unit_test(frames_are_split),
		cmocka_unit_test(the_fullest_rows_become_several_frames),
		cmocka_unit_test(frames_are_decoded_in_other_threads),
	};

	return cmocka_run_group_tests_name("index", tests, NULL, NULL);
}
