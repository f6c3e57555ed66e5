/*
 * test_redact.c - SipHash as its authors have it; what is redacted is gone, all else stays, and equal stays equal
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "format/abi.h"
#include "format/redact.h"
#include "format/syscalls.h"

/* The first of the vectors of the reference: key 00 01 … 0f, data 00 01 …; and the one of length 15 in the paper. */
static void siphash_vectors(void **state)
{
	static const uint64_t vectors[] = {0x726fdb47dd0e0e31, 0x74f839c593dc67fd, 0x0d6c8009d9a94f5a,
					   0x85676696d7fb7e2d, 0xcf2794e0277187b7};
	uint8_t key[16], data[16];

	(void)state;
	for (unsigned i = 0; i < 16; i++)
		key[i] = data[i] = (uint8_t)i;
	for (size_t len = 0; len < sizeof(vectors) / sizeof(vectors[0]); len++)
		assert_true(sst_siphash(key, data, len) == vectors[len]);
	assert_true(sst_siphash(key, data, 15) == 0xa129ca6149be45e5);
}

static struct sst_rows *rows;

static void add_call(const char *name)
{
	uint32_t nr;
	int call;
	long i;

	assert_int_equal(sst_syscall_find(SST_ABI_X86_64, name, &nr), 0);
	call = sst_rows_call(rows, SST_ABI_X86_64, nr, (uint8_t)sst_syscall_nargs(SST_ABI_X86_64, nr));
	i = sst_rows_add(rows);
	assert_true(call >= 0 && i >= 0);
	rows->call[i] = (uint16_t)call;
}

static void capture(unsigned arg, unsigned form, unsigned flags, const void *bytes, size_t len)
{
	struct sst_capture c = {
		.row = (uint32_t)rows->n - 1, .arg = (uint8_t)arg, .form = (uint8_t)form, .flags = (uint8_t)flags};

	assert_int_equal(sst_rows_capture(rows, c, bytes, len), 0);
}

static void string(unsigned arg, const char *text)
{
	capture(arg, SST_FORM_STRING, 0, text, strlen(text));
}

static void open_file(uint64_t what, const char *text)
{
	assert_int_equal(sst_rows_open(rows, (struct sst_open){.pid = 7, .what = what}, text, strlen(text)), 0);
}

enum { OPENAT, EMPTY, CUT, RENAME, SETXATTR, CONNECT, INET, EXECVE, SLEEP, PRCTL, SENDMSG, SENDMMSG, WRITEV, CALLS };

/* What pointers in arguments lead to, of both byte orders: names, buffers, control data. */
static void behind(unsigned at, unsigned part, const void *bytes, size_t len)
{
	uint8_t all[64] = {(uint8_t)at, 0, (uint8_t)part, 0};

	memcpy(all + SST_BEHIND_HEAD, bytes, len);
	capture(1, SST_FORM_BEHIND, 0, all, SST_BEHIND_HEAD + len);
}

#define BEHIND(at, part, bytes) behind(at, part, bytes, sizeof(bytes) - 1)

static void add_messages(void)
{
	add_call("sendmsg");
	BEHIND(0, 0, "\1\0/run/secret");
	BEHIND(16, 1, "buffer");
	BEHIND(32, 0, "control");
	add_call("sendmmsg");
	BEHIND(0, 0, "\0\1/run/secret");
	BEHIND(64, 0, "\2\0\0\120internet");
	BEHIND(80, 1, "\1\0buffer");
	add_call("writev");
	BEHIND(0, 0, "\1\0buffer");
}

static int make_rows(void **state)
{
	static const uint8_t local[] = "\1\0/run/secret", internet[16] = {2, 0, 0, 80, 127, 0, 0, 1}, zeros[16];

	(void)state;
	rows = sst_rows_new();
	assert_non_null(rows);
	assert_int_equal(sst_rows_group(rows, 7, 7, "secret", 6), 0);
	add_call("openat");
	string(1, "/home/secret/./../x");
	add_call("openat");
	string(1, "");
	add_call("openat");
	capture(1, SST_FORM_STRING, SST_CAPTURE_CUT | SST_CAPTURE_LATE, "secret", 6);
	add_call("rename");
	string(0, "/home/secret");
	string(1, "x//");
	add_call("setxattr");
	string(0, "/home");
	string(1, "user.secret");
	capture(2, SST_FORM_MEMORY, 0, "secret", 6);
	add_call("connect");
	capture(1, SST_FORM_MEMORY, 0, local, sizeof(local));
	add_call("connect");
	capture(1, SST_FORM_MEMORY, 0, internet, sizeof(internet));
	add_call("execve");
	string(0, "/bin/secret");
	capture(1, SST_FORM_STRINGS, 0, "secret\0\0home", 12);
	add_call("nanosleep");
	capture(0, SST_FORM_MEMORY, 0, zeros, sizeof(zeros));
	add_call("prctl");
	capture(1, SST_FORM_MEMORY, 0, "secret\0", 7);
	add_messages();
	open_file(SST_OPEN_CWD, "/home/secret");
	open_file(SST_OPEN_FD + 3, "/home/secret (deleted)");
	open_file(SST_OPEN_FD + 4, "socket:[123]");
	return 0;
}

