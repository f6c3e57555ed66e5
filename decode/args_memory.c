/* args_memory.c - structures that arguments point to: see args_put.h */
#include "args_put.h"

#include <time.h>

#include "format/abi.h"

typedef char *put_element(const struct printer *printer, char *p, const struct memory *memory);

static char *put_field(const struct printer *printer, char *p, const char *name, const struct memory *memory,
		       size_t offset, unsigned width)
{
	p = put_string(p, name);
	return put_u64(p, number_at(printer, memory, offset, width));
}

/* [a, b, ...]: elements of size bytes each, as many as there are whole ones. */
static char *put_array(const struct printer *printer, char *p, const struct memory *memory, size_t size,
		       put_element *put)
{
	size_t at = 0;

	*p++ = '[';
	for (; at + size <= memory->len && p < printer->end; at += size) {
		struct memory element = part_of(memory, at, size);

		if (at > 0)
			p = PUT(p, ", ");
		p = put(printer, p, &element);
	}
	if (at < memory->len || memory->cut)
		p = at > 0 ? PUT(p, ", ...") : PUT(p, "...");
	*p++ = ']';
	return p;
}

/* --- numbers */

static char *put_s32(const struct printer *printer, char *p, const struct memory *memory)
{
	return put_i64(p, signed_at(printer, memory, 0, 4));
}

static char *put_u32(const struct printer *printer, char *p, const struct memory *memory)
{
	return put_u64(p, number_at(printer, memory, 0, 4));
}

static char *put_s64(const struct printer *printer, char *p, const struct memory *memory)
{
	return put_i64(p, signed_at(printer, memory, 0, 8));
}

static char *put_long(const struct printer *printer, char *p, const struct memory *memory)
{
	return put_i64(p, signed_at(printer, memory, 0, width_of_long(printer)));
}

static char *put_ulong(const struct printer *printer, char *p, const struct memory *memory)
{
	return put_u64(p, long_at(printer, memory, 0, 0));
}

static char *put_long_hex(const struct printer *printer, char *p, const struct memory *memory)
{
	return put_hash_hex(p, long_at(printer, memory, 0, 0));
}

static char *put_id(const struct printer *printer, char *p, const struct memory *memory)
{
	return put_uid(p, number_at(printer, memory, 0, 4));
}

static char *put_id16(const struct printer *printer, char *p, const struct memory *memory)
{
	uint64_t id = number_at(printer, memory, 0, 2);

	return id == 0xffff ? PUT(p, "-1") : put_u64(p, id);
}

/* --- times */

static char *put_pair(char *p, const char *first, int64_t a, const char *second, int64_t b)
{
	p = put_i64(put_string(p, first), a);
	p = put_i64(put_string(p, second), b);
	*p++ = '}';
	return p;
}

static char *put_timespec_of(const struct printer *printer, char *p, const struct memory *memory, unsigned width)
{
	return put_pair(p, "{tv_sec=", signed_at(printer, memory, 0, width),
			", tv_nsec=", signed_at(printer, memory, width, width));
}

static char *put_timespec(const struct printer *printer, char *p, const struct memory *memory)
{
	return put_timespec_of(printer, p, memory, width_of_long(printer));
}

static char *put_timespec64(const struct printer *printer, char *p, const struct memory *memory)
{
	return put_timespec_of(printer, p, memory, 8);
}

static char *put_timeval(const struct printer *printer, char *p, const struct memory *memory)
{
	unsigned width = width_of_long(printer);

	return put_pair(p, "{tv_sec=", signed_at(printer, memory, 0, width),
			", tv_usec=", signed_at(printer, memory, width, width));
}

/* " / * 2023-11-14T22:13:20.5+0100 * /", as dates of files are explained; in the time zone of this machine. */
static char *put_date(char *p, int64_t seconds, int64_t fraction, unsigned digits)
{
	time_t t = (time_t)seconds;
	char text[64];
	struct tm tm;

	if ((seconds == 0 && fraction == 0) || !localtime_r(&t, &tm) ||
	    !strftime(text, sizeof(text), " /* %Y-%m-%dT%H:%M:%S", &tm))
		return p;
	p = put_string(p, text);
	if (fraction > 0) {
		*p++ = '.';
		for (unsigned i = digits; i > 0; i--, fraction /= 10)
			p[i - 1] = (char)('0' + fraction % 10);
		p += digits;
	}
	if (strftime(text, sizeof(text), "%z */", &tm))
		p = put_string(p, text);
	return p;
}

