/*
 * privilege.h - is there enough of it, and away with it once attached
 *
 *	struct invoker invoker;
 *
 *	privilege_invoker(&invoker);				who called sudo
 *	err = privilege_check(&error);				before anything is loaded
 *	...open the output, fork the command, load, attach, read /proc/PID/task...
 *	keep = privilege_bpf_needs_cap(some_bpf_fd);		0, 1 or -errno
 *	err = privilege_drop(&invoker, keep == 1, &error);	before the first thread is created
 *	privilege_invoker_free(&invoker);
 */
#ifndef SYSSTREAM_PRIVILEGE_H
#define SYSSTREAM_PRIVILEGE_H

#include <stdbool.h>
#include <sys/types.h>

#include "message.h"

#define PRIVILEGE_MODE 32

/* The user who called sudo. known is false when there is none: the rest is empty then. */
struct invoker {
	bool known;
	uid_t uid;
	gid_t gid;
	gid_t *groups; /* all supplementary groups, gid among them */
	int n_groups;
	char *name; /* NULL where the user database has no such user, likewise the next two */
	char *home;
	char *shell;
};

/*
 * privilege_invoker() - from SUDO_UID, SUDO_GID and the user database. They are believed only when the real user is
 * root, who could do everything they lead to anyway; root calling sudo is nobody to go back to. Returns 0, or -ENOMEM.
 */
int privilege_invoker(struct invoker *invoker);
void privilege_invoker_free(struct invoker *invoker);

/*
 * privilege_check() - can this process load and attach BPF programs on this kernel? Returns 0, or with one sentence
 * that says what is missing and what to do: -EPERM (capabilities, lockdown, user namespace, set-user-ID: status 4),
 * -EOPNOTSUPP (kernel too old, no BTF, no bpf(): status 1).
 */
int privilege_check(struct message *error);

/* privilege_has() - is this capability effective? */
bool privilege_has(unsigned cap);

/* privilege_bpf() - may bpf() be called here? 0, or -errno: why not. */
int privilege_bpf(void);

/* privilege_in_user_namespace() - is this one in which not every user id of the machine is what it is? */
bool privilege_in_user_namespace(void);

/* privilege_lockdown() - the kernel's lockdown mode as it names it ("none", "integrity"); "": it has none, or hides it.
 */
void privilege_lockdown(char mode[PRIVILEGE_MODE]);

/*
 * privilege_bpf_needs_cap() - must CAP_BPF be kept for what the recorder does to its own BPF objects? Tried in a child
 * without capabilities on fd (a map, program or link). Returns 1 (kernels before 5.19), 0, or -errno when it could not
 * be tried.
 */
int privilege_bpf_needs_cap(int fd);

/*
 * privilege_try() - what attempt(context) returns (0 or -errno) once privileges are dropped; done in a child. Or -errno
 * when it could not be tried.
 */
int privilege_try(const struct invoker *invoker, int (*attempt)(const void *context), const void *context);

/*
 * privilege_drop() - for good: become invoker (if known), no capabilities in any set (but CAP_BPF permitted and
 * effective with keep_bpf), no_new_privs, not dumpable; all verified. Capabilities belong to threads: refuses with
 * -EBUSY when there is a second one. Returns 0, or -errno with a sentence: the caller must end then.
 */
int privilege_drop(const struct invoker *invoker, bool keep_bpf, struct message *error);

#endif
