/*
 * classes.h - sets of system calls by what they do, as strace(1) divides them: %file, %desc, %network, ...
 *
 * The sets are those of strace 6.1 on x86_64, with the calls of other ABIs and of later kernels beside their kin. A
 * name that an ABI does not have does no harm.
 */
#ifndef TRACER_CLASSES_H
#define TRACER_CLASSES_H

#include <stdbool.h>

/* classes_known() - is there a class of this name ("file", without the percent sign; "%stat" for strace's %%stat)? */
bool classes_known(const char *class);

/* classes_has() - is the call of this name in the class? */
bool classes_has(const char *class, const char *name);

/* classes_list() - all names, divided by blanks, for messages. */
const char *classes_list(void);

#endif