#define UTIME_NOW_NS  ((1 << 30) - 1)
#define UTIME_OMIT_NS ((1 << 30) - 2)

static char *put_utimespec_of(const struct printer *printer, char *p, const struct memory *memory, unsigned width)
{
	int64_t seconds = signed_at(printer, memory, 0, width), ns = signed_at(printer, memory, width, width);

	if (ns == UTIME_NOW_NS)
		return PUT(p, "UTIME_NOW");
	if (ns == UTIME_OMIT_NS)
		return PUT(p, "UTIME_OMIT");
	p = put_timespec_of(printer, p, memory, width);
	return ns >= 0 && ns < NS_PER_S ? put_date(p, seconds, ns, 9) : p;
}

static char *put_utimespec(const struct printer *printer, char *p, const struct memory *memory)
{
	return put_utimespec_of(printer, p, memory, width_of_long(printer));
}

static char *put_utimespec64(const struct printer *printer, char *p, const struct memory *memory)
{
	return put_utimespec_of(printer, p, memory, 8);
}

static char *put_utimeval(const struct printer *printer, char *p, const struct memory *memory)
{
	unsigned width = width_of_long(printer);
	int64_t us = signed_at(printer, memory, width, width);

	p = put_timeval(printer, p, memory);
	return us >= 0 && us < 1000000 ? put_date(p, signed_at(printer, memory, 0, width), us, 6) : p;
}

static char *put_utimbuf(const struct printer *printer, char *p, const struct memory *memory)
{
	unsigned width = width_of_long(printer);
	int64_t access = signed_at(printer, memory, 0, width), change = signed_at(printer, memory, width, width);

	p = put_date(put_i64(PUT(p, "{actime="), access), access, 0, 0);
	p = put_date(put_i64(PUT(p, ", modtime="), change), change, 0, 0);
	*p++ = '}';
	return p;
}

static char *put_interval(const struct printer *printer, char *p, const struct memory *memory, put_element *put)
{
	struct memory interval = part_of(memory, 0, memory->len / 2);
	struct memory value = part_of(memory, memory->len / 2, memory->len / 2);

	p = put(printer, PUT(p, "{it_interval="), &interval);
	p = put(printer, PUT(p, ", it_value="), &value);
	*p++ = '}';
	return p;
}

static char *put_itimerval(const struct printer *printer, char *p, const struct memory *memory)
{
	return put_interval(printer, p, memory, put_timeval);
}

static char *put_itimerspec(const struct printer *printer, char *p, const struct memory *memory)
{
	return put_interval(printer, p, memory, put_timespec);
}

static char *put_itimerspec64(const struct printer *printer, char *p, const struct memory *memory)
{
	return put_interval(printer, p, memory, put_timespec64);
}

static char *put_timezone(const struct printer *printer, char *p, const struct memory *memory)
{
	return put_pair(p, "{tz_minuteswest=", signed_at(printer, memory, 0, 4),
			", tz_dsttime=", signed_at(printer, memory, 4, 4));
}

static char *put_tms(const struct printer *printer, char *p, const struct memory *memory)
{
	static const char *const names[] = {"{tms_utime=", ", tms_stime=", ", tms_cutime=", ", tms_cstime="};

	for (size_t i = 0; i < 4; i++)
		p = put_ticks(put_string(p, names[i]), long_at(printer, memory, 0, i));
	*p++ = '}';
	return p;
}

/* --- files */

struct stat_layout {
	uint8_t mode, mode_width, rdev, rdev_width, size, size_width;
};

