/* cell.c - see cell.h */
#include "cell.h"

#include <string.h>
#include <time.h>

#include "escape.h"

char *cell_json(char *p, const char *text, size_t len)
{
	char *end = escape(p, text, len, ESCAPE_MESSAGE), *to = end;

	for (const char *s = p; s < end; s++)
		to += *s == '\\' || *s == '"';
	/* From the end on, into the room behind it. */
	for (char *s = end, *at = to; at > s;) {
		*--at = *--s;
		if (*s == '\\' || *s == '"')
			*--at = '\\';
	}
	return to;
}

char *cell_csv(char *start, char *end)
{
	bool wanted = end > start && (*start == ' ' || end[-1] == ' ');
	size_t quotes = 0;
	char *to, *last;

	for (const char *s = start; s < end; s++) {
		wanted |= *s == ',' || *s == ';' || *s == '"';
		quotes += *s == '"';
	}
	if (!wanted)
		return end;
	/* From the end on, so that nothing is overwritten. */
	to = last = end + quotes + 2;
	*--to = '"';
	while (end > start) {
		*--to = *--end;
		if (*to == '"')
			*--to = '"';
	}
	*--to = '"';
	return last;
}

char *cell_abi(char *p, unsigned abi)
{
	const char *name = sst_abi_name(abi);

	return name ? cell_string(p, name) : put_u64(cell_string(p, "abi_"), abi);
}

/* ISO 8601 with the zone of this machine (TZ): the second is made once, most rows share it with the row before. */
char *cell_wall(char *p, struct wall *wall, const struct recording *recording, uint64_t boot)
{
	int64_t ns, second;
	char text[NUMBER_ROOM];

	if (!wall_time(recording, boot, &ns))
		return p;
	second = ns / NS_PER_S - (ns % NS_PER_S < 0);
	if (!wall->known || second != wall->second) {
		time_t t = (time_t)second;
		struct tm tm;

		if (!localtime_r(&t, &tm) || !strftime(wall->text, sizeof(wall->text), "%Y-%m-%dT%H:%M:%S", &tm) ||
		    !strftime(wall->zone, sizeof(wall->zone), "%z", &tm))
			return p;
		wall->second = second;
		wall->known = true;
		/* +0100 to +01:00 */
		memmove(wall->zone + 4, wall->zone + 3, strlen(wall->zone + 3) + 1);
		wall->zone[3] = ':';
	}
	p = cell_string(p, wall->text);
	*put_seconds_u64(text, (uint64_t)(ns - second * NS_PER_S)) = 0;
	return cell_string(cell_string(p, text + 1), wall->zone); /* without the 0 before the point */
}

char *cell_epoch(char *p, const struct recording *recording, uint64_t boot)
{
	int64_t ns;

	return wall_time(recording, boot, &ns) ? put_seconds(p, ns) : p;
}

/*
 * "23 calls lost: ring full (seq 17 to 39 until 1.250000000)"; of one call "seq 17", and no seq where it is not known.
 * No comma and no semicolon, so that it needs no quotes.
 */
char *cell_note(char *p, const struct recording *recording, const struct sst_gap *gap)
{
	p = put_u64(p, gap->count);
	p = cell_string(p, gap->count == 1 ? " call lost: " : " calls lost: ");
	p = cell_string(p, cause_name(gap->cause));
	p = cell_string(p, " (");
	if (gap->seq) {
		p = put_u64(cell_string(p, "seq "), gap->seq);
		if (gap->count > 1)
			p = put_u64(cell_string(p, " to "), gap->seq + gap->count - 1);
		*p++ = ' ';
	}
	p = cell_since(cell_string(p, "until "), recording, gap->until);
	*p++ = ')';
	return p;
}
