/*
 * bits32.c - an oracle (tests/oracle/oracle.h says what that is) that is a 32-bit program: the calls of 32 bits, many
 * of which 64-bit programs do not have. For i386 by int 0x80 and by what the kernel gave it for fast ones (sysenter or
 * syscall, as the processor has), for arm by svc.
 *
 *	i386-static FILE [wait]			arm-static likewise
 *	i386-static FILE then PROGRAM		executes PROGRAM FILE back at its end
 *
 * Without a C library, since a 64-bit machine seldom has one of 32 bits; so everything here is calls and loops.
 * Exit status 1: something is wrong; where the kernel runs no 32-bit programs there is none.
 */
#include <asm/unistd.h>
#include <linux/auxvec.h>
#include <stdint.h>

#define F 0x70000000u /* no such descriptor: its place in the table is added */
#define P 0x10u       /* an address in the first page; likewise */
#define N 0x7ffffff1u /* no such process */
#define M 0xffffffffu
#define G 0xfeed0000u /* in the registers that are not declared */

#if defined(__i386__)
#define ABI "i386"
#else
#define ABI "arm"
#endif

#define MARK_BEGIN 0x53535442
#define MARK_END   0x53535445
#define O_CREATE   02101 /* O_WRONLY | O_CREAT | O_APPEND */
#define GET_NAME   16    /* prctl: PR_GET_NAME */

struct known_call {
	const char *name;
	uint32_t nr, nargs, arg[6];
};

/* clang-format off */
#define CALL(name, nargs, ...) {#name, __NR_##name, nargs, {__VA_ARGS__}}
/* clang-format on */

static const struct known_call known_calls[] = {
	CALL(read, 3, F, P, 0x11),
	CALL(write, 3, F, P, 0x12),
	CALL(open, 3, P, 0x13, 0x14),
	CALL(close, 1, F),
	CALL(lchown, 3, P, 0x15, 0x16),
	CALL(lseek, 3, F, 0x17, 0x18),
	CALL(getpid, 0),
	CALL(getppid, 0),
	CALL(getuid, 0),
	CALL(getgid, 0),
	CALL(geteuid, 0),
	CALL(getegid, 0),
	CALL(access, 2, P, 0x19),
	CALL(kill, 2, N, 0),
	CALL(dup, 1, F),
	CALL(pipe, 1, P),
	CALL(brk, 1, 0),
	CALL(ioctl, 3, F, 0x5401, 0xdeadbeef),
	CALL(fcntl, 3, F, 0x1a, 0x1b),
	CALL(umask, 1, 022),
	CALL(dup2, 2, F, F),
	CALL(getpgrp, 0),
	CALL(setreuid, 2, M, M),
	CALL(sigpending, 1, P),
	CALL(getrusage, 2, 0x99, P),
	CALL(gettimeofday, 2, P, P),
	CALL(getgroups, 2, M, P),
	CALL(readlink, 3, P, P, 0x1c),
	CALL(munmap, 2, P, 0x1d),
	CALL(truncate, 2, P, 0x1e),
	CALL(getpriority, 2, 0x99, 0x1f),
	CALL(statfs, 2, P, P),
	CALL(wait4, 4, N, P, 0x95000000, P),
	CALL(sysinfo, 1, P),
	CALL(uname, 1, P),
	CALL(mprotect, 3, P, 0x24, 0x25),
	CALL(_llseek, 5, F, 0x26, 0x27, P, 0x99),
	CALL(_newselect, 5, M, P, P, P, P),
	CALL(flock, 2, F, 0x28),
	CALL(readv, 3, F, P, 1),
	CALL(writev, 3, F, P, 1),
	CALL(fdatasync, 1, F),
	CALL(sched_yield, 0),
	CALL(nanosleep, 2, P, P),
	CALL(mremap, 5, P, 0x29, 0x2a, 0x7f000000, 0x2b),
	CALL(poll, 3, P, 1, 0),
	CALL(prctl, 5, 0x9999, 1, 2, 3, 4),
	CALL(rt_sigprocmask, 4, 0x99, P, P, 8),
	CALL(getcwd, 2, P, 0),
	CALL(sigaltstack, 2, P, P),
	CALL(sendfile, 4, F, F, P, 0x2c),
	CALL(ugetrlimit, 2, 0x99, P),
	CALL(mmap2, 6, P, 0, 0x2d, 0x2e, F, 0x2f),
	CALL(stat64, 2, P, P),
	CALL(lstat64, 2, P, P),
	CALL(fstat64, 2, F, P),
	CALL(getuid32, 0),
	CALL(getgid32, 0),
	CALL(setresuid32, 3, M, M, M),
	CALL(madvise, 3, P, 0x30, 0x31),
	CALL(getdents64, 3, F, P, 0x32),
	CALL(fcntl64, 3, F, 0x33, 0x34),
	CALL(gettid, 0),
	CALL(tkill, 2, N, 0),
	CALL(sendfile64, 4, F, F, P, 0x35),
	CALL(futex, 6, P, 0x7f, 0x36, P, P, 0x37),
	CALL(io_setup, 2, 0, P),
	CALL(epoll_wait, 4, F, P, 0, 0x38),
	CALL(clock_gettime, 2, 0x99, P),
	CALL(statfs64, 3, P, 0x39, P),
	CALL(tgkill, 3, N, N, 0),
	CALL(openat, 4, F, P, 0x3a, 0x3b),
	CALL(fstatat64, 4, F, P, P, 0x7f000000),
	CALL(pselect6, 6, M, P, P, P, P, P),
	CALL(splice, 6, F, P, F, P, 0x3c, 0),
	CALL(vmsplice, 4, F, P, 1, 0),
	CALL(utimensat, 4, F, P, P, 0x7f000000),
	CALL(preadv, 5, F, P, 1, 2, 3),
	CALL(process_vm_readv, 6, N, P, 1, P, 1, 0),
	CALL(socket, 3, 0x99, 0x3d, 0x3e),
	CALL(sendto, 6, F, P, 0x3f, 0x40, P, 0x41),
	CALL(statx, 5, F, P, 0, 0x7ff, P),
	CALL(clock_gettime64, 2, 0x99, P),
	CALL(futex_time64, 6, P, 0x7f, 0x42, P, P, 0x43),
	CALL(pidfd_open, 2, N, 0),
	CALL(close_range, 3, 9, 8, 0),
#if defined(__i386__)
	CALL(waitpid, 3, N, P, 0x95000000),
	CALL(time, 1, P),
	CALL(socketcall, 2, 0x99, P),
	CALL(ipc, 6, 0x99, 0x20, 0x21, 0x22, P, 0x23),
	CALL(set_thread_area, 1, P),
#else
	/* Calls that only this architecture has, with numbers far behind all others. */
	{"cacheflush", 0xf0002, 6, {8, 4, 0, 0x44, 0x45, 0x46}}, /* from 8 to 4 */
	{"syscall_983040", 0xf0000, 6, {0x47, 0x48, 0x49, 0x4a, 0x4b, 0x4c}},
#endif
};

