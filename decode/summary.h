/*
 * summary.h - the two answers about a file as a whole: --info, what it is, and --verify, whether it is whole and
 * complete.
 */
#ifndef SYSDECODE_SUMMARY_H
#define SYSDECODE_SUMMARY_H

#include "out.h"
#include "tape.h"

/* info_run() - print the facts about input. What is wrong with it goes to the report. */
void info_run(const struct input *input, struct out *out, struct report *report);

/* verify_run() - read everything, check everything, print one line: the verdict. Its status goes to the report. */
void verify_run(const struct input *input, struct out *out, struct report *report);

/*
 * verify_session() - the same for the parts of a session, with one verdict over all of them. What is damaged has been
 * said before. The status goes to the report of the first section.
 */
void verify_session(const struct tape *tape, struct out *out);

#endif
