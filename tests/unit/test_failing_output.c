/*
 * test_failing_output.c - the N-th system call or allocation of a recording's output fails, for every N: what is there
 * afterwards can be read, ends where it says, and tells what is missing.
 *
 * A recording is written as the recorder does it, frame by frame, also in parts, and what writing it asks of the system
 * and the C library is counted; linked with --wrap.
 */
#include "../../tracer/output.h"
#include "../../tracer/parts.h"
#include "gen_rows.h"
#include "memory.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cmocka.h>

/* --- what fails ------------------------------------------------------------------------------------------ */

enum kind { NOTHING, CALLS, WRITES, MEMORY };

static struct {
	enum kind kind; /* CALLS: writes as well */
	int error;      /* 0: none fails, a write may do half only */
	bool sticky;    /* all that follow fail as well */
	bool half;      /* the last write that succeeds does half of it */
	bool halved;
	long n;      /* so many succeed before */
	long failed; /* so many have failed */
} plan;

static bool is_counted(enum kind kind)
{
	return plan.kind == kind || (plan.kind == CALLS && kind == WRITES);
}

static bool fails(enum kind kind)
{
	if (!is_counted(kind))
		return false;
	if (plan.n > 0) {
		plan.n--;
		return false;
	}
	if (!plan.error || (plan.failed && !plan.sticky))
		return false;
	plan.failed++;
	errno = plan.error;
	return true;
}

/* WRAP(returned when it fails, type, name, parameters, arguments) */
#define WRAP(failure, kind, type, name, parameters, arguments)                                                         \
	type __real_##name parameters;                                                                                 \
	type __wrap_##name parameters;                                                                                 \
	type __wrap_##name parameters                                                                                  \
	{                                                                                                              \
		return fails(kind) ? (failure) : __real_##name arguments;                                              \
	}

WRAP(NULL, MEMORY, void *, malloc, (size_t size), (size))
WRAP(NULL, MEMORY, void *, calloc, (size_t n, size_t size), (n, size))
WRAP(NULL, MEMORY, void *, realloc, (void *p, size_t size), (p, size))
WRAP(NULL, MEMORY, void *, reallocarray, (void *p, size_t n, size_t size), (p, n, size))
WRAP(NULL, MEMORY, char *, strdup, (const char *text), (text))
WRAP(NULL, MEMORY, char *, strndup, (const char *text, size_t n), (text, n))
WRAP(-1, CALLS, int, renameat, (int from, const char *a, int to, const char *b), (from, a, to, b))
WRAP(-1, CALLS, int, unlinkat, (int dir, const char *name, int flags), (dir, name, flags))
WRAP(-1, CALLS, int, fchmod, (int fd, mode_t mode), (fd, mode))
WRAP(-1, CALLS, int, fstat64, (int fd, struct stat *file), (fd, file))
WRAP(-1, CALLS, int, fstatat64, (int dir, const char *name, struct stat *file, int flags), (dir, name, file, flags))
WRAP(-1, CALLS, int, fstatvfs64, (int fd, struct statvfs *fs), (fd, fs))
WRAP(-1, CALLS, int, ftruncate64, (int fd, off_t size), (fd, size))
WRAP(-1, CALLS, off_t, lseek64, (int fd, off_t offset, int whence), (fd, offset, whence))
WRAP(-1, CALLS, ssize_t, getrandom, (void *data, size_t n, unsigned flags), (data, n, flags))

/* Nothing is gained by waiting for the disk. */
int __wrap_fsync(int fd);
int __wrap_fdatasync(int fd);

int __wrap_fsync(int fd)
{
	(void)fd;
	return fails(CALLS) ? -1 : 0;
}

int __wrap_fdatasync(int fd)
{
	return __wrap_fsync(fd);
}

/* Closing closes, whatever it says. */
int __real_close(int fd);
int __wrap_close(int fd);
int __wrap_close(int fd)
{
	int saved = errno, err = __real_close(fd);

	if (!fails(CALLS))
		errno = saved;
	else
		err = -1;
	return err;
}

int __real_openat64(int dir, const char *name, int flags, mode_t mode);
int __wrap_openat64(int dir, const char *name, int flags, ...);
int __wrap_openat64(int dir, const char *name, int flags, ...)
{
	mode_t mode = 0;
	va_list args;

	va_start(args, flags);
	if (flags & O_CREAT)
		mode = va_arg(args, mode_t);
	va_end(args);
	return fails(CALLS) ? -1 : __real_openat64(dir, name, flags, mode);
}

