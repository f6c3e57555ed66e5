/* The picture of a live table: order, groups, columns, widths, and names that are none of a terminal's business. */
#include "decode/live_table.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "decode/containers.h"
#include "decode/stats_table.h"
#include "format/abi.h"

#define MS UINT64_C(1000000)

static struct live_table table;
static struct tallies tallies;
static struct page page;

/* Calls of a process; each took so many ms. */
static void add(uint32_t pid, uint32_t tid, const char *comm, uint32_t nr, uint64_t calls, uint64_t ms)
{
	struct tally_key key = {.pid = pid, .tid = tid, .nr = nr, .abi = SST_ABI_X86_64};
	struct tally *tally;

	key.comm_len = (uint8_t)strlen(comm);
	memcpy(key.comm, comm, key.comm_len);
	tally = tallies_get(&tallies, &key);
	assert_non_null(tally);
	tally->calls += calls;
	tally->errors += calls / 2;
	tally->bytes += calls * 10;
	tally_name(tally, tid == pid ? 0 : tid, 1, comm, strlen(comm));
	for (uint64_t i = 0; i < calls; i++)
		tally_time(&tallies, tally, ms * MS);
}

static void take(bool piece)
{
	const struct tally **list = calloc(tallies.n + 1, sizeof(*list));
	size_t n = tallies_list(&tallies, list);

	live_table_take(&table, list, n, piece);
	free(list);
	tallies_clear(&tallies);
}

/* Three processes: many short reads (0), few long writes (1), some in two threads. */
static void take_some(void)
{
	add(10, 10, "reader", 0, 100, 1);
	add(20, 20, "writer", 1, 4, 500);
	add(30, 30, "pool", 0, 20, 2);
	add(30, 31, "pool-1", 0, 30, 3);
	add(30, 31, "pool-1", 1, 5, 1);
	take(false);
}

static int set_up(void **state)
{
	(void)state;
	live_table_init(&table, BY_PROCESS | BY_SYSCALL, SORT_CALLS, 1000 * MS);
	table.utf8 = true;
	strcpy(table.title, "every process");
	return 0;
}

static int clean_up(void **state)
{
	(void)state;
	live_table_clear(&table);
	tallies_clear(&tallies);
	page_clear(&page);
	return 0;
}

static unsigned columns_of(const char *text, const char *end)
{
	unsigned n = 0;

	for (; text < end; text++)
		n += (*text & 0xc0) != 0x80;
	return n;
}

/* What the screen shows then: the lines, without sequences, static; none is too wide. */
static const char *screen(unsigned width, unsigned height)
{
	static char text[100000];
	char *p = text, *line = text;
	unsigned lines = 1;

	page_restart(&page);
	live_table_draw(&table, &page, width, height);
	assert_false(page.failed);
	for (size_t i = 0; i < page.len; i++) {
		if (page.text[i] == '\033') {
			assert_int_equal(page.text[i + 1], '[');
			for (i += 2; !strchr("HJKm", page.text[i]); i++)
				assert_true(strchr("0123456789;", page.text[i]) != NULL);
			if (page.text[i] == 'H' && p > text) { /* to the last line */
				*p++ = '\n';
				line = p;
			}
			continue;
		}
		if (page.text[i] == '\r')
			continue;
		*p++ = page.text[i];
		if (page.text[i] != '\n')
			continue;
		assert_true(columns_of(line, p - 1) <= width);
		line = p;
		lines++;
	}
	*p = 0;
	assert_true(columns_of(line, p) <= width);
	assert_true(lines <= height);
	return text;
}

/* The rows of a screen that is large enough: "PID COMM CALL CALLS ERRORS", one a line. */
static void assert_rows(const char *fields, const char *const *rows)
{
	char copy[100000], *rest = copy, *line;

	snprintf(copy, sizeof(copy), "%s", screen(200, 50));
	while ((line = strsep(&rest, "\n")) && !strstr(line, " CALLS "))
		;
	assert_non_null(line);
	assert_memory_equal(line + strspn(line, " "), fields, strlen(fields));
	for (size_t i = 0; rows[i]; i++) {
		char squeezed[300], *p = squeezed;

		line = strsep(&rest, "\n");
		assert_non_null(line);
		for (char *c = line + strspn(line, " "); *c; c++)
			if (*c != ' ' || c[1] != ' ')
				*p++ = *c;
		*p = 0;
		squeezed[strlen(rows[i])] = 0;
		assert_string_equal(squeezed, rows[i]);
	}
}

