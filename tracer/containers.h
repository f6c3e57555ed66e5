/*
 * containers.h - the containers that processes are in: from control groups that the programs have seen
 * (bpf/place.bpf.h) to their ids and names.
 *
 *	containers = containers_new(&engines, wanted, n_wanted);
 *	containers_ask(containers, 2000);			what engines know, before anything is attached
 *	containers_attach(containers, &session);
 *	while (recording)
 *		if (containers_look(containers))		new ones; true: processes of one have to be marked
 *			...containers_of_process(), containers_is_wanted()...
 *	number = containers_put(containers, group, pidns, &rows->containers);	by the thread that writes
 *	containers_free(containers);
 *
 * Memory is bounded: of more than CONTAINERS_MAX the ones that have not been met for longest are forgotten, and found
 * again when they are.
 */
#ifndef TRACER_CONTAINERS_H
#define TRACER_CONTAINERS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "../format/containers.h"
#include "engines.h"
#include "session.h"

#define CONTAINERS_MAX   1024
#define CONTAINERS_NAMES 64 /* that can be asked for */

/* Whom --containers and --container choose. */
struct containers_choice {
	bool all;
	const char *names[CONTAINERS_NAMES]; /* names, or ids in full or at least four digits of them */
	size_t n;
};

struct containers;

/* containers_new() - engines and choice stay the caller's; NULL without memory. */
struct containers *containers_new(struct engines *engines, const struct containers_choice *choice);
void containers_free(struct containers *containers);

/* containers_ask() - wait at most so many ms for what engines know of all. */
void containers_ask(struct containers *containers, int wait);

/* containers_find_running() - look through /proc for those that have no engine to tell of them. */
void containers_find_running(struct containers *containers);

/* containers_missing() - the first that was chosen and is not there, or NULL. containers_list() - "web (docker
 * 4f5e2ab019c3, nginx), db (…)", or "none". containers_tells_names() - is there somebody who tells how new ones are
 * called? */
const char *containers_missing(const struct containers *containers);
void containers_list(const struct containers *containers, char *text, size_t size);
bool containers_tells_names(const struct containers *containers);

/* containers_groups() - by what names the control groups of chosen containers may go: engine_hash() of them. Returns
 * how many, at most most. */
size_t containers_groups(const struct containers *containers, uint64_t *groups, size_t most);

/* containers_attach() - the places that the session's programs note. */
void containers_attach(struct containers *containers, struct session *session);

/* containers_look() - take up what is new. True: another container is wanted since. */
bool containers_look(struct containers *containers);

/* containers_of_process() - the control group that makes a process part of a container as /proc shows it: a number of
 * ours for it, 0: none. containers_is_wanted() - by such a number. */
uint32_t containers_of_process(struct containers *containers, pid_t pid);
bool containers_is_wanted(struct containers *containers, uint32_t number);

/* What a thread is in: group, the kernel's id of a control group, or number, as containers_of_process() gives it. */
struct containers_where {
	uint64_t group;
	uint32_t number;
	uint32_t pidns;
};

/*
 * containers_put() - the container into a frame's list if it is not there yet. Returns 1 + its index there, or 0: none,
 * or no room. Any thread.
 */
uint16_t containers_put(struct containers *containers, const struct containers_where *where, struct sst_containers *to);

/*
 * containers_classify() - names of a control group and those above it, the lowest first and each in a buffer of
 * RING_PLACE_NAME with zeros behind: index of the one that is a container's, or -1. For tests.
 */
int containers_classify(const char (*names)[RING_PLACE_NAME], size_t n);

#endif
