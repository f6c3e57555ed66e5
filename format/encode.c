#include "columns.h"
#include "bytes.h"
#include "captures.h"
#include "put.h"
#include "shapes.h"
#include "containers_stream.h"
#include "times_put.h"
#include "values_put.h"
#include "variants.h"

#include <errno.h>
#include <stdlib.h>

struct sst_encoder {
	struct sst_room room; /* for all streams */
	uint16_t predicted[CONTEXTS];
	struct sst_clock_finder clock;
	struct sst_times_place times;
	struct sst_values_place values;
	struct sst_shaper *shaper; /* once there are captures */
	struct sst_variants *variants;
};

struct sst_encoder *sst_encoder_new(void)
{
	struct sst_encoder *encoder = calloc(1, sizeof(*encoder));

	if (!encoder)
		return NULL;
	encoder->variants = sst_variants_new();
	if (encoder->variants)
		return encoder;
	free(encoder);
	return NULL;
}

void sst_encoder_free(struct sst_encoder *encoder)
{
	if (!encoder)
		return;
	free(encoder->room.memory);
	sst_shaper_free(encoder->shaper);
	sst_variants_free(encoder->variants);
	free(encoder);
}

/* A stream of varints has been written up to end. */
static void list_end(struct sst_encoder *e, uint8_t *end, struct sst_bytes *stream)
{
	*stream = (struct sst_bytes){.data = e->room.free, .len = (size_t)(end - e->room.free)};
	e->room.free = end;
}

static uint64_t zigzag32(uint32_t v, uint32_t expected)
{
	return sst_zigzag((uint64_t)v - expected);
}

static uint8_t *put_pid(uint8_t *p, uint32_t pid, uint32_t tid, uint32_t before)
{
	if (pid == tid)
		return sst_put_varint(p, PID_IS_TID);
	if (pid == before)
		return sst_put_varint(p, PID_AS_BEFORE);
	return sst_put_varint(p, PID_OTHER + zigzag32(pid, tid));
}

static void encode_groups(struct sst_encoder *e, const struct sst_rows *rows, struct sst_bytes *stream)
{
	uint32_t tid = 0, pid = 0;
	const struct sst_group *before = NULL;
	uint8_t *p = sst_put_varint(e->room.free, rows->n_groups);

	for (size_t i = 0; i < rows->n_groups; i++) {
		const struct sst_group *g = &rows->groups[i];
		bool same_comm =
			before && before->comm_len == g->comm_len && memcmp(before->comm, g->comm, g->comm_len) == 0;

		p = sst_put_varint(p, g->n);
		p = sst_put_varint(p, zigzag32(g->tid, tid));
		p = put_pid(p, g->pid, g->tid, pid);
		p = sst_put_varint(p, g->n ? rows->seq[g->first] : 0);
		p = sst_put_varint(p, same_comm ? 0 : g->comm_len + 1u);
		if (!same_comm) {
			memcpy(p, g->comm, g->comm_len);
			p += g->comm_len;
		}
		tid = g->tid;
		pid = g->pid;
		before = g;
	}
	list_end(e, p, stream);
}

static void encode_calls(struct sst_encoder *e, const struct sst_rows *rows, struct sst_bytes *stream)
{
	uint8_t *p = sst_put_varint(e->room.free, rows->n_calls);

	for (size_t i = 0; i < rows->n_calls; i++) {
		*p++ = rows->calls[i].abi;
		*p++ = rows->calls[i].nargs;
		p = sst_put_varint(p, rows->calls[i].nr);
	}
	list_end(e, p, stream);
}

static void encode_gaps(struct sst_encoder *e, const struct sst_rows *rows, struct sst_bytes *stream)
{
	struct sst_gap before = {0};
	uint8_t *p = sst_put_varint(e->room.free, rows->n_gaps);

	for (size_t i = 0; i < rows->n_gaps; i++) {
		const struct sst_gap *gap = &rows->gaps[i];

		*p++ = gap->cause;
		p = sst_put_varint(p, sst_zigzag(gap->time - before.time));
		p = sst_put_varint(p, sst_zigzag(gap->until - gap->time));
		p = sst_put_varint(p, gap->seq);
		p = sst_put_varint(p, gap->count);
		p = sst_put_varint(p, zigzag32(gap->tid, before.tid));
		p = put_pid(p, gap->pid, gap->tid, before.pid);
		before = *gap;
	}
	list_end(e, p, stream);
}

