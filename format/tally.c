#include "tally.h"
#include "bytes.h"
#include "error.h"
#include "frame.h"
#include "list.h"
#include "tally_stream.h"
#include "containers_stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NUMBERS     5 /* at the beginning of the stream: flags, began, ended, cpu_ns, run_ns */
#define NUMBERS_MAX 64
#define HEAD_SPACE  (1 + NUMBERS * SST_VARINT_MAX + 2 * SST_VARINT_MAX)

#define PROCESS_BYTES 3 /* that a process takes at least: lines, pid, comm */
#define LINE_BYTES    7 /* a line: abi, nr, calls, errors, unfinished, untimed, bytes */

struct sst_tally *sst_tally_new(void)
{
	struct sst_tally *tally = calloc(1, sizeof(*tally));

	if (tally)
		sst_tally_clear(tally);
	return tally;
}

void sst_tally_free(struct sst_tally *tally)
{
	if (!tally)
		return;
	free(tally->processes);
	free(tally->lines);
	free(tally->cells);
	sst_containers_free(&tally->containers);
	free(tally);
}

void sst_tally_clear(struct sst_tally *tally)
{
	*tally = (struct sst_tally){
		.processes = tally->processes,
		.cap_processes = tally->cap_processes,
		.lines = tally->lines,
		.cap_lines = tally->cap_lines,
		.cells = tally->cells,
		.cap_cells = tally->cap_cells,
		.containers = tally->containers,
		.space = HEAD_SPACE,
	};
	sst_containers_clear(&tally->containers);
}

/* Is there no room for so many bytes more in a frame? */
static bool is_full(const struct sst_tally *tally, size_t space)
{
	return tally->space + sst_containers_space(&tally->containers, 0) + space > SST_RAW_MAX;
}

static size_t varint_length(uint64_t v)
{
	return v ? (70u - (unsigned)__builtin_clzll(v)) / 7 : 1;
}

int sst_tally_process(struct sst_tally *tally, uint32_t pid, const char *comm, size_t comm_len)
{
	struct sst_tally_process *process;
	size_t space = 5 + 5 + 1 + 12; /* the last is for where it is */

	comm_len = strnlen(comm, comm_len < SST_COMM_MAX ? comm_len : SST_COMM_MAX);
	space += comm_len;
	if (tally->n_processes == SST_TALLY_PROCESSES_MAX || is_full(tally, space))
		return -E2BIG;
	if (sst_list_grow(&tally->processes, &tally->cap_processes, tally->n_processes + 1, sizeof(*tally->processes)))
		return -ENOMEM;
	process = &tally->processes[tally->n_processes++];
	*process = (struct sst_tally_process){
		.pid = pid, .first = (uint32_t)tally->n_lines, .comm_len = (uint8_t)comm_len};
	memcpy(process->comm, comm, comm_len);
	tally->space += space;
	return 0;
}

/* Do the cells say what the line says? They are not asked for where the line says it all. */
static bool are_cells_valid(const struct sst_tally_line *line, const struct sst_tally_cell *cells)
{
	uint64_t sum = 0;

	if (line->timed < 2)
		return true;
	for (uint32_t i = 0; i < line->n_cells; i++) {
		if (cells[i].count == 0 || cells[i].count > line->timed - sum || cells[i].bucket >= SST_TALLY_BUCKETS ||
		    (i > 0 && cells[i].bucket <= cells[i - 1].bucket))
			return false;
		sum += cells[i].count;
	}
	return sum == line->timed;
}

static bool is_line_valid(const struct sst_tally_line *line)
{
	return line->calls > 0 && line->errors <= line->calls && line->timed <= line->calls &&
	       line->unfinished <= line->calls - line->timed && line->max <= line->total &&
	       (line->timed > 0 || line->total == 0) && (line->timed != 1 || line->max == line->total) &&
	       (line->abi != SST_TALLY_ANY || line->nr == 0);
}

