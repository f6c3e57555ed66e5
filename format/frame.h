/*
 * frame.h - the header of a frame: bytes to struct and back. docs/format.md, "Frame header", says what each field
 * means.
 *
 * A header is one zstd skippable frame, so that zstd itself steps over it. Behind it come the parts, each one zstd
 * frame with a few streams; a stream is the bytes of one column.
 */
#ifndef SST_FRAME_H
#define SST_FRAME_H

#include "error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SST_FORMAT_FIRST      1       /* versions: the first, … */
#define SST_FORMAT_VERSION    2       /* … and the last one, with ticks and shifted values */
#define SST_HEADER_FIRST_BYTE 0x53    /* of the magic number */
#define SST_ANCILLARY         0x8000u /* bit of a frame type: a decoder that does not know it may skip the frame */
#define SST_UUID_LEN          16

#define SST_HEADER_FIXED     100         /* bytes before the directory, magic and size included */
#define SST_HEADER_MIN       106         /* with an empty directory and the checksum */
#define SST_HEADER_PEEK      16          /* bytes that sst_header_length() needs */
#define SST_HEADER_MAX       (8 + 65536) /* in all */
#define SST_HEADER_WRITE_MAX 4096        /* no header that this library writes is longer */
#define SST_PARTS_MAX        64
#define SST_STREAMS_MAX      128
#define SST_RAW_MAX          (4u << 20)                 /* bytes of all streams of a frame */
#define SST_PAYLOAD_MAX      (SST_RAW_MAX + (1u << 17)) /* compressed: zstd adds at most 1/256 and some per part */
#define SST_EXTENSIONS_MAX   8                          /* that are kept of a header */
#define SST_EXTRA_MAX        2048                       /* and their bytes */

/* On disk: append only. Below 32 a stream is critical; from 32 on, an unknown even one is skipped, an odd one refused.
 */
enum sst_stream_id {
	SST_STREAM_GROUPS = 0,
	SST_STREAM_CALLS = 1,
	SST_STREAM_CALL = 2,
	SST_STREAM_PAUSE = 3,
	SST_STREAM_DURATION = 4,
	SST_STREAM_RET = 5,
	SST_STREAM_ARG0 = 6, /* … ARG5 = 11 */
	SST_STREAM_STATE = 12,
	SST_STREAM_CPU = 13,
	SST_STREAM_SEQ = 14,
	SST_STREAM_FACTS = 15,
	SST_STREAM_GAPS = 16,
	SST_STREAM_EVENTS = 17,
	SST_STREAM_CLOCKS = 18,
	SST_STREAM_PAUSE_REST = 19,
	SST_STREAM_DURATION_REST = 20,
	SST_STREAM_RET_REST = 21,
	SST_STREAM_ARG0_REST = 22, /* … ARG5_REST = 27 */
	SST_STREAM_CRITICAL = 28,  /* below are those that every decoder knows */
	SST_STREAM_ANCILLARY_FROM = 32,
	SST_STREAM_INDEX = 32,    /* of END: where the frames of the recording are */
	SST_STREAM_CAPTURES = 34, /* what arguments point to … */
	SST_STREAM_TEXT = 36,     /* … and the bytes of that, and of: */
	SST_STREAM_OPENS = 38,    /* what processes had open when the recording began */
	SST_STREAM_TALLY = 40,    /* of TALLY: sums */
	SST_STREAM_SHAPES = 42,   /* captures by what they were like before: which ones a row has … */
	SST_STREAM_STRINGS = 44,  /* … strings, and … */
	SST_STREAM_NAMES = 46,    /* … the bytes of new ones … */
	SST_STREAM_MEMORY = 48,   /* … memory … */
	SST_STREAM_WORDS = 50,    /* … by differences … */
	SST_STREAM_WORDS_REST = 52,
	SST_STREAM_BYTES = 54,      /* … and as it is */
	SST_STREAM_CONTAINERS = 56, /* which container threads or processes are in */
	SST_STREAM_COUNT = 57,      /* of an array by id */
};

/* Header extensions: what the rows are like. On disk; even ones are skipped by a decoder that does not know them. */
enum {
	SST_EXT_TIDS = 2,
	SST_EXT_PIDS = 4,
	SST_EXT_CALLS = 6,
	SST_EXT_ERRORS = 8,
	SST_EXT_LONGEST = 10,
	SST_EXT_STATES = 12,
	SST_EXT_CLOCK = 14,
	SST_EXT_HEALTH = 16,
	SST_EXT_LAST = SST_EXT_HEALTH,
};

/* How a column's stream is laid out. On disk, 3 bits. */
enum sst_encoding {
	SST_WHOLE = 0,   /* all of the column */
	SST_SPLIT = 1,   /* only the tokens; the rest is in the column's _REST stream */
	SST_STEPS = 2,   /* this bit: times are in steps of a clock; four bytes with the step come first */
	SST_SHIFTED = 2, /* this bit: values of each call have that many zero bits at their end; a byte for each comes
			    first */
	SST_TICKS = 4,   /* this bit: times are in ticks of a clock, by call; the clock comes first, with the pauses */
	SST_ENCODING_COUNT = 8
};

struct sst_part {
	uint32_t packed, raw; /* bytes, compressed and not */
};

struct sst_stream {
	uint32_t id;
	uint8_t encoding;
	uint8_t part;
	uint32_t offset, len; /* within the part, raw */
};

struct sst_extension {
	uint8_t id;
	uint16_t offset, len; /* within extra */
};

struct sst_header {
	uint8_t uuid[SST_UUID_LEN];
	uint64_t number;
	uint16_t type, version;
	uint32_t rows;
	uint64_t time_min, time_max, cut, rows_total, lost_total;
	uint32_t payload, payload_crc, previous_crc;
	uint32_t crc;    /* its own: the next header's previous_crc */
	uint32_t length; /* bytes of the header itself */
	unsigned n_parts, n_streams;
	struct sst_part parts[SST_PARTS_MAX];
	struct sst_stream streams[SST_STREAMS_MAX]; /* in order of part and offset */
	unsigned n_extensions;
	struct sst_extension extensions[SST_EXTENSIONS_MAX]; /* those that are known */
	uint32_t extra_len;
	uint8_t extra[SST_EXTRA_MAX]; /* their contents */
};

/* sst_header_put() - write the header at p, which has room for SST_HEADER_WRITE_MAX bytes. Sets crc and length. */
void sst_header_put(struct sst_header *header, uint8_t *p);

/*
 * sst_header_renew() - give the whole header at p, which sst_header_get() has read, the uuid, number, totals
 * and previous_crc of *header, and leave the rest as it is, also what this library does not know. Sets crc.
 */
void sst_header_renew(struct sst_header *header, uint8_t *p);

/*
 * sst_header_length() - bytes of the header that begins at p, by its first SST_HEADER_PEEK bytes; 0 where none can
 * begin.
 */
uint32_t sst_header_length(const uint8_t *p);

/*
 * sst_header_matches() - could these n bytes (any number) be the beginning of a header?
 */
bool sst_header_matches(const uint8_t *p, size_t n);

/*
 * sst_header_get() - read a header of len bytes (sst_header_length()).
 * Returns 0, or SST_E_HEADER (damaged: nothing in *header may be used), or SST_E_LIMIT or SST_E_NEWER: the checksum is
 * right and the fixed fields can be used, but not the directory.
 */
int sst_header_get(struct sst_header *header, const uint8_t *p, uint32_t len);

/* sst_header_stream() - the stream with this id, or NULL. */
const struct sst_stream *sst_header_stream(const struct sst_header *header, uint32_t id);

#endif
