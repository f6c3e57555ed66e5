/*
 * status.h - the talk: a line at the start, a live line on a terminal, a line at the end
 *
 *	struct status status;
 *
 *	status_start(&status, "redis-server[31996], 5 threads", "trace.sst (belongs to alice)");
 *	status_live(&status, &figures);			as often as wanted, shown at most twice a second
 *	status_end(&status, &figures);
 *
 * With -q only loss is said, but that always.
 */
#ifndef SYSSTREAM_STATUS_H
#define SYSSTREAM_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../format/rows.h"

struct status {
	uint64_t began;        /* CLOCK_BOOTTIME, ns */
	uint64_t shown;        /* when the live line was last renewed; 0: never */
	uint64_t shown_events; /* and the events it told */
	bool terminal;         /* there is a live line */
};

struct figures {
	uint64_t events; /* calls recorded; with --events=process, of processes */
	uint64_t bytes;  /* in the output */
	uint64_t lost;   /* calls lost, all causes */
	uint64_t lost_by_cause[SST_CAUSE_COUNT];
	uint64_t cpu; /* ns of the recorder's own CPU time; status_end() fills in what getrusage says when it is 0 */
	uint64_t programs; /* ns in BPF programs; 0: the kernel does not count it */
};

/* status_start() - what is attached and where it goes. what NULL: that is told in another way. */
void status_start(struct status *status, const char *what, const char *where);

/* status_live() - cheap when it is not time to show it: one clock reading. */
void status_live(struct status *status, const struct figures *figures);

/* status_end() - take the live line away, say the totals. */
void status_end(struct status *status, const struct figures *figures);

/*
 * The same as text, for tests and others: each returns text, cut to size.
 * elapsed: ns; rate: events a second.
 */
char *status_live_text(const struct figures *figures, uint64_t elapsed, uint64_t rate, char *text, size_t size);
char *status_end_text(const struct figures *figures, uint64_t elapsed, char *text, size_t size);
/* "12,000 no room in the rings, 345 program runs skipped by the kernel"; causes that add up to less than lost: the
 * rest. */
char *status_loss_text(const struct figures *figures, char *text, size_t size);

char *status_count(uint64_t n, char *text, size_t size);     /* 1,234,567 */
char *status_bytes(uint64_t bytes, char *text, size_t size); /* 999 bytes, 4.9 MB (10^6), 12.0 GB */
char *status_time(uint64_t ns, char *text, size_t size);     /* 0.482 s, 12.3 s, 4:05, 1:04:05 */

#endif
