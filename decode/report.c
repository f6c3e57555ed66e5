/* report.c - see report.h */
#include "report.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "number.h"
#include "row.h"

static void (*keeper)(const char *line);

void complain_to(void (*keep)(const char *line))
{
	keeper = keep;
}

void complain(const char *format, ...)
{
	char line[8192];
	int n = snprintf(line, sizeof(line), "sysdecode: ");
	va_list args;

	va_start(args, format);
	vsnprintf(line + n, sizeof(line) - (size_t)n - 1, format, args);
	va_end(args);
	if (keeper)
		keeper(line);
	else
		fprintf(stderr, "%s\n", line); /* in one piece: others may write there too */
}

enum status worse(enum status a, enum status b)
{
	static const unsigned char rank[] = {
		[STATUS_OK] = 0,      [STATUS_LOST] = 1,   [STATUS_DAMAGED] = 2,
		[STATUS_NOT_SST] = 3, [STATUS_FAILED] = 4, [STATUS_USAGE] = 5,
	};

	return rank[a] > rank[b] ? a : b;
}

void report_error(struct report *report, int error)
{
	bool foreign = error == SST_E_NOT_SST || error == SST_E_NEWER;

	if (!report->quiet)
		complain("%s: %s", report->name, sst_strerror(error));
	report->status = worse(report->status, foreign ? STATUS_NOT_SST : STATUS_FAILED);
}

void damage_text(char *text, size_t size, const struct sst_damage *damage, uint64_t start)
{
	char from[NUMBER_ROOM], to[NUMBER_ROOM], *p = text;
	const char *end = text + size;

#define SAY(...) p += p < end ? snprintf(p, (size_t)(end - p), __VA_ARGS__) : 0
	if (damage->frame_from == damage->frame_to)
		SAY("frame %" PRIu64, damage->frame_from);
	else if (damage->frame_from < damage->frame_to)
		SAY("frames %" PRIu64 " to %" PRIu64, damage->frame_from, damage->frame_to);
	else
		SAY("what was there");
	if (damage->rows)
		SAY(", %" PRIu64 " row%s", damage->rows, damage->rows == 1 ? "" : "s");
	if (!start) /* nor do we know what times count from */
		return;
	*put_seconds(from, (int64_t)(damage->time_from - start)) = 0;
	*put_seconds(to, (int64_t)(damage->time_to - start)) = 0;
	if (damage->time_from && damage->time_to)
		SAY(", between %s and %s s", from, to);
	else if (damage->time_from)
		SAY(", after %s s", from);
	else if (damage->time_to)
		SAY(", before %s s", to);
#undef SAY
}

void report_damage(struct report *report, const struct sst_damage *damage, uint64_t start)
{
	char missing[256];

	if (report->damages == 0)
		report->first = *damage;
	report->status = worse(report->status, STATUS_DAMAGED);
	report->rows_missing += damage->rows;
	report->bytes_damaged += damage->length;
	if (report->damaged)
		report->damaged(report->context, damage);
	if (++report->damages > DAMAGES_SHOWN || report->quiet)
		return;
	damage_text(missing, sizeof(missing), damage, start);
	if (damage->length)
		complain("%s: damaged at bytes %" PRIu64 " to %" PRIu64 ": %s; missing: %s", report->name,
			 damage->offset, damage->offset + damage->length - 1, sst_strerror(damage->error), missing);
	else
		complain("%s: damaged at byte %" PRIu64 ": %s; missing: %s", report->name, damage->offset,
			 sst_strerror(damage->error), missing);
}

void report_start(const struct report *report)
{
	if (!report->quiet)
		complain("%s: when the recording began is not known: times count from the first call found",
			 report->name);
}

void report_cut(struct report *report, uint64_t offset)
{
	report->status = worse(report->status, STATUS_DAMAGED);
	report->cut = true;
	report->cut_offset = offset;
}

void report_unordered(struct report *report)
{
	report->status = worse(report->status, STATUS_DAMAGED);
	if (!report->quiet)
		complain("%s: calls that returned late are too mixed to be put in order; from here on they come as "
			 "they stand in the file, behind unfinished rows of the same calls",
			 report->name);
}

uint64_t lost_total(const uint64_t lost_by_cause[SST_CAUSE_COUNT])
{
	uint64_t total = 0;

	for (unsigned cause = 0; cause < SST_CAUSE_COUNT; cause++)
		total += lost_by_cause[cause];
	return total;
}

const char *lost_causes(const uint64_t lost_by_cause[SST_CAUSE_COUNT])
{
	static char text[SST_CAUSE_COUNT * 48];
	size_t n = 0;

	*text = 0;
	for (unsigned cause = 0; cause < SST_CAUSE_COUNT; cause++)
		if (lost_by_cause[cause])
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%" PRIu64 " %s", n ? ", " : "",
					      lost_by_cause[cause], cause_name(cause));
	return text;
}

void report_copy(const struct report *report, uint64_t begin, uint64_t end)
{
	if (!report->quiet)
		complain("%s: bytes %" PRIu64 " to %" PRIu64 " repeat the recording before them: left out",
			 report->name, begin, end - 1);
}

void report_summary(const struct report *report)
{
	uint64_t lost = lost_total(report->lost_by_cause);

	if (report->damages > DAMAGES_SHOWN)
		complain("%s: damaged at %" PRIu64 " more places", report->name, report->damages - DAMAGES_SHOWN);
	if (lost)
		complain("%s: %" PRIu64 " call%s lost while recording: %s", report->name, lost,
			 lost == 1 ? " was" : "s were", lost_causes(report->lost_by_cause));
	if (report->cut)
		complain("%s: cut short at byte %" PRIu64 ": the recording has no end (still running, or stopped by "
			 "force); %" PRIu64 " row%s decoded",
			 report->name, report->cut_offset, report->rows, report->rows == 1 ? "" : "s");
}
