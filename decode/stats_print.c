/* stats_print.c - see stats_print.h */
#include "stats_print.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cell.h"
#include "containers.h"
#include "escape.h"
#include "pathnames.h"

/* title: in the table for people, NULL if it is not there. */
static const struct {
	const char *name, *title;
	bool text;   /* aligned left */
	bool number; /* a number in JSON */
} fields[FIELD_COUNT] = {
	[FIELD_FROM] = {"from", NULL, false, false},
	[FIELD_UNTIL] = {"until", NULL, false, false},
	[FIELD_ROW] = {"row", NULL, true, false},
	[FIELD_PID] = {"pid", "PID", false, true},
	[FIELD_TID] = {"tid", "TID", false, true},
	[FIELD_CONTAINER] = {"container", "CONTAINER", true, false},
	[FIELD_COMM] = {"comm", "COMM", true, false},
	[FIELD_ABI] = {"abi", NULL, true, false},
	[FIELD_SYSCALL] = {"syscall", "CALL", true, false},
	[FIELD_CALLS] = {"calls", "CALLS", false, false},
	[FIELD_ERRORS] = {"errors", "ERRORS", false, false},
	[FIELD_UNFINISHED] = {"unfinished", NULL, false, false},
	[FIELD_TOTAL] = {"total", "TOTAL ms", false, false},
	[FIELD_AVG] = {"avg", "AVG ms", false, false},
	[FIELD_P50] = {"p50", "P50 ms", false, false},
	[FIELD_P99] = {"p99", "P99 ms", false, false},
	[FIELD_MAX] = {"max", "MAX ms", false, false},
	[FIELD_BYTES] = {"bytes", "BYTES", false, false},
	[FIELD_PATH] = {"path", "PATH", true, false},
};

uint64_t stats_average(const struct tally *tally)
{
	return tally->timed ? tally->total / tally->timed : 0;
}

uint64_t stats_percentile(const struct tally *tally, unsigned percent)
{
	uint64_t ns = histogram_percentile(&tally->durations, percent);
	bool is_last = tally->timed < 100 && tally->timed * (100 - percent) < 100; /* of so few it is the longest one */

	return !is_last && ns < tally->max ? ns : tally->max;
}

bool stats_has_field(const struct stats_config *config, enum field field)
{
	switch (field) {
	case FIELD_FROM:
	case FIELD_UNTIL:
		return config->interval > 0 && config->style != STATS_TEXT;
	case FIELD_PID:
		return config->by & (BY_PROCESS | BY_THREAD);
	case FIELD_TID:
		return config->by & BY_THREAD;
	case FIELD_CONTAINER:
		return config->by & BY_CONTAINER;
	case FIELD_PATH:
		return config->by & BY_PATH;
	case FIELD_COMM:
		return config->by & (BY_PROCESS | BY_THREAD | BY_COMM);
	case FIELD_SYSCALL:
		return config->by & BY_SYSCALL;
	case FIELD_ABI:
		return config->by & BY_SYSCALL && config->style != STATS_TEXT;
	default:
		return config->style != STATS_TEXT || fields[field].title;
	}
}

/* Milliseconds for people, with three decimals; seconds for programs. */
static char *put_span(char *p, const struct stats_config *config, uint64_t ns)
{
	if (config->style != STATS_TEXT && config->style != STATS_LINE)
		return put_seconds_u64(p, ns);
	ns = ns / 1000 + (ns % 1000 >= 500);
	return p + sprintf(p, "%" PRIu64 ".%03u", ns / 1000, (unsigned)(ns % 1000));
}

struct tally_key stats_owner(const struct tally *tally)
{
	struct tally_key key;

	memset(&key, 0, sizeof(key));
	key.pid = tally->key.pid;
	key.tid = tally->key.tid;
	return key;
}

static char *put_comm(char *p, const struct stats_table *table, const struct tally *tally)
{
	const struct stats_config *config = table->config;
	const struct tally_name *name = &tally->name;
	const char *comm;
	size_t len;

	if (table->names) {
		struct tally_key key = stats_owner(tally);
		const struct tally *owner = tallies_find(table->names, &key);

		name = owner ? &owner->name : name;
	}
	comm = config->by & BY_COMM ? tally->key.comm : name->comm;
	len = config->by & BY_COMM ? tally->key.comm_len : name->comm_len;

	if (config->style == STATS_JSONL)
		return cell_json(p, comm, len);
	return escape(p, comm, len, config->style == STATS_TEXT ? ESCAPE_MESSAGE : ESCAPE_CELL);
}

