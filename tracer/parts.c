/*
 * parts.c - the file or files of a recording
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "array.h"
#include "clock.h"
#include "facts.h"
#include "parts.h"
#include "privilege.h"
#include "space.h"
#include "status.h"

#define HEALTH_PERIOD (4 * UINT64_C(1000000000))
#define LEVEL         1 /* of zstd: 3 is 3 % smaller and costs 40 % more */

/* --- room ------------------------------------------------------------------------------------------------ */

/* The directory where there is one: parts may go, it stays. */
static int open_room(struct parts *parts)
{
	int fd = parts->output->dir >= 0 ? parts->output->dir : parts->output->fd;

	if (!parts->config.min_free || !parts->output->regular)
		return 0;
	parts->room = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	parts->has_room = parts->room >= 0;
	return parts->has_room ? 0 : -errno;
}

static bool is_low(const struct parts *parts, struct space *space)
{
	return parts->has_room && space_of(parts->room, space) == 0 && space->free < parts->config.min_free;
}

bool parts_low(const struct parts *parts)
{
	struct space space;

	return is_low(parts, &space);
}

static int say_low(const struct parts *parts, const struct space *space, const char *consequence, struct message *error)
{
	char where[512], free_text[32], least[32];

	return message_set(error, -ENOSPC, "%s: the disk is nearly full: %s has %s free, --min-free is %s; %s",
			   parts->output->path, space_place(parts->room, parts->output->path, where, sizeof(where)),
			   status_bytes(space->free, free_text, sizeof(free_text)),
			   status_bytes(parts->config.min_free, least, sizeof(least)), consequence);
}

static int try_next(const void *output)
{
	return output_check_next(output);
}

int parts_check(struct parts *parts, const struct invoker *invoker, struct message *error)
{
	struct space space;
	int err = open_room(parts);

	if (err)
		return message_set(error, err, "%s: %s", parts->output->path, strerror(-err));
	if (is_low(parts, &space))
		return say_low(parts, &space, "nothing is recorded", error);
	if (!parts->config.rotate)
		return 0;
	err = privilege_try(invoker, try_next, parts->output);
	if (!err)
		return 0;
	return message_set(
		error, err, "%s: %s may not make further parts in this directory (%s); -f FILE names another place",
		parts->output->path,
		invoker->known && invoker->name ? invoker->name : "the recorder, without privileges,", strerror(-err));
}

/* --- old parts ------------------------------------------------------------------------------------------- */

static int remember(struct parts *parts)
{
	struct parts_file file = {.number = parts->number};
	int err = output_identity(parts->output, &file.identity);

	if (err)
		return err;
	if (ARRAY_GROW(parts->old, parts->cap_old, parts->n_old + 1))
		return -ENOMEM;
	parts->old[parts->n_old++] = file;
	return 0;
}

static void remove_oldest(struct parts *parts)
{
	struct parts_file file = parts->old[0];
	char *path = output_part_path(parts->config.file, file.number);
	int err = path ? output_remove(parts->output, path, &file.identity) : -ENOMEM;

	parts->n_old--;
	memmove(parts->old, parts->old + 1, parts->n_old * sizeof(*parts->old));
	if (err == -EEXIST)
		warn("%s is another file by now and stays", path);
	else if (err && err != -ENOENT)
		warn("cannot remove %s: %s", path ? path : "the oldest part", strerror(-err));
	free(path);
}

static void keep_newest(struct parts *parts)
{
	while (parts->config.keep && parts->n_old + 1 > parts->config.keep)
		remove_oldest(parts);
}

/* Old parts that would be removed some day anyway go first. */
static void make_room(struct parts *parts)
{
	struct space space;

	while (parts->config.keep && parts->n_old && is_low(parts, &space)) {
		char *path = output_part_path(parts->config.file, parts->old[0].number);

		detail("%s is removed early: the disk is nearly full", path ? path : "the oldest part");
		free(path);
		remove_oldest(parts);
	}
	if (__atomic_load_n(&parts->full, __ATOMIC_ACQUIRE) || !is_low(parts, &space) || parts_error(parts))
		return;
	say_low(parts, &space, "the recording ends here, up to now it is complete", &parts->error);
	__atomic_store_n(&parts->full, true, __ATOMIC_RELEASE);
}

/* --- one part -------------------------------------------------------------------------------------------- */

static int sink_write(void *context, const void *data, size_t len)
{
	struct parts *parts = context;
	int err = output_write(parts->target, data, len);

	if (err)
		return err;
	__atomic_fetch_add(&parts->bytes, len, __ATOMIC_RELAXED);
	if (parts->view)
		view_write(parts->view, data, len, !parts->dispensable, parts->target != parts->output);
	return 0;
}

static struct sst_writer *new_writer(struct parts *parts, uint8_t uuid[PARTS_UUID])
{
	struct sst_sink sink = {.write = sink_write, .context = parts};

