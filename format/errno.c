/*
 * errno.c - names of error numbers
 */
#include "errno.h"

#include <stddef.h>

/*
 * The numbers are those of Linux's asm-generic, which all ABIs of abi.h share (only alpha, mips, parisc
 * and sparc have others), so the host's <errno.h> is never asked. EAGAIN, EDEADLK and EOPNOTSUPP are
 * said, not their second names EWOULDBLOCK, EDEADLOCK and ENOTSUP. 41 and 58 were never used.
 */
#define ERRNO(err, name) [err] = #name,

static const char *const user_names[] = {
	ERRNO(1, EPERM) ERRNO(2, ENOENT) ERRNO(3, ESRCH) ERRNO(4, EINTR) ERRNO(5, EIO) ERRNO(6, ENXIO) ERRNO(
		7, E2BIG) ERRNO(8, ENOEXEC) ERRNO(9, EBADF) ERRNO(10, ECHILD) ERRNO(11, EAGAIN) ERRNO(12, ENOMEM)
		ERRNO(13, EACCES) ERRNO(14, EFAULT) ERRNO(15, ENOTBLK) ERRNO(16, EBUSY) ERRNO(17, EEXIST) ERRNO(
			18, EXDEV) ERRNO(19, ENODEV) ERRNO(20, ENOTDIR) ERRNO(21, EISDIR) ERRNO(22, EINVAL)
			ERRNO(23, ENFILE) ERRNO(24, EMFILE) ERRNO(25, ENOTTY) ERRNO(26, ETXTBSY) ERRNO(27, EFBIG) ERRNO(
				28, ENOSPC) ERRNO(29, ESPIPE) ERRNO(30, EROFS) ERRNO(31, EMLINK) ERRNO(32, EPIPE) ERRNO(33,
															EDOM)
				ERRNO(34, ERANGE) ERRNO(35, EDEADLK) ERRNO(36, ENAMETOOLONG) ERRNO(37, ENOLCK) ERRNO(
					38, ENOSYS) ERRNO(39,
							  ENOTEMPTY) ERRNO(40, ELOOP)
					ERRNO(42, ENOMSG) ERRNO(43, EIDRM) ERRNO(44, ECHRNG) ERRNO(45, EL2NSYNC) ERRNO(
						46, EL3HLT) ERRNO(47,
								  EL3RST) ERRNO(48, ELNRNG)
						ERRNO(49, EUNATCH) ERRNO(50, ENOCSI) ERRNO(51, EL2HLT) ERRNO(52, EBADE) ERRNO(
							53,
							EBADR) ERRNO(54,
								     EXFULL) ERRNO(55,
										   ENOANO) ERRNO(56, EBADRQC)
							ERRNO(57, EBADSLT) ERRNO(59, EBFONT) ERRNO(60, ENOSTR) ERRNO(
								61, ENODATA) ERRNO(62,
										   ETIME) ERRNO(63, ENOSR)
								ERRNO(64, ENONET) ERRNO(65, ENOPKG) ERRNO(66, EREMOTE) ERRNO(
									67,
									ENOLINK) ERRNO(68,
										       EADV) ERRNO(69,
												   ESRMNT) ERRNO(70,
														 ECOMM)
									ERRNO(71, EPROTO) ERRNO(72, EMULTIHOP) ERRNO(
										73, EDOTDOT) ERRNO(74,
												   EBADMSG) ERRNO(75,
														  EOVERFLOW)
										ERRNO(76, ENOTUNIQ) ERRNO(77, EBADFD) ERRNO(
											78,
											EREMCHG) ERRNO(79,
												       ELIBACC) ERRNO(80, ELIBBAD)
											ERRNO(81, ELIBSCN) ERRNO(
												82,
												ELIBMAX) ERRNO(83,
													       ELIBEXEC)
												ERRNO(84, EILSEQ) ERRNO(
													85,
													ERESTART) ERRNO(86, ESTRPIPE)
													ERRNO(87, EUSERS) ERRNO(
														88,
														ENOTSOCK)
														ERRNO(
															89,
															EDESTADDRREQ) ERRNO(90, EMSGSIZE) ERRNO(91, EPROTOTYPE) ERRNO(92, ENOPROTOOPT) ERRNO(93, EPROTONOSUPPORT) ERRNO(94, ESOCKTNOSUPPORT) ERRNO(95, EOPNOTSUPP) ERRNO(96, EPFNOSUPPORT) ERRNO(97,
																																						 EAFNOSUPPORT) ERRNO(98,
																																								     EADDRINUSE) ERRNO(99,
																																										       EADDRNOTAVAIL) ERRNO(100,
																																													    ENETDOWN) ERRNO(101,
																																															    ENETUNREACH) ERRNO(102, ENETRESET) ERRNO(103, ECONNABORTED) ERRNO(104, ECONNRESET) ERRNO(105,
																																																										     ENOBUFS) ERRNO(106,
																																																												    EISCONN) ERRNO(107,
																																																														   ENOTCONN) ERRNO(108,
																																																																   ESHUTDOWN) ERRNO(109,
																																																																		    ETOOMANYREFS) ERRNO(110, ETIMEDOUT) ERRNO(111, ECONNREFUSED) ERRNO(112,
																																																																										       EHOSTDOWN) ERRNO(113,
																																																																													EHOSTUNREACH) ERRNO(114,
																																																																															    EALREADY) ERRNO(115,
																																																																																	    EINPROGRESS) ERRNO(116,
																																																																																			       ESTALE) ERRNO(117,
																																																																																					     EUCLEAN) ERRNO(118,
																																																																																							    ENOTNAM)
															ERRNO(119, ENAVAIL) ERRNO(120, EISNAM) ERRNO(121, EREMOTEIO) ERRNO(122, EDQUOT) ERRNO(
																123,
																ENOMEDIUM) ERRNO(124,
																		 EMEDIUMTYPE) ERRNO(125,
																				    ECANCELED)
																ERRNO(126, ENOKEY) ERRNO(127, EKEYEXPIRED) ERRNO(
																	128,
																	EKEYREVOKED) ERRNO(129,
																			   EKEYREJECTED)
																	ERRNO(130, EOWNERDEAD) ERRNO(
																		131,
																		ENOTRECOVERABLE)
																		ERRNO(132, ERFKILL) ERRNO(
																			133,
																			EHWPOISON)
																			ERRNO(134,
																			      EFTYPE)};

