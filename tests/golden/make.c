/*
 * make.c - writes the golden recordings: tiny .sst files in which everything is fixed, good ones and bad ones.
 *
 *	make DIRECTORY
 *
 * Every recording begins 1000 s after boot, on 2026-01-01 00:00:00 UTC, but for the second in a file, an hour later,
 * and those that overlap; times in this file are ns after that.
 */
#include "recording.h"

/* Every state, kinds of results, another ABI, an unknown call, a call without and one with six arguments. */
static void fill_states(struct file *file)
{
	thread(file, 100, 100, "app");
	call(file, 0, 1, "futex", SST_MIDWAY, 0, 0, ARGS(0x7f0000001000, 128, 2, 0, 0, 0));
	ok(file, 1 * MS, 2, "getppid", 99, 250);
	call(file, 2 * MS, 3, "openat", SST_OK, -2, 4321, ARGS(0xffffff9c, 0x55d000001234, 0x80000, 0));
	call(file, 3 * MS, 4, "mmap", SST_OK, 0x7f1234560000, 1800, ARGS(0, 4096, 3, 34, UINT64_MAX, 0));
	call(file, 4 * MS, 5, "mmap", SST_OK, -12, 900, ARGS(0, 1ull << 60, 3, 34, UINT64_MAX, 0));
	call(file, 5 * MS, 6, "nanosleep", SST_OK, -516, 2 * (uint64_t)S + 5, ARGS(0x7ffc00002000, 0));
	call(file, 6 * MS, 7, "ptrace", SST_REFUSED, -1, 0, ARGS(16, 1, 0, 0));
	call_nr(file, 7 * MS, 8, SST_ABI_X86_64, 9999, SST_OK, -38, 70, ARGS(1, 2, 3, 4, 5, 6));
	call_nr(file, 8 * MS, 9, SST_ABI_I386, 5, SST_OK, 0xfffffffe, 3000, ARGS(0xffffffff80001000, 0, 0x1b6));
	call_nr(file, 9 * MS, 10, SST_ABI_I386, 192, SST_OK, 0xf7fc1000, 2000, ARGS(0, 4096, 3, 34, 0xffffffff, 0));
	call_nr(file, 10 * MS, 11, SST_ABI_UNKNOWN, 7, SST_OK, 1, 100, ARGS(1, 2, 3, 4, 5, 6));
	call(file, 11 * MS, 12, "rt_sigreturn", SST_NO_RETURN, 0, 0, ARGS(0));
	call(file, 12 * MS, 13, "read", SST_UNFINISHED, 0, 0, ARGS(0, 0x7ffc00003000, 1024));
	thread(file, 100, 101, "app");
	call(file, 0, 1, "poll", SST_MIDWAY_OPEN, 0, 0, ARGS(0x7ffc00004000, 1, UINT64_MAX));
	thread(file, 100, 102, "app");
	call(file, 2 * MS, 1, "exit", SST_NO_RETURN, 0, 0, ARGS(0));
}

static void make_states(void)
{
	struct file file;

	start(&file, 1);
	fill_states(&file);
	flush(&file, SST_FRAME_ROWS, 20 * MS);
	finish(&file, "states");
}

static void fill_threads(struct file *file)
{
	thread(file, 200, 200, "worker");
	ok(file, 1 * MS, 1, "read", 512, 1000);
	ok(file, 3 * MS, 2, "write", 512, 2000);
	thread(file, 200, 201, "worker");
	ok(file, 1 * MS, 1, "getpid", 200, 90);
	ok(file, 2 * MS, 2, "read", -11, 700);
	flush(file, SST_FRAME_ROWS, 3 * MS);
	thread(file, 200, 200, "worker");
	ok(file, 4 * MS, 3, "prctl", 0, 400);
	thread(file, 200, 200, "renamed");
	ok(file, 6 * MS, 4, "close", 0, 300);
	thread(file, 200, 201, "worker");
	ok(file, 5 * MS, 3, "read", -4, 5 * MS);
	thread(file, 300, 300, "other");
	ok(file, 1500 * MS, 1, "fsync", 0, 12 * MS);
	flush(file, SST_FRAME_ROWS, 2000 * MS);
}

