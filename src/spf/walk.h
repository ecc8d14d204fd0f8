/*
 * walk: one SPF record, term by term, with the set of all addresses (see
 * stream.h). The inside of evaluate: what evaluate.c, walk.c and match.c share.
 */
#ifndef WALK_H
#define WALK_H

#include "base/name.h"
#include "base/text.h"
#include "spf/evaluate.h"
#include "spf/outcome.h"
#include "spf/spf.h"

/* A lookup that was found missing. */
struct want {
	enum rr_type type;
	uint8_t name[NAME_MAX_WIRE];
};

struct evaluator {
	const struct answers *answers;
	struct policy policy;
	uint64_t max_comparisons; /* for one listed domain */
	struct addrset reserved;
	struct outcomes outcomes;
	struct want *wants;
	size_t nwants, wants_cap;
	/* Of the entry at hand. */
	uint8_t origin[NAME_MAX_WIRE]; /* the listed domain */
	struct cost cost;              /* that it took so far */
	struct addrset *only; /* explain: walk with these addresses alone */
};

/* A record on the way from the listed domain to the one at hand. */
struct frame {
	const struct frame *up;
	const uint8_t *domain;
	unsigned depth;
	bool unguarded; /* its pass takes addresses out, see is_too_wide() */
};

/* Walks a record from its first term to its end; adds to the outcome. */
void walk_record(struct evaluator *ev, const struct frame *frame,
    struct outcome *out, const struct spf_record *record);

/* A note on a term, or on the record as a whole if that is NULL. */
void walk_note(const struct frame *frame, struct outcome *out,
    const struct spf_term *term, enum note_kind kind, const char *fmt, ...)
    PRINTF_LIKE(5, 6);
void walk_vnote(const struct frame *frame, struct outcome *out,
    const struct spf_term *term, enum note_kind kind, const char *fmt,
    va_list ap) PRINTF_LIKE(5, 0);

/* The same on a lookup that failed. */
void walk_note_failure(const struct frame *frame, struct outcome *out,
    const struct spf_term *term, const uint8_t *name, enum rr_type type,
    unsigned failure);

/*
 * What DNS says; a lookup that failed or is missing is marked in the outcome.
 */
const struct answer *walk_look_up(struct evaluator *ev, struct outcome *out,
    const uint8_t *name, enum rr_type type);

/* Whether a query found nothing (RFC 7208 section 4.6.4). */
bool walk_is_void(const struct answer *a);

/*
 * What the SPF record of a domain does with every address (in evaluate.c).
 * The outcome belongs to ev and lasts at least until the entry is done.
 * unguarded: the term that asks does not permit.
 */
struct outcome *evaluate_domain(struct evaluator *ev, const struct frame *up,
    const uint8_t *domain, bool unguarded);

#endif
