/* redact.c - see redact.h */
#include "redact.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "escape.h"
#include "format/tally.h"
#include "format/writer.h"
#include "walk.h"

#define KEY_FILE_MAX 4096 /* bytes of a key file that count */

struct redact {
	const struct sst_redaction *redaction;
	struct out *out;
	struct report *report;
	struct walk *walk;
	struct sst_tally *tally, *clean; /* made with the first frame that needs them */
	struct sst_writer *writer;
	uint64_t recordings; /* of the walk */
	uint64_t damages;    /* reported before this recording */
	bool has_meta;
	int error; /* of the output, or -ENOMEM: nothing more is written */
};

static bool failed(struct redact *r, int err)
{
	if (err && !r->error)
		r->error = err;
	return r->error != 0;
}

static int write_out(void *context, const void *data, size_t len)
{
	struct out *out = context;

	if (!out->error)
		out->error = out_write(out->fd, data, len);
	return out->error;
}

/* --- the key */

static bool read_key(struct sst_redaction *redaction, const char *file)
{
	unsigned char secret[KEY_FILE_MAX];
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, secret, sizeof(secret));

	if (n < 0)
		complain("%s: %s", escaped(file), strerror(errno));
	else if (n < SST_SIPHASH_KEY)
		complain("%s: a key has %d bytes or more (head -c 32 /dev/urandom makes one)", escaped(file),
			 SST_SIPHASH_KEY);
	else
		sst_redaction_key(redaction, secret, (size_t)n);
	if (fd >= 0)
		close(fd);
	return n >= SST_SIPHASH_KEY;
}

bool redact_key(struct sst_redaction *redaction, const char *file)
{
	if (file)
		return read_key(redaction, file);
	if (getrandom(redaction->key, sizeof(redaction->key), 0) == sizeof(redaction->key))
		return true;
	complain("there are no random numbers: %s", strerror(errno));
	return false;
}

/* --- frames */

static int copy_meta(const struct sst_meta *from, struct sst_meta *to)
{
	int err = 0;

	for (size_t i = 0; i < from->n && !err; i++)
		err = sst_meta_set(to, from->entries[i].key, from->entries[i].value);
	return err;
}

/* META comes first, whatever is damaged. */
static void write_meta(struct redact *r)
{
	struct sst_meta meta = {0};

	if (r->has_meta || r->error)
		return;
	r->has_meta = true;
	if (!failed(r, copy_meta(&r->walk->recording.meta, &meta)) && !failed(r, sst_redact_meta(r->redaction, &meta)))
		failed(r, sst_writer_meta(r->writer, &meta));
	sst_meta_clear(&meta);
}

/* What the recorder says of itself is nobody's secret. */
static void take_health(struct redact *r, const struct sst_frame *frame)
{
	struct sst_health health;

	if (sst_frame_health(frame, &health))
		sst_writer_health(r->writer, &health);
}

static void take_rows(struct redact *r, const struct sst_frame *frame)
{
	struct sst_rows *rows = r->walk->rows;

	if (!walk_rows(r->walk, SST_ALL_COLUMNS) || failed(r, sst_redact_rows(r->redaction, rows)))
		return;
	failed(r, sst_writer_rows(r->writer, rows, frame->type, frame->cut));
	r->report->rows += rows->n;
}

static void take_tally(struct redact *r, const struct sst_frame *frame)
{
	int err;

	if (!r->tally)
		r->tally = sst_tally_new();
	if (!r->clean)
		r->clean = sst_tally_new();
	if (!r->tally || !r->clean) {
		failed(r, -ENOMEM);
		return;
	}
	err = sst_reader_load(r->walk->reader, &r->walk->frame);
	if (!err)
		err = sst_frame_tally(&r->walk->frame, r->tally);
	if (err) {
		walk_damaged(r->walk, frame, err);
		return;
	}
	if (!failed(r, sst_redact_tally(r->redaction, r->tally, r->clean)))
		failed(r, sst_writer_tally(r->writer, r->clean));
}

/* --- recordings */

/* The recording keeps its number, so that the parts of a rotated one still find each other. */
static void begin(struct redact *r)
{
	struct sst_sink sink = {.write = write_out, .context = r->out};

	r->recordings = r->walk->recordings;
	r->damages = r->report->damages;
	r->has_meta = false;
	r->writer = sst_writer_new(&sink, r->walk->frame.uuid, 1);
	if (!r->writer)
		failed(r, -ENOMEM);
}

/* The writer counts anew what END says of rows and losses. */
static bool is_counted(const char *key)
{
	return !strcmp(key, "rows") || !strcmp(key, "tallied") || !strncmp(key, "lost", 4);
}

static int write_end(struct redact *r)
{
	const struct sst_meta *before = &r->walk->recording.end_meta;
	struct sst_meta meta = {0};
	int err = 0;

	for (size_t i = 0; i < before->n && !err; i++)
		if (!is_counted(before->entries[i].key))
			err = sst_meta_set(&meta, before->entries[i].key, before->entries[i].value);
	err = err ? err : sst_redact_meta(r->redaction, &meta);
	err = err ? err : sst_writer_end(r->writer, &meta);
	sst_meta_clear(&meta);
	return err;
}

/* The recording that the walk leaves. */
static void finish(void *context)
{
	struct redact *r = context;

	if (!r->writer)
		return;
	if (!r->error && r->walk->recording.ended && !r->walk->cut && r->report->damages == r->damages)
		failed(r, write_end(r));
	sst_writer_free(r->writer);
	r->writer = NULL;
}

static void take(struct redact *r, const struct sst_frame *frame)
{
	if (r->walk->recordings != r->recordings)
		begin(r);
	if (r->error)
		return;
	write_meta(r);
	take_health(r, frame);
	if (frame->type == SST_FRAME_ROWS || frame->type == SST_FRAME_LATE)
		take_rows(r, frame);
	else if (frame->type == SST_FRAME_TALLY)
		take_tally(r, frame);
}

static void run(struct redact *r)
{
	const struct sst_frame *frame;

	r->walk->leave = finish;
	r->walk->context = r;
	while (!r->error && (frame = walk_next(r->walk)))
		take(r, frame);
	out_sync(r->out);
	if (r->error && !r->out->error)
		report_error(r->report, r->error);
	else if (r->report->damages > 0)
		complain("%s: is damaged: the output has what is good, and no end, because it cannot tell what is "
			 "missing; --recover the original first",
			 r->report->name);
}

void redact_run(const struct input *input, const struct sst_redaction *redaction, struct out *out,
		struct report *report)
{
	struct redact r = {.redaction = redaction, .out = out, .report = report};

	r.walk = walk_new(input, report);
	if (r.walk)
		run(&r);
	sst_writer_free(r.writer);
	sst_tally_free(r.tally);
	sst_tally_free(r.clean);
	walk_free(r.walk);
}