/* Three threads, two frames, a change of name; whole, damaged in several ways, cut, and twice in one file. */
static void make_threads(void)
{
	struct file file, other;

	start(&file, 2);
	fill_threads(&file);
	end(&file);
	store(&file, file.len, "threads");
	store(&file, file.frames[3], "no-end");
	store(&file, file.frames[2] + 40, "cut-header");
	store(&file, file.frames[3] - 1, "cut-payload");
	store(&file, file.frames[0] + 3, "cut-magic");
	store(&file, 0, "nothing");

	file.data[file.frames[2] - 5] ^= 0x40;
	store(&file, file.len, "flipped-payload");
	file.data[file.frames[2] - 5] ^= 0x40;
	file.data[file.frames[1] + 60] ^= 0x01;
	store(&file, file.len, "flipped-header");
	file.data[file.frames[1] + 60] ^= 0x01;
	file.data[file.frames[0] + 60] ^= 0x01;
	store(&file, file.len, "flipped-meta");
	file.data[file.frames[0] + 60] ^= 0x01;

	boot_at = START + HOUR;
	real_at = REAL + (int64_t)HOUR;
	start(&other, 3);
	fill_states(&other);
	flush(&other, SST_FRAME_ROWS, 20 * MS);
	end(&other);
	for (size_t i = 0, n = other.n_frames; i < n; i++) {
		size_t next = i + 1 < n ? other.frames[i + 1] : other.len;

		append(&file, other.data + other.frames[i], next - other.frames[i]);
	}
	store(&file, file.len, "two-recordings");
	boot_at = START;
	real_at = REAL;
	discard(&other);
	discard(&file);
}

/* Gaps of every cause, with and without what is known of them, within and between the rows of two threads. */
static void make_gaps(void)
{
	struct file file;

	start(&file, 4);
	thread(&file, 400, 400, "busy");
	ok(&file, 1 * MS, 1, "read", 1, 100);
	ok(&file, 4 * MS, 25, "read", 2, 100);
	thread(&file, 400, 401, "quiet");
	ok(&file, 2 * MS, 1, "read", 3, 100);
	ok(&file, 5 * MS, 3, "read", 4, 100);
	gap(&file, 400, 400, 1 * MS, 3 * MS, 2, 23, SST_CAUSE_RING_FULL);
	gap(&file, 400, 401, 3 * MS, 3 * MS, 2, 1, SST_CAUSE_SKIPPED);
	gap(&file, 0, 0, 6 * MS, 8 * MS, 0, 7, SST_CAUSE_THREADS);
	gap(&file, 400, 402, 7 * MS, 7 * MS, 0, 2, SST_CAUSE_UNKNOWN);
	flush(&file, SST_FRAME_ROWS, 10 * MS);
	finish(&file, "gaps");

	start(&file, 5);
	thread(&file, 400, 400, "busy");
	ok(&file, 1 * MS, 1, "read", 1, 100);
	ok(&file, 2 * MS, 5, "read", 2, 100);
	flush(&file, SST_FRAME_ROWS, 10 * MS);
	finish(&file, "hole");
}

/* Names that traced programs choose to do harm. */
static void make_hostile(void)
{
	static const char *const comms[] = {
		"tab\there",
		"line\nbreak",
		"cr\rhere",
		"back\\slash",
		"\x1b]0;title\x07",
		"\xc2\x9b"
		"31mC1",
		"bad\xff\xfeutf8",
		"cut\xe2\x82",
		"=cmd|' /C calc'!A0",
		"+1+1",
		"-2+3",
		"@SUM(A1)",
		" =1+1",
		"a,=1+1",
		"a;=1+1",
		"\"quoted\"",
		"say \"hi\"",
		"rtl\xe2\x80\xae"
		"txt",
		"zero\xe2\x80\x8bwidth",
		"\xef\xbc\x9d"
		"1",
		"",
		"gr\xc3\xbc\xc3\x9f",
		" blank ",
		"a,b",
		"del\x7f",
	};
	struct file file;

	start(&file, 6);
	for (uint32_t i = 0; i < sizeof(comms) / sizeof(comms[0]); i++) {
		thread(&file, 500 + i, 500 + i, comms[i]);
		ok(&file, (i + 1) * MS, 1, "getpid", 500 + i, 100);
	}
	flush(&file, SST_FRAME_ROWS, 100 * MS);
	finish(&file, "hostile");
}

