/* fuzz.h - what a fuzzer, or replay.c, calls. */
#ifndef SST_FUZZ_H
#define SST_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
