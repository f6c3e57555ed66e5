/*
 * live_table.h - the picture of a live table: the tallies of the last interval in the order and grouping that keys have
 * asked for, as text for a screen of any size. Knows nothing of terminals and threads.
 *
 *	live_table_init(&table, by, sort, interval);
 *	live_table_take(&table, list, n, piece);	each interval
 *	live_table_key(&table, key);			each key
 *	live_table_draw(&table, &page, width, height);
 *	live_table_clear(&table);
 */
#ifndef SYSDECODE_LIVE_TABLE_H
#define SYSDECODE_LIVE_TABLE_H

#include "page.h"
#include "stats.h"

/* Keys; others are characters. */
enum live_key {
	LIVE_KEY_NONE,
	LIVE_KEY_UP = 256,
	LIVE_KEY_DOWN,
	LIVE_KEY_LEFT,
	LIVE_KEY_RIGHT,
	LIVE_KEY_PAGE_UP,
	LIVE_KEY_PAGE_DOWN,
	LIVE_KEY_HOME,
	LIVE_KEY_END,
};

/* What was counted in an interval, or in all. */
struct live_sums {
	uint64_t calls, errors, bytes, lost;
};

struct live_row {
	const struct tally *tally;
	uint64_t value; /* by which it is sorted ... */
	char text[48];  /* ... or by this */
};

struct live_table {
	/* what keys have asked for */
	struct stats_config config; /* by; the rest says how cells look */
	unsigned field;             /* enum field, that it is sorted by */
	bool reverse, paused, help;
	size_t top; /* the first row that is shown */

	/* what is known */
	struct tallies last;    /* by BY_ALL; of the last interval that was over, or a piece if there was none */
	bool has, has_whole;    /* an interval; one that was over */
	struct live_sums sums;  /* of it */
	struct live_sums total; /* of all */
	uint64_t intervals;
	char title[512];    /* what is recorded, safe for a terminal */
	char message[256];  /* the last that was complained about, or empty */
	char clock[16];     /* the time of day when the interval came */
	uint64_t silent_ns; /* nothing has come for so long; 0: all is well */
	bool colors, utf8;  /* what the terminal can */

	/* made of that when it is drawn */
	struct tallies shown, names;
	struct live_row *rows;
	size_t n_rows, n_visible;
	const struct tally *other; /* or NULL; not among rows */
	bool stale;                /* they are to be made again */
};

/* live_table_init() - what was in table is overwritten. */
void live_table_init(struct live_table *table, unsigned by, enum stats_sort sort, uint64_t interval);
void live_table_clear(struct live_table *table);

/* live_table_take() - an interval's tallies, which are copied. While the table is paused they only count in total. */
void live_table_take(struct live_table *table, const struct tally *const *list, size_t n, bool piece);

/* live_table_key() - false: that is no key of the table. */
bool live_table_key(struct live_table *table, int key);

/* live_table_draw() - lines from the upper left corner of the screen on, none wider than width, height at most. */
void live_table_draw(struct live_table *table, struct page *page, unsigned width, unsigned height);

/* live_table_print() - the same picture for a screen that scrolls: without the keys, as far as there are rows. */
void live_table_print(struct live_table *table, struct page *page, unsigned width, unsigned height);

#endif