static const struct stat_layout *stat_layout_of(unsigned abi, unsigned kind)
{
	static const struct stat_layout usual = {24, 4, 40, 8, 48, 8}, generic = {16, 4, 32, 8, 48, 8};
	static const struct stat_layout old32 = {8, 2, 16, 2, 20, 4}, ppc = {8, 4, 24, 4, 28, 4};
	static const struct stat_layout big_file = {16, 4, 32, 8, 48, 8}, big_file_i386 = {16, 4, 32, 8, 44, 8};

	if (kind == SST_KIND_STAT64 && sst_abi_bits(abi) == 32)
		return abi == SST_ABI_I386 ? &big_file_i386 : &big_file;
	switch (abi) {
	case SST_ABI_AARCH64:
	case SST_ABI_RISCV64:
		return &generic;
	case SST_ABI_I386:
	case SST_ABI_ARM:
	case SST_ABI_S390:
		return &old32;
	case SST_ABI_PPC:
		return &ppc;
	default:
		return &usual;
	}
}

/* {st_mode=S_IFREG|0644, st_size=832, ...} */
static char *put_stat_fields(const struct printer *printer, char *p, uint64_t mode, uint64_t device, uint64_t size)
{
	unsigned type = mode & 0170000;

	p = put_file_mode(printer, PUT(p, "{st_mode="), mode);
	if (type == 0020000 || type == 0060000)
		p = put_device(PUT(p, ", st_rdev="), device);
	else
		p = put_u64(PUT(p, ", st_size="), size);
	return PUT(p, ", ...}");
}

static char *put_stat_of(const struct printer *printer, char *p, const struct memory *memory, unsigned kind)
{
	const struct stat_layout *at = stat_layout_of(printer->abi, kind);

	return put_stat_fields(printer, p, number_at(printer, memory, at->mode, at->mode_width),
			       number_at(printer, memory, at->rdev, at->rdev_width),
			       number_at(printer, memory, at->size, at->size_width));
}

static char *put_stat(const struct printer *printer, char *p, const struct memory *memory)
{
	return put_stat_of(printer, p, memory, SST_KIND_STAT);
}

static char *put_stat64(const struct printer *printer, char *p, const struct memory *memory)
{
	return put_stat_of(printer, p, memory, SST_KIND_STAT64);
}

static char *put_oldstat(const struct printer *printer, char *p, const struct memory *memory)
{
	return put_stat_fields(printer, p, number_at(printer, memory, 4, 2), number_at(printer, memory, 12, 2),
			       number_at(printer, memory, 16, 4));
}

static char *put_statx(const struct printer *printer, char *p, const struct memory *memory)
{
	p = put_flags(printer, PUT(p, "{stx_mask="), SYMBOLS_statx, number_at(printer, memory, 0, 4));
	p = put_flags(printer, PUT(p, ", stx_attributes="), SYMBOLS_statx_attr, number_at(printer, memory, 8, 8));
	p = put_file_mode(printer, PUT(p, ", stx_mode="), number_at(printer, memory, 28, 2));
	p = put_field(printer, p, ", stx_size=", memory, 40, 8);
	return PUT(p, ", ...}");
}

/*
 * Numbers of two widths: of the type and so on, and of blocks and files. They differ on 32-bit ABIs with 64-bit files
 * and on s390x.
 */
static char *put_statfs_of(const struct printer *printer, char *p, const struct memory *memory, unsigned narrow,
			   unsigned wide)
{
	static const char *const counts[] = {", f_blocks=", ", f_bfree=", ", f_bavail=", ", f_files=", ", f_ffree="};
	size_t at = 2 * narrow;

	p = put_enum(printer, PUT(p, "{f_type="), SYMBOLS_fs_magic, number_at(printer, memory, 0, narrow));
	p = put_field(printer, p, ", f_bsize=", memory, narrow, narrow);
	for (size_t i = 0; i < 5; i++, at += wide)
		p = put_field(printer, p, counts[i], memory, at, wide);
	p = put_hash_hex(PUT(p, ", f_fsid={val=["), number_at(printer, memory, at, 4));
	p = put_hash_hex(PUT(p, ", "), number_at(printer, memory, at + 4, 4));
	at += 8;
	p = put_field(printer, p, "]}, f_namelen=", memory, at, narrow);
	p = put_field(printer, p, ", f_frsize=", memory, at + narrow, narrow);
	p = put_flags(printer, PUT(p, ", f_flags="), SYMBOLS_statfs_flag,
		      number_at(printer, memory, at + 2 * narrow, narrow));
	*p++ = '}';
	return p;
}

