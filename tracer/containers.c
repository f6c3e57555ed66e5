#include <errno.h>
#include <fcntl.h>
#include <dirent.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../bpf/engine.h"
#include "containers.h"
#include "message.h"

#define ID_LEAST 4  /* digits of an id that is not given in full */
#define SHORT_ID 12 /* that people are shown */
#define LEVELS   12 /* of control groups that are looked at, as in the programs */
#define GROUPS   4  /* control groups of one container, in different hierarchies */

struct container {
	uint64_t groups[GROUPS]; /* 0: no more */
	uint64_t used;           /* the later the greater */
	uint32_t number, pidns;
	bool wanted, known; /* known: an engine has told, or nobody will */
	bool asked;
	char text[SST_CONTAINER_TEXTS][ENGINES_IMAGE];
};

struct containers {
	pthread_mutex_t lock;
	struct engines *engines;
	const struct containers_choice *choice;
	struct session *session;
	struct container *list[CONTAINERS_MAX];
	size_t n;
	uint64_t clock;
	uint32_t last_number, seen_taken;
	bool pending;           /* somebody has to be asked for */
	char own[ENGINES_NAME]; /* the container that the recorder is in, by id: not one to be recorded */
};

/* --- control groups ---------------------------------------------------------------------------------------- */

static enum engine_kind kind_of(const char name[RING_PLACE_NAME])
{
	unsigned long long id[ENGINE_WORDS];
	unsigned len = (unsigned)strnlen(name, RING_PLACE_NAME);
	int at = engine_id(name, len);

	if (at >= 0)
		memcpy(id, name + at, sizeof(id));
	return at >= 0 && engine_is_id(id) ? ENGINE_CONTAINER : engine_kind(name, len);
}

int containers_classify(const char (*names)[RING_PLACE_NAME], size_t n)
{
	bool outside = false;

	for (size_t i = 0; i < n && *names[i]; i++) {
		enum engine_kind kind = kind_of(names[i]);

		if (kind == ENGINE_CONTAINER)
			return outside ? -1 : (int)i;
		if (kind == ENGINE_PARENT && i > 0)
			return (int)i - 1;
		outside = kind == ENGINE_OUTSIDE;
	}
	return -1;
}

/* "a\x2db" of a systemd unit to "a-b". */
static void unescape(char *name)
{
	char *to = name;

	for (const char *p = name; *p;) {
		char digits[3] = "", *end;
		long c = 0;

		if (p[0] == '\\' && p[1] == 'x' && p[2] && p[3]) {
			memcpy(digits, p + 2, 2);
			c = strtol(digits, &end, 16);
			c = *end ? 0 : c;
		}
		*to++ = c ? (char)c : *p;
		p += c ? 4 : 1;
	}
	*to = '\0';
}

static void set(char *to, const char *text, size_t len)
{
	len = strnlen(text, len < ENGINES_IMAGE - 1 ? len : ENGINES_IMAGE - 1);
	memcpy(to, text, len);
	to[len] = '\0';
}

static bool begins(const char *name, const char *word)
{
	return !strncmp(name, word, strlen(word));
}