static void encode_events(struct sst_encoder *e, const struct sst_rows *rows, struct sst_bytes *stream)
{
	struct sst_event before = {0};
	uint8_t *p = sst_put_varint(e->room.free, rows->n_events);

	for (size_t i = 0; i < rows->n_events; i++) {
		const struct sst_event *event = &rows->events[i];

		*p++ = event->kind;
		p = sst_put_varint(p, sst_zigzag(event->time - before.time));
		p = sst_put_varint(p, zigzag32(event->tid, before.tid));
		p = put_pid(p, event->pid, event->tid, before.pid);
		p = sst_put_varint(p, event->a);
		p = sst_put_varint(p, event->b);
		before = *event;
	}
	list_end(e, p, stream);
}

static void encode_clocks(struct sst_encoder *e, const struct sst_rows *rows, struct sst_bytes *stream)
{
	struct sst_clock before = {0};
	uint8_t *p = sst_put_varint(e->room.free, rows->n_clocks);

	for (size_t i = 0; i < rows->n_clocks; i++) {
		const struct sst_clock *clock = &rows->clocks[i];

		p = sst_put_varint(p, sst_zigzag(clock->boot - before.boot));
		p = sst_put_varint(p, sst_zigzag(clock->mono - clock->boot));
		p = sst_put_varint(p, sst_zigzag((uint64_t)clock->real - (uint64_t)before.real));
		before = *clock;
	}
	list_end(e, p, stream);
}

/* A small number and its escape. */
static inline void put_small(struct sst_put *c, unsigned token, uint16_t full)
{
	if (token < SMALL_ESCAPE) {
		c->tokens[c->n++] = (uint8_t)token;
		return;
	}
	c->tokens[c->n++] = SMALL_ESCAPE;
	sst_put16(c->rest + c->rest_len, full);
	c->rest_len += 2;
}

static void encode_call(struct sst_encoder *e, const struct sst_rows *rows, struct sst_bytes *streams)
{
	struct sst_put c = sst_column_begin(&e->room, rows->n);

	memset(e->predicted, 0, sizeof(e->predicted));
	for (size_t g = 0; g < rows->n_groups; g++) {
		const uint16_t *call = rows->call + rows->groups[g].first, *end = call + rows->groups[g].n;
		unsigned last = 0, before_last = 0;

		for (; call < end; call++) {
			uint16_t *predicted = &e->predicted[CONTEXT(before_last, last)];

			put_small(&c, *predicted == *call ? 0 : *call + 1u, *call);
			*predicted = *call;
			before_last = last;
			last = *call;
		}
	}
	sst_column_end(&e->room, c, streams, SST_STREAM_CALL, 0);
}

/* How many from the i-th on are the same as v, which are looked at four at a time. */
static size_t run_of(const uint16_t *list, size_t i, size_t n, uint16_t v)
{
	const uint64_t same = v * UINT64_C(0x0001000100010001);
	size_t from = i;
	uint64_t four;

	for (; n - i >= 4; i += 4) {
		memcpy(&four, list + i, sizeof(four));
		if (four != same)
			break;
	}
	while (i < n && list[i] == v)
		i++;
	return i - from;
}

static void encode_cpu(struct sst_encoder *e, const struct sst_rows *rows, struct sst_bytes *streams)
{
	struct sst_put c = sst_column_begin(&e->room, rows->n);
	uint16_t before = 0;

	for (size_t i = 0; i < rows->n; i++) {
		size_t same = run_of(rows->cpu, i, rows->n, before);

		memset(c.tokens + c.n, 0, same);
		c.n += same;
		i += same;
		if (i == rows->n)
			break;
		before = rows->cpu[i];
		put_small(&c, before + 1u, before);
	}
	sst_column_end(&e->room, c, streams, SST_STREAM_CPU, 0);
}

static void set_cuts(struct sst_bytes *stream, const struct sst_put *c, const struct sst_cuts *cuts)
{
	stream->first = c->head;
	stream->cuts = cuts->at;
	stream->n_cuts = cuts->n;
}

