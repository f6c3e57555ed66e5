/*
 * arguments.h - calls of every kind, made and recorded
 *
 *	begin_recording("FILE.sst");
 *	fd = CALL(SYS_openat, AT_FDCWD, V("file"), O_RDONLY);
 *	end_recording();
 */
#ifndef ARGUMENTS_H
#define ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>

#include "format/abi.h"
#include "format/signature.h"

#if defined(__x86_64__)
#define ABI SST_ABI_X86_64
#elif defined(__aarch64__)
#define ABI SST_ABI_AARCH64
#else
#define ABI SST_ABI_UNKNOWN
#endif

#define TEXT_MOST 4096

#define V(...)        ((uint64_t)(uintptr_t)(__VA_ARGS__))
#define CALL(nr, ...) make(nr, (uint64_t[6]){__VA_ARGS__})

/* --- record.c */

/* check() - the end of the program, unless it is good. */
void check(bool good, const char *what);

void begin_recording(const char *path);
void end_recording(void);

/* add() - what an argument of the call in this row points to; cut after TEXT_MOST bytes. */
void add(long row, unsigned arg, uint8_t form, uint8_t flags, const void *bytes, size_t len);

/* make() - a call that counts: right after a getpgid() that marks it, with a row. Returns its result or -errno. */
long make(unsigned nr, const uint64_t *args);

/* --- capture.c */

/* capture_all() - add() what the arguments of a call point to: what it reads when it begins, what it fills after it. */
void capture_all(long row, const struct sst_signature *signature, const uint64_t *args, long ret, bool after);

/* --- files.c */

void files(void);
void descriptors(void);
void terminals(void);

/* --- processes.c */

void memory_calls(void);
void signals(void);
void processes(void);
void times_and_locks(void);
void executions(void);

/* --- requests.c */

void requests(void);
void options(void);

/* --- sockets.c */

void sockets(void);
void messages(void);

/* --- sweep.c */

void sweep(void);

#endif
