/*
 * tracker_rows.h - rows for a tracker, events and what was open, and the names that it gives: for tests.
 *
 *	TEST(f)					a test with a tracker of its own, which has seen nothing
 *	open_file(10, 10, "/etc/passwd", 3);	thread 10 of process 10 at time 10, descriptor 3
 *	use(11, 20, 3);				another thread of it: the name, or "?"
 *	make(10, "dup", 30, 90, 4);		any other call, from time 30 to 90
 *	row.arg[0] = 3;
 *	give();					the name, also in shown; a second one in other; "-": none
 */
#ifndef SYSDECODE_TEST_TRACKER_ROWS_H
#define SYSDECODE_TEST_TRACKER_ROWS_H

#include <errno.h>

#include "decode/tracker.h"
#include "row_text.h"

#define CLOEXEC 02000000
#define CWD     ((uint64_t)-100)
#define MEMORY  (4u << 20)
#define THREAD  (0x100 | 0x200 | 0x400 | 0x800 | 0x10000) /* VM, FS, FILES, SIGHAND, THREAD */

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

static struct tracker *tracker;
static struct sst_meta meta;

/* Of the row that is being made. */
static struct sst_group who;
static uint64_t seqs[1000];

/* The name that the tracker gave last, and the tags that it has taken back. */
static char shown[20000], other[20000];
static uint32_t tag;
static uint32_t revoked[64];
static size_t n_revoked;

static inline void revoke(void *context, uint32_t which)
{
	(void)context;
	if (n_revoked < 64)
		revoked[n_revoked++] = which;
}

static inline int setup(void **state)
{
	(void)state;
	tracker = tracker_new(MEMORY);
	memset(&meta, 0, sizeof(meta));
	memset(seqs, 0, sizeof(seqs));
	tracker_begin(tracker, &meta, false);
	tracker_list(tracker, revoke, NULL);
	n_revoked = 0;
	tag = 0;
	return !tracker;
}

static inline int teardown(void **state)
{
	(void)state;
	tracker_free(tracker);
	sst_meta_clear(&meta);
	return 0;
}

/* A call of thread tid (of process tid / 10 × 10) from time to end, which gives ret. */
static inline void make(uint32_t tid, const char *name, uint64_t time, uint64_t end, int64_t ret)
{
	begin_row(SST_ABI_X86_64, name);
	who = (struct sst_group){.pid = tid / 10 * 10, .tid = tid};
	row.time = time;
	row.duration = end - time;
	row.seq = ++seqs[tid];
	row.ret = (uint64_t)ret;
	row.who = &who;
	row.state = SST_OK;
}

static inline void capture(unsigned arg, unsigned form, const void *bytes, size_t len, unsigned flags)
{
	captured(arg, form, flags, bytes, len);
	if (arg < SST_ARGS)
		row.arg[arg] = 0x1000;
}

static inline void string(unsigned arg, const char *s)
{
	capture(arg, SST_FORM_STRING, s, strlen(s), 0);
}

static inline void keep(char *to, const struct name *name)
{
	memcpy(to, name->text ? name->text : "-", name->text ? name->len : 1);
	to[name->text ? name->len : 1] = '\0';
}

/* What the tracker says of the row. */
static inline const char *give(void)
{
	struct deed deed = deed_of(call.abi, call.nr);
	struct names names;

	tracker_call(tracker, &row, &deed, ++tag, &names);
	keep(shown, &names.path);
	keep(other, &names.other);
	return shown;
}

/* Frequent calls. Each takes 5 from its time on. */

static inline const char *open_flags(uint32_t tid, uint64_t time, const char *path, int fd, uint32_t flags)
{
	make(tid, "openat", time, time + 5, fd);
	row.arg[0] = CWD;
	string(1, path);
	row.arg[2] = flags;
	return give();
}

static inline const char *open_file(uint32_t tid, uint64_t time, const char *path, int fd)
{
	return open_flags(tid, time, path, fd, 0);
}

static inline const char *use(uint32_t tid, uint64_t time, int fd)
{
	make(tid, "read", time, time + 5, 1);
	row.arg[0] = (uint64_t)fd;
	return give();
}

static inline const char *close_between(uint32_t tid, uint64_t time, uint64_t end, int fd)
{
	make(tid, "close", time, end, 0);
	row.arg[0] = (uint64_t)fd;
	return give();
}

static inline const char *numbers(uint32_t tid, const char *name, uint64_t time, int64_t ret, uint64_t a, uint64_t b,
				  uint64_t c)
{
	make(tid, name, time, time + 5, ret);
	row.arg[0] = a;
	row.arg[1] = b;
	row.arg[2] = c;
	return give();
}

static inline const char *chdir_to(uint32_t tid, uint64_t time, const char *path)
{
	make(tid, "chdir", time, time + 5, 0);
	string(0, path);
	return give();
}

static inline void event(unsigned kind, uint32_t tid, uint64_t time, uint64_t a)
{
	tracker_event(tracker, &(struct sst_event){
				       .kind = (uint8_t)kind, .time = time, .pid = tid / 10 * 10, .tid = tid, .a = a});
}

static inline void found(uint32_t pid, uint64_t what, const char *path, unsigned flags)
{
	tracker_open(tracker,
		     &(struct sst_open){.time = 1,
					.until = 2,
					.pid = pid,
					.what = what,
					.len = (uint32_t)strlen(path),
					.flags = (uint8_t)flags},
		     (const uint8_t *)path);
}

/* A child by fork from time to time + 5, at time + 2. */
static inline void fork_child(uint32_t tid, uint64_t time, uint32_t child)
{
	make(tid, "fork", time, time + 5, child);
	give();
	event(SST_EVENT_START, child, time + 2, tid);
}

/* Two threads of a process, 10 and 11. */
static inline void two_threads(void)
{
	found(10, SST_OPEN_CWD, "/home", 0);
	event(SST_EVENT_FOUND, 10, 3, 0);
	event(SST_EVENT_FOUND, 11, 3, 0);
}

/* For random rows: the seed, and then a number below n, the same for the same seed. */
static uint64_t random_state;

static inline uint32_t any(uint32_t n)
{
	random_state = random_state * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (uint32_t)(random_state >> 33) % n;
}

#endif
