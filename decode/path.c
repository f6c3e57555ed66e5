/* path.c - see path.h */
#include "path.h"

#include <stdlib.h>
#include <string.h>

#define OVERHEAD 16 /* of the C library, for each piece of memory */

void *budget_alloc(struct budget *budget, size_t size)
{
	void *memory = NULL;

	if (size + OVERHEAD <= budget->limit - budget->used)
		memory = calloc(1, size);
	if (memory)
		budget->used += size + OVERHEAD;
	return memory;
}

void budget_free(struct budget *budget, void *memory, size_t size)
{
	if (memory)
		budget->used -= size + OVERHEAD;
	free(memory);
}

static struct path *new_path(struct budget *budget, const char *text, size_t len, size_t room, unsigned flags)
{
	struct path *path = len <= room ? budget_alloc(budget, sizeof(*path) + room) : NULL;

	if (!path)
		return NULL;
	path->refs = 1;
	path->room = (uint32_t)room;
	path->len = (uint32_t)len;
	path->flags = (uint8_t)flags;
	if (len > 0)
		memcpy(path->text, text, len);
	return path;
}

struct path *path_new(struct budget *budget, const char *text, size_t len, unsigned flags)
{
	return len <= PATH_ROOM ? new_path(budget, text, len, len, flags) : NULL;
}

void path_unref(struct budget *budget, struct path *path)
{
	if (path && --path->refs == 0)
		budget_free(budget, path, sizeof(*path) + path->room);
}

/* --- joining */

/* A name that is being made. */
struct joint {
	char *out;
	size_t len;
	size_t sure; /* so much of it is canonical: if it is all, ".." can be followed */
	size_t root;
	bool direct; /* all before the last component is canonical */
};

static void go_up(struct joint *joint)
{
	while (joint->len > joint->root && joint->out[joint->len - 1] != '/')
		joint->len--;
	while (joint->len > joint->root && joint->out[joint->len - 1] == '/')
		joint->len--;
	joint->sure = joint->len;
	joint->direct = true;
}

static bool append(struct joint *joint, const char *part, size_t len)
{
	if (joint->len + 1 + len > PATH_ROOM)
		return false;
	joint->out[joint->len++] = '/';
	memcpy(joint->out + joint->len, part, len);
	joint->len += len;
	return true;
}

static bool add_part(struct joint *joint, const char *part, size_t len)
{
	if (len == 0 || (len == 1 && *part == '.'))
		return true;
	if (len == 2 && part[0] == '.' && part[1] == '.' && joint->root != SIZE_MAX &&
	    (joint->sure == joint->len || joint->root == joint->len)) {
		go_up(joint);
		return true;
	}
	joint->direct = joint->sure == joint->len && !(len == 2 && part[0] == '.' && part[1] == '.');
	return append(joint, part, len);
}

/* The root directory "/" is an empty text here, and becomes "/" in the end. */
static struct joint begin_joint(char *out, const struct path_base *base)
{
	struct joint joint = {.out = out, .len = base->len, .root = base->root > 1 ? base->root : 0};

	while (joint.len > 0 && base->text[joint.len - 1] == '/')
		joint.len--;
	joint.root = joint.root < joint.len ? joint.root : joint.len;
	joint.root = base->root ? joint.root : SIZE_MAX;
	memmove(out, base->text, joint.len);
	joint.direct = base->canonical || joint.len == 0;
	joint.sure = joint.direct ? joint.len : SIZE_MAX;
	return joint;
}

typedef uint8_t bytes16 __attribute__((vector_size(16)));

/* Does one of these 16 bytes, and the one behind it, make "//" or "/."? */
static inline bool has_special(const char *s)
{
	uint64_t halves[2];
	bytes16 v, next, found;

	memcpy(&v, s, sizeof(v));
	memcpy(&next, s + 1, sizeof(next));
	found = (bytes16)(v == '/') & ((bytes16)(next == '/') | (bytes16)(next == '.'));
	memcpy(halves, &found, sizeof(halves));
	return (halves[0] | halves[1]) != 0;
}