static char *put_statfs(const struct printer *printer, char *p, const struct memory *memory)
{
	if (printer->abi == SST_ABI_S390X)
		return put_statfs_of(printer, p, memory, 4, 8);
	return put_statfs_of(printer, p, memory, width_of_long(printer), width_of_long(printer));
}

static char *put_statfs64(const struct printer *printer, char *p, const struct memory *memory)
{
	return put_statfs_of(printer, p, memory, printer->abi == SST_ABI_S390X ? 4 : width_of_long(printer), 8);
}

char *put_flock(const struct printer *printer, char *p, const struct memory *memory, bool wide, bool owner)
{
	/* l_start comes with its own alignment, which is 4 on i386. */
	unsigned width = wide ? 8 : width_of_long(printer);
	size_t start = width == 8 && printer->abi != SST_ABI_I386 ? 8 : 4;

	p = put_enum(printer, PUT(p, "{l_type="), SYMBOLS_flock_type, number_at(printer, memory, 0, 2));
	p = put_enum(printer, PUT(p, ", l_whence="), SYMBOLS_seek, number_at(printer, memory, 2, 2));
	p = put_i64(PUT(p, ", l_start="), signed_at(printer, memory, start, width));
	p = put_i64(PUT(p, ", l_len="), signed_at(printer, memory, start + width, width));
	if (owner)
		p = put_i64(PUT(p, ", l_pid="), signed_at(printer, memory, start + 2 * width, 4));
	*p++ = '}';
	return p;
}

static char *put_open_how(const struct printer *printer, char *p, const struct memory *memory)
{
	uint64_t flags = number_at(printer, memory, 0, 8), mode = number_at(printer, memory, 8, 8);

	p = put_open_flags(printer, PUT(p, "{flags="), flags);
	if (mode)
		p = put_mode(PUT(p, ", mode="), mode);
	p = put_flags(printer, PUT(p, ", resolve="), SYMBOLS_open_resolve, number_at(printer, memory, 16, 8));
	*p++ = '}';
	return p;
}

static char *put_fdpair(const struct printer *printer, char *p, const struct memory *memory)
{
	*p++ = '[';
	p = put_i64(p, signed_at(printer, memory, 0, 4));
	p = put_i64(PUT(p, ", "), signed_at(printer, memory, 4, 4));
	*p++ = ']';
	return p;
}

/* --- waiting for files */

static char *put_pollfd(const struct printer *printer, char *p, const struct memory *memory)
{
	int64_t fd = signed_at(printer, memory, 0, 4);

	p = put_i64(PUT(p, "{fd="), fd);
	if (fd >= 0)
		p = put_flags(printer, PUT(p, ", events="), SYMBOLS_poll, number_at(printer, memory, 4, 2));
	*p++ = '}';
	return p;
}

/* [{fd=3, revents=POLLIN}]: those with something in it. */
char *put_polled(const struct printer *printer, char *p, const struct memory *memory)
{
	bool begun = false;

	*p++ = '[';
	for (size_t at = 0; at + 8 <= memory->len && p < printer->end; at += 8) {
		uint64_t events = number_at(printer, memory, at + 6, 2);

		if (!events || signed_at(printer, memory, at, 4) < 0)
			continue;
		if (begun)
			p = PUT(p, ", ");
		begun = true;
		p = put_i64(PUT(p, "{fd="), signed_at(printer, memory, at, 4));
		p = put_flags(printer, PUT(p, ", revents="), SYMBOLS_poll, events);
		*p++ = '}';
	}
	*p++ = ']';
	return p;
}

