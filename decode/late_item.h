/*
 * late_item.h - a row, gap or event of a frame that is gone, as it is kept until its turn: late rows, and all that are
 * merged.
 *
 *	struct late_item item = late_item_row(rows, i, tid, columns);
 *	late_texts_add(&texts, &captured, &item.piece);		see late_text.h
 *	...
 *	late_call(&item, &call);
 *	row = late_row(&item, &who, &call);
 */
#ifndef SYSDECODE_LATE_ITEM_H
#define SYSDECODE_LATE_ITEM_H

#include "late_text.h"
#include "row.h"

struct late_item {
	uint64_t time, seq;
	uint64_t duration, ret; /* of a gap: until and count */
	uint64_t arg[SST_ARGS];
	uint32_t tid;
	uint32_t who;  /* index: its thread, as its keeper numbers them */
	uint32_t span; /* index: where it is from, likewise */
	uint32_t nr;
	uint16_t cpu;
	uint8_t abi, nargs;
	uint8_t state; /* of a gap: its cause */
	bool gap;
	uint8_t event;           /* enum sst_event_kind; 0: it is none. Of one, ret and duration are a and b */
	bool used;               /* an open row has been replaced by it */
	struct late_piece piece; /* what was captured of it, in texts */
};

/* late_item_row(), late_item_gap() - what there is to keep of row i of thread tid, of a gap; all but who, span and
 * piece. */
struct late_item late_item_row(const struct sst_rows *rows, size_t i, uint32_t tid, unsigned columns);
struct late_item late_item_gap(const struct sst_gap *gap);

/* late_call(), late_row(), late_gap() - back again. call: the row's, from late_call(). */
void late_call(const struct late_item *item, struct call *call);
struct row late_row(const struct late_item *item, const struct sst_group *who, struct call *call);
struct sst_gap late_gap(const struct late_item *item, const struct sst_group *who);

#endif