int __real_fcntl64(int fd, int command, long argument);
int __wrap_fcntl64(int fd, int command, ...);
int __wrap_fcntl64(int fd, int command, ...)
{
	long argument;
	va_list args;

	va_start(args, command);
	argument = command == F_GETFL || command == F_GETFD ? 0 : va_arg(args, int);
	va_end(args);
	return fails(CALLS) ? -1 : __real_fcntl64(fd, command, argument);
}

ssize_t __real_write(int fd, const void *data, size_t len);
ssize_t __wrap_write(int fd, const void *data, size_t len);
ssize_t __wrap_write(int fd, const void *data, size_t len)
{
	if (is_counted(WRITES) && plan.half && !plan.halved && plan.n == 0 && len > 1) {
		plan.halved = true;
		return __real_write(fd, data, len / 2);
	}
	return fails(WRITES) ? -1 : __real_write(fd, data, len);
}

int __wrap_asprintf(char **text, const char *format, ...) __attribute__((format(printf, 2, 3)));
int __wrap_asprintf(char **text, const char *format, ...)
{
	va_list args;
	int n;

	if (fails(MEMORY))
		return -1;
	va_start(args, format);
	n = vasprintf(text, format, args);
	va_end(args);
	return n;
}

/* Warnings are not what is looked at here. */
void __wrap_warn(const char *format, ...);
void __wrap_warn(const char *format, ...)
{
	(void)format;
}

/* --- a recording, as recorder.c and framer.c make it ------------------------------------------------------ */

#define BATCHES 6

static struct sst_rows *given[BATCHES];
static char folder[64], before[4096];

struct shape {
	const char *name; /* of the file */
	bool force, rotate, sync;
	unsigned keep;
};

struct outcome {
	int err;          /* what the recorder would say */
	bool stopped;     /* ... or that there is no next part */
	bool committed;   /* the file has its name */
	bool torn;        /* it knows that the file ends within a frame */
	uint64_t written; /* rows that were taken */
	uint64_t lost;    /* and rows that were not */
	bool accounted;
};

static uint64_t rows_given(void)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < BATCHES; i++)
		sum += given[i]->n;
	return sum;
}

/* What could not be written as a gap of nobody, as framer.c does it in a pinch. */
static bool account(struct parts *parts, struct sst_rows *rows, uint64_t lost)
{
	struct sst_gap gap = {.time = 1, .until = 1, .count = lost, .cause = SST_CAUSE_WRITE};

	if (lost == 0)
		return true;
	sst_rows_clear(rows);
	return parts_retry(parts) && sst_rows_gap(rows, &gap) == 0 &&
	       parts_rows(parts, rows, SST_FRAME_ROWS, UINT64_MAX) == 0;
}

static void record(struct parts *parts, struct sst_rows *spare, struct outcome *o)
{
	for (unsigned i = 0; i < BATCHES; i++) {
		int err = o->err;

		if (!err)
			parts_care(parts);
		err = err ? err : parts_rows(parts, given[i], SST_FRAME_ROWS, given[i]->time[given[i]->n - 1]);
		o->err = o->err ? o->err : err;
		if (err)
			o->lost += given[i]->n;
		else
			o->written += given[i]->n;
	}
	o->accounted = account(parts, spare, o->lost);
	if (o->accounted) {
		int err = parts_end(parts, "test", 1);

		o->err = o->err ? o->err : err;
	}
	if (!o->err && parts->config.sync)
		o->err = parts_sync(parts);
	o->stopped = parts_error(parts) != NULL;
}

/* From open to close. */
static struct outcome run(const struct shape *shape, struct sst_rows *spare)
{
	static const struct invoker nobody_known;
	struct output output = {.fd = -1, .dir = -1};
	struct parts parts = {.output = &output};
	struct outcome o = {0};
	struct sst_meta meta = {0};
	struct message error;
	const char *file = shape->name;
	int err;

	parts.config = (struct parts_config){.file = file,
					     .rotate = shape->rotate,
					     .force = shape->force,
					     .sync = shape->sync,
					     .size = shape->rotate ? 1 : 0,
					     .keep = shape->keep};
	if (shape->rotate) {
		parts.path = output_part_path(file, 1);
		if (!parts.path)
			return (struct outcome){.err = -ENOMEM};
		file = parts.path;
	}
	o.err = output_open(&output, file, shape->force, &nobody_known, &error);
	if (!o.err)
		o.err = sst_meta_set(&meta, "recorder", "test");
	if (!o.err)
		o.err = parts_begin(&parts, &meta);
	if (!o.err)
		o.err = output_commit(&output, &error);
	sst_meta_clear(&meta);
	if (o.err) {
		output_discard(&output);
		parts_free(&parts);
		return o;
	}
	o.committed = true;
	record(&parts, spare, &o);
	o.torn = output.torn;
	err = output_close(&output);
	o.err = o.err ? o.err : err;
	parts_free(&parts);
	return o;
}

