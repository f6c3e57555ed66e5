/*
 * effects.h - which system calls work on files, and what they do to descriptors, directories and processes.
 *
 * Which argument is a descriptor or a path is in the signatures (format/signature.h), for every call; what a call does
 * is in a table here, for those that matter to the tracker.
 */
#ifndef SYSDECODE_EFFECTS_H
#define SYSDECODE_EFFECTS_H

#include <stdbool.h>
#include <stdint.h>

enum effect_kind {
	EFFECT_NONE,
	/* a descriptor is made: it is the result */
	EFFECT_OPEN,    /* the file behind the path, with flags in an argument */
	EFFECT_OPENAT2, /* the same, with flags in a structure */
	EFFECT_CREAT,
	EFFECT_MAKES, /* text, or nobody knows what */
	EFFECT_MEMFD,
	EFFECT_SIGNALFD, /* unless it changes an old one */
	EFFECT_SOCKET,
	EFFECT_ACCEPT,
	EFFECT_DUP,
	EFFECT_FCNTL,
	EFFECT_IOCTL,
	/* two are made, and told in memory */
	EFFECT_PIPE,
	EFFECT_SOCKETPAIR,
	/* others are changed */
	EFFECT_CLOSE,
	EFFECT_CLOSE_RANGE,
	EFFECT_DUP2,
	EFFECT_BIND,
	EFFECT_CONNECT,
	EFFECT_GETSOCKNAME,
	EFFECT_GETPEERNAME,
	EFFECT_RING, /* descriptors may change without a call */
	/* directories */
	EFFECT_CHDIR,
	EFFECT_FCHDIR,
	EFFECT_CHROOT,
	EFFECT_GETCWD, /* changes nothing, but tells */
	EFFECT_PIVOT,
	EFFECT_SETNS,
	EFFECT_RENAME, /* what was there by a name is not any more */
	EFFECT_MOUNT,
	/* processes */
	EFFECT_FORK,
	EFFECT_CLONE,
	EFFECT_CLONE3,
	EFFECT_UNSHARE,
	EFFECT_EXEC,
	EFFECT_COUNT,
};

/* What of fcntl() and ioctl() has an effect; the latter two of ioctl() on ppc. */
enum {
	FCNTL_DUPFD = 0,
	FCNTL_SETFD = 2,
	FCNTL_DUPFD_CLOEXEC = 1030,
	IOCTL_NCLEX = 0x5450,
	IOCTL_CLEX = 0x5451,
	IOCTL_PPC_CLEX = 0x20006601,
	IOCTL_PPC_NCLEX = 0x20006602,
};

struct effect {
	const char *name; /* of the call */
	uint8_t kind;     /* enum effect_kind */
	int8_t flags;     /* the argument with flags; -1: there is none */
	bool second;      /* the second path is the file that the call works on */
	uint32_t cloexec; /* the flag for close-on-exec; 0: there is none; UINT32_MAX: always */
	const char *text; /* of what is made; NULL: not known */
};

/* Which arguments say what file a call works on; -1: none. */
struct operands {
	int8_t fd;
	int8_t dirfd, path;   /* the path, and the directory that it begins in if it is relative */
	int8_t dirfd2, path2; /* the other one, of calls that take two */
};

struct deed {
	const struct effect *effect; /* NULL: the tracker need not know of the call */
	struct operands operands;
};

/* deed_of() - of a call, by the tables. */
struct deed deed_of(unsigned abi, uint32_t nr);

/* deed_is_plain() - does it change nothing, and work on a file by nothing but a descriptor, if at all? */
static inline bool deed_is_plain(const struct deed *deed)
{
	return !deed->effect && deed->operands.path < 0;
}

/*
 * deed_is_sieved() - does it only change something with some values of its argument 1? effect_sieve() - is this one of
 * them?
 */
static inline bool deed_is_sieved(const struct deed *deed)
{
	return deed->effect && (deed->effect->kind == EFFECT_FCNTL || deed->effect->kind == EFFECT_IOCTL);
}

bool effect_sieve(uint64_t argument);

/* deed_reads_text() - is it of interest for what it does what was captured of it? */
static inline bool deed_reads_text(const struct deed *deed)
{
	if (!deed->effect)
		return false;
	return deed->operands.path >= 0 || !(deed_is_sieved(deed) || deed->effect->kind == EFFECT_CLOSE ||
					     deed->effect->kind == EFFECT_DUP || deed->effect->kind == EFFECT_DUP2);
}

/* deed_has_file() - may it work on a file, as far as its arguments tell? */
static inline bool deed_has_file(const struct deed *deed)
{
	return deed->operands.fd >= 0 || deed->operands.path >= 0;
}

#endif