/* Open rows that late ones replace, one that stays open, a late gap, a late row that nothing waits for. */
static void make_late(void)
{
	struct file file;

	start(&file, 7);
	thread(&file, 600, 600, "server");
	call(&file, 0, 1, "accept", SST_MIDWAY_OPEN, 0, 0, ARGS(3, 0, 0));
	thread(&file, 600, 601, "server");
	ok(&file, 1 * MS, 1, "getpid", 600, 100);
	call(&file, 2 * MS, 2, "read", SST_UNFINISHED, 0, 0, ARGS(4, 0x1000, 10));
	thread(&file, 600, 602, "server");
	call(&file, 2 * MS, 1, "pause", SST_UNFINISHED, 0, 0, ARGS(0));
	flush(&file, SST_FRAME_ROWS, 5 * MS);

	thread(&file, 600, 601, "server");
	call(&file, 2 * MS, 2, "read", SST_OK, 10, 5 * MS, ARGS(4, 0x1000, 10));
	thread(&file, 600, 603, "server");
	ok(&file, 3 * MS, 1, "getpid", 600, 100);
	gap(&file, 600, 603, 4 * MS, 4 * MS, 2, 1, SST_CAUSE_RING_FULL);
	flush(&file, SST_FRAME_LATE, 9 * MS);

	thread(&file, 600, 601, "server");
	ok(&file, 8 * MS, 3, "write", 10, 100);
	flush(&file, SST_FRAME_ROWS, 9 * MS);

	thread(&file, 600, 600, "server");
	call(&file, 0, 1, "accept", SST_MIDWAY, 5, 0, ARGS(3, 0, 0));
	flush(&file, SST_FRAME_LATE, 20 * MS);
	finish(&file, "late");
}

/* The ends of all ranges. */
static void make_extreme(void)
{
	static const uint64_t ones[SST_ARGS] = {UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX};
	char comm[SST_COMM_MAX + 1];
	struct file file;

	memset(comm, '\x01', SST_COMM_MAX);
	comm[SST_COMM_MAX] = 0;
	start(&file, 8);
	thread(&file, UINT32_MAX, UINT32_MAX, comm);
	call_nr(&file, -(uint64_t)START, 1, SST_ABI_X86_64, UINT32_MAX, SST_OK, INT64_MIN, 0, ones);
	call_nr(&file, -(uint64_t)(S / 2), 2, SST_ABI_X86_64, 9, SST_OK, INT64_MAX, UINT64_MAX, ones);
	call_nr(&file, 0, 3, SST_ABI_X86_64, 9, SST_OK, -4095, 1, ones);
	call_nr(&file, 0, 4, SST_ABI_X86_64, 9, SST_OK, -4096, 1, ones);
	call_nr(&file, 0, UINT64_MAX - 1, SST_ABI_X86_64, 0, SST_OK, -134, 1, ones);
	call_nr(&file, (uint64_t)INT64_MAX - START, UINT64_MAX, SST_ABI_X86_64, 0, SST_OK, 0, 1, ones);
	flush(&file, SST_FRAME_ROWS, (uint64_t)INT64_MAX - START);
	flush(&file, SST_FRAME_ROWS, (uint64_t)INT64_MAX - START); /* an empty frame */
	finish(&file, "extreme");
}

