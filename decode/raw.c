/* raw.c - see raw.h */
#include "raw.h"

#include <stdlib.h>

#include "format/reader.h"
#include "number.h"

static void print_row(struct view *view, const struct row *row)
{
	char *p = put_hex(out_room(view->out), (uint64_t)row->who->pid << 32 | row->call->nr);

	*p++ = '\n';
	out_done(view->out, p);
}

struct view *raw_new(void)
{
	struct view *view = calloc(1, sizeof(*view));

	if (view)
		*view = (struct view){.columns = SST_COL_CALL, .row = print_row};
	return view;
}
