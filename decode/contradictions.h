/*
 * contradictions.h - options that are right by themselves, but not together
 */
#ifndef SYSDECODE_CONTRADICTIONS_H
#define SYSDECODE_CONTRADICTIONS_H

#include "options.h"

/*
 * options_contradiction() - a sentence about the first thing that is wrong with all options of a command line and its
 * files together, or NULL. It is not to be freed.
 */
const char *options_contradiction(const struct options *options);

#endif
