/*
 * sandbox.h - what is left to do to a process whose input is hostile: read what is open, write what is open.
 *
 *	open all inputs and the output
 *	sandbox_enter(&config);		before the first thread is created and the first byte is looked at
 *	... decode
 *
 * Three layers, so that what one kernel or build lacks another covers:
 *	user		whoever starts as root goes on as the user who called sudo, or as nobody; no groups, no
 *			capabilities, no_new_privs. Never left out
 *	Landlock	no path can be opened, no port connected to, no process outside signalled (Linux 5.13 and later)
 *	seccomp		an allow-list of system calls (with libseccomp)
 *
 * Sanitizers read /proc/self and trace their own threads when the program ends, so builds with them have the first
 * layer only.
 */
#ifndef SYSDECODE_SANDBOX_H
#define SYSDECODE_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct sandbox_config {
	bool follow;     /* inputs grow: directories may be listed, and new files in them opened */
	const int *dirs; /* open directories whose files may be opened for reading, by openat() */
	size_t n_dirs;
	bool parts;    /* descriptors of files may come over a socket that is open */
	bool terminal; /* one that is open may be asked for its size, and told to hand over keys */
	bool serve;    /* connections to a socket that listens may be accepted and answered */
};

/*
 * sandbox_enter() - go in, for good. Call it before there is a second thread. A layer that kernel or build does not
 * have is left out. Returns true, or false when root cannot become another user, which has been said on standard error:
 * the caller must end then.
 */
bool sandbox_enter(const struct sandbox_config *config);

/*
 * sandbox_user() - whom root becomes: SUDO_UID and SUDO_GID, or nobody (65534). false, with nothing filled in, for
 * anybody else, who stays who he is.
 */
bool sandbox_user(uid_t *uid, gid_t *gid);

/* The layers that this program was built with, for --version: "unprivileged user, Landlock, seccomp". */
const char *sandbox_layers(void);

#endif
