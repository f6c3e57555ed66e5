#include "input.h"
#include "frame.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define WINDOW     (2u * SST_HEADER_MAX)
#define LOOK_AHEAD 4096 /* read at once at least: a header and some, but not a payload that may be skipped */

static bool knows_size(struct sst_input *in)
{
	int64_t size = in->source.size ? in->source.size(in->source.context) : -1;

	if (size >= 0)
		in->size = (uint64_t)size;
	return size >= 0;
}

int sst_input_open(struct sst_input *in, const struct sst_source *source)
{
	*in = (struct sst_input){.source = *source, .window = malloc(WINDOW)};
	in->seeks = source->seek && knows_size(in);
	return in->window ? 0 : -ENOMEM;
}

void sst_input_close(struct sst_input *in)
{
	free(in->window);
	free(in->back);
}

bool sst_input_has(struct sst_input *in, uint64_t n)
{
	if (in->size >= in->offset && in->size - in->offset >= n)
		return true;
	return knows_size(in) && in->size >= in->offset && in->size - in->offset >= n;
}

static void drop_back(struct sst_input *in)
{
	free(in->back);
	in->back = NULL;
	in->back_at = in->back_len = 0;
}

/* From what was given back, then from the source; as little as comes at once. */
static long read_some(struct sst_input *in, void *p, size_t n)
{
	if (in->back) {
		size_t left = in->back_len - in->back_at;

		n = n < left ? n : left;
		memcpy(p, in->back + in->back_at, n);
		in->back_at += n;
		if (n == left)
			drop_back(in);
		return (long)n;
	}
	return in->source.read(in->source.context, p, n);
}

long sst_input_look(struct sst_input *in, size_t n)
{
	if (in->begin + n > WINDOW) {
		memmove(in->window, in->window + in->begin, in->end - in->begin);
		in->end -= in->begin;
		in->begin = 0;
	}
	while (in->end - in->begin < n) {
		size_t missing = n - (in->end - in->begin), room = WINDOW - in->end;
		size_t ahead = missing > LOOK_AHEAD ? missing : LOOK_AHEAD;
		long got = read_some(in, in->window + in->end, ahead < room ? ahead : room);

		if (got < 0)
			return got;
		if (got == 0)
			break;
		in->end += (size_t)got;
	}
	return (long)(in->end - in->begin < n ? in->end - in->begin : n);
}

const uint8_t *sst_input_here(const struct sst_input *in)
{
	return in->window + in->begin;
}

long sst_input_take(struct sst_input *in, void *p, size_t n)
{
	size_t done = in->end - in->begin < n ? in->end - in->begin : n;

	memcpy(p, in->window + in->begin, done);
	in->begin += done;
	in->offset += done;
	while (done < n) {
		long got = read_some(in, (uint8_t *)p + done, n - done);

		if (got < 0)
			return got;
		if (got == 0)
			break;
		done += (size_t)got;
		in->offset += (size_t)got;
	}
	return (long)done;
}

static int skip_reading(struct sst_input *in, uint64_t n)
{
	while (n > 0) {
		size_t step = n < SST_HEADER_MAX ? (size_t)n : SST_HEADER_MAX;
		long got = sst_input_look(in, step);

		if (got < 0)
			return (int)got;
		in->begin += (size_t)got;
		in->offset += (size_t)got;
		n -= (size_t)got;
		if ((size_t)got < step)
			return SST_E_CUT;
	}
	return 0;
}

int sst_input_skip(struct sst_input *in, uint64_t n)
{
	if (n <= in->end - in->begin || !in->seeks)
		return skip_reading(in, n);
	if (!sst_input_has(in, n))
		return SST_E_CUT;
	return sst_input_seek(in, in->offset + n);
}

int sst_input_seek(struct sst_input *in, uint64_t offset)
{
	int err;

	if (!in->source.seek)
		return -ESPIPE;
	err = in->source.seek(in->source.context, offset);
	if (err)
		return err;
	drop_back(in);
	in->begin = in->end = 0;
	in->offset = offset;
	return 0;
}

int sst_input_give_back(struct sst_input *in, uint8_t *p, size_t n)
{
	size_t seen = in->end - in->begin, unread = in->back_len - in->back_at;
	uint8_t *all = realloc(p, n + seen + unread + 1);

	if (!all) {
		free(p);
		return -ENOMEM;
	}
	memcpy(all + n, in->window + in->begin, seen);
	if (unread > 0)
		memcpy(all + n + seen, in->back + in->back_at, unread);
	drop_back(in);
	in->back = all;
	in->back_len = n + seen + unread;
	in->begin = in->end = 0;
	in->offset -= n;
	if (in->back_len == 0)
		drop_back(in);
	return 0;
}
