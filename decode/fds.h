/*
 * fds.h - a table of file descriptors, as far as it is known: which number has which name.
 *
 * Calls change it at some moment between their entry and their return, and calls of several threads overlap. So a
 * change comes in two steps, and what is known of a descriptor is what every order of them leads to:
 *
 *	fds_begin(&budget, fds, 3);				close(3) has begun
 *	fds_look(fds, 3, ...)					not known
 *	fds_end(&budget, fds, 3, &change);			it has returned
 *	fds_look(fds, 3, ...)					closed
 *
 * Two changes of one descriptor that overlap leave it unknown, with one exception that programs with many threads live
 * on: a descriptor that was open, was closed, and was given out again meanwhile is the new one, since the kernel gives
 * out no number that is in use.
 *
 * A copy (fork) shares memory with the original until one of them changes. Everything can be forgotten, up to a moment
 * or what happened between two, in constant time. Where the budget does not suffice descriptors are not known.
 *
 * The working directory and the root directory of a process are kept in a table of two.
 */
#ifndef SYSDECODE_FDS_H
#define SYSDECODE_FDS_H

#include "path.h"

#define FDS_MAX 16384 /* what is above is never known */

enum { FDS_CWD = 0, FDS_ROOT = 1 }; /* of a process, in its own table */

enum fd_change {
	FD_ALLOCATE, /* a number that was free */
	FD_FREE,     /* close */
	FD_REPLACE,  /* whatever it was */
	FD_KEEP,     /* the same file, but for close-on-exec */
	FD_NOTHING,  /* it has failed */
	FD_SPOIL,    /* nobody knows */
};

enum fd_cloexec { FD_STAYS, FD_CLOSES, FD_MAYBE };

struct fd_entry {
	struct path *path;   /* NULL: not known, or closed */
	uint64_t begin, end; /* of the changes that have made it so: the first began, the last has ended */
	uint32_t owner;      /* of under_way and watch: a copy's are not its own */
	uint32_t watch;      /* the tracker's */
	uint16_t under_way;  /* changes */
	uint8_t allocated, freed;
	bool open;     /* it is open, under whatever name */
	bool was_open; /* before begin */
	bool mixed;
	uint8_t cloexec; /* enum fd_cloexec */
};

struct fd_chunk;

/* A period in which anything may have happened. */
struct fd_fog {
	bool any;
	uint64_t begin, end;
};

struct fds {
	uint32_t refs;
	uint32_t id;
	uint32_t threads; /* the tracker's: that use it */
	uint32_t watch;   /* the tracker's: of any descriptor */
	uint32_t n_chunks;
	struct fd_chunk **chunks;
	struct fd_fog fog;
	uint64_t exec;     /* the last one: what was to be closed by it is closed */
	uint64_t last_end; /* of the changes so far */
	uint32_t under_way;
	uint32_t storms; /* under way: calls that may change anything */
	bool wild;       /* it changes behind our back */
	uint32_t cloexec_first, cloexec_last;
	uint64_t cloexec_since; /* what was open then in this range is closed by exec; 0: there was no such */
	uint64_t cloexec_mixed; /* what was open then may be closed by exec, or not */
	uint32_t gone_first, gone_last;
	uint64_t gone_until; /* what was open then in this range is closed; 0: there is no such */
};

struct change {
	enum fd_change kind;
	struct path *path; /* taken a reference of; NULL: not known */
	enum fd_cloexec cloexec;
	uint64_t begin, end;
};

/* fds_new() - of which nothing is known. NULL where the budget does not suffice. */
struct fds *fds_new(struct budget *budget);
void fds_unref(struct budget *budget, struct fds *fds);

static inline struct fds *fds_ref(struct fds *fds)
{
	fds->refs++;
	return fds;
}

/* fds_copy() - as it was at some moment between begin and end. NULL where the budget does not suffice. */
struct fds *fds_copy(struct budget *budget, struct fds *fds, uint64_t begin, uint64_t end);

/* fds_look() - the path, or NULL: not known. It stays the table's. floor: what is older is not known any more. */
struct path *fds_look(const struct fds *fds, uint32_t fd, uint64_t floor);

/* fds_entry() - NULL: there is none. fds_own_entry() - to be changed; NULL where the budget does not suffice. */
struct fd_entry *fds_entry(const struct fds *fds, uint32_t fd);
struct fd_entry *fds_own_entry(struct budget *budget, struct fds *fds, uint32_t fd);

void fds_begin(struct budget *budget, struct fds *fds, uint32_t fd);
void fds_end(struct budget *budget, struct fds *fds, uint32_t fd, const struct change *change, uint64_t floor);

/* fds_set() - what has been seen at some moment between change->begin and end, without fds_begin(). */
void fds_set(struct budget *budget, struct fds *fds, uint32_t fd, const struct change *change, uint64_t floor);

/* fds_storm(), fds_storm_over() - anything may change from begin until end. */
void fds_storm(struct fds *fds);
void fds_storm_over(struct fds *fds, uint64_t end);

/* fds_forget() - what was known up to now is not known any more. */
void fds_forget(struct fds *fds, uint64_t now);

/* fds_exec() - the close-on-exec ones are closed. */
void fds_exec(struct fds *fds, uint64_t now);

/*
 * fds_close_range(), fds_cloexec_range() - close_range() from first to last, which began at begin and has returned at
 * end. In between it was a storm, which is over by this: fds_storm_over() is not to be called.
 */
void fds_close_range(struct budget *budget, struct fds *fds, uint32_t first, uint32_t last, uint64_t begin,
		     uint64_t end);
void fds_cloexec_range(struct fds *fds, uint32_t first, uint32_t last, uint64_t begin, uint64_t end);

#endif
