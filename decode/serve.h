/*
 * serve.h - a web server that has one page, /metrics.
 *
 *	if (serve_address(text, &address)) ...
 *	serve = serve_open(&address, write, context);	listens, and answers nobody yet
 *	... sandbox_enter() with config.serve
 *	serve_start(serve);				a thread that answers
 *	serve_close(serve);
 *
 * Who asks is not trusted: at most SERVE_CONNECTIONS at a time, each with SERVE_MEMORY bytes for its request, for
 * SERVE_SECONDS from the first byte to the last, and one request each. Two pages are in memory at most, whoever reads
 * them how slowly; they are made ten times a second at most.
 */
#ifndef SYSDECODE_SERVE_H
#define SYSDECODE_SERVE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "page.h"

#define SERVE_CONNECTIONS 32
#define SERVE_MEMORY      16384
#define SERVE_SECONDS     10
#define SERVE_PAGES       2 /* in memory */
#define SERVE_DEFAULT     "127.0.0.1:3000"

struct serve_address {
	struct sockaddr_storage socket;
	socklen_t len;
};

struct serve;

/* Write the page as it is at this time (ns, CLOCK_MONOTONIC); called by the thread that answers. */
typedef void serve_write(void *context, uint64_t now, struct page *page);

/* serve_address() - "[ADDRESS:]PORT": 3000, 0.0.0.0:3000, [::]:3000; port 0: any that is free. False: it is none. */
bool serve_address(const char *text, struct serve_address *address);

/* serve_open() - NULL after an error, which has been said. Says where it listens. */
struct serve *serve_open(const struct serve_address *address);

/* serve_start() - false, which has been said, when there can be no thread. */
bool serve_start(struct serve *serve, serve_write *write, void *context);

/* serve_close() - NULL is allowed. */
void serve_close(struct serve *serve);

#endif
