/*
 * columns.h - the columns a table can have: their names and their order.
 */
#ifndef SYSDECODE_COLUMNS_H
#define SYSDECODE_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>

/* The first DEFAULT_COLUMNS are the table; their order is a contract, new ones come behind them. */
#define COLUMN_LIST(X)                                                                                                 \
	X(TIME, "time")                                                                                                \
	X(PID, "pid")                                                                                                  \
	X(TID, "tid")                                                                                                  \
	X(COMM, "comm")                                                                                                \
	X(ABI, "abi")                                                                                                  \
	X(NR, "nr")                                                                                                    \
	X(SYSCALL, "syscall")                                                                                          \
	X(ARG0, "arg0")                                                                                                \
	X(ARG1, "arg1")                                                                                                \
	X(ARG2, "arg2")                                                                                                \
	X(ARG3, "arg3")                                                                                                \
	X(ARG4, "arg4")                                                                                                \
	X(ARG5, "arg5")                                                                                                \
	X(RET, "ret")                                                                                                  \
	X(ERRNO, "errno")                                                                                              \
	X(DURATION, "duration")                                                                                        \
	X(STATE, "state")                                                                                              \
	X(NOTE, "note")                                                                                                \
	X(ARGS, "args")                                                                                                \
	X(PATH, "path")                                                                                                \
	X(END, "end")                                                                                                  \
	X(WALL, "wall")                                                                                                \
	X(EPOCH, "epoch")                                                                                              \
	X(RECORD, "record")                                                                                            \
	X(SEQ, "seq")                                                                                                  \
	X(CPU, "cpu")                                                                                                  \
	X(CAPTURED, "captured")                                                                                        \
	X(CONTAINER, "container")                                                                                      \
	X(CONTAINER_ID, "container_id")                                                                                \
	X(IMAGE, "image")                                                                                              \
	X(RUNTIME, "runtime")                                                                                          \
	X(NSPID, "nspid")                                                                                              \
	X(NSTID, "nstid")

enum column {
#define X(id, name) COLUMN_##id,
	COLUMN_LIST(X)
#undef X
		COLUMN_COUNT
};

#define DEFAULT_COLUMNS (COLUMN_PATH + 1)
#define COLUMNS_MAX     64 /* in one table: a column may be asked for twice */

struct columns {
	enum column list[COLUMNS_MAX];
	size_t n;
};

const char *column_name(enum column column);
void columns_default(struct columns *columns);

/* columns_add() - add a column by name. Returns 0, -ENOENT, or -E2BIG beyond COLUMNS_MAX. */
int columns_add(struct columns *columns, const char *name);

#endif