#define ROWS(fields, ...) assert_rows(fields, (const char *const[]){__VA_ARGS__, NULL})

static void sorted_by_each_key(void **state)
{
	(void)state;
	take_some();
	ROWS("PID", "10 reader read 100 50 100.000", "30 pool read 50 25", "30 pool write 5 2", "20 writer write 4 2");
	live_table_key(&table, 't');
	ROWS("PID", "20 writer write 4", "30 pool read 50", "10 reader", "30 pool write");
	live_table_key(&table, 'r');
	ROWS("PID", "30 pool write", "10 reader", "30 pool read 50", "20 writer write 4");
	live_table_key(&table, 'r');
	live_table_key(&table, 'a');
	ROWS("PID", "20 writer", "30 pool read", "10 reader", "30 pool write");
	live_table_key(&table, 'i');
	ROWS("PID", "10 reader", "20 writer", "30 pool", "30 pool");
	live_table_key(&table, 'n');
	ROWS("PID", "30 pool", "30 pool", "10 reader", "20 writer");
	live_table_key(&table, 's');
	ROWS("PID", "10 reader read", "30 pool read", "20 writer write", "30 pool write");
	live_table_key(&table, 'b');
	ROWS("PID", "10 reader read", "30 pool read", "30 pool write", "20 writer write");
	live_table_key(&table, LIVE_KEY_RIGHT); /* beyond the last column is the first */
	ROWS("PID", "10 reader", "20 writer");
	live_table_key(&table, '<');
	live_table_key(&table, '<');
	assert_non_null(strstr(screen(200, 50), "sorted by MAX ms"));
	live_table_key(&table, 'T'); /* no such column here */
	assert_non_null(strstr(screen(200, 50), "sorted by MAX ms"));
	assert_false(live_table_key(&table, 'x'));
}

static void grouped(void **state)
{
	(void)state;
	take_some();
	live_table_key(&table, 'g');
	ROWS("PID", "10 reader 100", "30 pool 55 27", "20 writer 4");
	live_table_key(&table, 'g');
	ROWS("CALL", "read 150", "write 9");
	live_table_key(&table, 'g');
	ROWS("COMM", "reader read 100", "pool-1 read 30", "pool read 20", "pool-1 write 5", "writer write 4");
	live_table_key(&table, 'g');
	ROWS("COMM", "reader 100", "pool-1 35", "pool 20", "writer 4");
	live_table_key(&table, 'g');
	ROWS("PID", "10 10 reader read 100", "30 31 pool-1 read 30");
	live_table_key(&table, 'T');
	live_table_key(&table, 'g');
	ROWS("PID", "10 10 reader", "20 20 writer", "30 30 pool", "30 31 pool-1 35");
	live_table_key(&table, 'g'); /* without threads there is no such order */
	ROWS("CONTAINER", "- read 150", "- write 9");
	live_table_key(&table, 'g');
	ROWS("CONTAINER", "- 159");
	live_table_key(&table, 'g');
	ROWS("PID", "10 reader read 100", "30 pool read 50");
	for (int i = 0; i < 3; i++)
		live_table_key(&table, 'G');
	ROWS("PID", "10 10 reader 100", "30 31 pool-1 35");
}

static uint16_t container(const char *id, const char *name)
{
	const char *texts[SST_CONTAINER_TEXTS] = {id, name};
	struct sst_containers containers = {0};
	struct sst_where where = {.container = 1};

	sst_containers_add(&containers, 0, texts);
	containers_intern(&containers, &where, sizeof(where), 1);
	sst_containers_free(&containers);
	return container_identity(where.container);
}

static void add_in(uint16_t container, uint64_t calls)
{
	struct tally_key key = {.pid = 7, .tid = 7, .abi = SST_ABI_X86_64, .container = container};
	struct tally *tally = tallies_get(&tallies, &key);

	assert_non_null(tally);
	tally->calls += calls;
}

