/*
 * wait_status.h - the status of an ended process, as the kernel puts it together (wait_task_zombie(), do_group_exit())
 *
 * What <sys/wait.h> has for it differs between C libraries in numbers that no kernel gives out, but a file may have.
 */
#ifndef DECODE_WAIT_STATUS_H
#define DECODE_WAIT_STATUS_H

#include <stdbool.h>
#include <stdint.h>

/* The signal that ended it, 1..126; 0 or 127 for a status that tells of none. */
static inline unsigned wait_signal(uint32_t status)
{
	return status & 0x7f;
}

static inline bool wait_is_killed(uint32_t status)
{
	return wait_signal(status) != 0 && wait_signal(status) != 0x7f;
}

/* What it gave to exit(), 0..255; of one that was not killed. */
static inline unsigned wait_code(uint32_t status)
{
	return status >> 8 & 0xff;
}

static inline bool wait_has_core(uint32_t status)
{
	return status & 0x80;
}

#endif
