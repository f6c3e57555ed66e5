/* serve.c - see serve.h */
#include "serve.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "parse.h"

/* --- addresses */

static bool address4(const char *host, uint16_t port, struct serve_address *address)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(port)};

	if (inet_pton(AF_INET, host, &in.sin_addr) != 1)
		return false;
	memcpy(&address->socket, &in, sizeof(in));
	address->len = sizeof(in);
	return true;
}

/* With its brackets. */
static bool address6(const char *host, uint16_t port, struct serve_address *address)
{
	struct sockaddr_in6 in = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
	char copy[INET6_ADDRSTRLEN];
	size_t len = strlen(host);

	if (len < 3 || len - 2 >= sizeof(copy) || host[len - 1] != ']')
		return false;
	memcpy(copy, host + 1, len - 2);
	copy[len - 2] = 0;
	if (inet_pton(AF_INET6, copy, &in.sin6_addr) != 1)
		return false;
	memcpy(&address->socket, &in, sizeof(in));
	address->len = sizeof(in);
	return true;
}

bool serve_address(const char *text, struct serve_address *address)
{
	const char *colon = strrchr(text, ':');
	size_t len = colon ? (size_t)(colon - text) : 0;
	char host[64] = "127.0.0.1";
	uint64_t port;

	if (parse_u64(colon ? colon + 1 : text, UINT16_MAX, &port) != 0 || len >= sizeof(host))
		return false;
	if (colon) {
		memcpy(host, text, len);
		host[len] = 0;
	}
	memset(address, 0, sizeof(*address));
	return *host == '[' ? address6(host, (uint16_t)port, address) : address4(host, (uint16_t)port, address);
}

#ifndef HAVE_MICROHTTPD

#include "report.h"

struct serve *serve_open(const struct serve_address *address)
{
	(void)address;
	complain("built without libmicrohttpd, which --metrics needs");
	return NULL;
}

bool serve_start(struct serve *serve, serve_write *write, void *context)
{
	(void)serve;
	(void)write;
	(void)context;
	return false;
}

void serve_close(struct serve *serve)
{
	(void)serve;
}

#else

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "report.h"

/*
 * The library is loaded when somebody wants a page, not with the program: it brings those of TLS along, which takes a
 * millisecond. Its functions are called by what its header says of them.
 */
#define LIBRARY HAVE_MICROHTTPD /* as the Makefile has found it */

static struct {
	__typeof__(MHD_start_daemon) *start_daemon;
	__typeof__(MHD_stop_daemon) *stop_daemon;
	__typeof__(MHD_run) *run;
	__typeof__(MHD_get_timeout) *get_timeout;
	__typeof__(MHD_get_daemon_info) *get_daemon_info;
	__typeof__(MHD_get_connection_info) *get_connection_info;
	__typeof__(MHD_create_response_from_callback) *create_response_from_callback;
	__typeof__(MHD_create_response_from_buffer) *create_response_from_buffer;
	__typeof__(MHD_add_response_header) *add_response_header;
	__typeof__(MHD_queue_response) *queue_response;
	__typeof__(MHD_destroy_response) *destroy_response;
} mhd;

#define NS_PER_S    ((uint64_t)1000000000)
#define FRESH_NS    (NS_PER_S / 10) /* a page is not made again so soon */
#define LOOK_MS     1000            /* for connections that have lasted too long */
#define BLOCK       65536           /* of a page, that is handed to a connection at once */
#define CONTENT     "text/plain; version=0.0.4; charset=utf-8"
#define NOT_FOUND   "sysdecode has one page: /metrics\n"
#define NOT_ALLOWED "GET and HEAD only\n"

/* A page that somebody may be reading. */
struct served {
	struct page page;
	uint64_t made;
	unsigned readers;
};

struct connection {
	struct MHD_Connection *handle; /* NULL: unused */
	uint64_t since;
};

/* All but what serve_close() does is the thread's. */
struct serve {
	int stop[2]; /* a pipe */
	struct MHD_Daemon *daemon;
	pthread_t thread;
	bool started;
	serve_write *write;
	void *context;
	struct served pages[SERVE_PAGES];
	struct served *current; /* NULL: none has been made */
	struct connection connections[SERVE_CONNECTIONS];
};

/* Old versions have another type for what callbacks return. */
#if MHD_VERSION >= 0x00097002
typedef enum MHD_Result result;
#else
typedef int result;
#endif

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

/* --- the library */

static bool find(void *library, const char *name, void *function)
{
	void *found = dlsym(library, name);

	memcpy(function, &found, sizeof(found));
	return found != NULL;
}

