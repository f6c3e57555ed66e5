/* parse.c - see parse.h */
#include "parse.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "number.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The digits at *text; moves it behind them. */
static int take_u64(const char **text, uint64_t max, uint64_t *value)
{
	uint64_t v = 0;

	if (!is_digit(**text))
		return -EINVAL;
	for (; is_digit(**text); (*text)++) {
		unsigned digit = (unsigned)(**text - '0');

		if (digit > max || v > (max - digit) / 10)
			return -ERANGE;
		v = v * 10 + digit;
	}
	*value = v;
	return 0;
}

int parse_u64(const char *text, uint64_t max, uint64_t *value)
{
	const char *p = text;
	int err = take_u64(&p, max, value);

	return err ? err : *p ? -EINVAL : 0;
}

/* A point and digits at *text, if there are, as billionths; moves it behind them. */
static int take_fraction(const char **text, uint64_t *billionths)
{
	uint64_t v = 0, digit = NS_PER_S / 10;

	*billionths = 0;
	if (**text != '.')
		return 0;
	if (!is_digit(*++*text))
		return -EINVAL;
	for (; is_digit(**text); (*text)++) {
		v += digit * (uint64_t)(**text - '0');
		digit /= 10;
	}
	*billionths = v;
	return 0;
}

static uint64_t unit_ns(const char *unit)
{
	static const struct {
		const char *name;
		uint64_t ns;
	} units[] = {
		{"", NS_PER_S},
		{"ns", 1},
		{"us", 1000},
		{"ms", 1000000},
		{"s", NS_PER_S},
		{"m", 60 * (uint64_t)NS_PER_S},
		{"h", 3600 * (uint64_t)NS_PER_S},
		{"d", 86400 * (uint64_t)NS_PER_S},
	};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (!strcmp(unit, units[i].name))
			return units[i].ns;
	return 0;
}

int parse_span(const char *text, uint64_t *ns)
{
	const char *p = text;
	uint64_t whole, billionths, unit;
	int err = take_u64(&p, INT64_MAX, &whole);

	if (!err)
		err = take_fraction(&p, &billionths);
	if (err)
		return err;
	unit = unit_ns(p);
	if (!unit)
		return -EINVAL;
	if (whole > (uint64_t)INT64_MAX / unit - 1)
		return -ERANGE;
	/* in two steps: billionths of a day would not fit in 64 bits */
	*ns = whole * unit + unit / NS_PER_S * billionths + unit % NS_PER_S * billionths / NS_PER_S;
	return 0;
}

/* n digits at *text, from low to high; moves it behind them. */
static bool take_field(const char **text, int n, int low, int high, int *value)
{
	*value = 0;
	for (int i = 0; i < n; i++, (*text)++) {
		if (!is_digit(**text))
			return false;
		*value = *value * 10 + (**text - '0');
	}
	return *value >= low && *value <= high;
}

static bool take_char(const char **text, char c)
{
	if (**text != c)
		return false;
	(*text)++;
	return true;
}

static bool take_date(const char **p, struct tm *tm)
{
	if (!take_field(p, 4, 1970, 2262, &tm->tm_year) || !take_char(p, '-') ||
	    !take_field(p, 2, 1, 12, &tm->tm_mon) || !take_char(p, '-') || !take_field(p, 2, 1, 31, &tm->tm_mday))
		return false;
	tm->tm_year -= 1900;
	tm->tm_mon--;
	return true;
}

static bool take_time(const char **p, struct tm *tm, uint64_t *billionths)
{
	if (!take_char(p, 'T') && !take_char(p, ' '))
		return true; /* midnight */
	if (!take_field(p, 2, 0, 23, &tm->tm_hour) || !take_char(p, ':') || !take_field(p, 2, 0, 59, &tm->tm_min))
		return false;
	if (!take_char(p, ':'))
		return true;
	return take_field(p, 2, 0, 60, &tm->tm_sec) && take_fraction(p, billionths) == 0;
}

/* Z, +HH:MM, +HHMM or +HH; *seconds east of UTC. */
static bool take_zone(const char **p, int *seconds)
{
	int hours, minutes = 0, sign = **p == '-' ? -1 : 1;

	*seconds = 0;
	if (take_char(p, 'Z'))
		return true;
	if (!take_char(p, '+') && !take_char(p, '-'))
		return false;
	if (!take_field(p, 2, 0, 14, &hours))
		return false;
	if ((take_char(p, ':') || **p) && !take_field(p, 2, 0, 59, &minutes))
		return false;
	*seconds = sign * (hours * 3600 + minutes * 60);
	return true;
}

static int parse_wall(const char *text, int64_t *ns)
{
	struct tm tm = {.tm_isdst = -1}, given;
	uint64_t billionths = 0;
	int64_t seconds;
	int zone;

	if (!take_date(&text, &tm) || !take_time(&text, &tm, &billionths))
		return -EINVAL;
	given = tm;
	if (!*text)
		seconds = mktime(&tm);
	else if (take_zone(&text, &zone) && !*text)
		seconds = timegm(&tm) - zone;
	else
		return -EINVAL;
	if (tm.tm_mday != given.tm_mday && given.tm_sec < 60)
		return -EINVAL; /* a 31st of June */
	if (seconds > INT64_MAX / NS_PER_S - 1)
		return -ERANGE;
	*ns = seconds * NS_PER_S + (int64_t)billionths;
	return 0;
}

int parse_moment(const char *text, struct moment *moment)
{
	uint64_t ns = 0;
	int err;

	moment->wall = strlen(text) >= 10 && text[4] == '-';
	if (moment->wall)
		return parse_wall(text, &moment->ns);
	err = parse_span(text, &ns);
	moment->ns = (int64_t)ns;
	return err;
}
