/* verify.c - --verify, see summary.h */
#include "summary.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "escape.h"
#include "number.h"
#include "recover.h"
#include "sequence.h"
#include "tallied.h"
#include "walk.h"

#define TABLE_MAX ((size_t)4 << 20) /* bytes of the table of losses */
#define LINE_ROOM ((size_t)512)     /* for one line of it */

struct verify {
	struct walk *walk;
	struct sequence *sequence;
	struct report *report;
	uint64_t rows;           /* of the ROWS frames of this recording: late rows replace some of them */
	uint64_t lost_before;    /* calls, in the recordings before this one */
	uint64_t excluded_after; /* calls not selected after which nothing of their thread was recorded */
	bool filtered;           /* there is a recording of selected calls */
	bool wrong_totals;       /* an END frame says something else than what was counted */
	uint64_t damages;        /* before this recording */
	bool recovered;          /* from a damaged file; what was cut then: */
	bool end_cut;
	uint64_t places_cut, bytes_cut, calls_cut;
	char *table; /* a line a loss; it follows the verdict */
	size_t table_len, table_cap;
	uint64_t more; /* losses that did not fit */
	bool session;  /* the recordings are parts of one: sequences run on */
	struct tallied_reader tallied;
	uint64_t tallies, tallied_calls, tallied_here; /* frames of sums; calls in them, in this recording */
};

static const char *cause_of(const struct verify *verify, const struct loss *loss)
{
	if (loss->cause == LOSS_COUNTED)
		return "counted above";
	if (loss->cause != LOSS_HOLE)
		return cause_name(loss->cause);
	return verify->report->damages > verify->damages ? "damaged" : "not accounted for";
}

static char *put_time(char *p, const struct recording *recording, uint64_t time)
{
	return time && recording->has_start ? put_seconds(p, (int64_t)(time - recording->start)) : p;
}

static char *put_known(char *p, uint64_t n)
{
	return n ? put_u64(p, n) : p;
}

/* pid, tid, comm, seq, calls, from, until, cause; empty where not known. */
static char *put_loss(char *p, const struct verify *verify, const struct loss *loss)
{
	const struct recording *recording = &verify->walk->recording;

	p = put_known(p, loss->pid);
	*p++ = '\t';
	p = put_known(p, loss->tid);
	*p++ = '\t';
	p = escape(p, loss->comm, loss->comm_len, ESCAPE_CELL);
	*p++ = '\t';
	p = put_known(p, loss->seq);
	*p++ = '\t';
	p = put_u64(p, loss->count);
	*p++ = '\t';
	p = put_time(p, recording, loss->from);
	*p++ = '\t';
	p = put_time(p, recording, loss->until);
	return p + sprintf(p, "\t%s\n", cause_of(verify, loss));
}

static bool grow_table(struct verify *verify)
{
	size_t cap = verify->table_cap ? 2 * verify->table_cap : 32 * LINE_ROOM;
	char *table = cap <= TABLE_MAX ? realloc(verify->table, cap) : NULL;

	if (!table)
		return false;
	verify->table = table;
	verify->table_cap = cap;
	return true;
}

/* The losses of the recording that ends here. */
static void note_losses(struct verify *verify)
{
	const struct sequence_found *found = sequence_found(verify->sequence);

	for (size_t i = 0; i < found->n_losses; i++) {
		if (verify->table_len + LINE_ROOM > verify->table_cap && !grow_table(verify)) {
			verify->more += found->n_losses - i;
			break;
		}
		verify->table_len = (size_t)(put_loss(verify->table + verify->table_len, verify, &found->losses[i]) -
					     verify->table);
	}
	verify->more += found->more_losses;
	sequence_forget_losses(verify->sequence);
	verify->damages = verify->report->damages;
}

/* Of a filtered recording only the number of the calls left out is known, and that from its END. */
static const char *filter_of(const struct recording *recording)
{
	const char *filter = sst_meta_get(&recording->meta, "filter");

	return filter && *filter ? filter : NULL;
}

static void end_sequence(struct verify *verify)
{
	sequence_end(verify->sequence);
	note_losses(verify);
}

/* What was cut out of the file that this recording comes from. */
static void note_recovered(struct verify *verify)
{
	const struct sst_meta *end = &verify->walk->recording.end_meta;

	if (!sst_meta_get(end, RECOVERED_BY))
		return;
	verify->recovered = true;
	verify->end_cut |= sst_meta_get(end, RECOVERED_END) != NULL;
	verify->places_cut += sst_meta_u64(end, RECOVERED_PLACES, 0);
	verify->bytes_cut += sst_meta_u64(end, RECOVERED_BYTES, 0);
	verify->calls_cut += sst_meta_u64(end, RECOVERED_CALLS, 0);
}

/* What the recorder has counted as not selected; a number tells of it only where a record of the thread follows. */
static void note_excluded(struct verify *verify)
{
	const struct sst_meta *end = &verify->walk->recording.end_meta;

	sequence_excluded(verify->sequence, sst_meta_u64(end, "excluded", 0));
	verify->excluded_after += sst_meta_u64(end, "excluded.after", 0);
}

