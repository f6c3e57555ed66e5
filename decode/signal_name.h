/* signal_name.h - names of signals. All ABIs of the format number them alike. */
#ifndef SYSDECODE_SIGNAL_NAME_H
#define SYSDECODE_SIGNAL_NAME_H

/* signal_name() - "SIGKILL", "SIGRTMIN", "SIGRT_3" or the number, written at p, of at most 16 bytes. Returns its end;
 * no NUL. */
char *signal_name(char *p, unsigned number);

#endif
