/*
 * merge.h - sessions that overlap in time, row by row in one table.
 *
 * For few sessions or many, in bounded memory: the earliest rows of all of them that fit into a window are collected,
 * put in order and printed, then the next ones. So a frame may be decoded more than once, and one thread does it all.
 */
#ifndef SYSDECODE_MERGE_H
#define SYSDECODE_MERGE_H

#include "stream.h"

#define MERGE_WINDOW 32768      /* rows and gaps, … */
#define MERGE_TEXT   (4u << 20) /* … bytes that were captured of them … */
#define MERGE_PIECES 131072     /* … and pieces of memory */

/*
 * merge_run() - tapes of files, each a session, whose sections say by their zero how their times compare. Otherwise as
 * stream_run().
 */
void merge_run(const struct tape *tapes, size_t n, const struct stream_config *config);

#endif
