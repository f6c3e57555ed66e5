/* live_table.c - see live_table.h */
#include "live_table.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "live.h"
#include "pen.h"
#include "stats_print.h"
#include "stats_table.h"

#define TEXT_WIDEST 24 /* columns of names are cut there */
#define TEXT_LEAST  4

static const struct {
	unsigned by;
	const char *name;
} groupings[] = {
	{BY_PROCESS | BY_SYSCALL, "process and call"},
	{BY_PROCESS, "process"},
	{BY_SYSCALL, "call"},
	{BY_COMM | BY_SYSCALL, "name and call"},
	{BY_COMM, "name"},
	{BY_THREAD | BY_SYSCALL, "thread and call"},
	{BY_THREAD, "thread"},
	{BY_CONTAINER | BY_SYSCALL, "container and call"},
	{BY_CONTAINER, "container"},
};

/* What it can be sorted by, with the key for it. sort: of numbers. */
static const struct {
	enum field field;
	char key;
	enum stats_sort sort;
} sorts[] = {
	{FIELD_PID, 'i', SORT_COUNT},     {FIELD_TID, 'T', SORT_COUNT},       {FIELD_COMM, 'n', SORT_COUNT},
	{FIELD_SYSCALL, 's', SORT_COUNT}, {FIELD_CONTAINER, 'C', SORT_COUNT}, {FIELD_CALLS, 'c', SORT_CALLS},
	{FIELD_ERRORS, 'e', SORT_ERRORS}, {FIELD_TOTAL, 't', SORT_TOTAL},     {FIELD_AVG, 'a', SORT_AVG},
	{FIELD_P50, '5', SORT_P50},       {FIELD_P99, '9', SORT_P99},         {FIELD_MAX, 'm', SORT_MAX},
	{FIELD_BYTES, 'b', SORT_BYTES},
};

/* In a narrow terminal these go first, one after the other. */
static const enum field dispensable[] = {FIELD_P50, FIELD_MAX,    FIELD_BYTES, FIELD_AVG,
					 FIELD_P99, FIELD_ERRORS, FIELD_TOTAL, FIELD_TID};