static int free_rows(void **state)
{
	(void)state;
	sst_rows_free(rows);
	return 0;
}

static struct sst_redaction redact(const char *what, const char *other)
{
	struct sst_redaction redaction = {.key = {1, 2, 3}};

	assert_int_equal(sst_redaction_add(&redaction, what), 0);
	if (other)
		assert_int_equal(sst_redaction_add(&redaction, other), 0);
	assert_int_equal(sst_redact_rows(&redaction, rows), 0);
	return redaction;
}

/* The capture of a row's argument, or NULL. */
static const struct sst_capture *find(unsigned row, unsigned arg)
{
	for (size_t i = 0; i < rows->n_captures; i++)
		if (rows->captures[i].row == row && rows->captures[i].arg == arg)
			return &rows->captures[i];
	return NULL;
}

static const char *text_of(unsigned row, unsigned arg)
{
	static char text[4][256];
	static unsigned next;
	const struct sst_capture *c = find(row, arg);
	char *to = text[next++ % 4];

	assert_non_null(c);
	assert_true(c->len < 256 && c->offset + c->len <= rows->n_text);
	memcpy(to, rows->text + c->offset, c->len);
	to[c->len] = '\0';
	return to;
}

static bool is_anywhere(const char *secret)
{
	return (rows->n_text && memmem(rows->text, rows->n_text, secret, strlen(secret))) ||
	       memmem(rows->groups[0].comm, SST_COMM_MAX, secret, strlen(secret));
}

static void nothing_stays(void **state)
{
	struct sst_redaction redaction = {.paths = true, .args = true, .comm = true};

	(void)state;
	assert_int_equal(sst_redact_rows(&redaction, rows), 0);
	assert_false(is_anywhere("secret"));
	assert_false(is_anywhere("home"));
	assert_int_equal(rows->groups[0].comm_len, SST_REDACTED_LEN);
	assert_null(find(SETXATTR, 2));
	assert_null(find(CONNECT, 1));
	assert_null(find(INET, 1));
	assert_null(find(SLEEP, 0));
}

static void paths(void **state)
{
	const char *text;

	(void)state;
	redact("paths", NULL);
	text = text_of(OPENAT, 1); /* /HASH/HASH/./../HASH */
	assert_int_equal(strlen(text), 3 * SST_REDACTED_LEN + 8);
	assert_true(text[0] == '/' && text[13] == '/' && !memcmp(text + 26, "/./../", 6));
	assert_int_equal(memcmp(text, text_of(RENAME, 0), 26), 0); /* what begins alike still does */
	assert_int_equal(strncmp(text + 32, text_of(RENAME, 1), SST_REDACTED_LEN), 0);
	assert_string_equal(text_of(RENAME, 1) + SST_REDACTED_LEN, "//");
	assert_string_equal(text_of(EMPTY, 1), "");
	assert_int_equal(find(CUT, 1)->flags, SST_CAPTURE_CUT | SST_CAPTURE_LATE);
	assert_int_equal(memcmp(text_of(CUT, 1), text + 14, SST_REDACTED_LEN), 0);
	assert_null(find(CONNECT, 1));
	assert_non_null(find(INET, 1));
	/* what was not asked for */
	assert_string_equal(text_of(SETXATTR, 1), "user.secret");
	assert_int_equal(find(EXECVE, 1)->len, 12);
	assert_int_equal(rows->groups[0].comm_len, 6);
	assert_non_null(find(SLEEP, 0));
}

/* How many of a call's captures are left of those that pointers lead to, and whether one ends so. */
static size_t behind_of(unsigned row, const char *end, bool *found)
{
	size_t n = 0, len = strlen(end);

	*found = false;
	for (size_t i = 0; i < rows->n_captures; i++) {
		const struct sst_capture *c = &rows->captures[i];

		if (c->row != row || c->form != SST_FORM_BEHIND)
			continue;
		n++;
		*found |= c->len >= len && !memcmp(rows->text + c->offset + c->len - len, end, len);
	}
	return n;
}