static void encode_times(struct sst_encoder *e, const struct sst_rows *rows, uint64_t time_min,
			 struct sst_bytes *streams)
{
	struct sst_put pauses = sst_part_begin(&e->room, 0, rows), durations = sst_part_begin(&e->room, 1, rows);

	sst_clock_choose(&e->clock, rows, time_min);
	sst_put_times(&e->clock, rows, time_min, &pauses, &durations, &e->times);
	sst_column_end(&e->room, pauses, streams, SST_STREAM_PAUSE, SST_STREAM_PAUSE_REST);
	sst_column_end(&e->room, durations, streams, SST_STREAM_DURATION, SST_STREAM_DURATION_REST);
	set_cuts(&streams[SST_STREAM_PAUSE], &pauses, &e->times.cuts[0]);
	set_cuts(&streams[SST_STREAM_DURATION], &durations, &e->times.cuts[1]);
}

static void encode_state(struct sst_encoder *e, const struct sst_rows *rows, struct sst_bytes *streams)
{
	struct sst_put c = sst_column_begin(&e->room, rows->n);

	memcpy(c.tokens, rows->state, rows->n);
	c.n = rows->n;
	sst_column_end(&e->room, c, streams, SST_STREAM_STATE, 0);
}

/* Does each sequence number of a group count on? */
static bool seq_counts_on(const struct sst_rows *rows)
{
	uint64_t more = 0;

	for (size_t g = 0; g < rows->n_groups; g++) {
		const uint64_t *seq = rows->seq + rows->groups[g].first;

		for (size_t i = 1; i < rows->groups[g].n; i++)
			more |= seq[i] - seq[i - 1] - 1;
	}
	return more == 0;
}

/* The first sequence number of a group stands in the groups; the others are expected to count on. */
static void encode_seq(struct sst_encoder *e, const struct sst_rows *rows, struct sst_bytes *streams)
{
	struct sst_put c = sst_column_begin(&e->room, rows->n);

	if (seq_counts_on(rows))
		return;
	for (size_t g = 0; g < rows->n_groups; g++) {
		size_t i = rows->groups[g].first, end = i + rows->groups[g].n;

		for (i++; i < end; i++)
			sst_put_value(&c, rows->seq[i] - rows->seq[i - 1] - 1, 1);
	}
	sst_column_end(&e->room, c, streams, SST_STREAM_SEQ, 0);
}

static bool groups_add_up(const struct sst_rows *rows)
{
	size_t n = 0;

	for (size_t i = 0; i < rows->n_groups; i++) {
		if (rows->groups[i].first != n || rows->groups[i].comm_len > SST_COMM_MAX)
			return false;
		n += rows->groups[i].n;
		if (n > rows->n)
			return false;
	}
	return n == rows->n;
}

/* Is there anything to say that a decoder does not assume? */
static bool has_containers(const struct sst_rows *rows)
{
	bool any = false;

	for (size_t i = 0; i < rows->n_groups && !any; i++)
		any = rows->groups[i].where.container || rows->groups[i].where.ns_pid || rows->groups[i].where.ns_tid;
	return any;
}

static void encode_containers(struct sst_encoder *e, const struct sst_rows *rows, struct sst_bytes *stream)
{
	list_end(e,
		 sst_encode_containers(&rows->containers, &rows->groups->where, sizeof(*rows->groups), rows->n_groups,
				       e->room.free),
		 stream);
}

static bool are_valid(const struct sst_rows *rows)
{
	unsigned call = 0, state = 0;

	if (rows->n > SST_ROWS_MAX || rows->n_groups > SST_GROUPS_MAX || rows->n_calls > SST_CALLS_MAX ||
	    rows->n_gaps > SST_GAPS_MAX || rows->n_events > SST_EVENTS_MAX || rows->n_clocks > SST_CLOCKS_MAX)
		return false;
	for (size_t i = 0; i < rows->n; i++) {
		call = rows->call[i] > call ? rows->call[i] : call;
		state = rows->state[i] > state ? rows->state[i] : state;
	}
	if (rows->n > 0 && (call >= rows->n_calls || state >= SST_STATE_COUNT))
		return false;
	for (size_t i = 0; i < rows->n_calls; i++)
		if (rows->calls[i].nargs > SST_ARGS)
			return false;
	return groups_add_up(rows) && sst_captures_are_valid(rows);
}