static const char *const help[] = {
	"g G       group by process, call, name, thread, container: the next, the last",
	"< >       sort by the next column to the left or right; r  reverse",
	"c e t     sort by calls, errors, total time",
	"a 5 9 m   sort by average, median, 99th percentile, maximum",
	"b i T     sort by bytes, PID, TID",
	"n s C     sort by name, call, container",
	"up down PgUp PgDn Home End, k j   scroll",
	"p space   pause and go on: the recording goes on meanwhile",
	"q         quit",
	"",
	"Times are milliseconds of the clock inside of calls; numbers are of the last interval.",
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

void live_table_init(struct live_table *table, unsigned by, enum stats_sort sort, uint64_t interval)
{
	*table = (struct live_table){
		.config = {.by = by, .style = STATS_TEXT, .interval = interval, .header = true},
		.field = FIELD_CALLS,
		.last.limit = LIVE_MEMORY,
		.shown.limit = LIVE_MEMORY,
		.stale = true,
	};
	for (size_t i = 0; i < COUNT(sorts); i++)
		if (sorts[i].sort == sort)
			table->field = sorts[i].field;
}

void live_table_clear(struct live_table *table)
{
	tallies_clear(&table->last);
	tallies_clear(&table->shown);
	tallies_clear(&table->names);
	free(table->rows);
	table->rows = NULL;
	table->n_rows = 0;
}

/* --- intervals */

static void add_sums(struct live_sums *sums, const struct tally *tally)
{
	if (tally->key.kind == TALLY_LOST) {
		sums->lost += tally->calls;
		return;
	}
	sums->calls += tally->calls;
	sums->errors += tally->errors;
	sums->bytes += tally->bytes;
}

void live_table_take(struct live_table *table, const struct tally *const *list, size_t n, bool piece)
{
	struct live_sums sums = {0};

	for (size_t i = 0; i < n; i++) {
		add_sums(&sums, list[i]);
		add_sums(&table->total, list[i]);
	}
	table->intervals += !piece;
	if ((table->paused && table->has) || (piece && table->has_whole))
		return;
	tallies_clear(&table->last);
	tallies_fold(&table->last, list, n, BY_ALL); /* without memory: what there was room for */
	table->sums = sums;
	table->has = table->stale = true;
	table->has_whole |= !piece;
}

/* --- rows */

static enum stats_sort sort_of(unsigned field)
{
	for (size_t i = 0; i < COUNT(sorts); i++)
		if (sorts[i].field == field)
			return sorts[i].sort;
	return SORT_COUNT;
}

static struct stats_table cells_of(const struct live_table *table)
{
	bool named = table->config.by & BY_SYSCALL && table->config.by & (BY_PROCESS | BY_THREAD);

	return (struct stats_table){.config = &table->config, .names = named ? &table->names : NULL};
}

static void set_order(const struct live_table *table, struct live_row *row)
{
	struct stats_table cells = cells_of(table);
	char cell[STATS_CELL];
	enum stats_sort sort = sort_of(table->field);

	if (sort != SORT_COUNT)
		row->value = stats_sort_value(row->tally, sort);
	else if (table->field == FIELD_PID || table->field == FIELD_TID)
		row->value = table->field == FIELD_PID ? row->tally->key.pid : row->tally->key.tid;
	else
		snprintf(row->text, sizeof(row->text), "%.*s",
			 (int)(stats_put_field(cell, &cells, row->tally, (enum field)table->field) - cell), cell);
}

/* The largest number or the first name is first; what is equal goes by process and call. */
static int compare_rows(const void *a, const void *b, void *context)
{
	const struct live_table *table = context;
	const struct live_row *x = a, *y = b;
	const struct tally_key *k = &x->tally->key, *l = &y->tally->key;
	int order = strcmp(x->text, y->text);

	if (!order)
		order = x->value < y->value ? 1 : x->value > y->value ? -1 : 0;
	if (table->field == FIELD_PID || table->field == FIELD_TID)
		order = -order;
	if (order)
		return table->reverse ? -order : order;
	return stats_compare_keys(k, l);
}

static void make_rows(struct live_table *table)
{
	const struct tally **list;
	size_t n;

	table->stale = false;
	table->n_rows = 0;
	table->other = NULL;
	tallies_clear(&table->shown);
	tallies_clear(&table->names);
	free(table->rows);
	table->rows = NULL;
	list = reallocarray(NULL, table->last.n + 1, sizeof(struct tally *));
	if (!list)
		return;
	tallies_fold(&table->shown, list, tallies_list(&table->last, list), table->config.by);
	n = tallies_list(&table->shown, list);
	stats_names(&table->names, list, n);
	table->rows = calloc(n + 1, sizeof(*table->rows));
	for (size_t i = 0; table->rows && i < n; i++) {
		if (list[i]->key.kind == TALLY_OTHER)
			table->other = list[i];
		if (list[i]->key.kind != TALLY_CALLS)
			continue;
		table->rows[table->n_rows].tally = list[i];
		set_order(table, &table->rows[table->n_rows++]);
	}
	free(list);
	if (table->rows)
		qsort_r(table->rows, table->n_rows, sizeof(*table->rows), compare_rows, table);
}

/* --- keys */

static bool has_column(const struct live_table *table, enum field field)
{
	return stats_field_title(field) && stats_has_field(&table->config, field);
}

static void sort_by(struct live_table *table, enum field field)
{
	table->field = field;
	table->stale = true;
	table->top = 0;
}

static void sort_beside(struct live_table *table, int step)
{
	int field = (int)table->field;

	do
		field = (field + step + FIELD_COUNT) % FIELD_COUNT;
	while (!has_column(table, (enum field)field));
	sort_by(table, (enum field)field);
}

static void group_beside(struct live_table *table, size_t step)
{
	size_t i = 0;

	while (i < COUNT(groupings) && groupings[i].by != table->config.by)
		i++;
	table->config.by = groupings[i < COUNT(groupings) ? (i + step) % COUNT(groupings) : 0].by;
	table->stale = true;
	table->top = 0;
	if (!has_column(table, (enum field)table->field))
		sort_by(table, FIELD_CALLS);
}

static bool sort_key(struct live_table *table, int key)
{
	for (size_t i = 0; i < COUNT(sorts); i++) {
		if (sorts[i].key != key)
			continue;
		if (has_column(table, sorts[i].field))
			sort_by(table, sorts[i].field);
		return true;
	}
	return false;
}

static void scroll(struct live_table *table, bool down, size_t by)
{
	if (down)
		table->top += by; /* as far as there are rows: see draw_rows() */
	else
		table->top -= table->top < by ? table->top : by;
}

static bool scroll_key(struct live_table *table, int key)
{
	size_t page = table->n_visible > 1 ? table->n_visible - 1 : 1;

	switch (key) {
	case LIVE_KEY_UP:
	case 'k':
	case LIVE_KEY_DOWN:
	case 'j':
		scroll(table, key == LIVE_KEY_DOWN || key == 'j', 1);
		return true;
	case LIVE_KEY_PAGE_UP:
	case LIVE_KEY_PAGE_DOWN:
		scroll(table, key == LIVE_KEY_PAGE_DOWN, page);
		return true;
	case LIVE_KEY_HOME:
		table->top = 0;
		return true;
	case LIVE_KEY_END:
		table->top = table->n_rows;
		return true;
	default:
		return false;
	}
}

bool live_table_key(struct live_table *table, int key)
{
	switch (key) {
	case 'g':
	case 'G':
		group_beside(table, key == 'g' ? 1 : COUNT(groupings) - 1);
		return true;
	case '<':
	case '>':
	case LIVE_KEY_LEFT:
	case LIVE_KEY_RIGHT:
		sort_beside(table, key == '<' || key == LIVE_KEY_LEFT ? -1 : 1);
		return true;
	case 'r':
		table->reverse = !table->reverse;
		table->stale = true;
		table->top = 0;
		return true;
	case 'p':
	case ' ':
		table->paused = !table->paused;
		return true;
	case 'h':
	case '?':
		table->help = !table->help;
		return true;
	default:
		return scroll_key(table, key) || sort_key(table, key);
	}
}

/* --- the lines above */

static const char *grouped(uint64_t n, char text[32])
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%" PRIu64, n);
	char *p = text;

	for (int i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			*p++ = ',';
		*p++ = digits[i];
	}
	*p = 0;
	return text;
}