static char *put_epoll_event(const struct printer *printer, char *p, const struct memory *memory)
{
	size_t data = memory->len == 12 ? 4 : 8;

	p = put_flags(printer, PUT(p, "{events="), SYMBOLS_epoll_event, number_at(printer, memory, 0, 4));
	p = put_field(printer, p, ", data={u32=", memory, printer->big ? data + 4 : data, 4);
	p = put_field(printer, p, ", u64=", memory, data, 8);
	return PUT(p, "}}");
}

/* [3 5]: the bits that are set, of long words. */
static char *put_bits(const struct printer *printer, char *p, const struct memory *memory, uint64_t limit)
{
	unsigned width = width_of_long(printer);
	bool begun = false;

	*p++ = '[';
	for (uint64_t bit = 0; bit / 8 < memory->len && bit < limit && p < printer->end; bit++) {
		uint64_t word = number_at(printer, memory, (size_t)(bit / 8 / width * width), width);

		if (!(word >> bit % (8 * width) & 1))
			continue;
		if (begun)
			*p++ = ' ';
		begun = true;
		p = put_u64(p, bit);
	}
	*p++ = ']';
	return p;
}

static char *put_fds(const struct printer *printer, char *p, const struct memory *memory, uint64_t n)
{
	return put_bits(printer, p, memory, n);
}

/* As many file descriptors as the first argument says. */
char *put_fdset_arg(const struct printer *printer, char *p, unsigned i)
{
	struct memory memory = memory_read(printer, i);

	if (!memory.bytes)
		return put_address(p, value_of(printer, i));
	return put_fds(printer, p, &memory, (uint32_t)value_of(printer, 0));
}

static char *put_cpuset(const struct printer *printer, char *p, const struct memory *memory)
{
	return put_bits(printer, p, memory, UINT64_MAX);
}

/* --- processes */

static char *put_limit(char *p, uint64_t limit, unsigned width)
{
	if (width == 4 && limit == UINT32_MAX)
		return PUT(p, "RLIM_INFINITY");
	if (limit == UINT64_MAX)
		return PUT(p, "RLIM64_INFINITY");
	if (limit > 1024 && limit % 1024 == 0)
		return PUT(put_u64(p, limit / 1024), "*1024");
	return put_u64(p, limit);
}

static char *put_rlimit_of(const struct printer *printer, char *p, const struct memory *memory, unsigned width)
{
	p = put_limit(PUT(p, "{rlim_cur="), number_at(printer, memory, 0, width), width);
	p = put_limit(PUT(p, ", rlim_max="), number_at(printer, memory, width, width), width);
	*p++ = '}';
	return p;
}

static char *put_rlimit(const struct printer *printer, char *p, const struct memory *memory)
{
	return put_rlimit_of(printer, p, memory, width_of_long(printer));
}

static char *put_rlimit64(const struct printer *printer, char *p, const struct memory *memory)
{
	return put_rlimit_of(printer, p, memory, 8);
}

static char *put_rusage(const struct printer *printer, char *p, const struct memory *memory)
{
	size_t size = 2 * width_of_long(printer);
	struct memory user = part_of(memory, 0, size), system = part_of(memory, size, size);

	p = put_timeval(printer, PUT(p, "{ru_utime="), &user);
	p = put_timeval(printer, PUT(p, ", ru_stime="), &system);
	return PUT(p, ", ...}");
}

static char *put_utsname(const struct printer *printer, char *p, const struct memory *memory)
{
	struct memory system = part_of(memory, 0, 65), node = part_of(memory, 65, 65);

	p = put_quoted(printer, PUT(p, "{sysname="), system.bytes, strnlen((const char *)system.bytes, system.len));
	p = put_quoted(printer, PUT(p, ", nodename="), node.bytes, strnlen((const char *)node.bytes, node.len));
	return PUT(p, ", ...}");
}