/* Bytes that the streams can take at most: every token with all the bytes that may follow it. */
static size_t space_for(const struct sst_rows *rows)
{
	size_t row = 3 + 3 + 1 + 2 * 9 + (SST_ARGS + 2) * 9;
	size_t pad = SST_STREAM_COUNT * 2 * SST_PART_SLACK;

	return pad + rows->n * row + rows->n_groups * (SST_COMM_MAX + 32) + rows->n_calls * (8 + 2 + SST_ARGS) +
	       rows->n_gaps * 64 + rows->n_events * 64 + rows->n_clocks * 32 + sst_captures_space(rows) +
	       (rows->n_captures > 0 ? sst_shapes_space(rows) : 0) +
	       sst_containers_space(&rows->containers, rows->n_groups);
}

/* What arguments point to: as shapes can tell it, and the rest as lists. */
static int encode_captures(struct sst_encoder *e, const struct sst_rows *rows, struct sst_bytes *streams)
{
	long done = 0;

	if (rows->n_captures > 0) {
		if (!e->shaper)
			e->shaper = sst_shaper_new();
		if (!e->shaper)
			return -ENOMEM;
		done = sst_encode_shapes(e->shaper, rows, e->room.free, &e->room.free, streams);
	}
	if (done >= 0)
		e->room.free = sst_encode_captures(rows, (size_t)done, e->room.free, streams);
	return done < 0 ? (int)done : 0;
}

int sst_encode_rows(struct sst_encoder *encoder, const struct sst_rows *given, uint64_t time_min,
		    struct sst_bytes streams[SST_STREAM_COUNT])
{
	struct sst_rows split;
	const struct sst_rows *rows = &split;

	memset(streams, 0, SST_STREAM_COUNT * sizeof(*streams));
	if (!are_valid(given))
		return -EINVAL;
	sst_variants_split(encoder->variants, given, &split);
	if (sst_room_start(&encoder->room, space_for(rows)))
		return -ENOMEM;
	if (rows->n_groups > 0)
		encode_groups(encoder, rows, &streams[SST_STREAM_GROUPS]);
	if (rows->n_gaps > 0)
		encode_gaps(encoder, rows, &streams[SST_STREAM_GAPS]);
	if (rows->n_events > 0)
		encode_events(encoder, rows, &streams[SST_STREAM_EVENTS]);
	if (rows->n_clocks > 0)
		encode_clocks(encoder, rows, &streams[SST_STREAM_CLOCKS]);
	if (rows->n_calls > 0)
		encode_calls(encoder, rows, &streams[SST_STREAM_CALLS]);
	if (has_containers(rows))
		encode_containers(encoder, rows, &streams[SST_STREAM_CONTAINERS]);
	if (encode_captures(encoder, rows, streams))
		return -ENOMEM;
	if (rows->n == 0)
		return 0;
	encode_call(encoder, rows, streams);
	encode_times(encoder, rows, time_min, streams);
	sst_put_results(&encoder->values, &encoder->room, rows, streams);
	sst_put_arguments(&encoder->values, &encoder->room, rows, streams);
	encode_state(encoder, rows, streams);
	encode_cpu(encoder, rows, streams);
	encode_seq(encoder, rows, streams);
	return 0;
}

int sst_encode_facts(struct sst_encoder *encoder, const struct sst_meta *meta, struct sst_bytes *stream)
{
	size_t len = 0;
	uint8_t *p;

	for (size_t i = 0; i < meta->n; i++)
		len += strlen(meta->entries[i].key) + strlen(meta->entries[i].value) + 2;
	if (meta->n > SST_FACTS_MAX || len > SST_FACTS_LEN)
		return -EINVAL;
	if (sst_room_start(&encoder->room, len + 1))
		return -ENOMEM;
	p = encoder->room.free;
	for (size_t i = 0; i < meta->n; i++) {
		p = (uint8_t *)stpcpy((char *)p, meta->entries[i].key) + 1;
		p = (uint8_t *)stpcpy((char *)p, meta->entries[i].value) + 1;
	}
	list_end(encoder, p, stream);
	return 0;
}
