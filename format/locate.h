/*
 * locate.h - the index of a source, found from its end.
 */
#ifndef SST_LOCATE_H
#define SST_LOCATE_H

#include "input.h"

/* sst_locate() - as sst_reader_index(); in must seek and is left anywhere. *index is all zero before. */
int sst_locate(struct sst_input *in, struct sst_index *index);

#endif