static size_t line_space(const struct sst_tally_line *line, const struct sst_tally_cell *cells)
{
	size_t space = 1 + varint_length(line->nr) + varint_length(line->calls) + varint_length(line->errors) +
		       varint_length(line->unfinished) + varint_length(line->calls - line->timed) +
		       varint_length(line->bytes);

	if (line->timed > 0)
		space += varint_length(line->total);
	if (line->timed < 2)
		return space;
	space += varint_length(line->max);
	for (uint32_t i = 0; i < line->n_cells; i++)
		space += 2 + varint_length(cells[i].count);
	return space;
}

/* Of one call or none the total says it all. */
static void imply_cells(struct sst_tally *tally, struct sst_tally_line *line)
{
	line->n_cells = line->timed == 1;
	if (line->timed == 1)
		tally->cells[tally->n_cells] =
			(struct sst_tally_cell){.count = 1, .bucket = (uint8_t)sst_tally_bucket(line->total)};
}

int sst_tally_line(struct sst_tally *tally, const struct sst_tally_line *line, const struct sst_tally_cell *cells)
{
	size_t n = line->timed < 2 ? 1 : line->n_cells, space;
	struct sst_tally_line *new;

	if (!tally->n_processes || n > SST_TALLY_BUCKETS || !is_line_valid(line) || !are_cells_valid(line, cells))
		return -EINVAL;
	space = line_space(line, cells);
	if (tally->n_lines == SST_TALLY_LINES_MAX || tally->n_cells + n > SST_TALLY_CELLS_MAX || is_full(tally, space))
		return -E2BIG;
	if (sst_list_grow(&tally->lines, &tally->cap_lines, tally->n_lines + 1, sizeof(*tally->lines)) ||
	    sst_list_grow(&tally->cells, &tally->cap_cells, tally->n_cells + n, sizeof(*tally->cells)))
		return -ENOMEM;
	new = &tally->lines[tally->n_lines++];
	*new = *line;
	new->first_cell = (uint32_t)tally->n_cells;
	if (line->timed < 2)
		imply_cells(tally, new);
	else
		memcpy(tally->cells + tally->n_cells, cells, n * sizeof(*cells));
	tally->n_cells += new->n_cells;
	tally->processes[tally->n_processes - 1].n++;
	tally->space += space;
	return 0;
}

/* --- encoding: field by field, so that what is alike stands together for the compressor ------------------- */

static uint8_t *put_processes(const struct sst_tally *tally, uint8_t *p)
{
	const struct sst_tally_process *process, *end = tally->processes + tally->n_processes;
	uint64_t before = 0;

	for (process = tally->processes; process < end; process++)
		p = sst_put_varint(p, process->n);
	for (process = tally->processes; process < end; process++) {
		p = sst_put_varint(p, sst_zigzag(process->pid - before));
		before = process->pid;
	}
	for (process = tally->processes; process < end; process++) {
		*p++ = process->comm_len;
		memcpy(p, process->comm, process->comm_len);
		p += process->comm_len;
	}
	return p;
}

static uint8_t *put_cells(const struct sst_tally *tally, const struct sst_tally_line *line, uint8_t *p)
{
	const struct sst_tally_cell *cell = tally->cells + line->first_cell;
	unsigned next = 0;

	for (uint32_t i = 0; i < line->n_cells; i++, cell++) {
		p = sst_put_varint(p, cell->bucket - next);
		p = sst_put_varint(p, cell->count);
		next = cell->bucket + 1u;
	}
	return p;
}