/* The totals of the recording that ends here against what has been counted. */
static void end_recording(void *context)
{
	struct verify *verify = context;
	const struct walk *walk = verify->walk;
	const struct sequence_found *found;
	uint64_t lost;

	if (walk->recording.ended && filter_of(&walk->recording))
		note_excluded(verify);

	if (!verify->session)
		end_sequence(verify);
	found = sequence_found(verify->sequence);
	lost = lost_total(found->lost_by_cause);
	if (walk->recording.ended && !verify->report->damages)
		verify->wrong_totals |= walk->recording.rows_total != verify->rows ||
					walk->recording.lost_total != lost - verify->lost_before;
	if (walk->recording.ended && !verify->report->damages && sst_meta_get(&walk->recording.end_meta, "tallied"))
		verify->wrong_totals |= sst_meta_u64(&walk->recording.end_meta, "tallied", 0) != verify->tallied_here;
	verify->rows = verify->tallied_here = 0;
	verify->lost_before = lost;
	note_recovered(verify);
}

/* The rows between the frames before and behind it are not in order. */
static void note_damage(void *context, const struct sst_damage *damage)
{
	sequence_break(((struct verify *)context)->sequence, damage->rows);
}

/* What nothing else would look at. */
static void check_ancillary(struct verify *verify, const struct sst_frame *frame)
{
	uint64_t calls;

	if (frame->type != SST_FRAME_TALLY) {
		walk_check(verify->walk);
		return;
	}
	verify->tallies++;
	if (!tallied_load(&verify->tallied, verify->walk))
		return;
	calls = tallied_calls(&verify->tallied);
	verify->tallied_calls += calls;
	verify->tallied_here += calls;
}

