/* late.c - see late.h */
#include "late.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct late *late_new(const struct tape *tape, const struct filter *filter, unsigned columns)
{
	struct late *late = calloc(1, sizeof(*late));

	if (late)
		late->walk = walk_tape(tape, &late->quiet);
	if (!late || !late->walk) {
		report_error(tape->sections[0].report, -ENOMEM);
		free(late);
		return NULL;
	}
	late->quiet.quiet = true;
	late->filter = filter;
	late->columns = columns | SST_COL_TIME | SST_COL_SEQ | SST_COL_STATE | SST_COL_CALL;
	return late;
}

void late_free(struct late *late)
{
	if (!late)
		return;
	walk_free(late->walk);
	free(late->items);
	free(late->index);
	free(late->who);
	free(late);
}

static int compare_u64(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static struct late_key key_of(const struct late_item *item)
{
	return (struct late_key){.time = item->time, .seq = item->seq, .tid = item->tid, .gap = item->gap};
}

static int compare_keys(const struct late_key *a, const struct late_key *b)
{
	int order = compare_u64(a->time, b->time);

	if (!order)
		order = (int)a->gap - (int)b->gap;
	if (!order)
		order = compare_u64(a->tid, b->tid);
	return order ? order : compare_u64(a->seq, b->seq);
}

static int compare_items(const void *a, const void *b)
{
	struct late_key key_a = key_of(a), key_b = key_of(b);

	return compare_keys(&key_a, &key_b);
}

/* Keep only the who that items still refer to. */
static void compact_who(struct late *late)
{
	size_t n = 0;
	uint32_t *moved = late->index; /* not in use while items are collected; n_who <= LATE_MAX */

	memset(moved, 0xff, late->n_who * sizeof(*moved));
	for (size_t i = 0; i < late->n; i++)
		moved[late->items[i].who] = 0;
	for (size_t i = 0; i < late->n_who; i++) {
		if (moved[i] != 0)
			continue;
		moved[i] = (uint32_t)n;
		late->who[n++] = late->who[i];
	}
	for (size_t i = 0; i < late->n; i++)
		late->items[i].who = moved[late->items[i].who];
	late->n_who = n;
}

/*
 * Make room: forget the later half, and from now on take nothing that comes behind what is kept. Rows that say the same
 * (tid, seq, time) twice only count once.
 */
static void drop_later_half(struct late *late)
{
	size_t n = 0;

	qsort(late->items, late->n, sizeof(*late->items), compare_items);
	for (size_t i = 0; i < late->n && n < LATE_MAX / 2; i++)
		if (n == 0 || compare_items(&late->items[n - 1], &late->items[i]) != 0)
			late->items[n++] = late->items[i];
	if (n == LATE_MAX / 2) {
		late->more = true;
		late->bound = key_of(&late->items[n - 1]);
	}
	late->n = n;
	compact_who(late);
}

/* Where damage of the current frame is to be reported. */
static struct report *loud(const struct late *late)
{
	return late->walk->tape.sections[late->walk->section].report;
}

/* Room for LATE_MAX items is taken once there is one. */
static bool reserve(struct late *late)
{
	if (late->items)
		return true;
	late->items = malloc(LATE_MAX * sizeof(*late->items));
	late->index = malloc(LATE_MAX * sizeof(*late->index));
	late->who = malloc(LATE_MAX * sizeof(*late->who));
	if (late->items && late->index && late->who)
		return true;
	report_error(loud(late), -ENOMEM);
	late->walk->failed = true;
	return false;
}

/* Is this item of the window that is being collected: behind all that have been taken, and before those dropped? */
static bool is_in_window(const struct late *late, const struct late_item *item)
{
	struct late_key key = key_of(item);

	return (!late->has_last || compare_keys(&key, &late->last) > 0) &&
	       (!late->more || compare_keys(&key, &late->bound) <= 0);
}

/* Add item, of the thread that who is about. *index is where who is kept, UINT32_MAX before its first item. */
static void add_item(struct late *late, const struct late_item *item, const struct sst_group *who, uint32_t *index)
{
	if (!is_in_window(late, item))
		return;
	if (late->n == LATE_MAX) {
		drop_later_half(late);
		*index = UINT32_MAX; /* it has moved */
		if (!is_in_window(late, item))
			return;
	}
	if (*index == UINT32_MAX) {
		*index = (uint32_t)late->n_who;
		late->who[late->n_who++] = *who;
	}
	late->items[late->n] = *item;
	late->items[late->n++].who = *index;
}

struct late_item late_item_row(const struct sst_rows *rows, size_t i, uint32_t tid, unsigned columns)
{
	const struct sst_call *call = &rows->calls[rows->call[i]];
	struct late_item item = {
		.time = rows->time[i],
		.seq = rows->seq[i],
		.duration = rows->duration[i],
		.tid = tid,
		.nr = call->nr,
		.abi = call->abi,
		.nargs = call->nargs < SST_ARGS ? call->nargs : SST_ARGS,
		.state = rows->state[i],
	};

	if (columns & (SST_COL_RET | SST_COL_ARGS))
		item.ret = rows->ret[i];
	if (columns & SST_COL_CPU)
		item.cpu = rows->cpu[i];
	if (columns & SST_COL_ARGS)
		for (unsigned a = 0; a < item.nargs; a++)
			item.arg[a] = rows->arg[a][i];
	return item;
}

struct late_item late_item_gap(const struct sst_gap *gap)
{
	return (struct late_item){
		.time = gap->time,
		.seq = gap->seq,
		.duration = gap->until,
		.ret = gap->count,
		.tid = gap->tid,
		.state = gap->cause,
		.gap = true,
	};
}

void late_call(const struct late_item *item, struct call *call)
{
	call_init(call, &(struct sst_call){.nr = item->nr, .abi = item->abi, .nargs = item->nargs});
}

struct row late_row(const struct late_item *item, const struct sst_group *who, struct call *call)
{
	struct row row = {
		.time = item->time,
		.duration = item->duration,
		.seq = item->seq,
		.ret = item->ret,
		.who = who,
		.call = call,
		.cpu = item->cpu,
		.state = item->state,
	};

	memcpy(row.arg, item->arg, sizeof(row.arg));
	return row;
}

struct sst_gap late_gap(const struct late_item *item, const struct sst_group *who)
{
	return (struct sst_gap){
		.time = item->time,
		.until = item->duration,
		.seq = item->seq,
		.count = item->ret,
		.pid = who->pid,
		.tid = item->tid,
		.cause = item->state,
	};
}

static void add_frame(struct late *late, const struct sst_rows *rows)
{
	for (size_t g = 0; g < rows->n_groups; g++) {
		const struct sst_group *group = &rows->groups[g];
		uint32_t index = UINT32_MAX;

		if (!filter_who(late->filter, group))
			continue;
		for (size_t i = group->first; i < (size_t)group->first + group->n; i++) {
			struct late_item item = late_item_row(rows, i, group->tid, late->columns);

			add_item(late, &item, group, &index);
		}
	}
	for (size_t i = 0; i < rows->n_gaps; i++) {
		const struct sst_gap *gap = &rows->gaps[i];
		const struct sst_group *known = group_of_gap(rows, gap);
		struct sst_group who = known ? *known : (struct sst_group){0};
		uint32_t index = UINT32_MAX;
		struct late_item item = late_item_gap(gap);

		who.pid = gap->pid;
		add_item(late, &item, &who, &index);
	}
}

bool late_frame_may_matter(const struct filter *filter, const struct sst_frame *frame)
{
	static const struct span always = {.last = UINT64_MAX};
	struct filter plain = *filter;

	plain.failed = plain.has_slower = false;
	return filter_frame(&plain, &always, frame);
}

/*
 * Can anything in this frame be of the window that is being collected? Its header tells the times of its rows; those of
 * gaps it does not, but whether there are some.
 */
static bool may_have_more(const struct late *late, const struct sst_frame *frame)
{
	if (sst_frame_may_have_gaps(frame))
		return true;
	return frame->time_max >= late->floor && (!late->has_last || frame->time_max >= late->last.time) &&
	       (!late->more || frame->time_min <= late->bound.time) && late_frame_may_matter(late->filter, frame);
}

/* A damaged LATE frame is reported here, once; all other damage by the walk over the rows. */
static void add_late_frame(struct late *late)
{
	struct walk *walk = late->walk;
	struct spot here = walk_here(walk);
	bool checked = spot_before(&here, &late->unchecked);

	late->any = true;
	if (sst_frame_memory(&walk->frame) > late->memory)
		late->memory = sst_frame_memory(&walk->frame);
	if (!reserve(late) || !may_have_more(late, &walk->frame))
		return;
	walk->report = checked ? &late->quiet : loud(late);
	if (walk_rows(walk, late->columns))
		add_frame(late, walk->rows);
	walk->report = &late->quiet;
	if (!checked)
		late->unchecked = (struct spot){here.section, here.offset + 1};
}

static int compare_index(const void *a, const void *b, void *items)
{
	const struct late_item *x = (const struct late_item *)items + *(const uint32_t *)a;
	const struct late_item *y = (const struct late_item *)items + *(const uint32_t *)b;
	int order = compare_u64(x->tid, y->tid);

	if (!order)
		order = compare_u64(x->seq, y->seq);
	return order ? order : compare_u64(x->time, y->time);
}

static void sort(struct late *late)
{
	if (!late->n)
		return;
	qsort(late->items, late->n, sizeof(*late->items), compare_items);
	for (size_t i = 0; i < late->n; i++)
		late->index[i] = (uint32_t)i;
	qsort_r(late->index, late->n, sizeof(*late->index), compare_index, late->items);
}

/* Is the frame of the session that late is about? */
static bool is_in_session(struct late *late, const struct sst_frame *frame)
{
	struct walk *walk = late->walk;
	struct spot here = {walk->section, frame->offset};
	struct session session;

	if (!spot_before(&here, &late->end))
		return false;
	if (walk->recordings == late->recordings)
		return true;
	session = session_of(&walk->recording.meta);
	if (late->recordings > 0 && !session_goes_on(&late->session, &session))
		return false;
	late->recordings = walk->recordings;
	late->session = session;
	walk_skip_to(walk, late->floor);
	return true;
}

/* Collect the items behind late->last. */
static void load(struct late *late)
{
	struct walk *walk = late->walk;
	const struct sst_frame *frame;

	late->n = late->n_who = late->next = 0;
	late->more = false;
	late->recordings = 0;
	late->quiet.status = STATUS_OK;
	if (!walk_seek(walk, &late->begin))
		return;
	while ((frame = walk_next(walk)) && is_in_session(late, frame)) {
		late->known_until = walk->recording.known_until;
		late->last_end = (struct spot){walk->section, frame->offset + frame->length};
		if (frame->type == SST_FRAME_LATE)
			add_late_frame(late);
	}
	if (late->end.section == SIZE_MAX && !walk->failed)
		late->end = frame ? walk_here(walk) : late->last_end;
	walk_park(walk);
	sort(late);
}

void late_begin(struct late *late, const struct spot *spot, uint64_t floor)
{
	late->begin = late->unchecked = *spot;
	late->end = (struct spot){SIZE_MAX, UINT64_MAX};
	late->any = late->has_last = false;
	late->floor = floor;
	late->memory = 0;
	load(late);
}

const struct late_item *late_head(const struct late *late)
{
	return late->next < late->n ? &late->items[late->next] : NULL;
}

bool late_is_used_up(const struct late *late)
{
	return late->next == late->n && late->more;
}

void late_refill(struct late *late)
{
	load(late);
}

void late_take(struct late *late)
{
	late->last = key_of(&late->items[late->next++]);
	late->has_last = true;
}

/* The first place in index whose item is not before (tid, seq). */
static size_t find(const struct late *late, uint32_t tid, uint64_t seq)
{
	size_t low = 0, high = late->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct late_item *item = &late->items[late->index[middle]];

		if (item->tid < tid || (item->tid == tid && item->seq < seq))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/*
 * The row of the same (tid, seq) and time, if there is one. Otherwise another time will do: the clock's relation to
 * boot time may have changed in between (a suspend). But not a row that has already replaced one: thread numbers are
 * used again.
 */
bool late_replaces(struct late *late, uint64_t time, uint32_t tid, uint64_t seq)
{
	struct late_item *other = NULL;

	for (size_t i = find(late, tid, seq); i < late->n; i++) {
		struct late_item *item = &late->items[late->index[i]];

		if (item->tid != tid || item->seq != seq)
			break;
		if (item->gap)
			continue;
		if (item->time == time) {
			item->used = true;
			return true;
		}
		if (!item->used && !other)
			other = item;
	}
	if (other)
		other->used = true;
	/* or the last one taken, which a new window has just pushed out */
	return other || (late->has_last && !late->last.gap && late->last.time == time && late->last.tid == tid &&
			 late->last.seq == seq);
}
