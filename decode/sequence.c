/*
 * sequence.c - see sequence.h
 *
 * A frame is cut into items, each about one thread: a run of rows, a gap, a beginning, an end. In the order of time
 * they move the thread's next expected number. What is jumped over is a hole; later rows and gaps may fill it.
 */
#include "sequence.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "row.h"

#define THREADS_MAX ((size_t)1 << 19) /* slots, 16 MiB; three quarters may be taken */
#define CREDIT_MAX  ((1u << 24) - 1)
#define BREAKS_MASK 63u
#define HOLES_MAX   ((size_t)16384)
#define LOSSES_MAX  ((size_t)16384)

struct thread {
	uint32_t tid;         /* 0: the slot is free */
	unsigned credit : 24; /* calls lost that have no sequence number: they may explain as many missing ones */
	unsigned counted : 1; /* it has made calls and is in found.threads */
	unsigned breaks : 6;  /* of the sequence, when the thread was last seen */
	uint64_t next;        /* expected sequence number */
	uint64_t last;        /* time of its last call */
	uint64_t born;        /* what is older is of the thread that had the number before */
};

enum kind { START, FOUND, EXEC, RUN, GAP, EXIT }; /* in this order at the same time */

struct item {
	uint64_t time;
	uint64_t from, to; /* RUN, GAP: sequence numbers; EXIT: the last one in to; FOUND: its last one before in to;
			      EXEC: the former tid in from */
	uint64_t last;     /* RUN: time of the last one */
	const struct sst_group *who; /* RUN: the rows' */
	uint32_t tid, pid;
	enum kind kind;
};

/* What is known about holes: where they are in time, and whose they are. */
struct detail {
	uint64_t from, until;
	uint32_t pid;
	uint8_t comm_len;
	char comm[SST_COMM_MAX];
};

struct sequence {
	struct sequence_found found;
	struct thread *threads;
	size_t n_threads, slots;
	struct stretch *holes; /* by (tid, from) */
	size_t n_holes;
	struct detail *details; /* [HOLES_MAX + 1], the first one empty; a hole that is split shares its */
	size_t n_details;
	struct loss *losses;
	uint64_t breaks, break_rows; /* see sequence_break() */
	uint64_t any_credit;         /* lost calls of nobody knows which thread */
	bool selected;               /* only some calls were recorded: holes are counted, not kept */
	uint64_t jumped;             /* numbers that were not there then */
	uint64_t excluded;           /* as many the recorder has counted; UINT64_MAX: it does not say */
	struct item *items;
	size_t n_items, cap_items;
};

const struct sequence_found *sequence_found(const struct sequence *sequence)
{
	return &sequence->found;
}

struct sequence *sequence_new(void)
{
	struct sequence *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->slots = 1024;
	s->threads = calloc(s->slots, sizeof(*s->threads));
	s->holes = malloc(HOLES_MAX * sizeof(*s->holes));
	s->details = calloc(HOLES_MAX + 1, sizeof(*s->details));
	s->losses = malloc(LOSSES_MAX * sizeof(*s->losses));
	s->n_details = 1;
	s->excluded = UINT64_MAX;
	s->found.losses = s->losses;
	if (s->threads && s->holes && s->details && s->losses)
		return s;
	sequence_free(s);
	return NULL;
}

void sequence_free(struct sequence *s)
{
	if (!s)
		return;
	free(s->threads);
	free(s->holes);
	free(s->details);
	free(s->losses);
	free(s->items);
	free(s);
}

static struct thread *slot_of(struct thread *threads, size_t slots, uint32_t tid)
{
	size_t i = (size_t)(tid * 2654435761u) & (slots - 1);

	while (threads[i].tid && threads[i].tid != tid)
		i = (i + 1) & (slots - 1);
	return &threads[i];
}

static bool grow_threads(struct sequence *s)
{
	size_t slots = s->slots * 2;
	struct thread *bigger = slots <= THREADS_MAX ? calloc(slots, sizeof(*bigger)) : NULL;

	if (!bigger)
		return false;
	for (size_t i = 0; i < s->slots; i++)
		if (s->threads[i].tid)
			*slot_of(bigger, slots, s->threads[i].tid) = s->threads[i];
	free(s->threads);
	s->threads = bigger;
	s->slots = slots;
	return true;
}