#undef ERRNO

/*
 * Numbers the kernel keeps to itself. A tracer sees 512..516 as results of calls that a signal
 * interrupted, before the kernel turns them into EINTR or starts the call again.
 */
#define FIRST_INTERNAL   512
#define ERRNO(err, name) [err - FIRST_INTERNAL] = #name,

static const char *const internal_names[] = {
	ERRNO(512, ERESTARTSYS) ERRNO(513, ERESTARTNOINTR) ERRNO(514, ERESTARTNOHAND) ERRNO(515, ENOIOCTLCMD)
		ERRNO(516, ERESTART_RESTARTBLOCK) ERRNO(517, EPROBE_DEFER) ERRNO(518, EOPENSTALE) ERRNO(519, ENOPARAM)
			ERRNO(521, EBADHANDLE) ERRNO(522, ENOTSYNC) ERRNO(523, EBADCOOKIE) ERRNO(524, ENOTSUPP)
				ERRNO(525, ETOOSMALL) ERRNO(526, ESERVERFAULT) ERRNO(527, EBADTYPE) ERRNO(528, EJUKEBOX)
					ERRNO(529, EIOCBQUEUED) ERRNO(530, ERECALLCONFLICT) ERRNO(531, ENOGRACE)};

#define LENGTH(array) ((int)(sizeof(array) / sizeof((array)[0])))

const char *sst_errno_name(int err)
{
	if (err >= 0 && err < LENGTH(user_names))
		return user_names[err];
	if (err >= FIRST_INTERNAL && err - FIRST_INTERNAL < LENGTH(internal_names))
		return internal_names[err - FIRST_INTERNAL];
	return NULL;
}
