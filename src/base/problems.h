/*
 * problems: messages that a parser collects for its caller to print.
 */
#ifndef PROBLEMS_H
#define PROBLEMS_H

#include <stddef.h>

#include "base/format.h"

/* Messages collected by a parser, for its caller to print. */
struct problems {
	char **v;
	size_t n, cap;
};

void problems_init(struct problems *p);
void problems_clear(struct problems *p);
void problems_add(struct problems *p, const char *fmt, ...) PRINTF_LIKE(2, 3);

#define PROBLEMS_SHOWN 50 /* of one file: with more it is something else */

/* Drops all after the first n. Returns how many these were. */
size_t problems_cut(struct problems *p, size_t n);

/*
 * Adds that n more problems of a file were dropped, if n > 0. what: the kind of
 * file that was expected.
 */
void problems_add_more(
    struct problems *p, const char *file, size_t n, const char *what);

#endif
