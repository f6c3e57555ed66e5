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
 * sst_reader_next() never stops at damage: it reports the stretch of bytes that is lost, finds the next whole header of
 * the same recording and goes on. Nothing of a frame is used before its checksum has been verified.
 *
 * Memory, whatever the file says: a reader and each further payload at most 8.5 MiB (usually one), a set of rows at
 * most 14.5 MiB (usually 6), so that a reader with its rows stays below 24 MiB.
 *
 * In parallel: one thread reads, others decode. There is no state but in these objects, so each thread uses its own
 * rows, and payloads wander between them:
 *
 *	struct sst_payload *payload = sst_payload_new();	some of them
 *	sst_reader_next(r, &frame) and sst_reader_load(r, &frame) as above, then
 *	sst_reader_swap(r, &frame, payload);	the reader goes on with that memory; payload has the frame
 *	... in another thread: sst_frame_rows(&frame, its_rows, columns), then payload is free for the next swap
 */
#ifndef SST_READER_H
#define SST_READER_H

#include "error.h"
#include "meta.h"
#include "rows.h"
#include "tally.h"
#include "writer.h"

/*
 * Where bytes come from. read: up to len bytes, 0 at the end, -errno on failure. seek: absolute position, 0 or -errno;
 * NULL where the source cannot (a pipe). size: bytes in all, or -1 where it is not known.
 */
struct sst_source {
	long (*read)(void *context, void *data, size_t len);
	int (*seek)(void *context, uint64_t offset);
	int64_t (*size)(void *context);
	void *context;
};

/* A frame's header, checked. Times are boot time, ns. */
struct sst_frame {
	uint64_t offset;  /* of its first byte in the source */
	uint64_t length;  /* bytes of header and payload */
	uint64_t number;  /* 0, 1, 2 … within the recording */
	uint8_t uuid[16]; /* of the recording */
	unsigned type;    /* enum sst_frame_type, or one that this decoder does not know and may skip */
	uint32_t n_rows;
	uint64_t time_min, time_max; /* entry of the earliest and latest row; time_min > time_max where there is none */
	uint64_t cut;        /* every call that began up to here is in this frame or before it, complete or open */
	uint64_t rows_total; /* running totals up to and with this frame (struct sst_totals) */
	uint64_t lost_total;
	void *impl; /* the reader's; valid until the next call on the reader, or of the payload it was swapped to */
};

/* A stretch of the source that could not be used. */
struct sst_damage {
	uint64_t offset, length;
	int error;                     /* enum sst_error */
	uint64_t frame_from, frame_to; /* numbers of the missing frames; from > to where not known */
	uint64_t time_from, time_to;   /* boot time of the last row before and the first after; 0 where not known */
	uint64_t rows;                 /* missing rows, where the running totals tell, else 0 */
};

struct sst_reader;

/* sst_reader_new() - NULL without memory. The source is copied; its context must outlive the reader. */
struct sst_reader *sst_reader_new(const struct sst_source *source);
void sst_reader_free(struct sst_reader *reader);

/*
 * sst_reader_next() - the next frame's header.
 * Returns 1 with *frame filled, 0 at the end of the source, or: SST_E_NOT_SST (nothing of the source is a frame),
 * SST_E_NEWER (a frame that must not be skipped), SST_E_CUT (also for a source of no bytes; 0 follows), SST_E_HEADER,
 * SST_E_LIMIT, SST_E_MISSING (also for a frame that came twice), SST_E_NO_END (once, before 0 or before another
 * recording), -errno of the source. sst_reader_damage() tells what is lost; call again to go on. A new recording in the
 * same source (concatenated files) begins with its META frame.
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
 * sst_reader_release() - give back the memory of the frame's data where it is more than a usual frame's; the frame
 * cannot be decoded again. For callers that keep the rows and must stay within a limit whatever the file says.
 */
void sst_reader_release(struct sst_reader *reader);

/* Memory for the data of one frame, compressed and not. */
struct sst_payload;

/* sst_payload_new() - NULL without memory. */
struct sst_payload *sst_payload_new(void);
void sst_payload_free(struct sst_payload *payload);

/*
 * sst_reader_swap() - take a loaded frame out of the reader: from now on it lives in payload, and the reader uses the
 * memory that payload had. The frame can be decoded, also in another thread and however the reader goes on, until
 * payload is swapped again or freed. Returns 0, or -EINVAL when the frame is not the reader's last one or has not been
 * loaded.
 */
int sst_reader_swap(struct sst_reader *reader, struct sst_frame *frame, struct sst_payload *payload);

/* Some frames of the source, one behind the other. */
struct sst_index_entry {
	uint64_t offset, length; /* bytes */
	uint64_t number;         /* of the first frame; 0 begins a recording */
	uint64_t frames, rows;
	uint64_t time_min, time_max; /* of the rows, boot time, ns; undefined without rows */
	unsigned kinds;              /* bit t: there is a frame of type t (enum sst_frame_type) */
};