/* Does an empty component, "." or ".." begin here? */
static bool is_left_out(const char *s, const char *end)
{
	if (s == end || *s == '/')
		return true;
	if (*s != '.')
		return false;
	s += s + 1 < end && s[1] == '.';
	return s + 1 == end || s[1] == '/';
}

/* Is there nothing special in a name of 17 bytes or more? */
static bool is_simple(const char *name, size_t len)
{
	for (size_t i = 0; i + 17 < len; i += 16)
		if (has_special(name + i))
			return false;
	return !has_special(name + len - 17);
}

/* Is a name without its first slash nothing but components that are kept as they are? */
static bool is_plain(const char *name, size_t len)
{
	const char *end = name + len;

	if (is_left_out(name, end) || end[-1] == '/')
		return false;
	if (len >= 17 && is_simple(name, len))
		return true;
	for (const char *s = name; s < end; s++)
		if (*s == '/' && is_left_out(s + 1, end))
			return false;
	return true;
}

/* The name that path_join() makes of them where nothing has to be left out. Returns its length, 0 if it is not so easy.
 */
static size_t join_plainly(char *out, const struct path_base *base, const char *name, size_t len, bool *direct)
{
	size_t base_len = base->len;

	while (base_len > 0 && base->text[base_len - 1] == '/')
		base_len--;
	if (!is_plain(name, len) || base_len + 1 + len > PATH_ROOM)
		return 0;
	memmove(out, base->text, base_len);
	out[base_len] = '/';
	memcpy(out + base_len + 1, name, len);
	*direct = (base->canonical || base_len == 0) && !memchr(name, '/', len);
	return base_len + 1 + len;
}

size_t path_join(char *out, const struct path_base *base, const char *name, size_t len, bool *direct)
{
	size_t slash_len = len > 0 && *name == '/', easy;
	struct joint joint;

	if (base->len > PATH_ROOM || len > PATH_ROOM)
		return 0;
	easy = join_plainly(out, base, name + slash_len, len - slash_len, direct);
	if (easy > 0)
		return easy;
	joint = begin_joint(out, base);
	while (len > 0) {
		const char *slash = memchr(name, '/', len);
		size_t part = slash ? (size_t)(slash - name) : len;

		if (!add_part(&joint, name, part))
			return 0;
		part += slash != NULL;
		name += part;
		len -= part;
	}
	if (joint.len == 0)
		out[joint.len++] = '/';
	*direct = joint.direct;
	return joint.len;
}

/* --- sockets */

struct path *path_socket(struct budget *budget, const char *protocol)
{
	struct path *path = new_path(budget, protocol, strlen(protocol), SOCKET_TEXT, PATH_SOCKET);

	if (path)
		path->protocol = (uint16_t)path->len;
	return path;
}

/* Put len bytes, behind mark if there are any, where n bytes at offset are. */
static void splice_text(struct path *path, size_t offset, size_t n, const char *mark, const char *text, size_t len)
{
	size_t mark_len = len > 0 ? strlen(mark) : 0, rest = path->len - offset - n;

	if (path->len - n + mark_len + len > path->room)
		return;
	memmove(path->text + offset + mark_len + len, path->text + offset + n, rest);
	memcpy(path->text + offset, mark, mark_len);
	if (len > 0)
		memcpy(path->text + offset + mark_len, text, len);
	path->len = (uint32_t)(offset + mark_len + len + rest);
}

void path_set_local(struct path *path, const char *address, size_t len)
{
	uint32_t before = path->len;

	path->list = 0;
	splice_text(path, path->protocol, path->local, " ", address, len);
	path->local = (uint16_t)(path->local + path->len - before);
}

void path_set_peer(struct path *path, const char *address, size_t len)
{
	size_t offset = (size_t)path->protocol + path->local;

	path->list = 0;
	if (len > 0 && path->local == 0) {
		path_set_local(path, "?", 1);
		offset += path->local;
	}
	splice_text(path, offset, path->len - offset, "->", address, len);
}
