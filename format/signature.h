/*
 * signature.h - what the arguments and the result of a system call are, for every ABI, on any machine
 *
 *	const struct sst_signature *signature = sst_signature(abi, nr);
 *	for (unsigned i = 0; signature && i < signature->nargs; i++)
 *		printf("%s: %d\n", signature->arg[i].name, signature->arg[i].kind);
 *
 * The table is tables/signatures.tsv, made into signatures.inc by `make tables`; nothing is read or computed at run
 * time, and every function may be called from any thread. Numbers of kinds and sets are no part of any file: they may
 * change with every version.
 */
#ifndef SST_SIGNATURE_H
#define SST_SIGNATURE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * What the value of an argument is: X(name, bytes of one element it points to on 64-bit ABIs, on 32-bit ones). 0 bytes:
 * it is no pointer to anything of a fixed size. Kinds that end in 64 have the same size everywhere.
 */
#define SST_KIND_LIST(X)                                                                                               \
	/* numbers, by how they are shown */                                                                           \
	X(NONE, 0, 0)    /* results only: the call does not return */                                                  \
	X(FRAME, 0, 0)   /* likewise; what it goes by is on the stack */                                               \
	X(ERROR, 0, 0)   /* results only: zero */                                                                      \
	X(UNUSED, 0, 0)  /* a register that says nothing: it aligns the next */                                        \
	X(INT, 4, 4)     /* 32 bits, signed */                                                                         \
	X(UINT, 4, 4)    /* 32 bits */                                                                                 \
	X(LONG, 8, 4)    /* of the ABI's width, signed */                                                              \
	X(ULONG, 8, 4)   /* of the ABI's width */                                                                      \
	X(SIZE, 8, 4)    /* the same: a number of bytes */                                                             \
	X(OFFSET, 8, 4)  /* the same, signed: a place in a file */                                                     \
	X(HEX, 4, 4)     /* 32 bits, shown in hexadecimal */                                                           \
	X(LHEX, 8, 4)    /* of the ABI's width, shown in hexadecimal */                                                \
	X(LOFF, 8, 8)    /* 64 bits, signed: one register, or two: param is an enum sst_pair */                        \
	X(LMASK, 0, 0)   /* the same, in hexadecimal */                                                                \
	X(PAGES, 0, 0)   /* as ULONG, in units of 4096 bytes */                                                        \
	X(ADDRESS, 8, 4) /* what is there is not looked at */                                                          \
	X(POS_LOW, 0, 0) /* with the next one a place in a file: on 64-bit ABIs this one is the whole */               \
	X(POS_HIGH, 0, 0)                                                                                              \
	/* numbers with a meaning */                                                                                   \
	X(ENUM, 0, 0)  /* one symbol of set */                                                                         \
	X(FLAGS, 0, 0) /* symbols of set, OR-ed */                                                                     \
	X(FD, 4, 4)                                                                                                    \
	X(DIRFD, 0, 0) /* fd, or AT_FDCWD: the path behind it begins there */                                          \
	X(PID, 0, 0)                                                                                                   \
	X(UID, 4, 4)        /* user or group */                                                                        \
	X(UID16, 2, 2)      /* the same, with 16 bits */                                                               \
	X(MODE, 0, 0)       /* permissions */                                                                          \
	X(OPEN_MODE, 0, 0)  /* permissions, of use only if the flags before say that a file is made */                 \
	X(FILE_MODE, 0, 0)  /* the type of a file and permissions */                                                   \
	X(DIRENTS, 0, 0)    /* an address where entries of a directory are put */                                      \
	X(MREMAP_TO, 0, 0)  /* an address, of use only with some of the flags before */                                \
	X(REBOOT_ARG, 0, 0) /* the same of reboot() */                                                                 \
	X(DEVICE, 0, 0)                                                                                                \
	X(SIGNAL, 0, 0)                                                                                                \
	X(HANDLER, 0, 0) /* of a signal */                                                                             \
	X(MMAP_FLAGS, 0, 0)                                                                                            \
	X(IOCTL_REQUEST, 0, 0)                                                                                         \
	X(SOCKET_TYPE, 0, 0)                                                                                           \
	X(SOCKET_PROTOCOL, 0, 0) /* of the family and type before */                                                   \
	X(SOCKOPT_NAME, 0, 0)    /* of the level before */                                                             \
	X(IPC_KEY, 0, 0)                                                                                               \
	X(IPC_CMD, 0, 0)                                                                                               \
	X(IPC_FLAGS, 0, 0)                                                                                             \
	X(SHM_FLAGS, 0, 0)                                                                                             \
	X(IOPRIO, 0, 0)                                                                                                \
	X(PERSONALITY, 0, 0)                                                                                           \
	/* text and bytes */                                                                                           \
	X(PATH, 1, 1)        /* of a file; up to a NUL if it is read, without one if it is written */                  \
	X(STRING, 1, 1)      /* other text: the same */                                                                \
	X(STRINGS, 8, 4)     /* pointers to strings, up to a null pointer: argv */                                     \
	X(ENVIRONMENT, 0, 0) /* the same: envp, of which nothing is kept but perhaps their number, as four bytes */    \
	X(DATA, 1, 1)        /* what is read and written */                                                            \
	X(XATTR, 1, 1)       /* the value of an extended attribute, or a list of names */                              \
	/* structures; counts of those with a size of 1 are bytes */                                                   \
	X(SOCKADDR, 1, 1)                                                                                              \
	X(SOCKLEN, 4, 4)                                                                                               \
	X(SOCKOPT, 1, 1)                                                                                               \
	X(FDPAIR, 8, 8)                                                                                                \
	X(TIMESPEC, 16, 8)                                                                                             \
	X(TIMESPEC64, 16, 16)                                                                                          \
	X(UTIMESPEC, 16, 8) /* a time for a file, or "now", or "not changed" */                                        \
	X(UTIMESPEC64, 16, 16)                                                                                         \
	X(TIMEVAL, 16, 8)                                                                                              \
	X(TIMEZONE, 8, 8)                                                                                              \
	X(ITIMERVAL, 32, 16)                                                                                           \
	X(ITIMERSPEC, 32, 16)                                                                                          \
	X(ITIMERSPEC64, 32, 32)                                                                                        \
	X(UTIMBUF, 16, 8)                                                                                              \
	X(TMS, 32, 16)                                                                                                 \
	X(POLLFD, 8, 8)                                                                                                \
	X(EPOLL_EVENT, 16, 16) /* 12 on x86 */                                                                         \
	X(FDSET, 1, 1)                                                                                                 \
	X(RLIMIT, 16, 8)                                                                                               \
	X(RLIMIT64, 16, 16)                                                                                            \
	X(RUSAGE, 144, 72)                                                                                             \
	X(STAT, 144, 64)                                                                                               \
	X(STAT64, 144, 104)                                                                                            \
	X(OLDSTAT, 32, 32)                                                                                             \
	X(STATX, 256, 256)                                                                                             \
	X(STATFS, 120, 64)                                                                                             \
	X(STATFS64, 120, 88)                                                                                           \
	X(UTSNAME, 390, 390)                                                                                           \
	X(SYSINFO, 112, 64)                                                                                            \
	X(SIGSET, 1, 1)                                                                                                \
	X(OLD_SIGSET, 8, 4)                                                                                            \
	X(SIGSET_PAIR, 16, 8) /* a pointer to a signal set, and its size */                                            \
	X(SIGACTION, 32, 20)                                                                                           \
	X(OLD_SIGACTION, 32, 16)                                                                                       \
	X(SIGINFO, 128, 128)                                                                                           \
	X(SIGEVENT, 64, 64)                                                                                            \
	X(STACK, 24, 12)                                                                                               \
	X(CLONE_ARGS, 1, 1)                                                                                            \
	X(USER_DESC, 16, 16) /* a segment of memory, of x86 */                                                         \
	X(OPEN_HOW, 1, 1)                                                                                              \
	X(WAIT_STATUS, 4, 4)                                                                                           \
	X(IOVEC, 16, 8)      /* addresses and lengths */                                                               \
	X(IOVEC_FROM, 16, 8) /* the same, of buffers of the caller's that are read … */                              \
	X(IOVEC_TO, 16, 8)   /* … and of those that are filled */                                                    \
	X(CONTROL, 1, 1)     /* of a message: what it carries besides bytes */                                         \
	X(MSGHDR, 56, 28)                                                                                              \
	X(MMSGHDR, 64, 32)                                                                                             \
	X(SEMBUF, 6, 6)                                                                                                \
	X(CPUSET, 1, 1)                                                                                                \
	X(SCHED_PARAM, 4, 4)                                                                                           \
	X(SCHED_ATTR, 48, 48)                                                                                          \
	X(CAP_HEADER, 8, 8)   /* whose capabilities, and in which version */                                           \
	X(CAP_DATA, 12, 12)   /* 32 capabilities; two of them, but for the first version */                            \
	X(SECCOMP_ARG, 16, 8) /* a filter, an action or sizes, as the operation of seccomp() says */                   \
	X(FUTEX_TIME, 16, 8)  /* with the operations of futex() that wait */                                           \
	X(FUTEX_TIME64, 16, 16)                                                                                        \
	X(REMAINING, 16, 8) /* of a time to sleep, if a signal has cut it short and it was not a moment to wait for */ \
	X(REMAINING64, 16, 16)                                                                                         \
	/* what says what all arguments from here on are, or is what an argument before says */                        \
	X(FUTEX_OP, 0, 0)                                                                                              \
	X(CLONE_FLAGS, 0, 0) /* of clone() */                                                                          \
	X(CLONE_STACK, 0, 0) /* on s390 this one is the first */                                                       \
	X(FCNTL_ARG, 32, 24)                                                                                           \
	X(PRCTL_ARG, 16, 16)                                                                                           \
	X(IOCTL_ARG, 0, 0)

