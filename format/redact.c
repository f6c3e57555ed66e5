/* redact.c - see redact.h */
#include "redact.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "signature.h"

int sst_redaction_add(struct sst_redaction *redaction, const char *what)
{
	if (!strcmp(what, "paths"))
		redaction->paths = true;
	else if (!strcmp(what, "args"))
		redaction->args = true;
	else if (!strcmp(what, "comm"))
		redaction->comm = true;
	else
		return -EINVAL;
	return 0;
}

bool sst_redaction_any(const struct sst_redaction *redaction)
{
	return redaction->paths || redaction->args || redaction->comm;
}

void sst_redaction_key(struct sst_redaction *redaction, const void *secret, size_t len)
{
	for (unsigned half = 0; half < 2; half++) {
		uint8_t which[SST_SIPHASH_KEY] = {(uint8_t)half};
		uint64_t hash = sst_siphash(which, secret, len);

		sst_put64(redaction->key + 8 * half, hash);
	}
}

/* --- texts */

/* Memory for the texts of a frame as they will be. */
struct text {
	const struct sst_redaction *redaction;
	uint8_t *bytes;
	size_t n, cap;
	bool failed;
};

/* Room for len bytes more. Returns whether there is; a frame may not have more than SST_TEXT_MAX. */
static bool reserve(struct text *text, size_t len)
{
	size_t cap = text->cap ? 2 * text->cap : 4096;
	uint8_t *grown;

	if (text->failed || len > SST_TEXT_MAX - text->n)
		return false;
	if (text->n + len <= text->cap)
		return true;
	while (cap < text->n + len)
		cap *= 2;
	grown = realloc(text->bytes, cap);
	if (!grown) {
		text->failed = true;
		return false;
	}
	text->bytes = grown;
	text->cap = cap;
	return true;
}

/* Each returns false if there was no room. */

static bool put(struct text *text, const void *bytes, size_t len)
{
	if (!reserve(text, len))
		return false;
	if (len > 0)
		memcpy(text->bytes + text->n, bytes, len);
	text->n += len;
	return true;
}

static void make_hash(const struct sst_redaction *redaction, const void *bytes, size_t len, char out[SST_REDACTED_LEN])
{
	static const char digits[] = "0123456789abcdefghijklmnopqrstuv";
	uint64_t hash = sst_siphash(redaction->key, bytes, len);

	for (unsigned i = 0; i < SST_REDACTED_LEN; i++)
		out[i] = digits[hash >> 5 * i & 31];
}

/* Nothing stays nothing. */
static bool put_hash(struct text *text, const uint8_t *bytes, size_t len)
{
	char hash[SST_REDACTED_LEN];

	if (len == 0)
		return true;
	make_hash(text->redaction, bytes, len, hash);
	return put(text, hash, sizeof(hash));
}

static bool is_dots(const uint8_t *bytes, size_t len)
{
	return (len == 1 || len == 2) && bytes[0] == '.' && bytes[len - 1] == '.';
}

static bool put_path(struct text *text, const uint8_t *bytes, size_t len)
{
	size_t i = 0;

	while (i < len) {
		const uint8_t *slash = memchr(bytes + i, '/', len - i);
		size_t n = slash ? (size_t)(slash - (bytes + i)) : len - i;

		if (!(is_dots(bytes + i, n) ? put(text, bytes + i, n) : put_hash(text, bytes + i, n)))
			return false;
		i += n;
		if (slash && !put(text, "/", 1))
			return false;
		i += slash != NULL;
	}
	return true;
}

/* Strings that are ended by a NUL each, but perhaps the last. */
static bool put_strings(struct text *text, const uint8_t *bytes, size_t len)
{
	size_t i = 0;

	while (i < len) {
		size_t n = strnlen((const char *)bytes + i, len - i);

		if (!put_hash(text, bytes + i, n))
			return false;
		i += n;
		if (i < len && !put(text, "", 1))
			return false;
		i++;
	}
	return true;
}

/* --- captures */

enum fate { KEEP, PATH, TEXT, DROP };

/* Is it the address of a local socket, whatever the byte order? */
static bool is_local_address(const uint8_t *bytes, size_t len)
{
	enum { LOCAL = 1 }; /* AF_UNIX */

	return len >= 2 && bytes[0] + bytes[1] == LOCAL;
}

static enum fate fate_of_event(const struct sst_redaction *redaction, const struct sst_capture *capture)
{
	switch (capture->arg) {
	case SST_CAPTURE_FILE:
		return redaction->paths ? PATH : KEEP;
	case SST_CAPTURE_ARGV:
		return redaction->args ? TEXT : KEEP;
	case SST_CAPTURE_COMM:
		return redaction->comm ? TEXT : KEEP;
	default:
		return DROP;
	}
}