/* --- what is there then ---------------------------------------------------------------------------------- */

struct found {
	unsigned files, ended, cut;
	uint64_t rows, lost; /* lost: by gaps */
	bool old;            /* what was there before is there still */
	bool stray;          /* something else is there, too */
};

static uint64_t gaps_of(const struct sst_rows *rows)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < rows->n_gaps; i++)
		sum += rows->gaps[i].cause == SST_CAUSE_WRITE ? rows->gaps[i].count : 0;
	return sum;
}

/* Every frame that is there must be good, and END must not say more or less than what is before it. */
static void read_recording(struct memory *m, struct found *found)
{
	struct sst_reader *r = memory_open(m, false);
	struct sst_rows *rows = sst_rows_new();
	struct sst_meta meta = {0};
	struct sst_frame frame;
	uint64_t n = 0;
	int got;

	while ((got = sst_reader_next(r, &frame)) != 0) {
		if (got < 0) {
			assert_true(got == SST_E_NO_END || got == SST_E_CUT);
			found->cut += got == SST_E_CUT;
			continue;
		}
		assert_int_equal(sst_reader_load(r, &frame), 0);
		if (frame.type == SST_FRAME_ROWS) {
			assert_int_equal(sst_frame_rows(&frame, rows, SST_ALL_COLUMNS), 0);
			n += rows->n;
			found->lost += gaps_of(rows);
			assert_int_equal(frame.rows_total, n);
			continue;
		}
		assert_int_equal(sst_frame_meta(&frame, &meta), 0);
		if (frame.type == SST_FRAME_END) {
			found->ended++;
			assert_int_equal(sst_meta_u64(&meta, "rows", UINT64_MAX), n);
		}
	}
	found->rows += n;
	sst_meta_clear(&meta);
	sst_rows_free(rows);
	sst_reader_free(r);
}

static void look_at(const char *name, struct found *found)
{
	static uint8_t data[1 << 20];
	int fd = open(name, O_RDONLY);
	ssize_t len = read(fd, data, sizeof(data));
	struct memory m = {.data = data, .len = (size_t)len};

	assert_in_range(len, 0, sizeof(data) - 1);
	close(fd);
	if (len == 3 && memcmp(data, "old", 3) == 0) {
		found->old = true;
		return;
	}
	found->files++;
	read_recording(&m, found);
}

static struct found look(void)
{
	struct found found = {0};
	struct dirent *entry;
	DIR *dir = opendir(".");

	while ((entry = readdir(dir))) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (strncmp(entry->d_name, "trace", 5) == 0)
			look_at(entry->d_name, &found);
		else
			found.stray = true;
	}
	closedir(dir);
	return found;
}

static void clear_folder(void)
{
	struct dirent *entry;
	DIR *dir = opendir(".");

	while ((entry = readdir(dir)))
		unlink(entry->d_name);
	closedir(dir);
}

static int count_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

static void put_old(const char *name)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_int_equal(write(fd, "old", 3), 3);
	close(fd);
}

/* What must be true whatever has failed. */
static void check(const struct shape *shape, const struct outcome *o, const struct found *f)
{
	bool all = f->rows + f->lost == rows_given();

	if (!o->committed) { /* nothing has happened */
		assert_true(o->err != 0);
		if (!plan.sticky)
			assert_int_equal(f->files, 0);
		return;
	}
	assert_true(f->files > 0);
	/* One without an end; and where nothing works any more the next part, which could not be taken away. */
	assert_true(f->ended + 1 + (plan.sticky && plan.kind == CALLS) >= f->files);
	assert_int_equal(o->written + o->lost, rows_given());
	if (!shape->keep)
		assert_true(f->rows == o->written);
	/* A whole end: nothing is missing, or it is told. */
	if (f->ended == f->files && !shape->keep)
		assert_true(all);
	if (f->ended < f->files)
		assert_true(o->err || o->stopped);
	if (!o->err && !o->stopped) {
		assert_int_equal(o->lost, 0);
		assert_int_equal(f->ended, f->files);
		assert_false(f->stray);
	}
	if (f->cut)
		assert_true((o->torn && o->err) || (o->stopped && plan.sticky && plan.kind == CALLS));
}