#define SST_KIND_FIRST_OF_REST SST_KIND_FUTEX_OP

enum sst_kind {
#define X(name, size64, size32) SST_KIND_##name,
	SST_KIND_LIST(X)
#undef X
		SST_KIND_COUNT
};

/* Sets of symbols: SST_SET_open is that of the flags of open(). Their values are the decoder's business. */
enum sst_set {
#define SET(name) SST_SET_##name,
#include "tables/sets.inc"
#undef SET
	SST_SET_COUNT
};

/* What the call does with what the argument points to: bits. Neither: it is no pointer, or is not to be followed. */
enum sst_direction {
	SST_READS = 1,
	SST_WRITES = 2,
};

/* How many elements there are, of what the argument points to. */
enum sst_count {
	SST_COUNT_FIXED,   /* by */
	SST_COUNT_ARG,     /* as argument by says */
	SST_COUNT_POINTEE, /* as the int says that argument by points to, before the call and after it */
	SST_COUNT_RESULT,  /* as the result says */
};

/* The registers of a 64-bit argument. */
enum sst_pair {
	SST_PAIR_NONE,     /* one */
	SST_PAIR_LOW_HIGH, /* two, the first has the low half; the second is UNUSED */
	SST_PAIR_HIGH_LOW,
};

struct sst_arg {
	const char *name;  /* as the kernel calls it */
	uint8_t kind;      /* enum sst_kind */
	uint8_t param;     /* enum sst_set of ENUM and FLAGS, enum sst_pair of LOFF and LMASK, otherwise 0 */
	uint8_t direction; /* enum sst_direction */
	uint8_t count;     /* enum sst_count, for pointers */
	uint8_t by;
};

