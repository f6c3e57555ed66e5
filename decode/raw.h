/*
 * raw.h - the view raw: pid << 32 | nr as hexadecimal, one call a line. Gaps do not appear in it.
 */
#ifndef SYSDECODE_RAW_H
#define SYSDECODE_RAW_H

#include "view.h"

/* raw_new() - NULL without memory. Free with free(). */
struct view *raw_new(void);

#endif
