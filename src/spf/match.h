/*
 * match: the addresses that a directive matches, and what asking for them
 * costs. The inside of walk.
 */
#ifndef MATCH_H
#define MATCH_H

#include "base/text.h"
#include "spf/walk.h"

/* The record at hand while its terms are walked. */
struct walk {
	struct evaluator *ev;
	const struct frame *frame;
	struct outcome *out;
	struct streams streams; /* addresses that nothing matched yet */
	struct addrset matched; /* by the last directives, of one qualifier */
	bool permit;            /* whether that was + */
	const struct spf_record *record;
	const struct spf_term *term;
	const struct outcome *inner; /* what the term's record does */
};

/* A note on the term at hand, or on the whole record without one. */
void match_note(struct walk *w, enum note_kind kind, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

/*
 * "OWNER: TERM", and behind it what the record that it names has to say, if
 * that is not NULL. The caller frees it.
 */
char *match_trace(const struct walk *w, const char *inner);

/* Every address that comes to the term meets a permerror, with a note. */
void match_permerror(struct walk *w, const char *fmt, ...) PRINTF_LIKE(2, 3);

/*
 * A bound left something out of the term. If it should have taken addresses
 * out of the table, nothing behind it may permit them.
 */
void match_cut_short(struct walk *w);

/* A query found nothing: that is counted, to the letter. */
void match_count_void(struct walk *w, enum family f);

/* A lookup failed: a note. */
void match_note_failure(
    struct walk *w, const uint8_t *name, enum rr_type type, unsigned failure);

/* The term matches a network; a guard may take it as absent. */
void match_net(
    struct walk *w, enum family f, const struct addr *a, unsigned prefix);

/* It matches every address: all, and exists when it does. */
void match_all(struct walk *w);

/* It matches what DNS says of target (RFC 7208 sections 5.3, 5.4, 5.7). */
void match_a(struct walk *w, const uint8_t *target);
void match_mx(struct walk *w, const uint8_t *target);
void match_exists(struct walk *w, const uint8_t *target);

#endif
