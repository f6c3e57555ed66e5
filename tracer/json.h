/*
 * json.h - walk through a JSON text that somebody else has written, without building anything.
 *
 *	static void value(void *context, const struct json_value *value) { ... }
 *	err = json_walk(text, len, value, context);
 *
 * Strings come with the key they stand under and how deep; ends of objects, too. Anything may be in there: texts are
 * cut at JSON_TEXT bytes, what is deeper than JSON_DEPTH ends the walk.
 */
#ifndef TRACER_JSON_H
#define TRACER_JSON_H

#include <stddef.h>

#define JSON_TEXT  1024 /* bytes of a string, with its NUL; a NUL in it ends it */
#define JSON_DEPTH 32

struct json_value {
	int depth;        /* of the object or array it stands in: 1 for the outermost */
	const char *key;  /* of the innermost member that it belongs to; "" where there is none */
	const char *text; /* of a string; NULL: the object at this depth ends */
};

/* json_walk() - 0, or -EINVAL where it is no JSON; what came before has been told by then. */
int json_walk(const char *text, size_t len, void (*each)(void *context, const struct json_value *value), void *context);

#endif
