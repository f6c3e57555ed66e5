/* verify.c - --verify, see summary.h */
#include "summary.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "sequence.h"
#include "walk.h"

struct verify {
	struct walk *walk;
	struct sequence *sequence;
	struct report *report;
	uint64_t rows;        /* of the ROWS frames of this recording: late rows replace some of them */
	uint64_t lost_before; /* calls, in the recordings before this one */
	bool wrong_totals;    /* an END frame says something else than what was counted */
};

/* The totals of the recording that ends here against what has been counted. */
static void end_recording(void *context)
{
	struct verify *verify = context;
	const struct walk *walk = verify->walk;
	const struct sequence_found *found;
	uint64_t lost;

	sequence_end(verify->sequence);
	found = sequence_found(verify->sequence);
	lost = lost_total(found->lost_by_cause);
	if (walk->recording.ended && !verify->report->damages)
		verify->wrong_totals |= walk->recording.rows_total != verify->rows ||
					walk->recording.lost_total != lost - verify->lost_before;
	verify->rows = 0;
	verify->lost_before = lost;
}

static void read_all(struct verify *verify)
{
	const struct sst_frame *frame;

	while ((frame = walk_next(verify->walk))) {
		bool late = frame->type == SST_FRAME_LATE;

		if (frame->type > SST_FRAME_END)
			walk_check(verify->walk); /* ancillary: nothing else would look at it */
		if (!late && frame->type != SST_FRAME_ROWS)
			continue;
		if (!walk_rows(verify->walk, SST_ALL_COLUMNS))
			continue;
		if (sequence_frame(verify->sequence, verify->walk->rows, late) < 0) {
			report_error(verify->report, -ENOMEM);
			return;
		}
		verify->rows += late ? 0 : verify->walk->rows->n;
	}
}

static const char *plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

static const char *were(uint64_t n)
{
	return n == 1 ? " was" : "s were";
}

static void print_counts(struct out *out, const struct sequence_found *found)
{
	uint64_t lost = lost_total(found->lost_by_cause);

	out_printf(out, "%" PRIu64 " call%s of %" PRIu64 " thread%s, %" PRIu64 " lost", found->calls,
		   plural(found->calls), found->threads, plural(found->threads), lost);
	if (lost)
		out_printf(out, " (%s)", lost_causes(found->lost_by_cause));
	out_printf(out, "\n");
}

static void print_stretch(struct out *out, const char *what, const struct stretch *stretch)
{
	if (stretch->from == stretch->to)
		out_printf(out, "%s: call %" PRIu64 " of thread %" PRIu32 "; ", what, stretch->from, stretch->tid);
	else
		out_printf(out, "%s: calls %" PRIu64 " to %" PRIu64 " of thread %" PRIu32 "; ", what, stretch->from,
			   stretch->to, stretch->tid);
}

static void print_damage(struct out *out, const struct report *report)
{
	out_printf(out, "damaged: %" PRIu64 " place%s, %" PRIu64 " byte%s, %" PRIu64 " row%s missing; ",
		   report->damages, plural(report->damages), report->bytes_damaged, plural(report->bytes_damaged),
		   report->rows_missing, plural(report->rows_missing));
	if (report->cut)
		out_printf(out, "and cut short at byte %" PRIu64 "; ", report->cut_offset);
}

/* The words behind the name, the worst first. Returns the status they stand for. */
static enum status print_verdict(struct out *out, const struct verify *verify)
{
	const struct report *report = verify->report;
	const struct sequence_found *found = sequence_found(verify->sequence);
	uint64_t lost = lost_total(found->lost_by_cause);

	if (report->damages) {
		print_damage(out, report);
		return STATUS_DAMAGED;
	}
	if (report->cut) {
		out_printf(out, "cut short: no end after byte %" PRIu64 "; ", report->cut_offset);
		return STATUS_DAMAGED;
	}
	if (found->twice) {
		out_printf(out, "damaged: %" PRIu64 " call%s there twice, ", found->twice, were(found->twice));
		print_stretch(out, "first", &found->first_twice);
		return STATUS_DAMAGED;
	}
	if (found->missing) {
		out_printf(out, "whole, but %" PRIu64 " call%s missing that nothing accounts for, ", found->missing,
			   found->missing == 1 ? " is" : "s are");
		print_stretch(out, "first", &found->first_missing);
		return STATUS_LOST;
	}
	if (verify->wrong_totals) {
		out_printf(out, "damaged: the totals at its end are not those of its rows; ");
		return STATUS_DAMAGED;
	}
	if (lost) {
		out_printf(out, "whole, but %" PRIu64 " call%s lost: ", lost, were(lost));
		return STATUS_LOST;
	}
	out_printf(out, "complete: ");
	return STATUS_OK;
}

void verify_run(const struct input *input, struct out *out, struct report *report)
{
	struct verify verify = {.report = report, .walk = walk_new(input, report), .sequence = sequence_new()};

	if (!verify.sequence)
		report_error(report, -ENOMEM);
	if (verify.walk && verify.sequence) {
		verify.walk->leave = end_recording;
		verify.walk->context = &verify;
		read_all(&verify);
	}
	if (report->status == STATUS_OK || report->status == STATUS_DAMAGED) {
		const struct sequence_found *found = sequence_found(verify.sequence);

		out_printf(out, "%s: ", report->name);
		report->status = worse(report->status, print_verdict(out, &verify));
		print_counts(out, found);
		if (found->unchecked)
			complain("%s: too many threads: the sequence of %" PRIu64 " calls was not checked",
				 report->name, found->unchecked);
	}
	sequence_free(verify.sequence);
	walk_free(verify.walk);
}