static uint8_t *put_lines(const struct sst_tally *tally, uint8_t *p)
{
	const struct sst_tally_line *line, *end = tally->lines + tally->n_lines;

	for (line = tally->lines; line < end; line++)
		*p++ = line->abi;
	for (line = tally->lines; line < end; line++)
		p = sst_put_varint(p, line->nr);
	for (line = tally->lines; line < end; line++)
		p = sst_put_varint(p, line->calls);
	for (line = tally->lines; line < end; line++)
		p = sst_put_varint(p, line->errors);
	for (line = tally->lines; line < end; line++)
		p = sst_put_varint(p, line->calls - line->timed);
	for (line = tally->lines; line < end; line++)
		p = sst_put_varint(p, line->unfinished);
	for (line = tally->lines; line < end; line++)
		p = sst_put_varint(p, line->bytes);
	for (line = tally->lines; line < end; line++)
		if (line->timed > 0)
			p = sst_put_varint(p, line->total);
	for (line = tally->lines; line < end; line++)
		if (line->timed > 1)
			p = sst_put_varint(p, line->max);
	for (line = tally->lines; line < end; line++)
		if (line->timed > 1)
			p = put_cells(tally, line, p);
	return p;
}

uint8_t *sst_encode_tally(const struct sst_tally *tally, uint8_t *p)
{
	const uint64_t numbers[NUMBERS] = {tally->flags, tally->began, tally->ended, tally->cpu_ns, tally->run_ns};

	*p++ = NUMBERS;
	for (unsigned i = 0; i < NUMBERS; i++)
		p = sst_put_varint(p, numbers[i]);
	p = sst_put_varint(p, tally->n_processes);
	p = sst_put_varint(p, tally->n_lines);
	p = put_processes(tally, p);
	return put_lines(tally, p);
}

/* --- decoding --------------------------------------------------------------------------------------------- */

static void take_numbers(struct sst_cursor *c, struct sst_tally *tally)
{
	uint64_t *const numbers[NUMBERS] = {&tally->flags, &tally->began, &tally->ended, &tally->cpu_ns,
					    &tally->run_ns};
	uint64_t n = sst_take_max(c, NUMBERS_MAX);

	for (uint64_t i = 0; i < n && !c->bad; i++) {
		uint64_t number = sst_take_varint(c);

		if (i < NUMBERS)
			*numbers[i] = number;
	}
}

static void take_processes(struct sst_cursor *c, struct sst_tally *tally)
{
	struct sst_tally_process *process, *end = tally->processes + tally->n_processes;
	uint64_t pid = 0, first = 0;

	for (process = tally->processes; process < end && !c->bad; process++) {
		*process = (struct sst_tally_process){.first = (uint32_t)first};
		process->n = (uint32_t)sst_take_max(c, tally->n_lines - first);
		first += process->n;
	}
	c->bad |= first != tally->n_lines;
	for (process = tally->processes; process < end && !c->bad; process++) {
		pid += sst_unzigzag(sst_take_varint(c));
		c->bad |= pid > UINT32_MAX;
		process->pid = (uint32_t)pid;
	}
	for (process = tally->processes; process < end && !c->bad; process++) {
		size_t len = sst_take8(c);
		const uint8_t *comm = len <= SST_COMM_MAX ? sst_take(c, len) : NULL;

		c->bad |= !comm || memchr(comm, 0, len);
		if (c->bad)
			return;
		process->comm_len = (uint8_t)len;
		memcpy(process->comm, comm, len);
	}
}

/* What every line has. Before the last of them, timed is what is not timed. */
static void take_counts(struct sst_cursor *c, struct sst_tally *tally)
{
	struct sst_tally_line *line, *end = tally->lines + tally->n_lines;

	for (line = tally->lines; line < end; line++)
		*line = (struct sst_tally_line){.abi = sst_take8(c)};
	for (line = tally->lines; line < end; line++)
		line->nr = (uint32_t)sst_take_max(c, UINT32_MAX);
	for (line = tally->lines; line < end; line++)
		line->calls = sst_take_varint(c);
	for (line = tally->lines; line < end; line++)
		line->errors = sst_take_max(c, line->calls);
	for (line = tally->lines; line < end; line++)
		line->timed = line->calls - sst_take_max(c, line->calls);
	for (line = tally->lines; line < end; line++)
		line->unfinished = sst_take_max(c, line->calls - line->timed);
	for (line = tally->lines; line < end; line++)
		line->bytes = sst_take_varint(c);
}

