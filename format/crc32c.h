/*
 * crc32c.h - CRC-32C (Castagnoli), as in RFC 3720 B.4 and SSE 4.2: reflected, polynomial 0x1EDC6F41, first and last
 * inverted.
 *
 * Any single damaged stretch of 32 bits or less is found for sure, all else but one case in 4,294,967,296.
 */
#ifndef SST_CRC32C_H
#define SST_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* sst_crc32c() - of len bytes. crc: 0, or the result for the bytes before these. */
uint32_t sst_crc32c(uint32_t crc, const void *data, size_t len);

/* The same, on any machine without special instructions; for tests. */
uint32_t sst_crc32c_portable(uint32_t crc, const void *data, size_t len);

#endif
