/*
 * follow.h - a recording that is being written, like tail -f: rows as frames arrive, from one part to the next.
 *
 *	struct follow *follow = follow_open(file);	everything that needs a path
 *	status = follow_run(follow, &config);
 *	follow_close(follow);
 *
 * As from a pipe, an open row comes first and the complete one when the call has returned. Ends with the END frame of
 * the last part, on SIGINT or SIGTERM, when the file is truncated or removed, or when nobody reads the output any more.
 */
#ifndef SYSDECODE_FOLLOW_H
#define SYSDECODE_FOLLOW_H

#include "stream.h"

struct follow;

/*
 * follow_open() - file as the user gave it; one that is not there yet is waited for in follow_run(), its directory must
 * be there. Catches SIGINT and SIGTERM from now on; a second one kills. NULL after an error, which has been said.
 *
 * What is opened later is opened by its name in follow_directory(), a descriptor, -1 where there is none.
 */
struct follow *follow_open(const char *file);
int follow_directory(const struct follow *follow);
void follow_close(struct follow *follow);

/* follow_stop() - let follow_run() return, as a signal does; from any thread. */
void follow_stop(void);

/* follow_run() - returns when the recording has ended or shall not be followed any more. */
enum status follow_run(struct follow *follow, const struct stream_config *config);

#endif
