/*
 * zonetext: the entries of a zone file (RFC 1035 section 5.1): lines, or
 * several that parentheses join, without comments. What they say is for zone.
 */
#ifndef ZONETEXT_H
#define ZONETEXT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/text.h"

struct zonetext {
	FILE *in;
	struct buf text;    /* the entry at hand, on one line */
	struct buf comment; /* the last of its comments, with its ";" */
	unsigned first;     /* the line that it begins at */
	unsigned line;      /* read so far */
	const char *wrong;  /* its mistake, or NULL */
	bool too_long;
	bool whole;      /* its last line ends with a newline */
	uint64_t sum;    /* checksum of all that was read */
	uint64_t before; /* of all bytes before the entry */
};

void zonetext_init(struct zonetext *z, FILE *in);
void zonetext_clear(struct zonetext *z);

/* Bytes of an entry or comment: an RR of 64 KB, all bytes with escapes. */
#define ZONETEXT_MAX ((size_t)1024 * 1024)

/*
 * Reads the next entry, which may be empty. Returns false at the end of the
 * file, or after an entry that is too long.
 */
bool zonetext_next(struct zonetext *z);

/*
 * The next word of an entry, NUL-terminated in place; escapes are kept. Moves
 * *at after it. Returns NULL at the end.
 */
char *zonetext_word(char **at);

#endif