/* As much of it as a name of a thread may have, for which there is room everywhere. */
static char *put_container(char *p, const struct stats_config *config, const struct tally *tally)
{
	size_t len;
	const char *text = container_text(tally->key.container, CONTAINER_BEST, &len);

	len = len < SST_COMM_MAX ? len : SST_COMM_MAX;
	if (len == 0 && (config->style == STATS_TEXT || config->style == STATS_LINE))
		return cell_string(p, "-");
	if (config->style == STATS_JSONL)
		return cell_json(p, text, len);
	return escape(p, text, len, config->style == STATS_TEXT ? ESCAPE_MESSAGE : ESCAPE_CELL);
}

static char *put_path(char *p, const struct stats_config *config, const struct tally *tally)
{
	size_t len;
	const char *text = pathnames_text(tally->key.path, &len);

	if (len == 0 && (config->style == STATS_TEXT || config->style == STATS_LINE))
		return cell_string(p, "-");
	if (config->style == STATS_JSONL)
		return cell_json(p, text, len);
	return escape(p, text, len, config->style == STATS_TEXT ? ESCAPE_MESSAGE : ESCAPE_CELL);
}

static char *put_call(char *p, const struct tally *tally)
{
	struct call call;

	if (tally->key.abi == SST_TALLY_ANY)
		return cell_string(p, "other");
	call_init(&call, &(struct sst_call){.nr = tally->key.nr, .abi = tally->key.abi});
	return cell_string(p, call.name);
}

/* Which tally this is; nothing for those that stand for many. */
static char *put_key(char *p, const struct stats_table *table, const struct tally *tally, enum field field)
{
	if (tally->key.kind != TALLY_CALLS)
		return p;
	switch (field) {
	case FIELD_PID:
		return put_u64(p, tally->key.pid);
	case FIELD_TID:
		return put_u64(p, tally->key.tid);
	case FIELD_CONTAINER:
		return put_container(p, table->config, tally);
	case FIELD_PATH:
		return put_path(p, table->config, tally);
	case FIELD_COMM:
		return put_comm(p, table, tally);
	case FIELD_ABI:
		return tally->key.abi == SST_TALLY_ANY ? p : cell_abi(p, tally->key.abi);
	default:
		return put_call(p, tally);
	}
}

static char *put_times(char *p, const struct stats_config *config, const struct tally *tally, enum field field)
{
	bool percentile = field == FIELD_P50 || field == FIELD_P99;

	if (!tally->timed || (percentile && tally->blurred))
		return p;
	if (percentile)
		return put_span(p, config, stats_percentile(tally, field == FIELD_P50 ? 50 : 99));
	return put_span(p, config,
			field == FIELD_TOTAL ? tally->total
			: field == FIELD_AVG ? stats_average(tally)
					     : tally->max);
}

static char *put_sums(char *p, const struct stats_config *config, const struct tally *tally, enum field field)
{
	if (field == FIELD_CALLS)
		return put_u64(p, tally->calls);
	if (tally->key.kind == TALLY_LOST) /* nothing else is known of them */
		return p;
	switch (field) {
	case FIELD_ERRORS:
		return put_u64(p, tally->errors);
	case FIELD_UNFINISHED:
		return put_u64(p, tally->unfinished);
	case FIELD_BYTES:
		return put_u64(p, tally->bytes);
	default:
		return put_times(p, config, tally, field);
	}
}

static const char *row_name(const struct tally *tally)
{
	return tally->key.kind == TALLY_OTHER ? "other" : tally->key.kind == TALLY_LOST ? "lost" : "calls";
}

