/*
 * parts.h - the file or files of a recording: META first, END last, new parts in between, never a full disk.
 *
 *	struct parts parts = {.output = &output, .config = {...}};
 *	parts_check(&parts, &invoker, &error);	before privileges are gone
 *	parts_begin(&parts, &meta);		META; takes meta over
 *	parts_rows(&parts, rows, type, cut);	frames, by one thread, which also calls
 *	parts_care(&parts);			... this now and then, between two frames: is there room, is a new
 *						part due?
 *	parts_end(&parts, reason, cpu);		END; that thread is gone by then
 *	parts_free(&parts);
 *
 * Each part is a recording of its own, with its own uuid, that knows the one before it. Without rotation there is one,
 * and it is FILE itself; with rotation all are numbered.
 */
#ifndef TRACER_PARTS_H
#define TRACER_PARTS_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "../format/meta.h"
#include "../format/redact.h"
#include "../format/rows.h"
#include "../format/writer.h"
#include "message.h"
#include "output.h"
#include "view.h"

#define PARTS_UUID 16

struct parts_config {
	const char *file;  /* FILE as given */
	bool rotate;       /* there are parts */
	bool force;        /* they replace files of their name */
	bool sync;         /* a part goes to stable storage before the next one begins */
	uint64_t size;     /* begin a new part after so many bytes; 0: any number */
	uint64_t time;     /* ... and ns; 0: never */
	unsigned keep;     /* parts on disk; 0: all */
	uint64_t min_free; /* bytes; 0: whatever there is */
};

/* A part that is complete. */
struct parts_file {
	unsigned number;
	struct output_identity identity;
};

struct parts {
	/* Set by the caller. */
	struct parts_config config;
	struct output *output;                 /* of the current part, open and with its name; changes hands within */
	struct view *view;                     /* NULL, or gets the same beside it */
	const struct sst_redaction *redaction; /* NULL, or what is not to be written as it is */
	/* NULL, or asked now and then by the thread that writes: what is to be told of the recorder; not written. */
	void (*health)(void *context, struct sst_health *health);
	void *health_context;

	/* Its own. */
	struct sst_writer *writer;
	struct sst_meta meta;
	struct sst_tally *clean; /* a redacted copy */
	struct output *target;   /* what the writer's sink goes to: output, or that of the part to come */
	uint8_t uuid[PARTS_UUID];
	unsigned number;
	char *path;       /* of the current part; given by the caller for the first, NULL: config.file */
	int room;         /* a descriptor on the file system, whatever part is current */
	bool has_room;    /* there is one: free space is looked after */
	uint64_t bytes;   /* of all parts. Any thread reads it */
	bool dispensable; /* the frame that is being written may be missing in the view */
	/* Calls of this part that the selection has kept out, counted by who writes the rows: before a record of their
	 * thread, whose number tells of them, and after all of these. */
	uint64_t excluded, excluded_after;
	uint64_t told_health;   /* when it was asked last, mono ns; 0: not in this part */
	uint64_t texts_lost;    /* captures of this part that found no room; likewise */
	uint64_t began;         /* the part, mono ns */
	struct parts_file *old; /* the oldest first */
	size_t n_old, cap_old;
	pthread_mutex_t lock; /* output's descriptor changes */
	bool ready;
	bool full;            /* no room any more: end the recording. Any thread reads it */
	bool stopped;         /* the next part cannot begin, and error says why. Likewise */
	struct message error; /* valid once full or stopped */
};

/*
 * parts_check() - the first call: is there room to begin, and can the parts to come be made by the user that we will
 * be? Tried in a child that gives up its privileges as we will. Returns 0, or -errno with a sentence.
 */
int parts_check(struct parts *parts, const struct invoker *invoker, struct message *error);

/* parts_begin() - write META: meta, which is the parts' from now on, with what tells parts apart. 0 or -errno. */
int parts_begin(struct parts *parts, struct sst_meta *meta);

/* parts_rows() - as sst_writer_rows(); rows may be redacted then. parts_tally() - as sst_writer_tally(). */
int parts_rows(struct parts *parts, struct sst_rows *rows, enum sst_frame_type type, uint64_t cut);
int parts_tally(struct parts *parts, const struct sst_tally *tally);

/*
 * parts_care() - look after the room, remove parts that are too many, begin a new one when it is time. Returns true
 * when a new part has begun: what it has to know at its beginning comes first.
 */
bool parts_care(struct parts *parts);

/* parts_low() - has the file system less room than it should? Any thread may ask. */
bool parts_low(const struct parts *parts);

/* parts_error() - NULL, or the sentence why the recording has to end although writing works. Any thread may ask. */
const struct message *parts_error(const struct parts *parts);

/* parts_reason() - the same in a word for END; only where there is one. */
const char *parts_reason(const struct parts *parts);

/* parts_retry() - after parts_rows() failed: can something smaller still be written? The file then ends with a whole
 * frame. */
bool parts_retry(struct parts *parts);

/* parts_sync() - to stable storage. Any thread. 0 or -errno. */
int parts_sync(struct parts *parts);

/* parts_bytes() - in all parts together, also those removed. Any thread. */
uint64_t parts_bytes(const struct parts *parts);

/* parts_end() - the END frame. cpu: ns. 0 or -errno. */
int parts_end(struct parts *parts, const char *reason, uint64_t cpu);

/* parts_free() - nothing to do when it is all zero bytes. output stays open, but its path may be gone. */
void parts_free(struct parts *parts);

#endif