/* Names of local sockets are paths, in messages as well, and nothing else there is. */
static void behind_pointers(void **state)
{
	bool found;

	(void)state;
	redact("paths", NULL);
	assert_int_equal(behind_of(SENDMSG, "/run/secret", &found), 2);
	assert_false(found);
	assert_int_equal(behind_of(SENDMMSG, "/run/secret", &found), 2);
	assert_false(found);
	assert_int_equal(behind_of(SENDMMSG, "internet", &found), 2);
	assert_true(found);
	assert_int_equal(behind_of(SENDMMSG, "buffer", &found), 2);
	assert_true(found);
	assert_int_equal(behind_of(WRITEV, "buffer", &found), 1);
	assert_true(found);
	redact("comm", NULL);
	assert_int_equal(behind_of(SENDMSG, "control", &found), 2);
	assert_true(found);
	redact("args", NULL);
	assert_int_equal(
		behind_of(SENDMSG, "", &found) + behind_of(SENDMMSG, "", &found) + behind_of(WRITEV, "", &found), 0);
	assert_false(is_anywhere("buffer"));
	assert_false(is_anywhere("control"));
	assert_false(is_anywhere("internet"));
}

static void what_was_open(void **state)
{
	const struct sst_open *open = rows->opens;

	(void)state;
	redact("paths", NULL);
	assert_int_equal(open[0].len, 26);
	assert_int_equal(open[1].len, 26 + strlen(" (deleted)"));
	assert_int_equal(memcmp(rows->text + open[0].offset, rows->text + open[1].offset, 26), 0);
	assert_int_equal(memcmp(rows->text + open[1].offset + 26, " (deleted)", 10), 0);
	assert_int_equal(memcmp(rows->text + open[2].offset, "socket:[123]", open[2].len), 0);
}

static void args(void **state)
{
	const char *argv;

	(void)state;
	redact("args", NULL);
	assert_string_equal(text_of(OPENAT, 1), "/home/secret/./../x");
	assert_int_equal(strlen(text_of(SETXATTR, 1)), SST_REDACTED_LEN);
	assert_null(find(SETXATTR, 2));
	assert_null(find(SLEEP, 0));
	assert_int_equal(find(EXECVE, 1)->len, 2 * SST_REDACTED_LEN + 2);
	argv = (const char *)rows->text + find(EXECVE, 1)->offset;
	assert_true(argv[SST_REDACTED_LEN] == '\0' && argv[SST_REDACTED_LEN + 1] == '\0');
	assert_int_equal(rows->groups[0].comm_len, 6);
}

static void comm(void **state)
{
	(void)state;
	redact("comm", NULL);
	assert_int_equal(rows->groups[0].comm_len, SST_REDACTED_LEN);
	assert_null(find(PRCTL, 1)); /* it may be a name */
	assert_string_equal(text_of(OPENAT, 1), "/home/secret/./../x");
	assert_non_null(find(SLEEP, 0));
}

static void keys(void **state)
{
	struct sst_redaction a = {.comm = true}, b = {.comm = true};
	char first[SST_REDACTED_LEN];

	(void)state;
	sst_redaction_key(&a, "sixteen bytes  1", 16);
	sst_redaction_key(&b, "sixteen bytes  2", 16);
	assert_memory_not_equal(a.key, b.key, sizeof(a.key));
	assert_memory_not_equal(a.key, a.key + 8, 8);
	assert_int_equal(sst_redact_rows(&a, rows), 0);
	memcpy(first, rows->groups[0].comm, sizeof(first));
	memcpy(rows->groups[0].comm, "secret", 6);
	rows->groups[0].comm_len = 6;
	assert_int_equal(sst_redact_rows(&b, rows), 0);
	assert_memory_not_equal(first, rows->groups[0].comm, sizeof(first));
	assert_int_equal(sst_redaction_add(&a, "everything"), -22);
}

static void facts(void **state)
{
	struct sst_redaction redaction = {.paths = true, .comm = true};
	struct sst_meta meta = {0};

	(void)state;
	sst_meta_set(&meta, "command", "sysstream /home/secret");
	sst_meta_set(&meta, "targets", "secret[7]");
	sst_meta_set(&meta, "recovered.place.1", "secret");
	sst_meta_set(&meta, "of.later", "secret");
	sst_meta_set(&meta, "start.boot", "5");
	assert_int_equal(sst_redact_meta(&redaction, &meta), 0);
	assert_int_equal(meta.n, 2);
	assert_string_equal(sst_meta_get(&meta, "start.boot"), "5");
	assert_string_equal(sst_meta_get(&meta, "redacted"), "paths,comm");
	sst_meta_clear(&meta);
}

#define WITH_ROWS(test) cmocka_unit_test_setup_teardown(test, make_rows, free_rows)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(siphash_vectors),
		WITH_ROWS(nothing_stays),
		WITH_ROWS(paths),
		WITH_ROWS(behind_pointers),
		WITH_ROWS(what_was_open),
		WITH_ROWS(args),
		WITH_ROWS(comm),
		WITH_ROWS(keys),
		cmocka_unit_test(facts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