/* The N-th fails, for every N. */
static void try_all(const struct shape *shape, enum kind kind, int error, bool sticky, bool half)
{
	struct sst_rows *spare = sst_rows_new();
	long n = 0, failed;

	do {
		int descriptors;
		struct outcome o;
		struct found f;

		clear_folder();
		if (shape->force)
			put_old(shape->rotate ? "trace.00001.sst" : "trace.sst");
		descriptors = count_descriptors();
		memset(&plan, 0, sizeof(plan));
		plan.error = error;
		plan.sticky = sticky;
		plan.half = half;
		plan.n = n++;
		plan.kind = kind;
		o = run(shape, spare);
		plan.kind = NOTHING;
		failed = plan.failed + plan.halved;
		assert_int_equal(count_descriptors(), descriptors);
		f = look();
		plan.kind = kind;
		check(shape, &o, &f);
		plan.kind = NOTHING;
		if (!failed)
			assert_true(o.err == 0 && !o.stopped && f.rows > 0);
		/* What is interrupted or done by halves goes on. */
		if (kind == WRITES && !sticky && (error == EINTR || error == 0))
			assert_true(o.err == 0 && !o.stopped);
		/* Until the new file is there the old one stays. */
		if (shape->force && !o.committed && !sticky && kind != CALLS)
			assert_true(f.old);
	} while (failed);
	assert_in_range(n, 5, 3000);
	sst_rows_free(spare);
}

static const struct shape shapes[] = {
	{.name = "trace.sst"},
	{.name = "trace.sst", .force = true, .sync = true},
	{.name = "trace.sst", .rotate = true},
	{.name = "trace.sst", .rotate = true, .force = true, .sync = true, .keep = 2},
};

#define SHAPES (sizeof(shapes) / sizeof(shapes[0]))

static void every_call_fails(void **state)
{
	static const int errors[] = {ENOSPC, EIO, EINTR};

	(void)state;
	for (size_t i = 0; i < SHAPES; i++)
		for (size_t e = 0; e < sizeof(errors) / sizeof(errors[0]); e++)
			try_all(&shapes[i], CALLS, errors[e], false, false);
}

static void every_call_fails_from_one_on(void **state)
{
	(void)state;
	for (size_t i = 0; i < SHAPES; i++) {
		try_all(&shapes[i], CALLS, ENOSPC, true, false);
		try_all(&shapes[i], CALLS, EIO, true, true);
	}
}

static void every_write_fails(void **state)
{
	static const int errors[] = {ENOSPC, EIO, EINTR, EFBIG, EPIPE};

	(void)state;
	for (size_t i = 0; i < SHAPES; i++)
		for (size_t e = 0; e < sizeof(errors) / sizeof(errors[0]); e++)
			try_all(&shapes[i], WRITES, errors[e], false, e % 2);
}

static void every_write_fails_from_one_on(void **state)
{
	(void)state;
	for (size_t i = 0; i < SHAPES; i++) {
		try_all(&shapes[i], WRITES, ENOSPC, true, true);
		try_all(&shapes[i], WRITES, EIO, true, false);
	}
}

static void writes_are_short(void **state)
{
	(void)state;
	for (size_t i = 0; i < SHAPES; i++)
		try_all(&shapes[i], WRITES, 0, false, true);
}

static void every_allocation_fails(void **state)
{
	(void)state;
	for (size_t i = 0; i < SHAPES; i++) {
		try_all(&shapes[i], MEMORY, ENOMEM, false, false);
		try_all(&shapes[i], MEMORY, ENOMEM, true, false);
	}
}

static int enter_folder(void **state)
{
	struct gen g = gen_new(9);

	(void)state;
	for (unsigned i = 0; i < BATCHES; i++) {
		given[i] = sst_rows_new();
		gen_realistic(&g, given[i], 60 + i * 20, 3);
		given[i]->n_gaps = 0; /* only losses of the test's own */
	}
	snprintf(folder, sizeof(folder), "/tmp/sysstream-failing.XXXXXX");
	return !getcwd(before, sizeof(before)) || !mkdtemp(folder) || chdir(folder);
}

static int leave_folder(void **state)
{
	(void)state;
	clear_folder();
	for (unsigned i = 0; i < BATCHES; i++)
		sst_rows_free(given[i]);
	return chdir(before) || rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_call_fails),  cmocka_unit_test(every_call_fails_from_one_on),
		cmocka_unit_test(every_write_fails), cmocka_unit_test(every_write_fails_from_one_on),
		cmocka_unit_test(writes_are_short),  cmocka_unit_test(every_allocation_fails),
	};

	return cmocka_run_group_tests_name("failing output", tests, enter_folder, leave_folder);
}
