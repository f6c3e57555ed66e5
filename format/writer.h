/*
 * writer.h - rows to frames.
 *
 *	struct sst_writer *w = sst_writer_new(&sink, 1);
 *	sst_writer_meta(w, &meta);			first, once
 *	sst_writer_rows(w, rows, SST_FRAME_ROWS, cut);	as often as wanted
 *	sst_writer_end(w, &meta);			last, once; without it the file counts as cut short
 *	sst_writer_free(w);
 *
 * A frame goes to the sink in one call, whole. The writer never reads or seeks: the sink may be a pipe.
 */
#ifndef SST_WRITER_H
#define SST_WRITER_H

#include "meta.h"
#include "rows.h"
#include "tally.h"

/* Where frames go: write all len bytes, return 0 or -errno. */
struct sst_sink {
	int (*write)(void *context, const void *data, size_t len);
	void *context;
};

enum sst_frame_type {
	SST_FRAME_META = 1,       /* facts about the recording, at its beginning */
	SST_FRAME_ROWS = 2,       /* calls that began since the cut before */
	SST_FRAME_LATE = 3,       /* calls that began before the cut before and were not complete then */
	SST_FRAME_END = 4,        /* totals; the recording ended here by its own will */
	SST_FRAME_TALLY = 0x8005, /* sums over calls of an interval; who does not know it skips it */
};

/* What has been written so far. */
struct sst_totals {
	uint64_t frames, rows, bytes; /* rows: complete ones and open ones that nothing replaced, each once */
	uint64_t lost;                /* calls, by the gaps written */
	uint64_t lost_by_cause[SST_CAUSE_COUNT];
	uint64_t tallied; /* calls in tally frames */
};

struct sst_writer;

/*
 * sst_writer_new() - uuid: 16 random bytes that all frames of the recording carry; level: zstd's (1 is the default of
 * the recorder). Returns NULL without memory. The sink is copied; its context must outlive the writer.
 */
struct sst_writer *sst_writer_new(const struct sst_sink *sink, const uint8_t uuid[16], int level);
void sst_writer_free(struct sst_writer *writer);

/* Each returns 0, -errno of the sink or -ENOMEM. After an error of the sink the writer only repeats it. */
int sst_writer_meta(struct sst_writer *writer, const struct sst_meta *meta);

/*
 * sst_writer_rows() - encode rows as one frame. type is SST_FRAME_ROWS or SST_FRAME_LATE. cut: boot time, ns, up to
 * which (inclusive) every call that began is now in the file, complete or open. An empty set of rows writes a frame all
 * the same. rows is not changed and not kept. Rows that need more bytes than a frame may have become several frames;
 * after an error sst_writer_totals() tells how many went out.
 */
int sst_writer_rows(struct sst_writer *writer, const struct sst_rows *rows, enum sst_frame_type type, uint64_t cut);

/*
 * sst_writer_tally() - tally as one frame; tally->until is its cut. tally is not changed and not kept.
 */
int sst_writer_tally(struct sst_writer *writer, const struct sst_tally *tally);

/*
 * sst_writer_health() - what the recorder has to say of itself goes into the header of the next ROWS or TALLY frame.
 */
void sst_writer_health(struct sst_writer *writer, const struct sst_health *health);

/*
 * sst_writer_copy() - a frame of another recording, len bytes at frame, header and payload, both of which a reader has
 * found right: as it is, but that uuid, number, totals and checksum of the header are changed, at frame, to those of
 * this recording. rows: what is in it, for the totals; NULL where the frame is neither ROWS nor LATE. Returns as above,
 * or -EINVAL where frame is no whole frame.
 */
int sst_writer_copy(struct sst_writer *writer, uint8_t *frame, size_t len, const struct sst_rows *rows);

/*
 * sst_writer_retry() - forget an error of the sink and go on after the last frame that went out. Only for a sink that
 * has taken back what it had written of the frame that failed.
 */
void sst_writer_retry(struct sst_writer *writer);

/* sst_writer_end() - the END frame: the caller's facts plus the writer's totals. */
int sst_writer_end(struct sst_writer *writer, const struct sst_meta *meta);

const struct sst_totals *sst_writer_totals(const struct sst_writer *writer);

#endif
