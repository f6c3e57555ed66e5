/*
 * options.h - the command line of sysstream
 *
 *	struct options options;
 *	struct message error;
 *
 *	if (options_parse(&options, argc, argv, &error))
 *		complain(&error), status 2
 *	if (options.help)
 *		options_print_help(stdout), status 0
 *	if (options.version)
 *		options_print_version(stdout), status 0
 *	...
 *	options_free(&options);
 *
 * Exactly these can be asked for: PIDs, a command, PIDs and a command, the whole machine, the whole machine while a
 * command runs (then the recording ends with the command).
 */
#ifndef SYSSTREAM_OPTIONS_H
#define SYSSTREAM_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "../format/redact.h"
#include "containers.h"
#include "message.h"
#include "select.h"
#include "session.h"

#define OPTIONS_PID_MAX 4194303 /* the largest PID of any Linux: PID_MAX_LIMIT - 1, include/linux/threads.h */

#define OPTIONS_RING_DEFAULT (UINT64_C(32) << 20)
#define OPTIONS_RING_PER_CPU (UINT64_C(4) << 20)
#define OPTIONS_RING_MIN     (UINT64_C(64) << 10)
#define OPTIONS_RING_MAX     (UINT64_C(512) << 20)
#define OPTIONS_PART_MIN     (UINT64_C(64) << 10)
#define OPTIONS_KEEP_MAX     1000000
#define OPTIONS_MIN_FREE     (UINT64_C(64) << 20)
#define OPTIONS_TEXT         4096 /* bytes of a string that are captured: the longest path */
#define OPTIONS_LOG_SIZE     (UINT64_C(10) << 20)
#define OPTIONS_LOG_MIN      UINT64_C(4096)
#define OPTIONS_LOG_KEEP     5
#define OPTIONS_DATA         64 /* --data without a number */

/* How much has to stay free: bytes, or a part of the whole. */
struct options_free_space {
	bool given;
	uint64_t bytes;
	uint32_t millionths;
};

/* What is recorded. */
enum options_events {
	EVENTS_CALLS,   /* the calls that the selection wants, and the lives of threads */
	EVENTS_PROCESS, /* the lives of processes */
	EVENTS_FILE,    /* calls that open, make, rename and remove files: a selection */
};

struct options {
	pid_t *pids; /* as given, in order, each once; 1..OPTIONS_PID_MAX */
	size_t n_pids;
	char **command;                     /* points into argv, ends in NULL; NULL: none */
	const char *file;                   /* points into argv or to "trace.sst"; "-" is standard output */
	const char *view;                   /* --view: points into argv; NULL: none */
	int64_t view_interval;              /* of --view=stats, ns; 0 without it */
	const char *log;                    /* --log: points into argv; NULL: none */
	uint64_t log_size;                  /* bytes; 0: any */
	struct sst_redaction redaction;     /* --redact; all but the key */
	int64_t duration;                   /* ns; 0: no limit */
	int64_t flush;                      /* ns; 0: not given, see options_flush() */
	int64_t sync;                       /* ns; 0: off */
	uint64_t ring_size;                 /* bytes; 0: not given, see options_ring_size() */
	uint64_t rotate_size;               /* bytes; 0: off */
	int64_t rotate_time;                /* ns; 0: off */
	unsigned log_keep;                  /* older files */
	unsigned keep;                      /* parts; 0: all */
	struct options_free_space min_free; /* see options_min_free() */
	enum message_level level;
	struct selection selection;          /* -e, --failed, --slower */
	struct session_targets targets;      /* -c, --uid */
	struct containers_choice containers; /* --containers, --container */
	enum session_hooks hooks;            /* --hooks */
	uint32_t text;                       /* -s: bytes of a string; 0: nothing that arguments point to */
	uint32_t data;                       /* --data: bytes of what is read and written */
	enum options_events events;          /* --events */
	pid_t pidns;                         /* --pidns; 0: not given */
	int tree;                            /* --tree: levels; 0: off, INT_MAX: all */
	int64_t tally;                       /* and its interval, ns; 0 without it */
	uint64_t intervals;                  /* -n; 0: no limit */
	bool counts;                         /* --tally, or a view that needs no more */
	bool file_given;                     /* -f */
	bool log_size_given;                 /* --log-size */
	bool lossless;                       /* --lossless */
	bool stop_on_loss;                   /* --on-loss=stop */
	bool check;                          /* --check: like help and version */
	bool all;                            /* -a */
	bool self;                           /* -m */
	bool follow;                         /* -F, or a command is given */
	bool force;                          /* --force */
	bool strict;                         /* --strict */
	bool help;                           /* nothing else has been checked when this or version is set */
	bool version;
};

/*
 * options_parse() - argv is not changed. Returns 0, -EINVAL with a sentence in error, or -ENOMEM likewise. On failure
 * there is nothing to free.
 */
int options_parse(struct options *options, int argc, char **argv, struct message *error);
void options_free(struct options *options);

/*
 * options_settle() - what a view, a tally and a log mean for each other, once all has been read: in options_parse().
 * Returns 0 or -EINVAL with a sentence.
 */
int options_settle(struct options *options, struct message *error);

/* options_is_about() - is it --help, --version or --check, which record nothing? */
bool options_is_about(const struct options *options);

/* options_flush() - ns from the end of a call to its row in the output, at worst: as given, or 1 s to a file, 100 ms to
 * a pipe. */
int64_t options_flush(const struct options *options, bool to_pipe);

/* options_contains() - are processes chosen by container? options_waits() - are there any that may be yet to come, so
 * that the recording does not end by itself? */
bool options_contains(const struct options *options);
bool options_waits(const struct options *options);

/* options_rotates() - is the recording to be divided into parts? */
bool options_rotates(const struct options *options);

/* options_keeps() - does a file or pipe get the recording? Otherwise only a view does. */
bool options_keeps(const struct options *options);

/* options_ring_size() - bytes for the ring buffers: as given, or by the number of processors. */
uint64_t options_ring_size(const struct options *options, long cpus);

/* options_min_free() - bytes that have to stay free in a file system of total bytes; 0: all may be taken. */
uint64_t options_min_free(const struct options *options, uint64_t total);

/* Both return 0, or -errno when the text could not be written. */
int options_print_help(FILE *out);
int options_print_version(FILE *out);

/*
 * options_duration() - "90s", "5m", "1.5h", "500ms", "2" (seconds) as ns in *ns. Returns 0, -EINVAL when it is no
 * duration, -ERANGE when it is zero or beyond 100 years.
 */
int options_duration(const char *text, int64_t *ns);

/*
 * options_size() - "64MiB", "500M", "1.5G", "4096" (bytes) in *bytes; K, M, G, T are powers of 1024 too. Returns 0,
 * -EINVAL when it is no size, -ERANGE when it is beyond 2^53.
 */
int options_size(const char *text, uint64_t *bytes);

#endif