static char *put_sysinfo(const struct printer *printer, char *p, const struct memory *memory)
{
	static const char *const names[] = {
		", totalram=", ", freeram=", ", sharedram=", ", bufferram=", ", totalswap=", ", freeswap="};
	unsigned width = width_of_long(printer);
	size_t at = (size_t)10 * width;

	p = put_i64(PUT(p, "{uptime="), signed_at(printer, memory, 0, width));
	p = put_u64(PUT(p, ", loads=["), long_at(printer, memory, 0, 1));
	p = put_u64(PUT(p, ", "), long_at(printer, memory, 0, 2));
	p = put_u64(PUT(p, ", "), long_at(printer, memory, 0, 3));
	*p++ = ']';
	for (size_t i = 0; i < 6; i++)
		p = put_u64(put_string(p, names[i]), long_at(printer, memory, 0, 4 + i));
	p = put_field(printer, p, ", procs=", memory, at, 2);
	at += width; /* with what aligns the next */
	p = put_field(printer, p, ", totalhigh=", memory, at, width);
	p = put_field(printer, p, ", freehigh=", memory, at + width, width);
	p = put_field(printer, p, ", mem_unit=", memory, at + 2 * width, 4);
	*p++ = '}';
	return p;
}

static char *put_clone_args(const struct printer *printer, char *p, const struct memory *memory)
{
	uint64_t flags = number_at(printer, memory, 0, 8);

	p = put_flags(printer, PUT(p, "{flags="), SYMBOLS_clone3, flags);
	if (flags & 0x1000) /* CLONE_PIDFD */
		p = put_address(PUT(p, ", pidfd="), number_at(printer, memory, 8, 8));
	if (flags & 0x1200000) /* CLONE_CHILD_SETTID, CLONE_CHILD_CLEARTID */
		p = put_address(PUT(p, ", child_tid="), number_at(printer, memory, 16, 8));
	if (flags & 0x100000) /* CLONE_PARENT_SETTID */
		p = put_address(PUT(p, ", parent_tid="), number_at(printer, memory, 24, 8));
	p = put_signal(PUT(p, ", exit_signal="), number_at(printer, memory, 32, 8));
	p = put_address(PUT(p, ", stack="), number_at(printer, memory, 40, 8));
	p = put_hash_hex(PUT(p, ", stack_size="), number_at(printer, memory, 48, 8));
	if (flags & 0x80000) /* CLONE_SETTLS */
		p = put_address(PUT(p, ", tls="), number_at(printer, memory, 56, 8));
	*p++ = '}';
	if (printer->ok && flags & 0x100000) { /* the kernel has put the child's number there */
		p = put_i64(PUT(p, " => {parent_tid=["), row_ret(printer->row));
		p = PUT(p, "]}");
	}
	return p;
}

/* Hexadecimal digits with zeros in front, eight characters with "0x"; of zero there are nothing but zeros. */
static char *put_padded_hex(char *p, uint64_t v)
{
	if (!v)
		return PUT(p, "00000000");
	p = PUT(p, "0x");
	for (unsigned shift = 20; shift > 0 && !(v >> shift); shift -= 4)
		*p++ = '0';
	return put_hex(p, v);
}

/* A segment of the descriptor table, where threads of 32-bit programs keep what is their own. */
static char *put_user_desc(const struct printer *printer, char *p, const struct memory *memory)
{
	static const struct {
		const char *name;
		uint8_t at, mask;
	} fields[] = {{", seg_32bit=", 0, 1},      {", contents=", 1, 3},        {", read_exec_only=", 3, 1},
		      {", limit_in_pages=", 4, 1}, {", seg_not_present=", 5, 1}, {", useable=", 6, 1}};
	uint64_t bits = number_at(printer, memory, 12, 4);

	p = put_i64(PUT(p, "{entry_number="), signed_at(printer, memory, 0, 4));
	p = put_padded_hex(PUT(p, ", base_addr="), number_at(printer, memory, 4, 4));
	p = put_padded_hex(PUT(p, ", limit="), number_at(printer, memory, 8, 4));
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		p = put_u64(put_string(p, fields[i].name), bits >> fields[i].at & fields[i].mask);
	*p++ = '}';
	return p;
}

