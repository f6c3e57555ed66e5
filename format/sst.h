/*
 * sst.h - recordings of system calls (.sst files) to rows, and rows to recordings; -lsst, or `pkg-config --libs sst`.
 *
 * This is the one header for users of the library. To read, see struct sst_reader; to write, struct sst_writer; for
 * names of calls, sst_syscall_name(). docs/example.c is a whole program. docs/format.md tells what the fields mean.
 *
 * The library never prints, never exits, keeps no state but in the objects it gives out, and believes nothing that a
 * file says before a checksum has proved it. Functions return 0 or a count, or a negative number that sst_strerror()
 * explains.
 */
#ifndef SST_H
#define SST_H

#ifdef __cplusplus
extern "C" {
#endif

#include "abi.h"
#include "error.h"
#include "meta.h"
#include "rows.h"
#include "reader.h"
#include "writer.h"
#include "syscalls.h"
#include "errno.h"

#ifdef __cplusplus
}
#endif

#endif