/* By name, whatever numbers they have got. */
static void sorted_by_container(void **state)
{
	(void)state;
	add_in(container("cccc", "web"), 5);
	add_in(container("aaaa", "db"), 7);
	add_in(container("bbbb", "cache"), 5);
	take(false);
	live_table_key(&table, 'C'); /* no such column yet */
	live_table_key(&table, 'G');
	ROWS("CONTAINER", "db 7", "cache 5", "web 5");
	live_table_key(&table, 'C');
	ROWS("CONTAINER", "cache 5", "db 7", "web 5");
	assert_non_null(strstr(screen(200, 50), "by container, sorted by CONTAINER"));
	live_table_key(&table, 'r');
	ROWS("CONTAINER", "web 5", "db 7", "cache 5");
}

static void any_size(void **state)
{
	static const int keys[] = {'g', '?', '?', 'p', 'e', LIVE_KEY_END, 'T', 'p'};

	(void)state;
	for (uint32_t i = 0; i < 300; i++)
		add(1000 + i, 1000 + i, "a-long-name-too", i % 200, 1 + i % 7, i);
	take(false);
	strcpy(table.message,
	       "sysdecode: something that is worth to be said, and longer than a line of a small terminal");
	for (size_t k = 0; k < sizeof(keys) / sizeof(*keys); k++) {
		live_table_key(&table, keys[k]);
		for (unsigned width = 1; width <= 210; width += width < 50 ? 1 : 20)
			for (unsigned height = 1; height <= 60; height += height < 12 ? 1 : 16)
				screen(width, height);
	}
}

/* In 40 columns there is what matters, and what it is sorted by. */
static void narrow(void **state)
{
	const char *text;

	(void)state;
	take_some();
	text = screen(40, 10);
	assert_non_null(strstr(text, "PID COMM   CALL  CALLS"));
	assert_non_null(strstr(text, " 10 reader read    100"));
	assert_null(strstr(text, "P50"));
	live_table_key(&table, '5');
	assert_non_null(strstr(screen(40, 10), "P50"));
	assert_non_null(strstr(screen(80, 24), "P50"));
	assert_non_null(strstr(screen(200, 24), "BYTES"));
}

static void scrolled(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 100; i++)
		add(1000 + i, 1000 + i, "p", 0, 100 - i, 1);
	take(false);
	assert_non_null(strstr(screen(80, 24), "rows 1 to 19 of 100"));
	live_table_key(&table, LIVE_KEY_DOWN);
	assert_non_null(strstr(screen(80, 24), "rows 2 to 20 of 100"));
	live_table_key(&table, LIVE_KEY_PAGE_DOWN);
	assert_non_null(strstr(screen(80, 24), "rows 20 to 38 of 100"));
	live_table_key(&table, LIVE_KEY_END);
	assert_non_null(strstr(screen(80, 24), "rows 82 to 100 of 100"));
	live_table_key(&table, LIVE_KEY_DOWN);
	assert_non_null(strstr(screen(80, 24), "rows 82 to 100 of 100"));
	live_table_key(&table, 'k');
	assert_non_null(strstr(screen(80, 24), "rows 81 to 99 of 100"));
	assert_null(strstr(screen(80, 200), " of 100")); /* now all of them fit */
	live_table_key(&table, LIVE_KEY_HOME);
	live_table_key(&table, LIVE_KEY_UP);
	assert_non_null(strstr(screen(80, 24), "rows 1 to 19 of 100"));
}

static void paused(void **state)
{
	(void)state;
	take_some();
	live_table_key(&table, ' ');
	add(99, 99, "new", 0, 1000, 1);
	take(false);
	assert_null(strstr(screen(80, 24), "new"));
	assert_non_null(strstr(screen(80, 24), "PAUSED"));
	live_table_key(&table, 'p');
	add(98, 98, "newer", 0, 1000, 1);
	take(false);
	assert_non_null(strstr(screen(80, 24), "newer"));
	assert_int_equal(table.total.calls, 159 + 1000 + 1000);
}

