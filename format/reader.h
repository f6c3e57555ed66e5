/*
 * reader.h - frames to rows.
 *
 *	struct sst_reader *r = sst_reader_new(&source);
 *	struct sst_frame frame;
 *	while ((err = sst_reader_next(r, &frame)) > 0) {
 *		if (sst_reader_load(r, &frame) == 0)	the compressed bytes, checked
 *			sst_frame_rows(&frame, rows, SST_ALL_COLUMNS)
 *	}
 *	sst_reader_free(r);
 *
 * sst_reader_next() never stops at damage: it reports the stretch of bytes that is lost, finds the next whole header of the
 * same recording and goes on. Nothing of a frame is used before its checksum has been verified. Memory: a fixed few MiB a
 * reader, whatever the file says.
 */
#ifndef SST_READER_H
#define SST_READER_H

#include "error.h"
#include "meta.h"
#include "rows.h"
#include "writer.h"

/*
 * Where bytes come from. read: up to len bytes, 0 at the end, -errno on failure. seek: absolute position, 0 or -errno; NULL
 * where the source cannot (a pipe). size: bytes in all, or -1 where it is not known.
 */
struct sst_source {
	long (*read)(void *context, void *data, size_t len);
	int (*seek)(void *context, uint64_t offset);
	int64_t (*size)(void *context);
	void *context;
};

/* A frame's header, checked. Times are boot time, ns. */
struct sst_frame {
	uint64_t offset;     /* of its first byte in the source */
	uint64_t length;     /* bytes of header and payload */
	uint64_t number;     /* 0, 1, 2 … within the recording */
	uint8_t uuid[16];    /* of the recording */
	unsigned type;	     /* enum sst_frame_type, or one that this decoder does not know and may skip */
	uint32_t n_rows;
	uint64_t time_min, time_max; /* entry of the earliest and latest row; time_min > time_max where there is none */
	uint64_t cut;	     /* every call that began up to here is in this frame or before it, complete or open */
	uint64_t rows_total; /* running totals up to and with this frame (struct sst_totals) */
	uint64_t lost_total;
	void *impl;	     /* the reader's; valid until the next call on the reader */
};

/* A stretch of the source that could not be used. */
struct sst_damage {
	uint64_t offset, length;
	int error;		   /* enum sst_error */
	uint64_t frame_from, frame_to; /* numbers of the missing frames; from > to where not known */
	uint64_t time_from, time_to;   /* boot time of the last row before and the first after; 0 where not known */
	uint64_t rows;		   /* missing rows, where the running totals tell, else 0 */
};

struct sst_reader;

/* sst_reader_new() - NULL without memory. The source is copied; its context must outlive the reader. */
struct sst_reader *sst_reader_new(const struct sst_source *source);
void sst_reader_free(struct sst_reader *reader);

/*
 * sst_reader_next() - the next frame's header.
 * Returns 1 with *frame filled, 0 at the end of the source, or: SST_E_NOT_SST (nothing of the source is a frame),
 * SST_E_NEWER (a frame that must not be skipped), SST_E_CUT (also for a source of no bytes; 0 follows), SST_E_HEADER, SST_E_LIMIT,
 * SST_E_MISSING (also for a frame that came twice), SST_E_NO_END (once, before 0 or before another recording), -errno of the
 * source. sst_reader_damage() tells what is lost; call again to go on.
 * A new recording in the same source (concatenated files) begins with its META frame.
 */
int sst_reader_next(struct sst_reader *reader, struct sst_frame *frame);

/* What the last SST_E_* result of sst_reader_next() or sst_reader_load() was about. */
const struct sst_damage *sst_reader_damage(const struct sst_reader *reader);

/*
 * sst_reader_load() - read and check the payload of the frame that sst_reader_next() returned last. Without it,
 * sst_reader_next() skips the payload (by seeking, where the source can).
 * Returns 0, SST_E_PAYLOAD, SST_E_CUT (the file has become shorter), -ENOMEM or -errno of the source.
 */
int sst_reader_load(struct sst_reader *reader, struct sst_frame *frame);

/* sst_reader_seek() - continue with the frame at offset (from an earlier struct sst_frame). -ESPIPE where it cannot. */
int sst_reader_seek(struct sst_reader *reader, uint64_t offset);

/*
 * sst_reader_release() - give back the memory of the frame's data where it is more than a usual frame's; the frame cannot be
 * decoded again. For callers that keep the rows and must stay within a limit whatever the file says.
 */
void sst_reader_release(struct sst_reader *reader);

/* Columns for sst_frame_rows(): what is not asked for is left undefined and, where the frame allows, not decompressed. */
enum {
	SST_COL_TIME = 1 << 0, /* needs duration too, which comes with it */
	SST_COL_SEQ = 1 << 1,
	SST_COL_RET = 1 << 2,
	SST_COL_ARGS = 1 << 3, /* needs ret too, which comes with it */
	SST_COL_CALL = 1 << 4,
	SST_COL_STATE = 1 << 5,
	SST_COL_CPU = 1 << 6,
	SST_COL_EXTRA = 1 << 7, /* gaps, events, clocks */
	SST_ALL_COLUMNS = 0xff,
};

/*
 * sst_frame_rows() - decode a loaded ROWS or LATE frame. rows is cleared first.
 * Returns 0, SST_E_PAYLOAD, SST_E_COLUMN, SST_E_LIMIT, SST_E_NEWER or -ENOMEM.
 */
int sst_frame_rows(const struct sst_frame *frame, struct sst_rows *rows, unsigned columns);

/* sst_frame_meta() - the facts in a loaded META or END frame. meta is cleared first. Returns as sst_frame_rows(). */
int sst_frame_meta(const struct sst_frame *frame, struct sst_meta *meta);

#endif
