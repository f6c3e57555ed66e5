/*
 * redact.h - --redact: a recording without names and texts, see format/redact.h. Frames are decoded and encoded anew;
 * what this decoder does not know stays out.
 */
#ifndef SYSDECODE_REDACT_H
#define SYSDECODE_REDACT_H

#include "format/redact.h"
#include "input.h"
#include "out.h"
#include "report.h"

/*
 * redact_key() - the key: from that file, or random where it is NULL. Returns false when there is none, which has been
 * said.
 */
bool redact_key(struct sst_redaction *redaction, const char *file);

/*
 * redact_run() - write the recordings in input to out->fd. One that is damaged gets no end, and report has a status:
 * what is missing in it only the original tells.
 */
void redact_run(const struct input *input, const struct sst_redaction *redaction, struct out *out,
		struct report *report);

#endif