/* Stays loaded. False, which has been said, when it is missing. */
static bool load_library(void)
{
	void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);

	if (!library) {
		complain("--metrics needs libmicrohttpd, which cannot be loaded: %s", dlerror());
		return false;
	}
	if (find(library, "MHD_start_daemon", &mhd.start_daemon) &&
	    find(library, "MHD_stop_daemon", &mhd.stop_daemon) && find(library, "MHD_run", &mhd.run) &&
	    find(library, "MHD_get_timeout", &mhd.get_timeout) &&
	    find(library, "MHD_get_daemon_info", &mhd.get_daemon_info) &&
	    find(library, "MHD_get_connection_info", &mhd.get_connection_info) &&
	    find(library, "MHD_create_response_from_callback", &mhd.create_response_from_callback) &&
	    find(library, "MHD_create_response_from_buffer", &mhd.create_response_from_buffer) &&
	    find(library, "MHD_add_response_header", &mhd.add_response_header) &&
	    find(library, "MHD_queue_response", &mhd.queue_response) &&
	    find(library, "MHD_destroy_response", &mhd.destroy_response))
		return true;
	complain("--metrics: %s lacks a function that is needed", LIBRARY);
	return false;
}

/* --- pages */

static void make_page(struct serve *serve, struct served *served, uint64_t at)
{
	page_restart(&served->page);
	serve->write(serve->context, at, &served->page);
	served->made = at;
}

/* The page, a new one if the last is old and there is a place that nobody reads. NULL without memory. */
static struct served *page_of(struct serve *serve)
{
	struct served *next = serve->current == &serve->pages[0] ? &serve->pages[1] : &serve->pages[0];
	uint64_t at = now();

	if (serve->current && serve->current->readers == 0)
		next = serve->current;
	if (next->readers > 0 || (serve->current && at - serve->current->made < FRESH_NS))
		return serve->current;
	make_page(serve, next, at);
	serve->current = next->page.failed ? NULL : next;
	return serve->current;
}

static ssize_t read_page(void *context, uint64_t offset, char *data, size_t max)
{
	const struct page *page = &((const struct served *)context)->page;
	size_t left = offset < page->len ? page->len - (size_t)offset : 0;

	if (left == 0)
		return MHD_CONTENT_READER_END_OF_STREAM;
	if (left > max)
		left = max;
	memcpy(data, page->text + offset, left);
	return (ssize_t)left;
}

static void release_page(void *context)
{
	((struct served *)context)->readers--;
}

static struct MHD_Response *page_response(struct serve *serve)
{
	struct served *served = page_of(serve);
	struct MHD_Response *response;

	if (!served)
		return NULL;
	response = mhd.create_response_from_callback(served->page.len, BLOCK, read_page, served, release_page);
	served->readers += response != NULL;
	return response;
}

/* --- requests */

static struct MHD_Response *text_response(const char *text)
{
	char copy[64]; /* which is copied once more */
	size_t len = strlen(text);

	memcpy(copy, text, len);
	return mhd.create_response_from_buffer(len, copy, MHD_RESPMEM_MUST_COPY);
}

static result queue(struct MHD_Connection *connection, unsigned status, struct MHD_Response *response)
{
	result queued = MHD_NO;

	if (!response)
		return MHD_NO; /* the connection is closed */
	if (mhd.add_response_header(response, "Connection", "close") != MHD_NO &&
	    mhd.add_response_header(response, "Content-Type", CONTENT) != MHD_NO &&
	    (status != MHD_HTTP_METHOD_NOT_ALLOWED ||
	     mhd.add_response_header(response, "Allow", "GET, HEAD") != MHD_NO))
		queued = mhd.queue_response(connection, status, response);
	mhd.destroy_response(response);
	return queued;
}

/* Called with the head of a request; its body is not read. */
static result answer(void *context, struct MHD_Connection *connection, const char *url, const char *method,
		     const char *version, const char *body, size_t *len, void **state)
{
	struct serve *serve = context;

	(void)version;
	(void)body;
	(void)len;
	(void)state;
	if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
		return queue(connection, MHD_HTTP_METHOD_NOT_ALLOWED, text_response(NOT_ALLOWED));
	if (strcmp(url, "/metrics") != 0)
		return queue(connection, MHD_HTTP_NOT_FOUND, text_response(NOT_FOUND));
	return queue(connection, MHD_HTTP_OK, page_response(serve));
}

/* --- connections */

static struct connection *find_connection(struct serve *serve, const struct MHD_Connection *handle)
{
	for (size_t i = 0; i < SERVE_CONNECTIONS; i++)
		if (serve->connections[i].handle == handle)
			return &serve->connections[i];
	return NULL;
}

static void note_connection(void *context, struct MHD_Connection *handle, void **state,
			    enum MHD_ConnectionNotificationCode code)
{
	bool begins = code == MHD_CONNECTION_NOTIFY_STARTED;
	struct connection *connection = find_connection(context, begins ? NULL : handle);

	(void)state;
	if (connection)
		*connection = (struct connection){.handle = begins ? handle : NULL, .since = now()};
}