static const char *sized(uint64_t bytes, char text[32])
{
	static const char *const names[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
	double n = (double)bytes;
	size_t i = 0;

	for (; n >= 999.95 && i + 1 < COUNT(names); i++)
		n /= 1000;
	snprintf(text, 32, i ? "%.1f %s" : "%.0f %s", n, names[i]);
	return text;
}

static uint64_t a_second(const struct live_table *table, uint64_t n)
{
	return (uint64_t)((double)n * 1e9 / (double)table->config.interval + 0.5);
}

static void draw_title(const struct live_table *table, struct pen *pen)
{
	char text[64];

	if (*table->clock) {
		pen_string(pen, LOOK_PLAIN, table->clock);
		pen_blanks(pen, LOOK_PLAIN, 2);
	}
	pen_string(pen, LOOK_BOLD, *table->title ? table->title : "sysstream");
	snprintf(text, sizeof(text), "  every %g s", (double)table->config.interval / 1e9);
	pen_string(pen, LOOK_PLAIN, text);
	if (table->paused)
		pen_string(pen, LOOK_ALERT, "  PAUSED");
}

static void draw_sums(const struct live_table *table, struct pen *pen)
{
	const struct live_sums *sums = &table->sums;
	char text[160], calls[32], lost[32], errors[32], bytes[32];

	if (!table->has) {
		pen_string(pen, LOOK_PLAIN, "waiting for the end of the first interval");
		return;
	}
	snprintf(text, sizeof(text), "%s calls/s, ", grouped(a_second(table, sums->calls), calls));
	pen_string(pen, LOOK_PLAIN, text);
	snprintf(text, sizeof(text), "%s lost", grouped(table->total.lost, lost));
	pen_string(pen, table->total.lost ? LOOK_ALERT : LOOK_PLAIN, text);
	snprintf(text, sizeof(text), ", %s errors/s (%.1f %%), %s/s", grouped(a_second(table, sums->errors), errors),
		 sums->calls ? 100.0 * (double)sums->errors / (double)sums->calls : 0.0,
		 sized(a_second(table, sums->bytes), bytes));
	pen_string(pen, LOOK_PLAIN, text);
}

static const char *grouping_name(unsigned by)
{
	for (size_t i = 0; i < COUNT(groupings); i++)
		if (groupings[i].by == by)
			return groupings[i].name;
	return "several things";
}

/* Which rows these are, or what there is to say. */
static void draw_state(const struct live_table *table, struct pen *pen)
{
	char text[160];

	if (*table->message) {
		pen_string(pen, LOOK_ALERT, table->message);
		return;
	}
	snprintf(text, sizeof(text), "by %s, sorted by %s%s", grouping_name(table->config.by),
		 stats_field_title((enum field)table->field), table->reverse ? " (reversed)" : "");
	pen_string(pen, LOOK_PLAIN, text);
	if (table->top > 0 || table->n_rows > table->n_visible) {
		size_t last = table->top + table->n_visible;

		snprintf(text, sizeof(text), ", rows %zu to %zu of %zu", table->n_rows ? table->top + 1 : 0,
			 last < table->n_rows ? last : table->n_rows, table->n_rows);
		pen_string(pen, LOOK_PLAIN, text);
	}
	if (table->silent_ns >= 1000000000) {
		snprintf(text, sizeof(text), ", nothing new for %" PRIu64 " s", table->silent_ns / 1000000000);
		pen_string(pen, LOOK_ALERT, text);
	}
}

/* --- rows */

struct layout {
	bool shown[FIELD_COUNT];
	unsigned width[FIELD_COUNT];
};

/* The n-th row that is shown; behind all of them what stands for many. NULL: there is none. */
static const struct tally *nth_row(const struct live_table *table, size_t n)
{
	if (table->rows && table->top + n < table->n_rows)
		return table->rows[table->top + n].tally;
	return table->top + n == table->n_rows ? table->other : NULL;
}

static unsigned text_columns(const struct pen *pen, const char *text, size_t len)
{
	unsigned columns;

	pen_fit(pen, text, len, UINT32_MAX, &columns);
	return columns;
}

static unsigned total_width(const struct layout *layout)
{
	unsigned sum = 0;

	for (unsigned field = 0; field < FIELD_COUNT; field++)
		if (layout->shown[field])
			sum += layout->width[field] + (sum > 0);
	return sum;
}

static void measure(const struct live_table *table, const struct pen *pen, struct layout *layout)
{
	struct stats_table cells = cells_of(table);
	const struct tally *tally;

	*layout = (struct layout){0};
	for (unsigned field = 0; field < FIELD_COUNT; field++) {
		layout->shown[field] = has_column(table, (enum field)field);
		if (layout->shown[field])
			layout->width[field] = (unsigned)strlen(stats_field_title((enum field)field));
		for (size_t i = 0; layout->shown[field] && i < table->n_visible && (tally = nth_row(table, i)); i++) {
			char cell[STATS_CELL];
			char *end = stats_put_field(cell, &cells, tally, (enum field)field);
			unsigned width = text_columns(pen, cell, (size_t)(end - cell));

			if (stats_field_is_text((enum field)field) && width > TEXT_WIDEST)
				width = TEXT_WIDEST;
			if (width > layout->width[field])
				layout->width[field] = width;
		}
	}
}

/* Leave out columns, then cut names, until the rows fit. */
static void make_fit(const struct live_table *table, struct layout *layout, unsigned width)
{
	for (size_t i = 0; i < COUNT(dispensable) && total_width(layout) > width; i++)
		if (dispensable[i] != table->field)
			layout->shown[dispensable[i]] = false;
	while (total_width(layout) > width) {
		unsigned widest = FIELD_COUNT;

		for (unsigned field = 0; field < FIELD_COUNT; field++)
			if (layout->shown[field] && stats_field_is_text((enum field)field) &&
			    layout->width[field] > TEXT_LEAST &&
			    (widest == FIELD_COUNT || layout->width[field] > layout->width[widest]))
				widest = field;
		if (widest == FIELD_COUNT)
			return;
		layout->width[widest]--;
	}
}

static void draw_cell(struct pen *pen, enum look look, enum field field, unsigned width, const char *text, size_t len)
{
	unsigned columns;

	len = pen_fit(pen, text, len, width, &columns);
	if (!stats_field_is_text(field))
		pen_blanks(pen, look, width - columns);
	pen_put(pen, look, text, len);
	if (stats_field_is_text(field))
		pen_blanks(pen, look, width - columns);
}

/* tally NULL: the titles. */
static void draw_row(const struct live_table *table, struct pen *pen, const struct layout *layout,
		     const struct tally *tally)
{
	struct stats_table cells = cells_of(table);
	bool first = true;

	for (unsigned field = 0; field < FIELD_COUNT; field++) {
		char cell[STATS_CELL], *end;

		if (!layout->shown[field])
			continue;
		if (!first)
			pen_blanks(pen, tally ? LOOK_PLAIN : LOOK_HEAD, 1);
		end = tally ? stats_put_field(cell, &cells, tally, (enum field)field)
			    : cell_string(cell, stats_field_title((enum field)field));
		draw_cell(pen,
			  tally                   ? LOOK_PLAIN
			  : field == table->field ? LOOK_SORTED
						  : LOOK_HEAD,
			  (enum field)field, layout->width[field], cell, (size_t)(end - cell));
		first = false;
	}
}

static void draw_rows(const struct live_table *table, struct pen *pen)
{
	struct layout layout;
	const struct tally *tally;

	measure(table, pen, &layout);
	make_fit(table, &layout, pen->width);
	draw_row(table, pen, &layout, NULL);
	if (!pen_end_line(pen, LOOK_HEAD))
		return;
	for (size_t i = 0; i < table->n_visible && (tally = nth_row(table, i)); i++) {
		draw_row(table, pen, &layout, tally);
		if (!pen_end_line(pen, LOOK_PLAIN))
			return;
	}
}

static void draw_help(struct pen *pen, unsigned lines)
{
	for (size_t i = 0; i < COUNT(help) && i < lines; i++) {
		pen_string(pen, LOOK_PLAIN, help[i]);
		if (!pen_end_line(pen, LOOK_PLAIN))
			return;
	}
}

/* --- all of it */

/* Not beyond the last row, as far as they fill the screen. */
static void settle_rows(struct live_table *table, unsigned visible)
{
	size_t rows;

	if (table->stale)
		make_rows(table);
	rows = table->n_rows + (table->other != NULL);
	table->n_visible = visible;
	if (table->top + visible > rows)
		table->top = rows > visible ? rows - visible : 0;
}

static void draw_top(const struct live_table *table, struct pen *pen, bool state)
{
	draw_title(table, pen);
	pen_end_line(pen, LOOK_PLAIN);
	draw_sums(table, pen);
	pen_end_line(pen, LOOK_PLAIN);
	if (!state)
		return;
	draw_state(table, pen);
	pen_end_line(pen, LOOK_PLAIN);
}

void live_table_draw(struct live_table *table, struct page *page, unsigned width, unsigned height)
{
	static const char keys[] = "q quit  ? help  g group  < > sort  r reverse  p pause  arrows scroll";
	bool top = height >= 5, state = height >= 7, bottom = height >= 6;
	unsigned above = (top ? 2u : 0) + state, lines = height > above + bottom ? height - above - bottom : 0;
	struct pen pen = {.page = page, .colors = table->colors, .utf8 = table->utf8, .width = width, .lines = height};

	page_printf(page, "\033[H");
	settle_rows(table, lines > 0 ? lines - 1 : 0);
	if (top)
		draw_top(table, &pen, state);
	if (table->help)
		draw_help(&pen, lines);
	else if (lines > 0)
		draw_rows(table, &pen);
	page_printf(page, "\033[J");
	if (!bottom)
		return;
	page_printf(page, "\033[%u;1H", height);
	pen.line = height - 1;
	pen_string(&pen, LOOK_BOLD, keys);
	pen_end_line(&pen, LOOK_PLAIN);
}

void live_table_print(struct live_table *table, struct page *page, unsigned width, unsigned height)
{
	struct pen pen = {.page = page, .plain = true, .utf8 = table->utf8, .width = width, .lines = UINT32_MAX};

	table->message[0] = 0;
	table->silent_ns = 0;
	table->paused = false;
	table->top = 0;
	settle_rows(table, height > 8 ? height - 8 : 1);
	draw_top(table, &pen, true);
	draw_rows(table, &pen);
}