static void read_all(struct verify *verify)
{
	const struct sst_frame *frame;

	while ((frame = walk_next(verify->walk))) {
		bool late = frame->type == SST_FRAME_LATE;

		if (filter_of(&verify->walk->recording)) {
			sequence_selected(verify->sequence);
			verify->filtered = true;
		}

		if (frame->type > SST_FRAME_END)
			check_ancillary(verify, frame);
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

static void print_counts(const struct verify *verify, struct out *out)
{
	const struct sequence_found *found = sequence_found(verify->sequence);
	uint64_t lost = lost_total(found->lost_by_cause), excluded = found->excluded + verify->excluded_after;

	out_printf(out, "%" PRIu64 " call%s of %" PRIu64 " thread%s, %" PRIu64 " lost", found->calls,
		   plural(found->calls), found->threads, plural(found->threads), lost);
	if (lost)
		out_printf(out, " (%s)", lost_causes(found->lost_by_cause));
	if (verify->tallies)
		out_printf(out, "; %" PRIu64 " call%s counted, not recorded", verify->tallied_calls,
			   plural(verify->tallied_calls));
	if (verify->filtered)
		out_printf(out, "; %" PRIu64 " other call%s not selected", excluded, were(excluded));
}

static void print_stretch(struct out *out, const struct stretch *stretch)
{
	if (stretch->from == stretch->to)
		out_printf(out, "call %" PRIu64 " of thread %" PRIu32, stretch->from, stretch->tid);
	else
		out_printf(out, "calls %" PRIu64 " to %" PRIu64 " of thread %" PRIu32, stretch->from, stretch->to,
			   stretch->tid);
}

enum verdict { COMPLETE, FILTERED, LOST, RECOVERED, WRONG_TOTALS, MISSING, TWICE, CUT, DAMAGED };

/* The worst that can be said. */
static enum verdict judge(const struct verify *verify)
{
	const struct sequence_found *found = sequence_found(verify->sequence);

	if (verify->report->damages)
		return DAMAGED;
	if (verify->report->cut)
		return CUT;
	if (found->twice)
		return TWICE;
	if (found->missing)
		return MISSING;
	if (verify->wrong_totals)
		return WRONG_TOTALS;
	if (verify->recovered)
		return RECOVERED;
	if (lost_total(found->lost_by_cause))
		return LOST;
	return verify->filtered ? FILTERED : COMPLETE;
}

/* The words before the counts. */
static void print_verdict(const struct verify *verify, struct out *out, enum verdict verdict)
{
	const struct sequence_found *found = sequence_found(verify->sequence);
	uint64_t lost = lost_total(found->lost_by_cause);

	if (verdict == COMPLETE)
		out_printf(out, "complete: ");
	else if (verdict == FILTERED)
		out_printf(out, "whole, but filtered: ");
	else if (verdict == LOST)
		out_printf(out, "whole, but %" PRIu64 " call%s lost: ", lost, were(lost));
	else if (verdict == RECOVERED)
		out_printf(out, "whole, but recovered from a damaged file: ");
	else if (verdict == MISSING)
		out_printf(out, "whole, but %" PRIu64 " call%s missing that nothing accounts for: ", found->missing,
			   found->missing == 1 ? " is" : "s are");
	else
		out_printf(out, verdict == CUT ? "cut short: " : "damaged: ");
}

/* And those behind. */
static void print_details(const struct verify *verify, struct out *out, enum verdict verdict)
{
	const struct report *report = verify->report;
	const struct sequence_found *found = sequence_found(verify->sequence);

	if (verdict == DAMAGED)
		out_printf(out, "; %" PRIu64 " place%s, %" PRIu64 " byte%s, %" PRIu64 " row%s missing", report->damages,
			   plural(report->damages), report->bytes_damaged, plural(report->bytes_damaged),
			   report->rows_missing, plural(report->rows_missing));
	if (report->cut)
		out_printf(out, "; no end after byte %" PRIu64, report->cut_offset);
	if (verdict == TWICE || verdict == MISSING)
		out_printf(out,
			   verdict == TWICE           ? "; %" PRIu64 " there twice, first: "
			   : found->first_missing.tid ? "; %" PRIu64 " missing, first: "
						      : "; %" PRIu64 " missing",
			   verdict == TWICE ? found->twice : found->missing);
	if (verdict == TWICE || (verdict == MISSING && found->first_missing.tid))
		print_stretch(out, verdict == TWICE ? &found->first_twice : &found->first_missing);
	if (verdict == WRONG_TOTALS)
		out_printf(out, "; the totals at its end are not those of its rows");
	if (verify->recovered)
		out_printf(out, "; cut out of it: %" PRIu64 " place%s, %" PRIu64 " byte%s, %" PRIu64 " call%s%s",
			   verify->places_cut, plural(verify->places_cut), verify->bytes_cut, plural(verify->bytes_cut),
			   verify->calls_cut, plural(verify->calls_cut), verify->end_cut ? ", the end" : "");
	out_printf(out, "\n");
}

static enum status status_of(enum verdict verdict)
{
	switch (verdict) {
	case COMPLETE:
		return STATUS_OK;
	case FILTERED:
	case LOST:
	case RECOVERED:
	case MISSING:
		return STATUS_LOST;
	default:
		return STATUS_DAMAGED;
	}
}

static void print_table(const struct verify *verify, struct out *out)
{
	size_t at = 0;

	if (verify->table_len)
		out_printf(out, "pid\ttid\tcomm\tseq\tcalls\tfrom\tuntil\tcause\n");
	while (at < verify->table_len) {
		size_t n = verify->table_len - at < OUT_ROOM_MAX ? verify->table_len - at : OUT_ROOM_MAX;

		memcpy(out_room(out), verify->table + at, n);
		out_done(out, out->end + n);
		at += n;
	}
}

static void print_all(const struct verify *verify, struct out *out)
{
	struct report *report = verify->report;
	const struct sequence_found *found = sequence_found(verify->sequence);
	enum verdict verdict = judge(verify);

	out_printf(out, "%s: ", report->name);
	print_verdict(verify, out, verdict);
	print_counts(verify, out);
	print_details(verify, out, verdict);
	print_table(verify, out);
	report->status = worse(report->status, status_of(verdict));
	if (found->unchecked)
		complain("%s: too many threads: the sequence of %" PRIu64 " calls was not checked", report->name,
			 found->unchecked);
	if (verify->more)
		complain("%s: the table has no room for %" PRIu64 " more losses", report->name, verify->more);
}

/* All that verify->walk gives, and one line about it. */
static void run(struct verify *verify, struct out *out)
{
	struct report *report = verify->report;

	verify->sequence = sequence_new();
	if (!verify->sequence)
		report_error(report, -ENOMEM);
	if (verify->walk && verify->sequence) {
		verify->walk->leave = end_recording;
		verify->walk->context = report->context = verify;
		report->damaged = note_damage;
		read_all(verify);
		if (verify->session)
			end_sequence(verify);
	}
	if (report->status == STATUS_OK || report->status == STATUS_DAMAGED)
		print_all(verify, out);
	free(verify->table);
	tallied_clear(&verify->tallied);
	sequence_free(verify->sequence);
	walk_free(verify->walk);
}

void verify_run(const struct input *input, struct out *out, struct report *report)
{
	struct verify verify = {.report = report, .walk = walk_new(input, report)};

	run(&verify, out);
}

void verify_session(const struct tape *tape, struct out *out)
{
	const char *first = tape->sections[0].report->name, *last = tape->sections[tape->n - 1].report->name;
	char name[2100];
	struct report report = {.name = name, .quiet = true};
	struct verify verify = {.report = &report, .walk = walk_tape(tape, &report), .session = true};

	if (first == last)
		snprintf(name, sizeof(name), "all parts in %s", first);
	else
		snprintf(name, sizeof(name), "all parts from %s to %s", first, last);
	run(&verify, out);
	tape->sections[0].report->status = worse(tape->sections[0].report->status, report.status);
}
