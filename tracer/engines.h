/*
 * engines.h - what container engines call their containers: a process of its own asks them.
 *
 *	engines_start(&engines);			before there is anything in this process to be careful with
 *	engines_ask(&engines, id);			"": all that there are
 *	while (engines_answer(&engines, &answer))	now and then: does not wait
 *		...
 *	engines_stop(&engines);
 *
 * Docker and Podman are asked over their socket (HTTP, GET only); of containerd and others whose socket does not speak
 * that, files that they keep about running containers are read. The process that asks has the user of the recorder,
 * whose the sockets are, but no capability, no way to gain one, and may not write to a file. Answers are bounded in
 * size and time, and what does not come is not needed.
 */
#ifndef TRACER_ENGINES_H
#define TRACER_ENGINES_H

#include <stdbool.h>
#include <sys/types.h>

#define ENGINES_NAME    256
#define ENGINES_IMAGE   512
#define ENGINES_SOCKETS 8
#define ENGINES_PATH    128

struct engines {
	pid_t pid; /* of the process that asks; 0: there is none */
	int fd;
	char path[ENGINES_SOCKETS][ENGINES_PATH]; /* of sockets that are there */
	size_t n;
};

/* All end in NUL. */
struct engines_answer {
	bool last;        /* of those to one question: nothing else is set */
	char asked[72];   /* this was asked */
	char id[72];      /* 64 hexadecimal digits */
	char runtime[32]; /* docker, podman, containerd, cri-o */
	char name[ENGINES_NAME];
	char image[ENGINES_IMAGE]; /* "": not known */
};

/*
 * engines_find() - which sockets there are, into path and n: that of DOCKER_HOST, if it is a unix one, instead of
 * Docker's usual one; and the usual ones of others. Nothing is asked.
 */
void engines_find(struct engines *engines);

/* engines_start() - 0, or -errno: then, and where nothing of any engine is there, nobody is asked. */
int engines_start(struct engines *engines);

/* engines_ask() - about one container, or with "" about all. Does not wait; false: not now. */
bool engines_ask(const struct engines *engines, const char *id);

/* engines_answer() - the next answer, if there is one. wait: ms to wait for it. */
bool engines_answer(const struct engines *engines, struct engines_answer *answer, int wait);

void engines_stop(struct engines *engines);

#endif