/* What a pointer in an argument of this kind leads to; which one, the bytes begin with. */
static enum fate fate_behind(const struct sst_redaction *redaction, const struct sst_capture *capture, unsigned kind,
			     const uint8_t *bytes)
{
	if (redaction->args || capture->len < SST_BEHIND_HEAD)
		return DROP;
	if (!redaction->paths || (kind != SST_KIND_MSGHDR && kind != SST_KIND_MMSGHDR))
		return KEEP;
	/* Of messages only buffers are two pointers away; all else may be a name. */
	if (bytes[2] | bytes[3])
		return KEEP;
	return is_local_address(bytes + SST_BEHIND_HEAD, capture->len - SST_BEHIND_HEAD) ? DROP : KEEP;
}

/* What an argument of this kind points to. */
static enum fate fate_of_kind(const struct sst_redaction *redaction, const struct sst_capture *capture, unsigned kind,
			      const uint8_t *bytes)
{
	bool text = capture->form == SST_FORM_STRING || capture->form == SST_FORM_STRINGS;

	if (capture->form == SST_FORM_BEHIND)
		return fate_behind(redaction, capture, kind, bytes);
	if (kind == SST_KIND_PATH)
		return redaction->paths ? PATH : KEEP;
	if (redaction->args)
		return text ? TEXT : DROP;
	if (kind == SST_KIND_PRCTL_ARG) /* may be a name */
		return redaction->comm ? DROP : KEEP;
	if (!redaction->paths || text)
		return KEEP;
	if (kind == SST_KIND_SOCKADDR)
		return is_local_address(bytes, capture->len) ? DROP : KEEP;
	return capture->form == SST_FORM_SOCKET ? DROP : KEEP; /* addresses in it */
}

static enum fate fate_of(const struct sst_redaction *redaction, const struct sst_rows *rows,
			 const struct sst_capture *capture)
{
	const struct sst_signature *signature;
	const struct sst_call *call;

	if (capture->row & SST_CAPTURE_EVENT)
		return fate_of_event(redaction, capture);
	if (capture->row >= rows->n)
		return DROP;
	call = &rows->calls[rows->call[capture->row]];
	signature = sst_signature(call->abi, call->nr);
	if (capture->arg >= SST_ARGS)
		return fate_of_kind(redaction, capture, SST_KIND_UNUSED, rows->text + capture->offset);
	if (!signature || capture->arg >= signature->nargs)
		return DROP; /* nobody knows what it is */
	return fate_of_kind(redaction, capture, signature->arg[capture->arg].kind, rows->text + capture->offset);
}

/* One capture with its text as it will be. What finds no room is cut. */
static void move_capture(struct text *text, const struct sst_rows *rows, struct sst_capture *capture, enum fate fate)
{
	const uint8_t *bytes = rows->text + capture->offset;
	size_t begin = text->n;
	bool fits = true;

	if (capture->len > 0 && fate == PATH)
		fits = put_path(text, bytes, capture->len);
	else if (capture->len > 0 && fate == TEXT && capture->form == SST_FORM_STRINGS)
		fits = put_strings(text, bytes, capture->len);
	else if (capture->len > 0 && fate == TEXT)
		fits = put_hash(text, bytes, capture->len);
	else if (capture->len > 0)
		fits = put(text, bytes, capture->len);
	if (!fits) {
		text->n = begin;
		capture->flags |= SST_CAPTURE_CUT;
	}
	capture->offset = (uint32_t)begin;
	capture->len = (uint32_t)(text->n - begin);
}

static void move_captures(struct text *text, struct sst_rows *rows)
{
	size_t n = 0;

	for (size_t i = 0; i < rows->n_captures; i++) {
		struct sst_capture capture = rows->captures[i];
		enum fate fate = fate_of(text->redaction, rows, &capture);

		if (fate == DROP)
			continue;
		move_capture(text, rows, &capture, fate);
		rows->captures[n++] = capture;
	}
	rows->n_captures = n;
}

/* "/a/b (deleted)"; "socket:[123]" is no path. */
static void move_open(struct text *text, const struct sst_rows *rows, struct sst_open *open)
{
	static const char deleted[] = " (deleted)";
	const uint8_t *bytes = rows->text + open->offset;
	size_t begin = text->n, len = open->len, tail = sizeof(deleted) - 1;
	bool is_path = text->redaction->paths && len > 0 && *bytes == '/', fits;

	if (!is_path || len < tail || memcmp(bytes + len - tail, deleted, tail) != 0)
		tail = 0;
	fits = is_path ? put_path(text, bytes, len - tail) && put(text, deleted, tail) : put(text, bytes, len);
	if (!fits)
		text->n = begin;
	open->offset = (uint32_t)begin;
	open->len = (uint32_t)(text->n - begin);
}

/* --- frames and facts */

static void redact_comm(const struct sst_redaction *redaction, char comm[SST_COMM_MAX], uint8_t *len)
{
	char hash[SST_REDACTED_LEN];

	if (!redaction->comm || *len == 0)
		return;
	make_hash(redaction, comm, *len, hash);
	memset(comm, 0, SST_COMM_MAX);
	memcpy(comm, hash, sizeof(hash));
	*len = sizeof(hash);
}

/* Which container it is stays, by its id and engine; what people have called things goes as names of threads do, its
 * control group as paths do. Returns 0 or -errno. */