	if (getrandom(uuid, PARTS_UUID, 0) != PARTS_UUID)
		return NULL;
	return sst_writer_new(&sink, uuid, LEVEL);
}

static int set_uuid(struct sst_meta *meta, const char *key, const uint8_t uuid[PARTS_UUID])
{
	char text[2 * PARTS_UUID + 1];

	for (size_t i = 0; i < PARTS_UUID; i++)
		snprintf(text + 2 * i, 3, "%02x", uuid[i]);
	return sst_meta_set(meta, key, text);
}

static int begin_first(struct parts *parts)
{
	int err = 0;

	if (parts->config.rotate) {
		err = sst_meta_set_u64(&parts->meta, "part", parts->number);
		if (!err)
			err = set_uuid(&parts->meta, "session", parts->uuid);
	}
	return err ? err : sst_writer_meta(parts->writer, &parts->meta);
}

int parts_begin(struct parts *parts, struct sst_meta *meta)
{
	int err = parts->redaction ? sst_redact_meta(parts->redaction, meta) : 0;

	if (err)
		return err;
	parts->meta = *meta;
	*meta = (struct sst_meta){0};
	pthread_mutex_init(&parts->lock, NULL);
	parts->ready = true;
	parts->number = 1;
	parts->began = mono_now();
	parts->target = parts->output;
	parts->writer = new_writer(parts, parts->uuid);
	return parts->writer ? begin_first(parts) : -ENOMEM;
}

/* Into the next frame; not into each of a recorder that writes many, or small ones. */
static void tell_health(struct parts *parts)
{
	struct sst_health health = {0};
	uint64_t now = mono_now();

	if (!parts->health || (parts->told_health && now - parts->told_health < HEALTH_PERIOD))
		return;
	parts->told_health = now;
	parts->health(parts->health_context, &health);
	health.written = parts_bytes(parts);
	sst_writer_health(parts->writer, &health);
}

int parts_rows(struct parts *parts, struct sst_rows *rows, enum sst_frame_type type, uint64_t cut)
{
	int err = parts->redaction ? sst_redact_rows(parts->redaction, rows) : 0;

	if (err)
		return err;
	make_room(parts);
	if (type == SST_FRAME_ROWS)
		tell_health(parts);
	parts->dispensable = true;
	err = sst_writer_rows(parts->writer, rows, type, cut);
	parts->dispensable = false;
	return err;
}

int parts_tally(struct parts *parts, const struct sst_tally *tally)
{
	int err = 0;

	make_room(parts);
	tell_health(parts);
	if (!parts->redaction)
		return sst_writer_tally(parts->writer, tally);
	if (!parts->clean)
		parts->clean = sst_tally_new();
	err = parts->clean ? sst_redact_tally(parts->redaction, tally, parts->clean) : -ENOMEM;
	return err ? err : sst_writer_tally(parts->writer, parts->clean);
}

bool parts_retry(struct parts *parts)
{
	if (parts->output->torn)
		return false;
	sst_writer_retry(parts->writer);
	return true;
}

static int tell_programs(const struct parts *parts, struct sst_meta *meta)
{
	struct sst_health health = {0};

	parts->health(parts->health_context, &health);
	return health.run_ns ? sst_meta_set_u64(meta, "programs.ns", health.run_ns) : 0;
}

int parts_end(struct parts *parts, const char *reason, uint64_t cpu)
{
	struct sst_meta meta = {0};
	int err = facts_end(&meta, &parts->meta, reason, cpu);

	if (!err && parts->health)
		err = tell_programs(parts, &meta);
	if (!err && parts->excluded)
		err = sst_meta_set_u64(&meta, "excluded", parts->excluded);
	if (!err && parts->excluded_after)
		err = sst_meta_set_u64(&meta, "excluded.after", parts->excluded_after);
	if (!err && parts->texts_lost)
		err = sst_meta_set_u64(&meta, "captures.lost", parts->texts_lost);
	if (!err)
		err = sst_writer_end(parts->writer, &meta);
	sst_meta_clear(&meta);
	return err;
}

/* --- the next part --------------------------------------------------------------------------------------- */

struct next_part {
	struct output output;
	char *path;
	struct sst_writer *writer;
	uint8_t uuid[PARTS_UUID];
};

static void discard_next(struct next_part *next)
{
	output_discard(&next->output);
	sst_writer_free(next->writer);
	free(next->path);
}

/* The view gets the META of the new part behind the END of the one before. */
static void tell_view(const struct parts *parts, bool begun)
{
	if (parts->view)
		view_next(parts->view, begun);
}

/* What a part says about its place; the rest is as in the first. */
static int set_place(struct parts *parts, unsigned number, const uint8_t previous[PARTS_UUID])
{
	int err = sst_meta_set_u64(&parts->meta, "part", number);

	return err ? err : set_uuid(&parts->meta, "part.previous", previous);
}