/* Which engine gives a control group such a name; "": several do. */
static const char *runtime_of(const char *name, const char *above)
{
	static const char *const known[][2] = {
		{"docker-", "docker"},
		{"libpod-", "podman"},
		{"crio-", "cri-o"},
		{"cri-containerd-", "containerd"},
		{"nerdctl-", "containerd"},
		{"lxc", "lxc"},
		{"machine-lxc", "libvirt-lxc"},
		{"machine-", "systemd-nspawn"},
		{"systemd-nspawn@", "systemd-nspawn"},
	};
	static const char *const parents[][2] = {
		{"docker", "docker"},      {"libpod", "podman"},     {"lxc", "lxc"},
		{"default", "containerd"}, {"k8s.io", "containerd"},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (begins(name, known[i][0]))
			return known[i][1];
	for (size_t i = 0; i < sizeof(parents) / sizeof(*parents); i++)
		if (begins(above, parents[i][0]))
			return parents[i][1];
	return "";
}

/* Where the engine has no ids, the name is in that of the control group, and is the id as well. */
static void set_name(struct container *container, const char *name)
{
	char *text = container->text[SST_CONTAINER_NAME];
	const char *from = begins(name, "lxc.payload.")      ? name + 12
			   : begins(name, "systemd-nspawn@") ? name + 15
			   : begins(name, "machine-")        ? name + 8
							     : name;
	const char *end = from == name ? NULL : strrchr(from, '.');

	if (begins(name, "lxc.payload."))
		end = NULL;
	set(text, from, end && end > from ? (size_t)(end - from) : ENGINES_IMAGE);
	unescape(text);
	set(container->text[SST_CONTAINER_ID], text, ENGINES_IMAGE);
	container->known = true;
}

/* names: of the container's control group and those above it. */
static void describe(struct container *container, const char (*names)[RING_PLACE_NAME], size_t n)
{
	unsigned len = (unsigned)strnlen(names[0], RING_PLACE_NAME);
	int at = engine_id(names[0], len);
	char *path = container->text[SST_CONTAINER_CGROUP];
	size_t used = 0;

	if (at >= 0)
		set(container->text[SST_CONTAINER_ID], names[0] + at, ENGINE_ID);
	else
		set_name(container, names[0]);
	set(container->text[SST_CONTAINER_RUNTIME], runtime_of(names[0], n > 1 ? names[1] : ""), 32);
	for (size_t i = n; i > 0 && used < ENGINES_IMAGE; i--)
		if (*names[i - 1])
			used += (size_t)snprintf(path + used, ENGINES_IMAGE - used, "/%.*s", RING_PLACE_NAME,
						 names[i - 1]);
}

/* --- the list ---------------------------------------------------------------------------------------------- */

static bool is_hex(const char *text)
{
	return text[strspn(text, "0123456789abcdef")] == '\0';
}

static bool is_called(const struct container *container, const char *chosen)
{
	const char *id = container->text[SST_CONTAINER_ID];
	size_t len = strlen(chosen);

	return !strcmp(container->text[SST_CONTAINER_NAME], chosen) || !strcmp(id, chosen) ||
	       (len >= ID_LEAST && is_hex(chosen) && strlen(id) == ENGINE_ID && !strncmp(id, chosen, len));
}

/* The place of a container that is chosen, or not to be, says so to the programs. */
static void mark_place(const struct containers *containers, uint64_t group, unsigned wanted)
{
	for (uint32_t i = 0; group && containers->session && i < RING_PLACE_WINDOW; i++) {
		struct ring_place *place = &containers->session->places[(group + i) % RING_PLACES];

		if (__atomic_load_n(&place->id, __ATOMIC_ACQUIRE) == group)
			__atomic_store_n(&place->wanted, wanted, __ATOMIC_RELEASE);
	}
}

/* Is it wanted, as far as is known? */
static bool judge(struct containers *containers, struct container *container)
{
	const struct containers_choice *choice = containers->choice;
	bool own = *containers->own && !strcmp(container->text[SST_CONTAINER_ID], containers->own);
	bool wanted = choice->all && !own;

	for (size_t i = 0; i < choice->n && !wanted; i++)
		wanted = is_called(container, choice->names[i]);
	if (wanted || own)
		for (size_t i = 0; i < GROUPS; i++)
			mark_place(containers, container->groups[i], wanted ? RING_PLACE_WANTED : RING_PLACE_UNWANTED);
	if (wanted == container->wanted)
		return false;
	container->wanted = wanted;
	return wanted;
}

static struct container *find_group(const struct containers *containers, uint64_t group)
{
	for (size_t i = 0; i < containers->n; i++)
		for (size_t k = 0; k < GROUPS; k++)
			if (containers->list[i]->groups[k] == group)
				return containers->list[i];
	return NULL;
}

static void add_group(struct container *container, uint64_t group)
{
	size_t i = 0;

	while (i < GROUPS - 1 && container->groups[i])
		i++;
	container->groups[i] = group;
}

static struct container *find_number(const struct containers *containers, uint32_t number)
{
	for (size_t i = 0; i < containers->n; i++)
		if (containers->list[i]->number == number)
			return containers->list[i];
	return NULL;
}

static struct container *find_id(const struct containers *containers, const char *id)
{
	for (size_t i = 0; i < containers->n; i++)
		if (!strcmp(containers->list[i]->text[SST_CONTAINER_ID], id))
			return containers->list[i];
	return NULL;
}

/* An empty entry, perhaps that of the one not met for longest. NULL without memory. */
static struct container *new_entry(struct containers *containers)
{
	struct container *container;
	size_t oldest = 0;

	if (containers->n < CONTAINERS_MAX) {
		container = calloc(1, sizeof(*container));
		if (container)
			containers->list[containers->n++] = container;
	} else {
		for (size_t i = 1; i < containers->n; i++)
			if (containers->list[i]->used < containers->list[oldest]->used)
				oldest = i;
		container = containers->list[oldest];
		memset(container, 0, sizeof(*container));
	}
	if (container)
		container->number = ++containers->last_number;
	return container;
}

/* Nobody is called so twice: the container with this id, or a new one. */
static struct container *get_described(struct containers *containers, const struct container *described)
{
	struct container *container = find_id(containers, described->text[SST_CONTAINER_ID]);
	uint32_t number;

	if (!container) {
		container = new_entry(containers);
		if (!container)
			return NULL;
		number = container->number;
		*container = *described;
		container->number = number;
	}
	if (!*container->text[SST_CONTAINER_CGROUP])
		set(container->text[SST_CONTAINER_CGROUP], described->text[SST_CONTAINER_CGROUP], ENGINES_IMAGE);
	if (!*container->text[SST_CONTAINER_RUNTIME])
		set(container->text[SST_CONTAINER_RUNTIME], described->text[SST_CONTAINER_RUNTIME], ENGINES_IMAGE);
	container->used = ++containers->clock;
	containers->pending |= !container->known && !container->asked;
	return container;
}

static struct container *get_group(struct containers *containers, uint64_t group)
{
	struct container *container = group ? find_group(containers, group) : NULL, described = {0};

	for (uint32_t i = 0; group && !container && containers->session && i < RING_PLACE_WINDOW; i++) {
		const struct ring_place *place = &containers->session->places[(group + i) % RING_PLACES];

		if (__atomic_load_n(&place->id, __ATOMIC_ACQUIRE) != group)
			continue;
		describe(&described, place->names, RING_PLACE_NAMES);
		container = get_described(containers, &described);
		if (container)
			add_group(container, group);
	}
	if (container)
		container->used = ++containers->clock;
	return container;
}

/* --- what engines say -------------------------------------------------------------------------------------- */

/* Returns whether the container is wanted since. */
static bool take_answer(struct containers *containers, const struct engines_answer *answer)
{
	struct container *container, new = {.known = true};

	if (answer->last) {
		container = find_id(containers, answer->asked);
		if (container)
			container->known = true; /* nobody will tell more */
		return false;
	}
	set(new.text[SST_CONTAINER_ID], answer->id, ENGINE_ID);
	container = get_described(containers, &new);
	if (!container)
		return false;
	set(container->text[SST_CONTAINER_NAME], answer->name, ENGINES_NAME);
	set(container->text[SST_CONTAINER_IMAGE], answer->image, ENGINES_IMAGE);
	set(container->text[SST_CONTAINER_RUNTIME], answer->runtime, 32);
	container->known = true;
	return judge(containers, container);
}

static bool take_answers(struct containers *containers, int wait)
{
	struct engines_answer answer;
	bool wanted = false;

	while (engines_answer(containers->engines, &answer, wait)) {
		wanted |= take_answer(containers, &answer);
		if (answer.last && !*answer.asked)
			break;
	}
	return wanted;
}

static void ask_for_new(struct containers *containers)
{
	containers->pending = false;
	for (size_t i = 0; i < containers->n; i++) {
		struct container *container = containers->list[i];

		if (container->known || container->asked)
			continue;
		container->asked = engines_ask(containers->engines, container->text[SST_CONTAINER_ID]);
		containers->pending |= !container->asked && containers->engines->pid;
	}
}

void containers_ask(struct containers *containers, int wait)
{
	if (!engines_ask(containers->engines, ""))
		return;
	pthread_mutex_lock(&containers->lock);
	take_answers(containers, wait);
	pthread_mutex_unlock(&containers->lock);
}

/* --- processes --------------------------------------------------------------------------------------------- */

/* The components of a path, the last first. Returns how many. */
static size_t split_path(const char *path, char (*names)[RING_PLACE_NAME], size_t most)
{
	size_t n = 0;

	memset(names, 0, most * sizeof(*names));
	for (const char *end = path + strlen(path); end > path && n < most;) {
		const char *begin = end;

		while (begin > path && begin[-1] != '/')
			begin--;
		if (begin < end)
			memcpy(names[n++], begin,
			       (size_t)(end - begin) < RING_PLACE_NAME ? (size_t)(end - begin) : RING_PLACE_NAME - 1);
		end = begin > path ? begin - 1 : path;
	}
	return n;
}

/* A line of /proc/PID/cgroup: "0::/docker/ID". */
static bool describe_line(struct container *described, const char *line)
{
	char names[LEVELS + RING_PLACE_NAMES][RING_PLACE_NAME];
	const char *path = strchr(line, ':');
	int at;

	path = path ? strchr(path + 1, ':') : NULL;
	if (!path)
		return false;
	split_path(path + 1, names, LEVELS + RING_PLACE_NAMES);
	at = containers_classify((const char(*)[RING_PLACE_NAME])names, LEVELS);
	if (at < 0)
		return false;
	describe(described, (const char(*)[RING_PLACE_NAME])names + at, RING_PLACE_NAMES);
	return true;
}

/* The container that a process is in by its control groups. */
static bool describe_process(struct container *described, pid_t pid)
{
	char path[64], line[4200];
	bool found = false;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/cgroup", (int)pid);
	file = fopen(path, "re");
	while (file && !found && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		found = describe_line(described, line);
	}
	if (file)
		fclose(file);
	return found;
}

uint32_t containers_of_process(struct containers *containers, pid_t pid)
{
	struct container described = {0}, *container;
	uint32_t number = 0;

	if (!describe_process(&described, pid))
		return 0;
	pthread_mutex_lock(&containers->lock);
	container = get_described(containers, &described);
	if (container) {
		judge(containers, container);
		number = container->number;
	}
	pthread_mutex_unlock(&containers->lock);
	return number;
}

bool containers_is_wanted(struct containers *containers, uint32_t number)
{
	const struct container *container;
	bool wanted;

	pthread_mutex_lock(&containers->lock);
	container = number ? find_number(containers, number) : NULL;
	wanted = container && container->wanted;
	pthread_mutex_unlock(&containers->lock);
	return wanted;
}

void containers_find_running(struct containers *containers)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;

	while (proc && (entry = readdir(proc))) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10); /* 0 where it is not a number */

		if (pid > 0)
			containers_of_process(containers, pid);
	}
	if (proc)
		closedir(proc);
}