static int redact_containers(const struct sst_redaction *redaction, const struct sst_containers *from,
			     struct sst_containers *to)
{
	char texts[SST_CONTAINER_TEXTS][SST_CONTAINER_TEXT_MAX + 1];
	const char *list[SST_CONTAINER_TEXTS];
	int err = 0;

	sst_containers_clear(to);
	for (size_t i = 0; i < from->n && err >= 0; i++) {
		for (unsigned k = 0; k < SST_CONTAINER_TEXTS; k++) {
			size_t len;
			const char *text = sst_container_text(from, i, k, &len);
			bool secret = k == SST_CONTAINER_CGROUP ? redaction->paths
								: redaction->comm && (k == SST_CONTAINER_NAME ||
										      k == SST_CONTAINER_IMAGE);

			memcpy(texts[k], text, secret ? 0 : len);
			texts[k][secret ? 0 : len] = '\0';
			list[k] = texts[k];
		}
		err = sst_containers_add(to, from->list[i].pidns, list);
	}
	return err < 0 ? err : 0;
}

static int redact_own_containers(const struct sst_redaction *redaction, struct sst_containers *containers)
{
	struct sst_containers clean = {0};
	int err = redact_containers(redaction, containers, &clean);

	sst_containers_free(containers);
	*containers = clean;
	return err;
}

int sst_redact_rows(const struct sst_redaction *redaction, struct sst_rows *rows)
{
	struct text text = {.redaction = redaction};

	for (size_t g = 0; g < rows->n_groups; g++)
		redact_comm(redaction, rows->groups[g].comm, &rows->groups[g].comm_len);
	if (rows->containers.n > 0 && redact_own_containers(redaction, &rows->containers))
		return -ENOMEM;
	if (rows->n_captures == 0 && rows->n_opens == 0)
		return 0;
	move_captures(&text, rows);
	for (size_t i = 0; i < rows->n_opens; i++)
		move_open(&text, rows, &rows->opens[i]);
	if (text.failed) {
		free(text.bytes);
		rows->n_captures = rows->n_opens = rows->n_text = 0; /* half of it is no good, and the rest is secret */
		return -ENOMEM;
	}
	free(rows->text);
	rows->text = text.bytes;
	rows->n_text = text.n;
	rows->cap_text = text.cap;
	return 0;
}

int sst_redact_tally(const struct sst_redaction *redaction, const struct sst_tally *from, struct sst_tally *to)
{
	int err = 0;

	sst_tally_clear(to);
	to->from = from->from;
	to->until = from->until;
	to->flags = from->flags;
	to->began = from->began;
	to->ended = from->ended;
	to->cpu_ns = from->cpu_ns;
	to->run_ns = from->run_ns;
	to->clock = from->clock;
	err = redact_containers(redaction, &from->containers, &to->containers);
	for (size_t i = 0; i < from->n_processes && !err; i++) {
		struct sst_tally_process process = from->processes[i];

		redact_comm(redaction, process.comm, &process.comm_len);
		err = sst_tally_process(to, process.pid, process.comm, process.comm_len);
		if (!err)
			to->processes[i].where = process.where;
		for (size_t k = process.first; k < (size_t)process.first + process.n && !err; k++)
			err = sst_tally_line(to, &from->lines[k], from->cells + from->lines[k].first_cell);
	}
	return err;
}

/* Keys whose values are numbers, or texts that do not come from what was recorded. Those that end in a dot: all such.
 */
static bool is_harmless(const char *key)
{
	static const char *const harmless[] = {
		"recorder",
		"host.",
		"kernel.",
		"boot.id",
		"page.size",
		"cpus",
		"start.",
		"follow",
		"filter",
		"blind",
		"session",
		"part",
		"part.",
		"end.",
		"reason",
		"rows",
		"lost",
		"lost.",
		"excluded",
		"excluded.after",
		"captures.lost",
		"tally",
		"tallied",
		"cpu.ns",
		"flush",
		"redacted",
		"recovered",
		"recovered.bytes",
		"recovered.calls",
		"recovered.end",
		"recovered.places",
	};

	for (size_t i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++) {
		size_t len = strlen(harmless[i]);

		if (harmless[i][len - 1] == '.' ? !strncmp(key, harmless[i], len) : !strcmp(key, harmless[i]))
			return true;
	}
	return false;
}

int sst_redact_meta(const struct sst_redaction *redaction, struct sst_meta *meta)
{
	struct sst_meta clean = {0};
	char what[32];
	int err = 0;

	for (size_t i = 0; i < meta->n && !err; i++)
		if (is_harmless(meta->entries[i].key))
			err = sst_meta_set(&clean, meta->entries[i].key, meta->entries[i].value);
	snprintf(what, sizeof(what), "%s%s%s", redaction->paths ? ",paths" : "", redaction->args ? ",args" : "",
		 redaction->comm ? ",comm" : "");
	if (!err && *what)
		err = sst_meta_set(&clean, "redacted", what + 1);
	if (err) {
		sst_meta_clear(&clean);
		return err;
	}
	sst_meta_clear(meta);
	*meta = clean;
	return 0;
}
