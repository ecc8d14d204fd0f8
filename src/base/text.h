/*
 * text: growing strings, and how text from outside is shown.
 */
#ifndef TEXT_H
#define TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/format.h"

/* White space, as isspace() has it in the C locale. */
#define BLANKS " \t\r\n\v\f"

/* A growing string of bytes; a NUL follows its len bytes. */
struct buf {
	char *data;
	size_t len, cap;
};

void buf_init(struct buf *b);
void buf_clear(struct buf *b);
/* Writes it to a stream; the caller looks at ferror(). */
void buf_print(const struct buf *b, FILE *out);
void buf_add(struct buf *b, const void *data, size_t len);
void buf_puts(struct buf *b, const char *s);
void buf_printf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
void buf_vprintf(struct buf *b, const char *fmt, va_list ap) PRINTF_LIKE(2, 0);

/*
 * Appends text from outside so that it can be shown on one line: bytes other
 * than printable ASCII become master-file escapes (\DDD, RFC 1035 section 5.1),
 * a backslash is doubled, and "..." follows after max bytes.
 */
void buf_add_escaped(struct buf *b, const void *text, size_t len, size_t max);

/*
 * The same for text that the administrator typed: letters and digits of other
 * scripts are kept if the locale's encoding is UTF-8.
 */
void buf_add_typed(struct buf *b, const char *text, size_t len, size_t max);

/*
 * Whether a line has a carriage return before its end: lines of a file from an
 * old Macintosh end in nothing else, so that all of it is one line.
 */
bool has_lone_cr(const char *line, size_t len);
#define LONE_CR "a carriage return within the line: end lines with a newline"

/* The length of what some editors put at the beginning of a file (UTF-8). */
size_t byte_order_mark(const char *text, size_t len);

/*
 * The length of the UTF-8 character (RFC 3629) at the beginning of a text of
 * len bytes, and the character in *code unless code is NULL; 0: there is none.
 */
size_t utf8_len(const char *text, size_t len, uint32_t *code);

/* The word for that many: "1 network", "2 networks". */
const char *plural(size_t n, const char *one, const char *many);

/* Appends a time span in the unit that a person would use: 3h, 12d. */
void buf_add_age(struct buf *b, int64_t seconds);

/* Appends a number of addresses, which of IPv6 may be many. */
void buf_add_count(struct buf *b, double n);

/* Appends a time, in seconds since 1970: 2026-01-31T03:00:00Z. */
void buf_add_time(struct buf *b, int64_t seconds);

/* Reads such a time. Returns the text after it, or NULL if there is none. */
const char *text_to_time(const char *text, int64_t *seconds);

#define SHOWN_MAX 200 /* bytes of foreign text that a message shows */

/* Formatted text in memory of its own; the caller frees it. */
char *xasprintf(const char *fmt, ...) PRINTF_LIKE(1, 2);
char *xvasprintf(const char *fmt, va_list ap) PRINTF_LIKE(1, 0);

#endif