/* Hang up on those that have lasted too long. */
static void end_old(struct serve *serve)
{
	uint64_t at = now();

	for (size_t i = 0; i < SERVE_CONNECTIONS; i++) {
		struct connection *connection = &serve->connections[i];
		const union MHD_ConnectionInfo *info;

		if (!connection->handle || at - connection->since < SERVE_SECONDS * NS_PER_S)
			continue;
		info = mhd.get_connection_info(connection->handle, MHD_CONNECTION_INFO_CONNECTION_FD);
		if (info)
			shutdown(info->connect_fd, SHUT_RDWR);
	}
}

/* --- the thread */

static int wait_ms(struct serve *serve)
{
	MHD_UNSIGNED_LONG_LONG ms;

	return mhd.get_timeout(serve->daemon, &ms) == MHD_YES && ms < LOOK_MS ? (int)ms : LOOK_MS;
}

static void *work(void *context)
{
	struct serve *serve = context;
	const union MHD_DaemonInfo *info = mhd.get_daemon_info(serve->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	struct pollfd fds[] = {{.fd = serve->stop[0], .events = POLLIN}, {.events = POLLIN}};

	fds[1].fd = info ? info->epoll_fd : -1;
	while (!fds[0].revents) {
		poll(fds, 2, wait_ms(serve));
		mhd.run(serve->daemon);
		end_old(serve);
	}
	return NULL;
}

/* Signals are for the thread that reads. */
static int start_thread(struct serve *serve)
{
	sigset_t all, before;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = pthread_create(&serve->thread, NULL, work, serve);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return err;
}

bool serve_start(struct serve *serve, serve_write *write_page, void *context)
{
	int err;

	serve->write = write_page;
	serve->context = context;
	err = start_thread(serve);
	serve->started = err == 0;
	if (err)
		complain("--metrics: no thread can be started: %s", strerror(err));
	return serve->started;
}

/* --- opening and closing */

static int listen_at(const struct serve_address *address)
{
	int yes = 1, fd = socket(address->socket.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) < 0 ||
	    bind(fd, (const struct sockaddr *)&address->socket, address->len) < 0 ||
	    listen(fd, SERVE_CONNECTIONS) < 0) {
		int err = -errno;

		close(fd);
		return err;
	}
	return fd;
}

/* "127.0.0.1:3000", in static storage. */
static const char *address_text(const struct serve_address *address)
{
	static char text[INET6_ADDRSTRLEN + 16];
	char host[INET6_ADDRSTRLEN];
	struct sockaddr_in in;
	struct sockaddr_in6 in6;

	if (address->socket.ss_family == AF_INET6) {
		memcpy(&in6, &address->socket, sizeof(in6));
		inet_ntop(AF_INET6, &in6.sin6_addr, host, sizeof(host));
		snprintf(text, sizeof(text), "[%s]:%u", host, ntohs(in6.sin6_port));
	} else {
		memcpy(&in, &address->socket, sizeof(in));
		inet_ntop(AF_INET, &in.sin_addr, host, sizeof(host));
		snprintf(text, sizeof(text), "%s:%u", host, ntohs(in.sin_port));
	}
	return text;
}

static bool start_daemon(struct serve *serve, int fd)
{
	serve->daemon = mhd.start_daemon(MHD_USE_EPOLL, 0, NULL, NULL, answer, serve, MHD_OPTION_LISTEN_SOCKET, fd,
					 MHD_OPTION_CONNECTION_LIMIT, (unsigned)SERVE_CONNECTIONS,
					 MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)SERVE_SECONDS,
					 MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)SERVE_MEMORY,
					 MHD_OPTION_NOTIFY_CONNECTION, note_connection, serve, MHD_OPTION_END);
	return serve->daemon != NULL;
}

static struct serve *new_serve(void)
{
	struct serve *serve = calloc(1, sizeof(*serve));

	if (serve && pipe2(serve->stop, O_CLOEXEC) < 0) {
		free(serve);
		return NULL;
	}
	return serve;
}

struct serve *serve_open(const struct serve_address *address)
{
	struct serve_address bound = {.len = sizeof(bound.socket)};
	struct serve *serve;
	int fd;

	if (!load_library())
		return NULL;
	serve = new_serve();
	fd = serve ? listen_at(address) : -ENOMEM;
	if (fd < 0) {
		complain("--metrics: %s: %s", address_text(address), strerror(-fd));
		serve_close(serve);
		return NULL;
	}
	if (getsockname(fd, (struct sockaddr *)&bound.socket, &bound.len) < 0 || !start_daemon(serve, fd)) {
		complain("--metrics: %s: the web server cannot be started", address_text(address));
		close(fd);
		serve_close(serve);
		return NULL;
	}
	complain("metrics at http://%s/metrics", address_text(&bound));
	return serve;
}

void serve_close(struct serve *serve)
{
	if (!serve)
		return;
	close(serve->stop[1]);
	if (serve->started)
		pthread_join(serve->thread, NULL);
	if (serve->daemon)
		mhd.stop_daemon(serve->daemon); /* closes its sockets */
	close(serve->stop[0]);
	page_clear(&serve->pages[0].page);
	page_clear(&serve->pages[1].page);
	free(serve);
}

#endif