static char *put_field(char *p, const struct stats_table *table, const struct tally *tally, enum field field)
{
	const struct stats_config *config = table->config;
	uint64_t from = table->interval * config->interval;

	switch (field) {
	case FIELD_FROM:
		return put_seconds_u64(p, from);
	case FIELD_UNTIL:
		return put_seconds_u64(p, from + config->interval);
	case FIELD_ROW:
		return cell_string(p, row_name(tally));
	case FIELD_PID:
	case FIELD_TID:
	case FIELD_CONTAINER:
	case FIELD_PATH:
	case FIELD_COMM:
	case FIELD_ABI:
	case FIELD_SYSCALL:
		return put_key(p, table, tally, field);
	default:
		return put_sums(p, config, tally, field);
	}
}

/* The tallies of a table one after the other, then other and lost; NULL behind them. */
static const struct tally *nth(const struct stats_table *table, size_t i)
{
	if (i < table->n)
		return table->groups[i];
	i -= table->n;
	if (table->other && i-- == 0)
		return table->other;
	return table->lost && i == 0 ? table->lost : NULL;
}

/* --- tsv, csv, jsonl */

static char *put_cell(char *p, const struct stats_table *table, const struct tally *tally, enum field field)
{
	char *end = put_field(p, table, tally, field);

	return table->config->style == STATS_CSV ? cell_csv(p, end) : end;
}

static void print_cells(const struct stats_table *table, const struct tally *tally)
{
	char separator = table->config->style == STATS_CSV ? ',' : '\t';
	char *p = out_room(table->config->out);

	for (unsigned field = 0; field < FIELD_COUNT; field++) {
		if (!stats_has_field(table->config, field))
			continue;
		p = put_cell(p, table, tally, field);
		*p++ = separator;
	}
	p[-1] = '\n';
	out_done(table->config->out, p);
}

static void print_object(const struct stats_table *table, const struct tally *tally)
{
	char *start = out_room(table->config->out), *p = start;

	for (unsigned field = 0; field < FIELD_COUNT; field++) {
		char cell[STATS_CELL], *end;
		bool quoted = !fields[field].number;

		if (!stats_has_field(table->config, field))
			continue;
		end = put_field(cell, table, tally, field);
		*end = 0;
		p += sprintf(p, ",\"%s\":", fields[field].name);
		if (end == cell && !(field == FIELD_COMM && tally->key.kind == TALLY_CALLS))
			p = cell_string(p, "null");
		else
			p += sprintf(p, quoted ? "\"%s\"" : "%s", cell);
	}
	*start = '{';
	out_done(table->config->out, cell_string(p, "}\n"));
}

/* --- PID=1234 comm=nginx call=write count=42 avg_ms=0.123 max_ms=0.456 bytes=65536 */

/* A blank would end the value. */
static char *put_word_of(char *p, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		p = text[i] == ' ' ? cell_string(p, "\\x20") : (*p = text[i], p + 1);
	return p;
}

static char *put_pair(char *p, const char *name, const struct stats_table *table, const struct tally *tally,
		      enum field field)
{
	char cell[STATS_CELL];
	char *end = put_field(cell, table, tally, field);

	if (!stats_has_field(table->config, field))
		return p;
	p = put_word_of(cell_string(p, name), cell, (size_t)(end - cell));
	*p++ = ' ';
	return p;
}

static void print_line(const struct stats_table *table, const struct tally *tally)
{
	const struct stats_config *config = table->config;
	char *p = out_room(config->out);

	if (tally->key.kind == TALLY_CALLS) {
		p = put_pair(p, "PID=", table, tally, FIELD_PID);
		p = put_pair(p, "TID=", table, tally, FIELD_TID);
		p = put_pair(p, "container=", table, tally, FIELD_CONTAINER);
		p = put_pair(p, "comm=", table, tally, FIELD_COMM);
		p = put_pair(p, "call=", table, tally, FIELD_SYSCALL);
		p = put_pair(p, "path=", table, tally, FIELD_PATH);
	} else {
		p = put_pair(p, "", table, tally, FIELD_ROW);
	}
	p = put_u64(cell_string(p, "count="), tally->calls);
	if (tally->key.kind != TALLY_LOST) {
		p = put_span(cell_string(p, " avg_ms="), config, stats_average(tally));
		p = put_span(cell_string(p, " max_ms="), config, tally->max);
		p = put_u64(cell_string(p, " bytes="), tally->bytes);
	}
	if (config->interval)
		p = put_seconds_u64(cell_string(p, " from="), table->interval * config->interval);
	*p++ = '\n';
	out_done(config->out, p);
}

