#include <cap-ng.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "engines.h"
#include "json.h"

#define ANSWER_MAX (4u << 20)  /* bytes of what an engine or a file says */
#define PATIENCE   2000        /* ms that an engine has for a whole answer */
#define MEMORY     (64u << 20) /* of the process that asks, at most */
#define TOLD_MAX   4096        /* containers in one answer */

/* --- which there are --------------------------------------------------------------------------------------- */

static const char containerd_state[] = "/run/containerd/io.containerd.runtime.v2.task";
static const char *const podman_lists[] = {
	"/var/lib/containers/storage/overlay-containers/containers.json",
	"/var/lib/containers/storage/vfs-containers/containers.json",
};

static void add_socket(struct engines *engines, const char *path)
{
	struct stat stat_of;

	if (engines->n == ENGINES_SOCKETS || strlen(path) >= ENGINES_PATH || stat(path, &stat_of) != 0 ||
	    !S_ISSOCK(stat_of.st_mode))
		return;
	memcpy(engines->path[engines->n++], path, strlen(path) + 1);
}

void engines_find(struct engines *engines)
{
	static const char unix_scheme[] = "unix://";
	const char *host = getenv("DOCKER_HOST");

	engines->n = 0;
	if (host && !strncmp(host, unix_scheme, sizeof(unix_scheme) - 1))
		add_socket(engines, host + sizeof(unix_scheme) - 1);
	else
		add_socket(engines, "/run/docker.sock");
	add_socket(engines, "/run/podman/podman.sock");
}

static bool has_files(void)
{
	bool any = access(containerd_state, F_OK) == 0;

	for (size_t i = 0; i < sizeof(podman_lists) / sizeof(*podman_lists); i++)
		any |= access(podman_lists[i], F_OK) == 0;
	return any;
}

/* --- asking ------------------------------------------------------------------------------------------------ */

struct asker {
	const struct engines *engines;
	int fd; /* to the recorder */
	char *text;
	size_t len;
	char asked[72];
	const char *runtime;
	struct engines_answer now; /* of the container that is being read */
	int told;
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void set(char *to, size_t size, const char *text)
{
	size_t len = strnlen(text, size - 1);

	memcpy(to, text, len);
	to[len] = '\0';
}

static bool is_id(const char *text)
{
	return strlen(text) == 64 && strspn(text, "0123456789abcdef") == 64;
}

/* One container is known as far as it will be. */
static void tell(struct asker *asker)
{
	struct engines_answer answer = asker->now;

	if (!is_id(answer.id) || !*answer.name || asker->told >= TOLD_MAX ||
	    (*asker->asked && strcmp(answer.id, asker->asked) != 0))
		return;
	memcpy(answer.asked, asker->asked, sizeof(answer.asked));
	if (!*answer.runtime)
		set(answer.runtime, sizeof(answer.runtime), asker->runtime);
	asker->told++;
	if (send(asker->fd, &answer, sizeof(answer), MSG_NOSIGNAL) < 0)
		_exit(0);
}

/* Of podman's list: what an image is called stands in a text that is JSON again. */
static void take_metadata(void *context, const struct json_value *value)
{
	struct asker *asker = context;

	if (value->text && value->depth == 1 && !strcmp(value->key, "image-name"))
		set(asker->now.image, sizeof(asker->now.image), value->text);
}

/* A list of objects: [{"Id": …, "Names": [ … ], "Image": … }]. */
static void take_listed(void *context, const struct json_value *value)
{
	struct asker *asker = context;
	struct engines_answer *now = &asker->now;

	if (!value->text && value->depth == 2) {
		tell(asker);
		*now = (struct engines_answer){0};
	}
	if (!value->text)
		return;
	if (value->depth == 2 && !strcasecmp(value->key, "id"))
		set(now->id, sizeof(now->id), value->text);
	else if (value->depth == 2 && !strcmp(value->key, "Image"))
		set(now->image, sizeof(now->image), value->text);
	else if (value->depth == 3 && !strcasecmp(value->key, "names") && !*now->name)
		set(now->name, sizeof(now->name), value->text + (*value->text == '/'));
	else if (value->depth == 2 && !strcmp(value->key, "metadata"))
		json_walk(value->text, strlen(value->text), take_metadata, asker);
}

/* The configuration of a container for its runtime, where engines leave their names as annotations. */
static void take_annotation(void *context, const struct json_value *value)
{
	static const char *const names[] = {"io.kubernetes.cri.container-name", "io.kubernetes.container.name",
					    "nerdctl/name"},
				 *const images[] = {"io.kubernetes.cri.image-name", "io.kubernetes.cri-o.ImageName"};
	struct asker *asker = context;

	if (!value->text || value->depth != 2)
		return;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(value->key, names[i]))
			set(asker->now.name, sizeof(asker->now.name), value->text);
	for (size_t i = 0; i < sizeof(images) / sizeof(*images); i++)
		if (!strcmp(value->key, images[i]))
			set(asker->now.image, sizeof(asker->now.image), value->text);
	/* the sandbox of a pod has no name of its own */
	if (!*asker->now.name && !strcmp(value->key, "io.kubernetes.cri.sandbox-name"))
		set(asker->now.name, sizeof(asker->now.name), value->text);
}

