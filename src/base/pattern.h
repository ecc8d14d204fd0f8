/*
 * pattern: regular expressions of the program, by PCRE2. Only one thread may
 * use a pattern, because it contains the last match.
 */
#ifndef PATTERN_H
#define PATTERN_H

#include <stdbool.h>
#include <stddef.h>

struct pattern;

/*
 * Compiles a pattern, anchored, in PCRE2's extended syntax; white space in it
 * means nothing. Exits if there is no memory, or if PCRE2 refuses it.
 */
struct pattern *pattern_open(const char *text, bool caseless);

void pattern_close(struct pattern *p);

/* Whether it matches at the start of a text, which need not end in NUL. */
bool pattern_match(struct pattern *p, const char *text, size_t len);

/*
 * What a group matched in that text, and its length; if it took no part, the
 * text with the length 0.
 */
const char *pattern_group(
    const struct pattern *p, const char *text, size_t group, size_t *len);

#endif