/* --- the table for people */

/* Characters, not bytes. */
static int width_of(const char *text, const char *end)
{
	int width = 0;

	for (; text < end; text++)
		width += (*text & 0xc0) != 0x80;
	return width;
}

const char *stats_field_title(enum field field)
{
	return fields[field].title;
}

bool stats_field_is_text(enum field field)
{
	return fields[field].text;
}

/* What stands for many says so in the first column. */
char *stats_put_field(char *p, const struct stats_table *table, const struct tally *tally, enum field field)
{
	bool first = field <= FIELD_SYSCALL || field == FIELD_PATH;

	for (unsigned before = 0; before < field; before++)
		first &= before > FIELD_SYSCALL || !stats_has_field(table->config, before);
	if (first && tally->key.kind != TALLY_CALLS)
		return cell_string(p, row_name(tally));
	return put_field(p, table, tally, field);
}

static void measure(const struct stats_table *table, int widths[FIELD_COUNT])
{
	const struct tally *tally;
	char cell[STATS_CELL];

	for (unsigned field = 0; field < FIELD_COUNT; field++)
		widths[field] = fields[field].title ? (int)strlen(fields[field].title) : 0;
	for (size_t i = 0; (tally = nth(table, i)); i++) {
		for (unsigned field = 0; field < FIELD_COUNT; field++) {
			int width = stats_has_field(table->config, field)
					    ? width_of(cell, stats_put_field(cell, table, tally, field))
					    : 0;

			widths[field] = width > widths[field] ? width : widths[field];
		}
	}
}

/* text in a column of this width, and what separates it from the next one. */
static char *put_aligned(char *p, unsigned field, int width, const char *text, const char *end)
{
	int blanks = width - width_of(text, end);
	size_t len = (size_t)(end - text);

	for (int i = 0; i < blanks && !fields[field].text; i++)
		*p++ = ' ';
	memcpy(p, text, len);
	p += len;
	for (int i = 0; i < blanks && fields[field].text && field != FIELD_PATH; i++)
		*p++ = ' ';
	*p++ = ' ';
	*p++ = ' ';
	return p;
}

static void print_text_row(const struct stats_table *table, const int widths[FIELD_COUNT], const struct tally *tally)
{
	char *p = out_room(table->config->out);

	for (unsigned field = 0; field < FIELD_COUNT; field++) {
		char cell[STATS_CELL];
		char *end;

		if (!stats_has_field(table->config, field))
			continue;
		end = tally ? stats_put_field(cell, table, tally, field) : cell_string(cell, fields[field].title);
		p = put_aligned(p, field, widths[field], cell, end);
	}
	while (p[-1] == ' ')
		p--;
	*p++ = '\n';
	out_done(table->config->out, p);
}

static void print_text(const struct stats_table *table)
{
	const struct stats_config *config = table->config;
	const struct tally *tally;
	int widths[FIELD_COUNT];
	char from[NUMBER_ROOM], until[NUMBER_ROOM];

	if (config->interval) {
		*put_seconds_u64(from, table->interval * config->interval) = 0;
		*put_seconds_u64(until, (table->interval + 1) * config->interval) = 0;
		out_printf(config->out, "from %s s until %s s\n", from, until);
	}
	measure(table, widths);
	if (config->header)
		print_text_row(table, widths, NULL);
	for (size_t i = 0; (tally = nth(table, i)); i++)
		print_text_row(table, widths, tally);
	if (config->interval)
		out_printf(config->out, "\n");
}

/* --- the summary */

static bool is_exit(const struct tally *tally)
{
	char name[64];

	*put_call(name, tally) = 0;
	return tally->key.kind == TALLY_CALLS && (!strcmp(name, "exit") || !strcmp(name, "exit_group"));
}

static uint64_t returned(const struct tally *tally)
{
	return is_exit(tally) ? 0 : tally->calls - tally->unfinished;
}