/* Everything that comes until the other side ends, into text. 0 or -errno. */
static int read_answer(struct asker *asker, int fd, int64_t until)
{
	struct pollfd fds[2] = {{.fd = fd, .events = POLLIN}, {.fd = asker->fd}};

	for (;;) {
		int64_t left = until - now_ms();
		ssize_t n;

		if (asker->len == ANSWER_MAX)
			return -EFBIG;
		if (left <= 0 || poll(fds, 2, (int)left) <= 0)
			return -ETIMEDOUT;
		if (fds[1].revents) /* the recorder has gone */
			_exit(0);
		n = read(fd, asker->text + asker->len, ANSWER_MAX - asker->len);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (n <= 0)
			return n < 0 ? -errno : 0;
		asker->len += (size_t)n;
	}
}

static int connect_to(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	set(address.sun_path, sizeof(address.sun_path), path);
	/* A unix socket takes a connection at once or, with a full queue, not. */
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* HTTP 1.0: the answer is neither chunked nor followed by anything. Returns its body, or NULL. */
static const char *get(struct asker *asker, const char *path, const char *what)
{
	char request[256];
	int fd = connect_to(path), err = -EIO;
	int len = snprintf(request, sizeof(request), "GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n", what);
	char *body;

	asker->len = 0;
	if (fd < 0)
		return NULL;
	if (send(fd, request, (size_t)len, MSG_NOSIGNAL) == len)
		err = read_answer(asker, fd, now_ms() + PATIENCE);
	close(fd);
	if (err || asker->len < 12 || strncmp(asker->text, "HTTP/1.", 7) != 0 ||
	    strncmp(asker->text + 8, " 200", 4) != 0)
		return NULL;
	body = memmem(asker->text, asker->len, "\r\n\r\n", 4);
	return body ? body + 4 : NULL;
}

static void ask_socket(struct asker *asker, const char *path)
{
	char what[160] = "/containers/json?all=1";
	const char *body;

	if (*asker->asked)
		snprintf(what, sizeof(what), "/containers/json?all=1&filters=%%7B%%22id%%22%%3A%%5B%%22%s%%22%%5D%%7D",
			 asker->asked);
	body = get(asker, path, what);
	asker->runtime = strstr(path, "podman") ? "podman" : "docker";
	asker->now = (struct engines_answer){0};
	if (body)
		json_walk(body, (size_t)(asker->text + asker->len - body), take_listed, asker);
}

/* A file as it is, into text. */
static bool read_file(struct asker *asker, int dir, const char *path)
{
	int fd = openat(dir, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK), err;

	asker->len = 0;
	if (fd < 0)
		return false;
	err = read_answer(asker, fd, now_ms() + PATIENCE);
	close(fd);
	return !err;
}

static void ask_podman_lists(struct asker *asker)
{
	asker->runtime = "podman";
	for (size_t i = 0; i < sizeof(podman_lists) / sizeof(*podman_lists); i++) {
		asker->now = (struct engines_answer){0};
		if (read_file(asker, AT_FDCWD, podman_lists[i]))
			json_walk(asker->text, asker->len, take_listed, asker);
	}
}

/* containerd keeps DIR/NAMESPACE/ID/config.json. */
static void read_config(struct asker *asker, int dir, const char *namespace, const char *id)
{
	char path[512];

	if ((size_t)snprintf(path, sizeof(path), "%s/%s/config.json", namespace, id) >= sizeof(path) ||
	    !read_file(asker, dir, path))
		return;
	asker->now = (struct engines_answer){0};
	set(asker->now.id, sizeof(asker->now.id), id);
	json_walk(asker->text, asker->len, take_annotation, asker);
	tell(asker);
}

static void ask_namespace(struct asker *asker, int dir, const char *namespace)
{
	int fd = openat(dir, namespace, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	DIR *ids = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	while (ids && (entry = readdir(ids)))
		if (is_id(entry->d_name))
			read_config(asker, dir, namespace, entry->d_name);
	if (ids)
		closedir(ids);
}

static void ask_containerd(struct asker *asker)
{
	DIR *state = opendir(containerd_state);
	struct dirent *entry;

	asker->runtime = "containerd";
	while (state && (entry = readdir(state))) {
		if (*entry->d_name == '.')
			continue;
		if (*asker->asked)
			read_config(asker, dirfd(state), entry->d_name, asker->asked);
		else
			ask_namespace(asker, dirfd(state), entry->d_name);
	}
	if (state)
		closedir(state);
}

static void ask_all(struct asker *asker)
{
	struct engines_answer last = {.last = true};

	asker->told = 0;
	for (size_t i = 0; i < asker->engines->n; i++)
		if (!*asker->asked || !asker->told)
			ask_socket(asker, asker->engines->path[i]);
	if (!*asker->asked || !asker->told)
		ask_podman_lists(asker);
	if (!*asker->asked || !asker->told)
		ask_containerd(asker);
	memcpy(last.asked, asker->asked, sizeof(last.asked));
	if (send(asker->fd, &last, sizeof(last), MSG_NOSIGNAL) < 0)
		_exit(0);
}

/* No capability, none to be gained, no file to be written, bounded memory and no trace of the recorder's. */
static void confine(void)
{
	static const struct rlimit nothing, memory = {MEMORY, MEMORY}, files = {32, 32};

	prctl(PR_SET_NAME, "sysstream-ask");
	setpgid(0, 0); /* Ctrl-C is for the recorder */
	capng_clear(CAPNG_SELECT_ALL);
	capng_apply(CAPNG_SELECT_ALL);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	setrlimit(RLIMIT_FSIZE, &nothing);
	setrlimit(RLIMIT_CORE, &nothing);
	setrlimit(RLIMIT_NOFILE, &files);
#if !defined(__SANITIZE_ADDRESS__)
	setrlimit(RLIMIT_DATA, &memory);
#else
	(void)memory;
#endif
}

static void child(const struct engines *engines, int fd)
{
	struct asker asker = {.engines = engines, .fd = fd, .text = malloc(ANSWER_MAX)};
	ssize_t n;

	confine();
	while (asker.text && (n = recv(fd, asker.asked, sizeof(asker.asked) - 1, 0)) > 0) {
		asker.asked[n] = '\0';
		if (!*asker.asked || is_id(asker.asked))
			ask_all(&asker);
	}
	_exit(0);
}

/* --- the recorder's side ----------------------------------------------------------------------------------- */

int engines_start(struct engines *engines)
{
	int ends[2];
	pid_t pid;

	engines_find(engines);
	if (!engines->n && !has_files())
		return 0;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return -errno;
	pid = fork();
	if (pid == 0) {
		close(ends[1]);
		child(engines, ends[0]);
	}
	close(ends[0]);
	if (pid < 0) {
		int err = -errno;

		close(ends[1]);
		return err;
	}
	fcntl(ends[1], F_SETFL, O_NONBLOCK);
	engines->pid = pid;
	engines->fd = ends[1];
	return 0;
}

bool engines_ask(const struct engines *engines, const char *id)
{
	size_t len = strlen(id) + 1;

	return engines->pid && send(engines->fd, id, len, MSG_NOSIGNAL) == (ssize_t)len;
}

bool engines_answer(const struct engines *engines, struct engines_answer *answer, int wait)
{
	struct pollfd poll_fd = {.fd = engines->fd, .events = POLLIN};

	if (!engines->pid || (wait > 0 && poll(&poll_fd, 1, wait) != 1))
		return false;
	if (recv(engines->fd, answer, sizeof(*answer), 0) != (ssize_t)sizeof(*answer))
		return false;
	/* It reads what engines say, and might have come to say anything. */
	answer->asked[sizeof(answer->asked) - 1] = answer->id[sizeof(answer->id) - 1] = '\0';
	answer->runtime[sizeof(answer->runtime) - 1] = answer->name[sizeof(answer->name) - 1] = '\0';
	answer->image[sizeof(answer->image) - 1] = '\0';
	return true;
}

void engines_stop(struct engines *engines)
{
	if (!engines->pid)
		return;
	close(engines->fd); /* which it sees at once, whatever it waits for; it may be another user's than we are now */
	while (waitpid(engines->pid, NULL, 0) < 0 && errno == EINTR)
		;
	*engines = (struct engines){0};
}