/* A piece of an interval takes the place of none but nothing. */
static void pieces(void **state)
{
	(void)state;
	assert_non_null(strstr(screen(80, 24), "waiting for the end of the first interval"));
	add(1, 1, "piece", 0, 1, 1);
	take(true);
	assert_non_null(strstr(screen(80, 24), "piece"));
	take_some();
	assert_null(strstr(screen(80, 24), "piece"));
	add(1, 1, "piece", 0, 1, 1);
	take(true);
	assert_null(strstr(screen(80, 24), "piece"));
	take(false); /* without calls */
	assert_null(strstr(screen(80, 24), "reader"));
	assert_non_null(strstr(screen(80, 24), "0 calls/s, 0 lost, 0 errors/s (0.0 %), 0 B/s"));
	assert_int_equal(table.total.calls, 161);
}

static void sums_above(void **state)
{
	struct tally *lost;

	(void)state;
	table.config.interval = 500 * MS;
	for (uint32_t i = 0; i < 10; i++)
		add(i + 1, i + 1, "p", 0, 1000, 1);
	lost = tallies_get(&tallies, &(struct tally_key){.kind = TALLY_LOST});
	lost->calls = 1234567;
	tallies_get(&tallies, &(struct tally_key){.kind = TALLY_OTHER})->calls = 7;
	take(false);
	assert_non_null(strstr(screen(100, 24), "every process  every 0.5 s"));
	assert_non_null(
		strstr(screen(100, 24), "20,014 calls/s, 1,234,567 lost, 10,000 errors/s (50.0 %), 200.0 kB/s"));
	assert_non_null(strstr(screen(100, 24), "\nother"));
	assert_non_null(strstr(screen(40, 10), "20,014 calls/s, 1,234,567 lost"));
}

/* Bytes that a program has chosen. */
static void names_are_safe(void **state)
{
	(void)state;
	add(1, 1, "\033[31m\r\n\t\x9b", 0, 5, 1);
	add(2, 2, "gr\xc3\xbc\xc3\x9f", 0, 4, 1);
	take(false);
	assert_non_null(strstr(screen(120, 24), "\\x1b[31m\\r\\n\\t\\x9b"));
	assert_non_null(strstr(screen(120, 24), "gr\xc3\xbc\xc3\x9f"));
	table.utf8 = false;
	assert_non_null(strstr(screen(120, 24), "gr??"));
	for (size_t i = 0; i < page.len; i++)
		assert_true((unsigned char)page.text[i] < 0x80);
}

/* Characters that take two columns, where the C library knows them. */
static void wide_names(void **state)
{
	const char *text;

	(void)state;
	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		skip();
	add(1, 1, "\xe7\x8c\xab\xe7\x8c\xab", 0, 5, 1);
	add(2, 2, "four", 0, 4, 1);
	take(false);
	text = screen(80, 24);
	setlocale(LC_CTYPE, "C");
	assert_non_null(strstr(text, "  1 \xe7\x8c\xab\xe7\x8c\xab read     5"));
	assert_non_null(strstr(text, "  2 four read     4"));
}

static void colors_are_asked_for(void **state)
{
	(void)state;
	tallies_get(&tallies, &(struct tally_key){.kind = TALLY_LOST})->calls = 1;
	take(false);
	screen(80, 24);
	assert_null(memmem(page.text, page.len, ";31m", 4));
	table.colors = true;
	screen(80, 24);
	assert_non_null(memmem(page.text, page.len, ";31m", 4));
}

static void printed_at_the_end(void **state)
{
	(void)state;
	take_some();
	live_table_key(&table, '?');
	live_table_key(&table, 'p');
	page_restart(&page);
	live_table_print(&table, &page, 80, 24);
	page_printf(&page, "%c", 0);
	assert_null(strchr(page.text, '\033'));
	assert_non_null(strstr(page.text, "reader read    100"));
	assert_null(strstr(page.text, "quit"));
	assert_null(strstr(page.text, "PAUSED"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, clean_up)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(sorted_by_each_key),
		TEST(sorted_by_container),
		TEST(grouped),
		TEST(any_size),
		TEST(narrow),
		TEST(scrolled),
		TEST(paused),
		TEST(pieces),
		TEST(sums_above),
		TEST(names_are_safe),
		TEST(wide_names),
		TEST(colors_are_asked_for),
		TEST(printed_at_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