static char *put_sched_attr(const struct printer *printer, char *p, const struct memory *memory)
{
	p = put_field(printer, p, "{size=", memory, 0, 4);
	p = put_enum(printer, PUT(p, ", sched_policy="), SYMBOLS_sched, number_at(printer, memory, 4, 4));
	p = put_flags(printer, PUT(p, ", sched_flags="), SYMBOLS_sched_flag, number_at(printer, memory, 8, 8));
	p = put_i64(PUT(p, ", sched_nice="), signed_at(printer, memory, 16, 4));
	p = put_field(printer, p, ", sched_priority=", memory, 20, 4);
	p = put_field(printer, p, ", sched_runtime=", memory, 24, 8);
	p = put_field(printer, p, ", sched_deadline=", memory, 32, 8);
	p = put_field(printer, p, ", sched_period=", memory, 40, 8);
	*p++ = '}';
	return p;
}

static char *put_sembuf(const struct printer *printer, char *p, const struct memory *memory)
{
	p = put_field(printer, p, "{sem_num=", memory, 0, 2);
	p = put_i64(PUT(p, ", sem_op="), signed_at(printer, memory, 2, 2));
	p = put_flags(printer, PUT(p, ", sem_flg="), SYMBOLS_sem_flag, number_at(printer, memory, 4, 2));
	*p++ = '}';
	return p;
}

/* --- buffers */

static char *put_iovec(const struct printer *printer, char *p, const struct memory *memory)
{
	p = put_address(PUT(p, "{iov_base="), long_at(printer, memory, 0, 0));
	p = put_u64(PUT(p, ", iov_len="), long_at(printer, memory, 0, 1));
	*p++ = '}';
	return p;
}

/* --- the arguments */

/* How one of these kinds is printed; what has brackets even when there is only one; how many bytes it needs. */
static const struct kind {
	put_element *put;
	bool brackets;
	uint16_t needs; /* less is of no use */
} kinds[SST_KIND_COUNT] = {
	[SST_KIND_INT] = {put_s32, true, 4},
	[SST_KIND_UINT] = {put_u32, true, 4},
	[SST_KIND_LONG] = {put_long, true, 4},
	[SST_KIND_ULONG] = {put_ulong, true, 4},
	[SST_KIND_LHEX] = {put_long_hex, true, 4},
	[SST_KIND_LOFF] = {put_s64, true, 8},
	[SST_KIND_UID] = {put_id, true, 4},
	[SST_KIND_UID16] = {put_id16, true, 2},
	[SST_KIND_FDPAIR] = {put_fdpair, false, 8},
	[SST_KIND_TIMESPEC] = {put_timespec, false, 8},
	[SST_KIND_TIMESPEC64] = {put_timespec64, false, 16},
	[SST_KIND_FUTEX_TIME] = {put_timespec, false, 8},
	[SST_KIND_FUTEX_TIME64] = {put_timespec64, false, 16},
	[SST_KIND_REMAINING] = {put_timespec, false, 8},
	[SST_KIND_REMAINING64] = {put_timespec64, false, 16},
	[SST_KIND_UTIMESPEC] = {put_utimespec, true, 8},
	[SST_KIND_UTIMESPEC64] = {put_utimespec64, true, 16},
	[SST_KIND_TIMEVAL] = {put_timeval, false, 8},
	[SST_KIND_TIMEZONE] = {put_timezone, false, 8},
	[SST_KIND_ITIMERVAL] = {put_itimerval, false, 16},
	[SST_KIND_ITIMERSPEC] = {put_itimerspec, false, 16},
	[SST_KIND_ITIMERSPEC64] = {put_itimerspec64, false, 32},
	[SST_KIND_UTIMBUF] = {put_utimbuf, false, 8},
	[SST_KIND_TMS] = {put_tms, false, 16},
	[SST_KIND_POLLFD] = {put_pollfd, true, 8},
	[SST_KIND_EPOLL_EVENT] = {put_epoll_event, true, 12},
	[SST_KIND_RLIMIT] = {put_rlimit, false, 8},
	[SST_KIND_RLIMIT64] = {put_rlimit64, false, 16},
	[SST_KIND_RUSAGE] = {put_rusage, false, 16},
	[SST_KIND_STAT] = {put_stat, false, 24},
	[SST_KIND_STAT64] = {put_stat64, false, 52},
	[SST_KIND_OLDSTAT] = {put_oldstat, false, 20},
	[SST_KIND_STATX] = {put_statx, false, 48},
	[SST_KIND_STATFS] = {put_statfs, false, 48},
	[SST_KIND_STATFS64] = {put_statfs64, false, 68},
	[SST_KIND_UTSNAME] = {put_utsname, false, 130},
	[SST_KIND_SYSINFO] = {put_sysinfo, false, 56},
	[SST_KIND_SIGSET] = {put_sigset, false, 0},
	[SST_KIND_OLD_SIGSET] = {put_sigset, false, 4},
	[SST_KIND_STACK] = {put_sigstack, false, 12},
	[SST_KIND_CLONE_ARGS] = {put_clone_args, false, 64},
	[SST_KIND_USER_DESC] = {put_user_desc, false, 16},
	[SST_KIND_OPEN_HOW] = {put_open_how, false, 24},
	[SST_KIND_IOVEC] = {put_iovec, true, 8},
	[SST_KIND_SEMBUF] = {put_sembuf, true, 6},
	[SST_KIND_CPUSET] = {put_cpuset, false, 0},
	[SST_KIND_SCHED_PARAM] = {put_s32, true, 4},
	[SST_KIND_SCHED_ATTR] = {put_sched_attr, false, 48},
	[SST_KIND_CAP_HEADER] = {put_capability_header, false, 8},
};

