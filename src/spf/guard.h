/*
 * guard: whether all that a record permits is more than one sender may bring.
 */
#ifndef GUARD_H
#define GUARD_H

#include "spf/evaluator.h"

/*
 * Sets the result's guard if its addresses are more than max_coverage4 or
 * max_coverage6 allow, or need more than max_networks CIDR blocks; share: than
 * 1 in so many of that.
 */
void guard_result(struct evaluator *ev, struct result *r, unsigned share);

/* The note that a guard left out the result, for the term that asked for it. */
void guard_note(const struct result *left_out, struct result *to,
    const uint8_t *domain, const struct spf_term *term);

#endif
