/*
 * containers.h - the containers that threads were in, by numbers of ours that are the same in all frames and
 * recordings.
 *
 *	containers_intern(&rows->containers, &rows->groups->where, sizeof(*rows->groups), rows->n_groups);
 *	text = container_text(group->where.container, CONTAINER_LABEL, &len);
 *
 * A frame has the containers of its own threads. The name of one may be missing in the first frames that it is in: then
 * it has another number there, so that a table does not depend on how far ahead somebody has read; container_identity()
 * is the same for both. Any thread may call. Memory is bounded: what is beyond it is CONTAINER_OTHER.
 */
#ifndef SYSDECODE_CONTAINERS_H
#define SYSDECODE_CONTAINERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "format/containers.h"

#define CONTAINER_NONE     0
#define CONTAINER_OTHER    UINT16_MAX       /* there was no memory for it */
#define CONTAINER_UNKNOWN  (UINT16_MAX - 1) /* of what it is not known where it was */
#define CONTAINER_TEXT_MAX 255              /* bytes of a text that are kept */
#define CONTAINERS_MEMORY  ((size_t)2 << 20)

enum container_text {
	CONTAINER_LABEL, /* its name, or as much of its id as people are shown */
	CONTAINER_BEST,  /* of container_identity(): its name, if any frame has told it up to now */
	CONTAINER_NAME,
	CONTAINER_ID,
	CONTAINER_IMAGE,
	CONTAINER_RUNTIME,
	CONTAINER_TEXTS
};

/*
 * containers_intern() - where: of the first of n elements that are stride bytes apart; their containers become our
 * numbers. Once for a frame: the list is empty then.
 */
void containers_intern(struct sst_containers *list, struct sst_where *where, size_t stride, size_t n);

/* container_text() - any bytes but NUL, not terminated; valid for ever. "" for CONTAINER_NONE, and what is not known.
 */
const char *container_text(uint16_t container, enum container_text text, size_t *len);

/* container_identity() - one number for all that have the same id: for sums. */
uint16_t container_identity(uint16_t container);

/* container_is() - is it called so? By its name, its id, or the beginning of its id from four digits on. */
bool container_is(uint16_t container, const char *text);

#endif
