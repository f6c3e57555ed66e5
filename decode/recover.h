/*
 * recover.h - --recover: from what is good in a damaged file make a whole one.
 *
 * Frames are copied as they are; only number, totals and chain of checksums in their headers are made to fit. Where
 * calls are missing, by the running totals, a gap of cause "cut" takes their place. META is made anew where it is
 * damaged, END where it is missing or does not fit any more; END tells what was cut.
 */
#ifndef SYSDECODE_RECOVER_H
#define SYSDECODE_RECOVER_H

#include "out.h"
#include "sources.h"

/*
 * recover_run() - write what is good of the only source, a file, to out. Of copies of a recording in it one is kept,
 * the same that is shown of the damaged file. What is wrong goes to the source's report; the last line on standard
 * error says what was kept and what was cut.
 */
void recover_run(const struct sources *sources, struct out *out);

/* Facts of the END frame of a recovered recording, all numbers added up if it was recovered more than once. */
#define RECOVERED_BY     "recovered"        /* program and version */
#define RECOVERED_PLACES "recovered.places" /* where something was cut out */
#define RECOVERED_BYTES  "recovered.bytes"  /* cut out, as far as they were there */
#define RECOVERED_CALLS  "recovered.calls"  /* cut out, as far as totals told */
#define RECOVERED_END    "recovered.end"    /* the byte where the file stopped, if it had no end */

#endif