/* The thread with this number, new if need be; NULL when there is no room for one more. */
static struct thread *thread_of(struct sequence *s, uint32_t tid)
{
	struct thread *thread = slot_of(s->threads, s->slots, tid);

	if (thread->tid || tid == 0)
		return thread->tid ? thread : NULL; /* 0 is no thread's number */
	if (s->n_threads >= s->slots / 4 * 3) {
		if (!grow_threads(s))
			return NULL;
		thread = slot_of(s->threads, s->slots, tid);
	}
	*thread = (struct thread){.tid = tid, .next = 1, .breaks = s->breaks & BREAKS_MASK};
	s->n_threads++;
	return thread;
}

static void note_missing(struct sequence *s, const struct stretch *stretch)
{
	if (!s->found.missing)
		s->found.first_missing = *stretch;
	s->found.missing += stretch->to - stretch->from + 1;
}

static void note_twice(struct sequence *s, uint32_t tid, uint64_t from, uint64_t to)
{
	if (!s->found.twice)
		s->found.first_twice = (struct stretch){.tid = tid, .from = from, .to = to};
	s->found.twice += to - from + 1;
}

/* The first hole of tid that ends at seq or behind it. */
static size_t find_hole(const struct sequence *s, uint32_t tid, uint64_t seq)
{
	size_t low = 0, high = s->n_holes;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct stretch *hole = &s->holes[middle];

		if (hole->tid < tid || (hole->tid == tid && hole->to < seq))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void add_hole(struct sequence *s, uint32_t tid, uint64_t from, uint64_t to, uint32_t detail)
{
	struct stretch hole = {tid, detail, from, to};
	size_t at;

	if (s->selected) {
		s->jumped += to - from + 1;
		return;
	}
	at = find_hole(s, tid, from);
	if (s->n_holes == HOLES_MAX) {
		note_missing(s, &hole); /* for good: nothing can fill it any more */
		return;
	}
	memmove(&s->holes[at + 1], &s->holes[at], (s->n_holes - at) * sizeof(hole));
	s->holes[at] = hole;
	s->n_holes++;
}

static void remove_hole(struct sequence *s, size_t at)
{
	s->n_holes--;
	memmove(&s->holes[at], &s->holes[at + 1], (s->n_holes - at) * sizeof(*s->holes));
}

/* Fill holes of tid from one number to another. Returns how many calls were missing there. */
static uint64_t fill(struct sequence *s, uint32_t tid, uint64_t from, uint64_t to)
{
	uint64_t filled = 0;

	for (size_t at = find_hole(s, tid, from); at < s->n_holes;) {
		struct stretch hole = s->holes[at];
		uint64_t first = hole.from > from ? hole.from : from, last = hole.to < to ? hole.to : to;

		if (hole.tid != tid || first > last)
			break;
		filled += last - first + 1;
		remove_hole(s, at);
		if (first > hole.from)
			add_hole(s, tid, hole.from, first - 1, hole.detail);
		if (last < hole.to)
			add_hole(s, tid, last + 1, hole.to, hole.detail);
		at = find_hole(s, tid, last + 1);
		if (last == to)
			break;
	}
	return filled;
}

/* What is known about a hole that item, behind it, has shown. Returns 0 when there is no room for more. */
static uint32_t add_detail(struct sequence *s, const struct thread *thread, const struct item *item)
{
	struct detail *detail = &s->details[s->n_details];

	if (s->n_details > HOLES_MAX)
		return 0;
	*detail = (struct detail){.from = thread->last, .until = item->time, .pid = item->pid};
	if (item->who) {
		detail->comm_len = item->who->comm_len;
		memcpy(detail->comm, item->who->comm, sizeof(detail->comm));
	}
	return (uint32_t)s->n_details++;
}

/* The calls of item are accounted for. Returns how many of them had been before. */
static uint64_t account(struct sequence *s, struct thread *thread, const struct item *item)
{
	uint64_t known = 0, from = item->from, to = item->to;

	if (!thread->counted) {
		thread->counted = true;
		s->found.threads++;
	}
	if (from < thread->next) {
		uint64_t last = to < thread->next ? to : thread->next - 1;

		known = last - from + 1 - fill(s, thread->tid, from, last);
		from = thread->next;
	}
	if (to < from)
		return known;
	if (from > thread->next)
		add_hole(s, thread->tid, thread->next, from - 1, add_detail(s, thread, item));
	thread->next = to + 1;
	thread->last = item->last;
	return known;
}

/* From this time on the number belongs to another thread. */
static void restart(struct thread *thread, uint64_t time)
{
	thread->next = 1;
	thread->counted = false;
	thread->born = time;
}

/* Calls from 1 on again: another thread's, unless they are what is missing before this one's late rows. */
static bool begins_again(const struct sequence *s, const struct item *item, const struct thread *thread)
{
	size_t at;

	if (item->from != 1 || thread->next == 1)
		return false;
	at = find_hole(s, item->tid, 1);
	return at == s->n_holes || s->holes[at].tid != item->tid || s->holes[at].from != 1 ||
	       s->holes[at].to < item->to || item->time < thread->born;
}

/* Where frames are missing, a thread may have ended unseen, and another have got its number and made some calls. */
static void look_for_break(const struct sequence *s, const struct item *item, struct thread *thread)
{
	if (thread->breaks == (s->breaks & BREAKS_MASK))
		return;
	thread->breaks = s->breaks & BREAKS_MASK;
	if (item->from >= thread->next)
		return;
	restart(thread, item->time);
	thread->next = item->from;
}

static void count_run(struct sequence *s, const struct item *item, struct thread *thread, bool late)
{
	uint64_t n = item->to - item->from + 1, known;

	if (!late)
		look_for_break(s, item, thread);
	if (!late && item->from == 1 && thread->next > 1)
		restart(thread, item->time);
	if (late && item->time < thread->born) /* of the one before */
		known = n - fill(s, item->tid, item->from, item->to);
	else
		known = account(s, thread, item);
	s->found.calls += n - known;
	if (known && !late && !s->selected) /* a late row replaces one */
		note_twice(s, item->tid, item->from, item->to);
}

static void count_gap(struct sequence *s, const struct item *item, struct thread *thread, bool late)
{
	if (!late && begins_again(s, item, thread))
		restart(thread, item->time);
	if (account(s, thread, item) && !s->selected)
		note_twice(s, item->tid, item->from, item->to);
}

static void count_exit(struct sequence *s, const struct item *item, struct thread *thread)
{
	if (thread->next <= item->to)
		add_hole(s, thread->tid, thread->next, item->to, add_detail(s, thread, item));
	restart(thread, item->time + 1);
}

/* A part of a recording goes on where the part before has ended; one that follows it here has nothing to learn. */
static void begin_found(const struct item *item, struct thread *thread)
{
	if (!thread->counted && thread->next == 1)
		thread->next = item->to + 1;
}

static int compare_items(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	if (x->tid != y->tid)
		return x->tid < y->tid ? -1 : 1;
	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	if (x->kind != y->kind)
		return (int)x->kind - (int)y->kind;
	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	if (x->to != y->to)
		return x->to < y->to ? -1 : 1;
	return x->last < y->last ? -1 : x->last > y->last;
}

static int reserve_items(struct sequence *s, size_t n)
{
	if (n > s->cap_items) {
		free(s->items);
		s->items = malloc(n * sizeof(*s->items));
		s->cap_items = s->items ? n : 0;
	}
	return n == 0 || s->items ? 0 : -ENOMEM;
}

static void add_runs(struct sequence *s, const struct sst_rows *rows)
{
	for (size_t g = 0; g < rows->n_groups; g++) {
		const struct sst_group *group = &rows->groups[g];
		struct item *run = NULL;

		for (size_t i = group->first; i < (size_t)group->first + group->n; i++) {
			if (run && rows->seq[i] == run->to + 1) {
				run->to++;
				run->last = rows->time[i];
				continue;
			}
			run = &s->items[s->n_items++];
			*run = (struct item){.time = rows->time[i],
					     .from = rows->seq[i],
					     .to = rows->seq[i],
					     .last = rows->time[i],
					     .who = group,
					     .tid = group->tid,
					     .pid = group->pid,
					     .kind = RUN};
		}
	}
}

static void add_loss(struct sequence *s, const struct loss *loss)
{
	if (s->found.n_losses < LOSSES_MAX)
		s->losses[s->found.n_losses++] = *loss;
	else
		s->found.more_losses++;
}

static void add_recorded_loss(struct sequence *s, const struct sst_rows *rows, const struct sst_gap *gap)
{
	const struct sst_group *who = gap->tid ? group_of_gap(rows, gap) : NULL;
	struct loss loss = {
		.seq = gap->seq,
		.count = gap->count,
		.from = gap->time,
		.until = gap->until,
		.pid = gap->pid,
		.tid = gap->tid,
		.cause = gap->cause < SST_CAUSE_COUNT ? gap->cause : SST_CAUSE_UNKNOWN,
	};

	if (who) {
		loss.comm_len = who->comm_len;
		memcpy(loss.comm, who->comm, sizeof(loss.comm));
	}
	add_loss(s, &loss);
}

static void add_gaps(struct sequence *s, const struct sst_rows *rows)
{
	for (size_t i = 0; i < rows->n_gaps; i++) {
		const struct sst_gap *gap = &rows->gaps[i];
		struct thread *thread = gap->tid ? thread_of(s, gap->tid) : NULL;

		s->found.lost_by_cause[gap->cause < SST_CAUSE_COUNT ? gap->cause : SST_CAUSE_UNKNOWN] += gap->count;
		if (!gap->count)
			continue;
		if (gap->cause == SST_CAUSE_CUT)
			sequence_break(s, 0);
		add_recorded_loss(s, rows, gap);
		if (thread && gap->seq && gap->seq + gap->count > gap->seq)
			s->items[s->n_items++] = (struct item){.time = gap->time,
							       .from = gap->seq,
							       .to = gap->seq + gap->count - 1,
							       .last = gap->until,
							       .tid = gap->tid,
							       .pid = gap->pid,
							       .kind = GAP};
		else if (thread)
			thread->credit = gap->count < CREDIT_MAX - thread->credit
						 ? (thread->credit + (unsigned)gap->count) & CREDIT_MAX
						 : CREDIT_MAX;
		else
			s->any_credit += gap->count;
	}
}

static void add_events(struct sequence *s, const struct sst_rows *rows)
{
	for (size_t i = 0; i < rows->n_events; i++) {
		const struct sst_event *event = &rows->events[i];
		struct item item = {.time = event->time,
				    .from = event->a,
				    .to = event->b,
				    .last = event->time,
				    .tid = event->tid,
				    .pid = event->pid,
				    .kind = START};

		if (event->kind == SST_EVENT_EXIT)
			item.kind = EXIT;
		else if (event->kind == SST_EVENT_EXEC)
			item.kind = EXEC;
		else if (event->kind == SST_EVENT_FOUND)
			item.kind = FOUND;
		else if (event->kind != SST_EVENT_START)
			continue;
		s->items[s->n_items++] = item;
	}
}

/* The former number of a thread that took this one by exec, or 0. */
static uint32_t former_tid(const struct item *items, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (items[i].kind == EXEC && items[i].from != items[i].tid)
			return (uint32_t)items[i].from;
	return 0;
}

/*
 * All items of one thread in a frame. former: the number it had before an exec made it the leader of its process; it
 * then goes on counting where it was.
 */
static void count_items(struct sequence *s, const struct item *items, size_t n, uint32_t former, bool late)
{
	for (size_t i = 0; i < n; i++) {
		const struct item *item = &items[i];
		struct thread *thread = thread_of(s, item->tid);
		struct thread *other = former && thread ? slot_of(s->threads, s->slots, former) : NULL;

		if (!thread) {
			s->found.unchecked += item->kind == RUN ? item->to - item->from + 1 : 0;
			s->found.calls += item->kind == RUN ? item->to - item->from + 1 : 0;
			continue;
		}
		if (other && other->tid && item->kind == RUN && item->from != thread->next &&
		    item->from == other->next) {
			thread->next = other->next;
			restart(other, item->time);
		}
		if (item->kind == RUN)
			count_run(s, item, thread, late);
		else if (item->kind == GAP)
			count_gap(s, item, thread, late);
		else if (item->kind == EXIT)
			count_exit(s, item, thread);
		else if (item->kind == START && (!thread->counted || thread->last < item->time))
			restart(thread, item->time); /* else its late rows have come before */
		else if (item->kind == FOUND)
			begin_found(item, thread);
	}
}

/* Threads that took another's number by exec come last, when the other's items have been counted. */
static void count_threads(struct sequence *s, bool by_exec, bool late)
{
	for (size_t first = 0, end; first < s->n_items; first = end) {
		uint32_t former;

		for (end = first + 1; end < s->n_items && s->items[end].tid == s->items[first].tid; end++)
			;
		former = former_tid(&s->items[first], end - first);
		if ((former != 0) == by_exec)
			count_items(s, &s->items[first], end - first, former, late);
	}
}

int sequence_frame(struct sequence *s, const struct sst_rows *rows, bool late)
{
	int err = reserve_items(s, rows->n + rows->n_gaps + rows->n_events);

	if (err)
		return err;
	s->n_items = 0;
	add_runs(s, rows);
	add_gaps(s, rows);
	add_events(s, rows);
	if (s->n_items)
		qsort(s->items, s->n_items, sizeof(*s->items), compare_items);
	count_threads(s, false, late);
	count_threads(s, true, late);
	return 0;
}

void sequence_break(struct sequence *s, uint64_t rows)
{
	s->breaks++;
	s->break_rows += rows;
}

/* Part of a hole, count calls from hole->from on. */
static void add_missing(struct sequence *s, const struct stretch *hole, uint64_t count, unsigned cause)
{
	const struct detail *detail = &s->details[hole->detail];
	struct loss loss = {
		.seq = hole->from,
		.count = count,
		.from = detail->from,
		.until = detail->until,
		.pid = detail->pid,
		.tid = hole->tid,
		.cause = (uint8_t)cause,
		.comm_len = detail->comm_len,
	};

	memcpy(loss.comm, detail->comm, sizeof(loss.comm));
	if (count)
		add_loss(s, &loss);
}

/* Of all that is printed: what is equal in some of it must come in the same order wherever qsort() is another one. */
static int compare_losses(const void *a, const void *b)
{
	const struct loss *x = a, *y = b;

	if (x->tid != y->tid)
		return x->tid < y->tid ? -1 : 1;
	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	if (x->seq != y->seq)
		return x->seq < y->seq ? -1 : 1;
	if (x->until != y->until)
		return x->until < y->until ? -1 : 1;
	if (x->count != y->count)
		return x->count < y->count ? -1 : 1;
	if (x->cause != y->cause)
		return (int)x->cause - (int)y->cause;
	return x->pid != y->pid ? (x->pid < y->pid ? -1 : 1) : memcmp(x->comm, y->comm, sizeof(x->comm));
}

/* What is still missing, less what gaps without numbers explain. */
static void end_hole(struct sequence *s, struct stretch hole)
{
	uint64_t n = hole.to - hole.from + 1;
	struct thread *thread = slot_of(s->threads, s->slots, hole.tid);
	uint64_t known = thread->credit < n ? thread->credit : n;
	uint64_t any = s->any_credit < n - known ? s->any_credit : n - known;
	bool doubtful = s->breaks && hole.from == 1;

	thread->credit = (thread->credit - (unsigned)known) & CREDIT_MAX;
	s->any_credit -= any;
	add_missing(s, &hole, known + any, LOSS_COUNTED);
	hole.from += known + any;
	if (hole.from > hole.to)
		return;
	n = hole.to - hole.from + 1;
	/* What said that the thread had been there before the recording, or this part of it, may be missing as well. */
	if (doubtful && s->break_rows < n)
		return;
	s->break_rows -= s->break_rows < n ? s->break_rows : n;
	add_missing(s, &hole, n, LOSS_HOLE);
	note_missing(s, &hole);
}

void sequence_selected(struct sequence *s)
{
	s->selected = true;
}

void sequence_excluded(struct sequence *s, uint64_t calls)
{
	s->excluded = s->excluded == UINT64_MAX ? calls : s->excluded + calls;
}

/* Numbers that were jumped over, against the recorder's count. */
static void end_selected(struct sequence *s)
{
	uint64_t excluded = s->jumped < s->excluded ? s->jumped : s->excluded;

	s->found.excluded += excluded;
	s->found.missing += s->jumped - excluded;
	s->selected = false;
	s->jumped = 0;
	s->excluded = UINT64_MAX;
}

void sequence_end(struct sequence *s)
{
	if (s->selected)
		end_selected(s);
	for (size_t i = 0; i < s->n_holes; i++)
		end_hole(s, s->holes[i]);
	if (s->found.n_losses)
		qsort(s->losses, s->found.n_losses, sizeof(*s->losses), compare_losses);
	memset(s->threads, 0, s->slots * sizeof(*s->threads));
	s->n_threads = s->n_holes = 0;
	s->n_details = 1;
	s->any_credit = s->breaks = s->break_rows = 0;
}

void sequence_forget_losses(struct sequence *s)
{
	s->found.n_losses = 0;
	s->found.more_losses = 0;
}
