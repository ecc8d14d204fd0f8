/*
 * json: JSON text (RFC 8259), member by member. The one place where quotes,
 * commas and escapes are written.
 */
#ifndef JSON_H
#define JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

#define JSON_DEPTH 8 /* objects and arrays within each other */

/* How the elements of an object or array are laid out. */
enum json_layout {
	JSON_ROW,  /* all in one line */
	JSON_LINES /* each in a line of its own */
};

struct json {
	struct buf *out;
	unsigned depth;
	struct {
		char end; /* what closes it */
		enum json_layout layout;
		bool filled;
	} open[JSON_DEPTH];
};

/* Begins a text, which is appended to out. */
void json_init(struct json *j, struct buf *out);

/*
 * Each adds one value. name: that of the member; NULL in an array, and for the
 * text's outermost value. After json_end() of the outermost value the text
 * ends in a newline.
 */
void json_object(struct json *j, const char *name, enum json_layout layout);
void json_array(struct json *j, const char *name, enum json_layout layout);
void json_end(struct json *j);

/*
 * A string of any bytes: bytes that are not UTF-8 become U+FFFD, so the result
 * is always valid. NULL becomes null.
 */
void json_string(struct json *j, const char *name, const char *text);
void json_number(struct json *j, const char *name, int64_t n);
/* A whole number that may be greater: of IPv6 addresses, say. */
void json_large(struct json *j, const char *name, double n);
void json_real(struct json *j, const char *name, double n);
void json_bool(struct json *j, const char *name, bool value);

#endif
