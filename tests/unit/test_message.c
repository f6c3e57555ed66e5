/*
 * test_message.c - what people read on standard error is whole lines that cannot drive their terminal
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../tracer/message.h"

static const struct {
	const char *text;
	const char *shown;
} escapes[] = {
	{"", ""},
	{"plain text", "plain text"},
	{"gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f"},
	{"\xf0\x9f\x90\xa7", "\xf0\x9f\x90\xa7"},
	{"a\nb\tc\rd", "a\\nb\\tc\\rd"},
	{"\x1b[2J", "\\x1b[2J"},
	{"\x1b]52;c;aGk=\x07", "\\x1b]52;c;aGk=\\x07"},
	{"\x7f", "\\x7f"},
	{"\xc2\x9b", "\\xc2\\x9b"}, /* C1: another way to write ESC [ */
	{"\xe2\x80\xae"
	 "exe.txt",
	 "\\xe2\\x80\\xae"
	 "exe.txt"}, /* right-to-left override */
	{"\xe2\x81\xa6", "\\xe2\\x81\\xa6"},
	{"\xe2\x80\xa8", "\\xe2\\x80\\xa8"}, /* line separator */
	{"\xef\xbb\xbf", "\\xef\\xbb\\xbf"},
	{"\xff\xfe", "\\xff\\xfe"},
	{"\xc3", "\\xc3"}, /* cut short */
	{"\xc3(", "\\xc3("},
	{"\xc0\xaf", "\\xc0\\xaf"},                   /* overlong */
	{"\xe0\x80\x8a", "\\xe0\\x80\\x8a"},          /* overlong newline */
	{"\xed\xa0\x80", "\\xed\\xa0\\x80"},          /* surrogate */
	{"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"}, /* beyond Unicode */
	{"\x80", "\\x80"},
};

static void escaping(void **state)
{
	char out[256];

	(void)state;
	for (size_t i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++) {
		size_t len = message_escape(out, sizeof(out), escapes[i].text, strlen(escapes[i].text));

		assert_string_equal(out, escapes[i].shown);
		assert_int_equal(len, strlen(out));
	}
	assert_int_equal(message_escape(out, sizeof(out), "a\0b", 3), 6);
	assert_string_equal(out, "a\\x00b");
}

/* However little room there is: no overflow, no half escape, no half character. */
static void escaping_cut(void **state)
{
	static const char text[] = "a\x1b\xc3\xbc\xf0\x9f\x90\xa7\xc2\x9b";
	static const size_t allowed[] = {0, 1, 5, 7, 11, 19};

	(void)state;
	for (size_t size = 1; size <= 24; size++) {
		char *out = malloc(size);
		size_t len = message_escape(out, size, text, sizeof(text) - 1);
		bool whole = false;

		assert_true(len < size);
		assert_int_equal(strlen(out), len);
		for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++)
			whole |= len == allowed[i];
		assert_true(whole);
		free(out);
	}
}

static void setting(void **state)
{
	struct message message;
	char *longer = malloc(3 * MESSAGE_MAX);

	(void)state;
	assert_int_equal(message_set(&message, -17, "%s exists", "x"), -17);
	assert_string_equal(message.text, "x exists");
	assert_int_equal(message_set(NULL, 3, "nowhere %d", 1), 3);
	memset(longer, 'y', 3 * MESSAGE_MAX);
	longer[3 * MESSAGE_MAX - 1] = '\0';
	message_set(&message, 0, "%s", longer);
	assert_int_equal(strlen(message.text), MESSAGE_MAX - 1);
	assert_string_equal(message.text + MESSAGE_MAX - 4, "...");
	free(longer);
}

/* Run speak() with standard error in a pipe; what came out of it, static. */
static const char *heard(void (*speak)(void))
{
	static char text[8192];
	int ends[2], saved = dup(STDERR_FILENO);
	ssize_t n;

	assert_int_equal(pipe(ends), 0);
	dup2(ends[1], STDERR_FILENO);
	close(ends[1]);
	speak();
	dup2(saved, STDERR_FILENO);
	close(saved);
	n = read(ends[0], text, sizeof(text) - 1);
	close(ends[0]);
	text[n > 0 ? n : 0] = '\0';
	return text;
}

static void speak_all(void)
{
	struct message message;

	message_set(&message, 0, "no \x1b[31m%s", "red");
	say("said %d", 1);
	detail("detail");
	warn("two\nlines");
	complain(&message);
	message_live("not a terminal"); /* pipe: not shown */
	message_live(NULL);
}

static void levels(void **state)
{
	(void)state;
	message_setup(MESSAGE_NORMAL);
	assert_string_equal(heard(speak_all),
			    "sysstream: said 1\nsysstream: two\\nlines\nsysstream: no \\x1b[31mred\n");
	message_setup(MESSAGE_QUIET);
	assert_string_equal(heard(speak_all), "sysstream: two\\nlines\nsysstream: no \\x1b[31mred\n");
	message_setup(MESSAGE_VERBOSE);
	assert_string_equal(heard(speak_all), "sysstream: said 1\nsysstream: detail\nsysstream: two\\nlines\n"
					      "sysstream: no \\x1b[31mred\n");
	message_setup(MESSAGE_NORMAL);
}

static void speak_longest(void)
{
	char text[MESSAGE_MAX];

	memset(text, 0x1b, sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	warn("%s", text);
}

static void longest_line(void **state)
{
	const char *text = heard(speak_longest);

	(void)state;
	assert_int_equal(strlen(text), strlen("sysstream: ") + 4 * (MESSAGE_MAX - 1) + 1);
	assert_int_equal(text[strlen(text) - 1], '\n');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(escaping), cmocka_unit_test(escaping_cut), cmocka_unit_test(setting),
		cmocka_unit_test(levels),   cmocka_unit_test(longest_line),
	};

	return cmocka_run_group_tests_name("message", tests, NULL, NULL);
}
