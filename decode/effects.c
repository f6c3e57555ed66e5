/* effects.c - see effects.h */
#include "effects.h"

#include <stdlib.h>
#include <string.h>

#include "format/signature.h"
#include "format/syscalls.h"

#define O_CLOEXEC_BIT UINT32_C(02000000) /* the same on all our ABIs; of sockets, epoll and the like too */
#define ALWAYS        UINT32_MAX

/* In order of names. */
static const struct effect effects[] = {
	{"accept", EFFECT_ACCEPT, -1, false, 0, NULL},
	{"accept4", EFFECT_ACCEPT, 3, false, O_CLOEXEC_BIT, NULL},
	{"bind", EFFECT_BIND, -1, false, 0, NULL},
	{"bpf", EFFECT_MAKES, -1, false, ALWAYS, NULL},
	{"chdir", EFFECT_CHDIR, -1, false, 0, NULL},
	{"chroot", EFFECT_CHROOT, -1, false, 0, NULL},
	{"clone", EFFECT_CLONE, -1, false, 0, NULL},
	{"clone3", EFFECT_CLONE3, -1, false, 0, NULL},
	{"close", EFFECT_CLOSE, -1, false, 0, NULL},
	{"close_range", EFFECT_CLOSE_RANGE, 2, false, 0, NULL},
	{"connect", EFFECT_CONNECT, -1, false, 0, NULL},
	{"creat", EFFECT_CREAT, -1, false, 0, NULL},
	{"dup", EFFECT_DUP, -1, false, 0, NULL},
	{"dup2", EFFECT_DUP2, -1, false, 0, NULL},
	{"dup3", EFFECT_DUP2, 2, false, O_CLOEXEC_BIT, NULL},
	{"epoll_create", EFFECT_MAKES, -1, false, 0, "anon_inode:[eventpoll]"},
	{"epoll_create1", EFFECT_MAKES, 0, false, O_CLOEXEC_BIT, "anon_inode:[eventpoll]"},
	{"eventfd", EFFECT_MAKES, -1, false, 0, "anon_inode:[eventfd]"},
	{"eventfd2", EFFECT_MAKES, 1, false, O_CLOEXEC_BIT, "anon_inode:[eventfd]"},
	{"execve", EFFECT_EXEC, -1, false, 0, NULL},
	{"execveat", EFFECT_EXEC, -1, false, 0, NULL},
	{"fanotify_init", EFFECT_MAKES, 0, false, 1, "anon_inode:[fanotify]"},
	{"fchdir", EFFECT_FCHDIR, -1, false, 0, NULL},
	{"fcntl", EFFECT_FCNTL, -1, false, 0, NULL},
	{"fcntl64", EFFECT_FCNTL, -1, false, 0, NULL},
	{"fork", EFFECT_FORK, -1, false, 0, NULL},
	{"fsmount", EFFECT_MAKES, 1, false, 1, NULL},
	{"fsopen", EFFECT_MAKES, 1, false, 1, "anon_inode:[fscontext]"},
	{"fspick", EFFECT_MAKES, 2, false, 1, "anon_inode:[fscontext]"},
	{"getcwd", EFFECT_GETCWD, -1, false, 0, NULL},
	{"getpeername", EFFECT_GETPEERNAME, -1, false, 0, NULL},
	{"getsockname", EFFECT_GETSOCKNAME, -1, false, 0, NULL},
	{"inotify_init", EFFECT_MAKES, -1, false, 0, "anon_inode:inotify"},
	{"inotify_init1", EFFECT_MAKES, 0, false, O_CLOEXEC_BIT, "anon_inode:inotify"},
	{"io_uring_enter", EFFECT_RING, -1, false, 0, NULL},
	{"io_uring_register", EFFECT_RING, -1, false, 0, NULL},
	{"io_uring_setup", EFFECT_RING, -1, false, 0, NULL},
	{"ioctl", EFFECT_IOCTL, -1, false, 0, NULL},
	{"landlock_create_ruleset", EFFECT_MAKES, -1, false, ALWAYS, "anon_inode:[landlock-ruleset]"},
	{"memfd_create", EFFECT_MEMFD, 1, false, 1, NULL},
	{"memfd_secret", EFFECT_MAKES, 0, false, O_CLOEXEC_BIT, "/secretmem (deleted)"},
	{"mount", EFFECT_MOUNT, -1, true, 0, NULL},
	{"move_mount", EFFECT_RENAME, -1, false, 0, NULL},
	{"mq_open", EFFECT_MAKES, -1, false, ALWAYS, NULL},
	{"open", EFFECT_OPEN, 1, false, O_CLOEXEC_BIT, NULL},
	{"open_by_handle_at", EFFECT_MAKES, 2, false, O_CLOEXEC_BIT, NULL},
	{"open_tree", EFFECT_OPEN, 2, false, O_CLOEXEC_BIT, NULL},
	{"open_tree_attr", EFFECT_OPEN, 2, false, O_CLOEXEC_BIT, NULL},
	{"openat", EFFECT_OPEN, 2, false, O_CLOEXEC_BIT, NULL},
	{"openat2", EFFECT_OPENAT2, -1, false, O_CLOEXEC_BIT, NULL},
	{"perf_event_open", EFFECT_MAKES, 4, false, 8, "anon_inode:[perf_event]"},
	{"pidfd_getfd", EFFECT_MAKES, -1, false, ALWAYS, NULL},
	{"pidfd_open", EFFECT_MAKES, -1, false, ALWAYS, "anon_inode:[pidfd]"},
	{"pipe", EFFECT_PIPE, -1, false, 0, NULL},
	{"pipe2", EFFECT_PIPE, 1, false, O_CLOEXEC_BIT, NULL},
	{"pivot_root", EFFECT_PIVOT, -1, false, 0, NULL},
	{"rename", EFFECT_RENAME, -1, false, 0, NULL},
	{"renameat", EFFECT_RENAME, -1, false, 0, NULL},
	{"renameat2", EFFECT_RENAME, -1, false, 0, NULL},
	{"setns", EFFECT_SETNS, -1, false, 0, NULL},
	{"signalfd", EFFECT_SIGNALFD, -1, false, 0, "anon_inode:[signalfd]"},
	{"signalfd4", EFFECT_SIGNALFD, 3, false, O_CLOEXEC_BIT, "anon_inode:[signalfd]"},
	{"socket", EFFECT_SOCKET, 1, false, O_CLOEXEC_BIT, NULL},
	{"socketpair", EFFECT_SOCKETPAIR, 1, false, O_CLOEXEC_BIT, NULL},
	{"symlink", EFFECT_NONE, -1, true, 0, NULL},
	{"symlinkat", EFFECT_NONE, -1, true, 0, NULL},
	{"timerfd_create", EFFECT_MAKES, 1, false, O_CLOEXEC_BIT, "anon_inode:[timerfd]"},
	{"umount", EFFECT_RENAME, -1, false, 0, NULL},
	{"umount2", EFFECT_RENAME, -1, false, 0, NULL},
	{"unshare", EFFECT_UNSHARE, 0, false, 0, NULL},
	{"userfaultfd", EFFECT_MAKES, 0, false, O_CLOEXEC_BIT, "anon_inode:[userfaultfd]"},
	{"vfork", EFFECT_FORK, -1, false, 0, NULL},
};

