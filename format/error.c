#include "error.h"

#include <string.h>

const char *sst_strerror(int error)
{
	switch (error) {
#define X(name, text)                                                                                                  \
	case name:                                                                                                     \
		return text;
		SST_ERROR_LIST(X)
#undef X
	default:
		return strerror(error < 0 ? -error : error);
	}
}
