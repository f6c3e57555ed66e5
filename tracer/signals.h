/*
 * signals.h - the signals that end a recording: blocked from the beginning, waited for while it runs.
 *
 *	signals_block();
 *	...
 *	sig = signals_wait(ns);		again and again: it is the recorder's clock as well
 *	...
 *	signals_leave_at_once();	at the end, which may take longer than somebody has patience
 */
#ifndef TRACER_SIGNALS_H
#define TRACER_SIGNALS_H

#include <stdint.h>

/* signals_block() - SIGINT, SIGTERM, SIGHUP and SIGCHLD wait for signals_wait() from now on, in all threads. */
void signals_block(void);

/*
 * signals_block_stop() - and so does Ctrl-Z: the view gives the terminal back first, which it cannot any more once the
 * shell has it. Before the view is started.
 */
void signals_block_stop(void);

/* signals_wait() - sleep for ns, or until one of them. Returns its number, or 0. */
int signals_wait(uint64_t ns);

/* signals_reason() - what the end of a file says of it, or NULL: it does not end a recording. */
const char *signals_reason(int sig);

/* signals_leave_at_once() - from now on SIGINT and SIGTERM leave the process, if they do not come within a moment. */
void signals_leave_at_once(void);

#endif