static int compare(const void *name, const void *effect)
{
	return strcmp(name, ((const struct effect *)effect)->name);
}

static const struct effect *find(const char *name)
{
	return bsearch(name, effects, sizeof(effects) / sizeof(*effects), sizeof(*effects), compare);
}

bool effect_sieve(uint64_t argument)
{
	switch ((uint32_t)argument) {
	case FCNTL_DUPFD:
	case FCNTL_SETFD:
	case FCNTL_DUPFD_CLOEXEC:
	case IOCTL_NCLEX:
	case IOCTL_CLEX:
	case IOCTL_PPC_CLEX:
	case IOCTL_PPC_NCLEX:
		return true;
	default:
		return false;
	}
}

static void add_path(struct operands *operands, const struct sst_signature *signature, int i)
{
	int dirfd = i > 0 && signature->arg[i - 1].kind == SST_KIND_DIRFD ? i - 1 : -1;

	if (!(signature->arg[i].direction & SST_READS))
		return;
	if (operands->path < 0) {
		operands->path = (int8_t)i;
		operands->dirfd = (int8_t)dirfd;
	} else if (operands->path2 < 0) {
		operands->path2 = (int8_t)i;
		operands->dirfd2 = (int8_t)dirfd;
	}
}

static struct operands operands_of(const struct sst_signature *signature)
{
	struct operands operands = {-1, -1, -1, -1, -1};

	for (int i = 0; signature && i < signature->nargs; i++) {
		unsigned kind = signature->arg[i].kind;

		if (kind == SST_KIND_PATH)
			add_path(&operands, signature, i);
		else if ((kind == SST_KIND_FD || kind == SST_KIND_DIRFD) && operands.fd < 0)
			operands.fd = (int8_t)i;
	}
	return operands;
}

struct deed deed_of(unsigned abi, uint32_t nr)
{
	const char *name = sst_syscall_name(abi, nr);
	struct deed deed = {.operands = operands_of(sst_signature(abi, nr))};
	struct operands *operands = &deed.operands;

	deed.effect = name ? find(name) : NULL;
	if (deed.effect && deed.effect->second) {
		operands->path = operands->path2;
		operands->dirfd = operands->dirfd2;
		operands->path2 = operands->dirfd2 = -1;
	}
	if (deed.effect && deed.effect->kind == EFFECT_NONE)
		deed.effect = NULL;
	return deed;
}
