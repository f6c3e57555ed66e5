/*
 * errno.h - names of error numbers, the same on every machine
 *
 * Not the C library's <errno.h>: format/ must reach compilers by -iquote or as "format/errno.h", never
 * by -I, or this file would take that one's place.
 */
#ifndef SST_ERRNO_H
#define SST_ERRNO_H

/*
 * The symbol of a Linux error number ("ENOENT" for 2): 1..134 and the kernel's own 512..531, of which
 * tracers see ERESTARTSYS and its kin. NULL for 0, negative and unused numbers: negate ret first.
 */
const char *sst_errno_name(int err);

#endif
