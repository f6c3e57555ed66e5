/*
 * live.h - what --stats prints, as a table on a terminal that is renewed with each interval and answers keys.
 *
 *	live = live_open(&config);		opens the terminal
 *	... sandbox_enter() with config.terminal
 *	live_begin(live, recording);		stats.c: a recording begins. Takes the screen; a thread of its own
 *						draws and reads keys from here on
 *	live_take(live, list, n, false);	an interval is over
 *	live_close(live);			gives the screen back; the last table stays on it
 *
 * While the screen is taken complaints are kept, and the last is shown in a line of the table.
 */
#ifndef SYSDECODE_LIVE_H
#define SYSDECODE_LIVE_H

#include "stats.h"

struct recording;

/* Bytes that the tallies of an interval take at most, here and in stats.c. */
#define LIVE_MEMORY ((size_t)8 << 20)

struct live_config {
	unsigned by;          /* BY_*, to begin with */
	enum stats_sort sort; /* likewise */
	uint64_t interval;    /* ns, more than 0 */
	/* The user has had enough: called once, from the thread that reads keys. It must not wait. */
	void (*quit)(void *context);
	void *context;
};

struct live;

/* live_open() - the config is copied. NULL after an error, which has been said: no terminal, or one that cannot. */
struct live *live_open(const struct live_config *config);

/* live_is_output() - is standard output the terminal? Then nothing else may be printed there. */
bool live_is_output(const struct live *live);

/* live_begin(), live_take() - what is shown is copied. piece: an interval that was not over when the recording was. */
void live_begin(struct live *live, const struct recording *recording);
void live_take(struct live *live, const struct tally *const *list, size_t n, bool piece);

/*
 * live_has_quit() - did the user end it? Then that the recording has no end is no damage. live_has_failed() - the
 * screen could not be taken, which has been said.
 */
bool live_has_quit(const struct live *live);
bool live_has_failed(const struct live *live);

/* live_close() - NULL is allowed. */
void live_close(struct live *live);

#endif