static void print_summary_row(struct out *out, const struct tally *tally, uint64_t all, uint64_t calls,
			      const char *name)
{
	double share = all ? 100.0 * (double)tally->total / (double)all : 0;
	char errors[NUMBER_ROOM];

	*put_u64(errors, tally->errors) = 0;
	out_printf(out, "%6.2f %4" PRIu64 ".%06u %11" PRIu64 " %9" PRIu64 " %9s %s\n", share, tally->total / NS_PER_S,
		   (unsigned)(tally->total % NS_PER_S / 1000), stats_average(tally) / 1000, calls,
		   tally->errors ? errors : "", name);
}

/* The calls of one ABI, as strace -c has them; those that have not returned are not counted there. */
static void print_summary_of(const struct stats_table *table, unsigned abi)
{
	static const char rule[] = "------ ----------- ----------- --------- --------- ----------------\n";
	struct out *out = table->config->out;
	struct tally sum = {.key.kind = TALLY_OTHER};
	const struct tally *tally;
	uint64_t calls = 0;

	for (size_t i = 0; (tally = nth(table, i)); i++) {
		if (tally->key.abi != abi || tally->key.kind != TALLY_CALLS)
			continue;
		sum.total += tally->total;
		sum.timed += tally->timed;
		sum.errors += tally->errors;
		calls += returned(tally);
	}
	out_printf(out, "%6s %11s %11s %9s %9s %s\n%s", "% time", "seconds", "usecs/call", "calls", "errors", "syscall",
		   rule);
	for (size_t i = 0; (tally = nth(table, i)); i++) {
		char name[64];

		*put_call(name, tally) = 0;
		if (tally->key.abi == abi && tally->key.kind == TALLY_CALLS && returned(tally) > 0)
			print_summary_row(out, tally, sum.total, returned(tally), name);
	}
	out_printf(out, "%s", rule);
	print_summary_row(out, &sum, sum.total, calls, "total");
}

static void print_summary(const struct stats_table *table)
{
	const struct tally *tally;
	bool seen[256] = {false};
	uint64_t others = 0; /* of which it is not known which they were */
	unsigned n = 0;

	for (size_t i = 0; (tally = nth(table, i)); i++) {
		if (tally->key.abi == SST_TALLY_ANY)
			others += tally->calls;
		if (seen[tally->key.abi] || tally->key.kind != TALLY_CALLS || tally->key.abi == SST_TALLY_ANY)
			continue;
		seen[tally->key.abi] = true;
		n++;
	}
	for (unsigned abi = 0; abi < 256; abi++) {
		char name[NUMBER_ROOM];

		if (!seen[abi])
			continue;
		*cell_abi(name, abi) = 0;
		if (n > 1)
			out_printf(table->config->out, "Calls of %s:\n", name);
		print_summary_of(table, abi);
		if (n > 1)
			out_printf(table->config->out, "\n");
	}
	if (others)
		out_printf(table->config->out, "other: %" PRIu64 " calls\n", others);
	for (size_t i = table->n; (tally = nth(table, i)); i++)
		out_printf(table->config->out, "%s: %" PRIu64 " calls\n", row_name(tally), tally->calls);
}

/* --- all of them */

void stats_print_header(const struct stats_config *config)
{
	char separator = config->style == STATS_CSV ? ',' : '\t';
	char *p;

	if (!config->header || (config->style != STATS_TSV && config->style != STATS_CSV))
		return;
	p = out_room(config->out);
	for (unsigned field = 0; field < FIELD_COUNT; field++) {
		if (!stats_has_field(config, field))
			continue;
		p = cell_string(p, fields[field].name);
		*p++ = separator;
	}
	p[-1] = '\n';
	out_done(config->out, p);
}

void stats_print(const struct stats_table *table)
{
	enum stats_style style = table->config->style;
	const struct tally *tally;

	if (style == STATS_TEXT) {
		print_text(table);
		return;
	}
	if (style == STATS_SUMMARY) {
		print_summary(table);
		return;
	}
	for (size_t i = 0; (tally = nth(table, i)); i++) {
		if (style == STATS_LINE)
			print_line(table, tally);
		else if (style == STATS_JSONL)
			print_object(table, tally);
		else
			print_cells(table, tally);
	}
}