/* --- choice ------------------------------------------------------------------------------------------------ */

const char *containers_missing(const struct containers *containers)
{
	for (size_t k = 0; k < containers->choice->n; k++) {
		bool found = false;

		for (size_t i = 0; i < containers->n && !found; i++)
			found = is_called(containers->list[i], containers->choice->names[k]);
		if (!found)
			return containers->choice->names[k];
	}
	return NULL;
}

void containers_list(const struct containers *containers, char *text, size_t size)
{
	size_t used = (size_t)snprintf(text, size, "%s", containers->n ? "" : "none");

	for (size_t i = 0; i < containers->n && used < size; i++) {
		const struct container *container = containers->list[i];
		const char *name = container->text[SST_CONTAINER_NAME], *id = container->text[SST_CONTAINER_ID];

		used += (size_t)snprintf(text + used, size - used, "%s%s", i ? ", " : "", *name ? name : "");
		if (used < size && strcmp(name, id) != 0)
			used += (size_t)snprintf(text + used, size - used, *name ? " (%.*s)" : "%.*s", SHORT_ID, id);
	}
}

bool containers_tells_names(const struct containers *containers)
{
	return containers->engines->pid != 0;
}

static uint64_t hash_of(const char *name)
{
	unsigned long long words[ENGINE_NAME / 8] = {0};

	memcpy(words, name, strnlen(name, ENGINE_NAME - 1));
	return engine_hash(words);
}

