/*
 * check.h - sysstream --check: what this machine can do, tried out, and what that means for a recording
 *
 *	status = check_print(&options, stdout);
 *
 * A line a fact, its name first. The last line is "ready: ..." or "not ready: ...". Works without any privilege, and
 * says then what is missing.
 */
#ifndef TRACER_CHECK_H
#define TRACER_CHECK_H

#include <stdio.h>

#include "options.h"

/*
 * check_print() - takes a tenth of a second or two, in which programs are loaded and attached and taken away again.
 * Returns 0 where recordings can be made, -EPERM where a privilege is missing for that, another -errno where the kernel
 * cannot, -EIO when the text could not be written.
 */
int check_print(const struct options *options, FILE *out);

#endif