/* Three parts of a session: a call that begins in the first returns in the third. */
static void make_parts(void)
{
	struct file file;

	boot_id = "golden-boot";
	part = 1;
	start(&file, 11);
	thread(&file, 700, 700, "parts");
	ok(&file, 1 * MS, 1, "getpid", 700, 100);
	call(&file, 2 * MS, 2, "read", SST_UNFINISHED, 0, 0, ARGS(4, 0x1000, 10));
	thread(&file, 700, 701, "parts");
	ok(&file, 3 * MS, 1, "getppid", 1, 100);
	flush(&file, SST_FRAME_ROWS, 5 * MS);
	finish(&file, "part-1");

	part = 2;
	start(&file, 12);
	found(&file, 700, 700, 2);
	found(&file, 700, 701, 1);
	thread(&file, 700, 701, "parts");
	ok(&file, 6 * MS, 2, "getuid", 0, 100);
	gap(&file, 700, 701, 7 * MS, 7 * MS, 3, 1, SST_CAUSE_RING_FULL);
	flush(&file, SST_FRAME_ROWS, 10 * MS);
	finish(&file, "part-2");

	part = 3;
	start(&file, 13);
	found(&file, 700, 700, 2);
	found(&file, 700, 701, 3);
	flush(&file, SST_FRAME_ROWS, 10 * MS);
	thread(&file, 700, 700, "parts");
	call(&file, 2 * MS, 2, "read", SST_OK, 10, 9 * MS, ARGS(4, 0x1000, 10));
	flush(&file, SST_FRAME_LATE, 15 * MS);
	thread(&file, 700, 700, "parts");
	ok(&file, 12 * MS, 3, "write", 10, 100);
	thread(&file, 700, 701, "parts");
	ok(&file, 13 * MS, 4, "getgid", 0, 100);
	flush(&file, SST_FRAME_ROWS, 15 * MS);
	finish(&file, "part-3");
	part = 0;
}

/* At the same time as the parts: on the same machine from 6.5 ms on, the clock having been set; on another from 2.5 ms.
 */
static void make_overlapping(void)
{
	struct file file;

	boot_at = START + 6 * MS + MS / 2;
	real_at = REAL + (int64_t)HOUR;
	start(&file, 14);
	thread(&file, 710, 710, "beside");
	ok(&file, 0, 1, "getpid", 710, 100);
	call(&file, 1 * MS, 2, "read", SST_UNFINISHED, 0, 0, ARGS(5, 0x1000, 10));
	flush(&file, SST_FRAME_ROWS, 2 * MS);
	thread(&file, 710, 710, "beside");
	call(&file, 1 * MS, 2, "read", SST_OK, 10, 2 * MS, ARGS(5, 0x1000, 10));
	ok(&file, 6 * MS, 3, "write", 10, 100);
	flush(&file, SST_FRAME_LATE, 8 * MS);
	finish(&file, "beside");

	boot_id = "golden-elsewhere";
	boot_at = 5 * S;
	real_at = REAL + 2 * MS + MS / 2;
	start(&file, 15);
	thread(&file, 720, 720, "elsewhere");
	ok(&file, 0, 1, "getpid", 720, 100);
	ok(&file, 10 * MS, 2, "getppid", 1, 100);
	call(&file, 11 * MS, 3, "pause", SST_UNFINISHED, 0, 0, ARGS(0));
	flush(&file, SST_FRAME_ROWS, 12 * MS);
	finish(&file, "elsewhere");
	boot_id = NULL;
	boot_at = START;
	real_at = REAL;
}

/* Lives of threads and processes: with one that is not told of in order, one whose beginning nobody saw, odd names. */
static void make_processes(void)
{
	struct file file;

	start(&file, 16);
	event(&file, SST_EVENT_FOUND, 0, 800, 800, 0, 5, NULL);
	thread(&file, 800, 800, "sh");
	call(&file, 1 * MS, 6, "fork", SST_OK, 801, MS / 10, ARGS(0));
	event(&file, SST_EVENT_START, 1 * MS + 50000, 801, 801, 800, 0, "sh");
	exec(&file, 1 * MS + 300000, 801, 801, "make", "/usr/bin/make", "make\0-j2\0say \"hi\"\0", 18);
	event(&file, SST_EVENT_START, 2 * MS, 801, 802, 801, 0, "make");
	event(&file, SST_EVENT_START, 3 * MS, 803, 803, 802, 0, "make");
	exec(&file, 3 * MS + 400000, 803, 803, "a\tb", "./a\tb \"c\"", "./a\tb\0\0=1+1\0and what is cut", 27);
	event(&file, SST_EVENT_EXIT, 4 * MS, 801, 802, 0, 0, "make");
	event(&file, SST_EVENT_START, 4 * MS + 700000, 804, 804, 801, 0, "make"); /* behind the cut */
	flush(&file, SST_FRAME_ROWS, 4 * MS + 500000);
	thread(&file, 801, 801, "make");
	call(&file, 4 * MS + 550000, 1, "vfork", SST_OK, 804, MS / 2, ARGS(0));
	call(&file, 5 * MS + 100000, 2, "wait4", SST_UNFINISHED, 0, 0, ARGS(UINT64_MAX, 0, 0, 0));
	event(&file, SST_EVENT_EXIT, 6 * MS, 803, 803, 9, 0, NULL);
	exec(&file, 6 * MS + 10000, 804, 804, "\x1b[31m", "/tmp/\xff\x1b[31m", "", 0);
	event(&file, SST_EVENT_START, 6 * MS + 20000, 804, 805, 804, 0, "\x1b[31m");
	exec(&file, 6 * MS + 30000, 804, 805, "worker", "/usr/bin/worker", "worker\0", 7);
	event(&file, SST_EVENT_EXIT, 7 * MS, 804, 804, 0x80 | 11, 0, "worker");
	event(&file, SST_EVENT_START, 8 * MS, 810, 810, 809, 0, NULL);
	flush(&file, SST_FRAME_ROWS, 10 * MS);
	thread(&file, 801, 801, "make");
	call(&file, 5 * MS + 100000, 2, "wait4", SST_OK, 803, 1490 * MS, ARGS(UINT64_MAX, 0, 0, 0));
	flush(&file, SST_FRAME_LATE, 10 * MS);
	event(&file, SST_EVENT_EXIT, 1500 * MS, 801, 801, 2 << 8, 2, "make");
	event(&file, SST_EVENT_EXIT, 1600 * MS, 800, 800, 0, 6, "sh");
	event(&file, 77, 1600 * MS, 800, 800, 1, 2, NULL); /* a kind that comes later */
	flush(&file, SST_FRAME_ROWS, 2000 * MS);
	finish(&file, "processes");
}