/* One that is not running yet has no control group: as engines name them. */
static size_t guess_groups(const struct container *container, uint64_t *groups, size_t most)
{
	static const char *const forms[] = {"%s", "docker-%s.scope", "libpod-%s.scope", "cri-containerd-%s.scope"};
	const char *id = container->text[SST_CONTAINER_ID];
	size_t n = 0;

	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms) && n < most; i++) {
		char name[ENGINE_NAME];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		if ((size_t)snprintf(name, sizeof(name), forms[i], id) < sizeof(name))
			groups[n++] = hash_of(name);
#pragma GCC diagnostic pop
	}
	return n;
}

size_t containers_groups(const struct containers *containers, uint64_t *groups, size_t most)
{
	size_t n = 0;

	for (size_t i = 0; i < containers->n && n < most && containers->choice->n; i++) {
		const struct container *container = containers->list[i];
		const char *group = strrchr(container->text[SST_CONTAINER_CGROUP], '/');

		if (!container->wanted)
			continue;
		if (group)
			groups[n++] = hash_of(group + 1);
		else
			n += guess_groups(container, groups + n, most - n);
	}
	return n;
}

/* --- while it is recorded ---------------------------------------------------------------------------------- */

void containers_attach(struct containers *containers, struct session *session)
{
	containers->session = session;
}