struct sst_index {
	struct sst_index_entry *entries; /* all of the source, in its order */
	size_t n;
};

/*
 * sst_reader_index() - where the frames are, from the ends of the recordings, without reading what is before them. The
 * reader stays where it is. Returns 1; or 0 where the source cannot seek, or some recording in it has no end or no
 * index, or anything contradicts: then sst_reader_next() tells; or -ENOMEM or -errno. Free it with sst_index_clear()
 * whatever is returned.
 *
 * An index is only a help: it says what its recorder wrote, not whether that is still there. Go to an entry by
 * sst_reader_seek(), and compare what sst_reader_next() gives with number and offset before believing it.
 */
int sst_reader_index(struct sst_reader *reader, struct sst_index *index);
void sst_index_clear(struct sst_index *index);

/*
 * What a frame's header says about its rows, so that a filter can skip it without sst_reader_load(). Each answers
 * whether there could be such a row, and true where the header does not say. They are about the rows as they stand in
 * this frame: an open one (SST_UNFINISHED, SST_MIDWAY_OPEN) may be replaced by a LATE frame's, which has the same time.
 * The frame must be the reader's last one or in a payload.
 */
bool sst_frame_may_have_tid(const struct sst_frame *frame, uint32_t tid);
bool sst_frame_may_have_pid(const struct sst_frame *frame, uint32_t pid);
bool sst_frame_may_have_call(const struct sst_frame *frame, int abi, uint32_t nr); /* abi -1: any */
bool sst_frame_may_have_failed(const struct sst_frame *frame);                     /* a result of -1 to -4095 */
bool sst_frame_may_have_slower(const struct sst_frame *frame, uint64_t duration);  /* of at least so many ns */
bool sst_frame_may_have_state(const struct sst_frame *frame, unsigned state);      /* enum sst_state */
bool sst_frame_may_have_gaps(const struct sst_frame *frame);
bool sst_frame_may_have_events(const struct sst_frame *frame);
bool sst_frame_may_have_containers(const struct sst_frame *frame); /* or numbers in a PID namespace */
bool sst_frame_may_have_text(const struct sst_frame *frame);       /* captures or opens */

/* sst_frame_clock() - the last reading of the clocks in this frame, as its header has it. Returns whether there is one.
 */
bool sst_frame_clock(const struct sst_frame *frame, struct sst_clock *clock);

/* sst_frame_health() - what the recorder says of itself with this frame. Returns whether it does. */
bool sst_frame_health(const struct sst_frame *frame, struct sst_health *health);

/*
 * sst_frame_memory() - bytes that the frame's data and the rows decoded from them take at most: for callers that decide
 * how many frames to hold at a time. As above, the frame must be the reader's last one or in a payload.
 */
size_t sst_frame_memory(const struct sst_frame *frame);

/* Columns for sst_frame_rows(): what is not asked for is left undefined and, where the frame allows, not decompressed.
 */
enum {
	SST_COL_TIME = 1 << 0, /* needs duration too, which comes with it */
	SST_COL_SEQ = 1 << 1,
	SST_COL_RET = 1 << 2,
	SST_COL_ARGS = 1 << 3, /* needs ret too, which comes with it */
	SST_COL_CALL = 1 << 4,
	SST_COL_STATE = 1 << 5,
	SST_COL_CPU = 1 << 6,
	SST_COL_EXTRA = 1 << 7, /* gaps, events, clocks */
	SST_COL_TEXT = 1 << 8,  /* captures and opens, which come in order of rows; needs EXTRA, which comes with it */
	SST_COL_WHERE = 1 << 9, /* the containers and namespaces of groups */
	SST_ALL_COLUMNS = 0x3ff,
};

/*
 * sst_frame_rows() - decode a loaded ROWS or LATE frame. rows is cleared first. With columns 0 only the groups and
 * calls, which are in a small part of their own: cheap enough to ask for threads' names before anything else.
 * Returns 0, SST_E_PAYLOAD, SST_E_COLUMN, SST_E_LIMIT, SST_E_NEWER or -ENOMEM.
 */
int sst_frame_rows(const struct sst_frame *frame, struct sst_rows *rows, unsigned columns);

/* sst_frame_tally() - the sums in a loaded TALLY frame. tally is cleared first. Returns as sst_frame_rows(). */
int sst_frame_tally(const struct sst_frame *frame, struct sst_tally *tally);

/* sst_frame_meta() - the facts in a loaded META or END frame. meta is cleared first. Returns as sst_frame_rows(). */
int sst_frame_meta(const struct sst_frame *frame, struct sst_meta *meta);

#endif