#define CWD ((uint64_t)-100)

/* Files, by names that programs and spreadsheets stumble over; a call that returns in a later frame. */
static void make_files(void)
{
	struct file file;

	start(&file, 17);
	is_open(&file, 900, SST_OPEN_CWD, "/home/me");
	is_open(&file, 900, SST_OPEN_ROOT, "/");
	is_open(&file, 900, SST_OPEN_FD + 3, "/var/log/app.log");
	is_open(&file, 900, SST_OPEN_FD + 5, "pipe:[4711]");
	thread(&file, 900, 900, "sh");
	call(&file, 1 * MS, 1, "openat", SST_OK, 4, MS / 10, ARGS(CWD, 0x1000, 0x241, 0600));
	points_to(&file, 1, 0, "a\tb,\"c\"\n\xff");
	call(&file, 2 * MS, 2, "write", SST_OK, 10, MS / 10, ARGS(4, 0x2000, 10));
	call(&file, 3 * MS, 3, "write", SST_OK, 10, MS / 10, ARGS(3, 0x2000, 10));
	call(&file, 4 * MS, 4, "rename", SST_OK, 0, MS / 10, ARGS(0x1000, 0x2000));
	points_to(&file, 0, 0, "../you/./x");
	points_to(&file, 1, 0, "/tmp/=cmd|'/C calc'!A0");
	call(&file, 5 * MS, 5, "unlinkat", SST_OK, -2, MS / 10, ARGS(CWD, 0x1000, 0x200));
	points_to(&file, 1, 0, "dir");
	call(&file, 6 * MS, 6, "fork", SST_OK, 901, MS / 10, ARGS(0));
	call(&file, 7 * MS, 7, "read", SST_OK, 1, MS / 10, ARGS(5, 0x2000, 1));
	call(&file, 8 * MS, 8, "openat", SST_UNFINISHED, 0, 0, ARGS(CWD, 0x1000, 0));
	points_to(&file, 1, 0, "fifo");
	thread(&file, 901, 901, "sh");
	call(&file, 8 * MS + 1, 1, "write", SST_OK, 1, MS / 10, ARGS(4, 0x2000, 1));
	call(&file, 9 * MS, 2, "openat", SST_OK, 6, MS / 10, ARGS(CWD, 0x1000, 0));
	points_to(&file, 1, SST_CAPTURE_CUT, "/cut");
	call(&file, 10 * MS, 3, "symlink", SST_OK, 0, MS / 10, ARGS(0x1000, 0x2000));
	points_to(&file, 0, 0, "target");
	points_to(&file, 1, SST_CAPTURE_LATE, "/link");
	thread(&file, 950, 950, "=other");
	call(&file, 11 * MS, 1, "read", SST_OK, 1, MS / 10, ARGS(3, 0x2000, 1));
	call(&file, 12 * MS, 2, "mkdir", SST_OK, 0, MS / 10, ARGS(0x1000, 0777));
	points_to(&file, 0, 0, "somewhere");
	event(&file, SST_EVENT_START, 6 * MS + 50000, 901, 901, 900, 0, "sh");
	flush(&file, SST_FRAME_ROWS, 15 * MS);
	thread(&file, 900, 900, "sh");
	call(&file, 8 * MS, 8, "openat", SST_OK, 7, 12 * MS, ARGS(CWD, 0x1000, 0));
	points_to(&file, 1, 0, "fifo");
	flush(&file, SST_FRAME_LATE, 30 * MS);
	thread(&file, 900, 900, "sh");
	call(&file, 21 * MS, 9, "read", SST_OK, 1, MS / 10, ARGS(7, 0x2000, 1));
	call(&file, 22 * MS, 10, "close", SST_OK, 0, MS / 10, ARGS(7));
	call(&file, 23 * MS, 11, "read", SST_OK, -9, MS / 10, ARGS(7, 0x2000, 1));
	flush(&file, SST_FRAME_ROWS, 30 * MS);
	finish(&file, "files");
}

