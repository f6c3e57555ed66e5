/*
 * summary.h - what the header of a frame says about its rows, so that a filter can pass over the whole frame.
 * docs/format.md, "Extensions".
 *
 * A summary never misses what is in the frame, but may claim more: sets of many numbers are stored as a few ranges.
 */
#ifndef SST_SUMMARY_H
#define SST_SUMMARY_H

#include "frame.h"
#include "rows.h"

/*
 * sst_summary_add() - the extensions that describe the rows, into header->extensions. Where memory is short or the rows
 * are too various the header just says less.
 */
void sst_summary_add(struct sst_header *header, const struct sst_rows *rows);

/*
 * Could there be a row, in a frame that has rows, with: this tid; this pid; this call (abi negative: of any ABI); a
 * result that is an error; a duration of at least so many ns; this state? True where the header does not say.
 */
bool sst_summary_tid(const struct sst_header *header, uint32_t tid);
bool sst_summary_pid(const struct sst_header *header, uint32_t pid);
bool sst_summary_call(const struct sst_header *header, int abi, uint32_t nr);
bool sst_summary_failed(const struct sst_header *header);
bool sst_summary_slower(const struct sst_header *header, uint64_t duration);
bool sst_summary_state(const struct sst_header *header, unsigned state);

/* sst_summary_clock() - the last reading of the clocks in the frame. Returns whether the header has one. */
bool sst_summary_clock(const struct sst_header *header, struct sst_clock *clock);

/*
 * sst_summary_add_health() - what the recorder says of itself, behind what sst_summary_add() has made.
 * sst_summary_health()
 * - the same back. Returns whether the header has it; then what it does not say is 0.
 */
void sst_summary_add_health(struct sst_header *header, const struct sst_health *health);
bool sst_summary_health(const struct sst_header *header, struct sst_health *health);

#endif
