/* plan.c - see plan.h */
#include "plan.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "survey.h"

#define COPIES_SHOWN 10

/* Takes that belong together, takes[from] to takes[to - 1], and when they were. */
struct unit {
	size_t from, to;
	bool timed;         /* the two that follow are known */
	int64_t begin, end; /* wall time */
	uint64_t offset;    /* of wall time to boot time, modulo 2^64 */
	const char *boot;   /* see struct take */
	uint64_t start;     /* boot time from which its times count */
	size_t order;
};

struct planner {
	struct plan *plan;
	const struct sources *sources;
	bool quiet; /* about copies */
	size_t n_copies;
	struct survey survey;
	struct unit *units;
	size_t n_units, n_sections, n_tapes;
};

static int compare_u64(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int compare_i64(int64_t a, int64_t b)
{
	return a < b ? -1 : a > b;
}

/* --- copies */

/* Copies side by side, the best first: the one that has most of it, the first named. */
static int compare_copies(const void *a, const void *b)
{
	const struct take *x = a, *y = b;
	int order = (int)y->whole - (int)x->whole;

	if (!order)
		order = memcmp(x->uuid, y->uuid, sizeof(x->uuid));
	if (!order)
		order = compare_u64(y->good, x->good);
	return order ? order : compare_u64(x->order, y->order);
}

static bool is_copy(const struct take *a, const struct take *b)
{
	return a->whole && b->whole && memcmp(a->uuid, b->uuid, sizeof(a->uuid)) == 0;
}

/* Takes that are side by side: which of the copies among them is the best? Returns whether there are any. */
static bool check_copies(struct take *takes, size_t n)
{
	bool any = false;

	for (size_t i = 0; i < n; i++) {
		if ((i > 0 && is_copy(&takes[i - 1], &takes[i])) || (i + 1 < n && is_copy(&takes[i], &takes[i + 1]))) {
			survey_check(&takes[i]);
			any = true;
		}
	}
	return any;
}

static void say_copy(struct planner *p, const struct take *copy, const struct take *of)
{
	const char *name = copy->source->input.name;

	if (p->quiet || p->n_copies++ >= COPIES_SHOWN)
		return;
	if (copy->source == of->source)
		complain("%s: the recording at byte %" PRIu64 " is a copy of that at byte %" PRIu64 ": left out", name,
			 copy->begin, of->begin);
	else
		complain("%s: a copy of a recording in %s: left out", name, of->source->input.name);
}

static void leave_out_copies(struct planner *p)
{
	struct survey *survey = &p->survey;
	size_t n = 0;

	qsort(survey->takes, survey->n, sizeof(*survey->takes), compare_copies);
	if (check_copies(survey->takes, survey->n))
		qsort(survey->takes, survey->n, sizeof(*survey->takes), compare_copies);
	for (size_t i = 0; i < survey->n; i++) {
		struct take *take = &survey->takes[i];

		if (n > 0 && is_copy(&survey->takes[n - 1], take))
			say_copy(p, take, &survey->takes[n - 1]);
		else
			survey->takes[n++] = *take;
	}
	survey->n = n;
	if (p->n_copies > COPIES_SHOWN)
		complain("%zu more copies of recordings are left out", p->n_copies - COPIES_SHOWN);
}

/* --- sessions */

/* Parts of a session side by side in their order, then everything else. */
static int compare_parts(const void *a, const void *b)
{
	const struct take *x = a, *y = b;
	int order = strcmp(y->session.id, x->session.id);

	if (!order && *x->session.id)
		order = compare_u64(x->session.part, y->session.part);
	return order ? order : compare_u64(x->order, y->order);
}

/* Are parts missing between the two? */
static void check_parts(struct plan *plan, const struct take *a, const struct take *b)
{
	uint64_t first = a->session.part + 1, last = b->session.part - 1;

	if (first > last)
		return;
	plan->status = worse(plan->status, STATUS_DAMAGED);
	if (first == last)
		complain("part %" PRIu64 " is missing between %s and %s", first, a->source->input.name,
			 b->source->input.name);
	else
		complain("parts %" PRIu64 " to %" PRIu64 " are missing between %s and %s", first, last,
			 a->source->input.name, b->source->input.name);
}

static void add_to_unit(struct unit *unit, const struct take *take)
{
	int64_t begin, end;

	if (!take->has_start || !take->whole)
		return;
	if (!unit->timed) {
		unit->boot = take->boot;
		unit->start = take->start;
		unit->offset = (uint64_t)take->real - take->start;
	}
	begin = (int64_t)(take->first + unit->offset);
	if (__builtin_add_overflow(begin, (int64_t)((take->last - take->first) & INT64_MAX), &end))
		end = INT64_MAX;
	if (!unit->timed || begin < unit->begin)
		unit->begin = begin;
	if (!unit->timed || end > unit->end)
		unit->end = end;
	unit->timed = true;
}

static bool goes_on(const struct take *a, const struct take *b)
{
	return a->whole && b->whole && session_goes_on(&a->session, &b->session);
}

static void make_units(struct planner *p)
{
	struct take *takes = p->survey.takes;

	qsort(takes, p->survey.n, sizeof(*takes), compare_parts);
	for (size_t i = 0; i < p->survey.n; i++) {
		struct unit *unit = &p->units[p->n_units];

		if (i > 0 && goes_on(&takes[i - 1], &takes[i])) {
			unit--;
			check_parts(p->plan, &takes[i - 1], &takes[i]);
		} else {
			*unit = (struct unit){.from = i, .boot = "", .order = takes[i].order};
			p->n_units++;
		}
		unit->to = i + 1;
		add_to_unit(unit, &takes[i]);
	}
}

/* --- time */

static int compare_boots(const void *a, const void *b)
{
	const struct unit *x = a, *y = b;
	int order = strcmp(x->boot, y->boot);

	if (!order)
		order = compare_u64(x->start, y->start);
	return order ? order : compare_u64(x->order, y->order);
}

/* In the same run of a machine the wall's clock may have been set: its first reading counts for all. */
static void use_one_clock_a_boot(struct unit *units, size_t n)
{
	const struct unit *first = NULL;

	qsort(units, n, sizeof(*units), compare_boots);
	for (size_t i = 0; i < n; i++) {
		struct unit *unit = &units[i];
		uint64_t move;

		if (!unit->timed || !*unit->boot)
			continue;
		if (!first || strcmp(first->boot, unit->boot) != 0)
			first = unit;
		move = first->offset - unit->offset;
		unit->begin = (int64_t)((uint64_t)unit->begin + move);
		unit->end = unit->end == INT64_MAX ? INT64_MAX : (int64_t)((uint64_t)unit->end + move);
		unit->offset = first->offset;
	}
}

static int compare_times(const void *a, const void *b)
{
	const struct unit *x = a, *y = b;
	int order = (int)y->timed - (int)x->timed;

	if (!order && x->timed)
		order = compare_i64(x->begin, y->begin);
	return order ? order : compare_u64(x->order, y->order);
}

/* --- tapes */

static void add_section(struct planner *p, struct tape *tape, const struct take *take)
{
	struct section *last = tape->n > 0 ? &p->plan->sections[p->n_sections - 1] : NULL;

	if (last && last->input == &take->source->input && last->end == take->begin) {
		last->end = take->end;
		return;
	}
	p->plan->sections[p->n_sections++] = (struct section){
		.input = &take->source->input,
		.report = &take->source->report,
		.begin = take->begin,
		.end = take->end,
	};
	tape->n++;
}

static struct tape *new_tape(struct planner *p)
{
	struct tape *tape = &p->plan->tapes[p->n_tapes++];

	*tape = (struct tape){.sections = &p->plan->sections[p->n_sections]};
	return tape;
}

static void add_unit(struct planner *p, struct tape *tape, const struct unit *unit)
{
	for (size_t i = unit->from; i < unit->to; i++)
		add_section(p, tape, &p->survey.takes[i]);
}

static struct group *new_group(struct planner *p, struct tape *tape)
{
	struct group *group = &p->plan->groups[p->plan->n++];

	*group = (struct group){.tapes = tape, .n = 1};
	return group;
}

/* Sessions that overlap: a tape each, and times that count from the first one's beginning. */
static void add_overlapping(struct planner *p, const struct unit *units, size_t n)
{
	struct group *group = NULL;
	const struct unit *first = &units[0];

	for (size_t i = 0; i < n; i++) {
		struct tape *tape = new_tape(p);
		size_t from = p->n_sections;

		add_unit(p, tape, &units[i]);
		for (; from < p->n_sections; from++) {
			p->plan->sections[from].has_zero = true;
			p->plan->sections[from].zero = first->start + first->offset - units[i].offset;
		}
		if (i == 0)
			group = new_group(p, tape);
	}
	group->n = n;
}

/* How many of the units overlap with the first or with each other. */
static size_t overlapping(const struct unit *units, size_t n)
{
	size_t i = 1;
	int64_t end = units[0].end;

	while (units[0].timed && i < n && units[i].timed && units[i].begin < end) {
		if (units[i].end > end)
			end = units[i].end;
		i++;
	}
	return i;
}

static void make_groups(struct planner *p)
{
	struct tape *tape = NULL;

	for (size_t i = 0, n; i < p->n_units; i += n) {
		n = overlapping(&p->units[i], p->n_units - i);
		if (n > 1) {
			add_overlapping(p, &p->units[i], n);
			tape = NULL;
			continue;
		}
		if (!tape) {
			tape = new_tape(p);
			new_group(p, tape);
		}
		add_unit(p, tape, &p->units[i]);
	}
}

/* The inputs as they are named: pipes, or all when there is too much to be put in order. */
static void add_source(struct planner *p, struct source *source)
{
	struct tape *tape = new_tape(p);
	struct take take = {.source = source, .end = UINT64_MAX};

	add_section(p, tape, &take);
	new_group(p, tape)->stream = source->input.stream;
}

static void make_sessions(struct planner *p)
{
	struct plan *plan = p->plan;

	plan->sessions = &plan->tapes[p->n_tapes];
	for (size_t i = 0; i < p->n_units; i++) {
		if (p->units[i].to - p->units[i].from < 2)
			continue;
		add_unit(p, new_tape(p), &p->units[i]);
		plan->n_sessions++;
	}
}

/* --- all of it */

static int reserve(struct planner *p)
{
	size_t n = p->survey.n + p->sources->n;

	p->units = calloc(n + 1, sizeof(*p->units));
	p->plan->groups = calloc(n + 1, sizeof(*p->plan->groups));
	p->plan->tapes = calloc(2 * n + 1, sizeof(*p->plan->tapes));
	p->plan->sections = calloc(2 * n + 1, sizeof(*p->plan->sections));
	return p->units && p->plan->groups && p->plan->tapes && p->plan->sections ? 0 : -ENOMEM;
}

static int survey_all(struct planner *p)
{
	for (size_t i = 0; i < p->sources->n; i++)
		if (!p->sources->list[i]->input.stream)
			survey_add(&p->survey, p->sources->list[i]);
	if (p->survey.full) {
		complain("there are more than %d recordings: they are read in the order in which they are named",
			 SURVEY_MAX);
		p->survey.n = 0;
	}
	return p->survey.failed ? -ENOMEM : 0;
}

static void make(struct planner *p)
{
	if (p->survey.n > 0) {
		leave_out_copies(p);
		make_units(p);
	}
	use_one_clock_a_boot(p->units, p->n_units);
	qsort(p->units, p->n_units, sizeof(*p->units), compare_times);
	make_groups(p);
	for (size_t i = 0; i < p->sources->n; i++)
		if (p->survey.full || p->sources->list[i]->input.stream)
			add_source(p, p->sources->list[i]);
	make_sessions(p);
}

int plan_make(struct plan *plan, const struct sources *sources, bool quiet)
{
	struct planner planner = {.plan = plan, .sources = sources, .quiet = quiet};
	int err;

	*plan = (struct plan){.status = STATUS_OK};
	err = survey_all(&planner);
	if (!err)
		err = reserve(&planner);
	if (!err)
		make(&planner);
	free(planner.units);
	survey_clear(&planner.survey);
	return err;
}

void plan_clear(struct plan *plan)
{
	free(plan->groups);
	free(plan->tapes);
	free(plan->sections);
	*plan = (struct plan){.status = plan->status};
}
