/*
 * tokens.h - what encoder and decoder of the columns agree on. docs/format.md, "Tokens", has it in words.
 */
#ifndef SST_TOKENS_H
#define SST_TOKENS_H

#include <stdint.h>

/*
 * A value of ret, an argument or seq, against the value that is expected: one token, and 0 to 8 more bytes in the rest.
 * d is the zigzag of the difference.
 */
enum {
	VALUE_SAME = 0,        /* d = 0 */
	VALUE_OTHER = 1,       /* ret only: equal to arg2 of the same row */
	VALUE_SMALL_MAX = 246, /* d = 1..246: token d + 1 */
	VALUE_BYTES = 247,     /* token 247 + n: d is the next n bytes, n = 1..8 */
};

/*
 * A time: token and 0 to 61 more bits in the rest. The token is the place of the highest bit and the two bits below it;
 * numbers below 8 are their own token.
 */
enum {
	TIME_TOKEN_MAX = 251,
	TIME_NO_STEP = 252, /* in steps: not a multiple; 16 bits of the rest are the time itself */
	STEP_LEN = 4,       /* bytes of the step before the tokens */
};

/*
 * Ticks: numbers below 32 are their own token. Below TICKS_FINE the token is the place of the highest bit and the four
 * below it, as with times; above only the place. What is not quite at a tick has more bits of rest.
 */
enum {
	TICKS_FINE_BITS = 13,
	TICKS_FINE = 1 << TICKS_FINE_BITS,
	TICKS_COARSE_TOKEN = 160, /* 2^13 … 2^14 - 1: 13 bits of rest; the next one 14 … */
	TICKS_TOKEN_MAX = 210,
	TICKS_NEAR = 252, /* 12 bits ticks, 4 bits ns, signed */
	TICKS_FAR = 253,  /* 56 bits ticks, signed; 8 bits ns, signed */
	TICKS_LEN = 24,   /* bytes of the clock before the tokens of pauses */
};

/* The tokens of ticks stand in the order of these, by the row's call and the one before. */
#define TICK_CONTEXTS              4096
#define TICK_CONTEXT(before, call) ((call) % 64u * 64u + (before) % 64u)

/* A small number (call + 1, cpu + 1): one token, or 255 and the number without the 1 in two more bytes. */
enum {
	SMALL_ESCAPE = 255,
};

/* A call is predicted from the two before it. */
#define CONTEXTS                   4096
#define CONTEXT(before_last, last) (((before_last)*64u + (last)) % CONTEXTS)

/* A process id: 0 the same as the tid, 1 the same as the one before in this stream, else 2 + zigzag(pid - tid). */
enum {
	PID_IS_TID = 0,
	PID_AS_BEFORE = 1,
	PID_OTHER = 2,
};

#endif
