/* late_item.c - see late_item.h */
#include "late_item.h"

#include <string.h>

#include "format/reader.h"

struct late_item late_item_row(const struct sst_rows *rows, size_t i, uint32_t tid, unsigned columns)
{
	const struct sst_call *call = &rows->calls[rows->call[i]];
	struct late_item item = {
		.time = rows->time[i],
		.seq = rows->seq[i],
		.duration = rows->duration[i],
		.tid = tid,
		.nr = call->nr,
		.abi = call->abi,
		.nargs = call->nargs < SST_ARGS ? call->nargs : SST_ARGS,
		.state = rows->state[i],
	};

	if (columns & (SST_COL_RET | SST_COL_ARGS))
		item.ret = rows->ret[i];
	if (columns & SST_COL_CPU)
		item.cpu = rows->cpu[i];
	if (columns & SST_COL_ARGS)
		for (unsigned a = 0; a < item.nargs; a++)
			item.arg[a] = rows->arg[a][i];
	return item;
}

struct late_item late_item_gap(const struct sst_gap *gap)
{
	return (struct late_item){
		.time = gap->time,
		.seq = gap->seq,
		.duration = gap->until,
		.ret = gap->count,
		.tid = gap->tid,
		.state = gap->cause,
		.gap = true,
	};
}

void late_call(const struct late_item *item, struct call *call)
{
	call_init(call, &(struct sst_call){.nr = item->nr, .abi = item->abi, .nargs = item->nargs});
}

struct row late_row(const struct late_item *item, const struct sst_group *who, struct call *call)
{
	struct row row = {
		.time = item->time,
		.duration = item->duration,
		.seq = item->seq,
		.ret = item->ret,
		.who = who,
		.call = call,
		.cpu = item->cpu,
		.state = item->state,
	};

	memcpy(row.arg, item->arg, sizeof(row.arg));
	return row;
}

struct sst_gap late_gap(const struct late_item *item, const struct sst_group *who)
{
	return (struct sst_gap){
		.time = item->time,
		.until = item->duration,
		.seq = item->seq,
		.count = item->ret,
		.pid = who->pid,
		.tid = item->tid,
		.cause = item->state,
	};
}
