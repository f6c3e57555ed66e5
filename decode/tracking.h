/*
 * tracking.h - what the parts of the tracker share: tracker.c (time, threads, processes), names.c (what a call works
 * on) and ops*.c (what it changes).
 */
#ifndef SYSDECODE_TRACKING_H
#define SYSDECODE_TRACKING_H

#include "threads.h"
#include "tracker.h"

#define FD_CWD             (-100) /* AT_FDCWD */
#define NEVER              UINT64_MAX
#define RENAMES            4096 /* that are remembered; a power of 2 */
#define CLONE_FS_FLAG      UINT64_C(0x200)
#define CLONE_FILES_FLAG   UINT64_C(0x400)
#define CLONE_NEWNS_FLAG   UINT64_C(0x20000)
#define CLONE_NEWUSER_FLAG UINT64_C(0x10000000)
#define BASE_DEPTH         128 /* directories of a base that are looked at */

/* A name that has been given to something else, or taken away. */
struct renamed {
	uint64_t hash;
	uint64_t time;
};

struct tracker {
	struct budget budget;
	struct threads threads;
	struct thread *last; /* that was asked for; NULL: none, or it has gone */
	uint64_t now;        /* all that has ended before is done */
	uint64_t floor;      /* what is known of descriptors from before is not true any more */
	bool big;            /* byte order of the machine recorded */
	bool no_files;       /* not all calls are recorded that change descriptors … */
	bool no_dirs;        /* … the working directory … */
	bool no_flags;       /* … or close-on-exec */
	bool odd;            /* there are or were tables that not just the threads of one process share */
	bool lost_odd;       /* and it has been forgotten whose they are */
	uint64_t list;
	void (*revoke)(void *context, uint32_t tag);
	void *context;
	struct renamed renamed[RENAMES];
	size_t n_renamed;
	uint64_t renamed_floor; /* anything may have been renamed up to here */
	char room[2][PATH_ROOM];
	char base[PATH_ROOM];
};

/* --- names.c */

/* A file that a call works on, and what is known of it. */
struct found {
	struct name name;
	struct path *path; /* borrowed from a table, if the name is one of there */
	bool watched;      /* the name depends on a descriptor that is being watched */
	bool direct;       /* only its last component can be a symbolic link */
};

/* Of a call: by its path, or else by its descriptor; second: its other path. blind: not by descriptors. */
struct found find_file(struct tracker *tracker, struct thread *thread, const struct row *row, const struct deed *deed,
		       bool second, bool blind);

/* find_descriptor() - the same for a call that is by its descriptor in argument arg (-1: none) and changes nothing. */
void find_descriptor(struct tracker *tracker, struct thread *thread, const struct row *row, int arg, struct name *name);

/* has_other_root() - is it known that the process has another root directory than "/"? */
bool has_other_root(const struct thread *thread);

/*
 * unwatch() - the thread's call is over. revoke_fd(), revoke_range() - one that changes descriptors has begun, by
 * thread: other calls that are under way may have looked before or after it.
 */
void unwatch(struct tracker *tracker, struct thread *thread);
void revoke_fd(struct tracker *tracker, struct fds *fds, uint32_t fd, const struct thread *thread, uint64_t begin);

void revoke_range(struct tracker *tracker, struct fds *fds, uint32_t first, uint32_t last, const struct thread *thread,
		  uint64_t begin);

/* note_rename() - what had this name may have another at time. */
void note_rename(struct tracker *tracker, const char *text, size_t len, uint64_t time);

/* --- ops.c, ops_end.c */

/* begin_op() - what a call will change, from its row; found: the file that it works on. */
void begin_op(struct tracker *tracker, struct thread *thread, const struct row *row, const struct deed *deed,
	      const struct found *found, const struct found *other);

/* finish_op() - it has returned. spoil_op() - by now it has perhaps, and nobody knows with what result. */
void finish_op(struct tracker *tracker, struct thread *thread);
void spoil_op(struct tracker *tracker, struct thread *thread, uint64_t now);

/* change_call() - the row that says how an open call has ended: begin_op() follows. */
void retract_op(struct tracker *tracker, struct thread *thread);

/* A number of n bytes (4 or 8) in the byte order recorded. */
uint64_t get_number(const struct tracker *tracker, const uint8_t *bytes, unsigned n);

#endif