/* The programs find no place any more when the table is full: they begin anew, which costs nothing but that. */
static void forget_places(struct session *session)
{
	size_t n = 0;

	for (size_t i = 0; i < RING_PLACES; i++)
		n += __atomic_load_n(&session->places[i].id, __ATOMIC_RELAXED) != 0;
	if (n < RING_PLACES * 3 / 4)
		return;
	for (size_t i = 0; i < RING_PLACES; i++) {
		if (!__atomic_load_n(&session->places[i].id, __ATOMIC_RELAXED))
			continue;
		__atomic_store_n(&session->places[i].id, 0, __ATOMIC_RELEASE);
		__atomic_fetch_sub(&session->places[i].claims, 1, __ATOMIC_SEQ_CST);
	}
}

static bool take_places(struct containers *containers)
{
	bool wanted = false;

	for (size_t i = 0; i < RING_PLACES; i++) {
		uint64_t group = __atomic_load_n(&containers->session->places[i].id, __ATOMIC_ACQUIRE);
		bool new = group && !find_group(containers, group);
		struct container *container = group ? get_group(containers, group) : NULL;

		if (!container)
			continue;
		wanted |= judge(containers, container);
		wanted |= new && container->wanted; /* somebody may have come in before the programs knew */
	}
	forget_places(containers->session);
	return wanted;
}

bool containers_look(struct containers *containers)
{
	uint32_t taken = session_places(containers->session);
	bool wanted = false;

	if (taken == containers->seen_taken && !containers->pending && !containers->engines->pid)
		return false;
	pthread_mutex_lock(&containers->lock);
	if (taken != containers->seen_taken)
		wanted = take_places(containers);
	containers->seen_taken = taken;
	wanted |= take_answers(containers, 0);
	if (containers->pending)
		ask_for_new(containers);
	pthread_mutex_unlock(&containers->lock);
	return wanted;
}

/* Is it in the list already? */
static int index_of(const struct sst_containers *to, const char *id)
{
	for (size_t i = to->n; i > 0; i--) {
		size_t len;
		const char *text = sst_container_text(to, i - 1, SST_CONTAINER_ID, &len);

		if (len == strlen(id) && !memcmp(text, id, len))
			return (int)i - 1;
	}
	return -1;
}

static int put(struct container *container, struct sst_containers *to)
{
	const char *texts[SST_CONTAINER_TEXTS];
	int i = index_of(to, container->text[SST_CONTAINER_ID]);

	if (i >= 0)
		return i;
	for (unsigned k = 0; k < SST_CONTAINER_TEXTS; k++)
		texts[k] = container->text[k];
	return sst_containers_add(to, container->pidns, texts);
}

uint16_t containers_put(struct containers *containers, const struct containers_where *where, struct sst_containers *to)
{
	struct container *container;
	int i = -1;

	if (!containers || (!where->group && !where->number))
		return 0;
	pthread_mutex_lock(&containers->lock);
	container = where->group ? get_group(containers, where->group) : find_number(containers, where->number);
	if (container && *container->text[SST_CONTAINER_ID]) {
		if (where->pidns)
			container->pidns = where->pidns;
		i = put(container, to);
	}
	pthread_mutex_unlock(&containers->lock);
	return i < 0 ? 0 : (uint16_t)(i + 1);
}

struct containers *containers_new(struct engines *engines, const struct containers_choice *choice)
{
	struct containers *containers = calloc(1, sizeof(*containers));
	struct container own = {0};

	if (!containers)
		return NULL;
	pthread_mutex_init(&containers->lock, NULL);
	containers->engines = engines;
	containers->choice = choice;
	if (describe_process(&own, getpid()))
		set(containers->own, own.text[SST_CONTAINER_ID], ENGINES_NAME);
	return containers;
}

void containers_free(struct containers *containers)
{
	if (!containers)
		return;
	for (size_t i = 0; i < containers->n; i++)
		free(containers->list[i]);
	pthread_mutex_destroy(&containers->lock);
	free(containers);
}
