#include <errno.h>
#include <inttypes.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../format/syscalls.h"
#include "classes.h"
#include "select.h"

static void add(struct selection *selection, unsigned abi, uint32_t nr)
{
	if (nr < SELECTION_NRS)
		selection->calls[abi][nr / 8] |= (unsigned char)(1u << nr % 8);
}

/* Whether a call belongs to one word of a set. */
struct word {
	enum { WORD_NAME, WORD_CLASS, WORD_REGEX } kind;
	const char *text;
	regex_t regex;
};

static bool fits(const struct word *word, const char *name)
{
	switch (word->kind) {
	case WORD_CLASS:
		return classes_has(word->text, name);
	case WORD_REGEX:
		return regexec(&word->regex, name, 0, NULL, 0) == 0;
	default:
		return !strcmp(word->text, name);
	}
}

/* Every call of every ABI that fits. Returns how many. */
static size_t add_fitting(struct selection *selection, const struct word *word)
{
	const char *name;
	size_t n = 0;

	for (unsigned abi = 1; abi < SST_ABI_COUNT; abi++) {
		uint32_t nr;

		for (nr = 0; (name = sst_syscall_next(abi, &nr)); nr++) {
			if (!fits(word, name))
				continue;
			add(selection, abi, nr);
			n++;
		}
		/* The kernel's name, where ausyscall has another. */
		if (word->kind == WORD_NAME && sst_syscall_find(abi, word->text, &nr) == 0) {
			add(selection, abi, nr);
			n++;
		}
	}
	return n;
}

static int add_regex(struct selection *selection, const char *text, struct message *error)
{
	struct word word = {.kind = WORD_REGEX, .text = text};
	char why[128];
	int err = regcomp(&word.regex, text, REG_EXTENDED | REG_NOSUB);
	size_t n;

	if (err) {
		regerror(err, &word.regex, why, sizeof(why));
		return message_set(error, -EINVAL, "-e: '/%s' is no regular expression: %s", text, why);
	}
	n = add_fitting(selection, &word);
	regfree(&word.regex);
	return n ? 0 : message_set(error, -EINVAL, "-e: no system call fits '/%s'", text);
}

static int add_number(struct selection *selection, const char *text, struct message *error)
{
	unsigned long nr = strtoul(text, NULL, 10);

	if (text[strspn(text, "0123456789")] || nr >= SELECTION_NRS)
		return message_set(error, -EINVAL, "-e: '%s' is no system call number; they are from 0 to %d", text,
				   SELECTION_NRS - 1);
	for (unsigned abi = 1; abi < SST_ABI_COUNT; abi++)
		add(selection, abi, (uint32_t)nr);
	return 0;
}

static int add_class(struct selection *selection, const char *class, struct message *error)
{
	struct word word = {.kind = WORD_CLASS, .text = class};

	if (!classes_known(class))
		return message_set(error, -EINVAL, "-e: there is no class '%%%s'; there are %s", class, classes_list());
	add_fitting(selection, &word);
	return 0;
}

static int add_word(struct selection *selection, const char *text, struct message *error)
{
	struct word word = {.kind = WORD_NAME, .text = text};

	if (*text == '/')
		return add_regex(selection, text + 1, error);
	if (*text == '%')
		return add_class(selection, text + 1, error);
	if (*text >= '0' && *text <= '9')
		return add_number(selection, text, error);
	if (*text == '?') {
		word.text++;
		add_fitting(selection, &word);
		return 0;
	}
	if (*text && add_fitting(selection, &word))
		return 0;
	if (classes_known(text)) /* strace's old spelling */
		return add_class(selection, text, error);
	return message_set(error, -EINVAL,
			   *text ? "-e: no ABI has a system call '%s' (?%s to go on without)"
				 : "-e: a system call is missing beside a comma%s%s",
			   text, text);
}

/* From commas to commas; a regular expression may have them only inside of [] or {}. */
static size_t word_length(const char *text)
{
	size_t depth = 0, len = 0;

	if (*text != '/')
		return strcspn(text, ",");
	for (; text[len] && (depth || text[len] != ','); len++) {
		depth += text[len] == '[' || text[len] == '{';
		depth -= depth && (text[len] == ']' || text[len] == '}');
	}
	return len;
}

static int add_set(struct selection *selection, const char *set, struct message *error)
{
	int err = 0;

	for (;;) {
		size_t len = word_length(set);
		char *word = strndup(set, len);

		err = word ? add_word(selection, word, error) : message_set(error, -ENOMEM, "out of memory");
		free(word);
		if (err || !set[len])
			return err;
		set += len + 1;
	}
}

static void invert(struct selection *selection)
{
	unsigned char *bytes = &selection->calls[0][0];

	for (size_t i = 0; i < sizeof(selection->calls); i++)
		bytes[i] = (unsigned char)~bytes[i];
	selection->unknown = !selection->unknown;
}

/* The SET of an expression, or NULL with a sentence: strace has more of them, which are about what it prints. */
static const char *set_of(const char *expression, struct message *error)
{
	static const char *const prefixes[] = {"trace=", "t="};
	size_t len = strcspn(expression, "=");

	for (size_t i = 0; i < 2; i++)
		if (!strncmp(expression, prefixes[i], strlen(prefixes[i])))
			return expression + strlen(prefixes[i]);
	if (!expression[len] || *expression == '/')
		return expression;
	message_set(error, -EINVAL, "-e: '%.*s=' is not known here; -e trace=SET chooses the calls to record",
		    len > 40 ? 40 : (int)len, expression);
	return NULL;
}

int selection_parse(struct selection *selection, const char *expression, struct message *error)
{
	const char *set = set_of(expression, error), *words = set;
	int err = 0;

	if (!set)
		return -EINVAL;
	memset(selection->calls, 0, sizeof(selection->calls));
	selection->by_call = true;
	selection->unknown = false;
	selection->text = set;
	if (*words == '!')
		words++;
	if (!strcmp(words, "all"))
		invert(selection);
	else if (strcmp(words, "none") != 0)
		err = add_set(selection, words, error);
	if (*set == '!')
		invert(selection);
	return err;
}

bool selection_is_any(const struct selection *selection)
{
	return selection->by_call || selection->failed || selection->slower;
}

bool selection_has(const struct selection *selection, unsigned abi, uint32_t nr)
{
	if (!selection->by_call)
		return true;
	if (!abi || abi >= SST_ABI_COUNT || nr >= SELECTION_NRS)
		return selection->unknown;
	return selection->calls[abi][nr / 8] >> nr % 8 & 1;
}

char *selection_describe(const struct selection *selection, char *text, size_t size)
{
	int len = 0;

	*text = '\0';
	if (selection->by_call)
		len = snprintf(text, size, "trace=%s", selection->text);
	if (selection->failed && (size_t)len < size)
		len += snprintf(text + len, size - (size_t)len, "%sfailed", len ? " " : "");
	if (selection->slower && (size_t)len < size)
		snprintf(text + len, size - (size_t)len, "%sslower=%" PRIu64 "ns", len ? " " : "", selection->slower);
	return text;
}
