/*
 * error.h - what can be wrong with a file: one list, one sentence each, for library, programs and tests.
 *
 * Functions of format/ return 0 or a count on success, and on failure either -errno (memory, input/output) or one of
 * these, which are negative too and below every -errno.
 */
#ifndef SST_ERROR_H
#define SST_ERROR_H

#define SST_ERROR_LIST(X)                                                                                              \
	X(SST_E_NOT_SST, "this is not an .sst file")                                                                   \
	X(SST_E_NEWER, "this file needs a newer decoder")                                                              \
	X(SST_E_CUT, "the file ends in the middle of a frame")                                                         \
	X(SST_E_HEADER, "a frame header is damaged")                                                                   \
	X(SST_E_PAYLOAD, "the data of a frame is damaged")                                                             \
	X(SST_E_COLUMN, "a column of a frame contradicts its header")                                                  \
	X(SST_E_LIMIT, "a size in a frame is beyond the format's limits")                                              \
	X(SST_E_MISSING, "frames are missing")                                                                         \
	X(SST_E_NO_END, "the recording has no end")

enum sst_error {
	SST_E_BASE = -100000,
#define X(name, text) name,
	SST_ERROR_LIST(X)
#undef X
};

/* sst_strerror() - a sentence without a full stop for any negative result of format/, also for -errno. Static storage.
 */
const char *sst_strerror(int error);

#endif
