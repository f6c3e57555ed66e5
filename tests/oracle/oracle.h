/*
 * oracle.h - for programs that make known system calls and write down which rows a recording of them must have.
 *
 *	oracle_begin(argc, argv);		usage: PROGRAM FILE [wait]
 *	struct log *log = oracle_log();		one a thread; in memory that forked children share
 *	log_open(log);				the first marker; rows before it are the C library's business
 *	made(log, 1, SYS_close, 77, ...);	make a call, note it with its result
 *	will(log, "no-return", 1, SYS_exit, 0)	note a call that cannot be noted afterwards
 *	log_close(log);				the second marker
 *	oracle_end();				write FILE
 *
 * With "wait" the program says "ready" and its PID on standard output and waits for a line on standard input: time to
 * attach to it.
 *
 * FILE has a line a row, tab separated: how pid tid comm abi nr arg0 … arg5 ret state name. how is "seq" (the rows of
 * this tid between its markers, exactly, in order) or "has" (the thread has exactly one such row, anywhere). "*" stands
 * for anything; comm is in hex digits; numbers are decimal (ret) and hex (arguments). tests/e2e/compare.py compares.
 */
#ifndef ORACLE_H
#define ORACLE_H

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LOGS       64
#define LOG_ROWS   1024
#define MARK_BEGIN 0x53535442 /* as `which` of getpriority: EINVAL */
#define MARK_END   0x53535445
#define ANY        INT64_MIN       /* as ret: whatever it is */
#define NONE       (INT64_MIN + 1) /* as ret: empty */

#if defined(__x86_64__)
#define NATIVE "x86_64"
#elif defined(__aarch64__)
#define NATIVE "aarch64"
#endif

struct oracle_row {
	const char *how, *abi, *name; /* name: or NULL */
	char state[12], comm[16];
	int pid, tid, nargs;
	uint32_t nr;
	bool any_args;
	uint64_t arg[6];
	int64_t ret;
};

struct log {
	int pid, tid;
	char comm[16]; /* kept up to date by whoever changes it */
	unsigned n;
	struct oracle_row rows[LOG_ROWS];
};

static struct log *oracle_logs;
static unsigned *oracle_n_logs;
static const char *oracle_file;

/* A system call as it is: nothing between this line and the kernel. Returns the result or -errno. */
static inline int64_t call(uint64_t nr, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5)
{
#if defined(__x86_64__)
	register uint64_t r10 __asm__("r10") = a3;
	register uint64_t r8 __asm__("r8") = a4;
	register uint64_t r9 __asm__("r9") = a5;
	int64_t ret;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "a"(nr), "D"(a0), "S"(a1), "d"(a2), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return ret;
#elif defined(__aarch64__)
	register uint64_t x8 __asm__("x8") = nr;
	register uint64_t x0 __asm__("x0") = a0;
	register uint64_t x1 __asm__("x1") = a1;
	register uint64_t x2 __asm__("x2") = a2;
	register uint64_t x3 __asm__("x3") = a3;
	register uint64_t x4 __asm__("x4") = a4;
	register uint64_t x5 __asm__("x5") = a5;

	__asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
	return (int64_t)x0;
#endif
}

static inline int64_t call0(uint64_t nr)
{
	return call(nr, 0, 0, 0, 0, 0, 0);
}

static inline void log_comm(struct log *log)
{
	char name[17] = "";

	prctl(PR_GET_NAME, name);
	memcpy(log->comm, name, sizeof(log->comm));
}

static inline struct log *oracle_log(void)
{
	struct log *log = &oracle_logs[__atomic_fetch_add(oracle_n_logs, 1, __ATOMIC_RELAXED) % LOGS];

	log->n = 0;
	return log;
}

/* To be called by the thread whose log it is. */
static inline void log_open(struct log *log)
{
	log->pid = (int)call0(SYS_getpid);
	log->tid = (int)call0(SYS_gettid);
	log_comm(log);
	call(SYS_getpriority, MARK_BEGIN, 0, 0, 0, 0, 0);
}

