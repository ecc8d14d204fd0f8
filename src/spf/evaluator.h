/*
 * evaluator: the state that all evaluations of records share: the answers, the
 * shared results, the missing lookups, and the cost of the listed domain so
 * far.
 */
#ifndef EVALUATOR_H
#define EVALUATOR_H

#include "base/name.h"
#include "spf/evaluate.h"
#include "spf/limits.h"
#include "spf/result.h"

/* A lookup that was found missing. */
struct want {
	enum rr_type type;
	uint8_t name[NAME_MAX_WIRE];
};

struct evaluator {
	const struct answers *answers;
	struct policy policy;
	struct cost max; /* for one listed domain */
	struct addrset reserved;
	struct results results;
	struct want *wants;
	size_t nwants, wants_cap;
	/* Of the entry at hand. */
	uint8_t origin[NAME_MAX_WIRE]; /* the listed domain */
	struct cost cost;              /* that it took so far */
	struct cost most; /* that it may come to in the record at hand */
	unsigned
	    share; /* of the guards that an include may use: 1 in so many */
	struct addrset *only; /* explain: evaluate these addresses only */
};

/* Whether a query found nothing (RFC 7208 section 4.6.4). */
static inline bool
answer_is_void(const struct answer *a)
{
	return a->status == ANSWER_NODATA || a->status == ANSWER_NXDOMAIN;
}

/*
 * What DNS says. The result takes note of lookups that failed, are missing, or
 * have a saved answer.
 */
const struct answer *evaluator_look_up(struct evaluator *ev, struct result *r,
    const uint8_t *name, enum rr_type type);

/* The same with an answer that was found already. */
void evaluator_use(struct evaluator *ev, struct result *r,
    const struct answer *a, const uint8_t *name, enum rr_type type);

/* A lookup that failed: a note. */
void evaluator_note_failure(struct result *r, const uint8_t *domain,
    const struct spf_term *term, const uint8_t *name, enum rr_type type,
    unsigned failure);

/* Adds to the cost of the listed domain. */
void evaluator_charge(struct evaluator *ev, const struct cost *more);

/* Its cost since then. */
struct cost evaluator_cost_since(
    const struct evaluator *ev, const struct cost *then);

/* Whether it is at most that. */
bool cost_fits(const struct cost *cost, const struct cost *most);

/* How often the limits are halved for a record so deep inside others. */
unsigned evaluator_halvings(const struct evaluator *ev, unsigned depth);

/* What it may cost then, with all inside it. */
struct cost evaluator_part(const struct evaluator *ev, unsigned depth);

/*
 * Lets the record at hand cost so much, unless those around it have less left.
 * Returns whether they have as much.
 */
bool evaluator_grant(struct evaluator *ev, const struct cost *part);

/*
 * The limit of the listed domain that leaves no room for so much more, or NULL.
 */
const char *evaluator_limit(
    const struct evaluator *ev, const struct cost *more);

#endif
