/*
 * terminal.h - a terminal whose whole screen is ours for a while: the alternate screen, so that what was there comes
 * back.
 *
 *	fd = terminal_open(&is_output);		before sandbox_enter()
 *	terminal_take();		from here on it is ours; signals that end or stop the program give it back
 *	while (terminal_wait(ms))	until a key, a change of its size, or the time has passed
 *		key = terminal_key();
 *	terminal_give_back();
 *
 * There is one terminal, and signal handlers have to find it: this module has its state. Control sequences are those of
 * ECMA-48 and xterm, which every terminal of today has; a library of terminals would bring its own database, which is
 * read from files that the sandbox hides.
 */
#ifndef SYSDECODE_TERMINAL_H
#define SYSDECODE_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

/* terminal_can() - is TERM that of a terminal whose cursor can be moved? */
bool terminal_can(void);

/*
 * terminal_open() - standard output if that is a terminal, which *is_output says, or else the one that controls the
 * program. -errno if there is none.
 */
int terminal_open(bool *is_output);

/* terminal_utf8() - does it show UTF-8, by the locale? terminal_colors() - unless NO_COLOR is set. Call the first
 * before sandbox_enter(). */
bool terminal_utf8(void);
bool terminal_colors(void);

/* terminal_take() - 0 or -errno. terminal_give_back() - may be called twice, and from any thread. */
int terminal_take(void);
void terminal_give_back(void);

void terminal_size(unsigned *width, unsigned *height);

/* terminal_write() - nothing while the screen is not ours. */
void terminal_write(const char *text, size_t len);

/* terminal_print() - on the usual screen, once ours is given back. */
void terminal_print(const char *text, size_t len);

/* What terminal_wait() has seen. */
enum terminal_event {
	TERMINAL_KEY = 1,   /* or more of them */
	TERMINAL_DRAW = 2,  /* all is to be drawn anew: another size, or we have been stopped */
	TERMINAL_WOKEN = 4, /* terminal_wake() */
	TERMINAL_END = 8,   /* a signal asks us to end, or there is no terminal any more */
};

/* terminal_wait() - at most so long; any of the above, or 0. For one thread. */
unsigned terminal_wait(int ms);

/* terminal_wake() - from any thread. */
void terminal_wake(void);

/* terminal_key() - the next key (enum live_key, or a character), 0 if there is none. */
int terminal_key(void);

#endif