static inline void log_close(struct log *log)
{
	(void)log;
	call(SYS_getpriority, MARK_END, 0, 0, 0, 0, 0);
}

static inline struct oracle_row *log_row(struct log *log, const char *state, int nargs, uint64_t nr)
{
	struct oracle_row *row = &log->rows[log->n < LOG_ROWS - 1 ? log->n++ : LOG_ROWS - 1];

	*row = (struct oracle_row){.how = "seq",
				   .abi = NATIVE,
				   .pid = log->pid,
				   .tid = log->tid,
				   .nargs = nargs,
				   .nr = (uint32_t)nr,
				   .ret = NONE};
	memcpy(row->comm, log->comm, sizeof(row->comm));
	snprintf(row->state, sizeof(row->state), "%s", state);
	return row;
}

static inline int64_t made(struct log *log, int nargs, uint64_t nr, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3,
			   uint64_t a4, uint64_t a5)
{
	int64_t ret = call(nr, a0, a1, a2, a3, a4, a5);
	struct oracle_row *row = log_row(log, "ok", nargs, nr);

	memcpy(row->arg, (uint64_t[6]){a0, a1, a2, a3, a4, a5}, sizeof(row->arg));
	row->ret = ret;
	return ret;
}

static inline struct oracle_row *will(struct log *log, const char *state, int nargs, uint64_t nr, uint64_t a0,
				      uint64_t a1, uint64_t a2)
{
	struct oracle_row *row = log_row(log, state, nargs, nr);

	memcpy(row->arg, (uint64_t[6]){a0, a1, a2}, sizeof(row->arg));
	return row;
}

static inline void oracle_wait(void)
{
	char line[16];

	printf("ready %d\n", (int)getpid());
	fflush(stdout);
	if (read(STDIN_FILENO, line, sizeof(line)) < 0)
		exit(1);
}

static inline void oracle_begin(int argc, char **argv)
{
	size_t size = sizeof(*oracle_n_logs) + LOGS * sizeof(struct log);

	if (argc < 2) {
		fprintf(stderr, "usage: %s FILE [wait]\n", argv[0]);
		exit(2);
	}
	oracle_file = argv[1];
	oracle_logs = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (oracle_logs == MAP_FAILED) {
		perror("mmap");
		exit(1);
	}
	oracle_n_logs = (unsigned *)(void *)&oracle_logs[LOGS];
	if (argc > 2 && !strcmp(argv[2], "wait"))
		oracle_wait();
}

static inline void oracle_print(FILE *out, const struct oracle_row *row)
{
	fprintf(out, "%s\t%d\t%d\t", row->how, row->pid, row->tid);
	for (size_t i = 0; i < sizeof(row->comm) && row->comm[i]; i++)
		fprintf(out, "%02x", (unsigned char)row->comm[i]);
	fprintf(out, "\t%s\t%" PRIu32, row->abi, row->nr);
	for (int i = 0; i < 6; i++) {
		if (row->any_args)
			fputs("\t*", out);
		else if (i < row->nargs)
			fprintf(out, "\t0x%" PRIx64, row->arg[i]);
		else
			fputs("\t", out);
	}
	if (row->ret == ANY)
		fputs("\t*", out);
	else if (row->ret == NONE)
		fputs("\t", out);
	else
		fprintf(out, "\t%" PRId64, row->ret);
	fprintf(out, "\t%s\t%s\n", row->state, row->name ? row->name : "*");
}

/* Appends: what a program wrote before it executed itself again stays. */
static inline void oracle_end(void)
{
	FILE *out = fopen(oracle_file, "a");

	if (!out) {
		perror(oracle_file);
		exit(1);
	}
	for (unsigned i = 0; i < *oracle_n_logs; i++)
		for (unsigned j = 0; j < oracle_logs[i].n; j++)
			oracle_print(out, &oracle_logs[i].rows[j]);
	fclose(out);
}

#endif
