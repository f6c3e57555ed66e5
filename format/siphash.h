/*
 * siphash.h - SipHash-2-4 (Aumasson, Bernstein, 2012): a keyed hash of 64 bits for short texts. Who does not know the
 * key cannot tell which text a hash is of, nor try texts.
 */
#ifndef SST_SIPHASH_H
#define SST_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

#define SST_SIPHASH_KEY 16

uint64_t sst_siphash(const uint8_t key[SST_SIPHASH_KEY], const void *data, size_t len);

#endif