/* Calls that return in a later frame, and what was captured of them then. */
static void make_late_text(void)
{
	struct file file;

	start(&file, 18);
	is_open(&file, 920, SST_OPEN_CWD, "/srv");
	is_open(&file, 920, SST_OPEN_ROOT, "/");
	thread(&file, 920, 920, "waits");
	call(&file, 1 * MS, 1, "openat", SST_UNFINISHED, 0, 0, ARGS(CWD, 0x1000, 0));
	points_to(&file, 1, 0, "at/entry");
	thread(&file, 920, 921, "waits");
	call(&file, 1 * MS, 1, "readlink", SST_UNFINISHED, 0, 0, ARGS(0x1000, 0x2000, 64));
	points_to(&file, 0, 0, "link");
	thread(&file, 920, 922, "waits");
	call(&file, 2 * MS, 1, "unlink", SST_UNFINISHED, 0, 0, ARGS(0x1000));
	thread(&file, 920, 923, "waits");
	call(&file, 2 * MS, 1, "chdir", SST_UNFINISHED, 0, 0, ARGS(0x1000));
	points_to(&file, 0, 0, "never/returns");
	flush(&file, SST_FRAME_ROWS, 5 * MS);
	thread(&file, 920, 920, "waits");
	call(&file, 1 * MS, 1, "openat", SST_OK, 3, 7 * MS, ARGS(CWD, 0x1000, 0));
	thread(&file, 920, 921, "waits");
	call(&file, 1 * MS, 1, "readlink", SST_OK, 6, 8 * MS, ARGS(0x1000, 0x2000, 64));
	points_to(&file, 0, 0, "link");
	points_to(&file, 1, SST_CAPTURE_LATE, "target");
	thread(&file, 920, 922, "waits");
	call(&file, 2 * MS, 1, "unlink", SST_OK, 0, 9 * MS, ARGS(0x1000));
	points_to(&file, 0, SST_CAPTURE_LATE, "at/exit");
	flush(&file, SST_FRAME_LATE, 20 * MS);
	thread(&file, 920, 920, "waits");
	ok(&file, 21 * MS, 2, "read", 0, 100);
	flush(&file, SST_FRAME_ROWS, 30 * MS);
	finish(&file, "late-text");
}

static void make_others(void)
{
	static unsigned char text[] = "time\tpid\ttid\n0.1\t1\t1\n";
	struct file file, not_sst = {.data = text, .len = sizeof(text) - 1};

	store(&not_sst, not_sst.len, "not-sst");
	start(&file, 9);
	finish(&file, "empty");
	start(&file, 10);
	raise_version(file.data);
	finish(&file, "newer");
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: make DIRECTORY\n");
		return 2;
	}
	directory = argv[1];
	make_states();
	make_threads();
	make_gaps();
	make_hostile();
	make_late();
	make_extreme();
	make_parts();
	make_overlapping();
	make_processes();
	make_files();
	make_late_text();
	make_others();
	return 0;
}