#define CALLS (sizeof(known_calls) / sizeof(known_calls[0]))

static uint32_t vsyscall; /* the kernel's own way in, or 0 */
static int32_t results[2][CALLS];
static char text[1 << 16], comm[16];
static uint32_t length, pid;

#if defined(__i386__)
/* Numbers and arguments in memory: there are no registers to spare, nor may ebp be named. */
static int32_t call(uint32_t entry, uint32_t nr, const uint32_t a[6])
{
	const uint32_t in[8] = {nr, a[0], a[1], a[2], a[3], a[4], a[5], entry};
	int32_t ret;

	__asm__ volatile("push %%ebx\n\t"
			 "push %%ebp\n\t"
			 "push 28(%%eax)\n\t"
			 "mov 4(%%eax), %%ebx\n\t"
			 "mov 8(%%eax), %%ecx\n\t"
			 "mov 12(%%eax), %%edx\n\t"
			 "mov 16(%%eax), %%esi\n\t"
			 "mov 20(%%eax), %%edi\n\t"
			 "mov 24(%%eax), %%ebp\n\t"
			 "mov (%%eax), %%eax\n\t"
			 "cmpl $0, (%%esp)\n\t"
			 "je 1f\n\t"
			 "call *(%%esp)\n\t"
			 "jmp 2f\n"
			 "1:\tint $0x80\n"
			 "2:\tlea 4(%%esp), %%esp\n\t"
			 "pop %%ebp\n\t"
			 "pop %%ebx"
			 : "=a"(ret)
			 : "a"(in)
			 : "ecx", "edx", "esi", "edi", "memory", "cc");
	return ret;
}
#else
static int32_t call(uint32_t entry, uint32_t nr, const uint32_t a[6])
{
	register uint32_t r0 __asm__("r0") = a[0];
	register uint32_t r1 __asm__("r1") = a[1];
	register uint32_t r2 __asm__("r2") = a[2];
	register uint32_t r3 __asm__("r3") = a[3];
	register uint32_t r4 __asm__("r4") = a[4];
	register uint32_t r5 __asm__("r5") = a[5];
	register uint32_t r7 __asm__("r7") = nr;

	(void)entry;
	__asm__ volatile("svc 0" : "+r"(r0) : "r"(r1), "r"(r2), "r"(r3), "r"(r4), "r"(r5), "r"(r7) : "memory", "cc");
	return (int32_t)r0;
}
#endif

static int32_t call3(uint32_t nr, uint32_t a0, uint32_t a1, uint32_t a2)
{
	return call(0, nr, (uint32_t[6]){a0, a1, a2});
}

static void put(const char *s)
{
	while (*s && length < sizeof(text))
		text[length++] = *s++;
}

static void put_number(uint32_t n, uint32_t base)
{
	char digits[12];
	uint32_t i = sizeof(digits) - 1;

	for (digits[i] = 0; n || i == sizeof(digits) - 1; n /= base)
		digits[--i] = "0123456789abcdef"[n % base];
	put(digits + i);
}

static void put_decimal(uint32_t n)
{
	put_number(n, 10);
}

