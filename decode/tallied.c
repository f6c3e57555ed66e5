/* tallied.c - see tallied.h */
#include "tallied.h"

#include "containers.h"

#include <errno.h>
#include <string.h>

static bool can_tell(const struct filter *filter)
{
	return !filter->n_tids && !filter->failed && !filter->has_slower;
}

static void give_line(const struct sst_tally *tally, const struct sst_group *who, const struct sst_tally_line *line,
		      const struct filter *filter, struct view *view)
{
	struct call call;
	struct tallied tallied = {.who = who,
				  .call = &call,
				  .line = line,
				  .cells = tally->cells + line->first_cell,
				  .from = tally->from,
				  .until = tally->until};

	call_init(&call, &(struct sst_call){.abi = line->abi, .nr = line->nr});
	if (filter_call(filter, &call))
		view->tallied(view, &tallied);
}

static void give_process(const struct sst_tally *tally, const struct sst_tally_process *process,
			 const struct filter *filter, struct view *view)
{
	struct sst_group who = {
		.pid = process->pid, .tid = process->pid, .where = process->where, .comm_len = process->comm_len};

	memcpy(who.comm, process->comm, process->comm_len);
	if (!filter_who(filter, &who))
		return;
	for (uint32_t i = 0; i < process->n; i++)
		give_line(tally, &who, &tally->lines[process->first + i], filter, view);
}

bool tallied_load(struct tallied_reader *reader, struct walk *walk)
{
	int err = sst_reader_load(walk->reader, &walk->frame);

	if (!err && !reader->tally)
		reader->tally = sst_tally_new();
	if (!err)
		err = reader->tally ? sst_frame_tally(&walk->frame, reader->tally) : -ENOMEM;
	if (!err && reader->tally->n_processes > 0)
		containers_intern(&reader->tally->containers, &reader->tally->processes->where,
				  sizeof(*reader->tally->processes), reader->tally->n_processes);
	sst_reader_release(walk->reader);
	if (err)
		walk_damaged(walk, &walk->frame, err);
	return !err;
}

uint64_t tallied_calls(const struct tallied_reader *reader)
{
	uint64_t calls = 0;

	for (size_t i = 0; i < reader->tally->n_lines; i++)
		calls += reader->tally->lines[i].calls;
	return calls;
}

bool tallied_give(struct tallied_reader *reader, struct walk *walk, const struct filter *filter, struct view *view)
{
	struct span span = filter_span(filter, &walk->recording);
	const struct sst_tally *tally;

	reader->goes_on = false;
	if (!tallied_load(reader, walk))
		return false;
	tally = reader->tally;
	reader->goes_on = tally->flags & SST_TALLY_MORE;
	if (!can_tell(filter)) {
		reader->unfit++;
		return true;
	}
	if (!filter_time(filter, &span, tally->from + (tally->until - tally->from) / 2))
		return true;
	for (size_t i = 0; i < tally->n_processes; i++)
		give_process(tally, &tally->processes[i], filter, view);
	if (view->interval)
		view->interval(view, tally, !filter->n_pids && !filter->n_comms);
	return true;
}

void tallied_clear(struct tallied_reader *reader)
{
	sst_tally_free(reader->tally);
	*reader = (struct tallied_reader){0};
}
