/*
 * engine.h - which control group is that of a container, by its name: the rule that the BPF programs and the recorder
 * share (docs/design.md, "Containers").
 *
 *	at = engine_id(name, len);
 *	if (at >= 0)
 *		...copy 64 bytes of name from there to an aligned id...
 *	kind = at >= 0 && engine_is_id(id) ? ENGINE_CONTAINER : engine_kind(name, len);
 *
 * A name is a buffer of ENGINE_NAME bytes with zeros behind its end; len: its bytes.
 */
#ifndef SYSSTREAM_ENGINE_H
#define SYSSTREAM_ENGINE_H

#define ENGINE_NAME  96 /* bytes of the name of a control group that are looked at, with a zero byte */
#define ENGINE_ID    64 /* hexadecimal digits of a container's id */
#define ENGINE_WORDS 8

enum engine_kind {
	ENGINE_NOTHING,
	ENGINE_CONTAINER, /* this group is that of a container */
	ENGINE_PARENT,    /* each group below is */
	ENGINE_OUTSIDE,   /* what watches a container from the outside, in a group below it */
};

/* Where the id begins in a name of that length, if there is one: behind "docker-", "libpod-", "crio-" and the like, and
 * before ".scope". -1: nowhere. */
static inline int engine_id(const char *name, unsigned len)
{
	switch (len) {
	case 64: /* ID */
	case 70: /* ID.scope */
		return 0;
	case 69: /* crio-ID */
	case 75:
		return name[4] == '-' ? 5 : -1;
	case 71: /* docker-ID, libpod-ID */
	case 77:
		return name[6] == '-' ? 7 : -1;
	case 72: /* nerdctl-ID */
	case 78:
		return name[7] == '-' ? 8 : -1;
	case 79: /* cri-containerd-ID */
	case 85:
		return name[14] == '-' ? 15 : -1;
	}
	return -1;
}

#define ENGINE_BYTES(b) (0x0101010101010101ull * (b))

/* Are they all hexadecimal digits, eight bytes at a time and without a branch? In each byte of a sum bit 7 says that it
 * is not below a limit. */
static inline int engine_is_id(const unsigned long long id[ENGINE_WORDS])
{
	const unsigned long long high = ENGINE_BYTES(0x80);
	unsigned long long good = high;

	for (int i = 0; i < ENGINE_WORDS; i++) {
		unsigned long long w = id[i] & ~high;
		unsigned long long digit = (w + ENGINE_BYTES(0x80 - '0')) & ~(w + ENGINE_BYTES(0x7f - '9'));
		unsigned long long letter = (w + ENGINE_BYTES(0x80 - 'a')) & ~(w + ENGINE_BYTES(0x7f - 'f'));

		good &= (digit | letter) & ~id[i];
	}
	return good == high;
}

/* Does name begin with word? */
static inline __attribute__((always_inline)) int engine_begins(const char *name, const char *word, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		if (name[i] != word[i])
			return 0;
	}
	return 1;
}

#define ENGINE_BEGINS(name, word) engine_begins((name), (word), sizeof(word) - 1)

/* What a control group of this name is, if it has no id. */
static inline __attribute__((always_inline)) enum engine_kind engine_kind(const char *name, unsigned len)
{
	if (ENGINE_BEGINS(name, "lxc")) {
		if (len == 3 || (len == 11 && ENGINE_BEGINS(name, "lxc.payload")))
			return ENGINE_PARENT;
		return ENGINE_BEGINS(name, "lxc.payload.") ? ENGINE_CONTAINER : ENGINE_NOTHING;
	}
	if (ENGINE_BEGINS(name, "systemd-nspawn@"))
		return ENGINE_CONTAINER;
	if (ENGINE_BEGINS(name, "machine-") && !ENGINE_BEGINS(name, "machine-qemu"))
		return ENGINE_CONTAINER;
	return len == 10 && ENGINE_BEGINS(name, "supervisor") ? ENGINE_OUTSIDE : ENGINE_NOTHING;
}

/* A number for a name, of which all bytes count. */
static inline unsigned long long engine_hash(const unsigned long long name[ENGINE_NAME / 8])
{
	unsigned long long hash = 0;

	for (int i = 0; i < ENGINE_NAME / 8; i++) {
		hash = (hash ^ name[i]) * 0x9e3779b97f4a7c15ull;
		hash ^= hash >> 29;
	}
	return hash;
}

#endif
