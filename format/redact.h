/*
 * redact.h - take texts out of a recording that is to be shared: what they are is replaced by a keyed hash of it, so
 * that equal ones stay equal.
 *
 *	struct sst_redaction redaction = {.key = ...};
 *	sst_redaction_add(&redaction, "paths");
 *	sst_redact_meta(&redaction, &meta);
 *	sst_redact_rows(&redaction, rows);		before they are written
 *
 * paths	names of files, component by component: /home/ann/x becomes /4mb0…/k1p9…/…, and what begins in the same
 *		directory still does. Addresses of local sockets are left out
 * args		all other memory that arguments point to: argument strings and other texts one by one; buffers and
 *		structures are left out
 * comm		names of threads
 *
 * A command line has all three, so that the facts of a recording lose theirs whatever is redacted.
 */
#ifndef SST_REDACT_H
#define SST_REDACT_H

#include <stdbool.h>

#include "meta.h"
#include "rows.h"
#include "siphash.h"
#include "tally.h"

#define SST_REDACTED_LEN 12 /* characters of a hash */

struct sst_redaction {
	bool paths, args, comm;
	uint8_t key[SST_SIPHASH_KEY]; /* random */
};

/* sst_redaction_add() - "paths", "args" or "comm". Returns 0 or -EINVAL. sst_redaction_any() - is anything redacted? */
int sst_redaction_add(struct sst_redaction *redaction, const char *what);
bool sst_redaction_any(const struct sst_redaction *redaction);

/* sst_redaction_key() - a key made of at least SST_SIPHASH_KEY bytes that others cannot guess. */
void sst_redaction_key(struct sst_redaction *redaction, const void *secret, size_t len);

/*
 * sst_redact_meta() - the facts of META or END; only those stay that are known to say nothing of the kind. sst_
 * redact_rows() - a frame; sst_redact_tally() - a copy of from into to, which is cleared. 0, -ENOMEM, or of a tally
 * -E2BIG where it does not fit into a frame any more.
 */
int sst_redact_meta(const struct sst_redaction *redaction, struct sst_meta *meta);
int sst_redact_rows(const struct sst_redaction *redaction, struct sst_rows *rows);
int sst_redact_tally(const struct sst_redaction *redaction, const struct sst_tally *from, struct sst_tally *to);

#endif
