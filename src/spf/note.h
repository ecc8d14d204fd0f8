/*
 * note: what an administrator should know about a record: which term, what
 * is wrong with it, what was done. The texts are in one table, each with a
 * keyword that stays the same.
 */
#ifndef NOTE_H
#define NOTE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

enum note_kind {
	NOTE_FAILED,
	NOTE_STALE,
	NOTE_NO_NAME,
	NOTE_NO_RECORD,
	NOTE_ALMOST,
	NOTE_TWO_RECORDS,
	NOTE_SYNTAX,
	NOTE_BAD_NAME,
	NOTE_CLIENT,
	NOTE_CLIENT_WIDER,
	NOTE_VOID,
	NOTE_LOOP,
	NOTE_LIMIT,
	NOTE_PERMERROR,
	NOTE_TOO_WIDE,
	NOTE_RESERVED,
	NOTE_COVERAGE,
	NOTE_NETWORKS,
	NOTE_KINDS
};

struct note {
	enum note_kind kind;
	uint8_t *owner; /* of the record, in wire format */
	char *term;     /* as published, escaped; NULL: the whole record */
	char *detail;   /* what exactly */
};

/*
 * Whether the note says that something cannot be enumerated: it depends on the
 * client.
 */
bool note_needs_client(const struct note *n);

/* Whether it is about a limit or a guard that leaves out whole records. */
bool note_is_serious(enum note_kind kind);

/* The keyword of a kind, which is in brackets at the end of a note. */
const char *note_keyword(enum note_kind kind);

/*
 * Appends "OWNER: TERM: WHAT; DONE [keyword]", without the listed domain,
 * which the caller puts in front.
 */
void note_to_text(struct buf *b, const struct note *n);

#endif