struct sst_signature {
	uint8_t nargs;        /* as sst_syscall_nargs() */
	uint8_t result;       /* enum sst_kind */
	uint8_t result_param; /* enum sst_set of ENUM */
	struct sst_arg arg[6];
};

/* sst_signature() - of a call, or NULL where no table knows it. Constant time. */
const struct sst_signature *sst_signature(unsigned abi, uint32_t nr);

/* sst_kind_is_small() - whether pointers and longs in what an argument of this kind points to have 32 bits. */
bool sst_kind_is_small(unsigned abi, unsigned kind);

/* sst_kind_name() - "FD"; NULL beyond the last. */
const char *sst_kind_name(unsigned kind);

/*
 * The memory that an argument points to, for those who copy it.
 *
 * It is there only if bit (value of argument if_arg & if_mask) of if_bits is set, and that value is below 64; always
 * where if_arg is SST_IF_ALWAYS. SST_FORM_STRING and SST_FORM_STRINGS end at their NUL or null pointer where count is
 * SST_COUNT_FIXED (by is then no limit); all else has count × size bytes.
 */
#define SST_IF_ALWAYS 0xff
struct sst_memory {
	uint8_t form;      /* enum sst_form of rows.h */
	uint8_t direction; /* enum sst_direction */
	uint8_t count, by; /* enum sst_count and its parameter */
	uint16_t size;     /* of one element, bytes */
	bool bits;         /* the count is one of bits: bytes are those of as many whole registers as hold them */
	uint8_t if_arg;
	uint8_t if_mask;
	uint64_t if_bits;         /* for what the call reads … */
	uint64_t if_bits_written; /* … and for what it writes */
};

/*
 * A pointer in a structure, and what it leads to: as many times unit bytes as the number at count_at says. Of
 * IOVEC_FROM and IOVEC_TO the structure is one part of the vector.
 */
struct sst_pointer {
	uint8_t kind; /* enum sst_kind: SOCKADDR, IOVEC, CONTROL or DATA */
	uint8_t at, width;
	uint8_t count_at, count_width;
	uint8_t unit;
};
#define SST_POINTERS 3 /* in one structure at most */

/* sst_pointer() - pointer number n in a structure of this kind; false beyond the last. */
bool sst_pointer(unsigned abi, unsigned kind, unsigned n, struct sst_pointer *pointer);

/* sst_memory() - what argument i of a call points to. False: nothing that has an interest or a known size. */
bool sst_memory(unsigned abi, const struct sst_signature *signature, unsigned i, struct sst_memory *memory);

#endif
