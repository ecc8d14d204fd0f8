/*
 * zone: answers from and to a zone file (RFC 1035 section 5).
 *
 * A saved file is a zone file whose first line is "; postpermit answers 1".
 * After each RR a comment says when DNS last confirmed it. Negative and failed
 * lookups are comment lines. The last line has a checksum of the rest, so that
 * damage is noticed; a file that was edited by hand is accepted if the comma
 * and the checksum are removed. Any other zone file is complete: names that are
 * not in it do not exist.
 */
#ifndef ZONE_H
#define ZONE_H

#include <inttypes.h>
#include <stdio.h>

#include "base/problems.h"
#include "dns/answers.h"

/* The first and last lines of a saved file, and the words in its comments. */
#define ZONE_FIRST_LINE "; postpermit answers 1"
#define ZONE_LAST_LINE "; end of answers"
#define ZONE_CHECKSUM ", checksum %016" PRIx64 /* after that */
#define ZONE_CONFIRMED "confirmed "
#define ZONE_ALIAS " alias "

/*
 * Reads a zone file. file: its name in messages; now: seconds since 1970, the
 * time of answers that have none or one in the future. Returns the answers,
 * or NULL with at least one problem "FILE:LINE: ...", or "FILE: ..." about the
 * file as a whole: after PROBLEMS_SHOWN others, or if it cannot be read.
 */
struct answers *zone_read(
    FILE *in, const char *file, int64_t now, struct problems *problems);

/* Appends the answers as a saved file, sorted. */
void zone_write(struct buf *out, const struct answers *as);

#endif