static void take_times(struct sst_cursor *c, struct sst_tally *tally)
{
	struct sst_tally_line *line, *end = tally->lines + tally->n_lines;

	for (line = tally->lines; line < end; line++)
		if (line->timed > 0)
			line->total = line->max = sst_take_varint(c);
	for (line = tally->lines; line < end; line++)
		if (line->timed > 1)
			line->max = sst_take_max(c, line->total);
	for (line = tally->lines; line < end && !c->bad; line++)
		c->bad = !is_line_valid(line);
}

static int add_cell(struct sst_tally *tally, struct sst_tally_line *line, uint64_t bucket, uint64_t count)
{
	if (tally->n_cells == SST_TALLY_CELLS_MAX)
		return SST_E_LIMIT;
	if (sst_list_grow(&tally->cells, &tally->cap_cells, tally->n_cells + 1, sizeof(*tally->cells)))
		return -ENOMEM;
	tally->cells[tally->n_cells++] = (struct sst_tally_cell){.count = count, .bucket = (uint8_t)bucket};
	line->n_cells++;
	return 0;
}

/* The cells of a line end where all its calls have been counted. */
static int take_cells(struct sst_cursor *c, struct sst_tally *tally, struct sst_tally_line *line)
{
	uint64_t left = line->timed, next = 0;
	int err = 0;

	line->first_cell = (uint32_t)tally->n_cells;
	if (left == 1)
		return add_cell(tally, line, sst_tally_bucket(line->total), 1);
	while (left > 0 && !err) {
		uint64_t bucket = next + sst_take_max(c, SST_TALLY_BUCKETS - 1), count = sst_take_max(c, left);

		if (c->bad || bucket >= SST_TALLY_BUCKETS || count == 0)
			return SST_E_COLUMN;
		err = add_cell(tally, line, bucket, count);
		left -= count;
		next = bucket + 1;
	}
	return err;
}

static int take_lists(struct sst_cursor *c, struct sst_tally *tally, size_t processes, size_t lines)
{
	int err = 0;

	if (sst_list_grow(&tally->processes, &tally->cap_processes, processes, sizeof(*tally->processes)) ||
	    sst_list_grow(&tally->lines, &tally->cap_lines, lines, sizeof(*tally->lines)))
		return -ENOMEM;
	tally->n_processes = processes;
	tally->n_lines = lines;
	take_processes(c, tally);
	if (!c->bad)
		take_counts(c, tally);
	if (!c->bad)
		take_times(c, tally);
	for (size_t i = 0; i < lines && !c->bad && !err; i++)
		err = take_cells(c, tally, &tally->lines[i]);
	return err;
}

int sst_decode_tally(const struct sst_bytes *stream, struct sst_tally *tally)
{
	struct sst_cursor c = sst_cursor(stream->data, stream->len);
	uint64_t processes, lines;
	int err;

	sst_tally_clear(tally);
	take_numbers(&c, tally);
	processes = sst_take_varint(&c);
	lines = sst_take_varint(&c);
	if (!c.bad && (processes > SST_TALLY_PROCESSES_MAX || lines > SST_TALLY_LINES_MAX))
		return SST_E_LIMIT;
	if (c.bad || processes > sst_left(&c) / PROCESS_BYTES || lines > sst_left(&c) / LINE_BYTES)
		return SST_E_COLUMN;
	err = take_lists(&c, tally, (size_t)processes, (size_t)lines);
	if (!err && (c.bad || sst_left(&c) > 0))
		err = SST_E_COLUMN;
	if (err)
		sst_tally_clear(tally);
	else
		tally->space = HEAD_SPACE + stream->len;
	return err;
}