/* The size of an element, which a single one in memory has as well. */
static size_t element_size(const struct printer *printer, unsigned i, const struct memory *memory)
{
	struct sst_memory shape;

	if (!sst_memory(printer->abi, printer->signature, i, &shape) || shape.size == 1)
		return memory->len ? memory->len : 1;
	return shape.size;
}

static char *put_pointee(const struct printer *printer, char *p, unsigned i, const struct memory *memory)
{
	const struct sst_arg *arg = &printer->signature->arg[i];
	const struct kind *kind = &kinds[arg->kind];
	bool one = arg->count == SST_COUNT_FIXED && arg->by == 1;

	if (arg->kind == SST_KIND_TIMEVAL && !one)
		return put_array(printer, p, memory, element_size(printer, i, memory), put_utimeval);
	if (arg->kind == SST_KIND_EPOLL_EVENT && one) /* not looked at by EPOLL_CTL_DEL */
		return (uint32_t)value_of(printer, 1) == 2 ? put_address(p, value_of(printer, i))
							   : put_epoll_event(printer, p, memory);
	if (kind->brackets)
		return put_array(printer, p, memory, element_size(printer, i, memory), kind->put);
	return kind->put(printer, p, memory);
}

/* [0] => [100]: of sendfile(), where in the file it goes on. */
static char *put_moved(const struct printer *printer, char *p, unsigned i, const struct memory *before)
{
	struct memory after = memory_written(printer, i);

	if (!after.bytes || strcmp(printer->signature->arg[i].name, "offset") != 0 ||
	    (after.len == before->len && memcmp(after.bytes, before->bytes, after.len) == 0))
		return p;
	return put_pointee(printer, PUT(p, " => "), i, &after);
}

char *put_memory_arg(const struct printer *printer, char *p, unsigned i)
{
	const struct sst_arg *arg = &printer->signature->arg[i];
	const struct kind *kind = &kinds[arg->kind];
	struct memory memory = arg->direction & SST_READS ? memory_read(printer, i) : memory_written(printer, i);
	bool array = arg->count != SST_COUNT_FIXED;

	if (!memory.bytes || !kind->put || (!array && memory.len < kind->needs))
		return put_address(p, value_of(printer, i));
	p = put_pointee(printer, p, i, &memory);
	return arg->direction == (SST_READS | SST_WRITES) ? put_moved(printer, p, i, &memory) : p;
}

char *put_remaining_arg(const struct printer *printer, char *p, unsigned i)
{
	const struct kind *kind = &kinds[printer->signature->arg[i].kind];
	struct memory memory = memory_left(printer, i);

	return memory.len < kind->needs ? put_address(p, value_of(printer, i)) : kind->put(printer, p, &memory);
}
