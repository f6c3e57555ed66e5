/*
 * option_values.c - what stands behind an option: durations, sizes, numbers, PIDs
 */
#include "option_values.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	int64_t ns;
} units[] = {
	{"", NS_PER_S},         {"s", NS_PER_S}, {"ms", NS_PER_MS},       {"m", 60 * NS_PER_S},
	{"h", 3600 * NS_PER_S}, {"us", 1000},    {"d", 86400 * NS_PER_S},
};

/* The unit called name in ns, or 0. */
static int64_t unit_ns(const char *name)
{
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (!strcmp(name, units[i].name))
			return units[i].ns;
	return 0;
}

int options_duration(const char *text, int64_t *ns)
{
	size_t whole = strspn(text, "0123456789");
	const char *fraction = text[whole] == '.' ? text + whole + 1 : "";
	size_t part = strspn(fraction, "0123456789");
	int64_t unit = unit_ns(text[whole] == '.' ? fraction + part : text + whole);
	int64_t sum = 0;

	if (whole == 0 || unit == 0 || (text[whole] == '.' && part == 0))
		return -EINVAL;
	for (size_t i = 0; i < whole; i++) {
		sum = sum * 10 + (text[i] - '0');
		if (sum > DURATION_MAX / unit)
			return -ERANGE;
	}
	sum *= unit;
	for (size_t i = 0; i < part; i++) {
		unit /= 10; /* digits beyond a nanosecond add nothing */
		sum += (fraction[i] - '0') * unit;
	}
	if (sum == 0 || sum > DURATION_MAX)
		return -ERANGE;
	*ns = sum;
	return 0;
}

int option_duration(const char *name, const char *text, int64_t least, int64_t most, int64_t *ns, struct message *error)
{
	int err = options_duration(text, ns);

	if (err == -EINVAL)
		return message_set(error, err, "%s: '%s' is not a duration; write it like 90s, 5m, 2h, 1.5h or 500ms",
				   name, text);
	if (err == 0 && *ns >= least && *ns <= most)
		return 0;
	if (most < DURATION_MAX)
		return message_set(error, -EINVAL, "%s: '%s' is out of range; it must be from %s to 1h", name, text,
				   least < 10 * NS_PER_MS ? "1ms" : "10ms");
	return message_set(error, -EINVAL, "%s: '%s' is out of range; it must be more than 0 and less than 100 years",
			   name, text);
}

static const struct {
	const char *name;
	unsigned shift;
} size_units[] = {
	{"", 0},   {"B", 0},    {"K", 10},   {"k", 10},   {"M", 20},   {"G", 30},
	{"T", 40}, {"KiB", 10}, {"MiB", 20}, {"GiB", 30}, {"TiB", 40},
};

/* How many bits to the left the unit called name goes, or -1. */
static int unit_shift(const char *name)
{
	for (size_t i = 0; i < sizeof(size_units) / sizeof(size_units[0]); i++)
		if (!strcmp(name, size_units[i].name))
			return (int)size_units[i].shift;
	return -1;
}

int options_size(const char *text, uint64_t *bytes)
{
	size_t whole = strspn(text, "0123456789");
	const char *fraction = text[whole] == '.' ? text + whole + 1 : "";
	size_t part = strspn(fraction, "0123456789");
	int shift = unit_shift(text[whole] == '.' ? fraction + part : text + whole);
	uint64_t sum = 0, unit, decimals = 0, divisor = 1;

	if (whole == 0 || shift < 0 || (text[whole] == '.' && part == 0))
		return -EINVAL;
	unit = UINT64_C(1) << shift;
	for (size_t i = 0; i < whole; i++) {
		sum = sum * 10 + (uint64_t)(text[i] - '0');
		if (sum > SIZE_MOST / unit)
			return -ERANGE;
	}
	sum *= unit;
	for (size_t i = 0; i < part && i < 6; i++) { /* further digits are less than a millionth of the unit */
		decimals = decimals * 10 + (uint64_t)(fraction[i] - '0');
		divisor *= 10;
	}
	*bytes = sum + decimals * unit / divisor;
	return 0;
}

static int no_size(const char *name, const char *text, struct message *error)
{
	return message_set(error, -EINVAL, "%s: '%s' is not a size; write it like 64MiB, 500M, 2G or 1.5GiB", name,
			   text);
}

int option_size(const char *name, const char *text, uint64_t least, uint64_t most, const char *range, uint64_t *bytes,
		struct message *error)
{
	int err = options_size(text, bytes);