/* The file and META of the part to come, while the current one can still go on. */
static int prepare_next(struct parts *parts, struct next_part *next, struct message *error)
{
	int err = -ENOMEM;

	next->path = output_part_path(parts->config.file, parts->number + 1);
	if (next->path)
		err = output_next(parts->output, next->path, parts->config.force, &next->output, error);
	if (err)
		return err;
	next->writer = new_writer(parts, next->uuid);
	err = next->writer ? set_place(parts, parts->number + 1, parts->uuid) : -ENOMEM;
	parts->target = &next->output;
	if (!err)
		err = sst_writer_meta(next->writer, &parts->meta);
	parts->target = parts->output;
	if (err)
		return message_set(error, err, "%s: %s", next->path, strerror(-err));
	return output_commit(&next->output, error);
}

static int finish_current(struct parts *parts, struct message *error)
{
	int err = remember(parts);

	if (err)
		return message_set(error, err, "%s: %s", parts->output->path, strerror(-err));
	err = parts_end(parts, "rotated", facts_cpu());
	if (err)
		parts->n_old--;
	return err ? message_set(error, err, "%s: %s", parts->output->path, strerror(-err)) : 0;
}

static void switch_to(struct parts *parts, struct next_part *next)
{
	pthread_mutex_lock(&parts->lock);
	*parts->output = next->output;
	pthread_mutex_unlock(&parts->lock);
	sst_writer_free(parts->writer);
	free(parts->path);
	parts->writer = next->writer;
	parts->path = next->path;
	memcpy(parts->uuid, next->uuid, sizeof(parts->uuid));
	parts->number++;
	parts->excluded = parts->excluded_after = parts->texts_lost = parts->told_health = 0;
	parts->began = mono_now();
}

static void stop(struct parts *parts, int err, const char *what, const char *why)
{
	char text[MESSAGE_MAX];

	snprintf(text, sizeof(text), "%s", why[0] ? why : strerror(-err));
	message_set(&parts->error, err, "%s: %s; the recording ends here, up to now it is complete", what, text);
	__atomic_store_n(&parts->stopped, true, __ATOMIC_RELEASE);
}

static bool rotate(struct parts *parts)
{
	struct next_part next = {.output = {.fd = -1, .dir = -1}};
	struct output before = *parts->output;
	struct message why = {0};
	int err = prepare_next(parts, &next, &why);

	if (!err)
		err = finish_current(parts, &why);
	if (err) {
		discard_next(&next);
		tell_view(parts, false);
		stop(parts, err, "cannot begin another part", why.text);
		return false;
	}
	if (parts->config.sync)
		err = output_sync(&before);
	switch_to(parts, &next);
	tell_view(parts, true);
	if (output_close(&before) || err)
		stop(parts, err ? err : -EIO, "the part before could not be written", "");
	keep_newest(parts);
	return true;
}

/* A part without a single call goes on: an idle night must not push out what there was. */
static bool is_due(const struct parts *parts)
{
	const struct sst_totals *totals = sst_writer_totals(parts->writer);

	if (!parts->config.rotate || parts_error(parts) || !(totals->rows || totals->lost || totals->tallied))
		return false;
	return (parts->config.size && totals->bytes >= parts->config.size) ||
	       (parts->config.time && mono_now() - parts->began >= parts->config.time);
}

bool parts_care(struct parts *parts)
{
	make_room(parts);
	if (parts->view)
		view_care(parts->view);
	return is_due(parts) && rotate(parts);
}

/* --- for other threads ----------------------------------------------------------------------------------- */

const struct message *parts_error(const struct parts *parts)
{
	bool any =
		__atomic_load_n(&parts->full, __ATOMIC_ACQUIRE) || __atomic_load_n(&parts->stopped, __ATOMIC_ACQUIRE);

	return any ? &parts->error : NULL;
}

const char *parts_reason(const struct parts *parts)
{
	return __atomic_load_n(&parts->full, __ATOMIC_ACQUIRE) ? "disk nearly full" : "no next part";
}

uint64_t parts_bytes(const struct parts *parts)
{
	return __atomic_load_n(&parts->bytes, __ATOMIC_RELAXED);
}

int parts_sync(struct parts *parts)
{
	struct output copy;
	int err;

	pthread_mutex_lock(&parts->lock);
	copy = (struct output){.regular = parts->output->regular, .fd = fcntl(parts->output->fd, F_DUPFD_CLOEXEC, 3)};
	pthread_mutex_unlock(&parts->lock);
	if (copy.fd < 0)
		return -errno;
	err = output_sync(&copy);
	close(copy.fd);
	return err;
}

void parts_free(struct parts *parts)
{
	if (parts->has_room)
		close(parts->room);
	if (parts->ready)
		pthread_mutex_destroy(&parts->lock);
	sst_writer_free(parts->writer);
	sst_tally_free(parts->clean);
	sst_meta_clear(&parts->meta);
	free(parts->path);
	free(parts->old);
	*parts = (struct parts){0};
}
