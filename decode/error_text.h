/*
 * error_text.h - what errors say for people, as strace has it.
 */
#ifndef SYSDECODE_ERROR_TEXT_H
#define SYSDECODE_ERROR_TEXT_H

/*
 * error_text() - "No such file or directory" for 2, or NULL: the words of the GNU C library for Linux' numbers
 * (uapi/asm-generic/errno.h). Not strerror(): the same recording gives the same text on any machine, and with another C
 * library.
 */
const char *error_text(int error);

#endif
