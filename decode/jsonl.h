/*
 * jsonl.h - the view jsonl: a JSON object a row, on a line of its own (docs/jsonl.md is its schema).
 *
 *	{"time":"0.000000100","pid":7,"comm":"sh","arg0":"0x3","ret":"1","errno":null}
 *
 * pid, tid, nr and cpu are numbers; what may need more than 53 bits, and all text, is a string with the text of the
 * table; what is an empty cell there is null. Names are made safe by cell_json(). A gap is an object with the same
 * members and one more, "lost".
 */
#ifndef SYSDECODE_JSONL_H
#define SYSDECODE_JSONL_H

#include "columns.h"
#include "view.h"

/* jsonl_new() - NULL without memory. A column that is asked for twice comes once. Free with free(). */
struct view *jsonl_new(const struct columns *columns);

#endif