static void arguments(uint32_t n, uint32_t arg[6])
{
	for (uint32_t i = 0; i < 6; i++) {
		uint32_t given = known_calls[n].arg[i], place = n * 6 + i;

		if (i >= known_calls[n].nargs)
			arg[i] = G + place;
		else if (given == F || given == P)
			arg[i] = given + place;
		else
			arg[i] = given;
	}
}

/* A result is an error, negative, or 32 bits that are no more than that. */
static void put_result(int32_t ret)
{
	put("\t");
	if (ret < 0 && ret >= -4095) {
		put("-");
		put_decimal((uint32_t)-ret);
	} else {
		put_decimal((uint32_t)ret);
	}
}

/* How, whose, and which call. */
static void put_beginning(const char *how, uint32_t nr)
{
	put(how);
	put("\t");
	put_decimal(pid);
	put("\t");
	put_decimal(pid);
	put("\t");
	for (uint32_t i = 0; i < sizeof(comm) && comm[i]; i++) {
		put_number((unsigned char)comm[i] >> 4, 16);
		put_number(comm[i] & 15, 16);
	}
	put("\t" ABI "\t");
	put_decimal(nr);
}

static void put_arguments(uint32_t n, const uint32_t *arg)
{
	for (uint32_t i = 0; i < 6; i++) {
		put("\t");
		if (i < n) {
			put("0x");
			put_number(arg[i], 16);
		}
	}
}

static void put_row(uint32_t n, int32_t ret)
{
	uint32_t arg[6];

	arguments(n, arg);
	put_beginning("seq", known_calls[n].nr);
	put_arguments(known_calls[n].nargs, arg);
	put_result(ret);
	put("\tok\t");
	put(known_calls[n].name);
	put("\n");
}

static void make_calls(uint32_t entry, int32_t *ret)
{
	for (uint32_t n = 0; n < CALLS; n++) {
		uint32_t arg[6];

		arguments(n, arg);
		ret[n] = call(entry, known_calls[n].nr, arg);
	}
}

static void wait_for_line(void)
{
	char line[16];

	put("ready ");
	put_decimal(pid);
	put("\n");
	call3(__NR_write, 1, (uint32_t)text, length);
	length = 0;
	call3(__NR_read, 0, (uint32_t)line, sizeof(line));
}

static uint32_t find_vsyscall(const uint32_t *envp)
{
#if defined(__i386__)
	while (*envp++)
		;
	for (; envp[0] != AT_NULL; envp += 2)
		if (envp[0] == AT_SYSINFO)
			return envp[1];
#else
	(void)envp;
#endif
	return 0;
}

/* The rows into the file. 0, or 1 */
static int32_t put_away(uint32_t path)
{
	int32_t fd = call3(__NR_open, path, O_CREATE, 0666);

	return fd < 0 || call3(__NR_write, (uint32_t)fd, (uint32_t)text, length) != (int32_t)length;
}

/* The execve of another program, which may be one of 64 bits; its row is that of a call of 32. */
static int32_t go_on(uint32_t program, uint32_t file)
{
	static const char back[] = "back";
	const uint32_t argv[4] = {program, file, (uint32_t)back, 0}, env[1] = {0};
	const uint32_t arg[3] = {program, (uint32_t)argv, (uint32_t)env};

	put_beginning("has", __NR_execve);
	put_arguments(3, arg);
	put("\t0\tok\texecve\n");
	if (put_away(file))
		return 1;
	call3(__NR_execve, arg[0], arg[1], arg[2]);
	return 1;
}

/* The stack as the kernel made it: argc, argv, 0, environment, 0, auxiliary vector. */
__attribute__((used)) static int32_t begin(const uint32_t *stack)
{
	uint32_t argc = stack[0];

	if (argc < 2)
		return 2;
	vsyscall = find_vsyscall(stack + argc + 2);
	pid = (uint32_t)call3(__NR_getpid, 0, 0, 0);
	call3(__NR_prctl, GET_NAME, (uint32_t)comm, 0);
	if (argc == 3)
		wait_for_line();
	call3(__NR_getpriority, MARK_BEGIN, 0, 0);
	make_calls(0, results[0]);
	if (vsyscall)
		make_calls(vsyscall, results[1]);
	call3(__NR_getpriority, MARK_END, 0, 0);
	for (uint32_t n = 0; n < CALLS; n++)
		put_row(n, results[0][n]);
	for (uint32_t n = 0; vsyscall && n < CALLS; n++)
		put_row(n, results[1][n]);
	return argc > 3 ? go_on(stack[4], stack[2]) : put_away(stack[2]);
}

#if defined(__i386__)
__asm__(".globl _start\n"
	"_start:\tmov %esp, %eax\n\t"
	"and $-16, %esp\n\t"
	"sub $12, %esp\n\t"
	"push %eax\n\t"
	"call begin\n\t"
	"mov %eax, %ebx\n\t"
	"mov $1, %eax\n\t"
	"int $0x80");
#else
__asm__(".globl _start\n"
	"_start:\tmov r0, sp\n\t"
	"bl begin\n\t"
	"mov r7, #1\n\t"
	"svc #0");
#endif
