/*
 * report.h - what there is to say about an input, on standard error, and the exit status that follows from it.
 */
#ifndef SYSDECODE_REPORT_H
#define SYSDECODE_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "format/reader.h"

/* Exit statuses: a contract. */
enum status {
	STATUS_OK = 0,
	STATUS_FAILED = 1, /* run-time error */
	STATUS_USAGE = 2,
	STATUS_DAMAGED = 3, /* input damaged or cut short; everything good was used */
	STATUS_LOST = 4,    /* --verify: whole, but calls were lost */
	STATUS_NOT_SST = 5, /* not an .sst file, or one that needs a newer decoder */
};

#define DAMAGES_SHOWN 10

/* All that was wrong with one input. */
struct report {
	const char *name;
	bool quiet; /* print nothing: somebody else reports the same */
	enum status status;
	uint64_t damages;      /* places reported */
	uint64_t rows_missing; /* as far as known */
	uint64_t bytes_damaged;
	struct sst_damage first;                                         /* the first damage */
	bool cut;                                                        /* a recording in it has no end */
	uint64_t cut_offset;                                             /* the byte where it stops */
	uint64_t rows;                                                   /* shown */
	void (*damaged)(void *context, const struct sst_damage *damage); /* NULL, or told each damage */
	void *context;
	uint64_t lost_by_cause[SST_CAUSE_COUNT]; /* calls the recorder has lost, by the gaps shown */
};

/* complain() - one line on standard error, with the program's name. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* complain_to() - hand the lines, without their ends, to somebody else instead; NULL: standard error again. */
void complain_to(void (*keep)(const char *line));

/* report_error() - the input cannot be read on. error: -errno or SST_E_*. */
void report_error(struct report *report, int error);

/* report_damage() - a stretch of the input is lost. start: boot time that times count from. */
void report_damage(struct report *report, const struct sst_damage *damage, uint64_t start);

/*
 * damage_text() - "frames 3 to 4, 120 rows, between 1.2 and 1.4 s" as far as it is known, at most size bytes with the
 * NUL. start: boot time that times count from, 0 where not known.
 */
void damage_text(char *text, size_t size, const struct sst_damage *damage, uint64_t start);

/* report_start() - the facts at the beginning of a recording do not say what times count from, or are damaged. */
void report_start(const struct report *report);

/* report_cut() - a recording stops without its end at this byte. */
void report_cut(struct report *report, uint64_t offset);

/* report_unordered() - late rows come as they stand in the file. */
void report_unordered(struct report *report);

/* report_copy() - these bytes say once more what has been read before. */
void report_copy(const struct report *report, uint64_t begin, uint64_t end);

/* report_summary() - the last lines: more damage than was shown, a missing end, lost calls. */
void report_summary(const struct report *report);

/* "20 ring full, 3 skipped by the kernel", in static storage. */
const char *lost_causes(const uint64_t lost_by_cause[SST_CAUSE_COUNT]);
uint64_t lost_total(const uint64_t lost_by_cause[SST_CAUSE_COUNT]);

/* The worse of two statuses. */
enum status worse(enum status a, enum status b);

#endif