	if (err == -EINVAL)
		return no_size(name, text, error);
	if (err == 0 && *bytes >= least && *bytes <= most)
		return 0;
	return message_set(error, -EINVAL, "%s: '%s' is out of range; it must be %s", name, text, range);
}

int option_percent(const char *text, uint32_t *millionths)
{
	size_t whole = strspn(text, "0123456789");
	const char *fraction = text[whole] == '.' ? text + whole + 1 : "";
	size_t part = strspn(fraction, "0123456789");
	uint32_t unit = 10000, sum = 0;

	if (whole == 0 || whole > 2 || strcmp(text[whole] == '.' ? fraction + part : text + whole, "%") != 0 ||
	    (text[whole] == '.' && part == 0))
		return -EINVAL;
	for (size_t i = 0; i < whole; i++)
		sum = sum * 10 + (uint32_t)(text[i] - '0');
	sum *= unit;
	for (size_t i = 0; i < part; i++) {
		unit /= 10;
		sum += (uint32_t)(fraction[i] - '0') * unit;
	}
	*millionths = sum;
	return 0;
}

int option_count(const char *name, const char *what, const char *text, unsigned *count, struct message *error)
{
	uint64_t n = 0;
	size_t len = strspn(text, "0123456789");

	for (size_t i = 0; i < len && n <= OPTIONS_KEEP_MAX; i++)
		n = n * 10 + (uint64_t)(text[i] - '0');
	if (len == 0 || text[len])
		return message_set(error, -EINVAL, "%s: '%s' is not a number of %s", name, text, what);
	if (n < 1 || n > OPTIONS_KEEP_MAX)
		return message_set(error, -EINVAL, "%s: %s is out of range; it must be from 1 to %d", name, text,
				   OPTIONS_KEEP_MAX);
	*count = (unsigned)n;
	return 0;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

/* One PID of len bytes at text. */
static int take_pid(struct options *options, const char *where, const char *text, size_t len, struct message *error)
{
	int shown = len > 80 ? 80 : (int)len;
	int64_t pid = 0;

	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return message_set(error, -EINVAL, "%s'%.*s' is not a PID%s", where, shown, text,
					   *where ? "" : "; a command is given after -- (see sysstream --help)");
		if (pid <= OPTIONS_PID_MAX)
			pid = pid * 10 + (text[i] - '0');
	}
	if (pid < 1 || pid > OPTIONS_PID_MAX)
		return message_set(error, -EINVAL, "%s%.*s is out of range; PIDs are from 1 to %d", where, shown, text,
				   OPTIONS_PID_MAX);
	for (size_t i = 0; i < options->n_pids; i++)
		if (options->pids[i] == (pid_t)pid)
			return 0;
	pid_t *grown = realloc(options->pids, (options->n_pids + 1) * sizeof(*grown));
	if (!grown)
		return message_set(error, -ENOMEM, "out of memory");
	options->pids = grown;
	options->pids[options->n_pids++] = (pid_t)pid;
	return 0;
}

/*
 * A list divided by white space or single commas, with white space around it. Nothing between two commas is an error:
 * that is a variable of the caller's script that was empty, and going on would silently leave a process out.
 */
int option_pids(struct options *options, const char *where, const char *list, struct message *error)
{
	bool comma = false; /* a number has to come */
	size_t before = 0;  /* numbers so far */
	const char *at = list;

	for (;; before++) {
		while (is_space(*at))
			at++;
		if (*at == ',') {
			if (comma || before == 0)
				break;
			comma = true;
			at++;
			while (is_space(*at))
				at++;
		}
		size_t len = strcspn(at, ", \n\t\r");
		if (len == 0)
			break;
		int err = take_pid(options, where, at, len, error);
		if (err)
			return err;
		comma = false;
		at += len;
	}
	if (comma || *at == ',')
		return message_set(error, -EINVAL, "%sa PID is missing beside a comma in '%s'", where, list);
	if (before == 0)
		return message_set(error, -EINVAL, "%sno PID given: the list is empty (does the process run?)", where);
	return 0;
}

int option_bytes(const char *name, const char *text, uint32_t *bytes, struct message *error)
{
	size_t digits = strspn(text, "0123456789");
	unsigned long n = strtoul(text, NULL, 10);

	if (!digits || text[digits] || digits > 9 || n > RING_TEXT_MAX)
		return message_set(error, -EINVAL, "%s: '%s' is not a number of bytes from 0 to %d", name, text,
				   RING_TEXT_MAX);
	*bytes = (uint32_t)n;
	return 0;
}
